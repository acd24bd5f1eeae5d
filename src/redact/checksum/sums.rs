//! Sums of RFC 1071, and CRC-32C.

/// What a sum is taken modulo: sums of 16-bit words whose carries come round.
pub(super) const MODULUS: i64 = 0xffff;

/// A number that is congruent to the sum of 16-bit words, and 0 only if that is; an odd last byte is the upper half of a word.
///
/// Words of 32 bits are added, two at a time: 2^16 is 1 modulo [`MODULUS`], so that the place of a word does not matter.
pub(super) fn words(bytes: &[u8]) -> u64 {
    let (wide, rest) = bytes.as_chunks::<8>();
    let mut sum = 0;
    for chunk in wide {
        let both = u64::from_be_bytes(*chunk);
        sum += (both >> 32) + (both & 0xffff_ffff);
    }
    if rest.is_empty() {
        return sum;
    }
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let both = u64::from_be_bytes(last);
    sum + (both >> 32) + (both & 0xffff_ffff)
}

/// A sum in 16 bits, its carries added; it is 0 only if all was.
pub(super) fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// The CRC-32C of a message in several parts (RFC 9260, appendix A).
pub(super) fn crc<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(!0, |state, byte| crc_step(state, *byte))
}

/// One byte more of a CRC-32C, reflected.
pub(super) fn crc_step(state: u32, byte: u8) -> u32 {
    let [low, ..] = state.to_le_bytes();
    let of_byte = CRC_OF_BYTES.get(usize::from(low ^ byte)).copied().unwrap_or_default();
    state >> 8 ^ of_byte
}

/// What eight steps of a bit make of each byte.
static CRC_OF_BYTES: [u32; 256] = crc_of_bytes();

const fn crc_of_bytes() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    let mut left: &mut [u32] = &mut table;
    while let [of_byte, rest @ ..] = left {
        *of_byte = crc_of_byte(byte);
        byte += 1;
        left = rest;
    }
    table
}

const fn crc_of_byte(mut state: u32) -> u32 {
    const REFLECTED: u32 = 0x82f6_3b78;
    let mut bits = 0;
    while bits < 8 {
        state = if state & 1 == 1 { state >> 1 ^ REFLECTED } else { state >> 1 };
        bits += 1;
    }
    state
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn wide_words_add_up_to_the_same(bytes in prop::collection::vec(any::<u8>(), 0..40), zeros: bool) {
            let bytes = if zeros { vec![0; bytes.len()] } else { bytes };
            let plain: u64 =
                bytes.chunks(2).map(|word| u64::from(u16::from_be_bytes([word[0], word.get(1).copied().unwrap_or(0)]))).sum();
            prop_assert_eq!(fold(words(&bytes)), fold(plain));
        }
    }

    /// The examples of RFC 3720, B.4.
    #[test]
    fn crcs_are_those_of_the_standard() {
        let rising: Vec<u8> = (0..32).collect();
        for (message, wanted) in [(&[0; 32][..], 0x8a91_36aa), (&[0xff; 32], 0x62a8_ab43), (&rising, 0x46dd_794e)] {
            assert_eq!(crc(message.iter()), wanted);
        }
    }
}
