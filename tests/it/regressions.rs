//! Faults that a review found, each with the input that showed it.

use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::print::{ipv4, pcap, udp};
use crate::support::{Run, Sandbox, apps, packets};

/// A pcapng block around a body whose length is a multiple of four.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32 + 12).to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &length].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A section header with one comment.
fn section(comment: &str) -> Vec<u8> {
    let fixed = [words(&[0x1A2B_3C4D, 1]), vec![0xff; 8]].concat();
    block(0x0A0D_0D0A, &[fixed, options(&[(1, comment.as_bytes())])].concat())
}

fn options(list: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (code, value) in list {
        bytes.extend_from_slice(&code.to_le_bytes());
        bytes.extend_from_slice(&(value.len() as u16).to_le_bytes());
        bytes.extend_from_slice(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes
}

/// An interface of this link type, snap length and resolution.
fn interface(link_type: u16, snap_len: u32, resolution: u8) -> Vec<u8> {
    block(1, &[words(&[link_type.into(), snap_len]), options(&[(9, &[resolution])])].concat())
}

/// A packet of `length` bytes with these comments.
fn packet(interface: u32, time: u64, length: usize, comments: &[&str]) -> Vec<u8> {
    let fixed = words(&[interface, (time >> 32) as u32, time as u32, length as u32, length as u32]);
    let list: Vec<(u16, &[u8])> = comments.iter().map(|comment| (1, comment.as_bytes())).collect();
    block(6, &[fixed, vec![7; length.next_multiple_of(4)], options(&list)].concat())
}

fn facts(sandbox: &Sandbox, name: &str) -> Vec<(u32, Option<i128>)> {
    packets(&sandbox.path(name)).into_iter().map(|(fact, _)| (fact.original, fact.time)).collect()
}

#[test]
fn a_second_try_does_not_follow_the_first_into_a_pipe() {
    let sandbox = Sandbox::new();
    let mut capture = [section("x"), interface(1, 0, 6)].concat();
    (0..3000).for_each(|at| capture.extend(packet(0, at, 1400, &[])));
    capture.extend([interface(1, 0, 9), packet(1, 5, 60, &[])].concat());
    sandbox.write("late.pcapng", capture);
    sandbox.pcapml(["convert", "late.pcapng", "-", "--to", "pcap"]).expect(1).says("counts nanoseconds");
    sandbox.pcapml(["convert", "late.pcapng", "late.pcap"]).expect(0);
    assert_eq!(facts(&sandbox, "late.pcap"), facts(&sandbox, "late.pcapng"));
}

#[test]
fn capture_and_table_do_not_share_standard_output() {
    let sandbox = Sandbox::new();
    let capture = apps().join("pcaps/http/curl-v4-1.pcap");
    sandbox.write("r.csv", "BPF:tcp,web\n");
    let label = ["label", capture.to_str().unwrap(), "-l", "r.csv", "-o", "-", "--stats"];
    sandbox.pcapml(label).expect(1).says("cannot both go to standard output");
    sandbox
        .pcapml(["convert", capture.to_str().unwrap(), "-", "--to", "pcapng", "--per-linktype"])
        .expect(1)
        .says("several files");
    let long = "n".repeat(70_000);
    sandbox
        .pcapml(["label", capture.to_str().unwrap(), "-l", "r.csv", "-o", "x", "--namespace", &long])
        .expect(1)
        .says("the limit is");
}

#[test]
fn names_that_are_one_name_for_rules_are_all_read() {
    let sandbox = Sandbox::new();
    let capture = fs::read(apps().join("pcaps/http/curl-v4-1.pcap")).unwrap();
    for name in ["u\u{308}.pcap".as_bytes(), "\u{fc}.pcap".as_bytes(), b"a\xff.pcap", b"a\xfe.pcap"] {
        let directory = sandbox.path("data");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(std::ffi::OsStr::from_bytes(name)), &capture).unwrap();
    }
    // What a killed run leaves behind is nobody's capture.
    sandbox.write("data/.out.pcapng.abc123.partial", &capture);
    sandbox.write("r.csv", "BPF:tcp,web\n");
    sandbox.pcapml(["label", "data", "-l", "r.csv", "-o", "out.pcapng"]).expect(0).says("labelled 40 packets");
    sandbox.write("r.csv", "filename,label\n\u{fc}.pcap,web\n");
    sandbox.pcapml(["label", "data", "-l", "r.csv", "-o", "two.pcapng"]).expect(1).says("the name of several files");
}

#[test]
fn a_pcap_never_states_less_than_its_packets() {
    let sandbox = Sandbox::new();
    let capture = [section("x"), interface(105, 40, 6), interface(1, 64, 6), interface(1, 0, 6)];
    sandbox.write("snap.pcapng", [capture.concat(), packet(1, 1, 60, &[]), packet(2, 2, 516, &[])].concat());
    sandbox.pcapml(["convert", "snap.pcapng", "snap.pcap"]).expect(0);
    sandbox.tool("tcpdump", &["-r", "snap.pcap", "-w", "copy.pcap"]);
    assert_eq!(packets(&sandbox.path("copy.pcap")), packets(&sandbox.path("snap.pcap")));
    assert_eq!(packets(&sandbox.path("copy.pcap"))[1].0.captured, 516);
}

#[test]
fn a_packet_is_once_in_a_sample_that_two_comments_name() {
    let sandbox = Sandbox::new();
    let capture = [section("x"), interface(1, 0, 6), packet(0, 1, 60, &["1,web", "1,web,p.dir=e", "2,mail"])];
    sandbox.write("twice.pcapng", capture.concat());
    let samples = sandbox.pcapml(["samples", "twice.pcapng", "--format", "csv"]).expect(0).out;
    assert!(samples.contains("\n1,web,1,") && samples.contains("\n2,mail,1,"), "{samples}");
    // Both comments go with the sample that they name.
    sandbox.pcapml(["select", "twice.pcapng", "--label", "mail", "-o", "mail.pcapng"]).expect(0);
    assert_eq!(packets(&sandbox.path("mail.pcapng"))[0].1, ["2,mail"]);
    sandbox.write("ids.txt", "sample_id\n2\nsample_id\n");
    sandbox
        .pcapml(["select", "twice.pcapng", "--ids", "ids.txt", "-o", "x"])
        .expect(1)
        .says("line 3: 'sample_id' is no");
    sandbox.pcapml(["split", "twice.pcapng", "-o", "parts"]).expect(0);
    assert_eq!(packets(&sandbox.path("parts/1_web.pcap")).len(), 1);
}

#[test]
fn secrets_come_into_every_file() {
    let sandbox = Sandbox::new();
    // A Decryption Secrets Block before the first interface.
    let secrets = block(10, &[words(&[0x544c_534b, 4]), b"abcd".to_vec()].concat());
    let parts = [section("x"), secrets.clone(), interface(1, 0, 6), interface(101, 0, 6)].concat();
    let all = [parts, packet(0, 1, 60, &[]), packet(1, 2, 60, &[]), packet(0, 3, 60, &[])].concat();
    sandbox.write("secret.pcapng", all);
    sandbox.pcapml(["convert", "secret.pcapng", "l.pcapng", "--per-linktype"]).expect(0);
    sandbox.pcapml(["convert", "secret.pcapng", "c.pcapng", "--packets", "1"]).expect(0);
    let written = ["l_linktype-1", "l_linktype-101", "c_00001", "c_00002", "c_00003"];
    for name in written {
        let bytes = fs::read(sandbox.path(format!("{name}.pcapng"))).unwrap();
        let found = bytes.windows(secrets.len()).filter(|window| *window == secrets).count();
        assert_eq!(found, 1, "{name}");
    }
}

#[test]
fn a_broken_promise_of_order_is_not_passed_on() {
    let sandbox = Sandbox::new();
    let one = |id| packet(0, 1, 60, &[id]);
    let capture =
        [section("pcapml: {\"format\":1,\"order\":\"id\"}"), interface(1, 0, 6), one("1,a"), one("2,b"), one("1,a")];
    sandbox.write("order.pcapng", capture.concat());
    sandbox.pcapml(["cat", "order.pcapng", "-o", "cat.pcapng"]).expect(1).says("sample 1 comes back");
    sandbox
        .pcapml(["select", "order.pcapng", "--label", "a", "-o", "part.pcapng"])
        .expect(2)
        .says("sample 1 comes back");
    sandbox.pcapml(["sort", "order.pcapng", "-o", "sorted.pcapng"]).expect(0);
    sandbox.pcapml(["cat", "sorted.pcapng", "-o", "cat.pcapng"]).expect(0);
}

#[test]
fn an_existing_directory_of_any_kind_is_split_into() {
    let sandbox = Sandbox::new();
    let capture = [section("x"), interface(1, 0, 6), packet(0, 1, 60, &["1,web"])].concat();
    sandbox.write("a.pcapng", capture);
    fs::create_dir(sandbox.path("real")).unwrap();
    std::os::unix::fs::symlink("real", sandbox.path("link")).unwrap();
    sandbox.pcapml(["split", "a.pcapng", "-o", "link"]).expect(0);
    let mut files: Vec<_> =
        fs::read_dir(sandbox.path("real")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["1_web.pcap", "metadata.csv"]);
    let mut here = sandbox.command();
    fs::create_dir(sandbox.path("empty")).unwrap();
    here.current_dir(sandbox.path("empty")).args(["split", "../a.pcapng", "-o", "."]);
    Run::of(&mut here).expect(0);
    assert!(sandbox.path("empty/metadata.csv").exists());
    sandbox.pcapml(["split", "a.pcapng", "-o", "a.pcapng", "-f"]).expect(1).says("a file, where a directory");
}

#[test]
fn one_blank_record_is_a_packet_and_a_tail_of_zeros_is_none() {
    let sandbox = Sandbox::new();
    // A Simple Packet Block without bytes has no time either.
    sandbox.write("simple.pcapng", [section("x"), interface(1, 0, 6), block(3, &words(&[0]))].concat());
    sandbox.pcapml(["convert", "simple.pcapng", "simple.pcap"]).expect(0).says("have no time");
    assert_eq!(facts(&sandbox, "simple.pcap"), [(0, Some(0))]);
    let mut zeros = fs::read(sandbox.path("simple.pcap")).unwrap();
    zeros.extend([0; 64]);
    sandbox.write("zeros.pcap", zeros);
    sandbox.pcapml(["summary", "zeros.pcap"]).expect(2).says("zeros.pcap: block 1 at byte 24: only zeros from here on");
}

#[test]
fn equal_interfaces_stay_apart_where_nothing_is_joined() {
    let sandbox = Sandbox::new();
    let capture = [section("x"), interface(1, 9, 6), interface(1, 9, 6), packet(1, 1, 9, &["1,a"])].concat();
    sandbox.write("two.pcapng", capture);
    for command in
        [&["sort", "two.pcapng", "-o", "out.pcapng", "-f"][..], &["convert", "two.pcapng", "out.pcapng", "-f"]]
    {
        sandbox.pcapml(command).expect(0);
        assert_eq!(sandbox.tool("tshark", &["-r", "out.pcapng", "-T", "fields", "-e", "frame.interface_id"]), "1\n");
    }
    sandbox.pcapml(["cat", "two.pcapng", "-o", "out.pcapng", "-f"]).expect(0);
    assert_eq!(sandbox.tool("tshark", &["-r", "out.pcapng", "-T", "fields", "-e", "frame.interface_id"]), "0\n");
}

#[test]
fn an_obsolete_block_keeps_its_drop_count() {
    let sandbox = Sandbox::new();
    // Interface 0, 5 packets dropped before; and one that does not know.
    let old =
        |drops: u32| block(2, &[words(&[drops << 16, 0, 9, 4, 4, 0x0102_0304]), options(&[(1, b"1,a")])].concat());
    sandbox.write("old.pcapng", [section("x"), interface(1, 0, 6), old(5), old(0xffff)].concat());
    sandbox.pcapml(["sort", "old.pcapng", "-o", "new.pcapng"]).expect(0);
    let counts =
        sandbox.tool("tshark", &["-r", "new.pcapng", "-T", "fields", "-e", "frame.drop_count", "-e", "frame.comment"]);
    assert_eq!(counts, "5\t1,a\n\t1,a\n");
}

#[test]
fn a_filter_of_a_rare_link_type_is_a_filter() {
    let sandbox = Sandbox::new();
    // SunATM: a filter that no common link type accepts.
    sandbox.write("atm.pcapng", [section("x"), interface(123, 0, 6), packet(0, 1, 60, &[])].concat());
    sandbox.write("r.csv", "BPF:vpi 1799,x\nBPF:greater 1,y\n");
    sandbox.pcapml(["label", "atm.pcapng", "-l", "r.csv", "-o", "out.pcapng"]).expect(0);
}

#[test]
fn a_packet_in_a_flow_of_one_of_its_samples_is_in_flows() {
    let sandbox = Sandbox::new();
    // In the sample that lacks the first fragment, the other has no ports, and is in no flow.
    let (first, later) = (ipv4(17, 64, 0x2000, &udp((1000, 2000), &[0; 16])), ipv4(17, 64, 3, &[1; 8]));
    sandbox.write("a.pcap", pcap(101, &[first, later]));
    sandbox.write("r.csv", "BPF:udp,both\nBPF:ip[6:2] & 0x1fff != 0,later\n");
    sandbox.pcapml(["label", "a.pcap", "-l", "r.csv", "--match", "all", "-o", "a.pcapng"]).expect(0);
    let split = sandbox.pcapml(["split", "a.pcapng", "--by", "flow", "-o", "flows"]).expect(0);
    split.says("2 packets read: 2 in 1 flow\n");
    let rows = sandbox.pcapml(["flows", "a.pcapng", "-o", "-"]).expect(0);
    rows.says("2 packets read: 2 in 1 flow\n");
}
