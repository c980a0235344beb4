//! Which purses may pay for a patient, how much of each is usable, and why the others may not (R-B3, R-C3, R-E2, R-E6,
//! R-E7, R-M5). A mode is accounts and rules: every purse ends up in one ordered list.

use crate::binding::{Binding, Status};
use crate::day::{Day, Moment};
use crate::decision::{Check, Found, Law, Steps, balance_of};
use crate::facts::{Draw, Facts};
use crate::ids::{Area, BindingNo, PersonNo};
use crate::ledger::{Account, Balance, Entry, Journal, Part, post};
use crate::money::{Fen, Total};
use crate::parameters::Parameters;
use crate::policy::{Cite, Silent};
use crate::reach::reach;
use crate::reason::{Reason, UsableWhy};
use crate::words::{GiverOrder, LimitKind, Mode, PartOrder, Purpose, SharedPart};

/// A purse that may pay.
#[derive(Debug, Clone)]
pub struct Purse {
    /// The account.
    pub account: Account,
    /// Its owner.
    pub owner: PersonNo,
    /// The area whose books it is in.
    pub area: Area,
    /// The binding that allows it; `None` for own money.
    pub binding: Option<BindingNo>,
    /// What the account holds.
    pub balance: Balance,
    /// How much of it may be spent here and now.
    pub usable: Fen,
    /// What keeps the rest back, if something does.
    pub kept: Option<UsableWhy>,
    /// The giver's limit that binds, with what it leaves.
    pub cap: Option<(Fen, LimitKind)>,
    /// Only prior-year money may be taken.
    pub prior_only: bool,
}

/// Where money is to be spent.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The institution's pooling area.
    pub area: Area,
    /// Hospital or pharmacy.
    pub purpose: Purpose,
    /// The service day.
    pub day: Day,
}

impl Purse {
    /// Takes up to `limit` of what is usable.
    pub fn draw(&self, limit: Fen, order: PartOrder, year: i16) -> Draw {
        let order = if self.prior_only { PartOrder::PriorFirst } else { order };
        let parts = self.balance.take(limit.min(self.usable), order, year);
        Draw { account: self.account, owner: self.owner, area: self.area, binding: self.binding, parts }
    }
}

/// Quota that has come back to its giver since the binding ended, and the purses after it came back: what a date
/// has decided is written down when the money is next looked at.
pub fn returned(facts: &Facts, at: Moment) -> (Option<Journal>, Option<Facts>) {
    let ended = |it: &&Binding| it.mode == Mode::Quota && matches!(it.status(at), Status::Ended(_));
    let entries: Vec<Entry> =
        facts.bindings.values().filter(ended).flat_map(|it| give_back(facts, it, at.day().year())).collect();
    if entries.is_empty() {
        return (None, None);
    }
    let journal = Journal::new(entries).expect("what leaves a quota enters its giver's account");
    let mut after = facts.clone();
    post(&mut after.purses, &journal, at.day()).expect("a quota gives back what it holds");
    (Some(journal), Some(after))
}

/// Entries that bring what a quota holds back to its giver, part by part.
pub fn give_back(facts: &Facts, binding: &Binding, year: i16) -> Vec<Entry> {
    let quota = Account::Quota(binding.no);
    let giver = Account::Personal(binding.giver, binding.giver_area);
    let balance = balance_of(facts, quota, year);
    move_parts(quota, giver, &balance.take(balance.whole(), PartOrder::PriorFirst, year))
}

/// Entries that move parts from one purse to another of the same area.
pub fn move_parts(from: Account, to: Account, parts: &[(Part, Fen)]) -> Vec<Entry> {
    let both = |(part, amount): &(Part, Fen)| {
        let entry = |account, amount| Entry { account, part: *part, amount };
        [entry(from, Total::debit(*amount)), entry(to, Total::credit(*amount))]
    };
    parts.iter().flat_map(both).collect()
}

