//! A packet as a line of text: the fields of print_pcap.py, then ours.
//!
//! `[TCP]`, times, ends, what the protocol has, the payload and its length, a tab between each two. What differs: times
//! have all digits, and are those of the zone that is said; what is no printable ASCII in `DATA` is escaped, so that a line
//! is a packet; `ttl` is the packet's own also of ICMP errors, and `LEN` the length on the wire. IPv6, ICMP echoes, later
//! fragments and everything else has lines too. Behind `LEN` stands what the original lacks, each field by its name.

use std::io::Write;
use std::net::IpAddr;
use std::sync::LazyLock;

use super::clock::Clock;
use super::view::{Quoted, View, What};
use super::write::{address, base64, escaped, hex_apart, number, text as plain};
use super::{PayloadForm, Place, Request};
use crate::decode::{Ip, NoTransport, Tunnel, TunnelKind};

/// The text of each combination of TCP's flags, as Python prints a list.
static FLAGS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| (0..=u8::MAX).map(flags).collect());

/// The names of TCP's flags, from the highest bit down.
const FLAG_NAMES: [&str; 8] = ["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"];

fn flags(set: u8) -> Vec<u8> {
    let names: Vec<String> = FLAG_NAMES
        .iter()
        .enumerate()
        .filter(|(bit, _)| set & (0x80 >> bit) != 0)
        .map(|(_, name)| format!("'{name}'"))
        .collect();
    format!("[{}]", names.join(", ")).into_bytes()
}

/// Appends the line.
pub(super) fn text(view: &View, place: Place, request: &Request, clock: &mut Clock, out: &mut Vec<u8>) {
    head(view, out);
    clock.show(view.packet.time(), out);
    out.push(b'\t');
    ends(view, out);
    let payload = request.snap.map_or(view.payload, |snap| view.payload.get(..snap).unwrap_or(view.payload));
    let printed = request.snap != Some(0);
    match &view.what {
        What::Tcp(tcp) => {
            field(b"SEQ=", tcp.sequence.into(), out);
            field(b"ACK=", tcp.acknowledgement.into(), out);
            out.extend_from_slice(b"\tFLAGS=");
            out.extend_from_slice(&FLAGS[usize::from(tcp.flags)]);
            field(b"WIN=", tcp.window.into(), out);
            if printed && matches!(request.payload, PayloadForm::Usual) {
                data(PayloadForm::Text, payload, out);
            }
        }
        What::Icmp(name, kind, code) => {
            out.push(b'\t');
            number((*kind).into(), out);
            out.push(b':');
            number((*code).into(), out);
            out.push(b'[');
            out.extend_from_slice(name.message.as_bytes());
            out.push(b']');
        }
        _ => other(view, out),
    }
    if let Some(ip) = view.layers.ip() {
        field(b"ttl=", ip.ttl.into(), out);
    }
    if printed {
        data(request.payload, payload, out);
    }
    field(b"LEN=", view.length.into(), out);
    ours(view, place, out);
    out.push(b'\n');
}

/// What kind of packet it is.
fn head(view: &View, out: &mut Vec<u8>) {
    out.push(b'[');
    let name = match &view.what {
        What::Tcp(_) => "TCP",
        What::Ports(name, ..) => name,
        What::Icmp(name, ..) => {
            let is_6 = view.layers.ip().is_some_and(|ip| ip.source.is_ipv6());
            out.extend_from_slice(if is_6 { b"ICMPv6_" } else { b"ICMP_" });
            name.class
        }
        What::Fragment => "FRAGMENT",
        What::Ip | What::NoTransport(_) => "IP",
        What::Arp => "ARP",
        What::Other(_) | What::Cut | What::Broken | What::UnknownLinkType => "OTHER",
    };
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"]\t");
}

/// `10.0.0.1:80(00:00:5e:00:53:01) ----->[2001:db8::1]:443(-)`
fn ends(view: &View, out: &mut Vec<u8>) {
    let addresses = view.layers.addresses();
    let ports = view.ports();
    let hardware = view.layers.hardware;
    end(addresses.map(|ends| ends.0), ports.map(|ports| ports.0), out);
    mac(hardware.map(|hardware| hardware.source), out);
    out.extend_from_slice(b" ----->");
    end(addresses.map(|ends| ends.1), ports.map(|ports| ports.1), out);
    mac(hardware.and_then(|hardware| hardware.destination), out);
}

fn end(ip: Option<IpAddr>, port: Option<u16>, out: &mut Vec<u8>) {
    match (ip, port) {
        (Some(ip @ IpAddr::V6(_)), Some(_)) => {
            out.push(b'[');
            address(ip, out);
            out.push(b']');
        }
        (Some(ip), _) => address(ip, out),
        (None, _) => {}
    }
    if let Some(port) = port {
        out.push(b':');
        number(port.into(), out);
    }
}

