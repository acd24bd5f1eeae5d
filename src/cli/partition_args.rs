//! The options of `partition`, and the request that they become.

use std::path::PathBuf;

use clap::ValueHint;

use super::args::{Format, Strict};
use super::duration;
use crate::command::partition::{By, Request, Stratum};
use crate::error::{Error, Result};
use crate::publish::partition::{Plan, Ratio, Share};

/// The seed, if none is given.
const SEED: u64 = 1;

/// After how long without a packet a flow is over, as `flows` has it.
const IDLE: i64 = 120_000_000_000;

/// Say which samples are for training, validation and testing, so that none knows of another
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml partition labelled.pcapng -o splits/ --by capture --stratify label
      writes splits/train.txt, validation.txt and test.txt (sample ids), splits.csv (all of them, with fold
      and group) and contents.csv (label and SHA-256 of each sample's packets, for pcapml check)
  pcapml partition labelled.pcapng -o splits/ --by host --ratio train=80,test=20 --folds 5 --challenge 10
      a tenth of the groups is a challenge: its labels stand in challenge_labels.csv alone
  pcapml partition labelled.pcapng -o splits/ --by time --gap 1h
      the earlier for training, the later for testing, an hour between

What --by names goes to one split as a whole: what a model learns of it cannot help it in the test. A group's split follows
from the seed and the group's name: samples that are added later move no others, unless they join two groups. With
--stratify each label has its share in each split, as far as its groups allow, and samples that are added move the few
groups that stand at the borders.

By capture, a sample's captures are its field source (pcapml label --source), or else its interfaces. Folds are of all samples
outside test and challenge. By time, the challenge is what comes last, samples across a cut are in no split (none), and those
that begin at one moment stay together; it is an error if none is left for the first split. Packets of several samples that go
to different splits are counted.

What else can tell the label of a challenge's samples: fields, comments, names of interfaces (select --labels none takes
them out), their times, their order in the capture, and ids made from names of files, which can be guessed. Publish no
capture that holds them with labels.")]
pub struct Partition {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The directory of the lists, which must be empty or absent
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// The splits and their shares, of any sum
    #[arg(long, value_name = "NAME=SHARE,…", default_value = "train=70,validation=10,test=20")]
    ratio: Ratio,
    /// What stays together: sample, flow, host, capture, field:NAME; or time
    #[arg(long, value_name = "WHAT")]
    by: Together,
    /// Deal what is outside test and challenge into so many folds, for cross-validation
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(2..=1000))]
    folds: Option<u32>,
    /// What each split is to have its share of: label, or field:NAME
    #[arg(long, value_name = "WHAT")]
    stratify: Option<Strata>,
    /// Another one gives other splits [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Carve out so many percent of the groups, whose labels are kept back
    #[arg(long, value_name = "PERCENT")]
    challenge: Option<Share>,
    /// By time: how far apart splits are at least [default: 0]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    gap: Option<i64>,
    /// By flow: after how long without a packet a flow is over [default: 120]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    idle_timeout: Option<i64>,
    /// The dataset's name in the lists [default: what the capture says]
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// The dataset's version in the lists [default: what the capture says]
    #[arg(long, value_name = "VERSION")]
    dataset_version: Option<String>,
    /// How to print the table
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    strict: Strict,
}

/// What stays together, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Together {
    Sample,
    Flow,
    Host,
    Capture,
    Field(String),
    Time,
}

impl std::str::FromStr for Together {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "sample" => Ok(Self::Sample),
            "flow" => Ok(Self::Flow),
            "host" => Ok(Self::Host),
            "capture" => Ok(Self::Capture),
            "time" => Ok(Self::Time),
            _ => match text.strip_prefix("field:").filter(|name| !name.is_empty()) {
                Some(name) => Ok(Self::Field(name.to_owned())),
                None => Err("one of sample, flow, host, capture, field:NAME, time".to_owned()),
            },
        }
    }
}

/// What parts have their share of, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Strata(Stratum);

impl std::str::FromStr for Strata {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("field:").filter(|name| !name.is_empty()) {
            Some(name) => Ok(Self(Stratum::Field(name.to_owned()))),
            None if text == "label" => Ok(Self(Stratum::Label)),
            None => Err("label, or field:NAME".to_owned()),
        }
    }
}

impl Partition {
    pub(super) fn request(&self) -> Result<Request> {
        self.check()?;
        let plan = Plan {
            folds: self.folds,
            stratified: self.stratify.is_some(),
            ..Plan::new(self.ratio.clone(), self.challenge, self.seed.unwrap_or(SEED))
        };
        Ok(Request {
            input: self.file.clone(),
            output: self.output.clone(),
            plan,
            by: match &self.by {
                Together::Sample => By::Sample,
                Together::Flow => By::Flow(self.idle_timeout.unwrap_or(IDLE)),
                Together::Host => By::Host,
                Together::Capture => By::Capture,
                Together::Field(name) => By::Field(name.clone()),
                Together::Time => By::Time(self.gap.unwrap_or(0)),
            },
            stratum: self.stratify.as_ref().map(|strata| strata.0.clone()),
            dataset: self.dataset.clone(),
            version: self.dataset_version.clone(),
            format: self.format.into(),
            strict: self.strict.strict,
        })
    }

    /// Refuses what would have no effect.
    fn check(&self) -> Result<()> {
        let of_time = self.by == Together::Time;
        if self.idle_timeout.is_some() && self.by != Together::Flow {
            return Err(Error::request("--idle-timeout says when flows end, and goes with --by flow"));
        }
        if self.gap.is_some() && !of_time {
            return Err(Error::request("--gap is between splits that follow each other, and goes with --by time"));
        }
        let dealt = [
            ("--stratify", self.stratify.is_some()),
            ("--seed", self.seed.is_some()),
            ("--folds", self.folds.is_some()),
        ];
        if let Some((option, _)) = dealt.into_iter().find(|(_, given)| *given && of_time) {
            return Err(
                Error::request(format!("{option} does nothing by time, where nothing is drawn")).advise("leave it out")
            );
        }
        match self.challenge.is_some_and(|share| share >= Share::ALL) {
            true => Err(Error::request("a challenge of everything leaves nothing to learn from")),
            false => Ok(()),
        }
    }
}
