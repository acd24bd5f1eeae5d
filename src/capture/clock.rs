//! How a section writes the times of its packets: as the draft says, or as the first pcapml tools did.
//!
//! C++ pcapml 0.3 and the Go tool's `label` put seconds into the high half of the timestamp and microseconds into the
//! low half. True microseconds of the years 2001 to 2033 have high halves of 230,000 to 470,000, so that the two cannot
//! be confused; the first timed packet of a section decides, and a later one that contradicts it is an error.

/// Seconds that a legacy high half can be: 1973-03-03 to 2103-02-03.
const LEGACY_SECONDS: std::ops::Range<u32> = 100_000_000..4_200_000_000;

/// What is known of a section's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Clock {
    /// No timed packet without a declared resolution has been seen.
    #[default]
    Unknown,
    /// As the draft says: one 64-bit count.
    Draft,
    /// Seconds and microseconds in the two halves.
    Halves,
}

impl Clock {
    /// The count of microseconds that a packet of an interface without if_tsresol carries; `None` if it contradicts
    /// what earlier packets of the section showed.
    #[inline]
    pub(super) fn microseconds(&mut self, high: u32, low: u32) -> Option<u64> {
        let this = if LEGACY_SECONDS.contains(&high) && low < 1_000_000 { Self::Halves } else { Self::Draft };
        if *self == Self::Unknown {
            *self = this;
        }
        match (*self, this) {
            (Self::Halves, Self::Halves) => Some(u64::from(high) * 1_000_000 + u64::from(low)),
            (Self::Draft, Self::Draft) => Some(u64::from(high) << 32 | u64::from(low)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_told_from_microseconds() {
        let true_time: u64 = 1_700_000_000_123_456;
        let (high, low) = ((true_time >> 32) as u32, true_time as u32);
        assert_eq!(Clock::Unknown.microseconds(high, low), Some(true_time));
        assert_eq!(Clock::Unknown.microseconds(1_700_000_000, 123_456), Some(true_time));
    }

    #[test]
    fn a_contradiction_is_seen() {
        let mut clock = Clock::Unknown;
        assert!(clock.microseconds(1_700_000_000, 5).is_some());
        assert_eq!(clock.microseconds(395_000, 2_000_000_000), None);
    }
}
