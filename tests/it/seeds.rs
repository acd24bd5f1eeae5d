//! What Pkt_Analyser, PyFlowMeter and pkt2flow do, done here: judged by tshark, and by values worked out by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Fact, Run, Sandbox, corpus, csv_rows, packets};

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn names(directory: &Path) -> Vec<String> {
    files(directory).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

/// What a run says: packets read, in flows, and the sum of all reasons for not being in one.
fn accounting(run: &Run) -> (u64, u64, u64) {
    let line = run.err.lines().find(|line| line.contains(" read: ")).unwrap_or_else(|| panic!("{}", run.err));
    let numbers = |text: &str| -> Vec<u64> { text.split([' ', '(']).filter_map(|word| word.parse().ok()).collect() };
    let mut parts = line.trim_start_matches("pcapml: ").split("; ");
    let first = numbers(parts.next().unwrap());
    (first[0], first[1], parts.map(|part| numbers(part)[0]).sum())
}

fn facts(path: &Path) -> Vec<Fact> {
    packets(path).into_iter().map(|(fact, _)| fact).collect()
}

/// Each flow's packets, by its number in the metadata of a split.
fn split_flows(sandbox: &Sandbox, directory: &str) -> BTreeMap<String, u64> {
    let mut flows = BTreeMap::new();
    for row in csv_rows(&fs::read_to_string(sandbox.path(directory).join("metadata.csv")).unwrap()) {
        *flows.entry(row["flow_id"].clone()).or_default() += row["Packets"].parse::<u64>().unwrap();
    }
    flows
}

#[test]
fn every_packet_of_a_flow_is_in_its_file() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (mut captures, mut read_in_all, mut flows_in_all) = (0, 0, 0);
    let of = |directory: &str, every: usize| files(&corpus.join(directory)).into_iter().step_by(every);
    for capture in of("labelled/pcaps", 6).chain(of("conformance/variety", 3)).chain(of("dissect/pcaps", 12)) {
        let shown = capture.display();
        let _ = fs::remove_dir_all(sandbox.path("flows"));
        let path = capture.to_str().unwrap();
        let split = sandbox.pcapml(["split", path, "-o", "flows", "--by", "flow"]);
        assert_ne!(split.status, 1, "{shown}: {}", split.err);
        let (read, in_flows, outside) = accounting(&split);
        assert_eq!(read, in_flows + outside, "{shown}: {}", split.err);
        // The same flows as those of the command of that name.
        let rows = sandbox.pcapml(["flows", path, "-o", "rows.csv", "--force"]);
        assert_eq!(accounting(&rows), (read, in_flows, outside), "{shown}");
        let rows = csv_rows(&fs::read_to_string(sandbox.path("rows.csv")).unwrap());
        let number = |text: &String| text.parse::<u64>().unwrap();
        let expected: BTreeMap<String, u64> = rows
            .iter()
            .map(|row| (row["flow_id"].clone(), number(&row["fwd_packets"]) + number(&row["bwd_packets"])))
            .collect();
        assert_eq!(split_flows(&sandbox, "flows"), expected, "{shown}");
        if split.status != 0 {
            continue;
        }
        // Each file's packets are packets of the capture, in its order. A pcap has no times before 1970 or after 2106.
        let moved = split.err.contains("moved to the nearest");
        let facts = |path: &Path| {
            let of = |fact: Fact| Fact { time: fact.time.filter(|_| !moved), ..fact };
            facts(path).into_iter().map(of).collect::<Vec<_>>()
        };
        let input = facts(&capture);
        let mut in_files = 0;
        for file in files(&sandbox.path("flows")).iter().filter(|path| path.extension().unwrap() == "pcap") {
            let mut rest = input.iter();
            for fact in facts(file) {
                assert!(rest.any(|other| *other == fact), "{shown}: {} {fact:?}", file.display());
                in_files += 1;
            }
        }
        let memberships: u64 = expected.values().sum();
        assert_eq!(in_files, memberships, "{shown}");
        captures += 1;
        read_in_all += read;
        flows_in_all += expected.len();
    }
    println!("seeds: {captures} captures split, {read_in_all} packets, {flows_in_all} flows, each in its file");
    assert!(captures > 50);
}

