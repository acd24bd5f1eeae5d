//! `pcapml verify`: checks a release against itself, down to the last packet.
//!
//! What can be made anew is made anew, and compared byte by byte: of a release with a challenge the captures themselves, so
//! that no option, padding or block says what release would not have written; the lists and contents.csv from the captures and
//! splits.csv; samples.csv and samples.parquet; croissant.json from the manifest and the files; what lint finds. No file may be
//! there that a release does not have. Taken as they are: what splits.csv alone tells, of samples.csv where samples come from,
//! and of README.md the answers of its authors; in these no id of the challenge may stand. Of a release of another version
//! what may depend on it is not compared, and the last line says so. Everything that is wrong is told; a release is right if nothing is.

mod described;
mod files;
mod findings;
mod listed;
mod remade;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::release::captures::header_facts;
use super::release::origins::place_of;
use super::release::tables::SampleTable;
use super::release::{CAPTURE, LINT, MANIFEST, README, SAMPLES};
use super::{Context, count, facts};
use crate::capture::{Item, one_zstd_frame};
use crate::dataset::{Facts, Wanted};
use crate::error::{Error, Result};
use crate::packet::{Sample, SampleId};
use crate::publish::croissant::hex;
use crate::publish::lists::{ListHeader, SPLITS, WITHHELD};
use crate::publish::manifest::Manifest;
use crate::publish::partition::CHALLENGE;
use crate::publish::sample_table::{Origin, RULE, SOURCE, SOURCE_SHA256};
use crate::rule::{Splits, parse_digest};
use crate::sample::by_id::ById;
use crate::sample::header::Order;
use files::Files;
use remade::Remade;
use table::Told;

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
    let path = request.directory.as_path();
    let files = Files::read(path, context)?;
    let manifest = path.join(MANIFEST);
    let text = fs::read_to_string(&manifest).map_err(|error| Error::from(error).in_file(&manifest))?;
    let manifest = Manifest::parse(&text).map_err(|error| error.in_file(&manifest))?;
    let (splits, said) = Splits::read_with_text(&path.join(SPLITS))?;
    let made_with = described::made_with(path, &files)?;
    let release = Release { path, files: &files, manifest, splits, header: ListHeader::read(&said), made_with };
    release.names(context);
    let captures = release.captures(context)?;
    let told = Told::read(&path.join(SAMPLES))?;
    let table = SampleTable::of(&captures, |sample| Ok(release.origin(sample, &told)))?;
    release.table(&table, &told, context)?;
    release.lists(&table, context)?;
    release.described(&table, &captures, context)?;
    if context.faults() == 0 {
        let (files, samples) = (count(files.of.len() as u64, "file"), count(table.rows.len() as u64, "sample"));
        let but = match release.is_of_this_version() {
            true => String::new(),
            false => format!(", but {LINT} and {README} were made by another version and are not checked whole"),
        };
        context.note(format!("{files} and {samples} are what they are said to be{but}"));
    }
    Ok(())
}

/// A release.
struct Release<'a> {
    path: &'a Path,
    files: &'a Files,
    manifest: Manifest,
    splits: Splits,
    /// What splits.csv says of itself.
    header: ListHeader,
    /// The program that made it, by README.md; this one, if there is none.
    made_with: String,
}

