//! The options of `label` and `relabel`, and the requests that they become.

use std::path::PathBuf;

use clap::{ArgGroup, ValueEnum, ValueHint};

use super::args::{Force, Format, Output, Strict};
use super::duration;
use crate::command::label::{Compat, FlowsRequest, GroupBy, Labels, Match, Request};
use crate::command::{Target, relabel};
use crate::error::{Error, Result};
use crate::rule::flow_records::{DurationUnit, ReadOptions, RecordFormat, Zone, presets};
use crate::rule::{Ids, Pattern};

/// Packets that several rules match.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Matching {
    /// The first rule in the file wins
    First,
    /// One comment for each sample
    All,
    /// An error that names both rules
    Unique,
}

/// How samples get their ids.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum IdKind {
    /// A hash of what the sample is made of: the same on every machine, whatever its label
    Hash,
    /// 0, 1, 2 … in the order of the labels file; of first packets, where labels come from elsewhere
    Sequential,
}

/// Older readers.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Reader {
    /// C++ pcapml 0.3
    #[value(name = "0.3")]
    Pcapml03,
    /// The Go pcapml
    Go,
}

/// What makes flow records one sample.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Grouping {
    /// Each record is a sample
    Record,
    /// All records of a label
    Label,
    /// Records of a label without a gap of --idle-timeout: one wave of an attack
    Window,
}

/// Flows are over after so many nanoseconds, unless told otherwise.
const IDLE: i64 = 120_000_000_000;

const EXAMPLES: &str = "\
Examples:
  pcapml label dataset/ --labels labels.csv -o dataset.pcapng
      labels.csv has a header: filename,label[,field…][,hash_key]
  pcapml label capture.pcap --labels rules.csv -o labelled.pcapng
      rules.csv has none: BPF:tcp port 443|TS_START:1700000000|TS_END:1700003600,web[,hash_key]
  pcapml label capture.pcap --flows conn.log.labeled -o labelled.pcapng
  pcapml label capture.pcap --flows flows.csv --timezone America/Halifax -o labelled.pcapng
  pcapml label dataset/ --label-by-name '^(?<vpn>vpn_)?(?<label>[a-z]+)' -o dataset.pcapng
  pcapml label home.pcap --by host devices.csv -o labelled.pcapng
      devices.csv: host,label[,field…][,hash_key]; hosts are addresses, networks or hardware addresses
  pcapml label capture.pcapng --by comment 'PID=(?<label>[0-9]+)' -o labelled.pcapng
  pcapml label dataset/ --by flow --labels labels.csv -o flows.pcapng
  pcapml label capture.pcap --labels rules.csv --explain 17";

/// Label captures: by a table of files, by rules, flow records, hosts, interfaces, comments
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
#[command(group = ArgGroup::new("from")
    .args(["labels", "flows", "label_by_name", "packet_labels", "by"]).required(true).multiple(true))]
pub struct Label {
    /// A directory, searched recursively, or one capture (`-` for standard input)
    #[arg(value_name = "DIR|FILE", value_hint = ValueHint::AnyPath)]
    input: PathBuf,
    /// The labels file: rows of files with a header, or rules without one
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    labels: Option<PathBuf>,
    #[command(flatten)]
    records: Records,
    /// Label captures by their names: a regular expression with a group (?<label>…); other groups become fields
    #[arg(long, value_name = "REGEX", conflicts_with_all = ["labels", "flows"])]
    label_by_name: Option<String>,
    /// Label single packets: a table packet,label[,time][,file][,field…][,hash_key]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath,
        conflicts_with_all = ["labels", "flows", "label_by_name"])]
    packet_labels: Option<PathBuf>,
    /// Label by `interface` (their names), `comment REGEX` (groups as in --label-by-name; comments of pcapml are not
    /// asked), `host FILE` (a table; of the outermost addresses the longest prefix wins, hardware addresses like whole
    /// ones), or `flow`: every conversation a sample, labelled by another option, or all with the label -
    #[arg(long, num_args = 1..=2, value_names = ["WHAT", "FILE|REGEX"])]
    by: Vec<String>,
    /// After how many seconds without a packet a flow of --by flow is over: 120 unless told otherwise
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    idle_timeout: Option<i64>,
    /// The output; `-` for standard output. A name that ends in .gz or .zst is packed
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "explain")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
    /// Packets that several rules match: the first wins unless told otherwise
    #[arg(long = "match", value_enum, value_name = "WHICH")]
    matching: Option<Matching>,
    /// Write packets that no rule matches too, without a comment
    #[arg(long)]
    keep_unlabeled: bool,
    /// Write nothing if an input is faulty, a rule matches nothing, or a capture is in no row
    #[arg(long)]
    strict: bool,
    /// How samples get their ids
    #[arg(long, value_enum, default_value = "hash", value_name = "KIND")]
    ids: IdKind,
    /// The dataset's name, which its ids depend on: datasets with different names can be joined
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    namespace: String,
    /// Write what an older reader understands
    #[arg(long, value_enum, value_name = "READER")]
    compat: Option<Reader>,
    /// One output for each link type, named FILE_linktype-N
    #[arg(long)]
    per_linktype: bool,
    /// Give each sample the field source=FILE; a directory labelled by flows or flow records always has it
    #[arg(long)]
    source: bool,
    /// Print packets and bytes of each rule, which rules are shadowed, and whose windows seem to be of another time zone
    /// (--stats, --stats=csv or --stats=json)
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "table")]
    stats: Option<Format>,
    /// Tell which rules match a packet and why the first wins, and write nothing: N, or FILE:N of a directory (with
    /// --labels or --label-by-name)
    #[arg(long, value_name = "N", conflicts_with_all = ["output", "stats", "flows", "packet_labels", "by"])]
    explain: Option<String>,
}

