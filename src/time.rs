//! Times of packets: nanoseconds since the Unix epoch, and the units in which captures count them.
//!
//! Real pcapng files hold times up to 4.7e21 ns, more than 64 bits can; [`Timestamp`] is therefore 128 bits wide. A
//! [`Resolution`] turns a capture's raw count into a [`Timestamp`], rounding down, and says how many decimals it has.
//! Source: draft-ietf-opsawg-pcapng, sections 4.2 (if_tsresol, if_tsoffset) and 4.3.

use std::fmt;

/// Nanoseconds in a second.
const NANOS: i128 = 1_000_000_000;

/// Whole seconds that 64 bits of nanoseconds hold: 584 years.
const HELD_SECONDS: i64 = (u64::MAX / 1_000_000_000) as i64;

/// A moment, in nanoseconds since 1970-01-01 00:00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i128);

/// The unit of an interface's raw times: a negative power of ten or of two of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// 10^-n seconds, n from 0 to 127.
    Decimal(u8),
    /// 2^-n seconds, n from 0 to 127.
    Binary(u8),
}

impl Resolution {
    /// 10^-6 s: what pcapng assumes where an interface does not say.
    pub const MICROSECONDS: Self = Self::Decimal(6);
    /// 10^-9 s.
    pub const NANOSECONDS: Self = Self::Decimal(9);

    /// The meaning of an if_tsresol octet: the top bit chooses the base, the rest is the exponent.
    pub fn from_octet(octet: u8) -> Self {
        if octet & 0x80 == 0 { Self::Decimal(octet) } else { Self::Binary(octet & 0x7f) }
    }

    /// The if_tsresol octet of this resolution.
    pub fn octet(self) -> u8 {
        match self {
            Self::Decimal(exponent) => exponent,
            Self::Binary(exponent) => exponent | 0x80,
        }
    }

    /// `raw` units in nanoseconds, rounded down.
    #[inline]
    pub fn nanoseconds(self, raw: u64) -> i128 {
        match self {
            Self::Decimal(6) => i128::from(raw) * 1_000,
            Self::Decimal(9) => i128::from(raw),
            Self::Decimal(exponent @ 0..=8) => i128::from(raw) * 10_i128.pow(9 - u32::from(exponent)),
            // A u64 has at most 20 digits: dividing by 10^20 or more leaves nothing.
            Self::Decimal(exponent @ 9..=28) => i128::from(raw) / 10_i128.pow(u32::from(exponent) - 9),
            Self::Decimal(_) => 0,
            // raw * 10^9 < 2^94: nothing is left above that.
            Self::Binary(exponent @ 0..=93) => (i128::from(raw) * NANOS) >> exponent,
            Self::Binary(_) => 0,
        }
    }

    /// The first count of units that is not before so many nanoseconds; 0 before the epoch.
    pub fn units(self, nanoseconds: i128) -> u64 {
        let whole = |unit: i128| nanoseconds.div_euclid(unit) + i128::from(nanoseconds.rem_euclid(unit) > 0);
        let units = match self {
            Self::Decimal(exponent @ 0..=9) => whole(10_i128.pow(9 - u32::from(exponent))),
            Self::Decimal(exponent) => 10_i128
                .checked_pow(u32::from(exponent) - 9)
                .map_or(i128::MAX, |units| nanoseconds.saturating_mul(units)),
            Self::Binary(exponent) => match 1_i128.checked_shl(exponent.into()).filter(|units| *units > 0) {
                Some(units) => nanoseconds.saturating_mul(units).saturating_add(NANOS - 1).div_euclid(NANOS),
                None => i128::MAX,
            },
        };
        u64::try_from(units.max(0)).unwrap_or(u64::MAX)
    }

    /// True if each unit is a whole number of nanoseconds.
    fn is_whole_nanoseconds(self) -> bool {
        // 2^-9 s = 1,953,125 ns; 2^-10 s = 976,562.5 ns.
        matches!(self, Self::Decimal(0..=9) | Self::Binary(0..=9))
    }

