//! Streams as files: one for each direction of a conversation that has bytes, and a table of all conversations.

use std::collections::HashMap;

use super::work::Talk;
use crate::command::dissect::{protocol_name, uid};
use crate::command::samples::field_columns;
use crate::command::split::flow_stem;
use crate::error::{Error, Result};
use crate::flow::{Biflow, Piece, Side, StreamCounts};
use crate::packet::Sample;
use crate::sample::fields;
use crate::sink::{Directory, ManyFiles, TableFormat, write_table};
use crate::table::{Column, ColumnKind, Table, Value};

/// Gaps of a direction that are named in the table, at most; all are counted.
const MAX_NAMED: usize = 100;

/// The table of conversations.
const INDEX: &str = "streams.csv";

/// All files.
pub(super) struct Files {
    files: ManyFiles,
    /// Of conversations that go on.
    going_on: HashMap<u64, Pair>,
    ended: Vec<(u64, Row)>,
    /// How often a name was given.
    names: HashMap<String, u32>,
    /// The names of the captures, if there are several.
    captures: Vec<String>,
    /// The number of the one that is read.
    pub(super) capture: u64,
}

/// The files of a conversation.
#[derive(Default)]
struct Pair {
    stem: Option<String>,
    files: [Option<usize>; 2],
    /// Bytes written of each, and where others are missing: `place:length`.
    written: [u64; 2],
    gaps: [(usize, String); 2],
}

/// A conversation that has ended.
struct Row {
    capture: u64,
    flow: Biflow,
    reason: &'static str,
    counts: [StreamCounts; 2],
    pair: Pair,
}

impl Files {
    /// Files of a directory; `memory` bytes may wait for being written. If there are several captures, these are their names.
    pub(super) fn new(directory: &Directory, memory: usize, threads: usize, captures: Vec<String>) -> Self {
        Self {
            files: ManyFiles::new(directory, memory, threads),
            going_on: HashMap::new(),
            ended: Vec::new(),
            names: HashMap::new(),
            captures,
            capture: 0,
        }
    }

    pub(super) fn piece(&mut self, number: u64, flow: &Biflow, side: Side, piece: Piece) -> Result<()> {
        let pair = self.going_on.entry(number).or_default();
        match piece {
            Piece::Bytes { bytes, .. } => {
                let file = match pair.files[side.index()] {
                    Some(file) => file,
                    None => {
                        let names = &mut self.names;
                        let stem = pair.stem.get_or_insert_with(|| unique(flow_stem(flow), names));
                        let file = self.files.begin(format!("{stem}.{}.bin", name(side)));
                        pair.files[side.index()] = Some(file);
                        file
                    }
                };
                pair.written[side.index()] += bytes.len() as u64;
                self.files.append(file, |out| out.extend_from_slice(bytes))
            }
            Piece::Gap { length, .. } => {
                let place = pair.written[side.index()];
                let (named, text) = &mut pair.gaps[side.index()];
                *named += 1;
                if *named <= MAX_NAMED {
                    let space = if text.is_empty() { "" } else { " " };
                    text.push_str(&format!("{space}{place}:{length}"));
                }
                Ok(())
            }
        }
    }

    pub(super) fn end(&mut self, number: u64, talk: &Talk, reason: &'static str) {
        let pair = self.going_on.remove(&number).unwrap_or_default();
        let counts = [talk.counts(Side::Originator), talk.counts(Side::Responder)];
        self.ended.push((number, Row { capture: self.capture, flow: talk.flow, reason, counts, pair }));
    }

    /// Writes what waits, and the table.
    pub(super) fn finish(mut self, samples: &[Sample], directory: Option<&Directory>) -> Result<()> {
        self.files.flush()?;
        self.ended.sort_unstable_by_key(|(number, _)| *number);
        let Some(directory) = directory else { return Ok(()) };
        let path = directory.path().join(INDEX);
        let mut file = std::fs::File::create(&path).map_err(|error| Error::from(error).in_file(&path))?;
        write_table(&self.table(samples), TableFormat::Csv, &mut file).map_err(|error| error.in_file(&path))
    }

