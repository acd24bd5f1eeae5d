//! The texts of times and durations, and how exactly they name a moment.
//!
//! Tools cut times to the unit they print: `08:55` may be any moment of that minute. A [`Moment`] therefore has an
//! earliest time and a precision, both in nanoseconds. [`TimeReader`] tries the [`Form`]s of a format in order.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::fmt::strtime;

use super::zone::{Calendar, Civil, Zone, offset_seconds};
use crate::error::{Error, Result};

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The unit of a number that is a duration, or a time since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationUnit {
    /// `s`
    Seconds,
    /// `ms`
    Milliseconds,
    /// `us`
    Microseconds,
    /// `ns`
    Nanoseconds,
}

impl DurationUnit {
    /// The unit in nanoseconds.
    pub fn nanos(self) -> i64 {
        10_i64.pow(self.decimals())
    }

    /// How many decimals of the unit a nanosecond has.
    fn decimals(self) -> u32 {
        match self {
            Self::Seconds => 9,
            Self::Milliseconds => 6,
            Self::Microseconds => 3,
            Self::Nanoseconds => 0,
        }
    }
}

impl FromStr for DurationUnit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim() {
            "s" => Ok(Self::Seconds),
            "ms" => Ok(Self::Milliseconds),
            "us" | "µs" => Ok(Self::Microseconds),
            "ns" => Ok(Self::Nanoseconds),
            other => Err(Error::request(format!("'{other}' is no unit of time")).advise("write s, ms, us or ns")),
        }
    }
}

/// How a format writes its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A number of units since 1970, with or without decimals.
    Epoch(DurationUnit),
    /// `2017-07-07 11:59:50.315195`, `2011/08/10 09:46:53.058760`, `2020-06-05T14:39:59Z`.
    YearFirst,
    /// `3/7/2017 08:55`, `14/11/2023 10:13:21 PM`.
    DayFirst(Clock),
}

/// What the hour of a day-first time means where neither AM nor PM follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// Nothing certain: a 12-hour clock without its half of the day.
    Marked,
    /// Hours 1 to 7 are of the afternoon: the networks of CIC-IDS2017 and CSE-CIC-IDS2018 worked from 8 to 5.
    Daytime,
}

/// A time as far as its text tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// The earliest moment that the text can mean, in nanoseconds since the epoch.
    pub(super) earliest: i64,
    /// How long the text stays the same, in nanoseconds; at least 1.
    pub(super) precision: i64,
    /// The clock showed this twice, or never.
    pub(super) ambiguous: bool,
}

/// Reads the times of a file.
pub(super) struct TimeReader {
    forms: Forms,
    calendar: Calendar,
    /// The zone was asked for: then times that have none are a contradiction.
    zone_given: bool,
}

enum Forms {
    Known(Vec<Form>),
    Written(String),
}

/// A text, read as one of the forms.
enum Reading {
    Epoch { nanos: i128, precision: i64 },
    Zoned { civil: Civil, precision: i64, east: i32 },
    Civil { civil: Civil, precision: i64 },
}

/// Why a text is not of a form.
#[derive(Clone, Copy, PartialEq)]
enum Not {
    ThisForm,
    /// It lacks AM or PM.
    Marked,
    /// It is outside of what 64 bits of nanoseconds can hold.
    Near,
}

impl TimeReader {
    /// `format` is what `--time-format` says: a unit of time since 1970 or a strptime format; without it, the known forms.
    pub(super) fn new(forms: &[Form], format: Option<&str>, zone: Option<&Zone>, default: &str) -> Result<Self> {
        let forms = match format.map(str::trim) {
            None => Forms::Known(forms.to_vec()),
            Some(unit) if !unit.contains('%') => {
                Forms::Known(vec![Form::Epoch(unit.parse().map_err(|_: Error| {
                    Error::request(format!("'{unit}' is no format of times"))
                        .advise("write s, ms, us or ns (since 1970), or a strptime format such as '%d/%m/%Y %H:%M:%S'")
                })?)])
            }
            Some(format) if lacks_half_of_day(format) => {
                return Err(Error::request(format!(
                    "'{format}' reads a clock of 12 hours without its half of the day"
                ))
                .advise("add %p, or read 24 hours with %H"));
            }
            Some(format) => Forms::Written(format.to_owned()),
        };
        let calendar = match zone {
            Some(zone) => Calendar::new(zone),
            None => Calendar::new(&default.parse()?),
        };
        Ok(Self { forms, calendar, zone_given: zone.is_some() })
    }

