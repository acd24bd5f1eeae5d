use proptest::prelude::*;

use super::*;
use crate::packet::LinkType;

/// The sum of RFC 1071 over several parts, each padded to whole words; 0xffff is right.
fn sum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u64;
    for part in parts {
        for word in part.chunks(2) {
            sum += u64::from(u16::from_be_bytes([word[0], word.get(1).copied().unwrap_or(0)]));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// CRC-32C of a whole message, by the book.
fn crc(message: &[u8]) -> u32 {
    !message.iter().fold(!0, |state, byte| crc_step(state, *byte))
}

/// An IPv4 packet of this protocol with right checksums; `field` is the place of the transport's.
fn ipv4(protocol: u8, field: usize, mut payload: Vec<u8>) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0, 192, 168, 1, 2, 172, 16, 254, 3];
    let total = (packet.len() + payload.len()) as u16;
    packet[2..4].copy_from_slice(&total.to_be_bytes());
    let header = !sum(&[&packet]);
    packet[10..12].copy_from_slice(&header.to_be_bytes());
    payload[field..field + 2].fill(0);
    let length = (payload.len() as u32).to_be_bytes();
    let pseudo: [&[u8]; 3] = [&packet[12..20], &[0, protocol], &length];
    let checksum = match protocol {
        1 | 2 => !sum(&[&payload]),
        _ => !sum(&[pseudo[0], pseudo[1], pseudo[2], &payload]),
    };
    payload[field..field + 2].copy_from_slice(&checksum.to_be_bytes());
    packet.extend(payload);
    packet
}

/// True for both checksums of such a packet.
fn is_right(packet: &[u8]) -> (bool, bool) {
    let (header, payload) = packet.split_at(20);
    let protocol = header[9];
    let length = (payload.len() as u32).to_be_bytes();
    let transport = match protocol {
        1 | 2 => sum(&[payload]),
        _ => sum(&[&header[12..20], &[0, protocol], &length, payload]),
    };
    (sum(&[header]) == 0xffff, transport == 0xffff)
}

fn edited(packet: &[u8], writes: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let (mut walk, mut covers, mut packet) = (Walk::default(), Vec::new(), packet.to_vec());
    walk.walk(LinkType::RAW, &packet);
    let mut edit = Edit::new(&mut packet, &walk, &mut covers);
    for (at, new) in writes {
        edit.write(*at, new);
    }
    assert_eq!(edit.finish(), 0);
    packet
}

/// A UDP datagram, TCP segment, ICMP echo or IGMP message.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    (0..4_usize, prop::collection::vec(any::<u8>(), 0..64)).prop_map(|(which, data)| {
        let mut payload = match which {
            // No ports of a tunnel.
            0 => vec![0x10, 0, 0x20, 0, 0, 0, 0, 0],
            1 => vec![0x10, 0, 0x20, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0],
            2 => vec![8, 0, 0, 0, 0, 1, 0, 2],
            _ => vec![0x16, 0, 0, 0, 224, 0, 0, 251],
        };
        payload.extend(data);
        if which == 0 {
            let length = (payload.len() as u16).to_be_bytes();
            payload[4..6].copy_from_slice(&length);
        }
        let (protocol, field) = [(17, 6), (6, 16), (1, 2), (2, 2)][which];
        ipv4(protocol, field, payload)
    })
}

/// Bytes to write that are no structure: addresses and what is behind the checksum of any transport.
fn writes() -> impl Strategy<Value = Vec<(usize, Vec<u8>)>> {
    prop::collection::vec((prop_oneof![12..20_usize, 38..90_usize], prop::collection::vec(any::<u8>(), 1..9)), 0..5)
        .prop_map(|writes| writes.into_iter().filter(|(at, new)| *at >= 38 || at + new.len() <= 20).collect())
}

