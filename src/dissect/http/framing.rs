//! How a message's body is framed. RFC 9112, 6 and 7.

use super::message::Message;

/// What a body is behind a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none.
    Nothing,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
    /// Everything until the connection ends.
    Close,
}

impl Framing {
    /// What stands behind the head of a request. RFC 9112, 6.3.
    pub(super) fn of_request(request: &Message) -> Self {
        if is_chunked(request) {
            return Self::Chunked;
        }
        match request.content_length() {
            Some(Ok(length)) => Self::Length(length),
            _ => Self::Nothing,
        }
    }

    /// What stands behind the head of a response to such a request.
    pub(super) fn of_response(response: &Message, method: Option<&str>) -> Self {
        let status = response.start.status.unwrap_or_default();
        match (method, status) {
            (Some("HEAD"), _) | (_, 100..200 | 204 | 304) | (Some("CONNECT"), 200..300) => Self::Nothing,
            _ if is_chunked(response) => Self::Chunked,
            _ => match response.content_length() {
                Some(Ok(length)) => Self::Length(length),
                _ => Self::Close,
            },
        }
    }
}

fn is_chunked(message: &Message) -> bool {
    message.list("transfer-encoding").last().is_some_and(|coding| coding == "chunked")
}

/// The size of a chunk: hexadecimal digits, and extensions behind a semicolon.
pub(super) fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    let valid = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    valid.then(|| u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()).flatten()
}