/// The packets of each of tshark's streams, as one text each.
fn tshark_streams(sandbox: &Sandbox, capture: &Path, all: &[Fact]) -> BTreeSet<String> {
    let arguments = ["-r", capture.to_str().unwrap(), "-T", "fields", "-e", "frame.number", "-e", "frame.protocols"];
    let listed = sandbox
        .tool("tshark", &[&arguments[..], &["-e", "tcp.stream", "-e", "udp.stream", "-E", "occurrence=f"]].concat());
    let mut streams: BTreeMap<(String, String), String> = BTreeMap::new();
    for line in listed.lines() {
        let [number, protocols, tcp, udp] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        // Of IP in IP, tshark counts what is inside.
        let is_inside = protocols.contains(":ip:ipv6") || protocols.contains(":ipv6:ip");
        if !(is_inside || tcp.is_empty() && udp.is_empty()) {
            let digest = &all[number.parse::<usize>().unwrap() - 1].digest;
            streams.entry((tcp.to_owned(), udp.to_owned())).or_default().push_str(digest);
        }
    }
    streams.into_values().collect()
}

#[test]
fn flows_are_tshark_s_streams() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    // tshark counts streams of the outermost header, and knows no timeout.
    for (name, least) in [("single/merged.pcap", 250), ("extra/slowloris.pcap", 20)] {
        let capture = corpus.join(name);
        let output = format!("flows-{}", least);
        let arguments = ["split", capture.to_str().unwrap(), "-o", &output, "--by", "flow", "--outer", "-t", "10000h"];
        sandbox.pcapml(arguments).expect(0);
        let of_streams = tshark_streams(&sandbox, &capture, &facts(&capture));
        let text = |file: &PathBuf| facts(file).into_iter().map(|fact| fact.digest).collect::<String>();
        let of_ports = |path: &&PathBuf| {
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            stem.ends_with("_tcp") || stem.ends_with("_udp")
        };
        let of_files: BTreeSet<String> = files(&sandbox.path(&output)).iter().filter(of_ports).map(text).collect();
        assert!(of_files.len() >= least, "{name}: {}", of_files.len());
        assert!(of_files == of_streams, "{name}: {} and {}", of_files.len(), of_streams.len());
        // And tshark's own copy of a stream is the file, byte for byte of every frame.
        for stream in 0..4 {
            let filter = format!("tcp.stream == {stream}");
            let arguments = ["-r", capture.to_str().unwrap(), "-Y", &filter, "-F", "pcap", "-w", "stream.pcap"];
            sandbox.tool("tshark", &arguments);
            let stream = facts(&sandbox.path("stream.pcap"));
            let same = files(&sandbox.path(&output)).iter().filter(of_ports).any(|file| facts(file) == stream);
            assert!(same && !stream.is_empty(), "{name}: {filter}");
        }
        println!("seeds: {name}: {} files are tshark's streams", of_files.len());
    }
}

#[test]
fn flows_of_samples_carry_their_labels() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    sandbox.pcapml(["split", "apps.pcapng", "-o", "flows", "--by", "flow"]).expect(0).says("3105 in 127 flows");
    let rows = csv_rows(&fs::read_to_string(sandbox.path("flows/metadata.csv")).unwrap());
    assert_eq!(names(&sandbox.path("flows")).len(), 128);
    let samples = csv_rows(&sandbox.pcapml(["samples", "apps.pcapng", "--format", "csv"]).expect(0).out);
    for sample in &samples {
        let of_sample: Vec<_> = rows.iter().filter(|row| row["SampleID"] == sample["sample_id"]).collect();
        assert!(of_sample.iter().all(|row| row["Label"] == sample["label"] && row["client"] == sample["client"]));
        let total: u64 = of_sample.iter().map(|row| row["Packets"].parse::<u64>().unwrap()).sum();
        assert_eq!(total.to_string(), sample["packets"]);
    }
    // Coupled again, they are the samples that they were.
    sandbox
        .pcapml(["label", "flows", "--labels", "flows/metadata.csv", "-o", "again.pcapng"])
        .expect(0)
        .says("labelled 3105 packets of 90 samples");
    let again = csv_rows(&sandbox.pcapml(["samples", "again.pcapng", "--format", "csv"]).expect(0).out);
    let known = |rows: &[BTreeMap<String, String>]| -> BTreeSet<BTreeMap<String, String>> {
        let of = |row: &BTreeMap<String, String>| {
            let mut row = row.clone();
            row.remove("interfaces");
            row
        };
        rows.iter().map(of).collect()
    };
    assert_eq!(known(&again), known(&samples));
    // What says what flows are is refused where there are none.
    for option in ["--outer", "--key=vlan", "-t=5", "--active-timeout=5", "--max-flows=64"] {
        sandbox.pcapml(["split", "apps.pcapng", "-o", "x", option]).expect(1).says("go with --by flow");
    }
    sandbox.pcapml(["split", "apps.pcapng", "-o", "small", "--by", "flow", "--max-flows", "64"]).expect(0);
}

