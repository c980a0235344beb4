//! How people are reached outside the house: their own phone number and, where they wish it, a helper's (a child's, a
//! neighbour's), and what is sent there. It lies on the desk, sealed, in one piece with who changed it and when.

use crate::app::App;
use crate::outbox;
use crate::tokens::{Role, Token};
use crate::vault::random;
use domain::chain::{decode, encode};
use domain::day::Moment;
use domain::ids::PersonNo;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::Fault;

/// The drawer of the desk that contacts lie in, by our number of the person.
const DRAWER: &str = "contact";
/// So many changes are kept of each person; of an older one nobody is told any more.
const CHANGES: usize = 50;

/// A mobile number of the mainland: eleven digits, the first 1, the second 3 to 9.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Phone(String);

/// Whose phone it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The person's own.
    Own,
    /// Of somebody who helps the person.
    Helper,
}

/// What messages are about, as far as people choose which go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Money that relatives spent, money that came back, and what an agent bought.
    Money,
    /// Bindings: asked for, in force, on hold, ended; and who is entrusted with buying medicine.
    Bindings,
}

/// How a person is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The person's own number.
    pub own: Option<Phone>,
    /// The number of somebody who helps them.
    pub helper: Option<Phone>,
    /// What goes out. Everything is in the inbox in any case.
    pub topics: BTreeSet<Topic>,
    /// What was changed, latest last.
    pub changes: Vec<Change>,
}

/// A change of how a person is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its number among the person's, from 1.
    pub no: u32,
    /// By what it is called outside, where it says nothing about the person.
    pub mark: [u8; 8],
    /// When.
    pub at: Moment,
    /// The number of the token or login that asked for it.
    pub token: u64,
    /// What that token is for, in the words of whoever made it.
    pub label: String,
    /// In which role.
    pub role: Role,
    /// The numbers before it: they are told.
    pub before: Vec<(Whose, Phone)>,
}

/// What is to be changed; `None` leaves it as it is, `Some(None)` takes a number away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The person's own number.
    pub own: Option<Option<Phone>>,
    /// The helper's number.
    pub helper: Option<Option<Phone>>,
    /// What goes out.
    pub topics: Option<BTreeSet<Topic>>,
}

impl std::fmt::Debug for Phone {
    /// Masked: it may stand in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Phone {
    /// Reads a number as people write it: with spaces, hyphens or +86 in front. `None` for anything that is no mobile number
    /// of the mainland.
    pub fn parse(text: &str) -> Option<Phone> {
        let plain: String = text.chars().filter(|it| !matches!(it, ' ' | '-' | '\u{3000}')).collect();
        let digits = plain.strip_prefix("+86").unwrap_or(&plain);
        let right = digits.len() == 11
            && digits.bytes().all(|it| it.is_ascii_digit())
            && digits.starts_with('1')
            && !digits[1..].starts_with(['0', '1', '2']);
        right.then(|| Phone(digits.to_owned()))
    }

    /// All digits, for a gateway that is to send there.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// As it is shown: `138****1234`.
    pub fn masked(&self) -> String {
        format!("{}****{}", &self.0[..3], &self.0[7..])
    }
}

impl Whose {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Whose::Own => "own",
            Whose::Helper => "helper",
        }
    }
}

impl Topic {
    /// Every topic.
    pub const ALL: [Topic; 2] = [Topic::Money, Topic::Bindings];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Topic::Money => "money",
            Topic::Bindings => "bindings",
        }
    }
}

impl Default for Contact {
    /// Nobody's number is known, and everything would go out.
    fn default() -> Contact {
        Contact { own: None, helper: None, topics: Topic::ALL.into(), changes: Vec::new() }
    }
}

impl Contact {
    /// The numbers there are.
    pub fn phones(&self) -> Vec<(Whose, Phone)> {
        let all = [(Whose::Own, &self.own), (Whose::Helper, &self.helper)];
        all.into_iter().filter_map(|(whose, it)| Some((whose, it.clone()?))).collect()
    }

    /// A change, as long as it is kept.
    pub fn change(&self, no: u32) -> Option<&Change> {
        self.changes.iter().find(|it| it.no == no)
    }

