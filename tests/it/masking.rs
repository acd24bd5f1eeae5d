//! Fields that are masked: gone from captures, and nothing else with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use pcapml::capture::{Item, Reader, Rewriter, kind};
use pcapml::packet::code;
use pcapml::sample::header::Header;

use crate::packets::{TSHARK, captures};
use crate::support::{Run, Sandbox, by_sample, corpus, csv_rows};

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

/// Where Wireshark looks further: packets in a payload are payload, and which pseudowire it is it guesses by addresses.
const APART: [&str; 2] = ["sflow", "pwethheuristic"];

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

/// Hardware addresses without the IP addresses that groups are made of.
fn without_groups(value: &str) -> String {
    let parts = value.split('|').map(|part| match part {
        _ if part.starts_with("33:33:") => "33:33:00:00:00:00",
        _ if part.starts_with("01:00:5e:") => "01:00:5e:00:00:00",
        _ => part,
    });
    parts.collect::<Vec<_>>().join("|")
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
    let names: Vec<&str> =
        MASKED.iter().flat_map(|(_, names)| *names).copied().chain(OTHERS).chain(["frame.protocols"]).collect();
    let gone: Vec<&str> = masked.iter().flat_map(|&at| MASKED[at].1).copied().collect();
    let (before, after) = (shown(sandbox, "all.pcapng", &names), shown(sandbox, "masked.pcapng", &names));
    assert_eq!(before.len(), after.len(), "{shown_name}");
    let mut differing = 0;
    for (number, (before, after)) in before.iter().zip(&after).enumerate() {
        let is_as_wanted = |at: usize, name: &&str| match gone.contains(name) {
            true => is_zero(&after[at]),
            // Which protocols Wireshark sees goes by what is masked, and groups are made of addresses.
            false if fields.contains(&"ip.addr") => {
                without_groups(&before[at]) == after[at] || *name == "frame.protocols"
            }
            false => before[at] == after[at] || *name == "frame.protocols",
        };
        let odd: Vec<_> = names.iter().enumerate().filter(|(at, name)| !is_as_wanted(*at, name)).collect();
        let value = |wanted: &str| names.iter().position(|name| *name == wanted).map_or("", |at| before[at].as_str());
        // Without ports, Wireshark finds no tunnel over UDP.
        let in_tunnel = fields.contains(&"port") && value("ip.version").contains('|');
        let apart = value("frame.protocols").split(':').any(|protocol| APART.contains(&protocol));
        if !odd.is_empty() && !in_tunnel && !apart {
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
    let all = captures(&corpus, 60);
    let (mut unread, mut differing, mut wrong) = (0, 0, Vec::new());
    for (turn, capture) in all.iter().enumerate() {
        // All but ports, by which Wireshark finds tunnels and protocols; then one field after the other.
        let one = turn % MASKED.len();
        for masked in [(0..MASKED.len()).filter(|&at| MASKED[at].0 != "port").collect(), vec![one]] {
            let (not_understood, differ) = compare(&sandbox, capture, &masked);
            if differ > not_understood {
                wrong.push(format!("{}: {differ} differ, {not_understood} told", capture.display()));
            }
            (unread, differing) = (unread + not_understood, differing + differ);
        }
    }
    println!("{} captures; {unread} packets not understood, {differing} of which differ", all.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A copy of a labelled capture whose header disallows fields.
fn disallow(sandbox: &Sandbox, from: &str, to: &str, fields: &[&str]) {
    let mut reader = Reader::open(&sandbox.path(from), 1).unwrap();
    let before = Header::read(reader.section_options()).unwrap_or_default();
    let header = Header { disallow: fields.iter().map(|&field| field.to_owned()).collect(), ..before };
    let mut out = Rewriter::new(Vec::new());
    while let Some(item) = reader.next_item().unwrap() {
        match item {
            Item::Section(block) => out.section_with(&block, header.comment().as_bytes(), |_| false),
            Item::Packet(packet) => out.packet(&packet, |_| true),
            Item::Interface(_, block) | Item::Other(block) => out.block(&block),
        }
        .unwrap();
    }
    sandbox.write(to, out.finish().unwrap());
}

/// What the header of a capture says.
fn header(sandbox: &Sandbox, capture: &str) -> Header {
    Header::read(Reader::open(&sandbox.path(capture), 1).unwrap().section_options()).unwrap()
}

#[test]
fn what_is_masked_stands_in_the_header_and_what_is_disallowed_there_can_be_masked() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let select =
        |from: &str, fields: &str, to: &str| sandbox.pcapml(["select", from, "--mask", fields, "-o", to, "--force"]);
    select("apps.pcapng", "disallowed", "no.pcapng").expect(1).says("the capture's header disallows nothing");
    disallow(&sandbox, "apps.pcapng", "rules.pcapng", &["ip.addr", "tcp.port"]);
    select("rules.pcapng", "disallowed", "one.pcapng").expect(0).says("masked ip.addr, port in 3105 packets");
    let said = header(&sandbox, "one.pcapng");
    assert_eq!((said.masked, said.disallow.len()), (vec!["ip.addr".to_owned(), "port".to_owned()], 2));
    select("one.pcapng", "ip.ttl", "two.pcapng").expect(0);
    assert_eq!(header(&sandbox, "two.pcapng").masked, ["ip.addr", "ip.ttl", "port"]);
    // In two steps or in one: the same capture, whoever asks.
    sandbox.write("dataset.toml", DATASET);
    let from = ["select", "rules.pcapng", "--mask-from", "dataset.toml", "-o", "three.pcapng"];
    sandbox.pcapml(from).expect(0);
    assert_eq!(fs::read(sandbox.path("two.pcapng")).unwrap(), fs::read(sandbox.path("three.pcapng")).unwrap());
    // Only what is selected is masked, and selecting alone masks nothing.
    sandbox.pcapml(["select", "rules.pcapng", "--label", "dns", "-o", "dns.pcapng"]).expect(0);
    let (all, dns) = (by_sample(&sandbox.path("apps.pcapng")), by_sample(&sandbox.path("dns.pcapng")));
    assert!(dns.iter().all(|(id, facts)| all[id] == *facts) && !dns.is_empty());
    assert_eq!(header(&sandbox, "dns.pcapng").disallow, ["ip.addr", "tcp.port"]);
    let cat = ["cat", "apps.pcapng", "two.pcapng", "--merge-samples", "-o", "joined.pcapng"];
    sandbox.pcapml(cat).expect(0);
    let said = header(&sandbox, "joined.pcapng");
    assert_eq!((said.masked.len(), said.disallow.len()), (0, 2), "disallowed in one, masked in all");
}

const DATASET: &str = "[dataset]\nname = \"apps\"\nversion = \"1.0.0\"\ndescription = \"d\"\nlicense = \"CC-BY-4.0\"\n\
    url = \"https://example.org\"\ncreators = [{ name = \"A\" }]\ndate_published = 2026-11-22\n\
    disallow = [\"ipv6.hlim\", \"udp.port\", \"ip.addr\"]\n";

#[test]
fn times_that_are_masked_count_from_the_sample_s_first_packet() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    sandbox.pcapml(["select", "apps.pcapng", "--mask", "frame.time", "-o", "masked.pcapng"]).expect(0);
    let (before, after) = (by_sample(&sandbox.path("apps.pcapng")), by_sample(&sandbox.path("masked.pcapng")));
    for (id, packets) in &before {
        let first = packets.iter().filter_map(|packet| packet.time).min().unwrap();
        for (packet, masked) in packets.iter().zip(&after[id]) {
            assert_eq!(masked.time, packet.time.map(|time| time - first), "{id}");
            assert_eq!(masked.digest, packet.digest, "{id}: nothing else is changed");
        }
    }
    // Packets of samples that alternate bound the times between these; those that stand by id do not.
    let told = |from: &str, mask: &str| {
        let run = sandbox.pcapml(["select", from, "--mask", mask, "-f", "-o", "masked.pcapng"]).expect(0);
        run.err.contains("the order of packets still tells which sample came first")
    };
    sandbox.pcapml(["sort", "apps.pcapng", "-o", "by-id.pcapng"]).expect(0);
    sandbox.pcapml(["sort", "apps.pcapng", "--by", "time", "-o", "by-time.pcapng"]).expect(0);
    assert!(told("by-time.pcapng", "frame.time") && !told("by-time.pcapng", "port"));
    assert!(!told("by-id.pcapng", "frame.time"));
    let mut piped = sandbox.command();
    piped.args(["select", "-", "--mask", "frame.time", "-o", "piped.pcapng"]);
    let piped = piped.stdin(fs::File::open(sandbox.path("apps.pcapng")).unwrap()).output().unwrap();
    assert!(!piped.status.success());
    assert!(String::from_utf8_lossy(&piped.stderr).contains("read twice"));
}

#[test]
fn what_would_tell_what_is_masked_goes_with_it() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("all.csv", "BPF:greater 0,all\n");
    // Options of interfaces; hashes of packets; tables of names, and statistics.
    let files = ["suite/le/basic/test008.pcapng", "variety/gopacket-epb.pcapng", "suite/le/difficult/test202.pcapng"];
    let (mut before, mut after) = (Surroundings::default(), Surroundings::default());
    for file in files {
        let odd = corpus.join("conformance").join(file);
        let label = ["label", odd.to_str().unwrap(), "--labels", "all.csv", "-o", "all.pcapng", "--force"];
        sandbox.pcapml(label).expect(0);
        before.take(&sandbox.path("all.pcapng"));
        let fields = "ip.addr,eth.addr,frame.time";
        let select = ["select", "all.pcapng", "--mask", fields, "-o", "masked.pcapng", "--force"];
        let run = sandbox.pcapml(select).expect(0);
        assert!(
            file.contains("epb") || run.err.contains("left out: addresses, filters and names of interfaces"),
            "{}",
            run.err
        );
        after.take(&sandbox.path("masked.pcapng"));
    }
    let tells = Surroundings {
        blocks: BTreeSet::from([kind::NAME_RESOLUTION, kind::INTERFACE_STATISTICS]),
        of_interfaces: BTreeSet::from([
            code::IF_IPV4ADDR,
            code::IF_IPV6ADDR,
            code::IF_MACADDR,
            code::IF_EUIADDR,
            code::IF_TSOFFSET,
        ]),
        of_packets: BTreeSet::from([code::EPB_HASH]),
    };
    assert!(before.has_all(&tells), "{before:?}");
    assert!(!after.has_any(&tells), "{after:?}");
    assert!(after.of_packets.contains(&code::EPB_FLAGS) && after.of_interfaces.contains(&code::IF_SPEED), "{after:?}");
}

/// Addresses in names and comments: those around packets go, those of labels are told.
#[test]
fn what_names_addresses_goes_or_is_told() {
    let sandbox = Sandbox::new();
    let option = |code: u16, value: &[u8]| {
        let padding = vec![0; value.len().next_multiple_of(4) - value.len()];
        [&code.to_le_bytes()[..], &(value.len() as u16).to_le_bytes(), value, &padding].concat()
    };
    let block = |kind: u32, body: &[u8]| {
        let length = (body.len() as u32 + 12).to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    };
    let line = option(1, br#"pcapml: {"format":1,"contact":"joe at 198.51.100.7"}"#);
    let of_section = [line, option(1, b"secret 198_51_100_7"), option(3, b"Linux"), option(2988, b"\0\0\0\0secret")];
    let of_section = [&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8], &of_section.concat()].concat();
    let of_interface =
        [option(2, b"eth0"), option(3, b"secret 0:1b:63:1:2:3"), option(11, b"\0secret host 198.51.100.7")];
    let of_interface = [&[1, 0, 0, 0, 0, 0, 0, 0][..], &of_interface.concat()].concat();
    let mut packet = vec![0, 0x1b, 0x63, 1, 2, 3, 0, 0x1b, 0x63, 4, 5, 6, 8, 0];
    packet.extend([0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 198, 51, 100, 7, 203, 0, 113, 9]);
    packet.extend([0x99, 0x99, 0x13, 0x88, 0, 8, 0, 0]);
    let length = (packet.len() as u32).to_le_bytes();
    packet.extend([0; 2]);
    let label = option(1, b"5,web,source=198_51_100_7.pcap,mac=001b63010203,peer=198.51.100.8");
    let of_packet =
        [&[0; 12][..], &length, &length, &packet, &label, &option(5, b"a secret"), &option(2988, b"\0\0\0\0secret")];
    let of_packet = of_packet.concat();
    let blocks = [
        block(0x0a0d_0d0a, &of_section),
        block(1, &of_interface),
        block(0xbad, b"\0\0\0\x01secret.."),
        block(6, &of_packet),
    ];
    sandbox.write("in.pcapng", blocks.concat());
    let select = |mask: &str| {
        let run = sandbox.pcapml(["select", "in.pcapng", "--mask", mask, "-f", "-o", "out.pcapng"]).expect(0);
        sandbox.tool("capinfos", &["out.pcapng"]);
        (run.err, String::from_utf8_lossy(&fs::read(sandbox.path("out.pcapng")).unwrap()).into_owned())
    };
    let (told, out) = select("ip.addr,eth.addr");
    assert!(!out.contains("secret"), "{out}");
    assert!(out.contains("eth0") && out.contains("Linux"));
    for part in
        ["5 items left out", "    contact\n", "    source: in 1 packet, first of sample 5", "    mac: in 1 packet"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("peer"), "of no packet here: {told}");
    let (told, out) = select("eth.addr");
    assert!(out.contains("secret 198_51_100_7") && !out.contains("secret 0:1b") && !out.contains("secret host"));
    assert!(told.contains("    mac: in 1 packet") && !told.contains("source") && !told.contains("contact"), "{told}");
    let (told, out) = select("ip.ttl");
    assert!(out.contains("secret 0:1b") && !out.contains("secret.."), "{out}");
    assert!(!told.contains("WARNING"), "{told}");
}

/// What stands around packets: kinds of blocks, and codes of options.
#[derive(Debug, Default)]
struct Surroundings {
    blocks: BTreeSet<u32>,
    of_interfaces: BTreeSet<u16>,
    of_packets: BTreeSet<u16>,
}

impl Surroundings {
    fn take(&mut self, capture: &Path) {
        let mut reader = Reader::open(capture, 1).unwrap();
        while let Some(item) = reader.next_item().unwrap() {
            match item {
                Item::Other(block) => self.blocks.extend([block.kind]),
                Item::Interface(interface, _) => {
                    self.of_interfaces.extend(interface.options().map(|option| option.code))
                }
                Item::Packet(packet) => self.of_packets.extend(packet.options.map(|option| option.code)),
                Item::Section(_) => {}
            }
        }
    }

    fn has_all(&self, other: &Self) -> bool {
        let packets = self.of_packets.is_superset(&other.of_packets);
        packets && self.blocks.is_superset(&other.blocks) && self.of_interfaces.is_superset(&other.of_interfaces)
    }

    fn has_any(&self, other: &Self) -> bool {
        let packets = !self.of_packets.is_disjoint(&other.of_packets);
        packets || !self.blocks.is_disjoint(&other.blocks) || !self.of_interfaces.is_disjoint(&other.of_interfaces)
    }
}

/// Sets of columns, and what their rows are about.
const SETS: [&[&str]; 12] = [
    &["--set", "flows,entropy"],
    &["--set", "cic"],
    &["--set", "cic-legacy"],
    &["--set", "nfstream"],
    &["--set", "pyflowmeter"],
    &["--set", "pyflowmeter-compat"],
    &["--set", "ipfix"],
    &["--set", "splt:20,ppi:20"],
    &["--set", "stats"],
    &["--set", "headers"],
    &["--set", "bytes:120"],
    &["--set", "nprint:eth,4,6,tcp,udp,icmp,payload=8"],
];

/// The rows of a set as text.
fn rows(sandbox: &Sandbox, capture: &str, set: &[&str], masked: &str) -> Vec<BTreeMap<String, String>> {
    let arguments = ["features", capture, "-o", "rows.csv", "--force", "-q", "--mask", masked];
    sandbox.pcapml(arguments.iter().chain(set)).expect(0);
    csv_rows(&fs::read_to_string(sandbox.path("rows.csv")).unwrap())
}

/// What rows rest on cannot be seen in a capture that has it no more: there, they are the same.
#[test]
fn no_column_rests_on_a_masked_field() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let ids: Vec<String> = by_sample(&sandbox.path("apps.pcapng")).into_keys().step_by(9).collect();
    sandbox.write("ids.txt", ids.join("\n"));
    sandbox.pcapml(["select", "apps.pcapng", "--ids", "ids.txt", "-o", "part.pcapng"]).expect(0);
    for field in pcapml::redact::Field::ALL {
        let field = field.name();
        let select = ["select", "part.pcapng", "--mask", field, "-o", "masked.pcapng", "--force"];
        sandbox.pcapml(select).expect(0);
        for set in SETS {
            let before = rows(&sandbox, "part.pcapng", set, field);
            // Without addresses or ports, the flows of a sample are others.
            let of_flows = !["headers", "bytes", "nprint"].iter().any(|name| set[1].starts_with(name));
            if set[1].starts_with("bytes") && field == "port" {
                // What they hold says which packets have rows: DNS has none.
                continue;
            }
            if of_flows && ["ip.addr", "port"].contains(&field) {
                before.iter().for_each(|row| assert_tells_nothing(row, field));
                continue;
            }
            let after = rows(&sandbox, "masked.pcapng", set, field);
            assert_eq!(before.len(), after.len(), "{field} {set:?}");
            for (mut before, mut after) in before.into_iter().zip(after) {
                // Where whole milliseconds begin remains of the time in differences of such.
                // How flows end is of their assembly, as their ends are: it sees what is there.
                let cut = |name: &String| {
                    field == "frame.time" && set[1] == "nfstream" && name.ends_with("_ms")
                        || field == "tcp.seq" && name.replace('_', "").to_lowercase().contains("endreason")
                };
                before.retain(|name, _| !cut(name));
                after.retain(|name, _| !cut(name));
                assert_eq!(before, after, "{field} {set:?}");
            }
        }
    }
}

