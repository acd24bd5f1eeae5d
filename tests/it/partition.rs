//! `pcapml partition`, and what takes its lists: `select`, `check`, `diff`. The judge of the lists is `tests/oracle/splits.py`,
//! which reads the capture by itself and knows FORMAT.md alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::{Run, Sandbox, by_sample, corpus, csv_rows, packets, root};

/// Any Python of the system: the oracle needs nothing else.
const PYTHON: &str = "/usr/bin/python3";

/// The captures of the corpus with each flow a sample, as `flows.pcapng`.
fn flows() -> Option<Sandbox> {
    let corpus = corpus()?.join("labelled");
    let sandbox = Sandbox::new();
    let (pcaps, labels) = (corpus.join("pcaps"), corpus.join("labels.csv"));
    let options = ["--by", "flow", "--source", "-o", "flows.pcapng"];
    let labelled = ["label", pcaps.to_str().unwrap(), "--labels", labels.to_str().unwrap()];
    assert_ne!(sandbox.pcapml(labelled.into_iter().chain(options)).status, 1);
    Some(sandbox)
}

/// Our own dataset, as `apps.pcapng`.
fn dataset() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    sandbox
}

fn partition(sandbox: &Sandbox, file: &str, output: &str, options: &[&str]) -> Run {
    sandbox.pcapml([&["partition", file, "-o", output], options].concat())
}

/// Split, fold and group.
type Row = (String, String, String);

/// Whether a row is of what was asked for.
type Wanted = fn(&Row) -> bool;

