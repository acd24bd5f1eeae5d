//! Duplicates: samples, flows and packets that are there twice, in one split or across several.
//!
//! What is the same is told by digests (see [`Digests`]): of whole samples, as they are captured; with what a router, a
//! translator of addresses or a replay changes left out; and by sizes and directions alone. Each of these is a picture that
//! some classifier sees, and samples with equal pictures and different labels bound what it can reach.

use std::collections::{BTreeMap, BTreeSet};

use super::across::Across;
use super::words::{count, part, percent, ranked, some};
use super::{Finding, Rule, Severity, Subject};
use crate::dataset::{Digest, Digests};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "duplicate-packet",
        severity: Severity::Warning,
        doc: "Packets carry the comments of several samples: they are counted, learned from and scored more than once.",
        look: packets,
    },
    Rule {
        name: "duplicate-sample",
        severity: Severity::Warning,
        doc: "Samples hold the same packets, byte by byte; only times may differ. They weigh more than others, and a split at random puts them on both sides.",
        look: samples,
    },
    Rule {
        name: "duplicate-flow",
        severity: Severity::Warning,
        doc: "A flow of two packets or more stands, byte by byte, in several samples that are not the same as a whole.",
        look: flows,
    },
    Rule {
        name: "duplicate-masked",
        severity: Severity::Warning,
        doc: "Samples hold the same IP packets once link layer, tunnels, addresses, ports, times to live, TCP timestamps and checksums are left out: replays, captures at two places. Sequence numbers and identifications count. Samples without payload are not compared.",
        look: masked,
    },
    Rule {
        name: "duplicate-shape",
        severity: Severity::Note,
        doc: "Samples have the same sequence of payload sizes and directions, of four packets with payload or more. Simple protocols look so by nature; all the same, a model of sizes has seen them.",
        look: shape,
    },
    Rule {
        name: "duplicate-label",
        severity: Severity::Warning,
        doc: "Samples that look the same carry different labels: no classifier that sees only this can be right about all, and its best possible accuracy is told.",
        look: ceiling,
    },
    Rule {
        name: "leak-packet",
        severity: Severity::Error,
        doc: "The same packets, with several comments, are in samples of several splits.",
        look: leaked_packets,
    },
    Rule {
        name: "leak-duplicate",
        severity: Severity::Error,
        doc: "Samples of several splits hold the same packets, byte by byte: what is scored was learned by heart.",
        look: leaked_samples,
    },
    Rule {
        name: "leak-duplicate-flow",
        severity: Severity::Error,
        doc: "A flow of two packets or more stands, byte by byte, in samples of several splits.",
        look: leaked_flows,
    },
    Rule {
        name: "leak-masked",
        severity: Severity::Error,
        doc: "Samples of several splits are the same but for what routers and replays change: link layer, addresses, ports, times to live, TCP timestamps, checksums.",
        look: leaked_masked,
    },
    Rule {
        name: "leak-shape",
        severity: Severity::Warning,
        doc: "Samples of several splits have the same sequence of payload sizes and directions. A warning, because simple protocols look so by nature: a new capture would too.",
        look: leaked_shape,
    },
];

/// What can be compared of a sample.
type Picture = fn(&Digests) -> Option<Digest>;

const EXACT: Picture = |digests| Some(digests.exact());
const MASKED: Picture = Digests::masked;
const SHAPE: Picture = Digests::shape;

const KEEP_ONE: &str = "keep one of each (pcapml select --ids), or give both the same split";

fn packets(subject: &Subject) -> Vec<Finding> {
    let shared = &subject.capture.shared;
    if shared.packets == 0 {
        return Vec::new();
    }
    let all = subject.facts.samples().all();
    let told = |(&(one, other), packets): (&(usize, usize), &u64)| {
        format!("{} of {} and {}", count(*packets, "packet"), all[one].id, all[other].id)
    };
    let mut evidence = format!(
        "{} packets are in several samples, of which this makes {}: {}",
        part(shared.packets as usize, subject.capture.packets as usize),
        count(shared.pairs.len(), "pair"),
        some(shared.pairs.iter().map(told))
    );
    if shared.beyond > 0 {
        evidence.push_str(&format!("; further pairs, of {} packets, were not told apart", shared.beyond));
    }
    let ids = shared.pairs.keys().flat_map(|&(one, other)| [all[one].id, all[other].id]).collect();
    vec![Finding::new(ids, evidence, "label with --match first or unique, so that each packet is in one sample")]
}

fn samples(subject: &Subject) -> Vec<Finding> {
    repeated(subject, EXACT, |_| false, "hold the same packets as another")
}

