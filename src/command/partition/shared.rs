//! Packets that are in several samples: where these go to different splits, what is learned from is tested on.

use std::collections::{BTreeMap, HashMap};

use crate::dataset::Facts;
use crate::packet::SampleId;
use crate::publish::partition::groups::Member;
use crate::publish::partition::{Partition, Place};

/// Sets of samples that are remembered, at most.
const MAX_SETS: usize = 1 << 18;

/// How many packets each set of samples has in common.
#[derive(Debug, Default)]
pub(super) struct SharedPackets {
    /// By the numbers of the samples in the capture, ascending.
    sets: BTreeMap<Vec<usize>, u64>,
    /// Packets of further sets.
    beyond: u64,
}

/// What a partition does to them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parted {
    /// Packets of samples that are in different splits.
    pub(super) packets: u64,
    /// Two samples of the first such set, in different splits.
    pub(super) first: Option<(SampleId, SampleId)>,
    /// Packets of samples that were too many to remember.
    pub(super) beyond: u64,
}

impl SharedPackets {
    /// Takes a packet of these samples.
    pub(super) fn packet(&mut self, samples: &[usize]) {
        if samples.len() < 2 {
            return;
        }
        let mut set = samples.to_vec();
        set.sort_unstable();
        match self.sets.len() < MAX_SETS || self.sets.contains_key(&set) {
            true => *self.sets.entry(set).or_default() += 1,
            false => self.beyond += 1,
        }
    }

    /// What becomes of them. Samples of no split part nothing.
    pub(super) fn parted(&self, facts: &Facts, members: &[Member], partition: &Partition) -> Parted {
        let places = partition.of_samples().into_iter().map(|(number, (_, of))| (members[number].0.id, of.place));
        let places: HashMap<SampleId, Place> = places.filter(|(_, place)| *place != Place::None).collect();
        let mut parted = Parted { beyond: self.beyond, ..Parted::default() };
        for (set, count) in &self.sets {
            let ids = set.iter().map(|&number| facts.samples().all()[number].id);
            let mut placed = ids.filter_map(|id| Some((id, *places.get(&id)?)));
            let Some((one, place)) = placed.next() else { continue };
            if let Some((other, _)) = placed.find(|(_, other)| *other != place) {
                parted.packets += count;
                parted.first.get_or_insert((one, other));
            }
        }
        parted
    }
}
