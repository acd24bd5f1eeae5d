//! `pcapml print`, against Wireshark's fields of the same packets, and each of its options.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use regex::Regex;
use serde_json::Value;

use crate::packets::{TSHARK, as_ours, captures, reason};
use crate::support::{Sandbox, apps, corpus};

/// A pcap of these packets, captured a second after each other; the length on the wire is that which is there.
pub fn pcap(link_type: u8, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, link_type, 0, 0, 0];
    for (at, packet) in (0_u32..).zip(packets) {
        let length = packet.len() as u32;
        for field in [1_500_285_748 + at, 80_123, length, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

const MACS: [u8; 12] = [0x58, 0xf3, 0x9c, 0x51, 0x90, 0xc7, 0x98, 0x01, 0xa7, 0x9e, 0xdd, 0xc1];

pub fn ethernet(ether: u16, payload: &[u8]) -> Vec<u8> {
    [&MACS[..], &ether.to_be_bytes(), payload].concat()
}

/// An IPv4 packet from 10.0.0.5 to 10.0.0.2; `fragment` are its flags and offset.
pub fn ipv4(protocol: u8, ttl: u8, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len()) as u16;
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0x12, 0x67]);
    packet.extend(fragment.to_be_bytes());
    packet.extend([ttl, protocol, 0, 0, 10, 0, 0, 5, 10, 0, 0, 2]);
    packet.extend(payload);
    packet
}

