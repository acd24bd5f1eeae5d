//! Reads a Parquet file of texts, counts, ids and times back, as the CSV that the same rows would be.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::shape::{RowFormat, RowShape};
use crate::error::{Error, Result};
use crate::table::{Cell, Column, ColumnKind};

/// The rows of a Parquet file as lines of CSV, with their header.
///
/// # Errors
/// A file that cannot be read, or has columns of other types.
pub fn parquet_as_csv(path: &Path) -> Result<Vec<u8>> {
    let broken = |text: String| Error::malformed(text).in_file(path);
    let file = File::open(path).map_err(|error| Error::from(error).in_file(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| broken(error.to_string()))?;
    let mut columns = Vec::new();
    for field in builder.schema().fields() {
        let kind =
            kind(field.data_type()).ok_or_else(|| broken(format!("column '{}' is of another type", field.name())))?;
        columns.push(Column::new(field.name().clone(), kind, ""));
    }
    let mut text = Vec::new();
    super::csv::header(&columns, &mut text);
    let encoder = RowShape::new(RowFormat::Csv, columns).encoder();
    for batch in builder.build().map_err(|error| broken(error.to_string()))? {
        let batch = batch.map_err(|error| broken(error.to_string()))?;
        for row in 0..batch.num_rows() {
            encoder.encode(&cells(&batch, row), &mut text);
        }
    }
    Ok(text)
}

/// Rows as lines of CSV with their header, in memory.
pub fn csv_text<'a>(columns: Vec<Column>, rows: impl Iterator<Item = Vec<Cell<'a>>>) -> Vec<u8> {
    let mut text = Vec::new();
    super::csv::header(&columns, &mut text);
    let encoder = RowShape::new(RowFormat::Csv, columns).encoder();
    rows.for_each(|row| encoder.encode(&row, &mut text));
    text
}

/// The kind of a column, if it is one that can be read back.
fn kind(of: &DataType) -> Option<ColumnKind> {
    match of {
        DataType::Utf8 => Some(ColumnKind::Text),
        DataType::UInt64 => Some(ColumnKind::Count),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => Some(ColumnKind::Time),
        _ => None,
    }
}

fn cells(batch: &RecordBatch, row: usize) -> Vec<Cell<'_>> {
    batch.columns().iter().map(|column| value(column, row).unwrap_or(Cell::Missing)).collect()
}

/// A value of a column; none where it is null.
fn value(column: &dyn Array, row: usize) -> Option<Cell<'_>> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::UInt64 => Cell::Count(column.as_primitive::<UInt64Type>().value(row)),
        DataType::Timestamp(..) => Cell::Time(column.as_primitive::<TimestampNanosecondType>().value(row)),
        _ => Cell::Text(column.as_string::<i32>().value(row).into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{OutputRules, RowSink};

    #[test]
    fn parquet_reads_back_as_the_csv_of_its_rows() {
        let kinds = [("id", ColumnKind::Id), ("label", ColumnKind::Text), ("time", ColumnKind::Time)];
        let columns: Vec<Column> = kinds.map(|(name, kind)| Column::new(name, kind, "")).to_vec();
        let rows = [
            [Cell::Count(u64::MAX), Cell::Text("a,\"b\"".into()), Cell::Time(-1_500_000_001)],
            [Cell::Count(1), Cell::Text("".into()), Cell::Missing],
            [Cell::Count(2), Cell::Missing, Cell::Time(1_700_000_000_000_123_999)],
        ];
        let scratch = tempfile::tempdir().unwrap();
        let write = |format: RowFormat| {
            let path = scratch.path().join(format.extension());
            let shape = RowShape::new(format, columns.clone());
            let mut sink = RowSink::create(&path, &shape, &OutputRules::default()).unwrap();
            for row in &rows {
                let mut encoded = Vec::new();
                shape.encoder().encode(row, &mut encoded);
                sink.row(&encoded).unwrap();
            }
            sink.finish().unwrap();
            path
        };
        let csv = std::fs::read(write(RowFormat::Csv)).unwrap();
        assert_eq!(csv_text(columns.clone(), rows.iter().map(|row| row.to_vec())), csv);
        assert_eq!(parquet_as_csv(&write(RowFormat::Parquet)).unwrap(), csv);
        assert!(parquet_as_csv(&scratch.path().join("csv")).is_err());
    }
}
