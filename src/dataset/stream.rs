//! Samples in passing, of a capture in which each stands in one run.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;

use super::columns::SampleColumns;
use super::selection::Selection;
use crate::capture::{Item, Reader};
use crate::error::{Error, Result};
use crate::packet::{Packet, SampleId};
use crate::sample::membership::Samples;

/// How many packets may be kept for samples that come later: packets of several samples stand with the first of them.
const MAX_AHEAD: usize = 1 << 20;

/// The most room that a sample is given before its packets are met: packets, and bytes.
const MAX_ROOM: usize = 1 << 14;

/// The samples of one capture.
pub struct Stream {
    reader: Reader,
    selection: Selection,
    samples: Samples,
    /// For each sample that was met, whether it is selected.
    wanted: Vec<bool>,
    /// The number of the sample that is being read.
    current: Option<(usize, SampleColumns)>,
    /// Packets of samples whose run comes later.
    ahead: HashMap<usize, SampleColumns>,
    kept_ahead: usize,
    ended: HashSet<SampleId>,
    ready: VecDeque<SampleColumns>,
    finished: bool,
    /// What was wrong: told when all that could be read was given.
    fault: Option<Error>,
    /// Packets of no sample.
    pub unlabelled: u64,
    numbers: Vec<usize>,
}

impl Stream {
    pub(super) fn open(path: &Path, selection: Selection) -> Result<Self> {
        Ok(Self {
            reader: Reader::open(path, 1)?,
            selection,
            samples: Samples::default(),
            wanted: Vec::new(),
            current: None,
            ahead: HashMap::new(),
            kept_ahead: 0,
            ended: HashSet::new(),
            ready: VecDeque::new(),
            finished: false,
            fault: None,
            unlabelled: 0,
            numbers: Vec::new(),
        })
    }

    /// The next sample.
    ///
    /// # Errors
    /// Where the capture is faulty, when all samples before that were given.
    pub fn next_sample(&mut self) -> Result<Option<SampleColumns>> {
        while self.ready.is_empty() && !self.finished {
            if let Err(error) = self.read_on() {
                self.fault = Some(error.in_file(self.reader.name()));
                self.end();
            }
        }
        match (self.ready.pop_front(), self.fault.take()) {
            (Some(sample), fault) => {
                self.fault = fault;
                Ok(Some(sample))
            }
            (None, Some(fault)) => Err(fault),
            (None, None) => Ok(None),
        }
    }

    /// Reads packets until a sample is whole.
    fn read_on(&mut self) -> Result<()> {
        while self.ready.is_empty() {
            let Self { reader, samples, numbers, .. } = self;
            match reader.next_item()? {
                None => {
                    self.end();
                    return Ok(());
                }
                Some(Item::Packet(packet)) => {
                    numbers.clear();
                    samples.of_packet(&packet, |number| numbers.push(number));
                    // The packet borrows the reader, and nothing else.
                    let mut rest = Rest {
                        selection: &self.selection,
                        samples: &self.samples,
                        wanted: &mut self.wanted,
                        current: &mut self.current,
                        ahead: &mut self.ahead,
                        kept_ahead: &mut self.kept_ahead,
                        ended: &mut self.ended,
                        ready: &mut self.ready,
                    };
                    match self.numbers.split_first() {
                        None => self.unlabelled += 1,
                        Some((&first, others)) => rest.take(&packet, first, others)?,
                    }
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        self.finished = true;
        if let Some((number, mut columns)) = self.current.take()
            && self.wanted[number]
        {
            columns.sort();
            self.ready.push_back(columns);
        }
        let mut ahead: Vec<(usize, SampleColumns)> = self.ahead.drain().collect();
        ahead.sort_unstable_by_key(|(number, _)| *number);
        self.ready.extend(ahead.into_iter().map(|(_, columns)| columns));
    }
}

/// A stream but for its reader.
struct Rest<'a> {
    selection: &'a Selection,
    samples: &'a Samples,
    wanted: &'a mut Vec<bool>,
    current: &'a mut Option<(usize, SampleColumns)>,
    ahead: &'a mut HashMap<usize, SampleColumns>,
    kept_ahead: &'a mut usize,
    ended: &'a mut HashSet<SampleId>,
    ready: &'a mut VecDeque<SampleColumns>,
}

impl Rest<'_> {
    /// Takes a packet that stands with the first of its samples.
    #[inline]
    fn take(&mut self, packet: &Packet, first: usize, others: &[usize]) -> Result<()> {
        while let Some(sample) = self.samples.all().get(self.wanted.len()) {
            self.wanted.push(self.selection.takes(sample));
        }
        if self.current.as_ref().is_none_or(|(number, _)| *number != first) {
            self.turn_to(packet, first)?;
        }
        if self.wanted[first]
            && let Some((_, columns)) = self.current.as_mut()
        {
            columns.push(packet)?;
        }
        others.iter().try_for_each(|&other| self.keep(packet, other))
    }

    /// The sample before is whole; another begins.
    fn turn_to(&mut self, packet: &Packet, first: usize) -> Result<()> {
        let sample = &self.samples.all()[first];
        // Neighbours are mostly of one size.
        let room = self.current.as_ref().map_or((0, 0), |(_, before)| (before.len(), before.bytes.len()));
        let room = (room.0.min(MAX_ROOM), room.1.min(MAX_ROOM));
        let columns = self.ahead.remove(&first);
        let mut columns = columns.unwrap_or_else(|| SampleColumns::new(sample.clone(), room.0, room.1));
        *self.kept_ahead -= columns.len();
        if let Some((number, mut before)) = self.current.take() {
            self.ended.insert(before.sample.id);
            if self.wanted[number] {
                before.sort();
                self.ready.push_back(before);
            }
        }
        if self.ended.contains(&sample.id) {
            return Err(comes_back(packet, sample.id));
        }
        columns.sort();
        *self.current = Some((first, columns));
        Ok(())
    }

    /// Keeps a packet for a sample whose run comes later.
    #[cold]
    fn keep(&mut self, packet: &Packet, other: usize) -> Result<()> {
        let sample = &self.samples.all()[other];
        if !self.wanted[other] {
            return Ok(());
        }
        if self.ended.contains(&sample.id) {
            return Err(comes_back(packet, sample.id));
        }
        if let Some((number, columns)) = self.current.as_mut()
            && *number == other
        {
            return columns.push(packet);
        }
        *self.kept_ahead += 1;
        if *self.kept_ahead > MAX_AHEAD {
            return Err(Error::malformed("too many packets of several samples stand far from the others")
                .at(packet.position())
                .advise("sort the capture anew: pcapml sort"));
        }
        self.ahead.entry(other).or_insert_with(|| SampleColumns::new(sample.clone(), 0, 0)).push(packet)
    }
}

fn comes_back(packet: &Packet, id: SampleId) -> Error {
    Error::malformed(format!("sample {id} comes back although the file says that each sample stands in one run"))
        .at(packet.position())
        .advise("sort it: pcapml sort")
}
