//! Encoded rows into batches of columns, which Parquet and Arrow share.
//!
//! Ids and counts are unsigned 64-bit numbers, times nanoseconds in UTC, addresses text. The bytes and bits of a packet
//! are lists of a fixed size and not binary values: pandas gives arrays of numbers for them (of `float64` if one of the
//! lists is undefined), Polars a column of arrays, pyarrow the matrix without a copy; binary values come as `bytes`
//! objects that each user must unpack.

use std::sync::Arc;

use arrow_array::builder::{
    FixedSizeListBuilder, Float64Builder, Int8Builder, Int64Builder, ListBuilder, StringBuilder,
    TimestampNanosecondBuilder, UInt8Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use super::binary::{Cells, Stored, misplaced, words};
use super::shape::{Metadata, width};
use crate::error::{Error, Result};
use crate::packet::AddressText;
use crate::table::{Column, ColumnKind};

/// How many bytes of rows make a batch.
const BATCH: usize = 4 << 20;

/// Collects rows until there are enough for a batch.
pub(super) struct Batches {
    schema: SchemaRef,
    columns: Vec<Collected>,
    /// How many bytes the rows that were collected take.
    held: usize,
    /// How many bytes of them each row takes beside its texts and lists: eight a value, although a packet's are smaller,
    /// because Parquet notes as much for each value of a list. What is missing or cut short takes its room nevertheless.
    fixed: usize,
}

impl Batches {
    /// Batches of these columns.
    pub(super) fn of(columns: &[Column], metadata: &Metadata) -> Self {
        let fields: Vec<Field> = columns.iter().map(field).collect();
        let said: arrow_schema::Metadata = metadata.iter().cloned().collect();
        let schema = Schema::new_with_metadata(fields, said);
        let fixed = columns.iter().map(|column| 8 * width(column.kind)).sum();
        let columns = columns.iter().map(|column| Collected::of(column.kind)).collect();
        Self { schema: Arc::new(schema), columns, held: 0, fixed }
    }

    /// What the batches hold.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Takes one encoded row; a batch, if it is full with it.
    pub(super) fn push(&mut self, encoded: &[u8]) -> Result<Option<RecordBatch>> {
        let mut cells = Cells::of(encoded);
        for (at, column) in self.columns.iter_mut().enumerate() {
            let cell = cells.take()?;
            column.push(cell).ok_or_else(|| misplaced(self.schema.field(at).name(), cell))?;
        }
        cells.end()?;
        self.held += encoded.len() + self.fixed;
        match self.held >= BATCH {
            true => self.rest(),
            false => Ok(None),
        }
    }

    /// The rows that are left, if there are any.
    pub(super) fn rest(&mut self) -> Result<Option<RecordBatch>> {
        if self.held == 0 {
            return Ok(None);
        }
        self.held = 0;
        let columns = self.columns.iter_mut().map(Collected::finish).collect();
        RecordBatch::try_new(self.schema.clone(), columns).map(Some).map_err(failed)
    }
}

/// A failure of the library as ours: what the system refused stays what it is.
pub(super) fn failed(error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, error) => Error::from(error),
        other => Error::from(std::io::Error::other(other)),
    }
}

/// A column with what it says of itself.
fn field(column: &Column) -> Field {
    let of = |values: DataType| Arc::new(Field::new_list_field(values, true));
    let length = width(column.kind) as i32;
    let values = match column.kind {
        ColumnKind::Text | ColumnKind::Address => DataType::Utf8,
        ColumnKind::Count | ColumnKind::Id => DataType::UInt64,
        ColumnKind::Integer => DataType::Int64,
        ColumnKind::Real => DataType::Float64,
        ColumnKind::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        ColumnKind::Integers => DataType::List(of(DataType::Int64)),
        ColumnKind::Reals => DataType::List(of(DataType::Float64)),
        ColumnKind::Bytes(_) => DataType::FixedSizeList(of(DataType::UInt8), length),
        ColumnKind::Signs(_) => DataType::FixedSizeList(of(DataType::Int8), length),
    };
    let names = match column.kind {
        ColumnKind::Signs(names) => names.join(","),
        _ => String::new(),
    };
    let said = [("unit", column.unit), ("definition", column.doc), ("names", &names)];
    let said: arrow_schema::Metadata = said.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    Field::new(&column.name, values, true).with_metadata(said)
}

/// The values of a column.
enum Collected {
    Texts(StringBuilder),
    Counts(UInt64Builder),
    Whole(Int64Builder),
    Reals(Float64Builder),
    Times(TimestampNanosecondBuilder),
    Addresses(StringBuilder),
    WholeLists(ListBuilder<Int64Builder>),
    RealLists(ListBuilder<Float64Builder>),
    Bytes(FixedSizeListBuilder<UInt8Builder>),
    Signs(FixedSizeListBuilder<Int8Builder>),
}

