//! Flows by number, for those who keep something of their own about each: a file, a list of packets.

use super::biflow::{Biflow, EndReason, FlowShard, Slot, Timeouts, Track};
use super::observation::Observation;

/// How many shards flows are divided into, each with its share of the flows that may go on at once.
pub const SHARDS: usize = 64;

/// The shard of a key's hash: by bits that the tables inside the shards do not go by.
#[inline]
pub fn shard_of(hash: u64) -> usize {
    (hash >> 32) as usize % SHARDS
}

/// Flows, numbered from 0 in the order of their first packets. They begin and end as those of [`FlowShard`], of which
/// there are [`SHARDS`].
pub struct NumberedFlows {
    shards: Vec<FlowShard>,
    places: Vec<Places>,
    next: u64,
    ended: Vec<Ended>,
}

/// A flow that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// Its number.
    pub number: u64,
    /// What it was.
    pub flow: Biflow,
    /// Why it ended.
    pub reason: EndReason,
}

/// The flow of a packet.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// Its number.
    pub number: u64,
    /// The packet is its first.
    pub is_first: bool,
    /// The flow, as it was before the packet.
    pub flow: Biflow,
}

impl NumberedFlows {
    /// No flows yet; about `max_flows` may go on at once.
    pub fn new(timeouts: Timeouts, max_flows: usize) -> Self {
        let shard = |_| FlowShard::new(timeouts, max_flows.div_ceil(SHARDS));
        let places = (0..SHARDS).map(|_| Places::default()).collect();
        Self { shards: (0..SHARDS).map(shard).collect(), places, next: 0, ended: Vec::new() }
    }

    /// How many flows there have been.
    pub fn count(&self) -> u64 {
        self.next
    }

    /// Takes a packet, and says which flow it belongs to.
    pub fn take(&mut self, packet: &Observation) -> Option<Taken> {
        let hash = packet.key.hash();
        let shard = shard_of(hash);
        let (flows, places) = (self.shards.get_mut(shard)?, self.places.get_mut(shard)?);
        let mut track = Numbering { places, next: &mut self.next, ended: &mut self.ended, taken: None };
        flows.take(packet, hash, &[], &mut track);
        track.taken
    }

    /// Ends all flows: what comes now is of another sample or capture. `latest` is the latest time of a packet.
    pub fn end_all(&mut self, latest: i64) {
        for (flows, places) in self.shards.iter_mut().zip(&mut self.places) {
            let mut track = Numbering { places, next: &mut self.next, ended: &mut self.ended, taken: None };
            flows.end_all(latest, &mut track);
        }
    }

    /// The flows that have ended since this was asked last.
    pub fn ended(&mut self) -> impl Iterator<Item = Ended> {
        self.ended.drain(..)
    }
}

/// The numbers of the flows in a shard's places.
#[derive(Default)]
struct Places(Vec<u64>);

struct Numbering<'a> {
    places: &'a mut Places,
    next: &'a mut u64,
    ended: &'a mut Vec<Ended>,
    taken: Option<Taken>,
}

impl Track for Numbering<'_> {
    fn begin(&mut self, slot: Slot, flow: &Biflow, _packet: &Observation) {
        let Places(numbers) = self.places;
        if numbers.len() <= slot as usize {
            numbers.resize(slot as usize + 1, 0);
        }
        numbers[slot as usize] = *self.next;
        self.taken = Some(Taken { number: *self.next, is_first: true, flow: *flow });
        *self.next += 1;
    }

    fn packet(&mut self, slot: Slot, flow: &Biflow, _packet: &Observation, _payload: &[u8]) {
        let number = self.places.0[slot as usize];
        self.taken.get_or_insert(Taken { number, is_first: false, flow: *flow });
    }

    fn end(&mut self, slot: Slot, flow: &Biflow, reason: EndReason) {
        self.ended.push(Ended { number: self.places.0[slot as usize], flow: *flow, reason });
    }
}
