//! HPACK: headers of HTTP/2, compressed. RFC 7541.

use std::collections::VecDeque;
use std::sync::Arc;

use super::huffman;
use crate::dissect::held::Held;

/// A table that nobody changed has so many bytes (RFC 9113, 6.5.2).
const TABLE: usize = 4 << 10;

/// The largest table that may be asked for.
const MAX_TABLE: usize = 256 << 10;

/// What an entry takes besides its name and value (4.1).
const PER_ENTRY: usize = 32;

/// Headers that have numbers from 1 (appendix A).
#[rustfmt::skip]
const STATIC: [(&str, &str); 61] = [
    (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
    (":scheme", "http"), (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"),
    (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"), ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
    ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""),
    ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
    ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""),
    ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
    ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""),
    ("location", ""), ("max-forwards", ""), ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""),
    ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
    ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""),
    ("www-authenticate", ""),
];

/// Undoes the compression of one direction of a connection: what a block says depends on all before it.
#[derive(Debug)]
pub(super) struct Hpack {
    /// The newest first. A name is shared: two bytes may repeat one that fills the table.
    entries: VecDeque<(Arc<[u8]>, Vec<u8>)>,
    size: usize,
    limit: usize,
}

impl Default for Hpack {
    fn default() -> Self {
        Self { entries: VecDeque::new(), size: 0, limit: TABLE }
    }
}

impl Held for Hpack {
    /// The 32 bytes that each entry counts for are about what it takes.
    fn held(&self) -> usize {
        self.size
    }
}

impl Hpack {
    /// Decodes a block; none if it makes no sense, and then nothing that follows does.
    pub(super) fn decode(&mut self, mut block: &[u8], each: &mut dyn FnMut(&[u8], &[u8])) -> Option<()> {
        while let Some(first) = block.first() {
            match first {
                0x80.. => {
                    let index = integer(&mut block, 7)?;
                    let (name, value) = self.entry(index)?;
                    each(name, value);
                }
                0x40.. => {
                    let (name, value) = self.literal(&mut block, 6)?;
                    each(&name, &value);
                    self.insert(name, value);
                }
                0x20.. => {
                    let limit = integer(&mut block, 5)?;
                    self.limit = usize::try_from(limit).ok().filter(|limit| *limit <= MAX_TABLE)?;
                    self.evict(0);
                }
                _ => {
                    let (name, value) = self.literal(&mut block, 4)?;
                    each(&name, &value);
                }
            }
        }
        Some(())
    }

    /// A name, by its number or as it is, and a value.
    fn literal(&self, block: &mut &[u8], prefix: u32) -> Option<(Arc<[u8]>, Vec<u8>)> {
        let name = match integer(block, prefix)? {
            0 => string(block)?.into(),
            index => match place(index)? {
                Ok((name, _)) => name.as_bytes().into(),
                Err(place) => Arc::clone(&self.entries.get(place)?.0),
            },
        };
        Some((name, string(block)?))
    }

    fn entry(&self, index: u64) -> Option<(&[u8], &[u8])> {
        match place(index)? {
            Ok((name, value)) => Some((name.as_bytes(), value.as_bytes())),
            Err(place) => self.entries.get(place).map(|(name, value)| (name.as_ref(), value.as_slice())),
        }
    }

    fn insert(&mut self, name: Arc<[u8]>, value: Vec<u8>) {
        let size = name.len() + value.len() + PER_ENTRY;
        self.evict(size);
        // One that is larger than the table empties it (4.4).
        if size <= self.limit {
            self.size += size;
            self.entries.push_front((name, value));
        }
    }

    /// Lets go of the oldest entries until there is room for so many bytes.
    fn evict(&mut self, size: usize) {
        while self.size + size > self.limit
            && let Some((name, value)) = self.entries.pop_back()
        {
            self.size -= name.len() + value.len() + PER_ENTRY;
        }
    }
}

/// The header with this number, or its place in the table of the connection.
fn place(index: u64) -> Option<Result<(&'static str, &'static str), usize>> {
    let place = usize::try_from(index).ok()?.checked_sub(1)?;
    Some(STATIC.get(place).copied().ok_or(place.saturating_sub(STATIC.len())))
}

