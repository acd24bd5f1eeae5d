//! Names in messages, and the cursor that reads them. RFC 1035, 3.1 and 4.1.4; text as in 5.1 and RFC 6763, 4.3.

use std::cell::Cell;
use std::fmt::Write as _;

/// Pointers that are followed in one name, at most. A name of 255 bytes has no use for more.
const MAX_JUMPS: usize = 128;

/// The longest name that is read, in bytes. Names may have 255; longer ones are seen, and read as others read them.
const MAX_NAME: usize = 1024;

/// Text that is made of one message, at most, in bytes: pointers make much of little. In all,
const MAX_TEXT: usize = 1 << 20;

/// so much, and so much of each of its bytes: a record of 14 bytes that names two hosts makes 100, seldom 200.
const SOME_TEXT: usize = 4 << 10;
const EXPANSION: usize = 32;

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The message ends before it.
    Short,
    /// A name's pointers go in circles.
    Loop,
    /// A label of a kind that nobody uses.
    Label,
    /// A name is too long.
    Long,
    /// The message makes too much text.
    Bomb,
    /// What stands there is not of the form that its type has.
    Form,
}

impl Fault {
    /// As `weird` records name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Short => "dns_message_ends_early",
            Self::Loop => "dns_name_in_circles",
            Self::Label => "dns_label_of_unknown_kind",
            Self::Long => "dns_name_too_long",
            Self::Bomb => "dns_message_makes_too_much_text",
            Self::Form => "dns_record_malformed",
        }
    }
}

/// A place in a message, from which things are read one after the other.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    message: &'a [u8],
    place: usize,
    end: usize,
    text: &'a Budget,
}

/// How names are written, and how much text may still be made.
#[derive(Debug)]
pub(super) struct Budget {
    all: usize,
    left: Cell<usize>,
    /// Names end in a dot.
    dots: bool,
}

impl Budget {
    /// For one message of so many bytes.
    pub(super) fn new(length: usize, dots: bool) -> Self {
        let all = MAX_TEXT.min(SOME_TEXT + EXPANSION * length);
        Self { all, left: Cell::new(all), dots }
    }

    /// How much text was made.
    pub(super) fn spent(&self) -> usize {
        self.all.saturating_sub(self.left.get())
    }

    /// So much text is made.
    pub(super) fn spend(&self, length: usize) -> Result<(), Fault> {
        let left = self.left.get().checked_sub(length).ok_or(Fault::Bomb)?;
        self.left.set(left);
        Ok(())
    }
}

impl<'a> Cursor<'a> {
    /// At the beginning of a message.
    pub(super) fn new(message: &'a [u8], text: &'a Budget) -> Self {
        Self { message, place: 0, end: message.len(), text }
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> usize {
        self.end.saturating_sub(self.place)
    }

    /// The next bytes as a cursor of their own, in which pointers into the message are valid too.
    pub(super) fn part(&mut self, length: usize) -> Result<Self, Fault> {
        let from = self.place;
        self.take(length)?;
        Ok(Self { place: from, end: self.place, ..self.clone() })
    }

    /// The next bytes.
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let to = self.place.checked_add(length).filter(|to| *to <= self.end).ok_or(Fault::Short)?;
        let bytes = self.message.get(self.place..to).ok_or(Fault::Short)?;
        self.place = to;
        Ok(bytes)
    }

    /// All bytes that are left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        self.take(self.left()).unwrap_or_default()
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(|_| Fault::Short)
    }

    /// A byte.
    pub(super) fn u8(&mut self) -> Result<u8, Fault> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Two bytes as a number.
    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Four bytes as a number.
    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Bytes with their number before them.
    pub(super) fn string(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.u8()?;
        self.take(length.into())
    }

    /// A name, as text: without the dot at the end unless that is wanted; `.` for the root.
    pub(super) fn name(&mut self) -> Result<String, Fault> {
        let (mut text, mut length, mut jumps) = (String::new(), 0_usize, 0);
        // Behind the first pointer, labels are read elsewhere, up to the end of the message.
        let mut elsewhere: Option<Self> = None;
        loop {
            let cursor = elsewhere.as_mut().unwrap_or(&mut *self);
            let first = cursor.u8()?;
            match first {
                0 => break,
                1..=0x3f => {
                    let label = cursor.take(first.into())?;
                    length += label.len() + 1;
                    if length > MAX_NAME {
                        return Err(Fault::Long);
                    }
                    if !text.is_empty() {
                        text.push('.');
                    }
                    write_label(label, &mut text);
                }
                0xc0.. => {
                    let place = usize::from(first & 0x3f) << 8 | usize::from(cursor.u8()?);
                    jumps += 1;
                    if jumps > MAX_JUMPS {
                        return Err(Fault::Loop);
                    }
                    elsewhere = Some(Self { place, end: self.message.len(), ..self.clone() });
                }
                _ => return Err(Fault::Label),
            }
        }
        if self.text.dots || text.is_empty() {
            text.push('.');
        }
        self.text.spend(text.len())?;
        Ok(text)
    }

    /// So much text is made, besides names.
    pub(super) fn spend(&self, length: usize) -> Result<(), Fault> {
        self.text.spend(length)
    }
}

/// UTF-8 as it is; dots and backslashes with a backslash; control characters and other bytes in three decimal digits.
fn write_label(label: &[u8], text: &mut String) {
    write_escaped(label, &['.', '\\'], text);
}

/// A character string between quotes, as master files have it.
pub(super) fn quoted(string: &[u8]) -> String {
    let mut text = String::with_capacity(string.len() + 2);
    text.push('"');
    write_escaped(string, &['"', '\\'], &mut text);
    text.push('"');
    text
}

fn write_escaped(bytes: &[u8], special: &[char], text: &mut String) {
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                c if special.contains(&c) => text.extend(['\\', c]),
                c if c.is_control() => decimal(c.encode_utf8(&mut [0; 4]).as_bytes(), text),
                c => text.push(c),
            }
        }
        decimal(chunk.invalid(), text);
    }
}

fn decimal(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        // Writing to memory cannot fail.
        let _ = write!(text, "\\{byte:03}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(message: &[u8], place: usize) -> Result<String, Fault> {
        let budget = Budget::new(message.len(), false);
        let mut cursor = Cursor::new(message, &budget);
        cursor.take(place)?;
        cursor.name()
    }

    #[test]
    fn pointers_are_followed_but_not_in_circles() {
        let message = b"\x03www\x07example\0\x04mail\xc0\x04\xc0\x12\xc0\x15";
        assert_eq!(name(message, 0).unwrap(), "www.example");
        assert_eq!(name(message, 13).unwrap(), "mail.example");
        assert_eq!(name(b"\xc0\0", 0), Err(Fault::Loop));
        assert_eq!(name(b"\x01a\xc0\0", 0), Err(Fault::Loop));
        assert_eq!(name(b"\x01a\xc0\x09", 0), Err(Fault::Short));
        assert_eq!(name(b"\x41a\0", 0), Err(Fault::Label));
        assert_eq!(name(b"\0", 0).unwrap(), ".");
    }

    #[test]
    fn labels_keep_what_they_hold() {
        assert_eq!(name("\x0b\u{fc}ber.\\ uns\x02\n\u{1}\0".as_bytes(), 0).unwrap(), "\u{fc}ber\\.\\\\ uns.\\010\\001");
        assert_eq!(name(b"\x02\xff.\0", 0).unwrap(), "\\255\\.");
    }
}
