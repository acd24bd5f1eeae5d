//! The table of biflows: which flow each observation belongs to, and when each flow ends.
//!
//! A flow ends when nothing came for the idle timeout, when it has lasted for the active timeout, when a TCP connection
//! that was closed opens again, when its sample ends, or when there are too many. Only the packets' times count. Ends are
//! found in constant time: flows hang in a list by their last packet.

use hashbrown::HashTable;

use super::connection::Close;
use super::observation::{BiflowKey, Observation, counterpart};
use super::rules::{Forward, Rules, TcpEnd};
use crate::decode::protocol;
use crate::decode::tcp_flag::{ACK, FIN, RST, SYN};

/// The number of a flow's place; another flow takes it afterwards.
pub type Slot = u32;

/// How exact the order of flows by their last packets is, in nanoseconds: a second.
const PRECISION: i64 = 1_000_000_000;

/// So many flows keep their place when they are over, until their next packet shows it.
const KEPT: usize = 64;

/// No place.
const NONE: Slot = Slot::MAX;

/// When flows end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Nanoseconds without a packet after which a flow is over.
    pub idle: i64,
    /// Nanoseconds after which a flow is cut in two; none: never.
    pub active: Option<i64>,
    /// What else ends flows, and what is forward.
    pub rules: Rules,
}

impl Timeouts {
    /// Flows that end by time as said, and otherwise as ours do.
    pub fn new(idle: i64, active: Option<i64>) -> Self {
        Self { idle, active, rules: Rules::default() }
    }
}

/// Why a flow ended: flowEndReason of IPFIX (RFC 5102, 5.11.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// 1: nothing came for the idle timeout.
    IdleTimeout,
    /// 2: it lasted for the active timeout.
    ActiveTimeout,
    /// 3: both sides closed it, or it was reset.
    EndOfFlow,
    /// 4: its sample or the capture ended.
    ForcedEnd,
    /// 5: there were too many flows.
    LackOfResources,
}

impl EndReason {
    /// Its number in IPFIX.
    pub fn number(self) -> u8 {
        match self {
            Self::IdleTimeout => 1,
            Self::ActiveTimeout => 2,
            Self::EndOfFlow => 3,
            Self::ForcedEnd => 4,
            Self::LackOfResources => 5,
        }
    }

    /// Its name in IPFIX.
    pub fn name(self) -> &'static str {
        match self {
            Self::IdleTimeout => "idle timeout",
            Self::ActiveTimeout => "active timeout",
            Self::EndOfFlow => "end of flow",
            Self::ForcedEnd => "forced end",
            Self::LackOfResources => "lack of resources",
        }
    }

    /// Why a conversation ended that TCP closed so: that is told before silence and the end of the capture.
    pub fn of_conversation(self, close: Option<Close>) -> &'static str {
        match (self, close) {
            (Self::ActiveTimeout, _) => "active",
            (Self::LackOfResources, _) => "resources",
            (_, Some(Close::Rst)) => "rst",
            (_, Some(Close::Fin)) => "fin",
            (Self::IdleTimeout, None) => "idle",
            // Without a FIN or RST, what ended it is the SYN of another one.
            (Self::EndOfFlow, None) => "syn",
            (Self::ForcedEnd, None) => "eof",
        }
    }
}

/// What says which direction is forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The first packet is a SYN: its sender.
    Syn,
    /// The first packet is a SYN with ACK: its receiver.
    SynAck,
    /// The sender of the first packet.
    FirstPacket,
}

impl Basis {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syn => "syn",
            Self::SynAck => "syn-ack",
            Self::FirstPacket => "first packet",
        }
    }
}

