//! Bytes of protocols that are text, as text.

use std::fmt::Write as _;

/// Bytes as text, and nothing lost: what is not UTF-8, and control characters but for tab, as `\xNN`, as Zeek has it.
pub(super) fn lossless(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c.is_control() && c != '\t' {
                true => escape(&mut text, c.encode_utf8(&mut [0; 4]).as_bytes()),
                false => text.push(c),
            }
        }
        escape(&mut text, chunk.invalid());
    }
    text
}

fn escape(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to memory cannot fail.
        let _ = write!(text, "\\x{byte:02x}");
    }
}

/// What stands before the first space, and what behind it and further spaces.
pub(super) fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    (word, rest.trim_ascii_start())
}

/// The code of a reply (`250 ok`, `250-more`), and true if it is not the last line of the reply.
pub(super) fn reply_code(line: &[u8]) -> Option<(u16, bool)> {
    let (code, rest) = line.split_first_chunk::<3>()?;
    let number = std::str::from_utf8(code).ok()?.parse().ok().filter(|code| (100..600).contains(code))?;
    match rest.first() {
        None | Some(b' ') => Some((number, false)),
        Some(b'-') => Some((number, true)),
        Some(_) => None,
    }
}
