//! Packets of captures, on their way into flows.

use std::sync::{Arc, RwLock};

use super::accounting::Reason;
use super::belonging::Belonging;
use super::enforced::Enforced;
use super::index::Entry;
use super::tracker::Tracker;
use super::twins::Twins;
use super::units::{Unit, Units};
use super::writer;
use super::{Request, RowUnit};
use crate::capture::Item;
use crate::command::dataset_files::DatasetFile;
use crate::command::memberships::{Follow, Known, NO_SAMPLE};
use crate::command::pool::Pool;
use crate::command::sorted::Rows;
use crate::command::sorted::Sorted;
use crate::error::Result;
use crate::flow::Observer;
use crate::packet::{Packet, Sample};
use crate::sink::RowFormat;

/// How many rows of packets wait before they are sorted.
const WAITING: usize = 1 << 12;

/// Captures that are being read.
pub(super) struct Work<'a> {
    request: &'a Request,
    enforced: Enforced,
    observer: Observer,
    pub(super) pool: Pool<Tracker>,
    pub(super) belonging: Belonging<'a>,
    known: Known,
    /// The number of the capture that is being read.
    capture: u64,
    pub(super) twins: Twins,
    pub(super) units: Units,
    /// Packets in no flow, for `--packets`.
    index: Option<(Sorted, Rows)>,
}

impl<'a> Work<'a> {
    /// Nothing was read so far.
    pub(super) fn new(
        (request, enforced): (&'a Request, Enforced),
        belonging: Belonging<'a>,
        pool: Pool<Tracker>,
        known: Arc<RwLock<Vec<Sample>>>,
        index: Option<Sorted>,
    ) -> Self {
        Self {
            request,
            enforced,
            observer: Observer::new(request.keying),
            pool,
            belonging,
            known: Known::new(known),
            capture: 0,
            twins: Twins::new(request.dedup || writer::format(request).is_ok_and(RowFormat::says_of_itself)),
            units: Units::default(),
            index: index.map(|sorted| (sorted, Rows::default())),
        }
    }

    /// Tells everybody of samples that are new.
    #[inline]
    fn learn(&mut self) {
        for sample in self.known.learn(self.belonging.samples()) {
            self.twins.learn(sample);
        }
    }

    /// Hands over what waits for its order.
    pub(super) fn finish_index(&mut self) -> Result<()> {
        match self.index.take() {
            Some((sorted, mut rows)) => sorted.take(&mut rows),
            None => Ok(()),
        }
    }
}

impl Follow for Work<'_> {
    type Reason = Reason;

    fn begin(&mut self, capture: u64, file: &DatasetFile) -> Result<()> {
        self.capture = capture;
        self.observer.clear();
        self.twins.next_file();
        self.belonging.next_file(file)?;
        self.learn();
        // A capture without packets has a row of samples too.
        let sample = self.belonging.of_file(file).unwrap_or(NO_SAMPLE);
        self.units.know(Unit::of(capture, sample), capture);
        self.pool.begin(capture)
    }

    #[inline]
    fn samples_of(&mut self, packet: &Packet, samples: &mut Vec<u32>) -> Result<()> {
        self.belonging.of_packet(packet, samples)?;
        self.learn();
        self.twins.take(packet, samples);
        Ok(())
    }

    fn goes_by_comments(&self) -> bool {
        matches!(self.belonging, Belonging::Comments(_))
    }

    #[inline]
    fn take(&mut self, packet: &Packet, sample: u32) -> Result<Result<(), Reason>> {
        if self.request.dedup && self.twins.found().contains(&sample) {
            return Ok(Err(Reason::Twin));
        }
        let counted = self.request.rows == RowUnit::Sample || self.request.first.is_some();
        let unit = Unit::of(self.capture, sample);
        if self.request.first.is_some_and(|first| self.units.packets(unit) >= first) {
            return Ok(Err(Reason::BehindFirst));
        }
        let seen = self.observer.observe(packet, sample);
        if counted {
            let seen = seen.as_ref().map(|(observation, _)| observation).map_err(|outside| *outside);
            self.units.add(unit, self.capture, packet, seen);
        }
        match seen {
            Ok((observation, payload)) => self.pool.take(&observation, payload).map(Ok),
            Err(outside) => Ok(Err(Reason::Of(outside))),
        }
    }

    #[inline]
    fn done(&mut self, packet: &Packet, outside: Option<(u32, Reason)>) -> Result<()> {
        let Some(((sorted, rows), (sample, reason))) = self.index.as_mut().zip(outside) else { return Ok(()) };
        let reason = reason.to_string();
        Entry { capture: self.capture, packet: packet.number, sample, flow: Err(&reason) }.push(rows);
        if rows.ends.len() >= WAITING { sorted.take(rows) } else { Ok(()) }
    }

    fn other(&mut self, item: &Item) -> Result<()> {
        match item {
            Item::Interface(interface, _) => self.belonging.interface(interface),
            Item::Section(block) => self.enforced.check(block, self.request),
            Item::Packet(_) | Item::Other(_) => Ok(()),
        }
    }

    fn end_all(&mut self, latest: i64) -> Result<()> {
        self.pool.end_all(latest)
    }
}
