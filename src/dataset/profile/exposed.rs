//! What a capture tells of the machines and people that made it.

use std::collections::{BTreeMap, BTreeSet};

use super::hosts::host_name;
use super::personal::personal;
use crate::capture::{Block, kind};
use crate::decode::{Hardware, Layers};
use crate::packet::{Interface, Opt, Options, Packet, code};
use crate::sample::comment;
use crate::sample::header::is_header;

/// Different things of a kind that are kept, at most: the first in order.
pub const DISTINCT: usize = 1 << 16;

/// Different things, in order.
#[derive(Debug, Clone)]
pub struct Distinct<T> {
    /// Those that are kept.
    pub kept: BTreeSet<T>,
    /// There were others.
    pub more: bool,
}

/// What a capture tells of the machines and people that made it.
#[derive(Debug, Clone, Default)]
pub struct Exposed {
    /// Hardware addresses that their makers gave, not software.
    pub hardware: Distinct<[u8; 6]>,
    /// Names that machines tell of themselves in DHCP and NetBIOS, and those in name resolution blocks.
    pub hosts: Distinct<String>,
    /// Blocks of decryption secrets by their type.
    pub secrets: BTreeMap<u32, u64>,
    /// What is said of the capturing machine: option and text.
    pub machine: Distinct<(&'static str, String)>,
    /// Comments that name a person: what it is, and what it says.
    pub personal: Distinct<(&'static str, String)>,
    /// The hardware addresses of the last packet of each direction.
    last: [Option<Hardware>; 2],
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { kept: BTreeSet::new(), more: false }
    }
}

impl<T: Ord> Distinct<T> {
    fn insert(&mut self, one: T) {
        self.kept.insert(one);
        if self.kept.len() > DISTINCT {
            self.kept.pop_last();
            self.more = true;
        }
    }
}

impl Exposed {
    /// Takes a packet.
    pub(super) fn packet(&mut self, packet: &Packet, layers: &Layers) {
        if let Some(hardware) = layers.hardware {
            self.hardware(hardware);
        }
        if let Some(name) = layers.ip().and_then(host_name) {
            self.hosts.insert(name);
        }
        // Labels are looked at once for each sample.
        let suspect = |text: &&[u8]| text.iter().any(|byte| b"@/\\".contains(byte));
        for text in packet.comments().filter(suspect).filter(|text| comment::parse(text).is_none()) {
            self.comment(text);
        }
    }

    /// Takes an interface.
    pub fn interface(&mut self, interface: &Interface) {
        for option in interface.options() {
            let name = match option.code {
                code::OPT_COMMENT => {
                    self.comment(option.text());
                    continue;
                }
                code::IF_NAME if is_usual(option.text()) => continue,
                code::IF_NAME => "if_name",
                code::IF_DESCRIPTION => "if_description",
                code::IF_IPV4ADDR => "if_IPv4addr",
                code::IF_IPV6ADDR => "if_IPv6addr",
                code::IF_MACADDR => "if_MACaddr",
                code::IF_OS => "if_os",
                code::IF_HARDWARE => "if_hardware",
                _ => continue,
            };
            self.option(name, option);
        }
    }

    /// Takes a block that is no packet.
    pub fn block(&mut self, block: &Block) {
        let body = block.body();
        match block.kind {
            // Magic, version, length.
            kind::SECTION_HEADER => self.section(Options::checked(body.get(16..).unwrap_or_default(), block.order)),
            kind::DECRYPTION_SECRETS => {
                *self.secrets.entry(block.order.u32(body, 0).unwrap_or_default()).or_default() += 1;
            }
            kind::NAME_RESOLUTION => self.resolution(block, body),
            _ => {}
        }
    }

    fn section(&mut self, options: Result<Options, usize>) {
        for option in options.into_iter().flatten() {
            match option.code {
                code::OPT_COMMENT if !is_header(option.code, option.text()) => self.comment(option.text()),
                code::SHB_HARDWARE => self.option("shb_hardware", option),
                code::SHB_OS => self.option("shb_os", option),
                _ => {}
            }
        }
    }

    fn option(&mut self, name: &'static str, option: Opt) {
        let text = match name {
            "if_IPv4addr" | "if_IPv6addr" | "if_MACaddr" => {
                option.value.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
            }
            _ => String::from_utf8_lossy(option.text()).into_owned(),
        };
        if !text.is_empty() {
            self.machine.insert((name, text));
        }
    }

    /// Names of addresses: each record has an address, and texts that end with a zero.
    fn resolution(&mut self, block: &Block, mut body: &[u8]) {
        while let (Some(family @ 1..), Some(length)) = (block.order.u16(body, 0), block.order.u16(body, 2)) {
            let address = if family == 1 { 4 } else { 16 };
            let (start, end) = (4 + address, 4 + usize::from(length));
            for name in
                body.get(start..end).unwrap_or_default().split(|byte| *byte == 0).filter(|name| !name.is_empty())
            {
                self.hosts.insert(String::from_utf8_lossy(name).into_owned());
            }
            body = body.get(end.next_multiple_of(4)..).unwrap_or_default();
        }
    }

    fn comment(&mut self, text: &[u8]) {
        for (what, part) in personal(&String::from_utf8_lossy(text)) {
            self.personal.insert((what, part.to_owned()));
        }
    }

    fn hardware(&mut self, hardware: Hardware) {
        if self.last.contains(&Some(hardware)) {
            return;
        }
        self.last = [Some(hardware), self.last[0]];
        for address in [Some(hardware.source), hardware.destination].into_iter().flatten().filter(is_global) {
            self.hardware.insert(address);
        }
    }
}

/// True for the address of one machine that its maker gave it: IEEE 802, 8.2.
fn is_global(address: &[u8; 6]) -> bool {
    address[0] & 3 == 0 && address[..3] != [0; 3]
}

/// True for names that interfaces have everywhere, such as `eth0`, `wlan1`, `any`.
fn is_usual(name: &[u8]) -> bool {
    let letters = name.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    name.len() <= 8 && (1..=5).contains(&letters) && name[letters..].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_name_a_machine() {
        assert!(is_global(&[0, 0x0c, 0x29, 1, 2, 3]));
        for other in [[0xff; 6], [0; 6], [1, 0, 0x5e, 0, 0, 1], [0x52, 0x54, 0, 1, 2, 3]] {
            assert!(!is_global(&other), "{other:?}");
        }
    }

    #[test]
    fn names_that_everybody_has() {
        assert!([&b"eth0"[..], b"any", b"wlan12", b"lo"].into_iter().all(is_usual));
        assert!(![&b"\\Device\\NPF_{7"[..], b"", b"janes-pc", b"0", b"Wi-Fi"].into_iter().any(is_usual));
    }

    #[test]
    fn different_things_are_bounded() {
        let mut distinct = Distinct::default();
        (0..DISTINCT + 3).rev().for_each(|number| distinct.insert(number));
        assert_eq!((distinct.kept.len(), distinct.kept.first(), distinct.more), (DISTINCT, Some(&0), true));
    }
}
