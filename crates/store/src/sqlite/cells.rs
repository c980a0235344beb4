//! How values of the domain stand in columns: numbers for words, integers for days and moments, text for periods.

use domain::day::{Day, Moment};
use domain::ids::{Area, Digest, InstitutionCode};
use domain::ledger::{Account, Part};
use domain::money::Fen;
use domain::request::Sender;
use domain::words::{
    Category, Channel, FundKind, InstitutionKind, Level, Mode, Proof, Purpose, Relation, Scheme, Sex, Side,
};
use rusqlite::types::{FromSql, Type, Value};
use rusqlite::vtab::array::Array;
use rusqlite::{Connection, Params, Row};
use std::rc::Rc;

/// A closed list of words, stored by number.
pub(super) trait Word: Copy + PartialEq + 'static {
    /// Its words, in the order of their numbers.
    const WORDS: &'static [Self];
}

macro_rules! word_lists {
    ($($name:literal $list:ident,)+) => {
        $(impl Word for $list { const WORDS: &'static [Self] = $list::ALL; })+

        /// All lists that tables hold by number: their names and words.
        pub(super) fn word_lists() -> Vec<(&'static str, Vec<&'static str>)> {
            vec![$(($name, $list::ALL.iter().map(|it| it.word()).collect()),)+]
        }
    };
}

word_lists! {
    "category" Category,
    "channel" Channel,
    "fund_kind" FundKind,
    "institution_kind" InstitutionKind,
    "level" Level,
    "mode" Mode,
    "proof" Proof,
    "purpose" Purpose,
    "relation" Relation,
    "scheme" Scheme,
    "sex" Sex,
    "side" Side,
}

/// The number of a word.
pub(super) fn number<W: Word>(word: W) -> i64 {
    let place = W::WORDS.iter().position(|it| *it == word).expect("every word is in its list");
    i64::try_from(place).expect("lists are short")
}

/// A number as SQLite holds it; read back by [`Cells::number`].
pub(super) fn int(number: u64) -> i64 {
    number.cast_signed()
}

/// A day, counted from 1970-01-01.
pub(super) fn day(day: Day) -> i64 {
    i64::from(day.days_since(epoch()))
}

fn epoch() -> Day {
    Day::new(1970, 1, 1).expect("a date")
}

/// Periods as text: `2025-01-01/2025-03-01 2025-06-01/`.
pub(super) fn periods(periods: &[(Day, Option<Day>)]) -> String {
    let one =
        |(from, to): &(Day, Option<Day>)| format!("{from}/{}", to.map_or(String::new(), |it| it.to_string()));
    periods.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn parse_periods(text: &str) -> Option<Vec<(Day, Option<Day>)>> {
    let one = |it: &str| {
        let (from, to) = it.split_once('/')?;
        let to = if to.is_empty() { None } else { Some(Day::parse(to)?) };
        Some((Day::parse(from)?, to))
    };
    text.split_whitespace().map(one).collect()
}

/// An account as three numbers, ordered as accounts are.
pub(super) fn account(account: Account) -> (i64, i64, i64) {
    let area = |it: Area| i64::from(it.number());
    match account {
        Account::Personal(person, at) => (0, int(person.0), area(at)),
        Account::Quota(binding) => (1, int(binding.0), 0),
        Account::Fund(at, scheme, kind) => (2, area(at), 10 * number(scheme) + number(kind)),
        Account::Institution(code) => (3, int(code.number()), 0),
        Account::Interarea(from, to) => (4, area(from), area(to)),
        Account::Intake(at) => (5, area(at), 0),
        Account::Receivable(person, at) => (6, int(person.0), area(at)),
    }
}

/// A year-part: its year, 0 for prior.
pub(super) fn part(part: Part) -> i64 {
    match part {
        Part::Prior => 0,
        Part::Year(year) => i64::from(year),
    }
}

/// A sender as two numbers.
pub(super) fn sender(sender: Sender) -> (i64, i64) {
    match sender {
        Sender::Institution(code) => (0, int(code.number())),
        Sender::Token(token) => (1, int(token)),
    }
}

/// Numbers for `IN rarray(?)`.
pub(super) fn array(numbers: impl IntoIterator<Item = u64>) -> Array {
    Rc::new(numbers.into_iter().map(|it| Value::Integer(int(it))).collect())
}

/// What is stored is none of ours.
pub(super) fn damaged(what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Null, what.into())
}

/// All rows of a statement, read column after column.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&mut Cells<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params, |row| read(&mut Cells { row, at: 0 }))?;
    rows.collect()
}

/// The columns of a row, one after the other.
pub(super) struct Cells<'r> {
    row: &'r Row<'r>,
    at: usize,
}

