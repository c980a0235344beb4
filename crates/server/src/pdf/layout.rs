//! Where everything stands on paper: lines broken as Chinese and Western text are, from top to bottom of A4, in whole points.

use super::font::{Face, Glyph};
use super::{Block, Paper};

/// A4, in points.
pub(super) const WIDTH: i16 = 595;
/// A4, in points.
pub(super) const HEIGHT: i16 = 842;
const MARGIN: i16 = 50;
/// Where what a fact is begins, beside its name.
const COLUMN: i16 = MARGIN + 175;
/// The number of the page stands so far above the lower edge.
const FOOT: i16 = 28;
/// The print of all that is read at length: nothing is smaller.
const TEXT: i16 = 16;
/// Amounts and dates that are looked for first.
const LARGE: i16 = 20;
const TITLE: i16 = 26;
/// Between parts, and between the columns of a fact.
const GAP: i16 = 8;
/// The room for a signature.
const ROOM_TO_SIGN: i16 = 46;

/// What a part of a paper is to a screen reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    Heading,
    Paragraph,
}

/// A line of print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) x: i16,
    /// From the lower edge to the foot of the letters.
    pub(super) y: i16,
    pub(super) size: i16,
    pub(super) glyphs: Vec<Glyph>,
}

/// What of one part stands on one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Which part of the paper.
    pub(super) part: usize,
    pub(super) role: Role,
    pub(super) lines: Vec<Line>,
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) pieces: Vec<Piece>,
    /// Rules across the page, by their height.
    pub(super) rules: Vec<i16>,
    /// The number of the page, where there are several.
    pub(super) foot: Option<Line>,
}

/// A column of text that is to be set: where it begins, in which size, and its lines.
struct Column {
    x: i16,
    size: i16,
    lines: Vec<Vec<Glyph>>,
}

/// How a part is set.
struct Setting {
    role: Role,
    /// The room above it.
    above: i16,
    /// A rule above it.
    rule: bool,
    columns: Vec<Column>,
}

/// Sets texts, and notes whether every character of them is printed.
struct Setter<'a> {
    face: &'a Face,
    /// What stands after the name of a fact: read aloud, the two would run into each other.
    colon: &'static str,
    whole: bool,
}

impl Setter<'_> {
    fn column(&mut self, text: &str, x: i16, until: i16, size: i16) -> Column {
        let (glyphs, printed) = self.face.glyphs(text);
        self.whole &= printed;
        Column { x, size, lines: broken(&glyphs, until - x, size) }
    }

    fn paragraph(&mut self, role: Role, text: &str, size: i16, above: i16) -> Setting {
        let columns = vec![self.column(text, MARGIN, WIDTH - MARGIN, size)];
        Setting { role, above, rule: false, columns }
    }

    fn fact(&mut self, name: &str, text: &str, size: i16) -> Setting {
        let name = self.column(&format!("{name}{}", self.colon), MARGIN, COLUMN - GAP, TEXT);
        let columns = vec![name, self.column(text, COLUMN, WIDTH - MARGIN, size)];
        Setting { role: Role::Paragraph, above: GAP, rule: true, columns }
    }

    fn block(&mut self, block: &Block) -> Setting {
        match block {
            Block::Heading(text) => self.paragraph(Role::Heading, text, LARGE, 2 * GAP),
            Block::Text(text) => self.paragraph(Role::Paragraph, text, TEXT, GAP),
            Block::Fact(name, text) => self.fact(name, text, TEXT),
            Block::Large(name, text) => self.fact(name, text, LARGE),
            Block::Signature(text) => {
                let caption = self.paragraph(Role::Paragraph, text, TEXT, ROOM_TO_SIGN);
                Setting { rule: true, ..caption }
            }
        }
    }
}

/// The paper's pages.
pub(super) fn pages(face: &Face, paper: &Paper) -> Vec<Page> {
    let mut setter = Setter { face, colon: if paper.english { ": " } else { "：" }, whole: true };
    let mut settings = vec![setter.paragraph(Role::Title, &paper.title, TITLE, 0)];
    settings.extend(paper.blocks.iter().map(|it| setter.block(it)));
    if !setter.whole {
        let note = if paper.english {
            "Where 〔U+…〕 stands, the character cannot be printed here: this is its number. The name on record counts."
        } else {
            "印着〔U+…〕的地方，是这里印不出来的字，印的是它的编号。姓名以系统里登记的为准。"
        };
        settings.push(setter.block(&Block::Text(note.to_owned())));
    }
    let mut pages = placed(settings);
    let count = pages.len();
    for (at, page) in pages.iter_mut().enumerate().filter(|_| count > 1) {
        let no = at + 1;
        let text = if paper.english {
            format!("Page {no} of {count}")
        } else {
            format!("第 {no} 页，共 {count} 页")
        };
        page.foot = Some(Line { x: MARGIN, y: FOOT, size: TEXT, glyphs: face.glyphs(&text).0 });
    }
    pages
}

