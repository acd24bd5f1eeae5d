//! The options of IPv4, TCP and IPv6's extension headers: kind, length, value.

use super::bytes::byte;

/// One option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) kind: u8,
    /// Where its value stands.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Options between two places of a packet. Where they end, or are not understood, the iteration stops: see [`Self::rest`].
#[derive(Debug, Clone)]
pub(super) struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    shape: Shape,
}

/// How options say their length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// IPv4 and TCP: 0 ends the list, 1 has no length, and lengths count kind and length.
    Whole,
    /// IPv6: 0 has no length, and lengths count the value (RFC 8200, 4.2).
    Value,
}

impl<'a> Choices<'a> {
    /// Those of IPv4 or TCP.
    pub(super) fn of_header(bytes: &'a [u8], start: usize, end: usize) -> Self {
        Self { bytes, at: start, end, shape: Shape::Whole }
    }

    /// Those of an extension header of IPv6 that begins and ends here.
    pub(super) fn of_extension(bytes: &'a [u8], start: usize, end: usize) -> Self {
        Self { bytes, at: start + 2, end, shape: Shape::Value }
    }

    /// From here on nothing is an option.
    pub(super) fn rest(&self) -> usize {
        self.at.min(self.end)
    }
}

impl Iterator for Choices<'_> {
    type Item = Choice;

    fn next(&mut self) -> Option<Choice> {
        while self.at < self.end {
            let kind = byte(self.bytes, self.at)?;
            match (self.shape, kind) {
                (Shape::Whole, 0) => return None,
                (Shape::Whole, 1) | (Shape::Value, 0) => self.at += 1,
                (shape, _) => {
                    let before = if shape == Shape::Whole { 0 } else { 2 };
                    let length = usize::from(byte(self.bytes, self.at + 1)?) + before;
                    let end = self.at + length;
                    if length < 2 || end > self.end {
                        return None;
                    }
                    let start = std::mem::replace(&mut self.at, end) + 2;
                    return Some(Choice { kind, start, end });
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_stop_at_what_is_no_option() {
        let bytes = [1, 8, 4, 9, 9, 5, 1, 0];
        let mut options = Choices::of_header(&bytes, 0, 8);
        assert_eq!(options.next(), Some(Choice { kind: 8, start: 3, end: 5 }));
        assert_eq!((options.next(), options.rest()), (None, 5));
        let bytes = [59, 0, 0, 1, 2, 9, 9, 5];
        let mut options = Choices::of_extension(&bytes, 0, 8);
        assert_eq!(options.next(), Some(Choice { kind: 1, start: 5, end: 7 }));
        assert_eq!((options.next(), options.rest()), (None, 7));
    }
}
