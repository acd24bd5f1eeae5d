//! The server's name in the first message of TLS and DTLS (RFC 8446, 4.1.2; 9147, 5.3; 6066, 3).
//!
//! A message may be cut into records anywhere, and what is put together again is read: [`Message`] knows where each of its
//! bytes stands.

use super::pen::Pen;

/// A record of handshake messages, and the first message of a client.
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;

/// The extension with the server's name, and the kind of name that there is.
const SERVER_NAME: u16 = 0;
const HOST_NAME: u8 = 0;

/// What stands before the body of a message: type and length; of DTLS, number, place and length of a fragment too.
const STREAM_HEADER: usize = 4;
const DATAGRAM_HEADER: usize = 12;

/// Replaces the server's name, if there is one. What is no such message is left alone.
///
/// # Errors
/// If the message goes on behind `limit`, perhaps with its name.
pub(super) fn server_name(pen: &mut Pen, start: usize, limit: usize) -> Result<(), Split> {
    let message = match pen.array::<2>(start, limit) {
        Ok([HANDSHAKE, 3]) => Message::of_stream(pen, start, limit),
        Ok([HANDSHAKE, 0xfe]) => Message::of_datagram(pen, start, limit),
        _ => None,
    };
    match message {
        Some(message) => message.rewrite(pen),
        None => Ok(()),
    }
}

/// A message ends before it is whole.
pub(super) struct Split;

/// The body of a ClientHello as far as it is there.
struct Message {
    /// Where each of its bytes stands.
    places: Vec<usize>,
    /// Its length, when it is whole.
    length: usize,
    is_dtls: bool,
}

impl Message {
    /// One at the beginning of records of TLS.
    fn of_stream(pen: &Pen, start: usize, limit: usize) -> Option<Self> {
        let mut places = Vec::new();
        let mut at = start;
        while let Ok([HANDSHAKE, 3, _, l0, l1]) = pen.array(at, limit) {
            let end = at + 5 + usize::from(u16::from_be_bytes([l0, l1]));
            places.extend(at + 5..end.min(limit));
            at = end;
        }
        let header: Vec<u8> = places.iter().take(STREAM_HEADER).filter_map(|place| pen.byte(*place)).collect();
        let (&kind, length) = header.split_first()?;
        let [l0, l1, l2] = *length else {
            // The length is not there: nothing else is.
            return (kind == CLIENT_HELLO).then_some(Self { places: Vec::new(), length: usize::MAX, is_dtls: false });
        };
        let length = number([l0, l1, l2]);
        let body = places.into_iter().skip(STREAM_HEADER).take(length).collect();
        (kind == CLIENT_HELLO).then_some(Self { places: body, length, is_dtls: false })
    }

    /// One whose fragments are records of DTLS. Without the first one there is no name to be found.
    fn of_datagram(pen: &Pen, start: usize, limit: usize) -> Option<Self> {
        let mut message = Self { places: Vec::new(), length: usize::MAX, is_dtls: true };
        let mut at = start;
        while let Ok([HANDSHAKE, 0xfe, _, _, _, _, _, _, _, _, _, l0, l1]) = pen.array(at, limit) {
            let end = at + 13 + usize::from(u16::from_be_bytes([l0, l1]));
            let header = pen.array::<DATAGRAM_HEADER>(at + 13, limit.min(end));
            let Ok([kind, t0, t1, t2, _, _, p0, p1, p2, f0, f1, f2]) = header else { break };
            if kind != CLIENT_HELLO {
                return (at > start).then_some(message);
            }
            message.length = number([t0, t1, t2]);
            let body = at + 13 + DATAGRAM_HEADER;
            if number([p0, p1, p2]) == message.places.len() {
                message.places.extend(body..end.min(limit).min(body + number([f0, f1, f2])));
            }
            at = end;
        }
        (at > start || pen.byte(start + 13) == Some(CLIENT_HELLO)).then_some(message)
    }

    /// What stands somewhere in it.
    fn array<const N: usize>(&self, pen: &Pen, at: usize) -> Result<[u8; N], Split> {
        let places = self.places.get(at..).and_then(|places| places.first_chunk::<N>()).ok_or(Split)?;
        Ok(places.map(|place| pen.byte(place).unwrap_or_default()))
    }

    fn rewrite(&self, pen: &mut Pen) -> Result<(), Split> {
        // Version and random bytes.
        let mut at = self.over_short(pen, 34)?;
        if self.is_dtls {
            at = self.over_short(pen, at)?;
        }
        let ciphers = u16::from_be_bytes(self.array(pen, at)?);
        at = self.over_short(pen, at + 2 + usize::from(ciphers))?;
        // Without extensions the message ends here.
        if at >= self.length {
            return Ok(());
        }
        let length = u16::from_be_bytes(self.array(pen, at)?);
        self.extensions(pen, at + 2, at + 2 + usize::from(length))
    }

    /// The place behind what is preceded by one byte of length.
    fn over_short(&self, pen: &Pen, at: usize) -> Result<usize, Split> {
        let [length] = self.array(pen, at)?;
        Ok(at + 1 + usize::from(length))
    }

    fn extensions(&self, pen: &mut Pen, mut at: usize, end: usize) -> Result<(), Split> {
        while at < end {
            let [k0, k1, l0, l1] = self.array(pen, at)?;
            let behind = at + 4 + usize::from(u16::from_be_bytes([l0, l1]));
            if u16::from_be_bytes([k0, k1]) == SERVER_NAME {
                return self.list(pen, at + 4, behind);
            }
            at = behind;
        }
        Ok(())
    }

    /// Length of the list; kind, length and name of each.
    fn list(&self, pen: &mut Pen, start: usize, end: usize) -> Result<(), Split> {
        let mut at = start + 2;
        while at < end {
            let [kind, l0, l1] = self.array(pen, at)?;
            let behind = at + 3 + usize::from(u16::from_be_bytes([l0, l1]));
            let there = self.places.len().min(behind);
            let places = self.places.get(at + 3..there).unwrap_or_default();
            match kind {
                HOST_NAME => pen.dotted_at(places),
                _ => places.iter().for_each(|place| pen.zero(*place, place + 1)),
            }
            if behind > there {
                return Err(Split);
            }
            at = behind;
        }
        Ok(())
    }
}

fn number([high, middle, low]: [u8; 3]) -> usize {
    usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low)
}
