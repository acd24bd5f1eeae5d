//! What single fields say in a sample's first packets: where one of them alone tells the label, it is a shortcut.
//!
//! Each end of a sample is asked apart. The ends are those of its first IP packet: its initiator is who sent that, or
//! whom it answers if it accepts a connection. A field's value is that of the first packet of that end that has it, of
//! the first [`LOOKED`] packets; addresses and ports are known also of an end that sends nothing. Headers are the outermost
//! ones.

use std::net::IpAddr;

use super::checksum::Checksum;
use crate::decode::{Ip, Layers, Tcp, TransportKind, tcp_flag};
use crate::packet::{LinkType, Packet};
use crate::time::Resolution;

/// Packets of each sample that are looked at.
pub const LOOKED: u8 = 32;

/// Kinds of options that are told, at most: the first ones.
const KINDS: usize = 16;

/// The kinds of the options of a header in their order, zeros behind them.
pub type Layout = [u8; KINDS];

/// What fields say in the first packets of a sample.
#[derive(Debug, Clone, Default)]
pub struct FirstFields {
    /// What is said of its first packet besides its bytes.
    pub frame: Option<FrameFields>,
    /// The most bytes that were captured of a packet, of all its packets.
    pub largest: u32,
    /// How many decimals of a second the times have that have most.
    pub decimals: u8,
    /// The outermost VLAN of its first packet with a link layer that has hardware addresses: its number and 1, 0 if it is in none.
    pub vlan: Option<u16>,
    /// The IP protocol of its first IP packet.
    pub protocol: Option<u8>,
    /// Its initiator, and the other end.
    pub ends: [EndFields; 2],
    looked: u8,
}

/// What a capture says of a packet besides its bytes.
#[derive(Debug, Clone, Copy)]
pub struct FrameFields {
    /// The link type.
    pub link_type: LinkType,
    /// The interface's number.
    pub interface: u32,
    /// The most bytes that the interface kept.
    pub snap_length: u32,
    /// The unit of times.
    pub resolution: Resolution,
    /// The bytes that were captured.
    pub captured: u32,
}

/// What fields say in the first packets of one end.
#[derive(Debug, Clone, Default)]
pub struct EndFields {
    /// Its IP address.
    pub address: Option<IpAddr>,
    /// The hardware address that its packets come from.
    pub hardware: Option<[u8; 6]>,
    /// Its port.
    pub port: Option<u16>,
    /// Time to live, or hop limit.
    pub ttl: Option<u8>,
    /// Type of service, or traffic class.
    pub service: Option<u8>,
    /// The identification of IPv4.
    pub identification: Option<u16>,
    /// The three flags of IPv4.
    pub flags: Option<u8>,
    /// The flow label of IPv6.
    pub flow_label: Option<u32>,
    /// The options of IPv4.
    pub options: Option<Layout>,
    /// The window of TCP.
    pub window: Option<u16>,
    /// The sequence number of TCP.
    pub sequence: Option<u32>,
    /// The options of TCP.
    pub tcp_options: Option<Layout>,
    /// The largest segment that it takes.
    pub segment: Option<u16>,
    /// How its window is scaled.
    pub scale: Option<u8>,
    /// What its clock says.
    pub timestamp: Option<u32>,
    /// Checksums of the IP and the transport header.
    pub checksums: Option<(Checksum, Checksum)>,
    /// The first byte behind the transport header.
    pub payload: Option<u8>,
}

impl FirstFields {
    /// Takes a packet of the sample.
    pub(super) fn take(&mut self, packet: &Packet, layers: &Layers) {
        let captured = packet.bytes.len() as u32;
        self.largest = self.largest.max(captured);
        if self.looked == LOOKED {
            return;
        }
        self.looked += 1;
        let interface = packet.interface;
        self.frame.get_or_insert(FrameFields {
            link_type: interface.link_type,
            interface: interface.number,
            snap_length: interface.snap_len,
            resolution: interface.resolution,
            captured,
        });
        self.decimals = self.decimals.max(packet.time().map_or(0, |time| decimals(time.subsecond_nanos())));
        if layers.hardware.is_some() {
            self.vlan.get_or_insert(layers.vlan.map_or(0, |vlan| vlan + 1));
        }
        if let Some(ip) = layers.ip() {
            self.take_ip(ip, layers);
        }
    }

    fn take_ip(&mut self, ip: &Ip, layers: &Layers) {
        let [initiator, responder] = &mut self.ends;
        if self.protocol.is_none() {
            self.protocol = Some(ip.protocol);
            let ends = (Some(ip.source), Some(ip.destination));
            (initiator.address, responder.address) = if accepts(ip) { (ends.1, ends.0) } else { ends };
        }
        let (end, other) = match Some(ip.source) {
            source if source == initiator.address => (initiator, responder),
            source if source == responder.address => (responder, initiator),
            _ => return,
        };
        // A port is known also where nobody answers from it.
        if let Some((from, to)) = ip.ports() {
            end.port.get_or_insert(from);
            if Some(ip.destination) == other.address {
                other.port.get_or_insert(to);
            }
        }
        if let Some(hardware) = layers.hardware {
            end.hardware.get_or_insert(hardware.source);
        }
        end.take(ip);
    }
}

