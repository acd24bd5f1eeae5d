//! How MongoDB is recognised: by the header of a message, and how its body begins.

use super::message::{HEADER, Header, opcode};
use crate::dissect::scan::Scan;
use crate::dissect::{Opening, Verdict};
use crate::flow::Side;

/// Flags that OP_MSG has: checksum, more to come, exhaust allowed.
const FLAGS: u32 = 1 | 1 << 1 | 1 << 16;

pub(super) fn looks(opening: &Opening) -> Verdict {
    let mut verdict = Verdict::No;
    for side in [Side::Originator, Side::Responder] {
        match message(opening.of(side)) {
            Some(Message::Asks) => return Verdict::Yes(side),
            Some(Message::Answers) => return Verdict::Yes(side.other()),
            Some(Message::Begins) => verdict = Verdict::Perhaps,
            None => {}
        }
    }
    verdict
}

enum Message {
    Asks,
    Answers,
    /// It is not there as far as it must be to say.
    Begins,
}

fn message(said: &[u8]) -> Option<Message> {
    if said.len() < HEADER {
        // Lengths have at most 26 bits, and what opens a conversation answers nothing or something.
        let fits = said.get(3).is_none_or(|high| *high <= 4) && !said.is_empty();
        return fits.then_some(Message::Begins);
    }
    let header = Header::read(said)?;
    let mut scan = Scan::new(said.get(HEADER..)?);
    let length = header.length as usize - HEADER;
    let asks = header.response_to == 0;
    let begins = Some(Message::Begins);
    match header.opcode {
        opcode::MSG => {
            let Some(flags) = scan.u32_le() else { return begins };
            let Some(kind) = scan.u8() else { return begins };
            let Some(section) = scan.u32_le() else { return begins };
            if flags & !FLAGS != 0 || kind > 1 || section < 5 || section as usize + 5 > length {
                return None;
            }
        }
        opcode::QUERY => {
            let Some(flags) = scan.u32_le() else { return begins };
            let name: Vec<u8> = scan.rest().iter().copied().take_while(|byte| *byte != 0).collect();
            if flags >> 8 != 0
                || !asks
                || name.iter().any(|byte| *byte < b' ')
                || scan.rest().len() > 256 && !name.contains(&b'.')
            {
                return None;
            }
            if name.len() == scan.rest().len() {
                return begins;
            }
            return name.contains(&b'.').then_some(Message::Asks);
        }
        opcode::REPLY => {
            let Some(flags) = scan.u32_le() else { return begins };
            if flags >> 4 != 0 || asks {
                return None;
            }
        }
        opcode::UPDATE | opcode::GET_MORE | opcode::DELETE => {
            let Some(zero) = scan.u32_le() else { return begins };
            return (zero == 0 && asks).then_some(Message::Asks);
        }
        opcode::INSERT | opcode::COMMAND => return asks.then_some(Message::Asks),
        opcode::COMPRESSED => {
            let Some(inside) = scan.u32_le() else { return begins };
            let Some(_size) = scan.u32_le() else { return begins };
            let Some(compressor) = scan.u8() else { return begins };
            if !matches!(inside, 1 | 2001..=2013) || compressor > 3 {
                return None;
            }
        }
        _ => return None,
    }
    Some(if asks { Message::Asks } else { Message::Answers })
}
