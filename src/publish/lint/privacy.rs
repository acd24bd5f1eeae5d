//! What is in a capture that its makers may not want to publish.
//!
//! Names and addresses are told as examples, few of them; passwords are not told at all, nor whose they are: this report is
//! published beside the capture.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::words::{self, count};
use super::{Finding, Rule, Severity, Subject};
use crate::dataset::{Distinct, NameKind, personal};
use crate::packet::{Sample, SampleId};
use crate::redact::Field;

/// The most letters of an example.
const LONGEST: usize = 60;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "privacy-credentials",
        severity: Severity::Warning,
        doc: "Passwords, tokens or cookies stand in clear, or hashes of passwords that can be tried out. Of HTTP, headers, URLs and forms are looked at.",
        look: credentials,
    },
    Rule {
        name: "privacy-secrets",
        severity: Severity::Warning,
        doc: "The capture holds keys that decrypt its traffic (Decryption Secrets Blocks).",
        look: secrets,
    },
    Rule {
        name: "privacy-comment",
        severity: Severity::Warning,
        doc: "Labels, fields or comments hold an e-mail address or the path of a user's directory.",
        look: comment,
    },
    Rule {
        name: "privacy-mail",
        severity: Severity::Warning,
        doc: "Mail was sent in clear: who wrote to whom, and what.",
        look: mail,
    },
    Rule {
        name: "privacy-host-name",
        severity: Severity::Warning,
        doc: "Machines tell their names (DHCP, NetBIOS, mDNS, LLMNR, name resolution blocks), which often hold those of people.",
        look: host_name,
    },
    Rule {
        name: "privacy-machine",
        severity: Severity::Warning,
        doc: "The capture says on what machine it was made: hardware, system, descriptions of interfaces.",
        look: machine,
    },
    Rule {
        name: "privacy-address",
        severity: Severity::Warning,
        doc: "Public addresses are in the capture: those of clients stand for people or households.",
        look: address,
    },
    Rule {
        name: "privacy-mac",
        severity: Severity::Warning,
        doc: "Hardware addresses that makers gave are in the capture: each stands for one device, wherever it is.",
        look: mac,
    },
    Rule {
        name: "privacy-names",
        severity: Severity::Note,
        doc: "Names of servers are in the capture (TLS, QUIC, HTTP, DNS): they say what somebody looked at.",
        look: names,
    },
];

/// A finding that some samples make, if they do.
fn found(ids: Vec<SampleId>, evidence: String, remedy: &str, disallow: &[Field]) -> Vec<Finding> {
    let mut finding = Finding::new(ids, evidence, remedy);
    finding.disallow = disallow.iter().map(|field| field.name()).collect();
    vec![finding]
}

/// The first few, shortened.
fn some<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    words::some(all.into_iter().map(|one| short(&one.to_string())))
}

/// The beginning of a text that is long.
fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// How many there are.
fn number<T>(distinct: &Distinct<T>, noun: &str) -> String {
    format!("{}{}", if distinct.more { "more than " } else { "" }, count(distinct.kept.len(), noun))
}

fn credentials(subject: &Subject) -> Vec<Finding> {
    let (mut logins, mut http) = (BTreeMap::new(), BTreeMap::new());
    let mut ids = Vec::new();
    for (sample, profile) in subject.samples() {
        let said = &profile.said;
        for ((service, kind), number) in said.logins.iter().filter(|((_, kind), _)| kind != "none") {
            let (what, name) = match kind.as_str() {
                "plain" => ("passwords in clear", service.clone()),
                "token" => ("tokens in clear", service.clone()),
                _ => ("passwords that can be tried out", format!("{service} ({kind})")),
            };
            *logins.entry(what).or_insert_with(BTreeMap::new).entry(name).or_insert(0) += number;
            ids.push(sample.id);
        }
        for (what, number) in &said.admissions {
            *http.entry(*what).or_insert(0) += number;
            ids.push(sample.id);
        }
    }
    if ids.is_empty() {
        return Vec::new();
    }
    let told = |(what, by_service): (&&str, &BTreeMap<String, u64>)| {
        let each: Vec<String> = by_service.iter().map(|(service, number)| format!("{service} {number}")).collect();
        format!("{} with {what}: {}", count(by_service.values().sum::<u64>(), "login"), each.join(", "))
    };
    let exchanges = |(what, number): (&&str, &u64)| format!("{} of HTTP with {what}", count(*number, "exchange"));
    let parts: Vec<String> = logins.iter().map(told).chain(http.iter().map(exchanges)).collect();
    let remedy = "cut payloads (pcapml anonymize), leave these samples out, or make sure that nothing of this opens anything any more";
    found(ids, parts.join("; "), remedy, &[Field::Payload])
}

