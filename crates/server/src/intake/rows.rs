//! What a line means: its values, read column by column, and the request it becomes.

use super::kinds::{Kind, Presence};
use super::lines::Values;
use crate::institution::{NAME_MOST, one_line};
use crate::mistake::Mistake;
use crate::people::{Identity, RESIDENT_CARD};
use crate::rest::id_number;
use crate::vault::{Found, Vault};
use domain::day::{Day, Moment};
use domain::ids::{Area, Digest, InstitutionCode, Lookup};
use domain::money::Fen;
use domain::request::{Body, Credit, Enrol, SetInstitution, TakeOver};
use domain::words::{Category, InstitutionKind, Level, Mode, Relation, Scheme, Sex};
use store::Attachments;

/// Which value of a line is wrong, and what is.
pub type Wrong = (&'static str, Mistake);

/// Which columns a file has, and where.
#[derive(Debug, Clone)]
pub struct Header {
    kind: Kind,
    places: Vec<Option<usize>>,
    width: usize,
}

impl Header {
    /// Reads the first line.
    ///
    /// # Errors
    /// In words, which column is unknown, stands there twice, or is missing.
    pub fn read(kind: Kind, values: &Values) -> Result<Header, String> {
        let columns = kind.columns();
        let mut places = vec![None; columns.len()];
        for at in 0..values.count() {
            let name = values.get(at);
            let column = columns.iter().position(|it| it.name == name);
            let known = || columns.iter().map(|it| it.name).collect::<Vec<_>>().join(", ");
            let column = column.ok_or_else(|| format!("column {}: known here are {}", at + 1, known()))?;
            if places[column].replace(at).is_some() {
                return Err(format!("column `{name}` stands there twice"));
            }
        }
        let header = Header { kind, places, width: values.count() };
        for column in columns {
            let is_there = header.place(column.name).is_some();
            match column.presence {
                Presence::Needed if !is_there => return Err(format!("column `{}` is missing", column.name)),
                Presence::Either | Presence::FreeEither => header.either(column.name, column.presence)?,
                Presence::Needed | Presence::Free => {}
            }
        }
        Ok(header)
    }

    fn place(&self, name: &str) -> Option<usize> {
        let column = self.kind.columns().iter().position(|it| it.name == name)?;
        self.places[column]
    }

    fn either(&self, name: &'static str, presence: Presence) -> Result<(), String> {
        let prefix = name.trim_end_matches("id_number").trim_end_matches("psn_no");
        let (one, other) = (format!("{prefix}psn_no"), format!("{prefix}id_number"));
        match (self.place(&one).is_some(), self.place(&other).is_some()) {
            (true, true) => Err(format!("of `{one}` and `{other}`, only one can be there")),
            (false, false) if presence == Presence::Either => Err(format!("`{one}` or `{other}` is missing")),
            _ => Ok(()),
        }
    }
}

/// Names somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    by: Found,
    text: String,
}

impl Named {
    /// What the person is found by.
    pub fn lookup(&self, vault: &Vault) -> Lookup {
        vault.lookup(self.by, &self.text)
    }

    /// What tells the person from others of the file.
    pub fn mark(&self) -> u64 {
        mark(&[if self.by == Found::PersonNo { "psn_no" } else { "id_number" }, &self.text])
    }
}

/// A short digest that tells things of one file apart.
fn mark(parts: &[&str]) -> u64 {
    let parts: Vec<&[u8]> = parts.iter().map(|it| it.as_bytes()).collect();
    let Digest(digest) = Digest::of(&parts);
    digest.iter().take(8).fold(0, |sum, it| sum << 8 | u64::from(*it))
}

/// A line that was read.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A person, with day of birth, sex, and guardian.
    Person(Box<Identity>, Day, Sex, Option<Named>),
    /// An enrolment: whose, what.
    Enrolment(Named, Box<Enrolled>),
    /// Money: whose, of earlier years, of this year, and the bureau's own number.
    Money(Named, Fen, Fen, Option<String>),
    /// A binding: giver, beneficiary, and what it is.
    Binding(Named, Named, Relation, Moment, Mode),
    /// An institution, with its name.
    Institution(Box<SetInstitution>, String),
}

/// An enrolment without its person.
#[derive(Debug, Clone)]
pub struct Enrolled {
    scheme: Scheme,
    area: Area,
    category: Category,
    account: bool,
    contract: bool,
    from: Day,
}

/// The values of a line under the columns of its file.
struct Row<'a> {
    header: &'a Header,
    values: &'a Values,
}

type Come<T> = Result<T, Wrong>;

