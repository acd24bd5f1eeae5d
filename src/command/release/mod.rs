//! `pcapml release`: a directory that others can check, cite and train on.
//!
//! The labelled capture, packed; what is known of each sample, as CSV and Parquet; lists of ids; what lint finds; and what
//! the dataset is, for people (README.md) and for machines (croissant.json). Of a challenge no file tells labels. The same
//! input gives the same bytes.

pub(super) mod captures;
pub(super) mod described;
pub(super) mod input;
pub(super) mod lists;
pub(super) mod named;
pub(super) mod origins;
pub(super) mod sums;
pub(super) mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use super::{Context, Target, count, lint};
use crate::dataset::Facts;
use crate::error::{Error, Result};
use crate::publish::croissant::{ReleasedFile, croissant};
use crate::publish::lint::{Finding, Levels, Severity, json, rules};
use crate::publish::lists::{self as list_files, ListHeader};
use crate::publish::manifest::Manifest;
pub(super) use crate::rule::CHALLENGE;
use crate::rule::Splits;
use crate::sample::header::APPLICATION;
use crate::sink::{Directory, OutputRules, RowFormat};
use described::Description;
use input::Input;
use origins::Origins;
use sums::sha256;
use tables::SampleTable;

/// How the names of captures in a release end.
pub(super) const CAPTURE: &str = ".pcapng.zst";

/// The manifest's name in a release.
pub(super) const MANIFEST: &str = "dataset.toml";

/// The description for machines.
pub(super) const CROISSANT: &str = "croissant.json";

/// The description for people.
pub(super) const README: &str = "README.md";

/// What lint found.
pub(super) const LINT: &str = "lint.json";

/// The table of samples.
pub(super) const SAMPLES: &str = "samples.csv";

/// The same as Parquet.
pub(super) const SAMPLES_PARQUET: &str = "samples.parquet";

/// What to release.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// The directory.
    pub output: Target,
    /// The table of splits.
    pub splits: PathBuf,
    /// What the authors say.
    pub manifest: PathBuf,
    /// The directory of the captures that samples come from.
    pub sources: Option<PathBuf>,
    /// The labels file that made the samples.
    pub labels: Option<PathBuf>,
    /// What the user says of lint's rules.
    pub levels: Levels,
}

/// Writes the directory.
///
/// # Errors
/// A manifest, table of splits or capture with defects; splits of samples that the capture lacks; what lint calls errors;
/// an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    check(request)?;
    let text = read(&request.manifest)?;
    let manifest = Manifest::parse(&text).map_err(|error| error.in_file(&request.manifest))?;
    let (splits, said) = Splits::read_with_text(&request.splits)?;
    let header = ListHeader::read(&said);
    let inputs = [&request.input, &request.splits, &request.manifest].into_iter().chain(&request.labels);
    let rules = context.rules(&request.output, inputs.cloned().collect());
    let directory = Directory::create_empty(&request.output.path, &rules)?;
    let input = Input::read(request, &splits, context)?;
    // Whatever cannot be read is told before much is written.
    let mut origins = Origins::new(request, &splits, &input.namespace)?;
    if splits.names().contains(CHALLENGE) {
        // What leaks from or into the challenge is seen here alone; all else in what is released.
        stop_at_errors(&lint(&request.input, &splits, &request.levels, context)?, request)?;
    }
    let path = directory.path();
    let release = Release { request, manifest: &manifest, splits: &splits, header, input: &input, path };
    let captures = release.captures(context)?;
    let table = SampleTable::new(&captures, &mut origins, context)?;
    release.write(MANIFEST, text.as_bytes())?;
    release.tells_of_no_challenge(&table, &text)?;
    let told = release.files(&table, &captures, context)?;
    directory.commit()?;
    context.note(told);
    Ok(())
}

/// Sees that what is asked for can be done.
fn check(request: &Request) -> Result<()> {
    if request.input == Path::new("-") {
        return Err(Error::request("a release reads its capture several times, and standard input can be read once")
            .advise("write it to a file first"));
    }
    match request.levels.unknown().next() {
        Some(word) => Err(lint::unknown(word)),
        None => Ok(()),
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Error::from(error).in_file(path))
}

/// What lint finds in a capture.
fn lint(capture: &Path, splits: &Splits, levels: &Levels, context: &Context) -> Result<Vec<Finding>> {
    lint::findings(&lint::Request::new(capture, levels.clone()), Some(splits), context)
}

