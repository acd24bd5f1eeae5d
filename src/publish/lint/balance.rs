//! Balance: classes that are large enough, from more than one capture, and alike in every split.

use std::collections::{BTreeMap, BTreeSet};

use super::across::{Across, Place};
use super::words::{part, percent, ranked, some, some_long};
use super::{Finding, Rule, Severity, Subject};
use crate::packet::SampleId;

/// A class with fewer samples says nothing.
const TINY: usize = 10;

/// A class's shares that differ by so much in sum, halved (total variation), are told, if chance would do so less than
/// once in 1,000 times.
const DRIFT: f64 = 0.1;

/// Distributions whose cumulated shares differ by so much somewhere (Kolmogorov and Smirnov) are told, if chance would do
/// so less than once in 1,000 times.
const SHIFT: f64 = 0.2;

/// The quantile of the normal distribution, and of Kolmogorov's, that chance exceeds once in 1,000 times.
const NORMAL: f64 = 3.090;
const KOLMOGOROV: f64 = 1.949;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "balance-tiny",
        severity: Severity::Warning,
        doc: "A class has fewer than 10 samples: its scores are noise, and macro averages carry them in full.",
        look: tiny,
    },
    Rule {
        name: "balance-capture",
        severity: Severity::Warning,
        doc: "One capture file gives more than half of a class of 10 samples or more: what is learned of the class may be how that capture was made.",
        look: capture,
    },
    Rule {
        name: "balance-unsplit",
        severity: Severity::Warning,
        doc: "Samples have no split, not even `none`, or the table of splits names ids that are not there: rules about splits do not see them.",
        look: unsplit,
    },
    Rule {
        name: "balance-missing",
        severity: Severity::Warning,
        doc: "A class is not in every split: it cannot be learned, or is never scored.",
        look: missing,
    },
    Rule {
        name: "balance-drift",
        severity: Severity::Warning,
        doc: "Classes have other shares in a split than where is learned: their total variation is above 0.1, and chance would do so less than once in 1,000 times (chi-square). Accuracy depends on the shares.",
        look: drift,
    },
    Rule {
        name: "balance-shift",
        severity: Severity::Note,
        doc: "Samples of a split have other numbers of packets or bytes than where is learned: their distributions differ by more than 0.2, and chance would do so less than once in 1,000 times (Kolmogorov and Smirnov).",
        look: shift,
    },
];

fn tiny(subject: &Subject) -> Vec<Finding> {
    let labels = subject.by_label();
    let classes = labels.len();
    let tiny: Vec<_> = labels.into_iter().filter(|(_, ids)| ids.len() < TINY).collect();
    if tiny.is_empty() {
        return Vec::new();
    }
    let told = some(tiny.iter().map(|(label, ids)| format!("{label} {}", ids.len())));
    let evidence = format!("fewer than {TINY} samples in {} classes: {told}", part(tiny.len(), classes));
    let ids = tiny.into_iter().flat_map(|(_, ids)| ids).collect();
    vec![Finding::new(ids, evidence, "collect more, merge classes, or leave them out of averages")]
}

fn capture(subject: &Subject) -> Vec<Finding> {
    let mut labels: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let mut captures = BTreeSet::new();
    for sample in subject.facts.samples().all() {
        // Samples without a source are of none that could be told.
        let source = sample.field("source").unwrap_or("");
        captures.insert(source);
        *labels.entry(&sample.label).or_default().entry(source).or_default() += 1;
    }
    if captures.len() < 2 {
        return Vec::new();
    }
    let classes = labels.len();
    let most = labels.iter().filter_map(|(label, captures)| {
        let size: usize = captures.values().sum();
        let (source, count) =
            captures.iter().filter(|(source, _)| !source.is_empty()).max_by_key(|(_, count)| **count)?;
        (size >= TINY && count * 2 > size).then_some((*label, *source, *count, size))
    });
    let most: Vec<_> = most.collect();
    if most.is_empty() {
        return Vec::new();
    }
    let told = most.iter().map(|(label, source, count, size)| format!("{label}: {} in {source}", part(*count, *size)));
    let evidence = format!("one capture gives most of {} classes: {}", part(most.len(), classes), some(told));
    let of_class = |label: &str, source: &str| most.iter().any(|most| (most.0, most.1) == (label, source));
    let samples = subject.facts.samples().all().iter();
    let ids = samples.filter(|sample| of_class(&sample.label, sample.field("source").unwrap_or(""))).map(|at| at.id);
    vec![Finding::new(ids.collect(), evidence, "capture the class elsewhere and on other days; score by capture")]
}

