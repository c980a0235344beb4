//! JSON as answers have it: fields in the order they are named, amounts digit for digit, written in one pass.
//! `serde_json` is for what others send.

use domain::day::{Day, Moment};
use domain::money::{Fen, Price, Quantity, Share, Total};
use std::borrow::Cow;

/// How much room an answer is given at once: most need no more.
const USUAL: usize = 4_096;

/// A value of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// Nothing.
    Null,
    /// Text.
    Text(Cow<'static, str>),
    /// A number of so many units of ten to the minus `places`: written with exactly that many decimals.
    Number {
        /// The digits and the sign.
        units: i64,
        /// How many of the digits are decimals.
        places: usize,
    },
    /// Values in order.
    List(Vec<Json>),
    /// Fields in order, none twice.
    Object(Vec<(&'static str, Json)>),
    /// What was written before.
    Written(String),
}

/// An object: `object! { "setl_id": settlement.no, "balc": amount }`.
macro_rules! object {
    ($($name:literal: $value:expr),+ $(,)?) => {
        $crate::hospital::json::Json::Object(vec![$(($name, $crate::hospital::json::Json::from($value))),+])
    };
}
pub(super) use object;

impl Json {
    /// A whole number.
    pub fn whole(units: i64) -> Json {
        Json::Number { units, places: 0 }
    }

    /// A number of ours, which the interface has as text.
    pub fn text_of(number: impl ToString) -> Json {
        Json::Text(number.to_string().into())
    }

    /// A number as its mirror image; anything else as it is.
    pub fn negated(self) -> Json {
        if let Json::Number { units, places } = self { Json::Number { units: -units, places } } else { self }
    }

    /// A field of an object, to be changed.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut Json> {
        let Json::Object(fields) = self else { return None };
        fields.iter_mut().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Adds a field to an object that does not have it; anything else stays as it is.
    pub fn add(&mut self, name: &'static str, value: impl Into<Json>) {
        if let Json::Object(fields) = self {
            fields.push((name, value.into()));
        }
    }

    /// The value as JSON text.
    pub fn written(&self) -> String {
        let mut out = String::with_capacity(USUAL);
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Text(text) => write_text(out, text),
            Json::Number { units, places } => write_number(out, *units, *places),
            Json::Written(text) => out.push_str(text),
            Json::List(values) => {
                out.push('[');
                for (at, value) in values.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    value.write(out);
                }
                out.push(']');
            }
            Json::Object(fields) => {
                out.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    out.push_str(if at == 0 { "\"" } else { ",\"" });
                    out.push_str(name);
                    out.push_str("\":");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Text in quotes. JSON forbids quotes, backslashes and control characters in it as they are, and nothing else.
fn write_text(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        // What has to be escaped is one byte long, so both sides of it are whole characters.
        out.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\x08' => out.push_str("\\b"),
            b'\x0c' => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                out.push_str("\\u00");
                out.push(char::from(HEX[usize::from(control >> 4)]));
                out.push(char::from(HEX[usize::from(control & 15)]));
            }
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

fn write_number(out: &mut String, units: i64, places: usize) {
    // The digits of an `i64`, a dot, and as many zeros as a number below one needs.
    let mut digits = [b'0'; 32];
    let (mut at, mut rest, mut written) = (digits.len(), units.unsigned_abs(), 0);
    while rest > 0 || written <= places {
        if written == places && places > 0 {
            at -= 1;
            digits[at] = b'.';
        }
        at -= 1;
        digits[at] += u8::try_from(rest % 10).expect("a digit");
        (rest, written) = (rest / 10, written + 1);
    }
    if units < 0 {
        out.push('-');
    }
    out.extend(digits[at..].iter().map(|it| char::from(*it)));
}

impl From<&'static str> for Json {
    fn from(text: &'static str) -> Json {
        Json::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(Cow::Owned(text))
    }
}

impl From<Total> for Json {
    fn from(amount: Total) -> Json {
        Json::Number { units: amount.get(), places: 2 }
    }
}

impl From<Fen> for Json {
    fn from(amount: Fen) -> Json {
        Json::from(Total::credit(amount))
    }
}

impl From<Quantity> for Json {
    fn from(count: Quantity) -> Json {
        Json::Number { units: count.get(), places: 4 }
    }
}

impl From<Price> for Json {
    fn from(price: Price) -> Json {
        Json::Number { units: price.get(), places: 6 }
    }
}

impl From<Share> for Json {
    fn from(share: Share) -> Json {
        Json::Number { units: share.get().into(), places: 4 }
    }
}

impl From<Day> for Json {
    fn from(day: Day) -> Json {
        Json::text_of(day)
    }
}

impl From<Moment> for Json {
    fn from(moment: Moment) -> Json {
        Json::text_of(moment)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, T::into)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(values: Vec<T>) -> Json {
        Json::List(values.into_iter().map(T::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Letters that JSON, UTF-8 or UTF-16 treat specially, among others.
    fn text() -> impl Strategy<Value = String> {
        let letter = prop_oneof![
            0_u32..0x80,
            Just(0x7f),
            Just(0x2028),
            Just(0xfeff),
            0x4e00_u32..0x9fff,
            0x1_f600_u32..0x1_f640
        ];
        proptest::collection::vec(letter.prop_map(|it| char::from_u32(it).expect("a letter")), 0..40)
            .prop_map(|it| it.into_iter().collect())
    }

    fn value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            text().prop_map(Json::from),
            (any::<i64>(), 0_usize..7).prop_map(|(units, places)| Json::Number { units, places }),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            let field = (prop_oneof![Just("a"), Just("exp_content")], inner.clone());
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::List),
                proptest::collection::vec(field, 0..2).prop_map(Json::Object),
                inner.prop_map(|it| it.written().into()),
            ]
        })
    }

    /// The same value, as `serde_json` builds it.
    fn built(it: &Json) -> serde_json::Value {
        match it {
            Json::Null => serde_json::Value::Null,
            Json::Text(text) => serde_json::Value::String(text.to_string()),
            Json::Number { .. } | Json::Written(_) => {
                serde_json::from_str(&it.written()).expect("a number is a number")
            }
            Json::List(values) => values.iter().map(built).collect(),
            Json::Object(fields) => fields.iter().map(|(name, it)| (*name, built(it))).collect(),
        }
    }

    proptest! {
        /// If this fails, some name or remark makes an answer that its receiver cannot read, or reads as another.
        #[test]
        fn what_is_written_is_read_back_by_anybody(value in value()) {
            let read: serde_json::Value = serde_json::from_str(&value.written()).expect("JSON");
            prop_assert_eq!(read, built(&value));
        }

        /// If this fails, text is escaped in a way of our own, which not every client reads.
        #[test]
        fn text_is_written_as_everybody_writes_it(text in prop_oneof![text(), any::<String>()]) {
            prop_assert_eq!(serde_json::to_string(&text).expect("text"), Json::from(text).written());
        }

        /// If this fails, an answer has another amount than the books.
        #[test]
        fn amounts_are_written_digit_for_digit(fen in any::<i64>().prop_map(|it| it / 2)) {
            let amount = Total::from_fen(fen);
            prop_assert_eq!(Json::from(amount).written(), amount.to_string());
        }
    }

    /// If this fails, a number that clients compare as text looks other than it did for years.
    #[test]
    fn numbers_have_as_many_decimals_as_they_always_have() {
        let fen = |text| Fen::parse(text).expect("an amount");
        let numbers = object! {
            "a": fen("100"), "b": Total::debit(fen("0.05")), "c": Quantity::parse("2"), "d": Price::parse("0.15"),
            "e": Share::new(1_000), "f": Share::WHOLE, "g": Json::whole(0), "h": Json::whole(-1),
            "i": Json::Number { units: i64::MIN, places: 2 }, "j": Fen::ZERO,
        };
        let expected = r#"{"a":100.00,"b":-0.05,"c":2.0000,"d":0.150000,"e":0.1000,"f":1.0000,"g":0,"h":-1,"i":-92233720368547758.08,"j":0.00}"#;
        assert_eq!(numbers.written(), expected);
    }
}
