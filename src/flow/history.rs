//! What happened in a conversation, as Zeek's conn.log tells it: `history` and `conn_state`.
//!
//! Source: Zeek's documentation of conn.log (base/protocols/conn/main.zeek). Checksums are not looked at.

use super::connection::{Side, Sides};
use super::observation::Observation;
use crate::decode::protocol;
use crate::decode::tcp_flag::{ACK, FIN, RST, SYN};

/// How long a history gets, in letters.
const LONGEST: usize = 64;

/// What happened so far.
#[derive(Debug, Clone, Default)]
pub struct History {
    letters: String,
    /// Of each side, the letters that stand there already, as bits.
    seen: Sides<u32>,
    /// Of each side, how often gaps, retransmissions and windows of 0 were seen.
    often: Sides<[u32; 3]>,
    opened: bool,
    accepted: bool,
    ended: Sides<bool>,
    /// Who sent RST first, and whether both had sent FIN by then.
    reset: Option<(Side, bool)>,
    /// Packets of each side.
    packets: Sides<u64>,
}

/// Letters that may come again, each time ten times as much was seen.
#[derive(Debug, Clone, Copy)]
enum Often {
    Gap,
    Retransmission,
    ZeroWindow,
}

impl History {
    /// A packet of one side.
    pub fn packet(&mut self, side: Side, packet: &Observation) {
        *self.packets.of_mut(side) += 1;
        let Some(segment) = packet.segment else { return };
        let has = |flag: u8| segment.flags & flag != 0;
        if has(SYN) && (has(FIN) || has(RST)) {
            self.letter(side, 'q');
        } else if has(FIN) && has(RST) {
            self.letter(side, 'i');
        }
        if has(SYN) {
            self.letter(side, if has(ACK) { 'h' } else { 's' });
            self.opened |= side == Side::Originator && !has(ACK);
            self.accepted |= side == Side::Responder;
        }
        if packet.payload_bytes > 0 && !has(SYN) {
            self.letter(side, 'd');
        } else if has(ACK) && !has(SYN | FIN | RST) {
            self.letter(side, 'a');
        }
        if has(FIN) {
            self.letter(side, 'f');
            *self.ended.of_mut(side) = true;
        }
        if has(RST) {
            self.letter(side, 'r');
            self.reset.get_or_insert((side, self.ended.originator && self.ended.responder));
        }
        if segment.window == 0 && !has(SYN | FIN | RST) {
            self.again(side, Often::ZeroWindow);
        }
    }

    /// Bytes of a side are missing.
    pub fn gap(&mut self, side: Side) {
        self.again(side, Often::Gap);
    }

    /// A segment of a side was sent again.
    pub fn retransmission(&mut self, side: Side) {
        self.again(side, Often::Retransmission);
    }

    /// The letters: capitals for the originator; `^` before them if it was found out later who that is.
    pub fn letters(&self, turned: bool) -> String {
        match turned {
            false => self.letters.clone(),
            true => std::iter::once('^').chain(self.letters.chars().map(turn)).collect(),
        }
    }

    /// How the conversation went: Zeek's `conn_state`.
    pub fn state(&self, number: u8, turned: bool) -> &'static str {
        let at = |side: Side| if turned { side.other() } else { side };
        match number {
            protocol::TCP => self.tcp_state(at),
            protocol::UDP | protocol::UDP_LITE | protocol::SCTP | protocol::DCCP => self.state_of_datagrams(at),
            _ => "OTH",
        }
    }

    fn tcp_state(&self, at: impl Fn(Side) -> Side) -> &'static str {
        let ended = |side: Side| *self.ended.of(at(side));
        let reset = self.reset.filter(|(_, both_ended)| !both_ended).map(|(side, _)| at(side));
        match (self.opened, self.accepted, reset) {
            (false, false, _) => "OTH",
            (true, false, Some(Side::Originator)) => "RSTOS0",
            (true, false, Some(Side::Responder)) => "REJ",
            (true, false, None) if ended(Side::Originator) => "SH",
            (true, false, None) => "S0",
            (false, true, Some(Side::Responder)) => "RSTRH",
            (false, true, _) if ended(Side::Responder) => "SHR",
            (false, true, _) => "OTH",
            (true, true, Some(Side::Originator)) => "RSTO",
            (true, true, Some(Side::Responder)) => "RSTR",
            (true, true, None) => match (ended(Side::Originator), ended(Side::Responder)) {
                (true, true) => "SF",
                (true, false) => "S2",
                (false, true) => "S3",
                (false, false) => "S1",
            },
        }
    }

    fn state_of_datagrams(&self, at: impl Fn(Side) -> Side) -> &'static str {
        let spoke = |side: Side| *self.packets.of(at(side)) > 0;
        match (spoke(Side::Originator), spoke(Side::Responder)) {
            (true, true) => "SF",
            (true, false) => "S0",
            (false, _) => "SHR",
        }
    }

    /// Adds a letter, once for each side.
    fn letter(&mut self, side: Side, letter: char) {
        let bit = 1 << (letter as u32 - 'a' as u32);
        let seen = self.seen.of_mut(side);
        if *seen & bit == 0 {
            *seen |= bit;
            self.add(side, letter);
        }
    }

    /// Adds a letter the first time, the tenth, the hundredth …
    fn again(&mut self, side: Side, what: Often) {
        let Some(often) = self.often.of_mut(side).get_mut(what as usize) else { return };
        *often = often.saturating_add(1);
        let often = *often;
        if often == 10_u32.pow(often.ilog10()) {
            let letter = match what {
                Often::Gap => 'g',
                Often::Retransmission => 't',
                Often::ZeroWindow => 'w',
            };
            self.add(side, letter);
        }
    }

    fn add(&mut self, side: Side, letter: char) {
        if self.letters.len() < LONGEST {
            self.letters.push(if side == Side::Originator { letter.to_ascii_uppercase() } else { letter });
        }
    }
}

fn turn(letter: char) -> char {
    if letter.is_ascii_uppercase() { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_too_often_to_be_counted_stands_there_once() {
        let mut history =
            History { often: Sides { originator: [u32::MAX - 1; 3], responder: [0; 3] }, ..History::default() };
        for _ in 0..3 {
            history.gap(Side::Originator);
        }
        (0..100).for_each(|_| history.gap(Side::Responder));
        assert_eq!(history.letters(false), "ggg");
    }
}
