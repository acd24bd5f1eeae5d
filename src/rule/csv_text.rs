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

impl Record {
    /// Sees that it has as many columns as the header.
    pub(super) fn expect(&self, columns: usize) -> Result<()> {
        match self.fields.len() {
            there if there == columns => Ok(()),
            there => {
                Err(Error::labels(format!("{there} columns where the header has {columns}")).at_line(self.line, None))
            }
        }
    }
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
    split(bytes).map(|(header, ..)| header)
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

/// Calls `each` with the records of a table in which comments stand above the header only: below it, a row may begin with a
/// label, and a label with `#`.
pub(super) fn each_row(bytes: &[u8], mut each: impl FnMut(&Record) -> Result<()>) -> Result<()> {
    let (Some(header), rows, first_line) = split(bytes)? else { return Ok(()) };
    check_quotes(rows, None, first_line)?;
    each(&header)?;
    let mut rows = Records::new(rows, None, first_line);
    while let Some(record) = rows.next()? {
        each(&record)?;
    }
    Ok(())
}

/// The first record, what stands below it, and the line on which that begins.
fn split(bytes: &[u8]) -> Result<(Option<Record>, &[u8], u64)> {
    check_text(bytes, "table")?;
    let bytes = without_mark(bytes);
    let mut records = Records::of(bytes);
    let header = records.next();
    let (above, rows) = bytes.split_at(records.reader.position().byte() as usize);
    check_quotes(above, Some(b'#'), 1)?;
    Ok((header?, rows, 1 + above.iter().filter(|byte| **byte == b'\n').count() as u64))
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

/// What is wrong with a header that lacks a column, and what to do: something else than commas may stand between them.
pub(super) fn no_column(name: &str, header: &Record, advice: &str) -> Error {
    let is_there =
        |by: char| header.fields.iter().any(|field| field.split(by).any(|part| part.eq_ignore_ascii_case(name)));
    let separators = [('\t', "tabs"), (';', "semicolons"), ('|', "bars")];
    let fault = Error::labels(format!("no column '{name}'")).at_line(header.line, None);
    match separators.into_iter().find(|(by, _)| is_there(*by)) {
        Some((_, by)) => fault.advise(format!("columns are told apart by commas, and here by {by}: write it as CSV")),
        None => fault.advise(advice),
    }
}

fn check(bytes: &[u8]) -> Result<()> {
    check_text(bytes, "table")?;
    check_quotes(without_mark(bytes), Some(b'#'), 1)
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
    comment: Option<u8>,
    /// The number of the text's first line.
    first_line: u64,
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Records<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self::new(without_mark(bytes), Some(b'#'), 1)
    }

    fn new(bytes: &'a [u8], comment: Option<u8>, first_line: u64) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // Blanks after a comma are nobody's label.
            .trim(csv::Trim::All)
            .comment(comment)
            .from_reader(bytes);
        Self { bytes, comment, first_line, reader }
    }

    fn next(&mut self) -> Result<Option<Record>> {
        let mut fields = StringRecord::new();
        while self.reader.read_record(&mut fields).map_err(|error| not_csv(&error))? {
            let start = fields.position().map_or(0, csv::Position::byte) as usize;
            let blank = fields.len() == 1 && fields[0].is_empty();
            if !blank {
                return Ok(Some(Record { line: self.line_of(start, &fields), fields }));
            }
        }
        Ok(None)
    }

    /// The reader's position is that of the blank lines and comments before a record: step over them.
    fn line_of(&self, start: usize, fields: &StringRecord) -> u64 {
        let mut line = fields.position().map_or(1, csv::Position::line) + self.first_line - 1;
        for text in self.bytes[start..].split_inclusive(|&byte| byte == b'\n') {
            let skipped = matches!(text, b"\n" | b"\r\n") || text.first().copied() == self.comment;
            if !skipped {
                break;
            }
            line += 1;
        }
        line
    }
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
fn check_quotes(bytes: &[u8], comment: Option<u8>, first_line: u64) -> Result<()> {
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
    let (mut state, mut line, mut column) = (State::LineStart, first_line, 1);
    let mut opened = (line, column);
    for &byte in bytes {
        state = match (state, byte) {
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) => State::Quoted,
            (_, b'\n') => State::LineStart,
            (State::Comment, _) => State::Comment,
            (State::LineStart, _) if Some(byte) == comment => State::Comment,
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
    fn comments_end_at_the_header_where_rows_may_begin_with_a_label() {
        for end in ["\n", "\r\n"] {
            let text = "\u{feff}# \"c\n\n# d\nlabel,id\n#1 fan,1\n\n# \"a\nb\",2\n# x\n".replace('\n', end);
            let mut rows = Vec::new();
            each_row(text.as_bytes(), |record| {
                rows.push((record.line, record.fields.iter().collect::<Vec<_>>().join("|")));
                Ok(())
            })
            .unwrap();
            let expected = [(4, "label|id"), (5, "#1 fan|1"), (7, "# \"a"), (8, "b\"|2"), (9, "# x")];
            assert_eq!(rows, expected.map(|(line, text)| (line, text.to_owned())), "{end:?}");
        }
        let fault = |text: &str| each_row(text.as_bytes(), |_| Ok(())).unwrap_err().to_string();
        assert!(fault("a,b\n# x,\"y\n").starts_with("line 2, column 2: a quote is opened and never closed"));
        assert!(fault("# c\n\"a\nb,c\n").starts_with("line 2, column 1: a quote is opened and never closed"));
        assert!(each_row(b"# only\n", |_| Err(Error::labels("a row"))).is_ok());
    }

    #[test]
    fn a_header_with_another_separator_says_so() {
        let said = |text: &str| {
            let mut header = None;
            let read = each_row(text.as_bytes(), |record| {
                header = Some(no_column("sample_id", record, "look again").to_string());
                Ok(())
            });
            read.map(|()| header.unwrap()).unwrap()
        };
        assert_eq!(said("id\n"), "line 1: no column 'sample_id'; look again");
        let tabs = "line 1: no column 'sample_id'; columns are told apart by commas, and here by tabs: write it as CSV";
        assert_eq!(said("sample_id\tsplit\n"), tabs);
        assert!(said("sample_id;split\n").ends_with("here by semicolons: write it as CSV"));
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
