//! One side of a connection of HTTP/1: cut into messages. RFC 9112.
//!
//! A [`Reader`] gets bytes and gaps and hands out heads and whole messages. How a response is framed depends on what was
//! asked, so that the conversation says it when it has seen the head. Behind a gap whose length is known a body goes on;
//! where the place in the stream is lost, a message is looked for at the beginning of lines and of segments.

use super::body::{Body, Budget};
use super::framing::{Framing, chunk_size};
use super::message::{Message, Start, is_method};
use crate::dissect::buffer::{Buffer, Message as Line};
use crate::dissect::held::Held;
use crate::dissect::text::lossless;
use crate::flow::Moment;

/// The longest line; what exceeds it is left out.
const LONGEST: usize = 64 << 10;

/// The longest first line that is looked for where the place in the stream is lost.
const LONGEST_SOUGHT: usize = 8 << 10;

/// So many bytes show whether something may be the beginning of a message.
const BEGINNING: usize = 64;

/// So many bytes of a line that makes no sense are told.
const ADDL: usize = 80;

/// How responses begin.
const STATUS: &[u8] = b"HTTP/1.";

/// Methods that are looked for at the beginning of a segment.
pub(super) const USUAL: [&[u8]; 16] = [
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"PATCH",
    b"CONNECT",
    b"TRACE",
    b"PROPFIND",
    b"NOTIFY",
    b"SUBSCRIBE",
    b"UNSUBSCRIBE",
    b"M-SEARCH",
    b"REPORT",
    b"LOCK",
];

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    /// The head of a message, of which [`Reader::current`] tells: the framing is to be said.
    Head,
    /// A message, all of it.
    Message(Box<Message>),
    /// Something that made no sense.
    Fault(&'static str, Option<String>),
}

/// One side.
#[derive(Debug)]
pub(super) struct Reader {
    /// It is the client.
    asks: bool,
    buffer: Buffer,
    state: State,
    message: Option<Box<Message>>,
    /// The rest of a line that is too long is left out.
    skips: bool,
    /// What is no line of a status is an answer of HTTP/0.9.
    pub(super) bare: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a message.
    Start,
    Headers,
    /// The head is whole.
    Head,
    Length(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailers,
    Close,
    /// The message is whole.
    Whole,
    /// The message makes no sense any more.
    Broken,
    /// Somewhere in the stream.
    Lost,
}

impl Held for Reader {
    fn held(&self) -> usize {
        self.buffer.held() + self.message.held()
    }
}

impl Reader {
    pub(super) fn new(asks: bool) -> Self {
        Self { asks, buffer: Buffer::default(), state: State::Start, message: None, skips: false, bare: false }
    }

    /// Adds bytes.
    pub(super) fn push(&mut self, bytes: &[u8], at: Moment) {
        // A message may begin where a segment does.
        if self.state == State::Lost && !self.may_begin(self.buffer.bytes()) {
            self.buffer.clear();
        }
        self.buffer.push(bytes, at);
    }

    /// The message that is being read.
    pub(super) fn current(&self) -> Option<&Message> {
        self.message.as_deref()
    }

    /// Takes what waits, by packets.
    pub(super) fn drain(&mut self) -> Vec<(Moment, Vec<u8>)> {
        self.buffer.drain()
    }

    /// How many bytes wait.
    pub(super) fn waiting(&self) -> usize {
        self.buffer.len()
    }

    pub(super) fn is_lost(&self) -> bool {
        self.state == State::Lost
    }

    /// Says how the message's body is framed, and what becomes of it.
    pub(super) fn frame(&mut self, framing: Framing, body: Body) {
        if let Some(message) = &mut self.message {
            message.body = body;
        }
        self.state = match framing {
            Framing::Nothing | Framing::Length(0) => State::Whole,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkSize,
            Framing::Close => State::Close,
        };
    }

    /// True if a request of HTTP/0.9 waits for headers that it does not have.
    pub(super) fn waits_bare(&self) -> bool {
        self.state == State::Headers && self.current().is_some_and(|message| message.start.version.is_none())
    }

    /// The head has no more lines.
    pub(super) fn end_head(&mut self) -> Option<Box<Message>> {
        self.state = State::Start;
        self.buffer.clear();
        self.message.take()
    }