fn secrets(subject: &Subject) -> Vec<Finding> {
    let secrets = &subject.capture.exposed.secrets;
    if secrets.is_empty() {
        return Vec::new();
    }
    let each: Vec<String> = secrets.iter().map(|(kind, count)| format!("{count} of {}", secret(*kind))).collect();
    let evidence = format!("blocks of decryption secrets: {}", each.join(", "));
    found(
        Vec::new(),
        evidence,
        "if what they decrypt is not to be published, remove them (editcap --discard-all-secrets)",
        &[],
    )
}

/// The types that the draft and Wireshark know.
fn secret(kind: u32) -> String {
    match kind {
        0x544c_534b => "TLS key log".to_owned(),
        0x5353_484b => "SSH key log".to_owned(),
        0x5747_4b4c => "WireGuard key log".to_owned(),
        0x5a4e_574b => "ZigBee network key".to_owned(),
        0x5a41_504b => "ZigBee APS key".to_owned(),
        0x5541_5341 => "OPC UA key log".to_owned(),
        kind => format!("type {kind:#010x}"),
    }
}

fn comment(subject: &Subject) -> Vec<Finding> {
    let mut ids = Vec::new();
    let mut parts: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (sample, _) in subject.samples() {
        let mut found = of_sample(sample).peekable();
        ids.extend(found.peek().map(|_| sample.id));
        parts.extend(found);
    }
    let comments = &subject.capture.exposed.personal;
    if parts.is_empty() && comments.kept.is_empty() {
        return Vec::new();
    }
    let told = |(what, part): (&str, &str)| format!("{what} '{part}'");
    let mut evidence = Vec::new();
    if !parts.is_empty() {
        let examples = some(parts.iter().copied().map(told));
        evidence.push(format!("labels and fields of {}: {examples}", count(ids.len(), "sample")));
    }
    if !comments.kept.is_empty() {
        evidence
            .push(format!("comments: {}", some(comments.kept.iter().map(|(what, part)| told((*what, part.as_str()))))));
    }
    let remedy = "pcapml relabel --labels writes labels and fields anew, and removes fields whose cells are empty; comments \
                  that are no labels are gone when the capture is labelled anew (pcapml strip -o FILE.pcap, then label)";
    found(ids, evidence.join("; "), remedy, &[])
}

fn of_sample(sample: &Sample) -> impl Iterator<Item = (&'static str, &str)> {
    let fields = sample.fields.iter().map(|(_, value)| value.as_str());
    std::iter::once(sample.label.as_str()).chain(fields).flat_map(personal)
}

fn mail(subject: &Subject) -> Vec<Finding> {
    let samples = subject.samples().filter(|(_, profile)| profile.said.mails > 0);
    let (ids, counts): (Vec<SampleId>, Vec<u64>) =
        samples.map(|(sample, profile)| (sample.id, profile.said.mails)).unzip();
    if ids.is_empty() {
        return Vec::new();
    }
    let evidence = format!("{} sent in clear", count(counts.iter().sum::<u64>(), "message"));
    found(ids, evidence, "cut payloads (pcapml anonymize), or leave these samples out", &[Field::Payload])
}

fn host_name(subject: &Subject) -> Vec<Finding> {
    let hosts = &subject.capture.exposed.hosts;
    let (ids, local) = said(subject, NameKind::Local);
    if hosts.kept.is_empty() && local.is_empty() {
        return Vec::new();
    }
    let mut parts = Vec::new();
    if !hosts.kept.is_empty() {
        parts.push(format!("{} of machines ({})", number(hosts, "name"), some(&hosts.kept)));
    }
    if !local.is_empty() {
        parts.push(format!("{} asked or told on the link ({})", count(local.len(), "name"), some(&local)));
    }
    let remedy = "leave DHCP, NetBIOS, mDNS and LLMNR out, or cut payloads (pcapml anonymize)";
    found(ids, parts.join("; "), remedy, &[Field::Payload])
}

/// The names of a kind, and the samples that have some.
fn said<'a>(subject: &Subject<'a>, kind: NameKind) -> (Vec<SampleId>, BTreeSet<&'a str>) {
    let (mut ids, mut names) = (Vec::new(), BTreeSet::new());
    for (sample, profile) in subject.samples() {
        let before = names.len();
        names.extend(profile.said.names(kind));
        if names.len() > before || profile.said.names(kind).next().is_some() {
            ids.push(sample.id);
        }
    }
    (ids, names)
}

fn machine(subject: &Subject) -> Vec<Finding> {
    let machine = &subject.capture.exposed.machine;
    if machine.kept.is_empty() {
        return Vec::new();
    }
    let examples = some(machine.kept.iter().map(|(option, text)| format!("{option} '{text}'")));
    let evidence = format!("{} of the section and of interfaces: {examples}", number(machine, "option"));
    let remedy = "if they say more than users need, write the capture without them (pcapml anonymize drops them)";
    found(Vec::new(), evidence, remedy, &[])
}

