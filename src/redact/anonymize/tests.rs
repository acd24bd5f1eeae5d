use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;
use crate::redact::addresses::Addresses;

const ETHERNET: LinkType = LinkType::ETHERNET;

fn key() -> Key {
    Key::parse(&[0x5a; 32]).unwrap()
}

fn with(payload: Payload, ports: Ports) -> Anonymizer {
    Anonymizer::new(&key(), Rules { payload, ports, hardware: HardwareRule::Keyed, times: Times::Keep })
}

fn keeping() -> Anonymizer {
    with(Payload::Keep, Ports::Keep)
}

fn mapped(address: &str) -> Vec<u8> {
    let mut addresses = Addresses::new(&key());
    match address.parse::<Ipv4Addr>() {
        Ok(address) => addresses.ipv4(address).octets().to_vec(),
        Err(_) => addresses.ipv6(address.parse().unwrap()).octets().to_vec(),
    }
}

fn ethernet(ether: u16, payload: &[u8]) -> Vec<u8> {
    [&[0, 0x1b, 0x63, 1, 2, 3, 0, 0x1b, 0x63, 4, 5, 6][..], &ether.to_be_bytes(), payload].concat()
}

fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0, 10, 1, 2, 3, 192, 0, 2, 9];
    let total = (20 + payload.len()) as u16;
    packet[2..4].copy_from_slice(&total.to_be_bytes());
    packet.extend(payload);
    packet
}

fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    ipv4(17, &[&[0x99, 0x99][..], &port.to_be_bytes(), &length.to_be_bytes(), &[0, 0], payload].concat())
}

/// An ICMPv6 message with its checksum, from fe80::1 to a group.
fn icmpv6(message: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, message.len() as u8, 58, 255];
    packet.extend("fe80::21b:63ff:fe01:203".parse::<Ipv6Addr>().unwrap().octets());
    packet.extend("ff02::1:ff45:6789".parse::<Ipv6Addr>().unwrap().octets());
    packet.extend(message);
    let checksum = !sum_of(&packet);
    packet[42..44].copy_from_slice(&checksum.to_be_bytes());
    packet
}

/// The sum that an ICMPv6 message's checksum is of, and 0xffff with it.
fn sum_of(packet: &[u8]) -> u16 {
    let words =
        packet[8..].chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word.get(1).copied().unwrap_or(0)));
    let mut sum = words.sum::<u32>() + u32::from(packet[5]) + 58;
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn neighbours_are_replaced_and_the_checksum_is_right() {
    let target = "2001:db8::123:4545:6789".parse::<Ipv6Addr>().unwrap().octets();
    let message =
        [&[135, 0, 0, 0, 0, 0, 0, 0][..], &target, &[1, 1, 0, 0x1b, 0x63, 4, 5, 6], &[200, 1, 7, 7, 7, 7, 7, 7]];
    let packet = icmpv6(&message.concat());
    assert_eq!(sum_of(&packet), 0xffff);
    let mut anonymizer = with(Payload::Drop, Ports::Keep);
    let after = anonymizer.packet(LinkType::RAW, &packet).to_vec();
    assert_eq!((after.len(), sum_of(&after)), (packet.len(), 0xffff));
    assert_eq!(after[48..64], mapped("2001:db8::123:4545:6789"));
    assert_eq!(after[24..40], mapped("ff02::1:ff45:6789"));
    // Not known to be harmless.
    assert_eq!(after[72..], [200, 1, 0, 0, 0, 0, 0, 0]);
    for original in [&target[..], &[0x1b, 0x63, 4, 5, 6], &[0x1b, 0x63, 0xff, 0xfe], &[0x45, 0x67, 0x89]] {
        assert!(!holds(&after, original), "{original:x?} in {after:x?}");
    }
}

#[test]
fn prefixes_stay_prefixes() {
    let prefix = "2001:db8:1:2::".parse::<Ipv6Addr>().unwrap().octets();
    let mut message = vec![134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 64, 0xc0];
    message.extend([1; 12]);
    message.extend(prefix);
    let after = keeping().packet(LinkType::RAW, &icmpv6(&message)).to_vec();
    assert_eq!(after[72..80], mapped("2001:db8:1:2::5")[..8]);
    assert_eq!(after[80..], [0; 8]);
}

