//! Whether a capture holds what `pcapml release` writes, and nothing else: it is written once more while it is read.
//!
//! What is left out of a challenge, or of the other samples beside one, is left out again, and whatever has a place in a
//! capture to hide in (options, names, padding, blocks that nobody knows, the order of blocks) is another byte then. Of the
//! bytes that are read only those wait that were not yet written: some megabytes.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::capture::{Block, Item, Sink};
use crate::command::select::withheld::{Withheld, plain};
use crate::error::Result;
use crate::packet::{Opt, SampleId, code, push_option};
use crate::publish::lists::WITHHELD;
use crate::sample::comment;
use crate::sample::header::{APPLICATION, Header};

/// A capture that is written once more.
pub(super) struct Remade<'a> {
    /// It is that of a challenge.
    hidden: bool,
    /// What its section says of the dataset.
    facts: &'a Map<String, Value>,
    out: Option<Withheld<Rest>>,
    rest: Rest,
}

impl<'a> Remade<'a> {
    pub(super) fn new(hidden: bool, facts: &'a Map<String, Value>) -> Self {
        Self { hidden, facts, out: None, rest: Rest::default() }
    }

    /// Takes what stands in the capture.
    ///
    /// # Errors
    /// Never in practice: what is written goes nowhere.
    pub(super) fn item(&mut self, item: &Item) -> Result<()> {
        match item {
            Item::Section(block) if self.out.is_none() => self.begin(block),
            // No second section is written, nor any other block; interfaces are, with their first packets.
            Item::Section(_) | Item::Other(_) => self.rest.surplus(),
            Item::Interface(_, block) => self.rest.read(block.bytes),
            Item::Packet(packet) => self.rest.read(packet.block),
        }
        let Some(out) = &mut self.out else { return Ok(()) };
        match item {
            Item::Packet(packet) if self.hidden => out.hidden(packet, id_alone),
            Item::Packet(packet) => out.shown(packet, is_label),
            other => {
                out.item(other);
                Ok(())
            }
        }
    }

    fn begin(&mut self, block: &Block) {
        let application = application(block).unwrap_or_else(|| APPLICATION.to_owned());
        let mut options = Vec::new();
        let header = plain(Header::read(block.section_options()), self.facts);
        push_option(&mut options, code::OPT_COMMENT, header.comment().as_bytes());
        push_option(&mut options, code::SHB_USERAPPL, application.as_bytes());
        self.rest.read(block.bytes);
        self.out = Some(Withheld::new(self.rest.clone(), self.hidden, &options));
    }

    /// The first byte of the capture, unpacked, that would have been written otherwise.
    ///
    /// # Errors
    /// As [`Self::item`].
    pub(super) fn difference(self) -> Result<Option<u64>> {
        self.out.map(Withheld::finish).transpose()?;
        Ok(self.rest.end())
    }
}

/// The sample that a comment names and says nothing else of.
fn id_alone(text: &[u8]) -> Option<SampleId> {
    let id = comment::id(text)?;
    (text == format!("{id},{WITHHELD}").as_bytes()).then_some(id)
}

/// True of the comment of a sample.
fn is_label(option: &Opt) -> Option<bool> {
    (option.code == code::OPT_COMMENT && comment::id(option.text()).is_some()).then_some(true)
}

/// What the program that wrote a section calls itself, if it is pcapml in some version.
fn application(block: &Block) -> Option<String> {
    let option = block.section_options().find(|option| option.code == code::SHB_USERAPPL)?;
    let text = std::str::from_utf8(option.value).ok()?;
    let mut numbers = text.strip_prefix("pcapml ")?.split('.');
    let is_number = |text: &str| text.parse::<u16>().is_ok_and(|number| number.to_string() == text);
    (numbers.clone().count() == 3 && numbers.all(is_number)).then(|| text.to_owned())
}

/// Where bytes are written to that were read before: they are compared, and gone.
#[derive(Clone, Default)]
struct Rest(Rc<RefCell<Compared>>);

#[derive(Default)]
struct Compared {
    /// What was read and not yet written.
    waiting: Vec<u8>,
    /// How much was written.
    written: u64,
    /// Where the two differ.
    differs: Option<u64>,
    /// What is read from now on is not compared: it differs.
    is_over: bool,
}

impl Rest {
    fn read(&self, bytes: &[u8]) {
        let mut of = self.0.borrow_mut();
        if of.differs.is_none() && !of.is_over {
            of.waiting.extend_from_slice(bytes);
        }
    }

    /// Ends the comparison at a block that is never written.
    fn surplus(&self) {
        self.0.borrow_mut().is_over = true;
    }

    /// Where the two differ, nothing more being read or written.
    fn end(&self) -> Option<u64> {
        let of = self.0.borrow();
        of.differs.or((of.is_over || !of.waiting.is_empty()).then_some(of.written))
    }
}

impl io::Write for Rest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let of = &mut *self.0.borrow_mut();
        if of.differs.is_none() {
            let same = of.waiting.iter().zip(bytes).take_while(|(read, written)| read == written).count();
            of.written += same as u64;
            of.waiting.drain(..same);
            of.differs = (same < bytes.len()).then_some(of.written);
        }
        if of.differs.is_some() {
            of.waiting = Vec::new();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Rest {}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What was read, and what is written instead: where they differ.
    fn compared(read: &[&[u8]], written: &[&[u8]], is_over: bool) -> Option<u64> {
        let mut rest = Rest::default();
        read.iter().for_each(|bytes| rest.read(bytes));
        if is_over {
            rest.surplus();
            rest.read(b"xyz");
        }
        for bytes in written {
            rest.write_all(bytes).unwrap();
        }
        rest.end()
    }

    #[test]
    fn the_first_byte_that_differs_is_told() {
        assert_eq!(compared(&[b"abc", b"def"], &[b"ab", b"cdef"], false), None);
        assert_eq!(compared(&[b"abc", b"def"], &[b"ab", b"cdxf", b"g"], false), Some(4));
        assert_eq!(compared(&[b"abc"], &[b"abcd", b"e"], false), Some(3));
        assert_eq!(compared(&[b"abc", b"d"], &[b"abc"], false), Some(3));
        assert_eq!(compared(&[b"abc"], &[b"abc"], true), Some(3));
        assert_eq!(compared(&[b"abc"], &[b"abc", b"xyz"], true), Some(3));
    }
}
