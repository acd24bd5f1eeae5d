//! What the programs of the field read in our output.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{Run, Sandbox, apps, corpus, csv_rows, packets};

/// Labels our own dataset here, as `apps.pcapng`.
fn label_apps(sandbox: &Sandbox) {
    let (pcaps, labels) = (apps().join("pcaps"), apps().join("labels.csv"));
    sandbox
        .pcapml(["label", pcaps.to_str().unwrap(), "--labels", labels.to_str().unwrap(), "-o", "apps.pcapng"])
        .expect(0);
}

#[test]
fn tshark_shows_the_labels_and_the_original_times() {
    let sandbox = Sandbox::new();
    label_apps(&sandbox);
    let shown = sandbox.tool("tshark", &["-r", "apps.pcapng", "-T", "fields", "-e", "frame.comment"]);
    let ours: Vec<String> =
        packets(&sandbox.path("apps.pcapng")).into_iter().flat_map(|(_, comments)| comments).collect();
    assert_eq!(shown.lines().collect::<Vec<_>>(), ours);
    let times = |file: &str| -> Vec<String> {
        let text = sandbox.tool("tshark", &["-r", file, "-T", "fields", "-e", "frame.time_epoch"]);
        text.lines().map(str::to_owned).collect()
    };
    let table = fs::read_to_string(apps().join("labels.csv")).unwrap();
    let files = table.lines().skip(1).map(|line| apps().join("pcaps").join(line.split(',').next().unwrap()));
    let originals: Vec<String> = files.flat_map(|file| times(file.to_str().unwrap())).collect();
    assert_eq!(times("apps.pcapng"), originals);
}

