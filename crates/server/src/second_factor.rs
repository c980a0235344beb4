//! The second step of signing in: a code that a device of one's own shows for half a minute (TOTP, RFC 6238), or one of
//! the codes that were written down for the day the device is lost. The device's secret lies on the desk, sealed; of the
//! written codes only digests. A code counts once.

use crate::app::App;
use crate::logins::LoginKey;
use crate::vault::{hex, random};
use domain::day::Moment;
use domain::ids::Digest;
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use store::Fault;
use subtle::ConstantTimeEq as _;

/// The drawer of the desk for second factors that are asked for, sealed, under the key of their login.
const DRAWER: &str = "second-factor";
/// The drawer for those that were only begun: what is begun there takes nothing that is asked for away.
const BEGUN: &str = "second-factor-begun";
/// The drawer that says which were ended, by their secrets. Who was at it at the same moment may write one down once more:
/// it stays ended.
const ENDED: &str = "second-factor-ended";
/// The drawer for codes that were used.
const USED: &str = "second-factor-used";
/// The drawer for the written codes, sealed, as long as they can be read.
const SHOWN: &str = "second-factor-codes";
/// Milliseconds for which a device shows one code.
const STEP_MS: i64 = 30_000;
/// A code counts this many steps before and after its own: clocks differ, and people type.
const STEPS_AROUND: u64 = 1;
/// How long it is remembered that a code of a step was used: longer than it counts.
const USED_MS: i64 = 10 * 60_000;
/// How long it is remembered that a written code was used: that alone takes it off the list, which nobody writes down anew.
const WRITTEN_USED_MS: i64 = 10 * 366 * 24 * 3_600_000;
/// How long the written codes can be read after they were made.
const SHOWN_MS: i64 = 15 * 60_000;
/// How many codes are written down.
pub const WRITTEN: usize = 8;

/// What a login's second step is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    secret: [u8; 20],
    /// Since when it is asked for; none: the device has not shown a right code yet.
    pub since: Option<Moment>,
    /// Digests of the written codes, used ones too.
    written: Vec<[u8; 32]>,
}

impl SecondFactor {
    /// Whether it is asked for.
    pub fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// The secret as people type it into a device, in groups of four.
    pub fn secret_text(&self) -> String {
        let text = base32(&self.secret);
        let groups: Vec<&str> = (0..text.len()).step_by(4).filter_map(|at| text.get(at..at + 4)).collect();
        groups.join(" ")
    }

    /// The address that a device reads from a QR code. It names nobody.
    pub fn address(&self) -> String {
        format!("otpauth://totp/Gongji?secret={}&issuer=Gongji", base32(&self.secret))
    }
}

/// RFC 4648, for lengths that need no padding.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = bytes.chunks_exact(5).flat_map(|five| {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |at| LETTERS[usize::try_from(bits >> (5 * at) & 31).unwrap_or(0)])
    });
    letters.map(char::from).collect()
}

/// The step that a moment is in.
pub fn step_of(at: Moment) -> u64 {
    u64::try_from(at.millis() / STEP_MS).unwrap_or(0)
}

/// The six digits that a device with this secret shows in a step (RFC 6238, with SHA-1).
///
/// # Panics
/// Never: HMAC takes keys of any length.
pub fn code(secret: &[u8], step: u64) -> String {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let four = [hash[at] & 127, hash[at + 1], hash[at + 2], hash[at + 3]];
    format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
}

/// The second factor of a login, asked for or only begun.
///
/// # Errors
/// A [`Fault`] where the store is away, or what lies there does not open.
pub async fn find(app: &App, key: &LoginKey) -> Result<Option<SecondFactor>, Fault> {
    // What is confirmed just now is put into the one drawer before it leaves the other: looked for in this order it is found.
    for drawer in [BEGUN, DRAWER] {
        if let Some(factor) = lies_in(app, drawer, key).await?
            && app.desk.get(ENDED, &ended_key(key, &factor), app.clock.now()).await?.is_none()
        {
            return Ok(Some(factor));
        }
    }
    Ok(None)
}

/// What lies in a drawer, ended or not.
async fn lies_in(app: &App, drawer: &str, key: &LoginKey) -> Result<Option<SecondFactor>, Fault> {
    let Some(sealed) = app.desk.get(drawer, &key.0, app.clock.now()).await? else { return Ok(None) };
    let damaged = || Fault::Damaged("a second factor does not open".to_owned());
    let plain = app.vault.open_about(about(key).as_bytes(), &sealed).map_err(|_| damaged())?;
    domain::chain::decode(&plain).map(Some).map_err(|_| damaged())
}

/// Begins: a fresh secret for a device, not asked for before the device has shown a right code. What somebody else began
/// and saw is worth nothing then. Whether it was begun: one that is asked for is ended first.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn begin(app: &App, key: &LoginKey) -> Result<bool, Fault> {
    if find(app, key).await?.is_some_and(|it| it.is_on()) {
        return Ok(false);
    }
    let factor = SecondFactor { secret: random(), since: None, written: Vec::new() };
    put(app, BEGUN, key, &factor).await?;
    Ok(true)
}

