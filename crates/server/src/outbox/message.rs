//! A message on its way out: to whom, what about, and the JSON that a destination gets.

use crate::app::App;
use crate::contacts::{Change, Contact, Phone, Topic, Whose};
use crate::messages;
use crate::rest::{Civil, Utc, Yuan};
use crate::vault::hex;
use domain::amendment::DAYS_WAITING;
use domain::day::Moment;
use domain::decision::{Matter, Notice, Turn};
use domain::facts::Settlement;
use domain::ids::{AmendmentNo, BindingNo, InstitutionCode, PersonNo, ProxyNo, Serial, SettlementNo};
use domain::money::Fen;
use domain::text_keys::{message_words, notice_word};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a message is about, by its word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kind(String);

impl Kind {
    /// Reads a word; `None` where no message is about that.
    pub fn parse(word: &str) -> Option<Kind> {
        message_words().contains(&word).then(|| Kind(word.to_owned()))
    }

    /// The word.
    pub fn word(&self) -> &str {
        &self.0
    }

    /// As what people choose it; `None` for what always goes out, because it is about where messages go, who can sign in or
    /// who somebody is.
    pub fn topic(&self) -> Option<Topic> {
        match self.word() {
            "spent" | "returned" | "proxy_used" | "proxy_returned" => Some(Topic::Money),
            "contact_changed" | "activation_code" | "activated" | "second_factor_ended" => None,
            word if word.starts_with("amendment_") => None,
            _ => Some(Topic::Bindings),
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// To whom.
    pub to: PersonNo,
    /// When what it tells of was committed.
    pub at: Moment,
    /// The decision it tells of; 0 where that is not known when the message is left.
    pub serial: Serial,
    /// Its place among those of its decision.
    pub seq: u32,
    /// What it is about.
    pub kind: Kind,
    /// Which one.
    pub about: About,
}

/// What exactly a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// A binding.
    Binding(BindingNo),
    /// An entrusted purchase.
    Proxy(ProxyNo),
    /// What an agent bought, or what was given back of it whole.
    Bought {
        /// The settlement, or what undid it.
        settlement: SettlementNo,
        /// Where.
        institution: InstitutionCode,
        /// How much it cost.
        amount: Fen,
    },
    /// Money of a relative in a settlement: spent, or given back.
    Money {
        /// The settlement, or what undid it.
        settlement: SettlementNo,
        /// Where.
        institution: InstitutionCode,
        /// By which binding.
        binding: BindingNo,
        /// How much.
        amount: Fen,
    },
    /// The change of a contact, by its number among the person's, and by what it is called outside.
    Contact(u32, [u8; 8]),
    /// A family code.
    FamilyCode,
    /// How the person signs in.
    Login,
    /// An amendment.
    Amendment(AmendmentNo),
}

impl About {
    fn bought(it: &Settlement) -> About {
        About::Bought { settlement: it.no, institution: it.institution, amount: it.shared.total }
    }

    /// The institution that it speaks of.
    pub fn institution(&self) -> Option<InstitutionCode> {
        match self {
            About::Money { institution, .. } | About::Bought { institution, .. } => Some(*institution),
            About::Binding(_)
            | About::Proxy(_)
            | About::FamilyCode
            | About::Contact(..)
            | About::Login
            | About::Amendment(_) => None,
        }
    }

    /// The amount that it speaks of.
    fn amount(&self) -> Option<Fen> {
        match self {
            About::Money { amount, .. } | About::Bought { amount, .. } => Some(*amount),
            About::Binding(_)
            | About::Proxy(_)
            | About::FamilyCode
            | About::Contact(..)
            | About::Login
            | About::Amendment(_) => None,
        }
    }
}

impl Message {
    /// A message of the books, in its place among those of its decision; `None` where the settlement that it speaks of is not
    /// among those that are known.
    pub fn of_notice(
        turn: Turn,
        seq: u32,
        it: &Notice,
        bought: &BTreeMap<SettlementNo, Settlement>,
    ) -> Option<Message> {
        let kind = Kind(notice_word(it.what).to_owned());
        let about = match it.about {
            Matter::Binding(no) => About::Binding(no),
            Matter::Proxy(no) => About::Proxy(no),
            Matter::Settlement(no) => About::bought(bought.get(&no)?),
            Matter::Amendment(no) => About::Amendment(no),
            Matter::FamilyCode(_) => About::FamilyCode,
        };
        Some(Message { to: it.to, at: turn.at, serial: turn.serial, seq, kind, about })
    }

    /// What a settlement took from relatives, or a cancellation gave back to them.
    pub fn of_settlement(it: &Settlement) -> Vec<Message> {
        let word = if it.undoes.is_some() { "returned" } else { "spent" };
        let shared = (0..).zip(&it.draws).filter_map(|(seq, draw)| Some((seq, draw, draw.binding?)));
        let message = |(seq, draw, binding): (u32, &domain::facts::Draw, BindingNo)| Message {
            to: draw.owner,
            at: it.at,
            serial: Serial::creator_of(it.no.0),
            seq,
            kind: Kind(word.to_owned()),
            about: About::Money {
                settlement: it.no,
                institution: it.institution,
                binding,
                amount: draw.amount(),
            },
        };
        shared.map(message).collect()
    }

    /// That somebody is reached otherwise from now on.
    pub fn of_contact(person: PersonNo, change: &Change) -> Message {
        let (kind, about) = (Kind("contact_changed".to_owned()), About::Contact(change.no, change.mark));
        Message { to: person, at: change.at, serial: Serial(0), seq: change.no, kind, about }
    }

