//! `pcapml split`: one pcap for each sample or each flow, and a metadata.csv that says what each is.

mod flows;
mod parts;

use std::path::{Path, PathBuf};

use super::samples::field_columns;
use super::{Context, MEMORY, Target, count};
use crate::capture::{Item, Losses};
use crate::error::{Error, Result};
use crate::packet::{Packet, Sample};
use crate::sample::comment::{Recogniser, escape};
use crate::sample::fields;
use crate::sample::header::Header;
use crate::sample::membership::{Runs, Samples};
use crate::sink::Directory;
use crate::table::{Column, ColumnKind, Table, Value};
use parts::{Part, Parts};

pub use flows::FlowRules;
pub(super) use flows::stem as flow_stem;

/// The longest label in a file name, in bytes; file systems allow 255 for the whole name.
const MAX_LABEL: usize = 100;

/// What to split, and where to.
#[derive(Debug, Clone)]
pub struct Request {
    /// A capture; a labelled one, if it is to be split into samples.
    pub input: PathBuf,
    /// The directory.
    pub output: Target,
    /// Split into flows, of each sample, by these rules; otherwise into samples.
    pub flows: Option<FlowRules>,
    /// About how many bytes of packets to hold in memory.
    pub memory: usize,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

impl Request {
    /// A request with every choice left at its default.
    pub fn new(input: &Path, output: Target) -> Self {
        Self { input: input.to_owned(), output, flows: None, memory: MEMORY, strict: false }
    }
}

/// Splits a capture.
///
/// # Errors
/// If the input cannot be opened, the directory is not empty (without `force`), or something cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    if let Some(rules) = &request.flows {
        return flows::run(request, rules, context);
    }
    let mut reader = context.open(&request.input)?;
    let directory = Directory::create(&request.output.path, &context.rules(&request.output, Vec::new()))?;
    let mut runs = Runs::new(Header::read(reader.section_options()).as_ref());
    let mut split = Split {
        parts: Parts::new(&directory, request.memory, context),
        samples: Samples::default(),
        recogniser: Recogniser::default(),
        unlabelled: 0,
    };
    context.each_item(&mut reader, request.strict, |item| match item {
        Item::Packet(packet) => {
            if let Err(error) = runs.packet(packet) {
                context.fault(&error.in_file(&request.input));
            }
            split.packet(packet)
        }
        Item::Other(_) => {
            split.parts.losses.blocks += 1;
            Ok(())
        }
        Item::Section(_) | Item::Interface(..) => Ok(()),
    })?;
    context.tell_conflicts(&split.samples, Some(&request.input));
    let samples = split.samples.all().len() as u64;
    let unlabelled = split.unlabelled;
    let losses = split.finish(&directory)?;
    context.refuse_faults(request.strict, false)?;
    if samples == 0 && unlabelled > 0 {
        return Err(Error::request("no packet carries a label")
            .in_file(&request.input)
            .advise("label it first: pcapml label"));
    }
    let others = directory.commit()?;
    context.note_any(others, "file", "in the directory not of this split");
    context.note_losses(losses);
    let left = match unlabelled {
        0 => String::new(),
        _ => format!("; {} without a sample left out", count(unlabelled, "packet")),
    };
    context.note(format!("{} written{left}", count(samples, "sample")));
    Ok(())
}

struct Split {
    /// Samples are their groups.
    parts: Parts,
    samples: Samples,
    recogniser: Recogniser,
    unlabelled: u64,
}

impl Split {
    fn packet(&mut self, packet: &Packet) -> Result<()> {
        let mut numbers = Vec::new();
        self.samples.of_packet(packet, |number| numbers.push(number));
        if numbers.is_empty() {
            self.unlabelled += 1;
        }
        self.parts.losses.options += lost_options(&mut self.recogniser, packet);
        let samples = self.samples.all();
        numbers.into_iter().try_for_each(|number| self.parts.write(number, packet, || stem(&samples[number])))
    }

    fn finish(self, directory: &Directory) -> Result<Losses> {
        let (samples, losses) = (self.samples.all(), self.parts.losses);
        self.parts.finish(directory, |sample| stem(&samples[sample]), |parts| metadata(samples, parts))?;
        Ok(losses)
    }
}

/// How many options of a packet are lost: comments that name samples are in metadata.csv.
fn lost_options(recogniser: &mut Recogniser, packet: &Packet) -> u64 {
    packet.options.filter(|option| !recogniser.is_label(option)).count() as u64
}

/// `<id>_<label>`, the label escaped and cut so that no name is too long or leads elsewhere.
fn stem(sample: &Sample) -> String {
    let label = escape(&sample.label);
    let mut end = label.len().min(MAX_LABEL);
    while !label.is_char_boundary(end) {
        end -= 1;
    }
    // Nor is an escape cut in two.
    let cut = &label[..end];
    let cut = match cut.rfind('%') {
        Some(at) if end < label.len() && cut.len() - at < 3 => &cut[..at],
        _ => cut,
    };
    format!("{}_{cut}", sample.id)
}

fn metadata(samples: &[Sample], parts: &mut dyn Iterator<Item = (&Part, &str)>) -> Table {
    let keys = fields::names(samples);
    let mut columns = vec![
        Column::new("File", ColumnKind::Text, "The file's name."),
        Column::new("Label", ColumnKind::Text, "The sample's class."),
        Column::new("SampleID", ColumnKind::Text, "The sample's id."),
        Column::new("Packets", ColumnKind::Count, "Packets in the file."),
        Column::new("Bytes", ColumnKind::Count, "Their length on the wire, in bytes."),
        Column::new("FirstTimestamp", ColumnKind::Time, "The earliest time, in seconds since 1970."),
        Column::new("LastTimestamp", ColumnKind::Time, "The latest time, in seconds since 1970."),
    ];
    columns.extend(field_columns(&keys, &columns));
    let row = |(part, name): (&Part, &str)| {
        let sample = &samples[part.group];
        let mut row = vec![
            Value::Text(name.to_owned()),
            Value::Text(sample.label.clone()),
            Value::Text(sample.id.to_string()),
            Value::Count(part.tally.packets),
            Value::Count(part.tally.bytes),
            part.tally.first.into(),
            part.tally.last.into(),
        ];
        row.extend(keys.iter().map(|key| sample.field(key).map(str::to_owned).into()));
        row
    };
    Table { rows: parts.map(row).collect(), columns }
}
