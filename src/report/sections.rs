//! The sections of a page that are tables: findings, splits, link types, talkers, notes.

use std::fmt::Display;

use super::canvas::Drawn;
use super::facts::{Facts, Leak, Severity, SplitTable, Talker, Talkers};
use super::figure::{Figure, Figures};
use super::labels::{lead, single};
use super::strips::{SPLIT, SPLITS, off, row, strip};
use super::table::{Cell, Row, table};
use super::text::{bytes, count, counted, escaped, moment, put, seconds, share, visible};

/// Splits that a sentence tells.
const SHOWN: usize = 5;

/// The numbers that everybody asks for first, and what is said of the file.
pub(super) fn overview(facts: &Facts) -> String {
    let totals = &facts.totals;
    let mut out = r#"<section id="overview" class="card"><h2>Overview</h2><dl class="tiles">"#.to_owned();
    let lasts =
        totals.span.map_or_else(|| "unknown".to_owned(), |(first, last)| seconds((last.0 - first.0) as f64 / 1e9));
    for (name, value) in [
        ("samples", count(totals.samples)),
        ("classes", count(facts.totals.classes)),
        ("packets", count(totals.packets)),
        ("on the wire", bytes(totals.bytes)),
        ("from first to last packet", lasts),
    ] {
        put!(out, r#"<div><dt>{name}</dt><dd>{}</dd></div>"#, escaped(&value));
    }
    out.push_str("</dl><dl class=\"about\">");
    let span = totals.span.map(|(first, last)| format!("{} to {} UTC", moment(first), moment(last)));
    let unlabelled = (totals.unlabelled > 0).then(|| {
        format!(
            "{} ({}), in no chart",
            counted(totals.unlabelled, "packet", "packets"),
            share(totals.unlabelled, totals.packets)
        )
    });
    let more = [("time", span), ("without a sample", unlabelled)];
    let more = more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    for (name, value) in facts.about.iter().cloned().chain(more) {
        put!(out, "<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>", escaped(&name), escaped(&value));
    }
    out + "</dl></section>"
}

/// What a reviewer would find, the worst first.
pub(super) fn findings(facts: &Facts, figures: &mut Figures) {
    if facts.findings.is_empty() {
        return;
    }
    let mut findings: Vec<_> = facts.findings.iter().collect();
    findings.sort_by_key(|finding| finding.severity);
    let heads = ["severity", "rule", "samples", "evidence", "remedy"].map(str::to_owned);
    let rows: Vec<Row> = findings
        .iter()
        .map(|finding| {
            let (style, name) = severity(finding.severity);
            let cells = vec![
                Cell::Mark(style, name.to_owned()),
                Cell::Text(finding.rule.clone()),
                // What names none is of the dataset.
                if finding.ids == 0 { Cell::Number(0.0, "all".to_owned()) } else { Cell::count(finding.ids) },
                Cell::Long(finding.evidence.clone()),
                Cell::Long(finding.remedy.clone()),
            ];
            (None, cells)
        })
        .collect();
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
    let told = [
        counted(of(Severity::Error), "error", "errors"),
        counted(of(Severity::Warning), "warning", "warnings"),
        counted(of(Severity::Note), "note", "notes"),
    ];
    let content = format!(
        r#"<p class="summary">{}.</p>{}"#,
        told.join(", "),
        table("What the rules of pcapml lint find in this dataset", &heads, &rows, off)
    );
    figures.section("findings", "Findings", &content);
}

fn severity(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("error", "error"),
        Severity::Warning => ("warning", "warning"),
        Severity::Note => ("note", "note"),
    }
}

