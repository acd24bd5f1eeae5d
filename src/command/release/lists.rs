//! The lists of a release: written anew, because those that were given may say more of a challenge than they should.
//!
//! Of what the table of splits says, its splits, folds and groups are taken, and of its comments how it was made, if
//! partition wrote that. Lists that stand beside it must list the same. `verify` makes them once more ([`made`]).

use std::collections::BTreeSet;
use std::path::Path;

use super::Release;
use super::tables::SampleTable;
use crate::command::Context;
use crate::error::{Error, Result, Shown};
use crate::packet::SampleId;
use crate::publish::lists::{self, CONTENTS, ListFile, ListHeader, Listed, Origin};
use crate::publish::manifest::Manifest;
use crate::rule::{IdList, NO_SPLIT, Splits};

impl Release<'_> {
    /// Writes the lists.
    pub(super) fn lists(&self, table: &SampleTable, context: &Context) -> Result<()> {
        for split in self.splits.names() {
            check(&self.request.splits.with_file_name(format!("{split}.txt")), split, &self.splits.ids_of(split))?;
        }
        for file in made(self.manifest, self.splits, &self.header, table)? {
            if file.name == CONTENTS {
                self.check_table(&lists::digest(&file.text))?;
            }
            self.write(&file.name, &file.text)?;
        }
        if self.header.options.as_deref().is_some_and(|options| !lists::are_options(options)) {
            let path = Shown(&self.request.splits);
            context.note(format!("{path}: its '# options' are left out: they are not those of pcapml partition"));
        }
        Ok(())
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

/// The lists that a release of these samples and splits has; `header` says how the splits were made.
///
/// # Errors
/// When a row cannot be written.
pub(in crate::command) fn made(
    manifest: &Manifest,
    splits: &Splits,
    header: &ListHeader,
    table: &SampleTable,
) -> Result<Vec<ListFile>> {
    let origin = Origin {
        dataset: Some(manifest.name.clone()),
        version: Some(manifest.version.clone()),
        options: header.options.clone().filter(|options| lists::are_options(options)).unwrap_or_default(),
        seed: header.seed,
    };
    let names: Vec<&str> = splits.names().into_iter().collect();
    let files = lists::files(&names, &listed(splits, table), &origin)?;
    Ok(files.into_iter().filter(|file| !file.secret).collect())
}

fn listed<'a>(splits: &'a Splits, table: &'a SampleTable) -> Vec<Listed<'a>> {
    let rows = table.rows.iter().filter_map(|row| {
        let place = splits.membership(row.sample.id);
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

/// Sees that a list, if it is there, lists these ids.
fn check(path: &Path, split: &str, ids: &BTreeSet<SampleId>) -> Result<()> {
    if !path.is_file() || IdList::read(path)?.ids.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>() == *ids {
        return Ok(());
    }
    Err(Error::labels(format!("its ids are not those of the split '{split}' in the table beside it"))
        .in_file(path)
        .advise("make both anew (pcapml partition)"))
}
