//! Rows of flows, packets and samples: CSV, JSON Lines, Parquet, Arrow and NumPy's arrays.
//!
//! A [`RowShape`] says what rows hold and how they are written. Its [`RowEncoder`] turns the cells of one row into bytes
//! that stand alone, so that rows can be made by several threads, sorted, and spilled to disk; a [`RowSink`] of the same
//! shape writes such bytes, in the order given, to one file, to standard output, or to a directory with a part for each
//! value of a column. For CSV and JSON Lines the bytes are the line itself. For the formats that store columns they are a
//! compact form of the cells that nobody else reads (`binary`).
//!
//! Memory is bounded, whatever the number of rows: tables are written in groups of some megabytes, and what can only be
//! written when the number of rows is known waits in a temporary file. The same rows give the same bytes, always.

mod arrow;
mod batch;
mod binary;
mod csv;
mod encoder;
mod json;
mod npy;
mod npz;
mod parquet;
mod partitions;
mod read_back;
mod shape;
mod sink;
mod spool;
#[cfg(feature = "sqlite")]
mod sqlite;
mod target;
mod text;
mod zip;

pub use encoder::RowEncoder;
pub use read_back::{csv_text, parquet_as_csv, parquet_says_besides};
pub use shape::{Metadata, RowFormat, RowShape, Undefined};
pub use sink::{RowSink, Written};

#[cfg(test)]
mod tests;
