//! Label noise: packets that a label does not mean.

use std::collections::{BTreeMap, HashSet};

use super::words::{part, percent, some};
use super::{Finding, Rule, Severity, Subject};
use crate::dataset::{BACKGROUNDS, Background};
use crate::decode::protocol;
use crate::packet::SampleId;

/// Labels that mean whatever is there, in small letters.
const ANYTHING: [&str; 5] = ["background", "noise", "other", "mixed", "unknown"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "noise-samples",
        severity: Severity::Warning,
        doc: "At least half of a sample is DNS, ARP, NTP or the like, and its label means something else.",
        look: samples,
    },
    Rule {
        name: "noise-packets",
        severity: Severity::Note,
        doc: "Some packets of samples are DNS, ARP, NTP or the like, and their labels mean something else.",
        look: packets,
    },
    Rule {
        name: "noise-one-way",
        severity: Severity::Warning,
        doc: "Flows of TCP go one way only, and acknowledge bytes that are not in their sample: what labelled them caught one \
              direction, or only one was captured.",
        look: one_way,
    },
];

/// Which kinds of background traffic a label does not mean.
fn foreign(label: &str) -> [bool; BACKGROUNDS] {
    let label = label.to_lowercase();
    let words = || label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    if words().any(|word| ANYTHING.contains(&word)) {
        return [false; BACKGROUNDS];
    }
    Background::ALL.map(|kind| !words().any(|word| kind.words().iter().any(|meant| word.starts_with(meant))))
}

/// What is foreign in the samples of a label.
#[derive(Default)]
struct Noise<'a> {
    label: &'a str,
    ids: Vec<SampleId>,
    samples: u64,
    foreign: [u64; BACKGROUNDS],
    packets: u64,
}

/// What is foreign, by label, in the samples where at least half of the packets are, or in the others.
fn noise<'a>(subject: &Subject<'a>, half: bool) -> Vec<Noise<'a>> {
    let mut labels: BTreeMap<&str, (Noise, [bool; BACKGROUNDS])> = BTreeMap::new();
    for ((sample, facts), profile) in subject.facts.each().zip(subject.profiles) {
        let label = sample.label.as_str();
        let (noise, foreign) =
            labels.entry(label).or_insert_with(|| (Noise { label, ..Noise::default() }, self::foreign(label)));
        noise.samples += 1;
        noise.packets += facts.tally.packets;
        let counts =
            profile.background.iter().zip(*foreign).map(|(count, foreign)| u64::from(*count) * u64::from(foreign));
        let sum: u64 = counts.clone().sum();
        if sum > 0 && half == (2 * sum >= facts.tally.packets) {
            noise.ids.push(sample.id);
            noise.foreign.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    let mut found: Vec<Noise> =
        labels.into_values().map(|(noise, _)| noise).filter(|noise| !noise.ids.is_empty()).collect();
    found.sort_by_key(|noise| (std::cmp::Reverse(noise.ids.len()), noise.label));
    found
}

/// The kinds by how many there are of them.
fn kinds(foreign: &[u64; BACKGROUNDS]) -> String {
    let mut kinds: Vec<(u64, &str)> = foreign
        .iter()
        .zip(Background::ALL)
        .filter(|(count, _)| **count > 0)
        .map(|(count, kind)| (*count, kind.name()))
        .collect();
    kinds.sort_by_key(|(count, name)| (std::cmp::Reverse(*count), *name));
    let texts: Vec<String> = kinds.into_iter().map(|(count, name)| format!("{name} {count}")).collect();
    texts.join(", ")
}

/// One finding of all labels.
fn told(found: &[Noise], of: usize, (what, remedy): (&str, &str), tell: impl Fn(&Noise) -> String) -> Vec<Finding> {
    if found.is_empty() {
        return Vec::new();
    }
    let mut all = [0; BACKGROUNDS];
    found.iter().for_each(|noise| all.iter_mut().zip(noise.foreign).for_each(|(sum, count)| *sum += count));
    let ids: Vec<SampleId> = found.iter().flat_map(|noise| noise.ids.iter().copied()).collect();
    let labels = some(found.iter().map(tell));
    let evidence = format!("{} samples {what}: {labels}; packets: {}", part(ids.len(), of), kinds(&all));
    vec![Finding::new(ids, evidence, remedy)]
}

fn samples(subject: &Subject) -> Vec<Finding> {
    let tell = |noise: &Noise| format!("{} {} of {}", noise.label, noise.ids.len(), noise.samples);
    let remedy = "leave them out (pcapml select), or give them labels of their own (pcapml relabel); models that take them \
                  for their label's learn what is in every network";
    let what = "are mostly traffic of other kinds than their labels";
    told(&noise(subject, true), subject.profiles.len(), (what, remedy), tell)
}

fn packets(subject: &Subject) -> Vec<Finding> {
    let tell = |noise: &Noise| {
        let share = noise.foreign.iter().sum::<u64>() as f64 / noise.packets.max(1) as f64;
        format!("{} {} of packets", noise.label, percent(share))
    };
    let remedy = "if they belong to what was recorded, as an application's own DNS, say so; else label with rules that leave them out";
    let what = "hold packets of other kinds than their labels";
    told(&noise(subject, false), subject.profiles.len(), (what, remedy), tell)
}

fn one_way(subject: &Subject) -> Vec<Finding> {
    // A sample of the other direction has a flow of the same ends that only goes that way.
    let mut ways = HashSet::new();
    for (_, facts) in subject.facts.each() {
        ways.extend(facts.flows.iter().flat_map(|flow| {
            let low = flow.ways.from_low.then_some((flow.key, true));
            low.into_iter().chain(flow.ways.from_high.then_some((flow.key, false)))
        }));
    }
    let (mut ids, mut flows, mut elsewhere, mut all) = (Vec::new(), 0, 0, 0);
    for (sample, facts) in subject.facts.each() {
        for flow in facts.flows.iter().filter(|flow| flow.key.protocol == protocol::TCP) {
            all += 1;
            if flow.ways.acknowledge && flow.ways.from_low != flow.ways.from_high {
                ids.push(sample.id);
                flows += 1;
                elsewhere += usize::from(ways.contains(&(flow.key, !flow.ways.from_low)));
            }
        }
    }
    if flows == 0 {
        return Vec::new();
    }
    let elsewhere = match elsewhere {
        0 => "the other way is in no sample".to_owned(),
        flows => format!("of {flows} of them, the other way is in other samples"),
    };
    let evidence = format!(
        "{} flows of TCP go one way and acknowledge what is not in their sample; {elsewhere}",
        part(flows, all)
    );
    vec![Finding::new(
        ids,
        evidence,
        "use rules that name both directions (host and port, not src and dst), or label by flow",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_foreign(label: &str, kind: Background) -> bool {
        foreign(label)[kind as usize]
    }

    #[test]
    fn labels_mean_what_their_words_say() {
        assert!(!is_foreign("DNS", Background::Dns) && !is_foreign("Google.DNS", Background::Dns));
        assert!(!is_foreign("DHCPv6", Background::Dhcp) && !is_foreign("ping-flood", Background::Icmp));
        assert!(is_foreign("Skype", Background::Dns) && is_foreign("DNS", Background::Ntp));
        assert!(!is_foreign("benign background", Background::Arp));
        assert!(is_foreign("mother", Background::Arp), "a part of a word is no word");
    }
}
