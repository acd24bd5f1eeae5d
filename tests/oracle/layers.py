"""Decoding one packet down to its innermost IP header and the transport header after it.

`decode(link, data, wire_length)` gives a `Datagram`, or raises `NotInFlow` with the reason why the packet is in no flow:
`not IP: …`, `broken`, `cut`, `unknown link type`. Every position is an offset in the frame's captured bytes; every `end` is where a layer
ends on the wire, which may lie beyond what was captured.
"""

import struct
from dataclasses import dataclass, field

HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS, NO_NEXT_HEADER = 0, 43, 44, 60, 59
IPV6_EXTENSIONS = (HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS)
ICMP, IGMP, IP_IN_IP, TCP, UDP, IPV6_IN_IP, GRE, ESP, AH, ICMPV6, SCTP = 1, 2, 4, 6, 17, 41, 47, 50, 51, 58, 132

ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_BRIDGING, ETHERTYPE_PPP = 0x0800, 0x86DD, 0x6558, 0x880B
VLAN_TYPES = (0x8100, 0x88A8, 0x9100, 0x9200)
MPLS_TYPES = (0x8847, 0x8848)
PPPOE_SESSION, LARGEST_LLC_LENGTH = 0x8864, 1500
ETHERTYPE_NAMES = {0x0806: "ARP", 0x8035: "RARP", 0x8863: "PPPoE discovery", 0x888E: "EAPOL", 0x88CC: "LLDP"}

PORT_TEREDO, PORT_GTP_U, PORT_VXLAN, PORT_GENEVE = 3544, 2152, 4789, 6081
UDP_TUNNELS = (PORT_TEREDO, PORT_GTP_U, PORT_VXLAN, PORT_GENEVE)

# The type of an ICMP request and of its answer: the table of Community ID, RFC 8335 (extended echo), RFC 6275 (mobile prefix).
ICMP_ANSWERS = {
    ICMP: {8: 0, 13: 14, 15: 16, 17: 18, 10: 9, 42: 43},
    ICMPV6: {128: 129, 130: 131, 133: 134, 135: 136, 139: 140, 144: 145, 146: 147, 160: 161},
}
# Types whose bytes 4 and 5 are an identifier.
ICMP_WITH_ID = {
    ICMP: (0, 8, 13, 14, 15, 16, 17, 18, 42, 43),
    ICMPV6: (128, 129, 144, 145, 146, 147, 160, 161),
}


class NotInFlow(Exception):
    """Why a packet is in no flow."""


def not_ip(kind):
    return NotInFlow("not IP: " + kind)


def broken():
    return NotInFlow("broken")


def cut():
    return NotInFlow("cut")


@dataclass
class Frame:
    """A frame, and what was met on the way down: `firsts` are the identities of first fragments."""

    data: bytes
    wire_length: int
    outer_only: bool
    macs: tuple | None = None
    vlans: list = field(default_factory=list)
    tunnels: list = field(default_factory=list)
    firsts: list = field(default_factory=list)

    def need(self, at, length, end, in_first_fragment=False):
        """Checks that `length` bytes at `at` are inside their layer and were captured."""
        if at + length > end:
            raise cut() if in_first_fragment else broken()
        if at + length > len(self.data):
            raise cut()

    def u8(self, at):
        return self.data[at]

    def u16(self, at):
        return struct.unpack_from(">H", self.data, at)[0]

    def u32(self, at):
        return struct.unpack_from(">I", self.data, at)[0]


@dataclass
class Ip:
    """An IP header: `payload` is where its payload begins, `end` where the packet ends by its own length."""

    version: int
    source: bytes
    destination: bytes
    protocol: int
    start: int
    payload: int
    end: int
    fragment: tuple | None = None  # (identity, is it the first?)

    @property
    def is_first_fragment(self):
        return self.fragment is not None and self.fragment[1]

    @property
    def is_later_fragment(self):
        return self.fragment is not None and not self.fragment[1]


