//! Packets masked on their way from one capture to another.
//!
//! What the packets lose, their surroundings must not tell: hashes and ids of packets go, filters of interfaces, and what nobody
//! knows, custom options and blocks. Addresses of interfaces and tables of names go with the addresses, and so do names and
//! comments of sections and interfaces that look like one; statistics go with the times. Labels, fields and comments of
//! packets stay, and it is told which of them name addresses of their packets. The header of each section says what is
//! masked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::named::Named;
use super::{Context, count, list};
use crate::capture::{Block, Item, Reader, kind};
use crate::dataset::disallowed;
use crate::error::{Error, Result};
use crate::packet::{Interface, Opt, Packet, code};
use crate::publish::manifest::Manifest;
use crate::redact::{Field, Mask, Masker, Original, Present, Spelled, written};
use crate::sample::header::{Header, Order};
use crate::sample::membership::Samples;

/// Where the bytes of a packet begin in its block.
const PACKET_DATA: usize = 28;

/// Reasons that are named, at most.
const NAMED: usize = 5;

/// What shall be masked, as it was asked for.
#[derive(Debug, Clone, Default)]
pub struct Masks {
    /// These fields.
    pub fields: Mask,
    /// Those that the capture's own header disallows.
    pub disallowed: bool,
    /// Those that a manifest disallows.
    pub manifest: Option<PathBuf>,
}

impl Masks {
    /// True if nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && !self.disallowed && self.manifest.is_none()
    }
}

/// Packets of a labelled capture, being masked.
pub(super) struct Masking {
    /// What the capture disallows was asked for.
    disallowed: bool,
    masker: Masker,
    /// When each sample begins, by number, in nanoseconds; only if times are masked.
    begins: Vec<Option<i128>>,
    /// A section does not say that its samples stand by id.
    unordered: bool,
    /// The block of the packet at hand.
    block: Vec<u8>,
    packets: u64,
    /// Blocks and options left out, because they would tell.
    left_out: u64,
    /// The comments of the packet before: neighbours mostly have the same.
    comments: Vec<Vec<u8>>,
    /// The addresses that they name.
    named: Named,
    present: Present,
    /// What the sections' own lines say that looks like an address.
    lines: BTreeSet<String>,
}

impl Masking {
    /// What a request comes to for a capture whose first section says this.
    ///
    /// # Errors
    /// A manifest that cannot be read, or disallows nothing; a capture that disallows nothing, if that was asked for; a
    /// capture that cannot be read twice, if times are to be masked.
    pub(super) fn of(masks: &Masks, input: &Path, header: Option<&Header>) -> Result<Self> {
        let manifest = masks.manifest.as_deref().map_or_else(|| Ok(Mask::default()), of_manifest)?;
        let asked = masks.fields.with(manifest);
        let own = if masks.disallowed { disallowed(header)? } else { Mask::default() };
        if masks.disallowed && header.is_none_or(|header| header.disallow.is_empty()) {
            return Err(Error::request("the capture's header disallows nothing")
                .in_file(input)
                .advise("name the fields: --mask ip.addr,port, or --mask-from dataset.toml"));
        }
        let begins = match asked.with(own).has(Field::Time) {
            true => begins(input)?,
            false => Vec::new(),
        };
        Ok(Self {
            disallowed: masks.disallowed,
            masker: Masker::new(asked.with(own)),
            begins,
            unordered: false,
            block: Vec::new(),
            packets: 0,
            left_out: 0,
            comments: Vec::new(),
            named: Named::default(),
            present: Present::default(),
            lines: BTreeSet::new(),
        })
    }

    fn has(&self, field: Field) -> bool {
        self.masker.mask().has(field)
    }

