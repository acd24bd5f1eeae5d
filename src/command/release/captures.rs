//! The captures of a release: the samples of all splits with their labels, and those of the challenge without.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{CAPTURE, CHALLENGE, Release};
use crate::command::select::{self, Withhold};
use crate::command::{Context, Masks, Target, facts};
use crate::dataset::{Facts, Wanted};
use crate::error::{Error, Result};
use crate::publish::croissant::hex;
use crate::publish::manifest::Manifest;
use crate::rule::NO_SPLIT;
use crate::sample::by_id::ById;
use crate::sample::header::Order;

impl Release<'_> {
    /// Writes the captures, and reads them again: what tables tell is what was written.
    pub(super) fn captures(&self, context: &mut Context) -> Result<Vec<Facts>> {
        let (hidden, mut told): (Vec<String>, Vec<String>) =
            self.splits.names().into_iter().map(str::to_owned).partition(|split| split == CHALLENGE);
        told.push(NO_SPLIT.to_owned());
        // What is of no sample may be of those of the challenge.
        let withhold = if hidden.is_empty() { Withhold::Nothing } else { Withhold::Surroundings };
        let parts =
            [(told, CAPTURE.to_owned(), withhold), (hidden, format!("-{CHALLENGE}{CAPTURE}"), Withhold::Labels)];
        let mut captures = Vec::new();
        for (splits, ending, withhold) in parts.into_iter().filter(|(splits, ..)| !splits.is_empty()) {
            let path = self.path.join(format!("{}{ending}", self.manifest.name));
            select::run(&self.selection(&path, splits, withhold), context)?;
            captures.push(self.written(&path, context)?);
        }
        Ok(captures)
    }

    /// Reads a capture that was written.
    ///
    /// # Errors
    /// If it does not stand by id though it says so, as where packets stood with a sample that is in the other capture: their
    /// places would tell of that.
    fn written(&self, path: &Path, context: &Context) -> Result<Facts> {
        let mut order = ById::default();
        let facts = facts::read_with(path, Wanted { content: true, flows: false }, context, |packet, _| {
            order.packet(packet);
            Ok(())
        })?;
        let says_so = facts.header.as_ref().and_then(|header| header.order) == Some(Order::Id);
        match order.fault().filter(|_| says_so) {
            Some(fault) => Err(Error::request(fault.what).in_file(&self.request.input).advise(
                "pcapml sort puts them so; packets of the challenge that are of another split's sample too stand with that: \
                 partition them as one group",
            )),
            None => Ok(facts),
        }
    }

    fn selection(&self, path: &Path, splits: Vec<String>, withhold: Withhold) -> select::Request {
        select::Request {
            input: self.request.input.clone(),
            output: Target { path: path.to_owned(), force: false },
            ids: None,
            splits: Some(select::SplitChoice { table: self.request.splits.clone(), splits, folds: Vec::new() }),
            labels: Vec::new(),
            fields: Vec::new(),
            withhold,
            facts: header_facts(self.manifest),
            masks: Masks::default(),
            allow_missing: false,
            strict: true,
        }
    }
}

/// What captures say of their dataset.
pub(in crate::command) fn header_facts(manifest: &Manifest) -> Map<String, Value> {
    let mut facts = Map::new();
    facts.insert("dataset".to_owned(), manifest.name.as_str().into());
    facts.insert("version".to_owned(), manifest.version.as_str().into());
    facts.insert("manifest_sha256".to_owned(), hex(&manifest.sha256).into());
    if !manifest.disallow.is_empty() {
        facts.insert("disallow".to_owned(), json!(manifest.disallow));
    }
    facts
}
