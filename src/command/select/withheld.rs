//! What a challenge must not tell: labels, and whatever else in a capture may say what a sample is of.
//!
//! Of the challenge itself ([`Withhold::Labels`]) packets stay, with their times and the ids of their samples, and of their
//! interfaces what is needed to read them. Times are written in one unit, and without the offsets of interfaces: captures of
//! one class, begun at one time by one program, would be known by these. All else goes: fields (a source `web.pcap` tells as much as a label), comments and
//! other options, names of interfaces, of hosts and of programs, secrets, statistics, blocks that nobody knows. Of the other
//! samples ([`Withhold::Surroundings`]) all that is their own stays; what may be of the challenge goes: blocks besides packets,
//! comments of sections, interfaces without a packet that is written, of others all but their names, and of packets what is
//! neither the comment of a sample nor told of the packet by who captured it: a person's note may be about any sample.
//!
//! Interfaces are numbered anew as packets need them, and in a challenge equal ones are one: the number of an interface
//! tells its name to who has a capture in which it has one. What is written depends on nothing that is not written: read and
//! written once more it is the same, which is how `pcapml verify` sees that it tells nothing else.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::super::{Context, count};
use super::anonymized;
use crate::capture::{Block, Dialect, Item, PcapngWriter, Sink, SnapLen};
use crate::error::Result;
use crate::packet::{Interface, Opt, Options, Packet, SampleId, code, push_option};
use crate::publish::lists::WITHHELD;
use crate::redact::Field;
use crate::sample::header::Header;
use crate::time::{RawTime, Resolution};

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

/// What else a section's own line may say, besides how it was anonymised; order and dataset always stay.
const OF_HEADERS: [&str; 3] = ["format", "version", "manifest_sha256"];

/// Options that a packet outside a challenge keeps, and their lengths: how it was received, and how many were lost before it.
const OF_PACKETS: [(u16, usize); 2] = [(code::EPB_FLAGS, 4), (code::EPB_DROPCOUNT, 8)];

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
    /// The interfaces of a challenge.
    plain: PlainInterfaces,
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
    header.others = header.others.into_iter().filter_map(plain_fact).collect();
    header.masked.retain(|name| name.parse::<Field>().is_ok());
    header.with(facts)
}

/// What stays of a fact of a section's own line.
fn plain_fact((key, value): (String, Value)) -> Option<(String, Value)> {
    match key.as_str() {
        "anonymized" => anonymized::plain(&value).map(|value| (key, value)),
        other => OF_HEADERS.contains(&other).then_some((key, value)),
    }
}

