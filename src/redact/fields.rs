//! The fields of packets that can be hidden, by names after Wireshark's.
//!
//! They stand in a manifest's `disallow`, in a capture's header, behind `--mask`, and in what lint proposes. Where Wireshark
//! has a name for each protocol or end, that is taken for the whole field: `ipv6.hlim` is `ip.ttl`, `tcp.srcport` is `port`.

use std::fmt;
use std::str::FromStr;

/// A field that can be hidden in a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The time of the packet.
    Time,
    /// Hardware addresses of both ends.
    Hardware,
    /// The numbers of VLANs.
    Vlan,
    /// IP addresses of both ends, in ARP too, and in hardware addresses of groups.
    Address,
    /// Time to live, or hop limit; of MPLS too.
    Ttl,
    /// The identification of IPv4, and that in fragment headers of IPv6.
    Identification,
    /// DSCP and ECN: type of service, or traffic class.
    Service,
    /// The reserved bit and "don't fragment" of IPv4; "more fragments" stays, for packets would become others without it.
    Flags,
    /// Options of IPv4, and those in hop-by-hop and destination headers of IPv6.
    Options,
    /// The flow label of IPv6.
    FlowLabel,
    /// Ports of both ends, of any transport protocol that has them.
    Port,
    /// Sequence and acknowledgement numbers, selective acknowledgements among them.
    Sequence,
    /// The window.
    Window,
    /// All options of TCP.
    TcpOptions,
    /// The values of TCP's timestamps.
    TcpTimestamp,
    /// Checksums of IP and transport headers.
    Checksum,
    /// What follows the transport header.
    Payload,
}

impl Field {
    /// All of them, from the outermost layer inwards.
    pub const ALL: [Self; 17] = [
        Self::Time,
        Self::Hardware,
        Self::Vlan,
        Self::Address,
        Self::Ttl,
        Self::Identification,
        Self::Service,
        Self::Flags,
        Self::Options,
        Self::FlowLabel,
        Self::Port,
        Self::Sequence,
        Self::Window,
        Self::TcpOptions,
        Self::TcpTimestamp,
        Self::Checksum,
        Self::Payload,
    ];

    /// Its name: Wireshark's, or where that has one for each protocol, the part that they share.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "frame.time",
            Self::Hardware => "eth.addr",
            Self::Vlan => "vlan.id",
            Self::Address => "ip.addr",
            Self::Ttl => "ip.ttl",
            Self::Identification => "ip.id",
            Self::Service => "ip.dsfield",
            Self::Flags => "ip.flags",
            Self::Options => "ip.options",
            Self::FlowLabel => "ipv6.flow",
            Self::Port => "port",
            Self::Sequence => "tcp.seq",
            Self::Window => "tcp.window_size",
            Self::TcpOptions => "tcp.options",
            Self::TcpTimestamp => "tcp.options.timestamp",
            Self::Checksum => "checksum",
            Self::Payload => "payload",
        }
    }

    /// True if a column of this name of Wireshark's shows it, or a part of it: `tcp.options.mss_val` is one of `tcp.options`.
    pub fn is_shown_by(self, column: &str) -> bool {
        let is_part = column.strip_prefix(self.name()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        is_part || ALIASES.contains(&(column, self))
    }

    /// What it is, for people.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Time => {
                "The time of the packet: each sample begins at 0 (1970), and what lies between stays; times in radiotap, in options of IPv4, \
                 in ICMP and neighbour discovery. Those of TCP are tcp.options.timestamp, those of NTP and the like payload."
            }
            Self::Hardware => {
                "Hardware addresses: of the link layer, in ARP and in neighbour discovery. Not those that IPv6 addresses are made of (EUI-64), \
                 which are ip.addr."
            }
            Self::Vlan => "The numbers of VLANs.",
            Self::Address => {
                "IPv4 and IPv6 addresses: of headers, in ARP, in messages about neighbours and groups, in hardware addresses of groups; options of \
                 IP and TCP that may hold them, or cookies made of them."
            }
            Self::Ttl => "Time to live, or hop limit; of MPLS too.",
            Self::Identification => "The identification of IPv4, and that of fragments of IPv6.",
            Self::Service => "DSCP and ECN: type of service, or traffic class.",
            Self::Flags => "The flags of IPv4 but \"more fragments\": reserved, don't fragment.",
            Self::Options => "Options of IPv4, and those in hop-by-hop and destination headers of IPv6.",
            Self::FlowLabel => "The flow label of IPv6.",
            Self::Port => {
                "Ports of both ends, of TCP, UDP, UDP-Lite, SCTP and DCCP; options of TCP that may hold them, as those that Multipath TCP announces."
            }
            Self::Sequence => "TCP's sequence and acknowledgement numbers, selective acknowledgements among them.",
            Self::Window => "TCP's window.",
            Self::TcpOptions => "All options of TCP.",
            Self::TcpTimestamp => "The values of TCP's timestamps.",
            Self::Checksum => "All checksums: whether they are right tells where a packet was captured.",
            Self::Payload => "What follows the transport header, names and addresses in it among it.",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Field {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|field| field.name() == text);
        let found = named.or_else(|| ALIASES.iter().find(|(alias, _)| *alias == text).map(|(_, field)| *field));
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.into_iter().map(Self::name).collect();
            format!("'{text}' is no field that can be hidden; there are {}", names.join(", "))
        })
    }
}

