//! pcapng options: the code-length-value list at the end of most blocks.
//!
//! [`Options::checked`] walks a list once and refuses one that is broken; the iterator over what it returns then
//! cannot fail. Source: draft-ietf-opsawg-pcapng, section 3.5.

use super::ByteOrder;

/// Option codes, by their names in the draft.
pub mod code {
    #![allow(missing_docs, reason = "the names are the draft's own")]
    pub const OPT_ENDOFOPT: u16 = 0;
    pub const OPT_COMMENT: u16 = 1;
    pub const SHB_HARDWARE: u16 = 2;
    pub const SHB_OS: u16 = 3;
    pub const SHB_USERAPPL: u16 = 4;
    pub const IF_NAME: u16 = 2;
    /// if_description.
    pub const IF_DESCRIPTION: u16 = 3;
    pub const IF_IPV4ADDR: u16 = 4;
    pub const IF_IPV6ADDR: u16 = 5;
    pub const IF_MACADDR: u16 = 6;
    pub const IF_SPEED: u16 = 8;
    pub const IF_TSRESOL: u16 = 9;
    pub const IF_TZONE: u16 = 10;
    pub const IF_FILTER: u16 = 11;
    pub const IF_OS: u16 = 12;
    pub const IF_FCSLEN: u16 = 13;
    pub const IF_TSOFFSET: u16 = 14;
    pub const IF_HARDWARE: u16 = 15;
    pub const IF_TXSPEED: u16 = 16;
    pub const IF_RXSPEED: u16 = 17;
    pub const IF_EUIADDR: u16 = 7;
    pub const EPB_FLAGS: u16 = 2;
    pub const EPB_HASH: u16 = 3;
    pub const EPB_DROPCOUNT: u16 = 4;
    pub const EPB_PACKETID: u16 = 5;
    pub const EPB_QUEUE: u16 = 6;
    /// The four codes whose value begins with a private enterprise number.
    pub const CUSTOM: [u16; 4] = [2988, 2989, 19372, 19373];
}

/// A list of options that is known to be whole.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    bytes: &'a [u8],
    order: ByteOrder,
}

/// One option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opt<'a> {
    /// What it is; the meaning depends on the block.
    pub code: u16,
    /// Its value, without padding.
    pub value: &'a [u8],
}

impl<'a> Options<'a> {
    /// No options.
    pub const NONE: Options<'static> = Options::none(ByteOrder::Little);

    /// No options, of a block in this byte order.
    pub const fn none(order: ByteOrder) -> Options<'static> {
        Options { bytes: &[], order }
    }

    /// Checks the list that fills `bytes`, up to opt_endofopt or the end; what follows opt_endofopt is left out.
    ///
    /// # Errors
    /// The offset in `bytes` of the option that does not fit.
    #[inline]
    pub fn checked(bytes: &'a [u8], order: ByteOrder) -> Result<Self, usize> {
        let mut at = 0;
        while at < bytes.len() {
            let head = order.u16(bytes, at).zip(order.u16(bytes, at + 2)).ok_or(at)?;
            if head.0 == code::OPT_ENDOFOPT {
                break;
            }
            let end = at + 4 + usize::from(head.1);
            if end > bytes.len() {
                return Err(at);
            }
            at = end.next_multiple_of(4);
        }
        let whole = bytes.get(..at).unwrap_or(bytes);
        Ok(Self { bytes: whole, order })
    }

    /// Takes a list that was checked, or written, before.
    pub fn trusted(bytes: &'a [u8], order: ByteOrder) -> Self {
        Self { bytes, order }
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The list as it stands, padding included, without opt_endofopt.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The byte order of integers inside the values.
    pub fn order(&self) -> ByteOrder {
        self.order
    }

    /// The values of the comments, up to the first NUL.
    pub fn comments(self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.filter(|option| option.code == code::OPT_COMMENT).map(|option| option.text())
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Opt<'a>;

    #[inline]
    fn next(&mut self) -> Option<Opt<'a>> {
        let code = self.order.u16(self.bytes, 0)?;
        let length = usize::from(self.order.u16(self.bytes, 2)?);
        let value = self.bytes.get(4..4 + length)?;
        let next = (4 + length).next_multiple_of(4);
        self.bytes = self.bytes.get(next..).unwrap_or_default();
        Some(Opt { code, value })
    }
}

impl<'a> Opt<'a> {
    /// The bytes that it takes in a list: code, length, value and padding.
    pub fn size(&self) -> usize {
        4 + self.value.len().next_multiple_of(4)
    }

    /// Its value as text: the bytes up to the first NUL.
    #[inline]
    pub fn text(&self) -> &'a [u8] {
        // `contains` looks at many bytes at once, and there is hardly ever a NUL.
        match self.value.contains(&0) {
            true => self.value.split(|&byte| byte == 0).next().unwrap_or_default(),
            false => self.value,
        }
    }
}

/// Appends an option in little-endian order, padded. The value must be shorter than 65,536 bytes.
#[inline]
pub fn push_option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&code.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(value.get(..usize::from(length)).unwrap_or(value));
    let padding = value.len().next_multiple_of(4) - value.len();
    out.extend_from_slice(&[0; 3][..padding]);
}

/// Appends opt_endofopt.
#[inline]
pub fn push_end(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0; 4]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(options: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (code, value) in options {
            push_option(&mut out, *code, value);
        }
        out
    }

    proptest! {
        #[test]
        fn pushed_options_read_back(options in prop::collection::vec((1_u16.., prop::collection::vec(any::<u8>(), 0..20)), 0..6)) {
            let mut bytes = list(&options);
            push_end(&mut bytes);
            bytes.extend_from_slice(b"junk after the end is not looked at");
            let read: Vec<_> = Options::checked(&bytes, ByteOrder::Little).unwrap()
                .map(|option| (option.code, option.value.to_vec())).collect();
            prop_assert_eq!(read, options);
        }

        #[test]
        fn every_shorter_list_is_refused_or_shorter(options in prop::collection::vec((1_u16.., prop::collection::vec(any::<u8>(), 0..20)), 1..4)) {
            let bytes = list(&options);
            for cut in 0..bytes.len() {
                if let Ok(read) = Options::checked(&bytes[..cut], ByteOrder::Little) {
                    prop_assert!(read.count() <= options.len());
                }
            }
        }
    }

    #[test]
    fn text_ends_at_the_first_nul() {
        let option = Opt { code: 1, value: b"5,web\0rest" };
        assert_eq!(option.text(), b"5,web");
    }
}
