//! What the agency asks for: people, enrolments, accounts, institutions, law; mostly sound, sometimes not.

use crate::cast::{Cast, Place, lookup};
use crate::scene::{Asked, OPERATOR, Scene, clerk};
use crate::stage::Stage;
use domain::day::Day;
use domain::ids::Area;
use domain::money::Fen;
use domain::people::Suspension;
use domain::request::{
    Actor, AddPerson, Body, ChangeEnrolment, ChangeInstitution, Credit, Enrol, EnrolmentChange,
    InstitutionChange, MapItems, Publish, RecordDeath, SetInstitution, TakeBack, UnmapItems,
};
use domain::words::{Capability, Category, Scheme, Sex};

const AGENCY: Actor = Actor::Operator { token: OPERATOR };

/// What has to happen before anything else can: stage by stage, each stage in any order.
pub fn opening(stage: &Stage, cast: &Cast, goes_on: bool, today: Day) -> Vec<Vec<Asked>> {
    let publish = Body::Publish(Publish { book: stage.books[usize::from(goes_on)].digest });
    let adults = cast.players.iter().filter(|it| it.guardian.is_none());
    let minors = cast.players.iter().filter(|it| it.guardian.is_some());
    let add = |it: &crate::cast::Player| {
        let guardian = it.guardian.map(|it| cast.players[it].lookups[0]);
        AddPerson { lookups: it.lookups.to_vec(), born: it.born, sex: it.sex, guardian }
    };
    let place = |it: &Place| SetInstitution {
        code: it.code,
        area: it.area,
        kind: it.kind,
        level: it.level,
        designations: vec![(Day::new(2020, 1, 1).unwrap_or(today), None)],
    };
    let mut first: Vec<Body> = adults.map(|it| Body::AddPerson(add(it))).collect();
    first.extend(cast.places.iter().map(|it| Body::SetInstitution(place(it))));
    let second: Vec<Body> = minors.map(|it| Body::AddPerson(add(it))).collect();
    let enrolments = cast.players.iter().flat_map(|player| {
        player.schemes.iter().map(|(scheme, category)| {
            Body::Enrol(Enrol {
                person: player.lookups[0],
                scheme: *scheme,
                area: player.area,
                category: *category,
                account: player.account,
                contract: player.account,
                from: Day::new(2023, 3, 1).unwrap_or(today),
            })
        })
    });
    let with_account = cast.players.iter().filter(|it| it.account && it.schemes[0].0 == Scheme::Employee);
    let credits = (1_i64..).zip(with_account).map(|(nth, it)| {
        let rich = if nth % 3 == 0 { 400_000 } else { 16_000 };
        let prior = Fen::new(nth * 37_119 % rich).unwrap_or(Fen::ZERO);
        let current = Fen::new(nth * 51_707 % rich).unwrap_or(Fen::ZERO);
        Body::Credit(Credit { person: it.lookups[0], prior, current })
    });
    let stages = [vec![publish], first, second, enrolments.collect(), credits.collect()];
    stages.into_iter().map(|it| it.into_iter().map(|body| (AGENCY, body)).collect()).collect()
}

/// Somebody new; often somebody who is there already.
pub fn add_person(scene: &mut Scene<'_>) -> Option<Asked> {
    let actor = scene.operator();
    let known = scene.dice.percent(40);
    let number = if known { scene.player() } else { 100 + scene.dice.below(1_000) };
    let guardian = scene.dice.percent(20).then(|| scene.known(0).lookups[0]);
    let born = if scene.dice.percent(10) { scene.at.day().plus(3) } else { scene.at.day().plus(-9_000) };
    let lookups = [0, 1, 2].map(|it| lookup(number, it)).to_vec();
    Some((actor, Body::AddPerson(AddPerson { lookups, born, sex: Sex::Male, guardian })))
}

