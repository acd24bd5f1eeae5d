//! `pcapml lint`: shortcuts that were planted, shortcuts that are not there, and the figures of real ones recomputed from
//! tshark's fields by tests/oracle/one_rule.py.

use std::process::Command;

use serde_json::Value;

use crate::print::{ipv4, pcap, udp};
use crate::support::{Sandbox, corpus, python, root};

/// What `lint` found in a capture here.
pub fn findings(sandbox: &Sandbox, capture: &str, arguments: &[&str]) -> Vec<Value> {
    let run = sandbox.pcapml([&["lint", capture, "--format", "json"], arguments].concat()).expect(0);
    serde_json::from_str(&run.out).unwrap()
}

/// Those of a rule, or of a group of rules.
pub fn of_rule<'f>(findings: &'f [Value], rule: &str) -> Vec<&'f Value> {
    findings.iter().filter(|finding| finding["rule"].as_str().unwrap().starts_with(rule)).collect()
}

pub fn text<'f>(finding: &'f Value, member: &str) -> &'f str {
    finding[member].as_str().unwrap()
}

/// Numbers that look random.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Samples of one packet each, in which addresses, ports, ids, payloads and labels are random; `ttl` makes the time to live
/// of the number of the label.
fn random_samples(sandbox: &Sandbox, ttl: impl Fn(u64, u64) -> u8) {
    let mut state = 7;
    let mut labels = "packet,label,hash_key\n".to_owned();
    let mut packets = Vec::new();
    for number in 1..=400 {
        let label = random(&mut state) >> 32 & 1;
        let [id, host, port, byte, noise] = [(); 5].map(|()| random(&mut state) >> 32);
        let mut packet = ipv4(17, ttl(label, noise), 0, &udp((port as u16 | 1024, 443), &[byte as u8; 9]));
        packet[4..6].copy_from_slice(&(id as u16).to_be_bytes());
        packet[15] = host as u8;
        packets.push(packet);
        labels += &format!("{number},{},{number}\n", ["chat", "video"][label as usize]);
    }
    sandbox.write("a.pcap", pcap(101, &packets));
    sandbox.write("labels.csv", labels);
    sandbox.pcapml(["label", "a.pcap", "--packet-labels", "labels.csv", "-o", "l.pcapng"]).expect(0);
}

