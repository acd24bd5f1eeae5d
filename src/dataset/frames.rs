//! Samples and packets as Arrow record batches.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch, TimestampNanosecondArray, UInt16Array, UInt32Array, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use super::columns::{NO_TIME, SampleColumns};
use super::index::Index;

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

/// The columns about a packet; with those of its sample before them.
fn packet_schema(with_sample: bool) -> SchemaRef {
    let mut fields = Vec::new();
    if with_sample {
        fields.push(Field::new("sample_id", DataType::UInt64, false));
        fields.push(Field::new("label", DataType::Utf8, false));
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
    Arc::new(Schema::new(fields))
}

/// The packets of a sample, in as many batches as they need.
///
/// # Errors
/// Never: the columns are those of the schema.
pub fn whole_sample(columns: &SampleColumns) -> Result<(SchemaRef, Vec<RecordBatch>), ArrowError> {
    let mut batches = PacketBatches::new(usize::MAX, false);
    let mut made = batches.take(columns)?;
    made.extend(batches.rest()?);
    Ok((batches.schema(), made))
}

/// Collects packets until there are enough for a batch.
pub struct PacketBatches {
    schema: SchemaRef,
    size: usize,
    ids: Vec<u64>,
    labels: StringBuilder,
    numbers: Vec<u64>,
    times: Vec<i64>,
    lengths: Vec<u32>,
    captured: Vec<u32>,
    interfaces: Vec<u32>,
    link_types: Vec<u16>,
    raw: BinaryBuilder,
    bytes: usize,
    with_sample: bool,
}

impl PacketBatches {
    /// Batches of so many packets, with the id and the label of their samples or without.
    pub fn new(size: usize, with_sample: bool) -> Self {
        Self {
            schema: packet_schema(with_sample),
            size: size.max(1),
            ids: Vec::new(),
            labels: StringBuilder::new(),
            numbers: Vec::new(),
            times: Vec::new(),
            lengths: Vec::new(),
            captured: Vec::new(),
            interfaces: Vec::new(),
            link_types: Vec::new(),
            raw: BinaryBuilder::new(),
            bytes: 0,
            with_sample,
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
            let bytes = columns.packet_bytes(at);
            if self.with_sample {
                self.ids.push(columns.sample.id.0);
                self.labels.append_value(&columns.sample.label);
            }
            self.numbers.push(columns.numbers[at]);
            self.times.push(columns.times[at]);
            self.lengths.push(columns.lengths[at]);
            self.captured.push(columns.captured[at]);
            self.interfaces.push(columns.interfaces[at]);
            self.link_types.push(columns.link_types[at] as u16);
            self.raw.append_value(bytes);
            self.bytes += bytes.len();
            if self.numbers.len() >= self.size || self.bytes >= MAX_BYTES {
                full.extend(self.rest()?);
            }
        }
        Ok(full)
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
        if self.with_sample {
            columns.push(Arc::new(UInt64Array::from(std::mem::take(&mut self.ids))));
            columns.push(Arc::new(self.labels.finish()));
        }
        columns.push(Arc::new(UInt64Array::from(std::mem::take(&mut self.numbers))));
        columns.push(times(std::mem::take(&mut self.times).into_iter()));
        columns.push(Arc::new(UInt32Array::from(std::mem::take(&mut self.lengths))));
        columns.push(Arc::new(UInt32Array::from(std::mem::take(&mut self.captured))));
        columns.push(Arc::new(UInt32Array::from(std::mem::take(&mut self.interfaces))));
        columns.push(Arc::new(UInt16Array::from(std::mem::take(&mut self.link_types))));
        columns.push(Arc::new(self.raw.finish()));
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map(Some)
    }
}
