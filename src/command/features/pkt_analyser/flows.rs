//! The flows of one class: which packets enter, and the lines that become of them.
//!
//! Packets do not wait in memory until their flow has ended: they go through the sorter, which writes them to disk if
//! there are many, and come out flow by flow.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::path::Path;

use super::super::accounting::Accounting;
use super::Request;
use crate::decode::{Network, Transport, TransportKind, protocol, tcp_flag};
use crate::error::{Error, Result};
use crate::feature::{JsonEnds, JsonFlow, JsonPacket};
use crate::flow::{
    EndReason, Ended, LastSegments, NumberedFlows, Observation, Observer, Outside, SeenNumbers, Taken, Timeouts,
};
use crate::packet::Packet;
use crate::sample::sort::{SortKey, Sorter};
use crate::time::Timestamp;

/// Packets of one flow in the output, at most: as in Pkt_Analyser.
const MAX_PACKETS: u32 = 10_000;

/// With `-m`, Pkt_Analyser writes no flow of fewer packets.
const LEAST_PACKETS: u32 = 10;

/// What a record in the sorter is, behind the number of its line: a packet, or what stands around all packets.
const PACKET: u8 = 1;
const AROUND: u8 = 0;

/// Why a packet is not in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Left {
    Outside(Outside),
    NotTcpOrUdp,
    LaterFragment,
    NoPayload,
    Retransmission,
    BeyondLimit,
    ShortFlow,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(outside) => outside.fmt(f),
            Self::NotTcpOrUdp => f.write_str("neither TCP nor UDP"),
            Self::LaterFragment => f.write_str("fragment without transport header"),
            Self::NoPayload => f.write_str("without payload"),
            Self::Retransmission => f.write_str("retransmission"),
            Self::BeyondLimit => write!(f, "beyond the first {MAX_PACKETS} of their flow"),
            Self::ShortFlow => write!(f, "in flows of fewer than {LEAST_PACKETS}"),
        }
    }
}

/// What is counted besides packets.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    /// Flows in the output.
    pub(super) flows: u64,
    /// Packets in the output.
    pub(super) packets: u64,
    /// Flows of which no packet has payload.
    pub(super) empty: u64,
    /// Flows that ended because there were too many.
    pub(super) evicted: u64,
    /// Stretches of sequence numbers that were forgotten.
    pub(super) forgotten: u64,
    /// Packets whose payload is not wholly captured.
    pub(super) cut: u64,
}

/// What knows the segments of one direction that were sent before.
enum Segments {
    Seen(SeenNumbers),
    Last(Box<LastSegments>),
}

/// A flow that is going on: of both directions, or of one.
struct Line {
    /// Its number among the lines of the output.
    number: u64,
    flow: JsonFlow,
    /// The lower end sent its first packet.
    from_low: bool,
    /// Which directions have been met.
    met: [bool; 2],
    segments: [Segments; 2],
}

/// The flows of a class.
pub(super) struct Analyser<'a> {
    request: &'a Request,
    observer: Observer,
    flows: NumberedFlows,
    /// By the number of the flow; without `-s`, what its lower end sends stands first, and has a line of its own.
    lines: HashMap<u64, [Option<Box<Line>>; 2]>,
    next: u64,
    sorter: Sorter,
    directory: &'a Path,
    latest: i64,
    record: Vec<u8>,
    pub(super) counts: Counts,
}

