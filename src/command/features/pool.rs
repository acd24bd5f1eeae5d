//! Flows in shards, and threads that work on them.
//!
//! The number of shards is fixed, and each gets its packets in their order: the rows are the same for any number of
//! threads.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::tracker::{Plan, Rows, Tracker};
use crate::error::{Error, Result};
use crate::flow::{FlowShard, Observation, Timeouts};
use crate::packet::Sample;
use crate::sample::sort::Sorter;

/// How many shards flows are divided into.
const SHARDS: usize = 64;

/// Rows that wait before they are sorted, in bytes.
const WAITING: usize = 64 << 10;

/// Packets that are handed over at once.
const BATCH: usize = 1 << 11;

/// Batches that may wait for a thread.
const BATCHES: usize = 4;

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

/// Where rows go.
#[derive(Clone)]
pub(super) struct Sorted {
    sorter: Arc<Mutex<Sorter>>,
    directory: Arc<PathBuf>,
    counts: Arc<Mutex<FlowCounts>>,
}

impl Sorted {
    pub(super) fn new(sorter: Sorter, directory: PathBuf) -> Self {
        Self { sorter: Arc::new(Mutex::new(sorter)), directory: Arc::new(directory), counts: Arc::default() }
    }

    fn take(&self, rows: &mut Rows) -> Result<()> {
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
        *rows = Rows { bytes: std::mem::take(&mut rows.bytes), ..Rows::default() };
        rows.bytes.clear();
        Ok(())
    }

