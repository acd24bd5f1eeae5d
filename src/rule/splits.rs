//! Which split each sample belongs to: a table `sample_id,split[,fold][,group]`, as `pcapml partition` writes it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use super::csv_text::{self, Record};
use super::sample_labels::{column, id_of};
use crate::error::{Error, Result};
use crate::packet::SampleId;

/// What stands in the place of a split's name where a sample is in none, on purpose.
pub const NO_SPLIT: &str = "none";

/// The split whose labels are kept back.
pub const CHALLENGE: &str = "challenge";

/// True if a split can be called so: its list is a file of this name.
pub fn is_split_name(name: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.bytes().all(safe)
}

/// What rows without a split mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// A defect.
    Refused,
    /// A sample of no split: tables of samples have such rows.
    NoSplit,
}

/// The splits of samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Splits {
    of: HashMap<SampleId, Membership>,
    left_out: HashSet<SampleId>,
}

/// What a table says of a sample that is in a split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Membership {
    /// The split's name.
    pub split: String,
    /// The fold of a cross-validation.
    pub fold: Option<u32>,
    /// The group that was assigned as a whole.
    pub group: Option<String>,
}

/// A row of a table of splits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitRow {
    /// The sample.
    pub id: SampleId,
    /// Where it belongs; in no split if it was left out on purpose.
    pub membership: Option<Membership>,
    /// The line.
    pub line: u64,
    /// The column of the split, from 1.
    column: u64,
}

impl FromIterator<(SampleId, String)> for Splits {
    fn from_iter<I: IntoIterator<Item = (SampleId, String)>>(pairs: I) -> Self {
        let of = pairs.into_iter().map(|(id, split)| (id, Membership { split, ..Membership::default() }));
        Self { of: of.collect(), ..Self::default() }
    }
}

impl Splits {
    /// Reads a table: CSV with a header; lines that begin with `#` are comments. The columns `sample_id` and `split` are
    /// needed, `fold` and `group` understood, others not asked. The split `none` means that a sample is in none.
    ///
    /// # Errors
    /// The first defect, with file, line and column; an id of two splits.
    pub fn read(path: &Path) -> Result<Self> {
        Self::read_with_text(path).map(|(splits, _)| splits)
    }

    /// The same, and all that the table says, with its comments.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with_text(path: &Path) -> Result<(Self, String)> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        let splits = Self::parse(&bytes).map_err(|error| error.in_file(path))?;
        Ok((splits, String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Reads a table that is in memory.
    ///
    /// # Errors
    /// As [`Self::read`], without the file.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::parse_with(bytes, Blanks::Refused)
    }

    /// The same; `blanks` says what rows without a split mean.
    pub(super) fn parse_with(bytes: &[u8], blanks: Blanks) -> Result<Self> {
        let mut splits = Self::default();
        // By the name in small letters, how it is written.
        let mut written: HashMap<String, String> = HashMap::new();
        for row in rows(bytes, blanks)? {
            let name = row.membership.as_ref().map_or(NO_SPLIT, |membership| &membership.split);
            let first = written.entry(name.to_ascii_lowercase()).or_insert_with(|| name.to_owned());
            if first != name {
                return Err(near(name, first).at_line(row.line, Some(row.column)));
            }
            splits.add(row)?;
        }
        Ok(splits)
    }

    /// The rows of a table as they stand, ids of two splits too.
    ///
    /// # Errors
    /// The first defect of a single row, with line and column.
    pub fn rows(bytes: &[u8]) -> Result<Vec<SplitRow>> {
        rows(bytes, Blanks::Refused)
    }

    fn add(&mut self, row: SplitRow) -> Result<()> {
        let SplitRow { id, membership, line, column } = row;
        let before = match self.left_out.contains(&id) {
            true => Some(NO_SPLIT),
            false => self.of(id),
        };
        let split = membership.as_ref().map_or(NO_SPLIT, |membership| &membership.split);
        if let Some(other) = before.filter(|other| *other != split) {
            let fault = Error::labels(format!("sample {id} is in '{other}' and in '{split}'"));
            return Err(fault.at_line(line, Some(column)));
        }
        match membership {
            Some(membership) => drop(self.of.insert(id, membership)),
            None => drop(self.left_out.insert(id)),
        }
        Ok(())
    }

    /// The split of a sample.
    pub fn of(&self, id: SampleId) -> Option<&str> {
        self.membership(id).map(|membership| membership.split.as_str())
    }

    /// All that is said of a sample that is in a split.
    pub fn membership(&self, id: SampleId) -> Option<&Membership> {
        self.of.get(&id)
    }

    /// All samples that have one, in no order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (SampleId, &Membership)> {
        self.of.iter().map(|(id, membership)| (*id, membership))
    }

