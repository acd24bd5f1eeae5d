//! Under which conditions a compiled filter accepts a packet.
//!
//! libpcap's programs jump forward only, so that the paths to an accepting return can be listed. Each path is a
//! conjunction of tests; those that ask whether a term (a load, perhaps masked) equals a number are kept, for packets
//! can be looked up by them. A packet that the program accepts fulfils all tests of at least one path: what is left out
//! here makes the list less selective, never wrong. Source: the interpreter, bpf_filter.c of libpcap 1.10.

use std::collections::HashMap;

use super::filter::Instruction;
use super::op;

/// The most paths of one program; a program of more is not worth a place in the tables.
const MAX_PATHS: usize = 1_024;

/// The most tests looked at in one program.
const MAX_TESTS: usize = 1 << 15;

/// The most tests that hold on one path.
const MAX_DEPTH: usize = 128;

/// The number of a term in [`Terms`].
pub(super) type TermId = u32;

/// A number that a program computes from a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Term {
    Constant(u32),
    /// The length on the wire.
    Length,
    /// `size` bytes, big-endian, at `offset` after `base`.
    Load {
        size: u8,
        base: Option<TermId>,
        offset: u32,
    },
    /// Four times the low half of the byte there: the length of an IPv4 header.
    HeaderLength(u32),
    /// An operation of the arithmetic unit, by its code.
    Operation(u16, TermId, TermId),
}

/// The terms of all programs, each once; those that a term is made of stand before it.
#[derive(Debug, Default)]
pub(super) struct Terms {
    terms: Vec<Term>,
    known: HashMap<Term, TermId>,
}

/// One path to acceptance: these terms equal these numbers. Sorted by term.
pub(super) type Conjunction = Vec<(TermId, u32)>;

impl Terms {
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    fn id(&mut self, term: Term) -> TermId {
        let next = self.terms.len() as TermId;
        *self.known.entry(term).or_insert_with(|| {
            self.terms.push(term);
            next
        })
    }

    /// The term's value in a packet; none where the program would read past its end, and so reject it.
    pub(super) fn value(&self, id: TermId, bytes: &[u8], original_length: u32) -> Option<u32> {
        match *self.terms.get(id as usize)? {
            Term::Constant(number) => Some(number),
            Term::Length => Some(original_length),
            Term::Load { size, base, offset } => {
                let base = match base {
                    Some(base) => self.value(base, bytes, original_length)? as usize,
                    None => 0,
                };
                load(bytes, base + offset as usize, size)
            }
            Term::HeaderLength(offset) => bytes.get(offset as usize).map(|byte| u32::from(byte & 0xf) << 2),
            Term::Operation(operation, left, right) => {
                let left = self.value(left, bytes, original_length)?;
                compute(operation, left, self.value(right, bytes, original_length)?)
            }
        }
    }

    /// The paths on which a program accepts; none if they cannot be told, or are too many.
    pub(super) fn paths(&mut self, program: &[Instruction]) -> Option<Vec<Conjunction>> {
        let mut walk = Walk { terms: self, program, facts: Vec::new(), paths: Vec::new(), tests: 0 };
        let start = walk.terms.id(Term::Constant(0));
        walk.from(0, Registers { a: Some(start), x: Some(start), memory: [None; 16] }, 0)?;
        let mut paths = walk.paths;
        paths.sort_unstable();
        paths.dedup();
        match paths.first() {
            // It may accept whatever these terms are: the other paths add nothing.
            Some(first) if first.is_empty() => Some(vec![Vec::new()]),
            _ => Some(paths),
        }
    }
}

fn load(bytes: &[u8], at: usize, size: u8) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(usize::from(size))?)?;
    Some(bytes.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

/// What a path knows of a term.
#[derive(Debug, Clone, Copy)]
struct Fact {
    term: TermId,
    equal: bool,
    number: u32,
}

/// What the program's registers hold; none is what cannot be expressed.
#[derive(Debug, Clone, Copy)]
struct Registers {
    a: Option<TermId>,
    x: Option<TermId>,
    memory: [Option<TermId>; 16],
}

/// A walk along every path of a program.
struct Walk<'a> {
    terms: &'a mut Terms,
    program: &'a [Instruction],
    /// Of the path that is being walked.
    facts: Vec<Fact>,
    paths: Vec<Conjunction>,
    tests: usize,
}

