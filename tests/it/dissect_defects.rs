//! What packet_analysis got wrong, and `dissect` must not: a test for each of its known defects.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Run, Sandbox, corpus};

fn records(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A capture of the corpus.
fn capture(name: &str) -> Option<PathBuf> {
    corpus().map(|corpus| corpus.join("dissect/pcaps").join(name))
}

/// The records of one type that `dissect` tells of a capture.
fn of(sandbox: &Sandbox, capture: &std::path::Path, kind: &str, options: &[&str]) -> Vec<Value> {
    let fixed = ["dissect", capture.to_str().unwrap(), "--only", kind];
    let run = sandbox.pcapml(fixed.iter().chain(options));
    assert!([0, 2].contains(&run.status), "{} {}", run.status, run.err);
    records(&run)
}

/// A session without a request, or without a response, ended the whole run.
#[test]
fn one_sided_sessions_are_told_and_end_nothing() {
    let sandbox = Sandbox::new();
    let whole = sandbox.label_apps("labelled.pcapng");
    let requests = of(&sandbox, &whole, "http", &[]).len();
    assert!(requests > 10);
    for (side, there, missing) in [("dst", "method", "status_code"), ("src", "status_code", "method")] {
        let one = sandbox.path(format!("{side}.pcapng"));
        sandbox.pcapml(["strip", whole.to_str().unwrap(), "-o", "plain.pcapng", "--force"]).expect(0);
        sandbox.write("side.rules", format!("BPF:{side} port 80 or {side} port 21,kept\n"));
        sandbox.pcapml(["label", "plain.pcapng", "--labels", "side.rules", "-o", one.to_str().unwrap()]).expect(0);
        let told = of(&sandbox, &one, "http", &[]);
        assert_eq!(told.iter().filter(|record| !record[there].is_null()).count(), requests, "{side}");
        assert!(told.iter().all(|record| record[missing].is_null()), "{side}");
        assert!(!of(&sandbox, &one, "ftp", &[]).is_empty());
    }
}

/// With keep-alive and pipelining only the first request and response of a session were told.
#[test]
fn every_exchange_of_a_connection_is_told() {
    let sandbox = Sandbox::new();
    let whole = sandbox.label_apps("labelled.pcapng");
    let shown = whole.to_str().unwrap();
    for (filter, field) in [("http.request", "method"), ("http.response", "status_code")] {
        let theirs = sandbox.tool("tshark", &["-r", shown, "-Y", filter, "-T", "fields", "-e", "frame.number"]);
        let ours = of(&sandbox, &whole, "http", &[]);
        let ours = ours.iter().filter(|record| !record[field].is_null()).count();
        assert_eq!(ours, theirs.lines().count(), "{filter}");
    }
    let deepest = of(&sandbox, &whole, "http", &[]).iter().filter_map(|record| record["trans_depth"].as_u64()).max();
    assert!(deepest > Some(1), "the dataset has no connection of several exchanges");
}

/// Sessions that overlap got each other's times.
#[test]
fn every_record_has_the_time_of_its_own_first_packet() {
    let sandbox = Sandbox::new();
    let whole = sandbox.label_apps("labelled.pcapng");
    let shown = whole.to_str().unwrap();
    let fields = ["-r", shown, "-T", "fields", "-e", "frame.number", "-e", "frame.time_epoch"];
    let text = sandbox.tool("tshark", &fields);
    let times: HashMap<u64, &str> =
        text.lines().filter_map(|line| line.split_once('\t')).map(|(n, time)| (n.parse().unwrap(), time)).collect();
    let run = sandbox.pcapml(["dissect", shown]).expect(0);
    let mut checked = 0;
    for line in run.out.lines() {
        let ts = line.split_once("\"ts\":").unwrap().1.split(',').next().unwrap();
        let record: Value = serde_json::from_str(line).unwrap();
        assert_eq!(times[&record["pkt_first"].as_u64().unwrap()], ts, "{line}");
        assert!(record["pkt_first"].as_u64() <= record["pkt_last"].as_u64());
        checked += 1;
    }
    assert!(checked > 500);
}

/// Of authorities and additional records only the last survived, and their class was their type.
#[test]
fn every_record_of_every_section_is_told() {
    let Some(path) = capture("dns--PcapPlusPlus--Dns4.pcap") else { return };
    let sandbox = Sandbox::new();
    let told = &of(&sandbox, &path, "dns", &[])[0];
    let length = |section: &str| told[section].as_array().unwrap().len();
    assert_eq!([length("answer_records"), length("authorities"), length("additionals")], [3, 6, 9]);
    assert!(told["authorities"].as_array().unwrap().iter().all(|record| record["class"] == "IN"));
    let seed = &of(&sandbox, &path, "dns", &["--shape", "seed"])[0];
    assert_eq!(seed["header"]["num_of_authority"], 6);
    assert_eq!(seed["authority"].as_array().unwrap().len(), 6);
    assert_eq!(seed["authority"][0]["rclass"], 1);
}

/// Logins of several messages were never told, nor those of connections that were not closed.
#[test]
fn logins_are_told_whatever_becomes_of_the_connection() {
    let sandbox = Sandbox::new();
    let cases: [(&str, &[(&str, &str)]); 3] = [
        ("pgsql--packet_analysis--pgsql.pcap", &[("oryx", "success"), ("oryx", "success")]),
        (
            "mongodb--packet_analysis--mongo.pcap",
            &[("tanjiti", "success"), ("tanjiti", "failure"), ("tanjiti2", "failure"), ("test", "failure")],
        ),
        ("http--packet_analysis--cve-2016-4971.pcap", &[("anonymous", "success")]),
    ];
    for (name, logins) in cases {
        let Some(path) = capture(name) else { return };
        let told = of(&sandbox, &path, "auth", &[]);
        let told: Vec<_> =
            told.iter().map(|auth| (auth["user"].as_str().unwrap(), auth["result"].as_str().unwrap())).collect();
        assert_eq!(told, logins, "{name}");
    }
}

/// Without `--secrets` no password is in any record; with it, each is.
#[test]
fn passwords_are_told_only_on_demand() {
    let sandbox = Sandbox::new();
    let whole = sandbox.label_apps("labelled.pcapng");
    let shown = whole.to_str().unwrap();
    let secrets: Vec<String> = of(&sandbox, &whole, "auth", &["--secrets"])
        .iter()
        .filter_map(|auth| auth["secret"].as_str().map(str::to_owned))
        .filter(|secret| secret.len() > 4)
        .collect();
    assert!(secrets.len() > 5, "{secrets:?}");
    let told = sandbox.pcapml(["dissect", shown]).expect(0).out;
    for secret in secrets {
        assert!(!told.contains(&secret), "{secret}");
    }
}

/// The records are the same for any number of threads, and as tables they say the same as lines.
#[test]
fn records_are_the_same_in_every_form() {
    let sandbox = Sandbox::new();
    let whole = sandbox.label_apps("labelled.pcapng");
    let shown = whole.to_str().unwrap();
    let one = sandbox.pcapml(["dissect", shown, "--threads", "1"]).expect(0).out;
    for threads in ["2", "8"] {
        assert!(sandbox.pcapml(["dissect", shown, "--threads", threads]).expect(0).out == one, "{threads} threads");
    }
    sandbox.pcapml(["dissect", shown, "--format", "csv", "-o", "tables"]).expect(0);
    let mut rows = 0;
    for entry in std::fs::read_dir(sandbox.path("tables")).unwrap() {
        let path = entry.unwrap().path();
        let kind = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let of_kind = crate::support::csv_rows(&std::fs::read_to_string(&path).unwrap());
        let lines = one.lines().filter(|line| line.starts_with(&format!("{{\"_path\":\"{kind}\""))).count();
        assert_eq!(of_kind.len(), lines, "{kind}");
        rows += of_kind.len();
    }
    assert_eq!(rows, one.lines().count());
}

/// A type that there is not, a table of several types: refused, and with what there is.
#[test]
fn what_makes_no_sense_is_refused() {
    let sandbox = Sandbox::new();
    let whole = sandbox.label_apps("labelled.pcapng");
    let shown = whole.to_str().unwrap();
    for (options, said) in [
        (["--only", "smb", "--dns", "message"], "no records of the type 'smb'"),
        (["-o", "said.csv", "--only", "dns,http"], "a table holds records of one type"),
        (["-o", "said.parquet", "--shape", "seed"], "a table holds records of one type"),
        (["--shape", "seed", "--format=csv", "--only=dns"], "packet_analysis' form of DNS messages has no columns"),
    ] {
        let run = sandbox.pcapml(["dissect", shown].into_iter().chain(options));
        assert!(run.status == 1 && run.err.contains(said), "{options:?}: {}", run.err);
    }
}
