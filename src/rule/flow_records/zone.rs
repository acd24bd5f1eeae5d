//! Time zones: what `--timezone` may say, and the moment at which a local clock showed a time.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use crate::error::{Error, Result};

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A time zone: an IANA name (`America/Halifax`) or a distance from UTC (`+03:00`, `-3`, `UTC-3`, `Z`).
///
/// Distances are those people say: `UTC-3` is three hours behind UTC, as Halifax is in summer. Names come from the
/// database that is built in, so that they mean the same on every machine.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = text.trim();
        let zone = match offset(name) {
            Some(offset) => TimeZone::fixed(offset),
            None => TimeZoneDatabase::bundled().get(name).map_err(|_| {
                Error::request(format!("'{name}' is no time zone"))
                    .advise("write an IANA name (Europe/Prague) or a distance from UTC (+02:00, UTC-3, Z)")
            })?,
        };
        Ok(Self { name: name.to_owned(), zone })
    }
}

impl Zone {
    /// What a clock there shows so many seconds after 1970 began, and how far it is from UTC: `2016-07-21 21:19:32` and
    /// `+02:00`, or `Z` for UTC; none where the calendar does not reach.
    pub fn shown(&self, seconds: i128) -> Option<(String, String)> {
        let moment = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?.to_zoned(self.zone.clone());
        let from_utc = match moment.offset() == Offset::UTC {
            true => "Z".to_owned(),
            false => moment.strftime("%:z").to_string(),
        };
        Some((moment.strftime("%Y-%m-%d %H:%M:%S").to_string(), from_utc))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Reads `Z`, `UTC`, `UTC-3`, `GMT+2`, `-3`, `+03:00` or `+0330`.
fn offset(text: &str) -> Option<Offset> {
    let prefix = ["UTC", "GMT"].into_iter().find(|name| text.get(..3).is_some_and(|t| t.eq_ignore_ascii_case(name)));
    let rest = if prefix.is_some() { text.get(3..)? } else { text };
    if text.eq_ignore_ascii_case("Z") || (prefix.is_some() && rest.is_empty()) {
        return Some(Offset::UTC);
    }
    offset_seconds(rest.as_bytes()).and_then(|seconds| Offset::from_seconds(seconds).ok())
}

/// Reads `-3`, `+03:00` or `+0330` as seconds east of Greenwich.
pub(super) fn offset_seconds(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i32::from(*byte - b'0'));
    let (hours, minutes) = match digits {
        [h] => (digit(h)?, 0),
        [g, h] => (digit(g)? * 10 + digit(h)?, 0),
        [h, b':', m, n] => (digit(h)?, digit(m)? * 10 + digit(n)?),
        [g, h, b':', m, n] | [g, h, m, n] => (digit(g)? * 10 + digit(h)?, digit(m)? * 10 + digit(n)?),
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// What a clock on the wall showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) date: Date,
    /// Nanoseconds since the clock showed midnight.
    pub(super) nanos: i64,
}

/// A zone's calendar, which remembers the day it was last asked about: a file's records are mostly of a few days.
pub(super) struct Calendar {
    zone: TimeZone,
    day: Option<(Date, Day)>,
}

#[derive(Clone, Copy)]
enum Day {
    /// The clock is not changed on this day, whose midnight is this many nanoseconds after the epoch.
    Plain(i64),
    /// The clock is changed, or the day is at the end of the calendar.
    Special,
}

impl Calendar {
    pub(super) fn new(zone: &Zone) -> Self {
        Self { zone: zone.zone.clone(), day: None }
    }

    /// Nanoseconds since the epoch; the flag says that the clock showed this twice, or never.
    ///
    /// Then it is jiff's "compatible" choice: the earlier of two, and the later side of a gap (RFC 5545).
    /// `None` is a time that 64 bits cannot hold: before 1677 or after 2262.
    pub(super) fn moment(&mut self, civil: Civil) -> Option<(i64, bool)> {
        let day = match self.day {
            Some((date, day)) if date == civil.date => day,
            _ => {
                let day = self.plain_day(civil.date).map_or(Day::Special, Day::Plain);
                self.day = Some((civil.date, day));
                day
            }
        };
        match day {
            Day::Plain(midnight) => midnight.checked_add(civil.nanos).map(|moment| (moment, false)),
            Day::Special => self.special(civil),
        }
    }

    /// The day's midnight, if its clock runs through.
    fn plain_day(&self, date: Date) -> Option<i64> {
        let (midnight, odd) = self.special(Civil { date, nanos: 0 })?;
        let (next, next_odd) = self.special(Civil { date: date.tomorrow().ok()?, nanos: 0 })?;
        (!odd && !next_odd && next - midnight == DAY).then_some(midnight)
    }

    fn special(&self, civil: Civil) -> Option<(i64, bool)> {
        let time = jiff::civil::Time::midnight().checked_add(jiff::SignedDuration::from_nanos(civil.nanos)).ok()?;
        let moment = self.zone.to_ambiguous_timestamp(civil.date.to_datetime(time));
        let odd = moment.is_ambiguous();
        let nanos = moment.compatible().ok()?.as_nanosecond();
        Some((i64::try_from(nanos).ok()?, odd))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(zone: &str, date: (i16, i8, i8), hour: i64) -> Option<(i64, bool)> {
        let date = Date::new(date.0, date.1, date.2).unwrap();
        let civil = Civil { date, nanos: hour * 3600 * SECOND };
        Calendar::new(&zone.parse().unwrap()).moment(civil).map(|(moment, odd)| (moment / SECOND, odd))
    }

    #[test]
    fn distances_are_those_people_say() {
        for text in ["-3", "-03", "-03:00", "-0300", "UTC-3", "utc-03:00", "GMT-3", "America/Halifax", "Etc/GMT+3"] {
            // 2017-07-07 08:59 in Halifax is 11:59 UTC.
            assert_eq!(moment(text, (2017, 7, 7), 8), Some((1_499_425_200, false)), "{text}");
        }
        for text in ["Z", "UTC", "z", "+00:00", "Etc/UTC"] {
            assert_eq!(moment(text, (1970, 1, 2), 0), Some((86_400, false)), "{text}");
        }
        for text in ["", "Atlantis/Poseidonis", "+15", "3", "UTC3", "+3:0", "+03:60", "--3", "UTC+é"] {
            let error = text.parse::<Zone>().unwrap_err().to_string();
            assert!(error.contains("is no time zone"), "{text}: {error}");
        }
    }

    #[test]
    fn hours_that_happen_twice_or_never_are_told() {
        // 2011-10-30: Prague's clocks show 02:00 to 03:00 twice; the first time is still summer.
        assert_eq!(moment("Europe/Prague", (2011, 10, 30), 2), Some((1_319_932_800, true)));
        assert_eq!(moment("Europe/Prague", (2011, 10, 30), 3), Some((1_319_940_000, false)));
        // 2011-03-27: 02:00 does not exist.
        assert_eq!(moment("Europe/Prague", (2011, 3, 27), 2), Some((1_301_187_600, true)));
        assert_eq!(moment("UTC", (2263, 1, 1), 0), None);
        assert_eq!(moment("UTC", (9999, 12, 31), 0), None);
        assert_eq!(moment("UTC", (-9999, 1, 1), 0), None);
    }
}
