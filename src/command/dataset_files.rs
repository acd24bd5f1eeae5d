//! The captures of a dataset: a directory, searched recursively, and how rules name the files in it.

use std::collections::BTreeMap;
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use crate::capture::is_capture;
use crate::error::{Error, Result};
use crate::rule::{Matcher, RuleSet};

/// Directories in directories, at most: more is a loop or an attack.
const MAX_DEPTH: usize = 64;

/// A file of the dataset.
#[derive(Debug, Clone)]
pub(super) struct DatasetFile {
    /// Relative to the root, with `/`, in NFC: how rules name it.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
}

impl DatasetFile {
    /// A capture that was named by itself: its directory is the dataset's root.
    pub(super) fn single(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().nfc().collect();
        Self { name, path: path.to_owned() }
    }
}

/// What there is in the directory, by name.
pub(super) struct Inventory {
    /// Names that are written differently on disk can be one name for rules.
    files: BTreeMap<String, Vec<Entry>>,
}

struct Entry {
    path: PathBuf,
    regular: bool,
}

impl Inventory {
    /// Looks through a directory. Links to files are followed, links to directories are not.
    pub(super) fn of(root: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        search(root, "", 0, &mut files)?;
        Ok(Self { files })
    }

    /// The files that rules name, in the order of the rules; then, if some rules name none, all other captures by name.
    ///
    /// # Errors
    /// A rule that names no regular file, with its line.
    pub(super) fn plan(&self, set: &RuleSet, matcher: &Matcher) -> Result<Vec<DatasetFile>> {
        let mut plan = Vec::new();
        let mut planned = std::collections::HashSet::new();
        for rule in &set.rules {
            let Some(name) = &rule.selector.file else { continue };
            if planned.contains(name.as_str()) {
                continue;
            }
            planned.insert(name.as_str());
            plan.push(self.regular(name).map_err(|error| error.at_line(rule.line, Some(1)))?);
        }
        if matcher.wants_every_file() {
            plan.extend(self.unnamed(set));
        }
        Ok(plan)
    }

    /// The files of these names.
    ///
    /// # Errors
    /// If one is no regular file.
    pub(super) fn named(&self, names: &[&str]) -> Result<Vec<DatasetFile>> {
        names.iter().map(|name| self.regular(name)).collect()
    }

    fn regular(&self, name: &str) -> Result<DatasetFile> {
        match self.files.get(name).map(Vec::as_slice) {
            Some([entry]) if entry.regular => Ok(DatasetFile { name: name.to_owned(), path: entry.path.clone() }),
            Some([_, _, ..]) => {
                Err(Error::labels(format!("'{name}' is the name of several files, differently encoded"))
                    .advise("rename all but one"))
            }
            Some(_) => Err(Error::labels(format!("'{name}' is not a regular file"))),
            None => Err(self.missing(name)),
        }
    }

    /// The captures that no rule names, by name.
    pub(super) fn unnamed(&self, set: &RuleSet) -> Vec<DatasetFile> {
        let named: std::collections::HashSet<&str> =
            set.rules.iter().filter_map(|rule| rule.selector.file.as_deref()).collect();
        self.captures_but(|name| named.contains(name))
    }

    /// All captures, by name.
    pub(super) fn captures(&self) -> Vec<DatasetFile> {
        self.captures_but(|_| false)
    }

    /// The files that are named like captures and are none, by name: an empty or damaged one should not be missed.
    pub(super) fn pretenders(&self) -> Vec<DatasetFile> {
        let named = |name: &str| {
            let name = name.to_ascii_lowercase();
            let packed = [".gz", ".zst", ".xz", ".lz4"].iter().find_map(|end| name.strip_suffix(end));
            let name = packed.unwrap_or(&name);
            [".pcap", ".pcapng", ".cap", ".ntar"].iter().any(|end| name.ends_with(end))
        };
        self.files
            .iter()
            .filter(|(name, _)| named(name) && !is_unfinished(name))
            .flat_map(|(name, entries)| entries.iter().map(move |entry| (name, entry)))
            .filter(|(_, entry)| entry.regular && !looks_like_a_capture(&entry.path))
            .map(|(name, entry)| DatasetFile { name: name.clone(), path: entry.path.clone() })
            .collect()
    }

    fn captures_but(&self, left_out: impl Fn(&str) -> bool) -> Vec<DatasetFile> {
        self.files
            .iter()
            .filter(|(name, _)| !left_out(name) && !is_unfinished(name))
            .flat_map(|(name, entries)| entries.iter().map(move |entry| (name, entry)))
            .filter(|(_, entry)| entry.regular && looks_like_a_capture(&entry.path))
            .map(|(name, entry)| DatasetFile { name: name.clone(), path: entry.path.clone() })
            .collect()
    }

    fn missing(&self, name: &str) -> Error {
        let error = Error::labels(format!("there is no file '{name}' in the directory"));
        match self.nearest(name) {
            Some(nearest) => error.advise(format!("there is '{nearest}'")),
            None => error.advise("names are relative to the directory, with '/' between directories"),
        }
    }

    /// The file whose path ends most like `name`, if there is just one.
    fn nearest(&self, name: &str) -> Option<&str> {
        let tail = |known: &str| {
            let pairs = known.rsplit('/').zip(name.rsplit(['/', '\\']));
            pairs.take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count()
        };
        let best = self.files.keys().map(|known| tail(known)).max().filter(|&best| best > 0)?;
        let mut nearest = self.files.keys().filter(|known| tail(known) == best);
        nearest.next().filter(|_| nearest.next().is_none()).map(String::as_str)
    }
}

fn search(directory: &Path, prefix: &str, depth: usize, files: &mut BTreeMap<String, Vec<Entry>>) -> Result<()> {
    let place = |error: io::Error| Error::from(error).in_file(directory);
    if depth > MAX_DEPTH {
        return Err(Error::request(format!("more than {MAX_DEPTH} directories in each other")).in_file(directory));
    }
    for entry in fs::read_dir(directory).map_err(place)? {
        let entry = entry.map_err(place)?;
        let mut kind = entry.file_type().map_err(place)?;
        let path = entry.path();
        let name: String = entry.file_name().to_string_lossy().nfc().collect();
        let name = format!("{prefix}{name}");
        if kind.is_dir() {
            search(&path, &format!("{name}/"), depth + 1, files)?;
            continue;
        }
        if kind.is_symlink() {
            kind = fs::metadata(&path).map_or(kind, |target| target.file_type());
        }
        let regular = FileType::is_file(&kind);
        files.entry(name).or_default().push(Entry { path, regular });
    }
    Ok(())
}

/// True for what a killed run of ours left behind.
fn is_unfinished(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.starts_with('.') && base.ends_with(".partial")
}

/// True if a file begins like a capture or like one that is packed.
fn looks_like_a_capture(path: &Path) -> bool {
    let mut head = [0; 6];
    let Ok(count) = File::open(path).and_then(|mut file| file.read(&mut head)) else {
        return true;
    };
    is_capture(&head[..count])
}
