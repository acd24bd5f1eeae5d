//! The options of `split`, and the request that they become.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::args::{MEMORY, Strict, memory};
use super::feature_args::KeyPart;
use super::{duration, size};
use crate::command::Target;
use crate::command::split::{self, FlowRules};
use crate::error::{Error, Result};
use crate::flow::{Keying, Timeouts};

/// What gets a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SplitBy {
    /// Each sample of a labelled capture
    Sample,
    /// Each flow of each sample; the capture may be unlabelled
    Flow,
}

/// Write one pcap for each sample, or for each flow, and a metadata.csv
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml split labelled.pcapng -o samples/
      writes samples/<id>_<label>.pcap for each sample, and samples/metadata.csv, by which
      pcapml label samples/ --labels samples/metadata.csv couples them again
  pcapml split capture.pcap -o flows/ --by flow
      writes flows/<start>_<source>_<port>_<destination>_<port>_<protocol>.pcap for each flow that
      pcapml flows knows (of ICMP, type and code stand for the ports), and flows/metadata.csv")]
pub struct Split {
    /// A capture; a labelled one, unless it is split by flow
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The output directory, which must be empty or absent
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// Write into a directory that is not empty
    #[arg(short, long)]
    force: bool,
    /// What gets a file of its own
    #[arg(long, value_enum, default_value = "sample", value_name = "WHAT")]
    by: SplitBy,
    /// By flow: flows of the outermost IP header, not of that inside tunnels
    #[arg(long)]
    outer: bool,
    /// By flow: what further tells flows apart
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PARTS")]
    key: Vec<KeyPart>,
    /// By flow: after how long without a packet a flow is over [default: 120]
    #[arg(short = 't', long, value_name = "TIME", value_parser = duration::parse)]
    idle_timeout: Option<i64>,
    /// By flow: after how long a flow is cut in two [default: never]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    active_timeout: Option<i64>,
    /// By flow: how many flows may go on at once [default: 10000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(64..))]
    max_flows: Option<u32>,
    /// How much memory to use for packets; further about 2K for each file
    #[arg(long, value_parser = size::parse, default_value = MEMORY, value_name = "SIZE")]
    memory: u64,
    #[command(flatten)]
    strict: Strict,
}

/// As `flows` has them.
const IDLE: i64 = 120_000_000_000;
const MAX_FLOWS: u32 = 10_000_000;

impl Split {
    pub(super) fn request(&self) -> Result<split::Request> {
        let timeouts = self.idle_timeout.is_some() || self.active_timeout.is_some();
        if self.by == SplitBy::Sample && (self.outer || !self.key.is_empty() || timeouts || self.max_flows.is_some()) {
            return Err(Error::request(
                "--outer, --key, --idle-timeout, --active-timeout and --max-flows say what flows are, and go with --by flow",
            ));
        }
        let rules = FlowRules {
            keying: Keying {
                outer: self.outer,
                vlan: self.key.contains(&KeyPart::Vlan),
                tunnel: self.key.contains(&KeyPart::Tunnel),
                ..Keying::default()
            },
            timeouts: Timeouts::new(self.idle_timeout.unwrap_or(IDLE), self.active_timeout),
            max_flows: self.max_flows.unwrap_or(MAX_FLOWS) as usize,
        };
        let output = Target { path: self.output.clone(), force: self.force };
        Ok(split::Request {
            flows: (self.by == SplitBy::Flow).then_some(rules),
            memory: memory(self.memory),
            strict: self.strict.strict,
            ..split::Request::new(&self.file, output)
        })
    }
}
