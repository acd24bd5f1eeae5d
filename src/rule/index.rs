//! Some rules for packets of one framing, to be looked up by a packet.

use std::collections::HashMap;

use super::classifier::{self, Classifier};
use super::filters::{FilterId, Filters, Program};
use super::labels_file::Rule;
use super::windows::Windows;
use crate::packet::{Framing, Packet};

/// Rules by their filters, and the rules of one filter by their windows.
pub(super) struct Index {
    pub(super) framing: Framing,
    classifier: Classifier,
    /// In the order of their first rules.
    entries: Vec<Entry>,
    timed: bool,
    /// The entries that may match the packet at hand.
    found: Vec<u32>,
}

/// The rules of one filter.
struct Entry {
    /// None lets every packet pass.
    filter: Option<FilterId>,
    /// The first of them.
    first: u32,
    /// Rules without a window, in order.
    anytime: Vec<u32>,
    windows: Windows<i128>,
}

impl Index {
    /// An index of the rules with these numbers, which ascend.
    pub(super) fn new(numbers: &[u32], rules: &[Rule], filters: &mut Filters, framing: Framing) -> Self {
        let mut lists: Vec<(Option<FilterId>, Vec<u32>)> = Vec::new();
        let mut places = HashMap::new();
        for &number in numbers {
            let filter = filters.of_rule(number);
            let place = *places.entry(filter).or_insert(lists.len());
            match lists.get_mut(place) {
                Some((_, list)) => list.push(number),
                None => lists.push((filter, vec![number])),
            }
        }
        let mut builder = classifier::Builder::default();
        for (entry, (filter, _)) in (0..).zip(&lists) {
            match filter.map(|filter| filters.program(filter, framing)) {
                None => builder.add_always(entry),
                Some(Program::Filter(filter)) => builder.add(entry, filter.instructions()),
                Some(_) => {}
            }
        }
        let entries: Vec<Entry> = lists.into_iter().map(|(filter, list)| Entry::new(filter, &list, rules)).collect();
        let timed = entries.iter().any(|entry| !entry.windows.is_empty());
        Self { framing, classifier: builder.build(), entries, timed, found: Vec::new() }
    }

    fn time(&self, packet: &Packet) -> Option<i128> {
        packet.time().filter(|_| self.timed).map(|time| time.0)
    }

    /// The first rule that matches, if it stands before `best`.
    #[inline]
    pub(super) fn first(&mut self, packet: &Packet, filters: &Filters, best: u32) -> Option<u32> {
        let time = self.time(packet);
        let programs = filters.programs(self.framing);
        let entries = &self.entries;
        let mut first = best;
        self.classifier.candidates(packet.bytes, packet.original_length, |candidates| {
            for &candidate in candidates {
                let entry = &entries[candidate as usize];
                if entry.first >= first {
                    break;
                }
                if let Some(rule) = entry.first_at(time, first)
                    && entry.passes(packet, programs)
                {
                    first = rule;
                }
            }
        });
        (first < best).then_some(first)
    }

    /// Appends all rules that match, in no promised order.
    pub(super) fn all(&mut self, packet: &Packet, filters: &Filters, matching: &mut Vec<u32>) {
        let time = self.time(packet);
        let programs = filters.programs(self.framing);
        self.find(packet);
        for &candidate in &self.found {
            let entry = &self.entries[candidate as usize];
            let before = matching.len();
            matching.extend_from_slice(&entry.anytime);
            if let Some(time) = time {
                entry.windows.at(time, |rule| matching.push(rule));
            }
            if matching.len() > before && !entry.passes(packet, programs) {
                matching.truncate(before);
            }
        }
    }

    /// Calls `each` for every rule whose filter the packet passes, and whose window would hold its time if it were moved by one of
    /// `shifts` nanoseconds, with the number of that shift; only for filters none of whose windows holds it as it is.
    pub(super) fn shifted(
        &mut self,
        packet: &Packet,
        filters: &Filters,
        shifts: &[i128],
        mut each: impl FnMut(u32, usize),
    ) {
        let Some(time) = self.time(packet) else {
            return;
        };
        let programs = filters.programs(self.framing);
        self.find(packet);
        for &candidate in &self.found {
            let entry = &self.entries[candidate as usize];
            let mut holds = entry.windows.is_empty();
            entry.windows.at(time, |_| holds = true);
            if holds || !entry.passes(packet, programs) {
                continue;
            }
            for (number, shift) in shifts.iter().enumerate() {
                entry.windows.at(time - shift, |rule| each(rule, number));
            }
        }
    }

    /// Finds the entries that may match, each once.
    fn find(&mut self, packet: &Packet) {
        let found = &mut self.found;
        found.clear();
        self.classifier.candidates(packet.bytes, packet.original_length, |list| found.extend_from_slice(list));
        found.sort_unstable();
        found.dedup();
    }
}

impl Entry {
    fn new(filter: Option<FilterId>, list: &[u32], rules: &[Rule]) -> Self {
        let window =
            |&number: &u32| rules[number as usize].selector.window().map(|(first, last)| (first, last, number));
        let anytime = list.iter().copied().filter(|number| window(number).is_none()).collect();
        Self { filter, first: list[0], anytime, windows: Windows::new(list.iter().filter_map(window)) }
    }

    #[inline]
    fn passes(&self, packet: &Packet, programs: &[Program]) -> bool {
        self.filter.is_none_or(|filter| programs[filter as usize].accepts(packet.bytes, packet.original_length))
    }

    /// The first rule before `bound` whose window, if it has one, holds the time.
    #[inline]
    fn first_at(&self, time: Option<i128>, bound: u32) -> Option<u32> {
        let mut first = bound;
        if let Some(&rule) = self.anytime.first() {
            first = first.min(rule);
        }
        if let Some(time) = time {
            self.windows.at(time, |rule| first = first.min(rule));
        }
        (first < bound).then_some(first)
    }
}
