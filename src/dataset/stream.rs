//! Samples in passing, of a capture in which each stands in one run.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::columns::SampleColumns;
use super::disallowed::Enforcement;
use super::reading::Supply;
use super::selection::Selection;
use super::{ASK_EVERY, ambiguous};
use crate::capture::{Item, Reader};
use crate::error::{Error, Result};
use crate::packet::{Packet, Sample, SampleId};
use crate::redact::Masker;
use crate::sample::comment;

/// How many packets may be kept for samples that come later: packets of several samples stand with the first of them.
const MAX_AHEAD: usize = 1 << 20;

/// How many bytes they may have.
const MAX_BYTES_AHEAD: usize = if cfg!(test) { 1 << 10 } else { 1 << 30 };

/// The most room that a sample is given before its packets are met: packets, and bytes.
const MAX_ROOM: usize = 1 << 14;

/// The samples of one capture.
pub struct Stream {
    reader: Reader,
    masks: Enforcement,
    grouping: Grouping,
    /// Packets of no sample, so far.
    unlabelled: u64,
    /// Where that is told at the end.
    told: Arc<OnceLock<u64>>,
}

impl Stream {
    pub(super) fn open(path: &Path, chosen: (Selection, Enforcement), told: Arc<OnceLock<u64>>) -> Result<Self> {
        let (selection, masks) = chosen;
        let grouping = Grouping { selection, masker: Masker::new(masks.mask), ..Grouping::default() };
        Ok(Self { reader: Reader::open(path, 1)?, masks, grouping, unlabelled: 0, told })
    }

    /// Takes packets until a sample is whole, or for a while; false at the end.
    fn take_packets(&mut self) -> Result<bool> {
        for _ in 0..ASK_EVERY {
            match self.reader.next_item()? {
                None => return Ok(false),
                Some(Item::Packet(packet)) => self.unlabelled += u64::from(!self.grouping.take(&packet)?),
                Some(Item::Section(block)) => self.masks.section(&block)?,
                Some(_) => {}
            }
            if !self.grouping.ready.is_empty() {
                break;
            }
        }
        Ok(true)
    }
}

impl Supply for Stream {
    type Item = SampleColumns;

    fn read_on(&mut self, ready: &mut VecDeque<SampleColumns>) -> Result<bool> {
        let more = self.take_packets().map_err(|error| error.in_file(self.reader.name()));
        ready.append(&mut self.grouping.ready);
        more
    }

    fn end(&mut self, ready: &mut VecDeque<SampleColumns>) -> Result<()> {
        self.grouping.end();
        ready.append(&mut self.grouping.ready);
        // Another reading may have told it before.
        let _ = self.told.set(self.unlabelled);
        Ok(())
    }
}

/// Packets on their way into samples.
#[derive(Default)]
struct Grouping {
    selection: Selection,
    masker: Masker,
    /// The comments of the packet before, and the samples that they name: most packets have those of the one before.
    texts: Vec<Box<[u8]>>,
    samples: Vec<Sample>,
    /// The sample that is being read, and its packets if it is selected.
    current: Option<(Sample, Option<SampleColumns>)>,
    /// Packets of samples whose run comes later.
    ahead: BTreeMap<Sample, SampleColumns>,
    /// How many these are, and their bytes.
    packets_ahead: usize,
    bytes_ahead: usize,
    ended: HashSet<SampleId>,
    ready: VecDeque<SampleColumns>,
}

impl Grouping {
    /// Takes a packet, which stands with the first of its samples; false if it has none.
    #[inline]
    fn take(&mut self, packet: &Packet) -> Result<bool> {
        let same = packet.comments().eq(self.texts.iter().map(AsRef::as_ref));
        if !same {
            self.turn_to(packet)?;
        }
        if self.samples.is_empty() {
            return Ok(false);
        }
        if let Some((_, Some(columns))) = &mut self.current {
            columns.push(packet, same)?;
        }
        if self.samples.len() > 1 {
            self.keep(packet)?;
        }
        Ok(true)
    }

    /// Another sample begins, or other comments of the same.
    fn turn_to(&mut self, packet: &Packet) -> Result<()> {
        self.texts = packet.comments().map(Into::into).collect();
        self.samples.clear();
        for text in &self.texts {
            if let Some(label) = comment::parse(text).filter(|label| !self.samples.contains(&label.sample)) {
                self.samples.push(label.sample);
            }
        }
        let Some(first) = self.samples.first() else { return Ok(()) };
        if self.current.as_ref().is_some_and(|(sample, _)| sample == first) {
            return Ok(());
        }
        let first = first.clone();
        if let Some((before, _)) = self.current.as_ref().filter(|(before, _)| before.id == first.id) {
            // Sorting puts them together, and cannot part them.
            return Err(ambiguous(before, &first).at(packet.position()).advise("relabel one of them"));
        }
        let room = self.end_current();
        if self.ended.contains(&first.id) {
            return Err(comes_back(packet, first.id));
        }
        let kept = self.ahead.remove(&first);
        if let Some(kept) = &kept {
            self.packets_ahead -= kept.len();
            self.bytes_ahead -= kept.bytes.len();
        }
        let wanted = self.selection.takes(&first);
        let new = || SampleColumns::new(first.clone(), room.0, room.1);
        let columns = wanted.then(|| kept.unwrap_or_else(new));
        self.current = Some((first, columns));
        Ok(())
    }

    /// The sample that was being read is whole; the room that it needed, which its neighbour will need too.
    fn end_current(&mut self) -> (usize, usize) {
        let Some((sample, columns)) = self.current.take() else { return (0, 0) };
        self.ended.insert(sample.id);
        let Some(mut columns) = columns else { return (0, 0) };
        columns.sort();
        columns.mask(&mut self.masker);
        let room = (columns.len().min(MAX_ROOM), columns.bytes.len().min(MAX_ROOM));
        self.ready.push_back(columns);
        room
    }

    /// Keeps a packet for its further samples, whose runs come later.
    #[cold]
    fn keep(&mut self, packet: &Packet) -> Result<()> {
        for sample in self.samples.iter().skip(1).filter(|sample| self.selection.takes(sample)) {
            if self.ended.contains(&sample.id) {
                return Err(comes_back(packet, sample.id));
            }
            self.packets_ahead += 1;
            self.bytes_ahead += packet.bytes.len();
            if self.packets_ahead > MAX_AHEAD || self.bytes_ahead > MAX_BYTES_AHEAD {
                return Err(Error::malformed("too many packets of several samples stand far from the others")
                    .at(packet.position())
                    .advise("sort the capture anew: pcapml sort"));
            }
            let columns = self.ahead.entry(sample.clone());
            columns.or_insert_with(|| SampleColumns::new(sample.clone(), 0, 0)).push(packet, false)?;
        }
        Ok(())
    }

    fn end(&mut self) {
        self.end_current();
        for mut columns in std::mem::take(&mut self.ahead).into_values() {
            columns.mask(&mut self.masker);
            self.ready.push_back(columns);
        }
    }
}

fn comes_back(packet: &Packet, id: SampleId) -> Error {
    Error::malformed(format!("sample {id} comes back although the file says that each sample stands in one run"))
        .at(packet.position())
        .advise("sort it: pcapml sort")
}
