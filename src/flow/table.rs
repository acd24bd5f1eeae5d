//! Which flow a packet belongs to: the one of its key that is going on, or a new one.
//!
//! A flow is over when nothing came for the idle timeout, or when a TCP connection that was closed or reset begins again
//! with another sequence number. Only the packets' times count.

use std::collections::{HashMap, VecDeque};

use crate::decode::tcp_flag::{ACK, FIN, RST, SYN};
use crate::decode::{self, protocol};
use crate::packet::{FlowKey, Packet};

/// A flow's number, from 0, in the order of first packets.
pub type FlowNumber = u32;

/// The flows that are going on, by key and by the group within which they are counted.
#[derive(Debug)]
pub struct FlowTable {
    going_on: HashMap<(u32, FlowKey), Flow>,
    /// What to look at when the table is full, in the order in which flows began.
    order: VecDeque<(u32, FlowKey, FlowNumber)>,
    idle: i128,
    limit: usize,
    flows: FlowNumber,
    evicted: u64,
}

#[derive(Debug, Clone, Copy)]
struct Flow {
    number: FlowNumber,
    last: i128,
    /// The sequence number of its first SYN.
    opening: Option<u32>,
    /// Who has sent FIN: the lower end, the higher end.
    ended: [bool; 2],
    reset: bool,
}

impl Flow {
    fn is_closed(&self) -> bool {
        self.reset || self.ended == [true, true]
    }
}

/// What a TCP header says of the connection.
#[derive(Debug, Clone, Copy)]
struct Signals {
    flags: u8,
    sequence: u32,
    from_low: bool,
}

impl FlowTable {
    /// A table whose flows end after `idle` nanoseconds without a packet; no more than `limit` are remembered.
    pub fn new(idle: i128, limit: usize) -> Self {
        Self { going_on: HashMap::new(), order: VecDeque::new(), idle, limit, flows: 0, evicted: 0 }
    }

    /// The flow of a packet of this key within a group; true if it is the first packet of the flow.
    pub fn flow(&mut self, group: u32, key: FlowKey, packet: &Packet) -> (FlowNumber, bool) {
        let time = packet.time().map_or(0, |time| time.0);
        let signals = (key.protocol == protocol::TCP).then(|| signals(packet, &key)).flatten();
        let opening = signals.filter(|signals| signals.flags & (SYN | ACK) == SYN).map(|signals| signals.sequence);
        let known = self.going_on.get_mut(&(group, key));
        if let Some(flow) = known {
            let again = flow.is_closed() && opening.is_some() && opening != flow.opening;
            // Times that run backwards end nothing.
            if !again && time - flow.last <= self.idle {
                flow.last = flow.last.max(time);
                note(flow, signals);
                return (flow.number, false);
            }
        }
        let mut flow = Flow { number: self.flows, last: time, opening, ended: [false; 2], reset: false };
        note(&mut flow, signals);
        self.going_on.insert((group, key), flow);
        self.order.push_back((group, key, flow.number));
        self.flows += 1;
        self.make_room();
        (flow.number, true)
    }

    /// Flows that were forgotten because there were too many; a later packet of theirs began a new one.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Forgets everything: what comes now belongs to new flows.
    pub fn clear(&mut self) {
        self.going_on.clear();
        self.order.clear();
    }

    /// Forgets the oldest flows while there are too many.
    fn make_room(&mut self) {
        // Flows whose key has gone on to another flow stand in the order too, and cost nothing but their place.
        while self.going_on.len() > self.limit || self.order.len() > self.limit.saturating_mul(2) {
            let Some((group, key, number)) = self.order.pop_front() else { return };
            if self.going_on.get(&(group, key)).is_some_and(|flow| flow.number == number) {
                self.going_on.remove(&(group, key));
                self.evicted += 1;
            }
        }
    }
}

fn note(flow: &mut Flow, signals: Option<Signals>) {
    let Some(signals) = signals else { return };
    flow.reset |= signals.flags & RST != 0;
    flow.ended[usize::from(!signals.from_low)] |= signals.flags & FIN != 0;
}

