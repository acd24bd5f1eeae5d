//! A list of sample ids: one on a line; blank lines, and what follows a `#`, do not count.

use std::io::Read;
use std::path::Path;

use super::csv_text;
use crate::error::{Error, Result};
use crate::packet::SampleId;

/// The ids of a list as they stand, with their lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdList {
    /// The ids.
    pub ids: Vec<(SampleId, u64)>,
    /// All that the list says, with its comments.
    pub text: String,
}

impl IdList {
    /// Reads a list; `-` is standard input. A first line `sample_id` is the name of a column.
    ///
    /// # Errors
    /// What is no id, with file and line.
    pub fn read(path: &Path) -> Result<Self> {
        let mut bytes = Vec::new();
        let read = match path == Path::new("-") {
            true => std::io::stdin().lock().read_to_end(&mut bytes).map(drop),
            false => std::fs::read(path).map(|read| bytes = read),
        };
        read.map_err(|error| Error::from(error).in_file(path))?;
        Self::of(bytes).map_err(|error| error.in_file(path))
    }

    fn of(bytes: Vec<u8>) -> Result<Self> {
        csv_text::check_text(&bytes, "list of ids")?;
        let text = String::from_utf8(bytes).map_err(|_| Error::labels("the list is not UTF-8"))?;
        Ok(Self { ids: parse(&text)?, text })
    }
}

fn parse(text: &str) -> Result<Vec<(SampleId, u64)>> {
    let mut ids = Vec::new();
    for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let text = text.split('#').next().unwrap_or_default().trim();
        let header = ["sampleid", "sample_id"].iter().any(|name| text.eq_ignore_ascii_case(name));
        if text.is_empty() || header && ids.is_empty() {
            continue;
        }
        let id = text.parse().map_err(|()| Error::labels(format!("'{text}' is no sample id")).at_line(line, None))?;
        ids.push((id, line));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blank_lines_and_a_header_are_passed_over() {
        let ids = parse("\u{feff}# seed: 1\n\nsample_id\n7\n 8 # the second\n").unwrap();
        assert_eq!(ids, [(SampleId(7), 4), (SampleId(8), 5)]);
        let error = |bytes: &[u8]| IdList::of(bytes.to_vec()).unwrap_err().to_string();
        assert_eq!(error(b"7\n\xff\n"), "line 2, column 1: byte 1 of the line is not UTF-8; convert the file to UTF-8");
        let capture = "a capture, and no list of ids; see that the arguments are not swapped";
        assert_eq!(error(b"\xd4\xc3\xb2\xa1\x02\0\x04\0"), capture);
        let error = parse("7\nsample_id\n").unwrap_err().to_string();
        assert_eq!(error, "line 2: 'sample_id' is no sample id");
    }
}
