//! The dictionary of all features, as a table or as a page.

use std::io::Write;

use crate::command::Context;
use crate::error::Result;
use crate::feature::{Entry, Section, dictionary};
use crate::sink::{TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// How the dictionary is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFormat {
    /// One table.
    Table(TableFormat),
    /// A page in Markdown, with a table for each set.
    Markdown,
}

/// What stands before the sets on the page.
const INTRODUCTION: &str = "\
# Features

Made by `pcapml features --list --format md` from the definitions in the source; do not edit it.

What has no value is empty in CSV and null elsewhere, if `--undefined` does not say otherwise: a rate of a flow without
duration, a mean of nothing, a deviation of fewer than two values. Forward is the direction of the initiator. Kinds: count (a
whole number from 0), integer, real, text, time, address, id, lists (integers, reals).
";

/// Lists all features: their sets, names, kinds, units, meanings and sources.
///
/// # Errors
/// When writing fails.
pub fn list(format: ListFormat, context: &mut Context) -> Result<()> {
    match format {
        ListFormat::Table(format) => write_table(&table(), format, context.tables),
        ListFormat::Markdown => page(context.tables),
    }
}

fn table() -> Table {
    let columns = ["set", "name", "kind", "unit", "meaning", "source"];
    let mut rows = Vec::new();
    for Section { title, entries, .. } in dictionary() {
        for Entry { name, kind, unit, doc, source } in &entries {
            let cells = [&title, name, kind, *unit, *doc, *source];
            rows.push(cells.iter().map(|text| Value::Text((*text).to_owned())).collect());
        }
    }
    let column = |name: &str| Column::new(name, ColumnKind::Text, "");
    Table { columns: columns.into_iter().map(column).collect(), rows }
}

fn page(out: &mut dyn Write) -> Result<()> {
    write!(out, "{INTRODUCTION}")?;
    for Section { title, doc, entries } in dictionary() {
        writeln!(out, "\n## {title}\n\n{}", sentence(doc))?;
        if entries.is_empty() {
            continue;
        }
        writeln!(out, "\n| name | kind | unit | meaning | source |\n|---|---|---|---|---|")?;
        for Entry { name, kind, unit, doc, source } in &entries {
            let cells = [name, kind, *unit, *doc, *source];
            writeln!(out, "| {} |", cells.map(escaped).join(" | "))?;
        }
    }
    Ok(())
}

/// A bar would end the cell.
pub(in crate::command) fn escaped(cell: &str) -> String {
    cell.replace('|', "\\|")
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}
