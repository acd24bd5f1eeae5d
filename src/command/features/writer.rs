//! An output of rows: what captures and samples say, and behind it the cells of a set.

use std::path::Path;

use super::Request;
use super::prefix::{Prefix, Prefixes};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::sink::{Metadata, RowFormat, RowShape, RowSink};
use crate::table::Column;

/// Rows under construction: parts of rows go in, the cells of a set as its encoder encoded them.
pub(super) struct Writer<'a> {
    prefixes: Prefixes<'a>,
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
        let mut columns = before.clone();
        columns.extend(features);
        let shape = RowShape {
            undefined: request.undefined,
            metadata,
            partition: request.partition.clone(),
            ..RowShape::new(format, columns)
        };
        let prefixes = Prefixes::new(prefix, &before, &shape)?;
        let is_plain = before.is_empty() && shape.encoder().is_joined_by_nothing();
        let target = &request.output;
        let sink = RowSink::create(&target.path, &shape, &context.rules(target, Vec::new()))?;
        for name in sink.left_out() {
            context.note(format!("the column '{name}' has no place in the output"));
        }
        Ok(Self { prefixes, sink, row: Vec::new(), is_plain })
    }

    /// Writes a row of this capture and sample, whose cells these parts are.
    #[inline]
    pub(super) fn row(&mut self, capture: u32, sample: u32, parts: [&[u8]; 2]) -> Result<()> {
        match parts {
            [cells, []] if self.is_plain => self.sink.row(cells),
            _ => {
                self.prefixes.row((capture, sample), parts, &mut self.row);
                self.sink.row(&self.row)
            }
        }
    }

    /// Writes a row that waited.
    pub(super) fn record(&mut self, record: &[u8]) -> Result<()> {
        let Record { capture, sample, cells } = Record::read(record)?;
        self.row(capture, sample, [cells, &[]])
    }

    /// Ends the output, and says what it could not hold.
    pub(super) fn finish(self, context: &Context) -> Result<()> {
        let written = self.sink.finish()?;
        context.note_any(written.zeros, "value", "undefined became 0, for which whole numbers have no other word");
        context.note_any(written.rounded, "whole number", "above 2^53 lost digits as real numbers");
        Ok(())
    }
}

/// A row that waits for its place.
pub(super) struct Record<'a> {
    pub(super) capture: u32,
    /// The number of the sample, or [`NO_SAMPLE`](crate::command::memberships::NO_SAMPLE).
    pub(super) sample: u32,
    /// Its encoded cells.
    pub(super) cells: &'a [u8],
}

impl<'a> Record<'a> {
    /// Appends what stands before the cells.
    pub(super) fn begin(capture: u32, sample: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(&capture.to_le_bytes());
        out.extend_from_slice(&sample.to_le_bytes());
    }

    pub(super) fn read(record: &'a [u8]) -> Result<Self> {
        let broken = || Error::request("a row was damaged on the disk");
        let (capture, rest) = record.split_first_chunk().ok_or_else(broken)?;
        let (sample, cells) = rest.split_first_chunk().ok_or_else(broken)?;
        Ok(Self { capture: u32::from_le_bytes(*capture), sample: u32::from_le_bytes(*sample), cells })
    }
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
            .advise("end it in .csv, .jsonl, .parquet, .arrow, .sqlite, .npy or .npz, or give --to")),
    }
}
