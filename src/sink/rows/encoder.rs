//! One row into bytes that stand alone.

use std::sync::Arc;

use super::npy;
use super::shape::{RowFormat, RowShape, Undefined, width};
use super::{binary, csv, json, text};
use crate::table::{Cell, Column, ColumnKind};

/// Encodes rows of one shape: cheap to clone, and used by several threads at once.
#[derive(Debug, Clone)]
pub struct RowEncoder {
    form: Form,
    columns: Arc<[Encoded]>,
    partition: Option<usize>,
}

/// What an encoded row is.
#[derive(Debug, Clone, Copy)]
enum Form {
    Csv,
    Json,
    Binary,
    /// The row as it stands in an array of bytes, behind one byte: how many cells are undefined.
    Raw,
}

/// What there is to know of a column while rows are encoded.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) kind: ColumnKind,
    /// Its name as a key of JSON, the colon included.
    pub(super) key: Vec<u8>,
    /// What is written where nothing is known.
    missing: Vec<u8>,
}

impl RowEncoder {
    pub(super) fn new(shape: &RowShape) -> Self {
        let form = match shape.format {
            RowFormat::Csv => Form::Csv,
            RowFormat::JsonLines => Form::Json,
            RowFormat::Npy if npy::is_raw(&shape.stored_columns()) => Form::Raw,
            RowFormat::Parquet | RowFormat::Arrow | RowFormat::Npy | RowFormat::Npz | RowFormat::Sqlite => Form::Binary,
        };
        let columns = shape.columns.iter().map(|column| Encoded::new(form, column, shape.undefined)).collect();
        Self { form, columns, partition: shape.partition_index() }
    }

    /// Appends a row to `out`: one cell for each column, in their order and of their kinds.
    ///
    /// A real number that is not finite is as undefined as [`Cell::Missing`].
    pub fn encode(&self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "one cell for each column");
        debug_assert!(cells.iter().zip(&*self.columns).all(|(cell, column)| fits(column.kind, cell)), "{cells:?}");
        let (mut before, mut after) = ((&*self.columns, cells), (&[][..], &[][..]));
        if let Some(at) = self.partition
            && let Some(value) = cells.get(at)
        {
            name_partition(value, out);
            before = (&self.columns[..at], &cells[..at]);
            after = (&self.columns[at + 1..], &cells[at + 1..]);
        }
        let start = out.len();
        match self.form {
            Form::Csv => {
                each(before, out, csv::cell);
                each(after, out, csv::cell);
                csv::end(start, out);
            }
            Form::Json => {
                out.push(b'{');
                each(before, out, json::cell);
                each(after, out, json::cell);
                json::end(out);
            }
            Form::Binary => {
                each(before, out, binary::cell);
                each(after, out, binary::cell);
            }
            Form::Raw => raw([before, after], out),
        }
    }
}

impl RowEncoder {
    /// Appends some of a row's cells to `out`, the first of this encoder's columns: a part of a row, to be joined by
    /// [`RowEncoder::whole`].
    pub fn part(&self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        match self.form {
            Form::Csv => each((&self.columns, cells), out, csv::cell),
            Form::Json => each((&self.columns, cells), out, json::cell),
            Form::Binary => each((&self.columns, cells), out, binary::cell),
            Form::Raw => raw([(&self.columns, cells)], out),
        }
    }

    /// True if a row that is made of parts is these parts and nothing else.
    pub fn is_joined_by_nothing(&self) -> bool {
        matches!(self.form, Form::Binary | Form::Raw)
    }

    /// Appends a row to `out` that is made of parts. Where rows are parted into files, `value` is what they are parted
    /// by, and in none of the parts.
    pub fn whole(&self, value: Option<&Cell<'_>>, parts: &[&[u8]], out: &mut Vec<u8>) {
        if let Some(value) = value {
            name_partition(value, out);
        }
        let start = out.len();
        if let Form::Json = self.form {
            out.push(b'{');
        }
        parts.iter().for_each(|part| out.extend_from_slice(part));
        match self.form {
            Form::Csv => csv::end(start, out),
            Form::Json => json::end(out),
            Form::Binary | Form::Raw => {}
        }
    }
}

