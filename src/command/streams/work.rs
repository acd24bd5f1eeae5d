//! Packets of a capture, on their way into streams.

use std::collections::{BTreeMap, HashMap};

use super::Request;
use super::files::Files;
use super::lines::Lines;
use crate::capture::{Item, Reader};
use crate::command::Context;
use crate::command::features::accounting::Accounting;
use crate::command::memberships::NO_SAMPLE;
use crate::decode::protocol;
use crate::error::Result;
use crate::flow::{
    Biflow, Connection, Defragmenter, EndReason, Moment, NumberedFlows, Observation, Observer, Outside, Overlap, Piece,
    Side, StreamCounts, Taken, Timeouts,
};
use crate::packet::{Packet, Sample};
use crate::sample::header::{Header, Order};
use crate::sample::membership::{Runs, Samples};

/// Who is told of streams.
pub(super) enum Out {
    Files(Box<Files>),
    Lines(Box<Lines>),
}

/// A conversation that goes on.
pub(super) struct Talk {
    pub(super) flow: Biflow,
    last: Moment,
    streams: Streams,
}

/// What its sides sent so far.
enum Streams {
    Tcp(Box<Connection>),
    /// Bytes of datagrams; what of them is missing.
    Udp([(u64, u64); 2]),
}

/// A capture that is being read.
pub(super) struct Work {
    observer: Observer,
    pub(super) defragmenter: Defragmenter,
    table: NumberedFlows,
    talks: HashMap<u64, Talk>,
    /// Bytes that wait in all streams.
    held: usize,
    limits: Limits,
    pub(super) out: Out,
    pub(super) samples: Samples,
    /// The samples of the packet at hand.
    current: Vec<u32>,
    /// The sample of the packet before, where samples stand in runs.
    last: Option<u32>,
    /// The latest time of a packet since all conversations were ended.
    latest: i64,
    pub(super) accounting: Accounting<Outside>,
    pub(super) conversations: u64,
    /// How many conversations ended for each reason.
    pub(super) ends: BTreeMap<u8, u64>,
    /// How often what waited was given up for lack of memory.
    pub(super) given_up: u64,
}

struct Limits {
    overlap: Overlap,
    /// Bytes that may wait in a stream, and in all of them.
    stream: usize,
    all: usize,
}

impl Work {
    /// Nothing was read so far; at most `stream` bytes of one direction wait.
    pub(super) fn new(observer: Observer, timeouts: Timeouts, request: &Request, stream: usize, out: Out) -> Self {
        Self {
            observer,
            defragmenter: Defragmenter::new(request.memory / 8),
            table: NumberedFlows::new(timeouts, request.max_flows),
            talks: HashMap::new(),
            held: 0,
            limits: Limits { overlap: request.overlap, stream, all: request.memory / 4 },
            out,
            samples: Samples::default(),
            current: Vec::new(),
            last: None,
            latest: i64::MIN,
            accounting: Accounting::default(),
            conversations: 0,
            ends: BTreeMap::new(),
            given_up: 0,
        }
    }

    /// Reads a capture.
    pub(super) fn read(&mut self, reader: &mut Reader, request: &Request, context: &Context) -> Result<()> {
        let header = Header::read(reader.section_options());
        let in_runs = matches!(header.as_ref().and_then(|header| header.order), Some(Order::Id | Order::Contiguous));
        let mut runs = Runs::new(header.as_ref());
        context.each_item(reader, request.strict, |item| {
            let Item::Packet(packet) = item else { return Ok(()) };
            if let Err(error) = runs.packet(packet) {
                context.fault(&error.in_file(&request.input));
            }
            self.packet(packet, in_runs)
        })?;
        self.defragmenter.clear();
        self.end_all()
    }

    fn packet(&mut self, packet: &Packet, in_runs: bool) -> Result<()> {
        self.accounting.read += 1;
        self.current.clear();
        self.samples.of_packet(packet, |number| self.current.push(number as u32));
        if self.current.is_empty() {
            self.current.push(NO_SAMPLE);
        }
        let sample = self.current[0];
        if in_runs && self.last.replace(sample) != Some(sample) {
            self.end_all()?;
        }
        if let Some(time) = packet.time().and_then(|time| i64::try_from(time.0).ok()) {
            self.accounting.backwards += u64::from(time < self.latest);
            self.latest = self.latest.max(time);
        }
        let mut outside = None;
        for at in 0..self.current.len() {
            match self.of_sample(packet, self.current[at])? {
                Ok(()) => self.accounting.memberships += 1,
                Err(reason) => outside = Some(reason),
            }
        }
        match outside {
            Some(reason) => self.accounting.outside(reason),
            None => self.accounting.in_flows += 1,
        }
        Ok(())
    }

    /// Takes a packet of one sample.
    fn of_sample(&mut self, packet: &Packet, sample: u32) -> Result<Result<(), Outside>> {
        // They lend the bytes that go into the streams, of which they know nothing.
        let (mut observer, mut defragmenter) =
            (std::mem::take(&mut self.observer), std::mem::take(&mut self.defragmenter));
        let taken = observer
            .observe_whole(&mut defragmenter, packet, sample, |observed, payload| self.observed(observed, payload));
        (self.observer, self.defragmenter) = (observer, defragmenter);
        match taken {
            Ok(taken) => taken.unwrap_or(Ok(Ok(()))),
            Err(reason) => Ok(Err(reason)),
        }
    }