fn mac(address: Option<[u8; 6]>, out: &mut Vec<u8>) {
    out.push(b'(');
    match address {
        Some(address) => hex_apart(&address, b':', out),
        None => out.push(b'-'),
    }
    out.push(b')');
}

/// A field with a number.
#[inline]
fn field(name: &[u8], value: u64, out: &mut Vec<u8>) {
    out.push(b'\t');
    out.extend_from_slice(name);
    number(value, out);
}

fn data(form: PayloadForm, payload: &[u8], out: &mut Vec<u8>) {
    match form {
        PayloadForm::Text => {
            out.extend_from_slice(b"\tDATA=");
            escaped(payload, out);
        }
        PayloadForm::Usual | PayloadForm::Hex => {
            out.extend_from_slice(b"\tDATA_BINARY=");
            hex_apart(payload, b' ', out);
        }
        PayloadForm::Base64 => {
            out.extend_from_slice(b"\tDATA_BASE64=");
            base64(payload, out);
        }
    }
}

/// What the original has no words for.
fn other(view: &View, out: &mut Vec<u8>) {
    if let (What::Ip | What::NoTransport(_) | What::Fragment, Some(ip)) = (&view.what, view.layers.ip()) {
        field(b"PROTO=", ip.protocol.into(), out);
    }
    let said = match view.what {
        What::NoTransport(NoTransport::Cut) => "transport header cut",
        What::NoTransport(NoTransport::Broken) => "transport header broken",
        What::Cut => "cut before the end of its headers",
        What::Broken => "broken IP header",
        What::UnknownLinkType => "unknown link type",
        What::Other(kind) => {
            // Writing to memory cannot fail.
            let _ = write!(out, "\tWHAT={kind}");
            return;
        }
        _ => return,
    };
    out.extend_from_slice(b"\tWHAT=");
    out.extend_from_slice(said.as_bytes());
}

/// Our own fields.
fn ours(view: &View, place: Place, out: &mut Vec<u8>) {
    field(b"FRAME=", view.packet.number, out);
    if let Some(quoted) = &view.quoted {
        quote(quoted, out);
    }
    if let Some(ip) = view.layers.ip() {
        fragment(ip, out);
    }
    if let Some(vlan) = view.layers.vlan {
        field(b"VLAN=", vlan.into(), out);
    }
    if let Some(Tunnel { kind, id, .. }) = view.layers.tunnel {
        out.extend_from_slice(b"\tTUNNEL=");
        out.extend_from_slice(tunnel_name(kind).as_bytes());
        out.push(b':');
        number(id.into(), out);
    }
    for sample in place.of.iter().filter_map(|number| place.samples.get(*number)) {
        field(b"SAMPLE=", sample.id.0, out);
        out.extend_from_slice(b"\tLABEL=");
        plain(&sample.label, out);
    }
    if let Some(file) = place.file {
        out.extend_from_slice(b"\tFILE=");
        plain(file, out);
    }
}

/// `QUOTED=[UDP 10.0.0.2:63816 ----->10.0.0.5:500 ttl=43]`
fn quote(quoted: &Quoted, out: &mut Vec<u8>) {
    let Quoted { ip, ports } = quoted;
    out.extend_from_slice(b"\tQUOTED=[");
    out.extend_from_slice(quoted.protocol().as_bytes());
    out.push(b' ');
    end(Some(ip.source), ports.map(|ports| ports.0), out);
    out.extend_from_slice(b" ----->");
    end(Some(ip.destination), ports.map(|ports| ports.1), out);
    out.extend_from_slice(b" ttl=");
    number(ip.ttl.into(), out);
    out.push(b']');
}

/// `FRAGMENT=4711@1480+`: the datagram's identification, the place in it, and a plus if it is not the last.
fn fragment(ip: &Ip, out: &mut Vec<u8>) {
    let Some(fragment) = ip.fragment else { return };
    field(b"FRAGMENT=", fragment.identification.into(), out);
    out.push(b'@');
    number(fragment.offset.into(), out);
    if fragment.more {
        out.push(b'+');
    }
}

/// What a tunnel is called.
pub(super) fn tunnel_name(kind: TunnelKind) -> &'static str {
    match kind {
        TunnelKind::Ipv4 => "ipv4",
        TunnelKind::Ipv6 => "ipv6",
        TunnelKind::Gre => "gre",
        TunnelKind::Vxlan => "vxlan",
        TunnelKind::Geneve => "geneve",
        TunnelKind::GtpU => "gtp-u",
        TunnelKind::Teredo => "teredo",
    }
}
