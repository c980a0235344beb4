//! Deciding an amendment that somebody else proposed, on the page that shows what was before, what is to be and what was
//! shown for it. Looking at it, and at each photograph, is part of a review.

use super::frame::Frame;
use super::hall_amendments::AmendmentLine;
use super::hall_documents::{DocumentLine, photograph_of};
use super::opening::Opening;
use super::trouble::Trouble;
use super::wrongs::Wrongs;
use crate::looks::Why;
use askama::Template;
use axum::response::Response;
use serde_json::{Value, json};

#[derive(Template)]
#[template(path = "web/hall_amendment.html")]
struct AmendmentPage {
    frame: Frame,
    line: AmendmentLine,
    shown: Vec<DocumentLine>,
    /// The reason as it was typed.
    typed: String,
    wrongs: Wrongs,
}

/// The amendment that the page is about.
async fn found(opening: &Opening) -> Result<AmendmentLine, Trouble> {
    let (person, no) = (opening.number("person")?, opening.number("no")?);
    let all = opening.amendments(&format!("/persons/{person}/amendments")).await?;
    all.into_iter().find(|it| it.it.no == no).ok_or(Trouble::NotFound)
}

/// What was shown for it.
async fn shown(opening: &Opening) -> Result<Vec<DocumentLine>, Trouble> {
    opening.documents_for(opening.number("person")?, opening.number("no")?).await
}

async fn page(opening: &Opening, wrongs: Wrongs) -> Result<AmendmentPage, Trouble> {
    Ok(AmendmentPage {
        frame: opening.frame("审批更正", "Decide an amendment"),
        line: found(opening).await?,
        shown: shown(opening).await?,
        typed: opening.form.text("why_decided").to_owned(),
        wrongs,
    })
}

/// `GET /hall/amendments/{person}/{no}`.
pub(crate) async fn show(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    opening.page(&page(&opening, Wrongs::default()).await?)
}

/// `POST /hall/amendments/{person}/{no}`.
pub(crate) async fn decide(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    let (person, no) = (opening.number("person")?, opening.number("no")?);
    let body = json!({ "event": opening.form.text("event"), "why": opening.form.text("why_decided") });
    match opening.send::<Value>(&format!("/persons/{person}/amendments/{no}/events"), &body).await {
        Ok(_) => Ok(opening.go("/hall/amendments")),
        Err(Trouble::Said(said)) if said.field.as_deref() == Some("why") => {
            let mut wrongs = Wrongs::of(&opening);
            wrongs.add("why_decided", "请写明理由，最多 200 个字", "Say why, in 200 characters at most");
            opening.again(&page(&opening, wrongs).await?)
        }
        Err(other) => Err(other),
    }
}

/// `GET /hall/amendments/{person}/{no}/photographs/{digest}`: a photograph of what was shown for an amendment that waits,
/// for who proposed it and who may decide it.
pub(crate) async fn photograph(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    let (person, digest) = (opening.number("person")?, opening.gap("digest").to_owned());
    let waits = found(&opening).await?.waits();
    let is_of_it = shown(&opening).await?.iter().any(|it| it.it.photographs.contains(&digest));
    if !waits || !is_of_it {
        return Err(Trouble::NotFound);
    }
    photograph_of(&opening, person, &digest).await
}
