//! Amounts of bytes as people write them: `256M`, `1G`, `512MiB`.

/// Reads an amount; K, M, G and T are powers of 1024.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        "T" | "TB" | "TIB" => 40,
        _ => return Err("write an amount of bytes, such as 256M or 1G".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write an amount of bytes, such as 256M or 1G".to_owned())?;
    number
        .checked_mul(1 << shift)
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| "more than 0 and less than 2^64 bytes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_are_powers_of_1024() {
        assert_eq!(parse("256M"), Ok(256 << 20));
        assert_eq!(parse("1g"), Ok(1 << 30));
        assert_eq!(parse("512 MiB"), Ok(512 << 20));
        assert_eq!(parse("7"), Ok(7));
        for wrong in ["", "M", "0", "1.5G", "-1", "1X", "99999999T"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
