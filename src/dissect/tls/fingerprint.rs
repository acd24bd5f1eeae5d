//! Fingerprints of clients and servers by what they say first.
//!
//! JA3 and JA3S: github.com/salesforce/ja3. JA4 (of TLS clients only): github.com/FoxIO-LLC/ja4, technical_details/JA4.md,
//! under the BSD licence; the others of its family have another licence and are not here.

use md5::Md5;
use sha2::{Digest, Sha256};

use super::hello::{ClientHello, ServerHello};
use super::names::is_grease;
use crate::dissect::text::hex;

/// The extensions that stand in the first part of JA4: server name and ALPN.
const IN_FIRST_PART: [u16; 2] = [0x0000, 0x0010];

/// What carries a ClientHello, as JA4 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dissect) enum Carrier {
    /// TLS over TCP.
    Stream,
    /// DTLS.
    Datagrams,
    /// QUIC.
    Quic,
}

/// MD5 of version, cipher suites, extensions, groups and formats of points, without reserved ones.
pub(super) fn ja3(hello: &ClientHello) -> String {
    let formats: Vec<u16> = hello.point_formats.iter().map(|format| u16::from(*format)).collect();
    let lists = [&hello.ciphers, &hello.extensions, &hello.groups, &formats].map(|list| decimals(list, false));
    md5(&format!("{},{}", hello.version, lists.join(",")))
}

/// MD5 of version, cipher suite and extensions.
pub(super) fn ja3s(hello: &ServerHello) -> String {
    md5(&format!("{},{},{}", hello.legacy_version, hello.cipher, decimals(&hello.extensions, true)))
}

/// JA4 of a client.
pub(super) fn ja4(hello: &ClientHello, carrier: Carrier) -> String {
    let kept = |list: &[u16]| -> Vec<u16> { list.iter().copied().filter(|number| !is_grease(*number)).collect() };
    let (ciphers, extensions) = (kept(&hello.ciphers), kept(&hello.extensions));
    let letter = match carrier {
        Carrier::Stream => 't',
        Carrier::Datagrams => 'd',
        Carrier::Quic => 'q',
    };
    let name = if hello.extensions.contains(&0) { 'd' } else { 'i' };
    let [ciphers_count, extensions_count] = [&ciphers, &extensions].map(|list| list.len().min(99));
    let [first, last] = alpn(hello);
    let others: Vec<u16> = extensions.into_iter().filter(|number| !IN_FIRST_PART.contains(number)).collect();
    let mut behind = sorted(others);
    let signatures = kept(&hello.signatures);
    if !behind.is_empty() && !signatures.is_empty() {
        behind = format!("{behind}_{}", hexadecimals(&signatures));
    }
    format!(
        "{letter}{}{name}{ciphers_count:02}{extensions_count:02}{first}{last}_{}_{}",
        version(hello.highest(carrier == Carrier::Datagrams)),
        short_hash(&sorted(ciphers)),
        short_hash(&behind),
    )
}

fn version(number: u16) -> &'static str {
    match number {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    }
}

/// The first and last letter of the first protocol; where one of them is neither letter nor digit, the first and last of its
/// hexadecimal digits.
fn alpn(hello: &ClientHello) -> [char; 2] {
    let Some((Some(first), Some(last))) = hello.alpn.first().map(|name| (name.first(), name.last())) else {
        return ['0', '0'];
    };
    match first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        true => [char::from(*first), char::from(*last)],
        false => [first >> 4, last & 0xf].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')),
    }
}

fn sorted(mut numbers: Vec<u16>) -> String {
    numbers.sort_unstable();
    hexadecimals(&numbers)
}

fn hexadecimals(numbers: &[u16]) -> String {
    numbers.iter().map(|number| format!("{number:04x}")).collect::<Vec<_>>().join(",")
}

fn decimals(numbers: &[u16], reserved: bool) -> String {
    let kept = numbers.iter().filter(|number| reserved || !is_grease(**number));
    kept.map(u16::to_string).collect::<Vec<_>>().join("-")
}

/// The first twelve digits of SHA-256; of nothing, zeros.
fn short_hash(text: &str) -> String {
    match text {
        "" => "0".repeat(12),
        _ => hex(&Sha256::digest(text)).chars().take(12).collect(),
    }
}

fn md5(text: &str) -> String {
    hex(&Md5::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(ciphers: &str, extensions: &str, groups: &str) -> ClientHello {
        let numbers = |list: &str| list.split('-').map(|number| number.parse().unwrap()).collect();
        ClientHello {
            version: 771,
            ciphers: numbers(ciphers),
            extensions: numbers(extensions),
            groups: numbers(groups),
            point_formats: vec![0],
            versions: vec![0x3a3a, 0x0304, 0x0303],
            alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            signatures: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
            ..ClientHello::default()
        }
    }

    const CIPHERS: &str = "2570-4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53";

    /// What tls.browserleaks.com said of Chrome 143.
    #[test]
    fn a_published_client_has_its_fingerprints() {
        let hello =
            hello(CIPHERS, "10794-45-51-16-65037-23-17613-0-11-10-43-65281-35-18-5-13-27-6682", "51914-4588-29-23-24");
        assert_eq!(ja3(&hello), "98487aa16281980e7d1120d399efb6a4");
        assert_eq!(ja4(&hello, Carrier::Stream), "t13d1516h2_8daaf6152771_d8a2da3f94cd");
    }

    /// The example of JA4's own description.
    #[test]
    fn the_example_has_its_fingerprint() {
        let mut hello = hello(CIPHERS, "27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21", "29");
        assert_eq!(ja4(&hello, Carrier::Stream), "t13d1516h2_8daaf6152771_e5627efa2ab1");
        hello.alpn = vec![b"\xab".to_vec()];
        assert!(ja4(&hello, Carrier::Quic).starts_with("q13d1516ab_"));
        hello.alpn = vec![b"h\xcd".to_vec()];
        assert!(ja4(&hello, Carrier::Quic).starts_with("q13d15166d_"));
        assert_eq!(ja4(&ClientHello::default(), Carrier::Datagrams), "d00i000000_000000000000_000000000000");
    }
}
