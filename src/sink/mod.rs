//! Finished files: tables and captures that appear under their final name only when they are whole.
//!
//! An [`Output`] is written to a temporary file beside its final place and renamed by [`Output::commit`]; dropped before
//! that, it leaves nothing behind. [`Directory`] does the same for a directory of files.

mod captures;
mod directory;
mod output;
mod packets;
mod reserved;
mod rows;
mod table;
mod write_behind;

pub use captures::{CaptureFiles, CaptureShape, Container};
pub use directory::{Directory, ManyFiles};
pub use output::{Output, OutputRules, directory_of, remove_unfinished};
pub use packets::{NewPacket, PacketWriter};
pub use rows::{Metadata, RowEncoder, RowFormat, RowShape, RowSink, Undefined, Written};
pub use rows::{csv_text, parquet_as_csv, parquet_says_besides};
pub use table::{TableFormat, write_table};
