//! Names of the numbers of the DNS. IANA, "Domain Name System (DNS) Parameters".

/// The name of a class.
pub(super) fn class(number: u16) -> String {
    let name = match number {
        1 => "IN",
        2 => "CS",
        3 => "CH",
        4 => "HS",
        254 => "NONE",
        255 => "ANY",
        other => return format!("CLASS{other}"),
    };
    name.to_owned()
}

/// The name that Zeek has for a class.
pub(super) fn zeek_class(number: u16) -> String {
    let name = match number {
        1 => "C_INTERNET",
        2 => "C_CSNET",
        3 => "C_CHAOS",
        4 => "C_HESOD",
        254 => "C_NONE",
        255 => "C_ANY",
        other => return format!("qclass-{other}"),
    };
    name.to_owned()
}

/// The name of an operation.
pub(super) fn opcode(number: u8) -> String {
    let name = match number {
        0 => "QUERY",
        1 => "IQUERY",
        2 => "STATUS",
        4 => "NOTIFY",
        5 => "UPDATE",
        6 => "DSO",
        other => return format!("OPCODE{other}"),
    };
    name.to_owned()
}

/// The name of the code of a response.
pub(super) fn rcode(number: u16) -> String {
    let name = match number {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        7 => "YXRRSET",
        8 => "NXRRSET",
        9 => "NOTAUTH",
        10 => "NOTZONE",
        11 => "DSOTYPENI",
        16 => "BADVERS",
        17 => "BADKEY",
        18 => "BADTIME",
        19 => "BADMODE",
        20 => "BADNAME",
        21 => "BADALG",
        22 => "BADTRUNC",
        23 => "BADCOOKIE",
        other => return format!("rcode-{other}"),
    };
    name.to_owned()
}

/// The name of an option of EDNS.
pub(super) fn option(number: u16) -> String {
    let name = match number {
        1 => "LLQ",
        2 => "UL",
        3 => "NSID",
        5 => "DAU",
        6 => "DHU",
        7 => "N3U",
        8 => "ECS",
        9 => "EXPIRE",
        10 => "COOKIE",
        11 => "KEEPALIVE",
        12 => "PADDING",
        13 => "CHAIN",
        14 => "KEY-TAG",
        15 => "EDE",
        16 => "CLIENT-TAG",
        17 => "SERVER-TAG",
        18 => "REPORT-CHANNEL",
        19 => "ZONEVERSION",
        other => return format!("OPT{other}"),
    };
    name.to_owned()
}

/// The name of a parameter of SVCB and HTTPS. RFC 9460, 14.3.2.
pub(super) fn parameter(number: u16) -> String {
    let name = match number {
        0 => "mandatory",
        1 => "alpn",
        2 => "no-default-alpn",
        3 => "port",
        4 => "ipv4hint",
        5 => "ech",
        6 => "ipv6hint",
        7 => "dohpath",
        8 => "ohttp",
        other => return format!("key{other}"),
    };
    name.to_owned()
}
