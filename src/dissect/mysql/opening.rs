//! How MySQL is recognised.

use super::MYSQL;
use super::packet::{HEADER, LONGEST, capability, header};
use crate::dissect::scan::Scan;
use crate::dissect::{Opening, Verdict};
use crate::flow::Side;

/// A greeting is not longer.
const LONGEST_GREETING: u32 = 1_024;

/// Nor the version in it.
const LONGEST_VERSION: usize = 100;

/// A client's capabilities, packet size, character set and filler.
const LOGIN: u32 = 32;

/// Bytes of them that are zero: MariaDB uses the last four.
const FILLER: usize = 19;

/// The first codes of errors of servers, and the last of them.
const ERRORS: std::ops::RangeInclusive<u16> = 1_000..=20_000;

/// How statements begin.
const VERBS: [&[u8]; 16] = [
    b"select ",
    b"set ",
    b"show ",
    b"insert ",
    b"update ",
    b"delete ",
    b"replace ",
    b"create ",
    b"drop ",
    b"alter ",
    b"use ",
    b"begin",
    b"commit",
    b"rollback",
    b"start ",
    b"call ",
];

pub(super) fn looks(opening: &Opening) -> Verdict {
    opening.client_opening(MYSQL.ports, speaks)
}

fn speaks(client: &[u8], server: &[u8], expected: bool) -> Verdict {
    let yes = Verdict::Yes(Side::Originator);
    match (greeting(server), logs_in(client)) {
        (Verdict::Yes(_), _) | (_, Verdict::Yes(_)) => yes,
        _ if is_command(client, expected) || is_answer(server, expected) => yes,
        (Verdict::Perhaps, _) if client.is_empty() => Verdict::Perhaps,
        (_, Verdict::Perhaps) => Verdict::Perhaps,
        _ => Verdict::No,
    }
}

/// The server speaks first: protocol 10 or 9 and its version, or an error.
fn greeting(said: &[u8]) -> Verdict {
    let Some((length, sequence)) = header(said) else {
        let short = said.get(2..).is_none_or(|rest| rest.iter().all(|byte| *byte == 0));
        return if said.is_empty() || !short { Verdict::No } else { Verdict::Perhaps };
    };
    if sequence != 0 || !(10..=LONGEST_GREETING).contains(&length) {
        return Verdict::No;
    }
    let mut scan = Scan::new(said.get(HEADER..).unwrap_or_default());
    match scan.u8() {
        None => Verdict::Perhaps,
        Some(9 | 10) => match scan.rest().iter().position(|byte| !(b' '..=b'~').contains(byte)) {
            None if scan.rest().len() <= LONGEST_VERSION => Verdict::Perhaps,
            Some(end @ 3..=LONGEST_VERSION) if scan.rest().get(end) == Some(&0) && has_digit(scan.rest()) => {
                Verdict::Yes(Side::Originator)
            }
            _ => Verdict::No,
        },
        Some(0xff) => fault(&mut scan, length),
        Some(_) => Verdict::No,
    }
}

fn has_digit(version: &[u8]) -> bool {
    version.iter().take_while(|byte| **byte != 0).any(u8::is_ascii_digit)
}

/// An error: its code, and a text.
fn fault(scan: &mut Scan, length: u32) -> Verdict {
    match scan.u16_le() {
        None => Verdict::Perhaps,
        Some(code) if !ERRORS.contains(&code) => Verdict::No,
        Some(_) => {
            let text = scan.rest().get(..length as usize - 3).unwrap_or(scan.rest());
            match text.iter().all(|byte| *byte >= b' ') {
                true if text.len() == length as usize - 3 => Verdict::Yes(Side::Originator),
                true => Verdict::Perhaps,
                false => Verdict::No,
            }
        }
    }
}

