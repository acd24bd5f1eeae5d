//! Packets of captures, each taken for every sample that it is in: the one loop of all commands that follow flows.
//!
//! No flow crosses samples, and a packet of several samples is in a flow of each. [`read`] opens one capture after the
//! other, watches the order of samples that its header promises, says when everything that goes on is over (a capture has
//! ended, or a sample of a capture in which each stands in one run), and accounts for every packet. A [`Follow`] makes of
//! that what its command is for.

use std::fmt::Display;
use std::sync::{Arc, PoisonError, RwLock};

use super::dataset_files::DatasetFile;
use super::features::accounting::Accounting;
use super::{Context, captures};
use crate::capture::{Item, Reader};
use crate::error::Result;
use crate::packet::{Packet, Sample};
use crate::sample::header::{Header, Order};
use crate::sample::membership::Runs;

/// The number of the sample of packets that have none.
pub(super) const NO_SAMPLE: u32 = u32::MAX;

/// Who follows flows.
pub(super) trait Follow {
    /// Why a packet is in none.
    type Reason: Copy + Ord + Display;

    /// What follows is of the capture of this number.
    fn begin(&mut self, capture: u64, file: &DatasetFile) -> Result<()>;

    /// Puts the numbers of a packet's samples into `samples`, which is empty.
    fn samples_of(&mut self, packet: &Packet, samples: &mut Vec<u32>) -> Result<()>;

    /// True if that goes by the packets' comments: then they stand in the order that the capture's header tells.
    fn goes_by_comments(&self) -> bool {
        true
    }

    /// Takes a packet for one of its samples, or [`NO_SAMPLE`]; why not, if it is in no flow of that.
    fn take(&mut self, packet: &Packet, sample: u32) -> Result<Result<(), Self::Reason>>;

    /// A packet was taken for all of its samples; `outside` is set if it is in no flow of any: one of them, and why.
    fn done(&mut self, _packet: &Packet, _outside: Option<(u32, Self::Reason)>) -> Result<()> {
        Ok(())
    }

    /// Takes what is no packet.
    fn other(&mut self, _item: &Item) -> Result<()> {
        Ok(())
    }

    /// Ends all flows: their sample has ended, with a packet of the time `latest` at the latest.
    fn end_all(&mut self, latest: i64) -> Result<()>;

    /// Ends all flows: their capture has ended.
    fn end(&mut self, latest: i64) -> Result<()> {
        self.end_all(latest)
    }
}

/// Reads captures, and says what became of their packets.
pub(super) fn read<F: Follow>(
    files: &[DatasetFile],
    strict: bool,
    context: &Context,
    to: &mut F,
) -> Result<Accounting<F::Reason>> {
    let mut course = Course::default();
    captures::each(files, strict, context, |number, reader, file| {
        to.begin(number, file)?;
        course.file(reader, file, strict, context, to)?;
        to.end(course.take_latest())
    })?;
    Ok(course.accounting)
}

/// How far captures were read.
struct Course<R> {
    accounting: Accounting<R>,
    /// Each sample stands in one run.
    in_runs: bool,
    /// The samples of the packet at hand.
    current: Vec<u32>,
    /// The sample of the packet before, where they stand in runs.
    last: Option<u32>,
    /// The latest time of a packet since all flows were ended.
    latest: i64,
}

impl<R> Default for Course<R> {
    fn default() -> Self {
        Self { accounting: Accounting::default(), in_runs: false, current: Vec::new(), last: None, latest: i64::MIN }
    }
}

impl<R: Copy + Ord + Display> Course<R> {
    fn file(
        &mut self,
        reader: &mut Reader,
        file: &DatasetFile,
        strict: bool,
        context: &Context,
        to: &mut impl Follow<Reason = R>,
    ) -> Result<()> {
        let header = Header::read(reader.section_options());
        let is_contiguous = header.as_ref().and_then(|header| header.order).is_some_and(Order::is_contiguous);
        let mut runs = Runs::new(header.as_ref());
        self.in_runs = is_contiguous && to.goes_by_comments();
        self.last = None;
        context.each_item(reader, strict, |item| {
            let taken = match item {
                Item::Packet(packet) => {
                    if let Err(error) = runs.packet(packet) {
                        context.fault(&error.in_file(&file.path));
                    }
                    self.packet(packet, to)
                }
                Item::Section(_) | Item::Interface(..) | Item::Other(_) => to.other(item),
            };
            taken.map_err(|error| error.in_file(&file.path))
        })
    }

    #[inline]
    fn packet(&mut self, packet: &Packet, to: &mut impl Follow<Reason = R>) -> Result<()> {
        self.accounting.read += 1;
        self.current.clear();
        to.samples_of(packet, &mut self.current)?;
        if self.current.is_empty() {
            self.current.push(NO_SAMPLE);
        }
        let sample = self.current[0];
        if self.in_runs && self.last.replace(sample) != Some(sample) {
            to.end_all(self.take_latest())?;
        }
        if let Some(time) = packet.time().and_then(|time| i64::try_from(time.0).ok()) {
            self.accounting.backwards += u64::from(time < self.latest);
            self.latest = self.latest.max(time);
        }
        let (mut taken, mut outside) = (0, None);
        for &sample in &self.current {
            match to.take(packet, sample)? {
                Ok(()) => taken += 1,
                Err(reason) => outside = Some((sample, reason)),
            }
        }
        // One that is in a flow of any of its samples is in flows.
        let outside = outside.filter(|_| taken == 0);
        self.accounting.memberships += taken;
        match outside {
            Some((_, reason)) => self.accounting.outside(reason),
            None => self.accounting.in_flows += 1,
        }
        to.done(packet, outside)
    }

    fn take_latest(&mut self) -> i64 {
        std::mem::replace(&mut self.latest, i64::MIN)
    }
}

/// The samples that are known, by number, for threads that look them up.
pub(super) struct Known {
    samples: Arc<RwLock<Vec<Sample>>>,
    /// How many they know.
    count: usize,
}

impl Known {
    /// Those of threads that look them up here; none is known so far.
    pub(super) fn new(samples: Arc<RwLock<Vec<Sample>>>) -> Self {
        Self { samples, count: 0 }
    }

    /// Tells everybody of samples that are new, of all that there are; returns those.
    #[inline]
    pub(super) fn learn<'s>(&mut self, all: &'s [Sample]) -> &'s [Sample] {
        let new = all.get(self.count..).unwrap_or_default();
        if !new.is_empty() {
            self.samples.write().unwrap_or_else(PoisonError::into_inner).extend_from_slice(new);
            self.count = all.len();
        }
        new
    }
}
