//! Mails, as SMTP and POP3 carry them: where one ends, how long it is, and its headers. RFC 5321, 4.5.2; RFC 5322, 2.2.
//!
//! Of the bytes no more is kept than the headers.

use super::held::Held;
use super::text::lossless;

/// Of the beginning of a mail this much is kept, for its headers.
const MAX_HEAD: usize = 16 << 10;

/// Of the value of a header this much is kept, in bytes.
const MAX_VALUE: usize = 4 << 10;

/// The line that ends a mail has this many bytes.
const END: u64 = 3;

/// A mail.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// Its bytes as they were sent.
    pub(super) length: u64,
    /// Of these, bytes that are missing in the capture.
    pub(super) missed: u64,
    /// What was said of it before.
    pub(super) envelope: Envelope,
    head: Vec<u8>,
    /// What comes is not its beginning.
    headless: bool,
}

/// What is said of a mail before it is sent.
#[derive(Debug, Default, Clone)]
pub(super) struct Envelope {
    /// What the client calls itself.
    pub(super) helo: Option<String>,
    /// Who sends it.
    pub(super) from: Option<String>,
    /// Who is to get it.
    pub(super) to: Vec<String>,
}

impl Message {
    /// Adds bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len() as u64);
        // Behind a gap a line may be the rest of any line.
        if !self.headless {
            let room = MAX_HEAD.saturating_sub(self.head.len());
            self.head.extend(bytes.iter().take(room));
        }
    }

    /// So many bytes are missing.
    pub(super) fn gap(&mut self, length: u64) {
        self.length = self.length.saturating_add(length);
        self.missed = self.missed.saturating_add(length);
        self.headless = true;
    }

    /// Its headers.
    pub(super) fn headers(&self) -> Headers {
        Headers::of(&self.head)
    }
}

impl Held for Message {
    fn held(&self) -> usize {
        self.head.held() + self.envelope.held()
    }
}

impl Held for Envelope {
    fn held(&self) -> usize {
        self.helo.held() + self.from.held() + self.to.held()
    }
}

/// Looks for the end of a mail that ends with a line of a dot.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) message: Box<Message>,
    seen: Seen,
}

/// What stands before the next byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Text,
    Cr,
    LineStart,
    Dot,
    DotCr,
}

impl Content {
    /// The beginning of a mail.
    pub(super) fn new() -> Self {
        Self { message: Box::default(), seen: Seen::LineStart }
    }

    /// The middle of a mail whose beginning was not seen.
    pub(super) fn middle() -> Self {
        let mut content = Self::new();
        content.gap(0);
        content
    }

    /// Takes bytes; if the mail ends in them, says how many were its.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut place = 0;
        while let Some(rest) = bytes.get(place..).filter(|rest| !rest.is_empty()) {
            if self.seen == Seen::Text {
                let Some(next) = rest.iter().position(|byte| *byte == b'\r') else { break };
                place += next;
            }
            let Some(byte) = bytes.get(place) else { break };
            place += 1;
            self.seen = match (self.seen, byte) {
                (Seen::DotCr, b'\n') => {
                    self.message.push(bytes.get(..place).unwrap_or(bytes));
                    self.message.length = self.message.length.saturating_sub(END);
                    return Some(place);
                }
                (Seen::Dot, b'\r') => Seen::DotCr,
                (Seen::LineStart, b'.') => Seen::Dot,
                (Seen::Cr, b'\n') => Seen::LineStart,
                (_, b'\r') => Seen::Cr,
                _ => Seen::Text,
            };
        }
        self.message.push(bytes);
        None
    }

    /// So many bytes are missing.
    pub(super) fn gap(&mut self, length: u64) {
        self.message.gap(length);
        self.seen = Seen::Text;
    }
}

/// Headers of a mail: of each name the first one; of `received` the first two.
#[derive(Debug, Default)]
pub(super) struct Headers(Vec<(String, String)>);

/// What is kept.
const KEPT: [&str; 12] = [
    "cc",
    "date",
    "from",
    "in-reply-to",
    "message-id",
    "received",
    "reply-to",
    "subject",
    "to",
    "user-agent",
    "x-mailer",
    "x-originating-ip",
];

impl Headers {
    /// The headers at the beginning of a mail.
    fn of(head: &[u8]) -> Self {
        let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
        let mut wanted = false;
        for line in head.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match line.first() {
                None => break,
                Some(b' ' | b'\t') => {
                    if let Some((_, value)) = headers.last_mut().filter(|_| wanted)
                        && value.len() + line.len() <= MAX_VALUE
                    {
                        value.extend_from_slice(line);
                    }
                }
                Some(_) => {
                    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                        wanted = false;
                        continue;
                    };
                    let (name, value) = line.split_at(colon);
                    let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
                    let before = headers.iter().filter(|(known, _)| *known == name).count();
                    wanted = KEPT.contains(&name.as_str()) && before < if name == "received" { 2 } else { 1 };
                    if wanted {
                        headers.push((name, value.iter().skip(1).take(MAX_VALUE).copied().collect()));
                    }
                }
            }
        }
        Self(headers.into_iter().map(|(name, value)| (name, lossless(value.trim_ascii()))).collect())
    }

    /// The value of the first header of this name.
    pub(super) fn first(&self, name: &str) -> Option<String> {
        self.nth(name, 0)
    }

    /// The value of a header of this name, counted from 0.
    pub(super) fn nth(&self, name: &str, number: usize) -> Option<String> {
        self.0.iter().filter(|(known, _)| known == name).nth(number).map(|(_, value)| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_ends_at_a_line_of_a_dot() {
        let text = b"From: a\r\nSubject: x\r\n  y\r\n\r\nbody\r\n..\r\n.x\r\n\r.\r\n.\r\nQUIT\r\n";
        let mut whole = Content::new();
        let end = whole.take(text).unwrap();
        assert_eq!(&text[end..], b"QUIT\r\n");
        assert_eq!(whole.message.length, end as u64 - 3);
        let mut bytes = Content::new();
        let found = text.iter().position(|byte| bytes.take(&[*byte]).is_some());
        assert_eq!((found, bytes.message.length), (Some(end - 1), end as u64 - 3));
        let headers = bytes.message.headers();
        assert_eq!(headers.first("from").as_deref(), Some("a"));
        assert_eq!(headers.first("subject").as_deref(), Some("x  y"));
        assert_eq!(headers.first("body"), None);
        assert_eq!(Content::new().take(b".\r\n"), Some(3));
    }

    #[test]
    fn of_a_long_mail_only_the_beginning_is_kept() {
        let mut content = Content::new();
        for _ in 0..10_000 {
            assert_eq!(content.take(b"X-Header: 1234567890\r\n"), None);
        }
        assert_eq!(content.message.length, 220_000);
        assert!(content.message.held() <= 2 * MAX_HEAD);
    }
}
