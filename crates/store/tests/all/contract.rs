//! What every store must do, as one suite: each step is asked of the reference in memory and of the store under test,
//! and both must load, answer and show the same.

use crate::common::changes::{change_institution, move_before_visit};
use crate::common::twins::{LANE, Twins};
use crate::common::*;
use crate::common::{cluster, spread};
use crate::hall::{amend, review, show_documents};
use domain::binding::Limits;
use domain::chain;
use domain::ids::{Digest, PersonNo, SettlementNo};
use domain::ledger::Account;
use domain::request::*;
use domain::words::*;
use std::sync::Arc;
use store::memory::Memory;
use store::postgres::{Options as Settings, Postgres, Spread};
use store::sqlite::{Options, Sqlite};
use store::{Attachments, Fault, LaneNo, Page, Query, Store};

const PHARMACY: &str = "P32030000001";
const HOSPITAL: &str = "H32030000001";

/// The town is founded in one batch; then one request after the other.
async fn found_town<S: Store>(twins: &mut Twins<S>) -> [PersonNo; 4] {
    let people = twins
        .ask(
            "2025-01-05 09:00",
            &[
                person("wang", "1960-03-01", None),
                person("li", "1985-07-15", None),
                person("bao", "2015-02-28", None),
                person("zhao", "1958-11-30", None),
                person("wang", "1960-03-01", None),
                agency("bad", Body::RecordDeath(RecordDeath { person: by("nobody"), on: day("2025-01-01") })),
            ],
        )
        .await;
    assert_eq!(people[4], people[0], "the same key twice in a batch has one outcome");
    assert!(!people[5].reasons().is_empty());
    twins
        .ask(
            "2025-01-05 09:01",
            &[
                enrol("wang", Scheme::Employee, "320300", Category::Retired),
                enrol("li", Scheme::Employee, "320300", Category::Active),
                enrol("bao", Scheme::Resident, "320300", Category::Child),
                enrol("zhao", Scheme::Employee, "340100", Category::Active),
                credit("wang", "3000", "500.05"),
                credit("li", "0", "800"),
                institution(PHARMACY, "320300", InstitutionKind::Pharmacy, Level::None),
                institution(HOSPITAL, "320300", InstitutionKind::Hospital, Level::Tertiary),
            ],
        )
        .await
        .iter()
        .for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
    [0, 1, 2, 3].map(|it: usize| person_no(&people[it]))
}

/// Law, links, bindings, their changes.
async fn bind_families<S: Store>(twins: &mut Twins<S>, [wang, li, bao, zhao]: [PersonNo; 4]) {
    let (request, _) = agency("publish", Body::Publish(Publish { book: Digest::of(&[b"book"]) }));
    let book = Attachments { book: Some(b"the book".to_vec()), ..Attachments::default() };
    let _ = twins.one("2025-01-06 08:00", (request, book)).await;
    let link = |id, relation| {
        let link = LinkFamilyCode { holder: by("li"), member: by("bao"), relation };
        citizen(id, li, Body::LinkFamilyCode(link))
    };
    for (id, relation) in
        [("link", Some(Relation::Child)), ("unlink", None), ("again", Some(Relation::Child))]
    {
        answer(&twins.one("2025-01-06 09:00", link(id, relation)).await);
    }
    // Whose codes he shows already is known where another is linked.
    let other = LinkFamilyCode { holder: by("li"), member: by("zhao"), relation: Some(Relation::Parent) };
    answer(&twins.one("2025-01-06 10:00", citizen("other", li, Body::LinkFamilyCode(other))).await);
    // It waits for the member (R-F1), who agrees.
    let agreed = ConfirmFamilyCode { holder: by("li"), member: by("zhao") };
    answer(&twins.one("2025-01-06 10:30", citizen("agreed", zhao, Body::ConfirmFamilyCode(agreed))).await);
    let bound = twins.one("2025-01-07 09:00", bind(("wang", wang), "bao", Relation::Grandchild, None)).await;
    let first = binding_no(&bound);
    let bound = twins.one("2025-01-07 09:05", bind(("wang", wang), "li", Relation::Child, None)).await;
    let second = binding_no(&bound);
    let limits = Limits { per_bill: Some(yuan("100")), per_month: None, per_year: None };
    let last_day = Some(day("2026-12-31"));
    twins
        .ask(
            "2025-01-08 09:00",
            &[
                event("rank", li, second, BindingEvent::SetRank(3)),
                event("limit", wang, first, BindingEvent::SetLimits(last_day, limits)),
                event("limit again", wang, first, BindingEvent::SetLimits(last_day, Limits::default())),
                event("not his", zhao, first, BindingEvent::Release),
                event("confirm", bao, first, BindingEvent::Confirm),
                event("confirm too", li, second, BindingEvent::Confirm),
                event("show", li, second, BindingEvent::ShowLines),
                event("hide", li, second, BindingEvent::HideLines),
                event("show again", li, second, BindingEvent::ShowLines),
            ],
        )
        .await;
    let taken = TakeOver {
        giver: by("zhao"),
        beneficiary: by("li"),
        relation: Relation::Child,
        since: at("2024-12-20 10:00"),
        mode: Mode::Quota,
    };
    let taken = twins.one("2025-01-08 10:00", agency("take over", Body::TakeOver(taken))).await;
    let _ = twins
        .one("2025-01-08 10:10", event("release", zhao, binding_no(&taken), BindingEvent::Release))
        .await;
    show_documents(twins, wang, first).await;
    amend(twins, li).await;
    review(twins).await;
}

