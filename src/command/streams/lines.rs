//! Streams as JSON Lines: a record for each conversation, each piece, or each turn.

use std::collections::HashMap;

use super::work::Talk;
use super::{Mode, Request};
use crate::command::dissect::{protocol_name, uid};
use crate::dissect::Value;
use crate::dissect::value::member;
use crate::error::Result;
use crate::flow::{Biflow, Moment, Piece, Side, community_id};
use crate::packet::Sample;
use crate::sink::{OutputRules, RowFormat, RowShape, RowSink};
use crate::table::{Column, ColumnKind};

/// What a piece takes besides its bytes.
const PER_PIECE: usize = 64;

/// Writes records.
pub(super) struct Lines {
    sink: RowSink,
    mode: Mode,
    /// What conversations said that was not told yet.
    said: HashMap<u64, Said>,
    held: usize,
    limit: usize,
    line: Vec<u8>,
    /// The names of the captures, if there are several.
    names: Vec<String>,
    /// The number of the one that is read.
    pub(super) capture: u64,
}

/// What a conversation said since its last record.
#[derive(Default)]
struct Said {
    bytes: [Vec<u8>; 2],
    pieces: Vec<Chunk>,
    /// Its records so far.
    parts: u64,
}

/// A piece.
#[derive(Clone, Copy)]
struct Chunk {
    side: Side,
    offset: u64,
    length: u64,
    missing: bool,
    at: Moment,
}

impl Lines {
    /// Begins the output.
    pub(super) fn create(request: &Request, mode: Mode, names: Vec<String>, rules: &OutputRules) -> Result<Self> {
        // Lines are encoded whole: what the sink thinks of columns does not matter.
        let shape = RowShape::new(RowFormat::JsonLines, vec![Column::new("record", ColumnKind::Text, "")]);
        Ok(Self {
            sink: RowSink::create(&request.output.path, &shape, rules)?,
            mode,
            said: HashMap::new(),
            held: 0,
            limit: request.memory / 4,
            line: Vec::new(),
            names,
            capture: 0,
        })
    }

    pub(super) fn piece(
        &mut self,
        number: u64,
        flow: &Biflow,
        side: Side,
        piece: Piece,
        samples: &[Sample],
    ) -> Result<()> {
        let turns = match self.mode {
            Mode::Session => false,
            Mode::Chunk => true,
            Mode::Exchange => {
                self.said.get(&number).is_some_and(|said| said.pieces.last().is_some_and(|last| last.side != side))
            }
        };
        if turns {
            self.tell(number, flow, None, samples)?;
        }
        let said = self.said.entry(number).or_default();
        let before = said.held();
        said.push(side, piece);
        self.held = self.held + said.held() - before;
        // Where there is too much, what is told so far is a part.
        if self.held > self.limit || self.mode == Mode::Chunk {
            self.tell(number, flow, None, samples)?;
        }
        Ok(())
    }

    pub(super) fn end(&mut self, number: u64, talk: &Talk, reason: &'static str, samples: &[Sample]) -> Result<()> {
        self.tell(number, &talk.flow, Some(reason), samples)?;
        self.said.remove(&number);
        Ok(())
    }

    /// Gives the output its name.
    pub(super) fn finish(self) -> Result<()> {
        self.sink.finish().map(|_| ())
    }

    /// Writes what a conversation said since its last record, if that is something.
    fn tell(&mut self, number: u64, flow: &Biflow, end: Option<&'static str>, samples: &[Sample]) -> Result<()> {
        let Some(said) = self.said.get_mut(&number).filter(|said| !said.pieces.is_empty()) else { return Ok(()) };
        self.held -= said.held();
        self.line.clear();
        self.line.push(b'{');
        let mut first = true;
        let (mode, line) = (self.mode, &mut self.line);
        let mut put = |name: &str, value: Value| {
            if !value.is_missing() {
                member(name, &value, &mut first, line);
            }
        };
        let (first, last) = said.span();
        put("_path", Value::Text(mode.name().to_owned()));
        put("ts", Value::Time(first.time));
        let file = self.names.get(self.capture as usize);
        put("file", file.map_or(Value::Missing, |name| Value::Text(name.clone())));
        conversation(self.capture, flow, &mut put);
        put("pkt_first", Value::Count(first.packet));
        put("pkt_last", Value::Count(last.packet));
        if let Some(sample) = samples.get(flow.key.sample as usize) {
            put("sample_id", Value::Text(sample.id.to_string()));
            put("label", Value::Text(sample.label.clone()));
        }
        match mode {
            Mode::Session => said.session(flow, end, &mut put),
            Mode::Chunk | Mode::Exchange => said.turn(mode, &mut put),
        }
        self.line.extend_from_slice(b"}\n");
        *said = Said { parts: said.parts + 1, ..Said::default() };
        self.sink.row(&self.line)
    }
}

