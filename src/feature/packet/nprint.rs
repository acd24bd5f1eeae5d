//! `nprint:…`: each bit of a header in a column of its own, as nPrint 1.2 has them.
//!
//! Holland, Schmitt, Feamster and Mittal, "New Directions in Automated Traffic Analysis", CCS 2021. A header has the room
//! of its longest form (60 bytes of IPv4 and of TCP); where it is absent, shorter or cut, -1 stands, or what is asked for.
//! Bits stand from the highest of each byte down. The order of headers is nPrint's, whatever the order they were asked in.
//!
//! Other than nPrint, which takes the outermost IP header of untagged Ethernet, we find headers behind VLAN tags, MPLS
//! labels, IPv6 extension headers and in tunnels; later fragments have no transport header; `icmp` holds ICMPv6 too, whose
//! header has the same form.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::{Captured, begins};
use crate::decode::{Ip, protocol};
use crate::packet::LinkType;
use crate::table::{Column, ColumnKind};

/// The most bytes of payload.
const MAX_PAYLOAD: usize = 65_535;

/// Which header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Header {
    Ethernet,
    Ipv4,
    Ipv6,
    Tcp,
    Udp,
    Icmp,
    Payload,
}

/// A header: how it is asked for, and what it is made of.
struct Layout {
    header: Header,
    /// How it is asked for: `tcp` in `nprint:4,tcp`.
    word: &'static str,
    /// The column of its bits, where they stand in one.
    column: &'static str,
    doc: &'static str,
    /// The names of its fields, their widths in bits, and what they are.
    fields: &'static [(&'static str, usize, &'static str)],
}

/// All headers, in nPrint's order.
const LAYOUTS: &[Layout] = &[
    Layout {
        header: Header::Ethernet,
        word: "eth",
        column: "eth",
        doc: "The bits of the Ethernet header.",
        fields: &[
            ("eth_dhost", 48, "Destination address."),
            ("eth_shost", 48, "Source address."),
            ("eth_ethertype", 16, "Ether type."),
        ],
    },
    Layout {
        header: Header::Ipv4,
        word: "4",
        column: "ipv4",
        doc: "The bits of the IPv4 header.",
        fields: &[
            ("ipv4_ver", 4, "Version."),
            ("ipv4_hl", 4, "Header length, in words of 4 bytes."),
            ("ipv4_tos", 8, "Type of service."),
            ("ipv4_tl", 16, "Total length, in bytes."),
            ("ipv4_id", 16, "Identification."),
            ("ipv4_rbit", 1, "Reserved flag."),
            ("ipv4_dfbit", 1, "Don't fragment."),
            ("ipv4_mfbit", 1, "More fragments."),
            ("ipv4_foff", 13, "Fragment offset, in units of 8 bytes."),
            ("ipv4_ttl", 8, "Time to live."),
            ("ipv4_proto", 8, "Protocol."),
            ("ipv4_cksum", 16, "Header checksum."),
            ("ipv4_src", 32, "Source address."),
            ("ipv4_dst", 32, "Destination address."),
            ("ipv4_opt", 320, "Options."),
        ],
    },
    Layout {
        header: Header::Ipv6,
        word: "6",
        column: "ipv6",
        doc: "The bits of the IPv6 header, without extension headers.",
        fields: &[
            ("ipv6_ver", 4, "Version."),
            ("ipv6_tc", 8, "Traffic class."),
            ("ipv6_fl", 20, "Flow label."),
            ("ipv6_len", 16, "Payload length, in bytes."),
            ("ipv6_nh", 8, "Next header."),
            ("ipv6_hl", 8, "Hop limit."),
            ("ipv6_src", 128, "Source address."),
            ("ipv6_dst", 128, "Destination address."),
        ],
    },
    Layout {
        header: Header::Tcp,
        word: "tcp",
        column: "tcp",
        doc: "The bits of the TCP header.",
        fields: &[
            ("tcp_sprt", 16, "Source port."),
            ("tcp_dprt", 16, "Destination port."),
            ("tcp_seq", 32, "Sequence number."),
            ("tcp_ackn", 32, "Acknowledgement number."),
            ("tcp_doff", 4, "Data offset, in words of 4 bytes."),
            ("tcp_res", 3, "Reserved."),
            ("tcp_ns", 1, "NS flag (RFC 3540), reserved again or AE today."),
            ("tcp_cwr", 1, "CWR flag."),
            ("tcp_ece", 1, "ECE flag."),
            ("tcp_urg", 1, "URG flag."),
            ("tcp_ackf", 1, "ACK flag."),
            ("tcp_psh", 1, "PSH flag."),
            ("tcp_rst", 1, "RST flag."),
            ("tcp_syn", 1, "SYN flag."),
            ("tcp_fin", 1, "FIN flag."),
            ("tcp_wsize", 16, "Window, not scaled."),
            ("tcp_cksum", 16, "Checksum."),
            ("tcp_urp", 16, "Urgent pointer."),
            ("tcp_opt", 320, "Options."),
        ],
    },
    Layout {
        header: Header::Udp,
        word: "udp",
        column: "udp",
        doc: "The bits of the UDP header.",
        fields: &[
            ("udp_sport", 16, "Source port."),
            ("udp_dport", 16, "Destination port."),
            ("udp_len", 16, "Length, in bytes."),
            ("udp_cksum", 16, "Checksum."),
        ],
    },
    Layout {
        header: Header::Icmp,
        word: "icmp",
        column: "icmp",
        doc: "The bits of the first 8 bytes of the ICMP or ICMPv6 message.",
        fields: &[
            ("icmp_type", 8, "Type."),
            ("icmp_code", 8, "Code."),
            ("icmp_cksum", 16, "Checksum."),
            ("icmp_roh", 32, "Rest of the header."),
        ],
    },
];