fn masked(subject: &Subject) -> Vec<Finding> {
    repeated(
        subject,
        MASKED,
        |group| same(subject, group, EXACT),
        "equal another but for what routers and replays change",
    )
}

fn shape(subject: &Subject) -> Vec<Finding> {
    repeated(subject, SHAPE, |group| same(subject, group, MASKED), "have the same sizes and directions as another")
}

/// The samples that have equal pictures: two or more each, by number.
fn groups(subject: &Subject, picture: Picture) -> BTreeMap<Digest, Vec<usize>> {
    let mut groups: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    for (number, (_, profile)) in subject.samples().enumerate() {
        if let Some(digest) = picture(&profile.digests) {
            groups.entry(digest).or_default().push(number);
        }
    }
    groups.retain(|_, samples| samples.len() > 1);
    groups
}

/// True if all samples of a group have one more telling picture: they are told by it already.
fn same(subject: &Subject, group: &[usize], picture: Picture) -> bool {
    let pictures: BTreeSet<_> = group.iter().map(|&number| picture(&subject.profiles[number].digests)).collect();
    pictures.len() == 1 && !pictures.contains(&None)
}

/// Tells the groups of equal pictures, but those that were `told` otherwise.
fn repeated(subject: &Subject, picture: Picture, told: impl Fn(&[usize]) -> bool, what: &str) -> Vec<Finding> {
    let groups: Vec<Vec<usize>> = groups(subject, picture).into_values().filter(|group| !told(group)).collect();
    let Some(largest) = groups.iter().max_by_key(|group| (group.len(), std::cmp::Reverse(group[0]))) else {
        return Vec::new();
    };
    let all = subject.facts.samples().all();
    let members: usize = groups.iter().map(Vec::len).sum();
    let evidence = format!(
        "{} samples {what}, in {}; the largest, of {}: {}; labels: {}",
        part(members, all.len()),
        count(groups.len(), "group"),
        largest.len(),
        some(largest.iter().map(|&number| all[number].id.to_string())),
        labels(subject, groups.iter().flatten())
    );
    let ids = groups.iter().flatten().map(|&number| all[number].id).collect();
    vec![Finding::new(ids, evidence, KEEP_ONE)]
}

fn labels<'a>(subject: &Subject, samples: impl IntoIterator<Item = &'a usize>) -> String {
    ranked(by_label(subject, samples))
}

fn by_label<'a, 's>(subject: &Subject<'s>, samples: impl IntoIterator<Item = &'a usize>) -> BTreeMap<&'s str, usize> {
    let all = subject.facts.samples().all();
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for &number in samples {
        *labels.entry(&all[number].label).or_default() += 1;
    }
    labels
}

/// Each flow that is long enough, by its digest and that of its sample, with the sample's number.
fn each_flow<'a>(subject: &Subject<'a>) -> impl Iterator<Item = (Digest, usize)> + use<'a> {
    let flows = |(number, (_, profile)): (usize, (_, &'a crate::dataset::Profile))| {
        profile.flows.iter().filter_map(move |flow| Some((flow.digest.exact()?, number)))
    };
    subject.samples().enumerate().flat_map(flows)
}

/// Flows that stand in several samples, but where these are the same as a whole.
fn repeated_flows(subject: &Subject) -> BTreeMap<Digest, BTreeSet<usize>> {
    let mut groups: BTreeMap<Digest, BTreeSet<usize>> = BTreeMap::new();
    for (digest, number) in each_flow(subject) {
        groups.entry(digest).or_default().insert(number);
    }
    let exact = |number: &usize| subject.profiles[*number].digests.exact();
    groups.retain(|_, samples| samples.iter().map(exact).collect::<BTreeSet<_>>().len() > 1);
    groups
}

fn flows(subject: &Subject) -> Vec<Finding> {
    let groups = repeated_flows(subject);
    let members: BTreeSet<usize> = groups.values().flatten().copied().collect();
    if members.is_empty() {
        return Vec::new();
    }
    let all = subject.facts.samples().all();
    let pairs = groups.values().map(|samples| some(samples.iter().map(|&number| all[number].id.to_string())));
    let evidence = format!(
        "{} samples hold flows of another, {} in all; labels: {}; together in: {}",
        part(members.len(), all.len()),
        count(groups.len(), "flow"),
        labels(subject, &members),
        some(pairs.map(|ids| format!("({ids})")))
    );
    vec![Finding::new(members.iter().map(|&number| all[number].id).collect(), evidence, KEEP_ONE)]
}

