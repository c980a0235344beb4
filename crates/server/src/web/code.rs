//! Medical codes (医保码): whose is chosen first, then it is shown, large and for a minute. No balance stands here.

use super::code128::Bars;
use super::frame::Frame;
use super::inside::Person;
use super::opening::Opening;
use super::qr::Qr;
use super::trouble::Trouble;
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

/// How many choices stand on a page in elder mode, beside the one that shows the others.
const ELDER_MOST: usize = 4;
/// How long before a code ends another one is fetched.
const AHEAD_SECONDS: u32 = 5;

#[derive(Deserialize)]
struct Codes {
    codes: Vec<Shown>,
}

/// Whose code somebody may show.
#[derive(Deserialize)]
struct Shown {
    of: Person,
    called: String,
    because: String,
    speaks_of: String,
    needed: bool,
}

#[derive(Deserialize)]
struct Code {
    code: String,
    #[serde(flatten)]
    shown: Shown,
    refresh_seconds: u32,
}

impl Shown {
    fn is_own(&self) -> bool {
        self.because == "own"
    }

    fn is_givers(&self) -> bool {
        self.speaks_of == "giver"
    }

    /// The first line: whose code it is, and whose money it spends.
    fn banner(&self, frame: &Frame) -> String {
        let called = &self.called;
        match (self.is_givers(), self.is_own(), frame.english) {
            (true, _, false) => format!("{called}（付钱的人）的码 · 和您自己的码一起出示"),
            (true, _, true) => format!("Code of your {called}, who pays: shown together with your own"),
            (false, true, false) => "您的医保码 · 花您自己的医保".to_owned(),
            (false, true, true) => "Your medical code: spends your own insurance".to_owned(),
            (false, false, false) => format!("{called}的医保码 · 花{called}自己的医保"),
            (false, false, true) => format!("Code of your {called}: spends their own insurance"),
        }
    }

    /// Said once, where the code is shown (R-H1).
    fn warning(&self, frame: &Frame) -> String {
        let called = &self.called;
        match (self.is_givers(), self.is_own(), frame.english) {
            (true, _, false) => {
                format!("钱可以共济，卡不能共用。这个码只证明{called}同意付钱，看病还要出示您自己的码。")
            }
            (true, _, true) => {
                format!(
                    "Money is shared, cards are not. This code only proves that your {called} pays: show your own too."
                )
            }
            (false, true, false) => "钱可以共济，卡不能共用。这个码只能您本人看病时用。".to_owned(),
            (false, true, true) => {
                "Money is shared, cards are not. This code is only for yourself as a patient.".to_owned()
            }
            (false, false, false) => {
                format!("钱可以共济，卡不能共用。这个码只能{called}本人看病时用。")
            }
            (false, false, true) => {
                format!("Money is shared, cards are not. This code is only for your {called} as a patient.")
            }
        }
    }
}

#[derive(Template)]
#[template(path = "web/code_whose.html")]
struct WhosePage {
    frame: Frame,
    codes: Vec<Shown>,
    /// Givers whose codes are wanted elsewhere only.
    elsewhere: Vec<Shown>,
    more: bool,
}

#[derive(Template)]
#[template(path = "web/code.html")]
struct CodePage {
    frame: Frame,
    banner: String,
    warning: String,
    shown: Shown,
    qr: Qr,
    bars: Bars,
    /// The number in groups of four.
    groups: Vec<String>,
    seconds: u32,
    /// Whether there is anybody else whose code may be shown.
    others: bool,
}

/// `GET /code`: whose code. Whoever can show only their own is shown it at once.
pub(crate) async fn choose(opening: Opening) -> Result<Response, Trouble> {
    let Codes { codes } = opening.get("/medical-codes").await?;
    if let [only] = codes.as_slice() {
        return Ok(opening.go(&format!("/code/{}", only.of.no)));
    }
    let frame = opening.frame("出示谁的医保码？", "Whose medical code?");
    let (mut codes, elsewhere): (Vec<Shown>, Vec<Shown>) =
        codes.into_iter().partition(|it| !it.is_givers() || it.needed);
    let few = frame.elder && opening.query.filled("all").is_none();
    let more = few && (codes.len() > ELDER_MOST || !elsewhere.is_empty());
    if few {
        codes.truncate(ELDER_MOST);
    }
    opening.page(&WhosePage { frame, codes, elsewhere, more })
}

/// `GET /code/{person}`: a fresh code, each time the page is opened.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let no = opening.number("person")?;
    let code = opening.ask("/medical-codes", &json!({ "of": { "no": no } })).await;
    // Whose code is not theirs to show has no page for them.
    let code: Code =
        code.map_err(|it| if matches!(it, Trouble::Forbidden) { Trouble::NotFound } else { it })?;
    let Codes { codes } = opening.get("/medical-codes").await?;
    let frame = opening.frame("医保码", "Medical code");
    let (qr, bars) = Qr::of(&code.code).zip(Bars::of(&code.code)).ok_or(Trouble::Busy)?;
    let digits: Vec<char> = code.code.chars().collect();
    opening.page(&CodePage {
        banner: code.shown.banner(&frame),
        warning: code.shown.warning(&frame),
        frame,
        shown: code.shown,
        qr,
        bars,
        groups: digits.chunks(4).map(|it| it.iter().collect()).collect(),
        seconds: code.refresh_seconds.saturating_sub(AHEAD_SECONDS).max(1),
        others: codes.len() > 1,
    })
}
