//! Samples in captures: what the comments of packets say, and the order that samples stand in.
//!
//! [`comment`] reads and writes the text that labels a packet: `parse(format(x)) = x` for every label. [`header`] is the
//! line in the section header that says in which order samples stand. [`membership`] tells for each packet which samples
//! it belongs to, quickly; [`tally`] counts them. [`by_id`] sees whether they stand by id. [`sort`] puts records of any size in order in bounded memory.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod by_id;
pub mod comment;
pub mod fields;
pub mod header;
pub mod membership;
pub mod sort;
pub mod tally;
