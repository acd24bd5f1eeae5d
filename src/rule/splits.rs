//! Which split each sample belongs to: a table `sample_id,split[,fold][,group]`, as `pcapml partition` writes it.

use std::collections::HashMap;
use std::path::Path;

use super::csv_text;
use crate::error::{Error, Result};
use crate::packet::SampleId;

/// The splits of samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Splits {
    of: HashMap<SampleId, String>,
}

impl FromIterator<(SampleId, String)> for Splits {
    fn from_iter<I: IntoIterator<Item = (SampleId, String)>>(pairs: I) -> Self {
        Self { of: pairs.into_iter().collect() }
    }
}

impl Splits {
    /// Reads a table: CSV with a header; lines that begin with `#` are comments, further columns are not asked.
    ///
    /// # Errors
    /// The first defect, with file, line and column; an id of two splits.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        Self::parse(&bytes).map_err(|error| error.in_file(path))
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let mut columns = None;
        let mut of: HashMap<SampleId, String> = HashMap::new();
        csv_text::each(bytes, |record| {
            let Some((id_at, split_at)) = columns else {
                let place = |name: &str| {
                    let found = record.fields.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
                    found.ok_or_else(|| {
                        Error::labels(format!("no column '{name}'"))
                            .at_line(record.line, None)
                            .advise("the first line names the columns: sample_id,split")
                    })
                };
                columns = Some((place("sample_id")?, place("split")?));
                return Ok(());
            };
            let field = |at: usize| record.fields.get(at).map_or("", str::trim);
            let fault = |text: String, at: usize| Error::labels(text).at_line(record.line, Some(at as u64 + 1));
            let text = field(id_at);
            let id = text.parse().map(SampleId).map_err(|_| fault(format!("'{text}' is no sample id"), id_at))?;
            let split = field(split_at);
            if split.is_empty() {
                return Err(fault(format!("no split of sample {id}"), split_at));
            }
            match of.insert(id, split.to_owned()).filter(|other| other != split) {
                Some(other) => Err(fault(format!("sample {id} is in '{other}' and in '{split}'"), split_at)),
                None => Ok(()),
            }
        })?;
        match columns {
            Some(_) => Ok(Self { of }),
            None => Err(Error::labels("an empty table").advise("the first line names the columns: sample_id,split")),
        }
    }

    /// The split of a sample.
    pub fn of(&self, id: SampleId) -> Option<&str> {
        self.of.get(&id).map(String::as_str)
    }

    /// How many samples have one.
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// True if no sample has one.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_each_sample_its_split() {
        let table = Splits::parse(b"# seed 1\nsample_id,split,fold\n7,train,0\n18446744073709551615,test,1\n").unwrap();
        assert_eq!(
            (table.of(SampleId(7)), table.of(SampleId(u64::MAX)), table.len()),
            (Some("train"), Some("test"), 2)
        );
        assert_eq!(table.of(SampleId(8)), None);
    }

    #[test]
    fn defects_are_named_with_their_place() {
        for (text, said) in [
            ("", "an empty table"),
            ("id,split\n1,a\n", "line 1: no column 'sample_id'"),
            ("sample_id,split\nx,a\n", "line 2, column 1: 'x' is no sample id"),
            ("sample_id,split\n1,\n", "line 2, column 2: no split of sample 1"),
            ("sample_id,split\n1,a\n1,a\n1,b\n", "line 4, column 2: sample 1 is in 'a' and in 'b'"),
        ] {
            let error = Splits::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
