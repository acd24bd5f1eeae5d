//! What is kept of a flow while it goes on: each part is kept only if a column needs it.

use super::sums::{Moments, Sums};
use crate::decode::{TunnelKind, tcp_flag};
use crate::flow::{Biflow, Observation};

/// A direction, as an index: forward 0, backward 1.
pub type Direction = usize;

/// Forward.
pub const FORWARD: Direction = 0;

/// Backward.
pub const BACKWARD: Direction = 1;

/// One packet of a flow, as every part is given it.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The packet.
    pub packet: &'a Observation,
    /// Its flow, as it was before the packet.
    pub flow: &'a Biflow,
    /// Its time, which never runs backwards within a flow.
    pub time: i64,
    /// Where it goes.
    pub direction: Direction,
    /// Its captured payload.
    pub payload: &'a [u8],
}

/// A part of a flow's state.
pub trait Part: Default + Clone {
    /// Takes a packet.
    fn step(&mut self, step: &Step, limits: &Limits);
}

/// Numbers that parts depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Gaps of more nanoseconds are idle.
    pub activity: i64,
    /// How many first packets are listed.
    pub listed: usize,
}

/// A gap of more nanoseconds ends a bulk and a subflow.
const BULK_GAP: i64 = 1_000_000_000;

/// A bulk has at least so many packets with data.
const BULK_PACKETS: u64 = 4;

/// Packets and bytes, by direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Packets.
    pub packets: [u64; 2],
    /// Bytes of frames.
    pub frame_bytes: [u64; 2],
    /// Bytes of IP packets.
    pub ip_bytes: [u64; 2],
    /// Bytes of payload.
    pub payload_bytes: [u64; 2],
}

impl Part for Counts {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let way = step.direction;
        self.packets[way] += 1;
        self.frame_bytes[way] += u64::from(step.packet.frame_bytes);
        self.ip_bytes[way] += u64::from(step.packet.ip_bytes);
        self.payload_bytes[way] += u64::from(step.packet.payload_bytes);
    }
}

/// Lengths of payloads, by direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Payloads(pub [Sums; 2]);

impl Part for Payloads {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        self.0[step.direction].add(step.packet.payload_bytes.into());
    }
}

/// Lengths of frames, by direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frames(pub [Sums; 2]);

impl Part for Frames {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        self.0[step.direction].add(step.packet.frame_bytes.into());
    }
}

/// Nanoseconds between packets: of each direction, and of both together.
#[derive(Debug, Clone, Copy)]
pub struct Gaps {
    /// [`NEVER`] before the first packet.
    last: [i64; 3],
    sums: [Sums; 3],
}

/// No packet yet.
const NEVER: i64 = i64::MIN;

impl Gaps {
    /// Between the packets of a direction.
    pub fn of(&self, direction: Direction) -> &Sums {
        &self.sums[direction]
    }

    /// Between all packets.
    pub fn all(&self) -> &Sums {
        &self.sums[2]
    }
}

impl Part for Gaps {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let time = step.time;
        for at in [step.direction, 2] {
            let last = std::mem::replace(&mut self.last[at], time);
            if last != NEVER {
                self.sums[at].add(time.saturating_sub(last));
            }
        }
    }
}

impl Default for Gaps {
    fn default() -> Self {
        Self { last: [NEVER; 3], sums: Default::default() }
    }
}

/// Nanoseconds in a millisecond.
const MILLISECOND: i64 = 1_000_000;

/// The same in whole milliseconds of times that were cut to them, as NFStream counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct CutGaps {
    /// The first time of each direction and of all, in milliseconds.
    pub first: [Option<i64>; 3],
    /// The last one.
    pub last: [Option<i64>; 3],
    /// What lies between, in milliseconds.
    pub sums: [Sums; 3],
}

impl Part for CutGaps {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let time = step.time.div_euclid(MILLISECOND);
        for at in [step.direction, 2] {
            self.first[at].get_or_insert(time);
            if let Some(last) = self.last[at].replace(time) {
                self.sums[at].add(time - last);
            }
        }
    }
}

/// How many packets have each flag, by direction; the lowest bit, FIN, first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Flags(pub [[u64; 8]; 2]);

impl Flags {
    /// How many packets of both directions have this flag of [`tcp_flag`].
    pub fn total(&self, flag: u8) -> u64 {
        self.of(FORWARD, flag) + self.of(BACKWARD, flag)
    }

    /// How many packets of a direction have it.
    pub fn of(&self, direction: Direction, flag: u8) -> u64 {
        self.0[direction][flag.trailing_zeros() as usize]
    }

