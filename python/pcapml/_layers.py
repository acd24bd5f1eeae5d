"""A packet's bytes as Scapy or dpkt see them: the class that its link type asks for."""

from __future__ import annotations

import importlib
from typing import Any

from ._needs import need

#: For each link type: the class of dpkt that decodes it.
DPKT = {
    0: ("loopback", "Loopback"),
    1: ("ethernet", "Ethernet"),
    9: ("ppp", "PPP"),
    105: ("ieee80211", "IEEE80211"),
    108: ("loopback", "Loopback"),
    113: ("sll", "SLL"),
    127: ("radiotap", "Radiotap"),
    228: ("ip", "IP"),
    229: ("ip6", "IP6"),
    276: ("sll2", "SLL2"),
}

#: Link types of packets that begin with their IP header, of version 4 or 6.
RAW_IP = (12, 14, 101)


def scapy(self: Any) -> Any:
    """The packet as a `scapy.packet.Packet` of the class for its link type (`Raw` where Scapy has none).

    Its `time` and `wirelen` are the packet's. Needs scapy.
    """
    base = need("scapy").__name__
    config = importlib.import_module(f"{base}.config").conf
    importlib.import_module(f"{base}.layers.all")
    link_type = self.link_type
    if link_type in RAW_IP:
        link_type = _ip_link_type(self)
    layer = config.l2types.num2layer.get(link_type, config.raw_layer)
    decoded = layer(self.raw_bytes)
    decoded.time = self.ts
    decoded.wirelen = self.length
    return decoded


def dpkt(self: Any) -> Any:
    """The packet as an object of dpkt's class for its link type.

    Needs dpkt. Raises `ValueError` for a link type that dpkt has no class for, and `dpkt.UnpackError` as dpkt does.
    """
    need("dpkt")
    link_type = self.link_type
    if link_type in RAW_IP:
        link_type = _ip_link_type(self)
    if link_type not in DPKT:
        raise ValueError(f"dpkt has no class for link type {link_type}")
    module, name = DPKT[link_type]
    return getattr(importlib.import_module(f"dpkt.{module}"), name)(self.raw_bytes)


def _ip_link_type(packet: Any) -> int:
    """228 or 229, by the version in the first byte: older versions of Scapy take all for IPv4."""
    first = packet.raw_bytes[:1]
    return 229 if first and first[0] >> 4 == 6 else 228
