//! What is zeroed in a packet: who talks to whom, the checksums that would tell it, and what is masked.
//!
//! Lengths are read from the packet, and zeros written to its copy, which may hold less of it.

use std::ops::Range;

use super::options::options;
use crate::decode::{self, Ip, Network, protocol};
use crate::packet::LinkType;

/// What is zeroed besides addresses and checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Masks {
    /// The ports of TCP, UDP, UDP-Lite, SCTP and DCCP.
    pub ports: bool,
    /// The time to live, or hop limit.
    pub ttl: bool,
    /// The two values of TCP's timestamp option.
    pub timestamps: bool,
}

/// The kinds of options.
mod kind {
    /// Of IPv4: record route, timestamp, loose and strict source route, which hold addresses; traceroute too.
    pub(super) const WITH_ADDRESSES: [u8; 5] = [7, 68, 131, 137, 82];
    /// Of TCP: timestamps (RFC 7323).
    pub(super) const TIMESTAMPS: u8 = 8;
    /// Of IPv6's destination options: home address (RFC 6275).
    pub(super) const HOME_ADDRESS: u8 = 0xc9;
}

/// RAW: IPv4 or IPv6, as the first bits say.
const RAW: LinkType = LinkType(101);

/// Zeroes addresses, checksums and what is masked in a copy of an IP packet, which begins with its header.
pub fn blank(copy: &mut [u8], ip: &Ip, masks: Masks) {
    Blank { copy, at: 0, masks, quoted: false }.packet(ip);
}

/// A copy of a packet, or of the one that an ICMP message quotes.
struct Blank<'a> {
    copy: &'a mut [u8],
    /// Where the packet begins in the copy.
    at: usize,
    masks: Masks,
    /// It is quoted: what it quotes in turn is zeroed whole.
    quoted: bool,
}

impl Blank<'_> {
    /// Zeroes a part of the packet, as far as the copy has it.
    fn zero(&mut self, part: Range<usize>) {
        let end = (self.at + part.end).min(self.copy.len());
        if let Some(part) = self.copy.get_mut(self.at + part.start..end) {
            part.fill(0);
        }
    }

    /// Zeroes a part that begins at `start` behind `base`, if `wanted`.
    fn zero_if(&mut self, wanted: bool, base: usize, part: Range<usize>) {
        if wanted {
            self.zero(base + part.start..base + part.end);
        }
    }

    fn packet(&mut self, ip: &Ip) {
        match ip.source.is_ipv4() {
            true => self.ipv4(ip.header),
            false => self.ipv6(ip.header),
        }
        if ip.fragment.is_none_or(|fragment| fragment.first) {
            self.transport(ip, ip.header.len());
        }
    }

    fn ipv4(&mut self, header: &[u8]) {
        self.zero_if(self.masks.ttl, 0, 8..9);
        // The checksum, and both addresses.
        self.zero(10..20);
        for (kind, place) in options(header.get(20..).unwrap_or_default()) {
            self.zero_if(kind::WITH_ADDRESSES.contains(&kind), 20, place.start + 2..place.end);
        }
    }

    fn ipv6(&mut self, header: &[u8]) {
        self.zero_if(self.masks.ttl, 0, 7..8);
        self.zero(8..40);
        let mut kind = header.get(6).copied().unwrap_or_default();
        let mut at = 40;
        while let Some(&[next, length, ..]) = header.get(at..) {
            let length = if kind == extension::FRAGMENT { 8 } else { (usize::from(length) + 1) * 8 };
            match kind {
                // Addresses to pass follow the first 8 bytes.
                extension::ROUTING => self.zero(at + 8..at + length),
                extension::DESTINATION => self.home_address(header, at, at + length),
                _ => {}
            }
            (kind, at) = (next, at + length);
        }
    }

    /// Zeroes the home address among destination options, which pad with single zeros (RFC 8200, 4.2).
    fn home_address(&mut self, header: &[u8], start: usize, end: usize) {
        let mut at = start + 2;
        while at < end {
            at += match header.get(at..) {
                Some([0, ..]) => 1,
                Some([kind, length, ..]) => {
                    let length = usize::from(*length) + 2;
                    self.zero_if(*kind == kind::HOME_ADDRESS, at, 2..length);
                    length
                }
                _ => return,
            };
        }
    }

    /// Zeroes what a transport header says, which begins at `at`.
    fn transport(&mut self, ip: &Ip, at: usize) {
        self.zero_if(self.masks.ports && protocol::has_ports(ip.protocol), at, 0..4);
        match ip.protocol {
            protocol::TCP => self.tcp(ip.payload, at),
            protocol::UDP | protocol::UDP_LITE | protocol::DCCP => self.zero(at + 6..at + 8),
            protocol::SCTP => self.zero(at + 8..at + 12),
            protocol::ICMP => self.icmp(ip.payload, at),
            protocol::ICMPV6 => self.icmpv6(ip.payload, at),
            // Checksum, and groups, which are addresses too.
            IGMP => self.zero(at + 2..at + ip.payload.len()),
            _ => {}
        }
    }

    fn tcp(&mut self, header: &[u8], at: usize) {
        self.zero(at + 16..at + 18);
        let length = header.get(12).map_or(0, |offset| usize::from(offset >> 4) * 4).min(header.len());
        for (kind, place) in options(header.get(20..length).unwrap_or_default()) {
            let wanted = kind == kind::TIMESTAMPS && self.masks.timestamps;
            self.zero_if(wanted, at + 20, place.start + 2..place.end);
        }
    }

    fn icmp(&mut self, message: &[u8], at: usize) {
        self.zero(at + 2..at + 4);
        match message.first() {
            // The gateway of a redirect.
            Some(5) => {
                self.zero(at + 4..at + 8);
                self.quote(message, at);
            }
            // Unreachable, source quench, time exceeded, parameter problem.
            Some(3 | 4 | 11 | 12) => self.quote(message, at),
            // Router advertisement.
            Some(9) => self.zero(at + 8..at + message.len()),
            _ => {}
        }
    }

    fn icmpv6(&mut self, message: &[u8], at: usize) {
        self.zero(at + 2..at + 4);
        match message.first() {
            // Unreachable, too big, time exceeded, parameter problem.
            Some(1..=4) => self.quote(message, at),
            // Multicast listeners and neighbour discovery: nearly all of it is addresses.
            Some(130..=137 | 143) => self.zero(at + 8..at + message.len()),
            _ => {}
        }
    }

    /// Zeroes, in the packet that an error message quotes, what is zeroed in the message's own.
    fn quote(&mut self, message: &[u8], at: usize) {
        let quoted = message.get(8..).unwrap_or_default();
        let layers = decode::layers(RAW, quoted, quoted.len() as u32);
        match layers.network {
            Network::Ip(ip) if !self.quoted => {
                let at = self.at + at + 8;
                Blank { copy: self.copy, at, masks: self.masks, quoted: true }.packet(&ip);
            }
            // Where the addresses stand cannot be told.
            _ => self.zero(at + 8..at + message.len()),
        }
    }
}

/// IGMP's protocol number.
const IGMP: u8 = 2;

/// The extension headers of IPv6 (RFC 8200, 4).
mod extension {
    pub(super) const ROUTING: u8 = 43;
    pub(super) const FRAGMENT: u8 = 44;
    pub(super) const DESTINATION: u8 = 60;
}
