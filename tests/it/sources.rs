//! Labels from flow records, hosts, interfaces, comments, names, packets and flows, and other labels afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{Sandbox, apps, corpus, csv_rows, packets, read_text};

/// The label in a packet's comment, as it stands there.
fn label(comments: &[String]) -> Option<&str> {
    comments.first().and_then(|comment| comment.split(',').nth(1))
}

/// The label of each packet of a capture; empty for none.
fn labels(path: &Path) -> Vec<String> {
    packets(path).iter().map(|(_, comments)| label(comments).unwrap_or_default().to_owned()).collect()
}

const EXACT: &str =
    "columns:src=src_ip,dst=dst_ip,sport=src_port,dport=dst_port,proto=protocol,start=start_us,end=end_us,label=label";

#[test]
fn flow_records_label_every_ip_packet_as_the_truth_says() {
    let Some(corpus) = corpus() else { return };
    let single = corpus.join("single");
    let truth: Vec<String> =
        csv_rows(&read_text(&single.join("truth.csv.gz"))).iter().map(|row| row["label"].clone()).collect();
    let sandbox = Sandbox::new();
    let merged = single.join("merged.pcap");
    let cases: [(&str, &[&str]); 3] = [
        ("flows_exact.csv.gz", &["--format", EXACT, "--time-format", "us"]),
        ("conn.labelled.log", &[]),
        ("flows_cicflowmeter.csv", &[]),
    ];
    for (file, options) in cases {
        let records = single.join(file);
        let fixed = ["label", merged.to_str().unwrap(), "--flows", records.to_str().unwrap(), "--keep-unlabeled"];
        let run = sandbox.pcapml([&fixed[..], &["-o", "out.pcapng", "--force"], options].concat());
        run.expect(0)
            .says("267 flow records with 60 labels")
            .says("168 packets that carry no IP")
            .says("of 267 samples");
        let found = labels(&sandbox.path("out.pcapng"));
        assert_eq!(found.len(), truth.len());
        let wrong = |pair: &(&String, &String)| !pair.0.is_empty() && pair.0 != pair.1;
        let missing = |pair: &(&String, &String)| pair.0.is_empty() && !pair.1.is_empty();
        let pairs = || found.iter().zip(&truth);
        assert_eq!((pairs().filter(wrong).count(), pairs().filter(missing).count()), (0, 168), "{file}");
    }
}

#[test]
fn a_mistaken_time_zone_of_records_is_named() {
    let Some(corpus) = corpus() else { return };
    let single = corpus.join("single");
    let sandbox = Sandbox::new();
    let (merged, records) = (single.join("merged.pcap"), single.join("flows_cicflowmeter.csv"));
    let fixed =
        ["label", merged.to_str().unwrap(), "--flows", records.to_str().unwrap(), "-o", "out.pcapng", "--force"];
    sandbox
        .pcapml([&fixed[..], &["--timezone", "America/Halifax"]].concat())
        .expect(2)
        .says("no packet got a label")
        .says("if the times of the records were moved by -4 h, 4506 of 4506 would match")
        .says("labelled 0 packets");
    let late = ["--timezone", "-04:00", "--strict"];
    sandbox.pcapml([&fixed[..], &late].concat()).expect(1).says("because --strict was given");
    sandbox.pcapml([&fixed[..], &["--timezone", "UTC"]].concat()).expect(0).says("labelled 4506 packets");
}

/// Records of one conversation of our dataset, with what a case changes.
fn records(sandbox: &Sandbox, rows: &[(&str, &str, &str)]) {
    let mut text = "src,dst,sport,dport,proto,from,to,class\n".to_owned();
    for (start, end, class) in rows {
        text.push_str(&format!("10.0.0.1,10.0.0.2,1000,80,tcp,{start},{end},{class}\n"));
    }
    sandbox.write("records.csv", text);
}

const COLUMNS: &str = "columns:src=src,dst=dst,sport=sport,dport=dport,proto=proto,start=from,end=to,label=class";

