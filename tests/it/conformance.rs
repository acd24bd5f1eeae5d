//! Every capture of the conformance suite reads as its facts say, and copies byte for byte.

use std::fs;
use std::path::Path;

use pcapml::capture::{Format, Item, Reader, Rewriter, kind, packet_block};
use pcapml::packet::{ByteOrder, code};
use serde_json::Value;

use crate::support::{corpus, digest, read_text};

/// All entries of both fact files, with the directory that their paths are relative to.
fn facts(corpus: &Path) -> Vec<Value> {
    let directory = corpus.join("conformance");
    ["suite.json", "variety.json.gz"]
        .iter()
        .flat_map(|name| -> Vec<Value> { serde_json::from_str(&read_text(&directory.join(name))).unwrap() })
        .collect()
}

fn text(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().map(str::to_owned)
}

#[test]
fn every_file_reads_as_its_facts_say() {
    let Some(corpus) = corpus() else { return };
    let (mut files, mut packets) = (0, 0);
    for fact in facts(&corpus) {
        let name = text(&fact, "file").unwrap();
        packets += check_file(&corpus.join("conformance").join(&name), &name, &fact);
        files += 1;
    }
    println!("conformance: {files} files, {packets} packets read as their facts say");
    assert_eq!(files, 103);
}

fn check_file(path: &Path, name: &str, fact: &Value) -> usize {
    let mut reader = Reader::open(path, 1).unwrap_or_else(|error| panic!("{error}"));
    let format = reader.format();
    let expected = fact["packets"].as_array().unwrap();
    let (mut interfaces, mut packets, mut statistics) = (0, 0, 0);
    loop {
        match reader.next_item().unwrap_or_else(|error| panic!("{error}")) {
            None => break,
            Some(Item::Interface(interface, _)) => {
                let want = &fact["interfaces"][interfaces];
                let option = |wanted| interface.options().find(|option| option.code == wanted);
                assert_eq!(want["linktype"], interface.link_type.0, "{name}");
                assert_eq!(want["snaplen"], interface.snap_len, "{name}");
                assert_eq!(text(want, "name"), interface.name(), "{name}");
                assert_eq!(want["if_tsoffset"].as_i64().unwrap_or(0), interface.offset, "{name}");
                if format == Format::Pcapng {
                    let octet = option(code::IF_TSRESOL).map(|option| u64::from(option.value[0]));
                    assert_eq!(want["if_tsresol"].as_u64(), octet, "{name}");
                }
                interfaces += 1;
            }
            Some(Item::Packet(packet)) => {
                let want = &expected[packets];
                assert_eq!(want["interface"], packet.interface.number, "{name} packet {packets}");
                assert_eq!(want["caplen"], packet.bytes.len(), "{name} packet {packets}");
                assert_eq!(want["origlen"], packet.original_length, "{name} packet {packets}");
                assert_eq!(text(want, "sha256").unwrap(), digest(packet.bytes), "{name} packet {packets}");
                let time = packet.time().map(|time| time.0.to_string());
                let wanted_time = (!want["ts_ns"].is_null()).then(|| want["ts_ns"].to_string());
                // 4.7e21 does not fit serde's integers: compared as far as its floats reach.
                match wanted_time.filter(|text| text.contains('e')) {
                    Some(float) => {
                        let (want, read): (f64, f64) = (float.parse().unwrap(), time.unwrap().parse().unwrap());
                        assert!((want / read - 1.0).abs() < 1e-15, "{name} packet {packets}");
                    }
                    None => assert_eq!(
                        (!want["ts_ns"].is_null()).then(|| want["ts_ns"].to_string()),
                        time,
                        "{name} packet {packets}"
                    ),
                }
                let comments: Vec<_> =
                    packet.comments().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
                let wanted: Vec<_> = want["comments"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|text| text.as_str().unwrap().to_owned())
                    .collect();
                assert_eq!(wanted, comments, "{name} packet {packets}");
                packets += 1;
            }
            Some(Item::Other(block)) => statistics += u64::from(block.kind == kind::INTERFACE_STATISTICS),
            Some(Item::Section(_)) => {}
        }
    }
    assert_eq!(expected.len(), packets, "{name}");
    assert_eq!(fact["interfaces"].as_array().unwrap().len(), interfaces, "{name}");
    assert_eq!(fact["statistics"].as_u64().unwrap_or(0), statistics, "{name}");
    packets
}

