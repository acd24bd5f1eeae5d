//! `bytes:N`: the first bytes of the IP packet, without what would give away who talks to whom.
//!
//! After Lotfollahi, Siavoshani, Shirali Hossein Zade and Saberian, "Deep Packet: a novel approach for encrypted traffic
//! classification using deep learning", Soft Computing 24 (2020), section "pre-processing": the link header is removed,
//! addresses are masked, 12 zeros follow the header of UDP so that payloads stand where those of TCP stand, and empty TCP
//! segments that open, close or acknowledge, and DNS, are left out. Beyond the paper, checksums are zeroed: those of IPv4,
//! TCP and UDP cover the masked addresses and would tell them.
//!
//! Zeroed are the addresses in the headers of IPv4 (record-route and source-route options included) and IPv6 (routing
//! headers, home address), in the packets that ICMP errors quote, in redirects, neighbour discovery, IGMP and MLD; not
//! those that other payloads hold. A later fragment has no transport header, and none of it is zeroed behind the IP
//! header; nor can it be seen there that it is of a DNS message. In a tunnel the innermost packet is taken; with the
//! outermost one asked for, what is inside the tunnel is payload, and stays as it is but for fields that are masked by name.

use super::blank::{Masks, blank};
use super::{Refused, begins};
use crate::decode::{Ip, TransportKind, protocol, tcp_flag};

/// The most bytes that a row may have: IP packets are not longer.
pub(super) const MAX_LENGTH: usize = 65_535;

/// The port of DNS.
const DNS: u16 = 53;

/// The bytes of a header of UDP.
const UDP_HEADER: usize = 8;

/// How much longer a header of TCP without options is.
const UDP_PADDING: usize = 12;

/// Rows of so many bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vectors {
    pub(super) length: usize,
}

impl Vectors {
    /// The bytes of a packet into `out`; zeros follow them up to the length of the row.
    pub(super) fn fill(&self, ip: &Ip, out: &mut Vec<u8>) {
        out.clear();
        self.append(ip.header, out);
        match ip.payload.split_at_checked(UDP_HEADER).filter(|_| ip.protocol == protocol::UDP && begins(ip)) {
            Some((header, payload)) => {
                self.append(header, out);
                self.append(&[0; UDP_PADDING], out);
                self.append(payload, out);
            }
            None => self.append(ip.payload, out),
        }
        blank(out, ip, Masks::default());
    }

    #[inline]
    fn append(&self, bytes: &[u8], out: &mut Vec<u8>) {
        let room = self.length.saturating_sub(out.len());
        out.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}

/// Sees that a packet is none of those that are left out.
///
/// # Errors
/// If it is one.
pub(super) fn check(ip: &Ip) -> Result<(), Refused> {
    match ip.ports() {
        Some((DNS, _) | (_, DNS)) if matches!(ip.protocol, protocol::TCP | protocol::UDP) => Err(Refused::Dns),
        _ if is_empty_segment(ip) => Err(Refused::EmptySegment),
        _ => Ok(()),
    }
}

/// True for a TCP segment without payload that opens, closes or acknowledges.
fn is_empty_segment(ip: &Ip) -> bool {
    if ip.protocol != protocol::TCP {
        return false;
    }
    match ip.transport() {
        Ok(transport) => match transport.kind {
            TransportKind::Tcp(tcp) => {
                transport.payload_length == 0 && tcp.flags & (tcp_flag::SYN | tcp_flag::ACK | tcp_flag::FIN) != 0
            }
            _ => false,
        },
        Err(_) => false,
    }
}
