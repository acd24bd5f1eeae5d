//! Frames of QUIC's Initial packets, protected here: changed bytes of a packet that is protected say nothing.
//!
//! RFC 9001, 5.2 to 5.4, of version 1.

use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes_gcm::{AeadInOut, Aes128Gcm};
use hkdf::Hkdf;
use pcapml::dissect::{Limits, Session};
use pcapml::flow::Side;
use sha2::Sha256;

use crate::dissect::Telling;
use crate::script::{self, Piece, Pieces};

const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f,
    0x0a,
];

/// The connection id that the client has chosen for the server.
const ID: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

/// Datagrams are padded to this: RFC 9000, 14.1.
const PADDED: usize = 1_162;

/// More are not made: protecting them takes longer than reading them.
const MAX_PACKETS: usize = 64;

struct Key {
    payload: Aes128Gcm,
    nonce: [u8; 12],
    header: Aes128,
}

fn expand<const LENGTH: usize>(secret: &Hkdf<Sha256>, label: &[u8]) -> [u8; LENGTH] {
    let mut out = [0; LENGTH];
    let lengths = [0, LENGTH as u8, 6 + label.len() as u8];
    secret.expand_multi_info(&[&lengths[..], b"tls13 ", label, &[0]], &mut out).expect("a short output");
    out
}

impl Key {
    fn new(side: Side) -> Self {
        let (_, initial) = Hkdf::<Sha256>::extract(Some(&SALT), &ID);
        let label: &[u8] = if side == Side::Originator { b"client in" } else { b"server in" };
        let secret = Hkdf::<Sha256>::from_prk(&expand::<32>(&initial, label)).expect("32 bytes");
        Self {
            payload: Aes128Gcm::new(&expand::<16>(&secret, b"quic key").into()),
            nonce: expand(&secret, b"quic iv"),
            header: Aes128::new(&expand::<16>(&secret, b"quic hp").into()),
        }
    }

    /// A packet with these frames, and its number in four bytes.
    fn seal(&self, side: Side, number: u32, frames: &[u8]) -> Vec<u8> {
        let mut payload = frames.to_vec();
        payload.resize(frames.len().max(PADDED), 0);
        let length = 0x8000_0000 | (4 + payload.len() + 16) as u32;
        let ids: &[u8] = &if side == Side::Originator { [&[8][..], &ID, &[0]] } else { [&[0][..], &[8], &ID] }.concat();
        let mut packet = [&[0xc3, 0, 0, 0, 1], ids, &[0], &length.to_be_bytes(), &number.to_be_bytes()].concat();
        let place = packet.len() - 4;
        let mut nonce = self.nonce;
        nonce[8..].iter_mut().zip(number.to_be_bytes()).for_each(|(byte, number)| *byte ^= number);
        let tag = self.payload.encrypt_inout_detached(&nonce.into(), &packet, payload.as_mut_slice().into());
        packet.extend(payload);
        packet.extend(tag.expect("a short packet"));
        let sample: [u8; 16] = packet[place + 4..place + 20].try_into().expect("it is padded");
        let mut mask = sample.into();
        self.header.encrypt_block(&mut mask);
        packet[0] ^= mask[0] & 0x0f;
        (0..4).for_each(|byte| packet[place + byte] ^= mask[1 + byte]);
        packet
    }
}

/// A conversation in which each piece is the frames of a packet.
pub fn frames(script: &[u8]) {
    let keys = [Key::new(Side::Originator), Key::new(Side::Responder)];
    let mut session = Session::new((40_000, 443), true, true, &Limits::default());
    let (mut telling, mut last) = (Telling::default(), Default::default());
    for (piece, at) in Pieces::of(script).take(MAX_PACKETS) {
        let Piece::Said(side, frames) = piece else { continue };
        let packet = keys[side.index()].seal(side, at.packet as u32, frames);
        session.data(side, &packet, at, &mut telling.out);
        last = at;
        telling.check(at);
    }
    session.end(last, &mut telling.out);
    telling.end(last, script.len());
}

/// A script in which the handshake's messages that begin a conversation of TLS over TCP are CRYPTO frames; none if it begins
/// otherwise.
pub fn of_tls(script: &[u8]) -> Option<Vec<u8>> {
    let mut made = Vec::new();
    for (piece, _) in Pieces::of(script).take(4) {
        let Piece::Said(side, [22, 3, _, high, low, said @ ..]) = piece else { continue };
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(said.len()).min(0x3fff);
        let frame = [&[6, 0], &(0x4000 | length as u16).to_be_bytes()[..], &said[..length]].concat();
        script::append(&mut made, side, &frame);
    }
    (!made.is_empty()).then_some(made)
}