impl<'a> Analyser<'a> {
    /// `directory` is where a temporary file may go.
    pub(super) fn new(request: &'a Request, directory: &'a Path, threads: usize) -> Self {
        let rows = &request.rows;
        let timeouts = match request.compat {
            true => Timeouts::new(i64::MAX, None),
            false => rows.timeouts,
        };
        Self {
            request,
            observer: Observer::new(rows.keying),
            flows: NumberedFlows::new(timeouts, rows.max_flows),
            lines: HashMap::new(),
            next: 0,
            sorter: Sorter::new(rows.memory, None, threads),
            directory,
            latest: i64::MIN,
            record: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Takes a packet.
    pub(super) fn packet(&mut self, packet: &Packet, accounting: &mut Accounting<Left>) -> Result<()> {
        accounting.read += 1;
        if let Some(time) = packet.time().and_then(|time| i64::try_from(time.0).ok()) {
            accounting.backwards += u64::from(time < self.latest);
            self.latest = self.latest.max(time);
        }
        match self.enters(packet, accounting)? {
            Some(left) => accounting.outside(left),
            None => {
                accounting.in_flows += 1;
                accounting.memberships += 1;
            }
        }
        Ok(())
    }

    /// Why a packet does not enter; none if it does.
    fn enters(&mut self, packet: &Packet, accounting: &mut Accounting<Left>) -> Result<Option<Left>> {
        let mut seen = match self.observer.observe(packet, 0) {
            Ok((seen, _)) => seen,
            Err(outside) => return Ok(Some(Left::Outside(outside))),
        };
        if !matches!(seen.key.protocol, protocol::TCP | protocol::UDP) {
            return Ok(Some(Left::NotTcpOrUdp));
        }
        let layers = self.observer.layers(packet);
        let Network::Ip(ip) = layers.network else { return Ok(Some(Left::NotTcpOrUdp)) };
        let Ok(transport) = ip.transport() else { return Ok(Some(Left::LaterFragment)) };
        if transport.kind == TransportKind::Fragment {
            return Ok(Some(Left::LaterFragment));
        }
        if self.request.compat {
            // There, one protocol's ports are another's, and no handshake begins or ends a flow.
            seen.key.protocol = protocol::TCP;
            seen.segment = None;
        }
        let Some(taken) = self.flows.take(&seen) else { return Ok(None) };
        self.end_lines(accounting)?;
        let both = self.request.session;
        let of_flow = self.lines.entry(taken.number).or_default();
        let place = &mut of_flow[usize::from(!both && !seen.from_low)];
        let next = &mut self.next;
        let line = place.get_or_insert_with(|| {
            *next += 1;
            Box::new(Line::new(*next, &taken, &seen, &transport, self.request.compat))
        });
        if let Err(left) = line.takes(&seen, &transport) {
            return Ok(Some(left));
        }
        self.counts.cut += u64::from((transport.payload.len() as u64) < u64::from(transport.payload_length));
        let forward = seen.from_low == line.from_low;
        let since_start = taken.flow.time_of(&seen).saturating_sub(line.flow.start).max(0);
        let first_number = line.flow.first_numbers[usize::from(!forward)];
        let entry = JsonPacket { forward, time: seen.time, since_start, first_number, ip: &ip, transport: &transport };
        self.record.clear();
        self.record.extend_from_slice(&line.number.to_le_bytes());
        self.record.push(PACKET);
        self.request.form().packet(&entry, &mut self.record);
        self.sorter
            .push(SortKey::new(0, line.number, Some(Timestamp(1))), &self.record, self.directory)
            .map_err(|error| Error::from(error).in_file(self.directory))?;
        Ok(None)
    }

    /// The capture has ended.
    pub(super) fn end_capture(&mut self, accounting: &mut Accounting<Left>) -> Result<()> {
        self.flows.end_all(std::mem::replace(&mut self.latest, i64::MIN));
        self.observer.clear();
        self.end_lines(accounting)
    }

    fn end_lines(&mut self, accounting: &mut Accounting<Left>) -> Result<()> {
        let Self { flows, lines, sorter, counts, request, directory, .. } = self;
        for Ended { number, reason, .. } in flows.ended() {
            counts.evicted += u64::from(reason == EndReason::LackOfResources);
            for line in lines.remove(&number).into_iter().flatten().flatten() {
                counts.forgotten += line.forgotten();
                let packets = line.flow.packets;
                if packets == 0 && (!request.compat || request.map) {
                    counts.empty += 1;
                    continue;
                }
                if packets < LEAST_PACKETS && request.compat && request.map {
                    accounting.take_back(packets.into(), Left::ShortFlow);
                    continue;
                }
                counts.flows += 1;
                counts.packets += u64::from(packets);
                let (before, behind) = request.form().around(&line.flow);
                let (number, length) = (line.number.to_le_bytes(), (before.len() as u32).to_le_bytes());
                let record = [&number[..], &[AROUND], &length, before.as_bytes(), behind.as_bytes()].concat();
                sorter
                    .push(SortKey::new(0, line.number, Some(Timestamp(0))), &record, directory)
                    .map_err(|error| Error::from(error).in_file(*directory))?;
            }
        }
        Ok(())
    }

    /// Writes all lines, in the order of first packets.
    pub(super) fn write(self, out: &mut impl Write) -> Result<Counts> {
        let form = self.request.form();
        // The line that is being written, what stands behind it, and whether it has packets yet.
        let (mut open, mut behind, mut first) = (None, Vec::new(), true);
        self.sorter.finish(|record| -> Result<()> {
            let broken = || Error::request("a packet was damaged on the disk");
            let (number, rest) = record.split_first_chunk::<8>().ok_or_else(broken)?;
            let (kind, rest) = rest.split_first().ok_or_else(broken)?;
            if *kind == PACKET {
                // Packets of a flow that is not written have nothing before them.
                if open == Some(*number) {
                    out.write_all(form.separator(first).as_bytes())?;
                    out.write_all(rest)?;
                    first = false;
                }
                return Ok(());
            }
            let (length, texts) = rest.split_first_chunk().ok_or_else(broken)?;
            let (before, after) = texts.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(broken)?;
            out.write_all(&behind)?;
            out.write_all(before)?;
            (open, behind, first) = (Some(*number), after.to_vec(), true);
            Ok(())
        })?;
        out.write_all(&behind)?;
        Ok(self.counts)
    }
}

impl Line {
    fn new(number: u64, taken: &Taken, seen: &Observation, transport: &Transport, compat: bool) -> Self {
        let key = &seen.key;
        let end = |low: bool| (key.address(low), key.port(low).unwrap_or(0));
        let ends = JsonEnds {
            source: end(seen.from_low),
            destination: end(!seen.from_low),
            is_tcp: matches!(transport.kind, TransportKind::Tcp(_)),
        };
        let segments = || match compat {
            true => Segments::Last(Box::default()),
            false => Segments::Seen(SeenNumbers::default()),
        };
        Self {
            number,
            flow: JsonFlow { ends, packets: 0, start: taken.flow.time_of(seen), first_numbers: [0; 2] },
            from_low: seen.from_low,
            met: [false; 2],
            segments: [segments(), segments()],
        }
    }

    /// Takes a packet in, or says why it does not enter.
    fn takes(&mut self, seen: &Observation, transport: &Transport) -> std::result::Result<(), Left> {
        let way = usize::from(seen.from_low != self.from_low);
        let length = transport.payload_length;
        let mut is_new = true;
        if let TransportKind::Tcp(tcp) = transport.kind {
            if !std::mem::replace(&mut self.met[way], true) {
                self.flow.first_numbers[way] = tcp.sequence;
            }
            is_new = match &mut self.segments[way] {
                Segments::Last(last) => length == 0 || last.note(tcp.sequence, length),
                Segments::Seen(numbers) => note_all(numbers, tcp.sequence, tcp.flags, length),
            };
        }
        if length == 0 {
            return Err(Left::NoPayload);
        }
        if !is_new {
            return Err(Left::Retransmission);
        }
        if self.flow.packets >= MAX_PACKETS {
            return Err(Left::BeyondLimit);
        }
        self.flow.packets += 1;
        Ok(())
    }

    fn forgotten(&self) -> u64 {
        let of = |segments: &Segments| match segments {
            Segments::Seen(numbers) => numbers.forgotten(),
            Segments::Last(_) => 0,
        };
        self.segments.iter().map(of).sum()
    }
}

/// Notes the numbers of a segment; true if its data has new ones. SYN and FIN take a number too, so that the byte before
/// the next one, which a keep-alive sends (RFC 9293, 3.8.4), is known.
fn note_all(numbers: &mut SeenNumbers, sequence: u32, flags: u8, length: u32) -> bool {
    let syn = u32::from(flags & tcp_flag::SYN != 0);
    numbers.note(sequence, syn);
    let data = sequence.wrapping_add(syn);
    let is_new = numbers.note(data, length);
    numbers.note(data.wrapping_add(length), u32::from(flags & tcp_flag::FIN != 0));
    is_new
}
