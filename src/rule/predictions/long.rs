//! A row for each class of each sample: `sample_id,class,probability`.

use std::collections::{BTreeMap, HashSet};

use super::super::csv_text::{self, Record};
use super::super::sample_labels::{SampleLabels, column, id_column, id_of};
use super::chances::{Chart, probability};
use super::{Prediction, Predictions};
use crate::error::{Error, Result};
use crate::packet::SampleId;

/// Which columns hold what.
pub(super) struct Long {
    columns: usize,
    id: usize,
    class: usize,
    probability: usize,
    unused: Vec<String>,
}

/// A sample's rows so far.
struct Pile {
    /// The line of its first row.
    line: u64,
    /// Each class and its probability.
    rows: Vec<(u32, f64)>,
}

impl Long {
    pub(super) fn of(header: &Record) -> Result<Self> {
        let missing = |name: &str| Error::labels(format!("no column '{name}'")).at_line(header.line, None);
        let place = |name: &str| column(header, name).ok_or_else(|| missing(name));
        if let Some(at) = column(header, "label") {
            let fault = Error::labels("a label beside a class and its probability");
            return Err(fault
                .at_line(header.line, Some(at as u64 + 1))
                .advise("in such a table the most probable class is the label: leave the column out"));
        }
        let (id, class, probability) = (id_column(header)?, place("class")?, place("probability")?);
        let mine = [id, class, probability];
        let others = header.fields.iter().enumerate().filter(|(at, _)| !mine.contains(at));
        let unused = others.map(|(_, name)| name.to_owned()).collect();
        Ok(Self { columns: header.fields.len(), id, class, probability, unused })
    }

    pub(super) fn read(&self, bytes: &[u8], truth: &SampleLabels, into: &mut Predictions) -> Result<()> {
        into.has_probabilities = true;
        into.unused.clone_from(&self.unused);
        let mut header = true;
        let mut piles = BTreeMap::new();
        let mut met = HashSet::new();
        csv_text::each_row(bytes, |record| match std::mem::take(&mut header) {
            true => Ok(()),
            false => {
                let (id, class, probability) = self.row(record, into)?;
                if truth.of(id).is_none() {
                    into.pass_over(id, record.line, truth);
                    return Ok(());
                }
                if !met.insert((id, class)) {
                    let text = format!("sample {id} has a probability of '{}' already", into.label(class));
                    return Err(Error::labels(text).at_line(record.line, Some(self.class as u64 + 1)));
                }
                let pile = piles.entry(id).or_insert(Pile { line: record.line, rows: Vec::new() });
                pile.rows.push((class, probability));
                Ok(())
            }
        })?;
        piles.into_iter().try_for_each(|(id, pile)| pile.end(id, truth, into))
    }

    fn row(&self, record: &Record, into: &mut Predictions) -> Result<(SampleId, u32, f64)> {
        record.expect(self.columns)?;
        let fault = |text: String, at: usize| Error::labels(text).at_line(record.line, Some(at as u64 + 1));
        let id = id_of(record, self.id)?;
        let class = &record.fields[self.class];
        if class.is_empty() {
            return Err(fault("no class".to_owned(), self.class));
        }
        let value = probability(&record.fields[self.probability]).map_err(|text| fault(text, self.probability))?;
        Ok((id, into.number(class), value))
    }
}

impl Pile {
    fn end(self, id: SampleId, truth: &SampleLabels, into: &mut Predictions) -> Result<()> {
        let mut chart = Chart::default();
        for (class, probability) in &self.rows {
            chart.add(into.label(*class), *probability, truth.of(id).unwrap_or_default(), None);
        }
        let leader = chart.leader().unwrap_or_default();
        let label = into.numbers.get(leader).copied().unwrap_or_default();
        let chances = chart.chances(false).map_err(|text| {
            let fault = Error::labels(format!("of sample {id} {text}")).at_line(self.line, None);
            fault.advise("a row for every class, with enough digits")
        })?;
        into.of.insert(id, Prediction { label, chances: Some(chances) });
        Ok(())
    }
}
