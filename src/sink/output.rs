//! A file that appears when it is whole.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use flate2::write::GzEncoder;
use tempfile::{Builder, TempPath};

use super::reserved::Reserved;
use super::write_behind::WriteBehind;
use crate::capture::Sink;
use crate::error::{Error, Result, Shown};

/// Temporary files and directories that a signal must remove.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn remember(path: &Path) {
    unfinished().insert(path.to_owned());
}

pub(super) fn forget(path: &Path) {
    unfinished().remove(path);
}

/// Removes everything that was begun and not committed: for a signal handler, just before the process ends.
pub fn remove_unfinished() {
    for path in unfinished().iter() {
        // Under another name first: who is still creating files in a directory finds it no more.
        let doomed = path.with_extension("removed");
        // Nothing can be done about a failure here, and nobody is left to tell.
        let _ = fs::rename(path, &doomed);
        let _ = fs::remove_file(&doomed).or_else(|_| fs::remove_dir_all(&doomed));
    }
}

/// What an output may replace, and how it is packed.
#[derive(Debug, Clone, Default)]
pub struct OutputRules {
    /// Replace a file, or write into a directory, that is there already.
    pub force: bool,
    /// Threads for packing.
    pub threads: usize,
    /// The inputs, none of which may be the output.
    pub inputs: Vec<PathBuf>,
}

impl OutputRules {
    /// Sees that nothing at `path` would be lost.
    ///
    /// # Errors
    /// If a file is there (without `force`), or it is an input.
    pub fn check(&self, path: &Path) -> Result<()> {
        let Ok(there) = fs::metadata(path) else { return Ok(()) };
        let same = |input: &PathBuf| {
            fs::metadata(input).is_ok_and(|input| input.dev() == there.dev() && input.ino() == there.ino())
        };
        if there.is_file() && self.inputs.iter().any(same) {
            return Err(Error::request("input and output are the same file").in_file(path));
        }
        if there.is_file() && !self.force {
            return Err(Error::request("the output exists already")
                .in_file(path)
                .advise("choose another name, or give --force to replace it"));
        }
        Ok(())
    }
}

/// A file under construction; or standard output, or a device, which are written to as they are.
pub struct Output {
    path: PathBuf,
    stream: Box<dyn Stream>,
    temporary: Option<TempPath>,
    force: bool,
    packed: bool,
}

/// A stream that has something to write when it ends.
pub(super) trait Stream: Write + Send {
    fn finish(self: Box<Self>) -> io::Result<()>;

    /// Writes the first `count` bytes of `buffer` and takes them out of it; see [`Sink::take`].
    fn take(&mut self, buffer: &mut Vec<u8>, count: usize) -> io::Result<()> {
        self.write_all(&buffer[..count])?;
        buffer.drain(..count);
        Ok(())
    }
}

impl Stream for File {
    fn finish(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Reserved {
    fn finish(self: Box<Self>) -> io::Result<()> {
        match self.reserved > self.written {
            true => self.file.set_len(self.written),
            false => Ok(()),
        }
    }
}

impl Stream for io::Stdout {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.flush()
    }
}

impl Stream for GzEncoder<File> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        (*self).finish().map(drop)
    }
}

impl Stream for zstd::Encoder<'static, File> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        (*self).finish().map(drop)
    }
}