impl Walk<'_> {
    /// Walks on from an instruction; none if the program cannot be told.
    fn from(&mut self, mut at: usize, mut registers: Registers, depth: usize) -> Option<()> {
        let known = self.facts.len();
        loop {
            let instruction = *self.program.get(at)?;
            at += 1;
            match instruction.code & 7 {
                op::RET => {
                    let accepts = instruction.code & 0x18 == op::A || instruction.operand != 0;
                    if accepts {
                        self.accept()?;
                    }
                    break;
                }
                op::JMP if instruction.code & 0xf0 == op::JA => {
                    // Backwards, as in protochain's loops, is a huge number here.
                    at = at.checked_add(instruction.operand as usize)?;
                }
                op::JMP => {
                    let (if_true, if_false) =
                        (at + usize::from(instruction.jump_true), at + usize::from(instruction.jump_false));
                    match self.outcome(instruction, registers) {
                        Outcome::Known(outcome) => at = if outcome { if_true } else { if_false },
                        Outcome::Open(fact) => {
                            if depth == MAX_DEPTH {
                                return None;
                            }
                            let before = self.facts.len();
                            self.facts.extend(fact);
                            self.from(if_true, registers, depth + 1)?;
                            self.facts.truncate(before);
                            self.facts.extend(fact.map(|fact| Fact { equal: false, ..fact }));
                            at = if_false;
                        }
                    }
                    self.tests += 1;
                    if self.tests > MAX_TESTS {
                        return None;
                    }
                }
                _ => self.compute(instruction, &mut registers)?,
            }
        }
        self.facts.truncate(known);
        Some(())
    }

    fn accept(&mut self) -> Option<()> {
        let mut path: Conjunction =
            self.facts.iter().filter(|fact| fact.equal).map(|fact| (fact.term, fact.number)).collect();
        path.sort_unstable();
        self.paths.push(path);
        (self.paths.len() <= MAX_PATHS).then_some(())
    }

    /// How a test ends, as far as the path so far decides it.
    fn outcome(&self, test: Instruction, registers: Registers) -> Outcome {
        let operation = test.code & 0xf0;
        let right = match test.code & op::X {
            0 => Some(test.operand),
            _ => registers.x.and_then(|x| self.number(x)),
        };
        let (Some(left), Some(right)) = (registers.a, right) else {
            return Outcome::Open(None);
        };
        if let Some(left) = self.number(left) {
            return match operation {
                op::JEQ => Outcome::Known(left == right),
                op::JGT => Outcome::Known(left > right),
                op::JGE => Outcome::Known(left >= right),
                op::JSET => Outcome::Known(left & right != 0),
                _ => Outcome::Open(None),
            };
        }
        if operation != op::JEQ {
            return Outcome::Open(None);
        }
        let differs = |fact: &Fact| fact.term == left && !fact.equal && fact.number == right;
        match self.facts.iter().any(differs) {
            true => Outcome::Known(false),
            false => Outcome::Open(Some(Fact { term: left, equal: true, number: right })),
        }
    }

    /// The number that a term has on this path, if the path decides it.
    fn number(&self, term: TermId) -> Option<u32> {
        if let Some(fact) = self.facts.iter().find(|fact| fact.term == term && fact.equal) {
            return Some(fact.number);
        }
        match *self.terms.terms.get(term as usize)? {
            Term::Constant(number) => Some(number),
            Term::Operation(operation, left, right) => compute(operation, self.number(left)?, self.number(right)?),
            _ => None,
        }
    }

    /// One instruction that moves or computes.
    fn compute(&mut self, instruction: Instruction, registers: &mut Registers) -> Option<()> {
        let Instruction { code, operand, .. } = instruction;
        let slot = operand as usize;
        match code & 7 {
            op::LD => registers.a = self.load(instruction, registers)?,
            op::LDX => registers.x = self.load(instruction, registers)?,
            op::ST => *registers.memory.get_mut(slot)? = registers.a,
            op::STX => *registers.memory.get_mut(slot)? = registers.x,
            op::ALU => {
                let right = match code & op::X {
                    0 => Some(self.terms.id(Term::Constant(operand))),
                    _ => registers.x,
                };
                registers.a = match (registers.a, right) {
                    (Some(left), Some(right)) if is_understood(code & 0xf0) => Some(self.operation(code, left, right)),
                    _ => None,
                };
            }
            _ if code & 0xf8 == op::TXA => registers.a = registers.x,
            _ => registers.x = registers.a,
        }
        Some(())
    }

    fn operation(&mut self, code: u16, left: TermId, right: TermId) -> TermId {
        let constant = |term: TermId| match self.terms.terms.get(term as usize) {
            Some(Term::Constant(number)) => Some(*number),
            _ => None,
        };
        let computed = constant(left).zip(constant(right)).and_then(|(left, right)| compute(code & 0xf0, left, right));
        match computed {
            Some(number) => self.terms.id(Term::Constant(number)),
            None => self.terms.id(Term::Operation(code & 0xf0, left, right)),
        }
    }

    /// What a load puts into its register; the outer none is a mode that is not known.
    fn load(&mut self, instruction: Instruction, registers: &Registers) -> Option<Option<TermId>> {
        let Instruction { code, operand, .. } = instruction;
        let size = match code & 0x18 {
            0x00 => 4,
            0x08 => 2,
            0x10 => 1,
            _ => return None,
        };
        let term = match code & 0xe0 {
            op::IMM => Term::Constant(operand),
            op::ABS => Term::Load { size, base: None, offset: operand },
            op::IND => match registers.x {
                Some(base) => Term::Load { size, base: Some(base), offset: operand },
                None => return Some(None),
            },
            op::MEM => return Some(*registers.memory.get(operand as usize)?),
            op::LEN => Term::Length,
            op::MSH => Term::HeaderLength(operand),
            _ => return None,
        };
        Some(Some(self.terms.id(term)))
    }
}

enum Outcome {
    /// The path so far decides it.
    Known(bool),
    /// Both are possible; the fact is what one learns if the test holds, and its opposite if it does not.
    Open(Option<Fact>),
}

/// Negation and whatever is newer than this page are not.
fn is_understood(operation: u16) -> bool {
    matches!(operation, 0x00..=0x70 | 0x90 | 0xa0)
}

/// An operation of the arithmetic unit; none where the interpreter rejects the packet, or does what C leaves open.
fn compute(operation: u16, left: u32, right: u32) -> Option<u32> {
    match operation {
        0x00 => Some(left.wrapping_add(right)),
        0x10 => Some(left.wrapping_sub(right)),
        0x20 => Some(left.wrapping_mul(right)),
        0x30 => left.checked_div(right),
        0x40 => Some(left | right),
        0x50 => Some(left & right),
        0x60 => Some(left.checked_shl(right).unwrap_or(0)),
        0x70 => Some(left.checked_shr(right).unwrap_or(0)),
        0x90 => left.checked_rem(right),
        0xa0 => Some(left ^ right),
        _ => None,
    }
}