    /// Units in a second, if 64 bits hold them.
    pub fn per_second(self) -> Option<u64> {
        match self {
            Self::Decimal(exponent) => 10_u64.checked_pow(exponent.into()),
            Self::Binary(exponent) => 1_u64.checked_shl(exponent.into()),
        }
    }

    /// True if a microsecond pcap can hold every time of this resolution.
    pub fn fits_microseconds(self) -> bool {
        match self {
            Self::Decimal(exponent) => exponent <= 6,
            // 2^-6 s = 15,625 us; 2^-7 s = 7,812.5 us.
            Self::Binary(exponent) => exponent <= 6,
        }
    }
}

/// A moment as a capture holds it: a count, and the unit and offset of its interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawTime {
    /// How many units.
    pub raw: u64,
    /// The unit.
    pub resolution: Resolution,
    /// Seconds to add.
    pub offset: i64,
}

impl RawTime {
    /// The same moment, said in a way that tells nothing else: in nanoseconds where they hold all times of its unit, and else
    /// in its unit; with an offset of 0 if it suffices, else of a multiple of the whole seconds that 64 bits hold.
    ///
    /// Nanoseconds are for the years 1385 to 2554, so that one interface becomes at most a few. A moment beyond what an
    /// offset or 64 bits can hold stays as it is.
    #[must_use]
    pub fn plain(self) -> Self {
        self.in_nanoseconds().or_else(|| Self::of_units(self.units()?, self.resolution)).unwrap_or(self)
    }

    fn in_nanoseconds(self) -> Option<Self> {
        let nanoseconds = Timestamp::of(self.raw, self.resolution, self.offset).0;
        let plain = Self::of_units(nanoseconds, Resolution::NANOSECONDS)?;
        let is_near = plain.offset == 0 || plain.offset == -HELD_SECONDS;
        (self.resolution.is_whole_nanoseconds() && is_near).then_some(plain)
    }

    /// Units since the epoch, if 64 bits hold those of a second.
    pub fn units(self) -> Option<i128> {
        let offset = i128::from(self.offset).checked_mul(self.resolution.per_second()?.into())?;
        offset.checked_add(self.raw.into())
    }

    fn of_units(units: i128, resolution: Resolution) -> Option<Self> {
        let per_second = resolution.per_second()?;
        let held = i128::from(u64::MAX / per_second);
        let per_second = i128::from(per_second);
        let offset = units.div_euclid(per_second).div_euclid(held) * held;
        let raw = u64::try_from(units - offset * per_second).ok()?;
        Some(Self { raw, resolution, offset: i64::try_from(offset).ok()? })
    }
}

impl Timestamp {
    /// The moment of `raw` units after the epoch, moved by `offset` seconds (if_tsoffset).
    #[inline]
    pub fn of(raw: u64, resolution: Resolution, offset: i64) -> Self {
        Self(resolution.nanoseconds(raw) + i128::from(offset) * NANOS)
    }

    /// Whole seconds since the epoch, rounded down.
    pub fn seconds(self) -> i128 {
        self.0.div_euclid(NANOS)
    }

    /// The nanoseconds after [`Self::seconds`]: 0 to 999,999,999.
    pub fn subsecond_nanos(self) -> u32 {
        u32::try_from(self.0.rem_euclid(NANOS)).unwrap_or_default()
    }

    /// The moment as RFC 3339 text in UTC, where the calendar reaches (years -9999 to 9999).
    pub fn rfc3339(self) -> Option<String> {
        jiff::Timestamp::from_nanosecond(self.0).ok().map(|moment| moment.to_string())
    }

