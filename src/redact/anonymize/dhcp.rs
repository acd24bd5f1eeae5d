//! DHCP and BOOTP (RFC 2131, 2132): addresses, hardware addresses, client identifiers, names. Options that are not known
//! to tell nothing become zeros.

use super::pen::Pen;

/// Places in a message, from its beginning.
mod place {
    pub(super) const ADDRESSES: usize = 12;
    pub(super) const HARDWARE: usize = 28;
    pub(super) const SERVER: usize = 44;
    pub(super) const COOKIE: usize = 236;
    pub(super) const OPTIONS: usize = 240;
}

const COOKIE: [u8; 4] = [99, 130, 83, 99];

/// Codes of options.
mod option {
    pub(super) const PAD: u8 = 0;
    pub(super) const END: u8 = 255;
    pub(super) const CLIENT: u8 = 61;
    /// Host name, domain.
    pub(super) const NAMES: [u8; 2] = [12, 15];
    /// Routers, servers of all kinds, swap, broadcast, router solicitation, requested address, server.
    pub(super) const ADDRESSES: [u8; 33] = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 21, 28, 32, 33, 41, 42, 44, 45, 48, 49, 50, 54, 65, 68, 69, 70, 71, 72, 73,
        74, 75, 76, 118,
    ];
    /// What is asked for, the vendor's class, sizes, the system's kind: of any length.
    pub(super) const HARMLESS: [u8; 4] = [25, 55, 60, 93];
    /// Masks, times, sizes, flags, the message's kind, and the length of their values.
    pub(super) const OF_LENGTH: [(u8, usize); 29] = [
        (1, 4),
        (2, 4),
        (13, 2),
        (19, 1),
        (20, 1),
        (22, 2),
        (23, 1),
        (24, 4),
        (26, 2),
        (27, 1),
        (29, 1),
        (30, 1),
        (31, 1),
        (34, 1),
        (35, 4),
        (36, 1),
        (37, 1),
        (38, 4),
        (39, 1),
        (46, 1),
        (51, 4),
        (52, 1),
        (53, 1),
        (57, 2),
        (58, 4),
        (59, 4),
        (80, 0),
        (94, 3),
        (116, 1),
    ];
}

/// The hardware type of Ethernet.
const ETHERNET: u8 = 1;

pub(super) fn message(pen: &mut Pen, start: usize, limit: usize) -> Result<(), usize> {
    let [_, kind, length, _] = pen.array(start, limit)?;
    pen.ipv4_list(start + place::ADDRESSES, 4, limit)?;
    let hardware = start + place::HARDWARE;
    if start + place::COOKIE > limit {
        return Err(hardware);
    }
    let is_known = kind == ETHERNET && length == 6;
    let rest = if is_known { pen.hardware(hardware, limit)? } else { hardware };
    pen.zero(rest, start + place::SERVER);
    // The server's name and the boot file, which options may stand in for.
    pen.zero(start + place::SERVER, start + place::COOKIE);
    if pen.array(start + place::COOKIE, limit) != Ok(COOKIE) {
        return Err(start + place::COOKIE);
    }
    options(pen, start + place::OPTIONS, limit)
}

/// Code, length, value.
fn options(pen: &mut Pen, mut at: usize, limit: usize) -> Result<(), usize> {
    while at < limit {
        match pen.byte(at) {
            Some(option::PAD) => at += 1,
            Some(option::END) => {
                pen.zero(at + 1, limit);
                return Ok(());
            }
            _ => {
                let [code, length] = pen.array(at, limit)?;
                let end = at + 2 + usize::from(length);
                if end > limit {
                    return Err(at);
                }
                option(pen, code, (at + 2, end));
                at = end;
            }
        }
    }
    Ok(())
}

fn option(pen: &mut Pen, code: u8, (start, end): (usize, usize)) {
    match code {
        option::CLIENT => client(pen, start, end),
        code if option::NAMES.contains(&code) => pen.dotted(start, end),
        code if option::ADDRESSES.contains(&code) => {
            let (Ok(rest) | Err(rest)) = pen.ipv4_list(start, (end - start) / 4, end);
            pen.zero(rest, end);
        }
        code if option::HARMLESS.contains(&code) || option::OF_LENGTH.contains(&(code, end - start)) => {}
        _ => pen.zero(start, end),
    }
}

/// A hardware address behind its type, or anything.
fn client(pen: &mut Pen, start: usize, end: usize) {
    match pen.byte(start) {
        Some(ETHERNET) if end - start == 7 => drop(pen.hardware(start + 1, end)),
        _ => pen.identifier(start + 1, end),
    }
}
