//! `pcapml check`: whether a labelled capture is sound, and still what its lists say.
//!
//! The capture is read once. What each finding means is decided by [`crate::publish::check`]; a finding is a fault of the
//! input, so that the exit status tells scripts.

mod against;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::samples::shown_names;
use super::{Context, count, facts};
use crate::dataset::{Facts, Wanted};
use crate::error::{Error, Result, Shown};
use crate::packet::{Packet, SampleId};
use crate::publish::check::{Finding, Kind, Memberships, Outcome, Present, check};
use crate::sample::comment;
use crate::sink::{TableFormat, write_table};
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
    let against = against::read(request, context)?;
    let of = against.memberships();
    let mut comments = Comments::default();
    let mut shared = Finding::of(Kind::Shared, []);
    let facts =
        facts::read_with(&request.input, Wanted { content: true, flows: false }, context, |packet, samples| {
            comments.packet(packet);
            if samples.len() > 1 && is_parted(packet, &of) {
                shared.add(format!("packet {}", packet.number));
            }
            Ok(())
        })?;
    let outcome = check(&present(&facts), &against, &of)?;
    let mut findings = vec![conflicts(&facts), comments.found];
    findings.extend(unlabelled(&facts, request, context));
    findings.extend((!of.is_empty()).then_some(shared));
    findings.extend(outcome.findings.iter().cloned());
    write_table(&table(&findings), request.format, context.tables)?;
    tell(request, &facts, &findings, &outcome, context);
    Ok(())
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

/// True if a packet is in samples of two splits.
fn is_parted(packet: &Packet, of: &Memberships) -> bool {
    of.part(packet.comments().filter_map(comment::parse).map(|label| label.sample.id))
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
    let is_listed = request.splits.is_some() || request.samples.is_some() || !request.lists.is_empty();
    if !outcome.compared && is_listed {
        context.note("labels and packets were not compared: there is no sample table to compare with (--samples)");
    }
    tell_untold(request, outcome, context);
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
        let what = if is_listed && outcome.is_partial() { " in what was compared" } else { "" };
        context.note(format!("{}: {samples}, nothing wrong{what}", Shown(input)));
    }
}

/// Tells what the sample table does not.
fn tell_untold(request: &Request, outcome: &Outcome, context: &Context) {
    let Some(table) = request.table() else { return };
    let table = Shown(&table);
    context.note_any(outcome.untold_labels, "sample", format!("without a label in {table}: labels not compared"));
    let advice = "contents.csv of pcapml partition has it";
    let what = format!("without a sha256 in {table}: packets not compared; {advice}");
    context.note_any(outcome.untold_content, "sample", what);
}

fn fault(finding: &Finding) -> Error {
    let mut text = finding.kind.counted(finding.count);
    if !finding.first.is_empty() {
        text.push_str(&format!(": {}", finding.first.join(", ")));
    }
    if finding.count > finding.first.len() as u64 && !finding.first.is_empty() {
        text.push_str(&format!(" and {} more", finding.count - finding.first.len() as u64));
    }
    let fault = Error::labels(text);
    match finding.kind {
        Kind::Unlabelled => fault.advise("give --allow-unlabeled if that is meant"),
        Kind::Shared => fault.advise("what is learned from would be tested on; pcapml lint names the samples"),
        Kind::Counts => fault.advise("the table of splits was changed after it was made"),
        Kind::Content | Kind::Table => {
            fault.advise("packets count in their order: was the capture sorted since the lists were made?")
        }
        _ => fault,
    }
}
