//! Reads a Parquet file of texts, counts, ids and times back, as the CSV that the same rows would be.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use super::shape::{RowFormat, RowShape};
use crate::error::{Error, Result};
use crate::table::{Cell, Column, ColumnKind};

/// How long the mark is that a Parquet file begins and ends with.
const MARK: i64 = 4;

/// The rows of a Parquet file as lines of CSV, with their header.
///
/// # Errors
/// A file that cannot be read, or has columns of other types.
pub fn parquet_as_csv(path: &Path) -> Result<Vec<u8>> {
    let broken = |text: String| Error::malformed(text).in_file(path);
    let builder = opened(path)?;
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

/// What a Parquet file says besides its rows that another of the same columns does not; none if there is nothing. Which version
/// of the library wrote either, and how their pages are packed, is not compared.
///
/// # Errors
/// A file that cannot be read.
pub fn parquet_says_besides(path: &Path, other: &Path) -> Result<Option<&'static str>> {
    let (said, made) = (opened(path)?, opened(other)?);
    let keys = |of: &Builder| -> Vec<String> {
        let pairs = of.metadata().file_metadata().key_value_metadata().into_iter().flatten();
        pairs.map(|pair| pair.key.clone()).collect()
    };
    let is_ours = said.metadata().file_metadata().created_by().is_some_and(is_library);
    if !is_ours || keys(&said) != keys(&made) || said.schema() != made.schema() {
        return Ok(Some("its metadata is not that of such a table"));
    }
    let footer = footer(path).map_err(|error| Error::from(error).in_file(path))?;
    Ok((!is_filled(said.metadata(), footer)).then_some("there are bytes in it that belong to no column"))
}

/// True of what the library calls itself, in any version.
fn is_library(created_by: &str) -> bool {
    let version = created_by.strip_prefix("parquet-rs version ");
    version.is_some_and(|version| version.len() < 12 && version.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// Where the footer of a Parquet file begins that was found to be one: before its length and the file's last mark.
fn footer(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let tail = file.seek(SeekFrom::End(-8))?;
    let mut length = [0; 4];
    file.read_exact(&mut length)?;
    Ok(tail.saturating_sub(u32::from_le_bytes(length).into()))
}

/// True if pages and indices of columns stand side by side from the file's first mark to its footer.
fn is_filled(metadata: &ParquetMetaData, footer: u64) -> bool {
    let mut ranges = Vec::new();
    for column in metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
        let pages = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
        ranges.push((pages, column.compressed_size()));
        let indices = [
            (column.column_index_offset(), column.column_index_length()),
            (column.offset_index_offset(), column.offset_index_length()),
        ];
        ranges.extend(indices.into_iter().filter_map(|(start, length)| Some((start?, length?.into()))));
    }
    ranges.sort_unstable();
    let next = |end: i64, (start, length): (i64, i64)| end.checked_add(length).filter(|_| end == start && length >= 0);
    ranges.into_iter().try_fold(MARK, next).and_then(|end| u64::try_from(end).ok()) == Some(footer)
}

/// Rows as lines of CSV with their header, in memory.
pub fn csv_text<'a>(columns: Vec<Column>, rows: impl Iterator<Item = Vec<Cell<'a>>>) -> Vec<u8> {
    let mut text = Vec::new();
    super::csv::header(&columns, &mut text);
    let encoder = RowShape::new(RowFormat::Csv, columns).encoder();
    rows.for_each(|row| encoder.encode(&row, &mut text));
    text
}

type Builder = ParquetRecordBatchReaderBuilder<File>;

fn opened(path: &Path) -> Result<Builder> {
    let file = File::open(path).map_err(|error| Error::from(error).in_file(path))?;
    Builder::try_new(file).map_err(|error| Error::malformed(error.to_string()).in_file(path))
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
