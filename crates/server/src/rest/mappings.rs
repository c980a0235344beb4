//! An institution's own codes as they stand, and those that are taken back; they are mapped in [`super::institutions`].

use super::call::{Answer, Answered, Asking, Call};
use super::problem::Problem;
use super::wire::Place;
use domain::request::{Body, UnmapItems};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Page, Query};
use utoipa::ToSchema;

/// Own codes of an institution and what they stand for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MappingsView {
    /// Whose codes.
    institution: Place,
    /// By own code.
    pairs: Vec<MappingView>,
    /// Where the next page starts, if there is one.
    next: Option<String>,
}

/// An own code and the national code it stands for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MappingView {
    /// The institution's own code.
    own_code: String,
    /// The national code.
    national_code: String,
}

/// Own codes that are to stand for nothing any more.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unmappings {
    /// All of them or none.
    codes: Vec<Unmapping>,
}

/// An own code that is taken back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unmapping {
    /// The institution's own code.
    own_code: String,
    /// The national code, where that is to be made sure of: for another one nothing is taken back.
    #[schema(example = "ZA04CDX0534010103065")]
    national_code: Option<String>,
}

/// How many codes were taken back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Unmapped {
    /// Whose codes.
    institution: Place,
    /// How many.
    unmapped: usize,
}

/// `GET /institutions/{code}/mappings`.
pub(crate) async fn list(call: Call) -> Answered {
    let institution = call.institution()?;
    call.covers_institution(institution).await?;
    let after = call.query.get("cursor").cloned().unwrap_or_default();
    let limit = call.limit()?;
    let page = call.app.store.page(&Query::Mappings { institution, after, limit: limit + 1 }).await?;
    let Page::Mappings(mut found) = page else { return Err(Problem::busy()) };
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > wanted;
    found.truncate(wanted);
    let next = found.last().filter(|_| more).map(|((_, own), _)| own.clone());
    let pair = |((_, own_code), national_code)| MappingView { own_code, national_code };
    let pairs = found.into_iter().map(pair).collect();
    Ok(Answer::ok(&MappingsView { institution: Place(institution), pairs, next }))
}

/// `POST /institutions/{code}/mappings/removals`.
pub(crate) async fn remove(call: Call) -> Answered {
    let institution = call.institution()?;
    let sent: Unmappings = call.body()?;
    within(sent.codes.len(), sent.codes.iter().map(|it| it.own_code.as_str()), "codes")?;
    call.covers_institution(institution).await?;
    let codes: Vec<_> = sent.codes.iter().map(|it| (it.own_code.clone(), it.national_code.clone())).collect();
    let view = Unmapped { institution: Place(institution), unmapped: codes.len() };
    let body = Body::UnmapItems(UnmapItems { institution, codes });
    call.submit(&sent, Asking::to(call.operator(), body), move |_, _| view.clone()).await
}

/// The most codes of a request, as of a message of the hospital interface (3301, 3302).
const MOST: usize = 2_000;
/// The longest own code.
const LONGEST: usize = 150;

/// Own codes that a request names: some, not too many, each once and not too long.
///
/// # Errors
/// A [`Problem`] that names the field.
pub(super) fn within<'a>(
    count: usize,
    own_codes: impl Iterator<Item = &'a str>,
    field: &str,
) -> Result<(), Problem> {
    if !(1..=MOST).contains(&count) {
        return Err(Problem::malformed(field, format!("Send 1 to {MOST}.")));
    }
    let mut seen = BTreeSet::new();
    for (at, own) in own_codes.enumerate() {
        let wrong = |what: &str| Err(Problem::malformed(&format!("{field}[{at}].own_code"), what));
        if !(1..=LONGEST).contains(&own.chars().count()) {
            return wrong(&format!("Send 1 to {LONGEST} characters."));
        }
        if !seen.insert(own) {
            return wrong("This code stands here twice.");
        }
    }
    Ok(())
}
