//! Two labellings of the same traffic, packet by packet.
//!
//! A packet is known by its time, its length on the wire and its bytes, and not by its position: the captures may be sorted
//! differently, and either may lack packets. A [`Comparison`] takes the packets of both in any order, 24 bytes for each;
//! an [`Outcome`] says what agrees. Its promises:
//!
//! - Times are compared in the coarser of all units that packets of either capture have: a power of ten of a second.
//! - Identical packets with the same time cannot be told apart: as many of them agree as have equal labels on both sides,
//!   and the others are paired in the order of their labels' names.
//! - A packet has a set of labels, in most captures one or none. It agrees if the sets are equal. For the figures of each
//!   label, every label is asked alone: whether the truth has it, and whether the test has it.
//! - A packet that one side lacks has no label there, because labelling leaves out what no rule matches; or it is left out
//!   of the figures, where that was asked for.

mod label_sets;
mod matching;
mod packet;
mod shown;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub use label_sets::LabelSets;
pub use packet::Seen;

use super::confusion::{ABSENT, Confusion, NONE};
use super::metrics::{Counts, ratio};
use crate::packet::Interface;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What is right.
    Truth,
    /// What is judged.
    Test,
}

/// The packets of both labellings.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The labels that packets have.
    pub labels: LabelSets,
    sides: [Vec<Seen>; 2],
    /// The coarsest unit met so far, in nanoseconds.
    unit: u32,
    /// The finest.
    finest: Option<u32>,
}

/// What one side holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Packets.
    pub packets: u64,
    /// Those with a label.
    pub labelled: u64,
    /// Packets that the other side lacks.
    pub alone: u64,
    /// Those with a label.
    pub alone_labelled: u64,
    /// Those of which the other side has the packet, and fewer of it.
    pub copies: u64,
    /// Packets that have a twin on their own side: the same bytes at the same time.
    pub twins: u64,
}

/// Packets that are the same but for their times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shifted {
    /// How many contents both sides have.
    pub contents: u64,
    /// By how many nanoseconds the test is later, for the earliest packet whose content is there once on both sides.
    pub difference: Option<i128>,
}

/// What came out.
#[derive(Debug)]
pub struct Outcome {
    /// The truth, and the test.
    pub sides: [Census; 2],
    /// Packets that are in both.
    pub matched: u64,
    /// Of these, pairs of twins whose labels differ among each other: who is paired with whom is not known.
    pub ambiguous: u64,
    /// Pairs of packets that the other side lacks, with one time and one length on the wire: they differ in bytes only.
    pub altered: u64,
    /// The unit in which times were compared, in nanoseconds.
    pub unit: u32,
    /// The finest unit that packets have.
    pub finest: u32,
    /// Packets that count.
    pub compared: u64,
    /// Of these, those with equal labels on both sides.
    pub equal: u64,
    /// Packets that count, and that either side labels.
    pub either: u64,
    /// Of these, those with equal labels on both sides.
    pub either_equal: u64,
    /// What is counted of each label, by name.
    pub labels: Vec<(String, Counts)>,
    /// Packets by the labels that they have on both sides; several are joined by ` + `, and those that hold that are quoted.
    pub confusion: Confusion,
}

impl Comparison {
    /// Takes a packet of an interface in.
    pub fn add(&mut self, side: Side, interface: &Interface, seen: Seen) {
        let unit = packet::unit(interface.resolution);
        self.unit = self.unit.max(unit);
        self.finest = Some(self.finest.map_or(unit, |finest| finest.min(unit)));
        self.sides[side as usize].push(seen);
    }

    /// A label that is what stands for none, or for a packet that is not there: it could not be told from that.
    pub fn reserved_label(&self) -> Option<&str> {
        self.labels.names().find(|name| [NONE, ABSENT].contains(name))
    }

    /// True if a packet of this side has a label.
    pub fn is_labelled(&self, side: Side) -> bool {
        self.sides[side as usize].iter().any(|seen| seen.labels != LabelSets::NONE)
    }

    /// How many packets a side has.
    pub fn packets(&self, side: Side) -> usize {
        self.sides[side as usize].len()
    }

