//! Packet bytes to layers: link, network and transport headers, and the packets inside tunnels.
//!
//! [`layers`] walks from the first byte to the outermost IP header, [`innermost`] through tunnels to the last one, and both
//! say why they stopped. Nothing is allocated, and a packet that was cut gives what is there. Sources: IEEE 802.3 and
//! 802.1Q, RFC 791, 8200, 3032 (MPLS), 2516 (PPPoE), 1661 (PPP), and tcpdump.org's list of link-layer header types.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod icmp;
mod ip;
mod link;
#[cfg(test)]
mod tests;
mod transport;
mod tunnel;
mod wifi;

use std::net::IpAddr;

use crate::packet::{FlowKey, LinkType};

pub use icmp::IcmpName;
pub use ip::{Fragment, Ip, protocol};
pub use link::OtherKind;
pub use transport::{NoTransport, Tcp, Transport, TransportKind, tcp_flag};
pub use tunnel::TunnelKind;

/// Tunnels in each other, at most.
pub const MAX_TUNNELS: usize = 8;

/// The hardware addresses of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hardware {
    /// Whose it is.
    pub source: [u8; 6],
    /// Whom it is for; none where the link layer does not say.
    pub destination: Option<[u8; 6]>,
}

/// What a packet is made of, as far as it could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layers<'a> {
    /// Hardware addresses, if the link layer has them.
    pub hardware: Option<Hardware>,
    /// The outermost VLAN.
    pub vlan: Option<u16>,
    /// The innermost VLAN, if there are several.
    pub inner_vlan: Option<u16>,
    /// The tunnel that the network layer was found in.
    pub tunnel: Option<Tunnel>,
    /// What the link layer, or that tunnel, carries.
    pub network: Network<'a>,
}

/// A tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tunnel {
    /// What it is.
    pub kind: TunnelKind,
    /// Its number between its ends; 0 where it has none.
    pub id: u32,
    /// Its ends, in canonical form.
    pub between: FlowKey,
    /// How many tunnels it is in, itself included.
    pub depth: u8,
}

/// What the link layer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network<'a> {
    /// IPv4 or IPv6.
    Ip(Ip<'a>),
    /// ARP or RARP between IPv4 addresses: sender, target.
    Arp(IpAddr, IpAddr),
    /// Another protocol.
    Other(OtherKind),
    /// The packet was cut before the end of its IP header.
    Cut,
    /// The IP header contradicts itself.
    Broken,
    /// A link type that is not decoded.
    UnknownLinkType,
}

/// Decodes a packet's outermost layers; `wire` is its length on the wire.
#[inline]
pub fn layers(link_type: LinkType, bytes: &[u8], wire: u32) -> Layers<'_> {
    outermost(link_type, bytes, wire, false)
}

#[inline]
fn outermost(link_type: LinkType, bytes: &[u8], wire: u32, through_ah: bool) -> Layers<'_> {
    let frame = link::frame(link_type, bytes);
    let network = network(frame.carries, bytes, wire, (false, through_ah));
    let link::Vlans { outermost: vlan, innermost: inner_vlan } = frame.vlans;
    Layers { hardware: frame.hardware, vlan, inner_vlan, tunnel: None, network }
}

/// Decodes a packet down to the IP header in the innermost tunnel, and over authentication headers; `wire` is its length on the wire.
#[inline]
pub fn innermost(link_type: LinkType, bytes: &[u8], wire: u32) -> Layers<'_> {
    let mut layers = outermost(link_type, bytes, wire, true);
    for depth in 1..=MAX_TUNNELS {
        let Network::Ip(ip) = &layers.network else { break };
        let Some(inside) = tunnel::inside(ip) else { break };
        // What a tunnel carries besides IP makes no flow of its own: the tunnel does.
        let inner = network(inside.carries, ip.payload, ip.payload_length, (true, true));
        if !matches!(inner, Network::Ip(_) | Network::Cut | Network::Broken) {
            break;
        }
        let between = FlowKey::new(ip.protocol, ip.source, ip.destination, None);
        layers.tunnel = Some(Tunnel { kind: inside.kind, id: inside.id, between, depth: depth as u8 });
        layers.network = inner;
    }
    layers
}

/// The network layer of what a frame carries, which ends `outer`, of `wire` bytes.
#[inline]
fn network<'a>(carries: link::Carries<'a>, outer: &[u8], wire: u32, (inside, through_ah): (bool, bool)) -> Network<'a> {
    match carries {
        link::Carries::Ip(bytes) => {
            let before = outer.len() - bytes.len();
            // Captures exist whose stated length is less than what they hold.
            let wire = (wire as usize).max(outer.len()) - before;
            match ip::ip(bytes, ip::Room { wire: wire as u32, inside, through_ah }) {
                Ok(ip) => Network::Ip(ip),
                Err(ip::NoIp::Cut) => Network::Cut,
                Err(ip::NoIp::Broken) => Network::Broken,
            }
        }
        link::Carries::Arp(bytes) => match ip::arp(bytes) {
            Some((sender, target)) => Network::Arp(sender, target),
            None => Network::Other(OtherKind::EtherType(link::ether_type::ARP)),
        },
        link::Carries::Other(kind) => Network::Other(kind),
        link::Carries::Cut => Network::Cut,
        link::Carries::Unknown => Network::UnknownLinkType,
    }
}

impl Layers<'_> {
    /// Its IP header.
    pub fn ip(&self) -> Option<&Ip<'_>> {
        match &self.network {
            Network::Ip(ip) => Some(ip),
            _ => None,
        }
    }

    /// The addresses of its network layer, source first; of ARP too.
    pub fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
        match self.network {
            Network::Ip(ip) => Some((ip.source, ip.destination)),
            Network::Arp(sender, target) => Some((sender, target)),
            _ => None,
        }
    }
}
