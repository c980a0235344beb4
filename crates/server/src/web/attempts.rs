//! How often a password may be tried. Whoever has signed in from a browser before has attempts of their own there; all
//! strangers to a login share theirs. So guessing ends after a few attempts, and nobody can lock somebody else out of
//! the phone they use.

use super::session::cookie;
use crate::app::App;
use crate::logins::LoginKey;
use crate::vault::{hex, random};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use store::Fault;
use subtle::ConstantTimeEq as _;

/// The drawer of the desk that attempts lie in.
const DRAWER: &str = "attempt";
/// So many attempts within [`WINDOW_MS`].
pub(crate) const MOST: u8 = 5;
/// So many activation codes within it.
const MOST_CODES: u8 = 50;
/// After so long an attempt is forgotten.
pub(crate) const WINDOW_MS: i64 = 15 * 60_000;

/// From where a password is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct From {
    login: LoginKey,
    /// What is tried: each has attempts of its own.
    what: &'static str,
    /// So many attempts within [`WINDOW_MS`].
    most: u8,
    /// The browser's own number, where it has signed in before.
    device: Option<String>,
}

impl From {
    /// From where a password of this login is tried.
    pub(crate) fn read(app: &App, login: &LoginKey, headers: &HeaderMap) -> From {
        let sent = cookie(headers, &cookie_name(login)).and_then(|it| it.split_once('.'));
        let known = sent.filter(|(number, proof)| {
            bool::from(proof.as_bytes().ct_eq(proof_of(app, login, number).as_bytes()))
        });
        let device = known.map(|(number, _)| number.to_owned());
        From { login: login.clone(), what: "password", most: MOST, device }
    }

    /// The same for a name that nobody signs in with. Such names share attempts, many to a place: whoever makes names up
    /// fills no store.
    pub(crate) fn of_nobody(self) -> From {
        let place = self.login.0.get(..3).unwrap_or_default();
        From { login: LoginKey(format!("nobody:{place}")), device: None, ..self }
    }

    /// The same for activation codes, which are too long to be guessed: wrong passwords of strangers keep nobody from
    /// setting theirs.
    pub(crate) fn activating(self) -> From {
        From { what: "activation", most: MOST_CODES, ..self }
    }

    /// The same for codes of the second step: who guesses these knows the password.
    pub(crate) fn second(self) -> From {
        From { what: "second", ..self }
    }

    /// The same for the present password, asked for within a session.
    pub(crate) fn changing(self) -> From {
        From { what: "change", ..self }
    }

    /// The same for codes of the second step, asked for within a session: what a right password gives back is not theirs.
    pub(crate) fn changing_step(self) -> From {
        From { what: "change-step", ..self }
    }

    fn slot(&self, number: u8) -> String {
        format!("{}:{}:{}:{number}", self.login.0, self.what, self.device.as_deref().unwrap_or("strangers"))
    }

    /// Takes one attempt; whether there was one left. It is taken before the password is looked at, so that many at the
    /// same time are no more than one after another.
    pub(crate) async fn take(&self, app: &App) -> Result<bool, Fault> {
        let now = app.clock.now();
        for number in 0..self.most {
            if app.desk.claim(DRAWER, &self.slot(number), b"", now.plus_millis(WINDOW_MS), now).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives all attempts back: the right password was there.
    pub(crate) async fn give_back(&self, app: &App) -> Result<(), Fault> {
        for number in 0..self.most {
            app.desk.remove(DRAWER, &self.slot(number)).await?;
        }
        Ok(())
    }

    /// The cookie by which this browser is known from now on.
    pub(crate) fn cookie(&self, app: &App) -> String {
        let number = self.device.clone().unwrap_or_else(|| hex(&random::<12>()));
        let secure = if app.clock.is_sandbox() { "" } else { "; Secure" };
        let (name, proof) = (cookie_name(&self.login), proof_of(app, &self.login, &number));
        format!("{name}={number}.{proof}; Path=/sign-in; HttpOnly; SameSite=Lax; Max-Age=31536000{secure}")
    }
}

fn cookie_name(login: &LoginKey) -> String {
    format!("gongji_known_{}", login.0.get(..12).unwrap_or_default())
}

fn proof_of(app: &App, login: &LoginKey, number: &str) -> String {
    URL_SAFE_NO_PAD.encode(app.vault.derived("known browser", &format!("{} {number}", login.0)))
}
