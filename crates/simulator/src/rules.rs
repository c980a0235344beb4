//! The rules again, by hand and from another side: what a settlement, a cancellation, a binding may never look like.

use crate::audit::Seen;
use crate::codes;
use domain::binding::{Binding, Limits, Stage};
use domain::credential::Credential;
use domain::day::Moment;
use domain::decision::Changes;
use domain::facts::{Draw, Facts, Settlement, TallyKey};
use domain::fund::Tally;
use domain::ids::{Area, BindingNo, PersonNo};
use domain::ledger::{Account, Part};
use domain::money::Fen;
use domain::people::FamilyLink;
use domain::request::{Actor, BindingEvent, Body};
use domain::words::{Purpose, Relation, Scheme, Standing};
use std::collections::BTreeMap;
use store::Record;

type Wrong = Result<(), String>;

/// Money by owner and year-part.
type ByOwner = BTreeMap<(PersonNo, Part), i64>;

const TAIYUAN: u32 = 140_100;
const NANNING: u32 = 450_100;
const JIANGSU: u32 = 320_000;

fn demand(yes: bool, what: impl FnOnce() -> String) -> Wrong {
    if yes { Ok(()) } else { Err(what()) }
}

/// Every rule that a record can be held against.
///
/// # Errors
/// The first that is broken.
pub fn check(seen: &Seen<'_>) -> Wrong {
    let Some(changes) = seen.record.decision.changes() else { return Ok(()) };
    codes::check(seen)?;
    for settlement in &changes.settlements {
        match (seen.before.settlements.get(&settlement.no), settlement.undoes) {
            (None, None) => made(seen, changes, settlement)?,
            (None, Some(_)) => unmade(seen, settlement)?,
            (Some(before), _) => {
                let marked = Settlement { undone_by: settlement.undone_by, ..before.clone() };
                demand(marked == *settlement && before.undone_by.is_none(), || {
                    format!("settlement {} was edited", settlement.no)
                })?;
            }
        }
    }
    links(seen, changes)?;
    reviews(seen, changes)?;
    remains(seen, changes)?;
    crate::stays::check(seen)?;
    crate::proxies::check(seen)?;
    crate::packs::check(seen)?;
    tallies(seen, changes)?;
    if changes.journal.is_some() { owners(seen, changes) } else { Ok(()) }
}

/// Nobody shows more than six others' codes (R-F2), and nobody's without their word, or their guardian's (R-F1).
fn links(seen: &Seen<'_>, changes: &Changes) -> Wrong {
    let at = seen.record.turn.at;
    changes.links.iter().try_for_each(|it| {
        let held = seen.after.links.values().filter(|other| other.holder == it.holder);
        let is_shown = |it: &FamilyLink| it.confirm_by.is_none() && it.until.is_none_or(|end| at < end);
        let shown = held.filter(|other| other.since <= at && is_shown(other)).count();
        demand(shown <= 6, || format!("{} shows {shown} codes", it.holder.0))?;
        let before = seen.before.links.get(&(it.holder, it.member)).is_some_and(is_shown);
        let member = seen.before.persons.get(&it.member);
        let minor = member.filter(|it| at.day().age_of(it.born) < 18);
        let theirs = minor.and_then(|it| it.guardian).unwrap_or(it.member);
        let agreed = match seen.record.request.actor {
            Actor::Operator { .. } => true,
            Actor::Citizen(by) | Actor::Clerk { person: by, .. } => by == theirs,
            Actor::Institution(_) => false,
        };
        demand(!is_shown(it) || before || agreed, || format!("{}'s code is shown unasked", it.member.0))
    })
}

/// What was in review is decided by the agency, never by who started it at a window, and never refused without a
/// reason (R-D2).
fn reviews(seen: &Seen<'_>, changes: &Changes) -> Wrong {
    changes.bindings.iter().filter(|it| review_ended(seen.before, it)).try_for_each(|it| {
        let somebody_else = match seen.record.request.actor {
            Actor::Operator { .. } => true,
            Actor::Clerk { clerk, .. } => it.started.clerk.is_none_or(|by| by.bearer != clerk.bearer),
            Actor::Citizen(_) | Actor::Institution(_) => false,
        };
        demand(somebody_else, || format!("binding {} is reviewed by who may not", it.no))?;
        let is_said = it.reviewed.is_some_and(|how| it.stage == Stage::Agreed || how.why.is_some());
        demand(is_said, || format!("the review of binding {} ended unsaid", it.no))
    })
}

