//! The options of `export`, and the request that they become.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ValueHint;

use super::args::Strict;
use super::feature_args::columns_help;
use super::mask_args::FeatureMasks;
use super::row_args::{Unit, row_unit};
use crate::command::Target;
use crate::command::export::huggingface;
use crate::error::Result;
use crate::feature::SetRequest;

/// Write a labelled capture as a dataset of another project
#[derive(Debug, clap::Args)]
pub struct Export {
    /// Whose.
    #[command(subcommand)]
    pub(super) to: ExportTo,
}

/// Whose dataset is written.
#[derive(Debug, clap::Subcommand)]
pub enum ExportTo {
    /// A directory that `datasets` of Hugging Face loads: Parquet files by split, and a README.md
    Huggingface(HuggingFace),
}

/// A directory that `datasets` of Hugging Face loads: Parquet files by split, and a README.md
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml export huggingface labelled.pcapng --splits splits.csv -o dataset/
      writes dataset/data/train-00000-of-00001.parquet … and dataset/README.md; a row for each sample
  pcapml export huggingface labelled.pcapng --set bytes:1500 --shard 1000 -o dataset/
      a row for each packet, all in the split train, and 1,000 samples in each file")]
pub struct HuggingFace {
    /// Labelled captures
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required = true)]
    files: Vec<PathBuf>,
    /// The directory to write, which must be empty or absent
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// A table sample_id,split; samples in no split are left out [default: all are in the split train]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    splits: Option<PathBuf>,
    /// The sets of columns, or files that list names of columns, one a line
    #[arg(long, value_delimiter = ',', value_name = "SETS", default_value = "stats", long_help = columns_help())]
    set: Vec<String>,
    /// Only the columns of these names, in this order
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    columns: Vec<String>,
    /// What a row is about [default: by the set]
    #[arg(long, value_enum, value_name = "WHAT")]
    rows: Option<Unit>,
    /// Only the first N packets of each sample
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    first: Option<u64>,
    /// At most so many samples in one Parquet file
    #[arg(long, value_name = "N", default_value = "10000")]
    shard: NonZeroUsize,
    #[command(flatten)]
    masks: FeatureMasks,
    #[command(flatten)]
    strict: Strict,
}

impl HuggingFace {
    pub(super) fn request(&self) -> Result<huggingface::Request> {
        let set = SetRequest { sets: self.set.clone(), columns: self.columns.clone(), ..SetRequest::default() };
        Ok(huggingface::Request {
            inputs: self.files.clone(),
            output: Target { path: self.output.clone(), force: false },
            splits: self.splits.clone(),
            rows: row_unit(self.rows, &set)?,
            set,
            first: self.first,
            shard: self.shard,
            mask: self.masks.mask(),
            allow_disallowed: self.masks.allow_disallowed(),
            strict: self.strict.strict,
        })
    }
}
