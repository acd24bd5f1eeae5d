//! `pcapml score`: what predictions are worth.

mod shown;
mod truth;
mod version;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::answers::Answer;
use super::{Context, Target, count, list};
use crate::error::{Error, Result, Shown};
use crate::publish::score::{Exam, Missing, Score, Settings, classes_table, leaderboard};
use crate::rule::{Predictions, SampleLabels, Splits};
use crate::sink::TableFormat;

/// The split that is scored, if none is named.
const SPLIT: &str = "test";

/// With fewer groups, intervals say little.
const FEW_GROUPS: usize = 10;

/// What to score, and where that goes.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture, or a table of samples and labels.
    pub truth: PathBuf,
    /// Tables of predictions.
    pub predictions: Vec<PathBuf>,
    /// A table of splits.
    pub splits: Option<PathBuf>,
    /// The splits that are scored; `test` if none is named.
    pub wanted: Vec<String>,
    /// How predictions are marked.
    pub settings: Settings,
    /// Draw groups, or samples; by what is known if not given.
    pub by_group: Option<bool>,
    /// The number of bins was asked for.
    pub bins_given: bool,
    /// Where the figures go.
    pub output: Target,
    /// How they are written.
    pub format: Format,
    /// Where the figures of each class go.
    pub classes: Option<PathBuf>,
    /// Where the matrix of classes goes.
    pub confusion: Option<PathBuf>,
}

/// How figures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Aligned,
    /// A row for each table of predictions.
    Csv,
    /// Everything.
    Json,
    /// A leaderboard.
    Markdown,
}

/// What is scored, and how: what a reader of the figures must know.
struct Setting<'a> {
    request: &'a Request,
    exam: Exam,
    /// The splits that are scored; none if there are no splits.
    splits: Vec<String>,
}

/// Somebody's predictions.
struct Competitor<'a> {
    name: String,
    path: &'a Path,
    predictions: Predictions,
}

/// Scores.
///
/// # Errors
/// A table with a defect; samples that the truth does not know; an output that cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let inputs: Vec<PathBuf> =
        [&request.truth].into_iter().chain(&request.splits).chain(&request.predictions).cloned().collect();
    let target = |path: &PathBuf| Target { path: path.clone(), force: request.output.force };
    let begin = |path: &PathBuf| Answer::begin(&target(path), &inputs, context);
    let mut answer = begin(&request.output.path)?;
    let classes = request.classes.as_ref().map(begin).transpose()?;
    let matrix = request.confusion.as_ref().map(begin).transpose()?;
    let (labels, of_truth) = truth::read(&request.truth, context)?;
    let splits = request.splits.as_deref().map(Splits::read).transpose()?.or(of_truth);
    let mut setting = Setting::of(request, &labels, splits.as_ref())?;
    let competitors = competitors(&request.predictions, &labels)?;
    setting.keep_comparable(&competitors)?;
    setting.tell(context);
    version::compare(request, &labels, context)?;
    let ranked = leaderboard::ranked(setting.scores(&competitors, context)?);
    shown::write(&ranked, &setting, &mut answer)?;
    let mut others = Vec::new();
    if let Some(mut classes) = classes {
        classes.table(&classes_table(&ranked), TableFormat::Csv)?;
        others.push(classes);
    }
    if let (Some(mut matrix), [score]) = (matrix, ranked.as_slice()) {
        matrix.table(&score.confusion.matrix()?, TableFormat::Csv)?;
        others.push(matrix);
    }
    others.into_iter().try_for_each(|other| other.finish(context))?;
    answer.finish(context)
}

impl<'a> Setting<'a> {
    fn of(request: &'a Request, labels: &SampleLabels, splits: Option<&Splits>) -> Result<Self> {
        let wanted = match (splits, request.wanted.is_empty()) {
            (None, false) => {
                return Err(Error::request("--split names a split, and there is no table of splits")
                    .advise("give --splits, or a truth with a column split"));
            }
            (None, true) => Vec::new(),
            (Some(_), false) => request.wanted.clone(),
            (Some(_), true) => vec![SPLIT.to_owned()],
        };
        let exam = Exam::of(labels, splits, &wanted, request.by_group != Some(false))?;
        if request.by_group == Some(true) && !exam.has_groups() {
            return Err(Error::request("--resample group, and no sample that is scored has a group")
                .advise("give a column group, in the truth's table or in --splits"));
        }
        Ok(Self { request, exam, splits: wanted })
    }

    /// Without predictions that are missing, competitors are compared by what all of them answer.
    fn keep_comparable(&mut self, competitors: &[Competitor]) -> Result<()> {
        if !self.is_of_common() {
            return Ok(());
        }
        for one in competitors {
            self.exam.answered(&one.predictions).map_err(|error| error.in_file(one.path))?;
        }
        self.exam.keep_answered_by_all(competitors.iter().map(|one| &one.predictions))
    }

    /// True if samples are scored that all competitors answer, and no others.
    fn is_of_common(&self) -> bool {
        self.request.settings.missing == Missing::Ignored && self.request.predictions.len() > 1
    }

