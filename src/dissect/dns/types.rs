//! Types of resource records: their names, and what their data is made of. IANA, "Resource Record (RR) TYPEs".

use Part::{
    Addresses, Base64, Bitmap, Eui, Hash, Hex, HostIdentity, IpsecKey, Key, Location, Name, Quoted, Salt, String,
    Strings, Svcb, Tag, Time, TransactionSignature, Type, U8, U16, U32, V4, V6, WellKnown,
};

/// A part of a record's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A name.
    Name,
    /// A number of one byte.
    U8,
    /// A number of two bytes.
    U16,
    /// A number of four bytes.
    U32,
    /// An IPv4 address.
    V4,
    /// An IPv6 address.
    V6,
    /// A character string, between quotes.
    String,
    /// Character strings up to the end.
    Strings,
    /// The rest, as one character string.
    Quoted,
    /// A word with its length before it.
    Tag,
    /// The rest, in hexadecimal digits.
    Hex,
    /// The rest, in base64.
    Base64,
    /// Six or eight bytes with dashes between them.
    Eui,
    /// The number of a type.
    Type,
    /// Seconds since 1970, as a date.
    Time,
    /// A set of types (RFC 4034, 4.1.2).
    Bitmap,
    /// Hexadecimal digits with their length, `-` if there are none (RFC 5155, 3.3).
    Salt,
    /// A hash in base32hex, with its length.
    Hash,
    /// RFC 1876.
    Location,
    /// RFC 3123.
    Addresses,
    /// RFC 1035, 3.4.2.
    WellKnown,
    /// Parameters of RFC 9460.
    Svcb,
    /// RFC 4025.
    IpsecKey,
    /// RFC 8005.
    HostIdentity,
    /// RFC 8945, 4.2.
    TransactionSignature,
    /// RFC 2930, 2.
    Key,
}

/// The name of a type.
pub(super) fn name(number: u16) -> std::string::String {
    find(number).map_or_else(|| format!("TYPE{number}"), |(name, _)| (*name).to_owned())
}

/// The name that Zeek has for a type that is asked for.
pub(super) fn zeek_name(number: u16) -> std::string::String {
    match (number, find(number)) {
        (255, _) => "*".to_owned(),
        (_, Some((name, _))) => (*name).to_owned(),
        (_, None) => format!("query-{number}"),
    }
}

/// What a type's data is made of; nothing if that is unknown, or it has no form.
pub(super) fn parts(number: u16) -> &'static [Part] {
    find(number).map_or(&[], |(_, parts)| parts)
}

/// True if somebody uses the type.
pub(super) fn is_known(number: u16) -> bool {
    find(number).is_some()
}

/// The number of OPT, which is no record but carries EDNS.
pub(super) const OPT: u16 = 41;

fn find(number: u16) -> Option<&'static (&'static str, &'static [Part])> {
    let place = TYPES.binary_search_by_key(&number, |(number, _)| *number).ok()?;
    TYPES.get(place).map(|(_, found)| found)
}