    /// The flags that any packet has.
    pub fn seen(&self) -> u8 {
        self.seen_from(FORWARD) | self.seen_from(BACKWARD)
    }

    /// The flags that any packet of a direction has.
    pub fn seen_from(&self, direction: Direction) -> u8 {
        (0..8).filter(|&bit| self.of(direction, 1 << bit) > 0).fold(0, |seen, bit| seen | 1 << bit)
    }
}

impl Part for Flags {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let Some(segment) = step.packet.segment else { return };
        for (bit, count) in self.0[step.direction].iter_mut().enumerate() {
            *count += u64::from(segment.flags >> bit & 1);
        }
    }
}

/// Headers: their bytes, the smallest, initial windows, packets with data.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers {
    /// Bytes of transport headers, by direction.
    pub bytes: [u64; 2],
    /// Bytes of IP headers, by direction.
    pub ip_bytes: [u64; 2],
    /// The smallest transport header, by direction.
    pub least: [Option<u32>; 2],
    /// The window of the first TCP packet, by direction.
    pub window: [Option<u16>; 2],
    /// Packets with payload, by direction.
    pub with_data: [u64; 2],
}

impl Part for Headers {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let (way, packet) = (step.direction, step.packet);
        self.bytes[way] += u64::from(packet.header_bytes);
        self.ip_bytes[way] += u64::from(packet.ip_header_bytes);
        if packet.header_bytes > 0 {
            self.least[way] = Some(self.least[way].map_or(packet.header_bytes, |least| least.min(packet.header_bytes)));
        }
        if let (Some(segment), None) = (packet.segment, self.window[way]) {
            self.window[way] = Some(segment.window);
        }
        self.with_data[way] += u64::from(packet.payload_bytes > 0);
    }
}

/// Bulks: at least four packets with data in one direction, no gap of more than a second, none of the other direction
/// with data in between.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bulks {
    run: Run,
    /// By direction.
    done: [BulkSums; 2],
}

/// Packets with data that may become a bulk.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    direction: Direction,
    packets: u64,
    bytes: u64,
    first: i64,
    last: i64,
}

/// The bulks of a direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct BulkSums {
    /// How many.
    pub bulks: u64,
    /// Their packets.
    pub packets: u64,
    /// Their bytes of payload.
    pub bytes: u64,
    /// The nanoseconds from the first to the last packet of each, summed.
    pub duration: i64,
}

impl Bulks {
    /// The bulks of a direction, if the flow ended now.
    pub fn of(&self, direction: Direction) -> BulkSums {
        let mut done = self.done[direction];
        if self.run.direction == direction {
            done.add(&self.run);
        }
        done
    }
}

impl BulkSums {
    fn add(&mut self, run: &Run) {
        if run.packets >= BULK_PACKETS {
            self.bulks += 1;
            self.packets += run.packets;
            self.bytes += run.bytes;
            self.duration = self.duration.saturating_add(run.last.saturating_sub(run.first));
        }
    }
}

impl Part for Bulks {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let (direction, time, bytes) = (step.direction, step.time, u64::from(step.packet.payload_bytes));
        if bytes == 0 {
            return;
        }
        let goes_on =
            self.run.packets > 0 && self.run.direction == direction && time.saturating_sub(self.run.last) <= BULK_GAP;
        if !goes_on {
            self.done[self.run.direction].add(&self.run);
            self.run = Run { direction, packets: 0, bytes: 0, first: time, last: time };
        }
        self.run.packets += 1;
        self.run.bytes += bytes;
        self.run.last = time;
    }
}

/// Subflows, and runs of activity with idle gaps in between.
#[derive(Debug, Clone, Copy, Default)]
pub struct Activity {
    last: Option<i64>,
    run: i64,
    /// Gaps of more than a second.
    pub pauses: u64,
    active: Sums,
    /// The idle gaps, in nanoseconds.
    pub idle: Sums,
}

impl Activity {
    /// The runs of activity, the last included, in nanoseconds.
    pub fn active(&self) -> Sums {
        let mut active = self.active;
        if let Some(last) = self.last {
            active.add(last.saturating_sub(self.run));
        }
        active
    }
}

impl Part for Activity {
    #[inline]
    fn step(&mut self, step: &Step, limits: &Limits) {
        let time = step.time;
        let Some(last) = self.last.replace(time) else {
            self.run = time;
            return;
        };
        let gap = time.saturating_sub(last);
        self.pauses += u64::from(gap > BULK_GAP);
        if gap > limits.activity {
            self.active.add(last.saturating_sub(self.run));
            self.idle.add(gap);
            self.run = time;
        }
    }
}

