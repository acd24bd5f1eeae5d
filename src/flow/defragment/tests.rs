//! Datagrams in pieces: what is put together is what was taken apart.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::decode;
use crate::flow::observation::Observer;
use crate::packet::{ByteOrder, Interface, LinkType, Options, Packet};
use crate::time::Resolution;

const RAW: LinkType = LinkType(101);
const SECOND: i64 = 1_000_000_000;

/// A fragment of IPv4 with an option in its header.
fn v4(identification: u8, offset: u32, more: bool, data: &[u8]) -> Vec<u8> {
    let [l0, l1] = (24 + data.len() as u16).to_be_bytes();
    let [p0, p1] = ((offset / 8) as u16 | u16::from(more) << 13).to_be_bytes();
    let header = [0x46, 0, l0, l1, 0, identification, p0, p1, 64, 17, 0xab, 0xcd, 10, 0, 0, 1, 10, 0, 0, 2, 1, 1, 1, 0];
    [&header, data].concat()
}

/// One of IPv6, behind a hop-by-hop header.
fn v6(identification: u8, offset: u32, more: bool, data: &[u8]) -> Vec<u8> {
    let [l0, l1] = (16 + data.len() as u16).to_be_bytes();
    let [p0, p1] = (offset as u16 | u16::from(more)).to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, l0, l1, 0, 64];
    (1..=2).for_each(|host| packet.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]));
    packet.extend([44, 0, 1, 4, 0, 0, 0, 0, 17, 0, p0, p1, 0, 0, 0, identification]);
    [&packet, data].concat()
}

fn take(to: &mut Defragmenter, packet: &[u8], time: i64) -> Option<Datagram> {
    take_cut(to, packet, packet.len(), time)
}

/// Takes a packet of which so much was captured.
fn take_cut(to: &mut Defragmenter, packet: &[u8], captured: usize, time: i64) -> Option<Datagram> {
    to.take(0, &decode::innermost(RAW, &packet[..captured], packet.len() as u32), time)
}

/// The transport payload of a whole packet, as the decoder sees it.
fn payload(datagram: &Datagram) -> Vec<u8> {
    let layers = decode::innermost(RAW, &datagram.bytes, datagram.length);
    let ip = layers.ip().expect("an IP packet");
    assert_eq!((ip.fragment, ip.payload_length as usize), (None, datagram.length as usize - ip.header.len()));
    ip.payload.to_vec()
}

fn counted(counts: impl FnOnce(&mut DatagramCounts)) -> DatagramCounts {
    let mut expected = DatagramCounts::default();
    counts(&mut expected);
    expected
}

type Make = fn(u8, u32, bool, &[u8]) -> Vec<u8>;

#[test]
fn fragments_in_any_order_make_a_datagram() {
    for make in [v4 as Make, v6] {
        let mut to = Defragmenter::default();
        assert_eq!(take(&mut to, &make(1, 16, false, b"end"), 0), None);
        assert_eq!(take(&mut to, &make(1, 0, true, b"01234567"), 0), None);
        // Another datagram in between.
        assert_eq!(take(&mut to, &make(2, 8, true, b"xxxxxxxx"), 0), None);
        let whole = take(&mut to, &make(1, 8, true, b"89abcdef"), 0).expect("it is whole");
        assert_eq!(payload(&whole), b"0123456789abcdefend");
        to.clear();
        let counts = counted(|counts| (counts.fragments, counts.whole, counts.unfinished) = (4, 1, 1));
        assert_eq!((to.counts(), to.held()), (counts, 0));
    }
}

#[test]
fn headers_are_those_of_the_first_without_fragmentation() {
    let mut to = Defragmenter::default();
    take(&mut to, &v4(1, 8, false, b"89"), 0);
    let whole = take(&mut to, &v4(1, 0, true, b"01234567"), 0).unwrap();
    let header = whole.bytes.get(..24).unwrap();
    assert_eq!(header.get(2..8), Some(&[0, 34, 0, 1, 0, 0][..]));
    // A checksum is right if it makes the sum 0.
    assert_eq!(checksum(header), 0);
    take(&mut to, &v6(1, 8, false, b"89"), 0);
    let whole = take(&mut to, &v6(1, 0, true, b"01234567"), 0).unwrap();
    assert_eq!(whole.bytes.get(4..7), Some(&[0, 18, 0][..]));
    assert_eq!(
        whole.bytes.get(40..),
        Some(
            &b"\x11\0\x01\x04\0\0\0\0\
0123456789"[..]
        )
    );
}

