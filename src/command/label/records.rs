//! Labels from flow records.

use std::collections::BTreeMap;

use super::labeller::{Labeller, Register, SampleNumber};
use super::{FlowsRequest, GroupBy};
use crate::command::dataset_files::DatasetFile;
use crate::command::{Context, count, list};
use crate::decode::protocol;
use crate::error::{Error, Result, Shown};
use crate::flow::{Keys, NoFlow};
use crate::packet::{FlowKey, Key, Packet, Sample};
use crate::rule::flow_records::{FlowRecord, FlowRecords};
use crate::rule::shifts::{self, Shifts};
use crate::rule::{Found, Ids, RecordIndex};
use crate::table::{Column, ColumnKind, Table, Value};
use crate::time::Timestamp;

/// Packets outside the times of their records, of which it is asked whether another time zone would mend it.
const MAX_SHIFTED: u64 = 100_000;

/// No sample yet.
const NONE: SampleNumber = SampleNumber::MAX;

/// Labels by flow records.
pub(super) struct RecordLabeller<'a> {
    request: &'a FlowsRequest,
    records: FlowRecords,
    index: RecordIndex,
    keys: Keys,
    register: Register<'a>,
    /// For each record, its sample, and what it labelled.
    samples: Vec<SampleNumber>,
    tallies: Vec<Tally>,
    /// For each record, the first of its window; only if records are grouped by windows.
    windows: Vec<u32>,
    odd: Odd,
    shifts: Shifts,
    moves: Vec<i128>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    packets: u64,
    bytes: u64,
}

/// Packets that are to be spoken of.
#[derive(Debug, Default)]
struct Odd {
    no_flow: BTreeMap<NoFlow, u64>,
    several: u64,
    nothing: u64,
    other_time: u64,
    /// The first and last time of those.
    times: Option<(i128, i128)>,
    /// By the record that would have labelled them.
    contradicted: BTreeMap<u32, u64>,
}

impl<'a> RecordLabeller<'a> {
    /// Reads the records.
    pub(super) fn new(request: &'a FlowsRequest, ids: &'a Ids, context: &Context) -> Result<Self> {
        let path = &request.path;
        let records = FlowRecords::read(path, &request.options)?;
        context.note(format!(
            "{}: {} with {} ({})",
            Shown(path),
            count(records.records.len() as u64, "flow record"),
            count(records.labels.len() as u64, "label"),
            records.format
        ));
        for oddity in &records.oddities {
            context.note(format!(
                "{}: {} {} (first: line {})",
                Shown(path),
                oddity.count,
                oddity.what,
                oddity.first_line
            ));
        }
        if records.records.is_empty() {
            return Err(Error::labels("no flow record with a label").in_file(path));
        }
        Ok(Self {
            index: RecordIndex::new(&records, request.tolerance),
            keys: Keys::default(),
            register: Register::new(ids),
            samples: vec![NONE; records.records.len()],
            tallies: vec![Tally::default(); records.records.len()],
            windows: match request.group_by {
                GroupBy::Window => windows(&records, request.gap),
                GroupBy::Label | GroupBy::Record => Vec::new(),
            },
            odd: Odd::default(),
            shifts: Shifts::default(),
            moves: shifts::moves().collect(),
            records,
            request,
        })
    }

    fn record(&self, number: u32) -> &FlowRecord {
        &self.records.records[number as usize]
    }

    fn label(&self, record: &FlowRecord) -> &str {
        &self.records.labels[record.label as usize]
    }

    fn sample(&mut self, number: u32) -> Result<SampleNumber> {
        let at = number as usize;
        if self.samples[at] == NONE {
            let record = self.record(number);
            let label = self.label(record).to_owned();
            let known = match self.request.group_by {
                GroupBy::Record => self.register.sample(Key::Flow(&flow_key(record)), &label, &[]),
                GroupBy::Label => self.register.sample(Key::Key(&label), &label, &[]),
                GroupBy::Window => {
                    let start = self.record(self.windows[at]).start;
                    self.register.sample(Key::Key(&format!("{label}|{start}")), &label, &[])
                }
            };
            self.samples[at] = known.map_err(|error| error.in_file(&self.request.path))?;
        }
        Ok(self.samples[at])
    }

