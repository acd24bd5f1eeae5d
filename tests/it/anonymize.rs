//! Captures that can be published: nothing of the original addresses is left, and all else is as it was.
//!
//! tshark says which addresses a sample's packets hold, in all headers, and what it makes of the packets afterwards. Aside are
//! addresses that say nothing of anybody (all zeros, broadcast, loopback, multicast but that of solicited nodes), and, where
//! bytes are searched, IPv4 addresses with two or more zero bytes: sequence numbers and times look like these. tshark's view
//! of the output must not hold those either.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use pcapml::capture::{Item, Reader};
use pcapml::decode;
use pcapml::redact::{Kind, Walk};

use crate::support::{Sandbox, corpus, packets};

const KEY: &str = "00112233445566778899aabbccddeeff102132435465768798a9babbdcedfe0f\n";

/// The fields of tshark that are addresses: of IP, then of hardware.
const ADDRESSES: [&str; 22] = [
    "ip.addr",
    "ipv6.addr",
    "arp.src.proto_ipv4",
    "arp.dst.proto_ipv4",
    "icmp.redir_gw",
    "ip.rec_rt",
    "igmp.maddr",
    "igmp.saddr",
    "icmpv6.nd.ns.target_address",
    "icmpv6.nd.na.target_address",
    "icmpv6.nd.rd.target_address",
    "icmpv6.opt.prefix",
    "icmpv6.opt.rdnss",
    "icmpv6.mldr.mar.multicast_address",
    "icmpv6.mld.multicast_address",
    "ipv6.routing.src.addr",
    "eth.addr",
    "sll.src.eth",
    "wlan.addr",
    "arp.src.hw_mac",
    "arp.dst.hw_mac",
    "icmpv6.opt.linkaddr",
];

/// Those by which tshark tells what a packet is, and whether its checksums are right.
const CHECKSUMS: [&str; 7] = [
    "ip.checksum.status",
    "tcp.checksum.status",
    "udp.checksum.status",
    "icmp.checksum.status",
    "icmpv6.checksum.status",
    "igmp.checksum.status",
    "gre.checksum.status",
];

/// What tshark says of a packet.
struct View {
    sample: String,
    protocols: Vec<String>,
    length: usize,
    captured: usize,
    time: String,
    checksums: Vec<String>,
    addresses: Vec<Vec<u8>>,
}

fn views(sandbox: &Sandbox, file: &str) -> Vec<View> {
    let options = ["ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE"];
    let first = ["frame.comment", "frame.protocols", "frame.len", "frame.cap_len", "frame.time_epoch"];
    let fields = first.iter().chain(&CHECKSUMS).chain(&ADDRESSES);
    let mut arguments = vec!["-r", file, "-T", "fields"];
    arguments.extend(options.iter().flat_map(|option| ["-o", option]));
    arguments.extend(fields.flat_map(|field| ["-e", field]));
    let text = sandbox.tool("tshark", &arguments);
    text.lines().map(view).collect()
}

fn view(line: &str) -> View {
    let parts: Vec<&str> = line.split('\t').collect();
    let (checksums, addresses) = parts[5..].split_at(CHECKSUMS.len());
    View {
        sample: parts[0].split(',').next().unwrap().to_owned(),
        protocols: parts[1].split(':').map(str::to_owned).collect(),
        length: parts[2].parse().unwrap(),
        captured: parts[3].parse().unwrap(),
        time: parts[4].to_owned(),
        checksums: checksums.iter().map(|status| (*status).to_owned()).collect(),
        addresses: addresses.iter().flat_map(|values| values.split(',')).filter_map(bytes).collect(),
    }
}

/// The bytes of an address that tells something.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = match text.parse() {
        Ok(IpAddr::V4(address)) => address.octets().to_vec(),
        Ok(IpAddr::V6(address)) => address.octets().to_vec(),
        Err(_) => text.split(':').map(|byte| u8::from_str_radix(byte, 16)).collect::<Result<_, _>>().ok()?,
    };
    let is_none = bytes.iter().rev().skip(1).all(|byte| *byte == 0) || bytes.iter().all(|byte| *byte == 0xff);
    let says_nothing = match *bytes.as_slice() {
        _ if is_none => true,
        [127 | 224..=239, _, _, _] => true,
        [0x33, 0x33, 0xff, _, _, _] => false,
        [first, _, _, _, _, _] => first & 1 == 1,
        [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ..] => false,
        [0xff, _, _, _, _, _, _, ..] => true,
        _ => false,
    };
    (!says_nothing && matches!(bytes.len(), 4 | 6 | 16)).then_some(bytes)
}

