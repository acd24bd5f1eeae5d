//! Sorting records by key in bounded memory.
//!
//! Records collect in memory; when it is full they are sorted and written to one temporary file as a run; at the end
//! the runs, and what is still in memory, are merged. The order is total and stable: equal keys stay as they came.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::thread::{self, JoinHandle};

use crate::space;
use crate::time::Timestamp;

/// What records are ordered by: the group first, then the id, then the time; a missing time comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey {
    id: u64,
    // A timestamp in two halves keeps the key at 24 bytes; the upper half carries the sign.
    time_high: i64,
    time_low: u64,
    group: u8,
}

impl SortKey {
    /// A key.
    pub fn new(group: u8, id: u64, time: Option<Timestamp>) -> Self {
        let time = time.map_or(i128::MIN, |time| time.0);
        Self { id, time_high: (time >> 64) as i64, time_low: time as u64, group }
    }

    /// The key of a row about what began at `start`, in nanoseconds, with this packet of this capture; of one packet's
    /// several samples, those of smaller numbers stand first.
    pub fn of_row(capture: u64, start: i64, packet: u64, sample: u32) -> Self {
        // 2^40 packets of one capture, and samples up to 2^24 in order, are beyond what there is.
        Self { id: capture, time_high: start, time_low: packet << 24 | u64::from(sample & 0xff_ffff), group: 0 }
    }

    fn rank(&self) -> (u8, u64, i64, u64) {
        (self.group, self.id, self.time_high, self.time_low)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.group);
        out.extend_from_slice(&self.id.to_le_bytes());
        out.extend_from_slice(&self.time_high.to_le_bytes());
        out.extend_from_slice(&self.time_low.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (group, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (high, rest) = rest.split_first_chunk()?;
        let (low, _) = rest.split_first_chunk()?;
        Some(Self {
            group: *group,
            id: u64::from_le_bytes(*id),
            time_high: i64::from_le_bytes(*high),
            time_low: u64::from_le_bytes(*low),
        })
    }
}

/// Bytes of a key and a length before each record of a run.
const RECORD_HEADER: usize = 25 + 4;

/// The least memory that sorting works in.
pub const MIN_MEMORY: usize = 8 << 20;

/// The share of the memory that merging reads runs through.
const MERGE_SHARE: usize = 8;

/// The smallest read from a run while merging.
const MIN_READ: usize = 16 << 10;

/// The size of a run where all records cannot be kept in memory anyway: small ones stay in the processor's cache while
/// they are sorted, and memory that is not asked for need not be found.
const RUN: usize = 64 << 20;

/// The most runs that small ones may add up to.
const RUNS: u64 = 256;

/// Where one record lies in memory. The order of `at` is the order of arrival.
#[derive(Debug, Clone, Copy)]
struct Entry {
    key: SortKey,
    at: usize,
    length: u32,
}

/// A run in the temporary file.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u64,
    end: u64,
}

/// Records in memory.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Batch {
    fn push(&mut self, key: SortKey, record: &[u8]) {
        self.entries.push(Entry { key, at: self.bytes.len(), length: record.len() as u32 });
        self.bytes.extend_from_slice(record);
    }

    /// What it takes, with one entry more.
    fn size(&self) -> usize {
        self.bytes.len() + (self.entries.len() + 1) * size_of::<Entry>()
    }

    /// Grows by doubling, but never to more than the budget: a doubled buffer would be twice what was asked for.
    fn reserve(&mut self, more: usize, budget: usize) {
        let wanted = self.bytes.len() + more;
        if wanted > self.bytes.capacity() {
            let target = (self.bytes.capacity() * 2).clamp(wanted, wanted.max(budget));
            self.bytes.reserve_exact(target - self.bytes.len());
        }
        if self.entries.len() == self.entries.capacity() {
            let most = budget.saturating_sub(self.bytes.len()) / size_of::<Entry>();
            let target = (self.entries.len() * 2).clamp(self.entries.len() + 1024, most.max(self.entries.len() + 1024));
            self.entries.reserve_exact(target - self.entries.len());
        }
    }

    fn sort(&mut self) {
        // An empty record stands where the next one begins: its length tells the two apart.
        self.entries.sort_unstable_by_key(|entry| (entry.key.rank(), entry.at, entry.length));
    }

    fn record(&self, entry: &Entry) -> &[u8] {
        self.bytes.get(entry.at..entry.at + entry.length as usize).unwrap_or_default()
    }

    /// Appends the records to a file, in order, and forgets them; how many bytes that took.
    fn spill(&mut self, file: &mut File) -> io::Result<u64> {
        self.sort();
        let mut written = 0;
        let mut out = Vec::with_capacity(2 * MIN_READ);
        for entry in &self.entries {
            entry.key.write(&mut out);
            out.extend_from_slice(&entry.length.to_le_bytes());
            out.extend_from_slice(self.record(entry));
            if out.len() >= 16 * MIN_READ {
                file.write_all(&out)?;
                written += out.len() as u64;
                out.clear();
            }
        }
        file.write_all(&out)?;
        written += out.len() as u64;
        self.bytes.clear();
        self.entries.clear();
        Ok(written)
    }
}

