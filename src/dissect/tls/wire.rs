//! Reads the vectors of TLS off bytes: RFC 8446, 3.4.

/// Bytes that were not read yet. Everything that asks for more of them than there are gets nothing.
#[derive(Debug, Clone, Copy)]
pub(in crate::dissect) struct Reader<'a>(pub(in crate::dissect) &'a [u8]);

impl<'a> Reader<'a> {
    /// So many bytes.
    pub(in crate::dissect) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of so many bytes, eight at most.
    pub(in crate::dissect) fn number(&mut self, bytes: usize) -> Option<u64> {
        Some(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub(in crate::dissect) fn u8(&mut self) -> Option<u8> {
        self.number(1).map(|number| number as u8)
    }

    pub(in crate::dissect) fn u16(&mut self) -> Option<u16> {
        self.number(2).map(|number| number as u16)
    }

    /// Bytes, behind their number in so many bytes.
    pub(in crate::dissect) fn vector(&mut self, bytes: usize) -> Option<Reader<'a>> {
        let length = self.number(bytes)?;
        self.take(usize::try_from(length).ok()?).map(Reader)
    }

    /// What is left, two bytes each; an odd one at the end is left out.
    pub(in crate::dissect) fn numbers(self) -> Vec<u16> {
        self.0.chunks_exact(2).filter_map(|pair| Reader(pair).u16()).collect()
    }

    pub(in crate::dissect) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
