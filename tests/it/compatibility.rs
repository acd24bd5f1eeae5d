//! Sets that are like other programs': elements of IPFIX, CICFlowMeter's errors, PyFlowMeter's. Values worked out by
//! hand.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::support::{Sandbox, corpus, csv_rows, root};

/// Debian's Python.
const PYTHON: &str = "/usr/bin/python3";

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const PSH: u8 = 8;
const ACK: u8 = 16;
const URG: u8 = 32;

/// One packet between 10.0.0.1 and 192.168.0.2.
#[derive(Clone, Copy)]
struct Sent {
    micros: u32,
    /// From 10.0.0.1.
    up: bool,
    carries: Carries,
    /// Bytes behind the transport header.
    payload: usize,
}

#[derive(Clone, Copy)]
enum Carries {
    /// Ports 1000 and 80: flags, window.
    Tcp(u8, u16),
    /// Port 123 to 123.
    Udp,
    /// An echo request, or its answer.
    Echo,
    /// UDP in IPv6.
    Udp6,
}

use Carries::{Echo, Tcp, Udp, Udp6};

fn sent(micros: u32, up: bool, carries: Carries, payload: usize) -> Sent {
    Sent { micros, up, carries, payload }
}

/// The bytes of a packet from its IP header on.
fn bytes(packet: &Sent) -> Vec<u8> {
    let ports = |one: u16, other: u16| {
        let (from, to) = if packet.up { (one, other) } else { (other, one) };
        [from.to_be_bytes(), to.to_be_bytes()].concat()
    };
    let length = (8 + packet.payload as u16).to_be_bytes();
    let (protocol, mut transport) = match packet.carries {
        Tcp(flags, window) => {
            let rest = [[0x50, flags], window.to_be_bytes(), [0, 0], [0, 0]].concat();
            (6, [ports(1000, 80), vec![0, 0, 0, packet.up.into(), 0, 0, 0, 0], rest].concat())
        }
        Udp | Udp6 => (17, [ports(123, 123), length.to_vec(), vec![0, 0]].concat()),
        Echo => (1, vec![if packet.up { 8 } else { 0 }, 0, 0, 0, 0, 7, 0, 1]),
    };
    transport.resize(transport.len() + packet.payload, 0);
    let (up, down) = ([10, 0, 0, 1], [192, 168, 0, 2]);
    let (from, to) = if packet.up { (up, down) } else { (down, up) };
    let ttl = if packet.up { 64 } else { 50 };
    if matches!(packet.carries, Udp6) {
        let mut header = vec![0x60, 0, 0, 0];
        header.extend((transport.len() as u16).to_be_bytes());
        header.extend([protocol, ttl]);
        header.extend([[0; 12].as_slice(), &from, &[0; 12], &to].concat());
        return [header, transport].concat();
    }
    let mut header = vec![0x45, 0x28];
    header.extend((20 + transport.len() as u16).to_be_bytes());
    header.extend([0, 0, 0, 0, ttl, protocol, 0, 0]);
    header.extend([from, to].concat());
    [header, transport].concat()
}

/// A pcap of raw IP; its times begin at second 100.
fn capture(packets: &[Sent]) -> Vec<u8> {
    let mut file: Vec<u8> =
        [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101].iter().flat_map(|w| w.to_le_bytes()).collect();
    for packet in packets {
        let bytes = bytes(packet);
        let (second, micros) = (100 + packet.micros / 1_000_000, packet.micros % 1_000_000);
        let length = bytes.len() as u32;
        file.extend([second, micros, length, length].iter().flat_map(|word| word.to_le_bytes()));
        file.extend(bytes);
    }
    file
}

/// The rows that these options give of these packets.
fn rows(packets: &[Sent], options: &[&str]) -> Vec<BTreeMap<String, String>> {
    let sandbox = Sandbox::new();
    sandbox.write("x.pcap", capture(packets));
    let run = sandbox.pcapml([&["features", "x.pcap", "--bare", "-o", "-", "--set"], options].concat()).expect(0);
    csv_rows(&run.out)
}

/// Columns of one row, as they stand there.
fn shown(row: &BTreeMap<String, String>, names: &[&str]) -> String {
    names.iter().map(|name| row[*name].as_str()).collect::<Vec<_>>().join(" ")
}

