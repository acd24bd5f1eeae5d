//! A packet as an object of JSON: the record `packet`, with Wireshark's names.
//!
//! What a packet does not have has no member. `ip.src` and `ip.dst` are of either version; times are seconds since 1970
//! with nine decimals; ids are text, because JavaScript's numbers end at 2^53.

use std::net::IpAddr;

use super::clock::epoch;
use super::line::tunnel_name;
use super::view::{Quoted, View, What};
use super::write::{address, base64, hex, hex_apart, number};
use super::{PayloadForm, Place, Request};
use crate::decode::{Ip, NoTransport, Tcp, protocol};

/// Appends the object and a newline.
pub(super) fn json(view: &View, place: Place, request: &Request, out: &mut Vec<u8>) {
    let packet = view.packet;
    out.extend_from_slice(b"{\"_path\":\"packet\"");
    if let Some(time) = packet.time() {
        out.extend_from_slice(b",\"ts\":");
        epoch(time, out);
    }
    if let Some(file) = place.file {
        text("file", file, out);
    }
    count("frame.number", packet.number, out);
    count("frame.len", packet.original_length.into(), out);
    count("frame.cap_len", packet.bytes.len() as u64, out);
    if let Some(hardware) = view.layers.hardware {
        mac("eth.src", hardware.source, out);
        if let Some(destination) = hardware.destination {
            mac("eth.dst", destination, out);
        }
    }
    if let Some(vlan) = view.layers.vlan {
        count("vlan", vlan.into(), out);
    }
    if let Some(tunnel) = view.layers.tunnel {
        text("tunnel", tunnel_name(tunnel.kind), out);
        count("tunnel.id", tunnel.id.into(), out);
    }
    network(view, out);
    transport(view, out);
    if request.snap != Some(0) {
        payload(view, request, out);
    }
    count("payload_len", view.length.into(), out);
    samples(place, out);
    out.extend_from_slice(b"}\n");
}