    /// What a section's header is to say, which begins here.
    ///
    /// # Errors
    /// If it disallows what the first one did not: the packets before would not be masked so.
    pub(super) fn section(&mut self, block: &Block) -> Result<Header> {
        let mask = self.masker.mask();
        let before = Header::read(block.section_options());
        if self.disallowed && !disallowed(before.as_ref())?.without(mask).is_empty() {
            return Err(Error::request("a later section disallows other fields than the first one")
                .at(block.position)
                .advise("name them all with --mask"));
        }
        let mut header = before.unwrap_or_default();
        self.unordered |= header.order != Some(Order::Id);
        let facts = header.others.iter().filter(|(_, value)| self.is_named_by(&value.to_string()));
        let facts: Vec<String> = facts.map(|(key, _)| key.clone()).collect();
        self.lines.extend(facts);
        let unknown = header.masked.iter().filter(|name| name.parse::<Field>().is_err()).cloned().collect::<Vec<_>>();
        let known = Mask::of_names(header.masked.iter().filter(|name| !unknown.contains(name)))?;
        header.masked = known.with(mask).names();
        header.masked.extend(unknown);
        if mask.has(Field::Time) && header.order == Some(Order::Time) {
            header.order = None;
        }
        Ok(header)
    }

    /// True if a text holds what looks like an address that is masked.
    fn is_named_by(&self, text: &str) -> bool {
        let mut named = false;
        written(text, |spelled| {
            named |= self.has(match spelled {
                Spelled::Address(Original::Hardware(_)) => Field::Hardware,
                _ => Field::Address,
            });
        });
        named
    }

    /// True if an option of a section may stay.
    pub(super) fn keeps_of_section(&mut self, option: &Opt) -> bool {
        let tells = code::CUSTOM.contains(&option.code) || self.is_named_by(&String::from_utf8_lossy(option.text()));
        self.left_out += u64::from(tells);
        !tells
    }

    /// True if an option of an interface may stay.
    pub(super) fn keeps_of_interface(&mut self, option: &Opt) -> bool {
        let tells = match option.code {
            code::IF_IPV4ADDR | code::IF_IPV6ADDR => self.has(Field::Address),
            code::IF_MACADDR | code::IF_EUIADDR => self.has(Field::Hardware),
            // Times that begin at 0 have none.
            code::IF_TSOFFSET => self.has(Field::Time),
            // It may name any field.
            code::IF_FILTER => true,
            code::OPT_COMMENT | code::IF_NAME | code::IF_DESCRIPTION => {
                self.is_named_by(&String::from_utf8_lossy(option.text()))
            }
            other => code::CUSTOM.contains(&other),
        };
        self.left_out += u64::from(tells && option.code != code::IF_TSOFFSET);
        !tells
    }

    /// True if a block that is no packet may stay.
    pub(super) fn keeps_block(&mut self, block: &Block) -> bool {
        let tells = match block.kind {
            kind::NAME_RESOLUTION => self.has(Field::Address),
            kind::INTERFACE_STATISTICS => self.has(Field::Time),
            kind::DECRYPTION_SECRETS => false,
            // Journals, which hold whatever programs write, custom blocks, and those that nobody knows.
            _ => true,
        };
        self.left_out += u64::from(tells);
        !tells
    }

    /// True if an option of a packet may stay: a hash of its bytes may not, nor what nobody knows; nor the number that joins it
    /// to the packet as it was captured.
    pub(super) fn keeps_of_packet(option: &Opt) -> bool {
        !matches!(option.code, code::EPB_HASH | code::EPB_PACKETID) && !code::CUSTOM.contains(&option.code)
    }

    /// Looks for the packet's addresses in those of its comments that are kept.
    pub(super) fn comments(&mut self, packet: &Packet, mut kept: impl FnMut(&[u8]) -> bool) {
        if !self.has(Field::Address) && !self.has(Field::Hardware) {
            return;
        }
        if !packet.comments().eq(self.comments.iter().map(Vec::as_slice)) {
            self.comments = packet.comments().map(<[u8]>::to_vec).collect();
            self.named.read(self.comments.iter().map(Vec::as_slice).filter(|text| kept(text)));
        }
        if self.named.looks_so() {
            let (address, hardware) = (self.has(Field::Address), self.has(Field::Hardware));
            let all = self.present.of(packet.interface.link_type, packet.bytes).iter();
            let is_lost = |original: &&Original| match original {
                Original::Ip(_) => address,
                Original::Hardware(_) => hardware,
            };
            self.named.compare(&all.filter(is_lost).copied().collect::<Vec<_>>());
        }
    }

