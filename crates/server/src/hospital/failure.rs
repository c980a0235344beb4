//! Answers that are no decisions: malformed, used before, busy, turned away; each in the form of who says so.

use super::gateway::Turned;
use super::json::{Json, object};
use super::reply;
use super::wire::{Malformed, Stamp, answer};
use crate::app::App;
use crate::turn::NoAnswer;
use crate::vault::random;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::borrow::Cow;
use store::Fault;

/// An answer that is no decision.
pub enum Failure {
    /// The message, or a file, cannot be read.
    Malformed(Malformed),
    /// Its id stands for another message.
    KeyReused,
    /// The outcome is unknown.
    Busy,
    /// The gateway turned it away.
    Turned(Cow<'static, str>),
}

impl From<Turned> for Failure {
    fn from(turned: Turned) -> Failure {
        match turned {
            Turned::Away(message) => Failure::Turned(message),
            Turned::Fault(fault) => fault.into(),
        }
    }
}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Failure {
        Failure::Malformed(malformed)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        tracing::warn!(%fault, "a message could not be answered");
        Failure::Busy
    }
}

impl From<NoAnswer> for Failure {
    fn from(reason: NoAnswer) -> Failure {
        match reason {
            NoAnswer::Busy => Failure::Busy,
            NoAnswer::KeyReused => Failure::KeyReused,
        }
    }
}

impl Failure {
    /// The national form, for what a message itself is about.
    ///
    /// # Errors
    /// The failure, where the gateway says it in its own form.
    pub(super) fn told(self, app: &App) -> Result<Vec<u8>, Failure> {
        let message = match self {
            Failure::Malformed(malformed) => {
                let Malformed { field, what } = malformed;
                format!("[MALFORMED] {field}：{what}。没有扣钱，改正后可用原 msgid 重发")
            }
            Failure::KeyReused => {
                "[KEY_REUSED] msgid：此报文ID已用于另一笔内容。本次没有扣钱，新业务请换新的 msgid".to_owned()
            }
            Failure::Busy | Failure::Turned(_) => return Err(self),
        };
        let stamp = Stamp { area: "", sequence: u64::from_be_bytes(random()), at: app.clock.now() };
        Ok(answer(&stamp, Err(message)))
    }

    /// The whole response.
    pub(super) fn into_response(self, app: &App) -> Response {
        match self.told(app) {
            Ok(answer) => reply(answer),
            Err(Failure::Turned(message)) => {
                (StatusCode::UNAUTHORIZED, gateways_own(401, message)).into_response()
            }
            Err(Failure::Busy | Failure::Malformed(_) | Failure::KeyReused) => {
                let text = "正在确认，请用同一 msgid 重发，或用 GJ01 查询结果；请勿重复收款";
                let busy = gateways_own(503, text.into());
                (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], busy).into_response()
            }
        }
    }
}

/// The form of what is no answer of a transaction.
pub(super) fn gateways_own(code: i64, message: Cow<'static, str>) -> Response {
    let body = object! { "code": Json::whole(code), "message": Json::Text(message) };
    reply(body.written().into_bytes())
}
