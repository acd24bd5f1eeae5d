//! HTTP/1.0, 1.1 and 0.9: every exchange of a connection. RFC 9110, 9112; 1945 for what has no version.
//!
//! A [`Reader`](reader::Reader) of each side makes messages; here requests get their responses, in order. Heads are read by
//! rules of our own, and not by a strict parser: what scanners and old devices send is to be told too.

mod body;
mod coding;
mod credentials;
mod framing;
mod message;
mod reader;
mod record;
mod teller;
#[cfg(test)]
mod tests;

pub(super) use body::{Body, Budget};
pub(super) use message::{Message, Start};
pub(super) use record::{Exchange, Http};
pub(super) use teller::Teller;

use super::asked::Asked;
use super::held::Held;
use super::record::Events;
use super::{Behind, Dissector, Limits, Next, Opening, Protocol, Verdict, Weird};
use crate::flow::{Moment, Side, Sides};
use framing::Framing;
use reader::{Found, Reader};

/// Requests that wait for their responses, at most; and the bytes of their bodies.
const MAX_WAITING: usize = 500;
const MAX_WAITING_BYTES: usize = 8 << 20;

/// Bytes of a client that wait for the answer to its CONNECT, at most: more are read as requests.
const MAX_EARLY: usize = 64 << 10;

/// A first line that is longer than this shows by its beginning what it is.
const LONG_LINE: usize = 1 << 10;

/// How HTTP is recognised: by the first line of a request or of a response.
pub(super) const HTTP: Protocol = Protocol {
    name: "http",
    tcp: true,
    udp: false,
    ports: &[80, 8080, 8000, 8008, 8081, 8888, 3128, 8118, 5985, 2869, 1900, 631, 591],
    looks,
    begin,
};

fn looks(opening: &Opening) -> Verdict {
    let server = opening.server_by_port(HTTP.ports);
    // A connection that was picked up somewhere, in a body perhaps.
    let begins_anywhere = server.is_some() && !opening.from_start && !opening.datagrams;
    opening.client(|said, other| match (asks(said, server.is_some()), answers(other)) {
        // The side is filled in by `client`.
        (Verdict::Yes(_), _) | (_, Verdict::Yes(_)) => Verdict::Yes(Side::Originator),
        _ if begins_anywhere && (holds(said, true) || holds(other, false)) => Verdict::Yes(Side::Originator),
        (Verdict::Perhaps, _) | (_, Verdict::Perhaps) => Verdict::Perhaps,
        _ if begins_anywhere => Verdict::Perhaps,
        _ => Verdict::No,
    })
}

/// Whether one of several lines begins a message.
fn holds(said: &[u8], asks: bool) -> bool {
    said.split(|byte| *byte == b'\n').any(|line| match asks {
        true => Start::request(line, false).is_some(),
        false => Start::response(line).is_some(),
    })
}

/// Whether bytes are the beginning of a request.
fn asks(said: &[u8], expected: bool) -> Verdict {
    let said = said.trim_ascii_start();
    let line = said.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.len() < said.len() {
        let lenient = Start::request(line, expected).is_some();
        return if lenient { Verdict::Yes(Side::Originator) } else { Verdict::No };
    }
    let end = line.iter().position(|byte| *byte == b' ');
    let word = line.get(..end.unwrap_or(line.len())).unwrap_or_default();
    let is_text = line.iter().all(|byte| !byte.is_ascii_control() || matches!(byte, b'\r' | b'\t'));
    let rest = line.get(word.len()..).unwrap_or_default();
    match () {
        () if said.is_empty() || !is_text || !message::is_method(word) => Verdict::No,
        () if rest.len() > LONG_LINE => {
            let is_uri = rest.starts_with(b" /") || rest.starts_with(b" http");
            if is_uri && reader::USUAL.contains(&word) { Verdict::Yes(Side::Originator) } else { Verdict::No }
        }
        () => Verdict::Perhaps,
    }
}

/// Whether bytes are the beginning of a response.
fn answers(said: &[u8]) -> Verdict {
    let line = said.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_prefix = line.iter().zip(b"HTTP/").all(|(is, must)| is.eq_ignore_ascii_case(must));
    match () {
        () if said.is_empty() || !is_prefix => Verdict::No,
        () if Start::response(line).is_some() => Verdict::Yes(Side::Originator),
        () if line.len() == said.len() && line.len() < 16 => Verdict::Perhaps,
        () => Verdict::No,
    }
}

