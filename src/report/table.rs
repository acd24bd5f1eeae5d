//! Tables of a page: they scroll, their heads stay, and a click on a head sorts.

use super::text::{count, escaped, put};

/// A cell.
pub(super) enum Cell {
    /// A name, by anybody: on one line, shortened where there is no room.
    Text(String),
    /// Sentences, on as many lines as they take.
    Long(String),
    /// No thing where some should be.
    None,
    /// A number, and how it is written.
    Number(f64, String),
    /// A mark and text: the class of style, and the text.
    Mark(&'static str, String),
}

impl Cell {
    /// A number of things.
    pub(super) fn count(number: u64) -> Self {
        Self::Number(number as f64, count(number))
    }
}

/// A row, with the number of the class that it is about.
pub(super) type Row = (Option<usize>, Vec<Cell>);

/// A table with these heads; `what` is its text for those who do not see it.
pub(super) fn table(what: &str, heads: &[String], rows: &[Row], hidden: impl Fn(usize) -> &'static str) -> String {
    let mut out = format!(
        r#"<div class="scroll" tabindex="0" role="group" aria-label="{0}"><table><caption>{0}</caption><thead><tr>"#,
        escaped(what)
    );
    for (column, head) in heads.iter().enumerate() {
        let is_number =
            rows.first().is_some_and(|(_, cells)| matches!(cells.get(column), Some(Cell::Number(..) | Cell::None)));
        let side = if is_number { r#" class="number""# } else { "" };
        put!(out, r#"<th scope="col"{side}><button type="button" class="sort">{}</button></th>"#, escaped(head));
    }
    out.push_str("</tr></thead><tbody>");
    for (class, cells) in rows {
        match class {
            Some(class) => put!(out, r#"<tr class="row{}" data-c="{class}">"#, hidden(*class)),
            None => out.push_str("<tr>"),
        }
        for cell in cells {
            match cell {
                Cell::Text(text) => {
                    let text = escaped(text);
                    put!(out, r#"<td title="{text}"><bdi>{text}</bdi></td>"#);
                }
                Cell::Long(text) => put!(out, r#"<td class="long">{}</td>"#, escaped(text)),
                Cell::None => out.push_str(r#"<td class="number none" data-v="0">0</td>"#),
                Cell::Number(value, text) => put!(out, r#"<td class="number" data-v="{value}">{}</td>"#, escaped(text)),
                Cell::Mark(style, text) => {
                    put!(out, r#"<td><span class="mark {style}">{}</span></td>"#, escaped(text));
                }
            }
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}
