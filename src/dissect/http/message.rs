//! A message of HTTP: its first line, its headers, its body. RFC 9112, 2 to 6.

use super::body::Body;
use crate::dissect::held::Held;
use crate::dissect::text::lossless;
use crate::flow::Moment;

/// Headers of a message, at most; and their bytes.
const MAX_HEADERS: usize = 1_000;
const MAX_HEADER_BYTES: usize = 256 << 10;

/// The longest name of a method.
const MAX_METHOD: usize = 32;

/// Methods that a request without a version may have: HTTP/0.9 knows GET alone, but scanners ask so for others too.
const WITHOUT_VERSION: [&[u8]; 4] = [b"GET", b"HEAD", b"POST", b"OPTIONS"];

/// A request or a response.
#[derive(Debug)]
pub(in crate::dissect) struct Message {
    pub(in crate::dissect) start: Start,
    pub(in crate::dissect) headers: Vec<Header>,
    /// Headers behind the body.
    pub(in crate::dissect) trailers: Vec<Header>,
    pub(in crate::dissect) body: Body,
    /// Its first and last packet so far.
    pub(in crate::dissect) first: Moment,
    pub(in crate::dissect) last: Moment,
    /// All of its body was seen; none: that cannot be known.
    pub(in crate::dissect) complete: Option<bool>,
    /// Headers, and lines of them, that were left out: there are too many.
    pub(in crate::dissect) dropped: u64,
    /// What the texts of its headers take.
    text: usize,
}

/// A line of a message's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dissect) struct Header {
    pub(in crate::dissect) name: String,
    pub(in crate::dissect) value: String,
}

/// The first line of a request, or of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::dissect) struct Start {
    pub(in crate::dissect) method: String,
    pub(in crate::dissect) uri: String,
    /// `1.1`; none in HTTP/0.9.
    pub(in crate::dissect) version: Option<String>,
    pub(in crate::dissect) status: Option<u16>,
    pub(in crate::dissect) reason: Option<String>,
}

impl Held for Message {
    fn held(&self) -> usize {
        let lists = (self.headers.capacity() + self.trailers.capacity()) * size_of::<Header>();
        self.start.held() + self.text + lists + self.body.held()
    }
}

impl Held for Start {
    fn held(&self) -> usize {
        self.method.held() + self.uri.held() + self.version.held() + self.reason.held()
    }
}

impl Message {
    pub(in crate::dissect) fn new(start: Start, first: Moment, last: Moment) -> Self {
        Self {
            start,
            headers: Vec::new(),
            trailers: Vec::new(),
            body: Body::default(),
            first,
            last,
            complete: Some(true),
            dropped: 0,
            text: 0,
        }
    }

    /// Adds a header, unless there are too many.
    pub(in crate::dissect) fn add(&mut self, name: &[u8], value: &[u8], is_trailer: bool) {
        if self.headers.len() + self.trailers.len() >= MAX_HEADERS || !self.has_room(name.len() + value.len()) {
            self.dropped += 1;
            return;
        }
        let header = Header { name: lossless(name), value: lossless(value) };
        self.text += header.name.held() + header.value.held();
        if is_trailer { self.trailers.push(header) } else { self.headers.push(header) }
    }

    /// True if so much more of headers is kept: what came behind something that was not, is not.
    fn has_room(&self, length: usize) -> bool {
        self.dropped == 0 && self.text + length <= MAX_HEADER_BYTES
    }

    /// Adds a line of the head, or of the trailers; false if it is no header.
    pub(super) fn line(&mut self, line: &[u8], is_trailer: bool) -> bool {
        let has_room = self.has_room(line.len());
        let list = if is_trailer { &mut self.trailers } else { &mut self.headers };
        if line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'))
            && let Some(last) = list.last_mut()
        {
            if has_room {
                let before = last.value.held();
                last.value.push(' ');
                last.value.push_str(&lossless(line.trim_ascii()));
                self.text += last.value.held() - before;
            } else {
                self.dropped += 1;
            }
            return true;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':').filter(|colon| *colon > 0) else { return false };
        let (name, value) = line.split_at(colon);
        self.add(name.trim_ascii(), value.get(1..).unwrap_or_default().trim_ascii(), is_trailer);
        true
    }