/// Sorted by number.
const TYPES: &[(u16, (&str, &[Part]))] = &[
    (1, ("A", &[V4])),
    (2, ("NS", &[Name])),
    (3, ("MD", &[Name])),
    (4, ("MF", &[Name])),
    (5, ("CNAME", &[Name])),
    (6, ("SOA", &[Name, Name, U32, U32, U32, U32, U32])),
    (7, ("MB", &[Name])),
    (8, ("MG", &[Name])),
    (9, ("MR", &[Name])),
    (10, ("NULL", &[])),
    (11, ("WKS", &[V4, WellKnown])),
    (12, ("PTR", &[Name])),
    (13, ("HINFO", &[String, String])),
    (14, ("MINFO", &[Name, Name])),
    (15, ("MX", &[U16, Name])),
    (16, ("TXT", &[Strings])),
    (17, ("RP", &[Name, Name])),
    (18, ("AFSDB", &[U16, Name])),
    (19, ("X25", &[String])),
    (20, ("ISDN", &[Strings])),
    (21, ("RT", &[U16, Name])),
    (22, ("NSAP", &[])),
    (23, ("NSAP-PTR", &[Name])),
    (24, ("SIG", &[Type, U8, U8, U32, Time, Time, U16, Name, Base64])),
    (25, ("KEY", &[U16, U8, U8, Base64])),
    (26, ("PX", &[U16, Name, Name])),
    (27, ("GPOS", &[String, String, String])),
    (28, ("AAAA", &[V6])),
    (29, ("LOC", &[Location])),
    (30, ("NXT", &[])),
    (31, ("EID", &[])),
    (32, ("NIMLOC", &[])),
    (33, ("SRV", &[U16, U16, U16, Name])),
    (34, ("ATMA", &[])),
    (35, ("NAPTR", &[U16, U16, String, String, String, Name])),
    (36, ("KX", &[U16, Name])),
    (37, ("CERT", &[U16, U16, U8, Base64])),
    (38, ("A6", &[])),
    (39, ("DNAME", &[Name])),
    (40, ("SINK", &[])),
    (41, ("OPT", &[])),
    (42, ("APL", &[Addresses])),
    (43, ("DS", &[U16, U8, U8, Hex])),
    (44, ("SSHFP", &[U8, U8, Hex])),
    (45, ("IPSECKEY", &[IpsecKey])),
    (46, ("RRSIG", &[Type, U8, U8, U32, Time, Time, U16, Name, Base64])),
    (47, ("NSEC", &[Name, Bitmap])),
    (48, ("DNSKEY", &[U16, U8, U8, Base64])),
    (49, ("DHCID", &[Base64])),
    (50, ("NSEC3", &[U8, U8, U16, Salt, Hash, Bitmap])),
    (51, ("NSEC3PARAM", &[U8, U8, U16, Salt])),
    (52, ("TLSA", &[U8, U8, U8, Hex])),
    (53, ("SMIMEA", &[U8, U8, U8, Hex])),
    (55, ("HIP", &[HostIdentity])),
    (56, ("NINFO", &[Strings])),
    (57, ("RKEY", &[U16, U8, U8, Base64])),
    (58, ("TALINK", &[Name, Name])),
    (59, ("CDS", &[U16, U8, U8, Hex])),
    (60, ("CDNSKEY", &[U16, U8, U8, Base64])),
    (61, ("OPENPGPKEY", &[Base64])),
    (62, ("CSYNC", &[U32, U16, Bitmap])),
    (63, ("ZONEMD", &[U32, U8, U8, Hex])),
    (64, ("SVCB", &[U16, Name, Svcb])),
    (65, ("HTTPS", &[U16, Name, Svcb])),
    (99, ("SPF", &[Strings])),
    (103, ("UNSPEC", &[])),
    (104, ("NID", &[])),
    (105, ("L32", &[U16, V4])),
    (106, ("L64", &[])),
    (107, ("LP", &[U16, Name])),
    (108, ("EUI48", &[Eui])),
    (109, ("EUI64", &[Eui])),
    (249, ("TKEY", &[Key])),
    (250, ("TSIG", &[TransactionSignature])),
    (251, ("IXFR", &[])),
    (252, ("AXFR", &[])),
    (253, ("MAILB", &[])),
    (254, ("MAILA", &[])),
    (255, ("ANY", &[])),
    (256, ("URI", &[U16, U16, Quoted])),
    (257, ("CAA", &[U8, Tag, Quoted])),
    (258, ("AVC", &[Strings])),
    (32768, ("TA", &[U16, U8, U8, Hex])),
    (32769, ("DLV", &[U16, U8, U8, Hex])),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TYPES.is_sorted_by(|(a, _), (b, _)| a < b));
        assert_eq!((name(28), name(65_280)), ("AAAA".to_owned(), "TYPE65280".to_owned()));
        assert_eq!((zeek_name(255), zeek_name(65_280)), ("*".to_owned(), "query-65280".to_owned()));
    }
}
