//! Rows as one NumPy array, rows by columns of numbers (NEP 1, version 1.0 of the format).
//!
//! Bytes alone are `uint8`, signs alone `int8`, both `int16`; anything else makes the array `float64`, with NaN for
//! what is undefined and times in seconds since 1970 (to about a quarter of a microsecond).
//!
//! The number of rows stands before them and is known after them. In a file its place is left free and filled at the end;
//! where one cannot go back, the rows wait in a temporary file.

use std::io::Write;

use super::binary::{Cells, Stored, misplaced};
use super::shape::width;
use super::sink::{Format, Written};
use super::spool::Spool;
use super::target::Target;
use crate::error::{Error, Result};
use crate::table::{Column, ColumnKind};

/// What numbers of an array are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    /// From 0 to 255.
    Byte,
    /// From -128 to 127.
    Sign,
    /// Both of these.
    Short,
    /// Real numbers.
    Real,
}

impl Number {
    /// The smallest that holds values of all these columns.
    pub(super) fn of<'a>(columns: impl IntoIterator<Item = &'a Column>) -> Self {
        let each = columns.into_iter().map(|column| match column.kind {
            ColumnKind::Bytes(_) => Self::Byte,
            ColumnKind::Signs(_) => Self::Sign,
            _ => Self::Real,
        });
        let wider = |one: Self, other: Self| match (one, other) {
            _ if one == other => one,
            (Self::Real, _) | (_, Self::Real) => Self::Real,
            _ => Self::Short,
        };
        each.reduce(wider).unwrap_or(Self::Real)
    }

    /// NumPy's name for it.
    pub(super) fn descr(self) -> &'static str {
        match self {
            Self::Byte => "|u1",
            Self::Sign => "|i1",
            Self::Short => "<i2",
            Self::Real => "<f8",
        }
    }
}

/// How long the header of an array of rows is, whatever their number: that is written last.
const HEADER: usize = 128;

/// How many bytes are collected before they are written.
const CHUNK: usize = 1 << 17;

/// What stands before the values of an array.
pub(super) fn header(descr: &str, shape: &[u64]) -> Vec<u8> {
    padded_header(descr, shape, 64)
}

/// A header whose length is a multiple of so many bytes.
fn padded_header(descr: &str, shape: &[u64], unit: usize) -> Vec<u8> {
    const FIXED: usize = 10;
    let lengths: Vec<String> = shape.iter().map(u64::to_string).collect();
    // A tuple of one has a comma.
    let comma = if shape.len() == 1 { "," } else { "" };
    let mut said =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}", lengths.join(", "));
    // The values begin at a multiple of that, and a newline stands before them.
    let padding = (FIXED + said.len() + 1).next_multiple_of(unit) - FIXED - said.len() - 1;
    said.extend(std::iter::repeat_n(' ', padding));
    said.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend_from_slice(&(said.len() as u16).to_le_bytes());
    out.extend_from_slice(said.as_bytes());
    out
}

/// True if the values are numbers to compute with.
pub(super) fn is_number(kind: ColumnKind) -> bool {
    use ColumnKind::{Bytes, Count, Integer, Real, Signs, Time};
    matches!(kind, Count | Integer | Real | Time | Bytes(_) | Signs(_))
}

/// Sees that all columns are numbers.
pub(super) fn check(columns: &[Column]) -> Result<()> {
    let others: Vec<&str> =
        columns.iter().filter(|column| !is_number(column.kind)).map(|column| column.name.as_str()).collect();
    match others.is_empty() {
        true => Ok(()),
        false => Err(Error::request(format!("an array of numbers cannot hold the columns {}", others.join(", ")))
            .advise("write .npz, which keeps ids and labels beside the array, or leave these columns out")),
    }
}

/// Turns cells into the numbers of an array.
pub(super) struct Matrix {
    number: Number,
    columns: u64,
    rows: u64,
    written: Written,
}

