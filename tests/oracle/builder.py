"""Packets and captures built by hand, for the tests."""

import ipaddress
import struct

import captures
from captures import NANOSECONDS

A, B = "10.0.0.1", "10.0.0.2"
A6, B6 = "2001:db8::1", "2001:db8::2"


def packed(address):
    return ipaddress.ip_address(address).packed


def ethernet(payload, kind=0x0800):
    return b"\2\0\0\0\0\2" + b"\2\0\0\0\0\1" + struct.pack(">H", kind) + payload


def ipv4(payload, protocol, ends=(A, B), total=None, identification=0, fragment=0, options=b""):
    length = 20 + len(options)
    total = length + len(payload) if total is None else total
    head = struct.pack(">BBHHHBBH", 0x40 | length // 4, 0, total, identification, fragment, 64, protocol, 0)
    return head + packed(ends[0]) + packed(ends[1]) + options + payload


def ipv6(payload, following, ends=(A6, B6), length=None):
    length = len(payload) if length is None else length
    return struct.pack(">IHBB", 6 << 28, length, following, 64) + packed(ends[0]) + packed(ends[1]) + payload


def tcp(payload=b"", ports=(1000, 80), flags=0x10, sequence=0, acknowledgement=0, window=0, options=b""):
    header = 20 + len(options)
    head = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledgement, header // 4 << 4, flags, window, 0, 0)
    return head + options + payload


def udp(payload=b"", ports=(1000, 53)):
    return struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload


def icmp(kind, code=0, identifier=0, payload=b""):
    return struct.pack(">BBHHH", kind, code, 0, identifier, 1) + payload


class Trace:
    """A capture that grows packet by packet; times in seconds."""

    def __init__(self, link=1):
        self.packets, self.link = [], link

    def frame(self, seconds, data, wire=None, comments=()):
        time = None if seconds is None else round(seconds * NANOSECONDS)
        wire = len(data) if wire is None else wire
        self.packets.append(captures.Packet(len(self.packets) + 1, self.link, time, wire, data, list(comments)))

    def tcp(self, seconds, forward=True, comments=(), payload=0, **fields):
        """A TCP packet of `payload` bytes from A:1000 to B:80, or back."""
        ends, ports = ((A, B), (1000, 80)) if forward else ((B, A), (80, 1000))
        segment = tcp(bytes(payload), ports, **fields)
        self.frame(seconds, ethernet(ipv4(segment, 6, ends)), comments=comments)

    def udp(self, seconds, forward=True, payload=0, comments=()):
        ends, ports = ((A, B), (1000, 53)) if forward else ((B, A), (53, 1000))
        self.frame(seconds, ethernet(ipv4(udp(bytes(payload), ports), 17, ends)), comments=comments)

    def capture(self):
        return captures.Capture(self.packets, None)