/// What the column of payload is called, and its bits.
const PAYLOAD: (&str, &str, &str) =
    ("payload", "payload_bit", "The bits of the first bytes behind the transport header.");

/// How payload is asked for.
const PAYLOAD_WORD: &str = "payload=";

/// Each byte as its bits, the highest first.
const BITS: [[i8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut value = 0;
    while value < 256 {
        let mut bit = 0;
        while bit < 8 {
            table[value][bit] = (value >> (7 - bit) & 1) as i8;
            bit += 1;
        }
        value += 1;
    }
    table
};

/// The headers that were asked for.
#[derive(Debug, Clone)]
pub(super) struct Nprint {
    parts: Vec<Part>,
    /// How many bits a row has.
    width: usize,
    /// What stands where a header is absent.
    fill: i8,
}

/// A header, and where its bits stand.
#[derive(Debug, Clone)]
struct Part {
    header: Header,
    place: Range<usize>,
}

/// True if a word names a header.
pub(super) fn is_header(word: &str) -> bool {
    word.starts_with(PAYLOAD_WORD) || LAYOUTS.iter().any(|layout| layout.word == word)
}

/// All words that name headers.
pub(super) fn words() -> String {
    let words: Vec<&str> = LAYOUTS.iter().map(|layout| layout.word).collect();
    format!("{},{PAYLOAD_WORD}N", words.join(","))
}

impl Nprint {
    /// The headers that these words name, with `fill` where they are absent; none if one of them is wrong.
    pub(super) fn of(words: &[&str], fill: i8) -> Option<Self> {
        let mut headers = Vec::new();
        for word in words {
            headers.push(match word.strip_prefix(PAYLOAD_WORD) {
                Some(number) => {
                    let bytes = number.parse().ok().filter(|bytes| (1..=MAX_PAYLOAD).contains(bytes))?;
                    (Header::Payload, 8 * bytes)
                }
                None => {
                    let layout = LAYOUTS.iter().find(|layout| layout.word == *word)?;
                    (layout.header, layout.bits())
                }
            });
        }
        headers.sort_unstable();
        let twice = headers.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other));
        if twice || headers.is_empty() {
            return None;
        }
        let mut end = 0;
        let place = |(header, bits): (Header, usize)| {
            let start = end;
            end += bits;
            Part { header, place: start..end }
        };
        let parts: Vec<Part> = headers.into_iter().map(place).collect();
        Some(Self { parts, width: end, fill })
    }

    /// A column for each header, and where its bits stand in a row.
    pub(super) fn columns(&self) -> impl Iterator<Item = (Column, Range<usize>)> {
        self.parts.iter().map(|part| {
            let (name, doc) = match part.header.layout() {
                Some(layout) => (layout.column, layout.doc),
                None => (PAYLOAD.0, PAYLOAD.2),
            };
            let column = Column::new(name, ColumnKind::Signs(part.names()), doc).of_unit("bits");
            (column, part.place.clone())
        })
    }

    /// The bits of a packet into `out`.
    pub(super) fn fill(&self, packet: &Captured, ip: &Ip, out: &mut Vec<i8>) {
        out.resize(self.width, self.fill);
        for part in &self.parts {
            let bytes = part.header.bytes(packet, ip);
            let room = out.get_mut(part.place.clone()).unwrap_or_default();
            let (there, absent) = room.split_at_mut(room.len().min(8 * bytes.len()));
            for (bits, &byte) in there.as_chunks_mut().0.iter_mut().zip(bytes) {
                *bits = BITS[usize::from(byte)];
            }
            absent.fill(self.fill);
        }
    }
}

