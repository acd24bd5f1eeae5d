//! Datagrams, put together from the fragments of IPv4 and IPv6.
//!
//! A [`Defragmenter`] takes packets that are fragments, in any order, and gives back a whole IP packet with the one that
//! was missing: the header of the first fragment without the fragmentation, and the data, to be decoded as
//! [`LinkType::RAW`](crate::packet::LinkType::RAW). Where fragments overlap, the bytes that came first count in IPv4; in IPv6 the
//! datagram is dropped, with everything that still comes of it (RFC 5722). Exact duplicates change nothing. What the
//! capture has cut off shortens the datagram's bytes, not its length. Sources: RFC 791, 815, 8200 (4.5), 5722, 6946: a
//! fragment that is all of its datagram is no fragment to the decoder, and never comes here.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use crate::decode::{Fragment, Ip, Layers, Tunnel, protocol};

/// How long a datagram waits for the rest, in nanoseconds from its first fragment: as Linux does; RFC 8200 has 60 s.
const PATIENCE: i64 = 30_000_000_000;

/// Datagrams that wait, at most.
const MAX_DATAGRAMS: usize = 1 << 14;

/// What is added for each fragment and each datagram, in bytes.
const OVERHEAD: usize = 128;

/// The largest datagram: what 16 bits of length can say.
const MAX_LENGTH: u32 = 0xffff;

/// The number of IPv6's fragment header.
const FRAGMENT_HEADER: u8 = 44;

/// A whole IP packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Its bytes from the IP header on, as far as they were captured without a break.
    pub bytes: Vec<u8>,
    /// Its length.
    pub length: u32,
}

/// What became of fragments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DatagramCounts {
    /// Fragments taken.
    pub fragments: u64,
    /// Datagrams that became whole.
    pub whole: u64,
    /// Fragments that came again, in the same place with the same bytes.
    pub duplicates: u64,
    /// Bytes of IPv4 in places that were taken already.
    pub overlap_bytes: u64,
    /// Datagrams of IPv6 that were dropped because their fragments overlap.
    pub overlapping: u64,
    /// Fragments of datagrams that were dropped.
    pub dropped: u64,
    /// Fragments that make no sense: empty, not a multiple of 8 bytes although others follow, behind the end, too far away.
    pub broken: u64,
    /// Datagrams that were not whole in time.
    pub timed_out: u64,
    /// Datagrams that were not whole at the end.
    pub unfinished: u64,
    /// Datagrams that had to make room for others.
    pub evicted: u64,
}

/// Puts datagrams together.
#[derive(Debug)]
pub struct Defragmenter {
    limit: usize,
    waiting: HashMap<Key, Waiting>,
    /// Those that wait, oldest first.
    order: BTreeMap<u64, Key>,
    begun: u64,
    held: usize,
    /// The time of the packet before.
    before: i64,
    counts: DatagramCounts,
}

/// What the fragments of a datagram share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    sample: u32,
    vlan: Option<u16>,
    tunnel: Option<Tunnel>,
    source: IpAddr,
    destination: IpAddr,
    /// Of IPv6, it does not count: only the first fragment says it for certain.
    protocol: u8,
    identification: u32,
}

/// A datagram that is not whole.
#[derive(Debug)]
struct Waiting {
    number: u64,
    began: i64,
    /// Fragments overlapped: it is not wanted any more.
    dropped: bool,
    /// The header of the first fragment, without the fragmentation.
    header: Option<Vec<u8>>,
    /// The data by their place, without overlaps.
    parts: BTreeMap<u32, Part>,
    /// How many bytes of it there are, captured or not.
    there: u32,
    total: Option<u32>,
    held: usize,
}

/// Data of a datagram, as far as it was captured.
#[derive(Debug)]
struct Part {
    bytes: Vec<u8>,
    length: u32,
}

/// A fragment's data, which in IPv6 may begin with headers.
struct Data<'a> {
    start: u32,
    end: u32,
    more: bool,
    headers: &'a [u8],
    payload: &'a [u8],
}

impl Default for Defragmenter {
    fn default() -> Self {
        Self::new(64 << 20)
    }
}

