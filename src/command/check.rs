//! `pcapml check`: whether a labelled capture is sound, and still what its lists say.
//!
//! The capture is read once. What each finding means is decided by [`crate::publish::check`]; a finding is a fault of the
//! input, so that the exit status tells scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::samples::shown_names;
use super::{Context, count, facts};
use crate::dataset::{Facts, Wanted};
use crate::error::{Error, Result, Shown};
use crate::packet::{Packet, SampleId};
use crate::publish::check::{Against, Finding, Kind, Outcome, Present, check};
use crate::publish::lists::{CHALLENGE_LABELS, CONTENTS, ListHeader, digest};
use crate::rule::{IdList, SampleTable, Splits};
use crate::sample::comment;
use crate::sink::{TableFormat, directory_of, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// What to check, against what.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// A table `sample_id,split`.
    pub splits: Option<PathBuf>,
    /// The sample table; `contents.csv` beside the table of splits, if it is there and no other is named.
    pub samples: Option<PathBuf>,
    /// Lists of ids.
    pub lists: Vec<PathBuf>,
    /// The capture holds samples of these splits only; of all, if none is named.
    pub asked: Vec<String>,
    /// Packets of no sample are no fault.
    pub allow_unlabelled: bool,
    /// How findings are printed.
    pub format: TableFormat,
}

/// Checks a capture. Each kind of finding is a row of the table.
///
/// # Errors
/// An input that cannot be read; a table or list with a defect.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let against = against(request, context)?;
    let mut comments = Comments::default();
    let facts = facts::read_with(&request.input, Wanted { content: true, flows: false }, context, |packet, _| {
        comments.packet(packet);
        Ok(())
    })?;
    let outcome = check(&present(&facts), &against)?;
    let mut findings = vec![conflicts(&facts), comments.found];
    findings.extend(unlabelled(&facts, request, context));
    findings.extend(outcome.findings.iter().cloned());
    write_table(&table(&findings), request.format, context.tables)?;
    tell(request, &facts, &findings, &outcome, context);
    Ok(())
}

/// Reads what the capture is held against; files that belong together and do not are told.
fn against(request: &Request, context: &Context) -> Result<Against> {
    let mut against = Against { asked: request.asked.clone(), ..Against::default() };
    if let Some(path) = &request.splits {
        read_splits(path, &mut against)?;
    }
    let beside = request.splits.as_deref().map(directory_of);
    let neighbour = |name: &str| beside.map(|beside| beside.join(name)).filter(|path| path.is_file());
    if let Some(path) = request.samples.clone().or_else(|| neighbour(CONTENTS)) {
        read_samples(&path, &mut against, context)?;
    }
    against.challenge = neighbour(CHALLENGE_LABELS).as_deref().map(SampleTable::read).transpose()?;
    for path in &request.lists {
        read_list(path, &mut against, context)?;
    }
    Ok(against)
}

fn read_splits(path: &Path, against: &mut Against) -> Result<()> {
    let bytes = read(path)?;
    let rows = Splits::rows(&bytes).map_err(|error| error.in_file(path))?;
    let there: BTreeSet<&str> =
        rows.iter().filter_map(|row| row.membership.as_ref()).map(|of| of.split.as_str()).collect();
    if let Some(absent) = against.asked.iter().find(|asked| !there.contains(asked.as_str())) {
        let there: Vec<String> = there.into_iter().map(str::to_owned).collect();
        return Err(Error::labels(format!("no sample is in a split '{absent}'"))
            .in_file(path)
            .advise(format!("there are: {}", shown_names(&there))));
    }
    against.table = ListHeader::read(&String::from_utf8_lossy(&bytes)).table;
    against.splits = Some(rows);
    Ok(())
}

fn read_samples(path: &Path, against: &mut Against, context: &Context) -> Result<()> {
    let bytes = read(path)?;
    against.samples = Some(SampleTable::parse(&bytes).map_err(|error| error.in_file(path))?);
    let here = digest(&bytes);
    if let Some(other) = against.table.as_ref().filter(|table| **table != here) {
        let fault =
            Error::labels(format!("not the sample table that the splits were made with, whose SHA-256 is {other}"));
        context.fault(&fault.in_file(path));
    }
    against.table = Some(here);
    Ok(())
}

