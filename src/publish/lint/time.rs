//! Time: what was captured when, and whether samples end where traffic does.

use std::collections::{BTreeMap, BTreeSet};

use super::across::{Across, disallowing};
use super::leaks::each_flow;
use super::words::{count, duration, part, ranked, some};
use super::{Finding, Rule, Severity, Subject};
use crate::dataset::{FlowFacts, FlowProfile};
use crate::decode::tcp_flag;
use crate::packet::SampleId;
use crate::time::Timestamp;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "time-test-before-train",
        severity: Severity::Warning,
        doc: "Samples that are scored begin before those that are learned from end. Who uses a model has yesterday's traffic to learn from, and today's to recognise: a score across time says more (partition --by time).",
        look: before,
    },
    Rule {
        name: "time-order",
        severity: Severity::Note,
        doc: "Packets of a sample are earlier than the packet before them: sequences and times between packets depend on who sorts.",
        look: order,
    },
    Rule {
        name: "time-jump",
        severity: Severity::Warning,
        doc: "The clock of a sample jumps: a second or more back, or a day or more on. Durations and times between packets mean nothing there.",
        look: jumps,
    },
    Rule {
        name: "time-missing",
        severity: Severity::Warning,
        doc: "Packets have no time, or one before 1990, of a clock that was not set.",
        look: missing,
    },
    Rule {
        name: "time-disjoint",
        severity: Severity::Warning,
        doc: "The samples of a label, three or more, fill a span of time in which there is no other label: the time of capture alone tells the label, and with it all that changed meanwhile.",
        look: disjoint,
    },
    Rule {
        name: "time-cut",
        severity: Severity::Warning,
        doc: "A flow goes on in another sample within 120 seconds, and does not open anew: a window cut it, and the parts are not independent.",
        look: cut,
    },
    Rule {
        name: "time-headless",
        severity: Severity::Note,
        doc: "TCP flows begin without a SYN, or end without FIN or RST: they were under way when capturing began or ended, and features of first packets and durations are of something else.",
        look: headless,
    },
];

/// Nanoseconds of a second, and of a day.
const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * SECOND;

/// As far back, the clock was set; less far, packets only overtook each other.
const BACK: u64 = SECOND;
const ON: u64 = DAY;

/// 1 January 1990: no pcap was written before.
const FIRST_PCAP: Timestamp = Timestamp(631_152_000 * SECOND as i128);

/// A flow that is silent for so long is over, for most tools and for `label --by flow`.
const IDLE: i64 = 120 * SECOND as i64;

/// Fewer samples stand side by side by chance.
const CHANCE: usize = 3;

fn before(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let times = subject.facts.each().enumerate().filter_map(|(number, (_, facts))| {
        Some((number, across.place(number)?, facts.tally.first?, facts.tally.last?))
    });
    let times: Vec<_> = times.collect();
    let learned = times.iter().filter(|(_, place, ..)| place.turn == 0).map(|(.., last)| *last).max();
    let Some(learned) = learned else { return Vec::new() };
    let early: BTreeSet<usize> =
        times.iter().filter(|(_, place, first, _)| place.turn > 0 && *first < learned).map(|(at, ..)| *at).collect();
    if early.is_empty() {
        return Vec::new();
    }
    let end = learned.rfc3339().unwrap_or_else(|| learned.to_string());
    let evidence = format!("{} begin before {end}, when what is learned from ends", across.shares(&early));
    vec![Finding::new(
        across.ids(&early),
        evidence,
        "pcapml partition --by time; where captures overlap in time, that cuts them: then choose what is asked, times or \
         captures, and say so",
    )]
}

/// The samples of which something is so, and how much of it.
fn samples_with(subject: &Subject, so: impl Fn(&crate::dataset::Steps) -> u64) -> Vec<(SampleId, u64)> {
    let samples = subject.samples().map(|(sample, profile)| (sample.id, so(&profile.steps)));
    samples.filter(|(_, much)| *much > 0).collect()
}

fn ids(samples: &[(SampleId, u64)]) -> Vec<SampleId> {
    samples.iter().map(|(id, _)| *id).collect()
}

