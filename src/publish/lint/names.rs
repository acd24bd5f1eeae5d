//! Names and sessions that splits share: a model that knows a name of train knows the sample of test.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Rule, Severity, Subject};
use crate::dataset::NameKind;
use crate::packet::SampleId;
use crate::redact::Field;

/// Names that evidence tells.
const SHOWN: usize = 3;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "leak-sni",
        severity: Severity::Error,
        doc: "Splits share names of servers, in TLS, QUIC or HTTP: reading the name is enough.",
        look: |subject| look(subject, NameKind::Server, "names of servers", NAMED),
    },
    Rule {
        name: "leak-dns",
        severity: Severity::Error,
        doc: "Splits share names that are asked of the DNS: reading the name is enough.",
        look: |subject| look(subject, NameKind::Question, "names asked of the DNS", NAMED),
    },
    Rule {
        name: "leak-tls-session",
        severity: Severity::Error,
        doc: "Sessions of TLS begin in one split and go on in another: they are of one client with one server.",
        look: |subject| look(subject, NameKind::Session, "sessions of TLS", RESUMED),
    },
];

/// What to do about names.
const NAMED: &str = "keep samples of a name in one split (pcapml partition --by field:NAME), or disallow payload, where names \
                     stand; if the name is what the label means, say so and allow this rule";

/// What to do about sessions.
const RESUMED: &str = "keep samples of a host in one split (pcapml partition --by host), or disallow payload";

fn look(subject: &Subject, kind: NameKind, what: &str, remedy: &str) -> Vec<Finding> {
    let Some(splits) = subject.splits else { return Vec::new() };
    // The samples of each name, with their splits.
    let mut names: BTreeMap<&str, Vec<(&str, SampleId)>> = BTreeMap::new();
    for (sample, profile) in subject.samples() {
        let Some(split) = splits.of(sample.id) else { continue };
        profile.said.names(kind).for_each(|name| names.entry(name).or_default().push((split, sample.id)));
    }
    let all = names.len();
    names.retain(|_, samples| samples.iter().any(|(split, _)| *split != samples[0].0));
    if names.is_empty() {
        return Vec::new();
    }
    let ids: Vec<SampleId> = names.values().flatten().map(|(_, id)| *id).collect();
    let evidence = format!("{} of {all} {what} are in several splits: {}", names.len(), between(&names));
    let mut finding = Finding::new(ids, evidence, remedy);
    finding.disallow = vec![Field::Payload.name()];
    vec![finding]
}

/// Which splits share how many, and the names that most samples have.
fn between(names: &BTreeMap<&str, Vec<(&str, SampleId)>>) -> String {
    let mut pairs: BTreeMap<String, u64> = BTreeMap::new();
    for samples in names.values() {
        let splits: BTreeSet<&str> = samples.iter().map(|(split, _)| *split).collect();
        let together: Vec<&str> = splits.into_iter().collect();
        *pairs.entry(together.join(" and ")).or_default() += 1;
    }
    let shared: Vec<String> = pairs.into_iter().map(|(splits, count)| format!("{splits} {count}")).collect();
    let mut most: Vec<(&str, usize)> = names.iter().map(|(name, samples)| (*name, samples.len())).collect();
    most.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    let most: Vec<String> = most.iter().take(SHOWN).map(|(name, count)| format!("{name} in {count} samples")).collect();
    format!("{}; such as {}", shared.join(", "), most.join(", "))
}
