//! Places that told something once, found by people who attacked outputs.

use super::*;

/// A TCP header with these options, from 10.1.2.3.
fn segment(options: &[u8], payload: &[u8]) -> Vec<u8> {
    let words = (20 + options.len()) / 4;
    let head = [0x99, 0x99, 1, 187, 0, 0, 0, 1, 0, 0, 0, 2, (words << 4) as u8, 2, 1, 0, 0, 0, 0, 0];
    ipv4(6, &[&head[..], options, payload].concat())
}

/// What becomes of options of TCP.
fn options_after(anonymizer: &mut Anonymizer, options: &[u8]) -> Vec<u8> {
    anonymizer.packet(LinkType::RAW, &segment(options, b""))[40..].to_vec()
}

fn without_times() -> Anonymizer {
    let rules = Rules { payload: Payload::Keep, ports: Ports::Keep, hardware: HardwareRule::Keyed, times: Times::Zero };
    Anonymizer::new(&key(), rules)
}

#[test]
fn multipath_keys_and_codes_go() {
    let mut anonymizer = keeping();
    let mut keyed = with(Payload::Keep, Ports::Keyed);
    let address = mapped("10.1.2.3");
    // Keys of both sides, the length of the data; a padding option.
    let capable = [&[30, 22, 0x01, 0x81][..], &[7; 16], &[0, 5], &[1, 1]].concat();
    let after = [&[30, 22, 0x01, 0x81][..], &[0; 16], &[0, 5], &[1, 1]].concat();
    assert_eq!(options_after(&mut anonymizer, &capable), after);
    // An address, its port, a code.
    let announced = [&[30, 18, 0x30, 2, 10, 1, 2, 3, 0x20, 0xfb][..], &[9; 8], &[1, 1]].concat();
    let after = [&[30, 18, 0x30, 2][..], &address, &[0x20, 0xfb], &[0; 8], &[1, 1]].concat();
    assert_eq!(options_after(&mut anonymizer, &announced), after);
    let port = options_after(&mut keyed, &announced)[8..10].to_vec();
    assert!(port != [0x20, 0xfb] && port != [0, 0], "{port:?}");
    // The same without a port, and as an echo without a code.
    let coded = [&[30, 16, 0x30, 2, 10, 1, 2, 3][..], &[9; 8]].concat();
    assert_eq!(options_after(&mut keyed, &coded)[4..], [&address[..], &[0; 8]].concat());
    let echoed = [30, 10, 0x31, 2, 10, 1, 2, 3, 0x20, 0xfb, 1, 1];
    assert_eq!(options_after(&mut keyed, &echoed)[4..], [&address[..], &port, &[1, 1]].concat());
    let long = [&[30, 20, 0x31, 2][..], &"2001:db8::5".parse::<Ipv6Addr>().unwrap().octets()].concat();
    assert_eq!(options_after(&mut keyed, &long)[4..], mapped("2001:db8::5"));
    // Joins: the token and the random number of the first stay.
    let first = [30, 12, 0x10, 1, 1, 2, 3, 4, 5, 6, 7, 8];
    assert_eq!(options_after(&mut anonymizer, &first), first);
    let second = [&[30, 16, 0x10, 1][..], &[9; 8], &[5, 6, 7, 8]].concat();
    assert_eq!(options_after(&mut anonymizer, &second)[4..], [0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8]);
    let third = [&[30, 24, 0x10, 0][..], &[9; 20]].concat();
    assert_eq!(options_after(&mut anonymizer, &third)[4..], [0; 20]);
    let fast_close = [&[30, 12, 0x70, 0][..], &[9; 8]].concat();
    assert_eq!(options_after(&mut anonymizer, &fast_close)[4..], [0; 8]);
    // A checksum of data behind an acknowledgement of 4 bytes and a mapping of 4, 4 and 2.
    let sequence = [&[30, 20, 0x20, 5][..], &[1; 14], &[9; 2]].concat();
    assert_eq!(options_after(&mut anonymizer, &sequence)[4..], [&[1; 14][..], &[0; 2]].concat());
}

