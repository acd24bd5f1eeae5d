//! `pcapml anonymize`: a labelled capture that can be published.
//!
//! Packets go through [`Anonymizer`], one by one. Of everything else only what is named here stays: comments of packets,
//! link types and units of time, flags of packets, and the section's own line, which says how it was done.

mod comments;
mod ordered;
mod shift;
mod told;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Context, Target};
use crate::capture::{Block, Item, kind};
use crate::error::{Error, Result};
use crate::packet::{Interface, Opt, Options, Packet, code, push_option};
use crate::redact::{Anonymizer, HardwareRule, Ids, Key, Offsets, Payload, Ports, Rules};
use crate::sample::header::{Header, Order, is_header};
use crate::sample::membership::{Runs, Samples};
use crate::sink::Output;
use comments::Comments;
use ordered::Ordered;
use shift::Groups;
use told::Dropped;

/// Which packets' times are moved together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// Those of one sample.
    Sample,
    /// Those of all samples with one value of a field; of samples without it, those of one sample.
    Field(String),
    /// All.
    All,
}

/// What to anonymise, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// A capture, labelled or not.
    pub input: PathBuf,
    /// What can be published of it.
    pub output: Target,
    /// Where the key is.
    pub key_file: PathBuf,
    /// What becomes of packets.
    pub rules: Rules,
    /// Whether, and how, times are moved.
    pub shift: Option<Group>,
    /// Whether samples get other ids.
    pub rekey: bool,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

impl Request {
    /// True if the order of the input would tell what ids or times are to tell no longer.
    fn is_sorted(&self) -> bool {
        self.rekey || self.shift.as_ref().is_some_and(|group| *group != Group::All)
    }
}

/// The largest key file that is looked at, in bytes.
const MAX_KEY_FILE: u64 = 4096;

/// The options of interfaces that stay. Where times are moved, the offset does not: raw times that it is the base of would tell
/// by how much.
const OF_INTERFACES: [u16; 4] = [code::IF_SPEED, code::IF_TSRESOL, code::IF_FCSLEN, code::IF_TSOFFSET];

/// The options of packets that stay, besides comments.
const OF_PACKETS: [u16; 3] = [code::EPB_FLAGS, code::EPB_DROPCOUNT, code::EPB_QUEUE];

/// Anonymises a capture.
///
/// # Errors
/// A key file that holds no key; an output that cannot be written; times that cannot be moved.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let key = read_key(&request.key_file, context)?;
    let mut reader = context.open(&request.input)?;
    let before = Header::read(reader.section_options());
    let mut runs = Runs::new(before.as_ref());
    told::header(context, before.as_ref());
    let section = header(request, before).options(Options::NONE);
    let inputs = vec![request.input.clone(), request.key_file.clone()];
    let output = Output::create(&request.output.path, &context.rules(&request.output, inputs))?;
    let mut work = Work {
        request,
        anonymizer: Anonymizer::new(&key, request.rules),
        comments: Comments::new(request.rekey.then(|| Ids::new(&key))),
        groups: request.shift.clone().map(|group| Groups::new(group, Offsets::new(&key))),
        out: match request.is_sorted() {
            true => Ordered::sorted(output, &section, &reader, context),
            false => Ordered::new(output, &section),
        },
        samples: Samples::default(),
        memberships: Vec::new(),
        interfaces: Vec::new(),
        dropped: Dropped::default(),
        packets: 0,
    };
    context.each_item(&mut reader, request.strict, |item| {
        if let Item::Packet(packet) = item
            && let Err(error) = runs.packet(packet)
        {
            context.fault(&error.in_file(&request.input));
        }
        work.item(item)
    })?;
    work.finish(context)
}

/// Reads a key; says so if others may read it too.
fn read_key(path: &Path, context: &Context) -> Result<Key> {
    let read = || -> std::io::Result<(Vec<u8>, bool)> {
        let file = fs::File::open(path)?;
        let shared = is_shared(&file.metadata()?);
        let mut content = Vec::new();
        file.take(MAX_KEY_FILE).read_to_end(&mut content)?;
        Ok((content, shared))
    };
    let (content, shared) = read().map_err(|error| Error::from(error).in_file(path))?;
    let key = Key::parse(&content).ok_or_else(|| {
        Error::request("this is no key: it must hold 32 bytes, or 64 hex digits")
            .in_file(path)
            .advise("make one: openssl rand -hex 32 > FILE")
    })?;
    if shared {
        context.note(format!("others may read {}: whoever has the key can undo everything", path.display()));
    }
    Ok(key)
}