impl Row<'_> {
    /// A value that may be left out.
    fn free(&self, name: &'static str) -> Come<Option<&str>> {
        let Some(at) = self.header.place(name) else { return Ok(None) };
        let value = self.values.get(at);
        if value.contains(char::is_control) {
            return Err((name, Mistake::ControlCharacter));
        }
        Ok(Some(value).filter(|it| !it.is_empty()))
    }

    fn text(&self, name: &'static str, most: usize) -> Come<String> {
        let value = self.free(name)?.filter(|it| it.chars().count() <= most);
        value.map(str::to_owned).ok_or((name, Mistake::Length(most)))
    }

    fn read<T>(&self, name: &'static str, wrong: Mistake, read: impl FnOnce(&str) -> Option<T>) -> Come<T> {
        self.free(name)?.and_then(read).ok_or((name, wrong))
    }

    fn day(&self, name: &'static str) -> Come<Day> {
        self.read(name, Mistake::Day, Day::parse)
    }

    fn yuan(&self, name: &'static str) -> Come<Fen> {
        let exact = |it: &str| it.split_once('.').is_some_and(|(_, cents)| cents.len() == 2);
        self.read(name, Mistake::Amount, |it| Fen::parse(it).filter(|_| exact(it)))
    }

    fn flag(&self, name: &'static str) -> Come<Option<bool>> {
        match self.free(name)? {
            None => Ok(None),
            Some("1") => Ok(Some(true)),
            Some("0") => Ok(Some(false)),
            Some(_) => Err((name, Mistake::Flag)),
        }
    }

    fn area(&self, name: &'static str) -> Come<Area> {
        self.read(name, Mistake::Region, Area::parse).map(Area::pooling)
    }

    /// Somebody, by whichever of the two columns the file has.
    fn named(&self, columns: [&'static str; 2]) -> Come<Option<Named>> {
        let [psn_no, id] = columns;
        if self.header.place(psn_no).is_some() {
            let text = self.free(psn_no)?;
            let text = text.map(|_| self.text(psn_no, 30)).transpose()?;
            return Ok(text.map(|text| Named { by: Found::PersonNo, text }));
        }
        let Some(text) = self.free(id)? else { return Ok(None) };
        let is_resident = text.len() == 18 && text.bytes().take(17).all(|it| it.is_ascii_digit());
        if is_resident && id_number::read(text).is_none() {
            return Err((id, Mistake::IdNumber));
        }
        let text = self.text(id, 50)?;
        Ok(Some(Named { by: Found::IdDocument, text }))
    }

    fn somebody(&self, columns: [&'static str; 2]) -> Come<Named> {
        let column = if self.header.place(columns[0]).is_some() { columns[0] } else { columns[1] };
        self.named(columns)?.ok_or((column, Mistake::Length(50)))
    }

    fn person(&self) -> Come<Entry> {
        let optional = |name| Ok::<_, Wrong>(self.free(name)?.map(str::to_owned));
        let identity = Identity {
            psn_no: self.text("psn_no", 30)?,
            name: self.text("name", 50)?,
            id_type: optional("id_type")?.unwrap_or_else(|| RESIDENT_CARD.to_owned()),
            id_number: self.text("id_number", 50)?,
            card: optional("card")?,
            card_serial: optional("card_serial")?,
        };
        let (born, sex) = (self.day("born")?, self.read("sex", Mistake::Word, Sex::parse)?);
        let guardian = self.named(["guardian_psn_no", "guardian_id_number"])?;
        Ok(Entry::Person(Box::new(identity.checked(born, sex)?), born, sex, guardian))
    }

    fn enrolment(&self) -> Come<Entry> {
        let enrolled = Enrolled {
            scheme: self.read("scheme", Mistake::Word, Scheme::parse)?,
            area: self.area("area")?,
            category: self.read("category", Mistake::Word, Category::parse)?,
            account: self.flag("account")?.ok_or(("account", Mistake::Flag))?,
            contract: self.flag("contract")?.unwrap_or(false),
            from: self.day("from")?,
        };
        Ok(Entry::Enrolment(self.somebody(PERSON)?, Box::new(enrolled)))
    }

    fn money(&self, prior: Fen, current: Fen) -> Come<Entry> {
        let reference = self.free("reference")?.map(|_| self.text("reference", 50)).transpose()?;
        Ok(Entry::Money(self.somebody(PERSON)?, prior, current, reference))
    }

    fn binding(&self) -> Come<Entry> {
        let giver = self.somebody(["giver_psn_no", "giver_id_number"])?;
        let beneficiary = self.somebody(["beneficiary_psn_no", "beneficiary_id_number"])?;
        let relation = self.read("relation", Mistake::Word, Relation::parse)?;
        let moment = |it: &str| Day::parse(it).map(Day::start).or_else(|| Moment::parse(it));
        let since = self.read("since", Mistake::Time, moment)?;
        let taken = |it: &str| Mode::parse(it).filter(|it| matches!(it, Mode::Live | Mode::Quota));
        let mode = match self.free("mode")? {
            None => Mode::Live,
            Some(it) => taken(it).ok_or(("mode", Mistake::Word))?,
        };
        Ok(Entry::Binding(giver, beneficiary, relation, since, mode))
    }

    fn institution(&self) -> Come<Entry> {
        let name = self.read("name", Mistake::Length(NAME_MOST), one_line)?;
        let to = self.free("to")?.map(|it| Day::parse(it).ok_or(("to", Mistake::Day))).transpose()?;
        let set = SetInstitution {
            code: self.read("code", Mistake::Institution, InstitutionCode::parse)?,
            area: self.area("area")?,
            kind: self.read("kind", Mistake::Word, InstitutionKind::parse)?,
            level: self.read("level", Mistake::Word, Level::parse)?,
            designations: vec![(self.day("from")?, to)],
        };
        Ok(Entry::Institution(Box::new(set), name))
    }
}

/// The columns that name a person where there is one.
const PERSON: [&str; 2] = ["psn_no", "id_number"];

/// The column of what is wrong with a whole line.
pub const WHOLE_LINE: &str = "";

impl Entry {
    /// Reads a line.
    ///
    /// # Errors
    /// The first column that is wrong, and what is wrong with it.
    pub fn read(header: &Header, values: &Values) -> Come<Entry> {
        if values.count() != header.width {
            return Err((WHOLE_LINE, Mistake::ColumnCount));
        }
        let row = Row { header, values };
        match header.kind {
            Kind::Persons => row.person(),
            Kind::Enrolments => row.enrolment(),
            Kind::Accounts => row.money(row.yuan("prior")?, row.yuan("current")?),
            Kind::Credits => row.money(Fen::ZERO, row.yuan("amount")?),
            Kind::Bindings => row.binding(),
            Kind::Institutions => row.institution(),
        }
    }

    /// What may stand in a file of this kind once: marks of it, at most two.
    pub fn marks(&self, kind: Kind) -> Vec<u64> {
        match self {
            Entry::Person(it, ..) => {
                vec![mark(&["id_number", &it.id_number]), mark(&["psn_no", &it.psn_no])]
            }
            Entry::Enrolment(person, it) => vec![mark(&[&person.mark().to_string(), it.scheme.word()])],
            Entry::Money(person, .., reference) => {
                // An account is taken over once; a person may be credited often.
                let account = (kind == Kind::Accounts).then(|| person.mark());
                let reference = reference.as_ref().map(|it| mark(&["reference", it]));
                account.into_iter().chain(reference).collect()
            }
            Entry::Binding(giver, beneficiary, ..) => {
                vec![mark(&[&giver.mark().to_string(), &beneficiary.mark().to_string()])]
            }
            Entry::Institution(it, _) => vec![mark(&[&it.code.to_string()])],
        }
    }

    /// The money it brings, in fen.
    pub fn fen(&self) -> i64 {
        if let Entry::Money(_, prior, current, _) = self { prior.get() + current.get() } else { 0 }
    }

    /// Who acts for the person.
    pub fn guardian(&self) -> Option<&Named> {
        if let Entry::Person(.., guardian) = self { guardian.as_ref() } else { None }
    }

    /// The same as it will be when the other people of its file are taken in: a guardian among them will be known.
    pub(super) fn on_books_with(mut self, people: &[u64]) -> Entry {
        if let Entry::Person(.., guardian) = &mut self {
            guardian.take_if(|it| people.binary_search(&it.mark()).is_ok());
        }
        self
    }

    /// The bureau's own number.
    pub fn reference(&self) -> Option<&str> {
        if let Entry::Money(.., reference) = self { reference.as_deref() } else { None }
    }

    /// The request that takes it in, and what travels along.
    pub fn asked(self, vault: &Vault) -> (Body, Attachments) {
        let plain = |body| (body, Attachments::default());
        match self {
            Entry::Person(identity, born, sex, guardian) => {
                identity.taken_in(born, sex, guardian.map(|it| it.lookup(vault)), vault)
            }
            Entry::Enrolment(person, it) => {
                let Enrolled { scheme, area, category, account, contract, from } = *it;
                let person = person.lookup(vault);
                plain(Body::Enrol(Enrol { person, scheme, area, category, account, contract, from }))
            }
            Entry::Money(person, prior, current, _) => {
                plain(Body::Credit(Credit { person: person.lookup(vault), prior, current }))
            }
            Entry::Binding(giver, beneficiary, relation, since, mode) => {
                let (giver, beneficiary) = (giver.lookup(vault), beneficiary.lookup(vault));
                plain(Body::TakeOver(TakeOver { giver, beneficiary, relation, since, mode }))
            }
            Entry::Institution(set, name) => {
                (Body::SetInstitution(*set), Attachments { name: Some(name), ..Attachments::default() })
            }
        }
    }
}
