//! What IP headers and first segments say, by direction, for the elements of IPFIX.

use super::parts::{Limits, Part, Step};

/// The smallest and the largest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range<T> {
    /// The smallest.
    pub least: T,
    /// The largest.
    pub most: T,
}

impl<T: Ord + Copy> Range<T> {
    fn with(known: Option<Self>, number: T) -> Self {
        match known {
            None => Self { least: number, most: number },
            Some(range) => Self { least: range.least.min(number), most: range.most.max(number) },
        }
    }
}

/// IP headers of a direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneWay {
    /// Times to live, or hop limits.
    pub ttl: Option<Range<u8>>,
    /// Bytes of IP packets.
    pub lengths: Option<Range<u32>>,
    /// Type of service, or traffic class, of the first packet.
    pub tos: Option<u8>,
    /// The sequence number of the first TCP segment.
    pub sequence: Option<u32>,
}

/// IP headers, by direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Networks(pub [OneWay; 2]);

impl Part for Networks {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let (way, packet) = (&mut self.0[step.direction], step.packet);
        way.ttl = Some(Range::with(way.ttl, packet.ttl));
        way.lengths = Some(Range::with(way.lengths, packet.ip_bytes));
        way.tos = way.tos.or(Some(packet.tos));
        way.sequence = way.sequence.or(packet.segment.map(|segment| segment.sequence));
    }
}
