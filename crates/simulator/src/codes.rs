//! Medical codes that prove nothing, as tills show them now and then, and what may never rest on one (R-E1, R-E2).

use crate::audit::Seen;
use crate::cast::lookup;
use crate::scene::Scene;
use domain::credential::{Credential, Spoiled};
use domain::decision::Outcome;
use domain::ids::Lookup;
use domain::reason::Reason;
use domain::request::Body;
use domain::stay::StayEvent;
use domain::words::CredentialKind;
use store::Record;

/// What must be shown with at least one of a hundred settlements.
pub const SHOWN: [&str; 6] =
    ["unknown code", "expired code", "used code", "code of a giver", "code of another", "giver's spoiled"];

/// How long a code may be taken, in milliseconds.
const MINUTE: i64 = 60_000;
/// What texts of codes that nobody has are found by.
const NOBODYS: u8 = 9;

/// A code that proves nothing in place of a patient's, now and then; a card is never spoiled.
pub(crate) fn of_patient(scene: &mut Scene<'_>, sound: Credential) -> Credential {
    if sound.kind == CredentialKind::Code && scene.dice.percent(8) { spoiled(scene, 4) } else { sound }
}

/// The same in place of a giver's. That it speaks of no patient spoils none of these.
pub(crate) fn of_giver(scene: &mut Scene<'_>, sound: Credential) -> Credential {
    if scene.dice.percent(6) { spoiled(scene, 3) } else { sound }
}

/// One of the first so many ways in which a code proves nothing; nobody is found by it.
fn spoiled(scene: &mut Scene<'_>, ways: usize) -> Credential {
    let passed = scene.at.plus_millis(-scene.dice.between(1, 30 * MINUTE));
    let all = [Spoiled::Unknown, Spoiled::Expired(passed), Spoiled::Used(passed), Spoiled::GiversOnly];
    let way = all[scene.dice.below(ways)];
    let holder = lookup(scene.dice.below(1_000), NOBODYS);
    Credential { kind: CredentialKind::Code, holder, serial: None, spoiled: Some(way) }
}

/// What patients showed, and what each is found by.
fn patients(body: &Body) -> Option<(&Credential, Lookup)> {
    if let Body::Register(it) = body {
        return Some((&it.credential, it.patient));
    }
    if let Body::Stay(StayEvent::Admit(it)) = body {
        return Some((&it.credential, it.patient));
    }
    if let Body::Settle(it) = body { Some((&it.credential, it.patient)) } else { None }
}

/// Nothing is done on a code that proves nothing, nor on what belongs to somebody else.
///
/// # Errors
/// What it was done on.
pub fn check(seen: &Seen<'_>) -> Result<(), String> {
    let Some((shown, patient)) = patients(&seen.record.request.body) else { return Ok(()) };
    if let Some(spoiled) = shown.spoiled {
        return Err(format!("it was done on a code that proves nothing: {spoiled:?}"));
    }
    let found = |it| seen.after.lookups.get(&it);
    if found(shown.holder) == found(patient) { Ok(()) } else { Err("what was shown is another's".to_owned()) }
}

/// What a settlement was asked for with.
pub fn shown(record: &Record) -> Vec<&'static str> {
    let Body::Settle(asked) = &record.request.body else { return Vec::new() };
    let anothers = |it: &Reason| matches!(it, Reason::OwnCredentialRequired { .. });
    let is_anothers =
        matches!(&record.decision.outcome, Outcome::Refused(reasons) if reasons.iter().any(anothers));
    let patients = match asked.credential.spoiled {
        Some(Spoiled::Unknown) => Some(SHOWN[0]),
        Some(Spoiled::Expired(_)) => Some(SHOWN[1]),
        Some(Spoiled::Used(_)) => Some(SHOWN[2]),
        Some(Spoiled::GiversOnly) => Some(SHOWN[3]),
        None => is_anothers.then_some(SHOWN[4]),
    };
    let givers = asked.giver_credentials.iter().any(|it| it.spoiled.is_some());
    patients.into_iter().chain(givers.then_some(SHOWN[5])).collect()
}
