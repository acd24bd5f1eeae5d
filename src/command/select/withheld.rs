//! What a challenge must not tell: labels, and whatever else in a capture may say what a sample is of.
//!
//! Of the challenge itself ([`Withhold::Labels`]) packets stay, with their times and the ids of their samples, and of their
//! interfaces what is needed to read them. All else goes: fields (a source `web.pcap` tells as much as a label), comments,
//! names of interfaces, of hosts and of programs, secrets, statistics, blocks that nobody knows. Of the other samples
//! ([`Withhold::Surroundings`]) all that is their own stays; what may be of the challenge goes: blocks besides packets,
//! comments of sections, interfaces without a packet that is written.
//!
//! Interfaces are numbered anew as packets need them, and in a challenge equal ones are one: the number of an interface
//! tells its name to who has a capture in which it has one.

use serde_json::{Map, Value};

use super::super::{Context, count};
use crate::capture::{Block, Dialect, Item, PcapngWriter, SnapLen};
use crate::error::Result;
use crate::packet::{Interface, Opt, Options, Packet, SampleId, code, push_option};
use crate::publish::lists::WITHHELD;
use crate::sample::header::Header;
use crate::sink::Output;

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

/// Options of packets that tell nothing: how a packet was received, its hash, and how many were lost before it.
const OF_PACKETS: [u16; 3] = [code::EPB_FLAGS, 3, code::EPB_DROPCOUNT];

/// Options of interfaces without which packets cannot be read.
const OF_INTERFACES: [u16; 3] = [code::IF_TSRESOL, code::IF_TSOFFSET, code::IF_FCSLEN];

/// A capture that is written without what may tell labels.
pub(super) struct Withheld {
    out: PcapngWriter<Output>,
    /// Labels too are left out.
    labels: bool,
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

impl Withheld {
    /// Begins a capture of samples with a header like this; `facts` are what it is to say besides.
    pub(super) fn new(output: Output, labels: bool, header: Option<Header>, facts: &Map<String, Value>) -> Self {
        let mut header = header.unwrap_or_default();
        header.others.retain(|key, _| OF_HEADERS.contains(&key.as_str()));
        let section = header.with(facts).options(Options::NONE);
        let snap_len = if labels { SnapLen::Unlimited } else { SnapLen::Keep };
        let out = PcapngWriter::new(output, &section, snap_len, Dialect::Pcapng);
        Self { out, labels, comments: Vec::new(), used: Vec::new(), counts: Counts::default() }
    }

    /// Takes what is no packet: of it, interfaces are written when a packet needs them.
    pub(super) fn item(&mut self, item: &Item) {
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

    /// Writes a packet of the challenge; `chosen` says of a comment which chosen sample it names.
    pub(super) fn hidden(&mut self, packet: &Packet, mut chosen: impl FnMut(&[u8]) -> Option<SampleId>) -> Result<()> {
        self.need(packet.interface)?;
        self.comments.clear();
        for option in packet.options.filter(|option| !OF_PACKETS.contains(&option.code)) {
            match (option.code == code::OPT_COMMENT).then(|| chosen(option.text())).flatten() {
                Some(id) => push_option(&mut self.comments, code::OPT_COMMENT, format!("{id},{WITHHELD}").as_bytes()),
                None => self.counts.packets += 1,
            }
        }
        self.out.packet(packet, &self.comments, |option| OF_PACKETS.contains(&option.code))
    }

    /// Writes a packet of others, with those of its options that `keep` lets through.
    pub(super) fn shown(&mut self, packet: &Packet, keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        self.need(packet.interface)?;
        self.out.packet(packet, &[], keep)
    }

    /// Sees that a packet's interface is written.
    fn need(&mut self, interface: &Interface) -> Result<()> {
        let Some(used) = self.used.get_mut(interface.number as usize).filter(|used| !**used) else { return Ok(()) };
        *used = true;
        let mut written = interface.clone();
        if self.labels {
            written.options.clear();
            for option in interface.options().filter(|option| OF_INTERFACES.contains(&option.code)) {
                push_option(&mut written.options, option.code, option.value);
            }
        }
        self.out.interface(&written).map(drop)
    }

    /// Ends the capture, and says what was left out.
    pub(super) fn finish(self, context: &Context) -> Result<()> {
        let losses = self.out.losses();
        self.out.finish()?.commit()?;
        context.note_losses(losses);
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
                "left out, because it may be of samples whose labels are kept back: {others} of sections, {blocks}, \
                 {unused} without packets"
            ),
        });
        Ok(())
    }
}
