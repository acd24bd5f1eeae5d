//! Groups of samples that have something in common besides their labels: what is learned in one must hold in others.

use std::cmp::Reverse;
use std::net::IpAddr;

use super::Subject;

/// Parts that samples are put into; groups, into more where so few do not part them (see [`Groups::deal`]).
pub(super) const FOLDS: usize = 5;

/// What makes samples a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Common {
    /// The field `source`: the file that they were labelled from.
    Source,
    /// The interface of their first packet.
    Interface,
    /// The host that began their first flow.
    Initiator,
}

impl Common {
    /// What such groups are, in the plural.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Source => "source files",
            Self::Interface => "interfaces",
            Self::Initiator => "initiating hosts",
        }
    }

    /// How to keep them whole in splits.
    pub(super) fn partition(self) -> &'static str {
        match self {
            Self::Source | Self::Interface => "pcapml partition --by capture",
            Self::Initiator => "pcapml partition --by host",
        }
    }
}

/// Which group each sample is in.
#[derive(Debug)]
pub(super) struct Groups {
    /// What they have in common.
    pub(super) common: Common,
    /// How many groups there are.
    pub(super) count: usize,
    /// The number of each sample's.
    of: Vec<usize>,
}

/// Which part each group is dealt to.
#[derive(Debug, Default)]
pub(super) struct Deal {
    /// By the group's number.
    parts: Vec<usize>,
    /// How many samples are in each part.
    filled: Vec<usize>,
    /// Of each label, how many samples are in which parts.
    labels: Vec<Vec<(usize, usize)>>,
}

/// What tells groups apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Source(Option<&'a str>),
    Interface(Option<u32>),
    Initiator(Option<IpAddr>),
}

impl Groups {
    /// By the field `source` if there are several; else by interface; else by host.
    pub(super) fn of(subject: &Subject) -> Self {
        let by = |common| Self::by(common, subject);
        let several = |groups: &Self| groups.count > 1;
        Some(by(Common::Source))
            .filter(several)
            .or_else(|| Some(by(Common::Interface)).filter(several))
            .unwrap_or_else(|| by(Common::Initiator))
    }

    fn by(common: Common, subject: &Subject) -> Self {
        let each = subject.facts.each().zip(subject.profiles);
        let keys = each.map(|((sample, facts), profile)| match common {
            Common::Source => Key::Source(sample.field("source")),
            Common::Interface => Key::Interface(profile.fields.frame.map(|frame| frame.interface)),
            Common::Initiator => Key::Initiator(facts.first_flow().map(|flow| flow.initiator)),
        });
        let keys: Vec<Key> = keys.collect();
        let mut groups = keys.clone();
        groups.sort_unstable();
        groups.dedup();
        let of = keys.iter().map(|key| groups.binary_search(key).unwrap_or(0)).collect();
        Self { common, count: groups.len(), of }
    }

    /// The group of a sample.
    pub(super) fn group(&self, sample: usize) -> usize {
        self.of.get(sample).copied().unwrap_or(0)
    }

    /// Deals the groups of samples to parts, so that every label that is in several groups is in several parts. Samples are
    /// told by their groups and labels; there are so many labels.
    ///
    /// The largest group is dealt first, each to the part that has least of its labels, and of such ones the emptiest.
    /// Where every part is the only one of some label of the group, one more is begun: for that, `k` parts take
    /// `k * (k - 1) / 2` labels, so that few are ever needed.
    pub(super) fn deal(&self, samples: impl Iterator<Item = (usize, usize)>, labels: usize) -> Deal {
        let mut pairs: Vec<(usize, usize)> = samples.collect();
        pairs.sort_unstable();
        let mut groups: Vec<&[(usize, usize)]> = pairs.chunk_by(|one, other| one.0 == other.0).collect();
        groups.sort_by_key(|group| Reverse(group.len()));
        let filled = vec![0; FOLDS.min(groups.len())];
        let mut deal = Deal { parts: vec![0; self.count], filled, labels: vec![Vec::new(); labels] };
        groups.into_iter().for_each(|group| deal.take(group));
        deal
    }
}

