//! One type per kind of identifier, so that none is ever passed for another.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number! {
    /// The serial of a decided request: given by its lane, ascending within it, never reused.
    /// Everything a request creates is numbered from it.
    Serial
}
number! {
    /// A person, by our own number: says nothing about the person.
    PersonNo
}
number! {
    /// An enrolment (参保关系).
    EnrolmentNo
}
number! {
    /// A binding (共济关系).
    BindingNo
}
number! {
    /// An amendment of what a person is known by (信息更正).
    AmendmentNo
}
number! {
    /// An entrusted purchase (代购).
    ProxyNo
}
number! {
    /// A visit (就诊), shown to hospitals as `mdtrt_id`.
    VisitNo
}
number! {
    /// A settlement or the cancellation of one (结算), shown to hospitals as `setl_id`.
    SettlementNo
}

/// How many things of one kind a single request may create.
pub const PER_REQUEST: u64 = 4;

impl Serial {
    /// The number of the `nth` thing of its kind that this request creates (`nth` below [`PER_REQUEST`]).
    pub fn creates(self, nth: u64) -> u64 {
        assert!(nth < PER_REQUEST, "a request creates at most {PER_REQUEST} things of a kind");
        self.0 * PER_REQUEST + nth
    }

    /// The request that created the thing with this number.
    pub fn creator_of(number: u64) -> Serial {
        Serial(number / PER_REQUEST)
    }
}

/// A region of the country: `000000` the nation, `320000` a province, `320300` a pooling area (统筹区).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Area(u32);

impl Area {
    /// The nation.
    pub const NATION: Area = Area(0);

    /// Reads the six digits of a region code (医保区划).
    pub fn parse(text: &str) -> Option<Area> {
        let six_digits = text.len() == 6 && text.bytes().all(|it| it.is_ascii_digit());
        six_digits.then(|| text.parse().ok().map(Area)).flatten()
    }

    /// The region with this number, as read back from a store.
    pub fn from_number(number: u32) -> Option<Area> {
        (number < 1_000_000).then_some(Area(number))
    }

    /// The code as a number.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The province this region lies in.
    pub fn province(self) -> Area {
        Area(self.0 / 10_000 * 10_000)
    }

    /// The pooling area that speaks for this region: the city, or the province where it pools as a whole
    /// (the four municipalities; a province's or city's own level, `xx9900` and `xxxx99`, is itself).
    pub fn pooling(self) -> Area {
        match self.0 {
            code if self.is_municipality() => Area(code / 10_000 * 10_000),
            code if code % 10_000 == 9_900 => self,
            code => Area(code / 100 * 100),
        }
    }

    fn is_municipality(self) -> bool {
        matches!(self.0 / 10_000, 11 | 12 | 31 | 50)
    }

    /// Whether people are insured in the region itself: a city or a municipality, no province and no district.
    pub fn is_pooling(self) -> bool {
        self == self.pooling() && (self.is_municipality() || self != self.province())
    }

    /// The first and the last region inside this one: itself, all of its province, or all of the nation.
    pub fn within(self) -> (Area, Area) {
        let last = match self.0 {
            0 => 999_999,
            code if self == self.province() => code + 9_999,
            code => code,
        };
        (self, Area(last))
    }

    /// From the nearest level to the widest: the area, its province, the nation.
    pub fn levels(self) -> [Area; 3] {
        [self, self.province(), Area::NATION]
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl fmt::Debug for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A designated institution (定点医药机构): `H` (hospital) or `P` (pharmacy), six digits of area, five of sequence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstitutionCode(u64);

const LETTERS: [char; 3] = ['?', 'H', 'P'];

impl InstitutionCode {
    /// Reads the twelve characters of an institution's code.
    pub fn parse(text: &str) -> Option<InstitutionCode> {
        let digits = text.get(1..).filter(|it| it.len() == 11 && it.bytes().all(|b| b.is_ascii_digit()))?;
        let letter: u64 = match text.as_bytes().first()? {
            b'H' => 1,
            b'P' => 2,
            _ => return None,
        };
        digits.parse::<u64>().ok().map(|it| InstitutionCode(letter * 100_000_000_000 + it))
    }

    /// The institution with this number, as read back from a store.
    pub fn from_number(number: u64) -> Option<InstitutionCode> {
        (100_000_000_000..300_000_000_000).contains(&number).then_some(InstitutionCode(number))
    }

    /// The code as a number: 1 or 2 for the letter, then the eleven digits.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for InstitutionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = usize::try_from(self.0 / 100_000_000_000).ok().and_then(|it| LETTERS.get(it));
        write!(f, "{}{:011}", letter.unwrap_or(&'?'), self.0 % 100_000_000_000)
    }
}

impl fmt::Debug for InstitutionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a person is found by without being named: the keyed hash of an ID number, a card number, a `psn_no`.
/// The key never reaches this crate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lookup(pub [u8; 16]);

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lookup({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// An SM3 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The SM3 digest of these parts, each preceded by its length so that no two lists of parts meet.
    pub fn of(parts: &[&[u8]]) -> Digest {
        use sm3::Digest as _;
        let mut hash = sm3::Sm3::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Digest(hash.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|it| write!(f, "{it:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_institution_code_is_read_and_written_back() {
        for text in ["H32030000001", "P14010000001"] {
            assert_eq!(InstitutionCode::parse(text).map(|it| it.to_string()).as_deref(), Some(text));
        }
        for text in ["X32030000001", "H3203000000", "h32030000001", "H3203000000１", ""] {
            assert_eq!(InstitutionCode::parse(text), None, "{text}");
        }
    }

    #[test]
    #[rustfmt::skip]
    fn a_region_knows_its_pooling_area() {
        let cases = [
            ("320300", "320300"), ("320382", "320300"), ("110105", "110000"), ("500153", "500000"),
            ("329900", "329900"), ("320399", "320300"), ("660000", "660000"),
        ];
        for (code, pooling) in cases {
            assert_eq!(Area::parse(code).expect("valid").pooling().to_string(), pooling);
        }
    }

    /// If this fails, two different lists of parts could share a digest and the chain proves nothing.
    #[test]
    fn parts_of_a_digest_do_not_run_together() {
        assert_ne!(Digest::of(&[b"ab", b"c"]), Digest::of(&[b"a", b"bc"]));
        let empty = "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b";
        assert_eq!(Digest::of(&[]).to_string(), empty, "SM3 of the empty text, as published");
    }
}