impl Header {
    /// What it is made of; none of payload, which has no fields.
    fn layout(self) -> Option<&'static Layout> {
        LAYOUTS.iter().find(|layout| layout.header == self)
    }

    /// Its bytes in a packet, as far as they are captured; empty if it is absent.
    fn bytes<'a>(self, packet: &Captured<'a>, ip: &Ip<'a>) -> &'a [u8] {
        let of = |number: u8, length: usize| match ip.protocol == number && begins(ip) {
            true => ip.payload.get(..length).unwrap_or(ip.payload),
            false => &[],
        };
        match self {
            Self::Ethernet if packet.link_type == LinkType(1) => packet.bytes.get(..14).unwrap_or(packet.bytes),
            Self::Ethernet => &[],
            Self::Ipv4 if ip.source.is_ipv4() => ip.header,
            Self::Ipv6 if ip.source.is_ipv6() => ip.header.get(..40).unwrap_or(ip.header),
            Self::Ipv4 | Self::Ipv6 => &[],
            Self::Tcp => {
                let words = ip.payload.get(12).map_or(5, |offset| offset >> 4).max(5);
                of(protocol::TCP, usize::from(words) * 4)
            }
            Self::Udp => of(protocol::UDP, 8),
            Self::Icmp if ip.source.is_ipv4() => of(protocol::ICMP, 8),
            Self::Icmp => of(protocol::ICMPV6, 8),
            Self::Payload => ip.transport().map_or(&[], |transport| transport.payload),
        }
    }
}

impl Layout {
    fn bits(&self) -> usize {
        self.fields.iter().map(|(_, bits, _)| bits).sum()
    }
}

impl Part {
    fn names(&self) -> &'static [&'static str] {
        match LAYOUTS.iter().position(|layout| layout.header == self.header) {
            Some(at) => NAMES.get(at).map_or(&[], Vec::as_slice),
            None => payload_names(self.place.len()),
        }
    }
}

/// The names of the bits of each header.
static NAMES: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    LAYOUTS
        .iter()
        .map(|layout| layout.fields.iter().flat_map(|&(field, bits, _)| numbered(field, bits)).collect())
        .collect()
});

fn numbered(field: &str, bits: usize) -> impl Iterator<Item = &'static str> {
    (0..bits).map(move |bit| &*format!("{field}_{bit}").leak())
}

/// The names of so many bits of payload. They stay in memory, once for each number that was asked for: columns borrow
/// names for as long as the program runs.
fn payload_names(bits: usize) -> &'static [&'static str] {
    static TABLES: Mutex<BTreeMap<usize, &'static [&'static str]>> = Mutex::new(BTreeMap::new());
    let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
    tables.entry(bits).or_insert_with(|| numbered(PAYLOAD.1, bits).collect::<Vec<_>>().leak())
}

/// What the dictionary says: the names of each field's bits, and what it is.
pub(super) fn dictionary() -> impl Iterator<Item = (String, &'static str)> {
    let field = |&(field, bits, doc): &(&str, usize, &'static str)| match bits {
        1 => (format!("{field}_0"), doc),
        _ => (format!("{field}_0..{field}_{}", bits - 1), doc),
    };
    let payload = (format!("{0}_0..{0}_8N-1", PAYLOAD.1), PAYLOAD.2);
    LAYOUTS.iter().flat_map(|layout| layout.fields).map(field).chain([payload])
}
