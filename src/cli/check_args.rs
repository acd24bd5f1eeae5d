//! The options of `check` and `diff`, and the requests that they become.

use std::path::PathBuf;

use clap::ValueHint;

use super::args::Format;
use crate::command::{check, diff};

/// See whether a labelled capture is sound, and still what its lists say
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml check labelled.pcapng
      one id with two labels, comments that look like labels and are none, packets of no sample
  pcapml check labelled.pcapng --splits splits/splits.csv
      also ids that are missing, unknown or in two splits, and, by contents.csv beside splits.csv, changed labels and
      packets; without contents.csv only whether anything changed
  pcapml check train.pcapng --splits splits/splits.csv --split train --ids splits/train.txt

The table names all that was looked for: what the sample table does not tell is not compared, and has no row. With a table of
splits that pcapml partition wrote, its comments and the lists beside it must say the same. Exit status 2 if anything was found. Packets count in the order in which they stand:
a sample whose times run backwards has other content after pcapml sort.")]
pub struct Check {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// A table sample_id,split, as pcapml partition writes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    splits: Option<PathBuf>,
    /// The sample table: sample_id,label,sha256 [default: contents.csv beside --splits, if it is there]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    samples: Option<PathBuf>,
    /// A list of ids, of the split that it says, or else that its name is; may be repeated
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ids: Vec<PathBuf>,
    /// The capture is to hold this split only; may be repeated
    #[arg(long, value_name = "NAME", requires = "splits")]
    split: Vec<String>,
    /// Packets of no sample are no fault
    #[arg(long)]
    allow_unlabeled: bool,
    /// How to print the table
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Check {
    pub(super) fn request(&self) -> check::Request {
        check::Request {
            input: self.file.clone(),
            splits: self.splits.clone(),
            samples: self.samples.clone(),
            lists: self.ids.clone(),
            asked: self.split.clone(),
            allow_unlabelled: self.allow_unlabeled,
            format: self.format.into(),
        }
    }
}

/// Tell what changed between two versions of a dataset, and which step of its version that is
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml diff v1.pcapng v2.pcapng
  pcapml diff v1/contents.csv v2.pcapng --list --format csv      a row for each change of a sample

A name that ends in .csv is a table sample_id,label,sha256 (contents.csv of pcapml partition, with challenge_labels.csv beside \
it, if that is there; samples.csv of a release); anything else is a labelled capture. Fields are compared between captures. The step, as MLCommons Croissant has it: major if samples \
were removed, or have another label, other packets, other values of fields or fewer fields: results on the old version say \
nothing of the new one; minor if samples or fields were added; patch if no sample changed. Samples whose label or packets a \
table does not tell are counted as unknown, and there is no step then but major. Whatever changed, the exit status is 0.")]
pub struct Diff {
    /// The old version: a labelled capture, or a table of samples
    #[arg(value_name = "OLD", value_hint = ValueHint::FilePath)]
    old: PathBuf,
    /// The new version
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    new: PathBuf,
    /// A row for each change of a sample, instead of their sums
    #[arg(long)]
    list: bool,
    /// How to print the table
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Diff {
    pub(super) fn request(&self) -> diff::Request {
        diff::Request { old: self.old.clone(), new: self.new.clone(), list: self.list, format: self.format.into() }
    }
}