/// Whether the binding was in review before and is decided now.
fn review_ended(before: &Facts, it: &Binding) -> bool {
    let waited = before.bindings.get(&it.no).is_some_and(|it| it.in_review_since().is_some());
    waited && matches!(it.stage, Stage::Agreed | Stage::ReviewRefused)
}

/// A settlement: amounts that add up, purses that may pay, a batch of its own.
fn made(seen: &Seen<'_>, changes: &Changes, it: &Settlement) -> Wrong {
    amounts(seen, it)?;
    served(seen, it)?;
    let fund_and_accounts = it.shared.fund().plus(it.accounts());
    let gains: i64 = journal(changes)
        .filter(|(account, ..)| *account == Account::Institution(it.institution))
        .map(|(.., it)| it)
        .sum();
    let returned: i64 = changes
        .settlements
        .iter()
        .filter(|other| other.undoes.is_some())
        .map(|other| other.shared.fund().get() + other.accounts().get())
        .sum();
    demand(fund_and_accounts.map(Fen::get) == Some(gains + returned), || {
        format!("the institution gains {gains}, funds and accounts give {fund_and_accounts:?}")
    })?;
    let live = |other: &&Settlement| {
        other.visit == it.visit
            && other.batch == it.batch
            && other.undoes.is_none()
            && other.undone_by.is_none()
    };
    let count = seen.after.settlements.values().filter(live).count();
    let stay = it.purpose == Purpose::Inpatient;
    demand(count == 1 || stay, || {
        format!("batch {} of visit {} is settled {count} times", it.batch, it.visit)
    })?;
    if stay {
        let took = crate::stays::took(seen.after, it);
        demand(took == it.shared.total.get(), || format!("it took lines of {took} fen"))?;
        return it.draws.iter().try_for_each(|draw| drawn(seen, it, draw));
    }
    let batch = seen.after.batches.get(&(it.visit, it.batch.clone()));
    demand(batch.is_some_and(|batch| batch.settled == Some(it.no)), || {
        "its batch does not know it".to_owned()
    })?;
    let costs: i64 = batch.iter().flat_map(|it| &it.lines).map(|it| it.cost.get()).sum();
    demand(costs == it.shared.total.get(), || "its lines do not add up to its total".to_owned())?;
    it.draws.iter().try_for_each(|draw| drawn(seen, it, draw))
}

/// Of a day on which its institution is suspended, or not designated, nothing is settled, then or later (R-L1). What remains
/// of a partial refund was settled before.
fn served(seen: &Seen<'_>, it: &Settlement) -> Wrong {
    if !matches!(seen.record.request.body, Body::Settle(_)) {
        return Ok(());
    }
    let place = seen.before.institutions.get(&it.institution).ok_or("a place nobody knows settled it")?;
    let day = it.service_day;
    let holds = |from, to: Option<_>| from <= day && to.is_none_or(|last| day <= last);
    let suspended = place.suspensions.iter().find(|it| holds(it.from, it.to));
    demand(suspended.is_none(), || format!("{} was suspended on {day}: {suspended:?}", it.institution))?;
    let designated = place.designations.iter().any(|(from, to)| holds(*from, *to));
    demand(designated, || format!("{} was not designated on {day}", it.institution))
}

/// total = fund + personal + hospital's part (there is none); personal = accounts + cash; accounts = own + shared.
fn amounts(seen: &Seen<'_>, it: &Settlement) -> Wrong {
    let shared = &it.shared;
    let sum = |parts: &[Fen]| -> i64 { parts.iter().map(|it| it.get()).sum() };
    let four = sum(&[shared.full_self, shared.over_limit, shared.first_pay, shared.in_scope]);
    let total = shared.total.get();
    demand(four == total, || format!("the four amounts add up to {four} of {total}"))?;
    let paid = sum(&[shared.basic, shared.large, it.accounts(), it.cash]);
    demand(paid == total, || format!("funds, accounts and cash pay {paid} of {total}"))?;
    let own: i64 = it.draws.iter().filter(|it| it.binding.is_none()).map(|it| it.amount().get()).sum();
    let both = own + it.from_relatives().get();
    demand(both == it.accounts().get(), || "accounts are not own and shared".to_owned())?;
    // Residents of Nanning: no deductible, no ceiling, half of what is in scope, half up to the fen (R-E17).
    let half = it.area.number() == NANNING && it.scheme == Scheme::Resident && it.purpose == Purpose::Medical;
    let expected = (shared.in_scope.get() + 1) / 2;
    demand(!half || shared.fund().get() == expected, || {
        format!("the fund pays {:?}, half of {:?} is {expected}", shared.fund(), shared.in_scope)
    })?;
    demand(it.at == seen.record.turn.at, || "it stands at another moment".to_owned())
}

