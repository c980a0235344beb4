//! Law books: publishing one, and which is in force.

use super::call::{Answer, Answered, Asking, Call};
use super::problem::{Problem, ProblemLine};
use domain::book::Book;
use domain::ids::{Area, Digest};
use domain::request::{Body, Publish};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Attachments, Fault, Page, Query};
use utoipa::ToSchema;

/// A law book to be published.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBook {
    /// Files, path to text: `policies/…toml` and `catalogue/…`.
    files: BTreeMap<String, String>,
    /// Lays the files over the book in force, instead of taking them for the whole book.
    #[serde(default)]
    over_current: bool,
}

/// A law book.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BookView {
    /// Its digest.
    book: String,
    /// Its files.
    files: Vec<String>,
}

impl BookView {
    fn of(digest: Digest, book: &Book) -> BookView {
        BookView { book: digest.to_string(), files: book.files.keys().cloned().collect() }
    }
}

async fn current(call: &Call) -> Result<(Digest, Book), Problem> {
    let store = &call.app.store;
    let Page::BookInForce(Some(digest)) = store.page(&Query::BookInForce).await? else {
        return Err(Problem::not_found("law book in force"));
    };
    let Page::Book(Some(bytes)) = store.page(&Query::Book(digest)).await? else {
        return Err(Problem::busy());
    };
    let book = Book::from_bytes(&bytes).map_err(|it| Fault::Damaged(format!("law book {digest}: {it}")))?;
    Ok((digest, book))
}

/// `POST /policies`.
pub(crate) async fn publish(call: Call) -> Answered {
    let sent: NewBook = call.body()?;
    call.covers(Area::NATION)?;
    let mut files = if sent.over_current { current(&call).await?.1.files } else { BTreeMap::new() };
    files.extend(sent.files.clone());
    let book = Book { files };
    let law = call.app.laws.keep(&book).map_err(|problems| {
        let line = |it: domain::law::Problem| ProblemLine { file: it.file, line: it.line, what: it.what };
        Problem::wrong_book(problems.into_iter().map(line).collect())
    })?;
    let attachments = Attachments { book: Some(book.bytes()), ..Attachments::default() };
    let body = Body::Publish(Publish { book: law.digest });
    let asking = Asking { attachments, ..Asking::to(call.operator(), body).creating() };
    let view = BookView::of(law.digest, &book);
    call.submit(&sent, asking, move |_, _| view.clone()).await
}

/// `GET /policies/current`.
pub(crate) async fn show(call: Call) -> Answered {
    let (digest, book) = current(&call).await?;
    Ok(Answer::ok(&BookView::of(digest, &book)))
}
