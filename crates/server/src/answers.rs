//! Answers as they lie on record: pressed, since most of each is what all of them say, and sealed about their key.

use crate::vault::{Vault, VaultError};
use domain::chain::encode;
use domain::request::Key;
use store::Record;

/// What answers are pressed against. It is never changed, or nothing that was pressed against it can be read again:
/// another one gets another form.
const DICTIONARY: &[u8] = include_bytes!("answers/dictionary-1.txt");

/// Forms of an answer before it is sealed: as it is, and pressed against the first dictionary.
const PLAIN: u8 = 0;
const PRESSED: u8 = 1;

/// The longest answer that is read back.
const LONGEST: usize = 64 << 20;

/// An answer as it is kept on record.
pub(crate) fn kept(vault: &Vault, key: &Key, nonce: [u8; 12], answer: &[u8]) -> Vec<u8> {
    vault.seal_about(&encode(key), nonce, &pressed(answer))
}

/// The answer on record.
///
/// # Errors
/// [`VaultError::Sealed`] where it is damaged, is the answer to another request, or the key is missing.
pub fn given(vault: &Vault, record: &Record) -> Result<Vec<u8>, VaultError> {
    let kept = vault.open_about(&encode(&record.request.key), &record.answer)?;
    unpressed(&kept).ok_or(VaultError::Sealed)
}

fn pressed(answer: &[u8]) -> Vec<u8> {
    let pressed = lz4_flex::block::compress_with_dict(answer, DICTIONARY);
    let length = u32::try_from(answer.len()).ok().filter(|_| pressed.len() + 4 < answer.len());
    let Some(length) = length else { return [&[PLAIN], answer].concat() };
    [&[PRESSED], length.to_le_bytes().as_slice(), &pressed].concat()
}

fn unpressed(kept: &[u8]) -> Option<Vec<u8>> {
    let (form, rest) = kept.split_first()?;
    match *form {
        PLAIN => Some(rest.to_vec()),
        PRESSED => {
            let (length, pressed) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|it| *it <= LONGEST)?;
            let answer = lz4_flex::block::decompress_with_dict(pressed, length, DICTIONARY).ok()?;
            (answer.len() == length).then_some(answer)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::Digest;
    use proptest::prelude::*;

    /// If this fails, no answer that was pressed against the dictionary can be given again.
    #[test]
    fn the_dictionary_is_never_changed() {
        let digest = Digest::of(&[DICTIONARY]).to_string();
        assert_eq!(digest, "26e6e5cd50c42d51b26905264cf6d35fbdd2a230646b9ead61805a0ce271551f");
    }

    proptest! {
        /// If this fails, an answer that is asked for again is another one.
        #[test]
        fn what_is_pressed_is_read_back(parts in prop::collection::vec((0_usize..2_000, 0_usize..300, ".{0,40}"), 0..20)) {
            let mut answer = Vec::new();
            for (from, length, text) in parts {
                let of_dictionary = DICTIONARY.iter().skip(from).take(length);
                answer.extend(of_dictionary);
                answer.extend(text.bytes());
            }
            prop_assert_eq!(unpressed(&pressed(&answer)), Some(answer));
        }

        /// If this fails, a damaged answer brings the server down instead of being called damaged.
        #[test]
        fn whatever_is_kept_is_read_or_refused(kept in prop::collection::vec(any::<u8>(), 0..200)) {
            // Lengths beyond any answer are refused before room is made for them.
            let _ = unpressed(&kept);
        }
    }
}