    /// The packet, masked, of these samples.
    ///
    /// # Errors
    /// A packet of several samples, if times are masked.
    pub(super) fn packet<'a>(&'a mut self, packet: &Packet<'a>, samples: &[usize]) -> Result<Packet<'a>> {
        let raw_time = match self.has(Field::Time) {
            true => self.time(packet, samples)?,
            false => packet.raw_time,
        };
        self.packets += 1;
        self.block.clear();
        self.block.extend_from_slice(packet.block);
        let end = PACKET_DATA + packet.bytes.len();
        let bytes = self.block.get_mut(PACKET_DATA..end).unwrap_or_default();
        self.masker.apply(packet.interface.link_type, bytes);
        let bytes = self.block.get(PACKET_DATA..end).unwrap_or_default();
        Ok(Packet { raw_time, bytes, block: &self.block, ..*packet })
    }

    /// The packet's time since its sample began.
    fn time(&self, packet: &Packet, samples: &[usize]) -> Result<Option<u64>> {
        let Some(raw) = packet.raw_time else { return Ok(None) };
        let &[sample] = samples else {
            return Err(Error::request("a packet of several samples can have a time since one of them began only")
                .at(packet.position())
                .advise("select these samples one by one"));
        };
        let begin = self.begins.get(sample).copied().flatten().unwrap_or_default();
        Ok(Some(raw.saturating_sub(units(packet.interface, begin))))
    }

    /// Tells what was done.
    pub(super) fn tell(&self, context: &Context) {
        context.note(format!("masked {} in {}", self.masker.mask(), count(self.packets, "packet")));
        let unread = self.masker.unread();
        let packets = unread.iter().map(|(_, count)| count).sum();
        if packets > 0 {
            let mut reasons: Vec<String> =
                unread.iter().take(NAMED).map(|(reason, count)| format!("{reason} {count}")).collect();
            if unread.len() > NAMED {
                reasons.push(format!("{} more", count((unread.len() - NAMED) as u64, "reason")));
            }
            context.note(format!(
                "{} zeroed behind what is understood of them: {}",
                count(packets, "packet"),
                reasons.join(", ")
            ));
        }
        if self.left_out > 0 {
            let what = count(self.left_out, "item");
            context.note(format!(
                "{what} left out: addresses, filters and names of interfaces, statistics, what is custom or not known"
            ));
        }
        if self.has(Field::Time) && self.unordered && self.begins.len() > 1 {
            context.note(
                "the order of packets still tells which sample came first, and where samples alternate nearly by how much: \
                 sort by id before (pcapml sort)",
            );
        }
        let lines = self.lines.iter().cloned();
        list("WARNING: the section's own line stays, and looks as if it held addresses", lines, context);
        self.named.tell(context);
    }
}

/// The fields that a manifest disallows.
pub(super) fn of_manifest(path: &Path) -> Result<Mask> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::from(error).in_file(path))?;
    let manifest = Manifest::parse(&text).map_err(|error| error.in_file(path))?;
    match Mask::of_names(&manifest.disallow).map_err(|error| error.in_file(path))? {
        mask if mask.is_empty() => Err(Error::request("the manifest disallows nothing").in_file(path)),
        mask => Ok(mask),
    }
}

/// An instant, in units of an interface since its own zero.
fn units(interface: &Interface, nanoseconds: i128) -> u64 {
    interface.resolution.units(nanoseconds - i128::from(interface.offset) * 1_000_000_000)
}

/// When each sample of a capture begins, by their numbers. What is wrong with the capture is told when it is read again.
fn begins(path: &Path) -> Result<Vec<Option<i128>>> {
    if !path.is_file() {
        return Err(Error::request("to mask times the capture is read twice, which a pipe cannot be").in_file(path));
    }
    let mut reader = Reader::open(path, 1)?;
    let mut samples = Samples::default();
    let mut begins: Vec<Option<i128>> = Vec::new();
    while let Ok(Some(item)) = reader.next_item() {
        let Item::Packet(packet) = item else { continue };
        let time = packet.time().map(|time| time.0);
        samples.of_packet(&packet, |number| {
            if number >= begins.len() {
                begins.resize(number + 1, None);
            }
            begins[number] = [begins[number], time].into_iter().flatten().min();
        });
    }
    Ok(begins)
}
