//! The labels of samples: a table `sample_id,label`, as `pcapml samples --format csv` and releases have it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::csv_text::{self, Record};
use super::splits::{Blanks, Splits};
use crate::error::{Error, Result};
use crate::packet::SampleId;

/// The names that a column of ids may have; the first that is there is it.
const IDS: [&str; 3] = ["sample_id", "sampleid", "id"];

/// What each sample is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SampleLabels {
    of: BTreeMap<SampleId, String>,
    /// Samples that are known, and what they are is not: those of a challenge.
    unlabelled: BTreeSet<SampleId>,
    groups: BTreeMap<SampleId, String>,
}

impl SampleLabels {
    /// Reads a table: CSV with a header; lines above it that begin with `#` are comments, a column `group` is understood,
    /// others are not asked, and an empty label is not known. Where it has a column `split`, it is a table of splits too.
    ///
    /// # Errors
    /// The first defect, with file, line and column; an id of two labels, or two groups.
    pub fn read(path: &Path) -> Result<(Self, Option<Splits>)> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        Self::parse(&bytes).map_err(|error| error.in_file(path))
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<(Self, Option<Splits>)> {
        let mut columns = None;
        let mut labels = Self::default();
        csv_text::each_row(bytes, |record| {
            let Some((id_at, label_at, group_at, _)) = columns else {
                columns = Some(header(record)?);
                return Ok(());
            };
            let id = id_of(record, id_at)?;
            let label = record.fields.get(label_at).unwrap_or_default();
            let fault = |text, at: usize| Error::labels(text).at_line(record.line, Some(at as u64 + 1));
            labels.insert(id, label).map_err(|text| fault(text, label_at))?;
            match group_at.map(|at| (at, record.fields.get(at).unwrap_or_default())) {
                Some((at, group)) if !group.is_empty() => labels.put(id, group).map_err(|text| fault(text, at)),
                _ => Ok(()),
            }
        })?;
        match columns {
            None => Err(Error::labels("an empty table").advise("the first line names the columns: sample_id,label")),
            Some((.., true)) => Ok((labels, Some(Splits::parse_with(bytes, Blanks::NoSplit)?))),
            Some((.., false)) => Ok((labels, None)),
        }
    }

    /// Takes the label of a sample in; an empty one is not known.
    ///
    /// # Errors
    /// What to tell, if the sample has another one.
    pub fn insert(&mut self, id: SampleId, label: &str) -> Result<(), String> {
        match self.of.get(&id) {
            _ if label.is_empty() => {
                self.unlabelled.insert(id);
                Ok(())
            }
            Some(other) if other != label => Err(format!("sample {id} is both '{other}' and '{label}'")),
            Some(_) => Ok(()),
            None => {
                self.of.insert(id, label.to_owned());
                Ok(())
            }
        }
    }

    /// Puts a sample into a group.
    fn put(&mut self, id: SampleId, group: &str) -> Result<(), String> {
        match self.groups.entry(id).or_insert_with(|| group.to_owned()) {
            other if *other != group => Err(format!("sample {id} is in the groups '{other}' and '{group}'")),
            _ => Ok(()),
        }
    }

    /// The group of a sample, if the table tells one.
    pub fn group(&self, id: SampleId) -> Option<&str> {
        self.groups.get(&id).map(String::as_str)
    }

    /// The label of a sample.
    pub fn of(&self, id: SampleId) -> Option<&str> {
        self.of.get(&id).map(String::as_str)
    }

    /// How many samples there are whose label is not known.
    pub fn unlabelled(&self) -> usize {
        self.unlabelled.len()
    }

    /// True if the sample is there, and its label is not known.
    pub fn is_unlabelled(&self, id: SampleId) -> bool {
        self.unlabelled.contains(&id)
    }

    /// All samples whose labels are known by ascending id, and their labels.
    pub fn iter(&self) -> impl Iterator<Item = (SampleId, &str)> {
        self.of.iter().map(|(id, label)| (*id, label.as_str()))
    }

    /// All labels, once each.
    pub fn classes(&self) -> BTreeSet<&str> {
        self.of.values().map(String::as_str).collect()
    }

