//! What samples of different splits share, and how much of what is scored that touches.
//!
//! Models learn from `train`, and are chosen by `validation`. So a sample of `validation` is touched by what it shares with
//! `train`, and a sample of any other split by what it shares with either. Where no split has the name of one to train on,
//! as with folds, each is learned from for the others. Samples of no split are not looked at; `balance-unsplit` tells them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::words::{part, ranked, some};
use super::{Finding, Subject};
use crate::rule::Splits;

/// Names of splits that models learn from, and of those by which they are chosen.
const NAMES: [&[&str]; 2] = [&["train", "training"], &["validation", "valid", "val", "dev"]];

/// The turn of splits that are learned from, and of those that are scored; between them are those that models are chosen by.
pub(super) const LEARNED: usize = 0;
pub(super) const SCORED: usize = NAMES.len();

/// When a split is used, by its name: [`LEARNED`], 1 or [`SCORED`].
fn turn(split: &str) -> usize {
    let named = NAMES.iter().position(|names| names.iter().any(|name| split.eq_ignore_ascii_case(name)));
    named.unwrap_or(SCORED)
}

/// The splits of samples.
pub(super) struct Across<'a> {
    subject: &'a Subject<'a>,
    places: &'a Places,
    /// There is a split to learn from.
    ordered: bool,
}

/// Which split each sample is in, whatever is asked.
#[derive(Debug)]
pub(super) struct Places {
    /// The turns and names of the splits, ascending.
    splits: Vec<(usize, String)>,
    /// Of each sample, the number of its split.
    of: Vec<Option<usize>>,
}

impl Places {
    fn of(subject: &Subject, splits: &Splits) -> Self {
        let samples = subject.facts.samples().all().iter();
        let names: Vec<Option<&str>> = samples.map(|sample| splits.of(sample.id)).collect();
        let all: BTreeSet<(usize, &str)> = names.iter().flatten().map(|name| (turn(name), *name)).collect();
        let numbers: HashMap<&str, usize> = all.iter().map(|(_, name)| *name).zip(0..).collect();
        let of = names.into_iter().map(|name| numbers.get(name?).copied()).collect();
        Self { splits: all.into_iter().map(|(turn, name)| (turn, name.to_owned())).collect(), of }
    }

    /// The number of a sample's split: those that are learned from have the lowest.
    fn number(&self, sample: usize) -> Option<usize> {
        self.of.get(sample).copied().flatten()
    }

    fn turn(&self, number: usize) -> usize {
        self.splits[number].0
    }
}

/// A split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place<'a> {
    /// See [`turn`].
    pub(super) turn: usize,
    /// Its name.
    pub(super) split: &'a str,
}

/// Things that samples of several splits share.
pub(super) struct Shared<K> {
    pub(super) groups: Vec<Group<K>>,
    /// The numbers of samples that are touched.
    pub(super) touched: BTreeSet<usize>,
}

/// The samples that share one thing.
pub(super) struct Group<K> {
    pub(super) key: K,
    /// Their numbers.
    pub(super) samples: Vec<usize>,
    touched: usize,
}

impl<'a> Across<'a> {
    /// The splits; none if none are given.
    pub(super) fn of(subject: &'a Subject) -> Option<Self> {
        let splits = subject.splits?;
        let places = subject.kept.places.get_or_init(|| Places::of(subject, splits));
        let ordered = places.splits.first().is_some_and(|(turn, _)| *turn == LEARNED);
        Some(Self { subject, places, ordered })
    }

