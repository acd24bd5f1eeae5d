//! The pairs of each interval, until they are written.

use std::collections::{BTreeMap, HashMap};

use super::{Sums, Talk};
use crate::error::Result;
use crate::time::Timestamp;

/// When an interval begins; none for packets without a time.
type Start = Option<Timestamp>;

/// Intervals, of which at most so many pairs wait in all.
pub(super) struct Intervals {
    waiting: BTreeMap<Start, Interval>,
    limit: usize,
    pairs: usize,
    /// The latest interval that had to be written before the end.
    written: Option<Start>,
    /// How many intervals were begun again after that.
    again: u64,
}

/// The pairs of one interval, in the order in which they came.
#[derive(Default)]
struct Interval {
    numbers: HashMap<Talk, usize>,
    talks: Vec<(Talk, Sums)>,
}

impl Intervals {
    pub(super) fn new(limit: usize) -> Self {
        Self { waiting: BTreeMap::new(), limit: limit.max(1), pairs: 0, written: None, again: 0 }
    }

    /// Adds a packet. Where there are too many pairs, those of the earliest interval go to `write` first.
    pub(super) fn add(
        &mut self,
        start: Start,
        talk: Talk,
        sums: Sums,
        mut write: impl FnMut(Start, &Talk, Sums) -> Result<()>,
    ) -> Result<()> {
        let interval = match self.waiting.get_mut(&start) {
            Some(interval) => interval,
            None => {
                self.again += u64::from(self.written.is_some_and(|written| start <= written));
                self.waiting.entry(start).or_default()
            }
        };
        let before = interval.talks.len();
        interval.add(talk, sums);
        self.pairs += interval.talks.len() - before;
        while self.pairs > self.limit
            && let Some((start, interval)) = self.waiting.pop_first()
        {
            self.pairs -= interval.talks.len();
            self.written = self.written.max(Some(start));
            interval.write(start, &mut write)?;
        }
        Ok(())
    }

    /// Writes what waits; how many intervals were begun again.
    pub(super) fn finish(&mut self, mut write: impl FnMut(Start, &Talk, Sums) -> Result<()>) -> Result<u64> {
        while let Some((start, interval)) = self.waiting.pop_first() {
            interval.write(start, &mut write)?;
        }
        Ok(self.again)
    }
}

impl Interval {
    fn add(&mut self, talk: Talk, sums: Sums) {
        let next = self.talks.len();
        let number = *self.numbers.entry(talk).or_insert(next);
        match self.talks.get_mut(number) {
            Some((_, known)) => {
                known.packets += sums.packets;
                known.bytes += sums.bytes;
                known.payload += sums.payload;
            }
            None => self.talks.push((talk, sums)),
        }
    }

    fn write(&self, start: Start, write: &mut impl FnMut(Start, &Talk, Sums) -> Result<()>) -> Result<()> {
        self.talks.iter().try_for_each(|(talk, sums)| write(start, talk, *sums))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::talkers::Pair;

    fn talk(last: u8) -> Talk {
        let [source, destination] = [1, last].map(|last| [10, 0, 0, last].into());
        Talk { file: 0, sample: None, ip: Pair { protocol: 6, source, destination, ports: None } }
    }

    /// What is written of packets, each a second and an end, and how many intervals were begun again.
    fn written(limit: usize, packets: &[(i128, u8)]) -> (Vec<(i128, u8, u64)>, u64) {
        let mut rows = Vec::new();
        let mut write = |start: Start, talk: &Talk, sums: Sums| {
            let std::net::IpAddr::V4(end) = talk.ip.destination else { panic!() };
            rows.push((start.unwrap().0, end.octets()[3], sums.packets));
            Ok(())
        };
        let mut intervals = Intervals::new(limit);
        for (start, end) in packets {
            let sums = Sums { packets: 1, bytes: 40, payload: 0 };
            intervals.add(Some(Timestamp(*start)), talk(*end), sums, &mut write).unwrap();
        }
        let again = intervals.finish(&mut write).unwrap();
        (rows, again)
    }

    #[test]
    fn late_packets_join_their_interval() {
        let (rows, again) = written(100, &[(1, 1), (2, 1), (1, 1), (1, 2), (2, 1)]);
        assert_eq!((rows, again), (vec![(1, 1, 2), (1, 2, 1), (2, 1, 2)], 0));
    }

    #[test]
    fn where_there_are_too_many_the_earliest_are_written_and_nothing_is_lost() {
        let packets: Vec<(i128, u8)> = (0..200_u8).map(|at| (i128::from(at % 7), at % 5)).collect();
        let (rows, again) = written(3, &packets);
        assert_eq!(rows.iter().map(|row| row.2).sum::<u64>(), 200);
        assert!(again > 0);
        let (rows, again) = written(35, &packets);
        assert_eq!((rows.len(), again), (35, 0));
    }
}
