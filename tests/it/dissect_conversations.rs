//! `pcapml dissect`: what is told of conversations that end in unusual ways, and options that would do nothing.

use serde_json::Value;

use crate::print::{ipv4, pcap};
use crate::support::Sandbox;

/// A segment of TCP from port 4000 to port 80.
fn segment(sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut segment = [4_000_u16.to_be_bytes(), 80_u16.to_be_bytes()].concat();
    segment.extend(sequence.to_be_bytes());
    segment.extend([0, 0, 0, 0, 0x50, flags, 0, 229, 0, 0, 0, 0]);
    segment.extend(payload);
    ipv4(6, 64, 0, &segment)
}

#[test]
fn what_another_syn_ended_is_no_fin() {
    let sandbox = Sandbox::new();
    let packets = [
        segment(10, 2, b""),
        segment(11, 16, b"GET /1 HTTP/1.1\r\n\r\n"),
        segment(9_000, 2, b""),
        segment(9_001, 17, b"GET /2 HTTP/1.1\r\n\r\n"),
    ];
    sandbox.write("a.pcap", pcap(101, &packets));
    let out = sandbox.pcapml(["dissect", "a.pcap"]).expect(0).out;
    let told: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |path: &str, field: &str| -> Vec<String> {
        told.iter().filter(|record| record["_path"] == path).map(|record| record[field].to_string()).collect()
    };
    assert_eq!(of("conn", "end_reason"), [r#""syn""#, r#""fin""#]);
    assert_eq!(of("http", "uri"), [r#""/1""#, r#""/2""#]);
}

#[test]
fn what_is_said_of_the_dns_is_refused_without_its_records() {
    let sandbox = Sandbox::new();
    sandbox.write("a.pcap", pcap(101, &[]));
    for option in [["--dns", "message"], ["--shape", "seed"]] {
        sandbox.pcapml(["dissect", "a.pcap", "--only", "http"].into_iter().chain(option)).expect(1).says("--only dns");
        sandbox.pcapml(["dissect", "a.pcap", "--only", "http,dns"].into_iter().chain(option)).expect(0);
    }
}

#[test]
fn records_are_asked_for_by_type_or_protocol() {
    let sandbox = Sandbox::new();
    sandbox.write("a.pcap", pcap(101, &[segment(10, 2, b""), segment(11, 16, b"GET / HTTP/1.1\r\n\r\n")]));
    let told = |only: &str| sandbox.pcapml(["dissect", "a.pcap", "--only", only]).expect(0).out;
    assert_eq!(told("http2").lines().count(), 1);
    assert_eq!(told("http2"), told("http,tls"));
}
