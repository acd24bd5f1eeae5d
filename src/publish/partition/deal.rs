//! Dealing groups out by a keyed hash: where a group goes follows from the seed and its own name.
//!
//! A group's point is the XXH3-64 of `pcapml-split1 NUL seed NUL purpose NUL name`, a number in [0, 2^64). Plainly dealt,
//! the part is that whose interval of [0, 1) holds point / 2^64: no other group is asked, so that none moves when others
//! come. Stratified, the groups of each stratum stand in the order of their points, and a group's place among them takes
//! the place of the point ([`stratified`]): what comes in between moves only the few at the borders. FORMAT.md, section
//! 8, says the same for other programs.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use super::Group;

/// What is dealt: each has points of its own, so that one says nothing about the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The splits.
    Split,
    /// The challenge, and the rest.
    Challenge,
    /// The folds.
    Fold,
    /// Where the groups of a stratum begin to be counted.
    Stratum,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Challenge => "challenge",
            Self::Fold => "fold",
            Self::Stratum => "stratum",
        }
    }
}

/// The point of a name.
pub fn point(seed: u64, purpose: Purpose, name: &str) -> u64 {
    xxh3_64(["pcapml-split1", &seed.to_string(), purpose.name(), name].join("\0").as_bytes())
}

/// The part, by number, that each group goes to, where parts are as large as `weights` says.
pub fn plain(seed: u64, purpose: Purpose, weights: &[u64], groups: &[&Group]) -> Vec<usize> {
    let parts = Parts::of(weights);
    groups.iter().map(|group| parts.at(point(seed, purpose, &group.name).into(), 1 << 64)).collect()
}

/// The same, so that each stratum is dealt out in these shares, as far as its groups can be.
///
/// The groups of a stratum, in the order of their points, lie one behind the other, each as long as it has samples: of W
/// samples, one with w behind others with b stands at (b + u w) / W, where u, in [0, 1), is of the stratum: systematic
/// sampling with a random start. Each stratum misses its shares by less than its largest group, and over many strata the
/// misses cancel out: a class of one group goes to each part as often as the part is large.
pub fn stratified(seed: u64, purpose: Purpose, weights: &[u64], groups: &[&Group]) -> Vec<usize> {
    let mut strata: BTreeMap<&str, Vec<(u64, usize)>> = BTreeMap::new();
    for (number, group) in groups.iter().enumerate() {
        strata.entry(&group.stratum).or_default().push((point(seed, purpose, &group.name), number));
    }
    let parts = Parts::of(weights);
    let mut dealt = vec![0; groups.len()];
    for (stratum, mut members) in strata {
        members.sort_by_key(|&(point, number)| (point, &groups[number].name));
        let size = |number: usize| groups[number].samples.len() as u128;
        let total: u128 = members.iter().map(|&(_, number)| size(number)).sum();
        // 32 bits are start enough, and leave room to compute without rounding.
        let named = format!("{}\0{stratum}", purpose.name());
        let start = u128::from(point(seed, Purpose::Stratum, &named) >> 32);
        let mut before = 0;
        for (_, number) in members {
            dealt[number] = parts.at((before << 32) + start * size(number), total << 32);
            before += size(number);
        }
    }
    dealt
}

/// [0, 1), cut into parts.
struct Parts {
    /// Where each part ends, in units of the weights.
    ends: Vec<u128>,
    total: u128,
}

impl Parts {
    fn of(weights: &[u64]) -> Self {
        let ends = weights.iter().scan(0_u128, |end, &weight| {
            *end += u128::from(weight);
            Some(*end)
        });
        let ends: Vec<u128> = ends.collect();
        Self { total: ends.last().copied().unwrap_or(1), ends }
    }