    fn table(&self, samples: &[Sample]) -> Table {
        let (several, labelled) = (!self.captures.is_empty(), !samples.is_empty());
        let keys = fields::names(samples);
        let own = columns();
        let mut columns = before(several, labelled);
        let taken: Vec<Column> = columns.iter().chain(&own).cloned().collect();
        columns.extend(field_columns(&keys, &taken));
        columns.extend(own);
        let rows = self.ended.iter().map(|(_, row)| {
            let sample = samples.get(row.flow.key.sample as usize);
            let mut cells = Vec::new();
            if several {
                cells.push(self.captures.get(row.capture as usize).cloned().into());
            }
            if labelled {
                cells.push(sample.map(|sample| sample.id.to_string()).into());
                cells.push(sample.map(|sample| sample.label.clone()).into());
            }
            cells.extend(keys.iter().map(|key| sample.and_then(|sample| sample.field(key)).map(str::to_owned).into()));
            cells.extend(self.cells(row));
            cells
        });
        Table { rows: rows.collect(), columns }
    }

    fn cells(&self, row: &Row) -> Vec<Value> {
        let (flow, key, low) = (&row.flow, &row.flow.key, row.flow.forward_is_low);
        let file = |side: Side| row.pair.files[side.index()].map(|file| self.files.name(file).to_owned()).into();
        let mut cells = vec![
            file(Side::Originator),
            file(Side::Responder),
            Value::Text(uid(row.capture, flow)),
            Value::Text(key.address(low).to_string()),
            Value::Count(key.port(low).unwrap_or(0).into()),
            Value::Text(key.address(!low).to_string()),
            Value::Count(key.port(!low).unwrap_or(0).into()),
            Value::Text(protocol_name(key.protocol)),
            Some(crate::time::Timestamp(flow.start.into())).into(),
            Some(crate::time::Timestamp(flow.last.into())).into(),
            Value::Count(flow.first_number),
            Value::Count(flow.last_number),
        ];
        for side in [Side::Originator, Side::Responder] {
            let counts = &row.counts[side.index()];
            let (_, places) = &row.pair.gaps[side.index()];
            cells.extend([counts.bytes, counts.missed, counts.gaps].map(Value::Count));
            cells.push(Value::Text(places.clone()));
            cells.extend([counts.retransmissions, counts.out_of_order, counts.overlap_conflict].map(Value::Count));
        }
        cells.push(Value::Text(row.reason.to_owned()));
        cells
    }
}

/// What stands before the fields of samples: as before rows of flows.
fn before(several: bool, labelled: bool) -> Vec<Column> {
    let text = |name: &str, doc| Column::new(name, ColumnKind::Text, doc);
    let mut columns = Vec::new();
    if several {
        columns.push(text("file", "The capture."));
    }
    if labelled {
        columns.push(text("sample_id", "The id of the sample."));
        columns.push(text("label", "The label of the sample."));
    }
    columns
}

fn columns() -> Vec<Column> {
    let text = |name: &str, doc| Column::new(name, ColumnKind::Text, doc);
    let number = |name: &str, doc| Column::new(name, ColumnKind::Count, doc);
    let mut columns = vec![
        text("orig_file", "What the originator sent; empty if it sent nothing."),
        text("resp_file", "What the responder sent."),
        text("uid", "Its conversation, as pcapml dissect names it."),
        text("id.orig_h", "The originator's address."),
        number("id.orig_p", "Its port."),
        text("id.resp_h", "The responder's address."),
        number("id.resp_p", "Its port."),
        text("proto", "tcp or udp."),
        Column::new("ts", ColumnKind::Time, "The time of its first packet, in seconds since 1970."),
        Column::new("end", ColumnKind::Time, "The time of its last packet."),
        number("pkt_first", "The number of its first packet."),
        number("pkt_last", "The number of its last packet."),
    ];
    for side in [Side::Originator, Side::Responder] {
        let of = |what: &str| format!("{}_{what}", name(side));
        columns.extend([
            number(&of("bytes"), "Bytes in its file."),
            number(&of("missed"), "Bytes that the capture lacks."),
            number(&of("gaps"), "Places where bytes are missing."),
            text(
                &of("gap_places"),
                "The first hundred of them: the place in the file, and how many are missing there.",
            ),
            number(&of("retransmissions"), "Segments without new bytes."),
            number(&of("out_of_order"), "Segments that came behind one that follows them."),
            number(&of("overlap_conflict"), "Bytes that came twice, and differ."),
        ]);
    }
    columns.push(text("end_reason", "Why it ended, as pcapml dissect says it of conn."));
    columns
}

fn name(side: Side) -> &'static str {
    match side {
        Side::Originator => "orig",
        Side::Responder => "resp",
    }
}

/// A name that was not given yet.
fn unique(stem: String, names: &mut HashMap<String, u32>) -> String {
    let given = names.entry(stem.clone()).or_default();
    *given += 1;
    match *given {
        1 => stem,
        again => format!("{stem}~{again}"),
    }
}
