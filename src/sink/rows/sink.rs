//! Writes encoded rows.

use std::path::Path;

use super::super::output::OutputRules;
use super::arrow::ArrowRows;
use super::csv;
use super::npy::NpyRows;
use super::npz::NpzRows;
use super::parquet::ParquetRows;
use super::partitions::Partitions;
use super::shape::{LONGEST_ROW, RowFormat, RowShape};
use super::target::Target;
use crate::error::{Error, Result};
use crate::table::Column;

/// How many bytes of text are collected before they are written.
const CHUNK: usize = 1 << 18;

/// A file, or a directory of files, under construction: rows go in as a [`super::RowEncoder`] of the same shape encoded
/// them, and [`RowSink::finish`] gives it its name. Dropped before that, it leaves nothing behind.
pub struct RowSink {
    rows: Rows,
    left_out: Vec<String>,
}

enum Rows {
    File(RowFile),
    Parts(Box<Partitions>),
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Undefined values that became 0 because an array of whole numbers has no other word for them.
    pub zeros: u64,
    /// Whole numbers above 2^53 in an array of real numbers, which cannot hold all their digits.
    pub rounded: u64,
}

impl RowSink {
    /// Begins a file; `-` is standard output, and a name that ends in `.gz` or `.zst` is packed. If the shape names a
    /// column to part rows by, it is a directory that is begun, and it may not exist or must be empty.
    ///
    /// # Errors
    /// If something is there that may not be replaced, nothing can be created there, or the format cannot hold such
    /// columns.
    pub fn create(path: &Path, shape: &RowShape, rules: &OutputRules) -> Result<Self> {
        shape.check().map_err(|error| error.in_file(path))?;
        let columns = shape.stored_columns();
        let left_out = match shape.format {
            RowFormat::Npy => super::npy::check(&columns).map(|()| Vec::new()),
            RowFormat::Npz => super::npz::left_out(&columns),
            _ => Ok(Vec::new()),
        };
        let left_out = left_out.map_err(|error| error.in_file(path))?;
        let rows = match shape.partition {
            Some(_) => Rows::Parts(Box::new(Partitions::create(path, shape, rules)?)),
            None => Rows::File(RowFile::begin(Target::output(path, rules)?, shape, &columns)?),
        };
        Ok(Self { rows, left_out })
    }

    /// The columns that the format cannot hold, and that are not written.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Writes one encoded row.
    ///
    /// # Errors
    /// When writing fails, or the row was not encoded for this shape.
    pub fn row(&mut self, encoded: &[u8]) -> Result<()> {
        match &mut self.rows {
            Rows::File(file) => file.row(encoded),
            Rows::Parts(parts) => parts.row(encoded),
        }
    }

    /// Writes what is left and gives the file or directory its name.
    ///
    /// # Errors
    /// When writing or renaming fails.
    pub fn finish(self) -> Result<Written> {
        match self.rows {
            Rows::File(file) => file.finish(),
            Rows::Parts(parts) => parts.finish(),
        }
    }
}

/// One file of rows.
pub(super) struct RowFile {
    format: Box<dyn Format + Send>,
    rows: u64,
}

/// A format: it takes rows, and has something to write at the end.
pub(super) trait Format {
    /// Writes one encoded row.
    fn row(&mut self, encoded: &[u8]) -> Result<()>;

    /// Writes what is left and ends the file; the number of rows is known to the caller.
    fn finish(self: Box<Self>) -> Result<Written>;
}

impl RowFile {
    /// Begins a file of these columns.
    pub(super) fn begin(target: Target, shape: &RowShape, columns: &[Column]) -> Result<Self> {
        let metadata = &shape.metadata;
        let format: Box<dyn Format + Send> = match shape.format {
            RowFormat::Csv => {
                let mut buffer = Vec::with_capacity(CHUNK);
                csv::header(columns, &mut buffer);
                Box::new(Lines { target, buffer })
            }
            RowFormat::JsonLines => Box::new(Lines { target, buffer: Vec::with_capacity(CHUNK) }),
            RowFormat::Parquet => Box::new(ParquetRows::begin(target, columns, metadata)?),
            RowFormat::Arrow => Box::new(ArrowRows::begin(target, columns, metadata)?),
            RowFormat::Npy => Box::new(NpyRows::begin(target, columns)?),
            RowFormat::Npz => Box::new(NpzRows::begin(target, columns)?),
            #[cfg(feature = "sqlite")]
            RowFormat::Sqlite => Box::new(super::sqlite::SqliteRows::begin(target, columns)?),
            #[cfg(not(feature = "sqlite"))]
            RowFormat::Sqlite => return Err(Error::request("this pcapml was built without its feature 'sqlite'")),
        };
        Ok(Self { format, rows: 0 })
    }

    /// Writes one encoded row.
    pub(super) fn row(&mut self, encoded: &[u8]) -> Result<()> {
        if encoded.len() > LONGEST_ROW {
            return Err(Error::request(format!("row {} has more than 1 GiB", self.rows + 1)));
        }
        self.rows += 1;
        self.format.row(encoded)
    }

    /// Writes what is left and ends the file.
    pub(super) fn finish(self) -> Result<Written> {
        Ok(Written { rows: self.rows, ..self.format.finish()? })
    }
}

/// Rows that are written as they come.
struct Lines {
    target: Target,
    buffer: Vec<u8>,
}

impl Format for Lines {
    fn row(&mut self, encoded: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(encoded);
        if self.buffer.len() >= CHUNK {
            self.target.take(&mut self.buffer)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Written> {
        self.target.take(&mut self.buffer)?;
        self.target.commit()?;
        Ok(Written::default())
    }
}
