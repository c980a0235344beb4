//! Proxy purchases (代购) of a citizen: what they entrusted, what they buy for others, the token an agent shows, and taking
//! an entrustment back (R-G1). Entrusting one is in `proxy_entrust`.

use super::frame::Frame;
use super::inside::{Person, Place, When};
use super::opening::Opening;
use super::proxy_entrust::{Draft, FLOW};
use super::qr::Qr;
use super::trouble::Trouble;
use crate::rest::Civil;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

/// What somebody entrusted and what they buy for others, as the REST interface shows it.
#[derive(Deserialize)]
pub(super) struct Proxies {
    pub(super) entrusted: Vec<Proxy>,
    pub(super) buys: Vec<Proxy>,
    pub(super) terms: Option<Terms>,
}

/// What the law lets be entrusted today.
#[derive(Deserialize)]
pub(super) struct Terms {
    pub(super) latest: Civil,
    pub(super) law: Law,
}

/// What says so.
#[derive(Deserialize)]
pub(super) struct Law {
    pub(super) source: Option<String>,
}

/// An entrusted purchase.
#[derive(Deserialize)]
pub(super) struct Proxy {
    pub(super) no: u64,
    pub(super) patient: Person,
    pub(super) agent: Person,
    pub(super) reason: String,
    pub(super) institution: Option<Place>,
    pub(super) papers: Papers,
    pub(super) since: When,
    pub(super) last_day: Civil,
    pub(super) state: String,
    pub(super) settlement: Option<u64>,
    pub(super) token: Option<String>,
}

/// The documents that are recorded.
#[derive(Clone, Deserialize)]
pub(super) struct Papers {
    pub(super) patient: Option<String>,
    pub(super) agent: Option<String>,
}

impl Proxy {
    /// How it stands, in words.
    fn standing<'a>(&self, frame: &'a Frame) -> &'a str {
        match self.state.as_str() {
            "open" => frame.say("可以去买", "Can be used"),
            "used" => frame.say("已买", "Bought"),
            "revoked" => frame.say("已撤销", "Revoked"),
            _ => frame.say("已过期", "Expired"),
        }
    }

    /// The class of its tag.
    fn tag(&self) -> &'static str {
        match self.state.as_str() {
            "open" => "good",
            "used" => "wait",
            _ => "bad",
        }
    }
}

/// For whom somebody may entrust a purchase: themselves, and minors they act for.
#[derive(Deserialize)]
pub(super) struct Principal {
    pub(super) of: Person,
    pub(super) called: String,
    because: String,
}

#[derive(Deserialize)]
struct Principals {
    codes: Vec<Principal>,
}

impl Opening {
    /// Themselves first.
    pub(super) async fn principals(&self) -> Result<Vec<Principal>, Trouble> {
        let Principals { codes } = self.get("/medical-codes").await?;
        Ok(codes.into_iter().filter(|it| it.because == "own" || it.because == "minor").collect())
    }

    pub(super) async fn proxies(&self, person: u64) -> Result<Proxies, Trouble> {
        self.get(&format!("/persons/{person}/proxies")).await
    }

    /// A document in words; who has recorded none shows it where it is bought.
    pub(super) fn paper_word(&self, word: Option<&String>) -> String {
        let later = self.frame("", "").say("到药店再登记", "To be recorded at the pharmacy").to_owned();
        word.map_or(later, |it| self.word("paper", it))
    }
}

#[derive(Template)]
#[template(path = "web/proxy.html")]
struct ProxiesPage {
    frame: Frame,
    /// The page that is due of one that was begun.
    begun: Option<&'static str>,
    entrusted: Vec<Proxy>,
    buys: Vec<Proxy>,
    over: Vec<Proxy>,
}

/// `GET /proxy`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (mut entrusted, mut buys) = (Vec::new(), Vec::new());
    for principal in opening.principals().await? {
        let found = opening.proxies(principal.of.no).await?;
        entrusted.extend(found.entrusted);
        buys.extend(found.buys);
    }
    let draft: Draft = opening.draft(FLOW).await?;
    let is_open = |it: &Proxy| it.state == "open";
    let (entrusted, mut over): (Vec<Proxy>, Vec<Proxy>) = entrusted.into_iter().partition(is_open);
    let (buys, bought): (Vec<Proxy>, Vec<Proxy>) = buys.into_iter().partition(is_open);
    over.extend(bought);
    opening.page(&ProxiesPage {
        frame: opening.frame("代购药", "Medicine bought for you"),
        begun: draft.is_begun().then(|| draft.next()),
        entrusted,
        buys,
        over,
    })
}

#[derive(Template)]
#[template(path = "web/proxy_token.html")]
struct TokenPage {
    frame: Frame,
    proxy: Proxy,
    qr: Option<Qr>,
    reason: String,
    /// The documents of patient and agent, in words.
    papers: [String; 2],
}

/// The entrusted purchase in the page's path, where it is the reader's, or of a minor they act for.
async fn found(opening: &Opening) -> Result<Proxy, Trouble> {
    let no = opening.number("no")?;
    for principal in opening.principals().await? {
        let Proxies { entrusted, buys, .. } = opening.proxies(principal.of.no).await?;
        if let Some(found) = entrusted.into_iter().chain(buys).find(|it| it.no == no) {
            return Ok(found);
        }
    }
    Err(Trouble::NotFound)
}

/// `GET /proxy/{no}`: what the agent shows.
pub(crate) async fn token(opening: Opening) -> Result<Response, Trouble> {
    let proxy = found(&opening).await?;
    // A QR code holds the token without the spaces that people read by.
    let qr = proxy.token.as_ref().and_then(|it| Qr::of(&it.replace(' ', "")));
    let papers =
        [proxy.papers.patient.as_ref(), proxy.papers.agent.as_ref()].map(|it| opening.paper_word(it));
    opening.page(&TokenPage {
        frame: opening.frame("代购委托", "Entrusted purchase"),
        qr,
        reason: opening.word("proxy_reason", &proxy.reason),
        papers,
        proxy,
    })
}

/// `POST /proxy/{no}/revoke`.
pub(crate) async fn revoke(opening: Opening) -> Result<Response, Trouble> {
    let no = opening.number("no")?;
    let _: Value = opening.send(&format!("/proxies/{no}/revocation"), &json!({})).await?;
    Ok(opening.go(&format!("/proxy/{no}")))
}
