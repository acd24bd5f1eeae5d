//! The key that everything replaced depends on.

use hkdf::Hkdf;
use sha2::Sha256;

/// The length of a key, in bytes.
const LENGTH: usize = 32;

/// A secret of 32 bytes. It has no `Debug` and is written nowhere.
#[derive(Clone)]
pub struct Key([u8; LENGTH]);

impl Key {
    /// A key as a file holds it: 32 bytes, or 64 hex digits, perhaps with a line end behind them.
    pub fn parse(content: &[u8]) -> Option<Self> {
        if let Ok(bytes) = content.try_into() {
            return Some(Self(bytes));
        }
        let text = content.strip_suffix(b"\n").unwrap_or(content);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let mut key = [0; LENGTH];
        if text.len() != 2 * LENGTH {
            return None;
        }
        for (byte, digits) in key.iter_mut().zip(text.chunks_exact(2)) {
            let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
            *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
        }
        Some(Self(key))
    }

    /// All of it: Crypto-PAn's key and pad.
    pub(super) fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// A key of its own for each purpose (RFC 5869), so that what one tells says nothing of another.
    pub(super) fn derived(&self, purpose: &str) -> [u8; LENGTH] {
        let mut derived = [0; LENGTH];
        let info = [b"pcapml anonymize ", purpose.as_bytes()];
        // Only more than 255 times the hash's length could fail.
        let _ = Hkdf::<Sha256>::new(None, &self.0).expand_multi_info(&info, &mut derived);
        derived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bytes_or_digits() {
        let bytes: Vec<u8> = (0..32).map(|byte| byte * 7).collect();
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for content in [bytes.clone(), digits.clone().into(), format!("{}\n", digits.to_uppercase()).into()] {
            assert_eq!(Key::parse(&content).unwrap().bytes().as_slice(), bytes);
        }
        for wrong in [&digits[..62], &format!("{digits}\n\n"), "", &digits.replace('0', "g"), &format!(" {digits}")] {
            assert!(Key::parse(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert!(Key::parse(&[bytes, vec![10]].concat()).is_none());
    }

    #[test]
    fn each_purpose_has_its_own() {
        let key = Key([1; 32]);
        assert_ne!(key.derived("names"), key.derived("ids"));
    }
}