/// A request of 100 bytes, an answer of 300, closed by both sides, the last ACK.
const EXCHANGE: [Sent; 7] = [
    Sent { micros: 0, up: true, carries: Tcp(SYN, 1_000), payload: 0 },
    Sent { micros: 10, up: false, carries: Tcp(SYN | ACK, 2_000), payload: 0 },
    Sent { micros: 30, up: true, carries: Tcp(PSH | ACK, 1_001), payload: 100 },
    Sent { micros: 60, up: false, carries: Tcp(PSH | ACK | URG, 2_001), payload: 300 },
    Sent { micros: 100, up: true, carries: Tcp(FIN | ACK, 1_002), payload: 0 },
    Sent { micros: 150, up: false, carries: Tcp(FIN | ACK, 2_002), payload: 0 },
    Sent { micros: 210, up: true, carries: Tcp(ACK, 1_003), payload: 0 },
];

#[test]
fn flows_are_elements_of_ipfix() {
    let row = &rows(&EXCHANGE, &["ipfix"])[0];
    assert_eq!(
        shown(row, &["sourceIPv4Address", "destinationIPv4Address", "sourceIPv6Address", "ipVersion"]),
        "10.0.0.1 192.168.0.2  4"
    );
    assert_eq!(shown(row, &["sourceTransportPort", "destinationTransportPort", "protocolIdentifier"]), "1000 80 6");
    assert_eq!(shown(row, &["octetDeltaCount", "reverseOctetDeltaCount"]), "260 420");
    assert_eq!(shown(row, &["packetDeltaCount", "reversePacketDeltaCount"]), "4 3");
    assert_eq!(shown(row, &["initiatorOctets", "responderOctets"]), "100 300");
    assert_eq!(shown(row, &["layer2OctetDeltaCount", "reverseLayer2OctetDeltaCount"]), "260 420");
    assert_eq!(
        shown(row, &["minimumIpTotalLength", "maximumIpTotalLength", "reverseMaximumIpTotalLength"]),
        "40 140 340"
    );
    assert_eq!(shown(row, &["minimumTTL", "maximumTTL", "reverseMinimumTTL", "reverseMaximumTTL"]), "64 64 50 50");
    assert_eq!(shown(row, &["ipClassOfService", "reverseIpClassOfService"]), "40 40");
    assert_eq!(shown(row, &["tcpControlBits", "reverseTcpControlBits"]), "27 59");
    assert_eq!(shown(row, &["tcpSequenceNumber", "reverseTcpSequenceNumber"]), "1 0");
    assert_eq!(shown(row, &["tcpWindowSize", "reverseTcpWindowSize", "vlanId", "sourceMacAddress"]), "1000 2000  ");
    assert_eq!(shown(row, &["icmpTypeCodeIPv4", "flowEndReason", "flowDurationMilliseconds"]), " 4 0");
    assert_eq!(
        shown(row, &["flowStartNanoseconds", "flowEndNanoseconds"]),
        "1970-01-01T00:01:40.000000Z 1970-01-01T00:01:40.000210Z"
    );
    let icmp = |up| shown(&rows(&[sent(0, up, Echo, 4)], &["ipfix"])[0], &["icmpTypeCodeIPv4", "tcpControlBits"]);
    assert_eq!((icmp(true), icmp(false)), ("2048 ".to_owned(), "0 ".to_owned()));
    let six = &rows(&[sent(0, true, Udp6, 4)], &["ipfix"])[0];
    let names = ["sourceIPv6Address", "destinationIPv6Address", "sourceIPv4Address", "sourceTransportPort"];
    assert_eq!(shown(six, &names), "::a00:1 ::c0a8:2  123");
}

/// The columns of one error, of these packets: the first row with the error, and without.
fn with_and_without(quirk: &str, packets: &[Sent], names: &[&str]) -> [String; 2] {
    let with = shown(&rows(packets, &["cic-legacy", "--legacy", quirk])[0], names);
    [with, shown(&rows(packets, &["cic"])[0], names)]
}

