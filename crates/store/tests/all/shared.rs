//! Reading on what relatives paid, as every store must do it: a page ends where enough was looked at, even where there was
//! nothing to be shown.

use crate::common::twins::{LANE, Twins};
use crate::common::*;
use domain::facts::Settlement;
use domain::ids::Serial;
use domain::request::*;
use domain::words::*;
use store::told::Span;
use store::{Page, Query, Store};

const PHARMACY: &str = "P32030000001";

/// Many bills that nobody shares, and pages of one settlement over them.
pub(crate) async fn share_nothing<S: Store>(twins: &mut Twins<S>) {
    let bought = |it: u16| {
        let lines = vec![line("1", &it.to_string(), false)];
        let body = purchase("wang", Scheme::Employee, "2025-08-05 09:00", lines);
        let Body::Settle(settle) = body else { panic!("a purchase is settled") };
        let body = Body::Settle(Settle { accounts: AccountFlag::None, ..settle });
        hospital(PHARMACY, &format!("cash {it}"), body)
    };
    let asked: Vec<Asked> = (1..=50).map(bought).collect();
    let made = twins.ask("2025-08-05 09:00", &asked).await;
    let settled: Vec<&Settlement> =
        made.iter().flat_map(|it| &it.changes().expect("settled").settlements).collect();
    assert!(settled.iter().all(|it| it.from_relatives().is_zero()), "nobody shares these");
    let first = Serial::creator_of(settled[0].no.0);
    let last = Serial::creator_of(settled[49].no.0);
    for (limit, pages) in [(1, 3), (2, 2), (500, 1)] {
        let mut ends = Vec::new();
        let mut done = Serial(first.0 - 1);
        while let Some(span) = Span::after(done, last, limit) {
            let Page::Shared(told) = twins.compare(&Query::Shared(span)).await else { panic!("shared") };
            assert!(told.settlements.is_empty() && told.upto >= span.from, "{told:?}");
            done = told.upto;
            ends.push(done);
        }
        assert_eq!((ends.len(), ends.last()), (pages, Some(&last)), "{limit} of lane {LANE:?}: {ends:?}");
    }
}