/// The patient's own purses.
pub fn own(facts: &Facts, patient: PersonNo) -> Vec<Purse> {
    let own = |(account, balance): (&Account, &Balance)| match account {
        Account::Personal(owner, area) if *owner == patient => Some(Purse {
            account: *account,
            owner: *owner,
            area: *area,
            binding: None,
            balance: *balance,
            usable: balance.whole(),
            kept: None,
            cap: None,
            prior_only: false,
        }),
        Account::Personal(..)
        | Account::Quota(_)
        | Account::Fund(..)
        | Account::Institution(_)
        | Account::Interarea(..)
        | Account::Intake(_)
        | Account::Receivable(..) => None,
    };
    facts.purses.iter().filter_map(own).collect()
}

/// Everything that decides whether a relative's money may pay: facts, law, the moment of commit, the place and
/// the givers who showed their own code or card.
#[derive(Clone, Copy)]
pub struct Sharing<'a> {
    /// The facts.
    pub facts: &'a Facts,
    /// The law.
    pub law: &'a Law,
    /// The moment of commit.
    pub at: Moment,
    /// Where the money is to be spent.
    pub place: Place,
    /// The patient's pooling area.
    pub patient_area: Area,
    /// Givers who showed their own code or card.
    pub shown: &'a [PersonNo],
    /// Whether the givers' limits bind: not for what remains of a partial refund, which they let through once (R-E9).
    pub limited: bool,
}

