//! Samples in passing and by index, of captures written for it.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt16Type, UInt64Type};

use super::*;
use crate::capture::{Dialect, PcapngWriter, SnapLen};
use crate::packet::{ByteOrder, Interface, LinkType, Options, Packet, code, push_option};
use crate::redact::Field;
use crate::sample::header::Header;
use crate::time::Resolution;

fn interface(number: u32, link_type: LinkType, resolution: Resolution, offset: i64) -> Interface {
    let mut options = Vec::new();
    if offset != 0 {
        push_option(&mut options, code::IF_TSOFFSET, &offset.to_le_bytes());
    }
    Interface {
        number,
        link_type,
        byte_order: ByteOrder::Little,
        snap_len: 0,
        resolution,
        states_resolution: false,
        offset,
        options,
    }
}

/// A capture of one-byte packets, the byte their number, each with these comments.
fn capture(order: Option<Order>, packets: &[&[&str]]) -> tempfile::NamedTempFile {
    let ethernet = interface(0, LinkType::ETHERNET, Resolution::NANOSECONDS, 0);
    let packets: Vec<_> = packets.iter().map(|comments| (&ethernet, 1, *comments)).collect();
    capture_of(order, &packets)
}

/// The same, of packets of these interfaces and lengths.
fn capture_of(order: Option<Order>, packets: &[(&Interface, usize, &[&str])]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let section = Header { order, ..Header::default() }.options(Options::NONE);
    let mut writer = PcapngWriter::new(Vec::new(), &section, SnapLen::Keep, Dialect::Pcapng);
    for (number, (interface, length, comments)) in (1..).zip(packets) {
        let mut options = Vec::new();
        comments.iter().for_each(|text| push_option(&mut options, code::OPT_COMMENT, text.as_bytes()));
        let packet = Packet {
            number,
            place: (0, 0),
            interface,
            raw_time: Some(1_000 * number),
            bytes: &vec![number as u8; *length],
            original_length: *length as u32,
            drops: None,
            options: Options::NONE,
            block: &[],
        };
        writer.packet(&packet, &options, |_| true).unwrap();
    }
    std::fs::write(file.path(), writer.finish().unwrap()).unwrap();
    file
}

type Given = Vec<(u64, Vec<u8>)>;

/// The samples in passing: ids, and the bytes of their packets.
fn passing(dataset: &Dataset) -> (Given, Option<String>) {
    let mut stream = dataset.samples().unwrap();
    let mut given = Vec::new();
    loop {
        match stream.next_given() {
            Ok(Some(sample)) => given.push((sample.sample.id.0, sample.bytes)),
            Ok(None) => return (given, None),
            Err(error) => return (given, Some(error.to_string())),
        }
    }
}

/// The same by the index.
fn indexed(dataset: &Dataset) -> Given {
    let index = dataset.index().unwrap();
    let fetch = |entry| {
        let sample = index.fetch(entry).unwrap();
        (sample.sample.id.0, sample.bytes)
    };
    index.entries().iter().map(fetch).collect()
}

fn open(file: &tempfile::NamedTempFile, selection: Selection) -> Dataset {
    Dataset::open(&[PathBuf::from(file.path())], selection).unwrap()
}

#[test]
fn both_ways_give_the_same_samples() {
    let packets: [&[&str]; 7] = [&["1,a"], &["a note"], &["1,a,p.x=1"], &["1,a", "2,b"], &[], &["2,b"], &["3,c"]];
    let file = capture(Some(Order::Id), &packets);
    let dataset = open(&file, Selection::default());
    assert!(dataset.is_contiguous());
    // The fourth packet belongs to two samples, and stands with the first.
    let expected = vec![(1, vec![1, 3, 4]), (2, vec![4, 6]), (3, vec![7])];
    assert_eq!(passing(&dataset), (expected.clone(), None));
    assert_eq!(indexed(&dataset), expected);
    let sample = dataset.by_id(SampleId(2)).unwrap().unwrap();
    assert_eq!((sample.numbers.as_slice(), sample.offsets.as_slice()), (&[4, 6][..], &[0, 1, 2][..]));
    assert_eq!(sample.packet_comments(0).collect::<Vec<_>>(), [&b"1,a"[..], b"2,b"]);
    assert!(dataset.by_id(SampleId(9)).unwrap().is_none());
    assert_eq!(dataset.index().unwrap().unlabelled, 2);
}

