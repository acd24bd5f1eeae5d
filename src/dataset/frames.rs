//! Samples and packets as Arrow record batches.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch, TimestampNanosecondArray, UInt16Array, UInt32Array, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use super::columns::{NO_TIME, SampleColumns};
use super::index::Index;
use crate::packet::Sample;
use crate::sample::comment;

/// The most bytes of one batch's packets: their places are 32-bit numbers.
const MAX_BYTES: usize = 1 << 28;

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

fn times(values: impl Iterator<Item = i64>) -> ArrayRef {
    let values = values.map(|time| (time != NO_TIME).then_some(time));
    Arc::new(values.collect::<TimestampNanosecondArray>().with_timezone("UTC"))
}

/// The names of fields that any of the samples has, sorted.
fn field_names(index: &Index) -> Vec<String> {
    let names = index.entries().iter().flat_map(|entry| entry.sample.fields.iter().map(|(key, _)| key.clone()));
    names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// A field's column; one that is called like a column of ours is named `sample_…`.
fn field_column(name: &str) -> String {
    const OURS: [&str; 7] = ["sample_id", "label", "packets", "bytes", "captured_bytes", "first_time", "last_time"];
    match OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
        true => format!("sample_{name}"),
        false => name.to_owned(),
    }
}

/// The columns of [`sample_batch`].
pub fn sample_schema(index: &Index) -> SchemaRef {
    let mut fields = vec![Field::new("sample_id", DataType::UInt64, false), Field::new("label", DataType::Utf8, false)];
    fields.extend(field_names(index).into_iter().map(|name| Field::new(field_column(&name), DataType::Utf8, true)));
    for name in ["packets", "bytes", "captured_bytes"] {
        fields.push(Field::new(name, DataType::UInt64, false));
    }
    fields.push(Field::new("first_time", time(), true));
    fields.push(Field::new("last_time", time(), true));
    Arc::new(Schema::new(fields))
}

/// One row for each sample.
///
/// # Errors
/// Never: the columns are those of the schema.
pub fn sample_batch(index: &Index) -> Result<RecordBatch, ArrowError> {
    let entries = index.entries();
    let ids: UInt64Array = entries.iter().map(|entry| Some(entry.sample.id.0)).collect();
    let mut labels = StringBuilder::new();
    entries.iter().for_each(|entry| labels.append_value(&entry.sample.label));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(labels.finish())];
    for name in field_names(index) {
        let mut values = StringBuilder::new();
        entries.iter().for_each(|entry| values.append_option(entry.sample.field(&name)));
        columns.push(Arc::new(values.finish()));
    }
    for count in [
        |entry: &super::Entry| entry.packets,
        |entry: &super::Entry| entry.bytes,
        |entry: &super::Entry| entry.captured,
    ] {
        columns.push(Arc::new(entries.iter().map(|entry| Some(count(entry))).collect::<UInt64Array>()));
    }
    columns.push(times(entries.iter().map(|entry| entry.first)));
    columns.push(times(entries.iter().map(|entry| entry.last)));
    RecordBatch::try_new(sample_schema(index), columns)
}

/// Which columns stand beside those about a packet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beside {
    /// `sample_id` and `label`, before them.
    pub sample: bool,
    /// `comment`, behind them: the one that names the sample, as it stands, or else the first.
    pub comment: bool,
}

fn packet_schema(beside: Beside) -> SchemaRef {
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
pub fn whole_sample(columns: &SampleColumns) -> Result<(SchemaRef, Vec<RecordBatch>), ArrowError> {
    let mut batches = PacketBatches::new(usize::MAX, Beside::default());
    let mut made = batches.take(columns)?;
    made.extend(batches.rest()?);
    Ok((batches.schema(), made))
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

    /// What batches hold.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Takes all packets of a sample; the batches that are full with them.
    ///
    /// # Errors
    /// Never: the columns are those of the schema.
    pub fn take(&mut self, columns: &SampleColumns) -> Result<Vec<RecordBatch>, ArrowError> {
        let mut full = Vec::new();
        for at in 0..columns.len() {
            let names = |text: &&[u8]| comment::id(text) == Some(columns.sample.id);
            let text = self.beside.comment.then(|| columns.packet_comments(at).find(names)).flatten();
            full.extend(self.push(&PacketRow {
                sample: Some(&columns.sample),
                number: columns.numbers[at],
                time: columns.times[at],
                length: columns.lengths[at],
                interface: columns.interfaces[at],
                link_type: columns.link_types[at] as u16,
                bytes: columns.packet_bytes(at),
                comment: text,
            })?);
        }
        Ok(full)
    }

    /// Takes a packet; a batch, if it is full with it.
    ///
    /// # Errors
    /// Never: the columns are those of the schema.
    pub fn push(&mut self, row: &PacketRow) -> Result<Option<RecordBatch>, ArrowError> {
        if self.beside.sample {
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
            self.comments.append_option(row.comment.map(String::from_utf8_lossy));
        }
        self.bytes += row.bytes.len();
        if self.numbers.len() >= self.size || self.bytes >= MAX_BYTES { self.rest() } else { Ok(None) }
    }

    /// The packets that are left, if there are any.
    ///
    /// # Errors
    /// Never: the columns are those of the schema.
    pub fn rest(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.numbers.is_empty() {
            return Ok(None);
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
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map(Some)
    }
}
