//! A family binding (共济关系) as a dated state machine: what it is at any moment, and what may happen to it (R-D1 to R-D11).

use crate::clerk::Clerk;
use crate::day::{Day, Moment};
use crate::ids::{Area, BindingNo, Digest, PersonNo};
use crate::money::Fen;
use crate::words::{Channel, Mode, Proof, Relation, Side};
use serde::{Deserialize, Serialize};

/// Giver → beneficiary: everything about a binding that is written down. What follows from a date alone
/// (expiry, midnight of a release) is computed by [`Binding::status`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Our number.
    pub no: BindingNo,
    /// Whose account (共济人).
    pub giver: PersonNo,
    /// Who may spend it (被共济人).
    pub beneficiary: PersonNo,
    /// What the beneficiary is to the giver.
    pub relation: Relation,
    /// Pooling area of the giver when bound.
    pub giver_area: Area,
    /// Pooling area of the beneficiary when bound.
    pub beneficiary_area: Area,
    /// How the money moves.
    pub mode: Mode,
    /// Who started it, and where (R-D1, R-D9).
    pub started: Started,
    /// What was signed (R-D4).
    pub commitment: Commitment,
    /// How far it has come.
    pub stage: Stage,
    /// How the agency's review ended, once it has.
    pub reviewed: Option<Reviewed>,
    /// From when it is in force once agreed.
    pub from: Moment,
    /// The last day the giver has set (R-D7).
    pub last_day: Option<Day>,
    /// The end, once there is one.
    pub end: Option<End>,
    /// Limits the giver has set (R-D7).
    pub limits: Limits,
    /// The place in the beneficiary's order of givers, lowest first; 0 where none was set.
    pub rank: u16,
    /// The amount the giver wants to earmark, or has earmarked, in mode quota.
    pub quota: Option<Fen>,
    /// A change of law no longer allows it: kept, not used, until somebody decides (R-D8).
    pub needs_decision: bool,
    /// Since when it is on hold, because the giver says that a bill was none of their relative's: kept, not used,
    /// until it is lifted.
    pub held: Option<Moment>,
    /// Since when the patient lets the giver see the lines of bills that the giver's money pays; none: not (R-K2).
    pub lines_shown: Option<Moment>,
    /// Counts the changes.
    pub version: u32,
    /// When this version was recorded (R-D10).
    pub recorded: Moment,
}

/// Who started a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Which of the two.
    pub by: Side,
    /// Through which channel.
    pub channel: Channel,
    /// The clerk who acted for them.
    pub clerk: Option<Clerk>,
    /// When.
    pub at: Moment,
}

/// A signed commitment (承诺书): the exact text, by version and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// Version of the text.
    pub version: String,
    /// SM3 digest of the exact text.
    pub digest: Digest,
    /// What else was shown.
    pub proof: Proof,
}

/// How far a binding has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Somebody has to confirm, on this day at the latest (R-D3).
    Awaiting {
        /// Who.
        who: Side,
        /// The last day.
        until: Day,
        /// Whether review by the agency follows.
        then_review: bool,
    },
    /// The agency reviews (R-D2).
    InReview {
        /// Since when.
        since: Moment,
    },
    /// Everybody who had to agree has agreed.
    Agreed,
    /// Whoever had to confirm said no.
    Declined,
    /// Whoever started it withdrew it.
    Withdrawn,
    /// The agency refused it.
    ReviewRefused,
}

/// How the agency's review of a binding ended (R-D2): well, unless the binding is at [`Stage::ReviewRefused`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// The token of who decided it.
    pub by: u64,
    /// When.
    pub at: Moment,
    /// Keyed digest of the sealed paper that says why; every refusal has one.
    pub why: Option<Digest>,
}

/// The end of a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The first moment it is no longer in force.
    pub at: Moment,
    /// Why.
    pub why: EndReason,
    /// When that was decided.
    pub decided: Moment,
}

