//! What an attacker looks for in captures that were published: places that hold, or follow from, what was replaced. tshark
//! says what is there before and after.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pcapml::capture::{Item, Reader};

use crate::anonymize::{block, contents, option};
use crate::support::{Sandbox, corpus, packets};

/// A sandbox with a key.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("key", "00112233445566778899aabbccddeeff102132435465768798a9babbdcedfe0f\n");
    sandbox
}

fn anonymize(sandbox: &Sandbox, file: &Path, options: &[&str]) -> String {
    let common = ["anonymize", file.to_str().unwrap(), "--key-file", "key", "-f", "-o", "out.pcapng"];
    sandbox.pcapml(common.iter().chain(options)).expect(0).err
}

/// Fields of all packets, as tshark has them.
fn fields(sandbox: &Sandbox, file: &str, names: &[&str]) -> Vec<Vec<String>> {
    let mut arguments = vec!["-r", file, "-T", "fields", "-o", "tcp.check_checksum:TRUE", "-o", "sctp.checksum:TRUE"];
    arguments.extend(names.iter().flat_map(|name| ["-e", name]));
    let text = sandbox.tool("tshark", &arguments);
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x");
    digits.map_or_else(|| text.parse(), |digits| u64::from_str_radix(digits, 16)).ok()
}

/// The sum of both addresses of IPv4, protocol and length of a segment of TCP, in 16 bits.
fn pseudo_header(line: &[String]) -> Option<u64> {
    let mut sum = 6 + number(&line[2])? + number(&line[3])?;
    for address in &line[..2] {
        let [a, b, c, d] = address.parse::<std::net::Ipv4Addr>().ok()?.octets();
        sum += u64::from(u16::from_be_bytes([a, b])) + u64::from(u16::from_be_bytes([c, d]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    Some(sum)
}

/// What a checksum is: right, the sum of the pseudo header, or how far it is from what is right.
fn checksum(line: &[String]) -> Option<String> {
    let (stated, right) = (number(&line[4])?, number(&line[5])?);
    let off = (stated + 0xffff - right) % 0xffff;
    Some(match off {
        0 => "right".to_owned(),
        _ if Some(stated) == pseudo_header(line) => "partial".to_owned(),
        _ if stated == 0 => "zero".to_owned(),
        off => format!("{off:#x}"),
    })
}

/// Captures with the checksums of hosts that leave them to hardware.
#[test]
fn wrong_checksums_tell_nothing_of_addresses() {
    let Some(corpus) = corpus() else { return };
    let names =
        ["ip.src", "ip.dst", "tcp.hdr_len", "tcp.len", "tcp.checksum", "tcp.checksum_calculated", "ip.checksum"];
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut headers = 0;
    for name in ["corba", "cassandra", "ceph", "conncheck", "bittorrent", "WebattackSQLinj", "coap_mqtt"] {
        let (sandbox, file) = (sandbox(), corpus.join(format!("labelled/pcaps/{name}.pcap")));
        anonymize(&sandbox, &file, &["--payload", "keep"]);
        let (before, after) =
            (fields(&sandbox, file.to_str().unwrap(), &names), fields(&sandbox, "out.pcapng", &names));
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            let is_zero = |line: &[String]| number(&line[6]) == Some(0);
            assert_eq!(is_zero(before), is_zero(after));
            headers += u64::from(is_zero(before));
            if let Some(kinds) = checksum(before).zip(checksum(after)) {
                *counts.entry(kinds).or_default() += 1;
            }
        }
    }
    println!("{counts:?}; {headers} headers without");
    let mut partial = 0;
    for ((before, after), count) in counts {
        match before.as_str() {
            "right" | "zero" => assert_eq!(before, after),
            "partial" => {
                assert_eq!(after, "partial");
                partial += count;
            }
            // Whatever it was before.
            _ => assert_eq!(after, "0xbad", "{before}"),
        }
    }
    assert!(partial > 100 && headers > 10, "{partial} {headers}");
}

#[test]
fn keys_of_multipath_connections_go() {
    let Some(corpus) = corpus() else { return };
    let (sandbox, file) = (sandbox(), corpus.join("conformance/variety/tcpdump-mptcp-v1.pcap"));
    anonymize(&sandbox, &file, &[]);
    let keys = ["tcp.options.mptcp.sendkey", "tcp.options.mptcp.recvkey"];
    let told = |file: &str| -> Vec<u64> {
        fields(&sandbox, file, &keys).concat().iter().filter_map(|text| number(text)).collect()
    };
    let (before, after) = (told(file.to_str().unwrap()), told("out.pcapng"));
    assert!(before.len() > 3 && before.iter().all(|key| *key != 0), "{before:?}");
    assert_eq!(after, vec![0; before.len()]);
    let others = ["tcp.options.mptcp.subtype", "tcp.options.mptcp.rawdataseqno", "tcp.option_kind"];
    assert_eq!(fields(&sandbox, file.to_str().unwrap(), &others), fields(&sandbox, "out.pcapng", &others));
}

/// A capture of these packets of IP.
fn capture(sandbox: &Sandbox, packets: &[Vec<u8>]) -> std::path::PathBuf {
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0];
    for packet in packets {
        let length = (packet.len() as u32).to_le_bytes();
        file.extend([&[0, 0, 0, 0x60, 0, 0, 0, 0][..], &length, &length, packet].concat());
    }
    sandbox.write("in.pcap", file)
}

fn ipv4(protocol: u8, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0, 198, 51, 100, 7, 203, 0, 113, 9];
    let total = (20 + payload.len()) as u16;
    packet[2..4].copy_from_slice(&total.to_be_bytes());
    packet[6..8].copy_from_slice(&fragment.to_be_bytes());
    packet.extend(payload);
    packet
}

