//! What packets must not tell.
//!
//! [`Field`] is the vocabulary of what can be hidden in a packet: what lint proposes, manifests disallow and masks name.

mod fields;

pub use fields::Field;
