//! What a capture is held against: the table of splits, and the files that belong to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::beside;
use super::{Context, Request, shown_names};
use crate::error::{Error, Result};
use crate::publish::check::{Against, Counts};
use crate::publish::lists::{CHALLENGE_LABELS, CONTENTS, ListHeader, digest};
use crate::rule::{IdList, SampleTable, Splits};

impl Request {
    /// The sample table: the one that is named, or else the one beside the table of splits.
    pub(super) fn table(&self) -> Option<PathBuf> {
        self.samples.clone().or_else(|| self.neighbour(CONTENTS))
    }

    /// A file beside the table of splits, if it is there.
    fn neighbour(&self, name: &str) -> Option<PathBuf> {
        beside(self.splits.as_deref()?, name)
    }
}

/// Reads all of it; files that belong together and do not are told.
pub(super) fn read(request: &Request, context: &Context) -> Result<Against> {
    let mut against = Against { asked: request.asked.clone(), ..Against::default() };
    if let Some(path) = &request.splits {
        splits(path, &mut against)?;
    }
    if let Some(path) = request.table() {
        samples(&path, &mut against, context)?;
    }
    against.challenge = request.neighbour(CHALLENGE_LABELS).as_deref().map(SampleTable::read).transpose()?;
    for path in request.lists.iter().chain(&lists_beside(request, &against)) {
        list(path, &mut against, context)?;
    }
    Ok(against)
}

fn splits(path: &Path, against: &mut Against) -> Result<()> {
    let bytes = bytes(path)?;
    let rows = Splits::rows(&bytes).map_err(|error| error.in_file(path))?;
    let there: BTreeSet<&str> =
        rows.iter().filter_map(|row| row.membership.as_ref()).map(|of| of.split.as_str()).collect();
    if let Some(absent) = against.asked.iter().find(|asked| !there.contains(asked.as_str())) {
        let there: Vec<String> = there.into_iter().map(str::to_owned).collect();
        return Err(Error::labels(format!("no sample is in a split '{absent}'"))
            .in_file(path)
            .advise(format!("there are: {}", shown_names(&there))));
    }
    let text = String::from_utf8_lossy(&bytes);
    against.table = ListHeader::read(&text).table;
    against.counts = Counts::read(&text);
    against.splits = Some(rows);
    Ok(())
}

fn samples(path: &Path, against: &mut Against, context: &Context) -> Result<()> {
    let bytes = bytes(path)?;
    against.samples = Some(SampleTable::parse(&bytes).map_err(|error| error.in_file(path))?);
    let here = digest(&bytes);
    if let Some(other) = against.table.as_ref().filter(|table| **table != here) {
        let fault =
            Error::labels(format!("not the sample table that the splits were made with, whose SHA-256 is {other}"));
        context.fault(&fault.in_file(path));
    }
    against.table = Some(here);
    Ok(())
}

/// The lists that `partition` wrote together with the table of splits, but for those that are named anyway.
fn lists_beside(request: &Request, against: &Against) -> Vec<PathBuf> {
    // Beside a table that was written by somebody else, train.txt may be anything.
    let Some(counts) = &against.counts else { return Vec::new() };
    let is_named = |path: &PathBuf| {
        let same =
            |other: &PathBuf| path.canonicalize().ok().is_some_and(|path| other.canonicalize().ok() == Some(path));
        request.lists.iter().any(same)
    };
    let beside = counts.splits().filter_map(|split| request.neighbour(&format!("{split}.txt")));
    beside.filter(|path| !is_named(path)).collect()
}

fn list(path: &Path, against: &mut Against, context: &Context) -> Result<()> {
    let list = IdList::read(path)?;
    let header = ListHeader::read(&list.text);
    if let (Some(one), Some(other)) = (&header.table, &against.table)
        && one != other
    {
        let fault = Error::labels(format!("the list of another sample table, whose SHA-256 is {one}"));
        context.fault(&fault.in_file(path));
    }
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ids = list.ids.into_iter().map(|(id, _)| id).collect();
    against.lists.push((header.split.unwrap_or_else(stem), ids));
    Ok(())
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::from(error).in_file(path))
}
