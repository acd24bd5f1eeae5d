//! What a challenge must not tell: labels, and whatever else in a capture may say what a sample is of.
//!
//! Packets stay, with their times and the ids of their samples, and of their interfaces what is needed to read them. All else
//! goes: fields (a source `web.pcap` tells as much as a label), comments, names of interfaces, of hosts and of programs,
//! secrets, statistics, blocks that nobody knows.

use serde_json::{Map, Value};

use super::super::{Context, count};
use crate::capture::{Block, Change, Rewriter};
use crate::error::Result;
use crate::packet::{Packet, SampleId, code};
use crate::publish::lists::WITHHELD;
use crate::sample::header::{APPLICATION, Header};
use crate::sink::Output;

/// What else a section's own line may say.
const VERSION: &str = "version";

/// Options of packets that tell nothing: how a packet was received, its hash, and how many were lost before it.
const OF_PACKETS: [u16; 3] = [code::EPB_FLAGS, 3, code::EPB_DROPCOUNT];

/// Options of interfaces without which packets cannot be read.
const OF_INTERFACES: [u16; 3] = [code::IF_TSRESOL, code::IF_TSOFFSET, code::IF_FCSLEN];

/// What was left out.
#[derive(Debug, Default)]
pub(super) struct Withheld {
    /// Options of packets that are no labels.
    of_packets: u64,
    /// Options of sections and interfaces.
    of_interfaces: u64,
    /// Blocks.
    pub(super) blocks: u64,
}

impl Withheld {
    pub(super) fn section(
        &mut self,
        block: &Block,
        masked: Option<Header>,
        facts: &Map<String, Value>,
        out: &mut Rewriter<Output>,
    ) -> Result<()> {
        let masked = masked.map(|header| header.masked).unwrap_or_default();
        out.changed_section(block, |option| {
            if let Some(mut header) = Header::of_option(option.code, option.text()) {
                header.others.retain(|key, _| key == VERSION);
                header
                    .masked
                    .extend(masked.iter().filter(|name| !header.masked.contains(name)).cloned().collect::<Vec<_>>());
                return Ok(Change::To(header.with(facts).comment().into_bytes()));
            }
            if option.code == code::SHB_USERAPPL && option.text() == APPLICATION.as_bytes() {
                return Ok(Change::Keep);
            }
            self.of_interfaces += 1;
            Ok(Change::Drop)
        })
    }

    pub(super) fn interface(&mut self, block: &Block, out: &mut Rewriter<Output>) -> Result<()> {
        out.interface(block, |option| {
            let keep = OF_INTERFACES.contains(&option.code);
            self.of_interfaces += u64::from(!keep);
            keep
        })
    }

    /// Writes a packet; `chosen` says of a comment which chosen sample it names.
    pub(super) fn packet(
        &mut self,
        packet: &Packet,
        out: &mut Rewriter<Output>,
        mut chosen: impl FnMut(&[u8]) -> Option<SampleId>,
    ) -> Result<()> {
        out.changed_packet(packet, |option| {
            if OF_PACKETS.contains(&option.code) {
                return Ok(Change::Keep);
            }
            let id = (option.code == code::OPT_COMMENT).then(|| chosen(option.text())).flatten();
            self.of_packets += u64::from(id.is_none());
            Ok(id.map_or(Change::Drop, |id| Change::To(format!("{id},{WITHHELD}").into_bytes())))
        })
    }

    pub(super) fn tell(&self, withhold: bool, context: &Context) {
        if !withhold {
            return;
        }
        context.note(format!(
            "left out, because it may tell labels: all fields, {} of packets, {} of sections and interfaces, {}; \
             times, numbers of interfaces and order stay, and may tell as well",
            count(self.of_packets, "other option"),
            count(self.of_interfaces, "option"),
            count(self.blocks, "block"),
        ));
    }
}
