//! `pcapml diff`: what became of a dataset's samples from one version to the next, and which step of its version that is.

use std::path::{Path, PathBuf};

use super::{Context, beside, count, facts};
use crate::dataset::Wanted;
use crate::error::{Error, Result, Shown};
use crate::publish::diff::{Change, Changed, Diff, State, States};
use crate::publish::lists::CHALLENGE_LABELS;
use crate::rule::SampleTable;
use crate::sink::{TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// What to compare.
#[derive(Debug, Clone)]
pub struct Request {
    /// The old version: a labelled capture, or a table of samples.
    pub old: PathBuf,
    /// The new one.
    pub new: PathBuf,
    /// A row for each change of a sample.
    pub list: bool,
    /// How to print the table.
    pub format: TableFormat,
}

/// How many ids a row names.
const NAMED: usize = 5;

/// Compares two versions.
///
/// # Errors
/// An input that cannot be read, or a capture without labels.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let old = version(&request.old, context)?;
    let new = version(&request.new, context)?;
    let diff = Diff::of(&old.states, &new.states);
    let table = if request.list { listed(&diff) } else { summed(&diff, old.number.as_deref()) };
    write_table(&table, request.format, context.tables)?;
    tell(&diff, &old, &new, context);
    Ok(())
}

/// One version of a dataset.
struct Version {
    states: States,
    /// What it calls itself.
    number: Option<String>,
    is_capture: bool,
}

fn version(path: &Path, context: &Context) -> Result<Version> {
    let is_table = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
    let version = if is_table { of_table(path)? } else { of_capture(path, context)? };
    context.note(format!("{}: {}", Shown(path), count(version.states.len() as u64, "sample")));
    Ok(version)
}

/// A table of samples. Labels of a challenge, which it does not tell, stand beside it if its owner keeps them there.
fn of_table(path: &Path) -> Result<Version> {
    let mut rows = SampleTable::read(path)?.rows;
    if let Some(challenge) = beside(path, CHALLENGE_LABELS) {
        for (id, kept) in SampleTable::read(&challenge)?.rows {
            if let Some(row) = rows.get_mut(&id) {
                row.label = row.label.take().or(kept.label);
            }
        }
    }
    let states = rows.into_iter().map(|(id, row)| (id, State { label: row.label, content: row.content, fields: None }));
    Ok(Version { states: states.collect(), number: None, is_capture: false })
}

fn of_capture(path: &Path, context: &Context) -> Result<Version> {
    let facts = facts::read(path, Wanted { content: true, flows: false }, context)?;
    if facts.samples().all().is_empty() {
        let fault = Error::request("no packet carries a label, so that there are no samples to compare").in_file(path);
        return Err(fault.advise("pcapml label puts them there"));
    }
    let mut states = States::new();
    for (sample, of) in facts.each() {
        let state = || State {
            label: Some(sample.label.clone()),
            content: of.content(),
            fields: Some(sample.fields.iter().cloned().collect()),
        };
        // Of an id of two samples the first; that there are two is told.
        states.entry(sample.id).or_insert_with(state);
    }
    let number = facts.header.as_ref().and_then(|header| header.others.get("version")?.as_str().map(str::to_owned));
    Ok(Version { states, number, is_capture: true })
}

/// A row for each kind of change, and one for the step.
fn summed(diff: &Diff, number: Option<&str>) -> Table {
    let columns = vec![
        Column::new("change", ColumnKind::Text, "What changed."),
        Column::new("step", ColumnKind::Text, "The step of the version that it asks for."),
        Column::new("samples", ColumnKind::Count, "Changes of this kind."),
        Column::new("first", ColumnKind::Text, "The first of them; the version that follows."),
    ];
    let mut rows: Vec<Vec<Value>> = Change::ALL.iter().map(|&change| sum(diff, change)).collect();
    let rest = [("unchanged", diff.unchanged), ("unknown", diff.unknown), ("unknown fields", diff.unknown_fields)];
    let row = |(what, count): (&str, u64)| {
        vec![Value::Text(what.to_owned()), Value::Missing, Value::Count(count), Value::Missing]
    };
    rows.extend(rest.map(row));
    let next = number.zip(diff.step()).and_then(|(number, step)| Some(format!("{number} -> {}", step.after(number)?)));
    rows.push(vec![
        Value::Text("version".to_owned()),
        Value::from(diff.step().map(|step| step.name().to_owned())),
        Value::Missing,
        next.into(),
    ]);
    Table { columns, rows }
}

fn sum(diff: &Diff, change: Change) -> Vec<Value> {
    let of: Vec<&Changed> = diff.changes.iter().filter(|changed| changed.change == change).collect();
    let first: Vec<String> = of.iter().take(NAMED).map(|changed| changed.id.to_string()).collect();
    vec![
        Value::Text(change.name().to_owned()),
        Value::from((!of.is_empty()).then(|| change.step().name().to_owned())),
        Value::Count(of.len() as u64),
        Value::from(Some(first.join(" ")).filter(|first| !first.is_empty())),
    ]
}

fn listed(diff: &Diff) -> Table {
    let columns = vec![
        Column::new("change", ColumnKind::Text, "What changed."),
        Column::new("sample_id", ColumnKind::Text, "Of which sample."),
        Column::new("old", ColumnKind::Text, "What there was."),
        Column::new("new", ColumnKind::Text, "What there is."),
    ];
    let row = |changed: &Changed| {
        vec![
            Value::Text(changed.change.name().to_owned()),
            Value::Text(changed.id.to_string()),
            changed.old.clone().into(),
            changed.new.clone().into(),
        ]
    };
    Table { columns, rows: diff.changes.iter().map(row).collect() }
}

fn tell(diff: &Diff, old: &Version, new: &Version, context: &Context) {
    if !(old.is_capture && new.is_capture) {
        context.note("fields were not compared: that needs two captures");
    }
    context.note_any(diff.unknown, "sample", "of which a table does not tell labels or packets: not compared");
    context.note_any(diff.renamed, "sample", "removed with packets that are those of an added one: their ids changed");
    let changes = count(diff.changes.len() as u64, "change");
    context.note(match diff.step() {
        Some(step) => format!("{changes}: a {} step", step.name()),
        None => format!("{changes}: which step that is, what was not compared decides"),
    });
}
