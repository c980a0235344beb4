//! Why it did not work: by the number on the slip, without signing in and without a word about anybody; for those
//! concerned with their own facts, what to do, and what says so (R-K1).

use super::frame::Frame;
use super::inside::When;
use super::opening::Opening;
use super::qr::Qr;
use super::trouble::Trouble;
use crate::rest::Civil;
use askama::Template;
use axum::response::Response;
use domain::slip_no::SlipNo;
use serde::Deserialize;

/// What people are told about a decision.
#[derive(Deserialize)]
pub(crate) struct Explanation {
    pub(crate) conclusion: String,
    pub(crate) money: Option<String>,
    pub(crate) reasons: Vec<Told>,
    pub(crate) steps: Vec<StepLine>,
    pub(crate) split: Vec<Share>,
}

/// A reason with all its texts.
#[derive(Deserialize)]
pub(crate) struct Told {
    pub(crate) code: String,
    pub(crate) line: String,
    pub(crate) why: String,
    pub(crate) todo: Vec<String>,
    pub(crate) advice: Vec<String>,
    pub(crate) staff: String,
    pub(crate) rule: String,
    pub(crate) source: Option<Source>,
}

/// One step of a decision.
#[derive(Deserialize)]
pub(crate) struct StepLine {
    pub(crate) rule: String,
    pub(crate) text: String,
    pub(crate) source: Option<Source>,
}

/// What says so.
#[derive(Deserialize)]
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) certainty_text: String,
    pub(crate) from: String,
    pub(crate) to: Option<String>,
}

/// Who pays what.
#[derive(Deserialize)]
pub(crate) struct Share {
    pub(crate) who: String,
    pub(crate) amount: String,
}

#[derive(Deserialize)]
struct Did {
    serial: u64,
    slip: Option<String>,
    decided: When,
    explanation: Explanation,
}

#[derive(Deserialize)]
struct Slip {
    slip: String,
    day: Civil,
    conclusion: String,
    money: Option<String>,
    reasons: Vec<SlipReason>,
}

#[derive(Deserialize)]
struct SlipReason {
    code: String,
    line: String,
    rule: String,
    source: Option<String>,
}

/// A page of ours where something can be done about a reason.
struct Way {
    path: &'static str,
    zh: &'static str,
    en: &'static str,
}

#[derive(Template)]
#[template(path = "web/why_index.html")]
struct IndexPage {
    frame: Frame,
    case: String,
    wrong: bool,
    /// It is a number that is read only by those concerned.
    concerned: bool,
}

#[derive(Template)]
#[template(path = "web/why.html")]
struct WhyPage {
    frame: Frame,
    /// The number for the clerk, to be scanned.
    qr: Option<Qr>,
    did: Did,
    ways: Vec<Way>,
}

#[derive(Template)]
#[template(path = "web/why_slip.html")]
struct SlipPage {
    frame: Frame,
    qr: Option<Qr>,
    slip: Slip,
}

/// `GET /why`: the number on the slip; or what would happen.
pub(crate) async fn index(opening: Opening) -> Result<Response, Trouble> {
    match opening.query.filled("case") {
        Some(case) => {
            let case = addressed(case);
            if case.is_empty() {
                return unknown(&opening);
            }
            Ok(opening.go(&format!("/why/{case}")))
        }
        None => {
            let frame = opening.frame("查为什么没成功", "Why it did not work");
            opening.page(&IndexPage { frame, case: String::new(), wrong: false, concerned: false })
        }
    }
}

/// A number as it stands in an address, however it was written.
fn addressed(case: &str) -> String {
    match SlipNo::parse(case) {
        Some(slip) => slip.to_string(),
        None => case.chars().filter(char::is_ascii_alphanumeric).collect(),
    }
}

fn unknown(opening: &Opening) -> Result<Response, Trouble> {
    let frame = opening.frame("查为什么没成功", "Why it did not work");
    let case = opening.query.filled("case").unwrap_or(opening.gap("case")).to_owned();
    opening.again(&IndexPage { frame, case, wrong: true, concerned: false })
}

/// `GET /why/{case}`: a serial or a slip number. Whoever is not concerned reads what a slip says to anybody.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let case = addressed(opening.gap("case"));
    let slip = SlipNo::parse(&case);
    if opening.session.is_some() {
        match opening.get::<Did>(&format!("/explain/did/{case}")).await {
            Ok(did) => {
                let frame = opening.frame("为什么", "Why");
                let ways = ways(&did.explanation.reasons);
                let qr = did.slip.as_deref().and_then(Qr::of);
                return opening.page(&WhyPage { frame, qr, did, ways });
            }
            Err(Trouble::Forbidden) => {}
            Err(Trouble::NotFound | Trouble::Said(_)) => return unknown(&opening),
            Err(trouble) => return Err(trouble),
        }
    }
    let Some(slip) = slip else {
        // A serial can be counted up: it is read by those concerned.
        if case.parse::<u64>().is_ok() {
            let frame = opening.frame("查为什么没成功", "Why it did not work");
            return opening.page(&IndexPage { frame, case, wrong: false, concerned: true });
        }
        return unknown(&opening);
    };
    match opening.get::<Slip>(&format!("/explain/slip/{slip}")).await {
        Ok(slip) => {
            let (frame, qr) = (opening.frame("为什么", "Why"), Qr::of(&slip.slip));
            opening.page(&SlipPage { frame, qr, slip })
        }
        Err(Trouble::NotFound | Trouble::Said(_)) => unknown(&opening),
        Err(trouble) => Err(trouble),
    }
}

/// Where the reader can do what is advised, each page once.
fn ways(reasons: &[Told]) -> Vec<Way> {
    let mut found: Vec<Way> = Vec::new();
    for way in reasons.iter().flat_map(|it| &it.advice).filter_map(|it| way(it)) {
        if found.iter().all(|it| it.path != way.path) {
            found.push(way);
        }
    }
    found
}

fn way(advice: &str) -> Option<Way> {
    let (path, zh, en) = match advice {
        "bind" | "sign" | "mend_dates" | "drop_limit" | "fill_quota" | "state_quota" => (
            "/bind",
            "家庭共济：让家人花我的个人账户（花我的）",
            "Family sharing: relatives spend my account (my money)",
        ),
        "confirm" | "raise_quota" | "raise_limit" | "release_first" | "release_one" => {
            ("/family", "看我的授权", "My authorisations")
        }
        "show_own_code" | "show_giver_code" => ("/code", "出示医保码", "Show a medical code"),
        _ => return None,
    };
    Some(Way { path, zh, en })
}
