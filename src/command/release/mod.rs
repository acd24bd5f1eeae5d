//! `pcapml release`: a directory that others can check, cite and train on.
//!
//! The labelled capture, packed; what is known of each sample, as CSV and Parquet; lists of ids; what lint finds; and what
//! the dataset is, for people (README.md) and for machines (croissant.json). Of a challenge no file tells labels. The same
//! input gives the same bytes.

mod captures;
mod lists;
pub(super) mod origins;
pub(super) mod sums;
pub(super) mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Context, Target, count, lint};
use crate::dataset::Facts;
use crate::error::{Error, Result};
use crate::publish::croissant::{ReleasedFile, croissant, hex};
use crate::publish::datasheet::{Datasheet, datasheet};
use crate::publish::lint::{Finding, Levels, Severity};
use crate::publish::lists as list_files;
use crate::publish::manifest::Manifest;
use crate::rule::Splits;
use crate::sample::header::{APPLICATION, Header};
use crate::sink::{Directory, OutputRules, RowFormat};
use crate::time::Timestamp;
use origins::Origins;
use sums::sha256;
use tables::SampleTable;

/// How the names of captures in a release end.
pub(super) const CAPTURE: &str = ".pcapng.zst";

/// The split whose labels are not told.
pub(super) const CHALLENGE: &str = crate::publish::partition::CHALLENGE;

/// The manifest's name in a release.
pub(super) const MANIFEST: &str = "dataset.toml";

/// The description for machines.
pub(super) const CROISSANT: &str = "croissant.json";

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
    let text = fs::read_to_string(&request.manifest).map_err(|error| Error::from(error).in_file(&request.manifest))?;
    let manifest = Manifest::parse(&text).map_err(|error| error.in_file(&request.manifest))?;
    let splits = Splits::read(&request.splits)?;
    let inputs = [&request.input, &request.splits, &request.manifest].into_iter().chain(&request.labels);
    let rules = context.rules(&request.output, inputs.cloned().collect());
    let directory = Directory::create_empty(&request.output.path, &rules)?;
    stop_at_errors(&lint(request, &request.input, context)?, request)?;
    let release = Release { request, manifest: &manifest, splits: &splits, path: directory.path() };
    let captures = release.captures(context)?;
    let told = release.files(&captures, &text, context)?;
    directory.commit()?;
    context.note(told);
    Ok(())
}

/// What lint finds in a capture.
fn lint(request: &Request, capture: &Path, context: &Context) -> Result<Vec<Finding>> {
    let splits = Splits::read(&request.splits)?;
    lint::findings(&lint::Request::new(capture, request.levels.clone()), Some(&splits), context)
}

/// A benchmark whose splits leak measures the leak.
fn stop_at_errors(findings: &[Finding], request: &Request) -> Result<()> {
    let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let Some(first) = errors.first() else { return Ok(()) };
    let text = format!("lint finds {}: {}: {}", count(errors.len() as u64, "error"), first.rule, first.evidence);
    Err(Error::request(text)
        .in_file(&request.input)
        .advise("see pcapml lint --splits; --allow RULE releases it all the same"))
}

/// A release under construction.
struct Release<'a> {
    request: &'a Request,
    manifest: &'a Manifest,
    splits: &'a Splits,
    /// Where files are written.
    path: &'a Path,
}

