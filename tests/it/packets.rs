//! Rows of packets, against Wireshark's dissection of the same packets, and as NumPy reads them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use crate::support::{Run, Sandbox, apps, corpus, csv_rows};

/// Debian's Python, which has Debian's NumPy.
const PYTHON: &str = "/usr/bin/python3";

/// Directories of the corpus whose captures are read.
const DIRECTORIES: [&str; 3] = ["labelled/pcaps", "conformance/variety", "dissect/pcaps"];

/// What makes tshark show each packet by itself, by the ports and headers that it has.
pub const TSHARK: [&str; 10] = [
    "-o",
    "ip.defragment:FALSE",
    "-o",
    "ipv6.defragment:FALSE",
    "-o",
    "tcp.desegment_tcp_streams:FALSE",
    "-o",
    "udp.try_heuristic_first:FALSE",
    "-o",
    "icmp.favor_icmp_mpls:FALSE",
];

/// Every `nth` capture of the corpus, or all with PCAPML_ALL.
pub fn captures(corpus: &Path, nth: usize) -> Vec<PathBuf> {
    let nth = if std::env::var_os("PCAPML_ALL").is_some() { 1 } else { nth };
    let mut files = Vec::new();
    for directory in DIRECTORIES {
        let entries = fs::read_dir(corpus.join(directory)).unwrap();
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        found.sort();
        files.extend(found.into_iter().step_by(nth));
    }
    files
}

/// What one value is called by both: numbers, lists and addresses as we write them.
pub fn as_ours(name: &str, theirs: &str) -> String {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).unwrap().to_string(),
        None => text.to_owned(),
    };
    match name {
        "eth.src" | "eth.dst" => theirs.split('|').next().unwrap().to_owned(),
        "tcp.option_kind" if theirs.is_empty() => String::new(),
        // We leave out the end of the list.
        "tcp.option_kind" => {
            format!("[{}]", theirs.split('|').filter(|kind| *kind != "0").collect::<Vec<_>>().join(","))
        }
        _ => number(theirs.split('|').next().unwrap()),
    }
}

/// Why Wireshark shows something else, if it is known.
pub fn reason(
    name: &str,
    ours: &str,
    row: &BTreeMap<String, String>,
    theirs: &BTreeMap<&str, &str>,
) -> Option<&'static str> {
    let several = |field: &str| theirs[field].contains('|');
    let transport = ["tcp.", "udp.", "sctp.", "icmp.", "icmpv6."].iter().any(|protocol| name.starts_with(protocol));
    let packets = theirs["ip.version"].split('|').count();
    let inner = ours.is_empty() && (name.starts_with("ip.") || name.starts_with("ipv6."));
    if (transport || inner || name == "vlan.id")
        && (packets > 1 || several("eth.src") || several("ip.proto") || several("ipv6.nxt"))
    {
        return Some("tunnels and quoted packets: Wireshark shows what is inside");
    }
    if transport && (row["ip.frag_offset"].parse::<u64>().unwrap_or(0) > 0) {
        return Some("later fragments: Wireshark may take data for a header");
    }
    if row["ip.version"].is_empty() && !theirs["ip.version"].is_empty() {
        return Some("link layers that are not decoded here");
    }
    if name == "ip.len" && ours == "0" {
        return Some("length 0, which offloading leaves: Wireshark shows the frame's");
    }
    let length = |name: &str| row[name].parse::<u64>().unwrap_or(0);
    if length("frame.cap_len") < length("frame.len") && ours.is_empty() != theirs[name].is_empty() {
        return Some("packets cut short: headers that are not whole");
    }
    None
}

