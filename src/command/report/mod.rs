//! `pcapml report`: one page that shows what a labelled capture is.
//!
//! The capture is read once, for the charts and for lint; of its packets nothing is kept. What the charts need of a sample
//! is some 50 bytes beside what lint needs, what a class needs is bounded (`class::ClassStats`), and so is what is known of talkers (`heavy::Heavy`). The file's bytes are read for its
//! SHA-256, by which a reader knows that the page is about it; a pipe has none.

mod census;
mod class;
mod facts;
mod heavy;
mod histogram;
mod opening;
mod times;

use std::io::Write;
use std::path::{Path, PathBuf};

use super::release::sums::sha256;
use super::{Context, Target, count, lint};
use crate::capture::{Format, Item};
use crate::error::Result;
use crate::packet::Sample;
use crate::publish::croissant::hex;
use crate::publish::lint::{self as lint_rules, Levels};
use crate::report::{Facts, Finding, Leak, Severity, page};
use crate::rule::Splits;
use crate::sample::fields;
use crate::sample::header::{Header, Order};
use crate::sample::membership::Runs;
use crate::sink::Output;
use census::Census;

/// Names of fields that are listed.
const FIELDS: usize = 20;

/// What to show, and where.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// The page.
    pub output: Target,
    /// The splits of its samples.
    pub splits: Option<PathBuf>,
    /// What the page is called; the dataset's name, or the file's, if that is not given.
    pub title: Option<String>,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

/// Writes the page.
///
/// # Errors
/// A capture that cannot be opened; a table of splits with a defect; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let splits = request.splits.as_deref().map(Splits::read).transpose()?;
    let mut reader = context.open(&request.input)?;
    let inputs = std::iter::once(request.input.clone()).chain(request.splits.clone()).collect();
    let mut output = Output::create(&request.output.path, &context.rules(&request.output, inputs))?;
    let header = Header::read(reader.section_options());
    let (format, is_packed) = (reader.format(), reader.is_packed());
    let mut runs = Runs::new(header.as_ref());
    let mut census = Census::default();
    let mut reading = lint::Reading::new(header.clone(), &Levels::default(), context)?;
    context.each_item(&mut reader, request.strict, |item| {
        reading.item(item)?;
        if let Item::Packet(packet) = item {
            if let Err(error) = runs.packet(packet) {
                context.fault(&error.in_file(&request.input));
            }
            let (samples, current) = reading.samples();
            census.packet(packet, samples.all(), current);
        }
        Ok(())
    })?;
    let (samples, _) = reading.samples();
    context.tell_conflicts(samples, Some(&request.input));
    context.refuse_faults(request.strict, false)?;
    if samples.all().is_empty() {
        context.note("no packet carries a label: pcapml label puts them there");
    }
    let about = about(request, header.as_ref(), (format, is_packed), samples.all())?;
    let mut facts = facts::facts(census, samples.all(), splits.as_ref());
    facts.title = title(request, header.as_ref());
    facts.about = about;
    look(request, splits.as_ref(), reading, &mut facts)?;
    let page = page(&facts)?;
    output.write_all(page.as_bytes())?;
    output.commit()?;
    let (samples, classes) = (count(facts.totals.samples, "sample"), count(facts.totals.classes, "class"));
    context.note(format!("a page of {samples}, {classes}, {} kB", page.len() / 1000));
    Ok(())
}

/// What lint finds, and of that what splits share.
fn look(request: &Request, splits: Option<&Splits>, reading: lint::Reading, facts: &mut Facts) -> Result<()> {
    if facts.totals.samples == 0 {
        facts.notes.push("Lint was not asked: there are no samples.".to_owned());
        return Ok(());
    }
    let asked =
        lint::Request { splits: request.splits.clone(), ..lint::Request::new(&request.input, Levels::default()) };
    let found = reading.findings(&asked, splits)?;
    for finding in &found {
        let (samples, evidence) = (finding.ids.len() as u64, finding.evidence.clone());
        if let Some(what) = finding.rule.strip_prefix("leak-") {
            facts.leaks.push(Leak { what: what.replace('-', " "), samples, evidence: evidence.clone() });
        }
        facts.findings.push(Finding {
            rule: finding.rule.to_owned(),
            severity: match finding.severity {
                lint_rules::Severity::Error => Severity::Error,
                lint_rules::Severity::Warning => Severity::Warning,
                lint_rules::Severity::Note => Severity::Note,
            },
            ids: samples,
            evidence,
            remedy: finding.remedy.clone(),
        });
    }
    Ok(())
}

fn title(request: &Request, header: Option<&Header>) -> String {
    let named = header.and_then(|header| header.dataset.clone()).filter(|name| !name.is_empty());
    request.title.clone().or(named).unwrap_or_else(|| file_name(&request.input))
}

/// Without the directories before it: a page is published, and they are nobody's business.
fn file_name(path: &Path) -> String {
    match path == Path::new("-") {
        true => "standard input".to_owned(),
        false => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

/// What there is to say of the file.
fn about(
    request: &Request,
    header: Option<&Header>,
    (format, is_packed): (Format, bool),
    samples: &[Sample],
) -> Result<Vec<(String, String)>> {
    let mut about = vec![("file".to_owned(), file_name(&request.input))];
    let mut tell = |name: &str, value: String| about.push((name.to_owned(), value));
    if let Some(digest) = digest(&request.input)? {
        tell("SHA-256", digest);
    }
    let name = match format {
        Format::Pcapng => "pcapng",
        Format::Pcap => "pcap",
    };
    tell("format", if is_packed { format!("{name}, packed") } else { name.to_owned() });
    if let Some(dataset) = header.and_then(|header| header.dataset.clone()) {
        tell("dataset", dataset);
    }
    let order = match header.and_then(|header| header.order) {
        Some(Order::Id) => "samples by id, packets of each by time",
        Some(Order::Contiguous) => "each sample in one run",
        Some(Order::Time) => "packets by time",
        None => "not told by the file",
    };
    tell("order", order.to_owned());
    let fields = fields::names(samples);
    if !fields.is_empty() {
        let more = fields.len().saturating_sub(FIELDS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        tell("fields", fields[..fields.len().min(FIELDS)].join(", ") + &more);
    }
    Ok(about)
}

/// The SHA-256 of a file, in hexadecimal; none of what is no file.
fn digest(path: &Path) -> Result<Option<String>> {
    if path == Path::new("-") || !path.is_file() {
        return Ok(None);
    }
    Ok(Some(hex(&sha256(path)?)))
}
