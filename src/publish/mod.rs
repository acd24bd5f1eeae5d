//! What a dataset needs before others may rely on it: splits that do not leak, lists that say what they are of, findings,
//! scores, manifests, and what became of a dataset since.
//!
//! Pure: facts of samples, lists and tables in, findings and tables out. Nothing here reads packets or writes files.

pub mod check;
pub mod classes;
pub mod compare;
pub mod confusion;
pub mod croissant;
pub mod datasheet;
pub mod diff;
pub mod lint;
pub mod lists;
pub mod manifest;
pub mod markdown;
pub mod metrics;
pub mod partition;
pub mod sample_table;
pub mod score;
pub mod words;