/// The differences between our fields and Wireshark's in a capture: those with a known reason, and the others.
fn compare_fields(sandbox: &Sandbox, capture: &Path, known: &mut BTreeMap<&'static str, u64>) -> (u64, Vec<String>) {
    let shown = capture.to_str().unwrap();
    let run = sandbox.pcapml(["features", shown, "--set", "headers", "--bare", "--outer", "-o", "ours.csv", "--force"]);
    assert_ne!(run.status, 1, "{shown}: {}", run.err);
    let ours = csv_rows(&fs::read_to_string(sandbox.path("ours.csv")).unwrap());
    let text = fs::read_to_string(sandbox.path("ours.csv")).unwrap();
    let names: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let mut arguments = vec!["-r", shown, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|"];
    arguments.extend(TSHARK);
    names.iter().for_each(|name| arguments.extend(["-e", name]));
    let theirs = String::from_utf8(sandbox.try_tool("tshark", &arguments).stdout).unwrap();
    let (mut values, mut unknown) = (0, Vec::new());
    for (row, line) in ours.iter().zip(theirs.lines()) {
        let cells: BTreeMap<&str, &str> = names.iter().copied().zip(line.split('\t')).collect();
        for &name in names.iter().filter(|name| **name != "frame.time_epoch") {
            let (mine, other) = (row[name].as_str(), as_ours(name, cells[name]));
            let none = name == "tcp.option_kind" && mine == "[]" && other.is_empty();
            values += 1;
            if mine == other || none {
                continue;
            }
            match reason(name, mine, row, &cells) {
                Some(reason) => *known.entry(reason).or_default() += 1,
                None => unknown.push(format!("{shown} {}: {name}: {mine} and {other}", row["frame.number"])),
            }
        }
    }
    if ours.len() != theirs.lines().count() {
        unknown.push(format!("{shown}: {} rows, {} of tshark", ours.len(), theirs.lines().count()));
    }
    (values, unknown)
}

#[test]
fn fields_are_wireshark_s() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (mut values, mut known, mut unknown) = (0, BTreeMap::new(), Vec::new());
    let captures = captures(&corpus, 12);
    for capture in &captures {
        let (compared, differences) = compare_fields(&sandbox, capture, &mut known);
        values += compared;
        unknown.extend(differences);
    }
    println!("headers: {} captures, {values} values compared; differences by reason: {known:?}", captures.len());
    assert!(unknown.is_empty(), "{} differences:\n{}", unknown.len(), unknown[..unknown.len().min(40)].join("\n"));
}

/// What Wireshark says of a frame: its bytes, and where protocols and fields stand in it.
struct Dissected {
    bytes: Vec<u8>,
    /// The IP header and what it says of its packet's length.
    start: usize,
    length: usize,
    /// Ranges of these fields.
    fields: Vec<(String, std::ops::Range<usize>)>,
    protocols: Vec<String>,
}

impl Dissected {
    fn has(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|found| found == protocol)
    }

    fn of(&self, name: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.fields.iter().filter(move |(found, _)| found == name).map(|(_, place)| place.clone())
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.of(name)
            .next()
            .map(|place| self.bytes[place].iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }
}