    /// Compares. With `matched_only`, packets that one side lacks do not count.
    pub fn outcome(&mut self, matched_only: bool) -> Outcome {
        let order = self.labels.by_name();
        let [truth, test] = &mut self.sides;
        for side in [&mut *truth, &mut *test] {
            packet::put_in_order(side, self.unit, &order);
        }
        let mut tally = matching::Tally::default();
        matching::pair(truth, test, &order, &mut tally);
        let census = |at: usize, packets: &[Seen]| Census {
            packets: packets.len() as u64,
            labelled: packets.iter().filter(|seen| seen.labels != LabelSets::NONE).count() as u64,
            twins: tally.twins[at],
            copies: tally.copies[at],
            ..alone(at, &tally.pairs)
        };
        let sides = [census(0, truth), census(1, test)];
        let counted =
            |pair: &(&(Option<u32>, Option<u32>), &u64)| !matched_only || pair.0.0.is_some() && pair.0.1.is_some();
        let pairs: BTreeMap<_, _> = tally.pairs.iter().filter(counted).map(|(pair, count)| (*pair, *count)).collect();
        let none = |set: Option<u32>| set.unwrap_or(LabelSets::NONE);
        let sum = |counts: &dyn Fn(u32, u32) -> bool| -> u64 {
            pairs.iter().filter(|((truth, test), _)| counts(none(*truth), none(*test))).map(|(_, count)| count).sum()
        };
        Outcome {
            matched: sides[0].packets - sides[0].alone,
            sides,
            ambiguous: tally.ambiguous,
            altered: tally.altered,
            unit: self.unit,
            finest: self.finest.unwrap_or(self.unit),
            compared: sum(&|_, _| true),
            equal: sum(&|truth, test| truth == test),
            either: sum(&|truth, test| [truth, test] != [LabelSets::NONE; 2]),
            either_equal: sum(&|truth, test| truth == test && truth != LabelSets::NONE),
            labels: self.counts(&pairs),
            confusion: self.confusion(&pairs, &order),
        }
    }

    /// What the packets have in common if times do not count.
    pub fn shifted(&mut self) -> Shifted {
        let [truth, test] = &mut self.sides;
        matching::shifted(truth, test)
    }

    fn counts(&self, pairs: &Pairs) -> Vec<(String, Counts)> {
        let mut counts: BTreeMap<&str, Counts> = self.labels.names().map(|name| (name, Counts::default())).collect();
        for ((truth, test), number) in pairs {
            let of = |set: &Option<u32>| self.labels.of(set.unwrap_or(LabelSets::NONE));
            let (truth, test) = (of(truth), of(test));
            for name in &truth {
                counts.entry(name).or_default().support += number;
            }
            for name in &test {
                let entry = counts.entry(name).or_default();
                entry.predicted += number;
                entry.correct += if truth.contains(name) { *number } else { 0 };
            }
        }
        let named = counts.into_iter().filter(|(_, counts)| !counts.is_empty());
        named.map(|(name, counts)| (name.to_owned(), counts)).collect()
    }

    fn confusion(&self, pairs: &Pairs, order: &[u32]) -> Confusion {
        let mut sets: Vec<Option<u32>> = pairs.keys().flat_map(|(truth, test)| [*truth, *test]).collect();
        // By name; what has no label, and then what is not there, come last.
        let rank = |set: &Option<u32>| match set {
            None => (2, 0),
            Some(LabelSets::NONE) => (1, 0),
            Some(set) => (0, order[*set as usize]),
        };
        sets.sort_by_key(rank);
        sets.dedup();
        let numbers: BTreeMap<Option<u32>, usize> = sets.iter().enumerate().map(|(at, set)| (*set, at)).collect();
        let name = |set: &Option<u32>| match set {
            None => ABSENT.to_owned(),
            Some(LabelSets::NONE) => NONE.to_owned(),
            Some(set) => self.labels.of(*set).into_iter().map(quoted).collect::<Vec<_>>().join(JOINT),
        };
        let cell = |(pair, count): (&(Option<u32>, Option<u32>), &u64)| ((numbers[&pair.0], numbers[&pair.1]), *count);
        Confusion { names: sets.iter().map(name).collect(), cells: pairs.iter().map(cell).collect() }
    }
}

/// What stands between the labels of a set.
const JOINT: &str = " + ";

/// A label as it stands in a set: in quotes if it would read as several.
fn quoted(label: &str) -> Cow<'_, str> {
    match label.starts_with('"') || format!(" {label} ").contains(JOINT) {
        true => Cow::Owned(format!("\"{}\"", label.replace('"', "\"\""))),
        false => Cow::Borrowed(label),
    }
}

/// How many packets have this set of labels in the truth, and that in the test; none where the packet is not there.
type Pairs = BTreeMap<(Option<u32>, Option<u32>), u64>;

fn alone(at: usize, pairs: &Pairs) -> Census {
    let mut census = Census::default();
    for ((truth, test), count) in pairs {
        let (mine, other) = if at == 0 { (truth, test) } else { (test, truth) };
        if let (Some(set), None) = (mine, other) {
            census.alone += count;
            census.alone_labelled += if *set == LabelSets::NONE { 0 } else { *count };
        }
    }
    census
}

impl Outcome {
    /// The share of packets with equal labels.
    pub fn agreement(&self) -> f64 {
        ratio(self.equal, self.compared)
    }

    /// The same of packets that either side labels: of mostly background, a test that labels nothing agrees with most.
    pub fn labelled_agreement(&self) -> f64 {
        ratio(self.either_equal, self.either)
    }
}

#[cfg(test)]
mod tests;