/// The device shows a right code: from now on the second step is asked for, and there are written codes to be read.
/// Whether the code was right.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn confirm(app: &App, key: &LoginKey, text: &str) -> Result<bool, Fault> {
    let Some(factor) = find(app, key).await?.filter(|it| !it.is_on()) else { return Ok(false) };
    if !is_shown(app, key, &factor, &digits(text)).await? {
        return Ok(false);
    }
    let codes: Vec<String> = (0..WRITTEN).map(|_| crate::logins::readable()).collect();
    let written = codes.iter().map(|it| digest(key, it)).collect();
    put(app, DRAWER, key, &SecondFactor { since: Some(app.clock.now()), written, ..factor }).await?;
    app.desk.remove(BEGUN, &key.0).await?;
    let sealed = app.vault.seal_about(about(key).as_bytes(), random(), &domain::chain::encode(&codes));
    let until = app.clock.now().plus_millis(SHOWN_MS);
    app.desk.put(SHOWN, &key.0, &sealed, Some(until)).await?;
    Ok(true)
}

/// The written codes, as long as they can be read.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn written(app: &App, key: &LoginKey) -> Result<Vec<String>, Fault> {
    let sealed = app.desk.get(SHOWN, &key.0, app.clock.now()).await?;
    let plain = sealed.and_then(|it| app.vault.open_about(about(key).as_bytes(), &it).ok());
    Ok(plain.and_then(|it| domain::chain::decode(&it).ok()).unwrap_or_default())
}

/// They were written down: nobody reads them again.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn put_away(app: &App, key: &LoginKey) -> Result<(), Fault> {
    app.desk.remove(SHOWN, &key.0).await
}

/// Whether a text is the device's code of now, or one of the written codes. It is used up by that.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn passes(app: &App, key: &LoginKey, text: &str) -> Result<bool, Fault> {
    let Some(factor) = find(app, key).await?.filter(SecondFactor::is_on) else { return Ok(false) };
    let digits = digits(text);
    if digits.len() == 6 && text.chars().all(|it| it.is_ascii_digit() || it.is_whitespace()) {
        return is_shown(app, key, &factor, &digits).await;
    }
    let sent = digest(key, text);
    let is_written = factor.written.iter().any(|it| bool::from(it.ct_eq(&sent)));
    // Of two who bring the same code at the same time one passes.
    Ok(is_written && claim(app, key, &hex(&sent), WRITTEN_USED_MS).await?)
}

/// How many written codes were not used.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn left(app: &App, key: &LoginKey, factor: &SecondFactor) -> Result<usize, Fault> {
    let mut left = 0;
    for code in &factor.written {
        let used = app.desk.get(USED, &used_key(key, &hex(code)), app.clock.now()).await?;
        left += usize::from(used.is_none());
    }
    Ok(left)
}

/// Whether these are the digits of a step around now, and nobody has used them. Devices keep the machine's time, in a
/// sandbox too.
async fn is_shown(app: &App, key: &LoginKey, factor: &SecondFactor, digits: &str) -> Result<bool, Fault> {
    let now = step_of(app.clock.machine_now());
    let around = now.saturating_sub(STEPS_AROUND)..=now + STEPS_AROUND;
    let shown = |step: &u64| bool::from(code(&factor.secret, *step).as_bytes().ct_eq(digits.as_bytes()));
    let found: Vec<u64> = around.filter(shown).collect();
    match found.first() {
        Some(step) => claim(app, key, &step.to_string(), USED_MS).await,
        None => Ok(false),
    }
}

async fn claim(app: &App, key: &LoginKey, what: &str, kept_ms: i64) -> Result<bool, Fault> {
    let now = app.clock.now();
    app.desk.claim(USED, &used_key(key, what), b"", now.plus_millis(kept_ms), now).await
}

fn used_key(key: &LoginKey, what: &str) -> String {
    format!("{}:{what}", key.0)
}

/// Ends it, asked for or begun: the password alone signs in again. Whether there was one.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn end(app: &App, key: &LoginKey) -> Result<bool, Fault> {
    let was = find(app, key).await?.is_some();
    // What is confirmed just now is put into the one drawer before it leaves the other: looked for in this order it is found.
    for drawer in [BEGUN, DRAWER] {
        if let Some(factor) = lies_in(app, drawer, key).await? {
            app.desk.put(ENDED, &ended_key(key, &factor), b"", None).await?;
        }
        app.desk.remove(drawer, &key.0).await?;
    }
    put_away(app, key).await?;
    Ok(was)
}

async fn put(app: &App, drawer: &str, key: &LoginKey, factor: &SecondFactor) -> Result<(), Fault> {
    let sealed = app.vault.seal_about(about(key).as_bytes(), random(), &domain::chain::encode(factor));
    app.desk.put(drawer, &key.0, &sealed, None).await
}

/// Names a secret that was ended without telling it.
fn ended_key(key: &LoginKey, factor: &SecondFactor) -> String {
    let digest = Digest::of(&[b"ended second factor", key.0.as_bytes(), &factor.secret]);
    format!("{}:{}", key.0, hex(&digest.0))
}

/// What is sealed is bound to: nothing of another login or drawer opens as this.
fn about(key: &LoginKey) -> String {
    format!("second factor {}", key.0)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn digest(key: &LoginKey, code: &str) -> [u8; 32] {
    let letters = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    Digest::of(&[b"second factor", key.0.as_bytes(), letters.as_bytes()]).0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, no authenticator shows the codes that are asked for (RFC 6238, appendix B, last six digits; RFC 4648,
    /// section 10).
    #[test]
    fn codes_and_secrets_are_those_of_the_standards() {
        let secret = b"12345678901234567890";
        for (seconds, shown) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = Moment::from_millis(seconds * 1_000);
            assert_eq!(code(secret, step_of(at)), shown, "{seconds}");
        }
        assert_eq!(base32(b"fooba"), "MZXW6YTB");
        assert_eq!(base32(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
