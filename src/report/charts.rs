//! The charts of a dataset, each from its facts.

use serde_json::{Value, json};

use super::canvas::Drawn;
use super::curves::{self, Measure, Scale};
use super::facts::{Class, Entropy, Facts, OPENING, Opening, POSITIONS};
use super::figure::{Figure, Figures, ramp};
use super::strips::{self, IN, LEVELS, OUT, SHOWN, SIDE, axis, level, off, pieces, row, strip};
use super::text::{bytes, count, counted, escaped, put, seconds, share, short};

/// Classes that have a colour at first.
const COLOURED: usize = 8;

/// Fewer packets than this cannot show the entropy of a random byte, which is 8 bits.
const ENTROPY_PACKETS: u64 = 256;

/// Draws all charts for which there is something to draw.
pub(super) fn draw(facts: &Facts, figures: &mut Figures) -> Drawn {
    labels(facts, figures);
    curves_of(facts, Measure::Size, figures)?;
    curves_of(facts, Measure::Gap, figures)?;
    super::timeline::draw(facts, figures)?;
    openings(facts, figures)?;
    entropy(facts, 4, figures)?;
    entropy(facts, 6, figures)
}

fn labels(facts: &Facts, figures: &mut Figures) {
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
        summary: labels_summary(facts),
        reading: "A click on a name keeps that class in all charts, and gives it a colour in those of curves.",
        switches: r#"<fieldset class="switch"><legend>Count</legend>
<label><input type="radio" name="measure" value="0" checked>samples</label>
<label><input type="radio" name="measure" value="1">packets</label>
<label><input type="radio" name="measure" value="2">bytes</label>
<label><input type="checkbox" id="log">logarithmic</label></fieldset>"#,
        drawing,
        data: json!({
            "kind": "bars",
            "columns": ["samples", "packets", "bytes"],
            "values": facts.classes.iter().map(|class| [class.samples, class.packets, class.bytes]).collect::<Vec<_>>(),
        }),
        ..Figure::default()
    });
}

