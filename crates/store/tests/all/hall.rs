//! What is done at a service hall, asked of the reference and of the store under test: documents shown, and amendments.

use crate::common::twins::Twins;
use crate::common::*;
use domain::amendment::Amended;
use domain::clerk::Clerk;
use domain::decision::NoticeKind;
use domain::documents::{Act, DocumentKind, SeenAs};
use domain::ids::{AmendmentNo, Area, BindingNo, Digest, Lookup, PersonNo, SettlementNo};
use domain::request::*;
use domain::words::*;
use store::{Attachments, Page, Query, Store};

/// Documents shown at the counter, with and without number and photographs.
pub(crate) async fn show_documents<S: Store>(twins: &mut Twins<S>, wang: PersonNo, binding: BindingNo) {
    let own = Digest::of(&[b"number"]);
    let pictures = [b"one".as_slice(), b"two"].map(|it| Digest::of(&[it])).to_vec();
    let document = |kind, seen, number, photographs: &[Digest]| domain::documents::Document {
        kind,
        seen,
        number,
        photographs: photographs.to_vec(),
    };
    let documents = vec![
        document(DocumentKind::HouseholdRegister, SeenAs::Original, Some(own), &pictures),
        document(DocumentKind::Other, SeenAs::Copy, None, &[]),
    ];
    for (id, act) in
        [("shown", Act::Binding(binding)), ("shown for a case", Act::Case(SettlementNo(77), binding))]
    {
        let shown = RecordDocuments { act, documents: documents.clone() };
        let asked = at_window(9, wang, id, Body::RecordDocuments(shown));
        answer(&twins.one("2025-01-08 10:20", asked).await);
    }
    let Page::Documents(found) = twins.compare(&Query::Documents { person: wang, limit: 9 }).await else {
        panic!("documents were asked for")
    };
    assert_eq!(found.len(), 4);
    assert_eq!(found[3].1.document, documents[0]);
}

/// A clerk with one token asks for somebody.
fn at_window(token: u64, person: PersonNo, id: &str, body: Body) -> Asked {
    let clerk = Clerk { token, bearer: token };
    request(Sender::Token(token), id, Actor::Clerk { clerk, person }, body)
}

/// Bindings that the agency reviews, started at a window: one is approved and one rejected, each at another window and with a
/// reason, one waits, and one has ended while it did.
pub(crate) async fn review<S: Store>(twins: &mut Twins<S>) {
    let names = ["liang", "mei", "lan", "zhu", "ju"];
    let born = ["1980-01-01", "2012-01-01", "2013-01-01", "2014-01-01", "2015-01-01"];
    let added: Vec<_> = names.iter().zip(born).map(|(name, born)| person(name, born, None)).collect();
    let added = twins.ask("2025-01-08 12:00", &added).await;
    let liang = person_no(&added[0]);
    let enrol = |name: &&str| match *name {
        "liang" => enrol(name, Scheme::Employee, "440100", Category::Active),
        _ => enrol(name, Scheme::Resident, "440100", Category::Student),
    };
    let enrolled: Vec<_> = names.iter().map(enrol).collect();
    for it in twins.ask("2025-01-08 12:01", &enrolled).await {
        answer(&it);
    }
    let at_window = |token, id: &str, body| at_window(token, liang, id, body);
    let mut bound = Vec::new();
    for (minute, child) in [(2, "mei"), (3, "lan"), (4, "zhu"), (4, "ju")] {
        let (asked, _) = bind(("liang", liang), child, Relation::Child, None);
        let at = format!("2025-01-08 12:0{minute}");
        bound.push(binding_no(&twins.one(&at, at_window(9, &asked.key.id, asked.body)).await));
    }
    let death = RecordDeath { person: by("ju"), on: day("2025-01-07") };
    answer(&twins.one("2025-01-08 12:04", agency("ju's death", Body::RecordDeath(death))).await);
    let why = Digest::of(&[b"why"]);
    let events = [BindingEvent::Approve(Some(why)), BindingEvent::Reject(why)];
    for (minute, (event, binding)) in (5..).zip(events.into_iter().zip(&bound)) {
        let body = || Body::ChangeBinding(ChangeBinding { binding: *binding, event });
        let at = format!("2025-01-08 12:0{minute}");
        let own = twins.one(&at, at_window(9, &format!("own {minute}"), body())).await;
        assert!(own.changes().is_none(), "by a second person only");
        answer(&twins.one(&at, at_window(10, &format!("review {minute}"), body())).await);
    }
}

