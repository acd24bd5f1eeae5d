//! ARP, and IP with its extension headers.

use super::{Kind, MAX_IP, Next, Stop, Walker};
use crate::decode::{self, Ip, Network, protocol};
use crate::packet::LinkType;
use crate::redact::bytes::byte;

impl Walker<'_> {
    /// ARP and RARP: eight bytes, then hardware and protocol addresses of both.
    pub(super) fn arp(&mut self, at: usize) -> Next {
        let lengths = self.rest(at).get(4..6);
        let Some(&[hardware, protocol]) = lengths else { return Next::Stop(Stop::Cut) };
        let length = 8 + 2 * (usize::from(hardware) + usize::from(protocol));
        match self.header(Kind::Arp, at, length) {
            Ok(_) => Next::Stop(Stop::Whole),
            Err(next) => next,
        }
    }

    pub(super) fn ip(&mut self, at: usize) -> Next {
        if self.ips == MAX_IP {
            return Next::Stop(Stop::TooDeep);
        }
        let rest = self.rest(at);
        let layers = decode::layers(LinkType::RAW, rest, rest.len() as u32);
        let ip = match layers.network {
            Network::Ip(ip) => ip,
            Network::Cut => return Next::Stop(Stop::Cut),
            _ => return Next::Stop(Stop::Broken),
        };
        let later_fragment = ip.fragment.is_some_and(|fragment| !fragment.first);
        let fragmented = ip.fragment.is_some();
        let (number, behind) = (ip.protocol, at + ip.header.len());
        let limit = behind + ip.payload.len();
        let extensions = extensions(&ip);
        self.ips += 1;
        self.limit = limit;
        self.ip = Some(self.headers.len());
        let noted = match ip.source.is_ipv4() {
            true => self.header(Kind::Ipv4, at, behind - at).map(drop),
            false => self.ipv6(at, &extensions),
        };
        match noted {
            Err(next) => next,
            Ok(()) if later_fragment => self.later_fragment(number, behind),
            Ok(()) => {
                self.fragmented = fragmented;
                Next::Protocol(number, behind)
            }
        }
    }

    fn ipv6(&mut self, at: usize, extensions: &[(Kind, usize, usize)]) -> Result<(), Next> {
        self.header(Kind::Ipv6, at, 40)?;
        for &(kind, start, length) in extensions {
            self.header(kind, at + start, length)?;
        }
        Ok(())
    }

    /// What a later fragment holds is payload, if the first one's header says what follows it.
    fn later_fragment(&mut self, number: u8, at: usize) -> Next {
        let transports = protocol::has_ports(number) || number == protocol::ESP;
        match transports || matches!(number, protocol::ICMP | protocol::ICMPV6) {
            true => self.whole(Kind::Payload, at),
            false => Next::Stop(Stop::Protocol(number)),
        }
    }
}

/// Extension headers of IPv6: what, where, and how long. [`decode`] has checked that they are there.
fn extensions(ip: &Ip) -> Vec<(Kind, usize, usize)> {
    let mut found = Vec::new();
    if ip.source.is_ipv4() {
        return found;
    }
    let (mut number, mut at) = (byte(ip.header, 6).unwrap_or_default(), 40);
    while let Some(&[next, length, ..]) = ip.header.get(at..) {
        let (kind, length) = match number {
            0 => (Kind::HopByHop, (usize::from(length) + 1) * 8),
            43 => (Kind::Routing, (usize::from(length) + 1) * 8),
            44 => (Kind::FragmentHeader, 8),
            _ => (Kind::DestinationOptions, (usize::from(length) + 1) * 8),
        };
        found.push((kind, at, length));
        (number, at) = (next, at + length);
    }
    found
}
