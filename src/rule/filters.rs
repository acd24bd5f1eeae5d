//! The filters of a rule set, each compiled once for every framing that it is asked about.

use std::collections::HashMap;

use super::filter::{Compiler, Filter};
use super::labels_file::Rule;
use crate::error::{Error, Result};
use crate::packet::{Framing, LinkType};

/// Ethernet, on which filters are tried first.
const ETHERNET: LinkType = LinkType(1);

/// How a filter applies to one link type.
pub(super) enum Program {
    Unknown,
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

/// The number of a filter in [`Filters`].
pub(super) type FilterId = u32;

/// The filters of a rule set.
pub(super) struct Filters<'r> {
    texts: Vec<&'r str>,
    /// For each rule, its filter.
    of_rules: Vec<Option<FilterId>>,
    tables: Vec<Table>,
}

/// The filters as they apply to packets of one framing.
struct Table {
    framing: Framing,
    /// The input has packets of it.
    seen: bool,
    compiler: std::result::Result<Compiler, String>,
    programs: Vec<Program>,
}

impl<'r> Filters<'r> {
    /// The filters of these rules.
    ///
    /// # Errors
    /// A filter that libpcap rejects for all link types, with its line.
    pub(super) fn new(rules: &'r [Rule]) -> Result<Self> {
        let mut numbers = HashMap::new();
        let mut filters = Self { texts: Vec::new(), of_rules: Vec::new(), tables: Vec::new() };
        for rule in rules {
            let Some(text) = rule.selector.filter.as_deref() else {
                filters.of_rules.push(None);
                continue;
            };
            let next = filters.texts.len() as FilterId;
            let number = *numbers.entry(text).or_insert(next);
            filters.of_rules.push(Some(number));
            if number == next {
                filters.texts.push(text);
                filters.check(number, rule)?;
            }
        }
        Ok(filters)
    }

    fn check(&mut self, number: FilterId, rule: &Rule) -> Result<()> {
        let Program::Inapplicable(reason) = self.program(number, ETHERNET.into()) else {
            return Ok(());
        };
        let reason = reason.clone();
        let text = self.texts[number as usize];
        match Filter::applies_somewhere(text) {
            true => Ok(()),
            false => {
                Err(Error::labels(format!("libpcap rejects the filter '{text}': {reason}")).at_line(rule.line, Some(1)))
            }
        }
    }

    /// The filter of a rule; none if it has none.
    pub(super) fn of_rule(&self, rule: u32) -> Option<FilterId> {
        self.of_rules[rule as usize]
    }

    /// Notes that the input has packets of a framing.
    pub(super) fn see(&mut self, framing: Framing) {
        let at = self.table(framing);
        self.tables[at].seen = true;
    }

    fn table(&mut self, framing: Framing) -> usize {
        match self.tables.iter().position(|table| table.framing == framing) {
            Some(at) => at,
            None => {
                let compiler = Compiler::new(framing);
                self.tables.push(Table { framing, seen: false, compiler, programs: Vec::new() });
                self.tables.len() - 1
            }
        }
    }

    /// A filter as it applies to a framing; compiled when it is first asked for.
    pub(super) fn program(&mut self, number: FilterId, framing: Framing) -> &Program {
        let at = self.table(framing);
        let Table { compiler, programs, .. } = &mut self.tables[at];
        let number = number as usize;
        if programs.len() < self.texts.len() {
            programs.resize_with(self.texts.len(), || Program::Unknown);
        }
        if let Program::Unknown = programs[number] {
            let compiled =
                compiler.as_ref().map_err(String::clone).and_then(|compiler| compiler.compile(self.texts[number]));
            programs[number] = compiled.map_or_else(Program::Inapplicable, Program::Filter);
        }
        &programs[number]
    }

    /// All filters as they apply to a framing, by number; empty if none was asked for.
    pub(super) fn programs(&self, framing: Framing) -> &[Program] {
        let table = self.tables.iter().find(|table| table.framing == framing);
        table.map_or(&[], |table| &table.programs)
    }

    /// The rules whose filters did not apply to a link type of the input, in their order.
    pub(super) fn rejections(&self) -> Vec<Rejection> {
        let inputs = || self.tables.iter().filter(|table| table.seen);
        let mut rejections = Vec::new();
        for (rule, number) in self.of_rules.iter().enumerate() {
            let Some(number) = *number else { continue };
            let programs = || inputs().filter_map(|table| Some((table, table.programs.get(number as usize)?)));
            let accepted = programs().any(|(_, program)| matches!(program, Program::Filter(_)));
            rejections.extend(programs().filter_map(|(table, program)| match program {
                Program::Inapplicable(reason) => Some(Rejection {
                    rule,
                    link_type: table.framing.link_type,
                    reason: reason.clone(),
                    everywhere: !accepted,
                }),
                _ => None,
            }));
        }
        rejections
    }
}

impl Program {
    /// True if the packet passes.
    #[inline]
    pub(super) fn accepts(&self, bytes: &[u8], original_length: u32) -> bool {
        match self {
            Self::Filter(filter) => filter.matches(bytes, original_length),
            Self::Unknown | Self::Inapplicable(_) => false,
        }
    }
}