/// The rows of a partition: what stands behind each id.
fn rows(sandbox: &Sandbox, directory: &str) -> BTreeMap<String, Row> {
    let text = fs::read_to_string(sandbox.path(directory).join("splits.csv")).unwrap();
    let text: String = text.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect();
    let row = |row: &BTreeMap<String, String>| (row["split"].clone(), row["fold"].clone(), row["group"].clone());
    csv_rows(&text).iter().map(|of| (of["sample_id"].clone(), row(of))).collect()
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn lists_are_those_of_the_oracle() {
    let Some(sandbox) = flows() else { return };
    let plain = ["--folds", "5", "--challenge", "12.5", "--seed", "42"];
    let stratified = ["--stratify", "label", "--folds", "3", "--challenge", "10", "--ratio", "a=3,test=1.5"];
    let asked = [
        ("sample", &plain[..]),
        ("sample", &stratified),
        ("flow", &stratified),
        ("host", &plain),
        ("host", &stratified),
    ];
    for (number, (by, options)) in
        asked.into_iter().chain([("capture", &stratified[..]), ("field:source", &plain)]).enumerate()
    {
        let output = format!("lists{number}");
        let options = [&["--by", by], options].concat();
        partition(&sandbox, "flows.pcapng", &output, &options).expect(0);
        let judged = options.into_iter().filter(|option| *option != "label");
        let judge = Command::new(PYTHON)
            .arg("-B")
            .arg(root().join("tests/oracle/splits.py"))
            .args([sandbox.path("flows.pcapng"), sandbox.path(&output)])
            .args(judged)
            .output()
            .unwrap();
        assert!(judge.status.success(), "{by}: {}", String::from_utf8_lossy(&judge.stderr));
        println!("{by}: {}", String::from_utf8_lossy(&judge.stdout).trim());
        // What was listed is what is there.
        let splits = format!("{output}/splits.csv");
        sandbox.pcapml(["check", "flows.pcapng", "--splits", &splits]).expect(0).says("nothing wrong");
    }
}

#[test]
fn the_order_of_the_capture_and_the_threads_change_nothing() {
    let sandbox = dataset();
    sandbox.pcapml(["sort", "apps.pcapng", "--by", "time", "-o", "time.pcapng"]).expect(0);
    sandbox.pcapml(["sort", "apps.pcapng", "-o", "id.pcapng"]).expect(0);
    for by in ["flow", "host", "capture", "time"] {
        let made = |file: &str, threads: &str| {
            let output = format!("{by}-{file}-{threads}");
            partition(&sandbox, file, &output, &["--by", by, "--threads", threads]).expect(0);
            files(&sandbox.path(output))
        };
        let first = made("apps.pcapng", "1");
        assert!(first.len() == 5 && first["train.txt"].len() > 200, "{by}");
        for (file, threads) in [("apps.pcapng", "4"), ("time.pcapng", "1"), ("id.pcapng", "2")] {
            assert_eq!(made(file, threads), first, "{by} {file} {threads}");
        }
    }
}

#[test]
fn samples_that_are_added_move_nobody() {
    let sandbox = dataset();
    let all = by_sample(&sandbox.path("apps.pcapng"));
    let old: String = all.keys().enumerate().filter(|(at, _)| at % 10 != 3).map(|(_, id)| format!("{id}\n")).collect();
    sandbox.write("old.txt", old);
    sandbox.pcapml(["select", "apps.pcapng", "--ids", "old.txt", "-o", "old.pcapng"]).expect(0);
    for by in ["sample", "host", "field:client"] {
        let options = ["--by", by, "--folds", "5", "--challenge", "10"];
        let made = |file: &str| {
            let output = format!("{by}-{file}");
            partition(&sandbox, file, &output, &options).expect(0);
            rows(&sandbox, &output)
        };
        let (before, after) = (made("old.pcapng"), made("apps.pcapng"));
        assert_eq!((before.len(), after.len()), (81, 90));
        for (id, row) in before {
            assert_eq!(after[&id], row, "{by} {id}");
        }
    }
}

#[test]
fn by_time_the_gap_lies_between() {
    let Some(sandbox) = flows() else { return };
    let options = ["--by", "time", "--gap", "1h", "--challenge", "10", "--ratio", "train=3,test=1", "--format", "csv"];
    let run = partition(&sandbox, "flows.pcapng", "lists", &options).expect(0).says("in no split");
    let rows = rows(&sandbox, "lists");
    let samples = csv_rows(&sandbox.pcapml(["samples", "flows.pcapng", "--format", "csv"]).expect(0).out);
    let time = |text: &str| text.parse::<f64>().unwrap();
    let mut spans: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for row in &samples {
        let (first, last) = (time(&row["first_time"]), time(&row["last_time"]));
        let span = spans.entry(&rows[&row["sample_id"]].0).or_insert((first, last));
        *span = (span.0.min(first), span.1.max(last));
    }
    assert_eq!(spans.keys().copied().collect::<Vec<_>>(), ["challenge", "none", "test", "train"]);
    assert!(spans["train"].1 + 3600.0 <= spans["test"].0 && spans["test"].1 + 3600.0 <= spans["challenge"].0);
    let told = csv_rows(&run.out);
    let shares: Vec<(&str, &str)> =
        told.iter().map(|row| (row["split"].as_str(), row["wanted_percent"].as_str())).collect();
    assert_eq!(shares, [("train", "67.5"), ("test", "22.5"), ("challenge", "10.0"), ("none", "")]);
    let counted: usize = told.iter().map(|row| row["samples"].parse::<usize>().unwrap()).sum();
    assert_eq!((counted, rows.len()), (samples.len(), samples.len()));
    // Whoever splits by this table leaves those out that are in none.
    let none = rows.values().filter(|row| row.0 == "none").count();
    assert!(none > 0);
    let output = ["-o", "hf"];
    let export = ["export", "huggingface", "flows.pcapng", "--splits", "lists/splits.csv"];
    sandbox.pcapml(export.into_iter().chain(output)).expect(0).says(&format!("{none} samples in no split: left out"));
}

#[test]
fn by_time_nothing_is_drawn_and_ties_are_told() {
    let sandbox = Sandbox::new();
    // A packet of 60 bytes in each sample, at these microseconds.
    let capture = |times: &[u32]| {
        let at = |(id, &time): (usize, &u32)| {
            let fixed = [0, 0, time, 60, 60].map(u32::to_le_bytes).concat();
            let options = options_in(u32::to_le_bytes, &[(1, &format!("{id},a"))]);
            block_in(u32::to_le_bytes, 6, &[fixed, vec![7; 60], options].concat())
        };
        let packets: Vec<Vec<u8>> = times.iter().enumerate().map(at).collect();
        [section(&[]), interface(&[]), packets.concat()].concat()
    };
    sandbox.write("some.pcapng", capture(&[1, 2, 3, 4, 9, 9, 9, 9, 9, 9]));
    let options = ["--by", "time", "--ratio", "train=70,test=30"];
    let run = partition(&sandbox, "some.pcapng", "lists", &options).expect(0);
    let run =
        run.says("train: 40.0 % of the samples instead of 70.0 %: samples that begin at one moment stay together");
    let run = run.says("6 samples at one moment, at which test begins: none of them is before it");
    assert!(!run.err.contains("seed") && !run.err.contains("group"), "{}", run.err);
    sandbox.write("all.pcapng", capture(&[5; 10]));
    let said = "all.pcapng: by time no sample is in train, the earliest split; samples that begin at one moment stay";
    partition(&sandbox, "all.pcapng", "none", &options).expect(1).says(said);
    assert!(!sandbox.path("none").exists());
}

#[test]
fn a_header_says_what_lists_are_of_and_labels_are_for_their_owner() {
    let sandbox = dataset();
    let options =
        ["--by", "field:client", "--challenge", "20", "--seed", "7", "--dataset", "apps", "--dataset-version", "1.2.0"];
    partition(&sandbox, "apps.pcapng", "lists", &options).expect(0).says("keep it back");
    let files = files(&sandbox.path("lists"));
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let sum = sandbox.tool("sha256sum", &["lists/contents.csv"]);
    let head = format!(
        "# pcapml-list: 1\n# dataset: apps\n# version: 1.2.0\n# sample_table_sha256: {}\n\
         # options: --by field:client --ratio train=70,validation=10,test=20 --challenge 20\n# seed: 7\n",
        &sum[..64]
    );
    for name in ["train.txt", "test.txt", "challenge.txt", "splits.csv"] {
        assert!(text(name).starts_with(&head), "{name}: {}", text(name));
    }
    let mode = |name: &str| fs::metadata(sandbox.path("lists").join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("challenge_labels.csv"), mode("train.txt") & 0o044), (0o600, 0o044));
    let labels = csv_rows(&text("challenge_labels.csv"));
    assert!(!labels.is_empty());
    let contents = csv_rows(&text("contents.csv"));
    for row in &labels {
        let of = contents.iter().find(|of| of["sample_id"] == row["sample_id"]).unwrap();
        assert!(of["label"].is_empty() && !row["label"].is_empty() && !row["group"].is_empty());
    }
    assert!(rows(&sandbox, "lists").values().filter(|row| row.0 == "challenge").all(|row| row.2.is_empty()));
    assert!(!text("challenge.txt").contains("class"));
}

