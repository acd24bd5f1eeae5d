//! From flows that end to rows.

use std::sync::{Arc, PoisonError, RwLock};

use super::index::{self, Entry};
use super::units::Unit;
use super::writer::Record;
use crate::command::pool::ShardTrack;
use crate::command::sorted::{Outlets, Rows, WAITING};
use crate::error::Result;
use crate::feature::{FeatureSet, Limits, State, Step, View, flow_id};
use crate::flow::{Biflow, EndReason, Observation, Slot, Track};
use crate::packet::Sample;
use crate::redact::{Field, Mask};
use crate::sample::sort::SortKey;
use crate::sink::RowEncoder;

/// What every tracker needs.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) set: Arc<FeatureSet>,
    pub(super) encoder: RowEncoder,
    pub(super) limits: Limits,
    /// Rows stand by sample, each with its first flow first; otherwise by time.
    pub(super) by_unit: bool,
    /// Note which flow each packet is in.
    pub(super) indexed: bool,
    pub(super) order: RowOrder,
    /// What features do not see of packets.
    pub(super) mask: Mask,
    /// The samples that are known, by number; whoever reads packets adds to them.
    pub(super) samples: Arc<RwLock<Vec<Sample>>>,
}

/// The order of rows within a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOrder {
    /// By the flow's start, then its first packet.
    Start,
    /// By the time of the flow's last packet, then its first packet.
    End,
}

/// Keeps the state of a shard's flows, and makes rows of those that end.
pub(super) struct Tracker {
    plan: Plan,
    state: State,
    /// The number of the capture that is being read.
    capture: u64,
    pub(super) rows: Rows,
    /// Which flow each packet is in.
    pub(super) packets: Rows,
    outlets: Outlets,
}

impl Tracker {
    pub(super) fn new(plan: Plan, outlets: Outlets) -> Self {
        let state = State::new(plan.set.needs());
        Self { plan, state, capture: 0, rows: Rows::default(), packets: Rows::default(), outlets }
    }
}

impl ShardTrack for Tracker {
    fn next_capture(&mut self, capture: u64) {
        self.capture = capture;
    }

    fn is_full(&self) -> bool {
        self.rows.bytes.len() >= WAITING || self.packets.bytes.len() >= WAITING
    }

    fn hand_over(&mut self) -> Result<()> {
        self.outlets.flows.take(&mut self.rows)?;
        self.outlets.packets.as_ref().map_or(Ok(()), |packets| packets.take(&mut self.packets))
    }
}

impl Track for Tracker {
    #[inline]
    fn begin(&mut self, slot: Slot, _flow: &Biflow, _packet: &Observation) {
        self.state.begin(slot);
    }

    #[inline]
    fn packet(&mut self, slot: Slot, flow: &Biflow, packet: &Observation, payload: &[u8]) {
        let direction = usize::from(!flow.is_forward(packet));
        let time = flow.time_of(packet);
        match self.plan.mask {
            mask if mask.is_empty() => {
                self.state.step(slot, &Step { packet, flow, time, direction, payload }, &self.plan.limits);
            }
            mask => {
                let payload = if mask.has(Field::Payload) { &[] } else { payload };
                let packet = &packet.masked(mask);
                self.state.step(slot, &Step { packet, flow, time, direction, payload }, &self.plan.limits);
            }
        }
        if self.plan.indexed {
            let sample = packet.key.sample;
            let samples = self.plan.samples.read().unwrap_or_else(PoisonError::into_inner);
            let flow = match index::shows_ids(self.plan.mask) {
                true => flow_id(flow, samples.get(sample as usize)),
                false => flow.first_number,
            };
            Entry { capture: self.capture, packet: packet.number, sample, flow: Ok(flow) }.push(&mut self.packets);
        }
    }

    fn end(&mut self, slot: Slot, flow: &Biflow, reason: EndReason) {
        self.rows.evicted += u64::from(reason == EndReason::LackOfResources);
        let number = flow.key.sample;
        let samples = self.plan.samples.read().unwrap_or_else(PoisonError::into_inner);
        let sample = samples.get(number as usize);
        let view = View::new(flow, reason, sample, &self.state, slot);
        if self.plan.set.leaves_out(&view) {
            self.rows.left_out += 1;
            return;
        }
        let cells = self.plan.set.cells(&view);
        Record::begin(self.capture as u32, number, &mut self.rows.bytes);
        self.plan.encoder.part(&cells, &mut self.rows.bytes);
        let group = if self.plan.by_unit { Unit::of(self.capture, number).number() } else { self.capture };
        let time = match self.plan.order {
            RowOrder::Start => flow.start,
            RowOrder::End => flow.last,
        };
        let key = SortKey::of_row(group, time, flow.first_number, number);
        self.rows.ends.push((key, self.rows.bytes.len()));
    }
}
