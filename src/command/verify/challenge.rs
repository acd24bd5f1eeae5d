//! Whether the capture of a challenge is silent: packets, their times, the ids of their samples, and nothing else.

use crate::capture::Item;
use crate::command::count;
use crate::packet::{Interface, Opt, Options, Packet, code};
use crate::publish::lists::WITHHELD;
use crate::sample::header::{APPLICATION, Header};

/// Options of interfaces without which packets cannot be read.
const OF_INTERFACES: [u16; 3] = [code::IF_TSRESOL, code::IF_TSOFFSET, code::IF_FCSLEN];

/// What stands before the options of a Section Header Block's body.
const SECTION_HEAD: usize = 16;

/// What is in such a capture and may tell labels.
#[derive(Debug, Default)]
pub(super) struct Silence {
    sections: u64,
    interfaces: u64,
    packets: u64,
    blocks: u64,
}

impl Silence {
    /// Takes what stands in the capture.
    pub(super) fn item(&mut self, item: &Item) {
        match item {
            Item::Section(block) => {
                let options = block.body().get(SECTION_HEAD..).unwrap_or_default();
                let is_silent = Options::checked(options, block.order).is_ok_and(|mut all| all.all(is_plain));
                self.sections += u64::from(!is_silent);
            }
            Item::Interface(interface, _) => self.interfaces += u64::from(!is_silent(interface)),
            Item::Packet(packet) => self.packets += u64::from(!tells_ids_only(packet)),
            Item::Other(_) => self.blocks += 1,
        }
    }

    /// What was found, in words.
    pub(super) fn broken(&self) -> impl Iterator<Item = String> {
        let found = [
            (self.sections, "section", "options that are not ours"),
            (self.interfaces, "interface", "a name, or other options that packets are read without"),
            (self.packets, "packet", "comments that are not 'ID,-'"),
        ];
        let told = |(number, what, has): (u64, &str, &str)| {
            format!("{} with {has}: they may tell labels", count(number, what))
        };
        let blocks = (self.blocks > 0).then(|| {
            let blocks = count(self.blocks, "block");
            format!("{blocks} neither section, interface nor packet: they may tell labels")
        });
        found.into_iter().filter(|(number, ..)| *number > 0).map(told).chain(blocks)
    }
}

/// True of what we write into sections ourselves.
fn is_plain(option: Opt) -> bool {
    Header::of_option(option.code, option.text()).is_some()
        || option.code == code::SHB_USERAPPL && option.text() == APPLICATION.as_bytes()
}

fn is_silent(interface: &Interface) -> bool {
    interface.options().all(|option| OF_INTERFACES.contains(&option.code))
}

fn tells_ids_only(packet: &Packet) -> bool {
    let silent = format!(",{WITHHELD}");
    packet.comments().all(|text| {
        let id = text.strip_suffix(silent.as_bytes()).unwrap_or_default();
        !id.is_empty() && id.iter().all(u8::is_ascii_digit)
    })
}