/// The addresses of each sample, and what is made of hardware addresses in IPv6.
fn originals(views: &[View]) -> BTreeMap<String, HashSet<Vec<u8>>> {
    let mut samples: BTreeMap<String, HashSet<Vec<u8>>> = BTreeMap::new();
    for view in views {
        let known = samples.entry(view.sample.clone()).or_default();
        for address in &view.addresses {
            if let [a, b, c, d, e, f] = **address {
                known.insert(vec![a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
            }
            known.insert(address.clone());
        }
    }
    samples
}

/// Where a packet holds one of these, by whatever chance.
fn found(packet: &[u8], known: &HashSet<Vec<u8>>) -> Vec<(usize, Vec<u8>)> {
    let mut found = Vec::new();
    for length in [4, 6, 8, 16] {
        for (at, window) in packet.windows(length).enumerate() {
            let zeros = window.iter().filter(|byte| **byte == 0).count();
            if (length > 4 || zeros < 2) && known.contains(window) {
                found.push((at, window.to_vec()));
            }
        }
    }
    found
}

/// The bytes of all packets.
pub(crate) fn contents(path: &Path) -> Vec<Vec<u8>> {
    let mut reader = Reader::open(path, 1).unwrap();
    let mut contents = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::Packet(packet) = item {
            contents.push(packet.bytes.to_vec());
        }
    }
    contents
}

fn anonymize(sandbox: &Sandbox, options: &[&str]) -> String {
    let common = ["anonymize", "all.pcapng", "--key-file", "key"];
    sandbox.pcapml(common.iter().chain(options)).expect(0).err
}

/// Every capture of the corpus, labelled and anonymised without and with payloads.
fn prepared(label: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("key", KEY);
    sandbox.pcapml(["label"].iter().chain(label).chain(&["-o", "all.pcapng"])).expect(0);
    anonymize(&sandbox, &["-o", "cut.pcapng"]);
    anonymize(&sandbox, &["--payload", "keep", "-o", "kept.pcapng"]);
    sandbox
}

/// Protocols whose payloads are rewritten.
const REWRITTEN: [&str; 5] = ["dns", "mdns", "llmnr", "dhcp", "dhcpv6"];

fn check(sandbox: &Sandbox) -> String {
    let before = views(sandbox, "all.pcapng");
    let (cut, kept) = (views(sandbox, "cut.pcapng"), views(sandbox, "kept.pcapng"));
    assert_eq!((before.len(), before.len()), (cut.len(), kept.len()));
    let known = originals(&before);
    let total: usize = known.values().map(HashSet::len).sum();
    assert!(total > 100, "{total}");
    let (cut_bytes, kept_bytes) = (contents(&sandbox.path("cut.pcapng")), contents(&sandbox.path("kept.pcapng")));
    let mut inside: BTreeMap<String, u64> = BTreeMap::new();
    let all = std::env::var_os("PCAPML_ALL").is_some();
    for (at, view) in before.iter().enumerate() {
        let number = at + 1;
        let own = &known[&view.sample];
        assert_eq!(found(&cut_bytes[at], own), [], "packet {number}, {:?}", view.protocols);
        for after in [&cut[at], &kept[at]] {
            let left: Vec<_> = after.addresses.iter().filter(|address| own.contains(*address)).collect();
            // What is inside of payloads is told below.
            let headers = after.protocols.len() <= cut[at].protocols.len();
            assert!(left.is_empty() || !headers, "packet {number}: {left:?}");
        }
        // Payloads begin where the packet without one ends; most of them are not searched but on demand.
        let rewritten = view.protocols.iter().any(|name| REWRITTEN.contains(&name.as_str()));
        let payload = cut_bytes[at].len();
        let searched = if all || rewritten { kept_bytes[at].len() } else { kept_bytes[at].len().min(payload + 15) };
        for (place, address) in found(&kept_bytes[at][..searched], own) {
            assert!(place >= payload && !rewritten, "packet {number}: {address:?} at {place}");
            *inside.entry(view.protocols.last().unwrap().clone()).or_default() += 1;
        }
    }
    let (layers, sums) = compare(&before, &cut, &kept);
    format!(
        "{} packets, {total} addresses of {} samples; in payloads that were kept: {inside:?}; other layers: {layers:?}; checksums: {sums:?}",
        before.len(),
        known.len()
    )
}

/// How often layers differ, with the first packet, and how often which checksums were as they had been.
type Compared = (BTreeMap<String, (u64, usize)>, BTreeMap<String, u64>);

fn compare(before: &[View], cut: &[View], kept: &[View]) -> Compared {
    let (mut layers, mut sums) = Compared::default();
    for (at, ((before, cut), kept)) in before.iter().zip(cut).zip(kept).enumerate() {
        for after in [cut, kept] {
            assert_eq!((after.length, &after.time), (before.length, &before.time), "packet {}", at + 1);
        }
        // Without a payload there are fewer layers, and no others.
        assert!(before.protocols.starts_with(&cut.protocols), "packet {}: {:?}", at + 1, cut.protocols);
        if kept.protocols != before.protocols {
            let change = format!("{} > {}", before.protocols.join(":"), kept.protocols.join(":"));
            layers.entry(change).or_insert((0, at + 1)).0 += 1;
        }
        let is_whole = kept.captured == kept.length;
        for ((name, before), after) in CHECKSUMS.iter().zip(&before.checksums).zip(&kept.checksums) {
            // Of what was cut tshark cannot tell.
            let is_told = !matches!(after.as_str(), "" | "2");
            if (is_whole && !before.is_empty()) || is_told {
                assert_eq!(before, after, "packet {}: {name}", at + 1);
                *sums.entry(format!("{name}={before}")).or_default() += 1;
            }
        }
    }
    (layers, sums)
}

#[test]
fn nothing_of_any_sample_s_addresses_is_left() {
    let Some(corpus) = corpus() else { return };
    let (pcaps, labels) = (corpus.join("labelled/pcaps"), corpus.join("labelled/labels.csv"));
    let sandbox = prepared(&[pcaps.to_str().unwrap(), "--labels", labels.to_str().unwrap()]);
    let told = check(&sandbox);
    println!("labelled: {told}");
    // Right and wrong ones, of all kinds.
    for status in [
        "ip.checksum.status=1",
        "ip.checksum.status=0",
        "tcp.checksum.status=1",
        "tcp.checksum.status=0",
        "udp.checksum.status=0",
        "icmpv6.checksum.status=1",
    ] {
        assert!(told.contains(status), "{status}: {told}");
    }
    for threads in ["1", "4"] {
        anonymize(&sandbox, &["-q", "--threads", threads, "-f", "-o", "again.pcapng"]);
        assert_eq!(fs::read(sandbox.path("cut.pcapng")).unwrap(), fs::read(sandbox.path("again.pcapng")).unwrap());
    }
}

#[test]
fn nothing_of_one_capture_s_addresses_is_left() {
    let Some(corpus) = corpus() else { return };
    let (merged, rules) = (corpus.join("single/merged.pcap"), corpus.join("single/rules.pcapml"));
    let sandbox = prepared(&[merged.to_str().unwrap(), "--labels", rules.to_str().unwrap(), "--keep-unlabeled"]);
    println!("single: {}", check(&sandbox));
    let count = |file: &str| sandbox.tool("tcpdump", &["-n", "-r", file]).lines().count();
    assert_eq!((count("cut.pcapng"), count("kept.pcapng")), (4785, 4785));
}

/// Both walks find the same innermost IP header, in every packet of the corpus.
#[test]
fn the_walk_goes_where_decode_goes() {
    let Some(corpus) = corpus() else { return };
    let mut walk = Walk::default();
    let mut compared = 0;
    for file in fs::read_dir(corpus.join("labelled/pcaps")).unwrap() {
        let path = file.unwrap().path();
        let mut reader = Reader::open(&path, 1).unwrap();
        while let Ok(Some(item)) = reader.next_item() {
            let Item::Packet(packet) = item else { continue };
            walk.walk(packet.interface.link_type, packet.bytes);
            let is_ip = |header: &&pcapml::redact::Header| matches!(header.kind, Kind::Ipv4 | Kind::Ipv6);
            let own = walk.headers().iter().filter(is_ip).rfind(|header| !header.quoted).map(|header| header.start);
            let layers = decode::innermost(packet.interface.link_type, packet.bytes, packet.original_length);
            let theirs = layers.ip().map(|ip| ip.header.as_ptr() as usize - packet.bytes.as_ptr() as usize);
            assert_eq!(own, theirs, "{}: packet {}", path.display(), packet.number);
            compared += u64::from(own.is_some());
        }
    }
    assert!(compared > 50_000, "{compared}");
}

/// Two packets of one host, with a person's note, in a capture that tells more than packets.
fn telling(sandbox: &Sandbox) {
    sandbox.write("key", KEY);
    let frame = |host: u8| {
        let mut frame = vec![0, 0x1b, 0x63, 1, 2, 3, 0, 0x1b, 0x63, 4, 5, 6, 8, 0];
        frame.extend([0x45, 0, 0, 35, 0, 1, 0, 0, 64, 17, 0, 0, 10, 77, 2, host, 198, 51, 100, 9]);
        frame.extend([0x99, 0x99, 0x13, 0x88, 0, 15, 0, 0]);
        frame.extend(b"p4yl0ad");
        frame
    };
    let line = option(1, br#"pcapml: {"format":1,"contact":"joe at 10-77-2-5"}"#);
    let mut file = block(
        0x0a0d_0d0a,
        &[&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8], &option(3, b"Joe's system"), &line].concat(),
    );
    file.extend(block(1, &[&[1, 0, 0, 0, 0, 0, 0, 0][..], &option(2, b"joe0"), &option(9, &[6])].concat()));
    file.extend(block(10, &[&[0x4b, 0x53, 0x4c, 0x54, 4, 0, 0, 0][..], b"keys"].concat()));
    for (host, comments) in [
        (5, ["7,web,host=10.77.2.5", "ask Joe"]),
        (6, ["8,web,host=10.77.2.5,net=10.77.2.0%2F24,mac=001b63010203", "10_77_2_6"]),
    ] {
        let packet = frame(host);
        let length = (packet.len() as u32).to_le_bytes();
        let padding = vec![0; packet.len().next_multiple_of(4) - packet.len()];
        let options: Vec<u8> = comments.iter().flat_map(|text| option(1, text.as_bytes())).collect();
        let time = [0xee, 0x06, 0x06, 0, host, 0, 0, 0];
        let hash = option(3, &[2, 9, 9, 9, 9]);
        file.extend(block(6, &[&[0; 4][..], &time, &length, &length, &packet, &padding, &options, &hash].concat()));
    }
    sandbox.write("telling.pcapng", file);
}

pub(crate) fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let padding = vec![0; value.len().next_multiple_of(4) - value.len()];
    [&code.to_le_bytes()[..], &(value.len() as u16).to_le_bytes(), value, &padding].concat()
}

