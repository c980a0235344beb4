//! The font that the binary carries (see `data/font/SOURCES.md`): which characters it has, how wide they are, and the part
//! of it that a paper needs.

use super::NotWritten;
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;
use ttf_parser::{RawFace, Tag};

const SHIPPED: &[u8] = include_bytes!("../../../../data/font/NotoSansCJKsc-Regular-subset.otf");
/// Its name, as files that embed a part of it say it.
pub(super) const NAME: &str = "NotoSansCJKsc-Regular";

/// The font.
pub(super) struct Face(ttf_parser::Face<'static>);

/// A character as it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) id: u16,
    pub(super) letter: char,
    /// Thousandths of the size of the print.
    pub(super) width: u16,
}

/// The part of the font that a paper needs.
pub(super) struct Part {
    ids: GlyphRemapper,
    /// By number in the part: the character, and its width.
    glyphs: BTreeMap<u16, Glyph>,
}

impl Face {
    /// The font that the binary carries.
    pub(super) fn shipped() -> Result<Face, NotWritten> {
        let face = ttf_parser::Face::parse(SHIPPED, 0).map_err(|it| NotWritten(it.to_string()))?;
        Ok(Face(face))
    }

    fn glyph(&self, letter: char) -> Option<Glyph> {
        let id = self.0.glyph_index(letter).filter(|it| it.0 != 0)?;
        Some(Glyph { id: id.0, letter, width: self.0.glyph_hor_advance(id).unwrap_or_default() })
    }

    /// A text as it is printed, and whether every character of it is: one that the font has not is printed as its number,
    /// like 〔U+20BB7〕, never as an empty box.
    pub(super) fn glyphs(&self, text: &str) -> (Vec<Glyph>, bool) {
        let (mut glyphs, mut whole) = (Vec::new(), true);
        for letter in text.chars() {
            match self.glyph(letter) {
                Some(glyph) => glyphs.push(glyph),
                None => {
                    whole = false;
                    let number = format!("〔U+{:04X}〕", u32::from(letter));
                    glyphs.extend(number.chars().filter_map(|it| self.glyph(it)));
                }
            }
        }
        (glyphs, whole)
    }

    /// What reaches highest above the line and lowest below it, and how high capitals are, in thousandths of the size.
    pub(super) fn heights(&self) -> [i16; 3] {
        let capitals = self.0.capital_height().unwrap_or_else(|| self.0.ascender());
        [self.0.ascender(), self.0.descender(), capitals]
    }

    /// The box that every character fits into, in thousandths of the size.
    pub(super) fn bounds(&self) -> [i16; 4] {
        let it = self.0.global_bounding_box();
        [it.x_min, it.y_min, it.x_max, it.y_max]
    }
}

impl Part {
    /// The part with these characters; the same characters give the same part.
    pub(super) fn with(glyphs: impl Iterator<Item = Glyph>) -> Part {
        let by_id: BTreeMap<u16, Glyph> = glyphs.map(|it| (it.id, it)).collect();
        let mut ids = GlyphRemapper::new();
        let glyphs = by_id.into_values().map(|it| (ids.remap(it.id), it)).collect();
        Part { ids, glyphs }
    }

    /// Characters by their number in the part, in order.
    pub(super) fn glyphs(&self) -> impl Iterator<Item = (u16, Glyph)> {
        self.glyphs.iter().map(|(id, it)| (*id, *it))
    }

    /// Its number in the part: that of the empty box for a character that is not in it.
    pub(super) fn id(&self, glyph: Glyph) -> u16 {
        self.ids.get(glyph.id).unwrap_or_default()
    }

    /// The outlines, as files embed them.
    pub(super) fn outlines(&self) -> Result<Vec<u8>, NotWritten> {
        let font = subsetter::subset(SHIPPED, 0, &self.ids).map_err(|it| NotWritten(it.to_string()))?;
        let face = RawFace::parse(&font, 0).map_err(|it| NotWritten(it.to_string()))?;
        let outlines = face.table(Tag::from_bytes(b"CFF "));
        outlines.map(<[u8]>::to_vec).ok_or_else(|| NotWritten("it has no outlines".to_owned()))
    }
}

/// Whether the shipped font is measured in thousandths, which everything here takes for granted.
#[cfg(test)]
pub(super) fn is_in_thousandths() -> bool {
    Face::shipped().is_ok_and(|it| it.0.units_per_em() == 1000)
}

/// The characters of a text that the shipped font has not.
#[cfg(test)]
pub(super) fn missing(text: &str) -> String {
    let face = Face::shipped().expect("the shipped font");
    text.chars().filter(|it| !it.is_control() && face.glyph(*it).is_none()).collect()
}