/// Purchases, and undoing them in every way.
async fn settle_and_undo<S: Store>(twins: &mut Twins<S>) -> SettlementNo {
    let pairs = vec![("XY\"1\\".to_owned(), "ZA04CDX0534010103065".to_owned())];
    let mapped = MapItems { institution: place(PHARMACY), pairs };
    answer(&twins.one("2025-02-01 08:00", hospital(PHARMACY, "map", Body::MapItems(mapped))).await);
    let pairs =
        ["A1", "院内\u{1f600}", "a1"].map(|it| (it.to_owned(), "ZA04CDX0534010103065".to_owned())).to_vec();
    let more = Body::MapItems(MapItems { institution: place(PHARMACY), pairs });
    answer(&twins.one("2025-02-01 08:01", hospital(PHARMACY, "map more", more)).await);
    for (message, at) in [("unmap", "2025-02-01 08:02"), ("unmap again", "2025-02-01 08:03")] {
        let taken = UnmapItems { institution: place(PHARMACY), codes: vec![("A1".to_owned(), None)] };
        let decided = twins.one(at, hospital(PHARMACY, message, Body::UnmapItems(taken))).await;
        assert_eq!(decided.changes().is_some(), message == "unmap", "{message}");
    }
    let begun = "2025-02-01 09:00";
    let lines = vec![line("1", "8", false), line("2", "4", true)];
    let own = hospital(PHARMACY, "buy 1", purchase("wang", Scheme::Employee, begun, lines.clone()));
    settlement_no(&twins.one("2025-02-01 09:01", own.clone()).await);
    let again = twins.one("2025-02-01 09:02", own).await;
    settlement_no(&again);
    let shared = hospital(PHARMACY, "buy 2", purchase("bao", Scheme::Resident, begun, lines.clone()));
    let shared = twins.one("2025-02-01 09:03", shared).await;
    let no = settlement_no(&shared);
    let made = shared.changes().expect("settled").settlements[0].clone();
    assert!(made.draws.iter().any(|it| it.binding.is_some()), "shared money pays: {made:?}");
    let remaining = vec![line("1", "3", false)];
    let refund = RefundPart { settlement: no, of: of(made.visit, "bao"), remaining };
    answer(&twins.one("2025-02-03 09:00", hospital(PHARMACY, "refund", Body::RefundPart(refund))).await);
    let many: Vec<Asked> = (0..6)
        .map(|it| {
            let boxes = format!("{}", it + 1);
            let body = purchase("bao", Scheme::Resident, begun, vec![line("1", &boxes, it % 2 == 0)]);
            hospital(PHARMACY, &format!("many {it}"), body)
        })
        .chain([hospital(PHARMACY, "reverse in batch", reverse("bao", PHARMACY, "many 5"))])
        .collect();
    let many = twins.ask("2025-02-04 09:00", &many).await;
    answer(&many[6]);
    for (id, original) in [("rev 1", "many 4"), ("rev 2", "never came"), ("rev 3", "never came")] {
        answer(
            &twins.one("2025-02-04 10:00", hospital(PHARMACY, id, reverse("bao", PHARMACY, original))).await,
        );
    }
    let late = hospital(PHARMACY, "never came", purchase("bao", Scheme::Resident, begun, lines));
    let refused = twins.one("2025-02-04 11:00", late.clone()).await;
    assert_eq!(refused.reasons(), [domain::reason::Reason::MessageBarred {}]);
    assert_eq!(twins.one("2025-02-04 11:01", late).await, refused);
    settlement_no(&many[0])
}