/// The frames of a capture as Wireshark dissects them, by their numbers.
fn dissect(sandbox: &Sandbox, capture: &str) -> BTreeMap<u64, Dissected> {
    let tshark = |format: &[&str]| {
        let arguments: Vec<&str> = ["-r", capture].into_iter().chain(TSHARK).chain(format.iter().copied()).collect();
        String::from_utf8_lossy(&sandbox.try_tool("tshark", &arguments).stdout).into_owned()
    };
    // Lines of sixteen bytes: offset, hex digits, text.
    let dump = tshark(&["-x"]);
    let hex = |frame: &str| -> Vec<u8> {
        let bytes = frame.lines().filter(|line| line.get(4..6) == Some("  ")).filter_map(|line| line.get(6..53));
        bytes
            .flat_map(|line| {
                line.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect::<Vec<_>>()
            })
            .collect()
    };
    // Of frames that Wireshark unpacked or joined, those come behind them.
    let is_frame = |part: &&str| part.trim_start().starts_with("0000") || part.trim_start().starts_with("Frame (");
    let frames: Vec<Vec<u8>> = dump.split("\n\n").filter(is_frame).map(hex).collect();
    let element = Regex::new(r#"<(proto|field) name="([\w.]+)".*? size="(\d+)" pos="(\d+)""#).unwrap();
    let mut dissected = BTreeMap::new();
    for (packet, bytes) in tshark(&["-T", "pdml"]).split("<packet>").skip(1).zip(frames) {
        let mut one = Dissected { bytes, start: 0, length: 0, fields: Vec::new(), protocols: Vec::new() };
        for found in element.captures_iter(packet) {
            let (size, at): (usize, usize) = (found[3].parse().unwrap(), found[4].parse().unwrap());
            match &found[1] {
                "proto" => {
                    if matches!(&found[2], "ip" | "ipv6") && !one.has("ip") && !one.has("ipv6") {
                        one.start = at;
                    }
                    one.protocols.push(found[2].to_owned());
                }
                _ => one.fields.push((found[2].to_owned(), at..at + size)),
            }
        }
        let length = one.number("ip.len").or_else(|| one.number("ipv6.plen").map(|length| length + 40));
        one.length = length.unwrap_or(0) as usize;
        dissected.insert(dissected.len() as u64 + 1, one);
    }
    dissected
}

/// Fields that are zeroed, wherever Wireshark sees them: in what ICMP errors quote too.
const BLANK: [&str; 8] =
    ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.checksum", "tcp.checksum", "udp.checksum", "icmp.checksum"];

/// The row of a frame as Wireshark's dissection makes it; none of what is left out, or not compared here.
fn expected(frame: &Dissected, masks: bool) -> Option<Vec<u8>> {
    let port = |name: &str| frame.number(name);
    let ports = ["tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport"];
    let empty = frame.has("tcp") && !frame.has("icmp") && {
        let header = frame.number("ip.hdr_len").map_or(40, |first| first % 16 * 4) as usize;
        let offset = frame.number("tcp.hdr_len").map_or(0, |offset| offset / 16 * 4) as usize;
        frame.length == header + offset && frame.number("tcp.flags")? & 0x13 != 0
    };
    if ports.iter().any(|name| port(name) == Some(53)) || empty {
        return None;
    }
    let mut bytes = frame.bytes.clone();
    for name in BLANK {
        frame.of(name).for_each(|place| bytes[place].fill(0));
    }
    let masked: &[&str] = match masks {
        true => &[
            "tcp.srcport",
            "tcp.dstport",
            "udp.srcport",
            "udp.dstport",
            "tcp.seq_raw",
            "tcp.ack_raw",
            "ip.ttl",
            "ipv6.hlim",
            "ip.id",
            "tcp.options.timestamp.tsval",
            "tcp.options.timestamp.tsecr",
        ],
        false => &[],
    };
    masked.iter().for_each(|name| frame.of(name).for_each(|place| bytes[place].fill(0)));
    let end = bytes.len().min(frame.start + frame.length);
    let mut row = bytes[frame.start..end].to_vec();
    if let Some(header) = frame.of("udp.srcport").next().filter(|_| !frame.has("icmp")) {
        row.splice(header.start + 8 - frame.start..header.start + 8 - frame.start, [0; 12]);
    }
    Some(row)
}

#[test]
fn bytes_are_those_of_the_dump_with_what_wireshark_knows_zeroed() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (mut compared, mut left_out) = (0, 0);
    for capture in captures(&corpus, 25) {
        let shown = capture.to_str().unwrap();
        let frames = dissect(&sandbox, shown);
        for masks in [false, true] {
            let mut arguments = vec!["features", shown, "--set", "bytes:200", "-o", "ours.csv", "--force", "-q"];
            if masks {
                arguments.extend(["--mask", "ports,seq,ttl,id,tstamp"]);
            }
            assert_ne!(sandbox.pcapml(&arguments).status, 1);
            let rows = csv_rows(&fs::read_to_string(sandbox.path("ours.csv")).unwrap());
            let ours: BTreeMap<u64, &BTreeMap<String, String>> =
                rows.iter().map(|row| (row["packet"].parse().unwrap(), row)).collect();
            // Every few, so that a test takes seconds.
            for (number, frame) in frames.iter().filter(|(number, _)| *number % 5 == 1) {
                let networks = frame.protocols.iter().filter(|name| matches!(name.as_str(), "ip" | "ipv6")).count();
                let quoted = networks == 2 && frame.has("icmp");
                let transports = ["tcp", "udp", "icmp"].iter().any(|protocol| frame.has(protocol));
                // Flow labels share a byte; tunnels, fragments, selective acknowledgements and broken options have tests of
                // their own.
                let is_odd = |name: &str| name.contains("sack") || name == "tcp.option.len.invalid";
                let apart = masks && (frame.has("ipv6") || frame.fields.iter().any(|(name, _)| is_odd(name)));
                if !transports || apart || (networks != 1 && !quoted) || frame.has("ipv6.fraghdr") {
                    continue;
                }
                let fragment = frame.of("ip.frag_offset").next().is_some_and(|at| {
                    u16::from_be_bytes([frame.bytes[at.start], frame.bytes[at.start + 1]]) & 0x3fff != 0
                });
                if fragment {
                    continue;
                }
                let Some(mut row) = expected(frame, masks) else {
                    assert!(!ours.contains_key(number), "{shown} {number}: a row that should be left out");
                    left_out += 1;
                    continue;
                };
                let mine = ours.get(number).unwrap_or_else(|| panic!("{shown} {number}: no row"));
                let length = row.len().min(200);
                row.resize(200, 0);
                let bytes: Vec<u8> = (0..200).map(|at| mine[&format!("bytes_{at}")].parse().unwrap()).collect();
                assert_eq!(bytes, row, "{shown} {number}, masks {masks}");
                assert_eq!(mine["length"], length.to_string(), "{shown} {number}");
                compared += 1;
            }
        }
    }
    println!("bytes: {compared} rows as Wireshark's dump, {left_out} left out as they should be");
    assert!(compared > 100 && left_out > 20);
}

