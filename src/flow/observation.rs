//! One packet as flows see it: whose it is, how long its parts are, what its TCP header says.

use std::fmt;
use std::net::IpAddr;

use xxhash_rust::xxh3::xxh3_64;

use super::defragment::{Datagram, Defragmenter};
use super::fragments::FirstParts;
use super::keys::{answer, needs_ports};
use super::rules::Scope;
use crate::decode::{
    self, Hardware, Ip, Layers, Network, NoTransport, OtherKind, Transport, TransportKind, Tunnel, TunnelKind, protocol,
};
use crate::packet::{FlowKey, LinkType, Packet};
use crate::redact::{Field, Mask, without_ip};

/// What tells a flow from all others: of the two ends, the one of the lower address (then port) stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BiflowKey {
    /// The number of the sample.
    pub sample: u32,
    /// The IP protocol number.
    pub protocol: u8,
    /// 4 or 6.
    pub version: u8,
    /// The outermost VLAN and 1, if flows are told apart by it; otherwise 0.
    pub vlan: u16,
    /// The ports of low and high end; of ICMP, type and code, and the identifier; 0 where there are none.
    pub ports: (u16, u16),
    /// The tunnel, if flows are told apart by it; otherwise 0.
    pub tunnel: u64,
    /// The lower end; IPv4 in the first four bytes.
    pub low: [u8; 16],
    /// The higher end.
    pub high: [u8; 16],
}

impl BiflowKey {
    /// A hash that is the same on every machine: shards go by it.
    #[inline]
    pub fn hash(&self) -> u64 {
        let mut bytes = [0; 56];
        let mut at = 0;
        let mut put = |part: &[u8]| {
            bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        };
        put(&self.sample.to_le_bytes());
        put(&[self.protocol, self.version]);
        put(&self.vlan.to_le_bytes());
        put(&self.ports.0.to_le_bytes());
        put(&self.ports.1.to_le_bytes());
        put(&self.tunnel.to_le_bytes());
        put(&self.low);
        put(&self.high);
        xxh3_64(&bytes)
    }

    /// That of a conversation within a group.
    pub(super) fn of(key: &FlowKey, group: u32) -> Self {
        let bytes = |address: IpAddr| match address {
            IpAddr::V4(address) => wide(address.octets()),
            IpAddr::V6(address) => address.octets(),
        };
        Self {
            sample: group,
            protocol: key.protocol,
            version: if key.low.is_ipv4() { 4 } else { 6 },
            vlan: 0,
            ports: key.ports.unwrap_or_default(),
            tunnel: 0,
            low: bytes(key.low),
            high: bytes(key.high),
        }
    }

    /// The same key, of another sample.
    pub fn of_sample(self, sample: u32) -> Self {
        Self { sample, ..self }
    }

    /// The address of an end.
    pub fn address(&self, low: bool) -> IpAddr {
        let bytes = if low { self.low } else { self.high };
        match self.version {
            4 => IpAddr::from([bytes[0], bytes[1], bytes[2], bytes[3]]),
            _ => IpAddr::from(bytes),
        }
    }

    /// The port of an end; none where the protocol has none.
    pub fn port(&self, low: bool) -> Option<u16> {
        let (of_low, of_high) = self.ports;
        protocol::has_ports(self.protocol).then_some(if low { of_low } else { of_high })
    }

    /// True for ICMP and ICMPv6.
    pub fn is_icmp(&self) -> bool {
        matches!(self.protocol, protocol::ICMP | protocol::ICMPV6)
    }
}

/// What a TCP header says of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The flags, as in [`decode::Tcp::flags`].
    pub flags: u8,
    /// The window, not scaled.
    pub window: u16,
    /// The sequence number.
    pub sequence: u32,
    /// The acknowledgement number.
    pub acknowledgement: u32,
}

