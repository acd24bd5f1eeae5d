//! `pcapml report`: its numbers against tshark's and plain ones of our own, and its page in a browser.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pcapml::report::{Facts, Finding, Leak, Severity, SplitTable};
use serde_json::Value;

use crate::chromium::Browser;
use crate::print::{ipv4, pcap, udp};
use crate::support::{Run, Sandbox, root};

/// Where pictures of pages go, for people to look at.
fn pictures() -> PathBuf {
    root().join("target/report")
}

/// The data of a page.
fn data(page: &str) -> Value {
    let data = page.split(r#"id="data">"#).nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(data).unwrap()
}

/// Our own dataset, labelled, and its page.
fn apps() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    sandbox.pcapml(["report", "apps.pcapng", "-o", "apps.html"]).expect(0).says("a page of 90 samples, 11 classes");
    let page = fs::read_to_string(sandbox.path("apps.html")).unwrap();
    (sandbox, page)
}

/// The values of a chart, by class.
fn chart(data: &Value, name: &str) -> BTreeMap<String, Value> {
    let names = data["classes"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    names.zip(data["charts"][name]["values"].as_array().unwrap().iter().cloned()).collect()
}

/// The least value that so many percent of all are at most.
fn quantile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
}

#[test]
fn distributions_are_those_that_tshark_sees() {
    let (sandbox, page) = apps();
    let fields = ["-T", "fields", "-e", "frame.comment", "-e", "frame.len", "-e", "frame.time_epoch"];
    let shown = sandbox.tool("tshark", &[&["-r", "apps.pcapng"][..], &fields].concat());
    let mut sizes: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut gaps: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut before: BTreeMap<String, i128> = BTreeMap::new();
    for line in shown.lines() {
        let [comment, length, time] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (id, rest) = comment.split_once(',').unwrap();
        let label = rest.split(',').next().unwrap().to_owned();
        sizes.entry(label.clone()).or_default().push(length.parse().unwrap());
        let (seconds, nanos) = time.split_once('.').unwrap();
        let time = seconds.parse::<i128>().unwrap() * 1_000_000_000 + nanos.parse::<i128>().unwrap();
        if let Some(before) = before.insert(id.to_owned(), time).filter(|before| *before <= time) {
            gaps.entry(label).or_default().push((time - before) as f64 / 1e9);
        }
    }
    let data = data(&page);
    for (name, measured, near) in [("sizes", sizes, 1e-9), ("gaps", gaps, 0.065)] {
        let told = chart(&data, name);
        assert_eq!(told.keys().collect::<Vec<_>>(), measured.keys().collect::<Vec<_>>());
        for (label, mut values) in measured {
            values.sort_by(f64::total_cmp);
            assert_eq!(told[&label][0], values.len(), "{name} of {label}");
            for (column, percent) in [0, 5, 25, 50, 75, 95, 100].into_iter().enumerate() {
                let (told, exact) = (told[&label][column + 1].as_f64().unwrap(), quantile(&values, percent));
                // Times below 100 ns are told as none.
                let is_near = (told - exact).abs() <= near * exact || exact < 1e-7 && told == 0.0;
                assert!(is_near, "{name} of {label}, {percent} %: {told} for {exact}");
            }
        }
    }
}

