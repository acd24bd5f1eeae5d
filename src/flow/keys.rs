//! The conversation of a packet, by its outermost IP header.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use crate::decode::{self, Ip, Network, protocol};
use crate::packet::{FlowKey, Packet};

/// Datagrams whose ports are remembered for their later fragments.
const MAX_DATAGRAMS: usize = 1 << 14;

/// How long after a datagram's first part another may come, in nanoseconds (RFC 8200, 4.5: 60 s; RFC 1122, 3.3.2: 60 to
/// 120 s).
const MAX_WAIT: i128 = 120_000_000_000;

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

/// What fragments of one datagram share.
type Datagram = (IpAddr, IpAddr, u8, u32);

/// What is remembered of a datagram's first part.
#[derive(Debug, Clone, Copy)]
struct First {
    ports: Option<(u16, u16)>,
    time: i128,
}

/// Gives packets their keys.
#[derive(Debug, Default)]
pub struct Keys {
    firsts: HashMap<Datagram, First>,
    /// The datagrams in `firsts`, oldest first.
    order: VecDeque<Datagram>,
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

    /// What follows is of another capture.
    pub fn clear(&mut self) {
        self.firsts.clear();
        self.order.clear();
    }

    fn of_fragment(&mut self, ip: &Ip, time: i128) -> Result<FlowKey, NoFlow> {
        let Some(fragment) = ip.fragment else { return whole(ip) };
        let datagram = (ip.source, ip.destination, ip.protocol, fragment.identification);
        if fragment.first {
            let key = whole(ip)?;
            self.remember(datagram, First { ports: ports(ip), time });
            return Ok(key);
        }
        match self.firsts.get(&datagram) {
            Some(first) if (time - first.time).abs() <= MAX_WAIT => Ok(key(ip, first.ports)),
            _ if needs_ports(ip.protocol) => Err(NoFlow::LostFragment),
            _ => Ok(key(ip, None)),
        }
    }

    fn remember(&mut self, datagram: Datagram, first: First) {
        if self.firsts.insert(datagram, first).is_none() {
            self.order.push_back(datagram);
        }
        if self.order.len() > MAX_DATAGRAMS
            && let Some(oldest) = self.order.pop_front()
        {
            self.firsts.remove(&oldest);
        }
    }
}

fn whole(ip: &Ip) -> Result<FlowKey, NoFlow> {
    match ports(ip) {
        None if needs_ports(ip.protocol) => Err(NoFlow::Cut),
        ports => Ok(key(ip, ports)),
    }
}

fn needs_ports(protocol: u8) -> bool {
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
