//! When flows end, and which way is forward.

use super::super::observation::Segment;
use super::*;

/// Flows that have ended: first packet, packets forward and backward, reason.
#[derive(Default)]
struct Ended {
    going_on: Vec<[u64; 2]>,
    done: Vec<(u64, [u64; 2], EndReason)>,
}

impl Track for Ended {
    fn begin(&mut self, slot: Slot, _flow: &Biflow, _packet: &Observation) {
        self.going_on.resize(self.going_on.len().max(slot as usize + 1), [0; 2]);
        self.going_on[slot as usize] = [0; 2];
    }

    fn packet(&mut self, slot: Slot, flow: &Biflow, packet: &Observation, _payload: &[u8]) {
        self.going_on[slot as usize][usize::from(!flow.is_forward(packet))] += 1;
    }

    fn end(&mut self, slot: Slot, flow: &Biflow, reason: EndReason) {
        self.done.push((flow.first_number, self.going_on[slot as usize], reason));
    }
}

/// Seconds, conversation, sent by the lower end, flags, sequence, acknowledgement.
type Sent = (i64, u8, bool, u8, u32, u32);

fn ended(timeouts: Timeouts, limit: usize, packets: &[Sent]) -> Vec<(u64, [u64; 2], EndReason)> {
    let mut shard = FlowShard::new(timeouts, limit);
    let mut ended = Ended::default();
    let mut latest = 0;
    for (number, &(second, conversation, from_low, flags, sequence, acknowledgement)) in (1..).zip(packets) {
        let (low, high) = ([conversation; 16], [255; 16]);
        let ports = (1, 2);
        let key = BiflowKey { sample: 0, protocol: 6, version: 6, vlan: 0, ports, tunnel: 0, low, high };
        let packet = Observation {
            number,
            time: second * 1_000_000_000,
            key,
            from_low,
            asks: true,
            frame_bytes: 60,
            ip_bytes: 40,
            ip_header_bytes: 20,
            header_bytes: 20,
            payload_bytes: 0,
            ttl: 64,
            tos: 0,
            segment: Some(Segment { flags, window: 0, sequence, acknowledgement }),
            hardware: None,
            vlan: None,
            inner_vlan: None,
            tunnel: None,
        };
        latest = latest.max(packet.time);
        shard.take(&packet, key.hash(), &[], &mut ended);
    }
    shard.end_all(latest, &mut ended);
    ended.done.sort_unstable_by_key(|flow| flow.0);
    ended.done
}

const OURS: Rules = Rules { ends: TcpEnd::OpenedAgain, forward: Forward::Initiator };

const MINUTES: Timeouts = Timeouts { idle: 120_000_000_000, active: None, rules: OURS };

fn usual(packets: &[Sent]) -> Vec<(u64, [u64; 2], EndReason)> {
    ended(MINUTES, 1_000, packets)
}

#[test]
fn a_gap_ends_a_flow_and_the_end_of_the_capture_the_others() {
    use EndReason::{ForcedEnd, IdleTimeout};
    assert_eq!(usual(&[(0, 1, true, ACK, 0, 0), (120, 1, false, ACK, 0, 0)]), [(1, [1, 1], ForcedEnd)]);
    let apart = [(0, 1, true, ACK, 0, 0), (121, 1, false, ACK, 0, 0)];
    assert_eq!(usual(&apart), [(1, [1, 0], IdleTimeout), (2, [1, 0], ForcedEnd)]);
    // Another flow goes on for long after it.
    let other = [(0, 1, true, ACK, 0, 0), (60, 2, true, ACK, 0, 0), (130, 2, true, ACK, 0, 0)];
    assert_eq!(usual(&other), [(1, [1, 0], IdleTimeout), (2, [2, 0], ForcedEnd)]);
    // Times that run backwards end nothing.
    let back = [(500, 1, true, ACK, 0, 0), (0, 1, false, ACK, 0, 0), (600, 1, true, ACK, 0, 0)];
    assert_eq!(usual(&back), [(1, [2, 1], ForcedEnd)]);
    let active = Timeouts { active: Some(10_000_000_000), ..MINUTES };
    let long = [(0, 1, true, ACK, 0, 0), (10, 1, true, ACK, 0, 0), (11, 1, true, ACK, 0, 0)];
    let expected = [(1, [2, 0], EndReason::ActiveTimeout), (3, [1, 0], ForcedEnd)];
    assert_eq!(ended(active, 1_000, &long), expected);
}

#[test]
fn a_connection_is_closed_by_the_ack_of_the_second_fin() {
    use EndReason::{EndOfFlow, ForcedEnd};
    let closing = [(0, 1, true, SYN, 7, 0), (1, 1, true, FIN | ACK, 8, 1), (2, 1, false, FIN | ACK, 50, 9)];
    let then = |more: &[Sent]| usual(&[&closing, more].concat());
    assert_eq!(then(&[]), [(1, [2, 1], ForcedEnd)]);
    assert_eq!(then(&[(3, 1, true, ACK, 9, 50)]), [(1, [3, 1], ForcedEnd)], "it does not cover the FIN");
    assert_eq!(then(&[(3, 1, false, ACK, 51, 9)]), [(1, [2, 2], ForcedEnd)], "it is the same side's");
    let closed = (3, 1, true, ACK, 9, 51);
    assert_eq!(then(&[closed]), [(1, [3, 1], EndOfFlow)]);
    // Late packets belong to it; the first SYN once more, too; another SYN begins a flow.
    let late = [closed, (4, 1, false, ACK, 51, 9), (5, 1, true, SYN, 7, 0), (6, 1, true, SYN, 900, 0)];
    assert_eq!(then(&late), [(1, [4, 2], EndOfFlow), (7, [1, 0], ForcedEnd)]);
    let reset = [(0, 1, true, ACK, 7, 0), (1, 1, false, RST, 0, 0), (2, 1, false, SYN, 3, 0)];
    assert_eq!(usual(&reset), [(1, [1, 1], EndOfFlow), (3, [1, 0], ForcedEnd)]);
}

