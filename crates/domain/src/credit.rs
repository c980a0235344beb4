//! Credits to personal accounts, and taking back a wrong one (R-A1, R-E14, R-E16).

use crate::decision::{Answer, Case, Changes, Decision, balance_of};
use crate::ids::{Area, Lookup, PersonNo};
use crate::ledger::{Account, Entry, Journal, Part};
use crate::money::{Fen, Total};
use crate::purses::returned;
use crate::reason::Reason;
use crate::request::{Credit, TakeBack};
use crate::visit::refuse;
use crate::words::PartOrder;

/// Decides [`Credit`]: money of this year, and of earlier years when accounts are taken over.
pub(crate) fn credit(case: Case<'_>, it: &Credit) -> Decision {
    let journal = find_account(case, it.person).and_then(|(person, area)| {
        let year = Part::Year(case.today().year());
        let sum = it.prior.plus(it.current).filter(|it| !it.is_zero());
        let sum = sum.ok_or(Reason::AmountOutOfRange { field: "amount".to_owned() })?;
        let account = Account::Personal(person, area);
        let entry = |account, part, amount| Entry { account, part, amount };
        let entries = vec![
            entry(Account::Intake(area), Part::Prior, Total::debit(sum)),
            entry(account, Part::Prior, Total::credit(it.prior)),
            entry(account, year, Total::credit(it.current)),
        ];
        let room = balance_of(case.facts, account, case.today().year()).whole().plus(sum);
        room.ok_or(Reason::AmountOutOfRange { field: "amount".to_owned() })?;
        Ok(Journal::new(entries).expect("the account gains what the intake gives"))
    });
    posted(journal)
}

/// Decides [`TakeBack`]: what is still there leaves the account, the rest is owed; nothing goes below zero.
pub(crate) fn take_back(case: Case<'_>, it: &TakeBack) -> Decision {
    let (came_back, after) = returned(case.facts, case.turn.at);
    let case = Case { facts: after.as_ref().unwrap_or(case.facts), ..case };
    let journal = find_account(case, it.person).and_then(|(person, area)| {
        if it.amount.is_zero() {
            return Err(Reason::AmountOutOfRange { field: "amount".to_owned() });
        }
        let account = Account::Personal(person, area);
        let year = case.today().year();
        let parts = balance_of(case.facts, account, year).take(it.amount, PartOrder::CurrentFirst, year);
        let there: Fen = parts.iter().map(|(_, amount)| *amount).sum();
        let taken =
            |(part, amount): &(Part, Fen)| Entry { account, part: *part, amount: Total::debit(*amount) };
        let mut entries: Vec<Entry> = parts.iter().map(taken).collect();
        let plain = |account, amount| Entry { account, part: Part::Prior, amount };
        entries.push(plain(Account::Receivable(person, area), Total::debit(it.amount.less(there))));
        entries.push(plain(Account::Intake(area), Total::credit(it.amount)));
        Ok(Journal::new(entries).expect("the intake gains what the account gives and its owner owes"))
    });
    posted(journal.map(|it| match came_back {
        Some(first) => first.and(it),
        None => it,
    }))
}

/// The account of a person's latest enrolment that carries one.
fn find_account(case: Case<'_>, person: Lookup) -> Result<(PersonNo, Area), Reason> {
    case.operator_only()?;
    let person = case.person(person, "person")?;
    let carrying = case.facts.enrolments_of(person.no).filter(|it| it.account);
    let latest = carrying.max_by_key(|it| it.from).ok_or(Reason::AccountUnknown {})?;
    Ok((person.no, latest.area))
}

fn posted(journal: Result<Journal, Reason>) -> Decision {
    match journal {
        Ok(journal) => {
            let changes = Changes { journal: Some(journal), ..Changes::default() };
            Decision::done(Answer::Done, changes, Vec::new())
        }
        Err(reason) => refuse(reason),
    }
}
