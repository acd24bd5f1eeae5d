//! What a release says of itself, for people: README.md. `verify` makes it once more.

use std::collections::BTreeSet;

use super::tables::SampleTable;
use crate::dataset::Facts;
use crate::publish::croissant::{ReleasedFile, hex};
use crate::publish::datasheet::{Datasheet, datasheet};
use crate::publish::lint::Finding;
use crate::publish::manifest::Manifest;
use crate::time::Timestamp;

/// The row of packets that no release holds.
pub(in crate::command) const LEFT_OUT: &str = "Packets left out, of no sample";

/// The row of the program.
pub(in crate::command) const MADE_WITH: &str = "Made with";

/// All that the README tells of.
pub(in crate::command) struct Description<'a> {
    pub(in crate::command) manifest: &'a Manifest,
    pub(in crate::command) table: &'a SampleTable<'a>,
    pub(in crate::command) captures: &'a [Facts],
    /// Packets of the input that are of no sample.
    pub(in crate::command) left_out: u64,
    /// The program and its version.
    pub(in crate::command) made_with: &'a str,
    /// What readers should know.
    pub(in crate::command) cautions: &'a [String],
}

impl Description<'_> {
    /// The README of these files.
    pub(in crate::command) fn readme(&self, files: &[ReleasedFile], findings: &[Finding]) -> String {
        let (manifest, cautions) = (self.manifest, self.cautions);
        let (facts, tables) = (self.facts(), self.table.grids());
        datasheet(&Datasheet { manifest, files, facts: &facts, cautions, tables: &tables, findings })
    }

    /// What is known of the whole.
    fn facts(&self) -> Vec<(String, String)> {
        let total = self.table.total();
        let time = |time: Option<Timestamp>| {
            time.map_or_else(|| "unknown".to_owned(), |time| time.rfc3339().unwrap_or_else(|| time.to_string()))
        };
        let samples = self.captures.iter().flat_map(Facts::each);
        let link_types: BTreeSet<String> =
            samples.flat_map(|(_, of)| &of.link_types).map(ToString::to_string).collect();
        let facts = [
            ("Samples", self.table.rows.len().to_string()),
            ("Packets", total.packets.to_string()),
            ("Bytes on the wire", total.bytes.to_string()),
            ("First packet", time(total.first)),
            ("Last packet", time(total.last)),
            ("Link types", link_types.into_iter().collect::<Vec<_>>().join(", ")),
            (LEFT_OUT, self.left_out.to_string()),
            ("SHA-256 of dataset.toml", hex(&self.manifest.sha256)),
            (MADE_WITH, self.made_with.to_owned()),
        ];
        facts.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }
}
