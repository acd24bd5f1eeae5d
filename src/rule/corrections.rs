//! Other labels for samples that have one: a table `old,new` of labels, or `sampleID,label[,field…]`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::csv_text;
use super::labelled_rows::{LabelledRows, RowLabel};
use crate::error::{Error, Result};
use crate::packet::{Sample, SampleId};

/// The names that the column of ids may have.
const IDS: &[&str] = &["sampleid", "sample_id", "id"];

/// Columns of our own listings, which say nothing about the label.
const IGNORED: &[&str] = &[
    "file",
    "filename",
    "hash_key",
    "packets",
    "bytes",
    "firsttimestamp",
    "lasttimestamp",
    "first_time",
    "last_time",
    "interfaces",
];

/// What replaces what.
#[derive(Debug)]
pub enum Corrections {
    /// Labels by old labels.
    Labels(BTreeMap<String, String>),
    /// Labels, and the fields of these names, by ids.
    Samples {
        /// What the rows say.
        rows: HashMap<SampleId, RowLabel>,
        /// The fields that they replace.
        fields: Vec<String>,
    },
}

impl Corrections {
    /// Reads a table `old,new`.
    ///
    /// # Errors
    /// The first defect, with file, line and column.
    pub fn of_labels(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        labels(&bytes).map(Self::Labels).map_err(|error| error.in_file(path))
    }

    /// Reads a table `sampleID,label[,field…]`; columns of a metadata.csv that say nothing of the label are ignored.
    ///
    /// # Errors
    /// The first defect, with file, line and column.
    pub fn of_ids(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        samples(&bytes).map_err(|error| error.in_file(path))
    }

    /// Corrects a sample; `used` collects what was applied.
    pub fn apply(&self, sample: &mut Sample, used: &mut HashSet<String>) {
        match self {
            Self::Labels(labels) => {
                if let Some(new) = labels.get(&sample.label) {
                    used.insert(sample.label.clone());
                    sample.label.clone_from(new);
                }
            }
            Self::Samples { rows, fields } => {
                if let Some(row) = rows.get(&sample.id) {
                    used.insert(sample.id.to_string());
                    sample.label.clone_from(&row.label);
                    sample.fields.retain(|(name, _)| !fields.contains(name));
                    sample.fields.extend(row.fields.iter().cloned());
                }
            }
        }
    }

    /// What was never applied: old labels, or ids; in order.
    pub fn unused(&self, used: &HashSet<String>) -> Vec<String> {
        let all: Vec<String> = match self {
            Self::Labels(labels) => labels.keys().cloned().collect(),
            Self::Samples { rows, .. } => {
                let mut ids: Vec<SampleId> = rows.keys().copied().collect();
                ids.sort_unstable();
                ids.iter().map(ToString::to_string).collect()
            }
        };
        all.into_iter().filter(|key| !used.contains(key)).collect()
    }
}

fn labels(bytes: &[u8]) -> Result<BTreeMap<String, String>> {
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    let mut header = true;
    csv_text::each(bytes, |record| {
        let place = |fault: String, column| Err(Error::labels(fault).at_line(record.line, column));
        let cells: Vec<&str> = record.fields.iter().collect();
        if std::mem::take(&mut header) {
            return match cells.as_slice() {
                [old, new] if old.eq_ignore_ascii_case("old") && new.eq_ignore_ascii_case("new") => Ok(()),
                _ => place(format!("the header is not 'old,new', but '{}'", cells.join(",")), None),
            };
        }
        let [old, new] = cells.as_slice() else {
            return place(format!("{} columns where the header has 2", cells.len()), None);
        };
        if new.is_empty() {
            return place("an empty label".to_owned(), Some(2));
        }
        match map.insert((*old).to_owned(), (*new).to_owned()) {
            Some(earlier) if earlier != *new => place(format!("'{old}' is to become '{earlier}' and '{new}'"), Some(1)),
            _ => Ok(()),
        }
    })?;
    match map.is_empty() {
        true => Err(Error::labels("the table holds no rows")),
        false => Ok(map),
    }
}

fn samples(bytes: &[u8]) -> Result<Corrections> {
    let table = LabelledRows::of(bytes, IDS, IGNORED)?;
    let mut rows: HashMap<SampleId, RowLabel> = HashMap::new();
    table.each(|line, cells, label| {
        let place = |fault: String| Error::labels(fault).at_line(line, Some(1));
        let id: SampleId = cells[0].parse().map_err(|()| place(format!("'{}' is no sample id", cells[0])))?;
        match rows.insert(id, label.clone()) {
            Some(earlier) if earlier != label => Err(place(format!("sample {id} has two labels in this table"))),
            _ => Ok(()),
        }
    })?;
    Ok(Corrections::Samples { rows, fields: table.field_names() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(label: &str, fields: &[(&str, &str)]) -> Sample {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Sample { id: SampleId(7), label: label.to_owned(), fields }
    }

    #[test]
    fn labels_are_replaced_once_each() {
        let corrections = Corrections::Labels(labels(b"old,new\na,b\nb,c\nx,y\n").unwrap());
        let mut used = HashSet::new();
        let mut swapped = sample("a", &[]);
        corrections.apply(&mut swapped, &mut used);
        assert_eq!(swapped.label, "b");
        assert_eq!(corrections.unused(&used), ["b", "x"]);
    }

    #[test]
    fn rows_replace_the_fields_that_they_name() {
        let corrections = samples(b"File,Label,SampleID,Packets,os,room\nx.pcap,web,7,3,bsd,\n").unwrap();
        let mut corrected = sample("old", &[("os", "linux"), ("room", "hall"), ("kept", "1")]);
        corrections.apply(&mut corrected, &mut HashSet::new());
        assert_eq!(corrected, sample("web", &[("kept", "1"), ("os", "bsd")]));
    }

    #[test]
    fn defects_are_named() {
        for (table, fault) in [
            ("a,b\n", "line 1: the header is not 'old,new', but 'a,b'"),
            ("old,new\na,b\na,c\n", "line 3, column 1: 'a' is to become 'b' and 'c'"),
            ("old,new\na,\n", "line 2, column 2: an empty label"),
            ("old,new\n", "no rows"),
        ] {
            let error = labels(table.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
        let error = samples(b"sampleID,label\n7,a\n7,b\n").unwrap_err().to_string();
        assert!(error.contains("line 3, column 1: sample 7 has two labels"), "{error}");
    }
}
