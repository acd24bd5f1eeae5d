//! Fields that are masked: gone from captures, and nothing else with them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::packets::{TSHARK, captures};
use crate::support::{Sandbox, apps, by_sample, corpus, packets};

/// What each mask does to Wireshark's fields: these are zero.
const MASKED: [(&str, &[&str]); 12] = [
    ("eth.addr", &["eth.src", "eth.dst", "arp.src.hw_mac", "arp.dst.hw_mac", "sll.src.eth"]),
    ("vlan.id", &["vlan.id"]),
    ("ip.addr", &["ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "arp.src.proto_ipv4", "arp.dst.proto_ipv4"]),
    ("ip.dsfield", &["ip.dsfield", "ipv6.tclass"]),
    ("ip.id", &["ip.id", "ipv6.fraghdr.ident"]),
    ("ip.flags", &["ip.flags.df", "ip.flags.rb"]),
    ("ip.ttl", &["ip.ttl", "ipv6.hlim"]),
    ("ipv6.flow", &["ipv6.flow"]),
    ("port", &["tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "sctp.srcport", "sctp.dstport"]),
    ("tcp.seq", &["tcp.seq_raw", "tcp.ack_raw", "tcp.options.sack_le", "tcp.options.sack_re"]),
    ("tcp.window_size", &["tcp.window_size_value"]),
    ("tcp.options.timestamp", &["tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr"]),
];

/// What no mask of these changes.
const OTHERS: [&str; 30] = [
    "frame.len",
    "frame.cap_len",
    "frame.time_epoch",
    "frame.interface_id",
    "eth.type",
    "vlan.priority",
    "vlan.etype",
    "arp.opcode",
    "ip.version",
    "ip.hdr_len",
    "ip.len",
    "ip.flags.mf",
    "ip.frag_offset",
    "ip.proto",
    "ipv6.plen",
    "ipv6.nxt",
    "ipv6.fraghdr.offset",
    "tcp.hdr_len",
    "tcp.flags",
    "tcp.urgent_pointer",
    "tcp.len",
    "tcp.option_kind",
    "tcp.options.mss_val",
    "tcp.options.wscale.shift",
    "udp.length",
    "icmp.type",
    "icmp.code",
    "icmp.ident",
    "icmpv6.type",
    "gre.proto",
];

/// What tshark shows of each packet, field by field.
fn shown(sandbox: &Sandbox, capture: &str, names: &[&str]) -> Vec<Vec<String>> {
    let mut arguments = vec!["-r", capture, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|"];
    arguments.extend(TSHARK);
    arguments.extend(["-o", "tcp.relative_sequence_numbers:FALSE"]);
    names.iter().for_each(|name| arguments.extend(["-e", name]));
    let text = String::from_utf8_lossy(&sandbox.try_tool("tshark", &arguments).stdout).into_owned();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// True if a value, or each of several, is nothing but zeros.
fn is_zero(value: &str) -> bool {
    let hex = |part: &str| part.trim_start_matches("0x").chars().all(|c| "0.:".contains(c));
    value.split('|').all(|part| hex(part) || part == "False")
}

/// Masks fields of a capture and compares all of it; packets that were not understood, and those that differ.
fn compare(sandbox: &Sandbox, capture: &Path, masked: &[usize]) -> (u64, u64) {
    let shown_name = capture.to_str().unwrap();
    let label = ["label", shown_name, "--labels", "all.csv", "-o", "all.pcapng", "--force"];
    assert_ne!(sandbox.pcapml(label).status, 1, "{shown_name}");
    let fields: Vec<&str> = masked.iter().map(|&at| MASKED[at].0).collect();
    let run = sandbox.pcapml(["select", "all.pcapng", "--mask", &fields.join(","), "-o", "masked.pcapng", "--force"]);
    assert_eq!(run.status, 0, "{shown_name}: {}", run.err);
    let zeroed = |line: &str| line.contains("zeroed behind").then(|| line.split(' ').nth(1)?.parse().ok()).flatten();
    let unread: u64 = run.err.lines().find_map(zeroed).unwrap_or(0);
    let names: Vec<&str> = MASKED.iter().flat_map(|(_, names)| *names).copied().chain(OTHERS).collect();
    let gone: Vec<&str> = masked.iter().flat_map(|&at| MASKED[at].1).copied().collect();
    let (before, after) = (shown(sandbox, "all.pcapng", &names), shown(sandbox, "masked.pcapng", &names));
    assert_eq!(before.len(), after.len(), "{shown_name}");
    let mut differing = 0;
    for (number, (before, after)) in before.iter().zip(&after).enumerate() {
        let is_as_wanted = |at: usize, name: &&str| match gone.contains(name) {
            true => is_zero(&after[at]),
            false => before[at] == after[at],
        };
        let odd: Vec<_> = names.iter().enumerate().filter(|(at, name)| !is_as_wanted(*at, name)).collect();
        if !odd.is_empty() {
            differing += 1;
            let (at, name) = odd[0];
            println!("{shown_name} {}: {name} '{}' became '{}'", number + 1, before[at], after[at]);
        }
    }
    (unread, differing)
}

#[test]
fn tshark_shows_zeros_and_nothing_else_changed() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("all.csv", "BPF:greater 0,all\n");
    let all = captures(&corpus, 25);
    let (mut unread, mut differing) = (0, 0);
    for (turn, capture) in all.iter().enumerate() {
        // All but ports, by which Wireshark finds tunnels and protocols; then one field after the other.
        let one = turn % MASKED.len();
        for masked in [(0..MASKED.len()).filter(|&at| MASKED[at].0 != "port").collect(), vec![one]] {
            let (not_understood, differ) = compare(&sandbox, capture, &masked);
            assert!(differ <= not_understood, "{}: {differ} differ, {not_understood} told", capture.display());
            (unread, differing) = (unread + not_understood, differing + differ);
        }
    }
    println!("{} captures; {unread} packets not understood, {differing} of which differ", all.len());
}
