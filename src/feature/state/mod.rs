//! The state of flows that are going on: only the parts that columns need, each in a list by the flow's place.

mod legacy;
mod network;
mod parts;
mod sums;

pub use legacy::{EpochActivity, MixedBulks, Opening, TurnGaps};
pub use network::{Networks, OneWay};
pub use parts::{
    Activity, BACKWARD, BulkSums, Bulks, Counts, CutGaps, Direction, FLAG_NAMES, FORWARD, Flags, Frames, Gaps, Headers,
    Histogram, Limits, Listed, ListedData, Origin, Part, Payloads, Shapes, Step,
};
pub use sums::{Moments, Sums};

use crate::flow::Slot;

/// Which parts of the state are needed: bits of [`need`].
pub type Needs = u32;

macro_rules! state {
    ($($(#[$doc:meta])* $need:ident $bit:literal $field:ident $part:ident;)*) => {
        /// The bits of [`Needs`].
        pub mod need {
            use super::Needs;

            $($(#[$doc])* pub const $need: Needs = 1 << $bit;)*

            /// Every part.
            pub const ALL: Needs = 0 $(| $need)*;
        }

        /// The state of all flows that are going on.
        #[derive(Debug, Default)]
        pub struct State {
            needs: Needs,
            $($field: Vec<$part>,)*
        }

        impl State {
            /// A state with these parts.
            pub fn new(needs: Needs) -> Self {
                Self { needs, ..Self::default() }
            }

            /// A flow begins in this place.
            pub fn begin(&mut self, slot: Slot) {
                $(if self.needs & need::$need != 0 { reset(&mut self.$field, slot); })*
            }

            /// A packet of the flow in this place.
            #[inline]
            pub fn step(&mut self, slot: Slot, step: &Step, limits: &Limits) {
                $(if self.needs & need::$need != 0 { self.$field[slot as usize].step(step, limits); })*
            }

            $(
                $(#[$doc])*
                pub fn $field(&self, slot: Slot) -> &$part {
                    &self.$field[slot as usize]
                }
            )*
        }
    };
}

state! {
    /// Packets and bytes.
    COUNTS 0 counts Counts;
    /// Lengths of payloads.
    PAYLOADS 1 payloads Payloads;
    /// Lengths of frames.
    FRAMES 2 frames Frames;
    /// Times between packets.
    GAPS 3 gaps Gaps;
    /// Times between packets in whole milliseconds.
    CUT_GAPS 4 cut_gaps CutGaps;
    /// Flags of TCP.
    FLAGS 5 flags Flags;
    /// Lengths of headers, windows.
    HEADERS 6 headers Headers;
    /// Bulks.
    BULKS 7 bulks Bulks;
    /// Subflows, active and idle times.
    ACTIVITY 8 activity Activity;
    /// Moments of lengths and times.
    SHAPES 9 shapes Shapes;
    /// The first packets.
    LISTED 10 listed Listed;
    /// The first packets with payload.
    LISTED_DATA 11 listed_data ListedData;
    /// Bytes of payloads.
    HISTOGRAM 12 histogram Histogram;
    /// What the first packet says of link and tunnel.
    ORIGIN 13 origin Origin;
    /// What IP headers say.
    NETWORKS 20 networks Networks;
    /// The first packet and the last window, as CICFlowMeter keeps them.
    OPENING 21 opening Opening;
    /// Bulks of both directions taken for one.
    MIXED_BULKS 22 mixed_bulks MixedBulks;
    /// Active and idle times as CICFlowMeter has them.
    EPOCH_ACTIVITY 23 epoch_activity EpochActivity;
    /// Times since the packet before, of whichever direction.
    TURN_GAPS 24 turn_gaps TurnGaps;
}

fn reset<T: Part>(list: &mut Vec<T>, slot: Slot) {
    let at = slot as usize;
    match list.get_mut(at) {
        Some(part) => *part = T::default(),
        None => list.resize_with(at + 1, T::default),
    }
}
