//! DHCPv6 (RFC 9915): addresses, prefixes, unique identifiers, names. Options that are not known to tell nothing become
//! zeros.

use super::dns;
use super::pen::Pen;

/// Messages in each other, and options in options, at most.
const MAX_DEPTH: u8 = 8;

/// Types of messages that relays put around others.
const RELAYED: [u8; 2] = [12, 13];

/// Codes of options (IANA, DHCPv6 Option Codes).
mod option {
    /// Client and server identifier.
    pub(super) const UNIQUE: [u16; 2] = [1, 2];
    /// Addresses, temporary addresses, prefixes of an interface, which a number names.
    pub(super) const ASSOCIATION: u16 = 3;
    pub(super) const TEMPORARY: u16 = 4;
    pub(super) const DELEGATION: u16 = 25;
    pub(super) const ADDRESS: u16 = 5;
    pub(super) const PREFIX: u16 = 26;
    pub(super) const RELAYED: u16 = 9;
    /// The server's address, and those of servers of SIP, DNS, NIS, SNTP.
    pub(super) const ADDRESSES: [u16; 6] = [12, 22, 23, 27, 28, 31];
    /// Names of servers of SIP, domains to search.
    pub(super) const NAMES: [u16; 2] = [21, 24];
    pub(super) const CLIENT_NAME: u16 = 39;
    /// What is asked for, preference, time, rapid commit, reconfiguration, refresh times.
    pub(super) const HARMLESS: [u16; 9] = [6, 7, 8, 14, 19, 20, 32, 82, 83];
    pub(super) const STATUS: u16 = 13;
}

/// The kinds of unique identifiers that hold a hardware address (RFC 9915, 11), and the hardware type of Ethernet.
mod unique {
    pub(super) const WITH_TIME: u16 = 1;
    pub(super) const HARDWARE: u16 = 3;
    pub(super) const ETHERNET: u16 = 1;
}

pub(super) fn message(pen: &mut Pen, start: usize, limit: usize) -> Result<(), usize> {
    inner(pen, (start, limit), 0)
}

fn inner(pen: &mut Pen, (start, limit): (usize, usize), depth: u8) -> Result<(), usize> {
    let [kind] = pen.array(start, limit)?;
    let at = match RELAYED.contains(&kind) {
        // Hops, the link's address, the peer's.
        true => pen.ipv6_list(start + 2, 2, limit)?,
        // The transaction's number.
        false => start + 4,
    };
    options(pen, (at, limit), depth)
}

fn options(pen: &mut Pen, (start, end): (usize, usize), depth: u8) -> Result<(), usize> {
    if depth == MAX_DEPTH {
        return Err(start);
    }
    dns::each_value(pen, start, end, |pen, code, place| {
        if let Err(rest) = option(pen, code, place, depth + 1) {
            pen.zero(rest, place.1);
        }
    })
}

fn option(pen: &mut Pen, code: u16, (start, end): (usize, usize), depth: u8) -> Result<(), usize> {
    match code {
        option::RELAYED => inner(pen, (start, end), depth),
        option::ASSOCIATION | option::DELEGATION => association(pen, (start, 12, end), depth),
        option::TEMPORARY => association(pen, (start, 4, end), depth),
        option::ADDRESS => {
            let times = pen.ipv6(start, end)?;
            options(pen, (times + 8, end), depth)
        }
        option::PREFIX => {
            // Two times, the length, the prefix.
            let [length] = pen.array(start + 8, end)?;
            pen.array::<16>(start + 9, end)?;
            pen.prefix((start + 9, start + 25), length, false);
            options(pen, (start + 25, end), depth)
        }
        option::CLIENT_NAME => {
            let behind = names(pen, start + 1, end)?;
            pen.zero(behind, end);
            Ok(())
        }
        // A text may follow the number.
        option::STATUS => Err((start + 2).min(end)),
        code if option::UNIQUE.contains(&code) => unique_identifier(pen, start, end),
        code if option::ADDRESSES.contains(&code) => Err(pen.ipv6_list(start, (end - start) / 16, end)?),
        code if option::NAMES.contains(&code) => names(pen, start, end).map(drop),
        code if option::HARMLESS.contains(&code) => Ok(()),
        _ => Err(start),
    }
}

/// The number of an interface, often part of its hardware address; then, `header` bytes from the start, options.
fn association(pen: &mut Pen, (start, header, end): (usize, usize, usize), depth: u8) -> Result<(), usize> {
    pen.array::<4>(start, end)?;
    pen.identifier(start, start + 4);
    options(pen, ((start + header).min(end), end), depth)
}

/// Names one behind the other; the last one may be without its end.
fn names(pen: &mut Pen, mut at: usize, end: usize) -> Result<usize, usize> {
    while at < end {
        at = match dns::name(pen, at, end) {
            Err(place) if place == end => end,
            behind => behind?,
        };
    }
    Ok(at)
}

fn unique_identifier(pen: &mut Pen, start: usize, end: usize) -> Result<(), usize> {
    let [k0, k1, h0, h1] = pen.array(start, end)?;
    let (kind, hardware) = (u16::from_be_bytes([k0, k1]), u16::from_be_bytes([h0, h1]));
    let before = match kind {
        unique::WITH_TIME => 8,
        unique::HARDWARE => 4,
        _ => 0,
    };
    if before > 0 && hardware == unique::ETHERNET && end - start == before + 6 {
        // When it was made is as good as a name.
        pen.zero(start + 4, start + before);
        return pen.hardware(start + before, end).map(drop);
    }
    pen.identifier(start + 2, end);
    Ok(())
}
