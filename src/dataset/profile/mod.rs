//! What lint asks of samples beyond [`Facts`](super::Facts): made in the same reading, of each packet and each sample.
//!
//! Memory grows with samples (some 900 bytes each, and the names that are said in them) and with their flows (some 250 bytes each, [`FlowProfile`]), never with
//! packets. Limits: 256 files that packets of a sample name, and 2^18 pairs of samples that have packets in common.

mod admission;
mod background;
mod checksum;
mod counters;
mod digests;
mod exposed;
mod fields;
mod flow;
mod hosts;
mod personal;
mod said;
mod seen;
mod shared;
mod steps;

use std::collections::BTreeSet;

use crate::packet::Packet;
use crate::sample::comment;
use digests::PacketDigest;
use seen::Seen;

pub use background::{BACKGROUNDS, Background};
pub use checksum::Checksum;
pub use counters::{Counters, Sequence, Span};
pub use digests::{Digest, Digests, FLOW_LEAST, FlowDigest, SHAPE_LEAST};
pub use exposed::{Distinct, Exposed};
pub use fields::{EndFields, FirstFields, FrameFields, LOOKED, Layout};
pub use flow::FlowProfile;
pub use personal::personal;
pub use said::{NameKind, Said};
pub use shared::SharedPackets;
pub use steps::Steps;

/// Files that packets of a sample name besides the sample's own (`p.source`), at most.
const MAX_FILES: usize = 256;

/// What is known of a sample.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// In how many pieces its packets stand in the capture.
    pub runs: u64,
    /// What makes it the same as others.
    pub digests: Digests,
    /// How time goes on in it.
    pub steps: Steps,
    /// The files that its packets name (`p.source`); its own is a field of the sample.
    pub files: BTreeSet<String>,
    /// Its flows, as they stand in its facts.
    pub flows: Vec<FlowProfile>,
    /// What single fields say in its first packets.
    pub fields: FirstFields,
    /// Packets of each kind of background traffic, by its number.
    pub background: [u32; BACKGROUNDS],
    /// What was said in it, if somebody listened.
    pub said: Said,
}

/// What is known of the capture as a whole.
#[derive(Debug, Clone, Default)]
pub struct CaptureProfile {
    /// Packets.
    pub packets: u64,
    /// Comments that begin like labels and are none.
    pub unparsed: Unparsed,
    /// Packets of several samples.
    pub shared: SharedPackets,
    /// What it tells of machines and people.
    pub exposed: Exposed,
}

/// Comments that begin like labels and are none.
#[derive(Debug, Clone, Default)]
pub struct Unparsed {
    /// How many.
    pub count: u64,
    /// The number of the first one's packet, and its text.
    pub first: Option<(u64, String)>,
}

/// Profiles under construction.
#[derive(Debug, Default)]
pub struct Profiles {
    /// Of each sample, by number.
    pub each: Vec<Profile>,
    /// Of the capture.
    pub capture: CaptureProfile,
    /// The samples of the packet before.
    last: Vec<usize>,
    /// Of the packet at hand.
    digest: PacketDigest,
}

impl Profiles {
    /// Takes a packet of the samples of these numbers, and of the flow that stands at this place in each.
    pub fn packet(&mut self, packet: &Packet, samples: &[usize], flows: &[Option<usize>]) {
        self.capture.packet(packet);
        self.capture.shared.add(samples);
        let seen = Seen::of(packet);
        self.capture.exposed.packet(packet, &seen.layers);
        if let Some(largest) = samples.iter().max().filter(|&&largest| largest >= self.each.len()) {
            self.each.resize_with(largest + 1, Profile::default);
        }
        if !samples.is_empty() {
            self.digest.set(&seen);
        }
        let background = Background::of(&seen.layers);
        for (&number, &place) in samples.iter().zip(flows) {
            let profile = &mut self.each[number];
            profile.runs += u64::from(!self.last.contains(&number));
            profile.add(&seen, &self.digest, place);
            if let Some(kind) = background {
                profile.background[kind as usize] += 1;
            }
        }
        self.last.clear();
        self.last.extend_from_slice(samples);
    }

    /// Takes what was said in samples, by their numbers.
    pub fn said(&mut self, said: impl IntoIterator<Item = (u32, Said)>) {
        for (number, said) in said {
            if let Some(profile) = self.each.get_mut(number as usize) {
                profile.said = said;
            }
        }
    }
}

impl Profile {
    fn add(&mut self, seen: &Seen, digest: &PacketDigest, place: Option<usize>) {
        self.steps.add(seen.time);
        self.fields.take(seen.packet, &seen.layers);
        let missing = place.map_or(0, |place| (place + 1).saturating_sub(self.flows.len()));
        if self.flows.is_empty() {
            // Most samples have one: a vector would begin with room for four.
            self.flows.reserve_exact(missing);
        }
        self.flows.extend(std::iter::repeat_n(FlowProfile::default(), missing));
        let flow = place.map(|place| (place, &mut self.flows[place]));
        digest.add_to(
            &mut self.digests,
            flow.map(|(place, flow)| {
                flow.add(seen);
                (place, &mut flow.digest)
            }),
        );
        for file in seen.packet.comments().filter(|text| names_file(text)).filter_map(own_file) {
            if self.files.len() < MAX_FILES {
                self.files.insert(file);
            }
        }
    }
}

/// True for a comment that names a file of its packet's own, almost certainly.
fn names_file(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.contains(",p.source="))
}

/// The file that a packet came from, where it is not its sample's.
fn own_file(text: &[u8]) -> Option<String> {
    let fields = comment::parse(text)?.packet_fields;
    fields.into_iter().find(|(key, _)| key == "source").map(|(_, file)| file)
}

impl CaptureProfile {
    fn packet(&mut self, packet: &Packet) {
        self.packets += 1;
        for text in packet.comments().filter(|text| comment::is_broken_label(text)) {
            self.unparsed.count += 1;
            if self.unparsed.first.is_none() {
                self.unparsed.first = Some((packet.number, String::from_utf8_lossy(text).into_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There may be millions of samples.
    #[test]
    fn a_sample_costs_little() {
        let size = size_of::<Profile>();
        assert!(size <= 1024, "{size} bytes");
    }
}
