//! `pcapml samples`: one row for each sample of a labelled capture.

use std::path::PathBuf;

use super::{Context, facts};
use crate::dataset::{Facts, Wanted};
use crate::error::{Error, Result};
use crate::packet::Sample;
use crate::sample::fields;
use crate::sink::{TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// What to list.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// How.
    pub format: TableFormat,
}

/// Lists the samples.
///
/// # Errors
/// If the capture cannot be opened.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let facts = facts::read(&request.input, Wanted::default(), context)?;
    write_table(&table(&facts), request.format, context.tables)
}

fn table(facts: &Facts) -> Table {
    let keys = fields::names(facts.samples().all());
    let mut columns = vec![
        Column::new("sample_id", ColumnKind::Text, "The sample's id, an unsigned 64-bit number."),
        Column::new("label", ColumnKind::Text, "Its class."),
    ];
    let counted = [
        Column::new("packets", ColumnKind::Count, "Packets."),
        Column::new("bytes", ColumnKind::Count, "Their length on the wire, in bytes."),
        Column::new("first_time", ColumnKind::Time, "The time of the earliest packet, in seconds since 1970."),
        Column::new("last_time", ColumnKind::Time, "The time of the latest packet, in seconds since 1970."),
        Column::new("interfaces", ColumnKind::Text, "The interfaces that saw it, by number and name."),
    ];
    let own: Vec<Column> = columns.iter().chain(&counted).cloned().collect();
    columns.extend(field_columns(&keys, &own));
    columns.extend(counted);
    let rows = facts.each().map(|(sample, of)| {
        let tally = &of.tally;
        let mut row = vec![Value::Text(sample.id.to_string()), Value::Text(sample.label.clone())];
        row.extend(keys.iter().map(|key| sample.field(key).map(str::to_owned).into()));
        row.extend([
            Value::Count(tally.packets),
            Value::Count(tally.bytes),
            tally.first.into(),
            tally.last.into(),
            Value::Text(
                tally.interfaces.iter().map(|&number| facts.interface_name(number)).collect::<Vec<_>>().join(" "),
            ),
        ]);
        row
    });
    Table { rows: rows.collect(), columns }
}

/// The fault of one id with two meanings.
pub(super) fn conflict(one: &Sample, other: &Sample) -> Error {
    let shown = |sample: &Sample| crate::sample::comment::format(sample, crate::sample::comment::Form::Positional);
    Error::malformed(format!("one sample id stands for two things: '{}' and '{}'", shown(one), shown(other)))
}

/// Names for a message: the first ten of them.
pub(super) fn shown_names(names: &[String]) -> String {
    const SHOWN: usize = 10;
    match names.len() {
        0 => "none".to_owned(),
        1..=SHOWN => names.join(", "),
        more => format!("{} and {} more", names[..SHOWN].join(", "), more - SHOWN),
    }
}

/// A column for each field. A capture labelled by others may have fields named as our own columns are.
pub(super) fn field_columns(keys: &[String], own: &[Column]) -> Vec<Column> {
    let taken: Vec<&str> = own.iter().map(|column| column.name.as_str()).collect();
    let column = |name| Column::new(name, ColumnKind::Text, "A field of the labels file.");
    fields::column_names(keys, &taken).into_iter().map(column).collect()
}
