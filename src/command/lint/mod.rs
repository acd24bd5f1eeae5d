//! `pcapml lint`: what a reviewer would find in a labelled capture.

mod listen;

use std::path::{Path, PathBuf};

use self::listen::Listener;
use super::{Context, Target, count};
use crate::capture::Item;
use crate::dataset::{Facts, Profiles, Wanted};
use crate::error::{Error, Result};
use crate::publish::lint::{self, Finding, Levels, Severity, Subject};
use crate::rule::Splits;
use crate::sample::header::{Header, Order};
use crate::sample::membership::Samples;
use crate::sink::{Output, TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// What to look at, and how to tell.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// A table of splits.
    pub splits: Option<PathBuf>,
    /// Where findings go.
    pub output: Target,
    /// How they are told.
    pub format: FindingFormat,
    /// What the user says of rules.
    pub levels: Levels,
    /// How much better than guessing a shortcut must predict labels, from 0 to 1.
    pub threshold: f64,
}

/// How much better than guessing a shortcut must predict labels to be told, if that is not said.
pub const THRESHOLD: f64 = 0.3;

impl Request {
    /// A request with every choice but these left at its default.
    pub fn new(input: &Path, levels: Levels) -> Self {
        Self {
            input: input.to_owned(),
            splits: None,
            output: Target { path: PathBuf::from("-"), force: false },
            format: FindingFormat::Text,
            levels,
            threshold: THRESHOLD,
        }
    }
}

/// How findings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingFormat {
    /// Lines for people.
    Text,
    /// A list of objects.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

/// Looks, and tells.
///
/// # Errors
/// A word that means no rule; input that cannot be read; findings that are errors.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    if let Some(word) = request.levels.unknown().next() {
        return Err(unknown(word));
    }
    let splits = request.splits.as_deref().map(Splits::read).transpose()?;
    let inputs = std::iter::once(&request.input).chain(&request.splits).cloned().collect();
    context.rules(&request.output, inputs).check(&request.output.path)?;
    let findings = findings(request, splits.as_ref(), context)?;
    write(request, &findings, context)?;
    conclude(&findings, context)
}

/// A word that means no rule.
pub(super) fn unknown(word: &str) -> Error {
    Error::request(format!("there is no rule or group '{word}'")).advise("see pcapml lint --rules")
}

/// Lists the rules: for people as text, because meanings are longer than the cells of a table.
///
/// # Errors
/// When writing fails.
pub fn list(format: TableFormat, context: &mut Context) -> Result<()> {
    if format == TableFormat::Aligned {
        return Ok(context.tables.write_all(lint::listing().as_bytes())?);
    }
    let columns = vec![
        Column::new("rule", ColumnKind::Text, "Its name."),
        Column::new("severity", ColumnKind::Text, "How bad its findings are."),
        Column::new("meaning", ColumnKind::Text, "What it finds."),
    ];
    let row = |rule: &lint::Rule| [rule.name, rule.severity.name(), rule.doc].map(|text| Value::Text(text.to_owned()));
    let table = Table { columns, rows: lint::rules().map(|rule| row(rule).to_vec()).collect() };
    write_table(&table, format, context.tables)
}

/// What is found in a labelled capture.
pub(super) fn findings(request: &Request, splits: Option<&Splits>, context: &Context) -> Result<Vec<Finding>> {
    let mut reader = context.open(&request.input)?;
    let header = Header::read(reader.section_options());
    let mut reading = Reading::new(header, &request.levels, context)?;
    // What is wrong with ids and the order are findings, not faults.
    context.each_item(&mut reader, false, |item| reading.item(item))?;
    reading.findings(request, splits)
}

/// What rules look at, while a capture is read.
pub(super) struct Reading {
    facts: Facts,
    profiles: Profiles,
    listener: Option<Listener>,
}

impl Reading {
    /// Nothing was read but the capture's header.
    pub(super) fn new(header: Option<Header>, levels: &Levels, context: &Context) -> Result<Self> {
        let in_runs = header.as_ref().and_then(|header| header.order).is_some_and(Order::is_contiguous);
        let listens = lint::asks_what_was_said(levels);
        let mut facts = Facts::new(Wanted { content: false, flows: true });
        facts.header = header;
        let listener = listens.then(|| Listener::new(in_runs, context)).transpose()?;
        Ok(Self { facts, profiles: Profiles::default(), listener })
    }

    /// Takes what stands next in the capture.
    pub(super) fn item(&mut self, item: &Item) -> Result<()> {
        match item {
            Item::Interface(interface, _) => {
                self.facts.interface(interface);
                self.profiles.capture.exposed.interface(interface);
            }
            Item::Packet(packet) => {
                self.facts.packet(packet);
                let (samples, flows) = self.facts.current();
                self.profiles.packet(packet, samples, flows);
                if let Some(listener) = &mut self.listener {
                    listener.packet(packet, samples)?;
                }
            }
            Item::Section(block) | Item::Other(block) => self.profiles.capture.exposed.block(block),
        }
        Ok(())
    }

    /// The samples that were met, and the numbers of those of the packet taken last.
    pub(super) fn samples(&self) -> (&Samples, &[usize]) {
        (self.facts.samples(), self.facts.current().0)
    }

    /// What is found in all that was read.
    pub(super) fn findings(self, request: &Request, splits: Option<&Splits>) -> Result<Vec<Finding>> {
        let Self { facts, mut profiles, listener } = self;
        if let Some(listener) = listener {
            profiles.said(listener.finish()?);
        }
        if facts.samples().all().is_empty() {
            let error = Error::request("no packet carries a label").in_file(&request.input);
            return Err(error.advise("pcapml label puts them there"));
        }
        if let Some(splits) = splits
            && facts.samples().all().iter().all(|sample| splits.of(sample.id).is_none())
        {
            let error = Error::request(format!("no sample of {} has a split", request.input.display()));
            let error = error.advise("the splits are of another capture");
            return Err(match &request.splits {
                Some(path) => error.in_file(path),
                None => error,
            });
        }
        let subject = Subject {
            facts: &facts,
            profiles: &profiles.each,
            capture: &profiles.capture,
            splits,
            threshold: request.threshold,
            kept: lint::Kept::default(),
        };
        Ok(lint::lint(&subject, &request.levels))
    }
}

fn write(request: &Request, findings: &[Finding], context: &mut Context) -> Result<()> {
    let json = |value: &serde_json::Value| format!("{value:#}\n");
    let text = match request.format {
        FindingFormat::Text => lint::text(findings),
        FindingFormat::Json => json(&lint::json(findings)),
        FindingFormat::Sarif => json(&lint::sarif(findings, &request.input.to_string_lossy())),
    };
    if request.output.path == Path::new("-") {
        return Ok(context.tables.write_all(text.as_bytes())?);
    }
    let mut output =
        Output::create(&request.output.path, &context.rules(&request.output, vec![request.input.clone()]))?;
    let plain = anstream::adapter::strip_str(&text).to_string();
    std::io::Write::write_all(&mut output, plain.as_bytes())?;
    output.commit()
}

/// Sums up; errors among the findings are one of the command.
fn conclude(findings: &[Finding], context: &Context) -> Result<()> {
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
    let [errors, warnings, notes] = [Severity::Error, Severity::Warning, Severity::Note].map(of);
    let text = format!("{}, {}, {}", count(errors, "error"), count(warnings, "warning"), count(notes, "note"));
    match errors {
        0 if findings.is_empty() => context.note("nothing was found"),
        0 => context.note(text),
        _ => return Err(Error::request(text).advise("mend what they name, or --allow the rule if it is meant so")),
    }
    Ok(())
}
