//! Packets inside packets. What a port or a protocol number promises is believed only if the bytes agree.
//!
//! Sources: RFC 2003 (IP in IP), 4213 (6in4), 2784 and 2890 (GRE), 2637 (PPTP), 7348 (VXLAN), 8926 (Geneve), 4380
//! (Teredo); 3GPP TS 29.281 (GTP-U).

use super::ip::{Ip, protocol};
use super::link::{Carries, Frame, ether_type, ethernet, ppp};

/// What carries a packet inside another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TunnelKind {
    /// IPv4 in IP.
    Ipv4,
    /// IPv6 in IP.
    Ipv6,
    /// GRE; with version 1, PPTP.
    Gre,
    /// VXLAN.
    Vxlan,
    /// Geneve.
    Geneve,
    /// GTP-U.
    GtpU,
    /// Teredo.
    Teredo,
}

impl TunnelKind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Gre => "gre",
            Self::Vxlan => "vxlan",
            Self::Geneve => "geneve",
            Self::GtpU => "gtp-u",
            Self::Teredo => "teredo",
        }
    }
}

/// What a packet carries inside.
pub(super) struct Inside<'a> {
    pub(super) kind: TunnelKind,
    /// The tunnel's number between its ends: key, network or endpoint identifier; 0 where it has none.
    pub(super) id: u32,
    pub(super) carries: Carries<'a>,
}

/// What an IP packet carries, if it is a tunnel's.
#[inline]
pub(super) fn inside<'a>(ip: &Ip<'a>) -> Option<Inside<'a>> {
    if ip.fragment.is_some() {
        return None;
    }
    match ip.protocol {
        protocol::IPV4 if begins_with_version(ip.payload, 4) => Some(plain(TunnelKind::Ipv4, ip.payload)),
        protocol::IPV6 if begins_with_version(ip.payload, 6) => Some(plain(TunnelKind::Ipv6, ip.payload)),
        protocol::GRE => gre(ip.payload),
        protocol::UDP => udp(ip),
        _ => None,
    }
}

fn plain(kind: TunnelKind, bytes: &[u8]) -> Inside<'_> {
    Inside { kind, id: 0, carries: Carries::Ip(bytes) }
}

fn begins_with_version(bytes: &[u8], version: u8) -> bool {
    bytes.first().is_some_and(|first| first >> 4 == version)
}

fn udp<'a>(ip: &Ip<'a>) -> Option<Inside<'a>> {
    let (source, destination) = ip.ports()?;
    let payload = ip.payload.get(8..)?;
    match (source, destination) {
        (_, 4789) => vxlan(payload),
        (_, 6081) => geneve(payload),
        (2152, _) | (_, 2152) => gtp_u(payload),
        (3544, _) | (_, 3544) => teredo(payload, ip.payload_length.checked_sub(8)?),
        _ => None,
    }
}

fn number(bytes: [u8; 3]) -> u32 {
    let [a, b, c] = bytes;
    u32::from_be_bytes([0, a, b, c])
}

fn gre(bytes: &[u8]) -> Option<Inside<'_>> {
    let [flags, version, p0, p1, rest @ ..] = bytes else { return None };
    let mut rest = rest;
    let mut take = |wanted: bool| -> Option<u32> {
        let Some((field, after)) = rest.split_first_chunk::<4>().filter(|_| wanted) else {
            return (!wanted).then_some(0);
        };
        rest = after;
        Some(u32::from_be_bytes(*field))
    };
    let ether = u16::from_be_bytes([*p0, *p1]);
    match version & 7 {
        // Checksum, key, sequence; packets with the old routing field are left alone.
        0 if flags & 0x40 == 0 => {
            take(flags & 0x80 != 0)?;
            let id = take(flags & 0x20 != 0)?;
            take(flags & 0x10 != 0)?;
            let frame = match ether {
                ether_type::TRANSPARENT_ETHERNET => ethernet(rest),
                ether_type::IPV4 | ether_type::IPV6 | ether_type::MPLS | ether_type::MPLS_UPSTREAM => {
                    Frame::typed(None, ether, rest)
                }
                _ => return None,
            };
            Some(Inside { kind: TunnelKind::Gre, id, carries: frame.carries })
        }
        // Payload length and call, sequence, acknowledgement.
        1 if ether == 0x880b => {
            let id = take(true)? & 0xffff;
            let has_data = flags & 0x10 != 0;
            take(has_data)?;
            take(version & 0x80 != 0)?;
            has_data.then(|| Inside { kind: TunnelKind::Gre, id, carries: ppp(rest) })
        }
        _ => None,
    }
}

