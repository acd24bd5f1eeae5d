//! A file whose space is reserved some way ahead of what is written.

use std::fs::File;
use std::io::{self, Write};

use crate::space;

/// How much is reserved at once.
const STEP: u64 = 64 << 20;

/// Files smaller than this are written without.
const WORTHWHILE: u64 = 8 << 20;

/// A file with space ahead. When it ends, its length must be set to what was written.
pub(super) struct Reserved {
    pub(super) file: File,
    pub(super) written: u64,
    /// Up to where space is reserved; the maximum if that cannot be done.
    pub(super) reserved: u64,
}

impl Reserved {
    pub(super) fn new(file: File) -> Self {
        Self { file, written: 0, reserved: 0 }
    }

    #[cold]
    fn reserve(&mut self) {
        let start = self.reserved.max(self.written);
        self.reserved = match space::reserve(&self.file, start, STEP) {
            true => start + STEP,
            // A file system that cannot, or a disk that is nearly full: writing itself will tell.
            false => u64::MAX,
        };
    }
}

impl Write for Reserved {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.written + bytes.len() as u64;
        if end > self.reserved && end > WORTHWHILE {
            self.reserve();
        }
        let count = self.file.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
