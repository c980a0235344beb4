//! What an agent shows at the till who buys for the patient (代购): the token, which is looked at before anything is settled,
//! and the documents of both (R-G1).

use super::steps::{Wrong, back, changed, open_bill, page};
use crate::web::inside::{Place, Reason};
use crate::web::opening::Opening;
use crate::web::trouble::Trouble;
use axum::response::Response;
use domain::proxy::Paper;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const NO_TOKEN: Wrong =
    ("proxy_token", "请扫代购号，或从 DG 开始填全", "Scan the number, or write it whole, from DG on");
const UNKNOWN: Wrong = ("proxy_token", "没有查到这份代购委托", "There is no such entrustment");

/// What an agent showed, as the REST interface tells a till.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Proxy {
    #[serde(default)]
    token: String,
    pub(super) patient: String,
    pub(super) agent: String,
    pub(super) reason: String,
    pub(super) place: Option<String>,
    pub(super) last_day: crate::rest::Civil,
    /// What speaks against it, in a line each.
    pub(super) against: Vec<String>,
    /// The article that wants the documents.
    pub(super) source: String,
    /// The documents of patient and agent: those recorded before, then those looked at here.
    pub(super) papers: [Option<Paper>; 2],
    /// Whether each was recorded before.
    pub(super) recorded: [bool; 2],
}

#[derive(Deserialize)]
struct Checked {
    patient: String,
    agent: String,
    reason: String,
    institution: Option<Place>,
    papers: Papers,
    last_day: crate::rest::Civil,
    reasons: Vec<Reason>,
    law: Option<Law>,
}

#[derive(Deserialize)]
struct Papers {
    patient: Option<Paper>,
    agent: Option<Paper>,
}

#[derive(Deserialize)]
struct Law {
    source: Option<String>,
}

impl Proxy {
    fn of(opening: &Opening, token: &str, it: Checked) -> Proxy {
        let recorded = [it.papers.patient, it.papers.agent];
        let looked_at = ["patient_paper", "agent_paper"].map(|it| Paper::parse(opening.form.text(it)));
        Proxy {
            token: token.to_owned(),
            patient: it.patient,
            agent: it.agent,
            reason: opening.word("proxy_reason", &it.reason),
            place: it.institution.map(|it| it.name().to_owned()),
            last_day: it.last_day,
            against: it.reasons.into_iter().map(|it| it.line).collect(),
            source: it.law.and_then(|it| it.source).unwrap_or_default(),
            papers: [recorded[0].or(looked_at[0]), recorded[1].or(looked_at[1])],
            recorded: recorded.map(|it| it.is_some()),
        }
    }

    /// The key of the interface: the token, and the documents as codes of `psn_cert_type`.
    pub(super) fn said(&self) -> Value {
        let [patient, agent] = self.papers.map(|it| it.map(code));
        json!({ "no": self.token, "psn_cert_type": patient, "agnter_cert_type": agent })
    }
}

/// The code of a document; one for each that [`crate::hospital`] reads back.
fn code(paper: Paper) -> &'static str {
    match paper {
        Paper::IdCard | Paper::Household => "01",
        Paper::Service => "02",
        Paper::Compatriot => "04",
        Paper::Passport => "08",
    }
}

/// `POST /till/{bill}/proxy`: what the agent shows, or that nobody buys for the patient after all.
pub(crate) async fn add(opening: Opening) -> Result<Response, Trouble> {
    let mut bill = match open_bill(&opening).await? {
        Ok(bill) => bill,
        Err(back) => return Ok(back),
    };
    if opening.form.filled("none").is_some() {
        bill.proxy = None;
        return changed(&opening, bill).await;
    }
    let token = match (opening.form.filled("proxy_token"), &bill.proxy) {
        (Some(token), _) => token.to_owned(),
        // The documents alone: the token stands on the bill.
        (None, Some(proxy)) => proxy.token.clone(),
        (None, None) => return page(&opening, bill, Some(NO_TOKEN)).await,
    };
    match opening.ask::<Checked>("/proxies/check", &json!({ "token": token })).await {
        Ok(checked) => {
            bill.proxy = Some(Proxy::of(&opening, &token, checked));
            changed(&opening, bill).await
        }
        Err(Trouble::Said(said)) if said.reasons.is_empty() => page(&opening, bill, Some(NO_TOKEN)).await,
        Err(Trouble::Said(_)) => page(&opening, bill, Some(UNKNOWN)).await,
        Err(Trouble::Busy) => Ok(back(&opening, &bill)),
        Err(trouble) => Err(trouble),
    }
}
