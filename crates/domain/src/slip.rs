//! What is printed and what the till shows: few characters, narrow columns, never a cut amount.

use crate::explanation::Explanation;
use crate::texts::Texts;

/// The columns of a slip; a Chinese character takes two.
pub const COLUMNS: usize = 32;

/// The lines of a slip.
pub const LINES: usize = 12;

/// One line for the till: why it was refused or why cash is due, else what came of it.
pub fn till(explanation: &Explanation, texts: &Texts) -> String {
    let why = explanation.reasons.first().filter(|_| explanation.refused).map(|it| it.till.clone());
    let nothing_due = texts.money(crate::money::Fen::ZERO);
    let due = explanation.cash.as_ref().filter(|it| **it != nothing_due);
    let short = |cash: &String| {
        let note = explanation.reasons.first().map(|it| it.till.clone());
        let note = note.map(|why| texts.fill("conclusion.settled_but", &[("why", why)]));
        note.unwrap_or_else(|| texts.fill("conclusion.settled_cash", &[("cash", cash.clone())]))
    };
    why.or_else(|| due.map(short)).unwrap_or_else(|| explanation.conclusion.clone())
}

/// At most [`LINES`] lines of at most [`COLUMNS`] columns; the last one carries the number that finds the case again.
pub fn slip(explanation: &Explanation, texts: &Texts, number: &str) -> Vec<String> {
    let last = format!("{} {number}", texts.get("split.slip_no"));
    let mut lines = wrap(&explanation.conclusion);
    lines.extend(split_lines(explanation));
    let todo = explanation.reasons.iter().filter_map(|it| it.todo.first());
    let said = explanation.reasons.iter().map(|it| &it.slip).chain(todo);
    let more = wrap(texts.get("split.more"));
    let mut left_out = false;
    let mut seen: Vec<&String> = Vec::new();
    for text in said {
        if seen.contains(&text) {
            continue;
        }
        seen.push(text);
        let wrapped = wrap(&format!("* {text}"));
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
    lines.push(last);
    lines
}

/// Who pays what, as many to a line as fit.
fn split_lines(explanation: &Explanation) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for share in &explanation.split {
        let said = format!("{} {}", share.who, share.amount);
        match lines.last_mut().filter(|it| columns(it) + columns(&said) + 3 <= COLUMNS) {
            Some(line) => line.push_str(&format!(" / {said}")),
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
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && columns(&line) + columns(piece.trim_end()) > COLUMNS {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(if line.is_empty() { piece.trim_start() } else { &piece });
        while columns(line.trim_end()) > COLUMNS {
            let rest = cut(&mut line);
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
fn pieces(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for (at, letter) in letters.iter().enumerate() {
        piece.push(*letter);
        if may_break(&letters, at) {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// Whether a line may end after the letter at this place.
fn may_break(letters: &[char], at: usize) -> bool {
    let here = letters.get(at).copied().unwrap_or(' ');
    let Some(next) = letters.get(at + 1).copied() else { return false };
    let closes = "，。；：、）」！？,.;:)%/".contains(next) || next == ' ';
    let opens = "（「(".contains(here);
    if closes || opens {
        return false;
    }
    if here == ' ' {
        let before = at.checked_sub(1).and_then(|it| letters.get(it)).copied().unwrap_or(' ');
        let unit = before.is_ascii_digit() && is_unit(letters, at + 1);
        let amount = !before.is_ascii() && next.is_ascii_digit();
        return !unit && !amount && before != '*';
    }
    let unit_after_digit = here.is_ascii_digit() && UNITS.contains(next);
    let date = "年月".contains(here) && next.is_ascii_digit();
    let inside = unit_after_digit || date || here == '*' || next == '*';
    !inside && (!here.is_ascii() || !next.is_ascii())
}

/// What stands after a number and stays with it.
const UNITS: &str = "元年月日行位人起";

/// Whether a unit stands here.
fn is_unit(letters: &[char], at: usize) -> bool {
    let here: String = letters.iter().skip(at).take(4).collect();
    here == "yuan" || here.chars().next().is_some_and(|it| UNITS.contains(it))
}
