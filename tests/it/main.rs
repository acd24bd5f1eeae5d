//! The tests of the whole: the real command on real captures, judged by other programs.
//!
//! Captures that are not ours lie where `PCAPML_CORPUS` points; without it the tests that need them say so and pass.

mod anonymize;
mod anonymize_leaks;
mod architecture;
mod chromium;
mod comparisons;
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
mod lint;
mod lint_noise;
mod lint_privacy;
mod lint_shortcuts;
mod masking;
mod matching;
mod mutations;
mod packets;
mod partition;
mod peers;
mod print;
mod readme;
mod regressions;
mod release;
mod report;
mod round_trips;
mod rows;
mod scores;
mod seeds;
mod sources;
mod streams;
mod subsets;
mod support;
mod talkers;
mod verify;
mod withheld;
