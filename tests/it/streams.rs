//! Streams of TCP and datagrams in fragments, against what tshark puts together; and the forms in which they are told.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pcapml::capture::{Item, Reader};
use pcapml::decode;
use pcapml::flow::Defragmenter;
use serde_json::Value;

use crate::support::{Sandbox, apps, corpus, csv_rows};

/// A directory's captures of at most this size, in bytes, by name.
fn captures(directory: &Path, size: u64) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let mut paths: Vec<PathBuf> =
        entries.filter(|entry| entry.metadata().unwrap().len() <= size).map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The bytes of a field: text, or base64 if a field beside it says so.
fn bytes(record: &Value, name: &str) -> Vec<u8> {
    let text = record[name].as_str().unwrap_or_default();
    match record[format!("{name}_encoding")].as_str() {
        Some("base64") => STANDARD.decode(text).unwrap(),
        _ => text.as_bytes().to_vec(),
    }
}

/// An end of a conversation as tshark writes it.
fn end(record: &Value, side: &str) -> String {
    let (host, port) = (record[format!("id.{side}_h")].as_str().unwrap(), &record[format!("id.{side}_p")]);
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// What the two ends of each stream sent.
type Streams = BTreeMap<u64, [(String, Vec<u8>); 2]>;

/// The streams of a capture as tshark follows them, by number; what it says of missing bytes is left out.
fn followed(sandbox: &Sandbox, capture: &Path) -> Streams {
    let shown = capture.to_str().unwrap();
    let numbers = sandbox.try_tool("tshark", &["-n", "-r", shown, "-T", "fields", "-e", "tcp.stream"]).stdout;
    let numbers = String::from_utf8_lossy(&numbers);
    let last = numbers.split([',', '\n']).filter_map(|number| number.trim().parse::<u64>().ok()).max();
    let follow: Vec<String> =
        (0..last.map_or(0, |last| last + 1)).map(|number| format!("-zfollow,tcp,raw,{number}")).collect();
    let arguments: Vec<&str> = ["-n", "-q", "-r", shown].into_iter().chain(follow.iter().map(String::as_str)).collect();
    let text = String::from_utf8_lossy(&sandbox.try_tool("tshark", &arguments).stdout).into_owned();
    let mut streams = Streams::new();
    for block in text.split("Follow: tcp,raw\n").skip(1) {
        let mut lines = block.lines();
        let mut word = |before: &str| lines.next().unwrap().strip_prefix(before).unwrap().to_owned();
        let number = word("Filter: tcp.stream eq ").parse().unwrap();
        let mut sides = [(word("Node 0: "), Vec::new()), (word("Node 1: "), Vec::new())];
        for line in lines.take_while(|line| !line.starts_with('=')) {
            let hex = line.trim();
            let data: Vec<u8> =
                (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect();
            if !(data.starts_with(b"[") && data.ends_with(b" bytes missing in capture file]\0")) {
                sides[usize::from(line.starts_with('\t'))].1.extend(data);
            }
        }
        streams.insert(number, sides);
    }
    streams
}

#[test]
fn both_sides_are_what_tshark_follows() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let dissected = captures(&corpus.join("dissect/pcaps"), 30_000).into_iter().step_by(6);
    let labelled = captures(&corpus.join("labelled/pcaps"), 20_000).into_iter().step_by(20);
    let (mut same, mut beginnings, mut resets) = (0, 0, Vec::new());
    for capture in dissected.chain(labelled) {
        let run = sandbox.pcapml(["streams", capture.to_str().unwrap(), "--idle-timeout", "2000000000"]);
        assert!([0, 2].contains(&run.status), "{capture:?}: {} {}", run.status, run.err);
        let mut ours: HashMap<[String; 2], Vec<Value>> = HashMap::new();
        for record in records(&run.out).into_iter().filter(|record| record["proto"] == "tcp") {
            let mut ends = [end(&record, "orig"), end(&record, "resp")];
            ends.sort();
            ours.entry(ends).or_default().push(record);
        }
        ours.values_mut().for_each(|records| records.sort_by_key(|record| record["pkt_first"].as_u64()));
        for (number, sides) in followed(&sandbox, &capture) {
            if sides.iter().all(|(_, bytes)| bytes.is_empty()) {
                continue;
            }
            let mut ends = [sides[0].0.clone(), sides[1].0.clone()];
            ends.sort();
            let Some(of) = ours.get_mut(&ends).filter(|records| !records.is_empty()) else {
                resets.push(format!("{} {number}", capture.display()));
                continue;
            };
            let record = of.remove(0);
            for (name, theirs) in sides {
                let side = if end(&record, "orig") == name { "c2s" } else { "s2c" };
                let ours = bytes(&record, side);
                let has_gaps = !record["gaps"].as_array().unwrap().is_empty();
                // What waits for lost bytes when the capture ends is not told by tshark.
                beginnings += u64::from(ours != theirs);
                assert!(
                    ours == theirs || has_gaps && ours.starts_with(&theirs),
                    "{capture:?} stream {number} {side}: {} bytes, not {}",
                    ours.len(),
                    theirs.len()
                );
                same += u64::from(ours == theirs);
            }
        }
    }
    // What tshark follows and we do not: the text in a reset, which is no part of a stream (RFC 9293, 3.5.3).
    assert!(resets.iter().all(|stream| stream.ends_with("http_guessed_host_and_guessed.pcapng 0")), "{resets:?}");
    assert!(same > 20 && beginnings < same / 10, "{same} {beginnings}");
}

#[test]
fn datagrams_are_what_tshark_reassembles() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let mut whole = 0;
    for directory in ["labelled/pcaps", "dissect/pcaps", "conformance/variety"] {
        for capture in captures(&corpus.join(directory), 1 << 20) {
            let Some(ours) = reassembled(&capture) else { continue };
            let fields = ["frame.number", "ip.reassembled.data", "ipv6.reassembled.data"];
            let mut arguments = vec!["-n", "-r", capture.to_str().unwrap(), "-T", "fields"];
            fields.iter().for_each(|field| arguments.extend(["-e", field]));
            let text = String::from_utf8_lossy(&sandbox.try_tool("tshark", &arguments).stdout).into_owned();
            let theirs: BTreeMap<u64, String> = text
                .lines()
                .filter_map(|line| {
                    let mut cells = line.split('\t');
                    let number = cells.next()?.parse().ok()?;
                    cells.find(|cell| !cell.is_empty()).map(|data| (number, data.to_owned()))
                })
                .collect();
            assert_eq!(ours, theirs, "{capture:?}");
            whole += ours.len();
        }
    }
    assert!(whole > 10, "{whole}");
}