    /// How many flows there were.
    pub(super) fn counts(&self) -> FlowCounts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sorter, once all threads are done.
    pub(super) fn into_sorter(self) -> Option<Sorter> {
        let sorter = Arc::into_inner(self.sorter)?;
        Some(sorter.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Shards that one thread works on.
struct Shards {
    /// Shards of the numbers that this thread does not have are empty.
    shards: Vec<Option<(FlowShard, Tracker)>>,
    sorted: Sorted,
}

impl Shards {
    fn new(of: impl Fn(usize) -> bool, plan: &Plan, timeouts: Timeouts, max_flows: usize, sorted: Sorted) -> Self {
        let shard = |number: usize| {
            of(number).then(|| (FlowShard::new(timeouts, max_flows.div_ceil(SHARDS)), Tracker::new(plan.clone())))
        };
        Self { shards: (0..SHARDS).map(shard).collect(), sorted }
    }

    fn each(&mut self) -> impl Iterator<Item = &mut (FlowShard, Tracker)> {
        self.shards.iter_mut().flatten()
    }

    #[inline]
    fn take(&mut self, packet: &Observation, hash: u64, payload: &[u8]) -> Result<()> {
        let Some((flows, tracker)) = &mut self.shards[shard_of(hash)] else { return Ok(()) };
        flows.take(packet, hash, payload, tracker);
        if tracker.rows.bytes.len() >= WAITING {
            self.sorted.take(&mut tracker.rows)?;
        }
        Ok(())
    }

    fn learn(&mut self, sample: &Arc<Sample>) {
        self.each().for_each(|(_, tracker)| tracker.learn(sample));
    }

    fn end_all(&mut self, latest: i64) -> Result<()> {
        let Self { shards, sorted } = self;
        shards.iter_mut().flatten().try_for_each(|(flows, tracker)| {
            flows.end_all(latest, tracker);
            sorted.take(&mut tracker.rows)
        })
    }

    fn begin(&mut self, capture: u64) {
        self.each().for_each(|(_, tracker)| tracker.capture = capture);
    }
}

/// The shard of a hash: by bits that the tables inside the shards do not go by.
fn shard_of(hash: u64) -> usize {
    (hash >> 32) as usize % SHARDS
}

/// What a thread is told.
enum Order {
    Packets(Batch),
    Sample(Arc<Sample>),
    Capture(u64),
    EndAll(i64),
}

/// Packets on their way to a thread.
#[derive(Default)]
struct Batch {
    packets: Vec<(Observation, u64, usize)>,
    payloads: Vec<u8>,
}

struct Worker {
    orders: SyncSender<Order>,
    spent: Receiver<Batch>,
    filling: Batch,
    thread: JoinHandle<Result<()>>,
}

/// All shards, in this thread or in others.
pub(super) struct Pool(Place);

enum Place {
    Here(Box<Shards>),
    Threads(Vec<Worker>),
}

impl Pool {
    /// Flows of at most `max_flows` at once, in `threads` threads, this one included.
    pub(super) fn new(
        plan: &Plan,
        timeouts: Timeouts,
        max_flows: usize,
        threads: usize,
        sorted: &Sorted,
    ) -> Result<Self> {
        let workers = threads.saturating_sub(1).min(SHARDS);
        if workers == 0 {
            let shards = Shards::new(|_| true, plan, timeouts, max_flows, sorted.clone());
            return Ok(Self(Place::Here(Box::new(shards))));
        }
        let start = |worker: usize| {
            let of = move |shard: usize| shard % workers == worker;
            let shards = Shards::new(of, plan, timeouts, max_flows, sorted.clone());
            Worker::start(shards)
        };
        let workers: std::io::Result<_> = (0..workers).map(start).collect();
        Ok(Self(Place::Threads(workers?)))
    }

    /// Takes a packet.
    #[inline]
    pub(super) fn take(&mut self, packet: &Observation, payload: &[u8]) -> Result<()> {
        let hash = packet.key.hash();
        match &mut self.0 {
            Place::Here(shards) => shards.take(packet, hash, payload),
            Place::Threads(workers) => {
                let count = workers.len();
                workers[shard_of(hash) % count].take(packet, hash, payload)
            }
        }
    }

    /// A sample becomes known; its number is that of those before it.
    pub(super) fn learn(&mut self, sample: &Arc<Sample>) -> Result<()> {
        self.tell(
            || Order::Sample(Arc::clone(sample)),
            |shards| {
                shards.learn(sample);
                Ok(())
            },
        )
    }

    /// What follows is of the capture of this number.
    pub(super) fn begin(&mut self, capture: u64) -> Result<()> {
        self.tell(
            || Order::Capture(capture),
            |shards| {
                shards.begin(capture);
                Ok(())
            },
        )
    }

    /// Ends all flows: their sample or capture has ended, with a packet of the time `latest` at the latest.
    pub(super) fn end_all(&mut self, latest: i64) -> Result<()> {
        self.tell(|| Order::EndAll(latest), |shards| shards.end_all(latest))
    }

    fn tell(&mut self, order: impl Fn() -> Order, here: impl FnOnce(&mut Shards) -> Result<()>) -> Result<()> {
        match &mut self.0 {
            Place::Here(shards) => here(shards),
            Place::Threads(workers) => workers.iter_mut().try_for_each(|worker| worker.order(order())),
        }
    }

    /// Waits for all threads.
    pub(super) fn finish(self) -> Result<()> {
        let Place::Threads(workers) = self.0 else { return Ok(()) };
        workers.into_iter().map(Worker::finish).fold(Ok(()), Result::and)
    }
}

impl Worker {
    fn start(mut shards: Shards) -> std::io::Result<Self> {
        let (orders, taken) = sync_channel(BATCHES);
        let (give_back, spent) = channel();
        let work = move || taken.iter().try_for_each(|order| obey(&mut shards, order, &give_back));
        let thread = thread::Builder::new().name("flows".to_owned()).spawn(work)?;
        Ok(Self { orders, spent, filling: Batch::default(), thread })
    }

    #[inline]
    fn take(&mut self, packet: &Observation, hash: u64, payload: &[u8]) -> Result<()> {
        self.filling.payloads.extend_from_slice(payload);
        self.filling.packets.push((*packet, hash, self.filling.payloads.len()));
        if self.filling.packets.len() < BATCH { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<()> {
        let mut next = self.spent.try_recv().unwrap_or_default();
        next.packets.clear();
        next.payloads.clear();
        let batch = std::mem::replace(&mut self.filling, next);
        self.orders.send(Order::Packets(batch)).map_err(|_| stopped())
    }

    fn order(&mut self, order: Order) -> Result<()> {
        self.send()?;
        self.orders.send(order).map_err(|_| stopped())
    }

    fn finish(mut self) -> Result<()> {
        let sent = self.send();
        drop(self.orders);
        match self.thread.join() {
            // Why it stopped is worth more than that it did.
            Ok(done) => done.and(sent),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// A thread that has stopped says why when it is joined.
fn stopped() -> Error {
    Error::request("a thread stopped")
}

fn obey(shards: &mut Shards, order: Order, give_back: &Sender<Batch>) -> Result<()> {
    match order {
        Order::Packets(batch) => {
            let mut start = 0;
            for (packet, hash, end) in &batch.packets {
                shards.take(packet, *hash, &batch.payloads[start..*end])?;
                start = *end;
            }
            // The end of the input has come if nobody takes it.
            let _ = give_back.send(batch);
            Ok(())
        }
        Order::Sample(sample) => {
            shards.learn(&sample);
            Ok(())
        }
        Order::Capture(number) => {
            shards.begin(number);
            Ok(())
        }
        Order::EndAll(latest) => shards.end_all(latest),
    }
}
