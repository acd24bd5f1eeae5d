//! How many packets each class has when: pieces of time of one length, doubled when there are too many of them.
//!
//! Nobody knows how long a capture lasts before it has been read, and its clock may stand still for years between two
//! recordings: only pieces with packets are kept, and at the end long pauses are cut out.

use std::collections::{BTreeSet, HashMap};

use crate::report::Period;
use crate::time::Timestamp;

/// Pieces of time with packets, at most.
const PIECES: usize = 4096;

/// The length of a piece at first, as a power of two of nanoseconds: about a microsecond.
const SHORTEST: u32 = 10;

/// Columns that all periods have together, and each has at least.
const COLUMNS: usize = 160;
const FEWEST: usize = 4;

/// Periods, at most.
const PERIODS: usize = 12;

/// A pause is cut out if it is longer than this part of the rest.
const LONG: f64 = 0.15;

/// What was seen when.
#[derive(Debug)]
pub(super) struct Times {
    shift: u32,
    all: BTreeSet<i64>,
    classes: Vec<HashMap<i64, u64>>,
    /// The class and piece of the packet before, which is that of the next most often.
    last: Option<(usize, i64)>,
    last_count: u64,
    /// The earliest and the latest time.
    ends: Option<(i64, i64)>,
}

impl Default for Times {
    fn default() -> Self {
        Self { shift: SHORTEST, all: BTreeSet::new(), classes: Vec::new(), last: None, last_count: 0, ends: None }
    }
}

impl Times {
    /// Counts a packet.
    #[inline]
    pub(super) fn add(&mut self, class: usize, time: i64) {
        if self.last != Some((class, time >> self.shift)) {
            // Which may make pieces longer.
            self.settle();
            self.last = Some((class, time >> self.shift));
        }
        self.last_count += 1;
        self.ends = Some(self.ends.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
    }

    /// Writes down what was counted of one piece of one class.
    fn settle(&mut self) {
        let Some((class, piece)) = self.last.take() else { return };
        if class >= self.classes.len() {
            self.classes.resize_with(class + 1, HashMap::new);
        }
        *self.classes[class].entry(piece).or_default() += std::mem::take(&mut self.last_count);
        self.all.insert(piece);
        while self.all.len() > PIECES {
            self.double();
        }
    }

    fn double(&mut self) {
        self.shift += 1;
        self.all = self.all.iter().map(|piece| piece >> 1).collect();
        for pieces in &mut self.classes {
            let mut doubled = HashMap::with_capacity(pieces.len());
            for (piece, count) in pieces.drain() {
                *doubled.entry(piece >> 1).or_default() += count;
            }
            *pieces = doubled;
        }
    }

    /// Periods without long pauses, and the packets of each class in their columns.
    pub(super) fn finish(mut self, classes: usize) -> (Vec<Period>, Vec<Vec<u64>>) {
        self.settle();
        let pieces: Vec<i64> = self.all.iter().copied().collect();
        let spans = spans(&pieces);
        let columns = columns(&spans);
        let mut counts = vec![vec![0; columns.iter().sum()]; classes];
        for (pieces, counts) in self.classes.iter().zip(&mut counts) {
            for (piece, count) in pieces {
                if let Some(column) = column(*piece, &spans, &columns) {
                    counts[column] += count;
                }
            }
        }
        // Pieces begin at multiples of their length; what is told does not begin before the first packet.
        let (earliest, latest) = self.ends.unwrap_or_default();
        let moment = |piece: i64| i128::from(piece) << self.shift;
        let period = |(&(first, last), &columns): (&(i64, i64), &usize)| Period {
            start: Timestamp(moment(first).max(earliest.into())),
            end: Timestamp(moment(last + 1).min(latest.into())),
            columns,
        };
        (spans.iter().zip(&columns).map(period).collect(), counts)
    }
}

/// The first and last piece of each period.
fn spans(pieces: &[i64]) -> Vec<(i64, i64)> {
    let (Some(&first), Some(&last)) = (pieces.first(), pieces.last()) else { return Vec::new() };
    let mut pauses: Vec<(i64, i64)> = pieces.windows(2).map(|pair| (pair[1] - pair[0] - 1, pair[0])).collect();
    // The longest first; of equal ones the earliest.
    pauses.sort_by_key(|&(length, after)| (-length, after));
    let mut rest = (last - first + 1) as f64;
    let mut ends = Vec::new();
    for (length, after) in pauses.into_iter().take(PERIODS - 1) {
        if (length as f64) < LONG * rest {
            break;
        }
        rest -= length as f64;
        ends.push(after);
    }
    ends.sort_unstable();
    let mut spans = Vec::new();
    let mut start = first;
    for end in ends {
        spans.push((start, end));
        let next = pieces.partition_point(|piece| *piece <= end);
        start = pieces.get(next).copied().unwrap_or(last);
    }
    spans.push((start, last));
    spans
}

/// How many columns each period has: by its length.
fn columns(spans: &[(i64, i64)]) -> Vec<usize> {
    let length = |&(first, last): &(i64, i64)| (last - first + 1) as f64;
    let all: f64 = spans.iter().map(length).sum();
    let spare = COLUMNS - FEWEST * spans.len();
    spans.iter().map(|span| FEWEST + (spare as f64 * length(span) / all.max(1.0)) as usize).collect()
}

fn column(piece: i64, spans: &[(i64, i64)], columns: &[usize]) -> Option<usize> {
    let number = spans.iter().position(|(first, last)| (*first..=*last).contains(&piece))?;
    let (first, last) = spans[number];
    let before: usize = columns[..number].iter().sum();
    let part = (piece - first) as f64 / (last - first + 1) as f64;
    // What is far apart may be rounded up to the end.
    Some(before + ((part * columns[number] as f64) as usize).min(columns[number] - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_packet_is_in_a_column(
            packets in prop::collection::vec((0_usize..4, any::<i64>()), 0..200),
            near in prop::collection::vec((0_usize..4, 0_i64..10_000_000_000), 0..200),
        ) {
            let mut times = Times::default();
            for (class, time) in packets.iter().chain(&near) {
                times.add(*class, *time);
            }
            let (periods, counts) = times.finish(4);
            prop_assert!(periods.len() <= PERIODS);
            prop_assert!(periods.iter().map(|period| period.columns).sum::<usize>() <= COLUMNS);
            prop_assert!(periods.windows(2).all(|pair| pair[0].end <= pair[1].start));
            for (class, counts) in counts.iter().enumerate() {
                let expected = packets.iter().chain(&near).filter(|packet| packet.0 == class).count() as u64;
                prop_assert_eq!(counts.iter().sum::<u64>(), expected);
            }
        }
    }

    #[test]
    fn pauses_are_cut_out_and_pieces_grow() {
        let mut times = Times::default();
        let second = 1_000_000_000;
        for at in 0..20_000 {
            times.add(0, at * second / 100);
            times.add(1, at * second / 100 + 100_000 * second);
        }
        assert!(times.all.len() <= PIECES);
        let (periods, counts) = times.finish(2);
        assert_eq!(periods.len(), 2, "{periods:?}");
        assert!((periods[1].start.seconds() - 100_000).abs() <= 1);
        assert_eq!(counts[0].iter().sum::<u64>(), 20_000);
        let both = (0..counts[0].len()).filter(|column| counts.iter().all(|counts| counts[*column] > 0));
        assert_eq!(both.count(), 0);
    }
}