/// A visit at a hospital, from its registration to its cancellation.
async fn visit_hospital<S: Store>(twins: &mut Twins<S>) {
    let registered = register("li", Scheme::Employee, "2025-03-01 08:00");
    let visit = visit_no(&twins.one("2025-03-01 08:00", hospital(HOSPITAL, "reg", registered)).await);
    let lines = |sn: &str| vec![line(sn, "90", false)];
    let batches =
        vec![("a".to_owned(), lines("1")), ("b".to_owned(), lines("2")), ("c".to_owned(), lines("3"))];
    let stated = StateVisit { of: of(visit, "li"), med_type: "11".to_owned(), begun: at("2025-03-01 08:00") };
    let upload = Upload { of: of(visit, "li"), batches };
    let remove = RemoveLines { of: of(visit, "li"), batch: Some("c".to_owned()) };
    let settled = |batch: &str| {
        let what = What::Batch { visit, batch: batch.to_owned() };
        settle("li", what, Scheme::Employee, &lines("1"))
    };
    let steps = [
        ("state", Body::StateVisit(stated)),
        ("upload", Body::Upload(upload)),
        ("remove", Body::RemoveLines(remove)),
        ("settle a", settled("a")),
        ("settle b", settled("b")),
    ];
    let mut last = None;
    for (id, body) in steps {
        let decision = twins.one("2025-03-01 10:00", hospital(HOSPITAL, id, body)).await;
        answer(&decision);
        last = Some(decision);
    }
    let settlement = settlement_no(&last.expect("five steps"));
    let cancel = Cancel { settlement, of: of(visit, "li"), care: Care::Outpatient };
    answer(&twins.one("2025-03-02 10:00", hospital(HOSPITAL, "cancel", Body::Cancel(cancel.clone()))).await);
    let twice = twins.one("2025-03-02 10:01", hospital(HOSPITAL, "twice", Body::Cancel(cancel))).await;
    assert!(!twice.reasons().is_empty());
    // The other bill of the visit counts towards its deductible, however long ago it was settled.
    let again = twins.one("2025-03-05 10:00", hospital(HOSPITAL, "settle b again", settled("b"))).await;
    answer(&again);
    let empty = register("li", Scheme::Employee, "2025-03-06 08:00");
    let empty = visit_no(&twins.one("2025-03-06 08:00", hospital(HOSPITAL, "reg 2", empty)).await);
    let cancel = Body::CancelVisit(of(empty, "li"));
    answer(&twins.one("2025-03-06 08:05", hospital(HOSPITAL, "cancel 2", cancel)).await);
}

