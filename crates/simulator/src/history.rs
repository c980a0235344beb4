//! A record in a line, for whoever reads what led to a red seed.

use crate::scene::kind;
use domain::decision::Outcome;
use domain::reason::Reason;
use store::Record;

/// The most characters of a body that a line shows.
const MOST: usize = 420;

/// A record in a line.
pub fn line(record: &Record) -> String {
    let outcome = match &record.decision.outcome {
        Outcome::Done(done) => format!("done, {:?}", done.answer),
        Outcome::Refused(reasons) => {
            let codes: Vec<&str> = reasons.iter().map(Reason::code).collect();
            format!("refused, {}", codes.join(" "))
        }
    };
    let body: String = format!("{:?}", record.request.body).chars().take(MOST).collect();
    let outcome: String = outcome.chars().take(MOST).collect();
    let (serial, request) = (record.turn.serial, &record.request);
    format!(
        "  {serial} {} {} by {:?}: {outcome}\n      {body}",
        request.key.id,
        kind(&request.body),
        request.actor
    )
}
