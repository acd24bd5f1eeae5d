//! The pieces that lines are made of, appended to a buffer.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::packet::AddressText;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends a number.
#[inline]
pub(super) fn number(value: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends nine digits.
#[inline]
pub(super) fn fraction(mut nanos: u32, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 9];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (nanos % 10) as u8;
        nanos /= 10;
    }
    out.extend_from_slice(&digits);
}

/// Appends an address.
#[inline]
pub(super) fn address(value: IpAddr, out: &mut Vec<u8>) {
    out.extend_from_slice(AddressText::of(value).as_str().as_bytes());
}

#[inline]
fn hex_digits(byte: u8) -> [u8; 2] {
    [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]
}

/// Appends bytes in hex, with a byte between each two of them.
#[inline]
pub(super) fn hex_apart(bytes: &[u8], between: u8, out: &mut Vec<u8>) {
    let mut rest = bytes;
    // Room is asked for once in a while, not for each byte.
    while let Some((chunk, after)) = rest.split_at_checked(rest.len().min(64)).filter(|(chunk, _)| !chunk.is_empty()) {
        let mut text = [between; 192];
        for (place, byte) in text.chunks_exact_mut(3).zip(chunk) {
            place[..2].copy_from_slice(&hex_digits(*byte));
        }
        let length = 3 * chunk.len() - usize::from(after.is_empty());
        out.extend_from_slice(&text[..length]);
        rest = after;
    }
}

/// Appends bytes in hex.
pub(super) fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(bytes.iter().flat_map(|byte| hex_digits(*byte)));
}

/// Appends bytes in base64.
pub(super) fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    // There is just as much room as it takes.
    let written = STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or_default();
    out.truncate(start + written);
}

/// Appends bytes as text on one line: what is no printable ASCII as `\xNN`, `\r`, `\n`, `\t`, and a backslash twice.
pub(super) fn escaped(bytes: &[u8], out: &mut Vec<u8>) {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'\\';
    let mut rest = bytes;
    loop {
        let plain = rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
        let (text, after) = rest.split_at(plain);
        out.extend_from_slice(text);
        let Some((odd, after)) = after.split_first() else { return };
        match odd {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => {
                out.extend_from_slice(b"\\x");
                out.extend_from_slice(&hex_digits(*other));
            }
        }
        rest = after;
    }
}

/// Appends a text as it is, but for control characters, which would break the line or the terminal.
pub(super) fn text(text: &str, out: &mut Vec<u8>) {
    for c in text.chars() {
        match c.is_control() {
            true => escaped(c.encode_utf8(&mut [0; 4]).as_bytes(), out),
            false => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = b"before ".to_vec();
        write(&mut out);
        String::from_utf8(out).unwrap().split_off(7)
    }

    #[test]
    fn escapes_leave_one_line_and_nothing_out() {
        assert_eq!(of(|out| escaped(b"GET / \r\n\\\t\x00\xff~", out)), "GET / \\r\\n\\\\\\t\\x00\\xff~");
        assert_eq!(of(|out| text("d\u{e9}\u{9b}\n", out)), "d\u{e9}\\xc2\\x9b\\n");
    }

    proptest! {
        #[test]
        fn bytes_in_hex_and_base64_are_those_of_the_libraries(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            prop_assert_eq!(of(|out| hex_apart(&bytes, b' ', out)), pairs.join(" "));
            prop_assert_eq!(of(|out| hex(&bytes, out)), pairs.concat());
            prop_assert_eq!(of(|out| base64(&bytes, out)), STANDARD.encode(&bytes));
            let text = of(|out| escaped(&bytes, out));
            prop_assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }

        #[test]
        fn fractions_have_nine_digits(nanos in 0..1_000_000_000_u32) {
            prop_assert_eq!(of(|out| fraction(nanos, out)), format!("{nanos:09}"));
        }
    }
}
