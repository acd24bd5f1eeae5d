//! lint.json of a release that another version of pcapml made. Its rules, and what they find, may be others, so that it is not
//! made anew; but it is a list of findings about the samples that there are, and of no sample of the challenge.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Release;
use crate::command::Context;
use crate::command::release::LINT;
use crate::command::release::tables::SampleTable;
use crate::error::Result;
use crate::packet::SampleId;
use crate::publish::lint::Severity;
use crate::publish::partition::CHALLENGE;

/// What a finding says, and nothing else.
const KEYS: [&str; 6] = ["rule", "severity", "ids", "evidence", "remedy", "disallow"];

impl Release<'_> {
    /// Checks that lint.json is a list of findings.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn findings(&self, table: &SampleTable, context: &Context) -> Result<()> {
        if !self.files.of.contains_key(LINT) {
            return Ok(());
        }
        let hidden = self.splits.ids_of(CHALLENGE);
        let there: BTreeSet<SampleId> = table.rows.iter().map(|row| row.sample.id).collect();
        if let Err(wrong) = check(&self.read(LINT)?, &there.difference(&hidden).copied().collect()) {
            self.fault(LINT, wrong, context);
        }
        Ok(())
    }
}

/// What is wrong with a list of findings about these samples.
fn check(text: &[u8], samples: &BTreeSet<SampleId>) -> Result<(), String> {
    let value: Value = serde_json::from_slice(text).map_err(|error| format!("it is no JSON: {error}"))?;
    // Blanks may tell something, and what is said twice is read once.
    if format!("{value:#}\n").as_bytes() != text {
        return Err("its JSON is not laid out as pcapml lint does it".to_owned());
    }
    let findings = value.as_array().ok_or("it is no list of findings")?;
    for (finding, number) in findings.iter().zip(1..) {
        self::finding(finding, samples).map_err(|wrong| format!("finding {number}: {wrong}"))?;
    }
    Ok(())
}

fn finding(finding: &Value, samples: &BTreeSet<SampleId>) -> Result<(), String> {
    let object =
        finding.as_object().filter(|of| of.len() == KEYS.len() && KEYS.iter().all(|key| of.contains_key(*key)));
    let object = object.ok_or_else(|| format!("it does not say {}, and nothing else", KEYS.join(", ")))?;
    let text = |key: &str| object[key].as_str().ok_or_else(|| format!("its {key} is no text"));
    let list = |key: &str| {
        let texts: Option<Vec<&str>> = object[key].as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        texts.ok_or_else(|| format!("its {key} is no list of texts"))
    };
    text("evidence").and(text("remedy"))?;
    let severity = text("severity")?;
    if ![Severity::Note, Severity::Warning, Severity::Error].iter().any(|known| known.name() == severity) {
        return Err(format!("there is no severity '{severity}'"));
    }
    if let Some(name) = std::iter::once(text("rule")?).chain(list("disallow")?).find(|name| !is_name(name)) {
        return Err(format!("'{name}' is no name of a rule or field"));
    }
    let is_there = |id: &str| id.parse().is_ok_and(|of: SampleId| samples.contains(&of) && of.to_string() == id);
    match list("ids")?.into_iter().find(|id| !is_there(id)) {
        Some(id) => Err(format!("'{id}' is no id of a sample whose label is told")),
        None => Ok(()),
    }
}

/// True of the names that rules and fields have.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn findings_are_of_samples_that_are_told() {
        let samples = BTreeSet::from([SampleId(7)]);
        let said = |key: &str, value: Value| {
            let mut finding = json!({"rule": "leak-sni", "severity": "note", "ids": ["7"], "evidence": "a", "remedy": "b",
                "disallow": ["ip.addr"]});
            finding[key] = value;
            check(format!("{:#}\n", json!([finding])).as_bytes(), &samples)
        };
        assert_eq!(said("severity", json!("error")), Ok(()));
        let wrong = [
            ("severity", json!("grave")),
            ("ids", json!(["8"])),
            ("ids", json!(["07"])),
            ("ids", json!([7])),
            ("rule", json!("It is dns")),
            ("disallow", json!("ip.addr")),
            ("disallow", json!([""])),
            ("evidence", json!({"7": "dns"})),
            ("remedy", json!(null)),
            ("answers", json!("")),
        ];
        for (key, value) in wrong {
            let told = said(key, value.clone());
            assert!(told.as_ref().is_err_and(|told| told.starts_with("finding 1: ")), "{key} {value}: {told:?}");
        }
        for text in ["{}\n", "[] \n", "[{}]\n", "[]", "dns", "\u{feff}[]\n"] {
            assert!(check(text.as_bytes(), &samples).is_err(), "{text}");
        }
        assert_eq!(check(b"[]\n", &samples), Ok(()));
    }
}
