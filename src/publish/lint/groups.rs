//! Groups of samples that have something in common besides their labels: what is learned in one must hold in others.

use std::collections::{BTreeMap, HashMap};

use super::Subject;
use crate::packet::Sample;

/// Parts that samples are put into.
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

/// Which part each sample is in, by number.
#[derive(Debug)]
pub(super) struct Groups {
    /// What they have in common.
    pub(super) common: Common,
    /// How many groups there are.
    pub(super) count: usize,
    /// The part of each sample's group.
    pub(super) parts: Vec<usize>,
    /// How many parts there are.
    pub(super) folds: usize,
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
        let names: Vec<String> = each
            .map(|((sample, facts), profile)| match common {
                Common::Source => source(sample),
                Common::Interface => profile.fields.frame.map_or(String::new(), |frame| frame.interface.to_string()),
                Common::Initiator => facts.first_flow().map_or(String::new(), |flow| flow.initiator.to_string()),
            })
            .collect();
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        names.iter().for_each(|name| *sizes.entry(name).or_default() += 1);
        let (count, folds) = (sizes.len(), FOLDS.min(sizes.len()));
        let of = balanced(&sizes, folds);
        let parts = names.iter().map(|name| of.get(name.as_str()).copied().unwrap_or(0)).collect();
        Self { common, count, parts, folds }
    }
}

fn source(sample: &Sample) -> String {
    sample.field("source").unwrap_or_default().to_owned()
}

/// The largest group first, each into the part that has least so far.
fn balanced<'n>(sizes: &BTreeMap<&'n str, usize>, folds: usize) -> HashMap<&'n str, usize> {
    let mut groups: Vec<(&str, usize)> = sizes.iter().map(|(name, size)| (*name, *size)).collect();
    groups.sort_by_key(|(name, size)| (std::cmp::Reverse(*size), *name));
    let mut filled = vec![0; folds];
    let mut parts = HashMap::new();
    for (name, size) in groups {
        let least = (0..folds).min_by_key(|part| filled[*part]).unwrap_or(0);
        filled[least] += size;
        parts.insert(name, least);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_fill_parts_evenly() {
        let sizes = BTreeMap::from([("a", 5), ("b", 9), ("c", 4), ("d", 1)]);
        let parts = balanced(&sizes, 2);
        assert_eq!((parts["b"], parts["a"], parts["c"], parts["d"]), (0, 1, 1, 0));
    }
}
