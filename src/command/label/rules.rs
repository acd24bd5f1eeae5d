//! Labels from a labels file: rules, or a table of files.

use std::collections::HashMap;
use std::path::Path;

use super::comments;
use super::labeller::{Labeller, SampleNumber};
use super::{Labels, Match, Request, form};
use crate::command::dataset_files::{DatasetFile, Inventory};
use crate::command::{Context, count, list};
use crate::error::{Error, Result, Shown};
use crate::packet::{Interface, Packet, Sample};
use crate::rule::shifts::{self, Shifts};
use crate::rule::{Matcher, Rule, RuleSet};
use crate::table::{Column, ColumnKind, Table, Value};

/// What a rule did.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    /// Packets that it labelled, and their bytes on the wire.
    packets: u64,
    bytes: u64,
    /// Packets that it matches, labelled by an earlier rule or not; only counted for `--stats`.
    matched: u64,
    /// The first rule that took a packet from it.
    before: Option<u32>,
    /// Other rules took some too.
    others: bool,
}

/// Labels by rules.
pub(super) struct RuleLabeller<'a> {
    request: &'a Request,
    path: &'a Path,
    set: &'a RuleSet,
    matcher: Matcher<'a>,
    tallies: Vec<Tally>,
    /// For rules whose filters match packets that no window holds.
    shifts: HashMap<usize, Shifts>,
    moves: Vec<i128>,
}

impl<'a> RuleLabeller<'a> {
    /// Sees that all filters compile, and that all comments can be written.
    pub(super) fn new(request: &'a Request, path: &'a Path, set: &'a RuleSet) -> Result<Self> {
        let matcher = Matcher::new(set).map_err(|error| error.in_file(path))?;
        for (sample, &line) in set.samples.iter().zip(&set.sample_lines) {
            comments::option(sample, form(request.compat)).map_err(|error| error.at_line(line, None).in_file(path))?;
        }
        let tallies = vec![Tally::default(); set.rules.len()];
        let moves = shifts::moves().collect();
        Ok(Self { request, path, set, matcher, tallies, shifts: HashMap::new(), moves })
    }