/// A TCP segment of 10.0.0.1:1000 and 10.0.0.2:80 in raw IP.
struct Segment {
    microseconds: u32,
    forward: bool,
    flags: u8,
    sequence: u32,
    payload: &'static [u8],
}

const SYN: u8 = 2;
const PSH: u8 = 8;
const ACK: u8 = 16;

fn segment(microseconds: u32, forward: bool, flags: u8, sequence: u32, payload: &'static [u8]) -> Segment {
    Segment { microseconds, forward, flags, sequence, payload }
}

fn ip(forward: bool, protocol: u8, body: &[u8]) -> Vec<u8> {
    let length = 20 + body.len() as u16;
    let [l0, l1] = length.to_be_bytes();
    let (from, to) = if forward { (1, 2) } else { (2, 1) };
    let mut bytes = vec![0x45, 0x10, l0, l1, 0, 7, 0, 0, 63, protocol, 0, 0, 10, 0, 0, from, 10, 0, 0, to];
    bytes.extend_from_slice(body);
    bytes
}

impl Segment {
    fn bytes(&self) -> Vec<u8> {
        let (from, to): (u16, u16) = if self.forward { (1000, 80) } else { (80, 1000) };
        let mut tcp = [from.to_be_bytes(), to.to_be_bytes()].concat();
        tcp.extend(self.sequence.to_be_bytes());
        tcp.extend([0, 0, 0, 0, 0x50, self.flags, 0x20, 0, 0, 0, 0, 9]);
        tcp.extend_from_slice(self.payload);
        ip(self.forward, 6, &tcp)
    }
}

/// A pcap of raw IP packets, at microseconds after 1,700,000,000 s.
fn pcap(packets: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in [0xa1b2_c3d4_u32, 2 | 4 << 16, 0, 0, 65_535, 101] {
        bytes.extend(field.to_le_bytes());
    }
    for (microseconds, packet) in packets {
        let length = packet.len() as u32;
        for field in [1_700_000_000 + microseconds / 1_000_000, microseconds % 1_000_000, length, length] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.extend_from_slice(packet);
    }
    bytes
}

/// A handshake, then two segments with data each way; the client's numbers run over, and one of its segments comes twice,
/// once whole and once in a part of another.
fn conversation() -> Vec<u8> {
    let start = u32::MAX - 2;
    let segments = [
        segment(0, true, SYN, start, b""),
        segment(100, false, SYN | ACK, 500, b""),
        segment(200, true, ACK, start.wrapping_add(1), b""),
        segment(300, true, PSH | ACK, start.wrapping_add(1), b"hello"),
        segment(400, false, PSH | ACK, 501, b"ok"),
        segment(1_000_300, true, PSH | ACK, start.wrapping_add(1), b"hello"),
        segment(1_000_400, true, PSH | ACK, start.wrapping_add(3), b"llo"),
        segment(2_000_500, true, PSH | ACK, start.wrapping_add(6), b"again"),
        segment(2_000_600, false, PSH | ACK, 503, b"bye"),
    ];
    let mut packets: Vec<_> = segments.iter().map(|segment| (segment.microseconds, segment.bytes())).collect();
    // A datagram between the same ports, a packet of another protocol, and a fragment without its first.
    packets.push((2_000_700, ip(false, 17, &[0, 80, 3, 232, 0, 10, 0, 0, b'u', b'd'])));
    packets.push((2_000_800, ip(true, 1, &[8, 0, 0, 0, 0, 1, 0, 1])));
    let mut fragment = ip(true, 17, &[1; 16]);
    fragment[7] = 5;
    packets.push((2_000_900, fragment));
    pcap(&packets)
}

