//! ZIP archives of stored files, as NumPy reads them (PKWARE's APPNOTE, 4.3 and 4.5.3).
//!
//! Lengths and checksums stand before each file, because readers of `.npz` in other languages do not look at the
//! directory at the end. ZIP64 is used where a number needs it, and only there.

use std::io::{self, Write};

/// Every file is as old as ZIP itself: what is written must not depend on a clock.
const DATE: u16 = 1 << 5 | 1;
/// The version of the format that knows ZIP64.
const VERSION: u16 = 45;
/// Made on Unix, where files have permissions.
const MADE_BY: u16 = 3 << 8 | VERSION;
const PERMISSIONS: u32 = 0o100_644 << 16;
/// From here on, a number of 32 bits says that the true one stands elsewhere.
const WIDE: u64 = u32::MAX as u64;

/// An archive under construction.
pub(super) struct Archive<W> {
    out: W,
    offset: u64,
    entries: Vec<Entry>,
    /// Numbers from here on are written in 64 bits.
    wide: u64,
}

struct Entry {
    name: &'static str,
    length: u64,
    crc: u32,
    offset: u64,
}

impl<W: Write> Archive<W> {
    /// An archive at the beginning of `out`.
    pub(super) fn new(out: W) -> Self {
        Self { out, offset: 0, entries: Vec::new(), wide: WIDE }
    }

    /// Where it is written to.
    pub(super) fn out(&self) -> &W {
        &self.out
    }

    /// Begins a file of which the name, the length and the CRC-32 are known: so many bytes must be written next.
    pub(super) fn begin(&mut self, name: &'static str, length: u64, crc: u32) -> io::Result<&mut W> {
        let entry = Entry { name, length, crc, offset: self.offset };
        let extra = if length >= self.wide { zip64(&[length, length]) } else { Vec::new() };
        let mut head = Vec::new();
        head.extend_from_slice(b"PK\x03\x04");
        self.describe(&entry, extra.len(), &mut head);
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(&extra);
        self.out.write_all(&head)?;
        self.offset += head.len() as u64 + length;
        self.entries.push(entry);
        Ok(&mut self.out)
    }

    /// Writes the directory.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let start = self.offset;
        let mut directory = Vec::new();
        for entry in &self.entries {
            self.list(entry, &mut directory);
        }
        let (length, count) = (directory.len() as u64, self.entries.len() as u64);
        if start >= self.wide {
            let end = start + length;
            directory.extend_from_slice(b"PK\x06\x06");
            directory.extend_from_slice(&44_u64.to_le_bytes());
            put16(&[MADE_BY, VERSION], &mut directory);
            put32(&[0, 0], &mut directory);
            put64(&[count, count, length, start], &mut directory);
            directory.extend_from_slice(b"PK\x06\x07");
            put32(&[0], &mut directory);
            put64(&[end], &mut directory);
            put32(&[1], &mut directory);
        }
        directory.extend_from_slice(b"PK\x05\x06");
        put16(&[0, 0, count as u16, count as u16], &mut directory);
        put32(&[length as u32, self.narrow(start)], &mut directory);
        put16(&[0], &mut directory);
        self.out.write_all(&directory)?;
        Ok(self.out)
    }

    /// An entry of the directory.
    fn list(&self, entry: &Entry, out: &mut Vec<u8>) {
        let mut wide = Vec::new();
        if entry.length >= self.wide {
            wide.extend([entry.length, entry.length]);
        }
        if entry.offset >= self.wide {
            wide.push(entry.offset);
        }
        let extra = zip64(&wide);
        out.extend_from_slice(b"PK\x01\x02");
        put16(&[MADE_BY], out);
        self.describe(entry, extra.len(), out);
        // Comment, disk, internal attributes.
        put16(&[0, 0, 0], out);
        put32(&[PERMISSIONS, self.narrow(entry.offset)], out);
        out.extend_from_slice(entry.name.as_bytes());
        out.extend_from_slice(&extra);
    }

    /// What a file's own header and the directory both say of it.
    fn describe(&self, entry: &Entry, extra: usize, out: &mut Vec<u8>) {
        // Version, flags, method (stored), time, date.
        put16(&[VERSION, 0, 0, 0, DATE], out);
        put32(&[entry.crc, self.narrow(entry.length), self.narrow(entry.length)], out);
        put16(&[entry.name.len() as u16, extra as u16], out);
    }

    /// A number in 32 bits, or the sign that it stands elsewhere.
    fn narrow(&self, number: u64) -> u32 {
        if number >= self.wide { u32::MAX } else { number as u32 }
    }
}

/// The field that holds 64-bit numbers, if there are any.
fn zip64(numbers: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    if !numbers.is_empty() {
        put16(&[1, 8 * numbers.len() as u16], &mut out);
        put64(numbers, &mut out);
    }
    out
}

fn put16(numbers: &[u16], out: &mut Vec<u8>) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn put32(numbers: &[u32], out: &mut Vec<u8>) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn put64(numbers: &[u64], out: &mut Vec<u8>) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Two small files in an archive that thinks numbers from `wide` on large.
    fn archive(wide: u64) -> Vec<u8> {
        let mut archive = Archive { wide, ..Archive::new(Vec::new()) };
        for (name, content) in [("a.npy", &b"first"[..]), ("b.npy", b"")] {
            let mut crc = flate2::Crc::new();
            crc.update(content);
            archive.begin(name, content.len() as u64, crc.sum()).unwrap().write_all(content).unwrap();
        }
        archive.finish().unwrap()
    }

    /// Python's zipfile, which is what NumPy uses, reads both forms, and tests the checksums.
    #[test]
    fn python_reads_it_with_and_without_64_bits() {
        let directory = tempfile::tempdir().unwrap();
        for wide in [WIDE, 30, 1] {
            let path = directory.path().join("a.zip");
            std::fs::write(&path, archive(wide)).unwrap();
            let read = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                        print(z.namelist(), z.read('a.npy'), z.read('b.npy'))";
            let python = Command::new("python3").args(["-c", read]).arg(&path).output().unwrap();
            assert_eq!(
                String::from_utf8_lossy(&python.stdout),
                "['a.npy', 'b.npy'] b'first' b''\n",
                "{wide}: {}",
                String::from_utf8_lossy(&python.stderr)
            );
        }
    }
}
