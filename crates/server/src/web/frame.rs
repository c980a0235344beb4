//! What stands around every page: language, size, who is signed in; and how amounts and days are written.

use super::assets;
use crate::rest::{Civil, SignedYuan, Yuan};
use crate::tokens::Role;
use domain::day::{Day, Moment, Month};
use domain::money::Fen;

/// The frame of one page. Templates reach it as `frame`.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// What the page is about, for the browser's title and the first heading.
    pub(crate) title: String,
    /// English; Chinese otherwise.
    pub(crate) english: bool,
    /// Elder mode, 关怀版.
    pub(crate) elder: bool,
    /// Who is signed in.
    pub(crate) role: Option<Role>,
    /// What a form has to bring along.
    pub(crate) form_token: String,
    /// Who was at the counter when the page was shown: our number.
    pub(crate) serving: Option<u64>,
    /// The key of what is sent from this page: sent twice, it is done once.
    pub(crate) key: String,
    /// `back=` and the page itself, to come back to, as it stands after a question mark.
    pub(crate) back: String,
    /// Minutes until the session ends unless it is used.
    pub(crate) minutes: i64,
    /// What a sandbox's clock says; nothing where this is none.
    pub(crate) sandbox: Option<Moment>,
}

impl Frame {
    /// What a sandbox's clock says, as people read it.
    pub(crate) fn clock(&self) -> Option<String> {
        self.sandbox.map(|it| self.moment(it))
    }

    /// In the reader's language. Both stand side by side, so that neither is forgotten.
    pub(crate) fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        if self.english { en } else { zh }
    }

    /// As [`Frame::say`], for words that stay when the frame goes.
    pub(crate) fn said(&self, zh: &'static str, en: &'static str) -> &'static str {
        self.say(zh, en)
    }

    /// The language's tag.
    pub(crate) fn language(&self) -> &'static str {
        if self.english { "en" } else { "zh-CN" }
    }

    /// The style sheet's address; it changes with the sheet.
    pub(crate) fn style(&self) -> &'static str {
        assets::style_address()
    }

    /// The script's address.
    pub(crate) fn script(&self) -> &'static str {
        assets::script_address()
    }

    /// The address of the hall's script.
    pub(crate) fn hall_script(&self) -> &'static str {
        assets::hall_script_address()
    }

    /// Whether somebody who leads a hall is signed in.
    pub(crate) fn leads(&self) -> bool {
        self.role == Some(Role::Supervisor)
    }

    /// Whether an operator is signed in.
    pub(crate) fn operates(&self) -> bool {
        self.role == Some(Role::Operator)
    }

    /// Whether a citizen is signed in.
    pub(crate) fn is_citizen(&self) -> bool {
        self.role == Some(Role::Citizen)
    }

    /// An amount: `120.40 元`, `12,000.00 元`.
    pub(crate) fn money(&self, amount: &Yuan) -> String {
        self.fen(amount.0)
    }

    /// An amount.
    pub(crate) fn fen(&self, amount: Fen) -> String {
        format!("{} {}", separated(&amount.to_string()), self.say("元", "yuan"))
    }

    /// An amount that may be below zero, without its unit: for tables that say it at the top.
    pub(crate) fn signed(&self, amount: &SignedYuan) -> String {
        let plain = amount.0.to_string();
        match plain.strip_prefix('-') {
            Some(below) => format!("-{}", separated(below)),
            None => separated(&plain),
        }
    }

    /// A day with its day of the week: `2026年7月2日（星期四）`.
    pub(crate) fn civil(&self, day: &Civil) -> String {
        self.day(day.0)
    }

    /// A day with its day of the week.
    pub(crate) fn day(&self, day: Day) -> String {
        const ZH: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
        const EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let at = usize::from(day.weekday().saturating_sub(1)).min(6);
        if self.english {
            return format!("{day} ({})", EN[at]);
        }
        format!("{}年{}月{}日（星期{}）", day.year(), day.month(), day.day_of_month(), ZH[at])
    }

    /// A month that is written like `2026-07`: `2026年7月`.
    pub(crate) fn month(&self, month: &str) -> String {
        match Month::parse(month) {
            Some(it) if !self.english => format!("{}年{}月", it.first().year(), it.first().month()),
            _ => month.to_owned(),
        }
    }

    /// A moment in China Standard Time, to the minute.
    pub(crate) fn moment(&self, at: Moment) -> String {
        let text = at.to_string();
        let minute = text.get(11..16).unwrap_or_default();
        format!("{} {minute}", self.day(at.day()))
    }
}

/// Separates thousands from 10,000 on.
fn separated(plain: &str) -> String {
    let (whole, cents) = plain.split_once('.').unwrap_or((plain, "00"));
    if whole.len() < 5 {
        return plain.to_owned();
    }
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{out}.{cents}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(english: bool) -> Frame {
        Frame {
            title: String::new(),
            english,
            elder: false,
            role: None,
            form_token: String::new(),
            serving: None,
            key: String::new(),
            back: String::new(),
            minutes: 0,
            sandbox: None,
        }
    }

    /// If this fails, an amount or a day is written otherwise than people read it aloud.
    #[test]
    fn amounts_and_days_as_people_write_them() {
        for (fen, zh) in [
            (0, "0.00 元"),
            (12_040, "120.40 元"),
            (999_999, "9999.99 元"),
            (1_000_000, "10,000.00 元"),
            (123_456_789, "1,234,567.89 元"),
        ] {
            assert_eq!(frame(false).fen(Fen::new(fen).expect("an amount")), zh);
        }
        for (fen, written) in [(-1_234_567, "-12,345.67"), (-5, "-0.05"), (1_000_000, "10,000.00")] {
            assert_eq!(frame(false).signed(&SignedYuan(domain::money::Total::from_fen(fen))), written);
        }
        let day = Day::parse("2026-07-02").expect("a day");
        assert_eq!(frame(false).day(day), "2026年7月2日（星期四）");
        assert_eq!(frame(true).day(day), "2026-07-02 (Thu)");
        assert_eq!(
            (frame(false).month("2026-07").as_str(), frame(true).month("2026-07").as_str()),
            ("2026年7月", "2026-07")
        );
        let at = Moment::parse("2026-07-02 09:05").expect("a moment");
        assert_eq!(frame(false).moment(at), "2026年7月2日（星期四） 09:05");
    }
}
