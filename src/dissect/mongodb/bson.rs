//! BSON, as JSON: <https://bsonspec.org/spec.html>, and MongoDB's Extended JSON v2, relaxed for numbers and canonical for
//! dates. Decimal numbers are their bytes in hexadecimal digits; the scope of code and the id of a pointer are left out.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::dissect::scan::Scan;
use crate::dissect::text::{hex, lossless};

/// Documents inside documents, at most: MongoDB takes 100.
const MAX_DEPTH: usize = 100;

/// Of binary values, so many bytes are told.
const MAX_BINARY: usize = 256;

/// A value, of which not everything may be there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bson<'a> {
    Double(f64),
    Text(&'a [u8]),
    /// The bytes of a document, its length before it included.
    Document(&'a [u8]),
    Array(&'a [u8]),
    Binary(u8, &'a [u8]),
    Id(&'a [u8]),
    Flag(bool),
    /// Milliseconds since 1970.
    Date(i64),
    Integer(i64),
    /// Seconds since 1970, and a number among those of one second.
    Timestamp(u32, u32),
    /// A regular expression and its options.
    Pattern(&'a [u8], &'a [u8]),
    /// What has no value: null, undefined, the smallest and the largest key.
    Word(&'static str),
    /// Others, by their name in Extended JSON: a text, or bytes.
    Other(&'static str, &'a [u8]),
}

/// The elements of a document, up to its end, or to what is missing.
#[derive(Debug, Clone)]
pub(super) struct Elements<'a> {
    scan: Scan<'a>,
}

/// The elements of a document.
pub(super) fn elements(document: &[u8]) -> Elements<'_> {
    let mut scan = Scan::new(document);
    let length = scan.u32_le().map_or(0, |length| length as usize);
    let inside = scan.rest().get(..length.saturating_sub(4)).unwrap_or(scan.rest());
    Elements { scan: Scan::new(inside) }
}

/// The element of a document that has this name.
pub(super) fn get<'a>(document: &'a [u8], name: &str) -> Option<Bson<'a>> {
    elements(document).find(|(known, _)| *known == name.as_bytes()).map(|(_, value)| value)
}

impl<'a> Iterator for Elements<'a> {
    type Item = (&'a [u8], Bson<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.read();
        if found.is_none() {
            self.scan = Scan::default();
        }
        found
    }
}

impl<'a> Elements<'a> {
    fn read(&mut self) -> Option<(&'a [u8], Bson<'a>)> {
        let kind = self.scan.u8().filter(|kind| *kind != 0)?;
        let name = self.scan.until_zero()?;
        let scan = &mut self.scan;
        let value = match kind {
            0x01 => Bson::Double(scan.f64_le()?),
            0x02 => Bson::Text(text(scan)?),
            0x03 => Bson::Document(document(scan)?),
            0x04 => Bson::Array(document(scan)?),
            0x05 => {
                let length = scan.u32_le()?;
                let kind = scan.u8()?;
                Bson::Binary(kind, up_to(scan, length as usize))
            }
            0x06 => Bson::Word("undefined"),
            0x07 => Bson::Id(scan.take(12)?),
            0x08 => Bson::Flag(scan.u8()? != 0),
            0x09 => Bson::Date(scan.i64_le()?),
            0x0a => Bson::Word("null"),
            0x0b => Bson::Pattern(scan.until_zero()?, scan.until_zero()?),
            0x0c => {
                let space = text(scan)?;
                let _id = scan.take(12)?;
                Bson::Other("$dbPointer", space)
            }
            0x0d => Bson::Other("$code", text(scan)?),
            0x0e => Bson::Other("$symbol", text(scan)?),
            0x0f => {
                let length = scan.u32_le()?;
                let inside = up_to(scan, (length as usize).saturating_sub(4));
                Bson::Other("$code", text(&mut Scan::new(inside))?)
            }
            0x10 => Bson::Integer(scan.i32_le()?.into()),
            0x11 => {
                let number = scan.u32_le()?;
                Bson::Timestamp(scan.u32_le()?, number)
            }
            0x12 => Bson::Integer(scan.i64_le()?),
            0x13 => Bson::Other("$numberDecimal", scan.take(16)?),
            0xff => Bson::Word("$minKey"),
            0x7f => Bson::Word("$maxKey"),
            _ => return None,
        };
        Some((name, value))
    }
}

/// A text behind its length, without the zero byte at its end.
fn text<'a>(scan: &mut Scan<'a>) -> Option<&'a [u8]> {
    let length = scan.u32_le()?.checked_sub(1)? as usize;
    let text = up_to(scan, length);
    let _zero = scan.u8();
    Some(text)
}

/// A document, its length included.
fn document<'a>(scan: &mut Scan<'a>) -> Option<&'a [u8]> {
    let mut ahead = *scan;
    let length = ahead.u32_le().filter(|length| *length >= 5)?;
    Some(up_to(scan, length as usize))
}

/// So many bytes, or what is there of them.
fn up_to<'a>(scan: &mut Scan<'a>, length: usize) -> &'a [u8] {
    let length = length.min(scan.rest().len());
    scan.take(length).unwrap_or_default()
}