    /// The split of a sample.
    pub(super) fn place(&self, sample: usize) -> Option<Place<'a>> {
        self.places.number(sample).map(|number| self.split(number))
    }

    fn split(&self, number: usize) -> Place<'a> {
        let (turn, split) = &self.places.splits[number];
        Place { turn: *turn, split }
    }

    /// How many samples each split has, those that are learned from first.
    pub(super) fn sizes(&self) -> BTreeMap<Place<'a>, usize> {
        self.count(0..self.places.of.len())
    }

    /// How many of these samples each split has.
    pub(super) fn count(&self, samples: impl IntoIterator<Item = usize>) -> BTreeMap<Place<'a>, usize> {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for number in samples.into_iter().filter_map(|sample| self.places.number(sample)) {
            *counts.entry(number).or_default() += 1;
        }
        counts.into_iter().map(|(number, count)| (self.split(number), count)).collect()
    }

    /// What is shared across splits, of pairs of a thing and a sample that has it; what touches most samples first.
    pub(super) fn shared<K: Ord>(&self, pairs: impl IntoIterator<Item = (K, usize)>) -> Shared<K> {
        let known = pairs.into_iter().filter(|(_, sample)| self.places.number(*sample).is_some());
        let mut pairs: Vec<(K, usize)> = known.collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut shared = Shared { groups: Vec::new(), touched: BTreeSet::new() };
        let mut pairs = pairs.into_iter().peekable();
        while let Some((key, first)) = pairs.next() {
            let mut samples = vec![first];
            while let Some((_, sample)) = pairs.next_if(|(other, _)| *other == key) {
                samples.push(sample);
            }
            let touched = self.touched(&samples);
            if !touched.is_empty() {
                shared.groups.push(Group { key, samples, touched: touched.len() });
                shared.touched.extend(touched);
            }
        }
        // A stable sort: of equals, the lower key comes first.
        shared.groups.sort_by_key(|group| std::cmp::Reverse(group.touched));
        shared
    }

    /// Of samples that share something, those that are touched by it.
    fn touched(&self, samples: &[usize]) -> Vec<usize> {
        let splits = || samples.iter().filter_map(|&sample| Some((sample, self.places.number(sample)?)));
        let Some(first) = splits().map(|(_, split)| split).min() else { return Vec::new() };
        if self.ordered {
            let behind = splits().filter(|(_, split)| self.places.turn(first) < self.places.turn(*split));
            return behind.map(|(sample, _)| sample).collect();
        }
        // Of folds that share something, each is touched by the others.
        match splits().any(|(_, split)| split != first) {
            true => samples.to_vec(),
            false => Vec::new(),
        }
    }

    /// The finding of what is shared, if anything is: `nouns` are the words for one thing and for several, `note` is what
    /// else is to be said of the things.
    pub(super) fn finding<K>(
        &self,
        shared: Shared<K>,
        nouns: [&str; 2],
        name: impl Fn(&K) -> String,
        (note, remedy): (String, &str),
    ) -> Vec<Finding> {
        if shared.groups.is_empty() {
            return Vec::new();
        }
        let examples = some(shared.groups.iter().map(|group| {
            let splits = self.count(group.samples.iter().copied());
            let splits = some(splits.iter().map(|(place, count)| format!("{} {count}", place.split)));
            format!("{} ({splits})", name(&group.key))
        }));
        let things = match shared.groups.len() {
            1 => format!("1 {} is", nouns[0]),
            several => format!("{several} {} are", nouns[1]),
        };
        let evidence = format!(
            "{things} in several splits{note}; {} share one{}; labels: {}; the most common: {examples}",
            self.shares(&shared.touched),
            if self.ordered { " with what is learned from" } else { " with another split" },
            self.labels(&shared.touched),
        );
        vec![Finding::new(self.ids(&shared.touched), evidence, remedy)]
    }

    /// How much of each split is touched.
    pub(super) fn shares(&self, touched: &BTreeSet<usize>) -> String {
        let (counts, sizes) = (self.count(touched.iter().copied()), self.sizes());
        some(counts.iter().map(|(place, &count)| {
            let size = sizes.get(place).copied().unwrap_or_default();
            format!("{} samples of {}", part(count, size), place.split)
        }))
    }

    /// The labels of these samples.
    fn labels(&self, samples: &BTreeSet<usize>) -> String {
        let all = self.subject.facts.samples().all();
        let mut labels: HashMap<&str, usize> = HashMap::new();
        for &sample in samples {
            *labels.entry(&all[sample].label).or_default() += 1;
        }
        ranked(labels)
    }

    pub(super) fn ids(&self, samples: &BTreeSet<usize>) -> Vec<crate::packet::SampleId> {
        samples.iter().map(|&sample| self.subject.facts.samples().all()[sample].id).collect()
    }
}

/// Findings that propose to disallow these fields, by their names in `redact`.
pub(super) fn disallowing(mut findings: Vec<Finding>, fields: &[&'static str]) -> Vec<Finding> {
    findings.iter_mut().for_each(|finding| finding.disallow = fields.to_vec());
    findings
}

impl<K> Shared<K> {
    /// How many of the things are in several capture files, so that no split by capture can part them.
    pub(super) fn in_several_captures(&self, subject: &Subject) -> usize {
        let of = |sample: usize| subject.facts.samples().all()[sample].field("source");
        let several = |group: &&Group<K>| {
            let captures: BTreeSet<&str> = group.samples.iter().filter_map(|&sample| of(sample)).collect();
            captures.len() > 1
        };
        self.groups.iter().filter(several).count()
    }
}
