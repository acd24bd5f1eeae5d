//! Where samples come from: their split, the capture that they were taken from, the rule that labelled them.

use std::collections::HashMap;
use std::path::Path;

use super::Request;
use super::sums::sha256;
use crate::command::Context;
use crate::command::dataset_files::{DatasetFile, Inventory};
use crate::error::Result;
use crate::packet::{Key, Sample, SampleId};
use crate::publish::partition::CHALLENGE;
use crate::publish::sample_table::{Origin, SOURCE};
use crate::rule::{Ids, RuleSet, Splits};

/// What is known of origins.
pub(super) struct Origins<'a> {
    splits: &'a Splits,
    /// For each name of a capture, its file.
    files: HashMap<String, DatasetFile>,
    /// For each id that the name of a capture makes, that name.
    names: HashMap<SampleId, String>,
    /// For each sample that rules make, its rules.
    rules: HashMap<SampleId, String>,
    /// The digests of captures that were needed so far.
    digests: HashMap<String, [u8; 32]>,
}

impl<'a> Origins<'a> {
    /// Reads what the request names. `namespace` is the one that ids were made in.
    ///
    /// # Errors
    /// A directory or a labels file that cannot be read.
    pub(super) fn new(request: &Request, splits: &'a Splits, namespace: &str) -> Result<Self> {
        let captures = match &request.sources {
            Some(directory) => Inventory::of(directory)?.captures(),
            None => Vec::new(),
        };
        let name_of = |file: &DatasetFile| (SampleId::of(namespace, Key::File(&file.name)), file.name.clone());
        let names = captures.iter().map(name_of).collect();
        let rules = match &request.labels {
            Some(path) => rules(path, namespace)?,
            None => HashMap::new(),
        };
        let files = captures.into_iter().map(|file| (file.name.clone(), file)).collect();
        Ok(Self { splits, files, names, rules, digests: HashMap::new() })
    }

    /// The origin of a sample.
    ///
    /// # Errors
    /// If its capture cannot be read.
    pub(super) fn of(&mut self, sample: &Sample, context: &Context) -> Result<Origin> {
        let place = place_of(sample.id, self.splits);
        if place.hidden {
            return Ok(place);
        }
        let source = sample.field(SOURCE).or(self.names.get(&sample.id).map(String::as_str)).map(str::to_owned);
        let source_sha256 = match &source {
            Some(name) => self.digest(name, context)?,
            None => None,
        };
        Ok(Origin { source, source_sha256, rule: self.rules.get(&sample.id).cloned(), ..place })
    }

    /// The SHA-256 of a capture, if it is there.
    fn digest(&mut self, name: &str, context: &Context) -> Result<Option<[u8; 32]>> {
        if let Some(&digest) = self.digests.get(name) {
            return Ok(Some(digest));
        }
        let Some(file) = self.files.get(name) else { return Ok(None) };
        context.stop_if_asked()?;
        let digest = sha256(&file.path)?;
        self.digests.insert(name.to_owned(), digest);
        Ok(Some(digest))
    }
}

/// What splits say of a sample's origin.
pub(in crate::command) fn place_of(id: SampleId, splits: &Splits) -> Origin {
    let place = splits.membership(id).cloned().unwrap_or_default();
    if place.split == CHALLENGE {
        // Captures are often called by what they are of, and rules and groups are.
        return Origin { split: Some(place.split), hidden: true, ..Origin::default() };
    }
    Origin {
        split: Some(place.split).filter(|split| !split.is_empty()),
        fold: place.fold.map(|fold| fold.to_string()),
        group: place.group,
        ..Origin::default()
    }
}

/// The rules of a labels file, by the samples that they make; of several rules, one a line.
fn rules(path: &Path, namespace: &str) -> Result<HashMap<SampleId, String>> {
    let set = RuleSet::read(path, &Ids::Hashed { namespace: namespace.to_owned() })?;
    let mut rules: HashMap<SampleId, String> = HashMap::new();
    for rule in &set.rules {
        let text = rules.entry(set.samples[rule.sample].id).or_default();
        if !text.is_empty() {
            text.push('\n');
        }
        *text += &rule.selector.canonical();
    }
    Ok(rules)
}