/// An integer that begins in the last bits of a byte (5.1).
fn integer(block: &mut &[u8], prefix: u32) -> Option<u64> {
    let (first, mut rest) = block.split_first()?;
    let most = (1_u64 << prefix) - 1;
    let mut number = u64::from(*first) & most;
    if number == most {
        // Nothing here is larger than 2^32.
        for shift in (0..35).step_by(7) {
            let (byte, behind) = rest.split_first()?;
            rest = behind;
            number += u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                *block = rest;
                return Some(number);
            }
        }
        return None;
    }
    *block = rest;
    Some(number)
}

/// A string, as it is or in the Huffman code (5.2).
fn string(block: &mut &[u8]) -> Option<Vec<u8>> {
    let is_code = block.first()? & 0x80 != 0;
    let length = usize::try_from(integer(block, 7)?).ok()?;
    let (string, rest) = block.split_at_checked(length)?;
    *block = rest;
    if is_code { huffman::decode(string) } else { Some(string.to_vec()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(hpack: &mut Hpack, block: &str) -> Option<String> {
        let digits: Vec<u8> = block.bytes().filter(|byte| *byte != b' ').collect();
        let bytes: Vec<u8> =
            digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect();
        let mut told = String::new();
        hpack.decode(&bytes, &mut |name, value| {
            told += &format!("{}={};", String::from_utf8_lossy(name), String::from_utf8_lossy(value));
        })?;
        Some(told)
    }

    /// RFC 7541, C.4 and C.6: requests, and responses in a table of 256 bytes.
    #[test]
    fn the_examples_of_the_rfc() {
        let mut hpack = Hpack::default();
        let first = ":method=GET;:scheme=http;:path=/;:authority=www.example.com;";
        assert_eq!(headers(&mut hpack, "828684418cf1e3c2e5f23a6ba0ab90f4ff").unwrap(), first);
        assert_eq!(headers(&mut hpack, "828684be5886a8eb10649cbf").unwrap(), format!("{first}cache-control=no-cache;"));
        let third = ":method=GET;:scheme=https;:path=/index.html;:authority=www.example.com;custom-key=custom-value;";
        assert_eq!(headers(&mut hpack, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf").unwrap(), third);
        assert_eq!(hpack.size, 164);

        let mut hpack = Hpack { limit: 256, ..Hpack::default() };
        let block = "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3";
        let told =
            ":status=302;cache-control=private;date=Mon, 21 Oct 2013 20:13:21 GMT;location=https://www.example.com;";
        assert_eq!(headers(&mut hpack, block).unwrap(), told);
        assert_eq!(headers(&mut hpack, "4883640effc1c0bf").unwrap(), told.replace("302", "307"));
        assert_eq!((hpack.size, hpack.entries.len()), (222, 4));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for block in ["80", "ff", "ffffffffffff7f", "be", "4003", "40830f", "3fffffff7f", "408100"] {
            assert_eq!(headers(&mut Hpack::default(), block), None, "{block}");
        }
    }

    #[test]
    fn the_table_is_bounded() {
        let mut hpack = Hpack::default();
        for number in 0..1_000_u32 {
            hpack.insert(number.to_string().into_bytes().into(), vec![b'x'; 100]);
            assert!(hpack.size <= TABLE);
        }
        hpack.insert(vec![0; TABLE].into(), vec![]);
        assert_eq!((hpack.size, hpack.entries.len()), (0, 0));
    }

    #[test]
    fn a_long_name_is_repeated_without_copies() {
        let mut hpack = Hpack { limit: MAX_TABLE, ..Hpack::default() };
        hpack.insert(vec![b'n'; 100_000].into(), vec![]);
        let mut names = 0;
        // Literals with an indexed name and an empty value, each into the table.
        hpack.decode(&[0x7e, 0].repeat(100_000), &mut |name, _| names += usize::from(name.len() == 100_000)).unwrap();
        assert_eq!((names, hpack.entries.len()), (100_000, 2));
        assert!(Arc::ptr_eq(&hpack.entries[0].0, &hpack.entries[1].0));
    }
}