#[test]
fn other_programs_read_it_without_complaint() {
    let sandbox = Sandbox::new();
    label_apps(&sandbox);
    let quiet = |program: &str, arguments: &[&str], allowed: &[&str]| {
        let output = sandbox.try_tool(program, arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{program}: {said}");
        let complaints: Vec<&str> =
            said.lines().filter(|line| !allowed.iter().any(|start| line.starts_with(start))).collect();
        assert!(complaints.is_empty(), "{program}: {complaints:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    quiet("tcpdump", &["-r", "apps.pcapng", "-w", "copy.pcap"], &["reading from file"]);
    assert_eq!(packets(&sandbox.path("copy.pcap")).len(), 3105);
    let facts = quiet("capinfos", &["-M", "apps.pcapng"], &[]);
    assert!(
        facts.contains("Number of packets:   3105")
            && facts.contains("pcapml: {\"format\":1,\"order\":\"contiguous\"}"),
        "{facts}"
    );
    quiet("editcap", &["apps.pcapng", "edited.pcapng"], &[]);
    assert_eq!(packets(&sandbox.path("edited.pcapng")), packets(&sandbox.path("apps.pcapng")));
    quiet("mergecap", &["-a", "-w", "merged.pcapng", "apps.pcapng", "apps.pcapng"], &[]);
    assert_eq!(packets(&sandbox.path("merged.pcapng")).len(), 2 * 3105);
    // What mergecap adds to the section's comment does not hide our line.
    let samples = sandbox.pcapml(["samples", "merged.pcapng"]);
    samples.expect(2).says("comes back although the file says that each sample stands in one run");
}

#[test]
fn wireshark_reads_what_was_converted_as_it_reads_the_original() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let fields =
        ["-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len", "-e", "frame.comment"];
    let mut compared = 0;
    let show = |file: &str, more: &[&str]| sandbox.tool("tshark", &[&["-r", file][..], &fields[..], more].concat());
    for name in
        ["pcaps/1kxun.pcap", "pcaps/quic-v2.pcapng", "pcaps/dlt_ppp.pcap", "pcaps/4in6tunnel.pcap", "pcaps/teredo.pcap"]
    {
        let path = corpus.join("labelled").join(name);
        sandbox.pcapml(["convert", path.to_str().unwrap(), "ng.pcapng", "-f"]).expect(0);
        sandbox.pcapml(["convert", "ng.pcapng", "back.pcap", "-f"]).expect(0);
        // In pcapng what packets are is seen too: secrets that decrypt them have come along.
        let protocols = ["-e", "frame.protocols"];
        assert_eq!(show("ng.pcapng", &protocols), show(path.to_str().unwrap(), &protocols), "{name}");
        let original = show(path.to_str().unwrap(), &[]);
        assert_eq!(show("back.pcap", &[]), original, "{name}");
        compared += original.lines().count();
    }
    println!("peers: {compared} packets shown alike by tshark before and after conversion");
}

#[test]
fn other_readers_agree_on_every_packet() {
    let sandbox = Sandbox::new();
    label_apps(&sandbox);
    let bytes = fs::read(sandbox.path("apps.pcapng")).unwrap();
    let ours = packets(&sandbox.path("apps.pcapng"));
    let mut reader = pcap_file::pcapng::PcapNgReader::new(bytes.as_slice()).unwrap();
    let mut theirs = Vec::new();
    while let Some(block) = reader.next_block() {
        if let (pcap_file::pcapng::Block::EnhancedPacket(packet), _) = block.unwrap() {
            theirs.push((packet.data.to_vec(), packet.original_len));
        }
    }
    assert_eq!(ours.len(), theirs.len());
    for ((fact, _), (data, original)) in ours.iter().zip(&theirs) {
        assert_eq!((&fact.digest, fact.original), (&crate::support::digest(data), *original));
    }
    // pcap-parser slices the whole file.
    let (mut rest, mut kinds) = (bytes.as_slice(), BTreeMap::new());
    while !rest.is_empty() {
        let (next, block) = pcap_parser::parse_block_le(rest).unwrap();
        *kinds.entry(block.magic()).or_insert(0) += 1;
        rest = next;
    }
    assert_eq!(kinds[&6], ours.len());
}

/// Filters that depend on the link type, the byte order, or the length on the wire.
const FILTERS: [&str; 10] = [
    "ip",
    "ip6",
    "not ip and not ip6",
    "tcp port 80 or udp port 53",
    "not (tcp or udp)",
    "ip[8] > 63",
    "greater 200",
    "vlan",
    "icmp6 or icmp",
    "inbound",
];

/// How many packets tcpdump says pass; none if it refuses the filter or the file.
fn tcpdump_counts(sandbox: &Sandbox, file: &str, filter: &str) -> Option<u64> {
    let output = sandbox.try_tool("tcpdump", &["-nr", file, "--count", filter]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| said.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn filters_are_tcpdump_s() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let mut files: Vec<String> = ["conformance/variety", "dissect/pcaps"]
        .iter()
        .flat_map(|directory| fs::read_dir(corpus.join(directory)).unwrap())
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
        .filter(|file| file.contains("variety") || file.contains("redis"))
        .collect();
    files.sort();
    let (mut compared, mut refused) = (0, 0);
    for file in &files {
        for filter in FILTERS {
            sandbox.write("rule.csv", format!("BPF:{filter},x\n"));
            let mut command = sandbox.command();
            command.args(["label", file, "--labels", "rule.csv", "-o", "out.pcapng", "--force", "--stats=csv"]);
            let run = Run::of(&mut command);
            let Some(theirs) = tcpdump_counts(&sandbox, file, filter) else {
                // Several link types, odd lengths: we read more files, but do not take what libpcap does not compile.
                refused += 1;
                continue;
            };
            let ours: u64 = match run.out.is_empty() {
                true => 0,
                false => csv_rows(&run.out)[0]["packets"].parse().unwrap(),
            };
            assert_eq!(ours, theirs, "{filter}: {file}: {}", run.err);
            compared += 1;
        }
    }
    println!("filters: {compared} counts equal tcpdump's, {refused} not taken by it");
    assert!(compared > 400, "{compared}");
}