#[test]
fn arp_is_rewritten_and_its_padding_gone() {
    let arp = [0, 1, 8, 0, 6, 4, 0, 1, 0, 0x1b, 0x63, 4, 5, 6, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 192, 0, 2, 9];
    let packet = ethernet(0x0806, &[&arp[..], &[0xaa; 18]].concat());
    let mut anonymizer = keeping();
    let after = anonymizer.packet(ETHERNET, &packet).to_vec();
    assert_eq!(after.len(), 42);
    assert_eq!(after[22..28], after[6..12]);
    assert_eq!((&after[28..32], &after[38..42]), (&mapped("10.1.2.3")[..], &mapped("192.0.2.9")[..]));
    assert_eq!(after[32..38], [0; 6]);
}

/// It is computed over addresses and payload, and guesses of them could be tried with a key that is known.
#[test]
fn the_integrity_check_of_ah_goes() {
    let header = [17, 4, 0, 0, 0, 0, 0x12, 0x34, 0, 0, 0, 7];
    let udp = [0x99, 0x99, 0x13, 0x88, 0, 12, 0, 0, b'd', b'a', b't', b'a'];
    let packet = ethernet(0x0800, &ipv4(51, &[&header[..], b"ICVICVICVICV", &udp].concat()));
    for payload in [Payload::Keep, Payload::Drop] {
        let after = with(payload, Ports::Keep).packet(ETHERNET, &packet).to_vec();
        assert_eq!(after[34..46], header);
        assert_eq!(after[46..58], [0; 12]);
        assert_eq!(after[58..66], udp[..8]);
    }
}

#[test]
fn what_is_not_understood_is_cut_and_counted() {
    let mut anonymizer = keeping();
    for (packet, length, reason) in [
        (ethernet(0x88cc, b"a switch"), 14, "LLDP"),
        (ethernet(0x0800, &ipv4(89, b"link state of 10.1.2.3")), 34, "IP protocol 89 (ospfigp)"),
        (ethernet(0x0800, &ipv4(1, &[37, 0, 1, 2, 10, 1, 2, 3])), 38, "ICMP type 37"),
        (ethernet(0x0800, &udp(1985, b"10.1.2.3")), 42, "routing protocols, not understood to its end"),
        (ethernet(0x0800, &[0x45, 0, 0]), 14, "headers that are not wholly captured"),
    ] {
        assert_eq!(anonymizer.packet(ETHERNET, &packet).len(), length, "{reason}");
        let (last, count) = anonymizer.counts().cut.last().unwrap();
        assert_eq!((last.to_string().as_str(), *count), (reason, 1));
    }
    assert_eq!(anonymizer.packet(LinkType(189), b"usb").len(), 0);
    anonymizer.packet(LinkType(189), b"usb");
    assert_eq!(anonymizer.counts().cut.last().unwrap().1, 2);
}

#[test]
fn payloads_are_cut_as_was_asked() {
    let packet = ethernet(0x0800, &udp(5000, b"payload"));
    for (payload, length) in
        [(Payload::Drop, 42), (Payload::First(3), 45), (Payload::First(30), 49), (Payload::Keep, 49)]
    {
        assert_eq!(with(payload, Ports::Keep).packet(ETHERNET, &packet).len(), length, "{payload:?}");
    }
}

/// A checksum over a payload of one or two bytes is that payload.
#[test]
fn what_is_cut_is_not_told_by_checksums() {
    let key_pressed = |key: &[u8]| {
        let mut packet = ethernet(0x0800, &udp(23, key));
        let sum = u16::from_be_bytes([0x12, 0x34]).wrapping_sub(u16::from(key[0]) << 8);
        packet[40..42].copy_from_slice(&sum.to_be_bytes());
        packet
    };
    let after = |key: &[u8], payload| with(payload, Ports::Keep).packet(ETHERNET, &key_pressed(key)).to_vec();
    assert_eq!(after(b"h", Payload::Drop), after(b"u", Payload::Drop));
    assert_ne!(after(b"h", Payload::Keep), after(b"u", Payload::Keep));
    let behind = |key: &[u8]| {
        let mut packet = ethernet(0x0800, &udp(23, &[b"ab", key].concat()));
        packet[40..42].copy_from_slice(&0x4321_u16.wrapping_sub(u16::from(key[0]) << 8).to_be_bytes());
        with(Payload::First(2), Ports::Keep).packet(ETHERNET, &packet).to_vec()
    };
    assert_eq!(behind(b"h"), behind(b"u"));
}

