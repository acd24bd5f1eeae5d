//! Whether a list is of the capture that it selects from. Ids that were counted are in every dataset: of another one, a list
//! selects something, and nobody notices.
//!
//! What is not the same is told and not refused: lists outlive names, versions, and corrected labels. `pcapml check` compares
//! labels and packets.

use std::path::Path;

use crate::command::Context;
use crate::error::{Error, Result, Shown};
use crate::publish::lists::{CONTENTS, ListHeader, digest};
use crate::sample::header::Header;
use crate::sink::directory_of;

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
    let beside = directory_of(path).join(CONTENTS);
    let Some(table) = list.table.as_ref().filter(|_| path != Path::new("-") && beside.is_file()) else { return Ok(()) };
    let bytes = std::fs::read(&beside).map_err(|error| Error::from(error).in_file(&beside))?;
    if digest(&bytes) != *table {
        let (path, beside) = (Shown(path), Shown(&beside));
        context.note(format!("WARNING: {path} is of another sample table than {beside}, whose SHA-256 is {table}"));
    }
    Ok(())
}
