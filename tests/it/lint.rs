//! `pcapml lint`: datasets in which one thing is wrong, and one in which nothing is; the corpus, with duplicates counted
//! by tshark.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::print::{ipv4, tcp, udp};
use crate::support::{Run, Sandbox, corpus, csv_rows, digest};

/// A capture of one flow, and so a sample.
#[derive(Clone)]
struct Capture {
    label: &'static str,
    split: &'static str,
    /// Seconds behind the first capture's begin.
    packets: Vec<(u64, Vec<u8>)>,
}

type Dataset = Vec<Capture>;

/// Numbers that look like chance.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// A frame between hosts of these numbers, by UDP.
fn frame((from, to): (u16, u16), ports: (u16, u16), identification: u16, payload: &[u8]) -> Vec<u8> {
    packet((from, to), identification, 17, &udp(ports, payload))
}

fn packet((from, to): (u16, u16), identification: u16, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let [from, to] = [from, to].map(u16::to_be_bytes);
    let mut ip = ipv4(protocol, 64, 0, payload);
    ip[4..6].copy_from_slice(&identification.to_be_bytes());
    ip[12..16].copy_from_slice(&[198, 18, from[0], from[1]]);
    ip[16..20].copy_from_slice(&[198, 19, to[0], to[1]]);
    if from[0] >= 0x80 {
        // Servers answer from their network.
        ip[13] = 19;
        ip[17] = 18;
    }
    [&[2, 0, 0, 0][..], &to, &[2, 0, 0, 0], &from, &[8, 0], &ip].concat()
}

/// The hosts of a capture: client and server.
fn hosts(number: u16) -> (u16, u16) {
    (number + 1, 0x8000 + number + 1)
}

/// A conversation of random sizes and bytes.
fn talk(hosts: (u16, u16), random: &mut Random) -> Vec<Vec<u8>> {
    let port = 1024 + (random.next() % 60_000) as u16;
    (0..6)
        .map(|at| {
            let payload: Vec<u8> = (0..20 + random.next() % 200).map(|_| random.next() as u8).collect();
            let identification = random.next() as u16 | 1;
            match at % 2 {
                0 => frame(hosts, (port, 7_777), identification, &payload),
                _ => frame((hosts.1, hosts.0), (7_777, port), identification, &payload),
            }
        })
        .collect()
}

/// Forty captures of two classes side by side, each of other hosts; those of test are later. Nothing ties them.
fn clean() -> Dataset {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let capture = |number: u16| {
        let split = if number < 24 { "train" } else { "test" };
        let packets = talk(hosts(number), &mut random).into_iter().zip(0..);
        let packets = packets.map(|(bytes, at)| (u64::from(number) * 1_000 + at * 5, bytes)).collect();
        Capture { label: ["web", "mail"][usize::from(number % 2)], split, packets }
    };
    (0..40).map(capture).collect()
}

/// Writes the dataset, labels it, and says which sample each capture is.
fn label(sandbox: &Sandbox, dataset: &Dataset) -> Vec<String> {
    let mut labels = "filename,label\n".to_owned();
    for (number, capture) in dataset.iter().enumerate() {
        let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
        for (time, bytes) in &capture.packets {
            let length = bytes.len() as u32;
            let fields = [1_500_000_000_u32.wrapping_add(*time as u32), 0, length, length];
            file.extend(fields.into_iter().flat_map(u32::to_le_bytes));
            file.extend(bytes);
        }
        sandbox.write(&format!("pcaps/{number:02}.pcap"), file);
        labels.push_str(&format!("{number:02}.pcap,{}\n", capture.label));
    }
    sandbox.write("labels.csv", labels);
    let arguments =
        ["label", "pcaps", "--labels", "labels.csv", "--by", "flow", "--idle-timeout", "200000s", "--source"];
    sandbox.pcapml([&arguments[..], &["-o", "a.pcapng", "--force"]].concat()).expect(0);
    let samples = csv_rows(&sandbox.pcapml(["samples", "a.pcapng", "--format", "csv"]).expect(0).out);
    let of: BTreeMap<&str, &str> =
        samples.iter().map(|row| (row["source"].as_str(), row["sample_id"].as_str())).collect();
    assert_eq!((of.len(), samples.len()), (dataset.len(), dataset.len()));
    let ids: Vec<String> = of.values().map(ToString::to_string).collect();
    let rows = ids.iter().zip(dataset).map(|(id, capture)| format!("{id},{}\n", capture.split));
    sandbox.write("splits.csv", format!("sample_id,split\n{}", rows.collect::<String>()));
    ids
}