#[test]
fn extensions_behind_the_fragment_header_are_data() {
    let mut to = Defragmenter::default();
    // Destination options with UDP behind them.
    let mut first = v6(1, 0, true, b"\x11\0\x01\x04\0\0\0\0\0\x01\0\x02\0\x0a\0\0");
    first[48] = 60;
    let mut last = v6(1, 16, false, b"hi");
    last[48] = 60;
    assert_eq!(take(&mut to, &last, 0), None);
    let whole = take(&mut to, &first, 0).unwrap();
    let layers = decode::innermost(RAW, &whole.bytes, whole.length);
    let ip = layers.ip().unwrap();
    assert_eq!((ip.ports(), ip.header.len(), ip.payload), (Some((1, 2)), 56, b"\0\x01\0\x02\0\x0a\0\0hi".as_slice()));
}

#[test]
fn in_ipv4_the_first_bytes_count() {
    let mut to = Defragmenter::default();
    take(&mut to, &v4(1, 8, true, b"BBBBBBBB"), 0);
    take(&mut to, &v4(1, 24, false, b"DDDD"), 0);
    take(&mut to, &v4(1, 8, true, b"bbbbbbbb"), 0);
    take(&mut to, &v4(1, 8, true, b"BBBBBBBB"), 0);
    let whole = take(&mut to, &v4(1, 0, true, b"AAAAAAAAxxxxxxxxCCCCCCCC"), 0).unwrap();
    assert_eq!(payload(&whole), b"AAAAAAAABBBBBBBBCCCCCCCCDDDD");
    let counts = counted(|counts| {
        (counts.fragments, counts.whole, counts.duplicates, counts.overlap_bytes) = (5, 1, 1, 16);
    });
    assert_eq!(to.counts(), counts);
}

#[test]
fn in_ipv6_overlaps_drop_the_datagram() {
    let mut to = Defragmenter::default();
    take(&mut to, &v6(1, 8, true, b"BBBBBBBB"), 0);
    take(&mut to, &v6(1, 8, true, b"BBBBBBBB"), 0);
    take(&mut to, &v6(1, 8, true, b"bbbbbbbb"), 0);
    assert_eq!(take(&mut to, &v6(1, 16, false, b"C"), 0), None);
    assert_eq!(take(&mut to, &v6(1, 0, true, b"AAAAAAAA"), 0), None);
    to.clear();
    let counts = counted(|counts| {
        (counts.fragments, counts.duplicates, counts.overlapping, counts.dropped) = (5, 1, 1, 3);
    });
    assert_eq!(to.counts(), counts);
}

#[test]
fn fragments_that_make_no_sense_are_counted() {
    for make in [v4 as Make, v6] {
        let mut to = Defragmenter::default();
        for (offset, more, data) in [
            (0, true, &b"odd"[..]),
            (8, false, b""),
            (65_528, false, &[0; 100]),
            // The end, then another end, and something behind it.
            (8, false, b"end"),
            (16, false, b"end"),
            (8, true, b"01234567"),
        ] {
            assert_eq!(take(&mut to, &make(1, offset, more, data), 0), None);
        }
        let whole = take(&mut to, &make(1, 0, true, b"01234567"), 0).unwrap();
        assert_eq!((payload(&whole), to.counts().broken), (b"01234567end".to_vec(), 5));
    }
}

#[test]
fn a_datagram_longer_than_a_packet_is_none() {
    let mut to = Defragmenter::default();
    take(&mut to, &v4(1, 0, true, &[0; 65_504]), 0);
    assert_eq!(take(&mut to, &v4(1, 65_504, false, &[0; 31]), 0), None);
    assert_eq!((to.counts().broken, to.counts().whole, to.held()), (1, 0, 0));
}

