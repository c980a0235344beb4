//! Proxy purchases, as every store must keep them: found by their number, by patient and by agent, with what used them.

use crate::common::twins::Twins;
use crate::common::*;
use domain::ids::{PersonNo, ProxyNo, SettlementNo};
use domain::proxy::{Paper, Papers, ProxyReason};
use domain::request::*;
use domain::words::*;
use store::{Page, Query, Store};

const PHARMACY: &str = "P32030000001";

fn entrust(id: &str, who: PersonNo, names: [&str; 2], only: Option<&str>) -> Asked {
    let body = EntrustProxy {
        patient: by(names[0]),
        agent: by(names[1]),
        reason: ProxyReason::Distance,
        place: only.map(place),
        papers: Papers { patient: Some(Paper::IdCard), agent: only.map(|_| Paper::Passport) },
        last_day: day("2025-08-05"),
    };
    citizen(id, who, Body::EntrustProxy(body))
}

fn bought(id: &str, patient: &str, boxes: &str, proxy: ProxyNo) -> Asked {
    let lines = vec![line("1", boxes, false)];
    let Body::Settle(settle) = purchase(patient, Scheme::Employee, "2025-08-02 09:00", lines) else {
        panic!("a purchase is settled")
    };
    let papers = Papers { patient: None, agent: Some(Paper::IdCard) };
    let proxy = Some(ShownProxy { proxy: Some(proxy), papers });
    hospital(PHARMACY, id, Body::Settle(Settle { proxy, ..settle }))
}

fn proxy_no(decision: &domain::decision::Decision) -> ProxyNo {
    let domain::decision::Answer::Proxy(no) = answer(decision) else { panic!("nothing: {decision:?}") };
    *no
}

async fn used<S: Store>(twins: &Twins<S>, patient: PersonNo) -> Vec<Option<SettlementNo>> {
    let page = twins.compare(&Query::Proxies { person: patient, limit: 9 }).await;
    let Page::Proxies(found) = page else { panic!("entrusted purchases were asked for") };
    found.into_iter().map(|it| it.used).collect()
}

/// Purchases entrusted, bought, undone, bought again, refunded in part, and revoked.
pub(crate) async fn buy_by_agents<S: Store>(twins: &mut Twins<S>, [wang, li, ..]: [PersonNo; 4]) {
    let first = twins.one("2025-08-01 09:00", entrust("proxy 1", li, ["li", "wang"], None)).await;
    let first = proxy_no(&first);
    let second = twins
        .ask(
            "2025-08-01 09:01",
            &[
                entrust("proxy 2", wang, ["wang", "li"], Some(PHARMACY)),
                entrust("not hers", wang, ["li", "wang"], None),
            ],
        )
        .await;
    assert!(!second[1].reasons().is_empty());
    let second = proxy_no(&second[0]);
    answer(&twins.one("2025-08-01 09:02", credit("li", "500", "0")).await);
    let made = settlement_no(&twins.one("2025-08-02 09:00", bought("p buy 1", "li", "3", first)).await);
    assert_eq!(used(twins, li).await, [None, Some(made)]);
    let again = twins.one("2025-08-02 09:01", bought("p buy 2", "li", "4", first)).await;
    assert!(!again.reasons().is_empty(), "it is used: {again:?}");
    let undone = hospital(PHARMACY, "p undo", reverse("li", PHARMACY, "p buy 1"));
    answer(&twins.one("2025-08-02 09:02", undone).await);
    let made = twins.one("2025-08-02 09:03", bought("p buy 3", "li", "5", first)).await;
    let (no, visit) = (settlement_no(&made), made.changes().expect("settled").settlements[0].visit);
    let refund = RefundPart { settlement: no, of: of(visit, "li"), remaining: vec![line("1", "2", false)] };
    let refund = hospital(PHARMACY, "p refund", Body::RefundPart(refund));
    let refund = twins.one("2025-08-02 09:04", refund).await;
    let stands = refund.changes().expect("refunded").settlements.last().map(|it| it.no);
    assert_eq!(used(twins, li).await, [None, stands]);
    let revoke = Body::RevokeProxy(RevokeProxy { proxy: second });
    answer(&twins.one("2025-08-03 09:00", citizen("p revoke", li, revoke)).await);
    let revoked = twins.one("2025-08-03 09:01", bought("p buy 4", "wang", "1", second)).await;
    assert!(!revoked.reasons().is_empty());
    let unknown = twins.one("2025-08-03 09:02", bought("p buy 5", "wang", "1", ProxyNo(1))).await;
    assert!(!unknown.reasons().is_empty());
}