/// An earmarked amount: taken over, filled, spent, refunded, given back.
async fn spend_quota<S: Store>(twins: &mut Twins<S>, [_, li, ..]: [PersonNo; 4]) {
    let taken = TakeOver {
        giver: by("li"),
        beneficiary: by("bao"),
        relation: Relation::Child,
        since: at("2024-12-20 10:00"),
        mode: Mode::Quota,
    };
    let taken = twins.one("2025-05-08 10:00", agency("take over 2", Body::TakeOver(taken))).await;
    let quota = binding_no(&taken);
    answer(&twins.one("2025-05-08 10:01", credit("li", "200", "100")).await);
    let fill = event("fill", li, quota, BindingEvent::SetQuota(yuan("250")));
    answer(&twins.one("2025-05-08 10:02", fill).await);
    let begun = "2025-05-09 09:00";
    for (id, boxes) in [("quota 1", "20"), ("quota 2", "30")] {
        let body = purchase("bao", Scheme::Resident, begun, vec![line("1", boxes, false)]);
        let spent = twins.one("2025-05-09 09:01", hospital(PHARMACY, id, body)).await;
        let made = spent.changes().expect("settled").settlements[0].clone();
        assert!(made.draws.iter().any(|it| it.account == Account::Quota(quota)), "the quota pays: {made:?}");
    }
    answer(
        &twins
            .one("2025-05-10 09:00", hospital(PHARMACY, "q rev", reverse("bao", PHARMACY, "quota 2")))
            .await,
    );
    answer(&twins.one("2025-05-10 10:00", event("q end", li, quota, BindingEvent::Release)).await);
    answer(
        &twins
            .one("2025-05-12 09:00", hospital(PHARMACY, "q rev 1", reverse("bao", PHARMACY, "quota 1")))
            .await,
    );
}

/// Quotas between provinces, pauses, moves, deaths, wrong credits; and a year that ends.
async fn live_on<S: Store>(twins: &mut Twins<S>, [wang, _, _, zhao]: [PersonNo; 4]) {
    let change = |id: &str, name: &str, change| {
        let body = ChangeEnrolment { person: by(name), scheme: Scheme::Employee, change };
        agency(id, Body::ChangeEnrolment(body))
    };
    let bound =
        twins.one("2026-03-02 09:00", bind(("wang", wang), "zhao", Relation::Spouse, Some("600"))).await;
    let quota = binding_no(&bound);
    let confirmed = twins.one("2026-03-02 09:10", event("quota", zhao, quota, BindingEvent::Confirm)).await;
    answer(&confirmed);
    answer(
        &twins.one("2026-03-02 09:20", event("less", wang, quota, BindingEvent::SetQuota(yuan("450")))).await,
    );
    let Page::Purses(purses) = twins.compare(&Query::Purses { after: None, limit: 100 }).await else {
        panic!("purses were asked for")
    };
    assert!(purses.iter().any(|(it, _)| *it == Account::Quota(quota)), "the quota has a purse: {purses:?}");
    twins
        .ask(
            "2026-04-01 09:00",
            &[
                change("pause", "li", EnrolmentChange::Pause(day("2026-04-01"))),
                change("resume", "li", EnrolmentChange::Resume(day("2026-04-20"))),
                change("move", "wang", EnrolmentChange::Move(area("320100"), day("2026-04-01"))),
                agency("wrong", Body::TakeBack(TakeBack { person: by("li"), amount: yuan("5000") })),
            ],
        )
        .await
        .iter()
        .for_each(|it| assert!(it.reasons().is_empty(), "{it:?}"));
    let died = RecordDeath { person: by("zhao"), on: day("2026-04-30") };
    answer(&twins.one("2026-05-01 09:00", agency("died", Body::RecordDeath(died))).await);
}

async fn history<S: Store>(twins: &mut Twins<S>) {
    let people = found_town(twins).await;
    bind_families(twins, people).await;
    change_institution(twins, PHARMACY).await;
    settle_and_undo(twins).await;
    visit_hospital(twins).await;
    move_before_visit(twins, HOSPITAL).await;
    spend_quota(twins, people).await;
    crate::stays::live_through_stays(twins).await;
    crate::proxies::buy_by_agents(twins, people).await;
    crate::traces::sell_packs(twins).await;
    crate::shared::share_nothing(twins).await;
    live_on(twins, people).await;
}

/// The same history gives the same facts at every step and the same pages at its end.
async fn same_history_same_books<S: Store>(store: S) -> Twins<S> {
    let mut twins = Twins::new(store).await;
    history(&mut twins).await;
    twins.compare_all().await;
    twins
}

