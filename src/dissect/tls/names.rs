//! The names that numbers of TLS have: versions as Zeek writes them, cipher suites, groups and alerts as IANA does.

use super::ciphers::CIPHERS;

/// A version of SSL, TLS or DTLS.
pub(in crate::dissect) fn version(number: u16) -> String {
    let name = match number {
        0x0002 => "SSLv2",
        0x0300 => "SSLv3",
        0x0301 => "TLSv10",
        0x0302 => "TLSv11",
        0x0303 => "TLSv12",
        0x0304 => "TLSv13",
        0xfeff => "DTLSv10",
        0xfefd => "DTLSv12",
        0xfefc => "DTLSv13",
        0x7f00..=0x7fff => return format!("TLSv13-draft{}", number & 0xff),
        0xfb00..=0xfbff => return format!("TLSv13-FBdraft{}", number & 0xff),
        _ => return hex(number),
    };
    name.to_owned()
}

/// True for TLS 1.3, its drafts, and DTLS 1.3.
pub(super) fn is_13(version: u16) -> bool {
    matches!(version, 0x0304 | 0xfefc | 0x7f00..=0x7fff | 0xfb00..=0xfbff)
}

/// A cipher suite; one that IANA does not know as `0x` and four digits.
pub(in crate::dissect) fn cipher(number: u16) -> String {
    known_cipher(number).map_or_else(|| hex(number), str::to_owned)
}

fn known_cipher(number: u16) -> Option<&'static str> {
    let place = CIPHERS.binary_search_by_key(&number, |(number, _)| *number).ok()?;
    CIPHERS.get(place).map(|(_, name)| *name)
}

/// True if the server sends the curve of its ephemeral key in a message of its own: RFC 8422, 5.4.
pub(super) fn names_curve(cipher: u16) -> bool {
    known_cipher(cipher).is_some_and(|name| name.starts_with("TLS_ECDHE_") || name.starts_with("TLS_ECDH_anon_"))
}

/// A group for the exchange of keys: IANA, "TLS Supported Groups".
pub(in crate::dissect) fn group(number: u16) -> String {
    let curves = CURVES.get(usize::from(number).wrapping_sub(1));
    let others = || GROUPS.iter().find(|(group, _)| *group == number).map(|(_, name)| name);
    curves.or_else(others).map_or_else(|| hex(number), |name| (*name).to_owned())
}

/// Groups 1 to 41.
const CURVES: &[&str] = &[
    "sect163k1",
    "sect163r1",
    "sect163r2",
    "sect193r1",
    "sect193r2",
    "sect233k1",
    "sect233r1",
    "sect239k1",
    "sect283k1",
    "sect283r1",
    "sect409k1",
    "sect409r1",
    "sect571k1",
    "sect571r1",
    "secp160k1",
    "secp160r1",
    "secp160r2",
    "secp192k1",
    "secp192r1",
    "secp224k1",
    "secp224r1",
    "secp256k1",
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
    "x25519",
    "x448",
    "brainpoolP256r1tls13",
    "brainpoolP384r1tls13",
    "brainpoolP512r1tls13",
    "GC256A",
    "GC256B",
    "GC256C",
    "GC256D",
    "GC512A",
    "GC512B",
    "GC512C",
    "curveSM2",
];

const GROUPS: &[(u16, &str)] = &[
    (0x0100, "ffdhe2048"),
    (0x0101, "ffdhe3072"),
    (0x0102, "ffdhe4096"),
    (0x0103, "ffdhe6144"),
    (0x0104, "ffdhe8192"),
    (0x0200, "MLKEM512"),
    (0x0201, "MLKEM768"),
    (0x0202, "MLKEM1024"),
    (0x11eb, "SecP256r1MLKEM768"),
    (0x11ec, "X25519MLKEM768"),
    (0x11ed, "SecP384r1MLKEM1024"),
    (0x6399, "X25519Kyber768Draft00"),
    (0x639a, "SecP256r1Kyber768Draft00"),
    (0xff01, "arbitrary_explicit_prime_curves"),
    (0xff02, "arbitrary_explicit_char2_curves"),
];

/// An alert: IANA, "TLS Alerts".
pub(super) fn alert(number: u8) -> Option<&'static str> {
    Some(match number {
        0 => "close_notify",
        1 => "end_of_early_data",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        52 => "too_many_cids_requested",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        114 => "bad_certificate_hash_value",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        117 => "general_error",
        120 => "no_application_protocol",
        121 => "ech_required",
        _ => return None,
    })
}

/// True for the numbers that are reserved to be ignored: RFC 8701.
pub(super) fn is_grease(number: u16) -> bool {
    number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff
}

/// `0x` and four digits.
pub(in crate::dissect) fn hex(number: u16) -> String {
    format!("0x{number:04x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_names() {
        assert!(CIPHERS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(cipher(0x1301), "TLS_AES_128_GCM_SHA256");
        assert_eq!(cipher(0x0a0a), "0x0a0a");
        assert_eq!(
            (group(29), group(23), group(41), group(0)),
            ("x25519".into(), "secp256r1".into(), "curveSM2".into(), "0x0000".into())
        );
        assert_eq!((version(0x7f1c), version(0xfefd)), ("TLSv13-draft28".into(), "DTLSv12".into()));
        assert!(is_grease(0xfafa) && is_grease(0x0a0a) && !is_grease(0x0a1a) && !is_grease(0x1301));
        assert!(names_curve(0xc02f) && !names_curve(0x009c) && !names_curve(0x1301));
    }
}
