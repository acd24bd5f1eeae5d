//! How time goes on from packet to packet of a sample, in the order of the capture.

/// The steps of a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Steps {
    last: Option<i64>,
    /// Packets that are earlier than the one before.
    pub back: u64,
    /// The largest step back, in nanoseconds.
    pub furthest_back: u64,
    /// The largest step forward, in nanoseconds.
    pub furthest_on: u64,
    /// Packets without a time.
    pub untimed: u64,
}

impl Steps {
    pub(super) fn add(&mut self, time: Option<i64>) {
        let Some(time) = time else {
            self.untimed += 1;
            return;
        };
        match self.last.replace(time) {
            Some(before) if time < before => {
                self.back += 1;
                self.furthest_back = self.furthest_back.max(before.abs_diff(time));
            }
            Some(before) => self.furthest_on = self.furthest_on.max(before.abs_diff(time)),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_both_ways() {
        let mut steps = Steps::default();
        for time in [Some(10), Some(30), None, Some(25), Some(i64::MIN), Some(i64::MAX)] {
            steps.add(time);
        }
        let expected = Steps {
            last: Some(i64::MAX),
            back: 2,
            furthest_back: 25_u64.wrapping_add(1 << 63),
            furthest_on: u64::MAX,
            untimed: 1,
        };
        assert_eq!(steps, expected);
    }
}