#[test]
fn each_error_of_cicflowmeter_has_its_columns() {
    let first_has_data = [sent(0, true, Tcp(PSH | URG | ACK, 5), 40), sent(2_000_000, false, Tcp(ACK, 6), 10)];
    let lengths = ["Packet Length Mean", "Packet Length Variance", "Average Packet Size"];
    // (40 + 40 + 10) / 3; squares 100 + 100 + 400 by 2; 90 by 2 packets. Right: 50 / 2, 15² + 15² by 1.
    assert_eq!(
        with_and_without("first-packet-twice", &first_has_data, &lengths),
        ["30.0 300.0 45.0", "25.0 450.0 25.0"]
    );
    let flags = ["Fwd PSH Flags", "Bwd PSH Flags", "Fwd URG Flags", "Bwd URG Flags", "PSH Flag Count"];
    assert_eq!(with_and_without("first-flags", &EXCHANGE, &flags), ["0 0 0 0 2", "1 1 0 1 2"]);
    assert_eq!(with_and_without("first-flags", &first_has_data, &flags[..4])[0], "1 0 1 0");
    let windows = ["FWD Init Win Bytes", "Bwd Init Win Bytes"];
    assert_eq!(with_and_without("last-window", &EXCHANGE, &windows), ["1000 2002", "1000 2000"]);
    assert_eq!(
        with_and_without("last-window", &[sent(0, true, Udp, 1), sent(1, false, Udp, 1)], &windows),
        ["-1 -1", " "]
    );
    assert_eq!(with_and_without("data-after-first", &first_has_data, &["Fwd Act Data Pkts"]), ["0", "1"]);
    assert_eq!(with_and_without("data-after-first", &EXCHANGE, &["Fwd Act Data Pkts"]), ["1", "1"]);
    assert_eq!(with_and_without("whole-ratio", &EXCHANGE, &["Down/Up Ratio"]), ["0", "0.75"]);
    let subflows = ["Subflow Fwd Packets", "Subflow Fwd Bytes", "Subflow Bwd Packets", "Subflow Bwd Bytes"];
    assert_eq!(with_and_without("packet-subflows", &EXCHANGE, &subflows), ["0 14 0 42", "4.0 100.0 3.0 300.0"]);
    assert_eq!(
        with_and_without("flow-id", &EXCHANGE, &["Flow ID", "Src IP"]),
        ["192.168.0.2-10.0.0.1-80-1000-6 10.0.0.1", "10.0.0.1-192.168.0.2-1000-80-6 10.0.0.1"]
    );
    assert_eq!(with_and_without("timestamp", &EXCHANGE, &["Timestamp"])[0], "01/01/1970 12:01:40 AM");
    let rates = ["Flow Bytes/s", "Flow Packets/s"];
    assert_eq!(with_and_without("infinity", &[sent(0, true, Udp, 1)], &rates), ["Infinity Infinity", " "]);
    assert_eq!(with_and_without("infinity", &[sent(0, true, Tcp(SYN, 1), 0)], &rates)[0], "NaN Infinity");
    assert_eq!(with_and_without("infinity", &first_has_data, &rates), ["25.0 1.0", "25.0 1.0"]);
    let undefined = ["Flow Bytes/s", "Bwd Packet Length Max", "Idle Mean", "Fwd IAT Std"];
    assert_eq!(with_and_without("zeros", &[sent(0, true, Udp, 1)], &undefined), ["0.0 0 0.0 0.0", "   "]);
}

#[test]
fn bulks_of_both_directions_are_one_and_backward() {
    let data = |micros, up| sent(micros, up, Tcp(ACK, 1), 100);
    let alternating: Vec<Sent> = (0..5).map(|at| data(at * 100_000, at % 2 == 0)).collect();
    let names = [
        "Fwd Bytes/Bulk Avg",
        "Fwd Packet/Bulk Avg",
        "Fwd Bulk Rate Avg",
        "Bwd Bytes/Bulk Avg",
        "Bwd Packet/Bulk Avg",
        "Bwd Bulk Rate Avg",
    ];
    // 500 bytes in 0.4 s.
    assert_eq!(with_and_without("backward-bulks", &alternating, &names), ["0 0 0 500 5 1250", "     "]);
    let forward: Vec<Sent> = (0..4).map(|at| data(at * 300_000, true)).collect();
    let [with, without] = with_and_without("backward-bulks", &forward, &names);
    // 400 bytes in 0.9 s.
    assert_eq!((with.as_str(), without.as_str()), ("0 0 0 400 4 444", "400.0 4.0 444.44444444444446   "));
}

