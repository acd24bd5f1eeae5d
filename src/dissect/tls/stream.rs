//! TLS over TCP: records, the handshake's messages in them, and when it came to its end.

use super::fingerprint::Carrier;
use super::handshake::{Handshake, MAX_MESSAGE, message};
use super::hello::{ClientHello, ServerHello};
use super::records::{Record, Records, content};
use crate::dissect::buffer::{Buffer, Message};
use crate::dissect::held::Held;
use crate::dissect::record::Events;
use crate::dissect::scan::Scan;
use crate::dissect::{Dissector, Next, Weird};
use crate::flow::{Moment, Side, Sides};

/// The header of a message: its type and its length.
pub(in crate::dissect) const HEADER: usize = 4;

/// The shortest encrypted record that can hold Finished in TLS 1.3: its header, a hash, the type of the content, a tag.
const FINISHED: usize = 4 + 32 + 1 + 16;

/// A conversation.
pub(super) struct Stream {
    handshake: Handshake,
    sides: Sides<Half>,
    told: bool,
}

/// What is known of one side.
#[derive(Default)]
struct Half {
    records: Records,
    /// What is in records of the handshake, and no whole message yet.
    messages: Buffer,
    /// So many bytes of a message that is too long, or lost, are still to come.
    skip: usize,
    /// It has said something.
    seen: bool,
    /// Bytes of the handshake are missing.
    damaged: bool,
    /// It has changed to encryption.
    changed: bool,
    /// It has sent a record of the handshake that was encrypted.
    finished: bool,
    /// It has sent an encrypted record, of TLS 1.3.
    protected: bool,
    /// It has sent application data.
    data: bool,
}

impl Held for Half {
    fn held(&self) -> usize {
        self.records.held() + self.messages.held()
    }
}

impl Stream {
    pub(super) fn new(client: Side) -> Self {
        Self { handshake: Handshake::new(Carrier::Stream, client), sides: Default::default(), told: false }
    }
    fn halves(&self) -> (&Half, &Half) {
        (self.sides.of(self.handshake.client), self.sides.of(self.handshake.client.other()))
    }
}

impl Held for Stream {
    fn held(&self) -> usize {
        self.handshake.held() + self.sides.held()
    }
}

impl Dissector for Stream {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        let half = self.sides.of_mut(side);
        half.seen |= !bytes.is_empty();
        half.records.push(bytes, at);
        while let Some(record) = self.sides.of_mut(side).records.next() {
            let next = match record {
                Record::Whole { kind, length, bytes, first, last } => {
                    let bytes = bytes.as_deref();
                    self.record(side, (kind, length), bytes, (first, last), out);
                    Next::Same
                }
                Record::Old { bytes, first, last } => self.old(side, &Message { bytes: &bytes, first, last }),
                Record::Nonsense(at) => {
                    out.push(at, at, Weird { name: "record_invalid", addl: None, peer: "ssl" });
                    Next::Over
                }
            };
            if next == Next::Over || self.is_established() {
                self.tell(out);
                return Next::Over;
            }
        }
        Next::Same
    }

    fn gap(&mut self, side: Side, length: u64, _: Moment, _: &mut Events) -> Next {
        let half = self.sides.of_mut(side);
        if half.records.gap(length) {
            half.messages.clear();
            half.skip = 0;
            half.damaged = true;
        }
        Next::Same
    }

    fn end(&mut self, _: Moment, out: &mut Events) {
        self.tell(out);
    }
}

impl Stream {
    /// A record of the third or a later version: its type and length, and its content if that is not encrypted.
    fn record(
        &mut self,
        side: Side,
        (kind, length): (u8, usize),
        bytes: Option<&[u8]>,
        (first, last): (Moment, Moment),
        out: &mut Events,
    ) {
        match (kind, bytes) {
            (content::CHANGE_CIPHER_SPEC, _) => {
                self.handshake.letter(side, 'i');
                self.handshake.seen(first, last);
                // In TLS 1.3 it means nothing, and behind a retry the client's next message is in clear.
                let is_clear = self.handshake.is_13().unwrap_or(self.handshake.retried);
                let half = self.sides.of_mut(side);
                half.changed |= !is_clear;
                half.records.encrypted |= !is_clear;
            }
            (content::ALERT, Some(&[level, description])) => {
                self.handshake.seen(first, last);
                self.handshake.alert(side, level, description);
            }
            (content::HANDSHAKE, Some(bytes)) => self.messages(side, bytes, (first, last), out),
            (content::HANDSHAKE, None) => {
                self.sides.of_mut(side).finished = true;
                self.handshake.seen(first, last);
            }
            (content::APPLICATION_DATA, _) => self.application_data(side, length, (first, last)),
            _ => {}
        }
    }