fn labels_summary(facts: &Facts) -> String {
    let by_samples = |class: &&Class| (class.samples, std::cmp::Reverse(class.name.clone()));
    let (Some(most), Some(least)) =
        (facts.classes.iter().max_by_key(by_samples), facts.classes.iter().min_by_key(|class| class.samples))
    else {
        return "No packet has a label.".to_owned();
    };
    let classes = counted(facts.classes.len() as u64, "class", "classes");
    let fewest = facts.classes.iter().filter(|class| class.samples == least.samples).count() as u64;
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

fn curves_of(facts: &Facts, measure: Measure, figures: &mut Figures) -> Drawn {
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
    let summary = curves_summary(&facts.classes, &all, measure);
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
fn rounded(value: f64) -> Value {
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

fn openings(facts: &Facts, figures: &mut Figures) -> Drawn {
    let length = OPENING as f64;
    let mut drawing = r#"<div class="grid">"#.to_owned();
    for (number, class) in facts.classes.iter().enumerate() {
        let cells: Vec<Option<u8>> = class.opening.iter().map(opening_level).collect();
        row(&mut drawing, Some((number, class)), &strip(&pieces(&cells), length)?);
    }
    let ticks: Vec<(f64, String)> =
        [1, 4, 8, 12, 16, 20, 24].map(|position| (f64::from(position) - 0.5, position.to_string())).into();
    put!(
        drawing,
        r#"<div class="row axis"><span class="name">packet</span>{}</div></div>"#,
        axis(&ticks, length, false)?
    );
    let value = |cell: &Opening| {
        let [low, median, high] = cell.quartiles;
        json!([cell.samples, cell.outgoing, low, median, high])
    };
    let values = facts.classes.iter().map(|class| class.opening.iter().map(value).collect::<Vec<_>>());
    figures.add(Figure {
        id: "openings",
        title: "First packets",
        summary: openings_summary(&facts.classes),
        reading: "A cell is the packet at that place of each sample of the class: its median length, and which way the median \
            goes. Out is what the sender of the sample's first packet sends. A deeper colour is a longer packet, \
            in steps of 300 bytes. No cell: no sample is so long.",
        drawing,
        legend: ramp((IN..IN + SIDE).rev().chain(OUT..OUT + SIDE), "in, long", "out, long"),
        data: json!({
            "kind": "openings",
            "columns": (1..=OPENING).map(|position| format!("packet {position}")).collect::<Vec<_>>(),
            "values": values.collect::<Vec<_>>(),
        }),
        ..Figure::default()
    });
    Ok(())
}

/// Colours get deeper every so many bytes.
const DEEPER: f64 = 300.0;

fn opening_level(cell: &Opening) -> Option<u8> {
    let median = cell.quartiles[1];
    let depth = level(f64::from(median.unsigned_abs()) / (DEEPER * f64::from(SIDE)), SIDE);
    (cell.samples > 0).then_some(if median < 0 { IN + depth } else { OUT + depth })
}

fn openings_summary(classes: &[Class]) -> String {
    let second = |class: &&Class| class.opening.get(1).is_some_and(|cell| cell.quartiles[1] < 0);
    let answered = classes.iter().filter(second).count() as u64;
    let long = classes.iter().filter(|class| class.opening.len() == OPENING).count() as u64;
    format!(
        "In {} of {} the second packet mostly comes back; {} of them have samples of {OPENING} packets or more.",
        count(answered),
        counted(classes.len() as u64, "class", "classes"),
        count(long)
    )
}

fn entropy(facts: &Facts, version: u8, figures: &mut Figures) -> Drawn {
    let of = |class: &Class| if version == 4 { class.entropy4.clone() } else { class.entropy6.clone() };
    let all: Vec<Vec<Entropy>> = facts.classes.iter().map(of).collect();
    if all.iter().all(Vec::is_empty) {
        return Ok(());
    }
    let length = POSITIONS as f64;
    let (fields, ticks) = if version == 4 { (FIELDS_4, TICKS_4) } else { (FIELDS_6, TICKS_6) };
    let mut drawing = r#"<div class="grid">"#.to_owned();
    for (number, (class, cells)) in facts.classes.iter().zip(&all).enumerate() {
        let cells: Vec<Option<u8>> = cells.iter().map(|cell| Some(level(cell.bits / 8.0, LEVELS))).collect();
        row(&mut drawing, Some((number, class)), &strip(&pieces(&cells), length)?);
    }
    let ticks: Vec<(f64, String)> = ticks.iter().map(|(at, text)| (*at, (*text).to_owned())).collect();
    put!(drawing, r#"<div class="row axis"><span class="name">byte</span>{}</div></div>"#, axis(&ticks, length, true)?);
    let column = |at: usize| {
        let field = fields.iter().rev().find(|(from, _)| *from <= at).map_or("", |(_, name)| name);
        format!("byte {at}, {field}")
    };
    let value = |cells: &Vec<Entropy>| {
        let value = |cell: &Entropy| json!([rounded((cell.bits * 100.0).round() / 100.0), cell.packets]);
        cells.iter().map(value).collect::<Vec<_>>()
    };
    let (id, title) =
        if version == 4 { ("entropy4", "Bytes of IPv4 packets") } else { ("entropy6", "Bytes of IPv6 packets") };
    figures.add(Figure {
        id,
        title,
        summary: entropy_summary(&facts.classes, &all),
        reading: "A cell is the entropy of the byte at that place, counted from the first one of the outermost IP header: 0 bits \
            where it is always the same, 8 where it is random. A byte that is constant in one class and differs between \
            classes is a shortcut. The bytes of n packets cannot have more than log2(n) bits.",
        drawing,
        legend: ramp(0..LEVELS, "0 bits", "8 bits"),
        data: json!({
            "kind": "entropy",
            "columns": (0..POSITIONS).map(column).collect::<Vec<_>>(),
            "values": all.iter().map(value).collect::<Vec<_>>(),
        }),
        ..Figure::default()
    });
    Ok(())
}

fn entropy_summary(classes: &[Class], all: &[Vec<Entropy>]) -> String {
    let packets = |cells: &[Entropy]| cells.first().map_or(0, |cell| cell.packets);
    let there = all.iter().filter(|cells| !cells.is_empty()).count() as u64;
    let small = all.iter().filter(|cells| (1..ENTROPY_PACKETS).contains(&packets(cells))).count() as u64;
    let constant = |cells: &Vec<Entropy>| cells.iter().filter(|cell| cell.bits == 0.0).count();
    let most = classes.iter().zip(all).filter(|(_, cells)| !cells.is_empty()).max_by_key(|(_, cells)| constant(cells));
    let most = most.map_or_else(String::new, |(class, cells)| {
        format!(" Most bytes that never change: {} of {} in {}.", constant(cells), cells.len(), class.name)
    });
    format!(
        "{} such packets.{most} {} fewer than {ENTROPY_PACKETS} packets, too few for 8 bits.",
        match there {
            1 => "1 class has".to_owned(),
            _ => format!("{} classes have", count(there)),
        },
        match small {
            0 => "None has".to_owned(),
            1 => "1 class has".to_owned(),
            _ => format!("{} classes have", count(small)),
        }
    )
}

/// Where fields begin: RFC 791.
const FIELDS_4: &[(usize, &str)] = &[
    (0, "version and header length"),
    (1, "type of service"),
    (2, "total length"),
    (4, "identification"),
    (6, "flags and fragment offset"),
    (8, "time to live"),
    (9, "protocol"),
    (10, "header checksum"),
    (12, "source address"),
    (16, "destination address"),
    (20, "behind a header without options"),
];

/// The same of RFC 8200.
const FIELDS_6: &[(usize, &str)] = &[
    (0, "version, traffic class, flow label"),
    (4, "payload length"),
    (6, "next header"),
    (7, "hop limit"),
    (8, "source address"),
    (24, "destination address"),
    (40, "behind the header"),
];

/// What is written below the bytes of either version.
const TICKS_4: &[(f64, &str)] =
    &[(0.0, "0"), (8.0, "TTL"), (12.0, "src"), (16.0, "dst"), (20.0, "20: transport"), (40.0, "40"), (60.0, "60")];
const TICKS_6: &[(f64, &str)] =
    &[(0.0, "0"), (8.0, "source address"), (24.0, "destination address"), (40.0, "40: transport"), (60.0, "60")];

/// One sentence of what the whole is.
pub(super) fn lead(facts: &Facts) -> String {
    let totals = &facts.totals;
    format!(
        "{} of {} in {}, {} on the wire.",
        counted(totals.samples, "sample", "samples"),
        counted(facts.classes.len() as u64, "class", "classes"),
        counted(totals.packets, "packet", "packets"),
        bytes(totals.bytes)
    )
}

/// How many classes are shown at first, of how many.
pub(super) fn shown(facts: &Facts) -> String {
    let classes = facts.classes.len();
    format!("{} of {} shown", strips::SHOWN.min(classes).min(SHOWN), counted(classes as u64, "class", "classes"))
}