#[test]
fn flows_were_idle_since_1970() {
    let at = |seconds: u32| sent(seconds * 1_000_000, true, Udp, 1);
    let names = ["Active Mean", "Active Max", "Active Min", "Idle Mean", "Idle Max", "Idle Min"];
    // Runs 0 to 2, 20, 40 to 43 s; the middle one has no duration, and the last one is forgotten. Idle: 100, 18, 20 s.
    let runs = [at(0), at(2), at(20), at(40), at(43)];
    assert_eq!(
        with_and_without("idle-since-1970", &runs, &names),
        [
            "2000000.0 2000000.0 2000000.0 46000000.0 100000000.0 18000000.0",
            "1666666.6666666667 3000000.0 0.0 19000000.0 20000000.0 18000000.0"
        ]
    );
}

#[test]
fn flows_are_cut_as_cicflowmeter_cuts_them() {
    let packets = |packets: &[Sent], quirks: &str| -> Vec<String> {
        let rows = rows(packets, &["cic-legacy", "--legacy", quirks]);
        rows.iter().map(|row| shown(row, &["Src IP", "Protocol", "Total Fwd Packet", "Total Bwd packets"])).collect()
    };
    // Right: one flow. After the first FIN: the other side's FIN begins another.
    assert_eq!(packets(&EXCHANGE, "zeros"), ["10.0.0.1 6 4 3"]);
    assert_eq!(packets(&EXCHANGE, "first-fin,first-sender"), ["10.0.0.1 6 3 2", "192.168.0.2 6 1 1"]);
    // RST ends nothing, and a SYN begins nothing.
    let reset = [sent(0, true, Tcp(SYN, 1), 0), sent(1, false, Tcp(RST, 1), 0), sent(2, false, Tcp(SYN, 1), 0)];
    assert_eq!(packets(&reset, "zeros").len(), 2);
    assert_eq!(packets(&reset, "first-fin"), ["10.0.0.1 6 1 2"]);
    // 50 s apart: no gap is idle, but 150 s are too long.
    let long: Vec<Sent> = (0..5).map(|at| sent(at * 50_000_000, at == 0, Udp, 1)).collect();
    assert_eq!(packets(&long, "zeros"), ["10.0.0.1 17 1 4"]);
    assert_eq!(packets(&long, "timeout-from-start"), ["10.0.0.1 17 1 2", "192.168.0.2 17 2 0"]);
    assert_eq!(packets(&long, "timeout-from-start,first-sender"), ["10.0.0.1 17 1 2", "10.0.0.1 17 0 2"]);
    let answer_first = [sent(0, false, Tcp(SYN | ACK, 1), 0), sent(1, true, Tcp(ACK, 1), 0)];
    assert_eq!(packets(&answer_first, "zeros"), ["10.0.0.1 6 1 1"]);
    assert_eq!(packets(&answer_first, "first-sender"), ["192.168.0.2 6 1 1"]);
    let mixed = [sent(0, true, Echo, 9), sent(1, false, Echo, 9), sent(2, true, Udp, 1), sent(3, true, Udp6, 1)];
    assert_eq!(packets(&mixed, "zeros"), ["10.0.0.1 1 1 1", "10.0.0.1 17 1 0", "::a00:1 17 1 0"]);
    assert_eq!(packets(&mixed, "protocol-0,ipv4-only"), ["10.0.0.1 0 1 1", "10.0.0.1 17 1 0"]);
    assert_eq!(packets(&mixed, "protocol-0,ipv4-only,no-single-packets"), ["10.0.0.1 0 1 1"]);
    let zero = &rows(&mixed, &["cic-legacy", "--legacy", "protocol-0"])[0];
    assert_eq!(shown(zero, &["Src Port", "Dst Port", "Total Length of Fwd Packet", "Fwd Header Length"]), "0 0 0 0");
}

