//! What a form brings, or what stands after the question mark: names and texts; and the files beside them.

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, header};

/// Fields, in the order they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

/// A file that came with a form.
#[derive(Debug, Clone)]
pub(crate) struct SentFile {
    /// The field it was chosen in.
    pub(crate) field: String,
    pub(crate) bytes: Bytes,
}

/// The most parts of a form with files.
const MOST_PARTS: usize = 64;

/// Reads a form that may have files in it: `multipart/form-data`, or as any other form where no file can come along,
/// as when it is sent again after the session ended. `None` where it is nothing of the kind.
pub(crate) async fn read_with_files(headers: &HeaderMap, body: Bytes) -> Option<(Form, Vec<SentFile>)> {
    let kind = headers.get(header::CONTENT_TYPE)?;
    if !kind.as_bytes().to_ascii_lowercase().starts_with(b"multipart/form-data") {
        return Form::read(&body).map(|it| (it, Vec::new()));
    }
    let request = Request::builder().header(header::CONTENT_TYPE, kind).body(Body::from(body));
    let mut request = request.ok()?;
    // How much the page takes was seen to when the body was read.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = parts.next_field().await.ok()? {
        if fields.len() + files.len() == MOST_PARTS {
            return None;
        }
        let field = part.name()?.to_owned();
        if part.file_name().is_none() {
            fields.push((field, part.text().await.ok()?));
            continue;
        }
        let bytes = part.bytes().await.ok()?;
        // Where nothing was chosen, a browser sends a file without a name and without content.
        if !bytes.is_empty() {
            files.push(SentFile { field, bytes });
        }
    }
    Some((Form(fields), files))
}

impl Form {
    /// Reads `a=1&b=2`; `None` where it is nothing of the kind.
    pub(crate) fn read(bytes: &[u8]) -> Option<Form> {
        serde_urlencoded::from_bytes(bytes).ok().map(Form)
    }

    /// These fields.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Form {
        Form(fields)
    }

    /// What was written into a field, without the spaces around it; empty where there is no such field.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, text)| text.trim())
    }

    /// What was written into a field, where something was.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|it| !it.is_empty())
    }

    /// The answers, without what our own pages put beside them (names with `_` in front) and without passwords.
    pub(crate) fn answers(&self) -> Vec<(String, String)> {
        let ours = |name: &str| name.starts_with('_') || name.contains("password");
        self.0.iter().filter(|(name, _)| !ours(name)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a password or the secret of a form is kept with the answers of somebody whose session ended.
    #[test]
    fn answers_are_what_the_person_wrote() {
        let form = Form::read("_key=1&_form=x&name=%E6%9D%8E&password=p&new_password=q&day=+1+".as_bytes());
        let form = form.expect("a form");
        assert_eq!(
            form.answers(),
            [("name".to_owned(), "李".to_owned()), ("day".to_owned(), " 1 ".to_owned())]
        );
        assert_eq!((form.text("day"), form.text("none"), form.filled("name")), ("1", "", Some("李")));
    }
}
