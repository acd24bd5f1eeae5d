//! The lists of a release: splits.csv as it was given, and the ids of each split.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::Release;
use super::tables::SampleTable;
use crate::error::{Error, Result};
use crate::packet::SampleId;
use crate::publish::lists::{CONTENTS, ListHeader, SPLITS, contents, digest};
use crate::rule::IdList;

impl Release<'_> {
    /// Writes the lists; those that stand beside the table of splits are taken as they are.
    pub(super) fn lists(&self, table: &SampleTable) -> Result<()> {
        let given = &self.request.splits;
        let text = fs::read_to_string(given).map_err(|error| Error::from(error).in_file(given))?;
        let contents = self.contents(table)?;
        if let Some(said) = ListHeader::read(&text).table.filter(|said| *said != digest(&contents)) {
            return Err(Error::labels(format!(
                "it is of samples whose table has the SHA-256 {said}; that of the capture has {}",
                digest(&contents)
            ))
            .in_file(given)
            .advise("labels or packets changed since: see pcapml check --splits"));
        }
        self.write(SPLITS, &text)?;
        self.write(CONTENTS, &String::from_utf8_lossy(&contents))?;
        for split in self.split_names() {
            let ids: BTreeSet<SampleId> =
                self.splits.iter().filter(|(_, of)| of.split == split).map(|(id, _)| id).collect();
            self.write(&format!("{split}.txt"), &list(&given.with_file_name(format!("{split}.txt")), &split, &ids)?)?;
        }
        Ok(())
    }

    /// The sample table that the lists name: of all samples, those in no split too.
    fn contents(&self, table: &SampleTable) -> Result<Vec<u8>> {
        contents(table.rows.iter().filter_map(|row| {
            let label = if row.origin.hidden { "" } else { &row.sample.label };
            Some((row.sample.id, label, row.facts.content()?))
        }))
    }
}

/// The text of a list: that of the file, if it lists these ids.
fn list(path: &Path, split: &str, ids: &BTreeSet<SampleId>) -> Result<String> {
    let plain = || {
        let lines: String = ids.iter().map(|id| format!("{id}\n")).collect();
        format!("# split: {split}\n# samples: {}\n{lines}", ids.len())
    };
    if !path.is_file() {
        return Ok(plain());
    }
    let there: BTreeSet<SampleId> = IdList::read(path)?.ids.into_iter().map(|(id, _)| id).collect();
    match there == *ids {
        true => fs::read_to_string(path).map_err(|error| Error::from(error).in_file(path)),
        false => Err(Error::labels(format!("its ids are not those of the split '{split}' in the table beside it"))
            .in_file(path)
            .advise("make both anew (pcapml partition)")),
    }
}