/// The values in a file of JSON Lines, as Python reads them.
fn parsed(sandbox: &Sandbox, name: &str) -> Vec<Value> {
    let script = "import json,sys; print(json.dumps([json.loads(line) for line in open(sys.argv[1])]))";
    let text = sandbox.tool("python3", &["-c", script, name]);
    serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap().clone()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn pkt_analyser_has_the_values_worked_out_by_hand() {
    let sandbox = Sandbox::new();
    sandbox.write("classes/web/one.pcap", conversation());
    sandbox.write("classes/empty/readme.txt", "nothing here");
    sandbox
        .pcapml(["features", "classes", "--set", "pkt_analyser", "-s", "-o", "plain"])
        .expect(0)
        .says("12 packets read: 5 in 2 flows; 1 fragment without its first; 1 neither TCP nor UDP; 3 without payload; 2 retransmission")
        .says("class0.json: empty, 0 flows\n    class1.json: web, 2 flows");
    assert_eq!(names(&sandbox.path("plain")), ["class0.json", "class1.json", "classes.csv"]);
    let index = csv_rows(&fs::read_to_string(sandbox.path("plain/classes.csv")).unwrap());
    assert_eq!((index[1]["File"].as_str(), index[1]["Class"].as_str()), ("class1.json", "web"));
    assert_eq!((index[1]["Flows"].as_str(), index[1]["Packets"].as_str()), ("2", "5"));
    let key = json!({"source_addr": "10.0.0.1", "dest_addr": "10.0.0.2", "source_port": 1000, "dest_port": 80, "protocol": "TCP"});
    let at =
        |seconds: u32, microseconds: u32| json!({"seconds": 1_700_000_000 + seconds, "microseconds": microseconds});
    let start = u32::MAX - 2;
    let plain = |direction: &str, segment: Segment, time: Value| json!({"direction": direction, "time_stamp": time, "data_len": segment.payload.len(), "ip_content": hexadecimal(&segment.bytes())});
    let flows = parsed(&sandbox, "plain/class1.json");
    let expected = json!({
        "pkt_num": 4,
        "pkt_info": [
            plain(">", segment(300, true, PSH | ACK, start.wrapping_add(1), b"hello"), at(0, 300)),
            plain("<", segment(400, false, PSH | ACK, 501, b"ok"), at(0, 400)),
            plain(">", segment(0, true, PSH | ACK, start.wrapping_add(6), b"again"), at(2, 500)),
            plain("<", segment(0, false, PSH | ACK, 503, b"bye"), at(2, 600)),
        ],
        "start_time_stamp": at(0, 0), "init_seq": start, "init_seq_backward": 500, "flow_key": key,
    });
    assert_eq!(flows[0], expected);
    assert_eq!((&flows[1]["pkt_num"], &flows[1]["flow_key"]["protocol"]), (&json!(1), &json!("UDP")));
    assert_eq!(flows[1]["flow_key"]["source_addr"], "10.0.0.2");
    // Field by field.
    sandbox.pcapml(["features", "classes/web", "--set", "pkt_analyser", "-sm", "-n", "web", "-o", "fields"]).expect(0);
    assert_eq!(names(&sandbox.path("fields")), ["classes.csv", "web0.json"]);
    let fields = |forward: u8, delta: (u32, u32), length: u32, sequence: u32, data: &[u8]| {
        json!({
            "direction_forward": forward, "direction_backward": 1 - forward,
            "time": {"sec_delta": delta.0, "microsec_delta": delta.1}, "data_len": length, "ip_len": 40 + length,
            "ip_hlen": 20, "ip_tos": 16, "ip_ttl": 63, "th_seq": sequence, "4layer_hdr_len": 20, "URG": 0, "PSH": 1,
            "RST": 0, "FIN": 0, "ACK": 1, "SYN": 0, "ECE": 0, "CWR": 0, "th_win": 8192, "th_urp": 9,
            "data": hexadecimal(data),
        })
    };
    let flows = parsed(&sandbox, "fields/web0.json");
    let expected = json!([
        key,
        fields(1, (0, 300), 5, 1, b"hello"),
        fields(0, (0, 400), 2, 1, b"ok"),
        fields(1, (2, 500), 5, 6, b"again"),
        fields(0, (2, 600), 3, 3, b"bye"),
    ]);
    assert_eq!(flows[0], expected);
    let of_udp = &flows[1][1];
    assert_eq!((&of_udp["th_seq"], &of_udp["4layer_hdr_len"], &of_udp["data"]), (&json!(0), &json!(8), &json!("7564")));
    assert_eq!(flows.len(), 2);
}

#[test]
fn pkt_analyser_of_one_direction_and_of_the_original() {
    let sandbox = Sandbox::new();
    let capture = conversation();
    sandbox.write("one.pcap", &capture);
    let run = |options: &[&str]| {
        let fixed = ["features", "one.pcap", "--set", "pkt_analyser", "-o", "out", "--force"];
        let run = sandbox.pcapml([&fixed[..], options].concat()).expect(0);
        (parsed(&sandbox, "out/class0.json"), run)
    };
    // Each direction is its own flow, and the other direction's numbers are not its.
    let (flows, _) = run(&[]);
    let shown: Vec<_> =
        flows.iter().map(|flow| (flow["pkt_num"].as_u64(), flow["flow_key"]["source_port"].as_u64())).collect();
    assert_eq!(shown, [(Some(2), Some(1000)), (Some(2), Some(80)), (Some(1), Some(80))]);
    assert_eq!((&flows[1]["init_seq"], &flows[1]["init_seq_backward"]), (&json!(500), &json!(0)));
    assert_eq!(flows[1]["start_time_stamp"]["microseconds"], 100);
    let (flows, _) = run(&["-m"]);
    assert_eq!((&flows[1][1]["th_seq"], &flows[1][1]["direction_forward"]), (&json!(1), &Value::Null));
    // The original's key has no protocol, and its part of a segment is no retransmission.
    let (flows, said) = run(&["--compat", "-s"]);
    assert_eq!((flows.len(), &flows[0]["pkt_num"]), (1, &json!(6)));
    said.says("3 without payload; 1 retransmission");
    // And with -m it writes no flow of fewer than ten packets.
    let (flows, said) = run(&["--compat", "-s", "-m"]);
    assert!(flows.is_empty());
    said.says("0 in 0 flows").says("6 in flows of fewer than 10");
    let long = (0..10).map(|at| (at, segment(at, true, ACK, at * 4, b"data").bytes())).collect::<Vec<_>>();
    sandbox.write("one.pcap", pcap(&long));
    assert_eq!(run(&["--compat", "-m"]).0[0].as_array().unwrap().len(), 11);
    // Flows end by time, and not where the original is asked for.
    let apart =
        [(0, segment(0, true, ACK, 0, b"one").bytes()), (200_000_000, segment(0, true, ACK, 9, b"two").bytes())];
    sandbox.write("one.pcap", pcap(&apart));
    assert_eq!((run(&[]).0.len(), run(&["-t", "300"]).0.len(), run(&["--compat"]).0.len()), (2, 1, 1));
    // More than 10,000 packets of a flow are counted, not written.
    let many = (0..10_003).map(|at| (at, segment(at, true, ACK, at, b"d").bytes())).collect::<Vec<_>>();
    sandbox.write("one.pcap", pcap(&many));
    let (flows, said) = run(&["--memory", "8M"]);
    assert_eq!(flows[0]["pkt_info"].as_array().unwrap().len(), 10_000);
    said.says("10003 packets read: 10000 in 1 flow; 3 beyond the first 10000 of their flow");
}

#[test]
fn what_has_no_meaning_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("classes/web/one.pcap", conversation());
    sandbox.write("nothing/web/readme.txt", "no capture");
    for (input, options, fault) in [
        ("classes", &["--set", "cic", "-s"][..], "go with --set pkt_analyser"),
        ("classes", &["--set", "pkt_analyser,cic"], "not joined with others"),
        ("classes", &["--set", "pkt_analyser", "-r"], "JSON Lines of its own"),
        ("classes", &["--set", "pkt_analyser", "--to", "csv"], "JSON Lines of its own"),
        ("classes", &["--set", "pkt_analyser", "--bare"], "JSON Lines of its own"),
        ("classes", &["--set", "pkt_analyser", "--order", "end"], "JSON Lines of its own"),
        ("classes", &["--set", "pkt_analyser", "--undefined", "0"], "JSON Lines of its own"),
        ("classes", &["--set", "pkt_analyser", "--compat", "-t", "9"], "flows end with their capture"),
        ("classes", &["--set", "pkt_analyser", "-n", "../up"], "no beginning of file names"),
        ("nothing", &["--set", "pkt_analyser"], "there are no captures"),
    ] {
        let fixed = ["features", input, "-o", "out"];
        sandbox.pcapml([&fixed[..], options].concat()).expect(1).says(fault);
        assert!(!sandbox.path("out").exists());
    }
    // A capture beside the classes is of none.
    sandbox.write("classes/loose.pcap", conversation());
    sandbox
        .pcapml(["features", "classes", "--set", "pkt_analyser", "-o", "out"])
        .expect(1)
        .says("of which class is it?");
    assert_eq!(sandbox.files(), ["classes", "nothing"]);
}

