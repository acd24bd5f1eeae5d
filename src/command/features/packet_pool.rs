//! From packets to the cells of their rows, here or in other threads.
//!
//! Packets go to the threads in batches, by turns, and come back in the same turns: the rows stand in the order of the
//! packets for any number of threads. No more than two batches of each thread are under way.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::decode;
use crate::error::{Error, Result};
use crate::feature::{Captured, PacketSet, Refused, Scratch};
use crate::packet::{LinkType, Packet};
use crate::sink::RowEncoder;
use crate::table::{Cell, Column, ColumnKind};

/// How many bytes of rows, about, and of packets, make a batch.
const BATCH: usize = 1 << 19;

/// How many packets make a batch, at most.
const PACKETS: usize = 1 << 10;

/// Batches of one thread that may be under way.
const UNDER_WAY: usize = 2;

/// How rows are made.
#[derive(Debug, Clone)]
pub(super) struct Encode {
    pub(super) set: Arc<PacketSet>,
    pub(super) encoder: RowEncoder,
    /// The outermost IP header counts.
    pub(super) outer: bool,
    /// No number and time stand before the set's own cells.
    pub(super) bare: bool,
    /// A time stands behind the number.
    pub(super) timed: bool,
}

/// What became of a packet.
pub(super) struct Made<'a> {
    pub(super) capture: u32,
    pub(super) number: u64,
    pub(super) samples: &'a [u32],
    /// The encoded cells of its row.
    pub(super) cells: std::result::Result<&'a [u8], Refused>,
}

/// A packet on its way, without its bytes.
#[derive(Clone, Copy)]
struct Waiting {
    capture: u32,
    number: u64,
    time: Option<i64>,
    link_type: LinkType,
    wire: u32,
}

impl Waiting {
    fn of(packet: &Packet, capture: u32) -> Self {
        Self {
            capture,
            number: packet.number,
            time: packet.time().and_then(|time| i64::try_from(time.0).ok()),
            link_type: packet.interface.link_type,
            wire: packet.original_length,
        }
    }
}

impl Encode {
    /// Appends the cells of a packet's row to `out`.
    #[inline]
    fn packet(
        &self,
        packet: &Waiting,
        bytes: &[u8],
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> std::result::Result<(), Refused> {
        let Waiting { number, time, link_type, wire, .. } = *packet;
        let layers = match self.outer {
            true => decode::layers(link_type, bytes, wire),
            false => decode::innermost(link_type, bytes, wire),
        };
        let mut cells = self.set.cells(&Captured { number, time, link_type, bytes, wire, layers }, scratch)?;
        if !self.bare {
            let time = self.timed.then(|| time.map_or(Cell::Missing, Cell::Time));
            cells.splice(..0, std::iter::once(Cell::Count(number)).chain(time));
        }
        self.encoder.part(&cells, out);
        Ok(())
    }
}

/// Packets, and then what became of them.
#[derive(Default)]
struct Batch {
    /// Each packet, where its bytes end, and where its samples do.
    packets: Vec<(Waiting, usize, usize)>,
    bytes: Vec<u8>,
    samples: Vec<u32>,
    /// For each packet where its cells end, or why there are none.
    made: Vec<std::result::Result<usize, Refused>>,
    cells: Vec<u8>,
}

impl Batch {
    fn clear(&mut self) {
        self.packets.clear();
        self.bytes.clear();
        self.samples.clear();
        self.made.clear();
        self.cells.clear();
    }

    fn push(&mut self, packet: Waiting, bytes: &[u8], samples: &[u32]) {
        self.bytes.extend_from_slice(bytes);
        self.samples.extend_from_slice(samples);
        self.packets.push((packet, self.bytes.len(), self.samples.len()));
    }

    fn encode(&mut self, encode: &Encode, scratch: &mut Scratch) {
        let mut start = 0;
        for (packet, end, _) in &self.packets {
            let bytes = self.bytes.get(start..*end).unwrap_or_default();
            let made = encode.packet(packet, bytes, scratch, &mut self.cells);
            self.made.push(made.map(|()| self.cells.len()));
            start = *end;
        }
    }

