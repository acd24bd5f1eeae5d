//! Flows in shards, and threads that work on them.
//!
//! The number of shards is fixed, and each gets its packets in their order: what is made of them is the same for any number
//! of threads.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use crate::error::{Error, Result};
use crate::flow::{FlowShard, Observation, SHARDS, Timeouts, Track, shard_of};

/// Packets that are handed over at once.
const BATCH: usize = 1 << 11;

/// Bytes of payloads that are handed over at once, however few packets have them.
const BATCH_BYTES: usize = 1 << 20;

/// Batches that may wait for a thread.
const BATCHES: usize = 4;

/// Who keeps something of the flows of a shard, and makes something of it.
pub(super) trait ShardTrack: Track + Send {
    /// What follows is of the capture of this number.
    fn next_capture(&mut self, capture: u64);

    /// True if so much was made that it should be handed over.
    fn is_full(&self) -> bool;

    /// Hands over what was made.
    fn hand_over(&mut self) -> Result<()>;
}

/// Shards that one thread works on.
struct Shards<T> {
    /// Shards of the numbers that this thread does not have are empty.
    shards: Vec<Option<(FlowShard, T)>>,
}

impl<T: ShardTrack> Shards<T> {
    fn new(of: impl Fn(usize) -> bool, make: &impl Fn() -> T, timeouts: Timeouts, max_flows: usize) -> Self {
        let shard = |number: usize| of(number).then(|| (FlowShard::new(timeouts, max_flows.div_ceil(SHARDS)), make()));
        Self { shards: (0..SHARDS).map(shard).collect() }
    }

    fn each(&mut self) -> impl Iterator<Item = &mut (FlowShard, T)> {
        self.shards.iter_mut().flatten()
    }

    #[inline]
    fn take(&mut self, packet: &Observation, hash: u64, payload: &[u8]) -> Result<()> {
        let Some((flows, tracker)) = &mut self.shards[shard_of(hash)] else { return Ok(()) };
        flows.take(packet, hash, payload, tracker);
        if tracker.is_full() { tracker.hand_over() } else { Ok(()) }
    }

    fn end_all(&mut self, latest: i64) -> Result<()> {
        self.each().try_for_each(|(flows, tracker)| {
            while flows.end_oldest(latest, tracker) {
                if tracker.is_full() {
                    tracker.hand_over()?;
                }
            }
            tracker.hand_over()
        })
    }

    fn obey(&mut self, order: Order) -> Result<()> {
        match order {
            Order::Capture(number) => {
                self.begin(number);
                Ok(())
            }
            Order::EndAll(latest) => self.end_all(latest),
        }
    }

    fn begin(&mut self, capture: u64) {
        self.each().for_each(|(_, tracker)| tracker.next_capture(capture));
    }
}

/// What a thread is told between packets.
#[derive(Debug, Clone, Copy)]
enum Order {
    Capture(u64),
    EndAll(i64),
}

/// Packets on their way to a thread, and what it is told between them: samples of few packets would fill no batch.
#[derive(Default)]
struct Batch {
    packets: Vec<(Observation, u64, usize)>,
    payloads: Vec<u8>,
    /// For each order, how many packets stand before it.
    orders: Vec<(usize, Order)>,
}

struct Worker {
    batches: SyncSender<Batch>,
    spent: Receiver<Batch>,
    filling: Batch,
    thread: JoinHandle<Result<()>>,
}

/// All shards, in this thread or in others.
pub(super) struct Pool<T>(Place<T>);

enum Place<T> {
    Here(Box<Shards<T>>),
    Threads(Vec<Worker>),
}

impl<T: ShardTrack + 'static> Pool<T> {
    /// Flows of at most `max_flows` at once, in `threads` threads, this one included; `make` makes what keeps something of
    /// the flows of one shard.
    pub(super) fn new(make: impl Fn() -> T, timeouts: Timeouts, max_flows: usize, threads: usize) -> Result<Self> {
        let workers = threads.saturating_sub(1).min(SHARDS);
        if workers == 0 {
            return Ok(Self(Place::Here(Box::new(Shards::new(|_| true, &make, timeouts, max_flows)))));
        }
        let start = |worker: usize| {
            let of = move |shard: usize| shard % workers == worker;
            Worker::start(Shards::new(of, &make, timeouts, max_flows))
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

    /// What follows is of the capture of this number.
    pub(super) fn begin(&mut self, capture: u64) -> Result<()> {
        self.tell(Order::Capture(capture))
    }

    /// Ends all flows: their sample or capture has ended, with a packet of the time `latest` at the latest.
    pub(super) fn end_all(&mut self, latest: i64) -> Result<()> {
        self.tell(Order::EndAll(latest))
    }

    fn tell(&mut self, order: Order) -> Result<()> {
        match &mut self.0 {
            Place::Here(shards) => shards.obey(order),
            Place::Threads(workers) => workers.iter_mut().try_for_each(|worker| worker.order(order)),
        }
    }

    /// Waits for all threads.
    pub(super) fn finish(self) -> Result<()> {
        let Place::Threads(workers) = self.0 else { return Ok(()) };
        workers.into_iter().map(Worker::finish).fold(Ok(()), Result::and)
    }
}

impl Worker {
    fn start<T: ShardTrack + 'static>(mut shards: Shards<T>) -> std::io::Result<Self> {
        let (batches, taken) = sync_channel(BATCHES);
        let (give_back, spent) = channel();
        let work = move || taken.iter().try_for_each(|batch| obey(&mut shards, batch, &give_back));
        let thread = thread::Builder::new().name("flows".to_owned()).spawn(work)?;
        Ok(Self { batches, spent, filling: Batch::default(), thread })
    }

    #[inline]
    fn take(&mut self, packet: &Observation, hash: u64, payload: &[u8]) -> Result<()> {
        self.filling.payloads.extend_from_slice(payload);
        self.filling.packets.push((*packet, hash, self.filling.payloads.len()));
        let full = self.filling.packets.len() >= BATCH || self.filling.payloads.len() >= BATCH_BYTES;
        if full { self.send() } else { Ok(()) }
    }

    fn order(&mut self, order: Order) -> Result<()> {
        self.filling.orders.push((self.filling.packets.len(), order));
        if self.filling.orders.len() < BATCH { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<()> {
        let mut next = self.spent.try_recv().unwrap_or_default();
        next.packets.clear();
        next.payloads.clear();
        next.orders.clear();
        let batch = std::mem::replace(&mut self.filling, next);
        self.batches.send(batch).map_err(|_| stopped())
    }

    fn finish(mut self) -> Result<()> {
        let sent = self.send();
        drop(self.batches);
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

fn obey<T: ShardTrack>(shards: &mut Shards<T>, batch: Batch, give_back: &Sender<Batch>) -> Result<()> {
    let mut orders = batch.orders.iter().peekable();
    let mut start = 0;
    for (at, (packet, hash, end)) in batch.packets.iter().enumerate() {
        while let Some((_, order)) = orders.next_if(|(before, _)| *before <= at) {
            shards.obey(*order)?;
        }
        shards.take(packet, *hash, &batch.payloads[start..*end])?;
        start = *end;
    }
    orders.try_for_each(|(_, order)| shards.obey(*order))?;
    // The end of the input has come if nobody takes it.
    let _ = give_back.send(batch);
    Ok(())
}
