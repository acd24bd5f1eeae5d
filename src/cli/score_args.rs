//! The options of `score`, and the request that they become.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::args::Force;
use super::compare_args::distinct;
use crate::command::Target;
use crate::command::score::{Format, Request};
use crate::error::{Error, Result};
use crate::publish::score::bootstrap::Bootstrap;
use crate::publish::score::{Missing, Settings};

/// How many resamples there are, if that is not said.
const RESAMPLES: u32 = 1_000;

/// What the generator begins with, if that is not said.
const SEED: u64 = 1;

/// How many bins of confidence there are, if that is not said.
const BINS: u16 = 15;

/// How figures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScoreFormat {
    /// Aligned columns
    Table,
    /// A row for each table of predictions
    Csv,
    /// Everything: figures, classes, what is taken for what, calibration
    Json,
    /// A leaderboard
    Markdown,
}

/// What samples without a prediction are.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum MissingAs {
    /// Wrong, in all figures
    Wrong,
    /// Left out of all figures; of several tables, out of those of all of them
    Ignore,
}

/// What is drawn for intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Unit {
    /// Groups as the splits name them
    Group,
    /// Samples, as if they were independent
    Sample,
}

/// Score predictions against the truth
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml score --truth labelled.pcapng --splits splits.csv --predictions forest.csv
      the samples of the split test, intervals by resampling the groups of splits.csv
  pcapml score --truth samples.csv --predictions forest.csv bayes.csv --format markdown
      a leaderboard, the best macro F1 first; all samples, because there are no splits
  pcapml score --truth challenge_labels.csv --predictions entry.csv --confusion matrix.csv --classes classes.csv

Truth: a labelled capture, or a table with the columns sample_id and label, and perhaps split and group; --splits takes the
place of both, but for groups that it leaves blank, as those of a challenge are. Predictions: a table sample_id,label;
probabilities in further columns, named by their classes or p_CLASS; or sample_id,class,probability with a row for each
class. Without a column of labels the most probable class is the label. Ids that the truth does not know, or that stand
twice, are refused. Comments (#) stand above the header: below it, a label may begin with #. Splits of another version are
told if contents.csv is the truth or stands beside them; of a capture, pcapml check tells more.

Figures are those of scikit-learn with zero_division=0. Averages are over the classes that truth or predictions name: a
label that is predicted and never true counts in macro averages with an F1 of 0, and is told. Balanced accuracy is over the
classes of the truth. A sample without a prediction is wrong in all figures, unless --missing ignore; where one is wrong,
probabilities are not scored. Of several tables, --missing ignore scores the samples that all of them answer, so that all
figures are of the same samples.

Intervals are 95 % percentile bootstrap intervals: as many groups as there are, drawn with replacement. Of n groups by name,
the one with the number x * n / 2^64 is drawn, rounded down, for each output x of SplitMix64 that begins with the seed.
Samples of one group are alike, and drawing single samples gives intervals that are too narrow; where no groups are known,
or with --resample sample, that is what is done, in the order of ids. Log loss is in nats, with p kept within 2^-52 of 0 and 1; the Brier score is the
sum over all classes, from 0 to 2; the calibration error is over bins of equal width of the predicted label's probability.")]
pub struct Score {
    /// A labelled capture, or a table sample_id,label
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    truth: PathBuf,
    /// Tables of predictions, one for each competitor
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, required = true, num_args = 1..)]
    predictions: Vec<PathBuf>,
    /// A table sample_id,split,group: which samples are scored, and what belongs together
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    splits: Option<PathBuf>,
    /// The split to score; may be repeated [default: test, if there are splits, otherwise all samples]
    #[arg(long, value_name = "NAME")]
    split: Vec<String>,
    /// What samples without a prediction are
    #[arg(long, value_enum, value_name = "WHAT", default_value = "wrong")]
    missing: MissingAs,
    /// How many resamples intervals are made of; 0 for no intervals [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    bootstrap: Option<u32>,
    /// What resamples are drawn by: the same seed gives the same intervals [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// What is drawn [default: group, if groups are known]
    #[arg(long, value_enum, value_name = "WHAT")]
    resample: Option<Unit>,
    /// How many bins the calibration error has [default: 15]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    bins: Option<u16>,
    /// Where the figures go; `-` for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    force: Force,
    /// How they are written [default: by the output's name, otherwise table]
    #[arg(long, value_enum)]
    format: Option<ScoreFormat>,
    /// Write a CSV of precision, recall, F1 and support of each class
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    classes: Option<PathBuf>,
    /// Write a CSV of what is taken for what: rows of the truth, columns of the predictions
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    confusion: Option<PathBuf>,
}

impl Score {
    pub(super) fn request(&self) -> Result<Request> {
        distinct(&[Some(&self.output), self.classes.as_ref(), self.confusion.as_ref()])?;
        if self.confusion.is_some() && self.predictions.len() > 1 {
            return Err(Error::request("--confusion is a matrix of one table of predictions")
                .advise("score them one by one, or use --format json"));
        }
        Ok(Request {
            truth: self.truth.clone(),
            predictions: self.predictions.clone(),
            splits: self.splits.clone(),
            wanted: self.split.clone(),
            settings: Settings {
                missing: match self.missing {
                    MissingAs::Wrong => Missing::Wrong,
                    MissingAs::Ignore => Missing::Ignored,
                },
                bootstrap: self.bootstrap()?,
                bins: self.bins.unwrap_or(BINS).into(),
            },
            by_group: self.resample.map(|unit| unit == Unit::Group),
            bins_given: self.bins.is_some(),
            output: Target { path: self.output.clone(), force: self.force.force },
            format: self.format(),
            classes: self.classes.clone(),
            confusion: self.confusion.clone(),
        })
    }

    fn bootstrap(&self) -> Result<Option<Bootstrap>> {
        let resamples = self.bootstrap.unwrap_or(RESAMPLES);
        if resamples == 0 && (self.seed.is_some() || self.resample.is_some()) {
            return Err(Error::request("--seed and --resample are about intervals, and --bootstrap 0 makes none"));
        }
        Ok((resamples > 0).then_some(Bootstrap { resamples, seed: self.seed.unwrap_or(SEED) }))
    }

    fn format(&self) -> Format {
        let by_name = match self.output.extension().and_then(|end| end.to_str()) {
            Some("csv") => ScoreFormat::Csv,
            Some("json") => ScoreFormat::Json,
            Some("md") => ScoreFormat::Markdown,
            _ => ScoreFormat::Table,
        };
        match self.format.unwrap_or(by_name) {
            ScoreFormat::Table => Format::Aligned,
            ScoreFormat::Csv => Format::Csv,
            ScoreFormat::Json => Format::Json,
            ScoreFormat::Markdown => Format::Markdown,
        }
    }
}