/// The same batch again, or another under a key, serial or block that is taken: nothing of it is stored.
async fn conflicts_leave_nothing<S: Store>(store: S) {
    let mut twins = Twins::new(store).await;
    found_town(&mut twins).await;
    let [_, lane] = &mut twins.lanes;
    let asked = [credit("wang", "1", "1"), person("sun", "1990-01-01", None)];
    let moment = at("2025-01-06 09:00");
    let (_, _, batch) = decided(lane.as_mut(), &asked, moment).await;
    let mut same_key = batch.clone();
    same_key.records[1].0.request.key = person("li", "1985-07-15", None).0.key;
    let mut same_serial = batch.clone();
    same_serial.records[1].0.turn.serial = LANE.next(None, moment).expect("taken in the same month");
    let mut same_block = batch.clone();
    same_block.block = chain::next(&chain::genesis(LANE.0), &[]);
    for broken in [same_key, same_serial, same_block] {
        let fault = lane.commit(Arc::new(broken)).await;
        assert!(matches!(fault, Err(Fault::Conflict(_))), "{fault:?}");
    }
    twins.compare_all().await;
    twins.compare_facts(moment).await;
    twins.ask("2025-01-06 09:00", &asked).await;
    twins.compare_all().await;
}

/// Requests that arrive together are decided as if each had come alone, on the same facts.
async fn batches_of_one_and_many_are_equal<S: Store>(store: S) {
    let mut twins = Twins::new(store).await;
    let people = found_town(&mut twins).await;
    bind_families(&mut twins, people).await;
    let (moment, begun) = (at("2025-02-04 09:00"), "2025-02-04 08:00");
    let buy = |name: &str, scheme, boxes: &str| {
        let body = purchase(name, scheme, begun, vec![line("1", boxes, false)]);
        hospital(PHARMACY, &format!("{name} {boxes}"), body)
    };
    let asked = [
        buy("bao", Scheme::Resident, "3"),
        credit("li", "0", "50"),
        buy("wang", Scheme::Employee, "4"),
        buy("bao", Scheme::Resident, "5"),
        hospital(PHARMACY, "undo", reverse("bao", PHARMACY, "bao 5")),
        buy("bao", Scheme::Resident, "6"),
        hospital(PHARMACY, "bar", reverse("bao", PHARMACY, "bao 7")),
        buy("bao", Scheme::Resident, "7"),
        buy("li", Scheme::Employee, "90"),
        bind(("li", people[1]), "bao", Relation::Child, None),
    ];
    let [one, many] = &mut twins.lanes;
    let mut alone = Vec::new();
    for it in &asked {
        let (_, decisions) = turn(one.as_mut(), std::slice::from_ref(it), moment).await.expect("commits");
        alone.extend(decisions);
    }
    let (_, together) = turn(many.as_mut(), &asked, moment).await.expect("commits");
    assert_eq!(together, alone);
    twins.name(&asked, moment);
    let needs = Query::Facts(Box::new(twins.named.clone()), moment);
    let pages = [twins.reference.page(&needs).await, twins.store.page(&needs).await];
    let [Ok(Page::Facts(alone)), Ok(Page::Facts(together))] = pages else { panic!("facts were asked for") };
    assert_eq!(together.facts, alone.facts);
    for (request, _) in &asked {
        let query = Query::Record(request.key.clone());
        let pages = [twins.reference.page(&query).await, twins.store.page(&query).await];
        let [Ok(Page::Record(Some(mut alone))), Ok(Page::Record(Some(together)))] = pages else {
            panic!("each has a record")
        };
        alone.block = together.block;
        assert_eq!(together, alone, "the same record, but for its block");
    }
}

/// A lane has one holder at a time.
async fn a_lane_has_one_holder<S: Store>(store: S) {
    let lane = store.lane(LANE).await.expect("free");
    assert!(store.lane(LANE).await.is_err());
    drop(lane);
    assert!(store.lane(LANE).await.is_ok());
}

/// A database of its own on the server of this binary; where there is none, the test is over.
/// Lanes share the months, and a lane with a greater number has greater serials whenever it decides: only moments say
/// which law was published last. If this fails, a law that was replaced comes back.
async fn the_law_published_last_is_in_force<S: Store>(store: S) {
    for (lane, when, book) in [(3, "2025-01-06 08:00", "one"), (1, "2025-01-06 09:00", "two")] {
        let mut lane = store.lane(LaneNo(lane)).await.expect("free");
        let digest = Digest::of(&[book.as_bytes()]);
        let (request, _) = agency(book, Body::Publish(Publish { book: digest }));
        let content = Attachments { book: Some(book.into()), ..Attachments::default() };
        turn(lane.as_mut(), &[(request, content)], at(when)).await.expect("published");
        assert_eq!(store.page(&Query::BookInForce).await, Ok(Page::BookInForce(Some(digest))), "{book}");
        let rows = lane.load(&[], at("2025-01-06 10:00")).await.expect("loads");
        assert_eq!(rows.law, Some(digest), "{book}");
    }
}

