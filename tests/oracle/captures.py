"""Reading pcap and pcapng captures, plainly: the whole file in memory, one packet after the other.

`read(path)` gives a `Capture`: its packets up to the first fault, and what that fault was. Times are integers, nanoseconds since 1970 UTC;
a Simple Packet Block has none. Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
"""

import struct
import zlib
from dataclasses import dataclass, field

NANOSECONDS = 1_000_000_000

# First four bytes of a pcap file: byte order, nanoseconds per unit of the fraction, bytes of a packet's header.
PCAP_MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000, 16),
    b"\xa1\xb2\xc3\xd4": (">", 1000, 16),
    b"\x4d\x3c\xb2\xa1": ("<", 1, 16),
    b"\xa1\xb2\x3c\x4d": (">", 1, 16),
    b"\x34\xcd\xb2\xa1": ("<", 1000, 24),  # Kuznetzov's variant: 8 more bytes a packet
    b"\xa1\xb2\xcd\x34": (">", 1000, 24),
}

SECTION_HEADER, INTERFACE, PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 6
OPTION_END, OPTION_COMMENT, OPTION_TSRESOL, OPTION_TSOFFSET = 0, 1, 9, 14


class Fault(Exception):
    """The file cannot be read any further."""


@dataclass
class Packet:
    """One captured packet. `number` counts from 1 over the whole file."""

    number: int
    link: int
    time: int | None
    wire_length: int
    data: bytes
    comments: list = field(default_factory=list)


@dataclass
class Capture:
    packets: list
    fault: str | None


@dataclass
class Interface:
    link: int
    snap_length: int
    units_per_second: int
    offset_seconds: int


def read(path):
    """Everything that can be read of the capture at `path`."""
    with open(path, "rb") as file:
        data = unpacked(file.read())
    packets = []
    try:
        for packet in packets_of(data):
            packet.number = len(packets) + 1
            packets.append(packet)
    except Fault as fault:
        return Capture(packets, str(fault))
    return Capture(packets, None)


def unpacked(data):
    """`data` without gzip around it; of a gzip file that is cut short, what there is."""
    out = b""
    while data[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(wbits=31)
        try:
            out += member.decompress(data)
        except zlib.error:
            return out
        data = member.unused_data
        if not data:
            return out
    return out or data


def packets_of(data):
    """The packets, by the format that the first bytes tell."""
    if data[:4] in PCAP_MAGICS:
        return pcap_packets(data)
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return pcapng_packets(data)
    raise Fault("neither pcap nor pcapng")


def pcap_packets(data):
    order, unit, header_length = PCAP_MAGICS[data[:4]]
    if len(data) < 24:
        raise Fault("cut in the file header")
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF  # the upper bits tell of the frame check sequence
    at = 24
    while at < len(data):
        if at + header_length > len(data):
            raise Fault("cut in a packet's header")
        seconds, fraction, captured, wire = struct.unpack_from(order + "IIII", data, at)
        at += header_length
        if at + captured > len(data):
            raise Fault("cut in a packet")
        yield Packet(0, link, seconds * NANOSECONDS + fraction * unit, wire, data[at : at + captured])
        at += captured


def pcapng_packets(data):
    order, interfaces, at = "<", [], 0
    while at < len(data):
        if at + 12 > len(data):
            raise Fault("cut in a block's header")
        if data[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order, interfaces = section_order(data, at), []
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or length % 4:
            raise Fault("a block's length is wrong")
        if at + length > len(data):
            raise Fault("cut in a block")
        if struct.unpack_from(order + "I", data, at + length - 4)[0] != length:
            raise Fault("a block's two lengths differ")
        packet = block(kind, data[at + 8 : at + length - 4], order, interfaces)
        if packet:
            yield packet
        at += length


def section_order(data, at):
    """The byte order that a section header's magic tells."""
    orders = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
    magic = data[at + 8 : at + 12]
    if magic not in orders:
        raise Fault("a section without byte order")
    return orders[magic]


def block(kind, body, order, interfaces):
    """The packet in a block, if the block holds one; an interface is added to `interfaces`."""
    try:
        if kind == INTERFACE:
            interfaces.append(interface(body, order))
        if kind == ENHANCED_PACKET:
            return enhanced_packet(body, order, interfaces)
        if kind == SIMPLE_PACKET:
            return simple_packet(body, order, interfaces)
        if kind == PACKET:
            return obsolete_packet(body, order, interfaces)
    except struct.error:
        raise Fault("a block too short for its kind") from None
    return None


def interface(body, order):
    link, _, snap_length = struct.unpack_from(order + "HHI", body)
    units, offset = 1_000_000, 0
    for code, value in options(body[8:], order):
        if code == OPTION_TSRESOL and len(value) == 1:
            units = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
        if code == OPTION_TSOFFSET and len(value) == 8:
            offset = struct.unpack(order + "q", value)[0]
    return Interface(link, snap_length, units, offset)


def enhanced_packet(body, order, interfaces):
    number, high, low, captured, wire = struct.unpack_from(order + "IIIII", body)
    return timed_packet((number, high << 32 | low, captured, wire), body[20:], order, interfaces)


def obsolete_packet(body, order, interfaces):
    number, _drops, high, low, captured, wire = struct.unpack_from(order + "HHIIII", body)
    return timed_packet((number, high << 32 | low, captured, wire), body[20:], order, interfaces)


def timed_packet(head, rest, order, interfaces):
    number, ticks, captured, wire = head
    if captured > len(rest):
        raise Fault("a packet longer than its block")
    if number >= len(interfaces):
        raise Fault("a packet of an unknown interface")
    source = interfaces[number]
    time = ticks * NANOSECONDS // source.units_per_second + source.offset_seconds * NANOSECONDS
    comments = [
        value.split(b"\0")[0].decode("utf-8", "replace")
        for code, value in options(rest[(captured + 3) // 4 * 4 :], order)
        if code == OPTION_COMMENT
    ]
    return Packet(0, source.link, time, wire, rest[:captured], comments)


def simple_packet(body, order, interfaces):
    (wire,) = struct.unpack_from(order + "I", body)
    if not interfaces:
        raise Fault("a packet of an unknown interface")
    first = interfaces[0]
    captured = min(wire, first.snap_length) if first.snap_length else wire
    if captured > len(body) - 4:
        raise Fault("a packet longer than its block")
    return Packet(0, first.link, None, wire, body[4 : 4 + captured])


def options(data, order):
    """(code, value) of each option; ends at the first that is not whole."""
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, at)
        if code == OPTION_END or at + 4 + length > len(data):
            return
        yield code, data[at + 4 : at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
