//! What rows hold, and how they are written.

use std::collections::BTreeSet;
use std::path::Path;

use super::encoder::RowEncoder;
use crate::error::{Error, Result};
use crate::table::{Column, ColumnKind};

/// The longest row, in bytes: columns of text hold at most 2 GiB in a batch.
pub(super) const LONGEST_ROW: usize = 1 << 30;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// RFC 4180 with a header, lines ended by a newline alone.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet, packed with Zstandard.
    Parquet,
    /// Apache Arrow IPC: the file format, and the stream format on standard output.
    Arrow,
    /// One NumPy array, rows by columns of numbers.
    Npy,
    /// A ZIP of NumPy arrays: `x`, `columns`, and what names the rows.
    Npz,
    /// A database of SQLite with one table, `rows`; if pcapml was built with its feature `sqlite`.
    Sqlite,
}

/// What a file says of itself, as keys and values; only Parquet and Arrow can hold it.
pub type Metadata = Vec<(String, String)>;

/// What stands where a value is undefined, for programs that need a number. Texts, ids, addresses, times and lists stay
/// undefined whatever is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Undefined {
    /// An empty cell, or null.
    #[default]
    Null,
    /// 0.
    Zero,
    /// Not a number, where the format has it: null in JSON, and in Parquet and Arrow for whole numbers.
    NotANumber,
}

/// What rows hold, and how they are written.
#[derive(Debug, Clone)]
pub struct RowShape {
    /// How they are written.
    pub format: RowFormat,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// What stands for undefined values.
    pub undefined: Undefined,
    /// What the file says of itself.
    pub metadata: Metadata,
    /// The column by whose values rows are parted into files (`label=web/part-0.parquet`); it is not in the files.
    pub partition: Option<String>,
}

impl RowFormat {
    /// The format that a file's name asks for: `.csv`, `.jsonl` and `.ndjson`, which may be packed (`.gz`, `.zst`);
    /// `.parquet`, `.arrow`, `.feather`, `.npy`, `.npz`, `.sqlite`, `.sqlite3`, `.db`.
    pub fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let packed = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end));
        let (_, extension) = packed.unwrap_or(&name).rsplit_once('.')?;
        match extension {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            // These pack themselves, or are read in place.
            _ if packed.is_some() => None,
            "parquet" => Some(Self::Parquet),
            "arrow" | "feather" => Some(Self::Arrow),
            "npy" => Some(Self::Npy),
            "npz" => Some(Self::Npz),
            "sqlite" | "sqlite3" | "db" => Some(Self::Sqlite),
            _ => None,
        }
    }

    /// True if a file can hold [`Metadata`].
    pub fn says_of_itself(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }

    /// How names of such files end, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::Sqlite => "sqlite",
        }
    }
}

impl RowShape {
    /// Rows of these columns, undefined values left so, in one file that says nothing of itself.
    pub fn new(format: RowFormat, columns: Vec<Column>) -> Self {
        Self { format, columns, undefined: Undefined::Null, metadata: Metadata::new(), partition: None }
    }

    /// What encodes rows of this shape.
    pub fn encoder(&self) -> RowEncoder {
        RowEncoder::new(self)
    }

    /// Where the column stands by which rows are parted.
    pub(super) fn partition_index(&self) -> Option<usize> {
        let by = self.partition.as_ref()?;
        self.columns.iter().position(|column| column.name == *by)
    }

    /// The columns that stand in the files.
    pub(super) fn stored_columns(&self) -> Vec<Column> {
        let mut columns = self.columns.clone();
        if let Some(at) = self.partition_index() {
            columns.remove(at);
        }
        columns
    }

