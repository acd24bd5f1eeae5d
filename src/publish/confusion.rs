//! What is taken for what: a count for each pair of a truth and an answer.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::error::{Error, Result};
use crate::table::{Column, ColumnKind, Table, Value};

/// What stands for having no label.
pub const NONE: &str = "(none)";

/// What stands for something that is not there, and so has no label either.
pub const ABSENT: &str = "(absent)";

/// The most names that a matrix is written of: it has a cell for each pair of them.
pub const MAX_NAMES: usize = 2_000;

/// Counts of pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confusion {
    /// The names of truths and answers, in the order of rows and columns.
    pub names: Vec<String>,
    /// How often a truth (by number) had an answer (by number).
    pub cells: BTreeMap<(usize, usize), u64>,
}

/// A truth and another answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistake<'a> {
    /// What it is.
    pub truth: &'a str,
    /// What it was taken for.
    pub answer: &'a str,
    /// How often.
    pub count: u64,
}

impl Confusion {
    /// Everything that was taken for something else: the most frequent first, equals by their names' order.
    pub fn mistakes(&self) -> Vec<Mistake<'_>> {
        let name = |at: usize| self.names[at].as_str();
        let has_none = |at: usize| [NONE, ABSENT].contains(&name(at));
        let is_wrong = |&(&(truth, answer), &count): &(&(usize, usize), &u64)| {
            truth != answer && !(has_none(truth) && has_none(answer)) && count > 0
        };
        let mistake = |(&(truth, answer), &count): (&(usize, usize), &u64)| Mistake {
            truth: name(truth),
            answer: name(answer),
            count,
        };
        let mut mistakes: Vec<Mistake<'_>> = self.cells.iter().filter(is_wrong).map(mistake).collect();
        // The sort is stable, and cells stand in the order of their names.
        mistakes.sort_by_key(|mistake| std::cmp::Reverse(mistake.count));
        mistakes
    }

    /// An object for each cell that is not 0: `truth`, `answer`, and the count under this name.
    pub fn objects(&self, counted: &str) -> Vec<Json> {
        let cells = self.cells.iter().filter(|(_, count)| **count > 0);
        cells
            .map(|(&(truth, answer), &count)| {
                json!({"truth": self.names[truth], "answer": self.names[answer], counted: count})
            })
            .collect()
    }

    /// A row for each truth, a column for each answer.
    ///
    /// # Errors
    /// If there are more than [`MAX_NAMES`].
    pub fn matrix(&self) -> Result<Table> {
        if self.names.len() > MAX_NAMES {
            let text = format!("a matrix of {} labels; the limit is {MAX_NAMES}", self.names.len());
            return Err(Error::request(text).advise("--format json lists the cells that are not 0"));
        }
        let mut columns = vec![Column::new("truth", ColumnKind::Text, "What it is.")];
        let answer = |name| Column::new(name, ColumnKind::Count, "How often it was taken for this.");
        columns.extend(self.names.iter().map(answer));
        let cell = |truth, answer| Value::Count(self.cells.get(&(truth, answer)).copied().unwrap_or_default());
        let rows = self.names.iter().enumerate().map(|(truth, name)| {
            let cells = (0..self.names.len()).map(|answer| cell(truth, answer));
            std::iter::once(Value::Text(name.clone())).chain(cells).collect()
        });
        Ok(Table { rows: rows.collect(), columns })
    }
}

/// The mistakes as a table, of which the first so many.
pub fn mistakes_table(mistakes: &[Mistake<'_>], shown: usize, unit: &str) -> Table {
    let row = |mistake: &Mistake<'_>| {
        let text = |text: &str| Value::Text(text.to_owned());
        vec![text(mistake.truth), text(mistake.answer), Value::Count(mistake.count)]
    };
    Table {
        columns: vec![
            Column::new("truth", ColumnKind::Text, "What it is."),
            Column::new("taken for", ColumnKind::Text, "What it was taken for."),
            Column::new(unit, ColumnKind::Count, "How often."),
        ],
        rows: mistakes.iter().take(shown).map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_the_cells_off_the_diagonal_the_most_frequent_first() {
        let names = ["a", "b", NONE, ABSENT].map(str::to_owned).to_vec();
        let cells = BTreeMap::from([((0, 0), 9), ((0, 1), 1), ((1, 0), 2), ((1, 2), 1), ((2, 2), 5), ((2, 3), 7)]);
        let confusion = Confusion { names, cells };
        let told: Vec<_> = confusion.mistakes().iter().map(|m| (m.truth, m.answer, m.count)).collect();
        assert_eq!(told, [("b", "a", 2), ("a", "b", 1), ("b", NONE, 1)]);
        let matrix = confusion.matrix().unwrap();
        assert_eq!(
            matrix.rows[1],
            [Value::Text("b".to_owned()), Value::Count(2), Value::Count(0), Value::Count(1), Value::Count(0)]
        );
        let many = Confusion { names: vec![String::new(); MAX_NAMES + 1], ..Confusion::default() };
        assert!(many.matrix().unwrap_err().to_string().contains("a matrix of 2001 labels"));
    }
}
