//! What is printed and what the till shows: few characters, narrow columns, never a cut amount.

use crate::explanation::Telling;

/// The columns of a slip; a Chinese character takes two.
pub const COLUMNS: usize = 32;

/// The lines of a slip.
pub const LINES: usize = 12;

/// One line for the till: why it was refused or why cash is due, else what came of it.
pub fn till(told: &Telling<'_>) -> String {
    let texts = told.reader.texts;
    let why = told.reasons.first().map(|it| told.till(it));
    let due = told.cash().filter(|it| !it.is_zero());
    match (why, due) {
        (Some(why), _) if told.refused() => why,
        (Some(why), Some(_)) => texts.fill("conclusion.settled_but", &[("why", why)]),
        (None, Some(cash)) => texts.fill("conclusion.settled_cash", &[("cash", texts.money(cash))]),
        (_, None) => told.conclusion(),
    }
}

/// At most [`LINES`] lines of at most [`COLUMNS`] columns; the last one carries the number that finds the case again.
pub fn slip(told: &Telling<'_>, number: &str) -> Vec<String> {
    let texts = told.reader.texts;
    let mut lines = wrap(&told.conclusion());
    lines.extend(told.bought_by().iter().flat_map(|it| wrap(it)));
    lines.extend(split_lines(told));
    let todo = told.reasons.iter().filter_map(|it| told.todo(it).next());
    let more = wrap(texts.get("split.more"));
    let mut left_out = false;
    let mut seen: Vec<String> = Vec::new();
    for text in told.reasons.iter().map(|it| told.slip(it)).chain(todo) {
        if seen.contains(&text) {
            continue;
        }
        let wrapped = wrap(&format!("* {text}"));
        seen.push(text);
        if lines.len() + wrapped.len() + more.len() < LINES {
            lines.extend(wrapped);
        } else {
            left_out = true;
        }
    }
    lines.truncate(LINES - 1 - more.len());
    if left_out {
        lines.extend(more);
    }
    lines.push(format!("{} {number}", texts.get("split.slip_no")));
    lines
}

/// Who pays what, as many to a line as fit.
fn split_lines(told: &Telling<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for share in told.split() {
        let said = format!("{} {}", share.who, share.amount);
        match lines.last_mut().filter(|it| columns(it) + columns(&said) + 3 <= COLUMNS) {
            Some(line) => {
                line.push_str(" / ");
                line.push_str(&said);
            }
            None => lines.extend(wrap(&said)),
        }
    }
    lines
}

/// How many columns a text takes.
pub fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

fn columns_of(letter: char) -> usize {
    if letter.is_ascii() { 1 } else { 2 }
}

/// Breaks a text into lines: between Chinese characters, at spaces elsewhere, never inside an amount or a date's
/// number, and with no closing mark at the start of a line.
pub fn wrap(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut width) = (String::new(), 0);
    for piece in pieces(text) {
        if !line.is_empty() && width + columns(piece.trim_end()) > COLUMNS {
            lines.push(line.trim_end().to_owned());
            (line, width) = (String::new(), 0);
        }
        let piece = if line.is_empty() { piece.trim_start() } else { piece };
        line.push_str(piece);
        width += columns(piece);
        while width > COLUMNS && columns(line.trim_end()) > COLUMNS {
            let rest = cut(&mut line);
            width = columns(&rest);
            lines.push(std::mem::replace(&mut line, rest).trim_end().to_owned());
        }
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Keeps what fits on one line and returns the rest: only for a piece that is wider than a line.
fn cut(line: &mut String) -> String {
    let mut width = 0;
    let fits = line.char_indices().find(|(_, letter)| {
        width += columns_of(*letter);
        width > COLUMNS
    });
    let at = fits.map_or(line.len(), |(at, _)| at);
    line.split_off(at)
}

/// The pieces that stay together, each with the space after it.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let (mut before, mut rest) = (' ', text);
    std::iter::from_fn(move || {
        let mut end = rest.len();
        for (at, here) in rest.char_indices() {
            let after = at + here.len_utf8();
            let may = rest.get(after..).is_some_and(|it| may_break(before, here, it));
            before = here;
            if may {
                end = after;
                break;
            }
        }
        let (piece, others) = rest.split_at(end);
        rest = others;
        Some(piece).filter(|it| !it.is_empty())
    })
}

/// Whether a line may end after a letter, which stands between these.
fn may_break(before: char, here: char, after: &str) -> bool {
    let Some(next) = after.chars().next() else { return false };
    let closes = matches!(next, '，' | '。' | '；' | '：' | '、' | '）' | '」' | '！' | '？')
        || matches!(next, ',' | '.' | ';' | ':' | ')' | '%' | '/' | ' ');
    let opens = matches!(here, '（' | '「' | '(');
    if closes || opens {
        return false;
    }
    if here == ' ' {
        let unit = before.is_ascii_digit() && (is_unit(next) || after.starts_with("yuan"));
        let amount = !before.is_ascii() && next.is_ascii_digit();
        return !unit && !amount && before != '*';
    }
    let unit_after_digit = here.is_ascii_digit() && is_unit(next);
    let date = matches!(here, '年' | '月') && next.is_ascii_digit();
    let inside = unit_after_digit || date || here == '*' || next == '*';
    !inside && (!here.is_ascii() || !next.is_ascii())
}

/// What stands after a number and stays with it.
fn is_unit(letter: char) -> bool {
    matches!(letter, '元' | '年' | '月' | '日' | '行' | '位' | '人' | '起')
}
