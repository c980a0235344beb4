//! Looks of staff at people's data: who looked, at whom, by which route, why, when. They lie on the desk, sealed, for
//! ever: in one drawer for each person, who reads them, and in one for each area and day, for whoever leads a hall there.

use crate::app::App;
use crate::tokens::{Role, Token};
use crate::vault::{hex, random};
use domain::chain::{decode, encode};
use domain::day::{Day, Moment};
use domain::ids::{Area, Digest, PersonNo};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Fault, Kept};

/// Looks of the same bearer by the same route within this time are one.
const TOGETHER_MS: i64 = 60_000;
/// Keys count down from here, so that the latest look lies first: fourteen digits of milliseconds.
const LAST_MS: i64 = 99_999_999_999_999;

/// Why somebody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The person is at the counter.
    InPerson,
    /// The person is on the telephone.
    Phone,
    /// Something of theirs waits for review.
    Review,
    /// The person complained.
    Complaint,
    /// An inspection or an audit.
    Inspection,
    /// Nobody said.
    Unstated,
}

/// A look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When, to the minute.
    pub at: Moment,
    /// At whom.
    pub person: PersonNo,
    /// The number of the token, or of the login.
    pub token: u64,
    /// What the token is for, in the words of whoever made it: a clerk's name or a hall's.
    pub label: String,
    /// In which role.
    pub role: Role,
    /// By which route: its method and path, with gaps.
    pub route: String,
    /// Why.
    pub why: Why,
}

impl Why {
    /// Every reason, in the order they are offered.
    pub const ALL: [Why; 6] =
        [Why::InPerson, Why::Phone, Why::Review, Why::Complaint, Why::Inspection, Why::Unstated];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Why::InPerson => "in_person",
            Why::Phone => "phone",
            Why::Review => "review",
            Why::Complaint => "complaint",
            Why::Inspection => "inspection",
            Why::Unstated => "unstated",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Why> {
        Why::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// Whether looks in this role are recorded: those of people who are paid to look.
pub fn is_staff(role: Role) -> bool {
    match role {
        Role::Clerk | Role::Supervisor | Role::Operator | Role::Auditor => true,
        Role::Citizen | Role::Institution => false,
    }
}

fn of_person(person: PersonNo) -> String {
    format!("look-at:{}", person.0)
}

fn of_area(area: Area, day: Day) -> String {
    format!("look-in:{area}:{day}")
}

/// Records that the bearer of a token looked at these people, whom these areas insure.
///
/// # Errors
/// A [`Fault`] where the store is away: then nothing may be shown either.
pub async fn keep(
    app: &App,
    token: &Token,
    route: &str,
    why: Why,
    people: &BTreeMap<PersonNo, BTreeSet<Area>>,
) -> Result<(), Fault> {
    let now = app.clock.now();
    let at = Moment::from_millis(now.millis() - now.millis().rem_euclid(TOGETHER_MS));
    for (person, areas) in people {
        let (label, route) = (token.label.clone(), route.to_owned());
        let look = Look { at, person: *person, token: token.no, label, role: token.role, route, why };
        let bytes = encode(&look);
        // What is the same within its minute has the same key: it is put down once. The latest lies first.
        let key = format!("{:014}:{}", LAST_MS - at.millis(), hex(&Digest::of(&[&bytes]).0[..12]));
        put(app, &of_person(*person), &key, &bytes).await?;
        for area in areas {
            put(app, &of_area(*area, at.day()), &key, &bytes).await?;
        }
    }
    Ok(())
}

async fn put(app: &App, drawer: &str, key: &str, look: &[u8]) -> Result<(), Fault> {
    let sealed = app.vault.seal_about(about(drawer, key).as_bytes(), random(), look);
    app.desk.put(drawer, key, &sealed, None).await
}

fn about(drawer: &str, key: &str) -> String {
    format!("{drawer}/{key}")
}

/// A page of looks, latest first, and after which key the next one begins.
pub type Looks = (Vec<Look>, Option<String>);

/// The looks at a person after a key, so many at most.
///
/// # Errors
/// A [`Fault`] where the store is away, or a look does not open.
pub async fn at(app: &App, person: PersonNo, after: &str, limit: u32) -> Result<Looks, Fault> {
    page(app, &of_person(person), after, limit).await
}

/// The looks at people of a pooling area on a day, after a key, so many at most.
///
/// # Errors
/// As of [`at`].
pub async fn within(app: &App, area: Area, day: Day, after: &str, limit: u32) -> Result<Looks, Fault> {
    page(app, &of_area(area, day), after, limit).await
}

async fn page(app: &App, drawer: &str, after: &str, limit: u32) -> Result<Looks, Fault> {
    let damaged = || Fault::Damaged("a look does not open".to_owned());
    let kept = app.desk.all((drawer, after), limit.saturating_add(1)).await?;
    let mut kept: Vec<Kept> = kept.into_iter().take_while(|it| it.drawer == drawer).collect();
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = kept.len() > most;
    kept.truncate(most);
    let next = kept.last().filter(|_| is_more).map(|it| it.key.clone());
    let read = |it: &Kept| {
        let about = about(drawer, &it.key);
        let plain = app.vault.open_about(about.as_bytes(), &it.value).map_err(|_| damaged())?;
        decode(&plain).map_err(|_| damaged())
    };
    Ok((kept.iter().map(read).collect::<Result<_, Fault>>()?, next))
}