/// The moments of frame lengths and of seconds between packets, by direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shapes {
    /// Of frame lengths, in bytes.
    pub sizes: [Moments; 2],
    /// Of seconds between packets.
    pub gaps: [Moments; 2],
    last: [Option<i64>; 2],
}

impl Part for Shapes {
    #[inline]
    fn step(&mut self, step: &Step, _limits: &Limits) {
        let (way, time) = (step.direction, step.time);
        self.sizes[way].add(step.packet.frame_bytes.into());
        if let Some(last) = self.last[way].replace(time) {
            self.gaps[way].add(time.saturating_sub(last) as f64 / 1e9);
        }
    }
}

/// The first packets, as lists.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// 1 forward, -1 backward.
    pub directions: Vec<i64>,
    /// Bytes of frames.
    pub sizes: Vec<i64>,
    /// Nanoseconds since the packet before.
    pub gaps: Vec<i64>,
    last: Option<i64>,
}

impl Part for Listed {
    fn step(&mut self, step: &Step, limits: &Limits) {
        let time = step.time;
        let gap = self.last.replace(time).map_or(0, |last| time.saturating_sub(last));
        if self.sizes.len() < limits.listed {
            self.directions.push(if step.direction == FORWARD { 1 } else { -1 });
            self.sizes.push(step.packet.frame_bytes.into());
            self.gaps.push(gap);
        }
    }
}

/// The same of packets with payload only.
#[derive(Debug, Clone, Default)]
pub struct ListedData {
    /// 1 forward, -1 backward.
    pub directions: Vec<i64>,
    /// Bytes of payload.
    pub sizes: Vec<i64>,
    /// Nanoseconds since the packet with payload before.
    pub gaps: Vec<i64>,
    last: Option<i64>,
}

impl Part for ListedData {
    fn step(&mut self, step: &Step, limits: &Limits) {
        let time = step.time;
        if step.packet.payload_bytes == 0 || self.sizes.len() >= limits.listed {
            return;
        }
        let gap = self.last.replace(time).map_or(0, |last| time.saturating_sub(last));
        self.directions.push(if step.direction == FORWARD { 1 } else { -1 });
        self.sizes.push(step.packet.payload_bytes.into());
        self.gaps.push(gap);
    }
}

/// How often each byte stands in the captured payloads.
#[derive(Debug, Clone)]
pub struct Histogram(pub Box<[u64; 256]>);

impl Default for Histogram {
    fn default() -> Self {
        Self(Box::new([0; 256]))
    }
}

impl Histogram {
    /// Shannon's entropy in bits per byte; none of no bytes.
    pub fn entropy(&self) -> Option<f64> {
        let total = self.0.iter().sum::<u64>() as f64;
        let part = |&count: &u64| {
            let share = count as f64 / total;
            -share * share.log2()
        };
        (total > 0.0).then(|| self.0.iter().filter(|&&count| count > 0).map(part).sum::<f64>().max(0.0))
    }
}

impl Part for Histogram {
    fn step(&mut self, step: &Step, _limits: &Limits) {
        for &byte in step.payload {
            self.0[usize::from(byte)] += 1;
        }
    }
}

/// What the first packet says of link and tunnel.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin {
    /// Source and destination hardware address of the first packet, initiator first.
    pub hardware: [Option<[u8; 6]>; 2],
    /// The VLAN.
    pub vlan: Option<u16>,
    /// The tunnel.
    pub tunnel: Option<TunnelKind>,
    known: bool,
}

impl Part for Origin {
    fn step(&mut self, step: &Step, _limits: &Limits) {
        if std::mem::replace(&mut self.known, true) {
            return;
        }
        let packet = step.packet;
        let ends = packet.hardware.map_or([None; 2], |hardware| [Some(hardware.source), hardware.destination]);
        self.hardware = if step.direction == FORWARD { ends } else { [ends[1], ends[0]] };
        self.vlan = packet.vlan;
        self.tunnel = packet.tunnel;
    }
}

/// Names of the flags, the lowest bit first.
pub const FLAG_NAMES: [(&str, u8); 8] = [
    ("FIN", tcp_flag::FIN),
    ("SYN", tcp_flag::SYN),
    ("RST", tcp_flag::RST),
    ("PSH", tcp_flag::PSH),
    ("ACK", tcp_flag::ACK),
    ("URG", tcp_flag::URG),
    ("ECE", tcp_flag::ECE),
    ("CWR", tcp_flag::CWR),
];
