//! Whether a list is of the capture that it selects from. Ids that were counted are in every dataset: of another one, a list
//! selects something, and nobody notices.
//!
//! What is not the same is told and not refused: lists outlive names, versions, and corrected labels. `pcapml check` compares
//! labels and packets.

use std::path::Path;

use crate::command::{Context, beside};
use crate::error::{Error, Result, Shown};
use crate::publish::lists::{CONTENTS, ListHeader};
use crate::sample::header::Header;

/// Tells what a list and a capture say otherwise of their dataset, and a sample table beside the list that is not its own.
///
/// # Errors
/// A sample table that cannot be read.
pub(super) fn tell(path: &Path, list: &ListHeader, capture: Option<&Header>, context: &Context) -> Result<()> {
    let version = capture.and_then(|header| header.others.get("version")).and_then(|version| version.as_str());
    let dataset = capture.and_then(|header| header.dataset.as_deref());
    for (what, said, here) in
        [("the dataset", list.dataset.as_deref(), dataset), ("version", list.version.as_deref(), version)]
    {
        if let (Some(said), Some(here)) = (said, here)
            && said != here
        {
            context.note(format!("WARNING: {} is of {what} '{said}', the capture of '{here}'", Shown(path)));
        }
    }
    let Some(table) = beside(path, CONTENTS) else { return Ok(()) };
    let bytes = std::fs::read(&table).map_err(|error| Error::from(error).in_file(&table))?;
    if list.is_of_another(&bytes) {
        context.note(format!("WARNING: {} is of another sample table than {} beside it", Shown(path), Shown(&table)));
    }
    Ok(())
}
