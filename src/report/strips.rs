//! Rows of coloured cells, one row for each class: names beside them cannot collide, and a row can be hidden.

use plotters::coord::ranged1d::Ranged;
use plotters::prelude::{ChartBuilder, Color, PathElement, RGBColor, Rectangle, Text, TextStyle};
use plotters_backend::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::canvas::{Drawn, Ink, Marks};
use super::facts::Class;
use super::text::{escaped, put};

/// The width of a row of cells, in pixels.
pub(super) const WIDTH: u32 = 640;

/// Levels of what grows in one direction; level 0 is the least that is something.
pub(super) const LEVELS: u8 = 10;

/// The first level of what goes out, and of what comes in; there are [`SIDE`] of each.
pub(super) const OUT: u8 = 10;
pub(super) const IN: u8 = 15;
pub(super) const SIDE: u8 = 5;

/// The first of the levels that tell splits apart, and how many there are.
pub(super) const SPLIT: u8 = 20;
pub(super) const SPLITS: u8 = 8;

/// How many classes are shown at first.
pub(super) const SHOWN: usize = 20;

/// The height of a row's drawing; the page stretches it.
const HEIGHT: u32 = 10;

/// A level for a part of a whole, from 0 to 1.
pub(super) fn level(part: f64, levels: u8) -> u8 {
    ((part.clamp(0.0, 1.0) * f64::from(levels)) as u8).min(levels - 1)
}

/// Pieces of a row: where each begins and ends, and its level.
pub(super) type Pieces = Vec<(f64, f64, u8)>;

/// Cells of one width as pieces; neighbours of one level are one.
pub(super) fn pieces(cells: &[Option<u8>]) -> Pieces {
    let mut pieces: Pieces = Vec::new();
    for (number, level) in cells.iter().enumerate().filter_map(|(number, cell)| Some((number as f64, (*cell)?))) {
        match pieces.last_mut() {
            Some((_, end, same)) if *end == number && *same == level => *end += 1.0,
            _ => pieces.push((number, number + 1.0, level)),
        }
    }
    pieces
}

/// The drawing of a row that is `length` long.
pub(super) fn strip(pieces: &[(f64, f64, u8)], length: f64) -> Drawn<String> {
    let marks = Marks::of((WIDTH, HEIGHT), |area| {
        let mut chart = ChartBuilder::on(area).build_cartesian_2d(Axis::plain(length), Axis::plain(1.0))?;
        let cells = pieces.iter().map(|(from, to, level)| {
            Rectangle::new([(*from, 0.0), (*to, 1.0)], RGBColor::from(Ink::Level(*level)).filled())
        });
        chart.draw_series(cells)?;
        Ok(())
    })?;
    Ok(format!(r#"<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">{marks}</svg>"#))
}

/// The axis below rows that are `length` long, with texts at their places: centred there, or where they are named `after`
/// their ticks, beginning there.
pub(super) fn axis(ticks: &[(f64, String)], length: f64, after: bool) -> Drawn<String> {
    let (width, height) = (WIDTH as i32, 26);
    let along = Axis::plain(length);
    let marks = Marks::of((WIDTH, height), |area| {
        let ink: RGBColor = Ink::Axis.into();
        area.draw(&PathElement::new([(0, 1), (width, 1)], ink))?;
        for (at, text) in ticks {
            let x = along.map(at, (0, width));
            // At the ends there is room on one side alone.
            let side = match x {
                _ if after => HPos::Left,
                0 => HPos::Left,
                _ if x == width => HPos::Right,
                _ => HPos::Center,
            };
            let style = TextStyle::from(("sans-serif", 13)).pos(Pos::new(side, VPos::Top));
            area.draw(&PathElement::new([(x, 1), (x, 6)], ink))?;
            area.draw(&Text::new(text.as_str(), (x, 8), style))?;
        }
        Ok(())
    })?;
    Ok(format!(r#"<svg class="ticks" viewBox="0 0 {WIDTH} {height}">{marks}</svg>"#))
}

/// The row of one class.
pub(super) fn row(out: &mut String, number: usize, class: &Class, strip: &str) {
    let (name, off) = (escaped(&class.name), off(number));
    put!(out, r#"<div class="row{off}" data-c="{number}">"#);
    put!(out, r#"<span class="name" title="{name}"><bdi>{name}</bdi></span>{strip}</div>"#);
}

/// The further class of what is not shown at first.
pub(super) fn off(number: usize) -> &'static str {
    if number < SHOWN { "" } else { " off" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_level_are_one_piece() {
        let cells = [Some(1), Some(1), None, Some(1), Some(2)];
        assert_eq!(pieces(&cells), [(0.0, 2.0, 1), (3.0, 4.0, 1), (4.0, 5.0, 2)]);
        let drawn = strip(&pieces(&cells), 5.0).unwrap();
        assert_eq!(drawn.matches("<path").count(), 2);
        assert!(drawn.contains(r#"<path class="v1" d="M0 0h256v"#), "{drawn}");
        assert!(strip(&[], 0.0).unwrap().ends_with("></svg>"));
    }

    #[test]
    fn levels_divide_evenly() {
        let levels = [-1.0, 0.0, 0.099, 0.1, 0.99, 1.0, 7.0].map(|part| level(part, LEVELS));
        assert_eq!(levels, [0, 0, 0, 1, 9, 9, 9]);
    }
}
