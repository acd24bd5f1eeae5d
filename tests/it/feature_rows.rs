//! What rows of features are about: samples, splits, packets; judged by capinfos and editcap.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use pcapml::sink::{NewPacket, PacketWriter};

use crate::support::{Sandbox, apps, corpus, csv_rows, read_text};

fn captures(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn output_of(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn totals_of_captures_are_those_of_capinfos() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let directory = corpus.join("labelled/pcaps");
    let run = sandbox.pcapml(["features", directory.to_str().unwrap(), "--set", "stats", "-o", "-"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let rows = csv_rows(&run.out);
    assert_eq!(rows.len(), captures(&directory).len());
    for row in rows {
        let file = directory.join(&row["file"]);
        let said = output_of("capinfos", &["-M", "-c", "-d", "-T", "-r", file.to_str().unwrap()]);
        let fields: Vec<&str> = said.trim().split('\t').collect();
        assert_eq!([row["packets"].as_str(), row["frame_bytes"].as_str()], fields[1..3], "{}: {said}", row["file"]);
        let of_kinds = ["tcp", "udp", "icmp", "other", "outside"].map(|kind| row[&format!("{kind}_packets")].as_str());
        let sum: u64 = of_kinds.iter().map(|number| number.parse::<u64>().unwrap()).sum();
        assert_eq!(sum.to_string(), row["packets"], "{}", row["file"]);
    }
}

#[test]
fn a_sample_has_one_row_with_its_first_flow() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("labelled.pcapng");
    let flows = sandbox.pcapml(["flows", "labelled.pcapng", "-o", "-"]);
    let samples =
        sandbox.pcapml(["features", "labelled.pcapng", "--set", "stats,flows", "--rows", "sample", "-o", "-"]);
    let mut of_sample: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for row in csv_rows(&flows.out) {
        of_sample.entry(row["sample_id"].clone()).or_default().push(row);
    }
    let rows = csv_rows(&samples.out);
    assert_eq!(rows.len(), 90);
    for row in rows {
        let flows = &of_sample[&row["sample_id"]];
        assert_eq!(row["flow_count"], flows.len().to_string());
        for column in ["label", "flow_id", "src_port", "start", "fwd_packets", "bwd_payload_bytes"] {
            assert_eq!(row[column], flows[0][column], "{column} of {}", row["sample_id"]);
        }
        let sum = |columns: &[&str]| -> u64 {
            flows.iter().flat_map(|flow| columns.iter().map(|column| flow[*column].parse::<u64>().unwrap())).sum()
        };
        assert_eq!(row["packets_in_flows"], sum(&["fwd_packets", "bwd_packets"]).to_string());
        assert_eq!(row["payload_bytes"], sum(&["fwd_payload_bytes", "bwd_payload_bytes"]).to_string());
    }
}

#[test]
fn a_sample_without_ip_has_its_row() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let merged = corpus.join("single/merged.pcap");
    sandbox.write("rules.csv", "BPF:arp,arp\nBPF:tcp port 80 or tcp port 443,web\n");
    let merged = merged.to_str().unwrap();
    let run = sandbox.pcapml(["label", merged, "--labels", "rules.csv", "--keep-unlabeled", "-o", "l.pcapng"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let run = sandbox.pcapml(["features", "l.pcapng", "--set", "stats,cic", "--rows", "sample", "-o", "-"]);
    let rows = csv_rows(&run.out);
    let labels: Vec<&str> = rows.iter().map(|row| row["label"].as_str()).collect();
    let mut sorted = labels.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["arp", "web"], "{}", run.err);
    let arp = &rows[labels.iter().position(|label| *label == "arp").unwrap()];
    assert_eq!((arp["flow_count"].as_str(), arp["Flow Duration"].as_str()), ("0", ""));
    let counted = output_of("tcpdump", &["-r", merged, "--count", "arp"]);
    assert!(counted.contains(&format!("{} packets", arp["packets"])), "{counted} {}", arp["packets"]);
    assert!(run.err.contains("without a sample: in no row"), "{}", run.err);
}

#[test]
fn every_packet_is_in_the_index() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    for (at, capture) in captures(&corpus.join("conformance/variety")).iter().enumerate().filter(|(at, _)| at % 5 == 0)
    {
        let packets = format!("packets{at}.csv");
        let arguments = ["flows", capture.to_str().unwrap(), "-o", "-", "--packets", &packets, "--explain=json"];
        let run = sandbox.pcapml(arguments);
        if run.status == 1 {
            continue;
        }
        let explained = run.err.lines().find_map(|line| line.strip_prefix("pcapml: {")).unwrap();
        let explained: serde_json::Value = serde_json::from_str(&format!("{{{explained}")).unwrap();
        let rows = csv_rows(&read_text(&sandbox.path(&packets)));
        assert_eq!(rows.len() as u64, explained["read"].as_u64().unwrap(), "{}", capture.display());
        let mut of_flow: HashMap<&str, u64> = HashMap::new();
        let mut of_reason: HashMap<&str, u64> = HashMap::new();
        for row in &rows {
            match row["flow_id"].as_str() {
                "" => *of_reason.entry(&row["reason"]).or_default() += 1,
                flow => *of_flow.entry(flow).or_default() += 1,
            }
        }
        for (reason, packets) in explained["reasons"].as_object().unwrap() {
            assert_eq!(of_reason.remove(reason.as_str()), packets.as_u64(), "{}: {reason}", capture.display());
        }
        assert!(of_reason.is_empty());
        for row in csv_rows(&run.out) {
            let packets = row["fwd_packets"].parse::<u64>().unwrap() + row["bwd_packets"].parse::<u64>().unwrap();
            assert_eq!(of_flow.remove(row["flow_id"].as_str()), Some(packets), "{}", capture.display());
        }
        assert!(of_flow.is_empty());
    }
}

#[test]
fn packets_that_were_captured_twice_are_those_of_editcap() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (mut compared, mut found) = (0, 0);
    for capture in captures(&corpus.join("labelled/pcaps")) {
        let copy = sandbox.path("copy.pcap");
        let said = output_of("editcap", &["-d", capture.to_str().unwrap(), copy.to_str().unwrap()]);
        let removed = said.lines().find_map(|line| {
            let (_, rest) = line.split_once(" seen, ")?;
            rest.split(' ').next()?.parse::<u64>().ok()
        });
        // It cannot write all that it reads.
        let Some(removed) = removed else { continue };
        compared += 1;
        let run = sandbox.pcapml(["flows", capture.to_str().unwrap(), "-o", "-", "--dedup", "--explain=json"]);
        let explained = run.err.lines().find_map(|line| line.strip_prefix("pcapml: {")).unwrap();
        let explained: serde_json::Value = serde_json::from_str(&format!("{{{explained}")).unwrap();
        let ours = explained["reasons"].get("captured twice").and_then(|count| count.as_u64()).unwrap_or(0);
        assert_eq!(ours, removed, "{}: {said}", capture.display());
        let told = sandbox.pcapml(["flows", capture.to_str().unwrap(), "-o", "-"]).err.contains("captured twice?");
        assert!(told || ours == 0, "{}", capture.display());
        found += ours;
    }
    assert!(found > 0 && compared > 200, "{found} in {compared} captures: the test shows nothing");
}