#[test]
fn what_is_left_out_is_counted() {
    let sandbox = Sandbox::new();
    sandbox.write("x.pcap", capture(&[sent(0, true, Echo, 9), sent(2, true, Udp, 1), sent(3, true, Udp6, 1)]));
    let run = |set: &str| sandbox.pcapml(["features", "x.pcap", "-o", "-", "--set", set]).expect(0);
    run("cic-legacy").says("2 flows of one packet have no row").says("3 packets read: 2 in 2 flows; 1 IPv6, which");
    run("pyflowmeter-compat").says("3 packets read: 1 in 1 flow; 1 IPv6, which").says("1 IP protocol 1, which");
    let wrong = |arguments: &[&str]| sandbox.pcapml([&["features", "x.pcap", "-o", "-"], arguments].concat()).expect(1);
    wrong(&["--set", "cic-legacy", "--legacy", "nonsense"]).says("cic-legacy has no error 'nonsense'");
    wrong(&["--set", "cic", "--legacy", "zeros"]).says("--legacy is for --set cic-legacy");
    wrong(&["--set", "cic-legacy,pyflowmeter-compat"]).says("cut flows in two ways");
}

#[test]
fn pyflowmeter_mirrors_flags_and_mixes_times() {
    let row = &rows(&EXCHANGE, &["pyflowmeter-compat"])[0];
    let names = ["FIN", "SYN", "RST", "PUSH", "ACK", "URG", "CWE", "ECE"];
    let flags = |way: &str| {
        let columns: Vec<String> = names.iter().map(|name| format!("{way}_{name}_cnt")).collect();
        shown(row, &columns.iter().map(String::as_str).collect::<Vec<_>>())
    };
    // Forward: SYN, PSH ACK, FIN ACK, ACK; backward: SYN ACK, PSH ACK URG, FIN ACK.
    assert_eq!((flags("fwd"), flags("bwd")), ("0 0 0 3 1 0 1 1".to_owned(), "0 0 1 3 1 0 1 1".to_owned()));
    // Since the packet before: forward 0, 20, 40, 60 µs; backward 10, 30, 50.
    assert_eq!(
        shown(row, &["fwd_iat_min", "fwd_iat_max", "bwd_iat_min", "bwd_iat_max"]),
        "0.0 0.00006 0.00001 0.00005"
    );
    assert_eq!(shown(row, &["fwd_iat_mean"]), "0.00003");
    assert_eq!(shown(row, &["fwd_tot_pkt", "fwd_tot_byte", "bwd_tot_pkt", "bwd_tot_byte"]), "4 260 3 420");
    // From the port that the first packet came from, whatever its flags; of equal ports all is forward.
    let of = |packets: &[Sent]| {
        shown(&rows(packets, &["pyflowmeter-compat"])[0], &["src_port", "fwd_tot_pkt", "bwd_tot_pkt"])
    };
    assert_eq!(of(&EXCHANGE[1..]), "80 3 3");
    assert_eq!(of(&[sent(0, true, Udp, 1), sent(1, false, Udp, 1)]), "123 2 0");
}

/// What tshark says of the packets of one direction between two ports, all of one flow.
#[derive(Default)]
struct Said {
    ttl: Vec<u64>,
    lengths: Vec<u64>,
    sequences: Vec<String>,
    windows: Vec<String>,
    tos: Vec<String>,
    flags: u64,
}

