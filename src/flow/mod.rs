//! Conversations: which packets belong to one, and when it is over.
//!
//! A [`FlowShard`] keeps the biflows that are going on. For labels, [`Keys`] gives each packet the key of its
//! conversation; for features, an [`Observer`] takes down what counts of each packet.

mod biflow;
mod fragments;
mod keys;
mod observation;

pub use biflow::{Basis, Biflow, EndReason, FlowShard, Slot, Timeouts, Track};
pub use keys::{Keys, NoFlow};
pub use observation::{BiflowKey, Keying, Observation, Observer, Outside, Segment};