    fn tell(&self, context: &Context) {
        let common = if self.is_of_common() { ": what all tables answer" } else { "" };
        context.note(format!("scored: {}{common}", self.scored()));
        if self.exam.classes() == 1 && self.exam.left_out() == 0 {
            context
                .note("the truth has one class only: its labels may have been taken out, as those of a challenge are");
        }
        context.note_any(self.exam.alone(), "sample", "without a group: each stands for itself");
        if self.request.settings.bootstrap.is_some() && !self.exam.has_groups() {
            context.note(
                "intervals are of samples as if they were independent: too narrow if some share a host or capture",
            );
        }
    }

    /// How many samples of what, and of how many classes.
    fn scored(&self) -> String {
        let (samples, left_out) = (self.exam.len(), self.exam.left_out());
        let mut text = match left_out {
            0 => count(samples as u64, "sample"),
            _ => format!("{samples} of {} samples", samples + left_out),
        };
        if !self.splits.is_empty() {
            text.push_str(&format!(" of the split {}", self.splits.join(", ")));
        }
        text + ", " + &count(self.exam.classes() as u64, "class")
    }

    fn scores(&self, competitors: &[Competitor], context: &Context) -> Result<Vec<Score>> {
        if self.request.bins_given && !competitors.iter().any(|one| one.predictions.has_probabilities()) {
            return Err(Error::request("--bins is about probabilities, and there are none"));
        }
        let score = |one: &Competitor| {
            let score = self.exam.mark(&one.name, &one.predictions, &self.request.settings);
            let score = score.map_err(|error| error.in_file(one.path))?;
            self.tell_of(&score, &one.predictions, context);
            Ok(score)
        };
        competitors.iter().map(score).collect()
    }

    /// What a reader of one score must know.
    fn tell_of(&self, score: &Score, predictions: &Predictions, context: &Context) {
        let note = |text: String| context.note(format!("{}: {text}", score.name));
        let wrong = self.request.settings.missing == Missing::Wrong;
        if score.missing > 0 {
            let counted = match (wrong, self.is_of_common()) {
                (true, _) => "counted as wrong (--missing ignore leaves them out)".to_owned(),
                (false, true) => "left out of the figures of all tables".to_owned(),
                (false, false) => {
                    let rest = count(score.samples, "sample");
                    format!("left out; the figures are of {rest}, and compare with no others")
                }
            };
            note(format!("{} without a prediction: {counted}", count(score.missing, "sample")));
            if wrong && predictions.has_probabilities() {
                note("probabilities are not scored, because predictions are missing".to_owned());
            }
        }
        if score.elsewhere > 0 {
            note(format!("{} of samples that are not scored: left out", count(score.elsewhere, "prediction")));
        }
        let unsupported: Vec<_> = score.unsupported().collect();
        if !unsupported.is_empty() {
            let samples: u64 = unsupported.iter().map(|(_, counts)| counts.predicted).sum();
            let what = format!(
                "{}: {} with a label that no sample here has; such labels count in macro averages with an F1 of 0",
                score.name,
                count(samples, "prediction")
            );
            list(&what, unsupported.iter().map(|(label, counts)| format!("{label} ({})", counts.predicted)), context);
        }
        list(
            &format!("{}: columns that are no class and no p_CLASS, not used", score.name),
            predictions.unused_columns().iter().cloned(),
            context,
        );
        if let Some(calibration) = score.calibration.as_ref().filter(|calibration| calibration.disagreeing > 0) {
            note(format!("{} whose label is not the most probable class", count(calibration.disagreeing, "sample")));
        }
        if self.request.settings.bootstrap.is_some() && score.groups < FEW_GROUPS {
            note(match (score.groups, self.unit()) {
                (1, unit) => format!("one {unit}, and so no intervals"),
                (groups, unit) => format!("intervals of {groups} {unit}s say little"),
            });
        }
    }
}

/// Reads all predictions.
fn competitors<'a>(paths: &'a [PathBuf], labels: &SampleLabels) -> Result<Vec<Competitor<'a>>> {
    let mut seen = HashSet::new();
    let is_old = |path: &&PathBuf| fs::canonicalize(path).is_ok_and(|real| !seen.insert(real));
    if let Some(twice) = paths.iter().find(is_old) {
        return Err(Error::request("the same predictions twice").in_file(twice));
    }
    let read = |(path, name): (&'a PathBuf, String)| {
        Ok(Competitor { name, path, predictions: Predictions::read(path, labels)? })
    };
    paths.iter().zip(names(paths)).map(read).collect()
}

/// A name for each table: that of its file, or its whole path where others are named alike.
fn names(paths: &[PathBuf]) -> Vec<String> {
    let stem = |path: &PathBuf| Shown(path.file_stem().map_or(path.as_path(), Path::new)).to_string();
    let mut seen = HashSet::new();
    match paths.iter().all(|path| seen.insert(stem(path))) {
        true => paths.iter().map(stem).collect(),
        false => paths.iter().map(|path| Shown(path).to_string()).collect(),
    }
}
