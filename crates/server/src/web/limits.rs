//! What a giver limits, as fields of a form: amounts, a last day, an amount to set aside.

use super::bind::Terms;
use super::opening::Opening;
use crate::rest::{Civil, Yuan};
use domain::day::Day;
use domain::money::Fen;

/// The field of the first day: a choice that an area gives beside the limits (R-D5).
pub(crate) const FIRST_DAY: &str = "first_day";

/// A field of amounts or a day, as it was written, and what is wrong with it.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) value: String,
    pub(crate) wrong: String,
}

/// The fields of what can be limited here, with what was written or kept.
pub(crate) fn limit_fields(opening: &Opening, offered: &[String], terms: &Terms) -> Vec<Field> {
    let english = opening.view().english;
    let say = |zh, en| if english { en } else { zh };
    let kept = |it: Option<Yuan>| it.map(|it| it.0.to_string()).unwrap_or_default();
    let amount = say("单位：元", "In yuan");
    let day = say("这一天 24:00 以后不能再用", "Not usable after the end of this day");
    let limits = terms.limits;
    let all = [
        ("per_bill", say("每笔最多", "At most for each bill"), amount, "text", kept(limits.per_bill)),
        ("per_month", say("每月最多", "At most in a month"), amount, "text", kept(limits.per_month)),
        ("per_year", say("每年最多", "At most in a year"), amount, "text", kept(limits.per_year)),
        (
            FIRST_DAY,
            say("第一天", "The first day"),
            say("不填就是办好就生效", "Empty: in force at once"),
            "date",
            terms.first_day.map(|it| it.0.to_string()).unwrap_or_default(),
        ),
        (
            "end_date",
            say("最后一天", "The last day"),
            day,
            "date",
            terms.last_day.map(|it| it.0.to_string()).unwrap_or_default(),
        ),
    ];
    let here = all.into_iter().filter(|(name, ..)| offered.iter().any(|it| it == name));
    here.map(|(name, label, hint, kind, value)| Field {
        name,
        label,
        hint,
        kind,
        value,
        wrong: String::new(),
    })
    .collect()
}

/// Reads a field of the form as an amount; an empty one is no limit. What cannot be read is noted at the field.
pub(crate) fn amount_in(opening: &Opening, field: &mut Field) -> Option<Yuan> {
    let text = opening.form.text(field.name);
    text.clone_into(&mut field.value);
    let read = Fen::parse(text).filter(|it| !it.is_zero());
    if read.is_none() && !text.is_empty() {
        let (zh, en) =
            ("金额要大于零，最多两位小数，比如 500 或 500.50", "An amount above zero, like 500 or 500.50");
        field.wrong = if opening.view().english { en } else { zh }.to_owned();
    }
    read.map(Yuan)
}

/// Reads all limits of the form.
pub(crate) fn terms_in(opening: &Opening, fields: &mut [Field]) -> Terms {
    let mut terms = Terms::default();
    for field in fields {
        match field.name {
            "per_bill" => terms.limits.per_bill = amount_in(opening, field),
            "per_month" => terms.limits.per_month = amount_in(opening, field),
            "per_year" => terms.limits.per_year = amount_in(opening, field),
            FIRST_DAY => terms.first_day = day_in(opening, field),
            _ => terms.last_day = day_in(opening, field),
        }
    }
    terms
}

fn day_in(opening: &Opening, field: &mut Field) -> Option<Civil> {
    let text = opening.form.text(field.name);
    text.clone_into(&mut field.value);
    let read = Day::parse(text);
    if read.is_none() && !text.is_empty() {
        let (zh, en) = ("请写成 2026-12-31 这样的日期", "Write the day like 2026-12-31");
        field.wrong = if opening.view().english { en } else { zh }.to_owned();
    }
    read.map(Civil)
}

/// What the giver sets aside, as a field.
pub(crate) fn quota_field(opening: &Opening, kept: Option<Yuan>) -> Field {
    let frame = opening.frame("", "");
    Field {
        name: "quota",
        label: frame.say("划出多少作共济额度", "How much to set aside"),
        hint: frame.say(
            "两人参保地不同，要先从个人账户划出一笔。单位：元。用不完的解除后退回。",
            "Your areas differ: an amount is set aside from the account first. In yuan. What is left comes back at a release.",
        ),
        kind: "text",
        value: kept.map(|it| it.0.to_string()).unwrap_or_default(),
        wrong: String::new(),
    }
}
