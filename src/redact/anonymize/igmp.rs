//! IGMP (RFC 1112, 2236, 9776): groups and sources.

use super::icmp::nothing_behind;
use super::pen::Pen;
use crate::redact::walk::Header;

/// The types of messages.
mod kind {
    pub(super) const QUERY: u8 = 0x11;
    pub(super) const REPORT: u8 = 0x12;
    pub(super) const REPORT_2: u8 = 0x16;
    pub(super) const LEAVE: u8 = 0x17;
    pub(super) const REPORT_3: u8 = 0x22;
}

pub(super) fn message(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    match pen.byte(start) {
        Some(kind::QUERY) if end - start >= 12 => {
            pen.ipv4(start + 4, end)?;
            let sources = pen.u16(start + 10).unwrap_or_default();
            nothing_behind(pen.ipv4_list(start + 12, sources.into(), end)?, end)
        }
        Some(kind::QUERY | kind::REPORT | kind::REPORT_2 | kind::LEAVE) => {
            nothing_behind(pen.ipv4(start + 4, end)?, end)
        }
        Some(kind::REPORT_3) => records(pen, start, end),
        _ => nothing_behind(start + 4, end),
    }
}

/// Records of type, length of auxiliary data, number of sources, group, sources, data.
fn records(pen: &mut Pen, start: usize, end: usize) -> Result<(), usize> {
    let [n0, n1] = pen.array(start + 6, end)?;
    let mut at = start + 8;
    for _ in 0..u16::from_be_bytes([n0, n1]) {
        let [_, words, s0, s1] = pen.array(at, end)?;
        let group = pen.ipv4(at + 4, end)?;
        let behind = pen.ipv4_list(group, u16::from_be_bytes([s0, s1]).into(), end)?;
        at = behind + usize::from(words) * 4;
        pen.zero(behind, at.min(end));
    }
    nothing_behind(at, end)
}