@dataclass
class Datagram:
    """What flows and features need of a packet.

    transport_header  bytes of the transport header; None where there is none (later fragments, protocols without a known header)
    payload           bytes after it, by the IP length
    icmp              (type, code, identifier)
    later_fragment    the identity of the datagram that this is a later fragment of
    firsts            identities of the datagrams, outermost first, that this is the first fragment of
    """

    version: int
    source: bytes
    destination: bytes
    protocol: int
    ip_bytes: int
    ip_header: int
    transport_header: int | None
    payload: int
    ports: tuple | None = None
    icmp: tuple | None = None
    flags: int | None = None
    window: int | None = None
    sequence: int | None = None
    acknowledgement: int | None = None
    later_fragment: tuple | None = None
    firsts: list = field(default_factory=list)
    macs: tuple | None = None
    vlans: list = field(default_factory=list)
    tunnels: list = field(default_factory=list)


def decode(link, data, wire_length, outer_only=False):
    """The datagram in a frame of link type `link`; `outer_only` steps into no tunnel."""
    if link not in LINKS:
        raise NotInFlow("unknown link type")
    frame = Frame(data, wire_length, outer_only)
    datagram = LINKS[link](frame, 0, max(wire_length, len(data)))
    datagram.macs, datagram.vlans = frame.macs, frame.vlans
    datagram.tunnels, datagram.firsts = frame.tunnels, frame.firsts
    return datagram


# Link layers. Each takes (frame, offset, end) and gives the datagram.


def ethernet(frame, at, end):
    frame.need(at, 14, end)
    if frame.macs is None:
        frame.macs = (frame.data[at + 6 : at + 12], frame.data[at : at + 6])
    return type_or_length(frame, frame.u16(at + 12), at + 14, end)


def type_or_length(frame, value, at, end):
    """What follows an Ethernet type field, which in IEEE 802.3 holds a length."""
    if value <= LARGEST_LLC_LENGTH:
        return llc(frame, at, end)
    return ethertype(frame, value, at, end)


def ethertype(frame, kind, at, end):
    if kind == ETHERTYPE_IPV4:
        return ipv4(frame, at, end)
    if kind == ETHERTYPE_IPV6:
        return ipv6(frame, at, end)
    if kind in VLAN_TYPES:
        frame.need(at, 4, end)
        frame.vlans.append(frame.u16(at) & 0x0FFF)
        return type_or_length(frame, frame.u16(at + 2), at + 4, end)
    if kind in MPLS_TYPES:
        return mpls(frame, at, end)
    if kind == PPPOE_SESSION:
        return pppoe(frame, at, end)
    raise not_ip(ETHERTYPE_NAMES.get(kind, f"ethertype 0x{kind:04x}"))


def llc(frame, at, end):
    """IEEE 802.2, with SNAP or with IP's own service access point."""
    frame.need(at, 3, end)
    destination, source, control = frame.data[at : at + 3]
    if (destination, source, control) == (0xAA, 0xAA, 3):
        frame.need(at, 8, end)
        if frame.data[at + 3 : at + 6] in (b"\0\0\0", b"\0\0\xf8"):
            return ethertype(frame, frame.u16(at + 6), at + 8, end)
        raise not_ip("SNAP")
    if (destination, source, control) == (6, 6, 3):
        return ipv4(frame, at + 3, end)
    raise not_ip("LLC")


def mpls(frame, at, end):
    bottom = False
    while not bottom:
        frame.need(at, 4, end)
        bottom = frame.u32(at) & 0x100
        at += 4
    frame.need(at, 1, end)
    if frame.u8(at) >> 4 == 4:
        return ipv4(frame, at, end)
    if frame.u8(at) >> 4 == 6:
        return ipv6(frame, at, end)
    raise not_ip("MPLS")


def pppoe(frame, at, end):
    """RFC 2516, a session's packet."""
    frame.need(at, 6, end)
    if frame.u8(at) != 0x11 or frame.u8(at + 1) != 0:
        raise not_ip("PPPoE")
    return ppp_protocol(frame, at + 6, end)


def ppp(frame, at, end):
    """RFC 1662: address and control, if they are not left out, then the protocol. HDLC links may carry Cisco's framing as well."""
    frame.need(at, 2, end)
    if frame.data[at : at + 2] == b"\xff\x03":
        return ppp_protocol(frame, at + 2, end)
    if frame.u8(at) in (0x0F, 0x8F):
        return cisco_hdlc(frame, at, end)
    return ppp_protocol(frame, at, end)


