//! The certificates of a chain: RFC 5280 by the crate x509-parser; names as RFC 4514 writes them, as Zeek does.

use sha1::Sha1;
use sha2::{Digest, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::dissect::record::objects;
use crate::dissect::scan::Scan;
use crate::dissect::text::{hex, lossless, utf16};

/// Certificates of one chain that are told.
pub(super) const MAX_CERTIFICATES: usize = 32;

/// Alternative names of one certificate that are told.
const MAX_NAMES: usize = 1_000;

/// The bytes of a name that are told.
const MAX_VALUE: usize = 4 << 10;

objects! {
    /// A certificate of a chain.
    Certificate {
        /// Who showed it: client or server.
        from: &'static str,
        /// SHA-256 of its bytes, as hexadecimal digits.
        sha256: String,
        /// SHA-1 of its bytes, as hexadecimal digits.
        sha1: String,
        /// Its version, from 1; without it and what follows, it could not be read.
        version: Option<u64>,
        /// Its serial number, as hexadecimal digits.
        serial: Option<String>,
        /// Whose it is.
        subject: Option<String>,
        /// Who signed it.
        issuer: Option<String>,
        /// From when on it is valid, in seconds since 1970.
        not_valid_before: Option<i64>,
        /// Until when it is valid, in seconds since 1970.
        not_valid_after: Option<i64>,
        /// Other names of its owner that are domains.
        san_dns: Vec<String> => "san.dns",
        /// Other names that are mail addresses.
        san_email: Vec<String> => "san.email",
        /// Other names that are URIs.
        san_uri: Vec<String> => "san.uri",
        /// Other names that are addresses.
        san_ip: Vec<String> => "san.ip",
    }
}

/// The chain of a Certificate message of TLS 1.2 and before (RFC 5246, 7.4.2), and how many more it has.
pub(super) fn chain(body: &[u8], from: &'static str) -> Option<(Vec<Certificate>, usize)> {
    let mut list = Scan::new(body).vector(3)?;
    let (mut told, mut more) = (Vec::new(), 0);
    while let Some(certificate) = list.vector(3) {
        match told.len() < MAX_CERTIFICATES {
            true => told.push(read(certificate.rest(), from)),
            false => more += 1,
        }
    }
    list.is_empty().then_some((told, more))
}

/// Reads one; of one that is none, there are fingerprints.
pub(super) fn read(bytes: &[u8], from: &'static str) -> Certificate {
    let mut told = Certificate {
        from,
        sha256: hex(&Sha256::digest(bytes)),
        sha1: hex(&Sha1::digest(bytes)),
        ..Certificate::default()
    };
    let Ok((_, certificate)) = X509Certificate::from_der(bytes) else { return told };
    told.version = Some(u64::from(certificate.version().0) + 1);
    told.serial = Some(hex(certificate.raw_serial()));
    told.subject = Some(name(certificate.subject()));
    told.issuer = Some(name(certificate.issuer()));
    told.not_valid_before = Some(certificate.validity().not_before.timestamp());
    told.not_valid_after = Some(certificate.validity().not_after.timestamp());
    if let Ok(Some(names)) = certificate.subject_alternative_name() {
        for name in names.value.general_names.iter().take(MAX_NAMES) {
            alternative(name, &mut told);
        }
    }
    told
}

fn alternative(name: &GeneralName, told: &mut Certificate) {
    match name {
        GeneralName::DNSName(name) => told.san_dns.push(lossless(name.as_bytes())),
        GeneralName::RFC822Name(name) => told.san_email.push(lossless(name.as_bytes())),
        GeneralName::URI(name) => told.san_uri.push(lossless(name.as_bytes())),
        GeneralName::IPAddress(bytes) => told.san_ip.push(address(bytes)),
        _ => {}
    }
}

fn address(bytes: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return std::net::Ipv4Addr::from(four).to_string();
    }
    <[u8; 16]>::try_from(bytes).map_or_else(|_| hex(bytes), |all| std::net::Ipv6Addr::from(all).to_string())
}

/// The last part first, parts joined by commas: RFC 4514, 2.1.
pub(super) fn name(name: &X509Name) -> String {
    let parts: Vec<String> =
        name.iter_rdn().map(|part| part.iter().map(attribute).collect::<Vec<_>>().join("+")).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join(",")
}

fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let oid = attribute.attr_type().to_id_string();
    let short = ATTRIBUTES.iter().find(|(known, _)| *known == oid).map(|(_, short)| *short);
    let bytes = attribute.as_slice();
    let bytes = bytes.get(..MAX_VALUE).unwrap_or(bytes);
    let value = match attribute.attr_value().tag().0 {
        // BMPString is of two bytes a letter, UniversalString of four.
        30 => utf16(bytes, u16::from_be_bytes),
        28 => bytes.chunks_exact(4).filter_map(|c| char::from_u32(Scan::new(c).number(4)? as u32)).collect(),
        _ => lossless(bytes),
    };
    format!("{}={}", short.unwrap_or(&oid), escaped(&value))
}

/// With a backslash where RFC 4514, 2.4 wants one.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.len().saturating_sub(1);
    for (place, c) in value.char_indices() {
        let special = matches!(c, '"' | '+' | ',' | ';' | '<' | '>')
            || (place == 0 && matches!(c, ' ' | '#'))
            || (place == last && c == ' ');
        if special {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// The short names of attributes: RFC 4514, 3, and those that OpenSSL has, as Zeek writes them.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.13", "description"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.41", "name"),
    ("2.5.4.42", "GN"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("1.2.840.113549.1.9.2", "unstructuredName"),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped() {
        assert_eq!(escaped("#a, b+c "), "\\#a\\, b\\+c\\ ");
        assert_eq!(escaped("Müller <x>"), "Müller \\<x\\>");
    }

    #[test]
    fn what_is_no_certificate_has_fingerprints() {
        let told = read(b"none", "server");
        assert_eq!((told.sha256.len(), told.sha1.len(), told.subject), (64, 40, None));
    }

    #[test]
    fn a_chain_that_is_cut_is_none() {
        assert!(chain(&[0, 0, 5, 0, 0, 1, 7], "server").is_none());
        assert!(chain(&[0, 0, 5, 0, 0, 3, 7, 7], "server").is_none());
        let (told, more) = chain(&[0, 0, 4, 0, 0, 1, 7], "client").unwrap();
        assert_eq!((told.len(), more, told[0].from), (1, 0, "client"));
        let many = [vec![0, 1, 0x90], [0, 0, 1, 7].repeat(100)].concat();
        assert_eq!(chain(&many, "server").map(|(told, more)| (told.len(), more)), Some((MAX_CERTIFICATES, 68)));
    }
}
