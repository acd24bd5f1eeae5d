//! The lists of a release: splits.csv, the ids of each split, and the sample table that they name, made anew.
//!
//! What splits.csv tells is taken from there: where samples belong, how that was found, and the seed.

use std::collections::BTreeSet;

use super::Release;
use crate::command::Context;
use crate::command::release::lists::made;
use crate::command::release::tables::SampleTable;
use crate::command::release::{CHALLENGE, SAMPLES};
use crate::error::Result;
use crate::packet::SampleId;
use crate::publish::lists::SPLITS;

impl Release<'_> {
    /// Checks the lists and the sample table.
    pub(super) fn lists(&self, table: &SampleTable, context: &Context) -> Result<()> {
        let there: BTreeSet<SampleId> = table.rows.iter().map(|row| row.sample.id).collect();
        for (id, of) in self.splits.iter().filter(|(id, _)| !there.contains(id)) {
            self.fault(SPLITS, format!("sample {id} of '{}' is not in {SAMPLES}", of.split), context);
        }
        let has_group = |id: &SampleId| self.splits.membership(*id).is_some_and(|of| of.group.is_some());
        for id in self.splits.ids_of(CHALLENGE).into_iter().filter(has_group) {
            self.fault(SPLITS, format!("it tells the group of sample {id} of the challenge"), context);
        }
        for file in made(&self.manifest, &self.splits, &self.header, table)? {
            self.compare(&file.name, &file.text, context)?;
        }
        Ok(())
    }
}
