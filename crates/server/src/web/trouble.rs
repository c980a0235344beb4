//! What keeps a page from being shown or a form from being done, and the page that says so: what is true, what became of
//! the money, what to do next.

use super::frame::Frame;
use super::inside::Reason;
use super::kept;
use super::opening::{Opening, written};
use crate::logins::LoginError;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use store::Fault;

/// What stands in the way.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// Another page of the flow is due first.
    Due(&'static str),
    /// Nobody is signed in.
    SignIn,
    /// The page is for others.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// More bytes than the page takes.
    TooLarge,
    /// What was sent is no form of ours.
    Unreadable,
    /// The form did not come from a page of this session.
    NotOurForm,
    /// The store is away, or too many ask at once.
    Busy,
    /// The REST interface refused, or did not understand.
    Said(Box<Said>),
}

/// What the REST interface said: a refusal with its reasons, or which field is wrong.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Said {
    pub(crate) code: String,
    pub(crate) detail: String,
    pub(crate) field: Option<String>,
    #[serde(default)]
    pub(crate) reasons: Vec<Reason>,
    pub(crate) money: String,
    pub(crate) serial: Option<u64>,
}

#[derive(Template)]
#[template(path = "web/trouble.html")]
struct TroublePage {
    frame: Frame,
    line: String,
    next: String,
    reasons: Vec<Reason>,
    money: String,
    serial: Option<u64>,
}

impl Trouble {
    fn status(&self) -> StatusCode {
        match self {
            Trouble::Due(_) => StatusCode::SEE_OTHER,
            Trouble::SignIn => StatusCode::UNAUTHORIZED,
            Trouble::Forbidden | Trouble::NotOurForm => StatusCode::FORBIDDEN,
            Trouble::NotFound => StatusCode::NOT_FOUND,
            Trouble::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Trouble::Unreadable => StatusCode::BAD_REQUEST,
            Trouble::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Trouble::Said(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Where not even the frame of a page can be made.
    pub(crate) fn plain(&self) -> Response {
        let text = "现在打不开这一页。刚才发送的可能已经办成，先不要重复付款。请过一会儿再打开。\nThis page cannot be shown now. What was sent just now may have been done: do not pay twice. Please open it again later.";
        (self.status(), text).into_response()
    }

    /// The page that says it. Whoever has to sign in first is led there, with the answers they had written.
    pub(crate) async fn page(self, opening: &Opening) -> Response {
        if let Trouble::Due(path) = self {
            return opening.go(path);
        }
        if !matches!(self, Trouble::SignIn) {
            return self.told(opening).unwrap_or_else(|it| it.plain());
        }
        match kept::keep(opening).await {
            Ok(way) => opening.go(&way),
            Err(trouble) => trouble.plain(),
        }
    }

    fn told(&self, opening: &Opening) -> Result<Response, Trouble> {
        let frame = opening.frame("这一步没有完成", "This step was not done");
        let say = |zh: &str, en: &str| frame.say(zh, en).to_owned();
        let unchanged = say("没有扣钱，什么也没有改变。", "No money was taken and nothing has changed.");
        let (line, next) = match self {
            Trouble::Due(_) | Trouble::SignIn | Trouble::NotFound => (
                say("没有这一页", "There is no such page"),
                say("请核对地址，或从首页开始。", "Check the address, or begin at the start page."),
            ),
            Trouble::Forbidden => (
                say("这一页不是给您的登录身份用的", "This page is not for whom you are signed in as"),
                say(
                    "请从首页开始，或换一个身份登录。",
                    "Begin at the start page, or sign in as somebody else.",
                ),
            ),
            Trouble::TooLarge => (
                say("发送的内容太大", "What was sent is too large"),
                say("请减少内容或换小一点的照片再发。", "Send less, or a smaller photograph."),
            ),
            Trouble::Unreadable => (
                say("没有读懂发送的内容", "What was sent could not be read"),
                say(
                    "请返回上一页，重新打开后再填一次。",
                    "Go back, open the page again and fill it in once more.",
                ),
            ),
            Trouble::NotOurForm => (
                say("这张表不是从本站当前的页面发出的", "This form was not sent from a page of this session"),
                say("请重新打开那一页再发送。", "Open that page again and send it from there."),
            ),
            Trouble::Busy => (
                say("现在人多，这一步没有结果", "Many people are here now: this step has no result yet"),
                say(
                    "请用同一页再按一次；同一步不会做两次。",
                    "Press again on the same page: one step is never done twice.",
                ),
            ),
            Trouble::Said(said) => (
                said.reasons.first().map_or_else(
                    || say("有一处需要改正", "Something has to be put right"),
                    |it| it.line.clone(),
                ),
                if said.reasons.is_empty() { said.detail.clone() } else { String::new() },
            ),
        };
        let said = if let Trouble::Said(said) = self { Some(said) } else { None };
        let reasons = said.map(|it| it.reasons.clone()).unwrap_or_default();
        let serial = said.and_then(|it| it.serial);
        // Also on a page that is only looked at: what was sent just before led to it, and may have been done.
        let is_unknown = matches!(self, Trouble::Busy);
        let money = match said {
            Some(said) => said.money.clone(),
            None if is_unknown => say(
                "刚才发送的可能已经办成。先不要重复付款，也不要另收现金。",
                "What was sent just now may have been done. Do not pay twice, and take no cash for it yet.",
            ),
            None => unchanged,
        };
        written(self.status(), &TroublePage { frame, line, next, reasons, money, serial })
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        tracing::warn!(%fault, "a page could not be shown");
        Trouble::Busy
    }
}

impl From<LoginError> for Trouble {
    fn from(error: LoginError) -> Trouble {
        match error {
            LoginError::Store(fault) => fault.into(),
            LoginError::Token(_) | LoginError::Name | LoginError::Password => Trouble::Unreadable,
        }
    }
}
