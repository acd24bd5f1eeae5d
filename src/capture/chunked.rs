//! Output that is collected and written in whole pages: a page that is written in two parts costs the kernel twice.

use std::io::{self, Write};

use super::CHUNK;

/// How many bytes are written at once: large writes get large pages of the kernel's cache.
const WRITE: usize = 1 << 20;

/// What writes are a multiple of.
const PAGE: usize = 4096;

/// What captures are written to.
pub trait Sink: Write {
    /// Writes the first `count` bytes of `buffer` and takes them out of it. Who writes in a thread of its own may take the
    /// buffer itself, and leave another.
    ///
    /// # Errors
    /// When writing fails.
    fn take(&mut self, buffer: &mut Vec<u8>, count: usize) -> io::Result<()> {
        self.write_all(buffer.get(..count).unwrap_or_default())?;
        buffer.copy_within(count.., 0);
        buffer.truncate(buffer.len() - count);
        Ok(())
    }
}

impl Sink for Vec<u8> {}

/// A buffer in front of an output. Writers append to [`Self::buffer`] and then call [`Self::drain`].
pub(super) struct Chunked<W: Sink> {
    out: W,
    pub(super) buffer: Vec<u8>,
}

impl<W: Sink> Chunked<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, buffer: Vec::with_capacity(WRITE + CHUNK) }
    }

    /// Writes the whole pages of the buffer if there are enough of them.
    #[inline]
    pub(super) fn drain(&mut self) -> io::Result<()> {
        if self.buffer.len() < WRITE {
            return Ok(());
        }
        self.write_pages()
    }

    #[cold]
    fn write_pages(&mut self) -> io::Result<()> {
        let whole = self.buffer.len() / PAGE * PAGE;
        self.out.take(&mut self.buffer, whole)
    }

    /// Writes what is left, and gives the output back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&self.buffer)?;
        Ok(self.out)
    }
}
