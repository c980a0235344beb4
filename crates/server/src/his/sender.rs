//! Signs messages and files as one institution and posts them to any address; knows nothing of what they say.

use super::oauth::{self, Keys, Token};
use crate::gateway_keys::Hash;
use crate::hospital::gateway::sign;
use crate::vault::{hex, random};
use clap::ValueEnum;
use domain::day::Moment;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Digest as _;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A boundary that is in no file: ZIPs and JSON of ours do not hold it.
const BOUNDARY: &str = "gongji-his-form-boundary";
/// The longest answer that is read: a whole catalogue, packed.
const LONGEST: u64 = 256 * 1024 * 1024;

/// A signing scheme of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scheme {
    /// `_api_*` headers.
    Api,
    /// `x-tif-*` headers.
    Tif,
    /// `x-ca-*` headers.
    Ca,
    /// A bearer token, SM2 signatures in the body, SM4 where the input is encrypted.
    Oauth,
    /// An `apikey` header.
    Apikey,
}

/// Who sends.
#[derive(Clone)]
pub struct Account {
    /// Its code.
    pub institution: String,
    /// Its access key.
    pub access_key: String,
    /// Its secret.
    pub secret: String,
    /// How it signs.
    pub scheme: Scheme,
    /// With which hash, in the scheme `ca`.
    pub digest: Hash,
    /// With which keys, in the scheme `oauth`.
    pub sm2: Option<Keys>,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body; of one that was signed or encrypted, as it was before.
    pub bytes: Vec<u8>,
    /// The body as JSON; null for a file.
    pub json: Value,
    /// Whether it was signed and encrypted as it has to be; `None` where no answer is, or nobody can tell.
    pub is_sealed_rightly: Option<bool>,
}

/// Posts messages.
pub struct Sender {
    base: String,
    token_url: String,
    tokens: RefCell<BTreeMap<(String, String), Token>>,
    agent: ureq::Agent,
    /// Who sends.
    pub account: Account,
    machine: fn() -> Moment,
}

