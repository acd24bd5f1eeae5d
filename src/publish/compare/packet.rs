//! What is kept of a packet.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::packet::Packet;
use crate::time::{Resolution, Timestamp};

/// Nanoseconds in a second.
const SECOND: u32 = 1_000_000_000;

/// How many bits of the content tell the length on the wire.
const LENGTH_BITS: u32 = 16;

/// How many are of a hash.
const HASH_BITS: u32 = u64::BITS - LENGTH_BITS;

/// The nanoseconds of a packet without a time, which is a time of its own.
const NO_TIME: u32 = u32::MAX;

/// A packet by its time and content, and its labels: 24 bytes.
///
/// The content is 16 bits of the length on the wire, so that packets that differ in bytes only are neighbours in order, and
/// 48 of a hash: two different packets are taken for one if that collides and their times are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    seconds: i64,
    content: u64,
    nanos: u32,
    /// The number of its set of labels.
    pub(super) labels: u32,
}

impl Seen {
    /// This packet, with the set of labels of this number.
    pub fn of(packet: &Packet, labels: u32) -> Self {
        Self::new(packet.time(), packet.original_length, packet.bytes, labels)
    }

    pub(super) fn new(time: Option<Timestamp>, original_length: u32, bytes: &[u8], labels: u32) -> Self {
        let length = u64::from((original_length ^ (original_length >> LENGTH_BITS)) as u16);
        let hash = xxh3_64_with_seed(bytes, u64::from(original_length));
        let content = length << HASH_BITS | hash >> LENGTH_BITS;
        let (seconds, nanos) = match time {
            // No capture can tell times that far from 1970 apart, but in whole seconds.
            Some(time) => (time.seconds().clamp(i64::MIN.into(), i64::MAX.into()) as i64, time.subsecond_nanos()),
            None => (0, NO_TIME),
        };
        Self { seconds, content, nanos, labels }
    }

    /// What makes two packets the same.
    pub(super) fn key(&self) -> (i64, u32, u64) {
        (self.seconds, self.nanos, self.content)
    }

    /// What two packets have in common of which one was cut or anonymised: time and length on the wire. Packets without a
    /// time have nothing.
    pub(super) fn place(&self) -> Option<(i64, u32, u64)> {
        (self.nanos != NO_TIME).then_some((self.seconds, self.nanos, self.content >> HASH_BITS))
    }

    pub(super) fn content(&self) -> u64 {
        self.content
    }

    /// Nanoseconds since 1970.
    pub(super) fn time(&self) -> Option<i128> {
        (self.nanos != NO_TIME).then(|| i128::from(self.seconds) * i128::from(SECOND) + i128::from(self.nanos))
    }
}

/// The power of ten of a second, in nanoseconds, that is not finer than this resolution. Powers of ten divide each other,
/// so that a time that was rounded down to one, and then to a coarser one, is the same as if it went there at once.
pub(super) fn unit(resolution: Resolution) -> u32 {
    let exponent = match resolution {
        Resolution::Decimal(exponent) => exponent,
        // 10^-k >= 2^-n for k <= n * log10(2).
        Resolution::Binary(exponent) => (f64::from(exponent) * std::f64::consts::LOG10_2).floor() as u8,
    };
    10_u32.pow(9 - u32::from(exponent.min(9)))
}

/// Rounds times down to this unit, and puts packets in order of time, content and the names of their labels.
pub(super) fn put_in_order(packets: &mut [Seen], unit: u32, order: &[u32]) {
    for packet in packets.iter_mut().filter(|packet| packet.nanos != NO_TIME) {
        packet.nanos -= packet.nanos % unit.max(1);
    }
    packets.sort_unstable_by_key(|packet| (packet.key(), order[packet.labels as usize]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_takes_24_bytes() {
        assert_eq!(size_of::<Seen>(), 24);
    }

    #[test]
    fn units_are_powers_of_ten_that_are_not_finer() {
        for (resolution, nanoseconds) in [
            (Resolution::Decimal(9), 1),
            (Resolution::Decimal(12), 1),
            (Resolution::Decimal(6), 1_000),
            (Resolution::Decimal(0), SECOND),
            (Resolution::Binary(30), 1),
            (Resolution::Binary(29), 10),
            (Resolution::Binary(20), 1_000),
            (Resolution::Binary(10), 1_000_000),
            (Resolution::Binary(0), SECOND),
            (Resolution::Binary(127), 1),
        ] {
            assert_eq!(unit(resolution), nanoseconds, "{resolution:?}");
        }
    }
}
