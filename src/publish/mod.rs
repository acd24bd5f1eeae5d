//! What is published of a dataset besides its packets: how labellings and predictions agree with the truth.
//!
//! All of it is pure: facts, lists and tables come in, figures and tables go out; nothing here reads or writes a file.

pub mod classes;
pub mod compare;
pub mod confusion;
pub mod markdown;
pub mod metrics;
pub mod score;
