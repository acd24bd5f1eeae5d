//! Packets of captures, on their way into conversations.

use std::sync::{Arc, RwLock};

use super::tracker::Tracker;
use crate::command::dataset_files::DatasetFile;
use crate::command::memberships::{Follow, Known};
use crate::command::pool::Pool;
use crate::error::Result;
use crate::flow::{Defragmenter, Observation, Observer, Outside};
use crate::packet::{Packet, Sample};
use crate::sample::membership::Samples;

/// Captures that are being read.
pub(super) struct Work {
    known: Known,
    observer: Observer,
    pub(super) defragmenter: Defragmenter,
    pub(super) pool: Pool<Tracker>,
    pub(super) samples: Samples,
}

impl Work {
    /// Nothing was read so far.
    pub(super) fn new(known: Arc<RwLock<Vec<Sample>>>, observer: Observer, pool: Pool<Tracker>) -> Self {
        let (defragmenter, samples) = (Defragmenter::default(), Samples::default());
        Self { known: Known::new(known), observer, defragmenter, pool, samples }
    }
}

impl Follow for Work {
    type Reason = Outside;

    fn begin(&mut self, capture: u64, _file: &DatasetFile) -> Result<()> {
        self.observer.clear();
        self.pool.begin(capture)
    }

    fn samples_of(&mut self, packet: &Packet, samples: &mut Vec<u32>) -> Result<()> {
        self.samples.of_packet(packet, |number| samples.push(number as u32));
        self.known.learn(self.samples.all());
        Ok(())
    }

    fn take(&mut self, packet: &Packet, sample: u32) -> Result<Result<(), Outside>> {
        let take = |observed: &Observation, payload: &[u8]| self.pool.take(observed, payload);
        match self.observer.observe_whole(&mut self.defragmenter, packet, sample, take) {
            Ok(taken) => taken.unwrap_or(Ok(())).map(Ok),
            Err(reason) => Ok(Err(reason)),
        }
    }

    fn end_all(&mut self, latest: i64) -> Result<()> {
        self.pool.end_all(latest)
    }

    fn end(&mut self, latest: i64) -> Result<()> {
        self.defragmenter.clear();
        self.end_all(latest)
    }
}
