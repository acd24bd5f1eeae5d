//! Findings as text, as JSON, and as SARIF 2.1.0 (OASIS), which code hosts show beside the file.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::{Finding, Severity, rules};
use crate::packet::SampleId;

/// How many ids text tells.
const SHOWN: usize = 5;

/// How wide lines of text become, unless a word is wider.
const WIDTH: usize = 100;

/// Findings for people, some lines for each.
pub fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let style = match finding.severity {
            Severity::Error => AnsiColor::Red.on_default().bold(),
            Severity::Warning => AnsiColor::Yellow.on_default().bold(),
            Severity::Note => Style::new().bold(),
        };
        let (severity, rule) = (finding.severity.name(), finding.rule);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{style}{severity}{style:#} {rule}");
        text.push_str(&indented(&shown(&finding.evidence)));
        if !finding.ids.is_empty() {
            let _ = writeln!(text, "    samples: {}", some(&finding.ids));
        }
        text.push_str(&indented(&format!("remedy: {}", shown(&finding.remedy))));
        if !finding.disallow.is_empty() {
            let _ = writeln!(text, "    disallow: {}", finding.disallow.join(", "));
        }
    }
    text
}

/// All rules for people: each with its severity, and what it finds below.
pub fn listing() -> String {
    let mut text = String::new();
    for rule in rules() {
        let bold = Style::new().bold();
        let _ = writeln!(text, "{bold}{}{bold:#} ({})", rule.name, rule.severity.name());
        text.push_str(&indented(rule.doc));
    }
    text
}

/// Words in lines of some width, each behind four blanks.
fn indented(words: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in words.split(' ') {
        let length = word.chars().count();
        if width == 0 || width + 1 + length > WIDTH {
            text.push_str(if width == 0 { "   " } else { "\n   " });
            width = 3;
        }
        text.push(' ');
        text.push_str(word);
        width += 1 + length;
    }
    text.push('\n');
    text
}

/// Text that may come from a capture, harmless for a terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The first few ids.
fn some(ids: &[SampleId]) -> String {
    let first: Vec<String> = ids.iter().take(SHOWN).map(ToString::to_string).collect();
    match ids.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{} and {more} more", first.join(" ")),
        _ => first.join(" "),
    }
}

/// Findings as a list of objects. Ids are text: JavaScript's numbers end at 2^53.
pub fn json(findings: &[Finding]) -> Value {
    findings.iter().map(object).collect()
}

fn object(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule,
        "severity": finding.severity.name(),
        "ids": texts(&finding.ids),
        "evidence": finding.evidence,
        "remedy": finding.remedy,
        "disallow": finding.disallow,
    })
}

fn texts(ids: &[SampleId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// Findings as a log of SARIF 2.1.0, of the capture of this URI.
pub fn sarif(findings: &[Finding], uri: &str) -> Value {
    let known: Vec<Value> = rules()
        .map(|rule| {
            json!({
                "id": rule.name,
                "shortDescription": {"text": rule.doc},
                "defaultConfiguration": {"level": rule.severity.name()},
            })
        })
        .collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, uri)).collect();
    let driver = json!({"name": "pcapml", "version": env!("CARGO_PKG_VERSION"), "rules": known});
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    })
}

fn result(finding: &Finding, uri: &str) -> Value {
    let samples: Vec<Value> = texts(&finding.ids).iter().map(|id| json!({"name": id, "kind": "object"})).collect();
    let mut location = json!({"physicalLocation": {"artifactLocation": {"uri": uri}}});
    if !samples.is_empty() {
        location["logicalLocations"] = samples.into();
    }
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules().position(|rule| rule.name == finding.rule),
        "level": finding.severity.name(),
        "message": {"text": format!("{}. Remedy: {}", finding.evidence, finding.remedy)},
        "locations": [location],
        "properties": {"ids": texts(&finding.ids), "remedy": finding.remedy, "disallow": finding.disallow},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Finding {
        let ids = (1..=7).rev().map(SampleId).collect();
        Finding { rule: "ids-conflict", severity: Severity::Error, ..Finding::new(ids, "e\x1b[2J", "r") }
    }

    #[test]
    fn text_is_harmless_and_short() {
        let told = anstream::adapter::strip_str(&text(&[finding()])).to_string();
        assert_eq!(told, "error ids-conflict\n    e\u{fffd}[2J\n    samples: 1 2 3 4 5 and 2 more\n    remedy: r\n");
    }

    #[test]
    fn lines_end_between_words() {
        let words = format!("{} {} b c", "a".repeat(90), "é".repeat(120));
        assert_eq!(indented(&words), format!("    {}\n    {}\n    b c\n", "a".repeat(90), "é".repeat(120)));
        assert_eq!(indented(""), "    \n");
        for line in listing().lines().filter(|line| line.starts_with(' ')) {
            assert!(line.starts_with("    ") && line.chars().count() <= WIDTH, "{line}");
        }
    }

    #[test]
    fn programs_get_all_ids_as_text() {
        let told = json(&[finding()]);
        assert_eq!(told[0]["ids"], json!(["1", "2", "3", "4", "5", "6", "7"]));
        assert_eq!(sarif(&[finding()], "a.pcapng")["runs"][0]["results"][0]["ruleIndex"], 0);
    }
}
