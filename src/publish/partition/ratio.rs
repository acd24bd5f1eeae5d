//! How much goes where: `train=70,validation=10,test=20`, as typed in.

use std::fmt;
use std::str::FromStr;

use super::CHALLENGE;
use crate::rule::{NO_SPLIT, is_split_name};

/// Decimals that count. With them all shares are whole numbers, and nothing is rounded.
const DECIMALS: usize = 6;
const UNIT: u64 = 1_000_000;

/// The largest share that can be given.
const LARGEST: u64 = 1_000_000;

/// How many splits there can be.
const MAX_SPLITS: usize = 64;

/// A positive decimal number of at most six decimals, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u64);

/// The splits that are wanted, in their order, with their shares; only how shares compare counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratio(Vec<(String, Share)>);

impl Share {
    /// A hundred percent.
    pub const ALL: Self = Self(100 * UNIT);

    /// The share in millionths.
    pub fn millionths(self) -> u64 {
        self.0
    }
}

impl Ratio {
    /// The splits' names.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The name of a split by its number.
    pub fn name(&self, number: usize) -> &str {
        &self.0[number].0
    }

    /// Their shares, in millionths of what was given.
    pub fn weights(&self) -> Vec<u64> {
        self.0.iter().map(|(_, share)| share.0).collect()
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no share: write a positive number of at most {DECIMALS} decimals");
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > DECIMALS {
            return Err(wrong());
        }
        let whole: u64 = whole.parse().ok().filter(|whole| *whole <= LARGEST).ok_or_else(wrong)?;
        let decimals: u64 = format!("{decimals:0<DECIMALS$}").parse().map_err(|_| wrong())?;
        Some(whole * UNIT + decimals).filter(|share| *share > 0).map(Self).ok_or_else(wrong)
    }
}

impl FromStr for Ratio {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut splits: Vec<(String, Share)> = Vec::new();
        for part in text.split(',') {
            let (name, share) = part.split_once('=').ok_or("write name=share,name=share: train=80,test=20")?;
            let name = checked_name(name.trim())?;
            if splits.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                return Err(format!("the split '{name}' is given twice"));
            }
            splits.push((name.to_owned(), share.trim().parse()?));
        }
        match splits.len() > MAX_SPLITS {
            true => Err(format!("{} splits; the most are {MAX_SPLITS}", splits.len())),
            false => Ok(Self(splits)),
        }
    }
}

/// A name that can be a file's, and that means nothing else already.
fn checked_name(name: &str) -> Result<&str, String> {
    if !is_split_name(name) {
        return Err(format!(
            "'{name}' cannot be a split's name: letters, digits, '.', _ and - can, a letter or digit first"
        ));
    }
    match [CHALLENGE, NO_SPLIT].into_iter().find(|taken| name.eq_ignore_ascii_case(taken)) {
        Some(CHALLENGE) => Err("a challenge is asked for by --challenge".to_owned()),
        Some(taken) => Err(format!("the name '{taken}' means that a sample is in no split")),
        None => Ok(name),
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:0DECIMALS$}", self.0 % UNIT);
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{}", self.0 / UNIT),
            decimals => write!(f, "{}.{decimals}", self.0 / UNIT),
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|(name, share)| format!("{name}={share}")).collect();
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_exactly() {
        let ratio: Ratio = "train=70, validation=0.5,test=20.000001".parse().unwrap();
        assert_eq!(ratio.weights(), [70_000_000, 500_000, 20_000_001]);
        assert_eq!(ratio.to_string(), "train=70,validation=0.5,test=20.000001");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, said) in [
            ("", "write name=share"),
            ("train", "write name=share"),
            ("train=0", "'0' is no share"),
            ("train=-1", "'-1' is no share"),
            ("train=1.0000001", "is no share"),
            ("train=1000001", "is no share"),
            ("train=1,Train=2", "given twice"),
            ("../x=1", "cannot be a split's name"),
            ("-x=1", "cannot be a split's name"),
            ("=1", "cannot be a split's name"),
            ("challenge=1", "--challenge"),
            ("None=1", "in no split"),
        ] {
            let error = text.parse::<Ratio>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
