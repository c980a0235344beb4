//! The door for our own till: the same messages as those of other software, through the same decoders, the same guard
//! against doing one thing twice, and the same encoders. Only the signature is missing: a session says whose till it is.

use super::addresses::Address;
use super::wire::Envelope;
use super::{Answered, Call, Failure, answer_to};
use crate::app::App;
use domain::ids::InstitutionCode;
use serde_json::{Map, Value};

/// A message of an institution that uses our till.
#[derive(Debug, Clone)]
pub(crate) struct Inside<'a> {
    /// Whose till it is, as its token says.
    pub(crate) institution: InstitutionCode,
    /// Transaction number.
    pub(crate) infno: &'a str,
    /// Message id.
    pub(crate) msgid: &'a str,
    /// Who sits at the till.
    pub(crate) operator: &'a str,
    /// The input's nodes.
    pub(crate) input: Map<String, Value>,
}

/// Answers a message as if it had come signed: what is malformed is told in the form of the interface, too.
///
/// # Errors
/// [`Failure::Busy`] where the outcome is not known.
pub(crate) async fn inside(app: &App, message: Inside<'_>) -> Result<Value, Failure> {
    let bytes = match answered(app, message).await {
        Ok(Answered::Json(answer)) => answer,
        Ok(Answered::File(_)) => return Err(Failure::Busy),
        Err(failure) => failure.told(app)?,
    };
    serde_json::from_slice(&bytes).map_err(|_| Failure::Busy)
}

async fn answered(app: &App, message: Inside<'_>) -> Result<Answered, Failure> {
    let Inside { institution, infno, msgid, operator, input } = message;
    let envelope = Envelope {
        infno: infno.to_owned(),
        msgid: msgid.to_owned(),
        area: institution.to_string().get(1..7).unwrap_or_default().to_owned(),
        institution,
        opter: operator.to_owned(),
        input,
    };
    let transaction = Address::OfAll.transaction(&envelope.infno)?;
    let at = app.clock.now();
    let call = Call { envelope: &envelope, vault: &app.vault, at, proved: None, file: None };
    answer_to(app, &call, transaction).await
}
