//! Packets of captures, on their way into streams.

use std::collections::HashMap;

use super::Request;
use super::files::Files;
use super::lines::Lines;
use crate::command::dataset_files::DatasetFile;
use crate::command::dissect::STREAM;
use crate::command::features::accounting::Reason;
use crate::command::memberships::Follow;
use crate::command::packet_filter::PacketFilter;
use crate::decode::protocol;
use crate::error::Result;
use crate::flow::{
    Biflow, Connection, Defragmenter, EndReason, Moment, NumberedFlows, Observation, Observer, Outside, Overlap, Piece,
    Rules, Side, StreamCounts, Taken, TcpEnd, Timeouts,
};
use crate::packet::{Packet, Sample};
use crate::sample::membership::Samples;

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

/// Captures that are being read.
pub(super) struct Work {
    observer: Observer,
    pub(super) defragmenter: Defragmenter,
    pub(super) filter: PacketFilter,
    pub(super) samples: Samples,
    pub(super) talks: Talks,
}

/// All conversations.
pub(super) struct Talks {
    table: NumberedFlows,
    going_on: HashMap<u64, Talk>,
    /// Bytes that wait in all streams.
    held: usize,
    limits: Limits,
    pub(super) out: Out,
    pub(super) counts: Counts,
}

/// What became of conversations.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) conversations: u64,
    /// Those that ended because there were too many.
    pub(super) evicted: u64,
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
    /// Nothing was read so far.
    ///
    /// # Errors
    /// A filter that libpcap rejects for all link types.
    pub(super) fn new(request: &Request, out: Out) -> Result<Self> {
        // As dissect has them, so that records of both are about the same conversations.
        let rules = Rules { ends: TcpEnd::AnotherSyn, ..Rules::default() };
        let timeouts = Timeouts { rules, ..Timeouts::new(request.idle, None) };
        Ok(Self {
            observer: Observer::new(request.keying),
            defragmenter: Defragmenter::new(request.memory / 8),
            filter: PacketFilter::new(request.filter.as_deref())?,
            samples: Samples::default(),
            talks: Talks {
                table: NumberedFlows::new(timeouts, request.max_flows),
                going_on: HashMap::new(),
                held: 0,
                limits: Limits {
                    overlap: request.overlap,
                    stream: STREAM.min(request.memory / 8),
                    all: request.memory / 4,
                },
                out,
                counts: Counts::default(),
            },
        })
    }
}

impl Follow for Work {
    type Reason = Reason;

    fn begin(&mut self, capture: u64, _file: &DatasetFile) -> Result<()> {
        self.observer.clear();
        self.talks.out.begin(capture);
        Ok(())
    }

    fn samples_of(&mut self, packet: &Packet, samples: &mut Vec<u32>) -> Result<()> {
        self.samples.of_packet(packet, |number| samples.push(number as u32));
        Ok(())
    }

    fn take(&mut self, packet: &Packet, sample: u32) -> Result<Result<(), Reason>> {
        if !self.filter.passes(packet) {
            return Ok(Err(Reason::Filtered));
        }
        let (talks, samples) = (&mut self.talks, self.samples.all());
        let take = |observed: &Observation, payload: &[u8]| talks.take(observed, payload, samples);
        match self.observer.observe_whole(&mut self.defragmenter, packet, sample, take) {
            Ok(taken) => Ok(taken.unwrap_or(Ok(Ok(())))?.map_err(Reason::Of)),
            Err(reason) => Ok(Err(Reason::Of(reason))),
        }
    }

    fn end_all(&mut self, latest: i64) -> Result<()> {
        self.talks.table.end_all(latest);
        self.talks.note_ends(self.samples.all())
    }

    fn end(&mut self, latest: i64) -> Result<()> {
        self.defragmenter.clear();
        self.end_all(latest)
    }
}

impl Talks {
    fn take(&mut self, packet: &Observation, payload: &[u8], samples: &[Sample]) -> Result<Result<(), Outside>> {
        if !matches!(packet.key.protocol, protocol::TCP | protocol::UDP) {
            return Ok(Err(Outside::Protocol(packet.key.protocol)));
        }
        let Some(Taken { number, flow, .. }) = self.table.take(packet) else { return Ok(Ok(())) };
        self.note_ends(samples)?;
        let (limits, counts, out) = (&self.limits, &mut self.counts, &mut self.out);
        let talk = self.going_on.entry(number).or_insert_with(|| {
            counts.conversations += 1;
            Talk::new(&flow, limits)
        });
        talk.last = Moment { time: flow.time_of(packet), packet: packet.number };
        let side = if flow.is_forward(packet) { Side::Originator } else { Side::Responder };
        let before = talk.held();
        talk.take(side, packet, payload, &mut |flow, side, piece| out.piece(number, flow, side, piece, samples))?;
        self.held = self.held + talk.held() - before;
        if self.held > limits.all {
            let before = talk.held();
            talk.make_room(&mut |flow, side, piece| out.piece(number, flow, side, piece, samples))?;
            self.held = self.held + talk.held() - before;
            counts.given_up += u64::from(before > 0);
        }
        Ok(Ok(()))
    }

    /// Tells of conversations that have ended, in the order in which they began.
    fn note_ends(&mut self, samples: &[Sample]) -> Result<()> {
        let mut ended: Vec<_> = self.table.ended().collect();
        ended.sort_unstable_by_key(|ended| ended.number);
        for ended in ended {
            self.counts.evicted += u64::from(ended.reason == EndReason::LackOfResources);
            let Some(mut talk) = self.going_on.remove(&ended.number) else { continue };
            let out = &mut self.out;
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

    /// Why it ended, if this is why its flow did.
    pub(super) fn end_reason(&self, reason: EndReason) -> &'static str {
        reason.of_conversation(match &self.streams {
            Streams::Tcp(streams) => streams.close(),
            Streams::Udp(_) => None,
        })
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
    /// What follows is of this capture.
    fn begin(&mut self, capture: u64) {
        match self {
            Self::Files(files) => files.capture = capture,
            Self::Lines(lines) => lines.capture = capture,
        }
    }

    fn piece(&mut self, number: u64, flow: &Biflow, side: Side, piece: Piece, samples: &[Sample]) -> Result<()> {
        match self {
            Self::Files(files) => files.piece(number, flow, side, piece),
            Self::Lines(lines) => lines.piece(number, flow, side, piece, samples),
        }
    }

    fn end(&mut self, number: u64, talk: &Talk, reason: EndReason, samples: &[Sample]) -> Result<()> {
        match self {
            Self::Files(files) => {
                files.end(number, talk, talk.end_reason(reason));
                Ok(())
            }
            Self::Lines(lines) => lines.end(number, talk, talk.end_reason(reason), samples),
        }
    }
}
