//! The written forms of amounts, days, moments and codes in JSON, and how each is read back.

use domain::day::{Day, Moment};
use domain::ids::{Area, InstitutionCode};
use domain::money::{Fen, Quantity, Total};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// An amount: read from a number's text or from text, written as a number with exactly two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Yuan(pub(crate) Fen);

/// An amount with a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignedYuan(pub(crate) Total);

/// A civil day of China Standard Time: `2025-06-16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil(pub(crate) Day);

/// A moment as a caller writes it: `2025-06-16T02:00:00Z`, or with another offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Utc(pub(crate) Moment);

/// A moment as answers write it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Instant {
    /// The moment, UTC.
    #[schema(example = "2025-06-16T02:00:00Z")]
    utc: String,
    /// The day it lies in, China Standard Time.
    china_day: Civil,
}

/// A region of six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region(pub(crate) Area);

/// The code of an institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(pub(crate) InstitutionCode);

/// How many of something, at most four decimals: read like an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) Quantity);

impl Instant {
    pub(crate) fn of(moment: Moment) -> Instant {
        Instant { utc: utc(moment), china_day: Civil(moment.day()) }
    }
}

fn utc(moment: Moment) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(moment.millis());
    timestamp.map(|it| it.to_string()).expect("a Moment lies between 1800 and 2999")
}

/// Reads a moment; `None` for anything but RFC 3339 with an offset.
pub(crate) fn moment(text: &str) -> Option<Moment> {
    text.parse::<jiff::Timestamp>().ok().map(|it| Moment::from_millis(it.as_millisecond()))
}

/// A number's text, or text: never through a float.
fn number_text<'de, D: Deserializer<'de>>(from: D, what: &str) -> Result<String, D::Error> {
    match serde_json::Value::deserialize(from)? {
        serde_json::Value::Number(number) => Ok(number.to_string()),
        serde_json::Value::String(text) => Ok(text),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => Err(D::Error::custom(format!("{what} is a number or text"))),
    }
}

fn write_number<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<serde_json::Number>(text).map_err(S::Error::custom)?.serialize(to)
}

macro_rules! read_text {
    ($name:ident, $read:expr, $remedy:literal) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                let text = String::deserialize(from)?;
                $read(&text).map($name).ok_or_else(|| D::Error::custom($remedy))
            }
        }
    };
}

macro_rules! write_text {
    ($($name:ident),+) => {
        $(impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(&self.0)
            }
        })+
    };
}

read_text!(Civil, Day::parse, "write the day like 2025-06-16");
read_text!(Utc, moment, "write the moment like 2025-06-16T02:00:00Z");
read_text!(Region, Area::parse, "write the six digits of a region, like 320300");
read_text!(Place, InstitutionCode::parse, "write H or P and eleven digits, like H32030000001");
write_text!(Civil, Region, Place, Count);

impl<'de> Deserialize<'de> for SignedYuan {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<SignedYuan, D::Error> {
        let text = number_text(from, "an amount")?;
        let (is_below, plain) = text.strip_prefix('-').map_or((false, text.as_str()), |it| (true, it));
        let read = Fen::parse(plain).map(|it| if is_below { Total::debit(it) } else { Total::credit(it) });
        let remedy = "write the amount in yuan, without exponent, with at most two decimals";
        read.map(SignedYuan).ok_or_else(|| D::Error::custom(remedy))
    }
}

impl Serialize for Utc {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&utc(self.0))
    }
}

impl<'de> Deserialize<'de> for Yuan {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Yuan, D::Error> {
        let text = number_text(from, "an amount")?;
        let remedy = "write the amount in yuan, not negative, without exponent, with at most two decimals";
        Fen::parse(&text).map(Yuan).ok_or_else(|| D::Error::custom(remedy))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Count, D::Error> {
        let text = number_text(from, "a count")?;
        let remedy = "write the count without sign and exponent, with at most four decimals";
        Quantity::parse(&text).map(Count).ok_or_else(|| D::Error::custom(remedy))
    }
}

impl Serialize for Yuan {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write_number(&self.0.to_string(), to)
    }
}

impl Serialize for SignedYuan {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write_number(&self.0.to_string(), to)
    }
}

/// The schema of something written as one text or number, under its own name.
macro_rules! simple_schema {
    ($name:ident, $kind:ident, $pattern:expr, $format:expr, $says:literal, $example:expr) => {
        impl ToSchema for $name {}
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let builder = ObjectBuilder::new()
                    .schema_type(Type::$kind)
                    .description(Some($says))
                    .pattern($pattern)
                    .format($format)
                    .examples([serde_json::json!($example)]);
                builder.build().into()
            }
        }
    };
}

