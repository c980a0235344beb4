//! Logins: what somebody signs in with in a browser. A citizen's is their ID number with a password, activated at the
//! hall; staff have a name of their own. A login stands for a [`Token`]: pages do nothing that the token's bearer could
//! not do over REST.

pub mod command;

use crate::app::App;
use crate::messages::{self, Message};
use crate::second_factor;
use crate::tokens::{NewToken, Token, TokenError, keep_bearer};
use crate::vault::{Found, hex, random};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use domain::day::Moment;
use domain::ids::{Digest, Lookup, PersonNo};
use domain::needs::Needs;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::Fault;
use subtle::ConstantTimeEq as _;

/// The drawer of the desk that logins lie in, sealed, under the keyed hash of their name.
const DRAWER: &str = "login";
/// The drawer of the desk that activation codes lie in, as digests, under the same.
const ACTIVATIONS: &str = "activation";
/// An activation code counts for so long.
const ACTIVATION_MS: i64 = 24 * 3_600_000;
/// Letters of activation codes: none that is taken for another when read aloud or written by hand.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// The fewest characters of a password.
pub const SHORTEST: usize = 8;
/// The most characters of a password: hashing takes time with the length.
pub const LONGEST: usize = 128;
/// Numbers of citizens' logins: this and the person's number. Tokens made by hand are numbered below.
const CITIZENS: u64 = 1 << 40;
/// Numbers of staff's logins begin here.
const STAFF: u64 = 1 << 33;
/// Passwords checked at a time: each check takes a processor and 19 MiB for a while.
const AT_ONCE: usize = 2;

/// A login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// In whose name it acts.
    pub token: Token,
    /// The password, hashed with argon2id; none where an identity service vouches for the person.
    password: Option<String>,
    /// When the password was set: sessions begun before have ended.
    pub changed: Moment,
    /// Of a citizen, what they are found by under the login's name: where somebody else is found by it, or nobody, the login
    /// lets nobody in.
    found_by: Option<Lookup>,
}

impl Login {
    /// Whether it has a password; else an identity service vouches for the person.
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }
}

/// The keyed hash of a login's name: where it lies, and what a session remembers of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LoginKey(pub String);

/// Who may wait for a password to be checked at a time: the last of them waits for a few seconds.
const WAITING: usize = 64;

/// Checks passwords, a few at a time.
#[derive(Debug, Clone)]
pub struct Checking {
    turns: Arc<tokio::sync::Semaphore>,
    room: Arc<tokio::sync::Semaphore>,
}

/// So many wait for their passwords to be checked that nobody else is let in to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be checked")]
pub struct Crowded;

/// Why there is no login.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The store is away.
    #[error(transparent)]
    Store(#[from] Fault),
    /// The role names what it must not, or not what it must.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The name is empty or too long.
    #[error("a login's name has 1 to 64 characters")]
    Name,
    /// The password is too short or too long.
    #[error("a password has {SHORTEST} to {LONGEST} characters")]
    Password,
}

impl Default for Checking {
    fn default() -> Checking {
        let semaphore = |most| Arc::new(tokio::sync::Semaphore::new(most));
        Checking { turns: semaphore(AT_ONCE), room: semaphore(WAITING) }
    }
}

impl Checking {
    /// Whether a password is the login's. Without a login the same work is done, so that the time it takes does not say
    /// whether there is one.
    ///
    /// # Errors
    /// [`Crowded`]: nothing was checked.
    pub async fn holds(&self, login: Option<&Login>, password: &str) -> Result<bool, Crowded> {
        const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        if password.chars().count() > LONGEST {
            return Ok(false);
        }
        let _room = self.room.try_acquire().map_err(|_| Crowded)?;
        let hashed = login.and_then(|it| it.password.clone()).unwrap_or_else(|| NOBODYS.to_owned());
        let sent = password.as_bytes().to_vec();
        let _turn = self.turns.acquire().await;
        let checked = tokio::task::spawn_blocking(move || {
            let read = PasswordHash::new(&hashed);
            read.is_ok_and(|it| Argon2::default().verify_password(&sent, &it).is_ok())
        });
        Ok(checked.await.unwrap_or(false) && login.is_some_and(|it| it.password.is_some()))
    }
}

/// Where the login of this name lies. A citizen's name is their ID number.
pub fn key_of(app: &App, name: &str) -> LoginKey {
    LoginKey(hex(&app.vault.lookup(Found::Login, name).0))
}