#[test]
fn quoted_packets_and_tunnels_are_rewritten_too() {
    let inner = ethernet(0x0800, &ipv4(1, &[&[3, 1, 0, 0, 0, 0, 0, 0][..], &udp(53, b"question")].concat()));
    let packet = ethernet(0x0800, &udp(4789, &[&[8, 0, 0, 0, 0, 0, 1, 0][..], &inner].concat()));
    let mut anonymizer = with(Payload::Drop, Ports::Keyed);
    let after = anonymizer.packet(ETHERNET, &packet).to_vec();
    assert_eq!(after.len(), packet.len() - 8);
    for original in [&[10, 1, 2, 3][..], &[192, 0, 2, 9], &[0, 0x1b, 0x63], &[0x99, 0x99], &[0, 53]] {
        assert!(!holds(&after[..34], original) && !holds(&after[50..], original), "{original:x?}");
    }
    // Both times as the same port.
    assert_eq!(after[34..36], after[after.len() - 8..after.len() - 6]);
}

#[test]
fn options_that_may_tell_something_are_zeros() {
    // A segment size, the address of a client behind a proxy, an announced address.
    let options = [&[2, 4, 5, 0xb4][..], &[254, 8, 0, 80, 10, 1, 2, 3], &[30, 8, 0x30, 1, 10, 1, 2, 3]].concat();
    let segment = [&[0, 80, 1, 187, 0, 0, 0, 1, 0, 0, 0, 2, 0xa0, 2, 1, 0, 0, 0, 0, 0][..], &options].concat();
    let packet = ipv4(6, &segment);
    let after = keeping().packet(LinkType::RAW, &packet).to_vec();
    let announced = [&[30, 8, 0x30, 1][..], &mapped("10.1.2.3")].concat();
    assert_eq!(after[40..], [&[2, 4, 5, 0xb4][..], &[254, 8, 0, 0, 0, 0, 0, 0], &announced].concat());
}

/// Labels of these lengths.
fn name(labels: &[&str]) -> Vec<u8> {
    let labels = labels.iter().flat_map(|label| [&[label.len() as u8][..], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

#[test]
fn names_in_dns_are_replaced_in_place() {
    let mut message = vec![0, 7, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 1];
    message.extend(name(&["www", "Example", "com"]));
    message.extend([0, 1, 0, 1]);
    let record =
        |kind: u8, data: &[u8]| [&[0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 9, 0, data.len() as u8][..], data].concat();
    message.extend(record(5, &[&[3][..], b"cdn", &[0xc0, 16]].concat()));
    message.extend(record(1, &[192, 0, 2, 9]));
    message.extend(record(16, b"\x06secret"));
    // A client's network of 24 bits.
    message.extend([0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0, 10, 1, 2]);
    let packet = udp(53, &message);
    let mut anonymizer = keeping();
    let after = anonymizer.packet(LinkType::RAW, &packet).to_vec();
    assert_eq!((after.len(), anonymizer.counts().cut.len()), (packet.len(), 0));
    for original in [&b"www"[..], b"xample", b"com", b"cdn", b"secret", &[192, 0, 2, 9], &[10, 1, 2]] {
        assert!(!holds(&after, original), "{original:?} in {after:?}");
    }
    let after = &after[28..];
    // Lengths, pointers, types.
    assert_eq!((after[12], after[16], after[24], after[28]), (3, 7, 3, 0));
    let address = mapped("192.0.2.9");
    assert!(holds(after, &[&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4][..], &address].concat()));
    assert!(after.ends_with(&[&[0, 8, 0, 7, 0, 1, 24, 0][..], &mapped("10.1.2.0")[..3]].concat()));
    // The same over TCP, behind its length; a segment that holds less is cut.
    let stream = |message: &[u8], length: u16| {
        let head = [0x99, 0x99, 0, 53, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0];
        ipv4(6, &[&head[..], &length.to_be_bytes(), message].concat())
    };
    let length = message.len() as u16;
    assert_eq!(anonymizer.packet(LinkType::RAW, &stream(&message, length))[42..], *after);
    assert_eq!(anonymizer.packet(LinkType::RAW, &stream(&message, length + 1)).len(), 40);
}

#[test]
fn what_is_no_dns_on_its_port_is_cut() {
    let mut anonymizer = keeping();
    assert_eq!(anonymizer.packet(LinkType::RAW, &udp(53, b"host www.example.com from 10.1.2.3")).len(), 28 + 12);
    assert_eq!(anonymizer.counts().cut.len(), 1);
}

/// A ClientHello for this server, as a record of TLS.
fn client_hello(server: &[u8]) -> Vec<u8> {
    let length = server.len() as u8;
    let extensions = [&[0xff, 1, 0, 1, 0][..], &[0, 0, 0, length + 5, 0, length + 3, 0, 0, length], server].concat();
    let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0, 0, extensions.len() as u8], &extensions].concat();
    [&[22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8][..], &body].concat()
}