impl Deal {
    /// How many parts there are.
    pub(super) fn folds(&self) -> usize {
        self.filled.len()
    }

    /// The part of a group.
    pub(super) fn part(&self, group: usize) -> usize {
        self.parts.get(group).copied().unwrap_or(0)
    }

    /// True for a label that is in several groups, and so in several parts.
    pub(super) fn several(&self, label: usize) -> bool {
        self.labels.get(label).is_some_and(|parts| parts.len() > 1)
    }

    /// Takes a group: pairs of its number and a label, ascending.
    fn take(&mut self, group: &[(usize, usize)]) {
        let labels = || group.chunk_by(|one, other| one == other);
        // Of each part, how many samples it has of these labels; none if it is the only one that has one of them.
        let mut common = vec![Some(0); self.folds()];
        for same in labels() {
            match self.labels[same[0].1].as_slice() {
                [(only, _)] => common[*only] = None,
                parts => parts.iter().for_each(|(part, size)| {
                    common[*part] = common[*part].map(|sum: usize| sum + size);
                }),
            }
        }
        let free = common.iter().enumerate().filter_map(|(part, common)| Some(((*common)?, self.filled[part], part)));
        let part = free.min().map_or(self.folds(), |(.., part)| part);
        if part == self.folds() {
            self.filled.push(0);
        }
        self.filled[part] += group.len();
        for same in labels() {
            let (number, label) = same[0];
            self.parts[number] = part;
            let parts = &mut self.labels[label];
            match parts.iter_mut().find(|(other, _)| *other == part) {
                Some((_, size)) => *size += same.len(),
                None => parts.push((part, same.len())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is dealt of samples, told by group and label.
    fn deal(samples: &[(usize, usize)]) -> Deal {
        let count = samples.iter().map(|(group, _)| group + 1).max().unwrap_or(0);
        let labels = samples.iter().map(|(_, label)| label + 1).max().unwrap_or(0);
        Groups { common: Common::Source, count, of: Vec::new() }.deal(samples.iter().copied(), labels)
    }

    #[test]
    fn groups_fill_parts_evenly() {
        let sizes = [5, 9, 4, 1, 1, 1, 1];
        let samples = sizes.iter().enumerate().flat_map(|(group, size)| std::iter::repeat_n((group, group), *size));
        let deal = deal(&samples.collect::<Vec<_>>());
        assert_eq!(deal.parts, [1, 0, 2, 3, 4, 3, 4]);
        assert!((0..7).all(|label| !deal.several(label)));
    }

    #[test]
    fn two_days_of_a_label_are_never_together() {
        let samples: Vec<_> = (0..200).map(|at| (at % 10, at % 5)).collect();
        let deal = deal(&samples);
        assert_eq!(deal.folds(), FOLDS);
        assert!((0..5).all(|label| deal.several(label) && deal.part(label) != deal.part(label + 5)));
    }

    #[test]
    fn parts_are_begun_where_few_do_not_do() {
        // Each two of eight groups have a label of their own.
        let pairs = (0..8).flat_map(|one| (0..one).map(move |other| (one, other)));
        let samples: Vec<_> =
            pairs.enumerate().flat_map(|(label, (one, other))| [(one, label), (other, label)]).collect();
        let deal = deal(&samples);
        assert_eq!((deal.folds(), (0..28).all(|label| deal.several(label))), (8, true));
    }

    proptest! {
        #[test]
        fn a_label_of_several_groups_is_in_several_parts(
            samples in prop::collection::vec((0_usize..12, 0_usize..20), 1..120),
        ) {
            let deal = deal(&samples);
            for label in 0..20 {
                let groups = || samples.iter().filter(|sample| sample.1 == label).map(|sample| sample.0);
                let several = groups().any(|group| Some(group) != groups().next());
                let parts = groups().any(|group| Some(deal.part(group)) != groups().next().map(|first| deal.part(first)));
                prop_assert_eq!((deal.several(label), parts), (several, several));
            }
            prop_assert_eq!(deal.filled.iter().sum::<usize>(), samples.len());
        }
    }
}
