//! Which captures are of which class: a directory in the input is a class.

use std::fs;
use std::path::Path;

use crate::command::dataset_files::{DatasetFile, Inventory};
use crate::error::{Error, Result};

/// A class, and its captures by name.
pub(super) struct Class {
    pub(super) name: String,
    pub(super) captures: Vec<DatasetFile>,
}

/// The classes of an input, by name: each directory in it; if there is none, the input itself.
pub(super) fn classes(input: &Path) -> Result<Vec<Class>> {
    let place = |error: std::io::Error| Error::from(error).in_file(input);
    if !input.is_dir() {
        let capture = DatasetFile::single(input);
        return Ok(vec![Class { name: capture.name.clone(), captures: vec![capture] }]);
    }
    let mut directories = Vec::new();
    for entry in fs::read_dir(input).map_err(place)? {
        let entry = entry.map_err(place)?;
        // What begins with a dot belongs to programs, not to the dataset.
        if entry.path().is_dir() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            directories.push(entry.path());
        }
    }
    directories.sort();
    let captures = Inventory::of(input)?.captures();
    if directories.is_empty() {
        let name = fs::canonicalize(input).map_err(place)?;
        return Ok(vec![Class { name: last_name(&name), captures }]).and_then(not_empty(input));
    }
    if let Some(loose) = captures.iter().find(|capture| !capture.name.contains('/')) {
        return Err(Error::request("a capture beside directories of captures: of which class is it?")
            .in_file(&loose.path)
            .advise("move it into the directory of its class"));
    }
    let class = |directory: &std::path::PathBuf| {
        Ok(Class { name: last_name(directory), captures: Inventory::of(directory)?.captures() })
    };
    directories.iter().map(class).collect::<Result<Vec<_>>>().and_then(not_empty(input))
}

/// Refuses an input without any capture.
fn not_empty(input: &Path) -> impl Fn(Vec<Class>) -> Result<Vec<Class>> {
    move |classes| match classes.iter().all(|class| class.captures.is_empty()) {
        true => Err(Error::request("there are no captures in the input").in_file(input)),
        false => Ok(classes),
    }
}

fn last_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