#[test]
fn addresses_of_sctp_are_replaced_in_its_chunks() {
    let sandbox = sandbox();
    let mut init = vec![0, 80, 0, 81, 0, 0, 0, 0, 0x9e, 0x1f, 0x2b, 0x3c, 1, 0, 0, 36, 1, 2, 3, 4, 0, 0, 16, 0];
    init.extend([0, 10, 0, 10, 0, 0, 0, 1, 0, 5, 0, 8, 192, 0, 2, 77, 0, 5, 0, 8, 198, 51, 100, 7]);
    let cookie =
        [&[0, 81, 0, 80, 1, 2, 3, 4, 9, 9, 9, 9, 10, 0, 0, 12][..], &[192, 0, 2, 77, 198, 51, 100, 7]].concat();
    let file = capture(&sandbox, &[ipv4(132, 0, &init), ipv4(132, 0, &cookie)]);
    anonymize(&sandbox, &file, &["--payload", "keep"]);
    let names = ["ip.src", "sctp.parameter_ipv4_address", "sctp.chunk_type", "_ws.malformed", "sctp.cookie"];
    let (before, after) = (fields(&sandbox, "in.pcap", &names), fields(&sandbox, "out.pcapng", &names));
    assert_eq!(before[0][1], "192.0.2.77,198.51.100.7");
    let (announced, own) = after[0][1].split_once(',').unwrap();
    // The sender's own address becomes the same everywhere.
    assert_eq!(own, after[0][0]);
    assert!(announced != "192.0.2.77" && own != "198.51.100.7");
    assert_eq!((&before[0][2..4], &before[1][2..4]), (&after[0][2..4], &after[1][2..4]));
    assert_eq!((before[1][4].as_str(), after[1][4].as_str()), ("c000024dc6336407", "0000000000000000"));
}

