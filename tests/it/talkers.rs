//! `pcapml talkers`, against Wireshark's fields of the same packets, and each of its options.

use std::collections::BTreeMap;
use std::fs;

use crate::packets::TSHARK;
use crate::print::{ethernet, ipv4, pcap, tcp, udp};
use crate::support::{Sandbox, apps, corpus, csv_rows};

type Row = BTreeMap<String, String>;

fn rows(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Row> {
    csv_rows(&sandbox.pcapml([&["talkers"], arguments].concat()).expect(0).out)
}

/// An IPv4 packet between these ends, given by their last numbers.
fn between(source: u8, destination: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = ipv4(protocol, 64, 0, payload);
    (packet[15], packet[19]) = (source, destination);
    packet
}

/// Packets a second after each other.
fn small(sandbox: &Sandbox) {
    let packets = [
        between(1, 9, 6, &tcp((50000, 443), b"hello")),
        between(9, 1, 6, &tcp((443, 50000), b"")),
        between(1, 2, 17, &udp((50000, 443), b"quic")),
        between(8, 9, 6, &tcp((1, 113), b"")),
        between(8, 9, 17, &udp((1, 113), b"")),
        between(8, 9, 89, b"ospf"),
        between(8, 9, 200, b"?"),
        vec![0x10; 30],
    ];
    sandbox.write("small.pcap", pcap(101, &packets));
}

fn column(rows: &[Row], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].clone()).collect()
}

#[test]
fn rows_say_who_sent_how_much_to_whom() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    let run = sandbox.pcapml(["talkers", "small.pcap", "--local-net", "10.0.0.1", "--local-net", "10.0.0.2/31"]);
    let run = run.expect(0).says("8 packets, 7 rows").says("1 packet without an IP header that could be read");
    let expected = "\
ts,sample_id,label,direction,protocol,src_ip,src_port,dst_ip,dst_port,src_service,dst_service,packets,bytes,payload_bytes
2017-07-17T10:02:28.000000Z,,,out,tcp,10.0.0.1,50000,10.0.0.9,443,,https,1,45,5
2017-07-17T10:02:29.000000Z,,,in,tcp,10.0.0.9,443,10.0.0.1,50000,https,,1,40,0
2017-07-17T10:02:30.000000Z,,,loop,udp,10.0.0.1,50000,10.0.0.2,443,,https,1,32,4
2017-07-17T10:02:31.000000Z,,,other,tcp,10.0.0.8,1,10.0.0.9,113,tcpmux,ident,1,40,0
2017-07-17T10:02:32.000000Z,,,other,udp,10.0.0.8,1,10.0.0.9,113,tcpmux,auth,1,28,0
2017-07-17T10:02:33.000000Z,,,other,ospfigp,10.0.0.8,,10.0.0.9,,,,1,24,4
2017-07-17T10:02:34.000000Z,,,other,200,10.0.0.8,,10.0.0.9,,,,1,21,1
";
    assert_eq!(run.out, expected);
    let rows = rows(&sandbox, &["small.pcap"]);
    assert!(column(&rows, "direction").iter().all(|direction| direction == "other"));
}

#[test]
fn packets_have_rows_of_their_own() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    let rows = rows(&sandbox, &["small.pcap", "--per", "packet"]);
    assert_eq!(column(&rows, "frame_number"), ["1", "2", "3", "4", "5", "6", "7"]);
    let first = &rows[0];
    assert_eq!(first["ts"], "2017-07-17T10:02:28.080123Z");
    let of = |name: &str| first[name].as_str();
    let tcp = ["tcp_seq", "tcp_ack", "tcp_flags", "tcp_window"].map(of);
    assert_eq!(tcp, ["618966591", "2424492560", "24", "229"]);
    assert_eq!(rows[2]["tcp_seq"], "");
    assert!(!first.contains_key("packets"));
    let arguments = ["talkers", "small.pcap", "--per", "packet", "--interval", "2s"];
    sandbox.pcapml(arguments).expect(1).says("--interval is about intervals");
    let arguments = ["talkers", "small.pcap", "--per", "packet", "--max-pairs", "5"];
    sandbox.pcapml(arguments).expect(1).says("--max-pairs is about intervals");
}

