//! Balance: classes that are large enough, in every split.

use super::{Finding, Rule, Severity, Subject};

/// A class with fewer samples says nothing.
const TINY: usize = 10;

pub(super) const RULES: &[Rule] = &[Rule {
    name: "balance-tiny",
    severity: Severity::Warning,
    doc: "A class has fewer than 10 samples: its scores are noise, and macro averages carry them in full.",
    look: tiny,
}];

fn tiny(subject: &Subject) -> Vec<Finding> {
    let labels = subject.by_label();
    let classes = labels.len();
    let tiny: Vec<_> = labels.into_iter().filter(|(_, ids)| ids.len() < TINY).collect();
    if tiny.is_empty() {
        return Vec::new();
    }
    let told: Vec<String> = tiny.iter().map(|(label, ids)| format!("{label} {}", ids.len())).collect();
    let evidence = format!("{} of {classes} classes: {}", tiny.len(), told.join(", "));
    let ids = tiny.into_iter().flat_map(|(_, ids)| ids).collect();
    vec![Finding::new(ids, evidence, "collect more, merge classes, or leave them out of averages")]
}