fn unsplit(subject: &Subject) -> Vec<Finding> {
    let Some(splits) = subject.splits else { return Vec::new() };
    let all = subject.facts.samples().all();
    let left_out: BTreeSet<SampleId> = splits.left_out().collect();
    let (with, without): (Vec<SampleId>, Vec<SampleId>) =
        all.iter().map(|sample| sample.id).partition(|id| splits.of(*id).is_some());
    let forgotten: Vec<SampleId> = without.into_iter().filter(|id| !left_out.contains(id)).collect();
    let unknown = splits.len().saturating_sub(with.into_iter().collect::<BTreeSet<_>>().len());
    let told = [
        (forgotten.len(), all.len(), "samples have no split"),
        (unknown, splits.len(), "ids of the table of splits are not in the capture"),
    ];
    let told = told.into_iter().filter(|(count, ..)| *count > 0);
    let told: Vec<String> = told.map(|(count, of, what)| format!("{} {what}", part(count, of))).collect();
    match told.is_empty() {
        true => Vec::new(),
        false => vec![Finding::new(
            forgotten,
            told.join("; "),
            "make the splits of this very capture (pcapml partition); what is to be in none has the split none",
        )],
    }
}

/// How many samples of each label each split has; the first split is the one that is learned from.
fn by_split<'a>(subject: &'a Subject, across: &Across<'a>) -> Vec<(Place<'a>, BTreeMap<&'a str, usize>)> {
    let mut splits: BTreeMap<Place, BTreeMap<&str, usize>> = BTreeMap::new();
    for (number, sample) in subject.facts.samples().all().iter().enumerate() {
        if let Some(place) = across.place(number) {
            *splits.entry(place).or_default().entry(&sample.label).or_default() += 1;
        }
    }
    splits.into_iter().collect()
}

fn missing(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let splits = by_split(subject, &across);
    let labels = subject.by_label();
    let missing = splits.iter().filter_map(|(place, found)| {
        let lacking = labels.iter().filter(|(label, _)| !found.contains_key(*label));
        let sizes: Vec<(&str, usize)> = lacking.map(|(label, ids)| (*label, ids.len())).collect();
        let told =
            format!("{} lacks {} classes: {}", place.split, part(sizes.len(), labels.len()), ranked(sizes.clone()));
        (!sizes.is_empty()).then_some((told, sizes))
    });
    let (told, classes): (Vec<String>, Vec<_>) = missing.unzip();
    if told.is_empty() {
        return Vec::new();
    }
    let classes: BTreeSet<&str> = classes.into_iter().flatten().map(|(label, _)| label).collect();
    let ids = classes.iter().filter_map(|label| labels.get(label)).flatten().copied().collect();
    let remedy =
        "pcapml partition --stratify label; leave out classes that are too small, or too few groups, to be split";
    vec![Finding::new(ids, some_long(told), remedy)]
}

fn drift(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let splits = by_split(subject, &across);
    let Some(((first, learned), others)) = splits.split_first() else { return Vec::new() };
    let drifted = others.iter().filter_map(|(place, scored)| {
        let (variation, certain) = compare(learned, scored);
        (variation > DRIFT && certain).then(|| {
            let shares = largest(learned, scored);
            format!("{} against {}: {}; most: {shares}", place.split, first.split, percent(variation))
        })
    });
    let told: Vec<String> = drifted.collect();
    match told.is_empty() {
        true => Vec::new(),
        false => {
            let remedy =
                "pcapml partition --stratify label, or scores that do not depend on shares (balanced accuracy)";
            vec![Finding::new(Vec::new(), some_long(told), remedy)]
        }
    }
}

/// Total variation of two distributions of labels, and whether it is more than chance (Pearson's chi-square of the two
/// rows, its quantile by Wilson and Hilferty).
fn compare(one: &BTreeMap<&str, usize>, other: &BTreeMap<&str, usize>) -> (f64, bool) {
    let sums = [one, other].map(|counts| counts.values().sum::<usize>() as f64);
    let labels: BTreeSet<&str> = one.keys().chain(other.keys()).copied().collect();
    let (mut variation, mut square) = (0.0, 0.0);
    for label in &labels {
        let counts = [one, other].map(|counts| counts.get(label).copied().unwrap_or(0) as f64);
        variation += (counts[0] / sums[0] - counts[1] / sums[1]).abs() / 2.0;
        for (count, sum) in counts.into_iter().zip(sums) {
            let expected = (counts[0] + counts[1]) * sum / (sums[0] + sums[1]);
            square += (count - expected).powi(2) / expected;
        }
    }
    let freedom = (labels.len() as f64 - 1.0).max(1.0);
    let ninth = 2.0 / (9.0 * freedom);
    (variation, square > freedom * (1.0 - ninth + NORMAL * ninth.sqrt()).powi(3))
}

