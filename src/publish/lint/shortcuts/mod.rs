//! Shortcuts: single fields that tell the label, so that a model need not learn anything else.
//!
//! Each field is given to a classifier that can do nothing but look it up ([`one_rule`]). It is asked about samples that it
//! has not seen, twice: with samples put into parts at random, which is what a benchmark with a random split measures, and
//! with groups kept whole ([`Groups`]), which says whether the field tells labels, or only where samples come from. Which
//! fields there are stands in [`clues`].

mod clues;

pub(super) use clues::RULES;
use clues::{Clue, Cure, Of};

use super::across::{Across, LEARNED, SCORED};
use super::groups::{FOLDS, Groups};
use super::one_rule::{self, Bin, Case, Scale, Score};
use super::words::some;
use super::{Finding, Subject};
use crate::dataset::{Profile, SampleFacts};
use crate::redact::Field;

/// A field is asked if at least so many samples have it …
const FEWEST: usize = 30;

/// … and so large a share of all.
const SMALLEST_SHARE: f64 = 0.1;

/// Standard deviations of chance that a field must be better by: some forty are asked, of two ends.
const DEVIATIONS: f64 = 3.5;

/// Rules that evidence tells.
const SHOWN: usize = 3;

/// A field of one end, or of a sample: its values, by the samples' numbers.
fn values(subject: &Subject, of: &Of, end: usize) -> Vec<Option<u128>> {
    let each = subject.facts.each().zip(subject.profiles);
    let value = |((_, facts), profile): ((_, &SampleFacts), &Profile)| match of {
        Of::Ends(of) => profile.fields.ends.get(end).and_then(of),
        Of::Sample(of) => of(&profile.fields),
        Of::Facts(of) => of(facts),
    };
    each.map(value).collect()
}

fn look(subject: &Subject, clue: &Clue) -> Vec<Finding> {
    let ends: &[&str] = match clue.of {
        Of::Ends(_) => &["initiator's ", "responder's "],
        _ => &[""],
    };
    let each = ends.iter().enumerate();
    each.filter_map(|(end, whose)| find(subject, clue, &values(subject, &clue.of, end), whose)).collect()
}

/// What one field was worth.
struct Worth {
    scale: Scale,
    majority: Score,
    at_random: Score,
    /// How many samples have labels that several groups have.
    of_several: usize,
    /// With groups kept whole, and by guessing: of these, if they are not too few.
    by_group: Option<(Score, Score)>,
    /// Learned from what is to be learned from, and asked of what is to be scored: right, and by guessing.
    split: Option<(Score, Score)>,
}

/// The labels and parts of samples: the same for all fields.
#[derive(Debug)]
pub(super) struct Samples {
    labels: Vec<String>,
    label_of: Vec<usize>,
    at_random: Vec<usize>,
    groups: Groups,
    splits: Option<LearnedAndScored>,
}

/// Splits that are learned from, and splits that are scored, if there are both.
#[derive(Debug)]
struct LearnedAndScored {
    /// The turn of each sample's split; none of samples that are in none.
    turns: Vec<Option<usize>>,
    /// The names of those that are learned from, and of those that are scored.
    names: [String; 2],
}

impl LearnedAndScored {
    fn of(subject: &Subject) -> Option<Self> {
        let across = Across::of(subject)?;
        let sizes = across.sizes();
        let names = [LEARNED, SCORED].map(|turn| {
            let of_turn = sizes.keys().filter(|place| place.turn == turn);
            some(of_turn.map(|place| place.split.to_owned()))
        });
        let turn = |sample| across.place(sample).map(|place| place.turn);
        let both = names.iter().all(|names| !names.is_empty());
        both.then(|| Self { turns: (0..subject.profiles.len()).map(turn).collect(), names })
    }
}

/// The samples that have a field, by number, ascending by its value.
type Ascending = [(u128, usize)];

impl Samples {
    pub(super) fn of(subject: &Subject) -> Self {
        let all = subject.facts.samples().all();
        let labels: Vec<&str> = subject.by_label().into_keys().collect();
        let label_of = all.iter().map(|sample| labels.binary_search(&sample.label.as_str()).unwrap_or(0)).collect();
        Self {
            label_of,
            labels: labels.into_iter().map(str::to_owned).collect(),
            at_random: all.iter().map(|sample| (mixed(sample.id.0) % FOLDS as u64) as usize).collect(),
            groups: Groups::of(subject),
            splits: LearnedAndScored::of(subject),
        }
    }

