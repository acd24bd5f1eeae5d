//! Ids: each stands for one sample, and each packet has one.

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
    let conflicts = subject.facts.samples().conflicts().into_iter();
    conflicts
        .map(|(id, one, other)| {
            let evidence = format!("sample {id} is both {} and {}", told(one), told(other));
            Finding::new(vec![id], evidence, "give one of them another id, or one label (pcapml relabel)")
        })
        .collect()
}

fn unlabelled(subject: &Subject) -> Vec<Finding> {
    let (without, of) = (subject.facts.unlabelled.packets, subject.capture.packets);
    let found = (without > 0).then(|| {
        let evidence = format!("{without} of {of} packets carry no label");
        Finding::new(Vec::new(), evidence, "leave them out (pcapml label does, select does), or label them")
    });
    found.into_iter().collect()
}

fn unparsed(subject: &Subject) -> Vec<Finding> {
    let capture = subject.capture;
    let found = capture.unparsed.first.as_ref().map(|(packet, text)| {
        let evidence = format!("{} comments, the first at packet {packet}: '{text}'", capture.unparsed.count);
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
            let (count, of) = (ids.len(), subject.facts.samples().all().len());
            let evidence = format!("{count} of {of} samples stand in several runs");
            vec![Finding::new(ids, evidence, "pcapml sort")]
        }
    }
}
