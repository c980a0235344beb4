//! In-patient stays, as every store must keep them: what a message loads of a stay is what it names, and no more.

use crate::common::twins::Twins;
use crate::common::*;
use domain::bill::Correction;
use domain::decision::Answer;
use domain::ids::VisitNo;
use domain::request::*;
use domain::stay::*;
use domain::words::*;
use store::Store;

const HOSPITAL: &str = "H32030000001";

fn stay(id: &str, event: StayEvent) -> Asked {
    hospital(HOSPITAL, id, Body::Stay(event))
}

fn admit(id: &str, patient: &str, begun: &str) -> Asked {
    let event = Admit {
        patient: by(patient),
        credential: credential(patient),
        scheme: Scheme::Resident,
        begun: at(begun),
        med_type: "21".to_owned(),
        own_no: "1".to_owned(),
    };
    stay(id, StayEvent::Admit(event))
}

fn charge(id: &str, visit: VisitNo, items: Vec<ChargeItem>) -> Asked {
    stay(id, StayEvent::Charge(Charge { of: of(visit, "bao"), items }))
}

fn new(sn: &str, boxes: &str, mapped: bool) -> ChargeItem {
    ChargeItem::New(line(sn, boxes, mapped))
}

fn back(sn: &str, corrects: &str, boxes: &str, mapped: bool) -> ChargeItem {
    ChargeItem::Correct(Correction { corrects: corrects.to_owned(), line: line(sn, boxes, mapped) })
}

fn bill(id: &str, visit: VisitNo, interim: bool, yuan: &str) -> Asked {
    let what = What::Stay { visit, interim, left: None };
    let Body::Settle(settle) = settle("bao", what, Scheme::Resident, &[line("1", yuan, false)]) else {
        panic!("a bill is settled")
    };
    hospital(HOSPITAL, id, Body::Settle(Settle { med_type: String::new(), ..settle }))
}

fn undo(id: &str, visit: VisitNo, settlement: domain::ids::SettlementNo) -> Asked {
    let cancel = Cancel { settlement, of: of(visit, "bao"), care: Care::Inpatient };
    hospital(HOSPITAL, id, Body::Cancel(cancel))
}

/// A stay from its admission to the end, and everything of it undone.
pub(crate) async fn live_through_stays<S: Store>(twins: &mut Twins<S>) {
    let pairs = vec![("XY\"1\\".to_owned(), "ZA04CDX0534010103065".to_owned())];
    let mapped = MapItems { institution: place(HOSPITAL), pairs };
    answer(&twins.one("2025-06-01 08:00", hospital(HOSPITAL, "map", Body::MapItems(mapped))).await);
    let visit = visit_no(&twins.one("2025-06-02 08:00", admit("adm", "bao", "2025-06-02 08:00")).await);
    let twice = twins.one("2025-06-02 08:05", admit("adm again", "bao", "2025-06-02 08:05")).await;
    assert!(!twice.reasons().is_empty());
    // Charged, corrected, charged again and taken out, in messages that arrive together and apart.
    let together = twins
        .ask(
            "2025-06-03 08:00",
            &[
                charge("day 1", visit, vec![new("1", "200", false), new("2", "8", true)]),
                charge("day 2", visit, vec![back("3", "1", "50", false), new("4", "30", false)]),
                charge("day 2 again", visit, vec![new("4", "30", false)]),
            ],
        )
        .await;
    together[..2].iter().for_each(|it| _ = answer(it));
    assert!(!together[2].reasons().is_empty(), "a line comes once");
    let taken = charge("day 3", visit, vec![back("5", "2", "8", true)]);
    let judged = twins.one("2025-06-04 08:00", taken).await;
    assert!(matches!(answer(&judged), Answer::Charged(rows) if rows[0].2.is_some()));
    let remove = |id: &str, lines| stay(id, StayEvent::Remove(RemoveCharges { of: of(visit, "bao"), lines }));
    let named = |lines: &[&str]| Some(lines.iter().map(|it| (*it).to_owned()).collect());
    assert!(!twins.one("2025-06-04 09:00", remove("corrected", named(&["2"]))).await.reasons().is_empty());
    answer(&twins.one("2025-06-04 09:01", remove("both", named(&["2", "5"]))).await);
    answer(&twins.one("2025-06-04 09:02", charge("anew", visit, vec![new("2", "1", false)])).await);
    // 150 + 30 + 1 boxes of ten yuan.
    let on_the_way = settlement_no(&twins.one("2025-06-05 08:00", bill("mid", visit, true, "181")).await);
    answer(&twins.one("2025-06-06 08:00", charge("day 5", visit, vec![new("6", "20", true)])).await);
    let discharge = Discharge { of: of(visit, "bao"), at: at("2025-06-06 10:00") };
    answer(&twins.one("2025-06-06 10:00", stay("leave", StayEvent::Discharge(discharge))).await);
    let made = twins.one("2025-06-06 11:00", bill("end", visit, false, "20")).await;
    let end = settlement_no(&made);
    assert!(!twins.one("2025-06-06 11:05", undo("too early", visit, on_the_way)).await.reasons().is_empty());
    // The reply to the last was lost, and all is undone from its end.
    answer(&twins.one("2025-06-07 08:00", hospital(HOSPITAL, "lost", reverse("bao", HOSPITAL, "end"))).await);
    assert!(!twins.one("2025-06-07 08:01", undo("undone", visit, end)).await.reasons().is_empty());
    answer(&twins.one("2025-06-07 08:02", undo("mid undone", visit, on_the_way)).await);
    let undo_discharge = StayEvent::UndoDischarge(of(visit, "bao"));
    answer(&twins.one("2025-06-07 08:03", stay("stays on", undo_discharge)).await);
    let back_dated =
        ChangeStay { of: of(visit, "bao"), begun: at("2025-06-01 08:00"), med_type: "22".to_owned() };
    answer(&twins.one("2025-06-07 08:04", stay("change", StayEvent::Change(back_dated))).await);
    answer(&twins.one("2025-06-07 08:05", remove("all", None)).await);
    answer(
        &twins.one("2025-06-07 08:06", hospital(HOSPITAL, "no adm", reverse("bao", HOSPITAL, "adm"))).await,
    );
    let again = visit_no(&twins.one("2025-06-07 09:00", admit("adm 2", "bao", "2025-06-07 09:00")).await);
    answer(&twins.one("2025-06-07 09:01", stay("adm 2 off", StayEvent::Cancel(of(again, "bao")))).await);
}
