//! Which of many filters may accept a packet, by a few look-ups instead of one program each.
//!
//! Tuple space search (Srinivasan, Suri, Varghese, SIGCOMM 1999): the paths on which filters accept are grouped by the
//! terms that they test, and each group has one table, keyed by the numbers there. Terms that many paths share and that
//! take few values (ether type, protocol) are asked first, as a tree, so that a packet visits only groups of its kind.
//! Ranges and whatever else is not equality narrow nothing: the answer holds every filter that accepts, and perhaps
//! more, to be confirmed by their programs.

use std::collections::{BTreeMap, HashMap};

use super::conditions::{Conjunction, TermId, Terms};
use super::filter::Instruction;

/// The most values of a term by which the tree branches.
const MAX_BRANCHES: usize = 16;

/// Filters of one link type, by what they need of a packet.
#[derive(Debug)]
pub(super) struct Classifier {
    terms: Terms,
    root: Node,
    values: Values,
}

/// Collects filters.
#[derive(Debug, Default)]
pub(super) struct Builder {
    terms: Terms,
    paths: Vec<Path>,
}

/// One path of one filter.
#[derive(Debug)]
struct Path {
    tests: Conjunction,
    filter: u32,
}

impl Builder {
    /// A filter that accepts every packet, or whose program is to be run on every one.
    pub(super) fn add_always(&mut self, filter: u32) {
        self.paths.push(Path { tests: Conjunction::new(), filter });
    }

    /// A filter, by its program.
    pub(super) fn add(&mut self, filter: u32, program: &[Instruction]) {
        match self.terms.paths(program) {
            Some(paths) => self.paths.extend(paths.into_iter().map(|tests| Path { tests, filter })),
            None => self.add_always(filter),
        }
    }

    pub(super) fn build(self) -> Classifier {
        let values = Values { known: vec![(0, None); self.terms.len()], packet: 0 };
        Classifier { terms: self.terms, root: Node::of(self.paths), values }
    }
}

/// The terms of the packet at hand, each computed once.
#[derive(Debug)]
struct Values {
    /// The packet for which the value was computed, and the value.
    known: Vec<(u64, Option<u32>)>,
    packet: u64,
}

impl Classifier {
    /// Calls `each` with lists of filters, in ascending order within a list, that together hold all that accept.
    #[inline]
    pub(super) fn candidates(&mut self, bytes: &[u8], original_length: u32, mut each: impl FnMut(&[u32])) {
        self.values.packet += 1;
        let mut view = View { terms: &self.terms, values: &mut self.values, bytes, original_length };
        self.root.visit(&mut view, &mut each);
    }
}

/// A packet as the terms see it.
struct View<'a> {
    terms: &'a Terms,
    values: &'a mut Values,
    bytes: &'a [u8],
    original_length: u32,
}

impl View<'_> {
    #[inline]
    fn value(&mut self, term: TermId) -> Option<u32> {
        let (packet, value) = &mut self.values.known[term as usize];
        if *packet != self.values.packet {
            *packet = self.values.packet;
            *value = self.terms.value(term, self.bytes, self.original_length);
        }
        *value
    }
}

/// A place in the tree.
#[derive(Debug)]
enum Node {
    /// What the paths that test this term go on with, by its value; and the paths that do not test it.
    Branch { term: TermId, cases: Vec<(u32, Node)>, others: Option<Box<Node>> },
    /// Paths without a test left, and one table for each set of terms.
    Leaf { always: Vec<u32>, groups: Vec<Group> },
}

impl Node {
    fn of(paths: Vec<Path>) -> Self {
        match branching_term(&paths) {
            Some(term) => Self::branch(term, paths),
            None => Self::leaf(paths),
        }
    }

    fn branch(term: TermId, paths: Vec<Path>) -> Self {
        let mut cases: BTreeMap<u32, Vec<Path>> = BTreeMap::new();
        let mut others = Vec::new();
        for mut path in paths {
            match path.tests.iter().position(|test| test.0 == term) {
                Some(at) => {
                    let (_, value) = path.tests.remove(at);
                    cases.entry(value).or_default().push(path);
                }
                None => others.push(path),
            }
        }
        let cases = cases.into_iter().map(|(value, paths)| (value, Self::of(paths))).collect();
        Self::Branch { term, cases, others: (!others.is_empty()).then(|| Box::new(Self::of(others))) }
    }

