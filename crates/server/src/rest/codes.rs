//! Medical codes as people call them up: their own, of minors they act for, a linked relative's (亲情账户, R-F1), a
//! giver's where both codes are shown (R-E2); and the list of those that somebody can call up.

use super::call::{Answer, Answered, Call};
use super::people::Who;
use super::problem::Problem;
use super::telling::{PersonRef, Teller};
use super::wire::{Instant, words};
use crate::codes::{self, SHOWN_MS};
use domain::binding::Status;
use domain::credential::SpeaksOf;
use domain::facts::Facts;
use domain::ids::{Lookup, PersonNo};
use domain::needs::Needs;
use domain::words::Relation;
use serde::{Deserialize, Serialize};
use store::{Page, Query};
use utoipa::ToSchema;

/// A code to be shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeWanted {
    /// Whose; by default the caller's own.
    of: Option<Who>,
}

/// A code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CodeView {
    /// Twenty-eight digits, to be shown as a QR code and as a number.
    #[schema(example = "0000000000000000000000000000")]
    code: String,
    #[serde(flatten)]
    shown: ShownView,
    /// Until when an institution may take it.
    until: Instant,
    /// After how many seconds another one is due.
    refresh_seconds: i64,
}

/// Whose codes the caller can call up: their own first, then the patients', then the givers'.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CodesView {
    codes: Vec<ShownView>,
}

/// Whose code the caller can call up, and what it proves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ShownView {
    /// Whose it is.
    of: PersonRef,
    /// What they are to the caller, in words: 妈妈.
    #[schema(example = "妈妈")]
    called: String,
    /// Why the caller can show it: `own`, `minor` (the caller acts for them), `family_code` or `giver`.
    because: &'static str,
    /// What they are to the caller, where a link or a binding says so.
    relation: Option<words::Relation>,
    /// `patient`: it proves who the patient is, and spends the patient's own benefits. `giver`: it is shown beside the
    /// patient's own, and proves only that the giver's account may pay.
    speaks_of: &'static str,
    /// Of a giver's: whether the area that insures the caller wants it beside the patient's own (R-E2).
    needed: bool,
}

/// Why somebody can show a code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Because {
    Own,
    Minor,
    FamilyCode,
    Giver,
}

impl Because {
    fn word(self) -> &'static str {
        match self {
            Because::Own => "own",
            Because::Minor => "minor",
            Because::FamilyCode => "family_code",
            Because::Giver => "giver",
        }
    }

    /// What the code proves.
    fn speaks_of(self) -> SpeaksOf {
        if self == Because::Giver { SpeaksOf::Giver } else { SpeaksOf::Patient }
    }
}

/// `GET /medical-codes`.
pub(crate) async fn list(call: Call) -> Answered {
    let caller = caller(&call)?;
    let Page::ShownBy(shown) = call.app.store.page(&Query::ShownBy(caller)).await? else {
        return Err(Problem::busy());
    };
    let persons = shown.into_iter().chain([caller]).collect();
    let seen = call.see(Needs { persons, ..Needs::default() }).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let mut found: Vec<(Because, PersonNo)> =
        teller.facts.persons.keys().filter_map(|it| Some((because(&teller, caller, *it)?, *it))).collect();
    found.sort();
    let codes = found.into_iter().map(|(because, of)| ShownView::of(&teller, caller, of, because)).collect();
    Ok(Answer::ok(&CodesView { codes }))
}

/// `POST /medical-codes`.
pub(crate) async fn show(call: Call) -> Answered {
    let sent: CodeWanted = call.body()?;
    let caller = caller(&call)?;
    let own = call.lookup_of(caller, "of").await?;
    let holder = match &sent.of {
        Some(who) => holder(&call, who).await?,
        None => own,
    };
    let seen = call.see(Needs { lookups: [own, holder].into(), ..Needs::default() }).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let of = teller.facts.person_by(holder).map(|it| it.no);
    let allowed = of.and_then(|of| Some((of, because(&teller, caller, of)?)));
    let (of, because) = allowed.ok_or_else(not_theirs)?;
    let (code, until) = codes::show(&call.app, holder, because.speaks_of()).await?;
    Ok(Answer::ok(&CodeView {
        code,
        shown: ShownView::of(&teller, caller, of, because),
        until: Instant::of(until),
        refresh_seconds: SHOWN_MS / 1_000,
    }))
}

