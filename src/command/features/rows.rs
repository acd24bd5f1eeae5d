//! Rows in their order, behind what their captures and samples say.

use std::path::Path;

use super::Request;
use super::tracker::NO_SAMPLE;
use crate::command::samples::field_names;
use crate::command::{Context, count};
use crate::error::{Error, Result};
use crate::feature::FeatureSet;
use crate::packet::Sample;
use crate::sample::sort::Sorter;
use crate::sink::{Metadata, RowEncoder, RowFormat, RowShape, RowSink};
use crate::table::{Cell, Column, ColumnKind};

/// What stands before the features of a row.
pub(super) struct Prefix<'a> {
    /// The names of the captures, if there are several.
    captures: Option<&'a [String]>,
    /// None, if no packet has a label.
    samples: Option<&'a [Sample]>,
    fields: Vec<String>,
}

impl<'a> Prefix<'a> {
    pub(super) fn new(captures: &'a [String], samples: &'a [Sample], bare: bool) -> Self {
        let labelled = !samples.is_empty() && !bare;
        Self {
            captures: (captures.len() > 1 && !bare).then_some(captures),
            samples: labelled.then_some(samples),
            fields: if labelled { field_names(samples) } else { Vec::new() },
        }
    }

    /// The columns; fields that are called like a feature are named `sample_…`.
    fn columns(&self, features: &[Column]) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.captures.is_some() {
            columns.push(Column::new("file", ColumnKind::Text, "The capture, relative to the directory."));
        }
        if self.samples.is_some() {
            columns.push(Column::new("sample_id", ColumnKind::Id, "The id of the sample."));
            columns.push(Column::new("label", ColumnKind::Text, "The label of the sample."));
        }
        for field in &self.fields {
            let twin = features.iter().chain(&columns).any(|column| column.name.eq_ignore_ascii_case(field));
            let name = if twin { format!("sample_{field}") } else { field.clone() };
            columns.push(Column::new(name, ColumnKind::Text, "A field of the sample."));
        }
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
        for field in &self.fields {
            cells.push(sample.and_then(|sample| sample.field(field)).map_or(Cell::Missing, text));
        }
        cells
    }
}

/// Writes all rows.
pub(super) fn write(
    request: &Request,
    format: RowFormat,
    set: &FeatureSet,
    prefix: &Prefix,
    sorter: Sorter,
    context: &Context,
) -> Result<()> {
    let mut writer = Writer::create(request, format, set.columns(), prefix, metadata(request), context)?;
    writer.sorted(sorter)?;
    writer.finish(context)
}

/// Rows under construction: parts of rows go in, the cells of a set as its encoder encoded them.
pub(super) struct Writer<'a> {
    known: Known<'a>,
    sink: RowSink,
    row: Vec<u8>,
    /// Rows are their cells and nothing more: they need not be copied.
    is_plain: bool,
}

impl<'a> Writer<'a> {
    /// Begins the output: columns of the prefix, then these.
    pub(super) fn create(
        request: &Request,
        format: RowFormat,
        features: Vec<Column>,
        prefix: &'a Prefix<'a>,
        metadata: Metadata,
        context: &Context,
    ) -> Result<Self> {
        let before = prefix.columns(&features);
        let shape = |columns: Vec<Column>| RowShape { undefined: request.undefined, ..RowShape::new(format, columns) };
        let encoder = shape(before.clone()).encoder();
        let is_plain = before.is_empty() && encoder.is_joined_by_nothing();
        let mut columns = before;
        columns.extend(features);
        let shape = RowShape { metadata, ..shape(columns) };
        let sink = RowSink::create(&request.output.path, &shape, &context.rules(&request.output, Vec::new()))?;
        for name in sink.left_out() {
            context.note(format!("the column '{name}' has no place in the output"));
        }
        let known = Known { prefix, encoder, of: (u32::MAX, u32::MAX), bytes: Vec::new() };
        Ok(Self { known, sink, row: Vec::new(), is_plain })
    }

    /// Writes a row of this capture and sample, whose cells these are.
    pub(super) fn row(&mut self, capture: u32, sample: u32, cells: &[u8]) -> Result<()> {
        if self.is_plain {
            return self.sink.row(cells);
        }
        self.known.turn_to(capture, sample);
        self.row.clear();
        self.known.encoder.whole(&[&self.known.bytes, cells], &mut self.row);
        self.sink.row(&self.row)
    }

    /// Writes rows that waited: the numbers of capture and sample, and the cells.
    pub(super) fn sorted(&mut self, sorter: Sorter) -> Result<()> {
        sorter.finish(|record| {
            let broken = || Error::request("a row was damaged on the disk");
            let (capture, rest) = record.split_first_chunk().ok_or_else(broken)?;
            let (sample, cells) = rest.split_first_chunk().ok_or_else(broken)?;
            self.row(u32::from_le_bytes(*capture), u32::from_le_bytes(*sample), cells)
        })
    }

    /// Ends the output, and says what it could not hold.
    pub(super) fn finish(self, context: &Context) -> Result<()> {
        let written = self.sink.finish()?;
        if written.zeros > 0 {
            context.note(format!(
                "{} undefined became 0, for which whole numbers have no other word",
                count(written.zeros, "value")
            ));
        }
        if written.rounded > 0 {
            context.note(format!("{} above 2^53 lost digits as real numbers", count(written.rounded, "whole number")));
        }
        Ok(())
    }
}

/// The encoded prefix of the row before: most rows have the same.
struct Known<'a> {
    prefix: &'a Prefix<'a>,
    encoder: RowEncoder,
    of: (u32, u32),
    bytes: Vec<u8>,
}

impl Known<'_> {
    fn turn_to(&mut self, capture: u32, sample: u32) {
        if self.of != (capture, sample) || self.bytes.is_empty() {
            self.of = (capture, sample);
            self.bytes.clear();
            self.encoder.part(&self.prefix.cells(capture, sample), &mut self.bytes);
        }
    }
}

/// What the output says of how it was made.
fn metadata(request: &Request) -> Metadata {
    let timeouts = request.timeouts;
    let options = serde_json::json!({
        "sets": request.set.sets,
        "idle_timeout_s": timeouts.idle as f64 / 1e9,
        "active_timeout_s": timeouts.active.map(|active| active as f64 / 1e9),
        "activity_s": request.activity as f64 / 1e9,
        "outer": request.keying.outer,
        "key_vlan": request.keying.vlan,
        "key_tunnel": request.keying.tunnel,
        "max_flows": request.max_flows,
    });
    metadata_of(&options)
}

/// What an output says that was made with these options.
pub(super) fn metadata_of(options: &serde_json::Value) -> Metadata {
    vec![
        ("pcapml.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("pcapml.options".to_owned(), options.to_string()),
    ]
}

/// The format of the output: that asked for, or that of its name; CSV on standard output.
pub(super) fn format(request: &Request) -> Result<RowFormat> {
    let path = request.output.path.as_path();
    match (request.format, RowFormat::of_name(path)) {
        (Some(format), _) | (None, Some(format)) => Ok(format),
        (None, None) if path == Path::new("-") => Ok(RowFormat::Csv),
        (None, None) => Err(Error::request("the output's name does not say its format")
            .in_file(path)
            .advise("end it in .csv, .jsonl, .parquet, .arrow, .npy or .npz, or give --to")),
    }
}
