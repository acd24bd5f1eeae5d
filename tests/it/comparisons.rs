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
    let run = sandbox.pcapml(["compare", "fine.pcapng", "truth.pcapng", "--format", "json"]).expect(0);
    let run = run.says("times are compared in microseconds: some packets have no finer ones");
    assert!(run.out.contains("\"matched\": 4674") && run.out.contains("\"time_unit\": 1e-6"), "{}", run.out);
    // Within one clock, a nanosecond more is another time.
    sandbox.tool("editcap", &["-t", "0.000000001", "fine.pcapng", "late.pcapng"]);
    sandbox
        .pcapml(["compare", "fine.pcapng", "late.pcapng"])
        .expect(1)
        .says("which differ by 0.000000001 s at the first");
    let whole = in_whole_seconds(&fs::read(single.join("merged.pcap")).unwrap());
    sandbox.write("whole.pcapng", whole);
    label("whole.pcapng", "seconds.pcapng");
    let run = sandbox.pcapml(["compare", "truth.pcapng", "seconds.pcapng"]).expect(0);
    run.says("times are compared in whole seconds").says("4674 in both");
}

/// A pcap in microseconds as a pcapng whose interface counts seconds.
fn in_whole_seconds(pcap: &[u8]) -> Vec<u8> {
    let number = |at: usize| u32::from_le_bytes(pcap[at..at + 4].try_into().unwrap());
    let block = |kind: u32, body: &[u8]| {
        let body = [body, &[0; 3][..body.len().next_multiple_of(4) - body.len()]].concat();
        let length = (12 + body.len() as u32).to_le_bytes();
        [&kind.to_le_bytes()[..], &length, &body, &length].concat()
    };
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut pcapng = block(0x0a0d_0d0a, &words(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]));
    // if_tsresol, of one byte: 10^0 seconds.
    pcapng.extend(block(1, &words(&[number(20), 0, 9 | 1 << 16, 0, 0])));
    let mut at = 24;
    while at < pcap.len() {
        let (seconds, captured, length) = (number(at), number(at + 8), number(at + 12));
        let head = words(&[0, 0, seconds, captured, length]);
        pcapng.extend(block(6, &[&head[..], &pcap[at + 16..at + 16 + captured as usize]].concat()));
        at += 16 + captured as usize;
    }
    pcapng
}

/// Every second packet cut by another program, and every tenth there twice: not strangers, and told as what they are.
#[test]
fn packets_that_were_cut_and_copies_are_told() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("truth.pcapng");
    let rows = sandbox.tool("tshark", &["-r", "truth.pcapng", "-T", "fields", "-e", "frame.cap_len"]);
    let lengths: Vec<u32> = rows.lines().map(|length| length.parse().unwrap()).collect();
    let long = lengths.iter().filter(|length| **length > 60).count();
    sandbox.tool("editcap", &["-F", "pcapng", "-s", "60", "truth.pcapng", "cut.pcapng"]);
    let run = sandbox.pcapml(["compare", "truth.pcapng", "cut.pcapng", "--format", "csv"]).expect(0);
    let run =
        run.says(&format!("{long} pairs of these with one time and one length on the wire that differ in bytes only"));
    let rows = csv_rows(&run.out);
    let of = |label: &str| rows.iter().find(|row| row["label"] == label).unwrap()["support"].clone();
    assert_eq!(["only_truth", "only_test", "bytes_differ"].map(of), [(); 3].map(|()| long.to_string()));
    sandbox.tool("editcap", &["-F", "pcapng", "-s", "14", "truth.pcapng", "short.pcapng"]);
    sandbox
        .pcapml(["compare", "truth.pcapng", "short.pcapng"])
        .expect(1)
        .says("differ in bytes only: cut or anonymised?");
    // Ten packets twice, of which the truth has each once.
    sandbox.tool("editcap", &["-F", "pcapng", "-r", "truth.pcapng", "ten.pcapng", "1-10"]);
    sandbox.tool("mergecap", &["-F", "pcapng", "-w", "twice.pcapng", "truth.pcapng", "ten.pcapng"]);
    let run = sandbox.pcapml(["compare", "truth.pcapng", "twice.pcapng", "--format", "json"]).expect(0);
    let run = run.says("10 packets in the test only: copies of packets that the truth has");
    assert!(run.out.contains("\"only_test_copies\": 10") && run.out.contains("\"bytes_differ\": 0"), "{}", run.out);
    let run = sandbox.pcapml(["compare", "twice.pcapng", "truth.pcapng", "--matched-only"]).expect(0);
    run.says("10 packets in the truth only: copies of packets that the test has");
}

#[test]
fn labels_that_read_as_several_are_told_from_several() {
    let sandbox = Sandbox::new();
    sandbox.write("c.pcap", crate::print::pcap(101, &[vec![0x45; 40]]));
    sandbox.write("both.csv", "BPF:ip,a\nBPF:ip[1] = 0x45,b\n");
    sandbox.write("one.csv", "BPF:ip,a + b\n");
    for rules in ["both", "one"] {
        let (table, output) = (format!("{rules}.csv"), format!("{rules}.pcapng"));
        sandbox.pcapml(["label", "c.pcap", "--labels", &table, "-o", &output, "--match", "all"]).expect(0);
    }
    let run = sandbox.pcapml(["compare", "both.pcapng", "one.pcapng", "--confusion", "m.csv"]).expect(0);
    assert!(run.out.ends_with("\ntruth  taken for  packets\na + b  \"a + b\"          1\n"), "{}", run.out);
    let matrix = "truth,a + b,\"\"\"a + b\"\"\"\na + b,0,1\n\"\"\"a + b\"\"\",0,0\n";
    assert_eq!(fs::read_to_string(sandbox.path("m.csv")).unwrap(), matrix);
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
    assert!(run.out.contains("agreement  0.7500; 0.7500 of packets that either labels\n"), "{}", run.out);
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
