//! Rows as Apache Parquet.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::io;

use super::batch::{self, Batches};
use super::shape::Metadata;
use super::sink::{Format, Written};
use super::target::Target;
use crate::error::{Error, Result};
use crate::table::{Column, ColumnKind};

/// How much memory the pages of a row group take before it is written.
const ROW_GROUP: usize = 16 << 20;

/// Numbers hardly get smaller with more effort.
const LEVEL: i32 = 1;

/// A Parquet file under construction.
pub(super) struct ParquetRows {
    batches: Batches,
    writer: ArrowWriter<Target>,
}

impl ParquetRows {
    /// Begins a file of these columns.
    pub(super) fn begin(target: Target, columns: &[Column], metadata: &Metadata) -> Result<Self> {
        let batches = Batches::of(columns, metadata);
        // pyarrow takes what the Arrow schema within the file says, and everybody else what the file says.
        let said = metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL).map_err(failed)?))
            .set_key_value_metadata(Some(said))
            .set_dictionary_enabled(false);
        // Labels and addresses return; numbers seldom do, and to look each of them up costs more than it saves.
        for column in columns.iter().filter(|column| matches!(column.kind, ColumnKind::Text | ColumnKind::Address)) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(vec![column.name.clone()]), true);
        }
        let properties = properties.build();
        let writer = ArrowWriter::try_new(target, batches.schema().clone(), Some(properties)).map_err(failed)?;
        Ok(Self { batches, writer })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(failed)?;
        match self.writer.memory_size() >= ROW_GROUP {
            true => self.writer.flush().map_err(failed),
            false => Ok(()),
        }
    }
}

impl Format for ParquetRows {
    fn row(&mut self, encoded: &[u8]) -> Result<()> {
        match self.batches.push(encoded)? {
            Some(batch) => self.write(&batch),
            None => Ok(()),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Written> {
        if let Some(batch) = self.batches.rest()? {
            self.write(&batch)?;
        }
        self.writer.into_inner().map_err(failed)?.commit()?;
        Ok(Written::default())
    }
}

/// A failure of the library as ours: what the system refused stays what it is.
fn failed(error: ParquetError) -> Error {
    let ParquetError::External(inner) = error else { return Error::from(io::Error::other(error)) };
    match inner.downcast::<io::Error>() {
        Ok(refused) => Error::from(*refused),
        Err(inner) => match inner.downcast::<ArrowError>() {
            Ok(error) => batch::failed(*error),
            Err(inner) => Error::from(io::Error::other(inner)),
        },
    }
}