/// Flow records as labels.
#[derive(Debug, clap::Args)]
struct Records {
    /// Label by flow records: a packet belongs to the record with its addresses, protocol and ports, in either
    /// direction, that began last of those going on
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "labels")]
    flows: Option<PathBuf>,
    /// The format of the flow records: auto, a preset, or columns:src=…,dst=…,sport=…,dport=…,proto=…,start=…,
    /// end=…|duration=…,label=…
    #[arg(long, value_name = "FORMAT", long_help = formats_help())]
    format: Option<String>,
    /// Where the clock of the flow records stood: an IANA name (America/Halifax) or an offset (-03:00)
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    timezone: Option<String>,
    /// Widen every flow record at both ends: seconds, or a number with ms, s, m or h
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    tolerance: Option<i64>,
    /// How the flow records write times: s, ms, us or ns since 1970, or a strptime format
    #[arg(long, value_name = "FORMAT")]
    time_format: Option<String>,
    /// The unit of the flow records' durations: s, ms, us or ns
    #[arg(long, value_name = "UNIT")]
    duration_unit: Option<String>,
    /// The column of the flow records that holds the label
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,
    /// What makes flow records one sample: each record unless told otherwise
    #[arg(long, value_enum, value_name = "WHAT")]
    group_by: Option<Grouping>,
}

fn formats_help() -> String {
    let mut help = "The format of the flow records: auto takes the preset that the header fits; columns:src=…,dst=…,\
        sport=…,dport=…,proto=…,start=…,end=…|duration=…,label=… names the columns of any other table. Presets:"
        .to_owned();
    for (name, doc) in presets() {
        help.push_str(&format!("\n  {name}: {doc}"));
    }
    help
}

impl Records {
    fn request(&self, path: &std::path::Path, gap: i64) -> Result<FlowsRequest> {
        Ok(FlowsRequest {
            path: path.to_owned(),
            options: ReadOptions {
                format: self.format.as_deref().unwrap_or("auto").parse::<RecordFormat>()?,
                timezone: self.timezone.as_deref().map(str::parse::<Zone>).transpose()?,
                time_format: self.time_format.clone(),
                duration_unit: self.duration_unit.as_deref().map(str::parse::<DurationUnit>).transpose()?,
                label_column: self.label_column.clone(),
            },
            tolerance: self.tolerance.unwrap_or(0),
            group_by: match self.group_by {
                None | Some(Grouping::Record) => GroupBy::Record,
                Some(Grouping::Label) => GroupBy::Label,
                Some(Grouping::Window) => GroupBy::Window,
            },
            gap,
        })
    }
}

impl Label {
    pub(super) fn request(&self) -> Result<Request> {
        let (labels, by_flow) = self.labels()?;
        self.check_effects(&labels, by_flow)?;
        Ok(Request {
            flows: by_flow.then_some(self.idle()),
            matching: match self.matching {
                None | Some(Matching::First) => Match::First,
                Some(Matching::All) => Match::All,
                Some(Matching::Unique) => Match::Unique,
            },
            keep_unlabeled: self.keep_unlabeled,
            strict: self.strict,
            ids: match self.ids {
                IdKind::Hash => Ids::Hashed { namespace: self.namespace.clone() },
                IdKind::Sequential => Ids::Sequential,
            },
            compat: self.compat.map(|reader| match reader {
                Reader::Pcapml03 => Compat::Pcapml03,
                Reader::Go => Compat::Go,
            }),
            per_link_type: self.per_linktype,
            source: self.source,
            stats: self.stats.map(Into::into),
            ..Request::new(&self.input, labels, self.target())
        })
    }

