//! Institutions: registration, designations, mappings of own codes.

use super::call::{Answer, Answered, Asking, Call};
use super::problem::Problem;
use super::telling::{AreaRef, Teller};
use super::wire::{Civil, Place, Region, words};
use domain::ids::InstitutionCode;
use domain::needs::Needs;
use domain::people::Institution;
use domain::request::{Body, MapItems, SetInstitution};
use serde::{Deserialize, Serialize};
use store::Attachments;
use utoipa::ToSchema;

/// An institution as it is to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstitutionSet {
    /// Its name.
    #[schema(example = "徐州市第一人民医院")]
    name: String,
    /// Its area; the pooling area it belongs to is taken.
    area: Region,
    /// What it is.
    kind: words::InstitutionKind,
    /// Its level.
    level: words::Level,
    /// All its designations.
    designations: Vec<Designation>,
}

/// A time in which an institution is designated.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Designation {
    /// First day.
    from: Civil,
    /// Last day, once it is known.
    to: Option<Civil>,
}

/// An institution.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct InstitutionView {
    /// Its code.
    code: Place,
    /// Its name.
    name: Option<String>,
    /// The pooling area that designates it and settles with it.
    area: AreaRef,
    /// What it is.
    kind: words::InstitutionKind,
    /// Its level.
    level: words::Level,
    /// All its designations.
    designations: Vec<Designation>,
    /// Whether it is designated today.
    designated: bool,
}

/// Own codes and the national codes they stand for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mappings {
    /// The pairs; one that is there already is replaced.
    pairs: Vec<Mapping>,
}

/// An own code and the national code it stands for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    /// The institution's own code.
    own_code: String,
    /// The national code.
    #[schema(example = "ZA04CDX0534010103065")]
    national_code: String,
}

/// How many codes were mapped.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Mapped {
    /// Whose codes.
    institution: Place,
    /// How many.
    mapped: usize,
}

impl InstitutionView {
    fn of(teller: &Teller<'_>, it: &Institution, name: Option<String>) -> InstitutionView {
        let designation = |(from, to): &(_, Option<_>)| Designation { from: Civil(*from), to: to.map(Civil) };
        InstitutionView {
            code: Place(it.code),
            name,
            area: teller.area(it.area),
            kind: words::InstitutionKind(it.kind),
            level: words::Level(it.level),
            designations: it.designations.iter().map(designation).collect(),
            designated: it.is_designated(teller.at.day()),
        }
    }
}

fn of_institution(code: InstitutionCode) -> Needs {
    Needs { institutions: [code].into(), ..Needs::default() }
}

/// `PUT /institutions/{code}`.
pub(crate) async fn set(call: Call) -> Answered {
    let code = call.institution()?;
    let sent: InstitutionSet = call.body()?;
    let name = sent.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::malformed("name", "Write 1 to 100 characters."));
    }
    let area = sent.area.0.pooling();
    call.covers(area)?;
    // One that exists belongs to whoever runs its area, whatever area is sent.
    let seen = call.see(of_institution(code)).await?;
    seen.rows.facts.institutions.get(&code).map_or(Ok(()), |it| call.covers(it.area))?;
    let designations = sent.designations.iter().map(|it| (it.from.0, it.to.map(|to| to.0))).collect();
    let body = SetInstitution { code, area, kind: sent.kind.0, level: sent.level.0, designations };
    let attachments = Attachments { name: Some(name.clone()), ..Attachments::default() };
    let asking = Asking { attachments, ..Asking::to(call.operator(), Body::SetInstitution(body)) };
    call.submit(&sent, asking, move |teller, _| {
        let institution = teller.facts.institutions.get(&code);
        institution.map(|it| InstitutionView::of(teller, it, Some(name.clone())))
    })
    .await
}

/// `GET /institutions/{code}`.
pub(crate) async fn show(call: Call) -> Answered {
    let code = call.institution()?;
    let seen = call.see(of_institution(code)).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let institution =
        teller.facts.institutions.get(&code).ok_or_else(|| Problem::not_found("institution"))?;
    Ok(Answer::ok(&InstitutionView::of(&teller, institution, teller.place(code).name)))
}

/// `PUT /institutions/{code}/mappings`.
pub(crate) async fn map(call: Call) -> Answered {
    let institution = call.institution()?;
    let sent: Mappings = call.body()?;
    call.covers_institution(institution).await?;
    let pairs: Vec<_> = sent.pairs.iter().map(|it| (it.own_code.clone(), it.national_code.clone())).collect();
    let view = Mapped { institution: Place(institution), mapped: pairs.len() };
    let body = Body::MapItems(MapItems { institution, pairs });
    call.submit(&sent, Asking::to(call.operator(), body), move |_, _| view.clone()).await
}
