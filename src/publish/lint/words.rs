//! Numbers and lists in the evidence of findings.

pub(super) use crate::publish::words::count;

/// How many things a list tells before it counts the rest.
const SHOWN: usize = 5;

/// A part of a whole: `3 of 40 (7.5 %)`.
pub(super) fn part(part: usize, whole: usize) -> String {
    match whole {
        0 => format!("{part} of 0"),
        _ => format!("{part} of {whole} ({})", percent(part as f64 / whole as f64)),
    }
}

/// A share, in percent: whole ones are exact, and what is not quite all is not told to be.
pub(super) fn percent(share: f64) -> String {
    let tenths = (share * 1000.0).round();
    let tenths = if share < 1.0 { tenths.min(999.0) } else { tenths };
    let tenths = if share > 0.0 { tenths.max(1.0) } else { tenths };
    format!("{:.1} %", tenths / 10.0)
}

/// The first few of a list.
pub(super) fn some(things: impl IntoIterator<Item = String>) -> String {
    some_by(things, ", ")
}

/// The first few of a list of things that have commas in them.
pub(super) fn some_long(things: impl IntoIterator<Item = String>) -> String {
    some_by(things, "; ")
}

fn some_by(things: impl IntoIterator<Item = String>, between: &str) -> String {
    let mut things = things.into_iter();
    let mut text = things.by_ref().take(SHOWN).collect::<Vec<_>>().join(between);
    // What knows how many there are need not make them.
    let more = match things.size_hint() {
        (least, Some(most)) if least == most => least,
        _ => things.count(),
    };
    if more > 0 {
        text.push_str(&format!("{}and {more} more", if between == ", " { " " } else { between }));
    }
    text
}

/// The largest of some counts first; of equals, by name.
pub(super) fn ranked<'a>(counts: impl IntoIterator<Item = (&'a str, usize)>) -> String {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(one, first), (other, second)| second.cmp(first).then(one.cmp(other)));
    some(counts.into_iter().map(|(name, count)| format!("{name} {count}")))
}

/// A duration in its largest whole unit, roughly.
pub(super) fn duration(nanoseconds: u64) -> String {
    let seconds = nanoseconds as f64 / 1e9;
    match seconds {
        ..1.0 => format!("{:.1} ms", seconds * 1e3),
        ..120.0 => format!("{seconds:.1} s"),
        ..7_200.0 => format!("{:.1} min", seconds / 60.0),
        ..172_800.0 => format!("{:.1} h", seconds / 3_600.0),
        _ => format!("{:.1} days", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_all_is_not_told_to_be() {
        assert_eq!([0.0, 1e-9, 0.9999, 1.0].map(percent), ["0.0 %", "0.1 %", "99.9 %", "100.0 %"]);
        assert_eq!(part(3, 40), "3 of 40 (7.5 %)");
        assert_eq!(part(0, 0), "0 of 0");
    }

    #[test]
    fn long_lists_are_counted() {
        assert_eq!(some((1..=7).map(|at| at.to_string())), "1, 2, 3, 4, 5 and 2 more");
        assert_eq!(some_long((1..=6).map(|at| format!("{at}, or so"))).split("; ").last(), Some("and 1 more"));
        assert_eq!(ranked([("b", 1), ("c", 9), ("a", 1)]), "c 9, a 1, b 1");
        assert_eq!([5_000_000, 90_000_000_000, 7_200_000_000_000].map(duration), ["5.0 ms", "90.0 s", "2.0 h"]);
    }
}