#[test]
fn captures_are_labelled_by_their_names_or_a_table() {
    let sandbox = Sandbox::new();
    let (pcaps, labels) = (apps().join("pcaps"), apps().join("labels.csv"));
    sandbox.label_apps("labelled.pcapng");
    let by_comments = sandbox.pcapml(["features", "labelled.pcapng", "--set", "stats", "-o", "-"]);
    let from = |arguments: &[&str]| {
        let mut all = vec!["features", pcaps.to_str().unwrap(), "--set", "stats", "-o", "-", "--label-from"];
        all.extend(arguments);
        let run = sandbox.pcapml(all);
        assert_eq!(run.status, 0, "{}", run.err);
        csv_rows(&run.out)
    };
    let key = |row: &BTreeMap<String, String>| (row["sample_id"].clone(), row["label"].clone(), row["packets"].clone());
    let sorted = |rows: Vec<BTreeMap<String, String>>| {
        let mut rows: Vec<_> = rows.iter().map(key).collect();
        rows.sort();
        rows
    };
    // The same samples with the same ids as label makes of the same table.
    assert_eq!(sorted(from(&["csv", labels.to_str().unwrap()])), sorted(csv_rows(&by_comments.out)));
    let row_of = |rows: Vec<BTreeMap<String, String>>| {
        rows.into_iter().find(|row| row["file"] == "dns/dig-v4-1.pcap").unwrap()["label"].clone()
    };
    assert_eq!(row_of(from(&["filename"])), "dig-v4-1");
    assert_eq!(row_of(from(&["directory"])), "dns");
    assert_eq!(row_of(from(&["regex", "(?<label>v[46])"])), "v4");
    let twice = sandbox.pcapml(["flows", "labelled.pcapng", "-o", "-", "--label-from", "filename"]);
    assert_eq!(twice.status, 1);
    assert!(twice.err.contains("the capture has labels already"), "{}", twice.err);
}

