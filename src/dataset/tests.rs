//! Samples in passing and by index, of captures written for it.

use std::path::PathBuf;

use super::*;
use crate::capture::{Dialect, PcapngWriter, SnapLen};
use crate::packet::{ByteOrder, Interface, LinkType, Options, Packet, code, push_option};
use crate::sample::header::Header;
use crate::time::Resolution;

/// A capture of one-byte packets, the byte their number, each with these comments.
fn capture(order: Option<Order>, packets: &[&[&str]]) -> tempfile::NamedTempFile {
    let interface = Interface {
        number: 0,
        link_type: LinkType::ETHERNET,
        byte_order: ByteOrder::Little,
        snap_len: 0,
        resolution: Resolution::NANOSECONDS,
        states_resolution: false,
        offset: 0,
        options: Vec::new(),
    };
    let file = tempfile::NamedTempFile::new().unwrap();
    let section = Header { order, ..Header::default() }.options(Options::NONE);
    let mut writer = PcapngWriter::new(Vec::new(), &section, SnapLen::Keep, Dialect::Pcapng);
    for (number, comments) in (1..).zip(packets) {
        let mut options = Vec::new();
        comments.iter().for_each(|text| push_option(&mut options, code::OPT_COMMENT, text.as_bytes()));
        let packet = Packet {
            number,
            place: (0, 0),
            interface: &interface,
            raw_time: Some(1_000 * number),
            bytes: &[number as u8],
            original_length: 1,
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
    let mut stream = dataset.stream().unwrap();
    let mut given = Vec::new();
    loop {
        match stream.next_sample() {
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
        let sample = dataset.fetch(&index, entry).unwrap();
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
