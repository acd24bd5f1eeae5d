//! The comment that labels a packet: `id,label[,key=value…]`.
//!
//! [`format()`] writes it, escaping what would confuse readers; [`parse`] reads it, and also what the first pcapml tools
//! wrote: the keyed form `s=0,proc=curl,…`, and positional fields after the label. A comment that is none of these is a
//! person's note and [`parse`] returns `None` for it.

use std::borrow::Cow;

use crate::packet::{Opt, PACKET_FIELD, Sample, SampleId, code, is_field_name};

/// The longest comment that pcapng can hold, in bytes.
pub const MAX_COMMENT: usize = 65_535;

/// Which form of comment to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `id,label,key=value…`, which every reader accepts.
    Positional,
    /// `s=id,proc=label,key=value…`, as the Go pcapml writes it.
    Keyed,
}

/// What a comment says: its sample, with the fields of this one packet apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The sample.
    pub sample: Sample,
    /// Fields of this packet, without their `p.`.
    pub packet_fields: Vec<(String, String)>,
}

/// The comment of a packet of this sample.
pub fn format(sample: &Sample, form: Form) -> String {
    let mut escaped = false;
    let mut safe = |text: &str| {
        let safe = escape(text);
        escaped |= matches!(safe, Cow::Owned(_));
        safe.into_owned()
    };
    let label = safe(&sample.label);
    let mut comment = match form {
        Form::Positional => format!("{},{label}", sample.id),
        Form::Keyed => format!("s={},proc={label}", sample.id),
    };
    for (key, value) in &sample.fields {
        comment.push(',');
        comment.push_str(key);
        comment.push('=');
        comment.push_str(&safe(value));
    }
    if escaped {
        comment.push_str(",e=1");
    }
    comment
}

