use std::ops::Range;

use proptest::prelude::*;

use super::*;

const ETHERNET: LinkType = LinkType(1);

/// Ethernet, a VLAN, IPv4 with a router alert, TCP with timestamps and a selective acknowledgement, four bytes, padding.
fn segment() -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0x60, 7, 8, 0];
    frame.extend([0x46, 0x28, 0, 72, 0x12, 0x34, 0x40, 0, 61, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 9, 148, 4, 0, 0]);
    frame.extend([0x9c, 0x40, 1, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 0xb0, 0x18, 0x20, 0, 0, 0, 0, 0]);
    frame.extend([1, 1, 8, 10, 0, 1, 2, 3, 0, 4, 5, 6, 1, 1, 5, 10, 9, 9, 9, 9, 9, 9, 9, 17]);
    frame.extend(b"data");
    frame.extend([0xee; 4]);
    close(&mut frame);
    frame
}

/// Where each field stands in it, and which bits of its bytes it has.
const PLACES: [(Field, Range<usize>, u8); 17] = [
    (Field::Hardware, 0..12, 0xff),
    (Field::Vlan, 14..15, 0x0f),
    (Field::Vlan, 15..16, 0xff),
    (Field::Service, 19..20, 0xff),
    (Field::Identification, 22..24, 0xff),
    (Field::Flags, 24..25, 0xc0),
    (Field::Ttl, 26..27, 0xff),
    (Field::Address, 30..38, 0xff),
    (Field::Options, 40..42, 0xff),
    (Field::Port, 42..46, 0xff),
    (Field::Sequence, 46..54, 0xff),
    (Field::Sequence, 78..86, 0xff),
    (Field::Window, 56..58, 0xff),
    (Field::TcpTimestamp, 66..74, 0xff),
    (Field::TcpOptions, 66..74, 0xff),
    (Field::TcpOptions, 78..86, 0xff),
    (Field::Payload, 86..90, 0xff),
];

const IP_CHECKSUM: Range<usize> = 28..30;
const TCP_CHECKSUM: Range<usize> = 58..60;

/// Puts the right checksums in.
fn close(frame: &mut [u8]) {
    frame[IP_CHECKSUM].fill(0);
    frame[TCP_CHECKSUM].fill(0);
    let ip = sum(&[&frame[18..42]]);
    let tcp = sum(&[&frame[30..38], &[0, 6, 0, 48], &frame[42..90]]);
    frame[IP_CHECKSUM].copy_from_slice(&ip.to_be_bytes());
    frame[TCP_CHECKSUM].copy_from_slice(&tcp.to_be_bytes());
}

/// RFC 1071.
fn sum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let mut sum: u32 = words.map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

fn masked(link_type: LinkType, packet: &[u8], fields: &[Field]) -> Vec<u8> {
    let mut bytes = packet.to_vec();
    Masker::new(Mask::of(fields)).apply(link_type, &mut bytes);
    bytes
}

#[test]
fn each_field_goes_with_the_checksums_that_cover_it_and_no_other_byte_changes() {
    let frame = segment();
    for (field, ..) in PLACES {
        let mut wanted = frame.clone();
        // Behind the IP packet.
        wanted[90..].fill(0);
        for (_, place, bits) in PLACES.into_iter().filter(|(other, ..)| *other == field) {
            wanted[place].iter_mut().for_each(|byte| *byte &= !bits);
        }
        if field == Field::TcpOptions {
            wanted[62..86].fill(0);
        }
        if field == Field::Options {
            wanted[38..42].fill(0);
        }
        let (in_link, in_ip) = (
            matches!(field, Field::Hardware | Field::Vlan),
            matches!(
                field,
                Field::Service | Field::Identification | Field::Flags | Field::Ttl | Field::Address | Field::Options
            ),
        );
        if in_ip {
            wanted[IP_CHECKSUM].fill(0);
        }
        if !in_link && !in_ip || field == Field::Address {
            wanted[TCP_CHECKSUM].fill(0);
        }
        assert_eq!(masked(ETHERNET, &frame, &[field]), wanted, "{field}");
    }
    let mut wanted = frame.clone();
    [IP_CHECKSUM, TCP_CHECKSUM, 90..94].into_iter().for_each(|part| wanted[part].fill(0));
    assert_eq!(masked(ETHERNET, &frame, &[Field::Checksum]), wanted);
    assert_eq!(masked(ETHERNET, &frame, &[]), frame);
}

#[test]
fn a_payload_that_was_cut_is_not_told_by_the_checksum() {
    let frame = segment();
    let mut wanted = frame[..86].to_vec();
    wanted[TCP_CHECKSUM].fill(0);
    assert_eq!(masked(ETHERNET, &frame[..86], &[Field::Payload]), wanted);
}