    /// What is next; none if more must come.
    pub(super) fn next(&mut self, budget: &mut Budget) -> Option<Found> {
        loop {
            match self.state {
                State::Head => return None,
                State::Whole => {
                    self.state = State::Start;
                    if let Some(found) = self.finished() {
                        return Some(found);
                    }
                }
                State::Broken => {
                    self.state = State::Lost;
                    if let Some(message) = &mut self.message {
                        message.complete = Some(false);
                    }
                    if let Some(found) = self.finished() {
                        return Some(found);
                    }
                }
                State::Start if self.bare && !self.buffer.is_empty() && !self.may_begin(self.buffer.bytes()) => {
                    return self.answers_bare();
                }
                State::Length(0) => self.state = State::Whole,
                State::Chunk(0) => self.state = State::ChunkEnd,
                State::Length(_) | State::Chunk(_) | State::Close => self.body(budget)?,
                State::Lost => self.look()?,
                _ => {
                    if let Some(found) = self.line()? {
                        return Some(found);
                    }
                }
            }
        }
    }

    /// Takes what waits into the body.
    fn body(&mut self, budget: &mut Budget) -> Option<()> {
        let waits = self.buffer.len() as u64;
        let count = match self.state {
            State::Length(left) | State::Chunk(left) => left.min(waits),
            _ => waits,
        };
        let bytes = self.buffer.take(count as usize).filter(|bytes| !bytes.bytes.is_empty())?;
        if let Some(message) = &mut self.message {
            message.last = bytes.last;
            message.body.take(bytes.bytes, budget);
        }
        match &mut self.state {
            State::Length(left) | State::Chunk(left) => *left -= count,
            _ => {}
        }
        Some(())
    }

    /// Reads a line; the outer none: it is not whole.
    fn line(&mut self) -> Option<Option<Found>> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let too_long = buffer.len() > LONGEST;
        let is_none = self.state == State::Start && self.cannot_begin(buffer.bytes());
        let waits = buffer.len();
        let line = match buffer.line() {
            Some(line) => Some((line, false)),
            None if too_long => buffer.take(LONGEST).map(|line| (line, true)),
            None if is_none => buffer.take(waits).map(|line| (line, false)),
            None => None,
        };
        let found = line.map(|(line, cut)| {
            let is_rest = std::mem::replace(&mut self.skips, cut);
            if is_rest { None } else { self.take_line(&line) }
        });
        self.buffer = buffer;
        found
    }

    fn take_line(&mut self, line: &Line) -> Option<Found> {
        let fault = |name| Found::Fault(name, Some(lossless(line.bytes.get(..ADDL).unwrap_or(line.bytes))));
        if self.state == State::Start {
            if line.bytes.is_empty() {
                return None;
            }
            let begins = self.begins_at(line.bytes);
            let start = begins.and_then(|place| Start::of(line.bytes.get(place..)?, self.asks, true));
            self.state = if start.is_some() { State::Headers } else { State::Lost };
            self.message = start.map(|start| Box::new(Message::new(start, line.first, line.last)));
            let what = if self.asks { "no_request_line" } else { "no_status_line" };
            return (begins != Some(0)).then(|| fault(what));
        }
        let message = self.message.as_deref_mut()?;
        message.last = line.last;
        let (state, found) = match self.state {
            State::Headers if line.bytes.is_empty() => (State::Head, Some(Found::Head)),
            State::Trailers if line.bytes.is_empty() => (State::Whole, None),
            State::Headers | State::Trailers => {
                let is_header = message.line(line.bytes, self.state == State::Trailers);
                (self.state, (!is_header).then(|| fault("header_without_colon")))
            }
            State::ChunkSize => match chunk_size(line.bytes) {
                Some(0) => (State::Trailers, None),
                Some(size) => (State::Chunk(size), None),
                None => (State::Broken, Some(fault("bad_chunk_size"))),
            },
            // Behind a chunk stands an empty line.
            _ if line.bytes.is_empty() => (State::ChunkSize, None),
            _ => (State::Broken, Some(fault("chunk_too_long"))),
        };
        self.state = state;
        found
    }

    /// Begins an answer without a head.
    fn answers_bare(&mut self) -> Option<Found> {
        let at = self.buffer.take(0).map_or(Moment::default(), |nothing| nothing.first);
        self.message = Some(Box::new(Message::new(Start::default(), at, at)));
        self.state = State::Head;
        Some(Found::Head)
    }