impl Matrix {
    /// An array of these columns.
    pub(super) fn of<'a>(columns: impl Iterator<Item = &'a Column> + Clone) -> Self {
        let number = Number::of(columns.clone());
        let columns = columns.map(|column| width(column.kind) as u64).sum();
        Self { number, columns, rows: 0, written: Written::default() }
    }

    /// Appends a value to `out`; false if it is not of this kind.
    #[inline]
    pub(super) fn push(&mut self, kind: ColumnKind, cell: Stored<'_>, out: &mut Vec<u8>) -> bool {
        let width = width(kind);
        let (number, written) = (self.number, &mut self.written);
        match (kind, cell) {
            (_, Stored::Missing) => undefined(number, width, written, out),
            (ColumnKind::Real, Stored::Real(value)) => real(value, out),
            (ColumnKind::Count, Stored::Count(value)) => {
                written.rounded += u64::from(value as f64 as u128 != u128::from(value));
                real(value as f64, out);
            }
            (ColumnKind::Integer, Stored::Integer(value)) => {
                written.rounded += u64::from(value as f64 as i128 != i128::from(value));
                real(value as f64, out);
            }
            (ColumnKind::Time, Stored::Time(value)) => real(value as f64 / 1e9, out),
            // As they are in memory.
            (ColumnKind::Bytes(_), Stored::Bytes(values)) | (ColumnKind::Signs(_), Stored::Signs(values))
                if values.len() <= width && matches!(number, Number::Byte | Number::Sign) =>
            {
                let end = out.len() + width;
                out.extend_from_slice(values);
                out.resize(end, 0);
            }
            (ColumnKind::Bytes(_), Stored::Bytes(bytes)) if bytes.len() <= width => {
                wide(number, bytes.iter().map(|&byte| i16::from(byte)), out);
                wide(number, std::iter::repeat_n(0, width - bytes.len()), out);
            }
            (ColumnKind::Signs(_), Stored::Signs(signs)) if signs.len() <= width => {
                wide(number, signs.iter().map(|&sign| i16::from(sign as i8)), out);
                wide(number, std::iter::repeat_n(0, width - signs.len()), out);
            }
            _ => return false,
        }
        true
    }

    /// Ends a row.
    pub(super) fn end_row(&mut self) {
        self.rows += 1;
    }

    /// What stands before the values, and what had to be changed in them.
    pub(super) fn finish(&self) -> (Vec<u8>, Written) {
        (padded_header(self.number.descr(), &[self.rows, self.columns], HEADER), self.written)
    }
}

fn real(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Small numbers in the array's own width.
fn wide(number: Number, values: impl Iterator<Item = i16>, out: &mut Vec<u8>) {
    match number {
        Number::Byte | Number::Sign => out.extend(values.map(|value| value as u8)),
        Number::Short => out.extend(values.flat_map(i16::to_le_bytes)),
        Number::Real => out.extend(values.flat_map(|value| f64::from(value).to_le_bytes())),
    }
}

fn undefined(number: Number, width: usize, written: &mut Written, out: &mut Vec<u8>) {
    if number == Number::Real {
        return (0..width).for_each(|_| real(f64::NAN, out));
    }
    written.zeros += 1;
    wide(number, std::iter::repeat_n(0, width), out);
}

/// An array file under construction.
pub(super) struct NpyRows {
    target: Target,
    columns: Vec<Column>,
    /// Rows come as they stand in the array.
    raw: bool,
    matrix: Matrix,
    /// Where rows wait, if one cannot go back in the file.
    spool: Option<Spool>,
    buffer: Vec<u8>,
}

impl NpyRows {
    /// Begins an array of these columns.
    pub(super) fn begin(target: Target, columns: &[Column]) -> Result<Self> {
        let matrix = Matrix::of(columns.iter());
        let (spool, buffer) = match target.can_go_back() {
            // Room for the header.
            true => (None, vec![0; HEADER]),
            false => (Some(target.spool()?), Vec::new()),
        };
        Ok(Self { target, columns: columns.to_vec(), raw: is_raw(columns), matrix, spool, buffer })
    }

    fn flush(&mut self) -> Result<()> {
        let Some(spool) = &mut self.spool else { return Ok(self.target.take(&mut self.buffer)?) };
        let written = spool.append(|out| out.append(&mut self.buffer));
        written.map_err(|error| self.target.spool_failed(error))
    }
}

/// True if a row is its bytes, or its signs, as they are in memory.
pub(super) fn is_raw(columns: &[Column]) -> bool {
    !columns.is_empty() && matches!(Number::of(columns), Number::Byte | Number::Sign)
}

impl NpyRows {
    /// Takes a row that is encoded as it stands in the array.
    #[inline]
    fn raw_row(&mut self, encoded: &[u8]) -> Result<()> {
        let row = encoded.split_first().filter(|(_, row)| row.len() as u64 == self.matrix.columns);
        let (missing, row) = row.ok_or_else(|| Error::malformed("a row of another array"))?;
        self.matrix.written.zeros += u64::from(*missing);
        self.buffer.extend_from_slice(row);
        self.matrix.end_row();
        if self.buffer.len() >= CHUNK { self.flush() } else { Ok(()) }
    }
}

impl Format for NpyRows {
    fn row(&mut self, encoded: &[u8]) -> Result<()> {
        if self.raw {
            return self.raw_row(encoded);
        }
        let mut cells = Cells::of(encoded);
        for column in &self.columns {
            let cell = cells.take()?;
            if !self.matrix.push(column.kind, cell, &mut self.buffer) {
                return Err(misplaced(&column.name, cell));
            }
        }
        self.matrix.end_row();
        cells.end()?;
        if self.buffer.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<Written> {
        self.flush()?;
        let (header, written) = self.matrix.finish();
        let Some(mut spool) = self.spool.take() else {
            self.target.commit_begun_with(&header)?;
            return Ok(written);
        };
        self.target.write_all(&header)?;
        spool.flush().map_err(|error| self.target.spool_failed(error))?;
        spool.drain(|chunk| self.target.write_all(chunk))?;
        self.target.commit()?;
        Ok(written)
    }
}