/// Which part of each class is in which split, and what splits share.
pub(super) fn splits(facts: &Facts, figures: &mut Figures) -> Drawn {
    let Some(splits) = &facts.splits else { return Ok(()) };
    let mut drawing = r#"<div class="grid">"#.to_owned();
    for (number, (class, counts)) in facts.classes.iter().zip(&splits.counts).enumerate() {
        let (mut at, mut pieces) = (0.0, Vec::new());
        for (split, samples) in counts.iter().enumerate().filter(|(_, samples)| **samples > 0) {
            let end = at + *samples as f64;
            pieces.push((at, end, split_level(split)));
            at = end;
        }
        row(&mut drawing, number, class, &strip(&pieces, class.samples as f64)?);
    }
    drawing.push_str("</div>");
    let columns: Vec<String> =
        splits.names.iter().map(|name| visible(name)).chain(["in no split".to_owned()]).collect();
    let values = splits.counts.iter().zip(&splits.without);
    let values: Vec<Vec<u64>> = values.map(|(counts, without)| [&counts[..], &[*without]].concat()).collect();
    figures.add(Figure {
        id: "splits",
        title: "Splits",
        summary: splits_summary(facts, splits),
        reading: "Each row is a class: the part of its samples in each split. What is blank is in no split.",
        drawing,
        legend: split_legend(&splits.names),
        data: serde_json::json!({ "kind": "splits", "columns": columns, "values": values }),
        ..Figure::default()
    });
    figures.section("balance", "Balance of splits", &balance(facts, splits));
    if !facts.leaks.is_empty() {
        figures.section("leaks", "What splits share", &leaks(&facts.leaks));
    }
    Ok(())
}

/// Colours come round again where there are many splits.
fn split_level(split: usize) -> u8 {
    SPLIT + (split % usize::from(SPLITS)) as u8
}

fn split_legend(names: &[String]) -> String {
    let mut out = r#"<p class="legend">"#.to_owned();
    for (number, name) in names.iter().enumerate() {
        let (level, name) = (split_level(number), escaped(name));
        put!(
            out,
            r#"<span class="key" title="{name}"><svg class="swatch" viewBox="0 0 1 1"><path class="v{level}" d="M0 0h1v1H0z"/></svg><bdi>{name}</bdi></span>"#
        );
    }
    out + "</p>"
}

fn splits_summary(facts: &Facts, splits: &SplitTable) -> String {
    let total = |split: usize| splits.counts.iter().map(|counts| counts[split]).sum::<u64>();
    let told = splits.names.iter().enumerate().take(SHOWN);
    let mut all: Vec<String> = told
        .map(|(number, name)| {
            format!("{name} has {} ({})", count(total(number)), share(total(number), facts.totals.samples))
        })
        .collect();
    if splits.names.len() > SHOWN {
        all.push(format!("and {}", counted((splits.names.len() - SHOWN) as u64, "more split", "more splits")));
    }
    let counts = splits.counts.iter().take(facts.single().len());
    let holes = counts.filter(|counts| counts.contains(&0)).count() as u64;
    let without: u64 = splits.without.iter().sum();
    let mut text = format!("Of {}: {}.", counted(facts.totals.samples, "sample", "samples"), all.join(", "));
    let mut tell = |number: u64, said: String| {
        if number > 0 {
            put!(text, " {said}.");
        }
    };
    let of = if facts.has_rest() { format!("Of {}, ", single(facts)) } else { String::new() };
    tell(holes, format!("{of}{} missing from at least one split", counted(holes, "class is", "classes are")));
    tell(without, format!("{} in no split", counted(without, "sample is", "samples are")));
    tell(splits.unknown, format!("{} of the list not in the capture", counted(splits.unknown, "id is", "ids are")));
    text
}