/// The data of the datagrams that become whole in a capture, in hex, by the number of their last packet; none if there is
/// no fragment.
fn reassembled(capture: &Path) -> Option<BTreeMap<u64, String>> {
    let mut found = BTreeMap::new();
    let mut defragmenter = Defragmenter::default();
    let mut reader = Reader::open(capture, 1).ok()?;
    while let Ok(Some(item)) = reader.next_item() {
        let Item::Packet(packet) = item else { continue };
        let layers = decode::innermost(packet.interface.link_type, packet.bytes, packet.original_length);
        let time = packet.time().map_or(0, |time| time.0 as i64);
        if let Some(datagram) = defragmenter.take(0, &layers, time) {
            let header = match datagram.bytes[0] >> 4 {
                4 => usize::from(datagram.bytes[0] & 15) * 4,
                _ => 40,
            };
            let hex = datagram.bytes[header..].iter().map(|byte| format!("{byte:02x}")).collect();
            found.insert(packet.number, hex);
        }
    }
    (defragmenter.counts().fragments > 0).then_some(found)
}

#[test]
fn pieces_turns_and_conversations_say_the_same() {
    let sandbox = Sandbox::new();
    let capture = "apps.pcapng";
    sandbox.label_apps(capture);
    let sessions = records(&sandbox.pcapml(["streams", capture]).expect(0).out);
    assert!(sessions.len() > 5);
    let whole = |records: &[Value]| {
        let mut said: BTreeMap<(String, String), Vec<u8>> = BTreeMap::new();
        for record in records {
            let uid = record["uid"].as_str().unwrap().to_owned();
            match record["dir"].as_str() {
                Some(side) => said.entry((uid, side.to_owned())).or_default().extend(bytes(record, "data")),
                None => ["c2s", "s2c"]
                    .map(|side| {
                        said.entry((uid.clone(), side.to_owned())).or_default().extend(bytes(record, side));
                    })
                    .into_iter()
                    .collect(),
            }
        }
        said.retain(|_, said| !said.is_empty());
        said
    };
    let expected = whole(&sessions);
    for record in &sessions {
        assert!(record["sample_id"].is_string() && record["label"].is_string(), "{record}");
        let chunks = record["chunks"].as_array().unwrap();
        let lengths = |side: &str| -> u64 {
            chunks.iter().filter(|chunk| chunk["dir"] == side).map(|chunk| chunk["len"].as_u64().unwrap()).sum()
        };
        assert_eq!([lengths("c2s"), lengths("s2c")], ["c2s", "s2c"].map(|side| bytes(record, side).len() as u64));
    }
    for mode in ["chunk", "exchange"] {
        let run = sandbox.pcapml(["streams", capture, "--mode", mode]).expect(0);
        assert_eq!(whole(&records(&run.out)), expected, "{mode}");
    }
    // With less memory a conversation comes in parts, with any number of threads the same.
    let small = sandbox.pcapml(["streams", capture, "--memory", "20K"]).expect(0);
    assert!(records(&small.out).len() > sessions.len());
    assert_eq!(whole(&records(&small.out)), expected);
    let one = sandbox.pcapml(["streams", capture, "--threads", "1"]).expect(0);
    assert_eq!(records(&one.out), sessions);
}

