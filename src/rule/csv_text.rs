//! A CSV text, with the line of each record, and the defects that a CSV reader passes over in silence.
//!
//! The csv crate joins everything after an unclosed quote into one field and says nothing: rules would be lost without
//! a message. It is therefore checked here, together with lines of absurd length and bytes that are not UTF-8.

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
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    check_lines(bytes)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        // Blanks after a comma are nobody's label.
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(bytes);
    let mut records = Vec::new();
    let mut fields = StringRecord::new();
    while reader.read_record(&mut fields).map_err(|error| not_csv(&error))? {
        let start = fields.position().map_or(0, csv::Position::byte) as usize;
        records.push(Record { line: line_of(bytes, start, &fields), fields: fields.clone() });
    }
    check_quotes(bytes, records.last())?;
    Ok(records)
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

/// A quote that is open at the end of the file has swallowed the rest of it, into the last record.
fn check_quotes(bytes: &[u8], last: Option<&Record>) -> Result<()> {
    let Some(last) = last else { return Ok(()) };
    let lines = bytes.split_inclusive(|&byte| byte == b'\n').skip(last.line as usize - 1);
    match open_quote(lines.flatten().copied()) {
        Some(column) => Err(Error::labels("a quote is opened and never closed").at_line(last.line, Some(column))),
        None => Ok(()),
    }
}

/// The column whose quote is still open when the text ends.
fn open_quote(text: impl Iterator<Item = u8>) -> Option<u64> {
    #[derive(PartialEq)]
    enum State {
        FieldStart,
        Plain,
        Quoted,
        /// After a quote inside quotes: the end of the field, or the first of a doubled quote.
        Closing,
    }
    let (mut state, mut column) = (State::FieldStart, 1);
    for byte in text {
        state = match (state, byte) {
            (State::FieldStart | State::Closing, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) => State::Quoted,
            (_, b',') => {
                column += 1;
                State::FieldStart
            }
            (_, b'\n') => {
                column = 1;
                State::FieldStart
            }
            (_, _) => State::Plain,
        };
    }
    (state == State::Quoted).then_some(column)
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
    fn silent_defects_are_found() {
        let fault = |bytes: &[u8]| records(bytes).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(fault(b"a,b\nc,\"d\ne,f\n"), "line 2, column 2: a quote is opened and never closed");
        assert_eq!(fault(b"a,\"b\"\"\"\n"), "");
        assert_eq!(fault(b"a,b\n\"c"), "line 2, column 1: a quote is opened and never closed");
        assert!(fault(b"a,b\nc,\xff\n").starts_with("line 2, column 2: byte 3 of the line is not UTF-8"));
        let mut long = b"a,b\n".to_vec();
        long.resize(10 << 20, b'x');
        assert!(fault(&long).starts_with("line 2: a line of 10485756 bytes"));
    }
}
