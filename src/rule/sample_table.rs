//! What a dataset was when it was published: a table `sample_id[,label][,sha256]`, one row for each sample.
//!
//! `contents.csv` and `challenge_labels.csv` of `pcapml partition` are such tables, and any other that has these columns.

use std::collections::BTreeMap;
use std::path::Path;

use csv::StringRecord;

use super::csv_text;
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
                columns = Some(Columns::of(&record.fields).map_err(|error| error.at_line(record.line, None))?);
                return Ok(());
            };
            let (id, row) = columns.row(&record.fields, record.line)?;
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
    fn of(header: &StringRecord) -> Result<Self> {
        let place = |name: &str| header.iter().position(|field| field.eq_ignore_ascii_case(name));
        let id = place("sample_id").ok_or_else(|| csv_text::no_column("sample_id", header, ADVICE))?;
        match (place("label"), place("sha256")) {
            (None, None) => Err(Error::labels("no column 'label' or 'sha256'").advise(ADVICE)),
            (label, content) => Ok(Self { id, label, content }),
        }
    }

    fn row(&self, fields: &StringRecord, line: u64) -> Result<(SampleId, SampleRow)> {
        let told = |at: Option<usize>| at.and_then(|at| fields.get(at)).filter(|text| !text.is_empty());
        let fault = |text: String, at: usize| Error::labels(text).at_line(line, Some(at as u64 + 1));
        let text = fields.get(self.id).unwrap_or_default();
        let id = text.parse().map_err(|()| fault(format!("'{text}' is no sample id"), self.id))?;
        let content = match told(self.content) {
            Some(text) => Some(digest(text).ok_or_else(|| {
                fault(format!("'{text}' is no SHA-256 of 64 hex digits"), self.content.unwrap_or_default())
            })?),
            None => None,
        };
        Ok((id, SampleRow { label: told(self.label).map(str::to_owned), content }))
    }
}

fn digest(text: &str) -> Option<[u8; 32]> {
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
