//! Packets built by hand: what is found in them, and that nothing of any shorter length is taken for more.

use std::net::IpAddr;

use super::*;

/// An IPv4 packet between these hosts of 10.0.0.0/24.
fn ipv4(protocol: u8, from: u8, to: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len()) as u16;
    let [l0, l1] = length.to_be_bytes();
    let header = [0x45, 0, l0, l1, 0, 7, 0, 0, 64, protocol, 0, 0, 10, 0, 0, from, 10, 0, 0, to];
    [&header, payload].concat()
}

fn ipv6(next: u8, from: u8, to: u8, payload: &[u8]) -> Vec<u8> {
    let [l0, l1] = (payload.len() as u16).to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, l0, l1, next, 64];
    for host in [from, to] {
        packet.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]);
    }
    [&packet, payload].concat()
}

fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    let fields = [from, to, length, 0].map(u16::to_be_bytes).concat();
    [&fields, payload].concat()
}

fn ethernet(ether: u16, payload: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], ether.to_be_bytes().as_slice(), payload].concat()
}

/// What every stack of headers here carries in the end: DNS from .1 to .2.
fn inner() -> Vec<u8> {
    ipv4(17, 1, 2, &udp(5_353, 53, b"question"))
}

/// Ways to carry it: what it is called, the link type, the frame, the tunnels around it.
fn frames() -> Vec<(&'static str, u16, Vec<u8>, u8)> {
    let ether = |payload: &[u8]| ethernet(0x0800, payload);
    let outer = |protocol, payload: &[u8]| ether(&ipv4(protocol, 8, 9, payload));
    let over_udp = |port, header: &[u8], payload: &[u8]| outer(17, &udp(4_000, port, &[header, payload].concat()));
    let snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    let wifi =
        |control: [u8; 2], more: usize| [&control, vec![0; 22 + more].as_slice(), snap.as_slice(), &inner()].concat();
    let radiotap = |flags: u8, frame: Vec<u8>| [&[0, 0, 9, 0, 2, 0, 0, 0, flags], frame.as_slice()].concat();
    let gtp = [0x34, 0xff, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0x85, 1, 0, 0, 0];
    let question = udp(5_353, 53, b"question");
    let six = ipv6(17, 1, 2, &question);
    // 24 bytes: its length counts words beyond the first two.
    let ah = |next: u8| [&[next, 4], [7; 22].as_slice()].concat();
    vec![
        ("Ethernet", 1, ether(&inner()), 0),
        ("802.3 with SNAP", 1, ethernet(50, &[snap.as_slice(), &inner()].concat()), 0),
        ("QinQ", 1, ethernet(0x88a8, &[&[0, 5, 0x81, 0, 0, 6, 8, 0], inner().as_slice()].concat()), 0),
        ("MPLS", 1, ethernet(0x8847, &[&[0, 0, 0, 64, 0, 0, 1, 64], inner().as_slice()].concat()), 0),
        ("PPPoE", 1, ethernet(0x8864, &[&[0x11, 0, 0, 1, 0, 50, 0, 0x21], inner().as_slice()].concat()), 0),
        ("raw", 101, inner(), 0),
        ("NULL", 0, [&[2, 0, 0, 0], inner().as_slice()].concat(), 0),
        ("LOOP", 108, [&[0, 0, 0, 2], inner().as_slice()].concat(), 0),
        ("FDDI", 10, [&[0x50], [3; 12].as_slice(), &snap, &inner()].concat(), 0),
        ("PPP", 9, [&[0xff, 3, 0, 0x21], inner().as_slice()].concat(), 0),
        ("SLL", 113, [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], inner().as_slice()].concat(), 0),
        ("SLL2", 276, [&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0], inner().as_slice()].concat(), 0),
        ("IPNET", 226, [&[1, 2], [0; 22].as_slice(), &inner()].concat(), 0),
        ("802.11", 105, wifi([0x08, 0x01], 0), 0),
        ("802.11 of four addresses with QoS", 105, wifi([0x88, 0x03], 8), 0),
        ("radiotap", 127, radiotap(0, wifi([0x08, 0x02], 0)), 0),
        ("radiotap with padding", 127, radiotap(0x20, wifi([0x88, 0x02], 4)), 0),
        ("AH", 1, ether(&ipv4(51, 1, 2, &[ah(17).as_slice(), &question].concat())), 0),
        ("AH in IPv6", 101, ipv6(0, 1, 2, &[&[51, 0, 1, 4, 0, 0, 0, 0], ah(17).as_slice(), &question].concat()), 0),
        ("AH around a tunnel", 1, outer(51, &[ah(4).as_slice(), &inner()].concat()), 1),
        ("IP in IP", 1, outer(4, &inner()), 1),
        ("6in4", 1, outer(41, &six), 1),
        ("GRE with key", 1, outer(47, &[&[0x20, 0, 8, 0, 0, 0, 0, 7], inner().as_slice()].concat()), 1),
        ("GRE of Ethernet", 1, outer(47, &[&[0, 0, 0x65, 0x58], ether(&inner()).as_slice()].concat()), 1),
        ("PPTP", 1, outer(47, &[&[0x30, 1, 0x88, 0x0b, 0, 9, 0, 7, 0, 0, 0, 1, 0x21], inner().as_slice()].concat()), 1),
        ("VXLAN", 1, over_udp(4_789, &[8, 0, 0, 0, 0, 0, 7, 0], &ether(&inner())), 1),
        ("Geneve", 1, over_udp(6_081, &[1, 0, 0x65, 0x58, 0, 0, 7, 0, 1, 2, 3, 4], &ether(&inner())), 1),
        ("GTP-U", 1, over_udp(2_152, &gtp, &inner()), 1),
        ("Teredo", 1, over_udp(3_544, &[0, 0, 1, 2, 3, 4, 5, 6], &six), 1),
        (
            "VXLAN in GRE",
            1,
            outer(
                47,
                &[
                    &[0, 0, 8, 0],
                    ipv4(17, 6, 7, &udp(1, 4_789, &[&[8, 0, 0, 0, 0, 0, 7, 0], ether(&inner()).as_slice()].concat()))
                        .as_slice(),
                ]
                .concat(),
            ),
            2,
        ),
    ]
}

