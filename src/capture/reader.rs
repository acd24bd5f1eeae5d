//! One reader for every capture: pcap or pcapng, plain or packed, from a file or a pipe.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::block::{Block, kind};
use super::clock::Clock;
use super::pcap::{self, Layout};
use super::pcapng::{self, PacketHeader};
use super::source::{Compression, Source};
use super::window::Window;
use super::{MAX_BLOCK, MAX_INTERFACES};
use crate::error::{Error, Kind, Position, Result};
use crate::packet::{ByteOrder, Interface, Options, Packet};

/// How captures begin that others read, and whose they are.
const FOREIGN: [(&[u8], &str); 5] = [
    (b"GMBU", "Microsoft Network Monitor wrote it"),
    (b"RTSS", "Microsoft Network Monitor 1 wrote it"),
    (b"snoop\0", "snoop wrote it"),
    (b"XCP\0", "Sniffer for Windows wrote it"),
    (b"TRSNIF", "Sniffer wrote it"),
];

/// The most bytes that the magic numbers need.
const MAGIC: usize = 6;

/// True if a file that begins so is a capture, or packed as captures are.
pub fn is_capture(head: &[u8]) -> bool {
    pcap::begins(head) || pcapng::begins(head) || Compression::of(head).is_some()
}

/// What a capture consists of, in its order.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A pcapng section begins: its Section Header Block.
    Section(Block<'a>),
    /// An interface is described. A pcap file has one, before its first packet, with an empty block.
    Interface(&'a Interface, Block<'a>),
    /// A packet.
    Packet(Packet<'a>),
    /// Any other block.
    Other(Block<'a>),
}

/// The kind of capture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One header and records.
    Pcap,
    /// Blocks.
    Pcapng,
}

/// A capture that is being read, once, from its beginning.
pub struct Reader {
    pub(super) name: PathBuf,
    pub(super) consumed: Arc<AtomicU64>,
    pub(super) compression: Option<Compression>,
    pub(super) window: Window,
    pub(super) state: State,
    /// The interfaces of the current section.
    pub(super) interfaces: Vec<Interface>,
    /// How many interfaces earlier sections had.
    pub(super) first_interface: u32,
    pub(super) blocks: u64,
    pub(super) packets: u64,
    pub(super) repaired: bool,
    pub(super) failed: bool,
}

#[derive(Clone)]
pub(super) enum State {
    Pcap { layout: Layout, announced: bool },
    Pcapng { order: ByteOrder, clock: Clock },
}

/// A block that lies whole in the window and has been entered into the reader's state.
struct Loaded {
    kind: u32,
    order: ByteOrder,
    bytes: Range<usize>,
    place: (u64, u64),
    what: What,
}

enum What {
    Section,
    Interface,
    Packet(Parts),
    Other,
}

/// Where in its block a packet's parts are, and what its fields say.
struct Parts {
    /// Within the section.
    interface: u32,
    raw_time: Option<u64>,
    original: u32,
    drops: Option<u16>,
    data: Range<usize>,
    options: Range<usize>,
}

impl Reader {
    /// Opens a capture: a path, or `-` for standard input.
    ///
    /// # Errors
    /// [`Kind::Io`] as the system says, [`Kind::Unreadable`] if it is no capture.
    pub fn open(path: &Path, threads: usize) -> Result<Self> {
        Self::new(Source::open(path)?, threads, Vec::new())
    }

    /// Reads a capture from `source`, unpacking it ahead if `threads` > 1; `memory` is a buffer to reuse.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn new(source: Source, threads: usize, memory: Vec<u8>) -> Result<Self> {
        let (name, consumed, stream) = source.into_parts();
        let recognise = || -> Result<(Window, Option<Compression>)> {
            let mut window = Window::new(stream, memory);
            window.hold(MAGIC)?;
            let compression = Compression::of(window.held());
            if let Some(packed) = compression {
                window = window.rewrap(|stream| packed.unpack(stream, threads))?;
                window.hold(MAGIC).map_err(|error| damaged(packed, &error))?;
            }
            Ok((window, compression))
        };
        let (window, compression) = recognise().map_err(|error| error.in_file(&name))?;
        let mut reader = Self {
            name,
            consumed,
            compression,
            window,
            state: State::Pcapng { order: ByteOrder::Little, clock: Clock::Unknown },
            interfaces: Vec::new(),
            first_interface: 0,
            blocks: 0,
            packets: 0,
            repaired: false,
            failed: false,
        };
        match reader.start() {
            Ok(()) => Ok(reader),
            Err(error) => Err(error.in_file(&reader.name)),
        }
    }

    /// Sees what format this is, and reads a pcap file's header or makes sure of a whole section header.
    fn start(&mut self) -> Result<()> {
        let head = self.window.held();
        if head.is_empty() {
            return Err(Error::unreadable("the file is empty"));
        }
        if pcap::begins(head) {
            if !self.hold(pcap::HEADER)? {
                return Err(Error::truncated("the file ends inside the pcap header"));
            }
            let taken = self.window.take(pcap::HEADER);
            let (layout, interface) = Layout::read(self.window.bytes(taken))?;
            self.interfaces.push(interface);
            self.state = State::Pcap { layout, announced: false };
            return Ok(());
        }
        if pcapng::begins(head) {
            // The first block is loaded now, so that a file which is not whole up to here is refused when opened.
            return self.block_length().map(drop);
        }
        let shown: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let error = Error::unreadable(format!("neither pcap nor pcapng: it begins with the bytes {}", shown.join(" ")));
        Err(match FOREIGN.iter().find(|(magic, _)| head.starts_with(magic)) {
            Some((_, whose)) => error.advise(format!("{whose}: editcap -F pcapng makes a pcapng file of it")),
            None => error,
        })
    }

    /// The options of the first section header of a pcapng file; to be asked before the first item is read.
    pub fn section_options(&self) -> Options<'_> {
        let State::Pcapng { order, .. } = self.state else {
            return Options::NONE;
        };
        let head = self.window.held();
        let length = order.u32(head, 4).unwrap_or_default() as usize;
        let bytes = head.get(24..length.saturating_sub(4)).unwrap_or_default();
        Options::checked(bytes, order).unwrap_or(Options::NONE)
    }

    /// The path as it was given.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// How many bytes of the file have been read, packed.
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// Packets read so far.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// What kind of capture this is.
    pub fn format(&self) -> Format {
        match self.state {
            State::Pcap { .. } => Format::Pcap,
            State::Pcapng { .. } => Format::Pcapng,
        }
    }

    /// True if the capture is packed: its size says little.
    pub fn is_packed(&self) -> bool {
        self.compression.is_some()
    }

    /// True once times written by the first pcapml tools (seconds and microseconds in two halves) were put right.
    pub fn repaired_times(&self) -> bool {
        self.repaired
    }

    /// The buffer, for the next reader.
    pub fn into_memory(self) -> Vec<u8> {
        self.window.into_memory()
    }

    /// The next item, or `None` at the end. After an error nothing more is read.
    ///
    /// # Errors
    /// [`Kind::Truncated`] or [`Kind::Malformed`], with the file, the block and its offset.
    #[inline(always)]
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>> {
        if self.failed {
            return Ok(None);
        }
        match self.load() {
            Ok(Some(loaded)) => Ok(Some(self.item(loaded))),
            Ok(None) => Ok(None),
            Err(error) => Err(self.fail(error)),
        }
    }

    #[cold]
    fn fail(&mut self, error: Error) -> Error {
        self.failed = true;
        let place = Position::Block { number: self.blocks + 1, offset: self.window.offset() };
        error.at(place).in_file(&self.name)
    }

    #[inline(always)]
    fn load(&mut self) -> Result<Option<Loaded>> {
        match self.state {
            State::Pcap { announced: false, .. } => Ok(Some(self.announce())),
            State::Pcap { layout, .. } => self.load_record(&layout),
            State::Pcapng { .. } => self.load_block(),
        }
    }

    fn announce(&mut self) -> Loaded {
        if let State::Pcap { announced, .. } = &mut self.state {
            *announced = true;
        }
        Loaded {
            kind: kind::INTERFACE_DESCRIPTION,
            order: ByteOrder::Little,
            bytes: 0..0,
            place: (0, 0),
            what: What::Interface,
        }
    }

    #[inline(always)]
    fn load_record(&mut self, layout: &Layout) -> Result<Option<Loaded>> {
        if !self.hold(layout.record_header)? {
            return match self.window.held().len() {
                0 => Ok(None),
                count => Err(Error::truncated(format!(
                    "the file ends inside a packet's header ({count} of {} bytes)",
                    layout.record_header
                ))),
            };
        }
        let Some(record) = layout.record(self.window.held()) else {
            return Ok(None);
        };
        if record.blank && self.is_followed_by_zeros(layout)? {
            return Err(Error::malformed("only zeros from here on: the capture was not closed properly"));
        }
        if record.another_file {
            return Err(Error::malformed("another pcap file was appended here")
                .advise("cut the file at this byte and join the two with pcapml cat"));
        }
        let length = layout.record_header + record.captured as usize;
        if length > MAX_BLOCK {
            return Err(Error::malformed(format!(
                "a packet of {} captured bytes; the limit is {MAX_BLOCK}",
                record.captured
            )));
        }
        self.hold_whole(length, "packet")?;
        let (bytes, place) = self.take_block(length);
        self.packets += 1;
        let what = What::Packet(Parts {
            interface: 0,
            raw_time: Some(record.raw_time),
            original: record.original,
            drops: None,
            data: layout.record_header..length,
            options: length..length,
        });
        Ok(Some(Loaded { kind: 0, order: layout.order, bytes, place, what }))
    }

    /// True if the next record is blank too: one alone may be a packet without bytes at time 0.
    #[cold]
    fn is_followed_by_zeros(&mut self, layout: &Layout) -> Result<bool> {
        let both = 2 * layout.record_header;
        Ok(self.hold(both)? && self.window.held().iter().take(both).all(|&byte| byte == 0))
    }

    #[inline]
    fn load_block(&mut self) -> Result<Option<Loaded>> {
        let Some((kind, length)) = self.block_length()? else {
            return Ok(None);
        };
        let State::Pcapng { order, .. } = self.state else {
            return Ok(None);
        };
        let what = self.enter(kind, length, order)?;
        let (bytes, place) = self.take_block(length);
        Ok(Some(Loaded { kind, order, bytes, place, what }))
    }

    /// Holds the next block whole, its lengths checked. A section header sets the byte order.
    #[inline]
    fn block_length(&mut self) -> Result<Option<(u32, usize)>> {
        if !self.hold(8)? {
            return match self.window.held().len() {
                0 => Ok(None),
                count => Err(Error::truncated(format!("the file ends inside a block's header ({count} of 8 bytes)"))),
            };
        }
        if self.window.held().get(..4) == Some(&kind::SECTION_HEADER.to_le_bytes()) {
            if !self.hold(12)? {
                return Err(Error::truncated("the file ends inside the section header"));
            }
            let order = pcapng::section_order(self.window.held())?;
            self.state = State::Pcapng { order, clock: Clock::Unknown };
        }
        let State::Pcapng { order, .. } = self.state else {
            return Ok(None);
        };
        let head = self.window.held();
        let (Some(kind), Some(length)) = (order.u32(head, 0), order.u32(head, 4)) else {
            return Ok(None);
        };
        let size = length as usize;
        if length < pcapng::MIN_BLOCK || length % 4 != 0 {
            return Err(Error::malformed(format!(
                "a block length of {length}: it must be a multiple of 4 and at least 12"
            )));
        }
        if size > MAX_BLOCK {
            return Err(Error::malformed(format!("a block of {length} bytes; the limit is {MAX_BLOCK}")));
        }
        self.hold_whole(size, "block")?;
        let trailer = order.u32(self.window.held(), size - 4).unwrap_or_default();
        if trailer != length {
            return Err(Error::malformed(format!(
                "the block's two lengths differ: {length} before, {trailer} after it"
            )));
        }
        Ok(Some((kind, size)))
    }

    /// Reads a block's fixed part and enters it into the reader's state.
    #[inline]
    fn enter(&mut self, kind: u32, length: usize, order: ByteOrder) -> Result<What> {
        let body = self.window.held().get(8..length - 4).unwrap_or_default();
        match kind {
            kind::ENHANCED_PACKET | kind::PACKET | kind::SIMPLE_PACKET => {
                let snap_len = self.interfaces.first().map(|interface| interface.snap_len);
                let header = pcapng::packet_header(kind, body, order, snap_len)
                    .ok_or_else(|| Error::malformed("the packet block is too short for its fields"))?;
                let (data, options) = check_packet(kind, &header, body, order)?;
                self.packet(&header, data, options)
            }
            kind::SECTION_HEADER => {
                pcapng::check_section(body, order)?;
                self.first_interface += self.interfaces.len() as u32;
                self.interfaces.clear();
                Ok(What::Section)
            }
            kind::INTERFACE_DESCRIPTION => {
                if self.interfaces.len() == MAX_INTERFACES {
                    return Err(Error::malformed(format!("more than {MAX_INTERFACES} interfaces in one section")));
                }
                let number = self.first_interface + self.interfaces.len() as u32;
                let interface = pcapng::interface(body, order, number)?;
                self.interfaces.push(interface);
                Ok(What::Interface)
            }
            _ => Ok(What::Other),
        }
    }

    #[inline]
    fn packet(&mut self, header: &PacketHeader, data: Range<usize>, options: Range<usize>) -> Result<What> {
        let Some(interface) = self.interfaces.get(header.interface as usize) else {
            return Err(Error::malformed(format!(
                "a packet of interface {}, but its section describes {} so far",
                header.interface,
                self.interfaces.len()
            )));
        };
        let raw_time = match header.time {
            None => None,
            Some((high, low)) if interface.states_resolution => Some(u64::from(high) << 32 | u64::from(low)),
            Some((high, low)) => Some(self.guarded_time(high, low)?),
        };
        self.packets += 1;
        Ok(What::Packet(Parts {
            interface: header.interface,
            raw_time,
            original: header.original,
            drops: header.drops,
            data,
            options,
        }))
    }

    /// A time on an interface that does not declare its unit: it may be in pcapml 0.3's two halves.
    fn guarded_time(&mut self, high: u32, low: u32) -> Result<u64> {
        let State::Pcapng { clock, .. } = &mut self.state else {
            return Ok(0);
        };
        let time = clock.microseconds(high, low).ok_or_else(|| {
            Error::malformed("this packet's time contradicts those before it: some are microseconds, some seconds and microseconds in two halves")
        })?;
        self.repaired |= *clock == Clock::Halves;
        Ok(time)
    }

    #[inline]
    fn take_block(&mut self, length: usize) -> (Range<usize>, (u64, u64)) {
        let offset = self.window.offset();
        let bytes = self.window.take(length);
        self.blocks += 1;
        (bytes, (self.blocks, offset))
    }

    /// Shows what was loaded, borrowed from the window.
    #[inline(always)]
    fn item(&self, loaded: Loaded) -> Item<'_> {
        if let What::Packet(parts) = &loaded.what
            && let Some(interface) = self.interfaces.get(parts.interface as usize)
        {
            let block = self.window.bytes(loaded.bytes.clone());
            return Item::Packet(Packet {
                number: self.packets,
                place: loaded.place,
                interface,
                raw_time: parts.raw_time,
                options: Options::trusted(block.get(parts.options.clone()).unwrap_or_default(), loaded.order),
                bytes: block.get(parts.data.clone()).unwrap_or_default(),
                original_length: parts.original,
                drops: parts.drops,
                block,
            });
        }
        self.other_item(&loaded)
    }

    fn other_item(&self, loaded: &Loaded) -> Item<'_> {
        let (number, offset) = loaded.place;
        let block = Block {
            kind: loaded.kind,
            order: loaded.order,
            bytes: self.window.bytes(loaded.bytes.clone()),
            position: Position::Block { number, offset },
            first_interface: self.first_interface,
        };
        match (&loaded.what, self.interfaces.last()) {
            (What::Section, _) => Item::Section(block),
            (What::Interface, Some(interface)) => Item::Interface(interface, block),
            _ => Item::Other(block),
        }
    }

    #[inline]
    fn hold(&mut self, wanted: usize) -> Result<bool> {
        self.window.hold(wanted).map_err(|error| match self.compression {
            Some(packed) => damaged(packed, &error),
            None => error.into(),
        })
    }

    #[inline]
    fn hold_whole(&mut self, length: usize, what: &str) -> Result<()> {
        if self.hold(length)? {
            return Ok(());
        }
        let there = self.window.held().len();
        Err(Error::truncated(format!("the file ends inside a {what}: {there} of its {length} bytes are there")))
    }
}

/// Checks that a packet block's bytes and options lie inside it; where they are, counted from the block's start.
#[inline]
fn check_packet(
    kind: u32,
    header: &PacketHeader,
    body: &[u8],
    order: ByteOrder,
) -> Result<(Range<usize>, Range<usize>)> {
    let end = header.data_at + header.captured as usize;
    if end > body.len() {
        return Err(Error::malformed(format!(
            "a packet of {} captured bytes in a block with room for {}",
            header.captured,
            body.len() - header.data_at
        )));
    }
    let options_at = end.next_multiple_of(4);
    let length = match kind {
        kind::SIMPLE_PACKET => 0,
        _ => pcapng::checked(body.get(options_at..).unwrap_or_default(), order)?.bytes().len(),
    };
    // The block's type and length stand before its body.
    Ok((8 + header.data_at..8 + end, 8 + options_at..8 + options_at + length))
}

fn damaged(packed: Compression, error: &std::io::Error) -> Error {
    Error::new(Kind::Malformed(format!("the {} stream is damaged or cut short: {error}", packed.name())))
}
