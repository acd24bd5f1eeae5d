//! Labels, packet by packet, on captures whose truth is known.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{Sandbox, apps, by_sample, corpus, csv_rows, packets, read_text};

#[test]
fn our_dataset_gets_the_labels_of_its_table() {
    let sandbox = Sandbox::new();
    let apps = apps();
    let run = sandbox.pcapml([
        "label",
        apps.join("pcaps").to_str().unwrap(),
        "--labels",
        apps.join("labels.csv").to_str().unwrap(),
        "-o",
        "apps.pcapng",
    ]);
    run.expect(0).says("labelled 3105 packets of 90 samples");
    let rows = csv_rows(&fs::read_to_string(apps.join("labels.csv")).unwrap());
    let samples = csv_rows(&sandbox.pcapml(["samples", "apps.pcapng", "--format", "csv"]).expect(0).out);
    assert_eq!(rows.len(), samples.len());
    // Samples stand in the order of the table, so that row and sample correspond.
    for (row, sample) in rows.iter().zip(&samples) {
        let original = packets(&apps.join("pcaps").join(&row["filename"]));
        assert_eq!(sample["packets"], original.len().to_string(), "{}", row["filename"]);
        assert_eq!((&row["label"], &row["client"], &row["ip"]), (&sample["label"], &sample["client"], &sample["ip"]));
    }
    let labelled = packets(&sandbox.path("apps.pcapng"));
    let originals = rows.iter().flat_map(|row| packets(&apps.join("pcaps").join(&row["filename"])));
    for ((labelled, comments), (original, _)) in labelled.iter().zip(originals) {
        assert_eq!((labelled, comments.len()), (&original, 1));
    }
}

#[test]
fn the_rules_of_our_dataset_agree_with_its_table() {
    let sandbox = Sandbox::new();
    let apps = apps();
    let (pcaps, table, rules) = (apps.join("pcaps"), apps.join("labels.csv"), apps.join("rules.csv"));
    sandbox
        .pcapml(["label", pcaps.to_str().unwrap(), "--labels", table.to_str().unwrap(), "-o", "table.pcapng"])
        .expect(0);
    sandbox.pcapml(["strip", "table.pcapng", "-o", "all.pcap"]).expect(0);
    sandbox.pcapml(["label", "all.pcap", "--labels", rules.to_str().unwrap(), "-o", "rules.pcapng"]).expect(0);
    let label = |comments: &[String]| comments[0].split(',').nth(1).unwrap().to_owned();
    let (by_table, by_rules) = (packets(&sandbox.path("table.pcapng")), packets(&sandbox.path("rules.pcapng")));
    assert_eq!(by_table.len(), by_rules.len());
    for ((_, table), (_, rules)) in by_table.iter().zip(&by_rules) {
        assert_eq!(label(table), label(rules));
    }
}

/// For every packet of `merged.pcap`, in order: the line of its first rule (0 = none) and the keys of all that match.
fn expected(path: &Path) -> Vec<(u64, String, Vec<String>)> {
    let rows = csv_rows(&read_text(path));
    let expected = rows.iter().map(|row| {
        let keys = row["all_keys"].split_whitespace().map(str::to_owned).collect();
        (row["first_rule_line"].parse().unwrap_or(0), row["first_key"].clone(), keys)
    });
    expected.collect()
}

#[test]
fn every_packet_of_the_merged_capture_gets_what_its_rules_say() {
    let Some(corpus) = corpus() else { return };
    let single = corpus.join("single");
    for name in ["rules", "rules_overlap"] {
        check_rules(&single, name);
    }
}

