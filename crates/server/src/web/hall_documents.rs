//! Documents at the counter: what the customer shows for a binding, with photographs; and looking at one of these.

use super::frame::Frame;
use super::hall_people::{Binding, BindingLine};
use super::inside::When;
use super::opening::Opening;
use super::trouble::Trouble;
use super::wrongs::Wrongs;
use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::documents::{DocumentKind, SeenAs};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Documents {
    documents: Vec<Document>,
}

#[derive(Deserialize)]
pub(super) struct Document {
    at: Option<When>,
    binding: Option<u64>,
    kind: String,
    seen: String,
    pub(super) number: Option<String>,
    pub(super) photographs: Vec<String>,
}

/// A document in words.
pub(super) struct DocumentLine {
    pub(super) it: Document,
    pub(super) kind: String,
    pub(super) seen: String,
    pub(super) at: String,
}

#[derive(Deserialize)]
struct Laid {
    photograph: String,
}

#[derive(Deserialize)]
struct Photograph {
    media_type: String,
    base64: String,
}

#[derive(Template)]
#[template(path = "web/hall_documents.html")]
struct DocumentsPage {
    frame: Frame,
    line: BindingLine,
    shown: Vec<DocumentLine>,
    kinds: Vec<(&'static str, String)>,
    seen: Vec<(&'static str, String)>,
    /// The number as it was typed.
    number: String,
    wrongs: Wrongs,
}

impl Opening {
    /// What a person has shown for a binding, latest first.
    pub(super) async fn documents_for_binding(
        &self,
        person: u64,
        binding: u64,
    ) -> Result<Vec<DocumentLine>, Trouble> {
        let found: Documents = self.get(&format!("/persons/{person}/documents?limit=200")).await?;
        let of_it = found.documents.into_iter().filter(|it| it.binding == Some(binding));
        Ok(of_it.map(|it| self.document_line(it)).collect())
    }

    /// What was shown for an amendment.
    pub(super) async fn documents_for(
        &self,
        person: u64,
        amendment: u64,
    ) -> Result<Vec<DocumentLine>, Trouble> {
        let path = format!("/persons/{person}/documents?amendment={amendment}");
        let found: Documents = self.get(&path).await?;
        Ok(found.documents.into_iter().map(|it| self.document_line(it)).collect())
    }

    fn document_line(&self, it: Document) -> DocumentLine {
        DocumentLine {
            kind: self.word("document_kind", &it.kind),
            seen: self.word("seen_as", &it.seen),
            at: it.at.map(|it| self.frame("", "").moment(it.moment())).unwrap_or_default(),
            it,
        }
    }
}

async fn documents_page(opening: &Opening, customer: u64, wrongs: Wrongs) -> Result<DocumentsPage, Trouble> {
    let no = opening.number("no")?;
    let binding: Binding = opening.get(&format!("/bindings/{no}")).await?;
    let shown = opening.documents_for_binding(customer, no).await?;
    let kinds = DocumentKind::ALL.iter().map(|it| (it.word(), opening.word("document_kind", it.word())));
    let seen = SeenAs::AT_COUNTER.iter().map(|it| (it.word(), opening.word("seen_as", it.word())));
    Ok(DocumentsPage {
        frame: opening.frame("出示的材料", "Documents shown"),
        line: opening.binding_line(binding),
        shown,
        kinds: kinds.collect(),
        seen: seen.collect(),
        number: opening.form.text("number").to_owned(),
        wrongs,
    })
}

/// `GET /hall/bindings/{no}/documents`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall#scan")) };
    opening.page(&documents_page(&opening, customer, Wrongs::default()).await?)
}

/// Lays the photographs of the form aside: their names.
pub(super) async fn photographs(opening: &Opening, person: u64) -> Result<Vec<String>, Trouble> {
    let mut names = Vec::new();
    for file in opening.files.iter().filter(|it| it.field == "photographs") {
        let laid: Laid = opening.send_file(&format!("/persons/{person}/photographs"), &file.bytes).await?;
        names.push(laid.photograph);
    }
    Ok(names)
}

/// What REST found wrong with a field of the form, said at that field.
pub(super) fn wrong_at(opening: &Opening, said: &super::trouble::Said) -> Option<Wrongs> {
    let field = said.field.as_deref()?;
    let mut wrongs = Wrongs::of(opening);
    if said.code == "TOO_MANY" {
        wrongs.add(
            "photographs",
            "今天传的照片太多了，请明天再传，或把材料带到服务大厅",
            "Too many photographs were sent today: send more tomorrow, or take the documents to a hall",
        );
    } else if field.ends_with("number") {
        wrongs.add(
            "number",
            "不要填身份证号；编号最多 50 个字",
            "Leave ID numbers out; a number has at most 50 characters",
        );
    } else {
        wrongs.add(
            "photographs",
            "照片要是 JPEG 或 PNG，每张不超过 4 MB，一件事最多 6 张",
            "A photograph is a JPEG or PNG of at most 4 MB; there is room for 6",
        );
    }
    Some(wrongs)
}

async fn recorded(opening: &Opening, customer: u64) -> Result<(), Trouble> {
    let form = &opening.form;
    let document = json!({
        "kind": form.text("kind"),
        "seen": form.text("seen"),
        "number": form.filled("number"),
        "photographs": photographs(opening, customer).await?,
    });
    let body = json!({ "on_behalf_of": { "no": customer }, "binding": opening.number("no")?, "documents": [document] });
    let _: Value = opening.send("/documents", &body).await?;
    Ok(())
}

/// `POST /hall/bindings/{no}/documents`.
pub(crate) async fn record(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let Some(customer) = counter.customer else { return Ok(opening.go("/hall#scan")) };
    match recorded(&opening, customer).await {
        Ok(()) => Ok(opening.go(&format!("/hall/bindings/{}/documents", opening.number("no")?))),
        Err(Trouble::Said(said)) => match wrong_at(&opening, &said) {
            Some(wrongs) => opening.again(&documents_page(&opening, customer, wrongs).await?),
            None => Err(Trouble::Said(said)),
        },
        Err(other) => Err(other),
    }
}

/// `GET /hall/photographs/{digest}`: a photograph of a document of the customer's. That is a look, for the clerk's reason.
pub(crate) async fn photograph(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    let customer = counter.customer.ok_or(Trouble::NotFound)?;
    let digest: String = opening.gap("digest").chars().filter(char::is_ascii_hexdigit).collect();
    photograph_of(&opening, customer, &digest).await
}

/// A photograph of a person's document, as it is.
pub(super) async fn photograph_of(opening: &Opening, person: u64, digest: &str) -> Result<Response, Trouble> {
    let found: Photograph = opening.get(&format!("/persons/{person}/photographs/{digest}")).await?;
    let bytes = STANDARD.decode(&found.base64).map_err(|_| Trouble::Busy)?;
    let headers =
        [(header::CONTENT_TYPE, found.media_type), (header::CONTENT_DISPOSITION, "inline".to_owned())];
    Ok((headers, bytes).into_response())
}
