//! `pcapml lint`: packets that a label does not mean, and flows that go one way.

use crate::lint_shortcuts::{findings, of_rule, text};
use crate::print::{ethernet, ipv4, pcap, udp};
use crate::support::{Sandbox, corpus};

/// Two samples of the labels `call` and `dns`, each of a packet of ARP, three of the DNS, and one of another application;
/// the third, of `call`, has one query among nine packets.
fn mixed(sandbox: &Sandbox) {
    let dns = || ethernet(0x0800, &ipv4(17, 64, 0, &udp((5000, 53), b"?")));
    let call = || ethernet(0x0800, &ipv4(17, 64, 0, &udp((5000, 6000), b"hello")));
    let arp = ethernet(0x0806, &[0, 1, 8, 0, 6, 4, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2]);
    let sample = [arp, dns(), dns(), dns(), call()];
    let last: Vec<_> = (0..8).map(|_| call()).chain([dns()]).collect();
    sandbox.write("a.pcap", pcap(1, &[&sample[..], &sample, &last].concat()));
    let row = |at: usize| match at {
        1..=5 => format!("{at},call,1\n"),
        6..=10 => format!("{at},My-DNS,2\n"),
        _ => format!("{at},call,3\n"),
    };
    sandbox.write("labels.csv", format!("packet,label,hash_key\n{}", (1..=19).map(row).collect::<String>()));
    sandbox.pcapml(["label", "a.pcap", "--packet-labels", "labels.csv", "-o", "l.pcapng"]).expect(0);
}

#[test]
fn packets_of_other_kinds_than_their_label() {
    let sandbox = Sandbox::new();
    mixed(&sandbox);
    let found = findings(&sandbox, "l.pcapng", &[]);
    let noise = of_rule(&found, "noise");
    let [samples, packets] = noise[..] else { panic!("{noise:#?}") };
    let ids = |finding: &serde_json::Value| finding["ids"].as_array().unwrap().len();
    assert_eq!((ids(samples), ids(packets)), (1, 2));
    let evidence = text(samples, "evidence");
    assert!(evidence.ends_with("labels: call 1 of 2; packets: DNS 3, ARP 1"), "{evidence}");
    let evidence = text(packets, "evidence");
    assert!(
        evidence.ends_with("labels: My-DNS 20.0 % of packets, call 7.1 % of packets; packets: ARP 1, DNS 1"),
        "{evidence}"
    );
}

/// The directions of a download, as samples of their own.
#[test]
fn rules_that_catch_one_direction() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let capture = corpus.join("labelled/pcaps/http_auth.pcap");
    let capture = capture.to_str().unwrap();
    let label = |rules: &str| {
        sandbox.write("rules.csv", rules);
        sandbox.pcapml(["label", capture, "--labels", "rules.csv", "-o", "l.pcapng", "--force"]).expect(0);
        findings(&sandbox, "l.pcapng", &[])
    };
    assert_eq!(of_rule(&label("BPF:tcp port 80,web\n"), "noise-one-way").len(), 0);
    let found = label("BPF:tcp dst port 80,web\n");
    let evidence = text(of_rule(&found, "noise-one-way")[0], "evidence");
    assert!(evidence.contains("; the other way is in no sample"), "{evidence}");
    let found = label("BPF:tcp dst port 80,up\nBPF:tcp src port 80,down\n");
    let evidence = text(of_rule(&found, "noise-one-way")[0], "evidence");
    let numbers: Vec<u64> = evidence.split(' ').filter_map(|word| word.trim_matches(',').parse().ok()).collect();
    assert!(numbers[0] > 0 && numbers[0] == numbers[2], "{evidence}");
}
