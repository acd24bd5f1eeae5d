//! Zeek's logs: the header lines of its tables, and records that are JSON objects.
//!
//! A table says of itself how it is divided (`#separator`) and what its columns are (`#fields`), and may say it again
//! when several logs were joined. Sources: docs.zeek.org, "Zeek Log Formats and Inspection"; IoT-23's README.

use serde_json::{Map, Value};

use super::columns::{Naming, ROLES, Role};
use super::lines::{Row, parts};
use crate::error::{Error, Result};

/// True if this is a line that only Zeek's tables begin with.
pub(super) fn begins_table(line: &[u8]) -> bool {
    [&b"#separator"[..], b"#fields", b"#set_separator"].into_iter().any(|start| line.starts_with(start))
}

/// What a table's header lines have said so far.
pub(super) struct Header {
    pub(super) separator: u8,
    pub(super) fields: Vec<String>,
    /// The last column holds several, which blanks divide, in the header and in the rows.
    pub(super) joined: bool,
}

impl Header {
    pub(super) fn new() -> Self {
        Self { separator: b'\t', fields: Vec::new(), joined: false }
    }

    /// Takes in a line that begins with `#`; true if it named the columns.
    pub(super) fn read(&mut self, row: &mut Row) -> Result<bool> {
        if let Some(text) = row.text().strip_prefix(b"#separator") {
            self.separator = separator(text.trim_ascii_start()).ok_or_else(|| {
                Error::labels("#separator does not say one character, as in '#separator \\x09'").at_line(row.line, None)
            })?;
        }
        if !row.text().starts_with(b"#fields") {
            return Ok(false);
        }
        row.split(self.separator, false)?;
        let mut fields: Vec<String> = (1..row.len()).map(|at| name(row.field(at))).collect();
        let last = fields.pop().unwrap_or_default();
        let named: Vec<String> =
            parts(last.as_bytes()).into_iter().filter_map(|(from, to)| last.get(from..to)).map(str::to_owned).collect();
        self.joined = named.len() > 1;
        fields.extend(named);
        self.fields = fields;
        Ok(true)
    }
}

/// Reads `\x09`, or the character itself.
fn separator(text: &[u8]) -> Option<u8> {
    match text {
        [b'\\', b'x', digits @ ..] => {
            let byte = u8::from_str_radix(std::str::from_utf8(digits.trim_ascii()).ok()?, 16).ok()?;
            (byte != b' ').then_some(byte)
        }
        [] => Some(b'\t'),
        [byte] => Some(*byte),
        _ => None,
    }
}

/// A column's name as text.
pub(super) fn name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A line as a JSON object.
pub(super) fn object(row: &Row) -> Result<Map<String, Value>> {
    let fault = |message: String| Error::labels(message).at_line(row.line, None);
    match serde_json::from_slice(row.text()) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(fault("JSON, but no object".to_owned())),
        Err(error) => {
            // The library counts lines within this one.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            Err(fault(format!("no JSON object: {message} at byte {}", error.column())))
        }
    }
}

/// The object's values in the order of [`ROLES`], as the fields of a row.
pub(super) fn fields_of(object: &Map<String, Value>, naming: Naming, label: Option<&str>, row: &mut Row) {
    row.clear();
    for role in ROLES {
        let names = match (role, label) {
            (Role::Label, Some(label)) => vec![label],
            _ => naming.names(role),
        };
        match names.iter().find_map(|name| value(object, name)) {
            None | Some(Value::Null) => row.push(b""),
            Some(Value::String(text)) => row.push(text.as_bytes()),
            Some(other) => row.push(other.to_string().as_bytes()),
        }
    }
}

/// The value of a key, without regard to case.
pub(super) fn value<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o Value> {
    object.get(name).or_else(|| {
        let name = name.trim();
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}