/// Replaces what must not stand in a label or value by `%XX`, one for each UTF-8 byte.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    let mut buffer = [0; 4];
    for c in text.chars() {
        if is_unsafe(c) {
            for byte in c.encode_utf8(&mut buffer).bytes() {
                safe.push_str(&format!("%{byte:02X}"));
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, ',' | '=' | '%' | '/' | '\\')
}

/// The inverse of [`escape`]; `%` that begins no escape stands for itself.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| tail.split_first_chunk::<2>()).flatten();
        match escaped.and_then(|(digits, after)| Some((hex(*digits)?, after))) {
            Some((byte, after)) => {
                bytes.push(byte);
                rest = after;
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex([high, low]: [u8; 2]) -> Option<u8> {
    let digit = |byte| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Only the id that a comment begins with, if it labels a packet. Much faster than [`parse`].
#[inline]
pub fn id(comment: &[u8]) -> Option<SampleId> {
    let (digits, keyed) = match comment {
        [b's', b'=', rest @ ..] => (rest, true),
        other => (other, false),
    };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at_checked(end)?;
    // Without a comma only the keyed form names a sample.
    match rest.first() {
        Some(b',') => {}
        None if keyed => {}
        _ => return None,
    }
    let leading_zero = digits.len() > 1 && digits.first() == Some(&b'0');
    if digits.is_empty() || leading_zero || !is_clean(rest) {
        return None;
    }
    number(digits).map(SampleId)
}

/// True for a comment that labels nothing, or with nothing, and looks as if it were meant to: a number and a comma, or `s=`,
/// first of all.
pub fn is_broken_label(comment: &[u8]) -> bool {
    let text = comment.trim_ascii_start();
    let signed = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let digits = signed.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = signed.get(digits..).unwrap_or_default().trim_ascii_start();
    let looks = text.starts_with(b"s=") || digits > 0 && rest.starts_with(b",");
    // FORMAT.md, section 1: a label is never empty.
    let is_empty = !text.starts_with(b"s=") && matches!(rest, [b','] | [b',', b',', ..]);
    looks && (is_empty || id(comment).is_none())
}

/// A comment with another id, in the form that it has; none if it labels no packet.
pub fn with_id(comment: &[u8], new: SampleId) -> Option<Vec<u8>> {
    id(comment)?;
    let digits_at = if comment.starts_with(b"s=") { 2 } else { 0 };
    let (before, rest) = comment.split_at_checked(digits_at)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    Some([before, new.to_string().as_bytes(), rest.get(digits..)?].concat())
}

/// The number that decimal digits write, if 64 bits hold it.
#[inline]
fn number(digits: &[u8]) -> Option<u64> {
    let step = |number: u64, digit: &u8| number * 10 + u64::from(digit - b'0');
    match digits.len() {
        // 19 digits always fit.
        ..20 => Some(digits.iter().fold(0, step)),
        _ => std::str::from_utf8(digits).ok()?.parse().ok(),
    }
}

/// Tells the comments that label packets from others. Neighbours mostly say the same: the one seen last is remembered.
#[derive(Debug, Default)]
pub struct Recogniser {
    last: Vec<u8>,
    is_label: bool,
}

impl Recogniser {
    /// True if an option of a packet is a comment that names a sample.
    #[inline]
    pub fn is_label(&mut self, option: &Opt) -> bool {
        if option.code != code::OPT_COMMENT {
            return false;
        }
        if self.last != option.value {
            self.last.clear();
            self.last.extend_from_slice(option.value);
            self.is_label = id(option.text()).is_some();
        }
        self.is_label
    }
}

/// True for UTF-8 without control characters; others are nobody's label.
#[inline]
fn is_clean(text: &[u8]) -> bool {
    // Most labels are ASCII, where one look at each byte suffices.
    text.iter().all(|&byte| (0x20..0x7f).contains(&byte))
        || std::str::from_utf8(text).is_ok_and(|text| !text.chars().any(char::is_control))
}

/// What a comment says, if it labels a packet. `None`: a person's note.
pub fn parse(comment: &[u8]) -> Option<Label> {
    let id = id(comment)?;
    let text = std::str::from_utf8(comment).ok()?;
    let (segments, escaped) = match text.strip_suffix(",e=1") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let plain = |part: &str| match escaped {
        true => unescape(part),
        false => part.to_owned(),
    };
    let mut segments = segments.split(',');
    let first = segments.next()?;
    let mut label =
        Label { sample: Sample { id, label: String::new(), fields: Vec::new() }, packet_fields: Vec::new() };
    let fields = segments.map(|segment| match segment.split_once('=') {
        Some((key, value)) if is_field_name(key) => (Some(key), plain(value)),
        _ => (None, plain(segment)),
    });
    if first.starts_with("s=") {
        keyed(&mut label, fields);
    } else {
        positional(&mut label, fields, text);
    }
    Some(label)
}

fn positional<'a>(label: &mut Label, mut fields: impl Iterator<Item = (Option<&'a str>, String)>, text: &str) {
    label.sample.label = match fields.next() {
        // `12,os=linux` has no label of ours, and a foreign one that holds a `=`: nothing may be lost.
        Some((Some(_), _)) => text.split(',').nth(1).unwrap_or_default().to_owned(),
        Some((None, first)) => first,
        None => String::new(),
    };
    for (position, (key, value)) in (2..).zip(fields) {
        match key {
            Some(key) => match key.strip_prefix(PACKET_FIELD) {
                Some(key) => label.packet_fields.push((key.to_owned(), value)),
                None => label.sample.fields.push((key.to_owned(), value)),
            },
            None => label.packet_fields.push((position.to_string(), value)),
        }
    }
}

/// The Go tool's form: the label is `proc`, else `dst`; direction and destination change from packet to packet.
fn keyed<'a>(label: &mut Label, fields: impl Iterator<Item = (Option<&'a str>, String)>) {
    let mut destination = None;
    for (position, (key, value)) in (1..).zip(fields) {
        match key {
            Some("proc" | "label") if label.sample.label.is_empty() => label.sample.label = value,
            Some("dst") => destination = Some(value),
            Some(key @ ("d" | "dir")) => label.packet_fields.push((key.to_owned(), value)),
            Some(key) => match key.strip_prefix(PACKET_FIELD) {
                Some(key) => label.packet_fields.push((key.to_owned(), value)),
                None => label.sample.fields.push((key.to_owned(), value)),
            },
            None => label.packet_fields.push((position.to_string(), value)),
        }
    }
    match destination {
        Some(destination) if label.sample.label.is_empty() => label.sample.label = destination,
        Some(destination) => label.packet_fields.push(("dst".to_owned(), destination)),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::PEER_KEYS;
    use proptest::prelude::*;

    fn sample(label: &str, fields: &[(&str, &str)]) -> Sample {
        Sample {
            id: SampleId(7),
            label: label.to_owned(),
            fields: fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        }
    }

    #[test]
    fn plain_labels_stay_plain() {
        let plain = sample("mac os", &[("os", "linux"), ("browser", "firefox")]);
        assert_eq!(format(&plain, Form::Positional), "7,mac os,os=linux,browser=firefox");
        assert_eq!(format(&plain, Form::Keyed), "s=7,proc=mac os,os=linux,browser=firefox");
    }

    #[test]
    fn separators_are_escaped_and_marked() {
        let odd = sample("a,b/ü\u{85}", &[("k", "50%")]);
        assert_eq!(format(&odd, Form::Positional), "7,a%2Cb%2Fü%C2%85,k=50%25,e=1");
    }

    #[test]
    fn ids_are_replaced_and_nothing_else() {
        let new = |text: &str| with_id(text.as_bytes(), SampleId(12)).map(|text| String::from_utf8(text).unwrap());
        assert_eq!(new("7,50%2C,os=7,e=1").as_deref(), Some("12,50%2C,os=7,e=1"));
        assert_eq!(new("s=7,proc=curl,dst=s=7").as_deref(), Some("s=12,proc=curl,dst=s=7"));
        assert_eq!(new("7 packets of Joe"), None);
    }

    #[test]
    fn foreign_text_is_taken_verbatim() {
        let label = |text: &str| parse(text.as_bytes()).map(|label| label.sample.label);
        assert_eq!(label("1,50%25").as_deref(), Some("50%25"));
        assert_eq!(label("1,a=b").as_deref(), Some("a=b"));
        assert_eq!(label("1,").as_deref(), Some(""));
        assert_eq!(label("s=5").as_deref(), Some(""));
    }

    #[test]
    fn the_forms_of_the_first_tools_are_read() {
        let keyed = parse(b"s=0,proc=curl,dir=e,dst=example.com,uid=5").unwrap();
        assert_eq!(keyed.sample.label, "curl");
        assert_eq!(keyed.sample.fields, [("uid".to_owned(), "5".to_owned())]);
        assert_eq!(keyed.packet_fields.len(), 2);
        assert_eq!(parse(b"s=0,dst=example.com").unwrap().sample.label, "example.com");
        let legacy = parse(b"123,roku,probe-7").unwrap();
        assert_eq!(legacy.sample.label, "roku");
        assert_eq!(legacy.packet_fields, [("2".to_owned(), "probe-7".to_owned())]);
    }

    #[test]
    fn notes_are_not_labels() {
        for note in [
            "",
            "hello",
            "hello, world",
            "1",
            "01,web",
            "-1,web",
            "99999999999999999999,x",
            "1,two\nlines",
            "1 ,x",
            "s=x,proc=a",
        ] {
            assert_eq!(parse(note.as_bytes()), None, "{note}");
            assert_eq!(id(note.as_bytes()), None, "{note}");
        }
        assert_eq!(parse(b"1,\xff"), None);
    }

    #[test]
    fn what_was_meant_as_a_label_is_told_from_notes() {
        for broken in
            ["01,web", "-1,web", "99999999999999999999,x", "1,two\nlines", "1 ,x", "s=x,proc=a", "9,", "9,,a=b"]
        {
            assert!(is_broken_label(broken.as_bytes()), "{broken}");
        }
        for other in ["1,web", "s=5", "", "hello, world", "1", "a 1, b", "10.0.0.1, port 80"] {
            assert!(!is_broken_label(other.as_bytes()), "{other}");
        }
        assert!(is_broken_label(b"1,\xff"));
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(
            id: u64,
            label in "\\PC{1,30}|[,=%/\\\\\\x00-\\x1f\u{80}-\u{9f}a]{1,10}",
            fields in prop::collection::vec(("[a-zA-Z][a-zA-Z0-9_.-]{0,5}", any::<String>()), 0..4),
            keyed: bool,
        ) {
            prop_assume!(fields.iter().all(|(key, _)| !PEER_KEYS.contains(&key.as_str()) && key != "e" && !key.starts_with(PACKET_FIELD)));
            let sample = Sample { id: SampleId(id), label, fields };
            let form = if keyed { Form::Keyed } else { Form::Positional };
            let text = format(&sample, form);
            prop_assert_eq!(super::id(text.as_bytes()), Some(sample.id));
            let read = parse(text.as_bytes()).unwrap();
            prop_assert_eq!(read.sample, sample);
            prop_assert!(read.packet_fields.is_empty());
        }

        #[test]
        fn any_bytes_are_label_or_note(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Some(label) = parse(&bytes) {
                prop_assert_eq!(id(&bytes), Some(label.sample.id));
            }
        }
    }
}
