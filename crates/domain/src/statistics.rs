//! Statistics of sharing: person-times and amounts by area (R-K4). A settlement that givers' money paid a part of is one
//! person-time (人次); what undoes it takes it away again, in the month in which it is undone.

use crate::facts::{Draw, Settlement};
use crate::ids::Area;
use crate::money::Total;
use crate::words::{Purpose, words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// Whose area a settlement is counted in.
    By {
        /// The givers': from where money came.
        Giver = "giver",
        /// The beneficiary's: whom it treated.
        Beneficiary = "beneficiary",
        /// The institution's: where it was spent.
        Place = "place",
    }
}

/// Where a settlement is counted. All givers' areas stand together, so that it is one person-time however many of them are
/// asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Cell {
    /// Areas of the givers whose money paid, each once, ascending.
    givers: Vec<Area>,
    beneficiary: Area,
    place: Area,
    purpose: Purpose,
}

/// What is counted in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    times: i64,
    /// Money of each of the cell's giver areas, in their order.
    amounts: Vec<Total>,
}

/// Shared settlements of some time, counted. Equal settlements give equal statistics, in whatever order they are counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Statistics(BTreeMap<Cell, Counted>);

/// Person-times and money. Both are below zero where more was undone in the time than settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Person-times (人次).
    pub times: i64,
    /// Money of givers, in fen.
    pub amount: Total,
}

/// A line of statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Line {
    /// All of it.
    pub all: Sums,
    /// What of it was paid by givers of another area than the beneficiary's (跨统筹区).
    pub across: Sums,
    /// What of it was spent at pharmacies.
    pub pharmacies: Sums,
}

impl Sums {
    fn add(&mut self, times: i64, amount: Total) {
        self.times += times;
        self.amount += amount;
    }
}

impl Cell {
    fn of(it: &Settlement, place: Area) -> Cell {
        let mut givers: Vec<Area> = shared(it).map(|draw| draw.area).collect();
        givers.sort_unstable();
        givers.dedup();
        Cell { givers, beneficiary: it.area, place, purpose: it.purpose }
    }

    /// The areas it is counted in, each once.
    fn areas(&self, by: By) -> &[Area] {
        match by {
            By::Giver => &self.givers,
            By::Beneficiary => std::slice::from_ref(&self.beneficiary),
            By::Place => std::slice::from_ref(&self.place),
        }
    }
}

fn shared(it: &Settlement) -> impl Iterator<Item = &Draw> {
    it.draws.iter().filter(|draw| draw.binding.is_some())
}

impl Line {
    /// Adds what a cell has of the money of these givers' areas.
    fn add(&mut self, cell: &Cell, counted: &Counted, is_asked: impl Fn(Area) -> bool) {
        let money = || cell.givers.iter().copied().zip(counted.amounts.iter().copied());
        let asked = || money().filter(|(area, _)| is_asked(*area));
        let all = asked().map(|(_, amount)| amount).sum();
        self.all.add(counted.times, all);
        let mut across = asked().filter(|(area, _)| *area != cell.beneficiary).peekable();
        if across.peek().is_some() {
            self.across.add(counted.times, across.map(|(_, amount)| amount).sum());
        }
        if cell.purpose == Purpose::Pharmacy {
            self.pharmacies.add(counted.times, all);
        }
    }
}

impl Statistics {
    /// Counts a settlement, or takes away what a cancellation undoes; `place` is the area of the institution. A bill that
    /// nobody shared is not counted. A partial refund is both: the settlement undone, and another for what remains.
    pub fn count(&mut self, it: &Settlement, place: Area) {
        let cell = Cell::of(it, place);
        if cell.givers.is_empty() {
            return;
        }
        let is_undoing = it.undoes.is_some();
        let signed = |amount| if is_undoing { Total::debit(amount) } else { Total::credit(amount) };
        let of =
            |area: &Area| shared(it).filter(|draw| draw.area == *area).map(|it| signed(it.amount())).sum();
        let amounts = cell.givers.iter().map(of).collect();
        self.add_to(cell, &Counted { times: if is_undoing { -1 } else { 1 }, amounts });
    }

