//! Which samples are for learning and which for testing, so that nothing of one can be known from the other.
//!
//! Samples that know of each other make a [`Group`], and go together. A [`Plan`] deals groups out by a keyed hash, so that
//! a dataset that grows keeps its lists, or cuts them apart by time. [`Partition`] is the outcome, and [`Reached`] how
//! near it comes to what was asked for.

mod deal;
pub mod groups;
mod ratio;
mod reached;
pub mod time;

use std::collections::BTreeMap;

pub use crate::rule::CHALLENGE;
use crate::rule::NO_SPLIT;
use deal::Purpose;
pub use ratio::{Ratio, Share};
pub use reached::{Reached, dominated, missing_classes};
use time::Span;

/// The split whose samples are in no fold.
const TEST: &str = "test";

/// Samples that stay together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Its name, by which it is dealt.
    pub name: String,
    /// Its samples by number, ascending.
    pub samples: Vec<usize>,
    /// What it is mostly of.
    pub stratum: String,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The splits.
    pub ratio: Ratio,
    /// How many percent are carved out as a challenge.
    pub challenge: Option<Share>,
    /// In how many folds what is no test is dealt.
    pub folds: Option<u32>,
    /// Each stratum is dealt out by itself.
    pub stratified: bool,
    /// What all points depend on.
    pub seed: u64,
}

/// Where a sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a split, by its number.
    Split(usize),
    /// In the challenge.
    Challenge,
    /// Nowhere.
    None,
}

/// Where a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// Its part.
    pub place: Place,
    /// Its fold.
    pub fold: Option<u32>,
}

/// All groups, and where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// What was wanted.
    pub plan: Plan,
    /// The groups, by name.
    pub groups: Vec<Group>,
    /// For each, where it is.
    pub assigned: Vec<Assignment>,
}

impl Group {
    /// A group of no stratum.
    pub fn new(name: String, samples: Vec<usize>) -> Self {
        Self { name, samples, stratum: String::new() }
    }
}

impl Plan {
    /// A plan without folds and strata.
    pub fn new(ratio: Ratio, challenge: Option<Share>, seed: u64) -> Self {
        Self { ratio, challenge, folds: None, stratified: false, seed }
    }

    /// What a place is called.
    pub fn name(&self, place: Place) -> &str {
        match place {
            Place::Split(number) => self.ratio.name(number),
            Place::Challenge => CHALLENGE,
            Place::None => NO_SPLIT,
        }
    }

    /// All parts with their shares of the whole, the challenge last.
    pub fn parts(&self) -> Vec<(Place, u128)> {
        let weights = self.ratio.weights();
        let total: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
        let challenge = self.challenge.map_or(0, Share::millionths);
        let splits = weights.iter().enumerate();
        let mut parts: Vec<(Place, u128)> = splits
            .map(|(number, &weight)| {
                (
                    Place::Split(number),
                    u128::from(weight) * u128::from(Share::ALL.millionths().saturating_sub(challenge)),
                )
            })
            .collect();
        parts.extend(self.challenge.map(|share| (Place::Challenge, u128::from(share.millionths()) * total)));
        parts
    }

    /// Deals groups out. With strata, `stratum` says of each sample which it is in; a group is in that of most of them.
    pub fn deal<'a>(&self, mut groups: Vec<Group>, stratum: impl Fn(usize) -> &'a str) -> Partition {
        if self.stratified {
            for group in &mut groups {
                group.stratum = most_frequent(group.samples.iter().map(|&number| stratum(number))).to_owned();
            }
        }
        let all: Vec<&Group> = groups.iter().collect();
        let challenge = self.challenge.map(|share| {
            let weights = [share.millionths(), Share::ALL.millionths().saturating_sub(share.millionths())];
            self.dealt(Purpose::Challenge, &weights, &all)
        });
        // The challenge's groups keep their place among the others: taking them out moves nobody else.
        let splits = self.dealt(Purpose::Split, &self.ratio.weights(), &all);
        let mut assigned: Vec<Assignment> = (0..groups.len())
            .map(|number| {
                let hidden = challenge.as_ref().is_some_and(|dealt| dealt[number] == 0);
                let place = if hidden { Place::Challenge } else { Place::Split(splits[number]) };
                Assignment { place, fold: None }
            })
            .collect();
        if let Some(folds) = self.folds {
            self.fold(folds, &groups, &mut assigned);
        }
        Partition { plan: self.clone(), groups, assigned }
    }

    fn dealt(&self, purpose: Purpose, weights: &[u64], groups: &[&Group]) -> Vec<usize> {
        match self.stratified {
            true => deal::stratified(self.seed, purpose, weights, groups),
            false => deal::plain(self.seed, purpose, weights, groups),
        }
    }

    /// Gives a fold to all that is learned from: what is tested on stays apart.
    fn fold(&self, folds: u32, groups: &[Group], assigned: &mut [Assignment]) {
        let learned: Vec<usize> =
            (0..groups.len()).filter(|&number| self.is_learned_from(assigned[number].place)).collect();
        let chosen: Vec<&Group> = learned.iter().map(|&number| &groups[number]).collect();
        let dealt = self.dealt(Purpose::Fold, &vec![1; folds as usize], &chosen);
        for (number, fold) in learned.into_iter().zip(dealt) {
            assigned[number].fold = Some(fold as u32);
        }
    }

    fn is_learned_from(&self, place: Place) -> bool {
        matches!(place, Place::Split(number) if !self.ratio.name(number).eq_ignore_ascii_case(TEST))
    }

    /// Cuts samples apart by time, each a group by itself, with `gap` nanoseconds between splits.
    pub fn cut(&self, groups: Vec<Group>, spans: &[Span], gap: i64) -> Partition {
        let places = time::assign(self, spans, gap);
        let place = |group: &Group| group.samples.first().map_or(Place::None, |&number| places[number]);
        let assigned = groups.iter().map(|group| Assignment { place: place(group), fold: None }).collect();
        Partition { plan: self.clone(), assigned, groups }
    }
}

