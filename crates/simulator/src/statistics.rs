//! The statistics once more, by hand: person-times from what was settled, money from the entries of givers' purses. And a
//! counter that is broken off, dies and goes on (R-K4).

use crate::now;
use domain::day::{Moment, Month};
use domain::facts::Facts;
use domain::ids::{Area, PersonNo, Serial};
use domain::ledger::Account;
use domain::statistics::{By, Line, Statistics};
use server::clock::Clock;
use server::statistics::counting::Counter;
use server::statistics::of_month;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::faulty::{Faults, Faulty};
use store::memory::Memory;
use store::{Books, Desk, Record, Store};

/// After so much time whoever died while it counted is no longer waited for.
const LONG_MS: i64 = 61_000;

/// Sums of each month and area; none are zero.
type Sums = BTreeMap<(Month, Area), i64>;

/// What the statistics have to come to, and who counts them.
pub struct Recount {
    books: Arc<dyn Books>,
    faulty: Faulty<Arc<dyn Books>>,
    /// What the counter keeps; the desk of the books stays as it is.
    desk: Arc<Memory>,
    clock: Clock,
    counter: Counter,
    months: BTreeSet<Month>,
    /// Money by giver's area.
    amounts: Sums,
    /// Person-times by beneficiary's area.
    times: Sums,
}

impl Recount {
    /// Nothing is counted yet of these books, which misbehave.
    pub fn new(books: Arc<dyn Books>, seed: u64, faults: Faults) -> Recount {
        let faulty = Faulty::new(Arc::clone(&books), seed, faults);
        let desk = Arc::new(Memory::default());
        let clock = Clock::sandbox(|| Moment::from_millis(0), Moment::from_millis(0));
        let counter = counter(Arc::new(faulty.clone()), &desk, &clock);
        let (months, amounts, times) = (BTreeSet::new(), Sums::new(), Sums::new());
        Recount { books, faulty, desk, clock, counter, months, amounts, times }
    }

    /// The process dies: what the counter had in memory is gone.
    pub fn crash(&mut self) {
        self.counter = counter(Arc::new(self.faulty.clone()), &self.desk, &self.clock);
    }

    /// Counts on, as far as the books let it.
    pub fn step(&mut self) {
        self.pass(7_000);
        // Whatever is missed now is counted the next time.
        let _ = now(self.counter.step());
    }

    fn pass(&self, millis: i64) {
        self.clock.move_to(self.clock.now().plus_millis(millis)).expect("a sandbox's clock moves forward");
    }

    /// Takes in a record that is new in the store.
    pub fn take(&mut self, record: &Record, facts: &Facts) {
        let Some(changes) = record.decision.changes() else { return };
        let month = Month::of(record.turn.at.day());
        let new = changes.settlements.iter().filter(|it| Serial::creator_of(it.no.0) == record.turn.serial);
        let mut patient = None;
        for it in new {
            self.months.insert(month);
            patient = Some(it.patient);
            if !it.from_relatives().is_zero() {
                add(&mut self.times, (month, it.area), if it.undoes.is_some() { -1 } else { 1 });
            }
        }
        let (Some(patient), Some(journal)) = (patient, &changes.journal) else { return };
        for entry in journal.entries() {
            if let Some(area) = area_of_giver(entry.account, patient, facts) {
                add(&mut self.amounts, (month, area), -entry.amount.get());
            }
        }
    }

    /// The statistics are what was added up by hand, and what somebody comes to who counts from the beginning.
    ///
    /// # Errors
    /// What differs.
    pub fn compare(&mut self) -> Result<(), String> {
        self.faulty.set(Faults::default());
        self.pass(LONG_MS);
        let other = Arc::new(Memory::default());
        let mut anew = counter(Arc::clone(&self.books) as Arc<dyn Store>, &other, &self.clock);
        now(self.counter.step()).and_then(|()| now(anew.step())).map_err(|it| it.to_string())?;
        let (mut amounts, mut times) = (Sums::new(), Sums::new());
        for month in &self.months {
            let counted = self.counted(&self.desk, *month)?;
            if counted != self.counted(&other, *month)? {
                return Err(format!("statistics of {month} differ when they are counted anew"));
            }
            let lines = |by| counted.lines(by, Area::NATION).into_iter();
            let money = |(area, line): (Area, Line)| ((*month, area), line.all.amount.get());
            lines(By::Giver).map(money).for_each(|(at, it)| add(&mut amounts, at, it));
            let count = |(area, line): (Area, Line)| ((*month, area), line.all.times);
            lines(By::Beneficiary).map(count).for_each(|(at, it)| add(&mut times, at, it));
        }
        if (&amounts, &times) == (&self.amounts, &self.times) {
            return Ok(());
        }
        Err(format!("statistics say {times:?} {amounts:?}, by hand {:?} {:?}", self.times, self.amounts))
    }

    fn counted(&self, desk: &Arc<Memory>, month: Month) -> Result<Statistics, String> {
        now(of_month(&**desk, month, self.clock.now())).map_err(|it| it.to_string())
    }
}

fn counter(store: Arc<dyn Store>, desk: &Arc<Memory>, clock: &Clock) -> Counter {
    Counter::new(store, Arc::clone(desk) as Arc<dyn Desk>, clock.clone())
}

/// Adds to a sum; what comes to nothing is not kept.
fn add(sums: &mut Sums, at: (Month, Area), amount: i64) {
    let sum = sums.remove(&at).unwrap_or(0) + amount;
    if sum != 0 {
        sums.insert(at, sum);
    }
}

/// The area of a purse that is somebody else's than the patient's. A patient's own quota that ended returns with a bill, too.
fn area_of_giver(account: Account, patient: PersonNo, facts: &Facts) -> Option<Area> {
    match account {
        Account::Personal(owner, area) => (owner != patient).then_some(area),
        Account::Quota(binding) => {
            facts.bindings.get(&binding).filter(|it| it.giver != patient).map(|it| it.giver_area)
        }
        Account::Fund(..)
        | Account::Institution(_)
        | Account::Interarea(..)
        | Account::Intake(_)
        | Account::Receivable(..) => None,
    }
}
