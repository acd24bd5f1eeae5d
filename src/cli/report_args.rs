//! The options of `report`, and the request that they become.

use std::path::PathBuf;

use clap::ValueHint;

use super::args::{Output, Strict};
use crate::command::report::Request;

/// Show a labelled capture on one page: labels, lengths, times, bytes, talkers, splits
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml report labelled.pcapng -o report.html
  pcapml report labelled.pcapng --splits splits.csv --title 'Apps 1.0' -o report.html

The page is one HTML file that loads nothing: it opens from a disk, light or dark, and prints. It shows samples, packets and
bytes of each label; distributions of lengths and of times between packets; traffic over time; lengths and directions of the first
24 packets; the entropy of each of the first 80 bytes of IP packets; link types; the addresses and conversations of most bytes; and,
with --splits, which part of each class is in which split. Addresses and labels stand on it: publish it with a dataset that
may show them.")]
pub struct Report {
    /// A labelled capture; `-` for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    output: Output,
    /// The splits of its samples: a table sample_id,split
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    splits: Option<PathBuf>,
    /// What the page is called [default: the dataset's name, or the file's]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    #[command(flatten)]
    strict: Strict,
}

impl Report {
    pub(super) fn request(&self) -> Request {
        Request {
            input: self.file.clone(),
            output: self.output.target(),
            splits: self.splits.clone(),
            title: self.title.clone(),
            strict: self.strict.strict,
        }
    }
}
