//! What is asked: samples, what they are, and their groups.

use std::collections::{BTreeMap, BTreeSet};

use super::calibration::Calibration;
use super::{Answer, Missing, Score, Settings};
use crate::error::{Error, Result};
use crate::packet::SampleId;
use crate::publish::confusion::NONE;
use crate::publish::lists::{CHALLENGE_LABELS, WITHHELD};
use crate::publish::partition::CHALLENGE;
use crate::rule::{Chances, Predictions, SampleLabels, Splits};

/// How many names a message lists.
const LISTED: usize = 10;

/// The samples that are asked for.
#[derive(Debug)]
pub struct Exam {
    questions: Vec<Question>,
    /// Samples that were asked for, and are not scored, because some competitor has no prediction.
    left_out: Vec<SampleId>,
}

/// One sample.
#[derive(Debug)]
struct Question {
    id: SampleId,
    label: String,
    group: u32,
    /// It has no group, and is one of its own.
    alone: bool,
}

/// A group: samples that share it, or one that has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Group<'a> {
    Named(&'a str),
    Alone(SampleId),
}

impl Exam {
    /// The samples of these splits, or all if there are no splits. They are grouped as the splits say, and where these say
    /// nothing as the labels' table does, unless each is to stand for itself.
    ///
    /// # Errors
    /// A split without samples; samples of a split whose label is not known; no samples at all.
    pub fn of(labels: &SampleLabels, splits: Option<&Splits>, wanted: &[String], grouped: bool) -> Result<Self> {
        if let Some(splits) = splits {
            check(labels, splits, wanted)?;
        }
        let is_wanted =
            |id| splits.is_none_or(|splits| splits.of(id).is_some_and(|split| wanted.iter().any(|name| name == split)));
        let asked: Vec<(SampleId, &str)> = labels.iter().filter(|(id, _)| is_wanted(*id)).collect();
        if asked.is_empty() {
            return Err(Error::request("no sample has a label, so that there is nothing to score"));
        }
        let is_hidden = |id| splits.is_none_or(|splits| splits.of(id) == Some(CHALLENGE));
        let hidden = asked.iter().filter(|(id, label)| *label == WITHHELD && is_hidden(*id)).count();
        if hidden == asked.len() || hidden > 0 && splits.is_some() {
            return Err(kept_back(hidden));
        }
        let of_splits = |id| splits.and_then(|splits| splits.membership(id)?.group.as_deref());
        let group = |id| match of_splits(id).or_else(|| labels.group(id)).filter(|_| grouped) {
            Some(name) => Group::Named(name),
            None => Group::Alone(id),
        };
        let groups: BTreeSet<Group<'_>> = asked.iter().map(|(id, _)| group(*id)).collect();
        let numbers: BTreeMap<Group<'_>, u32> = groups.into_iter().zip(0..).collect();
        let question = |(id, label): (SampleId, &str)| {
            let group = group(id);
            Question { id, label: label.to_owned(), group: numbers[&group], alone: group == Group::Alone(id) }
        };
        let questions: Vec<Question> = asked.into_iter().map(question).collect();
        match questions.iter().any(|question| question.label == NONE) {
            true => Err(reserved()),
            false => Ok(Self { questions, left_out: Vec::new() }),
        }
    }

