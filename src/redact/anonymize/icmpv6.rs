//! ICMPv6: neighbour discovery (RFC 4861) and multicast listeners (RFC 2710, 9777). Errors quote packets, which are headers
//! of their own.

use super::icmp::nothing_behind;
use super::pen::Pen;
use crate::redact::walk::Header;

/// The types of messages.
mod kind {
    pub(super) const QUERY: u8 = 130;
    pub(super) const REPORT: u8 = 131;
    pub(super) const DONE: u8 = 132;
    pub(super) const ROUTER_SOLICITATION: u8 = 133;
    pub(super) const ROUTER_ADVERTISEMENT: u8 = 134;
    pub(super) const NEIGHBOUR_SOLICITATION: u8 = 135;
    pub(super) const NEIGHBOUR_ADVERTISEMENT: u8 = 136;
    pub(super) const REDIRECT: u8 = 137;
    pub(super) const REPORT_2: u8 = 143;
}

/// The types of neighbour discovery's options (IANA, IPv6 Neighbor Discovery Option Formats).
mod option {
    pub(super) const LINK_LAYER_ADDRESSES: [u8; 2] = [1, 2];
    pub(super) const PREFIX: u8 = 3;
    /// The packet that a redirect is about.
    pub(super) const REDIRECTED: u8 = 4;
    pub(super) const ROUTE: u8 = 24;
    pub(super) const DNS_SERVERS: u8 = 25;
    pub(super) const TIMESTAMP: u8 = 13;
    pub(super) const NONCE: u8 = 14;
    /// MTU, advertisement interval, home agents, flags.
    pub(super) const HARMLESS: [u8; 4] = [5, 7, 8, 26];
}

pub(super) fn message(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    let Some(kind) = pen.byte(start) else { return Ok(()) };
    match kind {
        kind::QUERY if end - start >= 28 => {
            pen.ipv6(start + 8, end)?;
            let sources = pen.u16(start + 26).unwrap_or_default();
            nothing_behind(pen.ipv6_list(start + 28, sources.into(), end)?, end)
        }
        kind::QUERY | kind::REPORT | kind::DONE => nothing_behind(pen.ipv6(start + 8, end)?, end),
        kind::REPORT_2 => records(pen, start, end),
        kind::ROUTER_SOLICITATION => options(pen, start + 8, end),
        kind::ROUTER_ADVERTISEMENT => options(pen, start + 16, end),
        kind::NEIGHBOUR_SOLICITATION | kind::NEIGHBOUR_ADVERTISEMENT => {
            let behind = pen.ipv6(start + 8, end)?;
            options(pen, behind, end)
        }
        kind::REDIRECT => {
            let behind = pen.ipv6_list(start + 8, 2, end)?;
            options(pen, behind, end)
        }
        _ => Ok(()),
    }
}

/// Records of type, length of auxiliary data, number of sources, group, sources, data.
fn records(pen: &mut Pen, start: usize, end: usize) -> Result<(), usize> {
    let [n0, n1] = pen.array(start + 6, end)?;
    let mut at = start + 8;
    for _ in 0..u16::from_be_bytes([n0, n1]) {
        let [_, words, s0, s1] = pen.array(at, end)?;
        let group = pen.ipv6(at + 4, end)?;
        let behind = pen.ipv6_list(group, u16::from_be_bytes([s0, s1]).into(), end)?;
        at = behind + usize::from(words) * 4;
        pen.zero(behind, at.min(end));
    }
    nothing_behind(at, end)
}

/// Type, length in words of eight bytes, value.
fn options(pen: &mut Pen, mut at: usize, end: usize) -> Result<(), usize> {
    while at < end {
        let [kind, words] = pen.array(at, end)?;
        let behind = at + usize::from(words) * 8;
        if words == 0 || behind > end || kind == option::REDIRECTED {
            return Err(at);
        }
        option(pen, kind, (at, behind));
        at = behind;
    }
    Ok(())
}

fn option(pen: &mut Pen, kind: u8, (start, end): (usize, usize)) {
    let prefix_length = pen.byte(start + 2).unwrap_or_default();
    let rest = match (kind, end - start) {
        (kind, 8) if option::LINK_LAYER_ADDRESSES.contains(&kind) => pen.hardware(start + 2, end).unwrap_or(start),
        (option::PREFIX, 32) => {
            pen.prefix((start + 16, end), prefix_length, false);
            end
        }
        (option::ROUTE, length) => {
            let behind = start + length.min(24);
            pen.prefix((start + 8, behind), prefix_length, false);
            behind
        }
        (option::DNS_SERVERS, length) => {
            let (Ok(rest) | Err(rest)) = pen.ipv6_list(start + 8, (length - 8) / 16, end);
            rest
        }
        (option::TIMESTAMP, 16) | (option::NONCE, 8) => {
            pen.time(start + 2, end);
            end
        }
        (kind, 8) if option::HARMLESS.contains(&kind) => end,
        _ => start + 2,
    };
    pen.zero(rest, end);
}