#[test]
fn later_fragments_are_cut_and_told() {
    let sandbox = sandbox();
    let first = [&[0, 53, 0x13, 0x88, 0, 40, 0, 0][..], &[0; 16]].concat();
    let later = ipv4(17, 3, b"secret.org \xc6\x33\x64\x07");
    let file = capture(&sandbox, &[ipv4(17, 0x2000, &first), later]);
    let told = anonymize(&sandbox, &file, &["--payload", "keep"]);
    assert!(told.contains("1 packet: later fragments, which do not say what they hold"), "{told}");
    let out = fs::read(sandbox.path("out.pcapng")).unwrap();
    assert!(!out.windows(6).any(|window| window == b"secret"));
    let lengths = fields(&sandbox, "out.pcapng", &["frame.cap_len", "frame.len"]);
    assert_eq!(lengths[1], ["20", "35"]);
}

/// Fields of tshark that say when a packet was sent, but for its own time.
const TIMES: [&str; 3] = ["tcp.options.timestamp.tsval", "icmp.originate_timestamp", "radiotap.mactime"];

#[test]
fn times_in_headers_do_not_tell_by_how_much_others_were_moved() {
    let Some(corpus) = corpus() else { return };
    let (sandbox, file) = (sandbox(), corpus.join("labelled/pcaps/ceph.pcap"));
    let stamps = |file: &str| -> Vec<u64> {
        fields(&sandbox, file, &TIMES).concat().iter().filter_map(|text| number(text)).collect()
    };
    anonymize(&sandbox, &file, &[]);
    let before = stamps(file.to_str().unwrap());
    assert!(before.len() > 10 && before.iter().any(|stamp| *stamp != 0));
    assert_eq!(stamps("out.pcapng"), before);
    anonymize(&sandbox, &file, &["--shift-times=all"]);
    assert_eq!(stamps("out.pcapng"), vec![0; before.len()]);
}

/// Two interfaces whose times count from their offsets, each with two packets of a sample.
fn with_offsets(sandbox: &Sandbox, offsets: [i64; 2]) {
    let mut file = block(0x0a0d_0d0a, &[&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8]].concat());
    for offset in offsets {
        let options = [option(9, &[6]), option(14, &offset.to_le_bytes())].concat();
        file.extend(block(1, &[&[101, 0, 0, 0, 0, 0, 0, 0][..], &options].concat()));
    }
    for (number, sample, time) in [(0, "7", 500_000), (1, "8", 500_000), (0, "7", 750_000), (1, "8", 750_000)] {
        let (number, time) = (u32::to_le_bytes(number), u32::to_le_bytes(time));
        let length = 20_u32.to_le_bytes();
        let label = option(1, format!("{sample},web").as_bytes());
        let head = [&number[..], &[0; 4], &time, &length, &length].concat();
        file.extend(block(6, &[&head[..], &[0x45; 20], &label].concat()));
    }
    sandbox.write("offsets.pcapng", file);
}

/// The base of raw times says when the capture began: what is added to them would be known.
#[test]
fn moved_times_have_no_offset() {
    let sandbox = sandbox();
    with_offsets(&sandbox, [1_700_000_000, 1_600_000_000]);
    let times = |file: &str| -> BTreeMap<String, Vec<i128>> {
        let packets = packets(&sandbox.path(file)).into_iter();
        packets.fold(BTreeMap::new(), |mut all: BTreeMap<_, Vec<_>>, (fact, comments)| {
            all.entry(comments[0].clone()).or_default().push(fact.time.unwrap());
            all
        })
    };
    let before = times("offsets.pcapng");
    assert_eq!(before["8,web"], [1_600_000_000_500_000_000, 1_600_000_000_750_000_000]);
    // Where the output is sorted, equal interfaces are one.
    for (option, wanted) in [("--shift-times", 1), ("--shift-times=all", 2)] {
        let run = ["anonymize", "offsets.pcapng", "--key-file", "key", option, "-f", "-o", "out.pcapng"];
        sandbox.pcapml(run).expect(0);
        let after = times("out.pcapng");
        for (sample, times) in &before {
            let by = after[sample][0] - times[0];
            assert!((1_000..=1_000_000_000 << 28).contains(&by), "{by}");
            assert_eq!(after[sample][1] - times[1], by);
        }
        let mut reader = Reader::open(&sandbox.path("out.pcapng"), 1).unwrap();
        let mut interfaces = 0;
        while let Some(item) = reader.next_item().unwrap() {
            if let Item::Interface(interface, _) = item {
                interfaces += 1;
                assert_eq!((interface.offset, interface.options().any(|option| option.code == 14)), (0, false));
            }
        }
        assert_eq!(interfaces, wanted, "{option}");
    }
    // Times that are not moved are not rewritten either.
    sandbox.pcapml(["anonymize", "offsets.pcapng", "--key-file", "key", "-f", "-o", "out.pcapng"]).expect(0);
    assert_eq!(times("out.pcapng"), before);
    with_offsets(&sandbox, [i64::MIN, 0]);
    let run = ["anonymize", "offsets.pcapng", "--key-file", "key", "--shift-times", "-f", "-o", "out.pcapng"];
    sandbox.pcapml(run).expect(1).says("before 1970");
}