    /// Leaves out what not every one of these competitors has a prediction for: scores of different samples compare nothing.
    ///
    /// # Errors
    /// If nothing is left.
    pub fn keep_answered_by_all<'a>(&mut self, all: impl Iterator<Item = &'a Predictions> + Clone) -> Result<()> {
        let is_answered = |question: &Question| all.clone().all(|one| one.of(question.id).is_some());
        let (kept, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.questions).into_iter().partition(is_answered);
        self.left_out.extend(others.into_iter().map(|question| question.id));
        self.questions = kept;
        match self.questions.is_empty() {
            true => {
                Err(Error::request("no sample has a prediction in all tables, so that there is nothing to compare")
                    .advise("score them one by one, or count what is missing as wrong"))
            }
            false => Ok(()),
        }
    }

    /// How many samples are scored.
    pub fn len(&self) -> usize {
        self.questions.len()
    }

    /// How many samples are not scored, because some competitor has no prediction.
    pub fn left_out(&self) -> usize {
        self.left_out.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// True if some samples share a group, or could.
    pub fn has_groups(&self) -> bool {
        self.questions.iter().any(|question| !question.alone)
    }

    /// How many samples have no group, where others have one.
    pub fn alone(&self) -> u64 {
        let alone = || self.questions.iter().filter(|question| question.alone).count() as u64;
        if self.has_groups() { alone() } else { 0 }
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.questions.iter().map(|question| &question.label).collect::<BTreeSet<_>>().len()
    }

    /// How many of the samples that were asked for have a prediction.
    ///
    /// # Errors
    /// If none has.
    pub fn answered(&self, predictions: &Predictions) -> Result<usize> {
        let asked = self.questions.iter().map(|question| question.id).chain(self.left_out.iter().copied());
        match asked.filter(|id| predictions.of(*id).is_some()).count() {
            0 => Err(Error::request("no prediction is for any of the samples that are scored")),
            answered => Ok(answered),
        }
    }

    /// Marks predictions.
    ///
    /// # Errors
    /// No prediction for any of the samples; a label that stands for none.
    pub fn mark(&self, name: &str, predictions: &Predictions, settings: &Settings) -> Result<Score> {
        let given = |question: &Question| predictions.of(question.id);
        let answered = self.answered(predictions)?;
        let counted: Vec<&Question> = self
            .questions
            .iter()
            .filter(|question| settings.missing == Missing::Wrong || given(question).is_some())
            .collect();
        let mut names: BTreeSet<&str> = counted.iter().map(|question| question.label.as_str()).collect();
        names.extend(counted.iter().filter_map(|question| given(question)).map(|given| predictions.label(given.label)));
        if names.contains(NONE) {
            return Err(reserved());
        }
        let numbers: BTreeMap<&str, u32> = names.iter().copied().zip(0..).collect();
        let answer = |question: &&Question| Answer {
            group: question.group,
            pair: (
                numbers[question.label.as_str()],
                given(question).map(|given| numbers[predictions.label(given.label)]),
            ),
        };
        let answers: Vec<Answer> = counted.iter().map(answer).collect();
        let score = Score::of(names.into_iter().map(str::to_owned).collect(), &answers, settings);
        let all_given = counted.iter().all(|question| given(question).is_some());
        let chances = self.chances(predictions).filter(|_| all_given);
        Ok(Score {
            name: name.to_owned(),
            missing: (self.len() + self.left_out() - answered) as u64,
            elsewhere: (predictions.len() - answered) as u64 + predictions.unjudged(),
            calibration: chances.and_then(|chances| Calibration::of(&chances, settings.bins)),
            ..score
        })
    }

    /// The probabilities, each with whether the label is right.
    fn chances(&self, predictions: &Predictions) -> Option<Vec<(Chances, bool)>> {
        if !predictions.has_probabilities() {
            return None;
        }
        let chances = |question: &Question| {
            let given = predictions.of(question.id)?;
            Some((given.chances?, predictions.label(given.label) == question.label))
        };
        Some(self.questions.iter().filter_map(chances).collect())
    }
}

/// Sees that each split has samples, and each sample of it a label.
fn check(labels: &SampleLabels, splits: &Splits, wanted: &[String]) -> Result<()> {
    let mut asked: BTreeMap<&str, Vec<SampleId>> = wanted.iter().map(|name| (name.as_str(), Vec::new())).collect();
    let mut there = BTreeSet::new();
    for (id, of) in splits.iter() {
        let split = of.split.as_str();
        there.insert(split);
        if let Some(ids) = asked.get_mut(split) {
            ids.push(id);
        }
    }
    for (name, ids) in asked {
        if ids.is_empty() {
            let shown: Vec<&str> = there.iter().take(LISTED).copied().collect();
            let more = if there.len() > LISTED { " …" } else { "" };
            return Err(Error::request(format!("no sample is in the split '{name}'"))
                .advise(format!("name one by --split; there are: {}{more}", shown.join(", "))));
        }
        let unknown: BTreeSet<SampleId> = ids.into_iter().filter(|id| labels.of(*id).is_none()).collect();
        if let Some(first) = unknown.first() {
            if name == CHALLENGE {
                return Err(kept_back(unknown.len()));
            }
            let text =
                format!("the truth lacks {} of the samples of the split '{name}', the first is {first}", unknown.len());
            return Err(Error::request(text).advise("see that truth and splits are of one version of the dataset"));
        }
    }
    Ok(())
}

/// The truth is what was given out of a challenge.
fn kept_back(samples: usize) -> Error {
    let samples = if samples == 1 { "1 sample is".to_owned() } else { format!("{samples} samples are") };
    Error::request(format!("the labels of a challenge are kept back, and {samples} of one in the truth"))
        .advise(format!("who has them names them: --truth {CHALLENGE_LABELS}, as pcapml partition writes it"))
}

fn reserved() -> Error {
    Error::request(format!("a label is '{NONE}', which stands for no prediction"))
        .advise("leave out samples without a prediction")
}
