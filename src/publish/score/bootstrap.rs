//! How much figures could have been otherwise: groups of samples are drawn anew, with replacement.
//!
//! Samples of one group (a host, a capture) are alike; drawing samples as if they were independent gives intervals that
//! are too narrow. Each resample has as many groups as there are, each figure is computed of it as of the whole (over the
//! classes that the resample holds), and an interval reaches from the 2.5th to the 97.5th percentile of all resamples,
//! interpolated linearly between neighbours.
//!
//! The generator is SplitMix64 (Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014), begun with the
//! seed; of `n` groups, in ascending order of their names, the one with the number `(x * n) >> 64` is drawn, for the next
//! output `x`. All predictions for one truth are judged by the same resamples, as far as they name the same samples.

use std::collections::BTreeMap;

use super::{Answer, FIGURES, Figures, Pair, Tally};

/// The share of resamples that an interval holds.
pub const LEVEL: f64 = 0.95;

/// How intervals are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// How many resamples there are; at least 1.
    pub resamples: u32,
    /// What the generator begins with.
    pub seed: u64,
}

/// An interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// What the samples of a group are taken for.
pub(super) type Group = Vec<(Pair, u64)>;

/// The answers by group, in the order of the groups' numbers.
pub(super) fn groups(answers: &[Answer]) -> Vec<Group> {
    let mut groups: BTreeMap<u32, BTreeMap<Pair, u64>> = BTreeMap::new();
    for answer in answers {
        *groups.entry(answer.group).or_default().entry(answer.pair).or_default() += 1;
    }
    groups.into_values().map(|pairs| pairs.into_iter().collect()).collect()
}

impl Bootstrap {
    /// The intervals of all figures.
    pub(super) fn intervals(&self, groups: &[Group], classes: usize) -> [Interval; FIGURES.len()] {
        let mut draws = SplitMix64(self.seed);
        let mut times = vec![0_u64; groups.len()];
        let mut tally = Tally::new(classes);
        let mut drawn: Vec<Figures> = Vec::with_capacity(self.resamples as usize);
        for _ in 0..self.resamples {
            times.fill(0);
            for _ in 0..groups.len() {
                times[draws.below(groups.len())] += 1;
            }
            tally.clear();
            for (group, times) in groups.iter().zip(&times).filter(|(_, times)| **times > 0) {
                group.iter().for_each(|(pair, number)| tally.add(*pair, number * times));
            }
            drawn.push(tally.figures());
        }
        std::array::from_fn(|figure| {
            let mut values: Vec<f64> = drawn.iter().map(|figures| figures[figure]).collect();
            values.sort_by(f64::total_cmp);
            let tail = (1.0 - LEVEL) / 2.0;
            Interval { low: quantile(&values, tail), high: quantile(&values, 1.0 - tail) }
        })
    }
}

/// The value below which this share of sorted values lies.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor();
    let (low, high) = (sorted[below as usize], sorted[place.ceil() as usize]);
    low + (high - low) * (place - below)
}

/// A generator of 64 bits whose state is a counter.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`. The lowest are drawn too often by at most `bound` in 2^64.
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        let mut draws = SplitMix64(1_234_567);
        let first = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([draws.next(), draws.next(), draws.next()], first);
    }

    #[test]
    fn quantiles_are_interpolated() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[5.0], 0.975), 5.0);
    }
}