    /// Reads decimal seconds since the epoch (at most nine decimals) or RFC 3339.
    ///
    /// The flag says whether the text named a whole second without a fraction: `5`, not `5.0`.
    ///
    /// # Errors
    /// What is wrong with the text, for a message.
    pub fn parse(text: &str) -> Result<(Self, bool), String> {
        if let Some(decimal) = parse_decimal(text)? {
            return Ok(decimal);
        }
        let moment: jiff::Timestamp = text.parse().map_err(|_| {
            format!("'{text}' is no time: write seconds since 1970 (1700000000 or 1700000000.5) or RFC 3339 (2023-11-14T22:13:20Z)")
        })?;
        Ok((Self(moment.as_nanosecond()), false))
    }
}

/// The moment as seconds since the epoch: six decimals, or nine where six do not suffice.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Sign and magnitude: -0.5 s is "-0.500000", not "-1" and a half.
        let sign = if self.0 < 0 { "-" } else { "" };
        let (seconds, nanos) =
            (self.0.unsigned_abs() / NANOS.unsigned_abs(), self.0.unsigned_abs() % NANOS.unsigned_abs());
        if nanos % 1_000 == 0 {
            write!(f, "{sign}{seconds}.{:06}", nanos / 1_000)
        } else {
            write!(f, "{sign}{seconds}.{nanos:09}")
        }
    }
}

