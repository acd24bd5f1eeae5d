//! Tables: columns that say what they hold, and rows of values.
//!
//! One definition of a column serves the aligned table on a terminal, CSV, JSON and the documentation.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::time::Timestamp;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as it stands in the header.
    pub name: String,
    /// The kind of its values.
    pub kind: ColumnKind,
    /// The unit of its values; empty where they have none.
    pub unit: &'static str,
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
    /// An id: a number that programs must not compute with; text where numbers may lose digits.
    Id,
    /// A whole number that may be negative.
    Integer,
    /// A real number.
    Real,
    /// An IPv4 or IPv6 address.
    Address,
    /// Whole numbers, as many as there are.
    Integers,
    /// Real numbers, as many as there are.
    Reals,
    /// So many bytes, each a number from 0 to 255.
    Bytes(usize),
    /// Numbers from -128 to 127, each with its own name.
    Signs(&'static [&'static str]),
}

/// One cell of a row that is not kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing is known, or nothing is defined.
    Missing,
    /// Of [`ColumnKind::Text`].
    Text(Cow<'a, str>),
    /// Of [`ColumnKind::Count`] and [`ColumnKind::Id`].
    Count(u64),
    /// Of [`ColumnKind::Integer`].
    Integer(i64),
    /// Of [`ColumnKind::Real`]; finite.
    Real(f64),
    /// Of [`ColumnKind::Time`]: nanoseconds since 1970-01-01 UTC.
    Time(i64),
    /// Of [`ColumnKind::Address`].
    Address(IpAddr),
    /// Of [`ColumnKind::Integers`].
    Integers(Cow<'a, [i64]>),
    /// Of [`ColumnKind::Reals`].
    Reals(Cow<'a, [f64]>),
    /// Of [`ColumnKind::Bytes`]: as many as the column has, or fewer, followed by zeros.
    Bytes(&'a [u8]),
    /// Of [`ColumnKind::Signs`]: as many as the column has.
    Signs(&'a [i8]),
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number of things or bytes.
    Count(u64),
    /// A real number; finite.
    Real(f64),
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
        Self { name: name.into(), kind, unit: "", doc }
    }

    /// The same column, of values in this unit.
    pub fn of_unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Missing, Self::Time)
    }
}

impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Missing, Self::Real)
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Missing, Self::Text)
    }
}
