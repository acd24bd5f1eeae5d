//! Names become others of the same length, label by label: equal ones stay equal, and lengths and pointers stay true.
//!
//! Labels of one or two letters are few: two of them may become one.

use hkdf::Hkdf;
use sha2::Sha256;

use super::key::Key;

/// The letters of new names.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The longest label that is replaced at once; longer ones are in no name of DNS.
const LONGEST: usize = 255;

/// The mapping of names under one key.
pub(super) struct Names {
    secret: [u8; 32],
}

impl Names {
    pub(super) fn new(key: &Key) -> Self {
        Self { secret: key.derived("names") }
    }

    /// Letters instead of a label; capital letters mean what small ones do.
    pub(super) fn label(&self, label: &[u8]) -> Vec<u8> {
        let mut new = Vec::with_capacity(label.len());
        for part in label.chunks(LONGEST) {
            let bytes = self.bytes(b"label", &part.to_ascii_lowercase());
            new.extend(bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte & 31))));
        }
        new
    }

    /// A name with dots between its labels.
    pub(super) fn dotted(&self, name: &[u8]) -> Vec<u8> {
        let labels: Vec<Vec<u8>> = name.split(|byte| *byte == b'.').map(|label| self.label(label)).collect();
        labels.join(&b'.')
    }

    /// Any bytes instead of an identifier.
    pub(super) fn identifier(&self, bytes: &[u8]) -> Vec<u8> {
        bytes.chunks(LONGEST).flat_map(|part| self.bytes(b"identifier", part)).collect()
    }

    /// As many bytes as these, of which they tell nothing.
    fn bytes(&self, kind: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut new = vec![0; bytes.len()];
        // The secret is as long as the hash, and so few bytes can be had of it: neither fails.
        if let Ok(hash) = Hkdf::<Sha256>::from_prk(&self.secret) {
            let _ = hash.expand_multi_info(&[kind, b"\0", bytes], &mut new);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_shape_and_nothing_else() {
        let names = Names::new(&Key::parse(&[3; 32]).unwrap());
        let new = names.dotted(b"www.Example.com");
        assert_eq!(new, names.dotted(b"WWW.example.COM"));
        assert_eq!(
            new.iter().map(|letter| *letter == b'.').collect::<Vec<_>>(),
            b"www.Example.com".map(|letter| letter == b'.')
        );
        assert_eq!(new[4..11], names.label(b"example"));
        assert_ne!(new[4..11], names.label(b"exampla"));
        assert_ne!(new, Names::new(&Key::parse(&[4; 32]).unwrap()).dotted(b"www.example.com"));
        assert_eq!(names.label(&[b'x'; 600]).len(), 600);
    }
}
