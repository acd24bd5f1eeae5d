//! Times that are moved, those of each group by as much.

use super::Group;
use crate::error::{Error, Result};
use crate::packet::{Packet, Sample};
use crate::redact::Offsets;
use crate::sample::membership::Samples;
use crate::time::Resolution;

/// Which packets' times are moved together, and by how much.
pub(super) struct Groups {
    group: Group,
    offsets: Offsets,
    /// Of each sample that was met, in microseconds.
    known: Vec<u64>,
}

impl Groups {
    pub(super) fn new(group: Group, offsets: Offsets) -> Self {
        Self { group, offsets, known: Vec::new() }
    }

    /// By how many microseconds a packet of these samples is moved. Packets of no sample are a group.
    pub(super) fn microseconds(&mut self, samples: &Samples, numbers: &[usize]) -> Result<u64> {
        for sample in &samples.all()[self.known.len()..] {
            let name = name(&self.group, Some(sample));
            self.known.push(self.offsets.microseconds(name.as_bytes()));
        }
        let mut offsets = numbers.iter().map(|&number| self.known[number]);
        let first = match offsets.next() {
            Some(first) => first,
            None => self.offsets.microseconds(name(&self.group, None).as_bytes()),
        };
        match offsets.all(|other| other == first) {
            true => Ok(first),
            false => Err(Error::request("a packet of several samples, whose times are moved differently")
                .advise("give --shift-times=all, which moves all by as much")),
        }
    }
}

/// What a group is known by.
fn name(group: &Group, sample: Option<&Sample>) -> String {
    match (group, sample) {
        (Group::All, _) => "all".to_owned(),
        (_, None) => "none".to_owned(),
        (Group::Sample, Some(sample)) => format!("sample {}", sample.id),
        (Group::Field(field), Some(sample)) => match sample.field(field) {
            Some(value) => format!("field {value}"),
            None => format!("sample {}", sample.id),
        },
    }
}

/// A packet's time, so many microseconds later; in whole units of its interface, if these are coarser.
pub(super) fn moved(packet: &Packet, microseconds: u64) -> Result<Option<u64>> {
    let Some(raw) = packet.raw_time.filter(|_| microseconds > 0) else { return Ok(packet.raw_time) };
    let a_second = match packet.interface.resolution {
        Resolution::Decimal(exponent) => 10_u128.checked_pow(exponent.into()),
        Resolution::Binary(exponent) => 1_u128.checked_shl(exponent.into()),
    };
    let units = a_second.and_then(|units| units.checked_mul(microseconds.into())).map(|units| units / 1_000_000);
    let later = units.and_then(|units| u64::try_from(units).ok()).and_then(|units| raw.checked_add(units));
    later.map(Some).ok_or_else(|| {
        Error::request("its interface counts time so finely that years later cannot be told")
            .at(packet.position())
            .advise("leave out --shift-times")
    })
}