impl Defragmenter {
    /// One that holds about `limit` bytes at most.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            waiting: HashMap::new(),
            order: BTreeMap::new(),
            begun: 0,
            held: 0,
            before: i64::MAX,
            counts: DatagramCounts::default(),
        }
    }

    /// What became of the fragments so far.
    pub fn counts(&self) -> DatagramCounts {
        self.counts
    }

    /// How many bytes it holds, about.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Takes a packet of a sample whose IP header says that it is a fragment; the datagram, if it is whole now.
    pub fn take(&mut self, sample: u32, layers: &Layers, time: i64) -> Option<Datagram> {
        let ip = layers.ip()?;
        let fragment = ip.fragment?;
        self.counts.fragments += 1;
        self.expire(time);
        let Some((header, data)) = read(ip, fragment) else {
            self.counts.broken += 1;
            return None;
        };
        let key = key(sample, layers, ip, fragment);
        // Another datagram had the number long before.
        if self.waiting.get(&key).is_some_and(|waiting| time.abs_diff(waiting.began) > PATIENCE as u64) {
            self.time_out(&key);
        }
        if !self.waiting.contains_key(&key) {
            self.begin(key, time);
        }
        let waiting = self.waiting.get_mut(&key)?;
        let before = waiting.held;
        let is_whole = waiting.take(header, &data, ip.source.is_ipv6(), &mut self.counts);
        self.held = self.held + waiting.held - before;
        if is_whole {
            let datagram = self.remove(&key).and_then(Waiting::join);
            match datagram {
                Some(_) => self.counts.whole += 1,
                None => self.counts.broken += 1,
            }
            return datagram;
        }
        while self.held > self.limit && self.evict() {}
        None
    }

    /// What follows is of another capture.
    pub fn clear(&mut self) {
        self.counts.unfinished += self.waiting.values().filter(|waiting| !waiting.dropped).count() as u64;
        self.waiting.clear();
        self.order.clear();
        self.held = 0;
        self.before = i64::MAX;
    }

    fn begin(&mut self, key: Key, time: i64) {
        if self.waiting.len() >= MAX_DATAGRAMS {
            self.evict();
        }
        self.begun += 1;
        self.order.insert(self.begun, key);
        self.held += OVERHEAD;
        let waiting = Waiting {
            number: self.begun,
            began: time,
            dropped: false,
            header: None,
            parts: BTreeMap::new(),
            there: 0,
            total: None,
            held: OVERHEAD,
        };
        self.waiting.insert(key, waiting);
    }

    fn remove(&mut self, key: &Key) -> Option<Waiting> {
        let waiting = self.waiting.remove(key)?;
        self.order.remove(&waiting.number);
        self.held -= waiting.held;
        Some(waiting)
    }

    /// Gives up the oldest.
    fn evict(&mut self) -> bool {
        let Some((_, &key)) = self.order.first_key_value() else { return false };
        let dropped = self.remove(&key).is_some_and(|waiting| waiting.dropped);
        self.counts.evicted += u64::from(!dropped);
        true
    }

    /// Gives up those that have waited too long. Of two packets the earlier time counts: a single one from the future ends
    /// nothing.
    fn expire(&mut self, time: i64) {
        let now = time.min(self.before);
        self.before = time;
        while let Some((_, &key)) = self.order.first_key_value()
            && self.waiting.get(&key).is_some_and(|waiting| now.saturating_sub(waiting.began) > PATIENCE)
        {
            self.time_out(&key);
        }
    }

    fn time_out(&mut self, key: &Key) {
        let dropped = self.remove(key).is_some_and(|waiting| waiting.dropped);
        self.counts.timed_out += u64::from(!dropped);
    }
}

impl Waiting {
    /// Takes a fragment; true if everything is there.
    fn take(&mut self, header: Option<Vec<u8>>, data: &Data, v6: bool, counts: &mut DatagramCounts) -> bool {
        if self.dropped {
            counts.dropped += 1;
            return false;
        }
        let reach = self.parts.last_key_value().map_or(0, |(start, part)| start + part.length);
        let contradicts = match self.total {
            Some(total) => data.end > total || !data.more && data.end != total,
            None => !data.more && data.end < reach,
        };
        if contradicts {
            counts.broken += 1;
            return false;
        }
        let taken = self.taken(data);
        if self.is_duplicate(data, &taken) {
            counts.duplicates += 1;
            return false;
        }
        if v6 && !taken.is_empty() {
            counts.overlapping += 1;
            counts.dropped += 1;
            self.drop_all();
            return false;
        }
        if !data.more {
            self.total = Some(data.end);
        }
        if self.header.is_none() {
            self.header = header;
            self.held += self.header.as_ref().map_or(0, Vec::len);
        }
        let mut from = data.start;
        for (start, until) in taken {
            counts.overlap_bytes += u64::from(until.min(data.end) - start.max(data.start));
            self.insert(data, from, start);
            from = from.max(until);
        }
        self.insert(data, from, data.end);
        self.header.is_some() && self.total == Some(self.there)
    }

    /// The places of a fragment that are taken, in order.
    fn taken(&self, data: &Data) -> Vec<(u32, u32)> {
        let first = self.parts.range(..=data.start).next_back().map_or(data.start, |(start, _)| *start);
        let places = self.parts.range(first..data.end).map(|(start, part)| (*start, *start + part.length));
        places.filter(|(_, until)| *until > data.start).collect()
    }

