//! Several predictions for one truth, the best first.

use super::shown::shown_name;
use super::{FIGURES, Score};
use crate::table::{Column, ColumnKind, Table, Value};

/// Scores in order: by macro F1, the highest first; of equals, as they were given.
pub fn ranked(mut scores: Vec<Score>) -> Vec<Score> {
    // The sort is stable.
    scores.sort_by(|one, other| other.figures[0].total_cmp(&one.figures[0]));
    scores
}

/// Every figure of each, for programs; the first column is the rank, which equals share.
pub fn table(ranked: &[Score]) -> Table {
    let count = |name: &str, doc| Column::new(name, ColumnKind::Count, doc);
    let real = |name: String, doc| Column::new(name, ColumnKind::Real, doc);
    let mut columns = vec![
        count("rank", "The place by macro F1."),
        Column::new("predictions", ColumnKind::Text, "Whose predictions."),
        count("samples", "Samples that count."),
        count("groups", "The groups that they are in."),
        count("missing", "Samples without a prediction."),
    ];
    for figure in FIGURES {
        columns.push(real(figure.to_owned(), "The figure."));
        columns.push(real(format!("{figure}_low"), "The lower end of its interval."));
        columns.push(real(format!("{figure}_high"), "The upper end of its interval."));
    }
    for (name, doc) in [
        ("log_loss", "The mean of -ln p of the true class."),
        ("brier", "The Brier score, from 0 to 2."),
        ("ece", "The expected calibration error."),
    ] {
        columns.push(real(name.to_owned(), doc));
    }
    let rows = ranked.iter().map(|score| {
        let mut row = vec![Value::Count(rank(ranked, score)), Value::Text(score.name.clone())];
        row.extend([score.samples, score.groups as u64, score.missing].map(Value::Count));
        for (at, value) in score.figures.iter().enumerate() {
            let interval = score.intervals.map(|intervals| intervals[at]);
            row.extend([Some(*value), interval.map(|ends| ends.low), interval.map(|ends| ends.high)].map(Value::from));
        }
        let calibration = score.calibration.as_ref();
        row.extend(calibration.map_or([None; 3], |c| [c.log_loss, c.brier, c.ece].map(Some)).map(Value::from));
        row
    });
    Table { rows: rows.collect(), columns }
}

/// The figures that are compared, for people: each with its interval.
pub fn shown(ranked: &[Score]) -> Table {
    let count = |name: &str, doc| Column::new(name, ColumnKind::Count, doc);
    let mut columns = vec![
        count("rank", "The place by macro F1."),
        Column::new("predictions", ColumnKind::Text, "Whose predictions."),
    ];
    let named = |name: &str| Column::new(shown_name(name), ColumnKind::Text, "The figure.");
    columns.extend(FIGURES.map(named));
    columns.push(count("missing", "Samples without a prediction."));
    let rows = ranked.iter().map(|score| {
        let mut row = vec![Value::Count(rank(ranked, score)), Value::Text(score.name.clone())];
        row.extend((0..FIGURES.len()).map(|at| Value::Text(with_interval(score, at))));
        row.push(Value::Count(score.missing));
        row
    });
    Table { rows: rows.collect(), columns }
}

fn with_interval(score: &Score, at: usize) -> String {
    let value = score.figures[at];
    match score.intervals.map(|intervals| intervals[at]) {
        Some(ends) => format!("{value:.4} ({:.4}–{:.4})", ends.low, ends.high),
        None => format!("{value:.4}"),
    }
}

fn rank(ranked: &[Score], score: &Score) -> u64 {
    1 + ranked.iter().filter(|other| other.figures[0] > score.figures[0]).count() as u64
}
