//! What is counted of a group of packets.

use std::collections::BTreeSet;

use crate::packet::Packet;
use crate::time::Timestamp;

/// Counts of a group of packets: a sample, or all packets of a label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Packets.
    pub packets: u64,
    /// Their length on the wire, in bytes.
    pub bytes: u64,
    /// The earliest time, of those that have one.
    pub first: Option<Timestamp>,
    /// The latest time.
    pub last: Option<Timestamp>,
    /// The interfaces that they were seen on.
    pub interfaces: BTreeSet<u32>,
}

impl Tally {
    /// Takes a packet in.
    #[inline]
    pub fn add(&mut self, packet: &Packet) {
        self.packets += 1;
        self.bytes += u64::from(packet.original_length);
        if let Some(time) = packet.time() {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        let interface = packet.interface.number;
        if self.interfaces.last() != Some(&interface) {
            self.interfaces.insert(interface);
        }
    }
}