fn order(subject: &Subject) -> Vec<Finding> {
    let late = samples_with(subject, |steps| steps.back);
    let furthest = subject.profiles.iter().map(|profile| profile.steps.furthest_back).max().unwrap_or(0);
    if late.is_empty() {
        return Vec::new();
    }
    let packets: u64 = late.iter().map(|(_, packets)| packets).sum();
    let evidence = format!(
        "{} of {} samples: earlier than the packet before, by {} at most",
        count(packets, "packet"),
        part(late.len(), subject.profiles.len()),
        duration(furthest)
    );
    vec![Finding::new(ids(&late), evidence, "pcapml sort")]
}

fn jumps(subject: &Subject) -> Vec<Finding> {
    let back = samples_with(subject, |steps| if steps.furthest_back >= BACK { steps.furthest_back } else { 0 });
    let on = samples_with(subject, |steps| if steps.furthest_on >= ON { steps.furthest_on } else { 0 });
    let told = |samples: &[(SampleId, u64)], way: &str| {
        let largest = samples.iter().map(|(_, by)| *by).max()?;
        Some(format!(
            "{} samples jump {way}, by {} at most",
            part(samples.len(), subject.profiles.len()),
            duration(largest)
        ))
    };
    let evidence: Vec<String> = [told(&back, "back"), told(&on, "on")].into_iter().flatten().collect();
    if evidence.is_empty() {
        return Vec::new();
    }
    let ids = ids(&[back, on].concat());
    let remedy =
        "find out what was joined there; pcapml sort if only the order is wrong, otherwise make it several samples";
    vec![Finding::new(ids, evidence.join("; "), remedy)]
}

fn missing(subject: &Subject) -> Vec<Finding> {
    let untimed = samples_with(subject, |steps| steps.untimed);
    let early: Vec<SampleId> = subject
        .facts
        .each()
        .filter(|(_, facts)| facts.tally.first.is_some_and(|first| first < FIRST_PCAP))
        .map(|(sample, _)| sample.id)
        .collect();
    let mut evidence = Vec::new();
    if !untimed.is_empty() {
        let packets: u64 = untimed.iter().map(|(_, packets)| packets).sum();
        let samples = part(untimed.len(), subject.profiles.len());
        evidence.push(format!("{} without a time, in {samples} samples", count(packets, "packet")));
    }
    if !early.is_empty() {
        evidence.push(format!("{} samples begin before 1990", part(early.len(), subject.profiles.len())));
    }
    if evidence.is_empty() {
        return Vec::new();
    }
    let ids = [ids(&untimed), early].concat();
    disallowing(vec![Finding::new(ids, evidence.join("; "), "leave times out of what models see")], &["frame.time"])
}

fn disjoint(subject: &Subject) -> Vec<Finding> {
    let samples = subject.facts.each();
    let spans =
        samples.filter_map(|(sample, facts)| Some((facts.tally.first?, facts.tally.last?, sample.label.as_str())));
    let apart = apart(&spans.collect::<Vec<_>>());
    let labels = subject.by_label();
    if labels.len() < 2 || apart.is_empty() {
        return Vec::new();
    }
    let sizes = apart.iter().map(|&label| (label, labels.get(label).map_or(0, Vec::len)));
    let evidence = format!(
        "{} labels were captured when no other was; samples of each: {}",
        part(apart.len(), labels.len()),
        ranked(sizes)
    );
    let ids = apart.iter().filter_map(|&label| labels.get(label)).flatten().copied().collect();
    let remedy = "capture classes side by side, or again on other days; never let models see times";
    disallowing(vec![Finding::new(ids, evidence, remedy)], &["frame.time"])
}

/// The labels between whose first and last time no sample of another label was under way; of samples as first time, last
/// time and label.
fn apart<'a>(samples: &[(Timestamp, Timestamp, &'a str)]) -> Vec<&'a str> {
    let mut labels: BTreeMap<&str, (Timestamp, Timestamp, usize)> = BTreeMap::new();
    for &(first, last, label) in samples {
        let span = labels.entry(label).or_insert((first, last, 0));
        *span = (span.0.min(first), span.1.max(last), span.2 + 1);
    }
    let mut firsts: Vec<Timestamp> = samples.iter().map(|sample| sample.0).collect();
    let mut lasts: Vec<Timestamp> = samples.iter().map(|sample| sample.1).collect();
    firsts.sort_unstable();
    lasts.sort_unstable();
    let alone = labels.into_iter().filter(|(_, (first, last, size))| {
        let begun = firsts.partition_point(|time| time <= last);
        let over = lasts.partition_point(|time| time < first);
        // Its own are all under way then.
        *size >= CHANCE && begun - over == *size
    });
    alone.map(|(label, _)| label).collect()
}

