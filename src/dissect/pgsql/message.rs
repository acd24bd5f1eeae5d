//! PostgreSQL's messages: their lengths, and what stands in them.

use crate::dissect::frames::Measure;
use crate::dissect::held::Held;
use crate::dissect::scan::Scan;
use crate::dissect::text::lossless;

/// Fields of an error or notice, at most.
const MAX_FIELDS: usize = 32;

/// Parameters of a startup message, at most; PostgreSQL itself takes 10 000 bytes.
const MAX_PARAMETERS: usize = 256;

/// A startup message is not longer (MAX_STARTUP_PACKET_LENGTH).
pub(super) const LONGEST_STARTUP: u32 = 10_000;

/// No message is longer (MaxAllocSize).
const LONGEST: u32 = 1 << 30;

/// Columns whose names are told, at most.
const MAX_COLUMNS: usize = 1_664;

/// What a client may begin with, instead of the version of the protocol.
pub(super) mod request {
    pub(in super::super) const CANCEL: u32 = 80_877_102;
    pub(in super::super) const SSL: u32 = 80_877_103;
    pub(in super::super) const GSSENC: u32 = 80_877_104;
}

/// The types of a client's messages.
pub(super) const FRONTEND: &[u8] = b"BCDEFHPQSXcdfp";

/// The types of a server's messages.
pub(super) const BACKEND: &[u8] = b"123ACDEGHIKNRSTVWZcdnstv";

/// How long the message in front is, if it begins with its type.
pub(super) fn measure(bytes: &[u8], types: &[u8]) -> Measure {
    let mut scan = Scan::new(bytes);
    match (scan.u8(), scan.u32()) {
        (Some(kind), _) if !types.contains(&kind) => Measure::Broken,
        (_, Some(length)) if !(4..=LONGEST).contains(&length) => Measure::Broken,
        (Some(_), Some(length)) => Measure::Length(u64::from(length) + 1),
        _ => Measure::More,
    }
}

/// How long the message in front is, if it is the first of a client.
pub(super) fn measure_startup(bytes: &[u8]) -> Measure {
    match Scan::new(bytes).u32() {
        Some(length @ 8..=LONGEST_STARTUP) => Measure::Length(length.into()),
        Some(_) => Measure::Broken,
        None => Measure::More,
    }
}

/// The first message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Startup {
    Tls,
    Gss,
    /// Of this process.
    Cancel(u32),
    /// With these parameters, their names and values.
    Session(Vec<(String, String)>),
}

impl Startup {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut scan = Scan::new(bytes);
        let _length = scan.u32()?;
        match scan.u32()? {
            request::SSL => Some(Self::Tls),
            request::GSSENC => Some(Self::Gss),
            request::CANCEL => scan.u32().map(Self::Cancel),
            version if version >> 16 == 3 => {
                let mut parameters = Vec::new();
                while let Some(name) = scan.until_zero().filter(|name| !name.is_empty())
                    && parameters.len() < MAX_PARAMETERS
                {
                    parameters.push((lossless(name), lossless(scan.text())));
                }
                Some(Self::Session(parameters))
            }
            version if version >> 16 == 2 => {
                let mut text = |length| scan.take(length).map(|text| lossless(Scan::new(text).text()));
                let (database, user) = (text(64)?, text(32)?);
                Some(Self::Session(vec![("user".to_owned(), user), ("database".to_owned(), database)]))
            }
            _ => None,
        }
    }
}

/// An error or a notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) severity: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    /// All fields, in order, as Zeek writes them.
    pub(super) text: String,
}

impl Held for Report {
    fn held(&self) -> usize {
        self.severity.held() + self.code.held() + self.message.held() + self.text.held()
    }
}

impl Report {
    /// Reads one, as since protocol 3.
    pub(super) fn read(payload: &[u8]) -> Self {
        let mut report = Self::default();
        let mut scan = Scan::new(payload);
        for _ in 0..MAX_FIELDS {
            let Some(field) = scan.u8().filter(|field| *field != 0) else { break };
            let text = lossless(scan.text());
            if !report.text.is_empty() {
                report.text.push(',');
            }
            report.text.push_str(&format!("{}={text}", field_name(field)));
            match field {
                // That in English stands behind the one in the server's language.
                b'S' | b'V' => report.severity = Some(text),
                b'C' => report.code = Some(text),
                b'M' => report.message = Some(text),
                _ => {}
            }
        }
        report
    }
}

/// The fields of errors and notices, as Zeek names them: PostgreSQL's manual, 55.8.
fn field_name(field: u8) -> String {
    let name = match field {
        b'S' => "SeverityLocalized",
        b'V' => "Severity",
        b'C' => "Code",
        b'M' => "Message",
        b'D' => "Detail",
        b'H' => "Hint",
        b'P' => "Position",
        b'p' => "InternalPosition",
        b'q' => "InternalQuery",
        b'W' => "Where",
        b's' => "Schema",
        b't' => "Table",
        b'c' => "Column",
        b'd' => "Data",
        b'n' => "Constraint",
        b'F' => "File",
        b'L' => "Line",
        b'R' => "Routine",
        other => return lossless(&[other]),
    };
    name.to_owned()
}

/// The names of the columns in a row description, and how many there are.
pub(super) fn columns(payload: &[u8]) -> Option<(u64, Vec<String>)> {
    let mut scan = Scan::new(payload);
    let count = scan.u16()?;
    let mut names = Vec::new();
    for _ in 0..usize::from(count).min(MAX_COLUMNS) {
        let Some(name) = scan.until_zero() else { break };
        names.push(lossless(name));
        let _table_column_type_size_modifier_format = scan.take(18);
    }
    Some((count.into(), names))
}

/// The rows that the tag of a finished command tells of: the last number in it.
pub(super) fn rows(tag: &str) -> Option<u64> {
    tag.rsplit(' ').next()?.parse().ok()
}
