//! `pcapml label --explain`: which rules match one packet, in which order, and why the first of them wins.

use super::{DatasetFile, Match, Place, Request, open};
use crate::capture::Item;
use crate::command::{Context, count};
use crate::decode;
use crate::error::{Error, Result};
use crate::packet::Packet;
use crate::rule::{PlainMatcher, RuleSet, Verdict};
use crate::sink::{TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// Rules whose filters match at another time, at most, that are told by name.
const MAX_NEAR: usize = 10;

/// Explains a packet: `17`, or `day1/a.pcap:17` of a directory.
pub(super) fn run(request: &Request, place: &Place, set: &RuleSet, packet: &str, context: &mut Context) -> Result<()> {
    let (file, number) = find(place, packet)?;
    let mut matcher = PlainMatcher::new(set)?;
    let mut reader = open(context, &file, place.is_directory(), Vec::new())?;
    loop {
        match reader.next_item()? {
            None => {
                return Err(Error::request(format!("there is no packet {number}; the last is {}", reader.packets()))
                    .in_file(&file.path));
            }
            Some(Item::Packet(packet)) if packet.number == number => {
                let told = Told::of(set, &mut matcher, &file.name, &packet);
                context.note(described(&packet));
                context.note(told.sum(set, request.matching));
                return write_table(&told.table(set, request), TableFormat::Aligned, context.tables);
            }
            Some(_) => {}
        }
    }
}

fn find(place: &Place, packet: &str) -> Result<(DatasetFile, u64)> {
    let (file, number) = match packet.rsplit_once(':') {
        Some((file, number)) => (Some(file), number),
        None => (None, packet),
    };
    let number = number.parse().ok().filter(|number| *number > 0);
    let number = number.ok_or_else(|| Error::request(format!("'{packet}' is no packet number: they begin at 1")))?;
    match (place, file) {
        (Place::Capture(capture), None) => Ok((capture.clone(), number)),
        (Place::Directory(inventory), Some(file)) => Ok((inventory.named(&[file])?.remove(0), number)),
        (Place::Directory(_), None) => {
            Err(Error::request("which capture of the directory?").advise(format!("write --explain FILE:{number}")))
        }
        (Place::Capture(_), Some(_)) => Err(Error::request("there is one capture: write its packet's number alone")),
    }
}

/// What the rules say of a packet.
struct Told {
    matching: Vec<usize>,
    /// Rules that would match at another time.
    near: Vec<usize>,
    outside: u64,
    filtered: u64,
    inapplicable: u64,
    other_file: u64,
}

impl Told {
    fn of(set: &RuleSet, matcher: &mut PlainMatcher, file: &str, packet: &Packet) -> Self {
        let mut told =
            Self { matching: Vec::new(), near: Vec::new(), outside: 0, filtered: 0, inapplicable: 0, other_file: 0 };
        for rule in 0..set.rules.len() {
            match matcher.verdict(rule, file, packet) {
                Verdict::Matches => told.matching.push(rule),
                Verdict::OtherFile => told.other_file += 1,
                Verdict::Filtered => told.filtered += 1,
                Verdict::Inapplicable => told.inapplicable += 1,
                Verdict::OutsideWindow => {
                    told.outside += 1;
                    if told.near.len() < MAX_NEAR && matcher.passes(rule, packet) {
                        told.near.push(rule);
                    }
                }
            }
        }
        told
    }

    fn sum(&self, set: &RuleSet, matching: Match) -> String {
        let others = [
            (self.outside, "have windows that do not hold its time"),
            (self.filtered, "have filters that it does not pass"),
            (self.inapplicable, "have filters that do not apply to its link type"),
            (self.other_file, "speak of other files"),
        ];
        let others: Vec<String> =
            others.iter().filter(|(number, _)| *number > 0).map(|(number, why)| format!("{number} {why}")).collect();
        let rules = count(set.rules.len() as u64, "rule");
        let outcome = match (self.matching.as_slice(), matching) {
            ([], _) => "none matches: the packet gets no label".to_owned(),
            ([only], _) => format!("line {} alone matches", set.rules[*only].line),
            ([first, ..], Match::First) => {
                let all = self.matching.len();
                format!("{all} match, and line {} wins: it stands before the others", set.rules[*first].line)
            }
            (all, Match::All) => format!("{} match, and all label it", all.len()),
            (all, Match::Unique) => format!("{} match: an error, unless they are of one sample", all.len()),
        };
        let others = if others.is_empty() { String::new() } else { format!("; of the others, {}", others.join(", ")) };
        format!("of {rules}, {outcome}{others}")
    }

    fn table(&self, set: &RuleSet, request: &Request) -> Table {
        let winner = self.matching.first();
        let row = |&number: &usize, said: String| {
            let rule = &set.rules[number];
            let sample = &set.samples[rule.sample];
            vec![
                Value::Count(rule.line),
                Value::Text(rule.selector.canonical()),
                Value::Text(sample.label.clone()),
                Value::Text(sample.id.to_string()),
                Value::Text(said),
            ]
        };
        let verdict = |number: &usize| match (winner == Some(number), request.matching) {
            (true, _) | (_, Match::All) => "labels it".to_owned(),
            (false, Match::First) => {
                format!("matches; line {} came first", winner.map_or(0, |&rule| set.rules[rule].line))
            }
            (false, Match::Unique) => "matches too".to_owned(),
        };
        let near = |number: &usize| row(number, "its filter matches, its window does not".to_owned());
        Table {
            columns: vec![
                Column::new("line", ColumnKind::Count, "The rule's line in the labels file."),
                Column::new("rule", ColumnKind::Text, "Its selector, in canonical form."),
                Column::new("label", ColumnKind::Text, "The label of its sample."),
                Column::new("sample_id", ColumnKind::Text, "The id of its sample."),
                Column::new("verdict", ColumnKind::Text, "What it does to the packet."),
            ],
            rows: self
                .matching
                .iter()
                .map(|number| row(number, verdict(number)))
                .chain(self.near.iter().map(near))
                .collect(),
        }
    }
}

/// The packet in one line.
fn described(packet: &Packet) -> String {
    let layers = decode::layers(packet.interface.link_type, packet.bytes, packet.original_length);
    let ends = match layers.ip() {
        Some(ip) => {
            let port = |port: Option<u16>| port.map_or(String::new(), |port| format!(" port {port}"));
            let (from, to) = (ip.ports().map(|ports| ports.0), ip.ports().map(|ports| ports.1));
            let (from, to) = (port(from), port(to));
            format!("{}{from} to {}{to}, IP protocol {}", ip.source, ip.destination, ip.protocol)
        }
        None => "no IP header".to_owned(),
    };
    let time = packet.time().map_or("no time".to_owned(), |time| time.to_string());
    let (captured, original) = (packet.bytes.len(), packet.original_length);
    format!(
        "packet {} ({}): {time}, link type {}, {captured} of {original} bytes, {ends}",
        packet.number,
        packet.position(),
        packet.interface.link_type
    )
}
