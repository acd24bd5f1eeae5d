//! Samples and packets as Arrow record batches.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch, TimestampNanosecondArray, UInt16Array, UInt32Array, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use super::columns::{NO_TIME, SampleColumns};
use super::index::{Entry, Index};
use crate::error::{Error, Result};
use crate::packet::Sample;
use crate::sample::{comment, fields};

/// The most bytes of one batch's packets, labels and comments: the places of each of these are 32-bit numbers.
const MAX_BYTES: usize = if cfg!(test) { 1 << 10 } else { 1 << 28 };

/// The most samples of a batch, for the same reason: what a sample says fits into a comment, of 64 KiB.
const MAX_SAMPLES: usize = 1 << 14;

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

fn times(values: impl Iterator<Item = i64>) -> ArrayRef {
    let values = values.map(|time| (time != NO_TIME).then_some(time));
    Arc::new(values.collect::<TimestampNanosecondArray>().with_timezone("UTC"))
}

/// The fields of all samples.
fn field_names(index: &Index) -> Vec<String> {
    fields::names(index.entries().iter().map(|entry| &entry.sample))
}

/// The columns of [`sample_batches`].
pub fn sample_schema(index: &Index) -> SchemaRef {
    const COUNTS: [&str; 3] = ["packets", "bytes", "captured_bytes"];
    const TIMES: [&str; 2] = ["first_time", "last_time"];
    let ours = ["sample_id", "label"].iter().chain(&COUNTS).chain(&TIMES);
    let names = fields::column_names(&field_names(index), &ours.copied().collect::<Vec<_>>());
    let mut columns =
        vec![Field::new("sample_id", DataType::UInt64, false), Field::new("label", DataType::Utf8, false)];
    columns.extend(names.into_iter().map(|name| Field::new(name, DataType::Utf8, true)));
    columns.extend(COUNTS.map(|name| Field::new(name, DataType::UInt64, false)));
    columns.extend(TIMES.map(|name| Field::new(name, time(), true)));
    Arc::new(Schema::new(columns))
}

/// One row for each sample.
///
/// # Errors
/// Never: the columns are those of the schema.
pub fn sample_batches(index: &Index) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let (schema, fields) = (sample_schema(index), field_names(index));
    let batch = |entries| sample_batch(entries, &fields, &schema);
    let batches = index.entries().chunks(MAX_SAMPLES).map(batch).collect::<Result<_>>()?;
    Ok((schema, batches))
}

fn sample_batch(entries: &[Entry], fields: &[String], schema: &SchemaRef) -> Result<RecordBatch> {
    let ids: UInt64Array = entries.iter().map(|entry| Some(entry.sample.id.0)).collect();
    let mut labels = StringBuilder::new();
    entries.iter().for_each(|entry| labels.append_value(&entry.sample.label));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(labels.finish())];
    for name in fields {
        let mut values = StringBuilder::new();
        entries.iter().for_each(|entry| values.append_option(entry.sample.field(name)));
        columns.push(Arc::new(values.finish()));
    }
    for count in [|entry: &Entry| entry.packets, |entry: &Entry| entry.bytes, |entry: &Entry| entry.captured] {
        columns.push(Arc::new(entries.iter().map(|entry| Some(count(entry))).collect::<UInt64Array>()));
    }
    columns.push(times(entries.iter().map(|entry| entry.first)));
    columns.push(times(entries.iter().map(|entry| entry.last)));
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(failed)
}

fn failed(error: ArrowError) -> Error {
    Error::from(std::io::Error::other(error))
}

/// Which columns stand beside those about a packet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beside {
    /// `sample_id` and `label`, before them.
    pub sample: bool,
    /// `comment`, behind them: the one that names the sample, as it stands, or else the first.
    pub comment: bool,
}

/// The columns of batches of packets.
pub fn packet_schema(beside: Beside) -> SchemaRef {
    let mut fields = Vec::new();
    if beside.sample {
        fields.push(Field::new("sample_id", DataType::UInt64, true));
        fields.push(Field::new("label", DataType::Utf8, true));
    }
    fields.extend([
        Field::new("packet", DataType::UInt64, false),
        Field::new("timestamp", time(), true),
        Field::new("length", DataType::UInt32, false),
        Field::new("captured_length", DataType::UInt32, false),
        Field::new("interface", DataType::UInt32, false),
        Field::new("link_type", DataType::UInt16, false),
        Field::new("raw", DataType::Binary, false),
    ]);
    if beside.comment {
        fields.push(Field::new("comment", DataType::Utf8, true));
    }
    Arc::new(Schema::new(fields))
}

/// The packets of a sample, in as many batches as they need.
///
/// # Errors
/// Never: the columns are those of the schema.
pub fn whole_sample(columns: &SampleColumns) -> Result<(SchemaRef, VecDeque<RecordBatch>)> {
    let mut batches = PacketBatches::new(usize::MAX, Beside::default());
    let mut full = VecDeque::new();
    batches.take(columns, &mut full)?;
    batches.rest(&mut full)?;
    Ok((batches.schema, full))
}