fn check_rules(single: &Path, name: &str) {
    let sandbox = Sandbox::new();
    let rules = single.join(format!("{name}.pcapml"));
    let capture = single.join("merged.pcap");
    let (rules_path, capture_path) = (rules.to_str().unwrap(), capture.to_str().unwrap());
    let label = |output: &str, matching: &str| {
        sandbox
            .pcapml([
                "label",
                capture_path,
                "--labels",
                rules_path,
                "-o",
                output,
                "--match",
                matching,
                "--keep-unlabeled",
            ])
            .expect(0);
        packets(&sandbox.path(output))
    };
    let key_of: BTreeMap<String, String> = ids_by_key(&fs::read_to_string(&rules).unwrap());
    let keys = |comments: &[String]| -> Vec<String> {
        comments.iter().map(|comment| key_of[comment.split(',').next().unwrap()].clone()).collect()
    };
    let expected = expected(&single.join(format!("expected_{name}.csv.gz")));
    let (first, all, original) = (label("first.pcapng", "first"), label("all.pcapng", "all"), packets(&capture));
    assert_eq!(expected.len(), first.len());
    let mut labelled = 0;
    for (number, (_, first_key, all_keys)) in expected.iter().enumerate() {
        let one: Vec<String> = if first_key.is_empty() { vec![] } else { vec![first_key.clone()] };
        assert_eq!(keys(&first[number].1), one, "{name} packet {}", number + 1);
        assert_eq!(first[number].0, original[number].0, "{name} packet {}", number + 1);
        let (mut got, mut want) = (keys(&all[number].1), all_keys.clone());
        assert_eq!(got.first(), one.first(), "{name} packet {}: the first rule's comment comes first", number + 1);
        got.sort();
        want.sort();
        assert_eq!(got, want, "{name} packet {}", number + 1);
        labelled += one.len();
    }
    println!("{name}: {} packets as expected, {labelled} of them labelled", expected.len());
    let unique =
        sandbox.pcapml(["label", capture_path, "--labels", rules_path, "-o", "unique.pcapng", "--match", "unique"]);
    let ambiguous = expected.iter().any(|(.., keys)| keys.len() > 1);
    assert_eq!(unique.status == 1, ambiguous, "{}", unique.err);
    assert_eq!(ambiguous, !sandbox.path("unique.pcapng").exists());
    if ambiguous {
        unique.says("matches two rules: line ");
    }
}

/// Ids of hash keys, by the id that the contract gives them.
fn ids_by_key(rules: &str) -> BTreeMap<String, String> {
    use pcapml::packet::{Key, SampleId};
    let keys = rules.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit(',').next());
    keys.map(|key| (SampleId::of("", Key::Key(key)).to_string(), key.to_owned())).collect()
}

#[test]
fn a_directory_can_be_labelled_by_file_rules() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let labelled = corpus.join("labelled");
    let (directory, rules) = (labelled.to_str().unwrap(), labelled.join("rules.pcapml"));
    sandbox.pcapml(["label", directory, "--labels", rules.to_str().unwrap(), "-o", "rules.pcapng"]).expect(0);
    let (pcaps, table) = (labelled.join("pcaps"), labelled.join("labels.csv"));
    sandbox
        .pcapml(["label", pcaps.to_str().unwrap(), "--labels", table.to_str().unwrap(), "-o", "table.pcapng"])
        .expect(0)
        .says("link types");
    let rows = csv_rows(&fs::read_to_string(table).unwrap());
    let (by_rules, by_table) = (by_sample(&sandbox.path("rules.pcapng")), by_sample(&sandbox.path("table.pcapng")));
    assert_eq!((by_rules.len(), by_table.len()), (rows.len(), rows.len()));
    for row in rows {
        use pcapml::packet::{Key, SampleId};
        let id = |name: &str| SampleId::of("", Key::File(name)).to_string();
        let original: Vec<_> = packets(&pcaps.join(&row["filename"])).into_iter().map(|(fact, _)| fact).collect();
        assert_eq!(by_table[&id(&row["filename"])], original, "{}", row["filename"]);
        assert_eq!(by_rules[&id(&format!("pcaps/{}", row["filename"]))], original, "{}", row["filename"]);
    }
}

#[test]
fn what_is_missing_or_left_over_is_told() {
    let sandbox = Sandbox::new();
    let capture = fs::read(first_capture()).unwrap();
    sandbox.write("data/day1/a.pcap", &capture);
    sandbox.write("data/b.pcap", &capture);
    sandbox.write("data/notes.txt", "not a capture");
    sandbox.write("missing.csv", "filename,label\nday1/a.pcap,web\na.pcap,mail\n");
    let run = sandbox.pcapml(["label", "data", "--labels", "missing.csv", "-o", "out.pcapng"]).expect(1);
    run.says("missing.csv: line 3, column 1: there is no file 'a.pcap' in the directory; there is 'day1/a.pcap'");
    sandbox.write("some.csv", "filename,label\n./day1//a.pcap,web\n");
    let some = ["label", "data", "--labels", "some.csv", "-o", "out.pcapng"];
    let run = sandbox.pcapml(some).expect(0);
    let run = run.says("1 capture of the directory in no row of the labels:\n    b.pcap");
    assert!(!run.err.contains("notes.txt"));
    assert_eq!(sandbox.files(), ["data", "missing.csv", "out.pcapng", "some.csv"]);
    sandbox.pcapml(some).expect(1).says("exists already");
    sandbox.pcapml(some.into_iter().chain(["--force", "--strict"])).expect(1).says("nothing was written");
    sandbox.pcapml(some.into_iter().chain(["--force"])).expect(0);
}

