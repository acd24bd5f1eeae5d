//! Packets built by hand, with rows worked out by hand; and rows of any packet by a slower way.

use proptest::prelude::*;

use super::*;
use crate::decode;
use crate::feature::SetRequest;
use crate::table::ColumnKind;

const RAW: LinkType = LinkType(101);
const ETHERNET: LinkType = LinkType(1);

fn request(sets: &[&str], packets: PacketOptions) -> SetRequest {
    SetRequest { sets: sets.iter().map(|&set| set.to_owned()).collect(), packets, ..SetRequest::default() }
}

fn set(sets: &[&str], packets: PacketOptions) -> PacketSet {
    PacketSet::of(&request(sets, packets)).unwrap().unwrap()
}

/// Calls `with` with the cells of a packet.
fn cells<T>(
    set: &PacketSet,
    link_type: LinkType,
    bytes: &[u8],
    with: impl FnOnce(Result<Vec<Cell<'_>>, Refused>) -> T,
) -> T {
    let wire = bytes.len() as u32;
    let layers = decode::innermost(link_type, bytes, wire);
    let packet = Captured { number: 7, time: Some(9), link_type, bytes, wire, layers };
    with(set.cells(&packet, &mut Scratch::default()))
}

fn vector(masked: &[Hidden], length: usize, packet: &[u8]) -> Result<Vec<u8>, Refused> {
    let request = request(&[&format!("bytes:{length}")], PacketOptions::default());
    let set = PacketSet::of(&SetRequest { masked: Mask::of(masked), ..request }).unwrap().unwrap();
    cells(&set, RAW, packet, |cells| match cells?.as_slice() {
        [Cell::Bytes(bytes), Cell::Count(length)] => {
            assert_eq!(bytes.len() as u64, *length);
            Ok(bytes.to_vec())
        }
        other => panic!("{other:?}"),
    })
}

fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let [l0, l1] = (20 + payload.len() as u16).to_be_bytes();
    let header = [0x45, 3, l0, l1, 0xab, 0xcd, 0x40, 0, 64, protocol, 0xee, 0xff, 10, 1, 2, 3, 10, 4, 5, 6];
    [&header, payload].concat()
}

/// What stays of that header.
fn blank_ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = ipv4(protocol, payload);
    packet[10..20].fill(0);
    packet
}

/// MSS, window scale, selective acknowledgement of two numbers, timestamps.
const OPTIONS: [u8; 28] =
    [2, 4, 5, 180, 3, 3, 7, 1, 5, 10, 1, 2, 3, 4, 5, 6, 7, 8, 8, 10, 0x11, 0x12, 0x13, 0x14, 0x21, 0x22, 0x23, 0x24];

fn tcp(flags: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let offset = (((20 + options.len()) / 4) << 4) as u8;
    let header = [0x30, 0x39, 0x01, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8, offset, flags, 0xfa, 0xf0, 0xc5, 0xc6, 0, 9];
    [&header, options, payload].concat()
}

fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let fields = [from, to, 8 + payload.len() as u16, 0xc7c8].map(u16::to_be_bytes).concat();
    [&fields, payload].concat()
}

#[test]
fn twelve_zeros_follow_the_header_of_udp() {
    let packet = ipv4(17, &udp(1_000, 2_000, b"payload"));
    let mut datagram = udp(1_000, 2_000, b"");
    datagram[4..6].copy_from_slice(&[0, 15]);
    datagram[6..8].fill(0);
    let mut expected = blank_ipv4(17, &udp(1_000, 2_000, b"payload"))[..20].to_vec();
    expected.extend(datagram);
    expected.extend([0; 12]);
    expected.extend(b"payload");
    assert_eq!(vector(&[], 1_500, &packet).unwrap(), expected);
    for length in [1, 11, 20, 27, 29, 39, 41, 46, 47, 48] {
        let end = length.min(expected.len());
        assert_eq!(vector(&[], length, &packet).unwrap(), expected[..end], "{length}");
    }
}

