//! Both directions of a TCP connection, put together.

use super::assembler::{Assembler, Moment, Overlap, Piece, SegmentBytes, StreamCounts};
use super::observation::Segment;
use crate::decode::tcp_flag::{ACK, FIN, RST, SYN};

/// One of the two ends of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who began it.
    Originator,
    /// Who was asked.
    Responder,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Originator => Self::Responder,
            Self::Responder => Self::Originator,
        }
    }

    /// 0 and 1: its place in a pair.
    pub fn index(self) -> usize {
        match self {
            Self::Originator => 0,
            Self::Responder => 1,
        }
    }
}

/// Something of each side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// The originator's.
    pub originator: T,
    /// The responder's.
    pub responder: T,
}

impl<T> Sides<T> {
    /// Of each side, what this makes of it.
    pub fn each(of: impl Fn(Side) -> T) -> Self {
        Self { originator: of(Side::Originator), responder: of(Side::Responder) }
    }

    /// That of a side.
    pub fn of(&self, side: Side) -> &T {
        match side {
            Side::Originator => &self.originator,
            Side::Responder => &self.responder,
        }
    }

    /// Both.
    pub fn both(&self) -> [&T; 2] {
        [&self.originator, &self.responder]
    }

    /// That of a side, to be changed.
    pub fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Originator => &mut self.originator,
            Side::Responder => &mut self.responder,
        }
    }
}

/// How TCP says that a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// A side has said all.
    Fin,
    /// A side breaks off.
    Rst,
}

/// The streams of a connection.
#[derive(Debug)]
pub struct Connection {
    streams: [Assembler; 2],
    close: Option<Close>,
}

impl Connection {
    /// One of which nothing was seen; at most about `limit` bytes of each direction wait.
    pub fn new(overlap: Overlap, limit: usize) -> Self {
        Self { streams: [Assembler::new(overlap, limit), Assembler::new(overlap, limit)], close: None }
    }

    /// Takes a segment that one side sent, of `length` bytes.
    ///
    /// What comes from one side answers what it has acknowledged: if that waits for bytes that the capture lost, it is
    /// handed out first. What a reset carries is no part of the stream (RFC 9293, 3.5.3), nor does it acknowledge.
    #[inline]
    pub fn take(
        &mut self,
        from: Side,
        segment: &Segment,
        (bytes, length): (&[u8], u32),
        at: Moment,
        each: &mut impl FnMut(Side, Piece),
    ) {
        let taken = SegmentBytes {
            sequence: segment.sequence,
            syn: segment.flags & SYN != 0,
            fin: segment.flags & FIN != 0,
            bytes,
            length,
            at,
        };
        self.close = match segment.flags {
            flags if flags & RST != 0 => Some(Close::Rst),
            flags if flags & FIN != 0 => self.close.or(Some(Close::Fin)),
            _ => self.close,
        };
        let [originator, responder] = &mut self.streams;
        let (own, other) = match from {
            Side::Originator => (originator, responder),
            Side::Responder => (responder, originator),
        };
        if segment.flags & RST != 0 {
            return own.pass_over(length);
        }
        if segment.flags & ACK != 0 {
            other.acknowledge(segment.acknowledgement);
            if length > 0 {
                other.give_up_acknowledged(at, &mut |piece| each(from.other(), piece));
            }
        }
        own.take(&taken, &mut |piece| each(from, piece));
    }

    /// Hands out what waits, with the gaps before it, to make room: more may come.
    pub fn give_up_all(&mut self, at: Moment, each: &mut impl FnMut(Side, Piece)) {
        for side in [Side::Originator, Side::Responder] {
            self.streams[side.index()].give_up_all(at, &mut |piece| each(side, piece));
        }
    }

    /// How a segment said that it is over, if one did: a reset counts before a FIN.
    pub fn close(&self) -> Option<Close> {
        self.close
    }

    /// Hands out what waits: nothing more will come.
    pub fn finish(&mut self, at: Moment, each: &mut impl FnMut(Side, Piece)) {
        for side in [Side::Originator, Side::Responder] {
            self.streams[side.index()].finish(at, &mut |piece| each(side, piece));
        }
    }