def ppp_protocol(frame, at, end):
    """RFC 1661: a protocol field of two bytes, or of one if that is odd."""
    frame.need(at, 1, end)
    length = 1 if frame.u8(at) & 1 else 2
    frame.need(at, length, end)
    protocol = frame.u8(at) if length == 1 else frame.u16(at)
    at += length
    if protocol == 0x0021:
        return ipv4(frame, at, end)
    if protocol == 0x0057:
        return ipv6(frame, at, end)
    if protocol in (0x0281, 0x0283):
        return mpls(frame, at, end)
    raise not_ip("PPP")


def cisco_hdlc(frame, at, end):
    frame.need(at, 4, end)
    kind = frame.u16(at + 2)
    if kind == 0x8035:
        raise not_ip("SLARP")
    return ethertype(frame, kind, at + 4, end)


def raw_ip(frame, at, end):
    frame.need(at, 1, end)
    version = frame.u8(at) >> 4
    if version == 4:
        return ipv4(frame, at, end)
    if version == 6:
        return ipv6(frame, at, end)
    raise broken()


def null(frame, at, end):
    """BSD loopback: an address family of four bytes, in the capturing machine's byte order."""
    frame.need(at, 4, end)
    family = frame.u32(at)
    if family > 0xFFFF:
        family = struct.unpack_from("<I", frame.data, at)[0]
    if family == 2:
        return ipv4(frame, at + 4, end)
    if family in (10, 23, 24, 28, 30):  # AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS
        return ipv6(frame, at + 4, end)
    raise not_ip("address family")


def linux_sll(frame, at, end):
    frame.need(at, 16, end)
    return cooked(frame, frame.u16(at + 14), at + 16, end)


def linux_sll2(frame, at, end):
    frame.need(at, 20, end)
    return cooked(frame, frame.u16(at), at + 20, end)


def cooked(frame, protocol, at, end):
    if protocol == 0x0004:
        return llc(frame, at, end)
    if protocol <= LARGEST_LLC_LENGTH:
        raise not_ip("Linux cooked")
    return ethertype(frame, protocol, at, end)


def ieee80211(frame, at, end):
    """A data frame that is not protected; other frames hold no IP that could be read."""
    frame.need(at, 2, end)
    control, flags = frame.u8(at), frame.u8(at + 1)
    kind, subtype = control >> 2 & 3, control >> 4
    if kind != 2:
        raise not_ip("IEEE 802.11 " + ("management", "control", "data", "extension")[kind])
    if subtype & 4:
        raise not_ip("IEEE 802.11 without data")
    if flags & 0x40:
        raise not_ip("IEEE 802.11 protected")
    return ieee80211_data(frame, at, end)


def ieee80211_data(frame, at, end):
    qos, flags = frame.u8(at) & 0x80, frame.u8(at + 1)
    to_and_from = flags & 3
    header = 24 + (6 if to_and_from == 3 else 0)
    frame.need(at, header, end)
    first, second, third = (frame.data[at + place : at + place + 6] for place in (4, 10, 16))
    fourth = frame.data[at + 24 : at + 30]
    frame.macs = {0: (second, first), 1: (second, third), 2: (third, first), 3: (fourth, third)}[to_and_from]
    if frame.u16(at + 22) >> 8 & 0x0F:  # sequence control is little-endian: the fragment's number is in its first byte
        raise not_ip("IEEE 802.11 fragment")
    if qos:
        frame.need(at, header + 2, end)
        if frame.u8(at + header) & 0x80:
            raise not_ip("IEEE 802.11 aggregate")
        header += 2 + (4 if flags & 0x80 else 0)
    return llc(frame, at + frame_pad(frame, header), end)


def frame_pad(frame, header):
    """The header's length with the padding that radiotap told of."""
    return (header + 3) // 4 * 4 if getattr(frame, "padded", False) else header


def radiotap(frame, at, end):
    frame.need(at, 8, end)
    length = struct.unpack_from("<H", frame.data, at + 2)[0]
    if length < 8:
        raise broken()
    frame.need(at, length, end)
    frame.padded = bool(radiotap_flags(frame.data[at : at + length]) & 0x20)
    return ieee80211(frame, at + length, end)