    /// Sees that such rows can be written.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(by) = &self.partition {
            let column = self.partition_index().map(|at| &self.columns[at]);
            let column = column.ok_or_else(|| Error::request(format!("there is no column '{by}' to part rows by")))?;
            if !can_part(column.kind) {
                return Err(Error::request(format!("rows cannot be parted by the column '{by}'"))
                    .advise("name a column of texts, ids, counts or addresses"));
            }
        }
        let columns = self.stored_columns();
        if columns.is_empty() {
            return Err(Error::request("rows without any column"));
        }
        if let Some(empty) = columns.iter().find(|column| width(column.kind) == 0) {
            return Err(Error::request(format!("the column '{}' has room for no values", empty.name)));
        }
        self.check_names(&columns)
    }

    /// Names of columns are keys, except in CSV, whose published sets repeat them, and in arrays.
    fn check_names(&self, columns: &[Column]) -> Result<()> {
        if matches!(self.format, RowFormat::Csv | RowFormat::Npy | RowFormat::Npz) {
            return Ok(());
        }
        let mut seen = BTreeSet::new();
        // In SQL they are the same in capital and in small letters.
        let name = |column: &Column| match self.format {
            RowFormat::Sqlite => column.name.to_ascii_lowercase(),
            _ => column.name.clone(),
        };
        match columns.iter().find(|column| !seen.insert(name(column))) {
            Some(twice) => Err(Error::request(format!("two columns are named '{}'", twice.name))
                .advise("leave one out, or write CSV, which allows it")),
            None => Ok(()),
        }
    }
}

/// The values of these kinds make a name of a directory.
fn can_part(kind: ColumnKind) -> bool {
    use ColumnKind::{Address, Count, Id, Integer, Text};
    matches!(kind, Text | Id | Count | Integer | Address)
}

/// True if its values are numbers of a byte.
pub(super) fn is_small(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Bytes(_) | ColumnKind::Signs(_))
}

/// How many cells a value takes where each number has its own.
pub(super) fn width(kind: ColumnKind) -> usize {
    match kind {
        ColumnKind::Bytes(count) => count,
        ColumnKind::Signs(names) => names.len(),
        _ => 1,
    }
}

/// The names of a column where each number has its own.
pub(super) fn flat_names(column: &Column) -> Vec<String> {
    match column.kind {
        ColumnKind::Bytes(count) => (0..count).map(|at| format!("{}_{at}", column.name)).collect(),
        ColumnKind::Signs(names) => names.iter().map(|&name| name.to_owned()).collect(),
        _ => vec![column.name.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ask_for_formats() {
        let asked = |name: &str| RowFormat::of_name(Path::new(name));
        for (name, format) in [
            ("a.csv", RowFormat::Csv),
            ("d.ir/A.CSV.GZ", RowFormat::Csv),
            ("a.csv.zst", RowFormat::Csv),
            ("a.jsonl", RowFormat::JsonLines),
            ("a.ndjson.gz", RowFormat::JsonLines),
            ("a.parquet", RowFormat::Parquet),
            ("a.arrow", RowFormat::Arrow),
            ("a.feather", RowFormat::Arrow),
            ("a.npy", RowFormat::Npy),
            ("a.b.npz", RowFormat::Npz),
            ("a.sqlite", RowFormat::Sqlite),
            ("a.db", RowFormat::Sqlite),
        ] {
            assert_eq!(asked(name), Some(format), "{name}");
        }
        for name in ["-", "csv", "a.json", "a.parquet.gz", "a.npy.zst", "a.gz", "a.csv.xz", ""] {
            assert_eq!(asked(name), None, "{name}");
        }
    }

    #[test]
    fn shapes_that_cannot_be_written_are_refused() {
        let text = |name: &str| Column::new(name, ColumnKind::Text, "");
        let mut shape = RowShape::new(RowFormat::JsonLines, vec![text("a"), text("a")]);
        assert_eq!(shape.check().unwrap_err().to_string().split(';').next(), Some("two columns are named 'a'"));
        shape.format = RowFormat::Csv;
        assert!(shape.check().is_ok());
        shape.partition = Some("b".to_owned());
        assert_eq!(shape.check().unwrap_err().to_string(), "there is no column 'b' to part rows by");
        shape.columns[1] = Column::new("b", ColumnKind::Real, "");
        assert!(shape.check().unwrap_err().to_string().starts_with("rows cannot be parted by the column 'b'"));
        shape = RowShape::new(RowFormat::Csv, vec![Column::new("x", ColumnKind::Bytes(0), "")]);
        assert_eq!(shape.check().unwrap_err().to_string(), "the column 'x' has room for no values");
        assert!(RowShape::new(RowFormat::Csv, Vec::new()).check().is_err());
    }
}
