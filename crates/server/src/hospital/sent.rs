//! What was sent: a message, alone or with a file beside it (multipart/form-data); and how a file is answered.

use super::files::{self, File};
use super::wire::Malformed;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest as _, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use std::fmt::Write as _;

/// The longest message that is read: 2,000 lines fit well.
const LONGEST_MESSAGE: usize = 4 * 1024 * 1024;
/// The longest message with a file beside it.
pub(super) const LONGEST_BODY: usize = LONGEST_MESSAGE + files::LONGEST;

/// A message as it came.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// The envelope's text.
    pub(super) message: Bytes,
    /// The file beside it.
    pub(super) file: Option<Bytes>,
}

/// Reads what was sent, as long as it may be.
pub(super) async fn read(head: &Parts, body: Body) -> Result<Sent, Malformed> {
    if has_parts(&head.headers) { parts(head.clone(), body).await } else { whole(body).await }
}

fn has_parts(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(|it| it.as_bytes().to_ascii_lowercase());
    kind.is_some_and(|it| it.starts_with(b"multipart/form-data"))
}

async fn whole(body: Body) -> Result<Sent, Malformed> {
    let megabytes = LONGEST_MESSAGE / 1024 / 1024;
    let message = to_bytes(body, LONGEST_MESSAGE).await;
    let message = message.map_err(|_| Malformed::new("报文", format!("没有收全，或超过 {megabytes} MB")))?;
    Ok(Sent { message, file: None })
}

/// `jsonStr` is the message, `file` the file; other parts are passed over.
async fn parts(head: Parts, body: Body) -> Result<Sent, Malformed> {
    let wrong = |it: MultipartError| {
        Malformed::new("报文", format!("multipart/form-data 不完整或过长（{}）", it.status().as_u16()))
    };
    let form = Multipart::from_request(Request::from_parts(head, body), &()).await;
    let mut form = form.map_err(|_| Malformed::new("报文", "multipart/form-data 缺少 boundary"))?;
    let mut sent = Sent::default();
    while let Some(part) = form.next_field().await.map_err(wrong)? {
        match part.name() {
            Some("jsonStr") => sent.message = part.bytes().await.map_err(wrong)?,
            Some("file") => sent.file = Some(part.bytes().await.map_err(wrong)?),
            _ => {}
        }
    }
    if sent.message.is_empty() {
        return Err(Malformed::new("jsonStr", "缺少：应是报文全文"));
    }
    Ok(sent)
}

/// A file as an answer.
pub(super) fn file(file: File) -> Response {
    let mut name = String::new();
    for byte in file.name.bytes() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let written = if plain { name.write_char(char::from(byte)) } else { write!(name, "%{byte:02X}") };
        written.expect("a String grows");
    }
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
    ];
    (headers, file.content).into_response()
}