fn address(subject: &Subject) -> Vec<Finding> {
    let (mut all, mut public, mut clients, mut ids) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (sample, facts) in subject.facts.each() {
        for flow in &facts.flows {
            let ends = [flow.key.low, flow.key.high];
            all.extend(ends);
            if ends.into_iter().any(is_public) {
                public.extend(ends.into_iter().filter(|address| is_public(*address)));
                ids.push(sample.id);
            }
            if is_public(flow.initiator) {
                clients.insert(flow.initiator);
            }
        }
    }
    if public.is_empty() {
        return Vec::new();
    }
    let mut evidence = format!("{} addresses are public", words::part(public.len(), all.len()));
    evidence += &match clients.len() {
        0 => "; none of them began a flow".to_owned(),
        count => format!("; {count} of them began flows, as clients do: {}", some(&clients)),
    };
    found(ids, evidence, "pcapml anonymize", &[Field::Address])
}

/// True for an address that is one machine's or household's in the whole Internet: IANA's registries of special addresses
/// (RFC 6890) name the others.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        // Global unicast, without documentation and tunnels' prefixes.
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            first & 0xe000 == 0x2000
                && !matches!((first, second), (0x2001, 0xdb8) | (0x2001, 0..=0x1ff) | (0x3fff, 0..=0xfff))
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 127, ..] | [240..=255, ..] => true,
        [100, 64..=127, ..] => true,
        [192, 0, 0 | 2, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => address.is_private() || address.is_link_local() || address.is_multicast(),
    };
    !special
}

fn mac(subject: &Subject) -> Vec<Finding> {
    let hardware = &subject.capture.exposed.hardware;
    let flows = subject.facts.each().flat_map(|(_, facts)| &facts.flows);
    let inside: BTreeSet<IpAddr> =
        flows.flat_map(|flow| [flow.key.low, flow.key.high]).filter(|address| holds_hardware(*address)).collect();
    if hardware.kept.is_empty() && inside.is_empty() {
        return Vec::new();
    }
    let told = |address: &[u8; 6]| address.map(|byte| format!("{byte:02x}")).join(":");
    let mut evidence = Vec::new();
    if !hardware.kept.is_empty() {
        let number = number(hardware, "hardware address");
        evidence.push(format!("{number} that makers gave: {}", some(hardware.kept.iter().map(told))));
    }
    if !inside.is_empty() {
        evidence.push(format!("{} that hold one: {}", count(inside.len(), "IPv6 address"), some(&inside)));
    }
    found(Vec::new(), evidence.join("; "), "pcapml anonymize", &[Field::Hardware])
}

/// True if an interface's number was made of a hardware address that its maker gave: RFC 4291, appendix A.
fn holds_hardware(address: IpAddr) -> bool {
    let IpAddr::V6(address) = address else { return false };
    let [.., a, _, _, d, e, _, _, _] = Ipv6Addr::octets(&address);
    (d, e) == (0xff, 0xfe) && a & 2 != 0
}

fn names(subject: &Subject) -> Vec<Finding> {
    let ((mut ids, servers), (others, questions)) =
        (said(subject, NameKind::Server), said(subject, NameKind::Question));
    ids.extend(others);
    if ids.is_empty() {
        return Vec::new();
    }
    let all: BTreeSet<&str> = servers.union(&questions).copied().collect();
    let told = [(servers.len(), "of servers in TLS, QUIC and HTTP"), (questions.len(), "asked of the DNS")];
    let told = told.into_iter().filter(|(number, _)| *number > 0);
    let told: Vec<String> = told.map(|(number, whose)| format!("{} {whose}", count(number, "name"))).collect();
    let evidence = format!("{}: {}", told.join(", "), some(&all));
    found(ids, evidence, "if nobody is to know them, cut payloads (pcapml anonymize)", &[Field::Payload])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("10.1.2.3", false),
            ("172.31.0.1", false),
            ("172.32.0.1", true),
            ("100.64.0.1", false),
            ("192.0.2.1", false),
            ("224.0.0.251", false),
            ("255.255.255.255", false),
            ("::ffff:8.8.8.8", true),
            ("2a00:1450::1", true),
            ("2001:db8::1", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn hardware_addresses_inside_of_others() {
        let holds = |address: &str| holds_hardware(address.parse().unwrap());
        assert!(holds("fe80::20c:29ff:fe01:203") && !holds("fe80::c:29ff:fe01:203"));
        assert!(!holds("fe80::1234") && !holds("10.0.0.1"));
    }
}
