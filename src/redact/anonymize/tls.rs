//! The server's name in the first message of TLS and DTLS (RFC 8446, 4.1.2; 9147, 5.3; 6066, 3).

use super::pen::Pen;

/// A record of handshake messages, and the first message of a client.
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;

/// The extension with the server's name, and the kind of name that there is.
const SERVER_NAME: u16 = 0;
const HOST_NAME: u8 = 0;

/// Replaces the server's name, if there is one. What is no such message is left alone.
///
/// # Errors
/// If the message goes on behind `limit`, perhaps with its name: the place.
pub(super) fn server_name(pen: &mut Pen, start: usize, limit: usize) -> Result<(), usize> {
    let (hello, is_dtls) = match pen.array::<2>(start, limit) {
        // Record header, message header.
        Ok([HANDSHAKE, 3]) => (start + 5, false),
        Ok([HANDSHAKE, 0xfe]) => (start + 13, true),
        _ => return Ok(()),
    };
    if pen.array(hello, limit)? != [CLIENT_HELLO] {
        return Ok(());
    }
    // Version and random bytes follow.
    let mut at = hello + if is_dtls { 12 } else { 4 } + 34;
    at = over_short(pen, at, limit)?;
    if is_dtls {
        at = over_short(pen, at, limit)?;
    }
    let ciphers = u16::from_be_bytes(pen.array(at, limit)?);
    at = over_short(pen, at + 2 + usize::from(ciphers), limit)?;
    let length = u16::from_be_bytes(match pen.array(at, limit) {
        Ok(length) => length,
        // Without extensions the message ends here.
        Err(_) if at == limit => return Ok(()),
        Err(place) => return Err(place),
    });
    extensions(pen, at + 2, (at + 2 + usize::from(length), limit))
}

/// The place behind what is preceded by one byte of length.
fn over_short(pen: &Pen, at: usize, limit: usize) -> Result<usize, usize> {
    let [length] = pen.array(at, limit)?;
    Ok(at + 1 + usize::from(length))
}

fn extensions(pen: &mut Pen, mut at: usize, (end, limit): (usize, usize)) -> Result<(), usize> {
    while at < end {
        let [k0, k1, l0, l1] = pen.array(at, limit)?;
        let behind = at + 4 + usize::from(u16::from_be_bytes([l0, l1]));
        if u16::from_be_bytes([k0, k1]) == SERVER_NAME {
            return list(pen, at + 4, (behind, limit));
        }
        at = behind;
    }
    Ok(())
}

/// Length of the list; kind, length and name of each.
fn list(pen: &mut Pen, start: usize, (end, limit): (usize, usize)) -> Result<(), usize> {
    let mut at = start + 2;
    while at < end {
        let [kind, l0, l1] = pen.array(at, limit)?;
        let behind = at + 3 + usize::from(u16::from_be_bytes([l0, l1]));
        let there = behind.min(limit);
        match kind {
            HOST_NAME => pen.dotted(at + 3, there),
            _ => pen.zero(at + 3, there),
        }
        if behind > limit {
            return Err(limit);
        }
        at = behind;
    }
    Ok(())
}
