//! A release's README: what the tool knows of the dataset, in the order of Gebru et al., "Datasheets for Datasets"
//! (CACM 64(12), 2021), with the questions that only its authors can answer left for them.

use std::fmt::Write;

use super::croissant::ReleasedFile;
use super::lint::{Finding, Severity};
use super::manifest::Manifest;
use super::markdown::escaped;

/// What the README tells.
#[derive(Debug, Clone, Copy)]
pub struct Datasheet<'a> {
    /// What the authors say.
    pub manifest: &'a Manifest,
    /// The files beside it.
    pub files: &'a [ReleasedFile],
    /// What is known of the whole, as names and values.
    pub facts: &'a [(String, String)],
    /// What readers should know of samples and their ids.
    pub cautions: &'a [String],
    /// Tables with their headings: classes, splits.
    pub tables: &'a [(String, Grid)],
    /// What lint finds.
    pub findings: &'a [Finding],
}

/// A small table of text, its header first; what begins a column with a number stands right.
pub type Grid = Vec<Vec<String>>;

/// The README's text, in Markdown.
pub fn datasheet(sheet: &Datasheet) -> String {
    let manifest = sheet.manifest;
    let mut text = format!(
        "# {} {}\n\n{}\n\nLicense: {} · Published: {} · <{}>\n",
        manifest.name, manifest.version, manifest.description, manifest.license, manifest.date_published, manifest.url
    );
    let creators: Vec<&str> = manifest.creators.iter().map(|creator| creator.name.as_str()).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "By {}.", creators.join(", "));
    if let Some(cite_as) = &manifest.cite_as {
        let _ = write!(text, "\nPlease cite:\n\n```\n{cite_as}\n```\n");
    }
    text += &questions("Motivation", &["For what purpose was the dataset created, and by whom was it paid for?"]);
    text += "\n## Composition\n\nA sample is a group of packets with one id and one label. Each packet carries a comment \
             `sampleID,label[,key=value…]`, which tcpdump, tshark and Wireshark show.\n\n";
    text += &grid(&facts(sheet.facts));
    for caution in sheet.cautions {
        let _ = write!(text, "\n**Caution**: {}.\n", escaped(caution));
    }
    for (heading, table) in sheet.tables {
        let _ = write!(text, "\n### {heading}\n\n{}", grid(table));
    }
    text += &disallowed(manifest);
    text += &lint(sheet.findings);
    text += &questions(
        "Collection",
        &[
            "Where, when, how and by whom was the traffic captured? Who consented?",
            "Which devices, programs and versions made it?",
        ],
    );
    text += &questions(
        "Labelling and cleaning",
        &["How were labels made, and how were they checked?", "What was left out, cut or anonymised?"],
    );
    text += &questions("Uses", &["What may the dataset be used for, and what not?"]);
    let _ = write!(text, "\n## Files\n\n{}", grid(&files(sheet.files)));
    text += "\n`pcapml verify` checks all of it; `sha256sum -c SHA256SUMS` checks the bytes alone. `croissant.json` describes \
             the dataset for machines.\n";
    text += &questions("Maintenance", &["Who answers questions, and where are mistakes told?"]);
    text
}

/// How a question ends that only the authors can answer.
pub const TO_BE_ANSWERED: &str = "*(to be answered by the authors)*";

/// A heading with what only the authors can say.
fn questions(heading: &str, questions: &[&str]) -> String {
    let mut text = format!("\n## {heading}\n\n");
    for question in questions {
        let _ = writeln!(text, "- {question} {TO_BE_ANSWERED}");
    }
    text
}

fn facts(facts: &[(String, String)]) -> Grid {
    let header = vec![String::new(), String::new()];
    std::iter::once(header).chain(facts.iter().map(|(name, value)| vec![name.clone(), value.clone()])).collect()
}

fn disallowed(manifest: &Manifest) -> String {
    match manifest.disallow.is_empty() {
        true => String::new(),
        false => format!(
            "\n### Disallowed\n\nResults may not rest on these fields: `{}`. pcapml's readers zero them unless they are asked \
             not to.\n",
            manifest.disallow.join("`, `")
        ),
    }
}

fn lint(findings: &[Finding]) -> String {
    let mut text = "\n### What lint finds\n\n".to_owned();
    if findings.is_empty() {
        return text + "Nothing.\n";
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        for finding in findings.iter().filter(|finding| finding.severity == severity) {
            let _ = writeln!(text, "- **{}** {}: {}", severity.name(), finding.rule, escaped(&finding.evidence));
        }
    }
    text + "\nIn full, with ids and remedies: `lint.json`.\n"
}

fn files(files: &[ReleasedFile]) -> Grid {
    let header = ["File", "Bytes", "What"].map(str::to_owned).to_vec();
    let row = |file: &ReleasedFile| vec![file.name.clone(), file.size.to_string(), file.doc.clone()];
    std::iter::once(header).chain(files.iter().map(row)).collect()
}

/// A table of Markdown.
fn grid(rows: &Grid) -> String {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
        if at == 0 {
            let is_number = |column: usize| {
                let mut cells = rows.iter().skip(1).filter_map(|row| row.get(column));
                rows.len() > 1 && cells.all(|cell| cell.starts_with(|c: char| c.is_ascii_digit()))
            };
            let rule = |column| if is_number(column) { "---:" } else { "---" };
            let rules: Vec<&str> = (0..row.len()).map(rule).collect();
            let _ = writeln!(text, "| {} |", rules.join(" | "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_break_tables() {
        let rows = vec![vec!["label".to_owned(), "packets".to_owned()], vec!["a|b\n<c>".to_owned(), "12".to_owned()]];
        assert_eq!(grid(&rows), "| label | packets |\n| --- | ---: |\n| a\\|b \\<c\\> | 12 |\n");
    }
}
