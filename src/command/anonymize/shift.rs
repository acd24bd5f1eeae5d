//! Times that are moved, those of each group by as much.

use super::Group;
use crate::error::{Error, Result};
use crate::packet::{Packet, Sample};
use crate::redact::Offsets;
use crate::sample::membership::Samples;
use crate::time::RawTime;

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
                .advise(
                    "give --shift-times=field:NAME, if they have one value of a field, such as source, or --shift-times=all",
                )),
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

/// A packet's time, so many microseconds later, on an interface without an offset; in whole units of its interface, if these
/// are coarser.
pub(super) fn moved(packet: &Packet, microseconds: u64) -> Result<Option<u64>> {
    let (Some(raw), interface) = (packet.raw_time, packet.interface) else { return Ok(None) };
    let time = RawTime { raw, resolution: interface.resolution, offset: interface.offset };
    let later = time.units().zip(interface.resolution.per_second()).and_then(|(units, per_second)| {
        let by = i128::from(per_second).checked_mul(microseconds.into())? / 1_000_000;
        units.checked_add(by)
    });
    let is_early = later.is_some_and(|later| later < 0);
    later.and_then(|later| u64::try_from(later).ok()).map(Some).ok_or_else(|| {
        let why = match is_early {
            true => "its time is before 1970, which none can be without an offset (if_tsoffset)",
            false => "its interface counts time so finely that years later cannot be told",
        };
        Error::request(why).at(packet.position()).advise("leave out --shift-times")
    })
}