#[test]
fn options_are_harmless_only_as_long_as_they_are_defined_to_be() {
    let mut anonymizer = keeping();
    for (option, after) in [
        (&[2, 8, 10, 1, 2, 3, 10, 1][..], &[2, 8, 0, 0, 0, 0, 0, 0][..]),
        (&[8, 12, 10, 1, 2, 3, 10, 1, 2, 3, 9, 9], &[8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (&[8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1], &[8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1]),
        (&[5, 8, 1, 2, 3, 4, 5, 6], &[5, 8, 0, 0, 0, 0, 0, 0]),
        // A cookie of Fast Open, and a signature.
        (&[34, 6, 1, 2, 3, 4, 1, 1], &[34, 6, 0, 0, 0, 0, 1, 1]),
        (&[254, 8, 0xf9, 0x89, 1, 2, 3, 4], &[254, 8, 0xf9, 0x89, 0, 0, 0, 0]),
        (&[29, 8, 1, 1, 9, 9, 9, 9], &[29, 8, 0, 0, 0, 0, 0, 0]),
    ] {
        assert_eq!(options_after(&mut anonymizer, option), after);
    }
    let ipv4_options = |option: &[u8]| {
        let mut packet = ipv4(17, &[]);
        packet[0] = 0x45 + (option.len() / 4) as u8;
        packet[3] += option.len() as u8;
        packet.extend(option);
        keeping().packet(LinkType::RAW, &packet)[20..].to_vec()
    };
    assert_eq!(
        ipv4_options(&[130, 11, b's', b'e', b'c', b'r', b'e', b't', 1, 1, 1, 0])[..11],
        [&[130, 11][..], &[0; 9]].concat()
    );
    assert_eq!(ipv4_options(&[136, 8, 10, 1, 2, 3, 1, 1])[2..], [0; 6]);
    assert_eq!(ipv4_options(&[148, 4, 0, 0]), [148, 4, 0, 0]);
    // A recorded route of one address, and two bytes more.
    let route = ipv4_options(&[7, 9, 4, 10, 1, 2, 3, 10, 1, 0, 0, 0]);
    assert_eq!(route[3..9], [&mapped("10.1.2.3")[..], &[0, 0]].concat());
}

#[test]
fn options_of_neighbour_discovery_are_as_long_as_they_should_be() {
    let target = "2001:db8::7".parse::<Ipv6Addr>().unwrap().octets();
    let after = |option: &[u8]| {
        let packet = icmpv6(&[&[135, 0, 0, 0, 0, 0, 0, 0][..], &target, option].concat());
        keeping().packet(LinkType::RAW, &packet)[64..].to_vec()
    };
    let mtu = [5, 1, 0, 0, 0, 0, 5, 0xdc];
    assert_eq!(after(&mtu), mtu);
    assert_eq!(after(&[&[5, 2][..], &[10; 14]].concat())[2..], [0; 14]);
    assert_eq!(after(&[&[14, 2][..], &[10; 14]].concat())[2..], [0; 14]);
    // A list of servers with half an address more.
    let servers = after(&[&[25, 4, 0, 0, 0, 0, 0, 9][..], &target, &[10; 8]].concat());
    assert_eq!(servers[8..], [&mapped("2001:db8::7")[..], &[0; 8]].concat());
}

#[test]
fn times_in_headers_go_when_times_are_moved() {
    let stamps = [13, 0, 0, 0, 0, 1, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let tcp = [8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1];
    let nd = [&[135, 0, 0, 0, 0, 0, 0, 0][..], &[0xfe; 16], &[13, 2, 0, 0, 0, 0, 0, 0], &[7; 8]].concat();
    let mut recorded = ipv4(17, &[]);
    (recorded[0], recorded[3]) = (0x48, 32);
    recorded.extend([68, 12, 13, 1, 10, 1, 2, 3, 1, 2, 3, 4]);
    let mut radiotap = vec![0, 0, 28, 0, 1, 0, 0x40, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    radiotap.extend([9, 9, 9, 9, 9, 9, 9, 9, 1, 0, 0, 0]);
    let frame = [&radiotap[..], &[8, 1], &[0; 22]].concat();
    let (mut with, mut without) = (keeping(), without_times());
    for (link_type, packet, place) in [
        (LinkType::RAW, ipv4(1, &stamps), 28..40),
        (LinkType::RAW, segment(&tcp, b""), 42..50),
        (LinkType::RAW, icmpv6(&nd), 66..80),
        (LinkType::RAW, recorded, 28..32),
        (LinkType(127), frame.clone(), 8..16),
        (LinkType(127), frame, 16..24),
    ] {
        assert_eq!(with.packet(link_type, &packet)[place.clone()], packet[place.clone()]);
        let after = without.packet(link_type, &packet);
        assert_eq!(after.len(), packet.len());
        assert!(after[place].iter().all(|byte| *byte == 0), "{after:x?}");
    }
}

#[test]
fn what_vendors_add_to_radiotap_goes() {
    // Flags, then a vendor's six bytes, then flags of another antenna.
    let mut radiotap = vec![0, 0, 0, 0, 2, 0, 0, 0xc0, 0, 0, 0, 0xa0, 32, 0, 0, 0, 0x11];
    radiotap.extend([0, 0, 0x1b, 0x63, 1, 6, 0, 0, 0x1b, 0x63, 4, 5, 6, 0x12, 0x77]);
    // The vendor's bit map says that the known fields follow again.
    radiotap[2] = radiotap.len() as u8;
    radiotap.splice(12..16, [2, 0, 0, 0]);
    let packet = [&radiotap[..], &[8, 1], &[0; 22]].concat();
    let after = keeping().packet(LinkType(127), &packet).to_vec();
    let kept = [&packet[..17], &[0, 0, 0x1b, 0x63, 1, 6, 0], &[0; 6], &[0x12, 0]].concat();
    assert_eq!(after[..radiotap.len()], kept);
    // A field that nobody knows, and all behind it.
    let unknown = [&[0, 0, 12, 0, 0, 0, 0, 0x10, 0, 0x1b, 0x63, 4][..], &[8, 1], &[0; 22]].concat();
    assert_eq!(keeping().packet(LinkType(127), &unknown)[8..12], [0; 4]);
}

#[test]
fn later_fragments_are_cut() {
    let mut anonymizer = keeping();
    let mut packet = udp(53, b"secret.org at 10.1.2.3");
    packet[7] = 9;
    assert_eq!(anonymizer.packet(LinkType::RAW, &packet).len(), 20);
    let told = anonymizer.counts().cut.first().map(|(reason, count)| (reason.to_string(), *count));
    assert_eq!(told, Some(("later fragments, which do not say what they hold".to_owned(), 1)));
    // Of IPv6, and with less of the payload.
    let mut packet = icmpv6(&[&[17, 0, 0, 8, 0, 0, 0, 1][..], b"secret.org"].concat());
    packet[6] = 44;
    assert_eq!(with(Payload::First(4), Ports::Keep).packet(LinkType::RAW, &packet).len(), 48);
    // The packet in a tunnel whose first fragment this is.
    let mut tunnel = udp(4789, &[&[8, 0, 0, 0, 0, 0, 1, 0][..], &ethernet(0x0800, &ipv4(17, &[]))].concat());
    tunnel[6] = 0x20;
    assert_eq!(anonymizer.packet(LinkType::RAW, &tunnel).len(), 28);
}

/// Behind their bodies' lengths.
fn records(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().flat_map(|part| [&[22, 3, 1, 0, part.len() as u8][..], part].concat()).collect()
}

#[test]
fn server_names_are_found_across_records() {
    let server = b"www.secret.com";
    let hello = client_hello(server)[5..].to_vec();
    let names = crate::redact::names::Names::new(&key());
    let mut anonymizer = keeping();
    let whole = anonymizer.packet(LinkType::RAW, &segment(&[], &records(&[&hello])))[45..].to_vec();
    assert!(whole.ends_with(&names.dotted(server)));
    for cut in 1..hello.len() {
        let (one, other) = hello.split_at(cut);
        let after = anonymizer.packet(LinkType::RAW, &segment(&[], &records(&[one, other]))).to_vec();
        assert_eq!(after[45..45 + cut], whole[..cut]);
        assert_eq!(after[50 + cut..], whole[cut..]);
        assert_eq!(anonymizer.counts().split_names, 0);
    }
    // The second record is in another segment.
    for cut in 1..hello.len() - server.len() {
        let before = anonymizer.counts().split_names;
        anonymizer.packet(LinkType::RAW, &segment(&[], &records(&[&hello[..cut]])));
        assert_eq!(anonymizer.counts().split_names, before + 1, "{cut}");
    }
}

#[test]
fn server_names_are_found_in_fragments_of_dtls() {
    let server = b"www.secret.com";
    // DTLS has a cookie behind the session's number.
    let mut body = client_hello(server)[9..].to_vec();
    body.insert(35, 0);
    let length = body.len() as u8;
    let record = |from: usize, to: usize| {
        let fragment = &body[from..to];
        let head = [1, 0, 0, length, 0, 0, 0, 0, from as u8, 0, 0, fragment.len() as u8];
        [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, fragment.len() as u8 + 12][..], &head, fragment].concat()
    };
    let names = crate::redact::names::Names::new(&key());
    let mut anonymizer = keeping();
    let cut = body.len() - 6;
    for records in [record(0, body.len()), [record(0, cut), record(cut, body.len())].concat()] {
        let after = anonymizer.packet(LinkType::RAW, &udp(5684, &records)).to_vec();
        assert!(after.ends_with(&names.dotted(server)[8..]) && !holds(&after, b"secret"));
    }
    assert_eq!(anonymizer.counts().split_names, 0);
    // The first one is in another datagram.
    anonymizer.packet(LinkType::RAW, &udp(5684, &record(cut, body.len())));
    assert_eq!(anonymizer.counts().split_names, 1);
}

#[test]
fn chunks_that_control_an_association_tell_no_address() {
    let chunk = |kind: u8, body: &[u8]| [&[kind, 0, 0, body.len() as u8 + 4][..], body].concat();
    let address = [0, 5, 0, 8, 10, 1, 2, 3];
    let long = [&[0, 6, 0, 20][..], &"2001:db8::5".parse::<Ipv6Addr>().unwrap().octets()].concat();
    let cookie = [0, 7, 0, 8, 10, 1, 2, 3];
    let host = [&[0, 11, 0, 10][..], b"secret", &[0, 0]].concat();
    let supported = [0, 12, 0, 6, 0, 5, 0, 0];
    let init = chunk(1, &[&[9; 16][..], &address, &long, &cookie, &host, &supported].concat());
    let change = chunk(0xc1, &[&[0, 0, 0, 1, 0xc0, 1, 0, 16, 0, 0, 0, 7][..], &address].concat());
    let heartbeat = chunk(4, &[0, 1, 0, 12, 10, 1, 2, 3, 10, 1, 2, 3]);
    let data = chunk(0, &[&[0; 12][..], b"data"].concat());
    let cookie_echo = chunk(10, &[10, 1, 2, 3]);
    let all = [&init[..], &change, &heartbeat, &data, &cookie_echo].concat();
    let packet = ipv4(132, &[&[0, 1, 0, 2, 1, 1, 1, 1, 0, 0, 0, 0][..], &all].concat());
    let mut anonymizer = keeping();
    let after = anonymizer.packet(LinkType::RAW, &packet)[32..].to_vec();
    let new = [&[0, 5, 0, 8][..], &mapped("10.1.2.3")].concat();
    let new_long = [&[0, 6, 0, 20][..], &mapped("2001:db8::5")].concat();
    let new_host = [&[0, 11, 0, 10][..], &[0; 8]].concat();
    let parameters = [&[9; 16][..], &new, &new_long, &[0, 7, 0, 8, 0, 0, 0, 0], &new_host, &supported].concat();
    let new_change = [&[0, 0, 0, 1, 0xc0, 1, 0, 16, 0, 0, 0, 7][..], &new].concat();
    let new_heartbeat = [&[0, 1, 0, 12][..], &[0; 8]].concat();
    let wanted = [chunk(1, &parameters), chunk(0xc1, &new_change), chunk(4, &new_heartbeat), data, chunk(10, &[0; 4])];
    assert_eq!(after, wanted.concat());
    assert_eq!(anonymizer.counts().cut.len(), 0);
    // A chunk that is no chunk.
    let broken = ipv4(132, &[0, 1, 0, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 2]);
    assert_eq!(anonymizer.packet(LinkType::RAW, &broken).len(), 32);
}

#[test]
fn frames_to_groups_say_no_more_than_the_header() {
    let mut packet = icmpv6(&[128, 0, 0, 0, 0, 0, 0, 0]);
    let group = "ff3e:40:2001:db8:1:2:1234:5678";
    packet[24..40].copy_from_slice(&group.parse::<Ipv6Addr>().unwrap().octets());
    let mut frame = ethernet(0x86dd, &packet);
    frame[..6].copy_from_slice(&[0x33, 0x33, 0x12, 0x34, 0x56, 0x78]);
    let after = keeping().packet(ETHERNET, &frame).to_vec();
    assert_eq!(after[..2], [0x33, 0x33]);
    assert_eq!(after[2..6], mapped(group)[12..]);
    assert_eq!(after[38..54], mapped(group));
    assert_ne!(after[2..6], frame[2..6]);
}

#[test]
fn the_serial_number_of_a_zone_goes() {
    let mut message = vec![0, 7, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0];
    let times = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4];
    let data = [&[1, b'a', 0, 1, b'b', 0][..], &[0x78, 0xc5, 0x9b, 0x0d], &times].concat();
    message.extend([&[0, 0, 6, 0, 1, 0, 0, 0, 9, 0, data.len() as u8][..], &data].concat());
    let after = keeping().packet(LinkType::RAW, &udp(53, &message)).to_vec();
    assert_eq!(after.len(), 28 + message.len());
    assert!(after.ends_with(&[&[0; 4][..], &times].concat()));
}

proptest! {
    /// Bodies with lengths of their own, with anything in them.
    #[test]
    fn any_chunks_options_and_records_do(which in 0..4_usize, bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0..24_u8], 0..120)) {
        let packet = match which {
            0 => ipv4(132, &[&[0, 1, 0, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 100][..], &[9; 16], &bytes].concat()),
            1 => segment(&[], &[&[22, 3, 1][..], &bytes].concat()),
            2 => udp(5684, &[&[22, 0xfe][..], &bytes].concat()),
            _ => [&[0, 0, 100, 0][..], &bytes].concat(),
        };
        let link_type = if which == 3 { LinkType(127) } else { LinkType::RAW };
        let mut anonymizer = without_times();
        let once = anonymizer.packet(link_type, &packet).to_vec();
        prop_assert!(once.len() <= packet.len());
        prop_assert_eq!(anonymizer.packet(link_type, &packet), once);
    }
}
