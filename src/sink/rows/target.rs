//! Where the bytes of a file of rows go.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::super::output::{Output, OutputRules};
use super::spool::Spool;
use crate::capture::Sink;
use crate::error::{Error, Result, Shown};

/// A file of its own, or one in a directory that becomes whole at once.
pub(super) enum Target {
    Output(Output, PathBuf),
    Part { file: File, path: PathBuf, shown: PathBuf },
}

impl Target {
    /// A file that appears under its name when it is whole.
    pub(super) fn output(path: &Path, rules: &OutputRules) -> Result<Self> {
        Ok(Self::Output(Output::create(path, rules)?, path.to_owned()))
    }

    /// A file of a directory that is not whole yet; messages call it `shown`.
    pub(super) fn part(path: PathBuf, shown: PathBuf) -> Result<Self> {
        match File::create_new(&path) {
            Ok(file) => Ok(Self::Part { file, path, shown }),
            Err(error) => Err(Error::from(error).in_file(shown)),
        }
    }

    /// The file's name, for messages.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Output(_, path) | Self::Part { shown: path, .. } => path,
        }
    }

    /// True if the bytes go to standard output.
    pub(super) fn is_stdout(&self) -> bool {
        matches!(self, Self::Output(_, path) if path == Path::new("-"))
    }

    /// Where temporary files go: beside this one.
    pub(super) fn directory(&self) -> PathBuf {
        match self {
            Self::Output(output, _) => output.directory(),
            Self::Part { path, .. } => path.parent().unwrap_or(Path::new(".")).to_owned(),
        }
    }

    /// A temporary file beside this one.
    pub(super) fn spool(&self) -> Result<Spool> {
        Spool::in_directory(&self.directory()).map_err(|error| self.spool_failed(error))
    }

    /// A failure of a temporary file, which has no name that anybody knows. Failures to write have this file's name
    /// already.
    pub(super) fn spool_failed(&self, error: io::Error) -> Error {
        Error::from(error).in_file(self.path())
    }

    /// Writes a buffer and empties it.
    pub(super) fn take(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        let length = buffer.len();
        match self {
            Self::Output(output, _) => output.take(buffer, length),
            Self::Part { .. } => {
                self.write_all(buffer)?;
                buffer.clear();
                Ok(())
            }
        }
    }

    /// True if what stands at the beginning of the file can be written last.
    pub(super) fn can_go_back(&self) -> bool {
        match self {
            Self::Output(output, _) => output.can_go_back(),
            Self::Part { .. } => true,
        }
    }

    /// Writes `head` over as many bytes at the beginning, and ends the file.
    pub(super) fn commit_begun_with(self, head: &[u8]) -> Result<()> {
        match self {
            Self::Output(output, _) => output.close()?.begin_with(head)?.commit(),
            Self::Part { file, shown, .. } => {
                file.write_all_at(head, 0).map_err(|error| Error::from(error).in_file(shown))
            }
        }
    }

    /// Ends the file.
    pub(super) fn commit(self) -> Result<()> {
        match self {
            Self::Output(output, _) => output.commit(),
            Self::Part { .. } => Ok(()),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Output(output, _) => output.write(bytes),
            Self::Part { file, shown, .. } => {
                file.write(bytes).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", Shown(shown))))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Output(output, _) => output.flush(),
            Self::Part { file, .. } => file.flush(),
        }
    }
}
