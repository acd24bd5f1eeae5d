//! Rows as JSON Lines: one object a line, ids as text, undefined values as null.

use super::encoder::Encoded;
use super::shape::width;
use super::text;
use crate::table::{Cell, ColumnKind};

/// A text as JSON.
pub(super) fn string(text: &str, out: &mut Vec<u8>) {
    // Writing to memory cannot fail, and every text has a form in JSON.
    let _ = serde_json::to_writer(out, text);
}

/// Appends a member of the row's object, with a comma behind it.
#[inline]
pub(super) fn cell(column: &Encoded, cell: &Cell<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(&column.key);
    match cell {
        Cell::Real(value) => text::real(*value, out),
        // Numbers of JavaScript end at 2^53, and ids do not.
        Cell::Count(value) if column.kind == ColumnKind::Id => in_quotes(out, |out| text::count(*value, out)),
        Cell::Count(value) => text::count(*value, out),
        Cell::Integer(value) => text::integer(*value, out),
        Cell::Text(value) => string(value, out),
        Cell::Time(value) => in_quotes(out, |out| text::time(*value, out)),
        Cell::Address(value) => in_quotes(out, |out| text::address(*value, out)),
        Cell::Integers(values) => text::integers(values, out),
        Cell::Reals(values) => text::reals(values, out),
        Cell::Bytes(values) => text::list(padded(column, values), out, text::byte),
        Cell::Signs(values) => text::list(padded(column, values), out, text::sign),
        Cell::Missing => out.extend_from_slice(b"null"),
    }
    out.push(b',');
}

/// Makes a line of the object that begins at `start`.
pub(super) fn end(out: &mut Vec<u8>) {
    if let Some(comma) = out.last_mut() {
        *comma = b'}';
    }
    out.push(b'\n');
}

/// As many values as the column has.
fn padded<T: Copy + Default>(column: &Encoded, values: &[T]) -> impl Iterator<Item = T> {
    let width = width(column.kind);
    let zeros = std::iter::repeat_n(T::default(), width.saturating_sub(values.len()));
    values.iter().copied().take(width).chain(zeros)
}

fn in_quotes(out: &mut Vec<u8>, write: impl Fn(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}