#[test]
fn what_cannot_be_partitioned_is_refused() {
    let sandbox = dataset();
    for (options, said) in [
        (&["--by", "field:nothing"][..], "no sample has a field 'nothing'; fields here: client, ip"),
        (&["--by", "host", "--stratify", "field:nothing"], "no sample has a field 'nothing'"),
        (&["--by", "size"], "one of sample, flow, host, capture, field:NAME, time"),
        (&["--by", "host", "--gap", "1h"], "--gap is between splits"),
        (&["--by", "host", "--idle-timeout", "60"], "--idle-timeout says when flows end"),
        (&["--by", "time", "--seed", "1"], "--seed does nothing by time"),
        (&["--by", "time", "--folds", "5"], "--folds does nothing by time"),
        (&["--by", "time", "--stratify", "label"], "--stratify does nothing by time"),
        (&["--by", "host", "--challenge", "100"], "leaves nothing to learn from"),
        (&["--by", "host", "--ratio", "train=70,challenge=30"], "--challenge"),
    ] {
        partition(&sandbox, "apps.pcapng", "lists", options).expect(1).says(said);
        assert!(!sandbox.path("lists").exists());
    }
    let pcap = root().join("datasets/apps/pcaps/http/curl-v4-1.pcap");
    partition(&sandbox, pcap.to_str().unwrap(), "lists", &["--by", "host"]).expect(1).says("holds no labels");
    sandbox.write("two.pcapng", [section(&[]), interface(&[]), packet(&["7,web"]), packet(&["7,mail"])].concat());
    partition(&sandbox, "two.pcapng", "lists", &["--by", "sample"]).expect(1).says("one id stands for two samples");
    // A directory that holds something already.
    sandbox.write("full/old.txt", "1\n");
    partition(&sandbox, "apps.pcapng", "full", &["--by", "host"]).expect(1).says("the output directory is not empty");
}

