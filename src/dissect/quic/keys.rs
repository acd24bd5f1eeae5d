//! The protection of Initial packets, which everybody who sees the client's first one can take off: RFC 9001, 5.2 to 5.4,
//! RFC 9369, 3.3.

use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes_gcm::{AeadInOut, Aes128Gcm};
use hkdf::Hkdf;
use sha2::Sha256;

use super::packet::Packet;
use super::versions::{self, Version};

/// The length of what authenticates a packet.
const TAG: usize = 16;

/// Behind the place of the packet number, so many bytes before the sample that protects the header.
const LONGEST_NUMBER: usize = 4;

/// The keys of both sides' Initial packets.
pub(super) struct Keys {
    pub(super) client: Key,
    pub(super) server: Key,
}

/// The keys of one side.
pub(super) struct Key {
    payload: Aes128Gcm,
    nonce: [u8; 12],
    header: Aes128,
}

impl Keys {
    /// Those that belong to the connection id to which the client sent its first packet, or its first one behind a Retry.
    pub(super) fn new(version: Version, destination: &[u8]) -> Option<Self> {
        let (_, initial) = Hkdf::<Sha256>::extract(Some(version.salt), destination);
        Some(Self {
            client: Key::new(&initial, b"client in", version)?,
            server: Key::new(&initial, b"server in", version)?,
        })
    }
}

/// Keys that open this packet, if it is a client's Initial packet, and its number and frames.
pub(super) fn of_client(packet: &Packet) -> Option<(Version, Keys, u64, Vec<u8>)> {
    versions::known(packet.version)?.into_iter().find_map(|version| {
        let keys = Keys::new(version, packet.destination)?;
        let (number, frames) = keys.client.open(packet, None)?;
        Some((version, keys, number, frames))
    })
}

impl Key {
    fn new(initial: &Hkdf<Sha256>, side: &[u8], version: Version) -> Option<Self> {
        let secret: [u8; 32] = expand(initial, side)?;
        let secret = Hkdf::<Sha256>::from_prk(&secret).ok()?;
        let [key, iv, hp]: [&[u8]; 3] = match version.second {
            false => [b"quic key", b"quic iv", b"quic hp"],
            true => [b"quicv2 key", b"quicv2 iv", b"quicv2 hp"],
        };
        Some(Self {
            payload: Aes128Gcm::new(&expand::<16>(&secret, key)?.into()),
            nonce: expand(&secret, iv)?,
            header: Aes128::new(&expand::<16>(&secret, hp)?.into()),
        })
    }

    /// The number and the frames of a packet; none if it is not protected with this key. Of the numbers before it, `largest` is
    /// the largest.
    pub(super) fn open(&self, packet: &Packet, largest: Option<u64>) -> Option<(u64, Vec<u8>)> {
        let (header, body) = packet.bytes.split_at_checked(packet.header)?;
        let sample: [u8; 16] = *body.get(LONGEST_NUMBER..)?.first_chunk()?;
        let mut mask = sample.into();
        self.header.encrypt_block(&mut mask);
        let [mask_first, mask_number @ ..] = *mask.first_chunk::<5>()?;
        let mut header = header.to_vec();
        let first = header.first_mut()?;
        *first ^= mask_first & 0x0f;
        let length = usize::from(*first & 3) + 1;
        let (number, payload) = body.split_at_checked(length)?;
        header.extend(number.iter().zip(mask_number).map(|(byte, mask)| byte ^ mask));
        let truncated = header.iter().rev().take(length).rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let number = whole_number(truncated, 8 * length as u32, largest);
        let (payload, tag) = payload.split_at_checked(payload.len().checked_sub(TAG)?)?;
        let mut payload = payload.to_vec();
        let tag = <[u8; TAG]>::try_from(tag).ok()?;
        self.payload
            .decrypt_inout_detached(&self.nonce(number).into(), &header, payload.as_mut_slice().into(), &tag.into())
            .ok()?;
        Some((number, payload))
    }

    /// For tests: the packet with this header, in which four bytes are said to hold the number, and these frames.
    #[cfg(test)]
    pub(super) fn seal(&self, header: &[u8], number: u32, frames: &[u8]) -> Vec<u8> {
        let mut packet = [header, &number.to_be_bytes()].concat();
        let mut payload = frames.to_vec();
        let nonce = self.nonce(number.into()).into();
        let tag = self.payload.encrypt_inout_detached(&nonce, &packet, payload.as_mut_slice().into()).unwrap();
        packet.extend(payload);
        packet.extend(tag);
        let place = header.len();
        let mut mask = <[u8; 16]>::try_from(&packet[place + 4..place + 20]).unwrap().into();
        self.header.encrypt_block(&mut mask);
        packet[0] ^= mask[0] & 0x0f;
        (0..4).for_each(|byte| packet[place + byte] ^= mask[1 + byte]);
        packet
    }

    fn nonce(&self, number: u64) -> [u8; 12] {
        let mut nonce = self.nonce;
        nonce.iter_mut().rev().zip(number.to_le_bytes()).for_each(|(byte, part)| *byte ^= part);
        nonce
    }
}

/// HKDF-Expand-Label with nothing for context: RFC 8446, 7.1.
fn expand<const LENGTH: usize>(secret: &Hkdf<Sha256>, label: &[u8]) -> Option<[u8; LENGTH]> {
    let mut out = [0; LENGTH];
    let lengths = ((LENGTH as u16).to_be_bytes(), [(b"tls13 ".len() + label.len()) as u8]);
    secret.expand_multi_info(&[&lengths.0, &lengths.1, b"tls13 ", label, &[0]], &mut out).ok()?;
    Some(out)
}

/// The number that is next to the one expected, of those that end in these bits: RFC 9000, A.3.
fn whole_number(truncated: u64, bits: u32, largest: Option<u64>) -> u64 {
    let window = 1_u64 << bits;
    let expected = largest.map_or(0, |largest| largest.saturating_add(1));
    let candidate = expected & !(window - 1) | truncated;
    if candidate.saturating_add(window / 2) <= expected && candidate < (1 << 62) - window {
        candidate + window
    } else if candidate > expected.saturating_add(window / 2) && candidate >= window {
        candidate - window
    } else {
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::text::hex;

    /// RFC 9001, A.1, and RFC 9369, A.1: what both sides' packets are protected with.
    #[test]
    fn keys_are_those_of_the_standards() {
        let id = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
        let nonces = |version| {
            let [version, _] = crate::dissect::quic::versions::known(version).unwrap();
            let keys = Keys::new(version, &id).unwrap();
            (hex(&keys.client.nonce), hex(&keys.server.nonce))
        };
        assert_eq!(nonces(1), ("fa044b2f42a3fd3b46fb255c".into(), "0ac1493ca1905853b0bba03e".into()));
        assert_eq!(nonces(0x6b33_43cf), ("91f73e2351d8fa91660e909f".into(), "dd13c276499c0249d3310652".into()));
    }

    /// RFC 9000, A.3.
    #[test]
    fn packet_numbers_are_completed() {
        assert_eq!(whole_number(0x9b32, 16, Some(0xa82f_30ea)), 0xa82f_9b32);
        assert_eq!(whole_number(0, 8, None), 0);
        assert_eq!(whole_number(0x01, 8, Some(0xfe)), 0x101);
        assert_eq!(whole_number(0xff, 8, Some(0x100)), 0xff);
    }
}