#[test]
fn what_was_planted_is_found_and_nothing_else() {
    let sandbox = Sandbox::new();
    random_samples(&sandbox, |label, noise| if noise % 20 == 0 { 1 } else { [64, 128][label as usize] });
    let found = findings(&sandbox, "l.pcapng", &[]);
    let found = of_rule(&found, "shortcut");
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = found[0];
    assert_eq!((text(finding, "rule"), text(finding, "severity")), ("shortcut-ttl", "warning"));
    assert_eq!(finding["disallow"][0], "ip.ttl");
    let evidence = text(finding, "evidence");
    let share: f64 = evidence.split("label of ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    // One in twenty can only be guessed.
    assert!((96.0..99.5).contains(&share), "{evidence}");
    assert!(
        evidence.contains("initiating hosts kept apart") && text(finding, "remedy").contains("it holds"),
        "{finding:#}"
    );
}

#[test]
fn chance_is_no_shortcut() {
    let sandbox = Sandbox::new();
    random_samples(&sandbox, |_, noise| noise as u8);
    let found = findings(&sandbox, "l.pcapng", &["--threshold", "0"]);
    assert_eq!(of_rule(&found, "shortcut").len(), 0, "{found:#?}");
}

/// Labels that are services are told by their ports: a curator must see that this is no defect.
#[test]
fn ports_of_services_are_told_as_what_they_may_be() {
    let sandbox = Sandbox::new();
    let packets: Vec<_> = (0..80).map(|at| ipv4(17, 64, 0, &udp((5000, [53, 443][at % 2]), &[at as u8; 4]))).collect();
    sandbox.write("a.pcap", pcap(101, &packets));
    let rows: String = (1..=80).map(|at| format!("{at},{},{at}\n", ["quic", "dns"][at % 2])).collect();
    sandbox.write("labels.csv", format!("packet,label,hash_key\n{rows}"));
    sandbox.pcapml(["label", "a.pcap", "--packet-labels", "labels.csv", "-o", "l.pcapng"]).expect(0);
    let found = findings(&sandbox, "l.pcapng", &[]);
    let ports = of_rule(&found, "shortcut-port");
    let [port] = ports[..] else { panic!("{ports:#?}") };
    assert!(text(port, "evidence").contains("such as 53: dns (40 of 40), 443: quic (40 of 40)"), "{port:#}");
    assert!(text(port, "remedy").contains("where labels are services and ports are how they are known, say so"));
    assert_eq!(of_rule(&found, "noise").len(), 0, "a label dns means it: {found:#?}");
}

#[test]
fn splits_are_asked_as_a_benchmark_would() {
    let sandbox = Sandbox::new();
    random_samples(&sandbox, |label, _| [64, 128][label as usize]);
    let ids = crate::support::by_sample(&sandbox.path("l.pcapng"));
    let rows = ids.keys().enumerate().map(|(at, id)| format!("{id},{}\n", ["train", "test"][at % 2]));
    sandbox.write("splits.csv", format!("sample_id,split\n{}", rows.collect::<String>()));
    let run = sandbox.pcapml(["lint", "l.pcapng", "--splits", "splits.csv", "--format", "json"]);
    let found: Vec<Value> = serde_json::from_str(&run.out).unwrap();
    let evidence = text(of_rule(&found, "shortcut-ttl")[0], "evidence");
    assert!(evidence.contains("learned from train, 100.0 % of test (guessing 5"), "{evidence}");
}

/// Field and end, and what is told of them: samples, shares at random and by group.
fn told(findings: &[Value]) -> Vec<(String, usize, [String; 4])> {
    let pattern = regex::Regex::new(
        r"label of (?<random>[\d.]+ %) of (?:the )?(?<samples>\d+) samples.* apart, (?<group>[\d.]+ %) of the (?<grouped>\d+)",
    );
    let pattern = pattern.unwrap();
    let one = |finding: &Value| {
        let evidence = text(finding, "evidence");
        let parts = pattern.captures(evidence)?;
        let figures = ["samples", "random", "group", "grouped"].map(|name| parts[name].to_owned());
        let end = usize::from(evidence.starts_with("the responder"));
        Some((text(finding, "rule").trim_start_matches("shortcut-").to_owned(), end, figures))
    };
    findings.iter().filter_map(one).collect()
}

#[test]
fn figures_are_those_of_tsharks_fields() {
    let (Some(corpus), Some(python)) = (corpus(), python()) else { return };
    let sandbox = Sandbox::new();
    let (pcaps, labels) = (corpus.join("labelled/pcaps"), corpus.join("labelled/labels.csv"));
    let [pcaps, labels] = [pcaps, labels].map(|path| path.to_str().unwrap().to_owned());
    let label = ["label", &pcaps, "--labels", &labels, "--by", "flow", "--source", "-o", "l.pcapng"];
    sandbox.pcapml(label).expect(0);
    let told = told(&findings(&sandbox, "l.pcapng", &["--threshold", "0"]));
    let oracle = root().join("tests/oracle/one_rule.py");
    let output = Command::new(python).arg(oracle).arg(sandbox.path("l.pcapng")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut compared = 0;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| cells[at].parse::<f64>().unwrap();
        let share = |right: usize, of: usize| format!("{:.1} %", 100.0 * number(right) / number(of));
        let Some((.., figures)) = told.iter().find(|(field, end, _)| field == cells[0] && *end == number(1) as usize)
        else {
            continue;
        };
        let expected = [cells[2].to_owned(), share(3, 2), share(4, 5), cells[5].to_owned()];
        assert_eq!(*figures, expected, "{line}");
        compared += 1;
    }
    assert!(compared >= 10, "{compared} fields were compared");
}