pub(crate) fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32 + 12).to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &length].concat()
}

#[test]
fn what_is_no_packet_goes_and_is_told() {
    let sandbox = Sandbox::new();
    telling(&sandbox);
    let run = sandbox.pcapml(["anonymize", "telling.pcapng", "--key-file", "key", "-o", "out.pcapng"]).expect(0);
    let run = run
        .says("anonymized 2 packets of 2 samples; dropped 2 payloads")
        .says("1 × operating system (shb_os)")
        .says("1 × interface name")
        .says("1 × decryption secrets block")
        .says("2 × packet hash")
        .says("WARNING: comments that were kept name original addresses of their packets")
        .says("    a comment: in 1 packet\n")
        .says("    host: in 1 packet, first of sample 7")
        .says("    net: in 1 packet, first of sample 8")
        .says("    mac: in 1 packet, first of sample 8")
        .says("    contact: \"joe at 10-77-2-5\", which looks like an address")
        .says("2 comments that are no labels were kept")
        .says("--ids rekey");
    let out = fs::read(sandbox.path("out.pcapng")).unwrap();
    let key: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&KEY[2 * at..2 * at + 2], 16).unwrap()).collect();
    for secret in
        [&b"Joe's system"[..], b"joe0", b"keys", b"p4yl0ad", &key, &key[..16], &key[16..], KEY.trim().as_bytes()]
    {
        assert!(!out.windows(secret.len()).any(|window| window == secret), "{secret:?}");
    }
    assert!(!run.err.contains(KEY.trim()));
    let (fact, comments) = packets(&sandbox.path("out.pcapng")).remove(0);
    assert_eq!((fact.captured, fact.original), (42, 49));
    assert_eq!(comments, ["7,web,host=10.77.2.5", "ask Joe"]);
    let line = sandbox.tool("capinfos", &["-k", "out.pcapng"]);
    let wanted = r#""anonymized":{"addresses":"crypto-pan","hardware":"keyed","ids":"keep","payload":"drop","ports":"keep","times":"keep"}"#;
    assert!(line.contains(wanted), "{line}");
}