/// RFC 9293, 3.1.
fn signals(packet: &Packet, key: &FlowKey) -> Option<Signals> {
    let layers = decode::layers(packet.interface.link_type, packet.bytes, packet.original_length);
    let ip = layers.ip()?;
    let &[_, _, _, _, s0, s1, s2, s3, _, _, _, _, _, flags] = ip.payload.first_chunk::<14>()?;
    let (from, _) = ip.ports()?;
    let from_low = (ip.source, Some(from)) == (key.low, key.ports.map(|ports| ports.0));
    Some(Signals { flags, sequence: u32::from_be_bytes([s0, s1, s2, s3]), from_low })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{ByteOrder, Interface, LinkType, Options};
    use crate::time::Resolution;

    const SECOND: u64 = 1_000_000;

    /// A TCP segment from `from` to `to` (the last bytes of the addresses, and the ports).
    fn segment(from: u8, to: u8, flags: u8, sequence: u8) -> Vec<u8> {
        let mut bytes = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, from, 10, 0, 0, to];
        bytes.extend([0, from, 0, to, 0, 0, 0, sequence, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    /// The numbers of the flows of segments: time in seconds, from, to, flags, sequence.
    fn flows(segments: &[(u64, u8, u8, u8, u8)]) -> Vec<FlowNumber> {
        let interface = Interface {
            number: 0,
            link_type: LinkType(101),
            byte_order: ByteOrder::Little,
            snap_len: 0,
            resolution: Resolution::MICROSECONDS,
            states_resolution: false,
            offset: 0,
            options: Vec::new(),
        };
        let mut table = FlowTable::new(120_000_000_000, 100);
        let mut keys = crate::flow::Keys::default();
        let flow = |&(time, from, to, flags, sequence): &(u64, u8, u8, u8, u8)| {
            let bytes = segment(from, to, flags, sequence);
            let packet = Packet {
                number: 1,
                place: (0, 0),
                interface: &interface,
                raw_time: Some(time * SECOND),
                bytes: &bytes,
                original_length: bytes.len() as u32,
                drops: None,
                options: Options::NONE,
                block: &[],
            };
            let key = keys.of(&packet).unwrap();
            table.flow(0, key, &packet).0
        };
        segments.iter().map(flow).collect()
    }

    #[test]
    fn a_flow_goes_on_in_both_directions_until_it_is_idle() {
        let times = [(0, 1, 2, ACK, 0), (120, 2, 1, ACK, 0), (240, 1, 2, ACK, 0), (361, 1, 2, ACK, 0)];
        assert_eq!(flows(&times), [0, 0, 0, 1]);
        assert_eq!(flows(&[(200, 1, 2, ACK, 0), (0, 1, 2, ACK, 0), (300, 1, 2, ACK, 0)]), [0, 0, 0]);
    }

    #[test]
    fn a_closed_connection_that_opens_again_is_another_flow() {
        let closed = [(0, 1, 2, SYN, 7), (1, 1, 2, FIN | ACK, 8), (1, 2, 1, FIN | ACK, 1), (2, 1, 2, ACK, 9)];
        let again = |sequence| [closed.as_slice(), &[(3, 1, 2, SYN, sequence)]].concat();
        assert_eq!(flows(&again(9)), [0, 0, 0, 0, 1]);
        // The first SYN, sent once more.
        assert_eq!(flows(&again(7)), [0, 0, 0, 0, 0]);
        // Only one side has closed.
        assert_eq!(flows(&[(0, 1, 2, SYN, 7), (1, 1, 2, FIN, 8), (2, 1, 2, SYN, 9)]), [0, 0, 0]);
        assert_eq!(flows(&[(0, 1, 2, SYN, 7), (1, 2, 1, RST, 8), (2, 1, 2, SYN, 9)]), [0, 0, 1]);
    }
}
