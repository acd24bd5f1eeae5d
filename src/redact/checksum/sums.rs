//! Sums of RFC 1071, and CRC-32C.

/// What a sum is taken modulo: sums of 16-bit words whose carries come round.
pub(super) const MODULUS: i64 = 0xffff;

/// The sum of 16-bit words; an odd last byte is the upper half of one.
pub(super) fn words(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<2>();
    let sum: u64 = words.iter().map(|word| u64::from(u16::from_be_bytes(*word))).sum();
    sum + rest.first().map_or(0, |byte| u64::from(*byte) << 8)
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
    const REFLECTED: u32 = 0x82f6_3b78;
    let mut state = state ^ u32::from(byte);
    for _ in 0..8 {
        state = if state & 1 == 1 { state >> 1 ^ REFLECTED } else { state >> 1 };
    }
    state
}
