//! Transport headers behind an IP header: what flows and features are made of.
//!
//! Sources: RFC 9293 (TCP), 768 (UDP), 9260 (SCTP), 4340 (DCCP), 792 and 4443 (ICMP).

use super::ip::{Ip, protocol};

/// The header behind an IP header, and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transport<'a> {
    /// Which one.
    pub kind: TransportKind<'a>,
    /// How long it is, in bytes; 0 where the protocol is not known.
    pub header_length: u32,
    /// What is captured of its payload.
    pub payload: &'a [u8],
    /// How long the payload was on the wire, in bytes.
    pub payload_length: u32,
}

/// Transport protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportKind<'a> {
    /// TCP.
    Tcp(Tcp<'a>),
    /// UDP, UDP-Lite, SCTP or DCCP: source and destination port.
    Ports(u16, u16),
    /// ICMP or ICMPv6.
    Icmp {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
        /// The identifier of messages that have one; otherwise 0.
        identifier: u16,
    },
    /// Another protocol.
    Other,
    /// Data of a fragment that is not the first.
    Fragment,
}

/// A TCP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tcp<'a> {
    /// Source port.
    pub source: u16,
    /// Destination port.
    pub destination: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// CWR, ECE, URG, ACK, PSH, RST, SYN, FIN, from the highest bit down.
    pub flags: u8,
    /// Window, not scaled.
    pub window: u16,
    /// Urgent pointer.
    pub urgent: u16,
    /// Its options, as far as they are captured.
    pub options: &'a [u8],
}

/// The flags of TCP, in [`Tcp::flags`].
pub mod tcp_flag {
    /// FIN.
    pub const FIN: u8 = 0x01;
    /// SYN.
    pub const SYN: u8 = 0x02;
    /// RST.
    pub const RST: u8 = 0x04;
    /// PSH.
    pub const PSH: u8 = 0x08;
    /// ACK.
    pub const ACK: u8 = 0x10;
    /// URG.
    pub const URG: u8 = 0x20;
    /// ECE.
    pub const ECE: u8 = 0x40;
    /// CWR.
    pub const CWR: u8 = 0x80;
}

/// Why there is no transport header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTransport {
    /// It was cut.
    Cut,
    /// It contradicts itself, or is longer than its packet.
    Broken,
}

impl<'a> Ip<'a> {
    /// The transport header.
    ///
    /// # Errors
    /// It is not wholly captured, or makes no sense.
    #[inline]
    pub fn transport(&self) -> Result<Transport<'a>, NoTransport> {
        if self.fragment.is_some_and(|fragment| !fragment.first) {
            return Ok(self.behind(TransportKind::Fragment, 0));
        }
        let [first, second, third, fourth, ..] = *self.payload else {
            return match least(self.protocol) {
                0 => Ok(self.behind(TransportKind::Other, 0)),
                length => Err(self.shorter_than(length)),
            };
        };
        let ports = (u16::from_be_bytes([first, second]), u16::from_be_bytes([third, fourth]));
        let (kind, length) = match self.protocol {
            protocol::TCP => return self.tcp(),
            protocol::UDP | protocol::UDP_LITE => (TransportKind::Ports(ports.0, ports.1), 8),
            protocol::SCTP => (TransportKind::Ports(ports.0, ports.1), 12),
            // Its data offset counts words.
            protocol::DCCP => {
                let words = self.payload.get(4).map_or(0, |words| u32::from(*words) * 4);
                (TransportKind::Ports(ports.0, ports.1), words.max(12))
            }
            protocol::ICMP | protocol::ICMPV6 => (self.icmp_kind(first, second), 8),
            _ => (TransportKind::Other, 0),
        };
        if self.payload_length < length {
            // ICMP messages of 4 bytes exist: the rest of the header is unused.
            return match kind {
                TransportKind::Icmp { .. } => Ok(self.behind(kind, self.payload_length)),
                _ => Err(NoTransport::Broken),
            };
        }
        if self.payload.len() < length as usize {
            return Err(NoTransport::Cut);
        }
        Ok(self.behind(kind, length))
    }

    fn tcp(&self) -> Result<Transport<'a>, NoTransport> {
        let Some(header) = self.payload.first_chunk::<20>() else {
            return Err(self.shorter_than(20));
        };
        let [s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags, w0, w1, _, _, u0, u1] = *header;
        let length = u32::from(offset >> 4) * 4;
        if length < 20 || length > self.payload_length {
            return Err(NoTransport::Broken);
        }
        if self.payload.len() < length as usize {
            return Err(NoTransport::Cut);
        }
        let tcp = Tcp {
            source: u16::from_be_bytes([s0, s1]),
            destination: u16::from_be_bytes([d0, d1]),
            sequence: u32::from_be_bytes([q0, q1, q2, q3]),
            acknowledgement: u32::from_be_bytes([a0, a1, a2, a3]),
            flags,
            window: u16::from_be_bytes([w0, w1]),
            urgent: u16::from_be_bytes([u0, u1]),
            options: self.payload.get(20..length as usize).unwrap_or_default(),
        };
        Ok(self.behind(TransportKind::Tcp(tcp), length))
    }

    fn icmp_kind(&self, kind: u8, code: u8) -> TransportKind<'a> {
        let has_identifier = match self.protocol {
            // Echo, timestamp, information, mask and extended echo requests and answers.
            protocol::ICMP => matches!(kind, 0 | 8 | 13..=18 | 42 | 43),
            _ => matches!(kind, 128 | 129 | 144..=147 | 160 | 161),
        };
        let identifier = match *self.payload {
            [_, _, _, _, i0, i1, ..] if has_identifier => u16::from_be_bytes([i0, i1]),
            _ => 0,
        };
        TransportKind::Icmp { kind, code, identifier }
    }

    /// What follows a header of `length` bytes.
    fn behind(&self, kind: TransportKind<'a>, length: u32) -> Transport<'a> {
        Transport {
            kind,
            header_length: length,
            payload: self.payload.get(length as usize..).unwrap_or_default(),
            payload_length: self.payload_length.saturating_sub(length),
        }
    }

    /// Why a header of `length` bytes is not there.
    fn shorter_than(&self, length: u32) -> NoTransport {
        if self.payload_length < length { NoTransport::Broken } else { NoTransport::Cut }
    }
}

/// The length of a protocol's header, in bytes; 0 of those that have none of their own here.
fn least(number: u8) -> u32 {
    match number {
        protocol::TCP => 20,
        protocol::SCTP | protocol::DCCP => 12,
        protocol::UDP | protocol::UDP_LITE | protocol::ICMP | protocol::ICMPV6 => 8,
        _ => 0,
    }
}
