//! The commitment (承诺书) that people sign to start a binding: its text in force, by version (R-D2, R-D4).

use super::call::{Answer, Answered, Call};
use crate::vault::hex;
use serde::Serialize;
use sm3::Digest as _;
use utoipa::ToSchema;

/// The version in force. Another text is another version; texts that were signed stay in the repository.
const VERSION: &str = "2025-06";
/// What is signed: always the Chinese text.
const TEXT: &str = include_str!("../../../../texts/commitments/2025-06.zh.txt");
/// A translation to read beside it.
const IN_ENGLISH: &str = include_str!("../../../../texts/commitments/2025-06.en.txt");

/// The commitment in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CommitmentText {
    /// Its version.
    #[schema(example = "2025-06")]
    version: &'static str,
    /// The exact text to be signed, in Chinese.
    text: &'static str,
    /// The text's SM3 digest, 64 hexadecimal digits.
    digest: String,
    /// A translation, for whoever reads English; it is not what is signed.
    translation: Option<&'static str>,
}

/// `GET /commitment`.
pub(crate) async fn show(call: Call) -> Answered {
    let digest: [u8; 32] = sm3::Sm3::digest(TEXT.as_bytes()).into();
    let translation = call.english.then_some(IN_ENGLISH);
    Ok(Answer::ok(&CommitmentText { version: VERSION, text: TEXT, digest: hex(&digest), translation }))
}
