//! The options of `flows` and `features`, and the request that they become.

use std::path::PathBuf;

use clap::{Parser, ValueEnum, ValueHint};

use super::args::{Force, Strict};
use super::mask_args::FeatureMasks;
use super::packet_args::{PacketArgs, refuse_flow_options};
use super::row_args::RowArgs;
use super::seed_args::SeedOptions;
use super::{duration, size};
use crate::command::Target;
use crate::command::features::{Explain, ListFormat, Request, RowOrder};
use crate::error::{Error, Result};
use crate::feature::{Legacy, Names, PacketOptions, PacketSet, QUIRKS, SetRequest, set_names, sets};
use crate::flow::{Keying, Timeouts};
use crate::sink::{RowFormat, TableFormat, Undefined};

/// How rows are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Rows {
    /// RFC 4180, with a header
    Csv,
    /// One JSON object a line
    Jsonl,
    /// Apache Parquet
    Parquet,
    /// Apache Arrow's file format; as a stream on standard output
    Arrow,
    /// A NumPy array of the numbers
    Npy,
    /// NumPy arrays: numbers, columns, ids, labels
    Npz,
    /// A database of SQLite, with one table: rows
    Sqlite,
    /// CSV as nPrint writes it: the source address, then a column for each bit (with the set nprint alone)
    Nprint,
    /// Of --list: aligned columns
    Table,
    /// Of --list: an array of objects
    Json,
    /// Of --list: Markdown, a table for each set
    Md,
}

/// What further tells flows apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyPart {
    /// The outermost VLAN
    Vlan,
    /// The tunnel: its kind, ends and number
    Tunnel,
}

/// What stands for undefined values.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Filler {
    /// Nothing, or null
    Empty,
    /// 0
    #[value(name = "0")]
    Zero,
    /// NaN
    Nan,
}

/// How columns are spelled.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Spelling {
    /// CICFlowMeter 4
    Cic,
    /// CIC-IDS2017
    Cic2017,
    /// CSE-CIC-IDS2018
    Cic2018,
}

/// The order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// By the flow's first packet
    Start,
    /// By the time of the flow's last packet, then by its first packet
    End,
}

/// How the accounting is shown.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Accounting {
    /// One line for each reason
    Text,
    /// One JSON object
    Json,
}

/// What flows are, and where their rows go.
#[derive(Debug, clap::Args)]
struct Common {
    /// Captures, labelled or not, or directories of captures; `-` for standard input
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath, required_unless_present = "list")]
    files: Vec<PathBuf>,
    /// The output; `-` for standard output. Its name says the format: .csv, .jsonl, .parquet, .arrow, .sqlite, .npy, .npz
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "list")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
    /// The output's format [default: by its name; csv on standard output], or that of --list
    #[arg(long, visible_alias = "format", value_enum, value_name = "FORMAT")]
    to: Option<Rows>,
    /// Flows of the outermost IP header, not of that inside tunnels
    #[arg(long)]
    outer: bool,
    /// What further tells flows apart
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PARTS")]
    key: Vec<KeyPart>,
    /// After how long without a packet a flow is over
    #[arg(short = 't', long, value_name = "TIME", value_parser = duration::parse, default_value = "120")]
    idle_timeout: i64,
    /// After how long a flow is cut in two [default: never]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    active_timeout: Option<i64>,
    /// How many flows may go on at once, in 64 shards with a share each; where there are more, the one without a packet for
    /// longest ends
    #[arg(long, value_name = "N", default_value = "10000000", value_parser = clap::value_parser!(u32).range(64..))]
    max_flows: u32,
    /// How much memory rows that wait for their order may take; more go through a temporary file
    #[arg(long, value_parser = size::parse, default_value = "16M", value_name = "SIZE")]
    memory: u64,
    /// What is written where nothing is defined: a rate without duration, a deviation of one value
    #[arg(long, value_enum, default_value = "empty", value_name = "WHAT")]
    undefined: Filler,
    /// Tell what became of the packets, a reason a line (--explain, or --explain=json)
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    explain: Option<Accounting>,
    /// The order of rows
    #[arg(long, value_enum, default_value = "start", value_name = "BY")]
    order: Order,
    /// Only the columns of these names, in this order
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    columns: Vec<String>,
    /// Nothing but the set's own columns: no sample, label, ids before them
    #[arg(long)]
    bare: bool,
    /// List all features: set, name, kind, unit, meaning, source (--list, --list=csv, --list --format md)
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "table")]
    list: Option<Rows>,
    #[command(flatten)]
    rows: RowArgs,
    #[command(flatten)]
    masks: FeatureMasks,
    #[command(flatten)]
    strict: Strict,
}