fn cut(subject: &Subject) -> Vec<Finding> {
    let mut flows: Vec<(&FlowFacts, usize, &FlowProfile)> =
        each_flow(subject).map(|(number, flow, profile)| (flow, number, profile)).collect();
    flows.sort_by_key(|(flow, number, _)| (flow.key, flow.first, *number));
    let opens = |profile: &FlowProfile| {
        profile.counters.sequence.is_some_and(|sequence| sequence.first_flags & tcp_flag::SYN != 0)
    };
    let goes_on = flows.windows(2).filter(|pair| {
        let [(before, one, earlier), (flow, other, profile)] = pair else { return false };
        let near = before.key == flow.key && flow.first.saturating_sub(before.last) <= IDLE;
        // A copy is no cut: it is told as a duplicate.
        let copy = earlier.digest == profile.digest;
        near && one != other && !copy && !opens(profile) && !before.key.low.is_unspecified()
    });
    let cuts: Vec<_> = goes_on.map(|pair| (pair[0].1, pair[1].1)).collect();
    if cuts.is_empty() {
        return Vec::new();
    }
    let all = subject.facts.samples().all();
    let members: BTreeSet<usize> = cuts.iter().flat_map(|&(one, other)| [one, other]).collect();
    let evidence = format!(
        "flows of {} samples go on in another, in {}: {}",
        part(members.len(), all.len()),
        count(cuts.len(), "place"),
        some(cuts.iter().map(|&(one, other)| format!("{} in {}", all[one].id, all[other].id)))
    );
    let remedy =
        "group by flow, or let windows end where flows do; pcapml partition --by flow keeps the parts together";
    vec![Finding::new(members.into_iter().map(|number| all[number].id).collect(), evidence, remedy)]
}

fn headless(subject: &Subject) -> Vec<Finding> {
    let (mut flows, mut begun, mut open) = (0, BTreeSet::new(), 0);
    let mut without = 0;
    for (number, _, profile) in each_flow(subject) {
        let Some(sequence) = profile.counters.sequence else { continue };
        flows += 1;
        open += usize::from(!sequence.closes);
        if sequence.first_flags & tcp_flag::SYN == 0 {
            without += 1;
            begun.insert(subject.facts.samples().all()[number].id);
        }
    }
    if without == 0 && open == 0 {
        return Vec::new();
    }
    let begin = format!("{} TCP flows begin without SYN, in {}", part(without, flows), count(begun.len(), "sample"));
    let end = format!("{} TCP flows end without FIN or RST", part(open, flows));
    let told = [(without, begin), (open, end)].into_iter().filter(|(flows, _)| *flows > 0);
    let evidence = told.map(|(_, told)| told).collect::<Vec<_>>().join("; ");
    let remedy = "leave out what began before the capture, or do not use features of first packets";
    vec![Finding::new(begun.into_iter().collect(), evidence, remedy)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_apart_if_no_other_was_under_way() {
        let of = |samples: &[(i128, i128, &'static str)]| {
            let samples = samples.iter().map(|&(first, last, label)| (Timestamp(first), Timestamp(last), label));
            apart(&samples.collect::<Vec<_>>())
        };
        let (a, b) = ([(0, 1, "a"), (2, 2, "a"), (3, 9, "a")], [(10, 11, "b"), (12, 12, "b"), (13, 14, "b")]);
        assert_eq!(of(&[a, b].concat()), ["a", "b"]);
        // Two samples are too few, and one that spans all is beside all.
        assert_eq!(of(&[&a[..], &b[1..]].concat()), ["a"]);
        assert!(of(&[&a[..], &b[..], &[(-1, 99, "c")]].concat()).is_empty());
        // What begins when another ends was captured with it.
        assert_eq!(of(&[&a[..], &[(9, 10, "b")], &b[1..]].concat()), [""; 0]);
        // Others before and behind are not beside.
        assert_eq!(of(&[&a[..], &[(-5, -4, "c"), (20, 30, "c")]].concat()), ["a"]);
        assert!(of(&[]).is_empty());
    }
}