impl<W: Sink> Withheld<W> {
    /// Begins a capture of samples, without their labels or without what is not theirs; `section` is a little-endian option
    /// list without its end.
    pub(in crate::command) fn new(output: W, labels: bool, section: &[u8]) -> Self {
        let snap_len = if labels { SnapLen::Unlimited } else { SnapLen::Keep };
        let out = PcapngWriter::new(output, section, snap_len, Dialect::Pcapng);
        let (ids, comments, used) = (Vec::new(), Vec::new(), Vec::new());
        Self { out, labels, ids, comments, used, plain: PlainInterfaces::default(), counts: Counts::default() }
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
                    let is_lost = |key: &String, value: &Value| {
                        plain_fact((key.clone(), value.clone())).is_none_or(|kept| kept.1 != *value)
                    };
                    let facts = header.others.iter().filter(|(key, value)| is_lost(key, value)).count();
                    let masked = header.masked.iter().filter(|name| name.parse::<Field>().is_err()).count();
                    // mergecap appends text of its own to our line.
                    (facts + masked) as u64 + u64::from(option.text().contains(&b'\n'))
                }
                None => u64::from(option.code != code::SHB_USERAPPL || !option.text().starts_with(b"pcapml ")),
            };
        }
    }

    fn interface(&mut self, interface: &Interface) {
        let at = interface.number as usize;
        self.used.resize(self.used.len().max(at + 1), false);
        let mut kept = OF_INTERFACES.to_vec();
        kept.extend((!self.labels).then_some(code::IF_NAME));
        for option in interface.options() {
            match kept.iter().position(|&code| code == option.code) {
                Some(at) => _ = kept.swap_remove(at),
                None => self.counts.others += 1,
            }
        }
    }

    /// Writes a packet of the challenge; `chosen` says of a comment which chosen sample it names. Their order would be that
    /// of rules.
    pub(in crate::command) fn hidden(
        &mut self,
        packet: &Packet,
        mut chosen: impl FnMut(&[u8]) -> Option<SampleId>,
    ) -> Result<()> {
        if let Some(used) = self.used.get_mut(packet.interface.number as usize) {
            *used = true;
        }
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
        let (interface, raw) = self.plain.of(packet);
        let raw_time = packet.raw_time.map(|_| raw);
        self.out.packet(&Packet { interface, raw_time, drops: None, ..*packet }, &self.comments, |_| false)
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
        let mut keep = told_by_captors(packet);
        for option in packet.options {
            match is_chosen(&option) {
                // As far as it is shown: behind a NUL anything may stand.
                Some(true) => push_option(&mut self.comments, code::OPT_COMMENT, option.text()),
                Some(false) => {}
                None => self.counts.packets += u64::from(!keep(&option)),
            }
        }
        let mut keep = told_by_captors(packet);
        self.out.packet(packet, &self.comments, |option| keep(option))
    }

    /// Sees that a packet's interface is written.
    fn need(&mut self, interface: &Interface) -> Result<()> {
        let Some(used) = self.used.get_mut(interface.number as usize).filter(|used| !**used) else { return Ok(()) };
        *used = true;
        let mut options = Vec::new();
        if let Some(name) = interface.options().find(|option| option.code == code::IF_NAME) {
            push_option(&mut options, code::IF_NAME, name.text());
        }
        let options = needed(interface, options);
        self.out.interface(&Interface { options, states_resolution: true, ..interface.clone() }).map(drop)
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
                 sections and interfaces, {blocks}, {unused} without packets"
            ),
        });
    }

    /// Writes what is left, and gives the output back.
    pub(in crate::command) fn finish(self) -> Result<W> {
        self.out.finish()
    }
}

/// True of an option of a packet that is to stay, each once: one that stands there twice, or is longer than it is, says
/// something else.
fn told_by_captors(packet: &Packet) -> impl FnMut(&Opt) -> bool + use<> {
    // What an obsolete block says of losses is written as an option already.
    let is_open = |code: u16| code != code::EPB_DROPCOUNT || packet.drops.is_none();
    let mut left = OF_PACKETS.map(|kind| is_open(kind.0).then_some(kind));
    move |option| {
        let found = left.iter_mut().find(|kind| **kind == Some((option.code, option.value.len())));
        found.and_then(Option::take).is_some()
    }
}

/// The interfaces of a challenge, which differ in what readers must know alone.
#[derive(Default)]
struct PlainInterfaces {
    all: Vec<Interface>,
    /// By the number of the interface that a packet was seen on, and how its time is written.
    of: HashMap<(u32, Resolution, i64), usize>,
}

impl PlainInterfaces {
    /// The interface that stands for a packet's, and its time there.
    fn of(&mut self, packet: &Packet) -> (&Interface, u64) {
        let &Interface { number, resolution, offset, .. } = packet.interface;
        let time = match packet.raw_time {
            Some(raw) => RawTime { raw, resolution, offset }.plain(),
            None => RawTime { raw: 0, resolution: Resolution::NANOSECONDS, offset: 0 },
        };
        let Self { all, of } = self;
        let at = *of.entry((number, time.resolution, time.offset)).or_insert_with(|| {
            let (resolution, offset) = (time.resolution, time.offset);
            let mut plain = Interface { number: all.len() as u32, resolution, offset, ..packet.interface.clone() };
            plain.options = needed(&plain, Vec::new());
            plain.states_resolution = true;
            all.push(plain);
            all.len() - 1
        });
        (&all[at], time.raw)
    }
}

/// What readers need to know of an interface, each once: an option that stands there twice, or is longer than it need be,
/// says something else. They stand behind the `options` given.
fn needed(interface: &Interface, mut options: Vec<u8>) -> Vec<u8> {
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
