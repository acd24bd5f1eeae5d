//! A CSV text, with the line of each record, and the defects that a CSV reader passes over in silence.
//!
//! The csv crate joins everything after a misplaced quote into one field and says nothing: rules would be lost without
//! a message. Quotes are therefore checked here, together with lines of absurd length and bytes that are not UTF-8.

use csv::{ReaderBuilder, StringRecord};

use crate::error::{Error, Result};

/// The longest line, in bytes. No label may be longer than a pcapng comment, and no filter comes near.
const MAX_LINE: usize = 1 << 20;

/// One record and the physical line on which it begins.
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) fields: StringRecord,
}

/// Reads RFC 4180, with or without BOM; blank lines and lines that begin with `#` are skipped.
pub(super) fn records(bytes: &[u8]) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    each(bytes, |record| {
        records.push(Record { line: record.line, fields: record.fields.clone() });
        Ok(())
    })?;
    Ok(records)
}

/// The first record.
pub(super) fn first(bytes: &[u8]) -> Result<Option<Record>> {
    check(bytes)?;
    Records::of(bytes).next()
}

/// Calls `each` with the records of [`records`], for tables that need not be held as a whole.
pub(super) fn each(bytes: &[u8], mut each: impl FnMut(&Record) -> Result<()>) -> Result<()> {
    check(bytes)?;
    let mut records = Records::of(bytes);
    while let Some(record) = records.next()? {
        each(&record)?;
    }
    Ok(())
}

/// True for what begins like a capture: tables and captures are easily swapped.
pub(super) fn is_capture(bytes: &[u8]) -> bool {
    const MAGIC: [[u8; 4]; 5] = [
        [0x0a, 0x0d, 0x0d, 0x0a],
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
    ];
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
}

/// What is wrong with a header that lacks a column, and what to do: fields may be separated by something else.
pub(super) fn no_column(name: &str, header: &StringRecord, advice: &str) -> Error {
    let separators = [('\t', "tabs"), (';', "semicolons"), ('|', "vertical bars")];
    let other = separators.into_iter().find(|(other, _)| header.iter().any(|field| field.contains(*other)));
    Error::labels(format!("no column '{name}'")).advise(match other {
        Some((_, called)) => format!("fields seem to be separated by {called}: they must be by commas"),
        None => advice.to_owned(),
    })
}

fn check(bytes: &[u8]) -> Result<()> {
    check_text(bytes, "table")?;
    check_quotes(without_mark(bytes))
}

/// Sees that what should be a table, or a list, is text.
pub(super) fn check_text(bytes: &[u8], what: &str) -> Result<()> {
    if is_capture(bytes) {
        let fault = Error::labels(format!("a capture, and no {what}"));
        return Err(fault.advise("see that the arguments are not swapped"));
    }
    check_lines(without_mark(bytes))
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Records of a text that was checked.
struct Records<'a> {
    bytes: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Records<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let bytes = without_mark(bytes);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // Blanks after a comma are nobody's label.
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(bytes);
        Self { bytes, reader }
    }

    fn next(&mut self) -> Result<Option<Record>> {
        let mut fields = StringRecord::new();
        while self.reader.read_record(&mut fields).map_err(|error| not_csv(&error))? {
            let start = fields.position().map_or(0, csv::Position::byte) as usize;
            let blank = fields.len() == 1 && fields[0].is_empty();
            if !blank {
                return Ok(Some(Record { line: line_of(self.bytes, start, &fields), fields }));
            }
        }
        Ok(None)
    }
}

/// The reader's position is that of the blank lines and comments before a record: step over them.
fn line_of(bytes: &[u8], start: usize, fields: &StringRecord) -> u64 {
    let mut line = fields.position().map_or(1, csv::Position::line);
    for text in bytes[start..].split_inclusive(|&byte| byte == b'\n') {
        let skipped = matches!(text, [b'#', ..] | b"\n" | b"\r\n");
        if !skipped {
            break;
        }
        line += 1;
    }
    line
}

fn check_lines(bytes: &[u8]) -> Result<()> {
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        if line.len() > MAX_LINE {
            return Err(
                Error::labels(format!("a line of {} bytes; the limit is {MAX_LINE}", line.len())).at_line(number, None)
            );
        }
        if let Err(error) = std::str::from_utf8(line) {
            let before = &line[..error.valid_up_to()];
            let column = 1 + before.iter().filter(|&&byte| byte == b',').count() as u64;
            return Err(Error::labels(format!("byte {} of the line is not UTF-8", before.len() + 1))
                .at_line(number, Some(column))
                .advise("convert the file to UTF-8"));
        }
    }
    Ok(())
}

