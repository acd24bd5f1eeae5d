//! Where each header of a packet stands, from the link layer to the innermost transport header.
//!
//! It is the same way that [`crate::decode::innermost`] goes, and a test holds both together; but it notes every header on
//! it, those of tunnels and quoted packets included, and goes on into what ICMP errors quote. Only places are noted: whoever
//! changes a packet reads and writes its bytes there.

mod link;
mod network;
#[cfg(test)]
mod tests;
mod transport;
mod tunnel;

pub(super) use link::radiotap_time;

use crate::decode::{MAX_TUNNELS, OtherKind};
use crate::packet::LinkType;

/// Headers of one packet, at most.
const MAX_HEADERS: usize = 96;

/// IP headers of one packet, at most: of tunnels, and of what is quoted.
const MAX_IP: u8 = MAX_TUNNELS as u8 + 2;

/// What a header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the standards' own")]
pub enum Kind {
    Ethernet,
    Fddi,
    /// LINUX_SLL.
    Cooked,
    /// LINUX_SLL2.
    Cooked2,
    /// The number before IP of NULL and LOOP.
    Loopback,
    Ipnet,
    CiscoHdlc,
    Radiotap,
    /// The MAC header of IEEE 802.11, of any type.
    Wifi,
    /// The header of the first part of an aggregate (A-MSDU): destination, source, length.
    WifiAggregate,
    /// Tag and ether type.
    Vlan,
    /// IEEE 802.2, with SNAP if it is there.
    Llc,
    Mpls,
    /// The control word of a pseudowire.
    ControlWord,
    Pppoe,
    Ppp,
    /// ARP and RARP, whole.
    Arp,
    /// With its options.
    Ipv4,
    /// Without its extension headers, which follow.
    Ipv6,
    HopByHop,
    Routing,
    FragmentHeader,
    DestinationOptions,
    Ah,
    Tcp,
    Udp,
    UdpLite,
    Sctp,
    Dccp,
    /// ICMP: eight bytes of errors and echo messages, other messages whole.
    Icmp,
    /// ICMPv6: eight bytes of errors and echo messages, other messages whole.
    Icmpv6,
    /// IGMP, whole.
    Igmp,
    /// Security parameters index and sequence number.
    Esp,
    Gre,
    Vxlan,
    Geneve,
    GtpU,
    /// What stands between UDP and the packet inside: authentication and origin, perhaps of no length.
    Teredo,
    /// What a transport header carries; of a later fragment, what the first one's would.
    Payload,
}

/// A header, or the payload, and where it stands. Counted from the packet's first byte; what was cut has no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// Behind the last byte of what it carries.
    pub limit: usize,
    /// Where the IP header stands among the headers that this one is, or belongs to, or is behind.
    pub ip: Option<usize>,
    /// It is in a packet that an ICMP error quotes.
    pub quoted: bool,
}

/// Why no further header was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stop {
    /// All was understood: a payload follows, or nothing does.
    #[default]
    Whole,
    /// What the link layer carries is no protocol that is known here.
    Other(OtherKind),
    /// What an IP header carries is no protocol that is known here.
    Protocol(u8),
    /// A message of ICMP, ICMPv6 or IGMP of this type, which is not known here.
    Message(Kind, u8),
    /// A header is not wholly captured.
    Cut,
    /// A header contradicts itself.
    Broken,
    /// More headers in each other than are followed.
    TooDeep,
    /// A link type that is not decoded.
    LinkType(LinkType),
}

/// The headers of one packet; to be used for many, one after the other.
#[derive(Debug, Default)]
pub struct Walk {
    headers: Vec<Header>,
    stop: Stop,
}

impl Walk {
    /// Finds the headers of a packet.
    pub fn walk(&mut self, link_type: LinkType, bytes: &[u8]) {
        self.headers.clear();
        let mut walker = Walker {
            bytes,
            headers: &mut self.headers,
            limit: bytes.len(),
            ip: None,
            ips: 0,
            quoted: false,
            fragmented: false,
        };
        let mut next = walker.link(link_type);
        self.stop = loop {
            next = match next {
                Next::Stop(stop) => break stop,
                _ if walker.headers.len() >= MAX_HEADERS => Next::Stop(Stop::TooDeep),
                Next::Ethernet(at) => walker.ethernet(at),
                Next::Typed(ether, at) => walker.typed(ether, at),
                Next::Llc(at) => walker.llc(at),
                Next::Mpls(at) => walker.mpls(at),
                Next::Ppp(at) => walker.ppp(at),
                Next::Ip(at) => walker.ip(at),
                Next::Protocol(number, at) => walker.protocol(number, at),
            };
        };
    }

    /// The headers, outermost first.
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// Why there are no more.
    pub fn stop(&self) -> Stop {
        self.stop
    }
}

/// What stands at a place.
#[derive(Debug, Clone, Copy)]
enum Next {
    Ethernet(usize),
    /// What an ether type says.
    Typed(u16, usize),
    Llc(usize),
    Mpls(usize),
    Ppp(usize),
    Ip(usize),
    /// What an IP protocol number says.
    Protocol(u8, usize),
    Stop(Stop),
}

/// A walk on its way.
struct Walker<'a> {
    bytes: &'a [u8],
    headers: &'a mut Vec<Header>,
    /// Where the bytes of the layer end that the walk is in.
    limit: usize,
    ip: Option<usize>,
    /// How many IP headers were met.
    ips: u8,
    quoted: bool,
    /// The datagram of the last of them is not whole.
    fragmented: bool,
}

impl<'a> Walker<'a> {
    /// The bytes of this layer from `at` on.
    fn rest(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at..self.limit).unwrap_or_default()
    }

    /// Notes a header of `length` bytes, if it is whole; what follows it.
    fn header(&mut self, kind: Kind, at: usize, length: usize) -> Result<usize, Next> {
        let end = at.saturating_add(length);
        if end > self.limit {
            return Err(Next::Stop(Stop::Cut));
        }
        self.headers.push(Header { kind, start: at, end, limit: self.limit, ip: self.ip, quoted: self.quoted });
        Ok(end)
    }

    /// Notes a header that fills what is left of its layer.
    fn whole(&mut self, kind: Kind, at: usize) -> Next {
        match self.header(kind, at, self.limit.saturating_sub(at)) {
            Ok(_) => Next::Stop(Stop::Whole),
            Err(next) => next,
        }
    }
}

/// The next step, whether or not it was possible to go on.
fn either(next: Result<Next, Next>) -> Next {
    match next {
        Ok(next) | Err(next) => next,
    }
}
