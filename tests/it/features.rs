//! Flows and features, against an oracle that shares no code with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Run, Sandbox, corpus, csv_rows, root};

/// Debian's Python, which has Debian's NumPy.
const PYTHON: &str = "/usr/bin/python3";

/// The captures below a directory, in order.
fn captures(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn oracle(sandbox: &Sandbox, capture: &Path, set: &str, output: &str) {
    let script = root().join("tests/oracle/features.py");
    let made = Command::new(PYTHON).arg(script).arg(capture).args(["--set", set]).output().unwrap();
    assert!(made.status.success(), "{}: {}", capture.display(), String::from_utf8_lossy(&made.stderr));
    sandbox.write(output, made.stdout);
}

/// Columns that the oracle leaves empty, or numbers otherwise.
const NOT_THE_ORACLE_S: [&str; 3] = ["tunnel_id", "src_mac", "src_oui"];

/// What the oracle finds wrong with our rows of a capture.
fn compare(sandbox: &Sandbox, capture: &Path, set: &str) -> Option<String> {
    let capture_text = capture.to_str().unwrap();
    let run = sandbox.pcapml(["features", capture_text, "--set", set, "-o", "ours.csv", "--force"]);
    assert_ne!(run.status, 1, "{}: {}", capture.display(), run.err);
    oracle(sandbox, capture, set, "theirs.csv");
    let script = root().join("tests/oracle/compare_rows.py");
    let files = [sandbox.path("ours.csv"), sandbox.path("theirs.csv")];
    let compared = Command::new(PYTHON).arg(script).args(files).output().unwrap();
    let text = String::from_utf8_lossy(&compared.stdout).into_owned();
    let known = |line: &&str| NOT_THE_ORACLE_S.iter().any(|name| line.contains(&format!(" {name}: ")));
    let wrong: Vec<&str> = text.lines().skip(3).filter(|line| !known(line)).collect();
    let counts = text.lines().nth(2).unwrap_or_default();
    let same_rows = counts.split([' ', ',']).filter(|word| word.parse::<u64>().is_ok()).take(3).collect::<Vec<_>>();
    let all = same_rows.len() == 3 && same_rows[0] == same_rows[1] && same_rows[1] == same_rows[2];
    (!wrong.is_empty() || !all).then(|| format!("{}: {set}: {counts}\n{}", capture.display(), wrong.join("\n")))
}

#[test]
fn every_column_is_the_oracle_s() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let mut compared = 0;
    let mut differences = Vec::new();
    for (number, capture) in captures(&corpus.join("labelled/pcaps")).iter().enumerate() {
        // Every seventh with each set: all of them take minutes. PCAPML_ALL compares all.
        let all = std::env::var_os("PCAPML_ALL").is_some();
        for (at, set) in ["cic", "nfstream", "pyflowmeter"].iter().enumerate() {
            if all || number % 21 == at * 7 {
                differences.extend(compare(&sandbox, capture, set));
                compared += 1;
            }
        }
    }
    println!("features: {compared} captures and sets compared");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_packet_is_accounted_for() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (mut captures_read, mut packets, mut in_flows) = (0, 0, 0);
    for directory in ["labelled/pcaps", "conformance/variety", "dissect/pcaps", "hostile/files"] {
        for capture in captures(&corpus.join(directory)) {
            let arguments = ["flows", capture.to_str().unwrap(), "-o", "rows.csv", "--force", "--explain=json"];
            let run = sandbox.pcapml(arguments);
            let Some(line) = run.err.lines().find_map(|line| line.strip_prefix("pcapml: {")) else {
                assert_eq!(run.status, 1, "{}: {}", capture.display(), run.err);
                continue;
            };
            let said: Value = serde_json::from_str(&format!("{{{line}")).unwrap();
            let number = |name: &str| said[name].as_u64().unwrap();
            let reasons: u64 = said["reasons"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
            assert_eq!(number("read"), number("in_flows") + reasons, "{}: {line}", capture.display());
            // The rows hold what the accounting says.
            let rows = csv_rows(&fs::read_to_string(sandbox.path("rows.csv")).unwrap());
            let of = |name: &str| rows.iter().map(|row| row[name].parse::<u64>().unwrap()).sum::<u64>();
            assert_eq!(number("memberships"), of("fwd_packets") + of("bwd_packets"), "{}", capture.display());
            captures_read += 1;
            packets += number("read");
            in_flows += number("in_flows");
        }
    }
    println!("features: {captures_read} captures, {packets} packets, {in_flows} in flows, the others with a reason");
}

#[test]
fn rows_carry_the_labels_of_their_samples() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    sandbox
        .pcapml(["features", "apps.pcapng", "--set", "cic", "-o", "f.csv"])
        .expect(0)
        .says("3105 packets read: 3105");
    let rows = csv_rows(&fs::read_to_string(sandbox.path("f.csv")).unwrap());
    let samples = csv_rows(&sandbox.pcapml(["samples", "apps.pcapng", "--format", "csv"]).expect(0).out);
    for sample in &samples {
        let of_sample: Vec<_> = rows.iter().filter(|row| row["sample_id"] == sample["sample_id"]).collect();
        assert!(!of_sample.is_empty(), "{sample:?}");
        assert!(of_sample.iter().all(|row| row["label"] == sample["label"] && row["client"] == sample["client"]));
        let packets = |name: &str| of_sample.iter().map(|row| row[name].parse::<u64>().unwrap()).sum::<u64>();
        let total = packets("Total Fwd Packet") + packets("Total Bwd packets");
        assert_eq!(total.to_string(), sample["packets"]);
    }
    // Ordered by start.
    let starts: Vec<&String> = rows.iter().map(|row| &row["Timestamp"]).collect();
    assert!(starts.is_sorted());
}