impl<'a> Sharing<'a> {
    fn parameters(&self) -> &'a Parameters {
        &self.law.policies.parameters
    }

    /// All bindings of the patient, judged: the purses that may pay, in the order the area wants them, and a step
    /// for each that may not.
    ///
    /// # Errors
    /// [`Silent`] where the law says nothing.
    pub(crate) fn purses(&self, patient: PersonNo, steps: &mut Steps) -> Result<Vec<Purse>, Silent> {
        let mut open = Vec::new();
        for binding in self.facts.bindings_for(patient) {
            match self.judge(binding)? {
                Ok((purse, cite)) => {
                    steps.push("R-D5", None, Found::Holds(Check::InForce));
                    steps.amount("R-E6", Some(cite), crate::decision::Figure::Usable, purse.usable);
                    open.push((binding, purse));
                }
                Err((reason, _)) if is_forgotten(&reason, self.at) || self.is_replaced(binding) => {}
                Err((reason, cite)) => steps.push(reason.rule(), cite, Found::Fails(reason.clone())),
            }
        }
        let order = self.parameters().giver_order.on(self.patient_area, self.place.day)?;
        let key = |binding: &Binding, purse: &Purse| match order.value {
            GiverOrder::Oldest => (0, binding.from.millis()),
            GiverOrder::Newest => (0, -binding.from.millis()),
            GiverOrder::Rank => (rank(binding), binding.from.millis()),
            GiverOrder::Largest => (0, -purse.usable.get()),
        };
        open.sort_by_key(|(binding, purse)| (key(binding, purse), binding.no));
        Ok(open.into_iter().map(|(_, purse)| purse).collect())
    }

    /// Whether the same two have bound again since a binding ended or lapsed: then the later one is what counts, and
    /// to say that the earlier is over would sound as if its giver could not pay.
    fn is_replaced(&self, binding: &Binding) -> bool {
        let same = |it: &&Binding| it.giver == binding.giver && it.beneficiary == binding.beneficiary;
        let counts = |it: &Binding| it.no != binding.no && it.counts(self.at);
        !binding.counts(self.at) && self.facts.bindings.values().filter(same).any(counts)
    }

    /// Whether one binding may pay here and now, and from which purse how much; or why not.
    ///
    /// # Errors
    /// [`Silent`] where the law says nothing.
    pub fn judge(&self, binding: &Binding) -> Result<Judgement, Silent> {
        let (law, day) = (self.parameters(), self.place.day);
        if let Some(reason) = status_reason(binding, self.at) {
            return Ok(Err((reason, None)));
        }
        if let Some(reason) = self.giver_reason(binding)? {
            return Ok(Err(reason));
        }
        if let Some(cite) = no_longer_allowed(law, binding, day)? {
            return Ok(Err((Reason::BindingNeedsDecision { binding: binding.no }, Some(cite))));
        }
        let reach = reach(&self.law.policies, binding.giver_area, self.patient_area, day)?;
        if !reach.open {
            let reason = Reason::RegionNotCovered {
                giver_area: binding.giver_area,
                beneficiary_area: self.patient_area,
                opens: None,
            };
            return Ok(Err((reason, Some(reach.cite))));
        }
        let purposes = law.payable_purposes.on(self.patient_area, day)?;
        if !purposes.value.contains(&self.place.purpose) {
            return Ok(Err((Reason::PurposeNotPayable { area: self.patient_area }, Some(purposes.cite))));
        }
        let credential = law.giver_credential.on(self.place.area, day)?;
        if *credential.value && !self.shown.contains(&binding.giver) {
            let reason = Reason::GiverCodeRequired { giver: binding.giver, area: self.place.area };
            return Ok(Err((reason, Some(credential.cite))));
        }
        self.usable(binding)
    }

    fn giver_reason(&self, binding: &Binding) -> Result<Option<(Reason, Option<Cite>)>, Silent> {
        let giver = binding.giver;
        let today = self.at.day();
        if let Some(on) = self.facts.persons.get(&giver).and_then(|it| it.died) {
            return Ok(Some((Reason::PersonDead { person: giver, on }, None)));
        }
        let blocks = self.parameters().giver_blocks_use.on(binding.giver_area, self.place.day)?;
        let enrolment = self.facts.enrolment_in(giver, crate::words::Scheme::Employee, today);
        let found = crate::enrol::blocked(enrolment, blocks.value, today);
        Ok(found.map(|(_, since)| (Reason::GiverPaused { giver, since }, Some(blocks.cite))))
    }

    fn usable(&self, binding: &Binding) -> Result<Judgement, Silent> {
        let year = self.at.day().year();
        let account = match binding.mode {
            Mode::Live => Account::Personal(binding.giver, binding.giver_area),
            Mode::Quota => Account::Quota(binding.no),
            Mode::Pool | Mode::Wallet => {
                let reason = Reason::ModeNotServed { area: binding.giver_area, mode: binding.mode };
                return Ok(Err((reason, None)));
            }
        };
        let balance = balance_of(self.facts, account, year);
        let live = binding.mode == Mode::Live;
        let share = shareable(self.parameters(), binding.giver_area, self.place.day, balance, year)?;
        let held = Shareable { usable: balance.whole(), kept: None, prior_only: false, cite: share.cite };
        let Shareable { usable, kept, prior_only, cite } = if live { share } else { held };
        let giver = binding.giver;
        let reason = match (balance.whole().is_zero(), usable.is_zero()) {
            (true, _) if live => Some(Reason::BalanceZero { giver }),
            (true, _) => Some(Reason::QuotaUsedUp { giver }),
            (false, true) => {
                let why = kept.unwrap_or(UsableWhy::PriorOnly);
                Some(Reason::UsableZero { giver, balance: balance.whole(), usable, why })
            }
            (false, false) => None,
        };
        if let Some(reason) = reason {
            return Ok(Err((reason, Some(cite))));
        }
        let room = || binding.limits.room(self.facts.usage.get(&binding.no), self.at.day());
        let cap = if self.limited { room() } else { None };
        if let Some((room, kind)) = cap.filter(|(room, _)| room.is_zero()) {
            return Ok(Err((Reason::CapReached { giver, kind, room }, None)));
        }
        let usable = cap.map_or(usable, |(room, _)| usable.min(room));
        let (owner, area) = (giver, binding.giver_area);
        let purse =
            Purse { account, owner, area, binding: Some(binding.no), balance, usable, kept, cap, prior_only };
        Ok(Ok((purse, cite)))
    }
}

/// How much of a giver's account can be shared.
#[derive(Debug, Clone, Copy)]
pub struct Shareable {
    /// So much.
    pub usable: Fen,
    /// What keeps the rest back.
    pub kept: Option<UsableWhy>,
    /// Only prior-year money.
    pub prior_only: bool,
    /// What says so.
    pub cite: Cite,
}

