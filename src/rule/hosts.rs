//! Labels by address: which device a packet comes from or goes to.
//!
//! A table `host,label[,field…][,hash_key]`, whose hosts are addresses, networks (`10.0.0.0/8`) or hardware addresses.
//! The longest prefix wins; of hosts that fix their address equally, the one that stands first in the table.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;

use super::labelled_rows::{LabelledRows, RowLabel};
use crate::decode::Layers;
use crate::error::{Error, Result};

/// The names that the column of hosts may have.
const NAMES: &[&str] = &["host", "address", "ip", "mac", "cidr", "network"];

/// An address, a network or a hardware address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Host {
    /// The address with the bits beyond the prefix cleared, and the prefix's length.
    Network(IpAddr, u8),
    Hardware([u8; 6]),
}

/// A table of hosts and their labels.
#[derive(Debug)]
pub struct HostMap {
    /// What each row says.
    pub rows: Vec<HostRow>,
    numbers: HashMap<Host, u32>,
    /// The lengths of the prefixes that there are, longest first.
    lengths: [Vec<u8>; 2],
}

/// One row.
#[derive(Debug)]
pub struct HostRow {
    /// Its line in the table.
    pub line: u64,
    /// The host in its one form: `192.168.1.5`, `10.0.0.0/8`, `2001:db8::/32`, `a0:b1:c2:d3:e4:f5`.
    pub host: String,
    /// Its label.
    pub label: RowLabel,
}

impl HostMap {
    /// Reads a table.
    ///
    /// # Errors
    /// The first defect, with file, line and column.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        Self::parse(&bytes).map_err(|error| error.in_file(path))
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let mut map = Self { rows: Vec::new(), numbers: HashMap::new(), lengths: [Vec::new(), Vec::new()] };
        LabelledRows::of(bytes, NAMES, &[])?.each(|line, cells, label| {
            let host = parse(cells[0]).map_err(|fault| Error::labels(fault).at_line(line, Some(1)))?;
            map.add(line, host, label)
        })?;
        for lengths in &mut map.lengths {
            lengths.sort_unstable_by(|one, other| other.cmp(one));
            lengths.dedup();
        }
        Ok(map)
    }

    fn add(&mut self, line: u64, host: Host, label: RowLabel) -> Result<()> {
        let number = self.rows.len() as u32;
        if let Some(&earlier) = self.numbers.get(&host) {
            let earlier = &self.rows[earlier as usize];
            if earlier.label == label {
                return Ok(());
            }
            return Err(
                Error::labels(format!("{host} has another label in line {}", earlier.line)).at_line(line, Some(1))
            );
        }
        self.numbers.insert(host, number);
        if let Host::Network(address, length) = host {
            self.lengths[usize::from(address.is_ipv6())].push(length);
        }
        self.rows.push(HostRow { line, host: host.to_string(), label });
        Ok(())
    }

    /// The rows of the two ends of a packet: the source's, the destination's.
    pub fn ends(&self, layers: &Layers) -> [Option<u32>; 2] {
        let (mut source, mut destination) = (None, None);
        if let Some(hardware) = layers.hardware {
            source = self.numbers.get(&Host::Hardware(hardware.source)).copied();
            destination = hardware.destination.and_then(|address| self.numbers.get(&Host::Hardware(address)).copied());
        }
        if let Some((from, to)) = layers.addresses() {
            source = self.better(source, self.of_address(from));
            destination = self.better(destination, self.of_address(to));
        }
        [source, destination]
    }

    /// Of two rows the one that fixes more of its address, or else stands first.
    pub fn better(&self, one: Option<u32>, other: Option<u32>) -> Option<u32> {
        let (Some(first), Some(second)) = (one, other) else {
            return one.or(other);
        };
        let rank = |row: u32| (self.rows[row as usize].free_bits(), row);
        Some(if rank(first) <= rank(second) { first } else { second })
    }

    fn of_address(&self, address: IpAddr) -> Option<u32> {
        let lengths = &self.lengths[usize::from(address.is_ipv6())];
        lengths.iter().find_map(|&length| self.numbers.get(&Host::Network(masked(address, length), length)).copied())
    }
}

