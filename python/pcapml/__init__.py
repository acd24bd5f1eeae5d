"""Labelled network captures in Python: samples, packets, columns, features, and every command of `pcapml`.

>>> import pcapml
>>> for sample in pcapml.open("apps.pcapng"):              # doctest: +SKIP
...     print(sample.sample_id, sample.label, len(sample), sample.lengths.mean())
...     for packet in sample.packets:
...         packet.ts, packet.raw_bytes

- :func:`open` gives a :class:`Dataset` of :class:`Sample` objects; :class:`Writer` writes such a capture.
- :func:`label`, :func:`sort`, :func:`split` … are the commands; they give a :class:`Done`.
- :func:`load_xy`, :mod:`pcapml.torch` and :func:`export_huggingface` are for learning.
- :func:`sampler`, :func:`read_pcapml`, :func:`samples` and :func:`iter_packets` are for scripts of earlier readers.

Nothing else is required; NumPy, pandas, pyarrow, Polars, Scapy, dpkt, PyTorch are loaded when they are asked for.
"""

from __future__ import annotations

from . import _commands, _layers
from ._commands import *
from ._dataset import Dataset, Sample, open
from ._frames import (
    COLUMNS,
    CapturedPacket,
    Comment,
    Interface,
    iter_packets,
    parse_comment,
    read,
    read_pcapml,
    samples,
)
from ._huggingface import export_huggingface
from ._native import Error, Packet, Writer, __version__
from ._rows import Rows
from ._sampler import TrafficSample, sampler
from .sklearn import load_xy

# Scapy and dpkt are Python's: the class in Rust gets their methods here.
for _method in (_layers.scapy, _layers.dpkt):
    setattr(Packet, _method.__name__, _method)

__all__ = [
    "COLUMNS",
    "CapturedPacket",
    "Comment",
    "Dataset",
    "Error",
    "Interface",
    "Packet",
    "Rows",
    "Sample",
    "TrafficSample",
    "Writer",
    "__version__",
    "export_huggingface",
    "iter_packets",
    "load_xy",
    "open",
    "parse_comment",
    "read",
    "read_pcapml",
    "sampler",
    "samples",
]
# `from pcapml import *` shall not hide the print that everybody has.
__all__ += [name for name in _commands.__all__ if name != "print"]
