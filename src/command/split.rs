//! `pcapml split`: one pcap for each sample, and a metadata.csv that says what each is.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::samples::{conflict, field_columns, field_names};
use super::{Context, MEMORY, Target, count};
use crate::capture::{Item, Losses, pcap_header, pcap_record, refine};
use crate::error::{Error, Result};
use crate::packet::{LinkType, Packet, Sample};
use crate::sample::comment::{Recogniser, escape};
use crate::sample::header::Header;
use crate::sample::membership::{Runs, Samples};
use crate::sample::tally::Tally;
use crate::sink::{Directory, ManyFiles, TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// The longest label in a file name, in bytes; file systems allow 255 for the whole name.
const MAX_LABEL: usize = 100;

/// What to split, and where to.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// The directory.
    pub output: Target,
    /// About how many bytes of packets to hold in memory.
    pub memory: usize,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

impl Request {
    /// A request with every choice left at its default.
    pub fn new(input: &Path, output: Target) -> Self {
        Self { input: input.to_owned(), output, memory: MEMORY, strict: false }
    }
}

/// One output file: packets of one sample and one link type.
struct Part {
    sample: usize,
    link_type: LinkType,
    nanoseconds: bool,
    tally: Tally,
}

/// Splits a capture.
///
/// # Errors
/// If the input cannot be opened, the directory is not empty (without `force`), or something cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let mut reader = context.open(&request.input)?;
    let directory = Directory::create(&request.output.path, &context.rules(&request.output, Vec::new()))?;
    let mut runs = Runs::new(Header::read(reader.section_options()).as_ref());
    let mut split = Split {
        files: ManyFiles::new(&directory, request.memory, context.threads),
        samples: Samples::default(),
        recogniser: Recogniser::default(),
        parts: Vec::new(),
        by_sample: HashMap::new(),
        unlabelled: 0,
        losses: Losses::default(),
        names: HashMap::new(),
    };
    context.each_item(&mut reader, request.strict, |item| match item {
        Item::Packet(packet) => {
            if let Err(error) = runs.packet(packet) {
                context.fault(&error.in_file(&request.input));
            }
            split.packet(packet)
        }
        Item::Other(_) => {
            split.losses.blocks += 1;
            Ok(())
        }
        Item::Section(_) | Item::Interface(..) => Ok(()),
    })?;
    for (_, one, other) in split.samples.conflicts() {
        context.fault(&conflict(one, other).in_file(&request.input));
    }
    let samples = split.samples.all().len() as u64;
    let unlabelled = split.unlabelled;
    let losses = split.losses;
    split.finish(&directory)?;
    if request.strict && context.faults() > 0 {
        return Err(Error::request("nothing was written, because --strict was given"));
    }
    if samples == 0 && unlabelled > 0 {
        return Err(Error::request("no packet carries a label")
            .in_file(&request.input)
            .advise("label it first: pcapml label"));
    }
    let others = directory.commit()?;
    if others > 0 {
        context.note(format!("{} in the directory not of this split", count(others, "file")));
    }
    context.note_losses(losses);
    let left = match unlabelled {
        0 => String::new(),
        _ => format!("; {} without a sample left out", count(unlabelled, "packet")),
    };
    context.note(format!("{} written{left}", count(samples, "sample")));
    Ok(())
}

struct Split {
    files: ManyFiles,
    samples: Samples,
    recogniser: Recogniser,
    /// As many as there are files, with the same numbers.
    parts: Vec<Part>,
    by_sample: HashMap<(usize, LinkType), usize>,
    unlabelled: u64,
    losses: Losses,
    /// How often a file name was given.
    names: HashMap<String, u32>,
}

impl Split {
    fn packet(&mut self, packet: &Packet) -> Result<()> {
        let mut numbers = Vec::new();
        self.samples.of_packet(packet, |number| numbers.push(number));
        if numbers.is_empty() {
            self.unlabelled += 1;
        }
        // Comments that name samples are in metadata.csv: they are not lost.
        self.losses.options += packet.options.filter(|option| !self.recogniser.is_label(option)).count() as u64;
        for sample in numbers {
            let part = self.part(sample, packet)?;
            self.parts[part].tally.add(packet);
            let (nanoseconds, losses) = (self.parts[part].nanoseconds, &mut self.losses);
            self.files.append(part, |out| pcap_record(out, packet, nanoseconds, losses))?;
        }
        Ok(())
    }

    /// The file for a packet of this sample.
    fn part(&mut self, sample: usize, packet: &Packet) -> Result<usize> {
        let interface = packet.interface;
        let nanoseconds = !interface.resolution.fits_microseconds();
        let key = (sample, interface.link_type);
        if let Some(&part) = self.by_sample.get(&key) {
            if nanoseconds && !self.parts[part].nanoseconds {
                // The first packet of a finer interface: the file was begun with microseconds.
                self.files.rewrite(part, refine)?;
                self.parts[part].nanoseconds = true;
            }
            return Ok(part);
        }
        let name = self.unique(stem(&self.samples.all()[sample]));
        let part = self.files.begin(name);
        self.files.append(part, |out| out.extend_from_slice(&pcap_header(interface, nanoseconds)))?;
        self.parts.push(Part { sample, link_type: interface.link_type, nanoseconds, tally: Tally::default() });
        self.by_sample.insert(key, part);
        Ok(part)
    }

    /// `<stem>.pcap`, or another name if a file has that one.
    fn unique(&mut self, stem: String) -> String {
        let given = self.names.entry(stem.clone()).or_default();
        *given += 1;
        match *given {
            1 => format!("{stem}.pcap"),
            again => format!("{stem}~{again}.pcap"),
        }
    }

    /// Gives the files of samples with several link types their names, and writes the metadata.
    fn finish(mut self, directory: &Directory) -> Result<()> {
        let mut names: Vec<String> = Vec::with_capacity(self.parts.len());
        let mut counts = vec![0_u32; self.samples.all().len()];
        for part in &self.parts {
            counts[part.sample] += 1;
        }
        for number in 0..self.parts.len() {
            let Part { sample, link_type, .. } = self.parts[number];
            if counts[sample] > 1 {
                let stem = stem(&self.samples.all()[sample]);
                let name = self.unique(format!("{stem}_linktype-{}", link_type.0));
                self.files.rename(number, name)?;
            }
            names.push(self.files.name(number).to_owned());
        }
        self.files.flush()?;
        let table = metadata(self.samples.all(), &self.parts, names);
        let path = directory.path().join("metadata.csv");
        let mut file = std::fs::File::create(&path).map_err(|error| Error::from(error).in_file(&path))?;
        write_table(&table, TableFormat::Csv, &mut file).map_err(|error| error.in_file(&path))
    }
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

fn metadata(samples: &[Sample], parts: &[Part], names: Vec<String>) -> Table {
    let keys = field_names(samples);
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
    let row = |(part, name): (&Part, String)| {
        let sample = &samples[part.sample];
        let mut row = vec![
            Value::Text(name),
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
    Table { rows: parts.iter().zip(names).map(row).collect(), columns }
}