/// Neither the addresses of our own dataset nor its ports stand in a row.
fn assert_tells_nothing(row: &BTreeMap<String, String>, field: &str) {
    let of_keys = |name: &str| ["Flow ID", "community_id", "flow_id", "flowId", "id"].contains(&name);
    let of_ports = |name: &str| name.to_lowercase().contains("port") || of_keys(name);
    for (name, value) in row {
        let told = match field {
            "port" => of_ports(name),
            _ => value.contains("10.77.") || value.contains("fd77:") || of_keys(name),
        };
        assert!(!told, "{field}: {name} = {value}");
    }
}

/// Numbers of flows are hashes of addresses, ports and times: guesses can be tried.
#[test]
fn packets_are_in_flows_that_are_known_by_their_first_packets() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let table = |mask: &[&str]| {
        let flows = ["flows", "apps.pcapng", "-o", "flows.csv", "--packets", "packets.csv", "--force"];
        sandbox.pcapml(flows.iter().chain(mask)).expect(0);
        ["flows.csv", "packets.csv"].map(|name| csv_rows(&fs::read_to_string(sandbox.path(name)).unwrap()))
    };
    let [_, open] = table(&[]);
    for mask in ["ip.addr", "port", "frame.time"] {
        let [flows, packets] = table(&["--mask", mask]);
        let key = |row: &BTreeMap<String, String>| (row["sample_id"].clone(), row["first_packet"].clone());
        let known: BTreeSet<_> = flows.iter().map(key).collect();
        assert_eq!(known.len(), flows.len(), "{mask}");
        assert!(!flows[0].contains_key("flow_id") && !packets[0].contains_key("flow_id"), "{mask}");
        assert_eq!(packets.len(), open.len());
        let in_flows = packets.iter().filter(|row| !row["first_packet"].is_empty());
        assert!(in_flows.clone().all(|row| known.contains(&key(row))), "{mask}");
        assert_eq!(in_flows.count(), open.iter().filter(|row| !row["flow_id"].is_empty()).count(), "{mask}");
    }
}

