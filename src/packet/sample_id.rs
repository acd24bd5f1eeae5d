//! Sample ids: hashes of what a sample is made of, never of its label.

use std::fmt;
use std::str::FromStr;
use xxhash_rust::xxh3::xxh3_64;

/// The id of a sample: any 64-bit number; those that we make are hashes below 2^63.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SampleId(pub u64);

/// What a sample is known by, before it is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// The labels file's own key for it (hash_key).
    Key(&'a str),
    /// A file, by its path relative to the dataset's root, with `/`, in NFC.
    File(&'a str),
    /// A canonical selector.
    Rule(&'a str),
    /// A conversation: `proto|low ip|port|high ip|port|start ns`.
    Flow(&'a str),
}

impl SampleId {
    /// The id of the sample that `key` names in the dataset `namespace`.
    ///
    /// 63 bits, so that Parquet, SQL and pandas hold it in a signed integer; 0 is never used. The hash is XXH3-64 of
    /// `pcapml1 NUL namespace NUL kind NUL key`.
    pub fn of(namespace: &str, key: Key) -> Self {
        let (kind, key) = match key {
            Key::Key(key) => ("key", key),
            Key::File(path) => ("file", path),
            Key::Rule(selector) => ("rule", selector),
            Key::Flow(conversation) => ("flow", conversation),
        };
        let text = ["pcapml1", namespace, kind, key].join("\0");
        let hash = xxh3_64(text.as_bytes()) & (u64::MAX >> 1);
        // One text in 2^63 hashes to 0; it takes the place of 1.
        Self(hash.max(1))
    }
}

impl fmt::Display for SampleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads decimal digits without sign or leading zeros.
impl FromStr for SampleId {
    type Err = ();

    #[inline]
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = text.len() > 1 && text.starts_with('0');
        if !digits || leading_zero {
            return Err(());
        }
        text.parse().map(Self).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_format_contract() {
        let cases = [
            ("", Key::File("facebook-handshake-1.pcap"), 229_336_481_211_675_439),
            ("", Key::File("day1/ü.pcapng"), 5_862_772_417_797_844_792),
            ("dtls-2021", Key::File("facebook-handshake-1.pcap"), 132_585_805_460_644_764),
            ("", Key::Rule("BPF:host 192.168.10.25"), 3_556_510_873_631_773_963),
            ("", Key::Rule("BPF:tcp port 443|TS_START:1700000000|TS_END:1700003600.5"), 72_855_982_147_089_632),
            ("", Key::Key("hashme"), 6_644_437_368_242_738_148),
        ];
        for (namespace, key, id) in cases {
            assert_eq!(SampleId::of(namespace, key), SampleId(id), "{key:?}");
        }
    }

    #[test]
    fn only_plain_decimals_are_ids() {
        assert_eq!("18446744073709551615".parse(), Ok(SampleId(u64::MAX)));
        assert_eq!("0".parse(), Ok(SampleId(0)));
        for wrong in ["", "00", "+1", "-1", "1 ", "18446744073709551616", "x"] {
            assert_eq!(wrong.parse::<SampleId>(), Err(()), "{wrong}");
        }
    }
}