    /// Adds what was counted elsewhere or at another time.
    pub fn add(&mut self, other: Statistics) {
        for (cell, counted) in other.0 {
            self.add_to(cell, &counted);
        }
    }

    /// A cell in which everything was undone is as if nothing had been there.
    fn add_to(&mut self, cell: Cell, counted: &Counted) {
        let nothing = || Counted { times: 0, amounts: vec![Total::ZERO; cell.givers.len()] };
        let mut sum = self.0.get(&cell).cloned().unwrap_or_else(nothing);
        sum.times += counted.times;
        sum.amounts.iter_mut().zip(&counted.amounts).for_each(|(sum, it)| *sum += *it);
        if sum == nothing() {
            self.0.remove(&cell);
        } else {
            self.0.insert(cell, sum);
        }
    }

    /// What is counted in each area within a region.
    pub fn lines(&self, by: By, region: Area) -> BTreeMap<Area, Line> {
        let mut lines: BTreeMap<Area, Line> = BTreeMap::new();
        for (cell, counted) in &self.0 {
            for area in cell.areas(by).iter().filter(|it| lies_in(**it, region)) {
                let is_asked = |giver| by != By::Giver || giver == *area;
                lines.entry(*area).or_default().add(cell, counted, is_asked);
            }
        }
        lines
    }

    /// What is counted in a region as a whole: each settlement once, even where several of its areas paid.
    pub fn line(&self, by: By, region: Area) -> Line {
        let mut line = Line::default();
        for (cell, counted) in &self.0 {
            if cell.areas(by).iter().any(|it| lies_in(*it, region)) {
                line.add(cell, counted, |giver| by != By::Giver || lies_in(giver, region));
            }
        }
        line
    }
}

