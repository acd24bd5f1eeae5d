//! Text to rows: lines of bounded length, and the fields of a line, without a copy for each field.
//!
//! A line is a record. No published file of flow records has line breaks inside quotes, and a quote that was misplaced
//! would otherwise swallow the lines after it: here it is an error in its own line.

use std::io::{BufRead, BufReader, Read};

use crate::error::{Error, Result};

/// The longest line, in bytes: the widest tables have some 90 columns.
const MAX_LINE: usize = 1 << 20;

/// How much is read from the file at once, in bytes.
const CHUNK: usize = 256 << 10;

/// The lines of a file, numbered.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(stream: R) -> Self {
        Self { reader: BufReader::with_capacity(CHUNK, stream), number: 0 }
    }

    /// Reads the next line into `row`, without its end (`\n` or `\r\n`) and without a BOM; false at the end.
    pub(super) fn next_into(&mut self, row: &mut Row) -> Result<bool> {
        row.clear();
        let limit = MAX_LINE as u64 + 2;
        if (&mut self.reader).take(limit).read_until(b'\n', &mut row.text)? == 0 {
            return Ok(false);
        }
        self.number += 1;
        row.line = self.number;
        for end in [b'\n', b'\r'] {
            if row.text.last() == Some(&end) {
                row.text.pop();
            }
        }
        if row.text.len() > MAX_LINE {
            return Err(Error::labels(format!("a line of more than {MAX_LINE} bytes"))
                .at_line(row.line, None)
                .advise(ADVICE));
        }
        if self.number == 1 && row.text.starts_with(b"\xef\xbb\xbf") {
            row.text.drain(..3);
        }
        Ok(true)
    }
}

/// A line and where its fields are.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The physical line, from 1.
    pub(super) line: u64,
    text: Vec<u8>,
    fields: Vec<(usize, usize)>,
}

impl Row {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
    }

    /// The whole line.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// How many fields [`Self::split`] or [`Self::push`] made.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field, trimmed; empty if there is none.
    pub(super) fn field(&self, at: usize) -> &[u8] {
        let range = self.fields.get(at).map(|&(start, end)| start..end);
        range.and_then(|range| self.text.get(range)).unwrap_or_default().trim_ascii()
    }

    /// True if nothing but separators and blanks stand in the line.
    pub(super) fn is_blank(&self, separator: u8) -> bool {
        self.text.iter().all(|&byte| byte == separator || byte == b'"' || byte.is_ascii_whitespace())
    }

    /// Adds a field to a row that is no line of a table.
    pub(super) fn push(&mut self, text: &[u8]) {
        let start = self.text.len();
        self.text.extend_from_slice(text);
        self.fields.push((start, self.text.len()));
    }

    /// Replaces the last field by its parts, which blanks divide, at least two in a row.
    pub(super) fn split_last(&mut self) {
        let Some((start, end)) = self.fields.pop() else { return };
        let Some(text) = self.text.get(start..end) else { return };
        self.fields.extend(parts(text).into_iter().map(|(from, to)| (start + from, start + to)));
    }

    /// Finds the fields; a table without `quotes` (Zeek's) has none that mean anything.
    pub(super) fn split(&mut self, separator: u8, quotes: bool) -> Result<()> {
        self.fields.clear();
        let mut at = 0;
        loop {
            let blanks = self.rest(at).iter().take_while(|&&byte| byte == b' ').count();
            let quoted = quotes && self.rest(at + blanks).first() == Some(&b'"');
            let end = match quoted {
                true => self.split_quoted(at + blanks, separator)?,
                false => {
                    let length = self.rest(at).iter().position(|&byte| byte == separator);
                    let end = length.map_or(self.text.len(), |length| at + length);
                    self.fields.push((at, end));
                    end
                }
            };
            if end >= self.text.len() {
                return Ok(());
            }
            at = end + 1;
        }
    }

    /// A quoted field whose first quote is at `start`; doubled quotes are joined in place. Gives where the field ends.
    fn split_quoted(&mut self, start: usize, separator: u8) -> Result<usize> {
        let column = self.fields.len() as u64 + 1;
        let fault = |message: &str| Error::labels(message).at_line(self.line, Some(column)).advise(ADVICE);
        let (mut read, mut write) = (start + 1, start + 1);
        loop {
            match (self.text.get(read).copied(), self.text.get(read + 1)) {
                (None, _) => return Err(fault("a quote is opened and not closed in its line")),
                (Some(b'"'), Some(b'"')) => read += 1,
                (Some(b'"'), _) => break,
                _ => {}
            }
            if let Some(byte) = self.text.get(read).copied()
                && let Some(place) = self.text.get_mut(write)
            {
                *place = byte;
            }
            (read, write) = (read + 1, write + 1);
        }
        let blanks = self.rest(read + 1).iter().take_while(|&&byte| byte == b' ').count();
        let end = read + 1 + blanks;
        if self.rest(end).first().is_some_and(|&byte| byte != separator) {
            return Err(fault("text after a closing quote"));
        }
        self.fields.push((start + 1, write));
        Ok(end)
    }

    fn rest(&self, at: usize) -> &[u8] {
        self.text.get(at..).unwrap_or_default()
    }
}

/// Where the parts of a text are that two or more blanks divide.
pub(super) fn parts(text: &[u8]) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let (mut start, mut blanks) = (0, 0);
    for (at, &byte) in text.iter().enumerate() {
        if byte == b' ' {
            blanks += 1;
            continue;
        }
        if blanks >= 2 {
            parts.push((start, at - blanks));
            start = at;
        }
        blanks = 0;
    }
    parts.push((start, text.len()));
    parts
}

const ADVICE: &str = "mend the line, or write the table again with a CSV tool";

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>> {
        let mut lines = Lines::new(bytes);
        let (mut row, mut rows) = (Row::default(), Vec::new());
        while lines.next_into(&mut row)? {
            row.split(b',', true)?;
            let fields = (0..row.len()).map(|at| String::from_utf8_lossy(row.field(at)).into_owned());
            rows.push((row.line, fields.collect()));
        }
        Ok(rows)
    }

    #[test]
    fn fields_are_trimmed_and_unquoted() {
        let rows = rows(b"\xef\xbb\xbfa, b ,\r\n\n \"x, \"\"y\"\"\" ,\"\",z\"z").unwrap();
        let expected = [(1, vec!["a", "b", ""]), (2, vec![""]), (3, vec!["x, \"y\"", "", "z\"z"])];
        let expected: Vec<(u64, Vec<String>)> =
            expected.into_iter().map(|(line, row)| (line, row.into_iter().map(str::to_owned).collect())).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn defects_are_errors_in_their_own_line() {
        let fault = |bytes: &[u8]| rows(bytes).unwrap_err().to_string();
        assert!(fault(b"a\nb,\"c\nd\"").starts_with("line 2, column 2: a quote is opened"));
        assert!(fault(b"a,\"b\"c").starts_with("line 1, column 2: text after a closing quote"));
        assert!(fault(&vec![b'x'; MAX_LINE + 1]).starts_with("line 1: a line of more than"));
        assert_eq!(rows(&vec![b'x'; MAX_LINE]).unwrap().len(), 1);
    }

    #[test]
    fn a_last_field_of_several_is_divided_at_runs_of_blanks() {
        let mut row = Row::default();
        row.push(b"1");
        row.push(b"(empty)   Malicious   C&C File Download");
        row.split_last();
        assert_eq!(row.len(), 4);
        assert_eq!(row.field(3), b"C&C File Download");
    }
}