#[test]
fn intervals_are_as_long_as_one_says_and_memory_is_bounded() {
    let sandbox = Sandbox::new();
    let packets: Vec<Vec<u8>> = (0..40).map(|at| between(1 + at % 2, 9, 17, &udp((1, 2), b"x"))).collect();
    sandbox.write("a.pcap", pcap(101, &packets));
    let rows = rows(&sandbox, &["a.pcap", "--interval", "10s"]);
    assert_eq!(column(&rows, "packets"), ["1", "1", "5", "5", "5", "5", "5", "5", "4", "4"]);
    assert_eq!(rows[2]["ts"], "2017-07-17T10:02:30.000000Z");
    let run = sandbox.pcapml(["talkers", "a.pcap", "--interval", "10s", "--max-pairs", "1"]).expect(0);
    let split = csv_rows(&run.out);
    let sum = |rows: &[Row]| column(rows, "bytes").iter().map(|bytes| bytes.parse::<u64>().unwrap()).sum::<u64>();
    assert_eq!(sum(&rows), sum(&split));
    run.says("begun again after more than --max-pairs 1 had waited");
    sandbox.pcapml(["talkers", "a.pcap", "--interval", "0"]).expect(1).says("an interval of no length");
    sandbox.pcapml(["talkers", "a.pcap", "--max-pairs", "0"]).expect(1);
}

#[test]
fn tunnels_are_looked_into_unless_one_says_no() {
    let sandbox = Sandbox::new();
    let inner = ethernet(0x0800, &between(3, 4, 17, &udp((7, 8), b"in")));
    let vxlan = [&[8, 0, 0, 0, 0, 0, 77, 0][..], &inner].concat();
    sandbox.write("a.pcap", pcap(101, &[between(1, 2, 17, &udp((5, 4789), &vxlan))]));
    assert_eq!(rows(&sandbox, &["a.pcap"])[0]["src_ip"], "10.0.0.3");
    assert_eq!(rows(&sandbox, &["a.pcap", "--outer"])[0]["dst_service"], "vxlan");
}

#[test]
fn samples_and_files_are_told_apart() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    sandbox.write("rules.csv", "BPF:port 443,web\nBPF:udp,datagrams\n");
    let label = ["label", "small.pcap", "--labels", "rules.csv", "--match", "all", "--ids", "sequential"];
    sandbox.pcapml([&label[..], &["--keep-unlabeled", "-o", "l.pcapng"]].concat()).expect(0);
    let labelled = rows(&sandbox, &["l.pcapng"]);
    assert_eq!(column(&labelled, "label"), ["web", "web", "web", "datagrams", "", "datagrams", "", ""]);
    assert_eq!(column(&labelled, "sample_id"), ["0", "0", "0", "1", "", "1", "", ""]);
    let both = rows(&sandbox, &["small.pcap", "l.pcapng"]);
    assert_eq!(column(&both, "file").iter().filter(|file| *file == "small.pcap").count(), 7);
}

#[test]
fn every_format_has_the_same_rows() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    let csv = csv_rows(&sandbox.pcapml(["talkers", "small.pcap", "-o", "-", "--format", "csv"]).expect(0).out);
    for name in ["out.csv", "out.jsonl", "out.parquet", "out.arrow", "out.sqlite"] {
        sandbox.pcapml(["talkers", "small.pcap", "-o", name]).expect(0);
    }
    let json = fs::read_to_string(sandbox.path("out.jsonl")).unwrap();
    let value = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    for (row, line) in csv.iter().zip(json.lines()) {
        let object: BTreeMap<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        assert_eq!(*row, object.iter().map(|(name, known)| (name.clone(), value(known))).collect::<Row>());
    }
    let script = "\
import sqlite3, csv, sys
database = sqlite3.connect('out.sqlite')
assert database.execute('pragma integrity_check').fetchall() == [('ok',)]
rows = database.execute('select * from rows')
out = csv.writer(sys.stdout, lineterminator='\\n')
out.writerow([column[0] for column in rows.description])
out.writerows(rows)
";
    let sqlite = sandbox.tool("/usr/bin/python3", &["-c", script]);
    assert_eq!(csv_rows(&sqlite), csv);
    assert_eq!(fs::read_to_string(sandbox.path("out.csv")).unwrap(), sqlite);
    assert_eq!(sandbox.files().len(), 6, "{:?}", sandbox.files());
    sandbox.pcapml(["talkers", "small.pcap", "-o", "out.sqlite"]).expect(1).says("exists already");
    sandbox.pcapml(["talkers", "small.pcap", "-o", "out.sqlite", "--force"]).expect(0);
    sandbox.pcapml(["talkers", "small.pcap", "-o", "out.npy"]).expect(1).says("arrays of numbers");
    sandbox.pcapml(["talkers", "small.pcap", "-o", "out"]).expect(1).says("does not say its format");
    let whole = fs::read(sandbox.path("small.pcap")).unwrap();
    sandbox.write("cut.pcap", &whole[..whole.len() - 1]);
    sandbox.pcapml(["talkers", "cut.pcap", "-o", "strict.sqlite", "--strict"]).expect(1);
    assert!(!sandbox.files().iter().any(|name| name.contains("strict") || name.contains("partial")));
}

