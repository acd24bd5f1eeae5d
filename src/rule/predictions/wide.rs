//! A row for each sample: its label, and a column for each class.

use super::super::csv_text::{self, Record};
use super::super::sample_labels::{SampleLabels, column, id_column, id_of};
use super::chances::{Chart, probability};
use super::{Prediction, Predictions};
use crate::error::{Error, Result};

/// What a column of probabilities is named before the name of its class.
const PREFIX: &str = "p_";

/// Which columns hold what.
pub(super) struct Wide {
    columns: usize,
    id: usize,
    label: Option<usize>,
    /// Columns of probabilities, and their classes.
    classes: Vec<(usize, String)>,
    unused: Vec<String>,
}

impl Wide {
    pub(super) fn of(header: &Record, truth: &SampleLabels) -> Result<Self> {
        let (id, label) = (id_column(header)?, column(header, "label"));
        let known = truth.classes();
        let mut wide = Self { columns: header.fields.len(), id, label, classes: Vec::new(), unused: Vec::new() };
        for (at, name) in header.fields.iter().enumerate().filter(|(at, _)| *at != id && Some(*at) != label) {
            let class = match known.contains(name) {
                true => Some(name),
                false => name.strip_prefix(PREFIX),
            };
            let Some(class) = class else {
                wide.unused.push(name.to_owned());
                continue;
            };
            if wide.classes.iter().any(|(_, other)| other == class) {
                let fault = Error::labels(format!("two columns of the probability of '{class}'"));
                return Err(fault.at_line(header.line, Some(at as u64 + 1)));
            }
            wide.classes.push((at, class.to_owned()));
        }
        match label.is_none() && wide.classes.is_empty() {
            true => Err(csv_text::no_column(
                "label",
                header,
                "the first line names the columns: sample_id,label and, for probabilities, p_CLASS of each class",
            )),
            false => Ok(wide),
        }
    }

    pub(super) fn read(&self, bytes: &[u8], truth: &SampleLabels, into: &mut Predictions) -> Result<()> {
        into.has_probabilities = !self.classes.is_empty();
        into.unused.clone_from(&self.unused);
        let mut header = true;
        csv_text::each_row(bytes, |record| match std::mem::take(&mut header) {
            true => Ok(()),
            false => self.row(record, truth, into),
        })
    }

    fn row(&self, record: &Record, truth: &SampleLabels, into: &mut Predictions) -> Result<()> {
        record.expect(self.columns)?;
        let fault = |text: String, at: usize| Error::labels(text).at_line(record.line, Some(at as u64 + 1));
        let id = id_of(record, self.id)?;
        let label = self.label.map(|at| &record.fields[at]);
        if let (Some(""), Some(at)) = (label, self.label) {
            return Err(fault(format!("no label of sample {id}"), at).advise("leave out what has no prediction"));
        }
        let Some(is) = truth.of(id) else {
            into.pass_over(id, record.line, truth);
            return Ok(());
        };
        let mut chart = Chart::default();
        for (at, class) in &self.classes {
            let value = probability(&record.fields[*at]).map_err(|text| fault(text, *at))?;
            chart.add(class, value, is, label);
        }
        let chances = match self.classes.is_empty() {
            true => None,
            false => {
                let chances = chart.chances(label.is_some());
                let fault = |text| Error::labels(text).at_line(record.line, None).advise(self.advice());
                Some(chances.map_err(fault)?)
            }
        };
        let label = label.or(chart.leader()).unwrap_or_default();
        let prediction = Prediction { label: into.number(label), chances };
        match into.of.insert(id, prediction) {
            Some(_) => Err(fault(format!("sample {id} has a prediction already"), self.id)),
            None => Ok(()),
        }
    }

    /// What to do where probabilities are not 1 together.
    fn advice(&self) -> String {
        match self.unused.as_slice() {
            [] => "a column for every class, with enough digits".to_owned(),
            [name, ..] => {
                format!("the column '{name}' is no class of the truth: if it holds probabilities, name it p_{name}")
            }
        }
    }
}
