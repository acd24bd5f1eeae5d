//! Counts of labels, as rows of a table and as objects.

use serde_json::{Map, Value as Json, json};

use super::metrics::{Averages, Counts, Ratios};
use crate::table::{Column, ColumnKind, Table, Value};

/// A row for each label.
pub fn table(labels: &[(String, Counts)]) -> Table {
    Table { columns: columns(), rows: labels.iter().map(|(name, counts)| row(name, counts.ratios(), counts)).collect() }
}

/// A row for each average, with the sums of all counts.
pub fn average_rows(labels: &[(String, Counts)]) -> Vec<Vec<Value>> {
    let mut all = Counts::default();
    for (_, counts) in labels {
        all.support += counts.support;
        all.predicted += counts.predicted;
        all.correct += counts.correct;
    }
    averages(labels).named().into_iter().map(|(name, ratios)| row(name, ratios, &all)).collect()
}

/// The averages over labels.
pub fn averages(labels: &[(String, Counts)]) -> Averages {
    let counts: Vec<Counts> = labels.iter().map(|(_, counts)| *counts).collect();
    Averages::of(&counts)
}

/// An object for each label.
pub fn objects(labels: &[(String, Counts)]) -> Vec<Json> {
    let object = |(name, counts): &(String, Counts)| {
        let ratios = counts.ratios();
        json!({
            "label": name, "precision": ratios.precision, "recall": ratios.recall, "f1": ratios.f1,
            "support": counts.support, "predicted": counts.predicted, "correct": counts.correct,
        })
    };
    labels.iter().map(object).collect()
}

/// The averages by name.
pub fn average_objects(labels: &[(String, Counts)]) -> Map<String, Json> {
    let object = |ratios: Ratios| json!({"precision": ratios.precision, "recall": ratios.recall, "f1": ratios.f1});
    averages(labels).named().into_iter().map(|(name, ratios)| (name.to_owned(), object(ratios))).collect()
}

fn row(name: &str, ratios: Ratios, counts: &Counts) -> Vec<Value> {
    let reals = [ratios.precision, ratios.recall, ratios.f1].map(Value::Real);
    let whole = [counts.support, counts.predicted, counts.correct].map(Value::Count);
    std::iter::once(Value::Text(name.to_owned())).chain(reals).chain(whole).collect()
}

/// The columns of such rows.
pub fn columns() -> Vec<Column> {
    let real = |name, doc| Column::new(name, ColumnKind::Real, doc);
    let count = |name, doc| Column::new(name, ColumnKind::Count, doc);
    vec![
        Column::new("label", ColumnKind::Text, "The label."),
        real("precision", "Of what was taken for it, the share that is so."),
        real("recall", "Of what is so, the share that was taken for it."),
        real("f1", "The harmonic mean of precision and recall."),
        count("support", "How often it is the truth."),
        count("predicted", "How often it was taken for the truth."),
        count("correct", "How often rightly."),
    ]
}
