//! Ids: each stands for one sample, and each packet has one.

use super::words::{count, part, some_long};
use super::{Finding, Rule, Severity, Subject};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ids-conflict",
        severity: Severity::Error,
        doc: "One id stands for several labels, or sets of fields: lists of ids do not say which is meant.",
        look: conflict,
    },
    Rule {
        name: "ids-unlabelled",
        severity: Severity::Warning,
        doc: "Packets carry no label: they are in no sample, and readers may take them for some.",
        look: unlabelled,
    },
    Rule {
        name: "ids-unparsed",
        severity: Severity::Warning,
        doc: "Comments begin like labels and are none: their packets are in no sample.",
        look: unparsed,
    },
    Rule {
        name: "ids-scattered",
        severity: Severity::Warning,
        doc: "Samples do not stand in one run each: readers that take them in passing see each in several pieces.",
        look: scattered,
    },
];

fn conflict(subject: &Subject) -> Vec<Finding> {
    let told = |sample: &crate::packet::Sample| {
        let fields = sample.fields.iter().map(|(key, value)| format!(",{key}={value}")).collect::<String>();
        format!("'{}{fields}'", sample.label)
    };
    let conflicts = subject.facts.samples().conflicts();
    if conflicts.is_empty() {
        return Vec::new();
    }
    let each = conflicts.iter().map(|(id, one, other)| format!("{id} is both {} and {}", told(one), told(other)));
    let evidence = format!("{} of several meanings: {}", count(conflicts.len(), "id"), some_long(each));
    let remedy = "pcapml relabel --labels, with one row for each id, if it is one sample; else label the capture anew";
    vec![Finding::new(conflicts.iter().map(|(id, ..)| *id).collect(), evidence, remedy)]
}

fn unlabelled(subject: &Subject) -> Vec<Finding> {
    let (without, of) = (subject.facts.unlabelled.packets, subject.capture.packets);
    let found = (without > 0).then(|| {
        let evidence = format!("{} packets carry no label", part(without as usize, of as usize));
        Finding::new(Vec::new(), evidence, "leave them out (pcapml label does, select does), or label them")
    });
    found.into_iter().collect()
}

fn unparsed(subject: &Subject) -> Vec<Finding> {
    let capture = subject.capture;
    let found = capture.unparsed.first.as_ref().map(|(packet, text)| {
        let evidence = format!("{}, the first at packet {packet}: '{text}'", count(capture.unparsed.count, "comment"));
        let remedy = "write id,label[,key=value…], with ids below 2^64 and no leading zeros; label the capture anew";
        Finding::new(Vec::new(), evidence, remedy)
    });
    found.into_iter().collect()
}

fn scattered(subject: &Subject) -> Vec<Finding> {
    let samples = subject.samples().filter(|(_, profile)| profile.runs > 1);
    let ids: Vec<_> = samples.map(|(sample, _)| sample.id).collect();
    match ids.is_empty() {
        true => Vec::new(),
        false => {
            let evidence = format!("{} samples stand in several runs", part(ids.len(), subject.profiles.len()));
            vec![Finding::new(ids, evidence, "pcapml sort")]
        }
    }
}
