//! What stands between a labelled capture and others who use it: findings, lists, scores, manifests.
//!
//! Everything here is computed from what one reading of the capture told ([`crate::dataset::Facts`]) and from tables; no
//! packet is read, and no file is written.

pub mod croissant;
pub mod datasheet;
pub mod lint;
pub mod manifest;
pub mod sample_table;
