//! Answers that are no success (RFC 9457): malformed, not let in, not found, refused, busy. Every reason that a
//! caller reads is written by [`reasons`].

use super::call::Answer;
use super::telling::Teller;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::advice::MOST_STEPS;
use domain::decision::{Case, Decision};
use domain::explanation::Telling;
use domain::reason::Reason;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use store::Fault;
use utoipa::ToSchema;

/// What is said about money where nothing happened.
pub(crate) const NOT_MOVED: &str = "没有扣钱";
/// What is said about money where the outcome is not known.
pub(crate) const UNKNOWN: &str = "结果未知，请用同一个 Idempotency-Key 再问一次";

/// A problem: boxed, because most calls have none.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Said>);

/// A problem as it is written, RFC 9457.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Said {
    /// Leads to the documentation of the code.
    #[serde(rename = "type")]
    #[schema(example = "/api/docs#MALFORMED")]
    kind: String,
    /// What kind of problem it is, in a few words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The code for machines: of a refusal the code of its first reason.
    code: String,
    /// What happened and what to do about it.
    detail: String,
    /// The field at fault, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// All reasons of a refusal, most fixable first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReasonView>,
    /// What is wrong with a law book, each with file and line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemLine>,
    /// What became of the money.
    money: &'static str,
    /// The decision, where the refusal is one: it can be explained by this serial.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<u64>,
}

/// Something wrong in a file of a law book.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProblemLine {
    /// The file.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong, and what would be right.
    pub(crate) what: String,
}

/// A reason.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReasonView {
    /// The code for machines.
    #[schema(example = "NOT_BOUND")]
    pub(crate) code: &'static str,
    /// The rule it comes from.
    #[schema(example = "R-B3")]
    pub(crate) rule: &'static str,
    /// One line for people.
    pub(crate) line: String,
    /// One or two sentences for people.
    pub(crate) why: String,
    /// Its facts, by name.
    pub(crate) args: BTreeMap<&'static str, Value>,
    /// What can be done about it, step by step, where something was refused; left out where nothing is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) todo: Vec<String>,
}

/// The reasons of a refusal, each with what can be done about it; `case` is what was decided on.
pub(crate) fn advised(case: Case<'_>, decision: &Decision, teller: &Teller<'_>) -> Vec<ReasonView> {
    let telling = Telling::of(case, decision, teller.reader(), MOST_STEPS);
    let list: Vec<Reason> = telling.reasons.iter().map(|it| it.reason.clone()).collect();
    let todo = telling.reasons.iter().map(|it| telling.todo(it).collect());
    reasons(&list, teller).into_iter().zip(todo).map(|(view, todo)| ReasonView { todo, ..view }).collect()
}

/// Reasons as callers read them.
pub(crate) fn reasons(list: &[Reason], teller: &Teller<'_>) -> Vec<ReasonView> {
    let reader = teller.reader();
    let view = |it: &Reason| {
        let hidden = reader.hides_balance(it);
        let args = it.args().into_iter().filter(|(name, _)| !hidden || *name != "balance");
        let args = args.map(|(name, arg)| (name, teller.arg(&arg)));
        let (line, why) = (reader.say_of(it, "citizen.line"), reader.say_of(it, "citizen.why"));
        ReasonView { code: it.code(), rule: it.rule(), line, why, args: args.collect(), todo: Vec::new() }
    };
    list.iter().map(view).collect()
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Problem {
        Problem(Box::new(Said {
            kind: format!("/api/docs#{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.into(),
            field: None,
            reasons: Vec::new(),
            problems: Vec::new(),
            money: NOT_MOVED,
            serial: None,
        }))
    }

    fn with(mut self, more: impl FnOnce(&mut Said)) -> Problem {
        more(&mut self.0);
        self
    }

    /// Something cannot be decoded: which field, and what would be right.
    pub(crate) fn malformed(field: &str, remedy: impl Into<String>) -> Problem {
        let problem =
            Problem::new(StatusCode::BAD_REQUEST, "MALFORMED", "The request cannot be read", remedy);
        problem.with(|it| it.field = Some(field.to_owned()))
    }

    pub(crate) fn no_token() -> Problem {
        let detail = "Send `Authorization: Bearer …` with a token that is neither expired nor revoked; \
             an operator makes one with `gongji token`.";
        Problem::new(StatusCode::UNAUTHORIZED, "TOKEN_MISSING", "No valid token", detail)
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "FORBIDDEN", "This token does not reach that far", detail)
    }

    pub(crate) fn not_found(what: &str) -> Problem {
        let detail = format!("There is no such {what}.");
        Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", "Not found", detail)
    }

    pub(crate) fn key_reused() -> Problem {
        let detail = "This Idempotency-Key was used for another body before; take a fresh one.";
        Problem::new(StatusCode::CONFLICT, "KEY_REUSED", "The key was used for something else", detail)
    }

    pub(crate) fn outdated(detail: &str) -> Problem {
        Problem::new(StatusCode::CONFLICT, "OUTDATED", "It has changed meanwhile", detail)
    }

    /// More of a field than somebody may send in a time.
    pub(crate) fn too_many(field: &str, detail: &str) -> Problem {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY", "Too many for now", detail);
        problem.with(|it| it.field = Some(field.to_owned()))
    }

    pub(crate) fn busy() -> Problem {
        let detail = "Whether the request was carried out is not known: send it again with the same key.";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "BUSY", "Busy", detail);
        problem.with(|it| it.money = UNKNOWN)
    }

    /// A refusal: our answer, with all its reasons.
    pub(crate) fn refused(list: &[Reason], teller: &Teller<'_>) -> Problem {
        Problem::because(reasons(list, teller))
    }

    /// A refusal with these reasons.
    pub(crate) fn because(views: Vec<ReasonView>) -> Problem {
        let code = views.first().map_or("REFUSED", |it| it.code);
        let why: Vec<&str> = views.iter().map(|it| it.why.as_str()).collect();
        let detail = why.join("\n");
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, "Refused", detail);
        problem.with(|it| it.reasons = views)
    }

    /// A refusal that is on record under this serial.
    pub(crate) fn on_record(self, serial: u64) -> Problem {
        self.with(|it| it.serial = Some(serial))
    }

    /// What is wrong with a law book.
    pub(crate) fn wrong_book(problems: Vec<ProblemLine>) -> Problem {
        let detail = "The law book has mistakes; `problems` lists them all, each with file and line.";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let problem = Problem::new(status, "LAW_BOOK_WRONG", "Not published", detail);
        problem.with(|it| it.problems = problems)
    }

    /// As an answer that can be stored and given again.
    pub(crate) fn answer(&self) -> Answer {
        let json = serde_json::to_vec(&self.0).expect("a problem is plain data");
        Answer { status: self.0.status, json, replayed: false }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        tracing::warn!(%fault, "a request of the REST interface could not be answered");
        Problem::busy()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.answer().into_response();
        if self.0.status == StatusCode::UNAUTHORIZED.as_u16() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
