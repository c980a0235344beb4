//! The commitment (承诺书) on paper: to be signed at the counter, and as it was signed (R-D2, R-D4).

use super::counter::Counter;
use super::frame::Frame;
use super::inside::When;
use super::opening::Opening;
use super::papers::fact;
use super::trouble::Trouble;
use crate::pdf::Block;
use axum::response::Response;
use serde::Deserialize;

/// The commitment that was signed for a binding.
#[derive(Deserialize)]
struct Signed {
    version: String,
    digest: String,
    text: Option<String>,
    signed: When,
}

/// The exact text, a paragraph for each line, without its first, which is the title.
fn paragraphs(text: &str) -> Vec<Block> {
    text.lines().skip(1).map(|it| Block::Text(it.to_owned())).collect()
}

/// By what the text is known.
fn known_by(version: &str, digest: &str) -> [Block; 2] {
    [fact("版本", version), fact("校验码（SM3）", digest)]
}

/// The letter is in Chinese, in whichever language pages are read.
fn frame(opening: &Opening, text: &str) -> Frame {
    let title = text.lines().next().unwrap_or_default().to_owned();
    Frame { english: false, title, ..opening.frame("", "") }
}

/// The very text that was signed for a binding.
pub(super) async fn signed(opening: &Opening) -> Result<Response, Trouble> {
    let no = opening.number("no")?;
    let signed: Signed = opening.get(&format!("/bindings/{no}/commitment")).await?;
    let text = signed.text.as_deref().ok_or(Trouble::NotFound)?;
    let (frame, at) = (frame(opening, text), signed.signed.moment());
    let mut blocks = paragraphs(text);
    blocks.push(fact("签署时间", frame.moment(at)));
    blocks.push(fact("授权编号", no.to_string()));
    blocks.extend(known_by(&signed.version, &signed.digest));
    opening.paper(&frame, at, blocks, &format!("commitment-{no}")).await
}

/// `GET /family/{no}/commitment.pdf`: the very text that the reader signed.
pub(crate) async fn own(opening: Opening) -> Result<Response, Trouble> {
    signed(&opening).await
}

/// `GET /hall/bindings/{no}/commitment.pdf`: the very text that was signed.
pub(crate) async fn at_hall(opening: Opening) -> Result<Response, Trouble> {
    let (opening, _) = opening.at_counter().await?;
    signed(&opening).await
}

/// `GET /hall/bind/commitment.pdf`: the text for the customer to sign, of what is prepared at the counter.
pub(crate) async fn to_sign(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Counter { wanted: Some(wanted), .. } = &counter else { return Err(Trouble::NotFound) };
    let letter = opening.letter_about(&counter, wanted).await?.ok_or(Trouble::NotFound)?;
    let mut blocks = paragraphs(&letter.text);
    blocks.push(Block::Signature("签名".to_owned()));
    blocks.push(Block::Signature("日期".to_owned()));
    blocks.extend(known_by(&letter.version, &letter.digest));
    let frame = frame(&opening, &letter.text);
    opening.paper(&frame, opening.app.clock.now(), blocks, "commitment").await
}
