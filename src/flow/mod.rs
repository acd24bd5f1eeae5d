//! Conversations: which packets belong to one, and when it is over.
//!
//! For labels, [`Keys`] gives each packet the key of its conversation, and [`FlowTable`] knows which flow of that key is
//! going on. For features, an [`Observer`] takes down what counts of each packet, and a [`FlowShard`] keeps the biflows.

mod biflow;
mod fragments;
mod keys;
mod observation;
mod rules;
mod table;

pub use biflow::{Basis, Biflow, EndReason, FlowShard, Slot, Timeouts, Track};
pub use keys::{Keys, NoFlow};
pub use observation::{BiflowKey, Keying, Observation, Observer, Outside, Segment};
pub use rules::{Forward, Rules, Scope, TcpEnd};
pub use table::{FlowNumber, FlowTable};