    fn observed(&mut self, packet: &Observation, payload: &[u8]) -> Result<Result<(), Outside>> {
        if !matches!(packet.key.protocol, protocol::TCP | protocol::UDP) {
            return Ok(Err(Outside::Protocol(packet.key.protocol)));
        }
        let Some(Taken { number, flow, .. }) = self.table.take(packet) else { return Ok(Ok(())) };
        self.note_ends()?;
        let limits = &self.limits;
        let talk = self.talks.entry(number).or_insert_with(|| {
            self.conversations += 1;
            Talk::new(&flow, limits)
        });
        talk.last = Moment { time: flow.time_of(packet), packet: packet.number };
        let side = if flow.is_forward(packet) { Side::Originator } else { Side::Responder };
        let (out, samples) = (&mut self.out, self.samples.all());
        let before = talk.held();
        talk.take(side, packet, payload, &mut |flow, side, piece| out.piece(number, flow, side, piece, samples))?;
        self.held = self.held + talk.held() - before;
        if self.held > self.limits.all {
            let before = talk.held();
            talk.make_room(&mut |flow, side, piece| out.piece(number, flow, side, piece, samples))?;
            self.held = self.held + talk.held() - before;
            self.given_up += u64::from(before > 0);
        }
        Ok(Ok(()))
    }

    fn end_all(&mut self) -> Result<()> {
        self.table.end_all(std::mem::replace(&mut self.latest, i64::MIN));
        self.note_ends()
    }

    /// Tells of conversations that have ended, in the order in which they began.
    fn note_ends(&mut self) -> Result<()> {
        let mut ended: Vec<_> = self.table.ended().collect();
        ended.sort_unstable_by_key(|ended| ended.number);
        for ended in ended {
            *self.ends.entry(ended.reason.number()).or_default() += 1;
            let Some(mut talk) = self.talks.remove(&ended.number) else { continue };
            let (out, samples) = (&mut self.out, self.samples.all());
            self.held -= talk.held();
            talk.flow = ended.flow;
            talk.finish(&mut |flow, side, piece| out.piece(ended.number, flow, side, piece, samples))?;
            out.end(ended.number, &talk, ended.reason, samples)?;
        }
        Ok(())
    }
}

/// Who takes pieces of a conversation.
type Each<'a> = &'a mut dyn FnMut(&Biflow, Side, Piece) -> Result<()>;

impl Talk {
    fn new(flow: &Biflow, limits: &Limits) -> Self {
        let streams = match flow.key.protocol {
            protocol::TCP => Streams::Tcp(Box::new(Connection::new(limits.overlap, limits.stream))),
            _ => Streams::Udp([(0, 0); 2]),
        };
        Self { flow: *flow, last: Moment::default(), streams }
    }

    /// Takes a packet.
    fn take(&mut self, side: Side, packet: &Observation, payload: &[u8], each: Each) -> Result<()> {
        let (flow, at) = (self.flow, self.last);
        match (&mut self.streams, &packet.segment) {
            (Streams::Tcp(streams), Some(segment)) => caught(&flow, each, |each| {
                streams.take(side, segment, (payload, packet.payload_bytes), at, &mut |side, piece| each(side, piece));
            }),
            (Streams::Udp(sides), _) => {
                let (bytes, missed) = &mut sides[side.index()];
                let offset = *bytes + *missed;
                let cut = u64::from(packet.payload_bytes).saturating_sub(payload.len() as u64);
                *bytes += payload.len() as u64;
                *missed += cut;
                if !payload.is_empty() {
                    each(&flow, side, Piece::Bytes { offset, bytes: payload, at })?;
                }
                if cut > 0 {
                    each(&flow, side, Piece::Gap { offset: offset + payload.len() as u64, length: cut, at })?;
                }
                Ok(())
            }
            (Streams::Tcp(_), None) => Ok(()),
        }
    }

    /// Hands out what waits.
    fn make_room(&mut self, each: Each) -> Result<()> {
        let (flow, at) = (self.flow, self.last);
        let Streams::Tcp(streams) = &mut self.streams else { return Ok(()) };
        caught(&flow, each, |each| streams.give_up_all(at, &mut |side, piece| each(side, piece)))
    }

    /// Hands out what waits: nothing more will come.
    fn finish(&mut self, each: Each) -> Result<()> {
        let (flow, at) = (self.flow, self.last);
        let Streams::Tcp(streams) = &mut self.streams else { return Ok(()) };
        caught(&flow, each, |each| streams.finish(at, &mut |side, piece| each(side, piece)))
    }

    fn held(&self) -> usize {
        match &self.streams {
            Streams::Tcp(streams) => streams.held(),
            Streams::Udp(_) => 0,
        }
    }

    /// What happened in what one side sent.
    pub(super) fn counts(&self, side: Side) -> StreamCounts {
        match &self.streams {
            Streams::Tcp(streams) => streams.counts(side),
            Streams::Udp(sides) => {
                let (bytes, missed) = sides[side.index()];
                StreamCounts { bytes, missed, ..StreamCounts::default() }
            }
        }
    }
}

/// Hands pieces on until one cannot be taken.
fn caught(flow: &Biflow, each: Each, pieces: impl FnOnce(&mut dyn FnMut(Side, Piece))) -> Result<()> {
    let mut done = Ok(());
    pieces(&mut |side, piece| {
        if done.is_ok() {
            done = each(flow, side, piece);
        }
    });
    done
}

impl Out {
    fn piece(&mut self, number: u64, flow: &Biflow, side: Side, piece: Piece, samples: &[Sample]) -> Result<()> {
        match self {
            Self::Files(files) => files.piece(number, flow, side, piece),
            Self::Lines(lines) => lines.piece(number, flow, side, piece, samples),
        }
    }

    fn end(&mut self, number: u64, talk: &Talk, reason: EndReason, samples: &[Sample]) -> Result<()> {
        match self {
            Self::Files(files) => {
                files.end(number, talk, reason);
                Ok(())
            }
            Self::Lines(lines) => lines.end(number, talk, reason, samples),
        }
    }
}
