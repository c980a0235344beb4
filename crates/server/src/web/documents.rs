//! Documents that somebody sends for a binding of theirs which the agency reviews: photographs taken at home, instead of a way
//! to the hall (R-D2); and looking at what was sent.

use super::bound::Bound;
use super::frame::Frame;
use super::hall_documents::{DocumentLine, photograph_of, photographs, wrong_at};
use super::opening::Opening;
use super::trouble::Trouble;
use super::wrongs::Wrongs;
use askama::Template;
use axum::response::Response;
use domain::documents::DocumentKind;
use serde_json::{Value, json};

#[derive(Template)]
#[template(path = "web/documents.html")]
struct DocumentsPage {
    frame: Frame,
    binding: Bound,
    other: String,
    sent: Vec<DocumentLine>,
    kinds: Vec<(&'static str, String)>,
    wrongs: Wrongs,
}

async fn page(opening: &Opening, wrongs: Wrongs) -> Result<DocumentsPage, Trouble> {
    let (no, me) = (opening.number("no")?, opening.person()?);
    let binding: Bound = opening.get(&format!("/bindings/{no}")).await?;
    let kinds = DocumentKind::ALL.iter().map(|it| (it.word(), opening.word("document_kind", it.word())));
    Ok(DocumentsPage {
        frame: opening.frame("上传材料", "Send documents"),
        other: binding.other(me).name.clone(),
        sent: opening.documents_for_binding(me.0, no).await?,
        kinds: kinds.collect(),
        binding,
        wrongs,
    })
}

/// `GET /family/{no}/documents`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    opening.page(&page(&opening, Wrongs::default()).await?)
}

async fn sent(opening: &Opening) -> Result<(), Trouble> {
    let photographs = photographs(opening, opening.person()?.0).await?;
    let document = json!({ "kind": opening.form.text("kind"), "seen": "sent", "photographs": photographs });
    let body = json!({ "binding": opening.number("no")?, "documents": [document] });
    opening.send::<Value>("/documents", &body).await.map(|_| ())
}

/// `POST /family/{no}/documents`.
pub(crate) async fn send(opening: Opening) -> Result<Response, Trouble> {
    if !opening.files.iter().any(|it| it.field == "photographs") {
        let mut wrongs = Wrongs::of(&opening);
        wrongs.add("photographs", "请先选好或拍好照片", "Choose or take a photograph first");
        return opening.again(&page(&opening, wrongs).await?);
    }
    match sent(&opening).await {
        Ok(()) => Ok(opening.go(&format!("/family/{}/documents", opening.number("no")?))),
        Err(Trouble::Said(said)) => match wrong_at(&opening, &said) {
            Some(wrongs) => opening.again(&page(&opening, wrongs).await?),
            None => Err(Trouble::Said(said)),
        },
        Err(other) => Err(other),
    }
}

/// `GET /family/photographs/{digest}`: a photograph that the reader showed or sent.
pub(crate) async fn photograph(opening: Opening) -> Result<Response, Trouble> {
    let digest: String = opening.gap("digest").chars().filter(char::is_ascii_hexdigit).collect();
    photograph_of(&opening, opening.person()?.0, &digest).await
}