/// A batch on its way into the temporary file, in a thread of its own.
type Spilling = JoinHandle<(Batch, File, io::Result<u64>)>;

/// Records on their way into order.
pub struct Sorter {
    memory: usize,
    /// How much of it records may take before they are written out.
    run: usize,
    /// Batches are sorted and written while the next one is filled.
    behind: bool,
    batch: Batch,
    file: Option<File>,
    spilling: Option<Spilling>,
    written: u64,
    runs: Vec<Run>,
}

impl Sorter {
    /// A sorter that keeps to about `memory` bytes (at least [`MIN_MEMORY`]), for about `expected` bytes of records if
    /// that is known; with several threads, runs are written while further records come. The order is the same.
    pub fn new(memory: usize, expected: Option<u64>, threads: usize) -> Self {
        let memory = memory.max(MIN_MEMORY);
        let most = memory - memory / MERGE_SHARE;
        let behind = threads > 1;
        // Keys and places take up to a quarter of the room that records do.
        let fits = |expected: u64| expected + expected / 4 <= most as u64;
        let most_of_one = if behind { most / 2 } else { most };
        let run = match expected {
            Some(expected) if !fits(expected) => {
                let run = (expected / RUNS).max(RUN as u64);
                usize::try_from(run).unwrap_or(most_of_one).min(most_of_one)
            }
            Some(_) => most,
            None => most_of_one,
        };
        Self { memory, run, behind, batch: Batch::default(), file: None, spilling: None, written: 0, runs: Vec::new() }
    }

