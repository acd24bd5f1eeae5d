//! Where every packet went: into flows or rows, or why not.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use crate::command::{Context, count};
use crate::flow::Outside;

/// How the accounting is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    /// One line for each reason.
    Text,
    /// One JSON object.
    Json,
}

/// Packets, and what became of them; `R` are the reasons for being in no flow, or no row.
#[derive(Debug)]
pub(in crate::command) struct Accounting<R = Outside> {
    /// Packets read.
    pub(in crate::command) read: u64,
    /// Packets in flows or rows; one in those of several samples counts once.
    pub(in crate::command) in_flows: u64,
    /// Packets in flows or rows; one in those of several samples counts for each.
    pub(in crate::command) memberships: u64,
    /// Packets that stand behind one of a later time.
    pub(in crate::command) backwards: u64,
    reasons: BTreeMap<R, u64>,
    /// Packets that look like one shortly before, and were taken nevertheless.
    pub(super) twins: u64,
}

/// Why a packet is in no flow, or in no row: for what it is (`R`), or because that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::command) enum Reason<R = Outside> {
    /// What it is.
    Of(R),
    /// It has the bytes of one of the four packets before.
    Twin,
    /// It comes after the first N of its sample.
    BehindFirst,
    /// It does not pass the filter.
    Filtered,
}

impl<R: Display> fmt::Display for Reason<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(reason) => reason.fmt(f),
            Self::Twin => f.write_str("captured twice"),
            Self::BehindFirst => f.write_str("behind the first of --first"),
            Self::Filtered => f.write_str("left out by --bpf"),
        }
    }
}

impl<R> Default for Accounting<R> {
    fn default() -> Self {
        Self { read: 0, in_flows: 0, memberships: 0, backwards: 0, reasons: BTreeMap::new(), twins: 0 }
    }
}

impl<R: Ord + Display> Accounting<R> {
    /// A packet that is in no flow, or has no row.
    pub(in crate::command) fn outside(&mut self, reason: R) {
        *self.reasons.entry(reason).or_default() += 1;
    }

    /// Packets that were in flows are not in the output after all.
    pub(in crate::command) fn take_back(&mut self, packets: u64, reason: R) {
        self.in_flows -= packets;
        self.memberships -= packets;
        *self.reasons.entry(reason).or_default() += packets;
    }

    /// Tells it of rows of packets.
    pub(super) fn tell_rows(&self, explain: Option<Explain>, context: &Context) {
        self.tell_as("rows", "rows", explain, context);
    }

    /// Tells it of so many flows.
    pub(in crate::command) fn tell(&self, flows: u64, explain: Option<Explain>, context: &Context) {
        context.note_any(
            self.backwards,
            "packet",
            "behind one of a later time: within a flow, time stands still until it is reached again",
        );
        context.note_any(
            self.twins,
            "packet",
            "with the headers and lengths of one of the four before: captured twice? --dedup leaves out those of \
                 the same bytes",
        );
        self.tell_as("flows", &count(flows, "flow"), explain, context);
    }

    /// Tells it, of what packets are in, and how many of that there are.
    pub(in crate::command) fn tell_as(&self, unit: &str, units: &str, explain: Option<Explain>, context: &Context) {
        match explain {
            None => context.note(self.sentence(units)),
            Some(Explain::Text) => context.note(self.lines(unit)),
            Some(Explain::Json) => context.note(self.json(unit)),
        }
    }

    fn sentence(&self, units: &str) -> String {
        let mut text = format!("{} read: {} in {units}", count(self.read, "packet"), self.in_flows);
        if self.memberships > self.in_flows {
            text.push_str(&format!(" ({} of packets and samples)", count(self.memberships, "pair")));
        }
        for (reason, packets) in &self.reasons {
            text.push_str(&format!("; {packets} {reason}"));
        }
        text
    }

    fn lines(&self, unit: &str) -> String {
        let mut rows = vec![("packets read".to_owned(), self.read), (format!("in {unit}"), self.in_flows)];
        rows.extend(self.reasons.iter().map(|(reason, packets)| (reason.to_string(), *packets)));
        let width = rows.iter().map(|(reason, _)| reason.chars().count()).max().unwrap_or(0);
        let digits = self.read.to_string().len();
        let line = |(reason, packets): &(String, u64)| format!("\n    {reason:width$}  {packets:>digits$}");
        format!("what became of the packets:{}", rows.iter().map(line).collect::<String>())
    }

    fn json(&self, unit: &str) -> String {
        let reasons: serde_json::Map<String, serde_json::Value> =
            self.reasons.iter().map(|(reason, packets)| (reason.to_string(), (*packets).into())).collect();
        let within = format!("in_{unit}");
        serde_json::json!({ "read": self.read, within: self.in_flows, "memberships": self.memberships, "reasons": reasons })
            .to_string()
    }
}
