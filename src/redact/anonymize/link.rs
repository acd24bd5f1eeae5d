//! Hardware addresses of link layers, and ARP.

use super::pen::Pen;
use crate::redact::walk::{Header, Kind};

/// ARPHRD_: what Linux calls the interfaces that are tunnels of IPv4, and of IPv4 with GRE.
const IPV4_TUNNELS: [u16; 2] = [768, 778];

/// The hardware type of ATM, whose ARP has another layout (RFC 2225).
const ATM: u16 = 19;

/// Destination and source, one behind the other.
pub(super) fn ends(pen: &mut Pen, at: usize, headers: &[Header]) -> Result<(), usize> {
    let limit = headers.first().map_or(at, |header| header.limit);
    let source = multicast(pen, at, limit, headers)?;
    pen.hardware(source, limit).map(drop)
}

/// Replaces the hardware address of a destination, which is made of the group's address in the IP header if it is one of
/// IP multicast: of its last 23 bits (RFC 1112, 6.4), or its last 32 (RFC 2464, 7). The place behind it.
fn multicast(pen: &mut Pen, at: usize, limit: usize, headers: &[Header]) -> Result<usize, usize> {
    let old = pen.array::<6>(at, limit)?;
    let behind = pen.hardware(at, limit)?;
    let is_ip = |header: &&Header| matches!(header.kind, Kind::Ipv4 | Kind::Ipv6);
    let Some(ip) = headers.iter().find(is_ip) else { return Ok(behind) };
    match (ip.kind, old) {
        (Kind::Ipv4, [0x01, 0x00, 0x5e, ..]) => {
            if let Ok(group @ [233 | 234, _, _, _]) = pen.array(ip.start + 16, ip.end) {
                let [_, b, c, d] = pen.becomes(group);
                pen.edit.write(at + 3, &[b & 0x7f, c, d]);
            }
        }
        (Kind::Ipv6, [0x33, 0x33, last @ ..]) => {
            if let Ok(group @ [0xff, _, _, _, _, _, _, _, _, _, _, _, low @ ..]) =
                pen.array::<16>(ip.start + 24, ip.end)
                && low == last
            {
                let [.., a, b, c, d] = pen.becomes_6(group);
                pen.edit.write(at + 2, &[a, b, c, d]);
            }
        }
        _ => {}
    }
    Ok(behind)
}

/// The address of a cooked header of Linux: its length and kind say what it is.
pub(super) fn cooked(pen: &mut Pen, at: usize, (length, kind): (u16, u16)) {
    let end = at + 8;
    match length {
        6 => {
            let _ = pen.hardware(at, end);
            pen.zero(at + 6, end);
        }
        4 if IPV4_TUNNELS.contains(&kind) => {
            let _ = pen.ipv4(at, end);
            pen.zero(at + 4, end);
        }
        _ => pen.zero(at, end),
    }
}

/// The addresses of a frame of IEEE 802.11: as many as its header has room for. The first or the third is the destination.
pub(super) fn wifi(pen: &mut Pen, headers: &[Header]) {
    let Some(&Header { start, end, .. }) = headers.first() else { return };
    let four = pen.byte(start).zip(pen.byte(start + 1));
    let has_four = four.is_some_and(|(control, flags)| control >> 2 & 3 == 2 && flags & 3 == 3);
    let places = [(4, true), (10, true), (16, true), (24, has_four)];
    for (place, there) in places {
        if there {
            let _ = multicast(pen, start + place, end, headers);
        }
    }
}

/// ARP and RARP (RFC 826, 903): hardware and protocol address of both sides.
pub(super) fn arp(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    let [h0, h1, p0, p1, hardware, protocol, _, _] = pen.array(start, end)?;
    let (kind, is_ipv4) = (u16::from_be_bytes([h0, h1]), [p0, p1] == [0x08, 0x00] && protocol == 4);
    if kind == ATM || !is_ipv4 {
        pen.zero(start + 8, end);
        return Ok(());
    }
    let mut at = start + 8;
    for _ in 0..2 {
        let behind = at + usize::from(hardware);
        match hardware {
            6 => drop(pen.hardware(at, end)?),
            _ => pen.zero(at, behind),
        }
        at = pen.ipv4(behind, end)?;
    }
    Ok(())
}
