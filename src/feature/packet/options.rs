//! Options of TCP (RFC 9293, 3.1) and IPv4 (RFC 791, 3.1), which have the same form.

use std::ops::Range;

/// The end of the options.
const END: u8 = 0;
/// No operation: one byte, to align what follows.
const NOP: u8 = 1;

/// The options of a header, each with its kind and where it stands, kind and length included; padding is left out. They
/// end with the first one that contradicts itself or is cut.
pub(super) fn options(bytes: &[u8]) -> impl Iterator<Item = (u8, Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let kind = *bytes.get(at)?;
        let length = match kind {
            END => return None,
            NOP => 1,
            _ => usize::from(*bytes.get(at + 1)?),
        };
        let start = at;
        at = at.checked_add(length.max(1))?;
        (kind == NOP || length >= 2 && at <= bytes.len()).then_some((kind, start..at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_end_where_they_make_no_sense() {
        let of = |bytes: &[u8]| options(bytes).collect::<Vec<_>>();
        assert_eq!(of(&[1, 2, 4, 5, 180, 1, 0, 9]), [(1, 0..1), (2, 1..5), (1, 5..6)]);
        assert_eq!(of(&[3, 3, 7, 8, 10, 0]), [(3, 0..3)]);
        assert_eq!(of(&[3, 1, 7]), []);
        assert_eq!(of(&[3]), []);
        assert_eq!(of(&[2, 0, 0]), []);
    }
}
