//! Link layers, as far as the network layer behind them.

use std::fmt;

use super::{Hardware, wifi};
use crate::packet::LinkType;

/// VLAN tags and MPLS labels of one packet, at most.
const MAX_TAGS: usize = 16;

/// A frame of the link layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) hardware: Option<Hardware>,
    pub(super) vlans: Vlans,
    pub(super) carries: Carries<'a>,
}

/// The VLANs that a frame is in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Vlans {
    pub(super) outermost: Option<u16>,
    /// None if there is only one.
    pub(super) innermost: Option<u16>,
}

impl Vlans {
    /// One more, inside of the others.
    fn enter(&mut self, vlan: u16) {
        match self.outermost {
            None => self.outermost = Some(vlan),
            Some(_) => self.innermost = Some(vlan),
        }
    }
}

/// What a frame carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Carries<'a> {
    /// IPv4 or IPv6, as its first bits say.
    Ip(&'a [u8]),
    Arp(&'a [u8]),
    Other(OtherKind),
    /// The frame ends before one can say.
    Cut,
    /// The link type is not decoded.
    Unknown,
}

/// What is not IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OtherKind {
    /// An ether type.
    EtherType(u16),
    /// IEEE 802.2 with this destination service access point: spanning tree, IS-IS, NetBIOS.
    Llc(u8),
    /// A protocol of PPP: its own negotiations.
    Ppp(u16),
    /// An address family of NULL, LOOP or IPNET.
    Family(u32),
    /// A management frame of IEEE 802.11.
    WifiManagement,
    /// A control frame of IEEE 802.11.
    WifiControl,
    /// A data frame of IEEE 802.11 without data.
    WifiNull,
    /// An encrypted data frame of IEEE 802.11.
    WifiEncrypted,
    /// More than 16 VLAN tags or MPLS labels.
    TooDeep,
}

impl fmt::Display for OtherKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match *self {
            Self::EtherType(number) => {
                return match ether_type_name(number) {
                    Some(name) => f.write_str(name),
                    None => write!(f, "ether type 0x{number:04x}"),
                };
            }
            Self::Llc(0x42) => "spanning tree",
            Self::Llc(0xe0) => "IPX",
            Self::Llc(0xf0) => "NetBIOS frames",
            Self::Llc(0xfe) => "OSI (IS-IS)",
            Self::Llc(sap) => return write!(f, "LLC 0x{sap:02x}"),
            Self::Ppp(protocol) => return write!(f, "PPP 0x{protocol:04x}"),
            Self::Family(family) => return write!(f, "address family {family}"),
            Self::WifiManagement => "802.11 management",
            Self::WifiControl => "802.11 control",
            Self::WifiNull => "802.11 without data",
            Self::WifiEncrypted => "802.11 encrypted",
            Self::TooDeep => "too many tags",
        };
        f.write_str(name)
    }
}

fn ether_type_name(number: u16) -> Option<&'static str> {
    Some(match number {
        0x0842 => "wake on LAN",
        0x2000 => "CDP",
        0x8137 => "IPX",
        0x809b => "AppleTalk",
        0x80f3 => "AARP",
        0x8808 => "Ethernet flow control",
        0x8809 => "slow protocols (LACP)",
        0x8863 => "PPPoE discovery",
        0x888e => "EAPOL",
        0x8892 => "PROFINET",
        0x88a4 => "EtherCAT",
        0x88b8 => "GOOSE",
        0x88ba => "sampled values",
        0x88cc => "LLDP",
        0x88e1 => "HomePlug",
        0x88e5 => "MACsec",
        0x88f7 => "PTP",
        0x8906 => "FCoE",
        0x9000 => "loopback",
        _ => return None,
    })
}

