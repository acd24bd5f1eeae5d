//! What made no sense.

use super::record::records;

records! {
    /// Something that made no sense: it never ends a run, and what follows it is dissected as far as possible.
    "weird" Weird {
        /// What, in a few words joined by `_`.
        name: &'static str => / "event.action",
        /// More about it.
        addl: Option<String> => / "message",
        /// The protocol in which it was found.
        peer: &'static str => / "network.protocol",
    }
}
