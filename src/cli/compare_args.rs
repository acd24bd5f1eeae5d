//! The options of `compare`, and the request that they become.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::args::Force;
use crate::command::Target;
use crate::command::compare::Request;
use crate::error::{Error, Result};
use crate::sink::TableFormat;

/// How figures are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum CompareFormat {
    /// Aligned columns
    Table,
    /// A row for each label, average and count of packets
    Csv,
    /// One object
    Json,
}

/// Compare two labellings of the same traffic, packet by packet
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml label merged.pcap --flows records.csv --keep-unlabeled -o truth.pcapng
  pcapml label merged.pcap --labels rules.pcapml -o test.pcapng
  pcapml compare truth.pcapng test.pcapng
      precision, recall and F1 of each label, averages over labels, and what is taken for what
  pcapml compare truth.pcapng test.pcapng --format json -o compared.json --confusion matrix.csv

A packet of one capture is that of the other which has its time, its length on the wire and its bytes, wherever it stands.
Times are compared in the coarser of the captures' units. Identical packets with one time cannot be told apart: they are
paired so that as many as possible agree, and counted (twins; ambiguous, where their labels differ).

A packet that one capture lacks counts as unlabelled there: labelling leaves out what no rule matches. --matched-only leaves
it out. Of such packets are counted copies of one that the other has too, and those whose bytes alone differ from one of the
other, at the same time and as long on the wire: one capture was cut or anonymised, and the figures say little. Agreement is
told of all packets, and of those that either capture labels. A packet with several labels agrees if the other has the same set; in the figures of each label, each of its labels
counts. Averages are over labels that either capture has, ratios of nothing are 0, as in scikit-learn. In the matrix stand
(none) for no label, (absent) for a packet that is not there, and a + b for packets with both labels; a label that holds
such a + is in quotes.

Memory: 24 bytes for each packet of both captures.")]
pub struct Compare {
    /// The labelled capture that is right
    #[arg(value_hint = ValueHint::FilePath)]
    truth: PathBuf,
    /// The labelled capture that is judged
    #[arg(value_hint = ValueHint::FilePath)]
    test: PathBuf,
    /// Leave packets out that are in one of the captures only
    #[arg(long)]
    matched_only: bool,
    /// Where the figures go; `-` for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    force: Force,
    /// How they are written [default: by the output's name, otherwise table]
    #[arg(long, value_enum)]
    format: Option<CompareFormat>,
    /// Write a CSV of what is taken for what: rows of the truth, columns of the test
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    confusion: Option<PathBuf>,
}

impl Compare {
    pub(super) fn request(&self) -> Result<Request> {
        distinct(&[Some(&self.output), self.confusion.as_ref()])?;
        Ok(Request {
            truth: self.truth.clone(),
            test: self.test.clone(),
            matched_only: self.matched_only,
            output: Target { path: self.output.clone(), force: self.force.force },
            format: match (self.format, self.output.extension().and_then(|end| end.to_str())) {
                (Some(CompareFormat::Csv), _) | (None, Some("csv")) => TableFormat::Csv,
                (Some(CompareFormat::Json), _) | (None, Some("json")) => TableFormat::Json,
                (Some(CompareFormat::Table), _) | (None, _) => TableFormat::Aligned,
            },
            confusion: self.confusion.clone(),
        })
    }
}

/// Sees that outputs do not overwrite each other.
pub(super) fn distinct(outputs: &[Option<&PathBuf>]) -> Result<()> {
    let mut seen = HashSet::new();
    match outputs.iter().flatten().find(|path| !seen.insert(**path)) {
        Some(path) => Err(Error::request("two outputs of one name").in_file(path)),
        None => Ok(()),
    }
}
