//! Rows that wait for their order, of all threads together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::tracker::{Rows, Tracker};
use crate::error::{Error, Result};
use crate::sample::sort::Sorter;

/// Where the rows of flows go, and those of packets if they are asked for.
#[derive(Clone)]
pub(super) struct Outlets {
    pub(super) flows: Sorted,
    pub(super) packets: Option<Sorted>,
}

impl Outlets {
    /// Takes what waits in a tracker.
    pub(super) fn take(&self, tracker: &mut Tracker) -> Result<()> {
        self.flows.take(&mut tracker.rows)?;
        self.packets.as_ref().map_or(Ok(()), |packets| packets.take(&mut tracker.packets))
    }
}

/// Rows, on their way into order.
#[derive(Clone)]
pub(super) struct Sorted {
    sorter: Arc<Mutex<Sorter>>,
    directory: Arc<PathBuf>,
    /// Rows so far, and flows that ended because there were too many.
    counts: Arc<Mutex<(u64, u64)>>,
}

impl Sorted {
    /// Rows that go to a temporary file in this directory when there are too many for the memory.
    pub(super) fn new(sorter: Sorter, directory: PathBuf) -> Self {
        Self { sorter: Arc::new(Mutex::new(sorter)), directory: Arc::new(directory), counts: Arc::default() }
    }

    /// Takes rows, and leaves none.
    pub(super) fn take(&self, rows: &mut Rows) -> Result<()> {
        if rows.ends.is_empty() {
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
        counts.0 += rows.ends.len() as u64;
        counts.1 += rows.evicted;
        rows.bytes.clear();
        rows.ends.clear();
        rows.evicted = 0;
        Ok(())
    }

    /// How many rows there are, and flows that ended because there were too many.
    pub(super) fn counts(&self) -> (u64, u64) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands out all rows in order, once all threads are done.
    pub(super) fn finish(self, each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let sorter = Arc::into_inner(self.sorter).ok_or_else(|| Error::request("a thread still holds the rows"))?;
        sorter.into_inner().unwrap_or_else(PoisonError::into_inner).finish(each)
    }
}
