//! Whether checksums are right: where a capture was made on the machine that sent, they are often not (offloading).

use std::net::IpAddr;

use crate::decode::{Ip, protocol};

/// What is to be said of a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checksum {
    /// There is none, or what it covers is not whole.
    #[default]
    Unknown,
    /// It is right.
    Right,
    /// It is zero, and that is not right, or says that there is none.
    Zero,
    /// It is another.
    Wrong,
}

impl Checksum {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Right => "right",
            Self::Zero => "zero",
            Self::Wrong => "wrong",
        }
    }

    fn of(stored: [u8; 2], sum: u64) -> Self {
        match (stored, folded(sum)) {
            (_, 0xffff) => Self::Right,
            ([0, 0], _) => Self::Zero,
            _ => Self::Wrong,
        }
    }

    /// That of an IPv4 header.
    pub fn of_header(ip: &Ip) -> Self {
        match ip.header.get(10..12) {
            Some(&[high, low]) if ip.source.is_ipv4() => Self::of([high, low], sum(ip.header)),
            _ => Self::Unknown,
        }
    }

    /// That of TCP or UDP, if all that it covers is there.
    pub fn of_transport(ip: &Ip) -> Self {
        let place = match ip.protocol {
            protocol::TCP => 16,
            protocol::UDP => 6,
            _ => return Self::Unknown,
        };
        let whole = ip.fragment.is_none() && ip.payload.len() == ip.payload_length as usize;
        let Some(&[high, low]) = ip.payload.get(place..place + 2).filter(|_| whole) else { return Self::Unknown };
        // UDP over IPv4 may have none, and says so by a zero: RFC 768.
        if ip.protocol == protocol::UDP && [high, low] == [0, 0] {
            return Self::Zero;
        }
        let ends = address(ip.source) + address(ip.destination);
        let pseudo = ends + u64::from(ip.payload_length) + u64::from(ip.protocol);
        Self::of([high, low], pseudo + sum(ip.payload))
    }
}

fn address(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(address) => sum(&address.octets()),
        IpAddr::V6(address) => sum(&address.octets()),
    }
}

/// The sum of 16-bit words: RFC 1071.
fn sum(bytes: &[u8]) -> u64 {
    let word = |word: &[u8]| match *word {
        [high, low] => u64::from(u16::from_be_bytes([high, low])),
        [high] => u64::from(high) << 8,
        _ => 0,
    };
    bytes.chunks(2).map(word).sum()
}

fn folded(mut sum: u64) -> u64 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode;
    use crate::packet::LinkType;

    /// The checksums of a packet that begins with its IP header, given in hexadecimal digits, with one byte changed.
    fn of(digits: &str, at: usize, change: impl Fn(u8) -> u8) -> (&'static str, &'static str) {
        let pairs = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
        let mut packet: Vec<u8> = pairs.collect();
        packet[at] = change(packet[at]);
        let layers = decode::layers(LinkType::RAW, &packet, packet.len() as u32);
        let ip = layers.ip().unwrap();
        (Checksum::of_header(ip).name(), Checksum::of_transport(ip).name())
    }

    /// Scapy made these packets.
    #[test]
    fn checksums_are_those_of_scapy() {
        let udp = "4500001f00010000401166cb0a0000010a00000213880035000b04b46f6464";
        let tcp = "600000000019064020010db800000000000000000000000120010db8000000000000000000000002\
                   13880050000000000000000050182000dca8000068656c6c6f";
        assert_eq!(of(udp, 0, |byte| byte), ("right", "right"));
        assert_eq!(of(tcp, 0, |byte| byte), ("unknown", "right"));
        assert_eq!(of(udp, 8, |ttl| ttl - 1), ("wrong", "right"));
        assert_eq!(of(udp, 30, |byte| byte ^ 1), ("right", "wrong"));
        assert_eq!(of(tcp, 64, |byte| byte ^ 1), ("unknown", "wrong"));
        assert_eq!(of(&format!("{}0000{}", &udp[..52], &udp[56..]), 0, |byte| byte), ("right", "zero"));
        assert_eq!(of(&udp[..56], 0, |byte| byte), ("right", "unknown"), "it was cut");
    }
}