/// Why a binding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// One of the two released it.
    Released(Side),
    /// One of the two died (R-D8).
    Died(Side),
    /// The enrolment of one of the two ended.
    EnrolmentEnded(Side),
    /// One of the two moved to another area.
    Moved(Side),
}

/// Limits on what a binding may spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Limits {
    /// For each bill.
    pub per_bill: Option<Fen>,
    /// For each calendar month.
    pub per_month: Option<Fen>,
    /// For each calendar year.
    pub per_year: Option<Fen>,
}

/// What a binding has spent in the latest month and year it spent anything in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The year.
    pub year: i16,
    /// The month of that year.
    pub month: i8,
    /// Spent in that month.
    pub in_month: Fen,
    /// Spent in that year.
    pub in_year: Fen,
}

/// What a binding is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Waits for this side, until this day.
    Awaiting(Side, Day),
    /// Nobody confirmed in time.
    Lapsed(Day),
    /// The agency reviews it, since this moment.
    InReview(Moment),
    /// It never came to be.
    Refused,
    /// In force from a later moment.
    NotYet(Moment),
    /// In force.
    InForce,
    /// No longer in force since this moment.
    Ended(Moment),
    /// Kept, but no longer allowed by the law.
    NeedsDecision,
    /// Put on hold by the giver since this moment.
    OnHold(Moment),
}

/// Whether a giver sees the lines of a bill that their money paid (R-K2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The patient allows it.
    Shown,
    /// The patient does not.
    NotAllowed,
    /// The patient allows it since this moment, and the bill is older.
    SettledBefore(Moment),
    /// The two are no longer bound.
    Over,
}

impl Binding {
    /// Whether the giver sees, at a moment, the lines of a bill of this service day that was settled at another. What
    /// is older than the patient's word stays the patient's, though it be settled anew after a refund; with the binding
    /// the sight of it ends.
    pub fn sight(&self, settled: Moment, service_day: Day, at: Moment) -> Sight {
        match self.lines_shown {
            None => Sight::NotAllowed,
            Some(_) if !self.counts(at) => Sight::Over,
            Some(since) if settled <= since || service_day < since.day() => Sight::SettledBefore(since),
            Some(_) => Sight::Shown,
        }
    }

    /// What it is at a moment, by the version at hand. What waits ends too: then nobody can agree to it any more.
    pub fn status(&self, at: Moment) -> Status {
        let end = self.ends_at().filter(|it| *it <= at);
        let lapsed_before_end = |until: Day| at.day() > until && end.is_none_or(|it| it.day() > until);
        let over = match self.stage {
            Stage::Awaiting { until, .. } if lapsed_before_end(until) => Some(Status::Lapsed(until)),
            Stage::Declined | Stage::Withdrawn | Stage::ReviewRefused => Some(Status::Refused),
            Stage::Awaiting { .. } | Stage::InReview { .. } | Stage::Agreed => end.map(Status::Ended),
        };
        let waits = match self.stage {
            Stage::Awaiting { who, until, .. } => Some(Status::Awaiting(who, until)),
            Stage::InReview { since } => Some(Status::InReview(since)),
            Stage::Declined | Stage::Withdrawn | Stage::ReviewRefused | Stage::Agreed => None,
        };
        let decision = self.needs_decision.then_some(Status::NeedsDecision);
        let held = self.held.map(Status::OnHold);
        let early = (at < self.from).then_some(Status::NotYet(self.from));
        over.or(waits).or(decision).or(held).or(early).unwrap_or(Status::InForce)
    }

    /// The first moment it is no longer in force: its end or the day after its last day, whichever comes first.
    pub fn ends_at(&self) -> Option<Moment> {
        let last_day = self.last_day.map(|it| it.plus(1).start());
        self.end.map(|it| it.at).into_iter().chain(last_day).min()
    }