    /// The moment that a text means, or what is wrong with it.
    pub(super) fn read(&mut self, text: &[u8]) -> Result<Moment, String> {
        let shown = || String::from_utf8_lossy(text).into_owned();
        let reading = match &self.forms {
            Forms::Known(forms) => known(forms, text).map_err(|not| not.explain(&shown()))?,
            Forms::Written(format) => written(format, text)?,
        };
        let (moment, precision) = match reading {
            Reading::Epoch { .. } if self.zone_given => {
                return Err(format!("'{}' counts from 1970 UTC and has no time zone; leave --timezone out", shown()));
            }
            Reading::Epoch { nanos, precision } => (i64::try_from(nanos).ok().map(|moment| (moment, false)), precision),
            Reading::Zoned { civil, precision, east } => (zoned(civil, east).map(|moment| (moment, false)), precision),
            Reading::Civil { civil, precision } => (self.calendar.moment(civil), precision),
        };
        let (earliest, ambiguous) = moment.ok_or_else(|| Not::Near.explain(&shown()))?;
        Ok(Moment { earliest, precision, ambiguous })
    }
}

fn lacks_half_of_day(format: &str) -> bool {
    let names = |directives: &[&str]| directives.iter().any(|directive| format.contains(directive));
    names(&["%I", "%-I", "%l"]) && !names(&["%p", "%P"])
}

impl Not {
    fn explain(self, text: &str) -> String {
        match self {
            Self::ThisForm if text.is_empty() => "the time is missing".to_owned(),
            Self::ThisForm => format!("'{text}' is no time of this format; --time-format says how times are written"),
            Self::Marked => format!(
                "'{text}' lacks AM or PM, and CICFlowMeter's clock has 12 hours; say --time-format '%d/%m/%Y %H:%M:%S' if this one has 24"
            ),
            Self::Near => {
                format!("'{text}' is further from 1970 than any capture can be; --time-format gives the unit")
            }
        }
    }
}

/// True if the text is a time of one of these forms and, where it names a year, of one of these years.
pub(super) fn fits(forms: &[Form], years: Option<(i16, i16)>, text: &[u8]) -> bool {
    // Who writes AM and PM needs no guess about the hours, and is not the one whose hours are guessed.
    let marked = text.trim_ascii_end().last().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'M'));
    if marked && forms.contains(&Form::DayFirst(Clock::Daytime)) {
        return false;
    }
    match known(forms, text) {
        Ok(Reading::Civil { civil, .. } | Reading::Zoned { civil, .. }) => {
            years.is_none_or(|(first, last)| (first..=last).contains(&civil.date.year()))
        }
        Ok(Reading::Epoch { .. }) => true,
        Err(_) => false,
    }
}

fn known(forms: &[Form], text: &[u8]) -> Result<Reading, Not> {
    let mut fault = Not::ThisForm;
    for form in forms {
        match form.read(text) {
            Ok(reading) => return Ok(reading),
            Err(Not::ThisForm) => {}
            Err(not) => fault = not,
        }
    }
    Err(fault)
}

impl Form {
    fn read(self, text: &[u8]) -> Result<Reading, Not> {
        match self {
            Self::Epoch(unit) => epoch(text, unit),
            Self::YearFirst => year_first(text).ok_or(Not::ThisForm),
            Self::DayFirst(clock) => day_first(text, clock),
        }
    }
}