fn begin(_: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    Box::new(Conversation {
        client,
        body: limits.body,
        readers: Sides {
            originator: Reader::new(client == Side::Originator),
            responder: Reader::new(client == Side::Responder),
        },
        budget: Budget::default(),
        waiting: Asked::new(MAX_WAITING, MAX_WAITING_BYTES),
        early: None,
        info: None,
        depth: 0,
        behind: Behind::default(),
        teller: Teller::new(limits),
    })
}

/// A connection.
struct Conversation {
    client: Side,
    /// So many bytes of a body are kept.
    body: usize,
    readers: Sides<Reader>,
    budget: Budget,
    /// Requests that wait for their responses.
    waiting: Asked<(u64, Box<Message>)>,
    /// The response to the request that is being read.
    early: Option<Message>,
    info: Option<(u16, String)>,
    /// Exchanges begun.
    depth: u64,
    /// What is known of the conversation that a proxy was asked for.
    behind: Behind,
    teller: Teller,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        self.readers.held() + self.waiting.held() + self.early.held() + self.teller.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        if side != self.client {
            self.expect_bare(out);
        }
        self.reader(side).push(bytes, at);
        let next = self.read(side, at, out);
        if next == Next::Same && side != self.client && self.reader(self.client).waiting() > 0 {
            // What waited for the answer to a CONNECT, which was no.
            return self.read(self.client, at, out);
        }
        next
    }

    fn gap(&mut self, side: Side, length: u64, _: Moment, out: &mut Events) -> Next {
        let found = self.reader(side).gap(length);
        if let Some(Found::Message(message)) = found {
            if side == self.client {
                self.waiting.lost_part();
                self.asked(*message, out);
            } else {
                self.answered(*message, out);
            }
        }
        match self.reader(side).is_lost() {
            true if side == self.client => self.waiting.lost_commands(),
            true => {
                let lost = self.waiting.lost_replies();
                self.tell_alone(lost, out);
            }
            false => {}
        }
        Next::Same
    }

    fn begins_behind_gap(&mut self, side: Side) {
        match side == self.client {
            true => self.waiting.lost_commands(),
            // Nothing was asked so far.
            false => drop(self.waiting.lost_replies()),
        }
    }

    fn end(&mut self, _: Moment, out: &mut Events) {
        self.finish(out);
    }

    fn behind(&mut self) -> Behind {
        std::mem::take(&mut self.behind)
    }
}

impl Conversation {
    fn reader(&mut self, side: Side) -> &mut Reader {
        self.readers.of_mut(side)
    }

    /// Reads messages, as far as one side's bytes go.
    fn read(&mut self, side: Side, at: Moment, out: &mut Events) -> Next {
        loop {
            if side == self.client && self.waits_for_tunnel() {
                return Next::Same;
            }
            match self.readers.of_mut(side).next(&mut self.budget) {
                None => return Next::Same,
                Some(Found::Fault(name, addl)) => {
                    let addl = addl.filter(|text| self.teller.may_tell(text));
                    weird(name, addl, at, out);
                }
                Some(Found::Head) => self.head(side, at, out),
                Some(Found::Message(message)) if side == self.client => self.asked(*message, out),
                Some(Found::Message(message)) => {
                    if self.answered(*message, out) {
                        let rest = self.reader(side).waiting();
                        self.finish(out);
                        return Next::Anew(rest);
                    }
                }
            }
        }
    }

    /// True if what a client says is for whom it asked a proxy to go to, if the proxy does.
    fn waits_for_tunnel(&mut self) -> bool {
        let asked = self.waiting.last().is_some_and(|(_, request)| request.start.method == "CONNECT");
        let reader = self.reader(self.client);
        asked && reader.current().is_none() && !reader.is_lost() && reader.waiting() <= MAX_EARLY
    }

    /// A server speaks: a request of HTTP/0.9 has no headers then, and its answer none either.
    fn expect_bare(&mut self, out: &mut Events) {
        let client = self.client;
        if self.reader(client).waits_bare()
            && let Some(request) = self.reader(client).end_head()
        {
            self.asked(*request, out);
        }
        let bare = self.waiting.first().is_some_and(|(_, request)| request.start.version.is_none());
        self.reader(client.other()).bare = bare;
    }