/// Appends cells of bytes, or of signs, each in its whole width.
#[inline]
fn raw<'a, const N: usize>(parts: [(&'a [Encoded], &'a [Cell<'_>]); N], out: &mut Vec<u8>) {
    let start = out.len();
    out.push(0);
    for (column, cell) in parts.into_iter().flat_map(|(columns, cells)| columns.iter().zip(cells)) {
        let end = out.len() + width(column.kind);
        match cell {
            Cell::Bytes(values) => out.extend_from_slice(&values[..values.len().min(end - out.len())]),
            Cell::Signs(values) => out.extend(values.iter().take(end - out.len()).map(|&value| value as u8)),
            _ => out[start] = out[start].saturating_add(1),
        }
        out.resize(end, 0);
    }
}

#[inline]
fn each(
    (columns, cells): (&[Encoded], &[Cell<'_>]),
    out: &mut Vec<u8>,
    write: impl Fn(&Encoded, &Cell<'_>, &mut Vec<u8>),
) {
    for (column, cell) in columns.iter().zip(cells) {
        match cell {
            Cell::Missing => out.extend_from_slice(&column.missing),
            Cell::Real(value) if !value.is_finite() => out.extend_from_slice(&column.missing),
            known => write(column, known, out),
        }
    }
}

/// Puts the value by which rows are parted before the row: its length in four bytes, and its text.
fn name_partition(value: &Cell<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    match value {
        Cell::Text(value) => out.extend_from_slice(value.as_bytes()),
        Cell::Count(value) => text::count(*value, out),
        Cell::Integer(value) => text::integer(*value, out),
        Cell::Address(value) => text::address(*value, out),
        _ => {}
    }
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// The value by which a row is parted, and the row itself.
pub(super) fn split_partition(encoded: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = encoded.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

impl Encoded {
    fn new(form: Form, column: &Column, undefined: Undefined) -> Self {
        let mut key = Vec::new();
        json::string(&column.name, &mut key);
        key.push(b':');
        let kind = column.kind;
        let encoded = Self { kind, key, missing: Vec::new() };
        let missing = encoded.missing(form, undefined);
        Self { missing, ..encoded }
    }

    fn missing(&self, form: Form, undefined: Undefined) -> Vec<u8> {
        use ColumnKind::{Bytes, Count, Integer, Real, Signs};
        let zero = match self.kind {
            Count => Cell::Count(0),
            Integer => Cell::Integer(0),
            Real => Cell::Real(0.0),
            Bytes(_) => Cell::Bytes(&[]),
            Signs(_) => Cell::Signs(&[]),
            _ => Cell::Missing,
        };
        let number = zero != Cell::Missing;
        let cell = match undefined {
            Undefined::Zero => zero,
            Undefined::NotANumber if self.kind == Real => Cell::Real(f64::NAN),
            Undefined::Null | Undefined::NotANumber => Cell::Missing,
        };
        let mut out = Vec::new();
        match (form, &cell) {
            (Form::Csv, _) if undefined == Undefined::NotANumber && number => csv::missing(self.kind, b"NaN", &mut out),
            (Form::Csv, Cell::Missing) => csv::missing(self.kind, b"", &mut out),
            (Form::Csv, cell) => csv::cell(self, cell, &mut out),
            (Form::Json, Cell::Real(value)) if value.is_nan() => json::cell(self, &Cell::Missing, &mut out),
            (Form::Json, cell) => json::cell(self, cell, &mut out),
            (Form::Binary | Form::Raw, cell) => binary::cell(self, cell, &mut out),
        }
        out
    }
}

/// True if a cell is of this kind.
fn fits(kind: ColumnKind, cell: &Cell<'_>) -> bool {
    match (kind, cell) {
        (_, Cell::Missing)
        | (ColumnKind::Text, Cell::Text(_))
        | (ColumnKind::Count | ColumnKind::Id, Cell::Count(_))
        | (ColumnKind::Integer, Cell::Integer(_))
        | (ColumnKind::Real, Cell::Real(_))
        | (ColumnKind::Time, Cell::Time(_))
        | (ColumnKind::Address, Cell::Address(_))
        | (ColumnKind::Integers, Cell::Integers(_))
        | (ColumnKind::Reals, Cell::Reals(_)) => true,
        (ColumnKind::Bytes(count), Cell::Bytes(bytes)) => bytes.len() <= count,
        (ColumnKind::Signs(names), Cell::Signs(signs)) => signs.len() == names.len(),
        _ => false,
    }
}
