//! The tables of a release: its samples as CSV and Parquet, and what its README tells in numbers.

use std::collections::BTreeMap;
use std::path::Path;

use super::origins::Origins;
use crate::command::Context;
use crate::dataset::{Facts, SampleFacts};
use crate::error::Result;
use crate::packet::Sample;
use crate::publish::datasheet::Grid;
use crate::publish::sample_table::{self, Origin, SOURCE};
use crate::sample::fields;
use crate::sample::tally::Tally;
use crate::sink::{OutputRules, RowFormat, RowShape, RowSink, csv_text};
use crate::table::Column;

/// One sample with all that is known of it.
pub(in crate::command) struct Row<'a> {
    pub(in crate::command) sample: &'a Sample,
    pub(in crate::command) facts: &'a SampleFacts,
    pub(in crate::command) origin: Origin,
}

/// The samples of the released captures, by id.
pub(in crate::command) struct SampleTable<'a> {
    pub(in crate::command) rows: Vec<Row<'a>>,
    keys: Vec<String>,
    pub(in crate::command) columns: Vec<Column>,
}

impl<'a> SampleTable<'a> {
    /// Puts together what is known of the samples of all captures.
    ///
    /// # Errors
    /// If a capture that samples come from cannot be read.
    pub(super) fn new(captures: &'a [Facts], origins: &mut Origins, context: &Context) -> Result<Self> {
        Self::of(captures, |sample| origins.of(sample, context))
    }

    /// The same, of samples whose origins are known otherwise.
    ///
    /// # Errors
    /// Those of `origin`.
    pub(in crate::command) fn of(
        captures: &'a [Facts],
        mut origin: impl FnMut(&Sample) -> Result<Origin>,
    ) -> Result<Self> {
        let mut rows = Vec::new();
        for (sample, facts) in captures.iter().flat_map(Facts::each) {
            rows.push(Row { sample, facts, origin: origin(sample)? });
        }
        rows.sort_by_key(|row| row.sample.id);
        let samples: Vec<Sample> = rows.iter().map(|row| row.sample.clone()).collect();
        let mut keys = fields::names(&samples);
        keys.retain(|key| key != SOURCE);
        Ok(Self { columns: sample_table::columns(&keys), rows, keys })
    }

    /// Writes the table; the format is that of the name.
    ///
    /// # Errors
    /// When writing fails.
    pub(in crate::command) fn write(&self, path: &Path, format: RowFormat, rules: &OutputRules) -> Result<()> {
        let shape = RowShape::new(format, self.columns.clone());
        let (encoder, mut sink) = (shape.encoder(), RowSink::create(path, &shape, rules)?);
        let mut encoded = Vec::new();
        for row in &self.rows {
            encoded.clear();
            encoder.encode(&sample_table::row(row.sample, row.facts, &row.origin, &self.keys), &mut encoded);
            sink.row(&encoded)?;
        }
        sink.finish().map(drop)
    }

    /// The table as CSV, in memory.
    pub(in crate::command) fn csv(&self) -> Vec<u8> {
        let rows = self.rows.iter();
        let rows = rows.map(|row| sample_table::row(row.sample, row.facts, &row.origin, &self.keys));
        csv_text(self.columns.clone(), rows)
    }

    /// Samples, packets and bytes of each group that `of` names.
    fn sums(&self, of: impl Fn(&Row) -> String) -> BTreeMap<String, [u64; 3]> {
        let mut sums: BTreeMap<String, [u64; 3]> = BTreeMap::new();
        for row in &self.rows {
            let [samples, packets, bytes] = sums.entry(of(row)).or_default();
            *samples += 1;
            *packets += row.facts.tally.packets;
            *bytes += row.facts.tally.bytes;
        }
        sums
    }

    /// The classes and the splits, for the README.
    pub(super) fn grids(&self) -> Vec<(String, Grid)> {
        let label = |row: &Row| if row.origin.hidden { "(challenge)".to_owned() } else { row.sample.label.clone() };
        let split = |row: &Row| row.origin.split.clone().unwrap_or_else(|| "(none)".to_owned());
        vec![
            ("Classes".to_owned(), grid("Label", self.sums(label))),
            ("Splits".to_owned(), grid("Split", self.sums(split))),
        ]
    }

    /// What is known of all samples together.
    pub(super) fn total(&self) -> Tally {
        let mut total = Tally::default();
        for Tally { packets, bytes, first, last, .. } in self.rows.iter().map(|row| &row.facts.tally) {
            total.packets += packets;
            total.bytes += bytes;
            total.first = total.first.into_iter().chain(*first).min();
            total.last = total.last.max(*last);
        }
        total
    }
}

/// The largest first; equal ones by name.
fn grid(name: &str, sums: BTreeMap<String, [u64; 3]>) -> Grid {
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|(one, a), (other, b)| b.cmp(a).then(one.cmp(other)));
    let header = [name, "Samples", "Packets", "Bytes"].map(str::to_owned).to_vec();
    let row = |(name, counts): (String, [u64; 3])| {
        std::iter::once(name).chain(counts.iter().map(ToString::to_string)).collect()
    };
    std::iter::once(header).chain(sums.into_iter().map(row)).collect()
}
