//! ICMP (RFC 792, 950, 1256): errors quote packets, which are headers of their own; redirects and routers hold addresses.

use super::pen::Pen;
use crate::redact::walk::Header;

pub(super) fn message(pen: &mut Pen, header: &Header) -> Result<(), usize> {
    let Header { start, end, .. } = *header;
    let length = match pen.byte(start) {
        Some(5) => return pen.ipv4(start + 4, end).map(drop),
        Some(9) => return routers(pen, start, end),
        // Timestamps: when it was sent, received, sent back.
        Some(13 | 14) => {
            pen.time(start + 8, end.min(start + 20));
            20
        }
        // Information, address masks.
        Some(10 | 15 | 16) => 8,
        Some(17 | 18) => 12,
        _ => return Ok(()),
    };
    nothing_behind(start + length, end)
}

/// A list of addresses, each with how much it is preferred.
fn routers(pen: &mut Pen, start: usize, end: usize) -> Result<(), usize> {
    let [count, words] = pen.array(start + 4, end).map_err(|_| start + 4)?;
    let mut at = start + 8;
    for _ in 0..count {
        if words == 0 || at + usize::from(words) * 4 > end {
            return Err(at.min(end));
        }
        let behind = pen.ipv4(at, end)?;
        at += usize::from(words) * 4;
        // Of entries that are longer than they were defined.
        pen.zero((behind + 4).min(at), at);
    }
    nothing_behind(at, end)
}

/// What follows a message's last field is not understood.
pub(super) fn nothing_behind(at: usize, end: usize) -> Result<(), usize> {
    if at < end { Err(at) } else { Ok(()) }
}
