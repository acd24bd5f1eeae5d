//! IPv4 and IPv6 headers, the extension headers behind them, and where the ports are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv6 extension headers of one packet, at most.
const MAX_EXTENSIONS: usize = 16;

/// Protocol numbers (IANA, Assigned Internet Protocol Numbers).
pub mod protocol {
    /// ICMP.
    pub const ICMP: u8 = 1;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// DCCP.
    pub const DCCP: u8 = 33;
    /// ICMPv6.
    pub const ICMPV6: u8 = 58;
    /// SCTP.
    pub const SCTP: u8 = 132;
    /// UDP-Lite.
    pub const UDP_LITE: u8 = 136;

    /// True if its header begins with a source and a destination port.
    pub const fn has_ports(protocol: u8) -> bool {
        matches!(protocol, TCP | UDP | DCCP | SCTP | UDP_LITE)
    }
}

/// An IP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ip<'a> {
    /// Who sent it.
    pub source: IpAddr,
    /// Whom it is for.
    pub destination: IpAddr,
    /// What it carries, behind all extension headers.
    pub protocol: u8,
    /// Which part of a datagram it is; none if it is whole.
    pub fragment: Option<Fragment>,
    /// What is captured of its payload, without what the link layer padded.
    pub payload: &'a [u8],
}

/// Part of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// Which datagram, between these addresses.
    pub identification: u32,
    /// It is the first part, which holds the ports.
    pub first: bool,
}

impl Ip<'_> {
    /// The ports, source first; none if the protocol has none, the fragment is not the first, or they were cut.
    #[inline]
    pub fn ports(&self) -> Option<(u16, u16)> {
        let begins = self.fragment.is_none_or(|fragment| fragment.first);
        match self.payload {
            [s0, s1, d0, d1, ..] if begins && protocol::has_ports(self.protocol) => {
                Some((u16::from_be_bytes([*s0, *s1]), u16::from_be_bytes([*d0, *d1])))
            }
            _ => None,
        }
    }

    /// Type and code, if it is a whole ICMP or ICMPv6 message or its first fragment.
    pub fn icmp(&self) -> Option<(u8, u8)> {
        let begins = self.fragment.is_none_or(|fragment| fragment.first);
        match self.payload {
            [kind, code, ..] if begins && matches!(self.protocol, protocol::ICMP | protocol::ICMPV6) => {
                Some((*kind, *code))
            }
            _ => None,
        }
    }
}

/// Reads an IP header of either version.
#[inline]
pub(super) fn ip(bytes: &[u8]) -> Option<Ip<'_>> {
    match bytes.first()? >> 4 {
        4 => ipv4(bytes),
        6 => ipv6(bytes),
        _ => None,
    }
}

/// RFC 791.
fn ipv4(bytes: &[u8]) -> Option<Ip<'_>> {
    let header = bytes.first_chunk::<20>()?;
    let [first, _, l0, l1, i0, i1, f0, f1, _, protocol, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = *header;
    let length = usize::from(first & 0xf) * 4;
    // A total length of 0 is what offloading leaves: the packet goes as far as it is captured.
    let total = match usize::from(u16::from_be_bytes([l0, l1])) {
        0 => bytes.len(),
        total => total,
    };
    if length < 20 || total < length {
        return None;
    }
    let place = u16::from_be_bytes([f0, f1]);
    let (more, offset) = (place & 0x2000 != 0, place & 0x1fff);
    let identification = u32::from(u16::from_be_bytes([i0, i1]));
    Some(Ip {
        source: Ipv4Addr::new(s0, s1, s2, s3).into(),
        destination: Ipv4Addr::new(d0, d1, d2, d3).into(),
        protocol,
        fragment: (more || offset > 0).then_some(Fragment { identification, first: offset == 0 }),
        payload: bytes.get(length..total.min(bytes.len())).unwrap_or_default(),
    })
}

/// RFC 8200.
fn ipv6(bytes: &[u8]) -> Option<Ip<'_>> {
    let (header, rest) = bytes.split_first_chunk::<40>()?;
    let [_, _, _, _, l0, l1, next, _, addresses @ ..] = header;
    let (source, destination) = (addresses.first_chunk::<16>()?, addresses.last_chunk::<16>()?);
    let payload = match usize::from(u16::from_be_bytes([*l0, *l1])) {
        0 => rest,
        length => rest.get(..length).unwrap_or(rest),
    };
    let mut ip = Ip {
        source: Ipv6Addr::from(*source).into(),
        destination: Ipv6Addr::from(*destination).into(),
        protocol: *next,
        fragment: None,
        payload,
    };
    for _ in 0..MAX_EXTENSIONS {
        if !step_over_extension(&mut ip) {
            break;
        }
    }
    Some(ip)
}

/// Steps over an extension header; false if there is none, or no more of it.
fn step_over_extension(ip: &mut Ip) -> bool {
    let (next, length) = match (ip.protocol, ip.payload) {
        // Fragment.
        (44, [next, _, p0, p1, i0, i1, i2, i3, ..]) => {
            let place = u16::from_be_bytes([*p0, *p1]);
            let (more, offset) = (place & 1 != 0, place >> 3);
            let identification = u32::from_be_bytes([*i0, *i1, *i2, *i3]);
            if more || offset > 0 {
                ip.fragment = Some(Fragment { identification, first: offset == 0 });
            }
            (*next, 8)
        }
        // Hop-by-hop options, routing, destination options, mobility, HIP, shim6.
        (0 | 43 | 60 | 135 | 139 | 140, [next, length, ..]) => (*next, (usize::from(*length) + 1) * 8),
        _ => return false,
    };
    // Behind a later fragment stands data, not a header.
    let headers_follow = ip.fragment.is_none_or(|fragment| fragment.first);
    ip.protocol = next;
    ip.payload = ip.payload.get(length..).unwrap_or_default();
    headers_follow
}

/// The IPv4 addresses of ARP (RFC 826) and RARP: sender, target.
pub(super) fn arp(bytes: &[u8]) -> Option<(IpAddr, IpAddr)> {
    // Hardware type, protocol IPv4, lengths 6 and 4, operation, then hardware and protocol addresses of both.
    let [_, _, 0x08, 0x00, 6, 4, _, _, _, _, _, _, _, _, s0, s1, s2, s3, _, _, _, _, _, _, t0, t1, t2, t3] =
        *bytes.first_chunk::<28>()?
    else {
        return None;
    };
    Some((Ipv4Addr::new(s0, s1, s2, s3).into(), Ipv4Addr::new(t0, t1, t2, t3).into()))
}
