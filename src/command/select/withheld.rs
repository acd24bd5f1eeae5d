//! What a challenge must not tell: labels, and whatever else in a capture may say what a sample is of.
//!
//! Of the challenge itself ([`Withhold::Labels`]) packets stay, with their times and the ids of their samples, and of their
//! interfaces what is needed to read them. All else goes: fields (a source `web.pcap` tells as much as a label), comments and
//! other options, names of interfaces, of hosts and of programs, secrets, statistics, blocks that nobody knows. Of the other
//! samples ([`Withhold::Surroundings`]) all that is their own stays; what may be of the challenge goes: blocks besides packets,
//! comments of sections, interfaces without a packet that is written, and of packets what is neither the comment of a sample
//! nor told of the packet by who captured it: a person's note may be about any sample.
//!
//! Interfaces are numbered anew as packets need them, and in a challenge equal ones are one: the number of an interface
//! tells its name to who has a capture in which it has one. What is written depends on nothing that is not written: read and
//! written once more it is the same, which is how `pcapml verify` sees that it tells nothing else.

use serde_json::{Map, Value};

use super::super::{Context, count};
use crate::capture::{Block, Dialect, Item, PcapngWriter, Sink, SnapLen};
use crate::error::Result;
use crate::packet::{Interface, Opt, Options, Packet, SampleId, code, push_option};
use crate::publish::lists::WITHHELD;
use crate::sample::header::Header;

/// What is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withhold {
    /// All is.
    Nothing,
    /// What is not of the selected samples: of another part the labels are kept back.
    Surroundings,
    /// What tells labels.
    Labels,
}

/// What else a section's own line may say; order and dataset always stay.
const OF_HEADERS: [&str; 4] = ["format", "version", "manifest_sha256", "anonymized"];

/// Options that a packet outside a challenge keeps: how it was received, its hash, and how many were lost before it.
const OF_PACKETS: [u16; 3] = [code::EPB_FLAGS, 3, code::EPB_DROPCOUNT];

/// Options of interfaces without which packets cannot be read.
const OF_INTERFACES: [u16; 3] = [code::IF_TSRESOL, code::IF_TSOFFSET, code::IF_FCSLEN];

/// A capture that is written without what may tell labels.
pub(in crate::command) struct Withheld<W: Sink> {
    out: PcapngWriter<W>,
    /// Labels too are left out.
    labels: bool,
    /// The samples of the packet at hand.
    ids: Vec<SampleId>,
    /// The comments of the packet at hand.
    comments: Vec<u8>,
    /// For each interface, whether it was written.
    used: Vec<bool>,
    counts: Counts,
}

/// What was left out.
#[derive(Debug, Default)]
struct Counts {
    /// Options of packets that are no labels.
    packets: u64,
    /// Options of sections and interfaces, and what our own line says besides.
    others: u64,
    /// Blocks.
    blocks: u64,
}

/// What the line of a section still says if it was this; `facts` are what it is to say besides.
pub(in crate::command) fn plain(header: Option<Header>, facts: &Map<String, Value>) -> Header {
    let mut header = header.unwrap_or_default();
    header.others.retain(|key, _| OF_HEADERS.contains(&key.as_str()));
    header.with(facts)
}

impl<W: Sink> Withheld<W> {
    /// Begins a capture of samples, without their labels or without what is not theirs; `section` is a little-endian option
    /// list without its end.
    pub(in crate::command) fn new(output: W, labels: bool, section: &[u8]) -> Self {
        let snap_len = if labels { SnapLen::Unlimited } else { SnapLen::Keep };
        let out = PcapngWriter::new(output, section, snap_len, Dialect::Pcapng);
        let (ids, comments, used) = (Vec::new(), Vec::new(), Vec::new());
        Self { out, labels, ids, comments, used, counts: Counts::default() }
    }

    /// Takes what is no packet: of it, interfaces are written when a packet needs them.
    pub(in crate::command) fn item(&mut self, item: &Item) {
        match item {
            Item::Section(block) => self.section(block),
            Item::Interface(interface, _) => self.interface(interface),
            Item::Other(_) => self.counts.blocks += 1,
            Item::Packet(_) => {}
        }
    }