impl Output {
    /// Begins a file; `-` is standard output. A name that ends in `.gz` or `.zst` is packed.
    ///
    /// # Errors
    /// If the file exists (without `force`), is an input, or cannot be created.
    pub fn create(path: &Path, rules: &OutputRules) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::unnamed(path, Box::new(io::stdout())));
        }
        rules.check(path)?;
        let begin = || -> io::Result<Self> {
            match fs::metadata(path) {
                Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
                // A device or FIFO has no content to protect, and must not be replaced by a file.
                Ok(there) if !there.is_file() => {
                    let file = File::options().write(true).open(path)?;
                    Ok(Self::unnamed(path, Box::new(file)))
                }
                _ => Self::temporary(path, rules),
            }
        };
        must_exist(directory_of(path))?;
        begin().map_err(|error| Error::from(plain(error)).in_file(path))
    }

    fn unnamed(path: &Path, stream: Box<dyn Stream>) -> Self {
        Self { path: path.to_owned(), stream, temporary: None, force: false, packed: false }
    }

    fn temporary(path: &Path, rules: &OutputRules) -> io::Result<Self> {
        // A link to a file is followed: its target is replaced, the link stays.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (file, temporary) = Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".partial")
            // Less what the umask takes away, as for any new file.
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(directory_of(&target))?
            .into_parts();
        remember(&temporary);
        let extension = path.extension().and_then(|extension| extension.to_str());
        let stream: Box<dyn Stream> = match extension {
            Some("gz") => Box::new(GzEncoder::new(file, flate2::Compression::default())),
            Some("zst") => {
                let mut encoder = zstd::Encoder::new(file, 0)?;
                encoder.include_checksum(true)?;
                // Always in the way that allows several threads: their number must not change the bytes.
                encoder.multithread(rules.threads.max(1) as u32)?;
                Box::new(encoder)
            }
            _ => Box::new(Reserved::new(file)),
        };
        let stream = match rules.threads > 1 {
            true => Box::new(WriteBehind::new(stream)?),
            false => stream,
        };
        let packed = matches!(extension, Some("gz" | "zst"));
        Ok(Self { path: target, stream, temporary: Some(temporary), force: rules.force, packed })
    }

    /// Where temporary files that belong to this output may go: beside it, or where the system keeps such files.
    pub fn directory(&self) -> PathBuf {
        match &self.temporary {
            Some(temporary) => directory_of(temporary).to_owned(),
            None => std::env::temp_dir(),
        }
    }

    /// True for a file that is not packed: what stands at its beginning can be written last, when
    /// the stream is closed.
    pub fn can_go_back(&self) -> bool {
        self.temporary.is_some() && !self.packed
    }

    /// Ends the stream, without giving the file its name yet: nothing of it is open any more.
    ///
    /// # Errors
    /// When writing fails.
    pub fn close(self) -> Result<Closed> {
        self.stream.finish().map_err(|error| Error::from(error).in_file(&self.path))?;
        Ok(Closed { path: self.path, temporary: self.temporary, force: self.force })
    }

    /// Ends the stream and gives the file its name.
    ///
    /// # Errors
    /// When writing or renaming fails, or a file of that name has appeared meanwhile.
    pub fn commit(self) -> Result<()> {
        self.close()?.commit()
    }
}

/// A file that is whole and waits for its name.
pub struct Closed {
    path: PathBuf,
    temporary: Option<TempPath>,
    force: bool,
}

impl Closed {
    /// Writes `head` over as many bytes at the beginning.
    ///
    /// # Errors
    /// When that fails.
    pub fn begin_with(self, head: &[u8]) -> Result<Self> {
        if let Some(temporary) = &self.temporary {
            let write = || File::options().write(true).open(temporary)?.write_all_at(head, 0);
            write().map_err(|error| Error::from(plain(error)).in_file(&self.path))?;
        }
        Ok(self)
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When renaming fails, or a file of that name has appeared meanwhile.
    pub fn commit(mut self) -> Result<()> {
        let Some(temporary) = self.temporary.take() else {
            return Ok(());
        };
        forget(&temporary);
        let renamed = match self.force {
            true => temporary.persist(&self.path),
            false => temporary.persist_noclobber(&self.path),
        };
        renamed.map_err(|error| Error::from(error.error).in_file(&self.path))
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            forget(temporary);
        }
    }
}

impl Sink for Output {
    fn take(&mut self, buffer: &mut Vec<u8>, count: usize) -> io::Result<()> {
        self.stream.take(buffer, count).map_err(|error| named(&self.path, &error))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes).map_err(|error| named(&self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush().map_err(|error| named(&self.path, &error))
    }
}

/// A failure to write, with the name of the file: writers in between do not know it.
fn named(path: &Path, error: &io::Error) -> io::Error {
    let name = if path == Path::new("-") { Path::new("standard output") } else { path };
    io::Error::new(error.kind(), format!("{}: {error}", Shown(name)))
}

/// Sees that a directory is there before something is written into it.
pub(super) fn must_exist(directory: &Path) -> Result<()> {
    match directory.is_dir() {
        true => Ok(()),
        false => Err(Error::request("there is no such directory").in_file(directory).advise("make it first")),
    }
}

/// A failure to make a temporary file, without that file's name: nobody asked for it.
pub(super) fn plain(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::from(error.kind()),
    }
}

/// The directory that a file is in.
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