/// A flow.
#[derive(Debug, Clone, Copy)]
pub struct Biflow {
    /// What tells it from others.
    pub key: BiflowKey,
    /// The number of its first packet.
    pub first_number: u64,
    /// The number of its last packet so far.
    pub last_number: u64,
    /// The time of its first packet.
    pub start: i64,
    /// The latest time of its packets.
    pub last: i64,
    /// The lower end is the initiator.
    pub forward_is_low: bool,
    /// Why.
    pub basis: Basis,
    /// Nothing is backward: both ends are what [`Forward`] goes by.
    one_way: bool,
    /// Of ICMP: the first packet asks, or stands alone.
    pub asks: bool,
    /// The sequence number of the first SYN of the lower end, and the higher end.
    opening: [Option<u32>; 2],
    /// Which of them has sent a segment.
    spoke: [bool; 2],
    /// Which side has sent FIN: the lower end, the higher end.
    ended: [bool; 2],
    /// Who sent the second FIN (the lower end?), and the sequence number behind it.
    last_fin: Option<(bool, u32)>,
    closed: bool,
}

impl Biflow {
    /// A flow that begins with this packet; `before` is that of its key that a timeout has ended just now.
    fn new(packet: &Observation, forward: Forward, before: Option<&Self>) -> Self {
        let flags = packet.segment.map_or(0, |segment| segment.flags);
        let (basis, forward_is_low) = match (forward, flags & SYN != 0, flags & ACK != 0) {
            (Forward::Initiator, true, false) => (Basis::Syn, packet.from_low),
            (Forward::Initiator, true, true) => (Basis::SynAck, !packet.from_low),
            (Forward::SourceAddress, ..) => {
                (Basis::FirstPacket, before.map_or(packet.from_low, |before| before.forward_is_low))
            }
            (Forward::Initiator, false, _) | (Forward::SourcePort, ..) => (Basis::FirstPacket, packet.from_low),
        };
        let key = &packet.key;
        let one_way = match forward {
            Forward::Initiator => false,
            Forward::SourceAddress => key.low == key.high,
            Forward::SourcePort => key.ports.0 == key.ports.1,
        };
        Self {
            key: packet.key,
            first_number: packet.number,
            last_number: packet.number,
            start: packet.time,
            last: packet.time,
            forward_is_low,
            basis,
            one_way,
            asks: packet.asks,
            opening: [None; 2],
            spoke: [false; 2],
            ended: [false; 2],
            last_fin: None,
            closed: false,
        }
    }

    /// Of ICMP: type and code of the first message.
    pub fn first_message(&self) -> Option<(u8, u8)> {
        let [lower, code] = self.key.ports.0.to_be_bytes();
        let higher = counterpart(self.key.protocol, lower).unwrap_or(lower);
        // Of all pairs, the question of ICMP's echo and router discovery alone has the higher number.
        let question_is_higher = self.key.protocol == protocol::ICMP && matches!(lower, 0 | 9);
        let kind = if self.asks == question_is_higher { higher } else { lower };
        self.key.is_icmp().then_some((kind, code))
    }

    /// The time of a packet, which never runs backwards within a flow.
    #[inline]
    pub fn time_of(&self, packet: &Observation) -> i64 {
        packet.time.max(self.last)
    }

    /// True if a packet goes forward.
    #[inline]
    pub fn is_forward(&self, packet: &Observation) -> bool {
        packet.from_low == self.forward_is_low || self.one_way
    }

    fn note(&mut self, packet: &Observation) {
        self.last = self.last.max(packet.time);
        self.last_number = packet.number;
        let Some(segment) = packet.segment else { return };
        let way = usize::from(!packet.from_low);
        self.spoke[way] = true;
        if segment.flags & (SYN | ACK) == SYN {
            self.opening[way].get_or_insert(segment.sequence);
        }
        // The ACK that closes comes from the other side, and covers the second FIN.
        let closes = |(by_low, behind): (bool, u32)| {
            packet.from_low != by_low
                && segment.flags & ACK != 0
                && segment.acknowledgement.wrapping_sub(behind) as i32 >= 0
        };
        self.closed |= segment.flags & RST != 0 || self.last_fin.is_some_and(closes);
        if segment.flags & FIN != 0 && !self.ended[way] {
            self.ended[way] = true;
            if self.ended[1 - way] {
                // FIN takes a number, and so does SYN.
                let numbers = packet.payload_bytes + 1 + u32::from(segment.flags & SYN != 0);
                self.last_fin = Some((packet.from_low, segment.sequence.wrapping_add(numbers)));
            }
        }
    }

