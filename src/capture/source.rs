//! Where a capture's bytes come from: a file, a pipe or standard input, plain or compressed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use liblzma::stream::{CONCATENATED, Stream};
use lz4_flex::frame::FrameDecoder;

use super::read_ahead::ReadAhead;
use crate::error::{Error, Result};

/// The most memory that an xz stream may ask for: its format allows 4 GiB, its strongest preset needs 65 MiB.
const MAX_XZ_MEMORY: u64 = 96 << 20;

/// The largest zstd window, as a power of two: what the zstd tool itself accepts without being told.
const MAX_ZSTD_WINDOW: u32 = 27;

/// How a capture is packed. It is known by its first bytes, never by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The xz file format 1.2.
    Xz,
    /// The LZ4 frame format 1.6.
    Lz4,
}

impl Compression {
    /// What a stream that begins with `head` is packed with, if anything.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A zstd stream may begin with a skippable frame.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Self::Lz4),
            _ => None,
        }
    }

    /// Its name, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Lz4 => "lz4",
        }
    }

    /// The unpacked stream; with `threads` > 1 it is unpacked ahead, in a thread of its own.
    pub(super) fn unpack(self, packed: Box<dyn Read + Send>, threads: usize) -> io::Result<Box<dyn Read + Send>> {
        let plain: Box<dyn Read + Send> = match self {
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(packed)),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::new(packed)?;
                decoder.window_log_max(MAX_ZSTD_WINDOW)?;
                Box::new(decoder)
            }
            Self::Xz => {
                let stream = Stream::new_stream_decoder(MAX_XZ_MEMORY, CONCATENATED)?;
                Box::new(liblzma::read::XzDecoder::new_stream(packed, stream))
            }
            Self::Lz4 => Box::new(Lz4Frames::new(packed)),
        };
        Ok(if threads > 1 { Box::new(ReadAhead::new(plain)?) } else { plain })
    }
}

/// Any number of LZ4 frames, one after the other, as one stream; the library's decoder stops after the first.
struct Lz4Frames {
    frame: Option<FrameDecoder<BufReader<Box<dyn Read + Send>>>>,
}

impl Lz4Frames {
    fn new(packed: Box<dyn Read + Send>) -> Self {
        Self { frame: Some(FrameDecoder::new(BufReader::new(packed))) }
    }
}

impl Read for Lz4Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(frame) = &mut self.frame {
            let read = frame.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(ended) = self.frame.take() else { break };
            let mut packed = ended.into_inner();
            if !packed.fill_buf()?.is_empty() {
                self.frame = Some(FrameDecoder::new(packed));
            }
        }
        Ok(0)
    }
}

/// A stream of bytes with a name and, if it is a file, a size.
pub struct Source {
    name: PathBuf,
    stream: Counted<Box<dyn Read + Send>>,
    size: Option<u64>,
}

impl Source {
    /// Opens a file, a FIFO, or for `-` standard input.
    ///
    /// # Errors
    /// What the system says, with the path; directories are refused.
    pub fn open(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::from_stream("standard input", Box::new(io::stdin())));
        }
        let open = || -> io::Result<(File, std::fs::Metadata)> {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            Ok((file, metadata))
        };
        let (file, metadata) = open().map_err(|error| Error::from(error).in_file(path))?;
        if metadata.is_dir() {
            return Err(Error::unreadable("a directory, not a capture").in_file(path));
        }
        let mut source = Self::from_stream(path, Box::new(file));
        source.size = metadata.is_file().then_some(metadata.len());
        Ok(source)
    }

    /// A stream of our own, with a name for messages.
    pub fn from_stream(name: impl Into<PathBuf>, stream: Box<dyn Read + Send>) -> Self {
        Self { name: name.into(), stream: Counted { stream, count: Arc::default() }, size: None }
    }

    /// Its name: the path as it was given.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Its size in bytes, packed, if it is a regular file.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The bytes, unpacked if they are packed: for files beside captures.
    ///
    /// # Errors
    /// What the system says of the first bytes, with the path.
    pub fn into_plain(self) -> Result<Box<dyn Read + Send>> {
        let Self { name, mut stream, .. } = self;
        let unpack = || -> io::Result<Box<dyn Read + Send>> {
            let mut head = Vec::new();
            stream.by_ref().take(6).read_to_end(&mut head)?;
            let packed = Compression::of(&head);
            let whole: Box<dyn Read + Send> = Box::new(io::Cursor::new(head).chain(stream));
            match packed {
                Some(packed) => packed.unpack(whole, 1),
                None => Ok(whole),
            }
        };
        unpack().map_err(|error| Error::from(error).in_file(name))
    }

    pub(super) fn into_parts(self) -> (PathBuf, Arc<AtomicU64>, Box<dyn Read + Send>) {
        let count = self.stream.count.clone();
        (self.name, count, Box::new(self.stream))
    }
}

/// A stream that says how far it has been read, for progress.
struct Counted<R> {
    stream: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
