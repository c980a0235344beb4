//! Messages to people that follow from no decision: of their login. They lie on the desk, sealed, in one drawer for each
//! person, for a year.

use crate::app::App;
use crate::outbox;
use crate::vault::random;
use domain::day::Moment;
use domain::ids::PersonNo;
use store::Fault;

/// How long a message is kept.
const KEPT_MS: i64 = 366 * 24 * 3_600_000;

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// A service hall gave an activation code for the person.
    ActivationCode,
    /// A password was set with it.
    Activated,
    /// A service hall ended the second step of signing in.
    SecondFactorEnded,
}

impl Message {
    const ALL: [Message; 3] = [Message::ActivationCode, Message::Activated, Message::SecondFactorEnded];

    /// The word for it, as in `words.message` of the texts.
    pub const fn word(self) -> &'static str {
        match self {
            Message::ActivationCode => "activation_code",
            Message::Activated => "activated",
            Message::SecondFactorEnded => "second_factor_ended",
        }
    }

    fn parse(word: &[u8]) -> Option<Message> {
        Message::ALL.into_iter().find(|it| it.word().as_bytes() == word)
    }
}

fn drawer(person: PersonNo) -> String {
    format!("message-to:{}", person.0)
}

fn about(drawer: &str, key: &str) -> Vec<u8> {
    format!("{drawer}/{key}").into_bytes()
}

/// Leaves a message for a person, and for their phones.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn leave(app: &App, person: PersonNo, message: Message) -> Result<(), Fault> {
    let now = app.clock.now();
    let (drawer, key) = (drawer(person), format!("{:014}:{}", now.millis(), message.word()));
    let sealed = app.vault.seal_about(&about(&drawer, &key), random(), message.word().as_bytes());
    app.desk.put(&drawer, &key, &sealed, Some(now.plus_millis(KEPT_MS))).await?;
    outbox::tell(app, &outbox::message::Message::of_login(person, now, message)).await
}

/// The messages to a person, latest first.
///
/// # Errors
/// A [`Fault`] where the store is away, or a message does not open.
pub async fn to(app: &App, person: PersonNo) -> Result<Vec<(Moment, Message)>, Fault> {
    let damaged = || Fault::Damaged("a message does not open".to_owned());
    let drawer = drawer(person);
    let kept = app.desk.list(&drawer, app.clock.now()).await?;
    let read = |(key, sealed): &(String, Vec<u8>)| {
        let word = app.vault.open_about(&about(&drawer, key), sealed).map_err(|_| damaged())?;
        let at = key.split(':').next().and_then(|it| it.parse().ok()).ok_or_else(damaged)?;
        Ok((Moment::from_millis(at), Message::parse(&word).ok_or_else(damaged)?))
    };
    kept.iter().rev().map(read).collect()
}
