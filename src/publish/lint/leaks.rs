//! Leaks by origin: what samples of different splits have in common because they come from one conversation, machine,
//! network or capture. What is scored was seen then, or its neighbour was.
//!
//! Not everything that is shared inflates a score, and the severities say which does. A conversation, a client, or a
//! capture that stands on both sides does: what the model learned of it (its addresses, its counters, its habits, how it
//! was captured) is true of what it is scored by, and of nothing else. Servers, gateways and interfaces are shared by
//! nature (resolvers, content networks, one laboratory), and whoever uses the model will meet them again: warnings.
//!
//! Clients are the initiators of flows. Addresses that stand for no machine are not asked: unspecified, loopback,
//! broadcast and multicast. Private addresses are, because a classifier that sees addresses does not know that they are
//! used again elsewhere; the evidence counts them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::across::{Across, Shared, disallowing};
use super::{Finding, Rule, Severity, Subject};
use crate::dataset::{FlowFacts, FlowProfile};
use crate::packet::FlowKey;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "leak-flow",
        severity: Severity::Error,
        doc: "Parts of one conversation (addresses, protocol, ports) are in several splits: keys, counters and content of what is scored were learned.",
        look: flows,
    },
    Rule {
        name: "leak-host",
        severity: Severity::Error,
        doc: "Hosts that begin flows in one split do so in another: a model may have learned the machine and not its traffic.",
        look: hosts,
    },
    Rule {
        name: "leak-host-pair",
        severity: Severity::Error,
        doc: "The same two hosts talk to each other in several splits.",
        look: host_pairs,
    },
    Rule {
        name: "leak-server",
        severity: Severity::Warning,
        doc: "Hosts that accept flows in one split do so in another. A warning, because resolvers and content networks serve all, and will be met again; a server that only one class has is its address, though.",
        look: servers,
    },
    Rule {
        name: "leak-mac",
        severity: Severity::Error,
        doc: "Hardware that sends the initiators' packets does so in several splits: the same device, or the same router before it.",
        look: devices,
    },
    Rule {
        name: "leak-gateway",
        severity: Severity::Warning,
        doc: "Hardware that sends only what answers initiators does so in several splits: the same network. A warning: one laboratory has one gateway, and no split parts it.",
        look: gateways,
    },
    Rule {
        name: "leak-capture",
        severity: Severity::Error,
        doc: "Samples of one capture file (the field source, or p.source of a packet) are in several splits: how, where and when it was captured was learned.",
        look: captures,
    },
    Rule {
        name: "leak-interface",
        severity: Severity::Warning,
        doc: "Of several interfaces with names, some have packets in several splits. A warning, because machines name them alike; those without a name are stored as one, and not asked.",
        look: interfaces,
    },
];

/// Each flow of each sample, with the sample's number.
pub(super) fn each_flow<'a>(
    subject: &Subject<'a>,
) -> impl Iterator<Item = (usize, &'a FlowFacts, &'a FlowProfile)> + use<'a> {
    let samples = subject.facts.each().zip(subject.profiles).enumerate();
    samples.flat_map(|(number, ((_, facts), profile))| {
        facts.flows.iter().zip(&profile.flows).map(move |(flow, more)| (number, flow, more))
    })
}

/// True for an address that stands for one machine, at least within its network.
fn is_machine(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    !(address.is_unspecified() || address.is_loopback() || address.is_multicast() || broadcast)
}

/// True for an address that other networks use too.
fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private() || address.is_link_local() || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// The end that accepts a flow.
fn responder(flow: &FlowFacts) -> IpAddr {
    if flow.initiator == flow.key.low { flow.key.high } else { flow.key.low }
}

fn flows(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let told = each_flow(subject).filter(|(_, flow, _)| !flow.key.low.is_unspecified());
    let shared = across.shared(told.map(|(number, flow, _)| (flow.key, number)));
    let note = note(&shared, subject, |key| is_private(&key.low) && is_private(&key.high));
    let remedy = "pcapml partition --by flow, or --by capture";
    disallowing(across.finding(shared, ["5-tuple", "5-tuples"], conversation, (note, remedy)), &["ip.addr", "port"])
}

/// A flow as people write it.
pub(super) fn conversation(key: &FlowKey) -> String {
    let (low, high) = key.ports.unwrap_or_default();
    let end = |address: IpAddr, port: u16| std::net::SocketAddr::new(address, port).to_string();
    format!("{}-{} protocol {}", end(key.low, low), end(key.high, high), key.protocol)
}

/// What lets a split be by capture and hosts still be shared.
fn note<K>(shared: &Shared<K>, subject: &Subject, private: impl Fn(&K) -> bool) -> String {
    let captures = shared.in_several_captures(subject);
    let private = shared.groups.iter().filter(|group| private(&group.key)).count();
    let told = [
        (captures, "in several capture files, which no split by capture parts"),
        (private, "with private addresses, which may be other machines in other networks"),
    ];
    let told = told.into_iter().filter(|(number, _)| *number > 0);
    told.map(|(number, what)| format!(", {number} of them {what}")).collect()
}

