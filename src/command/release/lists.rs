//! The lists of a release: written anew, because those that were given may say more of a challenge than they should.
//!
//! Of what the table of splits says, its splits, folds and groups are taken, and of its comments how it was made. Lists that
//! stand beside it must list the same.

use std::collections::BTreeSet;
use std::path::Path;

use super::Release;
use super::tables::SampleTable;
use crate::error::{Error, Result};
use crate::packet::SampleId;
use crate::publish::lists::{self, CONTENTS, Listed, Origin};
use crate::rule::{IdList, NO_SPLIT};

impl Release<'_> {
    /// Writes the lists.
    pub(super) fn lists(&self, table: &SampleTable) -> Result<()> {
        let names = self.split_names();
        for split in &names {
            let ids = self.splits.iter().filter(|(_, of)| of.split == *split).map(|(id, _)| id).collect();
            check(&self.request.splits.with_file_name(format!("{split}.txt")), split, &ids)?;
        }
        let origin = Origin {
            dataset: Some(self.manifest.name.clone()),
            version: Some(self.manifest.version.clone()),
            options: self.header.options.clone().unwrap_or_default(),
            seed: self.header.seed,
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let files = lists::files(&names, &self.listed(table), &origin)?;
        for file in files.iter().filter(|file| !file.secret) {
            if file.name == CONTENTS {
                self.check_table(&lists::digest(&file.text))?;
            }
            self.write(&file.name, &file.text)?;
        }
        Ok(())
    }

    fn listed<'a>(&'a self, table: &'a SampleTable) -> Vec<Listed<'a>> {
        let rows = table.rows.iter().filter_map(|row| {
            let place = self.splits.membership(row.sample.id);
            Some(Listed {
                sample: row.sample,
                content: row.facts.content()?,
                split: place.map_or(NO_SPLIT, |place| &place.split),
                fold: place.and_then(|place| place.fold),
                group: place.and_then(|place| place.group.as_deref()).unwrap_or_default(),
            })
        });
        rows.collect()
    }

    /// Sees that the table of splits is of these samples, if it says of which it is.
    fn check_table(&self, digest: &str) -> Result<()> {
        match self.header.table.as_ref().filter(|said| *said != digest) {
            None => Ok(()),
            Some(said) => Err(Error::labels(format!(
                "it is of samples whose table has the SHA-256 {said}; that of the capture has {digest}"
            ))
            .in_file(&self.request.splits)
            .advise("labels or packets changed since: see pcapml check --splits")),
        }
    }
}

/// Sees that a list, if it is there, lists these ids.
fn check(path: &Path, split: &str, ids: &BTreeSet<SampleId>) -> Result<()> {
    if !path.is_file() || IdList::read(path)?.ids.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>() == *ids {
        return Ok(());
    }
    Err(Error::labels(format!("its ids are not those of the split '{split}' in the table beside it"))
        .in_file(path)
        .advise("make both anew (pcapml partition)"))
}