impl<'a> Bson<'a> {
    /// A text.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Other("$symbol", text) => Some(lossless(text)),
            _ => None,
        }
    }

    /// A number, as a whole one.
    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Double(number) => Some(*number as i64),
            Self::Integer(number) => Some(*number),
            Self::Flag(yes) => Some((*yes).into()),
            _ => None,
        }
    }

    /// A document.
    pub(super) fn document(&self) -> Option<&'a [u8]> {
        match self {
            Self::Document(document) => Some(document),
            _ => None,
        }
    }

    /// Bytes; or the bytes of a text, as some clients send them.
    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Binary(_, bytes) | Self::Text(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Writes documents as JSON, up to a length.
#[derive(Debug)]
pub(super) struct Json<'a> {
    out: String,
    limit: usize,
    /// Names of elements that are left out.
    hidden: &'a [&'a str],
    /// Not everything is written.
    pub(super) cut: bool,
}

impl<'a> Json<'a> {
    pub(super) fn new(limit: usize, hidden: &'a [&'a str]) -> Self {
        Self { out: String::new(), limit, hidden, cut: false }
    }

    /// A document, and what it takes to write it.
    pub(super) fn document(mut self, document: &[u8]) -> (String, bool) {
        self.members(document, true, 0);
        (self.out, self.cut)
    }

    fn members(&mut self, document: &[u8], named: bool, depth: usize) {
        self.out.push(if named { '{' } else { '[' });
        let mut first = true;
        for (name, value) in elements(document) {
            if self.hidden.iter().any(|hidden| hidden.as_bytes() == name) {
                continue;
            }
            if self.out.len() > self.limit || depth >= MAX_DEPTH {
                self.cut = true;
                break;
            }
            if !std::mem::take(&mut first) {
                self.out.push(',');
            }
            if named {
                self.string(name);
                self.out.push(':');
            }
            self.value(&value, depth + 1);
        }
        self.out.push(if named { '}' } else { ']' });
    }

    fn value(&mut self, value: &Bson, depth: usize) {
        // Writing to memory cannot fail.
        let _ = match value {
            Bson::Double(number) if number.is_finite() => write!(self.out, "{number}"),
            Bson::Double(number) => {
                let text = if number.is_nan() {
                    "NaN"
                } else if *number > 0.0 {
                    "Infinity"
                } else {
                    "-Infinity"
                };
                write!(self.out, "{{\"$numberDouble\":\"{text}\"}}")
            }
            Bson::Text(text) => return self.string(text),
            Bson::Document(document) => return self.members(document, true, depth),
            Bson::Array(array) => return self.members(array, false, depth),
            Bson::Binary(kind, bytes) => {
                let kept = bytes.get(..MAX_BINARY).unwrap_or(bytes);
                self.cut |= kept.len() < bytes.len();
                let text = STANDARD.encode(kept);
                write!(self.out, "{{\"$binary\":{{\"base64\":\"{text}\",\"subType\":\"{kind:02x}\"}}}}")
            }
            Bson::Id(bytes) => write!(self.out, "{{\"$oid\":\"{}\"}}", hex(bytes)),
            Bson::Flag(yes) => write!(self.out, "{yes}"),
            Bson::Date(time) => write!(self.out, "{{\"$date\":{{\"$numberLong\":\"{time}\"}}}}"),
            Bson::Integer(number) => write!(self.out, "{number}"),
            Bson::Word(word) if word.starts_with('$') => write!(self.out, "{{\"{word}\":1}}"),
            Bson::Word(_) => write!(self.out, "null"),
            Bson::Timestamp(time, number) => write!(self.out, "{{\"$timestamp\":{{\"t\":{time},\"i\":{number}}}}}"),
            Bson::Pattern(pattern, options) => {
                self.out.push_str("{\"$regularExpression\":{\"pattern\":");
                self.string(pattern);
                self.out.push_str(",\"options\":");
                self.string(options);
                write!(self.out, "}}}}")
            }
            Bson::Other(name @ "$numberDecimal", bytes) => write!(self.out, "{{\"{name}\":\"{}\"}}", hex(bytes)),
            Bson::Other(name, text) => {
                self.out.push_str("{\"");
                self.out.push_str(name);
                self.out.push_str("\":");
                self.string(text);
                write!(self.out, "}}")
            }
        };
    }

    /// A text, as far as there is room for it.
    fn string(&mut self, text: &[u8]) {
        let room = self.limit.saturating_sub(self.out.len()).max(64);
        self.cut |= room < text.len();
        let text = match std::str::from_utf8(text.get(..room).unwrap_or(text)) {
            Ok(text) => text.to_owned(),
            Err(_) => lossless(text.get(..room).unwrap_or(text)),
        };
        self.out.push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn values_have_the_forms_of_extended_json() {
        for (element, told) in [
            (&b"\x01a\0\0\0\0\0\0\0\xf0\x7f"[..], r#"{"$numberDouble":"Infinity"}"#),
            (b"\x09a\0\x05\0\0\0\0\0\0\0", r#"{"$date":{"$numberLong":"5"}}"#),
            (b"\x0ba\0x\"y\0im\0", r#"{"$regularExpression":{"pattern":"x\"y","options":"im"}}"#),
            (b"\x11a\0\x02\0\0\0\x01\0\0\0", r#"{"$timestamp":{"t":1,"i":2}}"#),
            (b"\xffa\0", r#"{"$minKey":1}"#),
        ] {
            let document = [&(element.len() as u32 + 5).to_le_bytes()[..], element, &[0]].concat();
            assert_eq!(Json::new(1_000, &[]).document(&document), (format!("{{\"a\":{told}}}"), false));
        }
    }
}