/// An IPv6 packet from 2001:db8::5 to 2001:db8::2.
fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next, 61]);
    for last in [5, 2] {
        packet.extend([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    packet.extend(payload);
    packet
}

pub fn tcp(ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let mut segment = [ports.0.to_be_bytes(), ports.1.to_be_bytes()].concat();
    segment.extend([0x24, 0xe4, 0xae, 0x3f, 0x90, 0x82, 0xd2, 0x10, 0x50, 0x18, 0, 229, 0, 0, 0, 0]);
    segment.extend(payload);
    segment
}

pub fn udp(ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    [&ports.0.to_be_bytes()[..], &ports.1.to_be_bytes(), &length.to_be_bytes(), &[0, 0], payload].concat()
}

/// Port unreachable, which quotes a datagram of 10.0.0.2:63816 to port 500 of 10.0.0.5.
fn unreachable() -> Vec<u8> {
    let mut quoted = ipv4(17, 43, 0, &udp((63816, 500), b""));
    // The ends of the quoted packet are those of the error, exchanged.
    quoted[12..20].rotate_left(4);
    [&[3, 3, 0, 0, 0, 0, 0, 0], quoted.as_slice()].concat()
}

/// One packet of each kind.
fn zoo() -> Vec<Vec<u8>> {
    let v4 = |protocol, payload: &[u8]| ethernet(0x0800, &ipv4(protocol, 64, 0, payload));
    let ether_in_vlan = [&[0, 100, 8, 0][..], &ipv4(17, 64, 0, &udp((53, 1711), b"v"))].concat();
    let arp = [0, 1, 8, 0, 6, 4, 0, 1, 1, 1, 1, 1, 1, 1, 10, 0, 0, 5, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2];
    let inner = ipv4(17, 9, 0, &udp((7, 8), b"in"));
    let vxlan = [&[8, 0, 0, 0, 0, 0, 77, 0][..], &ethernet(0x0800, &inner)].concat();
    vec![
        v4(6, &tcp((55034, 8080), b"GET /\\ HTTP/1.1\r\n\t\x00\xff")),
        v4(17, &udp((53, 1711), b"vc\x85")),
        v4(1, &unreachable()),
        v4(1, b"\x08\x00\x00\x00\x12\x34\x00\x01ping"),
        ethernet(0x86dd, &ipv6(58, b"\x80\x00\x00\x00\x12\x34\x00\x01ping")),
        ethernet(0x86dd, &ipv6(6, &tcp((443, 50000), b""))),
        ethernet(0x0800, &ipv4(17, 64, 0x2000, &udp((1, 2), b"first piece")[..16])),
        ethernet(0x0800, &ipv4(17, 64, 185, b"last")),
        ethernet(0x0806, &arp),
        ethernet(0x88cc, b"\x02\x07"),
        v4(47, b"\x00\x00\x99\x99"),
        ethernet(0x8100, &ether_in_vlan),
        v4(17, &udp((1, 4789), &vxlan)),
        ethernet(0x0800, &ipv4(6, 64, 0, &[0; 20])[..30]),
        ethernet(0x0800, &ipv4(6, 64, 0, &[0; 20])[..10]),
    ]
}

/// The lines of a run, without their times.
fn lines(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let run = sandbox.pcapml([&["print"], arguments].concat()).expect(0);
    let time = Regex::new(r"\[[\d.-]+\t[^\]]*\]").unwrap();
    run.out.lines().map(|line| time.replace(line, "T").replace('\t', " ")).collect()
}

fn zoo_in(sandbox: &Sandbox) {
    sandbox.write("zoo.pcap", pcap(1, &zoo()));
}

#[test]
fn every_kind_of_packet_has_a_line() {
    let sandbox = Sandbox::new();
    zoo_in(&sandbox);
    let ends = |from: &str, to: &str| format!("T {from}(98:01:a7:9e:dd:c1) ----->{to}(58:f3:9c:51:90:c7)");
    let v4 = |from: &str, to: &str| ends(&format!("10.0.0.5{from}"), &format!("10.0.0.2{to}"));
    let frame: Vec<String> = zoo()[9].iter().map(|byte| format!("{byte:02x}")).collect();
    let arp: Vec<String> = zoo()[8].iter().map(|byte| format!("{byte:02x}")).collect();
    let cut: Vec<String> = zoo()[14].iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = [
        format!(
            "[TCP] {} SEQ=618966591 ACK=2424492560 FLAGS=['ACK', 'PSH'] WIN=229 DATA=GET /\\\\ HTTP/1.1\\r\\n\\t\\x00\\xff \
             ttl=64 DATA_BINARY=47 45 54 20 2f 5c 20 48 54 54 50 2f 31 2e 31 0d 0a 09 00 ff LEN=20 FRAME=1",
            v4(":55034", ":8080")
        ),
        format!("[UDP] {} ttl=64 DATA_BINARY=76 63 85 LEN=3 FRAME=2", v4(":53", ":1711")),
        format!(
            "[ICMP_Unreach] {} 3:3[host:port unreachable] ttl=64 DATA_BINARY= LEN=0 FRAME=3 \
             QUOTED=[UDP 10.0.0.2:63816 ----->10.0.0.5:500 ttl=43]",
            v4(":500", ":63816")
        ),
        format!("[ICMP_Echo] {} 8:0[echo request] ttl=64 DATA_BINARY=70 69 6e 67 LEN=4 FRAME=4", v4("", "")),
        format!(
            "[ICMPv6_Echo] {} 128:0[echo request] ttl=61 DATA_BINARY=70 69 6e 67 LEN=4 FRAME=5",
            ends("2001:db8::5", "2001:db8::2")
        ),
        format!(
            "[TCP] {} SEQ=618966591 ACK=2424492560 FLAGS=['ACK', 'PSH'] WIN=229 DATA= ttl=61 DATA_BINARY= LEN=0 FRAME=6",
            ends("[2001:db8::5]:443", "[2001:db8::2]:50000")
        ),
        format!("[UDP] {} ttl=64 DATA_BINARY=66 69 72 73 74 20 70 69 LEN=8 FRAME=7 FRAGMENT=4711@0+", v4(":1", ":2")),
        format!("[FRAGMENT] {} PROTO=17 ttl=64 DATA_BINARY=6c 61 73 74 LEN=4 FRAME=8 FRAGMENT=4711@1480", v4("", "")),
        format!("[ARP] {} DATA_BINARY={} LEN=42 FRAME=9", v4("", ""), arp.join(" ")),
        format!("[OTHER] {} WHAT=LLDP DATA_BINARY={} LEN=16 FRAME=10", ends("", ""), frame.join(" ")),
        format!("[IP] {} PROTO=47 ttl=64 DATA_BINARY=00 00 99 99 LEN=4 FRAME=11", v4("", "")),
        format!("[UDP] {} ttl=64 DATA_BINARY=76 LEN=1 FRAME=12 VLAN=100", v4(":53", ":1711")),
        format!("[UDP] {} ttl=9 DATA_BINARY=69 6e LEN=2 FRAME=13 TUNNEL=vxlan:77", v4(":7", ":8")),
        format!(
            "[IP] {} PROTO=6 WHAT=transport header cut ttl=64 DATA_BINARY=00 00 00 00 00 00 00 00 00 00 LEN=20 FRAME=14",
            v4("", "")
        ),
        format!(
            "[OTHER] {} WHAT=cut before the end of its headers DATA_BINARY={} LEN=24 FRAME=15",
            ends("", ""),
            cut.join(" ")
        ),
    ];
    assert_eq!(lines(&sandbox, &["zoo.pcap"]), expected);
    let outer = lines(&sandbox, &["zoo.pcap", "--outer", "--snap", "2"]);
    assert_eq!(outer[12], format!("[UDP] {} ttl=64 DATA_BINARY=08 00 LEN=52 FRAME=13", v4(":1", ":4789")));
}

/// The seed's README shows this line; its `ttl` was that of the quoted packet.
#[test]
fn a_line_begins_as_that_of_packet_analysis() {
    let sandbox = Sandbox::new();
    zoo_in(&sandbox);
    let out = sandbox.pcapml(["print", "zoo.pcap"]).expect(0).out;
    let expected = "[ICMP_Unreach]\t[1500285750.080123000\t2017-07-17 10:02:30.080123000Z]\t\
                    10.0.0.5:500(98:01:a7:9e:dd:c1) ----->10.0.0.2:63816(58:f3:9c:51:90:c7)\t\
                    3:3[host:port unreachable]\tttl=64\tDATA_BINARY=\tLEN=0\t";
    assert!(out.lines().nth(2).unwrap().starts_with(expected), "{out}");
}

#[test]
fn json_has_the_record_packet() {
    let sandbox = Sandbox::new();
    zoo_in(&sandbox);
    let run = sandbox.pcapml(["print", "zoo.pcap", "--format", "jsonl"]).expect(0);
    let records: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let tcp = r#"{"_path":"packet","ts":1500285748.080123000,"frame.number":1,"frame.len":74,"frame.cap_len":74,"eth.src":"98:01:a7:9e:dd:c1","eth.dst":"58:f3:9c:51:90:c7","ip.version":4,"ip.src":"10.0.0.5","ip.dst":"10.0.0.2","ip.proto":6,"ip.ttl":64,"ip.dsfield":0,"ip.id":4711,"ip.flags":0,"tcp.srcport":55034,"tcp.dstport":8080,"tcp.seq":618966591,"tcp.ack":2424492560,"tcp.flags":24,"tcp.window":229,"tcp.urgent_pointer":0,"tcp.len":20,"payload":"R0VUIC9cIEhUVFAvMS4xDQoJAP8=","payload_encoding":"base64","payload_len":20}"#;
    assert_eq!(run.out.lines().next().unwrap(), tcp);
    assert_eq!(records[2]["icmp.quoted"]["udp.dstport"], 500);
    assert_eq!(records[2]["icmp.quoted"]["ip.ttl"], 43);
    assert_eq!(records[2]["icmp.message"], "host:port unreachable");
    assert_eq!(records[3]["payload"], "ping");
    assert_eq!((&records[5]["ipv6.hlim"], &records[5]["ip.src"]), (&61.into(), &"2001:db8::5".into()));
    assert_eq!((&records[7]["ip.frag_offset"], &records[7]["ip.proto"]), (&1480.into(), &17.into()));
    assert_eq!(records[8]["arp.dst.proto_ipv4"], "10.0.0.2");
    assert_eq!(records[9]["what"], "LLDP");
    assert_eq!(records[11]["vlan"], 100);
    assert_eq!((&records[12]["tunnel"], &records[12]["tunnel.id"]), (&"vxlan".into(), &77.into()));
    assert_eq!(records[13]["what"], "transport header cut");
    assert_eq!(records[14]["what"], "cut before the end of its headers");
}

#[test]
fn payloads_have_the_form_that_is_asked_for() {
    let sandbox = Sandbox::new();
    zoo_in(&sandbox);
    let first = |arguments: &[&str]| {
        let run = sandbox.pcapml([&["print", "zoo.pcap"], arguments].concat()).expect(0);
        run.out.lines().next().unwrap().to_owned()
    };
    let text = |arguments: &[&str]| first(arguments).split('\t').skip(8).collect::<Vec<_>>().join(" ");
    assert_eq!(text(&["--payload", "text", "--snap", "5"]), "ttl=64 DATA=GET / LEN=20 FRAME=1");
    assert_eq!(text(&["--payload", "hex", "--snap", "5"]), "ttl=64 DATA_BINARY=47 45 54 20 2f LEN=20 FRAME=1");
    assert_eq!(text(&["--payload", "base64", "--snap", "5"]), "ttl=64 DATA_BASE64=R0VUIC8= LEN=20 FRAME=1");
    assert_eq!(text(&["--snap", "5"]), "DATA=GET / ttl=64 DATA_BINARY=47 45 54 20 2f LEN=20 FRAME=1");
    assert_eq!(text(&["--snap", "0"]), "ttl=64 LEN=20 FRAME=1");
    assert_eq!(text(&["--snap", "99999999999"]), text(&[]));
    let json = |arguments: &[&str]| {
        let record: Value = serde_json::from_str(&first(&[&["--format", "jsonl"], arguments].concat())).unwrap();
        (record["payload"].clone(), record["payload_encoding"].clone())
    };
    assert_eq!(json(&["--payload", "hex", "--snap", "3"]), ("474554".into(), "hex".into()));
    assert_eq!(json(&["--payload", "base64", "--snap", "3"]), ("R0VU".into(), "base64".into()));
    assert_eq!(json(&["--payload", "text", "--snap", "3"]), ("GET".into(), Value::Null));
    assert_eq!(json(&["--snap", "0"]), (Value::Null, Value::Null));
}

#[test]
fn options_without_effect_are_refused() {
    let sandbox = Sandbox::new();
    zoo_in(&sandbox);
    let refused = |arguments: &[&str], said: &str| {
        sandbox.pcapml([&["print", "zoo.pcap"], arguments].concat()).expect(1).says(said);
    };
    refused(&["--payload", "hex", "--snap", "0"], "--payload is about payloads, and --snap 0 prints none");
    refused(&["--format", "jsonl", "--timezone", "Europe/Prague"], "--timezone is about dates");
}

#[test]
fn a_character_that_snap_cuts_is_left_out() {
    let sandbox = Sandbox::new();
    sandbox.write("a.pcap", pcap(101, &[ipv4(17, 64, 0, &udp((1, 2), "aé!".as_bytes()))]));
    for (snap, payload) in [("1", "a"), ("2", "a"), ("3", "aé"), ("9", "aé!")] {
        let run = sandbox.pcapml(["print", "a.pcap", "--format", "jsonl", "--snap", snap]).expect(0);
        assert_eq!(serde_json::from_str::<Value>(&run.out).unwrap()["payload"], payload, "{snap}");
    }
}

#[test]
fn assets_and_filters_choose_packets() {
    let sandbox = Sandbox::new();
    zoo_in(&sandbox);
    let frames = |arguments: &[&str]| {
        let run = sandbox.pcapml([&["print", "zoo.pcap", "--format", "jsonl"], arguments].concat()).expect(0);
        let numbers: Vec<u64> = run
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["frame.number"].as_u64().unwrap())
            .collect();
        assert!(run.err.contains(&format!("{} of 15 packets printed", numbers.len())), "{}", run.err);
        numbers
    };
    assert_eq!(frames(&["--asset-ip", "2001:db8::2"]), [5, 6]);
    assert_eq!(frames(&["--asset-ip", "192.0.2.1,2001:db8::/32"]), [5, 6]);
    assert_eq!(frames(&["--asset-ip", "10.0.0.5"]), [1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 14]);
    // The third is an ICMP error about port 500.
    assert_eq!(frames(&["--asset-port", "500,443"]), [3, 6]);
    assert_eq!(frames(&["--assetip", "10.0.0.0/8", "--assetport", "53,443"]), [2, 12]);
    assert_eq!(frames(&["--bpf", "ip6 and tcp"]), [6]);
    assert_eq!(frames(&["--bpf", "udp", "--asset-port", "53"]), [2]);
    sandbox.pcapml(["print", "zoo.pcap", "--bpf", "host"]).expect(1).says("libpcap rejects the filter 'host'");
    sandbox.pcapml(["print", "zoo.pcap", "--asset-ip", "10.0.0.5/33"]).expect(1).says("is no network");
    sandbox.pcapml(["print", "zoo.pcap", "--asset-port", "65536"]).expect(1);
}

#[test]
fn filters_know_the_length_on_the_wire_and_the_link_type() {
    let sandbox = Sandbox::new();
    let mut file = pcap(1, &[ethernet(0x0800, &ipv4(17, 64, 0, &udp((1, 2), b"x")))]);
    file[36..40].copy_from_slice(&1500_u32.to_le_bytes());
    sandbox.write("cut.pcap", file);
    assert_eq!(lines(&sandbox, &["cut.pcap", "--bpf", "greater 600"]).len(), 1);
    sandbox.write("raw.pcap", pcap(101, &[ipv4(17, 64, 0, &udp((1, 2), b"x"))]));
    let run = sandbox.pcapml(["print", "raw.pcap", "--bpf", "ether host 1:2:3:4:5:6"]).expect(0);
    assert_eq!(run.out, "");
    run.says("passes no packets of link type 101 (RAW)").says("0 of 1 packet printed");
}

#[test]
fn times_are_those_of_the_zone() {
    let sandbox = Sandbox::new();
    zoo_in(&sandbox);
    let time = |zone: &str| {
        let run = sandbox.pcapml(["print", "zoo.pcap", "--timezone", zone]).expect(0);
        run.out.lines().next().unwrap().split('\t').skip(1).take(2).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(time("UTC"), "[1500285748.080123000 2017-07-17 10:02:28.080123000Z]");
    assert_eq!(time("Asia/Shanghai"), "[1500285748.080123000 2017-07-17 18:02:28.080123000+08:00]");
    assert_eq!(time("-03:30"), "[1500285748.080123000 2017-07-17 06:32:28.080123000-03:30]");
    sandbox.pcapml(["print", "zoo.pcap", "--timezone", "Mars"]).expect(1).says("'Mars' is no time zone");
}

#[test]
fn labels_are_told() {
    let sandbox = Sandbox::new();
    zoo_in(&sandbox);
    sandbox.write("rules.csv", "BPF:tcp,we=b\nBPF:port 443,tls\n");
    let label = ["label", "zoo.pcap", "--labels", "rules.csv", "--match", "all", "--ids", "sequential"];
    sandbox.pcapml([&label[..], &["--keep-unlabeled", "-o", "l.pcapng"]].concat()).expect(0);
    let lines = lines(&sandbox, &["l.pcapng", "--snap", "0"]);
    assert!(lines[0].ends_with("LEN=20 FRAME=1 SAMPLE=0 LABEL=we=b"), "{}", lines[0]);
    assert!(lines[5].ends_with("FRAME=6 SAMPLE=0 LABEL=we=b SAMPLE=1 LABEL=tls"), "{}", lines[5]);
    assert!(lines[1].ends_with("FRAME=2"), "{}", lines[1]);
    let run = sandbox.pcapml(["print", "l.pcapng", "--format", "jsonl"]).expect(0);
    let record: Value = serde_json::from_str(run.out.lines().nth(5).unwrap()).unwrap();
    assert_eq!((&record["sample_id"], &record["label"]), (&"0".into(), &"we=b".into()));
    assert_eq!(record["samples"][1], serde_json::json!({"sample_id": "1", "label": "tls"}));
}

#[test]
fn inputs_may_be_several_packed_piped_or_directories() {
    let sandbox = Sandbox::new();
    let packet = |text: &[u8]| pcap(101, &[ipv4(17, 64, 0, &udp((1, 2), text))]);
    sandbox.write("d/a.pcap", packet(b"a"));
    sandbox.write("d/e/b.pcap", packet(b"b"));
    let printed = lines(&sandbox, &["d", "--payload", "text"]);
    assert!(printed[0].ends_with("DATA=a LEN=1 FRAME=1 FILE=a.pcap"), "{printed:?}");
    assert!(printed[1].ends_with("DATA=b LEN=1 FRAME=1 FILE=e/b.pcap"), "{printed:?}");
    sandbox.tool("gzip", &["d/a.pcap"]);
    let printed = lines(&sandbox, &["d/a.pcap.gz"]);
    assert_eq!(printed, ["[UDP] T 10.0.0.5:1(-) ----->10.0.0.2:2(-) ttl=64 DATA_BINARY=61 LEN=1 FRAME=1"]);
    let mut command = sandbox.command();
    command.args(["print", "-"]).stdin(fs::File::open(sandbox.path("d/a.pcap.gz")).unwrap());
    assert_eq!(crate::support::Run::of(&mut command).expect(0).out.lines().count(), 1);
}

#[test]
fn lines_come_at_once_where_that_is_asked_for() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command();
    let arguments = ["print", "-", "--line-buffered"];
    let mut run = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = run.stdin.take().unwrap();
    let mut output = BufReader::new(run.stdout.take().unwrap());
    let file = pcap(101, &[ipv4(17, 64, 0, &udp((1, 2), b"x"))]);
    input.write_all(&file).unwrap();
    for _ in 0..2 {
        // The input is still open: the line must come before its end.
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.starts_with("[UDP]"), "{line}");
        input.write_all(&file[24..]).unwrap();
    }
    drop(input);
    assert!(run.wait().unwrap().success());
}

