//! Whether a file is one frame of zstd and nothing else.
//!
//! What unpacks zstd passes over skippable frames, and takes frames that unpack to nothing: anything can be written there.
//! Source: RFC 8878, section 3.1.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::error::{Error, Result};

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Bits of the byte that describes a frame.
const SINGLE_SEGMENT: u8 = 0x20;
const RESERVED: u8 = 0x18;
const CHECKSUM: u8 = 0x04;

/// A block that is one byte, many times.
const RLE: u32 = 1;

/// True if the whole file is one frame of zstd with a checksum, as far as its lengths tell: nothing is unpacked.
///
/// # Errors
/// What the system says, with the path.
pub fn one_zstd_frame(path: &Path) -> Result<bool> {
    let walk = || frame_and_end(&mut BufReader::new(File::open(path)?));
    match walk() {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        told => told.map_err(|error| Error::from(error).in_file(path)),
    }
}

fn frame_and_end(file: &mut impl Read) -> io::Result<bool> {
    if bytes::<4>(file)? != MAGIC {
        return Ok(false);
    }
    let [descriptor] = bytes(file)?;
    // The checksum makes of whatever is in the blocks what they unpack to.
    if descriptor & RESERVED != 0 || descriptor & CHECKSUM == 0 {
        return Ok(false);
    }
    skip(file, header_rest(descriptor))?;
    loop {
        let [low, middle, high] = bytes(file)?;
        let header = u32::from_le_bytes([low, middle, high, 0]);
        let (is_last, kind, size) = (header & 1 == 1, header >> 1 & 3, header >> 3);
        skip(file, if kind == RLE { 1 } else { size.into() })?;
        if is_last {
            break;
        }
    }
    skip(file, 4)?;
    Ok(file.read(&mut [0])? == 0)
}

/// How long the rest of a frame's header is: window, dictionary, and size of the content.
fn header_rest(descriptor: u8) -> u64 {
    let is_single = descriptor & SINGLE_SEGMENT != 0;
    let dictionary = match descriptor & 3 {
        3 => 4,
        size => u64::from(size),
    };
    let content = match descriptor >> 6 {
        0 => u64::from(is_single),
        size => 1 << size,
    };
    u64::from(!is_single) + dictionary + content
}

fn bytes<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(file: &mut impl Read, count: u64) -> io::Result<()> {
    match io::copy(&mut file.take(count), &mut io::sink())? == count {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Packed as our outputs are, by one thread or several; random enough to be several blocks.
    fn packed(length: u32, checksum: bool) -> Vec<u8> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 0).unwrap();
        encoder.include_checksum(checksum).unwrap();
        let content: Vec<u8> = (0..length).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()).collect();
        encoder.write_all(&content).unwrap();
        encoder.finish().unwrap()
    }

    fn is_one(packed: &[u8]) -> bool {
        frame_and_end(&mut &*packed).unwrap_or_default()
    }

    #[test]
    fn one_frame_and_nothing_else() {
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"dns"].concat();
        for length in [0, 1, 100, 200_000] {
            let frame = packed(length, true);
            assert!(is_one(&frame), "{length}");
            let repeated = zstd::bulk::compress(&vec![7; length as usize], 0).unwrap();
            for other in [
                [&frame[..], b"d"].concat(),
                [&frame[..], &skippable].concat(),
                [&skippable[..], &frame].concat(),
                [&frame[..], &packed(0, true)].concat(),
                packed(length, false),
                repeated,
            ] {
                assert!(!is_one(&other), "{length}");
            }
            for end in (0..frame.len()).step_by(1 + frame.len() / 50) {
                assert!(!is_one(&frame[..end]), "{length}: {end}");
            }
        }
        // A size of the content, and a block of one byte many times: as `zstd FILE` writes them.
        let mut compressor = zstd::bulk::Compressor::new(0).unwrap();
        compressor.include_checksum(true).unwrap();
        for length in [0, 7, 300, 70_000] {
            assert!(is_one(&compressor.compress(&vec![7; length]).unwrap()), "{length}");
        }
    }
}