impl Collected {
    fn of(kind: ColumnKind) -> Self {
        let length = width(kind) as i32;
        match kind {
            ColumnKind::Text => Self::Texts(StringBuilder::new()),
            ColumnKind::Count | ColumnKind::Id => Self::Counts(UInt64Builder::new()),
            ColumnKind::Integer => Self::Whole(Int64Builder::new()),
            ColumnKind::Real => Self::Reals(Float64Builder::new()),
            ColumnKind::Time => Self::Times(TimestampNanosecondBuilder::new().with_timezone("UTC")),
            ColumnKind::Address => Self::Addresses(StringBuilder::new()),
            ColumnKind::Integers => Self::WholeLists(ListBuilder::new(Int64Builder::new())),
            ColumnKind::Reals => Self::RealLists(ListBuilder::new(Float64Builder::new())),
            ColumnKind::Bytes(_) => Self::Bytes(FixedSizeListBuilder::new(UInt8Builder::new(), length)),
            ColumnKind::Signs(_) => Self::Signs(FixedSizeListBuilder::new(Int8Builder::new(), length)),
        }
    }

    /// Takes a value, if it is of the column's kind.
    fn push(&mut self, cell: Stored<'_>) -> Option<()> {
        match (self, cell) {
            (column, Stored::Missing) => column.push_null(),
            (Self::Reals(values), Stored::Real(value)) => values.append_value(value),
            (Self::Counts(values), Stored::Count(value)) => values.append_value(value),
            (Self::Whole(values), Stored::Integer(value)) => values.append_value(value),
            (Self::Times(values), Stored::Time(value)) => values.append_value(value),
            (Self::Texts(values), Stored::Text(value)) => values.append_value(value),
            (Self::Addresses(values), Stored::Address(value)) => {
                values.append_value(AddressText::of(value).as_str());
            }
            (Self::WholeLists(lists), Stored::Integers(list)) => {
                words(list).for_each(|word| lists.values().append_value(i64::from_le_bytes(word)));
                lists.append(true);
            }
            (Self::RealLists(lists), Stored::Reals(list)) => {
                let values = words(list).map(f64::from_le_bytes);
                values.for_each(|value| lists.values().append_option(value.is_finite().then_some(value)));
                lists.append(true);
            }
            (Self::Bytes(lists), Stored::Bytes(bytes)) => {
                let padding = (lists.value_length() as usize).checked_sub(bytes.len())?;
                lists.values().append_slice(bytes);
                lists.values().append_value_n(0, padding);
                lists.append(true);
            }
            (Self::Signs(lists), Stored::Signs(signs)) => {
                let padding = (lists.value_length() as usize).checked_sub(signs.len())?;
                signs.iter().for_each(|&sign| lists.values().append_value(sign as i8));
                lists.values().append_value_n(0, padding);
                lists.append(true);
            }
            _ => return None,
        }
        Some(())
    }

    fn push_null(&mut self) {
        match self {
            Self::Texts(values) | Self::Addresses(values) => values.append_null(),
            Self::Counts(values) => values.append_null(),
            Self::Whole(values) => values.append_null(),
            Self::Reals(values) => values.append_null(),
            Self::Times(values) => values.append_null(),
            Self::WholeLists(lists) => lists.append(false),
            Self::RealLists(lists) => lists.append(false),
            Self::Bytes(lists) => {
                // A list of a fixed size has its room even where it is null.
                let length = lists.value_length() as usize;
                lists.values().append_value_n(0, length);
                lists.append(false);
            }
            Self::Signs(lists) => {
                let length = lists.value_length() as usize;
                lists.values().append_value_n(0, length);
                lists.append(false);
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Texts(values) | Self::Addresses(values) => Arc::new(values.finish()),
            Self::Counts(values) => Arc::new(values.finish()),
            Self::Whole(values) => Arc::new(values.finish()),
            Self::Reals(values) => Arc::new(values.finish()),
            Self::Times(values) => Arc::new(values.finish()),
            Self::WholeLists(lists) => Arc::new(lists.finish()),
            Self::RealLists(lists) => Arc::new(lists.finish()),
            Self::Bytes(lists) => Arc::new(lists.finish()),
            Self::Signs(lists) => Arc::new(lists.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::rows::{RowFormat, RowShape};
    use crate::table::Cell;

    /// Encoded, such a row has one byte; a batch of a million of them would take gigabytes.
    #[test]
    fn packets_that_are_missing_fill_a_batch_too() {
        let columns = [Column::new("b", ColumnKind::Bytes(1_500), "")];
        let mut row = Vec::new();
        RowShape::new(RowFormat::Parquet, columns.to_vec()).encoder().encode(&[Cell::Missing], &mut row);
        let mut batches = Batches::of(&columns, &Metadata::new());
        let full = (0..1_000).find_map(|_| batches.push(&row).unwrap()).unwrap();
        assert!(full.num_rows() < 400, "{}", full.num_rows());
    }
}
