//! What somebody takes samples for: a table `sample_id,label`, with probabilities of classes if there are any.
//!
//! Probabilities stand in further columns, each named by its class or `p_CLASS`; or the table is long, `sample_id,class,
//! probability`, with a row for each class of each sample. Without a column of labels the most probable class is the
//! label, and of equals the one whose name comes first.
//!
//! Of a sample's probabilities only what is scored is kept ([`Chances`]): memory does not grow with the number of classes.

mod chances;
mod long;
mod wide;

use std::collections::HashMap;
use std::path::Path;

use super::csv_text;
use super::sample_labels::{SampleLabels, column};
use crate::error::{Error, Result};
use crate::packet::SampleId;
pub use chances::Chances;
use long::Long;
use wide::Wide;

/// Predictions for samples.
#[derive(Debug, Default)]
pub struct Predictions {
    of: HashMap<SampleId, Prediction>,
    labels: Vec<String>,
    numbers: HashMap<String, u32>,
    has_probabilities: bool,
    unused: Vec<String>,
    /// Rows of samples whose label the truth does not tell.
    unjudged: u64,
    /// Ids that the truth does not know: the first with its line, and how many rows there are.
    unknown: Option<(SampleId, u64, u64)>,
}

/// What one sample is taken for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The number of its label; see [`Predictions::label`].
    pub label: u32,
    /// What the probabilities say, if there are any.
    pub chances: Option<Chances>,
}

impl Predictions {
    /// Reads a table of predictions for samples of which the truth is known.
    ///
    /// # Errors
    /// The first defect, with file, line and column; an id that the truth does not know, or that stands twice.
    pub fn read(path: &Path, truth: &SampleLabels) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        Self::parse(&bytes, truth).map_err(|error| error.in_file(path))
    }

    pub(crate) fn parse(bytes: &[u8], truth: &SampleLabels) -> Result<Self> {
        let Some(header) = csv_text::first(bytes)? else {
            return Err(Error::labels("an empty table").advise("the first line names the columns: sample_id,label"));
        };
        let mut predictions = Self::default();
        match column(&header, "class").is_some() && column(&header, "probability").is_some() {
            true => Long::of(&header)?.read(bytes, truth, &mut predictions)?,
            false => Wide::of(&header, truth)?.read(bytes, truth, &mut predictions)?,
        }
        match predictions.unknown {
            None => Ok(predictions),
            Some((id, line, rows)) => {
                let more = if rows > 1 { format!(" ({rows} rows are of such samples)") } else { String::new() };
                let fault = Error::labels(format!("the truth knows no sample {id}{more}"));
                Err(fault.at_line(line, None).advise("see that truth and predictions are of one dataset"))
            }
        }
    }

    /// What a sample is taken for, if there is a prediction.
    pub fn of(&self, id: SampleId) -> Option<Prediction> {
        self.of.get(&id).copied()
    }

    /// The text of a label.
    pub fn label(&self, number: u32) -> &str {
        &self.labels[number as usize]
    }

    /// How many predictions there are.
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// How many rows are of samples whose label the truth does not tell; they are no predictions here.
    pub fn unjudged(&self) -> u64 {
        self.unjudged
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// True if classes have probabilities.
    pub fn has_probabilities(&self) -> bool {
        self.has_probabilities
    }

    /// The columns that are neither labels nor probabilities of a class.
    pub fn unused_columns(&self) -> &[String] {
        &self.unused
    }

    fn number(&mut self, label: &str) -> u32 {
        if let Some(number) = self.numbers.get(label) {
            return *number;
        }
        let number = self.labels.len() as u32;
        self.labels.push(label.to_owned());
        self.numbers.insert(label.to_owned(), number);
        number
    }

    /// Passes a row over, because the truth does not tell the sample's label.
    fn pass_over(&mut self, id: SampleId, line: u64, truth: &SampleLabels) {
        match truth.is_unlabelled(id) {
            true => self.unjudged += 1,
            false => self.unknown.get_or_insert((id, line, 0)).2 += 1,
        }
    }
}

#[cfg(test)]
mod tests;
