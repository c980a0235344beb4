//! Papers as PDF: large print on A4 with its own font inside, tagged for screen readers, and the same bytes for the same
//! paper. What a paper says is made by the pages; here is only how it is set and written.

mod file;
mod font;
mod layout;

use domain::day::Moment;

/// A paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// What it is; the first heading says it too.
    pub title: String,
    /// In English; in Chinese otherwise.
    pub english: bool,
    /// When what it says was done: it stands in the file as the day of making.
    pub made: Moment,
    /// What it says, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A fact: its name, and what it is.
    Fact(String, String),
    /// An amount or a date that is looked for first: its name, and what it is, larger.
    Large(String, String),
    /// Empty space for a signature, with what is signed beneath.
    Signature(String),
}

impl Paper {
    /// The paper as a file.
    ///
    /// # Errors
    /// [`NotWritten`], where the shipped font does not do what it does in the tests.
    pub fn bytes(&self) -> Result<Vec<u8>, NotWritten> {
        let face = font::Face::shipped()?;
        let pages = layout::pages(&face, self);
        file::written(&face, self, &pages)
    }
}

/// Why a paper could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the shipped font cannot be embedded: {0}")]
pub struct NotWritten(pub(crate) String);

#[cfg(test)]
mod tests;
