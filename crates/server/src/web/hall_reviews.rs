//! Reviews (审核) of bindings: what waits for one, and the page on which somebody of the staff who did not start the binding
//! approves or rejects it, with the letter that was signed and the documents that both people showed (R-D2). Nobody is at the
//! counter; looking at it, and at each photograph, is part of a review.

use super::bound::{Review, SignedText, review_of, through};
use super::commitments;
use super::frame::Frame;
use super::hall_documents::{DocumentLine, photograph_of};
use super::hall_people::{Binding, BindingLine};
use super::inside::Person;
use super::opening::Opening;
use super::trouble::Trouble;
use super::wrongs::Wrongs;
use crate::looks::Why;
use askama::Template;
use axum::response::Response;
use domain::words::Channel;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Reviews {
    reviews: Vec<Binding>,
    next: Option<String>,
}

/// A binding with how it was started.
#[derive(Deserialize)]
struct Started {
    #[serde(flatten)]
    it: Binding,
    started: Through,
    commitment: Proved,
}

#[derive(Deserialize)]
struct Through {
    channel: Channel,
}

#[derive(Deserialize)]
struct Proved {
    proof: String,
}

#[derive(Deserialize)]
struct Ward {
    guardian: Option<Person>,
}

/// A review that has not ended.
#[derive(Deserialize)]
struct WaitingReview {
    lacks_documents: bool,
}

#[derive(Template)]
#[template(path = "web/hall_reviews.html")]
struct ReviewsPage {
    frame: Frame,
    waiting: Vec<BindingLine>,
    /// The address of the next page.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "web/hall_review.html")]
struct ReviewPage {
    frame: Frame,
    line: BindingLine,
    review: Option<Review>,
    /// What both people showed for it: whose, and which.
    shown: Vec<(u64, String, DocumentLine)>,
    /// How it was started, and with what.
    started: String,
    /// Whether nothing was shown or sent for it, so that it cannot be approved.
    lacks_documents: bool,
    /// Whether the letter that was signed can be written again.
    letter: bool,
    /// The reason as it was typed.
    typed: String,
    wrongs: Wrongs,
}

impl ReviewPage {
    fn waits(&self) -> bool {
        self.line.it.status.state == "in_review"
    }
}

/// Whose documents there may be for a binding: the two people's, and those of who acts for a beneficiary who is minor.
async fn sending(opening: &Opening, it: &Binding) -> Result<Vec<Person>, Trouble> {
    let guardian = match opening.get::<Ward>(&format!("/persons/{}", it.beneficiary.no)).await {
        Ok(found) => found.guardian.filter(|found| found.no != it.giver.no),
        // Who acts for a beneficiary who is insured elsewhere is known there.
        Err(Trouble::Forbidden) => None,
        Err(other) => return Err(other),
    };
    Ok([it.giver.clone(), it.beneficiary.clone()].into_iter().chain(guardian).collect())
}

async fn page(opening: &Opening, wrongs: Wrongs) -> Result<ReviewPage, Trouble> {
    let no = opening.number("no")?;
    let Started { it: binding, started, commitment } = opening.get(&format!("/bindings/{no}")).await?;
    let review = review_of(opening, no, binding.reviewed).await?;
    let waiting: Option<WaitingReview> = match binding.status.state.as_str() {
        "in_review" => Some(opening.get(&format!("/bindings/{no}/review")).await?),
        _ => None,
    };
    let frame = opening.frame("审核授权", "Review a binding");
    let started = [through(&frame, started.channel), &opening.word("proof", &commitment.proof)].join(" · ");
    let signed: SignedText = opening.get(&format!("/bindings/{no}/commitment")).await?;
    let mut shown = Vec::new();
    for person in &sending(opening, &binding).await? {
        match opening.documents_for_binding(person.no, no).await {
            Ok(lines) => shown.extend(lines.into_iter().map(|it| (person.no, person.name.clone(), it))),
            // A beneficiary who is insured elsewhere shows documents there.
            Err(Trouble::Forbidden) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(ReviewPage {
        frame,
        line: opening.binding_line(binding),
        review,
        started,
        lacks_documents: waiting.is_some_and(|it| it.lacks_documents),
        shown,
        letter: signed.text.is_some(),
        typed: opening.form.text("why_reviewed").to_owned(),
        wrongs,
    })
}

/// `GET /hall/reviews`.
pub(crate) async fn list(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    let found: Reviews = opening.get(&format!("/reviews?limit=20&cursor={}", opening.after())).await?;
    let waiting = found.reviews.into_iter().map(|it| opening.binding_line(it)).collect();
    let frame = opening.frame("等审核的授权", "Bindings that wait for a review");
    opening.page(&ReviewsPage { frame, waiting, next: opening.next_page(found.next) })
}

/// `GET /hall/reviews/{no}`.
pub(crate) async fn show(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    opening.page(&page(&opening, Wrongs::default()).await?)
}

/// `POST /hall/reviews/{no}`.
pub(crate) async fn end(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    let no = opening.number("no")?;
    let body = json!({ "outcome": opening.form.text("outcome"), "why": opening.form.filled("why_reviewed") });
    match opening.send::<Value>(&format!("/bindings/{no}/review"), &body).await {
        Ok(_) => Ok(opening.go("/hall/reviews")),
        Err(Trouble::Said(said)) if said.field.as_deref() == Some("why") => {
            let mut wrongs = Wrongs::of(&opening);
            wrongs.add(
                "why_reviewed",
                "不通过要写明理由；最多 200 个字",
                "A rejection has a reason; 200 characters at most",
            );
            opening.again(&page(&opening, wrongs).await?)
        }
        Err(other) => Err(other),
    }
}

/// `GET /hall/reviews/{no}/commitment.pdf`: the letter that was signed for a binding that waits.
pub(crate) async fn letter(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    commitments::signed(&opening).await
}

/// `GET /hall/reviews/{no}/photographs/{person}/{digest}`: a photograph of what was shown for a binding that waits.
pub(crate) async fn photograph(mut opening: Opening) -> Result<Response, Trouble> {
    opening.why = Some(Why::Review);
    let (no, person) = (opening.number("no")?, opening.number("person")?);
    let digest = opening.gap("digest").to_owned();
    let binding: Binding = opening.get(&format!("/bindings/{no}")).await?;
    let shown = opening.documents_for_binding(person, no).await?;
    let is_of_it = shown.iter().any(|it| it.it.photographs.contains(&digest));
    if binding.status.state != "in_review" || !is_of_it {
        return Err(Trouble::NotFound);
    }
    photograph_of(&opening, person, &digest).await
}
