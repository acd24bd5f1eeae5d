//! Tables whose first columns say what a row is about, and whose others are its label: label, fields, hash_key.

use super::csv_text::{self, Record};
use super::labels_file::check_field_name;
use crate::error::{Error, Result};

/// The label that a row gives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowLabel {
    /// The label, not empty.
    pub label: String,
    /// What makes it one sample with other rows.
    pub key: Option<String>,
    /// Further columns that are not empty.
    pub fields: Vec<(String, String)>,
}

/// A table, and which of its columns holds what.
pub(super) struct LabelledRows<'a> {
    bytes: &'a [u8],
    columns: usize,
    /// The columns that say what a row is about; none where the table lacks one that it may lack.
    subject: Vec<Option<usize>>,
    label: usize,
    key: Option<usize>,
    fields: Vec<(usize, String)>,
    has_header: bool,
}

impl<'a> LabelledRows<'a> {
    /// Understands a table's header: its subject stands under one of `names`, and under each of `optional` if there is
    /// such a column. A table without a header has two columns, subject and label.
    pub(super) fn of(bytes: &'a [u8], names: &[&str], optional: &[&str]) -> Result<Self> {
        let Some(first) = csv_text::first(bytes)? else {
            return Err(Error::labels("the table holds no rows"));
        };
        let header: Vec<String> = first.fields.iter().map(str::to_lowercase).collect();
        let find = |wanted: &[&str]| header.iter().position(|name| wanted.contains(&name.as_str()));
        if find(&["label"]).is_none() && header.len() == 2 && find(names).is_none() {
            let subject = std::iter::once(Some(0)).chain(optional.iter().map(|_| None)).collect();
            return Ok(Self { bytes, columns: 2, subject, label: 1, key: None, fields: Vec::new(), has_header: false });
        }
        let missing = |name: &str| {
            let there: Vec<&str> = first.fields.iter().collect();
            Error::labels(format!("the header has no column '{name}', but {}", there.join(", ")))
                .at_line(first.line, None)
        };
        let label = find(&["label"]).ok_or_else(|| missing("label"))?;
        let subject = find(names).ok_or_else(|| missing(names[0]))?;
        let mut rows = Self {
            bytes,
            columns: header.len(),
            subject: std::iter::once(Some(subject)).chain(optional.iter().map(|name| find(&[name]))).collect(),
            label,
            key: find(&["hash_key"]),
            fields: Vec::new(),
            has_header: true,
        };
        for (at, name) in first.fields.iter().enumerate() {
            let place = |error: Error| error.at_line(first.line, Some(at as u64 + 1));
            if header[..at].contains(&header[at]) {
                return Err(place(Error::labels(format!("column '{name}' stands twice"))));
            }
            let known = rows.subject.contains(&Some(at)) || at == label || rows.key == Some(at);
            if !known {
                check_field_name(name).map_err(place)?;
                rows.fields.push((at, name.to_owned()));
            }
        }
        Ok(rows)
    }

    /// The columns that become fields.
    pub(super) fn field_names(&self) -> Vec<String> {
        self.fields.iter().map(|(_, name)| name.clone()).collect()
    }

    /// Calls `each` with every row: its line, the columns that say what it is about (empty where there is none), and its
    /// label.
    pub(super) fn each(&self, mut each: impl FnMut(u64, &[&str], RowLabel) -> Result<()>) -> Result<()> {
        let mut header = self.has_header;
        csv_text::each(self.bytes, |record| {
            if std::mem::take(&mut header) {
                return Ok(());
            }
            let label = self.label(record)?;
            let cell = |at: &Option<usize>| at.map_or("", |at| &record.fields[at]);
            let subject: Vec<&str> = self.subject.iter().map(cell).collect();
            each(record.line, &subject, label)
        })
    }

    fn label(&self, record: &Record) -> Result<RowLabel> {
        let cells = &record.fields;
        if cells.len() != self.columns {
            return Err(Error::labels(format!("{} columns where there should be {}", cells.len(), self.columns))
                .at_line(record.line, None));
        }
        if cells[self.label].is_empty() {
            return Err(Error::labels("an empty label").at_line(record.line, Some(self.label as u64 + 1)));
        }
        let text = |at: usize| Some(cells[at].to_owned()).filter(|text| !text.is_empty());
        Ok(RowLabel {
            label: cells[self.label].to_owned(),
            key: self.key.and_then(text),
            fields: self.fields.iter().filter_map(|(at, name)| Some((name.clone(), text(*at)?))).collect(),
        })
    }
}
