//! What captures, samples and splits say, before the features of a row.

use std::collections::HashSet;

use crate::command::memberships::NO_SAMPLE;
use crate::command::{Context, count};
use crate::error::{Error, Result};
use crate::packet::{Sample, SampleId};
use crate::rule::Splits;
use crate::sample::fields;
use crate::sink::{RowEncoder, RowShape};
use crate::table::{Cell, Column, ColumnKind};

/// What stands before the features of a row.
pub(super) struct Prefix<'a> {
    /// The names of the captures, if there are several.
    captures: Option<&'a [String]>,
    /// None, if no packet has a label.
    samples: Option<&'a [Sample]>,
    splits: Option<&'a Splits>,
    fields: Vec<String>,
}

impl<'a> Prefix<'a> {
    pub(super) fn new(captures: &'a [String], samples: &'a [Sample], splits: Option<&'a Splits>, bare: bool) -> Self {
        let labelled = !samples.is_empty() && !bare;
        Self {
            captures: (captures.len() > 1 && !bare).then_some(captures),
            samples: labelled.then_some(samples),
            splits,
            fields: if labelled { fields::names(samples) } else { Vec::new() },
        }
    }

    /// Tells samples that the table of splits does not name, and splits of samples that are not there.
    pub(super) fn tell_splits(&self, context: &Context) {
        let Some(splits) = self.splits else { return };
        if self.samples.is_none() {
            context.fault(&Error::request("the rows have no labels before them, and so no splits"));
            return;
        }
        let samples = self.samples.unwrap_or_default();
        let ids: HashSet<SampleId> = samples.iter().map(|sample| sample.id).collect();
        let named = ids.iter().filter(|id| splits.of(**id).is_some()).count();
        if named < ids.len() {
            context.note(format!("{} in no split: their rows have none", count((ids.len() - named) as u64, "sample")));
        }
        if named < splits.len() {
            let missing = count((splits.len() - named) as u64, "sample");
            context.note(format!("{missing} of the table of splits not in the input"));
        }
    }

    /// The columns; fields that are called like a feature are named `sample_…`.
    pub(super) fn columns(&self, features: &[Column]) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.captures.is_some() {
            columns.push(Column::new("file", ColumnKind::Text, "The capture, relative to the directory."));
        }
        if self.samples.is_some() {
            columns.push(Column::new("sample_id", ColumnKind::Id, "The id of the sample."));
            columns.push(Column::new("label", ColumnKind::Text, "The label of the sample."));
        }
        if self.splits.is_some() && self.samples.is_some() {
            columns.push(Column::new("split", ColumnKind::Text, "The split that the sample is in."));
        }
        let taken: Vec<&str> = features.iter().chain(&columns).map(|column| column.name.as_str()).collect();
        let names = fields::column_names(&self.fields, &taken);
        let column = |name| Column::new(name, ColumnKind::Text, "A field of the sample.");
        columns.extend(names.into_iter().map(column));
        columns
    }

    fn cells(&self, capture: u32, sample: u32) -> Vec<Cell<'a>> {
        let text = |text: &'a str| Cell::Text(text.into());
        let mut cells = Vec::new();
        if let Some(captures) = self.captures {
            cells.push(captures.get(capture as usize).map_or(Cell::Missing, |name| text(name)));
        }
        let Some(samples) = self.samples else { return cells };
        let sample = samples.get(sample as usize).filter(|_| sample != NO_SAMPLE);
        cells.push(sample.map_or(Cell::Missing, |sample| Cell::Count(sample.id.0)));
        cells.push(sample.map_or(Cell::Missing, |sample| text(&sample.label)));
        if let Some(splits) = self.splits {
            cells.push(sample.and_then(|sample| splits.of(sample.id)).map_or(Cell::Missing, text));
        }
        for field in &self.fields {
            cells.push(sample.and_then(|sample| sample.field(field)).map_or(Cell::Missing, text));
        }
        cells
    }
}

/// Encoded prefixes: most rows have that of the row before.
pub(super) struct Prefixes<'a> {
    prefix: &'a Prefix<'a>,
    encoder: RowEncoder,
    /// The place of the column by whose values rows are parted.
    partition: Option<usize>,
    of: Option<(u32, u32)>,
    bytes: Vec<u8>,
    part: Cell<'a>,
}

impl<'a> Prefixes<'a> {
    /// Prefixes of rows of this shape, without the column by which they are parted.
    ///
    /// # Errors
    /// A column to part rows by that the prefix does not have.
    pub(super) fn new(prefix: &'a Prefix<'a>, columns: &[Column], shape: &RowShape) -> Result<Self> {
        let mut stored = columns.to_vec();
        let partition = shape.partition.as_ref().map(|by| {
            columns.iter().position(|column| column.name == *by).ok_or_else(|| {
                let there: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                Error::request(format!("rows cannot be parted by '{by}'")).advise(match there.is_empty() {
                    true => "the rows have no labels before them: the input has none, or they are bare".to_owned(),
                    false => format!("they can by {}", there.join(", ")),
                })
            })
        });
        let partition = partition.transpose()?;
        partition.map(|at| stored.remove(at));
        let encoder = RowShape { columns: stored, partition: None, ..shape.clone() }.encoder();
        Ok(Self { prefix, encoder, partition, of: None, bytes: Vec::new(), part: Cell::Missing })
    }

    /// Puts a whole row into `out`: the prefix of a sample of a capture, and the parts behind it.
    pub(super) fn row(&mut self, (capture, sample): (u32, u32), parts: [&[u8]; 2], out: &mut Vec<u8>) {
        if self.of != Some((capture, sample)) {
            self.of = Some((capture, sample));
            self.bytes.clear();
            let mut cells = self.prefix.cells(capture, sample);
            if let Some(at) = self.partition {
                self.part = cells.remove(at);
            }
            self.encoder.part(&cells, &mut self.bytes);
        }
        out.clear();
        let [one, other] = parts;
        let part = self.partition.map(|_| &self.part);
        self.encoder.whole(part, &[&self.bytes, one, other], out);
    }
}