/// An IPv4 packet that quotes or carries another one.
fn around(protocol: u8, header: &[u8], inner: &[u8]) -> Vec<u8> {
    let length = (20 + header.len() + inner.len()) as u16;
    let mut packet = vec![0x45, 0, 0, 0, 7, 7, 0, 0, 9, protocol, 1, 1, 10, 0, 0, 1, 10, 0, 0, 2];
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    packet.extend(header);
    packet.extend(inner);
    packet
}

#[test]
fn packets_in_tunnels_and_in_errors_are_masked_too() {
    let inner = &segment()[18..90];
    let icmp = around(1, &[3, 1, 5, 5, 0, 0, 0, 0], inner);
    let found = masked(LinkType::RAW, &icmp, &[Field::Ttl]);
    let at = 28;
    assert_eq!((found[8], &found[10..12], &found[22..24]), (0, &[0, 0][..], &[0, 0][..]), "outer, and its checksums");
    assert_eq!((found[at + 8], &found[at + 10..at + 12]), (0, &[0, 0][..]), "quoted");
    assert_eq!(found[at + 24..], inner[24..], "TCP does not cover the time to live");
    let mut gre = around(47, &[0x80, 0, 8, 0, 5, 5, 0, 0], inner);
    let found = masked(LinkType::RAW, &gre, &[Field::Window]);
    assert_eq!(found[24..26], [0, 0], "GRE's checksum covers the window inside");
    assert_eq!(found[10..12], [1, 1], "that of the outer header does not");
    gre[20] = 0;
    gre.drain(24..28);
    assert_eq!(masked(LinkType::RAW, &gre, &[Field::Window])[24..34], inner[..10]);
}

#[test]
fn what_is_not_understood_is_zeroed_and_counted() {
    let lldp = [&[2; 12][..], &[0x88, 0xcc, 2, 7, 4, 1]].concat();
    let ospf = around(89, &[2, 1], &[10, 0, 0, 9]);
    let mut masker = Masker::new(Mask::of(&[Field::Ttl]));
    for (link_type, packet, kept) in [
        (ETHERNET, &lldp[..], 14),
        (ETHERNET, &lldp[..], 14),
        (LinkType::RAW, &ospf[..], 20),
        (LinkType(147), &[1; 9], 0),
    ] {
        let mut bytes = packet.to_vec();
        masker.apply(link_type, &mut bytes);
        assert_eq!(bytes[kept..], vec![0; packet.len() - kept]);
        if kept == 14 {
            assert_eq!(bytes[..14], packet[..14]);
        }
    }
    let told: Vec<_> = masker.unread().into_iter().map(|(_, count)| count).collect();
    assert_eq!(told, [2, 1, 1]);
    assert!(masker.unread()[1].0.contains("89"), "{:?}", masker.unread());
}

#[test]
fn hardware_addresses_go_wherever_they_stand() {
    let arp = [&[2; 12][..], &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1], &[1; 6], &[2; 4], &[3; 6], &[4; 4]].concat();
    let found = masked(ETHERNET, &arp, &[Field::Hardware]);
    assert_eq!(found[22..], [[0; 6].as_slice(), &[2; 4], &[0; 6], &[4; 4]].concat());
    let found = masked(ETHERNET, &arp, &[Field::Address]);
    assert_eq!(found[22..], [[1; 6].as_slice(), &[0; 4], &[3; 6], &[0; 4]].concat());
    // Data of IEEE 802.11 between two access points, encrypted: four addresses, and all that follows.
    let wifi = [&[8, 0x43, 0, 0][..], &[7; 18], &[0x10, 0], &[7; 6], &[9; 12]].concat();
    let found = masked(LinkType(105), &wifi, &[Field::Hardware]);
    assert_eq!(found, [&[8, 0x43, 0, 0][..], &[0; 18], &[0x10, 0], &[0; 18]].concat());
    // Radiotap with TSFT alone, around an acknowledgement.
    let radiotap = [&[0, 0, 16, 0, 1, 0, 0, 0][..], &[5; 8], &[0xd4, 0, 0, 0], &[7; 6]].concat();
    let found = masked(LinkType(127), &radiotap, &[Field::Time]);
    assert_eq!(found, [&radiotap[..8], &[0; 8], &radiotap[16..]].concat());
    let cooked = [&[0, 0, 0, 1, 0, 6][..], &[7; 8], &[8, 0], &around(89, &[], &[])].concat();
    assert_eq!(masked(LinkType(113), &cooked, &[Field::Hardware])[6..14], [0; 8]);
}