    /// The value of the first header of this name, which stands here in small letters.
    pub(in crate::dissect) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
    }

    /// The members of all headers of this name, in small letters.
    pub(in crate::dissect) fn list(&self, name: &str) -> Vec<String> {
        let headers = self.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        let members = headers.flat_map(|header| header.value.split(','));
        members.map(|member| member.trim().to_ascii_lowercase()).filter(|member| !member.is_empty()).collect()
    }

    /// The length that Content-Length states; an error if it states none or two.
    pub(super) fn content_length(&self) -> Option<Result<u64, ()>> {
        let mut stated = None;
        for member in self.list("content-length") {
            let digits = member.bytes().all(|byte| byte.is_ascii_digit());
            match member.parse::<u64>() {
                Ok(length) if digits && stated.is_none_or(|stated| stated == length) => stated = Some(length),
                _ => return Some(Err(())),
            }
        }
        stated.map(Ok)
    }
}

impl Start {
    /// The first line of a request: `GET /uri HTTP/1.1`; without a version only where `lenient`.
    pub(super) fn request(line: &[u8], lenient: bool) -> Option<Self> {
        let line = line.trim_ascii_end();
        let end = line.iter().position(|byte| matches!(byte, b' ' | b'\t'))?;
        let (method, rest) = line.split_at(end);
        if !is_method(method) {
            return None;
        }
        let rest = rest.trim_ascii_start();
        let last = rest.iter().rposition(|byte| matches!(byte, b' ' | b'\t')).map_or(0, |space| space + 1);
        let (uri, word) = rest.split_at(last);
        let start = |uri, version| Self { method: lossless(method), uri: lossless(uri), version, ..Self::default() };
        if let Some(version) = version(word) {
            // HTTP/2 begins with such a line too, and is another protocol.
            return (!version.starts_with('2')).then(|| start(uri.trim_ascii_end(), Some(version.to_owned())));
        }
        let is_uri = rest.starts_with(b"/") || rest.starts_with(b"http:") || rest.starts_with(b"*");
        (lenient && is_uri && WITHOUT_VERSION.contains(&method)).then(|| start(rest, None))
    }

    /// The first line of a response: `HTTP/1.1 200 OK`.
    pub(super) fn response(line: &[u8]) -> Option<Self> {
        let end = line.iter().position(|byte| *byte == b' ')?;
        let (word, rest) = line.split_at(end);
        let version = version(word).filter(|version| !version.starts_with('2'))?.to_owned();
        let (code, reason) = rest.trim_ascii_start().split_first_chunk::<3>()?;
        let status = std::str::from_utf8(code).ok()?.parse().ok().filter(|_| code.iter().all(u8::is_ascii_digit))?;
        if reason.first().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            return None;
        }
        let reason = Some(lossless(reason.trim_ascii())).filter(|reason| !reason.is_empty());
        Some(Self { version: Some(version), status: Some(status), reason, ..Self::default() })
    }
}

/// True for what may be a method: a token (RFC 9110, 5.6.2) that begins with a letter.
pub(super) fn is_method(word: &[u8]) -> bool {
    word.len() <= MAX_METHOD
        && word.first().is_some_and(u8::is_ascii_alphabetic)
        && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// The number in `HTTP/1.1`.
fn version(word: &[u8]) -> Option<&str> {
    let (name, number) = word.split_first_chunk::<5>()?;
    let number = std::str::from_utf8(number).ok()?;
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    (name.eq_ignore_ascii_case(b"HTTP/") && is_number(major) && is_number(minor)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A byte that is no text is told by four, and a value that grows takes more than its text.
    #[test]
    fn what_a_message_holds_is_known() {
        let start = Start { uri: "/".repeat(5_000), ..Start::default() };
        let mut message = Message::new(start, Moment::default(), Moment::default());
        for _ in 0..30 {
            message.line(&[&b"x: "[..], &[0; 10_000]].concat(), false);
            message.line(&[&b" "[..], &[b'y'; 1_000]].concat(), false);
        }
        let takes = message.start.held() + message.headers.capacity() * size_of::<Header>();
        let texts = message.headers.iter().map(|header| header.name.capacity() + header.value.capacity());
        assert_eq!(message.held(), takes + texts.sum::<usize>());
        assert!(message.held() < 2 * MAX_HEADER_BYTES, "{}", message.held());
        let longer = message.headers.iter().filter(|header| header.value.ends_with('y')).count();
        assert_eq!(message.headers.len() + longer + message.dropped as usize, 60);
    }
}