    /// True if a packet opens the connection again that this flow has closed.
    fn is_opened_again_by(&self, packet: &Observation, ends: TcpEnd) -> bool {
        let way = usize::from(!packet.from_low);
        let opens =
            |segment: super::Segment| segment.flags & (SYN | ACK) == SYN && self.opening[way] != Some(segment.sequence);
        let may_end = match ends {
            TcpEnd::OpenedAgain => self.closed,
            // The first SYN of the other end opens the same connection (RFC 9293, 3.5: simultaneously).
            TcpEnd::AnotherSyn => self.spoke[way],
            TcpEnd::FirstFin => false,
        };
        may_end && packet.segment.is_some_and(opens)
    }

    fn ends(&self, reason: EndReason, ends: TcpEnd) -> EndReason {
        if self.closed && ends != TcpEnd::FirstFin { EndReason::EndOfFlow } else { reason }
    }
}

/// Who is told what happens to flows.
pub trait Track {
    /// A flow begins in this place; its first packet follows.
    fn begin(&mut self, slot: Slot, flow: &Biflow, packet: &Observation);
    /// A packet of the flow in this place. The flow is as it was before the packet.
    fn packet(&mut self, slot: Slot, flow: &Biflow, packet: &Observation, payload: &[u8]);
    /// The flow in this place has ended.
    fn end(&mut self, slot: Slot, flow: &Biflow, reason: EndReason);
}

/// A place: a flow, and its neighbours in the order of last packets.
#[derive(Debug, Clone, Copy)]
struct Place {
    flow: Biflow,
    hash: u64,
    /// The time of the packet with which it got its place in the order.
    hung: i64,
    before: Slot,
    after: Slot,
}

/// Flows that are going on.
#[derive(Debug)]
pub struct FlowShard {
    places: Vec<Place>,
    free: Vec<Slot>,
    by_key: HashTable<Slot>,
    /// The ends of the list: the flow whose last packet is the oldest, and the youngest.
    oldest: Slot,
    youngest: Slot,
    timeouts: Timeouts,
    limit: usize,
    /// The time of the packet before.
    before: i64,
}

