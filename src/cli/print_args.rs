//! The options of `print`, and the request that they become.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::args::{Force, Strict};
use crate::command::Target;
use crate::command::print::{LineFormat, PayloadForm, Request};
use crate::error::{Error, Result};
use crate::packet::Network;
use crate::rule::flow_records::Zone;

/// How a packet is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Lines {
    /// As print_pcap.py of packet_analysis, and further fields behind
    Text,
    /// One JSON object a line
    Jsonl,
}

/// How payloads are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Payload {
    /// Text: in lines with escapes; in JSON if it is UTF-8, else base64
    Text,
    /// Hex
    Hex,
    /// Base64
    Base64,
}

/// Print one line for each packet
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml print capture.pcap --asset-ip 10.0.0.5,192.168.0.0/16 --asset-port 80,443
      packets from or to one of the addresses, and from or to one of the ports
  pcapml print labelled.pcapng --format jsonl --snap 0 | jq 'select(.label == \"web\")'
  sudo tcpdump -U -w - | pcapml print - --line-buffered

A line of text: [TCP], [UDP], [ICMP_Unreach] …; seconds since 1970, date and time; source and destination with port and
hardware address; fields of the protocol; DATA, ttl, DATA_BINARY, LEN (of the payload on the wire); FRAME, and QUOTED (by an
ICMP error), FRAGMENT, VLAN, TUNNEL, SAMPLE, LABEL, FILE where there are such.")]
pub struct Print {
    /// Captures, labelled or not, or directories of captures; `-` for standard input
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath, required = true)]
    files: Vec<PathBuf>,
    /// The output; `-` for standard output. A name that ends in .gz or .zst is packed
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    force: Force,
    /// How a packet is written
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    format: Lines,
    /// Only packets from or to one of these addresses or networks, or ICMP errors about such
    #[arg(long, visible_alias = "assetip", value_delimiter = ',', value_name = "ADDRESSES")]
    asset_ip: Vec<Network>,
    /// Only packets from or to one of these ports, or ICMP errors about such
    #[arg(long, visible_alias = "assetport", value_delimiter = ',', value_name = "PORTS")]
    asset_port: Vec<u16>,
    /// Only packets that pass this filter of pcap-filter(7)
    #[arg(long, value_name = "FILTER")]
    bpf: Option<String>,
    /// Print at most so many bytes of each payload; 0 prints none [default: all]
    #[arg(long, value_name = "N")]
    snap: Option<usize>,
    /// How payloads are written [default: of TCP as text and in hex, of others in hex; in JSON as text]
    #[arg(long, value_enum, value_name = "FORM")]
    payload: Option<Payload>,
    /// Where the clock is by which dates of lines of text are shown: an IANA name (Europe/Prague) or a distance from UTC
    /// (+02:00) [default: UTC]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    timezone: Option<String>,
    /// The outermost IP header, not that inside tunnels
    #[arg(long)]
    outer: bool,
    /// Write each line at once, for packets that are being captured
    #[arg(short, long)]
    line_buffered: bool,
    #[command(flatten)]
    strict: Strict,
}

impl Print {
    pub(super) fn request(&self) -> Result<Request> {
        self.refuse_idle()?;
        Ok(Request {
            inputs: self.files.clone(),
            output: Target { path: self.output.clone(), force: self.force.force },
            format: match self.format {
                Lines::Text => LineFormat::Text,
                Lines::Jsonl => LineFormat::JsonLines,
            },
            networks: self.asset_ip.clone(),
            ports: self.asset_port.clone(),
            filter: self.bpf.clone(),
            snap: self.snap,
            payload: match self.payload {
                None => PayloadForm::Usual,
                Some(Payload::Text) => PayloadForm::Text,
                Some(Payload::Hex) => PayloadForm::Hex,
                Some(Payload::Base64) => PayloadForm::Base64,
            },
            zone: self.timezone.as_deref().unwrap_or("UTC").parse::<Zone>()?,
            outer: self.outer,
            at_once: self.line_buffered,
            strict: self.strict.strict,
        })
    }

    /// Sees that no option is without effect.
    fn refuse_idle(&self) -> Result<()> {
        let refused = |reason| Err(Error::request(reason).advise("leave one of them out"));
        match (self.format, self.snap) {
            (_, Some(0)) if self.payload.is_some() => refused("--payload is about payloads, and --snap 0 prints none"),
            (Lines::Jsonl, _) if self.timezone.is_some() => {
                refused("--timezone is about dates, and --format jsonl has none: ts is seconds since 1970")
            }
            _ => Ok(()),
        }
    }
}
