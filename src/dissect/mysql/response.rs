//! What the server answers to a command, packet by packet.

use super::command::code;
use super::packet::{Fault, Okay, Packet, column, number};
use crate::dissect::held::Held;
use crate::dissect::scan::Scan;
use crate::dissect::text::lossless;

/// At most so many names of columns are told; all are counted.
const MAX_NAMES: usize = 1_000;

/// And so many characters of each, which is as long as an alias may be (Reference Manual, 11.2.1).
const LONGEST_NAME: usize = 256;

/// An error that is none: how far a statement is (MariaDB).
const PROGRESS: [u8; 3] = [0xff, 0xff, 0xff];

/// An answer, as far as it came.
#[derive(Debug)]
pub(super) struct Response {
    state: State,
    code: Option<u8>,
    /// The sequence number of the last packet.
    sequence: u8,
    /// What kind it is: ok, error, rows, prepared, eof, text, local_infile, stream.
    pub(super) kind: Option<&'static str>,
    pub(super) success: Option<bool>,
    pub(super) rows: Option<u64>,
    pub(super) fault: Option<Fault>,
    pub(super) text: Option<String>,
    pub(super) columns: Vec<String>,
    /// How many columns the rows have.
    pub(super) width: Option<u64>,
    /// The statement that was prepared.
    pub(super) statement: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing came.
    Head,
    /// A result came, and another one will.
    Another,
    /// So many definitions of columns will come, then rows.
    Columns(u64),
    /// They have come; EOF follows, or, since 5.7, the rows.
    BehindColumns,
    Rows,
    /// Definitions of columns until EOF.
    Fields,
    /// Of a statement's parameters and columns, so many definitions will come.
    Prepared(u64),
    /// The client sends a file.
    File,
    /// Events of the binary log, without an end.
    Stream,
}

/// Whether an answer is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    GoesOn,
    Whole,
    /// The packet is of another answer.
    NotThis,
}

use Progress::{GoesOn, NotThis, Whole};

impl Held for Response {
    fn held(&self) -> usize {
        let fault = self.fault.as_ref().map_or(0, |fault| fault.state.held() + fault.message.held());
        self.text.held() + self.columns.held() + fault
    }
}

impl Response {
    /// The answer to a command.
    pub(super) fn to(code: Option<u8>) -> Self {
        Self {
            state: State::Head,
            code,
            sequence: 0,
            kind: None,
            success: None,
            rows: None,
            fault: None,
            text: None,
            columns: Vec::new(),
            width: None,
            statement: None,
        }
    }

    /// True if the client sends a file.
    pub(super) fn wants_file(&self) -> bool {
        self.state == State::File
    }

    /// The last packet goes on in this one.
    pub(super) fn goes_on_in(&mut self, packet: &Packet) {
        if packet.sequence == self.sequence.wrapping_add(1) {
            self.sequence = packet.sequence;
        }
    }

    /// The next packet of the server; the first one should have the number `answer`.
    pub(super) fn take(&mut self, packet: &Packet, answer: u8) -> Progress {
        let expected = match self.state {
            State::Head => answer,
            // The client's packets have numbers too.
            State::File => packet.sequence,
            _ => self.sequence.wrapping_add(1),
        };
        if packet.sequence != expected {
            return NotThis;
        }
        self.sequence = packet.sequence;
        if packet.payload.starts_with(&PROGRESS) {
            return GoesOn;
        }
        match self.state {
            State::Head => self.head(packet),
            State::Another | State::File => self.result(packet),
            State::Columns(left) => {
                self.name(packet);
                self.state = if left > 1 { State::Columns(left - 1) } else { State::BehindColumns };
                GoesOn
            }
            State::BehindColumns if packet.is_eof() => {
                self.state = State::Rows;
                if Okay::read(packet).cursor() { Whole } else { GoesOn }
            }
            State::BehindColumns | State::Rows | State::Fields | State::Stream => {
                if self.state == State::BehindColumns {
                    self.state = State::Rows;
                }
                self.row(packet)
            }
            State::Prepared(_) if packet.is_eof() => GoesOn,
            State::Prepared(left) => {
                self.state = State::Prepared(left.saturating_sub(1));
                if left > 1 { GoesOn } else { Whole }
            }
        }
    }

