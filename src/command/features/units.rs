//! Rows of whole samples: one each, with its totals and its first flow.

use std::collections::BTreeMap;

use crate::command::memberships::NO_SAMPLE;
use crate::feature::Totals;
use crate::flow::{Observation, Outside};
use crate::packet::Packet;

/// What a row is about: a sample; of packets without one, their capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Unit(u64);

impl Unit {
    /// That of a packet of this capture and sample.
    pub(super) fn of(capture: u64, sample: u32) -> Self {
        match sample {
            NO_SAMPLE => Self(1 << 32 | capture),
            sample => Self(sample.into()),
        }
    }

    /// Its sample, or [`NO_SAMPLE`].
    pub(super) fn sample(self) -> u32 {
        u32::try_from(self.0).unwrap_or(NO_SAMPLE)
    }

    /// A number by which units are in the order of their first packets.
    pub(super) fn number(self) -> u64 {
        self.0
    }
}

/// What all packets of each unit are together.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// The capture of the first packet, and the totals.
    pub(super) totals: BTreeMap<Unit, (u64, Totals)>,
}

impl Units {
    /// How many packets of a unit were taken.
    pub(super) fn packets(&self, unit: Unit) -> u64 {
        self.totals.get(&unit).map_or(0, |(_, totals)| totals.packets)
    }

    /// There is this unit, whether it has packets or not.
    pub(super) fn know(&mut self, unit: Unit, capture: u64) {
        self.totals.entry(unit).or_insert((capture, Totals::default()));
    }

    /// Takes a packet of a unit.
    pub(super) fn add(&mut self, unit: Unit, capture: u64, packet: &Packet, seen: Result<&Observation, Outside>) {
        self.totals.entry(unit).or_insert((capture, Totals::default())).1.add(packet, seen);
    }

    /// Where some packets have a sample, those without have no row; how many they are.
    pub(super) fn leave_unlabelled_if_others_are_not(&mut self) -> u64 {
        if self.totals.keys().all(|unit| unit.sample() == NO_SAMPLE) {
            return 0;
        }
        let packets = |(unit, (_, totals)): (&Unit, &(u64, Totals))| match unit.sample() {
            NO_SAMPLE => totals.packets,
            _ => 0,
        };
        let outside = self.totals.iter().map(packets).sum();
        self.totals.retain(|unit, _| unit.sample() != NO_SAMPLE);
        outside
    }
}