fn lies_in(area: Area, region: Area) -> bool {
    area.levels().contains(&region)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::{Day, Moment};
    use crate::fund::{Shared, Tally};
    use crate::ids::{BindingNo, InstitutionCode, PersonNo, SettlementNo, VisitNo};
    use crate::ledger::{Account, Part};
    use crate::money::{Fen, Share};
    use crate::words::Scheme;

    /// Xuzhou, Nanjing, Nanning, and the province of the first two.
    fn areas() -> [Area; 4] {
        [320_300, 320_100, 450_100, 320_000].map(|it| Area::from_number(it).expect("an area"))
    }

    fn fen(amount: i64) -> Fen {
        Fen::new(amount).expect("an amount")
    }

    /// What a purse pays; the patient's own where there is no binding.
    fn draw(area: Area, binding: Option<u64>, amount: i64) -> Draw {
        let (owner, part) = (PersonNo(binding.unwrap_or(9)), (Part::Prior, fen(amount)));
        let binding = binding.map(BindingNo);
        Draw { account: Account::Personal(owner, area), owner, area, binding, parts: vec![part] }
    }

    fn bill(area: Area, purpose: Purpose, draws: Vec<Draw>) -> Settlement {
        let none = Fen::ZERO;
        Settlement {
            no: SettlementNo(4),
            visit: VisitNo(4),
            batch: String::new(),
            institution: InstitutionCode::parse("H32030000001").expect("a code"),
            patient: PersonNo(9),
            scheme: Scheme::Resident,
            area,
            med_type: "11".to_owned(),
            purpose,
            service_day: Day::parse("2025-06-16").expect("a day"),
            at: Moment::from_millis(0),
            shared: Shared {
                total: none,
                full_self: none,
                over_limit: none,
                first_pay: none,
                in_scope: none,
                basic: none,
                large: none,
                share: Share::NONE,
                account_before: none,
                parts: BTreeMap::new(),
                tally: Tally::default(),
            },
            draws,
            cash: none,
            balance_after: none,
            bill: [0; 8],
            undoes: None,
            undone_by: None,
            bought_by: None,
        }
    }

    fn undoing(it: &Settlement) -> Settlement {
        Settlement { undoes: Some(it.no), ..it.clone() }
    }

    /// Bills of a day, with the areas of their institutions: one shared at a pharmacy, one by givers of two areas, one of
    /// them twice, one across provinces, one that nobody shared.
    fn day() -> Vec<(Settlement, Area)> {
        let [xuzhou, nanjing, nanning, _] = areas();
        let two = vec![
            draw(xuzhou, None, 1),
            draw(xuzhou, Some(1), 100),
            draw(nanjing, Some(2), 30),
            draw(nanjing, Some(3), 5),
        ];
        vec![
            (bill(xuzhou, Purpose::Pharmacy, vec![draw(xuzhou, Some(1), 50)]), nanjing),
            (bill(xuzhou, Purpose::Medical, two), xuzhou),
            (bill(nanjing, Purpose::Inpatient, vec![draw(nanning, Some(4), 7_000)]), nanjing),
            (bill(xuzhou, Purpose::Medical, vec![draw(xuzhou, None, 900)]), xuzhou),
        ]
    }

    fn counted<'a>(all: impl IntoIterator<Item = &'a (Settlement, Area)>) -> Statistics {
        let mut statistics = Statistics::default();
        all.into_iter().for_each(|(it, place)| statistics.count(it, *place));
        statistics
    }

    /// Person-times and fen: all, across areas, at pharmacies.
    fn told(line: Line) -> [(i64, i64); 3] {
        [line.all, line.across, line.pharmacies].map(|it| (it.times, it.amount.get()))
    }

    /// R-K4: if this fails, a bill that two relatives paid is two person-times, own money counts as shared, or a region's
    /// figure is not what its areas came to.
    #[test]
    fn a_shared_bill_is_one_person_time_wherever_it_is_counted() {
        let [xuzhou, nanjing, nanning, jiangsu] = areas();
        let all = counted(&day());
        let (none, at) = ((0, 0), |by, area| told(all.line(by, area)));
        for (by, area, expected) in [
            (By::Giver, xuzhou, [(2, 150), none, (1, 50)]),
            (By::Giver, nanjing, [(1, 35), (1, 35), none]),
            (By::Giver, nanning, [(1, 7_000), (1, 7_000), none]),
            (By::Giver, jiangsu, [(2, 185), (1, 35), (1, 50)]),
            (By::Giver, Area::NATION, [(3, 7_185), (2, 7_035), (1, 50)]),
            (By::Beneficiary, xuzhou, [(2, 185), (1, 35), (1, 50)]),
            (By::Beneficiary, nanjing, [(1, 7_000), (1, 7_000), none]),
            (By::Beneficiary, nanning, [none; 3]),
            (By::Place, nanjing, [(2, 7_050), (1, 7_000), (1, 50)]),
            (By::Place, xuzhou, [(1, 135), (1, 35), none]),
        ] {
            assert_eq!(at(by, area), expected, "{by:?} {area}");
            let lines = all.lines(by, area);
            if area.is_pooling() {
                let own = lines.get(&area).copied().unwrap_or_default();
                assert_eq!(told(own), expected, "{by:?} {area} in a list");
            }
        }
        let areas: Vec<Area> = all.lines(By::Giver, jiangsu).into_keys().collect();
        assert_eq!(areas, [nanjing, xuzhou]);
    }

    /// R-K4: if this fails, a refund of last month's bill leaves this month's figures as they are, a partial refund loses a
    /// person-time, or what is counted depends on the order in which it came.
    #[test]
    fn what_is_undone_is_taken_away_when_it_is_undone() {
        let (all, [xuzhou, ..]) = (day(), areas());
        let (two, place) = &all[1];
        let rest = Settlement { draws: vec![draw(xuzhou, Some(1), 40)], ..two.clone() };
        let next_month = vec![(undoing(two), *place), (rest, *place), (undoing(&all[2].0), all[2].1)];
        let later = counted(&next_month);
        assert_eq!(told(later.line(By::Giver, Area::NATION))[0], (-1, -7_095));
        assert_eq!(told(later.line(By::Giver, xuzhou)), [(0, -60), (0, 0), (0, 0)]);
        let mut both = counted(&all);
        both.add(later.clone());
        let together = counted(next_month.iter().rev().chain(&all));
        assert_eq!(both, together);
        assert_eq!(told(both.line(By::Giver, Area::NATION)), [(2, 90), (0, 0), (1, 50)]);
        let undone: Vec<_> = all.iter().map(|(it, place)| (undoing(it), *place)).collect();
        assert_eq!(counted(all.iter().chain(&undone)), Statistics::default());
    }
}
