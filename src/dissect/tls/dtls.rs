//! DTLS over UDP: records in datagrams, and the handshake's messages put together from fragments. RFC 6347, 4.1 and 4.2;
//! RFC 9147, 4 (headers of DTLS 1.3, behind which everything is encrypted).

use std::collections::BTreeMap;

use super::fingerprint::Carrier;
use super::handshake::Handshake;
use super::records::content;
use super::stream::is_known;
use crate::dissect::buffer::Message;
use crate::dissect::held::Held;
use crate::dissect::record::Events;
use crate::dissect::scan::Scan;
use crate::dissect::{Dissector, Next, Weird};
use crate::flow::{Moment, Side, Sides};

/// Messages of one side that wait for their fragments, at most.
const MAX_WAITING: usize = 16;

/// Fragments of one message that wait, at most.
const MAX_FRAGMENTS: usize = 512;

/// The longest message that is put together from fragments, in bytes.
const MAX_MESSAGE: usize = 64 << 10;

/// The version of DTLS in OpenSSL before 0.9.8f, which Cisco's clients still speak.
const OLD: u16 = 0x0100;

/// A record in a datagram.
pub(super) struct Record<'a> {
    pub(super) kind: u8,
    pub(super) epoch: u16,
    /// What there is of its content.
    pub(super) bytes: &'a [u8],
    /// That is all of it.
    pub(super) is_whole: bool,
}

/// A fragment of a message.
pub(super) struct Fragment<'a> {
    pub(super) kind: u8,
    length: usize,
    number: u16,
    offset: usize,
    bytes: &'a [u8],
}

/// The records of a datagram, as far as it holds any.
pub(super) fn records(datagram: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut from = Scan::new(datagram);
    std::iter::from_fn(move || {
        let kind = from.u8().filter(|kind| (content::CHANGE_CIPHER_SPEC..=content::HEARTBEAT).contains(kind))?;
        from.u16().filter(|version| matches!(*version, 0xfefc | 0xfefd | 0xfeff | OLD))?;
        let epoch = from.u16()?;
        from.take(6)?;
        let length = usize::from(from.u16()?);
        let bytes = from.take(length.min(from.rest().len()))?;
        Some(Record { kind, epoch, bytes, is_whole: bytes.len() == length })
    })
}

/// The fragment that a record in clear holds.
pub(super) fn fragment(record: &[u8]) -> Option<Fragment<'_>> {
    let mut from = Scan::new(record);
    next_fragment(&mut from)
}

fn next_fragment<'a>(from: &mut Scan<'a>) -> Option<Fragment<'a>> {
    let kind = from.u8().filter(|kind| is_known(*kind))?;
    let length = from.number(3)? as usize;
    let number = from.u16()?;
    let offset = from.number(3)? as usize;
    let bytes = from.vector(3)?.rest();
    (offset + bytes.len() <= length).then_some(Fragment { kind, length, number, offset, bytes })
}

/// A conversation.
pub(super) struct Datagrams {
    handshake: Handshake,
    sides: Sides<Half>,
    told: bool,
}

/// What is known of one side.
#[derive(Default)]
struct Half {
    /// Messages that are not whole, by their numbers.
    waiting: BTreeMap<u16, Waiting>,
    /// Which of the first messages were read: they may come again.
    read: u64,
    seen: bool,
    /// It has changed to encryption.
    changed: bool,
    /// It has sent an encrypted record that belongs to the handshake, or one of DTLS 1.3.
    finished: bool,
    data: bool,
}

/// A message that is not whole.
struct Waiting {
    kind: u8,
    length: usize,
    parts: BTreeMap<usize, Vec<u8>>,
    held: usize,
    first: Moment,
}

impl Held for Half {
    fn held(&self) -> usize {
        self.waiting.values().map(|waiting| waiting.held + waiting.parts.len() * size_of::<(usize, Vec<u8>)>()).sum()
    }
}

impl Held for Datagrams {
    fn held(&self) -> usize {
        self.handshake.held() + self.sides.held()
    }
}

impl Dissector for Datagrams {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        self.sides.of_mut(side).seen = true;
        // The header of DTLS 1.3: RFC 9147, 4.
        if bytes.first().is_some_and(|first| first & 0xe0 == 0x20) {
            self.sides.of_mut(side).finished |= self.handshake.is_13() == Some(true);
        }
        for record in records(bytes) {
            self.record(side, &record, at, out);
        }
        if !self.is_established() {
            return Next::Same;
        }
        self.tell(out);
        Next::Over
    }

    fn gap(&mut self, _: Side, _: u64, _: Moment, _: &mut Events) -> Next {
        Next::Same
    }

    fn end(&mut self, _: Moment, out: &mut Events) {
        self.tell(out);
    }
}

