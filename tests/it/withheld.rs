//! What the captures of a release with a challenge hold: of interfaces, times and options nothing that parts samples by label.

use std::fs;

use pcapml::capture::{Item, Reader};
use pcapml::packet::Interface;

use crate::partition::{Order, block_in, section_in};
use crate::release::{MANIFEST, release, unpacked};
use crate::support::{Sandbox, csv_rows, packets};

const LITTLE: Order = u32::to_le_bytes;

fn options(list: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (code, value) in list {
        bytes.extend([code.to_le_bytes(), (value.len() as u16).to_le_bytes()].concat());
        bytes.extend_from_slice(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes.extend([0; 4]);
    bytes
}

fn interface(list: &[(u16, &[u8])]) -> Vec<u8> {
    block_in(LITTLE, 1, &[&[1, 0, 0, 0, 0, 0, 4, 0][..], &options(list)].concat())
}

/// A packet of an interface, at a time in its unit.
fn packet(interface: u32, time: u64, list: &[(u16, &[u8])]) -> Vec<u8> {
    let fixed = [interface, (time >> 32) as u32, time as u32, 60, 60].map(LITTLE).concat();
    block_in(LITTLE, 6, &[fixed, vec![time as u8; 60], options(list)].concat())
}

/// A capture of these interfaces and packets; samples up to 19 are for training, those of 20 and more the challenge.
fn dataset(header: &str, blocks: &[Vec<u8>]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("s.pcapng", [section_in(LITTLE, &[(1, header)]), blocks.concat()].concat());
    sandbox.write("dataset.toml", MANIFEST);
    let samples = sandbox.pcapml(["samples", "s.pcapng", "--format", "csv"]).expect(0);
    let ids = csv_rows(&samples.out).into_iter().map(|row| row["sample_id"].clone());
    let split = |id: &String| if id.len() > 1 && id.as_str() >= "20" { "challenge" } else { "train" };
    let rows: String = ids.map(|id| format!("{id},{}\n", split(&id))).collect();
    sandbox.write("splits.csv", format!("sample_id,split\n{rows}"));
    sandbox
}

const SORTED: &str = "pcapml: {\"format\":1,\"order\":\"id\"}";

fn interfaces(sandbox: &Sandbox, name: &str) -> Vec<Interface> {
    let mut reader = Reader::open(&unpacked(sandbox, name), 1).unwrap();
    let mut interfaces = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        if let Item::Interface(interface, _) = item {
            interfaces.push(interface.clone());
        }
    }
    interfaces
}

/// Each class was captured with another offset and unit: what is written is one interface, and the same times.
#[test]
fn units_and_offsets_part_no_classes() {
    let offset = |seconds: i64| seconds.to_le_bytes();
    let begin = 1_760_000_000_u64;
    let blocks = [
        interface(&[(9, b"\x06"), (14, &offset(begin as i64))]),
        interface(&[(9, b"\x06"), (14, &offset(-86_400))]),
        interface(&[(9, b"\x09")]),
        interface(&[(9, b"\x83")]),
        interface(&[(9, b"\x94"), (14, &offset(5))]),
        interface(&[(9, b"\x94")]),
        interface(&[(9, b"\x0c"), (14, &offset(begin as i64))]),
        interface(&[(9, b"\x0c"), (14, &offset(begin as i64 + 1))]),
        packet(0, 7, &[(1, b"3,web")]),
        packet(0, 7_000_001, &[(1, b"20,web")]),
        packet(1, (begin + 86_400) * 1_000_000 + 9, &[(1, b"21,mail")]),
        packet(1, 5, &[(1, b"22,mail")]),
        packet(2, begin * 1_000_000_000 + 11, &[(1, b"23,chat")]),
        packet(3, begin * 8 + 5, &[(1, b"24,dns")]),
        packet(4, (begin << 20) + 1, &[(1, b"25,ntp")]),
        packet(5, (begin << 20) + 3, &[(1, b"26,ftp")]),
        packet(6, 2_000_000_000_001, &[(1, b"27,ssh")]),
        packet(7, 1_000_000_000_002, &[(1, b"28,irc")]),
    ];
    let sandbox = dataset(SORTED, &blocks);
    release(&sandbox, "out", &[]).expect(0);
    let path = unpacked(&sandbox, "out/apps-challenge.pcapng.zst");
    let (before, after) = (packets(&sandbox.path("s.pcapng")), packets(&path));
    let facts = |all: Vec<(_, Vec<String>)>| all.into_iter().map(|(fact, _)| fact).collect::<Vec<_>>();
    assert_eq!(facts(before)[1..], facts(after));
    let times = |path: &str| sandbox.tool("tshark", &["-r", path, "-T", "fields", "-e", "frame.time_epoch"]);
    let (before, after) = (times("s.pcapng"), times(path.to_str().unwrap()));
    let seconds = |text: &str| text.lines().map(|line| line.parse::<f64>().unwrap()).collect::<Vec<_>>();
    assert_eq!(seconds(&before)[1..], seconds(&after));
    // What came before 1970, what is no whole number of nanoseconds: no more interfaces than kinds of moments.
    let written: Vec<_> = interfaces(&sandbox, "out/apps-challenge.pcapng.zst")
        .iter()
        .map(|interface| (interface.resolution.octet(), interface.offset))
        .collect();
    let picoseconds = 18_446_744 * (begin as i64 / 18_446_744);
    assert_eq!(written, [(9, 0), (9, -18_446_744_073), (0x94, 0), (12, picoseconds)]);
    sandbox.pcapml(["verify", "out"]).expect(0);
    // Without a release it is the same.
    let select = ["select", "s.pcapng", "--splits", "splits.csv", "--split", "challenge", "--labels", "none"];
    sandbox.pcapml(select.into_iter().chain(["-o", "c.pcapng.zst"])).expect(0);
    assert_eq!(interfaces(&sandbox, "c.pcapng.zst"), interfaces(&sandbox, "out/apps-challenge.pcapng.zst"));
}

/// Beside a challenge, of interfaces their names and what reading needs, of packets how they were received, and losses.
#[test]
fn interfaces_and_packets_of_others_say_nothing_more() {
    let told: [(u16, &[u8]); 7] = [
        (1, b"21 is of the secret kind"),
        (2, b"eth0\0secret"),
        (3, b"a secret"),
        (2, b"secret"),
        (9, b"\x09"),
        (13, b"\x04"),
        (0x7777, b"secret"),
    ];
    let first: [(u16, &[u8]); 7] = [
        (1, b"3,web"),
        (2, b"\x01\0\0\0"),
        (2, b"secret\0\0"),
        (2, b"sec\0"),
        (3, b"\x02secret"),
        (4, b"\x05\0\0\0\0\0\0\0"),
        (5, b"secret\0\0"),
    ];
    let blocks = [interface(&told), packet(0, 7, &first), packet(0, 8, &[(1, b"21,dns")])];
    let sandbox = dataset(SORTED, &blocks);
    let said = "4 other options of packets, 4 options of sections and interfaces, 0 blocks";
    release(&sandbox, "out", &[]).expect(0).says(said);
    for name in ["out/apps.pcapng.zst", "out/apps-challenge.pcapng.zst"] {
        let bytes = fs::read(unpacked(&sandbox, name)).unwrap();
        assert!(!bytes.windows(3).any(|part| part == b"sec"), "{name}");
    }
    let path = unpacked(&sandbox, "out/apps.pcapng.zst");
    let fields = ["frame.comment", "frame.packet_flags", "frame.interface_name", "frame.drop_count"];
    let asked = fields.into_iter().flat_map(|field| ["-e", field]).collect::<Vec<_>>();
    let shown = sandbox.tool("tshark", &[&["-r", path.to_str().unwrap(), "-T", "fields"], &asked[..]].concat());
    assert!(shown.starts_with("3,web\t0x00000001\teth0\t"), "{shown}");
    let [kept] = &interfaces(&sandbox, "out/apps.pcapng.zst")[..] else { panic!("one interface") };
    let kept: Vec<_> = kept.options().map(|option| (option.code, option.value.to_vec())).collect();
    assert_eq!(kept, [(2, b"eth0".to_vec()), (9, vec![9]), (13, vec![4])]);
    sandbox.pcapml(["verify", "out"]).expect(0);
}

/// What a section's line says of how packets were anonymised and masked stays as far as these commands write it.
#[test]
fn a_section_says_how_it_was_made_and_nothing_else() {
    let header = "pcapml: {\"anonymized\":{\"answers\":\"secret\",\"before\":{\"ids\":\"secret\",\"payload\":\"keep\"},\
                  \"ids\":\"keep\"},\"format\":1,\"masked\":[\"ip.ttl\",\"secret\"],\"order\":\"id\"}";
    let blocks = [interface(&[]), packet(0, 7, &[(1, b"3,web")]), packet(0, 8, &[(1, b"21,dns")])];
    let sandbox = dataset(header, &blocks);
    release(&sandbox, "out", &[]).expect(0).says("2 options of sections and interfaces");
    let kept = "\"anonymized\":{\"before\":{\"payload\":\"keep\"},\"ids\":\"keep\"}";
    for name in ["out/apps.pcapng.zst", "out/apps-challenge.pcapng.zst"] {
        let text = String::from_utf8_lossy(&fs::read(unpacked(&sandbox, name)).unwrap()).into_owned();
        assert!(text.contains(kept) && text.contains("\"masked\":[\"ip.ttl\"]") && !text.contains("secret"), "{text}");
    }
    sandbox.pcapml(["verify", "out"]).expect(0);
    // All that pcapml anonymize says is what stays, also of the second time.
    sandbox.write("key", [7; 32]);
    let anonymize = |input: &'static str, output: &'static str, more: &[&'static str]| {
        let asked = ["anonymize", input, "--key-file", "key", "-f", "-o", output];
        sandbox.pcapml(asked.into_iter().chain(more.iter().copied())).expect(0);
    };
    sandbox.write("plain.pcapng", [section_in(LITTLE, &[(1, SORTED)]), blocks.concat()].concat());
    anonymize("plain.pcapng", "once.pcapng", &["--payload", "64", "--ports", "keyed", "--mac", "vendor"]);
    anonymize("once.pcapng", "s.pcapng", &["--shift-times=field:source"]);
    release(&sandbox, "made", &[]).expect(0);
    let line = |path: std::path::PathBuf| {
        let mut reader = Reader::open(&path, 1).unwrap();
        let header = pcapml::sample::header::Header::read(reader.section_options()).unwrap();
        while reader.next_item().unwrap().is_some() {}
        header.others["anonymized"].clone()
    };
    let said = line(sandbox.path("s.pcapng"));
    assert_eq!((&said["before"]["payload"], &said["times"]), (&64.into(), &"shifted by source".into()));
    assert_eq!(line(unpacked(&sandbox, "made/apps-challenge.pcapng.zst")), said);
    sandbox.pcapml(["verify", "made"]).expect(0);
}

/// What link a sample was captured on cannot be taken from its packets, so that it is told.
#[test]
fn links_of_a_challenge_are_told_of() {
    let raw = block_in(LITTLE, 1, &[&[101, 0, 0, 0, 0, 0, 4, 0][..], &options(&[])].concat());
    let told = "link types may tell the labels of the challenge";
    for (link, is_told) in [(0, false), (1, true)] {
        let labelled = |id: &'static [u8], at, link| packet(link, at, &[(1, id)]);
        let packets = [labelled(b"3,web", 1, 1), labelled(b"21,dns", 2, 0), labelled(b"22,ntp", 3, link)];
        let sandbox = dataset(SORTED, &[&[interface(&[]), raw.clone()][..], &packets].concat());
        let run = release(&sandbox, "out", &[]).expect(0);
        let readme = fs::read_to_string(sandbox.path("out/README.md")).unwrap();
        assert_eq!((run.err.contains(told), readme.contains(told)), (is_told, is_told), "{}", run.err);
        sandbox.pcapml(["verify", "out"]).expect(0);
    }
}

/// Packets that do not stand as their capture says are not released: where they stand may tell whose they are.
#[test]
fn a_false_order_is_not_released() {
    let blocks = |one: Vec<u8>, other: Vec<u8>| [interface(&[]), packet(0, 1, &[(1, b"3,web")]), one, other];
    let behind = blocks(packet(0, 8, &[(1, b"22,dns")]), packet(0, 9, &[(1, b"21,ntp")]));
    let sandbox = dataset(SORTED, &behind);
    release(&sandbox, "out", &[]).expect(1).says("sample 21 stands behind sample 22").says("pcapml sort");
    let later = blocks(packet(0, 9, &[(1, b"21,dns")]), packet(0, 8, &[(1, b"21,dns")]));
    let sandbox = dataset(SORTED, &later);
    release(&sandbox, "out", &[]).expect(1).says("a packet of sample 21 stands behind a later one");
    assert!(!sandbox.path("out").exists());
    // A packet of two samples may stand with either.
    let both = blocks(packet(0, 8, &[(1, b"22,dns"), (1, b"21,ntp")]), packet(0, 9, &[(1, b"22,dns")]));
    let sandbox = dataset(SORTED, &both);
    release(&sandbox, "out", &[]).expect(0);
    sandbox.pcapml(["verify", "out"]).expect(0);
}
