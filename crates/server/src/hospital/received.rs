//! JSON as others send it: read once, with a name for what is wrong. A key that stands twice in one object says two
//! things, and nobody can know which of them was meant; towers of brackets say nothing.

use super::wire::Malformed;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// How deep values may lie in one another; the interface has four levels.
const DEEPEST: usize = 32;

/// How much of somebody's key is repeated in an answer, and how many digits a name may have: numbers of people have more.
const LONGEST_KEY: usize = 60;
const MOST_DIGITS: usize = 5;

/// What is said of a key that stands twice.
pub(super) const REPEATED: &str = "在同一层出现两次，只能出现一次";

/// How a number arrives that is no machine number: as an object of this one key, with its digits.
const NUMBER: &str = "$serde_json::private::Number";

/// Why a text was not taken as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// It is none: the place, as line and byte in the line.
    NoJson(usize, usize),
    /// A key stands twice in one object.
    Repeated(String),
    /// Values lie in one another beyond all need.
    TooDeep,
    /// It is JSON, and something else follows.
    GoesOn(usize, usize),
}

impl Unread {
    /// What is wrong with a message and what would be right.
    pub fn malformed(self) -> Malformed {
        let wrong = |what: String| Malformed::new("报文", what);
        match self {
            Unread::NoJson(line, byte) => wrong(format!("不是有效的 JSON（第 {line} 行第 {byte} 字节附近）")),
            Unread::Repeated(key) => Malformed::new(key, REPEATED),
            Unread::TooDeep => wrong(format!("嵌套超过 {DEEPEST} 层")),
            Unread::GoesOn(line, byte) => {
                wrong(format!("在 JSON 结束后还有内容（第 {line} 行第 {byte} 字节）"))
            }
        }
    }
}

/// Reads a text.
///
/// # Errors
/// [`Unread`].
pub fn read(text: &str) -> Result<Value, Unread> {
    let found = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Reading { depth: 0, found: &found }.deserialize(&mut deserializer);
    let value =
        read.map_err(|error| found.take().unwrap_or_else(|| Unread::NoJson(error.line(), error.column())))?;
    deserializer.end().map_err(|error| Unread::GoesOn(error.line(), error.column()))?;
    Ok(value)
}

/// Reads a value at a depth; what a parser's error cannot say is left beside it.
#[derive(Clone, Copy)]
struct Reading<'a> {
    depth: usize,
    found: &'a RefCell<Option<Unread>>,
}

impl Reading<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == DEEPEST {
            return Err(self.stop(Unread::TooDeep));
        }
        Ok(Reading { depth: self.depth + 1, ..self })
    }

    fn stop<E: Error>(self, found: Unread) -> E {
        self.found.replace(Some(found));
        E::custom("not taken")
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, it: bool) -> Result<Value, E> {
        Ok(Value::Bool(it))
    }

    fn visit_u64<E: Error>(self, it: u64) -> Result<Value, E> {
        Ok(Value::Number(it.into()))
    }

    fn visit_i64<E: Error>(self, it: i64) -> Result<Value, E> {
        Ok(Value::Number(it.into()))
    }

    fn visit_str<E: Error>(self, it: &str) -> Result<Value, E> {
        Ok(Value::String(it.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = rows.next_element_seed(deeper)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut next = fields.next_key::<String>()?;
        if next.as_deref() == Some(NUMBER) {
            let digits = fields.next_value::<String>()?;
            return digits.parse::<Number>().map(Value::Number).map_err(A::Error::custom);
        }
        let deeper = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = next {
            match object.entry(key) {
                Entry::Vacant(place) => _ = place.insert(fields.next_value_seed(deeper)?),
                Entry::Occupied(place) => {
                    return Err(self.stop(Unread::Repeated(named(place.key()))));
                }
            }
            next = fields.next_key()?;
        }
        Ok(Value::Object(object))
    }
}

/// How a key is named in an answer. What does not look like the name of a field may be somebody's number or name.
fn named(key: &str) -> String {
    let is_name = key.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    if is_name && digits <= MOST_DIGITS {
        key.chars().take(LONGEST_KEY).collect()
    } else {
        "某个字段".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// If this fails, the second of two amounts silently replaces the first, at the top or deep inside.
    #[test]
    fn a_key_that_stands_twice_is_named() {
        for (text, key) in [
            (r#"{"a":1,"a":1}"#, "a"),
            (r#"{"a":{"b":1,"c":{},"b":2}}"#, "b"),
            (r#"[{"a":1},{"acct_used_flag":"1","\u0061cct_used_flag":"0"}]"#, "acct_used_flag"),
        ] {
            assert_eq!(read(text), Err(Unread::Repeated(key.to_owned())), "{text}");
        }
        // Nobody's number or name is repeated.
        for key in ["990000199001011234", "李小明", "a b"] {
            let twice = format!(r#"{{"{key}":1,"{key}":2}}"#);
            assert_eq!(read(&twice), Err(Unread::Repeated("某个字段".to_owned())), "{key}");
        }
        let long = format!(r#"{{"{0}":1,"{0}":2}}"#, "k".repeat(5_000));
        assert_eq!(read(&long), Err(Unread::Repeated("k".repeat(LONGEST_KEY))));
        assert!(read(r#"{"a":{"a":1},"A":[{"a":1},{"a":2}]}"#).is_ok(), "each in an object of its own");
    }

    /// If this fails, what is no JSON gets another complaint than its own, or is read as something.
    #[test]
    fn what_is_no_json_says_where() {
        for (text, expected) in [
            ("", Unread::NoJson(1, 0)),
            ("{\n\"a\":NaN}", Unread::NoJson(2, 5)),
            (r#"{"a":Infinity}"#, Unread::NoJson(1, 6)),
            (r#"{"a":1,}"#, Unread::NoJson(1, 8)),
            (r#"{"a":01}"#, Unread::NoJson(1, 7)),
            (r#"{"a":1}}"#, Unread::GoesOn(1, 8)),
            (r#"{"$serde_json::private::Number":"x"}"#, Unread::NoJson(1, 1)),
        ] {
            assert_eq!(read(text), Err(expected), "{text}");
        }
        for deep in ["[".repeat(10_000), r#"{"a":"#.repeat(10_000)] {
            assert_eq!(read(&deep), Err(Unread::TooDeep));
        }
        let fits = format!("{}{}", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
        assert!(read(&fits).is_ok() && read(&format!("[{fits}]")).is_err());
    }

    fn value() -> impl Strategy<Value = Value> {
        let number = r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            number.prop_map(|it| Value::Number(it.parse().expect("a number"))),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|it| Value::Object(it.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// If this fails, a message means something else to us than to everybody else, whole or cut somewhere.
        #[test]
        fn anything_else_is_read_as_usual(value in value(), cut in any::<prop::sample::Index>()) {
            let text = value.to_string();
            prop_assert_eq!(read(&text), Ok(value));
            let rest: String = text.chars().skip(cut.index(text.len())).collect();
            prop_assert_eq!(read(&rest).ok(), serde_json::from_str::<Value>(&rest).ok());
        }
    }
}
