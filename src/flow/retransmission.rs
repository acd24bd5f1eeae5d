//! Which TCP segments bring nothing new.

/// Stretches of one direction's sequence numbers that are remembered, at most: as many holes may wait to be filled.
const MAX_STRETCHES: usize = 256;

/// The sequence numbers of one direction that were seen: stretches that do not touch, in order, as far from the first
/// number as they are, however often 32 bits run over (RFC 9293, 3.4).
#[derive(Debug, Clone, Default)]
pub struct SeenNumbers {
    stretches: Vec<(i64, i64)>,
    /// The number met last, as in the header and as a distance from the first.
    last: Option<(u32, i64)>,
    forgotten: u64,
}

impl SeenNumbers {
    /// Notes the `length` numbers from `sequence` on; false if all of them were seen before.
    pub fn note(&mut self, sequence: u32, length: u32) -> bool {
        let start = match self.last {
            // The nearer of both ways round.
            Some((before, distance)) => distance + i64::from(sequence.wrapping_sub(before) as i32),
            None => 0,
        };
        self.last = Some((sequence, start));
        let end = start + i64::from(length);
        // The first stretch that reaches as far as the start, and the first behind that begins beyond the end.
        let from = self.stretches.partition_point(|(_, until)| *until < start);
        let to = from + self.stretches[from..].partition_point(|(begin, _)| *begin <= end);
        let touched = &self.stretches[from..to];
        if length == 0 || touched.iter().any(|(begin, until)| *begin <= start && end <= *until) {
            return false;
        }
        let begin = touched.first().map_or(start, |(begin, _)| start.min(*begin));
        let until = touched.last().map_or(end, |(_, until)| end.max(*until));
        self.stretches.splice(from..to, [(begin, until)]);
        if self.stretches.len() > MAX_STRETCHES {
            self.stretches.remove(0);
            self.forgotten += 1;
        }
        true
    }

    /// Stretches that were forgotten because there were too many: what is sent again of them counts as new.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

/// Segments that are remembered by [`LastSegments`].
const LAST: usize = 10;

/// The last ten segments of one direction, as Pkt_Analyser remembers them.
#[derive(Debug, Clone, Default)]
pub struct LastSegments {
    segments: [Option<(u32, u32)>; LAST],
    next: usize,
}

impl LastSegments {
    /// Notes a segment; false if one of the last ten has the same sequence number and length.
    pub fn note(&mut self, sequence: u32, length: u32) -> bool {
        if self.segments.contains(&Some((sequence, length))) {
            return false;
        }
        self.segments[self.next] = Some((sequence, length));
        self.next = (self.next + 1) % LAST;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_seen_in_parts_was_seen() {
        let mut seen = SeenNumbers::default();
        for (sequence, length, new) in [
            (100, 10, true),
            (120, 10, true),
            (120, 10, false),
            // The hole, with what is beside it.
            (105, 20, true),
            (100, 30, false),
            (129, 1, false),
            (129, 2, true),
            // Before the first.
            (90, 10, true),
            (95, 5, false),
            (131, 0, false),
        ] {
            assert_eq!(seen.note(sequence, length), new, "{sequence} {length}");
        }
        assert_eq!(seen.stretches, [(-10, 31)]);
    }

    #[test]
    fn numbers_run_over() {
        let mut seen = SeenNumbers::default();
        let steps = (0..40).map(|step: u32| (u32::MAX - 50).wrapping_add(step.wrapping_mul(1 << 28)));
        for sequence in steps.clone() {
            assert!(seen.note(sequence, 1 << 28), "{sequence}");
            assert!(!seen.note(sequence, 1 << 28), "{sequence}");
        }
        assert_eq!(seen.stretches, [(0, 40 << 28)]);
    }

    #[test]
    fn holes_are_limited() {
        let mut seen = SeenNumbers::default();
        (0..MAX_STRETCHES as u32 + 3).for_each(|step| assert!(seen.note(step * 10, 5)));
        assert_eq!((seen.stretches.len(), seen.forgotten()), (MAX_STRETCHES, 3));
    }

    #[test]
    fn ten_segments_are_remembered() {
        let mut last = LastSegments::default();
        (0..10).for_each(|step| assert!(last.note(step, 1)));
        assert!(!last.note(0, 1) && last.note(0, 2) && last.note(0, 1));
    }

    proptest! {
        #[test]
        fn stretches_are_what_a_set_of_numbers_says(segments in proptest::collection::vec((0_u32..300, 0_u32..40), 1..60)) {
            let mut seen = SeenNumbers::default();
            let mut set = std::collections::HashSet::new();
            for (sequence, length) in segments {
                let any_new = (sequence..sequence + length).fold(false, |any, number| set.insert(number) | any);
                prop_assert_eq!(seen.note(sequence.wrapping_sub(150), length), any_new);
            }
        }
    }
}
