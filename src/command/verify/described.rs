//! What a release says of itself: for machines croissant.json and lint.json, for people README.md.
//!
//! All of it is made anew. README.md is what authors fill in: what release wrote must stand there, in its order, and what
//! stands between is theirs.

use std::collections::BTreeSet;

use super::Release;
use crate::command::release::described::{Description, LEFT_OUT, MADE_WITH};
use crate::command::release::input::cautions;
use crate::command::release::tables::SampleTable;
use crate::command::release::{CAPTURE, CROISSANT, LINT, README, meaning};
use crate::command::{Context, lint};
use crate::dataset::Facts;
use crate::error::Result;
use crate::publish::croissant::{ReleasedFile, croissant};
use crate::publish::datasheet::TO_BE_ANSWERED;
use crate::publish::lint::{Finding, Levels, json};
use crate::publish::partition::CHALLENGE;
use crate::sample::header::APPLICATION;

/// Numbers of fewer digits are numbers of anything: of packets, of people. Ids have that many unless somebody counted.
const DIGITS: usize = 10;

impl Release<'_> {
    /// Checks the descriptions.
    pub(super) fn described(&self, table: &SampleTable, captures: &[Facts], context: &Context) -> Result<()> {
        let files = self.files_to_describe();
        let machine = croissant(&self.manifest, &files, &self.splits.names(), &table.columns);
        self.compare(CROISSANT, format!("{machine:#}\n").as_bytes(), context)?;
        self.tells_of_no_challenge(context)?;
        if !self.files.of.contains_key(README) {
            return Ok(());
        }
        let readme = String::from_utf8_lossy(&self.read(README)?).into_owned();
        let made_with = fact(&readme, MADE_WITH).unwrap_or_default();
        if made_with != APPLICATION {
            context.note(format!(
                "{README} says that it was made with '{made_with}', and this is {APPLICATION}: what either says of data, and \
                 what lint finds, is not compared"
            ));
            return Ok(());
        }
        let findings = self.lint(context)?;
        self.compare(LINT, format!("{:#}\n", json(&findings)).as_bytes(), context)?;
        let header = captures.first().and_then(|facts| facts.header.as_ref());
        let hidden = captures.iter().skip(1).flat_map(Facts::each).map(|(_, stat)| &stat.link_types);
        let description = Description {
            manifest: &self.manifest,
            table,
            captures,
            left_out: fact(&readme, LEFT_OUT).and_then(|number| number.parse().ok()).unwrap_or_default(),
            made_with,
            cautions: &cautions(header, self.has_challenge().then_some(hidden)),
        };
        self.stands(&readme, &description.readme(&files, &findings), context);
        Ok(())
    }

    /// What lint finds in the capture that tells labels.
    fn lint(&self, context: &Context) -> Result<Vec<Finding>> {
        let capture = self.file(&format!("{}{CAPTURE}", self.manifest.name));
        let request = lint::Request::new(&capture, Levels::default());
        lint::findings(&request, Some(&self.splits.without(CHALLENGE)), context)
    }

    /// All files but those that were written later.
    fn files_to_describe(&self) -> Vec<ReleasedFile> {
        let names = self.files.of.keys().filter(|name| ![CROISSANT, README].contains(&name.as_str()));
        names.filter_map(|name| self.describe(name)).collect()
    }

    fn describe(&self, name: &str) -> Option<ReleasedFile> {
        let file = self.files.of.get(name)?;
        let doc = meaning(name).to_owned();
        Some(ReleasedFile { name: name.to_owned(), size: file.size, sha256: file.sha256, doc })
    }

    /// Checks that no text of people, or of another version, names a sample of the challenge: what is said of it may be its
    /// label.
    fn tells_of_no_challenge(&self, context: &Context) -> Result<()> {
        let hidden: BTreeSet<String> =
            self.splits.iter().filter(|(_, of)| of.split == CHALLENGE).map(|(id, _)| id.to_string()).collect();
        for name in [README, LINT].into_iter().filter(|name| self.files.of.contains_key(*name)) {
            let text = String::from_utf8_lossy(&self.read(name)?).into_owned();
            let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|number| number.len() >= DIGITS);
            for id in numbers.filter(|number| hidden.contains(*number)).collect::<BTreeSet<_>>() {
                self.fault(name, format!("it tells of sample {id} of the challenge"), context);
            }
        }
        Ok(())
    }

    /// Checks that what release wrote into README.md stands there; questions may have been answered.
    fn stands(&self, readme: &str, made: &str, context: &Context) {
        let mut said = readme.lines();
        let wanted = made.lines().filter(|line| !line.is_empty() && !line.ends_with(TO_BE_ANSWERED));
        for line in wanted {
            if !said.any(|said| said == line) {
                return self.fault(README, format!("it lacks, in its place, '{line}'"), context);
            }
        }
    }
}

/// What a row of the README's facts says.
fn fact<'a>(readme: &'a str, name: &str) -> Option<&'a str> {
    let mut rows = readme.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    rows.find(|(of, _)| *of == name).map(|(_, value)| value)
}