/// A pcap of TCP segments between 10.0.0.1:1000 and 10.0.0.2:80 at these seconds; odd ones go back.
fn conversation(sandbox: &Sandbox, name: &str, seconds: &[u32]) {
    let mut pcap = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0];
    for (number, second) in seconds.iter().enumerate() {
        let (one, other) = if number % 2 == 0 { ([1, 3, 232], [2, 0, 80]) } else { ([2, 0, 80], [1, 3, 232]) };
        let mut packet = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, one[0], 10, 0, 0, other[0]];
        packet.extend([one[1], one[2], other[1], other[2], 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0]);
        for field in [*second, 500_000, packet.len() as u32, packet.len() as u32] {
            pcap.extend_from_slice(&field.to_le_bytes());
        }
        pcap.extend_from_slice(&packet);
    }
    sandbox.write(name, pcap);
}

#[test]
fn of_several_records_the_one_that_began_last_labels() {
    let sandbox = Sandbox::new();
    conversation(&sandbox, "c.pcap", &[100, 110, 120, 130, 200]);
    let run = |more: &[&str]| {
        let fixed = ["label", "c.pcap", "--flows", "records.csv", "--format", COLUMNS, "-o", "o.pcapng", "--force"];
        let run = sandbox.pcapml([&fixed[..], &["--keep-unlabeled"], more].concat());
        let found = labels(&sandbox.path("o.pcapng"));
        // That nothing got a label is a fault.
        let status = if found.iter().all(String::is_empty) { 2 } else { 0 };
        (run.expect(status), found)
    };
    records(&sandbox, &[("100", "130", "outer"), ("110", "120", "inner"), ("300", "310", "never")]);
    let (told, found) = run(&[]);
    assert_eq!(found, ["outer", "inner", "inner", "outer", ""]);
    told.says("2 packets fit several records")
        .says("1 record labelled no packet")
        .says("1 packet with addresses and ports of a record, but outside its time");
    // Records that begin at once and contradict each other label nothing while both last.
    records(&sandbox, &[("100", "130", "one"), ("100", "115", "other")]);
    let (told, found) = run(&[]);
    assert_eq!(found, ["", "", "one", "one", ""]);
    told.says("records contradict each other");
    records(&sandbox, &[("100", "130", "same"), ("100", "115", "same")]);
    assert_eq!(run(&[]).1, ["same", "same", "same", "same", ""]);
    // Whole seconds cover their second; a tolerance widens.
    records(&sandbox, &[("101", "109", "a"), ("199", "199", "b")]);
    assert_eq!(run(&[]).1, ["", "", "", "", ""]);
    assert_eq!(run(&["--tolerance", "1500ms"]).1, ["a", "a", "", "", "b"]);
}

#[test]
fn records_are_grouped_as_one_asks() {
    let sandbox = Sandbox::new();
    conversation(&sandbox, "c.pcap", &[100, 110, 120, 400]);
    records(&sandbox, &[("100", "105", "dos"), ("110", "115", "dos"), ("120", "121", "dos"), ("400", "401", "dos")]);
    for (group, samples) in [("record", 4), ("label", 1), ("window", 2)] {
        let fixed = ["label", "c.pcap", "--flows", "records.csv", "--format", COLUMNS, "-o", "o.pcapng", "--force"];
        let told = format!("labelled 4 packets of {samples} sample");
        sandbox.pcapml([&fixed[..], &["--group-by", group]].concat()).expect(0).says(&told);
    }
}