proptest! {
    #[test]
    fn right_stays_right(packet in packets(), writes in writes()) {
        let after = edited(&packet, &writes);
        prop_assert_eq!(is_right(&after), (true, true), "{:02x?}", after);
    }

    #[test]
    fn wrong_stays_wrong(packet in packets(), writes in writes(), ip in 1..0xffff_u16, transport in 1..0xffff_u16) {
        let mut packet = packet;
        let field = 20 + match packet[9] { 17 => 6, 6 => 16, _ => 2 };
        for (field, off) in [(10, ip), (field, transport)] {
            let old = u16_at(&packet, field).unwrap();
            packet[field..field + 2].copy_from_slice(&old.wrapping_add(off).to_be_bytes());
        }
        let before = is_right(&packet);
        // A UDP checksum of 0 is none.
        prop_assume!(!(packet[9] == 17 && packet[26..28] == [0, 0]));
        prop_assert_eq!(is_right(&edited(&packet, &writes)), before);
    }

    #[test]
    fn cut_bytes_need_not_be_known(packet in packets(), writes in writes(), cut in 38..90_usize) {
        let cut = cut.min(packet.len());
        let kept: Vec<_> = writes.iter().filter(|(at, new)| at + new.len() <= cut).cloned().collect();
        prop_assert_eq!(&edited(&packet[..cut], &kept), &edited(&packet, &kept)[..cut]);
    }

    #[test]
    fn crcs_follow_too(data in prop::collection::vec(any::<u8>(), 0..200), ports: [u8; 4], wrong in any::<u32>(), cut in 12..100_usize) {
        let mut message = vec![0, 80, 1, 187, 1, 2, 3, 4, 0, 0, 0, 0];
        message.extend(data);
        for wrong in [0, wrong] {
            let right = crc(&message);
            let mut packet = ipv4(132, 8, message.clone());
            packet[28..32].copy_from_slice(&(right ^ wrong).to_le_bytes());
            let whole = edited(&packet, &[(20, ports.to_vec())]);
            let cut = (20 + cut).min(packet.len());
            if wrong == 0 {
                prop_assert_eq!(&edited(&packet[..cut], &[(20, ports.to_vec())])[..], &whole[..cut]);
            }
            let mut after = whole[20..].to_vec();
            let stated = u32::from_le_bytes(array(&after, 8).unwrap());
            after[8..12].fill(0);
            prop_assert_eq!(stated == crc(&after), wrong == 0);
        }
    }
}

#[test]
fn no_checksum_of_udp_stays_none() {
    let mut packet = ipv4(17, 6, vec![0x10, 0, 0x20, 0, 0, 12, 0, 0, 1, 2, 3, 4]);
    packet[26..28].fill(0);
    let after = edited(&packet, &[(12, vec![9; 8]), (28, vec![7; 4])]);
    assert_eq!(after[26..28], [0, 0]);
    assert!(is_right(&after).0);
}

#[test]
fn a_checksum_of_udp_that_comes_to_nothing_is_written_as_all_ones() {
    let packet = ipv4(17, 6, vec![0x10, 0, 0x20, 0, 0, 10, 0, 0, 0, 0]);
    // With its checksum added to the data, the sum leaves nothing for the checksum.
    let checksum = packet[26..28].to_vec();
    let after = edited(&packet, &[(28, checksum)]);
    assert_eq!(after[26..28], [0xff, 0xff]);
    assert_eq!(is_right(&after), (true, true));
}

/// An IPv6 datagram with a routing header whose last address is the one that the checksum covers.
#[test]
fn the_checksum_covers_where_a_packet_goes_in_the_end() {
    let mut packet = vec![0x60, 0, 0, 0, 0, 34, 43, 64];
    packet.extend([0x20; 16]);
    packet.extend([0x30; 16]);
    let routing = packet.len();
    packet.extend([17, 2, 0, 1, 0, 0, 0, 0]);
    packet.extend([0x40; 16]);
    let datagram = [0x10, 0, 0x20, 0, 0, 10, 0, 0, 5, 6];
    let checksum = !sum(&[&packet[8..24], &[0x40; 16], &[0, 10, 0, 17], &datagram]);
    packet.extend(datagram);
    packet[routing + 30..routing + 32].copy_from_slice(&checksum.to_be_bytes());
    let after = edited(&packet, &[(8, vec![1; 16]), (24, vec![2; 16]), (routing + 8, vec![3; 16])]);
    let udp = &after[routing + 24..];
    assert_eq!(sum(&[&[1; 16], &[3; 16], &[0, 10, 0, 17], udp]), 0xffff);
}

/// The sum of the addresses, the protocol and the length of an IPv4 packet, and no more.
fn of_pseudo_header(packet: &[u8], length: usize) -> [u8; 2] {
    sum(&[&packet[12..20], &[0, packet[9]], &(length as u32).to_be_bytes()]).to_be_bytes()
}

const ADDRESSES: [u8; 8] = [10, 9, 8, 7, 203, 0, 113, 200];

