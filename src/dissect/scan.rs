//! Reads numbers and texts off the front of bytes; what is not there is `None`, and then the rest is as it was.

/// What was not read yet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scan<'a> {
    rest: &'a [u8],
}

macro_rules! numbers {
    ($($name:ident: $type:ty, $how:ident;)*) => {
        $(pub(super) fn $name(&mut self) -> Option<$type> {
            let (bytes, rest) = self.rest.split_first_chunk()?;
            self.rest = rest;
            Some(<$type>::$how(*bytes))
        })*
    };
}

impl<'a> Scan<'a> {
    /// From the first byte.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    numbers! {
        u8: u8, from_be_bytes;
        u16: u16, from_be_bytes;
        u32: u32, from_be_bytes;
        u16_le: u16, from_le_bytes;
        u32_le: u32, from_le_bytes;
        u64_le: u64, from_le_bytes;
        i32_le: i32, from_le_bytes;
        i64_le: i64, from_le_bytes;
        f64_le: f64, from_le_bytes;
    }

    /// Three bytes, the lowest first.
    pub(super) fn u24_le(&mut self) -> Option<u32> {
        let &[low, middle, high] = self.take(3)?.first_chunk()?;
        Some(u32::from_le_bytes([low, middle, high, 0]))
    }

    /// A number of so many bytes, the highest first; eight at most.
    pub(super) fn number(&mut self, bytes: usize) -> Option<u64> {
        Some(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Bytes behind their number, which has so many bytes: the vectors of TLS (RFC 8446, 3.4).
    pub(super) fn vector(&mut self, bytes: usize) -> Option<Scan<'a>> {
        let mut ahead = *self;
        let length = ahead.number(bytes)?;
        let inside = ahead.take(usize::try_from(length).ok()?)?;
        *self = ahead;
        Some(Self::new(inside))
    }

    /// What is left, two bytes each; an odd one at the end is left out.
    pub(super) fn numbers(self) -> Vec<u16> {
        let (pairs, _) = self.rest.as_chunks::<2>();
        pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
    }

    /// So many bytes.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// What stands before the next zero byte, which is read too.
    pub(super) fn until_zero(&mut self) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|byte| *byte == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }

    /// What stands before the next zero byte, or everything: for texts that may have been cut.
    pub(super) fn text(&mut self) -> &'a [u8] {
        self.until_zero().unwrap_or_else(|| std::mem::take(&mut self.rest))
    }

    /// Everything that was not read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// True if everything was read.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}
