//! Institutions: registration, designations, mappings of own codes.

use super::call::{Answer, Answered, Asking, Call};
use super::mappings::within;
use super::problem::Problem;
use super::telling::{AreaRef, Teller};
use super::wire::{Civil, Place, Region, words};
use crate::institution::{NAME_MOST, one_line};
use domain::day::Day;
use domain::decision::Law;
use domain::ids::InstitutionCode;
use domain::needs::Needs;
use domain::people::{Institution, Suspension};
use domain::request::{Body, ChangeInstitution, InstitutionChange, MapItems, SetInstitution};
use domain::words::{Capability, InstitutionKind, Purpose};
use serde::{Deserialize, Serialize};
use store::{Attachments, Page, Query};
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
    /// All its suspensions.
    suspensions: Vec<SuspensionView>,
    /// Whether it is suspended today.
    suspended: bool,
    /// What its software can do, where that was stated.
    capabilities: Vec<CapabilityView>,
    /// Whether drugs are sold here today by the trace codes on their packs (R-J5).
    trace_codes: bool,
}

/// A time in which an institution settles nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuspensionView {
    /// First day.
    from: Civil,
    /// Last day, once it is known.
    to: Option<Civil>,
    /// Why.
    why: String,
}

/// On which days the institution's software can do something; what is not listed it can do on all.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapabilityView {
    /// What.
    capability: words::Capability,
    /// The days; none where there are none.
    periods: Vec<Designation>,
}

/// How an institution changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InstitutionChangeKind {
    /// Designated from `from`, up to `to` where it is sent.
    Designate,
    /// `to` is the last day of the designation that it lies in.
    EndDesignation,
    /// Suspended from `from`, up to `to` where it is sent, because of `why`.
    Suspend,
    /// Taken again from `from`.
    Resume,
    /// The software can do `capability` on the days of `periods`, and on no others.
    Able,
}

/// A change of an institution.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstitutionChanged {
    /// How.
    change: InstitutionChangeKind,
    /// First day, for all but `end_designation` and `able`.
    from: Option<Civil>,
    /// Last day, for `designate`, `end_designation` and `suspend`.
    to: Option<Civil>,
    /// Why, for `suspend`.
    why: Option<String>,
    /// What, for `able`.
    capability: Option<words::Capability>,
    /// The days, for `able`.
    periods: Option<Vec<Designation>>,
}

/// Institutions, by code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct InstitutionsView {
    institutions: Vec<InstitutionView>,
    /// Where the next page starts, if there is one.
    next: Option<Place>,
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
        let today = teller.at.day();
        let suspension = |it: &Suspension| SuspensionView {
            from: Civil(it.from),
            to: it.to.map(Civil),
            why: it.why.clone(),
        };
        let capability = |(what, days): (&Capability, &Vec<_>)| CapabilityView {
            capability: words::Capability(*what),
            periods: days.iter().map(Designation::of).collect(),
        };
        InstitutionView {
            code: Place(it.code),
            name,
            area: teller.area(it.area),
            kind: words::InstitutionKind(it.kind),
            level: words::Level(it.level),
            designations: it.designations.iter().map(Designation::of).collect(),
            designated: it.is_designated(today),
            suspensions: it.suspensions.iter().map(suspension).collect(),
            suspended: it.suspended_on(today).is_some(),
            capabilities: it.capabilities.iter().map(capability).collect(),
            trace_codes: asks_trace_codes(teller.law, it, today),
        }
    }
}

impl Designation {
    fn of((from, to): &(Day, Option<Day>)) -> Designation {
        Designation { from: Civil(*from), to: to.map(Civil) }
    }

    fn read(&self) -> (Day, Option<Day>) {
        (self.from.0, self.to.map(|it| it.0))
    }
}

/// Whether drugs are sold by their trace codes at an institution; not where the law is silent.
fn asks_trace_codes(law: &Law, it: &Institution, today: Day) -> bool {
    let purpose = match it.kind {
        InstitutionKind::Pharmacy => Purpose::Pharmacy,
        InstitutionKind::Hospital
        | InstitutionKind::Clinic
        | InstitutionKind::CommunityCentre
        | InstitutionKind::VillageClinic => Purpose::Medical,
    };
    let said = law.policies.parameters.trace_codes.on(it.area, today);
    said.is_ok_and(|it| it.value.asks(purpose))
}

/// A name or a reason, on one line.
fn name(field: &str, text: &str) -> Result<String, Problem> {
    let remedy = || Problem::malformed(field, format!("Write 1 to {NAME_MOST} characters on one line."));
    one_line(text).ok_or_else(remedy)
}

