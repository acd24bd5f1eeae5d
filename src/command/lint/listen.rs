//! What was said in every sample, for rules about names and logins: the dissectors listen to all flows, in threads, while
//! the capture is read once, and only what [`Said`] keeps of their records stays.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::command::dissect::{Assembly, STREAM, Talk};
use crate::command::pool::{Pool, ShardTrack};
use crate::command::{Context, MEMORY};
use crate::dataset::Said;
use crate::dissect::{Events, Limits};
use crate::error::Result;
use crate::flow::{
    Biflow, Defragmenter, EndReason, Keying, Observation, Observer, Overlap, Rules, SHARDS, Slot, TcpEnd, Timeouts,
    Track,
};
use crate::packet::Packet;

/// Nanoseconds without a packet after which a conversation is over.
const IDLE: i64 = 120_000_000_000;

/// How many conversations may go on at once.
const MAX_FLOWS: usize = 200_000;

/// Bytes that may wait in all conversations: what is beyond that is not listened to.
const WAITING: usize = MEMORY / 4;

/// Bytes of a body that dissectors keep: forms are looked at, for passwords.
const BODY: usize = 4 << 10;

/// Samples that one shard keeps before it hands over what was said in them.
const SAMPLES: usize = 1 << 10;

/// What was said, by the samples' numbers.
type Heard = Arc<Mutex<BTreeMap<u32, Said>>>;

/// Who listens.
pub(super) struct Listener {
    observer: Observer,
    defragmenter: Defragmenter,
    pool: Pool<Ear>,
    heard: Heard,
    latest: i64,
    /// Each sample stands in one run: what was said in one is over where the next begins.
    in_runs: bool,
    last: Option<usize>,
}

/// Listens to the conversations of a shard.
struct Ear {
    talks: Vec<Option<Box<Talk>>>,
    limits: Limits,
    assembly: Assembly,
    /// Bytes that wait in them.
    held: usize,
    events: Events,
    said: BTreeMap<u32, Said>,
    heard: Heard,
}

impl Listener {
    /// Nothing was said so far; `in_runs` if each sample stands in one run.
    pub(super) fn new(in_runs: bool, context: &Context) -> Result<Self> {
        let heard = Heard::default();
        let rules = Rules { ends: TcpEnd::AnotherSyn, ..Rules::default() };
        let timeouts = Timeouts { rules, ..Timeouts::new(IDLE, None) };
        let pool = Pool::new(|| Ear::new(Arc::clone(&heard)), timeouts, MAX_FLOWS, context.threads)?;
        let observer = Observer::new(Keying::default());
        let defragmenter = Defragmenter::new(WAITING);
        Ok(Self { observer, defragmenter, pool, heard, latest: i64::MIN, in_runs, last: None })
    }

    /// Takes a packet of the samples of these numbers.
    pub(super) fn packet(&mut self, packet: &Packet, samples: &[usize]) -> Result<()> {
        let first = samples.first().copied();
        if self.in_runs && first.is_some() && std::mem::replace(&mut self.last, first) != first {
            self.pool.end_all(std::mem::replace(&mut self.latest, i64::MIN))?;
        }
        for &sample in samples {
            let Ok(sample) = u32::try_from(sample) else { continue };
            let take = |observed: &Observation, payload: &[u8]| {
                self.latest = self.latest.max(observed.time);
                self.pool.take(observed, payload)
            };
            // What is in no flow says nothing.
            if let Ok(Some(taken)) = self.observer.observe_whole(&mut self.defragmenter, packet, sample, take) {
                taken?;
            }
        }
        Ok(())
    }

    /// Waits for all threads; what was said, by the samples' numbers.
    pub(super) fn finish(mut self) -> Result<BTreeMap<u32, Said>> {
        let ended = self.pool.end_all(self.latest);
        self.pool.finish().and(ended)?;
        Ok(std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Ear {
    fn new(heard: Heard) -> Self {
        Self {
            talks: Vec::new(),
            limits: Limits { body: BODY, ..Limits::default() },
            assembly: Assembly { overlap: Overlap::default(), limit: STREAM },
            held: 0,
            events: Events::default(),
            said: BTreeMap::new(),
            heard,
        }
    }

    fn hear(&mut self, sample: u32) {
        if !self.events.is_empty() {
            let said = self.said.entry(sample).or_default();
            self.events.drain().for_each(|event| said.take(&event));
        }
    }

    /// Where all conversations together hold too much, this one tells what it has, and no more.
    fn weigh(&mut self, talk: &mut Talk) {
        for give_up in [Talk::give_up_waiting, Talk::give_up_messages] {
            let held = talk.held();
            self.held = self.held + held - std::mem::replace(&mut talk.weighed, held);
            if self.held <= WAITING / SHARDS || !give_up(talk, &mut self.events) {
                return;
            }
        }
        let held = talk.held();
        self.held = self.held + held - std::mem::replace(&mut talk.weighed, held);
    }
}

impl Track for Ear {
    fn begin(&mut self, slot: Slot, flow: &Biflow, packet: &Observation) {
        if self.talks.len() <= slot as usize {
            self.talks.resize_with(slot as usize + 1, || None);
        }
        self.talks[slot as usize] = Some(Box::new(Talk::new(flow, packet, true, &self.limits, &self.assembly)));
    }

    fn packet(&mut self, slot: Slot, flow: &Biflow, packet: &Observation, payload: &[u8]) {
        let Some(mut talk) = self.talks[slot as usize].take() else { return };
        talk.packet(flow, packet, payload, &mut self.events);
        self.weigh(&mut talk);
        self.hear(flow.key.sample);
        self.talks[slot as usize] = Some(talk);
    }

    fn end(&mut self, slot: Slot, flow: &Biflow, reason: EndReason) {
        let Some(mut talk) = self.talks[slot as usize].take() else { return };
        self.held -= talk.weighed;
        talk.end(flow, reason, |_| None, &mut self.events);
        self.hear(flow.key.sample);
    }
}

impl ShardTrack for Ear {
    fn next_capture(&mut self, _: u64) {}

    fn is_full(&self) -> bool {
        self.said.len() >= SAMPLES
    }

    fn hand_over(&mut self) -> Result<()> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        for (sample, said) in std::mem::take(&mut self.said) {
            heard.entry(sample).or_default().join(said);
        }
        Ok(())
    }
}