#[test]
fn payloads_are_tshark_s() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (mut compared, mut captures) = (0, 0);
    for capture in files(&corpus.join("labelled/pcaps")).iter().step_by(4) {
        let path = capture.to_str().unwrap();
        let arguments = ["features", path, "--set", "pkt_analyser", "-sm", "-t", "10000h", "-o", "out", "--force"];
        let run = sandbox.pcapml(arguments);
        assert_ne!(run.status, 1, "{path}: {}", run.err);
        let (read, in_flows, outside) = accounting(&run);
        assert_eq!(read, in_flows + outside, "{path}: {}", run.err);
        // What is cut, in fragments, in tunnels or sent again, tshark shows otherwise or not at all.
        let arguments = ["flows", path, "-o", "rows.csv", "--force", "--key", "tunnel"];
        let plain = sandbox.pcapml(arguments).status == 0
            && !["retransmission", "fragment", "in part"].iter().any(|word| run.err.contains(word));
        let protocols = sandbox.tool("tshark", &["-r", path, "-T", "fields", "-e", "frame.protocols"]);
        let in_tunnels = |line: &str| {
            line.split(':').filter(|name| ["ip", "ipv6"].contains(name)).count() > 1 || line.contains("icmp")
        };
        if !plain || protocols.lines().any(in_tunnels) {
            continue;
        }
        let options = ["-o", "tcp.desegment_tcp_streams:FALSE", "-r", path, "-T", "fields"];
        let fields = ["-e", "tcp.payload", "-e", "udp.payload", "-E", "occurrence=f"];
        let theirs = sandbox.tool("tshark", &[&options[..], &fields].concat());
        let mut theirs: Vec<String> =
            theirs.lines().map(|line| line.replace('\t', "")).filter(|line| !line.is_empty()).collect();
        let flows = parsed(&sandbox, "out/class0.json");
        let of_flow = |flow: &Value| flow.as_array().unwrap()[1..].to_vec();
        let mut ours: Vec<String> =
            flows.iter().flat_map(of_flow).map(|packet| packet["data"].as_str().unwrap().to_owned()).collect();
        theirs.sort();
        ours.sort();
        assert!(ours == theirs, "{path}: {} and {} payloads", ours.len(), theirs.len());
        compared += ours.len();
        captures += 1;
    }
    println!("seeds: {compared} payloads of {captures} captures are tshark's");
    assert!(captures > 10 && compared > 1_000);
}