#[test]
fn samples_that_are_mixed_are_found_by_index() {
    let file = capture(None, &[&["1,a"], &["2,b"], &["1,a"], &["2,b"], &["2,b"]]);
    let dataset = open(&file, Selection::default());
    assert!(!dataset.is_contiguous());
    assert_eq!(indexed(&dataset), [(1, vec![1, 3]), (2, vec![2, 4, 5])]);
    let labels = Some(["b".to_owned()].into());
    assert_eq!(indexed(&open(&file, Selection { labels, ..Selection::default() })), [(2, vec![2, 4, 5])]);
}

#[test]
fn a_promise_that_is_broken_is_an_error_behind_all_that_is_whole() {
    let file = capture(Some(Order::Contiguous), &[&["1,a"], &["2,b"], &["1,a"]]);
    let (given, fault) = passing(&open(&file, Selection::default()));
    assert_eq!(given, [(1, vec![1]), (2, vec![2])]);
    assert!(fault.unwrap().contains("sample 1 comes back"));
}

#[test]
fn an_id_of_two_labels_is_not_guessed() {
    let file = capture(None, &[&["1,a"], &["1,b"]]);
    let dataset = open(&file, Selection::default());
    assert_eq!(indexed(&dataset), [(1, vec![1]), (1, vec![2])]);
    assert!(dataset.by_id(SampleId(1)).unwrap_err().to_string().contains("is both 'a' and 'b'"));
}

/// Of each packet what its interface decides: its number, time and link type; as `all_packets` has it.
fn all(dataset: &Dataset) -> Vec<(u64, i64, u16)> {
    let mut packets = dataset.all_packets(100, Beside::default());
    let mut rows = Vec::new();
    while let Some(batch) = packets.next_given().unwrap() {
        let numbers = batch.column(0).as_primitive::<UInt64Type>().values();
        let times = batch.column(1).as_primitive::<TimestampNanosecondType>().values();
        let link_types = batch.column(5).as_primitive::<UInt16Type>().values();
        rows.extend((0..batch.num_rows()).map(|at| (numbers[at], times[at], link_types[at])));
    }
    rows
}

/// The same, by the index.
fn fetched(dataset: &Dataset) -> Vec<(u64, i64, u16)> {
    let index = dataset.index().unwrap();
    let mut rows = Vec::new();
    for entry in index.entries() {
        let sample = index.fetch(entry).unwrap();
        assert_eq!((sample.times.first(), sample.times.last()), (Some(&entry.first), Some(&entry.last)));
        rows.extend((0..sample.len()).map(|at| (sample.numbers[at], sample.times[at], sample.link_types[at] as u16)));
    }
    rows
}

#[test]
fn each_file_has_interfaces_of_its_own() {
    let ethernet = interface(0, LinkType::ETHERNET, Resolution::MICROSECONDS, 0);
    let raw = interface(0, LinkType::RAW, Resolution::NANOSECONDS, 5);
    let files = [
        capture_of(None, &[(&ethernet, 1, &["1,a"]), (&ethernet, 1, &["1,a"])]),
        capture_of(None, &[(&raw, 1, &["2,b"])]),
    ];
    let paths = files.each_ref().map(|file| PathBuf::from(file.path()));
    let dataset = Dataset::open(&paths, Selection::default()).unwrap();
    assert_eq!(all(&dataset), [(1, 1_000_000, 1), (2, 2_000_000, 1), (1, 5_000_001_000, LinkType::RAW.0)]);
    assert_eq!(fetched(&dataset), all(&dataset));
}

#[test]
fn an_interface_may_be_described_between_packets() {
    let ethernet = interface(0, LinkType::ETHERNET, Resolution::MICROSECONDS, 0);
    let raw = interface(1, LinkType::RAW, Resolution::NANOSECONDS, 5);
    let packets: [(&Interface, usize, &[&str]); 4] =
        [(&ethernet, 1, &["1,a"]), (&raw, 1, &["1,a"]), (&ethernet, 1, &["1,a"]), (&raw, 1, &["1,a"])];
    let file = capture_of(None, &packets);
    let dataset = open(&file, Selection::default());
    assert_eq!(all(&dataset).iter().map(|row| row.2).collect::<Vec<_>>(), [1, 101, 1, 101]);
    let index = dataset.index().unwrap();
    let sample = index.fetch(&index.entries()[0]).unwrap();
    assert_eq!(sample.link_types, [1, 101, 1, 101]);
    assert_eq!(sample.times, all(&dataset).iter().map(|row| row.1).collect::<Vec<_>>());
}