fn caller(call: &Call) -> Result<PersonNo, Problem> {
    call.token.person.ok_or_else(|| Problem::forbidden("Only a citizen calls up medical codes."))
}

/// What the person is found by. Whoever is unknown is told like whoever is not theirs to show.
async fn holder(call: &Call, who: &Who) -> Result<Lookup, Problem> {
    match who.by_number() {
        Some(no) => call.lookup_known(no).await?.ok_or_else(not_theirs),
        None => call.lookup(who, "of").await,
    }
}

fn not_theirs() -> Problem {
    Problem::forbidden(
        "Of yourself, of minors you act for, of relatives with a family code link, and of givers who bound you.",
    )
}

impl ShownView {
    fn of(teller: &Teller<'_>, caller: PersonNo, of: PersonNo, because: Because) -> ShownView {
        let relation = relation(teller.facts, caller, of, because);
        ShownView {
            of: teller.person(of),
            called: called(teller, of, because, relation),
            because: because.word(),
            relation: relation.map(words::Relation),
            speaks_of: match because.speaks_of() {
                SpeaksOf::Patient => "patient",
                SpeaksOf::Giver => "giver",
            },
            needed: because == Because::Giver && wants_both(teller, caller),
        }
    }
}

/// Why a caller can show somebody's code; `None` where they may not.
fn because(teller: &Teller<'_>, caller: PersonNo, of: PersonNo) -> Option<Because> {
    let (facts, at) = (teller.facts, teller.at);
    let person = facts.persons.get(&of)?;
    if person.died.is_some() {
        return None;
    }
    if caller == of {
        return Some(Because::Own);
    }
    if person.guardian_on(at.day()) == Some(caller) {
        return Some(Because::Minor);
    }
    if facts.links.get(&(caller, of)).is_some_and(|it| it.exists(at)) {
        return Some(Because::FamilyCode);
    }
    let mut given = facts.bindings_for(caller).filter(|it| it.giver == of);
    given.any(|it| it.status(at) == Status::InForce).then_some(Because::Giver)
}

/// What somebody is to the caller, by a link first, then by a binding in either direction.
fn relation(facts: &Facts, caller: PersonNo, of: PersonNo, because: Because) -> Option<Relation> {
    let linked = facts.links.get(&(caller, of)).map(|it| it.relation);
    let gives = facts.bindings_for(caller).find(|it| it.giver == of).map(|it| it.relation.reversed());
    let takes = facts.bindings_for(of).find(|it| it.giver == caller).map(|it| it.relation);
    linked.or(gives).or(takes).filter(|_| because != Because::Own)
}

fn called(teller: &Teller<'_>, of: PersonNo, because: Because, relation: Option<Relation>) -> String {
    let sex = teller.facts.persons.get(&of).map(|it| it.sex);
    let word = match (relation, sex) {
        (Some(relation), Some(sex)) => format!("{}_{}", relation.word(), sex.word()),
        _ if because == Because::Own => "self".to_owned(),
        _ => "minor".to_owned(),
    };
    teller.reader().texts.get(&format!("words.called.{word}")).to_owned()
}

/// Whether the area that insures somebody wants the giver's code beside the patient's own (R-E2).
fn wants_both(teller: &Teller<'_>, person: PersonNo) -> bool {
    let today = teller.at.day();
    let area = teller.facts.enrolment_on(person, today).map(|it| it.area);
    let law = &teller.law.policies.parameters;
    area.is_some_and(|it| law.giver_credential.on(it, today).is_ok_and(|it| *it.value))
}