#[test]
fn outputs_are_whole_or_not_there() {
    let sandbox = Sandbox::new();
    zoo_in(&sandbox);
    sandbox.pcapml(["print", "zoo.pcap", "-o", "out.txt"]).expect(0).says("15 of 15 packets printed");
    let printed = fs::read_to_string(sandbox.path("out.txt")).unwrap();
    assert_eq!(printed, sandbox.pcapml(["print", "zoo.pcap"]).expect(0).out);
    sandbox.pcapml(["print", "zoo.pcap", "-o", "out.txt"]).expect(1).says("exists already");
    sandbox.pcapml(["print", "zoo.pcap", "-o", "out.txt", "--force", "--snap", "0"]).expect(0);
    assert_ne!(printed, fs::read_to_string(sandbox.path("out.txt")).unwrap());
    let whole = fs::read(sandbox.path("zoo.pcap")).unwrap();
    sandbox.write("cut.pcap", &whole[..whole.len() - 3]);
    assert_eq!(sandbox.pcapml(["print", "cut.pcap", "-o", "cut.txt"]).expect(2).out, "");
    assert_eq!(fs::read_to_string(sandbox.path("cut.txt")).unwrap().lines().count(), 14);
    sandbox.pcapml(["print", "cut.pcap", "-o", "strict.txt", "--strict"]).expect(1);
    assert!(!sandbox.path("strict.txt").exists());
}

