//! One conversation on its way from packets to records.

use super::shape::Common;
use crate::decode::{Hardware, TunnelKind, protocol};
use crate::dissect::{Conn, Events, Held, Limits, Session, value::Interval};
use crate::flow::{
    Basis, Biflow, Connection, EndReason, History, Moment, Observation, Overlap, Piece, Side, StreamCounts,
};

/// What is known of a conversation.
pub(in crate::command) struct Talk {
    streams: Option<Connection>,
    session: Option<Session>,
    history: History,
    sides: [Sent; 2],
    pub(super) hardware: [Option<[u8; 6]>; 2],
    pub(super) vlan: Option<u16>,
    pub(super) inner_vlan: Option<u16>,
    pub(super) tunnel: Option<TunnelKind>,
    last: Moment,
    /// What it held when it was weighed.
    pub(in crate::command) weighed: usize,
    /// What all its records have in common, and whether it was turned round for that.
    pub(super) common: Option<(bool, Box<Common>)>,
}

/// A conversation that keeps no more than so many bytes is not ended to make room: it takes more by being there.
const LITTLE: usize = 1 << 10;

/// What one side sent.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    packets: u64,
    ip_bytes: u64,
    payload: u64,
}

/// How streams are put together.
#[derive(Debug, Clone)]
pub(in crate::command) struct Assembly {
    pub(in crate::command) overlap: Overlap,
    /// Bytes of each direction that may wait for what is missing before them.
    pub(in crate::command) limit: usize,
}

impl Talk {
    /// One that begins with this packet; `session` is false if only the conversation itself is to be told.
    pub(in crate::command) fn new(
        flow: &Biflow,
        packet: &Observation,
        session: bool,
        limits: &Limits,
        assembly: &Assembly,
    ) -> Self {
        let of_tcp = flow.key.protocol == protocol::TCP;
        let speaks = of_tcp || flow.key.protocol == protocol::UDP;
        let port = |low: bool| flow.key.port(low).unwrap_or_default();
        let ports = (port(flow.forward_is_low), port(!flow.forward_is_low));
        let address = |low: bool| flow.key.address(low);
        let between = (address(flow.forward_is_low), address(!flow.forward_is_low));
        let from_start = flow.basis != Basis::FirstPacket;
        Self {
            streams: of_tcp.then(|| Connection::new(assembly.overlap, assembly.limit)),
            session: (session && speaks)
                .then(|| Session::new(ports, !of_tcp, from_start, limits).between(between.0, between.1)),
            history: History::default(),
            sides: [Sent::default(); 2],
            hardware: [None; 2],
            vlan: packet.vlan,
            inner_vlan: packet.inner_vlan,
            tunnel: packet.tunnel,
            last: Moment::default(),
            weighed: 0,
            common: None,
        }
    }

    /// Takes a packet.
    pub(in crate::command) fn packet(&mut self, flow: &Biflow, packet: &Observation, payload: &[u8], out: &mut Events) {
        let side = if flow.is_forward(packet) { Side::Originator } else { Side::Responder };
        self.last = Moment { time: flow.time_of(packet), packet: packet.number };
        self.count(side, packet);
        self.history.packet(side, packet);
        match (&mut self.streams, packet.segment) {
            (Some(streams), Some(segment)) => {
                let again = streams.counts(side).retransmissions;
                let (session, history) = (&mut self.session, &mut self.history);
                let each = &mut |side, piece: Piece| hand_over(session, history, side, piece, out);
                streams.take(side, &segment, (payload, packet.payload_bytes), self.last, each);
                if streams.counts(side).retransmissions > again {
                    self.history.retransmission(side);
                }
            }
            _ => {
                if let Some(session) = self.session.as_mut().filter(|_| packet.payload_bytes > 0) {
                    session.data(side, payload, self.last, out);
                }
            }
        }
    }

    /// Hands out what waits in its streams, to make room; false if nothing does.
    pub(in crate::command) fn give_up_waiting(&mut self, out: &mut Events) -> bool {
        let Some(streams) = self.streams.as_mut().filter(|streams| streams.held() > 0) else { return false };
        let (session, history) = (&mut self.session, &mut self.history);
        streams.give_up_all(self.last, &mut |side, piece| hand_over(session, history, side, piece, out));
        true
    }

    /// Tells what its messages have said so far, and nothing of what follows, to make room; false if that is little.
    pub(in crate::command) fn give_up_messages(&mut self, out: &mut Events) -> bool {
        let Some(session) = self.session.as_mut().filter(|session| session.held() > LITTLE) else { return false };
        session.abandon(self.last, out);
        true
    }

