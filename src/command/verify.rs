//! `pcapml verify`: checks a release against itself, down to the last packet.
//!
//! The digests of its files; the captures' samples against samples.csv; that against samples.parquet, splits.csv and the
//! lists; what croissant.json and the captures' headers say. Everything that is wrong is told; a release is right if
//! nothing is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::release::sums::{self, sha256};
use super::release::{CAPTURE, CHALLENGE, CROISSANT, MANIFEST, SAMPLES, SAMPLES_PARQUET};
use super::{Context, count, facts};
use crate::dataset::{Facts, SampleFacts, Wanted};
use crate::error::{Error, Result};
use crate::packet::{Sample, SampleId};
use crate::publish::croissant::hex;
use crate::publish::lists::{CHALLENGE_LABELS, SPLITS};
use crate::publish::manifest::Manifest;
use crate::rule::{IdList, Splits};
use crate::sink::parquet_as_csv;

/// What to check.
#[derive(Debug, Clone)]
pub struct Request {
    /// A release.
    pub directory: PathBuf,
}

/// Checks a release. Whatever is wrong is a fault that is told.
///
/// # Errors
/// A directory that is no release: one of its files is missing or cannot be read at all.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let release = Release { path: &request.directory };
    let files = release.digests(context)?;
    let table = Rows::read(&release.file(SAMPLES))?;
    release.captures(&table, context)?;
    release.parquet(context)?;
    release.lists(&table, context)?;
    release.croissant(context)?;
    if context.faults() == 0 {
        let (files, samples) = (count(files, "file"), count(table.rows.len() as u64, "sample"));
        context.note(format!("{files} and {samples} are what they are said to be"));
    }
    Ok(())
}

/// What samples.csv says of samples, as text.
struct Rows {
    rows: BTreeMap<SampleId, BTreeMap<String, String>>,
}

impl Rows {
    fn read(path: &Path) -> Result<Self> {
        let broken = |error: csv::Error| Error::labels(error.to_string()).in_file(path);
        let mut reader = csv::Reader::from_path(path).map_err(broken)?;
        let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        let mut rows = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            let line = record.position().map_or(0, csv::Position::line);
            let row: BTreeMap<String, String> = names.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
            let id = row.get("sample_id").and_then(|id| id.parse().ok());
            let id = id.ok_or_else(|| Error::labels("no sample id").at_line(line, Some(1)).in_file(path))?;
            if rows.insert(id, row).is_some() {
                return Err(Error::labels(format!("sample {id} has a row already")).at_line(line, None).in_file(path));
            }
        }
        Ok(Self { rows })
    }

    fn cell(&self, id: SampleId, name: &str) -> Option<&str> {
        self.rows.get(&id)?.get(name).map(String::as_str)
    }
}

/// A release.
struct Release<'a> {
    path: &'a Path,
}