fn read_list(path: &Path, against: &mut Against, context: &Context) -> Result<()> {
    let list = IdList::read(path)?;
    let header = ListHeader::read(&list.text);
    if let (Some(one), Some(other)) = (&header.table, &against.table)
        && one != other
    {
        let fault = Error::labels(format!("the list of another sample table, whose SHA-256 is {one}"));
        context.fault(&fault.in_file(path));
    }
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ids = list.ids.into_iter().map(|(id, _)| id).collect();
    against.lists.push((header.split.unwrap_or_else(stem), ids));
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::from(error).in_file(path))
}

/// The samples by id; of an id of two samples, the first.
fn present(facts: &Facts) -> BTreeMap<SampleId, Present> {
    let mut present = BTreeMap::new();
    for (sample, of) in facts.each() {
        // Digests were asked for: every sample has one.
        let content = of.content().unwrap_or_default();
        present.entry(sample.id).or_insert_with(|| Present { label: sample.label.clone(), content });
    }
    present
}

/// Comments that look like labels and are none.
#[derive(Debug)]
struct Comments {
    found: Finding,
    /// The comment before, and whether it is one: neighbours mostly say the same.
    last: (Vec<u8>, bool),
}

impl Default for Comments {
    fn default() -> Self {
        Self { found: Finding::of(Kind::Unparsed, []), last: (Vec::new(), false) }
    }
}

impl Comments {
    fn packet(&mut self, packet: &Packet) {
        for text in packet.comments() {
            if self.last.0 != text {
                self.last = (text.to_owned(), comment::is_broken_label(text));
            }
            if self.last.1 {
                self.found.add(format!("packet {}", packet.number));
            }
        }
    }
}

fn conflicts(facts: &Facts) -> Finding {
    Finding::of(Kind::Conflict, facts.samples().conflicts().into_iter().map(|(id, ..)| id))
}

fn unlabelled(facts: &Facts, request: &Request, context: &Context) -> Option<Finding> {
    let packets = facts.unlabelled.packets;
    if request.allow_unlabelled {
        context.note_any(packets, "packet", "of no sample");
        return None;
    }
    Some(Finding { kind: Kind::Unlabelled, count: packets, first: Vec::new() })
}

fn table(findings: &[Finding]) -> Table {
    let columns = vec![
        Column::new("finding", ColumnKind::Text, "What was looked for."),
        Column::new("count", ColumnKind::Count, "How often it was found."),
        Column::new("first", ColumnKind::Text, "The first of them."),
    ];
    let row = |finding: &Finding| {
        vec![
            Value::Text(finding.kind.name().to_owned()),
            Value::Count(finding.count),
            Value::from(Some(finding.first.join(" ")).filter(|first| !first.is_empty())),
        ]
    };
    Table { columns, rows: findings.iter().map(row).collect() }
}

fn tell(request: &Request, facts: &Facts, findings: &[Finding], outcome: &Outcome, context: &Context) {
    let input = &request.input;
    if !outcome.labels && (request.splits.is_some() || !request.lists.is_empty()) {
        context.note("labels and packets were not compared: there is no sample table to compare with (--samples)");
    }
    if outcome.apart > 0 {
        context.note(format!(
            "none of the {} of the challenge is in it: they are taken to stand in a capture of their own (--split challenge)",
            count(outcome.apart, "sample")
        ));
    }
    if outcome.withheld > 0 {
        context.note(format!("the labels of {} are kept back: not compared", count(outcome.withheld, "sample")));
    }
    for finding in findings.iter().filter(|finding| finding.count > 0) {
        context.fault(&fault(finding).in_file(input));
    }
    if context.faults() == 0 {
        let samples = count(facts.samples().all().len() as u64, "sample");
        context.note(format!("{}: {samples}, nothing wrong", Shown(input)));
    }
}

fn fault(finding: &Finding) -> Error {
    let mut text = format!("{} {}", finding.count, finding.kind.name());
    if !finding.first.is_empty() {
        text.push_str(&format!(": {}", finding.first.join(", ")));
    }
    if finding.count > finding.first.len() as u64 && !finding.first.is_empty() {
        text.push_str(&format!(" and {} more", finding.count - finding.first.len() as u64));
    }
    let fault = Error::labels(text);
    match finding.kind {
        Kind::Unlabelled => fault.advise("give --allow-unlabeled if that is meant"),
        Kind::Content | Kind::Table => {
            fault.advise("packets count in their order: was the capture sorted since the lists were made?")
        }
        _ => fault,
    }
}
