//! The plain matcher: every rule in its order, its window first, then its filter.

use std::collections::HashMap;

use super::filter::Filter;
use super::labels_file::{Rule, RuleSet};
use crate::error::{Error, Result};
use crate::packet::{LinkType, Packet};

/// Ethernet, on which most filters are tried first.
const ETHERNET: LinkType = LinkType(1);

/// All link types that libpcap may know: a filter that none of them accepts is a mistake.
const LINK_TYPES: std::ops::Range<u16> = 0..400;

/// How a rule's filter applies to one link type.
enum Program {
    Unknown,
    /// There is no filter: every packet passes.
    Any,
    Filter(Filter),
    /// libpcap says why it cannot apply.
    Inapplicable(String),
}

/// A filter that libpcap rejects for a link type of the input: its rule matches nothing there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The number of the rule.
    pub rule: usize,
    /// For which packets.
    pub link_type: LinkType,
    /// What libpcap says.
    pub reason: String,
    /// No other link type of the input accepts it either.
    pub everywhere: bool,
}

/// Asks rules about packets.
pub struct Matcher<'r> {
    rules: &'r [Rule],
    /// For each file that rules name, those rules.
    by_file: HashMap<&'r str, Vec<usize>>,
    /// Rules that name no file.
    everywhere: Vec<usize>,
    /// For each link type, how every rule's filter applies to it.
    programs: Vec<(LinkType, Vec<Program>)>,
    /// Link types of the input.
    seen: Vec<LinkType>,
}

impl<'r> Matcher<'r> {
    /// A matcher for these rules.
    ///
    /// # Errors
    /// A filter that libpcap rejects for all link types, with its line.
    pub fn new(set: &'r RuleSet) -> Result<Self> {
        let rules = set.rules.as_slice();
        let mut matcher =
            Self { rules, by_file: HashMap::new(), everywhere: Vec::new(), programs: Vec::new(), seen: Vec::new() };
        for (number, rule) in rules.iter().enumerate() {
            match &rule.selector.file {
                Some(file) => matcher.by_file.entry(file).or_default().push(number),
                None => matcher.everywhere.push(number),
            }
            matcher.check(number)?;
        }
        Ok(matcher)
    }

    fn check(&mut self, number: usize) -> Result<()> {
        let rule = &self.rules[number];
        let Some(filter) = &rule.selector.filter else {
            return Ok(());
        };
        let ethernet = self.table_of(ETHERNET);
        let Program::Inapplicable(reason) = self.program(ethernet, number) else {
            return Ok(());
        };
        let reason = reason.clone();
        let applies = |link_type: u16| Filter::compile(filter, LinkType(link_type)).is_ok();
        match LINK_TYPES.into_iter().any(applies) {
            true => Ok(()),
            false => {
                Err(Error::labels(format!("libpcap rejects the filter '{filter}': {reason}"))
                    .at_line(rule.line, Some(1)))
            }
        }
    }

    /// The rules that may match packets of this file, in order: those that name it and those that name none.
    pub fn rules_of(&self, file: &str) -> Vec<usize> {
        let named = self.by_file.get(file).map(Vec::as_slice).unwrap_or_default();
        let mut numbers = [named, &self.everywhere].concat();
        numbers.sort_unstable();
        numbers
    }

    /// True if some rules name no file, so that every file is of interest.
    pub fn wants_every_file(&self) -> bool {
        !self.everywhere.is_empty()
    }

    /// Compiles the filters of `candidates` for a link type of the input.
    pub fn prepare(&mut self, candidates: &[usize], link_type: LinkType) {
        if !self.seen.contains(&link_type) {
            self.seen.push(link_type);
        }
        let table = self.table_of(link_type);
        for &number in candidates {
            self.program(table, number);
        }
    }

    /// Calls `each` with the numbers of the rules among `candidates` that match, in order, until it returns false.
    #[inline]
    pub fn matching(&mut self, candidates: &[usize], packet: &Packet, mut each: impl FnMut(usize) -> bool) {
        let mut table = None;
        for &number in candidates {
            let selector = &self.rules[number].selector;
            if !selector.covers(packet) {
                continue;
            }
            let passes = selector.filter.is_none() || {
                let link_type = packet.interface.link_type;
                let table = *table.get_or_insert_with(|| self.table_of(link_type));
                match self.program(table, number) {
                    Program::Filter(filter) => filter.matches(packet.bytes, packet.original_length),
                    Program::Any => true,
                    Program::Unknown | Program::Inapplicable(_) => false,
                }
            };
            if passes && !each(number) {
                return;
            }
        }
    }

    #[inline]
    fn table_of(&mut self, link_type: LinkType) -> usize {
        match self.programs.iter().position(|(known, _)| *known == link_type) {
            Some(at) => at,
            None => {
                let unknown = self.rules.iter().map(|_| Program::Unknown).collect();
                self.programs.push((link_type, unknown));
                self.programs.len() - 1
            }
        }
    }

    #[inline]
    fn program(&mut self, table: usize, number: usize) -> &Program {
        if matches!(self.programs[table].1[number], Program::Unknown) {
            self.compile(table, number);
        }
        &self.programs[table].1[number]
    }

    #[cold]
    fn compile(&mut self, table: usize, number: usize) {
        let (link_type, programs) = &mut self.programs[table];
        programs[number] = match &self.rules[number].selector.filter {
            None => Program::Any,
            Some(filter) => match Filter::compile(filter, *link_type) {
                Ok(filter) => Program::Filter(filter),
                Err(reason) => Program::Inapplicable(reason),
            },
        };
    }

    /// The filters that did not apply to a link type of the input, in the order of the rules.
    pub fn rejections(&self) -> Vec<Rejection> {
        let inputs = || self.programs.iter().filter(|(link_type, _)| self.seen.contains(link_type));
        let mut rejections = Vec::new();
        for number in 0..self.rules.len() {
            let accepted = inputs().any(|(_, programs)| matches!(programs[number], Program::Filter(_)));
            rejections.extend(inputs().filter_map(|(link_type, programs)| match &programs[number] {
                Program::Inapplicable(reason) => Some(Rejection {
                    rule: number,
                    link_type: *link_type,
                    reason: reason.clone(),
                    everywhere: !accepted,
                }),
                _ => None,
            }));
        }
        rejections
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        matcher.prepare(&[0, 1], LinkType(101));
        let rejections = matcher.rejections();
        assert_eq!(rejections.len(), 1);
        assert!(rejections[0].everywhere);
        matcher.prepare(&[0, 1], LinkType(1));
        assert!(!matcher.rejections()[0].everywhere);
    }

    #[test]
    fn rules_of_a_file_stand_in_the_order_of_the_labels_file() {
        let rules = set("BPF:ip,a\nFILE:x,b\nBPF:ip6,c\nFILE:y,d\n");
        let matcher = Matcher::new(&rules).unwrap();
        assert_eq!(matcher.rules_of("x"), [0, 1, 2]);
        assert_eq!(matcher.rules_of("y"), [0, 2, 3]);
        assert_eq!(matcher.rules_of("z"), [0, 2]);
    }
}
