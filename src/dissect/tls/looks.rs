//! How TLS is recognised.

use super::TLS;
use super::dtls;
use super::handshake::message;
use super::records::{MAX_RECORD, content, header, old_length};
use super::stream::{is_known, message_header};
use crate::dissect::{Opening, Verdict};
use crate::flow::Side;

/// What a side's first bytes are.
enum Beginning {
    /// Nothing came.
    Nothing,
    /// It may be TLS.
    Prefix,
    /// A client's hello.
    Client,
    /// A server's hello.
    Server,
    /// TLS, and either's.
    Middle,
    /// Something else.
    Other,
}

pub(super) fn looks(opening: &Opening) -> Verdict {
    let expected = opening.server_by_port(TLS.ports);
    let (mut perhaps, mut middle, mut other) = (false, false, false);
    for side in [Side::Originator, Side::Responder] {
        let said = opening.of(side);
        let beginning = match opening.datagrams {
            true => datagram(said),
            false => stream(said, expected.is_some()),
        };
        match beginning {
            Beginning::Client => return Verdict::Yes(side),
            Beginning::Server => return Verdict::Yes(side.other()),
            Beginning::Middle => middle = true,
            Beginning::Prefix => perhaps = true,
            Beginning::Other => other = true,
            Beginning::Nothing => {}
        }
    }
    match () {
        () if other => Verdict::No,
        () if middle => Verdict::Yes(expected.map_or(Side::Originator, Side::other)),
        () if perhaps => Verdict::Perhaps,
        () => Verdict::No,
    }
}

fn stream(said: &[u8], expected: bool) -> Beginning {
    let Some((kind, length)) = header(said) else {
        return match said {
            [] => Beginning::Nothing,
            _ => old_or_prefix(said),
        };
    };
    let body = said.get(5..).unwrap_or_default();
    let is_whole = body.len() >= length;
    match (kind, body) {
        (content::CHANGE_CIPHER_SPEC | content::ALERT | content::HANDSHAKE, []) if length > 0 => Beginning::Prefix,
        (content::CHANGE_CIPHER_SPEC, [1, ..]) if length == 1 => Beginning::Middle,
        (content::ALERT, [1 | 2, ..]) if length == 2 => Beginning::Middle,
        (content::HANDSHAKE, [kind, ..]) => handshake(*kind, length, body, expected),
        (content::APPLICATION_DATA, _) if is_whole && length > 0 => {
            // The record that follows shows that this was one.
            match body.get(length..).filter(|next| !next.is_empty()) {
                _ if expected => Beginning::Middle,
                None => Beginning::Prefix,
                Some(next) if header(next).is_some_and(|(_, length)| length > 0) => Beginning::Middle,
                Some(next) if is_prefix(next) => Beginning::Prefix,
                Some(_) => Beginning::Other,
            }
        }
        (content::CHANGE_CIPHER_SPEC..=content::APPLICATION_DATA, _) if expected && length > 0 => Beginning::Middle,
        (content::APPLICATION_DATA, _) if length > 0 => Beginning::Prefix,
        _ => Beginning::Other,
    }
}

/// A record of the handshake that begins like this.
fn handshake(kind: u8, length: usize, body: &[u8], expected: bool) -> Beginning {
    // Behind the type and the length of a hello stands its version.
    let is_hello = match body.get(4) {
        Some(major) => matches!(major, 3 | 0x7f),
        None => true,
    };
    match kind {
        message::CLIENT_HELLO if is_hello => Beginning::Client,
        message::SERVER_HELLO if is_hello => Beginning::Server,
        // Another message that is in clear is as long as it says.
        _ if is_known(kind) && message_header(body).is_some_and(|(_, inner)| inner + 4 <= length) => Beginning::Middle,
        _ if is_known(kind) && body.len() < 4 => Beginning::Prefix,
        _ if expected => Beginning::Middle,
        _ => Beginning::Other,
    }
}

fn old_or_prefix(said: &[u8]) -> Beginning {
    match said {
        _ if old_length(said).is_some() && said.get(2) == Some(&1) => Beginning::Client,
        _ if old_length(said).is_some() => Beginning::Server,
        _ if is_prefix(said) => Beginning::Prefix,
        [first, ..] if first & 0x80 != 0 && said.len() < 11 && said.get(2).is_none_or(|kind| matches!(kind, 1 | 4)) => {
            Beginning::Prefix
        }
        _ => Beginning::Other,
    }
}

/// True for what may become the header of a record.
fn is_prefix(said: &[u8]) -> bool {
    let [kind, rest @ ..] = said else { return true };
    let [first, second, third] = [0, 1, 2].map(|place| rest.get(place).copied());
    (content::CHANGE_CIPHER_SPEC..=content::HEARTBEAT).contains(kind)
        && rest.len() < 4
        && first.is_none_or(|major| major == 3)
        && second.is_none_or(|minor| minor <= 4)
        && third.is_none_or(|high| usize::from(high) <= MAX_RECORD >> 8)
}

fn datagram(said: &[u8]) -> Beginning {
    let mut records = dtls::records(said);
    match records.next() {
        None if said.is_empty() => Beginning::Nothing,
        None => Beginning::Other,
        Some(record) => match (record.kind, record.epoch, dtls::fragment(record.bytes)) {
            (content::HANDSHAKE, 0, Some(part)) if part.kind == message::CLIENT_HELLO => Beginning::Client,
            (content::HANDSHAKE, 0, Some(part)) if matches!(part.kind, 2 | 3) => Beginning::Server,
            (content::HANDSHAKE, 0, None) => Beginning::Other,
            // All records of the datagram are whole.
            _ if records.all(|record| record.is_whole) && record.is_whole => Beginning::Middle,
            _ => Beginning::Other,
        },
    }
}
