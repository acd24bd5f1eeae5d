//! Which packet of the truth is which packet of the test.

use super::packet::Seen;
use super::{Pairs, Shifted};

/// What is counted in passing.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) pairs: Pairs,
    pub(super) twins: [u64; 2],
    pub(super) ambiguous: u64,
    /// Packets that one side has more often than the other, which has them too.
    pub(super) copies: [u64; 2],
    /// Pairs of packets that are on one side each, with one time and one length on the wire.
    pub(super) altered: u64,
    /// The time and length of the strangers.
    place: Option<(i64, u32, u64)>,
    /// Packets of this place that one side has and the other has not.
    strangers: [u64; 2],
}

/// Pairs packets that are in order of time, content, and the order of their labels.
pub(super) fn pair(mut truth: &[Seen], mut test: &[Seen], order: &[u32], tally: &mut Tally) {
    while let Some(key) = [truth, test].iter().filter_map(|side| side.first().map(Seen::key)).min() {
        let (mine, yours) = (run(truth, |seen| seen.key() == key), run(test, |seen| seen.key() == key));
        tally.meet(mine, yours);
        tally.group(mine, yours, order);
        (truth, test) = (&truth[mine.len()..], &test[yours.len()..]);
    }
    tally.leave(None);
}

/// The packets at the beginning that belong together.
fn run(packets: &[Seen], same: impl Fn(&Seen) -> bool) -> &[Seen] {
    let length = packets.iter().take_while(|seen| same(seen)).count();
    &packets[..length]
}

impl Tally {
    /// Counts what is on one side only. Packets of one time and length follow each other.
    fn meet(&mut self, truth: &[Seen], test: &[Seen]) {
        let place = truth.first().or(test.first()).and_then(Seen::place);
        if place != self.place {
            self.leave(place);
        }
        let [mine, yours] = [truth.len() as u64, test.len() as u64];
        match (mine, yours) {
            (0, _) | (_, 0) if place.is_none() => {}
            (0, _) => self.strangers[1] += yours,
            (_, 0) => self.strangers[0] += mine,
            _ => {
                self.copies[0] += mine.saturating_sub(yours);
                self.copies[1] += yours.saturating_sub(mine);
            }
        }
    }

    fn leave(&mut self, place: Option<(i64, u32, u64)>) {
        let [mine, yours] = std::mem::take(&mut self.strangers);
        self.altered += mine.min(yours);
        self.place = place;
    }

    /// Pairs packets that cannot be told apart: first those of equal labels, the rest in order.
    fn group(&mut self, truth: &[Seen], test: &[Seen], order: &[u32]) {
        if let ([one], [other]) = (truth, test) {
            return self.add(Some(one.labels), Some(other.labels));
        }
        let (mut mine, mut yours): (Vec<&Seen>, Vec<&Seen>) = (Vec::new(), Vec::new());
        let (mut one, mut other) = (truth.iter().peekable(), test.iter().peekable());
        while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
            let (place, its) = (order[a.labels as usize], order[b.labels as usize]);
            match place.cmp(&its) {
                std::cmp::Ordering::Less => mine.extend(one.next()),
                std::cmp::Ordering::Greater => yours.extend(other.next()),
                std::cmp::Ordering::Equal => {
                    self.add(Some(a.labels), Some(b.labels));
                    one.next();
                    other.next();
                }
            }
        }
        mine.extend(one);
        yours.extend(other);
        for at in 0..mine.len().max(yours.len()) {
            self.add(mine.get(at).map(|seen| seen.labels), yours.get(at).map(|seen| seen.labels));
        }
        for (count, side) in self.twins.iter_mut().zip([truth, test]) {
            *count += if side.len() > 1 { side.len() as u64 } else { 0 };
        }
        let differ = |side: &[Seen]| side.windows(2).any(|pair| pair[0].labels != pair[1].labels);
        if !truth.is_empty() && !test.is_empty() && (differ(truth) || differ(test)) {
            self.ambiguous += truth.len().min(test.len()) as u64;
        }
    }

    fn add(&mut self, truth: Option<u32>, test: Option<u32>) {
        *self.pairs.entry((truth, test)).or_default() += 1;
    }
}

/// What packets have in common if times do not count.
pub(super) fn shifted(truth: &mut [Seen], test: &mut [Seen]) -> Shifted {
    for side in [&mut *truth, &mut *test] {
        side.sort_unstable_by_key(|seen| (seen.content(), seen.key()));
    }
    let (mut truth, mut test) = (&*truth, &*test);
    let (mut contents, mut first) = (0, None);
    while let (Some(one), Some(other)) = (truth.first(), test.first()) {
        let content = one.content().min(other.content());
        let same = |seen: &Seen| seen.content() == content;
        let (mine, yours) = (run(truth, same), run(test, same));
        contents += u64::from(!mine.is_empty() && !yours.is_empty());
        if let ([one], [other]) = (mine, yours)
            && let (Some(is), Some(was)) = (one.time(), other.time())
        {
            first = first.into_iter().chain([(is, was)]).min();
        }
        (truth, test) = (&truth[mine.len()..], &test[yours.len()..]);
    }
    Shifted { contents, difference: first.map(|(is, was)| was - is) }
}
