//! Every option, defined once: its name, its help, its values, and the request that it becomes.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Parser, ValueEnum, ValueHint};

use super::anonymize_args::Anonymize;
use super::check_args::{Check, Diff};
use super::compare_args::Compare;
use super::dissect_args::Dissect;
use super::export_args::Export;
use super::feature_args::{Features, Flows};
use super::label_args::{Label, Relabel};
use super::legacy::Legacy;
use super::lint_args::Lint;
use super::mask_args::MaskArgs;
use super::partition_args::Partition;
use super::print_args::Print;
use super::release_args::{Release, Verify};
use super::report_args::Report;
use super::score_args::Score;
use super::size;
use super::split_args::Split;
use super::stream_args::Streams;
use super::talker_args::Talkers;
use crate::command::convert::Chunks;
use crate::command::sort::By;
use crate::command::{Target, cat, convert, samples, select, sort, strip, summary};
use crate::error::{Error, Result};
use crate::sink::{Container, TableFormat};

/// The default of `--memory`.
pub(super) const MEMORY: &str = "512M";

const EXIT_STATUS: &str = "Exit status: 0 done; 1 wrong use, or nothing could be done; 2 done, but some input was bad.\n\
    Faults are told on standard error with the file, and its line, or the block's number and byte offset.";

/// Couples network captures with labels: one pcapng in which every packet carries a comment `sampleID,label`
#[derive(Debug, Parser)]
#[command(name = "pcapml", version, max_term_width = 100, after_help = EXIT_STATUS)]
#[command(subcommand_help_heading = "Commands", arg_required_else_help = true)]
pub struct Args {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The options of pcapml 0.3.
    #[command(flatten)]
    pub legacy: Legacy,
    /// The command.
    #[command(subcommand)]
    pub command: Option<Subcommand>,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Threads that may work; the output is the same for any number [default: the number of processors]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Tell faults only: no notes, no progress
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl Global {
    /// How many threads may work.
    pub fn threads(&self) -> usize {
        match self.threads {
            Some(threads) => threads.into(),
            None => std::thread::available_parallelism().map_or(1, Into::into),
        }
    }
}

/// The commands.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Label captures: by a table of files, by rules, flow records, hosts, interfaces, comments
    Label(Box<Label>),
    /// Give the samples of a labelled capture other labels, and keep their ids
    Relabel(Relabel),
    /// Sort a labelled capture by sample id and time
    Sort(Sort),
    /// Write one pcap for each sample, or for each flow, and a metadata.csv
    Split(Split),
    /// Take the labels out of a capture
    Strip(Strip),
    /// List the samples of a labelled capture
    Samples(Samples),
    /// Sum up packets, bytes and samples of each label
    Summary(Summary),
    /// Take some samples out of a labelled capture
    Select(Select),
    /// Say which samples are for training, validation and testing, as lists
    Partition(Box<Partition>),
    /// See whether a labelled capture is sound, and still what its lists say
    Check(Check),
    /// Tell what changed between two versions of a dataset
    Diff(Diff),
    /// Replace addresses and names, and drop payloads, before a capture is published
    Anonymize(Anonymize),
    /// Join labelled captures
    Cat(Cat),
    /// Convert between pcap and pcapng, repair times, cut into chunks
    Convert(Convert),
    /// A row for each flow: ends, times, packets, bytes, flags
    Flows(Box<Flows>),
    /// Features of every flow, in named sets
    Features(Box<Features>),
    /// What was said: conversations, messages, exchanges, logins
    Dissect(Box<Dissect>),
    /// What both sides of every conversation sent, as bytes
    Streams(Box<Streams>),
    /// Print one line for each packet
    Print(Print),
    /// Who sent how much to whom: a row for each pair of ends and interval, or each packet
    Talkers(Talkers),
    /// What a reviewer would find: leaks, shortcuts, noise, secrets
    Lint(Lint),
    /// Make a directory that others can check, cite and train on
    Release(Release),
    /// Check a release: digests, captures, lists and tables against each other
    Verify(Verify),
    /// Compare two labellings of the same traffic, packet by packet
    Compare(Compare),
    /// Score predictions against the truth
    Score(Score),
    /// Show a labelled capture on one page: labels, lengths, times, bytes, talkers, splits
    Report(Report),
    /// Write a labelled capture as a dataset of another project
    Export(Export),
    /// Print the completions of a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Where output goes.
#[derive(Debug, Clone, clap::Args)]
pub struct Output {
    /// The output; `-` for standard output. A name that ends in .gz or .zst is packed
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    #[command(flatten)]
    force: Force,
}

/// Whether output may replace what is there.
#[derive(Debug, Clone, clap::Args)]
pub struct Force {
    /// Replace what is there
    #[arg(short, long)]
    pub(super) force: bool,
}

impl Output {
    pub(super) fn target(&self) -> Target {
        Target { path: self.output.clone(), force: self.force.force }
    }
}

/// How careful to be.
#[derive(Debug, Clone, clap::Args)]
pub struct Strict {
    /// Write nothing if the input is faulty
    #[arg(long)]
    pub(super) strict: bool,
}

/// The formats of tables.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// Aligned columns
    Table,
    /// RFC 4180, with a header
    Csv,
    /// An array of objects
    Json,
}