#[test]
fn what_the_capture_cut_shortens_the_bytes() {
    let mut to = Defragmenter::default();
    take_cut(&mut to, &v4(1, 8, true, b"89abcdef"), 24 + 3, 0);
    take(&mut to, &v4(1, 0, true, b"01234567"), 0);
    let whole = take(&mut to, &v4(1, 16, false, b"end"), 0).unwrap();
    assert_eq!((payload(&whole), whole.length), (b"0123456789a".to_vec(), 24 + 19));
}

#[test]
fn patience_ends() {
    let mut to = Defragmenter::default();
    take(&mut to, &v4(1, 0, true, b"01234567"), 0);
    // A single packet from the future ends nothing.
    take(&mut to, &v4(2, 0, true, b"01234567"), 900 * SECOND);
    assert!(take(&mut to, &v4(1, 8, false, b"8"), 30 * SECOND).is_some());
    take(&mut to, &v4(3, 0, true, b"01234567"), 30 * SECOND);
    take(&mut to, &v4(4, 0, true, b"01234567"), 61 * SECOND);
    assert_eq!(take(&mut to, &v4(3, 8, false, b"8"), 61 * SECOND), None);
    to.clear();
    assert_eq!((to.counts().whole, to.counts().timed_out, to.counts().unfinished), (1, 1, 3));
}

#[test]
fn what_waits_is_limited() {
    let mut to = Defragmenter::new(10_000);
    for identification in 0..100 {
        take(&mut to, &v4(identification, 8, true, &[0; 800]), 0);
        assert!(to.held() <= 10_000);
    }
    to.clear();
    assert_eq!(to.counts().evicted + to.counts().unfinished, 100);
    let mut to = Defragmenter::new(usize::MAX);
    for sample in 0..MAX_DATAGRAMS as u32 + 5 {
        let packet = v4(1, 8, true, b"01234567");
        to.take(sample, &decode::innermost(RAW, &packet, packet.len() as u32), 0);
    }
    assert_eq!((to.counts().evicted, to.waiting.len(), to.order.len()), (5, MAX_DATAGRAMS, MAX_DATAGRAMS));
}

#[test]
fn samples_tunnels_and_versions_do_not_mix() {
    let mut to = Defragmenter::default();
    let (first, last) = (v4(1, 0, true, b"01234567"), v4(1, 8, false, b"8"));
    let tunnelled = |packet: &[u8], to: u8| {
        let [l0, l1] = (20 + packet.len() as u16).to_be_bytes();
        [&[0x45, 0, l0, l1, 0, 0, 0, 0, 64, 4, 0, 0, 9, 9, 9, 1, 9, 9, 9, to], packet].concat()
    };
    let (there, elsewhere) = (tunnelled(&first, 2), tunnelled(&last, 3));
    let layers = |packet| decode::innermost(RAW, packet, 0);
    assert_eq!(to.take(1, &layers(&first), 0), None);
    assert_eq!(to.take(2, &layers(&last), 0), None);
    assert_eq!(to.take(2, &layers(&there), 0), None);
    assert_eq!(to.take(2, &layers(&elsewhere), 0), None);
    let last = tunnelled(&last, 2);
    assert_eq!(payload(&to.take(2, &layers(&last), 0).unwrap()), b"012345678");
}

