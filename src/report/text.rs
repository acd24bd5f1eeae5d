//! Numbers, times and hostile texts, as a page shows them.
//!
//! Labels, names and findings come from files of others: [`escaped`] is the only way by which they become markup, and
//! [`json`] the only way by which they become data of a script.

use std::fmt::Write;

use serde_json::Value;

use crate::time::Timestamp;

/// Text as content or as a quoted attribute. What would not be seen, or would turn the text around it (controls, and the
/// overrides of direction), is shown by its number.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ if is_unseen(character) => out.push_str(&character.escape_unicode().to_string()),
            _ => out.push(character),
        }
    }
    out
}

/// The same for texts that a script puts on the page, which escapes markup itself.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match is_unseen(character) {
            true => out.push_str(&character.escape_unicode().to_string()),
            false => out.push(character),
        }
    }
    out
}

fn is_unseen(character: char) -> bool {
    let turns = matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    turns || character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Data for a script element: nothing in it can end that element, or begin a comment.
pub(super) fn json(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// `1,234,567`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 sample`, `2,000 samples`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Bytes in a unit in which three digits suffice: `1.23 MB`.
pub(super) fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let (mut value, mut unit) = (number as f64 / 1e3, 0);
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1e3;
        unit += 1;
    }
    format!("{} {}", three_digits(value), UNITS[unit])
}

fn three_digits(value: f64) -> String {
    match value {
        0.0..9.995 => format!("{value:.2}"),
        9.995..99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A part of a whole in percent: `12.3 %`; what is not nothing is not shown as nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    let percent = 100.0 * part as f64 / whole.max(1) as f64;
    match percent {
        _ if part > 0 && percent < 0.05 => "< 0.1 %".to_owned(),
        _ if part < whole && percent >= 99.95 => "> 99.9 %".to_owned(),
        _ => format!("{percent:.1} %"),
    }
}

/// A time between two moments, in the unit in which people would say it.
pub(super) fn seconds(value: f64) -> String {
    match value {
        ..1e-6 => format!("{:.0} ns", value * 1e9),
        1e-6..1e-3 => format!("{} µs", three_digits(value * 1e6)),
        1e-3..1.0 => format!("{} ms", three_digits(value * 1e3)),
        1.0..120.0 => format!("{} s", three_digits(value)),
        120.0..7200.0 => format!("{} min", three_digits(value / 60.0)),
        7200.0..172_800.0 => format!("{} h", three_digits(value / 3600.0)),
        172_800.0..63_072_000.0 => format!("{} days", three_digits(value / 86_400.0)),
        _ => format!("{} years", three_digits(value / 31_557_600.0)),
    }
}

/// A moment to the second, in UTC: `2024-05-17 09:30:12`.
pub(super) fn moment(time: Timestamp) -> String {
    let whole = Timestamp(time.seconds() * 1_000_000_000);
    match whole.rfc3339() {
        Some(text) => text.replace('T', " ").trim_end_matches('Z').to_owned(),
        None => format!("{} s since 1970", time.seconds()),
    }
}

/// Writes to a string, which does not fail.
macro_rules! put {
    ($out:expr, $($text:tt)*) => {{
        use std::fmt::Write as _;
        let _ = write!($out, $($text)*);
    }};
}
pub(super) use put;

/// A number with at most so many decimals, without zeros at its end: pages hold many of them.
pub(super) fn short(value: f64, decimals: usize) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write!(text, "{value:.decimals$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        let written = [0, 999, 1000, 12_345, 999_499, 999_999, u64::MAX].map(bytes);
        assert_eq!(written, ["0 B", "999 B", "1.00 kB", "12.3 kB", "999 kB", "1.00 MB", "18.4 EB"]);
        let written =
            [(0, 10), (1, 100_000), (1, 3), (99_999, 100_000), (5, 5)].map(|(part, whole)| share(part, whole));
        assert_eq!(written, ["0.0 %", "< 0.1 %", "33.3 %", "> 99.9 %", "100.0 %"]);
        let written = [0.0, 2.5e-4, 0.9, 60.0, 600.0, 1e5, 1e6, 1e8].map(seconds);
        assert_eq!(written, ["0 ns", "250 µs", "900 ms", "60.0 s", "10.0 min", "27.8 h", "11.6 days", "3.17 years"]);
        assert_eq!(moment(Timestamp(1_700_000_000_900_000_000)), "2023-11-14 22:13:20");
        assert_eq!([1.0, 0.25, 2.7134].map(|value| short(value, 2)), ["1", "0.25", "2.71"]);
        assert_eq!(short(100.0, 0), "100");
    }

    #[test]
    fn what_would_not_be_seen_is_shown() {
        assert_eq!(escaped("<b a='1'>&\u{202e}\n"), "&lt;b a=&#39;1&#39;&gt;&amp;\\u{202e}\\u{a}");
        assert_eq!(visible("<b>\u{0}"), "<b>\\u{0}");
    }

    proptest! {
        #[test]
        fn nothing_leaves_its_place(text: String) {
            let safe = escaped(&text);
            prop_assert!(!safe.contains(['<', '>', '"', '\'', '\0', '\n']));
            let data = json(&Value::String(text.clone()));
            prop_assert!(!data.contains(['<', '>', '&']));
            prop_assert_eq!(serde_json::from_str::<String>(&data).unwrap(), text);
        }
    }
}