#[test]
fn entropy_and_openings_are_those_of_the_bytes() {
    let (sandbox, page) = apps();
    let data = data(&page);
    let (entropy, openings) = (chart(&data, "entropy4"), chart(&data, "openings"));
    let mut values: BTreeMap<String, Vec<BTreeMap<u8, u64>>> = BTreeMap::new();
    let mut samples: BTreeMap<String, (String, Vec<i64>, Vec<u8>)> = BTreeMap::new();
    let mut reader = pcapml::capture::Reader::open(&sandbox.path("apps.pcapng"), 1).unwrap();
    while let Some(item) = reader.next_item().unwrap() {
        let pcapml::capture::Item::Packet(packet) = item else { continue };
        let comment = String::from_utf8_lossy(packet.comments().next().unwrap()).into_owned();
        let [id, label] = comment.splitn(3, ',').take(2).map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
        // All of it is Ethernet; of padding nothing counts.
        let (ether, ip) = (&packet.bytes[12..14], &packet.bytes[14..]);
        let source = if ether == [8, 0] { &ip[12..16] } else { &ip[8..24] };
        let sample = samples.entry(id).or_insert_with(|| (label.clone(), Vec::new(), source.to_vec()));
        let sign = if sample.2 == source { 1 } else { -1 };
        sample.1.push(sign * i64::from(packet.original_length));
        if ether == [8, 0] {
            let length = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
            let counts = values.entry(label).or_insert_with(|| vec![BTreeMap::new(); 80]);
            for (position, byte) in ip[..length].iter().take(80).enumerate() {
                *counts[position].entry(*byte).or_default() += 1;
            }
        }
    }
    assert_eq!(entropy.len(), values.len());
    for (label, counts) in &values {
        for (position, counts) in counts.iter().enumerate().filter(|(_, counts)| !counts.is_empty()) {
            let packets: u64 = counts.values().sum();
            let part = |count: &u64| *count as f64 / packets as f64;
            let bits: f64 = counts.values().map(|count| -part(count) * part(count).log2()).sum();
            let told = &entropy[label][position];
            assert!((told[0].as_f64().unwrap() - bits).abs() < 0.006, "{label}, byte {position}: {told} for {bits}");
            assert_eq!(told[1], packets);
        }
    }
    for (label, told) in openings {
        for (place, told) in told.as_array().unwrap().iter().enumerate() {
            let of_label = samples.values().filter(|sample| sample.0 == label);
            let mut lengths: Vec<i64> = of_label.filter_map(|sample| sample.1.get(place).copied()).collect();
            lengths.sort_unstable();
            let quartile = |quarter: usize| lengths[(lengths.len() * quarter).div_ceil(4).max(1) - 1];
            let out = lengths.iter().filter(|length| **length > 0).count();
            let expected = serde_json::json!([lengths.len(), out, quartile(1), quartile(2), quartile(3)]);
            assert_eq!(*told, expected, "{label}, packet {}", place + 1);
        }
    }
}

