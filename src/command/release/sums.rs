//! `SHA256SUMS`: the digest of every other file, as sha256sum(1) writes and checks it.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::publish::croissant::hex;

/// The file's name.
pub(in crate::command) const NAME: &str = "SHA256SUMS";

/// Writes the digests of all files of a directory, by name.
///
/// # Errors
/// What the system says.
pub(in crate::command) fn write(directory: &Path) -> Result<()> {
    let mut text = String::new();
    for name in names(directory)? {
        text += &format!("{}  {name}\n", hex(&sha256(&directory.join(&name))?));
    }
    fs::write(directory.join(NAME), text).map_err(|error| Error::from(error).in_file(directory))
}

/// The names of a directory's files but this one, in order.
///
/// # Errors
/// What the system says; a directory in it, which no release has.
pub(in crate::command) fn names(directory: &Path) -> Result<Vec<String>> {
    let place = |error: std::io::Error| Error::from(error).in_file(directory);
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(place)? {
        let entry = entry.map_err(place)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().map_err(place)?.is_dir() {
            return Err(Error::request(format!("a directory '{name}', which no release has")).in_file(directory));
        }
        if name != NAME {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The digests that the file tells, with their names and lines.
///
/// # Errors
/// The first line that is none, with its place.
pub(in crate::command) fn read(directory: &Path) -> Result<Vec<(String, String, u64)>> {
    let path = directory.join(NAME);
    let text = fs::read_to_string(&path).map_err(|error| Error::from(error).in_file(&path))?;
    let line = |(number, line): (u64, &str)| {
        let (digest, name) = line.split_once("  ").filter(|(digest, _)| {
            digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        })?;
        Some((name.to_owned(), digest.to_owned(), number))
    };
    let defect =
        |number| Error::labels("a line is a digest of 64 hex digits, two spaces, a name").at_line(number, None);
    let lines = (1..).zip(text.lines());
    lines.map(|(number, text)| line((number, text)).ok_or_else(|| defect(number).in_file(&path))).collect()
}

/// The SHA-256 of a file.
///
/// # Errors
/// If it cannot be read.
pub(in crate::command) fn sha256(path: &Path) -> Result<[u8; 32]> {
    let place = |error: std::io::Error| Error::from(error).in_file(path);
    let mut file = std::fs::File::open(path).map_err(place)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match std::io::Read::read(&mut file, &mut buffer).map_err(place)? {
            0 => return Ok(hasher.finalize().into()),
            count => hasher.update(&buffer[..count]),
        }
    }
}