fn parse_decimal(text: &str) -> Result<Option<(Timestamp, bool)>, String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !fraction.is_none_or(all_digits) {
        return Ok(None);
    }
    let too_far = || format!("'{text}' is further from 1970 than any capture can be");
    let seconds: i64 = whole.parse().map_err(|_| too_far())?;
    let mut nanos = 0;
    if let Some(fraction) = fraction {
        let significant = fraction.trim_end_matches('0');
        if significant.len() > 9 {
            return Err(format!("'{text}' is finer than a nanosecond"));
        }
        nanos = format!("{significant:0<9}").parse::<i128>().map_err(|_| too_far())?;
    }
    let total = sign * (i128::from(seconds) * NANOS + nanos);
    Ok(Some((Timestamp(total), fraction.is_none())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn resolutions_of_both_bases_round_down() {
        assert_eq!(Resolution::from_octet(3).nanoseconds(7), 7_000_000);
        assert_eq!(Resolution::from_octet(0x88).nanoseconds(1), 3_906_250);
        assert_eq!(Resolution::from_octet(20).nanoseconds(u64::MAX), 184_467_440);
        assert_eq!(Resolution::from_octet(127).nanoseconds(u64::MAX), 0);
        assert_eq!(Resolution::from_octet(0xff).nanoseconds(u64::MAX), 0);
        assert_eq!(Resolution::from_octet(0xbf).nanoseconds(1 << 63), NANOS);
    }

    #[test]
    fn units_are_the_first_that_are_not_before() {
        for octet in [0, 3, 6, 9, 12, 20, 0x80, 0x8a, 0x9e, 0xbf] {
            let resolution = Resolution::from_octet(octet);
            for nanoseconds in [0, 1, 999, 1_000, 1_500_000_001, 1_700_000_000_123_456_789] {
                let units = resolution.units(nanoseconds);
                assert!(resolution.nanoseconds(units) >= nanoseconds || units == u64::MAX, "{octet} {nanoseconds}");
                let before = units.checked_sub(1).map(|units| resolution.nanoseconds(units));
                assert!(before.is_none_or(|before| before < nanoseconds), "{octet} {nanoseconds}");
            }
            assert_eq!(resolution.units(-5), 0);
        }
        assert_eq!(Resolution::from_octet(0xff).units(1), u64::MAX);
        assert_eq!(Resolution::from_octet(127).units(1), u64::MAX);
    }

    #[test]
    fn offsets_move_whole_seconds() {
        let moment = Timestamp::of(1, Resolution::MICROSECONDS, i64::MAX);
        assert_eq!(moment.0, i128::from(i64::MAX) * NANOS + 1_000);
    }

    #[test]
    fn reads_what_people_write() {
        assert_eq!(Timestamp::parse("5"), Ok((Timestamp(5 * NANOS), true)));
        assert_eq!(Timestamp::parse("5.0"), Ok((Timestamp(5 * NANOS), false)));
        assert_eq!(Timestamp::parse("1700003600.5"), Ok((Timestamp(1_700_003_600_500_000_000), false)));
        assert_eq!(Timestamp::parse("2023-11-14T22:13:20.25Z"), Ok((Timestamp(1_700_000_000_250_000_000), false)));
        assert_eq!(Timestamp::parse("2023-11-15T00:13:20+02:00"), Ok((Timestamp(1_700_000_000_000_000_000), false)));
        for wrong in ["", "-", "5.", ".5", "1e9", "5.0000000001", "2023-11-14", "99999999999999999999"] {
            assert!(Timestamp::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn prints_seconds_like_the_peers() {
        assert_eq!(Timestamp(1_700_000_000_500_000_000).to_string(), "1700000000.500000");
        assert_eq!(Timestamp(1).to_string(), "0.000000001");
        assert_eq!(Timestamp(-500_000_000).to_string(), "-0.500000");
    }

    #[test]
    fn plain_times_are_in_nanoseconds_where_these_hold_them() {
        let plain = |raw: u64, octet: u8, offset: i64| {
            let time = RawTime { raw, resolution: Resolution::from_octet(octet), offset }.plain();
            (time.raw, time.resolution.octet(), time.offset)
        };
        assert_eq!(plain(5, 6, 1_700_000_000), (1_700_000_000_000_005_000, 9, 0));
        assert_eq!(plain(1_700_000_000_000_005_000, 9, 0), (1_700_000_000_000_005_000, 9, 0));
        assert_eq!(plain(3, 0x81, -1), (500_000_000, 9, 0));
        assert_eq!(plain(0, 6, -1), (18_446_744_072_000_000_000, 9, -HELD_SECONDS));
        // A picosecond or 2^-20 s is no whole number of nanoseconds, and the year 10000 is too far.
        assert_eq!(plain(1, 12, 1), (1_000_000_000_001, 12, 0));
        assert_eq!(plain(1, 12, 18_446_745), (1_000_000_000_001, 12, 18_446_744));
        assert_eq!(plain(1, 0x94, 1), ((1 << 20) + 1, 0x94, 0));
        assert_eq!(plain(7, 6, 253_402_300_800), (253_402_300_800_000_007, 6, 0));
        // There is nothing to say it in but its own words.
        assert_eq!(plain(7, 0, i64::MAX), (7 + i64::MAX as u64, 0, 0));
        assert_eq!(plain(u64::MAX, 0, i64::MAX), (u64::MAX, 0, i64::MAX));
        assert_eq!(plain(7, 30, 5), (7, 30, 5));
    }

    proptest! {
        #[test]
        fn plain_times_are_the_same_moments_and_stay(raw: u64, octet: u8, offset in prop_oneof![any::<i64>(), -4_000_000_000..4_000_000_000_i64]) {
            let time = RawTime { raw, resolution: Resolution::from_octet(octet), offset };
            let plain = time.plain();
            let moment = |time: RawTime| Timestamp::of(time.raw, time.resolution, time.offset);
            prop_assert_eq!(moment(plain), moment(time));
            prop_assert_eq!(plain.plain(), plain);
        }

        #[test]
        fn printed_times_read_back(nanos in -(1_i128 << 62)..(1_i128 << 62)) {
            prop_assert_eq!(Timestamp::parse(&Timestamp(nanos).to_string()).unwrap().0, Timestamp(nanos));
        }

        #[test]
        fn if_tsresol_octets_round_trip(octet: u8) {
            prop_assert_eq!(Resolution::from_octet(octet).octet(), octet);
        }

        #[test]
        fn seconds_and_nanoseconds_add_up(nanos in -(1_i128 << 100)..(1_i128 << 100)) {
            let t = Timestamp(nanos);
            prop_assert_eq!(t.seconds() * NANOS + i128::from(t.subsecond_nanos()), nanos);
        }
    }
}
