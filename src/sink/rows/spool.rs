//! Bytes that must wait for the end, in a temporary file without a name.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::space;

/// How many bytes are written or read at once.
const CHUNK: usize = 1 << 20;

/// A file that is written once, from its beginning to its end, and then read.
pub(super) struct Spool {
    file: File,
    buffer: Vec<u8>,
    written: u64,
}

impl Spool {
    /// A file in this directory; it is gone when it is closed.
    pub(super) fn in_directory(directory: &Path) -> io::Result<Self> {
        // The name of a temporary file, which the failure would hold, says nothing to anybody.
        let plain = |error: io::Error| error.raw_os_error().map_or(error, io::Error::from_raw_os_error);
        let file = tempfile::tempfile_in(directory).map_err(plain)?;
        Ok(Self { file, buffer: Vec::new(), written: 0 })
    }

    /// How many bytes there are.
    pub(super) fn length(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Appends what `write` appends to its buffer.
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        write(&mut self.buffer);
        if self.buffer.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    /// Writes what is held in memory.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Reads a part into `into`, which is emptied first. It must have been flushed.
    pub(super) fn read(&self, start: u64, length: usize, into: &mut Vec<u8>) -> io::Result<()> {
        into.resize(length, 0);
        self.file.read_exact_at(into, start)
    }

    /// Gives everything to `take`, chunk by chunk.
    pub(super) fn each(&mut self, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        self.flush()?;
        let (mut start, mut chunk) = (0, Vec::new());
        while start < self.written {
            let length = (self.written - start).min(CHUNK as u64);
            self.read(start, length as usize, &mut chunk)?;
            take(&chunk)?;
            start += length;
        }
        Ok(())
    }

    /// Gives everything to `take`, chunk by chunk, and each chunk's space back to the file system.
    pub(super) fn drain(&mut self, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let file = self.file.try_clone()?;
        let mut start = 0;
        self.each(|chunk| {
            take(chunk)?;
            space::release(&file, start, chunk.len() as u64);
            start += chunk.len() as u64;
            Ok(())
        })
    }

    /// Gives the space of a part back to the file system.
    pub(super) fn release(&self, start: u64, length: u64) {
        space::release(&self.file, start, length);
    }
}
