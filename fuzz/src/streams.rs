//! Connections of TCP: segments of both sides, put together and then dissected as whatever they look like.

use pcapml::decode::tcp_flag::{ACK, FIN, RST, SYN};
use pcapml::dissect::{Limits, Session};
use pcapml::flow::{Connection, Moment, Overlap, Piece, Segment, Side};

use crate::dissect::Telling;
use crate::script::{self, Pieces};

/// Bytes of each side that may wait where the limit is to be felt.
const SMALL: usize = 4 << 10;

/// What a step's first byte says.
mod head {
    pub const RESPONDER: u8 = 0x80;
    pub const SYN: u8 = 0x40;
    pub const FIN: u8 = 0x20;
    /// Together with SYN: everything that waits is given up.
    pub const RST: u8 = 0x10;
    pub const ACK: u8 = 0x08;
    /// Two bytes say how far from where it should be the segment is.
    pub const MOVED: u8 = 0x04;
    /// A byte says how many bytes the capture has cut off.
    pub const CUT: u8 = 0x02;
    /// Its side goes on behind it, although it was moved.
    pub const GOES_ON: u8 = 0x01;
}

/// A segment, or that what waits is given up.
struct Step<'a> {
    head: u8,
    moved: i16,
    cut: u8,
    bytes: &'a [u8],
}

fn step<'a>(left: &mut &'a [u8]) -> Option<Step<'a>> {
    let (&head, mut rest) = left.split_first()?;
    let (mut moved, mut cut) = (0, 0);
    if head & head::MOVED != 0 {
        let (bytes, behind) = rest.split_first_chunk()?;
        (moved, rest) = (i16::from_le_bytes(*bytes), behind);
    }
    if head & head::CUT != 0 {
        let (byte, behind) = rest.split_first()?;
        (cut, rest) = (*byte, behind);
    }
    let (length, behind) = rest.split_first_chunk()?;
    let (bytes, behind) = behind.split_at(usize::from(u16::from_le_bytes(*length)).min(behind.len()));
    *left = behind;
    Some(Step { head, moved, cut, bytes })
}

/// Flags as for [`crate::dissect::session`], the ports, and steps. The third flag: the last bytes count where some overlap;
/// the fourth: little may wait.
pub fn dissected(data: &[u8]) {
    let Some((&[flags, a, b, c, d], mut left)) = data.split_first_chunk() else { return };
    let limits = Limits { secrets: flags & 2 != 0, ..Limits::default() };
    let ports = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let mut session = Session::new(ports, false, flags & 1 != 0, &limits);
    let overlap = if flags & 4 == 0 { Overlap::First } else { Overlap::Last };
    let limit = if flags & 8 == 0 { 1 << 20 } else { SMALL };
    let mut connection = Connection::new(overlap, limit);
    let mut telling = Telling::default();
    let (mut next, mut handed_out, mut at, mut steps) = ([u32::MAX - 500; 2], [0; 2], Moment::default(), 0);
    while let Some(Step { head, moved, cut, bytes }) = step(&mut left) {
        steps += 1;
        at = Moment { time: at.time + 1_000, packet: at.packet + 1 };
        let side = if head & head::RESPONDER == 0 { Side::Originator } else { Side::Responder };
        let mut each = |side: Side, piece: Piece| {
            let handed_out: &mut u64 = &mut handed_out[side.index()];
            match piece {
                Piece::Bytes { offset, bytes, at } => {
                    assert_eq!(offset, *handed_out, "bytes out of order");
                    *handed_out += bytes.len() as u64;
                    session.data(side, bytes, at, &mut telling.out);
                }
                Piece::Gap { offset, length, at } => {
                    assert_eq!(offset, *handed_out, "a gap out of order");
                    *handed_out += length;
                    session.gap(side, length, at, &mut telling.out);
                }
            }
        };
        if head & head::SYN != 0 && head & head::RST != 0 {
            connection.give_up_all(at, &mut each);
        } else {
            let own = next[side.index()];
            let named = [(head::SYN, SYN), (head::FIN, FIN), (head::RST, RST), (head::ACK, ACK)];
            let flags = named.iter().filter(|(bit, _)| head & bit != 0).fold(0, |flags, (_, flag)| flags | flag);
            let sequence = own.wrapping_add_signed(moved.into());
            let length = bytes.len() as u32 + u32::from(cut);
            if moved == 0 || head & head::GOES_ON != 0 {
                let numbers = u32::from(head & head::SYN != 0) + length + u32::from(head & head::FIN != 0);
                next[side.index()] = sequence.wrapping_add(numbers);
            }
            let acknowledgement = next[side.other().index()];
            let segment = Segment { flags, window: 0, sequence, acknowledgement };
            connection.take(side, &segment, (bytes, length), at, &mut each);
        }
        assert!(connection.held() <= 2 * limit, "{} bytes wait", connection.held());
        telling.check(at);
    }
    let out = &mut telling.out;
    connection.finish(at, &mut |side, piece| match piece {
        Piece::Bytes { bytes, at, .. } => session.data(side, bytes, at, out),
        Piece::Gap { length, at, .. } => session.gap(side, length, at, out),
    });
    session.end(at, &mut telling.out);
    telling.end(at, data.len() + steps);
}

/// The segments of a conversation that a script tells, one for each piece.
pub fn of_script(script: &[u8]) -> Vec<u8> {
    let mut steps = vec![head::SYN, 0, 0, head::RESPONDER | head::SYN | head::ACK, 0, 0];
    for (piece, _) in Pieces::of(script) {
        let script::Piece::Said(side, said) = piece else { continue };
        steps.push((side.index() as u8) << 7 | head::ACK);
        steps.extend((said.len() as u16).to_le_bytes());
        steps.extend(said);
    }
    steps
}
