//! Whether the truth and the splits are of one version of a dataset, as far as the files tell.
//!
//! `splits.csv` names the SHA-256 of the sample table that it was made with. That table is the truth itself, or stands beside
//! the splits; of a capture, `pcapml check` can say more. What is found is told: the figures may be meant.

use std::fs;
use std::io::Read;
use std::path::Path;

use super::super::{Context, beside};
use super::Request;
use crate::error::{Error, Result, Shown};
use crate::publish::lists::{CONTENTS, ListHeader};
use crate::rule::{SampleLabels, SampleTable};

/// How a sample table begins.
const HEADER: &[u8] = b"sample_id,label,sha256\n";

/// Tells what does not belong together.
///
/// # Errors
/// A file that cannot be read; a sample table with a defect.
pub(super) fn compare(request: &Request, labels: &SampleLabels, context: &Context) -> Result<()> {
    // A pipe was read already.
    let Some(splits) = request.splits.as_deref().filter(|path| path.is_file()) else { return Ok(()) };
    let header = ListHeader::read(&String::from_utf8_lossy(&read(splits)?));
    if header.table.is_none() {
        return Ok(());
    }
    let other = |path: &Path, table: &[u8]| {
        if header.is_of_another(table) {
            let text = "not the sample table that the splits were made with: are they of one version of the dataset?";
            context.note(format!("{}: {text}", Shown(path)));
        }
    };
    let truth = if request.truth.is_file() { read_head(&request.truth)? } else { Vec::new() };
    if truth == HEADER {
        other(&request.truth, &read(&request.truth)?);
        return Ok(());
    }
    let Some(beside) = beside(splits, CONTENTS) else { return Ok(()) };
    let table = read(&beside)?;
    other(&beside, &table);
    let table = SampleTable::parse(&table).map_err(|error| error.in_file(&beside))?;
    let differs = |(id, label): &(_, &str)| {
        let told = table.rows.get(id).and_then(|row| row.label.as_deref());
        told.is_some_and(|told| told != label.trim())
    };
    let changed = labels.iter().filter(differs).count() as u64;
    context.note_any(changed, "sample", format!("of the truth with another label in {}", Shown(&beside)));
    Ok(())
}

/// As many bytes as [`HEADER`] has.
fn read_head(path: &Path) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut head));
    read.map_err(|error| Error::from(error).in_file(path))?;
    Ok(head)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::from(error).in_file(path))
}
