//! One chart of a page: its title, one sentence of what it shows, how to read it, the drawing, and a table of its numbers.

use serde_json::{Map, Value};

use super::text::{escaped, json, put, visible};

/// A chart.
#[derive(Debug, Default)]
pub(super) struct Figure {
    /// Its name on the page.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// What it shows of this dataset: the text for those who do not see it.
    pub(super) summary: String,
    /// How it is to be read.
    pub(super) reading: &'static str,
    /// Switches that are its own, as markup.
    pub(super) switches: &'static str,
    /// The drawing, as markup.
    pub(super) drawing: String,
    /// What its colours mean, as markup.
    pub(super) legend: String,
    /// Its numbers, for the script.
    pub(super) data: Value,
}

/// Charts, and their numbers.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) markup: String,
    data: Map<String, Value>,
    /// The names and titles of sections, for the list of contents.
    pub(super) contents: Vec<(&'static str, &'static str)>,
}

impl Figures {
    /// Adds a chart.
    pub(super) fn add(&mut self, figure: Figure) {
        let Figure { id, title, summary, reading, switches, drawing, legend, data } = figure;
        let out = &mut self.markup;
        put!(out, r#"<section id="{id}" class="card"><figure data-chart="{id}"><figcaption><h2>{title}</h2>"#);
        put!(
            out,
            r#"<p class="summary">{}</p><p class="reading">{reading}</p></figcaption>{switches}"#,
            escaped(&summary)
        );
        put!(out, r#"<div class="scroll" tabindex="0" role="group" aria-label="{title}">{drawing}</div>{legend}"#);
        put!(
            out,
            r#"<details class="numbers"><summary>Table of these numbers</summary><div class="scroll"></div></details></figure></section>"#
        );
        self.data.insert(id.to_owned(), data);
        self.contents.push((id, title));
    }

    /// Adds a section that is no chart.
    pub(super) fn section(&mut self, id: &'static str, title: &'static str, content: &str) {
        put!(self.markup, r#"<section id="{id}" class="card"><h2>{title}</h2>{content}</section>"#);
        self.contents.push((id, title));
    }

    /// What the script reads: names of classes, and the numbers of charts.
    pub(super) fn data<'a>(&self, names: impl Iterator<Item = &'a str>) -> String {
        let names: Vec<Value> = names.map(|name| visible(name).into()).collect();
        let mut all = Map::new();
        all.insert("classes".to_owned(), names.into());
        all.insert("charts".to_owned(), Value::Object(self.data.clone()));
        json(&Value::Object(all))
    }
}

/// What levels mean: a swatch for each, with text before and after.
pub(super) fn ramp(levels: impl Iterator<Item = u8>, before: &str, after: &str) -> String {
    let mut out = format!(r#"<p class="ramp"><span>{}</span>"#, escaped(before));
    for level in levels {
        put!(out, r#"<svg class="swatch" viewBox="0 0 1 1"><path class="v{level}" d="M0 0h1v1H0z"/></svg>"#);
    }
    put!(out, "<span>{}</span></p>", escaped(after));
    out
}