#[test]
fn server_names_are_replaced_as_in_dns() {
    let head = [0x99, 0x99, 1, 187, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0];
    let packet = ipv4(6, &[&head[..], &client_hello(b"www.example.com")].concat());
    let mut anonymizer = keeping();
    let after = anonymizer.packet(LinkType::RAW, &packet).to_vec();
    let names = crate::redact::names::Names::new(&key());
    assert!(after.ends_with(&names.dotted(b"www.example.com")));
    assert_eq!(after[40..after.len() - 15], packet[40..packet.len() - 15]);
    assert_eq!(anonymizer.counts().split_names, 0);
    // The name goes on in the next segment: what is here is replaced, and the rest is told of.
    let after = anonymizer.packet(LinkType::RAW, &packet[..packet.len() - 4]).to_vec();
    assert!(!holds(&after, b"example") && !holds(&after, b"www"));
    assert_eq!(anonymizer.counts().split_names, 1);
}

#[test]
fn dhcp_tells_nobody() {
    let hardware = [0, 0x1b, 0x63, 4, 5, 6];
    let mut message = vec![1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0, 0];
    message.extend([[10, 1, 2, 3]; 4].concat());
    message.extend([&hardware[..], &[0x77; 10], &[b's'; 64], &[b'f'; 128], &[99, 130, 83, 99]].concat());
    message.extend([&[53, 1, 3, 61, 7, 1][..], &hardware, &[12, 6], b"laptop", &[50, 4, 10, 1, 2, 3]].concat());
    message.extend([&[43, 3, 9, 9, 9, 60, 4][..], b"MSFT", &[55, 2, 1, 3, 255], b"rest"].concat());
    let packet = udp(67, &message);
    let mut anonymizer = keeping();
    let after = anonymizer.packet(LinkType::RAW, &packet).to_vec();
    assert_eq!((after.len(), anonymizer.counts().cut.len()), (packet.len(), 0));
    for original in [&hardware[..], &[10, 1, 2, 3], b"laptop", &[0x77; 4], b"ssss", b"ffff", &[9, 9, 9], b"rest"] {
        assert!(!holds(&after, original), "{original:?}");
    }
    assert!(holds(&after, &[53, 1, 3]) && holds(&after, b"MSFT") && holds(&after, &[55, 2, 1, 3]));
    assert_eq!(after[28 + 28..28 + 34], after[28 + 246..28 + 252]);
}

#[test]
fn dhcpv6_tells_nobody() {
    let hardware = [0, 0x1b, 0x63, 4, 5, 6];
    let address = "2001:db8::1:2:3".parse::<Ipv6Addr>().unwrap().octets();
    let unique = [&[0, 1, 0, 14, 0, 1, 0, 1, 0x2a, 0x2b, 0x2c, 0x2d][..], &hardware].concat();
    let inner = [&[0, 5, 0, 24][..], &address, &[0, 0, 0, 9, 0, 0, 0, 9]].concat();
    let association = [&[0, 3, 0, 40, 0x63, 4, 5, 6, 0, 0, 0, 1, 0, 0, 0, 2][..], &inner].concat();
    let named = [&[0, 39, 0, 8, 1, 6][..], b"laptop"].concat();
    let solicit = [&[1, 1, 2, 3][..], &unique, &association, &named, &[0, 99, 0, 2, 8, 8]].concat();
    let relayed = [&[12, 0][..], &address, &address, &[0, 9, 0, solicit.len() as u8], &solicit].concat();
    let packet = udp(547, &relayed);
    let mut anonymizer = keeping();
    let after = anonymizer.packet(LinkType::RAW, &packet).to_vec();
    assert_eq!((after.len(), anonymizer.counts().cut.len()), (packet.len(), 0));
    for original in [&hardware[..], &[0x63, 4, 5, 6], &address, b"laptop", &[0x2a, 0x2b], &[8, 8]] {
        assert!(!holds(&after, original), "{original:?}");
    }
    assert_eq!(after[28 + 2..28 + 18], mapped("2001:db8::1:2:3"));
}

