//! The options of `streams`, and the request that they become.

use std::path::{Path, PathBuf};

use clap::{ValueEnum, ValueHint};

use super::args::{Force, MEMORY, Strict, memory};
use super::conversation_args::ConversationArgs;
use super::size;
use crate::command::Target;
use crate::command::streams::{Form, Mode, Request};
use crate::error::{Error, Result};
use crate::sink::RowFormat;

/// How streams are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Written {
    /// A directory: a file for each direction, and streams.csv
    Files,
    /// One JSON object a line
    Jsonl,
}

/// What a JSON object is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum About {
    /// A conversation, when it ends
    Session,
    /// What came at once: the new bytes of a segment, or a datagram
    Chunk,
    /// What one side sent before the other one spoke
    Exchange,
}

/// What both sides of every conversation over TCP and UDP sent, as bytes
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml streams capture.pcap -o streams/
      streams/<start>_<originator>_<port>_<responder>_<port>_<protocol>.orig.bin and .resp.bin,
      and streams/streams.csv, which names them and says what is missing
  pcapml streams labelled.pcapng -o said.jsonl --mode exchange
      one JSON object for each turn, with the sample's id and label
  pcapml streams captures/ --bpf 'tcp port 80' -o web/
      of several captures, each conversation says which it is from
  pcapml streams capture.pcap --mode chunk | grep password
Bytes stand in the order of the stream, each once; missing ones are marked, and take no room in files.
What is no UTF-8 is in base64, and a field beside it ending in _encoding says so.")]
pub struct Streams {
    /// Captures, labelled or not, or directories of captures; `-` for standard input
    #[arg(value_name = "FILE|DIR", value_hint = ValueHint::AnyPath, required = true)]
    files: Vec<PathBuf>,
    /// The output: a directory, or a file of JSON Lines; `-` for standard output
    #[arg(short, long, value_name = "DIR|FILE", value_hint = ValueHint::AnyPath, default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    force: Force,
    /// How streams are written [default: by the output's name; jsonl on standard output]
    #[arg(long, visible_alias = "to", value_enum, value_name = "FORMAT")]
    format: Option<Written>,
    /// Of JSON Lines: what an object is about [default: session]
    #[arg(long, value_enum, value_name = "WHAT")]
    mode: Option<About>,
    /// Only packets that pass this filter of pcap-filter(7); ports are only in the first fragment of a datagram
    #[arg(long, value_name = "FILTER")]
    bpf: Option<String>,
    #[command(flatten)]
    conversations: ConversationArgs,
    /// How much memory bytes that wait may take; conversations larger than that come in parts
    #[arg(long, value_parser = size::parse, default_value = MEMORY, value_name = "SIZE")]
    memory: u64,
    #[command(flatten)]
    strict: Strict,
}

impl Streams {
    pub(super) fn request(&self) -> Result<Request> {
        Ok(Request {
            inputs: self.files.clone(),
            output: Target { path: self.output.clone(), force: self.force.force },
            form: self.form()?,
            filter: self.bpf.clone(),
            keying: self.conversations.keying(),
            idle: self.conversations.idle_timeout,
            max_flows: self.conversations.max_flows as usize,
            overlap: self.conversations.overlap(),
            memory: memory(self.memory),
            strict: self.strict.strict,
        })
    }

    fn form(&self) -> Result<Form> {
        let is_stdout = self.output == Path::new("-");
        let by_name = is_stdout || RowFormat::of_name(&self.output) == Some(RowFormat::JsonLines);
        let format = self.format.unwrap_or(if by_name { Written::Jsonl } else { Written::Files });
        match (format, self.mode) {
            (Written::Files, Some(_)) => Err(Error::request("--mode says what JSON objects are about")
                .advise("name the output .jsonl, or give --format jsonl")),
            (Written::Files, None) if is_stdout => {
                Err(Error::request("files need a directory").advise("give one with -o"))
            }
            (Written::Files, None) => Ok(Form::Files),
            (Written::Jsonl, None | Some(About::Session)) => Ok(Form::Lines(Mode::Session)),
            (Written::Jsonl, Some(About::Chunk)) => Ok(Form::Lines(Mode::Chunk)),
            (Written::Jsonl, Some(About::Exchange)) => Ok(Form::Lines(Mode::Exchange)),
        }
    }
}