    fn is_duplicate(&self, data: &Data, taken: &[(u32, u32)]) -> bool {
        taken == [(data.start, data.end)]
            && self.parts.get(&data.start).is_some_and(|part| {
                let bytes = data.headers.iter().chain(data.payload);
                part.bytes.len() == data.headers.len() + data.payload.len() && part.bytes.iter().eq(bytes)
            })
    }

    /// Keeps what a fragment has between two places.
    fn insert(&mut self, data: &Data, from: u32, until: u32) {
        if from >= until {
            return;
        }
        let (skip, length) = ((from - data.start) as usize, until - from);
        let bytes =
            data.headers.iter().chain(data.payload).skip(skip).take(length as usize).copied().collect::<Vec<_>>();
        self.held += bytes.len() + OVERHEAD;
        self.there += length;
        self.parts.insert(from, Part { bytes, length });
    }

    fn drop_all(&mut self) {
        self.dropped = true;
        self.parts = BTreeMap::new();
        self.header = None;
        self.held = OVERHEAD;
    }

    /// The whole packet; none if it is longer than an IP packet can be.
    fn join(self) -> Option<Datagram> {
        let mut bytes = self.header?;
        let length = bytes.len() as u32 + self.there;
        let is_v6 = bytes.first().is_some_and(|first| first >> 4 == 6);
        let stated = if is_v6 { length - 40 } else { length };
        let stated = u16::try_from(stated).ok()?.to_be_bytes();
        bytes.get_mut(if is_v6 { 4..6 } else { 2..4 })?.copy_from_slice(&stated);
        if !is_v6 {
            let sum = checksum(&bytes).to_be_bytes();
            bytes.get_mut(10..12)?.copy_from_slice(&sum);
        }
        for part in self.parts.into_values() {
            bytes.extend_from_slice(&part.bytes);
            if part.bytes.len() < part.length as usize {
                break;
            }
        }
        Some(Datagram { bytes, length })
    }
}

fn key(sample: u32, layers: &Layers, ip: &Ip, fragment: Fragment) -> Key {
    Key {
        sample,
        vlan: layers.vlan,
        tunnel: layers.tunnel,
        source: ip.source,
        destination: ip.destination,
        protocol: if ip.source.is_ipv6() { 0 } else { ip.protocol },
        identification: fragment.identification,
    }
}

/// The header of a first fragment without the fragmentation, and a fragment's data; none if they make no sense.
fn read<'a>(ip: &Ip<'a>, fragment: Fragment) -> Option<(Option<Vec<u8>>, Data<'a>)> {
    let (header, headers) = match ip.source {
        IpAddr::V4(_) => (fragment.first.then(|| unfragmented_v4(ip.header)).flatten(), &ip.header[..0]),
        IpAddr::V6(_) => {
            let (header, headers) = unfragmented_v6(ip.header)?;
            (fragment.first.then_some(header), headers)
        }
    };
    let length = ip.payload_length.checked_add(headers.len() as u32)?;
    let end = fragment.offset.checked_add(length).filter(|end| *end <= MAX_LENGTH)?;
    let fits = length > 0 && (!fragment.more || length % 8 == 0);
    let data = Data { start: fragment.offset, end, more: fragment.more, headers, payload: ip.payload };
    fits.then_some((header, data))
}

/// An IPv4 header with offset and "more fragments" cleared, and no checksum.
fn unfragmented_v4(header: &[u8]) -> Option<Vec<u8>> {
    let mut header = header.to_vec();
    let place = header.get_mut(6..8)?;
    // The reserved bit and "don't fragment" stay.
    place.first_mut().map(|flags| *flags &= 0xc0)?;
    place.last_mut().map(|low| *low = 0)?;
    header.get_mut(10..12)?.fill(0);
    Some(header)
}

/// An IPv6 header and its extensions without the fragment header, and the extensions behind that.
fn unfragmented_v6(header: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (mut said, mut at) = (6, 40);
    loop {
        let next = *header.get(said)?;
        let [follows, length, ..] = *header.get(at..)? else { return None };
        match next {
            FRAGMENT_HEADER => {
                let mut before = header.get(..at)?.to_vec();
                before.get_mut(said).map(|next| *next = follows)?;
                return Some((before, header.get(at + 8..)?));
            }
            protocol::AH => (said, at) = (at, at + (usize::from(length) + 2) * 4),
            _ => (said, at) = (at, at + (usize::from(length) + 1) * 8),
        }
    }
}

/// RFC 1071.
fn checksum(header: &[u8]) -> u16 {
    let words = header.chunks(2).map(|word| match *word {
        [high, low] => u32::from(u16::from_be_bytes([high, low])),
        [high] => u32::from(high) << 8,
        _ => 0,
    });
    let sum: u32 = words.sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    !((sum & 0xffff) + (sum >> 16)) as u16
}

#[cfg(test)]
mod tests;
