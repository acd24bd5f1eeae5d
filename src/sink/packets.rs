//! A labelled capture, packet by packet, from a program that has packets of its own.

use std::path::Path;

use super::output::{Output, OutputRules};
use crate::capture::{Dialect, PcapngWriter, SnapLen};
use crate::error::{Error, Result};
use crate::packet::{
    ByteOrder, ESCAPED, Interface, LinkType, Options, PEER_KEYS, Packet, Sample, code, is_field_name, push_option,
};
use crate::sample::comment::{self, Form, MAX_COMMENT};
use crate::sample::header::Header;
use crate::time::Resolution;

/// A packet to be written.
#[derive(Debug, Clone)]
pub struct NewPacket<'a> {
    /// Nanoseconds since 1970.
    pub time: i64,
    /// The captured bytes.
    pub bytes: &'a [u8],
    /// The length on the wire, if that is more.
    pub length: Option<u32>,
    /// The number of its interface.
    pub interface: u32,
    /// The samples that it belongs to.
    pub samples: &'a [Sample],
    /// Further comments, as they are: one that reads as a label couples the packet with that sample too.
    pub comments: &'a [String],
}

/// A labelled capture under construction. Dropped before [`PacketWriter::finish`], it leaves nothing behind.
pub struct PacketWriter {
    writer: PcapngWriter<Output>,
    interfaces: Vec<Interface>,
    packets: u64,
    /// The samples of the packet before, and the options that label their packets.
    labelled: (Vec<Sample>, Vec<u8>),
}

impl PacketWriter {
    /// Begins a capture; a name that ends in `.gz` or `.zst` is packed.
    ///
    /// # Errors
    /// If something is there that may not be replaced, or nothing can be created there.
    pub fn create(path: &Path, force: bool) -> Result<Self> {
        let rules = OutputRules { force, threads: 1, inputs: Vec::new() };
        let output = Output::create(path, &rules)?;
        let section = Header::default().options(Options::NONE);
        let writer = PcapngWriter::new(output, &section, SnapLen::Keep, Dialect::Pcapng);
        Ok(Self { writer, interfaces: Vec::new(), packets: 0, labelled: Default::default() })
    }

    /// Adds an interface, with times in nanoseconds; its number.
    ///
    /// # Errors
    /// When writing fails.
    pub fn add_interface(&mut self, link_type: LinkType, snap_len: u32, name: Option<&str>) -> Result<u32> {
        let number = self.interfaces.len() as u32;
        let mut options = Vec::new();
        if let Some(name) = name {
            push_option(&mut options, code::IF_NAME, name.as_bytes());
        }
        let interface = Interface {
            number,
            link_type,
            byte_order: ByteOrder::Little,
            snap_len,
            resolution: Resolution::NANOSECONDS,
            // Not among the options: the writer states it.
            states_resolution: false,
            offset: 0,
            options,
        };
        self.writer.interface(&interface)?;
        self.interfaces.push(interface);
        Ok(number)
    }

    /// Writes a packet. Interface 0 is Ethernet, if none was added.
    ///
    /// # Errors
    /// A time before 1970, an interface that was not added, a label that no comment can hold, two samples of one id; when
    /// writing fails.
    pub fn write(&mut self, packet: &NewPacket) -> Result<()> {
        if self.interfaces.is_empty() && packet.interface == 0 {
            self.add_interface(LinkType::ETHERNET, 0, None)?;
        }
        let time = u64::try_from(packet.time).map_err(|_| Error::request("a time before 1970"))?;
        let mut options = self.label(packet.samples)?;
        for text in packet.comments {
            push_comment(&mut options, text)?;
        }
        let interface = self.interfaces.get(packet.interface as usize);
        let interface = interface.ok_or_else(|| Error::request(format!("no interface {}", packet.interface)))?;
        self.packets += 1;
        let captured = packet.bytes.len() as u32;
        let written = Packet {
            number: self.packets,
            place: (0, 0),
            interface,
            raw_time: Some(time),
            bytes: packet.bytes,
            original_length: packet.length.unwrap_or(captured).max(captured),
            drops: None,
            options: Options::NONE,
            block: &[],
        };
        self.writer.packet(&written, &options, |_| true)
    }

    /// The options that label a packet; those of the packet before, most often.
    fn label(&mut self, samples: &[Sample]) -> Result<Vec<u8>> {
        if self.labelled.0 != samples {
            let mut options = Vec::new();
            for (at, sample) in samples.iter().enumerate() {
                if samples.iter().take(at).any(|other| other.id == sample.id) {
                    return Err(Error::request(format!("the packet is in sample {} twice", sample.id)));
                }
                push_label(&mut options, sample)?;
            }
            self.labelled = (samples.to_vec(), options);
        }
        Ok(self.labelled.1.clone())
    }

    /// Ends the capture and gives it its name.
    ///
    /// # Errors
    /// When writing or renaming fails.
    pub fn finish(self) -> Result<()> {
        self.writer.finish()?.commit()
    }
}

fn push_label(options: &mut Vec<u8>, sample: &Sample) -> Result<()> {
    if sample.label.is_empty() {
        return Err(Error::request(format!("sample {} has an empty label", sample.id)));
    }
    let wrong = |key: &str| !is_field_name(key) || PEER_KEYS.contains(&key) || key == ESCAPED;
    if let Some((key, _)) = sample.fields.iter().find(|(key, _)| wrong(key)) {
        return Err(Error::request(format!("'{key}' cannot be the name of a field")).advise(
            "names are of letters, digits, '_', '-' and '.'; s, proc, dst, label, d, dir and e mean other things",
        ));
    }
    push_comment(options, &comment::format(sample, Form::Positional))
}

fn push_comment(options: &mut Vec<u8>, text: &str) -> Result<()> {
    if text.len() > MAX_COMMENT {
        return Err(Error::request(format!("a comment of {} bytes; pcapng holds {MAX_COMMENT}", text.len())));
    }
    push_option(options, code::OPT_COMMENT, text.as_bytes());
    Ok(())
}