    fn rule(&self, number: usize) -> &'a Rule {
        &self.set.rules[number]
    }

    fn shown(&self, number: usize) -> String {
        let rule = self.rule(number);
        format!("line {}: {}", rule.line, rule.selector.shown(&self.set.samples[rule.sample]))
    }

    /// All rules that match label it, or are at least counted.
    fn choose_all(&mut self, packet: &Packet, chosen: &mut Vec<SampleNumber>) -> Result<()> {
        let mut winner = None;
        let mut ambiguous = None;
        for &rule in self.matcher.all(packet) {
            let tally = &mut self.tallies[rule as usize];
            tally.matched += 1;
            if let (Match::First, Some(winner)) = (self.request.matching, winner) {
                let first = *tally.before.get_or_insert(winner);
                tally.others |= first != winner;
                continue;
            }
            tally.packets += 1;
            tally.bytes += u64::from(packet.original_length);
            let sample = self.set.rules[rule as usize].sample as SampleNumber;
            if !chosen.contains(&sample) {
                chosen.push(sample);
                ambiguous = winner.filter(|_| chosen.len() == 2).map(|winner| (winner, rule)).or(ambiguous);
            }
            winner = winner.or(Some(rule));
        }
        match ambiguous {
            Some((one, other)) if self.request.matching == Match::Unique => Err(self.ambiguous(packet, one, other)),
            _ => Ok(()),
        }
    }

    fn ambiguous(&self, packet: &Packet, one: u32, other: u32) -> Error {
        let shown = |number: u32| {
            let rule = self.rule(number as usize);
            format!("line {} ({})", rule.line, rule.selector.shown(&self.set.samples[rule.sample]))
        };
        Error::labels(format!(
            "packet {} ({}) matches two rules: {} and {}",
            packet.number,
            packet.position(),
            shown(one),
            shown(other)
        ))
        .in_file(self.path)
        .advise("make the rules exclude each other, or choose --match first or all")
    }

    /// Tells which filters did not apply; one that applied to nothing in the input is an error.
    fn rejections(&self, context: &Context) -> Result<Vec<usize>> {
        let mut rejected = Vec::new();
        for rejection in self.matcher.rejections() {
            let rule = self.rule(rejection.rule);
            let filter = rule.selector.filter.as_deref().unwrap_or_default();
            let fault = format!(
                "the filter '{filter}' does not apply to link type {}: {}",
                rejection.link_type, rejection.reason
            );
            if rejection.everywhere {
                return Err(Error::labels(fault)
                    .at_line(rule.line, Some(1))
                    .in_file(self.path)
                    .advise("the input has no link type to which it does"));
            }
            context.note(format!("{} line {}: {fault}", Shown(self.path), rule.line));
            rejected.push(rejection.rule);
        }
        Ok(rejected)
    }

    /// Lists rules that labelled nothing; true if there are any.
    fn list_idle(&self, rejected: &[usize], context: &Context) -> bool {
        let idle: Vec<usize> = (0..self.tallies.len()).filter(|&rule| self.tallies[rule].packets == 0).collect();
        let see = |number: usize| if rejected.contains(&number) { " (see above)" } else { "" };
        let rules = |numbers: &[usize]| count(numbers.len() as u64, "rule");
        if self.request.stats.is_none() {
            let lines = idle.iter().map(|&number| self.shown(number) + see(number));
            let why = "nothing matches, or earlier rules took it; --stats tells them apart";
            list(&format!("{} labelled no packet ({why})", rules(&idle)), lines, context);
            return !idle.is_empty();
        }
        let (never, shadowed): (Vec<usize>, Vec<usize>) =
            idle.iter().copied().partition(|&rule| self.tallies[rule].matched == 0);
        let lines = never.iter().map(|&number| self.shown(number) + see(number));
        list(&format!("{} matched no packet", rules(&never)), lines, context);
        let lines = shadowed.iter().map(|&number| format!("{}: {}", self.shown(number), self.note(number)));
        list(&format!("{} matched, but earlier rules took every packet", rules(&shadowed)), lines, context);
        self.tell_shifts(context);
        !idle.is_empty()
    }

    /// Windows that hold no packet although their filters pass some.
    fn tell_shifts(&self, context: &Context) {
        let missed =
            || self.shifts.iter().filter(|(rule, _)| self.tallies[**rule].matched == 0).map(|(_, shifts)| shifts);
        let mut all = Shifts::default();
        missed().for_each(|shifts| all.join(shifts));
        let Some(best) = all.best() else { return };
        let mended = missed().filter(|shifts| shifts.count(best) > 0).count() as u64;
        context.note(format!(
            "{} matched no packet in their windows of time, although their filters pass some: if these times were moved \
             by {}, {} of them would match, {} in all. Are they of another time zone?",
            count(missed().count() as u64, "rule"),
            shifts::shown(best),
            mended,
            count(all.count(best), "time"),
        ));
    }

    /// What is odd about a rule.
    fn note(&self, number: usize) -> String {
        let tally = &self.tallies[number];
        let line = |rule: u32| self.rule(rule as usize).line;
        match (tally.packets, tally.matched, tally.before) {
            (0, 0, _) => match self.shifts.get(&number).and_then(|shifts| Some((shifts, shifts.best()?))) {
                Some((shifts, best)) => format!(
                    "never matched; {} if moved by {}",
                    count(shifts.count(best), "packet"),
                    shifts::shown(best)
                ),
                None => "never matched".to_owned(),
            },
            (0, _, Some(before)) if tally.others => format!("shadowed by line {} and others", line(before)),
            (0, _, Some(before)) => format!("shadowed by line {}", line(before)),
            _ => String::new(),
        }
    }
}