#[test]
fn reading_and_writing_gives_identical_bytes() {
    let Some(corpus) = corpus() else { return };
    let (mut files, mut blocks) = (0, 0);
    for fact in facts(&corpus) {
        let path = corpus.join("conformance").join(text(&fact, "file").unwrap());
        let original = fs::read(&path).unwrap();
        let mut reader = Reader::open(&path, 1).unwrap();
        if reader.format() == Format::Pcap {
            continue;
        }
        let mut out = Rewriter::new(Vec::new());
        let mut position = 0;
        while let Some(item) = reader.next_item().unwrap() {
            let bytes = match item {
                Item::Section(block) => {
                    out.section(&block, |_| true).unwrap();
                    block.bytes
                }
                Item::Interface(_, block) | Item::Other(block) => {
                    out.block(&block).unwrap();
                    block.bytes
                }
                Item::Packet(packet) => {
                    out.packet(&packet, |_| true).unwrap();
                    packet.block
                }
            };
            assert_eq!(bytes, &original[position..position + bytes.len()], "{}", path.display());
            position += bytes.len();
            blocks += 1;
        }
        assert_eq!(position, original.len(), "{}", path.display());
        assert_eq!(out.finish().unwrap(), without_section_lengths(&original), "{}", path.display());
        files += 1;
    }
    println!("conformance: {files} pcapng files, {blocks} blocks copied byte for byte");
    assert!(files > 60);
}

/// The copy says "unknown" as its sections' lengths: it may leave blocks out.
fn without_section_lengths(bytes: &[u8]) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    let mut order = ByteOrder::Little;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..at + 4] == [0x0a, 0x0d, 0x0d, 0x0a] {
            order = if bytes[at + 8] == 0x4d { ByteOrder::Little } else { ByteOrder::Big };
            copy[at + 16..at + 24].fill(0xff);
        }
        at += order.u32(bytes, at + 4).unwrap() as usize;
    }
    copy
}

#[test]
fn packets_written_anew_are_the_blocks_they_were() {
    let Some(corpus) = corpus() else { return };
    let mut packets = 0;
    for fact in facts(&corpus) {
        let path = corpus.join("conformance").join(text(&fact, "file").unwrap());
        let mut reader = Reader::open(&path, 1).unwrap();
        if reader.format() == Format::Pcap || fact["endian"] != "LE" {
            continue;
        }
        while let Some(item) = reader.next_item().unwrap() {
            let Item::Packet(packet) = item else { continue };
            let data_end = (28 + packet.bytes.len()).next_multiple_of(4);
            // Between its bytes and its end a packet of the suite has junk that begins like opt_endofopt.
            let junk = packet.options.is_empty() && packet.block.len() > data_end + 4;
            if packet.block[..4] != [6, 0, 0, 0] || junk {
                continue;
            }
            let interface = ByteOrder::Little.u32(packet.block, 8).unwrap();
            let mut written = Vec::new();
            packet_block(&mut written, interface, &packet, &[], |_| true);
            assert!(written == packet.block, "{} packet {}", path.display(), packet.number);
            packets += 1;
        }
    }
    println!("conformance: {packets} enhanced packet blocks written anew byte for byte");
    assert!(packets > 100);
}

/// What the suite's custom options hold where the draft wants a private enterprise number, which would turn round.
const NO_NUMBER: &[u8] = b"a fake string";

#[test]
fn both_byte_orders_are_carried_into_the_same_section() {
    let Some(corpus) = corpus() else { return };
    let sandbox = crate::support::Sandbox::new();
    let mut pairs = 0;
    for entry in ["basic", "advanced"] {
        let directory = corpus.join("conformance/suite/le").join(entry);
        for file in fs::read_dir(directory).unwrap() {
            let little = file.unwrap().path();
            let big = corpus.join("conformance/suite/be").join(entry).join(little.file_name().unwrap());
            let convert =
                |path: &Path, out: &str| sandbox.pcapml(["convert", path.to_str().unwrap(), out, "--force"]).expect(0);
            let (_, told) = (convert(&little, "le.pcapng"), convert(&big, "be.pcapng").err);
            // Custom blocks of a big-endian section are left out, with a count.
            let original = fs::read(&little).unwrap();
            let numbers = !original.windows(NO_NUMBER.len()).any(|window| window == NO_NUMBER);
            if numbers && !told.contains("have no place in the output") {
                let (le, be) =
                    (fs::read(sandbox.path("le.pcapng")).unwrap(), fs::read(sandbox.path("be.pcapng")).unwrap());
                assert!(le == be, "{}", big.display());
                pairs += 1;
            }
        }
    }
    println!("conformance: {pairs} pairs of little- and big-endian files give one output");
    assert!(pairs >= 12);
}