/// A purse that paid was the patient's own, or a relative's under a binding in force that says so.
fn drawn(seen: &Seen<'_>, it: &Settlement, draw: &Draw) -> Wrong {
    let Some(no) = draw.binding else {
        let own = matches!(draw.account, Account::Personal(owner, _) if owner == it.patient);
        return demand(own && draw.owner == it.patient, || format!("{draw:?} is nobody's own"));
    };
    let binding = seen.before.bindings.get(&no).ok_or("a binding nobody knows paid")?;
    let at = seen.record.turn.at;
    demand(in_force(binding, at), || format!("binding {no} is not in force at {at}: {binding:?}"))?;
    let fits = binding.giver == draw.owner && binding.beneficiary == it.patient;
    demand(fits, || format!("binding {no} is not between these two"))?;
    let purse = match draw.account {
        Account::Quota(quota) => quota == no,
        Account::Personal(owner, area) => owner == binding.giver && area == binding.giver_area,
        Account::Fund(..)
        | Account::Institution(_)
        | Account::Interarea(..)
        | Account::Intake(_)
        | Account::Receivable(..) => false,
    };
    demand(purse, || format!("{:?} is not the purse of binding {no}", draw.account))?;
    floor(seen, draw)?;
    giver_shown(seen, it, draw)?;
    limits(seen, binding, draw)
}

fn in_force(binding: &Binding, at: Moment) -> bool {
    binding.stage == Stage::Agreed
        && binding.from <= at
        && binding.end.is_none_or(|it| at < it.at)
        && binding.last_day.is_none_or(|it| at.day() <= it)
        && !binding.needs_decision
        && binding.held.is_none()
}

/// Taiyuan keeps 1,000 yuan in a giver's account.
fn floor(seen: &Seen<'_>, draw: &Draw) -> Wrong {
    let kept = matches!(draw.account, Account::Personal(_, area) if area.number() == TAIYUAN);
    let left = seen.after.purses.get(&draw.account).map_or(0, |it| it.whole().get());
    demand(!kept || left >= 100_000, || format!("only {left} fen stay in a giver's account in Taiyuan"))
}

/// In Guangxi the giver's code or card is shown too; what remains of a partial refund rests on what was shown before.
fn giver_shown(seen: &Seen<'_>, it: &Settlement, draw: &Draw) -> Wrong {
    let place = seen.after.institutions.get(&it.institution).map(|it| it.area);
    if place.map(Area::number) != Some(NANNING) {
        return Ok(());
    }
    let Body::Settle(asked) = &seen.record.request.body else { return Ok(()) };
    let proves =
        |it: &Credential| it.spoiled.is_none() && seen.before.lookups.get(&it.holder) == Some(&draw.owner);
    let shown = asked.giver_credentials.iter().any(proves);
    demand(shown, || "a giver in Guangxi showed nothing and paid".to_owned())
}

/// The limits that the giver set, against everything the binding paid in this month and year. What remains of a
/// partial refund was let through before.
fn limits(seen: &Seen<'_>, binding: &Binding, draw: &Draw) -> Wrong {
    if matches!(seen.record.request.body, Body::RefundPart(_)) {
        return Ok(());
    }
    let today = seen.record.turn.at.day();
    let paid = |same: &dyn Fn(&Settlement) -> bool| -> i64 {
        let live = seen.after.settlements.values().filter(|it| it.undoes.is_none() && it.undone_by.is_none());
        let draws = live.filter(|it| same(it)).flat_map(|it| &it.draws);
        draws.filter(|it| it.binding == Some(binding.no)).map(|it| it.amount().get()).sum()
    };
    let year = paid(&|it| it.at.day().year() == today.year());
    let month = paid(&|it| (it.at.day().year(), it.at.day().month()) == (today.year(), today.month()));
    let set = binding.limits;
    let within = |limit: Option<Fen>, paid: i64| limit.is_none_or(|it| paid <= it.get());
    let all = within(set.per_bill, draw.amount().get())
        && within(set.per_month, month)
        && within(set.per_year, year);
    demand(all, || {
        format!("binding {} paid {month} in the month, {year} in the year, of {set:?}", binding.no)
    })
}

