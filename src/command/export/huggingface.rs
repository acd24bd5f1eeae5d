//! `pcapml export huggingface`: a directory that the library `datasets` of Hugging Face loads as it is.
//!
//! `data/<split>-<number>-of-<count>.parquet`, five digits each, and a README.md whose YAML names each split's files:
//! <https://huggingface.co/docs/hub/datasets-manual-configuration>.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::command::features::{self, RowUnit, SplitTable};
use crate::command::{Context, Target, count};
use crate::dataset::{Dataset, Index, Selection, disallowed_in};
use crate::error::{Error, Result};
use crate::feature::SetRequest;
use crate::packet::SampleId;
use crate::redact::Mask;
use crate::rule::Splits;
use crate::sink::{Directory, RowFormat};

/// The split of all samples, if no table says otherwise.
const TRAIN: &str = "train";

/// The order in which splits are named; others follow by name.
const KNOWN: [&str; 3] = [TRAIN, "validation", "test"];

/// The part for samples in no split, which is thrown away. No split can be called so.
const LEFT_OUT: &str = "-";

/// What to export, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Labelled captures.
    pub inputs: Vec<PathBuf>,
    /// The directory.
    pub output: Target,
    /// The table of the samples' splits.
    pub splits: Option<PathBuf>,
    /// The columns.
    pub set: SetRequest,
    /// What a row is about.
    pub rows: RowUnit,
    /// Of each sample, only so many first packets.
    pub first: Option<u64>,
    /// At most so many samples in one file.
    pub shard: NonZeroUsize,
    /// Fields of packets that nothing may rest on, besides those that the captures disallow.
    pub mask: Mask,
    /// Let columns rest on what the captures disallow.
    pub allow_disallowed: bool,
    /// Write nothing if an input is faulty.
    pub strict: bool,
}

/// Writes the directory.
///
/// # Errors
/// An input that cannot be read twice, or has no sample in a split; a split whose name Hugging Face does not allow; whatever
/// `features` fails for; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    if request.inputs.iter().any(|input| input == Path::new("-")) {
        return Err(Error::request("the samples are counted before they are written, and - can be read only once"));
    }
    let splits = request.splits.as_deref().map(Splits::read).transpose()?;
    let inputs = request.inputs.iter().chain(&request.splits).cloned().collect();
    let directory = Directory::create_empty(&request.output.path, &context.rules(&request.output, inputs))?;
    let dataset = Dataset::open(&request.inputs, Selection::default())?;
    let index = dataset.index_unless(&mut || context.stop_if_asked())?;
    let parts = parts(&index, splits.as_ref(), request.shard)?;
    tell_left_out(&index, &parts, splits.as_ref(), context);
    let scratch = directory.path().join("parts");
    let masked = masked(request)?;
    features::run(&rows(request, &parts, &scratch), context)?;
    let place = |error: std::io::Error| Error::from(error).in_file(&request.output.path);
    let shards = gather(&scratch, &directory.path().join("data"), parts).map_err(place)?;
    fs::write(directory.path().join("README.md"), card(request, masked, &shards)).map_err(place)?;
    let files: usize = shards.values().map(|shard| shard.files).sum();
    directory.commit()?;
    context.note(format!("{} in {} of Parquet", count(samples(&shards), "sample"), count(files as u64, "file")));
    Ok(())
}

/// The part that a sample's rows go into: the split, and the number of its file.
type Part = (String, usize);

/// Each sample's part; None if it is in no split. Samples keep their order.
fn parts(index: &Index, splits: Option<&Splits>, shard: NonZeroUsize) -> Result<BTreeMap<SampleId, Option<Part>>> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parts = BTreeMap::new();
    for entry in index.entries() {
        let id = entry.sample.id;
        let split = splits.map_or(Some(TRAIN), |splits| splits.of(id));
        if parts.contains_key(&id) {
            continue;
        }
        let part = split.map(|split| {
            let number = seen.entry(split).or_default();
            *number += 1;
            (split.to_owned(), (*number - 1) / shard)
        });
        parts.insert(id, part);
    }
    match seen.keys().find(|split| !is_split_name(split)) {
        Some(split) => Err(Error::request(format!("'{split}' cannot be the name of a split at Hugging Face"))
            .advise("letters, digits and _ can be in it, and dots between them")),
        None if seen.is_empty() => Err(Error::request("no sample of the input is in a split")),
        None => Ok(parts),
    }
}

/// `\w+(\.\w+)*`, as `datasets` has it.
fn is_split_name(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    name.split('.').all(is_word)
}

