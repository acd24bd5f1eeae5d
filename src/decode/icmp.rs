//! ICMP and ICMPv6: what their types and codes are called, and the packets that errors quote.
//!
//! Sources: RFC 792, 1122, 1812, 4443, 4861, and IANA's registries of ICMP and ICMPv6 parameters.

use super::ip::{Ip, Room, ip, protocol};

/// What stands before a quoted packet: type, code, checksum, and four bytes that depend on the type.
const HEADER: usize = 8;

impl<'a> Ip<'a> {
    /// The packet that an ICMP or ICMPv6 error quotes, as far as it does: its lengths are those that it had itself.
    pub fn quoted(&self) -> Option<Ip<'a>> {
        let (kind, _) = self.icmp()?;
        if !is_error(self.source.is_ipv6(), kind) {
            return None;
        }
        let bytes = self.payload.get(HEADER..)?;
        let wire = self.payload_length.saturating_sub(HEADER as u32);
        ip(bytes, Room { wire, inside: false, through_ah: false })
            .ok()
            .filter(|quoted| quoted.source.is_ipv6() == self.source.is_ipv6())
    }

    /// What a whole ICMP or ICMPv6 message, or the first fragment of one, is.
    pub fn icmp_name(&self) -> Option<IcmpName> {
        let (kind, code) = self.icmp()?;
        Some(match self.protocol {
            protocol::ICMP => IcmpName { class: class(kind), message: message(kind, code) },
            _ => IcmpName { class: class_v6(kind), message: message_v6(kind, code) },
        })
    }
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcmpName {
    /// The class that dpkt has for it: `Echo`, `Unreach`, `Quench`, `Redirect`, `TimeExceed`, `ParamProb`, `TooBig`, else `OTHER`.
    pub class: &'static str,
    /// What its type and code mean; empty if they are not known.
    pub message: &'static str,
}

fn is_error(version_6: bool, kind: u8) -> bool {
    match version_6 {
        // Types below 128 are errors (RFC 4443, 2.1).
        true => (1..=4).contains(&kind),
        false => matches!(kind, 3 | 4 | 5 | 11 | 12),
    }
}

fn class(kind: u8) -> &'static str {
    match kind {
        0 | 8 => "Echo",
        3 => "Unreach",
        4 => "Quench",
        5 => "Redirect",
        11 => "TimeExceed",
        12 => "ParamProb",
        _ => "OTHER",
    }
}

fn class_v6(kind: u8) -> &'static str {
    match kind {
        1 => "Unreach",
        2 => "TooBig",
        3 => "TimeExceed",
        4 => "ParamProb",
        128 | 129 => "Echo",
        _ => "OTHER",
    }
}

fn message(kind: u8, code: u8) -> &'static str {
    match (kind, code) {
        (0, _) => "echo reply",
        (3, 0) => "network unreachable",
        (3, 1) => "host unreachable",
        (3, 2) => "protocol unreachable",
        (3, 3) => "host:port unreachable",
        (3, 4) => "fragmentation needed",
        (3, 5) => "source route failed",
        (3, 6) => "network unknown",
        (3, 7) => "host unknown",
        (3, 8) => "source host isolated",
        (3, 9) => "network prohibited",
        (3, 10) => "host prohibited",
        (3, 11) => "network unreachable for this service",
        (3, 12) => "host unreachable for this service",
        (3, 13) => "communication prohibited",
        (3, 14) => "host precedence violation",
        (3, 15) => "precedence cutoff",
        (4, _) => "source quench",
        (5, 0) => "redirect for the network",
        (5, 1) => "redirect for the host",
        (5, 2) => "redirect for the service and network",
        (5, 3) => "redirect for the service and host",
        (8, _) => "echo request",
        (9, _) => "router advertisement",
        (10, _) => "router solicitation",
        (11, 0) => "time to live exceeded",
        (11, 1) => "reassembly time exceeded",
        (12, 0) => "pointer indicates the error",
        (12, 1) => "required option missing",
        (12, 2) => "bad length",
        (13, _) => "timestamp request",
        (14, _) => "timestamp reply",
        (15, _) => "information request",
        (16, _) => "information reply",
        (17, _) => "address mask request",
        (18, _) => "address mask reply",
        (42, _) => "extended echo request",
        (43, _) => "extended echo reply",
        _ => "",
    }
}

fn message_v6(kind: u8, code: u8) -> &'static str {
    match (kind, code) {
        (1, 0) => "no route to destination",
        (1, 1) => "communication prohibited",
        (1, 2) => "beyond scope of source address",
        (1, 3) => "address unreachable",
        (1, 4) => "host:port unreachable",
        (1, 5) => "source address failed policy",
        (1, 6) => "route to destination rejected",
        (2, _) => "packet too big",
        (3, 0) => "hop limit exceeded",
        (3, 1) => "reassembly time exceeded",
        (4, 0) => "erroneous header field",
        (4, 1) => "unrecognized next header",
        (4, 2) => "unrecognized option",
        (128, _) => "echo request",
        (129, _) => "echo reply",
        (130, _) => "multicast listener query",
        (131, _) => "multicast listener report",
        (132, _) => "multicast listener done",
        (133, _) => "router solicitation",
        (134, _) => "router advertisement",
        (135, _) => "neighbor solicitation",
        (136, _) => "neighbor advertisement",
        (137, _) => "redirect",
        (143, _) => "multicast listener report v2",
        (160, _) => "extended echo request",
        (161, _) => "extended echo reply",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Network, layers};
    use crate::packet::LinkType;

    /// Port unreachable, from 10.0.0.5, that quotes a datagram of 10.0.0.2:63816 to port 500.
    fn error() -> Vec<u8> {
        let mut bytes = vec![0x45, 0, 0, 56, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0, 0, 5, 10, 0, 0, 2, 3, 3, 0, 0, 0, 0, 0, 0];
        bytes.extend([0x45, 0, 0, 200, 0, 2, 0, 0, 43, 17, 0, 0, 10, 0, 0, 2, 10, 0, 0, 5]);
        bytes.extend([0xf9, 0x48, 0x01, 0xf4, 0, 180, 0, 0]);
        bytes
    }

    #[test]
    fn errors_quote_packets_and_have_names() {
        let bytes = error();
        let layers = layers(LinkType(101), &bytes, 56);
        let Network::Ip(ip) = layers.network else { panic!("{layers:?}") };
        let quoted = ip.quoted().unwrap();
        assert_eq!((quoted.ttl, quoted.ports(), quoted.payload_length), (43, Some((63816, 500)), 180));
        assert_eq!(ip.icmp_name(), Some(IcmpName { class: "Unreach", message: "host:port unreachable" }));
        assert_eq!(quoted.quoted(), None);
    }

    #[test]
    fn what_is_cut_quotes_nothing() {
        let bytes = error();
        for length in 0..48 {
            let layers = layers(LinkType(101), &bytes[..length], 56);
            assert!(layers.ip().is_none_or(|ip| ip.quoted().is_none()), "{length}");
        }
    }
}