/// What is compared, by Wireshark's names.
const FIELDS: [&str; 30] = [
    "frame.number",
    "frame.time_epoch",
    "frame.len",
    "frame.cap_len",
    "eth.src",
    "eth.dst",
    "vlan.id",
    "ip.version",
    "ip.src",
    "ip.dst",
    "ip.proto",
    "ip.ttl",
    "ip.dsfield",
    "ip.id",
    "ip.flags",
    "ip.frag_offset",
    "ipv6.src",
    "ipv6.dst",
    "ipv6.hlim",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.flags",
    "tcp.window_size_value",
    "tcp.len",
    "udp.srcport",
    "udp.dstport",
    "udp.length",
    "icmp.type",
];

/// A record under Wireshark's names; empty where there is nothing.
fn named_as_wireshark(record: &Value) -> BTreeMap<String, String> {
    let is_4 = record["ip.version"] == 4;
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let of = |name: &str| -> String {
        let ours = match name {
            // A number of JSON; its digits are compared with the text of the line.
            "frame.time_epoch" => "ts",
            "vlan.id" => "vlan",
            "tcp.seq_raw" => "tcp.seq",
            "tcp.ack_raw" => "tcp.ack",
            "tcp.window_size_value" => "tcp.window",
            "ip.src" | "ip.dst" | "ip.proto" | "ip.dsfield" | "icmp.type" | "ip.id" | "ip.flags" if !is_4 => {
                return String::new();
            }
            "ip.frag_offset" => {
                let has_ip = is_4 && record["ip.ttl"].is_number();
                let units = record[name].as_u64().unwrap_or(0) / 8;
                return if has_ip { units.to_string() } else { String::new() };
            }
            "ipv6.src" | "ipv6.dst" if is_4 => return String::new(),
            "ipv6.src" => "ip.src",
            "ipv6.dst" => "ip.dst",
            name => name,
        };
        if record[ours].is_null() { String::new() } else { shown(&record[ours]) }
    };
    FIELDS.iter().map(|name| ((*name).to_owned(), of(name))).collect()
}

