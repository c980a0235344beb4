//! What was sent, what was answered, and what has to be on record of it.

use serde_json::{Value, json};
use server::demo::client::{Client, Trouble};
use server::demo::stage::text;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Something that was asked for.
#[derive(Clone)]
pub(crate) enum Asked {
    /// A message of an institution's software.
    Message {
        /// Whose.
        place: &'static str,
        /// Which transaction.
        infno: &'static str,
        /// What it says.
        input: Value,
    },
    /// A call of the bureau.
    Rest {
        /// What for.
        path: &'static str,
        /// What it says.
        body: Value,
    },
}

/// What became of something that was not answered.
pub(crate) enum Fate {
    /// It is on record, whole.
    Done,
    /// It never arrived.
    Absent,
}

impl Asked {
    /// Asks under an id: the answer.
    ///
    /// # Errors
    /// [`Trouble`] where none came, or a refusal of the interface itself.
    pub(crate) fn ask(&self, client: &mut Client, id: &str) -> Result<Value, Trouble> {
        match self {
            Asked::Message { place, infno, input } => client.message_again(place, infno, id, input),
            Asked::Rest { path, body } => {
                let token = client.operator.clone();
                match client.rest_again(&token, "POST", path, id, body)? {
                    (200..=299, answer) => Ok(answer),
                    (status, answer) => Err(Trouble(format!("{path}: {status} {answer}"))),
                }
            }
        }
    }

    /// Whether an answer grants what was asked for.
    pub(crate) fn is_granted(&self, answer: &Value) -> bool {
        match self {
            Asked::Message { .. } => text(answer, "/infcode") == "0",
            Asked::Rest { .. } => true,
        }
    }

    /// Demands that an answer that was given is on record and is given again.
    ///
    /// # Errors
    /// [`Trouble`] where it is not.
    pub(crate) fn must_stand(&self, client: &mut Client, id: &str, answer: &Value) -> Result<(), Trouble> {
        let on_record = match self {
            Asked::Message { place, .. } => on_record(client, place, id)?.1,
            Asked::Rest { .. } => self.ask(client, id)?,
        };
        if on_record == *answer {
            Ok(())
        } else {
            Err(Trouble(format!("{id} was acknowledged and is lost: {answer}")))
        }
    }

    /// Demands that what was not answered is whole or absent, and finds out which.
    ///
    /// # Errors
    /// [`Trouble`] where it is half there.
    pub(crate) fn must_be_whole(&self, client: &mut Client, id: &str) -> Result<Fate, Trouble> {
        let Asked::Message { place, .. } = self else {
            // Whether it was there before cannot be asked: sent twice more, it is decided once.
            let first = self.ask(client, id)?;
            return if self.ask(client, id)? == first {
                Ok(Fate::Done)
            } else {
                Err(Trouble(format!("{id} is decided twice")))
            };
        };
        match on_record(client, place, id)? {
            (state, _) if state == "never arrived" => Ok(Fate::Absent),
            (state, answer) if state == "done" && self.ask(client, id)? == answer => Ok(Fate::Done),
            (state, _) => Err(Trouble(format!("{id} is half there: {state}"))),
        }
    }
}

/// What is known of a message: its state, and its answer.
fn on_record(client: &mut Client, place: &str, id: &str) -> Result<(String, Value), Trouble> {
    let asked = client.message(place, "GJ01", &json!({ "data": { "omsgid": id } }))?;
    let answer = asked.pointer("/output/result/GJ_ANSWER").cloned().unwrap_or(Value::Null);
    Ok((text(&asked, "/output/result/GJ_STATE"), answer))
}

/// What was asked for, and each answer that came, by id.
type Sent = BTreeMap<String, (Asked, Vec<Value>)>;

/// All that was sent in a round. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Sent>>);

impl Ledger {
    /// Something is on its way.
    pub(crate) fn sent(&self, id: &str, asked: &Asked) {
        self.all().insert(id.to_owned(), (asked.clone(), Vec::new()));
    }

    /// It was answered.
    pub(crate) fn answered(&self, id: &str, answer: &Value) {
        if let Some((_, answers)) = self.all().get_mut(id) {
            answers.push(answer.clone());
        }
    }

    /// Everything: what was asked, and each answer that came.
    pub(crate) fn take(&self) -> Sent {
        std::mem::take(&mut *self.all())
    }

    fn all(&self) -> MutexGuard<'_, Sent> {
        self.0.lock().expect("clients do not panic while they hold it")
    }
}
