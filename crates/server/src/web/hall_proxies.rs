//! Proxy purchases at the counter (代购, R-G1): the patient comes, or the agent with the ID documents of both. The token is
//! printed for whoever is served, and forgotten with them.

use super::frame::Frame;
use super::hall_people::People;
use super::inside::Person;
use super::opening::Opening;
use super::proxy::{Proxies, Proxy};
use super::qr::Qr;
use super::trouble::Trouble;
use crate::rest::Civil;
use askama::Template;
use axum::response::Response;
use domain::proxy::{Paper, ProxyReason};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What was entrusted last at this counter, to be handed out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Handout {
    no: u64,
    token: String,
    patient: String,
    agent: String,
    last_day: Civil,
}

#[derive(Deserialize)]
struct Made {
    no: u64,
    token: String,
    patient: Person,
    agent: Person,
    last_day: Civil,
}

#[derive(Template)]
#[template(path = "web/hall_proxies.html")]
struct ProxiesPage {
    frame: Frame,
    people: People,
    /// Whether somebody is there for whom it could be entrusted.
    both: bool,
    reasons: Vec<(&'static str, String)>,
    papers: Vec<(&'static str, String)>,
    latest: Option<Civil>,
    open: Vec<Proxy>,
    handout: Option<(Handout, Qr)>,
}

/// `GET /hall/proxies`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall#scan")) };
    let people = People::of(&opening, &counter).await?;
    let Proxies { entrusted, buys, terms } = opening.proxies(customer).await?;
    let open = entrusted.into_iter().chain(buys).filter(|it| it.state == "open").collect();
    let handout = counter.handout.and_then(|it| Qr::of(&it.token.replace(' ', "")).map(|qr| (it, qr)));
    let words = |list: &str, word: &'static str| (word, opening.word(list, word));
    opening.page(&ProxiesPage {
        frame: opening.frame("代购药：登记委托", "Medicine bought for somebody: entrusting"),
        people,
        both: counter.relative.is_some(),
        reasons: ProxyReason::ALL.iter().map(|it| words("proxy_reason", it.word())).collect(),
        papers: Paper::ALL.iter().map(|it| words("paper", it.word())).collect(),
        latest: terms.map(|it| it.latest),
        open,
        handout,
    })
}

/// `POST /hall/proxies`.
pub(crate) async fn entrust(opening: Opening) -> Result<Response, Trouble> {
    let (opening, mut counter) = opening.at_counter().await?;
    let (Some(customer), Some(relative)) = (counter.customer, counter.relative.clone()) else {
        return Ok(opening.go("/hall"));
    };
    let form = &opening.form;
    let (customer, relative) = (json!({ "no": customer }), json!(relative));
    let is_patient = form.text("patient") == "customer";
    let (patient, agent) =
        if is_patient { (customer.clone(), relative) } else { (relative, customer.clone()) };
    let papers = json!({ "patient": form.filled("patient_paper"), "agent": form.filled("agent_paper") });
    let body = json!({ "patient": patient, "agent": agent, "reason": form.text("reason"),
        "institution": form.filled("institution"), "papers": papers, "last_day": form.text("last_day"),
        "on_behalf_of": customer });
    let Made { no, token, patient, agent, last_day } = opening.send("/proxies", &body).await?;
    let (patient, agent) = (patient.name, agent.name);
    counter.handout = Some(Handout { no, token, patient, agent, last_day });
    opening.keep_counter(&counter).await?;
    Ok(opening.go("/hall/proxies"))
}

/// `POST /hall/proxies/{no}/revoke`.
pub(crate) async fn revoke(opening: Opening) -> Result<Response, Trouble> {
    let (opening, mut counter) = opening.at_counter().await?;
    let no = opening.number("no")?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall")) };
    let body = json!({ "on_behalf_of": { "no": customer } });
    let _: Value = opening.send(&format!("/proxies/{no}/revocation"), &body).await?;
    counter.handout = counter.handout.filter(|it| it.no != no);
    opening.keep_counter(&counter).await?;
    Ok(opening.go("/hall/proxies"))
}