/// A death; often refused, so that enough people stay alive.
pub fn record_death(scene: &mut Scene<'_>) -> Option<Asked> {
    let number = scene.player();
    let days = if scene.dice.percent(35) { -scene.dice.between(0, 5) } else { 2 };
    let on = scene.at.day().plus(i32::try_from(days).unwrap_or(0));
    let actor = scene.operator();
    let person = scene.found_by(number);
    Some((actor, Body::RecordDeath(RecordDeath { person, on })))
}

/// An enrolment, mostly where there is one; where none runs any more, a new one.
pub fn enrol(scene: &mut Scene<'_>) -> Option<Asked> {
    let out = |scene: &Scene<'_>, number: &usize| {
        let running = |it: &domain::people::Enrolment| it.to.is_none();
        scene.person(*number).is_some_and(|it| !scene.facts.enrolments_of(it).any(running))
    };
    let outside: Vec<usize> = (0..scene.cast.players.len()).filter(|it| out(scene, it)).collect();
    let number = if scene.dice.percent(60) { scene.dice.pick(&outside).copied() } else { None };
    let number = number.unwrap_or_else(|| scene.player());
    let schemes = [Scheme::Employee, Scheme::Resident];
    let scheme = *scene.dice.pick(&schemes)?;
    let category = if scheme == Scheme::Employee { Category::Active } else { Category::Adult };
    let enrol = Enrol {
        person: scene.found_by(number),
        scheme,
        area: *scene.dice.pick(&scene.cast.areas)?,
        category,
        account: scene.dice.percent(80),
        contract: scene.dice.percent(20),
        from: scene.at.day().plus(i32::try_from(scene.dice.between(-3, 1)).unwrap_or(0)),
    };
    Some((scene.operator(), Body::Enrol(enrol)))
}

/// Pauses, resumptions, ends, moves.
pub fn change_enrolment(scene: &mut Scene<'_>) -> Option<Asked> {
    let number = scene.player();
    let today = scene.at.day();
    let near = today.plus(i32::try_from(scene.dice.between(-2, 2)).unwrap_or(0));
    let area: Area = *scene.dice.pick(&scene.cast.areas)?;
    let person = scene.person(number);
    let theirs: Vec<_> = scene.facts.enrolments_of(person?).filter(|it| it.to.is_none()).collect();
    let enrolment = scene.dice.pick(&theirs);
    let paused = enrolment.is_some_and(|it| it.paused_since(today).is_some());
    let kind = if paused && scene.dice.percent(88) {
        1
    } else {
        scene.dice.weighed(&[(24, 0), (15, 1), (9, 2), (30, 3), (24, 4)])?
    };
    let change = match kind {
        0 => EnrolmentChange::Pause(near),
        1 => EnrolmentChange::Resume(near),
        2 => EnrolmentChange::End(near),
        3 => EnrolmentChange::Category(if scene.dice.percent(50) {
            Category::Retired
        } else {
            Category::Active
        }),
        _ => EnrolmentChange::Move(area, near),
    };
    let scheme = enrolment.map_or(Scheme::Resident, |it| it.scheme);
    let body = ChangeEnrolment { person: scene.found_by(number), scheme, change };
    Some((scene.operator(), Body::ChangeEnrolment(body)))
}

/// Money for an account.
pub fn credit(scene: &mut Scene<'_>) -> Option<Asked> {
    let number = scene.player();
    let most = if scene.dice.percent(25) { 2_000 } else { 90 };
    let current = scene.amount(most);
    let prior = if scene.dice.percent(20) { scene.amount(60) } else { Fen::ZERO };
    let current = if scene.dice.percent(4) { Fen::ZERO } else { current };
    let person = scene.found_by(number);
    Some((scene.operator(), Body::Credit(Credit { person, prior, current })))
}

/// A wrong credit taken back; more than is there, now and then.
pub fn take_back(scene: &mut Scene<'_>) -> Option<Asked> {
    let number = scene.player();
    let most = if scene.dice.percent(25) { 9_000 } else { 90 };
    let amount = scene.amount(most);
    let person = scene.found_by(number);
    Some((scene.operator(), Body::TakeBack(TakeBack { person, amount })))
}