/// Three fragments, each in a tunnel whose packets are in fragments too, or not.
#[test]
fn fragments_in_fragments_of_a_tunnel_make_a_datagram() {
    let interface = Interface {
        number: 0,
        link_type: RAW,
        byte_order: ByteOrder::Little,
        snap_len: 0,
        resolution: Resolution::NANOSECONDS,
        states_resolution: true,
        offset: 0,
        options: Vec::new(),
    };
    let udp = [&[0x11, 0x11, 0x22, 0x22, 0, 28, 0, 0], &b"what a datagram says"[..]].concat();
    let parts = [v4(1, 0, true, &udp[..8]), v4(1, 8, true, &udp[8..16]), v4(1, 16, false, &udp[16..])];
    let tunnelled = |identification: u8, offset: usize, more: bool, data: &[u8]| {
        let [p0, p1] = ((offset / 8) as u16 | u16::from(more) << 13).to_be_bytes();
        let length = 20 + data.len() as u8;
        [&[0x45, 0, 0, length, 0, identification, p0, p1, 64, 4, 0, 0, 9, 9, 9, 1, 9, 9, 9, 2], data].concat()
    };
    let mut sent = vec![tunnelled(7, 0, false, &parts[1])];
    for (identification, part) in [(8, &parts[2]), (9, &parts[0])] {
        sent.push(tunnelled(identification, 16, false, &part[16..]));
        sent.push(tunnelled(identification, 0, true, &part[..16]));
    }
    let (mut observer, mut to) = (Observer::default(), Defragmenter::default());
    let seen = sent.iter().map(|bytes| {
        let original_length = bytes.len() as u32;
        let (number, place, raw_time, drops, options, block) = (1, (1, 0), Some(0), None, Options::NONE, &[][..]);
        let packet =
            Packet { number, place, interface: &interface, raw_time, bytes, original_length, drops, options, block };
        observer.observe_whole(&mut to, &packet, 0, |seen, payload| (seen.key.ports, payload.to_vec()))
    });
    let [.., last] = &seen.collect::<Result<Vec<_>, _>>().unwrap()[..] else { panic!() };
    assert_eq!(last.as_ref().unwrap(), &((0x1111, 0x2222), udp[8..].to_vec()));
    assert_eq!((to.counts().whole, to.held()), (3, 0));
}

proptest! {
    #[test]
    fn a_list_of_places_says_the_same(
        fragments in vec((0_u32..12, 1_usize..5, any::<bool>(), any::<u8>(), 0_usize..8), 1..30),
        is_v6 in any::<bool>(),
    ) {
        let make = if is_v6 { v6 as Make } else { v4 };
        let mut to = Defragmenter::default();
        // The plain way: what stands in each place, the end, and whether it is dropped.
        let mut places: Vec<Option<u8>> = vec![None; 200];
        let (mut end, mut dropped, mut came) = (None, false, Vec::new());
        for (unit, units, more, byte, rest) in fragments {
            // What begins at 0 and ends the datagram is no fragment.
            let start = if more { unit } else { unit.max(1) } as usize * 8;
            let data = vec![byte; if more { units * 8 } else { units * 8 - rest }];
            let until = start + data.len();
            let whole = take(&mut to, &make(1, start as u32, more, &data), 0);
            let reach = places.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
            let again = came.contains(&(start, data.clone()));
            let broken = end.is_some_and(|end| until > end || !more && until != end) || end.is_none() && !more && until < reach;
            if dropped || broken {
                prop_assert_eq!(whole, None);
                continue;
            }
            if is_v6 && !again && places[start..until].iter().any(Option::is_some) {
                dropped = true;
                prop_assert_eq!(whole, None);
                continue;
            }
            if !more && !again {
                end = Some(until);
            }
            came.push((start, data.clone()));
            for (place, byte) in places[start..until].iter_mut().zip(data) {
                place.get_or_insert(byte);
            }
            let is_whole = end.is_some_and(|end| places[..end].iter().all(Option::is_some));
            prop_assert_eq!(whole.is_some(), is_whole);
            if let Some(whole) = whole {
                let expected: Vec<u8> = places[..end.unwrap_or(0)].iter().flatten().copied().collect();
                prop_assert_eq!(payload(&whole), expected);
                prop_assert_eq!(to.held(), 0);
                (places, end) = (vec![None; 200], None);
                came.clear();
            }
        }
    }

    #[test]
    fn anything_stays_within_limits(packets in vec((any::<bool>(), 0_u8..3, any::<u16>(), any::<bool>(), vec(any::<u8>(), 0..64), 0_usize..100), 1..60)) {
        let mut to = Defragmenter::new(2_000);
        for (time, (is_v6, identification, offset, more, data, cut)) in (0..).zip(packets) {
            let offset = u32::from(offset % 64) * 8;
            let packet = if is_v6 { v6(identification, offset, more, &data) } else { v4(identification, offset, more, &data) };
            let captured = packet.len() - cut.min(packet.len());
            if let Some(whole) = take_cut(&mut to, &packet, captured, time * SECOND) {
                prop_assert!(whole.bytes.len() <= whole.length as usize);
            }
            prop_assert!(to.held() <= 2_000);
        }
        to.clear();
    }
}
