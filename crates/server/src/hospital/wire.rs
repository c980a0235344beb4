//! JSON of the national interface: read tolerantly (numbers as text, one object for an array, missing fields,
//! `"null"`), written strictly.

use super::Call;
use super::fields;
use super::json::{Json, object};
use super::received::{self, Unread};
use crate::vault::random;
use domain::day::{Day, Moment};
use domain::ids::InstitutionCode;
use domain::money::{Fen, Price, Quantity};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// A message that cannot be decoded: nothing is stored, its id stays free.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}{what}")]
pub struct Malformed {
    /// The field, as the interface spells it.
    pub field: String,
    /// What is wrong with it and what would be right, in Chinese.
    pub what: String,
}

impl Malformed {
    /// A field and what is wrong with it.
    pub fn new(field: impl Into<String>, what: impl Into<String>) -> Malformed {
        Malformed { field: field.into(), what: what.into() }
    }
}

/// The longest text a field may hold; nothing the interface knows is longer.
const LONGEST: usize = 4_000;

/// The envelope of a request.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Transaction number.
    pub infno: String,
    /// Message id, an opaque key.
    pub msgid: String,
    /// Area of the institution, as it states it.
    pub area: String,
    /// The institution, as it states it.
    pub institution: InstitutionCode,
    /// Operator at the institution.
    pub opter: String,
    /// The input's nodes.
    pub input: Map<String, Value>,
}