fn lint(sandbox: &Sandbox, more: &[&str]) -> Run {
    let arguments = ["lint", "a.pcapng", "--splits", "splits.csv", "--format", "json"];
    sandbox.pcapml([&arguments[..], more].concat())
}

fn findings(run: &Run) -> Vec<Value> {
    serde_json::from_str(&run.out).unwrap()
}

/// The ids of each rule's findings, of the rules that are tested here.
fn found(run: &Run) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in findings(run) {
        let rule = finding["rule"].as_str().unwrap();
        if ["ids-", "duplicate-", "leak-", "time-", "balance-"].iter().any(|group| rule.starts_with(group)) {
            let ids = finding["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned());
            found.entry(rule.to_owned()).or_default().extend(ids);
        }
    }
    found
}

#[test]
fn nothing_is_found_where_nothing_is() {
    let sandbox = Sandbox::new();
    label(&sandbox, &clean());
    let run = lint(&sandbox, &[]).expect(0);
    assert!(found(&run).is_empty(), "{}", run.out);
}

/// What is wrong, the rule that must find it, and the numbers of the captures that it must name.
type Planted = (&'static str, &'static [usize], fn(&mut Dataset));

/// The bytes of a capture's packets, each changed.
fn change(dataset: &mut Dataset, number: usize, how: impl Fn(usize, &mut Vec<u8>)) {
    dataset[number].packets.iter_mut().enumerate().for_each(|(at, (_, bytes))| how(at, bytes));
}

/// Gives a capture the packets of another, at its own times.
fn copy(dataset: &mut Dataset, from: usize, to: usize) {
    let packets = dataset[from].packets.clone();
    dataset[to].packets.iter_mut().zip(packets).for_each(|((_, bytes), (_, other))| *bytes = other);
}

/// Copies bytes of a capture's packets over those of another: of packets from the client, and to it.
fn same(dataset: &mut Dataset, (from, to): (usize, usize), sent: &[(usize, usize)], received: &[(usize, usize)]) {
    let original = dataset[from].packets.clone();
    change(dataset, to, |at, bytes| {
        for &(start, end) in if at % 2 == 0 { sent } else { received } {
            bytes[start..end].copy_from_slice(&original[at].1[start..end]);
        }
    });
}

/// Where hardware addresses, addresses and ports stand, of the source and the destination.
const MAC: [(usize, usize); 2] = [(6, 12), (0, 6)];
const IP: [(usize, usize); 2] = [(26, 30), (30, 34)];
const PORT: [(usize, usize); 2] = [(34, 36), (36, 38)];

/// A connection between the hosts of a capture, by its flags.
fn connection(dataset: &mut Dataset, number: usize, flags: &[u8]) {
    let first = dataset[number].packets[0].0;
    let (client, server) = hosts(number as u16);
    let segment = |(at, &flags): (usize, &u8)| {
        let mut segment = tcp((40_000 + number as u16, 80), &[number as u8, at as u8, 9]);
        segment[4..8].copy_from_slice(&(0x0123_4567 * (number as u32 + 1) + 3 * at as u32).to_be_bytes());
        segment[13] = flags;
        (first + at as u64, packet((client, server), (number * 977 + at * 331) as u16, 6, &segment))
    };
    dataset[number].packets = flags.iter().enumerate().map(segment).collect();
}

