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
    /// The form was shown for somebody who is not at the counter any more.
    AnotherCustomer,
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

/// The fields that a page can send wrong: what readers call them, and what would be right, where that is soon said.
const FIELDS: &[(&str, &str, &str)] = &[
    ("name", "姓名或名称", "要 1 到 100 个字"),
    ("id_number", "身份证号", "要 18 位，照证件填"),
    ("card", "卡号", ""),
    ("born", "出生日期", "写成 1958-07-04"),
    ("number", "编号", "最多 50 个字"),
    ("photographs", "照片", "要 JPEG 或 PNG，每张不超过 4 MB"),
    ("documents", "材料", ""),
    ("why", "原因", ""),
    ("reason", "原因", ""),
    ("area", "地区", ""),
    ("institution", "定点机构编码", "H 或 P 和 11 位数字"),
    ("kind", "种类", ""),
    ("day", "日期", "写成 2025-06-16"),
    ("from", "开始日期", "写成 2025-06-16"),
    ("last_day", "最后一天", "写成 2025-06-16"),
    ("per_bill", "每笔限额", "写成 500 或 500.00"),
    ("per_month", "每月限额", "写成 500 或 500.00"),
    ("per_year", "每年限额", "写成 500 或 500.00"),
    ("quota", "共济额度", "写成 500 或 500.00"),
    ("relation", "关系", ""),
    ("own", "本人手机号", "要 11 位"),
    ("helper", "家人手机号", "要 11 位"),
    ("token", "代购号", "从 DG 开始填全"),
    ("q", "要查的药名", "要 1 到 100 个字"),
    ("login", "登录名", ""),
    ("password", "密码", ""),
];

impl Said {
    /// What to put right, where no reason says it. The interface says it to programs, in English: a Chinese page names the field.
    fn remedy(&self, frame: &Frame) -> String {
        if frame.english {
            return self.detail.clone();
        }
        let field = self.field.as_deref().and_then(|it| it.rsplit('.').next());
        let field = field.map(|it| it.split('[').next().unwrap_or(it));
        let known = field.and_then(|field| FIELDS.iter().find(|(word, ..)| *word == field));
        match known {
            Some((_, named, "")) => format!("“{named}”没有填对。请返回上一页，改好再发。"),
            Some((_, named, right)) => format!("“{named}”没有填对：{right}。请返回上一页，改好再发。"),
            None => "有一项没有填对。请返回上一页，核对以后再发。".to_owned(),
        }
    }
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
            Trouble::AnotherCustomer => StatusCode::CONFLICT,
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

    /// What is the matter, and what to do.
    fn sentences(&self, frame: &Frame) -> (String, String) {
        let say = |zh: &str, en: &str| frame.say(zh, en).to_owned();
        match self {
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
            Trouble::AnotherCustomer => (
                say("这张表不是给窗口前这位客户的", "This form was not for whoever is at the counter now"),
                say(
                    "请回到服务大厅，核对客户后重新办理。",
                    "Go back to the hall, see who is served, and begin again.",
                ),
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
                if said.reasons.is_empty() { said.remedy(frame) } else { String::new() },
            ),
        }
    }

    fn told(&self, opening: &Opening) -> Result<Response, Trouble> {
        let frame = if matches!(self, Trouble::Busy) {
            opening.frame("这一步还没有结果", "This step has no result yet")
        } else {
            opening.frame("这一步没有完成", "This step was not done")
        };
        let say = |zh: &str, en: &str| frame.say(zh, en).to_owned();
        let unchanged = say("没有扣钱，什么也没有改变。", "No money was taken and nothing has changed.");
        let (line, next) = self.sentences(&frame);
        let said = if let Trouble::Said(said) = self { Some(said) } else { None };
        let reasons = said.map(|it| it.reasons.clone()).unwrap_or_default();
        let serial = said.and_then(|it| it.serial);
        // Also on a page that is only looked at: what was sent just before led to it, and may have been done.
        let is_unknown = matches!(self, Trouble::Busy);
        let money = match said {
            // What could not be read did nothing; a refusal says what became of the money.
            Some(said) if !said.reasons.is_empty() => said.money.clone(),
            _ if is_unknown => say(
                "刚才发送的可能已经办成。先不要重复付款，也不要另收现金。",
                "What was sent just now may have been done. Do not pay twice, and take no cash for it yet.",
            ),
            _ => unchanged,
        };
        written(self.status(), &TroublePage { frame, line, next, reasons, money, serial })
    }
}

impl From<crate::logins::Crowded> for Trouble {
    fn from(_: crate::logins::Crowded) -> Trouble {
        Trouble::Busy
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