fn first_capture() -> std::path::PathBuf {
    apps().join("pcaps/http/curl-v4-1.pcap")
}

#[test]
fn link_types_that_a_filter_cannot_apply_to() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let pcaps = corpus.join("labelled/pcaps");
    sandbox.write("mixed.csv", "BPF:ether[0] & 1 = 0 and ether proto 0x0800,frames\nBPF:ip,rest\n");
    let run = sandbox.pcapml([
        "label",
        pcaps.to_str().unwrap(),
        "--labels",
        "mixed.csv",
        "-o",
        "mixed.pcapng",
        "--per-linktype",
    ]);
    run.expect(0);
    let written: Vec<String> = sandbox.files().into_iter().filter(|name| name.starts_with("mixed_linktype")).collect();
    assert_eq!(written.len(), 6, "{written:?}");
    // Each of them is one that tcpdump reads to its end.
    for name in &written {
        sandbox.tool("tcpdump", &["-r", name, "-w", "/dev/null"]);
    }
    let raw = pcaps.join("dlt_ppp.pcap");
    sandbox.write("ether.csv", "BPF:ether host 1:2:3:4:5:6,x\n");
    let run = sandbox.pcapml(["label", raw.to_str().unwrap(), "--labels", "ether.csv", "-o", "raw.pcapng"]).expect(1);
    run.says("ether.csv: line 1, column 1: the filter 'ether host 1:2:3:4:5:6' does not apply to link type 9 (PPP)");
    assert!(!sandbox.path("raw.pcapng").exists());
}

#[test]
fn labelling_again_replaces_the_labels_and_keeps_notes() {
    let sandbox = Sandbox::new();
    fs::copy(first_capture(), sandbox.path("a.pcap")).unwrap();
    sandbox.write("one.csv", "BPF:tcp,web\n");
    sandbox.write("two.csv", "BPF:tcp,mail\n");
    sandbox.pcapml(["label", "a.pcap", "--labels", "one.csv", "-o", "one.pcapng"]).expect(0);
    // A person's note on the first packet, by Wireshark's own tool.
    sandbox.tool("editcap", &["-a", "1:a note, by hand", "one.pcapng", "noted.pcapng"]);
    let run = sandbox.pcapml(["label", "noted.pcapng", "--labels", "two.csv", "-o", "two.pcapng"]).expect(0);
    run.says("10 comments of an earlier labelling taken off");
    let comments: Vec<Vec<String>> =
        packets(&sandbox.path("two.pcapng")).into_iter().map(|(_, comments)| comments).collect();
    assert_eq!(comments[0].len(), 2);
    assert_eq!(comments[0][1], "a note, by hand");
    assert!(comments.iter().all(|of_packet| of_packet[0].ends_with(",mail")));
    assert!(comments[1..].iter().all(|of_packet| of_packet.len() == 1));
}

#[test]
fn older_readers_get_what_they_read() {
    let sandbox = Sandbox::new();
    fs::copy(first_capture(), sandbox.path("a.pcap")).unwrap();
    sandbox.write("rules.csv", "BPF:tcp,web\n");
    let label = |output: &str, compat: &str| {
        sandbox
            .pcapml([
                "label",
                "a.pcap",
                "--labels",
                "rules.csv",
                "-o",
                output,
                "--compat",
                compat,
                "--ids",
                "sequential",
            ])
            .expect(0);
    };
    label("go.pcapng", "go");
    assert_eq!(packets(&sandbox.path("go.pcapng"))[0].1, ["s=0,proc=web"]);
    label("old.pcapng", "0.3");
    let old = fs::read(sandbox.path("old.pcapng")).unwrap();
    let (mut at, mut kinds) = (0, std::collections::BTreeSet::new());
    let u32_at = |at: usize| u32::from_le_bytes(old[at..at + 4].try_into().unwrap());
    while at < old.len() {
        kinds.insert(u32_at(at));
        if u32_at(at) == 6 {
            let (seconds, micros) = (u32_at(at + 12), u32_at(at + 16));
            assert!(seconds > 1_500_000_000 && micros < 1_000_000);
        }
        at += u32_at(at + 4) as usize;
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), [1, 6, 0x0A0D_0D0A]);
    // Our own reader puts the times right, and says so.
    let original: Vec<_> = packets(&sandbox.path("a.pcap")).into_iter().map(|(fact, _)| fact).collect();
    let read: Vec<_> = packets(&sandbox.path("old.pcapng")).into_iter().map(|(fact, _)| fact).collect();
    assert_eq!(read, original);
    sandbox.pcapml(["convert", "old.pcapng", "repaired.pcapng"]).expect(0).says("as pcapml 0.3 wrote them");
    let times = |file: &str| sandbox.tool("tshark", &["-r", file, "-T", "fields", "-e", "frame.time_epoch"]);
    assert_eq!(times("repaired.pcapng"), times("a.pcap"));
    assert_ne!(times("old.pcapng"), times("a.pcap"));
}

