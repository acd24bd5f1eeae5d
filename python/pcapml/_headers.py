"""Addresses, protocol and ports of many packets at once, by NumPy: no Python runs for a single packet.

What the headers do not say is absent: a packet without IP has no protocol, a later fragment no ports. :func:`decode`
takes a column of bytes and its link types and gives five Arrow columns.
"""

from __future__ import annotations

import socket
from typing import Any, NamedTuple

from ._needs import need

ETHERNET, NULL, LOOP, LINUX_SLL, LINUX_SLL2 = 1, 0, 108, 113, 276
#: Link types whose packets begin with the IP header.
RAW_IP = (12, 14, 101, 228, 229)

IPV4, IPV6 = 0x0800, 0x86DD
VLAN = (0x8100, 0x88A8, 0x9100)

#: Extension headers of IPv6 that stand before the transport header: hop-by-hop, routing, destination options.
EXTENSIONS = (0, 43, 60)
FRAGMENT = 44

#: Protocols that begin with two ports: TCP, UDP, SCTP.
WITH_PORTS = (6, 17, 132)

PROTOCOLS = {
    1: "ICMP",
    2: "IGMP",
    6: "TCP",
    17: "UDP",
    41: "IPv6",
    47: "GRE",
    50: "ESP",
    51: "AH",
    58: "IPv6-ICMP",
    89: "OSPF",
    132: "SCTP",
}


class Headers(NamedTuple):
    """What the headers say, a value for each packet; all may be null."""

    #: Addresses as text.
    src_ip: Any
    dst_ip: Any
    #: The protocol's name, or its number where it has none here.
    proto: Any
    #: Ports, int64.
    src_port: Any
    dst_port: Any


def decode(raw: Any, link_types: Any) -> Headers:
    """Decode a column of packets: `raw` a `pyarrow.BinaryArray` without nulls, `link_types` an integer array."""
    numpy = need("numpy")
    data, bounds = _buffers(raw)
    ends = bounds[1:]
    packets = _Packets(numpy, data, bounds[:-1], ends)
    at, kind = packets.network_layer(numpy.asarray(link_types))
    columns = _Columns(numpy, len(raw))
    packets.ipv4(numpy.flatnonzero((kind == IPV4) & (ends - at >= 20)), at, columns)
    packets.ipv6(numpy.flatnonzero((kind == IPV6) & (ends - at >= 40)), at, columns)
    return columns.finish()


def _buffers(raw: Any) -> tuple[Any, Any]:
    """The bytes and the n + 1 bounds of a binary array, without a copy of the bytes."""
    numpy = need("numpy")
    wide = need("pyarrow").types.is_large_binary(raw.type)
    _, offsets, data = raw.buffers()
    bounds = numpy.frombuffer(offsets, "int64" if wide else "int32")[raw.offset : raw.offset + len(raw) + 1]
    empty = data is None or data.size == 0
    return numpy.zeros(1, "uint8") if empty else numpy.frombuffer(data, "uint8"), bounds.astype("int64")