impl Segment {
    /// That of a packet of TCP.
    #[inline]
    pub fn of(transport: &Transport) -> Option<Self> {
        match transport.kind {
            TransportKind::Tcp(tcp) => Some(Self {
                flags: tcp.flags,
                window: tcp.window,
                sequence: tcp.sequence,
                acknowledgement: tcp.acknowledgement,
            }),
            _ => None,
        }
    }
}

/// A packet's facts.
#[derive(Debug, Clone, Copy)]
pub struct Observation {
    /// The packet's number in its capture, from 1.
    pub number: u64,
    /// Nanoseconds since 1970.
    pub time: i64,
    /// The flow that it belongs to.
    pub key: BiflowKey,
    /// The lower end sent it.
    pub from_low: bool,
    /// Of ICMP: the message asks, or stands alone; it does not answer.
    pub asks: bool,
    /// Bytes of the frame on the wire.
    pub frame_bytes: u32,
    /// Bytes of the IP packet: header and payload.
    pub ip_bytes: u32,
    /// Bytes of the IP header, with options and extension headers.
    pub ip_header_bytes: u32,
    /// Bytes of the transport header.
    pub header_bytes: u32,
    /// Bytes of the transport payload, by the lengths in the headers.
    pub payload_bytes: u32,
    /// The IP packet's time to live, or hop limit.
    pub ttl: u8,
    /// Its type of service, or traffic class.
    pub tos: u8,
    /// The TCP header.
    pub segment: Option<Segment>,
    /// The hardware addresses.
    pub hardware: Option<Hardware>,
    /// The outermost VLAN.
    pub vlan: Option<u16>,
    /// The innermost VLAN, if there are several.
    pub inner_vlan: Option<u16>,
    /// The kind of tunnel that it came in.
    pub tunnel: Option<TunnelKind>,
}

impl Observation {
    /// The same packet without these fields. What tells its flow from others stays, and when it was.
    pub fn masked(self, mask: Mask) -> Self {
        let keep = |field, number| if mask.has(field) { 0 } else { number };
        let segment = self.segment.map(|segment| Segment {
            window: if mask.has(Field::Window) { 0 } else { segment.window },
            sequence: if mask.has(Field::Sequence) { 0 } else { segment.sequence },
            acknowledgement: if mask.has(Field::Sequence) { 0 } else { segment.acknowledgement },
            ..segment
        });
        Self {
            ttl: keep(Field::Ttl, self.ttl),
            tos: keep(Field::Service, self.tos),
            segment,
            hardware: self.hardware.filter(|_| !mask.has(Field::Hardware)).map(|Hardware { source, destination }| {
                let shown = |address| if mask.has(Field::Address) { without_ip(address) } else { address };
                Hardware { source: shown(source), destination: destination.map(shown) }
            }),
            vlan: self.vlan.filter(|_| !mask.has(Field::Vlan)),
            inner_vlan: self.inner_vlan.filter(|_| !mask.has(Field::Vlan)),
            ..self
        }
    }

    /// True if its TCP header has this flag of [`decode::tcp_flag`].
    #[inline]
    pub fn has(&self, flag: u8) -> bool {
        self.segment.is_some_and(|segment| segment.flags & flag != 0)
    }
}

/// Why a packet is in no flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outside {
    /// It carries ARP.
    Arp,
    /// It carries something else than IP.
    NotIp(OtherKind),
    /// Its link type is not decoded.
    LinkType(u16),
    /// Its IP or transport header is not wholly captured.
    Cut,
    /// Its IP or transport header contradicts itself.
    Broken,
    /// It is a fragment, and the first one with the ports was not seen shortly before it.
    LostFragment,
    /// It has no time, or one that 64 bits of nanoseconds do not hold.
    NoTime,
    /// It is of IPv6, and the set takes IPv4 only.
    Ipv6,
    /// It is of this IP protocol, and the set takes TCP and UDP only.
    Protocol(u8),
    /// It is in a tunnel, and the set takes none.
    Tunnelled,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arp => f.write_str("ARP"),
            Self::NotIp(kind) => kind.fmt(f),
            Self::LinkType(number) => write!(f, "link type {number}, which is not decoded"),
            Self::Cut => f.write_str("headers cut off"),
            Self::Broken => f.write_str("headers that contradict themselves"),
            Self::LostFragment => f.write_str("fragment without its first"),
            Self::NoTime => f.write_str("no time"),
            Self::Ipv6 => f.write_str("IPv6, which the set leaves out"),
            Self::Protocol(number) => write!(f, "IP protocol {number}, which the set leaves out"),
            Self::Tunnelled => f.write_str("in a tunnel, which the set leaves out"),
        }
    }
}

