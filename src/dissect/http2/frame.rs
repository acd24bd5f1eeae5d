//! Frames of HTTP/2, out of the bytes of one side. RFC 9113, 4 and 6.

use super::super::buffer::Buffer;
use crate::dissect::held::Held;
use crate::flow::Moment;

/// The client's first bytes (3.4).
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The longest frame that is kept whole; those with data are handed out in pieces, and of those that say nothing here the
/// heads alone.
const MAX_FRAME: usize = 256 << 10;

/// The length of a frame's head.
const HEAD: usize = 9;

/// Flags.
pub(super) mod flag {
    pub(in super::super) const END_STREAM: u8 = 1;
    pub(in super::super) const END_HEADERS: u8 = 4;
    pub(super) const PADDED: u8 = 8;
    pub(super) const PRIORITY: u8 = 0x20;
}

/// Types.
pub(super) mod kind {
    pub(super) const DATA: u8 = 0;
    pub(in super::super) const HEADERS: u8 = 1;
    pub(in super::super) const RST_STREAM: u8 = 3;
    pub(in super::super) const SETTINGS: u8 = 4;
    pub(in super::super) const PUSH_PROMISE: u8 = 5;
    pub(in super::super) const GOAWAY: u8 = 7;
    pub(in super::super) const CONTINUATION: u8 = 9;

    /// Those whose payload says something here.
    pub(super) const TOLD: [u8; 5] = [HEADERS, RST_STREAM, PUSH_PROMISE, GOAWAY, CONTINUATION];
}

/// What one side said.
#[derive(Debug)]
pub(super) struct Frames {
    buffer: Buffer,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Preface,
    Head,
    /// So many bytes of data, and so many of padding behind them.
    Data {
        stream: u32,
        left: usize,
        padding: usize,
        ends: bool,
        at: Moment,
    },
    /// So many bytes that are not looked at.
    Skip(usize),
    /// Somewhere in the stream.
    Lost,
}

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A frame that is no data, without padding and priority; without payload if it is none of [`kind::TOLD`].
    Frame { head: Head, payload: &'a [u8], first: Moment, last: Moment },
    /// A piece of data; true if it ends what this side says in the stream.
    Data { stream: u32, bytes: &'a [u8], ends: bool, last: Moment },
    /// What follows makes no sense.
    Broken,
}

impl Held for Frames {
    fn held(&self) -> usize {
        self.buffer.held()
    }
}

impl Frames {
    pub(super) fn new(is_client: bool) -> Self {
        Self { buffer: Buffer::default(), state: if is_client { State::Preface } else { State::Head } }
    }

    pub(super) fn push(&mut self, bytes: &[u8], at: Moment) {
        if self.state != State::Lost {
            self.buffer.push(bytes, at);
        }
    }

    /// What follows is not understood.
    pub(super) fn lose(&mut self) {
        self.state = State::Lost;
        self.buffer = Buffer::default();
    }

    pub(super) fn is_lost(&self) -> bool {
        self.state == State::Lost
    }

    /// Bytes are missing. The stream whose data they are, if all of them are of one frame's data.
    pub(super) fn gap(&mut self, length: u64) -> Option<u32> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        match &mut self.state {
            State::Data { stream, left, .. } if *left >= length => {
                *left -= length;
                Some(*stream)
            }
            State::Skip(left) if *left >= length => {
                *left -= length;
                None
            }
            _ => {
                self.lose();
                None
            }
        }
    }

    /// What is next; none if more must come.
    pub(super) fn next(&mut self) -> Option<Found<'_>> {
        loop {
            let waits = self.buffer.len();
            match self.state {
                State::Lost => return None,
                State::Preface => {
                    let preface = self.buffer.take(PREFACE.len())?;
                    if preface.bytes != PREFACE {
                        return Some(Found::Broken);
                    }
                    self.state = State::Head;
                }
                State::Skip(0) => self.state = State::Head,
                State::Skip(left) => {
                    let count = left.min(waits);
                    if count == 0 {
                        return None;
                    }
                    self.buffer.take(count)?;
                    self.state = State::Skip(left - count);
                }
                State::Data { stream, left, padding, ends, at } => {
                    let count = left.min(waits);
                    if count == 0 && left > 0 {
                        return None;
                    }
                    let all = count == left;
                    let data = self.buffer.take(count)?;
                    self.state = if all {
                        State::Skip(padding)
                    } else {
                        State::Data { stream, left: left - count, padding, ends, at }
                    };
                    return Some(Found::Data {
                        stream,
                        bytes: data.bytes,
                        ends: ends && all,
                        last: if count > 0 { data.last } else { at },
                    });
                }
                State::Head => {
                    let head = Head::of(self.buffer.bytes())?;
                    let padded = head.flags & flag::PADDED != 0;
                    if head.kind != kind::DATA {
                        return self.frame(head);
                    }
                    let padding = if padded { usize::from(*self.buffer.bytes().get(HEAD)?) } else { 0 };
                    let Some(left) = head.length.checked_sub(padding + usize::from(padded)) else {
                        return Some(Found::Broken);
                    };
                    let at = self.buffer.take(HEAD + usize::from(padded))?.last;
                    let ends = head.flags & flag::END_STREAM != 0;
                    self.state = State::Data { stream: head.stream, left, padding, ends, at };
                }
            }
        }
    }

    /// A frame that is no data.
    fn frame(&mut self, head: Head) -> Option<Found<'_>> {
        if !kind::TOLD.contains(&head.kind) {
            let taken = self.buffer.take(HEAD)?;
            self.state = State::Skip(head.length);
            return Some(Found::Frame { head, payload: &[], first: taken.first, last: taken.last });
        }
        if head.length > MAX_FRAME {
            return Some(Found::Broken);
        }
        let whole = self.buffer.take(HEAD + head.length)?;
        let mut payload = whole.bytes.get(HEAD..)?;
        let has_headers = matches!(head.kind, kind::HEADERS | kind::PUSH_PROMISE);
        if has_headers && head.flags & flag::PADDED != 0 {
            let unpadded = payload.split_first().and_then(|(padding, rest)| {
                let length = rest.len().checked_sub(usize::from(*padding))?;
                rest.get(..length)
            });
            let Some(unpadded) = unpadded else { return Some(Found::Broken) };
            payload = unpadded;
        }
        if head.kind == kind::HEADERS && head.flags & flag::PRIORITY != 0 {
            let Some(rest) = payload.get(5..) else { return Some(Found::Broken) };
            payload = rest;
        }
        Some(Found::Frame { head, payload, first: whole.first, last: whole.last })
    }
}

impl Head {
    /// The head of a frame that begins so.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let [a, b, c, kind, flags, stream @ ..] = bytes.first_chunk::<HEAD>()?;
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        Some(Self { length, kind: *kind, flags: *flags, stream: u32::from_be_bytes(*stream) & 0x7fff_ffff })
    }
}
