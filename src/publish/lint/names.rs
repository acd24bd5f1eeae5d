//! Names and sessions that splits share: a model that knows a name of train knows the sample of test.

use super::across::{Across, disallowing};
use super::{Finding, Rule, Severity, Subject};
use crate::dataset::NameKind;
use crate::redact::Field;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "leak-sni",
        severity: Severity::Error,
        doc: "Splits share names of servers, in TLS, QUIC or HTTP: reading the name is enough.",
        look: |subject| look(subject, NameKind::Server, ["name of a server", "names of servers"], NAMED),
    },
    Rule {
        name: "leak-dns",
        severity: Severity::Error,
        doc: "Splits share names that are asked of the DNS: reading the name is enough.",
        look: |subject| look(subject, NameKind::Question, ["name asked of the DNS", "names asked of the DNS"], NAMED),
    },
    Rule {
        name: "leak-tls-session",
        severity: Severity::Error,
        doc: "Sessions of TLS begin in one split and go on in another: they are of one client with one server.",
        look: |subject| look(subject, NameKind::Session, ["session of TLS", "sessions of TLS"], RESUMED),
    },
];

/// What to do about names.
const NAMED: &str = "if the name is what the label means, say so and allow this rule; else hide payload, where names stand \
                     (pcapml select --mask payload), or make a table of splits in which samples of a name are together";

/// What to do about sessions.
const RESUMED: &str =
    "keep samples of a host in one split (pcapml partition --by host), or hide payload (pcapml select --mask payload)";

fn look(subject: &Subject, kind: NameKind, nouns: [&str; 2], remedy: &str) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let samples = subject.samples().enumerate();
    let shared = across
        .shared(samples.flat_map(|(number, (_, profile))| profile.said.names(kind).map(move |name| (name, number))));
    let found = across.finding(shared, nouns, |name| (*name).to_owned(), (String::new(), remedy));
    disallowing(found, &[Field::Payload.name()])
}
