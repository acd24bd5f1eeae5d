//! The domain name system: over UDP and TCP, multicast (mDNS) and link-local (LLMNR). RFC 1035, 3596, 4795, 6762, 6891,
//! 7766, 9619.
//!
//! [`message`] reads a message as far as it can be read; here they are found in conversations, and queries get their
//! responses ([`pairs`]). The crate `simple-dns` (0.13) was looked at: it refuses a whole message for one unknown class or
//! type of question, or one faulty record, and reserves memory for as many records as the header claims.

pub(in crate::dissect) mod https;
mod message;
mod name;
mod numbers;
mod pairs;
mod rdata;
mod record;
mod special;
#[cfg(test)]
mod tests;
mod types;

pub use record::{Dns, SeedDns};

use super::buffer::Buffer;
use super::held::Held;
use super::record::Events;
use super::{Dissector, Limits, Next, Opening, Protocol, Verdict, Weird};
use crate::flow::{Moment, Side, Sides};
use https::Body;
use message::{Message, Style};
use pairs::{Query, Waiting};

/// How the DNS is recognised: by messages that make sense.
pub(super) const DNS: Protocol =
    Protocol { name: "dns", tcp: true, udp: true, ports: &[53, MDNS, LLMNR], looks, begin };

const MDNS: u16 = 5353;
const LLMNR: u16 = 5355;

/// The name and datagram services of NetBIOS, whose messages look much the same, and are others.
const NETBIOS: [u16; 2] = [137, 138];

/// So many bytes show enough of a message over TCP that is longer.
const ENOUGH: usize = 1024;

/// Messages in a row that make no sense, at most.
const MAX_ODD: u32 = 20;

/// The length of a header.
const HEADER: usize = 12;

fn looks(opening: &Opening) -> Verdict {
    let has_port = |ports: &[u16]| ports.contains(&opening.ports.0) || ports.contains(&opening.ports.1);
    if has_port(&NETBIOS) {
        return Verdict::No;
    }
    let expected = has_port(DNS.ports);
    let mut verdict = Verdict::No;
    for side in [Side::Originator, Side::Responder] {
        let said = opening.of(side);
        let found = match opening.datagrams {
            _ if said.is_empty() => continue,
            true => of_datagram(said, expected, has_port(&[MDNS])),
            false => of_stream(said, expected),
        };
        match found {
            Found::Query => return Verdict::Yes(side),
            Found::Response => return Verdict::Yes(side.other()),
            Found::Perhaps => verdict = Verdict::Perhaps,
            Found::Nothing => {}
        }
    }
    verdict
}

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Perhaps,
    Query,
    Response,
}

fn of_datagram(said: &[u8], expected: bool, multicast: bool) -> Found {
    match Message::read(said, Style { multicast, dots: false }) {
        Some(message) if message.is_sound(true) || expected && message.is_likely() => of_message(&message),
        _ => Found::Nothing,
    }
}

fn of_stream(said: &[u8], expected: bool) -> Found {
    let Some((length, rest)) = said.split_first_chunk::<2>() else { return Found::Perhaps };
    let length = usize::from(u16::from_be_bytes(*length));
    let whole = rest.len() >= length;
    if length < HEADER {
        return Found::Nothing;
    }
    let Some(message) = Message::read(rest.get(..length).unwrap_or(rest), Style::default()) else {
        return Found::Perhaps;
    };
    let sound = message.is_sound(whole);
    match whole || message.questions.len() == 1 && (expected || rest.len() >= ENOUGH) {
        true if sound || expected && message.is_likely() => of_message(&message),
        true => Found::Nothing,
        false if sound || expected => Found::Perhaps,
        false => Found::Nothing,
    }
}

fn of_message(message: &Message) -> Found {
    if message.header.is_response() { Found::Response } else { Found::Query }
}

fn begin(opening: &Opening, _: Side, limits: &Limits) -> Box<dyn Dissector> {
    let (a, b) = opening.ports;
    let transport = match opening.datagrams {
        _ if a == MDNS || b == MDNS => "mdns",
        _ if a == LLMNR || b == LLMNR => "llmnr",
        true => "udp",
        false => "tcp",
    };
    Box::new(Conversation::new(transport, (!opening.datagrams).then(Default::default), limits))
}

/// A conversation.
struct Conversation {
    transport: &'static str,
    style: Style,
    /// Messages are told as the seed has them.
    seed: bool,
    /// Each message is a record.
    messages: bool,
    /// The sides' bytes; none where messages are datagrams.
    streams: Option<Sides<Stream>>,
    waiting: Waiting,
    /// Messages in a row that made no sense.
    odd: u32,
}

/// One side of a connection.
#[derive(Default)]
struct Stream {
    buffer: Buffer,
    /// Bytes are missing, and where a message begins is not known.
    lost: bool,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        self.streams.held() + self.waiting.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        let Some(stream) = self.stream(side) else { return self.message(side, bytes, at, at, out) };
        stream.push(bytes, at);
        while let Some(piece) = self.stream(side).and_then(Stream::next) {
            let next = self.message(side, &piece.bytes, piece.first, piece.last, out);
            if next != Next::Same {
                return next;
            }
        }
        Next::Same
    }

    fn gap(&mut self, side: Side, _: u64, _: Moment, out: &mut Events) -> Next {
        self.cut(side, out);
        if let Some(stream) = self.stream(side) {
            stream.lost = true;
        }
        Next::Same
    }

    fn end(&mut self, _: Moment, out: &mut Events) {
        self.cut(Side::Originator, out);
        self.cut(Side::Responder, out);
        self.tell_waiting(out);
    }
}

