//! Where the packets of each sample stand: for captures in which samples do not stand in runs, and for asking by id.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use super::columns::{NO_TIME, SampleColumns};
use super::selection::Selection;
use super::stamp::Stamp;
use super::{ASK_EVERY, DataFile, ambiguous};
use crate::capture::{Bookmark, Item, Reader, Surroundings};
use crate::error::{Error, Result};
use crate::packet::{Packet, Sample, SampleId};
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

/// Packets that stand one behind the other.
#[derive(Debug, Clone, Copy)]
struct Run {
    file: u32,
    surroundings: u32,
    begin: Bookmark,
    end: u64,
    packets: u64,
}

/// All selected samples of some captures, in the order of their first packets.
pub struct Index {
    entries: Vec<Entry>,
    by_id: HashMap<SampleId, Vec<usize>>,
    surroundings: Vec<Surroundings>,
    /// What each file was when it was indexed.
    stamps: Vec<Stamp>,
    /// Packets of no sample.
    pub unlabelled: u64,
    /// What was wrong with the captures; each is indexed up to there.
    pub faults: Vec<Error>,
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
        let time = packet.time().map_or(Ok(NO_TIME), |time| i64::try_from(time.0));
        Ok(Self {
            begin: Bookmark { offset, blocks: block - 1, packets: packet.number - 1 },
            end: offset + packet.block.len() as u64,
            length: packet.original_length,
            captured: packet.bytes.len() as u32,
            time: time.map_err(|_| {
                Error::malformed("a time that 64 bits of nanoseconds cannot hold").at(packet.position())
            })?,
        })
    }
}

impl Index {
    /// Reads all captures once.
    pub(super) fn of(files: &[DataFile], selection: &Selection, stop: &mut dyn FnMut() -> Result<()>) -> Result<Self> {
        let mut making = Making {
            index: Self {
                entries: Vec::new(),
                by_id: HashMap::new(),
                surroundings: Vec::new(),
                stamps: Vec::new(),
                unlabelled: 0,
                faults: Vec::new(),
            },
            selection,
            samples: Samples::default(),
            entry_of: Vec::new(),
        };
        for (number, file) in files.iter().enumerate() {
            making.file(number as u32, file, stop)?;
        }
        let mut index = making.index;
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

    /// Opens a file, which must be the one that was indexed.
    fn unchanged(&self, number: u32, file: &DataFile) -> Result<File> {
        let named = |error: std::io::Error| Error::from(error).in_file(&file.name);
        let opened = File::open(file.place()?).map_err(named)?;
        if self.stamps.get(number as usize) != Some(&Stamp::of(&opened).map_err(named)?) {
            return Err(Error::unreadable("the capture has changed since it was indexed")
                .in_file(&file.name)
                .advise("open it again"));
        }
        Ok(opened)
    }

    /// Reads the packets of a sample.
    pub(super) fn fetch(&self, files: &[DataFile], entry: &Entry) -> Result<SampleColumns> {
        let mut columns = SampleColumns::new(entry.sample.clone(), entry.packets as usize, entry.captured as usize);
        let mut open: Option<(u32, Arc<File>)> = None;
        let mut memory = Vec::new();
        for run in &entry.runs {
            let file = &files[run.file as usize];
            if open.as_ref().is_none_or(|(number, _)| *number != run.file) {
                open = Some((run.file, Arc::new(self.unchanged(run.file, file)?)));
            }
            let Some((_, opened)) = &open else { continue };
            let surroundings = &self.surroundings[run.surroundings as usize];
            let mut reader = Reader::resume(opened, &file.name, (run.begin, run.end), surroundings, memory);
            let mut left = run.packets;
            while left > 0 {
                match reader.next_item()? {
                    Some(Item::Packet(packet)) => {
                        columns.push(&packet, false).map_err(|error| error.in_file(&file.name))?;
                        left -= 1;
                    }
                    Some(_) => {}
                    None => return Err(Error::truncated("the capture has become shorter").in_file(&file.name)),
                }
            }
            memory = reader.into_memory();
        }
        Ok(columns)
    }
}

/// An index under construction.
struct Making<'a> {
    index: Index,
    selection: &'a Selection,
    samples: Samples,
    /// For each sample that was met, its entry; none if it is not selected.
    entry_of: Vec<Option<usize>>,
}

impl Making<'_> {
    fn file(&mut self, number: u32, file: &DataFile, stop: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let place = file.place()?;
        // Before it is read: what is written meanwhile must show.
        self.index.stamps.push(Stamp::at(place).map_err(|error| Error::from(error).in_file(&file.name))?);
        let mut reader = Reader::open(place, 1)?;
        let mut numbers = Vec::new();
        let mut stale = true;
        loop {
            let seen = match reader.next_item() {
                Ok(Some(Item::Packet(packet))) => {
                    numbers.clear();
                    self.samples.of_packet(&packet, |sample| numbers.push(sample));
                    Seen::of(&packet)
                }
                Ok(Some(Item::Other(_))) => continue,
                Ok(Some(_)) => {
                    stale = true;
                    continue;
                }
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.index.faults.push(error.in_file(&file.name));
                    return Ok(());
                }
            };
            let seen = seen.map_err(|error| error.in_file(&file.name))?;
            if std::mem::take(&mut stale) {
                self.surround(&reader);
            }
            if reader.packets().is_multiple_of(ASK_EVERY) {
                stop()?;
            }
            self.packet(number, &seen, &numbers);
        }
    }

    /// What holds from here on.
    fn surround(&mut self, reader: &Reader) {
        let before = self.index.surroundings.last();
        self.index.surroundings.push(reader.surroundings(before));
    }

    #[inline]
    fn packet(&mut self, file: u32, seen: &Seen, numbers: &[usize]) {
        if numbers.is_empty() {
            self.index.unlabelled += 1;
        }
        for &number in numbers {
            let Some(at) = self.entry(number) else { continue };
            let surroundings = self.index.surroundings.len() as u32 - 1;
            self.index.entries[at].take(file, surroundings, seen);
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
    #[inline]
    fn take(&mut self, file: u32, surroundings: u32, seen: &Seen) {
        self.packets += 1;
        self.bytes += u64::from(seen.length);
        self.captured += u64::from(seen.captured);
        if seen.time != NO_TIME {
            self.first = if self.first == NO_TIME { seen.time } else { self.first.min(seen.time) };
            self.last = self.last.max(seen.time);
        }
        let follows = |run: &&mut Run| {
            run.file == file
                && run.surroundings == surroundings
                && run.begin.packets + run.packets == seen.begin.packets
        };
        match self.runs.last_mut().filter(follows) {
            Some(run) => {
                run.packets += 1;
                run.end = seen.end;
            }
            None => {
                self.runs.push(Run { file, surroundings, begin: seen.begin, end: seen.end, packets: 1 });
            }
        }
    }
}
