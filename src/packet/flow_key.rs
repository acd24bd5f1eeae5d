//! What makes packets one conversation: addresses, protocol and ports, whichever way they go.

use std::fmt;
use std::net::IpAddr;

/// The canonical 5-tuple: of the two ends, the one of the lower address (then port) stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowKey {
    /// The IP protocol number.
    pub protocol: u8,
    /// The lower end.
    pub low: IpAddr,
    /// The higher end.
    pub high: IpAddr,
    /// Their ports; none where the protocol has no ports, or they are not known.
    pub ports: Option<(u16, u16)>,
}

impl FlowKey {
    /// The key of packets between these ends, in either direction.
    pub fn new(protocol: u8, source: IpAddr, destination: IpAddr, ports: Option<(u16, u16)>) -> Self {
        let (from, to) = ports.unwrap_or_default();
        match (source, from) <= (destination, to) {
            true => Self { protocol, low: source, high: destination, ports },
            false => Self { protocol, low: destination, high: source, ports: ports.map(|_| (to, from)) },
        }
    }

    /// The key without its ports.
    pub fn without_ports(self) -> Self {
        Self::new(self.protocol, self.low, self.high, None)
    }
}

/// `proto|low ip|port|high ip|port`, the ports 0 where there are none: the first part of a flow's sample key.
impl fmt::Display for FlowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.ports.unwrap_or_default();
        write!(f, "{}|{}|{low}|{}|{high}", self.protocol, self.low, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_have_one_key() {
        let (one, other): (IpAddr, IpAddr) = ("10.0.0.9".parse().unwrap(), "10.0.0.10".parse().unwrap());
        let key = FlowKey::new(6, one, other, Some((443, 50_000)));
        assert_eq!(key, FlowKey::new(6, other, one, Some((50_000, 443))));
        assert_eq!(key.to_string(), "6|10.0.0.9|443|10.0.0.10|50000");
        assert_eq!(FlowKey::new(17, one, one, Some((2, 1))), FlowKey::new(17, one, one, Some((1, 2))));
        assert_eq!(FlowKey::new(1, other, one, None).to_string(), "1|10.0.0.9|0|10.0.0.10|0");
    }
}
