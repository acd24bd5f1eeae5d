//! `headers`: what the headers of a packet say, a column for each field, named as Wireshark names it.
//!
//! Fields of the network and transport layer are of the innermost packet in a tunnel, unless the outermost was asked for;
//! those of Ethernet are of the frame. What a packet does not have, or what was cut off, is undefined. Wireshark shows the
//! fields of packets that ICMP errors quote under the same names; these are not shown here.

use std::borrow::Cow;
use std::net::IpAddr;

use super::options::options;
use super::{Captured, begins};
use crate::decode::{Ip, Network, protocol};
use crate::packet::LinkType;
use crate::redact::{self, Mask};
use crate::table::{Cell, Column, ColumnKind};

/// A field of a header.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: ColumnKind,
    pub(super) unit: &'static str,
    pub(super) doc: &'static str,
    value: for<'a> fn(&Headers<'a>) -> Option<Cell<'a>>,
}

impl Field {
    const fn new(
        name: &'static str,
        kind: ColumnKind,
        unit: &'static str,
        doc: &'static str,
        value: for<'a> fn(&Headers<'a>) -> Option<Cell<'a>>,
    ) -> Self {
        Self { name, kind, unit, doc, value }
    }

    /// The fields of packets that it shows.
    pub(super) fn tells(&self) -> Mask {
        redact::Field::ALL.into_iter().filter(|field| field.is_shown_by(self.name)).collect()
    }

    pub(super) fn column(&self) -> Column {
        Column::new(self.name, self.kind, self.doc).of_unit(self.unit)
    }

    pub(super) fn value<'a>(&self, headers: &Headers<'a>) -> Cell<'a> {
        (self.value)(headers).unwrap_or(Cell::Missing)
    }
}

/// The headers of a packet; empty where it has none such.
pub(super) struct Headers<'a> {
    packet: Captured<'a>,
    ip: Option<Ip<'a>>,
    ethernet: &'a [u8],
    /// Of version 4.
    ip4: &'a [u8],
    /// Of version 6.
    ip6: &'a [u8],
    tcp: &'a [u8],
    udp: &'a [u8],
    sctp: &'a [u8],
    icmp: &'a [u8],
    icmpv6: &'a [u8],
}

impl<'a> Headers<'a> {
    pub(super) fn of(packet: Captured<'a>) -> Self {
        let ip = match packet.layers.network {
            Network::Ip(ip) => Some(ip),
            _ => None,
        };
        let is_ethernet = packet.link_type == LinkType(1) && packet.bytes.len() >= 14;
        let of_version = |four: bool| ip.filter(|ip| ip.source.is_ipv4() == four).map_or(&[][..], |ip| ip.header);
        let of = |number: u8| {
            let carrier = ip.filter(|ip| ip.protocol == number && begins(ip));
            carrier.map_or(&[][..], |ip| ip.payload)
        };
        Self {
            packet,
            ip,
            ethernet: if is_ethernet { packet.bytes } else { &[] },
            ip4: of_version(true),
            ip6: of_version(false),
            tcp: of(protocol::TCP),
            udp: of(protocol::UDP),
            sctp: of(protocol::SCTP),
            icmp: of(protocol::ICMP),
            icmpv6: of(protocol::ICMPV6),
        }
    }

    /// The options of TCP, as far as they are captured.
    fn tcp_options(&self) -> &'a [u8] {
        let length = self.tcp.get(12).map_or(0, |offset| usize::from(offset >> 4) * 4).min(self.tcp.len());
        self.tcp.get(20..length).unwrap_or_default()
    }

    /// The number that TCP's option of this kind and length holds at `at`.
    fn tcp_option<const N: usize>(&self, kind: u8, length: usize, at: usize) -> Option<Cell<'a>> {
        let bytes = self.tcp_options();
        let (_, place) = options(bytes).find(|(found, place)| *found == kind && place.len() == length)?;
        number::<N>(bytes.get(place)?, at)
    }

    /// Where the fragment header stands among the extension headers of IPv6.
    fn fragment_header(&self) -> &'a [u8] {
        let mut kind = self.ip6.get(6).copied();
        let mut at = 40;
        while let Some(rest @ [next, length, ..]) = self.ip6.get(at..) {
            if kind == Some(44) {
                return rest;
            }
            at += (usize::from(*length) + 1) * 8;
            kind = Some(*next);
        }
        &[]
    }

    /// True if ICMP of this type asks for an echo or answers.
    fn echoes(message: &[u8], types: [u8; 2]) -> bool {
        message.first().is_some_and(|kind| types.contains(kind))
    }
}