const NO_PATTERN: Option<&str> = None;

simple_schema!(
    Yuan,
    Number,
    NO_PATTERN,
    None,
    "Yuan, never negative, at most two decimals; text such as \"120.40\" is read too.",
    "120.40"
);
simple_schema!(SignedYuan, Number, NO_PATTERN, None, "Yuan with a sign, two decimals.", "-120.40");
simple_schema!(
    Civil,
    String,
    NO_PATTERN,
    Some(SchemaFormat::KnownFormat(KnownFormat::Date)),
    "A civil day, China Standard Time.",
    "2025-06-16"
);
simple_schema!(
    Utc,
    String,
    NO_PATTERN,
    Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)),
    "A moment, RFC 3339 with an offset.",
    "2025-06-16T02:00:00Z"
);
simple_schema!(Region, String, Some("^[0-9]{6}$"), None, "A region code of six digits.", "320300");
simple_schema!(
    Place,
    String,
    Some("^[HP][0-9]{11}$"),
    None,
    "The code of a designated institution.",
    "H32030000001"
);
simple_schema!(
    Count,
    String,
    NO_PATTERN,
    None,
    "How many, at most four decimals; a number is read too.",
    "2"
);

/// Words of the field, as JSON writes them, each list a schema of its own.
macro_rules! word {
    ($($name:ident = $of:path),+ $(,)?) => {
        $(
            #[doc = concat!("A word of the list `", stringify!($name), "`.")]
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(transparent)]
            pub(crate) struct $name(pub(crate) $of);

            impl ToSchema for $name {}
            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let words = <$of>::ALL.iter().map(|it| it.word());
                    let builder = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
                    builder.build().into()
                }
            }
        )+
    };
}

/// The lists of words; each stands for the type of the same name.
pub(crate) mod words {
    use super::*;

    word! {
        Scheme = domain::words::Scheme,
        Capability = domain::words::Capability,
        Category = domain::words::Category,
        Relation = domain::words::Relation,
        Sex = domain::words::Sex,
        Side = domain::words::Side,
        Channel = domain::words::Channel,
        Proof = domain::words::Proof,
        ProxyReason = domain::proxy::ProxyReason,
        Paper = domain::proxy::Paper,
        Mode = domain::words::Mode,
        Purpose = domain::words::Purpose,
        InstitutionKind = domain::words::InstitutionKind,
        Level = domain::words::Level,
        Standing = domain::words::Standing,
        Role = crate::tokens::Role,
        Why = crate::looks::Why,
        DocumentKind = domain::documents::DocumentKind,
        SeenAs = domain::documents::SeenAs,
        Topic = crate::contacts::Topic,
        Digest = crate::gateway_keys::Hash,
        Pause = crate::outbox::destinations::Pause,
        Amended = domain::amendment::Amended,
        By = domain::statistics::By,
    }
}

/// A reference to a schema of the document.
pub(crate) fn schema_ref(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, an amount is read through a float, or written so that a reader may do so wrongly.
    #[test]
    fn amounts_are_read_from_their_text_and_written_with_two_decimals() {
        for text in ["120.4", "120.40", "\"120.40\""] {
            let read: Yuan = serde_json::from_str(text).expect("an amount");
            assert_eq!(serde_json::to_string(&read).expect("written"), "120.40");
        }
        for text in ["1.2e2", "-1", "0.001", "\"\"", "null", "[1]", "99999999999999999999"] {
            assert!(serde_json::from_str::<Yuan>(text).is_err(), "{text}");
        }
        let value = serde_json::to_value(SignedYuan(Total::from_fen(-5))).expect("written");
        assert_eq!(value.to_string(), "-0.05");
    }

    #[test]
    fn moments_are_written_in_utc_with_their_day_in_china() {
        let moment = Moment::parse("2025-06-17 07:30").expect("a moment");
        let written = serde_json::to_string(&Instant::of(moment)).expect("written");
        assert_eq!(written, r#"{"utc":"2025-06-16T23:30:00Z","china_day":"2025-06-17"}"#);
        assert_eq!(super::moment("2025-06-17T07:30:00+08:00"), Some(moment));
        assert_eq!(super::moment("2025-06-17 07:30:00"), None);
    }
}
