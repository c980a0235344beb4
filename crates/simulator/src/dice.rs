//! Seeded choices: the same seed makes the same run for ever.

/// SplitMix64: small, seeded, good enough to choose what happens.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice of this seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0xD134_2543_DE82_EF95) ^ 0x5851_F42D_4C95_7F2D)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.number()) * u128::try_from(end).unwrap_or(1);
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let width = usize::try_from(last - first + 1).unwrap_or(1);
        first + i64::try_from(self.below(width)).unwrap_or(0)
    }

    /// Whether something happens that happens in so many of a thousand cases.
    pub fn per_mille(&mut self, of_thousand: u32) -> bool {
        self.number() % 1_000 < u64::from(of_thousand)
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub fn percent(&mut self, of_hundred: u32) -> bool {
        self.per_mille(of_hundred * 10)
    }

    /// One of these, all equally likely.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }

    /// One of these, as likely as its weight says.
    pub fn weighed<T: Copy>(&mut self, of: &[(u32, T)]) -> Option<T> {
        let whole: u32 = of.iter().map(|(weight, _)| *weight).sum();
        let mut left = u32::try_from(self.below(usize::try_from(whole.max(1)).unwrap_or(1))).unwrap_or(0);
        for (weight, it) in of {
            if left < *weight {
                return Some(*it);
            }
            left -= weight;
        }
        None
    }

    /// Fills bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.number().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
}