class _Packets:
    """The bytes of all packets, and where each one begins and ends."""

    def __init__(self, numpy: Any, data: Any, starts: Any, ends: Any) -> None:
        self.numpy, self.data, self.starts, self.ends = numpy, data, starts, ends

    def byte(self, at: Any) -> Any:
        """The byte at each place. Places behind the end give a byte of something else: callers compare lengths."""
        return self.data[self.numpy.minimum(at, len(self.data) - 1)].astype("int64")

    def word(self, at: Any) -> Any:
        """Two bytes at each place, the first the higher."""
        return self.byte(at) << 8 | self.byte(at + 1)

    def block(self, at: Any, size: int) -> Any:
        """`size` bytes at each place, a row each."""
        return self.data[at[:, None] + self.numpy.arange(size)]

    def network_layer(self, link_types: Any) -> tuple[Any, Any]:
        """Where each packet's network layer begins, and its EtherType (0 where there is none)."""
        at, kind = self.starts.copy(), self.numpy.zeros(len(self.starts), "int64")
        for link_type in self.numpy.unique(link_types).tolist():
            which = self.numpy.flatnonzero(link_types == link_type)
            if link_type == ETHERNET:
                self._after(which, 14, 12, at, kind)
                self._vlans(which, at, kind)
            elif link_type == LINUX_SLL:
                self._after(which, 16, 14, at, kind)
            elif link_type == LINUX_SLL2:
                self._after(which, 20, 0, at, kind)
            elif link_type in (NULL, LOOP):
                self._by_version(which, 4, at, kind)
            elif link_type in RAW_IP:
                self._by_version(which, 0, at, kind)
        return at, kind

    def _after(self, which: Any, size: int, type_at: int, at: Any, kind: Any) -> None:
        which = which[self.ends[which] - self.starts[which] >= size]
        kind[which] = self.word(self.starts[which] + type_at)
        at[which] += size

    def _vlans(self, which: Any, at: Any, kind: Any) -> None:
        which = which[self.numpy.isin(kind[which], VLAN)]
        while len(which):
            kind[which[self.ends[which] - at[which] < 4]] = 0
            which = which[self.ends[which] - at[which] >= 4]
            kind[which] = self.word(at[which] + 2)
            at[which] += 4
            which = which[self.numpy.isin(kind[which], VLAN)]

    def _by_version(self, which: Any, size: int, at: Any, kind: Any) -> None:
        which = which[self.ends[which] - self.starts[which] > size]
        at[which] += size
        version = self.byte(at[which]) >> 4
        kind[which] = self.numpy.select([version == 4, version == 6], [IPV4, IPV6], 0)

    def ipv4(self, which: Any, at: Any, columns: _Columns) -> None:
        """Fills in what IPv4 headers say."""
        place = at[which]
        columns.addresses(which, socket.AF_INET, self.block(place + 12, 4), self.block(place + 16, 4))
        protocol = self.byte(place + 9)
        columns.protocol[which] = protocol
        size = (self.byte(place) & 0x0F) * 4
        # Of a datagram in fragments only the first has ports; a header shorter than 20 bytes is none.
        first, transport = ((self.word(place + 6) & 0x1FFF) == 0) & (size >= 20), place + size
        self._ports(which[first], transport[first], protocol[first], columns)

    def ipv6(self, which: Any, at: Any, columns: _Columns) -> None:
        """Fills in what IPv6 headers, and the extension headers behind them, say."""
        place = at[which]
        columns.addresses(which, socket.AF_INET6, self.block(place + 8, 16), self.block(place + 24, 16))
        protocol, transport = self.byte(place + 6), place + 40
        first = self.numpy.ones(len(which), bool)
        inside = self.numpy.flatnonzero(self.numpy.isin(protocol, (*EXTENSIONS, FRAGMENT)))
        while len(inside):
            here = transport[inside]
            cut = self.ends[which[inside]] - here < 8
            protocol[inside[cut]], first[inside[cut]] = -1, False
            inside, here = inside[~cut], here[~cut]
            fragment = protocol[inside] == FRAGMENT
            first[inside[fragment]] &= (self.word(here[fragment] + 2) & 0xFFF8) == 0
            protocol[inside] = self.byte(here)
            transport[inside] += self.numpy.where(fragment, 8, (self.byte(here + 1) + 1) * 8)
            # Behind the header of a later fragment stands data.
            more = self.numpy.isin(protocol[inside], (*EXTENSIONS, FRAGMENT)) & first[inside]
            inside = inside[more]
        columns.protocol[which] = protocol
        self._ports(which[first], transport[first], protocol[first], columns)

    def _ports(self, which: Any, transport: Any, protocol: Any, columns: _Columns) -> None:
        has = self.numpy.isin(protocol, WITH_PORTS) & (self.ends[which] - transport >= 4)
        columns.src_port[which[has]] = self.word(transport[has])
        columns.dst_port[which[has]] = self.word(transport[has] + 2)


class _Columns:
    """The columns under construction: -1 is null."""

    def __init__(self, numpy: Any, count: int) -> None:
        self.numpy = numpy
        self.protocol, self.src_port, self.dst_port, self.src, self.dst = (
            numpy.full(count, -1, "int64") for _ in range(5)
        )
        self.texts: list[str] = []

    def addresses(self, which: Any, family: int, src: Any, dst: Any) -> None:
        """Fills in the addresses of some packets: numbers of texts, which are made once for each address."""
        for column, rows in ((self.src, src), (self.dst, dst)):
            column[which] = self._number(family, rows)

    def _number(self, family: int, rows: Any) -> Any:
        arrow = need("pyarrow")
        flat = arrow.py_buffer(self.numpy.ascontiguousarray(rows))
        packed = arrow.FixedSizeBinaryArray.from_buffers(arrow.binary(rows.shape[1]), len(rows), [None, flat])
        coded = packed.dictionary_encode()
        before = len(self.texts)
        self.texts += [socket.inet_ntop(family, address) for address in coded.dictionary.to_pylist()]
        return coded.indices.to_numpy() + before

    def finish(self) -> Headers:
        """The columns as Arrow arrays."""
        names = [PROTOCOLS.get(number, str(number)) for number in range(256)]
        ports = (need("pyarrow").array(column, mask=column < 0) for column in (self.src_port, self.dst_port))
        src, dst, protocol = _texts(self.src, self.texts), _texts(self.dst, self.texts), _texts(self.protocol, names)
        return Headers(src, dst, protocol, *ports)


def _texts(numbers: Any, texts: list[str]) -> Any:
    arrow = need("pyarrow")
    return arrow.array(texts, arrow.string()).take(arrow.array(numbers, mask=numbers < 0))