def radiotap_flags(header):
    """The field Flags of a radiotap header, 0 if it has none. Before it stand only the bit maps and the 8 bytes of TSFT, aligned."""
    present = struct.unpack_from("<I", header, 4)[0]
    at, more = 8, present
    while more & 0x80000000 and at + 4 <= len(header):
        more = struct.unpack_from("<I", header, at)[0]
        at += 4
    if present & 1:
        at = (at + 7) // 8 * 8 + 8
    return header[at] if present & 2 and at < len(header) else 0


def ipnet(frame, at, end):
    """Solaris: 24 bytes, the second being the address family."""
    frame.need(at, 24, end)
    family = frame.u8(at + 1)
    if family == 2:
        return ipv4(frame, at + 24, end)
    if family == 26:
        return ipv6(frame, at + 24, end)
    raise not_ip("address family")


LINKS = {
    0: null,
    1: ethernet,
    9: ppp,
    12: raw_ip,
    14: raw_ip,
    50: ppp,
    51: pppoe,
    101: raw_ip,
    104: cisco_hdlc,
    105: ieee80211,
    108: null,
    113: linux_sll,
    127: radiotap,
    226: ipnet,
    228: lambda frame, at, end: ipv4(frame, at, end),
    229: lambda frame, at, end: ipv6(frame, at, end),
    276: linux_sll2,
}


# Network layer.


def ipv4(frame, at, end):
    frame.need(at, 20, end)
    if frame.u8(at) >> 4 != 4:
        raise broken()
    header, total = (frame.u8(at) & 0x0F) * 4, frame.u16(at + 2)
    if header < 20 or 0 < total < header:
        raise broken()
    stop = ip_end(frame, at, total, end)
    frame.need(at, header, stop)
    source, destination, protocol = frame.data[at + 12 : at + 16], frame.data[at + 16 : at + 20], frame.u8(at + 9)
    more, offset = frame.u16(at + 6) & 0x2000, frame.u16(at + 6) & 0x1FFF
    ip = Ip(4, source, destination, protocol, at, at + header, stop)
    if more or offset:
        ip.fragment = ((source, destination, protocol, frame.u16(at + 4)), offset == 0)
    return upper_layer(frame, ip)


def ip_end(frame, at, length, end):
    """Where an IP packet of `length` bytes at `at` ends. 0 means: with what holds it. Inside another IP packet, at that one's end at most."""
    if length == 0:
        return end
    inside = bool(frame.tunnels)
    return min(at + length, end) if inside else at + length


def ipv6(frame, at, end):
    frame.need(at, 40, end)
    if frame.u8(at) >> 4 != 6:
        raise broken()
    length, protocol = frame.u16(at + 4), frame.u8(at + 6)
    to_the_end = length == 0 and protocol != NO_NEXT_HEADER
    stop = ip_end(frame, at, 0 if to_the_end else 40 + length, end)
    ip = Ip(6, frame.data[at + 8 : at + 24], frame.data[at + 24 : at + 40], protocol, at, at + 40, stop)
    while ip.protocol in IPV6_EXTENSIONS and not ip.is_later_fragment:
        step_over_extension(frame, ip)
    return upper_layer(frame, ip)


def step_over_extension(frame, ip):
    """Moves `ip` behind the extension header at its payload's start."""
    frame.need(ip.payload, 8, ip.end, ip.is_first_fragment)
    kind, following = ip.protocol, frame.u8(ip.payload)
    if kind == FRAGMENT:
        fragment_header(frame, ip, following)
        length = 8
    else:
        length = 8 + 8 * frame.u8(ip.payload + 1)
    frame.need(ip.payload, length, ip.end, ip.is_first_fragment)
    ip.protocol = following
    ip.payload += length


def fragment_header(frame, ip, following):
    """RFC 8200, 4.5. An atomic fragment (RFC 6946) is no fragment."""
    field, identification = frame.u16(ip.payload + 2), frame.u32(ip.payload + 4)
    offset, more = field >> 3, field & 1
    if offset or more:
        ip.fragment = ((ip.source, ip.destination, following, identification), offset == 0)


def upper_layer(frame, ip):
    """The innermost datagram at or inside the IP packet `ip`."""
    if ip.is_later_fragment:
        return datagram(ip, None, later_fragment=ip.fragment[0])
    if ip.is_first_fragment:
        frame.firsts.append(ip.fragment[0])
    found = None if frame.outer_only else tunnelled(frame, ip)
    return found or transport(frame, ip)


