//! Chunks of SCTP (RFC 9260): the data in them stay; of those that control the association the addresses of parameters are
//! replaced, and all else that is not known to tell nothing becomes zeros, cookies and heartbeats first: these hold addresses.

use super::pen::Pen;

/// The types of chunks (IANA, SCTP Parameters).
mod chunk {
    pub(super) const INIT: [u8; 2] = [1, 2];
    pub(super) const HEARTBEAT: [u8; 2] = [4, 5];
    /// Abort and error: causes, which are coded as parameters are.
    pub(super) const CAUSES: [u8; 2] = [6, 9];
    /// Of addresses, and the acknowledgement (RFC 5061).
    pub(super) const CHANGE: [u8; 2] = [0xc1, 0x80];
    /// Data of both forms, acknowledgement, shutdown and what answers it, the cookie's acknowledgement, forward.
    pub(super) const HARMLESS: [u8; 8] = [0, 64, 3, 7, 8, 11, 14, 192];
}

/// The types of parameters.
mod parameter {
    pub(super) const IPV4: u16 = 5;
    pub(super) const IPV6: u16 = 6;
    /// An address to add, to delete, to use first: a number, then a parameter.
    pub(super) const WITH_ADDRESS: [u16; 3] = [0xc001, 0xc002, 0xc004];
    /// Supported kinds of addresses, of chunks, of codes, chunks to authenticate.
    pub(super) const HARMLESS: [u16; 4] = [12, 0x8008, 0x8003, 0x8004];
}

/// What stands before the parameters of INIT: tag, window, streams, number.
const INIT: usize = 16;

/// Chunks one behind the other.
pub(super) fn chunks(pen: &mut Pen, start: usize, limit: usize) -> Result<(), usize> {
    let mut at = start;
    while at < limit {
        let [kind, _, l0, l1] = pen.array(at, limit)?;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let (body, end) = (at + 4, at + length);
        let is_data = chunk::HARMLESS.contains(&kind);
        if length < 4 || end > limit && !is_data {
            return Err(at);
        }
        if !is_data {
            let (Ok(rest) | Err(rest)) = control(pen, kind, (body, end));
            pen.zero(rest, end);
        }
        at = padded(at, end);
        pen.zero(end, at.min(limit));
    }
    Ok(())
}

/// The place from which on nothing is known.
fn control(pen: &mut Pen, kind: u8, (start, end): (usize, usize)) -> Result<usize, usize> {
    match kind {
        kind if chunk::INIT.contains(&kind) && end - start >= INIT => parameters(pen, (start + INIT, end), 1),
        kind if chunk::CHANGE.contains(&kind) && end - start >= 4 => parameters(pen, (start + 4, end), 2),
        kind if chunk::HEARTBEAT.contains(&kind) || chunk::CAUSES.contains(&kind) => parameters(pen, (start, end), 0),
        _ => Err(start),
    }
}

/// Type, length with both, value; parameters may be in each other `depth` times. With a depth of 0, no value is known.
fn parameters(pen: &mut Pen, (start, end): (usize, usize), depth: u8) -> Result<usize, usize> {
    let mut at = start;
    while at < end {
        let [k0, k1, l0, l1] = pen.array(at, end)?;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let (value, behind) = (at + 4, at + length);
        if length < 4 || behind > end {
            return Err(at);
        }
        let read = match u16::from_be_bytes([k0, k1]) {
            parameter::IPV4 if depth > 0 && length == 8 => pen.ipv4(value, behind),
            parameter::IPV6 if depth > 0 && length == 20 => pen.ipv6(value, behind),
            kind if depth > 1 && parameter::WITH_ADDRESS.contains(&kind) && length > 8 => {
                parameters(pen, (value + 4, behind), depth - 1)
            }
            kind if depth > 0 && parameter::HARMLESS.contains(&kind) => Ok(behind),
            _ => Err(value),
        };
        let (Ok(rest) | Err(rest)) = read;
        at = padded(at, behind);
        pen.zero(rest, at.min(end));
    }
    Ok(end)
}

/// Chunks and parameters fill whole words of four bytes, which their lengths do not count.
fn padded(start: usize, end: usize) -> usize {
    start + (end - start).next_multiple_of(4)
}
