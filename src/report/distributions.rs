//! How lengths of packets, and times between them, are distributed: a curve for each class.

use serde_json::{Value, json};

use super::canvas::Drawn;
use super::curves::{self, Measure, Scale};
use super::facts::{Class, Facts};
use super::figure::{Figure, Figures};
use super::text::{count, escaped, put, seconds};

/// Classes that have a colour at first.
const COLOURED: usize = 8;

/// Draws the curves of one measure, if there are any.
pub(super) fn draw(facts: &Facts, measure: Measure, figures: &mut Figures) -> Drawn {
    let of = |class: &Class| match measure {
        Measure::Size => class.sizes.clone(),
        Measure::Gap => class.gaps.clone(),
    };
    let all: Vec<Vec<f64>> = facts.classes.iter().map(of).collect();
    let values = || all.iter().flatten().copied();
    if values().next().is_none() {
        return Ok(());
    }
    let positive = values().filter(|value| *value > 0.0).fold(f64::MAX, f64::min);
    let scale = Scale::of(measure, positive, values().fold(0.0, f64::max));
    let summary = curves_summary(facts.single(), &all, measure);
    let quantiles: Vec<&[f64]> = all.iter().map(Vec::as_slice).collect();
    let drawn = curves::draw(&scale, &quantiles, &summary)?;
    let (id, title, reading) = match measure {
        Measure::Size => ("sizes", "Lengths of packets", SIZE_READING),
        Measure::Gap => ("gaps", "Times between packets", GAP_READING),
    };
    let counts: Vec<u64> = facts
        .classes
        .iter()
        .map(|class| match measure {
            Measure::Size => class.packets,
            Measure::Gap => class.gap_count,
        })
        .collect();
    figures.add(Figure {
        id,
        title,
        summary,
        reading,
        drawing: drawn.svg,
        legend: legend(&facts.classes),
        data: json!({
            "kind": if measure == Measure::Size { "sizes" } else { "gaps" },
            "columns": ["packets", "least", "5 %", "25 %", "median", "75 %", "95 %", "greatest"],
            "values": all.iter().zip(counts).map(|(quantiles, count)| told(quantiles, count)).collect::<Vec<_>>(),
            "axis": drawn.axis,
        }),
        ..Figure::default()
    });
    Ok(())
}

const SIZE_READING: &str = "Each curve is one class: the share of its packets that are at most so long on the wire, \
    headers of the link included. Exact up to 2,047 bytes, within 5 % above.";

const GAP_READING: &str = "Each curve is one class: the share of packets that come at most so long after the packet \
    before them in the same sample. Packets with an earlier time than that are left out. Within 6 %.";

/// The number of packets, and seven quantiles.
fn told(quantiles: &[f64], count: u64) -> Vec<Value> {
    let told = [0, 5, 25, 50, 75, 95, 100].map(|percent| match quantiles.get(percent) {
        Some(value) => rounded(*value),
        None => Value::Null,
    });
    std::iter::once(count.into()).chain(told).collect()
}

/// Four digits: what was measured is no finer.
pub(super) fn rounded(value: f64) -> Value {
    format!("{value:.3e}").parse::<f64>().map_or(Value::Null, Value::from)
}

fn curves_summary(classes: &[Class], all: &[Vec<f64>], measure: Measure) -> String {
    let mut medians: Vec<(f64, &str)> = classes
        .iter()
        .zip(all)
        .filter_map(|(class, quantiles)| Some((*quantiles.get(50)?, class.name.as_str())))
        .collect();
    medians.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(other.1)));
    let written = |value: f64| match measure {
        Measure::Size => format!("{} B", count(value as u64)),
        Measure::Gap => seconds(value),
    };
    match (medians.first(), medians.last()) {
        (Some(least), Some(most)) if medians.len() > 1 => format!(
            "Medians of classes go from {} ({}) to {} ({}).",
            written(least.0),
            least.1,
            written(most.0),
            most.1
        ),
        (Some(only), _) => format!("The median of {} is {}.", only.1, written(only.0)),
        _ => String::new(),
    }
}

/// The names of coloured classes; the script changes them with the selection.
fn legend(classes: &[Class]) -> String {
    let mut out = r#"<div class="legend">"#.to_owned();
    for (number, class) in classes.iter().enumerate().take(COLOURED) {
        let name = escaped(&class.name);
        put!(
            out,
            r#"<button type="button" class="key k{number}" data-c="{number}" title="{name}"><svg viewBox="0 0 26 10"><path class="line k{number}" d="M1 5h24"/></svg><bdi>{name}</bdi></button>"#
        );
    }
    out.push_str("</div>");
    out
}
