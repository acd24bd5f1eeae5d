//! Traffic that is on every network, whatever somebody meant to record there.

use crate::decode::{Ip, Layers, Network, OtherKind, protocol};

/// A kind of such traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Who has this address?
    Arp,
    /// Addresses for machines.
    Dhcp,
    /// Names.
    Dns,
    /// Errors and echoes, IPv6 neighbours.
    Icmp,
    /// Groups of receivers.
    Igmp,
    /// Switches that tell of themselves: LLDP, spanning tree.
    Link,
    /// Names on the link, Microsoft's.
    Llmnr,
    /// Names on the link, Apple's.
    Mdns,
    /// Names on the link, NetBIOS'.
    Nbns,
    /// Time.
    Ntp,
    /// Devices on the link.
    Ssdp,
}

/// How many kinds there are.
pub const BACKGROUNDS: usize = 11;

impl Background {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; BACKGROUNDS] = [
        Self::Arp,
        Self::Dhcp,
        Self::Dns,
        Self::Icmp,
        Self::Igmp,
        Self::Link,
        Self::Llmnr,
        Self::Mdns,
        Self::Nbns,
        Self::Ntp,
        Self::Ssdp,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arp => "ARP",
            Self::Dhcp => "DHCP",
            Self::Dns => "DNS",
            Self::Icmp => "ICMP",
            Self::Igmp => "IGMP",
            Self::Link => "LLDP and STP",
            Self::Llmnr => "LLMNR",
            Self::Mdns => "mDNS",
            Self::Nbns => "NetBIOS",
            Self::Ntp => "NTP",
            Self::Ssdp => "SSDP",
        }
    }

    /// What words of a label begin with that means it, in small letters.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Arp => &["arp", "rarp"],
            Self::Dhcp => &["dhcp", "bootp"],
            Self::Dns => &["dns", "domain", "iodine"],
            Self::Icmp => &["icmp", "ping", "traceroute", "ndp"],
            Self::Igmp => &["igmp", "multicast"],
            Self::Link => &["lldp", "stp", "spanning", "cdp"],
            Self::Llmnr => &["llmnr"],
            Self::Mdns => &["mdns", "bonjour", "zeroconf", "dns"],
            Self::Nbns => &["nbns", "netbios", "nbt", "smb"],
            Self::Ntp => &["ntp", "sntp"],
            Self::Ssdp => &["ssdp", "upnp"],
        }
    }

    /// What a packet of these layers is, by its outermost headers.
    pub(super) fn of(layers: &Layers) -> Option<Self> {
        match &layers.network {
            Network::Ip(ip) => of_ip(ip),
            // LLDP; ARP that is not of IPv4.
            Network::Other(OtherKind::EtherType(0x88cc)) => Some(Self::Link),
            Network::Other(OtherKind::EtherType(0x0806)) | Network::Arp(..) => Some(Self::Arp),
            Network::Other(OtherKind::Llc(0x42)) => Some(Self::Link),
            _ => None,
        }
    }
}

fn of_ip(ip: &Ip) -> Option<Background> {
    match ip.protocol {
        protocol::ICMP | protocol::ICMPV6 => return Some(Background::Icmp),
        protocol::IGMP => return Some(Background::Igmp),
        protocol::UDP | protocol::TCP => {}
        _ => return None,
    }
    let (from, to) = ip.ports()?;
    let of = |port| of_port(port, ip.protocol == protocol::UDP);
    of(from.min(to)).or_else(|| of(from.max(to)))
}

fn of_port(port: u16, udp: bool) -> Option<Background> {
    Some(match port {
        53 => Background::Dns,
        _ if !udp => return None,
        67 | 68 | 546 | 547 => Background::Dhcp,
        123 => Background::Ntp,
        137 | 138 => Background::Nbns,
        1900 => Background::Ssdp,
        5353 => Background::Mdns,
        5355 => Background::Llmnr,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places() {
        for (number, kind) in Background::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
        }
    }

    #[test]
    fn ports_of_tcp_are_others_but_for_names() {
        assert_eq!((of_port(53, false), of_port(123, false)), (Some(Background::Dns), None));
        assert_eq!((of_port(123, true), of_port(443, true)), (Some(Background::Ntp), None));
    }
}
