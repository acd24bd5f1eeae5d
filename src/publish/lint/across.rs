//! What samples of different splits share, and how much of what is scored that touches.
//!
//! Models learn from `train`, and are chosen by `validation`. So a sample of `validation` is touched by what it shares with
//! `train`, and a sample of any other split by what it shares with either. Where no split has the name of one to train on,
//! as with folds, each is learned from for the others. Samples of no split are not looked at; `balance-unsplit` tells them.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{part, ranked, some};
use super::{Finding, Subject};

/// Names of splits that models learn from, and of those by which they are chosen.
const LEARNED: [&[&str]; 2] = [&["train", "training"], &["validation", "valid", "val", "dev"]];

/// The splits of samples.
pub(super) struct Across<'a> {
    subject: &'a Subject<'a>,
    /// Of each sample, by number.
    places: Vec<Option<Place<'a>>>,
    /// There is a split to learn from.
    ordered: bool,
}

/// A split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place<'a> {
    /// 0 is learned from, 1 chosen by, 2 scored.
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
        let place = |split: &'a str| {
            let turn = LEARNED.iter().position(|names| names.iter().any(|name| split.eq_ignore_ascii_case(name)));
            Place { turn: turn.unwrap_or(LEARNED.len()), split }
        };
        let samples = subject.facts.samples().all().iter();
        let places: Vec<_> = samples.map(|sample| splits.of(sample.id).map(place)).collect();
        let ordered = places.iter().flatten().any(|place| place.turn == 0);
        Some(Self { subject, places, ordered })
    }

    /// The split of a sample.
    pub(super) fn place(&self, sample: usize) -> Option<Place<'a>> {
        self.places.get(sample).copied().flatten()
    }

    /// How many samples each split has, those that are learned from first.
    pub(super) fn sizes(&self) -> BTreeMap<Place<'a>, usize> {
        self.count(0..self.places.len())
    }

    /// How many of these samples each split has.
    pub(super) fn count(&self, samples: impl IntoIterator<Item = usize>) -> BTreeMap<Place<'a>, usize> {
        let mut counts = BTreeMap::new();
        for place in samples.into_iter().filter_map(|sample| self.place(sample)) {
            *counts.entry(place).or_default() += 1;
        }
        counts
    }

    /// What is shared across splits, of pairs of a thing and a sample that has it; what touches most samples first.
    pub(super) fn shared<K: Ord>(&self, pairs: impl IntoIterator<Item = (K, usize)>) -> Shared<K> {
        let known = pairs.into_iter().filter(|(_, sample)| self.place(*sample).is_some());
        let mut members: BTreeMap<K, BTreeSet<usize>> = BTreeMap::new();
        for (key, sample) in known {
            members.entry(key).or_default().insert(sample);
        }
        let mut shared = Shared { groups: Vec::new(), touched: BTreeSet::new() };
        for (key, samples) in members {
            let touched = self.touched(&samples);
            if !touched.is_empty() {
                shared.groups.push(Group { key, samples: samples.into_iter().collect(), touched: touched.len() });
                shared.touched.extend(touched);
            }
        }
        // A stable sort: of equals, the lower key comes first.
        shared.groups.sort_by_key(|group| std::cmp::Reverse(group.touched));
        shared
    }

    /// Of samples that share something, those that are touched by it.
    fn touched(&self, samples: &BTreeSet<usize>) -> Vec<usize> {
        let places = || samples.iter().filter_map(|&sample| Some((sample, self.place(sample)?)));
        let first = places().map(|(_, place)| place).min();
        let touched = places().filter(|(_, place)| match self.ordered {
            true => first.is_some_and(|first| first.turn < place.turn),
            false => places().next().map(|(_, place)| place.split) != Some(place.split),
        });
        let touched: Vec<usize> = touched.map(|(sample, _)| sample).collect();
        match self.ordered || touched.is_empty() {
            true => touched,
            // Of folds that share something, each is touched by the others.
            false => samples.iter().copied().collect(),
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
        let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
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
