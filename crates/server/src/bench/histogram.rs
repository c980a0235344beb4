//! Latencies counted in buckets: 64 to each doubling, so that no value is off by more than 1.6 %. Integers only.

/// Buckets to each doubling, and their number as a power of two.
const PARTS: u64 = 64;
const PART_BITS: u32 = 6;
/// Buckets for everything a `u64` can hold.
const BUCKETS: usize = 59 * 64;

/// Counted values; of latencies, nanoseconds.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { counts: vec![0; BUCKETS], count: 0, max: 0 }
    }
}

/// The bucket of a value: small values have one each.
fn bucket(value: u64) -> usize {
    let doublings = value.max(1).ilog2().saturating_sub(PART_BITS);
    let at = u64::from(doublings) * PARTS + (value >> doublings);
    usize::try_from(at).unwrap_or(BUCKETS - 1)
}

/// The largest value of a bucket.
fn largest(bucket: usize) -> u64 {
    let bucket = u64::try_from(bucket).unwrap_or_default();
    let doublings = (bucket / PARTS).saturating_sub(1);
    let first = u128::from(bucket - doublings * PARTS) << doublings;
    u64::try_from(first + (1 << doublings) - 1).unwrap_or(u64::MAX)
}

impl Histogram {
    /// Counts a value.
    pub fn record(&mut self, value: u64) {
        self.counts[bucket(value)] += 1;
        self.count += 1;
        self.max = self.max.max(value);
    }

    /// Counts all that another one counted.
    pub fn add(&mut self, other: &Histogram) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, its)| *mine += its);
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The largest value, exactly.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The value that so many of a hundred thousand do not exceed; 0 where nothing was counted.
    pub fn quantile(&self, of_100_000: u64) -> u64 {
        let wanted = (u128::from(self.count) * u128::from(of_100_000)).div_ceil(100_000);
        let mut seen = 0;
        for (at, count) in self.counts.iter().enumerate() {
            seen += u128::from(*count);
            if seen >= wanted && seen > 0 {
                return largest(at).min(self.max);
            }
        }
        self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a latency that is reported is not the one that was measured.
    #[test]
    fn every_value_lies_in_a_bucket_that_is_at_most_a_sixtieth_wide() {
        let around = |at: u64| [at.saturating_sub(1), at, at.saturating_add(1)];
        let values = (0..64).flat_map(|bits| around(1 << bits)).chain([u64::MAX, 1_000_000, 12_345_678]);
        for value in values {
            let most = largest(bucket(value));
            assert!(most >= value && most - value <= value / 60, "{value}: {most}");
            assert!(bucket(value) == 0 || largest(bucket(value) - 1) < value, "{value}");
        }
    }

    /// If this fails, the ninety-ninth percentile is another one.
    #[test]
    fn quantiles_are_ranks() {
        let mut all = Histogram::default();
        assert_eq!((all.quantile(50_000), all.max(), all.count()), (0, 0, 0));
        let mut half = Histogram::default();
        (1..=50).for_each(|it| half.record(it));
        (51..=100).for_each(|it| all.record(it));
        all.add(&half);
        #[rustfmt::skip]
        let cases = [(50_000, 50), (95_000, 95), (99_000, 99), (99_900, 100), (100_000, 100), (1, 1)];
        for (of, value) in cases {
            let told = all.quantile(of);
            assert!(told >= value && told <= value + 1, "{of}: {told}");
        }
        assert_eq!((all.max(), all.count()), (100, 100));
    }
}
