//! The header of TCP: ports and options. Those options that tell nothing stay if they are as long as they are defined to be.

use super::headers::ports;
use super::options::listed;
use super::pen::Pen;
use crate::redact::options::{Choice, Choices};
use crate::redact::walk::Header;

/// The options of TCP (IANA, TCP Option Kind Numbers).
///
/// Signatures (19, 29) and checksums (15, 18) cover addresses and payloads, and servers make the cookies of Fast Open (34)
/// of addresses: they are not among those that stay.
mod kind {
    pub(super) const SELECTIVE: u8 = 5;
    pub(super) const TIMESTAMPS: u8 = 8;
    pub(super) const MPTCP: u8 = 30;
    /// Those for experiments, and the one that is known of them: Fast Open, with a cookie behind these bytes.
    pub(super) const EXPERIMENTS: [u8; 2] = [253, 254];
    pub(super) const FAST_OPEN: [u8; 2] = [0xf9, 0x89];
    /// Segment size, window scale, selective acknowledgement, echoes, partial order, connection counts, the checksum that is
    /// asked for, quick start, timeout, and the length of their values.
    pub(super) const HARMLESS: [(u8, usize); 13] =
        [(2, 2), (3, 1), (4, 0), (6, 4), (7, 4), (9, 0), (10, 1), (11, 4), (12, 4), (13, 4), (14, 1), (27, 6), (28, 2)];
}

/// The subtypes of Multipath TCP (RFC 8684, 3), and where their parts stand in the option's value.
mod multipath {
    pub(super) const CAPABLE: u8 = 0;
    pub(super) const JOIN: u8 = 1;
    pub(super) const SEQUENCE: u8 = 2;
    pub(super) const ADD_ADDRESS: u8 = 3;
    pub(super) const FAST_CLOSE: u8 = 7;
    /// An address is taken away, priorities, failure, reset.
    pub(super) const HARMLESS: [u8; 4] = [4, 5, 6, 8];
    /// Keys of both sides.
    pub(super) const KEYS: (usize, usize) = (2, 18);
    /// The length of data, behind which a checksum of them may be.
    pub(super) const DATA_LENGTH: usize = 2;
    /// A value that is so long is an acknowledgement of a join or the answer to one: the code of authentication ends there.
    pub(super) const JOIN_CODES: [(usize, usize); 2] = [(14, 10), (22, 22)];
}

pub(super) fn header(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    ports(pen, header)?;
    let (options, rest) = listed(Choices::of_header(pen.bytes(), start + 20, end));
    for option in options {
        choice(pen, option);
    }
    pen.zero(rest.max(start + 20), end);
    Ok(())
}

fn choice(pen: &mut Pen, Choice { kind, start, end }: Choice) {
    let length = end - start;
    match kind {
        // Up to four pairs of sequence numbers.
        kind::SELECTIVE if length.is_multiple_of(8) => {}
        kind::TIMESTAMPS if length == 8 => pen.time(start, end),
        kind::MPTCP => {
            let (Ok(rest) | Err(rest)) = multipath(pen, start, end);
            pen.zero(rest, end);
        }
        kind if kind::HARMLESS.contains(&(kind, length)) => {}
        kind if kind::EXPERIMENTS.contains(&kind) && pen.array(start, end) == Ok(kind::FAST_OPEN) => {
            pen.zero(start + 2, end);
        }
        _ => pen.zero(start, end),
    }
}

/// Keys, codes of authentication and checksums go: with the keys, a code confirms each guess of the address that it is of.
/// The place from which on nothing is known.
fn multipath(pen: &mut Pen, start: usize, end: usize) -> Result<usize, usize> {
    let [first, second] = pen.array(start, end)?;
    let length = end - start;
    match first >> 4 {
        multipath::CAPABLE => {
            let (from, to) = multipath::KEYS;
            pen.zero(start + from, end.min(start + to));
            Ok(end.min(start + to + multipath::DATA_LENGTH))
        }
        multipath::JOIN => {
            if let Some((_, code)) = multipath::JOIN_CODES.into_iter().find(|(whole, _)| *whole == length) {
                pen.zero(start + 2, start + code);
            }
            Ok(end.min(start + 22))
        }
        multipath::SEQUENCE => Ok(end.min(start + data_sequence(second))),
        multipath::ADD_ADDRESS => announced(pen, start, end),
        multipath::FAST_CLOSE => Err(start + 2),
        kind if multipath::HARMLESS.contains(&kind) => Ok(end.min(start + 10)),
        _ => Err(start + 1),
    }
}

/// How many bytes are before the checksum of a data sequence signal with these flags (RFC 8684, 3.3).
fn data_sequence(flags: u8) -> usize {
    let number = |there: u8, long: u8| match (flags & there != 0, flags & long != 0) {
        (false, _) => 0,
        (true, false) => 4,
        (true, true) => 8,
    };
    let mapping = if flags & 4 != 0 { number(4, 8) + 4 + multipath::DATA_LENGTH } else { 0 };
    2 + number(1, 2) + mapping
}

/// An address, perhaps its port, perhaps a code of authentication: lengths tell which (RFC 8684, 3.4.1).
fn announced(pen: &mut Pen, start: usize, end: usize) -> Result<usize, usize> {
    let (behind, rest) = match end - start {
        length @ (6 | 8 | 14 | 16) => (pen.ipv4(start + 2, end)?, length - 6),
        length @ (18 | 20 | 26 | 28) => (pen.ipv6(start + 2, end)?, length - 18),
        _ => return Err(start + 1),
    };
    match rest {
        2 | 10 => pen.port(behind, end),
        _ => Ok(behind),
    }
}
