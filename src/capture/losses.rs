//! What an output could not hold of its input: counted, so that nothing goes without a message.

use std::ops::AddAssign;

use crate::time::Timestamp;

/// What could not be written as it was read, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Losses {
    /// Blocks: of big-endian sections whose integers are unknown, or of kinds that the output lacks.
    pub blocks: u64,
    /// Options of packets, comments among them, that were to be kept and that the output lacks.
    pub options: u64,
    /// Packets without a time, which got time 0.
    pub untimed: u64,
    /// Times that are finer than the output's unit, rounded down.
    pub floored: u64,
    /// Times before 1970 or after 2106, moved to the nearest that fits.
    pub clamped: u64,
}

impl Losses {
    /// The nearest time whose seconds 32 bits hold; one that is moved is counted.
    pub(super) fn clamp(&mut self, time: Timestamp) -> Timestamp {
        const LAST: i128 = (1 << 32) * 1_000_000_000 - 1;
        let nearest = Timestamp(time.0.clamp(0, LAST));
        self.clamped += u64::from(nearest != time);
        nearest
    }
}

impl AddAssign for Losses {
    fn add_assign(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.options += other.options;
        self.untimed += other.untimed;
        self.floored += other.floored;
        self.clamped += other.clamped;
    }
}