    fn leaf(paths: Vec<Path>) -> Self {
        let mut always = Vec::new();
        let mut groups: BTreeMap<Vec<TermId>, Vec<(u64, u32)>> = BTreeMap::new();
        for path in paths {
            if path.tests.is_empty() {
                always.push(path.filter);
                continue;
            }
            let terms = path.tests.iter().map(|test| test.0).collect();
            let hash = path.tests.iter().fold(Hash::default(), |hash, test| hash.with(test.1)).finish();
            groups.entry(terms).or_default().push((hash, path.filter));
        }
        always.sort_unstable();
        always.dedup();
        let groups =
            groups.into_iter().map(|(terms, entries)| Group { terms, table: HashTable::of(entries) }).collect();
        Self::Leaf { always, groups }
    }

    fn visit(&self, view: &mut View, each: &mut impl FnMut(&[u32])) {
        match self {
            Self::Branch { term, cases, others } => {
                if let Some(value) = view.value(*term)
                    && let Some((_, node)) = cases.iter().find(|case| case.0 == value)
                {
                    node.visit(view, each);
                }
                if let Some(others) = others {
                    others.visit(view, each);
                }
            }
            Self::Leaf { always, groups } => {
                if !always.is_empty() {
                    each(always);
                }
                for group in groups {
                    group.visit(view, each);
                }
            }
        }
    }
}

/// The term that most paths test, if it takes few values and few paths do not share theirs with another.
fn branching_term(paths: &[Path]) -> Option<TermId> {
    let mut terms: HashMap<TermId, (usize, Vec<u32>)> = HashMap::new();
    for (term, value) in paths.iter().flat_map(|path| &path.tests) {
        let (count, values) = terms.entry(*term).or_default();
        *count += 1;
        if values.len() <= MAX_BRANCHES && !values.contains(value) {
            values.push(*value);
        }
    }
    let shared =
        |(_, (count, values)): &(TermId, (usize, Vec<u32>))| values.len() <= MAX_BRANCHES && values.len() * 2 <= *count;
    let chosen = terms.into_iter().filter(shared).max_by_key(|(term, (count, _))| (*count, std::cmp::Reverse(*term)));
    chosen.map(|(term, _)| term)
}

/// Paths that test the same terms.
#[derive(Debug)]
struct Group {
    terms: Vec<TermId>,
    table: HashTable,
}

impl Group {
    #[inline]
    fn visit(&self, view: &mut View, each: &mut impl FnMut(&[u32])) {
        let mut hash = Hash::default();
        for &term in &self.terms {
            match view.value(term) {
                Some(value) => hash = hash.with(value),
                None => return,
            }
        }
        let filters = self.table.filters(hash.finish());
        if !filters.is_empty() {
            each(filters);
        }
    }
}

/// A hash of several numbers, made for speed: two sets of numbers with one hash cost a program run and nothing else.
#[derive(Debug, Clone, Copy)]
struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Hash {
    #[inline]
    fn with(self, value: u32) -> Self {
        Self((self.0.rotate_left(5) ^ u64::from(value)).wrapping_mul(0xf135_7aea_2e62_a9c5))
    }

    /// The high bits are the good ones.
    #[inline]
    fn finish(self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// From hashes to lists of filters; half empty, searched from the hash's place on.
#[derive(Debug)]
struct HashTable {
    slots: Vec<Slot>,
    filters: Vec<u32>,
}

/// A hash and where its filters stand; a length of 0 is an empty slot.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u64,
    start: u32,
    length: u32,
}

impl HashTable {
    fn of(mut entries: Vec<(u64, u32)>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let filters = entries.iter().map(|entry| entry.1).collect();
        let distinct = entries.chunk_by(|one, other| one.0 == other.0).count();
        let mut slots = vec![Slot::default(); (distinct * 2).next_power_of_two()];
        let mask = slots.len() - 1;
        let mut start = 0;
        for list in entries.chunk_by(|one, other| one.0 == other.0) {
            let mut at = list[0].0 as usize & mask;
            while slots[at].length != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = Slot { hash: list[0].0, start, length: list.len() as u32 };
            start += list.len() as u32;
        }
        Self { slots, filters }
    }

    #[inline]
    fn filters(&self, hash: u64) -> &[u32] {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.length == 0 {
                return &[];
            }
            if slot.hash == hash {
                return &self.filters[slot.start as usize..][..slot.length as usize];
            }
            at = (at + 1) & mask;
        }
    }
}
