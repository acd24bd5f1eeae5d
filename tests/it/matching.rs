//! The matcher against the plain one: random rules of the whole filter grammar, every capture of the corpus, packets cut
//! at every length.
//!
//! `PCAPML_PAIRS` sets how many pairs of rule set and packet are compared at least, `PCAPML_SEED` which.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use pcapml::capture::{Item, Reader, Source};
use pcapml::packet::{Interface, Options, Packet};
use pcapml::rule::{Ids, Matcher, PlainMatcher, RuleSet};

use crate::support::{apps, corpus};

/// Compared on every run.
const PAIRS: u64 = 40_000;

/// The most packets taken of one capture.
const PER_CAPTURE: usize = 40;

/// Rules name it; half of the time packets are said to be of it.
const FILE: &str = "day1/x.pcap";

#[test]
fn the_matcher_answers_as_the_plain_one_does() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (wanted, seed) = (number("PCAPML_PAIRS", PAIRS), number("PCAPML_SEED", 20_261_121));
    let packets = packets();
    let mut random = Random(seed);
    let (mut pairs, mut sets, mut rules, mut matches) = (0, 0, 0, 0);
    while pairs < wanted {
        let set = rule_set(&mut random, &packets);
        let (mut fast, mut plain) = (Matcher::new(&set).unwrap(), PlainMatcher::new(&set).unwrap());
        for _ in 0..100 {
            let owned = &packets[random.below(packets.len())];
            // A third of the packets is cut at a random length; below, some are at every length.
            let length = if random.below(3) == 0 { random.below(owned.bytes.len() + 1) } else { owned.bytes.len() };
            matches += compare(&mut fast, &mut plain, owned, length, (&set, seed));
            pairs += 1;
        }
        let owned = &packets[random.below(packets.len())];
        for length in 0..owned.bytes.len().min(120) {
            matches += compare(&mut fast, &mut plain, owned, length, (&set, seed));
            pairs += 1;
        }
        sets += 1;
        rules += set.rules.len();
    }
    println!(
        "seed {seed}: {pairs} pairs of rule set and packet, {sets} rule sets of {rules} rules, {} packets, {matches} \
         matches, 0 differences",
        packets.len()
    );
    assert!(matches > pairs / 10, "rules that never match prove nothing");
}

/// Compares the two on one packet, cut at a length; the number of rules that match.
fn compare(fast: &mut Matcher, plain: &mut PlainMatcher, owned: &Owned, length: usize, of: (&RuleSet, u64)) -> u64 {
    let packet = owned.packet(length);
    // Which file it is said to be of must not depend on what is compared.
    let file = if (length + owned.bytes.len()).is_multiple_of(2) { FILE } else { "other.pcap" };
    fast.begin(file);
    fast.prepare(packet.interface.framing());
    let expected = plain.all(file, &packet);
    let context = || {
        let shown = |rule: &usize| of.0.rules[*rule].selector.canonical();
        let rules: Vec<String> = expected.iter().map(shown).collect();
        format!(
            "seed {}: packet {} of {}, cut at {length}; matching: {rules:#?}",
            of.1,
            owned.number,
            owned.file.display()
        )
    };
    let all: Vec<usize> = fast.all(&packet).iter().map(|&rule| rule as usize).collect();
    assert_eq!(all, expected, "{}", context());
    assert_eq!(fast.first(&packet), expected.first().copied(), "{}", context());
    expected.len() as u64
}

/// A packet that outlives its reader.
struct Owned {
    file: PathBuf,
    number: u64,
    interface: Interface,
    raw_time: Option<u64>,
    bytes: Vec<u8>,
    original_length: u32,
}

impl Owned {
    fn packet(&self, length: usize) -> Packet<'_> {
        Packet {
            number: self.number,
            place: (0, 0),
            interface: &self.interface,
            raw_time: self.raw_time,
            bytes: &self.bytes[..length],
            original_length: self.original_length,
            drops: None,
            options: Options::NONE,
            block: &[],
        }
    }
}