/// For each class its samples in each split, and their share of that split.
fn balance(facts: &Facts, splits: &SplitTable) -> String {
    let totals: Vec<u64> =
        (0..splits.names.len()).map(|split| splits.counts.iter().map(|counts| counts[split]).sum()).collect();
    let mut heads = vec!["class".to_owned()];
    for name in &splits.names {
        heads.extend([name.clone(), format!("% of {name}")]);
    }
    heads.extend(["% of whole".to_owned(), "drift".to_owned()]);
    let percent = |part: u64, whole: u64| 100.0 * part as f64 / whole.max(1) as f64;
    let rows: Vec<Row> = facts
        .classes
        .iter()
        .zip(&splits.counts)
        .enumerate()
        .map(|(number, (class, counts))| {
            let whole = percent(class.samples, facts.totals.samples);
            let mut cells = vec![Cell::Text(class.name.clone())];
            let mut drift: f64 = 0.0;
            for (samples, total) in counts.iter().zip(&totals) {
                let part = percent(*samples, *total);
                drift = drift.max((part - whole).abs());
                cells.push(if *samples == 0 { Cell::None } else { Cell::count(*samples) });
                cells.push(Cell::Number(part, share(*samples, *total)));
            }
            cells.push(Cell::Number(whole, share(class.samples, facts.totals.samples)));
            cells.push(Cell::Number(drift, format!("{drift:.2}")));
            (Some(number), cells)
        })
        .collect();
    let reading = "A share is that of the class in all samples of the split. Drift is the largest difference, in percentage points, \
        between that and its share of the whole dataset.";
    format!(r#"<p class="reading">{reading}</p>{}"#, table("Samples of each class in each split", &heads, &rows, off))
}

fn leaks(leaks: &[Leak]) -> String {
    let heads = ["shared", "samples that it touches", "what was seen"].map(str::to_owned);
    let rows: Vec<Row> = leaks
        .iter()
        .map(|leak| {
            let cells =
                vec![Cell::Text(leak.what.clone()), Cell::count(leak.samples), Cell::Long(leak.evidence.clone())];
            (None, cells)
        })
        .collect();
    let reading =
        "What is in training and in test at once can be learnt by heart: a score then says nothing of other traffic.";
    format!(r#"<p class="reading">{reading}</p>{}"#, table("What samples of several splits share", &heads, &rows, off))
}

/// Link types, and who said most.
pub(super) fn tables(facts: &Facts, figures: &mut Figures) {
    let whole: u64 = facts.links.iter().map(|link| link.packets).sum();
    let rows: Vec<Row> = facts
        .links
        .iter()
        .map(|link| {
            let cells = vec![
                Cell::Text(link.name.clone()),
                Cell::count(link.packets),
                Cell::Number(link.packets as f64, share(link.packets, whole)),
                Cell::Number(link.bytes as f64, bytes(link.bytes)),
                Cell::count(link.classes),
                Cell::count(link.exclusive),
            ];
            (None, cells)
        })
        .collect();
    let heads = ["link type", "packets", "share", "bytes", "classes", "classes on no other"].map(str::to_owned);
    let mut content = table("Link types of packets", &heads, &rows, off);
    if facts.links.len() > 1 {
        content.insert_str(0, r#"<p class="reading">A class that is on one link type alone can be told by it.</p>"#);
    }
    if !rows.is_empty() {
        figures.section("links", "Link types", &content);
    }
    let whole = facts.totals.bytes;
    let mut content = said("Addresses of most bytes, sent and received", "address", &facts.hosts, whole);
    content += &said("Conversations of most bytes", "ends", &facts.conversations, whole);
    if !content.is_empty() {
        content.insert_str(0, r#"<p class="reading">Addresses inside tunnels are the innermost. One that is in a single class tells that class.</p>"#);
        figures.section("talkers", "Top talkers", &content);
    }
}

/// A table of those who said most, if anybody did; `whole` is the bytes of all.
fn said<N: Display>(what: &str, who: &str, talkers: &Talkers<N>, whole: u64) -> String {
    if talkers.rows.is_empty() {
        return String::new();
    }
    let row = |talker: &Talker<N>| {
        let cells = vec![
            Cell::Text(talker.name.to_string()),
            Cell::count(talker.packets),
            Cell::Number(talker.bytes as f64, bytes(talker.bytes)),
            Cell::Number(talker.bytes as f64, share(talker.bytes, whole)),
            Cell::Text(talker.classes.clone()),
        ];
        (None, cells)
    };
    let rows: Vec<Row> = talkers.rows.iter().map(row).collect();
    let heads = [who, "packets", "bytes", "share", "classes"].map(str::to_owned);
    let mut out = table(what, &heads, &rows, off);
    if talkers.uncertain > 0 {
        let most = escaped(&bytes(talkers.uncertain));
        put!(
            out,
            r#"<p class="reading">There were more than could be counted at once: each may have up to {most} more.</p>"#
        );
    }
    out
}

/// What a reader must know of how the numbers came about.
pub(super) fn notes(facts: &Facts, figures: &mut Figures) {
    let mut content = format!("<p>{}</p><ul>", escaped(&lead(facts)));
    for note in &facts.notes {
        put!(content, "<li>{}</li>", escaped(note));
    }
    content.push_str(
        "<li>A packet of several samples counts in each of them; the totals of the overview count it once.</li>\
         <li>Lengths are those on the wire, also of packets that were captured in part.</li></ul>",
    );
    figures.section("notes", "How this was counted", &content);
}
