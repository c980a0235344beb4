//! Personal accounts: credits, taking one back, what there is and what can be shared of it, entries.

use super::call::{Answer, Answered, Asking, Call};
use super::paging::{Paged, by_turn};
use super::people::{Touched, Who, of_person};
use super::problem::{ReasonView, reasons};
use super::telling::{AreaRef, PersonRef, Teller};
use super::wire::{Instant, SignedYuan, Yuan};
use domain::asking::{at_home, kept_back};
use domain::binding::Binding;
use domain::decision::Turn;
use domain::ids::PersonNo;
use domain::ledger::{Account, Balance, Entry};
use domain::money::Fen;
use domain::purses::returned;
use domain::reason::Reason;
use domain::request::{Body, Credit, TakeBack};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Page, Query};
use utoipa::ToSchema;

/// Money for an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCredit {
    /// Whose.
    person: Who,
    /// As money of earlier years, when accounts are taken over.
    #[serde(default = "nothing")]
    prior: Yuan,
    /// As money of this year.
    #[serde(default = "nothing")]
    current: Yuan,
}

/// A credit that was wrong.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTakeBack {
    /// Whose.
    person: Who,
    /// How much was credited wrongly; what is already spent of it is owed.
    amount: Yuan,
}

/// What a person has, and what of it others can spend.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// Whose.
    person: PersonRef,
    /// Personal accounts, one for each area that holds one.
    accounts: Vec<BalanceView>,
    /// What is earmarked for one beneficiary each.
    held: Vec<HeldView>,
    /// Bindings by which others spend this person's money.
    given: Vec<UsableView>,
    /// Bindings by which this person spends others' money.
    received: Vec<UsableView>,
}

/// A personal account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BalanceView {
    /// In whose books.
    area: AreaRef,
    /// Money of earlier years.
    prior: Yuan,
    /// Money of this year.
    current: Yuan,
    /// Both.
    total: Yuan,
}

/// Money earmarked by a binding in mode quota.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HeldView {
    /// The binding.
    binding: u64,
    /// For whom.
    beneficiary: PersonRef,
    /// Money of earlier years.
    prior: Yuan,
    /// Money of this year.
    current: Yuan,
    /// Both.
    total: Yuan,
}

/// What a binding is worth now, at home and with every code shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UsableView {
    /// The binding.
    binding: u64,
    /// Whose money.
    giver: PersonRef,
    /// Who may spend it.
    beneficiary: PersonRef,
    /// How much can be spent now.
    usable: Yuan,
    /// Why nothing can be spent, or why not everything.
    reasons: Vec<ReasonView>,
}

/// An entry of an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EntryView {
    /// The decision that made it.
    serial: u64,
    /// When.
    at: Instant,
    /// `personal`, or `quota` with its binding.
    account: String,
    /// The binding, for a quota.
    binding: Option<u64>,
    /// In whose books, for a personal account.
    area: Option<AreaRef>,
    /// `prior`, or the year that the money belongs to.
    part: String,
    /// What the account gains.
    amount: SignedYuan,
}

/// Entries, latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EntriesView {
    entries: Vec<EntryView>,
    /// The cursor of the next page, if there is one.
    next: Option<String>,
}

fn nothing() -> Yuan {
    Yuan(Fen::ZERO)
}

impl AccountView {
    pub(crate) fn of(teller: &Teller<'_>, person: PersonNo) -> AccountView {
        let (_, after) = returned(teller.facts, teller.at);
        let facts = after.as_ref().unwrap_or(teller.facts);
        let (mut accounts, mut held) = (Vec::new(), Vec::new());
        for (account, balance) in &facts.purses {
            match account {
                Account::Personal(owner, area) if *owner == person => {
                    let (prior, current, total) = parts(*balance, teller);
                    accounts.push(BalanceView { area: teller.area(*area), prior, current, total });
                }
                Account::Quota(no) => {
                    let (prior, current, total) = parts(*balance, teller);
                    let mine = facts.bindings.get(no).filter(|it| it.giver == person && total.0 > Fen::ZERO);
                    held.extend(mine.map(|it| HeldView {
                        binding: no.0,
                        beneficiary: teller.person(it.beneficiary),
                        prior,
                        current,
                        total,
                    }));
                }
                Account::Personal(..)
                | Account::Fund(..)
                | Account::Institution(_)
                | Account::Interarea(..)
                | Account::Intake(_)
                | Account::Receivable(..) => {}
            }
        }
        let usable = |it: &Binding| UsableView::of(teller, it);
        AccountView {
            person: teller.person(person),
            accounts,
            held,
            given: teller.facts.bindings_by(person).map(usable).collect(),
            received: teller.facts.bindings_for(person).map(usable).collect(),
        }
    }
}