impl From<Format> for TableFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Table => Self::Aligned,
            Format::Csv => Self::Csv,
            Format::Json => Self::Json,
        }
    }
}

/// Formats of captures.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum CaptureFormat {
    /// One link type, no comments
    Pcap,
    /// Everything
    Pcapng,
}

impl From<CaptureFormat> for Container {
    fn from(format: CaptureFormat) -> Self {
        match format {
            CaptureFormat::Pcap => Self::Pcap,
            CaptureFormat::Pcapng => Self::Pcapng,
        }
    }
}

/// Sort a labelled capture by sample id and time
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml sort labelled.pcapng -o sorted.pcapng
  pcapml sort sorted.pcapng --by time -o as-captured.pcapng")]
pub struct Sort {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    output: Output,
    /// The order
    #[arg(long, value_enum, default_value = "id", value_name = "KEY")]
    by: SortBy,
    /// How much memory to use; larger captures are sorted through a temporary file
    #[arg(long, value_parser = size::parse, default_value = MEMORY, value_name = "SIZE")]
    memory: u64,
    /// Where the temporary file goes [default: beside the output]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    temp_dir: Option<PathBuf>,
    #[command(flatten)]
    strict: Strict,
}

/// Orders.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SortBy {
    /// Sample id, then time
    Id,
    /// Time: the order of the capture
    Time,
}

impl Sort {
    pub(super) fn request(&self) -> sort::Request {
        sort::Request {
            by: match self.by {
                SortBy::Id => By::Id,
                SortBy::Time => By::Time,
            },
            memory: memory(self.memory),
            temporary: self.temp_dir.clone(),
            strict: self.strict.strict,
            ..sort::Request::new(&self.file, self.output.target())
        }
    }
}

