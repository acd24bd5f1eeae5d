//! Which captures a sample's packets are of: its field `source`, and `p.source` of packets that are of another one.

use std::collections::{BTreeSet, HashMap};

use crate::packet::{Packet, Sample, SampleId};
use crate::sample::comment;

/// The field that says which capture a sample, or a packet of it, is of.
const SOURCE: &str = "source";

/// How a packet's own field stands in its comment.
const OWN: &[u8] = b",p.source=";

/// The captures of packets that are not of their sample's.
#[derive(Debug, Default)]
pub(super) struct Sources {
    others: HashMap<SampleId, BTreeSet<String>>,
    /// The comment before: neighbours mostly say the same.
    last: Vec<u8>,
}

impl Sources {
    pub(super) fn packet(&mut self, packet: &Packet) {
        for text in packet.comments() {
            if text != self.last && text.windows(OWN.len()).any(|part| part == OWN) {
                self.last.clear();
                self.last.extend_from_slice(text);
                self.comment(text);
            }
        }
    }

    fn comment(&mut self, text: &[u8]) {
        let Some(label) = comment::parse(text) else { return };
        let sources = label.packet_fields.into_iter().filter(|(name, _)| name == SOURCE);
        self.others.entry(label.sample.id).or_default().extend(sources.map(|(_, source)| source));
    }

    /// All captures of a sample; none if nothing says which.
    pub(super) fn of(&self, sample: &Sample) -> BTreeSet<String> {
        let others = self.others.get(&sample.id).into_iter().flatten().cloned();
        others.chain(sample.field(SOURCE).map(str::to_owned)).collect()
    }
}
