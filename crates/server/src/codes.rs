//! Medical codes (医保码): shown for a minute, taken once, and from then on good for all calls of that visit, at the
//! institution that took them and on that day. They lie on the desk, under keyed hashes, until nobody asks any more.
//! A giver's code that a relative calls up proves that the account may pay, and never who the patient is (R-E2).

use crate::app::App;
use crate::vault::{Found, hex, random};
use domain::credential::{SpeaksOf, Spoiled};
use domain::day::Moment;
use domain::ids::{InstitutionCode, Lookup};
use domain::request::Body;
use domain::words::CredentialKind;
use serde::{Deserialize, Serialize};
use store::Fault;

/// How long a code is shown before it is refreshed.
pub const SHOWN_MS: i64 = 60_000;
/// How many codes there are: a code has 28 digits, as the national one.
const CODES: u128 = 10_u128.pow(28);
/// The drawer of the desk for codes and visit tokens, by the hash of their text.
const SHOWN: &str = "code";
/// The drawer for who took them first.
const TAKEN: &str = "code-taken";

/// Whose a code is, until when it may be taken first, and whether a relative called it up.
#[derive(Serialize, Deserialize)]
struct Shown {
    holder: Lookup,
    until: Moment,
    givers_only: bool,
}

/// Who took a code first, and when.
#[derive(Serialize, Deserialize)]
struct Taken {
    institution: InstitutionCode,
    at: Moment,
}

/// Makes a code of a person, who is found by `holder`, and says until when it may be taken. A code that `speaks_of` a
/// giver is called up by somebody else.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn show(app: &App, holder: Lookup, speaks_of: SpeaksOf) -> Result<(String, Moment), Fault> {
    let until = app.clock.now().plus_millis(SHOWN_MS);
    let code = digits(random());
    keep(app, &code, Shown { holder, until, givers_only: speaks_of == SpeaksOf::Giver }).await?;
    Ok((code, until))
}

/// A code or token as it comes to an institution.
#[derive(Debug, Clone, Copy)]
pub struct Presented {
    /// What was scanned, as [`Found::Code`] finds it.
    pub code: Lookup,
    /// Whom it is to speak of.
    pub speaks_of: SpeaksOf,
    /// The institution that it is shown to.
    pub institution: InstitutionCode,
    /// When.
    pub at: Moment,
}

/// Takes a code or a token: whose it is, or why it proves nothing.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn present(app: &App, it: Presented) -> Result<Result<Lookup, Spoiled>, Fault> {
    let shown = match sound(app, it).await? {
        Ok(shown) => shown,
        Err(spoiled) => return Ok(Err(spoiled)),
    };
    let taken = match taken(app, it).await? {
        Some(taken) => taken,
        None if it.at > shown.until => return Ok(Err(Spoiled::Expired(shown.until))),
        None if take(app, it).await? => return Ok(Ok(shown.holder)),
        // Somebody else was a moment faster.
        None => match taken(app, it).await? {
            Some(taken) => taken,
            None => return Ok(Err(Spoiled::Unknown)),
        },
    };
    let counts = taken.institution == it.institution && taken.at.day() == it.at.day();
    Ok(if counts { Ok(shown.holder) } else { Err(Spoiled::Used(taken.at)) })
}

/// Exchanges a code for the token of a visit (`ecToken`), which only this institution can use, and only today. A code
/// is exchanged once: whoever lost the answer has it refreshed and scans again.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn exchange(app: &App, it: Presented) -> Result<Result<(Lookup, String), Spoiled>, Fault> {
    let shown = match sound(app, it).await? {
        Ok(shown) => shown,
        Err(spoiled) => return Ok(Err(spoiled)),
    };
    if it.at > shown.until && taken(app, it).await?.is_none() {
        return Ok(Err(Spoiled::Expired(shown.until)));
    }
    if !take(app, it).await? {
        let first = taken(app, it).await?;
        return Ok(Err(Spoiled::Used(first.map_or(it.at, |it| it.at))));
    }
    let (token, holder) = (format!("GJ{}", hex(&random::<14>())), shown.holder);
    keep(app, &token, Shown { until: end_of(it.at), ..shown }).await?;
    take(app, Presented { code: app.vault.lookup(Found::Code, &token), ..it }).await?;
    Ok(Ok((holder, token)))
}

/// Puts in place of every code in a request whose it is, or why it proves nothing; cards and documents stay as they are.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn resolve(
    app: &App,
    institution: InstitutionCode,
    body: &mut Body,
    at: Moment,
) -> Result<(), Fault> {
    let codes = body.credentials_mut().into_iter().filter(|(_, it)| it.kind == CredentialKind::Code);
    for (speaks_of, credential) in codes {
        let presented = Presented { code: credential.holder, speaks_of, institution, at };
        credential.prove(present(app, presented).await?);
    }
    Ok(())
}

/// A code that there is, and that may speak of whom it is to speak of. Nobody has taken it by that.
async fn sound(app: &App, it: Presented) -> Result<Result<Shown, Spoiled>, Fault> {
    let Some(shown) = app.desk.get(SHOWN, &key(it.code), it.at).await? else {
        return Ok(Err(Spoiled::Unknown));
    };
    let shown: Shown = read(&shown)?;
    let misplaced = shown.givers_only && it.speaks_of == SpeaksOf::Patient;
    Ok(if misplaced { Err(Spoiled::GiversOnly) } else { Ok(shown) })
}

async fn keep(app: &App, text: &str, shown: Shown) -> Result<(), Fault> {
    let code = app.vault.lookup(Found::Code, text);
    app.desk.put(SHOWN, &key(code), &domain::chain::encode(&shown), Some(forgotten(shown.until))).await
}

/// Says whether this was the first to take it.
async fn take(app: &App, it: Presented) -> Result<bool, Fault> {
    let taken = domain::chain::encode(&Taken { institution: it.institution, at: it.at });
    app.desk.claim(TAKEN, &key(it.code), &taken, forgotten(it.at), it.at).await
}

async fn taken(app: &App, it: Presented) -> Result<Option<Taken>, Fault> {
    app.desk.get(TAKEN, &key(it.code), it.at).await?.map(|it| read(&it)).transpose()
}

/// A code is remembered for a day after it counted, so that who comes too late is told so.
fn forgotten(counted: Moment) -> Moment {
    counted.day().plus(2).start()
}

fn key(code: Lookup) -> String {
    hex(&code.0)
}

fn read<T: serde::de::DeserializeOwned>(stored: &[u8]) -> Result<T, Fault> {
    domain::chain::decode(stored).map_err(|_| Fault::Damaged("a medical code cannot be read".to_owned()))
}

/// The last millisecond of a moment's day.
fn end_of(at: Moment) -> Moment {
    at.day().plus(1).start().plus_millis(-1)
}

/// Twenty-eight digits of 128 random bits: so many more than digits need that none is likelier than another.
fn digits(random: [u8; 16]) -> String {
    format!("{:028}", u128::from_be_bytes(random) % CODES)
}
