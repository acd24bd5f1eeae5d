//! Tables for people (aligned), for spreadsheets (CSV) and for programs (JSON).

use std::io::{self, Write};

use crate::error::{Error, Result};
use crate::table::{Column, ColumnKind, Table, Value};

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TableFormat {
    /// Columns aligned, numbers to the right.
    #[default]
    Aligned,
    /// RFC 4180, with a header.
    Csv,
    /// An array of objects; ids are text, because JavaScript's numbers end at 2^53.
    Json,
}

/// The widest a text cell gets in an aligned table.
const WIDEST: usize = 60;

/// Writes a table.
///
/// # Errors
/// When writing fails.
pub fn write_table(table: &Table, format: TableFormat, out: &mut dyn Write) -> Result<()> {
    match format {
        TableFormat::Aligned => aligned(table, out)?,
        TableFormat::Csv => csv(table, out)?,
        TableFormat::Json => json(table, out)?,
    }
    Ok(())
}

fn aligned(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let width = |at: usize, column: &Column| {
        let widest = cells.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        widest.max(column.name.chars().count())
    };
    let widths: Vec<usize> = table.columns.iter().enumerate().map(|(at, column)| width(at, column)).collect();
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let bold = anstyle::Style::new().bold();
    write!(out, "{bold}")?;
    line(table, &widths, &names, out)?;
    write!(out, "{bold:#}")?;
    for row in &cells {
        line(table, &widths, row, out)?;
    }
    Ok(())
}

fn line(table: &Table, widths: &[usize], cells: &[String], out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    for ((cell, width), column) in cells.iter().zip(widths).zip(&table.columns) {
        if !text.is_empty() {
            text.push_str("  ");
        }
        let padding = " ".repeat(width - cell.chars().count());
        let right = matches!(column.kind, ColumnKind::Count | ColumnKind::Real);
        let (before, after) = if right { (padding.as_str(), "") } else { ("", padding.as_str()) };
        text.push_str(before);
        text.push_str(cell);
        text.push_str(after);
    }
    writeln!(out, "{}", text.trim_end())
}

/// A cell for people: thousands apart, times in the calendar, long texts cut.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => {
            let safe: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
            let length = safe.chars().count();
            match length > WIDEST {
                true => {
                    // Both ends tell: a rule ends with its times, a file with its name.
                    let tail = safe.chars().skip(length - WIDEST / 2);
                    safe.chars().take(WIDEST / 2 - 1).chain(['…']).chain(tail).collect()
                }
                false => safe,
            }
        }
        Value::Count(count) => grouped(*count),
        Value::Real(number) => format!("{number:.4}"),
        Value::Time(time) => time.rfc3339().unwrap_or_else(|| time.to_string()),
        Value::Missing => "-".to_owned(),
    }
}

/// Digits in groups of three.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A cell for programs.
fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Count(count) => count.to_string(),
        Value::Real(number) => zmij::Buffer::new().format_finite(*number).to_owned(),
        Value::Time(time) => time.to_string(),
        Value::Missing => String::new(),
    }
}

fn csv(table: &Table, out: &mut dyn Write) -> Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let broken = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => Error::from(error),
        other => Error::request(format!("{other:?}")),
    };
    writer.write_record(table.columns.iter().map(|column| column.name.as_str())).map_err(broken)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(plain)).map_err(broken)?;
    }
    writer.flush()?;
    Ok(())
}

fn json(table: &Table, out: &mut dyn Write) -> Result<()> {
    use serde_json::{Map, Value as Json};
    for (at, row) in table.rows.iter().enumerate() {
        let fields: Map<String, Json> = table
            .columns
            .iter()
            .zip(row)
            .map(|(column, value)| {
                let value = match value {
                    Value::Count(count) => Json::from(*count),
                    Value::Real(number) => Json::from(*number),
                    Value::Missing => Json::Null,
                    other => Json::from(plain(other)),
                };
                (column.name.clone(), value)
            })
            .collect();
        let before = if at == 0 { "[\n  " } else { ",\n  " };
        write!(out, "{before}{}", Json::Object(fields))?;
    }
    writeln!(out, "{}", if table.rows.is_empty() { "[]" } else { "\n]" })?;
    Ok(())
}