/// The best accuracy that one who sees only a picture can have.
fn ceiling(subject: &Subject) -> Vec<Finding> {
    let pictures: [(&str, Picture); 3] = [
        ("all bytes", EXACT),
        ("packets without addresses, ports, times and checksums", MASKED),
        ("payload sizes and directions", SHAPE),
    ];
    pictures.into_iter().filter_map(|(what, picture)| bound(subject, what, picture)).collect()
}

fn bound(subject: &Subject, what: &str, picture: Picture) -> Option<Finding> {
    let all = subject.facts.samples().all();
    let groups = groups(subject, picture).into_values().map(|group| (by_label(subject, &group), group));
    let conflicts: Vec<_> = groups.filter(|(labels, _)| labels.len() > 1).collect();
    let lost = |labels: &BTreeMap<&str, usize>| labels.values().sum::<usize>() - labels.values().max().unwrap_or(&0);
    let wrong: usize = conflicts.iter().map(|(labels, _)| lost(labels)).sum();
    let (largest, _) = conflicts.iter().max_by_key(|(labels, group)| (lost(labels), std::cmp::Reverse(group[0])))?;
    let members: Vec<usize> = conflicts.iter().flat_map(|(_, group)| group).copied().collect();
    let evidence = format!(
        "{} samples are like one of another label in {what}: who sees only that is right in {} of cases at best; \
         the worst of {}: {}",
        part(members.len(), all.len()),
        percent(1.0 - wrong as f64 / all.len() as f64),
        count(conflicts.len(), "group"),
        ranked(largest.iter().map(|(&label, &count)| (label, count)))
    );
    let remedy = "find out which label is right (pcapml relabel), or tell the ceiling with every score";
    Some(Finding::new(members.iter().map(|&number| all[number].id).collect(), evidence, remedy))
}

/// Copies have equal addresses and ports.
const PART: &str = "keep one of each (pcapml select --ids), or keep copies together (pcapml partition --by flow)";

/// No grouping that partition knows holds what has other addresses.
const TOGETHER: &str = "keep one of each (pcapml select --ids), or make a table of splits in which they are together";

const SIMPLE: &str = "tell scores without these samples as well: who sees sizes and directions alone has learned them";

fn leaked_packets(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let pairs = subject.capture.shared.pairs.keys();
    let shared = across.shared(pairs.flat_map(|&pair| [(pair, pair.0), (pair, pair.1)]));
    let all = subject.facts.samples().all();
    let name = |&(one, other): &(usize, usize)| {
        let packets = subject.capture.shared.pairs.get(&(one, other)).unwrap_or(&0);
        format!("{} of {} and {}", count(*packets, "packet"), all[one].id, all[other].id)
    };
    across.finding(
        shared,
        ["pair of samples with common packets", "pairs of samples with common packets"],
        name,
        (String::new(), PART),
    )
}

fn leaked_samples(subject: &Subject) -> Vec<Finding> {
    leaked(subject, EXACT, |_| false, (["sample", "samples"], PART))
}

fn leaked_masked(subject: &Subject) -> Vec<Finding> {
    leaked(
        subject,
        MASKED,
        |group| same(subject, group, EXACT),
        (["sample without addresses and the like", "samples without addresses and the like"], TOGETHER),
    )
}

fn leaked_shape(subject: &Subject) -> Vec<Finding> {
    leaked(subject, SHAPE, |group| same(subject, group, MASKED), (["sequence of sizes", "sequences of sizes"], SIMPLE))
}

/// Tells the groups of equal pictures that several splits share, but those that were `told` otherwise.
fn leaked(subject: &Subject, picture: Picture, told: impl Fn(&[usize]) -> bool, words: Words) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let groups = groups(subject, picture).into_values().filter(|group| !told(group));
    told_by_first(&across, groups, words, subject)
}

fn leaked_flows(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let groups = repeated_flows(subject).into_values().map(|samples| samples.into_iter().collect());
    told_by_first(&across, groups, (["flow", "flows"], PART), subject)
}

/// The words for one thing and for several, and what to do.
type Words = ([&'static str; 2], &'static str);

/// Tells what samples share by the first that has it: a digest says nothing to people.
fn told_by_first(
    across: &Across,
    groups: impl Iterator<Item = Vec<usize>>,
    (nouns, remedy): Words,
    subject: &Subject,
) -> Vec<Finding> {
    // Two flows may stand in the same samples, and each counts.
    let keyed = groups.enumerate().map(|(at, samples)| ((samples[0], at), samples));
    let shared = across.shared(keyed.flat_map(|(key, samples)| samples.into_iter().map(move |sample| (key, sample))));
    let all = subject.facts.samples().all();
    across.finding(shared, nouns, |&(first, _)| format!("as in {}", all[first].id), (String::new(), remedy))
}