def datagram(ip, header, **more):
    """The datagram of `ip` with a transport header of `header` bytes."""
    return Datagram(
        version=ip.version,
        source=ip.source,
        destination=ip.destination,
        protocol=ip.protocol,
        ip_bytes=ip.end - ip.start,
        ip_header=ip.payload - ip.start,
        transport_header=header,
        payload=ip.end - ip.payload - (header or 0),
        **more,
    )


# Transport layer.


def transport(frame, ip):
    if ip.protocol == TCP:
        return tcp(frame, ip)
    if ip.protocol == UDP:
        return with_ports(frame, ip, 8)
    if ip.protocol == SCTP:
        return with_ports(frame, ip, 12)
    if ip.protocol in ICMP_ANSWERS:
        return icmp(frame, ip)
    return datagram(ip, None)


def tcp(frame, ip):
    at = ip.payload
    frame.need(at, 20, ip.end, ip.is_first_fragment)
    header = (frame.u8(at + 12) >> 4) * 4
    if header < 20:
        raise broken()
    frame.need(at, header, ip.end, ip.is_first_fragment)
    return datagram(
        ip,
        header,
        ports=(frame.u16(at), frame.u16(at + 2)),
        sequence=frame.u32(at + 4),
        acknowledgement=frame.u32(at + 8),
        flags=frame.u8(at + 13),
        window=frame.u16(at + 14),
    )


def with_ports(frame, ip, header):
    frame.need(ip.payload, header, ip.end, ip.is_first_fragment)
    return datagram(ip, header, ports=(frame.u16(ip.payload), frame.u16(ip.payload + 2)))


def icmp(frame, ip):
    at = ip.payload
    frame.need(at, 8, ip.end, ip.is_first_fragment)
    kind, code = frame.u8(at), frame.u8(at + 1)
    identifier = frame.u16(at + 4) if kind in ICMP_WITH_ID[ip.protocol] else 0
    return datagram(ip, 8, icmp=(kind, code, identifier))


def canonical_icmp_type(protocol, kind):
    """The lower of a request's type and its answer's; other types are their own."""
    for request, answer in ICMP_ANSWERS[protocol].items():
        if kind in (request, answer):
            return min(request, answer)
    return kind


# Tunnels. Each gives the datagram inside, or None if there is no IP inside; then the packet is the enclosing IP header's.


def tunnelled(frame, ip):
    if ip.protocol == IP_IN_IP:
        return inside(frame, "IP-in-IP", ipv4, ip.payload, ip.end)
    if ip.protocol == IPV6_IN_IP:
        return inside(frame, "6in4", ipv6, ip.payload, ip.end)
    if ip.protocol == GRE:
        return gre(frame, ip)
    if ip.protocol == UDP:
        return udp_tunnel(frame, ip)
    return None


def inside(frame, name, walk, at, end):
    """Goes on inside the tunnel `name` with the layer `walk`; where no IP is found there, nothing is left of the attempt."""
    vlans = list(frame.vlans)
    frame.tunnels.append(name)
    try:
        return walk(frame, at, end)
    except NotInFlow as reason:
        if not str(reason).startswith("not IP"):
            raise
    frame.tunnels.pop()
    frame.vlans = vlans
    return None


def gre(frame, ip):
    """RFC 2784 and 2890 (version 0), RFC 2637 (version 1)."""
    at = ip.payload
    frame.need(at, 4, ip.end, ip.is_first_fragment)
    bits, protocol = frame.u16(at), frame.u16(at + 2)
    checksum, routing, key, sequence, acknowledgement = (bits & bit for bit in (0x8000, 0x4000, 0x2000, 0x1000, 0x0080))
    version = bits & 7
    if version > 1 or routing:
        return None
    length = 4 + 4 * sum(map(bool, (checksum, key, sequence, version == 1 and acknowledgement)))
    if version == 1:
        if protocol != ETHERTYPE_PPP or not key:
            return None
        frame.need(at, length, ip.end, ip.is_first_fragment)
        carried = frame.u16(at + 4)
        return inside(frame, "PPTP", ppp, at + length, min(ip.end, at + length + carried)) if carried else None
    walks = {ETHERTYPE_IPV4: ipv4, ETHERTYPE_IPV6: ipv6, ETHERTYPE_BRIDGING: ethernet}
    if protocol not in walks:
        return None
    frame.need(at, length, ip.end, ip.is_first_fragment)
    return inside(frame, "GRE", walks[protocol], at + length, ip.end)