#[test]
fn splits_part_the_output() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("labelled.pcapng");
    let samples = csv_rows(&sandbox.pcapml(["features", "labelled.pcapng", "--set", "stats", "-o", "-"]).out);
    let mut text = "# seed 1\nsample_id,split\n".to_owned();
    for (at, row) in samples.iter().enumerate().skip(1) {
        text.push_str(&format!("{},{}\n", row["sample_id"], if at % 3 == 0 { "test" } else { "train" }));
    }
    sandbox.write("splits.csv", text + "12345,test\n");
    let run = sandbox.pcapml(["flows", "labelled.pcapng", "--splits", "splits.csv", "-o", "-"]);
    assert!(run.err.contains("1 sample in no split") && run.err.contains("1 sample of the table"), "{}", run.err);
    let of = |split: &str| csv_rows(&run.out).iter().filter(|row| row["split"] == split).count();
    let whole = csv_rows(&run.out).len();
    assert_eq!(of("train") + of("test") + of(""), whole);
    let arguments = ["flows", "labelled.pcapng", "--splits", "splits.csv", "--partition", "split", "--to", "csv"];
    let parted = sandbox.pcapml(arguments.into_iter().chain(["-o", "parts"]));
    assert_eq!(parted.status, 0, "{}", parted.err);
    for split in ["train", "test", "__HIVE_DEFAULT_PARTITION__"] {
        let rows = csv_rows(&read_text(&sandbox.path(format!("parts/split={split}/part-0.csv"))));
        assert_eq!(rows.len(), of(if split.starts_with('_') { "" } else { split }), "{split}");
        assert!(!rows[0].contains_key("split"));
    }
    let wrong = sandbox.pcapml(["flows", "labelled.pcapng", "--partition", "nonsense", "-o", "x", "--to", "csv"]);
    assert!(wrong.err.contains("rows cannot be parted by 'nonsense'"), "{}", wrong.err);
}

#[test]
fn only_the_first_packets_count() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("labelled.pcapng");
    let arguments = ["features", "labelled.pcapng", "--set", "stats", "--first", "3", "-o", "-", "--explain=json"];
    let run = sandbox.pcapml(arguments);
    let rows = csv_rows(&run.out);
    let packets: u64 = rows.iter().map(|row| row["packets"].parse::<u64>().unwrap()).sum();
    assert!(rows.iter().all(|row| row["packets"].parse::<u64>().unwrap() <= 3));
    assert!(run.err.contains(&format!("\"behind the first of --first\":{}", 3105 - packets)), "{}", run.err);
}