#[test]
fn flows_are_samples_of_their_files_rows() {
    let sandbox = Sandbox::new();
    conversation(&sandbox, "d/a.pcap", &[100, 110, 300]);
    conversation(&sandbox, "d/b.pcap", &[1000]);
    sandbox.write("labels.csv", "filename,label,os\na.pcap,web,linux\nb.pcap,mail,bsd\n");
    sandbox
        .pcapml(["label", "d", "--by", "flow", "--labels", "labels.csv", "-o", "o.pcapng"])
        .expect(0)
        .says("3 samples");
    let found: Vec<String> =
        packets(&sandbox.path("o.pcapng")).into_iter().map(|(_, comments)| comments.concat()).collect();
    let text = |comment: &str| comment.split_once(',').unwrap().1.to_owned();
    let texts: Vec<String> = found.iter().map(|comment| text(comment)).collect();
    let (a, b) = ("web,os=linux,source=a.pcap", "mail,os=bsd,source=b.pcap");
    assert_eq!(texts, [a, a, a, b]);
    assert!(found[0] == found[1] && found[1] != found[2], "120 seconds end a flow: {found:?}");
    // The id is that of the format contract: proto|low ip|port|high ip|port|start ns; in a directory, of that file.
    let id = |file: &str| {
        let key = format!("pcapml1\0\0flow\0{file}6|10.0.0.1|1000|10.0.0.2|80|100500000000");
        xxhash_rust::xxh3::xxh3_64(key.as_bytes()) & (u64::MAX >> 1)
    };
    assert!(found[0].starts_with(&format!("{},", id("a.pcap|"))), "{}", found[0]);
    sandbox.pcapml(["label", "d/a.pcap", "--by", "flow", "-o", "p.pcapng"]).expect(0).says("of 2 samples");
    assert_eq!(labels(&sandbox.path("p.pcapng")), ["-", "-", "-"]);
    assert!(packets(&sandbox.path("p.pcapng"))[0].1[0].starts_with(&format!("{},", id(""))));
    // A capture may be there twice, with another label.
    sandbox.write("d/b.pcap", fs::read(sandbox.path("d/a.pcap")).unwrap());
    let twice = ["label", "d", "--by", "flow", "--labels", "labels.csv", "-o", "t.pcapng"];
    sandbox.pcapml(twice).expect(0).says("labelled 6 packets of 4 samples");
    let wide = ["label", "d/a.pcap", "-o", "q.pcapng", "--by", "flow", "--idle-timeout", "10m"];
    sandbox.pcapml(wide).expect(0).says("of 1 sample");
}

#[test]
fn names_of_files_give_labels_and_fields() {
    let sandbox = Sandbox::new();
    for name in ["vpn_youtube_A.pcap", "skype_B.pcap", "notes.pcap"] {
        conversation(&sandbox, &format!("d/{name}"), &[100]);
    }
    let pattern = r"^(?<vpn>vpn)?_?(?<label>[a-z]+)_[AB]\.pcap$";
    let fixed = ["label", "d", "--label-by-name", pattern, "-o", "o.pcapng"];
    sandbox.pcapml(fixed).expect(0).says("labelled 2 packets of 2 samples").says("notes.pcap");
    let samples = csv_rows(&sandbox.pcapml(["samples", "o.pcapng", "--format", "csv"]).expect(0).out);
    let shown: BTreeMap<&str, &str> = samples.iter().map(|row| (row["label"].as_str(), row["vpn"].as_str())).collect();
    assert_eq!(shown, BTreeMap::from([("youtube", "vpn"), ("skype", "")]));
    // As a table of files would have it, ids included.
    sandbox.write("labels.csv", "filename,label,vpn\nskype_B.pcap,skype,\nvpn_youtube_A.pcap,youtube,vpn\n");
    sandbox.pcapml(["label", "d", "--labels", "labels.csv", "-o", "t.pcapng"]).expect(0);
    assert_eq!(packets(&sandbox.path("o.pcapng")), packets(&sandbox.path("t.pcapng")));
    sandbox
        .pcapml(["label", "d", "--label-by-name", "x(?<label>y)", "-o", "n"])
        .expect(1)
        .says("no capture's name matches");
    sandbox.pcapml(["label", "d", "--label-by-name", "x", "-o", "n"]).expect(1).says("no group for the label");
}

#[test]
fn hosts_label_their_packets() {
    let sandbox = Sandbox::new();
    conversation(&sandbox, "c.pcap", &[100, 110]);
    let run = |table: &str, more: &[&str]| {
        sandbox.write("hosts.csv", table);
        let fixed = ["label", "c.pcap", "--by", "host", "hosts.csv", "-o", "o.pcapng", "--force"];
        sandbox.pcapml([&fixed[..], more].concat())
    };
    let found = || packets(&sandbox.path("o.pcapng")).into_iter().map(|(_, comments)| comments).collect::<Vec<_>>();
    run("10.0.0.0/24,lab\n10.0.0.2,camera\n10.9.9.9,absent\n", &[]).expect(0).says("2 hosts without a packet");
    assert!(found().iter().all(|comments| label(comments) == Some("camera")), "{:?}", found());
    run("10.0.0.2,camera\n10.0.0.1,hub\n", &[]).expect(0).says("2 packets between hosts of two samples");
    assert!(found().iter().all(|comments| label(comments) == Some("camera")));
    run("10.0.0.2,camera\n10.0.0.1,hub\n", &["--match", "all"]).expect(0);
    assert!(found().iter().all(|comments| comments.len() == 2), "{:?}", found());
    run("10.0.0.2,camera\n10.0.0.1,hub\n", &["--match", "unique"])
        .expect(1)
        .says("between hosts of two samples: lines 2 and 1");
    run("10.0.0.1/24,lab\n", &[]).expect(1).says("hosts.csv: line 1, column 1").says("the network is 10.0.0.0/24");
}

