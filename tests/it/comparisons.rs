//! `pcapml compare`, against a comparison by pandas and scikit-learn of what is known of every packet of the corpus.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Run, Sandbox, corpus, csv_rows, python, read_text};

const EXACT: &str =
    "columns:src=src_ip,dst=dst_ip,sport=src_port,dport=dst_port,proto=protocol,start=start_us,end=end_us,label=label";

/// The mixed capture as its rules, its exact flow records and its truth label it, by these names.
fn labelled(sandbox: &Sandbox, single: &Path) {
    let merged = single.join("merged.pcap");
    let truth: String = csv_rows(&read_text(&single.join("truth.csv.gz")))
        .iter()
        .filter(|row| !row["label"].is_empty())
        .map(|row| format!("{},{}\n", row["packet"], row["label"]))
        .collect();
    sandbox.write("packets.csv", format!("packet,label\n{truth}"));
    let label = |name: &str, options: &[&str]| {
        let fixed = ["label", merged.to_str().unwrap(), "-o", name];
        sandbox.pcapml([&fixed[..], options].concat()).expect(0);
    };
    let (rules, records) = (single.join("rules.pcapml"), single.join("flows_exact.csv.gz"));
    label("rules.pcapng", &["--labels", rules.to_str().unwrap()]);
    let options = ["--format", EXACT, "--time-format", "us", "--keep-unlabeled"];
    label("records.pcapng", &[&["--flows", records.to_str().unwrap()], &options[..]].concat());
    label("truth.pcapng", &["--packet-labels", "packets.csv"]);
}

/// Rules against exact records, and both against the truth: every figure as an independent reader of the captures and
/// scikit-learn have it.
#[test]
fn labellings_are_compared_as_pandas_and_scikit_learn_do() {
    let (Some(corpus), Some(python)) = (corpus(), python()) else { return };
    let sandbox = Sandbox::new();
    labelled(&sandbox, &corpus.join("single"));
    let mut asked = Vec::new();
    for (truth, test) in [("records", "rules"), ("truth", "rules"), ("truth", "records")] {
        let captures = [format!("{truth}.pcapng"), format!("{test}.pcapng")];
        for (kind, option) in [("all", None), ("matched", Some("--matched-only"))] {
            let name = format!("{truth}-{test}-{kind}");
            let (json, csv, matrix) = (format!("{name}.json"), format!("{name}.csv"), format!("{name}-matrix.csv"));
            let run = |output: &str, more: &[&str]| {
                let fixed = ["compare", &captures[0], &captures[1], "-o", output];
                sandbox.pcapml(fixed.into_iter().chain(option).chain(more.iter().copied())).expect(0);
            };
            run(&json, &["--confusion", &matrix]);
            run(&csv, &[]);
            asked.push(name);
        }
    }
    let mut judge = Command::new(python);
    judge.args(["-c", include_str!("judges/compare.py")]).arg(corpus.join("single")).args(&asked);
    let told = Run::of(judge.current_dir(sandbox.path("."))).expect(0).out;
    // Rules label 19 packets of background too, and records know no packet that is not IP.
    let expected = [
        "records-rules-all: 4785 compared, 4598 equal, 4506 labelled in the truth, 0 wrong, 187 more, 0 fewer",
        "records-rules-matched: 4693 compared, 4506 equal, 4506 labelled in the truth, 0 wrong, 187 more, 0 fewer",
        "truth-rules-all: 4693 compared, 4674 equal, 4674 labelled in the truth, 0 wrong, 19 more, 0 fewer",
        "truth-rules-matched: 4674 compared, 4674 equal, 4674 labelled in the truth, 0 wrong, 0 more, 0 fewer",
        "truth-records-all: 4785 compared, 4617 equal, 4674 labelled in the truth, 0 wrong, 0 more, 168 fewer",
        "truth-records-matched: 4674 compared, 4506 equal, 4674 labelled in the truth, 0 wrong, 0 more, 168 fewer",
    ];
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn neither_order_nor_a_coarser_clock_nor_threads_change_a_comparison() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let single = corpus.join("single");
    labelled(&sandbox, &single);
    let compare = |test: &str, more: &[&str]| {
        let fixed = ["compare", "records.pcapng", test, "--format", "json"];
        sandbox.pcapml([&fixed[..], more].concat()).expect(0).out
    };
    let as_it_stands = compare("rules.pcapng", &[]);
    sandbox.pcapml(["sort", "rules.pcapng", "-o", "sorted.pcapng"]).expect(0);
    assert_eq!(compare("sorted.pcapng", &["--threads", "4"]), as_it_stands);
    // The same packets at nanoseconds, of which another program makes microseconds again.
    let fine = in_nanoseconds(&fs::read(single.join("merged.pcap")).unwrap());
    sandbox.write("fine.pcap", fine);
    sandbox.tool("editcap", &["-F", "pcap", "fine.pcap", "coarse.pcap"]);
    let label = |from: &str, to: &str| {
        sandbox.pcapml(["label", from, "--packet-labels", "packets.csv", "-o", to]).expect(0);
    };
    label("fine.pcap", "fine.pcapng");
    label("coarse.pcap", "coarse.pcapng");
    for (truth, test) in [("fine.pcapng", "coarse.pcapng"), ("coarse.pcapng", "fine.pcapng")] {
        let run = sandbox.pcapml(["compare", truth, test]).expect(0);
        run.says("4674 packets of the truth, 4674 of the test: 4674 in both");
    }
    // Within one clock, a nanosecond more is another time.
    let strangers = sandbox.pcapml(["compare", "fine.pcapng", "truth.pcapng", "--format", "json"]).expect(0).out;
    assert!(strangers.contains("\"matched\": 4674") && strangers.contains("\"time_unit\": 1e-6"), "{strangers}");
}