    /// Sees that no option is given that would do nothing: who gives it believes that it does something.
    fn check_effects(&self, labels: &Labels, by_flow: bool) -> Result<()> {
        let records = &self.records;
        let of_records = [
            ("--format", records.format.is_some()),
            ("--timezone", records.timezone.is_some()),
            ("--tolerance", records.tolerance.is_some()),
            ("--time-format", records.time_format.is_some()),
            ("--duration-unit", records.duration_unit.is_some()),
            ("--label-column", records.label_column.is_some()),
            ("--group-by", records.group_by.is_some()),
        ];
        if let Some((option, _)) = of_records.iter().find(|(_, given)| *given && records.flows.is_none()) {
            let of_rules = "the times of rules are UTC, or RFC 3339 with an offset";
            return Err(Error::request(format!("{option} says how flow records are read, and there is no --flows"))
                .advise(of_rules));
        }
        let gap = matches!(records.group_by, Some(Grouping::Window));
        if self.idle_timeout.is_some() && !by_flow && !gap {
            return Err(Error::request("--idle-timeout ends flows: it goes with --by flow or --group-by window"));
        }
        let only_one = matches!(labels, Labels::Records(_) | Labels::Interfaces | Labels::Packets(_) | Labels::None);
        if self.matching.is_some() && only_one {
            return Err(Error::request("--match chooses among rules, hosts or comments, and there are none"));
        }
        Ok(())
    }

    fn idle(&self) -> i64 {
        self.idle_timeout.unwrap_or(IDLE)
    }

    /// The packet that is to be explained.
    pub(super) fn explained(&self) -> Option<&str> {
        self.explain.as_deref()
    }

    fn target(&self) -> Target {
        Target { path: self.output.clone().unwrap_or_default(), force: self.force.force }
    }

    /// Where labels come from, and whether each flow is a sample.
    fn labels(&self) -> Result<(Labels, bool)> {
        let others = self.other_labels()?;
        let by: Vec<&str> = self.by.iter().map(String::as_str).collect();
        let labels = match by.as_slice() {
            [] => return Ok((others.unwrap_or(Labels::None), false)),
            ["flow"] => return Ok((others.unwrap_or(Labels::None), true)),
            ["interface"] => Labels::Interfaces,
            ["comment", pattern] => Labels::Comments(Pattern::new(pattern)?),
            ["host", path] => Labels::Hosts(path.into()),
            ["flow" | "interface", more, ..] => {
                return Err(Error::request(format!("--by {} takes nothing more, and is followed by '{more}'", by[0]))
                    .advise("leave it out; if it is the input, put it before --by"));
            }
            ["comment"] => {
                return Err(Error::request("--by comment needs an expression: --by comment 'PID=(?<label>[0-9]+)'"));
            }
            ["host"] => return Err(Error::request("--by host needs a table: --by host devices.csv")),
            [other, ..] => {
                return Err(Error::request(format!("--by {other}: it is interface, comment REGEX, host FILE or flow")));
            }
        };
        match others {
            None => Ok((labels, false)),
            Some(_) => {
                Err(Error::request(format!("--by {} and another option both say where labels come from", by[0]))
                    .advise("only --by flow goes with another"))
            }
        }
    }

    fn other_labels(&self) -> Result<Option<Labels>> {
        Ok(match (&self.labels, &self.records.flows, &self.label_by_name, &self.packet_labels) {
            (Some(path), ..) => Some(Labels::File(path.clone())),
            (_, Some(path), ..) => Some(Labels::Records(self.records.request(path, self.idle())?)),
            (_, _, Some(pattern), _) => Some(Labels::Names(Pattern::new(pattern)?)),
            (_, _, _, Some(path)) => Some(Labels::Packets(path.clone())),
            _ => None,
        })
    }
}

/// Give the samples of a labelled capture other labels, and keep their ids
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml relabel labelled.pcapng --map names.csv -o renamed.pcapng
      names.csv has a header old,new and a row for each label to replace
  pcapml relabel labelled.pcapng --labels corrected.csv -o corrected.pcapng
      corrected.csv has a header sampleID,label[,field…]; its rows replace label and fields of their samples")]
#[command(group = ArgGroup::new("how").args(["map", "labels"]).required(true))]
pub struct Relabel {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// A table old,new of labels
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    map: Option<PathBuf>,
    /// A table sampleID,label[,field…], such as the metadata.csv of split
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    labels: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    strict: Strict,
}

impl Relabel {
    pub(super) fn request(&self) -> relabel::Request {
        let (table, by) = match (&self.map, &self.labels) {
            (Some(path), _) => (path, relabel::By::Label),
            (None, path) => (path.as_ref().unwrap_or(&self.file), relabel::By::Id),
        };
        relabel::Request {
            input: self.file.clone(),
            table: table.clone(),
            by,
            output: self.output.target(),
            strict: self.strict.strict,
        }
    }
}
