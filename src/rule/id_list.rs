//! A list of sample ids: one on a line; blank lines, and what follows a `#`, do not count.

use std::path::Path;

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
        let read = match path == Path::new("-") {
            true => std::io::read_to_string(std::io::stdin()),
            false => std::fs::read_to_string(path),
        };
        let text = read.map_err(|error| Error::from(error).in_file(path))?;
        Ok(Self { ids: parse(&text).map_err(|error| error.in_file(path))?, text })
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
        let error = parse("7\nsample_id\n").unwrap_err().to_string();
        assert_eq!(error, "line 2: 'sample_id' is no sample id");
    }
}