    fn each(&self, mut take: impl FnMut(Made) -> Result<()>) -> Result<()> {
        let (mut cells_from, mut samples_from) = (0, 0);
        for ((packet, _, samples), made) in self.packets.iter().zip(&self.made) {
            let cells = made.map(|end| {
                let cells = self.cells.get(cells_from..end).unwrap_or_default();
                cells_from = end;
                cells
            });
            let samples = self.samples.get(std::mem::replace(&mut samples_from, *samples)..*samples);
            let Waiting { capture, number, .. } = *packet;
            take(Made { capture, number, samples: samples.unwrap_or_default(), cells })?;
        }
        Ok(())
    }
}

/// Where packets become rows.
pub(super) enum Pool {
    /// In this thread.
    Here { encode: Encode, scratch: Scratch, cells: Vec<u8> },
    /// In others.
    Threads(Threads),
}

/// Threads, and the batches under way.
pub(super) struct Threads {
    workers: Vec<Worker>,
    /// The workers whose batches are under way, the oldest first.
    turns: VecDeque<usize>,
    filling: Batch,
    /// Batches to be filled again.
    spent: Vec<Batch>,
    /// How many packets make a batch.
    packets: usize,
}

struct Worker {
    give: SyncSender<Batch>,
    take: Receiver<Batch>,
    thread: JoinHandle<()>,
}

impl Pool {
    /// Rows of these columns in `threads` threads, this one included.
    pub(super) fn new(encode: &Encode, columns: &[Column], threads: usize) -> Result<Self> {
        if threads <= 1 {
            return Ok(Self::Here { encode: encode.clone(), scratch: Scratch::default(), cells: Vec::new() });
        }
        let width: usize = columns.iter().map(|column| width(column.kind)).sum();
        let workers = (1..threads).map(|_| Worker::start(encode.clone())).collect::<std::io::Result<_>>()?;
        Ok(Self::Threads(Threads {
            workers,
            turns: VecDeque::new(),
            filling: Batch::default(),
            spent: Vec::new(),
            packets: (BATCH / width.max(1)).clamp(1, PACKETS),
        }))
    }

    /// Takes a packet of these samples; what became of it, or of earlier ones, goes to `out`.
    #[inline]
    pub(super) fn take(
        &mut self,
        packet: &Packet,
        capture: u32,
        samples: &[u32],
        mut out: impl FnMut(Made) -> Result<()>,
    ) -> Result<()> {
        let waiting = Waiting::of(packet, capture);
        match self {
            Self::Here { encode, scratch, cells } => {
                cells.clear();
                let made = encode.packet(&waiting, packet.bytes, scratch, cells);
                out(Made { capture, number: packet.number, samples, cells: made.map(|()| cells.as_slice()) })
            }
            Self::Threads(threads) => {
                threads.filling.push(waiting, packet.bytes, samples);
                let Batch { packets, bytes, .. } = &threads.filling;
                if packets.len() < threads.packets && bytes.len() < BATCH { Ok(()) } else { threads.send(&mut out) }
            }
        }
    }

    /// Waits for all rows.
    pub(super) fn finish(self, mut out: impl FnMut(Made) -> Result<()>) -> Result<()> {
        match self {
            Self::Here { .. } => Ok(()),
            Self::Threads(threads) => threads.finish(&mut out),
        }
    }
}

impl Threads {
    fn send(&mut self, out: &mut impl FnMut(Made) -> Result<()>) -> Result<()> {
        if self.turns.len() >= UNDER_WAY * self.workers.len() {
            self.receive(out)?;
        }
        // By turns: the one whose batch came back last is the next, or one that has had fewer.
        let worker = self.turns.back().map_or(0, |last| (last + 1) % self.workers.len());
        let batch = std::mem::replace(&mut self.filling, self.spent.pop().unwrap_or_default());
        self.workers[worker].give.send(batch).map_err(|_| stopped())?;
        self.turns.push_back(worker);
        Ok(())
    }

    /// Hands on the rows of the oldest batch.
    fn receive(&mut self, out: &mut impl FnMut(Made) -> Result<()>) -> Result<()> {
        let Some(worker) = self.turns.pop_front() else { return Ok(()) };
        let mut batch = self.workers[worker].take.recv().map_err(|_| stopped())?;
        batch.each(out)?;
        batch.clear();
        self.spent.push(batch);
        Ok(())
    }

    fn finish(mut self, out: &mut impl FnMut(Made) -> Result<()>) -> Result<()> {
        let mut rest = || -> Result<()> {
            self.send(out)?;
            while !self.turns.is_empty() {
                self.receive(out)?;
            }
            Ok(())
        };
        let done = rest();
        for Worker { give, take, thread } in self.workers {
            drop((give, take));
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
        done
    }
}

impl Worker {
    fn start(encode: Encode) -> std::io::Result<Self> {
        let (give, batches) = sync_channel::<Batch>(UNDER_WAY);
        let (done, take) = sync_channel(UNDER_WAY);
        let work = move || {
            let mut scratch = Scratch::default();
            for mut batch in batches {
                batch.encode(&encode, &mut scratch);
                // Nobody takes it where the work was given up.
                if done.send(batch).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("packets".to_owned()).spawn(work)?;
        Ok(Self { give, take, thread })
    }
}

/// A thread that has stopped says why when it is joined.
fn stopped() -> Error {
    Error::request("a thread stopped")
}

/// About how many bytes a value takes.
fn width(kind: ColumnKind) -> usize {
    match kind {
        ColumnKind::Bytes(count) => count,
        ColumnKind::Signs(names) => names.len(),
        _ => 8,
    }
}