/// Ether types (IANA, IEEE 802 Numbers).
pub(super) mod ether_type {
    pub(in crate::decode) const IPV4: u16 = 0x0800;
    pub(in crate::decode) const ARP: u16 = 0x0806;
    pub(in crate::decode) const TRANSPARENT_ETHERNET: u16 = 0x6558;
    pub(in crate::decode) const RARP: u16 = 0x8035;
    pub(in crate::decode) const VLAN: u16 = 0x8100;
    pub(in crate::decode) const VLAN_OLD: u16 = 0x9100;
    pub(in crate::decode) const IPV6: u16 = 0x86dd;
    pub(in crate::decode) const MPLS: u16 = 0x8847;
    pub(in crate::decode) const MPLS_UPSTREAM: u16 = 0x8848;
    pub(in crate::decode) const PPPOE_SESSION: u16 = 0x8864;
    pub(in crate::decode) const QINQ: u16 = 0x88a8;
    /// Smaller numbers are lengths (IEEE 802.3).
    pub(super) const SMALLEST: u16 = 0x0600;
}

/// Reads a frame of a link type.
#[inline]
pub(super) fn frame(link_type: LinkType, bytes: &[u8]) -> Frame<'_> {
    match link_type.0 {
        1 => ethernet(bytes),
        // NULL: the address family in the capturing machine's byte order; LOOP: in network order.
        0 | 108 => Frame::of(loopback(bytes)),
        10 => fddi(bytes),
        // PPP, with or without HDLC-like framing.
        9 | 50 => Frame::of(ppp(bytes)),
        // RAW, and what BSDs wrote for it; IPV4 and IPV6.
        101 | 12 | 14 | 228 | 229 => Frame::of(Carries::Ip(bytes)),
        104 => cisco_hdlc(bytes),
        105 => wifi::frame(bytes),
        113 => cooked(bytes),
        127 => wifi::radiotap(bytes),
        226 => Frame::of(ipnet(bytes)),
        276 => cooked_2(bytes),
        _ => Frame::of(Carries::Unknown),
    }
}

impl<'a> Frame<'a> {
    /// A frame without addresses and VLAN.
    pub(super) fn of(carries: Carries<'a>) -> Self {
        Self { hardware: None, vlans: Vlans::default(), carries }
    }

    /// A frame that carries what an ether type says.
    pub(super) fn typed(hardware: Option<Hardware>, ether: u16, bytes: &'a [u8]) -> Self {
        let mut vlans = Vlans::default();
        let carries = typed(ether, bytes, &mut vlans);
        Self { hardware, vlans, carries }
    }
}

#[inline]
pub(super) fn ethernet(bytes: &[u8]) -> Frame<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<14>() else {
        return Frame::of(Carries::Cut);
    };
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *header;
    let hardware = Hardware { source: [s0, s1, s2, s3, s4, s5], destination: Some([d0, d1, d2, d3, d4, d5]) };
    Frame::typed(Some(hardware), u16::from_be_bytes([t0, t1]), rest)
}

/// What follows an ether type: tags and labels are stepped over.
#[inline]
fn typed<'a>(mut ether: u16, mut bytes: &'a [u8], vlans: &mut Vlans) -> Carries<'a> {
    for _ in 0..MAX_TAGS {
        match ether {
            ether_type::IPV4 | ether_type::IPV6 => return Carries::Ip(bytes),
            ether_type::ARP | ether_type::RARP => return Carries::Arp(bytes),
            ether_type::VLAN | ether_type::QINQ | ether_type::VLAN_OLD => match bytes.split_first_chunk::<4>() {
                Some(([v0, v1, t0, t1], rest)) => {
                    vlans.enter(u16::from_be_bytes([*v0, *v1]) & 0x0fff);
                    (ether, bytes) = (u16::from_be_bytes([*t0, *t1]), rest);
                }
                None => return Carries::Cut,
            },
            ether_type::MPLS | ether_type::MPLS_UPSTREAM => return mpls(bytes),
            // Version and type, code, session, length; then PPP without framing.
            ether_type::PPPOE_SESSION => return bytes.get(6..).map_or(Carries::Cut, ppp),
            length if length < ether_type::SMALLEST => return llc(bytes, vlans),
            other => return Carries::Other(OtherKind::EtherType(other)),
        }
    }
    Carries::Other(OtherKind::TooDeep)
}