    fn application_data(&mut self, side: Side, length: usize, (first, last): (Moment, Moment)) {
        if !self.sides.of_mut(side).data {
            self.sides.of_mut(side).data = true;
            self.handshake.letter(side, 'd');
            if !self.handshake.is_empty() {
                self.handshake.seen(first, last);
            }
        }
        let (client, server) = (self.handshake.client, self.handshake.client.other());
        if side == server {
            self.sides.of_mut(server).protected = true;
        } else if length >= FINISHED && self.sides.of_mut(server).protected {
            self.sides.of_mut(client).protected = true;
            if !self.handshake.is_empty() {
                self.handshake.seen(first, last);
            }
        }
    }

    /// Bytes of the handshake: messages are cut anywhere, and several are in one record.
    fn messages(&mut self, side: Side, bytes: &[u8], (first, last): (Moment, Moment), out: &mut Events) {
        let mut half = std::mem::take(self.sides.of_mut(side));
        let skipped = half.skip.min(bytes.len());
        half.skip -= skipped;
        if let Some(rest) = bytes.get(skipped..).filter(|rest| !rest.is_empty()) {
            half.messages.push(rest, last);
        }
        while let Some((kind, length)) = message_header(half.messages.bytes()) {
            if length > MAX_MESSAGE || !is_known(kind) {
                // Behind a gap the message may have begun long before; and no message is that long.
                let name = if is_known(kind) { "handshake_message_too_long" } else { "handshake_message_unknown" };
                let addl = Some(format!("type {kind}, {length} bytes"));
                out.push(first, last, Weird { name, addl, peer: "ssl" });
                let waiting = half.messages.len();
                half.messages.clear();
                half.skip = if is_known(kind) { (HEADER + length).saturating_sub(waiting) } else { 0 };
                half.damaged = true;
                break;
            }
            let Some(whole) = half.messages.take(HEADER + length) else { break };
            let body = Message { bytes: whole.bytes.get(HEADER..).unwrap_or_default(), ..whole };
            // A record that holds the end of a message may have begun in an earlier packet than its content was cut off.
            let body = Message { first: if body.first == last { first } else { body.first }, ..body };
            self.handshake.message(side, kind, &body, out);
        }
        *self.sides.of_mut(side) = half;
    }

    /// A hello of SSL 2.
    fn old(&mut self, side: Side, body: &Message) -> Next {
        self.handshake.seen(body.first, body.last);
        if side == self.handshake.client {
            self.handshake.letter(side, 'c');
            let hello = ClientHello::read_old(body.bytes);
            self.handshake.client_hello = self.handshake.client_hello.take().or(hello);
            return Next::Same;
        }
        self.handshake.letter(side, 's');
        // What follows is of SSL 2, and its messages are encrypted.
        let hello = ServerHello { version: 2, legacy_version: 2, ..ServerHello::default() };
        self.handshake.old_server(hello, old_certificate(body.bytes));
        Next::Over
    }

    /// True if both sides have shown that they agree.
    fn is_established(&self) -> bool {
        let (client, server) = self.halves();
        let one_sided = !client.seen || !server.seen;
        match self.handshake.is_13() {
            Some(true) => client.protected && server.protected,
            // Data follows the handshake alone, so that one side is enough where the other was not captured.
            _ => {
                (client.finished && server.finished)
                    || (one_sided && [client, server].iter().any(|half| half.finished && half.data))
            }
        }
    }

    /// The record, once.
    fn tell(&mut self, out: &mut Events) {
        if self.told || self.handshake.is_empty() {
            return;
        }
        self.told = true;
        let (_, server) = self.halves();
        let at_once = server.changed && !server.damaged;
        let (resumed, established) = (self.handshake.is_resumed(at_once), self.is_established());
        let (first, last) = (self.handshake.first.unwrap_or(self.handshake.last), self.handshake.last);
        out.push(first, last, self.handshake.ssl(resumed, established));
    }
}

/// The type and the length of a message that begins like this.
pub(in crate::dissect) fn message_header(bytes: &[u8]) -> Option<(u8, usize)> {
    let mut from = Scan::new(bytes);
    Some((from.u8()?, from.number(3)? as usize))
}

/// Types that a handshake has: RFC 8446, B.3, and IANA's list.
pub(super) fn is_known(kind: u8) -> bool {
    matches!(kind, 0..=6 | 8..=16 | 20..=26 | message::NEXT_PROTOCOL | message::MESSAGE_HASH)
}

/// The certificate in a ServerHello of SSL 2.
fn old_certificate(body: &[u8]) -> Option<&[u8]> {
    let mut from = Scan::new(body);
    from.take(5)?;
    let length = from.u16()?;
    from.take(4)?;
    from.take(length.into()).filter(|bytes| !bytes.is_empty())
}
