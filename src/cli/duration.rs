//! Lengths of time as people write them: `120`, `1.5s`, `250ms`, `10m`, `1h`.

/// Reads a length of time into nanoseconds; a number alone is seconds.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    const UNITS: [(&str, f64); 6] = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12)];
    let (number, unit) =
        UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit))).unwrap_or((text, 1e9));
    let number: f64 =
        number.trim().parse().map_err(|_| format!("'{text}' is no length of time: write 120, 1.5s or 10m"))?;
    let nanoseconds = number * unit;
    // A hundred years; more digits than a float has would be lost far below a microsecond.
    match (0.0..3.2e18).contains(&nanoseconds) {
        true => Ok(nanoseconds.round() as i64),
        false => Err(format!("'{text}' is not between 0 and a hundred years")),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_are_understood() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("120", 120_000_000_000),
            ("1.5s", 1_500_000_000),
            ("250 ms", 250_000_000),
            ("2h", 7_200_000_000_000),
        ] {
            assert_eq!(parse(text), Ok(nanoseconds), "{text}");
        }
        for text in ["", "s", "-1", "1e300", "NaN", "1d"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