/// IEEE 802.2; with SNAP, an ether type follows (RFC 1042).
pub(super) fn llc<'a>(bytes: &'a [u8], vlans: &mut Vlans) -> Carries<'a> {
    match bytes {
        [0xaa, 0xaa, 3, 0, 0, 0, t0, t1, rest @ ..] => match u16::from_be_bytes([*t0, *t1]) {
            length if length < ether_type::SMALLEST => Carries::Other(OtherKind::Llc(0xaa)),
            ether => typed(ether, rest, vlans),
        },
        [sap, _, _, ..] => Carries::Other(OtherKind::Llc(*sap)),
        _ => Carries::Cut,
    }
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
                // A pseudowire: a control word, zeros first (RFC 4448), and a frame of Ethernet.
                Some(0) => bytes.get(4..).map_or(Carries::Cut, |frame| ethernet(frame).carries),
                Some(_) => Carries::Other(OtherKind::EtherType(ether_type::MPLS)),
                None => Carries::Cut,
            };
        }
    }
    Carries::Other(OtherKind::TooDeep)
}

pub(super) fn ppp(bytes: &[u8]) -> Carries<'_> {
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
        other => Carries::Other(OtherKind::Ppp(other)),
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
        other => Carries::Other(OtherKind::Family(other)),
    }
}

/// FDDI (ANSI X3.139): frame control, destination, source; asynchronous frames carry IEEE 802.2 (RFC 1390).
fn fddi(bytes: &[u8]) -> Frame<'_> {
    let Some(([_, d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5], rest)) = bytes.split_first_chunk::<13>() else {
        return Frame::of(Carries::Cut);
    };
    let hardware =
        Hardware { source: [*s0, *s1, *s2, *s3, *s4, *s5], destination: Some([*d0, *d1, *d2, *d3, *d4, *d5]) };
    let mut vlans = Vlans::default();
    let carries = llc(rest, &mut vlans);
    Frame { hardware: Some(hardware), vlans, carries }
}

fn cisco_hdlc(bytes: &[u8]) -> Frame<'_> {
    match bytes {
        [_, _, t0, t1, rest @ ..] => Frame::typed(None, u16::from_be_bytes([*t0, *t1]), rest),
        _ => Frame::of(Carries::Cut),
    }
}

/// LINUX_SLL: packet type, ARPHRD, address length, address, ether type.
fn cooked(bytes: &[u8]) -> Frame<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<16>() else {
        return Frame::of(Carries::Cut);
    };
    let [_, _, _, _, l0, l1, a0, a1, a2, a3, a4, a5, _, _, t0, t1] = *header;
    let hardware = Hardware { source: [a0, a1, a2, a3, a4, a5], destination: None };
    let hardware = (u16::from_be_bytes([l0, l1]) == 6).then_some(hardware);
    cooked_typed(hardware, u16::from_be_bytes([t0, t1]), rest)
}

/// LINUX_SLL2: ether type, reserved, interface, ARPHRD, packet type, address length, address.
fn cooked_2(bytes: &[u8]) -> Frame<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<20>() else {
        return Frame::of(Carries::Cut);
    };
    let [t0, t1, _, _, _, _, _, _, _, _, _, length, a0, a1, a2, a3, a4, a5, _, _] = *header;
    let hardware = Hardware { source: [a0, a1, a2, a3, a4, a5], destination: None };
    cooked_typed((length == 6).then_some(hardware), u16::from_be_bytes([t0, t1]), rest)
}

/// Linux's own numbers stand below the ether types: 4 is IEEE 802.2, 1 is Novell's 802.3 without it.
fn cooked_typed(hardware: Option<Hardware>, ether: u16, rest: &[u8]) -> Frame<'_> {
    match ether {
        4 => {
            let mut vlans = Vlans::default();
            let carries = llc(rest, &mut vlans);
            Frame { hardware, vlans, carries }
        }
        small if small < ether_type::SMALLEST => {
            Frame { hardware, ..Frame::of(Carries::Other(OtherKind::EtherType(small))) }
        }
        ether => Frame::typed(hardware, ether, rest),
    }
}

/// IPNET of Solaris: version, address family, hook type, length, three interface and zone numbers.
fn ipnet(bytes: &[u8]) -> Carries<'_> {
    match bytes.split_first_chunk::<24>() {
        None => Carries::Cut,
        // AF_INET and AF_INET6 of Solaris.
        Some(([_, 2 | 26, ..], rest)) => Carries::Ip(rest),
        Some(([_, family, ..], _)) => Carries::Other(OtherKind::Family((*family).into())),
    }
}
