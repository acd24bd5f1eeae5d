//! An axis as plotters wants it: where it begins and ends, and what is written where.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// How near a value must be to a tick to be it.
const NEAR: f64 = 1e-9;

/// A straight axis with its own ticks.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    range: Range<f64>,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis over `range`, which is made to have a length, with texts at places of it.
    pub(super) fn new(range: Range<f64>, ticks: Vec<(f64, String)>) -> Self {
        let end = range.end.max(range.start + NEAR);
        Self { range: range.start..end, ticks }
    }

    /// An axis without texts.
    pub(super) fn plain(length: f64) -> Self {
        Self::new(0.0..length, Vec::new())
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let part = (value - self.range.start) / (self.range.end - self.range.start);
        from + (f64::from(to - from) * part.clamp(0.0, 1.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Plotters asks again for the lines between ticks, of which there are none.
        match hint.bold_points() {
            0 => Vec::new(),
            _ => self.ticks.iter().map(|(at, _)| *at).collect(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(at, _)| (at - value).abs() < NEAR);
        tick.map_or_else(String::new, |(_, text)| text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_between_the_ends() {
        let axis = Axis::new(10.0..20.0, vec![(15.0, "half".to_owned())]);
        assert_eq!([5.0, 10.0, 15.0, 20.0, 99.0].map(|value| axis.map(&value, (100, 0))), [100, 100, 50, 0, 0]);
        assert_eq!((axis.format_ext(&15.0), axis.format_ext(&16.0)), ("half".to_owned(), String::new()));
        let nothing = Axis::plain(0.0);
        assert_eq!(nothing.map(&0.0, (0, 640)), 0);
    }
}
