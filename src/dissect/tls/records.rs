//! The records of one side of a TLS stream, cut off its bytes: RFC 8446, 5.1; SSL 2's, RFC 6101, E.2.

use crate::dissect::buffer::Buffer;
use crate::dissect::held::Held;
use crate::flow::Moment;

/// The longest record, in bytes: RFC 5246, 6.2.3.
pub(super) const MAX_RECORD: usize = (1 << 14) + 2_048;

/// A record's header.
const HEADER: usize = 5;

/// Types of records: RFC 8446, B.1.
pub(super) mod content {
    pub(in super::super) const CHANGE_CIPHER_SPEC: u8 = 20;
    pub(in super::super) const ALERT: u8 = 21;
    pub(in super::super) const HANDSHAKE: u8 = 22;
    pub(in super::super) const APPLICATION_DATA: u8 = 23;
    pub(in super::super) const HEARTBEAT: u8 = 24;
}

/// What was cut off.
#[derive(Debug, PartialEq)]
pub(super) enum Record {
    /// A record: its type, its length, and its content, if the side still speaks in clear.
    Whole { kind: u8, length: usize, bytes: Option<Vec<u8>>, first: Moment, last: Moment },
    /// A message of SSL 2.
    Old { bytes: Vec<u8>, first: Moment, last: Moment },
    /// What follows is no record.
    Nonsense(Moment),
}

/// The bytes of one side.
#[derive(Debug, Default)]
pub(super) struct Records {
    buffer: Buffer,
    /// So many bytes that come belong to a record whose content does not matter.
    skip: u64,
    /// Where records begin is not known, until something looks like one.
    lost: bool,
    /// Something was cut off.
    begun: bool,
    /// The content of records is not asked for: it is encrypted.
    pub(super) encrypted: bool,
}

impl Held for Records {
    fn held(&self) -> usize {
        self.buffer.held()
    }
}

impl Records {
    /// Adds bytes.
    pub(super) fn push(&mut self, bytes: &[u8], at: Moment) {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= skipped as u64;
        let Some(rest) = bytes.get(skipped..).filter(|rest| !rest.is_empty()) else { return };
        if self.lost {
            // A segment mostly begins with a record where the one before it was whole.
            if header(rest).is_none() {
                return;
            }
            self.lost = false;
        }
        self.buffer.push(rest, at);
    }

    /// So many bytes are missing. True if a message that was begun is lost with them.
    pub(super) fn gap(&mut self, length: u64) -> bool {
        let within = self.skip.max(self.waits_for());
        let was_clear = self.skip == 0 || !self.encrypted;
        self.buffer.clear();
        match within.checked_sub(length) {
            Some(rest) => self.skip = rest,
            None => (self.skip, self.lost) = (0, true),
        }
        was_clear
    }

    /// So many bytes of the record in front have not come.
    fn waits_for(&self) -> u64 {
        let waiting = self.buffer.bytes();
        header(waiting).map_or(0, |(_, length)| (HEADER + length).saturating_sub(waiting.len()) as u64)
    }

    /// The next record.
    pub(super) fn next(&mut self) -> Option<Record> {
        let waiting = self.buffer.bytes();
        if !self.begun
            && let Some(length) = old_length(waiting)
        {
            let message = self.buffer.take(2 + length)?;
            self.begun = true;
            let bytes = message.bytes.get(2..).unwrap_or_default().to_vec();
            return Some(Record::Old { bytes, first: message.first, last: message.last });
        }
        if waiting.len() < HEADER {
            return None;
        }
        self.begun = true;
        let Some((kind, length)) = header(waiting) else {
            let at = self.buffer.take(1)?.first;
            self.buffer.clear();
            return Some(Record::Nonsense(at));
        };
        if kind == content::APPLICATION_DATA || kind == content::HEARTBEAT || self.encrypted {
            let here = waiting.len().min(HEADER + length);
            let message = self.buffer.take(here)?;
            self.skip = (HEADER + length - here) as u64;
            return Some(Record::Whole { kind, length, bytes: None, first: message.first, last: message.last });
        }
        let message = self.buffer.take(HEADER + length)?;
        let bytes = message.bytes.get(HEADER..).map(<[u8]>::to_vec);
        Some(Record::Whole { kind, length, bytes, first: message.first, last: message.last })
    }
}

/// The type and the length of a record that begins like this.
pub(super) fn header(bytes: &[u8]) -> Option<(u8, usize)> {
    let [kind, major, minor, length @ ..] = bytes.first_chunk::<HEADER>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let kinds = content::CHANGE_CIPHER_SPEC..=content::HEARTBEAT;
    (kinds.contains(kind) && *major == 3 && *minor <= 4 && length <= MAX_RECORD).then_some((*kind, length))
}

/// The length of a hello of SSL 2 that begins like this: all its parts fill it.
pub(super) fn old_length(bytes: &[u8]) -> Option<usize> {
    let [high, low, kind, rest @ ..] = bytes.first_chunk::<11>()?;
    let length = usize::from(high & 0x7f) << 8 | usize::from(*low);
    let [a, b, c, d, e, f, g, h] = *rest;
    let pair = |high, low| usize::from(u16::from_be_bytes([high, low]));
    // A client: version, lengths of ciphers, session and challenge. A server: session hit, type of certificate, version,
    // length of the certificate and of the ciphers; the length of the connection's number stands behind.
    let is_hello = match kind {
        1 => {
            let (ciphers, session, challenge) = (pair(c, d), pair(e, f), pair(g, h));
            let is_version = matches!((a, b), (0, 2) | (3, 0..=3));
            is_version
                && ciphers.is_multiple_of(3)
                && (16..=32).contains(&challenge)
                && 9 + ciphers + session + challenge == length
        }
        4 => {
            let certificate_and_ciphers = pair(e, f) + pair(g, h);
            a <= 1
                && b <= 1
                && (c, d) == (0, 2)
                && (11 + certificate_and_ciphers..=27 + certificate_and_ciphers).contains(&length)
        }
        _ => false,
    };
    (high & 0x80 != 0 && is_hello).then_some(length)
}
