//! Bytes of protocols that are text, as text.

use std::fmt::Write as _;

/// Bytes as text, and nothing lost: what is not UTF-8, and control characters but for tab, as `\xNN`, as Zeek has it.
pub(super) fn lossless(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let (mut valid, is_told_otherwise) = (chunk.valid(), |c: char| c.is_control() && c != '\t');
        while let Some((plain, c, rest)) = valid.find(is_told_otherwise).and_then(|at| apart(valid, at)) {
            text.push_str(plain);
            escape(&mut text, c.encode_utf8(&mut [0; 4]).as_bytes());
            valid = rest;
        }
        text.push_str(valid);
        escape(&mut text, chunk.invalid());
    }
    text
}

/// What stands before a character, the character, and what behind it.
fn apart(text: &str, at: usize) -> Option<(&str, char, &str)> {
    let (before, rest) = text.split_at_checked(at)?;
    let mut rest = rest.chars();
    Some((before, rest.next()?, rest.as_str()))
}

fn escape(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to memory cannot fail.
        let _ = write!(text, "\\x{byte:02x}");
    }
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]));
    text
}

/// Bytes of UTF-16 as text, each unit read so.
pub(super) fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    char::decode_utf16(units.iter().copied().map(read)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
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

/// The first line, as far as it came, and true if its end did; none if nothing came.
pub(super) fn first_line(said: &[u8]) -> Option<(&[u8], bool)> {
    let line = said.split(|byte| *byte == b'\n').next().filter(|_| !said.is_empty())?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), line.len() < said.len()))
}

/// True if this can be the beginning of a reply with a code, as far as it came.
pub(super) fn could_reply(said: &[u8]) -> bool {
    let code =
        said.iter().take(3).all(u8::is_ascii_digit) && said.first().is_none_or(|first| (b'1'..=b'5').contains(first));
    code && said.get(3).is_none_or(|byte| matches!(byte, b' ' | b'-' | b'\r' | b'\n'))
}

/// True if a word, as far as it came, can become one of these; `whole`: it has come to its end.
pub(super) fn could_be(said: &[u8], whole: bool, names: &[&str]) -> bool {
    let starts = |name: &&str| name.as_bytes().get(..said.len()).is_some_and(|start| start.eq_ignore_ascii_case(said));
    names.iter().any(|name| starts(name) && (!whole || name.len() == said.len()))
}

/// True if one of the words of a text, of letters and digits, is one of these.
pub(super) fn mentions(text: &[u8], words: &[&str]) -> bool {
    let is = |word: &[u8]| words.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
    text.split(|byte| !byte.is_ascii_alphanumeric()).any(is)
}

/// What takes the place of a secret, as in MySQL's own logs (Reference Manual, 8.1.2.3).
pub(super) const SECRET: &str = "<secret>";

/// A text, and wherever a secret stands in it as words of their own, nothing of that.
pub(super) fn without(text: String, secret: &str) -> String {
    if secret.is_empty() || !text.contains(secret) {
        return text;
    }
    let (mut told, mut rest) = (String::new(), text.as_str());
    let mut before = None;
    while let Some((front, behind)) = rest.split_once(secret) {
        let begins = front.chars().next_back().or(before).is_none_or(|c| !c.is_alphanumeric());
        let ends = behind.chars().next().is_none_or(|c| !c.is_alphanumeric());
        told.push_str(front);
        told.push_str(if begins && ends { SECRET } else { secret });
        (before, rest) = (secret.chars().next_back(), behind);
    }
    told.push_str(rest);
    told
}

/// What stands in the brackets that a text begins with, as IMAP and POP3 say why: `[AUTH] no`.
pub(super) fn bracketed(text: &str) -> Option<String> {
    let (code, _) = text.trim_start().strip_prefix('[')?.split_once(']')?;
    Some(code.to_owned())
}