impl Release<'_> {
    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Tells that a file is not what it should be.
    fn fault(&self, name: &str, what: impl Into<String>, context: &Context) {
        context.fault(&Error::malformed(what).in_file(self.file(name)));
    }

    /// Checks the digests of all files; how many there are.
    fn digests(&self, context: &Context) -> Result<u64> {
        let said = sums::read(self.path)?;
        let there = sums::names(self.path)?;
        for (name, digest, _) in &said {
            context.stop_if_asked()?;
            match there.contains(name) {
                false => self.fault(name, format!("{} names it, and it is not there", sums::NAME), context),
                true if hex(&sha256(&self.file(name))?) != *digest => {
                    self.fault(name, format!("its SHA-256 is not the one in {}", sums::NAME), context);
                }
                true => {}
            }
        }
        for name in there.iter().filter(|name| !said.iter().any(|(known, ..)| known == *name)) {
            self.fault(name, format!("{} does not name it", sums::NAME), context);
        }
        if there.iter().any(|name| name == CHALLENGE_LABELS) {
            self.fault(CHALLENGE_LABELS, "the labels of the challenge are not to be published", context);
        }
        Ok(there.len() as u64)
    }

    /// Checks every sample of the captures, and what the captures say of their dataset.
    fn captures(&self, table: &Rows, context: &Context) -> Result<()> {
        let path = self.file(MANIFEST);
        let text = fs::read_to_string(&path).map_err(|error| Error::from(error).in_file(&path))?;
        let manifest = Manifest::parse(&text).map_err(|error| error.in_file(&path))?;
        let mut met = BTreeSet::new();
        for name in sums::names(self.path)?.iter().filter(|name| name.ends_with(CAPTURE)) {
            let facts = facts::read(&self.file(name), Wanted { content: true, flows: false }, context)?;
            self.header(name, &facts, &manifest, context);
            for (sample, of) in facts.each() {
                if !met.insert(sample.id) {
                    self.fault(name, format!("sample {} is in another capture too", sample.id), context);
                }
                if let Some(wrong) = disagreement(sample, of, table) {
                    self.fault(name, format!("sample {}: {wrong}", sample.id), context);
                }
            }
        }
        for id in table.rows.keys().filter(|id| !met.contains(id)) {
            self.fault(SAMPLES, format!("no capture holds sample {id}"), context);
        }
        Ok(())
    }

    /// Checks what a capture says of its dataset.
    fn header(&self, name: &str, facts: &Facts, manifest: &Manifest, context: &Context) {
        let header = facts.header.clone().unwrap_or_default();
        let said = |key: &str| header.others.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let pairs = [
            ("dataset", header.dataset.clone().unwrap_or_default(), manifest.name.clone()),
            ("version", said("version"), manifest.version.clone()),
            ("manifest_sha256", said("manifest_sha256"), hex(&manifest.sha256)),
        ];
        for (key, said, wanted) in pairs.into_iter().filter(|(_, said, wanted)| said != wanted) {
            self.fault(name, format!("its header says {key} '{said}', and {MANIFEST} '{wanted}'"), context);
        }
    }

    /// Checks that both tables say the same.
    fn parquet(&self, context: &Context) -> Result<()> {
        let path = self.file(SAMPLES);
        let csv = fs::read(&path).map_err(|error| Error::from(error).in_file(&path))?;
        match parquet_as_csv(&self.file(SAMPLES_PARQUET)) {
            Ok(parquet) if parquet == csv => {}
            Ok(_) => self.fault(SAMPLES_PARQUET, format!("it does not say what {SAMPLES} says"), context),
            Err(error) => context.fault(&error),
        }
        Ok(())
    }

    /// Checks that the lists say what the table of samples says.
    fn lists(&self, table: &Rows, context: &Context) -> Result<()> {
        let splits = Splits::read(&self.file(SPLITS))?;
        let mut members: BTreeMap<&str, BTreeSet<SampleId>> = BTreeMap::new();
        for (id, of) in splits.iter() {
            members.entry(&of.split).or_default().insert(id);
        }
        for &id in table.rows.keys() {
            let said = table.cell(id, "split").unwrap_or_default();
            if splits.of(id).unwrap_or_default() != said {
                self.fault(SPLITS, format!("sample {id}: {SAMPLES} says the split is '{said}'"), context);
            }
        }
        for (id, of) in splits.iter().filter(|(id, _)| !table.rows.contains_key(id)) {
            self.fault(SPLITS, format!("sample {id} of '{}' is not in {SAMPLES}", of.split), context);
        }
        for (split, ids) in members {
            let name = format!("{split}.txt");
            match IdList::read(&self.file(&name)) {
                Ok(list) if list.ids.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>() == ids => {}
                Ok(_) => self.fault(&name, format!("its ids are not those of '{split}' in {SPLITS}"), context),
                Err(error) => context.fault(&error),
            }
        }
        Ok(())
    }

    /// Checks what is said of files for machines.
    fn croissant(&self, context: &Context) -> Result<()> {
        let path = self.file(CROISSANT);
        let text = fs::read_to_string(&path).map_err(|error| Error::from(error).in_file(&path))?;
        let said: Value =
            serde_json::from_str(&text).map_err(|error| Error::malformed(error.to_string()).in_file(&path))?;
        for file in said["distribution"].as_array().into_iter().flatten() {
            let (name, digest) = (file["contentUrl"].as_str().unwrap_or_default(), file["sha256"].as_str());
            let is_there = sums::names(self.path)?.iter().any(|known| known == name);
            if !is_there || digest != Some(&hex(&sha256(&self.file(name))?)) {
                self.fault(CROISSANT, format!("what it says of '{name}' is not so"), context);
            }
        }
        Ok(())
    }
}

/// What the table says of a sample that is not so.
fn disagreement(sample: &Sample, of: &SampleFacts, table: &Rows) -> Option<String> {
    if !table.rows.contains_key(&sample.id) {
        return Some(format!("it has no row in {SAMPLES}"));
    }
    let hidden = table.cell(sample.id, "split") == Some(CHALLENGE);
    let label = if hidden { "" } else { &sample.label };
    let facts = [
        ("label", label.to_owned()),
        ("packets", of.tally.packets.to_string()),
        ("bytes", of.tally.bytes.to_string()),
        ("captured_bytes", of.captured.to_string()),
        ("sha256", of.content().map(|digest| hex(&digest)).unwrap_or_default()),
    ];
    let mut wrong = facts.into_iter().filter(|(name, fact)| table.cell(sample.id, name) != Some(fact));
    wrong.next().map(|(name, fact)| {
        let said = table.cell(sample.id, name).unwrap_or_default();
        format!("{SAMPLES} says {name} '{said}', the capture '{fact}'")
    })
}