#[test]
fn rows_of_flows_are_tables_of_sqlite_too() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    sandbox.pcapml(["flows", "small.pcap", "-o", "flows.db"]).expect(0);
    let count = "import sqlite3; print(sqlite3.connect('flows.db').execute('select count(*) from rows').fetchone())";
    assert_eq!(sandbox.tool("/usr/bin/python3", &["-c", count]).trim(), "(6,)");
    sandbox.pcapml(["flows", "small.pcap", "--to", "sqlite", "-o", "again"]).expect(0);
    assert_eq!(fs::read(sandbox.path("again")).unwrap(), fs::read(sandbox.path("flows.db")).unwrap());
    sandbox.write("rules.csv", "BPF:tcp,web\n");
    sandbox.pcapml(["label", "small.pcap", "--labels", "rules.csv", "-o", "l.pcapng"]).expect(0);
    let parts = ["--partition", "label", "--to", "sqlite", "-o", "parts"];
    sandbox.pcapml([&["features", "l.pcapng", "--set", "bytes:20"][..], &parts].concat()).expect(0);
    let part = "import sqlite3; database = sqlite3.connect('parts/label=web/part-0.sqlite'); \
                print(database.execute('select count(*), min(typeof(bytes)), min(length(bytes)) from rows').fetchone())";
    assert_eq!(sandbox.tool("/usr/bin/python3", &["-c", part]).trim(), "(1, 'blob', 20)");
}

/// A MaxMind database: its data, and the places in it of networks of IPv4, which stand in the first 2^32 addresses.
struct Mmdb {
    nodes: Vec<[Option<Record>; 2]>,
    data: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Record {
    Node(usize),
    Data(usize),
}

impl Mmdb {
    fn new() -> Self {
        Self { nodes: vec![[None; 2]], data: Vec::new() }
    }

    /// Adds a network: its first address as IPv6 has it, and how many bits are fixed.
    fn network(&mut self, address: u128, length: u32, value: &serde_json::Value) {
        let place = self.data.len();
        encode(value, &mut self.data);
        let mut at = 0;
        for bit in 0..length {
            let side = (address >> (127 - bit) & 1) as usize;
            if bit + 1 == length {
                self.nodes[at][side] = Some(Record::Data(place));
                return;
            }
            at = match self.nodes[at][side] {
                Some(Record::Node(next)) => next,
                _ => {
                    let next = self.nodes.len();
                    self.nodes.push([None; 2]);
                    self.nodes[at][side] = Some(Record::Node(next));
                    next
                }
            };
        }
    }