/// Sees that quotes stand only around fields: one that is misplaced or never closed swallows the lines after it.
fn check_quotes(bytes: &[u8]) -> Result<()> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        LineStart,
        Comment,
        FieldStart,
        /// After blanks at the start of a field.
        Blanks,
        Plain,
        Quoted,
        /// After a quote inside quotes: the end of the field, or the first of a doubled quote.
        Closing,
    }
    let (mut state, mut line, mut column) = (State::LineStart, 1, 1);
    let mut opened = (1, 1);
    for &byte in bytes {
        state = match (state, byte) {
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) => State::Quoted,
            (_, b'\n') => State::LineStart,
            (State::LineStart, b'#') | (State::Comment, _) => State::Comment,
            (_, b',') => State::FieldStart,
            (State::LineStart | State::FieldStart | State::Closing, b'"') => {
                opened = (line, column);
                State::Quoted
            }
            (State::Blanks, b'"') => {
                let fault = Error::labels("a quote after a blank does not begin a quoted field");
                return Err(fault.at_line(line, Some(column)).advise("take the blank away"));
            }
            (State::LineStart | State::FieldStart | State::Blanks, b' ' | b'\t') => State::Blanks,
            (State::Closing, b' ' | b'\t' | b'\r') => State::Closing,
            (State::Closing, _) => {
                let fault = Error::labels("text after a closing quote");
                return Err(fault.at_line(opened.0, Some(opened.1)).advise("write a quote inside quotes twice"));
            }
            (_, _) => State::Plain,
        };
        match byte {
            b'\n' => line += 1,
            b',' if state == State::FieldStart => column += 1,
            _ => {}
        }
        if state == State::LineStart {
            column = 1;
        }
    }
    match state {
        State::Quoted => Err(Error::labels("a quote is opened and never closed").at_line(opened.0, Some(opened.1))),
        _ => Ok(()),
    }
}

fn not_csv(error: &csv::Error) -> Error {
    let line = error.position().map_or(0, csv::Position::line);
    Error::labels(error.to_string()).at_line(line, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, Vec<String>)> {
        records(text.as_bytes())
            .unwrap()
            .iter()
            .map(|record| (record.line, record.fields.iter().map(str::to_owned).collect()))
            .collect()
    }

    #[test]
    fn lines_are_physical() {
        let text = "\u{feff}# c\r\n\r\na,\"b\nb\"\r\n# c\n\n\n\"c, d\",e\n";
        let expected = [(3, vec!["a", "b\nb"]), (8, vec!["c, d", "e"])];
        let expected: Vec<(u64, Vec<String>)> = expected
            .into_iter()
            .map(|(line, fields)| (line, fields.into_iter().map(str::to_owned).collect()))
            .collect();
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn a_header_with_another_separator_says_so() {
        let said = |header: &str| no_column("sample_id", &StringRecord::from(vec![header]), "look again").to_string();
        assert_eq!(said("id"), "no column 'sample_id'; look again");
        let tabs = "no column 'sample_id'; fields seem to be separated by tabs: they must be by commas";
        assert_eq!(said("sample_id\tsplit"), tabs);
        assert!(said("sample_id;split").ends_with("by semicolons: they must be by commas"));
    }

    #[test]
    fn silent_defects_are_found() {
        let fault = |bytes: &[u8]| records(bytes).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(fault(b"a,b\nc,\"d\ne,f\n"), "line 2, column 2: a quote is opened and never closed");
        assert_eq!(fault(b"a,\"b\"\"\"\n"), "");
        assert_eq!(fault(b"a,\"b\" \r\n  \n# \"\n"), "");
        assert!(fault(b"f,l\na,\"web\nb,mail\nc,\"dns\n").starts_with("line 2, column 2: text after a closing quote"));
        assert!(fault(b"a, \"b,c\"\n").starts_with("line 1, column 2: a quote after a blank"));
        assert_eq!(fault(b"a,b\n\"c"), "line 2, column 1: a quote is opened and never closed");
        assert!(fault(b"a,b\nc,\xff\n").starts_with("line 2, column 2: byte 3 of the line is not UTF-8"));
        let mut long = b"a,b\n".to_vec();
        long.resize(10 << 20, b'x');
        assert!(fault(&long).starts_with("line 2: a line of 10485756 bytes"));
    }
}