impl Conversation {
    fn new(transport: &'static str, streams: Option<Sides<Stream>>, limits: &Limits) -> Self {
        Self {
            transport,
            style: Style { multicast: transport == "mdns", dots: limits.seed_dns },
            seed: limits.seed_dns,
            messages: limits.dns_messages,
            streams,
            waiting: Waiting::default(),
            odd: 0,
        }
    }

    fn stream(&mut self, side: Side) -> Option<&mut Stream> {
        Some(self.streams.as_mut()?.of_mut(side))
    }

    /// A message that is not whole is told as far as it goes.
    fn cut(&mut self, side: Side, out: &mut Events) {
        if let Some(piece) = self.stream(side).and_then(Stream::rest) {
            self.message(side, &piece.bytes, piece.first, piece.last, out);
        }
    }

    fn message(&mut self, side: Side, bytes: &[u8], first: Moment, last: Moment, out: &mut Events) -> Next {
        let message = Message::read(bytes, self.style);
        match &message {
            None => {
                let addl = Some(format!("{} bytes", bytes.len()));
                out.push(first, last, Weird { name: "dns_message_too_short", addl, peer: DNS.name });
            }
            Some(message) => tell_faults(message, first, last, out),
        }
        let makes_sense = message.as_ref().is_some_and(Message::is_something);
        self.odd = if makes_sense { 0 } else { self.odd + 1 };
        if let Some(message) = message {
            self.tell(side, message, first, last, out);
        }
        if self.odd < MAX_ODD {
            return Next::Same;
        }
        self.tell_waiting(out);
        Next::Over
    }

    fn tell(&mut self, side: Side, message: Message, first: Moment, last: Moment, out: &mut Events) {
        if self.seed {
            out.push(first, last, SeedDns::of(message, side == Side::Originator));
            return;
        }
        // Multicast messages have no numbers, and answer whoever listens.
        let alone = self.style.multicast && message.header.id == 0;
        if message.header.is_response() {
            let query = (!alone).then(|| self.waiting.answered(side, &message)).flatten();
            self.tell_response(query, message, first, last, out);
        } else {
            if !alone {
                self.waiting.push(side, &message, self.messages, first, last);
            }
            if alone || self.messages {
                out.push_some(first, last, Dns::of(Some(message), None, None, self.transport));
            }
        }
        while let Some(query) = self.waiting.overdue(last) {
            self.tell_query(query, out);
        }
    }

    fn tell_response(&self, query: Option<Query>, message: Message, first: Moment, last: Moment, out: &mut Events) {
        let rtt = query.as_ref().map(|query| last.time.saturating_sub(query.first.time));
        let asked = query.as_ref().filter(|query| query.message.is_some()).map(|query| query.first);
        let query = query.and_then(|query| query.message);
        out.push_some(asked.unwrap_or(first), last, Dns::of(query, Some(message), rtt, self.transport));
    }

    /// All queries that wait have no response.
    fn tell_waiting(&mut self, out: &mut Events) {
        while let Some(query) = self.waiting.oldest() {
            self.tell_query(query, out);
        }
    }

    /// A query that has no response.
    fn tell_query(&self, query: Query, out: &mut Events) {
        out.push_some(query.first, query.last, Dns::of(query.message, None, None, self.transport));
    }
}

/// What is wrong with a message.
fn tell_faults(message: &Message, first: Moment, last: Moment, out: &mut Events) {
    let mut weird = |name, addl| out.push(first, last, Weird { name, addl: Some(addl), peer: DNS.name });
    for (fault, place) in &message.faults {
        weird(fault.name(), place.clone());
    }
    if message.rest > 0 {
        weird("dns_bytes_behind_message", format!("{} bytes", message.rest));
    }
}

impl Held for Stream {
    fn held(&self) -> usize {
        self.buffer.held()
    }
}

impl Stream {
    fn push(&mut self, bytes: &[u8], at: Moment) {
        // Behind a gap, messages go on where a packet begins with one.
        if self.lost && !matches!(of_stream(bytes, false), Found::Query | Found::Response) {
            return;
        }
        self.lost = false;
        self.buffer.push(bytes, at);
    }

    /// The next message.
    fn next(&mut self) -> Option<Body> {
        let (length, _) = self.buffer.bytes().split_first_chunk::<2>()?;
        self.take(usize::from(u16::from_be_bytes(*length)) + 2)
    }

    /// What there is of a message that is not whole.
    fn rest(&mut self) -> Option<Body> {
        let length = self.buffer.len();
        (length >= HEADER + 2).then(|| self.take(length)).flatten()
    }

    fn take(&mut self, length: usize) -> Option<Body> {
        let taken = self.buffer.take(length)?;
        let bytes = taken.bytes.get(2..).unwrap_or_default().to_vec();
        Some(Body { bytes, first: taken.first, last: taken.last })
    }
}

impl Events {
    fn push_some(&mut self, first: Moment, last: Moment, dns: Option<Dns>) {
        if let Some(dns) = dns {
            self.push(first, last, dns);
        }
    }
}
