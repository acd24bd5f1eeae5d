//! HTTP/2 in the clear: with prior knowledge, or behind `Upgrade: h2c`. RFC 9113; headers are RFC 7541.
//!
//! Each stream is an exchange, told when both sides have ended it, by the same records as HTTP/1. The response to a request
//! that asked for the upgrade is in stream 1, and told alone. Behind bytes that are missing, what a side says is not
//! understood any more, unless they are of a body: headers depend on all that was said before.

mod frame;
mod hpack;
mod huffman;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::held::Held;
use super::http::{Body, Budget, Exchange, Message, Start, Teller};
use super::record::Events;
use super::text::lossless;
use super::{Dissector, Limits, Next, Opening, Protocol, Verdict, Weird};
use crate::flow::{Moment, Side, Sides};
use frame::{Found, Frames, Head, PREFACE, flag, kind};
use hpack::Hpack;

/// Streams that are open, at most; and the bytes that are kept of them, decoders' included. Beyond that the oldest is told
/// as it is.
const MAX_STREAMS: usize = 256;
const MAX_KEPT: usize = 32 << 20;

/// The headers of a message, compressed, are at most so many bytes.
const MAX_BLOCK: usize = 256 << 10;

/// How HTTP/2 is recognised: by the client's preface, which is made to be no other protocol's.
pub(super) const HTTP2: Protocol =
    Protocol { name: "http2", tcp: true, udp: false, ports: &[80, 8080, 50_051], looks, begin };

fn looks(opening: &Opening) -> Verdict {
    opening.client(|said, other| match () {
        // The side is filled in by `client`.
        () if said.starts_with(PREFACE) => Verdict::Yes(Side::Originator),
        () if !PREFACE.starts_with(said) => Verdict::No,
        () if !said.is_empty() => Verdict::Perhaps,
        // Behind Upgrade the server may speak first.
        () if begins_with_settings(other) => Verdict::Perhaps,
        () => Verdict::No,
    })
}

/// Whether bytes may be the beginning of a server's settings, which it says first: fewer than 100 of them.
fn begins_with_settings(said: &[u8]) -> bool {
    let head = [Some(0), None, None, Some(kind::SETTINGS), Some(0), Some(0), Some(0), Some(0), Some(0)];
    let is_head = said.iter().zip(head).all(|(is, must)| must.is_none_or(|must| *is == must));
    let fits = |head: Head| head.length.is_multiple_of(6) && head.length < 600;
    !said.is_empty() && is_head && Head::of(said).is_none_or(fits)
}

fn begin(_: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    Box::new(Conversation::new(client, limits))
}

/// A connection.
struct Conversation {
    client: Side,
    halves: Sides<Half>,
    state: Streams,
}

/// What one side said.
struct Half {
    frames: Frames,
    hpack: Hpack,
    block: Option<Block>,
}

/// Headers of a message, in one frame or several.
struct Block {
    stream: u32,
    /// They are of the client; or the server says what it would be asked, and answers that.
    is_request: bool,
    /// Nothing follows them.
    ends: bool,
    bytes: Vec<u8>,
    /// The stream in which the other frames are.
    goes_on_in: u32,
    first: Moment,
    last: Moment,
}

/// The streams of a connection.
struct Streams {
    /// So many bytes of a body are kept.
    body: usize,
    open: BTreeMap<u32, Stream>,
    /// What they take, as far as they were weighed.
    held: usize,
    begun: u64,
    budget: Budget,
    teller: Teller,
}

#[derive(Default)]
struct Stream {
    exchange: Exchange,
    /// The client has said all, the server has.
    ended: [bool; 2],
    /// What it took when it was weighed last.
    held: usize,
}

impl Conversation {
    fn new(client: Side, limits: &Limits) -> Self {
        let half = |side| Half { frames: Frames::new(side == client), hpack: Hpack::default(), block: None };
        Self {
            client,
            halves: Sides { originator: half(Side::Originator), responder: half(Side::Responder) },
            state: Streams {
                body: limits.body,
                open: BTreeMap::new(),
                held: 0,
                begun: 0,
                budget: Budget::default(),
                teller: Teller::new(limits),
            },
        }
    }
}

impl Held for Conversation {
    fn held(&self) -> usize {
        self.halves.held() + self.state.held + self.state.teller.held()
    }
}

