//! Labels that the capture itself holds: its interfaces' names, comments that somebody wrote, the hosts of a table.

use std::collections::HashMap;
use std::path::Path;

use super::Match;
use super::labeller::{Labeller, Register, SampleNumber, tally_table};
use crate::command::dataset_files::DatasetFile;
use crate::command::{Context, count, list};
use crate::decode;
use crate::error::{Error, Result};
use crate::packet::{Interface, Key, Packet, Sample};
use crate::rule::{HostMap, Ids, Pattern};
use crate::sample::comment::Recogniser;
use crate::table::Table;

/// Comments whose sample is remembered.
const MAX_REMEMBERED: usize = 1 << 16;

/// Packets and bytes of each sample.
#[derive(Debug, Default)]
struct Tallies(Vec<(u64, u64)>);

impl Tallies {
    fn add(&mut self, sample: SampleNumber, packet: &Packet) {
        let at = sample as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, (0, 0));
        }
        let (packets, bytes) = &mut self.0[at];
        *packets += 1;
        *bytes += u64::from(packet.original_length);
    }
}

/// A sample for each name of an interface.
pub(super) struct InterfaceLabeller<'a> {
    register: Register<'a>,
    /// For each interface of the current capture, by number.
    samples: Vec<Option<SampleNumber>>,
    tallies: Tallies,
}

impl<'a> InterfaceLabeller<'a> {
    pub(super) fn new(ids: &'a Ids) -> Self {
        Self { register: Register::new(ids), samples: Vec::new(), tallies: Tallies::default() }
    }
}

impl Labeller for InterfaceLabeller<'_> {
    fn samples(&self) -> &[Sample] {
        self.register.samples()
    }

    fn next_file(&mut self, _file: &DatasetFile) -> Result<()> {
        self.samples.clear();
        Ok(())
    }

    fn interface(&mut self, interface: &Interface) -> Result<()> {
        let name = interface.name().or_else(|| interface.description()).filter(|name| !name.is_empty());
        let sample = name.map(|name| self.register.sample(Key::Key(&name), &name, &[])).transpose()?;
        let at = interface.number as usize;
        self.samples.resize((at + 1).max(self.samples.len()), None);
        self.samples[at] = sample;
        Ok(())
    }

    fn choose(&mut self, packet: &Packet, chosen: &mut Vec<SampleNumber>) -> Result<()> {
        if let Some(&Some(sample)) = self.samples.get(packet.interface.number as usize) {
            self.tallies.add(sample, packet);
            chosen.push(sample);
        }
        Ok(())
    }

    fn unlabelled_because(&self) -> &'static str {
        "came from interfaces without name and description"
    }

    fn report(&mut self, _context: &Context) -> Result<bool> {
        Ok(false)
    }

    fn stats(&self) -> Table {
        tally_table(self.samples(), &self.tallies.0)
    }
}

/// A sample for each thing that comments say.
pub(super) struct CommentLabeller<'a> {
    pattern: &'a Pattern,
    register: Register<'a>,
    known: HashMap<Vec<u8>, Option<SampleNumber>>,
    recogniser: Recogniser,
    matching: Match,
    tallies: Tallies,
    /// Comments that are labels of ours.
    ours: u64,
}

impl<'a> CommentLabeller<'a> {
    pub(super) fn new(pattern: &'a Pattern, matching: Match, ids: &'a Ids) -> Self {
        Self {
            pattern,
            register: Register::new(ids),
            known: HashMap::new(),
            recogniser: Recogniser::default(),
            matching,
            tallies: Tallies::default(),
            ours: 0,
        }
    }

    fn sample(&mut self, text: &[u8]) -> Result<Option<SampleNumber>> {
        if let Some(known) = self.known.get(text) {
            return Ok(*known);
        }
        let sample = match self.pattern.read(&String::from_utf8_lossy(text)) {
            None => None,
            Some(named) => {
                let all = || {
                    let fields = named.fields.iter().map(|(name, value)| format!("|{name}={value}"));
                    named.label.clone() + &fields.collect::<String>()
                };
                let key = named.key.clone().unwrap_or_else(all);
                Some(self.register.sample(Key::Key(&key), &named.label, &named.fields)?)
            }
        };
        if self.known.len() == MAX_REMEMBERED {
            self.known.clear();
        }
        self.known.insert(text.to_owned(), sample);
        Ok(sample)
    }
}

