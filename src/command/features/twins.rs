//! Packets that were captured twice, and what the input is as a whole.

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::packet::{Packet, Sample};

/// A packet is compared with so many before it, as `editcap -d` does.
const COMPARED: usize = 4;

/// A packet as far as twins are alike: its sample, lengths and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Look {
    sample: u32,
    captured: u32,
    original: u32,
    bytes: u64,
}

/// The packets just before, and a digest of all.
#[derive(Default)]
pub(super) struct Twins {
    before: [Look; COMPARED],
    next: usize,
    digest: Xxh3,
}

impl Twins {
    /// Takes a packet of this (first) sample; true if it has the bytes of one of the four packets before.
    #[inline]
    pub(super) fn take(&mut self, packet: &Packet, sample: u32) -> bool {
        let bytes = xxh3_64(packet.bytes);
        let (captured, original) = (packet.bytes.len() as u32, packet.original_length);
        let time = packet.time().map_or(i128::MIN, |time| time.0);
        let mut said = [0; 32];
        said[..16].copy_from_slice(&time.to_le_bytes());
        said[16..24].copy_from_slice(&bytes.to_le_bytes());
        said[24..28].copy_from_slice(&original.to_le_bytes());
        said[28..].copy_from_slice(&sample.to_le_bytes());
        self.digest.update(&said);
        let look = Look { sample, captured, original, bytes };
        let twin = self.before.contains(&look);
        self.before[self.next % COMPARED] = look;
        self.next += 1;
        twin
    }

    /// What follows is of another capture.
    pub(super) fn next_file(&mut self) {
        self.before = Default::default();
    }

    /// A sample that its packets are told by.
    pub(super) fn learn(&mut self, sample: &Sample) {
        self.digest.update(&sample.id.0.to_le_bytes());
        self.digest.update(sample.label.as_bytes());
        for (key, value) in &sample.fields {
            [",", key, "=", value].iter().for_each(|text| self.digest.update(text.as_bytes()));
        }
    }

    /// XXH3 (64 bits) of the times, lengths, bytes and samples of all packets, in hexadecimal digits.
    pub(super) fn digest(&self) -> String {
        format!("{:016x}", self.digest.digest())
    }
}
