//! From flows that end to rows.

use std::sync::Arc;

use crate::feature::{FeatureSet, Limits, State, Step, View};
use crate::flow::{Biflow, EndReason, Observation, Slot, Track};
use crate::packet::Sample;
use crate::sample::sort::SortKey;
use crate::sink::RowEncoder;

/// What every tracker needs.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) set: Arc<FeatureSet>,
    pub(super) encoder: RowEncoder,
    pub(super) limits: Limits,
}

/// The number of packets that have no sample.
pub(super) const NO_SAMPLE: u32 = u32::MAX;

/// Keeps the state of a shard's flows, and makes rows of those that end.
pub(super) struct Tracker {
    plan: Plan,
    state: State,
    samples: Vec<Arc<Sample>>,
    /// The number of the capture that is being read.
    pub(super) capture: u64,
    pub(super) rows: Rows,
}

/// Rows that wait to be sorted: the numbers of capture and sample, and the encoded cells.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) bytes: Vec<u8>,
    /// For each row its key, and where it ends.
    pub(super) ends: Vec<(SortKey, usize)>,
    /// Flows that ended because there were too many.
    pub(super) evicted: u64,
    /// Flows that the set leaves out.
    pub(super) left_out: u64,
}

impl Tracker {
    pub(super) fn new(plan: Plan) -> Self {
        let state = State::new(plan.set.needs());
        Self { plan, state, samples: Vec::new(), capture: 0, rows: Rows::default() }
    }

    /// A sample becomes known; its number is that of those before it.
    pub(super) fn learn(&mut self, sample: &Arc<Sample>) {
        self.samples.push(Arc::clone(sample));
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
        self.state.step(slot, &Step { packet, flow, time, direction, payload }, &self.plan.limits);
    }

    fn end(&mut self, slot: Slot, flow: &Biflow, reason: EndReason) {
        self.rows.evicted += u64::from(reason == EndReason::LackOfResources);
        let number = flow.key.sample;
        let sample = self.samples.get(number as usize).map(Arc::as_ref);
        let view = View::new(flow, reason, sample, &self.state, slot);
        if self.plan.set.leaves_out(&view) {
            self.rows.left_out += 1;
            return;
        }
        let cells = self.plan.set.cells(&view);
        self.rows.bytes.extend_from_slice(&(self.capture as u32).to_le_bytes());
        self.rows.bytes.extend_from_slice(&number.to_le_bytes());
        self.plan.encoder.part(&cells, &mut self.rows.bytes);
        let key = SortKey::of_row(self.capture, flow.start, flow.first_number, number);
        self.rows.ends.push((key, self.rows.bytes.len()));
    }
}