/// What else than addresses, protocol and ports tells flows apart, and which IP header counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keying {
    /// The outermost IP header, not the innermost.
    pub outer: bool,
    /// The outermost VLAN tells flows apart.
    pub vlan: bool,
    /// The tunnel tells flows apart.
    pub tunnel: bool,
    /// Which packets are in flows at all.
    pub scope: Scope,
    /// What is neither TCP nor UDP is of protocol 0 and has neither ports nor payload, as CICFlowMeter has it.
    pub others_are_0: bool,
}

/// The ports of a packet.
#[derive(Debug, Clone, Copy)]
struct Ends {
    ports: (u16, u16),
    /// Of ICMP: the message is a question.
    asks: bool,
}

/// Looks at packets.
#[derive(Debug, Default)]
pub struct Observer {
    keying: Keying,
    firsts: FirstParts<Ends>,
}

impl Observer {
    /// An observer that tells flows apart so.
    pub fn new(keying: Keying) -> Self {
        Self { keying, ..Self::default() }
    }

    /// What follows is of another capture.
    pub fn clear(&mut self) {
        self.firsts.clear();
    }

    /// The layers of a packet.
    #[inline]
    pub fn layers<'a>(&self, packet: &Packet<'a>) -> Layers<'a> {
        self.decode(packet.interface.link_type, packet.bytes, packet.original_length)
    }

    #[inline]
    fn decode<'a>(&self, link_type: LinkType, bytes: &'a [u8], length: u32) -> Layers<'a> {
        match self.keying.outer {
            true => decode::layers(link_type, bytes, length),
            false => decode::innermost(link_type, bytes, length),
        }
    }

    /// The layers of a datagram that came in fragments, the last of which had these layers.
    fn layers_of<'a>(&self, datagram: &'a Datagram, last: &Layers) -> Layers<'a> {
        let found = self.decode(LinkType::RAW, &datagram.bytes, datagram.length);
        let Layers { hardware, vlan, inner_vlan, .. } = *last;
        Layers { hardware, vlan, inner_vlan, tunnel: found.tunnel.or(last.tunnel), ..found }
    }

    /// Hands the facts of a packet, and what follows its transport header, to `take`. A fragment waits for the others, and
    /// nothing is handed out; with the last of them, their datagram is the packet. That may be in fragments of a tunnel, which
    /// are put together first.
    ///
    /// # Errors
    /// Why it is in no flow.
    pub fn observe_whole<R>(
        &mut self,
        defragmenter: &mut Defragmenter,
        packet: &Packet,
        sample: u32,
        take: impl FnOnce(&Observation, &[u8]) -> R,
    ) -> Result<Option<R>, Outside> {
        let mut layers = self.layers(packet);
        let mut datagram;
        for _ in 0..=decode::MAX_TUNNELS {
            if layers.ip().is_none_or(|ip| ip.fragment.is_none()) {
                break;
            }
            let Some(whole) = defragmenter.take(sample, &layers, nanoseconds(packet)?) else { return Ok(None) };
            let around = Layers { network: Network::Cut, ..layers };
            datagram = whole;
            layers = self.layers_of(&datagram, &around);
        }
        let (observation, payload) = self.observe_layers(packet, &layers, sample)?;
        Ok(Some(take(&observation, payload)))
    }

    /// The facts of a packet of the sample of this number, and what follows its transport header.
    ///
    /// # Errors
    /// Why it is in no flow.
    #[inline]
    pub fn observe<'a>(&mut self, packet: &Packet<'a>, sample: u32) -> Result<(Observation, &'a [u8]), Outside> {
        let layers = self.layers(packet);
        self.observe_layers(packet, &layers, sample)
    }

    /// The facts of a packet of these layers.
    ///
    /// # Errors
    /// Why it is in no flow.
    #[inline]
    fn observe_layers<'a>(
        &mut self,
        packet: &Packet,
        layers: &Layers<'a>,
        sample: u32,
    ) -> Result<(Observation, &'a [u8]), Outside> {
        let ip = match layers.network {
            Network::Ip(ip) => self.within_scope(ip, layers)?,
            Network::Arp(..) => return Err(Outside::Arp),
            Network::Other(kind) => return Err(Outside::NotIp(kind)),
            Network::Cut => return Err(Outside::Cut),
            Network::Broken => return Err(Outside::Broken),
            Network::UnknownLinkType => return Err(Outside::LinkType(packet.interface.link_type.0)),
        };
        let time = nanoseconds(packet)?;
        let transport = ip.transport().map_err(|fault| match fault {
            NoTransport::Cut => Outside::Cut,
            NoTransport::Broken => Outside::Broken,
        })?;
        let (ip, transport) = if self.keying.others_are_0 { nameless(ip, transport) } else { (ip, transport) };
        let ends = self.ends(&ip, &transport, sample, time)?;
        let (key, from_low) = self.key(&ip, layers, ends, sample);
        let observation = Observation {
            number: packet.number,
            time,
            key,
            from_low,
            asks: ends.asks,
            frame_bytes: packet.original_length.max(packet.bytes.len() as u32),
            ip_bytes: ip.header.len() as u32 + ip.payload_length,
            ip_header_bytes: ip.header.len() as u32,
            header_bytes: transport.header_length,
            payload_bytes: transport.payload_length,
            ttl: ip.ttl,
            tos: ip.tos,
            segment: Segment::of(&transport),
            hardware: layers.hardware,
            vlan: layers.vlan,
            inner_vlan: layers.inner_vlan,
            tunnel: layers.tunnel.map(|tunnel| tunnel.kind),
        };
        Ok((observation, transport.payload))
    }

    /// The IP packet, if it may be in a flow.
    #[inline]
    fn within_scope<'a>(&self, ip: Ip<'a>, layers: &Layers) -> Result<Ip<'a>, Outside> {
        match self.keying.scope {
            Scope::All => Ok(ip),
            Scope::Ipv4 | Scope::PortsInIpv4 if ip.source.is_ipv6() => Err(Outside::Ipv6),
            Scope::Ipv4 => Ok(ip),
            Scope::PortsInIpv4 if layers.tunnel.is_some() => Err(Outside::Tunnelled),
            Scope::PortsInIpv4 if !matches!(ip.protocol, protocol::TCP | protocol::UDP) => {
                Err(Outside::Protocol(ip.protocol))
            }
            Scope::PortsInIpv4 => Ok(ip),
        }
    }

    /// The ports of a packet; of a later fragment, those of its first.
    fn ends(&mut self, ip: &Ip, transport: &Transport, sample: u32, time: i64) -> Result<Ends, Outside> {
        let found = match transport.kind {
            TransportKind::Tcp(tcp) => Ends { ports: (tcp.source, tcp.destination), asks: true },
            TransportKind::Ports(source, destination) => Ends { ports: (source, destination), asks: true },
            TransportKind::Icmp { kind, code, identifier } => {
                let other = counterpart(ip.protocol, kind).unwrap_or(kind);
                let ports = (u16::from_be_bytes([kind.min(other), code]), identifier);
                // Of all pairs, the question of ICMP's echo alone has the higher number (and router discovery's).
                let asks = if ip.protocol == protocol::ICMP && matches!(kind, 0 | 8 | 9 | 10) {
                    kind > other
                } else {
                    kind <= other
                };
                Ends { ports, asks }
            }
            TransportKind::Other => Ends { ports: (0, 0), asks: true },
            TransportKind::Fragment => return self.of_later_fragment(ip, sample, time),
        };
        self.firsts.remember(sample, ip, time.into(), found);
        Ok(found)
    }

    fn of_later_fragment(&self, ip: &Ip, sample: u32, time: i64) -> Result<Ends, Outside> {
        match self.firsts.of(sample, ip, time.into()) {
            Some(ends) => Ok(ends),
            None if needs_ports(ip.protocol) => Err(Outside::LostFragment),
            None => Ok(Ends { ports: (0, 0), asks: true }),
        }
    }

    /// The key, and whether the lower end sent the packet.
    #[inline]
    fn key(&self, ip: &Ip, layers: &Layers, ends: Ends, sample: u32) -> (BiflowKey, bool) {
        let (version, source, destination) = match (ip.source, ip.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => (4, wide(source.octets()), wide(destination.octets())),
            (IpAddr::V6(source), IpAddr::V6(destination)) => (6, source.octets(), destination.octets()),
            // One header has one version.
            _ => (0, [0; 16], [0; 16]),
        };
        let has_ports = protocol::has_ports(ip.protocol);
        let (from, to) = if has_ports { ends.ports } else { (0, 0) };
        let from_low = match (source, from).cmp(&(destination, to)) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            // Both ends are one: of ICMP, the question counts as the lower end's.
            std::cmp::Ordering::Equal => ends.asks,
        };
        let (low, high) = if source <= destination { (source, destination) } else { (destination, source) };
        let ports = if has_ports && !from_low { (to, from) } else { ends.ports };
        let vlan = layers.vlan.filter(|_| self.keying.vlan).map_or(0, |vlan| vlan + 1);
        let tunnel = layers.tunnel.filter(|_| self.keying.tunnel).map_or(0, |tunnel| number_of(&tunnel));
        (BiflowKey { sample, protocol: ip.protocol, version, vlan, ports, tunnel, low, high }, from_low)
    }
}

