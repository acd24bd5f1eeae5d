//! What made no sense.

use super::record::{Event, Events, Record, records};

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

/// `weird` records of one conversation, at most; one more says that there were more.
const MAX_WEIRD: usize = 100;

/// How many a conversation had.
#[derive(Debug, Default)]
pub(super) struct Weirds(usize);

impl Weirds {
    /// Leaves out what is too much of the records from this one on, which are of that protocol.
    pub(super) fn bound(&mut self, from: usize, peer: &'static str, out: &mut Events) {
        let is_weird = |event: &Event| std::ptr::eq(event.kind, Weird::kind());
        if !out.from(from).iter().any(is_weird) {
            return;
        }
        for event in out.split_off(from) {
            self.0 += usize::from(is_weird(&event));
            if !is_weird(&event) || self.0 <= MAX_WEIRD {
                out.put(event);
            } else if self.0 == MAX_WEIRD + 1 {
                out.push(event.first, event.last, Weird { name: "too_much_is_weird", addl: None, peer });
            }
        }
    }
}
