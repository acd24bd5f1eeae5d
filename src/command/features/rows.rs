//! Rows in their order, behind what their captures and samples say.

use std::path::Path;

use super::prefix::{Prefix, Prefixes};
use super::sorted::Sorted;
use super::units::{Unit, Units};
use super::{Request, RowUnit};
use crate::command::{Context, count};
use crate::error::{Error, Result};
use crate::feature::{FeatureSet, Totals};
use crate::sink::{RowEncoder, RowFormat, RowShape, RowSink, Written};
use crate::table::{Cell, Column};

/// Where rows go, and what they look like.
pub(super) struct Output<'a> {
    pub(super) request: &'a Request,
    pub(super) format: RowFormat,
    pub(super) set: &'a FeatureSet,
    pub(super) prefix: &'a Prefix<'a>,
    /// A digest of the input.
    pub(super) digest: String,
}

impl Output<'_> {
    /// Writes all rows.
    pub(super) fn write(&self, sorted: Sorted, units: Units, context: &Context) -> Result<()> {
        let before = self.prefix.columns(&self.set.columns());
        let mut columns = before.clone();
        columns.extend(self.set.columns());
        let shape = RowShape {
            metadata: metadata(self.request, &self.digest),
            partition: self.request.partition.clone(),
            ..self.shape(columns)
        };
        let mut prefixes = Prefixes::new(self.prefix, &before, &shape)?;
        let target = &self.request.output;
        let mut sink = RowSink::create(&target.path, &shape, &context.rules(target, Vec::new()))?;
        for name in sink.left_out() {
            context.note(format!("the column '{name}' has no place in the output"));
        }
        match self.request.rows {
            RowUnit::Flow => flows(sorted, &mut prefixes, &mut sink)?,
            RowUnit::Sample => self.samples(sorted, units, &mut prefixes, &mut sink, context)?,
        }
        tell(sink.finish()?, context);
        Ok(())
    }

    fn shape(&self, columns: Vec<Column>) -> RowShape {
        RowShape { undefined: self.request.undefined, ..RowShape::new(self.format, columns) }
    }

    /// A row for each sample; if no packet has one, for each capture.
    fn samples(
        &self,
        sorted: Sorted,
        mut units: Units,
        prefixes: &mut Prefixes,
        sink: &mut RowSink,
        context: &Context,
    ) -> Result<()> {
        let outside = units.leave_unlabelled_if_others_are_not();
        if outside > 0 {
            context.note(format!("{} without a sample: in no row", count(outside, "packet")));
        }
        let mut rows = SampleRows {
            totals: self.shape(self.set.totals().iter().map(|total| total.column()).collect()).encoder(),
            no_flow: self.no_flow(),
            set: self.set,
            prefixes,
            sink,
            row: Vec::new(),
        };
        // Both go by units: those before the row's have no flow that was not seen.
        let mut left = std::mem::take(&mut units.totals).into_iter().peekable();
        let mut first: Vec<u8> = Vec::new();
        let mut current: Option<(Unit, u64, Totals)> = None;
        sorted.finish(|record| {
            let Record { capture, sample, cells } = Record::read(record)?;
            let unit = Unit::of(capture.into(), sample);
            if let Some((_, _, totals)) = current.as_mut().filter(|(of, ..)| *of == unit) {
                totals.flows += 1;
                return Ok(());
            }
            if let Some((unit, capture, totals)) = current.take() {
                rows.write(unit, capture, &totals, Some(&first))?;
            }
            while let Some((before, (capture, totals))) = left.next_if(|(next, _)| *next < unit) {
                rows.write(before, capture, &totals, None)?;
            }
            if let Some((unit, (capture, mut totals))) = left.next_if(|(next, _)| *next == unit) {
                totals.flows = 1;
                current = Some((unit, capture, totals));
                first.clear();
                first.extend_from_slice(cells);
            }
            Ok(())
        })?;
        if let Some((unit, capture, totals)) = current {
            rows.write(unit, capture, &totals, Some(&first))?;
        }
        left.try_for_each(|(unit, (capture, totals))| rows.write(unit, capture, &totals, None))
    }

    /// The encoded cells of a sample that has no flow.
    fn no_flow(&self) -> Vec<u8> {
        let columns = self.set.flow_columns();
        let mut bytes = Vec::new();
        self.shape(columns.clone()).encoder().part(&vec![Cell::Missing; columns.len()], &mut bytes);
        bytes
    }
}

