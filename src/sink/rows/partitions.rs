//! A directory of files, one for each value of a column: `label=web/part-0.parquet`, as Hive, Spark, pandas, Polars and
//! DuckDB read it.
//!
//! The value is the directory's name and not in the file. Rows are collected by value, in memory and then in one
//! temporary file, and each file is written when all rows are there: one at a time, whatever the number of values.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::directory::Directory;
use super::super::output::OutputRules;
use super::encoder::split_partition;
use super::shape::RowShape;
use super::sink::{RowFile, Written};
use super::spool::Spool;
use super::target::Target;
use crate::error::{Error, Result};

/// How many bytes of rows are held in memory.
const MEMORY: usize = 64 << 20;

/// How many values there may be: more are no classes, and a directory of so many is of no use.
const VALUES: usize = 10_000;

/// The longest name of a directory, in bytes, that file systems allow.
const LONGEST_NAME: usize = 255;

/// What Hive calls the directory of rows without a value, and of those whose value is an empty text. pandas cannot read
/// it beside others; everybody else can.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// A directory of files under construction.
pub(super) struct Partitions {
    path: PathBuf,
    shape: RowShape,
    directory: Directory,
    parts: BTreeMap<Vec<u8>, Part>,
    held: usize,
    memory: usize,
    spool: Option<Spool>,
}

/// The rows of one value, each with its length in four bytes before it.
#[derive(Default)]
struct Part {
    held: Vec<u8>,
    /// Where others are in the temporary file, and how many bytes they have.
    spooled: Vec<(u64, usize)>,
}

impl Partitions {
    /// Begins a directory.
    pub(super) fn create(path: &Path, shape: &RowShape, rules: &OutputRules) -> Result<Self> {
        let directory = Directory::create_empty(path, rules)?;
        let (path, shape) = (path.to_owned(), shape.clone());
        Ok(Self { path, shape, directory, parts: BTreeMap::new(), held: 0, memory: MEMORY, spool: None })
    }

    /// Takes one encoded row, with the value before it.
    pub(super) fn row(&mut self, encoded: &[u8]) -> Result<()> {
        let broken = || Error::malformed("a row does not say which part it belongs to");
        let (value, row) = split_partition(encoded).ok_or_else(broken)?;
        let length = u32::try_from(row.len()).map_err(|_| Error::request("a row has more than 4 GiB"))?;
        if !self.parts.contains_key(value) {
            self.add(value)?;
        }
        if let Some(part) = self.parts.get_mut(value) {
            part.held.extend_from_slice(&length.to_le_bytes());
            part.held.extend_from_slice(row);
        }
        self.held += 4 + row.len();
        match self.held >= self.memory {
            true => self.spill(),
            false => Ok(()),
        }
    }

    /// Begins a part: what cannot become a directory is found now, and not when all rows have been read.
    fn add(&mut self, value: &[u8]) -> Result<()> {
        let by = self.shape.partition.as_deref().unwrap_or_default();
        if self.parts.len() >= VALUES {
            return Err(Error::request(format!("the column '{by}' has more than {VALUES} values to part rows by"))
                .in_file(&self.path)
                .advise("part them by a column with fewer, or write one file"));
        }
        if self.name(value).len() > LONGEST_NAME {
            let value: String = String::from_utf8_lossy(value).chars().take(40).collect();
            return Err(Error::request(format!("'{value}…' is too long to be the name of a directory"))
                .in_file(&self.path)
                .advise("part rows by another column, or write one file"));
        }
        self.parts.insert(value.to_owned(), Part::default());
        Ok(())
    }

    /// The directory of the rows of a value.
    fn name(&self, value: &[u8]) -> String {
        directory_name(self.shape.partition.as_deref().unwrap_or_default(), value)
    }

    /// Moves all rows from memory to the temporary file.
    fn spill(&mut self) -> Result<()> {
        let named = |error: std::io::Error| Error::from(error).in_file(&self.path);
        let spool = match &mut self.spool {
            Some(spool) => spool,
            none => none.insert(Spool::in_directory(self.directory.path()).map_err(named)?),
        };
        for part in self.parts.values_mut().filter(|part| !part.held.is_empty()) {
            part.spooled.push((spool.length(), part.held.len()));
            spool.append(|out| out.extend_from_slice(&part.held)).map_err(named)?;
            part.held = Vec::new();
        }
        self.held = 0;
        spool.flush().map_err(named)
    }

    /// Writes all files and gives the directory its name.
    pub(super) fn finish(mut self: Box<Self>) -> Result<Written> {
        let mut all = Written::default();
        for (value, part) in std::mem::take(&mut self.parts) {
            let written = self.write(&value, part)?;
            all.rows += written.rows;
            all.zeros += written.zeros;
            all.rounded += written.rounded;
        }
        self.directory.commit()?;
        Ok(all)
    }

