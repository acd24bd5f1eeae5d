//! All columns there are, by their sets: what the documentation and `features --list` show.

use super::Feature;
use super::packet::{packet_sections, packet_set_names};
use super::sets::{IDENTITY, SETS, quirks};
use super::totals::TOTALS;
use crate::table::ColumnKind;

/// A set, or what changes one.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its name.
    pub title: String,
    /// What it is.
    pub doc: &'static str,
    /// Its columns.
    pub entries: Vec<Entry>,
}

/// What there is to say of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The kind of its values, in one word.
    pub kind: String,
    /// Their unit; empty where they have none.
    pub unit: &'static str,
    /// What it means, one sentence.
    pub doc: &'static str,
    /// The same elsewhere; empty if nothing is.
    pub source: &'static str,
}

/// The set of [`TOTALS`].
pub(super) const STATS: &str = "stats";

/// What that is.
const ABOUT_STATS: &str = "packets, bytes and times of every sample";

/// All sets: their names (of those with a number, `splt:N`), and what they are.
pub fn sets() -> impl Iterator<Item = (String, &'static str)> {
    SETS.iter().map(|set| (set.shown(), set.doc)).chain([(STATS.to_owned(), ABOUT_STATS)]).chain(packet_set_names())
}

/// All columns, by their sets; at last the errors of `cic-legacy`.
pub fn dictionary() -> Vec<Section> {
    let section = |title: String, doc, features: &[Feature]| Section {
        title,
        doc,
        entries: features.iter().map(Entry::of_feature).collect(),
    };
    let mut sections =
        vec![section("identity".to_owned(), "what tells flows apart: stands before every set", IDENTITY)];
    sections.extend(SETS.iter().map(|set| section(set.shown(), set.doc, set.features)));
    let totals = TOTALS.iter().map(|total| Entry::new(total.name, word(total.kind), total.unit, total.doc));
    sections.push(Section { title: STATS.to_owned(), doc: ABOUT_STATS, entries: totals.collect() });
    sections.extend(packet_sections());
    sections.extend(quirks().map(|(title, doc, features)| section(title, doc, features)));
    sections
}

impl Entry {
    /// A column that has no counterpart elsewhere.
    pub(super) fn new(name: &str, kind: String, unit: &'static str, doc: &'static str) -> Self {
        Self { name: name.to_owned(), kind, unit, doc, source: "" }
    }

    fn of_feature(feature: &Feature) -> Self {
        Self { source: feature.source, ..Self::new(feature.name, word(feature.kind), feature.unit, feature.doc) }
    }
}

/// A kind in one word.
pub(super) fn word(kind: ColumnKind) -> String {
    let kind = format!("{kind:?}").to_lowercase();
    kind.split('(').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_says_what_it_is() {
        for Section { title, entries, .. } in dictionary() {
            for (at, entry) in entries.iter().enumerate() {
                assert!(entry.doc.ends_with(['.', '…']) && !entry.kind.is_empty(), "{title} {}", entry.name);
                assert!(!entries[..at].iter().any(|other| other.name == entry.name), "{title} {} twice", entry.name);
            }
        }
    }
}