impl InstitutionChanged {
    fn change(&self) -> Result<InstitutionChange, Problem> {
        use InstitutionChangeKind as C;
        let it = self.change;
        let meant = [
            ("from", self.from.is_some(), matches!(it, C::Designate | C::Suspend | C::Resume)),
            ("to", self.to.is_some(), matches!(it, C::Designate | C::Suspend | C::EndDesignation)),
            ("why", self.why.is_some(), it == C::Suspend),
            ("capability", self.capability.is_some(), it == C::Able),
            ("periods", self.periods.is_some(), it == C::Able),
        ];
        if let Some((field, ..)) = meant.into_iter().find(|(_, sent, taken)| *sent && !*taken) {
            return Err(Problem::malformed(field, format!("This change takes no `{field}`.")));
        }
        let needed = |field: &str| Problem::malformed(field, format!("This change needs `{field}`."));
        let from = || self.from.map(|it| it.0).ok_or_else(|| needed("from"));
        let to = self.to.map(|it| it.0);
        Ok(match it {
            C::Designate => InstitutionChange::Designate(from()?, to),
            C::EndDesignation => InstitutionChange::EndDesignation(to.ok_or_else(|| needed("to"))?),
            C::Suspend => {
                let why = name("why", self.why.as_deref().ok_or_else(|| needed("why"))?)?;
                InstitutionChange::Suspend(Suspension { from: from()?, to, why })
            }
            C::Resume => InstitutionChange::Resume(from()?),
            C::Able => {
                let what = self.capability.ok_or_else(|| needed("capability"))?.0;
                let periods = self.periods.as_ref().ok_or_else(|| needed("periods"))?;
                InstitutionChange::Able(what, periods.iter().map(Designation::read).collect())
            }
        })
    }
}

fn of_institution(code: InstitutionCode) -> Needs {
    Needs { institutions: [code].into(), ..Needs::default() }
}

/// `PUT /institutions/{code}`.
pub(crate) async fn set(call: Call) -> Answered {
    let code = call.institution()?;
    let sent: InstitutionSet = call.body()?;
    let name = name("name", &sent.name)?;
    let area = sent.area.0.pooling();
    call.covers(area)?;
    // One that exists belongs to whoever runs its area, whatever area is sent.
    let seen = call.see(of_institution(code)).await?;
    seen.rows.facts.institutions.get(&code).map_or(Ok(()), |it| call.covers(it.area))?;
    let designations = sent.designations.iter().map(Designation::read).collect();
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

/// `POST /institutions/{code}/changes`.
pub(crate) async fn change(call: Call) -> Answered {
    let code = call.institution()?;
    let sent: InstitutionChanged = call.body()?;
    let change = sent.change()?;
    call.covers_institution(code).await?;
    let body = Body::ChangeInstitution(ChangeInstitution { code, change });
    call.submit(&sent, Asking::to(call.operator(), body), move |teller, _| {
        let institution = teller.facts.institutions.get(&code);
        institution.map(|it| InstitutionView::of(teller, it, teller.place(code).name))
    })
    .await
}

/// `GET /institutions`.
pub(crate) async fn list(call: Call) -> Answered {
    let read = |text: &String| {
        let remedy = "Send the `next` of the page before.";
        InstitutionCode::parse(text).ok_or_else(|| Problem::malformed("cursor", remedy))
    };
    let after = call.query.get("cursor").map(read).transpose()?;
    let limit = call.limit()?;
    let page = call.app.store.page(&Query::Institutions { after, limit: limit + 1 }).await?;
    let Page::Institutions(mut found) = page else { return Err(Problem::busy()) };
    let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|(it, _)| Place(it.code));
    let seen = call.see(Needs::default()).await?;
    let teller = seen.teller(call.viewer(), &call.app);
    let view = |(it, name): (Institution, Option<String>)| InstitutionView::of(&teller, &it, name);
    Ok(Answer::ok(&InstitutionsView { institutions: found.into_iter().map(view).collect(), next }))
}

/// `PUT /institutions/{code}/mappings`.
pub(crate) async fn map(call: Call) -> Answered {
    let institution = call.institution()?;
    let sent: Mappings = call.body()?;
    within(sent.pairs.len(), sent.pairs.iter().map(|it| it.own_code.as_str()), "pairs")?;
    call.covers_institution(institution).await?;
    let pairs: Vec<_> = sent.pairs.iter().map(|it| (it.own_code.clone(), it.national_code.clone())).collect();
    let view = Mapped { institution: Place(institution), mapped: pairs.len() };
    let body = Body::MapItems(MapItems { institution, pairs });
    call.submit(&sent, Asking::to(call.operator(), body), move |_, _| view.clone()).await
}