#[test]
fn files_hold_what_lines_say() {
    let sandbox = Sandbox::new();
    let capture = "apps.pcapng";
    sandbox.label_apps(capture);
    let sessions = records(&sandbox.pcapml(["streams", capture]).expect(0).out);
    sandbox.pcapml(["streams", capture, "-o", "said"]).expect(0);
    let index = csv_rows(&fs::read_to_string(sandbox.path("said/streams.csv")).unwrap());
    let by_uid: HashMap<&str, &Value> =
        sessions.iter().map(|record| (record["uid"].as_str().unwrap(), record)).collect();
    let mut files = 1;
    for row in &index {
        for (side, column) in [("c2s", "orig"), ("s2c", "resp")] {
            let (file, length) = (&row[&format!("{column}_file")], &row[&format!("{column}_bytes")]);
            let said = by_uid.get(row["uid"].as_str()).map(|record| bytes(record, side)).unwrap_or_default();
            assert_eq!(length.parse::<usize>().unwrap(), said.len());
            assert_eq!(file.is_empty(), said.is_empty());
            if !file.is_empty() {
                assert_eq!(fs::read(sandbox.path("said").join(file)).unwrap(), said);
                files += 1;
            }
        }
        assert!(!row["label"].is_empty() && !row["sample_id"].is_empty() && !row.contains_key("file"));
    }
    assert_eq!(fs::read_dir(sandbox.path("said")).unwrap().count(), files);
}

#[test]
fn modes_are_of_lines() {
    let sandbox = Sandbox::new();
    let capture = "apps.pcapng";
    sandbox.label_apps(capture);
    sandbox.pcapml(["streams", capture, "-o", "x", "--mode", "chunk"]).expect(1).says("--mode");
    sandbox.pcapml(["streams", capture, "--format", "files"]).expect(1).says("files need a directory");
    sandbox.pcapml(["streams", capture, "-o", "x.jsonl", "--mode", "exchange"]).expect(0);
    assert!(fs::read_to_string(sandbox.path("x.jsonl")).unwrap().starts_with("{\"_path\":\"exchange\""));
}

#[test]
fn several_captures_tell_which_they_are() {
    let sandbox = Sandbox::new();
    let captures = ["http/curl-v4-1.pcap", "http/curl-v4-2.pcap"].map(|name| apps().join("pcaps").join(name));
    fs::create_dir(sandbox.path("d")).unwrap();
    let mut alone = Vec::new();
    for (name, capture) in ["a.pcap", "b.pcap"].into_iter().zip(&captures) {
        fs::copy(capture, sandbox.path("d").join(name)).unwrap();
        let mut told = records(&sandbox.pcapml(["streams", capture.to_str().unwrap()]).expect(0).out);
        for record in &mut told {
            record["file"] = name.into();
            record["uid"].take();
        }
        alone.extend(told);
    }
    let mut together = records(&sandbox.pcapml(["streams", "d"]).expect(0).out);
    let uids: Vec<String> = together.iter().map(|record| record["uid"].as_str().unwrap().to_owned()).collect();
    together.iter_mut().for_each(|record| drop(record["uid"].take()));
    assert!(together == alone && alone.len() > 1, "{together:?}");
    // They are about the conversations of dissect.
    let conn = records(&sandbox.pcapml(["dissect", "d", "--only", "conn"]).expect(0).out);
    let ends: HashMap<&str, &Value> = conn.iter().map(|conn| (conn["uid"].as_str().unwrap(), conn)).collect();
    for (uid, record) in uids.iter().zip(&together) {
        for field in ["file", "end_reason", "community_id", "id.orig_p"] {
            assert_eq!(record[field], ends[uid.as_str()][field], "{field}");
        }
    }
    sandbox.pcapml(["streams", "d/a.pcap", "d/b.pcap", "-o", "said"]).expect(0);
    let index = csv_rows(&fs::read_to_string(sandbox.path("said/streams.csv")).unwrap());
    assert_eq!(index.len(), conn.len());
    for row in &index {
        let conn = ends[row["uid"].as_str()];
        for field in ["file", "end_reason", "proto", "id.orig_h", "id.resp_h"] {
            assert_eq!(conn[field], row[field].as_str(), "{field}");
        }
        for field in ["id.orig_p", "id.resp_p", "orig_bytes", "resp_bytes"] {
            assert_eq!(conn[field].to_string(), row[field], "{field}");
        }
    }
}

#[test]
fn a_filter_chooses_packets_as_tcpdump_does() {
    let sandbox = Sandbox::new();
    let capture = apps().join("pcaps/http/curl-v4-1.pcap");
    let (shown, filter) = (capture.to_str().unwrap(), "src port 80");
    sandbox.tool("tcpdump", &["-r", shown, "-w", "half.pcap", filter]);
    let said = |arguments: &[&str]| {
        let run = sandbox.pcapml([&["streams"], arguments].concat()).expect(0);
        let bytes = |record: &Value| [bytes(record, "c2s"), bytes(record, "s2c")];
        (records(&run.out).iter().map(bytes).collect::<Vec<_>>(), run)
    };
    let (chosen, run) = said(&[shown, "--bpf", filter]);
    run.says("left out by --bpf");
    assert!(!chosen.is_empty() && chosen != said(&[shown]).0);
    assert_eq!(chosen, said(&["half.pcap"]).0);
    sandbox.pcapml(["streams", shown, "--bpf", "host"]).expect(1).says("libpcap rejects the filter 'host'");
}