const PLANTED: &[Planted] = &[
    ("leak-duplicate", &[30], |dataset| copy(dataset, 3, 30)),
    ("duplicate-sample", &[3, 30], |dataset| copy(dataset, 3, 30)),
    ("leak-masked", &[30], |dataset| {
        copy(dataset, 3, 30);
        change(dataset, 30, |_, bytes| {
            bytes[0] = 6;
            bytes[22] = 60;
            bytes[24..26].copy_from_slice(&[1, 2]);
            (bytes[28], bytes[32]) = (77, 77);
            (bytes[35], bytes[37]) = (bytes[35] ^ 1, bytes[37] ^ 1);
        });
    }),
    ("leak-shape", &[30], |dataset| {
        copy(dataset, 3, 30);
        change(dataset, 30, |_, bytes| {
            (bytes[28], bytes[32]) = (77, 77);
            bytes[42..].iter_mut().for_each(|byte| *byte ^= 0x55);
        });
    }),
    // 3 is mail, and 30 is web: of forty, thirty-nine can be right.
    ("duplicate-label", &[3, 30], |dataset| copy(dataset, 3, 30)),
    ("leak-flow", &[30], |dataset| {
        same(dataset, (3, 30), &[IP, PORT].concat(), &[IP, PORT].concat());
    }),
    ("leak-host", &[30], |dataset| same(dataset, (3, 30), &IP[..1], &IP[1..])),
    ("leak-server", &[30], |dataset| same(dataset, (3, 30), &IP[1..], &IP[..1])),
    ("leak-host-pair", &[30], |dataset| same(dataset, (3, 30), &IP, &IP)),
    ("leak-mac", &[30], |dataset| same(dataset, (3, 30), &MAC[..1], &MAC[1..])),
    ("leak-gateway", &[30], |dataset| same(dataset, (3, 30), &MAC[1..], &MAC[..1])),
    ("time-order", &[5], |dataset| dataset[5].packets[3].0 -= 6),
    ("time-jump", &[5], |dataset| dataset[5].packets[3].0 -= 6),
    ("time-jump", &[39], |dataset| dataset[39].packets[5].0 += 90_000),
    ("time-missing", &[0], |dataset| {
        // The seconds of a pcap begin anew: 1970.
        dataset[0].packets.iter_mut().for_each(|(time, _)| *time += (1 << 32) - 1_500_000_000);
    }),
    ("time-test-before-train", &[30], |dataset| dataset[30].packets[0].0 = 0),
    ("time-headless", &[7], |dataset| connection(dataset, 7, &[0x18, 0x18, 0x11])),
    ("time-cut", &[7, 8], |dataset| {
        let (begin, end) = dataset[7].packets.split_at(3);
        let (begin, end) = (begin.to_vec(), end.to_vec());
        (dataset[7].packets, dataset[8].packets) = (begin, end);
    }),
    ("balance-drift", &[], |dataset| {
        dataset.iter_mut().skip(24).for_each(|capture| capture.label = "web");
    }),
    ("balance-tiny", &[0], |dataset| dataset[0].label = "chat"),
    ("balance-missing", &[0], |dataset| dataset[0].label = "chat"),
    ("balance-shift", &[], |dataset| {
        for capture in &mut dataset[24..] {
            capture.packets.truncate(2);
        }
    }),
];

#[test]
fn what_is_planted_is_found() {
    for &(rule, captures, plant) in PLANTED {
        let sandbox = Sandbox::new();
        let mut dataset = clean();
        plant(&mut dataset);
        let ids = label(&sandbox, &dataset);
        let run = lint(&sandbox, &[]);
        let found = found(&run);
        let expected: BTreeSet<&String> = captures.iter().map(|&number| &ids[number]).collect();
        let named = found.get(rule).unwrap_or_else(|| panic!("{rule}: {}", run.out));
        assert_eq!(named.iter().collect::<BTreeSet<_>>(), expected, "{rule}: {}", run.out);
        let errors = findings(&run).iter().filter(|finding| finding["severity"] == "error").count();
        assert_eq!(run.status, i32::from(errors > 0), "{rule}: {}", run.err);
    }
}

#[test]
fn classes_apart_in_time_are_found() {
    let sandbox = Sandbox::new();
    let mut dataset = clean();
    // First all of one class, then all of the other.
    dataset.iter_mut().enumerate().for_each(|(at, capture)| capture.label = if at < 20 { "web" } else { "mail" });
    label(&sandbox, &dataset);
    assert_eq!(found(&lint(&sandbox, &[]))["time-disjoint"].len(), 40);
}

#[test]
fn nothing_leaks_within_a_split() {
    let sandbox = Sandbox::new();
    let mut dataset = clean();
    copy(&mut dataset, 3, 30);
    dataset.iter_mut().for_each(|capture| capture.split = "train");
    label(&sandbox, &dataset);
    let found = found(&lint(&sandbox, &[]).expect(0));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["duplicate-label", "duplicate-sample"]);
}

