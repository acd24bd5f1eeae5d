//! A classifier that looks at one field: for each of its values, or intervals of them, the label that most samples have.
//!
//! After R. C. Holte, "Very Simple Classification Rules Perform Well on Most Commonly Used Datasets", Machine Learning
//! 11 (1993), 63–91. Whatever one field tells, this finds; what it does not find may still be there in several.

/// Samples of one label that an interval must have before it ends: Holte's SMALL.
const SMALL: u64 = 6;

/// How values are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Each stands for itself. One that was not seen gets the label that most samples have.
    Name,
    /// They have an order: intervals end where, after [`SMALL`] samples of its label, another label is more frequent.
    Number,
}

/// A sample: the value of the field, the number of its label, the part that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Case {
    pub(super) value: u128,
    pub(super) label: usize,
    pub(super) part: usize,
}

/// The rule for some values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bin {
    /// The least value that was seen.
    pub(super) from: u128,
    /// The greatest.
    pub(super) to: u128,
    /// What is predicted.
    pub(super) label: usize,
    /// Of so many samples, that is right.
    pub(super) right: u64,
    /// Samples with these values.
    pub(super) of: u64,
}

/// How many of how many were predicted right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Score {
    pub(super) right: u64,
    pub(super) of: u64,
}

impl Score {
    /// The share, from 0 to 1; 0 of none.
    pub(super) fn share(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.right as f64 / self.of as f64 }
    }
}

/// Labels, counted; of equally frequent ones, that of the lowest number is the most frequent.
struct Counts {
    of: Vec<u64>,
    seen: Vec<usize>,
    best: usize,
    sum: u64,
}

impl Counts {
    fn new(labels: usize) -> Self {
        Self { of: vec![0; labels], seen: Vec::new(), best: 0, sum: 0 }
    }

    fn add(&mut self, label: usize, count: u64) {
        if self.of[label] == 0 {
            self.seen.push(label);
        }
        self.of[label] += count;
        self.sum += count;
        let better = |count: u64, label: usize| (count, std::cmp::Reverse(label));
        if self.sum == count || better(self.of[label], label) > better(self.of[self.best], self.best) {
            self.best = label;
        }
    }

    fn best_count(&self) -> u64 {
        self.of[self.best]
    }

    fn join(&mut self, other: &Self) {
        other.seen.iter().for_each(|&label| self.add(label, other.of[label]));
    }

    fn clear(&mut self) {
        self.seen.drain(..).for_each(|label| self.of[label] = 0);
        (self.best, self.sum) = (0, 0);
    }

    fn bin(&self, from: u128, to: u128) -> Bin {
        Bin { from, to, label: self.best, right: self.best_count(), of: self.sum }
    }
}

/// The rules that samples of some parts teach, by ascending values. `cases` are ascending.
pub(super) fn bins(cases: &[Case], labels: usize, scale: Scale, teaches: impl Fn(usize) -> bool) -> Vec<Bin> {
    let mut bins: Vec<Bin> = Vec::new();
    let (mut bin, mut value) = (Counts::new(labels), Counts::new(labels));
    let mut range = None;
    for same in cases.chunk_by(|one, other| one.value == other.value) {
        value.clear();
        same.iter().filter(|case| teaches(case.part)).for_each(|case| value.add(case.label, 1));
        if value.sum == 0 {
            continue;
        }
        let at = same[0].value;
        let is_full = scale == Scale::Name || bin.best_count() >= SMALL && bin.best != value.best;
        if let Some((from, to)) = range.filter(|_| is_full) {
            bins.push(bin.bin(from, to));
            bin.clear();
            range = None;
        }
        bin.join(&value);
        range = Some((range.map_or(at, |(from, _)| from), at));
    }
    bins.extend(range.map(|(from, to)| bin.bin(from, to)));
    bins
}

/// What samples of some parts teach, asked of those of others.
pub(super) fn score(
    cases: &[Case],
    labels: usize,
    scale: Scale,
    (teaches, asked): (impl Fn(usize) -> bool, impl Fn(usize) -> bool),
) -> Score {
    let bins = bins(cases, labels, scale, &teaches);
    let mut all = Counts::new(labels);
    cases.iter().filter(|case| teaches(case.part)).for_each(|case| all.add(case.label, 1));
    let predict = |value: u128| {
        let behind = bins.partition_point(|bin| bin.from <= value);
        let found = match scale {
            Scale::Name => bins.get(behind.wrapping_sub(1)).filter(|bin| bin.from == value),
            Scale::Number => bins.get(behind.saturating_sub(1)),
        };
        found.map_or(all.best, |bin| bin.label)
    };
    let mut score = Score::default();
    for same in cases.chunk_by(|one, other| one.value == other.value) {
        let predicted = predict(same[0].value);
        for case in same.iter().filter(|case| asked(case.part)) {
            score.of += 1;
            score.right += u64::from(case.label == predicted);
        }
    }
    score
}

