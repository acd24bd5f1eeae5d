//! What an IP header carries.

use super::{Kind, Next, Stop, Walker, either};
use crate::decode::protocol;
use crate::redact::bytes::{byte, u16_at};

/// What stands before a quoted packet, or the data of an echo: type, code, checksum, and four bytes more.
const ICMP_HEADER: usize = 8;

/// Where extensions of ICMP stand that no length announces (RFC 4884, 5.5), and how they begin: version 2, reserved.
const OLD_EXTENSIONS: usize = 128;
const EXTENSION_VERSION: [u8; 2] = [0x20, 0];

impl Walker<'_> {
    pub(super) fn protocol(&mut self, number: u8, at: usize) -> Next {
        match number {
            protocol::TCP => self.tcp(at),
            protocol::UDP => self.udp(at),
            protocol::UDP_LITE => self.before_payload(Kind::UdpLite, at, 8),
            protocol::SCTP => self.before_payload(Kind::Sctp, at, 12),
            protocol::DCCP => {
                let words = byte(self.rest(at), 4).map_or(0, |words| usize::from(words) * 4);
                self.before_payload(Kind::Dccp, at, words.max(12))
            }
            protocol::ESP => self.before_payload(Kind::Esp, at, 8),
            protocol::ICMP => self.icmp(at),
            protocol::ICMPV6 => self.icmpv6(at),
            protocol::IGMP => self.whole(Kind::Igmp, at),
            protocol::AH => self.ah(at),
            // Fragments of tunnels hold fragments of headers.
            protocol::IPV4 | protocol::IPV6 | protocol::GRE if self.fragmented => Next::Stop(Stop::Protocol(number)),
            protocol::IPV4 if self.begins_with(at, 4) => Next::Ip(at),
            protocol::IPV6 if self.begins_with(at, 6) => Next::Ip(at),
            protocol::GRE => self.gre(at),
            // Nothing follows.
            59 => Next::Stop(Stop::Whole),
            other => Next::Stop(Stop::Protocol(other)),
        }
    }

    pub(super) fn begins_with(&self, at: usize, version: u8) -> bool {
        self.rest(at).first().is_some_and(|first| first >> 4 == version)
    }

    /// A header of `length` bytes, or as much of it as there is: none of these hold addresses. Then its payload.
    fn before_payload(&mut self, kind: Kind, at: usize, length: usize) -> Next {
        let there = length.min(self.limit.saturating_sub(at));
        either(self.header(kind, at, there).map(|end| match there == length {
            true => self.payload(end),
            false => Next::Stop(Stop::Cut),
        }))
    }

    pub(super) fn payload(&mut self, at: usize) -> Next {
        match at < self.limit {
            true => self.whole(Kind::Payload, at),
            false => Next::Stop(Stop::Whole),
        }
    }

    fn tcp(&mut self, at: usize) -> Next {
        let length = byte(self.rest(at), 12).map_or(20, |offset| usize::from(offset >> 4) * 4);
        if length >= 20 {
            return self.before_payload(Kind::Tcp, at, length);
        }
        either(self.header(Kind::Tcp, at, 20).map(|_| Next::Stop(Stop::Broken)))
    }

    fn udp(&mut self, at: usize) -> Next {
        // What follows the length that the header states is no part of the datagram.
        let stated = u16_at(self.rest(at), 4).map_or(0, usize::from);
        if stated >= 8 {
            self.limit = self.limit.min(at + stated);
        }
        let ports = u16_at(self.rest(at), 0).zip(u16_at(self.rest(at), 2));
        let there = 8.min(self.limit.saturating_sub(at));
        let end = match self.header(Kind::Udp, at, there) {
            Ok(end) if there == 8 => end,
            Ok(_) => return Next::Stop(Stop::Cut),
            Err(next) => return next,
        };
        let tunnel = ports.filter(|_| !self.fragmented).and_then(|ports| self.udp_tunnel(ports, end, stated));
        tunnel.unwrap_or_else(|| self.payload(end))
    }

    /// Its length counts words of 4 bytes, less 2 (RFC 4302, 2.2).
    fn ah(&mut self, at: usize) -> Next {
        let &[next, length, ..] = self.rest(at) else { return Next::Stop(Stop::Cut) };
        let length = (usize::from(length) + 2) * 4;
        either(self.header(Kind::Ah, at, length).map(|end| match self.fragmented {
            true => Next::Stop(Stop::Protocol(protocol::AH)),
            false => Next::Protocol(next, end),
        }))
    }

    fn icmp(&mut self, at: usize) -> Next {
        let Some(&kind) = self.rest(at).first() else { return Next::Stop(Stop::Cut) };
        match kind {
            0 | 8 => self.before_payload(Kind::Icmp, at, ICMP_HEADER),
            // A redirect has its gateway where others have the quote's length.
            3 | 4 | 5 | 11 | 12 => {
                let words = byte(self.rest(at), 5).filter(|_| kind != 5);
                self.quote(Kind::Icmp, at, words.map_or(0, |words| usize::from(words) * 4))
            }
            9 | 10 | 13..=18 => self.whole(Kind::Icmp, at),
            _ => self.unknown_message(Kind::Icmp, at, kind),
        }
    }

    fn icmpv6(&mut self, at: usize) -> Next {
        let Some(&kind) = self.rest(at).first() else { return Next::Stop(Stop::Cut) };
        match kind {
            128 | 129 => self.before_payload(Kind::Icmpv6, at, ICMP_HEADER),
            1..=4 => {
                // Too big and parameter problem have no room for a length (RFC 4884, 4.5).
                let words = byte(self.rest(at), 4).filter(|_| matches!(kind, 1 | 3));
                self.quote(Kind::Icmpv6, at, words.map_or(0, |words| usize::from(words) * 8))
            }
            130..=137 | 143 => self.whole(Kind::Icmpv6, at),
            _ => self.unknown_message(Kind::Icmpv6, at, kind),
        }
    }

    /// Type, code and checksum alone.
    fn unknown_message(&mut self, header: Kind, at: usize, kind: u8) -> Next {
        let there = 4.min(self.limit.saturating_sub(at));
        either(self.header(header, at, there).map(|_| Next::Stop(Stop::Message(header, kind))))
    }

    /// An error, and the packet that it quotes: `stated` bytes of it, if that is not 0.
    fn quote(&mut self, header: Kind, at: usize, stated: usize) -> Next {
        let there = ICMP_HEADER.min(self.limit.saturating_sub(at));
        let end = match self.header(header, at, there) {
            Ok(end) if there == ICMP_HEADER => end,
            Ok(_) => return Next::Stop(Stop::Cut),
            Err(next) => return next,
        };
        // Errors quote no errors; a first fragment of one quotes what a whole one does.
        if self.quoted || end == self.limit {
            return Next::Stop(Stop::Whole);
        }
        if stated > 0 {
            self.limit = self.limit.min(end + stated);
        } else if self.rest(end).get(OLD_EXTENSIONS..).is_some_and(|rest| rest.starts_with(&EXTENSION_VERSION)) {
            self.limit = end + OLD_EXTENSIONS;
        }
        self.quoted = true;
        Next::Ip(end)
    }
}
