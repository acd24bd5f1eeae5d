//! A directory that appears when it is whole, and many files that grow side by side in it.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};

use super::output::{OutputRules, directory_of, forget, must_exist, plain, remember};
use crate::error::{Error, Result};

/// A directory under construction.
pub struct Directory {
    path: PathBuf,
    temporary: TempDir,
    /// The directory is there already: files are moved into it.
    merge: bool,
}

impl Directory {
    /// Begins a directory.
    ///
    /// # Errors
    /// If it exists and is not empty (without `force`), or cannot be created.
    pub fn create(path: &Path, rules: &OutputRules) -> Result<Self> {
        // A directory that is there is written into: it may be a mount point or the target of a link.
        let exists = path.is_dir();
        let begin = || -> io::Result<(TempDir, bool)> {
            let occupied = exists && fs::read_dir(path)?.next().is_some();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let temporary = Builder::new()
                .prefix(&format!(".{name}."))
                .suffix(".partial")
                .permissions(fs::Permissions::from_mode(0o777))
                .tempdir_in(if exists { path } else { directory_of(path) })?;
            Ok((temporary, occupied))
        };
        if !exists {
            must_exist(directory_of(path))?;
            if path.exists() {
                return Err(Error::request("a file, where a directory is to be written").in_file(path));
            }
        }
        let (temporary, occupied) = begin().map_err(|error| Error::from(plain(error)).in_file(path))?;
        if occupied && !rules.force {
            return Err(Error::request("the output directory is not empty")
                .in_file(path)
                .advise("choose another one, or give --force to add to it"));
        }
        remember(temporary.path());
        Ok(Self { path: path.to_owned(), temporary, merge: exists })
    }

    /// Begins a directory that no file may be in, whatever the rules say: old files beside new ones would be read as one.
    ///
    /// # Errors
    /// If it exists and is not empty, or cannot be created.
    pub fn create_empty(path: &Path, rules: &OutputRules) -> Result<Self> {
        if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Error::request("the output directory is not empty")
                .in_file(path)
                .advise("choose another one, or remove what is in it"));
        }
        Self::create(path, rules)
    }

    /// Where files are written until the directory is whole.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Gives the directory its name; with `force`, moves its files into the one that is there. How many other files that
    /// one holds is returned.
    ///
    /// # Errors
    /// When renaming fails.
    pub fn commit(self) -> Result<u64> {
        let path = self.path.clone();
        let place = |error: io::Error| Error::from(error).in_file(&path);
        if self.merge {
            let mut moved = 0;
            for entry in fs::read_dir(self.temporary.path()).map_err(place)? {
                let entry = entry.map_err(place)?;
                fs::rename(entry.path(), self.path.join(entry.file_name())).map_err(place)?;
                moved += 1;
            }
            forget(self.temporary.path());
            self.temporary.close().map_err(place)?;
            let there = fs::read_dir(&self.path).map_err(place)?.count() as u64;
            return Ok(there.saturating_sub(moved));
        }
        fs::rename(self.temporary.path(), &self.path).map_err(place)?;
        forget(self.temporary.path());
        let Self { temporary, .. } = self;
        // It has another name now: there is nothing to remove.
        let _ = temporary.keep();
        Ok(0)
    }
}

/// Any number of files that grow side by side, with one of them open at a time: their bytes are collected in memory and
/// appended when it is full.
pub struct ManyFiles {
    directory: PathBuf,
    /// The directory's final name, for messages.
    shown: PathBuf,
    memory: usize,
    threads: usize,
    held: usize,
    files: Vec<Growing>,
}

struct Growing {
    name: String,
    held: Vec<u8>,
    created: bool,
}

impl ManyFiles {
    /// Files of this directory, which may hold `memory` bytes back, and are written by so many threads.
    pub fn new(directory: &Directory, memory: usize, threads: usize) -> Self {
        Self {
            directory: directory.path().to_owned(),
            shown: directory.path.clone(),
            memory,
            threads: threads.max(1),
            held: 0,
            files: Vec::new(),
        }
    }

    /// Begins a file and returns its number.
    pub fn begin(&mut self, name: String) -> usize {
        self.files.push(Growing { name, held: Vec::new(), created: false });
        self.files.len() - 1
    }

    /// A file's name.
    pub fn name(&self, number: usize) -> &str {
        &self.files[number].name
    }

    /// Appends to a file what `write` appends to its buffer.
    ///
    /// # Errors
    /// When writing fails.
    #[inline]
    pub fn append(&mut self, number: usize, write: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        let held = &mut self.files[number].held;
        let before = held.capacity();
        write(held);
        self.held += held.capacity() - before;
        if self.held > self.memory {
            self.flush()?;
        }
        Ok(())
    }

    /// Gives a file another name.
    ///
    /// # Errors
    /// When renaming fails.
    pub fn rename(&mut self, number: usize, name: String) -> Result<()> {
        let file = &mut self.files[number];
        if file.created {
            fs::rename(self.directory.join(&file.name), self.directory.join(&name))
                .map_err(|error| Error::from(error).in_file(self.shown.join(&name)))?;
        }
        file.name = name;
        Ok(())
    }

    /// Replaces a file by what `copy` makes of it.
    ///
    /// # Errors
    /// When reading or writing fails.
    pub fn rewrite(
        &mut self,
        number: usize,
        copy: impl FnOnce(&mut BufReader<File>, &mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<()> {
        self.flush()?;
        let name = &self.files[number].name;
        let (old, new) = (self.directory.join(name), self.directory.join(format!(".{name}")));
        let replace = || -> io::Result<()> {
            let mut out = BufWriter::new(File::create_new(&new)?);
            copy(&mut BufReader::new(File::open(&old)?), &mut out)?;
            out.flush()?;
            fs::rename(&new, &old)
        };
        replace().map_err(|error| Error::from(error).in_file(self.shown.join(name)))
    }

    /// Appends everything that is held in memory to its file.
    ///
    /// # Errors
    /// When writing fails.
    pub fn flush(&mut self) -> Result<()> {
        let mut waiting: Vec<&mut Growing> =
            self.files.iter_mut().filter(|file| !(file.held.is_empty() && file.created)).collect();
        // Each thread writes neighbours; which one writes what changes nothing in any file.
        let share = waiting.len().div_ceil(self.threads).max(1);
        let first = share.min(waiting.len());
        let (directory, shown) = (&self.directory, &self.shown);
        let write = |files: &mut [&mut Growing]| files.iter_mut().try_for_each(|file| file.flush(directory, shown));
        std::thread::scope(|scope| {
            let (here, others) = waiting.split_at_mut(first);
            let others: Vec<_> = others.chunks_mut(share).map(|files| scope.spawn(move || write(files))).collect();
            let mut done = write(here);
            for thread in others {
                done = done.and(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            done
        })?;
        self.held = 0;
        Ok(())
    }
}

impl Growing {
    fn flush(&mut self, directory: &Path, shown: &Path) -> Result<()> {
        let path = directory.join(&self.name);
        let write = || -> io::Result<()> {
            let mut opened = match self.created {
                true => File::options().append(true).open(&path)?,
                false => File::create_new(&path)?,
            };
            opened.write_all(&self.held)
        };
        write().map_err(|error| Error::from(error).in_file(shown.join(&self.name)))?;
        self.created = true;
        self.held = Vec::new();
        Ok(())
    }
}
