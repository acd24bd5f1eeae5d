//! Samples one after the other: in passing where they stand in runs, by an index where they do not.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::columns::SampleColumns;
use super::index::Index;
use super::reading::{Reading, Supply};
use super::stream::Stream;
use crate::error::Result;

/// The samples of a dataset, one after the other.
pub type SampleReader = Reading<Samples>;

/// Where they come from.
pub enum Samples {
    /// A capture in which each stands in one run.
    Passing(Box<Stream>),
    /// An index, of which these entries are left.
    Indexed(Arc<Index>, Range<usize>),
}

impl Samples {
    pub(super) fn of(index: Arc<Index>) -> Self {
        let all = 0..index.entries().len();
        Self::Indexed(index, all)
    }
}

impl Supply for Samples {
    type Item = SampleColumns;

    fn read_on(&mut self, ready: &mut VecDeque<SampleColumns>) -> Result<bool> {
        let (index, left) = match self {
            Self::Passing(stream) => return stream.read_on(ready),
            Self::Indexed(index, left) => (index, left),
        };
        match left.next().and_then(|at| index.entries().get(at)) {
            Some(entry) => {
                ready.push_back(index.fetch(entry)?);
                Ok(true)
            }
            None => index.faults.first().map_or(Ok(false), |fault| Err(fault.again())),
        }
    }

    fn end(&mut self, ready: &mut VecDeque<SampleColumns>) -> Result<()> {
        match self {
            Self::Passing(stream) => stream.end(ready),
            Self::Indexed(..) => Ok(()),
        }
    }
}