impl FlowShard {
    /// An empty table; of more than `limit` flows the oldest end.
    pub fn new(timeouts: Timeouts, limit: usize) -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
            by_key: HashTable::new(),
            oldest: NONE,
            youngest: NONE,
            timeouts,
            limit: limit.max(1),
            before: i64::MAX,
        }
    }

    /// Takes a packet: its key's hash is `hash`.
    #[inline]
    pub fn take(&mut self, packet: &Observation, hash: u64, payload: &[u8], track: &mut impl Track) {
        self.expire(packet.time, track);
        let places = &self.places;
        let same = |slot: &Slot| places[*slot as usize].flow.key == packet.key;
        let mut begins = false;
        let slot = match self.by_key.find(hash, same).copied() {
            Some(slot) => match self.over(slot, packet) {
                None => slot,
                Some(reason) => {
                    let before = self.places[slot as usize].flow;
                    self.end(slot, reason, track);
                    begins = true;
                    self.begin(packet, hash, Some(&before), track)
                }
            },
            None => {
                begins = true;
                self.begin(packet, hash, None, track)
            }
        };
        let place = &mut self.places[slot as usize];
        track.packet(slot, &place.flow, packet, payload);
        place.flow.note(packet);
        if !begins && self.timeouts.rules.ends == TcpEnd::FirstFin && packet.has(FIN) {
            return self.end(slot, EndReason::EndOfFlow, track);
        }
        // To hang a flow elsewhere touches its neighbours: that is done once in a while, not for each packet.
        let now = place.flow.last;
        if now.saturating_sub(place.hung) > PRECISION && self.youngest != slot {
            place.hung = now;
            self.unlink(slot);
            self.link(slot);
        }
    }

    /// Ends all flows: their sample or the capture has ended, with a packet of the time `latest` at the latest.
    pub fn end_all(&mut self, latest: i64, track: &mut impl Track) {
        while self.end_oldest(latest, track) {}
    }

    /// Ends one of the flows that [`FlowShard::end_all`] ends, for who makes room in between; false if there is none.
    pub fn end_oldest(&mut self, latest: i64, track: &mut impl Track) -> bool {
        if self.oldest == NONE {
            self.before = i64::MAX;
            return false;
        }
        let last = self.places[self.oldest as usize].flow.last;
        let idle = latest.saturating_sub(last) > self.timeouts.idle;
        self.end(self.oldest, if idle { EndReason::IdleTimeout } else { EndReason::ForcedEnd }, track);
        true
    }

    /// Why a flow is over before this packet.
    #[inline]
    fn over(&self, slot: Slot, packet: &Observation) -> Option<EndReason> {
        let flow = &self.places[slot as usize].flow;
        if packet.time.saturating_sub(flow.last) > self.timeouts.idle {
            return Some(EndReason::IdleTimeout);
        }
        if self.timeouts.active.is_some_and(|active| packet.time.saturating_sub(flow.start) > active) {
            return Some(EndReason::ActiveTimeout);
        }
        flow.is_opened_again_by(packet, self.timeouts.rules.ends).then_some(EndReason::EndOfFlow)
    }

    /// Ends flows that are over by now, if there are many: where times do not run backwards their next packet would begin
    /// a new flow anyway, and where they do, few flows are kept until one knows. Of two packets the earlier time counts: a
    /// single one from the future ends nothing.
    #[inline]
    fn expire(&mut self, time: i64, track: &mut impl Track) {
        let now = time.min(self.before);
        self.before = time;
        while self.by_key.len() > KEPT {
            let last = self.places[self.oldest as usize].flow.last;
            if now.saturating_sub(last) <= self.timeouts.idle {
                return;
            }
            self.end(self.oldest, EndReason::IdleTimeout, track);
        }
    }

    fn begin(&mut self, packet: &Observation, hash: u64, before: Option<&Biflow>, track: &mut impl Track) -> Slot {
        if self.by_key.len() >= self.limit {
            self.end(self.oldest, EndReason::LackOfResources, track);
        }
        let flow = Biflow::new(packet, self.timeouts.rules.forward, before);
        let place = Place { flow, hash, hung: packet.time, before: NONE, after: NONE };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.places[slot as usize] = place;
                slot
            }
            None => {
                self.places.push(place);
                (self.places.len() - 1) as Slot
            }
        };
        let places = &self.places;
        self.by_key.insert_unique(hash, slot, |slot| places[*slot as usize].hash);
        self.link(slot);
        track.begin(slot, &self.places[slot as usize].flow, packet);
        slot
    }

    fn end(&mut self, slot: Slot, reason: EndReason, track: &mut impl Track) {
        let Place { flow, hash, .. } = self.places[slot as usize];
        self.unlink(slot);
        if let Ok(entry) = self.by_key.find_entry(hash, |other| *other == slot) {
            entry.remove();
        }
        self.free.push(slot);
        track.end(slot, &flow, flow.ends(reason, self.timeouts.rules.ends));
    }

    /// Hangs a place behind the youngest.
    fn link(&mut self, slot: Slot) {
        let before = self.youngest;
        let place = &mut self.places[slot as usize];
        (place.before, place.after) = (before, NONE);
        match before {
            NONE => self.oldest = slot,
            _ => self.places[before as usize].after = slot,
        }
        self.youngest = slot;
    }

    fn unlink(&mut self, slot: Slot) {
        let Place { before, after, .. } = self.places[slot as usize];
        match before {
            NONE => self.oldest = after,
            _ => self.places[before as usize].after = after,
        }
        match after {
            NONE => self.youngest = before,
            _ => self.places[after as usize].before = before,
        }
    }
}

#[cfg(test)]
mod tests;
