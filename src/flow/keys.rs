//! The conversation of a packet, by its outermost IP header.

use super::fragments::FirstParts;
use super::observation::{BiflowKey, Observation, Segment};
use crate::decode::{self, Ip, Network, protocol};
use crate::packet::{FlowKey, Packet};

/// Why a packet belongs to no conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoFlow {
    /// It carries no IP.
    NotIp,
    /// It was cut before the end of its IP header, or the header contradicts itself.
    Broken,
    /// Its link type is not decoded.
    UnknownLinkType,
    /// It was cut before its ports.
    Cut,
    /// It is a fragment, and the first one with the ports was not seen shortly before it.
    LostFragment,
}

impl NoFlow {
    /// In words, after a number of packets.
    pub fn text(self) -> &'static str {
        match self {
            Self::NotIp => "carry no IP",
            Self::Broken => "have an IP header that was cut or contradicts itself",
            Self::UnknownLinkType => "are of a link type that is not decoded",
            Self::Cut => "were cut before their ports",
            Self::LostFragment => "are fragments whose first part was not seen",
        }
    }
}

/// Gives packets their keys.
#[derive(Debug, Default)]
pub struct Keys {
    /// The ports of datagrams.
    firsts: FirstParts<Option<(u16, u16)>>,
}

impl Keys {
    /// The key of a packet's conversation.
    ///
    /// For ICMP and ICMPv6, the type takes the place of the source port, and the type of the answer, or else the code,
    /// that of the destination port, as in Zeek's conn.log: a request and its answer are one conversation.
    ///
    /// # Errors
    /// Why it has none.
    #[inline]
    pub fn of(&mut self, packet: &Packet) -> Result<FlowKey, NoFlow> {
        match decode::layers(packet.interface.link_type, packet.bytes, packet.original_length).network {
            Network::Ip(ip) if ip.fragment.is_none() => whole(&ip),
            Network::Ip(ip) => self.of_fragment(&ip, packet.time().map_or(0, |time| time.0)),
            Network::Broken | Network::Cut => Err(NoFlow::Broken),
            Network::UnknownLinkType => Err(NoFlow::UnknownLinkType),
            Network::Arp(..) | Network::Other(_) => Err(NoFlow::NotIp),
        }
    }

    /// What the table of biflows needs of a packet of this key, in flows that are told apart within a group. A packet
    /// without a time counts as of 1970, and one that is cut behind its ports says nothing of a connection.
    pub fn observation(&self, packet: &Packet, key: &FlowKey, group: u32) -> Observation {
        let layers = decode::layers(packet.interface.link_type, packet.bytes, packet.original_length);
        let ip = layers.ip();
        let transport = ip.and_then(|ip| ip.transport().ok());
        let source = ip.map(|ip| (ip.source, ip.ports().map_or(0, |(from, _)| from)));
        let low = (key.low, key.ports.filter(|_| protocol::has_ports(key.protocol)).map_or(0, |ports| ports.0));
        Observation {
            number: packet.number,
            time: packet.time().map_or(0, |time| i64::try_from(time.0).unwrap_or(i64::MAX)),
            key: BiflowKey::of(key, group),
            from_low: source == Some(low),
            asks: true,
            frame_bytes: packet.original_length,
            ip_bytes: 0,
            ip_header_bytes: 0,
            header_bytes: transport.map_or(0, |transport| transport.header_length),
            payload_bytes: transport.map_or(0, |transport| transport.payload_length),
            ttl: ip.map_or(0, |ip| ip.ttl),
            tos: ip.map_or(0, |ip| ip.tos),
            segment: transport.and_then(|transport| Segment::of(&transport)),
            hardware: None,
            vlan: None,
            inner_vlan: None,
            tunnel: None,
        }
    }

    /// What follows is of another capture.
    pub fn clear(&mut self) {
        self.firsts.clear();
    }

    fn of_fragment(&mut self, ip: &Ip, time: i128) -> Result<FlowKey, NoFlow> {
        if ip.fragment.is_none_or(|fragment| fragment.first) {
            let key = whole(ip)?;
            self.firsts.remember(0, ip, time, ports(ip));
            return Ok(key);
        }
        match self.firsts.of(0, ip, time) {
            Some(ports) => Ok(key(ip, ports)),
            None if needs_ports(ip.protocol) => Err(NoFlow::LostFragment),
            None => Ok(key(ip, None)),
        }
    }
}

fn whole(ip: &Ip) -> Result<FlowKey, NoFlow> {
    match ports(ip) {
        None if needs_ports(ip.protocol) => Err(NoFlow::Cut),
        ports => Ok(key(ip, ports)),
    }
}

pub(super) fn needs_ports(protocol: u8) -> bool {
    protocol::has_ports(protocol) || matches!(protocol, protocol::ICMP | protocol::ICMPV6)
}

fn key(ip: &Ip, ports: Option<(u16, u16)>) -> FlowKey {
    FlowKey::new(ip.protocol, ip.source, ip.destination, ports)
}

fn ports(ip: &Ip) -> Option<(u16, u16)> {
    match ip.icmp() {
        Some((kind, code)) => Some((kind.into(), answer(ip.protocol, kind).unwrap_or(code).into())),
        None => ip.ports(),
    }
}

/// The type of the message that answers this one (RFC 792, 950, 4443, 4861, 6275).
pub(super) fn answer(protocol: u8, kind: u8) -> Option<u8> {
    const ICMP: &[(u8, u8)] = &[(8, 0), (13, 14), (15, 16), (17, 18), (10, 9)];
    const ICMPV6: &[(u8, u8)] = &[(128, 129), (130, 131), (133, 134), (135, 136), (139, 140), (144, 145)];
    let pairs = if protocol == protocol::ICMP { ICMP } else { ICMPV6 };
    pairs.iter().find_map(|&(question, answer)| match kind {
        _ if kind == question => Some(answer),
        _ if kind == answer => Some(question),
        _ => None,
    })
}
