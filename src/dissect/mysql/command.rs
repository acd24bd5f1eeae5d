//! MySQL's commands: their names and arguments.

use super::packet::{Packet, capability, counted, number};
use super::response::Response;
use crate::dissect::held::Held;
use crate::dissect::scan::Scan;
use crate::dissect::sql;
use crate::dissect::text::lossless;
use crate::flow::Moment;

/// Commands by their numbers.
pub(super) mod code {
    pub(in super::super) const QUIT: u8 = 0x01;
    pub(in super::super) const INIT_DB: u8 = 0x02;
    pub(in super::super) const QUERY: u8 = 0x03;
    pub(in super::super) const FIELD_LIST: u8 = 0x04;
    pub(in super::super) const CREATE_DB: u8 = 0x05;
    pub(in super::super) const DROP_DB: u8 = 0x06;
    pub(in super::super) const STATISTICS: u8 = 0x09;
    pub(in super::super) const PROCESS_KILL: u8 = 0x0c;
    pub(in super::super) const CHANGE_USER: u8 = 0x11;
    pub(in super::super) const BINLOG_DUMP: u8 = 0x12;
    pub(in super::super) const TABLE_DUMP: u8 = 0x13;
    pub(in super::super) const PREPARE: u8 = 0x16;
    pub(in super::super) const EXECUTE: u8 = 0x17;
    pub(in super::super) const SEND_LONG_DATA: u8 = 0x18;
    pub(in super::super) const CLOSE: u8 = 0x19;
    pub(in super::super) const RESET: u8 = 0x1a;
    pub(in super::super) const FETCH: u8 = 0x1c;
    pub(in super::super) const BINLOG_DUMP_GTID: u8 = 0x1e;
    pub(in super::super) const BULK_EXECUTE: u8 = 0xfa;
}

/// The names of commands, as Zeek has them, by their numbers.
const NAMES: [&str; 33] = [
    "sleep",
    "quit",
    "init_db",
    "query",
    "field_list",
    "create_db",
    "drop_db",
    "refresh",
    "shutdown",
    "statistics",
    "process_info",
    "connect",
    "process_kill",
    "debug",
    "ping",
    "time",
    "delayed_insert",
    "change_user",
    "binlog_dump",
    "table_dump",
    "connect_out",
    "register_slave",
    "stmt_prepare",
    "stmt_execute",
    "stmt_send_long_data",
    "stmt_close",
    "stmt_reset",
    "set_option",
    "stmt_fetch",
    "daemon",
    "binlog_dump_gtid",
    "reset_connection",
    "clone",
];

/// A command, and what was answered so far.
#[derive(Debug)]
pub(super) struct Command {
    /// None, if only its answer was seen.
    pub(super) code: Option<u8>,
    pub(super) argument: Option<String>,
    pub(super) statement: Option<u32>,
    pub(super) first: Moment,
    pub(super) last: Moment,
    /// The sequence number of the answer's first packet.
    pub(super) answer: u8,
    pub(super) response: Response,
}

impl Held for Command {
    fn held(&self) -> usize {
        size_of::<Self>() + self.argument.held() + self.response.held()
    }
}

impl Command {
    /// Reads one.
    pub(super) fn read(packet: &Packet, capabilities: Option<u32>, secrets: bool) -> Option<Self> {
        let (code, argument) = packet.payload.split_first()?;
        let mut scan = Scan::new(argument);
        let (mut text, mut statement) = (None, None);
        match *code {
            code::QUERY => {
                skip_attributes(&mut scan, capabilities);
                text = Some(sql::told(trimmed(scan.rest()), secrets, true));
            }
            code::PREPARE => text = Some(sql::told(trimmed(argument), secrets, true)),
            code::INIT_DB | code::CREATE_DB | code::DROP_DB => text = Some(lossless(trimmed(argument))),
            code::FIELD_LIST => text = Some(lossless(scan.text())),
            code::TABLE_DUMP => {
                let schema = counted(&mut scan).map(lossless).unwrap_or_default();
                let table = counted(&mut scan).map(lossless).unwrap_or_default();
                text = Some(format!("{schema}.{table}"));
            }
            code::BINLOG_DUMP => {
                let _position_flags_server = scan.take(10);
                text = Some(lossless(scan.rest()));
            }
            code::PROCESS_KILL => text = scan.u32_le().map(|process| process.to_string()),
            code::EXECUTE | code::SEND_LONG_DATA | code::CLOSE | code::RESET | code::FETCH | code::BULK_EXECUTE => {
                statement = scan.u32_le();
            }
            _ => {}
        }
        let (first, last) = (packet.first, packet.last);
        let response = Response::to(Some(*code));
        Some(Self { code: Some(*code), argument: text, statement, first, last, answer: 1, response })
    }

    /// Of a command that was not seen, the answer begins.
    pub(super) fn unseen(packet: &Packet) -> Self {
        let (first, last) = (packet.first, packet.last);
        let response = Response::to(None);
        Self { code: None, argument: None, statement: None, first, last, answer: packet.sequence, response }
    }

    /// Its name.
    pub(super) fn name(&self) -> Option<String> {
        let code = self.code?;
        Some(match NAMES.get(usize::from(code)) {
            Some(name) => (*name).to_owned(),
            None if code == code::BULK_EXECUTE => "stmt_bulk_execute".to_owned(),
            None => format!("unknown-{code}"),
        })
    }

    /// What it takes while it waits, in bytes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.argument.as_ref().map_or(0, String::len)
    }

    /// The server does not answer it.
    pub(super) fn has_no_answer(&self) -> bool {
        matches!(self.code, Some(code::QUIT | code::SEND_LONG_DATA | code::CLOSE))
    }
}

/// Some clients send a zero byte at the end.
fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(&[0]).unwrap_or(bytes)
}

/// Steps over the attributes before a query's text (since 8.0.23). No query begins with a zero byte, so that they are
/// recognised even if it is not known that both sides have them.
fn skip_attributes(scan: &mut Scan, capabilities: Option<u32>) {
    let has = match (capabilities, scan.rest()) {
        (Some(capabilities), _) => capabilities & capability::QUERY_ATTRIBUTES != 0,
        (None, [count, 1, ..]) => *count < b' ',
        _ => false,
    };
    let mut ahead = *scan;
    if has && attributes(&mut ahead).is_some() {
        *scan = ahead;
    }
}

/// Reads the attributes: their number, which are null, types and names, values.
fn attributes(scan: &mut Scan) -> Option<()> {
    let count = number(scan)?;
    let _sets = number(scan)?;
    if count == 0 {
        return Some(());
    }
    let null = scan.take(usize::try_from(count.div_ceil(8)).ok()?)?;
    let with_types = scan.u8()? != 0;
    let mut types = Vec::new();
    for _ in 0..if with_types { count } else { 0 } {
        types.push(scan.u16_le()?);
        counted(scan)?;
    }
    for (place, kind) in types.iter().enumerate() {
        let is_null = null.get(place / 8).is_some_and(|bits| bits & 1 << (place % 8) != 0);
        if !is_null {
            value(scan, (kind & 0xff) as u8)?;
        }
    }
    Some(())
}

/// Steps over a value of the binary protocol.
fn value(scan: &mut Scan, kind: u8) -> Option<()> {
    let length = match kind {
        0x01 => 1,
        0x02 | 0x0d => 2,
        0x03 | 0x04 | 0x09 => 4,
        0x05 | 0x08 => 8,
        0x06 => 0,
        0x07 | 0x0a | 0x0b | 0x0c => usize::from(scan.u8()?),
        _ => return counted(scan).map(drop),
    };
    scan.take(length).map(drop)
}