#[test]
fn each_capture_of_a_directory_has_its_file() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.pcap", conversation());
    sandbox.write("in/a.pcapng", conversation());
    sandbox.write("in/day/b.pcap", conversation());
    sandbox.write("in/notes.txt", "no capture");
    sandbox
        .pcapml(["features", "in", "-r", "--set", "pyflowmeter", "-t", "600", "-i", "100", "-l", "10", "-o", "out"])
        .expect(0)
        .says("-i and -l have no effect")
        .says("a.pcap to a_flow.csv")
        .says("3 files written");
    assert_eq!(names(&sandbox.path("out")), ["a_flow.csv", "a~2_flow.csv", "day_b_flow.csv"]);
    let alone = ["features", "in/a.pcap", "--set", "pyflowmeter", "-t", "600", "-o", "alone.csv"];
    sandbox.pcapml(alone).expect(0);
    assert_eq!(fs::read(sandbox.path("alone.csv")).unwrap(), fs::read(sandbox.path("out/a_flow.csv")).unwrap());
    sandbox.pcapml(["features", "in", "-r", "--set", "flows", "--to", "parquet", "-o", "parquet"]).expect(0);
    assert_eq!(names(&sandbox.path("parquet")), ["a_flow.parquet", "a~2_flow.parquet", "day_b_flow.parquet"]);
    sandbox.pcapml(["features", "in", "-r", "--set", "flows", "-o", "-"]).expect(1).says("needs a directory");
    // One that is broken is told, and the others go on.
    sandbox.write("in/broken.pcap", [0xd4, 0xc3, 0xb2, 0xa1, 9]);
    sandbox.pcapml(["features", "in", "-r", "--set", "flows", "-o", "most"]).expect(2).says("broken.pcap");
    assert_eq!(names(&sandbox.path("most")).len(), 3);
    sandbox.pcapml(["features", "in", "-r", "--set", "flows", "-o", "none", "--strict"]).expect(1);
    assert!(!sandbox.path("none").exists());
}