    /// The file.
    fn file(&self, kind: &str) -> Vec<u8> {
        let count = self.nodes.len();
        let number = |record: Option<Record>| match record {
            None => count,
            Some(Record::Node(next)) => next,
            Some(Record::Data(place)) => count + 16 + place,
        };
        let records = self.nodes.iter().flatten();
        let mut file: Vec<u8> =
            records.flat_map(|record| (number(*record) as u32).to_be_bytes()[1..].to_vec()).collect();
        file.extend([0; 16]);
        file.extend(&self.data);
        file.extend(b"\xab\xcd\xefMaxMind.com");
        let metadata = serde_json::json!({
            "node_count": count, "record_size": 24, "ip_version": 6, "database_type": kind, "languages": ["en"],
            "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_700_000_000,
            "description": {"en": "a test"},
        });
        encode(&metadata, &mut file);
        file
    }
}

/// Appends a value as the format has it: type and size in one byte, the others in more.
fn encode(value: &serde_json::Value, out: &mut Vec<u8>) {
    let head = |kind: u8, size: usize, out: &mut Vec<u8>| {
        let (size, more) = if size < 29 { (size as u8, None) } else { (29, Some((size - 29) as u8)) };
        match kind {
            ..8 => out.push(kind << 5 | size),
            // An extended type stands in the next byte.
            _ => out.extend([size, kind - 7]),
        }
        out.extend(more);
    };
    match value {
        serde_json::Value::String(text) => {
            head(2, text.len(), out);
            out.extend(text.as_bytes());
        }
        serde_json::Value::Number(number) => {
            head(6, 4, out);
            out.extend((number.as_u64().unwrap() as u32).to_be_bytes());
        }
        serde_json::Value::Object(members) => {
            head(7, members.len(), out);
            for (name, value) in members {
                encode(&name.as_str().into(), out);
                // Of the metadata each number has a width of its own.
                match (name.as_str(), value.as_u64()) {
                    ("record_size" | "ip_version", Some(number)) => out.extend([5 << 5 | 1, number as u8]),
                    ("binary_format_major_version" | "binary_format_minor_version", Some(number)) => {
                        out.extend([5 << 5 | 1, number as u8]);
                    }
                    ("build_epoch", Some(number)) => {
                        out.extend([8, 2]);
                        out.extend(number.to_be_bytes());
                    }
                    _ => encode(value, out),
                }
            }
        }
        serde_json::Value::Array(values) => {
            head(11, values.len(), out);
            values.iter().for_each(|value| encode(value, out));
        }
        other => panic!("{other}"),
    }
}

fn v4(address: [u8; 4]) -> u128 {
    u32::from_be_bytes(address).into()
}

#[test]
fn places_are_those_of_the_databases() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    let mut cities = Mmdb::new();
    cities.network(
        v4([10, 0, 0, 8]),
        127,
        &serde_json::json!({
            "country": {"iso_code": "CZ", "names": {"en": "Czechia"}},
            "subdivisions": [{"iso_code": "10", "names": {"en": "Prague"}}],
            "city": {"names": {"en": "Praha-západ, the city of a long name", "de": "Prag"}},
        }),
    );
    cities.network(v4([10, 0, 0, 1]), 128, &serde_json::json!({"country": {"iso_code": "FR"}}));
    let mut systems = Mmdb::new();
    let system = serde_json::json!({"autonomous_system_number": 64496, "autonomous_system_organization": "Example"});
    systems.network(v4([10, 0, 0, 1]), 128, &system);
    sandbox.write("city.mmdb", cities.file("GeoLite2-City"));
    sandbox.write("asn.mmdb", systems.file("GeoLite2-ASN"));
    let found = rows(&sandbox, &["small.pcap", "--geoip", "city.mmdb", "--asn", "asn.mmdb"]);
    let of = |row: usize, names: &[&str]| names.iter().map(|name| found[row][*name].clone()).collect::<Vec<_>>();
    let source = ["src_country", "src_region", "src_city", "src_asn", "src_as_org"];
    let destination = ["dst_country", "dst_region", "dst_city", "dst_asn", "dst_as_org"];
    assert_eq!(of(0, &source), ["FR", "", "", "64496", "Example"]);
    assert_eq!(of(0, &destination), ["CZ", "Prague", "Praha-západ, the city of a long name", "", ""]);
    assert_eq!(of(2, &destination), ["", "", "", "", ""]);
    assert!(!rows(&sandbox, &["small.pcap", "--asn", "asn.mmdb"])[0].contains_key("src_city"));
    let wrong = |option: &str, file: &str, said: &str| {
        sandbox.pcapml(["talkers", "small.pcap", option, file]).expect(1).says(said);
    };
    wrong("--geoip", "asn.mmdb", "name it with --asn");
    wrong("--asn", "city.mmdb", "name it with --geoip");
    wrong("--geoip", "small.pcap", "no MaxMind database");
    wrong("--geoip", "absent.mmdb", "absent.mmdb");
}

#[test]
fn broken_databases_are_refused_and_never_panic() {
    let sandbox = Sandbox::new();
    small(&sandbox);
    let mut cities = Mmdb::new();
    cities.network(v4([10, 0, 0, 8]), 127, &serde_json::json!({"country": {"iso_code": "CZ"}}));
    let whole = cities.file("GeoLite2-City");
    let places = (0..whole.len()).step_by(whole.len() / 40);
    for place in places {
        let mut broken = whole.clone();
        broken[place] ^= 0xff;
        sandbox.write("broken.mmdb", &broken);
        let run = sandbox.pcapml(["talkers", "small.pcap", "--geoip", "broken.mmdb"]);
        assert!(matches!(run.status, 0 | 1), "{place}: {} {}", run.status, run.err);
        assert!(!run.err.contains("panicked"), "{place}: {}", run.err);
        sandbox.write("broken.mmdb", &whole[..place]);
        let run = sandbox.pcapml(["talkers", "small.pcap", "--geoip", "broken.mmdb"]);
        assert!(matches!(run.status, 0 | 1) && !run.err.contains("panicked"), "{place}: {}", run.err);
    }
}