/// A capture of UDP in which the time to live alone tells the label: 64 of a, 128 of b.
fn planted(sandbox: &Sandbox) {
    let mut pcap = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0];
    for number in 0_u8..8 {
        let ttl = if number % 2 == 0 { 64 } else { 128 };
        // Pairs with the same address, ports and lengths.
        let [source, seconds] = [number / 2, number * 2];
        let checksum = 0xffff_u16.wrapping_sub(u16::from(ttl) << 8);
        let mut packet = vec![0x45, 0, 0, 32, 0, 1, 0, 0, ttl, 17];
        packet.extend(checksum.to_be_bytes());
        packet.extend([192, 0, 2, source, 198, 51, 100, 1, 0x13, 0x88, 0x17, 0x70, 0, 12, 0, 0, 1, 2, 3, 4]);
        pcap.extend([seconds, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 32, 0, 0, 0]);
        pcap.extend(packet);
    }
    sandbox.write("planted.pcap", pcap);
    let window = |number: u32| {
        format!("TS_START:{0}|TS_END:{0},{1}\n", number * 2, if number.is_multiple_of(2) { "a" } else { "b" })
    };
    sandbox.write("planted.csv", (0..8).map(window).collect::<String>());
    sandbox.pcapml(["label", "planted.pcap", "--labels", "planted.csv", "-o", "planted.pcapng"]).expect(0);
    disallow(sandbox, "planted.pcapng", "rules.pcapng", &["ip.ttl"]);
}