#[test]
fn severities_are_the_users() {
    let sandbox = Sandbox::new();
    let mut dataset = clean();
    copy(&mut dataset, 3, 30);
    label(&sandbox, &dataset);
    lint(&sandbox, &[]).expect(1).says("errors").says("--allow the rule if it is meant so");
    let run = lint(&sandbox, &["--allow", "leak"]).expect(0);
    assert!(found(&run).keys().all(|rule| !rule.starts_with("leak-")));
    let run = lint(&sandbox, &["--allow", "leak", "--deny", "duplicate-sample"]).expect(1);
    let severity =
        |name: &str| findings(&run).iter().find(|finding| finding["rule"] == name).unwrap()["severity"].clone();
    assert_eq!((severity("duplicate-sample"), severity("duplicate-label")), ("error".into(), "warning".into()));
    // The worst comes first.
    assert_eq!(findings(&run)[0]["rule"], "duplicate-sample");
    lint(&sandbox, &["--deny", "dup"]).expect(1).says("there is no rule or group 'dup'");
}

#[test]
fn splits_must_be_of_the_capture() {
    let sandbox = Sandbox::new();
    let ids = label(&sandbox, &clean());
    sandbox.write("splits.csv", "sample_id,split\n1,train\n2,test\n");
    lint(&sandbox, &[]).expect(1).says("no sample of a.pcapng has a split").says("the splits are of another capture");
    sandbox.write("splits.csv", format!("sample_id,split\n{},train\n{},test\n7,test\n", ids[0], ids[1]));
    let run = lint(&sandbox, &[]).expect(0);
    let unsplit = findings(&run).into_iter().find(|finding| finding["rule"] == "balance-unsplit").unwrap();
    assert_eq!(unsplit["ids"].as_array().unwrap().len(), 38);
    let evidence =
        "38 of 40 (95.0 %) samples have no split; 1 of 3 (33.3 %) ids of the table of splits are not in the capture";
    assert_eq!(unsplit["evidence"], evidence);
}

#[test]
fn findings_have_the_form_that_programs_expect() {
    let sandbox = Sandbox::new();
    let mut dataset = clean();
    copy(&mut dataset, 3, 30);
    label(&sandbox, &dataset);
    for finding in findings(&lint(&sandbox, &[])) {
        let object = finding.as_object().unwrap();
        assert_eq!(object.keys().collect::<Vec<_>>(), ["disallow", "evidence", "ids", "remedy", "rule", "severity"]);
        assert!(["error", "warning", "note"].contains(&finding["severity"].as_str().unwrap()));
        assert!(finding["ids"].as_array().unwrap().iter().all(|id| id.as_str().unwrap().parse::<u64>().is_ok()));
        assert!(["evidence", "remedy"].iter().all(|name| !finding[name].as_str().unwrap().is_empty()));
    }
    let arguments = ["lint", "a.pcapng", "--splits", "splits.csv", "--format", "sarif", "-o", "a.sarif"];
    sandbox.pcapml(arguments).expect(1);
    let sarif: Value = serde_json::from_slice(&std::fs::read(sandbox.path("a.sarif")).unwrap()).unwrap();
    assert_eq!((&sarif["version"], sarif["runs"].as_array().unwrap().len()), (&Value::from("2.1.0"), 1));
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.iter().all(|rule| rule["shortDescription"]["text"].is_string()));
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 3);
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].as_str().unwrap().contains("Remedy: "));
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(place, "a.pcapng");
    }
}