    fn shown(&self, number: u32) -> String {
        let record = self.record(number);
        let start = Timestamp(record.start.into());
        let ports = record
            .ports
            .map_or((String::new(), String::new()), |(from, to)| (format!(" port {from}"), format!(" port {to}")));
        format!(
            "line {}: {} {}{} > {}{} at {} -> {}",
            record.line,
            record.protocol.map_or("ip".to_owned(), protocol_name),
            record.source,
            ports.0,
            record.destination,
            ports.1,
            shown_time(start),
            self.label(record)
        )
    }

    /// What kept packets from getting a label.
    fn tell_unlabelled(&self, context: &Context) {
        for (reason, packets) in &self.odd.no_flow {
            context.note(format!(
                "{} that {}: no flow record speaks of them",
                count(*packets, "packet"),
                reason.text()
            ));
        }
        let contradicted = self.odd.contradicted.iter().map(|(&number, packets)| {
            format!(
                "{}: {} (another record of that start has another label)",
                self.shown(number),
                count(*packets, "packet")
            )
        });
        list("records contradict each other; their packets got no label", contradicted, context);
        if self.odd.nothing > 0 {
            let its = if self.odd.nothing == 1 { "its" } else { "their" };
            context.note(format!("{}: no record has {its} addresses and ports", count(self.odd.nothing, "packet")));
        }
        if self.odd.other_time > 0 {
            context.note(format!(
                "{} with addresses and ports of a record, but outside its time{}",
                count(self.odd.other_time, "packet"),
                self.time_zone_hint()
            ));
        }
    }

    /// When the records and the packets are, if they are apart altogether: a wrong unit of time shows there.
    fn spans(&self) -> String {
        let records = &self.records.records;
        let first = records.iter().map(|record| i128::from(record.start)).min();
        let last = records.iter().map(|record| i128::from(record.end)).max();
        match (first, last, self.odd.times) {
            (Some(first), Some(last), Some((from, to))) if last < from || to < first => {
                let span = |first, last| format!("{} … {}", shown_time(Timestamp(first)), shown_time(Timestamp(last)));
                format!(": the records are of {}, these packets of {}", span(first, last), span(from, to))
            }
            _ => String::new(),
        }
    }

    fn time_zone_hint(&self) -> String {
        let Some(best) = self.shifts.best() else {
            return format!("; --tolerance widens the records{}", self.spans());
        };
        let of = self.odd.other_time.min(MAX_SHIFTED);
        format!(
            ": if the times of the records were moved by {}, {} of {of} would match. Are they of another time zone \
             (--timezone)?",
            shifts::shown(best),
            self.shifts.count(best)
        )
    }
}

/// A moment for people.
fn shown_time(time: Timestamp) -> String {
    time.rfc3339().unwrap_or_else(|| time.to_string())
}

/// The protocol for people.
fn protocol_name(number: u8) -> String {
    match number {
        protocol::TCP => "tcp".to_owned(),
        protocol::UDP => "udp".to_owned(),
        protocol::ICMP => "icmp".to_owned(),
        protocol::ICMPV6 => "icmp6".to_owned(),
        other => format!("protocol {other}"),
    }
}

/// The key of a record's sample: its conversation and start.
fn flow_key(record: &FlowRecord) -> String {
    let key = FlowKey::new(record.protocol.unwrap_or(u8::MAX), record.source, record.destination, record.ports);
    format!("{key}|{}", record.start)
}