/// The rows of each label, without what names a sample, a packet or a time.
fn by_label(sandbox: &Sandbox, more: &[&str]) -> [BTreeSet<Vec<(String, String)>>; 2] {
    let names = ["sample_id", "label", "flowId", "flow_id", "packet", "time", "community_id"];
    let ignored = |name: &str| {
        let of_place = name.starts_with("flowStart") || name.starts_with("flowEndN") || name.starts_with("frame.");
        names.contains(&name) || of_place || name.ends_with("_packet")
    };
    let arguments = ["features", "rules.pcapng", "-o", "rows.csv", "--force"];
    sandbox.pcapml(arguments.iter().chain(more)).expect(0);
    let rows = csv_rows(&fs::read_to_string(sandbox.path("rows.csv")).unwrap());
    ["a", "b"].map(|label| {
        let of_label = rows.iter().filter(|row| row["label"] == label).cloned();
        of_label.map(|row| row.into_iter().filter(|(name, _)| !ignored(name)).collect()).collect()
    })
}

#[test]
fn a_label_that_rests_on_what_is_disallowed_cannot_be_told_any_more() {
    let sandbox = Sandbox::new();
    planted(&sandbox);
    for set in ["ipfix", "headers", "nprint:4", "bytes:40"] {
        let [a, b] = by_label(&sandbox, &["--set", set, "--allow-disallowed"]);
        assert!(a.is_disjoint(&b) && a.len() == b.len(), "{set}: planted");
        let [a, b] = by_label(&sandbox, &["--set", set]);
        // Each address has one packet of either label.
        assert_eq!(a, b, "{set}");
        assert!(!a.is_empty());
    }
    let said = sandbox.pcapml(["features", "rules.pcapng", "--set", "ipfix", "-o", "rows.arrow"]).expect(0);
    said.says("nothing rests on ip.ttl, which is masked; left out: minimumTTL, reverseMinimumTTL, maximumTTL, reverseMaximumTTL");
    let arrow = String::from_utf8_lossy(&fs::read(sandbox.path("rows.arrow")).unwrap()).into_owned();
    assert!(arrow.contains(r#""masked":["ip.ttl"]"#) && arrow.contains(r#""disallowed_but_taken":[]"#));
    let columns = ["features", "rules.pcapng", "--set", "ipfix", "--columns", "minimumTTL", "-o", "-"];
    sandbox.pcapml(columns).expect(1).says("the column 'minimumTTL' shows what is masked: ip.ttl");
    sandbox.pcapml(columns.iter().chain(&["--allow-disallowed"])).expect(0).says("ip.ttl disallowed, and taken");
    // A pipe cannot be asked before columns are chosen.
    let piped = |more: &[&str]| {
        let mut command = sandbox.command();
        command.args(["features", "-", "--set", "ipfix", "-o", "-"]).args(more);
        command.stdin(fs::File::open(sandbox.path("rules.pcapng")).unwrap());
        Run::of(&mut command)
    };
    piped(&[]).expect(1).says("this section disallows ip.ttl");
    assert_eq!(
        piped(&["--mask", "ip.ttl"]).expect(0).out,
        sandbox.pcapml(["features", "rules.pcapng", "--set", "ipfix", "-o", "-"]).expect(0).out
    );
    disallow(&sandbox, "planted.pcapng", "later.pcapng", &["tcp.flags"]);
    sandbox.pcapml(["flows", "later.pcapng", "-o", "-"]).expect(1).says("later.pcapng").says("'tcp.flags' is no field");
    sandbox.pcapml(["flows", "later.pcapng", "-o", "-", "--allow-disallowed"]).expect(0);
}

#[test]
fn a_dataset_for_others_rests_on_nothing_that_is_disallowed() {
    let sandbox = Sandbox::new();
    planted(&sandbox);
    sandbox.pcapml(["export", "huggingface", "rules.pcapng", "--set", "ipfix", "-o", "out"]).expect(0);
    let card = fs::read_to_string(sandbox.path("out/README.md")).unwrap();
    assert!(card.contains("No column rests on ip.ttl: masked."), "{card}");
    let rows = fs::read(sandbox.path("out/data/train-00000-of-00001.parquet")).unwrap();
    let rows = String::from_utf8_lossy(&rows);
    assert!(!rows.contains("minimumTTL") && rows.contains("maximumIpTotalLength"));
}
