//! A flow that has ended, as features look at it.

use std::borrow::Cow;
use std::net::IpAddr;

use xxhash_rust::xxh3::xxh3_64;

use super::state::{
    Activity, BACKWARD, BulkSums, Counts, CutGaps, Direction, EpochActivity, FORWARD, Flags, Frames, Gaps, Headers,
    Histogram, Listed, ListedData, OneWay, Opening, Origin, Payloads, Shapes, State, Sums, TurnGaps,
};
use crate::flow::{Biflow, EndReason, Slot};
use crate::packet::Sample;
use crate::redact::{Field, Mask};
use crate::table::Cell;

/// Nanoseconds in a second.
const SECOND: f64 = 1e9;

/// A flow that has ended.
pub struct View<'a> {
    /// The flow.
    pub flow: &'a Biflow,
    /// Why it ended.
    pub reason: EndReason,
    /// Its sample; none of an unlabelled capture.
    pub sample: Option<&'a Sample>,
    state: &'a State,
    slot: Slot,
}

impl<'a> View<'a> {
    /// The flow in a place of the state.
    pub fn new(flow: &'a Biflow, reason: EndReason, sample: Option<&'a Sample>, state: &'a State, slot: Slot) -> Self {
        Self { flow, reason, sample, state, slot }
    }

    /// Packets and bytes.
    pub fn counts(&self) -> &'a Counts {
        self.state.counts(self.slot)
    }

    /// Lengths of the payloads of a direction.
    pub fn payloads(&self, direction: Direction) -> &'a Sums {
        let Payloads(sums) = self.state.payloads(self.slot);
        &sums[direction]
    }

    /// Lengths of all payloads.
    pub fn all_payloads(&self) -> Sums {
        self.payloads(FORWARD).with(self.payloads(BACKWARD))
    }

    /// Lengths of the frames of a direction.
    pub fn frames(&self, direction: Direction) -> &'a Sums {
        let Frames(sums) = self.state.frames(self.slot);
        &sums[direction]
    }

    /// Lengths of all frames.
    pub fn all_frames(&self) -> Sums {
        self.frames(FORWARD).with(self.frames(BACKWARD))
    }

    /// Times between packets.
    pub fn gaps(&self) -> &'a Gaps {
        self.state.gaps(self.slot)
    }

    /// Times between packets, in whole milliseconds.
    pub fn cut_gaps(&self) -> &'a CutGaps {
        self.state.cut_gaps(self.slot)
    }

    /// Flags of TCP.
    pub fn flags(&self) -> &'a Flags {
        self.state.flags(self.slot)
    }

    /// Lengths of headers, windows.
    pub fn headers(&self) -> &'a Headers {
        self.state.headers(self.slot)
    }

    /// The bulks of a direction.
    pub fn bulks(&self, direction: Direction) -> BulkSums {
        self.state.bulks(self.slot).of(direction)
    }

    /// Subflows, active and idle times.
    pub fn activity(&self) -> &'a Activity {
        self.state.activity(self.slot)
    }

    /// Moments of lengths and times.
    pub fn shapes(&self) -> &'a Shapes {
        self.state.shapes(self.slot)
    }

    /// The first packets.
    pub fn listed(&self) -> &'a Listed {
        self.state.listed(self.slot)
    }

    /// The first packets with payload.
    pub fn listed_data(&self) -> &'a ListedData {
        self.state.listed_data(self.slot)
    }

    /// Bytes of payloads.
    pub fn histogram(&self) -> &'a Histogram {
        self.state.histogram(self.slot)
    }

    /// What the first packet says of link and tunnel.
    pub fn origin(&self) -> &'a Origin {
        self.state.origin(self.slot)
    }

    /// What the IP headers of a direction say.
    pub fn network(&self, direction: Direction) -> &'a OneWay {
        &self.state.networks(self.slot).0[direction]
    }

    /// The first packet and the last window, as CICFlowMeter keeps them.
    pub fn opening(&self) -> &'a Opening {
        self.state.opening(self.slot)
    }

    /// Bulks of both directions taken for one.
    pub fn mixed_bulks(&self) -> BulkSums {
        self.state.mixed_bulks(self.slot).sums()
    }

    /// Active and idle times as CICFlowMeter has them.
    pub fn epoch_activity(&self) -> &'a EpochActivity {
        self.state.epoch_activity(self.slot)
    }

    /// Times since the packet before, of whichever direction.
    pub fn turn_gaps(&self) -> &'a TurnGaps {
        self.state.turn_gaps(self.slot)
    }

    /// The address of the initiator, or of the responder.
    pub fn address(&self, direction: Direction) -> IpAddr {
        self.flow.key.address(self.is_low(direction))
    }

    /// The port of the initiator, or of the responder; none where the protocol has none.
    pub fn port(&self, direction: Direction) -> Option<u16> {
        self.flow.key.port(self.is_low(direction))
    }

    fn is_low(&self, direction: Direction) -> bool {
        (direction == FORWARD) == self.flow.forward_is_low
    }

    /// A number of the flow: a hash of its key and start.
    pub fn id(&self) -> u64 {
        flow_id(self.flow, self.sample)
    }

    /// Nanoseconds from the first packet to the last.
    pub fn duration(&self) -> i64 {
        self.flow.last.saturating_sub(self.flow.start)
    }

    /// So many per second of the flow; nothing if it has no duration.
    pub fn per_second(&self, number: u64) -> Cell<'static> {
        ratio(number as f64, self.duration() as f64 / SECOND)
    }
}