impl Common {
    /// The format of the list of all features, if that is asked for.
    fn list(&self) -> Option<Result<ListFormat>> {
        Some(match self.to.unwrap_or(self.list?) {
            Rows::Table => Ok(ListFormat::Table(TableFormat::Aligned)),
            Rows::Csv => Ok(ListFormat::Table(TableFormat::Csv)),
            Rows::Json => Ok(ListFormat::Table(TableFormat::Json)),
            Rows::Md => Ok(ListFormat::Markdown),
            _ => Err(Error::request("the list of all features has no such format").advise("table, csv, json or md")),
        })
    }

    fn is_nprint(&self) -> bool {
        matches!(self.to, Some(Rows::Nprint))
    }

    /// How rows are written, if that is said.
    fn row_format(&self) -> Result<Option<RowFormat>> {
        Ok(Some(match self.to {
            None => return Ok(None),
            Some(Rows::Csv | Rows::Nprint) => RowFormat::Csv,
            Some(Rows::Jsonl) => RowFormat::JsonLines,
            Some(Rows::Parquet) => RowFormat::Parquet,
            Some(Rows::Arrow) => RowFormat::Arrow,
            Some(Rows::Npy) => RowFormat::Npy,
            Some(Rows::Npz) => RowFormat::Npz,
            Some(Rows::Sqlite) => RowFormat::Sqlite,
            Some(Rows::Table | Rows::Json | Rows::Md) => {
                return Err(Error::request("table, json and md are formats of --list")
                    .advise("rows are csv, jsonl, parquet, arrow, npy, npz, sqlite or nprint"));
            }
        }))
    }

    fn request(&self, set: SetRequest, activity: i64) -> Result<Request> {
        let output = Target { path: self.output.clone().unwrap_or_default(), force: self.force.force };
        let set = SetRequest { columns: self.columns.clone(), bare: self.bare, ..set };
        let request = Request {
            format: self.row_format()?,
            order: match self.order {
                Order::Start => RowOrder::Start,
                Order::End => RowOrder::End,
            },
            keying: Keying {
                outer: self.outer,
                vlan: self.key.contains(&KeyPart::Vlan),
                tunnel: self.key.contains(&KeyPart::Tunnel),
                ..Keying::default()
            },
            timeouts: Timeouts::new(self.idle_timeout, self.active_timeout),
            activity,
            max_flows: self.max_flows as usize,
            memory: usize::try_from(self.memory).unwrap_or(usize::MAX),
            undefined: match self.undefined {
                Filler::Empty => Undefined::Null,
                Filler::Zero => Undefined::Zero,
                Filler::Nan => Undefined::NotANumber,
            },
            explain: self.explain.map(|how| match how {
                Accounting::Text => Explain::Text,
                Accounting::Json => Explain::Json,
            }),
            mask: self.masks.mask(),
            allow_disallowed: self.masks.allow_disallowed(),
            strict: self.strict.strict,
            ..Request::new(self.files.clone(), output, set)
        };
        self.rows.apply(request)
    }
}

/// A row for each flow: ends, times, packets, bytes, flags
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml flows labelled.pcapng -o flows.parquet
  pcapml flows captures/ -o - --columns src_ip,dst_ip,duration")]
pub struct Flows {
    #[command(flatten)]
    common: Common,
}

impl Flows {
    /// The format of the list of all features, if that is asked for.
    pub(super) fn list(&self) -> Option<Result<ListFormat>> {
        self.common.list()
    }

    pub(super) fn request(&self) -> Result<Request> {
        let packets = PacketOptions { as_nprint: self.common.is_nprint(), ..PacketOptions::default() };
        let set = SetRequest { sets: vec!["flows".to_owned()], packets, ..SetRequest::default() };
        self.common.request(set, ACTIVITY)
    }
}

/// Features of every flow or packet, in named sets
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml features labelled.pcapng --set cic -o features.parquet
  pcapml features labelled.pcapng --set flows,splt:30 -o sequences.parquet
  pcapml features capture.pcap --set cic --bare --names cic2017 -o like-2017.csv
  pcapml features captures/ -r --set pyflowmeter -t 600 -o flows/     flows/<name>_flow.csv of each capture
  pcapml features classes/ --set pkt_analyser -s -m -o json/          json/class0.json … and json/classes.csv
  pcapml features labelled.pcapng --set bytes:1500 -o bytes.npz
  pcapml features labelled.pcapng --set nprint:4,tcp,udp -o bits.parquet
  pcapml features --list --format md")]
