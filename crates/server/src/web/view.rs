//! How somebody reads: language, and standard or elder mode. Remembered by the browser; also set by address, for tablets
//! at a hall.

use super::opening::Opening;
use super::trouble::Trouble;
use axum::http::{HeaderValue, header};
use axum::response::Response;

/// The cookie that remembers it; it says nothing about the person.
pub(crate) const COOKIE: &str = "gongji_view";

/// How somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct View {
    /// Elder mode, 关怀版.
    pub(crate) elder: bool,
    /// English; Chinese otherwise.
    pub(crate) english: bool,
}

impl View {
    /// Reads the cookie.
    pub(crate) fn read(cookie: Option<&str>) -> View {
        let has = |word: &str| cookie.is_some_and(|it| it.split('-').any(|it| it == word));
        View { elder: has("elder"), english: has("en") }
    }

    fn written(self) -> String {
        let (size, language) =
            (if self.elder { "elder" } else { "standard" }, if self.english { "en" } else { "zh" });
        format!("{COOKIE}={size}-{language}; Path=/; SameSite=Lax; Max-Age=31536000")
    }
}

/// A path of ours to go back to; never another site's.
pub(crate) fn own_path(text: &str) -> &str {
    let plain = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains(|it: char| it == '\\' || it.is_control());
    if plain { text } else { "/" }
}

/// `GET /view?mode=elder&language=en&back=/account`.
pub(crate) async fn change(opening: Opening) -> Result<Response, Trouble> {
    let mut view = opening.view();
    match opening.query.text("mode") {
        "elder" => view.elder = true,
        "standard" => view.elder = false,
        _ => {}
    }
    match opening.query.text("language") {
        "en" => view.english = true,
        "zh" => view.english = false,
        _ => {}
    }
    let mut response = opening.go(own_path(opening.query.text("back")));
    let cookie = HeaderValue::from_str(&view.written()).map_err(|_| Trouble::Unreadable)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a link of ours leads people to another site.
    #[test]
    fn the_way_back_is_a_path_of_ours() {
        for (text, path) in [
            ("/account?a=1", "/account?a=1"),
            ("//evil", "/"),
            ("https://evil", "/"),
            ("/\\evil", "/"),
            ("/\t/evil", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_path(text), path);
        }
    }

    /// If this fails, a choice of size or language is forgotten on the next page.
    #[test]
    fn a_view_is_read_as_it_was_written() {
        for (elder, english) in [(true, true), (true, false), (false, true), (false, false)] {
            let view = View { elder, english };
            let cookie = view.written();
            let value = cookie.split_once('=').and_then(|(_, it)| it.split(';').next());
            assert_eq!(View::read(value), view);
        }
    }
}