/// What remains of a partial refund draws on the purses of the original, on each at most what it paid; and where they
/// may all still pay, nothing that they paid turns into cash (R-E9).
fn remains(seen: &Seen<'_>, changes: &Changes) -> Wrong {
    let again = changes.settlements.iter().find(|it| it.undoes.is_none() && it.undone_by.is_none());
    let original = changes.settlements.iter().find(|it| it.undoes.is_none() && it.undone_by.is_some());
    let (Some(again), Some(original)) = (again, original) else { return Ok(()) };
    let paid = |of: &Settlement, owner: PersonNo| -> i64 {
        of.draws.iter().filter(|it| it.owner == owner).map(|it| it.amount().get()).sum()
    };
    let more = again.draws.iter().find(|it| paid(again, it.owner) > paid(original, it.owner));
    demand(more.is_none(), || format!("after a partial refund {more:?} pays more than before"))?;
    let shares = |it: &Settlement| [it.shared.full_self, it.shared.over_limit, it.shared.personal()];
    let less = shares(again).iter().zip(shares(original)).all(|(now, before)| *now <= before);
    let can = less && original.draws.iter().all(|it| still_pays(seen, it));
    demand(!can || again.cash <= original.cash, || {
        let (now, before) = (&again.draws, &original.draws);
        format!(
            "after a partial refund {} are due in cash, {} before; {now:?} pay, {before:?} paid",
            again.cash, original.cash
        )
    })
}

/// Whether nothing has happened since that keeps a purse from paying again what it paid.
fn still_pays(seen: &Seen<'_>, draw: &Draw) -> bool {
    let Some(no) = draw.binding else { return true };
    let (facts, at) = (seen.before, seen.record.turn.at);
    let today = at.day();
    let enrolment = facts.enrolment_in(draw.owner, Scheme::Employee, today);
    let normal = enrolment.is_some_and(|it| it.standing(today) == Standing::Normal);
    let alive = facts.persons.get(&draw.owner).is_some_and(|it| it.died.is_none());
    let binding = facts.bindings.get(&no).filter(|it| in_force(it, at) && it.limits == Limits::default());
    normal && alive && binding.is_some_and(|it| it.giver_area.number() != TAIYUAN)
}

/// A cancellation: the amounts of what it undoes, once.
fn unmade(seen: &Seen<'_>, it: &Settlement) -> Wrong {
    let original = it.undoes.and_then(|it| seen.before.settlements.get(&it));
    let original = original.ok_or("it undoes a settlement nobody knows")?;
    let same = original.shared == it.shared && original.draws == it.draws && original.cash == it.cash;
    demand(same, || "it undoes other amounts than were settled".to_owned())?;
    demand(original.undone_by.is_none(), || "it undoes what is undone".to_owned())?;
    let after = seen.after.settlements.get(&original.no).and_then(|it| it.undone_by);
    demand(after == Some(it.no), || "what it undoes does not know it".to_owned())
}

fn journal(changes: &Changes) -> impl Iterator<Item = (Account, Part, i64)> {
    let entries = changes.journal.iter().flat_map(|it| it.entries());
    entries.map(|it| (it.account, it.part, it.amount.get()))
}

/// Every fen that leaves or enters somebody's purses, by owner and year-part, is one that a settlement drew, a
/// cancellation gave back, or the agency credited or took.
fn owners(seen: &Seen<'_>, changes: &Changes) -> Wrong {
    let mut moved = ByOwner::new();
    for (account, part, amount) in journal(changes) {
        let owner = match account {
            Account::Personal(owner, _) => Some(owner),
            Account::Quota(no) => seen.after.bindings.get(&no).map(|it| it.giver),
            Account::Fund(..)
            | Account::Institution(_)
            | Account::Interarea(..)
            | Account::Intake(_)
            | Account::Receivable(..) => None,
        };
        if let Some(owner) = owner {
            *moved.entry((owner, part)).or_insert(0) += amount;
        }
    }
    for it in &changes.settlements {
        let sign = match (seen.before.settlements.contains_key(&it.no), it.undoes) {
            (true, _) => continue,
            (false, Some(_)) => -1,
            (false, None) => 1,
        };
        for draw in &it.draws {
            for (part, amount) in &draw.parts {
                *moved.entry((draw.owner, *part)).or_insert(0) += sign * amount.get();
            }
        }
    }
    let agency = matches!(seen.record.request.body, Body::Credit(_) | Body::TakeBack(_));
    let left = moved.into_iter().find(|(_, amount)| *amount != 0);
    demand(agency || left.is_none(), || format!("money moved that nothing accounts for: {left:?}"))
}

