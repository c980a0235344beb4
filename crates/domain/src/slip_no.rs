//! Slip numbers: a serial, disguised by a key and short enough to be read out, with a character that catches mistakes.

use crate::ids::{Digest, Serial};
use std::fmt;

/// Digits and letters without I, L, O and U, which are read as others.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Ten characters of five bits carry the serial, an eleventh checks them.
const DATA: usize = 10;

/// A half of the fifty bits.
const HALF: u64 = (1 << HALF_BITS) - 1;

/// Their number.
const HALF_BITS: u32 = 25;

/// The rounds of the Feistel network.
const ROUNDS: [u8; 4] = [1, 2, 3, 4];

/// The key that disguises serials, so that nobody finds a neighbour's case by counting.
#[derive(Clone, Copy)]
pub struct SlipKey(pub [u8; 32]);

/// A slip number (`GJ_NO`), checked: `7K2M-9QXD-4A0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlipNo([u8; DATA + 1]);

impl SlipNo {
    /// The number of a serial; `None` for a serial of more than fifty bits.
    pub fn of(serial: Serial, key: &SlipKey) -> Option<SlipNo> {
        let (left, right) = (serial.0 >> HALF_BITS, serial.0 & HALF);
        if left > HALF {
            return None;
        }
        let mixed = ROUNDS
            .iter()
            .fold((left, right), |(left, right), round| (right, left ^ noise(key, *round, right)));
        let bits = (mixed.0 << HALF_BITS) | mixed.1;
        let mut symbols = [0; DATA + 1];
        for (at, symbol) in symbols.iter_mut().take(DATA).enumerate() {
            *symbol = five_bits(bits >> (5 * (DATA - 1 - at)));
        }
        symbols[DATA] = check(&symbols);
        Some(SlipNo(symbols))
    }

    /// Reads a number as people write it: small letters, spaces, dashes, O for 0, I or L for 1. `None` where a
    /// character is wrong or missing.
    pub fn parse(text: &str) -> Option<SlipNo> {
        let mut symbols = [0; DATA + 1];
        let mut places = symbols.iter_mut();
        for letter in text.chars().filter(|it| !it.is_whitespace() && !"-–—－".contains(*it)) {
            *places.next()? = symbol(letter)?;
        }
        let complete = places.next().is_none();
        (complete && symbols[DATA] == check(&symbols)).then_some(SlipNo(symbols))
    }

    /// The serial behind it.
    pub fn serial(self, key: &SlipKey) -> Serial {
        let bits = self.0.iter().take(DATA).fold(0, |bits, it| (bits << 5) | u64::from(*it));
        let mixed = (bits >> HALF_BITS, bits & HALF);
        let (left, right) =
            ROUNDS.iter().rev().fold(mixed, |(left, right), round| (right ^ noise(key, *round, left), left));
        Serial((left << HALF_BITS) | right)
    }
}

impl fmt::Display for SlipNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, symbol) in self.0.iter().enumerate() {
            let letter = ALPHABET.get(usize::from(*symbol)).copied().unwrap_or(b'?');
            write!(f, "{}{}", if at == 4 || at == 8 { "-" } else { "" }, char::from(letter))?;
        }
        Ok(())
    }
}

fn five_bits(bits: u64) -> u8 {
    u8::try_from(bits & 31).unwrap_or(0)
}

fn symbol(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let at = ALPHABET.iter().position(|it| char::from(*it) == letter)?;
    u8::try_from(at).ok()
}

/// Twenty-five bits that follow from a half, the round and the key.
fn noise(key: &SlipKey, round: u8, half: u64) -> u64 {
    let Digest(digest) = Digest::of(&[&key.0, &[round], &half.to_be_bytes()]);
    let [first, second, third, fourth, ..] = digest;
    u64::from(u32::from_be_bytes([first, second, third, fourth])) & HALF
}

/// The check character: a sum over the field of 32 elements, each place with a weight of its own, so that any wrong
/// character and any two neighbours exchanged are noticed.
fn check(symbols: &[u8; DATA + 1]) -> u8 {
    let weights = std::iter::successors(Some(2), |it| Some(times(*it, 2)));
    symbols.iter().take(DATA).zip(weights).fold(0, |sum, (symbol, weight)| sum ^ times(*symbol, weight))
}

/// The product in the field of 32 elements, modulo x⁵ + x² + 1.
fn times(a: u8, b: u8) -> u8 {
    (0..5).rev().fold(0, |product: u8, bit| {
        let doubled = product << 1;
        let reduced = if doubled & 32 == 0 { doubled } else { doubled ^ 0b10_0101 };
        if b >> bit & 1 == 0 { reduced } else { reduced ^ a }
    })
}
