//! The two byte orders in which captures store their integers.

/// How a section or file orders the bytes of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

macro_rules! reader {
    ($name:ident, $type:ty, $bytes:literal) => {
        /// The integer that stands at offset `at`, or `None` where the bytes end before it does.
        #[inline]
        pub fn $name(self, bytes: &[u8], at: usize) -> Option<$type> {
            let field: [u8; $bytes] = *bytes.get(at..)?.first_chunk()?;
            Some(match self {
                Self::Little => <$type>::from_le_bytes(field),
                Self::Big => <$type>::from_be_bytes(field),
            })
        }
    };
}

impl ByteOrder {
    reader!(u16, u16, 2);
    reader!(u32, u32, 4);
    reader!(u64, u64, 8);

    /// Appends a 32-bit integer in this order.
    #[inline]
    pub fn push_u32(self, out: &mut Vec<u8>, value: u32) {
        out.extend_from_slice(&match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        });
    }
}
