//! Scores as tables.

use super::{FIGURES, Score};
use crate::publish::classes;
use crate::table::{Column, ColumnKind, Table, Value};

impl Score {
    /// Each figure, with its interval.
    pub fn figures_table(&self) -> Table {
        let real = |name, doc| Column::new(name, ColumnKind::Real, doc);
        let row = |name: &str, value: f64, ends: [Option<f64>; 2]| {
            vec![Value::Text(name.to_owned()), Value::Real(value), ends[0].into(), ends[1].into()]
        };
        let ends = |at: usize| match self.intervals.map(|intervals| intervals[at]) {
            Some(ends) => [Some(ends.low), Some(ends.high)],
            None => [None; 2],
        };
        let mut rows: Vec<Vec<Value>> =
            (0..FIGURES.len()).map(|at| row(&shown_name(FIGURES[at]), self.figures[at], ends(at))).collect();
        for (name, ratios) in self.averages().named() {
            rows.push(row(&format!("{name} precision"), ratios.precision, [None; 2]));
            rows.push(row(&format!("{name} recall"), ratios.recall, [None; 2]));
        }
        if let Some(calibration) = &self.calibration {
            rows.push(row("log loss", calibration.log_loss, [None; 2]));
            rows.push(row("Brier score", calibration.brier, [None; 2]));
            rows.push(row("expected calibration error", calibration.ece, [None; 2]));
        }
        let columns = vec![
            Column::new("figure", ColumnKind::Text, "What it is."),
            real("value", "Its value."),
            real("low", "The lower end of its interval."),
            real("high", "The upper end of its interval."),
        ];
        Table { columns, rows }
    }
}

/// The name of a figure, for people.
pub(super) fn shown_name(figure: &str) -> String {
    figure.replace('_', " ").replace("f1", "F1")
}

/// What is counted of each class of all scores; the first column names the score.
pub fn classes_table(scores: &[Score]) -> Table {
    let name = Column::new("predictions", ColumnKind::Text, "Whose predictions.");
    let rows = scores.iter().flat_map(|score| {
        let rows = classes::table(&score.classes).rows.into_iter();
        rows.map(|row| [vec![Value::Text(score.name.clone())], row].concat())
    });
    Table { rows: rows.collect(), columns: std::iter::once(name).chain(classes::columns()).collect() }
}