impl Held for Half {
    fn held(&self) -> usize {
        self.frames.held() + self.hpack.held() + self.block.as_ref().map_or(0, |block| block.bytes.held())
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        let of_client = side == self.client;
        let half = self.halves.of_mut(side);
        half.frames.push(bytes, at);
        let Half { frames, hpack, block } = half;
        while let Some(found) = frames.next() {
            let fault = match found {
                Found::Broken => Some("bad_frame"),
                Found::Data { bytes, stream, ends, last } => {
                    self.state.data((stream, of_client), bytes, ends, last, out);
                    None
                }
                Found::Frame { head, payload, first, last } => {
                    let begun = Block::new(head, of_client, first);
                    match begun.gather(block, (head, payload), last) {
                        Err(fault) => Some(fault),
                        Ok(Some(whole)) => self.state.block(whole, hpack, out),
                        Ok(None) => {
                            self.state.frame(head, payload, last, out);
                            None
                        }
                    }
                }
            };
            if let Some(fault) = fault {
                frames.lose();
                *block = None;
                weird(fault, None, at, out);
            }
        }
        if self.halves.originator.frames.is_lost() && self.halves.responder.frames.is_lost() {
            self.state.finish(out);
            return Next::Over;
        }
        Next::Same
    }

    fn gap(&mut self, side: Side, length: u64, _: Moment, _: &mut Events) -> Next {
        let of_client = side == self.client;
        let half = self.halves.of_mut(side);
        half.block = None;
        if let Some(stream) = half.frames.gap(length)
            && let Some(message) = self.state.message(stream, of_client)
        {
            message.complete = Some(false);
            message.body.gap(length);
        }
        Next::Same
    }

    fn end(&mut self, _: Moment, out: &mut Events) {
        self.state.finish(out);
    }
}

impl Block {
    fn new(head: Head, is_request: bool, first: Moment) -> Self {
        let ends = head.flags & flag::END_STREAM != 0;
        let (stream, bytes) = (head.stream, Vec::new());
        Self { stream, is_request, ends, bytes, goes_on_in: stream, first, last: first }
    }

    /// Puts a block together, of which this may be the first frame: none if this frame is no part of one, or not its last.
    fn gather(
        self,
        open: &mut Option<Self>,
        (head, payload): (Head, &[u8]),
        last: Moment,
    ) -> Result<Option<Self>, &'static str> {
        let (mut block, payload) = match (head.kind, open.take()) {
            (kind::HEADERS, None) => (self, payload),
            (kind::PUSH_PROMISE, None) => {
                let (promised, rest) = payload.split_first_chunk().ok_or("bad_frame")?;
                let stream = u32::from_be_bytes(*promised) & 0x7fff_ffff;
                (Self { stream, is_request: true, ends: true, ..self }, rest)
            }
            (kind::CONTINUATION, Some(open)) if open.goes_on_in == head.stream => (open, payload),
            // Nothing stands between the parts of a block (RFC 9113, 4.3).
            (kind::CONTINUATION, None) | (_, Some(_)) => return Err("broken_header_block"),
            _ => return Ok(None),
        };
        if block.bytes.len() + payload.len() > MAX_BLOCK {
            return Err("header_block_too_long");
        }
        block.bytes.extend_from_slice(payload);
        block.last = last;
        if head.flags & flag::END_HEADERS != 0 {
            return Ok(Some(block));
        }
        *open = Some(block);
        Ok(None)
    }
}

impl Streams {
    /// A stream's message of one side.
    fn message(&mut self, stream: u32, of_client: bool) -> Option<&mut Message> {
        let exchange = &mut self.open.get_mut(&stream)?.exchange;
        if of_client { exchange.request.as_mut() } else { exchange.response.as_mut() }
    }

    /// A piece of a body.
    fn data(&mut self, (stream, of_client): (u32, bool), bytes: &[u8], ends: bool, last: Moment, out: &mut Events) {
        let Some(Stream { exchange, .. }) = self.open.get_mut(&stream) else { return };
        let message = if of_client { exchange.request.as_mut() } else { exchange.response.as_mut() };
        if let Some(message) = message {
            message.body.take(bytes, &mut self.budget);
            message.last = last;
            self.weigh(stream, out);
        }
        if ends {
            self.ends(stream, of_client, out);
        }
    }

    /// A frame without headers or data.
    fn frame(&mut self, head: Head, payload: &[u8], at: Moment, out: &mut Events) {
        match head.kind {
            kind::RST_STREAM => self.tell(head.stream, out),
            kind::GOAWAY => {
                // The last stream, a code, and what else there is to say (RFC 9113, 6.8).
                let code =
                    payload.get(4..).and_then(|rest| rest.first_chunk()).map_or(0, |code| u32::from_be_bytes(*code));
                if code != 0 {
                    let text = payload.get(8..).and_then(|text| text.chunks(80).next()).unwrap_or_default();
                    let addl = format!("{code} {}", lossless(text));
                    weird("connection_error", Some(addl.trim().to_owned()), at, out);
                }
            }
            _ => {}
        }
    }

