//! Packets that were captured twice, and what the input is as a whole.

use xxhash_rust::xxh3::xxh3_64;

use crate::packet::{Packet, Sample};

/// A packet is compared with so many before it, as `editcap -d` does.
const COMPARED: usize = 4;

/// Twins are suspected by so many first bytes: headers, and in them the checksums of what follows. To look at all bytes
/// of all packets would cost a twentieth of the time of a run.
const SUSPECTED_BY: usize = 96;

/// A packet as far as twins are alike: its lengths and bytes; and the samples that it is in.
#[derive(Debug, Clone, Default)]
struct Look {
    captured: u32,
    original: u32,
    bytes: u64,
    samples: Vec<u32>,
}

/// The packets just before, and a digest of all.
#[derive(Default)]
pub(super) struct Twins {
    before: [Look; COMPARED],
    next: usize,
    /// All bytes count.
    whole: bool,
    digest: u64,
    /// Which samples the packet at hand is in twice.
    found: Vec<u32>,
    packets: u64,
}

impl Twins {
    /// Twins by all of their bytes; or else by their first, and no digest.
    pub(super) fn new(whole: bool) -> Self {
        Self { whole, ..Self::default() }
    }

    /// Takes a packet of these samples.
    #[inline]
    pub(super) fn take(&mut self, packet: &Packet, samples: &[u32]) {
        let bytes = if self.whole { packet.bytes } else { packet.bytes.get(..SUSPECTED_BY).unwrap_or(packet.bytes) };
        let bytes = xxh3_64(bytes);
        let (captured, original) = (packet.bytes.len() as u32, packet.original_length);
        if self.whole {
            self.digest(packet, bytes, samples);
        }
        self.found.clear();
        for look in &self.before {
            if (look.bytes, look.captured, look.original) == (bytes, captured, original) {
                let both = samples.iter().filter(|sample| look.samples.contains(sample));
                self.found.extend(both);
            }
        }
        let place = &mut self.before[self.next % COMPARED];
        (place.captured, place.original, place.bytes) = (captured, original, bytes);
        place.samples.clear();
        place.samples.extend_from_slice(samples);
        self.next += 1;
        self.packets += u64::from(!self.found.is_empty());
    }

    /// Those samples of the packet at hand in which it has the bytes of one of the four packets before.
    #[inline]
    pub(super) fn found(&self) -> &[u32] {
        &self.found
    }

    /// How many packets had the bytes of such a one.
    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    fn digest(&mut self, packet: &Packet, bytes: u64, samples: &[u32]) {
        let time = packet.time().map_or(i128::MIN, |time| time.0);
        for sample in samples {
            let mut said = [0; 40];
            said[..16].copy_from_slice(&time.to_le_bytes());
            said[16..24].copy_from_slice(&bytes.to_le_bytes());
            said[24..28].copy_from_slice(&packet.original_length.to_le_bytes());
            said[28..32].copy_from_slice(&sample.to_le_bytes());
            said[32..].copy_from_slice(&self.digest.to_le_bytes());
            self.digest = xxh3_64(&said);
        }
    }

    /// What follows is of another capture.
    pub(super) fn next_file(&mut self) {
        self.before = Default::default();
    }

    /// A sample that its packets are told by.
    pub(super) fn learn(&mut self, sample: &Sample) {
        let mut said = format!("{:016x},{},{}", self.digest, sample.id, sample.label);
        for (key, value) in &sample.fields {
            [",", key, "=", value].iter().for_each(|text| said.push_str(text));
        }
        self.digest = xxh3_64(said.as_bytes());
    }

    /// XXH3 (64 bits) of the times, lengths, bytes and samples of all packets, in hexadecimal digits.
    pub(super) fn digest_text(&self) -> String {
        format!("{:016x}", self.digest)
    }
}