    /// Whether it counts against limits on numbers: in force, to come, awaiting or in review.
    pub fn counts(&self, at: Moment) -> bool {
        match self.status(at) {
            Status::Awaiting(..) | Status::InReview(_) | Status::NotYet(_) | Status::InForce => true,
            Status::NeedsDecision | Status::OnHold(_) => true,
            Status::Lapsed(_) | Status::Refused | Status::Ended(_) => false,
        }
    }

    /// Whether it was ever agreed to.
    pub fn existed(&self) -> bool {
        self.stage == Stage::Agreed
    }

    /// Since when the agency reviews it, at the stage where it does.
    pub fn in_review_since(&self) -> Option<Moment> {
        if let Stage::InReview { since } = self.stage { Some(since) } else { None }
    }

    /// Whether the agency reviews it at a moment, or will once it is confirmed: until then documents can be sent (R-D2).
    pub fn awaits_review(&self, at: Moment) -> bool {
        let will = matches!(self.stage, Stage::InReview { .. } | Stage::Awaiting { then_review: true, .. });
        will && matches!(self.status(at), Status::InReview(_) | Status::Awaiting(..))
    }

    /// Which side a person is on.
    pub fn side_of(&self, person: PersonNo) -> Option<Side> {
        match person {
            it if it == self.giver => Some(Side::Giver),
            it if it == self.beneficiary => Some(Side::Beneficiary),
            _ => None,
        }
    }

    /// The person on a side.
    pub fn person_on(&self, side: Side) -> PersonNo {
        match side {
            Side::Giver => self.giver,
            Side::Beneficiary => self.beneficiary,
        }
    }
}

impl Side {
    /// The other of the two.
    pub const fn other(self) -> Side {
        match self {
            Side::Giver => Side::Beneficiary,
            Side::Beneficiary => Side::Giver,
        }
    }
}

impl Limits {
    /// What the limits leave for a bill on this day, given what was spent; with the limit that binds most.
    pub fn room(&self, usage: Option<&Usage>, day: Day) -> Option<(Fen, crate::words::LimitKind)> {
        use crate::words::LimitKind;
        let this_year = usage.filter(|it| it.year == day.year());
        let spent_year = this_year.map_or(Fen::ZERO, |it| it.in_year);
        let this_month = this_year.filter(|it| it.month == day.month());
        let spent_month = this_month.map_or(Fen::ZERO, |it| it.in_month);
        let bill = self.per_bill.map(|it| (it, LimitKind::PerBill));
        let month = self.per_month.map(|it| (it.less(spent_month), LimitKind::PerMonth));
        let year = self.per_year.map(|it| (it.less(spent_year), LimitKind::PerYear));
        bill.into_iter().chain(month).chain(year).min_by_key(|(room, _)| *room)
    }
}

impl Usage {
    /// Nothing spent yet in the month and year of this day.
    pub fn none(day: Day) -> Usage {
        Usage { year: day.year(), month: day.month(), in_month: Fen::ZERO, in_year: Fen::ZERO }
    }

    /// After spending `amount` on a day; what belongs to earlier months and years falls away.
    pub fn after_spending(self, amount: Fen, day: Day) -> Usage {
        let mut after = self.seen_on(day);
        after.in_month += amount;
        after.in_year += amount;
        after
    }

    /// After a refund, today, of something spent on `spent_on`: counts only inside the same month or year.
    pub fn after_refund(self, amount: Fen, spent_on: Day, today: Day) -> Usage {
        let mut after = self.seen_on(today);
        let same_year = spent_on.year() == after.year;
        if same_year {
            after.in_year = after.in_year.less(amount);
        }
        if same_year && spent_on.month() == after.month {
            after.in_month = after.in_month.less(amount);
        }
        after
    }

    fn seen_on(self, day: Day) -> Usage {
        let same_year = self.year == day.year();
        let same_month = same_year && self.month == day.month();
        Usage {
            year: day.year(),
            month: day.month(),
            in_month: if same_month { self.in_month } else { Fen::ZERO },
            in_year: if same_year { self.in_year } else { Fen::ZERO },
        }
    }
}