/// The fields of a line of text that a record has too.
fn of_line(line: &str) -> BTreeMap<&'static str, String> {
    let mut parts = line.split('\t');
    let (head, epoch, _, ends) = (parts.next().unwrap(), parts.next().unwrap(), parts.next(), parts.next().unwrap());
    let mut fields = BTreeMap::from([("frame.time_epoch", epoch.trim_start_matches('[').to_owned())]);
    let (from, to) = ends.split_once(" ----->").unwrap();
    for (end, [ip, port, mac]) in [(from, ["src", "sport", "eth.src"]), (to, ["dst", "dport", "eth.dst"])] {
        let (host, address) = end.trim_end_matches(')').split_once('(').unwrap();
        fields.insert(mac, address.trim_start_matches('-').to_owned());
        let (host, number) = match host.strip_prefix('[').and_then(|host| host.split_once("]:")) {
            Some(parts) => parts,
            None if host.matches(':').count() == 1 => host.split_once(':').unwrap(),
            None => (host, ""),
        };
        fields.insert(ip, host.to_owned());
        fields.insert(port, number.to_owned());
    }
    for (name, ours) in [
        ("SEQ=", "tcp.seq_raw"),
        ("ACK=", "tcp.ack_raw"),
        ("WIN=", "tcp.window_size_value"),
        ("ttl=", "ttl"),
        ("FRAME=", "frame.number"),
        ("LEN=", "length"),
        ("FLAGS=", "flags"),
    ] {
        if let Some(value) = line.split('\t').find_map(|part| part.strip_prefix(name)) {
            fields.insert(ours, value.to_owned());
        }
    }
    fields.insert("head", head.to_owned());
    fields
}

