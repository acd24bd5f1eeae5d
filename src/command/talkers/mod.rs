//! `pcapml talkers`: who sent how much to whom, with names of services and places.
//!
//! A row for each pair of ends and interval of time, or for each packet, as packet_analysis' statistics of IP packets have
//! it. Both ends are as the packet has them: what goes back is another row. Memory is bounded: intervals wait until the
//! captures end or there are too many pairs, and are then written, the earliest first.

mod columns;
mod intervals;
mod places;

use std::path::{Path, PathBuf};

use super::{Context, Target, captures, count};
use crate::capture::Item;
use crate::decode::{Ip, Network, Tcp, TransportKind, innermost, layers};
use crate::error::{Error, Result};
use crate::packet::{LocalNetworks, Packet};
use crate::sample::membership::Samples;
use crate::sink::{RowFormat, RowShape, RowSink};
use crate::time::Timestamp;
use columns::{Facts, Rows};
use intervals::Intervals;
use places::Places;

/// What to count, of what, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Captures, or directories of captures.
    pub inputs: Vec<PathBuf>,
    /// Where rows go.
    pub output: Target,
    /// How they are written; by the output's name if not given.
    pub format: Option<RowFormat>,
    /// What a row is about.
    pub per: Per,
    /// Networks that are local.
    pub local: LocalNetworks,
    /// A MaxMind database of countries and cities.
    pub cities: Option<PathBuf>,
    /// A MaxMind database of autonomous systems.
    pub systems: Option<PathBuf>,
    /// How many pairs may wait.
    pub max_pairs: usize,
    /// The outermost IP header, not that inside tunnels.
    pub outer: bool,
    /// Write nothing if an input is faulty.
    pub strict: bool,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// A packet.
    Packet,
    /// A pair of ends in so many nanoseconds.
    Interval(i64),
}

/// Who speaks to whom: what rows tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Talk {
    /// The number of the capture.
    file: usize,
    /// The number of the sample; none if the packet is in none.
    sample: Option<usize>,
    ip: Pair,
}

/// Two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Pair {
    protocol: u8,
    source: std::net::IpAddr,
    destination: std::net::IpAddr,
    ports: Option<(u16, u16)>,
}

/// How much was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    packets: u64,
    /// With IP header.
    bytes: u64,
    /// Behind the transport header.
    payload: u64,
}

/// Counts packets.
///
/// # Errors
/// A database that cannot be read; an input that cannot be opened; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let format = format(request)?;
    let places = Places::open(request.cities.as_deref(), request.systems.as_deref())?;
    let files = captures::captures(&request.inputs, context)?;
    let databases = [&request.cities, &request.systems].into_iter().flatten().cloned();
    let rules = context.rules(&request.output, files.iter().map(|file| file.path.clone()).chain(databases).collect());
    let names = if files.len() > 1 { files.iter().map(|file| file.name.clone()).collect() } else { Vec::new() };
    let shape = RowShape::new(format, columns::columns(request, !names.is_empty()));
    let sink = RowSink::create(&request.output.path, &shape, &rules)?;
    let mut talkers = Talkers {
        request,
        samples: Samples::default(),
        of: Vec::new(),
        intervals: Intervals::new(request.max_pairs),
        rows: Rows::new(request, names, places, shape.encoder(), sink),
        packets: 0,
        without: 0,
    };
    captures::each(&files, request.strict, context, |number, reader, _| {
        context.each_item(reader, request.strict, |item| match item {
            Item::Packet(packet) => talkers.packet(packet, number as usize),
            Item::Section(_) | Item::Interface(..) | Item::Other(_) => Ok(()),
        })
    })?;
    talkers.finish(context)
}

struct Talkers<'r> {
    request: &'r Request,
    samples: Samples,
    /// The samples of the current packet.
    of: Vec<usize>,
    intervals: Intervals,
    rows: Rows<'r>,
    packets: u64,
    /// Packets without an IP header that could be read.
    without: u64,
}