/// Packets of every capture there is.
fn packets() -> Vec<Owned> {
    let mut files = Vec::new();
    collect(&apps(), &mut files);
    if let Some(corpus) = corpus() {
        for folder in ["labelled", "single", "conformance", "extra", "dissect", "hostile"] {
            collect(&corpus.join(folder), &mut files);
        }
    }
    files.sort();
    let mut packets = Vec::new();
    for file in files {
        let Ok(mut reader) = Source::open(&file).and_then(|source| Reader::new(source, 1, Vec::new())) else {
            continue;
        };
        let before = packets.len();
        while let Ok(Some(item)) = reader.next_item() {
            if let Item::Packet(packet) = item {
                packets.push(Owned {
                    file: file.clone(),
                    number: packet.number,
                    interface: packet.interface.clone(),
                    raw_time: packet.raw_time,
                    bytes: packet.bytes.to_vec(),
                    original_length: packet.original_length,
                });
                if packets.len() - before == PER_CAPTURE {
                    break;
                }
            }
        }
    }
    packets
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push(path),
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Random rules; what they test is taken from packets, so that they match.
fn rule_set(random: &mut Random, packets: &[Owned]) -> RuleSet {
    let mut text = String::new();
    let count = [1, 3, 10, 40][random.below(4)];
    let mut filters = Vec::new();
    while filters.len() < count {
        let seen = &packets[random.below(packets.len())];
        let mut parts = Vec::new();
        if random.below(12) > 0 {
            // Filters that several rules share have one program and many windows.
            let again = random.below(4) == 0 && !filters.is_empty();
            let filter = match again {
                true => filters[random.below(filters.len())],
                false => expression(random, seen, 3).leak() as &str,
            };
            parts.push(format!("BPF:{filter}"));
            filters.push(filter);
        } else {
            filters.push("ip");
        }
        if random.below(3) == 0 {
            parts.push(window(random, seen));
        }
        if random.below(6) == 0 || parts.is_empty() {
            parts.push(format!("FILE:{FILE}"));
        }
        let rule = format!("\"{}\",l\n", parts.join("|"));
        // What no link type can have is no rule.
        let alone = RuleSet::parse(rule.as_bytes(), &Ids::Sequential).unwrap();
        if Matcher::new(&alone).is_ok() {
            text.push_str(&rule);
        }
    }
    match text.is_empty() {
        true => rule_set(random, packets),
        false => RuleSet::parse(text.as_bytes(), &Ids::Sequential).unwrap(),
    }
}

fn window(random: &mut Random, seen: &Owned) -> String {
    let second = seen.packet(0).time().map_or(0, |time| time.seconds()).clamp(0, 1 << 33);
    let (before, after) = (random.below(100) as i128, random.below(100) as i128);
    match random.below(4) {
        0 => format!("TS_START:{}", second - before),
        1 => format!("TS_END:{}", second + after),
        2 => format!("TS_START:{}|TS_END:{}", second - before, second + after),
        _ => format!("TS_START:{second}.000001|TS_END:{}.5", second + after),
    }
}

/// A random expression of pcap-filter(7).
fn expression(random: &mut Random, seen: &Owned, depth: usize) -> String {
    if depth == 0 || random.below(3) == 0 {
        return primitive(random, seen);
    }
    let one = expression(random, seen, depth - 1);
    let other = expression(random, seen, depth - 1);
    match random.below(6) {
        0 | 1 => format!("{one} and {other}"),
        2 => format!("({one}) or ({other})"),
        3 => format!("{one} or {other}"),
        4 => format!("not ({one})"),
        _ => format!("{one} and not ({other})"),
    }
}

fn primitive(random: &mut Random, seen: &Owned) -> String {
    let direction = random.one_of(&["", "src ", "dst ", "src or dst ", "src and dst "]);
    let side = random.one_of(&["", "src ", "dst "]);
    match random.below(24) {
        0..=3 => format!("{direction}host {}", address(random, seen)),
        4 => format!("{side}net {}", network(random, seen)),
        5..=7 => format!("{}{direction}port {}", random.one_of(&["", "tcp ", "udp ", "sctp "]), port(random, seen)),
        8 => {
            let low = port(random, seen);
            format!("{}{side}portrange {low}-{}", random.one_of(&["", "tcp ", "udp "]), u32::from(low) + 90)
        }
        9 => format!("host {} and port {}", address(random, seen), port(random, seen)),
        10 | 11 => {
            let (one, other) = (address(random, seen), address(random, seen));
            let (from, to) = (port(random, seen), port(random, seen));
            format!("{} and host {one} and host {other} and port {from} and port {to}", random.one_of(&["tcp", "udp"]))
        }
        12 => format!("ether {side}host {}", hardware_address(seen, random.below(2) * 6)),
        13 => format!("ether proto 0x{:04x}", short(seen, 12)),
        14 => {
            format!("{} proto {}", random.one_of(&["ip", "ip6"]), random.one_of(&["1", "6", "17", "58", "132", "50"]))
        }
        15 => format!("{} {}", random.one_of(&["less", "greater"]), random.below(1500)),
        16 => random
            .one_of(&["vlan", "vlan 1", "vlan and ip", "mpls", "mpls 16", "mpls and ip", "pppoes", "pppoes and ip"])
            .to_owned(),
        17 => format!("vlan {} and host {}", short(seen, 14) & 0xfff, address(random, seen)),
        18 => random.one_of(&["ip6 protochain 6", "ip protochain 17", "ip6 protochain 58"]).to_owned(),
        19 => random
            .one_of(&[
                "ip multicast",
                "ip6 multicast",
                "ether broadcast",
                "ether multicast",
                "stp",
                "iso",
                "ipx",
                "atalk",
                "decnet",
                "lat",
            ])
            .to_owned(),
        20 | 21 => random.one_of(LOADS).to_owned(),
        _ => random
            .one_of(&["tcp", "udp", "icmp", "icmp6", "ip", "ip6", "arp", "rarp", "igmp", "esp", "ah", "sctp", "pim"])
            .to_owned(),
    }
}

/// Loads, masks and arithmetic.
const LOADS: &[&str] = &[
    "tcp[13] & 2 != 0",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "tcp[tcpflags] = tcp-syn|tcp-ack",
    "ip[6:2] & 0x1fff = 0",
    "ip[6] & 0x20 != 0",
    "ip[0] & 0xf != 5",
    "ip[0] = 0x45 and ip[8] = 64",
    "udp[4:2] > 100",
    "udp[4:2] = 8 + 36",
    "ether[0] & 1 = 0",
    "ether[12:2] = 0x0800 and ether[14] = 0x45",
    "ip6[6] = 17",
    "ip6[0:4] & 0xf0000000 = 0x60000000",
    "icmp[0] = 8",
    "icmp[icmptype] = icmp-echoreply",
    "icmp6[0] = 135",
    "len > 100",
    "len = 60 or len = 54",
    "ip[2:2] - 4 * (ip[0] & 0xf) > 40",
    "ip[2:2] % 2 = 1",
    "ip[8] / 2 = 32",
    "ip[8] ^ 0xff = 0xbf",
    "(ip[0] & 0xf) << 2 = 20",
    "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420",
    "tcp[0:2] = tcp[2:2]",
    "ip[12:4] > 0x0a000000",
    "tcp src port 443 or tcp[2:2] >= 50000",
    "len = ip[2:2] + 14",
];

/// An address of the packet, if it has one where IPv4 or IPv6 on Ethernet or without a link layer has it.
fn address(random: &mut Random, seen: &Owned) -> String {
    let ip = match seen.interface.link_type.0 {
        1 => 14,
        113 => 16,
        0 => 4,
        _ => 0,
    };
    let at = |offset: usize| seen.bytes.get(offset).copied().unwrap_or_default();
    if at(ip) >> 4 == 6 {
        let start = ip + [8, 24][random.below(2)];
        let mut text = String::new();
        for group in 0..8 {
            let separator = if group == 0 { "" } else { ":" };
            write!(text, "{separator}{:x}", short(seen, start + 2 * group)).unwrap();
        }
        return text;
    }
    let start = ip + [12, 16][random.below(2)];
    format!("{}.{}.{}.{}", at(start), at(start + 1), at(start + 2), at(start + 3))
}

fn network(random: &mut Random, seen: &Owned) -> String {
    let address = address(random, seen);
    match address.contains(':') {
        true => format!("{}::/32", address.split(':').take(2).collect::<Vec<_>>().join(":")),
        false => {
            let parts: Vec<&str> = address.split('.').collect();
            match random.below(3) {
                0 => format!("{}.0.0.0/8", parts[0]),
                1 => format!("{}.{}", parts[0], parts[1]),
                _ => format!("{}.{}.{}.0 mask 255.255.255.0", parts[0], parts[1], parts[2]),
            }
        }
    }
}

fn port(random: &mut Random, seen: &Owned) -> u16 {
    let ip = if seen.interface.link_type.0 == 1 { 14 } else { 0 };
    match random.below(4) {
        0 => [53, 80, 443, 22][random.below(4)],
        _ => short(seen, ip + 20 + 2 * random.below(2)),
    }
}

fn short(seen: &Owned, at: usize) -> u16 {
    let byte = |at: usize| seen.bytes.get(at).copied().unwrap_or_default();
    u16::from_be_bytes([byte(at), byte(at + 1)])
}

fn hardware_address(seen: &Owned, at: usize) -> String {
    let byte = |at: usize| seen.bytes.get(at).copied().unwrap_or_default();
    (at..at + 6).map(|at| format!("{:02x}", byte(at))).collect::<Vec<_>>().join(":")
}