/// Rows of samples, being written.
struct SampleRows<'a, 'b> {
    totals: RowEncoder,
    no_flow: Vec<u8>,
    set: &'a FeatureSet,
    prefixes: &'a mut Prefixes<'b>,
    sink: &'a mut RowSink,
    row: Vec<u8>,
}

impl SampleRows<'_, '_> {
    fn write(&mut self, unit: Unit, capture: u64, totals: &Totals, first: Option<&[u8]>) -> Result<()> {
        let cells: Vec<Cell> = self.set.totals().iter().map(|total| (total.value)(totals)).collect();
        let mut known = Vec::new();
        self.totals.part(&cells, &mut known);
        let of_flow = first.unwrap_or(&self.no_flow);
        self.prefixes.row((capture as u32, unit.sample()), [&known, of_flow], &mut self.row);
        self.sink.row(&self.row)
    }
}

/// A row for each flow.
fn flows(sorted: Sorted, prefixes: &mut Prefixes, sink: &mut RowSink) -> Result<()> {
    let mut row = Vec::new();
    sorted.finish(|record| {
        let Record { capture, sample, cells } = Record::read(record)?;
        prefixes.row((capture, sample), [cells, &[]], &mut row);
        sink.row(&row)
    })
}

/// A flow's row, as a tracker left it.
struct Record<'a> {
    capture: u32,
    /// The number of the sample, or [`NO_SAMPLE`].
    sample: u32,
    cells: &'a [u8],
}

impl<'a> Record<'a> {
    fn read(record: &'a [u8]) -> Result<Self> {
        let broken = || Error::request("a row was damaged on the disk");
        let (capture, rest) = record.split_first_chunk().ok_or_else(broken)?;
        let (sample, cells) = rest.split_first_chunk().ok_or_else(broken)?;
        Ok(Self { capture: u32::from_le_bytes(*capture), sample: u32::from_le_bytes(*sample), cells })
    }
}

/// Tells what the format could not hold.
fn tell(written: Written, context: &Context) {
    if written.zeros > 0 {
        context.note(format!(
            "{} undefined became 0, for which whole numbers have no other word",
            count(written.zeros, "value")
        ));
    }
    if written.rounded > 0 {
        context.note(format!("{} above 2^53 lost digits as real numbers", count(written.rounded, "whole number")));
    }
}

/// What the output says of how it was made.
fn metadata(request: &Request, digest: &str) -> Vec<(String, String)> {
    let timeouts = request.timeouts;
    let options = serde_json::json!({
        "sets": request.set.sets,
        "legacy": request.set.legacy.names(),
        "idle_timeout_s": timeouts.idle as f64 / 1e9,
        "active_timeout_s": timeouts.active.map(|active| active as f64 / 1e9),
        "activity_s": request.activity as f64 / 1e9,
        "outer": request.keying.outer,
        "key_vlan": request.keying.vlan,
        "key_tunnel": request.keying.tunnel,
        "max_flows": request.max_flows,
        "rows": match request.rows {
            RowUnit::Flow => "flow",
            RowUnit::Sample => "sample",
        },
        "first": request.first,
        "dedup": request.dedup,
    });
    vec![
        ("pcapml.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("pcapml.options".to_owned(), options.to_string()),
        // XXH3 of the times, lengths, bytes and samples of all packets.
        ("pcapml.input".to_owned(), format!("xxh3:{digest}")),
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
