use proptest::prelude::*;

use super::*;
use crate::decode;

fn kinds(link_type: u16, bytes: &[u8]) -> (Vec<Kind>, Stop) {
    let mut walk = Walk::default();
    walk.walk(LinkType(link_type), bytes);
    (walk.headers().iter().map(|header| header.kind).collect(), walk.stop())
}

/// An IPv4 header for a payload of this protocol, and the payload.
fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let total = (20 + payload.len()) as u16;
    let mut packet = vec![0x45, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    packet[2..4].copy_from_slice(&total.to_be_bytes());
    packet.extend(payload);
    packet
}

fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let mut datagram = vec![0x99, 0x99];
    datagram.extend(port.to_be_bytes());
    datagram.extend((8 + payload.len() as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    datagram
}

fn ethernet(ether: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend(ether.to_be_bytes());
    frame.extend(payload);
    frame
}

#[test]
fn every_header_of_a_tunnel_is_found() {
    let inner = ethernet(0x8100, &[&[0, 7, 8, 0][..], &ipv4(6, &[0x50; 24])].concat());
    let packet = ethernet(0x0800, &ipv4(17, &udp(4789, &[&[8, 0, 0, 0, 0, 0, 1, 0][..], &inner].concat())));
    let wanted = [
        Kind::Ethernet,
        Kind::Ipv4,
        Kind::Udp,
        Kind::Vxlan,
        Kind::Ethernet,
        Kind::Vlan,
        Kind::Ipv4,
        Kind::Tcp,
        Kind::Payload,
    ];
    assert_eq!(kinds(1, &packet), (wanted.to_vec(), Stop::Whole));
}

#[test]
fn quoted_packets_are_entered_once() {
    let quote = |inner: &[u8]| ipv4(1, &[&[3, 1, 0, 0, 0, 0, 0, 0][..], inner].concat());
    let packet = quote(&ipv4(17, &udp(53, b"question")));
    let mut walk = Walk::default();
    walk.walk(LinkType::RAW, &packet);
    let found: Vec<_> = walk.headers().iter().map(|header| (header.kind, header.quoted)).collect();
    let wanted =
        [(Kind::Ipv4, false), (Kind::Icmp, false), (Kind::Ipv4, true), (Kind::Udp, true), (Kind::Payload, true)];
    assert_eq!(found, wanted);
    assert_eq!(
        kinds(101, &quote(&packet)).0,
        [Kind::Ipv4, Kind::Icmp, Kind::Ipv4, Kind::Icmp],
        "an error that quotes an error"
    );
}

#[test]
fn what_is_not_understood_ends_the_walk() {
    let stopped = [
        (1, ethernet(0x88cc, &[1, 2, 3]), Stop::Other(OtherKind::EtherType(0x88cc))),
        (1, ethernet(38, &[0x42, 0x42, 3, 0]), Stop::Other(OtherKind::Llc(0x42))),
        // A bottom label, and no control word: an IPv4 header without labels looks like this.
        (1, ethernet(0x8847, &[0, 0, 1, 9, 10, 1, 2, 3, 0, 0, 0, 0]), Stop::Other(OtherKind::EtherType(0x8847))),
        (101, ipv4(89, &[1; 24]), Stop::Protocol(89)),
        (101, ipv4(1, &[37, 0, 0, 0, 1, 2]), Stop::Message(Kind::Icmp, 37)),
        (101, ipv4(6, &[0; 20]), Stop::Broken),
        (127, vec![0, 0, 7, 0, 0, 0, 0, 0, 0x08, 0], Stop::Broken),
        (101, ipv4(6, &[0; 19]), Stop::Broken),
        (101, vec![0x45, 0, 0, 20], Stop::Cut),
        (147, vec![1; 60], Stop::LinkType(LinkType(147))),
    ];
    for (link_type, packet, stop) in stopped {
        let (headers, found) = kinds(link_type, &packet);
        let expected = if packet.len() == 39 { Stop::Cut } else { stop };
        assert_eq!(found, expected, "{headers:?}");
    }
}

#[test]
fn padding_belongs_to_nothing() {
    let packet = [&ipv4(17, &udp(5000, b"ab"))[..], &[0xee; 16]].concat();
    let mut walk = Walk::default();
    walk.walk(LinkType::RAW, &packet);
    assert_eq!(walk.headers().last().map(|header| (header.kind, header.end)), Some((Kind::Payload, 30)));
}

proptest! {
    /// Nothing is outside of the packet, and each header begins where another one ended or was.
    #[test]
    fn places_are_in_the_packet(link_type in prop::sample::select(vec![0_u16, 1, 9, 10, 50, 101, 104, 105, 108, 113, 127, 226, 276]),
                                bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(vec![0, 1, 4, 6, 8, 0x45, 0x60])], 0..160)) {
        let mut walk = Walk::default();
        walk.walk(LinkType(link_type), &bytes);
        let mut before = 0;
        for header in walk.headers() {
            prop_assert!(before <= header.start && header.start <= header.end);
            prop_assert!(header.end <= header.limit && header.limit <= bytes.len());
            before = header.end;
        }
    }

    #[test]
    fn the_innermost_header_is_that_of_decode(protocol in prop::sample::select(vec![4_u8, 6, 17, 41, 47, 1]), bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let packet = ipv4(protocol, &bytes);
        let mut walk = Walk::default();
        walk.walk(LinkType::RAW, &packet);
        let layers = decode::innermost(LinkType::RAW, &packet, packet.len() as u32);
        if let Some(ip) = layers.ip() {
            let innermost = walk.headers().iter().rfind(|header| matches!(header.kind, Kind::Ipv4 | Kind::Ipv6) && !header.quoted);
            prop_assert_eq!(innermost.map(|header| header.start), Some(ip.header.as_ptr() as usize - packet.as_ptr() as usize));
        }
    }
}
