//! Packs with trace codes, as every store must keep them: sold once, free again once they are taken back, found by their
//! codes whoever sold them. Hefei asks its pharmacies for them.

use crate::common::twins::Twins;
use crate::common::*;
use crate::postgres::{PHARMACY, buy, buy_pack, client, found_families, open};
use domain::bill::Line;
use domain::decision::Decision;
use domain::request::*;
use domain::trace::{Trace, TraceCode};
use domain::words::*;
use std::sync::Arc;
use store::{Lane, LaneNo, Store};
use tokio_postgres::Client;

const HOSPITAL: &str = "H32030000001";
const HEFEI: &str = "P34010000001";

/// A line of so many boxes with these packs.
pub(crate) fn packed(sn: &str, boxes: &str, packs: &[u64]) -> Line {
    let trace = |it: &u64| {
        let code = TraceCode::parse(&format!("{it:020}")).expect("a code");
        Trace { code, split: false }
    };
    Line { traces: packs.iter().map(trace).collect(), ..line(sn, boxes, false) }
}

fn bought(id: &str, patient: &str, boxes: &str, packs: &[u64]) -> Asked {
    let lines = vec![packed("1", boxes, packs)];
    hospital(HEFEI, id, purchase(patient, Scheme::Employee, "2025-08-04 09:00", lines))
}

fn codes(decision: &Decision) -> Vec<&'static str> {
    decision.reasons().iter().map(|it| it.code()).collect()
}

/// Packs sold, sold again in one batch and later, taken back, refunded in part, and uploaded before they are settled.
pub(crate) async fn sell_packs<S: Store>(twins: &mut Twins<S>) {
    let kind = InstitutionKind::Pharmacy;
    answer(&twins.one("2025-08-04 08:00", institution(HEFEI, "340100", kind, Level::Primary)).await);
    let both = [
        bought("pack 1", "li", "1", &[1, 2]),
        bought("pack 2", "wang", "2", &[2]),
        bought("pack 3", "wang", "3", &[3]),
        bought("pack 4", "wang", "4", &[]),
    ];
    let made = twins.ask("2025-08-04 09:00", &both).await;
    let said: Vec<_> = made.iter().map(codes).collect();
    assert_eq!(said, [vec![], vec!["TRACE_CODE_USED"], vec![], vec!["TRACE_CODE_MISSING"]]);
    let used = twins.one("2025-08-04 09:01", bought("pack 5", "wang", "5", &[1])).await;
    assert_eq!(codes(&used), ["TRACE_CODE_USED"]);
    // Taken back and sold to somebody else, in one batch.
    let undone = [
        hospital(HEFEI, "pack undo", reverse("li", HEFEI, "pack 1")),
        bought("pack 6", "wang", "6", &[1, 4]),
    ];
    let made = twins.ask("2025-08-04 09:02", &undone).await;
    answer(&made[0]);
    let (no, visit) = (settlement_no(&made[1]), made[1].changes().expect("settled").settlements[0].visit);
    let remaining = vec![packed("1", "2", &[4])];
    let refund = Body::RefundPart(RefundPart { settlement: no, of: of(visit, "wang"), remaining });
    answer(&twins.one("2025-08-04 09:03", hospital(HEFEI, "pack refund", refund)).await);
    let again = twins.one("2025-08-04 09:04", bought("pack 7", "li", "7", &[4])).await;
    assert_eq!(codes(&again), ["TRACE_CODE_USED"]);
    answer(&twins.one("2025-08-04 09:05", bought("pack 8", "li", "8", &[1, 2])).await);
    upload_packs(twins).await;
}

async fn upload_packs<S: Store>(twins: &mut Twins<S>) {
    let registered = register("li", Scheme::Employee, "2025-08-04 10:00");
    let visit = visit_no(&twins.one("2025-08-04 10:00", hospital(HOSPITAL, "pack visit", registered)).await);
    let stated = StateVisit { of: of(visit, "li"), med_type: "11".to_owned(), begun: at("2025-08-04 10:00") };
    let stated = hospital(HOSPITAL, "pack stated", Body::StateVisit(stated));
    let lines = vec![packed("1", "1", &[9, 1])];
    let upload = Upload { of: of(visit, "li"), batches: vec![("1".to_owned(), lines.clone())] };
    let upload = hospital(HOSPITAL, "pack upload", Body::Upload(upload));
    for done in twins.ask("2025-08-04 10:01", &[stated, upload]).await {
        answer(&done);
    }
    let settle = settle("li", What::Batch { visit, batch: "1".to_owned() }, Scheme::Employee, &lines);
    answer(&twins.one("2025-08-04 10:02", hospital(HOSPITAL, "pack settle", settle)).await);
    // Nobody asks there: the pack that was sold before stays with who sold it first.
    let undo = hospital(HOSPITAL, "pack back", reverse("li", HOSPITAL, "pack settle"));
    let used = twins.one("2025-08-04 10:03", bought("pack 9", "wang", "9", &[9])).await;
    assert_eq!(codes(&used), ["TRACE_CODE_USED"]);
    answer(&twins.one("2025-08-04 10:04", undo).await);
    let used = twins.one("2025-08-04 10:05", bought("pack 10", "wang", "10", &[1])).await;
    assert_eq!(codes(&used), ["TRACE_CODE_USED"]);
    answer(&twins.one("2025-08-04 10:06", bought("pack 11", "wang", "11", &[9])).await);
}