/// What a kernel leaves to hardware: it would tell the old addresses if it were changed like a right one.
#[test]
fn the_sum_of_a_pseudo_header_becomes_that_of_the_new_one() {
    let segment = vec![0x10, 0, 0x20, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0, b'd', b'a', b't'];
    let datagram = vec![0x10, 0, 0x20, 0, 0, 12, 0, 0, 1, 2, 3, 4];
    for (protocol, field, payload) in [(6, 16, segment), (17, 6, datagram)] {
        // With its length, or without it; whole, or not wholly captured.
        for length in [payload.len(), 0] {
            for cut in [0, 2] {
                let mut packet = ipv4(protocol, field, payload.clone());
                let partial = of_pseudo_header(&packet, length);
                packet[20 + field..22 + field].copy_from_slice(&partial);
                packet.truncate(packet.len() - cut);
                let after = edited(&packet, &[(12, ADDRESSES.to_vec()), (20, vec![7; 4])]);
                assert_eq!(after[20 + field..22 + field], of_pseudo_header(&after, length));
            }
        }
    }
}

#[test]
fn zero_stays_zero() {
    for (protocol, field, length) in [(6, 16, 20), (17, 6, 8), (1, 2, 8), (132, 8, 16)] {
        let mut payload = vec![1; length];
        payload[12.min(length - 1)] = 0x50;
        if protocol == 17 {
            payload[4..6].copy_from_slice(&[0, 8]);
        }
        let mut packet = ipv4(protocol, field, payload);
        let size = if protocol == 132 { 4 } else { 2 };
        packet[10..12].fill(0);
        packet[20 + field..20 + field + size].fill(0);
        let after = edited(&packet, &[(12, ADDRESSES.to_vec()), (20, vec![7; 2])]);
        assert_eq!(after[10..12], [0, 0], "{protocol}");
        assert!(after[20 + field..20 + field + size].iter().all(|byte| *byte == 0), "{protocol}: {after:x?}");
    }
}

/// Of one header in 65,536 zero is the right checksum.
#[test]
fn zero_does_not_become_right() {
    let mut packet = ipv4(6, 16, vec![0x50; 20]);
    packet[10..12].fill(0);
    let mut addresses = ADDRESSES;
    addresses[6..].fill(0);
    let rest = sum(&[&packet[..12], &addresses]);
    addresses[6..].copy_from_slice(&(0xffff - rest).to_be_bytes());
    let after = edited(&packet, &[(12, addresses.to_vec())]);
    assert_eq!(sum(&[&packet[..12], &addresses]), 0xffff);
    assert_eq!(after[10..12], WRONG.to_be_bytes());
}

proptest! {
    /// Other addresses, another payload that is cut, another fault: nothing of it is seen.
    #[test]
    fn wrong_ones_tell_nothing(one: ([u8; 8], [u8; 2], u16), other: ([u8; 8], [u8; 2], u16), which in 0..3_usize) {
        let after = |(addresses, payload, off): ([u8; 8], [u8; 2], u16)| {
            let (protocol, field, mut transport) = [
                (6_u8, 16, vec![0x10, 0, 0x20, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0]),
                (17, 6, vec![0x10, 0, 0x20, 0, 0, 10, 0, 0]),
                (132, 8, vec![0x10, 0, 0x20, 0, 1, 1, 1, 1, 0, 0, 0, 0]),
            ][which].clone();
            let end = 20 + transport.len();
            transport.extend(payload);
            let mut packet = ipv4(protocol, field, transport);
            packet[12..20].copy_from_slice(&addresses);
            packet[20 + field..22 + field].copy_from_slice(&off.to_be_bytes());
            let (mut walk, mut covers) = (Walk::default(), Vec::new());
            walk.walk(LinkType::RAW, &packet);
            let (is_zero, is_right) = (off == 0, is_right(&packet).1);
            let is_partial = [0, packet.len() - 20].iter().any(|length| of_pseudo_header(&packet, *length) == off.to_be_bytes());
            let mut edit = Edit::new(&mut packet, &walk, &mut covers);
            edit.write(12, &ADDRESSES);
            edit.cut(end);
            edit.finish();
            (!(is_zero || is_right || is_partial)).then(|| packet[20..end].to_vec())
        };
        let (one, other) = (after(one), after(other));
        prop_assume!(one.is_some() && other.is_some());
        prop_assert_eq!(one, other);
    }
}
