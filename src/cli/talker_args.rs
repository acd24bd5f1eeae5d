//! The options of `talkers`, and the request that they become.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::args::{Force, Strict};
use super::duration;
use crate::command::Target;
use crate::command::talkers::{Per, Request};
use crate::error::{Error, Result};
use crate::packet::{LocalNetworks, Network};
use crate::sink::RowFormat;

/// The length of an interval, in nanoseconds, if none is given.
const INTERVAL: i64 = 1_000_000_000;

/// How many pairs may wait, if that is not said.
const MAX_PAIRS: u32 = 1_000_000;

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
    /// A database of SQLite, with one table: rows
    Sqlite,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Unit {
    /// A pair of ends, in an interval of time
    Interval,
    /// A packet
    Packet,
}

/// Who sent how much to whom: a row for each pair of ends and interval, or each packet
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml talkers capture.pcap --local-net 192.168.0.0/16
      a row for each second, source, destination, protocol and ports; direction is in, out, loop or other
  pcapml talkers labelled.pcapng --per packet -o packets.sqlite
  pcapml talkers captures/ --interval 1m --geoip GeoLite2-City.mmdb --asn GeoLite2-ASN.mmdb -o talkers.parquet

Columns: ts, file (of several captures), frame_number (of packets), sample_id, label, direction, protocol, src_ip, src_port,
dst_ip, dst_port, src_service, dst_service, packets, bytes, payload_bytes; with --geoip src_country, src_region, src_city and
dst_…; with --asn src_asn, src_as_org and dst_…; of packets tcp_seq, tcp_ack, tcp_flags, tcp_window. What goes back is
another row. A packet of several samples counts in each of them.")]
pub struct Talkers {
    /// Captures, labelled or not, or directories of captures; `-` for standard input
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath, required = true)]
    files: Vec<PathBuf>,
    /// The output; `-` for standard output. Its name says the format: .csv, .jsonl, .parquet, .arrow, .sqlite
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    force: Force,
    /// The output's format [default: by its name; csv on standard output]
    #[arg(long, visible_alias = "to", value_enum, value_name = "FORMAT")]
    format: Option<Rows>,
    /// What a row is about
    #[arg(long, value_enum, default_value = "interval", value_name = "WHAT")]
    per: Unit,
    /// How long an interval is; each begins at a multiple of that since 1970 [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    interval: Option<i64>,
    /// A network that is local, by which directions are seen; may be given several times
    #[arg(long, value_name = "NETWORK")]
    local_net: Vec<Network>,
    /// A MaxMind database of countries or cities
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    geoip: Option<PathBuf>,
    /// A MaxMind database of autonomous systems
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    asn: Option<PathBuf>,
    /// How many pairs may wait in memory, at some 200 bytes each; where there are more, the earliest interval is written
    /// [default: 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_pairs: Option<u32>,
    /// The outermost IP header, not that inside tunnels
    #[arg(long)]
    outer: bool,
    #[command(flatten)]
    strict: Strict,
}

impl Talkers {
    pub(super) fn request(&self) -> Result<Request> {
        Ok(Request {
            inputs: self.files.clone(),
            output: Target { path: self.output.clone(), force: self.force.force },
            format: self.format.map(|format| match format {
                Rows::Csv => RowFormat::Csv,
                Rows::Jsonl => RowFormat::JsonLines,
                Rows::Parquet => RowFormat::Parquet,
                Rows::Arrow => RowFormat::Arrow,
                Rows::Sqlite => RowFormat::Sqlite,
            }),
            per: self.per()?,
            local: LocalNetworks(self.local_net.clone()),
            cities: self.geoip.clone(),
            systems: self.asn.clone(),
            max_pairs: self.max_pairs.unwrap_or(MAX_PAIRS) as usize,
            outer: self.outer,
            strict: self.strict.strict,
        })
    }

    fn per(&self) -> Result<Per> {
        let of_intervals = [("--interval", self.interval.is_some()), ("--max-pairs", self.max_pairs.is_some())];
        match (self.per, of_intervals.iter().find(|(_, given)| *given)) {
            (Unit::Packet, None) => Ok(Per::Packet),
            (Unit::Packet, Some((option, _))) => {
                Err(Error::request(format!("{option} is about intervals, and the rows are of packets"))
                    .advise("leave it out"))
            }
            (Unit::Interval, _) if self.interval == Some(0) => Err(Error::request("an interval of no length")),
            (Unit::Interval, _) => Ok(Per::Interval(self.interval.unwrap_or(INTERVAL))),
        }
    }
}
