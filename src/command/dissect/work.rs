//! Packets of captures, on their way into conversations.

use std::sync::{Arc, PoisonError, RwLock};

use super::tracker::Tracker;
use crate::capture::{Item, Reader};
use crate::command::dataset_files::DatasetFile;
use crate::command::features::NO_SAMPLE;
use crate::command::features::accounting::Accounting;
use crate::command::pool::Pool;
use crate::command::{Context, captures};
use crate::error::Result;
use crate::flow::{Defragmenter, Observation, Observer, Outside};
use crate::packet::{Packet, Sample};
use crate::sample::header::{Header, Order};
use crate::sample::membership::{Runs, Samples};

/// Captures that are being read.
pub(super) struct Work {
    /// The samples that threads know of, and how many.
    known: Arc<RwLock<Vec<Sample>>>,
    learned: usize,
    observer: Observer,
    pub(super) defragmenter: Defragmenter,
    pub(super) pool: Pool<Tracker>,
    pub(super) samples: Samples,
    /// The samples of the packet at hand.
    current: Vec<u32>,
    /// The sample of the packet before, where samples stand in runs.
    last: Option<u32>,
    /// The latest time of a packet since all conversations were ended.
    latest: i64,
    pub(super) accounting: Accounting<Outside>,
}

impl Work {
    /// Nothing was read so far.
    pub(super) fn new(known: Arc<RwLock<Vec<Sample>>>, observer: Observer, pool: Pool<Tracker>) -> Self {
        Self {
            known,
            learned: 0,
            observer,
            defragmenter: Defragmenter::default(),
            pool,
            samples: Samples::default(),
            current: Vec::new(),
            last: None,
            latest: i64::MIN,
            accounting: Accounting::default(),
        }
    }

    /// Reads all captures.
    pub(super) fn files(&mut self, files: &[DatasetFile], strict: bool, context: &Context) -> Result<()> {
        captures::each(files, strict, context, |number, reader, file| {
            self.observer.clear();
            self.pool.begin(number)?;
            self.file(reader, file, strict, context)?;
            self.defragmenter.clear();
            self.end_all()
        })
    }

    fn file(&mut self, reader: &mut Reader, file: &DatasetFile, strict: bool, context: &Context) -> Result<()> {
        let header = Header::read(reader.section_options());
        let in_runs = matches!(header.as_ref().and_then(|header| header.order), Some(Order::Id | Order::Contiguous));
        let mut runs = Runs::new(header.as_ref());
        self.last = None;
        context.each_item(reader, strict, |item| {
            let Item::Packet(packet) = item else { return Ok(()) };
            if let Err(error) = runs.packet(packet) {
                context.fault(&error.in_file(&file.path));
            }
            self.packet(packet, in_runs).map_err(|error| error.in_file(&file.path))
        })
    }

    fn packet(&mut self, packet: &Packet, in_runs: bool) -> Result<()> {
        self.accounting.read += 1;
        self.current.clear();
        self.samples.of_packet(packet, |number| self.current.push(number as u32));
        self.learn();
        if self.current.is_empty() {
            self.current.push(NO_SAMPLE);
        }
        let sample = self.current[0];
        if in_runs && self.last.replace(sample) != Some(sample) {
            self.end_all()?;
        }
        if let Some(time) = packet.time().and_then(|time| i64::try_from(time.0).ok()) {
            self.accounting.backwards += u64::from(time < self.latest);
            self.latest = self.latest.max(time);
        }
        let mut outside = None;
        let before = self.accounting.memberships;
        for &sample in &self.current {
            let take = |observed: &Observation, payload: &[u8]| self.pool.take(observed, payload);
            match self.observer.observe_whole(&mut self.defragmenter, packet, sample, take) {
                Ok(taken) => {
                    taken.transpose()?;
                    self.accounting.memberships += 1;
                }
                Err(reason) => outside = Some(reason),
            }
        }
        match outside {
            Some(reason) if self.accounting.memberships == before => self.accounting.outside(reason),
            _ => self.accounting.in_flows += 1,
        }
        Ok(())
    }

    fn end_all(&mut self) -> Result<()> {
        self.pool.end_all(std::mem::replace(&mut self.latest, i64::MIN))
    }

    /// Tells everybody of samples that are new.
    fn learn(&mut self) {
        let samples = self.samples.all();
        if samples.len() > self.learned {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.extend_from_slice(&samples[self.learned..]);
            self.learned = samples.len();
        }
    }
}