#[test]
fn masks_zero_what_they_name_and_nothing_else() {
    let packet = ipv4(6, &tcp(0x18, &OPTIONS, b"data"));
    let plain = vector(&[], 1_500, &packet).unwrap();
    let mut expected = packet.clone();
    expected[10..20].fill(0);
    expected[36..38].fill(0);
    assert_eq!(plain, expected);
    type Case = (Hidden, &'static [(usize, usize)]);
    let cases: [Case; 6] = [
        (Hidden::Port, &[(20, 24)]),
        (Hidden::Sequence, &[(24, 32), (50, 58)]),
        (Hidden::Ttl, &[(8, 9)]),
        (Hidden::Identification, &[(4, 6)]),
        (Hidden::TcpOptions, &[(40, 68)]),
        (Hidden::TcpTimestamp, &[(60, 68)]),
    ];
    for (field, places) in cases {
        let mut expected = plain.clone();
        places.iter().for_each(|&(start, end)| expected[start..end].fill(0));
        assert_ne!(expected, plain);
        assert_eq!(vector(&[field], 1_500, &packet).unwrap(), expected, "{field}");
    }
}

#[test]
fn addresses_of_ipv6_go_and_with_them_those_in_its_extension_headers() {
    let header = [0x6a, 0xbc, 0xde, 0xf1, 0, 60, 43, 9];
    let addresses = [0x11; 32];
    // A routing header of one address, a fragment header, the first of several, and UDP.
    let routing = [&[44, 2, 4, 0, 0, 0, 0, 0][..], &[0x22; 16]].concat();
    let fragment = [60, 0, 0, 1, 1, 2, 3, 4];
    let destination = [17, 1, 0, 0xc9, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 9];
    let datagram = udp(1, 2, b"abcd");
    let packet = [&header[..], &addresses, &routing, &fragment, &destination, &datagram].concat();
    let mut expected = packet.clone();
    expected[8..40].fill(0);
    expected[48..64].fill(0);
    // The home address, behind a single zero for padding.
    expected[77..85].fill(0);
    expected[94..96].fill(0);
    expected.splice(96..96, [0; 12]);
    assert_eq!(vector(&[], 1_500, &packet).unwrap(), expected);
    expected[1] &= 0xf0;
    expected[2..4].fill(0);
    expected[68..72].fill(0);
    expected[7] = 0;
    expected[74..88].fill(0);
    let masks = [Hidden::Identification, Hidden::FlowLabel, Hidden::Ttl, Hidden::Options];
    assert_eq!(vector(&masks, 1_500, &packet).unwrap(), expected);
}

#[test]
fn what_an_icmp_error_quotes_is_zeroed_as_it_would_be_itself() {
    let quoted = ipv4(6, &tcp(2, &[], b"")[..8]);
    let message = [&[5, 1, 0xab, 0xcd, 10, 9, 9, 9], quoted.as_slice()].concat();
    let masks = [Hidden::Port, Hidden::Ttl];
    let mut expected = ipv4(1, &message);
    for place in [8..9, 10..20, 22..28, 36..37, 38..48, 48..52] {
        expected[place].fill(0);
    }
    assert_eq!(vector(&masks, 1_500, &ipv4(1, &message)).unwrap(), expected);
    // What cannot be read as a packet goes whole.
    let broken = ipv4(1, &[3, 1, 0, 0, 0, 0, 0, 0, 0x45, 9, 9, 9]);
    assert!(vector(&masks, 1_500, &broken).unwrap()[28..].iter().all(|&byte| byte == 0));
}

#[test]
fn packets_that_deep_packet_leaves_out_have_a_reason() {
    let of = |packet: &[u8]| vector(&[], 20, packet).map(drop);
    for flags in [0x02, 0x10, 0x11, 0x12, 0x01, 0x14] {
        assert_eq!(of(&ipv4(6, &tcp(flags, &[], b""))), Err(Refused::EmptySegment), "{flags}");
        assert_eq!(of(&ipv4(6, &tcp(flags, &[], b"x"))), Ok(()), "{flags}");
    }
    assert_eq!(of(&ipv4(6, &tcp(0x04, &[], b""))), Ok(()), "RST alone");
    assert_eq!(of(&ipv4(17, &udp(53, 4_000, b"x"))), Err(Refused::Dns));
    assert_eq!(of(&ipv4(17, &udp(4_000, 53, b"x"))), Err(Refused::Dns));
    assert_eq!(of(&ipv4(17, &udp(4_000, 5_353, b"x"))), Ok(()));
    assert_eq!(of(&ipv4(132, &udp(4_000, 53, b"xxxx"))), Ok(()), "SCTP");
    assert_eq!(of(&[0x45, 0]), Err(Refused::Outside(Outside::Cut)));
    assert_eq!(of(&[0x75; 40]), Err(Refused::Outside(Outside::Broken)));
}

#[test]
fn later_fragments_have_no_transport_header() {
    let mut packet = ipv4(17, b"0053 data that is no header");
    packet[6..8].copy_from_slice(&[0x20, 9]);
    let masks = [Hidden::Port, Hidden::Sequence, Hidden::TcpOptions];
    let vector = vector(&masks, 100, &packet).unwrap();
    assert_eq!(vector[20..], packet[20..]);
    let bits = set(&["nprint:udp"], PacketOptions::default());
    cells(&bits, RAW, &packet, |cells| assert_eq!(cells.unwrap(), [Cell::Signs(&[-1; 64])]));
}

#[test]
fn bits_stand_where_nprint_puts_them() {
    let frame = [&[0x80, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0][..], &ipv4(6, &tcp(0x12, &[1; 4], b"\x81"))].concat();
    let words = ["nprint:tcp", "4", "udp", "eth", "payload=2"];
    let set = set(&words, PacketOptions::default());
    let columns = set.columns();
    let names: Vec<&str> = columns
        .iter()
        .flat_map(|column| match column.kind {
            ColumnKind::Signs(names) => names,
            _ => panic!("{column:?}"),
        })
        .copied()
        .collect();
    assert_eq!(names.len(), 112 + 480 + 480 + 64 + 16);
    assert_eq!(
        columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
        ["eth", "ipv4", "tcp", "udp", "payload"]
    );
    let bits: Vec<i8> = cells(&set, ETHERNET, &frame, |cells| {
        let bits = |cell: Cell| match cell {
            Cell::Signs(bits) => bits.to_vec(),
            other => panic!("{other:?}"),
        };
        cells.unwrap().into_iter().flat_map(bits).collect()
    });
    let field = |name: &str| -> Vec<i8> {
        let numbered = |found: &str| found.rsplit_once('_').is_some_and(|(field, _)| field == name);
        names.iter().zip(&bits).filter(|(found, _)| numbered(found)).map(|(_, bit)| *bit).collect()
    };
    let one = |name: &str| (field(name).len() == 1).then(|| field(name)[0]);
    assert_eq!(field("eth_dhost")[..9], [1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(field("eth_ethertype")[4..6], [1, 0]);
    assert_eq!(field("ipv4_ver"), [0, 1, 0, 0]);
    assert_eq!(field("ipv4_hl"), [0, 1, 0, 1]);
    assert_eq!((one("ipv4_rbit"), one("ipv4_dfbit"), one("ipv4_mfbit")), (Some(0), Some(1), Some(0)));
    assert_eq!(field("ipv4_ttl"), [0, 1, 0, 0, 0, 0, 0, 0]);
    assert_eq!(field("ipv4_proto"), [0, 0, 0, 0, 0, 1, 1, 0]);
    assert_eq!(field("ipv4_dst")[24..], [0, 0, 0, 0, 0, 1, 1, 0]);
    assert_eq!(field("ipv4_opt"), [-1; 320]);
    assert_eq!(field("tcp_dprt"), [0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1]);
    assert_eq!(field("tcp_doff"), [0, 1, 1, 0]);
    assert_eq!((one("tcp_syn"), one("tcp_ackf"), one("tcp_fin"), one("tcp_ns")), (Some(1), Some(1), Some(0), Some(0)));
    assert_eq!(
        field("tcp_opt")[..34],
        [[0, 0, 0, 0, 0, 0, 0, 1].as_slice(); 4].concat().into_iter().chain([-1, -1]).collect::<Vec<i8>>()
    );
    assert_eq!(field("udp_sport"), [-1; 16]);
    assert_eq!(field("payload_bit"), [1, 0, 0, 0, 0, 0, 0, 1, -1, -1, -1, -1, -1, -1, -1, -1]);
}

#[test]
fn rows_as_nprint_writes_them_begin_with_the_source() {
    let options = PacketOptions { as_nprint: true, fill: Some(0) };
    let set = set(&["nprint:icmp"], options);
    assert_eq!(set.columns()[0].name, "src_ip");
    cells(&set, RAW, &ipv4(17, &udp(1, 2, b"")), |cells| {
        assert_eq!(cells.unwrap(), [Cell::Text("10.1.2.3".into()), Cell::Signs(&[0; 64])]);
    });
    assert_eq!(cells(&set, RAW, &ipv4(50, b"secret"), |cells| cells.map(drop)), Err(Refused::NotOfNprint(50)));
}

#[test]
fn fields_have_wireshark_s_names() {
    let set = set(&["headers"], PacketOptions::default());
    let frame = [&[0x80, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0][..], &ipv4(6, &tcp(0x12, &OPTIONS, b"abc"))].concat();
    let columns = set.columns();
    cells(&set, ETHERNET, &frame, |cells| {
        let cells = cells.unwrap();
        let of = |name: &str| &cells[columns.iter().position(|column| column.name == name).unwrap()];
        assert_eq!(of("frame.number"), &Cell::Count(7));
        assert_eq!(of("frame.time_epoch"), &Cell::Time(9));
        assert_eq!(of("eth.src"), &Cell::Text("02:03:04:05:06:07".into()));
        assert_eq!(of("ip.flags"), &Cell::Count(2));
        assert_eq!(of("ip.id"), &Cell::Count(0xabcd));
        assert_eq!(of("ip.dst"), &Cell::Address([10, 4, 5, 6].into()));
        assert_eq!(of("tcp.seq_raw"), &Cell::Count(0x0102_0304));
        assert_eq!(of("tcp.flags"), &Cell::Count(0x12));
        assert_eq!(of("tcp.len"), &Cell::Count(3));
        assert_eq!(of("tcp.option_kind"), &Cell::Integers(vec![2, 3, 1, 5, 8].into()));
        assert_eq!(of("tcp.options.mss_val"), &Cell::Count(1_460));
        assert_eq!(of("tcp.options.timestamp.tsecr"), &Cell::Count(0x2122_2324));
        for absent in ["udp.srcport", "ipv6.src", "icmp.type", "vlan.id", "ipv6.fraghdr.ident"] {
            assert_eq!(of(absent), &Cell::Missing, "{absent}");
        }
    });
    // A frame without IP has a row too, as far as there are fields.
    cells(&set, ETHERNET, &[0; 20], |cells| assert!(cells.unwrap().iter().any(|cell| *cell != Cell::Missing)));
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let of = |sets: &[&str]| PacketSet::of(&request(sets, PacketOptions::default()));
    assert!(of(&["cic", "splt:4"]).unwrap().is_none());
    assert_eq!(
        of(&["headers", "nprint:4", "tcp", "bytes:9"]).unwrap().unwrap().entries.len(),
        headers::FIELDS.len() + 4
    );
    for wrong in [
        &["cic", "headers"][..],
        &["bytes:9", "tcp"],
        &["bytes:", "headers"],
        &["bytes:65536"],
        &["nprint:"],
        &["nprint:4", "4"],
        &["nprint:payload=0"],
        &["nprint:4", "nprint:6"],
        &["headers", "headers"],
    ] {
        assert!(of(wrong).is_err(), "{wrong:?}");
    }
}

/// Bits of a header by another way: the whole row as one text of digits, from the bytes as a binary number.
fn slow_bits(header: &[u8], room: usize) -> Vec<i8> {
    let digits: String = header.iter().map(|byte| format!("{byte:08b}")).collect();
    let mut bits: Vec<i8> = digits.chars().map(|digit| if digit == '1' { 1 } else { 0 }).collect();
    bits.resize(room, -1);
    bits
}

proptest! {
    /// Headers are cut from the bytes where their lengths say, whatever they are.
    #[test]
    fn bits_are_those_of_the_headers(
        ihl in 5_usize..16,
        is_tcp: bool,
        offset in 5_usize..16,
        noise in prop::collection::vec(any::<u8>(), 120),
        payload in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut header = noise[..4 * ihl].to_vec();
        header[0] = 0x40 | ihl as u8;
        header[6..8].fill(0);
        header[9] = if is_tcp { 6 } else { 17 };
        let transport_length = if is_tcp { 4 * offset } else { 8 };
        let mut transport = noise[60..60 + transport_length].to_vec();
        transport[0] |= 0x80;
        if is_tcp {
            transport[12] = (offset << 4) as u8 | transport[12] & 0xf;
        }
        let total = header.len() + transport.len() + payload.len();
        header[2..4].copy_from_slice(&(total as u16).to_be_bytes());
        let packet = [header.as_slice(), &transport, &payload].concat();
        let expected = [
            slow_bits(&header, 480),
            slow_bits(&[], 320),
            slow_bits(if is_tcp { &transport } else { &[] }, 480),
            slow_bits(if is_tcp { &[] } else { &transport }, 64),
            slow_bits(&[], 64),
            slow_bits(&payload[..payload.len().min(5)], 40),
        ];
        let set = set(&["nprint:payload=5", "6", "udp", "icmp", "4", "tcp"], PacketOptions::default());
        cells(&set, RAW, &packet, |cells| {
            for (cell, expected) in cells.unwrap().iter().zip(&expected) {
                prop_assert_eq!(cell, &Cell::Signs(expected));
            }
            Ok(())
        })?;
    }

    /// Whatever the bytes are, there is a row or a reason; of bytes, never an address.
    #[test]
    fn any_bytes_have_a_row_or_a_reason(first in prop::sample::select(vec![0x45_u8, 0x4f, 0x60]), protocol in prop::sample::select(vec![0_u8, 1, 2, 6, 17, 43, 44, 58, 60, 132]), mut bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        if let Some(byte) = bytes.first_mut() {
            *byte = first;
        }
        if let Some(byte) = bytes.get_mut(if first == 0x60 { 6 } else { 9 }) {
            *byte = protocol;
        }
        let request = request(&["headers", "bytes:64", "nprint:4", "6", "tcp", "udp", "icmp", "eth", "payload=9"], PacketOptions::default());
        let set = PacketSet::of(&SetRequest { masked: Hidden::ALL.into_iter().collect(), ..request }).unwrap().unwrap();
        let width = set.columns().len();
        cells(&set, RAW, &bytes, |cells| {
            if let Ok(cells) = cells {
                prop_assert_eq!(cells.len(), width);
                let vector = cells.iter().find_map(|cell| if let Cell::Bytes(bytes) = cell { Some(*bytes) } else { None });
                let addresses = if first == 0x60 { 8..40 } else { 12..20 };
                prop_assert!(vector.unwrap()[addresses].iter().all(|&byte| byte == 0));
            }
            Ok(())
        })?;
    }
}
