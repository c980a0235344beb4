//! A client as bureaus and hospitals have one: REST with tokens, the hospital interface with signed envelopes.

use crate::hospital::gateway::sign;
use domain::day::Moment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Something that a story did not expect at all.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(pub String);

/// Answers as they came, in order.
pub type Heard = Arc<Mutex<Vec<String>>>;

/// A client.
#[derive(Clone)]
pub struct Client {
    base: String,
    agent: ureq::Agent,
    machine: fn() -> Moment,
    sent: u64,
    /// Token of an operator.
    pub operator: String,
    /// Access key and secret by institution.
    pub keys: BTreeMap<String, (String, String)>,
    /// Our numbers of people, by the world's keys.
    pub people: BTreeMap<String, u64>,
    /// Every answer as it came, where somebody wants to read them.
    heard: Option<Heard>,
}

impl Client {
    /// A client of the server at this address.
    pub fn new(base: String, operator: String, machine: fn() -> Moment) -> Client {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let (keys, people) = (BTreeMap::new(), BTreeMap::new());
        Client { base, agent, machine, sent: 0, operator, keys, people, heard: None }
    }

    /// The same client, its answers written down.
    pub fn heard_by(self, heard: Option<Heard>) -> Client {
        Client { heard, ..self }
    }

    /// The server's address.
    pub fn base(&self) -> &str {
        &self.base
    }

    fn next(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    /// A REST call as whoever bears the token: status and body.
    ///
    /// # Errors
    /// [`Trouble`] where there was no answer.
    pub fn rest(
        &mut self,
        token: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<(u16, Value), Trouble> {
        let key = format!("demo-{}", self.next());
        self.rest_again(token, method, path, &key, body)
    }

    /// A REST call under an idempotency key of choice.
    ///
    /// # Errors
    /// [`Trouble`] where there was no answer.
    pub fn rest_again(
        &self,
        token: &str,
        method: &str,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<(u16, Value), Trouble> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v1{path}", self.base))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        let request = if method == "GET" { request } else { request.header("idempotency-key", key) };
        let text = if method == "GET" { String::new() } else { body.to_string() };
        self.call(request, text)
    }

    fn call(&self, request: ureq::http::request::Builder, text: String) -> Result<(u16, Value), Trouble> {
        let trouble = |it: &dyn std::fmt::Display| Trouble(it.to_string());
        let request = request.body(text).map_err(|it| trouble(&it))?;
        let mut answer = self.agent.run(request).map_err(|it| trouble(&it))?;
        let body = answer.body_mut().read_to_string().map_err(|it| trouble(&it))?;
        if let Some(heard) = &self.heard {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.push(format!("{} {body}", answer.status().as_u16()));
        }
        let value = serde_json::from_str(&body).unwrap_or(Value::String(body));
        Ok((answer.status().as_u16(), value))
    }

    /// A REST call as the operator that has to succeed.
    ///
    /// # Errors
    /// [`Trouble`] with the problem that came back.
    pub fn operator(&mut self, method: &str, path: &str, body: &Value) -> Result<Value, Trouble> {
        let token = self.operator.clone();
        match self.rest(&token, method, path, body)? {
            (200..=299, value) => Ok(value),
            (status, value) => Err(Trouble(format!("{method} {path}: {status} {value}"))),
        }
    }

    /// A message of the hospital interface under a fresh id: the answer.
    ///
    /// # Errors
    /// [`Trouble`] where there was no answer in the interface's form.
    pub fn message(&mut self, institution: &str, infno: &str, input: &Value) -> Result<Value, Trouble> {
        let msgid = format!("{institution}20250616100000{:04}", self.next());
        self.message_again(institution, infno, &msgid, input)
    }

    /// A message under an id of choice.
    ///
    /// # Errors
    /// [`Trouble`] where there was no answer in the interface's form.
    pub fn message_again(
        &mut self,
        institution: &str,
        infno: &str,
        msgid: &str,
        input: &Value,
    ) -> Result<Value, Trouble> {
        let envelope = envelope(institution, infno, msgid, (self.machine)(), input);
        let (access_key, secret) = self.keys.get(institution).cloned().unwrap_or_default();
        let mut request = ureq::http::Request::builder()
            .method("POST")
            .uri(format!("{}/hospital/{infno}", self.base))
            .header("content-type", "application/json");
        for (name, value) in sign(&access_key, &secret, infno, (self.machine)()) {
            request = request.header(name, value);
        }
        match self.call(request, envelope.to_string())? {
            (200, value) => Ok(value),
            (status, value) => Err(Trouble(format!("{infno}: {status} {value}"))),
        }
    }
}

/// A message in its envelope, as software of an institution fills it in.
pub fn envelope(institution: &str, infno: &str, msgid: &str, at: Moment, input: &Value) -> Value {
    json!({
        "infno": infno,
        "msgid": msgid,
        "mdtrtarea_admvs": institution.get(1..7).unwrap_or_default(),
        "insuplc_admdvs": "",
        "recer_sys_code": "GONGJI",
        "infver": "V1.0",
        "opter_type": "1",
        "opter": "0001",
        "opter_name": "demo",
        "inf_time": at.to_string(),
        "fixmedins_code": institution,
        "fixmedins_name": "demo",
        "input": input,
    })
}
