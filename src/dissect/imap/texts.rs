//! Lines of one side, with the literals in them.

use super::super::held::Held;
use super::super::lines::{Line, Lines};
use crate::flow::Moment;

/// Literals up to this length are kept, in bytes.
const MAX_LITERAL: u64 = 1 << 10;

/// Of one line with its literals this much is kept, in bytes.
const MAX_TEXT: usize = 64 << 10;

/// What one side said and was not taken yet.
#[derive(Debug, Default)]
pub(super) struct Texts {
    lines: Lines,
    text: Text,
    /// Bytes of the literal that are to come.
    left: u64,
    /// Some of it came.
    begun: bool,
    keep: bool,
}

/// A line with its literals: `{n}`, and behind CR LF the bytes, if they are few.
#[derive(Debug, Default, Clone)]
pub(super) struct Text {
    pub(super) bytes: Vec<u8>,
    /// Bytes of all literals.
    pub(super) literals: u64,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl Texts {
    /// Takes bytes up to the end of a line, which is told, or of all.
    pub(super) fn take(&mut self, bytes: &mut &[u8], at: Moment) -> Option<Text> {
        while !bytes.is_empty() {
            if self.left > 0 {
                let size = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                let (part, rest) = bytes.split_at_checked(size).unwrap_or((bytes, &[]));
                (*bytes, self.begun) = (rest, true);
                self.left -= part.len() as u64;
                if self.keep {
                    self.text.add(part);
                }
                self.text.last = at;
                continue;
            }
            let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
            let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
            *bytes = rest;
            self.lines.push(line, at);
            if let Some(line) = self.lines.next()
                && let Some(text) = self.line(&line)
            {
                return Some(text);
            }
        }
        None
    }

    /// Takes a line; returns the text unless a literal follows.
    fn line(&mut self, line: &Line) -> Option<Text> {
        if self.text.bytes.is_empty() {
            self.text.first = line.first;
        }
        self.text.last = line.last;
        self.text.add(&line.bytes);
        match literal(&line.bytes) {
            Some(length) => {
                self.text.literals = self.text.literals.saturating_add(length);
                (self.left, self.begun, self.keep) = (length, false, length <= MAX_LITERAL);
                if self.keep {
                    self.text.add(b"\r\n");
                }
                None
            }
            None => Some(std::mem::take(&mut self.text)),
        }
    }

    /// What waits for its literal, of which nothing has come.
    pub(super) fn waiting(&self) -> Option<&Text> {
        Some(&self.text).filter(|text| !text.bytes.is_empty() && !self.begun)
    }

    /// What waits, which is no whole line.
    pub(super) fn rest(&mut self) -> Option<Text> {
        self.left = 0;
        if let Some(line) = self.lines.rest() {
            self.text.first = if self.text.bytes.is_empty() { line.first } else { self.text.first };
            self.text.last = line.last;
            self.text.add(&line.bytes);
        }
        Some(std::mem::take(&mut self.text)).filter(|text| !text.bytes.is_empty())
    }

    /// So many bytes are missing; true if they are all of a literal.
    pub(super) fn gap(&mut self, length: u64) -> bool {
        let inside = length <= self.left;
        self.left = self.left.saturating_sub(length);
        self.begun = true;
        if !inside {
            self.rest();
        }
        inside
    }
}

impl Held for Texts {
    fn held(&self) -> usize {
        self.lines.held() + self.text.bytes.held()
    }
}

impl Text {
    fn add(&mut self, bytes: &[u8]) {
        let room = MAX_TEXT.saturating_sub(self.bytes.len());
        self.bytes.extend(bytes.iter().take(room));
    }
}

/// The length of the literal that follows a line.
fn literal(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"}")?;
    let start = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = line.get(start + 1..)?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    let number = digits.first()?.is_ascii_digit();
    std::str::from_utf8(digits).ok().filter(|_| number)?.parse().ok()
}

/// The words of a text: atoms, quoted ones, literals.
pub(super) fn words(text: &[u8]) -> Words<'_> {
    Words(text)
}

/// Words of a text.
pub(super) struct Words<'a>(&'a [u8]);

impl Iterator for Words<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        self.0 = self.0.trim_ascii_start();
        match self.0.first()? {
            b'"' => {
                let (mut word, mut quoted, mut used) = (Vec::new(), false, 1);
                for byte in self.0.iter().skip(1) {
                    used += 1;
                    match byte {
                        b'"' if !quoted => break,
                        b'\\' if !quoted => quoted = true,
                        byte => {
                            word.push(*byte);
                            quoted = false;
                        }
                    }
                }
                self.0 = self.0.get(used..).unwrap_or_default();
                Some(word)
            }
            b'{' => {
                let end = self.0.iter().position(|byte| *byte == b'\n')?;
                let (line, rest) = self.0.split_at_checked(end + 1)?;
                let length = usize::try_from(literal(line.trim_ascii_end())?).ok()?.min(rest.len());
                let (word, rest) = rest.split_at_checked(length)?;
                self.0 = rest;
                Some(word.to_vec())
            }
            _ => {
                let end = self.0.iter().position(|byte| *byte == b' ').unwrap_or(self.0.len());
                let (word, rest) = self.0.split_at_checked(end)?;
                self.0 = rest;
                Some(word.to_vec())
            }
        }
    }
}
