//! Headers, one by one: what each holds that tells who it is of.

use super::pen::Pen;
use super::{Unread, icmp, icmpv6, igmp, link};
use crate::redact::options::{Choice, Choices};
use crate::redact::walk::{Header, Kind};

/// The options of IPv4 (IANA, IP Option Numbers).
mod ipv4 {
    pub(super) const TIMESTAMP: u8 = 68;
    pub(super) const TRACEROUTE: u8 = 82;
    /// Record route, loose and strict source route: a pointer, then addresses.
    pub(super) const ROUTES: [u8; 3] = [7, 131, 137];
    /// Quick start, security, extended and commercial security, stream, router alert.
    pub(super) const HARMLESS: [u8; 6] = [25, 130, 133, 134, 136, 148];
}

/// The options of IPv6's extension headers (IANA, Destination Options and Hop-by-Hop Options).
mod ipv6 {
    pub(super) const HOME_ADDRESS: u8 = 0xc9;
    /// Tunnel encapsulation limit, router alert, quick start, jumbo payload.
    pub(super) const HARMLESS: [u8; 4] = [0x04, 0x05, 0x26, 0xc2];
}

/// The options of TCP (IANA, TCP Option Kind Numbers).
mod tcp {
    pub(super) const MPTCP: u8 = 30;
    /// Those for experiments, and the one that is known of them: Fast Open.
    pub(super) const EXPERIMENTS: [u8; 2] = [253, 254];
    pub(super) const FAST_OPEN: [u8; 2] = [0xf9, 0x89];
    /// Sizes, scales, acknowledgements, times, checksums and signatures, timeouts, Fast Open, encryption.
    pub(super) const HARMLESS: [u8; 20] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 27, 28, 29, 34];
    pub(super) const ENCRYPTION: u8 = 69;
}

/// Rewrites a header that is no payload.
pub(super) fn rewrite(pen: &mut Pen, headers: &[Header], at: usize) -> Result<(), Unread> {
    let Some(header) = headers.get(at) else { return Ok(()) };
    let Header { start, end, .. } = *header;
    let inside = headers.get(at..).unwrap_or_default();
    let (what, read) = match header.kind {
        Kind::Ethernet | Kind::WifiAggregate => ("frames", link::ends(pen, start, inside)),
        Kind::Fddi => ("frames", link::ends(pen, start + 1, inside)),
        Kind::Cooked => {
            let (kind, length) = (pen.u16(start + 2), pen.u16(start + 4));
            link::cooked(pen, start + 6, (length.unwrap_or_default(), kind.unwrap_or_default()));
            ("", Ok(()))
        }
        Kind::Cooked2 => {
            let (kind, length) = (pen.u16(start + 8), pen.byte(start + 11));
            link::cooked(pen, start + 12, (length.unwrap_or_default().into(), kind.unwrap_or_default()));
            ("", Ok(()))
        }
        Kind::Wifi => {
            link::wifi(pen, header);
            ("", Ok(()))
        }
        Kind::Arp => ("ARP", link::arp(pen, header)),
        Kind::Ipv4 => ("IPv4", ipv4_header(pen, header)),
        Kind::Ipv6 => ("IPv6", pen.ipv6_list(start + 8, 2, end).map(drop)),
        Kind::HopByHop | Kind::DestinationOptions => ("IPv6 options", extension(pen, header)),
        Kind::Routing => ("IPv6 routing headers", routing(pen, header)),
        Kind::Tcp => ("TCP", tcp_header(pen, header)),
        Kind::Udp | Kind::UdpLite | Kind::Sctp | Kind::Dccp => ("transport headers", ports(pen, header)),
        Kind::Icmp => ("ICMP", icmp::message(pen, header)),
        Kind::Icmpv6 => ("ICMPv6", icmpv6::message(pen, header)),
        Kind::Igmp => ("IGMP", igmp::message(pen, header)),
        Kind::Geneve => ("Geneve", geneve(pen, header)),
        Kind::Teredo => ("Teredo", teredo(pen, header)),
        // Numbers that mean something to their two ends, and lengths.
        _ => return Ok(()),
    };
    read.map_err(|place| (what, place))
}