    /// Hands out what waits in its streams, and tells what is missing at their ends: nothing more will come.
    fn finish(&mut self, out: &mut Events) {
        let Some(streams) = &mut self.streams else { return };
        let (session, history) = (&mut self.session, &mut self.history);
        streams.finish(self.last, &mut |side, piece| hand_over(session, history, side, piece, out));
    }

    /// How many bytes wait in its streams, and for the rest of messages, about.
    pub(in crate::command) fn held(&self) -> usize {
        self.streams.as_ref().map_or(0, Connection::held) + self.session.as_ref().map_or(0, Session::held)
    }

    /// True if it was found out that the responder asked: its first packets were not seen.
    pub(super) fn is_turned(&self, flow: &Biflow) -> bool {
        let client = self.session.as_ref().and_then(Session::client);
        flow.basis == Basis::FirstPacket && client == Some(Side::Responder)
    }

    /// It has ended: what waits is told, and itself.
    pub(in crate::command) fn end(
        &mut self,
        flow: &Biflow,
        reason: EndReason,
        is_local: impl Fn(Side) -> Option<bool>,
        out: &mut Events,
    ) {
        self.finish(out);
        if let Some(session) = &mut self.session {
            session.end(self.last, out);
        }
        let first = Moment { time: flow.start, packet: flow.first_number };
        let last = Moment { packet: flow.last_number, ..self.last };
        out.push(first, last, self.conn(flow, reason, is_local));
    }

    fn count(&mut self, side: Side, packet: &Observation) {
        let sent = &mut self.sides[side.index()];
        sent.packets += 1;
        sent.ip_bytes += u64::from(packet.ip_bytes);
        sent.payload += u64::from(packet.payload_bytes);
        if let Some(hardware) = packet.hardware {
            self.addresses(side, hardware);
        }
    }

    fn addresses(&mut self, side: Side, hardware: Hardware) {
        self.hardware[side.index()].get_or_insert(hardware.source);
        if let Some(destination) = hardware.destination {
            self.hardware[side.other().index()].get_or_insert(destination);
        }
    }

    fn conn(&self, flow: &Biflow, reason: EndReason, is_local: impl Fn(Side) -> Option<bool>) -> Conn {
        let turned = self.is_turned(flow);
        let at = |side: Side| if turned { side.other() } else { side };
        let sent = |side: Side| self.sides[at(side).index()];
        let streams = self.streams.as_ref();
        let counts = |side: Side| streams.map(|streams| streams.counts(at(side)));
        let bytes = |side: Side| counts(side).map_or(sent(side).payload, |counts| counts.bytes + counts.missed);
        let both = |of: fn(&StreamCounts) -> u64| {
            counts(Side::Originator).zip(counts(Side::Responder)).map(|(one, other)| of(&one) + of(&other))
        };
        let services = self.session.as_ref().map(Session::services).unwrap_or_default();
        let history = self.history.letters(turned);
        Conn {
            duration: Interval(flow.last.saturating_sub(flow.start)),
            service: (!services.is_empty()).then(|| services.join(",")),
            orig_bytes: bytes(Side::Originator),
            resp_bytes: bytes(Side::Responder),
            conn_state: self.history.state(flow.key.protocol, turned),
            local_orig: is_local(Side::Originator),
            local_resp: is_local(Side::Responder),
            missed_bytes: both(|counts| counts.missed).unwrap_or(0),
            history: (!history.is_empty()).then_some(history),
            orig_pkts: sent(Side::Originator).packets,
            orig_ip_bytes: sent(Side::Originator).ip_bytes,
            resp_pkts: sent(Side::Responder).packets,
            resp_ip_bytes: sent(Side::Responder).ip_bytes,
            retransmissions: both(|counts| counts.retransmissions),
            out_of_order: both(|counts| counts.out_of_order),
            overlap_bytes: both(|counts| counts.overlap_bytes),
            overlap_conflict: both(|counts| counts.overlap_conflict),
            gaps: both(|counts| counts.gaps),
            midstream: streams.map(|_| flow.basis != Basis::Syn),
            end_reason: reason.of_conversation(streams.and_then(Connection::close)),
        }
    }
}

/// Hands a piece of a stream to the session.
fn hand_over(session: &mut Option<Session>, history: &mut History, side: Side, piece: Piece, out: &mut Events) {
    if let Piece::Gap { .. } = piece {
        history.gap(side);
    }
    let Some(session) = session else { return };
    match piece {
        Piece::Bytes { bytes, at, .. } => session.data(side, bytes, at, out),
        Piece::Gap { length, at, .. } => session.gap(side, length, at, out),
    }
}
