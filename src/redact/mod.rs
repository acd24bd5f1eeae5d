//! What packets must not tell: where each header of a packet stands, and how its bytes are changed without a trace in
//! its checksums.
//!
//! [`Walk`] finds the headers of a packet: link layer, tags, IP with its extensions, transport, tunnels and the packets
//! inside them, and those that ICMP errors quote. [`Edit`] changes bytes and brings every checksum that covers them along
//! (RFC 1624): what was right stays right, and what was wrong stays wrong, also where the bytes that it covers were cut.
//! [`Field`] is the vocabulary of what can be hidden in a packet: what lint proposes, manifests disallow and masks name. A
//! [`Masker`] zeroes the fields of a [`Mask`], and the checksums that would tell them.
//!
//! Promises, each tested: no input causes a panic; nothing but the bytes that are named is changed, and no length.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod addresses;
mod anonymize;
mod bytes;
mod cache;
mod checksum;
mod fields;
mod hardware;
mod key;
mod mask;
mod names;
mod options;
mod permute;
mod prefix;
mod present;
mod pseudo;
mod pseudonyms;
mod spelling;
mod walk;

pub use addresses::Addresses;
pub use anonymize::{Anonymizer, Counts, Original, Payload, Ports, Reason, Rules, Times};
pub use checksum::{Cover, Edit};
pub use fields::Field;
pub use hardware::{HardwareRule, without_ip};
pub use key::Key;
pub use mask::{Mask, Masker};
pub use present::Present;
pub use pseudonyms::{Ids, Offsets};
pub use spelling::{Spelled, hexadecimal, written};
pub use walk::{Header, Kind, Stop, Walk};
