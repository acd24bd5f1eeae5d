//! What the programs of the field read in our output.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{Sandbox, apps, corpus, packets};

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