#[test]
fn the_outermost_and_the_innermost_vlan_are_told() {
    let tagged = |tags: &[u8]| {
        let frame = ethernet(0x88a8, &[tags, &[8, 0], inner().as_slice()].concat());
        let layers = layers(LinkType(1), &frame, frame.len() as u32);
        (layers.vlan, layers.inner_vlan)
    };
    assert_eq!(tagged(&[0xe0, 5]), (Some(5), None));
    assert_eq!(tagged(&[0, 5, 0x81, 0, 0xff, 6]), (Some(5), Some(0xf06)));
    assert_eq!(tagged(&[0, 5, 0x91, 0, 0, 6, 0x81, 0, 0, 0]), (Some(5), Some(0)));
}

#[test]
fn the_innermost_packet_is_found() {
    for (name, link_type, frame, tunnels) in frames() {
        let layers = innermost(LinkType(link_type), &frame, frame.len() as u32);
        let ip = layers.ip().unwrap_or_else(|| panic!("{name}: {:?}", layers.network));
        let host = |host: u8| match ip.source.is_ipv4() {
            true => IpAddr::from([10, 0, 0, host]),
            false => IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, host.into()]),
        };
        assert_eq!((ip.source, ip.destination), (host(1), host(2)), "{name}");
        assert_eq!(layers.tunnel.map_or(0, |tunnel| tunnel.depth), tunnels, "{name}");
        let transport = ip.transport().unwrap();
        assert_eq!(transport.kind, TransportKind::Ports(5_353, 53), "{name}");
        assert_eq!((transport.payload, transport.payload_length), (b"question".as_slice(), 8), "{name}");
    }
}