/// A UDP packet of four bytes of payload from a port to another.
fn udp(from: u8, to: u8) -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    bytes.extend([0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    bytes.extend([0, from, 0, to, 0, 12, 0, 0, 1, 2, 3, 4]);
    bytes
}

/// A capture of packets: seconds, bytes, and comments.
fn write_capture(path: &Path, packets: &[(i64, Vec<u8>, &[&str])]) {
    let mut writer = PacketWriter::create(path, false).unwrap();
    for (second, bytes, comments) in packets {
        let comments: Vec<String> = comments.iter().map(|text| (*text).to_owned()).collect();
        let time = 1_700_000_000_000_000_000 + second * 1_000_000_000;
        let packet = NewPacket { time, bytes, length: None, interface: 0, samples: &[], comments: &comments };
        writer.write(&packet).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn twins_are_those_within_a_sample() {
    let sandbox = Sandbox::new();
    let same = udp(1, 2);
    let packets: [(i64, Vec<u8>, &[&str]); 3] =
        [(0, same.clone(), &["1,a"]), (1, same.clone(), &["1,a", "2,b"]), (2, same, &["2,b"])];
    write_capture(&sandbox.path("two.pcapng"), &packets);
    for set in ["stats", "headers"] {
        let run = sandbox.pcapml(["features", "two.pcapng", "--set", set, "--dedup", "-o", "-"]).expect(0);
        let rows = csv_rows(&run.out);
        let packets_of = |id: &str| -> usize {
            let of = rows.iter().filter(|row| row["sample_id"] == id);
            if set == "stats" { of.map(|row| row["packets"].parse::<usize>().unwrap()).sum() } else { of.count() }
        };
        // The second packet is sample 1's first once more, and the first that sample 2 has.
        assert_eq!((packets_of("1"), packets_of("2")), (1, 1), "{set}: {}", run.out);
    }
}

#[test]
fn columns_of_own_sets_are_what_they_say() {
    let sandbox = Sandbox::new();
    write_capture(&sandbox.path("c.pcapng"), &[(0, udp(1, 2), &[]), (1, udp(2, 1), &[])]);
    let of = |lines: &str| {
        let name = format!("own{}", lines.len());
        sandbox.write(&name, lines);
        sandbox.pcapml(["features", "c.pcapng", "--set", &name, "--bare", "-o", "-"])
    };
    of("splt_direction\n").expect(1).says("nothing says how many");
    let run = of("splt:7/splt_direction\npyflowmeter/protocol\nFlow Bytes/s\n").expect(0);
    assert_eq!(run.out, "splt_direction,protocol,Flow Bytes/s\n\"[1,-1]\",UDP,8.0\n");
    of("protocol\n").expect(1).says("both flows and");
    let twice = ["features", "c.pcapng", "--set", "flows", "--columns", "duration,duration", "-o", "-"];
    sandbox.pcapml(twice).expect(1).says("asked for twice");
}

#[test]
fn fields_never_share_a_name_with_a_column() {
    let sandbox = Sandbox::new();
    write_capture(&sandbox.path("c.pcapng"), &[(0, udp(1, 2), &["7,web,id=C,protocol=x,sample_protocol=y"])]);
    let run = sandbox.pcapml(["features", "c.pcapng", "--set", "nfstream", "-o", "-"]).expect(0);
    let header: Vec<&str> = run.out.lines().next().unwrap().split(',').collect();
    let mut unique = header.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), header.len(), "{header:?}");
    let row = &csv_rows(&run.out)[0];
    assert_eq!((row["sample_id"].as_str(), row["sample_sample_id"].as_str()), ("7", "C"));
    assert_eq!((row["sample_protocol"].as_str(), row["sample_sample_protocol"].as_str()), ("y", "x"));
}

#[test]
fn outputs_that_would_be_lost_are_refused_before_anything_is_written() {
    let sandbox = Sandbox::new();
    write_capture(&sandbox.path("c.pcapng"), &[(0, udp(1, 2), &["7,web"])]);
    std::fs::create_dir(sandbox.path("d")).unwrap();
    let same = ["flows", "c.pcapng", "-o", "d/../d/x.csv", "--packets", "d/x.csv"];
    sandbox.pcapml(same).expect(1).says("cannot go to one place");
    let wrong = ["flows", "c.pcapng", "-o", "parts", "--partition", "nosuch", "--packets", "d/p.csv", "--to", "csv"];
    sandbox.pcapml(wrong).expect(1).says("rows cannot be parted by 'nosuch'");
    let dash = ["flows", "c.pcapng", "-o", "-", "--partition", "label"];
    sandbox.pcapml(dash).expect(1).says("standard output");
    assert_eq!(std::fs::read_dir(sandbox.path("d")).unwrap().count(), 0);
    assert_eq!(sandbox.files(), ["c.pcapng", "d"]);
}

#[test]
fn ids_of_two_labels_and_files_that_are_no_captures_are_told() {
    let sandbox = Sandbox::new();
    write_capture(&sandbox.path("c.pcapng"), &[(0, udp(1, 2), &["1,a"]), (1, udp(1, 2), &["1,b"])]);
    sandbox.pcapml(["flows", "c.pcapng", "-o", "-"]).expect(2).says("stands for two things");
    // Whoever tells samples tells that, and with --strict leaves nothing behind.
    for arguments in [
        &["flows", "-o", "rows.csv"][..],
        &["features", "--set", "bytes:9", "-o", "rows.csv"],
        &["dissect", "-o", "rows.jsonl"],
        &["streams", "-o", "rows"],
        &["print", "-o", "rows.txt"],
        &["talkers", "-o", "rows.csv"],
        &["split", "-o", "rows", "--by", "flow"],
    ] {
        let run = sandbox.pcapml(arguments.iter().chain(&["c.pcapng", "--strict"]));
        run.expect(1).says("stands for two things").says("--strict was given");
        let left = std::fs::read_dir(sandbox.path("")).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with("rows")), "{arguments:?}");
    }
    std::fs::create_dir_all(sandbox.path("in/a")).unwrap();
    std::fs::create_dir_all(sandbox.path("in/b")).unwrap();
    write_capture(&sandbox.path("in/a/x.pcapng"), &[(0, udp(1, 2), &[])]);
    write_capture(&sandbox.path("in/b/x.pcapng"), &[(0, udp(1, 2), &[])]);
    write_capture(&sandbox.path("in/b/empty.pcapng"), &[]);
    sandbox.write("in/b/damaged.pcap", "no capture");
    let run = sandbox.pcapml(["features", "in", "--set", "stats", "-o", "-"]).expect(2);
    let run = run.says("damaged.pcap: no capture, although it is named like one");
    let files: Vec<String> = csv_rows(&run.out).iter().map(|row| row["file"].clone() + " " + &row["packets"]).collect();
    assert_eq!(files, ["a/x.pcapng 1", "b/empty.pcapng 0", "b/x.pcapng 1"]);
    let named = sandbox.pcapml(["features", "in", "--set", "stats", "-o", "-", "--label-from", "filename"]);
    assert!(named.out.contains(",empty,0,"), "{}", named.out);
    let twice = sandbox.pcapml(["flows", "in/a", "in/b/x.pcapng", "-o", "-"]).expect(0);
    let files: Vec<String> = csv_rows(&twice.out).iter().map(|row| row["file"].clone()).collect();
    assert_eq!(files, ["in/a/x.pcapng", "in/b/x.pcapng"]);
}
