//! Packet bytes to layers: the link layer, and the outermost IP header behind it.
//!
//! [`layers`] walks from the first byte to the ports and says why it stopped. Nothing is allocated, and a packet that
//! was cut gives what is there. Sources: IEEE 802.3 and 802.1Q, RFC 791, 8200, 3032 (MPLS), 2516 (PPPoE), 1661 (PPP),
//! and tcpdump.org's list of link-layer header types.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod ip;
mod link;

use std::net::IpAddr;

use crate::packet::{FlowKey, LinkType};

pub use ip::{Fragment, Ip, protocol};

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
    /// What the link layer carries.
    pub network: Network<'a>,
}

/// What the link layer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network<'a> {
    /// IPv4 or IPv6.
    Ip(Ip<'a>),
    /// ARP or RARP between IPv4 addresses: sender, target.
    Arp(IpAddr, IpAddr),
    /// Another protocol.
    Other,
    /// The packet was cut before the end of its IP header, or the header contradicts itself.
    Broken,
    /// A link type that is not decoded.
    UnknownLinkType,
}

/// Decodes a packet's outermost layers.
#[inline]
pub fn layers(link_type: LinkType, bytes: &[u8]) -> Layers<'_> {
    let link::Frame { hardware, carries } = link::frame(link_type, bytes);
    let network = match carries {
        link::Carries::Ip(bytes) => ip::ip(bytes).map_or(Network::Broken, Network::Ip),
        link::Carries::Arp(bytes) => {
            ip::arp(bytes).map_or(Network::Other, |(sender, target)| Network::Arp(sender, target))
        }
        link::Carries::Other => Network::Other,
        link::Carries::Cut => Network::Broken,
        link::Carries::Unknown => Network::UnknownLinkType,
    };
    Layers { hardware, network }
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

impl Ip<'_> {
    /// The conversation it belongs to. A fragment that is not the first has no ports: see [`Ip::fragment`].
    #[inline]
    pub fn flow_key(&self) -> FlowKey {
        FlowKey::new(self.protocol, self.source, self.destination, self.ports())
    }
}
