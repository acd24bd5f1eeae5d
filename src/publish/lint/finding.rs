//! One thing that a reviewer would find.

use crate::packet::SampleId;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Results may not mean what they seem to.
    Warning,
    /// Results do not mean what they seem to.
    Error,
}

impl Severity {
    /// Its word, which is also SARIF's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The samples that it is about, ascending; none if it is about the capture.
    pub ids: Vec<SampleId>,
    /// What was seen, with its numbers.
    pub evidence: String,
    /// What to do.
    pub remedy: String,
    /// The fields that a benchmark should disallow because of it, by the names of `select --mask`.
    pub disallow: Vec<&'static str>,
}

impl Finding {
    /// What a rule found; which rule, and how bad, is put in for it.
    pub(super) fn new(mut ids: Vec<SampleId>, evidence: impl Into<String>, remedy: impl Into<String>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        Self {
            rule: "",
            severity: Severity::Note,
            ids,
            evidence: evidence.into(),
            remedy: remedy.into(),
            disallow: Vec::new(),
        }
    }
}