/// A pcap in microseconds as one in nanoseconds, with digits of which the capture knows nothing.
fn in_nanoseconds(pcap: &[u8]) -> Vec<u8> {
    let number = |at: usize| u32::from_le_bytes(pcap[at..at + 4].try_into().unwrap());
    assert_eq!(number(0), 0xa1b2_c3d4);
    let mut fine = pcap.to_vec();
    fine[..4].copy_from_slice(&0xa1b2_3c4d_u32.to_le_bytes());
    let mut at = 24;
    while at < pcap.len() {
        let nanos = number(at + 4) * 1_000 + at as u32 % 1_000;
        fine[at + 4..at + 8].copy_from_slice(&nanos.to_le_bytes());
        at += 16 + number(at + 8) as usize;
    }
    fine
}

#[test]
fn packets_of_several_labels_and_twins_are_counted() {
    let sandbox = Sandbox::new();
    let capture = sandbox.write("c.pcap", crate::print::pcap(101, &[vec![0x45; 40], vec![0x46; 40]]));
    // Twice the same: mergecap puts each packet beside its copy.
    sandbox.tool(
        "mergecap",
        &["-w", "twice.pcapng", "-F", "pcapng", capture.to_str().unwrap(), capture.to_str().unwrap()],
    );
    sandbox.write("one.csv", "packet,label\n1,a\n2,b\n3,a\n4,a\n");
    sandbox.write("other.csv", "packet,label\n1,b\n2,a\n3,b\n4,a\n");
    for name in ["one", "other"] {
        let (table, output) = (format!("{name}.csv"), format!("{name}.pcapng"));
        sandbox.pcapml(["label", "twice.pcapng", "--packet-labels", &table, "-o", &output]).expect(0);
    }
    let run = sandbox.pcapml(["compare", "one.pcapng", "other.pcapng"]).expect(0);
    let run = run.says("4 pairs of identical packets with different labels: paired so that as many as possible agree");
    assert!(run.out.contains("agreement  0.7500"), "{}", run.out);
    assert!(run.out.contains("a      b                1"), "{}", run.out);
    // Two rules that match, and one that is left away.
    sandbox.write("all.csv", "BPF:ip,a\nBPF:ip[1] = 0x45,b\n");
    sandbox.write("first.csv", "BPF:ip,a\n");
    for (rules, more) in [("all", &["--match", "all"][..]), ("first", &[])] {
        let (table, output) = (format!("{rules}.csv"), format!("{rules}.pcapng"));
        sandbox.pcapml([&["label", "c.pcap", "--labels", &table, "-o", &output][..], more].concat()).expect(0);
    }
    let run = sandbox.pcapml(["compare", "all.pcapng", "first.pcapng", "--format", "csv", "--confusion", "m.csv"]);
    let rows = csv_rows(&run.expect(0).out);
    let of = |label: &str| rows.iter().find(|row| row["label"] == label).unwrap();
    assert_eq!(
        (of("a")["correct"].as_str(), of("b")["recall"].as_str(), of("b")["support"].as_str()),
        ("2", "0.0", "1")
    );
    assert_eq!(of("equal")["support"], "1");
    assert_eq!(fs::read_to_string(sandbox.path("m.csv")).unwrap(), "truth,a,a + b\na,1,0\na + b,1,0\n");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let sandbox = Sandbox::new();
    let truth = sandbox.label_apps("truth.pcapng");
    let bytes = fs::read(&truth).unwrap();
    sandbox.write("cut.pcapng", &bytes[..bytes.len() - 10]);
    sandbox.tool("editcap", &["-t", "3600.5", "truth.pcapng", "later.pcapng"]);
    for plain in ["plain.pcapng", "plain.pcap"] {
        sandbox.pcapml(["strip", "truth.pcapng", "-o", plain]).expect(0);
    }
    sandbox.write("map.csv", "old,new\ndns,(none)\n");
    sandbox.pcapml(["relabel", "truth.pcapng", "--map", "map.csv", "-o", "none.pcapng"]).expect(0);
    sandbox.write("table.csv", "packet,label\n1,a\n");
    for (arguments, said) in [
        (&["truth.pcapng", "plain.pcap"][..], "plain.pcap: a pcap file holds no labels to compare"),
        (&["-", "-"], "both captures are standard input, which can be read once"),
        (&["plain.pcapng", "truth.pcapng"], "plain.pcapng: no packet carries a label"),
        (&["truth.pcapng", "later.pcapng"], "which differ by 3600.500000000 s at the first"),
        (&["truth.pcapng", "none.pcapng"], "a label is '(none)', which has a meaning of its own here"),
        (&["truth.pcapng", "table.csv"], "table.csv: "),
        (&["truth.pcapng", "truth.pcapng", "-o", "x.csv", "--confusion", "x.csv"], "two outputs of one name"),
        (&["truth.pcapng", "truth.pcapng", "--confusion", "map.csv"], "map.csv: the output exists already"),
    ] {
        let arguments = ["compare"].iter().chain(arguments);
        sandbox.pcapml(arguments).expect(1).says(said);
    }
    assert!(!sandbox.path("x.csv").exists());
    sandbox.pcapml(["compare", "truth.pcapng", "plain.pcapng"]).expect(0).says("no packet of the test carries a label");
    let run = sandbox.pcapml(["compare", "truth.pcapng", "cut.pcapng", "-o", "out.txt"]).expect(2);
    run.says("1 packet in the truth only, 1 of them labelled");
    let text = fs::read_to_string(sandbox.path("out.txt")).unwrap();
    assert!(text.starts_with("label ") && !text.contains('\u{1b}'), "{text}");
}