impl Release<'_> {
    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.file(name);
        fs::read(&path).map_err(|error| Error::from(error).in_file(path))
    }

    /// Tells that a file is not what it should be.
    fn fault(&self, name: &str, what: impl Into<String>, context: &Context) {
        context.fault(&Error::malformed(what).in_file(self.file(name)));
    }

    /// Checks that a file, if it is there, is what is made anew, and tells the first line that is not.
    fn compare(&self, name: &str, made: &[u8], context: &Context) -> Result<()> {
        if !self.files.of.contains_key(name) {
            return Ok(());
        }
        let said = self.read(name)?;
        if said != made {
            let (number, said, made) = first_difference(&said, made);
            self.fault(name, format!("line {number}, made anew, is {made}, and there stands {said}"), context);
        }
        Ok(())
    }

    /// The samples of each split.
    fn members(&self) -> BTreeMap<&str, BTreeSet<SampleId>> {
        let mut members: BTreeMap<&str, BTreeSet<SampleId>> = BTreeMap::new();
        for (id, of) in self.splits.iter() {
            members.entry(&of.split).or_default().insert(id);
        }
        members
    }

    /// True if labels are kept back.
    fn has_challenge(&self) -> bool {
        self.splits.iter().any(|(_, of)| of.split == CHALLENGE)
    }

    /// The captures that are there, read; what they should not hold is told.
    fn captures(&self, context: &Context) -> Result<Vec<Facts>> {
        let name = &self.manifest.name;
        let mut captures = Vec::new();
        let mut met = BTreeSet::new();
        for (name, hidden) in [(format!("{name}{CAPTURE}"), false), (format!("{name}-{CHALLENGE}{CAPTURE}"), true)] {
            if !self.files.of.contains_key(&name) {
                continue;
            }
            let facts = self.capture(&name, hidden, context)?;
            for (sample, _) in facts.each() {
                self.sample(&name, hidden, sample, context);
                if !met.insert(sample.id) {
                    self.fault(&name, format!("sample {} is in another capture too", sample.id), context);
                }
            }
            captures.push(facts);
        }
        Ok(captures)
    }

    fn capture(&self, name: &str, hidden: bool, context: &Context) -> Result<Facts> {
        let path = self.file(name);
        if !one_zstd_frame(&path)? {
            self.fault(name, "it is not one frame of zstd: beside it anything may be told", context);
        }
        // Beside a challenge, and of it, a release writes blocks anew; else as they stand in the capture that is released.
        let is_anew = self.has_challenge();
        let said = header_facts(&self.manifest);
        let mut remade = Remade::new(hidden, &said);
        let wanted = Wanted { content: true, flows: false };
        let mut order = ById::default();
        let facts = facts::read_items(&path, wanted, context, |item: &Item, _| {
            if let Item::Packet(packet) = item {
                order.packet(packet);
            }
            if is_anew { remade.item(item) } else { Ok(()) }
        })?;
        if let Some(at) = remade.difference()? {
            let what = "is not what pcapml release writes there: it may tell labels of the challenge";
            self.fault(name, format!("byte {at} of what it unpacks to {what}"), context);
        }
        if facts.unlabelled.packets > 0 {
            let packets = count(facts.unlabelled.packets, "packet");
            self.fault(name, format!("{packets} of no sample, which no release has"), context);
        }
        self.header(name, &facts, context);
        self.order(name, &facts, order, context);
        Ok(facts)
    }

    /// Checks that a sample is in the capture that it belongs in.
    fn sample(&self, name: &str, hidden: bool, sample: &Sample, context: &Context) {
        let id = sample.id;
        let is_of_challenge = self.splits.of(id) == Some(CHALLENGE);
        match (hidden, is_of_challenge) {
            (false, true) => self.fault(name, format!("it tells the label of sample {id} of the challenge"), context),
            (true, false) => self.fault(name, format!("sample {id} is not of the challenge"), context),
            _ => {}
        }
        if hidden && (sample.label != WITHHELD || !sample.fields.is_empty()) {
            self.fault(name, format!("sample {id}: it tells more than its id"), context);
        }
    }

    /// Checks what a capture says of its dataset.
    fn header(&self, name: &str, facts: &Facts, context: &Context) {
        let header = facts.header.clone().unwrap_or_default();
        let said = |key: &str| header.others.get(key).cloned().unwrap_or(Value::Null);
        let manifest = &self.manifest;
        let pairs = [
            ("dataset", json!(header.dataset), json!(manifest.name)),
            ("version", said("version"), json!(manifest.version)),
            ("manifest_sha256", said("manifest_sha256"), json!(hex(&manifest.sha256))),
            ("disallow", json!(header.disallow), json!(manifest.disallow)),
        ];
        for (key, said, wanted) in pairs.into_iter().filter(|(_, said, wanted)| said != wanted) {
            self.fault(name, format!("its header says {key} {said}, and {MANIFEST} {wanted}"), context);
        }
    }

    /// Checks that samples stand as their header says, and beside a challenge by id: another order may tell its labels.
    fn order(&self, name: &str, facts: &Facts, by_id: ById, context: &Context) {
        let says_so = facts.header.as_ref().and_then(|header| header.order) == Some(Order::Id);
        if self.has_challenge() && !says_so {
            self.fault(
                name,
                "its header does not say that its samples stand by id: their order may tell labels",
                context,
            );
        }
        if says_so || self.has_challenge() {
            let error = by_id.fault().map(|fault| Error::malformed(fault.what).at(fault.position));
            error.into_iter().for_each(|error| context.fault(&error.in_file(self.file(name))));
        }
    }

    /// Where a sample comes from: its place by splits.csv; its capture and rule only the table itself tells.
    fn origin(&self, sample: &Sample, told: &Told) -> Origin {
        let place = place_of(sample.id, &self.splits);
        if place.hidden {
            return place;
        }
        let cell = |name: &str| told.cell(sample.id, name).filter(|text| !text.is_empty()).map(str::to_owned);
        Origin {
            source: sample.field(SOURCE).map(str::to_owned).or_else(|| cell(SOURCE)),
            source_sha256: cell(SOURCE_SHA256).as_deref().and_then(parse_digest),
            rule: cell(RULE),
            ..place
        }
    }
}

/// The number of the first line in which two texts differ, and that line of each in quotes.
fn first_difference(said: &[u8], made: &[u8]) -> (usize, String, String) {
    let lines = |text: &[u8]| -> Vec<String> {
        text.split_inclusive(|&byte| byte == b'\n').map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    };
    let (said, made) = (lines(said), lines(made));
    let at = said.iter().zip(&made).take_while(|(said, made)| said == made).count();
    let shown =
        |lines: &[String]| lines.get(at).map_or_else(|| "the end".to_owned(), |line| format!("'{}'", line.trim_end()));
    (at + 1, shown(&said), shown(&made))
}