    /// The first packet.
    fn head(&mut self, packet: &Packet) -> Progress {
        match (self.code, packet.kind()) {
            (_, Some(0xff)) => self.fault(packet),
            (Some(code::STATISTICS), _) => {
                (self.kind, self.success) = (Some("text"), Some(true));
                self.text = Some(lossless(packet.payload));
                Whole
            }
            (Some(code::PREPARE), Some(0)) => self.prepared(packet).unwrap_or(Whole),
            (Some(code::FIELD_LIST), _) => {
                self.begin_rows("rows", State::Fields);
                self.row(packet)
            }
            (Some(code::FETCH), _) => {
                self.begin_rows("rows", State::Rows);
                self.row(packet)
            }
            (Some(code::BINLOG_DUMP | code::BINLOG_DUMP_GTID | code::TABLE_DUMP), Some(0)) => {
                self.begin_rows("stream", State::Stream);
                self.row(packet)
            }
            _ => self.result(packet),
        }
    }

    /// The first packet of a result.
    fn result(&mut self, packet: &Packet) -> Progress {
        match packet.kind() {
            Some(0xff) => self.fault(packet),
            Some(0xfe) if packet.ends_rows() => self.okay(packet, "eof"),
            Some(0) => self.okay(packet, "ok"),
            Some(0xfb) => {
                self.kind = Some("local_infile");
                self.text = Some(lossless(packet.payload.get(1..).unwrap_or_default()));
                self.state = State::File;
                GoesOn
            }
            _ => match number(&mut Scan::new(packet.payload)) {
                Some(width) if packet.length <= 10 => {
                    self.begin_rows("rows", State::Columns(width));
                    self.width = Some(width);
                    self.columns.clear();
                    GoesOn
                }
                _ => Whole,
            },
        }
    }

    fn begin_rows(&mut self, kind: &'static str, state: State) {
        self.kind = Some(kind);
        self.rows.get_or_insert(0);
        self.state = state;
    }

    /// A row, an event, or the end of them.
    fn row(&mut self, packet: &Packet) -> Progress {
        match packet.kind() {
            Some(0xff) => self.fault(packet),
            Some(0xfe) if packet.ends_rows() => {
                let kind = self.kind.unwrap_or("rows");
                self.okay(packet, kind)
            }
            _ => {
                if self.state == State::Fields {
                    self.name(packet);
                }
                self.rows = Some(self.rows.unwrap_or_default().saturating_add(1));
                GoesOn
            }
        }
    }

    fn okay(&mut self, packet: &Packet, kind: &'static str) -> Progress {
        let okay = Okay::read(packet);
        (self.kind, self.success) = (Some(kind), Some(true));
        if kind == "ok" {
            self.rows = Some(self.rows.unwrap_or_default().saturating_add(okay.affected));
        }
        self.text = okay.info.clone().or(self.text.take());
        self.state = State::Another;
        if okay.more_results() { GoesOn } else { Whole }
    }

    fn fault(&mut self, packet: &Packet) -> Progress {
        (self.kind, self.success) = (Some("error"), Some(false));
        self.fault = Fault::read(packet);
        Whole
    }

    fn prepared(&mut self, packet: &Packet) -> Option<Progress> {
        (self.kind, self.success) = (Some("prepared"), Some(true));
        let mut scan = Scan::new(packet.payload.get(1..)?);
        self.statement = scan.u32_le();
        let (columns, parameters) = (scan.u16_le()?, scan.u16_le()?);
        self.width = Some(columns.into());
        let definitions = u64::from(columns) + u64::from(parameters);
        self.state = State::Prepared(definitions);
        Some(if definitions > 0 { GoesOn } else { Whole })
    }

    fn name(&mut self, packet: &Packet) {
        if self.columns.len() < MAX_NAMES
            && let Some(name) = column(packet.payload)
        {
            self.columns.push(name.chars().take(LONGEST_NAME).collect());
        }
    }
}