#[test]
fn rows_are_ordered_by_the_end_of_their_flows() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let ends = |threads: &str, order: &str| {
        let options = ["--set", "flows", "--order", order, "--threads", threads, "-o", "-"];
        let run = sandbox.pcapml([&["features", "apps.pcapng"][..], &options].concat()).expect(0);
        let nanoseconds = |row: &BTreeMap<String, String>| {
            let start = row["start"].parse::<jiff::Timestamp>().unwrap().as_nanosecond();
            (
                start + (row["duration"].parse::<f64>().unwrap() * 1e9).round() as i128,
                row["first_packet"].parse().unwrap(),
            )
        };
        let ends: Vec<(i128, u64)> = csv_rows(&run.out).iter().map(nanoseconds).collect();
        (run.out, ends)
    };
    let (one, in_order) = ends("1", "end");
    assert!(in_order.is_sorted() && in_order.len() == 127);
    assert!(!ends("1", "start").1.is_sorted());
    assert!(ends("3", "end").0 == one);
}

#[test]
fn hostile_captures_and_threads() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let commands: [&[&str]; 4] = [
        &["features", "IN", "--set", "pkt_analyser", "-sm", "--memory", "8M", "-o", "OUT"],
        &["features", "IN", "--set", "pkt_analyser", "--compat", "-o", "OUT"],
        &["split", "IN", "--by", "flow", "--key", "vlan,tunnel", "-o", "OUT"],
        &["features", "IN", "-r", "--set", "flows", "--order", "end", "-o", "OUT"],
    ];
    let mut statuses: BTreeMap<i32, u32> = BTreeMap::new();
    for file in files(&corpus.join("hostile/files")) {
        for command in commands {
            let _ = fs::remove_dir_all(sandbox.path("OUT"));
            let arguments = command.iter().map(|part| if *part == "IN" { file.to_str().unwrap() } else { part });
            let run = sandbox.pcapml(arguments);
            assert!((0..=2).contains(&run.status) && !run.err.contains("panicked"), "{}: {}", file.display(), run.err);
            // Nothing stays of what is not whole.
            assert_eq!(sandbox.files(), if run.status == 1 { &[][..] } else { &["OUT"] }, "{}", file.display());
            *statuses.entry(run.status).or_default() += 1;
        }
    }
    println!("seeds: hostile captures, runs by exit status: {statuses:?}");
    let directory = corpus.join("labelled");
    let capture = corpus.join("single/merged.pcap");
    for (input, options) in [
        (&directory, &["features", "IN", "--set", "pkt_analyser", "-s"][..]),
        (&directory, &["features", "IN", "--set", "pkt_analyser", "-m"]),
        (&capture, &["split", "IN", "--by", "flow"]),
    ] {
        // With little memory, records go through a temporary file, and files are written in many pieces.
        let made = [("1", "1K"), ("3", "512M")].map(|(threads, memory)| {
            let output = sandbox.path(threads);
            let _ = fs::remove_dir_all(&output);
            let arguments = options.iter().map(|part| if *part == "IN" { input.to_str().unwrap() } else { part });
            let run = sandbox.pcapml(arguments.chain(["--threads", threads, "--memory", memory, "-o", threads]));
            assert_ne!(run.status, 1, "{}", run.err);
            files(&output)
                .iter()
                .map(|path| (path.file_name().unwrap().to_owned(), fs::read(path).unwrap()))
                .collect::<Vec<_>>()
        });
        assert!(made[0] == made[1] && !made[0].is_empty(), "{options:?}");
    }
}
