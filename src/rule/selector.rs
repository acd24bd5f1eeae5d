//! Selectors: which packets a rule speaks of.
//!
//! `part *( "|" part )` with `BPF:`, `TS_START:`, `TS_END:` and `FILE:`. A filter may itself hold `|` and `:`, so that a
//! part ends only where the next one really begins.

use unicode_normalization::UnicodeNormalization;

use crate::packet::{Packet, Sample, SampleId};
use crate::time::Timestamp;

const PARTS: [&str; 4] = ["BPF:", "TS_START:", "TS_END:", "FILE:"];

/// The nanoseconds from the start of a second to its end.
const REST_OF_SECOND: i128 = 999_999_999;

/// Which packets a rule speaks of: those of a file, that pass a filter, within a window of time. What is not given does
/// not restrict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// Relative to the dataset's root.
    pub file: Option<String>,
    /// A filter of pcap-filter(7), trimmed, its runs of white space made one space.
    pub filter: Option<String>,
    start: Option<Timestamp>,
    end: Option<End>,
}

/// The end of a window, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    time: Timestamp,
    /// Written as a whole second, which is covered to its end.
    whole_second: bool,
}

impl End {
    fn last(self) -> Timestamp {
        match self.whole_second {
            true => Timestamp(self.time.0 + REST_OF_SECOND),
            false => self.time,
        }
    }
}

impl Selector {
    /// All packets of a file.
    ///
    /// # Errors
    /// What is wrong with the path.
    pub fn of_file(path: &str) -> Result<Self, String> {
        Ok(Self { file: Some(relative_path(path)?), ..Self::default() })
    }

    /// Reads a selector.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut selector = Self::default();
        for (prefix, value) in parts(text)? {
            let taken = match prefix {
                "FILE:" => selector.file.replace(relative_path(value.trim())?).is_some(),
                "BPF:" => selector.filter.replace(filter_text(value)?).is_some(),
                "TS_START:" => selector.start.replace(Timestamp::parse(value.trim())?.0).is_some(),
                _ => {
                    let (time, whole_second) = Timestamp::parse(value.trim())?;
                    selector.end.replace(End { time, whole_second }).is_some()
                }
            };
            if taken {
                return Err(format!("{prefix} stands twice in one selector"));
            }
        }
        match (selector.start, selector.end) {
            (Some(start), Some(end)) if end.last() < start => Err("the window ends before it starts".to_owned()),
            _ => Ok(selector),
        }
    }

    /// The one text of all selectors that mean the same: what a sample's id is made of.
    pub fn canonical(&self) -> String {
        let mut parts = Vec::new();
        if let Some(file) = &self.file {
            parts.push(format!("FILE:{file}"));
        }
        if let Some(filter) = &self.filter {
            parts.push(format!("BPF:{filter}"));
        }
        if let Some(start) = self.start {
            parts.push(format!("TS_START:{}", seconds(start)));
        }
        if let Some(end) = self.end {
            let text = seconds(end.time);
            let exact = !end.whole_second && !text.contains('.');
            parts.push(format!("TS_END:{text}{}", if exact { ".0" } else { "" }));
        }
        parts.join("|")
    }

    /// The id of the sample that this selector alone makes.
    pub fn sample_id(&self, namespace: &str) -> SampleId {
        use crate::packet::Key;
        match &self.file {
            Some(file) if !self.is_conditional() => SampleId::of(namespace, Key::File(file)),
            _ => SampleId::of(namespace, Key::Rule(&self.canonical())),
        }
    }

    /// True if some packets of its file may not match.
    pub fn is_conditional(&self) -> bool {
        self.filter.is_some() || self.start.is_some() || self.end.is_some()
    }

    /// The first and last nanosecond of its window; none if it has no window.
    pub fn window(&self) -> Option<(i128, i128)> {
        let first = self.start.map_or(i128::MIN, |start| start.0);
        let last = self.end.map_or(i128::MAX, |end| end.last().0);
        (self.start.is_some() || self.end.is_some()).then_some((first, last))
    }

    /// True if the packet's time lies in the window; without a time it lies in none.
    #[inline]
    pub fn covers(&self, packet: &Packet) -> bool {
        if self.start.is_none() && self.end.is_none() {
            return true;
        }
        packet.time().is_some_and(|time| {
            self.start.is_none_or(|start| start <= time) && self.end.is_none_or(|end| time <= end.last())
        })
    }

    /// A short name for messages about a rule of this selector.
    pub fn shown(&self, sample: &Sample) -> String {
        format!("{} -> {}", self.canonical(), sample.label)
    }
}

/// Splits a selector where a known part begins.
fn parts(text: &str) -> Result<Vec<(&'static str, &str)>, String> {
    let begins = |text: &str| PARTS.into_iter().find(|part| text.starts_with(part));
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let Some(prefix) = begins(rest) else {
            return Err(format!("'{rest}' begins with none of BPF:, TS_START:, TS_END: and FILE:"));
        };
        let body = &rest[prefix.len()..];
        let next = body.match_indices('|').map(|(at, _)| at).find(|at| begins(body[at + 1..].trim_start()).is_some());
        match next {
            Some(at) => {
                found.push((prefix, &body[..at]));
                rest = body[at + 1..].trim_start();
            }
            None => {
                found.push((prefix, body));
                return Ok(found);
            }
        }
    }
}