fn epoch(text: &[u8], unit: DurationUnit) -> Result<Reading, Not> {
    let number = Number::read(text).filter(|number| number.exponent == 0).ok_or(Not::ThisForm)?;
    let nanos = number.nanos(unit).filter(|&nanos| i64::try_from(nanos).is_ok()).ok_or(Not::Near)?;
    let precision = unit.nanos() / 10_i64.checked_pow(number.decimals).unwrap_or(i64::MAX);
    Ok(Reading::Epoch { nanos, precision: precision.max(1) })
}

fn year_first(text: &[u8]) -> Option<Reading> {
    let mut scan = Scan(text);
    let year = scan.number(4, 4)?;
    let separator = scan.one_of(b"-/")?;
    let month = scan.number(1, 2)?;
    scan.one_of(&[separator])?;
    let day = scan.number(1, 2)?;
    scan.one_of(b" T")?;
    let (nanos, precision) = scan.time()?;
    let civil = civil(year, month, day, nanos)?;
    match scan.0.trim_ascii() {
        [] => Some(Reading::Civil { civil, precision }),
        b"Z" | b"z" | b"UTC" => Some(Reading::Zoned { civil, precision, east: 0 }),
        offset => Some(Reading::Zoned { civil, precision, east: offset_seconds(offset)? }),
    }
}

fn day_first(text: &[u8], clock: Clock) -> Result<Reading, Not> {
    let scan = || {
        let mut scan = Scan(text);
        let day = scan.number(1, 2)?;
        scan.one_of(b"/")?;
        let month = scan.number(1, 2)?;
        scan.one_of(b"/")?;
        let year = scan.number(4, 4)?;
        scan.one_of(b" ")?;
        let (nanos, precision) = scan.time()?;
        Some((civil(year, month, day, nanos)?, precision, scan.0.trim_ascii()))
    };
    let (mut civil, precision, marker) = scan().ok_or(Not::ThisForm)?;
    let hour = civil.nanos / HOUR;
    let afternoon = match marker {
        [] if clock == Clock::Daytime => (1..=7).contains(&hour),
        [] => return Err(Not::Marked),
        _ if marker.eq_ignore_ascii_case(b"PM") => hour < 12,
        _ if marker.eq_ignore_ascii_case(b"AM") => {
            // 12 AM is midnight.
            civil.nanos -= if hour == 12 { 12 * HOUR } else { 0 };
            false
        }
        _ => return Err(Not::ThisForm),
    };
    civil.nanos += if afternoon { 12 * HOUR } else { 0 };
    Ok(Reading::Civil { civil, precision })
}

fn civil(year: u32, month: u32, day: u32, nanos: i64) -> Option<Civil> {
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    Some(Civil { date, nanos })
}

fn zoned(civil: Civil, east: i32) -> Option<i64> {
    let midnight =
        jiff::tz::TimeZone::UTC.to_ambiguous_timestamp(civil.date.to_datetime(jiff::civil::Time::midnight()));
    let midnight = midnight.compatible().ok()?.as_nanosecond();
    i64::try_from(midnight + i128::from(civil.nanos) - i128::from(east) * i128::from(SECOND)).ok()
}

/// Reads a time by a strptime format.
fn written(format: &str, text: &[u8]) -> Result<Reading, String> {
    let fault = |error: jiff::Error| {
        format!("'{}' is no time by the format '{format}': {error}", String::from_utf8_lossy(text))
    };
    let parsed = strtime::parse(format, text).map_err(fault)?;
    let precision = written_precision(format, text);
    if parsed.timestamp().is_some() {
        let nanos = parsed.to_timestamp().map_err(fault)?.as_nanosecond();
        return Ok(Reading::Epoch { nanos, precision });
    }
    let time = parsed.to_datetime().map_err(fault)?;
    let since_midnight = time.time().duration_since(jiff::civil::Time::midnight()).as_nanos();
    let civil = Civil { date: time.date(), nanos: i64::try_from(since_midnight).unwrap_or_default() };
    Ok(match parsed.offset() {
        Some(offset) => Reading::Zoned { civil, precision, east: offset.seconds() },
        None => Reading::Civil { civil, precision },
    })
}

