//! Captures and labels files that are cut at every length and changed at random: never a panic, never a packet that was
//! not there.

use std::fs;
use std::path::PathBuf;

use pcapml::capture::{Dialect, Item, PcapWriter, PcapngWriter, Reader, Rewriter, SnapLen, Source};
use pcapml::rule::{Ids, Matcher, RuleSet};
use pcapml::sample::membership::Samples;
use proptest::prelude::*;

use crate::support::{apps, corpus};

/// Small captures of every format: ours, and the conformance suite's if it is there.
fn seeds() -> Vec<Vec<u8>> {
    let ours = ["ntp/chronyd-v4-1.pcap", "http/curl-v4-2.pcap", "http/curl-v6-2.pcapng"];
    let mut paths: Vec<PathBuf> = ours.iter().map(|name| apps().join("pcaps").join(name)).collect();
    if let Some(corpus) = corpus() {
        for order in ["le", "be"] {
            for name in ["basic/test009", "basic/test014", "basic/test016", "advanced/test101", "difficult/test202"] {
                paths.push(corpus.join(format!("conformance/suite/{order}/{name}.pcapng")));
            }
        }
    }
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

/// Reads everything, and writes it in every way; how many packets there were, and whether it ended well.
fn exercise(bytes: &[u8]) -> (usize, bool) {
    let source = Source::from_stream("mutant", Box::new(std::io::Cursor::new(bytes.to_vec())));
    let Ok(mut reader) = Reader::new(source, 1, Vec::new()) else { return (0, false) };
    let mut anew = PcapngWriter::new(Vec::new(), &[], SnapLen::Unlimited, Dialect::Pcapng);
    let mut old = PcapngWriter::new(Vec::new(), &[], SnapLen::Keep, Dialect::Pcapml03);
    let (mut pcap, mut copy) = (PcapWriter::new(Vec::new(), true), Rewriter::new(Vec::new()));
    let (mut samples, mut packets) = (Samples::default(), 0);
    loop {
        let item = match reader.next_item() {
            Ok(Some(item)) => item,
            Ok(None) => break,
            Err(error) => {
                assert!(error.to_string().starts_with("mutant: block "), "{error}");
                assert!(reader.next_item().unwrap().is_none());
                return (packets, false);
            }
        };
        match item {
            Item::Section(block) => copy.section(&block, |_| true).unwrap(),
            Item::Interface(interface, block) => {
                copy.block(&block).unwrap();
                anew.interface(interface).unwrap();
                // Several link types are more than these two can hold.
                let _ = old.interface(interface);
                pcap.interface(interface);
            }
            Item::Packet(packet) => {
                packets += 1;
                samples.of_packet(&packet, |_| {});
                copy.packet(&packet, |option| option.code % 2 == 0).unwrap();
                anew.packet(&packet, &[], |_| true).unwrap();
                let _ = (old.packet(&packet, &[], |_| true), pcap.packet(&packet, |_| true));
            }
            Item::Other(block) => {
                copy.block(&block).unwrap();
                let _ = anew.block(&block).unwrap();
            }
        }
    }
    // What was written reads as many packets as were read.
    assert_eq!(count(&anew.finish().unwrap()), packets);
    (packets, true)
}

fn count(bytes: &[u8]) -> usize {
    let source = Source::from_stream("written", Box::new(std::io::Cursor::new(bytes.to_vec())));
    let mut reader = Reader::new(source, 1, Vec::new()).unwrap();
    let mut packets = 0;
    while let Some(item) = reader.next_item().unwrap() {
        packets += usize::from(matches!(item, Item::Packet(_)));
    }
    packets
}

#[test]
fn every_shorter_capture_gives_its_whole_packets() {
    for seed in seeds().into_iter().filter(|seed| seed.len() < 6_000) {
        let mut before = 0;
        for length in 0..seed.len() {
            let (packets, _) = exercise(&seed[..length]);
            // One byte more gives at most one packet more.
            assert!(packets == before || packets == before + 1, "{length}");
            before = packets;
        }
        assert!(exercise(&seed).1);
    }
}

/// How many mutants to try; `PCAPML_MUTANTS=1000000 cargo test --release --test it mutations` looks longer.
fn mutants() -> u32 {
    std::env::var("PCAPML_MUTANTS").ok().and_then(|count| count.parse().ok()).unwrap_or(4_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(mutants()))]

    #[test]
    fn changed_captures_never_crash(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            any::<u8>().prop_map(|byte| vec![byte]),
            prop_oneof![Just(0_u32), Just(u32::MAX), Just(1 << 31), Just(3), 0_u32..600].prop_map(|word| word.to_le_bytes().to_vec()),
            any::<u32>().prop_map(|word| word.to_be_bytes().to_vec()),
        ]), 1..6),
    ) {
        let seeds = seeds_once();
        let mut bytes = seeds[which.index(seeds.len())].clone();
        for (place, change) in changes {
            let at = place.index(bytes.len());
            for (offset, byte) in change.into_iter().enumerate() {
                if let Some(old) = bytes.get_mut(at + offset) {
                    *old = byte;
                }
            }
        }
        exercise(&bytes);
    }

    #[test]
    fn odd_labels_files_never_crash(
        text in prop::collection::vec(prop_oneof![
            Just("BPF:".to_owned()), Just("TS_START:".to_owned()), Just("TS_END:".to_owned()), Just("FILE:".to_owned()),
            Just("|".to_owned()), Just(",".to_owned()), Just("\n".to_owned()), Just("\"".to_owned()), Just("#".to_owned()),
            Just("ip".to_owned()), Just("filename,label\n".to_owned()), Just("1700000000.5".to_owned()), any::<String>(),
        ], 0..20),
    ) {
        let text = text.concat();
        if let Ok(set) = RuleSet::parse(text.as_bytes(), &Ids::Sequential) {
            prop_assert!(!set.rules.is_empty() && !set.samples.is_empty());
            prop_assert!(set.samples.iter().all(|sample| !sample.label.is_empty()));
            let _ = Matcher::new(&set);
        }
    }
}

fn seeds_once() -> &'static [Vec<u8>] {
    static SEEDS: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    SEEDS.get_or_init(seeds)
}
