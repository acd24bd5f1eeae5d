//! The options of `lint`, and the request that they become.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::args::{Force, Format};
use crate::command::Target;
use crate::command::lint::{FindingFormat, Request, THRESHOLD};
use crate::error::{Error, Result};
use crate::publish::lint::Levels;
use crate::sink::TableFormat;

/// How findings are told.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Findings {
    /// Lines for people
    Text,
    /// A list of objects: rule, severity, ids, evidence, remedy, disallow
    Json,
    /// SARIF 2.1.0, which code hosts show
    Sarif,
}

/// What a reviewer would find in a labelled capture: leaks, shortcuts, noise, secrets
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pcapml lint labelled.pcapng
  pcapml lint labelled.pcapng --splits splits/splits.csv --format json -o lint.json
      With splits, what train and test share is an error: a score would measure that.
  pcapml lint labelled.pcapng --deny shortcut --allow balance-tiny
      Rules are named in full or by their group, the word before the first hyphen.
  pcapml lint --rules

Exit status: 1 if any finding is an error.")]
pub struct Lint {
    /// A labelled capture
    #[arg(value_hint = ValueHint::FilePath, required_unless_present = "rules")]
    file: Option<PathBuf>,
    /// A table sample_id,split, as partition writes it: finds what splits share
    ///
    /// Models learn from `train` and are chosen by `validation`; what other splits share with these is a leak. Where no split
    /// is named `train`, as with folds, each is learned from for the others.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    splits: Option<PathBuf>,
    /// Findings of this rule or group are errors; may be repeated
    #[arg(long, value_name = "RULE")]
    deny: Vec<String>,
    /// This rule or group is not asked; may be repeated
    #[arg(long, value_name = "RULE")]
    allow: Vec<String>,
    /// Tell a shortcut if one field alone predicts labels so much better than guessing, from 0 (guessing) to 1 (always right)
    #[arg(long, value_name = "SHARE", value_parser = share, default_value_t = THRESHOLD)]
    threshold: f64,
    /// How findings are told
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    format: Findings,
    /// The output; `-` for standard output
    #[arg(short, long, value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    #[command(flatten)]
    force: Force,
    /// List the rules
    #[arg(long, value_name = "FORMAT", value_enum, num_args = 0..=1, default_missing_value = "table", exclusive = true)]
    rules: Option<Format>,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().map_err(|_| "no number")?;
    (0.0..=1.0).contains(&share).then_some(share).ok_or_else(|| "a number from 0 to 1".to_owned())
}

impl Lint {
    /// The format in which rules are to be listed, if they are.
    pub(super) fn list(&self) -> Option<TableFormat> {
        self.rules.map(Into::into)
    }

    pub(super) fn request(&self) -> Result<Request> {
        Ok(Request {
            input: self.file.clone().ok_or_else(|| Error::request("no capture is named"))?,
            splits: self.splits.clone(),
            output: Target { path: self.output.clone(), force: self.force.force },
            format: match self.format {
                Findings::Text => FindingFormat::Text,
                Findings::Json => FindingFormat::Json,
                Findings::Sarif => FindingFormat::Sarif,
            },
            levels: Levels { deny: self.deny.clone(), allow: self.allow.clone() },
            threshold: self.threshold,
        })
    }
}