    /// True if no label is known.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

/// The column of ids in a header.
pub(super) fn id_column(header: &Record) -> Result<usize> {
    let advice = "the first line names the columns: sample_id,label";
    IDS.iter().find_map(|name| column(header, name)).ok_or_else(|| csv_text::no_column("sample_id", header, advice))
}

/// The column of this name in a header.
pub(super) fn column(header: &Record, name: &str) -> Option<usize> {
    header.fields.iter().position(|field| field.eq_ignore_ascii_case(name))
}

/// The id of a row.
pub(super) fn id_of(record: &Record, at: usize) -> Result<SampleId> {
    let text = record.fields.get(at).unwrap_or_default();
    text.parse().map_err(|()| {
        let fault = Error::labels(format!("'{text}' is no sample id")).at_line(record.line, Some(at as u64 + 1));
        match text {
            _ if text.starts_with('#') => fault.advise("comments stand above the header"),
            _ if text.contains(['.', 'e', 'E']) => {
                fault.advise("ids are whole numbers that lose digits as floats: read and write them as text")
            }
            _ => fault,
        }
    })
}

/// The columns of ids, labels and groups, and whether there is one of splits.
fn header(record: &Record) -> Result<(usize, usize, Option<usize>, bool)> {
    let split = column(record, "split").is_some();
    let advice = match split {
        true => {
            "splits do not tell labels: name the labelled capture, or its table of pcapml samples, and this table as --splits"
        }
        false => "the first line names the columns: sample_id,label",
    };
    let label = column(record, "label").ok_or_else(|| csv_text::no_column("label", record, advice))?;
    Ok((id_column(record)?, label, column(record, "group"), split))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_labels_and_splits_if_it_has_them() {
        let (labels, splits) =
            SampleLabels::parse(b"# seed 1\nsample_id,label,packets\n8,web,3\n7,\"a, b\",1\n").unwrap();
        assert_eq!(labels.iter().collect::<Vec<_>>(), [(SampleId(7), "a, b"), (SampleId(8), "web")]);
        assert_eq!((splits, labels.of(SampleId(9))), (None, None));
        let (_, splits) = SampleLabels::parse(b"sample_id,label,split,group\n7,web,test,g\n").unwrap();
        assert_eq!(splits.unwrap().membership(SampleId(7)).unwrap().group.as_deref(), Some("g"));
        let (labels, splits) = SampleLabels::parse(b"sample_id,label,group\n7,web,g\n7,web,\n8,web,\n").unwrap();
        assert_eq!((labels.group(SampleId(7)), labels.group(SampleId(8)), splits), (Some("g"), None, None));
        let (labels, _) = SampleLabels::parse(b"# a\n\nlabel,sample_id\n#1 fan,1\n").unwrap();
        assert_eq!(labels.of(SampleId(1)), Some("#1 fan"));
        let (labels, _) = SampleLabels::parse(b"File,Label,SampleID\nx.pcap,web,7\n").unwrap();
        assert_eq!(labels.of(SampleId(7)), Some("web"));
        let (labels, _) = SampleLabels::parse(b"sample_id,label,sha256\n7,,x\n").unwrap();
        assert!(labels.is_empty() && labels.is_unlabelled(SampleId(7)) && labels.unlabelled() == 1);
    }

    #[test]
    fn defects_are_named_with_their_place() {
        for (text, said) in [
            ("", "an empty table"),
            ("sample_id,split\n1,test\n", "line 1: no column 'label'; splits do not tell labels"),
            ("a,b\n", "line 1: no column 'label'; the first line names"),
            ("label\n", "line 1: no column 'sample_id'"),
            ("sample_id\tlabel\n1\ta\n", "no column 'label'; columns are told apart by commas, and here by tabs"),
            ("id;label\n1;a\n", "no column 'label'; columns are told apart by commas, and here by semicolons"),
            ("sample_id,label\n# 1,a\n", "line 2, column 1: '# 1' is no sample id; comments stand above the header"),
            ("id,label,group\n1,a,g\n1,a,h\n", "line 3, column 3: sample 1 is in the groups 'g' and 'h'"),
            ("sample_id,label\n1,a\n1,b\n", "line 3, column 2: sample 1 is both 'a' and 'b'"),
            ("sample_id,label\n1.2e+18,a\n", "line 2, column 1: '1.2e+18' is no sample id; ids are whole numbers"),
            ("label,sample_id\na,-1\n", "line 2, column 2: '-1' is no sample id"),
        ] {
            let error = SampleLabels::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