/// Each part asked what all others teach.
pub(super) fn cross_validated(cases: &[Case], labels: usize, scale: Scale, parts: usize) -> Score {
    let each = (0..parts).map(|part| score(cases, labels, scale, (|other| other != part, |other| other == part)));
    each.fold(Score::default(), |sum, score| Score { right: sum.right + score.right, of: sum.of + score.of })
}

/// How often guessing the most frequent label is right.
pub(super) fn majority(cases: &[Case], labels: usize, asked: impl Fn(usize) -> bool) -> Score {
    let mut counts = Counts::new(labels);
    cases.iter().filter(|case| asked(case.part)).for_each(|case| counts.add(case.label, 1));
    Score { right: counts.best_count(), of: counts.sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cases(of: &[(u128, usize)]) -> Vec<Case> {
        let mut cases: Vec<Case> =
            of.iter().enumerate().map(|(at, &(value, label))| Case { value, label, part: at % 2 }).collect();
        cases.sort_unstable();
        cases
    }

    #[test]
    fn intervals_end_where_another_label_begins() {
        let of: Vec<_> = (0..20).map(|value| (value, usize::from(value >= 8))).chain([(3, 1)]).collect();
        let found = bins(&cases(&of), 2, Scale::Number, |_| true);
        let told: Vec<_> = found.iter().map(|bin| (bin.from, bin.to, bin.label, bin.right, bin.of)).collect();
        assert_eq!(told, [(0, 7, 0, 8, 9), (8, 19, 1, 12, 12)]);
        // Fewer than six of a label make no interval.
        let of: Vec<_> = (0..20).map(|value| (value, usize::from(value >= 5))).collect();
        assert_eq!(bins(&cases(&of), 2, Scale::Number, |_| true).len(), 1);
    }

    #[test]
    fn values_that_were_not_seen() {
        let of: Vec<_> = (0..40).map(|value| (value, usize::from(value >= 20))).collect();
        let (names, numbers) =
            (cross_validated(&cases(&of), 2, Scale::Name, 2), cross_validated(&cases(&of), 2, Scale::Number, 2));
        // As names, they say nothing of each other; as numbers, they do, but where an interval ends between those asked.
        assert_eq!((names, numbers), (Score { right: 20, of: 40 }, Score { right: 39, of: 40 }));
    }

    /// Plainly: for each value of a name, the label that most of the others' samples have.
    fn plainly(cases: &[Case], part: usize, labels: usize) -> u64 {
        let most = |of: &dyn Fn(&Case) -> bool| {
            let count = |label: usize| cases.iter().filter(|case| case.label == label && of(case)).count();
            (0..labels).rev().max_by_key(|label| count(*label)).filter(|label| count(*label) > 0)
        };
        let asked = cases.iter().filter(|case| case.part == part);
        let right = asked.filter(|asked| {
            let same = most(&|case| case.part != part && case.value == asked.value);
            same.or_else(|| most(&|case| case.part != part)).unwrap_or(0) == asked.label
        });
        right.count() as u64
    }

    proptest! {
        #[test]
        fn names_are_counted_as_plainly(of in prop::collection::vec((0_u128..6, 0_usize..4), 0..60)) {
            let cases = cases(&of);
            let expected: u64 = (0..2).map(|part| plainly(&cases, part, 4)).sum();
            prop_assert_eq!(cross_validated(&cases, 4, Scale::Name, 2), Score { right: expected, of: of.len() as u64 });
        }

        #[test]
        fn every_sample_is_in_one_interval(of in prop::collection::vec((0_u128..30, 0_usize..4), 1..80)) {
            let cases = cases(&of);
            let bins = bins(&cases, 4, Scale::Number, |_| true);
            prop_assert_eq!(bins.iter().map(|bin| bin.of).sum::<u64>(), of.len() as u64);
            prop_assert!(bins.windows(2).all(|pair| pair[0].to < pair[1].from));
            prop_assert!(bins.iter().rev().skip(1).all(|bin| bin.right >= SMALL));
        }
    }
}
