//! Files of labelled flow records: CICFlowMeter, Argus, Zeek, NFStream, nfdump, and tables of one's own.
//!
//! [`FlowRecords::read`] reads a file into memory and understands it: addresses, ports, protocol, label, and the span of
//! time that a record can mean, however its tool wrote times. Which packets belong to a record is not asked here.
//!
//! Formats are presets, all in one table (`preset.rs`); [`RecordFormat::Auto`] takes the one that the header fits.
//!
//! Promises, each tested: a row that is not understood is an error with line and column, never left out in silence; what
//! is left out or repaired on purpose is counted as an [`Oddity`]; any bytes give `Ok` or `Err`, never a panic; a record
//! covers every moment that its texts can mean; the same file means the same on any machine.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod columns;
mod lines;
mod preset;
mod protocol;
mod rows;
#[cfg(test)]
mod tests;
mod times;
mod zeek;
mod zone;

use std::io::Read;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

pub use columns::ColumnSpec;
pub use preset::{Preset, presets};
pub use times::DurationUnit;
pub use zone::Zone;

use super::csv_text::is_capture;
use crate::capture::Source;
use crate::error::{Error, Result};
use columns::{Columns, Naming, Role, detect, no_label};
use lines::{Lines, Row};
use preset::PRESETS;
use rows::{Collector, Layout};

/// One flow record, as far as labelling needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRecord {
    /// The physical line in the file, from 1.
    pub line: u64,
    /// IANA's number; `None` is some protocol that the record does not tell: neither TCP nor UDP, and not ICMP or ICMPv6
    /// either, unless [`FlowRecords::icmp_is_other`].
    pub protocol: Option<u8>,
    /// The address of the side that the tool calls source, originator or client.
    pub source: IpAddr,
    /// The address of the other side; of the same IP version.
    pub destination: IpAddr,
    /// The ports of source and destination; `None` where the record has none that mean anything. Of ICMP, only Zeek's
    /// mean something: type, and the type of the answer or the code.
    pub ports: Option<(u16, u16)>,
    /// The earliest moment at which the record can begin, in nanoseconds since 1970-01-01 UTC.
    pub start: i64,
    /// The latest moment that the record can cover, inclusive, in nanoseconds since 1970-01-01 UTC.
    pub end: i64,
    /// An index into [`FlowRecords::labels`].
    pub label: u32,
}

/// A file of flow records that was read and found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRecords {
    /// The name of the preset that was used, or `columns`.
    pub format: &'static str,
    /// In the order of the file.
    pub records: Vec<FlowRecord>,
    /// The different labels, in the order in which they first appear.
    pub labels: Vec<String>,
    /// Records without a protocol may be of ICMP: the tool tells only TCP and UDP apart.
    pub icmp_is_other: bool,
    /// What was left out or repaired.
    pub oddities: Vec<Oddity>,
}

/// Something that was left out or repaired, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// What, in words: "blank rows".
    pub what: &'static str,
    /// How many times.
    pub count: u64,
    /// The line where it first happened, from 1.
    pub first_line: u64,
}

/// What is known about a file beside its bytes.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Which format it is.
    pub format: RecordFormat,
    /// Where the clock stood that its times are of, if not where the preset says. A time that names its own zone keeps
    /// it; times since 1970 have none, and a zone for them is an error.
    pub timezone: Option<Zone>,
    /// How times are written: `s`, `ms`, `us` or `ns` since 1970, or a strptime format; otherwise as the preset says, and
    /// for columns of one's own either seconds since 1970 or like RFC 3339.
    pub time_format: Option<String>,
    /// The unit of durations, if not the preset's; an error for records with an end time.
    pub duration_unit: Option<DurationUnit>,
    /// The column of the labels, if not the preset's.
    pub label_column: Option<String>,
}

/// The format of a file.
#[derive(Debug, Clone, Default)]
pub enum RecordFormat {
    /// The preset that the header fits.
    #[default]
    Auto,
    /// This one.
    Preset(&'static Preset),
    /// A table with these columns.
    Columns(ColumnSpec),
}

impl FromStr for RecordFormat {
    type Err = Error;

    /// Reads `auto`, the name or alias of a preset, or `columns:src=…,dst=…`.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        if let Some(spec) = text.strip_prefix("columns:") {
            return spec.parse().map(Self::Columns);
        }
        Preset::of_name(text).map(Self::Preset).ok_or_else(|| {
            let names: Vec<&str> = presets().map(|(name, _)| name).collect();
            Error::request(format!("'{text}' is no format of flow records"))
                .advise(format!("write auto, {} or columns:src=…,dst=…", names.join(", ")))
        })
    }
}

