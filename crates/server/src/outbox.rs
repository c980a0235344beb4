//! Messages leave the house: each that a person gets is carried to the destinations that an operator registered, a gateway for
//! text messages or for an app, at least once, signed, in the order of each recipient.
//!
//! [`destinations`] are what was registered, [`reading`] reads on what lanes told people, [`message`] is what is sent,
//! [`waiting`] holds what was not acknowledged yet and what was given up, [`sending`] posts, [`work`] puts it together, [`lag`]
//! says how far behind each destination is.
//!
//! The books themselves are the outbox: a message is in the transaction of what it tells of, so it is never told before that
//! happened and never forgotten after. A destination remembers only how far it has come. Phones and logins are not in the books:
//! of a login a message is left with the destinations; of a change of phones it is left there before, and dropped on its way
//! out where the change did not come to be.

pub mod command;
pub mod destinations;
pub mod lag;
pub mod message;
pub mod reading;
pub mod sending;
pub mod signature;
pub mod waiting;
pub mod work;

use crate::app::App;
use message::Message;
use store::Fault;

/// Leaves a message with every destination that wants it: one of a contact or a login, of which nothing is read on in the
/// books.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn tell(app: &App, message: &Message) -> Result<(), Fault> {
    for destination in destinations::list(app).await? {
        if destination.kinds.contains(message.kind.word()) {
            waiting::put_aside(app, destination.no, message).await?;
        }
    }
    Ok(())
}