#[test]
fn hosts_agree_with_libpcap() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let merged = corpus.join("single/merged.pcap");
    // Addresses that many packets have, from the records of this capture.
    let records = csv_rows(&read_text(&corpus.join("single/flows_exact.csv.gz")));
    let mut hosts: Vec<&str> = records.iter().map(|row| row["src_ip"].as_str()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let table: String = hosts.iter().map(|host| format!("{host},{}\n", host.replace([':', '.'], "_"))).collect();
    let rules: String =
        hosts.iter().map(|host| format!("BPF:host {host},{}\n", host.replace([':', '.'], "_"))).collect();
    sandbox.write("hosts.csv", table);
    sandbox.write("rules.csv", rules);
    let label = |source: &[&str]| {
        let fixed =
            ["label", merged.to_str().unwrap(), "--match", "first", "--keep-unlabeled", "-o", "o.pcapng", "--force"];
        sandbox.pcapml([&fixed[..], source].concat()).expect(0);
        labels(&sandbox.path("o.pcapng"))
    };
    let (by_host, by_rule) = (label(&["--by", "host", "hosts.csv"]), label(&["--labels", "rules.csv"]));
    assert!(by_host.iter().filter(|label| !label.is_empty()).count() > 4_000);
    assert_eq!(by_host, by_rule);
}

#[test]
fn interfaces_and_comments_label() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let suite = corpus.join("conformance");
    for name in [
        "suite/le/basic/test008.pcapng",
        "suite/be/advanced/test101.pcapng",
        "variety/zeek-pcapng-multi-interface.pcapng",
    ] {
        let capture = suite.join(name);
        let capture = capture.to_str().unwrap();
        sandbox
            .pcapml(["label", capture, "-o", "i.pcapng", "--force", "--keep-unlabeled", "--by", "interface"])
            .expect(0);
        let names = sandbox.tool("tshark", &["-r", capture, "-T", "fields", "-e", "frame.interface_name"]);
        let names: Vec<String> = names.lines().map(|name| name.trim_end().replace('\\', "%5C")).collect();
        assert_eq!(labels(&sandbox.path("i.pcapng")), names, "{name}");
    }
    let capture = suite.join("suite/be/basic/test009.pcapng");
    let pattern = r"test(?<suite>\d+)-(?<label>\d)";
    sandbox.pcapml(["label", capture.to_str().unwrap(), "-o", "c.pcapng", "--by", "comment", pattern]).expect(0);
    let comments: Vec<Vec<String>> = packets(&sandbox.path("c.pcapng")).into_iter().map(|packet| packet.1).collect();
    let texts: Vec<(&str, &str)> =
        comments.iter().map(|both| (both[0].split_once(',').unwrap().1, both[1].as_str())).collect();
    assert_eq!(texts, [("1,suite=009", "test009-1"), ("2,suite=009", "test009-2")]);
}

#[test]
fn packets_are_labelled_by_number() {
    let sandbox = Sandbox::new();
    conversation(&sandbox, "c.pcap", &[100, 110, 120]);
    sandbox.write("p.csv", "packet,time,label,os\n3,120.5,b,linux\n1,100.500000,a,\n");
    let fixed = ["label", "c.pcap", "--packet-labels", "p.csv", "-o", "o.pcapng", "--keep-unlabeled", "--force"];
    sandbox.pcapml(fixed).expect(0).says("labelled 2 packets of 2 samples");
    assert_eq!(labels(&sandbox.path("o.pcapng")), ["a", "", "b"]);
    sandbox.write("p.csv", "packet,time,label\n2,111.5,a\n");
    sandbox.pcapml(fixed).expect(1).says("p.csv: line 2: packet 2 has another time");
    sandbox.write("p.csv", "packet,label\n2,a\n9,a\n");
    sandbox.pcapml(fixed).expect(0).says("1 row of packets that do not exist (first: line 3)");
    sandbox.pcapml(["label", ".", "--packet-labels", "p.csv", "-o", "x"]).expect(1).says("add a column 'file'");
}

