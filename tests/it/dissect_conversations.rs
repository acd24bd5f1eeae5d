//! `pcapml dissect`: what is told of conversations that end in unusual ways, and options that would do nothing.

use std::process::Command;

use serde_json::Value;

use crate::print::{ipv4, pcap};
use crate::support::{Sandbox, corpus};

/// A segment of TCP from port 4000 to port 80.
fn segment(sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    segment_from(4_000, sequence, flags, payload)
}

fn segment_from(port: u16, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut segment = [port.to_be_bytes(), 80_u16.to_be_bytes()].concat();
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
fn both_vlans_are_told() {
    let sandbox = Sandbox::new();
    let tagged = |tags: &[u8]| [&[2; 12], tags, &segment(10, 2, b"")].concat();
    let (one, two) = ([0x81, 0, 0, 5, 8, 0], [0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]);
    for (tags, names, vlans) in [
        (&one[..], ["vlan", "inner_vlan"], [Value::from(5), Value::Null]),
        (&two[..], ["vlan", "inner_vlan"], [Value::from(5), Value::from(6)]),
        (&two[..], ["network.vlan.id", "network.inner.vlan.id"], [Value::from(5), Value::from(6)]),
    ] {
        sandbox.write("a.pcap", pcap(1, &[tagged(tags)]));
        let shape = if names[0] == "vlan" { "zeek" } else { "ecs" };
        let out = sandbox.pcapml(["dissect", "a.pcap", "--names", shape]).expect(0).out;
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(names.map(|name| told[name].clone()), vlans, "{told}");
    }
}

/// Records of captures of the corpus with SOCKS, beside what `tshark -Y socks` says of the same.
#[test]
fn requests_to_proxies_are_those_of_tshark() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    for (name, decode) in [
        ("dissect/pcaps/http--arkime--socks5-http-302-frag.pcap", "tcp.port==21477,socks"),
        ("labelled/pcaps/shadowsocks.pcap", "tcp.port==1080,socks"),
        ("labelled/pcaps/tls_heur__vmess-tcp-tls.pcapng", "tcp.port==1080,socks"),
    ] {
        let capture = corpus.join(name);
        let capture = capture.to_str().unwrap();
        let fields = ["-e", "socks.version", "-e", "socks.dst", "-e", "socks.remote_name", "-e", "socks.port"];
        let filter = ["-n", "-r", capture, "-d", decode, "-Y", "socks.port", "-T", "fields"];
        let theirs = sandbox.tool("tshark", &[&filter[..], &fields].concat());
        // The request, and the reply.
        let theirs: Vec<Vec<&str>> = theirs.lines().map(|line| line.split('\t').collect()).collect();
        let out = sandbox.pcapml(["dissect", capture, "--only", "socks"]).expect(0).out;
        let record: Value = serde_json::from_str(out.trim_end()).unwrap();
        let of = |name: &str| match &record[name] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let request = ["version", "request.host", "request.name", "request_p"].map(of);
        let reply = ["version", "bound.host", "bound.name", "bound_p"].map(of);
        assert_eq!(theirs, [request, reply], "{name}");
    }
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

/// Bodies that begin and do not end, and decoders for them.
#[test]
fn what_waits_in_messages_is_bounded_too() {
    const OPEN: u16 = 3_000;
    let sandbox = Sandbox::new();
    let head = b"POST / HTTP/1.1\r\nContent-Length: 9999\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03";
    let packets: Vec<_> = (0..OPEN).map(|number| segment_from(10_000 + number, 1, 16, head)).collect();
    sandbox.write("a.pcap", pcap(101, &packets));
    let command = sandbox.command();
    let mut bounded = Command::new("timeout");
    bounded
        .args(["60", "prlimit", "--data=100000000"])
        .arg(command.get_program())
        .current_dir(command.get_current_dir().unwrap());
    bounded.args(["dissect", "a.pcap", "--memory", "16M", "--threads", "1"]);
    let ran = bounded.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("was not told to the end in"), "{} {said}", ran.status);
    let told = String::from_utf8(ran.stdout).unwrap();
    let of = |path: &str| told.lines().filter(|line| line.contains(&format!("\"_path\":\"{path}\""))).count();
    assert_eq!((of("conn"), of("http")), (OPEN.into(), OPEN.into()));
    assert!((1_000..OPEN.into()).contains(&of("weird")), "{}", of("weird"));
    assert!(sandbox.pcapml(["dissect", "a.pcap"]).expect(0).out.lines().all(|line| !line.contains("no_memory")));
}
