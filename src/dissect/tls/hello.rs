//! What a client and a server say first: RFC 8446, 4.1 and 4.2; RFC 6066, 3 (names); RFC 7301 (ALPN); RFC 8422, 5.1
//! (groups, formats of points); RFC 6347, 4.2.1 (the cookie of DTLS).

use super::names::{is_13, is_grease};
use crate::dissect::held::Held;
use crate::dissect::scan::Scan;

/// The extensions that are read, by their numbers.
mod extension {
    pub(super) const SERVER_NAME: u16 = 0;
    pub(super) const GROUPS: u16 = 10;
    pub(super) const POINT_FORMATS: u16 = 11;
    pub(super) const SIGNATURE_ALGORITHMS: u16 = 13;
    pub(super) const ALPN: u16 = 16;
    pub(super) const SESSION_TICKET: u16 = 35;
    pub(super) const PRE_SHARED_KEY: u16 = 41;
    pub(super) const SUPPORTED_VERSIONS: u16 = 43;
    pub(super) const KEY_SHARE: u16 = 51;
}

/// A ServerHello with this for its random bytes is a HelloRetryRequest: RFC 8446, 4.1.3.
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Tickets of a hello that are read, at most.
const MAX_TICKETS: usize = 8;

/// The length of the random bytes.
const RANDOM: usize = 32;

/// What a client offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::dissect) struct ClientHello {
    /// The version in front, which is TLS 1.2 where TLS 1.3 is offered.
    pub(in crate::dissect) version: u16,
    pub(in crate::dissect) session: Vec<u8>,
    pub(in crate::dissect) ciphers: Vec<u16>,
    /// The numbers of its extensions, as they come.
    pub(in crate::dissect) extensions: Vec<u16>,
    pub(in crate::dissect) server_name: Option<Vec<u8>>,
    pub(in crate::dissect) alpn: Vec<Vec<u8>>,
    pub(in crate::dissect) versions: Vec<u16>,
    pub(in crate::dissect) groups: Vec<u16>,
    pub(in crate::dissect) point_formats: Vec<u8>,
    pub(in crate::dissect) signatures: Vec<u16>,
    /// Tickets of earlier sessions, and the identities of keys that both may have.
    pub(in crate::dissect) tickets: Vec<Vec<u8>>,
    /// It came in the form of SSL 2, which has no extensions.
    pub(in crate::dissect) old: bool,
}

/// What a server chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::dissect) struct ServerHello {
    /// The version in front.
    pub(in crate::dissect) legacy_version: u16,
    /// The version that counts.
    pub(in crate::dissect) version: u16,
    pub(in crate::dissect) session: Vec<u8>,
    pub(in crate::dissect) cipher: u16,
    pub(in crate::dissect) extensions: Vec<u16>,
    pub(in crate::dissect) alpn: Option<Vec<u8>>,
    pub(in crate::dissect) group: Option<u16>,
    /// It takes a key that both had before.
    pub(in crate::dissect) resumes: bool,
    /// It asks for another ClientHello.
    pub(in crate::dissect) is_retry: bool,
}

impl Held for ClientHello {
    fn held(&self) -> usize {
        let numbers = self.ciphers.held() + self.extensions.held() + self.versions.held() + self.groups.held();
        let names = self.session.held() + self.server_name.held() + self.alpn.held();
        numbers + names + self.point_formats.held() + self.signatures.held() + self.tickets.held()
    }
}

impl Held for ServerHello {
    fn held(&self) -> usize {
        self.session.held() + self.extensions.held() + self.alpn.held()
    }
}

impl ClientHello {
    /// Reads the message's body. What stands behind an extension that makes no sense is not read.
    pub(in crate::dissect) fn read(body: &[u8], datagrams: bool) -> Option<Self> {
        let mut from = Scan::new(body);
        let mut hello = Self { version: from.u16()?, ..Self::default() };
        from.take(RANDOM)?;
        hello.session = from.vector(1)?.rest().to_vec();
        if datagrams {
            from.vector(1)?;
        }
        hello.ciphers = from.vector(2)?.numbers();
        from.vector(1)?;
        // SSL 3 and old TLS have no extensions.
        if let Some(mut extensions) = from.vector(2) {
            while let Some((kind, value)) = next_extension(&mut extensions) {
                hello.extensions.push(kind);
                hello.extension(kind, value);
            }
        }
        Some(hello)
    }

    /// The form of SSL 2, which may offer later versions: RFC 6101, E.1. The header of the record stands before it.
    pub(super) fn read_old(body: &[u8]) -> Option<Self> {
        let mut from = Scan::new(body);
        from.u8().filter(|kind| *kind == 1)?;
        let version = from.u16()?;
        let (ciphers, session, _challenge) = (from.u16()?, from.u16()?, from.u16()?);
        let ciphers = from.take(ciphers.into())?;
        // Those of SSL 2 itself do not begin with 0, and have no numbers in later versions.
        let later = ciphers.chunks_exact(3).filter_map(|cipher| cipher.strip_prefix(&[0]));
        let ciphers = later.filter_map(|cipher| Scan::new(cipher).u16()).collect();
        Some(Self { version, ciphers, session: from.take(session.into())?.to_vec(), old: true, ..Self::default() })
    }

