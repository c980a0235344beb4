//! The hall's console: who is at the counter on the left, or what waits while nobody is; what is so in the middle, what can be
//! done on the right; all of it with the keyboard alone.

use super::counter::{Choice, Counter, Sought, slip};
use super::frame::Frame;
use super::hall_people::{BindingLine, People};
use super::opening::Opening;
use super::trouble::Trouble;
use crate::looks::Why;
use askama::Template;
use axum::response::Response;
use domain::words::Relation;
use serde::Deserialize;

/// A reason for looking, to choose from.
pub(super) struct WhyChoice {
    word: &'static str,
    zh: &'static str,
    en: &'static str,
}

/// The reasons a clerk chooses from.
const REASONS: [WhyChoice; 5] = [
    WhyChoice { word: Why::InPerson.word(), zh: "本人到场", en: "The person is here" },
    WhyChoice { word: Why::Phone.word(), zh: "电话", en: "On the telephone" },
    WhyChoice { word: Why::Review.word(), zh: "审核", en: "A review" },
    WhyChoice { word: Why::Complaint.word(), zh: "投诉", en: "A complaint" },
    WhyChoice { word: Why::Inspection.word(), zh: "检查", en: "An inspection" },
];

/// How much waits for the hall.
#[derive(Deserialize)]
struct Queues {
    cases: Count,
    amendments: Count,
    reviews: Count,
}

#[derive(Deserialize)]
struct Count {
    count: usize,
    more: bool,
}

#[derive(Template)]
#[template(path = "web/hall.html")]
struct HallPage {
    frame: Frame,
    people: People,
    /// Told while nobody is served.
    queues: Option<Queues>,
    choices: Vec<Choice>,
    given: Vec<BindingLine>,
    received: Vec<BindingLine>,
    wrong: Option<String>,
}

impl Count {
    /// As it stands beside its link.
    fn said(&self, frame: &Frame) -> String {
        match (self.count, self.more) {
            (count, true) => format!("{count}{}", frame.say(" 件以上", " or more")),
            (0, false) => frame.say("没有", "None").to_owned(),
            (count, false) => format!("{count}{}", frame.say(" 件", "")),
        }
    }
}

impl HallPage {
    fn reasons(&self) -> &'static [WhyChoice] {
        &REASONS
    }
}

/// What somebody in a reason for looking is called.
pub(super) fn why_name(frame: &Frame, why: &str) -> String {
    let found = REASONS.iter().find(|it| it.word == why);
    found
        .map_or_else(|| frame.say("未说明", "Not stated").to_owned(), |it| frame.say(it.zh, it.en).to_owned())
}

impl Opening {
    /// Relations by word and name, in the reader's language.
    pub(super) fn relations(&self) -> Vec<(&'static str, String)> {
        Relation::ALL.iter().map(|it| (it.word(), self.word("relation", it.word()))).collect()
    }
}

async fn console(opening: &Opening, counter: &Counter, wrong: Option<String>) -> Result<HallPage, Trouble> {
    let people = People::of(opening, counter).await?;
    let (given, received) = match counter.customer {
        Some(customer) => opening.bindings_of(customer).await?,
        None => (Vec::new(), Vec::new()),
    };
    let queues = match counter.customer {
        Some(_) => None,
        None => Some(opening.get("/waiting").await?),
    };
    Ok(HallPage {
        queues,
        frame: opening.frame("服务大厅", "Service hall"),
        people,
        choices: counter.choices.clone(),
        given,
        received,
        wrong,
    })
}

/// `GET /hall`.
pub(crate) async fn show(opening: Opening) -> Result<Response, Trouble> {
    let (opening, counter) = opening.at_counter().await?;
    opening.page(&console(&opening, &counter, None).await?)
}

/// `POST /hall/find`: what was scanned is a person's document, or the slip of a case.
pub(crate) async fn find(opening: Opening) -> Result<Response, Trouble> {
    let (mut opening, mut counter) = opening.at_counter().await?;
    if let Some(slip) = slip(opening.form.text("scan")) {
        return Ok(opening.go(&format!("/hall/case/{slip}")));
    }
    if counter.customer.is_none() {
        counter.why = Why::parse(opening.form.text("why")).or(counter.why);
        opening.why = counter.why;
    }
    let english = opening.view().english;
    let say = |zh: &str, en: &str| Some(if english { en } else { zh }.to_owned());
    let wrong = match opening.seek().await? {
        Sought::One(person) => {
            counter.take(person);
            None
        }
        Sought::Several(choices) => {
            counter.choices = choices;
            None
        }
        Sought::Nobody => say(
            "没有查到这个人。请核对证件号，或输入全名和出生日期。",
            "Nobody was found. Check the number, or write the whole name and the day of birth.",
        ),
        // A relative may be insured anywhere: the two areas decide whether the two can be bound.
        Sought::Elsewhere(named) if counter.customer.is_some() => {
            counter.take_relative(named);
            None
        }
        Sought::Elsewhere(_) => say(
            "这个人在别的统筹区参保，这里看不到。请到参保地办理。",
            "This person is insured in another area and is not shown here: they are served there.",
        ),
    };
    match wrong {
        Some(wrong) => opening.again(&console(&opening, &counter, Some(wrong)).await?),
        None => {
            opening.keep_counter(&counter).await?;
            Ok(opening.go("/hall"))
        }
    }
}

/// `POST /hall/choose`: one of those who are called alike.
pub(crate) async fn choose(opening: Opening) -> Result<Response, Trouble> {
    let (opening, mut counter) = opening.at_counter().await?;
    let chosen = opening.form.text("no").parse().ok();
    let chosen = chosen.filter(|no| counter.choices.iter().any(|it| it.no == *no));
    counter.take(chosen.ok_or(Trouble::Unreadable)?);
    opening.keep_counter(&counter).await?;
    Ok(opening.go("/hall"))
}

/// `POST /hall/next`: the next customer. Nothing of the one before is left at the counter.
pub(crate) async fn next(opening: Opening) -> Result<Response, Trouble> {
    opening.clear_counter().await?;
    Ok(opening.go("/hall"))
}
