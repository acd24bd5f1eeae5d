//! Which flow record a packet belongs to.
//!
//! The records whose addresses, protocol and ports fit in either direction, and whose span of time holds the packet's
//! time; of several, the one that started last.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::flow_records::{FlowRecord, FlowRecords};
use super::shifts::Shifts;
use super::windows::Windows;
use crate::decode::protocol;
use crate::packet::{FlowKey, Packet};

/// Stands for the protocols that a tool does not tell apart (IANA: reserved).
const OTHER: u8 = 255;

/// Records, to be looked up by packets.
#[derive(Debug)]
pub struct RecordIndex {
    by_key: HashMap<FlowKey, Windows<i64>>,
    /// Of each record.
    labels: Vec<u32>,
    /// Nanoseconds by which records may be missed.
    tolerance: i64,
    /// Some records have no ports, or no protocol.
    portless: bool,
    other: bool,
    /// Records without a protocol may be of ICMP.
    icmp_is_other: bool,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It belongs to the record of this number.
    Record {
        /// The number of the record.
        number: u32,
        /// Other records fit too, and started earlier.
        several: bool,
    },
    /// The record that started last contradicts another that started with it.
    Contradicted(u32),
    /// Records have its addresses, protocol and ports, at other times.
    OtherTime,
    /// No record has them.
    Nothing,
}

impl RecordIndex {
    /// An index of records. Packets that no record holds may lie `tolerance` nanoseconds before or after one.
    pub fn new(records: &FlowRecords, tolerance: i64) -> Self {
        let mut windows: HashMap<FlowKey, Vec<(i64, i64, u32)>> = HashMap::new();
        let (mut portless, mut other) = (false, false);
        for (number, record) in (0..).zip(&records.records) {
            portless |= record.ports.is_none();
            other |= record.protocol.is_none();
            windows.entry(key(record)).or_default().push((record.start, record.end, number));
        }
        Self {
            by_key: windows.into_iter().map(|(key, list)| (key, Windows::new(list))).collect(),
            labels: records.records.iter().map(|record| record.label).collect(),
            tolerance,
            portless,
            other,
            icmp_is_other: records.icmp_is_other,
        }
    }

    /// The record of a packet with this key: of those that hold its time the one that started last, and those with its
    /// ports before those without; if none holds it, the same among those within the tolerance.
    #[inline]
    pub fn find(&self, key: FlowKey, packet: &Packet) -> Found {
        let Some(time) = packet.time().and_then(|time| i64::try_from(time.0).ok()) else {
            return Found::Nothing;
        };
        let mut known = false;
        let tolerances = if self.tolerance > 0 { &[0, self.tolerance][..] } else { &[0] };
        for tolerance in tolerances {
            let (from, to) = (time.saturating_sub(*tolerance), time.saturating_add(*tolerance));
            for windows in self.windows_of(key) {
                known = true;
                if let Some(found) = self.latest(windows, from, to) {
                    return found;
                }
            }
        }
        if known { Found::OtherTime } else { Found::Nothing }
    }

    /// Of the records that overlap a time, the one that started last.
    #[inline]
    fn latest(&self, windows: &Windows<i64>, from: i64, to: i64) -> Option<Found> {
        let mut best: Option<(i64, u32)> = None;
        let (mut several, mut contradicted) = (false, false);
        let _ = windows.overlapping(from, to, |start, number| {
            let Some((first, one)) = best else {
                best = Some((start, number));
                return ControlFlow::Continue(());
            };
            several = true;
            contradicted |= start == first && self.labels[number as usize] != self.labels[one as usize];
            if start == first { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        let (_, number) = best?;
        Some(if contradicted { Found::Contradicted(number) } else { Found::Record { number, several } })
    }

    /// Counts, for a packet that no record holds, after which moves of the records' times one would.
    pub fn shifted(&self, key: FlowKey, packet: &Packet, moves: &[i128], shifts: &mut Shifts) {
        let Some(time) = packet.time() else { return };
        for (number, shift) in moves.iter().enumerate() {
            let Ok(moved) = i64::try_from(time.0 - shift) else { continue };
            let (from, to) = (moved.saturating_sub(self.tolerance), moved.saturating_add(self.tolerance));
            if self.windows_of(key).any(|windows| self.latest(windows, from, to).is_some()) {
                shifts.add(number);
            }
        }
    }

    /// The windows of every key that a record of such packets may have, the most exact first.
    #[inline]
    fn windows_of(&self, key: FlowKey) -> impl Iterator<Item = &Windows<i64>> {
        let portless = (self.portless && key.ports.is_some()).then(|| key.without_ports());
        let other = (self.other && !self.is_told_apart(key.protocol))
            .then(|| FlowKey { protocol: OTHER, ..key.without_ports() });
        [Some(key), portless, other].into_iter().flatten().filter_map(|key| self.by_key.get(&key))
    }

    fn is_told_apart(&self, number: u8) -> bool {
        match number {
            protocol::TCP | protocol::UDP => true,
            protocol::ICMP | protocol::ICMPV6 => !self.icmp_is_other,
            _ => false,
        }
    }
}

fn key(record: &FlowRecord) -> FlowKey {
    match record.protocol {
        Some(protocol) => FlowKey::new(protocol, record.source, record.destination, record.ports),
        None => FlowKey::new(OTHER, record.source, record.destination, None),
    }
}
