//! Transport protocols and ports, as tools write them.

use crate::decode::protocol::{self, ICMP, ICMPV6 as ICMP6, TCP, UDP};

/// What a record says of its protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// A number of IANA's list.
    Number(u8),
    /// Some other protocol over IP, which the tool does not tell.
    Unknown,
    /// No protocol over IP: ARP, LLC, IPX.
    NotIp,
}

impl Protocol {
    /// Reads a number (also `6.0`, as pandas writes it) or a name; `None` is a name that is not listed.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        if let Some(number) = decimal(text) {
            return u8::try_from(number).ok().map(Self::Number);
        }
        let name = text.to_ascii_lowercase();
        if NOT_IP.iter().any(|known| known.as_bytes() == name) {
            return Some(Self::NotIp);
        }
        if UNKNOWN.iter().any(|known| known.as_bytes() == name) {
            return Some(Self::Unknown);
        }
        NAMES.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, number)| Self::Number(*number))
    }

    /// The number: ICMP between IPv6 addresses is ICMPv6, whatever it is called.
    pub(super) fn number(self, ipv6: bool) -> Option<u8> {
        match self {
            Self::Number(ICMP) if ipv6 => Some(ICMP6),
            Self::Number(number) => Some(number),
            Self::Unknown | Self::NotIp => None,
        }
    }

    /// True if its packets have ports: TCP, UDP, DCCP, SCTP and UDP-Lite.
    pub(super) fn has_ports(self) -> bool {
        matches!(self, Self::Number(number) if protocol::has_ports(number))
    }

    pub(super) fn is_icmp(self) -> bool {
        matches!(self, Self::Number(ICMP | ICMP6))
    }
}

/// Reads a port: decimal, `443.0`, or hexadecimal as Argus writes it (`0x000b`).
pub(super) fn port(text: &[u8]) -> Option<u16> {
    match text {
        [b'0', b'x' | b'X', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit) => {
            u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        }
        _ => decimal(text).and_then(|number| u16::try_from(number).ok()),
    }
}

fn decimal(text: &[u8]) -> Option<u32> {
    let digits = text.strip_suffix(b".0").unwrap_or(text);
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    all.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten()
}

/// Argus's and UNSW-NB15's names of traffic that is not IP. Some of these records have MAC addresses.
const NOT_IP: [&str; 9] = ["arp", "rarp", "llc", "ipx/spx", "ipx", "stp", "loop", "man", "eth"];

/// Zeek's, Argus's and UNSW-NB15's names of what they do not tell, or what has no single number.
const UNKNOWN: [&str; 8] = ["unknown_transport", "unknown", "unas", "any", "zero", "pri-enc", "ib", "aes-sp3-d"];

