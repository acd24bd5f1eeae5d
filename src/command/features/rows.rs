//! Rows of flows in their order, and rows of samples.

use super::enforced::Enforced;
use super::prefix::Prefix;
use super::units::{Unit, Units};
use super::writer::{Record, Writer, metadata_of};
use super::{Request, RowUnit};
use crate::command::Context;
use crate::command::sorted::Sorted;
use crate::error::Result;
use crate::feature::{FeatureSet, Totals};
use crate::sink::{Metadata, RowEncoder, RowFormat, RowShape};
use crate::table::{Cell, Column};

/// What rows of flows and samples are made of.
pub(super) struct Output<'a> {
    pub(super) request: &'a Request,
    pub(super) enforced: Enforced,
    pub(super) format: RowFormat,
    pub(super) set: &'a FeatureSet,
    pub(super) prefix: &'a Prefix<'a>,
    /// A digest of the input.
    pub(super) digest: String,
}

impl Output<'_> {
    /// Writes all rows.
    pub(super) fn write(&self, sorted: Sorted, units: Units, context: &Context) -> Result<()> {
        let metadata = metadata(self.request, &self.enforced, &self.digest);
        let columns = self.set.columns();
        let mut writer = Writer::create(self.request, self.format, columns, self.prefix, metadata, context)?;
        match self.request.rows {
            RowUnit::Sample => self.samples(sorted, units, &mut writer, context)?,
            RowUnit::Flow | RowUnit::Packet => sorted.finish(|record| writer.record(record))?,
        }
        writer.finish(context)
    }

    fn encoder(&self, columns: Vec<Column>) -> RowEncoder {
        RowShape { undefined: self.request.undefined, ..RowShape::new(self.format, columns) }.encoder()
    }

    /// A row for each sample; if no packet has one, for each capture.
    fn samples(&self, sorted: Sorted, mut units: Units, writer: &mut Writer, context: &Context) -> Result<()> {
        let outside = units.leave_unlabelled_if_others_are_not();
        context.note_any(outside, "packet", "without a sample: in no row");
        let mut rows = SampleRows {
            totals: self.encoder(self.set.totals().iter().map(|total| total.column()).collect()),
            no_flow: self.no_flow(),
            set: self.set,
            writer,
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
        self.encoder(columns.clone()).part(&vec![Cell::Missing; columns.len()], &mut bytes);
        bytes
    }
}

/// Rows of samples, being written.
struct SampleRows<'a, 'b> {
    totals: RowEncoder,
    no_flow: Vec<u8>,
    set: &'a FeatureSet,
    writer: &'a mut Writer<'b>,
}

impl SampleRows<'_, '_> {
    fn write(&mut self, unit: Unit, capture: u64, totals: &Totals, first: Option<&[u8]>) -> Result<()> {
        let cells: Vec<Cell> = self.set.totals().iter().map(|total| (total.value)(totals)).collect();
        let mut known = Vec::new();
        self.totals.part(&cells, &mut known);
        let of_flow = first.unwrap_or(&self.no_flow);
        self.writer.row(capture as u32, unit.sample(), [&known, of_flow])
    }
}

/// What the output says of how it was made.
fn metadata(request: &Request, enforced: &Enforced, digest: &str) -> Metadata {
    let timeouts = request.timeouts;
    let mut options = serde_json::json!({
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
            RowUnit::Packet => "packet",
            RowUnit::Flow => "flow",
            RowUnit::Sample => "sample",
        },
        "first": request.first,
        "dedup": request.dedup,
    });
    enforced.note_in(&mut options);
    let mut metadata = metadata_of(&options);
    // XXH3 of the times, lengths, bytes and samples of all packets.
    metadata.push(("pcapml.input".to_owned(), format!("xxh3:{digest}")));
    metadata
}
