//! The times of packets as text.

use super::write::{fraction, number};
use crate::rule::flow_records::Zone;
use crate::time::Timestamp;

/// Shows times; those of one second, which mostly follow each other, are asked of the calendar once.
pub(super) struct Clock<'z> {
    zone: &'z Zone,
    /// The second, and what is shown of it: the calendar and clock, and the distance from UTC.
    shown: Option<(i128, Option<(String, String)>)>,
}

impl<'z> Clock<'z> {
    pub(super) fn new(zone: &'z Zone) -> Self {
        Self { zone, shown: None }
    }

    /// Appends `[1469135972.463012345<TAB>2016-07-21 21:19:32.463012345Z]`; dashes for what is not known.
    #[inline]
    pub(super) fn show(&mut self, time: Option<Timestamp>, out: &mut Vec<u8>) {
        let Some(time) = time else { return out.extend_from_slice(b"[-\t-]") };
        let (seconds, nanos) = (time.seconds(), time.subsecond_nanos());
        out.push(b'[');
        epoch(time, out);
        out.push(b'\t');
        if self.shown.as_ref().is_none_or(|(second, _)| *second != seconds) {
            self.shown = Some((seconds, self.zone.shown(seconds)));
        }
        match &self.shown {
            Some((_, Some((calendar, from_utc)))) => {
                out.extend_from_slice(calendar.as_bytes());
                out.push(b'.');
                fraction(nanos, out);
                out.extend_from_slice(from_utc.as_bytes());
            }
            _ => out.push(b'-'),
        }
        out.push(b']');
    }
}

/// Appends seconds since 1970 with nine decimals.
#[inline]
pub(super) fn epoch(time: Timestamp, out: &mut Vec<u8>) {
    // Sign and magnitude: half a second before 1970 is -0.5.
    let time = match time.0 < 0 {
        true => {
            out.push(b'-');
            Timestamp(-time.0)
        }
        false => time,
    };
    match u64::try_from(time.seconds()) {
        Ok(seconds) => number(seconds, out),
        Err(_) => out.extend_from_slice(time.seconds().to_string().as_bytes()),
    }
    out.push(b'.');
    fraction(time.subsecond_nanos(), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(zone: &str, nanoseconds: i128) -> String {
        let zone: Zone = zone.parse().unwrap();
        let mut out = Vec::new();
        Clock::new(&zone).show(Some(Timestamp(nanoseconds)), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_have_all_digits_in_every_zone() {
        let time = 1_469_135_972_463_012_345;
        assert_eq!(shown("Z", time), "[1469135972.463012345\t2016-07-21 21:19:32.463012345Z]");
        assert_eq!(shown("+05:30", time), "[1469135972.463012345\t2016-07-22 02:49:32.463012345+05:30]");
        assert_eq!(shown("Europe/Prague", time), "[1469135972.463012345\t2016-07-21 23:19:32.463012345+02:00]");
        assert_eq!(shown("Z", -1), "[-0.000000001\t1969-12-31 23:59:59.999999999Z]");
        assert_eq!(shown("Z", i128::from(u64::MAX) * 1_000_000_000), "[18446744073709551615.000000000\t-]");
    }
}
