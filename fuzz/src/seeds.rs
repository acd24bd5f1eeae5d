//! Inputs to begin with: the conversations of captures as scripts, and their packets.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use pcapml::capture::{Item, Reader};
use pcapml::decode::{self, TransportKind};
use pcapml::flow::Side;

use crate::{dissect, quic, script, streams};

/// Conversations longer than this are cut.
const MAX_SCRIPT: usize = 8 << 10;

/// Packets of one capture.
const MAX_PACKETS: usize = 8;

/// Conversations of one capture.
const MAX_TALKS: usize = 16;

/// Who speaks with whom, and whether in datagrams.
type Ends = ((IpAddr, u16), (IpAddr, u16), bool);

/// Writes them below the directory that is named first, of the captures behind it: of each conversation `DIR/session/NAME-N`,
/// `DIR/PROTOCOL/NAME-N` for what it is found to be, of TCP `DIR/streams/NAME-N`, of TLS `DIR/quic_frames/NAME-N`; and of
/// packets `DIR/decode/NAME-N` and `DIR/redact/NAME-N`.
pub fn write(mut arguments: impl Iterator<Item = String>) {
    let into = PathBuf::from(arguments.next().expect("a directory"));
    for capture in arguments {
        of_capture(&into, Path::new(&capture));
    }
}

fn of_capture(into: &Path, capture: &Path) {
    let name = capture.file_stem().unwrap_or_default().to_string_lossy();
    let Ok(mut reader) = Reader::open(capture, 1) else { return };
    let mut talks: BTreeMap<Ends, Vec<u8>> = BTreeMap::new();
    let mut packets = 0;
    while let Ok(Some(item)) = reader.next_item() {
        let Item::Packet(packet) = item else { continue };
        let link_type = packet.interface.link_type;
        if packets < MAX_PACKETS {
            let head = [&link_type.0.to_be_bytes()[..], &[0]].concat();
            save(into, "decode", &format!("{name}-{packets}"), &[&head, packet.bytes]);
            // All kept, and addresses masked.
            let head = [&link_type.0.to_be_bytes()[..], &[1, 0, 0xff]].concat();
            save(into, "redact", &format!("{name}-{packets}"), &[&head, packet.bytes]);
            packets += 1;
        }
        let layers = decode::innermost(link_type, packet.bytes, packet.original_length);
        let Some(ip) = layers.ip() else { continue };
        let Ok(transport) = ip.transport() else { continue };
        let (ports, datagrams) = match transport.kind {
            TransportKind::Tcp(tcp) => ((tcp.source, tcp.destination), false),
            TransportKind::Ports(source, destination) => ((source, destination), true),
            _ => continue,
        };
        let (from, to) = ((ip.source, ports.0), (ip.destination, ports.1));
        let side = if talks.contains_key(&(to, from, datagrams)) { Side::Responder } else { Side::Originator };
        let ends = if side == Side::Originator { (from, to, datagrams) } else { (to, from, datagrams) };
        let talk = talks.entry(ends).or_default();
        if !transport.payload.is_empty() && talk.len() + transport.payload.len() < MAX_SCRIPT {
            script::append(talk, side, transport.payload);
        }
    }
    let talks = talks.iter().filter(|(_, talk)| !talk.is_empty()).take(MAX_TALKS);
    for (number, (ends, talk)) in talks.enumerate() {
        of_talk(into, &format!("{name}-{number}"), ends, talk);
    }
}

fn of_talk(into: &Path, name: &str, (from, to, datagrams): &Ends, talk: &[u8]) {
    let ports = (from.1, to.1);
    let (from, to) = (from.1.to_be_bytes(), to.1.to_be_bytes());
    let flags = 3 | u8::from(*datagrams) << 2;
    let head = [flags, from[0], from[1], to[0], to[1]];
    for protocol in dissect::protocols_of(ports, *datagrams, talk) {
        save(into, protocol, name, &[&[flags], talk]);
    }
    save(into, "session", name, &[&head, talk]);
    if *datagrams {
        return;
    }
    save(into, "streams", name, &[&head, &streams::of_script(talk)]);
    if let Some(frames) = quic::of_tls(talk) {
        save(into, "quic_frames", name, &[&frames]);
    }
}

fn save(into: &Path, target: &str, name: &str, parts: &[&[u8]]) {
    let directory = into.join(target);
    fs::create_dir_all(&directory).expect("a directory that can be written to");
    fs::write(directory.join(name), parts.concat()).expect("a file that can be written");
}
