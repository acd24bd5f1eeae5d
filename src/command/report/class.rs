//! What is measured of the packets of one label.

use std::collections::BTreeMap;

use super::histogram::{Bins, Histogram};
use crate::decode::Ip;
use crate::packet::LinkType;
use crate::report::{Entropy, POSITIONS};

/// The numbers of one label: counts, and how lengths, times and bytes are distributed.
///
/// The tables of bytes are the largest part, at 1 kB for each position that packets reach: 80 kB for each version of IP.
#[derive(Debug)]
pub(super) struct ClassStats {
    pub(super) name: String,
    pub(super) samples: u64,
    pub(super) packets: u64,
    pub(super) bytes: u64,
    pub(super) sizes: Histogram,
    pub(super) gaps: Histogram,
    /// Packets on each link type.
    pub(super) links: BTreeMap<LinkType, u64>,
    /// How often each byte occurred at each position, of IPv4 and of IPv6.
    values: [Vec<[u32; 256]>; 2],
}

impl ClassStats {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            samples: 0,
            packets: 0,
            bytes: 0,
            sizes: Histogram::new(Bins::Sizes),
            gaps: Histogram::new(Bins::Gaps),
            links: BTreeMap::new(),
            values: [Vec::new(), Vec::new()],
        }
    }

    /// Takes the bytes of an IP packet in, from the first of its header on.
    #[inline]
    pub(super) fn bytes_of(&mut self, ip: &Ip) {
        let values = &mut self.values[usize::from(ip.source.is_ipv6())];
        for (position, byte) in ip.header.iter().chain(ip.payload).take(POSITIONS).enumerate() {
            if position == values.len() {
                values.push([0; 256]);
            }
            let count = &mut values[position][usize::from(*byte)];
            *count = count.saturating_add(1);
        }
    }

    /// The entropy at each position, of IPv4 or of IPv6.
    pub(super) fn entropy(&self, version: usize) -> Vec<Entropy> {
        self.values[version].iter().map(of_counts).collect()
    }
}

/// Shannon's entropy of bytes that occurred so often.
fn of_counts(counts: &[u32; 256]) -> Entropy {
    let packets: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    let part = |count: &u32| f64::from(*count) / packets.max(1) as f64;
    let bits: f64 = counts.iter().filter(|count| **count > 0).map(part).map(|part| -part * part.log2()).sum();
    // The logarithm of 1 is -0 with its sign turned.
    Entropy { packets, bits: bits.max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_shannons() {
        let mut counts = [0; 256];
        counts[7] = 12;
        assert_eq!(of_counts(&counts), Entropy { packets: 12, bits: 0.0 });
        counts[9] = 12;
        assert_eq!(of_counts(&counts).bits, 1.0);
        assert!((of_counts(&[5; 256]).bits - 8.0).abs() < 1e-12);
    }
}