/// Another level, or a designation that ends or comes back.
pub fn set_institution(scene: &mut Scene<'_>) -> Option<Asked> {
    let hospital = scene.dice.percent(50);
    let place = scene.place(hospital);
    let today = scene.at.day();
    let first = Day::new(2020, 1, 1)?;
    let designations = match scene.dice.below(6) {
        0 => vec![(first, Some(today.plus(-1))), (today.plus(3), None)],
        1 => vec![(first, Some(first.plus(-5)))],
        _ => vec![(first, None)],
    };
    let level = scene.known_level(place);
    let body = SetInstitution { code: place.code, area: place.area, kind: place.kind, level, designations };
    Some((scene.operator(), Body::SetInstitution(body)))
}

/// Suspended for some days and taken again; linked for shared money from some day on.
pub fn change_institution(scene: &mut Scene<'_>) -> Option<Asked> {
    let hospital = scene.dice.percent(50);
    let place = scene.place(hospital);
    let today = scene.at.day();
    let change = match scene.dice.below(5) {
        0 => InstitutionChange::Suspend(Suspension { from: today, to: Some(today), why: "check".to_owned() }),
        1 => InstitutionChange::Resume(today),
        2 => InstitutionChange::Designate(today, Some(today.plus(9))),
        3 => InstitutionChange::Able(Capability::Shared, vec![(today.plus(1), None)]),
        _ => InstitutionChange::Able(Capability::Shared, vec![(Day::new(2020, 1, 1)?, None)]),
    };
    let body = ChangeInstitution { code: place.code, change };
    Some((scene.operator(), Body::ChangeInstitution(body)))
}

/// Own codes of an institution.
pub fn map_items(scene: &mut Scene<'_>) -> Option<Asked> {
    let hospital = scene.dice.percent(50);
    let place = scene.place(hospital);
    let goods = &scene.stage.goods;
    let national = if scene.dice.percent(50) { &goods.a } else { &goods.b };
    let own = format!("OWN{}", scene.dice.below(4));
    let national = scene.dice.pick(national)?.clone();
    let other = scene.place(true).code;
    let actor = match scene.dice.below(8) {
        0 => Actor::Institution(other),
        1 => scene.operator(),
        _ => Actor::Institution(place.code),
    };
    Some((actor, Body::MapItems(MapItems { institution: place.code, pairs: vec![(own, national)] })))
}

/// An own code that is to stand for nothing any more; some never stood for anything.
pub fn unmap_items(scene: &mut Scene<'_>) -> Option<Asked> {
    let known: Vec<_> = scene.facts.mappings.iter().collect();
    let picked = scene.dice.pick(&known).filter(|_| scene.dice.percent(85)).copied();
    let (institution, own, national) = match picked {
        Some(((institution, own), national)) => (*institution, own.clone(), Some(national.clone())),
        None => (scene.place(false).code, "OWN9".to_owned(), None),
    };
    let national = national.filter(|_| scene.dice.percent(50));
    let actor = if scene.dice.percent(20) { scene.operator() } else { Actor::Institution(institution) };
    Some((actor, Body::UnmapItems(UnmapItems { institution, codes: vec![(own, national)] })))
}

/// One of the two law books, from the next decision on.
pub fn publish(scene: &mut Scene<'_>) -> Option<Asked> {
    let goes_on = scene.dice.percent(85);
    let book = scene.stage.books[usize::from(goes_on)].digest;
    let actor = if scene.dice.percent(20) { clerk(domain::ids::PersonNo(0)) } else { AGENCY };
    Some((actor, Body::Publish(Publish { book })))
}

impl Scene<'_> {
    fn known_level(&mut self, place: Place) -> domain::words::Level {
        use domain::words::Level;
        let levels = [Level::Tertiary, Level::Secondary, Level::Primary];
        if self.dice.percent(30) {
            self.dice.pick(&levels).copied().unwrap_or(place.level)
        } else {
            place.level
        }
    }
}
