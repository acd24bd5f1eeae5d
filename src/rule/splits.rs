//! Which split each sample belongs to: a table `sample_id,split[,fold][,group]`, as `pcapml partition` writes it.

use std::collections::HashMap;
use std::path::Path;

use super::csv_text::{self, Record};
use super::sample_labels::{column, id_of};
use crate::error::{Error, Result};
use crate::packet::SampleId;

/// The splits of samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Splits {
    of: HashMap<SampleId, Place>,
}

/// What rows without a split mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// A defect.
    Refused,
    /// A sample of no split: tables of samples have such rows.
    NoSplit,
}

/// Where a sample was put.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Place {
    split: String,
    fold: Option<String>,
    group: Option<String>,
}

impl FromIterator<(SampleId, String)> for Splits {
    fn from_iter<I: IntoIterator<Item = (SampleId, String)>>(pairs: I) -> Self {
        let place = |(id, split)| (id, Place { split, ..Place::default() });
        Self { of: pairs.into_iter().map(place).collect() }
    }
}

impl Splits {
    /// Reads a table: CSV with a header; lines that begin with `#` are comments, further columns are not asked.
    ///
    /// # Errors
    /// The first defect, with file, line and column; an id of two splits, folds or groups.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        Self::parse(&bytes, Blanks::Refused).map_err(|error| error.in_file(path))
    }

    /// Reads a table that a test wrote.
    #[cfg(test)]
    pub(crate) fn of_text(text: &str) -> Result<Self> {
        Self::parse(text.as_bytes(), Blanks::Refused)
    }

    /// Reads a table that is in memory.
    pub(super) fn parse(bytes: &[u8], blanks: Blanks) -> Result<Self> {
        let mut columns = None;
        let mut of: HashMap<SampleId, Place> = HashMap::new();
        csv_text::each(bytes, |record| {
            let Some(columns) = &columns else {
                columns = Some(Columns::of(record)?);
                return Ok(());
            };
            let (id, place) = columns.place(record)?;
            if place.split.is_empty() && blanks == Blanks::NoSplit {
                return Ok(());
            }
            if place.split.is_empty() {
                let fault = Error::labels(format!("no split of sample {id}"));
                return Err(fault.at_line(record.line, Some(columns.split as u64 + 1)));
            }
            let fault = |text: String| Err(Error::labels(text).at_line(record.line, Some(columns.split as u64 + 1)));
            match of.get(&id) {
                Some(other) if other.split != place.split => {
                    fault(format!("sample {id} is in '{}' and in '{}'", other.split, place.split))
                }
                Some(other) if *other != place => fault(format!("sample {id} has two folds or groups")),
                Some(_) => Ok(()),
                None => {
                    of.insert(id, place);
                    Ok(())
                }
            }
        })?;
        match columns {
            Some(_) => Ok(Self { of }),
            None => Err(Error::labels("an empty table").advise("the first line names the columns: sample_id,split")),
        }
    }

    /// The split of a sample.
    pub fn of(&self, id: SampleId) -> Option<&str> {
        self.of.get(&id).map(|place| place.split.as_str())
    }

    /// The fold of a sample, if it has one.
    pub fn fold(&self, id: SampleId) -> Option<&str> {
        self.of.get(&id)?.fold.as_deref()
    }

    /// The group that was assigned as a whole, and that the sample belongs to; none if the table does not tell it.
    pub fn group(&self, id: SampleId) -> Option<&str> {
        self.of.get(&id)?.group.as_deref()
    }

    /// All samples that have a split, in no particular order.
    pub fn ids(&self) -> impl Iterator<Item = SampleId> {
        self.of.keys().copied()
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

/// Which columns hold what.
struct Columns {
    id: usize,
    split: usize,
    fold: Option<usize>,
    group: Option<usize>,
}

impl Columns {
    fn of(header: &Record) -> Result<Self> {
        let place = |name: &str| {
            column(header, name).ok_or_else(|| {
                Error::labels(format!("no column '{name}'"))
                    .at_line(header.line, None)
                    .advise("the first line names the columns: sample_id,split")
            })
        };
        Ok(Self {
            id: place("sample_id")?,
            split: place("split")?,
            fold: column(header, "fold"),
            group: column(header, "group"),
        })
    }

    fn place(&self, record: &Record) -> Result<(SampleId, Place)> {
        let field = |at: usize| record.fields.get(at).unwrap_or_default();
        let id = id_of(record, self.id)?;
        let optional = |at: Option<usize>| at.map(field).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok((id, Place { split: field(self.split).to_owned(), fold: optional(self.fold), group: optional(self.group) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_each_sample_its_split() {
        let table =
            Splits::parse(b"# seed 1\nsample_id,split,fold\n7,train,0\n18446744073709551615,test,1\n", Blanks::Refused)
                .unwrap();
        assert_eq!(
            (table.of(SampleId(7)), table.of(SampleId(u64::MAX)), table.len()),
            (Some("train"), Some("test"), 2)
        );
        assert_eq!(table.of(SampleId(8)), None);
        assert_eq!((table.fold(SampleId(7)), table.group(SampleId(7))), (Some("0"), None));
        let table = Splits::parse(b"group,sample_id,split\nhost a,7,train\n,8,train\n", Blanks::Refused).unwrap();
        assert_eq!((table.group(SampleId(7)), table.group(SampleId(8))), (Some("host a"), None));
        let blank = b"sample_id,split\n7,\n8,test\n";
        assert_eq!(Splits::parse(blank, Blanks::NoSplit).unwrap().len(), 1);
    }

    #[test]
    fn defects_are_named_with_their_place() {
        for (text, said) in [
            ("", "an empty table"),
            ("id,split\n1,a\n", "line 1: no column 'sample_id'"),
            ("sample_id,split\nx,a\n", "line 2, column 1: 'x' is no sample id"),
            ("sample_id,split\n1,\n", "line 2, column 2: no split of sample 1"),
            ("sample_id,split\n1,a\n1,a\n1,b\n", "line 4, column 2: sample 1 is in 'a' and in 'b'"),
            ("sample_id,split,fold\n1,a,0\n1,a,1\n", "line 3, column 2: sample 1 has two folds or groups"),
            ("sample_id,split\n01,a\n", "line 2, column 1: '01' is no sample id"),
        ] {
            let error = Splits::parse(text.as_bytes(), Blanks::Refused).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
