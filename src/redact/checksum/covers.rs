//! Which checksums a packet has, where they stand, and what they cover.

use super::{Cover, Place, State, Sum};
use crate::decode::protocol;
use crate::redact::bytes::{array, byte, u16_at};
use crate::redact::options::Choices;
use crate::redact::walk::{Header, Kind};

/// The checksum that the header at this place of a list has, if it has one and it was captured.
pub(super) fn cover(bytes: &[u8], headers: &[Header], at: usize) -> Option<Cover> {
    let header = headers.get(at)?;
    let wire = wire_end(bytes, headers, header);
    let (kind, field, end) = match header.kind {
        Kind::Ipv4 => (Sum::Words, 10, header.end),
        Kind::Tcp => (Sum::Words, 16, header.limit),
        Kind::Udp => (Sum::WordsOrNone, 6, header.limit),
        // Its length field says how much is covered; 0 is all (RFC 3828).
        Kind::UdpLite => {
            let covered = u16_at(bytes, header.start + 4).map_or(0, usize::from);
            (Sum::Words, 6, part(header, header.start, covered))
        }
        // Its header and so many words of data, and one more; 0 is all (RFC 4340, 9.2).
        Kind::Dccp => {
            let words = byte(bytes, header.start + 9).map_or(0, |byte| usize::from(byte & 0xf));
            (Sum::Words, 6, part(header, header.end.saturating_sub(4), words * 4))
        }
        Kind::Sctp => (Sum::Crc(wire), 8, header.limit),
        Kind::Icmp | Kind::Icmpv6 | Kind::Igmp => (Sum::Words, 2, header.limit),
        Kind::Gre if byte(bytes, header.start)? & 0x80 != 0 => (Sum::Words, 4, header.limit),
        _ => return None,
    };
    let field = header.start + field;
    let size = if matches!(kind, Sum::Crc(_)) { 4 } else { 2 };
    if field + size > header.limit {
        return None;
    }
    let mut cover = Cover {
        kind,
        field,
        places: [(header.start, end), (0, 0), (0, 0)],
        protocol: 0,
        length: None,
        whole: is_whole(bytes, header, wire),
        state: State::Follows,
        change: 0,
    };
    if let Some(number) = with_pseudo_header(header.kind) {
        let (source, destination) = pseudo_header(bytes, headers, at)?;
        cover.places = [(header.start, end), source, destination];
        cover.protocol = number.into();
        cover.length = length(bytes, header, wire);
    }
    Some(cover)
}

/// Behind so many bytes from a place, of what a header is before; 0 are all.
fn part(header: &Header, start: usize, bytes: usize) -> usize {
    match bytes {
        0 => header.limit,
        _ => header.limit.min(start + bytes),
    }
}

/// The protocol number in the pseudo header that a checksum covers, if it covers one.
fn with_pseudo_header(kind: Kind) -> Option<u8> {
    match kind {
        Kind::Tcp => Some(protocol::TCP),
        Kind::Udp => Some(protocol::UDP),
        Kind::UdpLite => Some(protocol::UDP_LITE),
        Kind::Dccp => Some(protocol::DCCP),
        Kind::Icmpv6 => Some(protocol::ICMPV6),
        _ => None,
    }
}

/// True if all was captured that the checksum of a header covers. Where a message ends that states no length, nobody can
/// tell: all that is there is all.
fn is_whole(bytes: &[u8], header: &Header, wire: Option<usize>) -> bool {
    match (header.kind, wire) {
        (Kind::Ipv4, _) => true,
        (_, None) => false,
        // What follows the length that a datagram states is no part of it.
        (Kind::Udp, Some(end)) => end <= header.limit || stated(bytes, header) == Some(header.limit - header.start),
        (_, Some(end)) => end <= header.limit,
    }
}

/// The length that a pseudo header holds: UDP's own, and of others that of the whole message.
fn length(bytes: &[u8], header: &Header, wire: Option<usize>) -> Option<u64> {
    let own = if header.kind == Kind::Udp { stated(bytes, header) } else { None };
    own.or_else(|| wire?.checked_sub(header.start)).map(|length| length as u64)
}

/// What the header of a UDP datagram states as its length, if it states one.
fn stated(bytes: &[u8], header: &Header) -> Option<usize> {
    u16_at(bytes, header.start + 4).map(usize::from).filter(|length| *length > 0)
}

/// Where the message of a transport header ended on the wire, or ends here if its length is not stated; unknown of a fragment.
fn wire_end(bytes: &[u8], headers: &[Header], header: &Header) -> Option<usize> {
    let ip = headers.get(header.ip?)?;
    let behind = headers.get(header.ip?..)?;
    if behind.iter().take_while(|other| other.start < header.start).any(|other| other.kind == Kind::FragmentHeader) {
        return None;
    }
    let (place, before) = match ip.kind {
        Kind::Ipv4 if u16_at(bytes, ip.start + 6)? & 0x3fff != 0 => return None,
        Kind::Ipv4 => (2, 0),
        _ => (4, 40),
    };
    match usize::from(u16_at(bytes, ip.start + place)?) {
        0 => Some(header.limit),
        stated => Some(ip.start + before + stated).filter(|end| *end >= header.limit),
    }
}

/// The addresses that a transport checksum covers: those of the ends, wherever else the packet passes.
fn pseudo_header(bytes: &[u8], headers: &[Header], at: usize) -> Option<(Place, Place)> {
    let first = headers.get(at)?.ip?;
    let ip = headers.get(first)?;
    let mut ends = match ip.kind {
        Kind::Ipv4 => ((ip.start + 12, ip.start + 16), (ip.start + 16, ip.start + 20)),
        _ => ((ip.start + 8, ip.start + 24), (ip.start + 24, ip.start + 40)),
    };
    if ip.kind == Kind::Ipv4 {
        ends.1 = source_route(bytes, ip).unwrap_or(ends.1);
    }
    for extension in headers.get(first..at)? {
        match extension.kind {
            Kind::Routing => ends.1 = last_hop(bytes, extension).unwrap_or(ends.1),
            Kind::DestinationOptions => ends.0 = home_address(bytes, extension).unwrap_or(ends.0),
            _ => {}
        }
    }
    Some(ends)
}

/// The last address of a source route of IPv4 that is not passed yet (RFC 791, 3.1).
fn source_route(bytes: &[u8], ip: &Header) -> Option<Place> {
    let route = Choices::of_header(bytes, ip.start + 20, ip.end).find(|option| matches!(option.kind, 131 | 137))?;
    // The pointer counts from the option's first byte, from 1.
    let pointer = usize::from(byte(bytes, route.start)?);
    let length = route.end - route.start + 2;
    (pointer <= length && length >= 7).then_some((route.end - 4, route.end))
}

/// The address that a packet with a routing header goes to in the end, if it is not there yet.
fn last_hop(bytes: &[u8], routing: &Header) -> Option<Place> {
    let [_, _, kind, left] = array(bytes, routing.start)?;
    let start = match kind {
        0 => routing.end.checked_sub(16)?,
        // A home address; the first of a list that stands in reverse (RFC 8754, 2).
        2 | 4 => routing.start + 8,
        _ => return None,
    };
    (left > 0 && start >= routing.start + 8 && start + 16 <= routing.end).then_some((start, start + 16))
}

/// The home address of a mobile node, which stands for its source (RFC 6275, 6.3).
fn home_address(bytes: &[u8], extension: &Header) -> Option<Place> {
    let option = Choices::of_extension(bytes, extension.start, extension.end)
        .find(|option| option.kind == 0xc9 && option.end - option.start == 16)?;
    Some((option.start, option.end))
}
