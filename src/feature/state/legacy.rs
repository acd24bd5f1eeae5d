//! What is kept for the errors of other programs: CICFlowMeter's, PyFlowMeter's.

use super::parts::{BACKWARD, BulkSums, Bulks, Direction, Limits, Part, Step};
use super::sums::{Moments, Sums};

/// The first packet, and the last window backward, as CICFlowMeter keeps them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opening {
    /// Payload of the first packet, in bytes.
    pub payload: u32,
    /// The first packet has a payload, and goes forward.
    pub forward_data: bool,
    /// The flags of the first packet.
    pub flags: u8,
    /// The direction of the first packet.
    pub direction: Direction,
    /// The window of the first packet if that goes forward, and of the last packet backward; -1 of what is not TCP.
    pub windows: [Option<i64>; 2],
    known: bool,
}

impl Part for Opening {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let (way, packet) = (step.direction, step.packet);
        let window = packet.segment.map_or(-1, |segment| segment.window.into());
        if way == BACKWARD || !self.known {
            self.windows[way] = Some(window);
        }
        if !std::mem::replace(&mut self.known, true) {
            self.payload = packet.payload_bytes;
            self.forward_data = way != BACKWARD && packet.payload_bytes > 0;
            self.flags = packet.segment.map_or(0, |segment| segment.flags);
            self.direction = way;
        }
    }
}

/// Bulks of both directions taken for one.
#[derive(Debug, Clone, Copy, Default)]
pub struct MixedBulks(Bulks);

impl MixedBulks {
    /// The bulks, if the flow ended now.
    pub fn sums(&self) -> BulkSums {
        self.0.of(BACKWARD)
    }
}

impl Part for MixedBulks {
    #[inline]
    fn step(&mut self, step: &Step, limits: &Limits) {
        self.0.step(&Step { direction: BACKWARD, ..*step }, limits);
    }
}

/// Active and idle times as CICFlowMeter 4 has them: before the first packet the flow was idle since 1970, and neither
/// runs of no duration nor the last run count.
#[derive(Debug, Clone, Copy, Default)]
pub struct EpochActivity {
    run: Option<(i64, i64)>,
    /// The runs of activity but the last, in nanoseconds.
    pub active: Sums,
    /// The idle gaps, in nanoseconds; the first one since 1970.
    pub idle: Sums,
}

impl Part for EpochActivity {
    #[inline]
    fn step(&mut self, step: &Step, limits: &Limits) {
        let time = step.time;
        // There was nothing before the first packet, and the clock began with 1970.
        let (start, last) = self.run.unwrap_or_default();
        let gap = time.saturating_sub(last);
        let goes_on = self.run.is_some() && gap <= limits.activity;
        self.run = Some((if goes_on { start } else { time }, time));
        if gap > limits.activity {
            if last > start {
                self.active.add(last.saturating_sub(start));
            }
            self.idle.add(gap);
        }
    }
}

/// Seconds since the packet before, of whichever direction, booked on the direction of the packet: PyFlowMeter.
#[derive(Debug, Clone, Copy, Default)]
pub struct TurnGaps {
    /// By direction; of the first packet 0.
    pub gaps: [Moments; 2],
    last: Option<i64>,
}

impl Part for TurnGaps {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let gap = self.last.replace(step.time).map_or(0, |last| step.time.saturating_sub(last));
        self.gaps[step.direction].add(gap as f64 / 1e9);
    }
}
