//! Programs that read memory that they never wrote.
//!
//! libpcap's interpreter does not clear its sixteen words of memory, and some of libpcap's own programs read a word
//! that they have not written (`pppoes and ip` with a radiotap header, in 1.10): what they answer is an accident of what
//! was on the stack. Linux refuses such programs (`check_load_and_stores`, net/core/filter.c); so do we.

use super::filter::Instruction;
use super::op;

/// True if on some path a word of memory is read before it is written.
pub(super) fn is_read_unwritten(program: &[Instruction]) -> bool {
    // For each instruction that can be reached, the words that are written whichever way one comes to it.
    let mut written = vec![None; program.len()];
    let mut waiting = vec![(0, 0)];
    while let Some((at, before)) = waiting.pop() {
        let Some(known) = written.get_mut(at) else { continue };
        let here = known.map_or(before, |known: u16| known & before);
        // Each time a word less: this comes to an end, with the loops of `protochain` too.
        if known.replace(here) == Some(here) {
            continue;
        }
        let Instruction { code, operand, .. } = program[at];
        let word = 1_u16.checked_shl(operand).unwrap_or(0);
        let after = match code & 7 {
            op::LD | op::LDX if code & 0xe0 == op::MEM && here & word == 0 => return true,
            op::ST | op::STX => here | word,
            _ => here,
        };
        waiting.extend(successors(program[at], at).into_iter().flatten().map(|next| (next, after)));
    }
    false
}

/// Where a program may go on after the instruction at `at`.
fn successors(instruction: Instruction, at: usize) -> [Option<usize>; 2] {
    let after = |skipped: u32| at.wrapping_add(1).wrapping_add_signed(skipped as i32 as isize);
    match instruction.code & 7 {
        op::RET => [None; 2],
        op::JMP if instruction.code & 0xf0 == op::JA => [Some(after(instruction.operand)), None],
        op::JMP => [Some(after(instruction.jump_true.into())), Some(after(instruction.jump_false.into()))],
        _ => [Some(after(0)), None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::LinkType;
    use crate::rule::filter::Filter;

    fn program(lines: &[(u16, u8, u8, u32)]) -> Vec<Instruction> {
        let line = |&(code, jump_true, jump_false, operand)| Instruction { code, jump_true, jump_false, operand };
        lines.iter().map(line).collect()
    }

    #[test]
    fn every_path_must_write_first() {
        let (load, store, accept) = ((0x60, 0, 0, 1), (0x02, 0, 0, 1), (0x06, 0, 0, 1));
        assert!(is_read_unwritten(&program(&[load, accept])));
        assert!(!is_read_unwritten(&program(&[store, load, accept])));
        assert!(!is_read_unwritten(&program(&[accept, load])));
        assert!(is_read_unwritten(&program(&[(0x02, 0, 0, 2), load, accept])));
        // One of two ways around the store.
        assert!(is_read_unwritten(&program(&[(0x15, 0, 1, 7), store, load, accept])));
        assert!(!is_read_unwritten(&program(&[store, (0x15, 0, 1, 7), store, load, accept])));
        // A loop back to the load.
        assert!(!is_read_unwritten(&program(&[store, load, (0x15, 1, 0, 7), (0x05, 0, 0, -3_i32 as u32), accept])));
    }

    #[test]
    fn libpcap_s_programs() {
        assert!(Filter::compile("host 10.0.0.1 and tcp port 80", LinkType(127)).is_ok());
        assert!(Filter::compile("ip6 protochain 6", LinkType(1)).is_ok());
        match Filter::compile("pppoes and ip", LinkType(127)) {
            Ok(filter) => assert!(!is_read_unwritten(filter.instructions())),
            Err(reason) => assert!(reason.contains("never wrote"), "{reason}"),
        }
    }
}