/// A benchmark whose splits leak measures the leak.
fn stop_at_errors(findings: &[Finding], request: &Request) -> Result<()> {
    let level = |name: &str| rules().find(|rule| rule.name == name).and_then(|rule| request.levels.of(rule));
    let errors: Vec<&Finding> =
        findings.iter().filter(|finding| level(finding.rule) == Some(Severity::Error)).collect();
    let Some(first) = errors.first() else { return Ok(()) };
    let rules: Vec<&str> = errors.iter().map(|finding| finding.rule).collect();
    let found = count(errors.len() as u64, "error");
    let text = format!("lint finds {found} ({}): {}: {}", rules.join(", "), first.rule, first.evidence);
    Err(Error::request(text)
        .in_file(&request.input)
        .advise("see pcapml lint --splits; --allow RULE releases it all the same"))
}

/// A release under construction.
struct Release<'a> {
    request: &'a Request,
    manifest: &'a Manifest,
    splits: &'a Splits,
    /// What the table of splits says of itself.
    header: ListHeader,
    input: &'a Input,
    /// Where files are written.
    path: &'a Path,
}

impl Release<'_> {
    /// Everything but the captures and the manifest; what to tell at the end.
    fn files(&self, table: &SampleTable, captures: &[Facts], context: &Context) -> Result<String> {
        let rules = OutputRules { threads: context.threads, ..OutputRules::default() };
        table.write(&self.path.join(SAMPLES), RowFormat::Csv, &rules)?;
        table.write(&self.path.join(SAMPLES_PARQUET), RowFormat::Parquet, &rules)?;
        self.lists(table, context)?;
        // Of the released samples: what it tells of those of a challenge would tell their labels.
        // What the user says of rules decides what ends the release, and not what is told.
        let findings = lint(&self.capture(), &self.splits.without(CHALLENGE), &Levels::default(), context)?;
        stop_at_errors(&findings, self.request)?;
        self.write(LINT, format!("{:#}\n", json(&findings)).as_bytes())?;
        self.describe(table, captures, &findings)?;
        sums::write(self.path)?;
        let files = sums::names(self.path)?.len() as u64 + 1;
        Ok(format!("{} in {}", count(table.rows.len() as u64, "sample"), count(files, "file")))
    }

    /// Sees that neither the manifest nor what is said of other samples names one of the challenge.
    fn tells_of_no_challenge(&self, table: &SampleTable, manifest: &str) -> Result<()> {
        let hidden = self.splits.ids_of(CHALLENGE);
        let in_manifest = named::in_text(&hidden, manifest).into_iter().map(|said| (MANIFEST, said));
        let Some((name, said)) = in_manifest.chain(named::in_tables(&hidden, &self.header, table)).next() else {
            return Ok(());
        };
        let path = match name {
            MANIFEST => &self.request.manifest,
            list_files::SPLITS => &self.request.splits,
            _ => &self.request.input,
        };
        Err(Error::request(said).in_file(path).advise("what is said of it may be its label: leave it out"))
    }

    /// Says what the dataset is, for machines and for people.
    fn describe(&self, table: &SampleTable, captures: &[Facts], findings: &[Finding]) -> Result<()> {
        let files = self.described()?;
        let machine = croissant(self.manifest, &files, &self.splits.names(), &table.columns);
        self.write(CROISSANT, format!("{machine:#}\n").as_bytes())?;
        let description = Description {
            manifest: self.manifest,
            table,
            captures,
            left_out: self.input.unlabelled,
            made_with: APPLICATION,
            cautions: &self.input.cautions,
        };
        self.write(README, description.readme(&files, findings).as_bytes())
    }

    /// The capture of all samples whose labels are told.
    fn capture(&self) -> PathBuf {
        self.path.join(format!("{}{CAPTURE}", self.manifest.name))
    }

    fn write(&self, name: &str, text: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        fs::write(&path, text).map_err(|error| Error::from(error).in_file(path))
    }

    /// The files that are there, with their sizes and digests.
    fn described(&self) -> Result<Vec<ReleasedFile>> {
        let describe = |name: String| {
            let path = self.path.join(&name);
            let size = fs::metadata(&path).map_err(|error| Error::from(error).in_file(&path))?.len();
            Ok(ReleasedFile { size, sha256: sha256(&path)?, doc: meaning(&name).to_owned(), name })
        };
        sums::names(self.path)?.into_iter().map(describe).collect()
    }
}

/// What a file of a release is.
pub(super) fn meaning(name: &str) -> &'static str {
    match name {
        SAMPLES => "One row for each sample.",
        SAMPLES_PARQUET => "The same, with ids as unsigned 64-bit numbers.",
        list_files::SPLITS => "Which split, fold and group each sample belongs to.",
        list_files::CONTENTS => "The label and the digest of each sample: what the lists were made of.",
        MANIFEST => "What the authors say of the dataset.",
        LINT => "What pcapml lint finds.",
        _ if name.ends_with("-challenge.pcapng.zst") => "The samples of the challenge, without labels.",
        _ if name.ends_with(".pcapng.zst") => "The labelled capture.",
        _ => "The ids of a split.",
    }
}