    /// The part that holds `place` / `of`, which is below 1: the first that ends behind it.
    fn at(&self, place: u128, of: u128) -> usize {
        // Weights have up to 47 bits, a point 64, the samples of a stratum 32 and 32 more: the products fit.
        self.ends.iter().position(|end| place * self.total < end * of).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn group(name: impl Into<String>, stratum: &str, samples: usize) -> Group {
        Group { name: name.into(), stratum: stratum.to_owned(), samples: (0..samples).collect() }
    }

    #[test]
    fn points_are_those_of_the_format_contract() {
        let cases = [
            (1, Purpose::Split, "229336481211675439", 12_077_693_393_229_912_941),
            (1, Purpose::Split, "192.168.0.1", 7_371_757_884_168_775_919),
            (2, Purpose::Split, "192.168.0.1", 11_183_597_917_275_144_535),
            (1, Purpose::Challenge, "192.168.0.1", 12_115_592_948_521_552_246),
            (1, Purpose::Fold, "192.168.0.1", 5_076_947_389_275_182_435),
            (1, Purpose::Stratum, "split\0dns", 5_441_337_077_568_039_460),
        ];
        for (seed, purpose, name, expected) in cases {
            assert_eq!(point(seed, purpose, name), expected, "{seed} {purpose:?} {name}");
        }
    }

    #[test]
    fn the_borders_are_exact() {
        let parts = Parts::of(&[70, 10, 20]);
        let border = ((7_u128 << 64) / 10) + 1;
        assert_eq!((parts.at(border - 1, 1 << 64), parts.at(border, 1 << 64)), (0, 1));
        assert_eq!((parts.at(0, 1 << 64), parts.at(u64::MAX.into(), 1 << 64)), (0, 2));
    }

    #[test]
    fn the_largest_numbers_fit() {
        let parts = Parts::of(&[1_000_000_999_999; 64]);
        assert_eq!(parts.at(u64::MAX.into(), 1 << 64), 63);
        let samples = u128::from(u32::MAX);
        assert_eq!(parts.at((samples << 32) - 1, samples << 32), 63);
    }

    #[test]
    fn a_class_of_one_group_goes_everywhere_in_turn() {
        let groups: Vec<Group> = (0..1000).map(|n| group(format!("g{n}"), &format!("class {n}"), 1 + n % 7)).collect();
        let dealt = stratified(1, Purpose::Split, &[70, 10, 20], &groups.iter().collect::<Vec<_>>());
        let count = |part| dealt.iter().filter(|&&other| other == part).count();
        assert!((650..750).contains(&count(0)) && (70..130).contains(&count(1)), "{} {}", count(0), count(1));
    }

    proptest! {
        /// Each class misses its share by less than its largest group.
        #[test]
        fn strata_have_their_shares(sizes in prop::collection::vec(1_usize..20, 1..60), seed: u64) {
            let groups: Vec<Group> = sizes.iter().enumerate().map(|(n, &size)| group(n.to_string(), "", size)).collect();
            let dealt = stratified(seed, Purpose::Split, &[7, 1, 2], &groups.iter().collect::<Vec<_>>());
            let (total, largest): (usize, usize) = (sizes.iter().sum(), *sizes.iter().max().unwrap());
            let mut reached = 0;
            for (part, share) in [(0, 7), (1, 8), (2, 10)] {
                reached += sizes.iter().zip(&dealt).filter(|(_, other)| **other == part).map(|(size, _)| size).sum::<usize>();
                prop_assert!((reached * 10).abs_diff(total * share) < largest * 10);
            }
        }

        /// Plainly dealt, what comes later moves nothing.
        #[test]
        fn newcomers_move_nobody(old in 1_usize..50, new in 0_usize..50, seed: u64) {
            let groups: Vec<Group> = (0..old + new).map(|n| group(n.to_string(), "", 1)).collect();
            let all: Vec<&Group> = groups.iter().collect();
            let before = plain(seed, Purpose::Split, &[7, 1, 2], &all[..old]);
            prop_assert_eq!(&plain(seed, Purpose::Split, &[7, 1, 2], &all)[..old], &before[..]);
        }
    }
}
