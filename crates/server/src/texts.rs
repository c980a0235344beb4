//! The texts for people that the binary carries, by language.

/// Texts in every language.
#[derive(Debug, Default)]
pub struct AllTexts;

impl AllTexts {
    /// The texts that the binary carries.
    pub fn shipped() -> AllTexts {
        AllTexts
    }
}
