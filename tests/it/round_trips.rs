//! Label, sort, split, label again, strip: every packet is still there, unchanged.

use std::fs;
use std::path::Path;

use crate::support::{Fact, Sandbox, by_sample, corpus, packets};

fn facts(path: &Path) -> Vec<Fact> {
    packets(path).into_iter().map(|(fact, _)| fact).collect()
}

/// The facts in an order that does not depend on where packets stand.
fn multiset(mut facts: Vec<Fact>) -> Vec<Fact> {
    facts.sort();
    facts
}

/// Sorts, splits, labels the parts by their metadata and strips what `labelled.pcapng` holds.
fn go_round(sandbox: &Sandbox) {
    sandbox.pcapml(["sort", "labelled.pcapng", "-o", "sorted.pcapng"]).expect(0);
    sandbox.pcapml(["split", "sorted.pcapng", "-o", "parts"]).expect(0);
    sandbox.pcapml(["label", "parts", "--labels", "parts/metadata.csv", "-o", "again.pcapng"]).expect(0);
    sandbox.pcapml(["strip", "again.pcapng", "-o", "stripped.pcapng"]).expect(0);
    let (labelled, again) = (by_sample(&sandbox.path("labelled.pcapng")), by_sample(&sandbox.path("again.pcapng")));
    assert_eq!(labelled.len(), again.len());
    for (id, original) in &labelled {
        // Sorting orders a sample by time; packets of one time stay as they were.
        let mut by_time = original.clone();
        by_time.sort_by_key(|fact| fact.time);
        // Files of one link type each: within each of them the order stands.
        for link_type in [0, 1, 9, 101, 104, 113] {
            let of =
                |facts: &[Fact]| facts.iter().filter(|fact| fact.link_type == link_type).cloned().collect::<Vec<_>>();
            assert_eq!(of(&by_time), of(&again[id]), "sample {id}");
        }
    }
    assert_eq!(facts(&sandbox.path("again.pcapng")), facts(&sandbox.path("stripped.pcapng")));
    assert!(packets(&sandbox.path("stripped.pcapng")).iter().all(|(_, comments)| comments.is_empty()));
}

#[test]
fn a_directory_of_captures() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (pcaps, labels) = (corpus.join("labelled/pcaps"), corpus.join("labelled/labels.csv"));
    sandbox
        .pcapml(["label", pcaps.to_str().unwrap(), "--labels", labels.to_str().unwrap(), "-o", "labelled.pcapng"])
        .expect(0);
    go_round(&sandbox);
    let originals = fs::read_to_string(labels).unwrap();
    let originals = originals.lines().skip(1).flat_map(|line| facts(&pcaps.join(line.split(',').next().unwrap())));
    let stripped = facts(&sandbox.path("stripped.pcapng"));
    println!("round trip of labelled/: {} packets", stripped.len());
    assert_eq!(multiset(stripped), multiset(originals.collect()));
}

#[test]
fn one_capture_with_rules() {
    let Some(corpus) = corpus() else { return };
    let single = corpus.join("single");
    for rules in ["rules.pcapml", "rules_overlap.pcapml"] {
        let sandbox = Sandbox::new();
        let (capture, rules) = (single.join("merged.pcap"), single.join(rules));
        sandbox
            .pcapml(["label", capture.to_str().unwrap(), "--labels", rules.to_str().unwrap(), "-o", "labelled.pcapng"])
            .expect(0);
        go_round(&sandbox);
        let labelled = facts(&sandbox.path("labelled.pcapng"));
        let stripped = facts(&sandbox.path("stripped.pcapng"));
        println!("round trip of single/ with {}: {} packets", rules.display(), stripped.len());
        assert_eq!(multiset(stripped), multiset(labelled));
        let original = facts(&capture);
        sandbox
            .pcapml([
                "label",
                capture.to_str().unwrap(),
                "--labels",
                rules.to_str().unwrap(),
                "--keep-unlabeled",
                "-o",
                "kept.pcapng",
            ])
            .expect(0);
        sandbox.pcapml(["sort", "kept.pcapng", "-o", "kept-sorted.pcapng"]).expect(0);
        sandbox.pcapml(["sort", "kept-sorted.pcapng", "--by", "time", "-o", "by-time.pcapng"]).expect(0);
        sandbox.pcapml(["strip", "by-time.pcapng", "-o", "by-time.pcap"]).expect(0);
        // The merged capture is in time order, but packets of one time may change places through the sort by id.
        assert_eq!(multiset(facts(&sandbox.path("by-time.pcap"))), multiset(original.clone()));
        let times = |facts: &[Fact]| facts.iter().map(|fact| fact.time).collect::<Vec<_>>();
        assert_eq!(times(&facts(&sandbox.path("by-time.pcap"))), times(&original));
    }
}

#[test]
fn packets_of_several_samples_are_split_into_each() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let single = corpus.join("single");
    let (capture, rules) = (single.join("merged.pcap"), single.join("rules_overlap.pcapml"));
    sandbox
        .pcapml([
            "label",
            capture.to_str().unwrap(),
            "--labels",
            rules.to_str().unwrap(),
            "--match",
            "all",
            "-o",
            "all.pcapng",
        ])
        .expect(0);
    sandbox.pcapml(["sort", "all.pcapng", "-o", "sorted.pcapng"]).expect(0);
    assert_eq!(packets(&sandbox.path("all.pcapng")).len(), packets(&sandbox.path("sorted.pcapng")).len());
    // A megabyte of memory: files are appended to several times.
    sandbox.pcapml(["split", "all.pcapng", "--memory", "1M", "-o", "parts"]).expect(0);
    sandbox.pcapml(["split", "sorted.pcapng", "-o", "sorted-parts"]).expect(0);
    let samples = by_sample(&sandbox.path("all.pcapng"));
    for (id, original) in &samples {
        let file = fs::read_dir(sandbox.path("parts")).unwrap().map(|entry| entry.unwrap().path());
        let file = file
            .into_iter()
            .find(|path| path.file_name().unwrap().to_string_lossy().starts_with(&format!("{id}_")))
            .unwrap();
        assert_eq!(&facts(&file), original, "sample {id}");
        let sorted = sandbox.path("sorted-parts").join(file.file_name().unwrap());
        assert_eq!(multiset(facts(&sorted)), multiset(original.clone()), "sample {id}");
    }
}

#[test]
fn little_memory_and_many_threads_change_nothing() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (pcaps, labels) = (corpus.join("labelled/pcaps"), corpus.join("labelled/labels.csv"));
    let label = |output: &str, threads: &str| {
        sandbox
            .pcapml([
                "label",
                pcaps.to_str().unwrap(),
                "--labels",
                labels.to_str().unwrap(),
                "-o",
                output,
                "--threads",
                threads,
            ])
            .expect(0);
        fs::read(sandbox.path(output)).unwrap()
    };
    assert!(label("one.pcapng.zst", "1") == label("eight.pcapng.zst", "8"));
    let sort = |output: &str, more: &[&str]| {
        sandbox.pcapml([&["sort", "one.pcapng.zst", "-o", output][..], more].concat()).expect(0);
        fs::read(sandbox.path(output)).unwrap()
    };
    let plain = sort("plain.pcapng", &["--threads", "1"]);
    assert!(plain == sort("spilled.pcapng", &["--memory", "8M"]));
    assert!(plain == sort("threads.pcapng", &["--threads", "8"]));
    assert!(sandbox.files().iter().all(|name| !name.contains(".partial")), "{:?}", sandbox.files());
}
