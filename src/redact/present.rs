//! The addresses that are in the headers of a packet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::anonymize::Original;
use super::bytes::{array, byte};
use super::walk::{Header, Kind, Walk};
use crate::packet::LinkType;

/// Finds the addresses of packets, one after the other: those of all frames, ARP and IP headers, without options.
#[derive(Debug, Default)]
pub struct Present {
    walk: Walk,
    found: Vec<Original>,
}

impl Present {
    /// Those of a packet.
    pub fn of(&mut self, link_type: LinkType, bytes: &[u8]) -> &[Original] {
        self.found.clear();
        self.walk.walk(link_type, bytes);
        for header in self.walk.headers() {
            self.found.extend(of_header(bytes, header));
        }
        &self.found
    }
}

fn of_header(bytes: &[u8], &Header { kind, start, .. }: &Header) -> Vec<Original> {
    let hardware = |at: usize| array(bytes, start + at).map(Original::Hardware);
    let ipv4 = |at: usize| array::<4>(bytes, start + at).map(|ip| Original::Ip(IpAddr::V4(Ipv4Addr::from(ip))));
    let ipv6 = |at: usize| array::<16>(bytes, start + at).map(|ip| Original::Ip(IpAddr::V6(Ipv6Addr::from(ip))));
    let found = match kind {
        Kind::Ethernet | Kind::WifiAggregate => vec![hardware(0), hardware(6)],
        Kind::Fddi => vec![hardware(1), hardware(7)],
        Kind::Cooked => vec![hardware(6)],
        Kind::Cooked2 => vec![hardware(12)],
        Kind::Wifi => vec![hardware(4), hardware(10), hardware(16)],
        Kind::Arp if [4, 5].map(|at| byte(bytes, start + at)) == [Some(6), Some(4)] => {
            vec![hardware(8), ipv4(14), hardware(18), ipv4(24)]
        }
        Kind::Ipv4 => vec![ipv4(12), ipv4(16)],
        Kind::Ipv6 => vec![ipv6(8), ipv6(24)],
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_arp_and_ip_have_addresses() {
        let ip = |text: &str| Original::Ip(text.parse().unwrap());
        let (one, other) = (Original::Hardware([2, 0, 0, 0, 0, 1]), Original::Hardware([2, 0, 0, 0, 0, 2]));
        let mut present = Present::default();
        let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
        frame.extend([0x45, 0, 0, 20, 0, 0, 0, 0, 9, 59, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        assert_eq!(present.of(LinkType(1), &frame), [one, other, ip("10.0.0.1"), ip("10.0.0.2")]);
        let mut arp = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1];
        arp.extend([2, 0, 0, 0, 0, 2, 10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1]);
        let nobody = Original::Hardware([0; 6]);
        assert_eq!(present.of(LinkType(1), &arp), [one, other, other, ip("10.0.0.2"), nobody, ip("10.0.0.1")]);
        assert_eq!(present.of(LinkType(147), &frame), []);
    }
}