#[test]
fn fields_and_odd_labels_survive() {
    let sandbox = Sandbox::new();
    sandbox.write("data/a.pcap", fs::read(first_capture()).unwrap());
    sandbox.write("labels.csv", "filename,label,os,note\na.pcap,\"a,b/ü%\",linux,\"x=1\ny\"\n");
    sandbox.pcapml(["label", "data", "--labels", "labels.csv", "-o", "out.pcapng"]).expect(0);
    let (_, comments) = &packets(&sandbox.path("out.pcapng"))[0];
    assert!(comments[0].ends_with(",a%2Cb%2Fü%25,os=linux,note=x%3D1%0Ay,e=1"), "{}", comments[0]);
    let samples = csv_rows(&sandbox.pcapml(["samples", "out.pcapng", "--format", "csv"]).expect(0).out);
    assert_eq!((samples[0]["label"].as_str(), samples[0]["note"].as_str()), ("a,b/ü%", "x=1\ny"));
    sandbox.pcapml(["split", "out.pcapng", "-o", "parts"]).expect(0);
    let rows = csv_rows(&fs::read_to_string(sandbox.path("parts/metadata.csv")).unwrap());
    assert!(rows[0]["File"].ends_with("_a%2Cb%2Fü%25.pcap"), "{}", rows[0]["File"]);
    assert_eq!((rows[0]["Label"].as_str(), rows[0]["note"].as_str()), ("a,b/ü%", "x=1\ny"));
    sandbox.pcapml(["label", "parts", "--labels", "parts/metadata.csv", "-o", "again.pcapng"]).expect(0);
    assert_eq!(packets(&sandbox.path("again.pcapng")), packets(&sandbox.path("out.pcapng")));
}

#[test]
fn mistakes_are_named_and_nothing_is_lost() {
    let sandbox = Sandbox::new();
    sandbox.write("data/http/a.pcap", fs::read(first_capture()).unwrap());
    sandbox.write("data/ftp/a.pcap", fs::read(first_capture()).unwrap());
    let try_labels = |labels: &str, more: &[&str]| {
        sandbox.write("l.csv", labels);
        sandbox.pcapml([&["label", "data", "--labels", "l.csv", "-o", "out.pcapng", "--force"][..], more].concat())
    };
    // The file that is meant, or none if several could be.
    try_labels("filename,label\npcaps/http/a.pcap,x\n", &[]).expect(1).says("there is 'http/a.pcap'");
    try_labels("filename,label\nhttp\\a.pcap,x\n", &[]).expect(1).says("there is 'http/a.pcap'");
    try_labels("filename,label\na.pcap,x\n", &[]).expect(1).says("names are relative to the directory");
    // Blanks after commas are no part of labels.
    try_labels("filename, label, os\nhttp/a.pcap, web, linux\n", &[]).expect(0);
    let comment = packets(&sandbox.path("out.pcapng")).remove(0).1.remove(0);
    assert!(comment.ends_with(",web,os=linux"), "{comment}");
    let repeated = "filename,label\nhttp/a.pcap,web\nhttp/a.pcap,web\n";
    try_labels(repeated, &[]).expect(0).says("rows that repeat an earlier one:\n    line 3: as line 2");
    try_labels("BPF:tcp,all\nBPF:tcp port 80,http\n", &[])
        .expect(0)
        .says("1 rule labelled no packet (nothing matches, or earlier rules took it; --stats tells them apart)");
    // The labels file is an input too.
    let labels = fs::read(sandbox.path("l.csv")).unwrap();
    sandbox.pcapml(["label", "data", "--labels", "l.csv", "-o", "l.csv", "--force"]).expect(1).says("the same file");
    assert_eq!(fs::read(sandbox.path("l.csv")).unwrap(), labels);
    sandbox.pcapml(["label", "dta", "--labels", "l.csv", "-o", "x"]).expect(1).says("dta: No such file or directory\n");
    sandbox
        .pcapml(["label", "data", "--labels", "l.csv", "-o", "no/x"])
        .expect(1)
        .says("no: there is no such directory");
    try_labels("BPF:tcp,all\n", &["--compat", "0.3", "--keep-unlabeled"]).expect(1).says("exactly one comment");
}