    /// As it is to be; `None` where nothing would differ.
    fn changed(&self, wanted: Wanted, by: &Token, at: Moment) -> Option<Contact> {
        let mut next = self.clone();
        next.own = wanted.own.unwrap_or(next.own);
        next.helper = wanted.helper.unwrap_or(next.helper);
        next.topics = wanted.topics.unwrap_or(next.topics);
        if next == *self {
            return None;
        }
        let no = self.changes.last().map_or(0, |it| it.no) + 1;
        let (token, label, role) = (by.no, by.label.clone(), by.role);
        next.changes.push(Change { no, mark: random(), at, token, label, role, before: self.phones() });
        let surplus = next.changes.len().saturating_sub(CHANGES);
        next.changes.drain(..surplus);
        Some(next)
    }
}

fn about(person: PersonNo) -> String {
    format!("{DRAWER}:{}", person.0)
}

/// How a person is reached.
///
/// # Errors
/// A [`Fault`] where the store is away, or what lies there does not open.
pub async fn of(app: &App, person: PersonNo) -> Result<Contact, Fault> {
    let key = person.0.to_string();
    let Some(sealed) = app.desk.get(DRAWER, &key, app.clock.now()).await? else {
        return Ok(Contact::default());
    };
    let damaged = || Fault::Damaged("a contact does not open".to_owned());
    let plain = app.vault.open_about(about(person).as_bytes(), &sealed).map_err(|_| damaged())?;
    decode(&plain).map_err(|_| damaged())
}

/// Changes how a person is reached, in the name of the bearer of a token, and gives what it is then. Of a change the numbers
/// from before it are told. Where nothing differs, nothing is changed and nobody told. One at a time for each person.
///
/// # Errors
/// As of [`of`].
pub async fn change(app: &App, person: PersonNo, wanted: Wanted, by: &Token) -> Result<Contact, Fault> {
    let (now, before) = (app.clock.now(), of(app, person).await?);
    let Some(next) = before.changed(wanted, by, now) else { return Ok(before) };
    let change = next.changes.last().expect("a change was added");
    // Who is to be told comes first: a message about a change that then does not come to be is dropped on its way out; a
    // change without its message would stay untold.
    outbox::tell(app, &outbox::message::Message::of_contact(person, change)).await?;
    let sealed = app.vault.seal_about(about(person).as_bytes(), random(), &encode(&next));
    app.desk.put(DRAWER, &person.0.to_string(), &sealed, None).await?;
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a number that nobody has is taken, or one that people have is not.
    #[test]
    fn mobile_numbers_of_the_mainland_are_read_and_shown_masked() {
        for (text, read) in [
            ("13812341234", Some("138****1234")),
            ("+86 199-1234-5678", Some("199****5678")),
            (" 138 1234 1234 ", Some("138****1234")),
            ("12812341234", None),
            ("1381234123", None),
            ("138123412345", None),
            ("23812341234", None),
            ("1381234123４", None),
            ("051612345678", None),
            ("", None),
        ] {
            assert_eq!(Phone::parse(text).map(|it| it.masked()).as_deref(), read, "{text}");
        }
        let phone = Phone::parse("13812341234").expect("a number");
        assert_eq!((format!("{phone:?}").as_str(), phone.digits()), ("138****1234", "13812341234"));
    }

    /// If this fails, a person's changes grow without bound, or a number is given twice and one of two is never told.
    #[test]
    fn changes_are_numbered_and_the_latest_are_kept() {
        let mut contact = Contact::default();
        let (token, at) = (Token::nobody(), Moment::from_millis(0));
        for it in 0..60 {
            let own = Phone::parse(&format!("138123412{it:02}"));
            let wanted = Wanted { own: Some(own), ..Wanted::default() };
            contact = contact.changed(wanted.clone(), &token, at).expect("a change");
            assert_eq!(contact.changed(wanted, &token, at), None, "nothing differs");
        }
        let numbers: Vec<u32> = contact.changes.iter().map(|it| it.no).collect();
        assert_eq!(numbers, (11..=60).collect::<Vec<u32>>());
        assert_eq!(contact.changes[49].before, [(Whose::Own, Phone("13812341258".to_owned()))]);
    }
}