const BY_HOST: &str = "pcapml partition --by host; where captures are to stay whole, leave such hosts out on one side, or tell \
                       with every score how much of it they touch";

fn hosts(subject: &Subject) -> Vec<Finding> {
    machines(subject, |flow| flow.initiator, ["client", "clients"], BY_HOST)
}

fn servers(subject: &Subject) -> Vec<Finding> {
    let remedy = "tell it with every score; where classes have servers of their own, leave addresses and names out of what \
                  models see";
    machines(subject, responder, ["server", "servers"], remedy)
}

fn machines(subject: &Subject, end: fn(&FlowFacts) -> IpAddr, nouns: [&str; 2], remedy: &str) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let ends = each_flow(subject).map(|(number, flow, _)| (end(flow), number));
    let shared = across.shared(ends.filter(|(address, _)| is_machine(*address)));
    let note = note(&shared, subject, is_private);
    disallowing(across.finding(shared, nouns, ToString::to_string, (note, remedy)), &["ip.addr"])
}

fn host_pairs(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let pairs = each_flow(subject).map(|(number, flow, _)| ((flow.key.low, flow.key.high), number));
    let shared = across.shared(pairs.filter(|((low, high), _)| is_machine(*low) && is_machine(*high)));
    let note = note(&shared, subject, |(low, high)| is_private(low) && is_private(high));
    let found = across.finding(
        shared,
        ["pair of hosts", "pairs of hosts"],
        |(low, high)| format!("{low} and {high}"),
        (note, BY_HOST),
    );
    disallowing(found, &["ip.addr"])
}

/// Who sent packets by hardware: those of initiators, and those that answered them.
fn hardware<'a>(subject: &Subject<'a>, initiators: bool) -> impl Iterator<Item = ([u8; 6], usize)> + use<'a> {
    each_flow(subject).filter_map(move |(number, flow, profile)| {
        let low = (flow.initiator == flow.key.low) == initiators;
        Some((profile.hardware[usize::from(!low)]?, number))
    })
}

fn devices(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    sent(&across, subject, hardware(subject, true), ["device of clients", "devices of clients"])
}

fn gateways(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let clients: BTreeSet<[u8; 6]> = hardware(subject, true).map(|(address, _)| address).collect();
    let others = hardware(subject, false).filter(|(address, _)| !clients.contains(address));
    sent(&across, subject, others, ["device that only answers", "devices that only answer"])
}

fn sent(
    across: &Across,
    subject: &Subject,
    pairs: impl Iterator<Item = ([u8; 6], usize)>,
    nouns: [&str; 2],
) -> Vec<Finding> {
    let shared = across.shared(pairs);
    let note = note(&shared, subject, |_| false);
    let remedy = "pcapml partition --by capture, and leave the link layer out of what models see";
    disallowing(across.finding(shared, nouns, |address| text(*address), (note, remedy)), &["eth.addr"])
}

fn text(address: [u8; 6]) -> String {
    address.map(|byte| format!("{byte:02x}")).join(":")
}

fn captures(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let files = subject.samples().enumerate().flat_map(|(number, (sample, profile))| {
        let own = sample.field("source");
        own.into_iter().chain(profile.files.iter().map(String::as_str)).map(move |file| (file, number))
    });
    let shared = across.shared(files);
    across.finding(shared, ["capture file", "capture files"], |file| (*file).to_owned(), (String::new(), BY_CAPTURE))
}

/// Of samples with a source, that is what partition goes by.
const BY_INTERFACE: &str = "pcapml partition --by capture, which goes by interfaces where samples have no field source; else tell it \
                            with every score";

const BY_CAPTURE: &str = "pcapml partition --by capture; if splits are by time and captures overlap in time, choose what is asked, \
                          times or captures, and say so";

fn interfaces(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let each = subject.facts.each().enumerate();
    let pairs = each.flat_map(|(number, (_, facts))| facts.tally.interfaces.iter().map(move |at| (*at, number)));
    let name = |interface: &u32| subject.facts.interface_name(*interface);
    let pairs: Vec<(u32, usize)> = pairs.filter(|(interface, _)| subject.facts.is_named(*interface)).collect();
    // One interface tells nothing apart.
    if pairs.iter().map(|(interface, _)| interface).collect::<BTreeSet<_>>().len() < 2 {
        return Vec::new();
    }
    across.finding(across.shared(pairs), ["interface", "interfaces"], name, (String::new(), BY_INTERFACE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_own_addresses_are_no_machines() {
        let of = |text: &str| text.parse::<IpAddr>().unwrap();
        for text in ["0.0.0.0", "::", "127.0.0.1", "::1", "224.0.0.251", "ff02::fb", "255.255.255.255"] {
            assert!(!is_machine(of(text)), "{text}");
        }
        for (text, private) in [
            ("10.1.2.3", true),
            ("100.64.0.1", true),
            ("100.128.0.1", false),
            ("169.254.1.1", true),
            ("fe80::1", true),
            ("fd00::1", true),
            ("2001:db8::1", false),
            ("8.8.8.8", false),
        ] {
            assert!(is_machine(of(text)) && is_private(&of(text)) == private, "{text}");
        }
    }
}