#[test]
fn a_source_is_the_same_on_every_packet_of_a_sample() {
    let sandbox = Sandbox::new();
    conversation(&sandbox, "d/a.pcap", &[100]);
    conversation(&sandbox, "d/b.pcap", &[200]);
    sandbox.write("rules.csv", "BPF:tcp,web\n");
    sandbox.pcapml(["label", "d", "--labels", "rules.csv", "--source", "-o", "o.pcapng"]).expect(0);
    let found: Vec<String> =
        packets(&sandbox.path("o.pcapng")).into_iter().map(|(_, comments)| comments.concat()).collect();
    assert!(found[0].ends_with(",web,source=a.pcap"), "{found:?}");
    assert!(found[1].ends_with(",web,source=a.pcap,p.source=b.pcap"), "{found:?}");
    let samples = csv_rows(&sandbox.pcapml(["samples", "o.pcapng", "--format", "csv"]).expect(0).out);
    assert_eq!((samples.len(), samples[0]["source"].as_str()), (1, "a.pcap"));
    sandbox.write("labels.csv", "filename,label,source\na.pcap,x,y\n");
    sandbox.pcapml(["label", "d", "-l", "labels.csv", "--source", "-o", "n"]).expect(1).says("a column 'source'");
}

#[test]
fn stats_tell_shadowed_rules_from_idle_ones_and_mistaken_time_zones() {
    let sandbox = Sandbox::new();
    conversation(&sandbox, "c.pcap", &[100_000, 100_010, 100_020]);
    let rules = "BPF:tcp port 80|TS_START:100015,late\nBPF:tcp,all\nBPF:tcp port 80,http\nBPF:udp,dns\n\
                 BPF:host 10.0.0.1|TS_START:110790|TS_END:110815,moved\n";
    sandbox.write("rules.csv", rules);
    let run = sandbox.pcapml(["label", "c.pcap", "-l", "rules.csv", "-o", "o.pcapng", "--stats=csv"]).expect(0);
    let rows = csv_rows(&run.out);
    let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("packets"), ["1", "2", "0", "0", "0"]);
    assert_eq!(column("matched"), ["1", "3", "3", "0", "0"]);
    let notes = ["", "", "shadowed by line 2 and others", "never matched", "never matched; 2 packets if moved by -3 h"];
    assert_eq!(column("note"), notes);
    run.says("2 rules matched no packet:")
        .says("1 rule matched, but earlier rules took every packet")
        .says("moved by -3 h");
    // The verdicts on one packet.
    let run = sandbox.pcapml(["label", "c.pcap", "-l", "rules.csv", "--explain", "3"]).expect(0);
    let run = run.says("packet 3 (block 3").says("of 5 rules, 3 match, and line 1 wins: it stands before the others");
    assert!(run.out.contains("matches; line 1 came first"), "{}", run.out);
    assert!(run.out.contains("its filter matches, its window does not"), "{}", run.out);
    assert!(!sandbox.path("x").exists());
    sandbox
        .pcapml(["label", "c.pcap", "-l", "rules.csv", "--explain", "4"])
        .expect(1)
        .says("there is no packet 4; the last is 3");
}