#[test]
fn few_groups_are_told() {
    let sandbox = dataset();
    let run = partition(&sandbox, "apps.pcapng", "lists", &["--by", "field:ip", "--stratify", "label"]).expect(0);
    for told in [
        "of the samples instead of 70.0 %: there are 2 groups",
        "classes without a sample: ",
        "classes that one group holds most of",
    ] {
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
    // Of ICMP, IP without ports and what is no IP at all there is none here; captures that are not told are interfaces.
    partition(&sandbox, "apps.pcapng", "capture", &["--by", "capture"]).expect(0);
    assert!(rows(&sandbox, "capture").values().all(|row| row.2.starts_with("interface:")));
    sandbox.write("arp.pcapng", [section(&[]), interface(&[]), packet(&["1,a"]), packet(&["2,b"])].concat());
    let said = "2 samples without a flow: each a group by itself";
    partition(&sandbox, "arp.pcapng", "arp", &["--by", "host"]).expect(0).says(said);
    let groups: BTreeSet<String> = rows(&sandbox, "arp").into_values().map(|row| row.2).collect();
    assert_eq!(groups, ["sample:1", "sample:2"].map(str::to_owned).into());
}

#[test]
fn captures_that_share_a_sample_stay_together() {
    let sandbox = Sandbox::new();
    let comments = ["1,a,source=x.pcap", "1,a,source=x.pcap,p.source=y.pcap", "2,a,source=y.pcap", "3,b,source=z.pcap"];
    let packets: Vec<Vec<u8>> = comments.iter().map(|comment| packet(&[comment])).collect();
    sandbox.write("two.pcapng", [section(&[]), interface(&[]), packets.concat()].concat());
    partition(&sandbox, "two.pcapng", "lists", &["--by", "capture"]).expect(0);
    let groups: Vec<String> = rows(&sandbox, "lists").into_values().map(|row| row.2).collect();
    assert_eq!(groups, ["x.pcap", "x.pcap", "z.pcap"]);
}

#[test]
fn splits_and_folds_select() {
    let sandbox = dataset();
    partition(&sandbox, "apps.pcapng", "lists", &["--by", "sample", "--folds", "3"]).expect(0);
    let all = by_sample(&sandbox.path("apps.pcapng"));
    let rows = rows(&sandbox, "lists");
    let select = ["select", "apps.pcapng", "-o", "part.pcapng", "-f"];
    let cases: [(&[&str], Wanted); 4] = [
        (&["--split", "test"], |row| row.0 == "test"),
        (&["--split", "test", "--split", "validation"], |row| row.0 != "train"),
        (&["--fold", "1"], |row| row.1 == "1"),
        (&["--split", "train", "--fold", "0", "--fold", "2"], |row| row.0 == "train" && row.1 != "1"),
    ];
    for (options, is_wanted) in cases {
        let splits = ["--splits", "lists/splits.csv"];
        sandbox.pcapml([&select[..], &splits, options].concat()).expect(0);
        let wanted: BTreeSet<&String> = rows.iter().filter(|(_, row)| is_wanted(row)).map(|(id, _)| id).collect();
        let part = by_sample(&sandbox.path("part.pcapng"));
        assert_eq!(part.keys().collect::<BTreeSet<_>>(), wanted, "{options:?}");
        assert!(!wanted.is_empty() && part.iter().all(|(id, facts)| *facts == all[id]));
    }
    sandbox.pcapml([&select[..], &["--ids", "lists/test.txt"]].concat()).expect(0);
    let listed = by_sample(&sandbox.path("part.pcapng"));
    assert!(listed.keys().eq(rows.iter().filter(|(_, row)| row.0 == "test").map(|(id, _)| id)));
    let absent = ["--splits", "lists/splits.csv", "--split", "dev"];
    let said = "no sample is in a split 'dev'; there are: test, train, validation";
    sandbox.pcapml([&select[..], &absent].concat()).expect(1).says(said);
    let said = "lists/splits.csv: no sample is in fold 9; there are: 0, 1, 2";
    let absent = ["--splits", "lists/splits.csv", "--fold", "1", "--fold", "9"];
    sandbox.pcapml([&select[..], &absent].concat()).expect(1).says(said);
    sandbox.pcapml([&select[..], &["--splits", "lists/splits.csv"]].concat()).expect(1).says("give --split or --fold");
    sandbox
        .pcapml(["select", "part.pcapng", "--splits", "lists/splits.csv", "--split", "train", "-o", "x.pcapng"])
        .expect(1)
        .says("lists/splits.csv: ");
}

/// Integers in the byte order of a section.
pub type Order = fn(u32) -> [u8; 4];

pub fn block_in(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let length = order(body.len() as u32 + 12);
    [&order(kind), &length, body, &length].concat()
}

pub fn options_in(order: Order, list: &[(u16, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (code, value) in list {
        let head = order(u32::from(*code) << 16 | value.len() as u32);
        // Two halves of 16 bits: in little-endian order the code is the lower one.
        let is_little = order(1)[0] == 1;
        bytes.extend(if is_little { [head[2], head[3], head[0], head[1]] } else { head });
        bytes.extend_from_slice(value.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes.extend([0; 4]);
    bytes
}

pub fn section_in(order: Order, list: &[(u16, &str)]) -> Vec<u8> {
    let version = if order(1)[0] == 1 { [1, 0, 0, 0] } else { [0, 1, 0, 0] };
    let body = [&order(0x1A2B_3C4D)[..], &version, &[0xff; 8], &options_in(order, list)].concat();
    block_in(order, 0x0A0D_0D0A, &body)
}

pub fn interface_in(order: Order, list: &[(u16, &str)]) -> Vec<u8> {
    let link_type = if order(1)[0] == 1 { [1, 0, 0, 0] } else { [0, 1, 0, 0] };
    block_in(order, 1, &[&link_type[..], &order(0), &options_in(order, list)].concat())
}

fn packet_in(order: Order, list: &[(u16, &str)]) -> Vec<u8> {
    let fixed = [0, 0, 1000, 60, 60].map(order).concat();
    block_in(order, 6, &[fixed, vec![7; 60], options_in(order, list)].concat())
}

fn section(list: &[(u16, &str)]) -> Vec<u8> {
    section_in(u32::to_le_bytes, list)
}

fn interface(list: &[(u16, &str)]) -> Vec<u8> {
    interface_in(u32::to_le_bytes, list)
}

fn packet(comments: &[&str]) -> Vec<u8> {
    packet_in(u32::to_le_bytes, &comments.iter().map(|comment| (1, *comment)).collect::<Vec<_>>())
}

#[test]
fn a_challenge_tells_nothing_of_its_labels() {
    let sandbox = Sandbox::new();
    for (name, order) in [("little", u32::to_le_bytes as Order), ("big", u32::to_be_bytes)] {
        let header = "pcapml: {\"format\":1,\"order\":\"id\",\"dataset\":\"d\",\"version\":\"2\",\"made_of\":\"secret\"}\nsecret";
        let capture = [
            section_in(order, &[(1, header), (1, "secret"), (2, "secret"), (3, "secret"), (4, "secret")]),
            interface_in(order, &[(2, "secret0"), (3, "secret"), (1, "secret"), (9, "\u{6}")]),
            block_in(order, 4, b"\x00\x00\x00\x00secret!!"),
            packet_in(
                order,
                &[(1, "7,secret,source=secret.pcap,p.dir=secret"), (1, "a secret note"), (2, "\u{1}\0\0\u{1}")],
            ),
            packet_in(order, &[(1, "7,secret,source=secret.pcap"), (1, "8,secret2")]),
            packet_in(order, &[(1, "8,secret2")]),
            block_in(order, 0x0000_0BAD, b"\0\0\0\x01secret!!"),
        ];
        let file = format!("{name}.pcapng");
        sandbox.write(&file, capture.concat());
        sandbox.write("ids.txt", "7\n");
        let out = format!("{name}-challenge.pcapng");
        // The note, the flags, and the comment of the sample that was not chosen.
        let said = "3 other options of packets, 9 options of sections and interfaces, 2 blocks";
        let run = sandbox.pcapml(["select", &file, "--ids", "ids.txt", "--labels", "none", "-o", &out]).expect(0);
        assert!(run.err.contains(said), "{}", run.err);
        let bytes = fs::read(sandbox.path(&out)).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"secret"), "{name}");
        let (before, after) = (packets(&sandbox.path(&file)), packets(&sandbox.path(&out)));
        assert_eq!(after.len(), 2);
        for ((one, _), (other, comments)) in before.iter().zip(&after) {
            assert_eq!((one, comments), (other, &vec!["7,-".to_owned()]));
        }
        let shown = sandbox.tool("capinfos", &[&out]);
        assert!(
            shown.contains("pcapml: {\"dataset\":\"d\",\"format\":1,\"order\":\"id\",\"version\":\"2\"}"),
            "{shown}"
        );
        let fields = ["-r", &out, "-T", "fields", "-e", "frame.comment", "-e", "frame.packet_flags"];
        assert_eq!(sandbox.tool("tshark", &fields), "7,-\t\n7,-\t\n");
        // What stands besides the labels is needed as before: without the option all of it stays.
        sandbox.pcapml(["select", &file, "--ids", "ids.txt", "-o", "kept.pcapng", "-f"]).expect(0);
        let kept = fs::read(sandbox.path("kept.pcapng")).unwrap();
        assert_eq!(kept.windows(6).filter(|part| *part == b"secret").count(), 17, "{name}");
    }
}

#[test]
fn a_challenge_goes_out_and_is_checked() {
    let sandbox = dataset();
    partition(&sandbox, "apps.pcapng", "lists", &["--by", "sample", "--challenge", "20"]).expect(0);
    let splits = ["--splits", "lists/splits.csv", "--split", "challenge"];
    let select = ["select", "apps.pcapng", "--labels", "none", "-o", "challenge.pcapng"];
    sandbox.pcapml([&select[..], &splits].concat()).expect(0);
    let check = ["check", "challenge.pcapng"];
    sandbox.pcapml([&check[..], &splits].concat()).expect(0).says("are kept back: not compared");
    // Its labels are compared with those kept back, by who has them.
    sandbox
        .pcapml(["check", "apps.pcapng", "--splits", "lists/splits.csv"])
        .expect(0)
        .says("90 samples, nothing wrong");
    let hidden = csv_rows(&fs::read_to_string(sandbox.path("lists/challenge_labels.csv")).unwrap());
    let id = &hidden[0]["sample_id"];
    sandbox.write("new.csv", format!("sampleID,label\n{id},other\n"));
    sandbox.pcapml(["relabel", "apps.pcapng", "--labels", "new.csv", "-o", "other.pcapng"]).expect(0);
    let check = ["check", "other.pcapng", "--splits", "lists/splits.csv"];
    sandbox.pcapml(check).expect(2).says(&format!("1 changed label: {id}"));
    // So they are by diff.
    let listed = || {
        let listed = ["diff", "lists/contents.csv", "other.pcapng", "--list", "--format", "csv"];
        sandbox.pcapml(listed).expect(0).out.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed(), [format!("relabelled,{id},{},other", hidden[0]["label"])]);
    fs::remove_file(sandbox.path("lists/challenge_labels.csv")).unwrap();
    assert_eq!(listed(), [""; 0]);
    sandbox.pcapml(check).expect(0).says("are kept back: not compared");
}

fn findings(run: &Run) -> BTreeMap<String, (String, String)> {
    let rows = csv_rows(&run.out);
    rows.iter().map(|row| (row["finding"].clone(), (row["count"].clone(), row["first"].clone()))).collect()
}

#[test]
fn each_difference_is_found() {
    let sandbox = dataset();
    partition(&sandbox, "apps.pcapng", "lists", &["--by", "sample"]).expect(0);
    let ids: Vec<String> = by_sample(&sandbox.path("apps.pcapng")).into_keys().collect();
    // Another label, another byte, one sample less, another one more.
    sandbox.write("new.csv", format!("sampleID,label\n{},other\n", ids[0]));
    sandbox.pcapml(["relabel", "apps.pcapng", "--labels", "new.csv", "-o", "a.pcapng"]).expect(0);
    let rest: String = ids.iter().filter(|id| **id != ids[1]).map(|id| format!("{id}\n")).collect();
    sandbox.write("rest.txt", rest);
    sandbox.pcapml(["select", "a.pcapng", "--ids", "rest.txt", "-o", "b.pcapng"]).expect(0);
    let mut bytes = fs::read(sandbox.path("b.pcapng")).unwrap();
    let (at, changed) = first_packet(&bytes);
    bytes[at + 28] ^= 1;
    bytes.extend([section(&[]), interface(&[]), packet(&["17,new"]), packet(&["017,new"]), packet(&[])].concat());
    sandbox.write("b.pcapng", bytes);
    let check = ["check", "b.pcapng", "--splits", "lists/splits.csv", "--format", "csv"];
    let run = sandbox.pcapml(check).expect(2);
    let found = findings(&run);
    let expected = [
        ("conflicting ids", "0", String::new()),
        ("comments that do not parse", "1", found["comments that do not parse"].1.clone()),
        ("unlabelled packets", "2", String::new()),
        ("packets in two splits", "0", String::new()),
        ("ids in two splits", "0", String::new()),
        ("ids listed twice", "0", String::new()),
        ("ids listed otherwise", "0", String::new()),
        ("counts told otherwise", "0", String::new()),
        ("missing ids", "1", ids[1].clone()),
        ("unknown ids", "1", "17".to_owned()),
        ("changed labels", "1", ids[0].clone()),
        ("changed content", "1", changed),
    ];
    let expected = expected.map(|(kind, count, first)| (kind.to_owned(), (count.to_owned(), first)));
    assert_eq!(found, expected.into());
    assert!(found["comments that do not parse"].1.starts_with("packet "));
    let run = sandbox.pcapml(check.into_iter().chain(["--allow-unlabeled"])).expect(2);
    assert!(!findings(&run).contains_key("unlabelled packets"));
    // Without the sample table, its digest tells that something is another.
    fs::rename(sandbox.path("lists/contents.csv"), sandbox.path("table.csv")).unwrap();
    assert_eq!(findings(&sandbox.pcapml(check).expect(2))["labels or content changed"].0, "1");
    let whole = ["check", "apps.pcapng", "--splits", "lists/splits.csv", "--format", "csv"];
    assert_eq!(findings(&sandbox.pcapml(whole).expect(0))["labels or content changed"].0, "0");
    // A table that is not the one that the splits were made with.
    let table = fs::read_to_string(sandbox.path("table.csv")).unwrap();
    sandbox.write("lists/contents.csv", table.replace(",dns,", ",DNS,"));
    sandbox.pcapml(whole).expect(2).says("contents.csv: not the sample table that the splits were made with");
    let named = ["--samples", "table.csv"];
    sandbox.pcapml(whole.into_iter().chain(named)).expect(0);
}

/// Where the first Enhanced Packet Block of a little-endian capture begins, and the id in its comment.
fn first_packet(bytes: &[u8]) -> (usize, String) {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let mut at = 0;
    while word(at) != 6 {
        at += word(at + 4) as usize;
    }
    let options = at + 28 + (word(at + 20) as usize).next_multiple_of(4);
    let digits = bytes[options + 4..].iter().take_while(|byte| byte.is_ascii_digit());
    (at, digits.map(|&byte| char::from(byte)).collect())
}

#[test]
fn lists_that_overlap_or_belong_elsewhere_are_found() {
    let sandbox = dataset();
    partition(&sandbox, "apps.pcapng", "lists", &["--by", "sample"]).expect(0);
    let check = ["check", "apps.pcapng", "--splits", "lists/splits.csv", "--format", "csv"];
    let lists = ["--ids", "lists/train.txt", "--ids", "lists/validation.txt", "--ids", "lists/test.txt"];
    let found = findings(&sandbox.pcapml([&check[..], &lists].concat()).expect(0));
    assert_eq!((found["ids in two splits"].0.as_str(), found["ids listed otherwise"].0.as_str()), ("0", "0"));
    let train = fs::read_to_string(sandbox.path("lists/train.txt")).unwrap();
    let id = train.lines().next_back().unwrap().to_owned();
    let test = fs::read_to_string(sandbox.path("lists/test.txt")).unwrap();
    sandbox.write("test.txt", format!("{test}{id}\n"));
    let found = findings(&sandbox.pcapml([&check[..], &["--ids", "test.txt"]].concat()).expect(2));
    let one = ("1".to_owned(), id.clone());
    assert_eq!((&found["ids in two splits"], &found["ids listed otherwise"]), (&one, &one));
    // Lists alone: only the ids that they name are looked for.
    let alone = ["check", "apps.pcapng", "--ids", "lists/train.txt", "--ids", "test.txt", "--format", "csv"];
    let found = findings(&sandbox.pcapml(alone).expect(2).says("there is no sample table to compare with"));
    assert_eq!(found["ids in two splits"], one);
    assert!(!found.contains_key("unknown ids"));
    // A list of another partition has another sample table only if the samples are others.
    sandbox.pcapml(["select", "apps.pcapng", "--label", "dns", "-o", "dns.pcapng"]).expect(0);
    partition(&sandbox, "dns.pcapng", "dns", &["--by", "sample"]).expect(0);
    let said = "dns/train.txt: the list of another sample table, whose SHA-256 is ";
    sandbox.pcapml([&check[..], &["--ids", "dns/train.txt"]].concat()).expect(2).says(said);
    sandbox.write("twice.txt", format!("{train}{id}\n"));
    sandbox.write("none.txt", "# nobody\n");
    let select = ["select", "apps.pcapng", "-o", "none.pcapng", "--ids"];
    sandbox.pcapml([&select[..], &["none.txt"]].concat()).expect(1).says("none.txt: no id is in the list");
    let swapped = "apps.pcapng: a capture, and no list of ids";
    sandbox.pcapml([&select[..], &["apps.pcapng"]].concat()).expect(1).says(swapped);
    let found = findings(&sandbox.pcapml([&check[..], &["--ids", "twice.txt"]].concat()).expect(2));
    assert_eq!(found["ids listed twice"], one);
    let odd = ["--split", "dev"];
    sandbox.pcapml([&check[..], &odd].concat()).expect(1).says("no sample is in a split 'dev'");
}

/// No row says 0 of what was never compared.
#[test]
fn what_a_table_does_not_tell_is_not_compared() {
    let sandbox = dataset();
    partition(&sandbox, "apps.pcapng", "lists", &["--by", "sample"]).expect(0);
    let samples = sandbox.pcapml(["samples", "apps.pcapng", "--format", "csv"]).expect(0).out;
    sandbox.write("samples.csv", samples);
    let sums = csv_rows(&fs::read_to_string(sandbox.path("lists/contents.csv")).unwrap());
    let table = |tells: &dyn Fn(usize) -> bool| {
        let rows = sums.iter().enumerate().map(|(at, row)| {
            let sum = if tells(at) { row["sha256"].as_str() } else { "" };
            format!("{},{sum}\n", row["sample_id"])
        });
        format!("sample_id,sha256\n{}", rows.collect::<String>())
    };
    sandbox.write("sums.csv", table(&|_| true));
    sandbox.write("some.csv", table(&|at| at < 80));
    // Another packet: whoever compares would see it.
    let mut bytes = fs::read(sandbox.path("apps.pcapng")).unwrap();
    let (at, _) = first_packet(&bytes);
    bytes[at + 28] ^= 1;
    sandbox.write("bytes.pcapng", bytes);
    let check = |file: &str, table: &str| sandbox.pcapml(["check", file, "--samples", table, "--format", "csv"]);
    let compared = |run: &Run| {
        let found = findings(run);
        ["changed labels", "changed content"].map(|kind| found.get(kind).map(|(count, _)| count.clone()))
    };
    let told = |count: &str| Some(count.to_owned());
    let run = check("bytes.pcapng", "samples.csv").expect(0);
    assert_eq!(compared(&run), [told("0"), None]);
    let run = run.says("90 samples without a sha256 in samples.csv: packets not compared");
    let run = run.says("90 samples, nothing wrong in what was compared");
    drop(run);
    let run =
        check("apps.pcapng", "sums.csv").expect(0).says("90 samples without a label in sums.csv: labels not compared");
    assert_eq!(compared(&run), [None, told("0")]);
    assert_eq!(compared(&check("bytes.pcapng", "sums.csv").expect(2)), [None, told("1")]);
    let run = check("apps.pcapng", "some.csv").expect(0).says("10 samples without a sha256 in some.csv");
    assert_eq!(compared(&run), [None, told("0")]);
}

#[test]
fn a_table_of_splits_that_was_edited_is_found() {
    let sandbox = dataset();
    partition(&sandbox, "apps.pcapng", "lists", &["--by", "sample"]).expect(0);
    let table = fs::read_to_string(sandbox.path("lists/splits.csv")).unwrap();
    let moved = table.lines().find(|line| line.contains(",train,")).unwrap();
    let id = moved.split(',').next().unwrap().to_owned();
    let count = |split: &str| rows(&sandbox, "lists").values().filter(|row| row.0 == split).count();
    let (train, test) = (count("train"), count("test"));
    let edited = table.replace(moved, &moved.replace(",train,", ",test,"));
    // Elsewhere the comments alone tell.
    sandbox.write("alone/splits.csv", &edited);
    let check = |table: &str| sandbox.pcapml(["check", "apps.pcapng", "--splits", table, "--format", "csv"]);
    let found =
        findings(&check("alone/splits.csv").expect(2).says("the table of splits was changed after it was made"));
    assert!(!found.contains_key("ids listed otherwise"));
    let first = &found["counts told otherwise"].1;
    let expected = format!("test {} (said {test}) train {} (said {train}) test,", test + 1, train - 1);
    assert!(first.starts_with(&expected), "{first}");
    // Among their lists, these do; a swap keeps the numbers.
    let other = table.lines().find(|line| line.contains(",test,")).unwrap();
    let swapped = edited.replace(other, &other.replace(",test,", ",train,"));
    let strip: String = swapped.split_inclusive('\n').filter(|line| !line.starts_with("# class")).collect();
    sandbox.write("lists/splits.csv", strip);
    let found = findings(&check("lists/splits.csv").expect(2));
    assert_eq!(found["counts told otherwise"].0, "0");
    assert_eq!((found["ids listed otherwise"].0.as_str(), found["ids in two splits"].0.as_str()), ("2", "2"));
    assert!(found["ids listed otherwise"].1.contains(&id));
    // A table without such comments has no lists of ours beside it.
    let bare: String = table.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect();
    sandbox.write("own/splits.csv", bare);
    sandbox.write("own/train.txt", "how we trained\n");
    let found = findings(&check("own/splits.csv").expect(0));
    assert!(!found.contains_key("counts told otherwise") && !found.contains_key("ids listed otherwise"));
}

#[test]
fn packets_of_two_splits_are_found() {
    let sandbox = Sandbox::new();
    let comments: [&[&str]; 4] = [&["1,u", "2,dns"], &["1,u"], &["2,dns", "3,x"], &["3,x", "1,u"]];
    let packets: Vec<Vec<u8>> = comments.iter().map(|comments| packet(comments)).collect();
    sandbox.write("two.pcapng", [section(&[]), interface(&[]), packets.concat()].concat());
    let check = |splits: &str| {
        sandbox.write("splits.csv", format!("sample_id,split\n{splits}"));
        sandbox.pcapml(["check", "two.pcapng", "--splits", "splits.csv", "--format", "csv"])
    };
    let found = findings(&check("1,train\n2,challenge\n3,none\n").expect(2).says("1 packet in two splits: packet 1"));
    assert_eq!(found["packets in two splits"], ("1".to_owned(), "packet 1".to_owned()));
    assert_eq!(findings(&check("1,train\n2,train\n3,none\n").expect(0))["packets in two splits"].0, "0");
    let found = findings(&check("1,train\n2,train\n3,test\n").expect(2));
    assert_eq!(found["packets in two splits"].1, "packet 3 packet 4");
    // Whoever makes them is told.
    let told = |seed: &str| {
        let (lists, options) = (format!("lists{seed}"), ["--by", "sample", "--ratio", "a=1,b=1", "--seed", seed]);
        let run = partition(&sandbox, "two.pcapng", &lists, &options).expect(0);
        let of = rows(&sandbox, &lists);
        let apart = [("1", "2"), ("2", "3"), ("3", "1")].map(|(one, other)| of[one].0 != of[other].0);
        let packets = apart.into_iter().filter(|apart| *apart).count();
        assert_eq!(run.err.contains(&format!("{packets} packets in samples of different splits")), packets > 0);
        packets
    };
    let parted: BTreeSet<usize> = ["1", "2", "3", "4", "5", "6", "7", "8"].into_iter().map(told).collect();
    assert_eq!(parted, [0, 2].into());
}

#[test]
fn a_part_is_checked_as_a_part() {
    let sandbox = dataset();
    partition(&sandbox, "apps.pcapng", "lists", &["--by", "sample"]).expect(0);
    sandbox.pcapml(["select", "apps.pcapng", "--ids", "lists/test.txt", "-o", "test.pcapng"]).expect(0);
    let check = ["check", "test.pcapng", "--splits", "lists/splits.csv", "--format", "csv"];
    sandbox.pcapml([&check[..], &["--split", "test"]].concat()).expect(0);
    let missing = |run: Run| findings(&run)["missing ids"].0.parse::<usize>().unwrap();
    let rows = rows(&sandbox, "lists");
    let others = rows.values().filter(|row| row.0 != "test").count();
    assert_eq!(missing(sandbox.pcapml(check).expect(2)), others);
    let run = sandbox.pcapml([&check[..], &["--split", "validation"]].concat()).expect(2);
    assert_eq!(
        findings(&run)["ids of other splits"].0,
        (rows.values().filter(|row| row.0 == "test").count()).to_string()
    );
}

#[test]
fn versions_are_told_apart() {
    let sandbox = dataset();
    partition(&sandbox, "apps.pcapng", "lists", &["--by", "sample"]).expect(0);
    let ids: Vec<String> = by_sample(&sandbox.path("apps.pcapng")).into_keys().collect();
    let step = |arguments: &[&str]| {
        let rows = csv_rows(&sandbox.pcapml([&["diff", "--format", "csv"], arguments].concat()).expect(0).out);
        let told = rows.iter().filter(|row| row["change"] != "unknown fields");
        let changed = told.filter(|row| !matches!(row["samples"].as_str(), "0" | ""));
        let counts: Vec<String> = changed.map(|row| format!("{} {}", row["samples"], row["change"])).collect();
        (counts.join(", "), rows.last().unwrap()["step"].clone())
    };
    let told = |counts: &str, step: &str| (counts.to_owned(), step.to_owned());
    assert_eq!(step(&["apps.pcapng", "apps.pcapng"]), told("90 unchanged", "patch"));
    assert_eq!(step(&["lists/contents.csv", "apps.pcapng"]), told("90 unchanged", "patch"));
    sandbox.write("some.txt", ids[5..].join("\n"));
    sandbox.pcapml(["select", "apps.pcapng", "--ids", "some.txt", "-o", "some.pcapng"]).expect(0);
    assert_eq!(step(&["some.pcapng", "apps.pcapng"]), told("5 added, 85 unchanged", "minor"));
    assert_eq!(step(&["apps.pcapng", "some.pcapng"]), told("5 removed, 85 unchanged", "major"));
    // Tables that tell no labels, or no packets: nothing is known to be as it was.
    let ids_alone: String = ids.iter().map(|id| format!("{id},\n")).collect();
    sandbox.write("none.csv", format!("sample_id,label\n{ids_alone}"));
    assert_eq!(step(&["none.csv", "none.csv"]), told("90 unknown", ""));
    sandbox.pcapml(["diff", "none.csv", "apps.pcapng"]).expect(0).says("what was not compared decides");
    assert_eq!(step(&["none.csv", "some.pcapng"]), told("5 removed, 85 unknown", "major"));
    let fields = |old: &str| {
        let rows = csv_rows(&sandbox.pcapml(["diff", old, "apps.pcapng", "--format", "csv"]).expect(0).out);
        rows.iter().find(|row| row["change"] == "unknown fields").unwrap()["samples"].clone()
    };
    assert_eq!([fields("apps.pcapng"), fields("lists/contents.csv")], ["0", "90"]);
    sandbox.write("map.csv", "old,new\ndns,DNS\n");
    sandbox.pcapml(["relabel", "apps.pcapng", "--map", "map.csv", "-o", "map.pcapng"]).expect(0);
    assert_eq!(step(&["apps.pcapng", "map.pcapng"]), told("10 relabelled, 80 unchanged", "major"));
    assert_eq!(step(&["lists/contents.csv", "map.pcapng"]), told("10 relabelled, 80 unchanged", "major"));
    let mut bytes = fs::read(sandbox.path("apps.pcapng")).unwrap();
    let (at, changed) = first_packet(&bytes);
    bytes[at + 28] ^= 1;
    sandbox.write("bytes.pcapng", bytes);
    assert_eq!(step(&["apps.pcapng", "bytes.pcapng"]), told("1 content changed, 89 unchanged", "major"));
    let listed = sandbox.pcapml(["diff", "apps.pcapng", "bytes.pcapng", "--list", "--format", "csv"]).expect(0).out;
    assert_eq!(listed, format!("change,sample_id,old,new\ncontent changed,{changed},,\n"));
}

#[test]
fn fields_and_versions_of_captures_are_compared() {
    let sandbox = Sandbox::new();
    let capture = |header: &str, comments: &[&str]| {
        let packets: Vec<Vec<u8>> = comments.iter().map(|comment| packet(&[comment])).collect();
        [section(&[(1, header)]), interface(&[]), packets.concat()].concat()
    };
    let header = "pcapml: {\"format\":1,\"version\":\"1.4.2\"}";
    sandbox.write("old.pcapng", capture(header, &["1,a,os=linux", "2,b"]));
    sandbox.write("more.pcapng", capture("", &["1,a,os=linux,v=2", "2,b"]));
    sandbox.write("other.pcapng", capture("", &["1,a,os=bsd", "2,b"]));
    sandbox.write("renamed.pcapng", capture("", &["1,a,os=linux", "9,b"]));
    let last = |new: &str| {
        let run = sandbox.pcapml(["diff", "old.pcapng", new, "--format", "csv"]).expect(0);
        run.out.lines().last().unwrap().to_owned()
    };
    assert_eq!(last("more.pcapng"), "version,minor,,1.4.2 -> 1.5.0");
    assert_eq!(last("other.pcapng"), "version,major,,1.4.2 -> 2.0.0");
    assert_eq!(last("old.pcapng"), "version,patch,,1.4.2 -> 1.4.3");
    sandbox
        .pcapml(["diff", "old.pcapng", "renamed.pcapng"])
        .expect(0)
        .says("1 sample removed with packets that are those of an added one");
    let listed = sandbox.pcapml(["diff", "old.pcapng", "other.pcapng", "--list", "--format", "csv"]).expect(0).out;
    assert_eq!(listed, "change,sample_id,old,new\nfield changed,1,os=linux,os=bsd\n");
    let listed = sandbox.pcapml(["diff", "old.pcapng", "more.pcapng", "--list", "--format", "csv"]).expect(0).out;
    assert_eq!(listed, "change,sample_id,old,new\nfield added,1,,v=2\n");
}

#[test]
fn what_has_no_samples_has_no_versions() {
    let sandbox = dataset();
    sandbox.pcapml(["strip", "apps.pcapng", "-o", "plain.pcap"]).expect(0);
    sandbox.pcapml(["diff", "apps.pcapng", "plain.pcap"]).expect(1).says("plain.pcap: no packet carries a label");
}

/// What a recipient of a release does first.
#[test]
fn a_challenge_may_stand_apart() {
    let sandbox = dataset();
    partition(&sandbox, "apps.pcapng", "lists", &["--by", "sample", "--challenge", "10"]).expect(0);
    let splits = ["--splits", "lists/splits.csv"];
    let select =
        ["select", "apps.pcapng", "--split", "train", "--split", "test", "--split", "validation", "-o", "told.pcapng"];
    sandbox.pcapml([&select[..], &splits].concat()).expect(0);
    let run = sandbox.pcapml([&["check", "told.pcapng"][..], &splits].concat()).expect(0);
    run.says("of the challenge is in it: they are taken to stand in a capture of their own").says("nothing wrong");
    let part = ["select", "apps.pcapng", "--split", "train", "--split", "challenge", "-o", "part.pcapng"];
    sandbox.pcapml([&part[..], &splits].concat()).expect(0);
    sandbox.pcapml([&["check", "part.pcapng"][..], &splits].concat()).expect(2).says("missing ids");
}