#[test]
fn the_initiator_is_forward() {
    let forward = |packet: Sent| usual(&[packet])[0].1;
    assert_eq!(forward((0, 1, false, SYN, 0, 0)), [1, 0]);
    assert_eq!(forward((0, 1, false, SYN | ACK, 0, 0)), [0, 1]);
    assert_eq!(forward((0, 1, true, ACK, 0, 0)), [1, 0]);
}

#[test]
fn the_first_fin_ends_a_flow_of_cicflowmeter_s() {
    use EndReason::{EndOfFlow, ForcedEnd, IdleTimeout};
    let rules = Rules { ends: TcpEnd::FirstFin, ..OURS };
    let of = |packets: &[Sent]| ended(Timeouts { rules, ..MINUTES }, 1_000, packets);
    let closing = [(0, 1, true, SYN, 7, 0), (1, 1, true, FIN | ACK, 8, 1), (2, 1, false, FIN | ACK, 50, 9)];
    // The second FIN begins a flow, and is its first packet: it does not end it.
    let last = (3, 1, true, ACK, 9, 51);
    assert_eq!(of(&[&closing[..], &[last]].concat()), [(1, [2, 0], EndOfFlow), (3, [1, 1], ForcedEnd)]);
    let reset = [(0, 1, true, ACK, 7, 0), (1, 1, false, RST, 0, 0), (2, 1, true, SYN, 3, 0), (900, 1, true, ACK, 4, 0)];
    assert_eq!(of(&reset), [(1, [2, 1], IdleTimeout), (4, [1, 0], ForcedEnd)]);
}

#[test]
fn another_syn_begins_a_stream_of_wireshark_s() {
    let rules = Rules { ends: TcpEnd::AnotherSyn, ..OURS };
    let syn = |second, sequence| (second, 1, true, SYN, sequence, 0);
    let flows = ended(Timeouts { rules, ..MINUTES }, 1_000, &[syn(0, 7), syn(1, 7), syn(2, 8)]);
    assert_eq!(flows, [(1, [2, 0], EndReason::EndOfFlow), (3, [1, 0], EndReason::ForcedEnd)]);
    // Both open at once: one connection.
    let both = [syn(0, 7), (1, 1, false, SYN, 99, 0), (2, 1, false, SYN, 99, 0), (3, 1, true, SYN | ACK, 7, 100)];
    assert_eq!(ended(Timeouts { rules, ..MINUTES }, 1_000, &both), [(1, [2, 2], EndReason::ForcedEnd)]);
}

#[test]
fn forward_is_what_others_say() {
    let of = |forward, packets: &[Sent]| {
        let rules = Rules { forward, ..OURS };
        let flows = ended(Timeouts { rules, ..MINUTES }, 1_000, packets);
        flows.iter().map(|flow| flow.1).collect::<Vec<_>>()
    };
    let answered = [(0, 1, true, SYN | ACK, 7, 1), (1, 1, false, ACK, 1, 8), (300, 1, false, ACK, 1, 8)];
    assert_eq!(of(Forward::Initiator, &answered), [[1, 1], [1, 0]]);
    assert_eq!(of(Forward::SourcePort, &answered), [[1, 1], [1, 0]]);
    // The flow behind the timeout keeps the direction of that before.
    assert_eq!(of(Forward::SourceAddress, &answered), [[1, 1], [0, 1]]);
    // 255 talks to itself: of one address.
    let alone = [(0, 255, true, ACK, 0, 0), (1, 255, false, ACK, 0, 0)];
    assert_eq!(of(Forward::SourceAddress, &alone), [[2, 0]]);
    assert_eq!(of(Forward::SourcePort, &alone), [[1, 1]]);
}

#[test]
fn of_too_many_flows_the_oldest_ends() {
    let packets: Vec<Sent> = (0..5).map(|flow| (10 * i64::from(flow), flow, true, ACK, 0, 0)).collect();
    let again = [packets.as_slice(), &[(50, 3, true, ACK, 0, 0), (55, 9, true, ACK, 0, 0)]].concat();
    let reasons: Vec<(u64, EndReason)> = ended(MINUTES, 3, &again).iter().map(|flow| (flow.0, flow.2)).collect();
    use EndReason::{ForcedEnd, LackOfResources};
    let lack = |number| (number, LackOfResources);
    assert_eq!(reasons, [lack(1), lack(2), lack(3), (4, ForcedEnd), (5, ForcedEnd), (7, ForcedEnd)][..6].to_vec());
}

#[test]
fn many_flows_that_are_over_take_no_place() {
    let packets: Vec<Sent> = (0..10_000_i64)
        .flat_map(|second| {
            let conversation = (second % 250) as u8;
            [(second, conversation, true, ACK, 0, 0)]
        })
        .collect();
    // Each conversation returns after 250 seconds: as a new flow.
    let flows = usual(&packets);
    assert_eq!(flows.len(), 10_000);
    assert!(flows.iter().filter(|flow| flow.2 == EndReason::IdleTimeout).count() > 9_800);
}
