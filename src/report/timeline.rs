//! When the packets of each class were seen: one row each, and long pauses cut out.

use std::cmp::Reverse;

use serde_json::json;

use super::canvas::Drawn;
use super::facts::{Class, Facts, Period};
use super::figure::{Figure, Figures, ramp};
use super::strips::{LEVELS, WIDTH, axis, level, pieces, row, strip};
use super::text::{counted, moment, put, seconds};
use crate::time::Timestamp;

/// Columns that stand for a pause.
const PAUSE: usize = 2;

/// How wide the text of a moment is, at least, with room beside it.
const TEXT: f64 = 150.0;

/// Draws the rows, if packets have times.
pub(super) fn draw(facts: &Facts, figures: &mut Figures) -> Drawn {
    let Some(first) = facts.periods.first() else { return Ok(()) };
    let most = facts.classes.iter().flat_map(|class| class.times.iter().copied()).max().unwrap_or(0).max(1);
    let columns = columns(&facts.periods);
    let length = columns.len() as f64;
    let mut drawing = r#"<div class="grid">"#.to_owned();
    for (number, class) in facts.classes.iter().enumerate() {
        let cells: Vec<Option<u8>> = spread(class, &facts.periods)
            .map(|packets| packets.filter(|packets| *packets > 0).map(|packets| depth(packets, most)))
            .collect();
        row(&mut drawing, number, class, &strip(&pieces(&cells), length)?);
    }
    put!(
        drawing,
        r#"<div class="row axis"><span class="name">UTC</span>{}</div></div>"#,
        axis(&ticks(&facts.periods), length, true)?
    );
    let values = facts.classes.iter().map(|class| spread(class, &facts.periods).collect::<Vec<_>>());
    let last = facts.periods.last().unwrap_or(first);
    figures.add(Figure {
        id: "times",
        title: "Traffic over time",
        summary: summary(facts, first.start, last.end),
        reading: "A cell is a piece of time; a deeper colour is more packets of the class in it (logarithmic). Long times without any \
            packet are cut out: a narrow blank column, and the time is written where it goes on, if there is room. Classes that \
            were recorded one after the other can be told apart by the clock alone.",
        drawing,
        legend: ramp(0..LEVELS, "1 packet", &counted(most, "packet", "packets")),
        data: json!({ "kind": "times", "columns": columns, "values": values.collect::<Vec<_>>() }),
        ..Figure::default()
    });
    Ok(())
}

fn depth(packets: u64, most: u64) -> u8 {
    level((packets as f64).ln() / (most as f64).ln().max(1e-9), LEVELS)
}

fn summary(facts: &Facts, start: Timestamp, end: Timestamp) -> String {
    let pauses = facts.periods.len() as u64 - 1;
    let cut = match pauses {
        0 => String::new(),
        _ => format!(", with {} cut out", counted(pauses, "pause", "pauses")),
    };
    let apart = facts.classes.len() > 1 && !facts.has_rest() && are_disjoint(&facts.classes);
    let apart = if apart { " No two classes share a piece of time: the clock tells them apart." } else { "" };
    format!("From {} to {}{cut}, UTC.{apart}", moment(start), moment(end))
}

/// True if no column has packets of two classes.
fn are_disjoint(classes: &[Class]) -> bool {
    let columns = classes.iter().map(|class| class.times.len()).max().unwrap_or(0);
    let shared = |column: usize| {
        classes.iter().filter(|class| class.times.get(column).is_some_and(|packets| *packets > 0)).count() > 1
    };
    !(0..columns).any(shared)
}

/// What each column is, pauses among them.
fn columns(periods: &[Period]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    let mut before: Option<&Period> = None;
    for period in periods {
        if let Some(before) = before {
            let pause = (period.start.0 - before.end.0) as f64 / 1e9;
            columns.extend((0..PAUSE).map(|_| format!("a pause of {}", seconds(pause))));
        }
        let width = (period.end.0 - period.start.0) / period.columns.max(1) as i128;
        let name = |column: usize| {
            let start = Timestamp(period.start.0 + width * column as i128);
            format!("{}, {}", moment(start), seconds(width as f64 / 1e9))
        };
        columns.extend((0..period.columns).map(name));
        before = Some(period);
    }
    columns
}