fn parts(balance: Balance, teller: &Teller<'_>) -> (Yuan, Yuan, Yuan) {
    let year = teller.at.day().year();
    (Yuan(balance.prior_in(year)), Yuan(balance.current_in(year)), Yuan(balance.whole()))
}

impl UsableView {
    fn of(teller: &Teller<'_>, binding: &Binding) -> UsableView {
        let judged = at_home(teller.facts, teller.law, teller.at, binding);
        let (usable, list) = match judged {
            Ok(Ok((purse, _))) => (purse.usable, kept_back(&purse)),
            Ok(Err((reason, _))) => (Fen::ZERO, vec![reason]),
            Err(silent) => (Fen::ZERO, vec![Reason::NoPolicy(silent)]),
        };
        UsableView {
            binding: binding.no.0,
            giver: teller.person(binding.giver),
            beneficiary: teller.person(binding.beneficiary),
            usable: Yuan(usable),
            reasons: reasons(&list, teller),
        }
    }
}

impl EntryView {
    fn of(teller: &Teller<'_>, turn: Turn, entry: &Entry) -> EntryView {
        let (account, binding, area) = match entry.account {
            Account::Quota(no) => ("quota", Some(no.0), None),
            Account::Personal(_, area) => ("personal", None, Some(teller.area(area))),
            Account::Fund(..)
            | Account::Institution(_)
            | Account::Interarea(..)
            | Account::Intake(_)
            | Account::Receivable(..) => ("other", None, None),
        };
        EntryView {
            serial: turn.serial.0,
            at: Instant::of(turn.at),
            account: account.to_owned(),
            binding,
            area,
            part: part_word(entry.part),
            amount: SignedYuan(entry.amount),
        }
    }
}

/// A year-part as a word: `prior`, or its year.
pub(crate) fn part_word(part: domain::ledger::Part) -> String {
    match part {
        domain::ledger::Part::Prior => "prior".to_owned(),
        domain::ledger::Part::Year(year) => year.to_string(),
    }
}

/// `POST /accounts/credits`.
pub(crate) async fn credit(call: Call) -> Answered {
    let sent: NewCredit = call.body()?;
    let person = call.lookup(&sent.person, "person").await?;
    call.reaches(person, Touched::Account).await?;
    let body = Body::Credit(Credit { person, prior: sent.prior.0, current: sent.current.0 });
    let asking = Asking::to(call.operator(), body).creating();
    call.submit(&sent, asking, move |teller, _| {
        teller.facts.person_by(person).map(|it| AccountView::of(teller, it.no))
    })
    .await
}

/// `POST /accounts/take-backs`.
pub(crate) async fn take_back(call: Call) -> Answered {
    let sent: NewTakeBack = call.body()?;
    let person = call.lookup(&sent.person, "person").await?;
    call.reaches(person, Touched::Account).await?;
    let body = Body::TakeBack(TakeBack { person, amount: sent.amount.0 });
    let asking = Asking::to(call.operator(), body).creating();
    call.submit(&sent, asking, move |teller, _| {
        teller.facts.person_by(person).map(|it| AccountView::of(teller, it.no))
    })
    .await
}

/// `GET /persons/{no}/account`.
pub(crate) async fn show(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    Ok(Answer::ok(&AccountView::of(&seen.teller(call.viewer(), &call.app), person)))
}

/// `GET /persons/{no}/entries`.
pub(crate) async fn entries(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let facts = &seen.rows.facts;
    let mine = |account: &&Account| match account {
        Account::Personal(owner, _) => *owner == person,
        Account::Quota(no) => facts.bindings.get(no).is_some_and(|it| it.giver == person),
        Account::Fund(..)
        | Account::Institution(_)
        | Account::Interarea(..)
        | Account::Intake(_)
        | Account::Receivable(..) => false,
    };
    let accounts: BTreeSet<Account> = facts.purses.keys().filter(mine).copied().collect();
    let query = |before, limit| Query::Entries { owner: person, accounts: accounts.clone(), before, limit };
    let read = |page| if let Page::Entries(found) = page { Some(found) } else { None };
    let Paged { rows, next } = by_turn(&call, query, read, |(turn, _)| *turn).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let entries = rows.iter().map(|(turn, entry)| EntryView::of(&teller, *turn, entry)).collect();
    Ok(Answer::ok(&EntriesView { entries, next }))
}