#[test]
fn rules_are_listed_whole() {
    let sandbox = Sandbox::new();
    let text = sandbox.pcapml(["lint", "--rules"]).expect(0).out;
    let csv = csv_rows(&sandbox.pcapml(["lint", "--rules", "csv"]).expect(0).out);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let expected: Vec<String> = csv
        .iter()
        .flat_map(|row| words(&format!("{} ({}) {}", row["rule"], row["severity"], row["meaning"])))
        .collect();
    assert_eq!(words(&text), expected);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

/// The corpus with every flow a sample, and splits: at random, and by capture.
fn corpus_flows(sandbox: &Sandbox) -> Option<()> {
    let labelled = corpus()?.join("labelled");
    let (pcaps, labels) = (labelled.join("pcaps"), labelled.join("labels.csv"));
    let (pcaps, labels) = (pcaps.to_str().unwrap(), labels.to_str().unwrap());
    sandbox.pcapml(["label", pcaps, "--by", "flow", "--labels", labels, "--source", "-o", "a.pcapng"]).expect(0);
    let samples = csv_rows(&sandbox.pcapml(["samples", "a.pcapng", "--format", "csv"]).expect(0).out);
    for (name, column) in [("sample.csv", "sample_id"), ("capture.csv", "source")] {
        let split = |row: &BTreeMap<String, String>| match u8::from_str_radix(&digest(row[column].as_bytes())[..2], 16)
        {
            Ok(0..180) => "train",
            _ => "test",
        };
        let rows = samples.iter().map(|row| format!("{},{}\n", row["sample_id"], split(row))).collect::<String>();
        sandbox.write(name, format!("sample_id,split\n{rows}"));
    }
    Some(())
}

/// What tshark says of a packet: its sample, its file, and all that its bytes are.
fn by_tshark(sandbox: &Sandbox) -> BTreeMap<String, (String, Vec<String>)> {
    let fields = ["frame.comment", "frame.md5_hash", "frame.len", "frame.encap_type"];
    let mut arguments =
        vec!["-r", "a.pcapng", "-o", "frame.generate_md5_hash:TRUE", "-T", "fields", "-E", "separator=|"];
    fields.iter().for_each(|field| arguments.extend(["-e", field]));
    let mut samples: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for line in sandbox.tool("tshark", &arguments).lines() {
        let (comment, packet) = line.split_once('|').unwrap();
        let source = comment.split("source=").nth(1).unwrap().split(',').next().unwrap();
        let sample = samples.entry(comment.split(',').next().unwrap().to_owned()).or_default();
        sample.0 = source.to_owned();
        sample.1.push(packet.to_owned());
    }
    samples
}

/// The samples of test that share something with one of train.
fn touched<'a, K: Ord>(
    pairs: impl Iterator<Item = (K, &'a String)>,
    splits: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    let mut groups: BTreeMap<K, Vec<&String>> = BTreeMap::new();
    pairs.for_each(|(key, id)| groups.entry(key).or_default().push(id));
    let of = |split: &'static str| move |id: &&&String| splits[id.as_str()] == split;
    let leaks = groups.values().filter(|ids| ids.iter().any(|id| of("train")(&id)));
    leaks.flat_map(|ids| ids.iter().filter(|id| of("test")(id)).map(|id| (*id).clone())).collect()
}

#[test]
fn leaks_of_the_corpus_are_those_that_tshark_sees() {
    let sandbox = Sandbox::new();
    if corpus_flows(&sandbox).is_none() {
        return;
    }
    let samples = by_tshark(&sandbox);
    let mut groups: BTreeMap<&[String], usize> = BTreeMap::new();
    samples.values().for_each(|(_, packets)| *groups.entry(packets).or_default() += 1);
    let twice: usize = groups.values().filter(|count| **count > 1).sum();
    assert!(twice > 20, "{twice}");
    for name in ["sample.csv", "capture.csv"] {
        let run = sandbox.pcapml(["lint", "a.pcapng", "--splits", name, "--format", "json"]).expect(1);
        let found = found(&run);
        let ids = |rule: &str| found.get(rule).into_iter().flatten().cloned().collect::<BTreeSet<String>>();
        assert_eq!(ids("duplicate-sample").len(), twice);
        let rows = csv_rows(&std::fs::read_to_string(sandbox.path(name)).unwrap());
        let splits: BTreeMap<String, String> =
            rows.iter().map(|row| (row["sample_id"].clone(), row["split"].clone())).collect();
        let copies = samples.iter().map(|(id, (_, packets))| (packets, id));
        assert_eq!(ids("leak-duplicate"), touched(copies, &splits));
        let files = samples.iter().map(|(id, (source, _))| (source, id));
        assert_eq!(ids("leak-capture"), touched(files, &splits));
        // A split at random leaks captures and copies; one by capture leaks neither, and says what it leaves.
        assert_eq!(ids("leak-capture").is_empty(), name == "capture.csv");
        let hosts = findings(&run).into_iter().find(|finding| finding["rule"] == "leak-host").unwrap();
        assert!(
            hosts["evidence"]
                .as_str()
                .unwrap()
                .contains("of them in several capture files, which no split by capture parts")
        );
    }
}
