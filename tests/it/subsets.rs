//! Parts of captures, captures joined, and captures in other formats.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{Sandbox, apps, by_sample, corpus, packets};

/// Our dataset, labelled here as `apps.pcapng`.
fn dataset() -> Sandbox {
    let sandbox = Sandbox::new();
    let (pcaps, labels) = (apps().join("pcaps"), apps().join("labels.csv"));
    sandbox
        .pcapml(["label", pcaps.to_str().unwrap(), "--labels", labels.to_str().unwrap(), "-o", "apps.pcapng"])
        .expect(0);
    sandbox
}

#[test]
fn selected_samples_are_unchanged_and_the_others_are_gone() {
    let sandbox = dataset();
    let all = by_sample(&sandbox.path("apps.pcapng"));
    let chosen: Vec<&String> = all.keys().step_by(7).collect();
    let list = chosen.iter().fold("# a test split\nsampleID\n".to_owned(), |list, id| list + id + "\n");
    sandbox.write("ids.txt", list);
    sandbox
        .pcapml(["select", "apps.pcapng", "--ids", "ids.txt", "-o", "part.pcapng"])
        .expect(0)
        .says("selected 13 of 90 samples");
    let part = by_sample(&sandbox.path("part.pcapng"));
    assert_eq!(part.keys().collect::<Vec<_>>(), chosen);
    for (id, facts) in &part {
        assert_eq!(facts, &all[id]);
    }
    // What tshark shows of the part is what it shows of those packets in the whole.
    let show = |file: &str| -> Vec<String> {
        let text = sandbox.tool(
            "tshark",
            &["-r", file, "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.comment", "-e", "_ws.col.Protocol"],
        );
        text.lines().map(str::to_owned).collect()
    };
    let wanted: BTreeSet<&str> = chosen.iter().map(|id| id.as_str()).collect();
    let whole = show("apps.pcapng");
    let whole: Vec<&String> =
        whole.iter().filter(|line| wanted.contains(line.split(['\t', ',']).nth(1).unwrap())).collect();
    assert_eq!(show("part.pcapng").iter().collect::<Vec<_>>(), whole);
}

#[test]
fn labels_and_fields_select_too() {
    let sandbox = dataset();
    let summary = |file: &str| sandbox.pcapml(["summary", file, "--format", "csv"]).expect(0).out;
    sandbox
        .pcapml(["select", "apps.pcapng", "--label", "dns", "--label", "ntp", "--where", "ip=6", "-o", "six.pcapng"])
        .expect(0);
    assert_eq!(summary("six.pcapng").lines().count(), 3);
    let samples = sandbox.pcapml(["samples", "six.pcapng", "--format", "json"]).expect(0).out;
    let samples: Vec<serde_json::Value> = serde_json::from_str(&samples).unwrap();
    assert!(samples.iter().all(|sample| sample["ip"] == "6" && sample["sample_id"].is_string()));
    let clients = sandbox.pcapml(["summary", "six.pcapng", "--by", "client", "--format", "csv"]).expect(0).out;
    assert!(clients.starts_with("client,samples,packets,bytes\n") && clients.contains("\ndig,"), "{clients}");
    sandbox
        .pcapml(["select", "apps.pcapng", "--label", "nothing", "-o", "none.pcapng"])
        .expect(1)
        .says("no sample has the label 'nothing'; there are: dns, ftp, http,");
    sandbox.pcapml(["select", "apps.pcapng", "--label", "nothing", "--allow-missing", "-o", "none.pcapng"]).expect(0);
    assert!(packets(&sandbox.path("none.pcapng")).is_empty());
}

#[test]
fn a_list_of_ids_is_taken_at_its_word() {
    let sandbox = dataset();
    let id = by_sample(&sandbox.path("apps.pcapng")).into_keys().next().unwrap();
    let select = ["select", "apps.pcapng", "--ids", "ids.txt", "-o", "part.pcapng"];
    sandbox.write("ids.txt", format!("{id}\n17\n"));
    sandbox
        .pcapml(select)
        .expect(1)
        .says("ids.txt: line 2: 1 id not in the capture, the first is 17; give --allow-missing");
    assert!(!sandbox.path("part.pcapng").exists());
    sandbox.pcapml(select.into_iter().chain(["--allow-missing"])).expect(0);
    sandbox.write("ids.txt", format!("{id}\nx17\n"));
    sandbox.pcapml(select).expect(1).says("ids.txt: line 2: 'x17' is no sample id");
}

