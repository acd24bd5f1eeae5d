//! What lint asks of samples beyond [`Facts`](super::Facts): made in the same reading, of each packet and each sample.

mod background;
mod checksum;
mod exposed;
mod fields;
mod hosts;
mod personal;
mod said;

use crate::decode;
use crate::packet::Packet;
use crate::sample::comment;

pub use background::{BACKGROUNDS, Background};
pub use checksum::Checksum;
pub use exposed::{Distinct, Exposed};
pub use fields::{EndFields, FirstFields, FrameFields, LOOKED, Layout};
pub use personal::personal;
pub use said::{NameKind, Said};

/// What is known of a sample.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// In how many pieces its packets stand in the capture.
    pub runs: u64,
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
}

impl Profiles {
    /// Takes a packet of the samples of these numbers.
    pub fn packet(&mut self, packet: &Packet, samples: &[usize]) {
        self.capture.packet(packet);
        let layers = decode::layers(packet.interface.link_type, packet.bytes, packet.original_length);
        self.capture.exposed.packet(packet, &layers);
        let background = Background::of(&layers);
        if let Some(largest) = samples.iter().max().filter(|&&largest| largest >= self.each.len()) {
            self.each.resize_with(largest + 1, Profile::default);
        }
        for &number in samples {
            let profile = &mut self.each[number];
            profile.runs += u64::from(!self.last.contains(&number));
            profile.fields.take(packet, &layers);
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

impl CaptureProfile {
    fn packet(&mut self, packet: &Packet) {
        self.packets += 1;
        for text in packet.comments().filter(|text| is_unparsed(text)) {
            self.unparsed.count += 1;
            if self.unparsed.first.is_none() {
                self.unparsed.first = Some((packet.number, String::from_utf8_lossy(text).into_owned()));
            }
        }
    }
}

/// True for what was meant to be a label, and is none: a number and a comma, or the keyed form.
fn is_unparsed(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let meant = digits > 0 && text.get(digits) == Some(&b',') || text.starts_with(b"s=");
    meant && comment::parse(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There may be millions of samples.
    #[test]
    fn a_sample_costs_little() {
        let size = size_of::<Profile>();
        println!("{size} bytes");
        assert!(size <= 640, "{size} bytes");
    }
}