impl Cells<'_> {
    /// The next column as it is.
    pub(super) fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.at += 1;
        self.row.get(self.at - 1)
    }

    fn read<S: FromSql, T>(&mut self, read: impl FnOnce(S) -> Option<T>) -> rusqlite::Result<T> {
        let stored = self.next()?;
        read(stored).ok_or_else(|| damaged("a column holds a value that it cannot hold"))
    }

    fn optional<T>(&mut self, read: impl FnOnce(i64) -> Option<T>) -> rusqlite::Result<Option<T>> {
        self.read(|stored: Option<i64>| stored.map_or(Some(None), |it| read(it).map(Some)))
    }

    pub(super) fn number(&mut self) -> rusqlite::Result<u64> {
        self.next().map(i64::cast_unsigned)
    }

    pub(super) fn opt_number(&mut self) -> rusqlite::Result<Option<u64>> {
        self.optional(|it| Some(it.cast_unsigned()))
    }

    pub(super) fn fen(&mut self) -> rusqlite::Result<Fen> {
        self.read(Fen::new)
    }

    pub(super) fn opt_fen(&mut self) -> rusqlite::Result<Option<Fen>> {
        self.optional(Fen::new)
    }

    pub(super) fn day(&mut self) -> rusqlite::Result<Day> {
        self.read(read_day)
    }

    pub(super) fn opt_day(&mut self) -> rusqlite::Result<Option<Day>> {
        self.optional(read_day)
    }

    pub(super) fn moment(&mut self) -> rusqlite::Result<Moment> {
        self.next().map(Moment::from_millis)
    }

    pub(super) fn opt_moment(&mut self) -> rusqlite::Result<Option<Moment>> {
        self.optional(|it| Some(Moment::from_millis(it)))
    }

    pub(super) fn area(&mut self) -> rusqlite::Result<Area> {
        self.read(read_area)
    }

    pub(super) fn institution(&mut self) -> rusqlite::Result<InstitutionCode> {
        self.read(|it: i64| InstitutionCode::from_number(it.cast_unsigned()))
    }

    pub(super) fn word<W: Word>(&mut self) -> rusqlite::Result<W> {
        self.read(read_word)
    }

    pub(super) fn opt_word<W: Word>(&mut self) -> rusqlite::Result<Option<W>> {
        self.optional(read_word)
    }

    pub(super) fn digest(&mut self) -> rusqlite::Result<Digest> {
        self.next().map(Digest)
    }

    pub(super) fn periods(&mut self) -> rusqlite::Result<Vec<(Day, Option<Day>)>> {
        self.read(|it: String| parse_periods(&it))
    }

    pub(super) fn part(&mut self) -> rusqlite::Result<Part> {
        let year: i16 = self.next()?;
        Ok(if year == 0 { Part::Prior } else { Part::Year(year) })
    }

    pub(super) fn sender(&mut self) -> rusqlite::Result<Sender> {
        match self.next::<i64>()? {
            0 => self.institution().map(Sender::Institution),
            1 => self.number().map(Sender::Token),
            _ => Err(damaged("a sender is neither an institution nor a token")),
        }
    }

    pub(super) fn account(&mut self) -> rusqlite::Result<Account> {
        let (kind, a, b): (i64, i64, i64) = (self.next()?, self.next()?, self.next()?);
        read_account(kind, a, b).ok_or_else(|| damaged("an account is none of ours"))
    }

    /// A compact encoding.
    pub(super) fn decoded<T: serde::de::DeserializeOwned>(&mut self) -> rusqlite::Result<T> {
        self.read(|it: Vec<u8>| domain::chain::decode(&it).ok())
    }
}

fn read_day(days: i64) -> Option<Day> {
    i32::try_from(days).ok().map(|it| epoch().plus(it))
}

fn read_area(number: i64) -> Option<Area> {
    u32::try_from(number).ok().and_then(Area::from_number)
}

fn read_word<W: Word>(number: i64) -> Option<W> {
    usize::try_from(number).ok().and_then(|it| W::WORDS.get(it)).copied()
}

fn read_account(kind: i64, a: i64, b: i64) -> Option<Account> {
    Some(match kind {
        0 => Account::Personal(domain::ids::PersonNo(a.cast_unsigned()), read_area(b)?),
        1 => Account::Quota(domain::ids::BindingNo(a.cast_unsigned())),
        2 => Account::Fund(read_area(a)?, read_word(b / 10)?, read_word(b % 10)?),
        3 => Account::Institution(InstitutionCode::from_number(a.cast_unsigned())?),
        4 => Account::Interarea(read_area(a)?, read_area(b)?),
        5 => Account::Intake(read_area(a)?),
        6 => Account::Receivable(domain::ids::PersonNo(a.cast_unsigned()), read_area(b)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, pauses or designations change by being stored.
    #[test]
    fn periods_are_read_back() {
        let day = |text| Day::parse(text).expect("a date");
        let closed = (day("2025-01-01"), Some(day("2025-03-01")));
        for some in [vec![], vec![closed], vec![closed, (day("2025-06-01"), None)]] {
            assert_eq!(parse_periods(&periods(&some)), Some(some));
        }
        assert_eq!(parse_periods("2025-01-01"), None);
    }

    /// If this fails, money is booked to one account and read from another.
    #[test]
    fn accounts_are_read_back_and_keep_their_order() {
        use domain::ids::{BindingNo, PersonNo};
        let area = |it| Area::from_number(it).expect("an area");
        let code = InstitutionCode::parse("P32030000001").expect("a code");
        let mut accounts = vec![
            Account::Receivable(PersonNo(7), area(320_300)),
            Account::Intake(area(320_300)),
            Account::Interarea(area(320_300), area(110_000)),
            Account::Institution(code),
            Account::Fund(area(320_300), Scheme::Resident, FundKind::Large),
            Account::Fund(area(320_300), Scheme::Employee, FundKind::Large),
            Account::Quota(BindingNo(1)),
            Account::Personal(PersonNo(9), area(110_000)),
            Account::Personal(PersonNo(7), area(320_300)),
        ];
        for it in &accounts {
            let (kind, a, b) = account(*it);
            assert_eq!(read_account(kind, a, b), Some(*it));
        }
        accounts.sort_by_key(|it| account(*it));
        assert!(accounts.is_sorted());
    }
}
