//! Records in their order.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::Request;
use super::shape::Shape;
use crate::command::sorted::Sorted;
use crate::command::{Context, count};
use crate::dissect::kinds;
use crate::error::{Error, Result};
use crate::sink::{Directory, RowFormat, RowShape, RowSink};
use crate::table::{Column, ColumnKind};

/// The format of the output: that asked for, or that of its name; JSON Lines on standard output. Tables are of one type of
/// record: several need a directory.
pub(super) fn format(request: &Request, wanted: &HashSet<&'static str>) -> Result<RowFormat> {
    let path = request.output.path.as_path();
    let is_stdout = path == Path::new("-");
    let format = match request.format.or(RowFormat::of_name(path)) {
        Some(format) => format,
        None if is_stdout => RowFormat::JsonLines,
        None => {
            return Err(Error::request("the output's name does not say its format")
                .in_file(path)
                .advise("end it in .jsonl, .csv or .parquet, or give --format"));
        }
    };
    let is_file = is_stdout || RowFormat::of_name(path).is_some();
    match format {
        RowFormat::JsonLines => Ok(format),
        RowFormat::Csv | RowFormat::Parquet if wanted.len() == 1 || !is_file => Ok(format),
        RowFormat::Csv | RowFormat::Parquet => Err(Error::request("a table holds records of one type")
            .in_file(path)
            .advise("name one with --only, or give a directory and --format")),
        _ => Err(Error::request("records are written as jsonl, csv or parquet").in_file(path)),
    }
}

/// Where records go: all into one, or each type into its own.
pub(super) struct Out {
    sinks: BTreeMap<&'static str, RowSink>,
    one: Option<RowSink>,
    directory: Option<Directory>,
}

impl Out {
    /// Opens what is to be written: whatever stands in the way is told before the first packet is read.
    pub(super) fn create(
        request: &Request,
        shape: Shape,
        wanted: &HashSet<&'static str>,
        context: &Context,
    ) -> Result<Self> {
        let path = request.output.path.as_path();
        let is_file = path == Path::new("-") || RowFormat::of_name(path).is_some();
        match shape.format == RowFormat::JsonLines || is_file {
            true => Self::file(request, shape, wanted, context),
            false => Self::directory(request, shape, wanted, context),
        }
    }

    /// Writes all records, and says how many there were of each type.
    pub(super) fn write(mut self, records: Sorted) -> Result<String> {
        let mut counts = BTreeMap::new();
        let kinds = kinds();
        records.finish(|record| {
            let (number, row) = record.split_first().ok_or_else(|| Error::malformed("an empty record"))?;
            let kind = kinds.get(usize::from(*number)).ok_or_else(|| Error::malformed("a record of no type"))?;
            *counts.entry(kind.path).or_insert(0_u64) += 1;
            self.row(kind.path, row)
        })?;
        self.finish()?;
        let told: Vec<String> = counts.iter().map(|(path, number)| format!("{number} {path}")).collect();
        let all = count(counts.values().sum(), "record");
        Ok(if told.is_empty() { all } else { format!("{all} ({})", told.join(", ")) })
    }

    fn file(request: &Request, shape: Shape, wanted: &HashSet<&'static str>, context: &Context) -> Result<Self> {
        let columns = match wanted.iter().next() {
            Some(path) if shape.format != RowFormat::JsonLines => columns(shape, path),
            // Lines of JSON are encoded whole: what the sink thinks of columns does not matter, if it thinks of one.
            _ => vec![Column::new("record", ColumnKind::Text, "")],
        };
        let rules = context.rules(&request.output, Vec::new());
        let one = RowSink::create(&request.output.path, &RowShape::new(shape.format, columns), &rules)?;
        Ok(Self { sinks: BTreeMap::new(), one: Some(one), directory: None })
    }

    /// A file for each type, with a header also where there are no records.
    fn directory(request: &Request, shape: Shape, wanted: &HashSet<&'static str>, context: &Context) -> Result<Self> {
        let rules = context.rules(&request.output, Vec::new());
        let directory = Directory::create_empty(&request.output.path, &rules)?;
        let sink = |path: &&'static str| {
            let file = directory.path().join(format!("{path}.{}", shape.format.extension()));
            Ok((*path, RowSink::create(&file, &RowShape::new(shape.format, columns(shape, path)), &rules)?))
        };
        let sinks = wanted.iter().map(sink).collect::<Result<_>>()?;
        Ok(Self { sinks, one: None, directory: Some(directory) })
    }

    fn row(&mut self, path: &str, row: &[u8]) -> Result<()> {
        match self.one.as_mut().or_else(|| self.sinks.get_mut(path)) {
            Some(sink) => sink.row(row),
            None => Ok(()),
        }
    }

    fn finish(self) -> Result<()> {
        for sink in self.sinks.into_values().chain(self.one) {
            sink.finish()?;
        }
        self.directory.map_or(Ok(0), Directory::commit).map(|_| ())
    }
}

fn columns(shape: Shape, path: &str) -> Vec<Column> {
    kinds().into_iter().find(|kind| kind.path == path).map(|kind| shape.columns(kind)).unwrap_or_default()
}