/// What patients have used of deductible and ceiling is what their settlements of the year say.
fn tallies(seen: &Seen<'_>, changes: &Changes) -> Wrong {
    for (key, tally) in changes.tallies.iter().filter(|(key, _)| key.month == 0) {
        let sum = used(seen.after, *key);
        let there = (tally.deductible.get(), tally.in_scope.get(), tally.fund.get(), tally.stays);
        demand(sum == there, || format!("{key:?} says {there:?}, the settlements {sum:?}"))?;
    }
    Ok(())
}

fn used(facts: &Facts, key: TallyKey) -> (i64, i64, i64, u16) {
    let live = facts.settlements.values().filter(|it| it.undoes.is_none() && it.undone_by.is_none());
    let theirs = live.filter(|it| {
        it.patient == key.person
            && it.scheme == key.scheme
            && it.purpose.care() == key.care
            && it.service_day.year() == key.year
    });
    theirs.fold((0, 0, 0, 0), |sum, it| {
        let Tally { deductible, in_scope, fund, stays } = it.shared.tally;
        (sum.0 + deductible.get(), sum.1 + in_scope.get(), sum.2 + fund.get(), sum.3 + stays)
    })
}

/// In Jiangsu a spouse confirms before the binding exists (R-D3), and a quota needs both (R-M2).
///
/// # Errors
/// A binding that exists although nobody confirmed it.
pub fn confirmations(seen: &Seen<'_>, awaited: &mut BTreeMap<BindingNo, bool>) -> Wrong {
    let Some(changes) = seen.record.decision.changes() else { return Ok(()) };
    for binding in &changes.bindings {
        let waits = matches!(binding.stage, Stage::Awaiting { .. });
        *awaited.entry(binding.no).or_insert(false) |= waits;
        let spouse =
            binding.relation == Relation::Spouse && binding.giver_area.province().number() == JIANGSU;
        let own = binding.commitment.version != "taken-over";
        let confirmed = awaited.get(&binding.no).copied().unwrap_or(false);
        demand(confirmed || !own || !spouse || binding.stage != Stage::Agreed, || {
            format!("binding {} exists and the spouse never confirmed", binding.no)
        })?;
    }
    Ok(())
}

/// What a record reached of the places where money is hard to keep track of.
pub fn reached(record: &Record) -> Vec<&'static str> {
    let Some(changes) = record.decision.changes() else { return Vec::new() };
    let made = || changes.settlements.iter().filter(|it| it.undoes.is_none() && it.undone_by.is_none());
    let undone = || changes.settlements.iter().filter(|it| it.undoes.is_some());
    let shared = |it: &Settlement| it.draws.iter().any(|it| it.binding.is_some());
    let quota = |it: &Settlement| it.draws.iter().any(|it| matches!(it.account, Account::Quota(_)));
    let across = journal(changes).any(|(account, ..)| matches!(account, Account::Interarea(..)));
    let both = |it: &Settlement| shared(it) && it.draws.iter().any(|it| it.binding.is_none());
    let earmarked = journal(changes).any(|(account, ..)| matches!(account, Account::Quota(_)));
    let event = if let Body::ChangeBinding(it) = &record.request.body { Some(it.event) } else { None };
    let reached = [
        ("review passed", matches!(event, Some(BindingEvent::Approve(_)))),
        ("review refused", matches!(event, Some(BindingEvent::Reject(_)))),
        ("shared money", made().any(shared)),
        ("own and shared", made().any(both)),
        ("several givers", made().any(|it| it.draws.iter().filter(|it| it.binding.is_some()).count() > 1)),
        ("shared undone", undone().any(shared)),
        ("across areas", across),
        ("quota moved", earmarked),
        ("quota spent", made().any(quota)),
        ("quota undone", undone().any(quota)),
        ("older year undone", undone().any(|it| it.service_day.year() < it.at.day().year())),
    ];
    let reached = reached.into_iter().chain(crate::stays::reached(changes));
    let reached = reached.chain(crate::proxies::reached(changes));
    reached.filter(|(_, it)| *it).map(|(what, _)| what).collect()
}
