//! What a dataset needs before others may rely on it: splits that do not leak, lists that say what they are of, and
//! what became of a dataset since.
//!
//! Pure: facts of samples, lists and tables in, findings and tables out. Nothing here reads packets or writes files.

pub mod check;
pub mod diff;
pub mod lists;
pub mod partition;
