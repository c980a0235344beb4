//! How values of the domain stand in columns, whatever store holds them: numbers for words, integers for days and
//! moments, text for periods, and the cells they are written to and read from.

use crate::Fault;
use domain::amendment::{Amended, AmendmentStage};
use domain::day::{Day, Moment};
use domain::documents::{DocumentKind, SeenAs};
use domain::ids::{Area, Digest, InstitutionCode};
use domain::ledger::{Account, Part};
use domain::money::Fen;
use domain::people::Suspension;
use domain::proxy::{Paper, ProxyReason};
use domain::request::Sender;
use domain::words::{
    Capability, Care, Category, Channel, FundKind, InstitutionKind, Level, Mode, Proof, Purpose, Relation,
    Scheme, Sex, Side,
};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// First and last days of what an institution can do.
type Capabilities = BTreeMap<Capability, Vec<(Day, Option<Day>)>>;

/// What a read comes to.
pub(crate) type Read<T> = Result<T, Fault>;

/// What stands in one column of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

/// A row to be written: cells of whatever can stand in one.
macro_rules! row {
    ($($cell:expr),+ $(,)?) => { [$($crate::cells::Cell::from($cell)),+] };
}
pub(crate) use row;

macro_rules! integers {
    ($($integer:ty),+) => {$(
        impl From<$integer> for Cell<'_> {
            fn from(it: $integer) -> Self {
                Cell::Int(i64::from(it))
            }
        }

        impl Stored for $integer {
            fn of(cell: Cell<'_>) -> Option<Self> {
                i64::of(cell).and_then(|it| <$integer>::try_from(it).ok())
            }
        }
    )+};
}
integers!(i8, i16, i32, u8, u16, u32);

impl From<i64> for Cell<'_> {
    fn from(it: i64) -> Self {
        Cell::Int(it)
    }
}

impl From<bool> for Cell<'_> {
    fn from(it: bool) -> Self {
        Cell::Int(i64::from(it))
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(it: &'a str) -> Self {
        Cell::Text(Cow::Borrowed(it))
    }
}

impl From<String> for Cell<'_> {
    fn from(it: String) -> Self {
        Cell::Text(Cow::Owned(it))
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(it: &'a [u8]) -> Self {
        Cell::Bytes(Cow::Borrowed(it))
    }
}

impl From<Vec<u8>> for Cell<'_> {
    fn from(it: Vec<u8>) -> Self {
        Cell::Bytes(Cow::Owned(it))
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(it: Option<T>) -> Self {
        it.map_or(Cell::Null, Into::into)
    }
}

/// What can stand in a column as it is.
pub(crate) trait Stored: Sized {
    /// Reads a cell; `None` where it holds something else.
    fn of(cell: Cell<'_>) -> Option<Self>;
}

impl Stored for i64 {
    fn of(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Int(it) = cell { Some(it) } else { None }
    }
}

impl Stored for bool {
    fn of(cell: Cell<'_>) -> Option<Self> {
        i64::of(cell).map(|it| it != 0)
    }
}

impl Stored for String {
    fn of(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Text(it) = cell { Some(it.into_owned()) } else { None }
    }
}

impl Stored for Vec<u8> {
    fn of(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Bytes(it) = cell { Some(it.into_owned()) } else { None }
    }
}

impl<const N: usize> Stored for [u8; N] {
    fn of(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Bytes(it) = cell { <[u8; N]>::try_from(it.as_ref()).ok() } else { None }
    }
}

impl<T: Stored> Stored for Option<T> {
    fn of(cell: Cell<'_>) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::of(cell).map(Some) }
    }
}

/// A closed list of words, stored by number.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// Its words, in the order of their numbers.
    const WORDS: &'static [Self];
}

