//! The list of all types of records and their fields, as a table or as a page.

use std::io::Write;

use super::shape::{BEFORE, Names, name_of};
use crate::command::Context;
use crate::command::features::{ListFormat, escaped};
use crate::dissect::{Kind, kinds};
use crate::error::Result;
use crate::sink::write_table;
use crate::table::{Column, ColumnKind, Table, Value};

/// What stands before the types on the page.
const INTRODUCTION: &str = "\
# Records

Made by `pcapml dissect --list=md` from the definitions in the source; do not edit it.

`pcapml dissect` writes records of these types: as JSON Lines, where what is not known is left out and `_path` is the type; or
as tables, one for each type. Names are those of Zeek's logs where they have them; `--names ecs` gives those of Elastic's common
schema. Lists and objects are JSON in tables. Bytes that are no text are in base64 in JSON, which a field beside them ending in
`_encoding` says, and have `\\xNN` in tables. Numbers of packets are Wireshark's.
";

/// Lists every field of every type of record: its names, kind, unit and meaning.
///
/// # Errors
/// When writing fails.
pub fn list(format: ListFormat, context: &mut Context) -> Result<()> {
    match format {
        ListFormat::Table(format) => write_table(&table(), format, context.tables),
        ListFormat::Markdown => page(context.tables),
    }
}

/// One field: names, kind, unit, meaning.
type Line = [String; 5];

fn before() -> Vec<Line> {
    let line = |(name, ecs, kind, doc): &(&str, &str, ColumnKind, &str)| {
        [(*name).to_owned(), (*ecs).to_owned(), kind_name(*kind), String::new(), (*doc).to_owned()]
    };
    BEFORE.iter().map(line).collect()
}

fn lines(kind: &Kind) -> Vec<Line> {
    let line = |field: &crate::dissect::Field| {
        let ecs = name_of(kind, field, Names::Ecs);
        [field.name.to_owned(), ecs, kind_name(field.kind), field.unit.to_owned(), field.doc.to_owned()]
    };
    kind.fields.iter().map(line).collect()
}

fn kind_name(kind: ColumnKind) -> String {
    format!("{kind:?}").to_lowercase()
}

fn table() -> Table {
    let text = |name: &str| Column::new(name, ColumnKind::Text, "");
    let mut rows = Vec::new();
    let mut add = |record: &str, lines: Vec<Line>| {
        for line in lines {
            let cells = std::iter::once(record.to_owned()).chain(line);
            rows.push(cells.map(Value::Text).collect());
        }
    };
    add("all", before());
    for kind in kinds() {
        add(kind.path, lines(kind));
    }
    Table { columns: ["record", "field", "ecs", "kind", "unit", "meaning"].map(text).into(), rows }
}

fn page(out: &mut dyn Write) -> Result<()> {
    write!(out, "{INTRODUCTION}")?;
    section("All records", "Fields that stand before the others.", &before(), out)?;
    for kind in kinds() {
        section(kind.path, kind.doc, &lines(kind), out)?;
    }
    Ok(())
}

fn section(title: &str, doc: &str, lines: &[Line], out: &mut dyn Write) -> Result<()> {
    writeln!(out, "\n## {title}\n\n{doc}\n\n| name | ECS | kind | unit | meaning |\n|---|---|---|---|---|")?;
    for line in lines {
        writeln!(out, "| {} |", line.each_ref().map(|cell| escaped(cell)).join(" | "))?;
    }
    Ok(())
}