#[cfg(unix)]
fn is_shared(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.is_file() && file.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_shared(_: &fs::Metadata) -> bool {
    false
}

/// What the output says of itself: what shaped it, and the order that is still true.
fn header(request: &Request, before: Option<Header>) -> Header {
    let mut header = before.unwrap_or_default();
    if request.is_sorted() {
        header.order = Some(Order::Id);
    }
    let rules = request.rules;
    let mut facts = json!({
        "addresses": "crypto-pan",
        "hardware": match rules.hardware {
            HardwareRule::Keyed => "keyed",
            HardwareRule::Vendor => "vendor",
        },
        "ports": match rules.ports {
            Ports::Keep => "keep",
            Ports::Keyed => "keyed",
        },
        "payload": match rules.payload {
            Payload::Drop => Value::from("drop"),
            Payload::Keep => "keep".into(),
            Payload::First(bytes) => bytes.into(),
        },
        "times": match &request.shift {
            None => "keep".to_owned(),
            Some(Group::Sample) => "shifted by sample".to_owned(),
            Some(Group::All) => "shifted".to_owned(),
            Some(Group::Field(name)) => format!("shifted by {name}"),
        },
        "ids": if request.rekey { "rekey" } else { "keep" },
    });
    // It may have been done before, with another key.
    if let Some(earlier) = header.others.remove("anonymized") {
        facts["before"] = earlier;
    }
    header.others.insert("anonymized".to_owned(), facts);
    header
}

struct Work<'a> {
    request: &'a Request,
    anonymizer: Anonymizer,
    comments: Comments,
    groups: Option<Groups>,
    out: Ordered,
    samples: Samples,
    /// The samples of the current packet.
    memberships: Vec<usize>,
    /// Each interface as it is written, and the length of its frame check sequences.
    interfaces: Vec<(Interface, u8)>,
    dropped: Dropped,
    packets: u64,
}

impl Work<'_> {
    fn item(&mut self, item: &Item) -> Result<()> {
        match item {
            Item::Section(block) => self.section(block),
            Item::Interface(interface, _) => self.interface(interface),
            Item::Packet(packet) => self.packet(packet),
            Item::Other(block) => {
                self.dropped.block(block.kind);
                Ok(())
            }
        }
    }

    /// Counts what a section says besides our own line.
    fn section(&mut self, block: &Block) -> Result<()> {
        let end = block.bytes.len().saturating_sub(4);
        let options = Options::checked(block.bytes.get(24..end).unwrap_or_default(), block.order);
        for option in options.into_iter().flatten() {
            // mergecap appends text of its own to our line.
            let is_ours = is_header(option.code, option.text()) && !option.text().contains(&b'\n');
            let is_pcapml = option.code == code::SHB_USERAPPL && option.text().starts_with(b"pcapml ");
            if !is_ours && !is_pcapml {
                self.dropped.option(kind::SECTION_HEADER, option.code);
            }
        }
        Ok(())
    }

    fn interface(&mut self, interface: &Interface) -> Result<()> {
        let is_moved = self.groups.is_some();
        let mut options = Vec::new();
        for option in interface.options() {
            match OF_INTERFACES.contains(&option.code) {
                // It goes into the times themselves.
                true if is_moved && option.code == code::IF_TSOFFSET => {}
                true => push_option(&mut options, option.code, option.value),
                false => self.dropped.option(kind::INTERFACE_DESCRIPTION, option.code),
            }
        }
        let offset = if is_moved { 0 } else { interface.offset };
        let written = Interface { options, offset, ..interface.clone() };
        self.out.interface(&written)?;
        self.interfaces.push((written, interface.fcs_length().unwrap_or_default()));
        Ok(())
    }

    fn packet(&mut self, packet: &Packet) -> Result<()> {
        self.packets += 1;
        let microseconds = self.shift(packet)?;
        let raw_time = match microseconds {
            Some(by) => shift::moved(packet, by).map_err(|error| error.in_file(&self.request.input))?,
            None => packet.raw_time,
        };
        self.comments.packet(packet);
        self.anonymizer.watch(self.comments.hold_addresses());
        let Some((interface, check)) = self.interfaces.get(packet.interface.number as usize) else {
            return Err(Error::request("a packet of no interface").at(packet.position()).in_file(&self.request.input));
        };
        // A frame check sequence tells of every byte before it.
        let wire = packet.bytes.len().max(packet.original_length as usize);
        let captured = packet.bytes.len().min(wire.saturating_sub((*check).into()));
        let bytes = self.anonymizer.packet(interface.link_type, &packet.bytes[..captured]);
        let written = Packet { bytes, raw_time, interface, ..*packet };
        let dropped = &mut self.dropped;
        self.out.packet(&written, self.comments.options(), |option: &Opt| {
            let keep = OF_PACKETS.contains(&option.code);
            if !keep && option.code != code::OPT_COMMENT {
                dropped.option(kind::ENHANCED_PACKET, option.code);
            }
            keep
        })?;
        self.comments.compare(self.anonymizer.originals());
        Ok(())
    }

    /// By how many microseconds a packet is moved, if times are.
    fn shift(&mut self, packet: &Packet) -> Result<Option<u64>> {
        let Self { samples, memberships, .. } = self;
        memberships.clear();
        samples.of_packet(packet, |number| memberships.push(number));
        match &mut self.groups {
            None => Ok(None),
            Some(groups) => groups
                .microseconds(samples, memberships)
                .map(Some)
                .map_err(|error| error.at(packet.position()).in_file(&self.request.input)),
        }
    }

    fn finish(self, context: &Context) -> Result<()> {
        let Self { request, anonymizer, comments, out, samples, dropped, packets, .. } = self;
        context.tell_conflicts(&samples, Some(&request.input));
        context.refuse_faults(request.strict, false)?;
        out.finish(context)?;
        let samples = samples.all().len() as u64;
        told::packets(context, (packets, samples), anonymizer.counts(), request.rules.payload);
        dropped.tell(context);
        comments.tell(context, samples > 0);
        Ok(())
    }
}