/// Wireshark's names of what is one field here.
const ALIASES: [(&str, Field); 40] = [
    ("frame.time_epoch", Field::Time),
    ("eth.src", Field::Hardware),
    ("eth.dst", Field::Hardware),
    ("wlan.addr", Field::Hardware),
    ("ip.src", Field::Address),
    ("ip.dst", Field::Address),
    ("ipv6.addr", Field::Address),
    ("ipv6.src", Field::Address),
    ("ipv6.dst", Field::Address),
    ("arp.src.proto_ipv4", Field::Address),
    ("arp.dst.proto_ipv4", Field::Address),
    ("ipv6.hlim", Field::Ttl),
    ("ipv6.fraghdr.ident", Field::Identification),
    ("ipv6.tclass", Field::Service),
    ("ip.flags.df", Field::Flags),
    ("tcp.port", Field::Port),
    ("tcp.srcport", Field::Port),
    ("tcp.dstport", Field::Port),
    ("udp.port", Field::Port),
    ("udp.srcport", Field::Port),
    ("udp.dstport", Field::Port),
    ("sctp.port", Field::Port),
    ("sctp.srcport", Field::Port),
    ("sctp.dstport", Field::Port),
    ("dccp.port", Field::Port),
    ("tcp.seq_raw", Field::Sequence),
    ("tcp.ack", Field::Sequence),
    ("tcp.ack_raw", Field::Sequence),
    ("tcp.window_size_value", Field::Window),
    ("tcp.option_kind", Field::TcpOptions),
    ("tcp.options.timestamp.tsval", Field::TcpTimestamp),
    ("tcp.options.timestamp.tsecr", Field::TcpTimestamp),
    ("ip.checksum", Field::Checksum),
    ("tcp.checksum", Field::Checksum),
    ("udp.checksum", Field::Checksum),
    ("icmp.checksum", Field::Checksum),
    ("icmpv6.checksum", Field::Checksum),
    ("tcp.payload", Field::Payload),
    ("udp.payload", Field::Payload),
    ("data", Field::Payload),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        let mut names: Vec<&str> = Field::ALL.into_iter().map(Field::name).collect();
        for field in Field::ALL {
            assert_eq!(field.name().parse(), Ok(field));
            assert!(field.doc().ends_with('.'), "{field}");
        }
        names.extend(ALIASES.iter().map(|(alias, _)| *alias));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Field::ALL.len() + ALIASES.len());
        assert_eq!("udp.dstport".parse(), Ok(Field::Port));
        let shown = |name: &str| Field::ALL.into_iter().filter(|field| field.is_shown_by(name)).collect::<Vec<_>>();
        assert_eq!(shown("ipv6.hlim"), [Field::Ttl]);
        assert_eq!(shown("tcp.options.timestamp.tsval"), [Field::TcpOptions, Field::TcpTimestamp]);
        assert_eq!(shown("ip.flags"), [Field::Flags]);
        assert_eq!(shown("tcp.flags"), []);
        assert!("ip.address".parse::<Field>().unwrap_err().contains("ip.addr, "));
    }
}