/// The smallest number stands for packets without a time.
#[test]
fn a_time_that_means_no_time_is_refused() {
    // 2^63 ns before 1970, but for the packet's own 1000 ns.
    let early = interface(0, LinkType::ETHERNET, Resolution::NANOSECONDS, -9_223_372_037);
    let file = capture_of(None, &[(&early, 1, &["1,a"])]);
    let raw_time = 145_224_192_u32;
    let mut bytes = std::fs::read(file.path()).unwrap();
    let at = bytes.windows(4).position(|four| four == 1_000_u32.to_le_bytes()).unwrap();
    bytes[at..at + 4].copy_from_slice(&raw_time.to_le_bytes());
    std::fs::write(file.path(), bytes).unwrap();
    let dataset = open(&file, Selection::default());
    let refused = |error: Error| assert!(error.to_string().contains("64 bits of nanoseconds"), "{error}");
    refused(dataset.index().unwrap_err());
    refused(dataset.all_packets(1, Beside::default()).next_given().unwrap_err());
}

#[test]
fn labels_and_comments_fill_a_batch_too() {
    let long = format!("1,{}", "x".repeat(400));
    let text = [long.as_str()];
    let file = capture(None, &[&text[..]; 12]);
    let dataset = open(&file, Selection::default());
    let rows = |sample, comment| {
        let mut packets = dataset.all_packets(100, Beside { sample, comment });
        let mut rows = Vec::new();
        while let Some(batch) = packets.next_given().unwrap() {
            rows.push(batch.num_rows());
        }
        rows
    };
    // A batch has room for 1024 bytes in tests.
    assert_eq!(rows(false, false), [12]);
    assert_eq!(rows(true, false), [3, 3, 3, 3]);
    assert_eq!(rows(true, true), [2, 2, 2, 2, 2, 2]);
}

#[test]
fn what_is_kept_for_later_samples_is_bounded_in_bytes() {
    let ethernet = interface(0, LinkType::ETHERNET, Resolution::NANOSECONDS, 0);
    let both: (&Interface, usize, &[&str]) = (&ethernet, 400, &["1,a", "2,b"]);
    let (given, fault) = passing(&open(&capture_of(Some(Order::Id), &[both; 2]), Selection::default()));
    assert_eq!((given.len(), fault), (2, None));
    // There is room for 1024 bytes in tests.
    let (_, fault) = passing(&open(&capture_of(Some(Order::Id), &[both; 3]), Selection::default()));
    assert!(fault.unwrap().contains("too many packets of several samples"));
}

#[test]
fn packets_of_no_sample_are_counted_once_whichever_way() {
    let file = capture(Some(Order::Id), &[&["1,a"], &["2,b"]]);
    let dataset = open(&file, Selection::default());
    passing(&dataset);
    // What was read in passing is not read again.
    std::fs::remove_file(file.path()).unwrap();
    assert_eq!(dataset.unlabelled_unless(&mut || Ok(())).unwrap(), 0);
}

#[test]
fn whoever_waits_for_packets_can_stop() {
    let file = capture(Some(Order::Id), &vec![&["1,a"][..]; 2 * ASK_EVERY as usize]);
    let none = Selection { labels: Some(["b".to_owned()].into()), ..Selection::default() };
    let dataset = open(&file, none);
    let mut packets = dataset.packets_unless(100, Beside::default(), &mut || Ok(())).unwrap();
    let stopped = packets.next_unless(&mut || Err(Error::request("stopped"))).unwrap_err();
    assert_eq!(stopped.to_string(), "stopped");
    assert!(packets.next_given().unwrap().is_none());
}

#[test]
fn samples_are_masked_however_they_are_read() {
    let packets: [&[&str]; 5] = [&["1,a"], &["1,a", "2,b"], &["2,b"], &[], &["3,c"]];
    for order in [Some(Order::Id), None] {
        let file = capture(order, &packets);
        let dataset = open(&file, Selection::default()).masked(Mask::of(&[Field::Time, Field::Ttl]));
        // Nothing of a frame of one byte is understood, and so all of it is zeroed.
        let expected = vec![(1, vec![0, 0]), (2, vec![0, 0]), (3, vec![0])];
        assert_eq!(passing(&dataset), (expected.clone(), None));
        assert_eq!(indexed(&dataset), expected);
        let mut samples = dataset.samples().unwrap();
        let mut times = Vec::new();
        while let Some(sample) = samples.next_given().unwrap() {
            times.push(sample.times);
        }
        assert_eq!(times, [vec![0, 1_000], vec![0, 1_000], vec![0]]);
        let index = dataset.index().unwrap();
        let spans: Vec<(i64, i64)> = index.entries().iter().map(|entry| (entry.first, entry.last)).collect();
        assert_eq!(spans, [(0, 1_000), (0, 1_000), (0, 0)]);
        let mut rows = dataset.all_packets(10, Beside::default());
        let batch = rows.next_given().unwrap().unwrap();
        assert_eq!((batch.num_rows(), batch.column_by_name("timestamp").unwrap().null_count()), (5, 5));
    }
}