pub struct Features {
    #[command(flatten)]
    common: Common,
    /// The sets of columns, or files that list names of columns, one a line
    #[arg(long, value_delimiter = ',', value_name = "SETS", long_help = sets_help())]
    pub(super) set: Vec<String>,
    /// How cic spells its columns
    #[arg(long, value_enum, default_value = "cic", value_name = "WHOSE")]
    names: Spelling,
    /// Which errors of CICFlowMeter cic-legacy makes [default: all]
    #[arg(long, value_delimiter = ',', value_name = "NAMES", long_help = legacy_help())]
    legacy: Vec<String>,
    /// Gaps of more than this are idle
    #[arg(long, value_name = "TIME", value_parser = duration::parse, default_value = "5")]
    activity: i64,
    #[command(flatten)]
    pub(super) seeds: SeedOptions,
    #[command(flatten)]
    packets: PacketArgs,
}

/// The options as they are if none is given.
#[derive(Debug, clap::Parser)]
struct Defaults {
    #[command(flatten)]
    features: Features,
}

/// Gaps of more nanoseconds are idle, unless told otherwise.
const ACTIVITY: i64 = 5_000_000_000;

/// Flows are over after so many nanoseconds without a packet, unless told otherwise.
const IDLE: i64 = 120_000_000_000;

pub(super) fn columns_help() -> String {
    let line = |(name, doc): (String, &str)| format!("\n{name}: {doc}");
    format!(
        "The sets of columns, or files that list names of columns, one a line:\n{}",
        sets().map(line).collect::<String>()
    )
}

fn sets_help() -> String {
    format!(
        "{}\nInstead of columns, pkt_analyser: JSON Lines of flows with their packets, a file for each directory (a class) in \
         the input",
        columns_help()
    )
}

fn legacy_help() -> String {
    let names: Vec<&str> = QUIRKS.iter().map(|(_, name, _)| *name).collect();
    format!("Which errors of CICFlowMeter cic-legacy makes [default: all]: {}", names.join(", "))
}

impl Features {
    /// The errors of `cic-legacy`, if that is among the sets.
    fn legacy(&self) -> Result<Legacy> {
        match (self.set.iter().any(|set| set == "cic-legacy"), self.legacy.as_slice()) {
            (true, []) => Ok(Legacy::ALL),
            (true, names) => Legacy::of_names(names),
            (false, []) => Ok(Legacy::default()),
            (false, _) => Err(Error::request("--legacy is for --set cic-legacy")),
        }
    }

    /// The format of the list of all features, if that is asked for.
    pub(super) fn list(&self) -> Option<Result<ListFormat>> {
        self.common.list()
    }

    /// True if an option says how columns or rows are to be.
    pub(super) fn shapes_rows(&self) -> bool {
        let Common { to, order, columns, bare, undefined, .. } = &self.common;
        let of_rows = to.is_some() || *order == Order::End || !columns.is_empty() || *bare;
        let of_values = !matches!((undefined, self.names), (Filler::Empty, Spelling::Cic)) || self.activity != ACTIVITY;
        of_rows || of_values || self.common.rows.is_given() || self.common.masks.is_given()
    }

    /// True if an option is given that has no meaning for each capture by itself.
    pub(super) fn is_of_all_captures(&self) -> bool {
        self.common.rows.is_of_all_captures()
    }

    /// True if an option says when flows end, and not as they do anyway.
    pub(super) fn says_when_flows_end(&self) -> bool {
        self.common.active_timeout.is_some() || self.common.idle_timeout != IDLE
    }

    pub(super) fn request(&self) -> Result<Request> {
        if self.set.is_empty() {
            return Err(Error::request("no set is named").advise(format!("--set {}", set_names().join("|"))));
        }
        let names = match self.names {
            Spelling::Cic => Names::Own,
            Spelling::Cic2017 => Names::Cic2017,
            Spelling::Cic2018 => Names::Cic2018,
        };
        let is_set = |set: &String| sets().any(|(name, _)| name == *set);
        let is_cic = |set: &String| set.starts_with("cic") || !is_set(set);
        if !self.set.iter().any(is_cic) && (!matches!(self.names, Spelling::Cic) || self.activity != ACTIVITY) {
            return Err(Error::request("--names and --activity are about the columns of cic").advise("leave them out"));
        }
        let packets = self.packets.options(self.common.is_nprint());
        let set =
            SetRequest { sets: self.set.clone(), names, packets, legacy: self.legacy()?, ..SetRequest::default() };
        let of_packets = PacketSet::of(&set)?.is_some();
        let request = self.common.request(set, self.activity)?;
        if of_packets {
            let Defaults { features } = Defaults::parse_from(["features", "-", "--output", "-"]);
            let set = SetRequest::default();
            refuse_flow_options(&request, &features.common.request(set, features.activity)?)?;
        }
        Ok(request)
    }
}
