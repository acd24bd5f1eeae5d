//! The versions of QUIC that are understood, and what their Initial packets are protected with.

/// How the keys of a version are made: RFC 9001, 5.2, and RFC 9369, 3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) salt: &'static [u8; 20],
    /// The types of packets and the labels of keys are those of version 2.
    pub(super) second: bool,
    /// Frames are Google's, of which CRYPTO has another type.
    pub(super) google: bool,
}

/// One that is understood; for the versions that are reserved, version 1, or the draft that was spoken for long: whoever
/// wants a server to negotiate protects the packet as one of those.
pub(super) fn known(number: u32) -> Option<[Version; 2]> {
    if is_reserved(number) {
        return Some([understood(V1)?, understood(DRAFT_29)?]);
    }
    understood(number).map(|version| [version; 2])
}

fn understood(number: u32) -> Option<Version> {
    let (salt, second) = match number {
        V1 | 0xff00_0021..=0xff00_0022 => (&SALT_1, false),
        V2 => (&SALT_2, true),
        // The draft of version 2.
        0x709a_50c4 => (&SALT_2_DRAFT, true),
        DRAFT_29..=0xff00_0020 => (&SALT_29, false),
        0xff00_0017..=0xff00_001c | 0xface_b002 | 0xface_b00e => (&SALT_23, false),
        0xff00_0015..=0xff00_0016 | 0xface_b001 => (&SALT_21, false),
        T050 => (&SALT_T050, false),
        T051 => (&SALT_T051, false),
        _ => return None,
    };
    Some(Version { salt, second, google: matches!(number, T050 | T051) })
}

/// Its name, as Zeek writes it; one that has none in hexadecimal digits.
pub(super) fn name(number: u32) -> String {
    match number {
        V1 => "1".to_owned(),
        V2 => "quicv2".to_owned(),
        0xff00_0000..=0xff00_00ff => format!("draft-{}", number & 0xff),
        T050 => "T050".to_owned(),
        T051 => "T051".to_owned(),
        _ => format!("0x{number:08x}"),
    }
}

/// True for versions that are reserved to make others negotiate: RFC 9000, 15.
pub(super) fn is_reserved(number: u32) -> bool {
    number & 0x0f0f_0f0f == 0x0a0a_0a0a
}

const V1: u32 = 1;
const DRAFT_29: u32 = 0xff00_001d;
const V2: u32 = 0x6b33_43cf;
/// Google's, with TLS.
const T050: u32 = u32::from_be_bytes(*b"T050");
const T051: u32 = u32::from_be_bytes(*b"T051");

const SALT_1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f,
    0x0a,
];
const SALT_2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e,
    0xd9,
];
const SALT_2_DRAFT: [u8; 20] = [
    0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d, 0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3, 0xe5,
    0xd3,
];
/// Of the drafts 29 to 32.
const SALT_29: [u8; 20] = [
    0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8,
    0x99,
];
/// Of the drafts 23 to 28.
const SALT_23: [u8; 20] = [
    0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5,
    0x02,
];
/// Of the drafts 21 and 22.
const SALT_21: [u8; 20] = [
    0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64,
    0x4a,
];
const SALT_T050: [u8; 20] = [
    0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83,
    0x10,
];
const SALT_T051: [u8; 20] = [
    0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03,
    0x3d,
];