#[test]
fn what_was_replaced_is_noted_only_on_demand() {
    let packet = ethernet(0x0800, &udp(5000, b""));
    let mut anonymizer = keeping();
    anonymizer.packet(ETHERNET, &packet);
    assert_eq!(anonymizer.originals(), []);
    anonymizer.watch(true);
    anonymizer.packet(ETHERNET, &packet);
    assert_eq!(anonymizer.originals().len(), 4);
    assert!(anonymizer.originals().contains(&Original::Ip([10, 1, 2, 3].into())));
    assert!(anonymizer.originals().contains(&Original::Hardware([0, 0x1b, 0x63, 4, 5, 6])));
}

proptest! {
    /// Whatever comes: no panic, nothing longer, and the same again.
    #[test]
    fn any_bytes_do(link_type in prop::sample::select(vec![0_u16, 1, 9, 10, 101, 104, 105, 113, 127, 226, 276, 147]),
                    bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut anonymizer = with(Payload::Keep, Ports::Keyed);
        let once = anonymizer.packet(LinkType(link_type), &bytes).to_vec();
        prop_assert!(once.len() <= bytes.len());
        prop_assert_eq!(anonymizer.packet(LinkType(link_type), &bytes), once);
    }

    /// Bodies of all protocols that are read, with anything in them.
    #[test]
    fn any_bodies_do(which in 0..9_usize, length in 0..120_usize, bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0..4_u8], 120)) {
        let body = &bytes[..length];
        let packet = match which {
            0 => udp(53, body),
            1 => udp(67, &[&[1, 1, 6, 0][..], &[0; 232], &[99, 130, 83, 99], body].concat()),
            2 => udp(546, body),
            3 => ipv4(1, body),
            4 => ipv4(2, body),
            5 => icmpv6(&[&[130, 131, 132, 133, 134, 135, 136, 137, 143][which..=which], &[0; 7], body].concat()),
            6 => ipv4(6, &[&[0, 80, 1, 187, 0, 0, 0, 1, 0, 0, 0, 2, 0xf0, 2, 1, 0, 0, 0, 0, 0][..], body].concat()),
            7 => udp(6081, &[&[(length / 8) as u8, 0, 8, 0, 0, 0, 1, 0][..], body].concat()),
            _ => ipv4(6, &[&[0, 80, 1, 187, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 2, 1, 0, 0, 0, 0, 0, 22, 3, 1, 0, 90, 1][..], body].concat()),
        };
        let mut anonymizer = keeping();
        let after = anonymizer.packet(LinkType::RAW, &packet).to_vec();
        prop_assert!(after.len() <= packet.len());
        // Cut anywhere, it is the beginning of the same or cut earlier, and no panic.
        let cut = anonymizer.packet(LinkType::RAW, &packet[..length.min(packet.len())]).len();
        prop_assert!(cut <= length);
    }

    /// Checksums that were right are so afterwards, whatever was rewritten in an ICMPv6 message.
    #[test]
    fn icmpv6_stays_right(kind in prop::sample::select(vec![130_u8, 131, 133, 134, 135, 136, 137, 143]), bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let packet = icmpv6(&[&[kind, 0, 0, 0][..], &bytes].concat());
        let mut anonymizer = keeping();
        let after = anonymizer.packet(LinkType::RAW, &packet);
        if after.len() == packet.len() {
            prop_assert_eq!(sum_of(after), 0xffff);
        }
    }
}

mod leaks;