/// The finest unit that a format names; of fractions, as many decimals as the text has.
fn written_precision(format: &str, text: &[u8]) -> i64 {
    let names = |directives: &[&str]| directives.iter().any(|directive| format.contains(directive));
    let fractions = format.split('%').skip(1).any(|directive| {
        directive.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit()).starts_with(['f', 'N'])
    });
    if fractions {
        return precision_of(decimals(format, text));
    }
    match () {
        () if names(&["%S", "%T", "%s", "%c", "%r", "%-S"]) => SECOND,
        () if names(&["%M", "%R", "%-M"]) => MINUTE,
        () if names(&["%H", "%I", "%k", "%l", "%-H", "%-I"]) => HOUR,
        () => 24 * HOUR,
    }
}

/// How many decimals of a second the text has: digits behind the dot or comma behind the last colon, or if the format has
/// no colon (seconds since 1970), behind the last dot.
fn decimals(format: &str, text: &[u8]) -> usize {
    let seconds = match format.contains(':') || format.contains("%T") {
        true => text.iter().rposition(|&byte| byte == b':').map_or(0, |at| at + 1),
        false => 0,
    };
    let text = text.get(seconds..).unwrap_or_default();
    let after = text.iter().rposition(|&byte| byte == b'.' || byte == b',').map_or(text.len(), |at| at + 1);
    text.iter().skip(after).take_while(|byte| byte.is_ascii_digit()).count()
}

fn precision_of(decimals: usize) -> i64 {
    let decimals = u32::try_from(decimals).unwrap_or(9).min(9);
    10_i64.pow(9 - decimals)
}

/// A text that is read from the left.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if digits < least {
            return None;
        }
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        Some(number.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
    }

    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        bytes.contains(first).then_some(*first)
    }

    /// `h:mm`, `h:mm:ss` or `h:mm:ss.fraction`: nanoseconds since midnight and precision.
    fn time(&mut self) -> Option<(i64, i64)> {
        self.0 = self.0.trim_ascii_start();
        let hour = self.number(1, 2).filter(|hour| *hour < 24)?;
        self.one_of(b":")?;
        let minute = self.number(2, 2).filter(|minute| *minute < 60)?;
        let minutes = i64::from(hour) * HOUR + i64::from(minute) * MINUTE;
        if self.0.first() != Some(&b':') {
            return Some((minutes, MINUTE));
        }
        self.one_of(b":")?;
        let second = self.number(2, 2).filter(|second| *second < 60)?;
        let seconds = minutes + i64::from(second) * SECOND;
        if !matches!(self.0.first(), Some(b'.' | b',')) {
            return Some((seconds, SECOND));
        }
        self.one_of(b".,")?;
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (fraction, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        if digits == 0 {
            return None;
        }
        let nanos =
            (0..9).fold(0, |value, at| value * 10 + fraction.get(at).map_or(0, |digit| i64::from(digit - b'0')));
        Some((seconds + nanos, precision_of(digits)))
    }
}

/// A decimal number: mantissa / 10^decimals * 10^exponent.
struct Number {
    negative: bool,
    mantissa: i128,
    decimals: u32,
    exponent: i32,
}

impl Number {
    /// Reads `12`, `-1`, `0.25`, `1.5e-05`; no more digits than 128 bits hold.
    fn read(text: &[u8]) -> Option<Self> {
        let negative = text.first() == Some(&b'-');
        let text = text.strip_prefix(b"-").unwrap_or(text);
        let (number, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => (text.get(..at)?, std::str::from_utf8(text.get(at + 1..)?).ok()?.parse().ok()?),
            None => (text, 0),
        };
        let (mut mantissa, mut decimals, mut point) = (0_i128, 0, false);
        for byte in number {
            match byte {
                b'0'..=b'9' => {
                    mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    decimals += u32::from(point);
                }
                b'.' if !point => point = true,
                _ => return None,
            }
        }
        let digits = number.iter().any(u8::is_ascii_digit);
        (digits && number.last() != Some(&b'.')).then_some(Self { negative, mantissa, decimals, exponent })
    }

