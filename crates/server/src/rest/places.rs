//! Where people may go, for everybody: institutions of an area and whether they are designated today, and service halls
//! (R-L1, R-D9).

use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::telling::AreaRef;
use super::wire::{Civil, Place, Region, words};
use domain::day::Day;
use domain::ids::{Area, InstitutionCode};
use domain::needs::Needs;
use domain::people::Institution;
use domain::words::InstitutionKind;
use serde::Serialize;
use store::{Page, Query};
use utoipa::ToSchema;

/// The longest part of a name that is looked for.
const NAME_MOST: usize = 50;

/// Areas that the law knows by name, by code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AreasView {
    areas: Vec<AreaView>,
}

/// An area: what its channels are called, and where people are served in person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AreaView {
    area: AreaRef,
    /// What the insurer's application is called there.
    app: Option<String>,
    /// What the service hall is called there.
    hall: Option<String>,
    /// Service halls; none where the area has published none.
    halls: Vec<HallView>,
}

/// A service hall.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HallView {
    /// Its name.
    name: String,
    /// Where it is.
    address: String,
    /// Its telephone number.
    phone: String,
    /// When it is open.
    hours: String,
}

/// Institutions of an area, by code.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PlacesView {
    places: Vec<PlaceView>,
    /// Where the next page starts, if there is one.
    next: Option<Place>,
}

/// An institution, as far as it matters for going there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PlaceView {
    /// Its code.
    code: Place,
    /// Its name.
    name: Option<String>,
    /// What it is.
    kind: words::InstitutionKind,
    /// Its level.
    level: words::Level,
    /// Whether it is designated today.
    designated: bool,
    /// Of one that is designated: the last day of that, where it is known.
    until: Option<Civil>,
    /// Of one that is not: the last day on which it was.
    ended: Option<Civil>,
    /// Of one that is not: the first day on which it will be.
    from: Option<Civil>,
    /// Whether it is suspended today: then nothing is settled there.
    suspended: bool,
}

impl PlaceView {
    fn of(it: &Institution, name: Option<String>, today: Day) -> PlaceView {
        let days = &it.designations;
        let running = days.iter().find(|(from, to)| *from <= today && to.is_none_or(|to| today <= to));
        let ended = days.iter().filter_map(|(_, to)| *to).filter(|to| *to < today).max();
        let coming = days.iter().map(|(from, _)| *from).filter(|from| *from > today).min();
        PlaceView {
            code: Place(it.code),
            name,
            kind: words::InstitutionKind(it.kind),
            level: words::Level(it.level),
            designated: running.is_some(),
            until: running.and_then(|(_, to)| *to).map(Civil),
            ended: ended.filter(|_| running.is_none()).map(Civil),
            from: coming.filter(|_| running.is_none()).map(Civil),
            suspended: it.suspended_on(today).is_some(),
        }
    }
}

/// `GET /areas`.
pub(crate) async fn areas(call: Call) -> Answered {
    let seen = call.see(Needs::default()).await?;
    let (law, today) = (&seen.law.policies, seen.at.day());
    let pooling = law.names.keys().copied().filter(|it| it.is_pooling());
    let view = |area: Area| {
        let names = law.parameters.channel_names.on(area, today).ok();
        let halls = law.parameters.service_halls.on(area, today).ok();
        let hall = |it: &domain::parameters::ServiceHall| HallView {
            name: it.name.clone(),
            address: it.address.clone(),
            phone: it.phone.clone(),
            hours: it.hours.clone(),
        };
        AreaView {
            area: AreaRef { code: Region(area), name: law.names.get(&area).cloned() },
            app: names.as_ref().map(|it| it.value.app.clone()),
            hall: names.as_ref().map(|it| it.value.hall.clone()),
            halls: halls.map(|it| it.value.iter().map(hall).collect()).unwrap_or_default(),
        }
    };
    Ok(Answer::ok(&AreasView { areas: pooling.map(view).collect() }))
}

/// `GET /places`.
pub(crate) async fn list(call: Call) -> Answered {
    let text = |name: &str| call.query.get(name).map(String::as_str).filter(|it| !it.is_empty());
    let area = text("area").and_then(Area::parse);
    let area =
        area.ok_or_else(|| Problem::malformed("area", "Write the six digits of an area, like 320300."))?;
    let kind = match text("kind") {
        Some(word) => Some(InstitutionKind::parse(word).ok_or_else(|| {
            let known: Vec<&str> = InstitutionKind::ALL.iter().map(|it| it.word()).collect();
            Problem::malformed("kind", format!("Write one of: {}.", known.join(", ")))
        })?),
        None => None,
    };
    let called = text("name").unwrap_or_default().to_owned();
    if called.chars().count() > NAME_MOST {
        return Err(Problem::malformed("name", format!("Write at most {NAME_MOST} characters.")));
    }
    let after = match text("cursor") {
        Some(code) => Some(
            InstitutionCode::parse(code)
                .ok_or_else(|| Problem::malformed("cursor", "Send the `next` of the page before."))?,
        ),
        None => None,
    };
    let limit = call.limit()?;
    let query = Query::InstitutionsIn { area: area.pooling(), kind, called, after, limit: limit + 1 };
    let Page::InstitutionsIn(mut found) = call.app.store.page(&query).await? else {
        return Err(Problem::busy());
    };
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|(it, _)| Place(it.code));
    let today = call.app.clock.now().day();
    let places = found.into_iter().map(|(it, name)| PlaceView::of(&it, name, today)).collect();
    Ok(Answer::ok(&PlacesView { places, next }))
}
