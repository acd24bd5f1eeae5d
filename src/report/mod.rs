//! One page that shows a dataset: text from numbers, without a capture, a file or a clock.
//!
//! [`page`] makes of [`Facts`] a single HTML document that needs nothing else: style and script stand in it, and its
//! Content-Security-Policy forbids every load and every script but that one. Charts are drawn here as SVG by plotters, on a
//! `canvas` of our own whose colours the style sheet chooses; the script only selects classes, sorts, switches, and shows the
//! numbers behind. What others wrote (labels, names, findings) is text on the page, whatever it looks like.

mod axis;
mod canvas;
mod curves;
mod distributions;
mod entropy;
mod facts;
mod figure;
mod labels;
mod openings;
mod sections;
mod strips;
mod table;
mod text;
mod timeline;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub use facts::{
    Class, Entropy, Facts, Finding, Leak, Link, OPENING, Opening, POSITIONS, Period, QUANTILES, Severity, SplitTable,
    Talker, Talkers, Totals,
};

use crate::error::{Error, Result};
use curves::Measure;
use figure::Figures;
use text::{escaped, put};

/// How the page looks.
const STYLE: &str = include_str!("page.css");

/// What the page does.
const SCRIPT: &str = include_str!("page.js");

/// The page of a dataset.
///
/// # Errors
/// If a chart cannot be drawn, which no facts should cause.
pub fn page(facts: &Facts) -> Result<String> {
    let figures = figures(facts).map_err(|error| Error::request(format!("a chart cannot be drawn: {error}")))?;
    let title = escaped(&facts.title);
    let mut out = String::with_capacity(STYLE.len() + SCRIPT.len() + 2 * figures.markup.len());
    put!(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    put!(out, r#"<meta http-equiv="Content-Security-Policy" content="{}">"#, policy());
    put!(out, r#"<meta name="viewport" content="width=device-width, initial-scale=1">"#);
    put!(out, r#"<meta name="color-scheme" content="light dark"><meta name="generator" content="pcapml">"#);
    put!(out, "<title>{title}</title><style>{STYLE}</style></head><body>\n");
    put!(out, r#"<header><div><h1><bdi>{title}</bdi></h1><p>{}</p></div>"#, escaped(&labels::lead(facts)));
    put!(out, r#"<button type="button" id="theme">Theme: system</button></header>"#);
    put!(out, "{}\n<main>{}{}\n", contents(&figures), controls(facts), sections::overview(facts));
    put!(out, "{}</main>\n", figures.markup);
    put!(out, r#"<div id="tip" role="status" hidden></div>"#);
    let names = facts.classes.iter().map(|class| class.name.as_str());
    put!(out, r#"<script type="application/json" id="data">{}</script>"#, figures.data(names));
    put!(out, "<script>{SCRIPT}</script></body></html>\n");
    Ok(out)
}

fn figures(facts: &Facts) -> canvas::Drawn<Figures> {
    let mut figures = Figures::default();
    sections::findings(facts, &mut figures);
    sections::splits(facts, &mut figures)?;
    labels::draw(facts, &mut figures);
    distributions::draw(facts, Measure::Size, &mut figures)?;
    distributions::draw(facts, Measure::Gap, &mut figures)?;
    timeline::draw(facts, &mut figures)?;
    openings::draw(facts, &mut figures)?;
    entropy::draw(facts, 4, &mut figures)?;
    entropy::draw(facts, 6, &mut figures)?;
    sections::tables(facts, &mut figures);
    sections::notes(facts, &mut figures);
    Ok(figures)
}

/// Nothing is loaded from anywhere; of styles and scripts, those that we wrote.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn contents(figures: &Figures) -> String {
    let mut out = r##"<nav aria-label="Contents"><a href="#overview">Overview</a>"##.to_owned();
    for (id, title) in &figures.contents {
        put!(out, r##"<a href="#{id}">{title}</a>"##);
    }
    out + "</nav>"
}

/// Which classes are shown, for all charts at once.
fn controls(facts: &Facts) -> String {
    let (of, shown) = (labels::all(facts), labels::shown(facts));
    format!(
        r#"<form id="controls"><label>Find a class <input type="search" id="find" autocomplete="off" placeholder="part of its name"></label>
<label>Show <select id="top"><option value="8">8</option><option value="20" selected>20</option><option value="50">50</option><option value="0">all</option></select></label>
<button type="button" id="reset">Reset</button><output id="shown" data-of="{of}">{shown}</output><noscript>Without scripts: no selection, no tables of numbers.</noscript></form>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    /// A dataset whose every text is hostile.
    fn hostile() -> Facts {
        let bad = "</script><script>alert(1)</script><!--\" onmouseover='x' \u{202e}&amp;";
        let class = |name: String| Class {
            name,
            samples: 3,
            packets: 10,
            bytes: 900,
            sizes: vec![60.0; QUANTILES],
            gaps: vec![0.5; QUANTILES],
            gap_count: 7,
            times: vec![1, 0, 2],
            opening: vec![Opening { samples: 3, outgoing: 3, quartiles: [60, 70, 80] }],
            entropy4: vec![Entropy { packets: 10, bits: 1.5 }; 30],
            entropy6: Vec::new(),
        };
        let talker = Talker { name: bad.to_owned(), packets: 1, bytes: 2, classes: bad.to_owned() };
        Facts {
            title: bad.to_owned(),
            about: vec![(bad.to_owned(), bad.to_owned())],
            totals: Totals { samples: 6, classes: 2, packets: 20, bytes: 1800, unlabelled: 1, span: None },
            classes: vec![class(bad.to_owned()), class("web".to_owned())],
            periods: vec![Period { start: Timestamp(0), end: Timestamp(3_000_000_000), columns: 3 }],
            links: vec![Link { name: bad.to_owned(), packets: 20, bytes: 1800, classes: 2, exclusive: 2 }],
            conversations: Talkers { rows: vec![talker], uncertain: 5 },
            splits: Some(SplitTable {
                names: vec![bad.to_owned()],
                counts: vec![vec![3], vec![0]],
                without: vec![0, 3],
                unknown: 1,
            }),
            leaks: vec![Leak { what: bad.to_owned(), samples: 2, evidence: bad.to_owned() }],
            findings: vec![Finding {
                rule: bad.to_owned(),
                severity: Severity::Error,
                ids: 2,
                evidence: bad.to_owned(),
                remedy: bad.to_owned(),
            }],
            notes: vec![bad.to_owned()],
            ..Facts::default()
        }
    }

    #[test]
    fn whatever_names_look_like_they_are_text() {
        let page = page(&hostile()).unwrap();
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script>").count(), 2);
        // Within the data, quotes are those of JSON.
        let (before, rest) = page.split_once(r#"id="data">"#).unwrap();
        let page = before.to_owned() + rest.split_once("</script>").unwrap().1;
        for bad in ["<!--", "alert(1)</script>", "\u{202e}", "onmouseover='", "\"\u{20}onmouseover"] {
            let at = page.find(bad).map(|at| page[..at].chars().rev().take(200).collect::<String>());
            assert!(at.is_none(), "{bad}: {:?}", at.map(|text| text.chars().rev().collect::<String>()));
        }
        assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
        let data: serde_json::Value = serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap();
        assert!(data["classes"][0].as_str().unwrap().starts_with("</script><script>"));
    }

    #[test]
    fn the_policy_names_what_the_page_holds() {
        let page = page(&Facts::default()).unwrap();
        for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let text = page.split(open).nth(1).unwrap().split(close).next().unwrap();
            assert!(page.contains(&STANDARD.encode(Sha256::digest(text))), "{open}");
        }
        assert!(page.contains("default-src 'none'") && !page.contains("unsafe"));
        assert!(!page.contains("http://") && !page.contains("https://"));
    }

    #[test]
    fn sections_are_there_only_if_there_is_something_to_show() {
        let full = page(&hostile()).unwrap();
        let empty = page(&Facts::default()).unwrap();
        for id in ["findings", "splits", "balance", "leaks", "times", "openings", "talkers"] {
            assert!(full.contains(&format!(r#"<section id="{id}""#)), "{id}");
        }
        for id in [
            "findings", "splits", "balance", "leaks", "sizes", "gaps", "times", "openings", "entropy4", "links",
            "talkers",
        ] {
            assert!(!empty.contains(&format!(r#"<section id="{id}""#)), "{id}");
        }
    }
}