    /// The head of a message is whole: says what its body is.
    fn head(&mut self, side: Side, at: Moment, out: &mut Events) {
        let method = self.asked_method();
        let limit = self.body;
        let is_request = side == self.client;
        let Some(message) = self.reader(side).current() else { return };
        let mut faults = Vec::new();
        let framing = match is_request {
            true => Framing::of_request(message),
            false => Framing::of_response(message, method.as_deref()),
        };
        let length = message.content_length();
        if length == Some(Err(())) {
            faults.push("bad_content_length");
        }
        let mut encodings = message.list("content-encoding");
        encodings.extend(message.list("transfer-encoding").into_iter().filter(|coding| coding != "chunked"));
        if message.dropped > 0 {
            faults.push("too_many_headers");
        }
        let body = match framing {
            Framing::Nothing | Framing::Length(0) => Body::default(),
            _ => Body::new(&encodings, limit),
        };
        self.reader(side).frame(framing, body);
        for fault in faults {
            weird(fault, None, at, out);
        }
    }

    /// True if a request is being read.
    fn is_asking(&mut self) -> bool {
        self.reader(self.client).current().is_some()
    }

    /// The method of the request that a response answers.
    fn asked_method(&mut self) -> Option<String> {
        if !self.waiting.is_empty() && self.waiting.first().is_none() {
            return None;
        }
        let client = self.client;
        let waits = self.waiting.first().map(|(_, request)| request.start.method.clone());
        waits.or_else(|| self.reader(client).current().map(|request| request.start.method.clone()))
    }

    /// A request is whole.
    fn asked(&mut self, request: Message, out: &mut Events) {
        check(&request, out);
        self.depth += 1;
        let request = Box::new(request);
        let (at, held) = (request.first, request.held());
        let overdue = self.waiting.push((self.depth, request), at, held);
        self.tell_alone(overdue, out);
        if let Some(response) = self.early.take() {
            self.respond(response, out);
        }
    }

    /// Tells a response, with the request that it is for.
    fn respond(&mut self, response: Message, out: &mut Events) {
        match self.waiting.answered(response.first) {
            Some((depth, request)) => self.tell(depth, Some(*request), Some(response), out),
            None => {
                self.depth += 1;
                self.tell(self.depth, None, Some(response), out);
            }
        }
    }

    /// A response is whole. True if what follows is of another protocol.
    fn answered(&mut self, response: Message, out: &mut Events) -> bool {
        check(&response, out);
        let status = response.start.status.unwrap_or_default();
        if (100..200).contains(&status) {
            self.info = Some((status, response.start.reason.clone().unwrap_or_default()));
            if status != 101 {
                return false;
            }
        }
        let connects = (200..300).contains(&status) && self.asked_method().as_deref() == Some("CONNECT");
        if connects {
            self.connects();
        }
        let is_next = self.waiting.is_empty() && self.waiting.is_known() && self.early.is_none();
        match is_next && self.is_asking() {
            true => self.early = Some(response),
            false => self.respond(response, out),
        }
        status == 101 || connects
    }

    /// A proxy goes where it was asked to: keeps what was said to whom is there.
    fn connects(&mut self) {
        let client = self.client;
        let asked = self.waiting.first().map(|(_, request)| request.start.uri.as_str());
        self.behind.port = asked.and_then(|authority| authority.rsplit(':').next()?.parse().ok());
        if self.waits_for_tunnel() {
            let early = self.reader(client).drain().into_iter();
            self.behind.early = early.map(|(at, said)| (client, at, said)).collect();
        }
    }

    /// Tells requests without responses.
    fn tell_alone(&mut self, requests: Vec<(u64, Box<Message>)>, out: &mut Events) {
        for (depth, request) in requests {
            self.tell(depth, Some(*request), None, out);
        }
    }

    fn tell(&mut self, depth: u64, request: Option<Message>, response: Option<Message>, out: &mut Events) {
        let info = if response.is_some() { self.info.take() } else { None };
        self.teller.tell(Exchange { depth, stream: None, request, response, info }, out);
    }

    /// Tells everything that waits.
    fn finish(&mut self, out: &mut Events) {
        let client = self.client;
        if let Some(request) = self.reader(client).end() {
            self.asked(*request, out);
        }
        if let Some(response) = self.reader(client.other()).end() {
            self.answered(*response, out);
        }
        let waiting = self.waiting.give_up();
        self.tell_alone(waiting, out);
    }
}

fn weird(name: &'static str, addl: Option<String>, at: Moment, out: &mut Events) {
    out.push(at, at, Weird { name, addl, peer: HTTP.name });
}

/// Tells what was wrong with a body.
fn check(message: &Message, out: &mut Events) {
    if let Some(fault) = message.body.fault() {
        weird(fault, None, message.last, out);
    }
}