/// Amendments: one that is approved, in one batch with what takes the lookup it frees, one that is rejected, one that is taken
/// back, and one that waits; the person is told of each step.
pub(crate) async fn amend<S: Store>(twins: &mut Twins<S>, li: PersonNo) {
    let clerk = |token, id: &str, body| at_window(token, li, id, body);
    let propose = |id: &str, forgets: Vec<Lookup>, learns: Vec<Lookup>| {
        let paper = Digest::of(&[id.as_bytes()]);
        let what = Amended::Card;
        let (documents, area) = (Vec::new(), Area::parse("320300").expect("an area"));
        let body = ProposeAmendment { person: li, what, forgets, learns, paper, documents, area };
        clerk(9, id, Body::ProposeAmendment(body))
    };
    let become_of = |event, id: &str, token: u64, amendment: AmendmentNo, lookups: Vec<Lookup>| {
        let why = Digest::of(&[b"why"]);
        let body = DecideAmendment { amendment, person: li, lookups, event, why };
        clerk(token, id, Body::DecideAmendment(body))
    };
    let decide = |id: &str, token, no, lookups| become_of(AmendmentEvent::Approve, id, token, no, lookups);
    let (old, new) = (by("li's card"), by("li's new card"));
    let proposed = twins.one("2025-01-08 11:00", propose("amend", vec![old], vec![new])).await;
    let no = proposed.changes().expect("proposed").amendments[0].no;
    let own = twins.one("2025-01-08 11:01", decide("own", 9, no, vec![old, new])).await;
    assert!(own.changes().is_none(), "by a second person only");
    let identity = Some(b"another identity".to_vec());
    let (approval, _) = decide("approve", 10, no, vec![old, new]);
    let approval = (approval, Attachments { identity, ..Attachments::default() });
    let taken =
        AddPerson { lookups: vec![old, by("wu")], born: day("1990-01-01"), sex: Sex::Female, guardian: None };
    let more = [
        approval,
        agency("wu", Body::AddPerson(taken)),
        propose("amend again", vec![new], vec![by("third")]),
    ];
    for it in twins.ask("2025-01-08 11:02", &more).await {
        assert!(it.reasons().is_empty(), "{it:?}");
    }
    twins.name(
        &[agency("named", Body::RecordDeath(RecordDeath { person: new, on: day("2025-01-01") }))],
        at("2025-01-08 11:03"),
    );
    twins.compare_facts(at("2025-01-08 11:03")).await;
    let mut waits = AmendmentNo(0);
    for (minute, event, token) in [(4, AmendmentEvent::Reject, 10), (6, AmendmentEvent::Withdraw, 9)] {
        if let Page::Amendments(all) = twins.compare(&Query::Amendments(li)).await {
            waits = all.last().expect("one waits").no;
        }
        let (first, second) = (format!("2025-01-08 11:0{minute}"), format!("2025-01-08 11:0{}", minute + 1));
        let settled = become_of(event, &format!("{event:?}"), token, waits, Vec::new());
        assert!(twins.one(&first, settled).await.changes().is_some(), "{event:?}");
        let next = propose(&format!("amend after {event:?}"), vec![new], vec![by("third")]);
        assert!(twins.one(&second, next).await.changes().is_some(), "{event:?}");
    }
    let Page::Notices(told) = twins.compare(&Query::Notices { person: li, limit: 7 }).await else {
        panic!("notices were asked for")
    };
    let (proposed, told) = (NoticeKind::AmendmentProposed, told.iter().map(|(_, it)| it.what));
    let (approved, rejected) = (NoticeKind::AmendmentApproved, NoticeKind::AmendmentRejected);
    let withdrawn = NoticeKind::AmendmentWithdrawn;
    let expected = [proposed, withdrawn, proposed, rejected, proposed, approved, proposed];
    assert_eq!(told.collect::<Vec<_>>(), expected, "each step, latest first");
}
