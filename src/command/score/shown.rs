//! Scores as they are written.

use serde_json::{Value as Json, json};

use super::super::answers::Answer;
use super::{Format, Setting};
use crate::error::Result;
use crate::publish::classes;
use crate::publish::confusion::mistakes_table;
use crate::publish::markdown::markdown;
use crate::publish::score::bootstrap::LEVEL;
use crate::publish::score::{Missing, Score, leaderboard};
use crate::sink::TableFormat;

/// How many mistakes an aligned table shows.
const SHOWN: usize = 20;

/// Writes scores, the best first.
pub(super) fn write(ranked: &[Score], setting: &Setting, answer: &mut Answer) -> Result<()> {
    match (setting.request.format, ranked) {
        (Format::Csv, _) => answer.table(&leaderboard::table(ranked), TableFormat::Csv)?,
        (Format::Json, _) => answer.json(&object(ranked, setting)),
        (Format::Markdown, _) => {
            answer.add(markdown(&leaderboard::shown(ranked)).as_bytes());
            answer.add(format!("\n{}\n", setting.in_words()).as_bytes());
        }
        (Format::Aligned, [score]) => one(score, answer)?,
        (Format::Aligned, _) => answer.table(&leaderboard::shown(ranked), TableFormat::Aligned)?,
    }
    Ok(())
}

fn one(score: &Score, answer: &mut Answer) -> Result<()> {
    answer.table(&score.figures_table(), TableFormat::Aligned)?;
    answer.add(b"\n");
    answer.table(&classes::table(&score.classes), TableFormat::Aligned)?;
    let mistakes = score.confusion.mistakes();
    if !mistakes.is_empty() {
        answer.add(b"\n");
        answer.table(&mistakes_table(&mistakes, SHOWN, "samples"), TableFormat::Aligned)?;
    }
    if mistakes.len() > SHOWN {
        let more = mistakes.len() - SHOWN;
        answer.add(format!("… and {more} more: --confusion, or --format json\n").as_bytes());
    }
    Ok(())
}

fn object(ranked: &[Score], setting: &Setting) -> Json {
    let settings = &setting.request.settings;
    let bootstrap = settings.bootstrap.map(|bootstrap| {
        json!({
            "resamples": bootstrap.resamples, "seed": bootstrap.seed, "level": LEVEL,
            "unit": setting.unit(), "generator": "SplitMix64",
        })
    });
    json!({
        "splits": setting.splits,
        "samples": setting.exam.len() + setting.exam.left_out(),
        "left_out": setting.exam.left_out(),
        "missing": if settings.missing == Missing::Wrong { "wrong" } else { "ignored" },
        "bootstrap": bootstrap,
        "scores": ranked.iter().map(Score::json).collect::<Vec<_>>(),
    })
}

impl Setting<'_> {
    /// What is drawn for intervals.
    pub(super) fn unit(&self) -> &'static str {
        if self.exam.has_groups() { "group" } else { "sample" }
    }

    /// What a reader of a leaderboard must know.
    fn in_words(&self) -> String {
        let settings = &self.request.settings;
        let mut text = self.scored() + ". ";
        if let Some(bootstrap) = settings.bootstrap {
            text.push_str(&format!(
                "In parentheses: {} % bootstrap intervals, {} resamples of {}s, seed {}. ",
                LEVEL * 100.0,
                bootstrap.resamples,
                self.unit(),
                bootstrap.seed
            ));
        }
        text.push_str(match settings.missing {
            Missing::Wrong => "Missing predictions count as wrong.",
            Missing::Ignored if self.is_of_common() => {
                "Samples that not every table has a prediction for are left out."
            }
            Missing::Ignored => "Samples without a prediction are left out.",
        });
        text
    }
}