#[test]
fn ids_are_replaced_and_the_order_that_remains_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("key", KEY);
    sandbox.label_apps("labelled.pcapng");
    sandbox.pcapml(["sort", "labelled.pcapng", "-o", "all.pcapng"]).expect(0);
    let told = anonymize(&sandbox, &["--ids", "rekey", "-o", "out.pcapng"]);
    assert!(!told.contains("ids were kept"), "{told}");
    let ids = |file: &str| -> Vec<(Option<i128>, String)> {
        packets(&sandbox.path(file)).into_iter().map(|(fact, comments)| (fact.time, comments[0].clone())).collect()
    };
    let (mut before, mut after) = (ids("all.pcapng"), ids("out.pcapng"));
    let new: Vec<u64> = after.iter().map(|(_, text)| text.split_once(',').unwrap().0.parse().unwrap()).collect();
    assert!(new.is_sorted() && new[0] > 0);
    // Times are the same.
    let rest = |(time, text): &(Option<i128>, String)| (*time, text.split_once(',').unwrap().1.to_owned());
    before.sort_by_key(rest);
    after.sort_by_key(rest);
    let mut map: BTreeMap<u64, u64> = BTreeMap::new();
    for (before, after) in before.iter().zip(&after) {
        let ((old, rest), (new, same)) = (before.1.split_once(',').unwrap(), after.1.split_once(',').unwrap());
        assert_eq!((before.0, rest), (after.0, same));
        let (old, new) = (old.parse().unwrap(), new.parse().unwrap());
        assert_eq!(*map.entry(old).or_insert(new), new);
        assert!(i64::try_from(new).is_ok() && old != new);
    }
    assert_eq!(map.values().collect::<BTreeSet<_>>().len(), 90);
    assert!(!map.values().is_sorted(), "the order of the old ids is gone");
    let line = sandbox.tool("capinfos", &["-k", "out.pcapng"]);
    assert!(line.contains(r#""order":"id""#) && line.contains(r#""ids":"rekey""#), "{line}");
    sandbox.pcapml(["samples", "out.pcapng"]).expect(0);
}

#[test]
fn times_move_together_within_a_group() {
    let sandbox = Sandbox::new();
    sandbox.write("key", KEY);
    sandbox.label_apps("apps.pcapng");
    // As it was captured: samples alternate.
    sandbox.pcapml(["sort", "apps.pcapng", "--by", "time", "-o", "all.pcapng"]).expect(0);
    let times = |file: &str| -> Vec<(String, i128)> {
        let packets = packets(&sandbox.path(file)).into_iter();
        packets.map(|(fact, comments)| (comments[0].clone(), fact.time.unwrap())).collect()
    };
    let by_comment = |times: Vec<(String, i128)>| -> BTreeMap<String, Vec<i128>> {
        times.into_iter().fold(BTreeMap::new(), |mut all: BTreeMap<_, Vec<_>>, (comment, time)| {
            all.entry(comment).or_default().push(time);
            all
        })
    };
    let before = times("all.pcapng");
    for (option, groups) in [("--shift-times", 90), ("--shift-times=field:client", 8), ("--shift-times=all", 1)] {
        anonymize(&sandbox, &[option, "-f", "-o", "out.pcapng"]);
        let after = times("out.pcapng");
        let ids: Vec<u64> = after.iter().map(|(text, _)| text.split_once(',').unwrap().0.parse().unwrap()).collect();
        assert_eq!(ids.is_sorted(), groups > 1, "{option}: the order tells nothing of times");
        let mut moved: BTreeMap<String, i128> = BTreeMap::new();
        let after = by_comment(after);
        for (comment, times) in by_comment(before.clone()) {
            assert_eq!(times.len(), after[&comment].len());
            for (old, new) in times.iter().zip(&after[&comment]) {
                let by = new - old;
                assert!(by > 0 && by <= 1_000_000_000 << 28 && by % 1_000 == 0, "{by}");
                assert_eq!(*moved.entry(comment.clone()).or_insert(by), by);
            }
        }
        let fractions: BTreeSet<i128> = moved.values().map(|by| by % 1_000_000_000).collect();
        assert!(fractions.len() > groups / 10, "{option}: {fractions:?}");
        let offsets: BTreeSet<i128> = moved.into_values().collect();
        assert!(
            if groups == 8 { (2..90).contains(&offsets.len()) } else { offsets.len() == groups },
            "{option}: {offsets:?}"
        );
    }
    let clients: BTreeSet<&str> =
        before.iter().filter_map(|(text, _)| text.split(",client=").nth(1)?.split(',').next()).collect();
    assert!(clients.len() > 1);
}

#[test]
fn a_packet_of_several_groups_cannot_be_moved() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("one.pcapng");
    sandbox.write("key", KEY);
    sandbox.pcapml(["strip", "one.pcapng", "-o", "bare.pcapng"]).expect(0);
    sandbox.write("rules.csv", "BPF:ip,four\nBPF:udp,datagrams\n");
    sandbox.pcapml(["label", "bare.pcapng", "--labels", "rules.csv", "--match", "all", "-o", "all.pcapng"]).expect(0);
    let run = ["anonymize", "all.pcapng", "--key-file", "key", "--shift-times", "-o", "out.pcapng"];
    sandbox
        .pcapml(run)
        .expect(1)
        .says("a packet of several samples, whose times are moved differently; give --shift-times=field:NAME, if they have one value");
    assert!(!sandbox.path("out.pcapng").exists());
    anonymize(&sandbox, &["--shift-times=all", "-o", "out.pcapng"]);
}

