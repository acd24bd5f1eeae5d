//! Conversations: which packets belong to one, and when it is over.
//!
//! A [`FlowShard`] keeps the biflows that are going on, and [`NumberedFlows`] numbers them. For labels, [`Keys`] gives each
//! packet the key of its conversation; for features, an [`Observer`] takes down what counts of each packet, and
//! [`SeenNumbers`] knows what TCP sends again. A [`Connection`] puts the bytes of both directions together,
//! and a [`Defragmenter`] datagrams of their fragments.

mod assembler;
mod biflow;
mod community;
mod connection;
mod defragment;
mod fragments;
mod history;
mod keys;
mod numbered;
mod observation;
mod retransmission;
mod rules;

pub use assembler::{Assembler, Moment, Overlap, Piece, SegmentBytes, StreamCounts};
pub use biflow::{Basis, Biflow, EndReason, FlowShard, Slot, Timeouts, Track};
pub use community::community_id;
pub use connection::{Close, Connection, Side, Sides};
pub use defragment::{Datagram, DatagramCounts, Defragmenter};
pub use history::History;
pub use keys::{Keys, NoFlow};
pub use numbered::{Ended, NumberedFlows, SHARDS, Taken, shard_of};
pub use observation::{BiflowKey, Keying, Observation, Observer, Outside, Segment};
pub use retransmission::{LastSegments, SeenNumbers};
pub use rules::{Forward, Rules, Scope, TcpEnd};