#[test]
fn the_number_of_threads_and_the_memory_change_no_byte() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let capture = corpus().map_or(sandbox.path("apps.pcapng"), |corpus| corpus.join("labelled/pcaps"));
    for name in ["rows.csv", "rows.jsonl", "rows.parquet", "rows.arrow"] {
        let made: Vec<Vec<u8>> = [("1", "16M"), ("2", "8M"), ("8", "64M")]
            .iter()
            .map(|(threads, memory)| {
                let fixed = ["features", capture.to_str().unwrap(), "--set", "cic,splt:5", "-o", name, "--force", "-q"];
                let run = sandbox.pcapml([&fixed[..], &["--threads", threads, "--memory", memory]].concat());
                assert_ne!(run.status, 1, "{}", run.err);
                fs::read(sandbox.path(name)).unwrap()
            })
            .collect();
        assert!(made[0] == made[1] && made[1] == made[2], "{name}");
    }
}

#[test]
fn sets_are_listed_and_chosen() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let listed = csv_rows(&sandbox.pcapml(["features", "--list=csv"]).expect(0).out);
    assert!(listed.len() > 230 && listed.iter().all(|row| !row["meaning"].is_empty()), "{}", listed.len());
    let header = |more: &[&str]| {
        let fixed = ["features", "apps.pcapng", "-o", "-", "-q"];
        let run: Run = sandbox.pcapml([&fixed[..], more].concat()).expect(0);
        run.out.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        header(&["--set", "flows", "--columns", "duration,src_ip"]),
        "sample_id,label,client,ip,duration,src_ip"
    );
    assert!(header(&["--set", "cic", "--bare"]).ends_with(",Idle Min,Label"));
    assert!(header(&["--set", "cic", "--bare", "--names", "cic2018"]).contains(",Tot Fwd Pkts,Tot Bwd Pkts,"));
    sandbox.write("own.txt", "# mine\nduration\npayload_entropy\n");
    assert!(header(&["--set", "own.txt", "--bare"]).starts_with("duration,payload_entropy"));
    for (more, fault) in [
        (["--set", "nonsense"].as_slice(), "there is no set 'nonsense'"),
        (&["--set", "splt:0"], "from 1 to"),
        (&["--set", "flows", "--columns", "nonsense"], "there is no column 'nonsense'"),
    ] {
        sandbox.pcapml([&["features", "apps.pcapng", "-o", "x.csv"], more].concat()).expect(1).says(fault);
    }
    sandbox.pcapml(["features", "apps.pcapng", "--set", "cic", "-o", "x.txt"]).expect(1).says("or give --to");
    assert!(!sandbox.path("x.csv").exists());
}