    /// The highest version that it offers; what is reserved is none.
    pub(super) fn highest(&self, datagrams: bool) -> u16 {
        let offered = self.versions.iter().copied().filter(|version| !is_grease(*version));
        // The numbers of DTLS run downwards.
        let highest = if datagrams { offered.min() } else { offered.max() };
        highest.unwrap_or(self.version)
    }

    fn extension(&mut self, kind: u16, mut value: Scan) -> Option<()> {
        match kind {
            extension::SERVER_NAME => {
                let mut names = value.vector(2)?;
                while let Some(kind) = names.u8() {
                    let name = names.vector(2)?.rest();
                    if kind == 0 {
                        self.server_name.get_or_insert(name.to_vec());
                    }
                }
            }
            extension::GROUPS => self.groups = value.vector(2)?.numbers(),
            extension::POINT_FORMATS => self.point_formats = value.vector(1)?.rest().to_vec(),
            extension::SIGNATURE_ALGORITHMS => self.signatures = value.vector(2)?.numbers(),
            extension::ALPN => {
                let mut names = value.vector(2)?;
                while let Some(name) = names.vector(1) {
                    self.alpn.push(name.rest().to_vec());
                }
            }
            extension::SUPPORTED_VERSIONS => self.versions = value.vector(1)?.numbers(),
            // Without one, it says that the client takes tickets.
            extension::SESSION_TICKET => self.ticket(value.rest()),
            extension::PRE_SHARED_KEY => {
                let mut identities = value.vector(2)?;
                while let Some(identity) = identities.vector(2) {
                    self.ticket(identity.rest());
                    // How old it is, obfuscated.
                    identities.u32()?;
                }
            }
            _ => {}
        }
        Some(())
    }

    fn ticket(&mut self, ticket: &[u8]) {
        if !ticket.is_empty() && self.tickets.len() < MAX_TICKETS {
            self.tickets.push(ticket.to_vec());
        }
    }
}

impl ServerHello {
    /// Reads the message's body.
    pub(in crate::dissect) fn read(body: &[u8]) -> Option<Self> {
        let mut from = Scan::new(body);
        let version = from.u16()?;
        let is_retry = from.take(RANDOM)? == RETRY;
        let mut hello = Self { legacy_version: version, version, is_retry, ..Self::default() };
        // The drafts of TLS 1.3 before the 22nd left out the session and the compression.
        let short = matches!(version, 0x7f00..=0x7f15);
        if !short {
            hello.session = from.vector(1)?.rest().to_vec();
        }
        hello.cipher = from.u16()?;
        if !short {
            from.u8()?;
        }
        if let Some(mut extensions) = from.vector(2) {
            while let Some((kind, value)) = next_extension(&mut extensions) {
                hello.extensions.push(kind);
                hello.extension(kind, value);
            }
        }
        Some(hello)
    }

    /// True for TLS 1.3.
    pub(super) fn is_13(&self) -> bool {
        is_13(self.version)
    }

    fn extension(&mut self, kind: u16, mut value: Scan) -> Option<()> {
        match kind {
            extension::ALPN => self.alpn = Some(value.vector(2)?.vector(1)?.rest().to_vec()),
            extension::PRE_SHARED_KEY => self.resumes = true,
            extension::SUPPORTED_VERSIONS => self.version = value.u16()?,
            extension::KEY_SHARE => self.group = Some(value.u16()?),
            _ => {}
        }
        Some(())
    }
}

/// Its number and its value.
fn next_extension<'a>(extensions: &mut Scan<'a>) -> Option<(u16, Scan<'a>)> {
    Some((extensions.u16()?, extensions.vector(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_read_wherever_they_stand() {
        let extension =
            |kind: u16, value: &[u8]| [&kind.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat();
        // An empty ticket asks for one; of two identities, each is followed by its age.
        let identities = [0, 15, 0, 2, 7, 8, 0, 0, 0, 0, 0, 1, 9, 0, 0, 0, 0];
        let extensions = [extension(35, b""), extension(35, b"ticket"), extension(41, &identities)].concat();
        let length = (extensions.len() as u16).to_be_bytes();
        let body = [&[3, 3][..], &[5; RANDOM], &[0, 0, 2, 0x13, 1, 1, 0], &length, &extensions].concat();
        let hello = ClientHello::read(&body, false).unwrap();
        assert_eq!(hello.tickets, [b"ticket".to_vec(), vec![7, 8], vec![9]]);
        for length in 0..body.len() {
            ClientHello::read(&body[..length], false);
        }
    }
}
