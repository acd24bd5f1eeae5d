//! What there is to print of a packet.

use std::net::IpAddr;

use crate::decode::{
    IcmpName, Ip, Layers, Network, NoTransport, OtherKind, Tcp, TransportKind, innermost, layers, protocol,
};
use crate::packet::Packet;

/// A packet, taken apart.
pub(super) struct View<'a> {
    pub(super) packet: &'a Packet<'a>,
    pub(super) layers: Layers<'a>,
    pub(super) what: What<'a>,
    /// The packet that an ICMP error quotes.
    pub(super) quoted: Option<Quoted<'a>>,
    /// What is captured of the payload; of a packet without IP, the whole frame.
    pub(super) payload: &'a [u8],
    /// How long that was on the wire.
    pub(super) length: u32,
}

/// What a packet is.
pub(super) enum What<'a> {
    Tcp(Tcp<'a>),
    /// UDP and others with ports: the protocol's name, source and destination port.
    Ports(&'static str, u16, u16),
    Icmp(IcmpName, u8, u8),
    /// A part of a datagram that is not the first.
    Fragment,
    /// Another protocol over IP.
    Ip,
    /// IP whose transport header is not whole, or makes no sense.
    NoTransport(NoTransport),
    Arp,
    Other(OtherKind),
    /// Cut before the end of its IP header.
    Cut,
    /// An IP header that contradicts itself.
    Broken,
    UnknownLinkType,
}

/// A quoted packet.
pub(super) struct Quoted<'a> {
    pub(super) ip: Ip<'a>,
    pub(super) ports: Option<(u16, u16)>,
}

impl<'a> View<'a> {
    #[inline]
    pub(super) fn of(packet: &'a Packet<'a>, outer: bool) -> Self {
        let look = if outer { layers } else { innermost };
        let layers = look(packet.interface.link_type, packet.bytes, packet.original_length);
        let what = match layers.network {
            Network::Ip(ip) => return Self::of_ip(packet, layers, &ip),
            Network::Arp(..) => What::Arp,
            Network::Other(kind) => What::Other(kind),
            Network::Cut => What::Cut,
            Network::Broken => What::Broken,
            Network::UnknownLinkType => What::UnknownLinkType,
        };
        Self { packet, layers, what, quoted: None, payload: packet.bytes, length: packet.original_length }
    }

    fn of_ip(packet: &'a Packet<'a>, layers: Layers<'a>, ip: &Ip<'a>) -> Self {
        let transport = match ip.transport() {
            Ok(transport) => transport,
            Err(fault) => {
                let (what, length) = (What::NoTransport(fault), ip.payload_length);
                return Self { packet, layers, what, quoted: None, payload: ip.payload, length };
            }
        };
        let what = match transport.kind {
            TransportKind::Tcp(tcp) => What::Tcp(tcp),
            TransportKind::Ports(source, destination) => What::Ports(with_ports(ip.protocol), source, destination),
            TransportKind::Icmp { kind, code, .. } => {
                What::Icmp(ip.icmp_name().unwrap_or(IcmpName { class: "OTHER", message: "" }), kind, code)
            }
            TransportKind::Fragment => What::Fragment,
            TransportKind::Other => What::Ip,
        };
        let quoted = ip.quoted().map(|ip| Quoted { ip, ports: ip.ports() });
        let (payload, length) = match &quoted {
            Some(quoted) => quoted.payload(),
            None => (transport.payload, transport.payload_length),
        };
        Self { packet, layers, what, quoted, payload, length }
    }

    /// Source and destination port; of an ICMP error, those of the quoted packet where its ends are those of the error,
    /// which comes from whom that packet was for.
    pub(super) fn ports(&self) -> Option<(u16, u16)> {
        match (&self.what, &self.quoted, self.layers.addresses()) {
            (What::Tcp(tcp), ..) => Some((tcp.source, tcp.destination)),
            (What::Ports(_, source, destination), ..) => Some((*source, *destination)),
            (_, Some(Quoted { ip, ports: Some((source, destination)) }), Some(ends)) => {
                (ends == (ip.destination, ip.source)).then_some((*destination, *source))
            }
            _ => None,
        }
    }

    /// True if it, or the packet that it quotes, is from or to such an address.
    pub(super) fn has_address(&self, is_wanted: impl Fn(IpAddr) -> bool) -> bool {
        let quoted = self.quoted.as_ref().map(|quoted| (quoted.ip.source, quoted.ip.destination));
        [self.layers.addresses(), quoted].into_iter().flatten().any(|(one, other)| is_wanted(one) || is_wanted(other))
    }

    /// True if it, or the packet that it quotes, is from or to such a port.
    pub(super) fn has_port(&self, is_wanted: impl Fn(u16) -> bool) -> bool {
        let quoted = self.quoted.as_ref().and_then(|quoted| quoted.ports);
        [self.ports(), quoted].into_iter().flatten().any(|(one, other)| is_wanted(one) || is_wanted(other))
    }
}

impl<'a> Quoted<'a> {
    /// What of its payload is quoted, and how much that is: of what is behind the IP header, if the header behind that is
    /// not whole.
    fn payload(&self) -> (&'a [u8], u32) {
        let payload = match self.ip.transport() {
            Ok(transport) => transport.payload,
            // Eight bytes of TCP are no payload.
            Err(_) if protocol::has_ports(self.ip.protocol) => &[],
            Err(_) => self.ip.payload,
        };
        (payload, payload.len() as u32)
    }

    /// The name of its protocol, if it is known here.
    pub(super) fn protocol(&self) -> &'static str {
        match self.ip.protocol {
            protocol::TCP => "TCP",
            protocol::ICMP => "ICMP",
            protocol::ICMPV6 => "ICMPv6",
            number if protocol::has_ports(number) => with_ports(number),
            _ => "IP",
        }
    }
}

fn with_ports(number: u8) -> &'static str {
    match number {
        protocol::UDP => "UDP",
        protocol::SCTP => "SCTP",
        protocol::DCCP => "DCCP",
        _ => "UDPLITE",
    }
}
