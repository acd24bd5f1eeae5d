//! IPv4 and IPv6 headers, the extension headers behind them, and where the ports are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Nothing follows an IPv6 header (RFC 8200, 4.7).
const NO_NEXT_HEADER: u8 = 59;

/// IPv6 extension headers of one packet, at most.
const MAX_EXTENSIONS: usize = 16;

/// Protocol numbers (IANA, Assigned Internet Protocol Numbers).
pub mod protocol {
    /// ICMP.
    pub const ICMP: u8 = 1;
    /// IGMP.
    pub const IGMP: u8 = 2;
    /// IPv4 in IP.
    pub const IPV4: u8 = 4;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// IPv6 in IP.
    pub const IPV6: u8 = 41;
    /// GRE.
    pub const GRE: u8 = 47;
    /// DCCP.
    pub const DCCP: u8 = 33;
    /// ESP: what is behind it is encrypted.
    pub const ESP: u8 = 50;
    /// AH, which [`crate::decode::innermost`] steps over.
    pub const AH: u8 = 51;
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

    /// IANA's keyword, in small letters, of those that are met.
    pub const fn name(protocol: u8) -> Option<&'static str> {
        Some(match protocol {
            0 => "hopopt",
            ICMP => "icmp",
            IGMP => "igmp",
            3 => "ggp",
            IPV4 => "ipv4",
            5 => "st",
            TCP => "tcp",
            8 => "egp",
            9 => "igp",
            UDP => "udp",
            27 => "rdp",
            DCCP => "dccp",
            IPV6 => "ipv6",
            43 => "ipv6-route",
            44 => "ipv6-frag",
            46 => "rsvp",
            GRE => "gre",
            ESP => "esp",
            AH => "ah",
            ICMPV6 => "ipv6-icmp",
            59 => "ipv6-nonxt",
            60 => "ipv6-opts",
            88 => "eigrp",
            89 => "ospfigp",
            94 => "ipip",
            97 => "etherip",
            98 => "encap",
            103 => "pim",
            108 => "ipcomp",
            112 => "vrrp",
            115 => "l2tp",
            124 => "isis-over-ipv4",
            SCTP => "sctp",
            133 => "fc",
            135 => "mobility-header",
            UDP_LITE => "udplite",
            137 => "mpls-in-ip",
            138 => "manet",
            139 => "hip",
            140 => "shim6",
            141 => "wesp",
            142 => "rohc",
            143 => "ethernet",
            _ => return None,
        })
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
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Type of service, or traffic class.
    pub tos: u8,
    /// Which part of a datagram it is; none if it is whole.
    pub fragment: Option<Fragment>,
    /// Its header, with all options and extension headers.
    pub header: &'a [u8],
    /// What is captured of its payload, without what the link layer padded.
    pub payload: &'a [u8],
    /// How long the payload was on the wire, in bytes.
    pub payload_length: u32,
}

/// Part of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// Which datagram, between these addresses.
    pub identification: u32,
    /// It is the first part, which holds the ports.
    pub first: bool,
    /// Where it begins, in bytes: a multiple of 8.
    pub offset: u32,
    /// Others follow it.
    pub more: bool,
}

impl Fragment {
    /// One that begins `units` of 8 bytes behind the first.
    fn new(identification: u32, units: u16, more: bool) -> Self {
        Self { identification, first: units == 0, offset: u32::from(units) * 8, more }
    }
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

/// How many bytes an IP packet may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// As many were sent from its first byte on, padding included.
    pub(super) wire: u32,
    /// It is inside another packet, and cannot be longer than that, whatever it says.
    pub(super) inside: bool,
    /// An authentication header is stepped over; otherwise it is what the packet carries.
    pub(super) through_ah: bool,
}

impl Room {
    /// The length that a header states; 0 is what offloading leaves, or a jumbogram: as far as the frame goes.
    fn length(self, stated: u32) -> u32 {
        match stated {
            0 => self.wire,
            stated if self.inside => stated.min(self.wire),
            stated => stated,
        }
    }
}

/// Reads an IP header of either version.
#[inline]
pub(super) fn ip(bytes: &[u8], room: Room) -> Result<Ip<'_>, NoIp> {
    match bytes.first() {
        Some(0x40..=0x4f) => ipv4(bytes, room),
        Some(0x60..=0x6f) => ipv6(bytes, room),
        Some(_) => Err(NoIp::Broken),
        None => Err(NoIp::Cut),
    }
}

/// Why there is no IP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoIp {
    /// It ends before its end.
    Cut,
    /// It contradicts itself.
    Broken,
}

