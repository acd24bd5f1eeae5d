//! Packets of captures, on their way into flows.

use std::sync::{Arc, PoisonError, RwLock};

use super::accounting::{Accounting, Reason};
use super::belonging::Belonging;
use super::index::Entry;
use super::tracker::{NO_SAMPLE, Tracker};
use super::twins::Twins;
use super::units::{Unit, Units};
use super::writer;
use super::{Request, RowUnit};
use crate::capture::{Item, Reader};
use crate::command::Context;
use crate::command::captures;
use crate::command::dataset_files::DatasetFile;
use crate::command::pool::Pool;
use crate::command::sorted::Rows;
use crate::command::sorted::Sorted;
use crate::error::Result;
use crate::flow::Observer;
use crate::packet::{Packet, Sample};
use crate::sample::header::{Header, Order};
use crate::sample::membership::Runs;
use crate::sink::RowFormat;

/// How many rows of packets wait before they are sorted.
const WAITING: usize = 1 << 12;

/// Captures that are being read.
pub(super) struct Work<'a> {
    request: &'a Request,
    observer: Observer,
    pub(super) pool: Pool<Tracker>,
    pub(super) belonging: Belonging<'a>,
    /// The samples that threads know of, and how many.
    known: Arc<RwLock<Vec<Sample>>>,
    learned: usize,
    /// The number of the capture that is being read.
    capture: u64,
    /// The samples of the packet at hand.
    current: Vec<u32>,
    /// The sample of the packet before, where samples stand in runs.
    last: Option<u32>,
    /// The latest time of a packet since all flows were ended.
    latest: i64,
    pub(super) twins: Twins,
    pub(super) units: Units,
    /// Packets in no flow, for `--packets`.
    index: Option<(Sorted, Rows)>,
    pub(super) accounting: Accounting<Reason>,
}

impl<'a> Work<'a> {
    /// Nothing was read so far.
    pub(super) fn new(
        request: &'a Request,
        belonging: Belonging<'a>,
        pool: Pool<Tracker>,
        known: Arc<RwLock<Vec<Sample>>>,
        index: Option<Sorted>,
    ) -> Self {
        Self {
            request,
            observer: Observer::new(request.keying),
            pool,
            belonging,
            known,
            learned: 0,
            capture: 0,
            current: Vec::new(),
            last: None,
            latest: i64::MIN,
            twins: Twins::new(request.dedup || writer::format(request).is_ok_and(RowFormat::says_of_itself)),
            units: Units::default(),
            index: index.map(|sorted| (sorted, Rows::default())),
            accounting: Accounting::default(),
        }
    }

    /// Reads all captures.
    pub(super) fn files(&mut self, captures: &[DatasetFile], context: &Context) -> Result<()> {
        captures::each(captures, self.request.strict, context, |number, reader, file| {
            self.begin(number, file)?;
            self.file(reader, file, context)?;
            // A capture without packets has a row of samples too.
            let sample = self.belonging.of_file(file).unwrap_or(NO_SAMPLE);
            self.units.know(Unit::of(number, sample), number);
            self.end_all()
        })?;
        match self.index.take() {
            Some((sorted, mut rows)) => sorted.take(&mut rows),
            None => Ok(()),
        }
    }

    fn begin(&mut self, number: u64, file: &DatasetFile) -> Result<()> {
        self.capture = number;
        self.observer.clear();
        self.twins.next_file();
        self.belonging.next_file(file)?;
        self.learn();
        self.pool.begin(number)
    }

    fn file(&mut self, reader: &mut Reader, file: &DatasetFile, context: &Context) -> Result<()> {
        let header = Header::read(reader.section_options());
        let ordered = matches!(header.as_ref().and_then(|header| header.order), Some(Order::Id | Order::Contiguous));
        let in_runs = ordered && matches!(self.belonging, Belonging::Comments(_));
        let mut runs = Runs::new(header.as_ref());
        self.last = None;
        context.each_item(reader, self.request.strict, |item| match item {
            Item::Packet(packet) => {
                if let Err(error) = runs.packet(packet) {
                    context.fault(&error.in_file(&file.path));
                }
                self.packet(packet, in_runs).map_err(|error| error.in_file(&file.path))
            }
            Item::Interface(interface, _) => self.belonging.interface(interface),
            Item::Section(_) | Item::Other(_) => Ok(()),
        })
    }

    #[inline]
    fn packet(&mut self, packet: &Packet, in_runs: bool) -> Result<()> {
        self.accounting.read += 1;
        self.current.clear();
        self.belonging.of_packet(packet, &mut self.current)?;
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
        let twins = self.twins.take(packet, &self.current);
        if !twins.is_empty() {
            if self.request.dedup {
                self.current.retain(|sample| !twins.contains(sample));
                if self.current.is_empty() {
                    return self.outside(packet, sample, Reason::Twin);
                }
            } else {
                self.accounting.twins += 1;
            }
        }
        self.memberships(packet)
    }

    /// Takes a packet for each of its samples.
    #[inline]
    fn memberships(&mut self, packet: &Packet) -> Result<()> {
        let mut taken = false;
        let mut outside = None;
        for at in 0..self.current.len() {
            let sample = self.current[at];
            match self.member(packet, sample)? {
                None => {
                    self.accounting.memberships += 1;
                    taken = true;
                }
                Some(reason) => outside = Some((sample, reason)),
            }
        }
        match outside {
            Some((sample, reason)) if !taken => self.outside(packet, sample, reason),
            _ => {
                self.accounting.in_flows += 1;
                Ok(())
            }
        }
    }

    /// Takes a packet of one of its samples; why not, if it is in no flow of that.
    #[inline]
    fn member(&mut self, packet: &Packet, sample: u32) -> Result<Option<Reason>> {
        let counted = self.request.rows == RowUnit::Sample || self.request.first.is_some();
        let unit = Unit::of(self.capture, sample);
        if self.request.first.is_some_and(|first| self.units.packets(unit) >= first) {
            return Ok(Some(Reason::BehindFirst));
        }
        let seen = self.observer.observe(packet, sample);
        if counted {
            let seen = seen.as_ref().map(|(observation, _)| observation).map_err(|outside| *outside);
            self.units.add(unit, self.capture, packet, seen);
        }
        match seen {
            Ok((observation, payload)) => self.pool.take(&observation, payload).map(|()| None),
            Err(outside) => Ok(Some(Reason::Of(outside))),
        }
    }

    /// A packet is in no flow.
    fn outside(&mut self, packet: &Packet, sample: u32, reason: Reason) -> Result<()> {
        self.accounting.outside(reason);
        let Some((sorted, rows)) = &mut self.index else { return Ok(()) };
        let reason = reason.to_string();
        Entry { capture: self.capture, packet: packet.number, sample, flow: Err(&reason) }.push(rows);
        if rows.ends.len() >= WAITING { sorted.take(rows) } else { Ok(()) }
    }

    fn end_all(&mut self) -> Result<()> {
        self.pool.end_all(std::mem::replace(&mut self.latest, i64::MIN))
    }

    /// Tells everybody of samples that are new.
    #[inline]
    fn learn(&mut self) {
        let samples = self.belonging.samples();
        if samples.len() == self.learned {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for sample in &samples[self.learned..] {
            self.twins.learn(sample);
            known.push(sample.clone());
        }
        self.learned = samples.len();
    }
}