/// For each record the first of its window: records of one label, none of which lies more than `gap` nanoseconds after
/// the end of all before it.
fn windows(records: &FlowRecords, gap: i64) -> Vec<u32> {
    let list = &records.records;
    let mut order: Vec<u32> = (0..list.len() as u32).collect();
    order.sort_unstable_by_key(|&number| (list[number as usize].label, list[number as usize].start, number));
    let mut windows = vec![0; list.len()];
    // Label, latest end and first record of the window so far.
    let mut current: Option<(u32, i64, u32)> = None;
    for number in order {
        let record = &list[number as usize];
        current = match current {
            Some((label, end, first)) if label == record.label && record.start <= end.saturating_add(gap) => {
                Some((label, end.max(record.end), first))
            }
            _ => Some((record.label, record.end, number)),
        };
        windows[number as usize] = current.map_or(number, |window| window.2);
    }
    windows
}

impl Labeller for RecordLabeller<'_> {
    fn samples(&self) -> &[Sample] {
        self.register.samples()
    }

    fn next_file(&mut self, _file: &DatasetFile) -> Result<()> {
        self.keys.clear();
        Ok(())
    }

    #[inline]
    fn choose(&mut self, packet: &Packet, chosen: &mut Vec<SampleNumber>) -> Result<()> {
        let key = match self.keys.of(packet) {
            Ok(key) => key,
            Err(reason) => {
                *self.odd.no_flow.entry(reason).or_default() += 1;
                return Ok(());
            }
        };
        match self.index.find(key, packet) {
            Found::Record { number, several } => {
                self.odd.several += u64::from(several);
                let tally = &mut self.tallies[number as usize];
                tally.packets += 1;
                tally.bytes += u64::from(packet.original_length);
                chosen.push(self.sample(number)?);
            }
            Found::Contradicted(number) => *self.odd.contradicted.entry(number).or_default() += 1,
            Found::OtherTime => {
                self.odd.other_time += 1;
                if let Some(Timestamp(time)) = packet.time() {
                    let (first, last) = self.odd.times.unwrap_or((time, time));
                    self.odd.times = Some((first.min(time), last.max(time)));
                }
                if self.odd.other_time <= MAX_SHIFTED {
                    self.index.shifted(key, packet, &self.moves, &mut self.shifts);
                }
            }
            Found::Nothing => self.odd.nothing += 1,
        }
        Ok(())
    }

    fn unlabelled_because(&self) -> &'static str {
        "belonged to no flow record"
    }

    fn report(&mut self, context: &Context) -> Result<bool> {
        self.tell_unlabelled(context);
        context.note_any(self.odd.several, "packet", "fit several records; the one that started last labelled them");
        let idle: Vec<u32> =
            (0..).zip(&self.tallies).filter(|(_, tally)| tally.packets == 0).map(|(number, _)| number).collect();
        let what = format!("{} labelled no packet", count(idle.len() as u64, "record"));
        list(&what, idle.iter().map(|&number| self.shown(number)), context);
        Ok(!idle.is_empty() || !self.odd.contradicted.is_empty())
    }

    fn stats(&self) -> Table {
        let mut rows = vec![(0_u64, 0_u64, Tally::default()); self.records.labels.len()];
        for (record, tally) in self.records.records.iter().zip(&self.tallies) {
            let (records, matched, sum) = &mut rows[record.label as usize];
            *records += 1;
            *matched += u64::from(tally.packets > 0);
            sum.packets += tally.packets;
            sum.bytes += tally.bytes;
        }
        let row = |(label, (records, matched, sum)): (&String, (u64, u64, Tally))| {
            let counts = [records, matched, sum.packets, sum.bytes];
            std::iter::once(Value::Text(label.clone())).chain(counts.map(Value::Count)).collect()
        };
        Table {
            columns: vec![
                Column::new("label", ColumnKind::Text, "The label."),
                Column::new("records", ColumnKind::Count, "Flow records that have it."),
                Column::new("matched", ColumnKind::Count, "Those that labelled a packet."),
                Column::new("packets", ColumnKind::Count, "Packets that they labelled."),
                Column::new("bytes", ColumnKind::Count, "Their length on the wire, in bytes."),
            ],
            rows: self.records.labels.iter().zip(rows).map(row).collect(),
        }
    }
}
