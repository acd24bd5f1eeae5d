//! Both directions of a TCP connection, put together.

use super::assembler::{Assembler, Moment, Overlap, Piece, SegmentBytes, StreamCounts};
use super::observation::Segment;
use crate::decode::tcp_flag::{ACK, FIN, SYN};

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

/// The streams of a connection.
#[derive(Debug)]
pub struct Connection {
    streams: [Assembler; 2],
}

impl Connection {
    /// One of which nothing was seen; at most about `limit` bytes of each direction wait.
    pub fn new(overlap: Overlap, limit: usize) -> Self {
        Self { streams: [Assembler::new(overlap, limit), Assembler::new(overlap, limit)] }
    }

    /// Takes a segment that one side sent, of `length` bytes.
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
        let [originator, responder] = &mut self.streams;
        let (own, other) = match from {
            Side::Originator => (originator, responder),
            Side::Responder => (responder, originator),
        };
        own.take(&taken, &mut |piece| each(from, piece));
        if segment.flags & ACK != 0 {
            other.acknowledge(segment.acknowledgement);
        }
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

    /// How many bytes wait, about.
    pub fn held(&self) -> usize {
        self.streams.iter().map(Assembler::held).sum()
    }
}