/// How much of a balance the giver's area lets a giver share: all or the prior-year part, above the floor.
///
/// # Errors
/// [`Silent`] where the law says nothing.
pub fn shareable(
    law: &Parameters,
    area: Area,
    day: Day,
    balance: Balance,
    year: i16,
) -> Result<Shareable, Silent> {
    let part = law.shared_part.on(area, day)?;
    let floor = law.floor.on(area, day)?;
    let prior_only = *part.value == SharedPart::Prior;
    let whole = balance.whole();
    let shared = if prior_only { balance.prior_in(year) } else { whole };
    let room = whole.less(floor.value.0);
    let (kept, cite) = match (shared < whole, room < whole) {
        (true, true) => (Some(UsableWhy::Both(floor.value.0)), floor.cite),
        (true, false) => (Some(UsableWhy::PriorOnly), part.cite),
        (false, true) => (Some(UsableWhy::Floor(floor.value.0)), floor.cite),
        (false, false) => (None, floor.cite),
    };
    Ok(Shareable { usable: shared.min(room), kept, prior_only, cite })
}

/// What came of judging a binding: a purse, or the reason why not; each with the value of the law that says so.
pub type Judgement = Result<(Purse, Cite), (Reason, Option<Cite>)>;

/// Why a binding is not in force at a moment, if it is not.
pub fn status_reason(binding: &Binding, at: Moment) -> Option<Reason> {
    Some(match binding.status(at) {
        Status::InForce => return None,
        Status::Awaiting(who, until) => {
            Reason::ConfirmationPending { waiting: binding.person_on(who), until, binding: binding.no }
        }
        Status::Lapsed(until) => Reason::ConfirmationLapsed { until },
        Status::InReview(since) => Reason::ReviewPending { since, binding: binding.no },
        Status::Refused => Reason::BindingRefused { binding: binding.no },
        Status::NotYet(from) => Reason::NotYetEffective { from },
        Status::Ended(since) => Reason::BindingExpired { giver: binding.giver, since },
        Status::NeedsDecision => Reason::BindingNeedsDecision { binding: binding.no },
        Status::OnHold(since) => Reason::BindingOnHold { giver: binding.giver, since },
    })
}

/// What a binding is at a moment by the law of that day: one in force, or to come, that the law no longer allows needs a
/// decision for as long as that is the law (R-D8).
///
/// # Errors
/// [`Silent`] where the law says nothing of relations.
pub fn status_under(law: &Parameters, binding: &Binding, at: Moment) -> Result<Status, Silent> {
    let status = binding.status(at);
    let stands = matches!(status, Status::InForce | Status::NotYet(_));
    let stopped = stands && no_longer_allowed(law, binding, at.day())?.is_some();
    Ok(if stopped { Status::NeedsDecision } else { status })
}

/// The value of the law of a day that no longer allows the relation of a binding, where one does (R-D8).
fn no_longer_allowed(law: &Parameters, binding: &Binding, day: Day) -> Result<Option<Cite>, Silent> {
    let relations = law.relations.on(binding.giver_area, day)?;
    Ok((!relations.value.contains(&binding.relation)).then_some(relations.cite))
}

/// The place in the beneficiary's order; who was given none comes after all who were.
fn rank(binding: &Binding) -> u32 {
    if binding.rank == 0 { u32::MAX } else { u32::from(binding.rank) }
}

/// Days after which a binding that ended is no longer worth a word at the counter.
const FORGOTTEN_DAYS: i32 = 90;

fn is_forgotten(reason: &Reason, at: Moment) -> bool {
    let long_ago = |day: Day| at.day().days_since(day) > FORGOTTEN_DAYS;
    if let Reason::BindingExpired { since, .. } = reason {
        return long_ago(since.day());
    }
    if let Reason::ConfirmationLapsed { until } = reason {
        return long_ago(*until);
    }
    matches!(reason, Reason::BindingRefused { .. })
}
