//! Tables as Markdown.

use crate::table::{ColumnKind, Table, Value};

/// A table, numbers to the right. Cells hold text as it is to be seen: what Markdown would take for markup is escaped.
pub fn markdown(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let is_number = |kind| matches!(kind, ColumnKind::Count | ColumnKind::Real);
    let rule = |kind| if is_number(kind) { "---:" } else { ":---" }.to_owned();
    let mut text = line(table.columns.iter().map(|column| escaped(&column.name)).collect());
    text.push_str(&line(table.columns.iter().map(|column| rule(column.kind)).collect()));
    for row in &table.rows {
        text.push_str(&line(row.iter().map(cell).collect()));
    }
    text
}

fn cell(value: &Value) -> String {
    match value {
        Value::Text(text) => escaped(text),
        Value::Count(count) => count.to_string(),
        Value::Real(number) => format!("{number:.4}"),
        Value::Time(time) => time.to_string(),
        Value::Missing => "–".to_owned(),
    }
}

/// Text that Markdown shows as it is, in one line.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '&' | '[' | ']' => safe.extend(['\\', c]),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Column;

    #[test]
    fn names_make_no_markup() {
        let columns = vec![Column::new("a", ColumnKind::Text, ""), Column::new("n", ColumnKind::Count, "")];
        let rows = vec![vec![Value::Text("x|y\n<b>".to_owned()), Value::Count(1_000)]];
        assert_eq!(markdown(&Table { columns, rows }), "| a | n |\n| :--- | ---: |\n| x\\|y \\<b\\> | 1000 |\n");
    }
}
