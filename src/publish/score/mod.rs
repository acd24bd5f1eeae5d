//! How good predictions are.
//!
//! An [`Exam`] is what is asked: the samples of some splits, what each is, and the group that it was assigned with. It
//! marks predictions and gives a [`Score`]: accuracy, averages, each class, what is taken for what, intervals from
//! resampling groups ([`bootstrap`]), and what the probabilities are worth ([`calibration`]). Its promises:
//!
//! - All figures are those of scikit-learn with `zero_division=0`, over the classes that truth or predictions name.
//! - A sample without a prediction is wrong in all figures, or counts in none: whoever asks says which. Where several are
//!   compared, it then counts for none of them: all figures are of the same samples.
//! - The same tables give the same figures, whatever the order of their rows.

pub mod bootstrap;
pub mod calibration;
mod exam;
pub mod leaderboard;
mod object;
mod shown;

use std::collections::BTreeMap;

pub use exam::Exam;
pub use shown::classes_table;

use self::bootstrap::{Bootstrap, Interval};
use self::calibration::Calibration;
use super::classes;
use super::confusion::{Confusion, NONE};
use super::metrics::{Averages, Counts, ratio};

/// The figures that have intervals, and that predictions are compared by.
pub const FIGURES: [&str; 5] = ["macro_f1", "accuracy", "balanced_accuracy", "micro_f1", "weighted_f1"];

/// The values of [`FIGURES`].
pub type Figures = [f64; FIGURES.len()];

/// What samples without a prediction are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Wrong.
    Wrong,
    /// Left out.
    Ignored,
}

/// How predictions are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// What samples without a prediction are.
    pub missing: Missing,
    /// How intervals are found, if they are asked for.
    pub bootstrap: Option<Bootstrap>,
    /// How many bins of confidence calibration has.
    pub bins: usize,
}

/// What predictions are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Whose predictions.
    pub name: String,
    /// Samples that count.
    pub samples: u64,
    /// Samples without a prediction.
    pub missing: u64,
    /// Predictions of samples that were not asked for; rows of them, where each class has one.
    pub elsewhere: u64,
    /// The classes by name, and what is counted of each.
    pub classes: Vec<(String, Counts)>,
    /// What is taken for what; a missing prediction that counts is `(none)`.
    pub confusion: Confusion,
    /// The figures that have intervals.
    pub figures: Figures,
    /// Their intervals; none if they were not asked for, or there are not two groups.
    pub intervals: Option<[Interval; FIGURES.len()]>,
    /// How many groups the samples that count are in; samples where there are no groups.
    pub groups: usize,
    /// What the probabilities are worth; none if there are none, or if predictions are missing that count as wrong.
    pub calibration: Option<Calibration>,
}

/// A sample that counts.
#[derive(Debug, Clone, Copy)]
struct Answer {
    group: u32,
    pair: Pair,
}

/// What a sample is, and what it was taken for if it was, by numbers of classes.
type Pair = (u32, Option<u32>);

/// Counts of samples.
#[derive(Debug, Clone, Default)]
struct Tally {
    classes: Vec<Counts>,
    samples: u64,
    correct: u64,
}

impl Tally {
    fn new(classes: usize) -> Self {
        Self { classes: vec![Counts::default(); classes], ..Self::default() }
    }

    fn clear(&mut self) {
        self.classes.fill(Counts::default());
        (self.samples, self.correct) = (0, 0);
    }

    /// Takes so many samples in.
    fn add(&mut self, (truth, given): Pair, number: u64) {
        self.samples += number;
        self.classes[truth as usize].support += number;
        if let Some(given) = given {
            self.classes[given as usize].predicted += number;
        }
        if given == Some(truth) {
            self.classes[truth as usize].correct += number;
            self.correct += number;
        }
    }

    /// In the order of [`FIGURES`].
    fn figures(&self) -> Figures {
        let averages = Averages::of(&self.classes);
        [
            averages.macro_.f1,
            ratio(self.correct, self.samples),
            averages.balanced_accuracy,
            averages.micro.f1,
            averages.weighted.f1,
        ]
    }
}

impl Score {
    /// The score of these answers, without what is known of predictions and probabilities.
    fn of(names: Vec<String>, answers: &[Answer], settings: &Settings) -> Self {
        let mut tally = Tally::new(names.len());
        let mut pairs: BTreeMap<Pair, u64> = BTreeMap::new();
        for answer in answers {
            tally.add(answer.pair, 1);
            *pairs.entry(answer.pair).or_default() += 1;
        }
        let groups = bootstrap::groups(answers);
        let intervals = settings.bootstrap.filter(|_| groups.len() > 1);
        Self {
            name: String::new(),
            samples: tally.samples,
            missing: 0,
            elsewhere: 0,
            figures: tally.figures(),
            intervals: intervals.map(|bootstrap| bootstrap.intervals(&groups, names.len())),
            groups: groups.len(),
            calibration: None,
            confusion: confusion(&names, &pairs),
            classes: names.into_iter().zip(tally.classes).collect(),
        }
    }

    /// The averages over classes.
    pub fn averages(&self) -> Averages {
        classes::averages(&self.classes)
    }

    /// Labels that are predicted and never true here: they count in macro averages, with an F1 of 0.
    pub fn unsupported(&self) -> impl Iterator<Item = &(String, Counts)> {
        self.classes.iter().filter(|(_, counts)| counts.support == 0)
    }
}

fn confusion(names: &[String], pairs: &BTreeMap<Pair, u64>) -> Confusion {
    let mut names = names.to_vec();
    let none = names.len();
    if pairs.keys().any(|(_, given)| given.is_none()) {
        names.push(NONE.to_owned());
    }
    let cell = |(&(truth, given), &count): (&Pair, &u64)| {
        ((truth as usize, given.map_or(none, |given| given as usize)), count)
    };
    Confusion { cells: pairs.iter().map(cell).collect(), names }
}

#[cfg(test)]
mod tests;
