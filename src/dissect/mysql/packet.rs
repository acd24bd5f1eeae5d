//! MySQL's packets and what stands in them: lengths, texts, OK, ERR, EOF, columns.

use crate::dissect::frames::{Frame, Measure};
use crate::dissect::scan::Scan;
use crate::dissect::text::lossless;
use crate::flow::Moment;

/// The length of a packet's header: three bytes of length, one of sequence.
pub(super) const HEADER: usize = 4;

/// A packet of this length goes on in the next one.
pub(super) const LONGEST: u64 = 0xff_ff_ff;

/// Another result follows (status flag SERVER_MORE_RESULTS_EXISTS).
const MORE_RESULTS: u16 = 0x08;

/// Rows wait to be fetched (SERVER_STATUS_CURSOR_EXISTS).
const CURSOR_EXISTS: u16 = 0x40;

/// Capabilities, of which both sides tell those that they have.
pub(super) mod capability {
    pub(in super::super) const CONNECT_WITH_DB: u32 = 1 << 3;
    pub(in super::super) const COMPRESS: u32 = 1 << 5;
    pub(in super::super) const PROTOCOL_41: u32 = 1 << 9;
    pub(in super::super) const SSL: u32 = 1 << 11;
    pub(in super::super) const SECURE_CONNECTION: u32 = 1 << 15;
    pub(in super::super) const PLUGIN_AUTH: u32 = 1 << 19;
    pub(in super::super) const PLUGIN_AUTH_LENENC: u32 = 1 << 21;
    pub(in super::super) const ZSTD: u32 = 1 << 26;
    pub(in super::super) const QUERY_ATTRIBUTES: u32 = 1 << 27;
}

/// A packet: what is kept of what follows its header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet<'a> {
    pub(super) sequence: u8,
    pub(super) payload: &'a [u8],
    /// The length of the payload.
    pub(super) length: u64,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl<'a> Packet<'a> {
    pub(super) fn of(frame: &'a Frame) -> Option<Self> {
        let ([.., sequence], payload) = frame.bytes.split_first_chunk::<HEADER>()?;
        let length = frame.length.saturating_sub(HEADER as u64);
        Some(Self { sequence: *sequence, payload, length, first: frame.first, last: frame.last })
    }

    /// Its first byte.
    pub(super) fn kind(&self) -> Option<u8> {
        self.payload.first().copied()
    }

    /// An EOF packet, or the OK packet that stands in its place; a row that begins with the same byte is longer.
    pub(super) fn ends_rows(&self) -> bool {
        self.kind() == Some(0xfe) && self.length < LONGEST
    }

    /// An EOF packet.
    pub(super) fn is_eof(&self) -> bool {
        self.kind() == Some(0xfe) && self.length <= 5
    }
}

/// How long the packet in front is.
pub(super) fn measure(bytes: &[u8]) -> Measure {
    match header(bytes) {
        Some((length, _)) => Measure::Length(u64::from(length) + HEADER as u64),
        None => Measure::More,
    }
}

/// True if this is one packet.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    header(bytes).is_some_and(|(length, _)| bytes.len() == HEADER + length as usize)
}

/// A packet's length and sequence number.
pub(super) fn header(bytes: &[u8]) -> Option<(u32, u8)> {
    let mut scan = Scan::new(bytes);
    Some((scan.u24_le()?, scan.u8()?))
}

/// A number of one to nine bytes.
pub(super) fn number(scan: &mut Scan) -> Option<u64> {
    match scan.u8()? {
        0xfc => scan.u16_le().map(u64::from),
        0xfd => scan.u24_le().map(u64::from),
        0xfe => scan.u64_le(),
        0xfb | 0xff => None,
        small => Some(small.into()),
    }
}

/// A text behind its length.
pub(super) fn counted<'a>(scan: &mut Scan<'a>) -> Option<&'a [u8]> {
    let length = number(scan)?;
    scan.take(usize::try_from(length).ok()?)
}

/// An OK packet, or an EOF packet, which has the flags alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Okay {
    pub(super) affected: u64,
    status: u16,
    pub(super) info: Option<String>,
}

impl Okay {
    /// Reads one behind its first byte.
    pub(super) fn read(packet: &Packet) -> Self {
        let mut scan = Scan::new(packet.payload.get(1..).unwrap_or_default());
        if packet.is_eof() {
            let status = scan.u16_le().and_then(|_warnings| scan.u16_le());
            return Self { status: status.unwrap_or_default(), ..Self::default() };
        }
        let affected = number(&mut scan).unwrap_or_default();
        let _inserted = number(&mut scan);
        let status = scan.u16_le().unwrap_or_default();
        let _warnings = scan.u16_le();
        // Newer servers write its length before it.
        let text = match scan.rest() {
            [length, text @ ..] if usize::from(*length) <= text.len() => text.get(..usize::from(*length)),
            text => Some(text),
        };
        let info = text.filter(|text| !text.is_empty()).map(lossless);
        Self { affected, status, info }
    }

    pub(super) fn more_results(&self) -> bool {
        self.status & MORE_RESULTS != 0
    }

    pub(super) fn cursor(&self) -> bool {
        self.status & CURSOR_EXISTS != 0
    }
}

/// An ERR packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: u16,
    pub(super) state: Option<String>,
    pub(super) message: String,
}

impl Fault {
    /// Reads one behind its first byte.
    pub(super) fn read(packet: &Packet) -> Option<Self> {
        let mut scan = Scan::new(packet.payload.get(1..)?);
        let code = scan.u16_le()?;
        let state = match scan.rest() {
            [b'#', state @ ..] => state.get(..5).map(lossless),
            _ => None,
        };
        let message = scan.rest().get(if state.is_some() { 6 } else { 0 }..).unwrap_or_default();
        Some(Self { code, state, message: lossless(message) })
    }
}

/// The name of a column, by its definition.
pub(super) fn column(payload: &[u8]) -> Option<String> {
    let mut scan = Scan::new(payload);
    let catalog = counted(&mut scan)?;
    // Catalog, schema, table and its alias stand before it; before 4.1, the table alone.
    for _ in 0..if catalog == b"def" { 3 } else { 0 } {
        counted(&mut scan)?;
    }
    counted(&mut scan).map(lossless)
}