fn key(name: &str, out: &mut Vec<u8>) {
    // A member that is the first of its object has no comma before it.
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn count(name: &str, value: u64, out: &mut Vec<u8>) {
    key(name, out);
    number(value, out);
}

fn quoted(name: &str, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    key(name, out);
    out.push(b'"');
    write(out);
    out.push(b'"');
}

fn text(name: &str, value: &str, out: &mut Vec<u8>) {
    key(name, out);
    // Every text has a form in JSON, and writing to memory cannot fail.
    let _ = serde_json::to_writer(out, value);
}

fn mac(name: &str, value: [u8; 6], out: &mut Vec<u8>) {
    quoted(name, out, |out| hex_apart(&value, b':', out));
}

fn host(name: &str, value: IpAddr, out: &mut Vec<u8>) {
    quoted(name, out, |out| address(value, out));
}

fn network(view: &View, out: &mut Vec<u8>) {
    if let Some(ip) = view.layers.ip() {
        internet(ip, out);
    } else if let Some((sender, target)) = view.layers.addresses() {
        host("arp.src.proto_ipv4", sender, out);
        host("arp.dst.proto_ipv4", target, out);
    }
    let said = match view.what {
        What::NoTransport(NoTransport::Cut) => "transport header cut",
        What::NoTransport(NoTransport::Broken) => "transport header broken",
        What::Cut => "cut before the end of its headers",
        What::Broken => "broken IP header",
        What::UnknownLinkType => "unknown link type",
        What::Other(kind) => return text("what", &kind.to_string(), out),
        _ => return,
    };
    text("what", said, out);
}

fn internet(ip: &Ip, out: &mut Vec<u8>) {
    let is_4 = ip.source.is_ipv4();
    count("ip.version", if is_4 { 4 } else { 6 }, out);
    host("ip.src", ip.source, out);
    host("ip.dst", ip.destination, out);
    count("ip.proto", ip.protocol.into(), out);
    count(if is_4 { "ip.ttl" } else { "ipv6.hlim" }, ip.ttl.into(), out);
    count("ip.dsfield", ip.tos.into(), out);
    // The identification and the three flags of version 4 stand in every packet.
    if let (true, Some(&[i0, i1, flags])) = (is_4, ip.header.get(4..7).and_then(|bytes| bytes.first_chunk::<3>())) {
        count("ip.id", u16::from_be_bytes([i0, i1]).into(), out);
        count("ip.flags", (flags >> 5).into(), out);
    }
    if let Some(fragment) = ip.fragment {
        if !is_4 {
            count("ip.id", fragment.identification.into(), out);
            count("ip.flags", fragment.more.into(), out);
        }
        count("ip.frag_offset", fragment.offset.into(), out);
    }
}

fn transport(view: &View, out: &mut Vec<u8>) {
    match &view.what {
        What::Tcp(header) => tcp(header, view, out),
        What::Ports(_, source, destination) => {
            let number = view.layers.ip().map_or(protocol::UDP, |ip| ip.protocol);
            ports(number, (*source, *destination), out);
            // A length of 0 is that of a jumbogram.
            if let (protocol::UDP, Some(&[l0, l1])) =
                (number, view.layers.ip().and_then(|ip| ip.payload.get(4..6)).and_then(|bytes| bytes.first_chunk()))
            {
                count("udp.length", u16::from_be_bytes([l0, l1]).into(), out);
            }
        }
        What::Icmp(name, kind, code) => {
            count("icmp.type", (*kind).into(), out);
            count("icmp.code", (*code).into(), out);
            if !name.message.is_empty() {
                text("icmp.message", name.message, out);
            }
            if let Some(inside) = &view.quoted {
                quote(inside, out);
            }
        }
        _ => {}
    }
}

fn tcp(header: &Tcp, view: &View, out: &mut Vec<u8>) {
    ports(protocol::TCP, (header.source, header.destination), out);
    count("tcp.seq", header.sequence.into(), out);
    count("tcp.ack", header.acknowledgement.into(), out);
    // Wireshark counts the four bits before them in.
    let bits = view.layers.ip().and_then(|ip| ip.payload.get(12..14)?.first_chunk());
    let flags = bits.map_or(header.flags.into(), |bits| u16::from_be_bytes(*bits) & 0x0fff);
    count("tcp.flags", flags.into(), out);
    count("tcp.window", header.window.into(), out);
    count("tcp.urgent_pointer", header.urgent.into(), out);
    if !header.options.is_empty() {
        quoted("tcp.options", out, |out| hex(header.options, out));
    }
    count("tcp.len", view.length.into(), out);
}

fn ports(number: u8, (source, destination): (u16, u16), out: &mut Vec<u8>) {
    let [from, to] = match number {
        protocol::TCP => ["tcp.srcport", "tcp.dstport"],
        protocol::SCTP => ["sctp.srcport", "sctp.dstport"],
        protocol::DCCP => ["dccp.srcport", "dccp.dstport"],
        _ => ["udp.srcport", "udp.dstport"],
    };
    count(from, source.into(), out);
    count(to, destination.into(), out);
}

fn quote(inside: &Quoted, out: &mut Vec<u8>) {
    let Quoted { ip, ports: of } = inside;
    key("icmp.quoted", out);
    out.push(b'{');
    internet(ip, out);
    if let Some(of) = of {
        ports(ip.protocol, *of, out);
    }
    if let (protocol::TCP, Some(sequence)) = (ip.protocol, ip.payload.get(4..8).and_then(|bytes| bytes.first_chunk())) {
        count("tcp.seq", u32::from_be_bytes(*sequence).into(), out);
    }
    out.push(b'}');
}

fn payload(view: &View, request: &Request, out: &mut Vec<u8>) {
    let snap = request.snap.unwrap_or(usize::MAX);
    let bytes = view.payload.get(..snap).unwrap_or(view.payload);
    let encoding = match request.payload {
        PayloadForm::Hex => {
            quoted("payload", out, |out| hex(bytes, out));
            "hex"
        }
        PayloadForm::Usual | PayloadForm::Text if let Some(valid) = utf8(bytes, bytes.len() < view.payload.len()) => {
            return text("payload", valid, out);
        }
        PayloadForm::Usual | PayloadForm::Text | PayloadForm::Base64 => {
            quoted("payload", out, |out| base64(bytes, out));
            "base64"
        }
    };
    text("payload_encoding", encoding, out);
}

/// Bytes as UTF-8, if they are; a character at the end that we have cut is left out.
fn utf8(bytes: &[u8], cut: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if cut && error.error_len().is_none() => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok(),
        Err(_) => None,
    }
}

/// The first sample; all of them, if there are several.
fn samples(place: Place, out: &mut Vec<u8>) {
    let mut of = place.of.iter().filter_map(|number| place.samples.get(*number));
    let Some(first) = of.next() else { return };
    quoted("sample_id", out, |out| number(first.id.0, out));
    text("label", &first.label, out);
    if place.of.len() < 2 {
        return;
    }
    key("samples", out);
    out.push(b'[');
    for (at, sample) in std::iter::once(first).chain(of).enumerate() {
        out.extend_from_slice(if at > 0 { b",{" } else { b"{" });
        quoted("sample_id", out, |out| number(sample.id.0, out));
        text("label", &sample.label, out);
        out.push(b'}');
    }
    out.push(b']');
}