#[test]
fn neighbour_discovery_tells_neither_address_nor_hardware() {
    let mut packet = vec![0x6a, 0xbc, 0xde, 0xf0, 0, 32, 58, 255];
    packet.extend([0x20; 32]);
    packet.extend([135, 0, 5, 5, 0, 0, 0, 0]);
    packet.extend([0xfe; 16]);
    packet.extend([1, 1, 2, 3, 4, 5, 6, 7]);
    let found = masked(LinkType::RAW, &packet, &[Field::Hardware]);
    assert_eq!(found[40..], [&[135, 0, 0, 0, 0, 0, 0, 0][..], &[0xfe; 16], &[0; 8]].concat());
    let found = masked(LinkType::RAW, &packet, &[Field::Address, Field::FlowLabel]);
    assert_eq!(found[..8], [0x6a, 0xb0, 0, 0, 0, 32, 58, 255]);
    assert_eq!(found[8..], [&[0; 32][..], &[135, 0], &[0; 30]].concat());
    let found = masked(LinkType::RAW, &packet, &[Field::Service]);
    assert_eq!(found[..4], [0x60, 0x0c, 0xde, 0xf0]);
}

/// Of these bytes in a packet, those that masks of these fields zero, whatever else they zero.
fn gone(link_type: LinkType, packet: &[u8], part: Range<usize>, fields: &[Field]) {
    for field in Field::ALL {
        let zeroed = masked(link_type, packet, &[field])[part.clone()].iter().all(|byte| *byte == 0);
        assert_eq!(zeroed, fields.contains(&field), "{field}: {part:?} of {packet:02x?}");
    }
}

/// TCP in IPv4, with an option in 20 bytes, which are padded.
fn tcp_with(option: &[u8]) -> Vec<u8> {
    let mut tcp = vec![0x9c, 0x40, 1, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, 0xa0, 0x18, 0x20, 0, 0, 0, 0, 0];
    tcp.extend(option);
    tcp.resize(40, 1);
    around(6, &[], &tcp)
}

#[test]
fn options_of_tcp_tell_neither_address_nor_port() {
    let (address, port, all) = (Field::Address, Field::Port, Field::TcpOptions);
    // Multipath: an address, a port, a code for both.
    let announced = tcp_with(&[30, 16, 0x30, 2, 192, 0, 2, 77, 0x20, 0xfb, 1, 2, 3, 4, 5, 6]);
    gone(LinkType::RAW, &announced, 44..48, &[address, all]);
    gone(LinkType::RAW, &announced, 48..56, &[address, port, all]);
    // A cookie of Fast Open; a probe of Riverbed's; an experiment (RFC 7974).
    for option in [&[34, 6, 1, 2, 3, 4][..], &[76, 8, 1, 2, 3, 4, 5, 6], &[253, 10, 0x03, 0x48, 1, 192, 0, 2, 77, 1]] {
        gone(LinkType::RAW, &tcp_with(option), 42..40 + option.len(), &[address, port, all]);
    }
    gone(LinkType::RAW, &tcp_with(&[2, 4, 5, 0xb4]), 42..44, &[all]);
    gone(LinkType::RAW, &tcp_with(&[8, 10, 1, 2, 3, 4, 5, 6, 7, 8]), 42..50, &[Field::TcpTimestamp, all]);
}

#[test]
fn options_of_ip_tell_neither_address_nor_time() {
    let ipv4 = |option: [u8; 8]| {
        let mut packet = around(17, &option, &[0x9c, 0x40, 1, 0xbb, 0, 8, 0, 0]);
        packet[0] = 0x47;
        packet
    };
    gone(LinkType::RAW, &ipv4([68, 8, 9, 0, 1, 2, 3, 4]), 22..28, &[Field::Time, Field::Address, Field::Options]);
    gone(LinkType::RAW, &ipv4([200, 8, 9, 9, 1, 2, 3, 4]), 22..28, &[Field::Address, Field::Options]);
    gone(LinkType::RAW, &ipv4([148, 4, 0, 1, 1, 1, 1, 0]), 23..24, &[Field::Options]);
    for header in [0, 60] {
        let mut packet = vec![0x60, 0, 0, 0, 0, 16, header, 64];
        packet.extend([0x20; 32]);
        packet.extend([17, 0, 0x63, 4, 10, 0, 0, 9, 0x9c, 0x40, 1, 0xbb, 0, 8, 0, 0]);
        gone(LinkType::RAW, &packet, 44..48, &[Field::Address, Field::Options]);
        packet[42..44].copy_from_slice(&[5, 4]);
        gone(LinkType::RAW, &packet, 44..48, &[Field::Options]);
    }
}

