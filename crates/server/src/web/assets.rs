//! The style sheet and the script: carried by the binary, at an address that changes with their content, so that a
//! browser keeps them for a year.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::ids::Digest;
use std::sync::LazyLock;

const STYLE: &str = include_str!("gongji.css");
const SCRIPT: &str = include_str!("gongji.js");
const HALL_SCRIPT: &str = include_str!("hall.js");

static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/gongji.css", STYLE));
static SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/gongji.js", SCRIPT));
static HALL_SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/hall.js", HALL_SCRIPT));

fn address(path: &str, content: &str) -> String {
    let digest = crate::vault::hex(&Digest::of(&[content.as_bytes()]).0);
    format!("{path}?{}", &digest[..12])
}

/// The style sheet's address.
pub(crate) fn style_address() -> &'static str {
    &STYLE_ADDRESS
}

/// The script's address.
pub(crate) fn script_address() -> &'static str {
    &SCRIPT_ADDRESS
}

/// The address of the hall's script.
pub(crate) fn hall_script_address() -> &'static str {
    &HALL_SCRIPT_ADDRESS
}

/// `GET /assets/hall.js`.
pub(crate) async fn hall_script() -> Response {
    kept("text/javascript; charset=utf-8", HALL_SCRIPT)
}

/// `GET /assets/gongji.css`.
pub(crate) async fn style() -> Response {
    kept("text/css; charset=utf-8", STYLE)
}

/// `GET /assets/gongji.js`.
pub(crate) async fn script() -> Response {
    kept("text/javascript; charset=utf-8", SCRIPT)
}

fn kept(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content).into_response()
}