    /// What happened in what one side sent.
    pub fn counts(&self, of: Side) -> StreamCounts {
        self.streams[of.index()].counts()
    }

    /// How much memory what waits takes, in bytes, about: who has many connections adds that up, and makes room by
    /// [`Connection::give_up_all`].
    pub fn held(&self) -> usize {
        self.streams.iter().map(Assembler::held).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Side::{Originator as A, Responder as B};
    use super::*;

    /// Sender, flags, sequence, acknowledgement, bytes.
    type Sent<'a> = (Side, u8, u32, u32, &'a str);

    /// What was handed out in which order, gaps as dots; and the connection.
    fn told(limit: usize, segments: &[Sent]) -> (Vec<(Side, String)>, Connection) {
        let mut connection = Connection::new(Overlap::First, limit);
        let mut told = Vec::new();
        let mut each = |side, piece: Piece| match piece {
            Piece::Bytes { bytes, .. } => told.push((side, String::from_utf8_lossy(bytes).into_owned())),
            Piece::Gap { length, .. } => told.push((side, ".".repeat(length as usize))),
        };
        for (packet, &(from, flags, sequence, acknowledgement, text)) in (1..).zip(segments) {
            let segment = Segment { flags, window: 0, sequence, acknowledgement };
            let at = Moment { time: 0, packet };
            connection.take(from, &segment, (text.as_bytes(), text.len() as u32), at, &mut each);
        }
        connection.finish(Moment::default(), &mut each);
        (told, connection)
    }

    fn said(told: &[(Side, String)]) -> Vec<(Side, &str)> {
        told.iter().map(|(side, text)| (*side, text.as_str())).collect()
    }

    #[test]
    fn an_answer_comes_behind_what_it_answers() {
        let (told, _) = told(
            1_000,
            &[(A, SYN, 9, 0, ""), (B, SYN | ACK, 99, 10, ""), (A, ACK, 12, 100, "T /"), (B, ACK, 100, 15, "200")],
        );
        assert_eq!(said(&told), [(A, ".."), (A, "T /"), (B, "200")]);
    }

    #[test]
    fn what_is_only_acknowledged_may_still_come() {
        let (told, _) =
            told(1_000, &[(A, ACK, 10, 0, "a"), (A, ACK, 12, 0, "c"), (B, ACK, 100, 13, ""), (A, ACK, 11, 0, "b")]);
        assert_eq!(said(&told), [(A, "a"), (A, "b"), (A, "c")]);
    }

    #[test]
    fn both_may_open_and_close_at_once() {
        let (told, connection) = told(
            1_000,
            &[
                (A, SYN, u32::MAX, 0, ""),
                (B, SYN, 99, 0, ""),
                (A, SYN | ACK, u32::MAX, 100, ""),
                (B, SYN | ACK, 99, 0, ""),
                (A, ACK | FIN, 0, 100, "x"),
                (B, ACK | FIN, 100, 0, "y"),
                (A, ACK, 2, 102, ""),
                (B, ACK, 102, 2, ""),
            ],
        );
        assert_eq!(said(&told), [(A, "x"), (B, "y")]);
        assert!(connection.streams.iter().all(Assembler::is_over));
        assert_eq!((connection.counts(A).missed, connection.counts(B).restarts), (0, 0));
    }

    #[test]
    fn a_reset_says_nothing_in_the_stream() {
        let (told, connection) =
            told(1_000, &[(A, ACK, 10, 0, "a"), (B, ACK, 50, 11, ""), (B, RST | ACK, 50, 900, "go away")]);
        assert_eq!((said(&told), connection.counts(B).strays), (vec![(A, "a")], 1));
    }

    #[test]
    fn one_may_make_room() {
        let mut connection = Connection::new(Overlap::First, 1_000);
        let mut got = 0;
        let mut each = |_, _: Piece| got += 1;
        for (sequence, text) in [(1, "a"), (3, "c")] {
            let segment = Segment { flags: ACK, window: 0, sequence, acknowledgement: 0 };
            connection.take(B, &segment, (text.as_bytes(), 1), Moment::default(), &mut each);
        }
        assert!(connection.held() > 0);
        connection.give_up_all(Moment::default(), &mut each);
        assert_eq!((connection.held(), got), (0, 3));
    }
}