macro_rules! database {
    ($options:expr) => {
        match cluster::database() {
            Some(url) => ((), Postgres::open(&url, $options).await.expect("opens")),
            None => return,
        }
    };
}

macro_rules! contract {
    ($name:ident, $open:expr) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn the_same_history_gives_the_same_books() {
                let (_place, store) = $open;
                same_history_same_books(store).await;
            }

            #[tokio::test]
            async fn the_law_published_last_is_in_force() {
                let (_place, store) = $open;
                super::the_law_published_last_is_in_force(store).await;
            }

            #[tokio::test]
            async fn conflicts_leave_nothing() {
                let (_place, store) = $open;
                super::conflicts_leave_nothing(store).await;
            }

            #[tokio::test]
            async fn batches_of_one_and_many_are_equal() {
                let (_place, store) = $open;
                super::batches_of_one_and_many_are_equal(store).await;
            }

            #[tokio::test]
            async fn a_lane_has_one_holder() {
                let (_place, store) = $open;
                super::a_lane_has_one_holder(store).await;
            }

            #[tokio::test]
            async fn a_desk_keeps_things() {
                let (_place, store) = $open;
                crate::desk::a_desk_keeps_things(store).await;
            }

            #[tokio::test]
            async fn a_shelf_keeps_papers() {
                let (_place, store) = $open;
                crate::shelf::a_shelf_keeps_papers(store).await;
            }
        }
    };
}

contract!(memory, ((), Memory::default()));
contract!(sqlite, {
    let place = tempfile::tempdir().expect("a place for a file");
    let store = Sqlite::open(&place.path().join("books.db"), Options::default()).expect("opens");
    (place, store)
});

contract!(citus, {
    let Some(url) = spread::database().await else { return };
    Postgres::spread(&url, Settings::default()).await.expect("spreads");
    let store = Postgres::open(&url, Settings::default()).await.expect("opens");
    assert!(store.is_spread(), "a database that is spread says so itself");
    ((), store)
});
contract!(postgres, database!(Settings::default()));
contract!(postgres_spread, database!(Settings { spread: Spread::ByLane, ..Settings::default() }));

/// If this fails, a restart loses or changes something.
#[tokio::test]
async fn a_file_opened_again_gives_the_same() {
    let place = tempfile::tempdir().expect("a place for a file");
    let path = place.path().join("books.db");
    let store = Sqlite::open(&path, Options::default()).expect("opens");
    assert!(matches!(Sqlite::open(&path, Options::default()), Err(Fault::Unavailable(_))));
    let Twins { reference, store, lanes: [lane, closed], named } = same_history_same_books(store).await;
    drop((closed, store));
    let store = Sqlite::open(&path, Options::default()).expect("opens again");
    let lanes = [lane, store.lane(LANE).await.expect("free")];
    let mut twins = Twins { reference, store, lanes, named };
    twins.compare_all().await;
    let _ = twins.one("2026-06-01 09:00", credit("li", "0", "12.34")).await;
    twins.compare_all().await;
    drop(twins);
    let file = rusqlite::Connection::open(&path).expect("opens");
    let dangling: Option<String> =
        rusqlite::OptionalExtension::optional(
            file.query_row("PRAGMA foreign_key_check", [], |row| row.get(0)),
        )
        .expect("checks");
    assert_eq!(dangling, None, "a row refers to one that is not there");
    file.pragma_update(None, "user_version", 99).expect("writes");
    drop(file);
    let newer = Sqlite::open(&path, Options::default()).map(|_| ());
    assert!(matches!(&newer, Err(Fault::Damaged(what)) if what.contains("99")), "{newer:?}");
}