impl Envelope {
    /// Reads an envelope. Where its sender encrypted the input, that is read from its own text.
    ///
    /// # Errors
    /// [`Malformed`], naming the field.
    pub fn read(bytes: &[u8], opened: Option<&str>) -> Result<Envelope, Malformed> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Malformed::new("报文", "不是 UTF-8 编码，GBK、GB18030 请先转换为 UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_ascii().is_empty() {
            return Err(Malformed::new("报文", "是空的，没有收到内容"));
        }
        let read = received::read(text);
        let Value::Object(mut envelope) = read.map_err(Unread::malformed)? else {
            return Err(Malformed::new("报文", "应是一个 JSON 对象"));
        };
        let sent = envelope.remove("input");
        let input = opened.map_or(sent, |text| received::read(text).ok());
        let node = Node { of: "", name: "", row: None, inside: None, fields: &envelope };
        let code = node.text("fixmedins_code")?;
        let institution = InstitutionCode::parse(code);
        let Some(Value::Object(input)) = input else {
            return Err(Malformed::new("input", "应是一个 JSON 对象"));
        };
        Ok(Envelope {
            infno: node.short("infno", 12)?.to_ascii_uppercase(),
            msgid: node.short("msgid", 64)?.to_owned(),
            area: node.maybe("mdtrtarea_admvs")?.unwrap_or_default().to_owned(),
            institution: institution
                .ok_or_else(|| Malformed::new("fixmedins_code", "应是 H 或 P 加 11 位数字的机构编号"))?,
            opter: node.maybe("opter")?.unwrap_or_default().to_owned(),
            input,
        })
    }

    /// The one row of a node: an object, or an array of one.
    ///
    /// # Errors
    /// [`Malformed`] where it is missing or has more rows.
    pub fn one(&self, name: &'static str) -> Result<Node<'_>, Malformed> {
        match self.rows(name)? {
            [row] => Node::read(&self.infno, name, None, row),
            rows => Err(Malformed::new(name, format!("应有一行，收到 {} 行", rows.len()))),
        }
    }

    /// The rows of a node: an array, or an object for a single row.
    ///
    /// # Errors
    /// [`Malformed`] where it is missing, empty or no list of objects.
    pub fn many(&self, name: &'static str) -> Result<Vec<Node<'_>>, Malformed> {
        let rows = self.rows(name)?;
        let row = |number| Some(number).filter(|_| rows.len() > 1);
        (1..).zip(rows).map(|(number, it)| Node::read(&self.infno, name, row(number), it)).collect()
    }

    /// The rows of a node that may be missing or say nothing.
    ///
    /// # Errors
    /// [`Malformed`] where it is there and no list of objects.
    pub fn any(&self, name: &'static str) -> Result<Vec<Node<'_>>, Malformed> {
        match self.node(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(rows)) if rows.is_empty() => Ok(Vec::new()),
            Some(Value::String(text)) if text.is_empty() || text == "null" => Ok(Vec::new()),
            Some(_) => self.many(name),
        }
    }

    /// A node as it was sent. Some clients write names in another case than the text does: `signin`, `medinsInfo`.
    fn node(&self, name: &'static str) -> Option<&Value> {
        let in_any_case = || self.input.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
        self.input.get(name).or_else(|| in_any_case().map(|(_, node)| node))
    }

    fn rows(&self, name: &'static str) -> Result<&[Value], Malformed> {
        match self.node(name) {
            Some(Value::Array(rows)) if !rows.is_empty() => Ok(rows),
            Some(object @ Value::Object(_)) => Ok(std::slice::from_ref(object)),
            _ => Err(Malformed::new(format!("input.{name}"), "缺少，请按接口规范填写")),
        }
    }
}

/// A node of the input, with its fields.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// The transaction that it came with; nothing for the envelope.
    of: &'a str,
    name: &'static str,
    /// Which row of its node it is, from 1, where there are several.
    row: Option<usize>,
    /// The node that it stands in, and the row there, if it stands in one.
    inside: Option<(&'static str, Option<usize>)>,
    fields: &'a Map<String, Value>,
}

impl<'a> Node<'a> {
    fn read(
        of: &'a str,
        name: &'static str,
        row: Option<usize>,
        value: &'a Value,
    ) -> Result<Node<'a>, Malformed> {
        let fields = value.as_object().ok_or_else(|| Malformed::new(name, "每一行应是一个 JSON 对象"))?;
        Ok(Node { of, name, row, inside: None, fields })
    }

    /// Whether the pages say that the field is read.
    fn may_read(&self, field: &str) -> bool {
        self.name.is_empty() || fields::reads(self.of, self.name, field)
    }

    fn path(&self, field: &str) -> String {
        let outer = match self.inside {
            None => String::new(),
            Some((name, None)) => format!("{name}."),
            Some((name, Some(row))) => format!("{name} 第{row}行 "),
        };
        match (self.name, self.row) {
            ("", _) => field.to_owned(),
            (name, None) => format!("{outer}{name}.{field}"),
            (name, Some(row)) => format!("{outer}{name} 第{row}行 {field}"),
        }
    }

    fn wrong(&self, field: &str, what: impl Into<String>) -> Malformed {
        Malformed::new(self.path(field), what)
    }

    /// A field's text, where it says anything: numbers as they were written; nothing for `""`, null and `"null"`.
    ///
    /// # Errors
    /// [`Malformed`] where it is no plain value or too long.
    pub fn maybe(&self, field: &str) -> Result<Option<&'a str>, Malformed> {
        debug_assert!(self.may_read(field), "{} {}.{field} is in no table of fields", self.of, self.name);
        let text = match self.fields.get(field) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.trim(),
            Some(Value::Number(number)) => number.as_str(),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(self.wrong(field, "应是文字或数字"));
            }
        };
        if longer(text, LONGEST) || text.contains('\0') {
            return Err(self.wrong(field, format!("超过 {LONGEST} 个字符或含无效字符")));
        }
        Ok(Some(text).filter(|it| !it.is_empty() && *it != "null"))
    }

    /// A field's text that must be there.
    ///
    /// # Errors
    /// [`Malformed`] where it is not.
    pub fn text(&self, field: &str) -> Result<&'a str, Malformed> {
        self.maybe(field)?.ok_or_else(|| self.wrong(field, "不能为空"))
    }

    /// A field's text that must be there and no longer than this.
    ///
    /// # Errors
    /// [`Malformed`] where it is not.
    pub fn short(&self, field: &str, most: usize) -> Result<&'a str, Malformed> {
        let text = self.text(field)?;
        if longer(text, most) {
            return Err(self.wrong(field, format!("不能超过 {most} 个字符")));
        }
        Ok(text)
    }

    /// An amount in yuan with at most two decimals.
    ///
    /// # Errors
    /// [`Malformed`] for anything else, negative amounts included.
    pub fn amount(&self, field: &str) -> Result<Fen, Malformed> {
        let text = self.text(field)?;
        Fen::parse(text).ok_or_else(|| self.wrong(field, "应是不小于 0、最多两位小数的金额，不用科学计数法"))
    }

    /// An amount that may be missing: then nothing.
    ///
    /// # Errors
    /// [`Malformed`] where it is there and no amount.
    pub fn amount_or_zero(&self, field: &str) -> Result<Fen, Malformed> {
        if self.maybe(field)?.is_none() { Ok(Fen::ZERO) } else { self.amount(field) }
    }

    /// A quantity with at most four decimals.
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn quantity(&self, field: &str) -> Result<Quantity, Malformed> {
        let text = self.text(field)?;
        Quantity::parse(text).ok_or_else(|| self.wrong(field, "应是不小于 0、最多四位小数的数量"))
    }

    /// An amount that may be negative, without its sign, and whether it has one.
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn signed_amount(&self, field: &str) -> Result<(bool, Fen), Malformed> {
        let (negative, text) = self.signed(field)?;
        let read = Fen::parse(text);
        let read = read.ok_or_else(|| self.wrong(field, "应是最多两位小数的金额，不用科学计数法"))?;
        Ok((negative, read))
    }

    /// A quantity that may be negative, without its sign, and whether it has one.
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn signed_quantity(&self, field: &str) -> Result<(bool, Quantity), Malformed> {
        let (negative, text) = self.signed(field)?;
        let read = Quantity::parse(text).ok_or_else(|| self.wrong(field, "应是最多四位小数的数量"))?;
        Ok((negative, read))
    }

    fn signed(&self, field: &str) -> Result<(bool, &'a str), Malformed> {
        let text = self.text(field)?;
        Ok(text.strip_prefix('-').map_or((false, text), |it| (true, it)))
    }

    /// A unit price with at most six decimals.
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn price(&self, field: &str) -> Result<Price, Malformed> {
        let text = self.text(field)?;
        Price::parse(text).ok_or_else(|| self.wrong(field, "应是不小于 0、最多六位小数的单价"))
    }

    /// A date and time, or a date for its first moment.
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn moment(&self, field: &str) -> Result<Moment, Malformed> {
        let text = self.text(field)?;
        let read = Moment::parse(text).or_else(|| Day::parse(text).map(Day::start));
        read.ok_or_else(|| self.wrong(field, "应是 yyyy-MM-dd HH:mm:ss 格式的时间"))
    }

    /// A day, or the day of a moment, that may be missing.
    ///
    /// # Errors
    /// [`Malformed`] where it is there and neither.
    pub fn maybe_day(&self, field: &str) -> Result<Option<Day>, Malformed> {
        if self.maybe(field)?.is_none() { Ok(None) } else { Ok(Some(self.moment(field)?.day())) }
    }

    /// A flag of 0 or 1, in some regions with a zero before it, that may be missing.
    ///
    /// # Errors
    /// [`Malformed`] where it is there and neither.
    pub fn flag(&self, field: &str) -> Result<Option<bool>, Malformed> {
        match self.maybe(field)? {
            None => Ok(None),
            Some("0" | "00") => Ok(Some(false)),
            Some("1" | "01") => Ok(Some(true)),
            Some(_) => Err(self.wrong(field, "应是 0 或 1")),
        }
    }

    /// The time from `begntime` to `endtime`; a date there stands for all of its day.
    ///
    /// # Errors
    /// [`Malformed`] where one of them is no time.
    pub fn period(&self) -> Result<RangeInclusive<Moment>, Malformed> {
        let (begin, end) = (self.moment("begntime")?, self.moment("endtime")?);
        let is_date = self.text("endtime")?.len() <= 10;
        Ok(begin..=if is_date { end.day().plus(1).start().plus_millis(-1) } else { end })
    }

    /// One of our numbers.
    ///
    /// # Errors
    /// [`Malformed`] where it is none.
    pub fn number(&self, field: &str) -> Result<u64, Malformed> {
        let text = self.text(field)?;
        let digits = text.bytes().all(|it| it.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.filter(|it| *it <= i64::MAX as u64).ok_or_else(|| self.wrong(field, "不是本平台给出的编号"))
    }

    /// The JSON object in `exp_content`: text of an object, or the object itself.
    ///
    /// # Errors
    /// [`Malformed`] where there is something else.
    pub fn extension(&self) -> Result<Cow<'a, Map<String, Value>>, Malformed> {
        debug_assert!(self.may_read("exp_content"), "{} {} has no exp_content", self.of, self.name);
        let wrong = || self.wrong("exp_content", "应是一个 JSON 对象或其文本");
        match self.fields.get("exp_content") {
            Some(Value::Object(object)) => Ok(Cow::Borrowed(object)),
            Some(Value::String(text)) if !text.trim().is_empty() && text != "null" => {
                match received::read(text) {
                    Ok(Value::Object(object)) => Ok(Cow::Owned(object)),
                    Err(Unread::Repeated(key)) => {
                        Err(self.wrong(&format!("exp_content.{key}"), received::REPEATED))
                    }
                    _ => Err(wrong()),
                }
            }
            None | Some(Value::Null | Value::String(_)) => Ok(Cow::Owned(Map::new())),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_)) => Err(wrong()),
        }
    }

    /// The rows of a node inside this one, of the same rules as all; none where it is not there.
    ///
    /// # Errors
    /// [`Malformed`] where there is something else than objects.
    pub fn inner(&self, name: &'static str) -> Result<Vec<Node<'a>>, Malformed> {
        let rows = match self.fields.get(name) {
            None | Some(Value::Null) => &[],
            Some(Value::String(text)) if text.trim().is_empty() || text == "null" => &[],
            Some(Value::Array(rows)) => rows.as_slice(),
            Some(object @ Value::Object(_)) => std::slice::from_ref(object),
            Some(Value::String(_) | Value::Bool(_) | Value::Number(_)) => {
                return Err(self.wrong(name, "应是一个 JSON 数组，每项一个对象"));
            }
        };
        let row = |number| Some(number).filter(|_| rows.len() > 1);
        let inside = Some((self.name, self.row));
        let read = |(number, it)| Node::read(self.of, name, row(number), it).map(|it| Node { inside, ..it });
        (1..).zip(rows).map(read).collect()
    }

    /// A complaint about all rows of this node.
    pub fn complain_of_all(&self, what: impl Into<String>) -> Malformed {
        Malformed::new(self.name, what)
    }

    /// Names a field of this node in a complaint.
    pub fn complain(&self, field: &str, what: impl Into<String>) -> Malformed {
        self.wrong(field, what)
    }
}