impl Datagrams {
    pub(super) fn new(client: Side) -> Self {
        Self { handshake: Handshake::new(Carrier::Datagrams, client), sides: Default::default(), told: false }
    }

    fn record(&mut self, side: Side, record: &Record, at: Moment, out: &mut Events) {
        match (record.kind, record.epoch) {
            (content::HANDSHAKE, 0) => {
                let mut from = Scan::new(record.bytes);
                while let Some(part) = next_fragment(&mut from) {
                    self.fragment(side, &part, at, out);
                }
            }
            (content::HANDSHAKE, _) => {
                self.handshake.seen(at, at);
                self.sides.of_mut(side).finished = true;
            }
            (content::CHANGE_CIPHER_SPEC, 0) if !self.sides.of_mut(side).changed => {
                self.handshake.seen(at, at);
                self.handshake.letter(side, 'i');
                self.sides.of_mut(side).changed = true;
            }
            (content::ALERT, 0) => {
                if let &[level, description] = record.bytes {
                    self.handshake.seen(at, at);
                    self.handshake.alert(side, level, description);
                }
            }
            (content::APPLICATION_DATA, 1..) if !self.sides.of_mut(side).data => {
                self.sides.of_mut(side).data = true;
                self.handshake.letter(side, 'd');
            }
            _ => {}
        }
    }

    fn fragment(&mut self, side: Side, part: &Fragment, at: Moment, out: &mut Events) {
        let half = self.sides.of_mut(side);
        let bit = 1_u64.checked_shl(part.number.into()).unwrap_or(0);
        if half.read & bit != 0 {
            return;
        }
        if part.bytes.len() == part.length {
            half.read |= bit;
            half.waiting.remove(&part.number);
            let body = Message { bytes: part.bytes, first: at, last: at };
            return self.handshake.message(side, part.kind, &body, out);
        }
        if !half.waiting.contains_key(&part.number) && (half.waiting.len() >= MAX_WAITING || part.length > MAX_MESSAGE)
        {
            let addl = Some(format!("type {}, {} bytes", part.kind, part.length));
            return out.push(at, at, Weird { name: "handshake_message_too_long", addl, peer: "ssl" });
        }
        let waiting = half.waiting.entry(part.number).or_insert_with(|| Waiting::new(part, at));
        if let Some(whole) = waiting.add(part) {
            let (kind, first) = (waiting.kind, waiting.first);
            half.read |= bit;
            half.waiting.remove(&part.number);
            self.handshake.message(side, kind, &Message { bytes: &whole, first, last: at }, out);
        }
    }

    fn is_established(&self) -> bool {
        let [one, other] = self.sides.both();
        let one_sided = !one.seen || !other.seen;
        let alone = |half: &Half| one_sided && half.finished && half.data;
        (one.finished && other.finished) || alone(one) || alone(other)
    }

    fn tell(&mut self, out: &mut Events) {
        if self.told || self.handshake.is_empty() {
            return;
        }
        self.told = true;
        let client = self.handshake.client;
        let changed = self.sides.of(client.other()).changed;
        let (resumed, established) = (self.handshake.is_resumed(changed), self.is_established());
        let (first, last) = (self.handshake.first.unwrap_or(self.handshake.last), self.handshake.last);
        out.push(first, last, self.handshake.ssl(resumed, established));
    }
}

impl Waiting {
    fn new(part: &Fragment, first: Moment) -> Self {
        Self { kind: part.kind, length: part.length, parts: BTreeMap::new(), held: 0, first }
    }

    /// Adds a fragment. The message, if it is whole now.
    fn add(&mut self, part: &Fragment) -> Option<Vec<u8>> {
        let longest = self.parts.get(&part.offset).map_or(0, Vec::len);
        let fits = self.parts.len() < MAX_FRAGMENTS && self.held + part.bytes.len() <= 2 * MAX_MESSAGE;
        if (part.kind, part.length) != (self.kind, self.length) || part.bytes.len() <= longest || !fits {
            return None;
        }
        self.held += part.bytes.len();
        self.parts.insert(part.offset, part.bytes.to_vec());
        if self.held < self.length {
            return None;
        }
        let mut whole = Vec::with_capacity(self.length);
        for (offset, bytes) in &self.parts {
            // Fragments may overlap; of a hole, nothing comes behind.
            let new = whole.len().checked_sub(*offset)?;
            whole.extend_from_slice(bytes.get(new..).unwrap_or_default());
        }
        (whole.len() == self.length).then_some(whole)
    }
}