macro_rules! word_lists {
    ($($name:literal $list:ident,)+) => {
        $(impl Word for $list { const WORDS: &'static [Self] = $list::ALL; })+

        /// All lists that tables hold by number: their names and words.
        pub(crate) fn word_lists() -> Vec<(&'static str, Vec<&'static str>)> {
            vec![$(($name, $list::ALL.iter().map(|it| it.word()).collect()),)+]
        }
    };
}

word_lists! {
    "amended" Amended,
    "amendment_stage" AmendmentStage,
    "care" Care,
    "category" Category,
    "channel" Channel,
    "document_kind" DocumentKind,
    "fund_kind" FundKind,
    "institution_kind" InstitutionKind,
    "level" Level,
    "mode" Mode,
    "paper" Paper,
    "proof" Proof,
    "proxy_reason" ProxyReason,
    "purpose" Purpose,
    "relation" Relation,
    "scheme" Scheme,
    "seen_as" SeenAs,
    "sex" Sex,
    "side" Side,
}

/// Suspensions as text: `2025-01-01/2025-03-01 why`, one to a line.
pub(crate) fn suspensions(all: &[Suspension]) -> String {
    let one = |it: &Suspension| format!("{} {}", periods(&[(it.from, it.to)]), it.why);
    all.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn parse_suspensions(text: &str) -> Option<Vec<Suspension>> {
    let one = |line: &str| {
        let (period, why) = line.split_once(' ')?;
        let (from, to) = parse_periods(period)?.pop()?;
        Some(Suspension { from, to, why: why.to_owned() })
    };
    text.lines().map(one).collect()
}

/// What an institution can do, and when, as text: `shared 2025-06-01/`, one to a line; a word alone: never.
pub(crate) fn capabilities(all: &Capabilities) -> String {
    let one = |(what, days): (&Capability, &Vec<_>)| format!("{} {}", what.word(), periods(days));
    all.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn parse_capabilities(text: &str) -> Option<Capabilities> {
    let one = |line: &str| {
        let (what, days) = line.split_once(' ')?;
        Some((Capability::parse(what)?, parse_periods(days)?))
    };
    text.lines().map(one).collect()
}

/// The number of a word.
pub(crate) fn number<W: Word>(word: W) -> i64 {
    let place = W::WORDS.iter().position(|it| *it == word).expect("every word is in its list");
    i64::try_from(place).expect("lists are short")
}

/// A number as columns hold it, which know no unsigned ones; read back by [`Cells::number`].
pub(crate) fn int(number: u64) -> i64 {
    number.cast_signed()
}

/// A day, counted from 1970-01-01.
pub(crate) fn day(day: Day) -> i64 {
    i64::from(day.days_since(epoch()))
}

fn epoch() -> Day {
    Day::new(1970, 1, 1).expect("a date")
}

/// Periods as text: `2025-01-01/2025-03-01 2025-06-01/`.
pub(crate) fn periods(periods: &[(Day, Option<Day>)]) -> String {
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
pub(crate) fn account(account: Account) -> (i64, i64, i64) {
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
pub(crate) fn part(part: Part) -> i64 {
    match part {
        Part::Prior => 0,
        Part::Year(year) => i64::from(year),
    }
}

/// A sender as two numbers.
pub(crate) fn sender(sender: Sender) -> (i64, i64) {
    match sender {
        Sender::Institution(code) => (0, int(code.number())),
        Sender::Token(token) => (1, int(token)),
    }
}

/// What is stored is none of ours.
pub(crate) fn damaged(what: &str) -> Fault {
    Fault::Damaged(what.to_owned())
}

/// The columns of a row, one after the other.
pub(crate) trait Cells {
    /// What stands in the next column.
    fn cell(&mut self) -> Read<Cell<'_>>;

    /// The next column as it is.
    fn next<T: Stored>(&mut self) -> Read<T> {
        T::of(self.cell()?).ok_or_else(|| damaged("a column holds a value that it cannot hold"))
    }

    /// The next column, read further.
    fn read<S: Stored, T>(&mut self, read: impl FnOnce(S) -> Option<T>) -> Read<T> {
        read(self.next()?).ok_or_else(|| damaged("a column holds a value that it cannot hold"))
    }

    fn optional<T>(&mut self, read: impl FnOnce(i64) -> Option<T>) -> Read<Option<T>> {
        self.read(|stored: Option<i64>| stored.map_or(Some(None), |it| read(it).map(Some)))
    }

    fn number(&mut self) -> Read<u64> {
        self.next().map(i64::cast_unsigned)
    }

    fn opt_number(&mut self) -> Read<Option<u64>> {
        self.optional(|it| Some(it.cast_unsigned()))
    }

    fn fen(&mut self) -> Read<Fen> {
        self.read(Fen::new)
    }

    fn opt_fen(&mut self) -> Read<Option<Fen>> {
        self.optional(Fen::new)
    }

    fn day(&mut self) -> Read<Day> {
        self.read(read_day)
    }

    fn opt_day(&mut self) -> Read<Option<Day>> {
        self.optional(read_day)
    }

    fn moment(&mut self) -> Read<Moment> {
        self.next().map(Moment::from_millis)
    }

    fn opt_moment(&mut self) -> Read<Option<Moment>> {
        self.optional(|it| Some(Moment::from_millis(it)))
    }

    fn area(&mut self) -> Read<Area> {
        self.read(read_area)
    }

    fn institution(&mut self) -> Read<InstitutionCode> {
        self.read(|it: i64| InstitutionCode::from_number(it.cast_unsigned()))
    }

    fn opt_institution(&mut self) -> Read<Option<InstitutionCode>> {
        self.optional(|it: i64| InstitutionCode::from_number(it.cast_unsigned()))
    }

    fn word<W: Word>(&mut self) -> Read<W> {
        self.read(read_word)
    }

    fn opt_word<W: Word>(&mut self) -> Read<Option<W>> {
        self.optional(read_word)
    }

    fn digest(&mut self) -> Read<Digest> {
        self.next().map(Digest)
    }

    fn periods(&mut self) -> Read<Vec<(Day, Option<Day>)>> {
        self.read(|it: String| parse_periods(&it))
    }

    fn suspensions(&mut self) -> Read<Vec<Suspension>> {
        self.read(|it: String| parse_suspensions(&it))
    }

    fn capabilities(&mut self) -> Read<Capabilities> {
        self.read(|it: String| parse_capabilities(&it))
    }

    fn part(&mut self) -> Read<Part> {
        let year: i16 = self.next()?;
        Ok(if year == 0 { Part::Prior } else { Part::Year(year) })
    }

    fn sender(&mut self) -> Read<Sender> {
        match self.next::<i64>()? {
            0 => self.institution().map(Sender::Institution),
            1 => self.number().map(Sender::Token),
            _ => Err(damaged("a sender is neither an institution nor a token")),
        }
    }

    fn account(&mut self) -> Read<Account> {
        let (kind, a, b): (i64, i64, i64) = (self.next()?, self.next()?, self.next()?);
        read_account(kind, a, b).ok_or_else(|| damaged("an account is none of ours"))
    }

    /// A compact encoding.
    fn decoded<T: serde::de::DeserializeOwned>(&mut self) -> Read<T> {
        let Cell::Bytes(bytes) = self.cell()? else { return Err(damaged("an encoding is missing")) };
        decoded(&bytes)
    }
}

/// What a compact encoding says.
pub(crate) fn decoded<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Read<T> {
    domain::chain::decode(bytes).map_err(|it| damaged(&it.to_string()))
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

    /// If this fails, a suspended institution settles after a restart, or one that cannot share does.
    #[test]
    fn suspensions_and_capabilities_are_read_back() {
        let day = |text| Day::parse(text).expect("a date");
        let (from, to) = (day("2025-01-01"), Some(day("2025-03-01")));
        let said = Suspension { from, to, why: "核查 费用".to_owned() };
        for some in [vec![], vec![Suspension { to: None, why: String::new(), ..said.clone() }, said]] {
            assert_eq!(parse_suspensions(&suspensions(&some)), Some(some));
        }
        let never = BTreeMap::from([(Capability::Inpatient, Vec::new())]);
        let both =
            BTreeMap::from([(Capability::Inpatient, Vec::new()), (Capability::Shared, vec![(from, to)])]);
        for some in [BTreeMap::new(), never, both] {
            assert_eq!(parse_capabilities(&capabilities(&some)), Some(some));
        }
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