impl EndFields {
    fn take(&mut self, ip: &Ip) {
        self.ttl.get_or_insert(ip.ttl);
        self.service.get_or_insert(ip.tos);
        if let Some(&[_, _, _, _, high, low, flags, _, ..]) = ip.header.get(..20).filter(|_| ip.source.is_ipv4()) {
            self.identification.get_or_insert(u16::from_be_bytes([high, low]));
            self.flags.get_or_insert(flags >> 5);
            self.options.get_or_insert_with(|| layout(ip.header.get(20..).unwrap_or_default(), |_, _| {}));
        } else if let Some(&[_, first, second, third]) = ip.header.get(..4) {
            self.flow_label.get_or_insert(u32::from_be_bytes([0, first & 0xf, second, third]));
        }
        let Ok(transport) = ip.transport() else { return };
        if !matches!(transport.kind, TransportKind::Fragment) {
            self.checksums.get_or_insert_with(|| (Checksum::of_header(ip), Checksum::of_transport(ip)));
        }
        match transport.kind {
            TransportKind::Tcp(tcp) => self.take_tcp(&tcp),
            TransportKind::Ports(..) => {}
            _ => return,
        }
        if let Some(first) = transport.payload.first() {
            self.payload.get_or_insert(*first);
        }
    }

    fn take_tcp(&mut self, tcp: &Tcp) {
        self.window.get_or_insert(tcp.window);
        self.sequence.get_or_insert(tcp.sequence);
        let Self { tcp_options, segment, scale, timestamp, .. } = self;
        let layout = layout(tcp.options, |kind, value| match (kind, value) {
            (2, &[high, low]) => drop(segment.get_or_insert(u16::from_be_bytes([high, low]))),
            (3, &[shift]) => drop(scale.get_or_insert(shift)),
            (8, &[a, b, c, d, ..]) => drop(timestamp.get_or_insert(u32::from_be_bytes([a, b, c, d]))),
            _ => {}
        });
        tcp_options.get_or_insert(layout);
    }
}

/// True if it accepts a connection.
fn accepts(ip: &Ip) -> bool {
    ip.transport().is_ok_and(|transport| match transport.kind {
        TransportKind::Tcp(tcp) => tcp.flags & tcp_flag::SYN != 0 && tcp.flags & tcp_flag::ACK != 0,
        _ => false,
    })
}

/// The kinds of options, of which IP and TCP have the same form: kind, length, value; 0 ends them, 1 fills.
fn layout(mut options: &[u8], mut each: impl FnMut(u8, &[u8])) -> Layout {
    let mut kinds = Layout::default();
    let mut places = kinds.iter_mut();
    while let Some((&kind, rest)) = options.split_first() {
        if let Some(place) = places.next() {
            *place = kind;
        }
        options = match (kind, rest) {
            (0, _) => break,
            (1, _) => rest,
            (_, [length, ..]) => {
                let Some((option, behind)) = options.split_at_checked(usize::from((*length).max(2))) else { break };
                each(kind, option.get(2..).unwrap_or_default());
                behind
            }
            (_, []) => break,
        };
    }
    kinds
}

/// How many decimals a part of a second needs.
fn decimals(nanoseconds: u32) -> u8 {
    let zeros = (1..=9).take_while(|zeros| nanoseconds.is_multiple_of(10_u32.pow(*zeros))).count();
    9 - zeros as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_by_their_kinds() {
        let mut values = Vec::new();
        let syn = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7];
        let kinds = layout(&syn, |kind, value| values.push((kind, value.len())));
        assert_eq!(kinds[..6], [2, 4, 8, 1, 3, 0]);
        assert_eq!(values, [(2, 2), (4, 0), (8, 8), (3, 1)]);
    }

    #[test]
    fn options_that_make_no_sense_end() {
        for cut in 0..4 {
            layout(&[8, 10, 1, 2][..cut], |_, _| panic!("nothing is whole"));
        }
        assert_eq!(layout(&[5, 0, 6, 1, 7], |_, _| {})[..4], [5, 6, 7, 0]);
        assert_eq!(layout(&[1; 40], |_, _| {}), [1; KINDS]);
    }

    #[test]
    fn decimals_are_counted() {
        for (nanoseconds, expected) in [(0, 0), (500_000_000, 1), (123_456_000, 6), (1, 9), (120, 8)] {
            assert_eq!(decimals(nanoseconds), expected, "{nanoseconds}");
        }
    }
}