pub(super) fn memory(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Take the labels out of a capture
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml strip labelled.pcapng -o capture.pcap
  pcapml strip labelled.pcapng -o capture.pcapng      everything but the labels stays")]
pub struct Strip {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    output: Output,
    /// The output's format [default: by its name, otherwise pcapng]
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Option<CaptureFormat>,
    /// One output for each link type, named FILE_linktype-N
    #[arg(long)]
    per_linktype: bool,
    #[command(flatten)]
    strict: Strict,
}

impl Strip {
    pub(super) fn request(&self) -> Result<strip::Request> {
        let by_name = Container::of_name(&self.output.output);
        Ok(strip::Request {
            input: self.file.clone(),
            output: self.output.target(),
            container: self.to.map(Into::into).or(by_name).unwrap_or(Container::Pcapng),
            per_link_type: self.per_linktype,
            strict: self.strict.strict,
        })
    }
}

/// List the samples of a labelled capture
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  pcapml samples labelled.pcapng --format csv > samples.csv
      bytes are lengths on the wire; times are seconds since 1970, in tables UTC")]
pub struct Samples {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// How to print the table
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Samples {
    pub(super) fn request(&self) -> samples::Request {
        samples::Request { input: self.file.clone(), format: self.format.into() }
    }
}

/// Sum up packets, bytes and samples of each label
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml summary labelled.pcapng
  pcapml summary labelled.pcapng --by client      a field of the labels file
      The largest groups come first; bytes are lengths on the wire.")]
pub struct Summary {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Group by this field instead of the label
    #[arg(long, value_name = "FIELD")]
    by: Option<String>,
    /// How to print the table
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Summary {
    pub(super) fn request(&self) -> summary::Request {
        summary::Request { input: self.file.clone(), by: self.by.clone(), format: self.format.into() }
    }
}

/// Take some samples out of a labelled capture
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml select labelled.pcapng --ids test-ids.txt -o test.pcapng
  pcapml select labelled.pcapng --label dns --label ntp --where ip=6 -o part.pcapng
      Values of one option are alternatives, different options must all hold: (dns or ntp) and ip=6.
  pcapml select labelled.pcapng --splits splits/splits.csv --split challenge --labels none -o challenge.pcapng
      what is handed out of a challenge: each comment is the id and -, and fields, other comments, names of interfaces
      and blocks besides packets are left out, because they may tell labels. Times, numbers of interfaces and the
      order of packets may tell them too: sort by id first (pcapml sort), and see pcapml partition --help.
  pcapml select labelled.pcapng --mask ip.addr,eth.addr,ip.ttl -o masked.pcapng
      All samples, without the fields that the labels could be read from.")]
#[command(group = ArgGroup::new("which").args(["ids", "splits", "label", "fields", "mask", "mask_from"]).required(true).multiple(true))]
pub struct Select {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// A list of sample ids, one on a line (`-` for standard input)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ids: Option<PathBuf>,
    /// A table sample_id,split (see pcapml partition), of which --split and --fold choose
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "ids")]
    splits: Option<PathBuf>,
    /// Samples of this split; may be repeated
    #[arg(long, value_name = "NAME", requires = "splits")]
    split: Vec<String>,
    /// Samples of this fold; may be repeated
    #[arg(long, value_name = "N", requires = "splits")]
    fold: Vec<u32>,
    /// Samples with this label; may be repeated
    #[arg(long, value_name = "LABEL")]
    label: Vec<String>,
    /// Samples with this field; may be repeated
    #[arg(long = "where", value_name = "KEY=VALUE", value_parser = key_value)]
    fields: Vec<(String, String)>,
    /// What becomes of labels
    #[arg(long, value_enum, default_value = "keep", value_name = "WHAT")]
    labels: Labels,
    #[command(flatten)]
    masks: MaskArgs,
    /// Go on if the capture lacks an id of the list
    #[arg(long)]
    allow_missing: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    strict: Strict,
}

/// What becomes of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Labels {
    /// They stay
    Keep,
    /// They go, with all that may tell them: for a challenge
    None,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Select {
    pub(super) fn request(&self) -> Result<select::Request> {
        let masks = self.masks.masks();
        if self.labels == Labels::None && !masks.is_empty() {
            return Err(Error::request("--mask and --labels none are two steps")
                .advise("mask first, then select from the output"));
        }
        let splits = self.splits.as_ref().map(|table| select::SplitChoice {
            table: table.clone(),
            splits: self.split.clone(),
            folds: self.fold.clone(),
        });
        if self.splits.is_some() && self.split.is_empty() && self.fold.is_empty() {
            return Err(
                Error::request("--splits names a table, and nothing which part of it").advise("give --split or --fold")
            );
        }
        Ok(select::Request {
            input: self.file.clone(),
            output: self.output.target(),
            ids: self.ids.clone(),
            splits,
            labels: self.label.clone(),
            fields: self.fields.clone(),
            withhold: match self.labels {
                Labels::None => select::Withhold::Labels,
                Labels::Keep => select::Withhold::Nothing,
            },
            facts: serde_json::Map::new(),
            masks,
            allow_missing: self.allow_missing,
            strict: self.strict.strict,
        })
    }
}

/// Join labelled captures
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  pcapml cat monday.pcapng tuesday.pcapng -o week.pcapng")]
pub struct Cat {
    /// Labelled captures, in this order
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
    /// Make one sample of packets with one id in several captures
    #[arg(long)]
    merge_samples: bool,
    /// One output for each link type, named FILE_linktype-N
    #[arg(long)]
    per_linktype: bool,
    #[command(flatten)]
    strict: Strict,
}

impl Cat {
    pub(super) fn request(&self) -> cat::Request {
        cat::Request {
            inputs: self.files.clone(),
            output: self.output.target(),
            merge_samples: self.merge_samples,
            per_link_type: self.per_linktype,
            strict: self.strict.strict,
        }
    }
}

/// Convert between pcap and pcapng, repair times, cut into chunks
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml convert capture.pcapng capture.pcap
  pcapml convert old-pcapml.pcapng repaired.pcapng
  pcapml convert big.pcap chunk.pcap --packets 100000      chunk_00001.pcap, chunk_00002.pcap …")]
#[command(group = ArgGroup::new("out").args(["output", "out_file"]).required(true))]
pub struct Convert {
    /// A capture
    #[arg(value_name = "IN", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The output; `-` for standard output. A name that ends in .gz or .zst is packed
    #[arg(value_name = "OUT", value_hint = ValueHint::FilePath)]
    out_file: Option<PathBuf>,
    /// The output, as in the other commands
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
    /// The output's format [default: by its name]
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Option<CaptureFormat>,
    /// Cut after so many packets; files are named OUT_00001 and so on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "size")]
    packets: Option<u64>,
    /// Cut before a file's packets exceed this size
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    size: Option<u64>,
    /// One output for each link type, named OUT_linktype-N
    #[arg(long)]
    per_linktype: bool,
    #[command(flatten)]
    strict: Strict,
}

impl Convert {
    pub(super) fn request(&self) -> Result<convert::Request> {
        let path = self.output.clone().or(self.out_file.clone()).unwrap_or_default();
        let by_name = Container::of_name(&path);
        let container = self.to.map(Into::into).or(by_name).ok_or_else(|| {
            Error::request("the output's name does not say which format it is to have")
                .in_file(&path)
                .advise("name it .pcap or .pcapng, or give --to")
        })?;
        let chunks = match (self.packets, self.size) {
            (Some(packets), _) => Chunks::Packets(packets),
            (_, Some(size)) => Chunks::Size(size),
            _ => Chunks::None,
        };
        if chunks != Chunks::None && path == Path::new("-") {
            return Err(Error::request("chunks need a file name").advise("give one instead of -"));
        }
        Ok(convert::Request {
            input: self.file.clone(),
            output: Target { path, force: self.force.force },
            container,
            chunks,
            per_link_type: self.per_linktype,
            strict: self.strict.strict,
        })
    }
}