#[test]
fn only_a_key_is_a_key() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("all.pcapng");
    let digits = KEY.trim().to_owned();
    for wrong in
        ["", "secret", &digits[..63], &format!("{digits}00"), &digits.replace('0', "z"), &format!("{digits}\n\n")]
    {
        sandbox.write("key", wrong);
        let run = sandbox.pcapml(["anonymize", "all.pcapng", "--key-file", "key", "-o", "out.pcapng"]).expect(1);
        run.says("key: this is no key: it must hold 32 bytes, or 64 hex digits; make one");
    }
    sandbox.pcapml(["anonymize", "all.pcapng", "-o", "out.pcapng"]).expect(1).says("--key-file");
    let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect();
    let outputs = [digits.clone().into_bytes(), digits.to_uppercase().into_bytes(), KEY.into(), bytes].map(|key| {
        sandbox.write("key", key);
        anonymize(&sandbox, &["-f", "-o", "out.pcapng"]);
        fs::read(sandbox.path("out.pcapng")).unwrap()
    });
    assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]));
    sandbox.write("key", "another key of 32 bytes, as good");
    anonymize(&sandbox, &["-f", "-o", "out.pcapng"]);
    assert_ne!(fs::read(sandbox.path("out.pcapng")).unwrap(), outputs[0]);
    // The key is an input: no output replaces it.
    let run = ["anonymize", "all.pcapng", "--key-file", "key", "-f", "-o", "key"];
    sandbox.pcapml(run).expect(1);
    assert_eq!(fs::read_to_string(sandbox.path("key")).unwrap(), "another key of 32 bytes, as good");
}

#[test]
fn vendors_and_ports_stay_or_go() {
    let sandbox = Sandbox::new();
    telling(&sandbox);
    let bytes = |options: &[&str]| {
        let common = ["anonymize", "telling.pcapng", "--key-file", "key", "-f", "-o", "out.pcapng"];
        sandbox.pcapml(common.iter().chain(options)).expect(0);
        contents(&sandbox.path("out.pcapng")).remove(0)
    };
    let plain = bytes(&[]);
    assert_ne!(plain[6..9], [0, 0x1b, 0x63]);
    assert_eq!(plain[34..38], [0x99, 0x99, 0x13, 0x88]);
    let other = bytes(&["--mac", "vendor", "--ports", "keyed", "--payload", "4"]);
    assert_eq!((&other[..3], &other[6..9]), (&[0, 0x1b, 0x63][..], &[0, 0x1b, 0x63][..]));
    assert!(other[3..6] != [1, 2, 3] && other[9..12] != [4, 5, 6]);
    assert!(other[34..36] != [0x99, 0x99] && other[36..38] != [0x13, 0x88]);
    assert_eq!(&other[42..], b"p4yl");
}
