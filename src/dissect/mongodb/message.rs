//! MongoDB's messages: header, opcodes, compression.
//!
//! MongoDB's manual, "Wire Protocol"; the specification of OP_MSG and of OP_COMPRESSED in mongodb/specifications.

use std::io::Read;

use super::snappy;
use crate::dissect::frames::Measure;
use crate::dissect::scan::Scan;
use crate::dissect::text::lossless;

/// The length of a header.
pub(super) const HEADER: usize = 16;

/// A message is not longer (MaxMessageSizeBytes), and something for compression that makes it longer.
const LONGEST: u32 = 64 << 20;

/// Of a compressed message, so many bytes are unpacked.
const MAX_UNPACKED: u64 = 256 << 10;

/// Opcodes.
pub(super) mod opcode {
    pub(in super::super) const REPLY: u32 = 1;
    pub(in super::super) const UPDATE: u32 = 2001;
    pub(in super::super) const INSERT: u32 = 2002;
    pub(in super::super) const QUERY: u32 = 2004;
    pub(in super::super) const GET_MORE: u32 = 2005;
    pub(in super::super) const DELETE: u32 = 2006;
    pub(in super::super) const KILL_CURSORS: u32 = 2007;
    pub(in super::super) const COMMAND: u32 = 2010;
    pub(in super::super) const COMMAND_REPLY: u32 = 2011;
    pub(in super::super) const COMPRESSED: u32 = 2012;
    pub(in super::super) const MSG: u32 = 2013;
}

/// Flags of OP_MSG: a checksum stands at the end; the sender sends more without being asked.
const CHECKSUM: u32 = 1;
const MORE_TO_COME: u32 = 1 << 1;

/// Ways to compress, by their numbers.
const COMPRESSORS: [&str; 4] = ["noop", "snappy", "zlib", "zstd"];

/// A message's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) length: u32,
    pub(super) request_id: i32,
    pub(super) response_to: i32,
    pub(super) opcode: u32,
}

impl Header {
    /// Reads one; none if no message has such a one, or if it is not whole.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut scan = Scan::new(bytes);
        let length = scan.u32_le().filter(|length| (HEADER as u32 + 4..=LONGEST).contains(length))?;
        let (request_id, response_to) = (scan.i32_le()?, scan.i32_le()?);
        let opcode = scan.u32_le().filter(|opcode| name(*opcode).is_some())?;
        Some(Self { length, request_id, response_to, opcode })
    }
}

/// How long the message in front is.
pub(super) fn measure(bytes: &[u8]) -> Measure {
    match Header::read(bytes) {
        Some(header) => Measure::Length(header.length.into()),
        None if bytes.len() < HEADER => Measure::More,
        None => Measure::Broken,
    }
}

/// The name of an opcode.
pub(super) fn name(code: u32) -> Option<&'static str> {
    Some(match code {
        opcode::REPLY => "OP_REPLY",
        opcode::UPDATE => "OP_UPDATE",
        opcode::INSERT => "OP_INSERT",
        2003 => "OP_RESERVED",
        opcode::QUERY => "OP_QUERY",
        opcode::GET_MORE => "OP_GET_MORE",
        opcode::DELETE => "OP_DELETE",
        opcode::KILL_CURSORS => "OP_KILL_CURSORS",
        opcode::COMMAND => "OP_COMMAND",
        opcode::COMMAND_REPLY => "OP_COMMANDREPLY",
        opcode::COMPRESSED => "OP_COMPRESSED",
        opcode::MSG => "OP_MSG",
        _ => return None,
    })
}

/// What is inside a compressed message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Unpacked {
    pub(super) opcode: u32,
    pub(super) compressor: String,
    /// The body, as far as it could be unpacked; none if the way is not known here, or too much was unpacked already.
    pub(super) body: Option<Vec<u8>>,
    /// That is all of it.
    pub(super) whole: bool,
}

/// What messages of one conversation may become when they are unpacked, in bytes: this much, and so many times their own
/// bytes. A few bytes of Zstandard become any number, and each of them could be told.
const UNPACKED: u64 = 4 << 20;
const EXPANSION: u64 = 256;

/// How much may still be unpacked in a conversation.
#[derive(Debug)]
pub(super) struct Room(u64);

impl Room {
    /// Of the next message.
    fn most(&self) -> usize {
        MAX_UNPACKED.min(self.0) as usize
    }
}

impl Default for Room {
    fn default() -> Self {
        Self(UNPACKED)
    }
}