fn ipv4_header(pen: &mut Pen, header: &Header) -> Result<(), usize> {
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
    let done = match kind {
        kind if ipv4::ROUTES.contains(&kind) => pen.ipv4_list(start + 1, (end - start) / 4, end).map(drop),
        ipv4::TIMESTAMP => timestamps(pen, start, end),
        ipv4::TRACEROUTE => pen.ipv4(start + 6, end).map(drop),
        kind if ipv4::HARMLESS.contains(&kind) => Ok(()),
        _ => Err(start),
    };
    if let Err(place) = done {
        pen.zero(place, end);
    }
}

/// A pointer, a count of overflows and a flag; then times, with the addresses before them if the flag is not 0.
fn timestamps(pen: &mut Pen, start: usize, end: usize) -> Result<(), usize> {
    let [_, flag] = pen.array(start, end)?;
    let mut at = start + 2;
    while flag & 0xf != 0 && at < end {
        at = pen.ipv4(at, end)? + 4;
    }
    Ok(())
}

fn extension(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    let (options, rest) = listed(Choices::of_extension(pen.bytes(), start, end));
    for Choice { kind, start, end } in options {
        match kind {
            ipv6::HOME_ADDRESS => pen.ipv6(start, end).map_or_else(|_| pen.zero(start, end), drop),
            kind if ipv6::HARMLESS.contains(&kind) => {}
            _ => pen.zero(start, end),
        }
    }
    pen.zero(rest, end);
    Ok(())
}

fn routing(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    let [_, _, kind, _, last, ..] = pen.array::<8>(start, end)?;
    let addresses = match kind {
        0 => (end - start - 8) / 16,
        // The home address of a mobile node (RFC 6275, 6.4); segments, of which the number of the last one is told.
        2 => 1,
        4 => usize::from(last) + 1,
        _ => 0,
    };
    let behind = pen.ipv6_list(start + 8, addresses, end);
    let (Ok(rest) | Err(rest)) = behind;
    pen.zero(rest, end);
    Ok(())
}

fn ports(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    pen.ports = [0, 2].map(|at| pen.u16(header.start + at).unwrap_or_default());
    let destination = pen.port(header.start, header.end)?;
    pen.port(destination, header.end).map(drop)
}

fn tcp_header(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    ports(pen, header)?;
    let (options, rest) = listed(Choices::of_header(pen.bytes(), start + 20, end));
    for Choice { kind, start, end } in options {
        match kind {
            tcp::ENCRYPTION => {}
            kind if tcp::HARMLESS.contains(&kind) => {}
            tcp::MPTCP => multipath(pen, start, end),
            kind if tcp::EXPERIMENTS.contains(&kind) && pen.array(start, end) == Ok(tcp::FAST_OPEN) => {}
            _ => pen.zero(start, end),
        }
    }
    pen.zero(rest.max(start + 20), end);
    Ok(())
}

/// An address that is announced (RFC 8684, 3.4.1): its length follows from the option's.
fn multipath(pen: &mut Pen, start: usize, end: usize) {
    const ADD_ADDRESS: u8 = 3;
    const WITH_IPV6: usize = 18;
    if pen.byte(start).is_none_or(|first| first >> 4 != ADD_ADDRESS) {
        return;
    }
    let done = match end - start >= WITH_IPV6 {
        true => pen.ipv6(start + 2, end),
        false => pen.ipv4(start + 2, end),
    };
    if let Err(place) = done {
        pen.zero(place, end);
    }
}

/// Options of tunnels: class, type, length, data (RFC 8926, 3.5).
fn geneve(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let mut at = header.start + 8;
    while let Ok([_, _, _, length]) = pen.array(at, header.end) {
        let behind = at + 4 + usize::from(length & 0x1f) * 4;
        pen.zero(at + 4, behind.min(header.end));
        at = behind;
    }
    Ok(())
}

/// Authentication, and the origin: port and address with all bits inverted (RFC 4380, 5.1.1).
fn teredo(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    pen.zero(header.start + 4, header.end);
    Ok(())
}

/// Options in a list, so that they can be written to; and where they end.
fn listed(mut options: Choices) -> (Vec<Choice>, usize) {
    let list = options.by_ref().collect();
    (list, options.rest())
}
