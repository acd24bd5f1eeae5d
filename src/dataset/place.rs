//! Where a capture can be read from any place, and whether it is still the one that was read.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::capture::{Reader, Source};
use crate::error::{Error, Result};

/// A capture that is read from any place: itself, or a copy of it that is not packed.
pub(super) struct Place {
    name: PathBuf,
    copy: Option<Plain>,
    /// What the file was before it was read.
    stamp: Stamp,
}

impl Place {
    /// Of a capture, and a reader that stands at its beginning.
    pub(super) fn of(name: &Path) -> Result<(Self, Reader)> {
        let named = |error: io::Error| Error::from(error).in_file(name);
        if name.metadata().is_ok_and(|file| file.is_file()) {
            // Before it is read: what is written meanwhile must show.
            let stamp = Stamp::at(name).map_err(named)?;
            let reader = Reader::open(name, 1)?;
            if !reader.is_packed() {
                return Ok((Self { name: name.to_owned(), copy: None, stamp }, reader));
            }
        }
        let mut copy = tempfile::NamedTempFile::new().map_err(named)?;
        io::copy(&mut Source::open(name)?.into_plain()?, &mut copy).map_err(named)?;
        let stamp = Stamp::at(copy.path()).map_err(named)?;
        let stream = File::open(copy.path()).map_err(named)?;
        let reader = Reader::new(Source::from_stream(name, Box::new(stream)), 1, Vec::new())?;
        Ok((Self { name: name.to_owned(), copy: Some(Plain::of(copy)), stamp }, reader))
    }

    /// The capture's name.
    pub(super) fn name(&self) -> &Path {
        &self.name
    }

    /// Opens the file, which must be the one that was read.
    pub(super) fn open(&self) -> Result<File> {
        let named = |error: io::Error| Error::from(error).in_file(&self.name);
        let opened = File::open(self.copy.as_ref().map_or(&self.name, |copy| &copy.path)).map_err(named)?;
        if self.stamp != Stamp::of(&opened).map_err(named)? {
            return Err(Error::unreadable("the capture has changed since it was indexed")
                .in_file(&self.name)
                .advise("open it again"));
        }
        Ok(opened)
    }
}

/// A temporary copy, removed by the process that made it: a forked child has it too, and must leave it to its parent.
struct Plain {
    copy: Option<tempfile::NamedTempFile>,
    path: PathBuf,
    process: u32,
}

impl Plain {
    fn of(copy: tempfile::NamedTempFile) -> Self {
        Self { path: copy.path().to_owned(), copy: Some(copy), process: std::process::id() }
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        if let Some(copy) = self.copy.take().filter(|_| self.process != std::process::id()) {
            let _ = copy.keep();
        }
    }
}

/// What changes when a file is written to or another takes its name. A place in a file means nothing in another one: by
/// luck it is the beginning of a block there too, and a packet would come out under the label of another.
#[derive(PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and number.
    identity: (u64, u64),
}

impl Stamp {
    /// Of the file that has this name now.
    fn at(path: &Path) -> io::Result<Self> {
        Ok(Self::from(&path.metadata()?))
    }

    /// Of an open file.
    fn of(file: &File) -> io::Result<Self> {
        Ok(Self::from(&file.metadata()?))
    }
}

impl From<&Metadata> for Stamp {
    fn from(file: &Metadata) -> Self {
        Self { length: file.len(), modified: file.modified().ok(), identity: (file.dev(), file.ino()) }
    }
}