/// A client logs in, or asks for TLS, as since 4.1.
fn logs_in(said: &[u8]) -> Verdict {
    let Some((length, 1)) = header(said) else { return Verdict::No };
    if !(LOGIN..=64 << 10).contains(&length) {
        return Verdict::No;
    }
    let mut scan = Scan::new(said.get(HEADER..).unwrap_or_default());
    let Some(capabilities) = scan.u32_le() else { return Verdict::Perhaps };
    if capabilities & capability::PROTOCOL_41 == 0 || (length == LOGIN) != is_tls_request(capabilities, length) {
        return Verdict::No;
    }
    let Some(_size_and_set) = scan.take(5) else { return Verdict::Perhaps };
    match scan.take(FILLER) {
        None if scan.rest().iter().all(|byte| *byte == 0) => Verdict::Perhaps,
        Some(filler) if filler.iter().all(|byte| *byte == 0) => Verdict::Yes(Side::Originator),
        _ => Verdict::No,
    }
}

/// A login that stops before the user's name, and says that TLS follows.
pub(super) fn is_tls_request(capabilities: u32, length: u32) -> bool {
    length == LOGIN && capabilities & capability::SSL != 0
}

/// A command, in a conversation that was picked up later.
fn is_command(said: &[u8], expected: bool) -> bool {
    let Some((length, 0)) = header(said) else { return false };
    let Some((command, argument)) = said.get(HEADER..).and_then(<[u8]>::split_first) else { return false };
    let whole = said.len() == HEADER + length as usize;
    let argument = argument.strip_prefix(&[0, 1]).unwrap_or(argument);
    let verb = |verb: &&[u8]| argument.get(..verb.len()).is_some_and(|word| word.eq_ignore_ascii_case(verb));
    match command {
        0x03 | 0x16 if whole && VERBS.iter().any(verb) => true,
        0x03 | 0x16 => {
            let text = argument.get(..16).unwrap_or(argument);
            expected
                && length > 1
                && said.len() <= HEADER + length as usize
                && text.iter().all(|byte| *byte >= b' ' || byte.is_ascii_whitespace())
        }
        0x01 | 0x0d | 0x0e | 0x09 | 0x1f => expected && whole && length == 1,
        0x02 => expected && whole && length > 1 && argument.iter().all(u8::is_ascii_graphic),
        0x17 => expected && whole && length >= 10,
        0x19 | 0x1a => expected && whole && length == 5,
        _ => false,
    }
}

/// An answer to a command, in a conversation that was picked up later.
fn is_answer(said: &[u8], expected: bool) -> bool {
    let Some((length, sequence)) = header(said) else { return false };
    let Some(payload) = said.get(HEADER..) else { return false };
    let next = payload.get(length as usize..).unwrap_or_default();
    match payload {
        // An error with its state.
        [0xff, _, _, b'#', state @ ..] => {
            state.get(..5).is_some_and(|state| state.iter().all(u8::is_ascii_alphanumeric)) && sequence > 0
        }
        // A number of columns, and the first of them.
        [1..=0xfa, ..] if length == 1 && sequence > 0 => {
            header(next).is_some_and(|(_, second)| second == sequence.wrapping_add(1))
                && next.get(HEADER..).is_some_and(|column| column.starts_with(b"\x03def"))
        }
        [0x00, _, _, _, 0, ..] => {
            expected && sequence == 1 && length >= 7 && u64::from(length) < LONGEST && next.is_empty()
        }
        _ => expected && in_sequence(said),
    }
}

/// At least two packets, whose numbers follow each other.
fn in_sequence(said: &[u8]) -> bool {
    let (mut rest, mut number, mut count) = (said, None, 0);
    while let Some((length, sequence)) = header(rest) {
        if length == 0 || number.is_some_and(|number: u8| number.wrapping_add(1) != sequence) || sequence == 0 {
            return false;
        }
        number = Some(sequence);
        count += 1;
        rest = rest.get(HEADER + length as usize..).unwrap_or_default();
    }
    count > 1
}
