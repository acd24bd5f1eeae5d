"""`sampler`: samples for scripts that were written for the earlier readers, by either of their two protocols."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import _native
from ._dataset import Dataset, Sample


class Row(NamedTuple):
    """A packet as the walkthrough of pcapml 0.3 has it: `for idx, sid, label, ts, pkt_buf in traffic_sample`."""

    #: The number of the sample, from 0: the same in all of its packets.
    idx: int
    sid: int
    label: str
    #: Seconds since 1970; nan without a time.
    ts: float
    pkt_buf: builtins.bytes


class TrafficSample(Sample):
    """A :class:`Sample` that is also a sequence of tuples `(idx, sid, label, ts, pkt_buf)`."""

    __slots__ = ("_number",)

    def __init__(self, native: _native.Sample, number: int) -> None:
        super().__init__(native)
        self._number = number

    def __iter__(self) -> Iterator[Row]:
        number, sid, label = self._number, self.sample_id, self.label
        for packet in self.packets:
            yield Row(number, sid, label, packet.ts, packet.raw_bytes)

    def __getitem__(self, index: Any) -> Any:
        """One tuple, or a list of them for a slice."""
        places = range(len(self))[index]
        return [self._row(place) for place in places] if isinstance(places, range) else self._row(places)

    def _row(self, place: int) -> Row:
        packet = self.packets[place]
        return Row(self._number, self.sample_id, self.label, packet.ts, packet.raw_bytes)


def sampler(path: Any) -> Iterator[TrafficSample]:
    """The samples of a labelled capture, one after the other; the capture need not be sorted.

    Each has the attributes of pcapml_fe (`sid`, `metadata`, `packets[i].ts`, `packets[i].raw_bytes`), and is a sequence
    of tuples as in the walkthrough of pcapml 0.3: `sample[0][1]` is the id, `sample[0][2]` the label, `len(sample)` the
    number of packets. Raises :class:`pcapml.Error` where pcapml_fe ended the interpreter.
    """
    for number, sample in enumerate(Dataset(path)):
        yield TrafficSample(sample._native, number)