    /// A block of headers is whole.
    fn block(&mut self, block: Block, hpack: &mut Hpack, out: &mut Events) -> Option<&'static str> {
        let is_trailer = self.message(block.stream, block.is_request).is_some();
        let start = Start { version: Some("2".to_owned()), ..Start::default() };
        let mut fresh = Message::new(start, block.first, block.last);
        let known = if is_trailer { self.message(block.stream, block.is_request) } else { None };
        let message = known.unwrap_or(&mut fresh);
        message.last = block.last;
        let decoded = hpack.decode(&block.bytes, &mut |name, value| message.add(name, value, is_trailer));
        let dropped = message.dropped > 0;
        self.weigh(block.stream, out);
        if dropped {
            weird("too_many_headers", None, block.last, out);
        }
        if decoded.is_none() {
            return Some("bad_header_block");
        }
        if !is_trailer {
            self.begins(fresh, &block, out);
        }
        if block.ends {
            self.ends(block.stream, block.is_request, out);
        }
        None
    }

    /// A message begins.
    fn begins(&mut self, mut message: Message, block: &Block, out: &mut Events) {
        let pseudo = |name| message.header(name).map(str::to_owned);
        message.start = Start {
            method: pseudo(":method").unwrap_or_default(),
            uri: pseudo(":path").unwrap_or_default(),
            status: pseudo(":status").and_then(|status| status.parse().ok()),
            ..message.start
        };
        if !self.open.contains_key(&block.stream) {
            self.begun += 1;
        }
        let stream = self.open.entry(block.stream).or_insert_with(|| {
            let exchange = Exchange { depth: self.begun, stream: Some(block.stream), ..Exchange::default() };
            Stream { exchange, ..Stream::default() }
        });
        if let Some(status @ 100..200) = message.start.status
            && !block.is_request
            && !block.ends
        {
            stream.exchange.info = Some((status, String::new()));
            return self.weigh(block.stream, out);
        }
        if !block.ends {
            message.body = Body::new(&message.list("content-encoding"), self.body);
        }
        let message = Some(message);
        if block.is_request {
            stream.exchange.request = message
        } else {
            stream.exchange.response = message
        }
        self.weigh(block.stream, out);
    }

    /// A side has said all that it will in a stream.
    fn ends(&mut self, number: u32, of_client: bool, out: &mut Events) {
        let Some(stream) = self.open.get_mut(&number) else { return };
        let [client, server] = &mut stream.ended;
        if of_client {
            *client = true
        } else {
            *server = true
        }
        // A server does not answer before there is a request: if none was seen, none will be.
        if *server && (*client || stream.exchange.request.is_none()) {
            self.tell(number, out);
        }
    }

    /// A stream has changed: weighs it, and lets go of the oldest ones where too many are open, or all take too much.
    fn weigh(&mut self, number: u32, out: &mut Events) {
        let Some(stream) = self.open.get_mut(&number) else { return };
        let now = size_of::<Stream>() + stream.exchange.request.held() + stream.exchange.response.held();
        self.held = self.held + now - std::mem::replace(&mut stream.held, now);
        while (self.open.len() > MAX_STREAMS || self.held > MAX_KEPT)
            && let Some(oldest) = self.open.keys().next().copied()
        {
            self.tell(oldest, out);
        }
    }

    /// Tells a stream as it is.
    fn tell(&mut self, number: u32, out: &mut Events) {
        let Some(mut stream) = self.open.remove(&number) else { return };
        self.held -= stream.held;
        let messages = [stream.exchange.request.as_mut(), stream.exchange.response.as_mut()];
        for (message, ended) in messages.into_iter().zip(stream.ended) {
            let Some(message) = message else { continue };
            let decoded = message.body.finish();
            if !ended || message.body.is_encoded() && !decoded {
                message.complete = Some(false);
            }
            if let Some(fault) = message.body.fault() {
                let last = message.last;
                weird(fault, None, last, out);
            }
        }
        self.teller.tell(stream.exchange, out);
    }

    fn finish(&mut self, out: &mut Events) {
        while let Some(number) = self.open.keys().next().copied() {
            self.tell(number, out);
        }
    }
}

fn weird(name: &'static str, addl: Option<String>, at: Moment, out: &mut Events) {
    out.push(at, at, Weird { name, addl, peer: HTTP2.name });
}
