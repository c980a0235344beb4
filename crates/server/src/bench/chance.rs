//! Numbers that look random and follow from a seed: the same seed gives the same town and the same messages.

/// A source of such numbers.
#[derive(Debug, Clone)]
pub struct Chance(u64);

/// Well mixed bits of a number (the finaliser of SplitMix64).
pub fn mixed(number: u64) -> u64 {
    let one = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let two = (one ^ (one >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    two ^ (two >> 31)
}

/// A number that belongs to a seed, a purpose and an index.
pub fn of(seed: u64, purpose: u64, index: u64) -> u64 {
    mixed(mixed(mixed(seed).wrapping_add(purpose)).wrapping_add(index))
}

/// A number below `end` (at least 1) from well mixed bits.
pub fn below(bits: u64, end: u64) -> u64 {
    let scaled = (u128::from(bits) * u128::from(end.max(1))) >> 64;
    u64::try_from(scaled).unwrap_or_default()
}

impl Chance {
    /// A source with a seed of its own.
    pub fn new(seed: u64, number: u64) -> Chance {
        Chance(of(seed, 0x6368_616E_6365, number))
    }

    /// The next number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        below(mixed(self.0), end)
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, some people of the town are hardly ever ill, or two runs send different messages.
    #[test]
    fn numbers_are_spread_evenly_and_follow_from_the_seed() {
        let (mut one, mut again, mut other) = (Chance::new(1, 2), Chance::new(1, 2), Chance::new(1, 3));
        let mut counted = [0; 8];
        for _ in 0..8_000 {
            let number = one.below(8);
            assert_eq!(number, again.below(8));
            counted[usize::try_from(number).expect("small")] += 1;
        }
        assert!(counted.iter().all(|it| (900..1_100).contains(it)), "{counted:?}");
        assert!((0..64).any(|_| one.below(1_000) != other.below(1_000)));
    }
}
