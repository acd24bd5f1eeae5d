//! The options of `anonymize`, and the request that they become.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::args::{Output, Strict};
use crate::command::anonymize::{Group, Request};
use crate::packet::is_field_name;
use crate::redact::{HardwareRule, Payload, Ports, Rules, Times};

/// What becomes of ports.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PortsRule {
    /// They stay: services are known by them
    Keep,
    /// Each becomes another one; 0 stays
    Keyed,
}

/// What becomes of hardware addresses.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum MacRule {
    /// All of it is replaced: the vendor that one sees means nothing
    Keyed,
    /// The vendor's half stays, of addresses that vendors give
    Vendor,
}

/// What becomes of sample ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IdsRule {
    /// They stay, so that lists of ids stay true
    Keep,
    /// Each becomes another one of 63 bits
    Rekey,
}

/// Replace addresses and names in a labelled capture, and drop payloads, so that it can be published
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  openssl rand -hex 32 > key; chmod 600 key
  pcapml anonymize labelled.pcapng --key-file key -o public.pcapng
  pcapml anonymize labelled.pcapng --key-file key --mac vendor --ids rekey --shift-times -o public.pcapng

The same key gives the same output, and the same replacements in other captures; it is written nowhere. Keep it, or \
destroy it.

Addresses: Crypto-PAn (AES-128; key and pad are the halves of the key), in all headers: of tunnels, of packets that \
ICMP errors quote, in ARP, neighbour discovery, IGMP, MLD, routing headers and options. As they are stay 0.0.0.0, \
255.255.255.255, 127/8, ::, ::1 and multicast; their prefixes keep 0/8, 169.254/16, 240/4, 233/8, 234/8, fe80::/10, \
solicited-node multicast (the node's bits are replaced) and multicast made from prefixes. What two addresses that \
are replaced share of 16 bits or more stays exactly as long. Shorter prefixes may become shorter or longer (of those \
below 8 bits, from hardly any to a quarter, which depends on the key), because no other address becomes one of those \
that keep something: where Crypto-PAn leads there, it is applied again. Private networks do not stay private. \
Directed broadcasts become hosts. Whoever sends packets past the capturing machine and finds them in the output \
learns what becomes of addresses, prefix by prefix: no prefix-preserving method prevents that.

Hardware addresses: replaced; broadcast and groups of well-known protocols stay. Ports stay, unless --ports keyed. \
Options of IP, TCP and neighbour discovery that are not known to be harmless become zeros, and so do keys, codes and \
cookies (Multipath TCP, signatures, Fast Open), the integrity check of AH, what vendors add to radiotap, and options \
of a wrong length.

Checksums: right ones are right afterwards, what is cut counting as zeros. Zero stays zero, and the sum of the \
pseudo header, which hosts leave to hardware, becomes that of the new addresses; other wrong ones are wrong by one \
constant, so that they tell nothing. Where a packet was not wholly captured, or is a fragment, a checksum is changed \
as if it were right (RFC 1624): it still covers what was not captured (a byte or two of it can be read off), and if \
it was wrong it may tell 16 bits of the addresses.

Payloads: cut behind the transport header; lengths on the wire stay. Frames and messages that are not understood are \
cut behind the last header that is, padding and frame check sequences too; of link types with a pseudo header, \
without which Wireshark refuses the whole capture, so many zeros stay. With --payload keep or a number: DNS (UDP 53, \
5353, 5355; TCP 53 where a message is one segment), DHCP, DHCPv6, the chunks that control SCTP and the server name \
in a TLS or DTLS ClientHello are rewritten, names label by label; NetBIOS names and datagrams, RIP, HSRP, GLBP and \
BGP are cut, and so are later fragments of IP, which do not say what they hold, and VXLAN, Geneve, GTP-U and Teredo \
in fragments or not understood. All else in payloads stays: HTTP, certificates, QUIC, SIP, FTP, STUN, BitTorrent, \
sFlow, tunnels not known here. What it tells is yours to judge.

Dropped: names, secrets and statistics blocks; names, descriptions, addresses and filters of interfaces; hardware, \
system and program of the section; hashes and ids of packets. Labels, ids and comments stay, and what the section's \
own line says: fields that hold addresses of their packets, in many spellings, are told, names of people and places \
are not.

Ids are hashes of rules, flows, files or keys: who guesses an address can see whether an id was made of it. --ids \
rekey replaces them, and a list of ids for the original no longer fits.

--shift-times adds 1 microsecond to 2^28 seconds (8.5 years) to the times of each sample; =field:NAME, of all \
samples with one value of a field, such as source; =all, of all packets. Gaps within such a group stay exact (of \
interfaces that count coarser than microseconds, within one interface), between groups they mean nothing. Offsets of \
interfaces (if_tsoffset) go into the times. Times in headers become zeros then: of TCP, ICMP, IPv4, neighbour \
discovery (nonces too) and radiotap. Times in payloads that are kept stay, and numbers that count on (IP ids, TCP \
sequence numbers) still tell which packet of a host came first.

The order of packets would undo both: samples that alternate were captured at one time, and those in the order of \
old ids have ranks. So with --ids rekey, and with --shift-times of samples or fields, the output is sorted by the \
ids that it has, then by time, as pcapml sort does it; interfaces that are equal become one.")]
pub struct Anonymize {
    /// A capture, labelled or not
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The key: 32 bytes, or 64 hex digits
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    key_file: PathBuf,
    #[command(flatten)]
    output: Output,
    /// What stays of payloads: drop, keep, or so many bytes
    #[arg(long, value_name = "drop|keep|N", default_value = "drop", value_parser = payload)]
    payload: Payload,
    /// What becomes of ports
    #[arg(long, value_enum, default_value = "keep", value_name = "RULE")]
    ports: PortsRule,
    /// What becomes of hardware addresses
    #[arg(long, value_enum, default_value = "keyed", value_name = "RULE")]
    mac: MacRule,
    /// What becomes of sample ids
    #[arg(long, value_enum, default_value = "keep", value_name = "RULE")]
    ids: IdsRule,
    /// Move times, those of each group by as much: sample, field:NAME, or all [default group: sample]
    #[arg(long, value_name = "GROUP", num_args = 0..=1, require_equals = true, default_missing_value = "sample", value_parser = group)]
    shift_times: Option<Group>,
    #[command(flatten)]
    strict: Strict,
}

fn payload(text: &str) -> Result<Payload, String> {
    match text {
        "drop" => Ok(Payload::Drop),
        "keep" => Ok(Payload::Keep),
        "0" => Ok(Payload::Drop),
        number => number.parse().map(Payload::First).map_err(|_| "write drop, keep, or a number of bytes".to_owned()),
    }
}

fn group(text: &str) -> Result<Group, String> {
    match (text, text.strip_prefix("field:")) {
        ("sample", _) => Ok(Group::Sample),
        ("all", _) => Ok(Group::All),
        (_, Some(name)) if is_field_name(name) => Ok(Group::Field(name.to_owned())),
        _ => Err("write sample, all, or field:NAME".to_owned()),
    }
}

impl Anonymize {
    pub(super) fn request(&self) -> Request {
        Request {
            input: self.file.clone(),
            output: self.output.target(),
            key_file: self.key_file.clone(),
            rules: Rules {
                payload: self.payload,
                ports: match self.ports {
                    PortsRule::Keep => Ports::Keep,
                    PortsRule::Keyed => Ports::Keyed,
                },
                hardware: match self.mac {
                    MacRule::Keyed => HardwareRule::Keyed,
                    MacRule::Vendor => HardwareRule::Vendor,
                },
                times: match self.shift_times {
                    Some(_) => Times::Zero,
                    None => Times::Keep,
                },
            },
            shift: self.shift_times.clone(),
            rekey: self.ids == IdsRule::Rekey,
            strict: self.strict.strict,
        }
    }
}