    fn write(&self, value: &[u8], part: Part) -> Result<Written> {
        let name = PathBuf::from(self.name(value));
        let file = name.join(format!("part-0.{}", self.shape.format.extension()));
        let shown = self.path.join(&file);
        let named = |error: std::io::Error| Error::from(error).in_file(&shown);
        fs::create_dir(self.directory.path().join(&name)).map_err(named)?;
        let target = Target::part(self.directory.path().join(&file), shown.clone())?;
        let mut out = RowFile::begin(target, &self.shape, &self.shape.stored_columns())?;
        let mut rows = Vec::new();
        for (start, length) in part.spooled {
            if let Some(spool) = &self.spool {
                spool.read(start, length, &mut rows).map_err(named)?;
                spool.release(start, length as u64);
            }
            each(&rows, &mut out)?;
        }
        each(&part.held, &mut out)?;
        out.finish()
    }
}

fn each(mut rows: &[u8], out: &mut RowFile) -> Result<()> {
    while let Some((row, rest)) = split_partition(rows) {
        out.row(row)?;
        rows = rest;
    }
    Ok(())
}

/// `name=value`, with what paths or Hive give a meaning as percent escapes.
fn directory_name(by: &str, value: &[u8]) -> String {
    let value = String::from_utf8_lossy(value);
    let value = if value.is_empty() { NO_VALUE.to_owned() } else { escaped(&value) };
    format!("{}={value}", escaped(by))
}

/// Letters of other scripts stay: Spark reads escapes as bytes of Latin-1.
fn escaped(text: &str) -> String {
    const SPECIAL: &str = "\"#%'*/:=?\\{}[]^<>|";
    let mut out = String::new();
    for c in text.chars() {
        match c.is_ascii_control() || SPECIAL.contains(c) {
            true => out.push_str(&format!("%{:02X}", u32::from(c))),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::rows::RowFormat;
    use crate::table::{Cell, Column, ColumnKind};

    fn shape() -> RowShape {
        let columns = vec![Column::new("n", ColumnKind::Count, ""), Column::new("label", ColumnKind::Text, "")];
        RowShape { partition: Some("label".to_owned()), ..RowShape::new(RowFormat::Csv, columns) }
    }

    #[test]
    fn names_are_escaped_as_hive_does() {
        assert_eq!(directory_name("label", b"web"), "label=web");
        assert_eq!(directory_name("a/b", "x=1/..%\n é".as_bytes()), "a%2Fb=x%3D1%2F..%25%0A é");
        assert_eq!(directory_name("label", b""), "label=__HIVE_DEFAULT_PARTITION__");
    }

    /// Whatever waits in memory and whatever in the temporary file: rows keep their order.
    #[test]
    fn rows_keep_their_order_within_a_part() {
        for memory in [0, 100, MEMORY] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("out");
            let (shape, mut row) = (shape(), Vec::new());
            let mut parts = Partitions::create(&path, &shape, &OutputRules::default()).unwrap();
            parts.memory = memory;
            for number in 0..1_000 {
                row.clear();
                let label = ["web", "dns", "mail"][number as usize % 3];
                shape.encoder().encode(&[Cell::Count(number), Cell::Text(label.into())], &mut row);
                parts.row(&row).unwrap();
            }
            assert_eq!(Box::new(parts).finish().unwrap().rows, 1_000);
            let expected: String =
                (0..1_000).filter(|number| number % 3 == 1).map(|number| format!("{number}\n")).collect();
            assert_eq!(fs::read_to_string(path.join("label=dns/part-0.csv")).unwrap(), format!("n\n{expected}"));
            assert_eq!(fs::read_dir(&path).unwrap().count(), 3);
        }
    }

    #[test]
    fn too_many_values_are_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let shape = shape();
        let mut parts = Partitions::create(&path, &shape, &OutputRules::default()).unwrap();
        let mut push = |number: u64| {
            let mut row = Vec::new();
            shape.encoder().encode(&[Cell::Count(number), Cell::Text(number.to_string().into())], &mut row);
            parts.row(&row)
        };
        (0..VALUES as u64).for_each(|number| push(number).unwrap());
        push(0).unwrap();
        let error = push(VALUES as u64).unwrap_err().to_string();
        assert!(error.contains("the column 'label' has more than 10000 values"), "{error}");
        drop(parts);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_value_that_no_directory_can_be_named_by_is_an_error_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let shape = shape();
        let mut parts = Partitions::create(&directory.path().join("out"), &shape, &OutputRules::default()).unwrap();
        for (length, fits) in [(249, true), (250, false)] {
            let mut row = Vec::new();
            shape.encoder().encode(&[Cell::Count(1), Cell::Text("x".repeat(length).into())], &mut row);
            assert_eq!(parts.row(&row).is_ok(), fits);
        }
    }
}