    /// Counts what a section says that is not written.
    fn section(&mut self, block: &Block) {
        let end = block.bytes.len().saturating_sub(4);
        let options = Options::checked(block.bytes.get(24..end).unwrap_or_default(), block.order);
        for option in options.into_iter().flatten() {
            self.counts.others += match Header::of_option(option.code, option.text()) {
                Some(header) => {
                    let facts = header.others.keys().filter(|key| !OF_HEADERS.contains(&key.as_str())).count();
                    // mergecap appends text of its own to our line.
                    facts as u64 + u64::from(option.text().contains(&b'\n'))
                }
                None => u64::from(option.code != code::SHB_USERAPPL || !option.text().starts_with(b"pcapml ")),
            };
        }
    }

    fn interface(&mut self, interface: &Interface) {
        let at = interface.number as usize;
        self.used.resize(self.used.len().max(at + 1), false);
        if self.labels {
            let others = interface.options().filter(|option| !OF_INTERFACES.contains(&option.code));
            self.counts.others += others.count() as u64;
        }
    }

    /// Writes a packet of the challenge; `chosen` says of a comment which chosen sample it names. Their order would be that
    /// of rules.
    pub(in crate::command) fn hidden(
        &mut self,
        packet: &Packet,
        mut chosen: impl FnMut(&[u8]) -> Option<SampleId>,
    ) -> Result<()> {
        self.need(packet.interface)?;
        self.ids.clear();
        for option in packet.options {
            match (option.code == code::OPT_COMMENT).then(|| chosen(option.text())).flatten() {
                Some(id) => self.ids.push(id),
                None => self.counts.packets += 1,
            }
        }
        self.ids.sort_unstable();
        self.ids.dedup();
        self.comments.clear();
        for id in &self.ids {
            push_option(&mut self.comments, code::OPT_COMMENT, format!("{id},{WITHHELD}").as_bytes());
        }
        self.out.packet(&Packet { drops: None, ..*packet }, &self.comments, |_| false)
    }

    /// Writes a packet of others; `is_chosen` says of a comment whether it names a sample that is written, and nothing if it
    /// names none.
    pub(in crate::command) fn shown(
        &mut self,
        packet: &Packet,
        mut is_chosen: impl FnMut(&Opt) -> Option<bool>,
    ) -> Result<()> {
        self.need(packet.interface)?;
        self.comments.clear();
        for option in packet.options {
            match is_chosen(&option) {
                // As far as it is shown: behind a NUL anything may stand.
                Some(true) => push_option(&mut self.comments, code::OPT_COMMENT, option.text()),
                Some(false) => {}
                None => self.counts.packets += u64::from(!OF_PACKETS.contains(&option.code)),
            }
        }
        self.out.packet(packet, &self.comments, |option| OF_PACKETS.contains(&option.code))
    }

    /// Sees that a packet's interface is written.
    fn need(&mut self, interface: &Interface) -> Result<()> {
        let Some(used) = self.used.get_mut(interface.number as usize).filter(|used| !**used) else { return Ok(()) };
        *used = true;
        let mut written = interface.clone();
        if self.labels {
            written.options = needed(interface);
            written.states_resolution = true;
        }
        self.out.interface(&written).map(drop)
    }

    /// Says what was left out.
    pub(super) fn tell(&self, context: &Context) {
        context.note_losses(self.out.losses());
        let Counts { packets, others, blocks } = self.counts;
        let (packets, others, blocks) =
            (count(packets, "other option"), count(others, "option"), count(blocks, "block"));
        let unused = count(self.used.iter().filter(|used| !**used).count() as u64, "interface");
        context.note(match self.labels {
            true => format!(
                "left out, because it may tell labels: all fields, {packets} of packets, {others} of sections and \
                 interfaces, {blocks}, {unused} without packets; times and order stay, and may tell as well"
            ),
            false => format!(
                "left out, because it may be of samples whose labels are kept back: {packets} of packets, {others} of \
                 sections, {blocks}, {unused} without packets"
            ),
        });
    }

    /// Writes what is left, and gives the output back.
    pub(in crate::command) fn finish(self) -> Result<W> {
        self.out.finish()
    }
}

/// What readers need to know of an interface, each once: an option that stands there twice, or is longer than it need be,
/// says something else.
fn needed(interface: &Interface) -> Vec<u8> {
    let mut options = Vec::new();
    push_option(&mut options, code::IF_TSRESOL, &[interface.resolution.octet()]);
    if interface.offset != 0 {
        push_option(&mut options, code::IF_TSOFFSET, &interface.offset.to_le_bytes());
    }
    if let Some(&[length]) =
        interface.options().find(|option| option.code == code::IF_FCSLEN).map(|option| option.value)
    {
        push_option(&mut options, code::IF_FCSLEN, &[length]);
    }
    options
}