/// Per packet: addresses, ports, lengths and TCP's numbers, which are also what intervals are the sums of.
#[test]
fn rows_and_their_sums_are_wireshark_s() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let names = ["http--packet_analysis--http_gzip.pcap", "dns--packet_analysis--example.com-3.pcap"];
    let captures = names.map(|name| corpus.join("dissect/pcaps").join(name));
    let fields = [
        "frame.number",
        "ip.src",
        "ip.dst",
        "tcp.srcport",
        "tcp.dstport",
        "udp.srcport",
        "udp.dstport",
        "ip.len",
        "tcp.seq_raw",
        "tcp.ack_raw",
        "tcp.flags",
        "tcp.window_size_value",
        "tcp.len",
        "frame.time_epoch",
    ];
    let mut compared = 0;
    for capture in captures.iter().chain([&apps().join("pcaps/http/curl-v4-1.pcap")]) {
        let shown = capture.to_str().unwrap();
        let mut arguments = vec!["-r", shown, "-T", "fields", "-E", "occurrence=f", "-Y", "ip && !icmp"];
        arguments.extend(TSHARK);
        fields.iter().for_each(|name| arguments.extend(["-e", name]));
        let theirs = sandbox.tool("tshark", &arguments);
        let theirs: Vec<BTreeMap<&str, &str>> =
            theirs.lines().map(|line| fields.iter().copied().zip(line.split('\t')).collect()).collect();
        let ours = rows(&sandbox, &[shown, "--per", "packet", "--outer"]);
        let ours: BTreeMap<&str, &Row> = ours.iter().map(|row| (row["frame_number"].as_str(), row)).collect();
        let mut sums: BTreeMap<Vec<String>, (u64, u64)> = BTreeMap::new();
        for their in &theirs {
            let row = ours[their["frame.number"]];
            let either = |one: &str, other: &str| if their[one].is_empty() { their[other] } else { their[one] };
            let flags = their["tcp.flags"].strip_prefix("0x").map(|hex| u16::from_str_radix(hex, 16).unwrap() & 0xff);
            let (from, to) = (either("tcp.srcport", "udp.srcport"), either("tcp.dstport", "udp.dstport"));
            for (name, value) in [
                ("src_ip", their["ip.src"]),
                ("dst_ip", their["ip.dst"]),
                ("src_port", from),
                ("dst_port", to),
                ("bytes", their["ip.len"]),
                ("tcp_seq", their["tcp.seq_raw"]),
                ("tcp_ack", their["tcp.ack_raw"]),
                ("tcp_flags", &flags.map_or(String::new(), |flags| flags.to_string())),
                ("tcp_window", their["tcp.window_size_value"]),
            ] {
                assert_eq!(row[name], value, "{shown} {} {name}", their["frame.number"]);
                compared += 1;
            }
            if !their["tcp.len"].is_empty() {
                assert_eq!(row["payload_bytes"], their["tcp.len"], "{shown} {}", their["frame.number"]);
            }
            if row["protocol"] == "icmp" {
                // A later fragment, which Wireshark's filter does not take for ICMP.
                continue;
            }
            let second = their["frame.time_epoch"].split('.').next().unwrap();
            let key = [second, their["ip.src"], their["ip.dst"], from, to, &row["protocol"]].map(str::to_owned);
            let sum = sums.entry(key.to_vec()).or_default();
            *sum = (sum.0 + 1, sum.1 + their["ip.len"].parse::<u64>().unwrap());
        }
        let mut found = BTreeMap::new();
        for row in rows(&sandbox, &[shown, "--outer"])
            .iter()
            .filter(|row| row["protocol"] != "icmp" && !row["src_ip"].contains(':'))
        {
            let second = row["ts"].parse::<jiff::Timestamp>().unwrap().as_second().to_string();
            let ends = ["src_ip", "dst_ip", "src_port", "dst_port", "protocol"].map(|name| row[name].clone());
            let key = [vec![second], ends.to_vec()].concat();
            let sum = (row["packets"].parse().unwrap(), row["bytes"].parse().unwrap());
            assert!(found.insert(key, sum).is_none(), "{shown}: two rows of a pair in an interval");
        }
        let differ: Vec<_> = found.iter().filter(|(key, sum)| sums.get(*key) != Some(sum)).collect();
        assert!(differ.is_empty() && found.len() == sums.len(), "{shown}: {differ:?}");
    }
    println!("talkers: {compared} values compared");
    assert!(compared > 1000);
}