/// Unpacks a compressed message, as far as it is there and there is room.
pub(super) fn unpack(body: &[u8], room: &mut Room) -> Option<Unpacked> {
    let mut scan = Scan::new(body);
    let (opcode, size, compressor) = (scan.u32_le()?, scan.u32_le()?, scan.u8()?);
    let packed = scan.rest();
    room.0 = room.0.saturating_add(EXPANSION.saturating_mul(packed.len() as u64));
    let body = match compressor {
        0 => Some(packed.to_vec()),
        _ if room.0 == 0 => None,
        1 => Some(read(snappy::unpack(packed, room.most()).as_slice(), room)),
        2 => Some(read(flate2::read::ZlibDecoder::new(packed), room)),
        3 => zstd::Decoder::new(packed).ok().map(|packed| read(packed, room)),
        _ => None,
    };
    let known = COMPRESSORS.get(usize::from(compressor));
    let compressor = known.map_or_else(|| format!("unknown-{compressor}"), |name| (*name).to_owned());
    let whole = body.as_ref().is_some_and(|body| body.len() as u64 >= u64::from(size));
    Some(Unpacked { opcode, compressor, body, whole })
}

/// Everything up to a limit, or to where it cannot be unpacked further.
fn read(packed: impl Read, room: &mut Room) -> Vec<u8> {
    let mut unpacked = Vec::new();
    let _cut = packed.take(room.most() as u64).read_to_end(&mut unpacked);
    room.0 = room.0.saturating_sub(unpacked.len() as u64);
    unpacked
}

/// What a message asks for, or answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Body<'a> {
    /// `database.collection`, of messages that have it.
    pub(super) space: Option<&'a [u8]>,
    /// Its document: a command, a query, a reply.
    pub(super) document: &'a [u8],
    /// Documents that it holds besides: of inserts, replies, and sections of OP_MSG.
    pub(super) documents: u64,
    /// What is inserted stands in a section of this name.
    pub(super) sequence: Option<&'a [u8]>,
    /// Nobody answers it.
    pub(super) unanswered: bool,
    /// A reply says that the query failed.
    pub(super) failed: bool,
    /// OP_COMMAND has its database and command before the document.
    pub(super) command: Option<&'a [u8]>,
}

impl<'a> Body<'a> {
    /// Reads what stands behind the header.
    pub(super) fn read(code: u32, bytes: &'a [u8]) -> Option<Self> {
        let mut scan = Scan::new(bytes);
        let mut body = Self::default();
        match code {
            opcode::MSG => return Self::read_sections(scan),
            opcode::REPLY => {
                body.failed = scan.u32_le()? & 2 != 0;
                let _cursor_and_start = scan.take(12)?;
                body.documents = scan.u32_le()?.into();
                body.document = scan.rest();
            }
            opcode::QUERY => {
                let _flags = scan.u32_le()?;
                body.space = scan.until_zero();
                let _skip_and_return = scan.take(8)?;
                body.document = scan.rest();
            }
            opcode::UPDATE | opcode::DELETE => {
                let _zero = scan.u32_le()?;
                body.space = scan.until_zero();
                let _flags = scan.u32_le()?;
                (body.document, body.unanswered) = (scan.rest(), true);
            }
            opcode::INSERT => {
                let _flags = scan.u32_le()?;
                body.space = scan.until_zero();
                (body.document, body.unanswered) = (scan.rest(), true);
                body.documents = documents(scan);
            }
            opcode::GET_MORE => {
                let _zero = scan.u32_le()?;
                body.space = scan.until_zero();
            }
            opcode::KILL_CURSORS => body.unanswered = true,
            opcode::COMMAND => {
                body.space = scan.until_zero();
                body.command = scan.until_zero();
                body.document = scan.rest();
            }
            opcode::COMMAND_REPLY => body.document = scan.rest(),
            _ => {}
        }
        Some(body)
    }

    fn read_sections(mut scan: Scan<'a>) -> Option<Self> {
        let flags = scan.u32_le()?;
        let mut body = Self { unanswered: flags & MORE_TO_COME != 0, ..Self::default() };
        let checksum = if flags & CHECKSUM != 0 { 4 } else { 0 };
        while scan.rest().len() > checksum {
            let kind = scan.u8()?;
            let mut ahead = scan;
            let Some(length) = ahead.u32_le() else { break };
            let section = scan.rest().get(..length as usize).unwrap_or(scan.rest());
            match kind {
                0 => body.document = section,
                1 => {
                    let mut inside = Scan::new(section.get(4..).unwrap_or_default());
                    body.sequence = inside.until_zero();
                    body.documents += documents(inside);
                }
                _ => break,
            }
            if scan.take(section.len().max(1)).is_none() {
                break;
            }
        }
        Some(body)
    }
}

/// How many documents stand here.
fn documents(mut scan: Scan) -> u64 {
    let mut count = 0;
    while let Some(length) = { scan }.u32_le().filter(|length| *length >= 5) {
        count += 1;
        if scan.take(length as usize).is_none() {
            break;
        }
    }
    count
}

/// The database and the collection in `database.collection`.
pub(super) fn split(space: &[u8]) -> (String, Option<String>) {
    let mut parts = space.splitn(2, |byte| *byte == b'.');
    let database = lossless(parts.next().unwrap_or_default());
    (database, parts.next().map(lossless))
}
