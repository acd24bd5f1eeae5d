//! Rows for the formats that store columns: each cell as a tag and its value, and nothing between them.
//!
//! Whole numbers take seven bits a byte, the lowest first (LEB128), those that may be negative zigzag; everything else
//! is as wide as in memory, little-endian. Nobody but [`Cells`] reads it, in the same run of the program, so that there
//! is no version. A cell that is not of its column's kind is found when it is read, and never written as something else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::encoder::Encoded;
use super::shape::width;
use crate::error::{Error, Result};
use crate::table::Cell;

const MISSING: u8 = 0;
const TEXT: u8 = 1;
const COUNT: u8 = 2;
const INTEGER: u8 = 3;
const REAL: u8 = 4;
const TIME: u8 = 5;
const IPV4: u8 = 6;
const IPV6: u8 = 7;
const INTEGERS: u8 = 8;
const REALS: u8 = 9;
const BYTES: u8 = 10;
const SIGNS: u8 = 11;

/// Appends a cell.
#[inline]
pub(super) fn cell(column: &Encoded, cell: &Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Missing => out.push(MISSING),
        Cell::Real(value) => fixed(REAL, value.to_le_bytes(), out),
        Cell::Count(value) => {
            out.push(COUNT);
            varint(*value, out);
        }
        Cell::Integer(value) => {
            out.push(INTEGER);
            varint(((value << 1) ^ (value >> 63)) as u64, out);
        }
        Cell::Time(value) => fixed(TIME, value.to_le_bytes(), out),
        Cell::Text(value) => {
            prefix(TEXT, value.len(), out);
            out.extend_from_slice(value.as_bytes());
        }
        Cell::Address(IpAddr::V4(address)) => fixed(IPV4, address.octets(), out),
        Cell::Address(IpAddr::V6(address)) => fixed(IPV6, address.octets(), out),
        Cell::Integers(values) => {
            prefix(INTEGERS, 8 * values.len(), out);
            out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        Cell::Reals(values) => {
            prefix(REALS, 8 * values.len(), out);
            out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        Cell::Bytes(values) => {
            let values = &values[..values.len().min(width(column.kind))];
            prefix(BYTES, values.len(), out);
            out.extend_from_slice(values);
        }
        Cell::Signs(values) => {
            let values = &values[..values.len().min(width(column.kind))];
            prefix(SIGNS, values.len(), out);
            out.extend(values.iter().map(|&value| value as u8));
        }
    }
}

#[inline]
fn fixed<const N: usize>(tag: u8, value: [u8; N], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&value);
}

fn prefix(tag: u8, length: usize, out: &mut Vec<u8>) {
    out.push(tag);
    varint(length as u64, out);
}

#[inline]
fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A cell of an encoded row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stored<'a> {
    /// Nothing is known.
    Missing,
    /// A text.
    Text(&'a str),
    /// A count or an id.
    Count(u64),
    /// A whole number.
    Integer(i64),
    /// A real number, or not a number where that was asked for.
    Real(f64),
    /// Nanoseconds since 1970.
    Time(i64),
    /// An address.
    Address(IpAddr),
    /// 64-bit numbers, little-endian.
    Integers(&'a [u8]),
    /// 64-bit floating-point numbers, little-endian.
    Reals(&'a [u8]),
    /// Bytes, zeros at the end left out.
    Bytes(&'a [u8]),
    /// Numbers from -128 to 127, in two's complement, zeros at the end left out.
    Signs(&'a [u8]),
}

/// The cells of an encoded row.
pub(super) struct Cells<'a>(&'a [u8]);

impl<'a> Cells<'a> {
    /// The cells of this row.
    pub(super) fn of(encoded: &'a [u8]) -> Self {
        Self(encoded)
    }

    /// The next cell.
    pub(super) fn take(&mut self) -> Result<Stored<'a>> {
        self.read().ok_or_else(broken)
    }

    /// Sees that no cell is left.
    pub(super) fn end(&self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(broken()) }
    }

    fn read(&mut self) -> Option<Stored<'a>> {
        Some(match self.byte()? {
            MISSING => Stored::Missing,
            REAL => Stored::Real(f64::from_le_bytes(self.array()?)),
            COUNT => Stored::Count(self.varint()?),
            INTEGER => {
                let folded = self.varint()?;
                Stored::Integer((folded >> 1) as i64 ^ -((folded & 1) as i64))
            }
            TIME => Stored::Time(i64::from_le_bytes(self.array()?)),
            TEXT => Stored::Text(std::str::from_utf8(self.prefixed()?).ok()?),
            IPV4 => Stored::Address(Ipv4Addr::from(self.array::<4>()?).into()),
            IPV6 => Stored::Address(Ipv6Addr::from(self.array::<16>()?).into()),
            INTEGERS => Stored::Integers(self.prefixed()?),
            REALS => Stored::Reals(self.prefixed()?),
            BYTES => Stored::Bytes(self.prefixed()?),
            SIGNS => Stored::Signs(self.prefixed()?),
            _ => return None,
        })
    }

    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn prefixed(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }
}

/// The 64-bit numbers of a list.
pub(super) fn words(list: &[u8]) -> impl Iterator<Item = [u8; 8]> {
    list.as_chunks().0.iter().copied()
}

/// A row that this program did not encode.
fn broken() -> Error {
    Error::malformed("an encoded row is broken").advise("the disk for temporary files may be failing; or report a bug")
}

/// A cell that does not belong into its column.
pub(super) fn misplaced(column: &str, cell: Stored<'_>) -> Error {
    Error::malformed(format!("the column '{column}' cannot hold {cell:?}")).advise("this is a bug: please report it")
}