/// One packet on its way into a batch.
#[derive(Debug, Clone, Copy)]
pub struct PacketRow<'a> {
    /// Its sample, if it has one.
    pub sample: Option<&'a Sample>,
    /// Its number in the capture.
    pub number: u64,
    /// Nanoseconds since 1970, or [`NO_TIME`].
    pub time: i64,
    /// Its length on the wire.
    pub length: u32,
    /// The number of its interface.
    pub interface: u32,
    /// The link type of that.
    pub link_type: u16,
    /// The captured bytes.
    pub bytes: &'a [u8],
    /// A comment.
    pub comment: Option<&'a [u8]>,
}

/// Collects packets until there are enough for a batch.
pub struct PacketBatches {
    schema: SchemaRef,
    size: usize,
    beside: Beside,
    ids: UInt64Builder,
    labels: StringBuilder,
    numbers: Vec<u64>,
    times: Vec<i64>,
    lengths: Vec<u32>,
    captured: Vec<u32>,
    interfaces: Vec<u32>,
    link_types: Vec<u16>,
    raw: BinaryBuilder,
    comments: StringBuilder,
    bytes: usize,
}

impl PacketBatches {
    /// Batches of so many packets.
    pub fn new(size: usize, beside: Beside) -> Self {
        Self {
            schema: packet_schema(beside),
            size: size.max(1),
            beside,
            ids: UInt64Builder::new(),
            labels: StringBuilder::new(),
            numbers: Vec::new(),
            times: Vec::new(),
            lengths: Vec::new(),
            captured: Vec::new(),
            interfaces: Vec::new(),
            link_types: Vec::new(),
            raw: BinaryBuilder::new(),
            comments: StringBuilder::new(),
            bytes: 0,
        }
    }

    /// Takes all packets of a sample; batches that are full with them go to `full`.
    ///
    /// # Errors
    /// Never: the columns are those of the schema.
    pub fn take(&mut self, columns: &SampleColumns, full: &mut VecDeque<RecordBatch>) -> Result<()> {
        for at in 0..columns.len() {
            let names = |text: &&[u8]| comment::id(text) == Some(columns.sample.id);
            let text = self.beside.comment.then(|| columns.packet_comments(at).find(names)).flatten();
            let row = PacketRow {
                sample: Some(&columns.sample),
                number: columns.numbers[at],
                time: columns.times[at],
                length: columns.lengths[at],
                interface: columns.interfaces[at],
                link_type: columns.link_types[at] as u16,
                bytes: columns.packet_bytes(at),
                comment: text,
            };
            self.push(&row, full)?;
        }
        Ok(())
    }

    /// Takes a packet; a batch that is full with it goes to `full`.
    ///
    /// # Errors
    /// Never: the columns are those of the schema.
    pub fn push(&mut self, row: &PacketRow, full: &mut VecDeque<RecordBatch>) -> Result<()> {
        if self.beside.sample {
            self.bytes += row.sample.map_or(0, |sample| sample.label.len());
            self.ids.append_option(row.sample.map(|sample| sample.id.0));
            self.labels.append_option(row.sample.map(|sample| &sample.label));
        }
        self.numbers.push(row.number);
        self.times.push(row.time);
        self.lengths.push(row.length);
        self.captured.push(row.bytes.len() as u32);
        self.interfaces.push(row.interface);
        self.link_types.push(row.link_type);
        self.raw.append_value(row.bytes);
        if self.beside.comment {
            let text = row.comment.map(String::from_utf8_lossy);
            self.bytes += text.as_ref().map_or(0, |text| text.len());
            self.comments.append_option(text);
        }
        self.bytes += row.bytes.len();
        if self.numbers.len() >= self.size || self.bytes >= MAX_BYTES { self.rest(full) } else { Ok(()) }
    }

    /// The packets that are left, if there are any, go to `full`.
    ///
    /// # Errors
    /// Never: the columns are those of the schema.
    pub fn rest(&mut self, full: &mut VecDeque<RecordBatch>) -> Result<()> {
        if self.numbers.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let mut columns: Vec<ArrayRef> = Vec::new();
        if self.beside.sample {
            columns.push(Arc::new(self.ids.finish()));
            columns.push(Arc::new(self.labels.finish()));
        }
        columns.push(Arc::new(UInt64Array::from(std::mem::take(&mut self.numbers))));
        columns.push(times(std::mem::take(&mut self.times).into_iter()));
        columns.push(Arc::new(UInt32Array::from(std::mem::take(&mut self.lengths))));
        columns.push(Arc::new(UInt32Array::from(std::mem::take(&mut self.captured))));
        columns.push(Arc::new(UInt32Array::from(std::mem::take(&mut self.interfaces))));
        columns.push(Arc::new(UInt16Array::from(std::mem::take(&mut self.link_types))));
        columns.push(Arc::new(self.raw.finish()));
        if self.beside.comment {
            columns.push(Arc::new(self.comments.finish()));
        }
        full.push_back(RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(failed)?);
        Ok(())
    }
}
