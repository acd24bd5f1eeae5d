//! Conversations: which packets belong to one, and when it is over.
//!
//! [`Keys`] gives each packet the key of its conversation, fragments included; [`FlowTable`] knows which flow of that key
//! is going on.

mod keys;
mod table;

pub use keys::{Keys, NoFlow};
pub use table::{FlowNumber, FlowTable};