impl Release<'_> {
    /// Everything but the captures; what to tell at the end.
    fn files(&self, captures: &[Facts], manifest: &str, context: &mut Context) -> Result<String> {
        let namespace = self.namespace()?;
        let mut origins = Origins::new(self.request, self.splits, &namespace)?;
        let table = SampleTable::new(captures, &mut origins, context)?;
        self.check(&table)?;
        let rules = OutputRules { threads: context.threads, ..OutputRules::default() };
        table.write(&self.path.join(SAMPLES), RowFormat::Csv, &rules)?;
        table.write(&self.path.join(SAMPLES_PARQUET), RowFormat::Parquet, &rules)?;
        self.lists(&table)?;
        self.write(MANIFEST, manifest)?;
        // Of the released samples: what it tells of those of a challenge would tell their labels.
        let findings = lint(self.request, &self.capture(), context)?;
        self.write("lint.json", &format!("{:#}\n", crate::publish::lint::json(&findings)))?;
        self.describe(&table, captures, &findings)?;
        sums::write(self.path)?;
        let files = sums::names(self.path)?.len() as u64 + 1;
        Ok(format!("{} in {}", count(table.rows.len() as u64, "sample"), count(files, "file")))
    }

    /// Says what the dataset is, for machines and for people.
    fn describe(&self, table: &SampleTable, captures: &[Facts], findings: &[Finding]) -> Result<()> {
        let files = self.described()?;
        let machine = croissant(self.manifest, &files, &self.split_names(), &table.columns);
        self.write(CROISSANT, &format!("{machine:#}\n"))?;
        let (facts, tables) = (self.facts(table, captures), table.grids());
        let sheet = Datasheet { manifest: self.manifest, files: &files, facts: &facts, tables: &tables, findings };
        self.write("README.md", &datasheet(&sheet))
    }

    /// The capture of all samples whose labels are told.
    fn capture(&self) -> PathBuf {
        self.path.join(format!("{}{CAPTURE}", self.manifest.name))
    }

    /// In which ids were made.
    fn namespace(&self) -> Result<String> {
        let reader = crate::capture::Reader::open(&self.request.input, 1)?;
        Ok(Header::read(reader.section_options()).and_then(|header| header.dataset).unwrap_or_default())
    }

    /// Sees that the lists are of these samples.
    fn check(&self, table: &SampleTable) -> Result<()> {
        let released = table.rows.iter().filter(|row| row.origin.split.is_some()).count();
        let absent = self.splits.len() - released;
        if absent > 0 {
            return Err(Error::request(format!("{} not in the capture", count(absent as u64, "id")))
                .in_file(&self.request.splits)
                .advise("is it of this capture? See pcapml check"));
        }
        Ok(())
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
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

    /// The splits that there are.
    fn split_names(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.splits.iter().map(|(_, of)| of.split.as_str()).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// What is known of the whole.
    fn facts(&self, table: &SampleTable, captures: &[Facts]) -> Vec<(String, String)> {
        let total = table.total();
        let time = |time: Option<Timestamp>| {
            time.map_or_else(|| "unknown".to_owned(), |time| time.rfc3339().unwrap_or_else(|| time.to_string()))
        };
        let link_types: BTreeSet<String> =
            captures.iter().flat_map(Facts::each).flat_map(|(_, of)| &of.link_types).map(ToString::to_string).collect();
        let unlabelled: u64 = captures.iter().map(|facts| facts.unlabelled.packets).sum();
        let facts = [
            ("Samples", table.rows.len().to_string()),
            ("Packets", total.packets.to_string()),
            ("Bytes on the wire", total.bytes.to_string()),
            ("First packet", time(total.first)),
            ("Last packet", time(total.last)),
            ("Link types", link_types.into_iter().collect::<Vec<_>>().join(", ")),
            ("Packets of no sample", unlabelled.to_string()),
            ("SHA-256 of dataset.toml", hex(&self.manifest.sha256)),
            ("Made with", APPLICATION.to_owned()),
        ];
        facts.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }
}

/// What a file of a release is.
fn meaning(name: &str) -> &'static str {
    match name {
        SAMPLES => "One row for each sample.",
        SAMPLES_PARQUET => "The same, with ids as unsigned 64-bit numbers.",
        list_files::SPLITS => "Which split, fold and group each sample belongs to.",
        list_files::CONTENTS => "The label and the digest of each sample: what the lists were made of.",
        MANIFEST => "What the authors say of the dataset.",
        "lint.json" => "What pcapml lint finds.",
        _ if name.ends_with("-challenge.pcapng.zst") => "The samples of the challenge, without labels.",
        _ if name.ends_with(".pcapng.zst") => "The labelled capture.",
        _ => "The ids of a split.",
    }
}