/// A capture of one packet with bytes that Wireshark reads.
fn of_link_type(sandbox: &Sandbox, link_type: u16, bytes: &[u8]) {
    let mut file = block(0x0a0d_0d0a, &[&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8]].concat());
    file.extend(block(1, &[&link_type.to_le_bytes()[..], &[0; 6]].concat()));
    let length = (bytes.len() as u32).to_le_bytes();
    let label = option(1, b"7,web");
    file.extend(block(6, &[&[0; 12][..], &length, &length, bytes, &label].concat()));
    sandbox.write("one.pcapng", file);
}

/// Wireshark reads no packet of a capture that has one without the pseudo header of its link type.
#[test]
fn what_is_left_of_packets_can_be_read() {
    let sandbox = sandbox();
    let least = [
        (123, 4),
        (139, 4),
        (144, 16),
        (177, 16),
        (196, 5),
        (197, 16),
        (201, 4),
        (204, 1),
        (209, 5),
        (245, 2),
        (254, 4),
    ];
    for (link_type, least) in least.into_iter().chain([(195, 0), (147, 0), (12345, 0)]) {
        let mut bytes = [7; 64];
        // Both cooked headers state their protocol; an ERF record, its type and length.
        match link_type {
            144 => bytes[14..16].copy_from_slice(&[0, 0x17]),
            177 => bytes[14..16].copy_from_slice(&[0, 0x30]),
            197 => bytes[8..16].copy_from_slice(&[1, 0, 0, 64, 0, 0, 0, 48]),
            _ => {}
        }
        of_link_type(&sandbox, link_type, &bytes);
        let common = ["-f", "-q", "-o", "out.pcapng"];
        sandbox.pcapml(["anonymize", "one.pcapng", "--key-file", "key"].iter().chain(&common)).expect(0);
        let [(fact, _)] = &packets(&sandbox.path("out.pcapng"))[..] else { panic!("one packet") };
        assert_eq!((fact.captured, fact.original), (least, 64), "{link_type}");
        assert!(!contents(&sandbox.path("out.pcapng"))[0].contains(&7));
        let read = |file: &str| sandbox.tool("tshark", &["-r", file, "-T", "fields", "-e", "frame.number"]);
        let is_read = || link_type == 12345 || (read("one.pcapng"), read("out.pcapng")) == ("1\n".into(), "1\n".into());
        assert!(is_read(), "{link_type}");
        // A mask zeroes what is not understood, and keeps the length.
        sandbox.pcapml(["select", "one.pcapng", "--mask", "ip.addr"].iter().chain(&common)).expect(0);
        let masked = contents(&sandbox.path("out.pcapng")).remove(0);
        assert!(masked.len() == 64 && !masked.contains(&7) && is_read(), "{link_type}");
    }
}