    /// That something became of how somebody signs in.
    pub fn of_login(person: PersonNo, at: Moment, it: messages::Message) -> Message {
        let (kind, seq) = (Kind(it.word().to_owned()), u32::MAX - it as u32);
        Message { to: person, at, serial: Serial(0), seq, kind, about: About::Login }
    }

    /// What a destination knows it by, the same however often it is sent. The moment is part of it: books that were restored
    /// from a backup give serials again that were lost.
    pub fn id(&self) -> String {
        let at = self.at.millis();
        match self.about {
            About::Binding(_)
            | About::Proxy(_)
            | About::Bought { .. }
            | About::FamilyCode
            | About::Amendment(_) => {
                format!("n{}.{}.{at}", self.serial.0, self.seq)
            }
            About::Money { settlement, .. } => format!("s{}.{}.{at}", settlement.0, self.seq),
            About::Contact(_, mark) => format!("c{}", hex(&mark)),
            About::Login => format!("l{}.{}.{at}", self.to.0, self.kind.word()),
        }
    }

    /// What tells apart those of one moment that are read from settlements.
    pub fn of(&self) -> u64 {
        match self.about {
            About::Money { settlement, .. } => settlement.0,
            About::Binding(_)
            | About::Proxy(_)
            | About::FamilyCode
            | About::Bought { .. }
            | About::Amendment(_)
            | About::Contact(..)
            | About::Login => 0,
        }
    }

    /// Orders messages as they came to be.
    pub fn order(&self) -> (Moment, Serial, u64, u32) {
        (self.at, self.serial, self.of(), self.seq)
    }
}

/// A phone to which the message may be sent.
#[derive(Debug, Serialize)]
struct PhoneJson<'a> {
    of: Whose,
    number: &'a str,
}

/// What a destination gets.
#[derive(Debug, Serialize)]
struct Json<'a> {
    id: String,
    kind: &'a str,
    at: Utc,
    day: Civil,
    person: u64,
    phones: Vec<PhoneJson<'a>>,
    text: String,
    text_en: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Yuan>,
}

/// What is known beside a message when it is sent.
pub struct Beside<'a> {
    /// How the person is reached.
    pub contact: &'a Contact,
    /// The name of the institution that it speaks of.
    pub institution: Option<&'a str>,
}

impl Message {
    /// The numbers that it goes to: of a changed contact those from before the change, who have to know; of an amendment
    /// those, too, that were changed while one can wait, so that nobody changes the phone first and the person then.
    fn phones(&self, contact: &Contact) -> Vec<(Whose, Phone)> {
        match self.about {
            About::Amendment(_) => {
                let since = self.at.day().plus(-DAYS_WAITING).start();
                let lately =
                    contact.changes.iter().filter(|it| it.at >= since).flat_map(|it| it.before.clone());
                let all: BTreeSet<(Whose, Phone)> = contact.phones().into_iter().chain(lately).collect();
                all.into_iter().collect()
            }
            About::Contact(no, _) => contact.change(no).map_or_else(Vec::new, |it| it.before.clone()),
            About::Binding(_)
            | About::Proxy(_)
            | About::FamilyCode
            | About::Bought { .. }
            | About::Money { .. }
            | About::Login => contact.phones(),
        }
    }

    /// The body that is sent.
    pub fn body(&self, app: &App, beside: &Beside<'_>) -> Vec<u8> {
        let phones = self.phones(beside.contact);
        let (binding, proxy, settlement) = match self.about {
            About::Binding(binding) => (Some(binding.0), None, None),
            About::Proxy(proxy) => (None, Some(proxy.0), None),
            About::Bought { settlement, .. } => (None, None, Some(settlement.0)),
            About::Money { settlement, binding, .. } => (Some(binding.0), None, Some(settlement.0)),
            About::FamilyCode | About::Contact(..) | About::Login | About::Amendment(_) => (None, None, None),
        };
        let json = Json {
            id: self.id(),
            kind: self.kind.word(),
            at: Utc(self.at),
            day: Civil(self.at.day()),
            person: self.to.0,
            phones: phones.iter().map(|(of, it)| PhoneJson { of: *of, number: it.digits() }).collect(),
            text: self.text(app, false, beside.institution),
            text_en: self.text(app, true, beside.institution),
            serial: Some(self.serial.0).filter(|it| *it > 0),
            binding,
            proxy,
            settlement,
            amount: self.about.amount().map(Yuan),
        };
        serde_json::to_vec(&json).expect("a message is plain data")
    }

    /// What the person reads: as in the inbox, without anybody's name.
    fn text(&self, app: &App, english: bool, institution: Option<&str>) -> String {
        let texts = app.texts.of(if english { "en" } else { "zh" });
        let word = self.kind.word();
        let line = match self.about {
            About::Binding(_)
            | About::Proxy(_)
            | About::Bought { .. }
            | About::FamilyCode
            | About::Amendment(_) => texts.get(&format!("words.notice.{word}")),
            About::Contact(..) | About::Login | About::Money { .. } => {
                texts.get(&format!("words.message.{word}"))
            }
        };
        let Some((code, amount)) = self.about.institution().zip(self.about.amount()) else {
            return line.to_owned();
        };
        let place = institution.map_or_else(|| code.to_string(), str::to_owned);
        let (amount, day) = (texts.money(amount), texts.day(self.at.day()));
        if english {
            format!("{line} {amount} ({place}, {day})")
        } else {
            format!("{line} {amount}（{place}，{day}）")
        }
    }
}
