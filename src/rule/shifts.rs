//! Whether times would match if they were moved: what a mistaken time zone looks like.

/// Nanoseconds in half an hour.
const HALF_HOUR: i128 = 1_800 * 1_000_000_000;

/// Half hours on either side: no clock on Earth is further from another's than 26 hours, and from UTC than 14.
const STEPS: i128 = 28;

/// How many packets would match, for every move of the labels' times by half hours up to 14 hours either way.
#[derive(Debug, Clone)]
pub struct Shifts {
    counts: Vec<u64>,
}

impl Default for Shifts {
    fn default() -> Self {
        Self { counts: vec![0; moves().count()] }
    }
}

/// The moves of the labels' times, in nanoseconds; the nearest first, so that the nearest wins a tie.
pub fn moves() -> impl Iterator<Item = i128> {
    (1..=STEPS).flat_map(|steps| [-steps * HALF_HOUR, steps * HALF_HOUR])
}

impl Shifts {
    /// Counts a packet that would match after the move of this number.
    #[inline]
    pub fn add(&mut self, number: usize) {
        self.counts[number] += 1;
    }

    /// Adds the counts of another.
    pub fn join(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// How many packets would match after the move of this number.
    pub fn count(&self, number: usize) -> u64 {
        self.counts[number]
    }

    /// The number of the move after which most packets would match; none if none would.
    pub fn best(&self) -> Option<usize> {
        let most = *self.counts.iter().max().filter(|&&most| most > 0)?;
        self.counts.iter().position(|&count| count == most)
    }
}

/// A move in words: `-3 h`, `+5.5 h`.
pub fn shown(number: usize) -> String {
    let half_hours = moves().nth(number).unwrap_or(0) / HALF_HOUR;
    let fraction = if half_hours % 2 == 0 { "" } else { ".5" };
    let sign = if half_hours < 0 { '-' } else { '+' };
    format!("{sign}{}{fraction} h", half_hours.abs() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_have_names() {
        let names: Vec<String> = (0..moves().count()).map(shown).collect();
        assert_eq!(names[..4], ["-0.5 h", "+0.5 h", "-1 h", "+1 h"]);
        assert_eq!(names.last().unwrap(), "+14 h");
    }

    #[test]
    fn the_nearest_of_equals_is_best() {
        let mut shifts = Shifts::default();
        assert_eq!(shifts.best(), None);
        for number in [9, 5, 9, 5, 3] {
            shifts.add(number);
        }
        assert_eq!((shifts.best(), shown(5)), (Some(5), "+1.5 h".to_owned()));
    }
}
