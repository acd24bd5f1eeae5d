//! Places in a capture where reading can begin again: what a reader knew when it stood there.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::reader::{Reader, State};
use super::window::Window;
use crate::packet::Interface;

/// What holds for the packets of a section: its format, and the interfaces described so far.
pub struct Surroundings {
    state: State,
    interfaces: Vec<Interface>,
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

impl Surroundings {
    /// What holds where a reader stands.
    pub fn of(reader: &Reader) -> Self {
        Self {
            state: reader.state.clone(),
            interfaces: reader.interfaces.clone(),
            first_interface: reader.first_interface,
        }
    }

    /// Takes in what a reader has learned since, in the same section: interfaces are only added to those before.
    pub fn grow(&mut self, reader: &Reader) {
        self.state = reader.state.clone();
        let described = reader.interfaces.get(self.interfaces.len()..).unwrap_or_default();
        self.interfaces.extend_from_slice(described);
    }

    /// A reader of stretches, which [`Reader::turn_to`] names; messages call the file `name`.
    pub fn reader(&self, name: &Path) -> Reader {
        Reader {
            name: name.to_owned(),
            consumed: Arc::default(),
            compression: None,
            window: Window::resumed(Box::new(io::empty()), Vec::new(), 0, 0),
            state: self.state.clone(),
            interfaces: self.interfaces.clone(),
            first_interface: self.first_interface,
            blocks: 0,
            packets: 0,
            repaired: false,
            failed: false,
        }
    }
}

impl Reader {
    /// The same reader at another stretch of its section: from a place to another, `end`. No interface is described there.
    #[must_use]
    pub fn turn_to(self, file: &Arc<File>, begin: Bookmark, end: u64) -> Self {
        let stream = Box::new(Stretch { file: Arc::clone(file), at: begin.offset, end });
        let length = end.saturating_sub(begin.offset);
        let window = Window::resumed(stream, self.window.into_memory(), begin.offset, length);
        Self { window, blocks: begin.blocks, packets: begin.packets, failed: false, ..self }
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
        let surroundings = Surroundings::of(&reader);
        reader.next_item().unwrap();
        let Ok(Some(Item::Packet(second))) = reader.next_item() else { panic!("no packet") };
        let (block, offset) = second.place;
        let begin = Bookmark { offset, blocks: block - 1, packets: 1 };
        let end = offset + second.block.len() as u64;
        let open = Arc::new(File::open(file.path()).unwrap());
        let mut again = surroundings.reader(file.path());
        for _ in 0..2 {
            again = again.turn_to(&open, begin, end);
            let Ok(Some(Item::Packet(packet))) = again.next_item() else { panic!("no packet") };
            assert_eq!((packet.number, packet.bytes), (2, &[2, 2][..]));
            assert!(matches!(again.next_item(), Ok(None)));
        }
    }
}
