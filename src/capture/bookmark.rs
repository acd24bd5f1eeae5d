//! Places in a capture where reading can begin again: what a reader knew when it stood there.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::reader::{Reader, State};
use super::source::Source;
use super::window::Window;
use crate::packet::Interface;

/// What holds for a stretch of a capture: its format, and the interfaces described so far.
#[derive(Clone)]
pub struct Surroundings {
    state: State,
    interfaces: Arc<[Interface]>,
    first_interface: u32,
}

/// A place between two items of a capture that is not packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bookmark {
    /// Bytes before it.
    pub offset: u64,
    /// Blocks before it.
    pub blocks: u64,
    /// Packets before it.
    pub packets: u64,
}

impl Reader {
    /// Where the next item begins.
    pub fn bookmark(&self) -> Bookmark {
        Bookmark { offset: self.window.offset(), blocks: self.blocks, packets: self.packets }
    }

    /// What holds here; the same as `before`, without a copy, if nothing has changed since.
    pub fn surroundings(&self, before: Option<&Surroundings>) -> Surroundings {
        let same = |before: &&Surroundings| {
            before.first_interface == self.first_interface && before.interfaces.len() == self.interfaces.len()
        };
        let interfaces = match before.filter(same) {
            Some(before) => Arc::clone(&before.interfaces),
            None => self.interfaces.as_slice().into(),
        };
        Surroundings { state: self.state.clone(), interfaces, first_interface: self.first_interface }
    }

    /// Reads a file from a place to another, `end`; messages call it `name`. `memory` is a buffer to reuse.
    pub fn resume(
        file: &Arc<File>,
        name: &Path,
        (begin, end): (Bookmark, u64),
        surroundings: &Surroundings,
        memory: Vec<u8>,
    ) -> Self {
        let stream = Box::new(Stretch { file: Arc::clone(file), at: begin.offset, end });
        let length = end.saturating_sub(begin.offset);
        let (name, consumed, stream) = Source::from_stream(name, stream).into_parts();
        Self {
            name,
            consumed,
            compression: None,
            window: Window::resumed(stream, memory, begin.offset, length),
            state: surroundings.state.clone(),
            interfaces: surroundings.interfaces.to_vec(),
            first_interface: surroundings.first_interface,
            blocks: begin.blocks,
            packets: begin.packets,
            repaired: false,
            failed: false,
        }
    }
}

/// A stretch of a file; where others read it does not matter.
struct Stretch {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Stretch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let read = self.file.read_at(buffer.get_mut(..length).unwrap_or_default(), self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Surroundings {
    /// True if both hold the same.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.interfaces, &other.interfaces) && self.first_interface == other.first_interface
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Item;

    /// A pcap of three packets of 1, 2 and 3 bytes.
    fn capture() -> tempfile::NamedTempFile {
        let mut bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0];
        for length in 1..=3_u8 {
            bytes.extend([length, 0, 0, 0, 0, 0, 0, 0, length, 0, 0, 0, length, 0, 0, 0]);
            bytes.extend(vec![length; length.into()]);
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn reading_goes_on_where_a_bookmark_is() {
        let file = capture();
        let mut reader = Reader::open(file.path(), 1).unwrap();
        assert!(matches!(reader.next_item(), Ok(Some(Item::Interface(..)))));
        let surroundings = reader.surroundings(None);
        assert!(reader.surroundings(Some(&surroundings)).is(&surroundings));
        reader.next_item().unwrap();
        let begin = reader.bookmark();
        reader.next_item().unwrap();
        let end = reader.bookmark().offset;
        let open = Arc::new(File::open(file.path()).unwrap());
        let mut again = Reader::resume(&open, file.path(), (begin, end), &surroundings, Vec::new());
        let Ok(Some(Item::Packet(packet))) = again.next_item() else { panic!("no packet") };
        assert_eq!((packet.number, packet.bytes), (2, &[2, 2][..]));
        assert!(matches!(again.next_item(), Ok(None)));
    }
}