#[test]
fn everything_else_of_a_capture_stays() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    // Interfaces, statistics, names and custom blocks in three sections of both byte orders.
    let odd = corpus.join("conformance/suite/le/difficult/test202.pcapng");
    sandbox.write("all.csv", "BPF:greater 0,all\n");
    sandbox.pcapml(["strip", odd.to_str().unwrap(), "-o", "stripped.pcapng"]).expect(0);
    let mut original = fs::read(&odd).unwrap();
    let stripped = fs::read(sandbox.path("stripped.pcapng")).unwrap();
    assert_eq!(original.len(), stripped.len());
    for (at, (before, after)) in original.iter_mut().zip(&stripped).enumerate() {
        // Only the sections' lengths change, to "unknown".
        assert!(before == after || *after == 0xff, "byte {at}");
    }
    sandbox
        .pcapml(["label", odd.to_str().unwrap(), "--labels", "all.csv", "-o", "labelled.pcapng"])
        .expect(0)
        .says("have no place in the output");
    let facts = |file: &str| -> Vec<_> { packets(&sandbox.path(file)).into_iter().map(|(fact, _)| fact).collect() };
    let (before, after) = (facts("stripped.pcapng"), facts("labelled.pcapng"));
    // Simple packets have no time, and get 0; those of interfaces with a window would match none.
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&before.digest, before.link_type), (&after.digest, after.link_type));
        assert_eq!(before.time.unwrap_or(0), after.time.unwrap());
    }
    assert_eq!(before.len(), after.len());
}

#[test]
fn captures_are_joined_unless_their_ids_clash() {
    let sandbox = dataset();
    for label in ["dns", "ntp"] {
        sandbox.pcapml(["select", "apps.pcapng", "--label", label, "-o", &format!("{label}.pcapng")]).expect(0);
    }
    sandbox
        .pcapml(["cat", "dns.pcapng", "ntp.pcapng", "-o", "both.pcapng"])
        .expect(0)
        .says("joined 2 captures: 92 packets of 18 samples");
    let joined = [packets(&sandbox.path("dns.pcapng")), packets(&sandbox.path("ntp.pcapng"))].concat();
    assert_eq!(packets(&sandbox.path("both.pcapng")), joined);
    let clash = ["cat", "dns.pcapng", "apps.pcapng", "-o", "clash.pcapng"];
    sandbox.pcapml(clash).expect(1).says("is in this capture and in dns.pcapng");
    assert!(!sandbox.path("clash.pcapng").exists());
    sandbox.pcapml(clash.into_iter().chain(["--merge-samples"])).expect(0);
    assert_eq!(by_sample(&sandbox.path("clash.pcapng")).len(), 90);
}

#[test]
fn chunks_hold_every_packet_once() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let capture = corpus.join("single/merged.pcap");
    let (input, original) = (capture.to_str().unwrap(), packets(&capture));
    for (output, limit) in [("p.pcap", ["--packets", "1000"]), ("s.pcapng", ["--size", "300K"])] {
        sandbox.pcapml([&["convert", input, output][..], &limit].concat()).expect(0);
        let stem = &output[..1];
        let mut chunks: Vec<_> =
            sandbox.files().into_iter().filter(|name| name.starts_with(&format!("{stem}_"))).collect();
        chunks.sort();
        assert!(chunks.len() >= 5, "{chunks:?}");
        let joined: Vec<_> = chunks.iter().flat_map(|name| packets(&sandbox.path(name))).collect();
        assert_eq!(joined, original);
        let facts = sandbox.tool(
            "capinfos",
            &[&["-T", "-r", "-c"][..], &chunks.iter().map(String::as_str).collect::<Vec<_>>()].concat(),
        );
        let counted: usize = facts.lines().map(|line| line.split('\t').nth(1).unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(counted, original.len());
    }
    // editcap cuts at the same places.
    sandbox.tool("editcap", &["-c", "1000", "-F", "pcap", input, "e.pcap"]);
    let theirs: Vec<usize> = sandbox
        .files()
        .iter()
        .filter(|name| name.starts_with("e_"))
        .map(|name| packets(&sandbox.path(name)).len())
        .collect();
    let ours: Vec<usize> = sandbox
        .files()
        .iter()
        .filter(|name| name.starts_with("p_"))
        .map(|name| packets(&sandbox.path(name)).len())
        .collect();
    assert_eq!(ours, theirs);
}

