//! What a release says of itself: for machines croissant.json and lint.json, for people README.md.
//!
//! All of it is made anew. README.md is what authors fill in: what release wrote must stand there, in its order, and what
//! stands between is theirs. Of a release of another version lint.json is a list of findings, and README.md has the tables.

use std::fs;
use std::path::Path;

use super::Release;
use super::files::Files;
use crate::command::release::described::{Description, LEFT_OUT, MADE_WITH};
use crate::command::release::input::cautions;
use crate::command::release::named::{in_tables, in_text};
use crate::command::release::tables::SampleTable;
use crate::command::release::{CAPTURE, CROISSANT, LINT, MANIFEST, README, meaning};
use crate::command::{Context, lint};
use crate::dataset::Facts;
use crate::error::{Error, Result};
use crate::packet::code;
use crate::publish::croissant::{ReleasedFile, croissant};
use crate::publish::datasheet::TO_BE_ANSWERED;
use crate::publish::lint::{Finding, Levels, json};
use crate::publish::partition::CHALLENGE;
use crate::sample::header::APPLICATION;

/// The program that made a release, by its README; this one, if there is none.
///
/// # Errors
/// If it cannot be read.
pub(super) fn made_with(path: &Path, files: &Files) -> Result<String> {
    if !files.of.contains_key(README) {
        return Ok(APPLICATION.to_owned());
    }
    let path = path.join(README);
    let text = fs::read(&path).map_err(|error| Error::from(error).in_file(path))?;
    Ok(fact(&String::from_utf8_lossy(&text), MADE_WITH).unwrap_or_default().to_owned())
}

impl Release<'_> {
    /// True if this version makes what is in the release; of another, what either says of data may differ.
    pub(super) fn is_of_this_version(&self) -> bool {
        self.made_with == APPLICATION
    }

    /// Checks the descriptions.
    pub(super) fn described(&self, table: &SampleTable, captures: &[Facts], context: &Context) -> Result<()> {
        let files = self.files_to_describe();
        let machine = croissant(&self.manifest, &files, &self.splits.names(), &table.columns);
        self.compare(CROISSANT, format!("{machine:#}\n").as_bytes(), context)?;
        self.tells_of_no_challenge(table, context)?;
        if !self.files.of.contains_key(README) {
            return Ok(());
        }
        self.programs(context)?;
        let findings = match self.is_of_this_version() {
            true => self.lint(context)?,
            false => Vec::new(),
        };
        match self.is_of_this_version() {
            true => self.compare(LINT, format!("{:#}\n", json(&findings)).as_bytes(), context)?,
            false => self.findings(table, context)?,
        }
        let readme = String::from_utf8_lossy(&self.read(README)?).into_owned();
        let header = captures.first().and_then(|facts| facts.header.as_ref());
        let hidden = captures.iter().skip(1).flat_map(Facts::each).map(|(_, stat)| &stat.link_types);
        let description = Description {
            manifest: &self.manifest,
            table,
            captures,
            left_out: fact(&readme, LEFT_OUT).and_then(|number| number.parse().ok()).unwrap_or_default(),
            made_with: &self.made_with,
            cautions: &cautions(header, self.has_challenge().then_some(hidden)),
        };
        self.stands(&readme, &description.readme(&files, &findings), context);
        Ok(())
    }

    /// Checks that no text names a sample of the challenge.
    fn tells_of_no_challenge(&self, table: &SampleTable, context: &Context) -> Result<()> {
        let hidden = self.splits.ids_of(CHALLENGE);
        for name in [README, LINT, MANIFEST].into_iter().filter(|name| self.files.of.contains_key(*name)) {
            let text = String::from_utf8_lossy(&self.read(name)?).into_owned();
            in_text(&hidden, &text).into_iter().for_each(|said| self.fault(name, said, context));
        }
        let told = in_tables(&hidden, &self.header, table);
        told.into_iter().for_each(|(name, said)| self.fault(name, said, context));
        Ok(())
    }

    /// Checks that the captures, where a challenge has them written anew, name the program that README.md names.
    fn programs(&self, context: &Context) -> Result<()> {
        let made_with = &self.made_with;
        if !self.is_of_this_version() {
            context.note(format!(
                "{README} says that it was made with '{made_with}', and this is {APPLICATION}: what either says of data, and \
                 what lint finds, is not compared"
            ));
        }
        let captures = self.files.of.keys().filter(|name| name.ends_with(CAPTURE));
        for name in captures.filter(|_| self.has_challenge()) {
            let reader = context.open(&self.file(name))?;
            let said = reader.section_options().find(|option| option.code == code::SHB_USERAPPL);
            let said = said.map(|option| String::from_utf8_lossy(option.text()).into_owned()).unwrap_or_default();
            if said != *made_with {
                self.fault(name, format!("it says that '{said}' wrote it, and {README} '{made_with}'"), context);
            }
        }
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

    /// Checks that what release wrote into README.md stands there; questions may have been answered. Of what another version
    /// wrote, the title and the tables: of facts, classes, splits and files.
    fn stands(&self, readme: &str, made: &str, context: &Context) {
        let mut said = readme.lines();
        let is_wanted = |line: &&str| match self.is_of_this_version() {
            true => !line.is_empty() && !line.ends_with(TO_BE_ANSWERED),
            false => line.starts_with("# ") || line.starts_with("| "),
        };
        for line in made.lines().filter(is_wanted) {
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
