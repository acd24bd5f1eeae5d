//! Rows as CSV (RFC 4180), except that lines end with a newline alone, as everywhere on Unix.
//!
//! A text that is empty is written as `""`, and an undefined one as nothing: who tells them apart can. Numbers of a
//! packet's bytes and bits have a column each.

use super::encoder::Encoded;
use super::shape::{flat_names, width};
use super::text;
use crate::table::{Cell, Column, ColumnKind};

/// Appends the header.
pub(super) fn header(columns: &[Column], out: &mut Vec<u8>) {
    for name in columns.iter().flat_map(flat_names) {
        quoted(name.as_bytes(), out);
        out.push(b',');
    }
    end(0, out);
}

/// Appends a cell, with a comma behind it.
#[inline]
pub(super) fn cell(column: &Encoded, cell: &Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Real(value) => text::real(*value, out),
        Cell::Count(value) => text::count(*value, out),
        Cell::Integer(value) => text::integer(*value, out),
        Cell::Text(value) => quoted(value.as_bytes(), out),
        Cell::Time(value) => text::time(*value, out),
        Cell::Address(value) => text::address(*value, out),
        Cell::Integers(values) => list(values.len(), out, |out| text::integers(values, out)),
        Cell::Reals(values) => list(values.len(), out, |out| text::reals(values, out)),
        Cell::Bytes(values) => return flat(column, values, out, text::byte),
        Cell::Signs(values) => return flat(column, values, out, text::sign),
        Cell::Missing => {}
    }
    out.push(b',');
}

/// Appends cells without any value, or with the text that stands for it, with a comma behind each.
pub(super) fn missing(kind: ColumnKind, text: &[u8], out: &mut Vec<u8>) {
    for _ in 0..width(kind) {
        out.extend_from_slice(text);
        out.push(b',');
    }
}

/// Makes a line of the cells that begin at `start`.
pub(super) fn end(start: usize, out: &mut Vec<u8>) {
    if out[start..] == *b"," {
        // A single empty cell would be an empty line, which readers skip.
        out.truncate(start);
        out.extend_from_slice(b"\"\",");
    }
    if let Some(comma) = out[start..].last_mut() {
        *comma = b'\n';
    }
}

/// A number in each of the column's cells; what is not there is 0.
fn flat<T: Copy + Default>(column: &Encoded, values: &[T], out: &mut Vec<u8>, write: impl Fn(T, &mut Vec<u8>)) {
    let width = width(column.kind);
    let zeros = std::iter::repeat_n(T::default(), width.saturating_sub(values.len()));
    for value in values.iter().copied().take(width).chain(zeros) {
        write(value, out);
        out.push(b',');
    }
}

/// A list, in quotes if there are commas between its values.
fn list(length: usize, out: &mut Vec<u8>, write: impl Fn(&mut Vec<u8>)) {
    let quotes: &[u8] = if length > 1 { b"\"" } else { b"" };
    out.extend_from_slice(quotes);
    write(out);
    out.extend_from_slice(quotes);
}

/// A text, in quotes if it would be read as something else without them.
fn quoted(text: &[u8], out: &mut Vec<u8>) {
    let blank = |byte: Option<&u8>| matches!(byte, None | Some(b' ' | b'\t'));
    let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    if !blank(text.first()) && !blank(text.last()) && !text.iter().any(special) {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for (at, part) in text.split(|&byte| byte == b'"').enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part);
    }
    out.push(b'"');
}
