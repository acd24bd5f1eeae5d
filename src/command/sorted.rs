//! Rows that wait for their order, of all threads together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::sample::sort::{SortKey, Sorter};

/// Rows that wait before they are sorted, in bytes.
pub(super) const WAITING: usize = 64 << 10;

/// Rows that wait to be sorted: each as whoever takes them in order wants it.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) bytes: Vec<u8>,
    /// For each row its key, and where it ends.
    pub(super) ends: Vec<(SortKey, usize)>,
    /// Flows that ended because there were too many.
    pub(super) evicted: u64,
    /// Flows that the set leaves out.
    pub(super) left_out: u64,
}

impl Rows {
    /// Forgets them, and keeps their room.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        (self.evicted, self.left_out) = (0, 0);
    }
}

/// Where the rows of flows go, and those of packets if they are asked for.
#[derive(Clone)]
pub(super) struct Outlets {
    pub(super) flows: Sorted,
    pub(super) packets: Option<Sorted>,
}

/// How many flows there were.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FlowCounts {
    /// Rows so far.
    pub(super) rows: u64,
    /// Flows that ended because there were too many.
    pub(super) evicted: u64,
    /// Flows that the set leaves out.
    pub(super) left_out: u64,
}

/// Rows, on their way into order.
#[derive(Clone)]
pub(super) struct Sorted {
    sorter: Arc<Mutex<Sorter>>,
    directory: Arc<PathBuf>,
    counts: Arc<Mutex<FlowCounts>>,
}

impl Sorted {
    /// Rows that go to a temporary file in this directory when there are too many for the memory.
    pub(super) fn new(sorter: Sorter, directory: PathBuf) -> Self {
        Self { sorter: Arc::new(Mutex::new(sorter)), directory: Arc::new(directory), counts: Arc::default() }
    }

    /// Takes rows, and leaves none.
    pub(super) fn take(&self, rows: &mut Rows) -> Result<()> {
        if rows.ends.is_empty() && rows.left_out == 0 {
            return Ok(());
        }
        let mut sorter = self.sorter.lock().unwrap_or_else(PoisonError::into_inner);
        let mut start = 0;
        for &(key, end) in &rows.ends {
            sorter
                .push(key, &rows.bytes[start..end], &self.directory)
                .map_err(|error| Error::from(error).in_file(self.directory.as_path()))?;
            start = end;
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.rows += rows.ends.len() as u64;
        counts.evicted += rows.evicted;
        counts.left_out += rows.left_out;
        rows.clear();
        Ok(())
    }

    /// How many flows there were.
    pub(super) fn counts(&self) -> FlowCounts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands out all rows in order, once all threads are done.
    pub(super) fn finish(self, each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let sorter = Arc::into_inner(self.sorter).ok_or_else(|| Error::request("a thread still holds the rows"))?;
        sorter.into_inner().unwrap_or_else(PoisonError::into_inner).finish(each)
    }
}
