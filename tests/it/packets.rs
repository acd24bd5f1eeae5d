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
const TSHARK: [&str; 10] = [
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
fn captures(corpus: &Path, nth: usize) -> Vec<PathBuf> {
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

/// Our own small dataset, labelled.
fn labelled(sandbox: &Sandbox) {
    let (pcaps, labels) = (apps().join("pcaps"), apps().join("labels.csv"));
    let arguments = ["label", pcaps.to_str().unwrap(), "--labels", labels.to_str().unwrap(), "-o", "apps.pcapng"];
    sandbox.pcapml(arguments).expect(0);
}

/// What one value is called by both: numbers, lists and addresses as we write them.
fn as_ours(name: &str, theirs: &str) -> String {
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
fn reason(
    name: &str,
    ours: &str,
    row: &BTreeMap<String, String>,
    theirs: &BTreeMap<&str, &str>,
) -> Option<&'static str> {
    let several = |field: &str| theirs[field].contains('|');
    let transport = ["tcp.", "udp.", "sctp.", "icmp.", "icmpv6."].iter().any(|protocol| name.starts_with(protocol));
    let packets = theirs["ip.version"].split('|').count();
    if (transport || name == "vlan.id")
        && (packets > 1 || several("eth.src") || several("ip.proto") || several("ipv6.nxt"))
    {
        return Some("tunnels and quoted packets: Wireshark shows what is inside");
    }
    if transport && (row["ip.frag_offset"].parse::<u64>().unwrap_or(0) > 0) {
        return Some("later fragments: Wireshark may take data for a header");
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