/// The packets of a class in each column; none in pauses.
fn spread<'a>(class: &'a Class, periods: &'a [Period]) -> impl Iterator<Item = Option<u64>> + 'a {
    let mut at = 0;
    periods.iter().enumerate().flat_map(move |(number, period)| {
        let pause = if number == 0 { 0 } else { PAUSE };
        let from = at;
        at += period.columns;
        let packets = (from..at).map(|column| Some(class.times.get(column).copied().unwrap_or(0)));
        std::iter::repeat_n(None, pause).chain(packets)
    })
}

/// The moments at which periods begin, written where there is room, those of long periods first; and some within those.
fn ticks(periods: &[Period]) -> Vec<(f64, String)> {
    let length = columns(periods).len() as f64;
    let room = TEXT * length / f64::from(WIDTH);
    let mut places: Vec<(bool, usize, f64, Timestamp)> = Vec::new();
    let mut at = 0.0;
    for (number, period) in periods.iter().enumerate() {
        at += if number == 0 { 0.0 } else { PAUSE as f64 };
        let parts = ((period.columns as f64 / room) as usize).max(1);
        let nanos = period.end.0 - period.start.0;
        places.extend((0..parts).map(|part| {
            let along = at + (period.columns * part) as f64 / parts as f64;
            (part > 0, period.columns, along, Timestamp(period.start.0 + nanos * part as i128 / parts as i128))
        }));
        at += period.columns as f64;
    }
    places.sort_by_key(|&(is_within, columns, ..)| (is_within, Reverse(columns)));
    let mut written: Vec<(f64, String)> = Vec::new();
    for (is_within, _, at, time) in places {
        // Text begins at its place: at the right edge it would stand out.
        let has_room = at + room * 0.99 <= length
            && written.iter().all(|(other, text)| text.is_empty() || (other - at).abs() >= room * 0.99);
        match has_room {
            true => written.push((at, moment(time))),
            false if is_within => {}
            false => written.push((at, String::new())),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let period = |start: i128, end: i128, columns| Period {
            start: Timestamp(start * 1_000_000_000),
            end: Timestamp(end * 1_000_000_000),
            columns,
        };
        let class = |times: &[u64]| Class { times: times.to_vec(), ..Class::default() };
        Facts {
            periods: vec![period(0, 30, 3), period(1000, 1010, 1)],
            classes: vec![class(&[1, 0, 5, 0]), class(&[0, 2, 0, 9])],
            ..Facts::default()
        }
    }

    #[test]
    fn pauses_are_columns_without_packets() {
        let facts = facts();
        let columns = columns(&facts.periods);
        assert_eq!(columns.len(), 6);
        assert_eq!(columns[1], "1970-01-01 00:00:10, 10.0 s");
        assert_eq!(columns[3], "a pause of 16.2 min");
        let values: Vec<Vec<Option<u64>>> =
            facts.classes.iter().map(|class| spread(class, &facts.periods).collect()).collect();
        assert_eq!(values[1], [Some(0), Some(2), Some(0), None, None, Some(9)]);
        assert_eq!(values.iter().flatten().flatten().sum::<u64>(), 17);
    }

    #[test]
    fn classes_that_never_meet_are_told() {
        let mut facts = facts();
        let said = |facts: &Facts| summary(facts, Timestamp(0), Timestamp(1));
        assert!(said(&facts).contains("No two classes share"));
        facts.classes[0].times[3] = 1;
        assert!(!said(&facts).contains("No two classes share"));
    }

    #[test]
    fn texts_have_room() {
        let many: Vec<Period> = (0..8)
            .map(|number| Period { start: Timestamp(number << 40), end: Timestamp((number << 40) + 1), columns: 20 })
            .collect();
        let mut ticks = ticks(&many);
        assert_eq!(ticks.len(), 8);
        ticks.retain(|tick| !tick.1.is_empty());
        ticks.sort_by(|one, other| one.0.total_cmp(&other.0));
        assert!(ticks.len() >= 3);
        assert!(ticks.windows(2).all(|pair| (pair[1].0 - pair[0].0) * f64::from(WIDTH) / 174.0 >= TEXT * 0.98));
    }

    #[test]
    fn long_periods_are_written_first_and_within() {
        let period =
            |start: i128, columns| Period { start: Timestamp(start), end: Timestamp(start + (1 << 40)), columns };
        let written = ticks(&[period(0, 4), period(1 << 50, 154)]);
        let texts: Vec<&str> = written.iter().map(|tick| tick.1.as_str()).collect();
        assert_eq!(texts.len(), 5);
        assert_eq!(texts[0], moment(Timestamp(1 << 50)));
        assert!(written.contains(&(0.0, String::new())));
    }
}