impl Talkers<'_> {
    fn packet(&mut self, packet: &Packet, file: usize) -> Result<()> {
        self.packets += 1;
        let look = if self.request.outer { layers } else { innermost };
        let layers = look(packet.interface.link_type, packet.bytes, packet.original_length);
        let Network::Ip(ip) = layers.network else {
            self.without += 1;
            return Ok(());
        };
        let (pair, sums, tcp) = taken_apart(&ip);
        self.of.clear();
        self.samples.of_packet(packet, |number| self.of.push(number));
        let time = packet.time();
        let in_none = self.of.is_empty().then_some(None);
        for sample in self.of.iter().copied().map(Some).chain(in_none) {
            let talk = Talk { file, sample, ip: pair };
            match self.request.per {
                Per::Packet => {
                    let facts = Facts { time, sums, packet: Some((packet.number, tcp)) };
                    self.rows.write(&talk, &facts, self.samples.all())?;
                }
                Per::Interval(length) => {
                    let start = time.map(|time| begun(time, length));
                    let (rows, samples) = (&mut self.rows, self.samples.all());
                    self.intervals.add(start, talk, sums, |start, talk, sums| {
                        rows.write(talk, &Facts { time: start, sums, packet: None }, samples)
                    })?;
                }
            }
        }
        Ok(())
    }

    fn finish(mut self, context: &Context) -> Result<()> {
        context.tell_conflicts(&self.samples, None);
        context.refuse_faults(self.request.strict, false)?;
        let (rows, samples) = (&mut self.rows, self.samples.all());
        let again = self
            .intervals
            .finish(|start, talk, sums| rows.write(talk, &Facts { time: start, sums, packet: None }, samples))?;
        let written = self.rows.finish()?;
        context.note(format!("{}, {}", count(self.packets, "packet"), count(written.rows, "row")));
        context.note_any(self.without, "packet", "without an IP header that could be read");
        context.note_any(
            again,
            "interval",
            format_args!(
                "begun again after more than --max-pairs {} had waited: they may have several rows of a pair",
                self.request.max_pairs
            ),
        );
        Ok(())
    }
}

/// The beginning of the interval that a moment is in.
fn begun(time: Timestamp, length: i64) -> Timestamp {
    let length = i128::from(length.max(1));
    Timestamp(time.0.div_euclid(length) * length)
}

fn taken_apart<'a>(ip: &Ip<'a>) -> (Pair, Sums, Option<Tcp<'a>>) {
    let (payload, tcp) = match ip.transport() {
        Ok(transport) => match transport.kind {
            TransportKind::Tcp(tcp) => (transport.payload_length, Some(tcp)),
            _ => (transport.payload_length, None),
        },
        // The header is cut, or makes no sense: nobody knows how much of it is payload.
        Err(_) => (0, None),
    };
    let pair = Pair { protocol: ip.protocol, source: ip.source, destination: ip.destination, ports: ip.ports() };
    let bytes = ip.header.len() as u64 + u64::from(ip.payload_length);
    (pair, Sums { packets: 1, bytes, payload: payload.into() }, tcp)
}

/// The format of the output: that asked for, or that of its name; CSV on standard output.
fn format(request: &Request) -> Result<RowFormat> {
    let path = request.output.path.as_path();
    match request.format.or_else(|| RowFormat::of_name(path)) {
        Some(RowFormat::Npy | RowFormat::Npz) => {
            Err(Error::request("arrays of numbers cannot hold addresses and names").in_file(path))
        }
        Some(format) => Ok(format),
        None if path == Path::new("-") => Ok(RowFormat::Csv),
        None => Err(Error::request("the output's name does not say its format")
            .in_file(path)
            .advise("end it in .csv, .jsonl, .parquet, .arrow or .sqlite, or give --format")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_begin_at_their_multiples_before_1970_too() {
        for (time, start) in [(0, 0), (1_999, 1_000), (-1, -1_000), (-1_000, -1_000)] {
            assert_eq!(begun(Timestamp(time), 1_000), Timestamp(start), "{time}");
        }
    }
}
