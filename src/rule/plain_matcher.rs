//! The plain matcher: every rule in its order, its window first, then its filter.
//!
//! What a rule set means is what this says. [`Matcher`](super::Matcher) says the same, faster, and is tested against it.

use super::filters::Filters;
use super::labels_file::{Rule, RuleSet};
use crate::error::Result;
use crate::packet::Packet;

/// Asks every rule about every packet.
pub struct PlainMatcher<'r> {
    rules: &'r [Rule],
    filters: Filters<'r>,
}

/// What became of one rule, asked about one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It matches.
    Matches,
    /// It speaks of another file.
    OtherFile,
    /// The packet's time is not in its window.
    OutsideWindow,
    /// The packet does not pass its filter.
    Filtered,
    /// Its filter cannot apply to the packet's link type.
    Inapplicable,
}

impl<'r> PlainMatcher<'r> {
    /// A matcher for these rules.
    ///
    /// # Errors
    /// A filter that libpcap rejects for all link types, with its line.
    pub fn new(set: &'r RuleSet) -> Result<Self> {
        Ok(Self { rules: &set.rules, filters: Filters::new(&set.rules)? })
    }

    /// The numbers of the rules that match a packet of this file, in order.
    pub fn all(&mut self, file: &str, packet: &Packet) -> Vec<usize> {
        (0..self.rules.len()).filter(|&rule| self.verdict(rule, file, packet) == Verdict::Matches).collect()
    }

    /// True if the packet passes the rule's filter, whatever its file and time.
    pub fn passes(&mut self, rule: usize, packet: &Packet) -> bool {
        let Some(filter) = self.filters.of_rule(rule as u32) else { return true };
        let program = self.filters.program(filter, packet.interface.framing());
        program.accepts(packet.bytes, packet.original_length)
    }

    /// What one rule says of a packet of this file.
    pub fn verdict(&mut self, rule: usize, file: &str, packet: &Packet) -> Verdict {
        use super::filters::Program;
        let selector = &self.rules[rule].selector;
        if selector.file.as_ref().is_some_and(|named| named != file) {
            return Verdict::OtherFile;
        }
        if !selector.covers(packet) {
            return Verdict::OutsideWindow;
        }
        let Some(filter) = self.filters.of_rule(rule as u32) else {
            return Verdict::Matches;
        };
        match self.filters.program(filter, packet.interface.framing()) {
            Program::Inapplicable(_) => Verdict::Inapplicable,
            program if program.accepts(packet.bytes, packet.original_length) => Verdict::Matches,
            _ => Verdict::Filtered,
        }
    }
}