/// Whether a text has more letters than that. Most are short enough in bytes, which need no counting.
fn longer(text: &str, most: usize) -> bool {
    text.len() > most && text.chars().count() > most
}

/// What tells an answer from others.
pub struct Stamp<'a> {
    /// Area that answers.
    pub area: &'a str,
    /// Number in the answer's reference.
    pub sequence: u64,
    /// When it was received and answered.
    pub at: Moment,
}

impl Stamp<'_> {
    /// That of an answer that no decision stands behind: its sequence is random.
    pub(super) fn fresh<'a>(call: &'a Call<'_>) -> Stamp<'a> {
        Stamp { area: &call.envelope.area, sequence: u64::from_be_bytes(random()), at: call.at }
    }
}

/// A whole answer: `infcode` as a number, `err_msg` of at most 200 characters. That stands first: whoever only counts
/// answers need not read on.
pub fn answer(stamp: &Stamp<'_>, result: Result<Json, String>) -> Vec<u8> {
    let (infcode, message, output) = match result {
        Ok(output) => (0, Json::from("success"), output),
        Err(message) => (-1, message.chars().take(200).collect::<String>().into(), Json::Null),
    };
    let second: String = stamp.at.to_string().chars().filter(char::is_ascii_digit).collect();
    let (_, _, _, millis) = stamp.at.time_of_day();
    let time = format!("{second}{millis:03}");
    let answer = object! {
        "err_msg": message,
        "inf_refmsgid": format!("{:0>6.6}{second}{:010}", stamp.area, stamp.sequence % 10_000_000_000),
        "infcode": Json::whole(infcode),
        "output": output,
        "refmsg_time": time.clone(),
        "respond_time": time,
    };
    answer.written().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(input: &str) -> Result<Envelope, Malformed> {
        let text = format!(
            r#"{{"infno":"0000","msgid":"M1","fixmedins_code":"P32030000001","mdtrtarea_admvs":"320300","input":{input}}}"#
        );
        Envelope::read(text.as_bytes(), None)
    }

    /// If this fails, an institution whose software writes numbers as text or leaves fields out is turned away.
    #[test]
    fn fields_are_read_as_real_clients_send_them() {
        let read =
            envelope(r#"{"data":{"a":"120.40","b":120.40,"c":"null","d":"","e":null,"f":1e2,"g":12.345}}"#);
        let read = read.expect("reads");
        let node = read.one("data").expect("one row");
        assert_eq!(node.amount("a").map(Fen::get), Ok(12_040));
        assert_eq!(node.amount("b").map(Fen::get), Ok(12_040));
        for field in ["c", "d", "e", "z"] {
            assert_eq!(node.maybe(field), Ok(None), "{field}");
        }
        assert!(node.amount("f").is_err() && node.amount("g").is_err());
    }

    #[test]
    fn one_object_stands_for_an_array_of_one() {
        let read = envelope(r#"{"feedetail":{"a":"1"},"diseinfo":[{"a":"1"},{"a":"2"}]}"#).expect("reads");
        assert_eq!(read.many("feedetail").map(|it| it.len()), Ok(1));
        assert!(read.one("diseinfo").is_err());
        assert_eq!(read.one("data").expect_err("missing").field, "input.data");
    }
}