#[test]
fn finer_interfaces_make_finer_pcaps() {
    let sandbox = dataset();
    // One sample of two files: microseconds first, then nanoseconds.
    let files = ["http/curl-v4-1.pcap", "http/curl-v4-2.pcap"];
    for file in files {
        sandbox.write(&format!("data/{file}"), fs::read(apps().join("pcaps").join(file)).unwrap());
    }
    sandbox.write("one.csv", format!("filename,label,hash_key\n{},web,k\n{},web,k\n", files[0], files[1]));
    sandbox.pcapml(["label", "data", "--labels", "one.csv", "-o", "one.pcapng"]).expect(0);
    sandbox.pcapml(["split", "one.pcapng", "-o", "parts"]).expect(0);
    let part = fs::read_dir(sandbox.path("parts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().unwrap() == "pcap")
        .unwrap();
    sandbox.pcapml(["strip", "one.pcapng", "-o", "one.pcap"]).expect(0);
    let facts = |path: &std::path::Path| packets(path).into_iter().map(|(fact, _)| fact).collect::<Vec<_>>();
    let labelled = facts(&sandbox.path("one.pcapng"));
    assert_eq!(facts(&part), labelled);
    assert_eq!(facts(&sandbox.path("one.pcap")), labelled);
    assert_eq!(fs::read(part).unwrap()[..4], 0xa1b2_3c4d_u32.to_le_bytes());
    // A pipe cannot be read twice.
    let mut command = sandbox.command();
    command.args(["strip", "-", "-o", "piped.pcap"]).stdin(fs::File::open(sandbox.path("one.pcapng")).unwrap());
    crate::support::Run::of(&mut command).expect(1).says("counts nanoseconds");
}

#[test]
fn what_was_mistyped_is_told() {
    let sandbox = dataset();
    let select = |more: &[&str]| {
        sandbox.pcapml([&["select", "apps.pcapng", "-o", "part.pcapng", "--label", "ntp"][..], more].concat())
    };
    select(&["--label", "htpp"]).expect(1).says("no sample has the label 'htpp'; there are: dns, ftp, http, https");
    select(&["--where", "nosuch=1"]).expect(1).says("no sample has a field 'nosuch'; there are: client, ip");
    select(&["--where", "ip=5"]).expect(1).says("no sample has ip=5; there are: 4, 6");
    assert!(!sandbox.path("part.pcapng").exists());
    sandbox.pcapml(["summary", "apps.pcapng", "--by", "nosuch"]).expect(1).says("fields here: client, ip");
    sandbox.pcapml(["strip", "apps.pcapng", "-o", "plain.pcap"]).expect(0);
    sandbox.pcapml(["split", "plain.pcap", "-o", "parts"]).expect(1).says("no packet carries a label; label it first");
    sandbox.pcapml(["samples", "plain.pcap"]).expect(0).says("no packet carries a label");
    sandbox.pcapml(["split", "apps.pcapng", "-o", "parts"]).expect(0);
    sandbox.write("parts/old.pcap", "");
    sandbox.pcapml(["split", "apps.pcapng", "-o", "parts"]).expect(1).says("not empty");
    sandbox
        .pcapml(["split", "apps.pcapng", "-o", "parts", "--force"])
        .expect(0)
        .says("1 file in the directory not of this split");
}