/// IANA's protocol numbers by the names that Argus, nfdump, Zeek and UNSW-NB15 print, the common ones first. rtp, rtcp
/// and udt are Argus's: it looks into UDP.
const NAMES: &[(&str, u8)] = &[
    ("tcp", TCP),
    ("udp", UDP),
    ("icmp", ICMP),
    ("icmp6", ICMP6),
    ("ipv6-icmp", ICMP6),
    ("icmpv6", ICMP6),
    ("rtp", UDP),
    ("rtcp", UDP),
    ("udt", UDP),
    ("igmp", 2),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("sctp", 132),
    ("pim", 103),
    ("ipv6", 41),
    ("ospf", 89),
    ("ip", 0),
    ("hopopt", 0),
    ("ggp", 3),
    ("ipnip", 4),
    ("ipencap", 4),
    ("st2", 5),
    ("st", 5),
    ("cbt", 7),
    ("egp", 8),
    ("igp", 9),
    ("bbn-rcc", 10),
    ("nvp", 11),
    ("pup", 12),
    ("argus", 13),
    ("emcon", 14),
    ("xnet", 15),
    ("chaos", 16),
    ("mux", 18),
    ("dcn", 19),
    ("hmp", 20),
    ("prm", 21),
    ("xns-idp", 22),
    ("trunk-1", 23),
    ("trunk-2", 24),
    ("leaf-1", 25),
    ("leaf-2", 26),
    ("rdp", 27),
    ("irtp", 28),
    ("iso-tp4", 29),
    ("netblt", 30),
    ("mfe-nsp", 31),
    ("merit-inp", 32),
    ("sep", 33),
    ("dccp", 33),
    ("3pc", 34),
    ("idpr", 35),
    ("xtp", 36),
    ("ddp", 37),
    ("idpr-cmtp", 38),
    ("tp++", 39),
    ("il", 40),
    ("sdrp", 42),
    ("ipv6-route", 43),
    ("ipv6-frag", 44),
    ("idrp", 45),
    ("rsvp", 46),
    ("mhrp", 48),
    ("dsr", 48),
    ("bna", 49),
    ("i-nlsp", 52),
    ("swipe", 53),
    ("narp", 54),
    ("mobile", 55),
    ("tlsp", 56),
    ("skip", 57),
    ("ipv6-no", 59),
    ("ipv6-nonxt", 59),
    ("ipv6-opts", 60),
    ("cftp", 62),
    ("sat-expak", 64),
    ("kryptolan", 65),
    ("rvd", 66),
    ("ippc", 67),
    ("sat-mon", 69),
    ("visa", 70),
    ("ipcv", 71),
    ("cpnx", 72),
    ("cphb", 73),
    ("wsn", 74),
    ("pvp", 75),
    ("br-sat-mon", 76),
    ("sun-nd", 77),
    ("wb-mon", 78),
    ("wb-expak", 79),
    ("iso-ip", 80),
    ("vmtp", 81),
    ("secure-vmtp", 82),
    ("vines", 83),
    ("ttp", 84),
    ("nsfnet-igp", 85),
    ("dgp", 86),
    ("tcf", 87),
    ("eigrp", 88),
    ("sprite-rpc", 90),
    ("larp", 91),
    ("mtp", 92),
    ("ax.25", 93),
    ("ipip", 94),
    ("micp", 95),
    ("sccopmce", 96),
    ("etherip", 97),
    ("encap", 98),
    ("gmtp", 100),
    ("ifmp", 101),
    ("pnni", 102),
    ("aris", 104),
    ("scps", 105),
    ("qnx", 106),
    ("a/n", 107),
    ("ipcomp", 108),
    ("snp", 109),
    ("compaq-peer", 110),
    ("ipx-n-ip", 111),
    ("vrrp", 112),
    ("pgm", 113),
    ("l2tp", 115),
    ("ddx", 116),
    ("iatp", 117),
    ("srp", 119),
    ("uti", 120),
    ("smp", 121),
    ("sm", 122),
    ("ptp", 123),
    ("isis", 124),
    ("fire", 125),
    ("crtp", 126),
    ("crudp", 127),
    ("sps", 130),
    ("pipe", 131),
    ("fc", 133),
    ("udplite", 136),
    ("nvp-ii", 11),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_have_numbers_names_or_neither() {
        let number = |text: &str, ipv6| Protocol::read(text.as_bytes()).map(|protocol| protocol.number(ipv6));
        assert_eq!(number("6", false), Some(Some(6)));
        assert_eq!(number("17.0", false), Some(Some(17)));
        assert_eq!(number("TCP", false), Some(Some(6)));
        assert_eq!(number("icmp", false), Some(Some(1)));
        assert_eq!(number("icmp", true), Some(Some(58)));
        assert_eq!(number("ipv6-icmp", true), Some(Some(58)));
        assert_eq!(number("unknown_transport", false), Some(None));
        assert_eq!(number("256", false), None);
        assert_eq!(number("tpc", false), None);
        assert_eq!(number("", false), None);
        assert_eq!(Protocol::read(b"arp"), Some(Protocol::NotIp));
    }

    #[test]
    fn a_name_is_listed_once() {
        let mut names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).chain(NOT_IP).chain(UNKNOWN).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn ports_are_decimal_or_hexadecimal() {
        assert_eq!(port(b"443"), Some(443));
        assert_eq!(port(b"443.0"), Some(443));
        assert_eq!(port(b"0x000b"), Some(11));
        for text in ["", "-", "65536", "0x10000", "0x", "0x+1", "+1", "http", "4 4"] {
            assert_eq!(port(text.as_bytes()), None, "{text}");
        }
    }
}