/// The faults of a line of text against the record of the same packet.
fn line_faults(line: &str, row: &BTreeMap<String, String>) -> Vec<String> {
    let fields = of_line(line);
    let either = |one: &str, other: &str| if row[one].is_empty() { row[other].clone() } else { row[one].clone() };
    let mut expected: Vec<(&str, String)> =
        ["frame.number", "frame.time_epoch", "eth.src", "eth.dst"].map(|name| (name, row[name].clone())).to_vec();
    if !row["ip.version"].is_empty() {
        expected.push(("ttl", either("ip.ttl", "ipv6.hlim")));
        expected.extend([("src", either("ip.src", "ipv6.src")), ("dst", either("ip.dst", "ipv6.dst"))]);
    }
    if fields["head"] == "[TCP]" {
        expected.extend(["tcp.seq_raw", "tcp.ack_raw", "tcp.window_size_value"].map(|name| (name, row[name].clone())));
        expected.extend([("sport", row["tcp.srcport"].clone()), ("dport", row["tcp.dstport"].clone())]);
        expected.push(("length", row["tcp.len"].clone()));
        let set: u16 = row["tcp.flags"].parse().unwrap();
        let names = ["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"];
        let flags = names.iter().zip([128, 64, 32, 16, 8, 4, 2, 1]).filter(|(_, bit)| set & bit != 0);
        expected.push((
            "flags",
            format!("[{}]", flags.map(|(name, _)| format!("'{name}'")).collect::<Vec<_>>().join(", ")),
        ));
    }
    if fields["head"] == "[UDP]" {
        expected.extend([("sport", row["udp.srcport"].clone()), ("dport", row["udp.dstport"].clone())]);
    }
    let wrong = expected.into_iter().filter(|(name, value)| fields.get(name) != Some(value));
    wrong.map(|(name, value)| format!("{name}: {:?} and {value}", fields.get(name))).collect()
}

