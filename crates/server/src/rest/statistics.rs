//! Statistics for the bureau (R-K4): person-times and amounts of sharing by area and month. Nobody is named in them.

use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::telling::{AreaRef, Teller};
use super::wire::{Instant, SignedYuan, words};
use crate::statistics;
use domain::day::Month;
use domain::ids::Area;
use domain::needs::Needs;
use domain::statistics::{By, Line, Statistics, Sums};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How many months are answered at once.
const MOST_MONTHS: usize = 36;

/// Statistics of sharing (家庭共济), net: what was cancelled or refunded is taken away in the month in which that was done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StatisticsView {
    /// The first month.
    #[schema(example = "2025-01")]
    from: String,
    /// The last month.
    #[schema(example = "2025-06")]
    to: String,
    /// Whose area a settlement is counted in.
    by: words::By,
    /// The region that is counted: an area, a province, or the nation.
    region: AreaRef,
    /// Everything that was decided up to this moment is counted; none while the books are counted for the first time.
    counted_to: Option<Instant>,
    /// All months and areas together. A settlement that givers of several areas paid is counted once.
    total: StatisticsLine,
    /// Each month, all areas together.
    months: Vec<StatisticsMonth>,
    /// Each area, all months together, by code. A settlement that givers of several areas paid is counted in each.
    areas: Vec<StatisticsArea>,
}

/// A month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StatisticsMonth {
    #[schema(example = "2025-06")]
    month: String,
    #[serde(flatten)]
    line: StatisticsLine,
    /// Each area of the month, by code.
    areas: Vec<StatisticsArea>,
}

/// An area.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StatisticsArea {
    area: AreaRef,
    #[serde(flatten)]
    line: StatisticsLine,
}

/// Person-times and amounts, and parts of them.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct StatisticsLine {
    /// Person-times (人次).
    times: i64,
    /// Money of givers.
    amount: SignedYuan,
    /// What of it was paid by givers of another area than the beneficiary's (跨统筹区).
    across_areas: StatisticsSums,
    /// What of it was spent at pharmacies.
    pharmacies: StatisticsSums,
}

/// Person-times and money.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct StatisticsSums {
    /// Person-times.
    times: i64,
    /// Money of givers.
    amount: SignedYuan,
}

impl StatisticsSums {
    fn of(it: Sums) -> StatisticsSums {
        StatisticsSums { times: it.times, amount: SignedYuan(it.amount) }
    }
}

impl StatisticsLine {
    fn of(it: Line) -> StatisticsLine {
        let StatisticsSums { times, amount } = StatisticsSums::of(it.all);
        let (across_areas, pharmacies) = (StatisticsSums::of(it.across), StatisticsSums::of(it.pharmacies));
        StatisticsLine { times, amount, across_areas, pharmacies }
    }
}

/// What is asked for.
struct Asked {
    months: Vec<Month>,
    by: By,
    region: Area,
}

impl Asked {
    fn read(call: &Call) -> Result<Asked, Problem> {
        let from = call.month("from")?;
        let to = call.month("to")?.unwrap_or_else(|| Month::of(call.app.clock.now().day()));
        let from = from.unwrap_or_else(|| to.plus(1 - i32::from(to.first().month())));
        let months: Vec<Month> =
            (0..).map(|it| from.plus(it)).take_while(|it| *it <= to).take(MOST_MONTHS + 1).collect();
        if months.is_empty() || months.len() > MOST_MONTHS {
            let remedy = format!("Ask for 1 to {MOST_MONTHS} months, the first not after the last.");
            return Err(Problem::malformed("from", remedy));
        }
        let words = || By::ALL.iter().map(|it| it.word()).collect::<Vec<_>>().join(", ");
        let by = call.query.get("by").map_or(Some(By::Giver), |it| By::parse(it));
        let by = by.ok_or_else(|| Problem::malformed("by", format!("Write one of: {}.", words())))?;
        let region = call.query.get("area").map_or(Some(call.token.area), |it| Area::parse(it));
        let remedy = "Write six digits: an area like 320300, a province like 320000, or 000000 for all.";
        let region = region.ok_or_else(|| Problem::malformed("area", remedy))?;
        call.covers(region)?;
        Ok(Asked { months, by, region })
    }
}

fn areas(teller: &Teller<'_>, lines: BTreeMap<Area, Line>) -> Vec<StatisticsArea> {
    let view = |(area, line)| StatisticsArea { area: teller.area(area), line: StatisticsLine::of(line) };
    lines.into_iter().map(view).collect()
}

/// `GET /statistics`.
pub(crate) async fn of(call: Call) -> Answered {
    let Asked { months, by, region } = Asked::read(&call)?;
    let (store, desk, now) = (&*call.app.store, &*call.app.desk, call.app.clock.now());
    let counted_to = statistics::counted_to(store, desk, now).await?;
    let seen = call.see(Needs::default()).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let (mut all, mut views) = (Statistics::default(), Vec::new());
    for month in &months {
        let counted = statistics::of_month(desk, *month, now).await?;
        views.push(StatisticsMonth {
            month: month.to_string(),
            line: StatisticsLine::of(counted.line(by, region)),
            areas: areas(&teller, counted.lines(by, region)),
        });
        all.add(counted);
    }
    let month_at = |it: Option<&Month>| it.map(Month::to_string).unwrap_or_default();
    Ok(Answer::ok(&StatisticsView {
        from: month_at(months.first()),
        to: month_at(months.last()),
        by: words::By(by),
        region: teller.area(region),
        counted_to: counted_to.map(Instant::of),
        total: StatisticsLine::of(all.line(by, region)),
        months: views,
        areas: areas(&teller, all.lines(by, region)),
    }))
}
