//! What the law of a giver's area lets a binding be, asked before one is started: relations, limits, who may start
//! (R-B1, R-D1, R-D5, R-D7).

use super::call::{Answer, Answered, Call};
use super::people::of_person;
use super::problem::Problem;
use super::telling::{AreaRef, SourceView, Teller};
use super::wire::words;
use domain::conditions::giving_from;
use domain::ids::Area;
use domain::policy::Silent;
use domain::reason::Reason;
use domain::words::Relation;
use serde::Serialize;
use utoipa::ToSchema;

/// What a binding by this giver may be today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TermsView {
    /// The giver's area, whose law speaks.
    area: AreaRef,
    /// Every relation, allowed or not.
    relations: Vec<RelationTerm>,
    /// What says which relations are allowed.
    relations_law: SourceView,
    /// Who may start a binding.
    starters: Vec<words::Side>,
    /// What limits the giver may set: `end_date`, `per_bill`, `per_month`, `per_year`.
    limits: Vec<&'static str>,
    /// Whether the giver may choose a later first day.
    start_day_choice: bool,
}

/// A relation, and whether it is allowed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RelationTerm {
    /// What the beneficiary is to the giver.
    relation: words::Relation,
    /// Whether the area allows it today.
    allowed: bool,
}

impl TermsView {
    fn of(teller: &Teller<'_>, area: Area) -> Result<TermsView, Silent> {
        let (law, today) = (&teller.law.policies.parameters, teller.at.day());
        let allowed = law.relations.on(area, today)?;
        let term = |it: &Relation| RelationTerm {
            relation: words::Relation(*it),
            allowed: allowed.value.contains(it),
        };
        Ok(TermsView {
            area: teller.area(area),
            relations: Relation::ALL.iter().map(term).collect(),
            relations_law: teller.source(allowed.cite),
            starters: law.starters.on(area, today)?.value.iter().copied().map(words::Side).collect(),
            limits: law.limits.on(area, today)?.value.iter().map(|it| it.word()).collect(),
            start_day_choice: *law.start_day_choice.on(area, today)?.value,
        })
    }
}

/// `GET /persons/{no}/binding-terms`: the person as giver.
pub(crate) async fn show(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let teller = seen.teller(call.viewer(), &call.app);
    let home = giving_from(&seen.rows.facts, person, seen.at.day());
    let home =
        home.ok_or_else(|| Problem::refused(&[Reason::GiverNotEmployeeInsured { giver: person }], &teller))?;
    let terms = TermsView::of(&teller, home.area);
    Ok(Answer::ok(&terms.map_err(|it| Problem::refused(&[Reason::NoPolicy(it)], &teller))?))
}