/// The number of N bytes at `at`, the highest first.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<Cell<'static>> {
    let bytes = bytes.get(at..)?.first_chunk::<N>()?;
    Some(Cell::Count(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))))
}

/// Some bits of the number of N bytes at `at`.
fn bits<const N: usize>(bytes: &[u8], at: usize, shift: u32, mask: u64) -> Option<Cell<'static>> {
    match number::<N>(bytes, at)? {
        Cell::Count(number) => Some(Cell::Count(number >> shift & mask)),
        other => Some(other),
    }
}

fn hardware<'a>(bytes: &[u8], at: usize) -> Option<Cell<'a>> {
    let [a, b, c, d, e, f] = *bytes.get(at..)?.first_chunk()?;
    Some(Cell::Text(Cow::Owned(format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"))))
}

fn address<'a>(headers: &Headers, four: bool, of: impl Fn(&Ip) -> IpAddr) -> Option<Cell<'a>> {
    let ip = headers.ip.as_ref().filter(|ip| ip.source.is_ipv4() == four)?;
    Some(Cell::Address(of(ip)))
}

fn arp<'a>(headers: &Headers, of: impl Fn(IpAddr, IpAddr) -> IpAddr) -> Option<Cell<'a>> {
    match headers.packet.layers.network {
        Network::Arp(sender, target) => Some(Cell::Address(of(sender, target))),
        _ => None,
    }
}

fn count<'a>(number: impl Into<u64>) -> Option<Cell<'a>> {
    Some(Cell::Count(number.into()))
}

fn tcp_length<'a>(headers: &Headers) -> Option<Cell<'a>> {
    let ip = headers.ip.filter(|_| !headers.tcp.is_empty())?;
    count(ip.transport().ok()?.payload_length)
}

fn option_kinds<'a>(headers: &Headers) -> Option<Cell<'a>> {
    let kinds: Vec<i64> = options(headers.tcp_options()).map(|(kind, _)| i64::from(kind)).collect();
    (headers.tcp.len() >= 20).then_some(Cell::Integers(Cow::Owned(kinds)))
}

use ColumnKind::{Address, Count, Integers, Text, Time};

/// All fields.
pub(super) const FIELDS: &[Field] = &[
    Field::new("frame.number", Count, "", "The packet's number in its capture, from 1.", |h| count(h.packet.number)),
    Field::new("frame.time_epoch", Time, "", "When it was captured, since 1970.", |h| h.packet.time.map(Cell::Time)),
    Field::new("frame.len", Count, "bytes", "Its length on the wire.", |h| count(h.packet.wire)),
    Field::new("frame.cap_len", Count, "bytes", "How much of it is captured.", |h| count(h.packet.bytes.len() as u64)),
    Field::new("eth.dst", Text, "", "Whom the Ethernet frame is for.", |h| hardware(h.ethernet, 0)),
    Field::new("eth.src", Text, "", "Who sent the Ethernet frame.", |h| hardware(h.ethernet, 6)),
    Field::new("eth.type", Count, "", "Ether type of the frame: 0x0600 or more; smaller numbers are lengths.", |h| {
        number::<2>(h.ethernet, 12).filter(|cell| matches!(cell, Cell::Count(0x0600..)))
    }),
    Field::new("vlan.id", Count, "", "The outermost VLAN.", |h| h.packet.layers.vlan.and_then(count)),
    Field::new("arp.src.proto_ipv4", Address, "", "The sender's IPv4 address in ARP.", |h| arp(h, |sender, _| sender)),
    Field::new("arp.dst.proto_ipv4", Address, "", "The target's IPv4 address in ARP.", |h| arp(h, |_, target| target)),
    Field::new("ip.version", Count, "", "The version of IP: 4 or 6.", |h| {
        count(if h.ip?.source.is_ipv4() { 4_u8 } else { 6 })
    }),
    Field::new("ip.hdr_len", Count, "bytes", "The IPv4 header's length.", |h| count(h.ip4.first()? % 16 * 4)),
    Field::new("ip.dsfield", Count, "", "Type of service of IPv4: DSCP and ECN.", |h| number::<1>(h.ip4, 1)),
    Field::new("ip.len", Count, "bytes", "The IPv4 packet's length, as it says.", |h| number::<2>(h.ip4, 2)),
    Field::new("ip.id", Count, "", "IPv4's identification.", |h| number::<2>(h.ip4, 4)),
    Field::new("ip.flags", Count, "", "IPv4's flags: 4 reserved, 2 don't fragment, 1 more fragments.", |h| {
        bits::<1>(h.ip4, 6, 5, 7)
    }),
    Field::new(
        "ip.frag_offset",
        Count,
        "8 bytes",
        "Where the IPv4 fragment stands in its datagram, in units of 8 bytes.",
        |h| bits::<2>(h.ip4, 6, 0, 0x1fff),
    ),
    Field::new("ip.ttl", Count, "hops", "Time to live.", |h| number::<1>(h.ip4, 8)),
    Field::new("ip.proto", Count, "", "The protocol that IPv4 carries (IANA).", |h| number::<1>(h.ip4, 9)),
    Field::new("ip.checksum", Count, "", "The IPv4 header's checksum.", |h| number::<2>(h.ip4, 10)),
    Field::new("ip.src", Address, "", "Who sent the IPv4 packet.", |h| address(h, true, |ip| ip.source)),
    Field::new("ip.dst", Address, "", "Whom the IPv4 packet is for.", |h| address(h, true, |ip| ip.destination)),
    Field::new("ipv6.tclass", Count, "", "IPv6's traffic class: DSCP and ECN.", |h| bits::<2>(h.ip6, 0, 4, 0xff)),
    Field::new("ipv6.flow", Count, "", "IPv6's flow label.", |h| bits::<4>(h.ip6, 0, 0, 0xf_ffff)),
    Field::new("ipv6.plen", Count, "bytes", "What follows the first 40 bytes of IPv6, as it says.", |h| {
        number::<2>(h.ip6, 4)
    }),
    Field::new("ipv6.nxt", Count, "", "What follows the first 40 bytes of IPv6 (IANA).", |h| number::<1>(h.ip6, 6)),
    Field::new("ipv6.hlim", Count, "hops", "Hop limit.", |h| number::<1>(h.ip6, 7)),
    Field::new("ipv6.src", Address, "", "Who sent the IPv6 packet.", |h| address(h, false, |ip| ip.source)),
    Field::new("ipv6.dst", Address, "", "Whom the IPv6 packet is for.", |h| address(h, false, |ip| ip.destination)),
    Field::new(
        "ipv6.fraghdr.offset",
        Count,
        "8 bytes",
        "Where the IPv6 fragment stands in its datagram, in units of 8 bytes.",
        |h| bits::<2>(h.fragment_header(), 2, 3, 0x1fff),
    ),
    Field::new("ipv6.fraghdr.more", Count, "", "1 if more fragments follow, otherwise 0.", |h| {
        bits::<2>(h.fragment_header(), 2, 0, 1)
    }),
    Field::new("ipv6.fraghdr.ident", Count, "", "The identification of the datagram.", |h| {
        number::<4>(h.fragment_header(), 4)
    }),
    Field::new("tcp.srcport", Count, "", "Source port.", |h| number::<2>(h.tcp, 0)),
    Field::new("tcp.dstport", Count, "", "Destination port.", |h| number::<2>(h.tcp, 2)),
    Field::new("tcp.seq_raw", Count, "", "Sequence number, as it stands.", |h| number::<4>(h.tcp, 4)),
    Field::new("tcp.ack_raw", Count, "", "Acknowledgement number, as it stands.", |h| number::<4>(h.tcp, 8)),
    Field::new("tcp.hdr_len", Count, "bytes", "The TCP header's length.", |h| count((h.tcp.get(12)? >> 4) * 4)),
    Field::new(
        "tcp.flags",
        Count,
        "",
        "The flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128, …",
        |h| bits::<2>(h.tcp, 12, 0, 0xfff),
    ),
    Field::new("tcp.window_size_value", Count, "", "Window, not scaled.", |h| number::<2>(h.tcp, 14)),
    Field::new("tcp.checksum", Count, "", "The TCP segment's checksum.", |h| number::<2>(h.tcp, 16)),
    Field::new("tcp.urgent_pointer", Count, "", "Urgent pointer.", |h| number::<2>(h.tcp, 18)),
    Field::new("tcp.len", Count, "bytes", "The TCP segment's payload, by the lengths in the headers.", tcp_length),
    Field::new(
        "tcp.option_kind",
        Integers,
        "",
        "The kinds of the TCP options, in order, without the end.",
        option_kinds,
    ),
    Field::new("tcp.options.mss_val", Count, "bytes", "The largest segment that the sender takes.", |h| {
        h.tcp_option::<2>(2, 4, 2)
    }),
    Field::new("tcp.options.wscale.shift", Count, "bits", "By how much windows are to be shifted.", |h| {
        h.tcp_option::<1>(3, 3, 2)
    }),
    Field::new("tcp.options.timestamp.tsval", Count, "", "The TCP timestamp's value.", |h| h.tcp_option::<4>(8, 10, 2)),
    Field::new("tcp.options.timestamp.tsecr", Count, "", "The TCP timestamp that is answered.", |h| {
        h.tcp_option::<4>(8, 10, 6)
    }),
    Field::new("udp.srcport", Count, "", "Source port.", |h| number::<2>(h.udp, 0)),
    Field::new("udp.dstport", Count, "", "Destination port.", |h| number::<2>(h.udp, 2)),
    Field::new("udp.length", Count, "bytes", "Header and payload of UDP, as it says.", |h| number::<2>(h.udp, 4)),
    Field::new("udp.checksum", Count, "", "The UDP datagram's checksum.", |h| number::<2>(h.udp, 6)),
    Field::new("sctp.srcport", Count, "", "Source port.", |h| number::<2>(h.sctp, 0)),
    Field::new("sctp.dstport", Count, "", "Destination port.", |h| number::<2>(h.sctp, 2)),
    Field::new("sctp.verification_tag", Count, "", "SCTP's verification tag.", |h| number::<4>(h.sctp, 4)),
    Field::new("icmp.type", Count, "", "Type of the ICMP message.", |h| number::<1>(h.icmp, 0)),
    Field::new("icmp.code", Count, "", "Code of the ICMP message.", |h| number::<1>(h.icmp, 1)),
    Field::new("icmp.checksum", Count, "", "The ICMP message's checksum.", |h| number::<2>(h.icmp, 2)),
    Field::new("icmp.ident", Count, "", "Identifier of an echo or its answer.", |h| {
        number::<2>(h.icmp, 4).filter(|_| Headers::echoes(h.icmp, [0, 8]))
    }),
    Field::new("icmp.seq", Count, "", "Number of an echo or its answer.", |h| {
        number::<2>(h.icmp, 6).filter(|_| Headers::echoes(h.icmp, [0, 8]))
    }),
    Field::new("icmpv6.type", Count, "", "Type of the ICMPv6 message.", |h| number::<1>(h.icmpv6, 0)),
    Field::new("icmpv6.code", Count, "", "Code of the ICMPv6 message.", |h| number::<1>(h.icmpv6, 1)),
    Field::new("icmpv6.checksum", Count, "", "The ICMPv6 message's checksum.", |h| number::<2>(h.icmpv6, 2)),
    Field::new("icmpv6.echo.identifier", Count, "", "Identifier of an echo or its answer.", |h| {
        number::<2>(h.icmpv6, 4).filter(|_| Headers::echoes(h.icmpv6, [128, 129]))
    }),
    Field::new("icmpv6.echo.sequence_number", Count, "", "Number of an echo or its answer.", |h| {
        number::<2>(h.icmpv6, 6).filter(|_| Headers::echoes(h.icmpv6, [128, 129]))
    }),
];