/// The time of a packet that has one.
#[inline]
fn nanoseconds(packet: &Packet) -> Result<i64, Outside> {
    packet.time().and_then(|time| i64::try_from(time.0).ok()).ok_or(Outside::NoTime)
}

/// What is neither TCP nor UDP, as a packet of protocol 0 with nothing behind its IP header. Later fragments have no
/// transport header, and so they are.
fn nameless<'a>(ip: Ip<'a>, transport: Transport<'a>) -> (Ip<'a>, Transport<'a>) {
    match (transport.kind, ip.protocol) {
        (TransportKind::Tcp(_), _) | (TransportKind::Ports(..), protocol::UDP) => (ip, transport),
        _ => {
            let nothing = Transport { kind: TransportKind::Other, header_length: 0, payload: &[], payload_length: 0 };
            (Ip { protocol: 0, ..ip }, nothing)
        }
    }
}

/// The type of the ICMP message that answers one of this type, or that it answers.
pub(super) fn counterpart(number: u8, kind: u8) -> Option<u8> {
    answer(number, kind).or_else(|| newer_answer(number, kind))
}

/// The counterparts that Zeek's logs do not know (RFC 8335, 6275).
fn newer_answer(number: u8, kind: u8) -> Option<u8> {
    match (number, kind) {
        (protocol::ICMP, 42) | (protocol::ICMPV6, 146 | 160) => Some(kind + 1),
        (protocol::ICMP, 43) | (protocol::ICMPV6, 147 | 161) => Some(kind - 1),
        _ => None,
    }
}

fn wide(octets: [u8; 4]) -> [u8; 16] {
    let mut wide = [0; 16];
    wide[..4].copy_from_slice(&octets);
    wide
}

/// A number for a tunnel, never 0.
fn number_of(tunnel: &Tunnel) -> u64 {
    let Tunnel { kind, id, between, depth } = tunnel;
    xxh3_64(format!("{kind:?}|{id}|{between}|{depth}").as_bytes()).max(1)
}