/// Names and values.
type Headers = Vec<(&'static str, String)>;

impl Scheme {
    /// Whether messages state when they were signed.
    pub(super) fn has_time(self) -> bool {
        matches!(self, Scheme::Api | Scheme::Tif | Scheme::Ca)
    }
}

impl Account {
    /// The headers of a message of a transaction, signed at a time; of the scheme `oauth` with a token.
    fn sign(&self, infno: &str, message: &[u8], at: Moment, token: &str) -> Headers {
        let (key, secret) = (&self.access_key, &self.secret);
        match self.scheme {
            Scheme::Api => sign(key, secret, infno, at).to_vec(),
            Scheme::Tif => {
                let (time, nonce) = ((at.millis() / 1000).to_string(), hex(&random::<12>()));
                let digest = sha2::Sha256::digest(format!("{time}{secret}{nonce}{time}"));
                vec![
                    ("x-tif-paasid", key.clone()),
                    ("x-tif-timestamp", time),
                    ("x-tif-nonce", nonce),
                    ("x-tif-signature", hex(&digest)),
                ]
            }
            Scheme::Ca => {
                let time = at.millis().to_string();
                let digest = match self.digest {
                    Hash::Sm3 => keyed::<Hmac<sm3::Sm3>>(secret, &time, message),
                    Hash::Sha256 => keyed::<Hmac<sha2::Sha256>>(secret, &time, message),
                };
                let signature = format!("{time}:{}", digest.to_ascii_uppercase());
                vec![("x-ca-key", key.clone()), ("x-ca-signature", signature)]
            }
            Scheme::Oauth => vec![("authorization", format!("Bearer {token}"))],
            Scheme::Apikey => vec![("apikey", format!("{key}.{secret}"))],
        }
    }

    /// An answer as it was before it was signed and encrypted.
    fn open(&self, reply: Reply) -> Reply {
        match &self.sm2 {
            Some(keys) => keys.open(&self.access_key, reply),
            None => reply,
        }
    }
}

/// A keyed hash over time and body, hexadecimal.
fn keyed<M: Mac + KeyInit>(secret: &str, time: &str, body: &[u8]) -> String {
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    [time.as_bytes(), b"\n", body].into_iter().for_each(|it| mac.update(it));
    hex(&mac.finalize().into_bytes())
}

/// Where tokens are given, if nothing else is said: at the machine of an address.
pub(super) fn token_url_of(base: &str) -> String {
    let start = base.find("://").map_or(0, |it| it + 3);
    let end = base[start..].find('/').map_or(base.len(), |it| start + it);
    format!("{}/auth/oauth/token", &base[..end])
}

impl Sender {
    /// A sender to an address, in which `{infno}` stands for the transaction's number.
    pub fn new(base: &str, token_url: &str, account: Account, machine: fn() -> Moment) -> Sender {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let tokens = RefCell::default();
        Sender { base: base.to_owned(), token_url: token_url.to_owned(), tokens, agent, account, machine }
    }

    /// The machine's time.
    pub fn now(&self) -> Moment {
        (self.machine)()
    }

    /// A message in its envelope.
    pub fn envelope(&self, infno: &str, msgid: &str, input: &Value) -> Value {
        let institution = &self.account.institution;
        crate::demo::client::envelope(institution, infno, msgid, self.now(), input)
    }

    /// Sends a message, signed by an account at a time of choice: nothing where no answer came.
    pub fn post_as(&self, account: &Account, at: Moment, infno: &str, envelope: &Value) -> Option<Reply> {
        let (headers, message) = match self.sealed(account, at, infno, envelope) {
            Ok(sealed) => sealed,
            Err(no_token) => return no_token,
        };
        self.send(infno, headers, "application/json", message).map(|it| account.open(it))
    }

    /// Sends a message.
    pub fn post(&self, infno: &str, msgid: &str, input: &Value) -> Option<Reply> {
        self.post_as(&self.account, self.now(), infno, &self.envelope(infno, msgid, input))
    }

    /// Sends a file with its message (9101).
    pub fn post_file(&self, msgid: &str, input: &Value, file: &[u8]) -> Option<Reply> {
        let envelope = self.envelope("9101", msgid, input);
        let (headers, message) = match self.sealed(&self.account, self.now(), "9101", &envelope) {
            Ok(sealed) => sealed,
            Err(no_token) => return no_token,
        };
        let mut body = Vec::new();
        let file_head = "name=\"file\"; filename=\"a.zip\"\r\nContent-Type: application/zip";
        for (head, content) in [("name=\"jsonStr\"", message.as_slice()), (file_head, file)] {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n");
            body.extend([head.as_bytes(), content, b"\r\n"].concat());
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send("9101", headers, &kind, body).map(|it| self.account.open(it))
    }

    /// A message as an account sends it, with the headers that prove it.
    ///
    /// # Errors
    /// What was answered instead of a token, if anything was.
    fn sealed(
        &self,
        account: &Account,
        at: Moment,
        infno: &str,
        envelope: &Value,
    ) -> Result<(Headers, Vec<u8>), Option<Reply>> {
        let (message, token) = match &account.sm2 {
            Some(keys) => (keys.seal(&account.access_key, envelope), self.token(account)?),
            None => (envelope.to_string().into_bytes(), String::new()),
        };
        Ok((account.sign(infno, &message, at, &token), message))
    }

    /// A token of an account, asked for where none is at hand.
    fn token(&self, account: &Account) -> Result<String, Option<Reply>> {
        let (whose, now) = ((account.access_key.clone(), account.secret.clone()), self.now());
        if let Some(token) = self.tokens.borrow().get(&whose).filter(|it| it.lasts(now)) {
            return Ok(token.text.clone());
        }
        let basic = oauth::basic(&account.access_key, &account.secret);
        let asked = self.agent.post(&self.token_url).header("authorization", basic);
        let answer = asked.send_form(oauth::grant(&account.institution, &account.secret));
        let reply = read(answer.map_err(|_| None)?).ok_or(None)?;
        let token = Token::read(&reply.json, now).ok_or(Some(reply))?;
        let text = token.text.clone();
        self.tokens.borrow_mut().insert(whose, token);
        Ok(text)
    }

    fn send(&self, infno: &str, headers: Headers, kind: &str, body: Vec<u8>) -> Option<Reply> {
        let mut request = self.agent.post(self.base.replace("{infno}", infno)).header("content-type", kind);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        read(request.send(body).ok()?)
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Option<Reply> {
    let bytes = answer.body_mut().with_config().limit(LONGEST).read_to_vec().ok()?;
    let json = serde_json::from_slice(&bytes).unwrap_or(json!(null));
    Some(Reply { status: answer.status().as_u16(), bytes, json, is_sealed_rightly: None })
}