#[test]
fn nothing_shorter_is_taken_for_more() {
    for (name, link_type, frame, _) in frames() {
        for length in 0..frame.len() {
            let layers = innermost(LinkType(link_type), &frame[..length], frame.len() as u32);
            let Some(ip) = layers.ip() else { continue };
            let Ok(transport) = ip.transport() else { continue };
            // Lengths on the wire stay what they were; what is captured is shorter.
            assert!(transport.payload.len() < transport.payload_length as usize, "{name} cut at {length}");
        }
    }
}

#[test]
fn what_is_not_ip_has_a_name() {
    let named = |link_type, frame: &[u8]| match innermost(LinkType(link_type), frame, frame.len() as u32).network {
        Network::Other(kind) => kind.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(named(1, &ethernet(0x88cc, &[0; 50])), "LLDP");
    assert_eq!(named(1, &ethernet(0x1234, &[0; 50])), "ether type 0x1234");
    assert_eq!(named(1, &ethernet(38, &[0x42, 0x42, 3, 0, 0])), "spanning tree");
    assert_eq!(named(105, &[0x80, 0, 0, 0, 0, 0]), "802.11 management");
    assert_eq!(named(105, &[0x08, 0x41, 0, 0, 0, 0]), "802.11 encrypted");
    assert_eq!(named(9, &[0xc0, 0x21, 1, 1]), "PPP 0xc021");
}

#[test]
fn what_is_encrypted_or_cut_has_a_number() {
    let of = |packet: &[u8]| innermost(LinkType(101), packet, packet.len() as u32).ip().map(|ip| ip.protocol);
    assert_eq!(of(&ipv4(50, 1, 2, &[1; 40])), Some(protocol::ESP));
    // An authentication header that is longer than its packet hides what follows.
    assert_eq!(of(&ipv4(51, 1, 2, &[6, 200, 0, 0])), Some(protocol::AH));
    let named = [1, 2, 6, 17, 41, 47, 50, 51, 58, 89, 132, 253].map(protocol::name);
    let names = ["icmp", "igmp", "tcp", "udp", "ipv6", "gre", "esp", "ah", "ipv6-icmp", "ospfigp", "sctp"].map(Some);
    assert_eq!(named[..11], names);
    assert_eq!(named[11], None);
}

#[test]
fn fragments_have_their_place() {
    let mut packet = ipv4(17, 1, 2, &[0; 16]);
    packet[6..8].copy_from_slice(&[0x20, 3]);
    let four = innermost(LinkType(101), &packet, packet.len() as u32).ip().and_then(|ip| ip.fragment);
    assert_eq!(four, Some(Fragment { identification: 7, first: false, offset: 24, more: true }));
    let packet = ipv6(44, 1, 2, &[17, 0, 0, 9, 0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8]);
    let six = innermost(LinkType(101), &packet, packet.len() as u32).ip().and_then(|ip| ip.fragment);
    assert_eq!(six, Some(Fragment { identification: 5, first: false, offset: 8, more: true }));
}

#[test]
fn headers_that_contradict_themselves_are_broken() {
    fn network(bytes: &[u8]) -> Network<'_> {
        innermost(LinkType(101), bytes, bytes.len() as u32).network
    }
    let mut short = inner();
    short[0] = 0x44;
    assert_eq!(network(&short), Network::Broken);
    short[0] = 0x55;
    assert_eq!(network(&short), Network::Broken);
    let mut total = inner();
    total[3] = 19;
    assert_eq!(network(&total), Network::Broken);
    // Offloading leaves 0, which goes as far as the frame.
    total[2..4].fill(0);
    let Network::Ip(ip) = network(&total) else { panic!() };
    assert_eq!(ip.payload_length, 16);
    // Padding is no payload.
    let padded = [inner(), vec![0; 10]].concat();
    let Network::Ip(ip) = network(&padded) else { panic!() };
    assert_eq!((ip.payload.len(), ip.payload_length), (16, 16));
    // TCP whose header is longer than its packet.
    let tcp = ipv4(6, 1, 2, &[0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 2, 0, 0, 0, 0, 0, 0]);
    let Network::Ip(ip) = network(&tcp) else { panic!() };
    assert_eq!(ip.transport(), Err(NoTransport::Broken));
}
