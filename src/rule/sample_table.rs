//! What a dataset was when it was published: a table `sample_id[,label][,sha256]`, one row for each sample.
//!
//! `contents.csv` and `challenge_labels.csv` of `pcapml partition` are such tables, and any other that has these columns.

use std::collections::BTreeMap;
use std::path::Path;

use super::csv_text::{self, Record};
use super::sample_labels::{column, id_of};
use crate::error::{Error, Result};
use crate::packet::SampleId;

/// The samples of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SampleTable {
    /// The samples by id.
    pub rows: BTreeMap<SampleId, SampleRow>,
}

/// What a table says of a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SampleRow {
    /// Its label, if it is told.
    pub label: Option<String>,
    /// The SHA-256 of its packets, if it is told.
    pub content: Option<[u8; 32]>,
}

impl SampleTable {
    /// Reads a table: CSV with a header; lines that begin with `#` are comments, other columns are not asked.
    ///
    /// # Errors
    /// The first defect, with file, line and column.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        Self::parse(&bytes).map_err(|error| error.in_file(path))
    }

    /// Reads a table from its text.
    ///
    /// # Errors
    /// The first defect, with line and column.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut columns = None;
        let mut rows = BTreeMap::new();
        csv_text::each(bytes, |record| {
            let Some(columns) = &columns else {
                columns = Some(Columns::of(record)?);
                return Ok(());
            };
            let (id, row) = columns.row(record)?;
            match rows.insert(id, row) {
                Some(_) => Err(Error::labels(format!("sample {id} has a row already")).at_line(record.line, None)),
                None => Ok(()),
            }
        })?;
        match columns {
            Some(_) => Ok(Self { rows }),
            None => Err(Error::labels("an empty table").advise(ADVICE)),
        }
    }
}

const ADVICE: &str = "the first line names the columns: sample_id,label,sha256";

/// Where a table's columns stand.
struct Columns {
    id: usize,
    label: Option<usize>,
    content: Option<usize>,
}

impl Columns {
    fn of(header: &Record) -> Result<Self> {
        let fault = |name: &str| csv_text::no_column(name, header, ADVICE);
        let id = column(header, "sample_id").ok_or_else(|| fault("sample_id"))?;
        match (column(header, "label"), column(header, "sha256")) {
            (None, None) => {
                Err(Error::labels("no column 'label' or 'sha256'").at_line(header.line, None).advise(ADVICE))
            }
            (label, content) => Ok(Self { id, label, content }),
        }
    }

    fn row(&self, record: &Record) -> Result<(SampleId, SampleRow)> {
        let told = |at: Option<usize>| Some((at?, record.fields.get(at?)?)).filter(|(_, text)| !text.is_empty());
        let content = told(self.content).map(|(at, text)| {
            let fault = || Error::labels(format!("'{text}' is no SHA-256 of 64 hex digits"));
            parse_digest(text).ok_or_else(|| fault().at_line(record.line, Some(at as u64 + 1)))
        });
        let label = told(self.label).map(|(_, text)| text.to_owned());
        Ok((id_of(record, self.id)?, SampleRow { label, content: content.transpose()? }))
    }
}

/// A SHA-256 of 64 hex digits.
pub fn parse_digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (pair[0] * 16 + pair[1]) as u8;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_tells_what_it_tells() {
        let sum = "0f".repeat(31) + "FE";
        let table = format!("label,x,SHA256,sample_id\nweb,1,{sum},7\n,2,,18446744073709551615\n");
        let table = SampleTable::parse(table.as_bytes()).unwrap().rows;
        let row = &table[&SampleId(7)];
        assert_eq!((row.label.as_deref(), row.content.map(|sum| (sum[0], sum[31]))), (Some("web"), Some((15, 254))));
        assert_eq!(table[&SampleId(u64::MAX)], SampleRow::default());
    }

    #[test]
    fn defects_are_named_with_their_place() {
        for (text, said) in [
            ("", "an empty table"),
            ("id,label\n", "line 1: no column 'sample_id'"),
            ("sample_id,split\n", "line 1: no column 'label' or 'sha256'"),
            ("sample_id,label\n07,a\n", "line 2, column 1: '07' is no sample id"),
            ("sample_id,sha256\n7,00\n", "line 2, column 2: '00' is no SHA-256"),
            ("sample_id,label\n7,a\n7,a\n", "line 3: sample 7 has a row already"),
        ] {
            let error = SampleTable::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