impl FlowRecords {
    /// Reads a file, plain or packed (gzip, zstd, xz, LZ4); `-` is standard input.
    ///
    /// # Errors
    /// The first row that cannot be understood, with file, line and column; a file of no known format, with its columns.
    pub fn read(path: &Path, options: &ReadOptions) -> Result<Self> {
        let source = Source::open(path)?;
        let name = source.name().to_owned();
        source.into_plain().and_then(|stream| Reading::new(stream, options).read()).map_err(|error| error.in_file(name))
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// As for [`Self::read`], without a file's name.
    pub fn parse(bytes: &[u8], options: &ReadOptions) -> Result<Self> {
        Reading::new(bytes, options).read()
    }
}

/// A file that is being read.
struct Reading<'o, R> {
    lines: Lines<R>,
    options: &'o ReadOptions,
    collector: Collector,
}

impl<'o, R: Read> Reading<'o, R> {
    fn new(stream: R, options: &'o ReadOptions) -> Self {
        Self { lines: Lines::new(stream), options, collector: Collector::default() }
    }

    fn read(mut self) -> Result<FlowRecords> {
        let mut row = Row::default();
        if !self.next_row(&mut row, b',')? {
            return Err(Error::labels("the file holds no records"));
        }
        let (line, text) = (row.line, row.text());
        let wrong = |message: &str, advice: &str| Err(Error::labels(message).at_line(line, None).advise(advice));
        match text {
            _ if is_capture(text) => wrong("a capture, and no table", "see that the arguments are not swapped"),
            _ if is_rule(text) => wrong("a rule, and no flow record", "give rules to --labels"),
            [b'P', b'K', 3, 4, ..] => wrong("a zip archive", "unpack it and give the file inside"),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => wrong("a text in UTF-16", "convert the file to UTF-8"),
            [b'{', ..] => self.read_json(row),
            _ if zeek::begins_table(text) => self.read_zeek(row),
            _ => self.read_table(row),
        }
    }