#[test]
fn every_packet_has_a_row_or_a_reason() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let mut files = captures(&corpus, 9);
    files.extend(fs::read_dir(corpus.join("hostile/files")).unwrap().map(|entry| entry.unwrap().path()));
    let (mut packets, mut in_rows) = (0, 0);
    for capture in files {
        for set in ["headers", "bytes:30", "nprint:4,6,tcp,udp,icmp,eth,payload=3"] {
            let shown = capture.to_str().unwrap();
            let arguments = ["features", shown, "--set", set, "-o", "rows.csv", "--force", "--explain=json"];
            let run = sandbox.pcapml(arguments);
            let Some(line) = run.err.lines().find_map(|line| line.strip_prefix("pcapml: {")) else {
                assert_eq!(run.status, 1, "{shown}: {}", run.err);
                continue;
            };
            let said: Value = serde_json::from_str(&format!("{{{line}")).unwrap();
            let number = |name: &str| said[name].as_u64().unwrap();
            let reasons: u64 = said["reasons"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
            assert_eq!(number("read"), number("in_rows") + reasons, "{shown}: {line}");
            let text = fs::read_to_string(sandbox.path("rows.csv")).unwrap();
            assert_eq!(number("memberships"), text.lines().count() as u64 - 1, "{shown} {set}");
            if set == "headers" {
                assert_eq!(reasons, 0, "{shown}: {line}");
            }
            packets += number("read");
            in_rows += number("in_rows");
        }
    }
    println!("packets: {packets} read, {in_rows} in rows, the others with a reason");
}

#[test]
fn the_number_of_threads_changes_no_byte_of_rows_of_packets() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let sets = "headers,bytes:90,nprint:4,6,tcp,udp";
    for name in ["rows.csv", "rows.jsonl", "rows.parquet", "rows.arrow", "rows.npy", "rows.npz"] {
        let made: Vec<Vec<u8>> = ["1", "2", "8"]
            .iter()
            .map(|threads| {
                let fixed =
                    ["features", "apps.pcapng", "--set", sets, "-o", name, "--force", "-q", "--threads", threads];
                sandbox.pcapml(fixed).expect(0);
                fs::read(sandbox.path(name)).unwrap()
            })
            .collect();
        assert!(made[0] == made[1] && made[1] == made[2], "{name}");
    }
}

/// The first pass over a file, and waiting for the end of a pipe, come to the same.
#[test]
fn rows_of_a_pipe_are_those_of_the_file() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let arguments = ["features", "--set", "bytes:20", "-q", "--memory", "8M", "-o", "-"];
    let from_file = sandbox.pcapml([&arguments[..], &["apps.pcapng"]].concat()).expect(0).out;
    let mut command = sandbox.command();
    command.args(arguments).arg("-").stdin(fs::File::open(sandbox.path("apps.pcapng")).unwrap());
    assert!(Run::of(&mut command).expect(0).out == from_file);
    let header = from_file.lines().next().unwrap();
    assert!(header.starts_with("sample_id,label,client,ip,packet,time,bytes_0,bytes_1,"), "{header}");
    // Each row has the label that the capture says.
    let samples = csv_rows(&sandbox.pcapml(["samples", "apps.pcapng", "--format", "csv"]).expect(0).out);
    let labels: BTreeMap<&str, &str> =
        samples.iter().map(|row| (row["sample_id"].as_str(), row["label"].as_str())).collect();
    let rows = csv_rows(&from_file);
    assert!(rows.len() > 100 && rows.iter().all(|row| labels[row["sample_id"].as_str()] == row["label"]));
}

#[test]
fn a_directory_gives_rows_with_the_names_of_files() {
    let sandbox = Sandbox::new();
    let pcaps = apps().join("pcaps");
    let run = sandbox.pcapml(["features", pcaps.to_str().unwrap(), "--set", "headers", "-o", "rows.csv"]).expect(0);
    let rows = csv_rows(&fs::read_to_string(sandbox.path("rows.csv")).unwrap());
    run.says(&format!("{0} packets read: {0} in rows", rows.len()));
    assert!(rows.iter().any(|row| row["file"] == "dns/dig-v4-1.pcap" && row["packet"] == "1"));
    assert!(rows.iter().all(|row| row["packet"] == row["frame.number"]));
}