/// Tells a conversation.
fn conversation(capture: u64, flow: &Biflow, put: &mut impl FnMut(&str, Value)) {
    let (key, low) = (&flow.key, flow.forward_is_low);
    let port = |low: bool| key.port(low).map_or(Value::Missing, |port| Value::Count(port.into()));
    put("uid", Value::Text(uid(capture, flow)));
    put("community_id", Value::Text(community_id(flow)));
    put("id.orig_h", Value::Address(key.address(low)));
    put("id.orig_p", port(low));
    put("id.resp_h", Value::Address(key.address(!low)));
    put("id.resp_p", port(!low));
    put("proto", Value::Text(protocol_name(key.protocol)));
}

impl Said {
    fn push(&mut self, side: Side, piece: Piece) {
        let told = match piece {
            Piece::Bytes { offset, bytes, at } => {
                self.bytes[side.index()].extend_from_slice(bytes);
                Chunk { side, offset, length: bytes.len() as u64, missing: false, at }
            }
            Piece::Gap { offset, length, at } => Chunk { side, offset, length, missing: true, at },
        };
        self.pieces.push(told);
    }

    fn held(&self) -> usize {
        self.bytes.iter().map(Vec::len).sum::<usize>() + PER_PIECE * self.pieces.len()
    }

    /// The earliest and the latest packet.
    fn span(&self) -> (Moment, Moment) {
        let moments = || self.pieces.iter().map(|piece| piece.at);
        let first = moments().min_by_key(|at| at.packet).unwrap_or_default();
        (first, moments().max_by_key(|at| at.packet).unwrap_or_default())
    }

    /// The fields of a conversation.
    fn session(&mut self, flow: &Biflow, end: Option<&'static str>, put: &mut impl FnMut(&str, Value)) {
        put("start", Value::Time(flow.start));
        // A conversation that was too large for one record comes in several.
        if self.parts > 0 || end.is_none() {
            put("part", Value::Count(self.parts + 1));
        }
        put("end_reason", end.map_or(Value::Missing, |end| Value::Text(end.to_owned())));
        let [c2s, s2c] = &mut self.bytes;
        put("c2s", Value::Bytes(std::mem::take(c2s)));
        put("s2c", Value::Bytes(std::mem::take(s2c)));
        let of =
            |missing: bool| self.pieces.iter().filter(|piece| piece.missing == missing).map(Chunk::object).collect();
        put("chunks", Value::List(of(false)));
        put("gaps", Value::List(of(true)));
    }

    /// The fields of a turn, or of a single piece.
    fn turn(&self, mode: Mode, put: &mut impl FnMut(&str, Value)) {
        let Some(first) = self.pieces.first().copied() else { return };
        put("dir", Value::Text(direction(first.side).to_owned()));
        put("offset", Value::Count(first.offset));
        put("len", Value::Count(self.pieces.iter().map(|piece| piece.length).sum()));
        let has_bytes = self.pieces.iter().any(|piece| !piece.missing);
        let bytes = &self.bytes[first.side.index()];
        put("data", if has_bytes { Value::Bytes(bytes.clone()) } else { Value::Missing });
        let missing = self.pieces.iter().filter(|piece| piece.missing);
        match mode {
            Mode::Chunk if first.missing => put("missing", Value::Flag(true)),
            Mode::Chunk => {}
            _ => put("gaps", Value::List(missing.map(Chunk::object).collect())),
        }
    }
}

impl Chunk {
    fn object(&self) -> Value {
        Value::Object(vec![
            ("dir", Value::Text(direction(self.side).to_owned())),
            ("offset", Value::Count(self.offset)),
            ("len", Value::Count(self.length)),
            ("ts", Value::Time(self.at.time)),
            ("frame", Value::Count(self.at.packet)),
        ])
    }
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Session => "stream",
            Self::Chunk => "chunk",
            Self::Exchange => "exchange",
        }
    }
}

fn direction(side: Side) -> &'static str {
    match side {
        Side::Originator => "c2s",
        Side::Responder => "s2c",
    }
}
