//! Signs messages and files as one institution and posts them to any address; knows nothing of what they say.

use crate::hospital::gateway::sign;
use crate::vault::{hex, random};
use clap::ValueEnum;
use domain::day::Moment;
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Digest as _;

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
    /// `x-ca-*` headers with SM3.
    Ca,
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
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub bytes: Vec<u8>,
    /// The body as JSON; null for a file.
    pub json: Value,
}

/// Posts messages.
pub struct Sender {
    base: String,
    agent: ureq::Agent,
    /// Who sends.
    pub account: Account,
    machine: fn() -> Moment,
}

impl Account {
    /// The headers of a message of a transaction.
    fn sign(&self, infno: &str, message: &[u8], at: Moment) -> Vec<(&'static str, String)> {
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
                let mac = Hmac::<sm3::Sm3>::new_from_slice(secret.as_bytes());
                let mac = mac.expect("HMAC takes keys of any length").chain_update(time.as_bytes());
                let digest = mac.chain_update(b"\n").chain_update(message).finalize().into_bytes();
                vec![("x-ca-key", key.clone()), ("x-ca-signature", format!("{time}:{}", hex(&digest)))]
            }
            Scheme::Apikey => vec![("apikey", format!("{key}.{secret}"))],
        }
    }
}

impl Sender {
    /// A sender to an address, in which `{infno}` stands for the transaction's number.
    pub fn new(base: &str, account: Account, machine: fn() -> Moment) -> Sender {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Sender { base: base.to_owned(), agent, account, machine }
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
        let message = envelope.to_string().into_bytes();
        let headers = account.sign(infno, &message, at);
        self.send(infno, headers, "application/json", message)
    }

    /// Sends a message.
    pub fn post(&self, infno: &str, msgid: &str, input: &Value) -> Option<Reply> {
        self.post_as(&self.account, self.now(), infno, &self.envelope(infno, msgid, input))
    }

    /// Sends a file with its message (9101).
    pub fn post_file(&self, msgid: &str, input: &Value, file: &[u8]) -> Option<Reply> {
        let message = self.envelope("9101", msgid, input).to_string();
        let mut body = Vec::new();
        let file_head = "name=\"file\"; filename=\"a.zip\"\r\nContent-Type: application/zip";
        for (head, content) in [("name=\"jsonStr\"", message.as_bytes()), (file_head, file)] {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n");
            body.extend([head.as_bytes(), content, b"\r\n"].concat());
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let headers = self.account.sign("9101", message.as_bytes(), self.now());
        self.send("9101", headers, &format!("multipart/form-data; boundary={BOUNDARY}"), body)
    }

    fn send(
        &self,
        infno: &str,
        headers: Vec<(&'static str, String)>,
        kind: &str,
        body: Vec<u8>,
    ) -> Option<Reply> {
        let mut request = self.agent.post(self.base.replace("{infno}", infno)).header("content-type", kind);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut answer = request.send(body).ok()?;
        let bytes = answer.body_mut().with_config().limit(LONGEST).read_to_vec().ok()?;
        let json = serde_json::from_slice(&bytes).unwrap_or(json!(null));
        Some(Reply { status: answer.status().as_u16(), bytes, json })
    }
}
