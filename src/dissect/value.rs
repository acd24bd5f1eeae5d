//! The values of records, and how they are written as JSON.

use std::io::Write as _;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::held::Held;
use crate::packet::AddressText;
use crate::table::{Cell, ColumnKind};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing is known.
    Missing,
    /// Yes or no.
    Flag(bool),
    /// A number that is not negative.
    Count(u64),
    /// A number.
    Integer(i64),
    /// A real number.
    Real(f64),
    /// A length of time, in nanoseconds.
    Interval(i64),
    /// A moment, in nanoseconds since 1970.
    Time(i64),
    /// Text.
    Text(String),
    /// Bytes that may be text: as text if they are UTF-8, else in JSON in base64, which `…_encoding` beside them
    /// says, and in tables with `\xNN`.
    Bytes(Vec<u8>),
    /// An address.
    Address(IpAddr),
    /// Several, of one kind.
    List(Vec<Value>),
    /// Named ones.
    Object(Vec<(&'static str, Value)>),
}

/// A length of time, in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interval(pub i64);

/// A moment, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Time(pub i64);

/// Bytes that may be text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// What can be a field of a record.
pub trait FieldValue: Held {
    /// The kind of its column where records are tables. Lists and objects are JSON in a column of text.
    const KIND: ColumnKind;

    /// As a value.
    fn value(self) -> Value;
}

macro_rules! field_values {
    ($($type:ty => $kind:ident, $value:ident: $how:expr;)*) => {
        $(impl FieldValue for $type {
            const KIND: ColumnKind = ColumnKind::$kind;

            fn value(self) -> Value {
                let how: fn($type) -> _ = $how;
                Value::$value(how(self))
            }
        })*
    };
}

field_values! {
    bool => Count, Flag: |yes| yes;
    u8 => Count, Count: u64::from;
    u16 => Count, Count: u64::from;
    u32 => Count, Count: u64::from;
    u64 => Count, Count: |number| number;
    i64 => Integer, Integer: |number| number;
    f64 => Real, Real: |number| number;
    String => Text, Text: |text| text;
    &'static str => Text, Text: str::to_owned;
    Interval => Real, Interval: |interval| interval.0;
    Time => Time, Time: |time| time.0;
    Bytes => Text, Bytes: |bytes| bytes.0;
    IpAddr => Address, Address: |address| address;
}

impl<T: FieldValue> FieldValue for Option<T> {
    const KIND: ColumnKind = T::KIND;

    fn value(self) -> Value {
        self.map_or(Value::Missing, T::value)
    }
}

/// A list that is empty is one of nothing, and not unknown: for that there is `Option`.
impl<T: FieldValue> FieldValue for Vec<T> {
    const KIND: ColumnKind = ColumnKind::Text;

    fn value(self) -> Value {
        Value::List(self.into_iter().map(T::value).collect())
    }
}

impl Value {
    /// True if nothing is known.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// Appends it as JSON.
    pub fn json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Missing => out.extend_from_slice(b"null"),
            Self::Flag(yes) => out.extend_from_slice(if *yes { b"true" } else { b"false" }),
            Self::Count(number) => out.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes()),
            Self::Integer(number) => out.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes()),
            Self::Real(number) if number.is_finite() => {
                // Writing to memory cannot fail.
                let _ = write!(out, "{number}");
            }
            Self::Real(_) => out.extend_from_slice(b"null"),
            Self::Interval(time) | Self::Time(time) => seconds(*time, out),
            Self::Text(text) => string(text, out),
            Self::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => string(text, out),
                Err(_) => string(&STANDARD.encode(bytes), out),
            },
            Self::Address(address) => {
                out.push(b'"');
                out.extend_from_slice(AddressText::of(*address).as_str().as_bytes());
                out.push(b'"');
            }
            Self::List(values) => list(values, out),
            Self::Object(members) => object(members.iter().map(|(name, value)| (*name, value)), out),
        }
    }

    /// As a cell of a table.
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Self::Missing => Cell::Missing,
            Self::Flag(yes) => Cell::Count((*yes).into()),
            Self::Count(number) => Cell::Count(*number),
            Self::Integer(number) => Cell::Integer(*number),
            Self::Real(number) => Cell::Real(*number),
            Self::Interval(time) => Cell::Real(*time as f64 / 1e9),
            Self::Time(time) => Cell::Time(*time),
            Self::Text(text) => Cell::Text(text.as_str().into()),
            Self::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Cell::Text(text.into()),
                Err(_) => Cell::Text(super::text::lossless(bytes).into()),
            },
            Self::Address(address) => Cell::Address(*address),
            Self::List(_) | Self::Object(_) => {
                let mut text = Vec::new();
                self.json(&mut text);
                Cell::Text(String::from_utf8_lossy(&text).into_owned().into())
            }
        }
    }
}

/// Appends an object: members that are known, and beside bytes that are no text how they are encoded.
pub fn object<'a>(members: impl Iterator<Item = (&'a str, &'a Value)>, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut first = true;
    for (name, value) in members.filter(|(_, value)| !value.is_missing()) {
        member(name, value, &mut first, out);
    }
    out.push(b'}');
}

/// Appends one member of an object, behind a comma unless it is the first.
pub fn member(name: &str, value: &Value, first: &mut bool, out: &mut Vec<u8>) {
    if !std::mem::take(first) {
        out.push(b',');
    }
    match name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'@' | b'-')) {
        true => {
            out.push(b'"');
            out.extend_from_slice(name.as_bytes());
            out.push(b'"');
        }
        false => string(name, out),
    }
    out.push(b':');
    value.json(out);
    if let Value::Bytes(bytes) = value
        && std::str::from_utf8(bytes).is_err()
    {
        member(&format!("{name}_encoding"), &Value::Text("base64".to_owned()), first, out);
    }
}

fn list(values: &[Value], out: &mut Vec<u8>) {
    out.push(b'[');
    for (number, value) in values.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        value.json(out);
    }
    out.push(b']');
}

fn string(text: &str, out: &mut Vec<u8>) {
    // Every text has a form in JSON, and writing to memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

/// Appends nanoseconds as seconds with nine decimals.
pub fn seconds(nanoseconds: i64, out: &mut Vec<u8>) {
    const SECOND: u64 = 1_000_000_000;
    if nanoseconds < 0 {
        out.push(b'-');
    }
    let size = nanoseconds.unsigned_abs();
    out.extend_from_slice(itoa::Buffer::new().format(size / SECOND).as_bytes());
    let point = out.len();
    // A one before the nine digits keeps their leading zeros; the point takes its place.
    out.extend_from_slice(itoa::Buffer::new().format(SECOND + size % SECOND).as_bytes());
    if let Some(one) = out.get_mut(point) {
        *one = b'.';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_nine_decimals() {
        let told = |time| {
            let mut out = Vec::new();
            Value::Time(time).json(&mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(told(0), "0.000000000");
        assert_eq!(told(1_700_000_000_000_000_001), "1700000000.000000001");
        assert_eq!(told(-1_500_000_000), "-1.500000000");
        assert_eq!(told(i64::MIN), "-9223372036.854775808");
    }

    #[test]
    fn bytes_that_are_text_are_the_same_text_everywhere() {
        let cell = |bytes: &[u8]| match Value::Bytes(bytes.to_vec()).cell() {
            Cell::Text(text) => text.into_owned(),
            cell => panic!("{cell:?}"),
        };
        assert_eq!(cell("a\r\n\tä\"".as_bytes()), "a\r\n\tä\"");
        assert_eq!(cell(b"a\n\xff"), "a\\x0a\\xff");
    }
}