#[test]
fn arrays_are_as_numpy_wants_them() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    for (set, name) in
        [("bytes:64", "b.npy"), ("bytes:64", "b.npz"), ("nprint:4,6,tcp", "n.npy"), ("nprint:4,6,tcp", "n.npz")]
    {
        sandbox.pcapml(["features", "apps.pcapng", "--set", set, "-o", name]).expect(0);
    }
    // What goes to a pipe is the same, although one cannot go back there.
    let piped = sandbox
        .command()
        .args(["features", "apps.pcapng", "--set", "bytes:64", "-o", "-", "--to", "npy", "-q"])
        .output();
    assert!(piped.unwrap().stdout == fs::read(sandbox.path("b.npy")).unwrap());
    sandbox.pcapml(["features", "apps.pcapng", "--set", "bytes:64,nprint:4,6,tcp", "-o", "rows.csv"]).expect(0);
    let script = "import csv, numpy as np\n\
        rows = list(csv.DictReader(open('rows.csv')))\n\
        b, n = np.load('b.npy'), np.load('n.npy')\n\
        assert b.dtype == np.uint8 and b.shape == (len(rows), 64), (b.dtype, b.shape)\n\
        assert n.dtype == np.int8 and n.shape[1] == 480 + 320 + 480, (n.dtype, n.shape)\n\
        bz, nz = np.load('b.npz'), np.load('n.npz')\n\
        assert (bz['x'] == b).all() and bz['x'].dtype == np.uint8 and (nz['x'] == n).all() and nz['x'].dtype == np.int8\n\
        assert bz['length'].tolist() == [int(row['length']) for row in rows]\n\
        assert bz['sample_id'].tolist() == [int(row['sample_id']) for row in rows]\n\
        assert bz['label'].tolist() == [row['label'] for row in rows]\n\
        names = nz['columns'].tolist()\n\
        assert names[0] == 'ipv4_ver_0' and names[480] == 'ipv6_ver_0' and names[-1] == 'tcp_opt_319', names[-1]\n\
        assert b.tolist() == [[int(row[f'bytes_{at}']) for at in range(64)] for row in rows]\n\
        assert set(np.unique(n)) == {-1, 0, 1} and ((n[:, 480] == -1) ^ (n[:, 0] == -1)).all()\n\
        print(len(rows))";
    let judged = Command::new(PYTHON).args(["-c", script]).current_dir(sandbox.path(".")).output().unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));
}

#[test]
fn nprint_s_own_rows_have_the_source_first() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let arguments =
        ["features", "apps.pcapng", "--set", "nprint:tcp,udp,4", "--to", "nprint", "--fill", "-2", "-o", "n.npt"];
    sandbox.pcapml(arguments).expect(0);
    let text = fs::read_to_string(sandbox.path("n.npt")).unwrap();
    let header = text.lines().next().unwrap();
    assert!(header.starts_with("src_ip,ipv4_ver_0,ipv4_ver_1,") && header.ends_with(",udp_cksum_15"), "{header}");
    let of_tcp = text.lines().find(|line| line.ends_with(",-2,-2")).unwrap();
    assert_eq!(of_tcp.split(',').count(), 1 + 480 + 480 + 64);
}

#[test]
fn options_that_do_not_fit_rows_of_packets_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    for (more, fault) in [
        (["--set", "bytes:9,cic"].as_slice(), "'bytes:9' has a row for each packet, and 'cic' has not"),
        (&["--set", "bytes:0"], "from 1 to 65535"),
        (&["--set", "headers", "--mask", "sort"], "'sort' is no field that can be hidden"),
        (&["--set", "headers", "--fill", "0"], "--fill is for the set nprint"),
        (&["--set", "cic", "--to", "nprint"], "--to nprint is for the set nprint alone"),
        (&["--set", "headers", "--idle-timeout", "5"], "--idle-timeout is about flows"),
        (&["--set", "headers", "--key", "vlan"], "--key is about flows"),
        (&["--set", "nprint:4,4"], "nprint:4,4: not headers, or one twice"),
        (&["--set", "headers", "--columns", "nonsense"], "there is no column 'nonsense'"),
        (&["--set", "headers", "--to", "npy"], "an array of numbers cannot hold the columns eth.dst"),
    ] {
        let run = sandbox.pcapml([&["features", "apps.pcapng", "-o", "x.csv"], more].concat()).expect(1);
        run.says(fault);
        assert!(!sandbox.path("x.csv").exists());
    }
    let chosen =
        ["features", "apps.pcapng", "-o", "-", "-q", "--bare", "--set", "headers", "--columns", "ip.ttl,ip.proto"];
    assert!(sandbox.pcapml(chosen).expect(0).out.starts_with("ip.ttl,ip.proto\n"));
}
