//! How many samples, packets and bytes each class has.

use serde_json::json;

use super::facts::{Class, Facts};
use super::figure::{Figure, Figures};
use super::strips::{SHOWN, off};
use super::text::{bytes, count, counted, escaped, put, share, short};

/// Draws a bar for each class.
pub(super) fn draw(facts: &Facts, figures: &mut Figures) {
    let most = facts.classes.iter().map(|class| class.samples).max().unwrap_or(0).max(1);
    let mut drawing = r#"<div class="grid bars">"#.to_owned();
    for (number, class) in facts.classes.iter().enumerate() {
        let (name, off) = (escaped(&class.name), off(number));
        let width = short(100.0 * class.samples as f64 / most as f64, 2);
        let value = count(class.samples);
        put!(
            drawing,
            r#"<div class="row{off}" data-c="{number}"><button type="button" class="name" title="{name}"><bdi>{name}</bdi></button>"#
        );
        put!(
            drawing,
            r#"<svg class="strip"><rect class="v9" width="{width}%" height="100%"/></svg><span class="value">{value}</span></div>"#
        );
    }
    drawing.push_str("</div>");
    figures.add(Figure {
        id: "labels",
        title: "Labels",
        summary: summary(facts),
        reading: "A click on a name keeps that class in all charts, and gives it a colour in those of curves.",
        switches: r#"<fieldset class="switch"><legend>Count</legend>
<label><input type="radio" name="measure" value="0" checked>samples</label>
<label><input type="radio" name="measure" value="1">packets</label>
<label><input type="radio" name="measure" value="2">bytes</label>
<label><input type="checkbox" id="log">logarithmic</label> <output id="from"></output></fieldset>"#,
        drawing,
        data: json!({
            "kind": "bars",
            "columns": ["samples", "packets", "bytes"],
            "values": facts.classes.iter().map(|class| [class.samples, class.packets, class.bytes]).collect::<Vec<_>>(),
        }),
        ..Figure::default()
    });
}

fn summary(facts: &Facts) -> String {
    let by_samples = |class: &&Class| (class.samples, std::cmp::Reverse(class.name.clone()));
    let single = facts.single().iter();
    let (Some(most), Some(least)) =
        (single.clone().max_by_key(by_samples), single.clone().min_by_key(|class| class.samples))
    else {
        return "No packet has a label.".to_owned();
    };
    let classes = counted(facts.totals.classes, "class", "classes");
    let fewest = single.filter(|class| class.samples == least.samples).count() as u64;
    format!(
        "{classes}. The largest by samples, {}, has {} of {} ({}); {} the fewest, {}.",
        most.name,
        count(most.samples),
        count(facts.totals.samples),
        share(most.samples, facts.totals.samples),
        match fewest {
            1 => format!("{} has", least.name),
            _ => format!("{} classes have", count(fewest)),
        },
        count(least.samples),
    )
}

/// One sentence of what the whole is.
pub(super) fn lead(facts: &Facts) -> String {
    let totals = &facts.totals;
    format!(
        "{} of {} in {}, {} on the wire.",
        counted(totals.samples, "sample", "samples"),
        counted(totals.classes, "class", "classes"),
        counted(totals.packets, "packet", "packets"),
        bytes(totals.bytes)
    )
}

/// How many classes are shown at first, of how many.
pub(super) fn shown(facts: &Facts) -> String {
    format!("{} of {}", SHOWN.min(facts.classes.len()), all(facts))
}

/// What all classes are, behind how many are shown of them.
pub(super) fn all(facts: &Facts) -> String {
    let classes = counted(facts.totals.classes, "class", "classes");
    match facts.has_rest() {
        false => format!("{classes} shown"),
        true => {
            format!("{classes} shown, {} of them as one", count(facts.totals.classes - facts.single().len() as u64))
        }
    }
}

/// What a sentence about single classes is of.
pub(super) fn single(facts: &Facts) -> String {
    let classes = counted(facts.single().len() as u64, "class", "classes");
    if facts.has_rest() { format!("the {classes} that are drawn apart") } else { classes }
}
