//! Where plotters draws: SVG whose colours are the page's to choose.
//!
//! Plotters knows colours as three bytes; ours are [`Ink`]s, what a mark is for. The canvas turns them back into classes
//! of the style sheet, so that one drawing serves both themes and the marks of a class can be found and shown by the
//! script. Cells of one level become one path: ten thousand of them are some ten bytes each.

use std::collections::BTreeMap;
use std::convert::Infallible;

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::{DrawingAreaErrorKind, DrawingBackend, IntoDrawingArea, RGBColor};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontTransform};

use super::text::{escaped, put};

/// What a mark is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// The lines behind marks.
    Grid,
    /// Axes, and what stands at them.
    Axis,
    /// A class, by its number.
    Class(u16),
    /// A cell of this level.
    Level(u8),
}

impl From<Ink> for RGBColor {
    fn from(ink: Ink) -> Self {
        match ink {
            Ink::Grid => Self(0, 0, 0),
            Ink::Axis => Self(1, 0, 0),
            Ink::Class(number) => {
                let [high, low] = number.to_be_bytes();
                Self(2, high, low)
            }
            Ink::Level(level) => Self(3, 0, level),
        }
    }
}

impl From<BackendColor> for Ink {
    fn from(color: BackendColor) -> Self {
        match color.rgb {
            (0, ..) => Self::Grid,
            (2, high, low) => Self::Class(u16::from_be_bytes([high, low])),
            (3, _, level) => Self::Level(level),
            _ => Self::Axis,
        }
    }
}

/// The result of drawing, which cannot fail for want of anything outside.
pub(super) type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<Infallible>>;

/// What was drawn.
#[derive(Debug, Default)]
pub(super) struct Marks {
    cells: BTreeMap<u8, String>,
    others: String,
}

impl Marks {
    /// Draws on an area of `size` pixels; the marks as SVG elements.
    ///
    /// # Errors
    /// Those of `draw`.
    pub(super) fn of(
        size: (u32, u32),
        draw: impl for<'a> FnOnce(&DrawingArea<Canvas<'a>, Shift>) -> Drawn,
    ) -> Drawn<String> {
        let mut marks = Self::default();
        draw(&Canvas { size, marks: &mut marks }.into_drawing_area())?;
        let mut svg = String::new();
        for (level, path) in marks.cells {
            put!(svg, r#"<path class="v{level}" d="{path}"/>"#);
        }
        Ok(svg + &marks.others)
    }
}

/// The backend of plotters.
#[derive(Debug)]
pub(super) struct Canvas<'m> {
    size: (u32, u32),
    marks: &'m mut Marks,
}

/// What a backend's methods return.
type Done = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Done {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.draw_path([from, to], style)
    }

    /// Cells are filled; nothing of ours has an outline.
    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Done {
        if let (Ink::Level(level), true) = (style.color().into(), fill) {
            let ((left, right), (top, bottom)) =
                ((from.0.min(to.0), from.0.max(to.0)), (from.1.min(to.1), from.1.max(to.1)));
            let path = self.marks.cells.entry(level).or_default();
            put!(path, "M{left} {top}h{}v{}H{left}z", right - left, bottom - top);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Done {
        let color = style.color();
        let path = path_data(path);
        if color.alpha > 0.0 && !path.is_empty() {
            let out = &mut self.marks.others;
            match color.into() {
                Ink::Class(number) => put!(out, r#"<path class="line" data-c="{number}" d="{path}"/>"#),
                Ink::Axis => put!(out, r#"<path class="axis" d="{path}"/>"#),
                Ink::Grid | Ink::Level(_) => put!(out, r#"<path class="grid" d="{path}"/>"#),
            }
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Done {
        let anchor = style.anchor();
        let (horizontal, up) = match anchor.h_pos {
            HPos::Left => ("start", anchor.v_pos),
            HPos::Center => ("middle", anchor.v_pos),
            HPos::Right => ("end", anchor.v_pos),
        };
        // Browsers agree on ems, and not on baselines by name.
        let down = match up {
            VPos::Top => ".8em",
            VPos::Center => ".32em",
            VPos::Bottom => "-.1em",
        };
        let turned = match style.transform() {
            FontTransform::None => String::new(),
            FontTransform::Rotate90 => format!(r#" transform="rotate(90 {x} {y})""#),
            FontTransform::Rotate180 => format!(r#" transform="rotate(180 {x} {y})""#),
            FontTransform::Rotate270 => format!(r#" transform="rotate(-90 {x} {y})""#),
        };
        let text = escaped(text);
        put!(
            self.marks.others,
            r#"<text x="{x}" y="{y}" dy="{down}" text-anchor="{horizontal}"{turned}>{text}</text>"#
        );
        Ok(())
    }
}

/// Points as the data of a path, in steps from one to the next; points that add nothing are left out.
fn path_data(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut points = points.into_iter();
    let Some((mut x, mut y)) = points.next() else { return String::new() };
    let mut path = format!("M{x} {y}");
    for (to_x, to_y) in points {
        match (to_x - x, to_y - y) {
            (0, 0) => {}
            (right, 0) => put!(path, "h{right}"),
            (0, down) => put!(path, "v{down}"),
            (right, down) => put!(path, "l{right} {down}"),
        }
        (x, y) = (to_x, to_y);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::prelude::{Color, PathElement, Rectangle, Text, TextStyle};

    #[test]
    fn inks_survive_as_colours() {
        for ink in [Ink::Grid, Ink::Axis, Ink::Class(0), Ink::Class(511), Ink::Level(27)] {
            let color: RGBColor = ink.into();
            assert_eq!(Ink::from(color.to_backend_color()), ink);
        }
    }

    #[test]
    fn marks_carry_classes_and_no_colours() {
        let svg = Marks::of((100, 50), |area| {
            let ink = |ink: Ink| RGBColor::from(ink);
            area.draw(&Rectangle::new([(0, 0), (10, 5)], ink(Ink::Level(3)).filled()))?;
            area.draw(&Rectangle::new([(10, 0), (20, 5)], ink(Ink::Level(3)).filled()))?;
            area.draw(&PathElement::new([(1, 1), (4, 1), (4, 1), (4, 9), (6, 6)], ink(Ink::Class(300))))?;
            area.draw(&Text::new("<a>", (5, 5), TextStyle::from(("sans-serif", 10))))
        });
        assert_eq!(
            svg.unwrap(),
            r#"<path class="v3" d="M0 0h10v5H0zM10 0h10v5H10z"/><path class="line" data-c="300" d="M1 1h3v8l2 -3"/><text x="5" y="5" dy=".8em" text-anchor="start">&lt;a&gt;</text>"#
        );
    }
}
