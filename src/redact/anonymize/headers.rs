//! Headers, one by one: what each holds that tells who it is of.

use super::pen::Pen;
use super::{Unread, icmp, icmpv6, igmp, link, options, radiotap, tcp};
use crate::redact::walk::{Header, Kind};

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
            link::wifi(pen, inside);
            ("", Ok(()))
        }
        Kind::Radiotap => {
            radiotap::header(pen, header);
            ("", Ok(()))
        }
        Kind::Arp => ("ARP", link::arp(pen, header)),
        Kind::Ipv4 => ("IPv4", options::ipv4(pen, header)),
        Kind::Ipv6 => ("IPv6", pen.ipv6_list(start + 8, 2, end).map(drop)),
        Kind::HopByHop | Kind::DestinationOptions => ("IPv6 options", options::extension(pen, header)),
        Kind::Routing => ("IPv6 routing headers", routing(pen, header)),
        // The integrity check behind index and sequence number covers addresses: with its key, guesses could be tried.
        Kind::Ah => {
            pen.zero(start + 12, end);
            ("", Ok(()))
        }
        Kind::Tcp => ("TCP", tcp::header(pen, header)),
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

pub(super) fn ports(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    pen.ports = [0, 2].map(|at| pen.u16(header.start + at).unwrap_or_default());
    let destination = pen.port(header.start, header.end)?;
    pen.port(destination, header.end).map(drop)
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
