//! How random each byte of packets is: a row for each class, a cell for each place behind the beginning of the IP header.

use serde_json::json;

use super::canvas::Drawn;
use super::distributions::rounded;
use super::facts::{Class, Entropy, Facts, POSITIONS};
use super::figure::{Figure, Figures, ramp};
use super::strips::{LEVELS, axis, level, pieces, row, strip};
use super::text::{count, put};

/// Fewer packets than this cannot show the entropy of a random byte, which is 8 bits.
const ENTROPY_PACKETS: u64 = 256;

/// Draws the rows of one version of IP, if there are packets of it.
pub(super) fn draw(facts: &Facts, version: u8, figures: &mut Figures) -> Drawn {
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
        row(&mut drawing, number, class, &strip(&pieces(&cells), length)?);
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
        summary: summary(facts.single(), &all[..facts.single().len()]),
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

fn summary(classes: &[Class], all: &[Vec<Entropy>]) -> String {
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