    /// The samples that have a field, each in its part.
    fn cases(&self, field: &Ascending, part: impl Fn(usize) -> usize) -> Vec<Case> {
        let case = |&(value, sample): &(u128, usize)| Case { value, label: self.label_of[sample], part: part(sample) };
        field.iter().map(case).collect()
    }

    fn worth(&self, field: &Ascending, scale: Scale) -> Worth {
        let labels = self.labels.len();
        let cases = self.cases(field, |sample| self.at_random[sample]);
        // Of a label that is in one group, nothing can be learned where that is not.
        let group_and_label = |&(_, sample): &(u128, usize)| (self.groups.group(sample), self.label_of[sample]);
        let deal = self.groups.deal(field.iter().map(group_and_label), labels);
        let mut grouped = self.cases(field, |sample| deal.part(self.groups.group(sample)));
        grouped.retain(|case| deal.several(case.label));
        let by_group = (grouped.len() >= FEWEST).then(|| {
            let right = one_rule::cross_validated(&grouped, labels, scale, deal.folds());
            (right, one_rule::majority(&grouped, labels, |_| true))
        });
        let split = self.splits.as_ref().map(|splits| {
            let cases = self.cases(field, |sample| splits.turns[sample].unwrap_or(usize::MAX));
            let right = one_rule::score(&cases, labels, scale, (|turn| turn == LEARNED, |turn| turn == SCORED));
            (right, one_rule::majority(&cases, labels, |turn| turn == SCORED))
        });
        Worth {
            scale,
            majority: one_rule::majority(&cases, labels, |_| true),
            at_random: one_rule::cross_validated(&cases, labels, scale, FOLDS),
            of_several: grouped.len(),
            by_group,
            split,
        }
    }
}

/// A number that looks random, of one that need not: the output of SplitMix64 (Steele, Lea and Flood, 2014).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

/// True if a field is better than guessing by so large a share of what guessing leaves, and not by chance: `independent`
/// is how many of those asked say something of their own.
fn is_better(right: Score, guessed: Score, threshold: f64, independent: f64) -> bool {
    let (right, guessed) = (right.share(), guessed.share());
    let chance = (guessed * (1.0 - guessed) / independent).sqrt();
    right > guessed && right - guessed >= threshold * (1.0 - guessed) && right - guessed > DEVIATIONS * chance
}

fn find(subject: &Subject, clue: &Clue, values: &[Option<u128>], whose: &str) -> Option<Finding> {
    let mut field: Vec<(u128, usize)> =
        values.iter().zip(0..).filter_map(|(value, sample)| Some(((*value)?, sample))).collect();
    let present = field.len();
    // A field that is always the same tells nothing.
    if present < FEWEST
        || (present as f64) < SMALLEST_SHARE * values.len() as f64
        || field.iter().all(|(value, _)| *value == field[0].0)
    {
        return None;
    }
    field.sort_unstable();
    let samples = subject.kept.shortcuts.get_or_init(|| Samples::of(subject));
    let worths = clue.scales.iter().map(|scale| samples.worth(&field, *scale));
    let worth = worths.max_by_key(|worth| worth.at_random.right)?;
    let threshold = subject.threshold;
    let random = is_better(worth.at_random, worth.majority, threshold, present as f64);
    let groups = samples.groups.count as f64;
    let group = worth.by_group.is_some_and(|(right, guessed)| is_better(right, guessed, threshold, groups));
    let split = worth.split.is_some_and(|(right, guessed)| is_better(right, guessed, threshold, guessed.of as f64));
    if !(random || group || split) {
        return None;
    }
    let bins = one_rule::bins(
        &samples.cases(&field, |sample| samples.at_random[sample]),
        samples.labels.len(),
        worth.scale,
        |_| true,
    );
    let evidence = evidence(&worth, samples, &format!("the {whose}{}", clue.what), values.len());
    let evidence = format!("{evidence}; {}", examples(bins, samples, |value| (clue.shown)(value, subject)));
    // What holds in groups that were not seen, at least half of what holds at random, is no matter of groups.
    let gain = |right: Score, guessed: Score| {
        (right.share() - guessed.share()) / (1.0 - guessed.share()).max(f64::MIN_POSITIVE)
    };
    let at_random = gain(worth.at_random, worth.majority);
    let holds = worth.by_group.map(|(right, guessed)| gain(right, guessed) >= at_random / 2.0);
    let mut finding = Finding::new(Vec::new(), evidence, remedy(clue, (holds, worth.of_several), &samples.groups));
    if let Cure::Mask(field) = clue.cure {
        finding.disallow = vec![field.name()];
    }
    Some(finding)
}