/// Makes a login, or gives one a new password. Whoever had this name before is who acts from now on.
///
/// # Errors
/// [`LoginError`].
pub async fn keep(app: &App, name: &str, new: NewToken, password: Option<&str>) -> Result<Login, LoginError> {
    new.check()?;
    check_name(name)?;
    let password = match password {
        Some(text) => Some(hashed(text).await?),
        None => None,
    };
    let key = key_of(app, name);
    let earlier = find(app, &key).await?;
    let login = made(app, name, new, password, earlier.as_ref());
    put(app, &key, &login).await?;
    Ok(login)
}

fn check_name(name: &str) -> Result<(), LoginError> {
    let has_length = (1..=64).contains(&name.trim().chars().count());
    has_length.then_some(()).ok_or(LoginError::Name)
}

/// A login as it is to be. It keeps the number of the one before where it stands for the same. Who bears it is the same in
/// any case, unless the name is another citizen's.
fn made(app: &App, name: &str, new: NewToken, password: Option<String>, earlier: Option<&Login>) -> Login {
    let now = app.clock.now();
    let found_by = new.person.map(|_| app.vault.lookup(Found::IdDocument, name));
    let number = match new.person {
        Some(person) => CITIZENS + person.0,
        None => STAFF + u64::from(u32::from_be_bytes(random())),
    };
    let mut token = new.numbered(number, now);
    if let Some(earlier) = earlier.filter(|it| it.token.person == token.person) {
        token.bearer = earlier.token.bearer;
    }
    if let Some(earlier) = earlier.filter(|it| it.token.stands_for() == token.stands_for()) {
        token.no = earlier.token.no;
    }
    Login { token, password, changed: now, found_by }
}

/// An activation code for a login, shown once: with it whoever bears the name sets their password. Until then a password
/// they had goes on. Makes the login where there is none, and otherwise says anew what it stands for.
///
/// # Errors
/// [`LoginError`].
pub async fn invite(app: &App, name: &str, new: NewToken) -> Result<(String, Moment), LoginError> {
    let key = key_of(app, name);
    new.check()?;
    let earlier = find(app, &key).await?;
    let login = made(app, name, new, None, earlier.as_ref());
    // A password goes on where nothing but the code is new: what was revoked, or stood for something else, begins anew.
    let same = |it: &&Login| it.token.revoked.is_none() && it.token.stands_for() == login.token.stands_for();
    let login = match earlier.as_ref().filter(same) {
        Some(Login { password, changed, .. }) => {
            Login { password: password.clone(), changed: *changed, ..login }
        }
        None => login,
    };
    check_name(name)?;
    put(app, &key, &login).await?;
    let code = readable();
    let until = app.clock.now().plus_millis(ACTIVATION_MS);
    app.desk.put(ACTIVATIONS, &key.0, &digest(&key, &code), Some(until)).await?;
    Ok((code, until))
}

/// Ten letters and digits that are read aloud and written by hand.
pub fn readable() -> String {
    random::<10>().iter().map(|it| char::from(LETTERS[usize::from(it % 32)])).collect()
}

/// Sets a password with an activation code, which is used up by that; whether the code was right.
///
/// # Errors
/// [`LoginError`].
pub async fn activate(app: &App, key: &LoginKey, code: &str, password: &str) -> Result<bool, LoginError> {
    let stored = app.desk.get(ACTIVATIONS, &key.0, app.clock.now()).await?;
    let is_right = stored.is_some_and(|it| bool::from(it.ct_eq(&digest(key, code))));
    if !is_right {
        return Ok(false);
    }
    set_password(app, key, password).await?;
    app.desk.remove(ACTIVATIONS, &key.0).await?;
    if let Some(person) = find(app, key).await?.and_then(|it| it.token.person) {
        messages::leave(app, person, Message::Activated).await?;
    }
    Ok(true)
}

/// Gives a login another password.
///
/// # Errors
/// [`LoginError`].
pub async fn set_password(app: &App, key: &LoginKey, password: &str) -> Result<(), LoginError> {
    let hashed = hashed(password).await?;
    if let Some(login) = find(app, key).await? {
        put(app, key, &Login { password: Some(hashed), changed: app.clock.now(), ..login }).await?;
    }
    Ok(())
}

