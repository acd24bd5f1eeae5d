//! The matcher: which rules match a packet, at a cost that hardly depends on how many rules there are.
//!
//! Filters are found by look-ups ([`classifier`](super::classifier)), windows by their times, and what is found is
//! confirmed by its libpcap program. The answer is that of [`PlainMatcher`](super::PlainMatcher).

use std::collections::HashMap;

use super::filters::{Filters, Rejection};
use super::index::Index;
use super::labels_file::{Rule, RuleSet};
use crate::error::Result;
use crate::packet::{Framing, Packet};

/// Asks rules about packets.
pub struct Matcher<'r> {
    rules: &'r [Rule],
    filters: Filters<'r>,
    /// For each file that rules name, those rules.
    by_file: HashMap<&'r str, Vec<u32>>,
    /// Rules that name no file.
    unnamed: Vec<u32>,
    /// Those, for each framing.
    common: Vec<Index>,
    /// The rules that name the current file.
    named: Vec<u32>,
    /// Those, for each framing.
    own: Vec<Index>,
    /// The rules that match the current packet.
    matching: Vec<u32>,
}

impl<'r> Matcher<'r> {
    /// A matcher for these rules.
    ///
    /// # Errors
    /// A filter that libpcap rejects for all link types, with its line.
    pub fn new(set: &'r RuleSet) -> Result<Self> {
        let rules = set.rules.as_slice();
        let mut by_file: HashMap<&str, Vec<u32>> = HashMap::new();
        let mut unnamed = Vec::new();
        for (number, rule) in (0..).zip(rules) {
            match &rule.selector.file {
                Some(file) => by_file.entry(file).or_default().push(number),
                None => unnamed.push(number),
            }
        }
        Ok(Self {
            rules,
            filters: Filters::new(rules)?,
            by_file,
            unnamed,
            common: Vec::new(),
            named: Vec::new(),
            own: Vec::new(),
            matching: Vec::new(),
        })
    }

    /// True if some rules name no file, so that every file is of interest.
    pub fn wants_every_file(&self) -> bool {
        !self.unnamed.is_empty()
    }

    /// Turns to a file: from now on, rules that name another one match nothing.
    pub fn begin(&mut self, file: &str) {
        self.own.clear();
        self.named = self.by_file.get(file).cloned().unwrap_or_default();
    }

    /// Prepares for packets of a framing; notes that the input has it.
    pub fn prepare(&mut self, framing: Framing) {
        self.filters.see(framing);
        let indices = [(&mut self.common, &self.unnamed), (&mut self.own, &self.named)];
        for (indices, numbers) in indices {
            if !numbers.is_empty() && !indices.iter().any(|index| index.framing == framing) {
                indices.push(Index::new(numbers, self.rules, &mut self.filters, framing));
            }
        }
    }

    /// The indices for packets of a framing that was prepared.
    #[inline]
    fn indices(&mut self, framing: Framing) -> impl Iterator<Item = (&mut Index, &Filters<'r>)> {
        let filters = &self.filters;
        let of_type = move |index: &&mut Index| index.framing == framing;
        self.own.iter_mut().chain(&mut self.common).filter(of_type).map(move |index| (index, filters))
    }

    /// The first rule that matches; the packet's framing must have been prepared.
    #[inline]
    pub fn first(&mut self, packet: &Packet) -> Option<usize> {
        let mut first = u32::MAX;
        for (index, filters) in self.indices(packet.interface.framing()) {
            first = index.first(packet, filters, first).unwrap_or(first);
        }
        (first < u32::MAX).then_some(first as usize)
    }

    /// All rules that match, in order; the packet's framing must have been prepared.
    pub fn all(&mut self, packet: &Packet) -> &[u32] {
        let mut matching = std::mem::take(&mut self.matching);
        matching.clear();
        for (index, filters) in self.indices(packet.interface.framing()) {
            index.all(packet, filters, &mut matching);
        }
        matching.sort_unstable();
        self.matching = matching;
        &self.matching
    }

    /// For a packet that passes filters whose windows all miss it: calls `each` with every rule that it would match if
    /// its time were moved by one of `shifts` nanoseconds, and the number of that shift.
    pub fn shifted(&mut self, packet: &Packet, shifts: &[i128], mut each: impl FnMut(usize, usize)) {
        for (index, filters) in self.indices(packet.interface.framing()) {
            index.shifted(packet, filters, shifts, |rule, shift| each(rule as usize, shift));
        }
    }

    /// The rules whose filters did not apply to a link type of the input, in their order.
    pub fn rejections(&self) -> Vec<Rejection> {
        self.filters.rejections()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::LinkType;
    use crate::rule::Ids;

    fn set(text: &str) -> RuleSet {
        RuleSet::parse(text.as_bytes(), &Ids::Sequential).unwrap()
    }

    #[test]
    fn a_wrong_filter_is_found_before_any_packet() {
        let rules = set("BPF:ip,a\nBPF:hots 1.2.3.4,b\n");
        let error = Matcher::new(&rules).err().unwrap().to_string();
        assert!(error.starts_with("line 2, column 1: libpcap rejects the filter 'hots 1.2.3.4'"), "{error}");
    }

    #[test]
    fn a_filter_that_fits_no_link_type_of_the_input_is_known() {
        let rules = set("BPF:ether host 1:2:3:4:5:6,a\nBPF:ip,b\n");
        let mut matcher = Matcher::new(&rules).unwrap();
        matcher.prepare(LinkType(101).into());
        let rejections = matcher.rejections();
        assert_eq!(rejections.len(), 1);
        assert!(rejections[0].everywhere);
        matcher.prepare(LinkType(1).into());
        assert!(!matcher.rejections()[0].everywhere);
    }
}
