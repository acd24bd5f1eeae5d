//! What the first part of a datagram says, for the parts that follow it.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use crate::decode::Ip;

/// Datagrams that are remembered.
const MAX_DATAGRAMS: usize = 1 << 14;

/// How long after a datagram's first part another may come, in nanoseconds (RFC 8200, 4.5: 60 s; RFC 1122, 3.3.2: 60 to
/// 120 s).
const MAX_WAIT: i128 = 120_000_000_000;

/// What the parts of one datagram share: their sample, addresses, protocol and identification.
type Datagram = (u32, IpAddr, IpAddr, u8, u32);

/// The first parts of datagrams.
#[derive(Debug)]
pub(super) struct FirstParts<T> {
    known: HashMap<Datagram, (T, i128)>,
    /// The datagrams in `known`, oldest first.
    order: VecDeque<Datagram>,
}

impl<T> Default for FirstParts<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T: Copy> FirstParts<T> {
    /// Remembers what a packet says, if it is the first part of a datagram.
    pub(super) fn remember(&mut self, sample: u32, ip: &Ip, time: i128, said: T) {
        let Some(datagram) = datagram(sample, ip).filter(|_| ip.fragment.is_some_and(|fragment| fragment.first)) else {
            return;
        };
        if self.known.insert(datagram, (said, time)).is_none() {
            self.order.push_back(datagram);
        }
        if self.order.len() > MAX_DATAGRAMS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// What the first part of a packet's datagram said, if it came shortly before (or after).
    pub(super) fn of(&self, sample: u32, ip: &Ip, time: i128) -> Option<T> {
        let (said, then) = self.known.get(&datagram(sample, ip)?)?;
        ((time - then).abs() <= MAX_WAIT).then_some(*said)
    }

    /// What follows is of another capture.
    pub(super) fn clear(&mut self) {
        self.known.clear();
        self.order.clear();
    }
}

fn datagram(sample: u32, ip: &Ip) -> Option<Datagram> {
    let identification = ip.fragment?.identification;
    // In IPv6 the first part alone says what stands behind all headers, and the identification is unique without that.
    let protocol = if ip.source.is_ipv6() { 0 } else { ip.protocol };
    Some((sample, ip.source, ip.destination, protocol, identification))
}