    /// The number of this unit in nanoseconds, cut; `None` if it is too large.
    fn nanos(&self, unit: DurationUnit) -> Option<i128> {
        let shift = i64::from(unit.decimals()) + i64::from(self.exponent) - i64::from(self.decimals);
        let power = u32::try_from(shift.unsigned_abs()).ok().and_then(|power| 10_i128.checked_pow(power));
        let nanos = match (power, shift >= 0) {
            (Some(power), true) => self.mantissa.checked_mul(power)?,
            (Some(power), false) => self.mantissa / power,
            (None, true) if self.mantissa != 0 => return None,
            (None, _) => 0,
        };
        Some(if self.negative { -nanos } else { nanos })
    }
}

/// The longest duration that a text can mean, in nanoseconds; `None` if it is none, or longer than 64 bits hold.
///
/// A whole number of seconds or milliseconds is cut to its unit, which is coarser than the times of packets. Of decimals, the
/// last may be left out if they are zeros: they say nothing of how exact they are.
pub(super) fn duration(text: &[u8], unit: DurationUnit) -> Option<i64> {
    let number = Number::read(text)?;
    let coarse = matches!(unit, DurationUnit::Seconds | DurationUnit::Milliseconds);
    let whole = number.decimals == 0 && number.exponent == 0 && !number.negative;
    let cut = if coarse && whole { unit.nanos() - 1 } else { 0 };
    i64::try_from(number.nanos(unit)?).ok()?.checked_add(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Form; 3] = [Form::Epoch(DurationUnit::Seconds), Form::YearFirst, Form::DayFirst(Clock::Daytime)];

    fn read(format: Option<&str>, text: &str) -> Result<(i64, i64), String> {
        let mut reader = TimeReader::new(&ALL, format, None, "UTC").unwrap();
        reader.read(text.as_bytes()).map(|moment| (moment.earliest, moment.precision))
    }

    #[test]
    fn a_text_is_as_exact_as_it_is_written() {
        let day = 1_499_385_600 * SECOND; // 2017-07-07
        assert_eq!(read(None, "2017-07-07 11:59:50.315195"), Ok((day + 43_190_315_195_000, 1_000)));
        assert_eq!(read(None, "2017/07/07 11:59:50"), Ok((day + 43_190 * SECOND, SECOND)));
        assert_eq!(read(None, "2017-07-07T11:59"), Ok((day + 43_140 * SECOND, MINUTE)));
        assert_eq!(read(None, "2017-07-07T11:59:50.5+02:00"), Ok((day + 35_990_500_000_000, 100_000_000)));
        assert_eq!(read(None, "2017-07-07T11:59:50.1234567891Z"), Ok((day + 43_190_123_456_789, 1)));
        assert_eq!(read(None, "1499385600"), Ok((day, SECOND)));
        assert_eq!(read(None, "1499385600.25"), Ok((day + 250_000_000, 10_000_000)));
        assert_eq!(read(None, "-0.5"), Ok((-500_000_000, 100_000_000)));
        assert_eq!(read(Some("us"), "1499385600000001"), Ok((day + 1_000, 1_000)));
        assert_eq!(read(Some("ms"), "1499385600000.5"), Ok((day + 500_000, 100_000)));
    }

    #[test]
    fn a_twelve_hour_clock_without_its_half_is_read_by_day() {
        let day = 1_499_385_600 * SECOND;
        assert_eq!(read(None, "7/7/2017 8:59"), Ok((day + 32_340 * SECOND, MINUTE)));
        assert_eq!(read(None, "07/07/2017 01:00:07"), Ok((day + 46_807 * SECOND, SECOND)));
        assert_eq!(read(None, "7/7/2017 12:30"), Ok((day + 45_000 * SECOND, MINUTE)));
        assert_eq!(read(None, "7/7/2017 12:30:00 AM"), Ok((day + 1_800 * SECOND, SECOND)));
        assert_eq!(read(None, "7/7/2017 12:30:00 pm"), Ok((day + 45_000 * SECOND, SECOND)));
        assert_eq!(read(None, "7/7/2017 01:30:00 PM"), Ok((day + 48_600 * SECOND, SECOND)));
        let mut marked = TimeReader::new(&[Form::DayFirst(Clock::Marked)], None, None, "UTC").unwrap();
        assert!(marked.read(b"7/7/2017 01:30:00").unwrap_err().contains("lacks AM or PM"));
    }

    #[test]
    fn formats_of_the_user_are_followed() {
        let day = 1_499_385_600 * SECOND;
        assert_eq!(read(Some("%m/%d/%Y %H:%M"), "07/07/2017 13:05"), Ok((day + 47_100 * SECOND, MINUTE)));
        assert_eq!(read(Some("%Y%m%d%H%M%S"), "20170707130500"), Ok((day + 47_100 * SECOND, SECOND)));
        assert_eq!(read(Some("%d.%m.%Y %H:%M:%S%.f"), "07.07.2017 00:00:00.250"), Ok((day + 250_000_000, 1_000_000)));
        assert_eq!(read(Some("%d/%m/%Y %I:%M:%S %p"), "07/07/2017 01:00:00 PM"), Ok((day + 46_800 * SECOND, SECOND)));
        assert_eq!(read(Some("%Y-%m-%d %H:%M:%S %z"), "2017-07-07 02:00:00 +0200"), Ok((day, SECOND)));
        assert_eq!(read(Some("%s"), "1499385600"), Ok((day, SECOND)));
        assert_eq!(read(Some("%Y-%m-%d"), "2017-07-07"), Ok((day, 24 * HOUR)));
        assert!(read(Some("%H:%M"), "2017").is_err());
        assert!(TimeReader::new(&ALL, Some("fortnights"), None, "UTC").is_err());
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "-",
            "x",
            "2017-07-07",
            "2017-13-01 00:00",
            "2017-02-29 00:00",
            "31/04/2017 10:00",
            "7/7/17 8:59",
            "2017-07-07 24:00",
            "2017-07-07 10:60",
            "2017-07-07 10:00:60",
            "2017-07-07 10:00:00.",
            "1e9",
            "5.",
            "..5",
            "2017-07/07 10:00",
            "7/7/2017 8:59 XM",
            "99999999999",
            "0001-01-01 00:00:00",
            "2017-07-07 10:00 Halifax",
        ] {
            assert!(read(None, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_zone_for_times_without_one_is_a_contradiction() {
        let zone: Zone = "UTC-3".parse().unwrap();
        let mut reader = TimeReader::new(&ALL, None, Some(&zone), "UTC").unwrap();
        assert!(reader.read(b"1499385600").unwrap_err().contains("leave --timezone out"));
        assert_eq!(reader.read(b"2017-07-06 21:00:00").unwrap().earliest, 1_499_385_600 * SECOND);
    }

    #[test]
    fn durations_are_decimals_in_any_dress() {
        use DurationUnit::{Microseconds, Milliseconds, Nanoseconds, Seconds};
        assert_eq!(duration(b"0.570361", Seconds), Some(570_361_000));
        assert_eq!(duration(b"1.2e-05", Seconds), Some(12_000));
        assert_eq!(duration(b"1.15E+08", Microseconds), Some(115 * SECOND));
        assert_eq!(duration(b"-1", Microseconds), Some(-1_000));
        assert_eq!(duration(b"3.7", Nanoseconds), Some(3));
        assert_eq!(duration(b"570361.0", Microseconds), Some(570_361_000));
        assert_eq!(duration(b"0e999999999", Milliseconds), Some(0));
        assert_eq!(duration(b"1e-999999999", Milliseconds), Some(0));
        for text in ["", "-", ".", "1.", "NaN", "Infinity", "1e", "1e999", "0x10", "1 2"] {
            assert_eq!(duration(text.as_bytes(), Seconds), None, "{text}");
        }
    }
}