impl Labeller for CommentLabeller<'_> {
    fn samples(&self) -> &[Sample] {
        self.register.samples()
    }

    fn choose(&mut self, packet: &Packet, chosen: &mut Vec<SampleNumber>) -> Result<()> {
        for option in packet.options {
            let ours = self.recogniser.is_label(&option);
            self.ours += u64::from(ours);
            let foreign = option.code == crate::packet::code::OPT_COMMENT && !ours;
            if !foreign || self.matching == Match::First && !chosen.is_empty() {
                continue;
            }
            let sample = self.sample(option.text())?;
            if let Some(sample) = sample.filter(|sample| !chosen.contains(sample)) {
                chosen.push(sample);
                self.tallies.add(sample, packet);
            }
        }
        match chosen.as_slice() {
            [_, _, ..] if self.matching == Match::Unique => Err(Error::labels(format!(
                "packet {} ({}) has comments of two samples",
                packet.number,
                packet.position()
            ))
            .advise("choose --match first or all")),
            _ => Ok(()),
        }
    }

    fn unlabelled_because(&self) -> &'static str {
        "had no comment that matches"
    }

    fn report(&mut self, context: &Context) -> Result<bool> {
        if self.ours > 0 {
            let ours = count(self.ours, "comment");
            context.note(format!(
                "{ours} of pcapml itself: --by comment asks only others (pcapml relabel changes labels)"
            ));
        }
        Ok(false)
    }

    fn stats(&self) -> Table {
        tally_table(self.samples(), &self.tallies.0)
    }
}

/// Samples of hosts.
pub(super) struct HostLabeller<'a> {
    path: &'a Path,
    map: HostMap,
    register: Register<'a>,
    /// For each row of the table, its sample.
    samples: Vec<SampleNumber>,
    matching: Match,
    tallies: Tallies,
    /// Packets between hosts of two samples.
    both: u64,
}

impl<'a> HostLabeller<'a> {
    pub(super) fn new(path: &'a Path, matching: Match, ids: &'a Ids) -> Result<Self> {
        let map = HostMap::read(path)?;
        let mut register = Register::new(ids);
        let sample = |row: &crate::rule::HostRow| {
            let (label, fields) = (&row.label.label, &row.label.fields);
            let key = row.label.key.as_deref().unwrap_or(&row.host);
            register.sample(Key::Key(key), label, fields).map_err(|error| error.at_line(row.line, None).in_file(path))
        };
        let samples = map.rows.iter().map(sample).collect::<Result<Vec<_>>>()?;
        Ok(Self { path, map, register, samples, matching, tallies: Tallies::default(), both: 0 })
    }
}

impl Labeller for HostLabeller<'_> {
    fn samples(&self) -> &[Sample] {
        self.register.samples()
    }

    fn choose(&mut self, packet: &Packet, chosen: &mut Vec<SampleNumber>) -> Result<()> {
        let layers = decode::layers(packet.interface.link_type, packet.bytes, packet.original_length);
        let [source, destination] = self.map.ends(&layers);
        let sample = |row: u32| self.samples[row as usize];
        let ends = [source, destination].map(|row| row.map(sample));
        let apart = matches!(ends, [Some(one), Some(other)] if one != other);
        self.both += u64::from(apart);
        match self.matching {
            Match::Unique if apart => {
                let line = |row: Option<u32>| row.map_or(0, |row| self.map.rows[row as usize].line);
                return Err(Error::labels(format!(
                    "packet {} ({}) goes between hosts of two samples: lines {} and {}",
                    packet.number,
                    packet.position(),
                    line(source),
                    line(destination)
                ))
                .in_file(self.path)
                .advise("choose --match first or all"));
            }
            Match::All if apart => chosen.extend(ends.into_iter().flatten()),
            _ => chosen.extend(self.map.better(source, destination).map(sample)),
        }
        for &sample in chosen.iter() {
            self.tallies.add(sample, packet);
        }
        Ok(())
    }

    fn unlabelled_because(&self) -> &'static str {
        "went between hosts that are not in the table"
    }

    fn report(&mut self, context: &Context) -> Result<bool> {
        if self.both > 0 {
            let which = match self.matching {
                Match::All => "they got both labels",
                _ => "the longer prefix labelled them, or else the row that stands first",
            };
            context.note(format!("{} between hosts of two samples: {which}", count(self.both, "packet")));
        }
        let met = |sample: SampleNumber| self.tallies.0.get(sample as usize).is_some_and(|tally| tally.0 > 0);
        let idle: Vec<String> = std::iter::zip(&self.map.rows, &self.samples)
            .filter(|(_, sample)| !met(**sample))
            .map(|(row, _)| format!("line {}: {} -> {}", row.line, row.host, row.label.label))
            .collect();
        list(&format!("{} without a packet", count(idle.len() as u64, "host")), idle.iter().cloned(), context);
        Ok(!idle.is_empty())
    }

    fn stats(&self) -> Table {
        tally_table(self.samples(), &self.tallies.0)
    }
}
