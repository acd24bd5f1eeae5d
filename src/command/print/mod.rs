//! `pcapml print`: one line for each packet.
//!
//! The text has the fields of packet_analysis' print_pcap.py in its order, then those that it lacks; JSON Lines have the
//! record `packet`. Lines are made in one buffer and nothing is allocated for a packet: several million of them a second.

mod clock;
mod line;
mod object;
mod view;
mod wanted;
mod write;

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Context, Target, captures, count};
use crate::capture::{Item, Reader};
use crate::error::{Error, Result};
use crate::packet::{Network, Packet, Sample};
use crate::rule::flow_records::Zone;
use crate::sample::membership::Samples;
use crate::sink::Output;
use clock::Clock;
use view::View;
use wanted::Wanted;

/// How many bytes of lines are collected before they are written.
const CHUNK: usize = 1 << 18;

/// What to print, of what, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Captures, or directories of captures.
    pub inputs: Vec<PathBuf>,
    /// Where lines go.
    pub output: Target,
    /// How a packet is written.
    pub format: LineFormat,
    /// Only packets from or to one of these; all if empty.
    pub networks: Vec<Network>,
    /// Only packets from or to one of these ports; all if empty.
    pub ports: Vec<u16>,
    /// Only packets that pass this filter of pcap-filter(7).
    pub filter: Option<String>,
    /// At most so many bytes of the payload; none at all if 0.
    pub snap: Option<usize>,
    /// How payloads are written.
    pub payload: PayloadForm,
    /// Where the clock is by which times are shown.
    pub zone: Zone,
    /// The outermost IP header, not that inside tunnels.
    pub outer: bool,
    /// Write each line at once.
    pub at_once: bool,
    /// Write nothing if an input is faulty.
    pub strict: bool,
}

/// How a packet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFormat {
    /// As packet_analysis does.
    Text,
    /// An object of JSON.
    JsonLines,
}

/// How payloads are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PayloadForm {
    /// In text as packet_analysis does: of TCP as text and in hex, of others in hex. In JSON as text if it is UTF-8, else
    /// in base64.
    #[default]
    Usual,
    /// As text: in lines, what is no printable ASCII as an escape; in JSON as [`PayloadForm::Usual`].
    Text,
    /// In hex.
    Hex,
    /// In base64.
    Base64,
}

/// What a packet is beside itself.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// All samples that there are.
    samples: &'a [Sample],
    /// Those that it is in.
    of: &'a [usize],
    /// The capture that it is from, if there are several.
    file: Option<&'a str>,
}

/// Prints packets.
///
/// # Errors
/// A filter that libpcap rejects; an input that cannot be opened; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let wanted = Wanted::new(request)?;
    let files = captures::captures(&request.inputs, context)?;
    let rules = context.rules(&request.output, files.iter().map(|file| file.path.clone()).collect());
    let mut printer = Printer {
        request,
        wanted,
        clock: Clock::new(&request.zone),
        samples: Samples::default(),
        of: Vec::new(),
        lines: Vec::with_capacity(2 * CHUNK),
        output: Output::create(&request.output.path, &rules)?,
        packets: 0,
        printed: 0,
    };
    let several = files.len() > 1;
    captures::each(&files, request.strict, context, |_, reader, file| {
        printer.file(reader, several.then_some(file.name.as_str()), context)
    })?;
    printer.write()?;
    let Printer { output, wanted, packets, printed, samples, .. } = printer;
    context.tell_conflicts(&samples, None);
    if request.strict && context.faults() > 0 {
        return Err(Error::request("an input is faulty, and --strict was given"));
    }
    output.commit()?;
    wanted.filter.tell(context);
    if wanted.is_choosy() || request.output.path != Path::new("-") {
        context.note(format!("{} of {} printed", printed, count(packets, "packet")));
    }
    Ok(())
}

struct Printer<'r> {
    request: &'r Request,
    wanted: Wanted<'r>,
    clock: Clock<'r>,
    samples: Samples,
    /// The samples of the current packet.
    of: Vec<usize>,
    lines: Vec<u8>,
    output: Output,
    packets: u64,
    printed: u64,
}

impl Printer<'_> {
    fn file(&mut self, reader: &mut Reader, file: Option<&str>, context: &Context) -> Result<()> {
        context.each_item(reader, self.request.strict, |item| match item {
            Item::Packet(packet) => self.packet(packet, file),
            Item::Section(_) | Item::Interface(..) | Item::Other(_) => Ok(()),
        })
    }

    #[inline]
    fn packet(&mut self, packet: &Packet, file: Option<&str>) -> Result<()> {
        self.packets += 1;
        if !self.wanted.filter.passes(packet) {
            return Ok(());
        }
        let view = View::of(packet, self.request.outer);
        if !self.wanted.has(&view) {
            return Ok(());
        }
        self.printed += 1;
        self.of.clear();
        self.samples.of_packet(packet, |number| self.of.push(number));
        let place = Place { samples: self.samples.all(), of: &self.of, file };
        match self.request.format {
            LineFormat::Text => line::text(&view, place, self.request, &mut self.clock, &mut self.lines),
            LineFormat::JsonLines => object::json(&view, place, self.request, &mut self.lines),
        }
        match self.lines.len() >= CHUNK || self.request.at_once {
            true => self.write(),
            false => Ok(()),
        }
    }

    fn write(&mut self) -> Result<()> {
        self.output.write_all(&self.lines)?;
        if self.request.at_once {
            self.output.flush()?;
        }
        self.lines.clear();
        Ok(())
    }
}