    /// The samples that are in none on purpose, in no order.
    pub fn left_out(&self) -> impl ExactSizeIterator<Item = SampleId> {
        self.left_out.iter().copied()
    }

    /// The names of all splits, each once.
    pub fn names(&self) -> BTreeSet<&str> {
        self.of.values().map(|membership| membership.split.as_str()).collect()
    }

    /// The samples of a split.
    pub fn ids_of(&self, split: &str) -> BTreeSet<SampleId> {
        self.of.iter().filter(|(_, membership)| membership.split == split).map(|(id, _)| *id).collect()
    }

    /// The same without the samples of a split.
    pub fn without(&self, split: &str) -> Self {
        let mut others = self.clone();
        others.of.retain(|_, membership| membership.split != split);
        others
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

fn rows(bytes: &[u8], blanks: Blanks) -> Result<Vec<SplitRow>> {
    let mut columns = None;
    let mut rows = Vec::new();
    let take = |record: &Record| {
        match &columns {
            None => columns = Some(Columns::of(record)?),
            Some(columns) => rows.extend(columns.row(record, blanks)?),
        }
        Ok(())
    };
    match blanks {
        Blanks::Refused => csv_text::each(bytes, take)?,
        // In a table of samples, a label may come first, and begin as a comment does.
        Blanks::NoSplit => csv_text::each_row(bytes, take)?,
    }
    match columns {
        Some(_) => Ok(rows),
        None => Err(Error::labels("an empty table").advise("the first line names the columns: sample_id,split")),
    }
}

/// Where a table's columns stand.
struct Columns {
    id: usize,
    split: usize,
    fold: Option<usize>,
    group: Option<usize>,
}

impl Columns {
    fn of(header: &Record) -> Result<Self> {
        let needed = |name: &str| {
            let advice = "the first line names the columns: sample_id,split";
            column(header, name).ok_or_else(|| csv_text::no_column(name, header, advice))
        };
        Ok(Self {
            id: needed("sample_id")?,
            split: needed("split")?,
            fold: column(header, "fold"),
            group: column(header, "group"),
        })
    }

    /// What a row says; nothing if it may say nothing.
    fn row(&self, record: &Record, blanks: Blanks) -> Result<Option<SplitRow>> {
        let field = |at: usize| record.fields.get(at).map_or("", str::trim);
        let fault = |text: String, at: usize| Error::labels(text).at_line(record.line, Some(at as u64 + 1));
        let id = id_of(record, self.id)?;
        let split = field(self.split);
        if split.is_empty() {
            return match blanks {
                Blanks::NoSplit => Ok(None),
                Blanks::Refused => Err(fault(format!("no split of sample {id}"), self.split)),
            };
        }
        let fold = match self.fold.map(|at| (at, field(at))).filter(|(_, text)| !text.is_empty()) {
            Some((at, text)) => Some(text.parse().map_err(|_| fault(format!("'{text}' is no number of a fold"), at))?),
            None => None,
        };
        let group = self.group.map(field).filter(|group| !group.is_empty()).map(str::to_owned);
        check_name(split).map_err(|error| error.at_line(record.line, Some(self.split as u64 + 1)))?;
        let membership = (split != NO_SPLIT).then(|| Membership { split: split.to_owned(), fold, group });
        Ok(Some(SplitRow { id, membership, line: record.line, column: self.split as u64 + 1 }))
    }
}

/// Sees that a split can be called so: names become names of files, and two have a meaning.
fn check_name(name: &str) -> Result<()> {
    if !is_split_name(name) {
        return Err(Error::labels(format!("'{name}' cannot be a split's name"))
            .advise("letters, digits, '.', '_' and '-' can be in it, beginning with a letter or digit"));
    }
    match [CHALLENGE, NO_SPLIT].into_iter().find(|taken| name.eq_ignore_ascii_case(taken) && name != *taken) {
        Some(taken) => Err(near(name, taken)),
        None => Ok(()),
    }
}

/// Two names that are one to many file systems, and to many readers.
fn near(name: &str, other: &str) -> Error {
    Error::labels(format!("the split '{name}' differs from '{other}' by nothing but capital letters"))
        .advise("write both alike, or give it another name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_each_sample_its_split() {
        let table = b"# seed 1\nsample_id,split,fold\n7,train,0\n18446744073709551615,test,1\n";
        let table = Splits::parse(table).unwrap();
        assert_eq!(
            (table.of(SampleId(7)), table.of(SampleId(u64::MAX)), table.len()),
            (Some("train"), Some("test"), 2)
        );
        assert_eq!(table.of(SampleId(8)), None);
        let blank = b"sample_id,split\n7,\n8,test\n";
        assert_eq!(Splits::parse_with(blank, Blanks::NoSplit).unwrap().len(), 1);
    }

    #[test]
    fn folds_and_groups_are_kept_and_none_is_no_split() {
        let table = b"group,Fold,sample_id,split\n10.0.0.1,3,7,train\n,,8,test\nx,,9,none\n";
        let table = Splits::parse(table).unwrap();
        let train = Membership { split: "train".to_owned(), fold: Some(3), group: Some("10.0.0.1".to_owned()) };
        assert_eq!(table.membership(SampleId(7)), Some(&train));
        let test = Membership { split: "test".to_owned(), ..Membership::default() };
        assert_eq!(table.membership(SampleId(8)), Some(&test));
        assert_eq!((table.of(SampleId(9)), table.len()), (None, 2));
    }

    #[test]
    fn defects_are_named_with_their_place() {
        for (text, said) in [
            ("", "an empty table"),
            ("id,split\n1,a\n", "line 1: no column 'sample_id'"),
            ("sample_id,split\nx,a\n", "line 2, column 1: 'x' is no sample id"),
            ("sample_id,split\n1,\n", "line 2, column 2: no split of sample 1"),
            ("sample_id,split\n1,a\n1,a\n1,b\n", "line 4, column 2: sample 1 is in 'a' and in 'b'"),
            ("sample_id,split\n1,none\n1,b\n", "line 3, column 2: sample 1 is in 'none' and in 'b'"),
            ("sample_id,split,fold\n1,a,x\n", "line 2, column 3: 'x' is no number of a fold"),
            ("sample_id,split\n01,a\n", "line 2, column 1: '01' is no sample id"),
            ("sample_id,split\n1,../../x\n", "line 2, column 2: '../../x' cannot be a split's name"),
            ("sample_id,split\n1,/tmp/x\n", "line 2, column 2: '/tmp/x' cannot be a split's name"),
            ("sample_id,split\n1,..\n", "line 2, column 2: '..' cannot be a split's name"),
            ("split,sample_id\nCHALLENGE,1\n", "line 2, column 1: the split 'CHALLENGE' differs from 'challenge'"),
            ("sample_id,split\n1,None\n", "line 2, column 2: the split 'None' differs from 'none'"),
            ("sample_id,split\n1,test\n2,Test\n", "line 3, column 2: the split 'Test' differs from 'test'"),
        ] {
            let error = Splits::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
