//! The options of `flows` and `features` that say what rows are about, and what they are labelled by.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use crate::command::features::{Request, RowUnit, SplitTable};
use crate::command::{Target, label::Labels};
use crate::error::{Error, Result};
use crate::feature::{PacketSet, SetRequest};
use crate::rule::Pattern;

/// What a row is about.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Unit {
    /// A packet: of the sets bytes, nprint, headers
    Packet,
    /// A flow
    Flow,
    /// A sample: its totals (--set stats), and its first flow; of a capture without labels, the capture
    Sample,
}

/// What rows are about, and what they are labelled by.
#[derive(Debug, clap::Args)]
pub(super) struct RowArgs {
    /// What a row is about. Every sample has exactly one row of its own, also one without IP [default: by the set]
    #[arg(long, value_enum, value_name = "WHAT")]
    rows: Option<Unit>,
    /// Only the first N packets of each sample (of a capture without labels: of the capture)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    first: Option<u64>,
    /// Leave out packets with the bytes of one of the four before, in the same sample, as `editcap -d` does
    #[arg(long)]
    dedup: bool,
    /// Label captures that have no labels: by `filename` (the name without its end), by `directory` (that which holds the
    /// capture), by `regex REGEX` (of the name, with groups as in label --label-by-name), or by `csv FILE` (a labels file)
    #[arg(long, num_args = 1..=2, value_names = ["WHAT", "REGEX|FILE"])]
    label_from: Vec<String>,
    /// Add the column `split`, from a table sample_id,split
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    splits: Option<PathBuf>,
    /// Also write which flow of which sample each packet is in, or why it is in none (flow_id; first_packet where that would tell what
    /// is masked)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    packets: Option<PathBuf>,
    /// Write a directory with a file for each value of a column that stands before the set: label, split, file, a field
    #[arg(long, value_name = "COLUMN")]
    partition: Option<String>,
}

/// A name without directories, and without what tells its format.
const FILENAME: &str = r"(?:^|/)(?<label>[^/]+?)(?i:\.(?:pcap|pcapng|cap|dmp|ntar))?(?i:\.(?:gz|zst|xz|lz4))?$";

/// The directory that holds a capture.
const DIRECTORY: &str = "(?:^|/)(?<label>[^/]+)/[^/]+$";

/// What rows are about, as it is said, or as the sets have it.
pub(super) fn row_unit(said: Option<Unit>, set: &SetRequest) -> Result<RowUnit> {
    let only_totals = !set.sets.is_empty() && set.sets.iter().all(|set| set == "stats");
    let of_packets = PacketSet::of(set)?.is_some();
    Ok(match said {
        Some(Unit::Packet) => RowUnit::Packet,
        Some(Unit::Sample) => RowUnit::Sample,
        None if of_packets => RowUnit::Packet,
        None if only_totals => RowUnit::Sample,
        Some(Unit::Flow) | None => RowUnit::Flow,
    })
}

impl RowArgs {
    /// True if any of them is given.
    pub(super) fn is_given(&self) -> bool {
        let chosen = self.rows.is_some() || self.first.is_some() || self.dedup || self.splits.is_some();
        chosen || self.is_of_all_captures()
    }

    /// True if something is given that has no meaning for each capture by itself.
    pub(super) fn is_of_all_captures(&self) -> bool {
        !self.label_from.is_empty() || self.packets.is_some() || self.partition.is_some()
    }

    /// A request with these choices.
    pub(super) fn apply(&self, request: Request) -> Result<Request> {
        Ok(Request {
            rows: row_unit(self.rows, &request.set)?,
            first: self.first,
            dedup: self.dedup,
            label_from: self.labels()?,
            splits: self.splits.clone().map(SplitTable::File),
            packets: self.packets.clone().map(|path| Target { path, force: request.output.force }),
            partition: self.partition.clone(),
            ..request
        })
    }

    fn labels(&self) -> Result<Option<Labels>> {
        let pattern = |text: &str| Pattern::new(text).map(|pattern| Some(Labels::Names(pattern)));
        match self.label_from.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Ok(None),
            ["filename"] => pattern(FILENAME),
            ["directory"] => pattern(DIRECTORY),
            ["regex", regex] => pattern(regex),
            ["csv", file] => Ok(Some(Labels::File(file.into()))),
            _ => Err(Error::request(format!("--label-from {}: not understood", self.label_from.join(" ")))
                .advise("give filename, directory, regex REGEX, or csv FILE")),
        }
    }
}
