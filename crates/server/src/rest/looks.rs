//! Looks of staff at people's data: recorded for every route that shows some, and shown to those who were looked at and
//! to whoever leads the hall. Changes are on record by themselves, with who asked for them.

use super::call::{Answer, Answered, Call};
use super::people::of_person;
use super::problem::Problem;
use super::routes::Verb;
use super::telling::PersonRef;
use super::wire::{Instant, words};
use crate::looks::{self, Look, Why};
use crate::tokens::Role;
use axum::http::HeaderMap;
use domain::day::Day;
use domain::ids::{Area, PersonNo};
use domain::needs::Needs;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::ToSchema;

/// The header in which staff say why they look.
pub(crate) const HEADER: &str = "Look-Reason";

/// Whom a call lets its caller look at, and which areas insure them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Looked(Arc<Mutex<BTreeMap<PersonNo, BTreeSet<Area>>>>);

/// Looks.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LooksView {
    /// Latest first.
    looks: Vec<LookView>,
    /// The cursor of the next page, if there is one.
    next: Option<String>,
}

/// A look of somebody of the staff at a person's data.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LookView {
    /// When, to the minute.
    at: Instant,
    /// At whom.
    person: PersonRef,
    /// Who: what the token or login is for, in the words of whoever made it.
    #[schema(example = "hall1")]
    by: String,
    /// The number of the token or login.
    token: u64,
    /// In which role.
    role: words::Role,
    /// By which route of this interface.
    #[schema(example = "GET /persons/{no}/account")]
    route: String,
    /// Why.
    why: words::Why,
}

impl Looked {
    pub(crate) fn add(&self, person: PersonNo, areas: Vec<Area>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(person).or_default().extend(areas);
    }

    /// Everybody who was looked at.
    pub(crate) fn people(&self) -> BTreeMap<PersonNo, BTreeSet<Area>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why the caller looks, where they say so.
pub(crate) fn why(headers: &HeaderMap) -> Result<Why, Problem> {
    let Some(sent) = headers.get(HEADER) else { return Ok(Why::Unstated) };
    let known = sent.to_str().ok().and_then(Why::parse);
    let words: Vec<&str> = Why::ALL.iter().map(|it| it.word()).collect();
    known.ok_or_else(|| Problem::malformed(HEADER, format!("Write one of: {}.", words.join(", "))))
}

/// Whether calls of this kind are looks.
pub(crate) fn is_look(verb: Verb, role: Role) -> bool {
    matches!(verb, Verb::Get | Verb::Ask | Verb::Show) && looks::is_staff(role)
}

impl Call {
    /// After which look a page begins: the `next` of the page before, or nothing.
    fn after(&self) -> &str {
        self.query.get("cursor").map_or("", String::as_str)
    }

    fn told_looks(&self, facts: &super::telling::Seen, found: &[Look]) -> Vec<LookView> {
        let teller = facts.teller(self.viewer(), &self.app);
        let view = |it: &Look| LookView {
            at: Instant::of(it.at),
            person: teller.person(it.person),
            by: it.label.clone(),
            token: it.token,
            role: words::Role(it.role),
            route: it.route.clone(),
            why: words::Why(it.why),
        };
        found.iter().map(view).collect()
    }
}

/// `GET /persons/{no}/looks`: who looked at a person's data.
pub(crate) async fn at(call: Call) -> Answered {
    let person = call.person()?;
    let seen = call.see(of_person(person)).await?;
    call.may_see(&seen.rows.facts, person)?;
    let (found, next) = looks::at(&call.app, person, call.after(), call.limit()?).await?;
    Ok(Answer::ok(&LooksView { looks: call.told_looks(&seen, &found), next }))
}

/// `GET /looks`: who looked at people of an area on a day.
pub(crate) async fn within(call: Call) -> Answered {
    let area = match call.query.get("area") {
        Some(text) => Area::parse(text),
        None => Some(call.token.area),
    };
    let remedy = "Name a pooling area by its six digits, like 320300: a province and the nation have many.";
    let area = area.filter(|it| pools(*it)).ok_or_else(|| Problem::malformed("area", remedy))?;
    call.covers(area)?;
    let day = match call.query.get("day") {
        Some(text) => Day::parse(text),
        None => Some(call.app.clock.now().day()),
    };
    let day = day.ok_or_else(|| Problem::malformed("day", "Write the day like 2025-06-16."))?;
    let (found, next) = looks::within(&call.app, area, day, call.after(), call.limit()?).await?;
    let persons = found.iter().map(|it| it.person).collect();
    let seen = call.see(Needs { persons, ..Needs::default() }).await?;
    Ok(Answer::ok(&LooksView { looks: call.told_looks(&seen, &found), next }))
}

/// Whether an area pools money: a city does, and a province that pools as a whole.
fn pools(area: Area) -> bool {
    let first_city = Area::parse(&format!("{:06}", area.number() + 100));
    let whole = first_city.is_some_and(|it| it.pooling() == area);
    area != Area::NATION && area.pooling() == area && (whole || area.province() != area)
}