/// The labels whose shares differ most.
fn largest(one: &BTreeMap<&str, usize>, other: &BTreeMap<&str, usize>) -> String {
    let sums = [one, other].map(|counts| counts.values().sum::<usize>() as f64);
    let labels: BTreeSet<&str> = one.keys().chain(other.keys()).copied().collect();
    let share =
        |counts: &BTreeMap<&str, usize>, label: &str, sum: f64| counts.get(label).map_or(0.0, |at| *at as f64 / sum);
    let shares = labels.into_iter().map(|label| (label, share(one, label, sums[0]), share(other, label, sums[1])));
    let mut shares: Vec<_> = shares.collect();
    shares.sort_by(|a, b| (b.1 - b.2).abs().total_cmp(&(a.1 - a.2).abs()).then(a.0.cmp(b.0)));
    some(
        shares
            .iter()
            .take(3)
            .map(|(label, one, other)| format!("{label} {} instead of {}", percent(*other), percent(*one))),
    )
}

fn shift(subject: &Subject) -> Vec<Finding> {
    let Some(across) = Across::of(subject) else { return Vec::new() };
    let told: Vec<String> = [("packets", 0), ("bytes", 1)]
        .into_iter()
        .flat_map(|(what, at)| {
            let mut splits: BTreeMap<Place, Vec<u64>> = BTreeMap::new();
            for (number, (_, facts)) in subject.facts.each().enumerate() {
                if let Some(place) = across.place(number) {
                    splits.entry(place).or_default().push([facts.tally.packets, facts.tally.bytes][at]);
                }
            }
            shifted(what, splits.into_iter().collect())
        })
        .collect();
    match told.is_empty() {
        true => Vec::new(),
        false => vec![Finding::new(Vec::new(), some_long(told), "see whether the classes differ or the captures do")],
    }
}

fn shifted(what: &str, mut splits: Vec<(Place, Vec<u64>)>) -> Vec<String> {
    splits.iter_mut().for_each(|(_, values)| values.sort_unstable());
    let Some(((first, learned), others)) = splits.split_first() else { return Vec::new() };
    let median = |values: &[u64]| values[values.len() / 2];
    let told = others.iter().filter(|(_, scored)| {
        let (one, two) = (learned.len() as f64, scored.len() as f64);
        distance(learned, scored) > SHIFT.max(KOLMOGOROV * ((one + two) / (one * two)).sqrt())
    });
    told.map(|(place, scored)| {
        format!(
            "{what} of a sample of {} against {}: {} apart, the median {} instead of {}",
            place.split,
            first.split,
            percent(distance(learned, scored)),
            median(scored),
            median(learned)
        )
    })
    .collect()
}

/// The largest difference of the cumulated shares of two sorted lists.
fn distance(one: &[u64], other: &[u64]) -> f64 {
    let below =
        |values: &[u64], bound: u64| values.partition_point(|value| *value <= bound) as f64 / values.len() as f64;
    one.iter().chain(other).map(|&at| (below(one, at) - below(other, at)).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_differ_by_more_than_chance_or_not() {
        let counts = |web, mail| BTreeMap::from([("web", web), ("mail", mail)]);
        let (variation, certain) = compare(&counts(700, 300), &counts(300, 700));
        assert!((variation - 0.4).abs() < 1e-9 && certain);
        // 7 of 10 against 3 of 10 is chance: chi-square 3.2, and 10.8 would be more than that.
        assert!(!compare(&counts(7, 3), &counts(3, 7)).1);
        assert!(!compare(&counts(500, 500), &counts(520, 480)).1);
        assert_eq!(
            largest(&counts(70, 30), &counts(30, 70)),
            "mail 70.0 % instead of 30.0 %, web 30.0 % instead of 70.0 %"
        );
    }

    #[test]
    fn the_distance_is_that_of_kolmogorov_and_smirnov() {
        assert_eq!(distance(&[1, 2, 3, 4], &[1, 2, 3, 4]), 0.0);
        assert_eq!(distance(&[1, 2], &[3, 4]), 1.0);
        assert_eq!(distance(&[1, 1, 5, 9], &[1, 5, 5, 9]), 0.25);
    }
}
