//! The fields of packets that can be hidden, by names after Wireshark's.

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
    /// IP addresses of both ends, in ARP too.
    Address,
    /// Time to live, or hop limit.
    Ttl,
    /// The identification of IPv4.
    Identification,
    /// DSCP and ECN: type of service, or traffic class.
    Service,
    /// The reserved bit, "don't fragment" and "more fragments" of IPv4.
    Flags,
    /// Options of IPv4.
    Options,
    /// The flow label of IPv6.
    FlowLabel,
    /// Ports of both ends, of any transport protocol that has them.
    Port,
    /// Sequence and acknowledgement numbers.
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

    /// What it is, for people.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Time => "The time of the packet.",
            Self::Hardware => "Hardware addresses of both ends.",
            Self::Vlan => "The numbers of VLANs.",
            Self::Address => "IPv4 and IPv6 addresses of both ends, in ARP too.",
            Self::Ttl => "Time to live, or hop limit.",
            Self::Identification => "The identification of IPv4.",
            Self::Service => "DSCP and ECN: type of service, or traffic class.",
            Self::Flags => "The flags of IPv4: reserved, don't fragment, more fragments.",
            Self::Options => "Options of IPv4.",
            Self::FlowLabel => "The flow label of IPv6.",
            Self::Port => "Ports of both ends, of TCP, UDP, SCTP and DCCP.",
            Self::Sequence => "TCP's sequence and acknowledgement numbers.",
            Self::Window => "TCP's window.",
            Self::TcpOptions => "All options of TCP.",
            Self::TcpTimestamp => "The values of TCP's timestamps.",
            Self::Checksum => "Checksums of IP and transport headers: they tell what they cover.",
            Self::Payload => "What follows the transport header.",
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
        let found = Self::ALL.into_iter().find(|field| field.name() == text);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.into_iter().map(Self::name).collect();
            format!("'{text}' is no field that can be hidden; there are {}", names.join(", "))
        })
    }
}

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
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Field::ALL.len());
        assert!("ip.address".parse::<Field>().unwrap_err().contains("ip.addr, "));
    }
}