    /// Looks for the beginning of a message.
    fn look(&mut self) -> Option<()> {
        let bytes = self.buffer.bytes();
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            if !self.may_begin(bytes) || bytes.len() > LONGEST_SOUGHT {
                self.buffer.clear();
            }
            return None;
        };
        let line = bytes.get(..end)?.trim_ascii_end();
        match self.begins_at(line) {
            Some(place) => {
                self.buffer.take(place);
                self.state = State::Start;
            }
            None => {
                self.buffer.take(end + 1);
            }
        }
        Some(())
    }

    /// Where in a line a message begins: a response also behind a body that ends without a line.
    fn begins_at(&self, line: &[u8]) -> Option<usize> {
        // In the middle of something, a line without a version is no request.
        let lenient = self.state == State::Start;
        let begins = |line| Start::of(line, self.asks, lenient).is_some();
        if begins(line) {
            return Some(0);
        }
        let place = line.windows(STATUS.len()).rposition(|window| window == STATUS).filter(|_| !self.asks)?;
        line.get(place..).is_some_and(begins).then_some(place)
    }

    /// True if bytes are no beginning of a message, whatever follows.
    fn cannot_begin(&self, bytes: &[u8]) -> bool {
        let bytes = bytes.get(..BEGINNING).unwrap_or(bytes).trim_ascii_start();
        let word = bytes.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
        !bytes.is_empty() && if self.asks { !is_method(word) } else { !self.may_begin(bytes) }
    }

    /// True if bytes may be the beginning of a message.
    fn may_begin(&self, bytes: &[u8]) -> bool {
        let bytes = bytes.get(..BEGINNING).unwrap_or(bytes);
        if self.asks {
            let word = bytes.split(|byte| *byte == b' ').next().unwrap_or_default();
            !word.is_empty() && USUAL.iter().any(|method| method.starts_with(word))
        } else {
            !bytes.is_empty() && bytes.iter().zip(b"HTTP/").all(|(is, must)| is.eq_ignore_ascii_case(must))
        }
    }

    /// The message is over.
    fn finished(&mut self) -> Option<Found> {
        let mut message = self.message.take()?;
        let decoded = message.body.finish();
        if message.body.is_encoded() && !decoded {
            message.complete = Some(false);
        }
        Some(Found::Message(message))
    }

    /// Begins a message with a first line that has no end.
    fn begin_with_rest(&mut self, lenient: bool) {
        if self.state == State::Start
            && let Some(rest) = self.buffer.take(self.buffer.len()).filter(|rest| !rest.bytes.is_empty())
            && let Some(start) = Start::of(rest.bytes, self.asks, lenient)
        {
            self.message = Some(Box::new(Message::new(start, rest.first, rest.last)));
            self.state = State::Headers;
        }
    }

    /// Bytes are missing. A message that ends with that.
    pub(super) fn gap(&mut self, length: u64) -> Option<Found> {
        // Of a request, the version may be missing too.
        self.begin_with_rest(true);
        let left = match &mut self.state {
            State::Close => u64::MAX,
            State::Length(left) | State::Chunk(left) => *left,
            _ => 0,
        };
        if let Some(message) = &mut self.message {
            message.complete = Some(false);
            message.body.gap(length.min(left));
        }
        match &mut self.state {
            State::Close => return None,
            State::Length(left) | State::Chunk(left) if *left >= length => {
                *left -= length;
                return None;
            }
            _ => {}
        }
        self.buffer.clear();
        self.state = State::Lost;
        self.finished()
    }

    /// Nothing more comes. The message that waits, as it is.
    pub(super) fn end(&mut self) -> Option<Box<Message>> {
        self.begin_with_rest(false);
        let message = self.message.as_deref_mut()?;
        match self.state {
            State::Close if message.complete == Some(true) => message.complete = None,
            State::Head | State::Whole | State::Length(0) => {}
            _ if self.waits_bare() => {}
            _ => self.message.as_deref_mut()?.complete = Some(false),
        }
        let mut message = self.message.take()?;
        let decoded = message.body.finish();
        if message.body.is_encoded() && message.complete != Some(false) {
            message.complete = Some(decoded);
        }
        self.state = State::Lost;
        Some(message)
    }
}

impl Start {
    fn of(line: &[u8], asks: bool, lenient: bool) -> Option<Self> {
        if asks { Self::request(line, lenient) } else { Self::response(line) }
    }
}
