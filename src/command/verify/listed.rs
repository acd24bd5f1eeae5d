//! The lists of a release: splits.csv, the ids of each split, and the sample table that they name.

use std::collections::BTreeSet;

use super::Release;
use crate::command::Context;
use crate::command::release::SAMPLES;
use crate::command::release::tables::SampleTable;
use crate::error::Result;
use crate::packet::SampleId;
use crate::publish::lists::{CONTENTS, ListHeader, SPLITS, contents, digest};
use crate::publish::partition::CHALLENGE;
use crate::rule::IdList;

/// The columns that a table of splits has in a release: any other may tell a challenge's labels.
const COLUMNS: [&str; 4] = ["sample_id", "split", "fold", "group"];

impl Release<'_> {
    /// Checks the lists and the sample table.
    pub(super) fn lists(&self, table: &SampleTable, context: &Context) -> Result<()> {
        let made = contents(table.rows.iter().filter_map(|row| {
            let label = if row.origin.hidden { "" } else { &row.sample.label };
            Some((row.sample.id, label, row.facts.content()?))
        }))?;
        if self.read(CONTENTS)? != made {
            self.fault(CONTENTS, "it does not say what the captures and splits.csv say", context);
        }
        let there: BTreeSet<SampleId> = table.rows.iter().map(|row| row.sample.id).collect();
        for (id, of) in self.splits.iter().filter(|(id, _)| !there.contains(id)) {
            self.fault(SPLITS, format!("sample {id} of '{}' is not in {SAMPLES}", of.split), context);
        }
        self.splits_file(&digest(&made), context)?;
        for (split, ids) in self.members() {
            self.list(split, &ids, &digest(&made), context);
        }
        Ok(())
    }

    /// Checks what the table of splits says besides which split samples are in.
    fn splits_file(&self, table: &str, context: &Context) -> Result<()> {
        let text = self.read(SPLITS)?;
        let text = String::from_utf8_lossy(&text);
        self.header_comments(SPLITS, &text, table, context);
        let header = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
        for name in header.split(',').filter(|name| !COLUMNS.contains(name)) {
            self.fault(SPLITS, format!("a column '{name}', which no release has"), context);
        }
        let hidden = self.splits.iter().filter(|(_, of)| of.split == CHALLENGE && of.group.is_some());
        for id in hidden.map(|(id, _)| id).collect::<BTreeSet<_>>() {
            self.fault(SPLITS, format!("it tells the group of sample {id} of the challenge"), context);
        }
        Ok(())
    }

    fn list(&self, split: &str, ids: &BTreeSet<SampleId>, table: &str, context: &Context) {
        let name = format!("{split}.txt");
        if !self.files.of.contains_key(&name) {
            return;
        }
        let list = match IdList::read(&self.file(&name)) {
            Ok(list) => list,
            Err(error) => return context.fault(&error),
        };
        if list.ids.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>() != *ids {
            self.fault(&name, format!("its ids are not those of '{split}' in {SPLITS}"), context);
        }
        if ListHeader::read(&list.text).split.is_some_and(|said| said != split) {
            self.fault(&name, format!("it says that it is of another split than '{split}'"), context);
        }
        self.header_comments(&name, &list.text, table, context);
    }

    /// Checks what a list says of its sample table, and that no class is counted of a challenge.
    fn header_comments(&self, name: &str, text: &str, table: &str, context: &Context) {
        if ListHeader::read(text).table.is_some_and(|said| said != table) {
            self.fault(name, format!("it is of another sample table than {CONTENTS}"), context);
        }
        let classes = text.lines().filter_map(|line| line.strip_prefix("# class:")).map(str::trim_start);
        let is_list = name == format!("{CHALLENGE}.txt");
        if classes.filter(|class| is_list || class.starts_with(&format!("{CHALLENGE},"))).count() > 0 {
            self.fault(name, "it counts classes of the challenge", context);
        }
    }
}