    /// Goes on to the next line that is neither blank nor a comment; false at the end.
    fn next_row(&mut self, row: &mut Row, separator: u8) -> Result<bool> {
        while self.lines.next_into(row)? {
            if row.is_blank(separator) {
                self.collector.oddities.count("blank rows", row.line);
            } else if row.text().starts_with(b"#") && !zeek::begins_table(row.text()) {
                self.collector.oddities.count("comment lines", row.line);
            } else {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A table with a header, or one whose columns are known without; `row` is its first line.
    fn read_table(mut self, mut row: Row) -> Result<FlowRecords> {
        let options = self.options;
        let separator = separator(row.text());
        row.split(separator, true)?;
        let line = row.line;
        let (header, mut more) = match implied(options, &row) {
            Some(preset) => (preset.implied.iter().map(|name| (*name).to_owned()).collect(), true),
            None => {
                let header: Vec<String> = (0..row.len()).map(|at| zeek::name(row.field(at))).collect();
                (header, self.next_row(&mut row, separator)?)
            }
        };
        if more {
            row.split(separator, true)?;
        }
        let at_header = |error: Error| error.at_line(line, None);
        let naming = match &options.format {
            RecordFormat::Auto => Naming::Preset(detect(&header, more.then_some(&row)).map_err(at_header)?),
            format => named(format),
        };
        let label = options.label_column.as_deref();
        let columns = Columns::of_header(naming, label, &header).map_err(at_header)?;
        let mut layout = Layout::new(naming, columns, options)?;
        let mut totals = false;
        while more {
            if layout.columns.is_header(&row) {
                self.collector.oddities.count("repeated header lines", row.line);
                totals = false;
            } else if layout.traits.summary && row.text().starts_with(b"Summary") {
                self.collector.oddities.count("nfdump's summaries", row.line);
                totals = true;
            } else if !totals {
                self.collector.add(&row, &mut layout)?;
            }
            more = self.next_row(&mut row, separator)?;
            row.split(separator, true)?;
        }
        Ok(self.collector.finish(format_name(naming)))
    }

    /// Zeek's tables, one after the other; `row` is the first line of the first.
    fn read_zeek(mut self, mut row: Row) -> Result<FlowRecords> {
        let options = self.options;
        let naming = named(&options.format);
        let mut header = zeek::Header::new();
        let mut layout: Option<Layout> = None;
        let mut more = true;
        while more {
            if row.text().starts_with(b"#") {
                let line = row.line;
                if header.read(&mut row)? {
                    let columns = Columns::of_header(naming, options.label_column.as_deref(), &header.fields)
                        .map_err(|error| error.at_line(line, None))?;
                    let mut understood = Layout::new(naming, columns, options)?;
                    understood.traits.unset = true;
                    layout = Some(understood);
                }
            } else if row.is_blank(header.separator) {
                self.collector.oddities.count("blank rows", row.line);
            } else {
                row.split(header.separator, false)?;
                if header.joined {
                    row.split_last();
                }
                let layout = layout.as_mut().ok_or_else(|| {
                    Error::labels("a record before the line #fields, which names the columns").at_line(row.line, None)
                })?;
                self.collector.add(&row, layout)?;
            }
            more = self.lines.next_into(&mut row)?;
        }
        match layout {
            Some(_) => Ok(self.collector.finish(format_name(naming))),
            None => Err(Error::labels("the file has no line #fields, which names the columns")),
        }
    }

    /// JSON lines, Zeek's or with the names of another preset; `line` is the first.
    fn read_json(mut self, mut line: Row) -> Result<FlowRecords> {
        let options = self.options;
        let label = options.label_column.as_deref();
        let first = zeek::object(&line)?;
        let keys: Vec<String> = first.keys().cloned().collect();
        // Zeek leaves out what is unset, and with it columns that detection asks for.
        let zeek = ["id.orig_h", "id_orig_h"].into_iter().any(|name| zeek::value(&first, name).is_some());
        let naming = match options.format {
            RecordFormat::Auto if !zeek => {
                Naming::Preset(detect(&keys, None).map_err(|error| error.at_line(line.line, None))?)
            }
            _ => named(&options.format),
        };
        let mut layout = Layout::new(naming, Columns::of_roles(naming, label), options)?.of_json();
        layout.traits.unset = true;
        let wanted = label.map_or_else(|| naming.names(Role::Label), |label| vec![label]);
        let (mut row, mut labelled, first_line) = (Row::default(), false, line.line);
        let mut more = true;
        while more {
            let object = zeek::object(&line)?;
            labelled |= wanted.iter().any(|name| zeek::value(&object, name).is_some());
            zeek::fields_of(&object, naming, label, &mut row);
            row.line = line.line;
            self.collector.add(&row, &mut layout)?;
            more = self.next_row(&mut line, b',')?;
        }
        if !labelled {
            let wanted = wanted.first().copied().unwrap_or_default();
            return Err(no_label(wanted, &keys).at_line(first_line, None));
        }
        Ok(self.collector.finish(format_name(naming)))
    }
}

/// True for a line of a file of rules.
fn is_rule(text: &[u8]) -> bool {
    ["BPF:", "TS_START:", "TS_END:", "FILE:"].iter().any(|prefix| text.starts_with(prefix.as_bytes()))
}

/// The naming that was asked for; Zeek's where none was.
fn named(format: &RecordFormat) -> Naming<'_> {
    match format {
        RecordFormat::Auto => Naming::Preset(&preset::ZEEK),
        RecordFormat::Preset(preset) => Naming::Preset(preset),
        RecordFormat::Columns(spec) => Naming::Own(spec),
    }
}

fn format_name(naming: Naming) -> &'static str {
    match naming {
        Naming::Preset(preset) => preset.name,
        Naming::Own(_) => "columns",
    }
}

/// The separator that stands most often in the first line.
fn separator(line: &[u8]) -> u8 {
    let count = |wanted: u8| line.iter().filter(|&&byte| byte == wanted).count();
    // The last of equals is taken: a comma where there is none of them.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|&byte| count(byte)).unwrap_or(b',')
}

/// The preset whose files have no header and as many columns as this row, if it begins like a record.
fn implied(options: &ReadOptions, row: &Row) -> Option<&'static Preset> {
    let is_address = |at: usize| std::str::from_utf8(row.field(at)).is_ok_and(|text| text.parse::<IpAddr>().is_ok());
    PRESETS.iter().find(|preset| {
        let asked = match &options.format {
            RecordFormat::Auto => true,
            RecordFormat::Preset(asked) => asked.name == preset.name,
            RecordFormat::Columns(_) => false,
        };
        let place = |role| {
            let names = Naming::Preset(preset).names(role);
            preset.implied.iter().position(|name| names.contains(name))
        };
        let addresses = [Role::Source, Role::Destination].into_iter().all(|role| place(role).is_some_and(is_address));
        asked && preset.implied.len() == row.len() && addresses
    })
}
