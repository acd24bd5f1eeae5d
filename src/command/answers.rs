//! Where the answers of a command go: tables and texts that are small enough to be made as a whole.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Context, Target};
use crate::error::Result;
use crate::sink::{Output, TableFormat, write_table};
use crate::table::Table;

/// A file, or standard output.
pub(super) struct Answer {
    /// None for standard output.
    file: Option<Output>,
    text: Vec<u8>,
}

impl Answer {
    /// Begins an answer; what stands in its way is found before any work is done.
    ///
    /// # Errors
    /// If the file exists (without `force`), is one of the inputs, or cannot be created.
    pub(super) fn begin(target: &Target, inputs: &[PathBuf], context: &Context) -> Result<Self> {
        let file = match target.path == Path::new("-") {
            true => None,
            false => Some(Output::create(&target.path, &context.rules(target, inputs.to_vec()))?),
        };
        Ok(Self { file, text: Vec::new() })
    }

    /// Adds a table.
    pub(super) fn table(&mut self, table: &Table, format: TableFormat) -> Result<()> {
        let mut text = Vec::new();
        write_table(table, format, &mut text)?;
        // Standard output knows whether it shows colours, and a file does not.
        let plain = self.file.is_some() && format == TableFormat::Aligned;
        self.add(&if plain { anstream::adapter::strip_bytes(&text).into_vec() } else { text });
        Ok(())
    }

    /// Adds an object, as a text of several lines.
    pub(super) fn json(&mut self, object: &serde_json::Value) {
        self.add(format!("{object:#}\n").as_bytes());
    }

    /// Adds text.
    pub(super) fn add(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// Writes what was added, and gives the file its name.
    pub(super) fn finish(self, context: &mut Context) -> Result<()> {
        match self.file {
            None => Ok(context.tables.write_all(&self.text)?),
            Some(mut file) => {
                file.write_all(&self.text)?;
                file.commit()
            }
        }
    }
}
