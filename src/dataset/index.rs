//! Where the packets of each sample stand: for captures in which samples do not stand in runs, and for asking by id.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::columns::{NO_TIME, SampleColumns, time_of};
use super::disallowed::Enforcement;
use super::place::Place;
use super::selection::Selection;
use super::{ASK_EVERY, ambiguous};
use crate::capture::{Bookmark, Item, Reader, Surroundings};
use crate::error::{Error, Result};
use crate::packet::{Packet, Sample, SampleId};
use crate::redact::{Field, Mask, Masker};
use crate::sample::membership::Samples;

/// What there is of a sample.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The sample.
    pub sample: Sample,
    /// Its packets.
    pub packets: u64,
    /// Their lengths on the wire, in bytes.
    pub bytes: u64,
    /// What was captured of them.
    pub captured: u64,
    /// The earliest time, in nanoseconds since 1970; [`NO_TIME`] if no packet has one.
    pub first: i64,
    /// The latest time.
    pub last: i64,
    /// Where they stand, in the order of the captures.
    runs: Vec<Run>,
}

/// Packets that stand one behind the other, with no interface described between them.
#[derive(Debug, Clone, Copy)]
struct Run {
    /// The number of its section, of all files.
    section: u32,
    begin: Bookmark,
    end: u64,
    packets: u64,
}

/// All selected samples of some captures, in the order of their first packets.
pub struct Index {
    entries: Vec<Entry>,
    by_id: HashMap<SampleId, Vec<usize>>,
    places: Vec<Place>,
    sections: Vec<Section>,
    /// Packets of no sample.
    pub unlabelled: u64,
    /// What was wrong with the captures; each is indexed up to there.
    pub faults: Vec<Error>,
    /// What is zeroed in packets when they are fetched.
    mask: Mask,
}

/// A section of a capture in which there are packets.
struct Section {
    file: u32,
    surroundings: Surroundings,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

/// What of a packet is needed when it is not borrowed any more.
struct Seen {
    begin: Bookmark,
    end: u64,
    length: u32,
    captured: u32,
    time: i64,
}

impl Seen {
    fn of(packet: &Packet) -> Result<Self> {
        let (block, offset) = packet.place;
        Ok(Self {
            begin: Bookmark { offset, blocks: block - 1, packets: packet.number - 1 },
            end: offset + packet.block.len() as u64,
            length: packet.original_length,
            captured: packet.bytes.len() as u32,
            time: time_of(packet)?,
        })
    }
}

impl Index {
    /// Reads all captures once.
    pub(super) fn of(
        paths: &[PathBuf],
        (selection, masks): (&Selection, Enforcement),
        stop: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Self> {
        let mut making = Making {
            index: Self {
                entries: Vec::new(),
                by_id: HashMap::new(),
                places: Vec::new(),
                sections: Vec::new(),
                unlabelled: 0,
                faults: Vec::new(),
                mask: masks.mask,
            },
            selection,
            masks,
            samples: Samples::default(),
            entry_of: Vec::new(),
        };
        for path in paths {
            let (place, reader) = Place::of(path)?;
            making.index.places.push(place);
            making.file(reader, stop).map_err(|error| error.in_file(path))?;
        }
        let mut index = making.index;
        if masks.mask.has(Field::Time) {
            index.entries.iter_mut().for_each(Entry::forget_when);
        }
        for (at, entry) in index.entries.iter().enumerate() {
            index.by_id.entry(entry.sample.id).or_default().push(at);
        }
        Ok(index)
    }

    /// The samples.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The sample of an id.
    ///
    /// # Errors
    /// Several samples have it.
    pub fn of_id(&self, id: SampleId) -> Result<Option<&Entry>> {
        match self.by_id.get(&id).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([one]) => Ok(Some(&self.entries[*one])),
            Some([one, other, ..]) => Err(ambiguous(&self.entries[*one].sample, &self.entries[*other].sample)),
        }
    }

