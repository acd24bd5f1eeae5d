//! The options of `dissect`, and the request that they become.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::args::{Force, MEMORY, Strict, memory};
use super::conversation_args::ConversationArgs;
use super::feature_args::Accounting;
use super::size;
use crate::command::Target;
use crate::command::dissect::{Names, Request, Times};
use crate::command::features::{Explain, ListFormat};
use crate::dissect::Limits;
use crate::error::Result;
use crate::packet::{LocalNetworks, Network};
use crate::sink::{RowFormat, TableFormat};

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Records {
    /// One JSON object a line, all types together
    Jsonl,
    /// A table of each type
    Csv,
    /// A table of each type
    Parquet,
}

/// How the list of all fields is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Listing {
    /// Aligned columns
    Table,
    /// RFC 4180, with a header
    Csv,
    /// An array of objects
    Json,
    /// Markdown, a table for each type
    Md,
}

/// Whose names fields have.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Spelling {
    /// Those of Zeek's logs
    Zeek,
    /// Those of Elastic's common schema
    Ecs,
}

/// What a record of the DNS is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DnsUnit {
    /// A query and its response
    Exchange,
    /// A message
    Message,
}

/// In whose form records of the DNS are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Ours
    Own,
    /// That of packet_analysis
    Seed,
}

/// How times are written in JSON.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Clock {
    /// Seconds since 1970
    Epoch,
    /// RFC 3339 in UTC
    Rfc3339,
}

/// What was said: conversations, and the messages, exchanges and logins of application protocols
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml dissect labelled.pcapng
      one JSON object a line: conversations, and what was said in them
  pcapml dissect labelled.pcapng --only dns,http -o said.jsonl
  pcapml dissect captures/ --format parquet -o said/
      said/conn.parquet, said/dns.parquet …
  pcapml dissect capture.pcap --only auth --secrets
      logins, with passwords")]
pub struct Dissect {
    /// Captures, labelled or not, or directories of captures; `-` for standard input
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath, required_unless_present = "list")]
    files: Vec<PathBuf>,
    /// The output: a file, a directory for tables of several types; `-` for standard output
    #[arg(short, long, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath, default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    force: Force,
    /// How records are written [default: by the output's name; jsonl on standard output]
    #[arg(long, visible_alias = "to", value_enum, value_name = "FORMAT")]
    format: Option<Records>,
    /// Only records of these types, or of these protocols
    #[arg(long, value_delimiter = ',', value_name = "TYPES", long_help = types_help())]
    only: Vec<String>,
    /// Whose names fields have
    #[arg(long, value_enum, default_value = "zeek", value_name = "WHOSE")]
    names: Spelling,
    /// What a record of the DNS is about
    #[arg(long, value_enum, default_value = "exchange", value_name = "WHAT")]
    dns: DnsUnit,
    /// In whose form records of the DNS are: `seed` tells each message as packet_analysis does, in JSON Lines
    #[arg(long, value_enum, default_value = "own", value_name = "WHOSE")]
    shape: Form,
    /// How times are written in JSON
    #[arg(long, value_enum, default_value = "epoch", value_name = "HOW")]
    times: Clock,
    /// Tell passwords and what stands for them
    #[arg(long)]
    secrets: bool,
    /// How much of a body to keep
    #[arg(long, value_parser = size::parse, default_value = "64K", value_name = "SIZE")]
    body: u64,
    /// A network that is local, for local_orig and local_resp; may be given several times
    #[arg(long, value_name = "CIDR")]
    local_net: Vec<Network>,
    #[command(flatten)]
    conversations: ConversationArgs,
    /// How much memory may be taken by what waits: bytes of streams, messages that are not whole, fragments, and records for
    /// their order; a body of each side has room in any case
    #[arg(long, value_parser = size::parse, default_value = MEMORY, value_name = "SIZE")]
    memory: u64,
    /// Tell what became of the packets, a reason a line (--explain, or --explain=json)
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    explain: Option<Accounting>,
    /// List all types of records and their fields (--list, --list=csv, --list=md)
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "table")]
    list: Option<Listing>,
    #[command(flatten)]
    strict: Strict,
}

fn types_help() -> String {
    let line = |kind: &crate::dissect::Kind| format!("\n{}: {}", kind.path, kind.doc);
    let lines: String = crate::dissect::kinds().into_iter().map(line).collect();
    format!("Only records of these types, or of these protocols (tls is ssl, http2 is http):\n{lines}")
}

impl Dissect {
    /// The format of the list of all fields, if that is asked for.
    pub(super) fn list(&self) -> Option<ListFormat> {
        self.list.map(|format| match format {
            Listing::Table => ListFormat::Table(TableFormat::Aligned),
            Listing::Csv => ListFormat::Table(TableFormat::Csv),
            Listing::Json => ListFormat::Table(TableFormat::Json),
            Listing::Md => ListFormat::Markdown,
        })
    }

    pub(super) fn request(&self) -> Result<Request> {
        Ok(Request {
            inputs: self.files.clone(),
            output: Target { path: self.output.clone(), force: self.force.force },
            format: self.format.map(|format| match format {
                Records::Jsonl => RowFormat::JsonLines,
                Records::Csv => RowFormat::Csv,
                Records::Parquet => RowFormat::Parquet,
            }),
            only: self.only.clone(),
            names: match self.names {
                Spelling::Zeek => Names::Zeek,
                Spelling::Ecs => Names::Ecs,
            },
            times: match self.times {
                Clock::Epoch => Times::Epoch,
                Clock::Rfc3339 => Times::Rfc3339,
            },
            limits: Limits {
                secrets: self.secrets,
                body: memory(self.body),
                dns_messages: self.dns == DnsUnit::Message || self.shape == Form::Seed,
                seed_dns: self.shape == Form::Seed,
            },
            keying: self.conversations.keying(),
            idle: self.conversations.idle_timeout,
            max_flows: self.conversations.max_flows as usize,
            overlap: self.conversations.overlap(),
            memory: memory(self.memory),
            local: LocalNetworks(self.local_net.clone()),
            explain: self.explain.map(|how| match how {
                Accounting::Text => Explain::Text,
                Accounting::Json => Explain::Json,
            }),
            strict: self.strict.strict,
        })
    }
}
