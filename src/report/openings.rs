//! The first packets of samples: a row for each class, a cell for each place.

use serde_json::json;

use super::canvas::Drawn;
use super::facts::{Class, Facts, OPENING, Opening};
use super::figure::{Figure, Figures, ramp};
use super::labels::single;
use super::strips::{IN, OUT, SIDE, axis, pieces, row, strip};
use super::text::{count, put};

/// Draws the rows, if there are samples.
pub(super) fn draw(facts: &Facts, figures: &mut Figures) -> Drawn {
    if facts.classes.iter().all(|class| class.opening.is_empty()) {
        return Ok(());
    }
    let length = OPENING as f64;
    let mut drawing = r#"<div class="grid">"#.to_owned();
    for (number, class) in facts.classes.iter().enumerate() {
        let cells: Vec<Option<u8>> = class.opening.iter().map(cell_level).collect();
        row(&mut drawing, number, class, &strip(&pieces(&cells), length)?);
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
        summary: summary(facts),
        reading: "A cell is the packet at that place of each sample of the class: its median length, and which way the median \
            goes. Out is what the sender of the sample's first packet sends. Colours get deeper above 80, 200, 500 and \
            1,000 bytes. No cell: no sample is so long.",
        drawing,
        legend: ramp((IN..IN + SIDE).rev().chain(OUT..OUT + SIDE), "in, over 1,000 bytes", "out, over 1,000 bytes"),
        data: json!({
            "kind": "openings",
            "columns": (1..=OPENING).map(|position| format!("packet {position}")).collect::<Vec<_>>(),
            "values": values.collect::<Vec<_>>(),
        }),
        ..Figure::default()
    });
    Ok(())
}

/// Longer than this are the lengths of each level but the first: bare acknowledgements, requests, segments in part, whole ones.
const DEEPER: [u32; SIDE as usize - 1] = [80, 200, 500, 1000];

fn cell_level(cell: &Opening) -> Option<u8> {
    let median = cell.quartiles[1];
    let depth = DEEPER.iter().filter(|longer| median.unsigned_abs() > **longer).count() as u8;
    (cell.samples > 0).then_some(if median < 0 { IN + depth } else { OUT + depth })
}

fn summary(facts: &Facts) -> String {
    let classes = facts.single();
    let second = |class: &&Class| class.opening.get(1).is_some_and(|cell| cell.quartiles[1] < 0);
    let answered = classes.iter().filter(second).count() as u64;
    let long = classes.iter().filter(|class| class.opening.len() == OPENING).count() as u64;
    format!(
        "In {} of {} the second packet mostly comes back; {} of them have samples of {OPENING} packets or more.",
        count(answered),
        single(facts),
        count(long)
    )
}
