//! Snappy's raw format, of which drivers of MongoDB make use by default: google/snappy, `format_description.txt`.
//!
//! Read here and not by a crate, as those give all of it or nothing: of a message the front may be all that is kept.

use crate::dissect::scan::Scan;

/// A length takes so many bytes at most.
const LONGEST_LENGTH: u32 = 5;

/// Unpacks, up to so many bytes, and up to what makes no sense.
pub(super) fn unpack(packed: &[u8], limit: usize) -> Vec<u8> {
    let mut scan = Scan::new(packed);
    let length = length(&mut scan).unwrap_or_default();
    let limit = limit.min(usize::try_from(length).unwrap_or(usize::MAX));
    let mut unpacked = Vec::new();
    while unpacked.len() < limit && element(&mut scan, &mut unpacked, limit).is_some() {}
    unpacked
}

/// The length of what is unpacked: seven bits in each byte, the lowest first.
fn length(scan: &mut Scan) -> Option<u64> {
    let mut length = 0;
    for place in 0..LONGEST_LENGTH {
        let byte = scan.u8()?;
        length |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

/// Bytes that stand here, or a copy of earlier ones; not more than make up the limit.
fn element(scan: &mut Scan, unpacked: &mut Vec<u8>, limit: usize) -> Option<()> {
    let tag = scan.u8()?;
    let upper = usize::from(tag >> 2);
    let room = limit.saturating_sub(unpacked.len());
    let (length, offset) = match tag & 3 {
        0 => {
            let length = match upper {
                60 => scan.u8()?.into(),
                61 => scan.u16_le()?.into(),
                62 => scan.u24_le()? as usize,
                63 => scan.u32_le()? as usize,
                short => short,
            };
            let count = length.saturating_add(1).min(room).min(scan.rest().len());
            unpacked.extend_from_slice(scan.take(count)?);
            return (count == length.saturating_add(1)).then_some(());
        }
        1 => (4 + (upper & 7), (upper >> 3) << 8 | usize::from(scan.u8()?)),
        2 => (1 + upper, scan.u16_le()?.into()),
        _ => (1 + upper, scan.u32_le()? as usize),
    };
    // The copy may reach into itself.
    let from = unpacked.len().checked_sub(offset).filter(|_| offset > 0)?;
    for place in from..from + length.min(room) {
        let byte = *unpacked.get(place)?;
        unpacked.push(byte);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::unpack;

    /// All kinds of elements: bytes behind a short and a long length, copies of three kinds, one that reaches into itself.
    const PACKED: &[u8] = b"\x17\x08abc\x15\x03\x0a\x0c\0\xf0\x03defg\x0f\x05\0\0\0";

    #[test]
    fn elements_are_unpacked_to_any_length() {
        let all = b"abcabcabcabcabcdefgcdef";
        for limit in 0..40 {
            assert_eq!(unpack(PACKED, limit), all[..limit.min(all.len())], "{limit}");
        }
        for end in 0..PACKED.len() {
            assert!(all.starts_with(&unpack(&PACKED[..end], 100)));
        }
    }

    #[test]
    fn what_other_programs_packed_is_unpacked() {
        // By cramjam, whose library is the crate `snap`.
        let packed = b"\xe8\x01\x5cMongoDB wire protocol, m\x01\x17\x48db/specifications; \xfe/\0v/\0$0123456789\xfe\x0a\0>\x0a\0\0x";
        let text =
            ["MongoDB wire protocol, mongodb/specifications; ".repeat(3), "0123456789".repeat(9), "x".to_owned()];
        assert_eq!(unpack(packed, 1_000).escape_ascii().to_string(), text.concat());
    }

    #[test]
    fn what_makes_no_sense_ends_it() {
        for packed in [
            &b"\xff\xff\xff\xff\xff\xff"[..],
            b"\x05\x01\x01",
            b"\x05\x00a\x01\x02",
            b"\x05\x00a\x01\0",
            b"\x7f\xfc\xff\xff\xff\xffa",
        ] {
            assert!(unpack(packed, 1_000).len() <= 1, "{}", packed.escape_ascii());
        }
        // A few bytes of copies become no more than they say, nor than the limit.
        let bomb = [b"\xff\xff\xff\xff\x0f\x00a".as_slice(), &b"\xfe\x01\0".repeat(1_000)].concat();
        assert_eq!((unpack(&bomb, 1 << 20).len(), unpack(&bomb, 1_000).len()), (64_001, 1_000));
    }
}
