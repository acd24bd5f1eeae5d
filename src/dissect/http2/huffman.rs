//! The Huffman code of HPACK: RFC 7541, 5.2 and appendix B.
//!
//! It is canonical: symbols in the order of their codes' lengths, and of their values where those are equal, have codes that
//! count up. So their lengths say all.

use std::sync::LazyLock;

/// The length of each byte's code, in bits.
#[rustfmt::skip]
const LENGTHS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

/// The longest code, which the end of a string has alone.
const LONGEST: usize = 30;

/// Codes of one length.
#[derive(Debug, Clone, Default)]
struct Codes {
    first: u32,
    symbols: Vec<u8>,
}

/// By length.
static CODES: LazyLock<Vec<Codes>> = LazyLock::new(|| {
    let mut next = 0;
    let of_length = |length: usize| {
        next <<= 1;
        let symbols: Vec<u8> =
            (0..=u8::MAX).filter(|byte| LENGTHS.get(usize::from(*byte)) == Some(&(length as u8))).collect();
        let codes = Codes { first: next, symbols };
        next += codes.symbols.len() as u32;
        codes
    };
    (0..=LONGEST).map(of_length).collect()
});

/// The bytes that a code stands for; none if it is no such code, or its end is not filled with ones.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(bytes.len() * 2);
    let (mut code, mut length) = (0_u32, 0);
    for bit in bytes.iter().flat_map(|byte| (0..8).rev().map(move |place| u32::from(byte >> place & 1))) {
        code = code << 1 | bit;
        length += 1;
        let codes = CODES.get(length)?;
        if let Some(symbol) = code.checked_sub(codes.first).and_then(|place| codes.symbols.get(place as usize)) {
            decoded.push(*symbol);
            (code, length) = (0, 0);
        }
    }
    (length < 8 && code == (1 << length) - 1).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc() {
        // RFC 7541, C.4.1, C.6.1.
        let code = [0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff];
        assert_eq!(decode(&code).unwrap(), b"www.example.com");
        assert_eq!(decode(&[0xae, 0xc3, 0x77, 0x1a, 0x4b]).unwrap(), b"private");
        assert_eq!(decode(&[]).unwrap(), b"");
    }

    #[test]
    fn every_code_is_used_but_for_the_end_of_a_string() {
        let used: u64 = LENGTHS.iter().map(|length| 1_u64 << (LONGEST as u8 - length)).sum();
        assert_eq!(used, (1 << LONGEST) - 1);
        let last = CODES.last().unwrap();
        assert_eq!(last.first as usize + last.symbols.len(), (1 << LONGEST) - 1);
    }

    #[test]
    fn an_end_is_short_and_of_ones() {
        assert_eq!(decode(&[0xff]), None);
        assert_eq!(decode(&[0x18]), None);
        assert_eq!(decode(&[0x1f]).unwrap(), b"a");
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xff]), None);
    }
}