impl HostRow {
    /// How many bits of an address the host leaves open.
    fn free_bits(&self) -> u8 {
        match self.host.split_once('/') {
            Some((address, length)) => bits(address.contains(':')) - length.parse::<u8>().unwrap_or(0),
            None => 0,
        }
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network(address, length) if *length == bits(address.is_ipv6()) => address.fmt(f),
            Self::Network(address, length) => write!(f, "{address}/{length}"),
            Self::Hardware([a, b, c, d, e, g]) => write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}"),
        }
    }
}

fn bits(version_6: bool) -> u8 {
    if version_6 { 128 } else { 32 }
}

fn masked(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

fn parse(text: &str) -> Result<Host, String> {
    if let Some(address) = hardware(text) {
        return Ok(Host::Hardware(address));
    }
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let no_host = || format!("'{text}' is no address, network (10.0.0.0/8) or hardware address (a0:b1:c2:d3:e4:f5)");
    let address: IpAddr = address.parse().map_err(|_| no_host())?;
    let all = bits(address.is_ipv6());
    let length = match length {
        None => all,
        Some(length) => length.parse().ok().filter(|length| *length <= all).ok_or_else(no_host)?,
    };
    let network = masked(address, length);
    match network == address {
        true => Ok(Host::Network(network, length)),
        false => Err(format!("'{text}' has bits beyond its prefix; the network is {network}/{length}")),
    }
}

/// Six pairs of hexadecimal digits, with `:` or `-` between them.
fn hardware(text: &str) -> Option<[u8; 6]> {
    let mut address = [0; 6];
    let mut parts = text.split([':', '-']);
    for byte in &mut address {
        let part = parts.next().filter(|part| (1..=2).contains(&part.len()))?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label_of(map: &HostMap, address: &str) -> Option<String> {
        let row = map.of_address(address.parse().unwrap())?;
        Some(map.rows[row as usize].label.label.clone())
    }

    #[test]
    fn the_longest_prefix_wins() {
        let map =
            HostMap::parse(b"10.0.0.0/8,net\n10.1.2.3,camera\n10.1.0.0/16,lab\n::/0,six\n2001:db8::/32,doc\n").unwrap();
        for (address, label) in [
            ("10.1.2.3", "camera"),
            ("10.1.2.4", "lab"),
            ("10.2.0.0", "net"),
            ("2001:db8::1", "doc"),
            ("fe80::1", "six"),
        ] {
            assert_eq!(label_of(&map, address).as_deref(), Some(label), "{address}");
        }
        assert_eq!(label_of(&map, "11.0.0.1"), None);
    }

    #[test]
    fn hosts_have_one_form() {
        let table = b"host,label,room,hash_key\nA0-b1-C2-d3-e4-F5,plug,hall,1\n2001:DB8::,x,,\n0.0.0.0/0,rest,,\n";
        let map = HostMap::parse(table).unwrap();
        let hosts: Vec<&str> = map.rows.iter().map(|row| row.host.as_str()).collect();
        assert_eq!(hosts, ["a0:b1:c2:d3:e4:f5", "2001:db8::", "0.0.0.0/0"]);
        assert_eq!(map.rows[0].label.fields, [("room".to_owned(), "hall".to_owned())]);
        assert_eq!(map.rows[0].label.key.as_deref(), Some("1"));
    }

    #[test]
    fn defects_are_named() {
        for (table, fault) in [
            ("10.0.0.1/8,a\n", "line 1, column 1: '10.0.0.1/8' has bits beyond its prefix; the network is 10.0.0.0/8"),
            ("10.0.0.1,a\n10.0.0.256,b\n", "line 2, column 1: '10.0.0.256' is no address"),
            ("10.0.0.1,a\n10.0.0.1,b\n", "line 2, column 1: 10.0.0.1 has another label in line 1"),
            ("10.0.0.1,\n", "line 1, column 2: an empty label"),
            ("10.0.0.1\n", "line 1"),
            ("name,label\nx,y\n", "no column"),
            ("", "no rows"),
        ] {
            let error = HostMap::parse(table.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
    }
}