    /// Takes a record; `directory` is where a temporary file goes if one is needed.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn push(&mut self, key: SortKey, record: &[u8], directory: &Path) -> io::Result<()> {
        if self.batch.size() + record.len() > self.run && !self.batch.entries.is_empty() {
            self.spill(directory)?;
        }
        self.batch.reserve(record.len(), self.run);
        self.batch.push(key, record);
        Ok(())
    }

    fn spill(&mut self, directory: &Path) -> io::Result<()> {
        let other = self.settle()?;
        let mut batch = std::mem::replace(&mut self.batch, other.unwrap_or_default());
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(directory)?,
        };
        if self.behind {
            let write = move || {
                let written = batch.spill(&mut file);
                (batch, file, written)
            };
            self.spilling = Some(thread::Builder::new().name("spill".to_owned()).spawn(write)?);
            return Ok(());
        }
        let written = batch.spill(&mut file)?;
        self.ran(written);
        (self.batch, self.file) = (batch, Some(file));
        Ok(())
    }

    /// Waits until no run is being written any more, and gives the memory of the last one back.
    ///
    /// # Errors
    /// When the temporary file could not be written.
    fn settle(&mut self) -> io::Result<Option<Batch>> {
        let Some(spilling) = self.spilling.take() else { return Ok(None) };
        let (batch, file, written) = match spilling.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        self.ran(written?);
        self.file = Some(file);
        Ok(Some(batch))
    }

    fn ran(&mut self, written: u64) {
        self.runs.push(Run { start: self.written, end: self.written + written });
        self.written += written;
    }

    /// Says that no more records come; [`Sorter::finish`] does so too.
    ///
    /// # Errors
    /// When the temporary file could not be written.
    pub fn end(&mut self) -> io::Result<()> {
        self.settle().map(drop)
    }

    /// Hands every record to `each`, in order.
    ///
    /// # Errors
    /// When the temporary file cannot be read; what `each` returns.
    pub fn finish<E: From<io::Error>>(mut self, mut each: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.end()?;
        self.batch.sort();
        let batch = &self.batch;
        let Some(file) = &self.file else {
            return batch.entries.iter().try_for_each(|entry| each(batch.record(entry)));
        };
        let read = (self.memory / MERGE_SHARE / self.runs.len().max(1)).max(MIN_READ);
        let mut runs: Vec<RunReader> = self.runs.iter().map(|&run| RunReader::new(file, run, read)).collect();
        // The heap holds each run's next key; what is in memory came last and has the highest number.
        let mut heap = BinaryHeap::with_capacity(runs.len() + 1);
        for (number, run) in runs.iter_mut().enumerate() {
            if let Some(key) = run.next_key()? {
                heap.push(Reverse((key.rank(), number)));
            }
        }
        let in_memory = runs.len();
        let mut entries = batch.entries.iter().peekable();
        if let Some(entry) = entries.peek() {
            heap.push(Reverse((entry.key.rank(), in_memory)));
        }
        while let Some(Reverse((_, number))) = heap.pop() {
            // While this run's records come before all others, the heap is left alone.
            let limit = heap.peek().map(|Reverse(next)| *next);
            loop {
                let next = match runs.get_mut(number) {
                    Some(run) => {
                        each(run.record())?;
                        run.next_key()?
                    }
                    None => {
                        if let Some(entry) = entries.next() {
                            each(batch.record(entry))?;
                        }
                        entries.peek().map(|entry| entry.key)
                    }
                };
                let Some(key) = next else { break };
                let place = (key.rank(), number);
                if limit.is_some_and(|limit| limit < place) {
                    heap.push(Reverse(place));
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Reads one run from its start to its end, a chunk at a time.
struct RunReader<'a> {
    file: &'a File,
    run: Run,
    chunk: Vec<u8>,
    read: usize,
    at: usize,
    /// Where the current record ends.
    record_end: usize,
}

impl<'a> RunReader<'a> {
    fn new(file: &'a File, run: Run, read: usize) -> Self {
        Self { file, run, chunk: Vec::new(), read, at: 0, record_end: 0 }
    }

    /// Steps to the next record and returns its key, or `None` at the run's end.
    fn next_key(&mut self) -> io::Result<Option<SortKey>> {
        self.at = self.record_end;
        if !self.hold(RECORD_HEADER)? {
            return Ok(None);
        }
        let header = self.chunk.get(self.at..).unwrap_or_default();
        let length = header.get(25..).and_then(|rest| rest.first_chunk()).map(|bytes| u32::from_le_bytes(*bytes));
        let (Some(key), Some(length)) = (SortKey::read(header), length) else {
            return Ok(None);
        };
        self.hold(RECORD_HEADER + length as usize)?;
        self.at += RECORD_HEADER;
        self.record_end = self.at + length as usize;
        Ok(Some(key))
    }

    fn record(&self) -> &[u8] {
        self.chunk.get(self.at..self.record_end).unwrap_or_default()
    }

    /// Sees that `wanted` bytes from `at` on are in the chunk; false at the run's end.
    fn hold(&mut self, wanted: usize) -> io::Result<bool> {
        let held = self.chunk.len() - self.at;
        if held >= wanted {
            return Ok(true);
        }
        let left = self.run.end - self.run.start;
        if left == 0 {
            return Ok(false);
        }
        self.chunk.copy_within(self.at.., 0);
        self.at = 0;
        let size = wanted.max(self.read).min(held + usize::try_from(left).unwrap_or(usize::MAX));
        self.chunk.resize(size, 0);
        let free = self.chunk.get_mut(held..).unwrap_or_default();
        self.file.read_exact_at(free, self.run.start)?;
        let length = free.len() as u64;
        // It is not read again: its pages serve the output next, and need not reach the disk.
        space::release(self.file, self.run.start, length);
        self.run.start += length;
        Ok(size >= wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(memory: usize, threads: usize, records: &[(SortKey, Vec<u8>)]) -> (Vec<Vec<u8>>, usize) {
        let mut sorter = Sorter::new(memory, None, threads);
        sorter.run = memory;
        for (key, record) in records {
            sorter.push(*key, record, &std::env::temp_dir()).unwrap();
        }
        sorter.end().unwrap();
        let runs = sorter.runs.len();
        let mut out = Vec::new();
        sorter
            .finish(|record| {
                out.push(record.to_vec());
                Ok::<_, io::Error>(())
            })
            .unwrap();
        (out, runs)
    }

    #[test]
    fn times_before_1970_come_first_and_missing_ones_before_them() {
        let keys =
            [None, Some(Timestamp(i128::MIN / 2)), Some(Timestamp(-1)), Some(Timestamp(0)), Some(Timestamp(1 << 70))]
                .map(|time| SortKey::new(0, 1, time).rank());
        assert!(keys.is_sorted());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn little_memory_gives_the_order_of_much(
            records in prop::collection::vec(((0_u8..3, 0_u64..5, prop::option::of(-3_i128..3)), prop::collection::vec(any::<u8>(), 0..300)), 0..300)
        ) {
            let records: Vec<_> = records.into_iter()
                .map(|((group, id, time), bytes)| (SortKey::new(group, id, time.map(Timestamp)), bytes)).collect();
            let mut stable = records.clone();
            stable.sort_by_key(|(key, _)| key.rank());
            let expected: Vec<_> = stable.into_iter().map(|(_, record)| record).collect();
            let (all_in_memory, runs) = sorted(64 << 20, 1, &records);
            prop_assert_eq!(runs, 0);
            prop_assert_eq!(&all_in_memory, &expected);
            for threads in [1, 2] {
                let (spilled, runs) = sorted(4 << 10, threads, &records);
                prop_assert!(runs > 0 || records.len() < 60);
                prop_assert_eq!(&spilled, &expected);
            }
        }
    }
}