/// Ends a login: nobody signs in with it any more, and its sessions end. Whether there was one.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn revoke(app: &App, name: &str) -> Result<bool, Fault> {
    let key = key_of(app, name);
    let Some(mut login) = find(app, &key).await? else { return Ok(false) };
    login.token.revoked = Some(app.clock.now());
    put(app, &key, &login).await?;
    Ok(true)
}

/// Ends the login under this name if it is this person's, with its second step: whoever else is found to bear the name
/// begins anew.
///
/// # Errors
/// A [`Fault`] where the store is away.
pub async fn revoke_of(app: &App, name: &str, person: PersonNo) -> Result<(), Fault> {
    let key = key_of(app, name);
    if find(app, &key).await?.is_some_and(|it| it.token.person == Some(person)) {
        revoke(app, name).await?;
        second_factor::end(app, &key).await?;
    }
    Ok(())
}

fn digest(key: &LoginKey, code: &str) -> [u8; 32] {
    let letters = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    Digest::of(&[b"activation", key.0.as_bytes(), letters.as_bytes()]).0
}

/// The login that lies under a key.
///
/// # Errors
/// A [`Fault`] where the store is away, or what lies there does not open.
pub async fn find(app: &App, key: &LoginKey) -> Result<Option<Login>, Fault> {
    let Some(sealed) = app.desk.get(DRAWER, &key.0, app.clock.now()).await? else { return Ok(None) };
    let damaged = || Fault::Damaged("a login does not open".to_owned());
    let plain = app.vault.open_about(key.0.as_bytes(), &sealed).map_err(|_| damaged())?;
    domain::chain::decode(&plain).map(Some).map_err(|_| damaged())
}

/// The login that lies under a key, where it lets somebody in: it is taken now, and a citizen is found by its name still.
/// That is so from the moment on at which an amendment takes effect, even where nobody has ended the login yet.
///
/// # Errors
/// As of [`find`].
pub async fn letting_in(app: &App, key: &LoginKey) -> Result<Option<Login>, Fault> {
    let now = app.clock.now();
    let Some(login) = find(app, key).await?.filter(|it| it.token.is_taken(now)) else { return Ok(None) };
    let Some(lookup) = login.found_by else { return Ok(Some(login)) };
    let rows = app.rows(Needs { alone: [lookup].into(), ..Needs::default() }).await?;
    let found = rows.facts.person_by(lookup).map(|it| it.no);
    Ok((found == login.token.person).then_some(login))
}

async fn put(app: &App, key: &LoginKey, login: &Login) -> Result<(), Fault> {
    keep_bearer(&*app.desk, &login.token).await?;
    let sealed = app.vault.seal_about(key.0.as_bytes(), random(), &domain::chain::encode(login));
    app.desk.put(DRAWER, &key.0, &sealed, None).await
}

async fn hashed(password: &str) -> Result<String, LoginError> {
    if !(SHORTEST..=LONGEST).contains(&password.chars().count()) {
        return Err(LoginError::Password);
    }
    let (bytes, salt) = (password.as_bytes().to_vec(), random::<16>());
    let work = tokio::task::spawn_blocking(move || {
        let hash = Argon2::default().hash_password_with_salt(&bytes, &salt);
        hash.map(|it| it.to_string()).expect("argon2 takes passwords and salts of this length")
    });
    work.await.map_err(|_| Fault::Unavailable("a password could not be hashed".to_owned()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a flood of passwords is queued without end, and whoever comes after it waits for hours.
    #[tokio::test]
    async fn nobody_waits_behind_a_flood() {
        let checking = Checking::default();
        let all = u32::try_from(AT_ONCE).expect("small");
        let turns = Arc::clone(&checking.turns).acquire_many_owned(all).await.expect("turns");
        let mut waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let checking = checking.clone();
                tokio::spawn(async move { checking.holds(None, "x").await })
            })
            .collect();
        while checking.room.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(checking.holds(None, "x").await, Err(Crowded));
        assert_eq!(
            checking.holds(None, &"x".repeat(LONGEST + 1)).await,
            Ok(false),
            "looked at without waiting"
        );
        for one in waiting.drain(1..) {
            one.abort();
        }
        drop(turns);
        assert_eq!(waiting.remove(0).await.expect("an answer"), Ok(false), "who waited is answered");
        assert_eq!(checking.holds(None, "x").await, Ok(false), "there is room again");
    }
}
