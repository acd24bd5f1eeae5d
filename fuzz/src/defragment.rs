//! Fragments of IPv4 and IPv6 in any order, against a map of bytes for each datagram.

use std::collections::BTreeMap;

use pcapml::decode;
use pcapml::flow::{Datagram, Defragmenter};
use pcapml::packet::LinkType;

/// Bytes that may wait where the limit is to be felt: then there is no reference.
const SMALL: usize = 4 << 10;

/// How long a datagram waits, in seconds.
const PATIENCE: i64 = 30;

const SECOND: i64 = 1_000_000_000;

/// What a step's first byte says.
mod what {
    pub const V6: u8 = 0x01;
    pub const MORE: u8 = 0x02;
    /// Bytes were cut off by the capture.
    pub const CUT: u8 = 0x04;
    /// The length is in units of eight.
    pub const EIGHTS: u8 = 0x08;
    /// The place is within the first two kilobytes.
    pub const NEAR: u8 = 0x10;
    /// There are options, or extension headers.
    pub const OPTIONS: u8 = 0x20;
    /// Time goes on by 20 seconds.
    pub const LATER: u8 = 0x40;
    /// It goes back by them.
    pub const EARLIER: u8 = 0x80;
}

/// A fragment.
struct Fragment {
    v6: bool,
    identification: u8,
    offset: u32,
    more: bool,
    /// What stands before its data, as the whole datagram would have it, its length and checksum being zero.
    header: Vec<u8>,
    /// All its data.
    data: Vec<u8>,
    /// So much of it is captured.
    captured: usize,
    /// All of it, as it was sent.
    packet: Vec<u8>,
}

/// A datagram that is not whole.
struct Waiting {
    key: (bool, u8),
    began: i64,
    dropped: bool,
    header: Option<Vec<u8>>,
    total: Option<u32>,
    /// The bytes by their place; none: not captured.
    bytes: BTreeMap<u32, Option<u8>>,
    /// Every fragment: its place, and its captured bytes.
    fragments: Vec<(u32, u32, Vec<u8>)>,
}

/// What must come out.
struct Reference {
    /// Oldest first.
    waiting: Vec<Waiting>,
    before: i64,
}

/// A byte of flags, and steps of seven: what, identification, place in two, length, what the bytes are, how many are cut.
pub fn as_the_reference(data: &[u8]) {
    let Some((&flags, steps)) = data.split_first() else { return };
    let small = flags & 1 != 0;
    let mut defragmenter = if small { Defragmenter::new(SMALL) } else { Defragmenter::default() };
    let mut reference = Reference { waiting: Vec::new(), before: i64::MAX };
    let mut time = 1_000 * SECOND;
    for step in steps.as_chunks::<7>().0 {
        time += 20 * SECOND * (i64::from(step[0] & what::LATER != 0) - i64::from(step[0] & what::EARLIER != 0));
        let fragment = fragment(step);
        let captured = fragment.packet.len() - (fragment.data.len() - fragment.captured);
        let layers = decode::layers(LinkType::RAW, &fragment.packet[..captured], fragment.packet.len() as u32);
        let is_fragment = layers.ip().is_some_and(|ip| ip.fragment.is_some());
        assert_eq!(is_fragment, fragment.more || fragment.offset > 0);
        let whole = defragmenter.take(0, &layers, time);
        if small {
            assert!(defragmenter.held() <= SMALL, "{} bytes wait", defragmenter.held());
        } else if is_fragment {
            assert_eq!(whole, reference.take(fragment, time));
        }
    }
    let counts = defragmenter.counts();
    let told = counts.duplicates + counts.dropped + counts.broken;
    assert!(told <= counts.fragments && counts.whole <= counts.fragments, "{counts:?}");
    defragmenter.clear();
    assert_eq!(defragmenter.held(), 0);
}

