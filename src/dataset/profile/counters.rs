//! What counts on from packet to packet, and so ties packets to a connection or a machine, whatever their addresses: the
//! sequence numbers of TCP, the identification of IPv4, and TCP's timestamps. A few numbers for each flow of a sample.
//!
//! All are of the outermost headers, as flows are. Packets without a time have no part in what is about time.

use super::seen::Seen;
use crate::decode::{Tcp, TransportKind, tcp_flag};

/// What counts in a flow of a sample. Of pairs, the first is of the lower end of its flow.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counters {
    /// TCP's sequence numbers, where a segment was seen.
    pub sequence: Option<Sequence>,
    /// IPv4's identification, where it is not 0.
    pub identification: [Option<Span<u16>>; 2],
    /// The timestamps of TCP's option, but those of a RST, which may be 0.
    pub stamps: [Option<Span<u32>>; 2],
}

/// A counter's first and last value in a flow of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<T> {
    /// The time of the first, in nanoseconds since 1970.
    pub first_time: i64,
    /// The first value.
    pub first: T,
    /// The time of the last.
    pub last_time: i64,
    /// The last value.
    pub last: T,
}

/// How a TCP connection stands at the begin and the end of a flow in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequence {
    /// The lower end sent the first segment.
    pub from_low: bool,
    /// Its flags.
    pub first_flags: u8,
    /// What the sender of the first segment sends, and what it expects.
    pub first: (u32, u32),
    /// What each end sends next, as far as segments and what acknowledges them tell.
    pub next: [Option<u32>; 2],
    /// A FIN or RST was seen.
    pub closes: bool,
}

impl Counters {
    pub(super) fn add(&mut self, seen: &Seen) {
        let side = usize::from(!seen.is_from_low());
        let Some(ip) = seen.layers.ip() else { return };
        if let ([_, _, _, _, high, low, ..], true, Some(time)) = (ip.header, ip.source.is_ipv4(), seen.time) {
            let value = u16::from_be_bytes([*high, *low]);
            if value != 0 {
                Span::note(&mut self.identification[side], time, value);
            }
        }
        let Some(transport) = seen.transport() else { return };
        let TransportKind::Tcp(tcp) = transport.kind else { return };
        self.segment(&tcp, transport.payload_length, side);
        let stamp = timestamp(tcp.options).filter(|_| tcp.flags & tcp_flag::RST == 0);
        if let (Some(value), Some(time)) = (stamp, seen.time) {
            Span::note(&mut self.stamps[side], time, value);
        }
    }

    fn segment(&mut self, tcp: &Tcp, payload: u32, side: usize) {
        let counts = |flag: u8| u32::from(tcp.flags & flag != 0);
        let acknowledges = tcp.flags & tcp_flag::ACK != 0;
        let closes = tcp.flags & (tcp_flag::FIN | tcp_flag::RST) != 0;
        let sequence = self.sequence.get_or_insert(Sequence {
            from_low: side == 0,
            first_flags: tcp.flags,
            first: (tcp.sequence, tcp.acknowledgement),
            next: [None; 2],
            closes,
        });
        sequence.closes |= closes;
        let end = tcp.sequence.wrapping_add(payload).wrapping_add(counts(tcp_flag::SYN) + counts(tcp_flag::FIN));
        advance(&mut sequence.next[side], end);
        if acknowledges {
            advance(&mut sequence.next[1 - side], tcp.acknowledgement);
        }
    }
}

/// Moves a number on, unless it is ahead already.
fn advance(next: &mut Option<u32>, to: u32) {
    *next = Some(next.filter(|next| (to.wrapping_sub(*next) as i32) < 0).unwrap_or(to));
}

impl<T: Copy> Span<T> {
    fn note(span: &mut Option<Self>, time: i64, value: T) {
        match span {
            Some(span) if time >= span.last_time => (span.last_time, span.last) = (time, value),
            Some(span) if time < span.first_time => (span.first_time, span.first) = (time, value),
            Some(_) => {}
            None => *span = Some(Self { first_time: time, first: value, last_time: time, last: value }),
        }
    }
}

/// The value of TCP's timestamp option (RFC 7323, 3.2), if the options have it and it is not 0.
fn timestamp(options: &[u8]) -> Option<u32> {
    let mut rest = options;
    loop {
        rest = match rest {
            [8, 10, a, b, c, d, ..] => {
                return Some(u32::from_be_bytes([*a, *b, *c, *d])).filter(|value| *value != 0);
            }
            [1, behind @ ..] => behind,
            [kind, length, ..] if *kind > 1 && *length > 1 => rest.get(usize::from(*length)..)?,
            _ => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timestamp_is_found_behind_others() {
        assert_eq!(timestamp(&[1, 1, 8, 10, 0, 0, 1, 2, 0, 0, 0, 0]), Some(258));
        assert_eq!(timestamp(&[2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 7, 0, 0, 0, 0]), Some(7));
        for none in
            [&[0, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0][..], &[8, 10, 0], &[8, 10, 0, 0, 0, 0, 1, 1, 1, 1], &[3, 0], &[3]]
        {
            assert_eq!(timestamp(none), None, "{none:?}");
        }
    }

    #[test]
    fn the_next_number_does_not_go_back() {
        let mut counters = Counters::default();
        let tcp = |sequence, acknowledgement, flags| Tcp {
            source: 1,
            destination: 2,
            sequence,
            acknowledgement,
            flags,
            window: 0,
            urgent: 0,
            options: &[],
        };
        counters.segment(&tcp(u32::MAX, 0, tcp_flag::SYN), 0, 1);
        counters.segment(&tcp(70, 5, tcp_flag::ACK), 30, 0);
        counters.segment(&tcp(60, 3, tcp_flag::ACK), 10, 0);
        let sequence = counters.sequence.unwrap();
        assert_eq!((sequence.next, sequence.closes), ([Some(100), Some(5)], false));
        assert_eq!((sequence.from_low, sequence.first), (false, (u32::MAX, 0)));
    }

    #[test]
    fn spans_are_by_time() {
        let mut span = None;
        for (time, value) in [(5, 50), (3, 30), (4, 40), (9, 90)] {
            Span::note(&mut span, time, value);
        }
        assert_eq!(span, Some(Span { first_time: 3, first: 30, last_time: 9, last: 90 }));
    }
}