/// How many packs have a version.
async fn versions(client: &Client) -> i64 {
    let packs = "SELECT count(*) FROM guard WHERE person >= 1::bigint << 62";
    client.query_one(packs, &[]).await.expect("asks").get(0)
}

/// Decides and commits these, and says how many packs have a version after it.
async fn versions_after(lane: &mut dyn Lane, client: &Client, asked: &[Asked]) -> i64 {
    turn(lane, asked, at("2025-02-01 10:00")).await.expect("commits");
    versions(client).await
}

/// R-J5: if this fails, what only asks about packs leaves a row behind for each of them, for ever.
#[tokio::test]
async fn only_packs_that_are_sold_or_freed_have_versions() {
    let Some(url) = cluster::database() else { return };
    let store = open(&url).await;
    let mut lane = store.lane(LaneNo(1)).await.expect("free");
    let lane = lane.as_mut();
    found_families(lane, 1).await;
    let client = client(&url).await;
    let place = institution(HOSPITAL, "320300", InstitutionKind::Hospital, Level::Tertiary);
    let registered = hospital(HOSPITAL, "visit", register("li 0", Scheme::Employee, "2025-02-01 09:00"));
    let (_, made) = turn(lane, &[place, registered], at("2025-02-01 09:30")).await.expect("commits");
    let visit = visit_no(&made[1]);
    let uploaded = |id: &str, batch: &str, packs: &[u64]| {
        let batches = vec![(batch.to_owned(), vec![packed(batch, "1", packs)])];
        hospital(HOSPITAL, id, Body::Upload(Upload { of: of(visit, "li 0"), batches }))
    };
    let stated =
        StateVisit { of: of(visit, "li 0"), med_type: "11".to_owned(), begun: at("2025-02-01 09:00") };
    let stated = hospital(HOSPITAL, "stated", Body::StateVisit(stated));
    let removed = RemoveLines { of: of(visit, "li 0"), batch: Some("3".to_owned()) };
    let removed = hospital(HOSPITAL, "removed", Body::RemoveLines(removed));
    let mut part = packed("1", "1", &[6]);
    part.traces.iter_mut().for_each(|it| it.split = true);
    let part = purchase("li 0", Scheme::Employee, "2025-02-01 09:00", vec![part]);
    let settle = |batch: &str, packs: &[u64]| {
        let what = What::Batch { visit, batch: batch.to_owned() };
        settle("li 0", what, Scheme::Employee, &[packed(batch, "1", packs)])
    };
    for (what, asked, wanted) in [
        ("lines are uploaded", vec![uploaded("a", "1", &[1, 2]), uploaded("b", "2", &[3])], 0),
        ("the visit is told", vec![stated, uploaded("c", "3", &[4])], 0),
        ("lines are taken away", vec![removed], 0),
        ("a part is sold", vec![hospital(PHARMACY, "part", part)], 0),
        ("a bill is refused", vec![buy_pack("refused", "li nobody", 7)], 0),
        ("one batch is settled", vec![hospital(HOSPITAL, "settled", settle("1", &[1, 2]))], 2),
        ("it is taken back", vec![hospital(HOSPITAL, "back", reverse("li 0", HOSPITAL, "settled"))], 2),
        (
            "uploaded and settled at once",
            vec![uploaded("d", "4", &[8]), hospital(HOSPITAL, "at once", settle("4", &[8]))],
            3,
        ),
    ] {
        assert_eq!(versions_after(lane, &client, &asked).await, wanted, "{what}");
    }
    // What is only previewed is loaded with what is kept.
    let asked = [buy("kept", "li 0", "3"), buy_pack("previewed", "li 0", 9)];
    let both: Vec<_> = asked.iter().map(|(it, _)| it).collect();
    let rows = lane.load(&both, at("2025-02-01 10:00")).await.expect("loads");
    let (_, batch) = decided_on(rows, &asked[..1], at("2025-02-01 10:00"));
    lane.commit(Arc::new(batch)).await.expect("commits");
    assert_eq!(versions(&client).await, 3, "a preview");
    let again = versions_after(lane, &client, &[buy_pack("sold before", "li 0", 8)]).await;
    assert_eq!(again, 3, "nobody asks there, and it stays with who sold it first");
}
