//! `pkt_analyser`: flows as JSON, in the two forms of the program of that name: packets as hexadecimal text of their IP
//! packets, or header by header.
//!
//! Source: the output of Pkt_Analyser (pcap2json.py). Times are seconds and microseconds since 1970 UTC, rounded down;
//! lengths are bytes, by the lengths in the headers. Where a capture was cut, the text of the bytes is shorter than the
//! length that stands beside it.

use std::net::IpAddr;

use crate::decode::{Ip, Tcp, Transport, TransportKind, tcp_flag};

/// Nanoseconds in a microsecond, and microseconds in a second.
const MICRO: i64 = 1_000;
const SECOND: i64 = 1_000_000;

/// What a flow is known by: the sender and the receiver of its first packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonEnds {
    /// Address and port of the sender.
    pub source: (IpAddr, u16),
    /// Address and port of the receiver.
    pub destination: (IpAddr, u16),
    /// TCP; otherwise UDP.
    pub is_tcp: bool,
}

/// A flow as a whole.
#[derive(Debug, Clone, Copy)]
pub struct JsonFlow {
    /// Whose it is.
    pub ends: JsonEnds,
    /// Its packets in the output.
    pub packets: u32,
    /// The time of its first packet, in nanoseconds.
    pub start: i64,
    /// The first sequence numbers, forward and backward; 0 where there is none.
    pub first_numbers: [u32; 2],
}

/// A packet of a flow.
#[derive(Debug, Clone, Copy)]
pub struct JsonPacket<'a> {
    /// It goes the way of the first packet.
    pub forward: bool,
    /// Its time, in nanoseconds.
    pub time: i64,
    /// Nanoseconds since the flow began; never negative.
    pub since_start: i64,
    /// The first sequence number of its direction.
    pub first_number: u32,
    /// Its IP header.
    pub ip: &'a Ip<'a>,
    /// Its transport header.
    pub transport: &'a Transport<'a>,
}

/// Which of the two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonForm {
    /// An object for each flow, whose packets are text: without `-m`.
    Plain,
    /// An array for each flow, with the fields of each header: with `-m`; both directions are one flow, or not.
    Fields {
        /// Packets say their direction.
        both: bool,
    },
}

impl JsonForm {
    /// What stands before the packets of a flow, and behind them.
    pub fn around(self, flow: &JsonFlow) -> (String, String) {
        match self {
            Self::Plain => {
                let [forward, backward] = flow.first_numbers;
                let behind = format!(
                    "],\"start_time_stamp\":{},\"init_seq\":{forward},\"init_seq_backward\":{backward},\"flow_key\":{}}}\n",
                    time(flow.start, ["seconds", "microseconds"]),
                    ends(&flow.ends)
                );
                (format!("{{\"pkt_num\":{},\"pkt_info\":[", flow.packets), behind)
            }
            Self::Fields { .. } => (format!("[{}", ends(&flow.ends)), "]\n".to_owned()),
        }
    }

    /// What stands between two packets, or between what is before them and the first.
    pub fn separator(self, first: bool) -> &'static str {
        if first && self == Self::Plain { "" } else { "," }
    }

    /// Appends a packet.
    pub fn packet(self, packet: &JsonPacket, out: &mut Vec<u8>) {
        match self {
            Self::Plain => plain(packet, out),
            Self::Fields { both } => fields(packet, both, out),
        }
    }
}

fn plain(packet: &JsonPacket, out: &mut Vec<u8>) {
    let JsonPacket { forward, ip, transport, .. } = packet;
    let text = format!(
        "{{\"direction\":\"{}\",\"time_stamp\":{},\"data_len\":{},\"ip_content\":\"",
        if *forward { '>' } else { '<' },
        time(packet.time, ["seconds", "microseconds"]),
        transport.payload_length
    );
    out.extend_from_slice(text.as_bytes());
    hexadecimal(ip.header, out);
    hexadecimal(ip.payload, out);
    out.extend_from_slice(b"\"}");
}

fn fields(packet: &JsonPacket, both: bool, out: &mut Vec<u8>) {
    let JsonPacket { forward, ip, transport, .. } = packet;
    let direction = match both {
        true => format!("\"direction_forward\":{},\"direction_backward\":{},", u8::from(*forward), u8::from(!*forward)),
        false => String::new(),
    };
    // UDP has none of these.
    let none = Tcp {
        source: 0,
        destination: 0,
        sequence: 0,
        acknowledgement: 0,
        flags: 0,
        window: 0,
        urgent: 0,
        options: &[],
    };
    let (tcp, sequence) = match transport.kind {
        TransportKind::Tcp(tcp) => (tcp, tcp.sequence.wrapping_sub(packet.first_number)),
        _ => (none, 0),
    };
    let header = ip.header.len();
    let mut text = format!(
        "{{{direction}\"time\":{},\"data_len\":{},\"ip_len\":{},\"ip_hlen\":{header},\"ip_tos\":{},\"ip_ttl\":{},\
        \"th_seq\":{sequence},\"4layer_hdr_len\":{}",
        time(packet.since_start, ["sec_delta", "microsec_delta"]),
        transport.payload_length,
        header as u64 + u64::from(ip.payload_length),
        ip.tos,
        ip.ttl,
        transport.header_length
    );
    for (name, flag) in FLAGS {
        text.push_str(&format!(",\"{name}\":{}", u8::from(tcp.flags & flag != 0)));
    }
    text.push_str(&format!(",\"th_win\":{},\"th_urp\":{},\"data\":\"", tcp.window, tcp.urgent));
    out.extend_from_slice(text.as_bytes());
    hexadecimal(transport.payload, out);
    out.extend_from_slice(b"\"}");
}

/// The flags of TCP, in the order of the output.
const FLAGS: [(&str, u8); 8] = [
    ("URG", tcp_flag::URG),
    ("PSH", tcp_flag::PSH),
    ("RST", tcp_flag::RST),
    ("FIN", tcp_flag::FIN),
    ("ACK", tcp_flag::ACK),
    ("SYN", tcp_flag::SYN),
    ("ECE", tcp_flag::ECE),
    ("CWR", tcp_flag::CWR),
];

fn ends(ends: &JsonEnds) -> String {
    let ((source, source_port), (destination, destination_port)) = (ends.source, ends.destination);
    let protocol = if ends.is_tcp { "TCP" } else { "UDP" };
    format!(
        "{{\"source_addr\":\"{source}\",\"dest_addr\":\"{destination}\",\"source_port\":{source_port},\
        \"dest_port\":{destination_port},\"protocol\":\"{protocol}\"}}"
    )
}

fn time(nanoseconds: i64, [seconds, microseconds]: [&str; 2]) -> String {
    let micros = nanoseconds.div_euclid(MICRO);
    format!("{{\"{seconds}\":{},\"{microseconds}\":{}}}", micros.div_euclid(SECOND), micros.rem_euclid(SECOND))
}

fn hexadecimal(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend(bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]));
}
