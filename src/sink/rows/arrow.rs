//! Rows as Apache Arrow IPC: a file that can be mapped into memory, or a stream.

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::ArrowError;

use super::batch::{Batches, failed};
use super::shape::Metadata;
use super::sink::{Format, Written};
use super::target::Target;
use crate::error::Result;
use crate::table::Column;

/// An Arrow file or stream under construction.
pub(super) struct ArrowRows {
    batches: Batches,
    writer: Writer,
}

/// The file format has an index at its end, which who reads a pipe could not seek to.
enum Writer {
    File(Box<FileWriter<Target>>),
    Stream(Box<StreamWriter<Target>>),
}

impl ArrowRows {
    /// Begins a file of these columns, or a stream on standard output.
    pub(super) fn begin(target: Target, columns: &[Column], metadata: &Metadata) -> Result<Self> {
        let stream = target.is_stdout();
        Self::begin_as(target, Batches::of(columns, metadata), stream)
    }

    fn begin_as(target: Target, batches: Batches, stream: bool) -> Result<Self> {
        let schema = batches.schema();
        let writer = match stream {
            true => StreamWriter::try_new(target, schema).map(|writer| Writer::Stream(Box::new(writer))),
            false => FileWriter::try_new(target, schema).map(|writer| Writer::File(Box::new(writer))),
        };
        Ok(Self { writer: writer.map_err(failed)?, batches })
    }
}

impl Writer {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        match self {
            Self::File(writer) => writer.write(batch),
            Self::Stream(writer) => writer.write(batch),
        }
    }

    /// Writes the end.
    fn end(self) -> Result<Target, ArrowError> {
        match self {
            Self::File(writer) => writer.into_inner(),
            Self::Stream(writer) => writer.into_inner(),
        }
    }
}

impl Format for ArrowRows {
    fn row(&mut self, encoded: &[u8]) -> Result<()> {
        match self.batches.push(encoded)? {
            Some(batch) => self.writer.write(&batch).map_err(failed),
            None => Ok(()),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Written> {
        if let Some(batch) = self.batches.rest()? {
            self.writer.write(&batch).map_err(failed)?;
        }
        self.writer.end().map_err(failed)?.commit()?;
        Ok(Written::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::rows::{RowFormat, RowShape};
    use crate::table::{Cell, ColumnKind};
    use arrow_ipc::reader::StreamReader;
    use std::fs::File;

    #[test]
    fn what_goes_to_standard_output_is_a_stream() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let columns = [Column::new("n", ColumnKind::Count, "")];
        let target = Target::part(path.clone(), path.clone()).unwrap();
        let mut rows = ArrowRows::begin_as(target, Batches::of(&columns, &Metadata::new()), true).unwrap();
        let encoder = RowShape::new(RowFormat::Arrow, columns.to_vec()).encoder();
        for number in 0..3 {
            let mut row = Vec::new();
            encoder.encode(&[Cell::Count(number)], &mut row);
            rows.row(&row).unwrap();
        }
        Box::new(rows).finish().unwrap();
        let read = StreamReader::try_new(File::open(path).unwrap(), None).unwrap();
        assert_eq!(read.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 3);
    }
}
