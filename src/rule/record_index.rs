//! Which flow record a packet belongs to.
//!
//! The records whose addresses, protocol and ports fit in either direction, and whose span of time holds the packet's
//! time; of several, the one that started last.

use std::collections::HashMap;

use super::flow_records::{FlowRecord, FlowRecords};
use super::shifts::Shifts;
use super::windows::Windows;
use crate::decode::protocol;
use crate::packet::{FlowKey, Packet};

/// Stands for every protocol but TCP, UDP, ICMP and ICMPv6, as tools write that do not tell them apart (IANA: reserved).
const OTHER: u8 = 255;

/// Records, to be looked up by packets.
#[derive(Debug)]
pub struct RecordIndex {
    by_key: HashMap<FlowKey, Windows<i64>>,
    starts: Vec<i64>,
    /// Records that contradict another: the same key and start, and another label.
    contradicted: Vec<bool>,
    /// Some records have no ports, or no protocol.
    portless: bool,
    other: bool,
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
    /// An index of records; each covers its span and `tolerance` nanoseconds on both sides.
    pub fn new(records: &FlowRecords, tolerance: i64) -> Self {
        let mut windows: HashMap<FlowKey, Vec<(i64, i64, u32)>> = HashMap::new();
        let (mut portless, mut other) = (false, false);
        for (number, record) in (0..).zip(&records.records) {
            portless |= record.ports.is_none();
            other |= record.protocol.is_none();
            let span = (record.start.saturating_sub(tolerance), record.end.saturating_add(tolerance), number);
            windows.entry(key(record)).or_default().push(span);
        }
        let mut contradicted = vec![false; records.records.len()];
        for list in windows.values_mut() {
            list.sort_unstable_by_key(|&(start, _, number)| (start, number));
            for twins in list.chunk_by(|one, other| one.0 == other.0) {
                let label = |number: u32| records.records[number as usize].label;
                if twins.iter().any(|twin| label(twin.2) != label(twins[0].2)) {
                    twins.iter().for_each(|twin| contradicted[twin.2 as usize] = true);
                }
            }
        }
        let by_key = windows.into_iter().map(|(key, list)| (key, Windows::new(list))).collect();
        let starts = records.records.iter().map(|record| record.start).collect();
        Self { by_key, starts, contradicted, portless, other }
    }

    /// The record of a packet with this key.
    #[inline]
    pub fn find(&self, key: FlowKey, packet: &Packet) -> Found {
        let Some(time) = packet.time().and_then(|time| i64::try_from(time.0).ok()) else {
            return Found::Nothing;
        };
        let (mut found, mut best, mut known) = (0, None, false);
        self.windows_of(key, |windows| {
            known = true;
            windows.at(time, |number| {
                found += 1;
                let rank = |number: u32| (self.starts[number as usize], number);
                if best.is_none_or(|best| rank(best) < rank(number)) {
                    best = Some(number);
                }
            });
        });
        match best {
            Some(number) if self.contradicted[number as usize] => Found::Contradicted(number),
            Some(number) => Found::Record { number, several: found > 1 },
            None if known => Found::OtherTime,
            None => Found::Nothing,
        }
    }

    /// Counts, for a packet that no record holds, after which moves of the records' times one would.
    pub fn shifted(&self, key: FlowKey, packet: &Packet, moves: &[i128], shifts: &mut Shifts) {
        let Some(time) = packet.time() else { return };
        for (number, shift) in moves.iter().enumerate() {
            let Ok(moved) = i64::try_from(time.0 - shift) else { continue };
            let mut held = false;
            self.windows_of(key, |windows| windows.at(moved, |_| held = true));
            if held {
                shifts.add(number);
            }
        }
    }

    /// Calls `each` with the windows of every key that a record of such packets may have.
    #[inline]
    fn windows_of(&self, key: FlowKey, mut each: impl FnMut(&Windows<i64>)) {
        let mut look = |key: &FlowKey| {
            if let Some(windows) = self.by_key.get(key) {
                each(windows);
            }
        };
        look(&key);
        if self.portless && key.ports.is_some() {
            look(&key.without_ports());
        }
        if self.other && !is_told_apart(key.protocol) {
            look(&FlowKey { protocol: OTHER, ..key.without_ports() });
        }
    }
}

fn is_told_apart(number: u8) -> bool {
    matches!(number, protocol::TCP | protocol::UDP | protocol::ICMP | protocol::ICMPV6)
}

fn key(record: &FlowRecord) -> FlowKey {
    match record.protocol {
        Some(protocol) => FlowKey::new(protocol, record.source, record.destination, record.ports),
        None => FlowKey::new(OTHER, record.source, record.destination, None),
    }
}