/// The differences to Wireshark's fields in a capture: those with a known reason, and the others.
fn compare(sandbox: &Sandbox, capture: &Path, known: &mut BTreeMap<&'static str, u64>) -> (u64, Vec<String>) {
    let shown = capture.to_str().unwrap();
    let print = |format: &str| {
        let run = sandbox.pcapml(["print", shown, "--outer", "--snap", "0", "--format", format]);
        assert_ne!(run.status, 1, "{shown}: {}", run.err);
        run.out
    };
    let (json, text) = (print("jsonl"), print("text"));
    let epoch = Regex::new(r#""ts":([\d.-]+)"#).unwrap();
    let mut arguments = vec!["-r", shown, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|"];
    arguments.extend(TSHARK);
    let asked = || FIELDS.iter().copied().chain(["ipv6.nxt"]);
    asked().for_each(|name| arguments.extend(["-e", name]));
    let theirs = String::from_utf8(sandbox.try_tool("tshark", &arguments).stdout).unwrap();
    let (mut values, mut unknown) = (0, Vec::new());
    for ((object, line), other) in json.lines().zip(text.lines()).zip(theirs.lines()) {
        let mut row = named_as_wireshark(&serde_json::from_str(object).unwrap());
        let time = epoch.captures(object).map_or(String::new(), |found| found[1].to_owned());
        row.insert("frame.time_epoch".to_owned(), time.clone());
        let faults = line_faults(line, &row);
        unknown.extend(faults.into_iter().map(|fault| format!("{shown} {}: text: {fault}", row["frame.number"])));
        let cells: BTreeMap<&str, &str> = asked().zip(other.split('\t')).collect();
        for name in FIELDS {
            let theirs = match name {
                "frame.time_epoch" => cells[name].to_owned(),
                _ => as_ours(name, cells[name]),
            };
            values += 1;
            if row[name] == theirs {
                continue;
            }
            if name == "frame.time_epoch" && theirs.starts_with('-') && !row[name].starts_with('-') {
                *known.entry("seconds of 32 bits: Wireshark takes those from 2038 on for negative").or_default() += 1;
                continue;
            }
            match reason(name, &row[name], &row, &cells) {
                Some(reason) => *known.entry(reason).or_default() += 1,
                None => unknown.push(format!("{shown} {}: {name}: {} and {theirs}", row["frame.number"], row[name])),
            }
        }
    }
    let counts = [json.lines().count(), text.lines().count(), theirs.lines().count()];
    if counts.iter().any(|count| *count != counts[0]) {
        unknown.push(format!("{shown}: {counts:?} lines"));
    }
    (values, unknown)
}

#[test]
fn printed_fields_are_wireshark_s() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (mut values, mut known, mut unknown) = (0, BTreeMap::new(), Vec::new());
    let mut captures = captures(&corpus, 30);
    captures.push(apps().join("pcaps/http/curl-v4-1.pcap"));
    for capture in &captures {
        let (compared, differences) = compare(&sandbox, capture, &mut known);
        values += compared;
        unknown.extend(differences);
    }
    println!("print: {} captures, {values} values compared; differences by reason: {known:?}", captures.len());
    assert!(unknown.is_empty(), "{} differences:\n{}", unknown.len(), unknown[..unknown.len().min(40)].join("\n"));
}

#[test]
fn payloads_are_wireshark_s() {
    let capture = apps().join("pcaps/http/curl-v4-1.pcap");
    let shown = capture.to_str().unwrap();
    let sandbox = Sandbox::new();
    let theirs = sandbox.tool("tshark", &["-r", shown, "-T", "fields", "-e", "tcp.payload"]);
    let run = sandbox.pcapml(["print", shown, "--format", "jsonl", "--payload", "hex"]).expect(0);
    let ours: Vec<String> = run
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["payload"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ours, theirs.lines().collect::<Vec<_>>());
    assert!(ours.iter().any(|payload| payload.len() > 100));
}