/// RFC 791.
fn ipv4(bytes: &[u8], room: Room) -> Result<Ip<'_>, NoIp> {
    let Some(header) = bytes.first_chunk::<20>() else { return Err(NoIp::Cut) };
    let [first, tos, l0, l1, i0, i1, f0, f1, ttl, protocol, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = *header;
    let length = usize::from(first & 0xf) * 4;
    let total = room.length(u16::from_be_bytes([l0, l1]).into());
    if length < 20 || (total as usize) < length {
        return Err(NoIp::Broken);
    }
    let Some(header) = bytes.get(..length) else { return Err(NoIp::Cut) };
    let place = u16::from_be_bytes([f0, f1]);
    let (more, offset) = (place & 0x2000 != 0, place & 0x1fff);
    let identification = u32::from(u16::from_be_bytes([i0, i1]));
    let mut ip = Ip {
        source: Ipv4Addr::new(s0, s1, s2, s3).into(),
        destination: Ipv4Addr::new(d0, d1, d2, d3).into(),
        protocol,
        ttl,
        tos,
        fragment: (more || offset > 0).then(|| Fragment::new(identification, offset, more)),
        header,
        payload: bytes.get(length..bytes.len().min(total as usize)).unwrap_or_default(),
        payload_length: total - length as u32,
    };
    if protocol == protocol::AH && room.through_ah && ip.fragment.is_none() {
        let mut behind = ip;
        if step_over_extension(&mut behind, true).is_ok() {
            ip = Ip { header: bytes.get(..(total - behind.payload_length) as usize).unwrap_or(header), ..behind };
        }
    }
    Ok(ip)
}

/// RFC 8200.
fn ipv6(bytes: &[u8], room: Room) -> Result<Ip<'_>, NoIp> {
    let Some((header, rest)) = bytes.split_first_chunk::<40>() else { return Err(NoIp::Cut) };
    let [t0, t1, _, _, l0, l1, next, ttl, addresses @ ..] = header;
    let (Some(source), Some(destination)) = (addresses.first_chunk::<16>(), addresses.last_chunk::<16>()) else {
        return Err(NoIp::Cut);
    };
    let stated = match u32::from(u16::from_be_bytes([*l0, *l1])) {
        // With nothing behind it, that is the truth.
        0 if *next == NO_NEXT_HEADER => 40,
        0 => 0,
        stated => stated + 40,
    };
    let Some(payload_length) = room.length(stated).checked_sub(40) else { return Err(NoIp::Broken) };
    let mut ip = Ip {
        source: Ipv6Addr::from(*source).into(),
        destination: Ipv6Addr::from(*destination).into(),
        protocol: *next,
        ttl: *ttl,
        tos: t0 << 4 | t1 >> 4,
        fragment: None,
        header,
        payload: rest.get(..payload_length as usize).unwrap_or(rest),
        payload_length,
    };
    for _ in 0..MAX_EXTENSIONS {
        if !step_over_extension(&mut ip, room.through_ah)? {
            break;
        }
    }
    ip.header = bytes.get(..bytes.len().min(40 + (payload_length - ip.payload_length) as usize)).unwrap_or(header);
    Ok(ip)
}

/// Steps over an extension header; false if there is none.
fn step_over_extension(ip: &mut Ip, through_ah: bool) -> Result<bool, NoIp> {
    let (next, length): (u8, u32) = match (ip.protocol, ip.payload) {
        // Fragment.
        (44, [next, _, p0, p1, i0, i1, i2, i3, ..]) => {
            let place = u16::from_be_bytes([*p0, *p1]);
            let (more, offset) = (place & 1 != 0, place >> 3);
            let identification = u32::from_be_bytes([*i0, *i1, *i2, *i3]);
            if more || offset > 0 {
                ip.fragment = Some(Fragment::new(identification, offset, more));
            }
            (*next, 8)
        }
        // Hop-by-hop options, routing, destination options.
        (0 | 43 | 60, [next, length, ..]) => (*next, (u32::from(*length) + 1) * 8),
        // Its length counts words of 4 bytes, less 2 (RFC 4302, 2.2).
        (protocol::AH, [next, length, ..]) if through_ah => (*next, (u32::from(*length) + 2) * 4),
        (0 | 43 | 44 | 60, _) => return Err(NoIp::Cut),
        (protocol::AH, _) if through_ah => return Err(NoIp::Cut),
        _ => return Ok(false),
    };
    // Behind a later fragment stands data, not a header.
    let headers_follow = ip.fragment.is_none_or(|fragment| fragment.first);
    ip.protocol = next;
    ip.payload_length = ip.payload_length.checked_sub(length).ok_or(NoIp::Broken)?;
    ip.payload = ip.payload.get(length as usize..).ok_or(NoIp::Cut)?;
    Ok(headers_follow)
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
