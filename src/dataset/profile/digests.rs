//! What makes two samples, or flows, the same: digests of their packets, as they are, without what tells who sent them
//! when, and of their sizes and directions alone.
//!
//! Each is XXH3-128 over what came before and the next packet: 16 bytes for a sample, whatever its length. Packets are
//! taken in the order of the capture. These digests find copies; they prove nothing against somebody who wants two samples
//! to look alike.

use xxhash_rust::xxh3::xxh3_128;

use super::seen::Seen;
use crate::feature::{self, Masks};

/// What masked digests leave out besides addresses, checksums, the link layer with its padding, and tunnels around: what
/// says when, and what routers, translators of addresses and replays change on the way.
const MASKED: Masks = Masks { ports: true, ttl: true, timestamps: true };

/// Samples with fewer packets with payload are not told by their sizes: too many look alike.
pub const SHAPE_LEAST: u32 = 4;

/// Flows with fewer packets are not told by their bytes: announcements that are sent again and again look alike.
pub const FLOW_LEAST: u32 = 2;

/// A digest under construction, of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(u128);

impl Digest {
    /// Takes the next one's digest, and two numbers that belong to it.
    fn add(&mut self, next: u128, first: u32, second: u32) {
        let mut bytes = [0; 40];
        bytes[..16].copy_from_slice(&self.0.to_le_bytes());
        bytes[16..32].copy_from_slice(&next.to_le_bytes());
        bytes[32..36].copy_from_slice(&first.to_le_bytes());
        bytes[36..].copy_from_slice(&second.to_le_bytes());
        self.0 = xxh3_128(&bytes);
    }
}

/// The digests of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digests {
    exact: Digest,
    masked: Digest,
    shape: Digest,
    /// Packets with payload, those of tunnels by what is inside.
    loaded: u32,
}

impl Digests {
    /// Link types, captured bytes and lengths on the wire of all packets: all but their times and interfaces.
    pub fn exact(&self) -> Digest {
        self.exact
    }

    /// The innermost IP packets without addresses, ports, times to live, checksums and TCP's timestamps; of packets without
    /// IP, their lengths. None if no packet has payload: what refuses and what scans all looks alike then.
    pub fn masked(&self) -> Option<Digest> {
        (self.loaded > 0).then_some(self.masked)
    }

    /// The payloads' lengths, the flows that they are of, and whether they go the way of the flow's first payload. None if
    /// there are fewer than [`SHAPE_LEAST`].
    pub fn shape(&self) -> Option<Digest> {
        (self.loaded >= SHAPE_LEAST).then_some(self.shape)
    }
}

/// The digest of a flow in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlowDigest {
    exact: Digest,
    packets: u32,
    /// The first payload came from its lower end.
    first_from_low: Option<bool>,
}

impl FlowDigest {
    /// Of its packets' bytes and lengths; none if it has fewer than [`FLOW_LEAST`].
    pub fn exact(&self) -> Option<Digest> {
        (self.packets >= FLOW_LEAST).then_some(self.exact)
    }
}

/// What digests take of one packet: computed once for all its samples.
#[derive(Debug, Default)]
pub(super) struct PacketDigest {
    exact: u128,
    masked: u128,
    payload: u32,
    wire: u32,
    link_type: u32,
    from_low: bool,
    copy: Vec<u8>,
}

impl PacketDigest {
    pub(super) fn set(&mut self, seen: &Seen) {
        self.exact = xxh3_128(seen.packet.bytes);
        (self.wire, self.link_type) = (seen.packet.original_length, u32::from(seen.packet.interface.link_type.0));
        self.from_low = seen.is_from_low();
        let Some((ip, payload)) = seen.inside() else {
            (self.masked, self.payload) = (0, 0);
            return;
        };
        self.copy.clear();
        self.copy.extend_from_slice(ip.header);
        self.copy.extend_from_slice(ip.payload);
        feature::blank(&mut self.copy, ip, MASKED);
        (self.masked, self.payload) = (xxh3_128(&self.copy), payload);
    }

    /// Adds the packet to a sample, and to the flow there that stands at a place.
    pub(super) fn add_to(&self, sample: &mut Digests, flow: Option<(usize, &mut FlowDigest)>) {
        sample.exact.add(self.exact, self.wire, self.link_type);
        // Of a packet without IP only the length on the wire counts; of others their own says it.
        sample.masked.add(self.masked, if self.masked == 0 { self.wire } else { 0 }, 0);
        let mut along = true;
        let mut place = 0;
        if let Some((at, flow)) = flow {
            flow.packets = flow.packets.saturating_add(1);
            flow.exact.add(self.exact, self.wire, self.link_type);
            place = at as u32 + 1;
            if self.payload > 0 {
                along = *flow.first_from_low.get_or_insert(self.from_low) == self.from_low;
            }
        }
        if self.payload > 0 {
            sample.loaded = sample.loaded.saturating_add(1);
            sample.shape.add(u128::from(place), self.payload, u32::from(along));
        }
    }
}
