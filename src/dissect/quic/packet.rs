//! Packets with long headers: RFC 8999 (what all versions share), RFC 9000, 17.2, and RFC 9369, 3.2 (types of version 2).

use super::versions;
use crate::dissect::scan::Scan;

/// The longest connection id of the versions that are understood: RFC 9000, 17.2.
const MAX_ID: usize = 20;

/// What a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    /// The versions that a server offers stand behind the header.
    Negotiation,
    /// It is of a version that is not understood.
    Unknown,
}

/// A packet with a long header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet<'a> {
    pub(super) kind: Kind,
    pub(super) version: u32,
    pub(super) destination: &'a [u8],
    pub(super) source: &'a [u8],
    /// All of it, from its first byte on.
    pub(super) bytes: &'a [u8],
    /// Where the packet number stands; what stands behind the header, where there is none.
    pub(super) header: usize,
    /// It is as long as it says.
    pub(super) is_whole: bool,
    /// The packets that follow it in the datagram.
    pub(super) rest: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads the packet that a datagram begins with.
    pub(super) fn read(datagram: &'a [u8]) -> Option<Self> {
        let mut from = Scan::new(datagram);
        let first = from.u8().filter(|first| first & 0x80 != 0)?;
        let version = from.number(4)? as u32;
        let destination = from.vector(1).filter(|id| id.rest().len() <= MAX_ID)?.rest();
        let source = from.vector(1).filter(|id| id.rest().len() <= MAX_ID)?.rest();
        let header = datagram.len() - from.rest().len();
        let kind = kind(first, version);
        let all = Self { kind, version, destination, source, bytes: datagram, header, is_whole: true, rest: &[] };
        if matches!(kind, Kind::Retry | Kind::Negotiation | Kind::Unknown) {
            return Some(all);
        }
        if kind == Kind::Initial {
            let token = usize::try_from(variable(&mut from)?).ok()?;
            from.take(token)?;
        }
        let length = usize::try_from(variable(&mut from)?).ok()?;
        let header = datagram.len() - from.rest().len();
        let is_whole = length <= from.rest().len();
        let (bytes, rest) = datagram.split_at_checked(header.checked_add(length)?).unwrap_or((datagram, &[]));
        Some(Self { bytes, header, is_whole, rest, ..all })
    }

    /// What stands behind the header.
    pub(super) fn body(&self) -> &'a [u8] {
        self.bytes.get(self.header..).unwrap_or_default()
    }
}

fn kind(first: u8, version: u32) -> Kind {
    if version == 0 {
        return Kind::Negotiation;
    }
    let Some([known, _]) = versions::known(version) else { return Kind::Unknown };
    // Version 2 numbers its types one further.
    match ((first >> 4) & 3).wrapping_sub(u8::from(known.second)) & 3 {
        0 => Kind::Initial,
        1 => Kind::ZeroRtt,
        2 => Kind::Handshake,
        _ => Kind::Retry,
    }
}

/// A number whose first two bits tell its length: RFC 9000, 16.
pub(super) fn variable(from: &mut Scan) -> Option<u64> {
    let length = 1_usize << (from.rest().first()? >> 6);
    let number = from.number(length)?;
    Some(number & (u64::MAX >> (66 - 8 * length as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9000, A.1.
    #[test]
    fn numbers_of_variable_length() {
        let read = |bytes: &[u8]| variable(&mut Scan::new(bytes));
        assert_eq!(read(&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c]), Some(151_288_809_941_952_652));
        assert_eq!(read(&[0x9d, 0x7f, 0x3e, 0x7d]), Some(494_878_333));
        assert_eq!(
            (read(&[0x7b, 0xbd]), read(&[0x25]), read(&[0x40]), read(&[])),
            (Some(15_293), Some(37), None, None)
        );
    }

    #[test]
    fn every_version_numbers_its_types() {
        let kinds = |version| [0xc0, 0xd0, 0xe0, 0xf0].map(|first| kind(first, version));
        assert_eq!(kinds(1), [Kind::Initial, Kind::ZeroRtt, Kind::Handshake, Kind::Retry]);
        assert_eq!(kinds(0x6b33_43cf), [Kind::Retry, Kind::Initial, Kind::ZeroRtt, Kind::Handshake]);
        assert_eq!((kind(0xc0, 0), kind(0xc0, 0x1a2a_3a4b)), (Kind::Negotiation, Kind::Unknown));
    }
}