#[test]
fn elements_of_ipfix_are_what_tshark_says() {
    let Some(corpus) = corpus() else { return };
    let capture = corpus.join("single/merged.pcap");
    let capture = capture.to_str().unwrap();
    let sandbox = Sandbox::new();
    let fields =
        "ip.src tcp.srcport ip.dst tcp.dstport ip.ttl ip.len tcp.seq_raw tcp.window_size_value ip.dsfield tcp.flags";
    let mut arguments = vec!["-n", "-r", capture, "-Y", "tcp && !ipv6 && !icmp", "-T", "fields"];
    fields.split(' ').for_each(|field| arguments.extend(["-e", field]));
    let mut said: BTreeMap<[String; 4], Said> = BTreeMap::new();
    let hexadecimal = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap();
    for line in sandbox.tool("tshark", &arguments).lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [from, port, to, other, ttl, length, sequence, window, tos, flags] = cells[..] else { panic!("{line}") };
        if from.contains(',') {
            continue;
        }
        let way = said.entry([from, port, to, other].map(str::to_owned)).or_default();
        way.ttl.push(ttl.parse().unwrap());
        way.lengths.push(length.parse().unwrap());
        way.sequences.push(sequence.to_owned());
        way.windows.push(window.to_owned());
        way.tos.push(hexadecimal(tos).to_string());
        way.flags |= hexadecimal(flags) & 0xff;
    }
    let rows = csv_rows(&sandbox.pcapml(["features", capture, "--set", "ipfix", "--bare", "-o", "-"]).expect(0).out);
    let ends = |row: &BTreeMap<String, String>| {
        ["sourceIPv4Address", "sourceTransportPort", "destinationIPv4Address", "destinationTransportPort"]
            .map(|n| row[n].clone())
    };
    let mut compared = 0;
    for row in rows.iter().filter(|row| row["protocolIdentifier"] == "6" && row["ipVersion"] == "4") {
        let [from, port, to, other] = ends(row);
        let alone = rows.iter().filter(|twin| ends(twin) == ends(row)).count() == 1;
        for (reverse, way) in [(false, [&from, &port, &to, &other]), (true, [&to, &other, &from, &port])] {
            let Some(said) = said.get(&way.map(String::clone)).filter(|_| alone) else { continue };
            let of = |name: &str| match (reverse, name.split_at(1)) {
                (true, (first, rest)) => row[&format!("reverse{}{rest}", first.to_uppercase())].clone(),
                (false, _) => row[name].clone(),
            };
            let text = |number: Option<&u64>| number.unwrap().to_string();
            assert_eq!(of("packetDeltaCount"), said.ttl.len().to_string(), "{row:?}");
            assert_eq!(of("octetDeltaCount"), said.lengths.iter().sum::<u64>().to_string(), "{row:?}");
            assert_eq!(of("minimumTTL"), text(said.ttl.iter().min()));
            assert_eq!(of("maximumTTL"), text(said.ttl.iter().max()));
            assert_eq!(of("minimumIpTotalLength"), text(said.lengths.iter().min()));
            assert_eq!(of("maximumIpTotalLength"), text(said.lengths.iter().max()));
            assert_eq!(of("tcpSequenceNumber"), said.sequences[0]);
            assert_eq!(of("tcpWindowSize"), said.windows[0]);
            assert_eq!(of("ipClassOfService"), said.tos[0]);
            assert_eq!(of("tcpControlBits"), said.flags.to_string());
            compared += 1;
        }
    }
    println!("ipfix: {compared} directions of TCP flows compared with tshark");
    assert!(compared > 100, "{compared}");
}

#[test]
fn all_errors_together_are_the_oracle_s() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let oracle = root().join("tests/oracle");
    let mut captures: Vec<_> =
        fs::read_dir(corpus.join("labelled/pcaps")).unwrap().map(|entry| entry.unwrap().path()).collect();
    captures.sort();
    let mut rows = 0;
    // Every fifteenth: all of them take minutes. PCAPML_ALL compares all.
    let step = if std::env::var_os("PCAPML_ALL").is_some() { 1 } else { 15 };
    for capture in captures.iter().step_by(step) {
        let text = capture.to_str().unwrap();
        let run = sandbox.pcapml(["features", text, "--set", "cic-legacy", "-o", "ours.csv", "--force", "-q"]);
        assert_ne!(run.status, 1, "{text}: {}", run.err);
        let made = Command::new(PYTHON)
            .args(["-B".as_ref(), oracle.join("cic_legacy.py").as_os_str()])
            .arg(capture)
            .output()
            .unwrap();
        assert!(made.status.success(), "{text}: {}", String::from_utf8_lossy(&made.stderr));
        let ours = csv_rows(&fs::read_to_string(sandbox.path("ours.csv")).unwrap()).len();
        if made.stdout.is_empty() {
            assert_eq!(ours, 0, "{text}");
            continue;
        }
        sandbox.write("theirs.csv", made.stdout);
        let files = [oracle.join("compare_rows.py"), sandbox.path("ours.csv"), sandbox.path("theirs.csv")];
        let compared = Command::new(PYTHON).arg("-B").args(files).output().unwrap();
        let said = String::from_utf8_lossy(&compared.stdout).into_owned();
        assert!(
            compared.status.success() && said.contains(&format!("rows: {ours} and {ours}, {ours} in both")),
            "{text}: {said}"
        );
        rows += ours;
    }
    println!("cic-legacy: {rows} rows equal to the oracle's");
    assert!(rows > 50, "{rows}");
}
