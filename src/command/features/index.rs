//! The table of `--packets`: which flow of which sample each packet is in, or why it is in none.
//!
//! Where the numbers of flows would tell what is masked, a flow is known by its first packet, as rows say it too.

use std::path::Path;

use crate::command::memberships::NO_SAMPLE;
use crate::command::sorted::Rows;
use crate::command::sorted::Sorted;
use crate::command::{Context, Target};
use crate::error::{Error, Result};
use crate::feature::FLOW_ID_TELLS;
use crate::packet::Sample;
use crate::redact::Mask;
use crate::sample::sort::SortKey;
use crate::sink::{RowFormat, RowShape, RowSink, directory_of};
use crate::table::{Cell, Column, ColumnKind};

/// A packet in a flow of a sample, or in none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) capture: u64,
    pub(super) packet: u64,
    pub(super) sample: u32,
    pub(super) flow: Result<u64, &'a str>,
}

impl Entry<'_> {
    /// Appends it to rows that wait to be sorted.
    pub(super) fn push(&self, rows: &mut Rows) {
        let out = &mut rows.bytes;
        out.extend_from_slice(&(self.capture as u32).to_le_bytes());
        out.extend_from_slice(&self.sample.to_le_bytes());
        out.extend_from_slice(&self.packet.to_le_bytes());
        match self.flow {
            Ok(flow) => out.extend_from_slice(&flow.to_le_bytes()),
            Err(reason) => {
                out.extend_from_slice(&u64::MAX.to_le_bytes());
                out.extend_from_slice(reason.as_bytes());
            }
        }
        let key = SortKey::of_row(self.capture, self.packet as i64, 0, self.sample);
        rows.ends.push((key, rows.bytes.len()));
    }

    fn read(record: &[u8]) -> Option<Entry<'_>> {
        let (capture, rest) = record.split_first_chunk()?;
        let (sample, rest) = rest.split_first_chunk()?;
        let (packet, rest) = rest.split_first_chunk()?;
        let (flow, reason) = rest.split_first_chunk()?;
        let flow = match u64::from_le_bytes(*flow) {
            u64::MAX => Err(std::str::from_utf8(reason).ok()?),
            flow => Ok(flow),
        };
        Some(Entry {
            capture: u32::from_le_bytes(*capture).into(),
            packet: u64::from_le_bytes(*packet),
            sample: u32::from_le_bytes(*sample),
            flow,
        })
    }
}

/// True if flows can be known by their numbers.
pub(super) const fn shows_ids(mask: Mask) -> bool {
    !FLOW_ID_TELLS.meets(mask)
}

/// Sees that the table has a format and a place of its own.
pub(super) fn check(path: &Path, rows: &Path) -> Result<RowFormat> {
    if same_place(path, rows) {
        return Err(Error::request("--packets and the rows cannot go to one place").in_file(path));
    }
    RowFormat::of_name(path).filter(|format| !matches!(format, RowFormat::Npy | RowFormat::Npz)).ok_or_else(|| {
        Error::request("the name does not say a format of --packets")
            .in_file(path)
            .advise("end it in .parquet, .csv, .jsonl or .arrow")
    })
}

/// True if both name one file, which need not exist.
fn same_place(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| (std::fs::canonicalize(directory_of(path)).ok(), path.file_name().map(ToOwned::to_owned));
    one != Path::new("-") && place(one) == place(other)
}

/// Writes the table.
pub(super) fn write(
    (target, sorted): (&Target, Sorted),
    mask: Mask,
    captures: &[String],
    samples: &[Sample],
    context: &Context,
) -> Result<()> {
    let format = check(&target.path, Path::new(""))?;
    let columns = vec![
        Column::new("file", ColumnKind::Text, "The capture."),
        Column::new("packet", ColumnKind::Count, "The packet's number in the capture, from 1."),
        Column::new("sample_id", ColumnKind::Id, "The id of the sample."),
        match shows_ids(mask) {
            true => Column::new("flow_id", ColumnKind::Id, "The number of the flow."),
            false => Column::new("first_packet", ColumnKind::Count, "The number of the flow's first packet."),
        },
        Column::new("reason", ColumnKind::Text, "Why the packet is in no flow."),
    ];
    let shape = RowShape::new(format, columns);
    let encoder = shape.encoder();
    let mut sink = RowSink::create(&target.path, &shape, &context.rules(target, Vec::new()))?;
    let mut row = Vec::new();
    sorted.finish(|record| {
        let entry = Entry::read(record).ok_or_else(|| Error::request("a row was damaged on the disk"))?;
        let text = |text: &'_ str| Cell::Text(text.to_owned().into());
        let sample = samples.get(entry.sample as usize).filter(|_| entry.sample != NO_SAMPLE);
        row.clear();
        encoder.encode(
            &[
                captures.get(entry.capture as usize).map_or(Cell::Missing, |name| text(name)),
                Cell::Count(entry.packet),
                sample.map_or(Cell::Missing, |sample| Cell::Count(sample.id.0)),
                entry.flow.map_or(Cell::Missing, Cell::Count),
                entry.flow.map_or_else(text, |_| Cell::Missing),
            ],
            &mut row,
        );
        sink.row(&row)
    })?;
    sink.finish().map(|_| ())
}
