//! Curves of shares, one for each class, over one axis: which part of its packets is at most so large, or so late.

use plotters::prelude::{ChartBuilder, LineSeries, RGBColor, TextStyle};
use serde_json::{Value, json};

use super::axis::Axis;
use super::canvas::{Drawn, Ink, Marks};
use super::text::{escaped, put, seconds};

/// The drawing's size, in pixels.
const SIZE: (u32, u32) = (860, 380);

/// Ticks that can be written side by side.
const MANY: usize = 12;

/// The axis along which quantiles lie.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    /// Where it begins and ends; their logarithms if it is logarithmic.
    low: f64,
    high: f64,
    logarithmic: bool,
    /// What is written where.
    ticks: Vec<(f64, String)>,
    name: &'static str,
}

/// The unit of quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Bytes.
    Size,
    /// Seconds.
    Gap,
}

impl Scale {
    /// A scale for values of which `greatest` is the greatest.
    pub(super) fn of(measure: Measure, least: f64, greatest: f64) -> Self {
        match measure {
            Measure::Size if greatest <= 4096.0 => Self::plain_bytes(greatest),
            Measure::Size => Self::bytes(greatest),
            Measure::Gap => Self::seconds(least, greatest),
        }
    }

    fn plain_bytes(greatest: f64) -> Self {
        let step = if greatest <= 800.0 { 100.0 } else { 200.0 };
        let steps = (greatest / step).ceil().max(1.0) as u32;
        let ticks = (0..=steps).map(|at| (f64::from(at) * step, format!("{}", f64::from(at) * step))).collect();
        let high = f64::from(steps) * step;
        Self { low: 0.0, high, logarithmic: false, ticks, name: "length on the wire, bytes" }
    }

    fn bytes(greatest: f64) -> Self {
        let high = greatest.log2().ceil() as i32;
        let ticks = (5..=high).map(|power| (f64::from(power) * 2_f64.log10(), 2_u64.pow(power as u32).to_string()));
        let ticks = ticks.collect();
        let [low, high] = [5, high].map(|power| f64::from(power) * 2_f64.log10());
        Self { low, high, logarithmic: true, ticks, name: "length on the wire, bytes (logarithmic)" }
    }

    fn seconds(least: f64, greatest: f64) -> Self {
        let low = least.max(1e-7).log10().floor().min(2.0);
        let high = greatest.max(1e-6).log10().ceil().max(low + 1.0);
        let powers = low as i32..=high as i32;
        // Where there are many, every other one is written.
        let step = if powers.clone().count() > MANY { 2 } else { 1 };
        let written = |power: i32| if power % step == 0 { tick(power) } else { String::new() };
        let ticks = powers.map(|power| (f64::from(power), written(power))).collect();
        Self { low, high, logarithmic: true, ticks, name: "time since the packet before in the sample (logarithmic)" }
    }

    /// Where a value lies.
    fn place(&self, value: f64) -> f64 {
        let value = if self.logarithmic { value.max(1e-12).log10() } else { value };
        value.clamp(self.low, self.high)
    }
}

/// A power of ten of seconds.
fn tick(power: i32) -> String {
    match power {
        ..=1 => seconds(10_f64.powi(power)).replace(".00", "").replace(".0", ""),
        _ => format!("10{} s", superscript(power)),
    }
}

fn superscript(number: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    number.to_string().chars().filter_map(|digit| DIGITS.get(digit.to_digit(10)? as usize)).collect()
}

/// The drawing, and what a script must know to read values off it.
pub(super) struct Curves {
    pub(super) svg: String,
    pub(super) axis: Value,
}

