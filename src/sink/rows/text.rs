//! Values as text: the fewest digits that read back as the same number, times as ISO 8601.
//!
//! Most of the time of writing a table as text is spent here.

use std::net::IpAddr;

use crate::packet::AddressText;

/// The bytes from 0 to 255 as digits, and how many digits there are: rows of packets have some thousand of them.
const DIGITS: [([u8; 3], usize); 256] = digits();

const fn digits() -> [([u8; 3], usize); 256] {
    let mut table = [([0; 3], 0); 256];
    let mut value = 0;
    while value < 256 {
        let (hundreds, tens, ones) = (value as u8 / 100, value as u8 / 10 % 10, value as u8 % 10);
        table[value] = match value {
            0..10 => ([b'0' + ones, 0, 0], 1),
            10..100 => ([b'0' + tens, b'0' + ones, 0], 2),
            _ => ([b'0' + hundreds, b'0' + tens, b'0' + ones], 3),
        };
        value += 1;
    }
    table
}

/// Appends a number of things.
#[inline]
pub(super) fn count(value: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a whole number.
#[inline]
pub(super) fn integer(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a finite number: always with a point or an exponent, so that it is seen to be real.
#[inline]
pub(super) fn real(value: f64, out: &mut Vec<u8>) {
    // Many are whole (sums, smallest, largest), and so are found in a quarter of the time. -0.0 is not among them.
    const EXACT: u64 = 1 << 53;
    let whole = value as i64;
    if (whole as f64).to_bits() == value.to_bits() && whole.unsigned_abs() < EXACT {
        integer(whole, out);
        return out.extend_from_slice(b".0");
    }
    out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
}

/// Appends a number from 0 to 255.
#[inline]
pub(super) fn byte(value: u8, out: &mut Vec<u8>) {
    let (text, length) = &DIGITS[usize::from(value)];
    out.extend_from_slice(&text[..*length]);
}

/// Appends a number from -128 to 127.
#[inline]
pub(super) fn sign(value: i8, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    byte(value.unsigned_abs(), out);
}

/// Appends an address.
pub(super) fn address(value: IpAddr, out: &mut Vec<u8>) {
    out.extend_from_slice(AddressText::of(value).as_str().as_bytes());
}

/// Appends a moment in UTC, `2023-11-14T22:13:20.000123Z`; what is finer than a microsecond is cut.
pub(super) fn time(nanoseconds: i64, out: &mut Vec<u8>) {
    const SECOND: i64 = 1_000_000_000;
    const DAY: i64 = 86_400;
    let (seconds, fraction) = (nanoseconds.div_euclid(SECOND), nanoseconds.rem_euclid(SECOND));
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    // 64 bits of nanoseconds reach from 1677 to 2262: a year has four digits.
    for (place, value) in [
        (0..4, year),
        (5..7, month),
        (8..10, day),
        (11..13, second / 3_600),
        (14..16, second / 60 % 60),
        (17..19, second % 60),
        (20..26, fraction / 1_000),
    ] {
        decimal(&mut text[place], value);
    }
    out.extend_from_slice(&text);
}

/// Fills a field with decimal digits, leading zeros among them.
#[inline]
fn decimal(field: &mut [u8], mut value: i64) {
    for digit in field.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// Year, month and day of so many days after 1970-01-01, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last; 400 of them have 146,097 days. After Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Appends a JSON array of values; what `write` appends for each must be JSON.
pub(super) fn list<T: Copy>(values: impl IntoIterator<Item = T>, out: &mut Vec<u8>, write: impl Fn(T, &mut Vec<u8>)) {
    out.push(b'[');
    let start = out.len();
    for value in values {
        write(value, out);
        out.push(b',');
    }
    match out.len() > start {
        // The last comma.
        true => out[start..].last_mut().into_iter().for_each(|comma| *comma = b']'),
        false => out.push(b']'),
    }
}

/// Appends real numbers as a JSON array, with null where one is undefined.
pub(super) fn reals(values: &[f64], out: &mut Vec<u8>) {
    list(values.iter().copied(), out, |value, out| match value.is_finite() {
        true => real(value, out),
        false => out.extend_from_slice(b"null"),
    });
}

/// Appends whole numbers as a JSON array.
pub(super) fn integers(values: &[i64], out: &mut Vec<u8>) {
    list(values.iter().copied(), out, integer);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn bytes_and_signs_have_no_padding() {
        for value in 0..=255 {
            assert_eq!(of(|out| byte(value, out)), value.to_string());
            assert_eq!(of(|out| sign(value as i8, out)), (value as i8).to_string());
        }
    }

    #[test]
    fn lists_are_json() {
        assert_eq!(of(|out| integers(&[], out)), "[]");
        assert_eq!(of(|out| integers(&[i64::MIN, 0], out)), "[-9223372036854775808,0]");
        assert_eq!(of(|out| reals(&[-0.0, f64::NAN, 1e308], out)), "[-0.0,null,1e+308]");
    }

    #[test]
    fn times_are_cut_to_microseconds() {
        assert_eq!(of(|out| time(1_700_000_000_000_123_999, out)), "2023-11-14T22:13:20.000123Z");
        assert_eq!(of(|out| time(-1, out)), "1969-12-31T23:59:59.999999Z");
        assert_eq!(of(|out| time(i64::MIN, out)), "1677-09-21T00:12:43.145224Z");
        assert_eq!(of(|out| time(i64::MAX, out)), "2262-04-11T23:47:16.854775Z");
    }

    proptest! {
        #[test]
        fn times_are_those_of_the_calendar(nanoseconds: i64) {
            let text = of(|out| time(nanoseconds, out));
            let moment: jiff::Timestamp = text.parse().unwrap();
            prop_assert_eq!(moment.as_nanosecond(), i128::from(nanoseconds.div_euclid(1_000) * 1_000));
        }

        #[test]
        fn reals_read_back_as_they_were(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let text = of(|out| real(value, out));
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), bits);
            prop_assert!(text.contains(['.', 'e']), "{} looks like a whole number", text);
        }

        #[test]
        fn whole_reals_are_as_all_others(whole in any::<i64>(), bits in 0..63) {
            let value = (whole >> bits) as f64;
            let mut digits = zmij::Buffer::new();
            prop_assert_eq!(of(|out| real(value, out)), digits.format_finite(value));
        }

        #[test]
        fn addresses_are_those_of_the_library(address: IpAddr) {
            prop_assert_eq!(of(|out| super::address(address, out)), address.to_string());
        }
    }
}
