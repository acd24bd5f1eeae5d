//! The tests of the whole: the real command on real captures, judged by other programs.
//!
//! Captures that are not ours lie where `PCAPML_CORPUS` points; without it the tests that need them say so and pass.

mod architecture;
mod compatibility;
mod conformance;
mod dissect_conversations;
mod dissect_defects;
mod dissect_facts;
mod export;
mod failures;
mod feature_rows;
mod features;
mod front_door;
mod generated;
mod hostile;
mod labelling;
mod masking;
mod matching;
mod mutations;
mod packets;
mod peers;
mod print;
mod readme;
mod regressions;
mod round_trips;
mod rows;
mod seeds;
mod sources;
mod streams;
mod subsets;
mod support;
mod talkers;