def udp_tunnel(frame, ip):
    """A tunnel over UDP is known by a port of either end, and believed if its own header is right."""
    frame.need(ip.payload, 8, ip.end, ip.is_first_fragment)
    ports = (frame.u16(ip.payload), frame.u16(ip.payload + 2))
    tunnels = {PORT_VXLAN: vxlan, PORT_GENEVE: geneve, PORT_GTP_U: gtp_u, PORT_TEREDO: teredo}
    for port, tunnel in tunnels.items():
        if port in ports:
            return tunnel(frame, ip, ip.payload + 8)
    return None


def short(at, length, ip):
    """Is there no room for a tunnel's header in the datagram? Then there is no tunnel."""
    return at + length > ip.end


def vxlan(frame, ip, at):
    """RFC 7348: the flag I says that there is a network identifier."""
    if short(at, 8, ip):
        return None
    frame.need(at, 8, ip.end)
    if not frame.u8(at) & 0x08:
        return None
    return whole_ethernet(frame, "VXLAN", at + 8, ip)


def whole_ethernet(frame, name, at, ip):
    if short(at, 14, ip):
        return None
    return inside(frame, name, ethernet, at, ip.end)


def geneve(frame, ip, at):
    """RFC 8926."""
    if short(at, 8, ip):
        return None
    frame.need(at, 8, ip.end)
    header, protocol = 8 + 4 * (frame.u8(at) & 0x3F), frame.u16(at + 2)
    if frame.u8(at) >> 6 or short(at, header, ip):
        return None
    if protocol == ETHERTYPE_BRIDGING:
        return whole_ethernet(frame, "Geneve", at + header, ip)
    if protocol in (ETHERTYPE_IPV4, ETHERTYPE_IPV6):
        return inside_ip(frame, "Geneve", at + header, ip)
    return None


def inside_ip(frame, name, at, ip):
    """IP of either version, told by its first four bits; anything else is no IP."""
    if short(at, 1, ip):
        return None
    frame.need(at, 1, ip.end)
    walks = {4: ipv4, 6: ipv6}
    version = frame.u8(at) >> 4
    return inside(frame, name, walks[version], at, ip.end) if version in walks else None


def gtp_u(frame, ip, at):
    """3GPP TS 29.281: version 1, message 255 (G-PDU)."""
    if short(at, 8, ip):
        return None
    frame.need(at, 8, ip.end)
    if frame.u8(at) >> 4 != 3 or frame.u8(at + 1) != 255:
        return None
    if not frame.u8(at) & 7:
        return inside_ip(frame, "GTP-U", at + 8, ip)
    if short(at, 12, ip):
        return None
    frame.need(at, 12, ip.end)
    has_extensions, following, at = frame.u8(at) & 4, frame.u8(at + 11), at + 12
    while has_extensions and following:
        if short(at, 4, ip):
            return None
        frame.need(at, 1, ip.end)
        length = 4 * frame.u8(at)
        if length == 0 or short(at, length, ip):
            return None
        frame.need(at, length, ip.end)
        following, at = frame.u8(at + length - 1), at + length
    return inside_ip(frame, "GTP-U", at, ip)


def teredo(frame, ip, at):
    """RFC 4380: authentication and origin indication may stand before an IPv6 packet that fits in the datagram."""
    stop = ip.payload + frame.u16(ip.payload + 4)
    if at + 4 <= stop and frame.data[at : at + 2] == b"\0\1":
        frame.need(at, 4, ip.end)
        at += 13 + frame.u8(at + 2) + frame.u8(at + 3)
    if at + 8 <= stop and frame.data[at : at + 2] == b"\0\0":
        at += 8
    if at + 40 > stop or short(at, 40, ip):
        return None
    frame.need(at, 40, ip.end)
    if frame.u8(at) >> 4 != 6 or at + 40 + frame.u16(at + 4) > stop:
        return None
    return inside(frame, "Teredo", ipv6, at, ip.end)