/// One under the other; what does not fit goes on on the next page.
fn placed(settings: Vec<Setting>) -> Vec<Page> {
    let mut pages = vec![Page::default()];
    let mut y = HEIGHT - MARGIN;
    for (part, setting) in settings.into_iter().enumerate() {
        let Setting { role, above, rule, columns } = setting;
        let rows = columns.iter().map(|it| it.lines.len()).max().unwrap_or(0);
        let height = columns.iter().map(|it| it.size + it.size / 2).max().unwrap_or(0);
        if y < HEIGHT - MARGIN {
            y -= above;
        }
        for row in 0..rows {
            if y - height < MARGIN {
                pages.push(Page::default());
                y = HEIGHT - MARGIN;
            }
            let page = pages.last_mut().expect("there is a first page");
            if rule && row == 0 {
                page.rules.push(y);
            }
            y -= height;
            if page.pieces.last().is_none_or(|it| it.part != part) {
                page.pieces.push(Piece { part, role, lines: Vec::new() });
            }
            let piece = page.pieces.last_mut().expect("it was put there");
            for Column { x, size, lines } in &columns {
                let foot = y + size / 3;
                let line = lines.get(row).filter(|it| !it.is_empty());
                piece.lines.extend(line.map(|it| Line { x: *x, y: foot, size: *size, glyphs: it.clone() }));
            }
        }
    }
    pages
}

/// Whether a line may end between two characters: between Chinese ones, but no mark that closes begins a line and none
/// that opens ends one; elsewhere between words.
fn may_break(before: char, after: char) -> bool {
    const CLOSING: &str = "，。、；：？！）〕】》」』”’…％,.;:?!)]%";
    const OPENING: &str = "（〔【《「『“‘([";
    let wide = |it: char| it >= '\u{2e80}';
    if after == ' ' || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before == ' ' || wide(before) || wide(after)
}

/// A text in lines that fit into so many points.
fn broken(glyphs: &[Glyph], points: i16, size: i16) -> Vec<Vec<Glyph>> {
    let most = i32::from(points) * 1000 / i32::from(size);
    let (mut lines, mut line, mut width) = (Vec::new(), Vec::<Glyph>::new(), 0_i32);
    for glyph in glyphs {
        width += i32::from(glyph.width);
        line.push(*glyph);
        // A space at the end of a line takes no room.
        if width <= most || glyph.letter == ' ' {
            continue;
        }
        let pairs = line.windows(2).enumerate().rev();
        let mut breaks =
            pairs.filter(|(_, it)| matches!(it, [one, two] if may_break(one.letter, two.letter)));
        // What cannot be broken anywhere is broken where it no longer fits.
        let at = breaks.next().map_or(line.len().max(2) - 1, |(at, _)| at + 1);
        let rest = line.split_off(at);
        lines.push(std::mem::replace(&mut line, rest));
        width = line.iter().map(|it| i32::from(it.width)).sum();
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, points: i16) -> Vec<String> {
        let face = Face::shipped().expect("the shipped font");
        let lines = broken(&face.glyphs(text).0, points, 10);
        lines.iter().map(|it| it.iter().map(|it| it.letter).collect()).collect()
    }

    /// If this fails, a line begins with a full stop, an amount is torn apart, or letters run over the edge of the paper.
    #[test]
    fn lines_break_where_readers_expect() {
        for (text, points, expected) in [
            ("钱可以共济，卡不能共用。", 50, &["钱可以共", "济，卡不能", "共用。"][..]),
            ("您（授权人）付", 30, &["您（授", "权人）", "付"]),
            ("共 500.00 元", 40, &["共 ", "500.00 ", "元"]),
            ("to be seen", 30, &["to be ", "seen"]),
            ("990000198503120115", 50, &["990000198", "503120115"]),
            ("", 50, &[""]),
        ] {
            assert_eq!(lines(text, points), expected, "{text}");
        }
    }

    /// If this fails, what a paper says at its end is printed below its lower edge or over its number of the page.
    #[test]
    fn what_does_not_fit_goes_on_on_the_next_page() {
        let face = Face::shipped().expect("the shipped font");
        let facts = (0..40).map(|it| Block::Large(format!("第 {it} 项"), "120.40 元".to_owned()));
        let made = domain::day::Moment::parse("2025-06-16 10:00").expect("a moment");
        let paper = Paper { title: "回执".to_owned(), english: false, made, blocks: facts.collect() };
        let pages = pages(&face, &paper);
        assert!(pages.len() > 1);
        let lines = pages.iter().flat_map(|it| &it.pieces).flat_map(|it| &it.lines);
        assert!(lines.clone().all(|it| it.y >= MARGIN && it.y < HEIGHT - MARGIN));
        assert_eq!(lines.count(), 1 + 2 * 40);
        assert!(pages.iter().all(|it| it.foot.is_some()));
    }
}