/// The fragment that a step says.
fn fragment(&[what, identification, high, low, length, kind, cut]: &[u8; 7]) -> Fragment {
    let (v6, more, options) = (what & what::V6 != 0, what & what::MORE != 0, what & what::OPTIONS != 0);
    let identification = identification & 3;
    let units = if what & what::NEAR != 0 { u16::from(low) } else { u16::from_be_bytes([high, low]) & 0x1fff };
    let offset = u32::from(units) * 8;
    let length = usize::from(length) * if what & what::EIGHTS != 0 { 8 } else { 1 };
    let mut data: Vec<u8> = (offset..).take(length).map(|place| (place as u8).wrapping_mul(31) ^ kind & 3).collect();
    let captured = length - if what & what::CUT != 0 { usize::from(cut).min(length) } else { 0 };
    let (header, place) = if v6 {
        let before: &[u8] = if options { &[44, 0, 1, 4, 0, 0, 0, 0] } else { &[] };
        let next = if options { 0 } else { 44 };
        let mut header = [&[0x60, 0, 0, 0, 0, 0, next, 64][..], &[1; 16], &[2; 16], before].concat();
        let place = units << 3 | u16::from(more);
        // In the first fragment, the headers behind belong to the data.
        let follows = if options && offset == 0 { 60 } else { 17 };
        let behind = [&[follows, 0][..], &place.to_be_bytes(), &[0, 0, 0, identification]].concat();
        if follows == 60 {
            data.splice(0..0, [17, 0, 1, 4, 0, 0, 0, 0]);
        }
        let packet = [&header[..], &behind].concat();
        header[if options { 40 } else { 6 }] = follows;
        (header, packet)
    } else {
        let words = if options { 6 } else { 5 };
        let place = (units | u16::from(more) << 13).to_be_bytes();
        let mut header = [&[0x40 | words, 0, 0, 0, 0, identification, place[0], place[1], 64, 17, 0, 0][..]].concat();
        header.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        header.resize(usize::from(words) * 4, 1);
        let packet = header.clone();
        header[6..8].fill(0);
        (header, packet)
    };
    let captured = captured + data.len() - length;
    let mut packet = [place, data.clone()].concat();
    state_length(&mut packet, v6);
    Fragment { v6, identification, offset, more, header, data, captured, packet }
}

/// Writes the length into a packet's header.
fn state_length(packet: &mut [u8], v6: bool) {
    let length = (packet.len() - if v6 { 40 } else { 0 }) as u16;
    packet[if v6 { 4..6 } else { 2..4 }].copy_from_slice(&length.to_be_bytes());
}

impl Reference {
    fn take(&mut self, fragment: Fragment, time: i64) -> Option<Datagram> {
        self.expire((fragment.v6, fragment.identification), time);
        let (start, end) = (fragment.offset, fragment.offset + fragment.data.len() as u32);
        if start == end || end > 0xffff || fragment.more && !(end - start).is_multiple_of(8) {
            return None;
        }
        let key = (fragment.v6, fragment.identification);
        let place = self.waiting.iter().position(|waiting| waiting.key == key).unwrap_or_else(|| {
            let (bytes, fragments) = (BTreeMap::new(), Vec::new());
            self.waiting.push(Waiting {
                key,
                began: time,
                dropped: false,
                header: None,
                total: None,
                bytes,
                fragments,
            });
            self.waiting.len() - 1
        });
        if !self.waiting[place].take(fragment, start, end) {
            return None;
        }
        self.waiting.remove(place).join()
    }

    fn expire(&mut self, key: (bool, u8), time: i64) {
        let now = time.min(self.before);
        self.before = time;
        while self.waiting.first().is_some_and(|oldest| now - oldest.began > PATIENCE * SECOND) {
            self.waiting.remove(0);
        }
        self.waiting.retain(|waiting| waiting.key != key || (time - waiting.began).abs() <= PATIENCE * SECOND);
    }
}

impl Waiting {
    /// Takes a fragment; true if everything is there.
    fn take(&mut self, fragment: Fragment, start: u32, end: u32) -> bool {
        let reach = self.bytes.last_key_value().map_or(0, |(place, _)| place + 1);
        let contradicts = self.total.is_some_and(|total| end > total || !fragment.more && end != total)
            || self.total.is_none() && !fragment.more && end < reach;
        let captured = fragment.data[..fragment.captured].to_vec();
        let again = (start, end, captured);
        if self.dropped || contradicts || self.fragments.contains(&again) {
            return false;
        }
        if fragment.v6 && self.bytes.range(start..end).next().is_some() {
            self.dropped = true;
            return false;
        }
        if !fragment.more {
            self.total = Some(end);
        }
        if start == 0 {
            self.header.get_or_insert(fragment.header);
        }
        for place in start..end {
            self.bytes.entry(place).or_insert_with(|| again.2.get((place - start) as usize).copied());
        }
        self.fragments.push(again);
        self.header.is_some() && self.total == Some(self.bytes.len() as u32)
    }

    fn join(self) -> Option<Datagram> {
        let mut packet = self.header?;
        let header = packet.len();
        packet.extend(self.bytes.values().map(|byte| byte.unwrap_or_default()));
        let v6 = packet[0] >> 4 == 6;
        if packet.len() - if v6 { 40 } else { 0 } > 0xffff {
            return None;
        }
        state_length(&mut packet, v6);
        if !v6 {
            let words = packet[..header].as_chunks::<2>().0.iter().map(|word| u32::from(u16::from_be_bytes(*word)));
            // The rest of a division by 0xffff is a sum in ones' complement, but for the zero that such a sum never is.
            let sum = 0xffff - words.sum::<u32>() % 0xffff;
            packet[10..12].copy_from_slice(&((sum % 0xffff) as u16).to_be_bytes());
        }
        let length = packet.len() as u32;
        let captured = self.bytes.values().take_while(|byte| byte.is_some()).count();
        packet.truncate(header + captured);
        Some(Datagram { bytes: packet, length })
    }
}