fn vxlan(bytes: &[u8]) -> Option<Inside<'_>> {
    match bytes {
        [0x08, 0, 0, 0, a, b, c, 0, frame @ ..] => {
            Some(Inside { kind: TunnelKind::Vxlan, id: number([*a, *b, *c]), carries: ethernet(frame).carries })
        }
        _ => None,
    }
}

fn geneve(bytes: &[u8]) -> Option<Inside<'_>> {
    let [first, _, p0, p1, a, b, c, 0, rest @ ..] = bytes else { return None };
    // The upper two bits are the version.
    let options = usize::from(*first).checked_mul(4).filter(|_| *first < 0x40)?;
    let rest = rest.get(options..)?;
    let carries = match u16::from_be_bytes([*p0, *p1]) {
        ether_type::TRANSPARENT_ETHERNET => ethernet(rest).carries,
        ether @ (ether_type::IPV4 | ether_type::IPV6) => Frame::typed(None, ether, rest).carries,
        _ => return None,
    };
    Some(Inside { kind: TunnelKind::Geneve, id: number([*a, *b, *c]), carries })
}

/// Version 1, protocol type GTP, message G-PDU.
fn gtp_u(bytes: &[u8]) -> Option<Inside<'_>> {
    /// Extension headers, at most.
    const MAX_EXTENSIONS: usize = 8;
    let [flags, 0xff, _, _, i0, i1, i2, i3, rest @ ..] = bytes else { return None };
    if flags & 0xf0 != 0x30 {
        return None;
    }
    let mut rest = rest;
    // Sequence, N-PDU number and the type of the next extension stand there if one of them is used.
    if flags & 7 != 0 {
        let [_, _, _, next, after @ ..] = rest else { return None };
        rest = after;
        let mut next = if flags & 4 != 0 { *next } else { 0 };
        for _ in 0..MAX_EXTENSIONS {
            if next == 0 {
                break;
            }
            let length = usize::from(*rest.first()?).checked_mul(4).filter(|length| *length > 0)?;
            next = *rest.get(length - 1)?;
            rest = rest.get(length..)?;
        }
    }
    let is_ip = begins_with_version(rest, 4) || begins_with_version(rest, 6);
    is_ip.then(|| Inside {
        kind: TunnelKind::GtpU,
        id: u32::from_be_bytes([*i0, *i1, *i2, *i3]),
        carries: Carries::Ip(rest),
    })
}

/// An IPv6 packet of just the right length, perhaps behind an authentication or an origin indication.
fn teredo(bytes: &[u8], wire: u32) -> Option<Inside<'_>> {
    let mut rest = bytes;
    if let [0, 1, client, authentication, ..] = rest {
        // Nonce and confirmation.
        rest = rest.get(4 + usize::from(*client) + usize::from(*authentication) + 9..)?;
    }
    if let [0, 0, ..] = rest {
        rest = rest.get(8..)?;
    }
    let [first, _, _, _, l0, l1, ..] = rest else { return None };
    let left = wire as usize - (bytes.len() - rest.len());
    let fits = usize::from(u16::from_be_bytes([*l0, *l1])) + 40 == left;
    (first >> 4 == 6 && fits).then(|| plain(TunnelKind::Teredo, rest))
}