#[test]
fn labels_change_and_ids_stay() {
    let sandbox = Sandbox::new();
    let apps = apps();
    let (pcaps, table) = (apps.join("pcaps"), apps.join("labels.csv"));
    sandbox.pcapml(["label", pcaps.to_str().unwrap(), "-l", table.to_str().unwrap(), "-o", "a.pcapng"]).expect(0);
    sandbox.write("map.csv", "old,new\ndns,name service\nnone,x\n");
    sandbox
        .pcapml(["relabel", "a.pcapng", "--map", "map.csv", "-o", "b.pcapng"])
        .expect(0)
        .says("60 of 3105 comments changed")
        .says("map.csv: 1 row without effect:\n    none");
    let (before, after) = (packets(&sandbox.path("a.pcapng")), packets(&sandbox.path("b.pcapng")));
    for ((old, was), (new, is)) in before.iter().zip(&after) {
        assert_eq!((old, is[0].clone()), (new, was[0].replacen(",dns,", ",name service,", 1)));
    }
    // Back again, by ids; nothing else has changed.
    let samples = sandbox.pcapml(["samples", "a.pcapng", "--format", "csv"]).expect(0).out;
    sandbox.write("samples.csv", samples);
    sandbox.pcapml(["relabel", "b.pcapng", "-l", "samples.csv", "-o", "c.pcapng"]).expect(0);
    assert!(fs::read(sandbox.path("a.pcapng")).unwrap() == fs::read(sandbox.path("c.pcapng")).unwrap());
    sandbox
        .pcapml(["relabel", apps.join("pcaps/ntp/chronyd-v4-1.pcap").to_str().unwrap(), "--map", "map.csv", "-o", "n"])
        .expect(1)
        .says("holds no labels");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let sandbox = Sandbox::new();
    let apps = apps();
    let (pcaps, table) = (apps.join("pcaps"), apps.join("labels.csv"));
    let (pcaps, table) = (pcaps.to_str().unwrap(), table.to_str().unwrap());
    let digest = |name: &str| crate::support::digest(&fs::read(sandbox.path(name)).unwrap());
    let mut digests = Vec::new();
    for threads in ["1", "2", "8"] {
        let run =
            |arguments: &[&str]| sandbox.pcapml([arguments, &["--threads", threads, "--force"]].concat()).expect(0);
        run(&["label", pcaps, "--labels", table, "-o", "l.pcapng"]);
        run(&["sort", "l.pcapng", "-o", "s.pcapng", "--memory", "1M"]);
        run(&["split", "s.pcapng", "-o", &format!("parts{threads}")]);
        let directory = format!("parts{threads}");
        let names = fs::read_dir(sandbox.path(&directory)).unwrap().map(|entry| entry.unwrap().file_name());
        let mut parts: Vec<(String, String)> = names
            .map(|name| name.into_string().unwrap())
            .map(|name| (digest(&format!("{directory}/{name}")), name))
            .collect();
        parts.sort();
        assert_eq!(parts.len(), 91);
        digests.push((digest("l.pcapng"), digest("s.pcapng"), parts));
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn what_would_do_nothing_is_refused() {
    let sandbox = Sandbox::new();
    conversation(&sandbox, "c.pcap", &[100, 110]);
    sandbox.write("rules.csv", "BPF:tcp,web\n");
    records(&sandbox, &[("100", "130", "web")]);
    sandbox.write("hosts.csv", "10.0.0.1,a\n");
    sandbox.write("packets.csv", "packet,label,file\n1,a,other.pcap\n");
    sandbox.write("none.csv", "old,new\nx,y\n");
    let label = |more: &[&str]| sandbox.pcapml([&["label", "c.pcap", "-o", "o.pcapng", "--force"], more].concat());
    label(&["--labels", "rules.csv", "--timezone", "Europe/Berlin"]).expect(1).says("--timezone says how flow records");
    label(&["--by", "host", "hosts.csv", "--tolerance", "3"]).expect(1).says("--tolerance says how flow records");
    label(&["--labels", "rules.csv", "--idle-timeout", "5"]).expect(1).says("--idle-timeout ends flows");
    label(&["--flows", "records.csv", "--format", COLUMNS, "--match", "all"]).expect(1).says("--match chooses");
    label(&["--packet-labels", "packets.csv"]).expect(1).says("rows for 'other.pcap', and 'c.pcap' is to be labelled");
    label(&["--flows", "rules.csv"]).expect(1).says("give rules to --labels");
    label(&["--labels", "c.pcap"]).expect(1).says("a capture, and no table");
    label(&["--flows", "c.pcap"]).expect(1).says("a capture, and no table");
    label(&["--by", "flow", "more"]).expect(1).says("--by flow takes nothing more");
    // Comments of ours are not asked, and that is told.
    label(&["--labels", "rules.csv"]).expect(0);
    fs::rename(sandbox.path("o.pcapng"), sandbox.path("l.pcapng")).unwrap();
    let again = ["label", "l.pcapng", "--by", "comment", "(?<label>.+)", "-o", "m.pcapng"];
    sandbox.pcapml(again).expect(2).says("2 comments of pcapml itself").says("no packet got a label");
    sandbox
        .pcapml(["relabel", "l.pcapng", "--map", "none.csv", "-o", "r.pcapng"])
        .expect(2)
        .says("no row of the table");
}

/// A pcap of raw IPv4 packets: seconds, bytes.
fn raw_pcap(packets: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut pcap = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0];
    for (second, packet) in packets {
        for field in [*second, 0, packet.len() as u32, packet.len() as u32] {
            pcap.extend_from_slice(&field.to_le_bytes());
        }
        pcap.extend_from_slice(packet);
    }
    pcap
}

/// An IPv4 packet of this protocol between 10.0.0.1 and 10.0.0.2, with the field that tells of fragments.
fn ipv4(protocol: u8, fragment: [u8; 2], payload: &[u8]) -> Vec<u8> {
    let length = 20 + payload.len() as u8;
    let header = [0x45, 0, 0, length, 0, 7, fragment[0], fragment[1], 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    [&header, payload].concat()
}

#[test]
fn fragments_follow_their_first_in_its_capture_and_time() {
    let sandbox = Sandbox::new();
    let first = ipv4(17, [0x20, 0], &[0, 9, 0, 53, 0, 40, 0, 0]);
    let later = ipv4(17, [0, 1], &[1; 8]);
    sandbox.write("d/a.pcap", raw_pcap(&[(100, first.clone()), (101, later.clone()), (300, later.clone())]));
    sandbox.write("d/b.pcap", raw_pcap(&[(102, later)]));
    let run = sandbox.pcapml(["label", "d", "--by", "flow", "-o", "o.pcapng"]).expect(0);
    run.says("2 packets that are fragments whose first part was not seen").says("labelled 2 packets of 1 sample");
    // Ports that were cut make no conversation of everything between two hosts.
    sandbox.write("cut.pcap", raw_pcap(&[(1, ipv4(6, [0, 0], &[])), (2, first)]));
    let run = sandbox.pcapml(["label", "cut.pcap", "--by", "flow", "-o", "c.pcapng"]).expect(0);
    run.says("1 packet that were cut before their ports").says("labelled 1 packet of 1 sample");
}

#[test]
fn the_more_exact_record_labels() {
    let sandbox = Sandbox::new();
    conversation(&sandbox, "c.pcap", &[100, 110]);
    let table = |rows: &str| sandbox.write("r.csv", format!("src,dst,sport,dport,proto,from,to,class\n{rows}"));
    let run = |more: &[&str]| {
        let fixed = ["label", "c.pcap", "--flows", "r.csv", "--format", COLUMNS, "-o", "o.pcapng", "--force"];
        let run = sandbox.pcapml([&fixed[..], &["--keep-unlabeled"], more].concat());
        (run, labels(&sandbox.path("o.pcapng")))
    };
    // One port of two is no record of all ports.
    table("10.0.0.1,10.0.0.2,,9999,tcp,100,120,attack\n10.0.0.1,10.0.0.2,1000,80,tcp,90,120,web\n");
    let (told, found) = run(&[]);
    told.says("1 records with one port of two: left out");
    assert_eq!(found, ["web", "web"]);
    // No ports, and a later start: the record with the ports is meant.
    table("10.0.0.1,10.0.0.2,,,tcp,100,120,host\n10.0.0.1,10.0.0.2,1000,80,tcp,90,105,web\n");
    assert_eq!(run(&[]).1, ["web", "host"]);
    // The tolerance is for packets that no record holds.
    table("10.0.0.1,10.0.0.2,1000,80,tcp,90,105,web\n10.0.0.1,10.0.0.2,1000,80,tcp,102,103,mail\n");
    assert_eq!(run(&["--tolerance", "8"]).1, ["web", "mail"]);
    // Two that begin together contradict each other only while both last.
    table("10.0.0.1,10.0.0.2,1000,80,tcp,95,105,web\n10.0.0.1,10.0.0.2,1000,80,tcp,95,120,mail\n");
    assert_eq!(run(&[]).1, ["", "mail"]);
}
