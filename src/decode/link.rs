//! Link layers, as far as the network layer behind them.

use super::Hardware;
use crate::packet::LinkType;

/// VLAN tags and MPLS labels of one packet, at most.
const MAX_TAGS: usize = 16;

/// A frame of the link layer.
pub(super) struct Frame<'a> {
    pub(super) hardware: Option<Hardware>,
    pub(super) carries: Carries<'a>,
}

/// What a frame carries.
pub(super) enum Carries<'a> {
    /// IPv4 or IPv6, as its first bits say.
    Ip(&'a [u8]),
    Arp(&'a [u8]),
    Other,
    /// The frame ends before one can say.
    Cut,
    /// The link type is not decoded.
    Unknown,
}

/// Ether types (IANA, IEEE 802 Numbers).
mod ether_type {
    pub(super) const IPV4: u16 = 0x0800;
    pub(super) const ARP: u16 = 0x0806;
    pub(super) const RARP: u16 = 0x8035;
    pub(super) const VLAN: u16 = 0x8100;
    pub(super) const VLAN_OLD: u16 = 0x9100;
    pub(super) const IPV6: u16 = 0x86dd;
    pub(super) const MPLS: u16 = 0x8847;
    pub(super) const MPLS_UPSTREAM: u16 = 0x8848;
    pub(super) const PPPOE_SESSION: u16 = 0x8864;
    pub(super) const QINQ: u16 = 0x88a8;
}

/// Reads a frame of a link type.
#[inline]
pub(super) fn frame(link_type: LinkType, bytes: &[u8]) -> Frame<'_> {
    let without_addresses = |carries| Frame { hardware: None, carries };
    match link_type.0 {
        1 => ethernet(bytes),
        // NULL: the address family in the capturing machine's byte order; LOOP: in network order.
        0 | 108 => without_addresses(loopback(bytes)),
        // PPP, with or without HDLC-like framing.
        9 | 50 => without_addresses(ppp(bytes)),
        // RAW, and what BSDs wrote for it; IPV4 and IPV6.
        101 | 12 | 14 | 228 | 229 => without_addresses(Carries::Ip(bytes)),
        104 => without_addresses(cisco_hdlc(bytes)),
        113 => cooked(bytes),
        276 => cooked_2(bytes),
        _ => without_addresses(Carries::Unknown),
    }
}

fn ethernet(bytes: &[u8]) -> Frame<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<14>() else {
        return Frame { hardware: None, carries: Carries::Cut };
    };
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *header;
    let hardware = Hardware { source: [s0, s1, s2, s3, s4, s5], destination: Some([d0, d1, d2, d3, d4, d5]) };
    Frame { hardware: Some(hardware), carries: typed(u16::from_be_bytes([t0, t1]), rest) }
}

/// What follows an ether type: tags and labels are stepped over.
fn typed(mut ether: u16, mut bytes: &[u8]) -> Carries<'_> {
    for _ in 0..MAX_TAGS {
        match ether {
            ether_type::IPV4 | ether_type::IPV6 => return Carries::Ip(bytes),
            ether_type::ARP | ether_type::RARP => return Carries::Arp(bytes),
            ether_type::VLAN | ether_type::QINQ | ether_type::VLAN_OLD => match bytes.split_first_chunk::<4>() {
                Some(([_, _, t0, t1], rest)) => (ether, bytes) = (u16::from_be_bytes([*t0, *t1]), rest),
                None => return Carries::Cut,
            },
            ether_type::MPLS | ether_type::MPLS_UPSTREAM => return mpls(bytes),
            // Version and type, code, session, length; then PPP without framing.
            ether_type::PPPOE_SESSION => return bytes.get(6..).map_or(Carries::Cut, ppp),
            _ => return Carries::Other,
        }
    }
    Carries::Other
}

/// Labels down to the bottom of the stack; what follows is told by its first bits alone.
fn mpls(mut bytes: &[u8]) -> Carries<'_> {
    for _ in 0..MAX_TAGS {
        let Some(([_, _, flags, _], rest)) = bytes.split_first_chunk::<4>() else {
            return Carries::Cut;
        };
        bytes = rest;
        let bottom = flags & 1 == 1;
        if bottom {
            return match bytes.first().map(|first| first >> 4) {
                Some(4 | 6) => Carries::Ip(bytes),
                Some(_) => Carries::Other,
                None => Carries::Cut,
            };
        }
    }
    Carries::Other
}

fn ppp(bytes: &[u8]) -> Carries<'_> {
    // HDLC-like framing: address 0xff, control 3 (RFC 1662).
    let bytes = bytes.strip_prefix(&[0xff, 0x03]).unwrap_or(bytes);
    // One octet if the protocol field is compressed: only those are odd.
    let (protocol, rest) = match bytes {
        [short, rest @ ..] if short & 1 == 1 => (u16::from(*short), rest),
        [high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
        _ => return Carries::Cut,
    };
    match protocol {
        0x0021 | 0x0057 => Carries::Ip(rest),
        0x0281 => mpls(rest),
        _ => Carries::Other,
    }
}

fn loopback(bytes: &[u8]) -> Carries<'_> {
    let Some((family, rest)) = bytes.split_first_chunk::<4>() else {
        return Carries::Cut;
    };
    // Small numbers, so that the byte order shows. IPv6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS, 10 on Linux.
    let big = u32::from_be_bytes(*family);
    match if big > 0xffff { big.swap_bytes() } else { big } {
        2 | 10 | 24 | 28 | 30 => Carries::Ip(rest),
        _ => Carries::Other,
    }
}

fn cisco_hdlc(bytes: &[u8]) -> Carries<'_> {
    match bytes {
        [_, _, t0, t1, rest @ ..] => typed(u16::from_be_bytes([*t0, *t1]), rest),
        _ => Carries::Cut,
    }
}

/// LINUX_SLL: packet type, ARPHRD, address length, address, ether type.
fn cooked(bytes: &[u8]) -> Frame<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<16>() else {
        return Frame { hardware: None, carries: Carries::Cut };
    };
    let [_, _, _, _, l0, l1, a0, a1, a2, a3, a4, a5, _, _, t0, t1] = *header;
    let hardware = Hardware { source: [a0, a1, a2, a3, a4, a5], destination: None };
    Frame {
        hardware: (u16::from_be_bytes([l0, l1]) == 6).then_some(hardware),
        carries: typed(u16::from_be_bytes([t0, t1]), rest),
    }
}

/// LINUX_SLL2: ether type, reserved, interface, ARPHRD, packet type, address length, address.
fn cooked_2(bytes: &[u8]) -> Frame<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<20>() else {
        return Frame { hardware: None, carries: Carries::Cut };
    };
    let [t0, t1, _, _, _, _, _, _, _, _, _, length, a0, a1, a2, a3, a4, a5, _, _] = *header;
    let hardware = Hardware { source: [a0, a1, a2, a3, a4, a5], destination: None };
    Frame { hardware: (length == 6).then_some(hardware), carries: typed(u16::from_be_bytes([t0, t1]), rest) }
}
