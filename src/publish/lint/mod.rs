//! What a reviewer would find in a labelled capture: each [`Rule`] looks at a [`Subject`] and tells [`Finding`]s.
//!
//! [`RULES`] is the one definition of what there is: name, severity, meaning, and the function that looks. Rules look at
//! facts and profiles of samples, never at packets. A finding is about the dataset, not about the file's form: faults of
//! that are told while it is read.

mod across;
mod balance;
mod counters;
mod duplicates;
mod finding;
mod groups;
mod ids;
mod leaks;
mod names;
mod noise;
mod one_rule;
mod privacy;
mod shortcuts;
#[cfg(test)]
mod tests;
mod time;
mod told;
mod words;

use std::cell::OnceCell;
use std::collections::BTreeMap;

pub use finding::{Finding, Severity};
pub use told::{json, listing, sarif, text};

use crate::dataset::{CaptureProfile, Facts, Profile};
use crate::packet::{Sample, SampleId};
use crate::rule::Splits;

/// What is looked at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// What is known of each sample.
    pub facts: &'a Facts,
    /// What else is known of each, in the same order.
    pub profiles: &'a [Profile],
    /// What is known of the capture as a whole.
    pub capture: &'a CaptureProfile,
    /// Which split each sample belongs to.
    pub splits: Option<&'a Splits>,
    /// How much better than guessing a shortcut must predict labels to be told, from 0 to 1.
    pub threshold: f64,
    /// What several rules need of all this; nothing so far.
    pub kept: Kept,
}

/// What several rules need: made when the first asks for it.
#[derive(Debug, Default)]
pub struct Kept {
    places: OnceCell<across::Places>,
    shortcuts: OnceCell<shortcuts::Samples>,
}

/// Something that may be wrong with a dataset.
pub struct Rule {
    /// Its name: group and what, as in `shared-host`.
    pub name: &'static str,
    /// How bad it is, unless the user says otherwise.
    pub severity: Severity,
    /// What it finds and why that matters, one or two sentences.
    pub doc: &'static str,
    look: fn(&Subject) -> Vec<Finding>,
}

/// All rules, by group.
pub const RULES: &[&[Rule]] = &[
    ids::RULES,
    duplicates::RULES,
    leaks::RULES,
    names::RULES,
    counters::RULES,
    shortcuts::RULES,
    time::RULES,
    noise::RULES,
    privacy::RULES,
    balance::RULES,
];

/// All rules.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten()
}

/// What users say of rules: by name, or by the group that names begin with.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// Rules whose findings are errors.
    pub deny: Vec<String>,
    /// Rules that are not asked.
    pub allow: Vec<String>,
}

impl Levels {
    /// The words that name no rule and no group.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        let words = self.deny.iter().chain(&self.allow).map(String::as_str);
        words.filter(|word| !rules().any(|rule| names(word, rule.name)))
    }

    /// How bad a rule's findings are; none if it is not asked. What names the rule itself comes before what names its
    /// group, and `allow` before `deny`.
    pub fn of(&self, rule: &Rule) -> Option<Severity> {
        let exact = |words: &[String]| words.iter().any(|word| word == rule.name);
        let any = |words: &[String]| words.iter().any(|word| names(word, rule.name));
        match () {
            () if exact(&self.allow) => None,
            () if exact(&self.deny) => Some(Severity::Error),
            () if any(&self.allow) => None,
            () if any(&self.deny) => Some(Severity::Error),
            () => Some(rule.severity),
        }
    }
}

/// True if a word of the user means a rule: its name, its group, or all.
fn names(word: &str, rule: &str) -> bool {
    word == rule || word == "all" || rule.split_once('-').is_some_and(|(group, _)| group == word)
}

/// Rules, or groups of them, about what was said in samples.
const ABOUT_WHAT_WAS_SAID: [&str; 7] = [
    "leak-sni",
    "leak-dns",
    "leak-tls-session",
    "privacy-credentials",
    "privacy-mail",
    "privacy-host-name",
    "privacy-names",
];

/// True if a rule is asked that must know what was said in samples.
pub fn asks_what_was_said(levels: &Levels) -> bool {
    rules().any(|rule| ABOUT_WHAT_WAS_SAID.contains(&rule.name) && levels.of(rule).is_some())
}

/// Asks all rules that are not allowed; the worst findings first, then in the order of the rules.
pub fn lint(subject: &Subject, levels: &Levels) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules() {
        let Some(severity) = levels.of(rule) else { continue };
        let found = (rule.look)(subject);
        findings.extend(found.into_iter().map(|finding| Finding { rule: rule.name, severity, ..finding }));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

impl<'a> Subject<'a> {
    /// Each sample with what is known of it, by number.
    fn samples(&self) -> impl Iterator<Item = (&'a Sample, &'a Profile)> + use<'a> {
        self.facts.samples().all().iter().zip(self.profiles)
    }

    /// The samples of each label.
    fn by_label(&self) -> BTreeMap<&'a str, Vec<SampleId>> {
        let mut labels: BTreeMap<&str, Vec<SampleId>> = BTreeMap::new();
        for sample in self.facts.samples().all() {
            labels.entry(&sample.label).or_default().push(sample.id);
        }
        labels
    }
}

#[cfg(test)]
mod levels {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let mut seen = std::collections::HashSet::new();
        for rule in rules() {
            assert!(seen.insert(rule.name), "{} is there twice", rule.name);
            assert!(rule.name.contains('-') && rule.doc.ends_with('.'), "{}", rule.name);
        }
        assert!(ABOUT_WHAT_WAS_SAID.into_iter().all(|name| seen.contains(name)));
    }

    #[test]
    fn what_names_a_rule_beats_what_names_its_group() {
        let rule = rules().find(|rule| rule.name == "balance-tiny").unwrap();
        let levels = |deny: &[&str], allow: &[&str]| Levels {
            deny: deny.iter().map(ToString::to_string).collect(),
            allow: allow.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(levels(&[], &[]).of(rule), Some(Severity::Warning));
        assert_eq!(levels(&["balance"], &[]).of(rule), Some(Severity::Error));
        assert_eq!(levels(&["all"], &["balance"]).of(rule), None);
        assert_eq!(levels(&["balance-tiny"], &["all"]).of(rule), Some(Severity::Error));
        assert_eq!(levels(&["balance-tiny", "balanc"], &[]).unknown().collect::<Vec<_>>(), ["balanc"]);
    }
}
