//! Tables: columns that say what they hold, and rows of values.
//!
//! One definition of a column serves the aligned table on a terminal, CSV, JSON and the documentation.

use crate::time::Timestamp;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as it stands in the header.
    pub name: String,
    /// The kind of its values.
    pub kind: ColumnKind,
    /// What it means, one sentence.
    pub doc: &'static str,
}

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A number of things or bytes.
    Count,
    /// A moment: seconds since 1970 as decimal text, in tables RFC 3339.
    Time,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number of things or bytes.
    Count(u64),
    /// A moment.
    Time(Timestamp),
    /// Nothing is known.
    Missing,
}

/// Columns and rows; every row has one value per column.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

impl Column {
    /// A column.
    pub fn new(name: impl Into<String>, kind: ColumnKind, doc: &'static str) -> Self {
        Self { name: name.into(), kind, doc }
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Missing, Self::Time)
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Missing, Self::Text)
    }
}