impl Labeller for RuleLabeller<'_> {
    fn samples(&self) -> &[Sample] {
        &self.set.samples
    }

    fn plan(&self, inventory: &Inventory) -> Result<Vec<DatasetFile>> {
        inventory.plan(self.set, &self.matcher).map_err(|error| error.in_file(self.path))
    }

    fn unnamed(&self, inventory: &Inventory) -> Vec<DatasetFile> {
        match self.matcher.wants_every_file() {
            true => Vec::new(),
            false => inventory.unnamed(self.set),
        }
    }

    fn next_file(&mut self, file: &DatasetFile) -> Result<()> {
        self.matcher.begin(&file.name);
        Ok(())
    }

    fn interface(&mut self, interface: &Interface) -> Result<()> {
        self.matcher.prepare(interface.framing());
        Ok(())
    }

    #[inline]
    fn choose(&mut self, packet: &Packet, chosen: &mut Vec<SampleNumber>) -> Result<()> {
        if self.request.stats.is_some() {
            let (shifts, moves) = (&mut self.shifts, &self.moves);
            self.matcher.shifted(packet, moves, |rule, number| shifts.entry(rule).or_default().add(number));
            return self.choose_all(packet, chosen);
        }
        if self.request.matching != Match::First {
            return self.choose_all(packet, chosen);
        }
        if let Some(rule) = self.matcher.first(packet) {
            let tally = &mut self.tallies[rule];
            tally.packets += 1;
            tally.bytes += u64::from(packet.original_length);
            chosen.push(self.set.rules[rule].sample as SampleNumber);
        }
        Ok(())
    }

    fn is_contiguous(&self) -> bool {
        self.request.matching != Match::All && whole_files_in_runs(self.set)
    }

    fn unlabelled_because(&self) -> &'static str {
        match self.request.labels {
            Labels::Names(_) => "were in captures whose names do not match",
            _ => "matched no rule",
        }
    }

    fn report(&mut self, context: &Context) -> Result<bool> {
        let rejected = self.rejections(context)?;
        // Nobody wrote the rules that names make; a capture without packets is no fault.
        let of_names = matches!(self.request.labels, Labels::Names(_));
        let idle = !of_names && self.list_idle(&rejected, context);
        let repeats = self.set.repeats.iter().map(|(line, earlier)| format!("line {line}: as line {earlier}"));
        list("rows that repeat an earlier one", repeats, context);
        Ok(idle)
    }

    fn stats(&self) -> Table {
        let row = |number: usize| {
            let (rule, tally) = (self.rule(number), &self.tallies[number]);
            let sample = &self.set.samples[rule.sample];
            vec![
                Value::Count(rule.line),
                Value::Text(rule.selector.canonical()),
                Value::Text(sample.label.clone()),
                Value::Text(sample.id.to_string()),
                Value::Count(tally.packets),
                Value::Count(tally.bytes),
                Value::Count(tally.matched),
                Value::Text(self.note(number)),
            ]
        };
        let columns = [
            ("line", ColumnKind::Count, "The rule's line in the labels file."),
            ("rule", ColumnKind::Text, "Its selector, in canonical form."),
            ("label", ColumnKind::Text, "The label of its sample."),
            ("sample_id", ColumnKind::Text, "The id of its sample."),
            ("packets", ColumnKind::Count, "Packets that it labelled."),
            ("bytes", ColumnKind::Count, "Their length on the wire, in bytes."),
            ("matched", ColumnKind::Count, "Packets that it matches, whether an earlier rule took them or not."),
            ("note", ColumnKind::Text, "Why it labelled none: shadowed, never matched, a window of another time zone."),
        ];
        Table {
            columns: columns.into_iter().map(|(name, kind, doc)| Column::new(name, kind, doc)).collect(),
            rows: (0..self.set.rules.len()).map(row).collect(),
        }
    }
}

/// True if the rules alone say that each sample's packets will stand in one run: whole files, one sample after the other.
fn whole_files_in_runs(set: &RuleSet) -> bool {
    let whole_files = set.rules.iter().all(|rule| rule.selector.file.is_some() && !rule.selector.is_conditional());
    let mut ended = vec![false; set.samples.len()];
    let in_runs = set.rules.iter().enumerate().all(|(at, rule)| {
        let before = at.checked_sub(1).map(|before| set.rules[before].sample);
        if let Some(before) = before.filter(|&before| before != rule.sample) {
            ended[before] = true;
        }
        !ended[rule.sample]
    });
    whole_files && in_runs
}