#[test]
fn counts_are_those_of_other_commands_and_nothing_is_lost() {
    let (sandbox, page) = apps();
    let data = data(&page);
    let summary = sandbox.pcapml(["summary", "apps.pcapng", "--format", "json"]).expect(0).out;
    let summary: Vec<Value> = serde_json::from_str(&summary).unwrap();
    let labels = chart(&data, "labels");
    let times = chart(&data, "times");
    for row in &summary {
        let label = row["label"].as_str().unwrap();
        let expected = serde_json::json!([row["samples"], row["packets"], row["bytes"]]);
        assert_eq!(labels[label], expected);
        let seen: u64 = times[label].as_array().unwrap().iter().filter_map(Value::as_u64).sum();
        assert_eq!(seen, row["packets"], "{label}");
    }
    assert_eq!(labels.len(), summary.len());
    let sha = sandbox.tool("sha256sum", &["apps.pcapng"]);
    assert!(page.contains(sha.split_whitespace().next().unwrap()));
    // Top talkers, by tshark: bytes of frames from or to an address.
    let shown =
        sandbox.tool("tshark", &["-r", "apps.pcapng", "-Y", "ip.addr == 10.77.0.1", "-T", "fields", "-e", "frame.len"]);
    let (count, bytes) = (shown.lines().count(), shown.lines().map(|line| line.parse::<u64>().unwrap()).sum::<u64>());
    let row = page.split("<bdi>10.77.0.1</bdi>").nth(1).unwrap();
    let row = row.split("</tr>").next().unwrap();
    assert!(row.contains(&format!(r#"data-v="{count}""#)) && row.contains(&format!(r#"data-v="{bytes}""#)), "{row}");
}

#[test]
fn the_same_capture_gives_the_same_page() {
    let (sandbox, page) = apps();
    sandbox.pcapml(["report", "apps.pcapng", "-o", "again.html", "--threads", "3"]).expect(0);
    assert_eq!(fs::read_to_string(sandbox.path("again.html")).unwrap(), page);
    sandbox.pcapml(["report", "apps.pcapng", "-o", "apps.html"]).expect(1).says("exists already");
    // What comes through a pipe has no digest, and no name.
    let capture = fs::File::open(sandbox.path("apps.pcapng")).unwrap();
    let piped = Run::of(sandbox.command().args(["report", "-", "-o", "-", "--title", "apps.pcapng"]).stdin(capture));
    let piped = piped.expect(0).out;
    assert!(!piped.contains("SHA-256") && piped.contains("href=\"#findings\""));
    let counted = |page: &str| page[page.find("<section id=\"labels\"").unwrap()..].to_owned();
    assert!(counted(&piped) == counted(&page));
    assert!(!page.contains(&*sandbox.path("").to_string_lossy()), "a page tells no directories");
}

#[test]
fn splits_are_balanced_against_the_whole() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let samples = sandbox.pcapml(["samples", "apps.pcapng", "--format", "json"]).expect(0).out;
    let samples: Vec<Value> = serde_json::from_str(&samples).unwrap();
    let mut splits = "# seed 1\nsample_id,split\n5,test\n".to_owned();
    for (number, sample) in samples.iter().enumerate().skip(1) {
        let split = if sample["label"] == "dns" { "train" } else { ["train", "test", "zoo"][number % 3] };
        splits += &format!("{},{split}\n", sample["sample_id"].as_str().unwrap());
    }
    sandbox.write("splits.csv", splits);
    sandbox
        .pcapml(["report", "apps.pcapng", "--splits", "splits.csv", "--title", "A <b>title</b>", "-o", "r.html"])
        .expect(0);
    let page = fs::read_to_string(sandbox.path("r.html")).unwrap();
    let data = data(&page);
    assert_eq!(data["charts"]["splits"]["columns"], serde_json::json!(["train", "test", "zoo", "in no split"]));
    let values = chart(&data, "splits");
    assert_eq!(values["dns"], serde_json::json!([10, 0, 0, 0]));
    let all: u64 = values.values().flat_map(|row| row.as_array().unwrap()).filter_map(Value::as_u64).sum();
    assert_eq!(all, 90);
    assert!(page.contains("1 sample is in no split. 1 id is of the list not in the capture."), "{page:.3000}");
    assert!(page.contains("1 class is missing from at least one split"));
    assert!(page.contains("<title>A &lt;b&gt;title&lt;/b&gt;</title>"));
    sandbox.write("bad.csv", "sample_id,split\nx,train\n");
    let arguments = ["report", "apps.pcapng", "--splits", "bad.csv", "-o", "none.html"];
    sandbox.pcapml(arguments).expect(1).says("line 2, column 1: 'x' is no sample id");
    assert!(!sandbox.path("none.html").exists());
    sandbox.write("other.csv", "sample_id,split\n1,train\n");
    let arguments = ["report", "apps.pcapng", "--splits", "other.csv", "-o", "none.html"];
    sandbox.pcapml(arguments).expect(1).says("error: other.csv: no sample of apps.pcapng has a split");
}

/// More classes than charts have rows for, and more splits than a sentence.
#[test]
fn classes_and_splits_are_counted_also_where_not_all_are_shown() {
    let sandbox = Sandbox::new();
    let packets: Vec<Vec<u8>> = (1..=600_u16).map(|port| ipv4(17, 64, 0, &udp((port, 9), b"x"))).collect();
    sandbox.write("a.pcap", pcap(101, &packets));
    let rules: String = (1..=600).map(|port| format!("BPF:udp src port {port},port{port}\n")).collect();
    sandbox.write("rules.csv", rules);
    sandbox.pcapml(["label", "a.pcap", "--labels", "rules.csv", "-o", "l.pcapng"]).expect(0);
    let samples = sandbox.pcapml(["samples", "l.pcapng", "--format", "json"]).expect(0).out;
    let samples: Vec<Value> = serde_json::from_str(&samples).unwrap();
    let rows = samples.iter().enumerate();
    let rows: String =
        rows.map(|(at, sample)| format!("{},s{}\n", sample["sample_id"].as_str().unwrap(), at % 300)).collect();
    sandbox.write("splits.csv", format!("sample_id,split\n{rows}"));
    let run = sandbox.pcapml(["report", "l.pcapng", "--splits", "splits.csv", "-o", "r.html"]).expect(0);
    run.says("a page of 600 samples, 600 classes");
    let page = fs::read_to_string(sandbox.path("r.html")).unwrap();
    assert!(page.contains("600 samples of 600 classes in 600 packets"));
    assert!(page.contains("20 of 600 classes shown, 100 of them as one"));
    assert!(page.contains("500 classes have the fewest, 1.") && !page.contains("501 classes"));
    assert!(page.contains("s101 has 2 (0.3 %), and 295 more splits."), "{page:.3000}");
}

#[test]
fn faults_are_told_and_nothing_is_no_reason_to_fail() {
    let sandbox = Sandbox::new();
    sandbox.label_apps("apps.pcapng");
    let whole = fs::read(sandbox.path("apps.pcapng")).unwrap();
    sandbox.write("cut.pcapng", &whole[..whole.len() - 7]);
    sandbox.pcapml(["report", "cut.pcapng", "-o", "cut.html"]).expect(2);
    assert!(sandbox.path("cut.html").exists());
    sandbox.pcapml(["report", "cut.pcapng", "-o", "strict.html", "--strict"]).expect(1);
    assert!(!sandbox.path("strict.html").exists());
    sandbox.pcapml(["strip", "apps.pcapng", "-o", "bare.pcap"]).expect(0);
    sandbox.pcapml(["report", "bare.pcap", "-o", "bare.html"]).expect(0).says("no packet carries a label");
    assert!(fs::read_to_string(sandbox.path("bare.html")).unwrap().contains("No packet has a label."));
}

/// 10,000 samples of 200 classes, of which some have hostile, long, and foreign names.
fn many(sandbox: &Sandbox) {
    let mut capture = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0];
    let mut labels = "packet,label,hash_key\n".to_owned();
    let (mut state, mut number) = (7_u64, 0);
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for sample in 0..10_000_u64 {
        let class = if sample < 200 { sample } else { random(200) * random(200) / 200 };
        let pause = if sample < 6_000 { 0 } else { 90 * 86_400 * 1_000_000 };
        let mut time = 1_700_000_000_000_000 + pause + sample * 400_000;
        for packet in 0..3 + random(4) {
            time += 500 * (class + 1) + random(200 * (class + 1));
            let out = packet == 0 || (packet + class) % 3 > 0;
            let payload = (random(40) + 5 * class + if packet == 2 { 300 } else { 0 }) as usize;
            let bytes = datagram((sample, class), out, payload, &mut random);
            for field in [time / 1_000_000, time % 1_000_000, bytes.len() as u64, bytes.len() as u64] {
                capture.extend((field as u32).to_le_bytes());
            }
            capture.extend(bytes);
            number += 1;
            labels += &format!("{number},{},{sample}\n", name(class));
        }
    }
    sandbox.write("many.pcap", capture);
    sandbox.write("labels.csv", labels);
    let options = ["label", "many.pcap", "--packet-labels", "labels.csv", "--namespace", "many", "-o", "many.pcapng"];
    sandbox.pcapml(options).expect(0);
}

fn name(class: u64) -> String {
    match class {
        0 => "video-streaming-of-a-service-with-a-rather-long-name/over-quic/with-resumption".to_owned(),
        1 => "<img src=x onerror=alert(1)>".to_owned(),
        2 => "視訊會議".to_owned(),
        3 => "</script><script>alert(2)</script>".to_owned(),
        4 => "بث مباشر".to_owned(),
        _ => format!("app-{class:03}.example"),
    }
}

fn datagram((sample, class): (u64, u64), out: bool, payload: usize, random: &mut impl FnMut(u64) -> u64) -> Vec<u8> {
    let mut packet = crate::print::ipv4(17, 64 - (class % 3) as u8, 0, &[0; 8]);
    packet.extend((0..payload).map(|at| if at < 8 { class as u8 } else { random(256) as u8 }));
    let length = packet.len() as u16;
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    let client = [10, 1, (sample >> 8) as u8, sample as u8];
    let server = [192, 0, 2, class as u8];
    let (from, to) = if out { (client, server) } else { (server, client) };
    packet[12..16].copy_from_slice(&from);
    packet[16..20].copy_from_slice(&to);
    packet
}

const READY: &str = "document.documentElement?.dataset.ready === 'yes'";

/// Texts of one drawing, and names of rows, that lie over each other: none should.
const COLLISIONS: &str = r##"(() => {
  const over = (a, b) => a.right > b.left + 1 && b.right > a.left + 1 && a.bottom > b.top + 2 && b.bottom > a.top + 2;
  const found = [];
  const groups = [...document.querySelectorAll("svg.plot, svg.ticks")].map(svg => [...svg.querySelectorAll("text")]);
  for (const grid of document.querySelectorAll(".grid")) groups.push([...grid.querySelectorAll(".row:not(.off):not(.axis) .name")]);
  for (const legend of document.querySelectorAll(".legend")) groups.push([...legend.children]);
  groups.push([...document.querySelectorAll("#controls > *"), ...document.querySelectorAll("nav a")]);
  for (const group of groups) {
    const boxes = group.map(element => element.getBoundingClientRect()).filter(box => box.width > 0);
    boxes.forEach((box, i) => boxes.slice(i + 1, i + 40).forEach((other, j) => { if (over(box, other)) found.push(group[i].textContent + " | " + group[i + 1 + j].textContent); }));
  }
  return found;
})()"##;