/// True if a text begins like a part of a selector.
pub(super) fn begins_like_one(text: &str) -> bool {
    PARTS.iter().any(|part| text.starts_with(part))
}

fn filter_text(text: &str) -> Result<String, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.is_empty() {
        true => Err("BPF: without a filter".to_owned()),
        false => Ok(words.join(" ")),
    }
}

/// Seconds without trailing zeros.
fn seconds(time: Timestamp) -> String {
    let text = time.to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A path below the dataset's root in its one form: `/` between names, NFC, no `./`.
///
/// # Errors
/// If the path is empty, absolute, or leads out of the root.
pub fn relative_path(path: &str) -> Result<String, String> {
    if path.starts_with('/') {
        return Err(format!("'{path}' is absolute: write it relative to the dataset's root"));
    }
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    if names.contains(&"..") {
        return Err(format!("'{path}' leads out of the dataset's root"));
    }
    if names.is_empty() {
        return Err("an empty file name".to_owned());
    }
    Ok(names.join("/").nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{Interface, LinkType, Options};
    use crate::time::Resolution;
    use proptest::prelude::*;

    fn canonical(text: &str) -> String {
        Selector::parse(text).unwrap().canonical()
    }

    #[test]
    fn filters_may_hold_separators() {
        let text = "BPF:tcp[13] & 2 != 0 || icmp or ether host 0:1:2:3:4:5|TS_START:5";
        assert_eq!(canonical(text), text);
        assert_eq!(canonical("BPF:host 3f65::1"), "BPF:host 3f65::1");
    }

    #[test]
    fn one_text_for_one_meaning() {
        let want = "FILE:a/b.pcap|BPF:tcp port 443|TS_START:1700000000|TS_END:1700003600.5";
        assert_eq!(
            canonical("TS_END:1700003600.500 | TS_START:2023-11-14T22:13:20Z|BPF:  tcp \t port 443 |FILE:./a//b.pcap"),
            want
        );
        assert_eq!(canonical("TS_START:5.0|TS_END:5.0"), "TS_START:5|TS_END:5.0");
        assert_eq!(canonical("TS_END:5"), "TS_END:5");
        assert_eq!(relative_path("u\u{308}.pcap").unwrap(), "\u{fc}.pcap");
    }

    #[test]
    fn defects_are_named() {
        for (text, fault) in [
            ("", "begins with none"),
            ("host 1.2.3.4", "begins with none"),
            ("BPF: ", "without a filter"),
            ("BPF:ip|BPF:tcp", "twice"),
            ("TS_START:x", "no time"),
            ("TS_START:6|TS_END:5", "ends before"),
            ("FILE:/etc/passwd", "absolute"),
            ("FILE:a/../../b", "out of"),
            ("FILE:", "empty"),
        ] {
            let error = Selector::parse(text).unwrap_err();
            assert!(error.contains(fault), "{text}: {error}");
        }
    }

    #[test]
    fn a_whole_second_is_covered_to_its_end() {
        let interface = Interface {
            number: 0,
            link_type: LinkType(1),
            byte_order: crate::packet::ByteOrder::Little,
            snap_len: 0,
            resolution: Resolution::NANOSECONDS,
            states_resolution: true,
            offset: 0,
            options: Vec::new(),
        };
        let at = |raw| Packet {
            number: 1,
            place: (1, 0),
            interface: &interface,
            raw_time: raw,
            bytes: &[],
            original_length: 0,
            options: Options::NONE,
            block: &[],
            drops: None,
        };
        let whole = Selector::parse("TS_START:5|TS_END:5").unwrap();
        let exact = Selector::parse("TS_START:5|TS_END:5.0").unwrap();
        for (time, in_whole, in_exact) in [
            (Some(4_999_999_999), false, false),
            (Some(5_000_000_000), true, true),
            (Some(5_999_999_999), true, false),
            (Some(6_000_000_000), false, false),
            (None, false, false),
        ] {
            assert_eq!(whole.covers(&at(time)), in_whole, "{time:?}");
            assert_eq!(exact.covers(&at(time)), in_exact, "{time:?}");
        }
        assert!(Selector::parse("TS_START:5|TS_END:5").is_ok());
    }

    proptest! {
        #[test]
        fn canonical_text_is_its_own(
            file in prop::option::of("[a-zü.]{1,5}(/[a-z]{1,5}){0,2}"),
            filter in prop::option::of("[a-z0-9:|&\\[\\] ]{0,20}[a-z]"),
            start in prop::option::of(0_i64..1000),
            end in prop::option::of((1000_i64..2000, 0..1000)),
        ) {
            let mut parts = Vec::new();
            if let Some(file) = file { parts.push(format!("FILE:{file}")); }
            if let Some(filter) = filter { parts.push(format!("BPF:{filter}")); }
            if let Some(start) = start { parts.push(format!("TS_START:{start}")); }
            if let Some((whole, part)) = end { parts.push(format!("TS_END:{whole}.{part:03}")); }
            prop_assume!(!parts.is_empty());
            if let Ok(selector) = Selector::parse(&parts.join("|")) {
                let text = selector.canonical();
                prop_assert_eq!(Selector::parse(&text).unwrap(), selector);
            }
        }
    }
}
