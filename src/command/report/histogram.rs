//! How often values occurred, in so little memory that every class can have its own.

/// What is counted, and how finely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bins {
    /// Bytes: each length up to [`EXACT`] by itself, above in 16 steps to each doubling.
    Sizes,
    /// Nanoseconds: in 20 steps to each power of ten, and what is below [`LEAST_GAP`] together.
    Gaps,
}

/// Lengths below this are counted exactly.
const EXACT: u64 = 2048;

/// Steps to each doubling above that.
const STEPS: u64 = 16;

/// The shortest time that is told from none, in nanoseconds: captures are seldom finer.
const LEAST_GAP: f64 = 100.0;

/// Steps to each power of ten.
const DECADE: f64 = 20.0;

/// Counts of values.
#[derive(Debug, Clone)]
pub(super) struct Histogram {
    bins: Bins,
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    pub(super) fn new(bins: Bins) -> Self {
        Self { bins, counts: Vec::new(), total: 0 }
    }

    /// Counts a value.
    #[inline]
    pub(super) fn add(&mut self, value: u64) {
        let bin = self.bins.of(value);
        if bin >= self.counts.len() {
            self.counts.resize(bin + 1, 0);
        }
        self.counts[bin] += 1;
        self.total += 1;
    }

    /// How many values there were.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The least values that so many parts of all are at most, from 0 to `parts` of them; none if there are no values.
    pub(super) fn quantiles(&self, parts: u64) -> Vec<f64> {
        let mut quantiles = Vec::new();
        let mut seen = 0;
        let filled = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        for (bin, count) in filled {
            seen += count;
            // The first is the least value, not what none of them is below.
            while quantiles.len() as u64 <= parts
                && u128::from(seen) * u128::from(parts) >= u128::from(self.total) * quantiles.len() as u128
            {
                quantiles.push(self.bins.value(bin));
            }
        }
        quantiles
    }
}

impl Bins {
    fn of(self, value: u64) -> usize {
        match self {
            Self::Sizes if value < EXACT => value as usize,
            Self::Sizes => {
                let doublings = u64::from((value / EXACT).ilog2());
                let within = (value - (EXACT << doublings)) / ((EXACT << doublings) / STEPS);
                (EXACT + doublings * STEPS + within) as usize
            }
            Self::Gaps if (value as f64) < LEAST_GAP => 0,
            Self::Gaps => 1 + ((value as f64 / LEAST_GAP).log10() * DECADE) as usize,
        }
    }

    /// What stands for the values of a bin: bytes, or seconds.
    fn value(self, bin: usize) -> f64 {
        let bin = bin as u64;
        match self {
            Self::Sizes if bin < EXACT => bin as f64,
            Self::Sizes => {
                let (doublings, within) = ((bin - EXACT) / STEPS, (bin - EXACT) % STEPS);
                let start = (EXACT << doublings) as f64;
                start * (1.0 + (within as f64 + 0.5) / STEPS as f64)
            }
            Self::Gaps if bin == 0 => 0.0,
            Self::Gaps => LEAST_GAP * 10_f64.powf((bin as f64 - 0.5) / DECADE) / 1e9,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Quantiles as they are defined, of all values.
    fn plain(mut values: Vec<u64>, parts: u64) -> Vec<u64> {
        values.sort_unstable();
        let of = |part: u64| (part * values.len() as u64).div_ceil(parts).max(1) as usize - 1;
        (0..=parts).map(|part| values[of(part)]).collect()
    }

    proptest! {
        #[test]
        fn quantiles_are_those_of_all_values(values in prop::collection::vec(0_u64..70_000, 1..300)) {
            let mut histogram = Histogram::new(Bins::Sizes);
            values.iter().for_each(|value| histogram.add(*value));
            let expected = plain(values, 100);
            let quantiles = histogram.quantiles(100);
            prop_assert_eq!(quantiles.len(), 101);
            for (got, exact) in quantiles.into_iter().zip(expected) {
                let near = if exact < EXACT { 0.0 } else { 0.04 * exact as f64 };
                prop_assert!((got - exact as f64).abs() <= near, "{} for {}", got, exact);
            }
        }

        #[test]
        fn times_are_told_within_six_percent(value in 100_u64..i64::MAX as u64) {
            let mut histogram = Histogram::new(Bins::Gaps);
            histogram.add(value);
            let told = histogram.quantiles(100)[50] * 1e9;
            prop_assert!((told / value as f64 - 1.0).abs() < 0.06, "{} for {}", told, value);
        }

        #[test]
        fn every_value_has_a_bin(value: u64) {
            for bins in [Bins::Sizes, Bins::Gaps] {
                prop_assert!(bins.of(value) < 4096);
            }
        }
    }

    #[test]
    fn nothing_has_no_quantiles() {
        assert!(Histogram::new(Bins::Sizes).quantiles(100).is_empty());
    }
}