fn tell_left_out(index: &Index, parts: &BTreeMap<SampleId, Option<Part>>, splits: Option<&Splits>, context: &Context) {
    let none = parts.values().filter(|part| part.is_none()).count();
    context.note_any(none as u64, "sample", "in no split: left out");
    let named = parts.len() - none;
    if let Some(absent) = splits.map(|splits| splits.len() - named).filter(|absent| *absent > 0) {
        context.note(format!("{} of the table of splits not in the input", count(absent as u64, "sample")));
    }
    context.note_any(index.unlabelled, "packet", "of no sample: left out");
}

/// The request for the rows: a Parquet file for each part.
fn rows(request: &Request, parts: &BTreeMap<SampleId, Option<Part>>, scratch: &Path) -> features::Request {
    let name = |part: &Option<Part>| match part {
        Some((split, number)) => part_name(split, *number),
        None => LEFT_OUT.to_owned(),
    };
    let splits: Splits = parts.iter().map(|(id, part)| (*id, name(part))).collect();
    let output = Target { path: scratch.to_owned(), force: false };
    features::Request {
        format: Some(RowFormat::Parquet),
        rows: request.rows,
        first: request.first,
        splits: Some(SplitTable::Known(splits)),
        partition: Some("split".to_owned()),
        mask: request.mask,
        allow_disallowed: request.allow_disallowed,
        strict: request.strict,
        ..features::Request::new(request.inputs.clone(), output, request.set.clone())
    }
}

/// What no column rests on.
fn masked(request: &Request) -> Result<Mask> {
    match request.allow_disallowed {
        true => Ok(request.mask),
        false => disallowed_in(&request.inputs).map(|disallowed| request.mask.with(disallowed)),
    }
}

fn part_name(split: &str, number: usize) -> String {
    format!("{split}-{number}")
}

/// What there is of a split.
#[derive(Default)]
struct Shards {
    samples: u64,
    files: usize,
}

fn samples(shards: &BTreeMap<String, Shards>) -> u64 {
    shards.values().map(|shard| shard.samples).sum()
}

/// Moves the parts to their places. One whose samples have no rows (no flow in them) was not written, and is not counted.
fn gather(
    scratch: &Path,
    data: &Path,
    parts: BTreeMap<SampleId, Option<Part>>,
) -> std::io::Result<BTreeMap<String, Shards>> {
    fs::create_dir(data)?;
    let mut numbers: BTreeMap<String, BTreeMap<usize, u64>> = BTreeMap::new();
    for (split, number) in parts.into_values().flatten() {
        *numbers.entry(split).or_default().entry(number).or_default() += 1;
    }
    let mut all = BTreeMap::new();
    for (split, numbers) in numbers {
        let file =
            |number: &usize| scratch.join(format!("split={}", part_name(&split, *number))).join("part-0.parquet");
        let written: Vec<PathBuf> = numbers.keys().map(file).filter(|file| file.exists()).collect();
        for (number, file) in written.iter().enumerate() {
            fs::rename(file, data.join(format!("{split}-{number:05}-of-{:05}.parquet", written.len())))?;
        }
        all.insert(split, Shards { samples: numbers.values().sum(), files: written.len() });
    }
    fs::remove_dir_all(scratch)?;
    Ok(all)
}

/// The dataset's card: its YAML names the files of each split, and those without a row are not named.
fn card(request: &Request, masked: Mask, shards: &BTreeMap<String, Shards>) -> String {
    let place = |split: &str| KNOWN.iter().position(|known| *known == split).unwrap_or(KNOWN.len());
    let mut order: Vec<_> = shards.iter().collect();
    order.sort_by_key(|(split, _)| place(split));
    let mut text = "---\nconfigs:\n- config_name: default\n  data_files:\n".to_owned();
    for (split, _) in order.iter().filter(|(_, shard)| shard.files > 0) {
        let _ = write!(text, "  - split: {split}\n    path: data/{split}-*\n");
    }
    let about = match request.rows {
        RowUnit::Packet => "packet",
        RowUnit::Flow => "flow",
        RowUnit::Sample => "sample",
    };
    let _ = write!(
        text,
        "---\n\n# Labelled network traffic\n\nWritten by pcapml {}: a row for each {about}, with the features {}.\n\
         `pcapml features --list` tells what each column means.{}\n\n| split | samples | files |\n| --- | ---: | ---: |\n",
        env!("CARGO_PKG_VERSION"),
        request.set.sets.join(", "),
        if masked.is_empty() { String::new() } else { format!(" No column rests on {masked}: masked.") },
    );
    for (split, Shards { samples, files }) in order {
        let _ = writeln!(text, "| {split} | {samples} | {files} |");
    }
    text
}
