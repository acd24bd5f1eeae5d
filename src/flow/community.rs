//! The Community ID of a flow. Source: github.com/corelight/community-id-spec, version 1.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use super::biflow::Biflow;
use crate::decode::protocol;

/// The Community ID of a flow, with seed 0.
pub fn community_id(flow: &Biflow) -> String {
    let key = &flow.key;
    // The lower address, then port, stands first: so does it in the key.
    let (mut low, mut high) = (key.address(true), key.address(false));
    let mut ports = key.port(true).zip(key.port(false));
    if key.is_icmp() {
        let [kind, code] = key.ports.0.to_be_bytes();
        ports = match counterpart(key.protocol, kind) {
            Some((question, answer)) if flow.forward_is_low == flow.asks => Some((question, answer)),
            Some((question, answer)) => Some((answer, question)),
            // Messages without an answer are not turned round.
            None => {
                (low, high) = (key.address(flow.forward_is_low), key.address(!flow.forward_is_low));
                Some((kind.into(), code.into()))
            }
        };
    }
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    for address in [low, high] {
        match address {
            IpAddr::V4(address) => hash.update(address.octets()),
            IpAddr::V6(address) => hash.update(address.octets()),
        }
    }
    hash.update([key.protocol, 0]);
    if let Some((from, to)) = ports {
        hash.update(from.to_be_bytes());
        hash.update(to.to_be_bytes());
    }
    let mut text = String::with_capacity(32);
    text.push_str("1:");
    STANDARD.encode_string(hash.finalize(), &mut text);
    text
}

/// The types of the question and of the answer, of which `kind` is the lower.
fn counterpart(number: u8, kind: u8) -> Option<(u16, u16)> {
    let kind16 = u16::from(kind);
    match (number, kind) {
        (protocol::ICMP, 0) => Some((8, 0)),
        (protocol::ICMP, 9) => Some((10, 9)),
        (protocol::ICMP, 13 | 15 | 17) | (protocol::ICMPV6, 128 | 130 | 133 | 135 | 139 | 144) => {
            Some((kind16, kind16 + 1))
        }
        _ => None,
    }
}
