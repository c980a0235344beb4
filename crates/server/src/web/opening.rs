//! One opening of a page: who opens it, how they read, what they sent; and the ways on.

use super::form::{Form, SentFile};
use super::frame::Frame;
use super::session::{Session, cookie};
use super::trouble::Trouble;
use super::view::View;
use crate::app::App;
use crate::logins::LoginKey;
use crate::looks::Why;
use crate::tokens::{Role, Token};
use crate::vault::{hex, random};
use askama::Template;
use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use domain::ids::PersonNo;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq as _;

/// An opening of a page.
#[derive(Clone)]
pub(crate) struct Opening {
    pub(crate) app: App,
    /// The REST interface, inside the process.
    pub(crate) api: Router,
    pub(crate) session: Option<Session>,
    /// Whose session it was that has ended.
    pub(crate) ended: Option<LoginKey>,
    /// The gaps of the page's path.
    pub(crate) path: BTreeMap<String, String>,
    /// What stands after the question mark.
    pub(crate) query: Form,
    /// What was sent.
    pub(crate) form: Form,
    /// The files that were sent with it.
    pub(crate) files: Vec<SentFile>,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) method: Method,
    /// Why the reader looks at somebody else's data, where they are staff and said so.
    pub(crate) why: Option<Why>,
    /// Who is at the counter, where the reader serves somebody: our number.
    pub(crate) serving: Option<u64>,
}

impl Opening {
    /// The token that the session stands for.
    pub(crate) fn token(&self) -> Result<&Token, Trouble> {
        self.session.as_ref().map(|it| &it.login.token).ok_or(Trouble::SignIn)
    }

    /// The citizen who is signed in.
    pub(crate) fn person(&self) -> Result<PersonNo, Trouble> {
        self.token()?.person.ok_or(Trouble::Forbidden)
    }

    /// The role of whoever is signed in.
    pub(crate) fn role(&self) -> Option<Role> {
        self.session.as_ref().map(|it| it.login.token.role)
    }

    /// How the reader wants to read.
    pub(crate) fn view(&self) -> View {
        View::read(cookie(&self.headers, super::view::COOKIE))
    }

    /// A text that the REST interface speaks with too, by its path.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.app.texts.of(if self.view().english { "en" } else { "zh" }).get(path)
    }

    /// A word of a list of words, like `child` of `relation`, in the reader's language.
    pub(crate) fn word(&self, list: &str, word: &str) -> String {
        self.text(&format!("words.{list}.{word}")).to_owned()
    }

    /// A gap of the path, as it is.
    pub(crate) fn gap(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A number in the path.
    pub(crate) fn number(&self, name: &str) -> Result<u64, Trouble> {
        self.gap(name).parse().map_err(|_| Trouble::NotFound)
    }

    /// The frame of the page, under this title.
    pub(crate) fn frame(&self, zh: &str, en: &str) -> Frame {
        let View { elder, english } = self.view();
        let (session, now) = (self.session.as_ref(), self.app.clock.now());
        let here = self.uri.path_and_query().map_or("/", |it| it.as_str());
        Frame {
            title: if english { en } else { zh }.to_owned(),
            english,
            elder,
            role: self.role(),
            form_token: session.map(|it| it.form_token(&self.app)).unwrap_or_default(),
            serving: self.serving,
            key: hex(&random::<12>()),
            back: serde_urlencoded::to_string([("back", here)]).unwrap_or_default(),
            minutes: session.map_or(0, |it| (it.ends.millis() - now.millis()) / 60_000),
            sandbox: self.app.clock.is_sandbox().then_some(now),
        }
    }

    /// A page.
    pub(crate) fn page(&self, template: &impl Template) -> Result<Response, Trouble> {
        written(StatusCode::OK, template)
    }

    /// The page again, because something in the form has to be put right.
    pub(crate) fn again(&self, template: &impl Template) -> Result<Response, Trouble> {
        written(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    /// On to another page, which is looked at: going back and reloading send nothing twice.
    pub(crate) fn go(&self, path: &str) -> Response {
        (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
    }

    /// Whether a form came from a page of ours: one of a session brings the session's secret; without a session the
    /// browser says where it comes from.
    pub(crate) fn came_from_our_page(&self) -> Result<(), Trouble> {
        let header = |name: &str| self.headers.get(name).and_then(|it| it.to_str().ok());
        let ours = match &self.session {
            Some(session) => {
                let (sent, due) = (self.form.text("_form"), session.form_token(&self.app));
                bool::from(sent.as_bytes().ct_eq(due.as_bytes()))
            }
            None => match (header("sec-fetch-site"), header("origin"), header("host")) {
                (Some(site), ..) => site == "same-origin" || site == "none",
                (None, Some(origin), Some(host)) => {
                    origin.split_once("://").is_some_and(|(_, it)| it == host)
                }
                (None, ..) => true,
            },
        };
        ours.then_some(()).ok_or(Trouble::NotOurForm)
    }
}

/// A template as an answer.
pub(crate) fn written(status: StatusCode, template: &impl Template) -> Result<Response, Trouble> {
    match template.render() {
        Ok(html) => Ok((status, Html(html)).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            Err(Trouble::Busy)
        }
    }
}
