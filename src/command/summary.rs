//! `pcapml summary`: packets, bytes and samples of each label, or of each value of a field.

use std::collections::HashMap;
use std::path::PathBuf;

use super::samples::shown_names;
use super::{Context, facts};
use crate::dataset::Wanted;
use crate::error::{Error, Result};
use crate::sample::fields;
use crate::sink::{TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// What to sum up.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// The field to group by; the label if none is given.
    pub by: Option<String>,
    /// How to print it.
    pub format: TableFormat,
}

#[derive(Default)]
struct Sum {
    samples: u64,
    packets: u64,
    bytes: u64,
}

/// Sums a labelled capture up.
///
/// # Errors
/// If the capture cannot be opened.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let facts = facts::read(&request.input, Wanted::default(), context)?;
    if let Some(field) = &request.by {
        let known = fields::names(facts.samples().all());
        if !known.contains(field) {
            return Err(Error::request(format!("no sample has a field '{field}'"))
                .in_file(&request.input)
                .advise(format!("fields here: {}", shown_names(&known))));
        }
    }
    let mut sums: HashMap<Option<&str>, Sum> = HashMap::new();
    for (sample, of) in facts.each() {
        let group = match &request.by {
            Some(field) => sample.field(field),
            None => Some(sample.label.as_str()).filter(|label| !label.is_empty()),
        };
        let sum = sums.entry(group).or_default();
        sum.samples += 1;
        sum.packets += of.tally.packets;
        sum.bytes += of.tally.bytes;
    }
    let mut groups: Vec<_> = sums.into_iter().collect();
    // The largest first; equal ones by name, so that the order is always the same.
    groups.sort_by(|(one, a), (other, b)| b.packets.cmp(&a.packets).then(one.cmp(other)));
    let mut rows: Vec<Vec<Value>> =
        groups.into_iter().map(|(group, sum)| row(group.map(str::to_owned).into(), &sum)).collect();
    if facts.unlabelled.packets > 0 {
        let sum = Sum { samples: 0, packets: facts.unlabelled.packets, bytes: facts.unlabelled.bytes };
        rows.push(row(Value::Text("(no sample)".to_owned()), &sum));
    }
    let table = Table { columns: columns(request.by.as_deref().unwrap_or("label")), rows };
    write_table(&table, request.format, context.tables)
}

fn row(group: Value, sum: &Sum) -> Vec<Value> {
    vec![group, Value::Count(sum.samples), Value::Count(sum.packets), Value::Count(sum.bytes)]
}

fn columns(group: &str) -> Vec<Column> {
    vec![
        Column::new(group, ColumnKind::Text, "The label, or the value of the field."),
        Column::new("samples", ColumnKind::Count, "Samples."),
        Column::new("packets", ColumnKind::Count, "Packets, once for each sample that they belong to."),
        Column::new("bytes", ColumnKind::Count, "Their length on the wire, in bytes."),
    ]
}
