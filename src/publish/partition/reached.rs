//! How near a partition comes to what was asked for, and what its user should know of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Partition, Place};

/// By how many percent of all samples a split may miss its share before that is told.
const TOLERATED: f64 = 2.0;

/// What a part holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached {
    /// Which.
    pub place: Place,
    /// Its groups.
    pub groups: u64,
    /// Its samples.
    pub samples: u64,
    /// How many percent of all samples that are in a part it was to hold; nothing was said of those that are in none.
    pub wanted: Option<f64>,
    /// How many it holds.
    pub reached: Option<f64>,
    /// The samples of each class in it.
    pub classes: BTreeMap<String, u64>,
}

impl Reached {
    /// Counts: the splits in their order, the challenge, and what is in none, if there is anything.
    pub fn count<'a>(partition: &Partition, class: impl Fn(usize) -> &'a str) -> Vec<Self> {
        let parts = partition.plan.parts();
        let all: u128 = parts.iter().map(|(_, weight)| weight).sum();
        let part = |(place, weight): &(Place, u128)| {
            let wanted = 100.0 * *weight as f64 / all.max(1) as f64;
            Self { place: *place, groups: 0, samples: 0, wanted: Some(wanted), reached: None, classes: BTreeMap::new() }
        };
        let mut counted: Vec<Self> = parts.iter().map(part).collect();
        counted.push(Self { wanted: None, ..part(&(Place::None, 0)) });
        for (group, assigned) in partition.groups.iter().zip(&partition.assigned) {
            let Some(part) = counted.iter_mut().find(|part| part.place == assigned.place) else { continue };
            part.groups += 1;
            part.samples += group.samples.len() as u64;
            for &number in &group.samples {
                *part.classes.entry(class(number).to_owned()).or_default() += 1;
            }
        }
        let placed: u64 = counted.iter().filter(|part| part.wanted.is_some()).map(|part| part.samples).sum();
        for part in counted.iter_mut().filter(|part| part.wanted.is_some()) {
            part.reached = Some(100.0 * part.samples as f64 / placed.max(1) as f64);
        }
        counted.retain(|part| part.wanted.is_some() || part.samples > 0);
        counted
    }

    /// True if it misses its share by more than anybody would expect.
    pub fn misses(&self) -> bool {
        self.wanted.zip(self.reached).is_some_and(|(wanted, reached)| (wanted - reached).abs() > TOLERATED)
    }
}

/// Classes of which a part has no sample, though others do.
pub fn missing_classes<'a>(part: &Reached, parts: &'a [Reached]) -> Vec<&'a str> {
    let all: BTreeSet<&str> = parts.iter().flat_map(|part| part.classes.keys()).map(String::as_str).collect();
    all.into_iter().filter(|class| !part.classes.contains_key(*class)).collect()
}

/// Classes of which one group holds more than half, with that group's name and share in percent. A class of one sample,
/// and groups of one, are what they are.
pub fn dominated<'a>(partition: &'a Partition, class: impl Fn(usize) -> &'a str) -> Vec<(&'a str, &'a str, f64)> {
    let mut held: BTreeMap<&str, (u64, u64, &str)> = BTreeMap::new();
    for group in &partition.groups {
        let mut own: BTreeMap<&str, u64> = BTreeMap::new();
        group.samples.iter().for_each(|&number| *own.entry(class(number)).or_default() += 1);
        for (class, count) in own {
            let (total, most, name) = held.entry(class).or_default();
            *total += count;
            if count > *most {
                (*most, *name) = (count, group.name.as_str());
            }
        }
    }
    let heavy = held.into_iter().filter(|(_, (total, most, _))| *most > 1 && 2 * most > *total);
    heavy.map(|(class, (total, most, name))| (class, name, 100.0 * most as f64 / total as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Assignment, Group, Plan};
    use super::*;

    #[test]
    fn shares_are_of_what_is_in_a_part() {
        let plan = Plan::new("train=3,test=1".parse().unwrap(), Some("20".parse().unwrap()), 1);
        let places = [Place::Split(0), Place::Split(1), Place::Challenge, Place::None];
        let partition = Partition {
            plan,
            groups: [vec![0, 1], vec![2], vec![3], vec![4]].map(|of| Group::new(of[0].to_string(), of)).into(),
            assigned: places.map(|place| Assignment { place, fold: None }).into(),
        };
        let class = |number: usize| ["a", "a", "a", "b", "b"][number];
        let parts = Reached::count(&partition, class);
        let told: Vec<_> = parts.iter().map(|part| (part.samples, part.wanted, part.reached)).collect();
        assert_eq!(
            told,
            [(2, Some(60.0), Some(50.0)), (1, Some(20.0), Some(25.0)), (1, Some(20.0), Some(25.0)), (1, None, None)]
        );
        assert!(parts[0].misses() && !parts[3].misses());
        assert_eq!(missing_classes(&parts[0], &parts), ["b"]);
        assert_eq!(dominated(&partition, class), [("a", "0", 100.0 * 2.0 / 3.0)]);
    }
}
