//! The options of IPv4, and of IPv6's extension headers. Those that tell nothing stay if they are as long as they are
//! defined to be; of others nobody knows what they tell, and they become zeros.

use super::pen::Pen;
use crate::redact::options::{Choice, Choices};
use crate::redact::walk::Header;

/// The options of IPv4 (IANA, IP Option Numbers). Those for security, which name agencies, are not among them.
mod ipv4 {
    pub(super) const TIMESTAMP: u8 = 68;
    pub(super) const TRACEROUTE: u8 = 82;
    /// Record route, loose and strict source route: a pointer, then addresses.
    pub(super) const ROUTES: [u8; 3] = [7, 131, 137];
    /// Quick start, stream, router alert, and the length of their values.
    pub(super) const HARMLESS: [(u8, usize); 3] = [(25, 6), (136, 2), (148, 2)];
}

/// The options of IPv6's extension headers (IANA, Destination Options and Hop-by-Hop Options).
mod ipv6 {
    pub(super) const HOME_ADDRESS: u8 = 0xc9;
    /// Tunnel encapsulation limit, router alert, quick start, jumbo payload, and the length of their values.
    pub(super) const HARMLESS: [(u8, usize); 4] = [(0x04, 1), (0x05, 2), (0x26, 6), (0xc2, 4)];
}

/// A header of IPv4: addresses and options.
pub(super) fn ipv4(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    pen.ipv4_list(start + 12, 2, end)?;
    let (options, rest) = listed(Choices::of_header(pen.bytes(), start + 20, end));
    for option in options {
        ipv4_option(pen, option);
    }
    pen.zero(rest, end);
    Ok(())
}

fn ipv4_option(pen: &mut Pen, Choice { kind, start, end }: Choice) {
    let length = end - start;
    let read = match kind {
        kind if ipv4::ROUTES.contains(&kind) => pen.ipv4_list(start + 1, length / 4, end),
        ipv4::TIMESTAMP => timestamps(pen, start, end),
        ipv4::TRACEROUTE if length == 10 => pen.ipv4(start + 6, end),
        kind if ipv4::HARMLESS.contains(&(kind, length)) => Ok(end),
        _ => Err(start),
    };
    let (Ok(rest) | Err(rest)) = read;
    pen.zero(rest, end);
}

/// A pointer, a count of overflows and a flag; then times, with the addresses before them if the flag is not 0. The place
/// behind.
fn timestamps(pen: &mut Pen, start: usize, end: usize) -> Result<usize, usize> {
    let [_, flag] = pen.array(start, end)?;
    let mut at = start + 2;
    while at + 4 <= end {
        if flag & 0xf != 0 {
            at = pen.ipv4(at, end)?;
        }
        pen.array::<4>(at, end)?;
        pen.time(at, at + 4);
        at += 4;
    }
    Ok(at)
}

/// Hop-by-hop and destination options.
pub(super) fn extension(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    let (options, rest) = listed(Choices::of_extension(pen.bytes(), start, end));
    for Choice { kind, start, end } in options {
        match kind {
            ipv6::HOME_ADDRESS if end - start == 16 => drop(pen.ipv6(start, end)),
            kind if ipv6::HARMLESS.contains(&(kind, end - start)) => {}
            _ => pen.zero(start, end),
        }
    }
    pen.zero(rest, end);
    Ok(())
}

/// Options in a list, so that they can be written to; and where they end.
pub(super) fn listed(mut options: Choices) -> (Vec<Choice>, usize) {
    let list = options.by_ref().collect();
    (list, options.rest())
}
