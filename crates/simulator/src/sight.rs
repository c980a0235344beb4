//! Who sees what was bought: only the patient's word changes it, and only from then on (R-K2).

use crate::audit::Seen;
use domain::binding::{Binding, Sight};
use domain::day::Moment;
use domain::ids::BindingNo;
use domain::request::{BindingEvent, Body, ChangeBinding};
use std::collections::BTreeMap;
use store::Record;

/// Since when the giver of each binding sees what was bought.
pub type Shown = BTreeMap<BindingNo, Option<Moment>>;

/// The word that a request says: to show, or to hide.
fn word(record: &Record) -> Option<bool> {
    let Body::ChangeBinding(ChangeBinding { event, .. }) = &record.request.body else { return None };
    let words = [(BindingEvent::ShowLines, true), (BindingEvent::HideLines, false)];
    words.into_iter().find(|(it, _)| it == event).map(|(_, shows)| shows)
}

/// Whether a request comes from the patient, from who acts for them today, or from a clerk in their name.
fn is_patients(seen: &Seen<'_>, binding: &Binding) -> bool {
    let patient = binding.beneficiary;
    let person = seen.after.persons.get(&patient);
    let guardian = person.and_then(|it| it.guardian_on(seen.record.turn.at.day()));
    let asks = seen.record.request.actor.person();
    asks.is_some_and(|it| it == patient || Some(it) == guardian)
}

/// Holds the bindings that a record changed to what was said of them before.
///
/// # Errors
/// What changed without the patient's word, or otherwise than by it.
pub fn check(seen: &Seen<'_>, shown: &mut Shown) -> Result<(), String> {
    let Some(changes) = seen.record.decision.changes() else { return Ok(()) };
    let (at, said) = (seen.record.turn.at, word(seen.record));
    for binding in &changes.bindings {
        let before = shown.insert(binding.no, binding.lines_shown).flatten();
        let expected = match said {
            Some(shows) => shows.then_some(at),
            None => before,
        };
        if binding.lines_shown != expected {
            return Err(format!("what binding {} shows is not what the patient said", binding.no));
        }
        if said.is_some() && !is_patients(seen, binding) {
            return Err(format!("somebody else than the patient said what binding {} shows", binding.no));
        }
        if said.is_some_and(|shows| before.is_some() == shows) {
            return Err(format!("binding {} shows what it showed before", binding.no));
        }
        if binding.sight(at, at.day(), at) == Sight::Shown && said.is_some() {
            return Err(format!("binding {} shows a bill that was there before", binding.no));
        }
    }
    Ok(())
}

/// What a record reached of it.
pub fn reached(record: &Record) -> Option<&'static str> {
    record.decision.changes()?;
    word(record).map(|shows| if shows { "lines shown" } else { "lines hidden" })
}