#[test]
fn groups_labels_and_messages_tell_what_is_masked_no_more() {
    let frame = |destination: [u8; 6], ether: [u8; 2], rest: &[u8]| {
        [&destination[..], &[2, 0, 0, 0, 0, 1], &ether, rest].concat()
    };
    let packet = around(17, &[], &[0x9c, 0x40, 1, 0xbb, 0, 8, 0, 0]);
    let (hardware, address) = (Field::Hardware, Field::Address);
    gone(ETHERNET, &frame([0x33, 0x33, 0xff, 1, 2, 3], [8, 0], &packet), 2..6, &[hardware, address]);
    gone(ETHERNET, &frame([0x33, 0x33, 0xff, 1, 2, 3], [8, 0], &packet), 0..2, &[hardware]);
    gone(ETHERNET, &frame([1, 0, 0x5e, 1, 2, 3], [8, 0], &packet), 3..6, &[hardware, address]);
    gone(ETHERNET, &frame([0, 0x1b, 0x63, 1, 2, 3], [8, 0], &packet), 0..6, &[hardware]);
    let labelled = [&[0, 0, 0x91, 77][..], &packet].concat();
    gone(ETHERNET, &frame([2; 6], [0x88, 0x47], &labelled), 17..18, &[Field::Ttl]);
    let times = around(1, &[13, 0, 5, 5, 1, 1, 1, 1], &[9; 12]);
    gone(LinkType::RAW, &times, 28..40, &[Field::Time]);
    let mut router = vec![0x60, 0, 0, 0, 0, 40, 58, 255];
    router.extend([0x20; 32]);
    router.extend([134, 0, 5, 5, 64, 0, 7, 8, 1, 1, 1, 1, 2, 2, 2, 2]);
    router.extend([5, 1, 0, 0, 0, 0, 5, 0xdc, 13, 2, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    gone(LinkType::RAW, &router, 66..80, &[Field::Time, address, hardware]);
    gone(LinkType::RAW, &router, 62..64, &[address, hardware]);
}

fn any_mask() -> impl Strategy<Value = Mask> {
    any::<u32>().prop_map(|bits| Field::ALL.into_iter().filter(|field| bits >> (*field as u32) & 1 == 1).collect())
}

proptest! {
    /// Packets that differ in a field only, and in the checksums that cover it, cannot be told apart.
    #[test]
    fn masked_bytes_do_not_depend_on_the_field(at in 0..PLACES.len(), new in prop::collection::vec(any::<u8>(), 12)) {
        let (field, place, bits) = PLACES[at].clone();
        let frame = segment();
        let mut other = frame.clone();
        for (byte, new) in other[place].iter_mut().zip(new) {
            *byte = *byte & !bits | new & bits;
        }
        close(&mut other);
        prop_assert_eq!(masked(ETHERNET, &other, &[field]), masked(ETHERNET, &frame, &[field]));
    }

    /// Twice is once, and never another length. Without ports a tunnel is none any more.
    #[test]
    fn masking_twice_is_masking_once(
        mask in any_mask(),
        link_type in prop::sample::select(vec![0_u16, 1, 9, 10, 50, 101, 104, 105, 113, 127, 226, 276]),
        protocol in prop::sample::select(vec![1_u8, 4, 6, 17, 33, 41, 47, 51, 58, 132, 136]),
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(vec![0, 1, 4, 6, 8, 0x45, 0x60])], 0..160),
    ) {
        let mask = mask.without(Mask::of(&[Field::Port]));
        for (link_type, packet) in [(LinkType(link_type), bytes.clone()), (LinkType::RAW, around(protocol, &[], &bytes))] {
            let mut once = packet.clone();
            let mut masker = Masker::new(mask);
            masker.apply(link_type, &mut once);
            prop_assert_eq!(once.len(), packet.len());
            let mut twice = once.clone();
            masker.apply(link_type, &mut twice);
            prop_assert_eq!(twice, once);
        }
    }
}

#[test]
fn masks_are_sets() {
    let mask = Mask::of_names(["port", "eth.addr", "udp.port"]).unwrap();
    assert_eq!(mask.to_string(), "eth.addr, port");
    assert_eq!(mask.without(Mask::of(&[Field::Port])).names(), ["eth.addr"]);
    assert!(mask.meets(Mask::of(&[Field::Port])) && !mask.meets(Mask::of(&[Field::Ttl])));
    assert!(Mask::of_names(["ip.tll"]).unwrap_err().to_string().contains("'ip.tll' is no field"));
}