fn percent(score: Score) -> String {
    format!("{:.1} %", score.share() * 100.0)
}

fn evidence(worth: &Worth, samples: &Samples, what: &str, all: usize) -> String {
    let of = match worth.majority.of {
        of if of == all as u64 => format!("{of} samples"),
        of => format!("the {of} samples of {all} that have it"),
    };
    let (right, guessed) = (percent(worth.at_random), percent(worth.majority));
    let mut text = format!("{what} alone tells the label of {right} of {of}, guessing the most frequent one {guessed}");
    let Groups { common, count, .. } = samples.groups;
    match worth.by_group {
        Some((right, guessed)) => {
            let (names, of) = (common.name(), right.of);
            let (right, guessed) = (percent(right), percent(guessed));
            text += &format!(
                "; with the {count} {names} kept apart, {right} of the {of} whose label several have (guessing {guessed})"
            );
        }
        None if worth.of_several > 0 => {
            text += &format!(
                "; the labels of only {} are in several {}, too few to say whether it holds elsewhere",
                worth.of_several,
                common.name()
            )
        }
        None => {
            let theirs = if worth.majority.of == all as u64 { "" } else { " of these" };
            text += &format!(
                "; no labels{theirs} are in several {}, so that nothing says whether it holds elsewhere",
                common.name()
            )
        }
    }
    if let (Some((right, guessed)), Some(splits)) = (worth.split, &samples.splits) {
        let ([learned, scored], right, guessed) = (&splits.names, percent(right), percent(guessed));
        text += &format!("; learned from {learned}, {right} of {scored} (guessing {guessed})");
    }
    text
}

/// The rules that are right most often.
fn examples(mut bins: Vec<Bin>, samples: &Samples, shown: impl Fn(u128) -> String) -> String {
    bins.sort_by_key(|bin| (std::cmp::Reverse(bin.right), bin.from));
    let told = |bin: &Bin| {
        let values =
            if bin.from == bin.to { shown(bin.from) } else { format!("{} to {}", shown(bin.from), shown(bin.to)) };
        format!("{values}: {} ({} of {})", samples.labels[bin.label], bin.right, bin.of)
    };
    let texts: Vec<String> = bins.iter().take(SHOWN).map(told).collect();
    format!("such as {}", texts.join(", "))
}

fn remedy(clue: &Clue, (holds, of_several): (Option<bool>, usize), groups: &Groups) -> String {
    let (names, how) = (groups.common.name(), groups.common.partition());
    let why = match holds {
        Some(true) => {
            "it holds where it was not learned: it is what the label means, or how all of it was recorded".to_owned()
        }
        Some(false) => format!("it tells {names} apart rather than labels: keep them whole in splits ({how})"),
        None if of_several > 0 => format!("record more of each label in several {names}"),
        None => format!("record each label in several {names}"),
    };
    match &clue.cure {
        Cure::Mask(Field::Port) => {
            format!("{why}; where labels are services and ports are how they are known, say so, else disallow port")
        }
        Cure::Mask(field) => format!("{why}; disallow {field}, or collect each label with all its values"),
        Cure::Advice(advice) => format!("{why}; {advice}"),
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_mixed_as_published() {
        // The first numbers of the generator with the seed 0.
        assert_eq!(mixed(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mixed(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn chance_is_no_finding() {
        let score = |right, of| Score { right, of };
        assert!(is_better(score(100, 100), score(50, 100), 0.3, 100.0));
        assert!(!is_better(score(60, 100), score(50, 100), 0.3, 100.0), "too little");
        assert!(!is_better(score(21, 30), score(15, 30), 0.3, 30.0), "by chance");
        assert!(!is_better(score(50, 50), score(50, 50), 0.0, 50.0), "one label");
    }
}