/// How many marks that can be seen each chart has.
const MARKS: &str = r#"Object.fromEntries([...document.querySelectorAll("figure[data-chart]")].map(figure => [figure.dataset.chart,
  [...figure.querySelectorAll(".plot path.line:not(.off), .row:not(.off) .strip path, .row:not(.off) .strip rect")].filter(mark => {
    const box = mark.getBoundingClientRect(), style = getComputedStyle(mark);
    const painted = mark.matches(".line") ? style.stroke : style.fill;
    return box.width > 0 && box.height > 0 && painted !== "none";
  }).length]))"#;

/// Sees that a page is drawn whole in both themes, wide and narrow, and takes pictures of it.
fn look_at(browser: &mut Browser, page: &Path, name: &str, charts: &[&str]) {
    let mut backgrounds = Vec::new();
    for (theme, size) in [("light", (1280, 900)), ("dark", (1280, 900)), ("light", (400, 800)), ("dark", (400, 800))] {
        browser.look(theme, size);
        browser.open(page, READY);
        let what = format!("{name}, {theme}, {} wide", size.0);
        let marks = browser.value(MARKS);
        assert_eq!(marks.as_object().unwrap().len(), charts.len(), "{what}: {marks}");
        for chart in charts {
            assert!(marks[chart].as_u64().unwrap() >= 8, "{what}: {chart} in {marks}");
        }
        assert_eq!(browser.value(COLLISIONS), Value::Array(Vec::new()), "{what}");
        let wide = browser.value("document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(wide, true, "{what}: the page itself scrolls sideways");
        backgrounds.push(browser.value("getComputedStyle(document.body).backgroundColor"));
        assert_eq!(browser.value("document.documentElement.dataset.error ?? ''"), "", "{what}");
        for (number, section) in ["overview", "sizes", "times", "openings", "entropy4", "talkers"].iter().enumerate() {
            browser.value(&format!("document.getElementById('{section}').scrollIntoView()"));
            browser.picture(&pictures().join(format!("{name}-{theme}-{}-{number}-{section}.png", size.0)));
        }
    }
    assert_ne!(backgrounds[0], backgrounds[1]);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_browser_draws_every_chart_of_a_small_and_of_a_large_dataset() {
    let Some(mut browser) = Browser::start() else { return };
    let (sandbox, _) = apps();
    let charts = ["labels", "sizes", "gaps", "times", "openings", "entropy4", "entropy6"];
    look_at(&mut browser, &sandbox.path("apps.html"), "apps", &charts);
    many(&sandbox);
    let samples = sandbox.pcapml(["samples", "many.pcapng", "--format", "csv"]).expect(0).out;
    let split = |number: usize| ["train", "train", "train", "validation", "test"][number % 5];
    let ids = samples.lines().skip(1).map(|line| line.split(',').next().unwrap());
    let rows: String = ids.enumerate().map(|(number, id)| format!("{id},{}\n", split(number))).collect();
    sandbox.write("splits.csv", "sample_id,split\n".to_owned() + &rows);
    let arguments = ["report", "many.pcapng", "--splits", "splits.csv", "-o", "many.html"];
    sandbox.pcapml(arguments).expect(0).says("a page of 10000 samples, 200 classes");
    let size = fs::metadata(sandbox.path("many.html")).unwrap().len();
    assert!(size < 1_500_000, "{size}");
    let charts = ["splits", "labels", "sizes", "gaps", "times", "openings", "entropy4"];
    look_at(&mut browser, &sandbox.path("many.html"), "many", &charts);
    use_it(&mut browser, &sandbox.path("many.html"));
    sandbox.write("found.html", pcapml::report::page(&found()).unwrap());
    browser.open(&sandbox.path("found.html"), READY);
    let rows =
        "[...document.querySelectorAll('#findings tbody tr, #leaks tbody tr')].map(row => row.cells[0].textContent)";
    assert_eq!(browser.value(rows), serde_json::json!(["error", "warning", "warning", "note", HOSTILE]));
    assert_eq!(browser.value("document.title"), HOSTILE);
    browser.picture(&pictures().join("found.png"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
    for page in ["apps.html", "many.html"] {
        fs::copy(sandbox.path(page), pictures().join(page)).unwrap();
    }
}

const HOSTILE: &str = "</script><img src=x onerror=\"console.error('run')\"><!-- & '";

/// A page of findings, as `lint` will hand them in, with hostile texts.
fn found() -> Facts {
    let finding = |severity, rule: &str, evidence: &str| Finding {
        rule: rule.to_owned(),
        severity,
        ids: 12,
        evidence: evidence.to_owned(),
        remedy: "Split by capture: pcapml partition --by capture, and check what is left with pcapml lint --splits."
            .to_owned(),
    };
    let groups = (1..60).map(|number| format!("10.0.0.{number}")).collect::<Vec<_>>().join(", ");
    let leak = Leak { what: HOSTILE.to_owned(), samples: 300, evidence: groups.clone() };
    Facts {
        title: HOSTILE.to_owned(),
        splits: Some(SplitTable::default()),
        leaks: vec![leak],
        findings: vec![
            finding(Severity::Note, "privacy/mac", HOSTILE),
            finding(Severity::Warning, "shortcut/ttl", "The time to live alone predicts the label of 83 % of samples."),
            finding(Severity::Error, "leak/host", &groups),
            finding(Severity::Warning, HOSTILE, "A name of a rule that is markup."),
        ],
        ..Facts::default()
    }
}

/// Where a cell of a class's row is, once it has been scrolled to.
const MIDDLE: &str = r#"(async () => {
  const strip = document.querySelector('#times .row[data-c="3"] .strip');
  strip.scrollIntoView({ block: "center" });
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  const box = strip.getBoundingClientRect();
  return [box.x + 3, box.y + 5];
})()"#;

/// Types or chooses a value.
fn set(browser: &mut Browser, id: &str, value: &str) {
    browser.value(&format!(
        "(field => {{ field.value = '{value}'; field.dispatchEvent(new Event('input', {{ bubbles: true }})); }})\
         (document.getElementById('{id}'))"
    ));
}

/// Uses a page of 200 classes as a reader would.
fn use_it(browser: &mut Browser, page: &Path) {
    browser.look("dark", (1280, 900));
    browser.open(page, READY);
    let rows = "document.querySelectorAll('#times .row[data-c]:not(.off)').length";
    let lines = "document.querySelectorAll('#sizes path.line[data-c]:not(.off)').length";
    assert_eq!([browser.value(rows), browser.value(lines)], [20, 20]);
    // Names are text, whatever they look like.
    assert_eq!(browser.value("document.querySelectorAll('img, iframe').length"), 0);
    set(browser, "find", "APP-01");
    assert_eq!([browser.value(rows), browser.value(lines)], [10, 10]);
    browser.value("reset.click()");
    set(browser, "top", "0");
    assert_eq!([browser.value(rows), browser.value(lines)], [200, 200]);
    assert_eq!(browser.value("document.getElementById('shown').textContent"), "200 of 200 classes shown");
    assert_eq!(browser.value(COLLISIONS), Value::Array(Vec::new()));
    browser.value("document.getElementById('sizes').scrollIntoView()");
    browser.picture(&pictures().join("many-all-sizes.png"));
    browser.value("document.getElementById('times').scrollIntoView()");
    browser.picture(&pictures().join("many-all-times.png"));
    // A class that was clicked at stays, has a colour, and its name is in the legend.
    browser.value("reset.click(); document.querySelector('#labels .row[data-c=\"150\"] .name').click()");
    assert_eq!(browser.value("document.querySelector('#sizes path[data-c=\"150\"]').getAttribute('class')"), "line k0");
    assert_eq!(
        browser.value("document.querySelector('#sizes .key.pinned bdi').textContent"),
        browser.value("JSON.parse(document.getElementById('data').textContent).classes[150]")
    );
    // The pointer tells the class and the numbers of what it is at.
    let middle = browser.value(MIDDLE);
    browser.point(middle[0].as_f64().unwrap(), middle[1].as_f64().unwrap());
    let told = browser.value("tip.hidden ? '' : tip.textContent");
    let class = browser.value("JSON.parse(document.getElementById('data').textContent).classes[3]");
    assert!(
        told.as_str().unwrap().starts_with(class.as_str().unwrap()) && told.as_str().unwrap().contains("packets"),
        "{told}"
    );
    // The log switch brings small classes into sight.
    let width = "Number.parseFloat(document.querySelector('#labels .row[data-c=\"19\"] rect').getAttribute('width'))";
    let plain = browser.value(width).as_f64().unwrap();
    browser.value("document.getElementById('log').click()");
    assert!(browser.value(width).as_f64().unwrap() > plain);
    browser.value("document.querySelector('[name=measure][value=\"2\"]').click()");
    browser.value("document.getElementById('labels').scrollIntoView()");
    browser.picture(&pictures().join("many-labels-log.png"));
    // Behind each chart there is a table of all classes.
    browser.value("document.querySelectorAll('.numbers').forEach(details => { details.open = true })");
    let tables = "new Promise(done => setTimeout(() => done([...document.querySelectorAll('.numbers tbody')].map(body => body.rows.length)), 50))";
    assert_eq!(browser.value(tables), serde_json::json!([200, 200, 200, 200, 200, 200, 200]));
    // The switch overrules the system.
    let background = "getComputedStyle(document.body).backgroundColor";
    let dark = browser.value(background);
    browser.value("theme.click()");
    assert_ne!(browser.value(background), dark);
    browser.value("theme.click()");
    assert_eq!(browser.value(background), dark);
}