/// What the number of a flow tells: it is a hash without a key, so that guesses can be tried.
pub const FLOW_ID_TELLS: Mask = Mask::of(&[Field::Time, Field::Address, Field::Port]);

/// A number of a flow: a hash of its key and start, the same on every machine, known with its first packet.
pub fn flow_id(flow: &Biflow, sample: Option<&Sample>) -> u64 {
    let mut bytes = [0; 32];
    let parts =
        [sample.map_or(0, |sample| sample.id.0), flow.key.of_sample(0).hash(), flow.start as u64, flow.first_number];
    for (place, part) in bytes.chunks_exact_mut(8).zip(parts) {
        place.copy_from_slice(&part.to_le_bytes());
    }
    // 63 bits, as ids of samples: SQL and pandas hold them in signed integers.
    xxh3_64(&bytes) & (u64::MAX >> 1)
}

/// A real number, if it is defined.
pub fn real(number: Option<f64>) -> Cell<'static> {
    number.map_or(Cell::Missing, Cell::Real)
}

/// A whole number, if it is defined.
pub fn integer(number: Option<i64>) -> Cell<'static> {
    number.map_or(Cell::Missing, Cell::Integer)
}

/// One number by another; nothing if that is 0.
pub fn ratio(number: f64, by: f64) -> Cell<'static> {
    real((by != 0.0).then(|| number / by))
}

/// Nanoseconds in microseconds.
pub fn micros(nanoseconds: Option<f64>) -> Cell<'static> {
    real(nanoseconds.map(|number| number / 1e3))
}

/// A number, if it is known.
pub fn count(number: Option<impl Into<u64>>) -> Cell<'static> {
    number.map_or(Cell::Missing, |number| Cell::Count(number.into()))
}

/// Text that stays the same.
pub fn text(text: &'static str) -> Cell<'static> {
    Cell::Text(Cow::Borrowed(text))
}

/// The first `bytes` bytes of a hardware address, `00:1b:21`.
pub fn hardware(address: Option<[u8; 6]>, bytes: usize) -> Cell<'static> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let Some(address) = address else { return Cell::Missing };
    let mut text = String::with_capacity(bytes * 3);
    for byte in address.into_iter().take(bytes) {
        if !text.is_empty() {
            text.push(':');
        }
        text.extend([byte >> 4, byte & 0xf].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    Cell::Text(Cow::Owned(text))
}