    /// Reads the packets of a sample.
    ///
    /// # Errors
    /// If they cannot be read any more.
    pub fn fetch(&self, entry: &Entry) -> Result<SampleColumns> {
        let mut columns = SampleColumns::new(entry.sample.clone(), entry.packets as usize, entry.captured as usize);
        let mut runs = entry.runs.as_slice();
        while let Some(first) = runs.first() {
            let same = runs.partition_point(|run| run.section == first.section);
            let (here, rest) = runs.split_at(same);
            let section = &self.sections[first.section as usize];
            let place = &self.places[section.file as usize];
            fetch_runs(here, section, place, &mut columns).map_err(|error| error.in_file(place.name()))?;
            runs = rest;
        }
        columns.mask(&mut Masker::new(self.mask));
        Ok(columns)
    }
}

/// Reads runs of one section.
fn fetch_runs(runs: &[Run], section: &Section, place: &Place, columns: &mut SampleColumns) -> Result<()> {
    let file = Arc::new(place.open()?);
    let mut reader = section.surroundings.reader(place.name());
    for run in runs {
        reader = reader.turn_to(&file, run.begin, run.end);
        let mut left = run.packets;
        while left > 0 {
            match reader.next_item()? {
                Some(Item::Packet(packet)) => {
                    columns.push(&packet, false)?;
                    left -= 1;
                }
                Some(_) => {}
                None => return Err(Error::truncated("the capture has become shorter")),
            }
        }
    }
    Ok(())
}

/// An index under construction.
struct Making<'a> {
    index: Index,
    selection: &'a Selection,
    masks: Enforcement,
    samples: Samples,
    /// For each sample that was met, its entry; none if it is not selected.
    entry_of: Vec<Option<usize>>,
}

impl Making<'_> {
    fn file(&mut self, mut reader: Reader, stop: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let mut numbers = Vec::new();
        // Whether a section or an interface was described since the last packet.
        let (mut begins, mut described) = (true, true);
        loop {
            let seen = match reader.next_item() {
                Ok(Some(Item::Packet(packet))) => {
                    numbers.clear();
                    self.samples.of_packet(&packet, |sample| numbers.push(sample));
                    Seen::of(&packet)?
                }
                Ok(Some(Item::Other(_))) => continue,
                Ok(Some(item)) => {
                    if let Item::Section(block) = item {
                        self.masks.section(&block)?;
                        begins = true;
                    }
                    described = true;
                    continue;
                }
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.index.faults.push(error.in_file(reader.name()));
                    return Ok(());
                }
            };
            if described {
                self.surround(std::mem::take(&mut begins), &reader);
            }
            if reader.packets().is_multiple_of(ASK_EVERY) {
                stop()?;
            }
            self.packet(&seen, std::mem::take(&mut described), &numbers);
        }
    }

    /// What holds from here on. A section has as many interfaces as it likes, each of which is kept once.
    fn surround(&mut self, begins: bool, reader: &Reader) {
        let file = self.index.places.len() as u32 - 1;
        match self.index.sections.last_mut().filter(|_| !begins) {
            Some(section) => section.surroundings.grow(reader),
            None => self.index.sections.push(Section { file, surroundings: Surroundings::of(reader) }),
        }
    }

    #[inline]
    fn packet(&mut self, seen: &Seen, described: bool, numbers: &[usize]) {
        if numbers.is_empty() {
            self.index.unlabelled += 1;
        }
        for &number in numbers {
            let Some(at) = self.entry(number) else { continue };
            let section = self.index.sections.len() as u32 - 1;
            self.index.entries[at].take(section, described, seen);
        }
    }

    #[inline]
    fn entry(&mut self, number: usize) -> Option<usize> {
        while let Some(sample) = self.samples.all().get(self.entry_of.len()) {
            let wanted = self.selection.takes(sample);
            self.entry_of.push(wanted.then_some(self.index.entries.len()));
            if wanted {
                self.index.entries.push(Entry {
                    sample: sample.clone(),
                    packets: 0,
                    bytes: 0,
                    captured: 0,
                    first: NO_TIME,
                    last: NO_TIME,
                    runs: Vec::new(),
                });
            }
        }
        self.entry_of[number]
    }
}

impl Entry {
    /// Times count from the first.
    fn forget_when(&mut self) {
        if self.first != NO_TIME {
            self.last = self.last.saturating_sub(self.first);
            self.first = 0;
        }
    }

    #[inline]
    fn take(&mut self, section: u32, described: bool, seen: &Seen) {
        self.packets += 1;
        self.bytes += u64::from(seen.length);
        self.captured += u64::from(seen.captured);
        if seen.time != NO_TIME {
            self.first = if self.first == NO_TIME { seen.time } else { self.first.min(seen.time) };
            self.last = self.last.max(seen.time);
        }
        let follows = |run: &&mut Run| {
            !described && run.section == section && run.begin.packets + run.packets == seen.begin.packets
        };
        match self.runs.last_mut().filter(follows) {
            Some(run) => {
                run.packets += 1;
                run.end = seen.end;
            }
            None => self.runs.push(Run { section, begin: seen.begin, end: seen.end, packets: 1 }),
        }
    }
}