/// Draws the quantiles of each class. The last classes come first, so that the first lie above them.
pub(super) fn draw(scale: &Scale, quantiles: &[&[f64]], alternative: &str) -> Drawn<Curves> {
    let mut frame = ((0, 0), (0, 0));
    let marks = Marks::of(SIZE, |area| {
        let xs = Axis::new(scale.low..scale.high, scale.ticks.clone());
        let ys =
            Axis::new(0.0..1.0, [0, 25, 50, 75, 100].map(|part| (f64::from(part) / 100.0, format!("{part} %"))).into());
        let mut chart = ChartBuilder::on(area)
            .margin_top(10)
            .margin_right(28)
            .x_label_area_size(46)
            .y_label_area_size(62)
            .build_cartesian_2d(xs, ys)?;
        let [grid, axis] = [Ink::Grid, Ink::Axis].map(RGBColor::from);
        chart
            .configure_mesh()
            .max_light_lines(0)
            .bold_line_style(grid)
            .axis_style(axis)
            .label_style(TextStyle::from(("sans-serif", 13)))
            .x_desc(scale.name)
            .y_desc("share of packets")
            .draw()?;
        for (number, quantiles) in quantiles.iter().enumerate().rev().filter(|(_, quantiles)| !quantiles.is_empty()) {
            let ink: RGBColor = Ink::Class(number as u16).into();
            chart.draw_series(LineSeries::new(steps(scale, quantiles), ink))?;
        }
        let (x, y) = chart.plotting_area().get_pixel_range();
        frame = ((x.start, x.end), (y.start, y.end));
        Ok(())
    })?;
    let (width, height) = SIZE;
    let mut svg = String::new();
    put!(svg, r#"<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-label="{}">"#, escaped(alternative));
    put!(svg, "{marks}</svg>");
    let ((left, right), (top, bottom)) = frame;
    let axis = json!({
        "x": [left, right], "y": [top, bottom], "from": scale.low, "to": scale.high, "log": scale.logarithmic,
    });
    Ok(Curves { svg, axis })
}

/// The stairs that a distribution function is: at each quantile it rises by one percent.
fn steps(scale: &Scale, quantiles: &[f64]) -> Vec<(f64, f64)> {
    let last = quantiles.len().saturating_sub(1).max(1) as f64;
    let mut points = vec![(scale.place(quantiles.first().copied().unwrap_or(scale.low)), 0.0)];
    let mut before = 0.0;
    for (number, value) in quantiles.iter().enumerate().skip(1) {
        let (x, share) = (scale.place(*value), number as f64 / last);
        points.extend([(x, before), (x, share)]);
        before = share;
    }
    points.push((scale.high, before));
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_cover_what_they_are_for() {
        let plain = Scale::of(Measure::Size, 60.0, 1514.0);
        assert_eq!((plain.low, plain.high, plain.ticks.len()), (0.0, 1600.0, 9));
        let wide = Scale::of(Measure::Size, 60.0, 65_549.0);
        assert_eq!(wide.ticks.last().unwrap().1, "131072");
        assert!(wide.place(65_549.0) < wide.high && wide.place(1.0) == wide.low);
        let gaps = Scale::of(Measure::Gap, 0.0, 3600.0);
        assert_eq!(
            gaps.ticks.iter().map(|tick| tick.1.as_str()).collect::<Vec<_>>().join(" "),
            "100 ns 1 µs 10 µs 100 µs 1 ms 10 ms 100 ms 1 s 10 s 10² s 10³ s 10⁴ s"
        );
        for measure in [Measure::Size, Measure::Gap] {
            let nothing = Scale::of(measure, 0.0, 0.0);
            assert!(nothing.high > nothing.low, "{nothing:?}");
        }
    }

    #[test]
    fn a_curve_rises_where_values_are() {
        let scale = Scale::of(Measure::Size, 0.0, 100.0);
        let points = steps(&scale, &[10.0, 10.0, 60.0]);
        assert_eq!(points, [(10.0, 0.0), (10.0, 0.0), (10.0, 0.5), (60.0, 0.5), (60.0, 1.0), (100.0, 1.0)]);
        let curves = draw(&scale, &[&[10.0, 10.0, 60.0], &[], &[100.0; 3]], "sizes").unwrap();
        assert_eq!(curves.svg.matches(r#"class="line""#).count(), 2);
        assert!(curves.svg.contains(r#"data-c="2""#) && !curves.svg.contains("NaN"));
    }
}