impl Partition {
    /// For each sample by number, its group and where that is.
    pub fn of_samples(&self) -> BTreeMap<usize, (&Group, Assignment)> {
        let groups = self.groups.iter().zip(&self.assigned);
        groups
            .flat_map(|(group, &assigned)| group.samples.iter().map(move |&number| (number, (group, assigned))))
            .collect()
    }
}

/// What stands there most often; of equals, the first by name.
fn most_frequent<'a>(names: impl Iterator<Item = &'a str>) -> &'a str {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    let most = counts.values().copied().max();
    counts.into_iter().find(|(_, count)| Some(*count) == most).map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn groups(count: usize) -> Vec<Group> {
        (0..count).map(|number| Group::new(format!("group {number}"), vec![number])).collect()
    }

    fn plan(challenge: Option<&str>) -> Plan {
        let challenge = challenge.map(|share| share.parse().unwrap());
        Plan { folds: Some(5), ..Plan::new("train=70,validation=10,test=20".parse().unwrap(), challenge, 1) }
    }

    fn dealt(plan: &Plan, groups: Vec<Group>) -> BTreeMap<String, Assignment> {
        let dealt = plan.deal(groups, |number| ["a", "b", "c"][number % 3]);
        dealt.groups.into_iter().map(|group| group.name).zip(dealt.assigned).collect()
    }

    #[test]
    fn a_challenge_moves_only_what_it_takes() {
        for stratified in [false, true] {
            let without = dealt(&Plan { stratified, ..plan(None) }, groups(500));
            let with = dealt(&Plan { stratified, ..plan(Some("12.5")) }, groups(500));
            let taken = with.values().filter(|assigned| assigned.place == Place::Challenge).count();
            assert!((40..90).contains(&taken), "{taken}");
            for (name, assigned) in &with {
                assert!(assigned.place == Place::Challenge || assigned.place == without[name].place);
            }
        }
    }

    #[test]
    fn folds_are_of_what_is_learned_from() {
        let plan = plan(Some("10"));
        for assigned in dealt(&plan, groups(300)).values() {
            assert_eq!(assigned.fold.is_some(), matches!(assigned.place, Place::Split(0 | 1)));
            assert!(assigned.fold.is_none_or(|fold| fold < 5));
        }
    }

    #[test]
    fn the_most_frequent_is_the_first_of_equals() {
        assert_eq!(most_frequent(["b", "c", "a", "c", "b"].into_iter()), "b");
        assert_eq!(most_frequent([].into_iter()), "");
    }

    proptest! {
        /// Plainly dealt, a group's place and fold are its own affair: newcomers, and the order in which groups stand,
        /// change nothing.
        #[test]
        fn old_groups_stay(old in 1_usize..40, new in 0_usize..40, shift in 0_usize..40) {
            let plan = plan(Some("10"));
            let before = dealt(&plan, groups(old));
            let mut all = groups(old + new);
            all.rotate_left(shift % (old + new));
            let after = dealt(&plan, all);
            for (name, assigned) in &before {
                prop_assert_eq!(after[name], *assigned);
            }
        }

        /// However it is dealt, each sample is in one place, and a group in one with all its samples.
        #[test]
        fn every_sample_is_somewhere_once(sizes in prop::collection::vec(1_usize..5, 1..30), stratified: bool) {
            let mut next = 0;
            let groups: Vec<Group> = sizes.iter().enumerate().map(|(number, &size)| {
                next += size;
                Group::new(number.to_string(), (next - size..next).collect())
            }).collect();
            let partition = Plan { stratified, ..plan(None) }.deal(groups, |number| ["a", "b"][number % 2]);
            let of = partition.of_samples();
            prop_assert_eq!(of.keys().copied().collect::<Vec<_>>(), (0..next).collect::<Vec<_>>());
        }
    }
}
